"""What QuickBooks' names say, read: its note that something was made inactive is no part of them.

It appends " (deleted)", or " (deleted 2)", to the name of what is made inactive, in full names to that part. What was made
active again may still carry it. Source: QuickBooks reference, section 2.9.
"""

import re

_NOTE = re.compile(r" \(deleted(?: \d+)?\)$")


def plain(name: str | None) -> str:
    """A name without the note; '' for none."""
    return _NOTE.sub("", name or "")


def full(fully_qualified: str | None, own_name: str) -> str:
    """The `Parent:Child` of a full name, every part without the note; '' where it would be the plain `own_name`."""
    name = ":".join(plain(part) for part in (fully_qualified or "").split(":"))
    return "" if name == own_name else name
