"""The limiter on a real PostgreSQL: never more than allowed, over threads and over processes."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from engine.clock import MovableClock, SystemClock
from engine.limits import QUICKBOOKS, WIZCOMMERCE, Budget, Limits, Pool
from engine.ports import Unavailable

WIDE = Limits(
    at_once=10, per_second=1000, second_burst=1000, per_minute=60000, minute_burst=1000, lease_seconds=160
)  # only the places bind
ONE_PLACE = Limits(
    at_once=1, per_second=1000, second_burst=1000, per_minute=60000, minute_burst=1000, lease_seconds=160
)


@pytest.fixture
def pool(database: str) -> Iterator[Pool]:
    with ConnectionPool(database, min_size=1, max_size=16, kwargs={"autocommit": True}) as opened:
        yield opened


def leases(pool: Pool) -> int:
    with pool.connection() as db:
        row = db.execute("SELECT count(*) FROM call_leases").fetchone()
    assert row is not None
    return int(row[0])


def most_in_window(moments: list[float], seconds: float) -> int:
    moments = sorted(moments)
    return max(sum(1 for one in moments if first <= one < first + seconds) for first in moments)


def test_a_quiet_connection_may_call_its_burst_at_once_and_then_waits_for_its_rate(pool: Pool) -> None:
    clock = MovableClock()
    budget = Budget(pool, clock)
    began = clock.now()
    taken = []
    for _ in range(12):
        with budget.call("acme", "quickbooks"):
            taken.append((clock.now() - began).total_seconds())
    burst = int(QUICKBOOKS.second_burst)
    assert burst == 1 and taken[burst - 1] < 0.1 < taken[burst]
    assert taken[-1] == pytest.approx((12 - burst) / QUICKBOOKS.per_second, abs=0.2)


def test_no_second_and_no_minute_ever_holds_more_than_rate_plus_burst(pool: Pool) -> None:
    clock = MovableClock()
    budget = Budget(pool, clock)
    began = clock.now()
    moments = []
    for _ in range(700):
        with budget.call("acme", "quickbooks"):
            moments.append((clock.now() - began).total_seconds())
    assert most_in_window(moments, 1) <= 9
    assert most_in_window(moments, 60) <= 490
    assert moments[-1] < 700 / 420 * 60 + 5  # and no slower than it need be


def test_the_minute_counts_even_where_the_second_would_allow_more(pool: Pool) -> None:
    clock = MovableClock()
    few = Limits(at_once=9, per_second=50, second_burst=9, per_minute=60, minute_burst=20, lease_seconds=160)
    budget = Budget(pool, clock, {"quickbooks": few})
    began = clock.now()
    moments = []
    for _ in range(150):
        with budget.call("acme", "quickbooks"):
            moments.append((clock.now() - began).total_seconds())
    assert most_in_window(moments, 60) <= 80
    assert moments[-1] == pytest.approx(130, abs=3)


def test_a_long_quiet_time_saves_up_no_more_than_the_burst(pool: Pool) -> None:
    clock = MovableClock()
    slow = Limits(at_once=9, per_second=0.1, second_burst=2, per_minute=60, minute_burst=9, lease_seconds=160)
    budget = Budget(pool, clock, {"quickbooks": slow})
    for quiet_seconds in (0.0, 3600.0):
        clock.move(quiet_seconds)
        for wanted_seconds in (0, 0, 10):
            began = clock.now()
            with budget.call("acme", "quickbooks"):
                assert (clock.now() - began).total_seconds() == pytest.approx(wanted_seconds, abs=3)


def test_wizcommerce_has_its_own_smaller_budget(pool: Pool) -> None:
    budget = Budget(pool, MovableClock())
    with ExitStack() as held:
        for _ in range(WIZCOMMERCE.at_once):
            held.enter_context(budget.call("acme", "wizcommerce"))
        with budget.call("acme", "quickbooks"), budget.call("other", "wizcommerce"):
            assert leases(pool) == WIZCOMMERCE.at_once + 2
    assert leases(pool) == 0


class Patient(SystemClock):
    """A clock on which waiting ends only when somebody wakes the waiter, or much later."""

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(20)


def test_the_eleventh_call_waits_until_one_of_ten_ends_and_is_woken_then(pool: Pool) -> None:
    budget = Budget(pool, Patient(), {"quickbooks": WIDE})
    entered, leave = threading.Event(), threading.Event()

    def eleventh() -> None:
        with budget.call("acme", "quickbooks"):
            entered.set()
            leave.wait(10)

    with ExitStack() as held:
        first = ExitStack()
        first.enter_context(budget.call("acme", "quickbooks"))
        for _ in range(9):
            held.enter_context(budget.call("acme", "quickbooks"))
        waiting = threading.Thread(target=eleventh)
        waiting.start()
        assert not entered.wait(0.4)
        first.close()
        assert entered.wait(2)
        assert leases(pool) == 10
        leave.set()
        waiting.join()
    assert leases(pool) == 0


def test_a_call_that_could_only_go_after_its_deadline_is_told_when_it_could(pool: Pool) -> None:
    clock = MovableClock()
    slow = Limits(at_once=5, per_second=0.1, second_burst=1, per_minute=60, minute_burst=10, lease_seconds=160)
    budget = Budget(pool, clock, {"quickbooks": slow})
    with budget.call("acme", "quickbooks", deadline=clock.boottime() + 5):
        pass
    with pytest.raises(Unavailable) as late, budget.call("acme", "quickbooks", deadline=clock.boottime() + 5):
        pytest.fail("it was allowed")
    assert late.value.not_before is not None and not late.value.ran
    assert timedelta(seconds=8) < late.value.not_before - clock.now() < timedelta(seconds=11)
    with budget.call("acme", "quickbooks", deadline=clock.boottime() + 15):
        pass


def test_ten_calls_that_never_end_make_the_next_give_up_at_its_deadline(pool: Pool) -> None:
    clock = MovableClock()
    budget = Budget(pool, clock, {"quickbooks": WIDE})
    with ExitStack() as held:
        for _ in range(10):
            held.enter_context(budget.call("acme", "quickbooks"))
        with pytest.raises(Unavailable), budget.call("acme", "quickbooks", deadline=clock.boottime() + 3):
            pytest.fail("it was allowed")
        assert leases(pool) == 10


def test_the_places_of_a_killed_process_come_back_when_their_leases_run_out(pool: Pool) -> None:
    clock = MovableClock()
    expires_at = clock.now() + timedelta(seconds=160)
    with pool.connection() as db:
        for _ in range(10):
            db.execute(
                "INSERT INTO call_leases (connection, system, expires_at) VALUES ('acme', 'quickbooks', %s)",
                (expires_at,),
            )
    budget = Budget(pool, clock, {"quickbooks": WIDE})
    began = clock.now()
    with budget.call("acme", "quickbooks"):
        assert timedelta(seconds=159) < clock.now() - began < timedelta(seconds=163)
        assert leases(pool) == 1


def test_a_call_that_fails_gives_its_place_back(pool: Pool) -> None:
    budget = Budget(pool, MovableClock())
    with pytest.raises(RuntimeError, match="broke"), budget.call("acme", "quickbooks"):
        raise RuntimeError("it broke")
    assert leases(pool) == 0 and not budget._waiting


@pytest.mark.parametrize("seconds", [-3, -3600])
def test_a_clock_set_back_neither_stops_the_calls_nor_fills_the_bucket(pool: Pool, seconds: float) -> None:
    clock = MovableClock()
    budget = Budget(pool, clock)
    for _ in range(2):
        with budget.call("acme", "quickbooks"):
            pass
    clock.move(seconds)
    began = clock.boottime()
    with budget.call("acme", "quickbooks"):
        assert 0.05 < clock.boottime() - began < 10


def test_two_machines_whose_clocks_differ_a_little_share_one_bucket(pool: Pool) -> None:
    ahead, behind = MovableClock(), MovableClock()
    behind.move(-2)
    fast, slow = Budget(pool, ahead), Budget(pool, behind)
    for budget in (fast, slow):
        with budget.call("acme", "quickbooks"):
            pass
    for clock, budget in ((behind, slow), (ahead, fast), (behind, slow), (ahead, fast)):
        with pytest.raises(Unavailable), budget.call("acme", "quickbooks", deadline=clock.boottime() + 0.02):
            pytest.fail("the difference of the clocks filled the bucket")


def test_a_lease_from_before_the_clock_was_set_back_does_not_last_for_ever(pool: Pool) -> None:
    clock = MovableClock()
    clock.move(3600)
    budget = Budget(pool, clock, {"quickbooks": ONE_PLACE})
    left_open = budget.call("acme", "quickbooks")
    left_open.__enter__()
    clock.move(-3600)
    began = clock.now()
    with budget.call("acme", "quickbooks"):
        assert clock.now() - began < timedelta(seconds=165)
    left_open.__exit__(None, None, None)


def test_a_row_that_somebody_keeps_locked_holds_no_caller_beyond_its_deadline(pool: Pool, database: str) -> None:
    clock = SystemClock()
    budget = Budget(pool, clock)
    with budget.call("acme", "quickbooks"):
        pass
    with closing(psycopg.connect(database)) as stopped:
        stopped.execute("SELECT * FROM budgets FOR UPDATE")  # and then nothing more
        with pytest.raises(Unavailable), budget.call("acme", "quickbooks", deadline=clock.boottime() + 1):
            pytest.fail("it was allowed, uncounted")
    with budget.call("acme", "quickbooks", deadline=clock.boottime() + 8):
        assert leases(pool) == 1


def test_leave_that_waited_for_the_row_is_counted_when_it_is_given(pool: Pool, database: str) -> None:
    """Else what queued up behind a slow moment would be given, all at once, leave of the time it had waited."""
    clock = SystemClock()
    budget = Budget(pool, clock)
    with budget.call("acme", "quickbooks"):
        pass
    with closing(psycopg.connect(database)) as slow, ThreadPoolExecutor(1) as other:
        slow.execute("SELECT * FROM budgets FOR UPDATE")
        waiting = other.submit(lambda: budget.call("acme", "quickbooks").__enter__())
        until_one_waits(pool)
        threading.Event().wait(0.3)  # so long it waits for the row
        given_after = clock.now()
        slow.rollback()
        waiting.result(10)
    with pool.connection() as db:
        row = db.execute("SELECT counted_at FROM budgets").fetchone()
    assert row is not None and row[0] >= given_after - timedelta(seconds=0.1)


def until_one_waits(pool: Pool) -> None:
    """Until a session waits for a lock of another one."""
    clock = SystemClock()
    until = clock.boottime() + 10
    with pool.connection() as db:
        while not db.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'").fetchone():
            assert clock.boottime() < until, "nobody waits for a lock"


def test_without_our_database_nothing_is_called(database: str) -> None:
    with ConnectionPool(database, min_size=1, max_size=1, timeout=0.3, kwargs={"autocommit": True}) as ended:
        budget = Budget(ended, SystemClock())
    with pytest.raises(Unavailable) as away, budget.call("acme", "quickbooks"):
        pytest.fail("it was allowed")
    assert away.value.code == "our-database" and not away.value.ran


def test_many_threads_at_once_stay_within_places_and_rate(pool: Pool) -> None:
    few = Limits(at_once=3, per_second=50, second_burst=5, per_minute=6000, minute_burst=100, lease_seconds=160)
    budget = Budget(pool, SystemClock(), {"quickbooks": few})
    clock, lock = SystemClock(), threading.Lock()
    inside, peak, moments = 0, 0, []

    def call(_: int) -> None:
        nonlocal inside, peak
        with budget.call("acme", "quickbooks"):
            with lock:
                inside += 1
                peak = max(peak, inside)
                moments.append(clock.boottime())
            threading.Event().wait(0.02)
            with lock:
                inside -= 1

    with ThreadPoolExecutor(12) as workers:
        list(workers.map(call, range(60)))
    assert peak == 3
    assert most_in_window(moments, 0.5) <= 50 * 0.5 + 5 + 3  # three: what is begun a little after its leave
    assert leases(pool) == 0


PROCESS = """
import os, sys, threading
from psycopg_pool import ConnectionPool
from engine.clock import SystemClock
from engine.limits import Budget, Limits
limits = Limits(at_once=4, per_second=40, second_burst=4, per_minute=6000, minute_burst=100, lease_seconds=160)
with ConnectionPool(sys.argv[1], min_size=1, max_size=6, kwargs={"autocommit": True}) as pool:
    clock = SystemClock()
    budget = Budget(pool, clock, {"quickbooks": limits})
    def calls():
        for _ in range(5):
            with budget.call("acme", "quickbooks"):
                began = clock.boottime()
                threading.Event().wait(0.03)
                os.write(1, f"{began} {clock.boottime()}\\n".encode())  # whole, whoever else writes
    threads = [threading.Thread(target=calls) for _ in range(6)]
    [one.start() for one in threads]
    [one.join() for one in threads]
"""


def test_two_processes_together_stay_within_places_and_rate(database: str, pool: Pool) -> None:
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-W", "error", "-c", PROCESS, database]
    running = [subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    printed = [one.communicate(timeout=60)[0] for one in running]
    assert [one.returncode for one in running] == [0, 0]
    calls = [tuple(map(float, line.split())) for text in printed for line in text.splitlines()]
    assert len(calls) == 60
    assert max(sum(1 for began, ended in calls if began <= at < ended) for at, _ in calls) == 4
    assert most_in_window([began for began, _ in calls], 0.5) <= 40 * 0.5 + 4 + 4
    assert leases(pool) == 0
