"""What the database itself guarantees about the log, whoever writes to it."""

import threading
from collections.abc import Callable, Iterator
from typing import Any, LiteralString
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError

from engine.clock import MovableClock
from engine.domain.events import Event, Reconsidered
from engine.follow import advance
from engine.log import AWAY, AnotherLeader, Cause, Entry, Log, Statement
from tests.sealing import Turner

CAUSE = Cause(causation_id="a test", correlation_id="c-1")
BY_HAND = (
    "INSERT INTO log (originator_id, originator_version, topic, state) VALUES "
    "('order-acme:by-hand', 1, 'reconsidered', '{}'), ('order-acme:by-hand', 2, 'reconsidered', '{}')"
)
UNCHAINED = (
    "SELECT count(*) FROM (SELECT *, lag(chain, 1, ''::bytea) OVER (ORDER BY notification_id) AS before FROM log) l "
    "WHERE chain <> log_link(before, notification_id, originator_id, originator_version, topic, state)"
)


@pytest.fixture
def log(database: str) -> Iterator[Log]:
    opened = Log(database, MovableClock(), Turner(), [])
    yield opened
    opened.close()


@pytest.fixture
def session(database: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database, autocommit=True) as opened:
        yield opened


def until(holds: Callable[[], bool]) -> None:
    """Waits for what another thread does, at most ten seconds."""
    for _ in range(1000):
        if holds():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came to be")


def append_one(log: Log) -> str:
    stream = f"order-acme:{uuid4()}"
    events: list[Event] = [Reconsidered(because="a test")]
    log.append([Entry(stream=stream, version=0, events=events)], CAUSE)
    return stream


def count(session: psycopg.Connection[Any], sql: LiteralString) -> int:
    row = session.execute(sql).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE log SET topic = 'another' WHERE originator_version = 1",
        "DELETE FROM log",
        "DELETE FROM log WHERE false",
        "TRUNCATE log",
    ],
)
def test_the_log_refuses_to_be_changed_even_by_its_owner(
    log: Log, session: psycopg.Connection[Any], sql: LiteralString
) -> None:
    append_one(log)

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        session.execute(sql)

    assert count(session, "SELECT count(*) FROM log WHERE topic = 'reconsidered'") == 1


def test_the_guards_hold_also_for_a_session_that_switches_triggers_off(
    log: Log, session: psycopg.Connection[Any]
) -> None:
    append_one(log)
    session.execute("SET session_replication_role = replica")

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        session.execute("DELETE FROM log")

    session.execute(BY_HAND)
    assert count(session, UNCHAINED) == 0


def test_rows_inserted_by_hand_are_chained_like_any_other(log: Log, session: psycopg.Connection[Any]) -> None:
    append_one(log)

    session.execute(BY_HAND)
    append_one(log)

    assert count(session, "SELECT count(*) FROM log WHERE length(chain) = 32") == 4
    assert count(session, UNCHAINED) == 0


def test_an_append_waits_for_a_hand_that_is_still_inserting(log: Log, session: psycopg.Connection[Any]) -> None:
    appended = threading.Event()

    def append() -> None:
        append_one(log)
        appended.set()

    session.execute("BEGIN")
    session.execute(BY_HAND)
    thread = threading.Thread(target=append)
    thread.start()
    waited = not appended.wait(0.3)
    session.execute("COMMIT")
    thread.join()

    assert waited
    assert [r.version for r in log.since(count(session, "SELECT max(notification_id) - 1 FROM log"), 9)] == [1]
    assert count(session, UNCHAINED) == 0


def test_a_vacuum_goes_through_while_an_append_is_under_way(
    database: str, log: Log, session: psycopg.Connection[Any]
) -> None:
    session.execute(
        "CREATE FUNCTION stay() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NULL; END'"
    )
    session.execute("CREATE TRIGGER stay AFTER INSERT ON log FOR EACH ROW EXECUTE FUNCTION stay()")
    session.execute("SELECT pg_advisory_lock(42)")
    thread = threading.Thread(target=append_one, args=(log,))
    thread.start()

    until(lambda: count(session, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == 1)
    with psycopg.connect(database, autocommit=True) as housekeeper:
        housekeeper.execute("SET lock_timeout = '1s'")
        housekeeper.execute("VACUUM log")
    under_way = count(session, "SELECT count(*) FROM log") == 0
    session.execute("SELECT pg_advisory_unlock(42)")
    thread.join()

    assert under_way
    assert count(session, "SELECT count(*) FROM log") == 1


def test_a_refused_statement_is_named_even_at_the_head_of_a_long_queue(database: str, log: Log) -> None:
    note: Statement = ("INSERT INTO tracking (follower, position) VALUES (%s, %s)", ("one", 1))
    more: list[Statement] = [
        ("INSERT INTO tracking (follower, position) VALUES (%s, %s)", (f"f-{n}" + "x" * 500, n)) for n in range(400)
    ]
    log.append([], CAUSE, [note])

    with pytest.raises(IntegrityError, match="tracking_pkey"):
        log.append([Entry(stream="order-acme:x", version=0, events=[Reconsidered(because="x")])], CAUSE, [note, *more])

    assert log.position() == 0


def test_a_second_leader_appends_nothing_and_is_told_to_wait(log: Log) -> None:
    events: list[Event] = [Reconsidered(because="what follows")]
    log.append([], CAUSE, [advance("react", 0, 5)])

    with pytest.raises(AnotherLeader, match="another leader") as told:
        log.append([Entry(stream="order-acme:x", version=0, events=events)], CAUSE, [advance("react", 0, 5)])

    assert isinstance(told.value, AWAY)
    assert log.position() == 0
