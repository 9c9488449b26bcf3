"""One QuickBooks company: its records, its number sequences, its names, and what it reports when something changes."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from adapters.quickbooks.standin.searches import Searches
from adapters.quickbooks.standin.times import to_the_second, to_whole_seconds
from adapters.standin.clock import StandInClock

Wire = dict[str, Any]

# Ids are unique only together with the type: transactions share one sequence, so do the three kinds of name.
# Source: QuickBooks reference, section 11, item 5.
SEQUENCES = {
    "Customer": "names",
    "Vendor": "names",
    "Employee": "names",
    "Invoice": "transactions",
    "Payment": "transactions",
    "CreditMemo": "transactions",
    "Estimate": "transactions",
    "RefundReceipt": "transactions",
    "SalesReceipt": "transactions",
    "Deposit": "transactions",
}
TRANSACTIONS = frozenset({"Invoice", "Payment", "CreditMemo", "RefundReceipt", "SalesReceipt"})
NAMES = frozenset({"Customer", "Vendor", "Employee"})


@dataclass(slots=True)
class Record:
    """One entity as it stands. `wire` is what a read answers; the rest is the stand-in's own memory."""

    entity: str
    wire: Wire
    # The Id as a number; 0 for the ids of tax codes that are words.
    number: int
    # Both as MetaData shows them, to the second.
    created_at: datetime
    changed_at: datetime
    born: int
    last_line: int = 0
    # Of an invoice or a credit memo: what each payment, by id, settles of it.
    applied: dict[str, Decimal] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.wire["Id"])

    @property
    def revision(self) -> str:
        return str(self.wire["SyncToken"])


class Tombstone(NamedTuple):
    """What CDC still says of a deleted transaction."""

    entity: str
    id: str
    deleted_at: datetime


class Change(NamedTuple):
    """Something a webhook may report. `verb` is created, updated, deleted, merged, voided or emailed."""

    realm: str
    entity: str
    id: str
    verb: str
    at: datetime
    by_person: bool
    # Of a merge: the id of the record that is no more.
    loser: str = ""


@dataclass
class Standing:
    """How the company stands with Intuit: what a bookkeeper or an administrator can take away."""

    subscribed: bool = True
    has_api_plan: bool = True
    administrator: bool = True
    has_inventory: bool = True
    # What it takes to change closed books; empty for books that are closed with a warning only.
    closing_password: str = ""


@dataclass
class Company:
    """The state of one realm. All changes go through `add`, `amend`, `touch` and `remove`."""

    realm: str
    clock: StandInClock
    report: Callable[[Change], None]
    standing: Standing = field(default_factory=Standing)
    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    tombstones: list[Tombstone] = field(default_factory=list)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    # Who bears a document number, by type and number.
    numbers: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    last_number: int = 1000
    # How many documents were sent by e-mail, by day.
    mailed: Counter[str] = field(default_factory=Counter)
    # Customers, by id, with charges that nobody has invoiced yet.
    unbilled: set[str] = field(default_factory=set)
    searches: Searches[Record] = field(default_factory=Searches)
    # True while a person's hands are at work, so that a webhook knows whose change it reports.
    by_person: bool = False
    # True while the company is founded or seeded: nothing is reported.
    muted: bool = True
    _sequences: Counter[str] = field(default_factory=Counter)
    _births: Iterator[int] = field(default_factory=itertools.count)

    def next_id(self, entity: str) -> str:
        sequence = SEQUENCES.get(entity, entity)
        self._sequences[sequence] += 1
        return str(self._sequences[sequence])

    def jump_to(self, entity: str, id: str) -> bool:
        """Let the next record of an entity have this id; False when its sequence is already past it."""
        sequence = SEQUENCES.get(entity, entity)
        if not (id.isascii() and id.isdigit()) or int(id) <= self._sequences[sequence]:
            return False
        self._sequences[sequence] = int(id) - 1
        return True

    def find(self, entity: str, id: str) -> Record | None:
        return self.records.get(entity, {}).get(id)

    def all(self, entity: str) -> list[Record]:
        """In the order of creation."""
        return list(self.records.get(entity, {}).values())

    def was_deleted(self, entity: str, id: str) -> bool:
        return any(one.entity == entity and one.id == id for one in self.tombstones)

    @property
    def preferences(self) -> Wire:
        return self.all("Preferences")[0].wire

    def prefers(self, group: str, name: str) -> Any:
        """One preference, or None when it is unset."""
        return self.preferences.get(group, {}).get(name)

    def add(self, entity: str, wire: Wire, id: str | None = None) -> Record:
        """File a new record under the next id of its sequence, or under `id`; `wire` becomes its body."""
        now = self.clock.now()
        moment = to_the_second(now)
        wire["domain"] = "QBO"
        wire["sparse"] = False
        wire["Id"] = id or self.next_id(entity)
        wire["SyncToken"] = "0"
        wire["MetaData"] = {"CreateTime": moment, "LastUpdatedTime": moment}
        at = to_whole_seconds(now)
        number = int(wire["Id"]) if wire["Id"].isdigit() else 0
        record = Record(entity, wire, number, at, at, next(self._births))
        self.records.setdefault(entity, {})[record.id] = record
        self._index(record, +1)
        self._tell(record, "created", now)
        return record

    def amend(self, record: Record, wire: Wire, verb: str = "updated") -> bool:
        """Replace a record's properties; False, with nothing moved, when nothing changed. An empty verb tells nobody.

        Source: QuickBooks reference, section 2.7 (an update without effect keeps revision and time).
        """
        old = record.wire
        system = {key: old[key] for key in ("domain", "sparse", "Id", "SyncToken", "MetaData")}
        wire.update(system)
        if wire == old:
            return False
        self._index(record, -1)
        now = self.clock.now()
        wire["SyncToken"] = str(int(old["SyncToken"]) + 1)
        wire["MetaData"] = {**old["MetaData"], "LastUpdatedTime": to_the_second(now)}
        record.wire = wire
        record.changed_at = to_whole_seconds(now)
        self._index(record, +1)
        self._tell(record, verb, now)
        return True

    def touch(self, record: Record, *, tell: bool, verb: str = "updated", **derived: Any) -> None:
        """Move derived properties and the time of last update, but not the revision."""
        now = self.clock.now()
        self._index(record, -1)
        record.wire = {
            **record.wire,
            **derived,
            "MetaData": {**record.wire["MetaData"], "LastUpdatedTime": to_the_second(now)},
        }
        record.changed_at = to_whole_seconds(now)
        self._index(record, +1)
        if tell:
            self._tell(record, verb, now)

    def adjust(self, record: Record, **derived: Any) -> None:
        """Move derived properties and nothing else: neither the revision nor the time, and nobody is told."""
        record.wire = {**record.wire, **derived}
        self.searches.forget()

    def tell_of_merge(self, winner: Record, loser_id: str) -> None:
        """Report that another record was merged into this one."""
        if not self.muted:
            now = self.clock.now()
            self.report(Change(self.realm, winner.entity, winner.id, "merged", now, self.by_person, loser_id))

    def vanish(self, record: Record) -> None:
        """Let a record be gone without a word and without a trace for CDC."""
        self._index(record, -1)
        del self.records[record.entity][record.id]

    def remove(self, record: Record) -> None:
        """Delete for good; only a tombstone stays."""
        now = self.clock.now()
        self._index(record, -1)
        del self.records[record.entity][record.id]
        self.tombstones.append(Tombstone(record.entity, record.id, now))
        self._tell(record, "deleted", now)

    def holder_of(self, name: str, entity: str) -> tuple[str, str] | None:
        """Who bears a name, as (entity, id): customers, vendors and employees share theirs, without regard to case."""
        return self.names.get(_name_key(name, entity))

    def _index(self, record: Record, step: int) -> None:
        self.searches.forget()
        known = record.wire
        name = (
            known.get("DisplayName") if record.entity in NAMES else known.get("FullyQualifiedName", known.get("Name"))
        )
        if name is not None:
            key = _name_key(str(name), record.entity)
            if step > 0:
                self.names[key] = (record.entity, record.id)
            else:
                self.names.pop(key, None)
        if record.entity in TRANSACTIONS and (number := record.wire.get("DocNumber")):
            holders = self.numbers.setdefault((record.entity, number), [])
            if step > 0:
                holders.append(record.id)
            else:
                holders.remove(record.id)

    def _tell(self, record: Record, verb: str, at: datetime) -> None:
        if self.muted or not verb:
            return
        self.report(Change(self.realm, record.entity, record.id, verb, at, self.by_person))


def _name_key(name: str, entity: str) -> str:
    """One name space for people and businesses, one for every other kind."""
    return f"{'names' if entity in NAMES else entity}\n{name.casefold()}"
