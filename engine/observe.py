"""Observe: a signal or a poll becomes a full record as the other system shows it now.

A signal is a row of `signals`, one a record; its lease is the record's lock. It is completed only by a fetch begun after
it was raised. Signals carry nothing that is acted upon: the fetched record is the truth.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import msgspec

from engine.adoption import Result
from engine.clock import Clock, instant
from engine.domain.customer import Customer
from engine.domain.events import ConsentEnded, Event, RecordMergedThere, TenantAccessEnded
from engine.domain.product import Product
from engine.domain.values import CustomerContent, OrderContent, ProductContent, System, connection_stream
from engine.log import Entry
from engine.ports import Accounting, Commerce, Disconnected, GatewayError, Hint, NotThere, Remote
from engine.records import Records, by_signal
from engine.sights import Sights
from engine.surroundings import WHOLE_SECONDS, LastRecorded, Pool, known_at

LEASE = timedelta(seconds=180)
"""How long one fetch may hold its record: more than any read's own deadline."""
AGAIN = (2, 5, 15, 30, 60, 120, 300)
"""Seconds until a failed fetch is tried again, by the number of tries; the last one repeats."""
WAITS_FOR_OUTCOME = timedelta(seconds=20)
"""A record that may be our own open create is looked at again after this."""
MOST_LOOKS = 5
"""How often a record that is said to be merged is looked at, that does not show it."""
HANDS_OFF = timedelta(seconds=2)
"""A hint that something was made is not followed at once while a create of ours is under way: mostly it is that very write, whose
answer is being recorded. Otherwise it is: the same customer may be about to come from the other side too."""

MOST_REMEMBERED = 50_000
"""Records looked at again; more are forgotten and looked at once more."""


class Lease(msgspec.Struct, frozen=True):
    """A signal taken up by this worker."""

    connection: str
    system: System
    kind: str
    remote_id: str
    cause: str
    serial: int
    only_if_new: bool
    tries: int
    lease: str
    merged_into: str


class Observer:
    """Raises signals, and follows them."""

    def __init__(
        self, records: Records, sights: Sights, pool: Pool, clock: Clock, accounting: Accounting, commerce: Commerce
    ) -> None:
        self._records = records
        self._sights = sights
        self._pool = pool
        self._clock = clock
        self._accounting = accounting
        self._commerce = commerce
        self._seen_again: dict[tuple[str, System, str, str], str] = {}

    # ---- raising -----------------------------------------------------------------------------------------------------------

    def raise_signals(
        self,
        connection: str,
        system: System,
        hints: Sequence[Hint],
        cause: str,
        only_if_new: bool = False,
        priority: int = 0,
    ) -> int:
        """Notes that records changed. A hint at a revision we have is dropped. Answers with how many told of something new:
        one at a revision recorded within the second it was made in is followed once more, and is no news."""
        now = self._clock.now()
        sql = (
            "INSERT INTO signals (connection, system, kind, remote_id, cause, raised_at, serial, priority, "
            "only_if_new, due_at, merged_into) VALUES (%s, %s, %s, %s, %s, %s, nextval('signal_serial'), %s, %s, %s, %s) "
            "ON CONFLICT (connection, system, kind, remote_id) DO UPDATE SET serial = excluded.serial, "
            "priority = LEAST(signals.priority, excluded.priority), cause = excluded.cause, "
            "due_at = LEAST(signals.due_at, excluded.due_at), problem = '', tries = 0, "
            "only_if_new = signals.only_if_new AND excluded.only_if_new, "
            "merged_into = coalesce(nullif(excluded.merged_into, ''), signals.merged_into)"
        )
        raised = news = 0
        with self._pool.connection() as c, c.transaction():
            recorded = self._recorded(connection, system, hints)
            making = self._being_made(connection, system) if only_if_new else frozenset()
            for hint in hints:
                place = (connection, system, hint.kind, hint.remote_id)
                at = None if hint.merged_into else hint.changed_at
                known = known_at(system, recorded.get((hint.kind, hint.remote_id)), hint.revision, at)
                if known == "surely" or (known and self._seen_again.get(place) == hint.revision):
                    continue
                due_at = now + HANDS_OFF if hint.kind in making else now
                c.execute(sql, (*place, cause, now, priority, only_if_new, due_at, hint.merged_into))
                raised += 1
                news += not known
            if raised:
                c.execute("NOTIFY signals")
        return news

    def _being_made(self, connection: str, system: System) -> frozenset[str]:
        """Kinds of which a create of ours may be under way there."""
        sql = "SELECT DISTINCT kind FROM open_creates WHERE connection = %s AND target = %s"
        with self._pool.connection() as c:
            return frozenset(row[0] for row in c.execute(sql, (connection, system)))

    def _recorded(self, connection: str, system: System, hints: Sequence[Hint]) -> dict[tuple[str, str], LastRecorded]:
        """What we recorded last of all that is hinted at."""
        found = {}
        for kind in {hint.kind for hint in hints}:
            ids = [hint.remote_id for hint in hints if hint.kind == kind]
            for remote_id, row in self._records.around.recorded(connection, system, kind, ids).items():
                found[kind, remote_id] = row
        return found

    # ---- following ---------------------------------------------------------------------------------------------------------

    def step(self) -> bool:
        """Follows one due signal; False when there is none."""
        lease = self._take()
        if lease is None:
            return False
        if lease.only_if_new and self._known(lease):
            self._done(lease)
            return True
        fetched_after = self._records.log.position()
        try:
            if lease.kind == "preferences":
                facts = self._accounting.company(lease.connection)
                self._sights.company(lease.connection, facts, by_signal(lease.cause))
                self._done(lease)
                return True
            remote = self._fetch(lease)
            if isinstance(remote.content, OrderContent):
                self._see_customer(lease.connection, remote.content.customer_remote_id, lease.cause)
        except GatewayError as error:
            self._failed(lease, error)
            return True
        result = self._sights.record(lease.connection, remote, fetched_after, by_signal(lease.cause))
        if result == "waiting":
            self._postpone(lease, WAITS_FOR_OUTCOME, "may be what a request of ours made, whose answer is not in yet")
        else:
            if lease.merged_into and not self._merged(lease, remote):
                self._postpone(lease, WAITS_FOR_OUTCOME, "was merged, as a signal says, and does not show it yet")
                return True
            self._remember(lease, remote, result)
            self._done(lease)
        return True

    def _merged(self, lease: Lease, remote: Remote) -> bool:
        """A signal named what a customer or item was merged into. It counts only where the record itself is gone or inactive:
        that is what a merge leaves. Source: QuickBooks reference, 2.9. False when it is to be looked at again: a few times while
        the record does not show it, and as long as a request about the winner is under way."""
        shown = remote.content
        if not isinstance(shown, CustomerContent | ProductContent | None) or lease.kind not in ("customer", "product"):
            return True
        if shown is not None and shown.active:
            return lease.tries >= MOST_LOOKS
        around = self._records.around
        winner = around.stream_of(lease.connection, lease.system, lease.kind, lease.merged_into)
        if self._records.is_under_way(winner):
            return False
        merged = RecordMergedThere(
            system=lease.system, kind=lease.kind, remote_id=lease.remote_id, into=lease.merged_into
        )

        def build() -> list[Entry]:
            stream = around.stream_of(lease.connection, lease.system, lease.kind, lease.remote_id)
            if not stream:
                return []
            record = self._records.holder(stream)
            assert isinstance(record, Customer | Product)
            known = record.merged_there.get(lease.system) == lease.merged_into
            if known or record.links.get(lease.system) != lease.remote_id:
                return []
            if isinstance(record, Product):
                return self._records.merged_product(record, merged)
            return self._records.merged_there(record, merged)

        with self._records.matching(lease.connection, lease.kind):
            self._records.append(build, by_signal(lease.cause))
        return True

    def _remember(self, lease: Lease, remote: Remote, result: Result) -> None:
        """That a WizCommerce revision was looked at again after its second was over, so that polls need not do so for ever.

        Nothing new was seen, so nothing is in the log: this process remembers it, and after a restart looks once more.
        """
        if lease.system != "wizcommerce" or result != "known" or not remote.revision:
            return
        if self._clock.now() - instant(remote.revision) > WHOLE_SECONDS:
            if len(self._seen_again) >= MOST_REMEMBERED:
                self._seen_again.clear()
            self._seen_again[(lease.connection, lease.system, lease.kind, lease.remote_id)] = remote.revision

    def _known(self, lease: Lease) -> bool:
        return bool(self._records.around.stream_of(lease.connection, lease.system, lease.kind, lease.remote_id))

    def _fetch(self, lease: Lease) -> Remote:
        gateway = self._accounting if lease.system == "quickbooks" else self._commerce
        try:
            return gateway.fetch(lease.connection, lease.kind, lease.remote_id)
        except NotThere:
            return tombstone(lease.system, lease.kind, lease.remote_id)

    def _see_customer(self, connection: str, remote_id: str, cause: str) -> None:
        """An order may arrive before its customer: the customer is fetched first, unless we have it."""
        if not remote_id or self._records.around.stream_of(connection, "wizcommerce", "customer", remote_id):
            return
        fetched_after = self._records.log.position()
        try:
            customer = self._commerce.fetch(connection, "customer", remote_id)
        except NotThere:
            return
        if customer.content is not None or customer.problem:
            self._sights.record(connection, customer, fetched_after, by_signal(cause))

    def _take(self) -> Lease | None:
        now = self._clock.now()
        # Materialized: a plan may ask a subquery once for each row, and each time another one is first that nobody has locked.
        sql = (
            "WITH first AS MATERIALIZED (SELECT s.connection, s.system, s.kind, s.remote_id "
            "FROM signals s JOIN gates g USING (connection) "
            "WHERE s.due_at <= %s AND (s.leased_until IS NULL OR s.leased_until < %s) "
            "AND CASE s.system WHEN 'quickbooks' THEN g.quickbooks ELSE g.wizcommerce END = 'open' "
            "ORDER BY s.priority, s.due_at LIMIT 1 FOR UPDATE OF s SKIP LOCKED) "
            "UPDATE signals s SET leased_until = %s, lease = %s FROM first f "
            "WHERE (s.connection, s.system, s.kind, s.remote_id) = (f.connection, f.system, f.kind, f.remote_id) "
            "RETURNING s.connection, s.system, s.kind, s.remote_id, s.cause, s.serial, s.only_if_new, s.tries, s.lease, "
            "s.merged_into"
        )
        with self._pool.connection() as c:
            row = c.execute(sql, (now, now, now + LEASE, uuid4().hex)).fetchone()
        return Lease(*row) if row else None

    def _done(self, lease: Lease) -> None:
        """Completed, unless another signal came meanwhile: that one is fetched again."""
        where = "WHERE connection = %s AND system = %s AND kind = %s AND remote_id = %s AND lease = %s"
        place = (lease.connection, lease.system, lease.kind, lease.remote_id, lease.lease)
        with self._pool.connection() as c, c.transaction():
            c.execute(f"DELETE FROM signals {where} AND serial = %s", (*place, lease.serial))
            c.execute(f"UPDATE signals SET leased_until = NULL, tries = 0 {where}", place)

    def _postpone(self, lease: Lease, wait: timedelta, problem: str) -> None:
        sql = (
            "UPDATE signals SET leased_until = NULL, due_at = %s, tries = tries + 1, problem = %s "
            "WHERE connection = %s AND system = %s AND kind = %s AND remote_id = %s AND lease = %s"
        )
        place = (lease.connection, lease.system, lease.kind, lease.remote_id, lease.lease)
        with self._pool.connection() as c:
            c.execute(sql, (self._clock.now() + wait, problem, *place))

    def _failed(self, lease: Lease, error: GatewayError) -> None:
        wait = timedelta(seconds=AGAIN[min(lease.tries, len(AGAIN) - 1)])
        not_before = getattr(error, "not_before", None)
        if not_before is not None:
            wait = max(wait, not_before - self._clock.now())
        self._postpone(lease, wait, error.sentence)
        if isinstance(error, Disconnected):
            lost(self._records, lease.connection, lease.system, error)


def tombstone(system: System, kind: str, remote_id: str) -> Remote:
    """The sight of a record that is not there."""
    return Remote(system=system, kind=kind, remote_id=remote_id, revision="", content=None, raw="")


def lost(records: Records, connection: str, system: System, error: GatewayError) -> None:
    """Closes the connection's gate: said once, however many calls found out."""

    def build() -> list[Entry]:
        now = records.connection(connection)
        if system == "quickbooks":
            is_open = now.quickbooks == "open"
            said: Event = ConsentEnded(reason=error.sentence, trace_id=error.trace_id)
        else:
            is_open = now.wizcommerce == "open"
            said = TenantAccessEnded(reason=error.sentence)
        return [Entry(stream=connection_stream(connection), version=now.version, events=[said])] if is_open else []

    records.append(build, by_signal(f"{system} answered"))
