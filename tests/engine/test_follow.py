"""Followers: in order, in batches, one leader each, and back at work by themselves when the database comes back."""

import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from engine.clock import MovableClock
from engine.domain.events import Event, Reconsidered, Recorded
from engine.follow import BATCH, Leader, ProjectionFollower, Wake, loop, tracked
from engine.log import AnotherLeader, Cause, Entry, Log, Statement
from engine.surroundings import Pool
from tests.sealing import Turner

CAUSE = Cause(causation_id="a test", correlation_id="c-1")


class Notes:
    """A projection of the tests: one row an event. `before_rows` is called once, in the middle of the first step."""

    name = "notes"

    def __init__(self, before_rows: Callable[[], object] = lambda: None) -> None:
        self._before_rows = before_rows

    def clear(self) -> list[Statement]:
        return [("DELETE FROM notes", ())]

    def rows(self, recorded: Recorded) -> list[Statement]:
        self._before_rows()
        self._before_rows = lambda: None
        return [("INSERT INTO notes (position) VALUES (%s)", (recorded.position,))]


class Faulty(Notes):
    """A projection with a bug in its third row."""

    def rows(self, recorded: Recorded) -> list[Statement]:
        if recorded.version == 3:
            raise ZeroDivisionError
        return super().rows(recorded)


@pytest.fixture
def pool(database: str) -> Iterator[Pool]:
    with ConnectionPool(database, min_size=1, max_size=6, kwargs={"autocommit": True}) as opened:
        with opened.connection() as c:
            c.execute("CREATE TABLE notes (position bigint PRIMARY KEY)")
        yield opened


@pytest.fixture
def log(database: str) -> Iterator[Log]:
    opened = Log(database, MovableClock(), Turner(), [])
    yield opened
    opened.close()


def append(log: Log, count: int) -> list[int]:
    events: list[Event] = [Reconsidered(because=str(n)) for n in range(count)]
    entry = Entry(stream=f"order-acme:{uuid4()}", version=0, events=events)
    return [r.position for r in log.append([entry], CAUSE)]


def notes(pool: Pool) -> list[int]:
    with pool.connection() as c:
        return [row[0] for row in c.execute("SELECT position FROM notes ORDER BY position")]


def end_sessions(database: str, like: str) -> int:
    with psycopg.connect(database, autocommit=True) as c:
        ended = c.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND query ILIKE %s",
            (like,),
        ).fetchall()
    return len(ended)


def until(holds: Callable[[], Any]) -> None:
    """Waits for what another thread does, at most ten seconds."""
    for _ in range(1000):
        if holds():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came to be")


# ---- a projection's follower ---------------------------------------------------------------------------------------------


def test_a_follower_projects_everything_once_in_batches(log: Log, pool: Pool) -> None:
    follower = ProjectionFollower(Notes(), log, pool)
    positions = append(log, BATCH + 3)

    steps = [follower.step() for _ in range(3)]
    more = append(log, 2)
    steps.append(follower.step())

    assert steps == [BATCH, 3, 0, 2]
    assert notes(pool) == positions + more
    assert tracked(pool, "notes") == more[-1]


def test_a_projection_that_fails_stops_loudly_and_leaves_no_half_batch(log: Log, pool: Pool) -> None:
    append(log, 5)

    with pytest.raises(ZeroDivisionError):
        ProjectionFollower(Faulty(), log, pool).step()

    assert notes(pool) == []
    assert tracked(pool, "notes") == 0


def test_two_leaders_cannot_both_move_on_from_one_place(log: Log, pool: Pool) -> None:
    first = append(log, 2)
    second: list[int] = []
    follower = ProjectionFollower(Notes(), log, pool)
    follower.step()
    append(log, 1)
    overtaken = Overtaken(Notes(), log, pool, follower)

    with pytest.raises(AnotherLeader, match="notes is not at position"):
        overtaken.step()

    second = notes(pool)
    assert len(second) == 3 and second[:2] == first
    assert follower.step() == 0


class Overtaken(ProjectionFollower):
    """A follower that another one overtakes between its reading and its writing."""

    def __init__(self, projection: Notes, log: Log, pool: Pool, other: ProjectionFollower) -> None:
        super().__init__(projection, Slow(log, other), pool)  # type: ignore[arg-type]


class Slow:
    """A log whose reader is stopped for as long as another follower needs for a step."""

    def __init__(self, log: Log, other: ProjectionFollower) -> None:
        self._log = log
        self._other = other

    def since(self, position: int, limit: int) -> list[Recorded]:
        batch = self._log.since(position, limit)
        self._other.step()
        return batch


def test_a_rebuild_gives_what_following_gave_and_following_goes_on_behind_it(log: Log, pool: Pool) -> None:
    follower = ProjectionFollower(Notes(), log, pool)
    positions = append(log, BATCH + 20)
    follower.step()
    with pool.connection() as c:
        c.execute("DELETE FROM notes WHERE position % 2 = 0")
        c.execute("INSERT INTO notes VALUES (-1)")

    count = follower.rebuild()
    followed_after = follower.step()

    assert (count, followed_after) == (BATCH + 20, 0)
    assert notes(pool) == positions
    assert tracked(pool, "notes") == positions[-1]


def test_a_rebuild_of_an_empty_log_gives_an_empty_table(log: Log, pool: Pool) -> None:
    assert ProjectionFollower(Notes(), log, pool).rebuild() == 0
    assert notes(pool) == []


def test_a_step_and_a_rebuild_that_meet_do_not_lock_each_other_out(database: str, log: Log, pool: Pool) -> None:
    positions = append(log, 3)
    rebuilding: list[threading.Thread] = []

    def rebuild_meanwhile() -> None:
        rebuilding.append(threading.Thread(target=ProjectionFollower(Notes(), log, pool).rebuild))
        rebuilding[0].start()
        until(lambda: waiting(database))

    ProjectionFollower(Notes(rebuild_meanwhile), log, pool).step()
    rebuilding[0].join()

    assert notes(pool) == positions
    assert tracked(pool, "notes") == positions[-1]


def waiting(database: str) -> bool:
    with psycopg.connect(database, autocommit=True) as c:
        return bool(c.execute("SELECT pid FROM pg_locks WHERE NOT granted").fetchall())


# ---- leaders -------------------------------------------------------------------------------------------------------------


def test_one_leads_and_another_takes_over_when_the_first_ones_session_dies(database: str) -> None:
    first, second = Leader("notes", database), Leader("notes", database)
    before = [first.leads(), second.leads(), first.leads()]

    end_sessions(database, "SELECT 1")
    after = second.leads()
    with pytest.raises(psycopg.OperationalError):
        first.leads()  # it learns that it leads no more before it does anything

    assert before == [True, False, True]
    assert after and not first.leads()
    second.close()
    assert first.leads()
    first.close()


def test_leaders_of_different_followers_do_not_meet(database: str) -> None:
    one, two = Leader("notes", database), Leader("mapping", database)

    assert one.leads() and two.leads()

    one.close()
    two.close()


# ---- waking --------------------------------------------------------------------------------------------------------------


def test_an_append_wakes_a_sleeper_and_so_does_one_after_the_listening_session_was_killed(
    database: str, log: Log
) -> None:
    wake = Wake(database, ("log",))
    woken, others = wake.subscribe("log"), wake.subscribe("signals")
    thread = threading.Thread(target=wake.run, args=(MovableClock(),))
    thread.start()
    assert woken.wait(10)  # it listens
    woken.clear()
    others.clear()

    append(log, 1)
    by_append = woken.wait(10)
    not_for_others = others.is_set()
    woken.clear()
    ended = end_sessions(database, "LISTEN%")
    by_loss = woken.wait(10)
    until(lambda: listening(database))
    woken.clear()
    append(log, 1)
    by_append_again = woken.wait(10)
    wake.stop()
    thread.join(10)

    assert (by_append, not_for_others, ended, by_loss, by_append_again) == (True, False, 1, True, True)
    assert not thread.is_alive()


def listening(database: str) -> bool:
    with psycopg.connect(database, autocommit=True) as c:
        sql = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%'"
        return bool(c.execute(sql).fetchall())


def never_said(name: str, error: Exception | None) -> None:
    raise AssertionError(f"{name} failed") from error


# ---- loops ---------------------------------------------------------------------------------------------------------------


def test_a_loop_steps_until_nothing_moves_and_again_when_it_is_woken() -> None:
    woken, stop = threading.Event(), threading.Event()
    answers = [3, 2, 0, 1, 0]
    asked: list[int] = []

    def step() -> int:
        asked.append(answers[len(asked)])
        if len(asked) == len(answers):
            stop.set()
        elif asked[-1] == 0:
            threading.Timer(0.05, woken.set).start()
        return asked[-1]

    loop("test", step, woken, stop, MovableClock(), 30, never_said)

    assert asked == answers


def test_a_loop_waits_while_the_database_is_away_and_goes_on_afterwards() -> None:
    woken, stop = threading.Event(), threading.Event()
    seen: list[str] = []

    def step() -> bool:
        if not seen:
            seen.append("away")
            psycopg.connect("host=/nowhere/at/all connect_timeout=1")
        seen.append("back")
        stop.set()
        return False

    loop("test", step, woken, stop, MovableClock(), 30, never_said)

    assert seen == ["away", "back"]


def test_a_loop_that_meets_a_bug_says_so_and_does_not_go_on_as_if_nothing_were() -> None:
    stop = threading.Event()
    told: list[tuple[str, Exception | None]] = []
    steps: list[int] = []

    def step() -> bool:
        steps.append(1)
        raise ZeroDivisionError

    def say(name: str, error: Exception | None) -> None:
        told.append((name, error))
        stop.set()

    loop("test", step, threading.Event(), stop, MovableClock(), 30, say)

    [(name, error)] = told
    assert name == "test" and isinstance(error, ZeroDivisionError)
    assert len(steps) == 1


def test_a_follower_under_its_loop_survives_the_loss_of_every_session(database: str, log: Log, pool: Pool) -> None:
    woken, stop = threading.Event(), threading.Event()
    leader, follower = Leader("notes", database), ProjectionFollower(Notes(), log, pool)
    arguments = ("notes", lambda: leader.leads() and follower.step(), woken, stop, MovableClock(), 0.02, never_said)
    run = threading.Thread(target=loop, args=arguments)

    run.start()
    try:
        positions = append(log, 2)
        until(lambda: noted(database) == positions)
        end_sessions(database, "%")
        positions += append(log, 2)
        until(lambda: noted(database) == positions)
    finally:
        stop.set()
        run.join(10)
        leader.close()

    assert noted(database) == positions


def noted(database: str) -> list[int]:
    with psycopg.connect(database, autocommit=True) as c:
        return [row[0] for row in c.execute("SELECT position FROM notes ORDER BY position")]
