"""`eventsourcing` as it comes: its own recorder, mapper, transcoder and table."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import DatetimeAsISO, EventStore, JSONTranscoder, Mapper, UUIDAsHex
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict


@dataclass(frozen=True)
class StockEvent(DomainEvent):
    """A fact with the same fields as one of ours, envelope and all."""

    event_id: UUID
    causation_id: str
    correlation_id: str
    who: str
    what: str
    asked_by: str
    cursor_from: str
    cursor_to: str
    read: int
    changed: int
    metered_reads: int
    complete: bool
    problem: str


class Stock:
    """The library over an empty database, in which it makes its own table."""

    def __init__(self, conninfo: str) -> None:
        asked = conninfo_to_dict(conninfo)
        self._datastore = PostgresDatastore(
            dbname=str(asked["dbname"]),
            host=str(asked.get("host", "")),
            port=str(asked.get("port", "5432")),
            user=str(asked.get("user", "")),
            password=str(asked.get("password", "")),
        )
        recorder = PostgresApplicationRecorder(self._datastore)
        recorder.create_table()
        transcoder = JSONTranscoder()
        transcoder.register(UUIDAsHex())
        transcoder.register(DatetimeAsISO())
        self._store: EventStore[UUID] = EventStore(Mapper(transcoder), recorder)

    def append(self, stream: UUID, version: int, now: datetime, contents: list[dict[str, Any]]) -> None:
        """Saves events directly after `version`, in one transaction."""
        self._store.put(
            [
                StockEvent(
                    originator_id=stream,
                    originator_version=version + place,
                    timestamp=now,
                    event_id=uuid4(),
                    causation_id="bench",
                    correlation_id="bench",
                    who="system",
                    **content,
                )
                for place, content in enumerate(contents, start=1)
            ]
        )

    def close(self) -> None:
        self._datastore.close()
