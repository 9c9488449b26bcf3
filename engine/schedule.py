"""Schedule: what is pulled by the clock, so that a signal lost for ever loses nothing.

Every pull is a row of `cursors`: what, how far, when next. A pull of WizCommerce gives hints; change data capture of QuickBooks
gives full records. A first pull of each kind fills the lookups that orders are matched against, before anything is pushed.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from engine.clock import Clock
from engine.domain.events import ConsentLapsing, Event, RunFinished, TenantTokenLapsing
from engine.domain.values import System, connection_stream
from engine.first_match import DONE, FirstMatch
from engine.first_sights import FirstSights
from engine.log import Cause, Entry
from engine.observe import Observer, lost
from engine.ports import Accounting, Commerce, Credentials, Disconnected, GatewayError
from engine.records import Records, by_signal
from engine.sights import Sights
from engine.surroundings import FIRST_PULLS, Pool

LEASE = timedelta(minutes=30)
"""Longer than a first pull of a large company; one that outlasts it is only done twice, which is harmless."""
NEVER = timedelta(days=36500)
AGAIN = timedelta(seconds=60)
"""When a pull that failed is tried again."""
SOON = timedelta(seconds=3)
"""How long signals are gathered that only say that some record changed: of an address, say, whose customer they do not name."""
CONSENT_WARNING = timedelta(days=7)
TOKEN_WARNING = timedelta(days=30)
TOKEN_RENEWAL = timedelta(days=14)
"""Source of both: WizCommerce reference, A-40."""


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


class Schedule:
    """Runs due pulls, one a step."""

    def __init__(
        self,
        records: Records,
        sights: Sights,
        observer: Observer,
        pool: Pool,
        clock: Clock,
        accounting: Accounting,
        commerce: Commerce,
        credentials: Credentials,
        renew_tenant: Callable[[str], bool],
    ) -> None:
        self._records = records
        self._sights = sights
        self._observer = observer
        self._pool = pool
        self._clock = clock
        self._accounting = accounting
        self._commerce = commerce
        self._credentials = credentials
        self._renew_tenant = renew_tenant
        self._first_sights = FirstSights(records, sights, pool)
        self._first_match = FirstMatch(records, pool)
        self._pulls: dict[str, Callable[[Task], tuple[str, int, int, bool]]] = {
            "facts": self._facts,
            "first-product": lambda task: self._everything(task, "product"),
            "first-customer": lambda task: self._everything(task, "customer"),
            "first-term": lambda task: self._everything(task, "term"),
            "first-customertype": lambda task: self._everything(task, "customertype"),
            "first-buyer": lambda task: self._everything(task, "customer", self._commerce),
            "first-match": self._match,
            "changes": self._changes,
            "orders": lambda task: self._hints(task, "order"),
            "customers": lambda task: self._hints(task, "customer"),
            "expiries": self._expiries,
        }

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

    def step(self) -> bool:
        """Runs one due pull; False when there is none."""
        task = self._take()
        if task is None:
            return False
        pull = next(p for p in PULLS if p.what == task.what)
        metered = self._metered_floor(pull)
        try:
            cursor, read, changed, complete = self._pulls[task.what](task)
        except GatewayError as error:
            if isinstance(error, Disconnected):
                lost(self._records, task.connection, pull.system, error)
            self._say(task, task.cursor, 0, 0, metered, False, error.sentence)
            self._next(task, task.cursor, AGAIN)
            return True
        first = task.what in FIRST_PULLS
        quiet = not changed and complete and not (first and task.cursor != DONE)
        self._say(task, cursor, read, changed, metered, complete, "", quiet)
        wait = timedelta(seconds=pull.every_seconds) if pull.every_seconds else NEVER
        self._next(task, cursor, wait if complete else timedelta(0))  # cut off: the rest is read at once
        return True

    # ---- the pulls -----------------------------------------------------------------------------------------------------------

    def _facts(self, task: Task) -> tuple[str, int, int, bool]:
        facts = self._accounting.company(task.connection)
        changed = self._sights.company(task.connection, facts, by_signal("schedule: facts", "schedule"))
        return "", 1, int(changed == "recorded"), True

    def _everything(
        self, task: Task, kind: str, gateway: Accounting | Commerce | None = None
    ) -> tuple[str, int, int, bool]:
        """One page, saved as a whole; the cursor is kept page by page, so that an interruption costs one page more."""
        fetched_after = self._records.log.position()
        cause = by_signal(f"schedule: {task.what}", "schedule")
        cursor = "" if task.cursor == DONE else task.cursor
        if gateway is None and not task.cursor:
            self._follow_from_here(task.connection)
        page = (gateway or self._accounting).page(task.connection, kind, cursor)
        changed = self._first_sights.page(task.connection, page.records, fetched_after, cause)
        return DONE if page.complete else page.cursor, len(page.records), changed, page.complete

    def _follow_from_here(self, connection: str) -> None:
        """What changes in QuickBooks while it is read for the first time comes with the first look at changes: one call,
        since it need not look further back."""
        sql = (
            "INSERT INTO cursors (connection, what, cursor, due_at) VALUES (%s, 'changes', %s, %s) "
            "ON CONFLICT (connection, what) DO UPDATE SET cursor = excluded.cursor WHERE cursors.cursor = ''"
        )
        now = self._clock.now()
        with self._pool.connection() as c:
            c.execute(sql, (connection, now.isoformat(), now))

    def _match(self, task: Task) -> tuple[str, int, int, bool]:
        """The matches of what both sides showed, a stretch at a time."""
        cursor, read, linked = self._first_match.stretch(task.connection, task.cursor)
        return cursor, read, linked, cursor == DONE

    def _changes(self, task: Task) -> tuple[str, int, int, bool]:
        fetched_after = self._records.log.position()
        found = self._accounting.changes(task.connection, task.cursor)
        cause = by_signal("schedule: changes", "schedule")
        results = [self._sights.record(task.connection, remote, fetched_after, cause) for remote in found.records]
        if "waiting" in results:  # one of them may be ours: the same stretch is read again at the next pull
            return task.cursor, len(results), results.count("recorded"), True
        return found.cursor, len(results), results.count("recorded"), found.complete

    def _hints(self, task: Task, kind: str) -> tuple[str, int, int, bool]:
        hints, cursor = self._commerce.changed(task.connection, kind, task.cursor)
        first = 2 if not task.cursor else 1
        raised = self._observer.raise_signals(
            task.connection, "wizcommerce", hints, f"schedule: {task.what}", priority=first
        )
        return cursor, len(hints), raised, True

    def _expiries(self, task: Task) -> tuple[str, int, int, bool]:
        """Renews a token whose log-in was left here, and warns once of a consent or a token that ends soon."""
        now = self._clock.now()
        consent, token = self._credentials.expiries(task.connection)
        if token and token - now < TOKEN_RENEWAL and self._renew_tenant(task.connection):
            consent, token = self._credentials.expiries(task.connection)

        def build() -> list[Entry]:
            known = self._records.connection(task.connection)
            said: list[Event] = []
            if consent and consent - now < CONSENT_WARNING and known.warned_consent != consent:
                said.append(ConsentLapsing(expires_at=consent))
            if token and token - now < TOKEN_WARNING and known.warned_token != token:
                said.append(TenantTokenLapsing(expires_at=token))
            stream = connection_stream(task.connection)
            return [Entry(stream=stream, version=known.version, events=said)] if said else []

        appended = self._records.append(build, by_signal("schedule: expiries", "schedule"))
        return "", 2, len(appended), True

    # ---- rows ----------------------------------------------------------------------------------------------------------------

    def _take(self) -> Task | None:
        """A due pull, leased to us; what is read whole once more comes after everything else. One that is due later than a whole round from now was put there by a clock that was
        ahead and has been set back: it is due too."""
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

    def _next(self, task: Task, cursor: str, wait: timedelta) -> None:
        # A person's "now" while we were at it is kept: only the due time that we took is moved.
        sql = (
            "UPDATE cursors SET cursor = %s, leased_until = NULL, due_at = CASE WHEN due_at = %s THEN %s ELSE due_at END "
            "WHERE connection = %s AND what = %s"
        )
        with self._pool.connection() as c:
            c.execute(sql, (cursor, task.due_at, self._clock.now() + wait, task.connection, task.what))

    def _say(
        self,
        task: Task,
        cursor: str,
        read: int,
        changed: int,
        metered: int,
        complete: bool,
        problem: str,
        quiet: bool = False,
    ) -> None:
        """Records the run; a problem is said once, until the pull goes well again: that is said too, even of a quiet run."""
        stream = f"run-{task.connection}:{task.what}-{self._clock.now():%Y-%m-%d}"
        said = RunFinished(
            what=task.what,
            asked_by="schedule",
            cursor_from=task.cursor,
            cursor_to=cursor,
            read=read,
            changed=changed,
            metered_reads=metered,
            complete=complete,
            problem=problem,
        )

        def build() -> list[Entry]:
            story = self._records.log.read(stream)
            last = story[-1].event if story else None
            before = last.problem if isinstance(last, RunFinished) else ""
            if (problem and before == problem) or (quiet and not before):
                return []
            return [Entry(stream=stream, version=len(story), events=[said])]

        self._records.append(build, Cause(causation_id="schedule", correlation_id=stream, who="schedule"))

    def _metered_floor(self, pull: Pull) -> int:
        """Metered reads a run costs at least: two for the facts, one for anything else of QuickBooks."""
        if pull.system != "quickbooks":
            return 0
        return 2 if pull.what == "facts" else 1
