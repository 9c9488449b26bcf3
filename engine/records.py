"""Loading aggregates, deciding, and the entries that follow: one way for every loop and every person's command."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID, uuid4

from engine.clock import Clock
from engine.domain.connection import Connection, evolve_connection, no_connection
from engine.domain.customer import Customer, evolve_customer, no_customer
from engine.domain.events import (
    ClaimMoved,
    Event,
    Recorded,
    RecordLinked,
    RecordMergedInto,
    RemoteClaimed,
)
from engine.domain.matching import link_or_create_needed_customer
from engine.domain.order import Order, evolve_order, no_order
from engine.domain.policies import invoice_each_confirmed_order
from engine.domain.product import Product, evolve_product, no_product
from engine.domain.values import System, connection_of, connection_stream, kind_of, link_stream
from engine.log import Cause, Entry, Log, VersionConflict
from engine.surroundings import Pool, Surroundings

S = TypeVar("S")
MOST_CONFLICTS = 50
"""Appends tried again after a version conflict before it is called a bug: each one lost to a real other event."""


class Records:
    """The aggregates of the log, as they are now."""

    def __init__(self, log: Log, around: Surroundings, pool: Pool, clock: Clock) -> None:
        self.log = log
        self.around = around
        self.clock = clock
        self._pool = pool

    def order(self, stream: str) -> Order:
        return self.log.load(stream, evolve_order, no_order(stream))

    def customer(self, stream: str) -> Customer:
        return self.log.load(stream, evolve_customer, no_customer(stream))

    def holder(self, stream: str) -> Order | Customer:
        """The order or customer of a stream: what commands belong to."""
        return self.order(stream) if kind_of(stream) == "order" else self.customer(stream)

    def product(self, stream: str) -> Product:
        return self.log.load(stream, evolve_product, no_product(stream))

    def connection(self, name: str) -> Connection:
        stream = connection_stream(name)
        return self.log.load(stream, evolve_connection, no_connection(stream))

    def then(self, state: S, evolve: Callable[[S, Recorded], S], stream: str, events: Sequence[Event]) -> S:
        """The state as it will be once `events` are appended: for deciding in the same append."""
        version: int = getattr(state, "version")  # noqa: B009  every aggregate has one
        for offset, event in enumerate(events, start=1):
            imagined = Recorded(
                stream=stream,
                version=version + offset,
                event_id=UUID(int=0),
                recorded_at=self.clock.now(),
                causation_id="",
                correlation_id="",
                who="system",
                event=event,
            )
            state = evolve(state, imagined)
        return state

    def order_entry(self, order: Order, events: Sequence[Event]) -> list[Entry]:
        """`events` for the order, and what its policy decides after them."""
        after = self.then(order, evolve_order, order.stream, events)
        decided = invoice_each_confirmed_order(after, self.around.around(connection_of(order.stream), after))
        everything = [*events, *decided]
        return [Entry(stream=order.stream, version=order.version, events=everything)] if everything else []

    def customer_entries(self, customer: Customer, events: Sequence[Event]) -> list[Entry]:
        """`events` for the customer, what its policy decides after them, and the claims a new link brings."""
        after = self.then(customer, evolve_customer, customer.stream, events)
        decided: list[Event] = []
        if after.needed and after.here is not None and "quickbooks" not in after.links:
            connection = connection_of(customer.stream)
            found = self.around.candidates(connection, after.here, "quickbooks")
            decided = link_or_create_needed_customer(after, found)
        everything = [*events, *decided]
        entries = [Entry(stream=customer.stream, version=customer.version, events=everything)] if everything else []
        for event in everything:
            if isinstance(event, RecordLinked):
                entries += self.claim(event.system, event.kind, event.remote_id, customer.stream)
        return entries

    def claim(self, system: System, kind: str, remote_id: str, stream: str) -> list[Entry]:
        """What makes a remote record `stream`'s: the first claim, or its move with the merge of the stream that had it."""
        connection = connection_of(stream)
        link = link_stream(connection, system, kind, remote_id)
        story = self.log.read(link)
        if not story:
            return [Entry(stream=link, version=0, events=[RemoteClaimed(record=stream)])]
        owner = self.around.stream_of(connection, system, kind, remote_id)
        if owner == stream:
            return []
        loser = self.log.read(owner)
        return [
            Entry(stream=link, version=len(story), events=[ClaimMoved(record=stream)]),
            Entry(stream=owner, version=len(loser), events=[RecordMergedInto(record=stream)]),
        ]

    def append(self, build: Callable[[], list[Entry]], cause: Cause) -> list[Recorded]:
        """Builds and appends until no other event came between."""
        for _ in range(MOST_CONFLICTS):
            entries = build()
            if not entries:
                return []
            try:
                return self.log.append(entries, cause)
            except VersionConflict:
                continue
        raise RuntimeError(f"{MOST_CONFLICTS} version conflicts in a row: {[e.stream for e in entries]}")

    @contextmanager
    def matching(self, connection: str, kind: str) -> Iterator[None]:
        """One at a time per connection and kind: two sights of one new record meet here and become one record.

        The lock lives in a transaction of its own, so a process that stands still loses it after five seconds.
        """
        with self._pool.connection() as c, c.transaction():
            c.execute("SET LOCAL idle_in_transaction_session_timeout = '5s'")
            c.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", (f"{connection}:{kind}",))
            yield


def by_person(who: str, request: str) -> Cause:
    """The cause of what a person asked for; `request` names it, as `retry` or `push`."""
    correlation = uuid4().hex
    return Cause(causation_id=f"{request}:{correlation[:8]}", correlation_id=correlation, who=who)


def by_signal(cause: str, who: str = "system") -> Cause:
    """The cause of what a signal or poll led to."""
    return Cause(causation_id=cause, correlation_id=uuid4().hex, who=who)
