"""Parking: a stream whose event made a step fail waits, visibly, until a person lets it go on. All other streams go on."""

from collections.abc import Sequence

from engine.clock import Clock
from engine.domain.events import StepParked
from engine.domain.values import connection_of, connection_stream
from engine.log import Cause, Entry, Statement, VersionConflict
from engine.records import MOST_CONFLICTS, Records
from engine.surroundings import Pool


def park(
    records: Records, step: str, stream: str, position: int, error: Exception, also: Sequence[Statement] = ()
) -> None:
    """Parks `stream` for `step`, and says so in the connection's stream: health goes red until a person lets it go on."""
    problem = f"{type(error).__name__}: a step failed; the engine's log has the trace"
    row: Statement = (
        "INSERT INTO parked (step, stream, position, problem, parked_at) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (step, stream) DO UPDATE SET position = excluded.position, problem = excluded.problem, released_by = ''",
        (step, stream, position, problem, records.clock.now()),
    )
    home = connection_stream(connection_of(stream) or stream.removeprefix("connection-"))
    said = StepParked(step=step, stream=stream, position=position, problem=problem)
    for _ in range(MOST_CONFLICTS):
        version = len(records.log.read(home))
        try:
            records.log.append(
                [Entry(stream=home, version=version, events=[said])],
                Cause(causation_id=f"{step} at {position}", correlation_id=f"{step}:{position}"),
                [row, *also],
            )
            return
        except VersionConflict:
            continue
    raise RuntimeError(f"{MOST_CONFLICTS} version conflicts in a row while parking {stream}")


class Failures:
    """Loops that met a bug, as rows of `parked` with stream = `loop:<name>`: health is red while they last."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    def say(self, name: str, error: Exception | None) -> None:
        """Notes that loop `name` failed with `error`; None: that it goes again."""
        sql = (
            "INSERT INTO parked (step, stream, position, problem, parked_at) VALUES (%s, %s, 0, %s, %s) "
            "ON CONFLICT (step, stream) DO UPDATE SET problem = excluded.problem"
        )
        with self._pool.connection() as c:
            if error is None:
                c.execute("DELETE FROM parked WHERE step = %s AND stream = %s", (name, f"loop:{name}"))
            else:
                problem = f"{type(error).__name__}: the loop tries again; the engine's log has the trace"
                c.execute(sql, (name, f"loop:{name}", problem, self._clock.now()))
