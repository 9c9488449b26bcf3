"""The first sync of a connection: what it will do, whether it is done, and what it came to.

Nothing is kept beside the log: a plan is what every customer would decide if a person accepted now, and a report is what every
customer has come to.
"""

from collections.abc import Iterator
from typing import LiteralString

import msgspec

from engine.domain.commands import unfinished
from engine.domain.customer import OTHER, Customer
from engine.domain.customer_policies import NAMED, CustomerAround, missing_for_create, wanted_updates, why_not_made
from engine.domain.events import Event, FirstSyncReported
from engine.domain.fields import CALLED
from engine.domain.values import System, connection_stream
from engine.follow import tracked
from engine.limits import WIZCOMMERCE
from engine.log import Entry
from engine.records import Records, by_signal
from engine.surroundings import FIRST_PULLS, Pool


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes, or has become, of one customer. `what` is counted; `reason` says why it is held or left alone."""

    stream: str
    what: str
    reason: str = ""
    differences: int = 0


class GoodsPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a first sync has to do for products. `seconds` at least, by the calls that our limits allow."""

    products: int
    calls: int
    seconds: int


CALLS_A_PRODUCT = 3
"""Its SKU is looked for, it is made, and its stock is told. Source: WizCommerce reference, A-03."""
GOODS = "products to be put into WizCommerce"
LINKED = "linked"
HELD = "held"
LEFT = "left alone"


class FirstSync:
    """Counts. Reads every customer of a connection, one at a time: memory stays flat."""

    def __init__(self, records: Records, pool: Pool) -> None:
        self._records = records
        self._pool = pool

    def reading(self, connection: str) -> list[str]:
        """The first pulls that are not done yet."""
        gate = self._records.around.gate(connection)
        if gate is None:
            return sorted(FIRST_PULLS)
        sql = "SELECT what FROM cursors WHERE connection = %s AND what = ANY(%s) AND cursor <> 'done'"
        with self._pool.connection() as c:
            again = {row[0] for row in c.execute(sql, (connection, sorted(FIRST_PULLS)))}
        return sorted((FIRST_PULLS - gate.pulled) | again)

    def fates(self, connection: str) -> Iterator[Fate]:
        """What will become of each customer, as things stand; of those not accepted yet, as if they were."""
        around = msgspec.structs.replace(self._records.around.customer_around(connection), accepted=True)
        after = ""
        while streams := self._records.around.customer_streams(connection, after):
            for stream in streams:
                customer = self._records.customer(stream)
                if not customer.merged_into:
                    yield self._fate(customer, around)
            after = streams[-1]

    def counts(self, connection: str) -> tuple[dict[str, int], dict[str, int]]:
        """(what is counted → how many, why some are held → how many)."""
        counted: dict[str, int] = {"customers in quickbooks": 0, "customers in wizcommerce": 0, LINKED: 0}
        held: dict[str, int] = {}
        differences = 0
        for fate in self.fates(connection):
            counted[fate.what] = counted.get(fate.what, 0) + 1
            differences += fate.differences
            if fate.what == HELD:
                held[fate.reason] = held.get(fate.reason, 0) + 1
        for system in OTHER:
            counted[f"customers in {system}"] = self._there(connection, system)
        return {**counted, "differences": differences}, held

    def _there(self, connection: str, system: System) -> int:
        sql = (
            "SELECT count(*) FROM claims WHERE connection = %s AND system = %s AND kind = 'customer' AND moved_to = ''"
        )
        with self._pool.connection() as c:
            row = c.execute(sql, (connection, system)).fetchone()
        return int(row[0]) if row else 0

    def _fate(self, customer: Customer, around: CustomerAround) -> Fate:
        if len(customer.links) == len(OTHER):
            return self._linked(customer, around)
        if not customer.sights:
            return Fate(stream=customer.stream, what=LEFT, reason="it was never seen whole")
        [home] = customer.links
        source: System = "quickbooks" if home == "quickbooks" else "wizcommerce"
        return self._alone(customer, source, OTHER[source], around)

    def _linked(self, customer: Customer, around: CustomerAround) -> Fate:
        if customer.gone or customer.merged_there:
            return Fate(stream=customer.stream, what=LINKED)
        refused = [c for c in customer.commands.values() if c.status in ("refused", "disputed", "held")]
        updates = wanted_updates(customer, around)[1]
        fields = {target: u.fields for target, u in updates.items() if u.fields}
        unsaid = {field for u in updates.values() for field in u.problems}
        if refused and fields:
            reason = refused[-1].reason
            return Fate(stream=customer.stream, what=HELD, reason=reason, differences=sum(map(len, fields.values())))
        if fields:
            where = " and ".join(NAMED[target] for target in fields)
            return Fate(
                stream=customer.stream,
                what=f"to be updated in {where}",
                reason="; ".join(f"{NAMED[t]}: {', '.join(CALLED[f] for f in fs)}" for t, fs in fields.items()),
                differences=sum(map(len, fields.values())),
            )
        if unsaid:
            return Fate(stream=customer.stream, what=LINKED, reason=f"not said: {', '.join(CALLED[f] for f in unsaid)}")
        return Fate(stream=customer.stream, what=LINKED)

    def _alone(self, customer: Customer, home: System, target: System, around: CustomerAround) -> Fate:
        content = customer.shown_by(home)
        assert content is not None
        open_ = unfinished(customer.commands, target)
        if open_ is not None and open_.status in ("held", "disputed", "unknown"):
            return Fate(stream=customer.stream, what=HELD, reason=open_.reason)
        last = next((c for c in customer.commands.values() if c.status == "refused"), None)
        if open_ is None and last is not None:
            return Fate(stream=customer.stream, what=HELD, reason=last.reason)
        if home in customer.gone:
            return Fate(stream=customer.stream, what=LEFT, reason="it is gone")
        why = why_not_made(customer, content, target, around.choices)
        if customer.decision == "waiting":
            because = "; ".join(sorted({c.because for c in customer.proposed}))
            return Fate(stream=customer.stream, what=HELD, reason=f"a person says who it is: {because}")
        if why:
            return Fate(stream=customer.stream, what=LEFT, reason=why)
        missing = missing_for_create(customer, target, around)
        if missing:
            return Fate(stream=customer.stream, what=HELD, reason="; ".join(m.sentence for m in missing))
        return Fate(stream=customer.stream, what=f"to be created in {NAMED[target]}")

    def read_so_far(self, connection: str) -> int:
        """How many records of both sides are known."""
        return self._count("SELECT count(*) FROM claims WHERE connection = %s", connection)

    def goods(self, connection: str) -> GoodsPlan:
        """The products that nobody has decided about: all there are, before a person accepts."""
        gate = self._records.around.gate(connection)
        sql = "SELECT count(*) FROM inventory WHERE connection = %s AND state = '' AND item_type = ANY(%s)"
        off = gate is None or gate.choices.of("products") == "off"
        left = 0 if gate is None or off else self._count(sql, connection, sorted(gate.choices.item_types))
        calls = CALLS_A_PRODUCT * left
        return GoodsPlan(products=left, calls=calls, seconds=round(calls / WIZCOMMERCE.per_second))

    def working(self, connection: str) -> int:
        """How many records still have something under way, or are to be decided about: 0 at the end of the first sync."""
        sql = (
            "SELECT count(*) FROM pending_work WHERE connection = %s AND stream NOT LIKE 'order-%%' "
            "AND status IN ('ready', 'running', 'unknown')"
        )
        undecided = (
            "SELECT count(*) FROM cursors WHERE connection = %s AND what = 'decide-products' "
            "AND (due_at <= %s OR leased_until IS NOT NULL)"
        )
        left = self._count(sql, connection) + self._count(undecided, connection, self._records.clock.now())
        # Last: what was accepted meanwhile is followed by react before nothing is left.
        return left + max(0, self._records.log.position() - tracked(self._pool, "react"))

    def _count(self, sql: LiteralString, *values: object) -> int:
        with self._pool.connection() as c:
            row = c.execute(sql, values).fetchone()
        return int(row[0]) if row else 0

    def report(self, connection: str) -> FirstSyncReported:
        """What it came to, recorded in the connection's stream with its time."""
        counts, held = self.counts(connection)
        gate = self._records.around.gate(connection)
        settings = dict(gate.choices.said) if gate else {}
        said = FirstSyncReported(counts=counts, held=held, settings=settings)

        def build() -> list[Entry]:
            now = self._records.connection(connection)
            events: list[Event] = [said]
            return [Entry(stream=connection_stream(connection), version=now.version, events=events)]

        self._records.append(build, by_signal("first-sync", "system"))
        return said
