"""Leave to call: at most so many at once, so many a second, so many a minute, over all processes that share a database.

Two token buckets in one row a connection and system, and one row in `call_leases` for every call under way. Each
request for leave is one statement, which locks that row, so leave is given one at a time, and a process that stops
holds nobody up. Leases are counted, not a counter: the places of a killed worker come back by themselves when its leases
run out.

In any window of a second or a minute at most rate plus burst calls begin, so rate plus burst is kept under the other
system's limit.
"""

import logging
import math
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
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
COUNTED = ("at_once", "per_second", "second_burst", "per_minute", "minute_burst")
ASK = (
    "SELECT lease_id, wait_seconds FROM take_leave(%(connection)s, %(system)s, %(now)s, %(at_once)s, %(per_second)s, "
    "%(second_burst)s, %(per_minute)s, %(minute_burst)s, %(lease)s, %(step)s)"
)

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
    at_once=10, per_second=7, second_burst=1, per_minute=420, minute_burst=40, lease_seconds=160
)  # 10 at once, 10 a second, 500 a minute and company. Source: QuickBooks reference, section 5. The room left is for calls that
# leave later than their leave was given, as on a machine that stands still for a moment.
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
        """One statement: the database locks, refills, counts, takes or says how long to wait (`take_leave` in schema.sql)."""
        asked = {
            "connection": connection,
            "system": system,
            "now": self._clock.now(),
            "step": timedelta(seconds=CLOCK_STEP_SECONDS),
            "lease": timedelta(seconds=limits.lease_seconds),
            **{name: getattr(limits, name) for name in COUNTED},
        }
        try:
            with self._pool.connection(DATABASE_SECONDS) as db, db.cursor(row_factory=tuple_row) as cursor:
                row = cursor.execute(ASK, asked).fetchone()
        except psycopg.errors.LockNotAvailable:
            return _Leave(0, PLACE_POLL_SECONDS)  # somebody keeps the row locked: ask again
        except (psycopg.OperationalError, psycopg.InterfaceError) as fault:
            raise Unavailable(
                "Our own database could not be reached, so the call was not made.",
                code="our-database",
                next_step="Nothing to do: it is tried again. If it lasts, see whether PostgreSQL runs.",
            ) from fault
        assert row is not None  # a function answers with one row
        lease, wait_seconds = row
        return _Leave(lease, wait_seconds or PLACE_POLL_SECONDS, for_a_place=not lease and wait_seconds == 0)

    def _give_back(self, lease: int) -> None:
        """The call is over. If the database is away the place comes back when the lease runs out: the call's own
        outcome matters more than its place, so it is not replaced by our trouble."""
        try:
            with self._pool.connection(DATABASE_SECONDS) as db:
                db.execute("SELECT give_back_leave(%s)", (lease,))
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
