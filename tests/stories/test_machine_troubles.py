"""Troubles of the machine itself: no connection left, the database away under load, two engines, a clock that is set."""

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from freezegun import freeze_time

from adapters.database import apply_schema, discard, find_or_start, stop
from adapters.wiring import wire
from adapters.wiring.running import Running
from engine.clock import MovableClock, SystemClock
from tests.conftest import free_port
from tests.tables import pending, writes
from tests.world import CONNECTION, NO_LIMITS, World

BLOOM = "Bloom & Co"
LINES = [("VASE-01", 4, "25.00")]
THREADS = ["threading", "queue", "asyncio", "selectors", "uvicorn", "anyio", "psycopg", "psycopg_pool"]
"""Whose waiting must not stand still with the frozen clock: they belong to the servers and pools beneath."""
HARD_LIMIT_TENTHS = 600
"""Tenths of a second after which what should have happened is taken not to happen."""


class HandClock(MovableClock):
    """Moved by hand only: waiting really waits, a little."""

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(min(seconds, 0.05))


@pytest.fixture
def own_server() -> Iterator[Path]:
    """The home of a database server that only this test stops and starts."""
    home = Path(tempfile.mkdtemp(prefix="wizqbo-own-"))
    home.chmod(0o755)
    try:
        yield home
    finally:
        discard(home)
        shutil.rmtree(home, ignore_errors=True)


def until(happened: Callable[[], bool]) -> bool:
    """Looks ten times a second whether it happened."""
    pause = threading.Event()
    return any(happened() or pause.wait(0.1) for _ in range(HARD_LIMIT_TENTHS))


# ---- the database -----------------------------------------------------------------------------------------------------------


def test_while_no_connection_is_left_webhooks_are_asked_to_come_again_and_nothing_is_lost(world: World) -> None:
    pool = world.engine.pool
    held = [pool.getconn() for _ in range(pool.max_size)]
    order = world.wizcommerce.do(world.wizcommerce.standin.confirm_order, "WC-1001", BLOOM, LINES)
    headers = {"X-Webhook-Key": world.settings.wizcommerce_webhook_secret}
    body = {"id": "w-1", "event": "order.created", "timestamp": "1", "data": {"id": order["id"]}}

    answer = httpx.post(f"{world.settings.address}/webhooks/wizcommerce/{CONNECTION}", json=body, headers=headers)
    world.deliver()
    for connection in held:
        pool.putconn(connection)
    world.move(31)
    world.settle()

    assert answer.status_code == 503 and answer.headers["retry-after"]
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1001"]


def test_the_database_is_stopped_and_started_under_load_and_nothing_is_lost_or_doubled(
    own_server: Path, tmp_path: Path
) -> None:
    address = find_or_start(own_server)
    apply_schema(address)
    world = World(address, tmp_path, free_port())
    world.connect()
    world.start()
    world.settle()
    clock = HandClock()
    engine = wire(world.settings, address, clock, budgets=NO_LIMITS)
    running = Running(engine, workers=4).start()
    try:
        for number in range(20):
            world.wizcommerce.confirm_order(f"WC-{4000 + number}", BLOOM, LINES)
            if number in (3, 6, 8):
                world.deliver()
            if number == 7:
                until(lambda: len(world.invoices()) >= 2)
                stop(own_server)

        find_or_start(own_server)
        for _ in range(4):
            clock.move(300)
            world.their_clock.move(300)
            world.deliver()
            until_quiet(world)
        until(lambda: len(world.invoices()) >= 20)
        numbers = sorted(invoice.doc_number for invoice in world.invoices())
    finally:
        running.stop()
        engine.close()
        world.close()

    assert numbers == [f"WC-{4000 + n}" for n in range(20)]


def until_quiet(world: World) -> None:
    """Until no invoice was added for half a second."""
    pause, before = threading.Event(), -1
    while before != (before := len(world.invoices())):
        pause.wait(0.5)


def test_two_engines_at_once_make_one_invoice_an_order(world: World) -> None:
    engines = [wire(world.settings, world.database, world.clock, budgets=NO_LIMITS) for _ in range(2)]
    both = [Running(engine, workers=3).start() for engine in engines]
    try:
        for number in range(20):
            world.wizcommerce.confirm_order(f"WC-{5000 + number}", BLOOM, LINES)
            world.deliver()
        arrived = until(lambda: len(world.invoices()) >= 20)
    finally:
        for running in both:
            running.stop()
        for engine in engines:
            engine.close()
    world.settle()

    assert arrived and sorted(i.doc_number for i in world.invoices()) == [f"WC-{5000 + n}" for n in range(20)]
    assert writes(world) == ["create invoice"] * 20


def test_an_order_that_misses_thousands_of_items_waits_and_everything_else_goes(world: World) -> None:
    missing = [(f"LAMP-{number}", 1, "1.00") for number in range(3000)]
    world.wizcommerce.confirm_order("WC-1001", BLOOM, missing)
    world.wizcommerce.confirm_order("WC-1002", BLOOM, LINES)

    world.settle()

    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1002"]
    assert [status for status, *_ in pending(world)] == ["held"] and "LAMP-2999" in world.where("WC-1001")


# ---- the clock --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [-7200.0, 7200.0])
def test_a_clock_that_is_set_back_or_forwards_loses_and_doubles_nothing(world: World, seconds: float) -> None:
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    world.settle(sending=False)
    world.clock.move(seconds)
    world.settle()
    world.wizcommerce.confirm_order("WC-1002", BLOOM, LINES)
    world.settle()

    world.clock.move(-seconds)
    world.wizcommerce.confirm_order("WC-1003", BLOOM, LINES)
    world.settle()
    world.move(300)
    world.settle()

    assert sorted(invoice.doc_number for invoice in world.invoices()) == ["WC-1001", "WC-1002", "WC-1003"]
    assert writes(world) == ["create invoice"] * 3 and pending(world) == []


def test_polls_go_on_after_the_clock_was_set_back(world: World) -> None:
    world.clock.move(86_400)
    world.settle()
    world.clock.move(-86_400)
    world.wizcommerce.switch(webhooks=False)
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)

    for _ in range(3):
        world.move(61)
        world.settle()

    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1001"]


def test_the_log_keeps_its_order_when_the_system_clock_jumps(world: World) -> None:
    engine = wire(world.settings, world.database, SystemClock(), budgets=NO_LIMITS)

    with freeze_time("2031-03-01 12:00:00", real_asyncio=True, ignore=THREADS):
        engine.people.pause(CONNECTION, "in the far future", "tester")
    engine.people.resume(CONNECTION, "grace")
    engine.close()
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    world.settle()

    rows = world.rows(
        "SELECT event, recorded_at FROM log_readable WHERE event IN ('push-paused', 'push-resumed') ORDER BY position"
    )
    assert [event for event, _ in rows] == ["push-paused", "push-resumed"]
    assert rows[0][1].year == 2031 and rows[1][1] < rows[0][1] - timedelta(days=365)
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1001"]
