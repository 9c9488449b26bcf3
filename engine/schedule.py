"""Schedule: what is pulled by the clock, so that a signal lost for ever loses nothing.

Every pull is a row of `cursors`: what, how far, when next. A pull of WizCommerce gives hints; change data capture of QuickBooks
gives full records, and so do the pages of goods on either side. One step is one page: others get their turn, and another process
can go on. A run, from its first page to its last, is recorded once.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from engine.clock import Clock, instant
from engine.cursors import NEVER, Cursors, Task
from engine.domain.events import ConsentLapsing, Event, RunFinished, TenantTokenLapsing
from engine.domain.values import connection_stream
from engine.first_match import DONE, FirstMatch
from engine.first_sights import FirstSights
from engine.goods import Goods, Told
from engine.log import Cause, Entry, Statement, VersionConflict
from engine.observe import Observer, lost
from engine.ports import Accounting, Changes, Commerce, Credentials, Disconnected, GatewayError, Hint, Remote
from engine.pulls import BY_NAME, MAY_BE_QUIET, due_after
from engine.records import MOST_CONFLICTS, Records, by_signal
from engine.sights import Sights
from engine.surroundings import FIRST_PULLS, Pool
from engine.sweep import Sweep

AGAIN = timedelta(seconds=60)
"""When a pull that failed is tried again."""
CONSENT_WARNING = timedelta(days=7)
TOKEN_WARNING = timedelta(days=30)
TOKEN_RENEWAL = timedelta(days=14)
"""Source of both: WizCommerce reference, A-40."""
TOO_OLD = timedelta(days=29)
"""Behind this, what is gone from QuickBooks shows in no answer. Source: QuickBooks reference, 4.1."""
COUNTED = ("Inventory",)
SOLD = ("Inventory", "NonInventory", "Service", "Group")
CATEGORIES = ("Category",)
"""Types of items. Source: QuickBooks reference, 7.4."""


class Page(NamedTuple):
    """What one step came to: where the next one begins, how many records were read, told something new, are held; whether nothing
    is left to be read; what it cost in metered reads."""

    cursor: str
    read: int = 0
    changed: int = 0
    complete: bool = True
    held: int = 0
    metered: int = 0
    reached: str = ""
    """Up to when all was seen, where that is not the cursor."""
    also: Sequence[Statement] = ()
    """What is carried out with the record of the run that ends here."""


class Ran(NamedTuple):
    """What a step came to: how many records told something new, and whether nothing is left to be read."""

    changed: int
    complete: bool


class Schedule:
    """Runs due pulls, one step at a time."""

    def __init__(
        self,
        records: Records,
        sights: Sights,
        observer: Observer,
        goods: Goods,
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
        self._goods = goods
        self._pool = pool
        self._clock = clock
        self._accounting = accounting
        self._commerce = commerce
        self._credentials = credentials
        self._renew_tenant = renew_tenant
        self.cursors = Cursors(pool, clock)
        self.due_now, self.due_soon, self.again = self.cursors.due_now, self.cursors.due_soon, self.cursors.again
        self.ask = self.cursors.ask
        self._first_sights = FirstSights(records, sights, pool)
        self._first_match = FirstMatch(records, pool)
        self._sweep = Sweep(goods, self._first_sights, observer, pool, accounting)
        self._pulls: dict[str, Callable[[Task], Page]] = {
            "facts": self._facts,
            "first-product": self._first_items,
            "first-customer": lambda task: self._everything(task, "customer"),
            "first-term": lambda task: self._everything(task, "term"),
            "first-customertype": lambda task: self._everything(task, "customertype"),
            "first-buyer": lambda task: self._everything(task, "customer", self._commerce),
            "first-match": self._match,
            "changes": self._changes,
            "orders": lambda task: self._hints(task, "order"),
            "customers": lambda task: self._hints(task, "customer"),
            "stock": lambda task: self._items(task, COUNTED, from_the_start=True),
            "products": lambda task: self._items(task, SOLD),
            "categories": lambda task: self._items(task, CATEGORIES),
            "shop-products": lambda task: self._shop(task, self._commerce.goods),
            "shop-stock": lambda task: self._shop(task, self._commerce.stock),
            "everything": self._whole,
            "decide-products": self._decide,
            "expiries": self._expiries,
        }

    def step(self) -> bool:
        """Runs a step of one due pull; False when there is none."""
        task = self.cursors.take(self._records.around.gates())
        if task is None:
            return False
        self._run(task)
        return True

    def now(self, connection: str, what: str, asked_by: str = "") -> Ran | None:
        """Runs a step of one pull at once, due or not; None while somebody else is at it. One that failed told nothing, as its
        record says."""
        task = self.cursors.take_one(connection, what, asked_by)
        return None if task is None else self._run(task)

    def asked_for(self, connection: str, what: str, asked_by: str) -> Ran | None:
        """A step of a run that a person has asked for; None while somebody else is at it, and once that run is over."""
        task = self.cursors.take_one(connection, what, asked_by, only_if_wanted=True)
        return None if task is None else self._run(task)

    def rescheduled(self, connection: str, what: str) -> datetime | None:
        """A person chose other times for a pull; answers when it is due now, None when never by itself."""
        gate = self._records.around.gate(connection)
        return self.cursors.rescheduled(gate, what) if gate else None

    # ---- a run ---------------------------------------------------------------------------------------------------------------

    def _run(self, task: Task) -> Ran:
        pull = BY_NAME[task.what]
        try:
            page = self._pulls[task.what](task)
        except GatewayError as error:
            if isinstance(error, Disconnected):
                lost(self._records, task.connection, pull.system, error)
            asked = 1 if pull.system == "quickbooks" and error.ran else 0
            self._failed(replace(task, metered=task.metered + asked), error.sentence)
            return Ran(0, True)
        task = replace(
            task,
            read=task.read + page.read,
            changed=task.changed + page.changed,
            held=task.held + page.held,
            metered=task.metered + page.metered,
        )
        if page.complete:
            self._ended(task, page)
        else:
            self.cursors.run(self.cursors.goes_on(task, page.cursor, task.due_at))
        return Ran(page.changed, page.complete)

    def _ended(self, task: Task, page: Page) -> None:
        """Records the run and keeps its cursor, both or neither."""
        due = self._due_after(task)
        said = self._said(task, page.reached or page.cursor, True, "", due)
        stands = self._problem_stands(task)
        quiet = task.what in MAY_BE_QUIET and not task.changed and not stands
        # A first pull that is read once more says so only when it told something: what waits for it has it already.
        quiet = quiet or (task.what in FIRST_PULLS and task.cursor_from == DONE and not task.changed and not stands)
        ended = self.cursors.ended(task, page.cursor, due, quiet)
        self._together(said if not quiet else None, task, [ended, *page.also])

    def _failed(self, task: Task, problem: str) -> None:
        """Says a problem once, until the pull goes well again; the run stays where it was, and goes on in a minute."""
        due = self._clock.now() + AGAIN
        said = None if self._problem_stands(task) == problem else self._said(task, task.cursor, False, problem, due)
        statement = self.cursors.goes_on(task, task.cursor, due)
        self._together(said, task, [statement])

    def _together(self, said: RunFinished | None, task: Task, statements: list[Statement]) -> None:
        """A run's record and what its row is to hold, in one transaction."""
        cause = Cause(causation_id="schedule", correlation_id=self._stream(task), who="schedule")
        for _ in range(MOST_CONFLICTS):
            entries = []
            if said is not None:
                stream = self._stream(task)
                entries = [Entry(stream=stream, version=len(self._records.log.read(stream)), events=[said])]
            # Whoever took the step over says how it ended; one who does so from here on takes our version.
            if not self.cursors.is_ours(task):
                return
            try:
                self._records.log.append(entries, cause, statements)
                return
            except VersionConflict:
                continue
        raise RuntimeError(f"{MOST_CONFLICTS} version conflicts in a row: {self._stream(task)}")

    def _stream(self, task: Task) -> str:
        return f"run-{task.connection}:{task.what}-{self._clock.now():%Y-%m-%d}"

    def _problem_stands(self, task: Task) -> str:
        """What the last recorded run said went wrong; '' when nothing."""
        # A day begins with a digit: `first-customer-2…` is no run of `first-customertype`.
        sql = "SELECT max(originator_id) FROM log WHERE originator_id >= %s AND originator_id < %s"
        runs = f"run-{task.connection}:{task.what}-"
        with self._pool.connection() as c:
            [stream] = c.execute(sql, (f"{runs}0", f"{runs}:")).fetchone() or [None]
        story = self._records.log.read(stream) if stream else []
        last = story[-1].event if story else None
        return last.problem if isinstance(last, RunFinished) else ""

    def _said(self, task: Task, cursor: str, complete: bool, problem: str, due: datetime) -> RunFinished:
        return RunFinished(
            what=task.what,
            asked_by=task.asked_by or "schedule",
            cursor_from=task.cursor_from,
            cursor_to=cursor,
            read=task.read,
            changed=task.changed,
            metered_reads=task.metered,
            complete=complete,
            problem=problem,
            started_at=task.started_at,
            held=task.held,
            next_at=due if due < self._clock.now() + NEVER / 2 else None,
        )

    def _due_after(self, task: Task) -> datetime:
        gate = self._records.around.gate(task.connection)
        return due_after(BY_NAME[task.what], gate, self._clock.now()) or self._clock.now() + NEVER

    # ---- the pulls -----------------------------------------------------------------------------------------------------------

    def _facts(self, task: Task) -> Page:
        facts = self._accounting.company(task.connection)
        changed = self._sights.company(task.connection, facts, by_signal("schedule: facts", "schedule"))
        return Page("", 1, int(changed == "recorded"), metered=2)

    def _everything(self, task: Task, kind: str, gateway: Accounting | Commerce | None = None) -> Page:
        """One page, saved as a whole; the cursor is kept page by page, so that an interruption costs one page more."""
        fetched_after = self._records.log.position()
        cause = by_signal(f"schedule: {task.what}", "schedule")
        if gateway is None and not task.cursor:
            self._follow_from_here(task.connection)
        page = (gateway or self._accounting).page(task.connection, kind, "" if task.cursor == DONE else task.cursor)
        changed, again = self._first_sights.page(task.connection, page.records, fetched_after, cause)
        self._look_again(task, again)
        cursor = DONE if page.complete else page.cursor
        return Page(cursor, len(page.records), changed, page.complete, metered=0 if gateway else 1)

    def _look_again(self, task: Task, remotes: Sequence[Remote]) -> None:
        """What may be the outcome of a request under way is read by itself once that is known; all else goes on."""
        for one in remotes:
            hint = Hint(kind=one.kind, remote_id=one.remote_id)
            self._observer.raise_signals(task.connection, one.system, [hint], f"schedule: {task.what}", priority=1)

    def _first_items(self, task: Task) -> Page:
        """QuickBooks' items, read whole for the first time, or once more."""
        fetched_after = self._records.log.position()
        if not task.cursor:
            self._follow_from_here(task.connection)
        page = self._accounting.page(task.connection, "product", "" if task.cursor == DONE else task.cursor)
        cursor = DONE if page.complete else page.cursor
        return self._goods_page(task, page.records, fetched_after, cursor, page.complete, metered=1)

    def _items(self, task: Task, types: tuple[str, ...], from_the_start: bool = False) -> Page:
        """A page of items of some types: all there are, or what changed since the last run."""
        fetched_after = self._records.log.position()
        cursor = "" if from_the_start and task.is_first_step else task.cursor
        page = self._accounting.goods(task.connection, types, cursor)
        kept = "" if from_the_start and page.complete else page.cursor
        told = self._goods_page(task, page.records, fetched_after, kept, page.complete, metered=1)
        return told._replace(reached=page.cursor if page.complete else "")

    def _shop(self, task: Task, read: Callable[[str, str], Changes]) -> Page:
        """A page of products or stock records as WizCommerce shows them."""
        fetched_after = self._records.log.position()
        page = read(task.connection, task.cursor)
        return self._goods_page(task, page.records, fetched_after, page.cursor, page.complete)

    def _goods_page(
        self, task: Task, records: list[Remote], fetched_after: int, cursor: str, complete: bool, metered: int = 0
    ) -> Page:
        """Records a page; where it goes on is kept with the last of its rows, in one transaction."""
        cause = by_signal(f"schedule: {task.what}", "schedule")

        def kept(told: Told) -> list[Statement]:
            if complete:  # kept with the run's own record
                return []
            grown = replace(
                task,
                read=task.read + len(records),
                changed=task.changed + told.changed,
                held=task.held + told.held,
                metered=task.metered + metered,
            )
            return [self.cursors.goes_on(grown, cursor, task.due_at)]

        told = self._goods.page(task.connection, records, fetched_after, cause, kept)
        return Page(cursor, len(records), told.changed, complete, told.held, metered)

    def _whole(self, task: Task) -> Page:
        """A page of everything; at its end, what is gone is looked at singly, and WizCommerce's goods are read whole next."""
        fetched_after = self._records.log.position()
        cursor, read, told, complete = self._sweep.page(task.connection, task.cursor, fetched_after)
        ending = self._sweep.ending(task.connection) if complete else []
        return Page(cursor, read, told.changed, complete, told.held, 1, also=ending)

    def _decide(self, task: Task) -> Page:
        cursor, read, changed = self._goods.decide(task.connection, task.cursor)
        return Page("" if cursor == DONE else cursor, read, changed, cursor == DONE)

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

    def _match(self, task: Task) -> Page:
        """The matches of what both sides showed, a stretch at a time."""
        cursor, read, linked = self._first_match.stretch(task.connection, task.cursor)
        return Page(cursor, read, linked, cursor == DONE)

    def _changes(self, task: Task) -> Page:
        fetched_after = self._records.log.position()
        found = self._accounting.changes(task.connection, task.cursor)
        cause = by_signal("schedule: changes", "schedule")
        items = [remote for remote in found.records if remote.kind == "product"]
        told = self._goods.page(task.connection, items, fetched_after, cause)
        others = [remote for remote in found.records if remote.kind != "product"]
        results = [self._sights.record(task.connection, remote, fetched_after, cause) for remote in others]
        changed = told.changed + results.count("recorded")
        waiting = [one for one, result in zip(others, results, strict=True) if result == "waiting"]
        if waiting and found.complete:  # one of them may be ours: the same stretch is read again at the next pull
            return Page(task.cursor, len(found.records), changed, held=told.held, metered=1)
        self._look_again(task, waiting)  # what was not asked for yet does not wait for them
        self._if_too_old(task)
        return Page(found.cursor, len(found.records), changed, found.complete, told.held, 1)

    def _if_too_old(self, task: Task) -> None:
        """What was deleted too long ago shows in no answer: everything is read, and what is not there is gone."""
        if not task.cursor or task.cursor.startswith("{") or self._clock.now() - instant(task.cursor) < TOO_OLD:
            return
        self.due_now(task.connection, "everything")

    def _hints(self, task: Task, kind: str) -> Page:
        hints, cursor = self._commerce.changed(task.connection, kind, task.cursor)
        first = 2 if not task.cursor else 1
        raised = self._observer.raise_signals(
            task.connection, "wizcommerce", hints, f"schedule: {task.what}", priority=first
        )
        return Page(cursor, len(hints), raised)

    def _expiries(self, task: Task) -> Page:
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
        return Page("", 2, len(appended))
