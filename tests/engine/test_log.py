"""The log on a real PostgreSQL: appended once, in order, all or nothing, with the tables that are written in the same breath."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import EventStore, IntegrityError, Recording

from engine.clock import MovableClock
from engine.domain.connection import evolve_connection, no_connection
from engine.domain.events import (
    CommandAccepted,
    CommandIssued,
    ConnectionOpened,
    Event,
    PushPaused,
    PushResumed,
    Reconsidered,
    Recorded,
)
from engine.log import Cause, Entry, Log, VersionConflict
from projections.lookups import Gates
from projections.pending_work import PendingWork
from tests.sealing import Turner

HOME = "connection-acme"
CAUSE = Cause(causation_id="a test", correlation_id="c-1", who="Test")


class AcknowledgedTwice(EventStore[str]):
    """As when the first acknowledgement is lost: the recorder sends the very same rows again."""

    def put(self, domain_events: Sequence[Any], **more: Any) -> list[Recording[str]]:
        super().put(domain_events, **more)
        return super().put(domain_events, **more)


class ForgetfulLog(Log):
    """A log whose every acknowledgement is lost once."""

    def __init__(self, *parts: Any, **more: Any) -> None:
        super().__init__(*parts, **more)
        self._store = AcknowledgedTwice(self._mapper, self._recorder)


def a_log(database: str, kind: type[Log] = Log, pool_size: int = 4) -> Log:
    return kind(database, MovableClock(), Turner(), [Gates(), PendingWork()], pool_size)


@pytest.fixture
def log(database: str) -> Iterator[Log]:
    opened = a_log(database)
    yield opened
    opened.close()


@pytest.fixture
def forgetful(database: str) -> Iterator[Log]:
    opened = a_log(database, ForgetfulLog)
    yield opened
    opened.close()


def order_stream() -> str:
    return f"order-acme:{uuid4()}"


def say(stream: str, version: int, *because: str) -> Entry:
    return Entry(stream=stream, version=version, events=[Reconsidered(because=text) for text in because])


def said(log: Log, stream: str) -> list[str]:
    return [r.event.because for r in log.read(stream) if isinstance(r.event, Reconsidered)]


def issued(command: str) -> Event:
    return CommandIssued(
        command_id=command, verb="CreateInvoice", target="quickbooks", generation=1, because="confirmed"
    )


def ask(database: str, sql: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database, autocommit=True) as c:
        return c.execute(sql).fetchall()


def unchained(database: str) -> int:
    """Events whose link does not follow from the one before."""
    sql = (
        "SELECT count(*) FROM (SELECT *, lag(chain, 1, ''::bytea) OVER (ORDER BY notification_id) AS before FROM log) l "
        "WHERE chain <> log_link(before, notification_id, originator_id, originator_version, topic, state)"
    )
    return int(ask(database, sql)[0][0])


# ---- appending and reading -------------------------------------------------------------------------------------------------


def test_what_was_appended_is_read_back_in_its_place_with_its_cause(log: Log) -> None:
    stream = order_stream()

    appended = log.append([say(stream, 0, "first", "second")], CAUSE)

    first, second = log.story(stream)
    assert [first, second] == appended
    assert (first.version, second.version) == (1, 2)
    assert 0 < first.position < second.position == log.position()
    assert (first.causation_id, first.correlation_id, first.who) == ("a test", "c-1", "Test")
    assert first.recorded_at.utcoffset() is not None


def test_reading_since_a_position_goes_on_exactly_behind_it(log: Log) -> None:
    one, two = order_stream(), order_stream()
    log.append([say(one, 0, "a", "b")], CAUSE)
    log.append([say(two, 0, "c")], CAUSE)

    begun = log.since(0, 2)
    rest = log.since(begun[-1].position, 10)

    assert [r.event for r in (*begun, *rest)] == [Reconsidered(because=text) for text in "abc"]
    assert log.since(rest[-1].position, 10) == []


def test_a_state_is_loaded_from_its_stream_alone(log: Log) -> None:
    log.append([Entry(stream=HOME, version=0, events=[ConnectionOpened(), PushPaused(reason="stocktaking")])], CAUSE)
    log.append([Entry(stream="connection-other", version=0, events=[ConnectionOpened()])], CAUSE)

    connection = log.load(HOME, evolve_connection, no_connection(HOME))

    assert (connection.version, connection.paused) == (2, "stocktaking")


def test_an_empty_append_appends_nothing(log: Log) -> None:
    assert log.append([], CAUSE) == []
    assert log.position() == 0


# ---- conflicts -------------------------------------------------------------------------------------------------------------


def test_a_place_that_is_taken_is_a_conflict_and_nothing_is_appended(log: Log) -> None:
    stream, other = order_stream(), order_stream()
    log.append([say(stream, 0, "first")], CAUSE)

    with pytest.raises(VersionConflict, match=stream):
        log.append([say(other, 0, "along with it"), say(stream, 0, "too late")], CAUSE)

    assert said(log, stream) == ["first"]
    assert said(log, other) == []


def test_a_lost_acknowledgement_is_recognised_by_the_event_id(forgetful: Log) -> None:
    stream = order_stream()

    appended = forgetful.append([say(stream, 0, "once", "only")], CAUSE)

    assert said(forgetful, stream) == ["once", "only"]
    assert [r.event_id for r in appended] == [r.event_id for r in forgetful.read(stream)]
    assert [r.position for r in appended] == [r.position for r in forgetful.story(stream)]


def test_a_lost_acknowledgement_is_recognised_when_an_inline_table_would_refuse_the_second_row(forgetful: Log) -> None:
    stream = order_stream()

    forgetful.append([Entry(stream=stream, version=0, events=[issued("c" * 32)])], CAUSE)

    assert len(forgetful.read(stream)) == 1


def test_two_that_decide_the_same_command_at_once_meet_as_a_conflict(database: str, log: Log) -> None:
    stream = order_stream()
    log.append([Entry(stream=stream, version=0, events=[issued("c" * 32)])], CAUSE)

    with pytest.raises(VersionConflict):  # the row of pending work is refused first, but the place is taken
        log.append([Entry(stream=stream, version=0, events=[issued("c" * 32)])], CAUSE)

    assert ask(database, "SELECT count(*) FROM pending_work") == [(1,)]


def test_a_refused_row_of_an_inline_table_is_not_a_conflict_of_versions(log: Log) -> None:
    stream = order_stream()
    log.append([Entry(stream=stream, version=0, events=[issued("c" * 32)])], CAUSE)

    with pytest.raises(IntegrityError, match="pending_work"):
        log.append([Entry(stream=order_stream(), version=0, events=[issued("c" * 32)])], CAUSE)

    assert log.position() == log.story(stream)[-1].position


# ---- in the same transaction ---------------------------------------------------------------------------------------------


def test_inline_rows_stand_with_their_events(database: str, log: Log) -> None:
    stream = order_stream()

    log.append([Entry(stream=stream, version=0, events=[issued("a" * 32)])], CAUSE)

    assert ask(database, "SELECT command_id, stream, status FROM pending_work") == [("a" * 32, stream, "ready")]


def test_statements_of_the_caller_share_the_transaction(database: str, log: Log) -> None:
    stream = order_stream()
    note = ("INSERT INTO tracking (follower, position) VALUES (%s, %s)", ("a follower", 7))

    log.append([say(stream, 0, "first")], CAUSE, [note])
    with pytest.raises(IntegrityError, match="tracking"):
        log.append([say(stream, 1, "second")], CAUSE, [note])

    assert said(log, stream) == ["first"]
    assert ask(database, "SELECT follower, position FROM tracking") == [("a follower", 7)]


def test_statements_without_events_are_kept_or_refused_on_their_own(database: str, log: Log) -> None:
    note = ("INSERT INTO tracking (follower, position) VALUES (%s, %s)", ("a follower", 7))

    log.append([], CAUSE, [note])
    with pytest.raises(IntegrityError, match="tracking"):
        log.append([], CAUSE, [note])

    assert ask(database, "SELECT position FROM tracking") == [(7,)]
    assert log.position() == 0


def test_a_conflict_takes_the_statements_and_the_inline_rows_back(database: str, log: Log) -> None:
    stream = order_stream()
    log.append([say(stream, 0, "first")], CAUSE)
    note = ("INSERT INTO tracking (follower, position) VALUES (%s, %s)", ("a follower", 7))

    with pytest.raises(VersionConflict):
        log.append([Entry(stream=stream, version=0, events=[issued("b" * 32)])], CAUSE, [note])

    assert ask(database, "SELECT (SELECT count(*) FROM tracking), (SELECT count(*) FROM pending_work)") == [(0, 0)]


def test_a_rebuilt_inline_table_equals_the_one_that_was_written_along(database: str, log: Log) -> None:
    one, two = order_stream(), order_stream()
    done = CommandAccepted(command_id="2" * 32, attempt=1, remote_id="9", revision="0", number="WC-9", how="answered")
    log.append(
        [Entry(stream=HOME, version=0, events=[ConnectionOpened(), PushPaused(reason="x"), PushResumed()])], CAUSE
    )
    log.append([Entry(stream=one, version=0, events=[issued("1" * 32)])], CAUSE)
    log.append([Entry(stream=two, version=0, events=[issued("2" * 32), done])], CAUSE)
    everything = "SELECT w::text FROM pending_work w UNION ALL SELECT g::text FROM gates g"
    followed = ask(database, everything)
    with psycopg.connect(database, autocommit=True) as c:
        c.execute("DELETE FROM pending_work")
        c.execute("UPDATE gates SET paused = 'by a slip of the hand'")

    counts = [log.rebuild(table) for table in log.inline]

    assert counts == [6, 6]
    assert ask(database, everything) == followed and len(followed) == 2


# ---- many at once ----------------------------------------------------------------------------------------------------------


def test_a_reader_that_follows_by_position_never_misses_an_event(database: str) -> None:
    log = a_log(database, pool_size=10)
    done = threading.Event()
    streams = [order_stream() for _ in range(8)]

    def write(stream: str) -> None:
        for version in range(0, 60, 2):
            log.append([say(stream, version, str(version), str(version + 1))], CAUSE)

    def follow() -> list[Recorded]:
        seen: list[Recorded] = []
        last = False
        while True:
            batch = log.since(seen[-1].position if seen else 0, 7)
            seen += batch
            if not batch and last:
                return seen
            last = done.is_set()

    with ThreadPoolExecutor(10) as threads:
        readers = [threads.submit(follow) for _ in range(2)]
        for writing in [threads.submit(write, stream) for stream in streams]:
            writing.result()
        done.set()
        followed = [reader.result() for reader in readers]
    log.close()

    for seen in followed:
        assert len(seen) == 8 * 60
        for stream in streams:
            assert [r.version for r in seen if r.stream == stream] == list(range(1, 61))
    assert unchained(database) == 0


def test_of_many_that_append_at_one_place_exactly_one_wins(log: Log) -> None:
    stream = order_stream()

    def attempt(name: str) -> bool:
        try:
            log.append([say(stream, 0, name)], CAUSE)
        except VersionConflict:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(attempt, "abcdefgh"))

    assert won.count(True) == 1
    assert said(log, stream) == ["abcdefgh"[won.index(True)]]


def test_appends_go_on_beside_a_rebuild_and_neither_waits_for_the_other_for_ever(database: str) -> None:
    log = a_log(database, pool_size=8)

    def write(number: int) -> None:
        for place in range(10):
            command = f"{number:016d}{place:016d}"
            stream = order_stream()
            log.append([Entry(stream=stream, version=0, events=[issued(command)])], CAUSE)
            done = CommandAccepted(
                command_id=command, attempt=1, remote_id="9", revision="0", number="", how="answered"
            )
            log.append([Entry(stream=stream, version=1, events=[done] if place % 2 else [])], CAUSE)

    with ThreadPoolExecutor(5) as threads:
        writing = [threads.submit(write, number) for number in range(4)]
        rebuilt = threads.submit(lambda: [log.rebuild(PendingWork()) for _ in range(10)])
        for work in writing:
            work.result()
        rebuilt.result()
    log.close()

    assert ask(database, "SELECT count(*) FROM pending_work") == [(20,)]
    assert ask(database, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == [(0,)]
