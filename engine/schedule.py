"""Schedule: what is pulled by the clock, so that a signal lost for ever loses nothing.

Every pull is a row of `cursors`: what, how far, when next. A pull of WizCommerce gives hints; change data capture of QuickBooks
gives full records. A first pull of each kind fills the lookups that orders are matched against, before anything is pushed.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from engine.clock import Clock
from engine.cursors import PULLS, Cursors, Pull, Task
from engine.domain.events import ConsentLapsing, Event, RunFinished, TenantTokenLapsing
from engine.domain.values import connection_stream
from engine.first_match import DONE, FirstMatch
from engine.first_sights import FirstSights
from engine.log import Cause, Entry
from engine.observe import Observer, lost
from engine.ports import Accounting, Commerce, Credentials, Disconnected, GatewayError, Hint
from engine.records import Records, by_signal
from engine.sights import Sights
from engine.surroundings import FIRST_PULLS, Pool

NEVER = timedelta(days=36500)
AGAIN = timedelta(seconds=60)
"""When a pull that failed is tried again."""
CONSENT_WARNING = timedelta(days=7)
TOKEN_WARNING = timedelta(days=30)
TOKEN_RENEWAL = timedelta(days=14)
"""Source of both: WizCommerce reference, A-40."""


class Run(NamedTuple):
    """A pull that is being run: what it costs at least, in metered reads."""

    task: Task
    asked_by: str
    metered: int


class Ran(NamedTuple):
    """What a pull came to: how many records told something new, and whether nothing is left to be read."""

    changed: int
    complete: bool


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
        self._cursors = Cursors(pool, clock)
        self.due_now, self.due_soon, self.again = self._cursors.due_now, self._cursors.due_soon, self._cursors.again
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

    def step(self) -> bool:
        """Runs one due pull; False when there is none."""
        task = self._cursors.take()
        if task is None:
            return False
        self._run(task)
        return True

    def now(self, connection: str, what: str, asked_by: str) -> Ran | None:
        """Runs one pull at once, due or not; None while somebody else is at it. One that failed told nothing, as its record
        says."""
        task = self._cursors.take_one(connection, what)
        return None if task is None else self._run(task, asked_by)

    def _run(self, task: Task, asked_by: str = "schedule") -> Ran:
        pull = next(p for p in PULLS if p.what == task.what)
        run = Run(task, asked_by, self._metered_floor(pull))
        try:
            cursor, read, changed, complete = self._pulls[task.what](task)
        except GatewayError as error:
            if isinstance(error, Disconnected):
                lost(self._records, task.connection, pull.system, error)
            self._say(run, task.cursor, 0, 0, False, error.sentence)
            self._cursors.next(task, task.cursor, AGAIN)
            return Ran(0, True)
        first = task.what in FIRST_PULLS
        quiet = not changed and complete and not (first and task.cursor != DONE)
        self._say(run, cursor, read, changed, complete, "", quiet)
        wait = timedelta(seconds=pull.every_seconds) if pull.every_seconds else NEVER
        self._cursors.next(task, cursor, wait if complete else timedelta(0))  # cut off: the rest is read at once
        return Ran(changed, complete)

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
        changed, again = self._first_sights.page(task.connection, page.records, fetched_after, cause)
        for one in again:
            hint = Hint(kind=one.kind, remote_id=one.remote_id)
            self._observer.raise_signals(task.connection, one.system, [hint], f"schedule: {task.what}", priority=1)
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

    def _say(
        self, run: Run, cursor: str, read: int, changed: int, complete: bool, problem: str, quiet: bool = False
    ) -> None:
        """Records the run; a problem is said once, until the pull goes well again: that is said too, even of a quiet run."""
        task = run.task
        stream = f"run-{task.connection}:{task.what}-{self._clock.now():%Y-%m-%d}"
        said = RunFinished(
            what=task.what,
            asked_by=run.asked_by,
            cursor_from=task.cursor,
            cursor_to=cursor,
            read=read,
            changed=changed,
            metered_reads=run.metered,
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
