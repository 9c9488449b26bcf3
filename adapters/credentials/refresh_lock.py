"""One refresher of a connection's tokens at a time, over all processes.

A session-level advisory lock, held outside any transaction while the token endpoint is asked: a lock inside a
transaction would break the law of no network call there, and pools end transactions that idle. Within a process a
plain lock comes first, so that at most one of its threads waits on the database for a connection's turn.
"""

import contextlib
import hashlib
import threading
from collections.abc import Generator

import psycopg

from adapters.credentials.rows import Database, Pool
from engine.ports import Unavailable

PATIENCE_SECONDS = 90
"""How long to wait for another refresher: longer than its whole call and its tries to store."""


class RefreshLock:
    """Hands out the turn to refresh, with the database connection that holds it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._guard = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}

    @contextlib.contextmanager
    def held(self, connection: str) -> Generator[Database, None, None]:
        """The turn for `connection`, and the session that holds it. Raises Unavailable when others keep it too long."""
        with self._guard:
            turn = self._turns.setdefault(connection, threading.Lock())
        if not turn.acquire(timeout=PATIENCE_SECONDS):
            raise _still_busy()
        try:
            with self._pool.connection() as db, _advisory(db, _key(connection)):
                yield db
        finally:
            turn.release()


@contextlib.contextmanager
def _advisory(db: Database, key: int) -> Generator[None, None, None]:
    db.execute("SELECT set_config('lock_timeout', %s, false)", (f"{PATIENCE_SECONDS}s",))
    try:
        try:
            db.execute("SELECT pg_advisory_lock(%s)", (key,))
        except psycopg.errors.LockNotAvailable:
            raise _still_busy() from None
        try:
            yield
        finally:
            with contextlib.suppress(psycopg.OperationalError):  # a lost session has lost its lock too
                db.execute("SELECT pg_advisory_unlock(%s)", (key,))
    finally:
        with contextlib.suppress(psycopg.OperationalError):
            db.execute("RESET lock_timeout")


def _key(connection: str) -> int:
    return int.from_bytes(hashlib.sha256(f"refresh the tokens of {connection}".encode()).digest()[:8], signed=True)


def _still_busy() -> Unavailable:
    return Unavailable(
        "Another part of this program is renewing the QuickBooks access and has not finished.", code="refresh-busy"
    )
