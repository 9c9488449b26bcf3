"""Where the pulls got to, and which is due: a row of `cursors` each. Losing a row only makes the next pull read more."""

from datetime import datetime, timedelta

import msgspec

from engine.clock import Clock
from engine.domain.values import System
from engine.surroundings import FIRST_PULLS, Pool

LEASE = timedelta(minutes=30)
"""Longer than a page of a first pull; a pull that outlasts it is only done twice, which is harmless."""
LEASE_OF_ONE = timedelta(minutes=5)
"""Of a pull that is run once, in between: should its process die, the next one is due soon."""
SOON = timedelta(seconds=3)
"""How long signals are gathered that only say that some record changed: of an address, say, whose customer they do not name."""


class Pull(msgspec.Struct, frozen=True):
    """One kind of pull: whose, what, and how often (seconds; 0 = once)."""

    what: str
    system: System
    every_seconds: int


PULLS = (
    Pull("facts", "quickbooks", 86_400),
    Pull("first-product", "quickbooks", 0),
    Pull("first-customer", "quickbooks", 0),
    Pull("first-term", "quickbooks", 0),
    Pull("first-customertype", "quickbooks", 86_400),
    Pull("first-buyer", "wizcommerce", 0),
    Pull("first-match", "quickbooks", 0),
    Pull("changes", "quickbooks", 900),
    Pull("orders", "wizcommerce", 60),
    Pull("customers", "wizcommerce", 300),
    Pull("expiries", "wizcommerce", 3_600),
)
"""Customer types are in no webhook and no change data capture, so they are read anew each day. A match is made when both sides
were read. QuickBooks every 15 minutes: 96 metered reads a day. Source: QuickBooks reference, section 9."""


READ_FIRST = sorted(FIRST_PULLS - {"first-match"})
"""What must have been read before anything is matched."""


class Task(msgspec.Struct, frozen=True):
    """A due pull of one connection."""

    connection: str
    what: str
    cursor: str
    due_at: datetime


class Cursors:
    """The rows of `cursors`."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    def due_now(self, connection: str, *what: str) -> None:
        """Makes pulls due at once (all of them when none is named): after connecting, or because a person asked."""
        names = what or tuple(p.what for p in PULLS)
        sql = (
            "INSERT INTO cursors (connection, what, cursor, due_at) VALUES (%s, %s, '', %s) "
            "ON CONFLICT (connection, what) DO UPDATE SET due_at = excluded.due_at"
        )
        with self._pool.connection() as c, c.transaction():
            for name in names:
                c.execute(sql, (connection, name, self._clock.now()))
            c.execute("NOTIFY signals")

    def due_soon(self, connection: str, *what: str) -> None:
        """Makes pulls due in a moment, because something changed that no signal names: many such signals are one look."""
        sql = (
            "INSERT INTO cursors (connection, what, cursor, due_at) VALUES (%s, %s, '', %s) "
            "ON CONFLICT (connection, what) DO UPDATE SET due_at = LEAST(cursors.due_at, excluded.due_at)"
        )
        with self._pool.connection() as c, c.transaction():
            for name in what:
                c.execute(sql, (connection, name, self._clock.now() + SOON))

    def again(self, connection: str) -> None:
        """Both sides are read whole once more, page by page beside everything else: whatever a signal and a poll have missed
        comes to light, and is decided like any other sight."""
        sql = "UPDATE cursors SET cursor = '', due_at = %s WHERE connection = %s AND what = ANY(%s)"
        with self._pool.connection() as c, c.transaction():
            c.execute(sql, (self._clock.now(), connection, sorted(FIRST_PULLS)))
            c.execute("NOTIFY signals")

    def take(self) -> Task | None:
        """A due pull, leased to us; what is read whole once more comes after everything else. One that is due later than a
        whole round from now was put there by a clock that was ahead and has been set back: it is due too."""
        now = self._clock.now()
        ensure = (
            "INSERT INTO cursors (connection, what, cursor, due_at) SELECT g.connection, p.what, '', %s FROM gates g "
            "CROSS JOIN unnest(%s::text[]) AS p(what) ON CONFLICT DO NOTHING"
        )
        sql = (
            "UPDATE cursors SET leased_until = %s WHERE (connection, what) IN ("
            "SELECT c.connection, c.what FROM cursors c JOIN gates g USING (connection) "
            "JOIN unnest(%s::text[], %s::int[]) AS p(pull, every) ON p.pull = c.what "
            "WHERE (c.due_at <= %s OR (p.every > 0 AND c.due_at > %s + make_interval(secs => p.every + 60))) "
            "AND (c.leased_until IS NULL OR c.leased_until < %s) "
            "AND (c.what <> 'first-match' OR g.pulled @> %s) "
            "AND CASE WHEN c.what = ANY(%s) THEN g.quickbooks = 'open' ELSE g.wizcommerce = 'open' END "
            "ORDER BY c.what = ANY(g.pulled), array_position(%s, c.what), c.due_at LIMIT 1 FOR UPDATE OF c SKIP LOCKED) "
            "RETURNING connection, what, cursor, due_at"
        )
        names = [p.what for p in PULLS]
        rounds = [p.every_seconds for p in PULLS]
        theirs = [p.what for p in PULLS if p.system == "quickbooks"]
        with self._pool.connection() as c, c.transaction():
            c.execute(ensure, (now, names))
            row = c.execute(sql, (now + LEASE, names, rounds, now, now, now, READ_FIRST, theirs, names)).fetchone()
        return Task(*row) if row else None

    def take_one(self, connection: str, what: str) -> Task | None:
        """This pull, due or not, leased to us; None while somebody else has it."""
        now = self._clock.now()
        sql = (
            "INSERT INTO cursors AS c (connection, what, cursor, due_at, leased_until) VALUES (%s, %s, '', %s, %s) "
            "ON CONFLICT (connection, what) DO UPDATE SET leased_until = excluded.leased_until "
            "WHERE c.leased_until IS NULL OR c.leased_until < %s RETURNING connection, what, cursor, due_at"
        )
        with self._pool.connection() as c:
            row = c.execute(sql, (connection, what, now, now + LEASE_OF_ONE, now)).fetchone()
        return Task(*row) if row else None

    def next(self, task: Task, cursor: str, wait: timedelta) -> None:
        """Keeps how far a pull got, lets go of it, and makes it due after `wait`."""
        # A person's "now" while we were at it is kept: only the due time that we took is moved.
        sql = (
            "UPDATE cursors SET cursor = %s, leased_until = NULL, due_at = CASE WHEN due_at = %s THEN %s ELSE due_at END "
            "WHERE connection = %s AND what = %s"
        )
        with self._pool.connection() as c:
            c.execute(sql, (cursor, task.due_at, self._clock.now() + wait, task.connection, task.what))
