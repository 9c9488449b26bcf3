"""The walk of the chain, on real rows that somebody with the database's password has touched."""

import psycopg
import pytest

from adapters.wiring import Engine
from engine.domain.events import PushPaused, PushResumed
from engine.log import Cause, Entry
from engine.verify import EMPTY, Head, Verdict, head_from, verify_log
from tests.world import World

GUARDS = ("log_guard_rows", "log_guard_all", "log_1_lock", "log_2_chain")


@pytest.fixture
def engine(bare_world: World) -> Engine:
    """A log of nine events: three streams in turn, three events each."""
    engine = bare_world.engine
    cause = Cause(causation_id="test", correlation_id="test")
    for version in range(3):
        for stream in ("connection-a", "connection-b", "connection-c"):
            event = PushPaused(reason=f"{stream} {version}") if version % 2 else PushResumed()
            engine.log.append([Entry(stream=stream, version=version, events=[event])], cause)
    return engine


def tampered(engine: Engine, sql: str, *parameters: object) -> Verdict:
    """What the walk finds after somebody dropped the guards and did this."""
    with psycopg.connect(engine.conninfo, autocommit=True) as c:
        for guard in GUARDS:
            c.execute(f"DROP TRIGGER {guard} ON log".encode())
        c.execute(sql.encode(), parameters)
    return verify_log(engine.pool)


def position_of(engine: Engine, stream: str, version: int) -> int:
    return engine.log.story(stream)[version - 1].position


def test_a_log_that_nobody_touched_verifies_and_says_its_head(engine: Engine) -> None:
    verdict = verify_log(engine.pool)

    assert verdict.verified and verdict.count == 9
    assert verdict.head.position == engine.log.position()
    assert verdict.missing_guards == ()
    assert verify_log(engine.pool, against=verdict.head).verified


def test_an_empty_log_verifies(bare_world: World) -> None:
    verdict = verify_log(bare_world.engine.pool)

    assert verdict.verified and (verdict.count, verdict.head) == (0, EMPTY)


def test_a_changed_event_is_named(engine: Engine) -> None:
    place = position_of(engine, "connection-b", 2)

    verdict = tampered(engine, "UPDATE log SET state = state || ' '::bytea WHERE notification_id = %s", place)

    assert verdict.broken is not None and not verdict.verified
    assert (verdict.broken.position, verdict.broken.stream, verdict.broken.version) == (place, "connection-b", 2)
    assert "changed" in verdict.broken.problem
    assert verdict.count == 4
    assert set(verdict.missing_guards) == set(GUARDS)


def test_a_changed_tag_is_named(engine: Engine) -> None:
    place = position_of(engine, "connection-c", 1)

    verdict = tampered(engine, "UPDATE log SET topic = 'push-started' WHERE notification_id = %s", place)

    assert verdict.broken is not None and verdict.broken.position == place


def test_a_dropped_event_shows_in_the_one_after_it(engine: Engine) -> None:
    place = position_of(engine, "connection-b", 2)

    verdict = tampered(engine, "DELETE FROM log WHERE notification_id = %s", place)

    assert verdict.broken is not None
    assert verdict.broken.position == position_of(engine, "connection-c", 2)
    assert "dropped" in verdict.broken.problem and str(place) in verdict.broken.problem


def test_a_dropped_stretch_is_known_by_the_versions_it_leaves_out(engine: Engine) -> None:
    verdict = tampered(engine, "DELETE FROM log WHERE originator_version = 2")

    assert verdict.broken is not None
    assert (verdict.broken.stream, verdict.broken.version) == ("connection-a", 3)
    assert "missing" in verdict.broken.problem and "from version 1 to 3" in verdict.broken.problem


def test_exchanged_events_are_found_at_the_first_of_them(engine: Engine) -> None:
    one, other = position_of(engine, "connection-a", 1), position_of(engine, "connection-a", 2)

    verdict = tampered(
        engine,
        "UPDATE log l SET state = o.state, topic = o.topic FROM log o WHERE l.notification_id IN (%s, %s) "
        "AND o.notification_id IN (%s, %s) AND o.notification_id <> l.notification_id",
        *(one, other, one, other),
    )

    assert verdict.broken is not None and verdict.broken.position == one


def test_an_event_put_in_afterwards_is_told_apart(engine: Engine) -> None:
    cause = Cause(causation_id="test", correlation_id="test")
    with engine.pool.connection() as c:
        c.execute("SELECT nextval('log_notification_id_seq')")
    hole = engine.log.position() + 1
    engine.log.append([Entry(stream="connection-a", version=3, events=[PushResumed()])], cause)
    forged = (
        "INSERT INTO log (originator_id, originator_version, topic, state, notification_id, chain) "
        "SELECT 'connection-z', 1, topic, state, %s, chain FROM log WHERE notification_id = %s"
    )

    verdict = tampered(engine, forged, hole, position_of(engine, "connection-b", 1))

    assert verdict.broken is not None
    assert (verdict.broken.position, verdict.broken.stream) == (hole, "connection-z")
    assert "put in afterwards" in verdict.broken.problem


def test_a_cut_off_tail_is_found_by_a_head_noted_before(engine: Engine) -> None:
    head = verify_log(engine.pool).head

    unnoticed = tampered(engine, "DELETE FROM log WHERE notification_id > %s", head.position - 2)

    assert unnoticed.verified
    found = verify_log(engine.pool, against=head)
    assert found.broken is not None and "cut off" in found.broken.problem
    assert found.broken.position == head.position


def test_a_log_written_anew_is_found_by_a_head_noted_before(engine: Engine) -> None:
    head = verify_log(engine.pool).head

    found = verify_log(engine.pool, against=Head(head.position - 1, head.chain))

    assert found.broken is not None and "written anew" in found.broken.problem


def test_a_log_longer_than_one_batch_is_walked_to_its_end(bare_world: World) -> None:
    engine = bare_world.engine
    cause = Cause(causation_id="test", correlation_id="test")
    for version in range(0, 2100, 700):
        events = [PushResumed() for _ in range(700)]
        engine.log.append([Entry(stream="connection-acme", version=version, events=events)], cause)

    assert verify_log(engine.pool).count == 2100


def test_a_head_is_written_as_it_is_printed() -> None:
    head = Head(12, "ab" * 32)

    assert head_from(str(head)) == head
    for wrong in ("", "12", "12:ab", "x:" + "ab" * 32):
        with pytest.raises(ValueError, match="POSITION:HASH"):
            head_from(wrong)
