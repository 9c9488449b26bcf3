"""Whether a reply is like a recorded one: the same keys, the same JSON types, the same values where they are determined.

Not determined, and compared by their form only: times, ids and what refers to one, revisions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

# Milliseconds lose their trailing zeros in the recordings.
_FORMS = {
    "a time of the envelope": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,3}-0[78]:00"),
    "a time of a record": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-0[78]:00"),
    "a time of the old webhooks": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-0[78]00"),
    "a time of the new webhooks": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z"),
    "a number in text": re.compile(r"\d+"),
}
_NUMBERED = frozenset(
    {"Id", "value", "SyncToken", "TxnId", "id", "realmId", "intuitentityid", "intuitaccountid", "deletedid"}
)


def differences(recorded: Any, ours: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every place where the two differ, with what differs there; elements of arrays are numbered from 0."""
    kind, our_kind = _kind(recorded), _kind(ours)
    if kind != our_kind:
        yield path, f"is {our_kind}, recorded {kind}"
    elif isinstance(recorded, dict):
        for key in recorded.keys() | ours.keys():
            deeper = f"{path}.{key}" if path else key
            if key not in ours:
                yield deeper, "is missing"
            elif key not in recorded:
                yield deeper, "is not in the recording"
            else:
                yield from differences(recorded[key], ours[key], deeper)
    elif isinstance(recorded, list):
        if len(recorded) != len(ours):
            yield path, f"has {len(ours)} elements, recorded {len(recorded)}"
        for place, (one, other) in enumerate(zip(recorded, ours, strict=False)):
            yield from differences(one, other, f"{path}.{place}" if path else str(place))
    elif not _alike(recorded, ours, path):
        yield path, f"is {ours!r}, recorded {recorded!r}"


def unlike(recorded: Any, ours: Any, expected: Mapping[str, str]) -> list[str]:
    """Sentences for what differs and is not expected, and for what is expected and does not differ.

    `expected` gives a reason for each pattern of paths; `*` stands for anything.
    """
    found = dict(differences(recorded, ours))
    surprises = [
        f"{path} {what}" for path, what in found.items() if not any(fnmatchcase(path, one) for one in expected)
    ]
    stale = [
        f"{one} is said to differ ({reason}) and does not"
        for one, reason in expected.items()
        if not any(fnmatchcase(path, one) for path in found)
    ]
    return sorted(surprises) + stale


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    kinds = {dict: "object", list: "array", str: "text", int: "number", Decimal: "number", type(None): "null"}
    return kinds[type(value)]


def _alike(recorded: Any, ours: Any, path: str) -> bool:
    if recorded == ours:
        return True
    key = path.rpartition(".")[2]
    if not isinstance(recorded, str):
        # The numeric time of the gateway: milliseconds since 1970.
        return key == "time" and len(str(recorded)) == len(str(ours))
    forms = [form for name, form in _FORMS.items() if name != "a number in text" or key in _NUMBERED]
    return any(form.fullmatch(recorded) and form.fullmatch(ours) for form in forms)
