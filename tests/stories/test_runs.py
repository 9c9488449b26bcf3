"""A run of a pull, from its first page to its last: one at a time, whoever asks; cut off, it goes on; killed, another goes on."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier, Event

import pytest

from adapters.cli.program import program
from adapters.cli.session import Session
from engine.clock import SystemClock
from engine.cursors import Cursors, Task
from engine.domain.events import Recorded, RunFinished
from engine.log import Cause, Entry, Log, Statement
from tests.adapters.command_line import ask, done, environment, told
from tests.crashing import LONG_AFTER_SECONDS, Died, dying_at
from tests.processes import until
from tests.shop import COUNTED, Shop
from tests.world import CONNECTION, World

MANY = 2_500
"""Three pages of QuickBooks' items."""
SOME = 1_001
"""Two."""
ADMIN = ("--as", "admin")
STOCK = ("refresh", "stock")


def counting(shop: Shop, number: int) -> None:
    """The company counts so many items more, none of which was ever seen."""
    more = {**COUNTED, "IncomeAccountRef": {"value": "79"}, "UnitPrice": 5, "QtyOnHand": 7}
    shop.quickbooks.fill({"items": [{"Name": f"Item {n}", "Sku": f"SKU-{n:04}", **more} for n in range(number)]})


def pages(shop: Shop) -> int:
    """How many pages of items QuickBooks was asked for, by its own log."""
    return sum(call.operation == "query Item" for call in shop.quickbooks.calls.all())


def recorded(world: World, what: str) -> list[RunFinished]:
    """The runs of a pull in the log."""
    sql = "SELECT DISTINCT stream FROM log_readable WHERE stream LIKE %s"
    streams = sorted(row[0] for row in world.rows(sql, f"run-{CONNECTION}:{what}-%"))
    events = [one.event for stream in streams for one in world.engine.log.read(stream)]
    return [event for event in events if isinstance(event, RunFinished)]


def to_the_end(world: World, what: str = "stock") -> None:
    """Steps of the schedule until a run of a pull is over."""
    before = len(recorded(world, what))
    for _ in range(100):
        world.engine.schedule.step()
        if len(recorded(world, what)) > before:
            return
    raise AssertionError(f"the run of {what} never ends")


def test_two_who_ask_at_once_have_one_run(shop: Shop) -> None:
    world = shop.world
    counting(shop, SOME)
    shop.quickbooks.add_fault("slow", operation="query Item", seconds=0.5, times=0)
    settings = world.home / "settings"
    settings.write_text("".join(f"{name}={value}\n" for name, value in environment(world.settings).items()))
    runs, before, together = len(recorded(world, "stock")), pages(shop), Barrier(2)

    def asks(who: str) -> int:
        session = Session(SystemClock())
        session.env_file, session.actor = settings, who
        session.connections()  # its engine is open: both ask within one slow page
        together.wait()
        return int(program.main(["--as", who, *STOCK], obj=session, standalone_mode=False) or 0)

    with ThreadPoolExecutor(2) as both:
        ended = list(both.map(asks, ("ann", "ben")))

    [run] = recorded(world, "stock")[runs:]
    assert ended == [0, 0] and pages(shop) - before == 2
    assert (run.read, run.metered_reads, run.complete) == (SOME, 2, True) and run.asked_by in ("ann", "ben")


def test_who_asks_while_a_run_is_under_way_joins_it(shop: Shop) -> None:
    world, before = shop.world, pages(shop)
    counting(shop, SOME)
    world.engine.schedule.ask(CONNECTION, "stock", "ann")
    world.engine.schedule.now(CONNECTION, "stock", "ann")
    [under_way] = [one for one in told(world, "runs")[0]["under_way"] if one["what"] == "stock"]

    said = done(world, "--as", "ben", *STOCK)

    assert (under_way["asked_by"], under_way["read"]) == ("ann", 1_000)
    assert said.startswith("stock: joined the run that began at 2")
    assert f"stock: {SOME} read, {SOME} changed, 0 held, 2 QuickBooks reads" in said
    assert pages(shop) - before == 2 and recorded(world, "stock")[-1].asked_by == "ann"


def test_what_was_asked_for_and_is_over_is_not_begun_once_more(shop: Shop) -> None:
    schedule = shop.world.engine.schedule
    schedule.ask(CONNECTION, "stock", "ann")
    first, before = schedule.asked_for(CONNECTION, "stock", "ann"), pages(shop)

    assert first is not None and first.complete
    assert schedule.asked_for(CONNECTION, "stock", "ben") is None and pages(shop) == before


def test_who_joins_a_run_with_a_clock_that_is_behind_has_no_second_one_begun(shop: Shop) -> None:
    world, before = shop.world, pages(shop)
    schedule, behind = world.engine.schedule, Cursors(world.engine.pool, Behind())
    schedule.ask(CONNECTION, "stock", "ann")
    world.quickbooks.add_fault("slow", operation="query Item", seconds=0.5, times=1)
    with ThreadPoolExecutor(1) as at_it:
        step = at_it.submit(schedule.asked_for, CONNECTION, "stock", "ann")
        until(lambda: pages(shop) > before, "its only page is asked for")
        joined = behind.ask(CONNECTION, "stock", "ben")
        step.result()

    assert joined is not None
    assert schedule.asked_for(CONNECTION, "stock", "ben") is None and pages(shop) - before == 1


class TakenAtOnce(Log):
    """Somebody else takes up the next page of the run in the moment in which this one is kept."""

    takes: Callable[[], Task | None] = staticmethod(lambda: None)
    taken: Task | None = None

    def append(self, entries: Sequence[Entry], cause: Cause, also: Sequence[Statement] = ()) -> list[Recorded]:
        done = super().append(entries, cause, also)
        self.taken = self.taken or self.takes()
        return done


def test_who_has_taken_the_next_page_keeps_it(shop: Shop) -> None:
    world = shop.world
    counting(shop, SOME)
    others = world.engine.schedule
    log = world.restarted_engine(make_log=TakenAtOnce).log
    assert isinstance(log, TakenAtOnce)
    log.takes = lambda: others.cursors.take_one(CONNECTION, "stock")

    ran = world.engine.schedule.now(CONNECTION, "stock")

    assert ran is not None and not ran.complete and log.taken is not None and log.taken.read == 1_000
    assert others.now(CONNECTION, "stock") is None  # it is still theirs


class Behind(SystemClock):
    """A machine's clock that is half a minute behind."""

    def now(self) -> datetime:
        return super().now() - timedelta(seconds=30)


class Impatient(SystemClock):
    """Whoever waits presses Ctrl-C. The time is the world's: the real one runs ahead of it for as long as the suite takes."""

    def __init__(self, world: World) -> None:
        self._clock = world.clock

    def now(self) -> datetime:
        return self._clock.now()

    def boottime(self) -> float:
        return self._clock.boottime()

    def wait(self, event: Event, seconds: float) -> bool:
        raise KeyboardInterrupt


def test_who_stops_waiting_leaves_the_run_to_whoever_works(shop: Shop) -> None:
    world, before = shop.world, pages(shop)
    world.engine.schedule.cursors.take_one(CONNECTION, "stock")  # somebody is at it

    result = ask(world, *ADMIN, *STOCK, clock=Impatient(world))
    waiting = pages(shop)
    world.move(LONG_AFTER_SECONDS)
    to_the_end(world)

    assert result.exit_code == 130 and "Traceback" not in result.output
    assert waiting == before and recorded(world, "stock")[-1].complete


def test_a_run_that_is_cut_off_is_not_done_and_goes_on_where_it_was(shop: Shop) -> None:
    world = shop.world
    counting(shop, SOME)
    shop.quickbooks.add_fault("status", status=503, body="", operation="query Item", after=1)

    cut = ask(world, *ADMIN, *STOCK)
    after_cut = recorded(world, "stock")[-1]
    before = pages(shop)
    world.move(61)
    to_the_end(world)
    whole = recorded(world, "stock")[-1]

    assert cut.exit_code == 1 and "stock: not to the end. 1000 read so far. " in cut.stdout
    assert after_cut.problem and not after_cut.complete and after_cut.read == 1_000
    assert (whole.complete, whole.read, whole.problem, whole.asked_by) == (True, SOME, "", "admin")
    assert pages(shop) - before == 1


def test_a_killed_run_is_ended_by_another_engine_with_one_page_read_again(shop: Shop) -> None:
    world, before = shop.world, pages(shop)
    counting(shop, MANY)
    world.engine.schedule.ask(CONNECTION, "stock", "admin")
    world.engine.schedule.now(CONNECTION, "stock", "admin")
    world.restarted_engine(make_log=dying_at(2, "before its commit"))
    with pytest.raises(Died):  # in the middle of its page
        world.engine.schedule.now(CONNECTION, "stock", "admin")
    world.engine.close()
    assert pages(shop) - before == 2

    world.restarted_engine()
    world.move(LONG_AFTER_SECONDS)
    to_the_end(world)

    run = recorded(world, "stock")[-1]
    assert run.complete and run.asked_by == "admin" and run.read == MANY
    assert pages(shop) - before == 4  # three pages, the second of them twice
    known = world.rows("SELECT count(*) FROM claims WHERE system = 'quickbooks' AND kind = 'product'")
    assert known == [(MANY + 3,)]  # each once; three were there before
