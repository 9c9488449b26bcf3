"""Records below others: how deep, under which full name, and what a renamed parent does to those below it.

Source: QuickBooks reference, sections 7.1 (at most four levels of sub-customers) and 7.4 (at most four of categories).
"""

from __future__ import annotations

from typing import Any

from adapters.quickbooks.standin import list_refusals
from adapters.quickbooks.standin.company import Company, Record
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.references import NAME_OF, value_of

Wire = dict[str, Any]

DEEPEST = 4


def place_under(write: Write, parent: Record | None, own_name: str, old: Record | None, deepest: int = DEEPEST) -> Wire:
    """`FullyQualifiedName`, and `Level` below the top. Raises Fault 6180 when it, or what is below it, is too deep, and 900
    when it would be below itself."""
    if parent is None:
        return {"FullyQualifiedName": own_name}
    level = parent.wire.get("Level", 0) + 1
    if old is not None and old.id in {parent.id, *(one.id for one in ancestors(write.company, parent))}:
        raise list_refusals.cannot_be_child(own_name)
    moved = old is not None and old.wire.get("Level", 0) != level
    if level + (_height(write.company, old) if moved and old is not None else 0) > deepest:
        raise list_refusals.too_deep(deepest)
    return {"FullyQualifiedName": f"{parent.wire['FullyQualifiedName']}:{own_name}", "Level": level}


def rename_below(write: Write, record: Record, before: Wire) -> None:
    """Rewrite the full names and levels of everything below a record that was `before`, with their times of last update."""
    if all(record.wire.get(name) == before.get(name) for name in ("FullyQualifiedName", "Level")):
        return
    for child in children_of(write.company, record):
        own_name = child.wire[NAME_OF.get(child.entity, "Name")]
        parent = {"value": record.id, "name": record.wire[NAME_OF.get(record.entity, "Name")]}
        derived: Wire = {
            "FullyQualifiedName": f"{record.wire['FullyQualifiedName']}:{own_name}",
            "Level": record.wire.get("Level", 0) + 1,
            "ParentRef": parent if "name" in child.wire["ParentRef"] else {"value": record.id},
        }
        was = child.wire
        if write.switches.renamed_parent_moves == "revision":
            write.company.amend(child, {**child.wire, **derived})
        else:
            write.company.touch(child, tell=True, **derived)
        rename_below(write, child, was)


def children_of(company: Company, record: Record) -> list[Record]:
    return [one for one in company.all(record.entity) if value_of(one.wire, "ParentRef") == record.id]


def ancestors(company: Company, record: Record) -> list[Record]:
    """The parent, its parent, and so on to the top."""
    above: list[Record] = []
    at: Record | None = record
    while at is not None:
        id = value_of(at.wire, "ParentRef")
        at = company.find(record.entity, id) if id is not None else None
        if at is not None:
            above.append(at)
    return above


def _height(company: Company, record: Record) -> int:
    return max((1 + _height(company, child) for child in children_of(company, record)), default=0)
