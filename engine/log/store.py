"""The log: every fact, once, in order.

Appends go through one recorder, which takes the log's advisory lock first (so positions become visible in commit order, and
VACUUM is never blocked) and writes the inline tables in the same transaction: what the log says and what the dispatcher
claims can never differ. A conflict is the log's own key violated by another event; anything else is a bug, or our own
earlier success, and is told apart by event id.
"""

from collections.abc import Callable, Sequence
from typing import Any, LiteralString, Protocol, TypeVar
from uuid import uuid4

import msgspec
import psycopg
from eventsourcing.persistence import (
    DatabaseError,
    EventStore,
    IntegrityError,
    InterfaceError,
    OperationalError,
    StoredEvent,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg import Cursor
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow
from psycopg.sql import SQL
from psycopg_pool import PoolTimeout

from engine.clock import Clock
from engine.domain.events import Event, Recorded
from engine.log.mapper import EventMapper
from engine.ports import Sealer

S = TypeVar("S")
Statement = tuple[LiteralString, Sequence[Any]]

LOG_KEY = "log_pkey"
UNSEALED = ("link-", "run-", "connection-")
"""Beginnings of streams that hold nothing personal, and get no key."""
RAISED = "P0001"
"""The sqlstate of `advance_tracking` under another leader."""


class AnotherLeader(Exception):
    """Another process leads this follower and has moved on: nothing of ours was appended."""


AWAY = (psycopg.OperationalError, psycopg.InterfaceError, OperationalError, InterfaceError, PoolTimeout, AnotherLeader)
"""What a loop meets when the database stops or restarts, or another process took over: it waits and goes on."""
LOCK: LiteralString = "SELECT pg_advisory_xact_lock(log_lock_key())"


PIPELINED_BYTES = 64 * 1024
"""Less than any socket's buffer: what may be sent without being read at the other end."""
STATEMENT_BYTES = 512
"""About what one statement on an inline table takes on the wire."""
INSERT = SQL(
    "INSERT INTO log (originator_id, originator_version, topic, state) VALUES (%s, %s, %s, %s) RETURNING notification_id"
)


class VersionConflict(Exception):
    """Another event already stands at this place of the stream: read again and decide again."""


class Inline(Protocol):
    """A table written in the append's own transaction, and rebuilt from the log by the same rows."""

    name: str

    def rows(self, recorded: Recorded) -> list[Statement]:
        """The statements that follow from one event."""
        ...

    def clear(self) -> list[Statement]:
        """The statements that empty it."""
        ...


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Why something is appended: `causation_id` names the event, signal or request; `correlation_id` is passed on."""

    causation_id: str
    correlation_id: str
    who: str = "system"

    def after(self, recorded: Recorded) -> "Cause":
        """The cause of what follows from `recorded`."""
        return Cause(causation_id=str(recorded.event_id), correlation_id=recorded.correlation_id, who="system")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Events for one stream, to stand directly after `version` (0: the stream begins with them)."""

    stream: str
    version: int
    events: Sequence[Event]


class Recorder(PostgresApplicationRecorder):
    """Appends in commit order without stopping VACUUM, and writes the inline tables in the same transaction."""

    def __init__(self, datastore: PostgresDatastore) -> None:
        super().__init__(datastore, events_table_name="log")
        self.lock_table_statements = []  # the lock is taken in _insert_events, before any row lock

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Appends; what is large goes statement by statement.

        psycopg ends a pipeline's sending without looking whether everything left the socket's buffer, and then both sides
        wait for each other for ever, holding the log's lock (measured with 3.3.9 and one order of 10,000 lines).
        """
        statements: Sequence[Statement] = kwargs.get("statements", ())
        if sum(len(e.state) for e in stored_events) + STATEMENT_BYTES * len(statements) < PIPELINED_BYTES:
            ids: Sequence[int] | None = super().insert_events(stored_events, **kwargs)
            return ids
        found = []
        with self.datastore.transaction(commit=True) as curs:
            self._insert_events(curs, stored_events, **kwargs)
            self._notify_channel(curs)
            for e in stored_events:
                curs.execute(INSERT, (e.originator_id, e.originator_version, e.topic, e.state))
                row = curs.fetchone()
                found.append(int(row["notification_id"]) if row else 0)
        return found

    def _insert_events(self, curs: Cursor[DictRow], stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        curs.execute(LOCK)
        statements: Sequence[Statement] = kwargs.get("statements", ())
        for sql, parameters in statements:
            curs.execute(sql, parameters)


class Log:
    """Reads and appends. Safe to share between threads."""

    def __init__(
        self, conninfo: str, clock: Clock, sealer: Sealer, inline: Sequence[Inline], pool_size: int = 4
    ) -> None:
        self._datastore = _datastore(conninfo, pool_size)
        self._recorder = Recorder(self._datastore)
        self._sealer = sealer
        self._mapper = EventMapper(sealer)
        self._store: EventStore[str] = EventStore(self._mapper, self._recorder)
        self._clock = clock
        self.inline = tuple(inline)

    def close(self) -> None:
        self._datastore.close()

    def read(self, stream: str) -> list[Recorded]:
        """Every event of a stream, from its first. Positions are 0: read by `since` for those."""
        return list(self._store.get(stream))  # type: ignore[arg-type]

    def load(self, stream: str, evolve: Callable[[S, Recorded], S], initial: S) -> S:
        """The state of a stream's aggregate."""
        state = initial
        for recorded in self._with_positions(stream):
            state = evolve(state, recorded)
        return state

    def load_all(
        self, streams: Sequence[str], evolve: Callable[[S, Recorded], S], initial: Callable[[str], S]
    ) -> dict[str, S]:
        """Stream → the state of its aggregate, of many streams with one question."""
        states = {stream: initial(stream) for stream in streams}
        sql = "SELECT * FROM log WHERE originator_id = ANY(%s) ORDER BY originator_id, originator_version"
        with self._datastore.get_connection() as connection, connection.cursor() as cursor:
            cursor.execute(sql, (list(streams),), prepare=True)
            rows = cursor.fetchall()
        self._sealer.prepare({row["originator_id"] for row in rows}, make=False)
        for row in rows:
            recorded = self._recorded(row)
            states[recorded.stream] = evolve(states[recorded.stream], recorded)
        return states

    def _with_positions(self, stream: str) -> list[Recorded]:
        with self._datastore.get_connection() as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT * FROM log WHERE originator_id = %s ORDER BY originator_version", (stream,), prepare=True
            )
            rows = cursor.fetchall()
        return [self._recorded(row) for row in rows]

    def _recorded(self, row: DictRow) -> Recorded:
        stored = StoredEvent(
            originator_id=row["originator_id"],
            originator_version=row["originator_version"],
            topic=row["topic"],
            state=bytes(row["state"]),
        )
        return self._mapper.recorded(stored, row["notification_id"])

    def story(self, stream: str) -> list[Recorded]:
        """Every event of a stream with its position, for people."""
        return self._with_positions(stream)

    def since(self, position: int, limit: int) -> list[Recorded]:
        """At most `limit` events after `position`, in the order of the log."""
        found = self._recorder.select_notifications(position, limit, inclusive_of_start=False)
        self._sealer.prepare({str(n.originator_id) for n in found}, make=False)
        return [self._mapper.recorded(n, int(n.id)) for n in found]

    def position(self) -> int:
        """The newest position that can be seen now; 0 when the log is empty."""
        return self._recorder.max_notification_id() or 0

    def append(self, entries: Sequence[Entry], cause: Cause, also: Sequence[Statement] = ()) -> list[Recorded]:
        """Appends all entries, the inline rows that follow and `also`, in one transaction, or nothing.

        Raises VersionConflict when another event stands at one of the places. A repeat after a lost acknowledgement is
        recognised by event id and answered as the success it was.
        """
        now = self._clock.now()
        new = [
            Recorded(
                stream=entry.stream,
                version=entry.version + offset,
                event_id=uuid4(),
                recorded_at=now,
                causation_id=cause.causation_id,
                correlation_id=cause.correlation_id,
                who=cause.who,
                event=event,
            )
            for entry in entries
            for offset, event in enumerate(entry.events, start=1)
        ]
        if not new and not also:
            return []
        statements = [*(s for recorded in new for table in self.inline for s in table.rows(recorded)), *also]
        self._sealer.prepare({r.stream for r in new if not r.stream.startswith(UNSEALED)}, make=True)
        try:
            placed = self._put(new, statements)
        except IntegrityError as error:
            # A refused row of an inline table may hide a taken place: its statements run before the events are inserted.
            standing = self._standing(new)
            if standing and all(s and s.event_id == r.event_id for s, r in zip(standing, new, strict=True)):
                return [s for s in standing if s]
            if _constraint(error) == LOG_KEY or any(standing):
                raise VersionConflict(", ".join(sorted({r.stream for r in new}))) from error
            raise
        except DatabaseError as error:
            if getattr(error.__cause__, "sqlstate", "") == RAISED:
                raise AnotherLeader(str(error.__cause__)) from error
            raise
        return [msgspec.structs.replace(r, position=int(p.notification.id)) for r, p in zip(new, placed, strict=True)]

    def _put(self, new: Sequence[Recorded], statements: Sequence[Statement]) -> Sequence[Any]:
        """Nothing of an aborted pipeline is kept, and rarely its abortion is all it tells: asked once more, it says why."""
        try:
            return self._store.put(new, statements=statements)
        except OperationalError as error:
            if not isinstance(error.__cause__, psycopg.errors.PipelineAborted):
                raise
            return self._store.put(new, statements=statements)

    def _standing(self, new: Sequence[Recorded]) -> list[Recorded | None]:
        """What stands now at each place where `new` was meant to stand; None where nothing does."""
        stories = {stream: {r.version: r for r in self.story(stream)} for stream in {r.stream for r in new}}
        return [stories[r.stream].get(r.version) for r in new]

    def rebuild(self, table: Inline) -> int:
        """Empties an inline table and fills it from the log, under the log's lock. Answers with the events read."""
        count = 0
        with self._datastore.transaction(commit=True) as cursor:
            cursor.execute(LOCK)
            for sql, parameters in table.clear():
                cursor.execute(SQL(sql), parameters)
            position = 0
            while batch := self.since(position, 1000):
                for recorded in batch:
                    for sql, parameters in table.rows(recorded):
                        cursor.execute(SQL(sql), parameters)
                position = batch[-1].position
                count += len(batch)
        return count


def _constraint(error: Exception) -> str:
    cause = error.__cause__
    diagnosis = getattr(cause, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""


def _datastore(conninfo: str, pool_size: int) -> PostgresDatastore:
    """The library's own pool, on whatever the conninfo says; sessions that die soon when their process stands still."""
    asked = {key: value for key, value in conninfo_to_dict(conninfo).items() if value is not None}
    datastore = PostgresDatastore(
        dbname=str(asked.get("dbname", "")),
        host=str(asked.get("host", "")),
        port=str(asked.get("port", "5432")),
        user=str(asked.get("user", "")),
        password=str(asked.get("password", "")),
        originator_id_type="text",
        pool_size=1,
        max_overflow=pool_size - 1,
        connect_timeout=10.0,
        idle_in_transaction_session_timeout=5.0,
        lock_timeout=30,
    )
    kept = datastore.pool.kwargs
    assert isinstance(kept, dict)
    kept.update(asked)
    for empty in [key for key in ("host", "user", "password") if not kept.get(key)]:
        del kept[empty]
    kept["options"] = (
        f"{asked.get('options', '')} -c synchronous_commit=on -c default_transaction_isolation=read\\ committed".strip()
    )
    return datastore
