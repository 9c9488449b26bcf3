"""What `react` remembers: what waits for which key, and which keys have arrived. Written in the transaction of its appends."""

from collections.abc import Sequence
from datetime import datetime

from engine.domain.events import Missing
from engine.domain.values import System
from engine.log import Statement
from engine.surroundings import Pool


class Memory:
    """Reads the memory; the functions below give the statements that change it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def others(self, key: str, member: str) -> int:
        """How many others than `member` make `key` arrive."""
        sql = "SELECT count(*) FROM react_arrived WHERE key = %s AND member <> %s"
        with self._pool.connection() as c:
            row = c.execute(sql, (key, member)).fetchone()
        return int(row[0]) if row else 0

    def waiting_customers(self, connection: str) -> list[str]:
        """The customer streams of a connection that some command waits for."""
        prefix = f"customer-linked:customer-{connection}:"
        sql = "SELECT DISTINCT substr(key, 17) FROM react_waiting WHERE starts_with(key, %s) ORDER BY 1"
        with self._pool.connection() as c:
            return [r[0] for r in c.execute(sql, (prefix,))]

    def keys_of(self, member: str) -> list[str]:
        """The keys that `member` makes arrive now."""
        with self._pool.connection() as c:
            return [r[0] for r in c.execute("SELECT key FROM react_arrived WHERE member = %s", (member,))]

    def arrived_by(self, members: Sequence[str]) -> dict[str, list[str]]:
        """Member → the keys that it makes arrive now."""
        sql = "SELECT member, array_agg(key) FROM react_arrived WHERE member = ANY(%s) GROUP BY member"
        with self._pool.connection() as c:
            return dict(c.execute(sql, (list(members),)).fetchall())

    def have_arrived(self, keys: Sequence[str], without: str = "") -> dict[str, str]:
        sql = (
            "SELECT key, min(because) FROM react_arrived WHERE key = ANY(%s) AND member <> %s "
            "GROUP BY key HAVING count(*) = 1"
        )
        with self._pool.connection() as c:
            return dict(c.execute(sql, (list(keys), without)).fetchall())

    def awaited(self, keys: Sequence[str]) -> frozenset[str]:
        """Those of `keys` that something waits for."""
        with self._pool.connection() as c:
            found = c.execute("SELECT DISTINCT key FROM react_waiting WHERE key = ANY(%s)", (list(keys),))
            return frozenset(row[0] for row in found)

    def waiting_for(self, key: str) -> list[tuple[str, str, list[str]]]:
        """(command id, stream, the other keys it waits for) of all that wait for `key`, oldest stream first."""
        sql = (
            "SELECT w.command_id, w.stream, coalesce(array_agg(o.key) FILTER (WHERE o.key IS NOT NULL), '{}') "
            "FROM react_waiting w LEFT JOIN react_waiting o ON o.command_id = w.command_id AND o.key <> w.key "
            "WHERE w.key = %s GROUP BY w.command_id, w.stream ORDER BY w.stream"
        )
        with self._pool.connection() as c:
            return [(r[0], r[1], r[2]) for r in c.execute(sql, (key,))]


def wait(missing: Missing, stream: str, command_id: str) -> Statement:
    return (
        "INSERT INTO react_waiting (key, stream, command_id, sentence) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (missing.key, stream, command_id, missing.sentence),
    )


def look_again(
    connection: str, system: System, customer: str, cause: str, now: datetime, due_at: datetime
) -> Statement:
    """A customer's record is read again at `due_at`, or when it is read anyway before."""
    sql = (
        "INSERT INTO signals (connection, system, kind, remote_id, cause, raised_at, serial, priority, only_if_new, due_at) "
        "VALUES (%s, %s, 'customer', %s, %s, %s, nextval('signal_serial'), 1, false, %s) "
        "ON CONFLICT (connection, system, kind, remote_id) DO UPDATE SET serial = excluded.serial, only_if_new = false, "
        "due_at = LEAST(signals.due_at, excluded.due_at)"
    )
    return (sql, (connection, system, customer, cause, now, due_at))


def forget(command_id: str) -> Statement:
    return ("DELETE FROM react_waiting WHERE command_id = %s", (command_id,))


def arrive(key: str, member: str, because: str) -> Statement:
    """`member` makes `key` arrive; a key has arrived while it has exactly one member."""
    sql = "INSERT INTO react_arrived (key, member, because) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
    return (sql, (key, member, because))


def leave(member: str) -> Statement:
    """`member` makes nothing arrive any more."""
    return ("DELETE FROM react_arrived WHERE member = %s", (member,))
