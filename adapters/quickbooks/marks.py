"""Our mark in a private note: what tells a record of ours from anybody else's."""

import re

_MARK = re.compile(r"\[wizqbo:([0-9A-Za-z-]{1,64})\]")


def mark_in(note: str | None) -> str:
    """The command id our mark carries, '' without one. The last counts: what people type comes before it."""
    found = _MARK.findall(note or "")
    return found[-1] if found else ""
