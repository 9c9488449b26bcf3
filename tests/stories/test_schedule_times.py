"""What was missed is caught up once, a changed time holds at once, and a problem ends when the pull goes well."""

from datetime import datetime, timedelta

import pytest

from adapters.standin.faults import FaultRule
from engine.domain.events import RunFinished
from engine.domain.timetable import zone_named
from tests.shop import Shop
from tests.world import CONNECTION, World


def recorded(world: World, what: str) -> list[RunFinished]:
    """The runs of a pull in the log."""
    sql = "SELECT DISTINCT originator_id FROM log WHERE originator_id LIKE %s"
    streams = sorted(row[0] for row in world.rows(sql, f"run-{CONNECTION}:{what}-%"))
    events = [one.event for stream in streams for one in world.engine.log.read(stream)]
    return [event for event in events if isinstance(event, RunFinished)]


def due(world: World, what: str) -> datetime:
    [(at,)] = world.rows("SELECT due_at FROM cursors WHERE what = %s", what)
    assert isinstance(at, datetime)
    return at


# ---- missed --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [5, 30])  # behind 29, what was deleted is found by reading everything
def test_after_days_without_an_engine_each_pull_is_run_once(shop: Shop, days: int) -> None:
    world, pulls = shop.world, ("stock", "products", "changes", "everything", "facts")
    before = {what: len(recorded(world, what)) for what in pulls}

    world.move(timedelta(days=days, hours=3).total_seconds())
    world.settle()

    assert {what: len(recorded(world, what)) - before[what] for what in pulls} == dict.fromkeys(pulls, 1)
    assert all(run.complete for what in pulls for run in recorded(world, what))
    assert all(due(world, what) > world.clock.now() for what in pulls)


def test_an_idle_hour_is_as_many_runs_as_the_table_says_and_each_says_when_the_next_one_is(shop: Shop) -> None:
    world = shop.world
    world.settle()
    before = {what: len(recorded(world, what)) for what in ("stock", "changes", "products", "orders", "shop-stock")}

    for _ in range(65):
        world.move(61)
        world.settle()

    runs = {what: recorded(world, what)[before[what] :] for what in before}
    assert {what: len(found) for what, found in runs.items()} == {
        "stock": 4,
        "changes": 4,
        "products": 2,
        "orders": 0,  # it costs nothing and found nothing
        "shop-stock": 0,
    }
    assert all(run.complete and run.metered_reads == 1 and not run.changed for found in runs.values() for run in found)
    last = runs["stock"][-1]
    assert last.next_at == due(world, "stock") and last.started_at is not None
    assert last.next_at - last.started_at < timedelta(minutes=16)


# ---- chosen --------------------------------------------------------------------------------------------------------------


def choose(world: World, what: str, text: str) -> datetime | None:
    world.engine.decisions.choose_setting(CONNECTION, f"schedule-{what}", text, "admin")
    return world.engine.schedule.rescheduled(CONNECTION, what)


def of_day(world: World, hours: float) -> str:
    """The company's time of day in so many hours."""
    there = (world.clock.now() + timedelta(hours=hours)).astimezone(zone_named("America/Los_Angeles"))
    return f"{there:%H:%M}"


def test_quiet_hours_hold_for_the_run_that_is_due_already(shop: Shop) -> None:
    world = shop.world
    quiet = f"{of_day(world, -1)}-{of_day(world, 2)}"

    chosen = choose(world, "stock", f"15m quiet {quiet}")
    runs = len(recorded(world, "stock"))
    world.move(3_600)
    world.settle()

    assert chosen == due(world, "stock") and len(recorded(world, "stock")) == runs
    assert timedelta(minutes=59) < chosen - world.clock.now() + timedelta(minutes=1) <= timedelta(minutes=61)


def test_a_time_of_day_replaces_what_was_due_and_the_default_comes_back_at_once(shop: Shop) -> None:
    world = shop.world
    in_an_hour, now = of_day(world, 1), world.clock.now()

    daily = choose(world, "stock", f"daily {in_an_hour}")
    back = choose(world, "stock", "")

    assert daily is not None and timedelta(minutes=58) < daily - now < timedelta(minutes=66)
    assert back is not None and back - now < timedelta(minutes=16) and due(world, "stock") == back


def test_a_run_under_way_goes_on_whatever_is_chosen_meanwhile(shop: Shop) -> None:
    world = shop.world
    world.engine.schedule.ask(CONNECTION, "stock", "admin")
    assert world.engine.schedule.cursors.take_one(CONNECTION, "stock", "admin") is not None
    was = due(world, "stock")

    choose(world, "stock", f"daily {of_day(world, 1)}")

    assert due(world, "stock") == was


# ---- problems ------------------------------------------------------------------------------------------------------------


def test_a_problem_of_before_midnight_ends_when_the_pull_goes_well_after_it(shop: Shop) -> None:
    world, faults = shop.world, shop.world.wizcommerce.standin.faults
    midnight = world.clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    world.move((midnight - world.clock.now()).total_seconds() - 30)
    world.settle()
    world.wizcommerce.do(faults.add, FaultRule("status", status=503, operation="^list orders", times=0))
    shop.pull("orders")
    world.wizcommerce.do(faults.clear)
    [cut] = recorded(world, "orders")[-1:]

    world.move(120)
    world.settle()
    world.move(120)
    world.settle()

    [well] = recorded(world, "orders")[-1:]
    assert cut.problem and not cut.complete and well.complete and not well.problem
    assert world.rows("SELECT note, count FROM health WHERE topic = 'run-finished:orders'") == [
        ("", len(recorded(world, "orders")))
    ]
    assert recorded(world, "orders")[-2] == cut  # said once, and that it is over once
