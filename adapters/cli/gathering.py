"""Many products or orders that wait for the same, in one line: a person is told once what is so of twelve hundred."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from adapters.cli.printing import sentences
from adapters.cli.unsettled import Unsettled

MANY = 20
"""Products, or orders, of a connection that wait for the same reason; beyond that one line stands for them."""
GATHERED = ("product", "order")
OF_ALL = {
    "duplicate-sku": "several active items of QuickBooks have the same SKU",
    "taken-sku": "WizCommerce's product with their SKU belongs to another item, which was renamed in QuickBooks",
    "negative-stock": "QuickBooks has less than none of them on hand; WizCommerce shows 0",
    "renamed-sku": "QuickBooks calls them otherwise now, and WizCommerce does not let us rename them",
    "SetStock": "WizCommerce is to be told their stock",
}
"""What they wait for, where each sentence has a SKU or figures of its own in it."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One line for a person: one record, or many of a kind. `causes` is what they wait for, with commas between."""

    connection: str
    what: str
    state: str
    since: datetime
    reason: str
    next_step: str
    causes: str


def gathered(rows: Sequence[Unsettled]) -> list[Told]:
    """The rows in their order; many that wait for the same stand where the first of them stood."""
    alike: dict[tuple[str, ...], list[Unsettled]] = {}
    for row in rows:
        if row.kind in GATHERED:
            alike.setdefault(_same(row), []).append(row)
    told: list[Told] = []
    for row in rows:
        group = alike.get(_same(row), []) if row.kind in GATHERED else []
        if len(group) <= MANY:
            told.append(_one(row, f"{row.kind} {row.number}", row.reason, row.next_step))
        elif group[0] is row:
            told.append(_many(group))
    return told


def _same(row: Unsettled) -> tuple[str, ...]:
    """What rows that wait for the same have in common. What was refused is told in the words of the refusal."""
    said_no = row.state.endswith("said no")
    reason = row.reason if said_no or row.topic not in OF_ALL else ""
    return (row.connection, row.kind, row.state, row.topic, reason)


def _many(group: list[Unsettled]) -> Told:
    first = group[0]
    one_reason = all(row.reason == first.reason for row in group)
    steps = {row.next_step for row in group}
    step = steps.pop() if len(steps) == 1 else ""
    if first.state.endswith("said no"):
        step = f"When it is put right: `wizqbo retry --all-refused --connection {first.connection}`."
    reason = first.reason if one_reason else OF_ALL[first.topic]
    lists = (
        f"wizqbo stock {first.connection}" if first.kind == "product" else f"wizqbo pending {first.connection} --json"
    )
    return _one(first, f"{len(group):,} {first.kind}s", reason, sentences(step, f"`{lists}` lists them."))


def _one(row: Unsettled, what: str, reason: str, next_step: str) -> Told:
    return Told(
        connection=row.connection,
        what=what,
        state=row.state,
        since=row.since,
        reason=reason,
        next_step=next_step,
        causes=", ".join(row.causes),
    )
