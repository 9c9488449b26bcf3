"""Leave to call: at most so many at once, so many a second, so many a minute, over all processes that share a database.

Two token buckets in one row a connection and system, and one row in `call_leases` for every call under way. Each
request for leave locks that one row for a few statements, so leave is given one at a time; nobody waits inside the
transaction. Leases are counted, not a counter: the places of a killed worker come back by themselves when its leases
run out.

In any window of a second or a minute at most rate plus burst calls begin, so rate plus burst is kept under the other
system's limit.
"""

import logging
import math
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg
from psycopg.rows import tuple_row
from psycopg_pool import ConnectionPool

from engine.clock import Clock
from engine.domain.values import System
from engine.ports import Unavailable

Pool = ConnectionPool[psycopg.Connection[Any]]

CLOCK_STEP_SECONDS = 5.0
"""A clock that reads earlier than the last count by more than this was set back; by less, it is another machine's."""
PLACE_POLL_SECONDS = 0.1
"""How often a caller looks whether another process gave a place back. Its own process wakes it at once."""
DATABASE_SECONDS = 5.0
"""How long a caller waits for a connection of our own pool."""
LOCK_SECONDS = 2.0
"""How long a stopped process can keep the row locked before the database ends its transaction."""

log = logging.getLogger("wizqbo.limits")


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one connection may ask of one system. Bursts are how many calls may come at once after a quiet time."""

    at_once: int
    per_second: float
    second_burst: float
    per_minute: float
    minute_burst: float
    lease_seconds: float
    """How long a call holds its place at most: longer than any call's total deadline, so no live call is missed."""

    def __post_init__(self) -> None:
        if min(self.at_once, self.second_burst, self.minute_burst) < 1:
            raise ValueError("At least one call must fit: at_once and both bursts are 1 or more.")
        if min(self.per_second, self.per_minute, self.lease_seconds) <= 0:
            raise ValueError("Rates and the lease must be above zero.")


QUICKBOOKS = Limits(
    at_once=10, per_second=7.5, second_burst=2, per_minute=450, minute_burst=40, lease_seconds=160
)  # 10 at once, 10 a second, 500 a minute and company. Source: QuickBooks reference, section 5
WIZCOMMERCE = Limits(
    at_once=4, per_second=5, second_burst=10, per_minute=300, minute_burst=300, lease_seconds=160
)  # 5 a second with a burst of 10, 4 at once: assumption A-02. The minute adds nothing to it
LIMITS: Mapping[System, Limits] = {"quickbooks": QUICKBOOKS, "wizcommerce": WIZCOMMERCE}


class _Leave(msgspec.Struct, frozen=True):
    """The answer to one request for leave: the lease's number, or 0 and how long to wait for what."""

    lease: int
    wait_seconds: float = 0.0
    for_a_place: bool = False


class Budget:
    """Implements `engine.ports.Limiter`.

    `pool` holds autocommit connections. `clock.now()` counts the buckets, `clock.boottime()` the callers' deadlines.
    """

    def __init__(self, pool: Pool, clock: Clock, limits: Mapping[System, Limits] = LIMITS) -> None:
        self._pool = pool
        self._clock = clock
        self._limits = dict(limits)
        self._waiting: set[threading.Event] = set()
        self._waiting_lock = threading.Lock()

    def call(self, connection: str, system: System, *, deadline: float | None = None) -> AbstractContextManager[None]:
        """Waits until the call is allowed and holds one of the places while the block runs.

        Raises Unavailable (`ran` False) when the call would be allowed only after `deadline` (seconds on the clock's
        boottime), or when our own database cannot be reached.
        """
        return self._hold(connection, system, deadline)

    @contextmanager
    def _hold(self, connection: str, system: System, deadline: float | None) -> Iterator[None]:
        lease = self._wait(connection, system, deadline)
        try:
            yield
        finally:
            self._give_back(lease)

    def _wait(self, connection: str, system: System, deadline: float | None) -> int:
        """The number of the lease, once there is one."""
        limits = self._limits[system]
        freed, never = threading.Event(), threading.Event()
        with self._waiting_lock:  # before the first look, so that no place given back meanwhile is missed
            self._waiting.add(freed)
        try:
            while True:
                if deadline is not None and self._clock.boottime() >= deadline:
                    raise self._too_late(system, 0.0)
                freed.clear()
                leave = self._ask(connection, system, limits)
                if leave.lease:
                    return leave.lease
                left = math.inf if deadline is None else deadline - self._clock.boottime()
                if not leave.for_a_place and leave.wait_seconds >= left:
                    raise self._too_late(system, leave.wait_seconds)
                self._clock.wait(freed if leave.for_a_place else never, max(0.001, min(leave.wait_seconds, left)))
        finally:
            with self._waiting_lock:
                self._waiting.discard(freed)

    def _ask(self, connection: str, system: System, limits: Limits) -> _Leave:
        """One transaction: lock, refill, count, take or say how long to wait."""
        try:
            with (
                self._pool.connection(DATABASE_SECONDS) as db,
                db.transaction(),
                db.cursor(row_factory=tuple_row) as cursor,
            ):
                buckets = _lock_buckets(cursor, connection, system, limits, self._clock)
                # The time is read while the row is locked: leave is counted in the order it is given.
                return _take(cursor, connection, system, limits, buckets, self._clock.now())
        except (psycopg.errors.LockNotAvailable, psycopg.errors.IdleInTransactionSessionTimeout):
            return _Leave(0, PLACE_POLL_SECONDS)  # somebody was stopped while holding the lock, or we were: ask again
        except (psycopg.OperationalError, psycopg.InterfaceError) as fault:
            raise Unavailable(
                "Our own database could not be reached, so the call was not made.",
                code="our-database",
                next_step="Nothing to do: it is tried again. If it lasts, see whether PostgreSQL runs.",
            ) from fault

    def _give_back(self, lease: int) -> None:
        """The call is over. If the database is away the place comes back when the lease runs out: the call's own
        outcome matters more than its place, so it is not replaced by our trouble."""
        try:
            with self._pool.connection(DATABASE_SECONDS) as db, db.transaction():
                db.execute("SET LOCAL synchronous_commit = off")  # lost in a crash, the lease runs out by itself
                db.execute("DELETE FROM call_leases WHERE id = %s", (lease,))
        except (psycopg.OperationalError, psycopg.InterfaceError) as fault:
            log.warning("A place could not be given back; it comes back by itself (%s).", type(fault).__name__)
        with self._waiting_lock:
            for freed in self._waiting:
                freed.set()

    def _too_late(self, system: System, wait_seconds: float) -> Unavailable:
        """`wait_seconds` 0: it is not known when a place comes free."""
        name = {"quickbooks": "QuickBooks", "wizcommerce": "WizCommerce"}[system]
        fault = Unavailable(
            f"We are at {name}'s limit of calls, so this one was not made.",
            code="our-limit",
            next_step="Nothing to do: it goes by itself as soon as the limit allows.",
        )
        if wait_seconds > 0:
            fault.not_before = self._clock.now() + timedelta(seconds=wait_seconds)
        return fault


class _Buckets(msgspec.Struct, frozen=True):
    second: float
    minute: float
    counted_at: datetime


def _lock_buckets(
    cursor: psycopg.Cursor[tuple[Any, ...]], connection: str, system: System, limits: Limits, clock: Clock
) -> _Buckets:
    """The row of this connection and system, locked until the transaction ends; made full when it was not there."""
    milliseconds = str(round(LOCK_SECONDS * 1000))
    cursor.execute(
        "SELECT set_config('idle_in_transaction_session_timeout', %s, true), set_config('lock_timeout', %s, true)",
        (milliseconds, str(2 * round(LOCK_SECONDS * 1000))),
    )
    find = (
        "SELECT second_tokens, minute_tokens, counted_at FROM budgets WHERE connection = %s AND system = %s FOR UPDATE"
    )
    row = cursor.execute(find, (connection, system)).fetchone()
    if row is None:
        cursor.execute(
            "INSERT INTO budgets (connection, system, second_tokens, minute_tokens, counted_at)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (connection, system, limits.second_burst, limits.minute_burst, clock.now()),
        )
        row = cursor.execute(find, (connection, system)).fetchone()
        assert row is not None  # just inserted, by us or by who was quicker; rows are never deleted
    return _Buckets(*row)


def refilled(buckets: _Buckets, limits: Limits, now: datetime) -> _Buckets:
    """The buckets at `now`: never fuller than their bursts, and never emptier because a clock was moved.

    A clock a little behind (another machine's) adds nothing until it has caught up; a clock set back starts from where
    it is now.
    """
    elapsed = (now - buckets.counted_at).total_seconds()
    behind = -CLOCK_STEP_SECONDS <= elapsed < 0
    gained = max(0.0, elapsed)
    return _Buckets(
        min(limits.second_burst, buckets.second + gained * limits.per_second),
        min(limits.minute_burst, buckets.minute + gained * limits.per_minute / 60),
        buckets.counted_at if behind else now,
    )


def _take(
    cursor: psycopg.Cursor[tuple[Any, ...]],
    connection: str,
    system: System,
    limits: Limits,
    buckets: _Buckets,
    now: datetime,
) -> _Leave:
    """A lease, or how long to wait. A token is taken only together with a place."""
    full = refilled(buckets, limits, now)
    wait_seconds = max((1 - full.second) / limits.per_second, (1 - full.minute) * 60 / limits.per_minute)
    if wait_seconds > 0:
        if full.counted_at < buckets.counted_at:  # the clock was set back: count from here on, or it never refills
            _write(cursor, connection, system, full)
        ahead = max(0.0, (full.counted_at - now).total_seconds())
        return _Leave(0, wait_seconds + ahead)
    if _places_taken(cursor, connection, system, now, now + timedelta(seconds=limits.lease_seconds)) >= limits.at_once:
        return _Leave(0, PLACE_POLL_SECONDS, for_a_place=True)
    taken = _Buckets(full.second - 1, full.minute - 1, full.counted_at)
    _write(cursor, connection, system, taken)
    row = cursor.execute(
        "INSERT INTO call_leases (connection, system, expires_at) VALUES (%s, %s, %s) RETURNING id",
        (connection, system, now + timedelta(seconds=limits.lease_seconds)),
    ).fetchone()
    assert row is not None  # an INSERT … RETURNING of one row returns one row
    return _Leave(row[0])


def _write(cursor: psycopg.Cursor[tuple[Any, ...]], connection: str, system: System, buckets: _Buckets) -> None:
    cursor.execute(
        "UPDATE budgets SET second_tokens = %s, minute_tokens = %s, counted_at = %s"
        " WHERE connection = %s AND system = %s",
        (buckets.second, buckets.minute, buckets.counted_at, connection, system),
    )


def _places_taken(
    cursor: psycopg.Cursor[tuple[Any, ...]], connection: str, system: System, now: datetime, latest: datetime
) -> int:
    """How many leases run. Those that ran out are removed; those from before the clock was set back are shortened."""
    whose = (connection, system)
    cursor.execute("DELETE FROM call_leases WHERE connection = %s AND system = %s AND expires_at <= %s", (*whose, now))
    cursor.execute(
        "UPDATE call_leases SET expires_at = %s WHERE connection = %s AND system = %s AND expires_at > %s",
        (latest, *whose, latest + timedelta(seconds=CLOCK_STEP_SECONDS)),
    )
    row = cursor.execute("SELECT count(*) FROM call_leases WHERE connection = %s AND system = %s", whose).fetchone()
    assert row is not None  # count(*) always answers
    return int(row[0])
