"""Two records become one, as a bookkeeper does it by giving one the other's name. The API has no such call.

History moves to the winner; the loser is made inactive, or cannot be read any more (switch). A webhook tells of it, CDC does
not. Source: QuickBooks reference, sections 2.9 and 8.3.
"""

from __future__ import annotations

from typing import Any

from adapters.quickbooks.standin.company import Record
from adapters.quickbooks.standin.hierarchy import children_of
from adapters.quickbooks.standin.invoices import move_balance
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.references import named, value_of
from adapters.standin.control import ControlRefused

Wire = dict[str, Any]

# So many inactive records can have borne one name.
MOST_OF_ONE_NAME = 1000


def merge(write: Write, winner: Record, loser: Record) -> Record:
    """`loser` becomes part of `winner`. Raises ControlRefused for what the browser does not let a person do."""
    if winner.id == loser.id:
        raise ControlRefused("A record cannot be merged with itself.")
    if winner.entity == "Item" and winner.wire["Type"] != loser.wire["Type"]:
        raise ControlRefused("Only items of one type can be merged.")
    if winner.entity == "Customer" and winner.wire["CurrencyRef"] != loser.wire["CurrencyRef"]:
        raise ControlRefused("Only customers of one currency can be merged.")
    if children_of(write.company, loser):
        raise ControlRefused("What has others below it cannot be merged: move them first.")
    _hand_over(write, winner, loser)
    _move_figures(write, winner, loser)
    _end(write, loser)
    write.company.tell_of_merge(winner, loser.id)
    return winner


def _hand_over(write: Write, winner: Record, loser: Record) -> None:
    """Every reference to the loser points to the winner: the documents move in time, but not in revision."""
    name = "CustomerRef" if winner.entity == "Customer" else "ItemRef"
    for records in write.company.records.values():
        for record in list(records.values()):
            moved = _pointing(record.wire, name, loser.id, named(winner))
            if moved is not record.wire:
                write.company.touch(record, tell=False, **moved)


def _pointing(tree: Any, name: str, old: str, new: Wire) -> Any:
    """The same tree where nothing points to `old`, else a copy that points to `new`."""
    if isinstance(tree, list):
        items = [_pointing(one, name, old, new) for one in tree]
        return items if any(a is not b for a, b in zip(items, tree, strict=True)) else tree
    if not isinstance(tree, dict):
        return tree
    wire = {
        key: {**value, **new} if key == name and value_of(tree, name) == old else _pointing(value, name, old, new)
        for key, value in tree.items()
    }
    return wire if any(wire[key] is not tree[key] for key in tree) else tree


def _move_figures(write: Write, winner: Record, loser: Record) -> None:
    """What the loser was owed, or had in stock, is the winner's; who is above either of them sees it move too."""
    if winner.entity == "Customer":
        balance = loser.wire["Balance"]
        move_balance(write, loser.id, -balance)
        move_balance(write, winner.id, balance)
    elif "QtyOnHand" in winner.wire:
        on_hand = loser.wire["QtyOnHand"]
        write.company.touch(winner, tell=False, QtyOnHand=winner.wire["QtyOnHand"] + on_hand)
        write.company.adjust(loser, QtyOnHand=on_hand - on_hand)


def _end(write: Write, loser: Record) -> None:
    if write.switches.merge_loser == "gone":
        write.company.vanish(loser)
        return
    own = "DisplayName" if loser.entity == "Customer" else "Name"
    known_as = loser.wire["DisplayName" if loser.entity == "Customer" else "FullyQualifiedName"]
    suffixes = (" (deleted)", *(f" (deleted {count})" for count in range(1, MOST_OF_ONE_NAME)))
    suffix = next(each for each in suffixes if write.company.holder_of(known_as + each, loser.entity) is None)
    names = {name: loser.wire[name] + suffix for name in (own, "FullyQualifiedName")}
    write.company.amend(loser, {**loser.wire, **names, "Active": False}, "")
