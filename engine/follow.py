"""Followers of the log: in order, in batches, one leader each, rows and tracking in one transaction.

LISTEN wakes a follower, a poll is the net beneath it. The leader holds an advisory lock on a session of its own; when that
connection dies the follower starts again. Should two ever believe they lead, `advance_tracking` lets only one move on.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import psycopg

from engine.clock import Clock
from engine.domain.events import Recorded
from engine.log import AWAY, AnotherLeader, Log, Statement
from engine.surroundings import Pool

logger = logging.getLogger(__name__)

BATCH = 500
"""Events in one transaction of a projection."""


class Projection(Protocol):
    """A table for people or the dispatcher: rows that follow from events, in order."""

    name: str

    def rows(self, recorded: Recorded) -> list[Statement]:
        """The statements that follow from one event."""
        ...

    def clear(self) -> list[Statement]:
        """The statements that empty it."""
        ...


class ProjectionFollower:
    """Keeps one projection up to the log."""

    def __init__(self, projection: Projection, log: Log, pool: Pool) -> None:
        self.name = projection.name
        self._projection = projection
        self._log = log
        self._pool = pool

    def step(self) -> int:
        """Projects one batch; answers with the number of events, 0 when there was none. Raises AnotherLeader."""
        before = tracked(self._pool, self.name)
        batch = self._log.since(before, BATCH)
        if not batch:
            return 0
        with self._pool.connection() as c, c.transaction():
            move_on(c, self.name, before, batch[-1].position)  # first of all: a rebuild locks that row first too
            for recorded in batch:
                for sql, parameters in self._projection.rows(recorded):
                    c.execute(sql, parameters)
        return len(batch)

    def rebuild(self) -> int:
        """Empties the table and follows from 0, in one transaction up to where the log is now."""
        end, position, count = self._log.position(), 0, 0
        with self._pool.connection() as c, c.transaction():
            c.execute("INSERT INTO tracking (follower, position) VALUES (%s, 0) ON CONFLICT DO NOTHING", (self.name,))
            c.execute("SELECT position FROM tracking WHERE follower = %s FOR UPDATE", (self.name,))
            for sql, parameters in self._projection.clear():
                c.execute(sql, parameters)
            while position < end and (batch := self._log.since(position, BATCH)):
                for recorded in batch:
                    for sql, parameters in self._projection.rows(recorded):
                        c.execute(sql, parameters)
                position, count = batch[-1].position, count + len(batch)
            c.execute("UPDATE tracking SET position = %s WHERE follower = %s", (position, self.name))
        return count


def tracked(pool: Pool, follower: str) -> int:
    """How far a follower got."""
    with pool.connection() as c:
        row = c.execute("SELECT position FROM tracking WHERE follower = %s", (follower,)).fetchone()
    return row[0] if row else 0


def advance(follower: str, before: int, after: int) -> Statement:
    """The statement that moves a follower on, in the transaction of its rows; it fails under another leader."""
    return ("SELECT advance_tracking(%s, %s, %s)", (follower, before, after))


def move_on(connection: psycopg.Connection[Any], follower: str, before: int, after: int) -> None:
    """Moves a follower on, without anything being appended. Raises AnotherLeader."""
    try:
        connection.execute(*advance(follower, before, after))
    except psycopg.errors.RaiseException as error:
        raise AnotherLeader(str(error)) from error


class Leader:
    """Runs steps while it holds the follower's advisory lock; elsewhere another process does."""

    def __init__(self, name: str, conninfo: str) -> None:
        self._name = name
        self._conninfo = conninfo
        self._session: psycopg.Connection[Any] | None = None

    def leads(self) -> bool:
        """True while this process leads; tries to take over when nobody does."""
        if self._session is not None and not self._session.closed:
            self._session.execute("SELECT 1")
            return True
        session = psycopg.connect(self._conninfo, autocommit=True)
        row = session.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 11))", (self._name,)).fetchone()
        if row is None or not row[0]:
            session.close()
            return False
        self._session = session
        return True

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None


class Bell:
    """Wakes one of several that wait, where an Event wakes all: whoever then finds work appends, and that wakes the next."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rung = False

    def set(self) -> None:
        """Wakes one; kept for the next when nobody waits."""
        with self._condition:
            self._rung = True
            self._condition.notify()

    def clear(self) -> None:
        """Whoever clears it looks for work afterwards."""
        with self._condition:
            self._rung = False

    def wait(self, timeout: float | None = None) -> bool:
        """Whether it was rung within `timeout` seconds, for this one of those who wait."""
        with self._condition:
            rung = self._condition.wait_for(lambda: self._rung, timeout)
            self._rung = False
            return rung


class Wake:
    """One LISTENing session a process: sets each subscriber's event when something was appended or raised."""

    def __init__(self, conninfo: str, channels: Sequence[str]) -> None:
        self._conninfo = conninfo
        self._channels = channels
        self._events: list[tuple[frozenset[str], threading.Event | Bell]] = []
        self._stop = threading.Event()

    def subscribe(self, *channels: str) -> threading.Event:
        """An event that is set whenever one of `channels` speaks."""
        event = threading.Event()
        self._events.append((frozenset(channels), event))
        return event

    def bell(self, *channels: str) -> Bell:
        """The same for several that do the same work."""
        bell = Bell()
        self._events.append((frozenset(channels), bell))
        return bell

    def run(self, clock: Clock) -> None:
        """Listens until `stop`; after a lost connection it wakes everybody and listens anew."""
        while not self._stop.is_set():
            try:
                with psycopg.connect(self._conninfo, autocommit=True) as session:
                    for channel in self._channels:
                        session.execute(f'LISTEN "{channel}"')
                    self._set()
                    while not self._stop.is_set():
                        for heard in session.notifies(timeout=1.0, stop_after=1):
                            self._set(heard.channel)
            except AWAY as error:
                logger.warning("the database cannot be listened to: %s", type(error).__name__)
                self._set()
                clock.wait(self._stop, 1.0)

    def _set(self, channel: str = "") -> None:
        for channels, event in self._events:
            if not channel or channel in channels:
                event.set()

    def stop(self) -> None:
        self._stop.set()
        self._set()


FAILED_SECONDS = 30.0
"""How long a loop that met a bug waits before it tries again."""


def loop(
    name: str,
    step: Callable[[], object],
    woken: threading.Event | Bell,
    stop: threading.Event,
    clock: Clock,
    idle_seconds: float,
    say_failed: Callable[[str, Exception | None], None],
    rest_seconds: float = 0.0,
) -> None:
    """Steps until nothing moves, then waits to be woken, at most `idle_seconds`; while the database is away it waits.

    Once woken it rests for `rest_seconds`, so that what comes in a stream is taken in fewer and larger steps.
    A step that fails otherwise is a bug: it is told to `say_failed` (health goes red) and tried again later; the first step
    that goes well again is told too, with None.
    """
    failed = False
    while not stop.is_set():
        woken.clear()
        try:
            while not stop.is_set() and step():
                pass
            if failed:
                say_failed(name, None)
                failed = False
        except AWAY as error:
            logger.warning("%s waits: the database is away (%s)", name, type(error).__name__)
            stop.wait(1.0)
            continue
        except Exception as error:
            logger.critical("%s failed", name, exc_info=error)
            failed = _told(say_failed, name, error)
            stop.wait(FAILED_SECONDS)
            continue
        if not stop.is_set() and woken.wait(idle_seconds) and rest_seconds:
            stop.wait(rest_seconds)
    woken.set()  # others may wait for the same bell


def _told(say_failed: Callable[[str, Exception | None], None], name: str, error: Exception) -> bool:
    try:
        say_failed(name, error)
    except AWAY:
        logger.warning("%s failed while the database is away", name)
    return True
