"""Who decides again, since something that it depends on became another: each in an append of its own, one after the other.

Repeated after a crash, each finds those that have decided already with nothing left to decide.
"""

from collections.abc import Sequence
from contextlib import nullcontext

from engine.domain.events import Reconsidered, Verb
from engine.domain.tellings import TELLINGS
from engine.domain.values import connection_of, kind_of
from engine.log import Cause, Entry
from engine.memory import Memory
from engine.records import Records
from engine.surroundings import Pool

BACKLOG = 1
"""Priority of what many customers decide at once: fresh work goes before it."""


class Again:
    """Part of `react`: appends what records decide now."""

    def __init__(self, records: Records, memory: Memory, pool: Pool) -> None:
        self._records = records
        self._memory = memory
        self._pool = pool

    def customers(self, connection: str, because: str, cause: Cause) -> None:
        """Every customer of a connection decides again."""
        after = ""
        while streams := self._records.around.customer_streams(connection, after):
            for stream in streams:
                self.one(stream, because, cause)
            after = streams[-1]

    def waiting_for(self, key: str, because: str, cause: Cause) -> None:
        """Every order withheld for `key` decides again: thousands may wait."""
        for _, stream, _ in self._memory.waiting_for(key):
            self.one(stream, because, cause)

    def held_orders(
        self, connection: str, because: str, cause: Cause, verbs: Sequence[Verb] = ("CreateInvoice", "UpdateInvoice")
    ) -> None:
        """Every order of which a request of these `verbs` is held decides again: what it waits for may be another item now."""
        sql = "SELECT stream FROM pending_work WHERE connection = %s AND verb = ANY(%s) AND status = 'held' ORDER BY stream"
        with self._pool.connection() as c:
            streams = [row[0] for row in c.execute(sql, (connection, list(verbs)))]
        for stream in streams:
            self.one(stream, because, cause)

    def one(self, stream: str, because: str, cause: Cause) -> None:
        """One record decides again."""

        def build() -> list[Entry]:
            return self.decided(stream, because)

        may_match = kind_of(stream) == "customer"
        with self._records.matching(connection_of(stream), "customer") if may_match else nullcontext():
            self._records.append(build, cause)

    def decided(self, stream: str, because: str) -> list[Entry]:
        """What a withheld order, payment, invoice record or shipment, or a customer, decides now; nothing when it decides as
        before."""
        if kind_of(stream) == "customer":
            return self._records.customer_entries(self._records.customer(stream), [], priority=BACKLOG)
        if kind_of(stream) == "payment":
            return self._records.payment_entries(self._records.payment(stream), [])
        if kind_of(stream) in TELLINGS:
            return self._records.told_entries(self._records.told(stream), [])
        entries = self._records.order_entry(self._records.order(stream), [Reconsidered(because=because)])
        return entries if any(len(entry.events) > 1 for entry in entries) else []
