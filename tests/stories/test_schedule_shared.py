"""One run of a pull among several engines: nobody reads twice at the same time, and whoever outlasts their lease does no harm."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from adapters.wiring import Engine
from engine.cursors import Task
from engine.domain.events import RunFinished
from engine.log import Cause, Entry, Log, Statement
from tests.crashing import BEFORE_AND_AFTER, LONG_AFTER_SECONDS, Died, MeanwhileLog, Moment, dying_at
from tests.shop import COUNTED, Shop
from tests.world import CONNECTION, World

MANY = 1_005
PAGES = 2


@pytest.fixture
def many(shop: Shop) -> Shop:
    """A company that counts two pages of items, none of which was ever seen."""
    income = {"IncomeAccountRef": {"value": "1"}, "UnitPrice": 5, "QtyOnHand": 7}
    items = [{"Name": f"Item {n}", "Sku": f"SKU-{n:04}", **COUNTED, **income} for n in range(MANY)]
    shop.quickbooks.fill({"items": items})
    return shop


def pages(shop: Shop) -> int:
    """How many pages of items QuickBooks was asked for, by its own log."""
    return sum(call.operation == "query Item" for call in shop.quickbooks.calls.all())


def recorded(world: World, what: str) -> list[RunFinished]:
    """The runs of a pull in the log."""
    sql = "SELECT DISTINCT originator_id FROM log WHERE originator_id LIKE %s"
    streams = sorted(row[0] for row in world.rows(sql, f"run-{CONNECTION}:{what}-%"))
    events = [one.event for stream in streams for one in world.engine.log.read(stream)]
    return [event for event in events if isinstance(event, RunFinished)]


def step(engine: Engine) -> bool:
    """A step of the run of stock, if it is this engine's turn."""
    return engine.schedule.asked_for(CONNECTION, "stock", "admin") is not None


def ask(world: World) -> int:
    """Somebody asks for the stock. Answers with how many runs of it there were."""
    runs = len(recorded(world, "stock"))
    world.engine.schedule.ask(CONNECTION, "stock", "admin")
    return runs


def whole(run: RunFinished) -> tuple[bool, int, int]:
    return run.complete, run.read, run.metered_reads


# ---- at the same time ----------------------------------------------------------------------------------------------------


def test_two_engines_that_take_turns_make_one_run(many: Shop) -> None:
    world, before = many.world, pages(many)
    runs = ask(world)
    first, second = world.engine, world.restarted_engine()

    turns = [step(engine) for _ in range(PAGES) for engine in (first, second)]

    [run] = recorded(world, "stock")[runs:]
    assert turns == [True] * PAGES + [False] * PAGES
    assert whole(run) == (True, MANY, PAGES) and pages(many) - before == PAGES


def test_two_engines_that_work_at_once_make_one_run(many: Shop) -> None:
    world, before = many.world, pages(many)
    many.quickbooks.add_fault("slow", operation="query Item", seconds=0.05, times=0)
    runs = ask(world)
    engines = [world.engine, world.restarted_engine()]

    def works(engine: Engine) -> None:
        while len(recorded(world, "stock")) == runs:
            step(engine)

    with ThreadPoolExecutor(2) as both:
        list(both.map(works, engines))

    [run] = recorded(world, "stock")[runs:]
    assert whole(run) == (True, MANY, PAGES) and pages(many) - before == PAGES


class LetsGoLog(Log):
    """Lets `meanwhile` happen once, just after it has kept a page."""

    meanwhile: Callable[[], object] | None = None

    def append(self, entries: Sequence[Entry], cause: Cause, also: Sequence[Statement] = ()) -> Any:
        done = super().append(entries, cause, also)
        meanwhile, self.meanwhile = (None, self.meanwhile) if not also else (self.meanwhile, None)
        if meanwhile is not None:
            meanwhile()
        return done


def test_who_takes_the_next_page_the_moment_one_is_kept_keeps_it(many: Shop) -> None:
    world = many.world
    ask(world)
    theirs: list[Task | None] = []
    other = world.engine.schedule.cursors

    def make(*parts: Any) -> Log:
        log = LetsGoLog(*parts)
        log.meanwhile = lambda: theirs.append(other.take_one(CONNECTION, "stock"))
        return log

    step(world.restarted_engine(make_log=make))

    [task] = theirs
    assert task is not None and task.read == 1_000
    assert other.take_one(CONNECTION, "stock") is None


# ---- outlasted -----------------------------------------------------------------------------------------------------------


def test_who_wakes_after_another_has_ended_the_run_moves_nothing(many: Shop) -> None:
    world = many.world
    cursors = world.engine.schedule.cursors
    runs = ask(world)
    asleep = cursors.take_one(CONNECTION, "stock")
    assert asleep is not None
    world.move(LONG_AFTER_SECONDS)
    while step(world.engine):
        pass
    standing = world.rows("SELECT * FROM cursors WHERE what = 'stock'")

    kept = replace(asleep, read=1_000, metered=1)
    cursors.run(cursors.goes_on(kept, "a page of the run that is over", kept.due_at))
    cursors.run(cursors.ended(kept, "", world.clock.now() + timedelta(minutes=15), quiet=True))

    [run] = recorded(world, "stock")[runs:]
    assert run.complete and world.rows("SELECT * FROM cursors WHERE what = 'stock'") == standing


def test_a_run_is_recorded_once_though_two_believe_that_they_ended_it(many: Shop) -> None:
    world = many.world
    runs = ask(world)
    step(world.engine)  # all but the last page
    other = world.engine

    def another_ends_it() -> None:
        world.move(LONG_AFTER_SECONDS)
        while step(other):
            pass

    def make(*parts: Any) -> Log:
        log = MeanwhileLog(*parts)
        log.at, log.meanwhile = RunFinished, another_ends_it
        return log

    step(world.restarted_engine(make_log=make))

    [run] = recorded(world, "stock")[runs:]
    assert run.complete and run.read == MANY
    assert world.rows("SELECT started_at, leased_until, read FROM cursors WHERE what = 'stock'") == [(None, None, 0)]


# ---- killed --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", BEFORE_AND_AFTER)
@pytest.mark.parametrize("nth", [1, 5, 6, 7])
def test_killed_anywhere_a_run_is_ended_by_another_engine_and_counts_what_it_cost(
    many: Shop, nth: int, moment: Moment
) -> None:
    world, before = many.world, pages(many)
    runs = ask(world)
    dying = world.restarted_engine(make_log=dying_at(nth, moment))
    with pytest.raises(Died):
        while step(dying):
            pass
    dying.close()

    world.restarted_engine()
    world.move(LONG_AFTER_SECONDS)
    while step(world.engine):
        pass

    [run] = recorded(world, "stock")[runs:]
    asked = pages(many) - before
    assert run.complete and run.read == MANY and asked <= PAGES + 1
    assert run.metered_reads == asked
