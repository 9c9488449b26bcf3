"""Where the pulls got to, and which is due: a row of `cursors` each. Losing a row only makes the next pull read more.

A run is one from its first page to its last. Its row keeps what it has come to so far, so that whoever takes up the next page,
in this process or another one, goes on with it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from engine.clock import Clock
from engine.domain.values import System
from engine.log import Statement
from engine.pulls import BY_NAME, GOODS, PULLS, Pull, due_after, due_instead, longest_round, may_run
from engine.surroundings import FIRST_PULLS, Gate, Pool

LEASE_OF_ONE = timedelta(minutes=5)
"""Of a pull that is run once, in between: should its process die, the next one is due soon."""
SOON = timedelta(seconds=3)
"""How long signals are gathered that only say that some record changed: of an address, say, whose customer they do not name."""
NEVER = timedelta(days=36_500)
SINCE_NOW = frozenset({"products", "categories"})
"""Pulls of what changed: what came before was read whole."""
METERED = [pull.what for pull in PULLS if pull.system == "quickbooks" and pull.what != "first-match"]
"""Pulls of which each step is a metered read."""
OWN = frozenset({"decide-products"})
"""Pulls whose row is there only once somebody asks for them."""
LATER = frozenset({*GOODS, "everything", *OWN})
"""Pulls that begin only when what they build upon was read."""


class Task(msgspec.Struct, frozen=True):
    """A step of a run of one connection: where it goes on, and what the run has come to so far."""

    connection: str
    what: str
    cursor: str
    due_at: datetime
    asked_by: str
    started_at: datetime
    cursor_from: str
    read: int
    changed: int
    held: int
    metered: int
    leased_until: datetime
    """Until when the step is ours, and what it is told by that it still is."""

    @property
    def is_first_step(self) -> bool:
        """Whether the run begins with this step, or never came further."""
        return not (self.read or self.metered)


class Standing(msgspec.Struct, frozen=True):
    """How a pull stands, for people."""

    what: str
    system: System
    due_at: datetime
    started_at: datetime | None
    asked_by: str
    read: int
    changed: int
    held: int
    metered: int
    quiet_runs: int
    quiet_at: datetime | None


class Counts(msgspec.Struct, frozen=True):
    """How many records of QuickBooks we know of: what its reads depend on."""

    items: int
    tracked: int
    customers: int


class Cursors:
    """The rows of `cursors`."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    # ---- making due ----------------------------------------------------------------------------------------------------------

    def due_now(self, connection: str, *what: str) -> None:
        """Makes pulls due at once (all of them when none is named): after connecting, or because a person asked."""
        names = what or tuple(p.what for p in PULLS if p.what not in LATER)
        sql = (
            "INSERT INTO cursors (connection, what, cursor, due_at) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (connection, what) DO UPDATE SET due_at = excluded.due_at"
        )
        now = self._clock.now()
        with self._pool.connection() as c, c.transaction():
            for name in names:
                c.execute(sql, (connection, name, now.isoformat() if name in SINCE_NOW else "", now))
            if not what:
                later = "UPDATE cursors SET due_at = %s WHERE connection = %s AND what = ANY(%s)"
                c.execute(later, (now, connection, sorted(LATER - OWN)))
            c.execute("NOTIFY signals")

    def ask(self, connection: str, what: str, asked_by: str) -> datetime | None:
        """A person wants this pull now. Answers since when a run is under way, which they join; None when one begins."""
        sql = (
            "INSERT INTO cursors AS c (connection, what, cursor, due_at, asked_by) VALUES (%s, %s, %s, %s, %s) "
            # A step under way keeps the due time it was taken at: else the run's end would keep ours, and begin once more.
            "ON CONFLICT (connection, what) DO UPDATE SET due_at = CASE WHEN c.leased_until >= excluded.due_at "
            "AND c.due_at < excluded.due_at + interval '1 minute' THEN c.due_at ELSE LEAST(c.due_at, excluded.due_at) END, "
            "asked_by = CASE WHEN c.started_at IS NULL THEN excluded.asked_by ELSE c.asked_by END RETURNING started_at"
        )
        now = self._clock.now()
        with self._pool.connection() as c, c.transaction():
            row = c.execute(
                sql, (connection, what, now.isoformat() if what in SINCE_NOW else "", now, asked_by)
            ).fetchone()
            c.execute("NOTIFY signals")
        return row[0] if row else None

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

    def rescheduled(self, gate: Gate, what: str) -> datetime | None:
        """A person chose other times for a pull. Answers when it is due by them; a run under way goes on all the same."""
        place, now = (gate.connection, what), self._clock.now()
        found = "SELECT due_at, started_at FROM cursors WHERE connection = %s AND what = %s FOR UPDATE"
        with self._pool.connection() as c, c.transaction():
            row = c.execute(found, place).fetchone()
            due = due_instead(BY_NAME[what], gate, now, row[0]) if row else None
            if due and row and row[1] is None:
                c.execute("UPDATE cursors SET due_at = %s WHERE connection = %s AND what = %s", (due, *place))
        return due

    # ---- taking --------------------------------------------------------------------------------------------------------------

    def take(self, gates: Sequence[Gate]) -> Task | None:
        """A step of a due pull, leased to us; what is read whole once more comes after everything else. One that is due later
        than a whole round from now was put there by a clock that was ahead and has been set back: it is due too."""
        now = self._clock.now()
        rows = [(gate, pull) for gate in gates for pull in PULLS if may_run(pull, gate)]
        if not rows:
            return None
        self._ensure(rows, now)
        sql = (
            "WITH w AS MATERIALIZED (SELECT c.connection, c.what, p.lease FROM cursors c "
            "JOIN unnest(%(connections)s::text[], %(names)s::text[], %(rounds)s::int[], %(leases)s::int[], %(again)s::bool[]) "
            "WITH ORDINALITY AS p(connection, pull, every, lease, again, place) "
            "ON p.connection = c.connection AND p.pull = c.what "
            "WHERE (c.due_at <= %(now)s OR (p.every > 0 AND c.due_at > %(now)s + make_interval(secs => p.every + 360))) "
            "AND (c.leased_until IS NULL OR c.leased_until < %(now)s) "
            "ORDER BY p.again, p.place, c.due_at LIMIT 1 FOR UPDATE OF c SKIP LOCKED) "
            f"UPDATE cursors c SET leased_until = %(now)s + make_interval(secs => w.lease), {BEGUN} FROM w "
            f"WHERE c.connection = w.connection AND c.what = w.what RETURNING {TOLD}"
        )
        asked = {
            "now": now,
            "metered": METERED,
            "connections": [gate.connection for gate, _ in rows],
            "names": [pull.what for _, pull in rows],
            "rounds": [longest_round(pull, gate.choices) for gate, pull in rows],
            "leases": [pull.lease_seconds for _, pull in rows],
            "again": [pull.what in gate.pulled for gate, pull in rows],
        }
        with self._pool.connection() as c, c.transaction():
            row = c.execute(sql, asked).fetchone()
        return Task(*row) if row else None

    def _ensure(self, rows: Sequence[tuple[Gate, Pull]], now: datetime) -> None:
        """A row for each pull: due at once, but for those that begin where everything was just read."""
        sql = (
            "INSERT INTO cursors (connection, what, cursor, due_at) "
            "SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[]) ON CONFLICT DO NOTHING"
        )
        found = [(gate, pull) for gate, pull in rows if pull.what not in OWN]
        with self._pool.connection() as c:
            c.execute(
                sql,
                (
                    [gate.connection for gate, _ in found],
                    [pull.what for _, pull in found],
                    [now.isoformat() if pull.what in SINCE_NOW else "" for _, pull in found],
                    [self._first_due(gate, pull.what, now) for gate, pull in found],
                ),
            )

    def _first_due(self, gate: Gate, what: str, now: datetime) -> datetime:
        later = what in ("everything", "stock", "products", "categories")
        return (due_after(BY_NAME[what], gate, now, spread=True) or now) if later else now

    def take_one(self, connection: str, what: str, asked_by: str = "", only_if_wanted: bool = False) -> Task | None:
        """This pull, due or not, leased to us; None while somebody else has it. With `only_if_wanted` also None for one that is
        neither under way nor due: the run that was asked for is over by then, and no other one is begun."""
        now = self._clock.now()
        sql = (
            "INSERT INTO cursors AS c (connection, what, cursor, due_at, leased_until, started_at, asked_by) "
            "VALUES (%(connection)s, %(what)s, %(cursor)s, %(now)s, %(until)s, %(now)s, %(who)s) "
            "ON CONFLICT (connection, what) DO UPDATE SET leased_until = excluded.leased_until, "
            "asked_by = CASE WHEN c.started_at IS NULL AND %(who)s <> '' THEN %(who)s ELSE c.asked_by END, "
            f"{BEGUN} WHERE (c.leased_until IS NULL OR c.leased_until < %(now)s) "
            f"AND (NOT %(wanted)s OR c.started_at IS NOT NULL OR c.due_at <= %(now)s) RETURNING {TOLD}"
        )
        asked = {
            "wanted": only_if_wanted,
            "connection": connection,
            "what": what,
            "cursor": now.isoformat() if what in SINCE_NOW else "",
            "now": now,
            "metered": METERED,
            "until": now + LEASE_OF_ONE,
            "who": asked_by,
        }
        with self._pool.connection() as c:
            row = c.execute(sql, asked).fetchone()
        return Task(*row) if row else None

    # ---- letting go ----------------------------------------------------------------------------------------------------------

    def goes_on(self, task: Task, cursor: str, due_at: datetime) -> Statement:
        """Keeps how far a run got, and lets go of it: its next step is due at `due_at`. `task` has its figures by now."""
        sql = (
            f"UPDATE cursors SET cursor = {UNLESS_ANEW}, leased_until = NULL, "
            "due_at = CASE WHEN due_at = %s THEN %s ELSE due_at END, read = %s, changed = %s, held = %s, "
            f"metered = %s WHERE {OURS}"
        )
        figures = (task.read, task.changed, task.held, task.metered)
        return (sql, (task.due_at, cursor, task.due_at, due_at, *figures, *_place(task)))

    def ended(self, task: Task, cursor: str, due_at: datetime, quiet: bool) -> Statement:
        """The run is over, and the next one is due at `due_at`. One that is quiet is in no log: it is counted here."""
        # A person's "now" while we were at it is kept: only the due time that we took is moved.
        sql = (
            f"UPDATE cursors SET cursor = {UNLESS_ANEW}, leased_until = NULL, "
            "due_at = CASE WHEN due_at = %s THEN %s ELSE due_at END, started_at = NULL, asked_by = '', cursor_from = '', "
            "read = 0, changed = 0, held = 0, metered = 0, "
            "quiet_runs = CASE WHEN %s THEN quiet_runs + 1 ELSE 0 END, quiet_at = CASE WHEN %s THEN %s ELSE NULL END "
            f"WHERE {OURS}"
        )
        now = self._clock.now()
        return (sql, (task.due_at, cursor, task.due_at, due_at, quiet, quiet, now, *_place(task)))

    def is_ours(self, task: Task) -> bool:
        """Whether nobody has taken a step over: whoever outlasts their lease records and moves nothing any more."""
        with self._pool.connection() as c:
            return c.execute(f"SELECT FROM cursors WHERE {OURS}", _place(task)).fetchone() is not None

    def run(self, statement: Statement) -> None:
        """Carries out a statement by itself, where nothing else goes with it."""
        with self._pool.connection() as c:
            c.execute(*statement)

    def standing(self, connection: str) -> list[Standing]:
        """How each pull of a connection stands, in the order of their table."""
        sql = (
            "SELECT what, due_at, started_at, asked_by, read, changed, held, metered, quiet_runs, quiet_at FROM cursors "
            "WHERE connection = %s"
        )
        with self._pool.connection() as c:
            rows = {row[0]: row[1:] for row in c.execute(sql, (connection,))}
        return [Standing(p.what, p.system, *rows[p.what]) for p in PULLS if p.what in rows]

    def counts(self, connection: str) -> Counts:
        """How many items, counted items and customers of QuickBooks a connection has."""
        sql = (
            "SELECT (SELECT count(*) FROM claims WHERE connection = %(c)s AND system = 'quickbooks' AND kind = 'product'), "
            "(SELECT count(*) FROM stock_levels WHERE connection = %(c)s AND system = 'quickbooks'), "
            "(SELECT count(*) FROM claims WHERE connection = %(c)s AND system = 'quickbooks' AND kind = 'customer')"
        )
        with self._pool.connection() as c:
            row = c.execute(sql, {"c": connection}).fetchone()
        assert row is not None, "a count is always one row"
        return Counts(*row)


UNLESS_ANEW = "CASE WHEN what = 'decide-products' AND due_at <> %s THEN cursor ELSE %s END"
"""Who has every product decide again while they are at it begins from the first."""
OURS = "connection = %s AND what = %s AND leased_until = %s"
BEGUN = (
    "started_at = coalesce(c.started_at, %(now)s), "
    # Whoever never let go of the step has most likely read its page, and that counts.
    "metered = c.metered + (c.leased_until IS NOT NULL AND c.what = ANY(%(metered)s))::int, "
    "cursor_from = CASE WHEN c.started_at IS NULL THEN c.cursor ELSE c.cursor_from END"
)
TOLD = (
    "c.connection, c.what, c.cursor, c.due_at, c.asked_by, c.started_at, c.cursor_from, c.read, c.changed, c.held, c.metered, "
    "c.leased_until"
)


def _place(task: Task) -> tuple[str, str, datetime]:
    """What `OURS` is asked with."""
    return task.connection, task.what, task.leased_until
