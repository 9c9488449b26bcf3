"""Opening the inbox: a stored delivery becomes signals. Whatever cannot be understood stays there raw, with the reason."""

from collections.abc import Callable

import psycopg

from adapters.credentials import TokenStore
from adapters.quickbooks.webhook import Notice, NotUnderstood, hints_from, notices
from adapters.web.inbox import Envelope, envelope_from_text
from adapters.wizcommerce.webhook import delivery_from_body
from engine.clock import Clock
from engine.observe import Observer
from engine.ports import Hint
from engine.schedule import Schedule
from engine.surroundings import Pool

SWEEP = {"order": "orders", "customer": "customers"}
"""Kind → the pull that would show its changes."""


class Inbox:
    """Opens deliveries, one a step."""

    def __init__(
        self,
        pool: Pool,
        clock: Clock,
        unseal: Callable[[bytes], str],
        observer: Observer,
        schedule: Schedule,
        tokens: TokenStore,
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._unseal = unseal
        self._observer = observer
        self._schedule = schedule
        self._tokens = tokens

    def step(self) -> bool:
        """Opens one delivery; False when there is none. Opening it twice raises the same signals twice, which is harmless."""
        sql = "SELECT id, system, sealed FROM inbox WHERE opened_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
        with self._pool.connection() as c, c.transaction():
            row = c.execute(sql).fetchone()
            if row is None:
                return False
            number, system, sealed = row
            envelope = envelope_from_text(self._unseal(bytes(sealed)))
            open_ = self._quickbooks if system == "quickbooks" else self._wizcommerce
            try:
                problem = open_(envelope, f"webhook {number}")
            except (
                psycopg.DataError,
                RecursionError,
            ):  # a NUL in an id, lists within lists: those behind it must go on
                problem = "not understood, kept as it came: nothing can be named as it names it"
            done = "UPDATE inbox SET opened_at = %s, problem = %s WHERE id = %s"
            c.execute(done, (self._clock.now(), problem.replace("\0", " "), number))
        return True

    def _quickbooks(self, envelope: Envelope, cause: str) -> str:
        try:
            told = notices(envelope.body)
        except NotUnderstood as problem:
            return f"not understood, kept as it came: {problem}"
        problems = []
        for notice in told:
            connection = self._tokens.connection_of_realm(notice.realm) if notice.realm else None
            if connection is None:
                problems.append("for a company that is not connected here")
            elif notice.kind is None or not notice.remote_id:
                problems.append(f"an event about {notice.entity or 'nothing named'} that we do not listen to")
            else:
                self._raise(connection, notice, cause)
        return "; ".join(dict.fromkeys(problems))

    def _raise(self, connection: str, notice: Notice, cause: str) -> None:
        new = notice.operation == "create"
        self._observer.raise_signals(
            connection, "quickbooks", hints_from(notice), f"{cause} {notice.operation}", only_if_new=new
        )

    def _wizcommerce(self, envelope: Envelope, cause: str) -> str:
        told = delivery_from_body(envelope.body)
        if told is None:
            return "not understood, kept as it came: not a payload we know"
        if told.kind is not None:
            hint = Hint(kind=told.kind, remote_id=told.remote_id)
            self._observer.raise_signals(envelope.connection, "wizcommerce", [hint], f"{cause} {told.event}")
            return ""
        # Nearly always our own write coming back; what people type there comes with the next look at stock, and an invoice or
        # a shipment is put right when it changes in QuickBooks.
        if told.nearest in ("stock", "invoice", "shipment"):
            return ""
        pulls = [SWEEP[told.nearest]] if told.nearest in SWEEP else list(SWEEP.values())
        self._schedule.due_soon(envelope.connection, *pulls)
        known = told.nearest is not None
        return (
            ""
            if known
            else f"an event we do not know: {told.event[:80]!r}; orders and customers are looked through instead"
        )
