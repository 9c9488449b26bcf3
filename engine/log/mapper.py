"""Events to rows and back: JSON by msgspec, a closed registry of tags, personal fields sealed with a key of their stream."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from eventsourcing.persistence import Mapper, StoredEvent

from engine.domain.events import TAG_OF, TAGS, Event, Recorded
from engine.domain.values import Personal
from engine.ports import Sealer

E = TypeVar("E")


class LogNotUnderstood(Exception):
    """The log holds something this release does not know. It is never skipped."""


class _Row(msgspec.Struct, Generic[E], frozen=True, kw_only=True):
    """What a row's state holds."""

    event_id: UUID
    recorded_at: datetime
    causation_id: str
    correlation_id: str
    who: str
    event: E


class _Sealing(threading.local):
    """Whose key the personal fields now being encoded or decoded are sealed with, thread by thread."""

    stream: str = ""
    sealer: Sealer | None = None


_sealing = _Sealing()


def _encode(value: Any) -> Any:
    if not isinstance(value, Personal):
        raise TypeError(f"cannot be recorded: {type(value).__name__}")
    if value.text == "":
        return ""
    if value.text is None or _sealing.sealer is None:
        return {"sealed": ""}
    return {"sealed": _sealing.sealer.seal(_sealing.stream, value.text)}


def _decode(kind: type, value: Any) -> Any:
    if kind is not Personal:
        raise TypeError(f"cannot be read from the log: {kind.__name__}")
    if value == "":
        return Personal("")
    sealed = value.get("sealed") if isinstance(value, dict) else None
    if not isinstance(sealed, str):
        raise ValueError("a personal field that is not sealed")
    return Personal(_sealing.sealer.unseal(_sealing.stream, sealed) if sealed and _sealing.sealer else None)


# Built at import: a struct first resolved under a frozen clock stays broken for the whole process (FOUNDATIONS).
_encoder = msgspec.json.Encoder(enc_hook=_encode)
_decoders: dict[str, Callable[[bytes], Any]] = {
    tag: msgspec.json.Decoder(_Row[cls], dec_hook=_decode).decode  # type: ignore[valid-type]
    for tag, cls in TAGS.items()
}


class EventMapper(Mapper[str]):
    """Rows are `Recorded` events. Raises LogNotUnderstood on a tag or a content this release does not know."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        recorded: Recorded = domain_event
        row: _Row[Event] = _Row(
            event_id=recorded.event_id,
            recorded_at=recorded.recorded_at,
            causation_id=recorded.causation_id,
            correlation_id=recorded.correlation_id,
            who=recorded.who,
            event=recorded.event,
        )
        _sealing.stream, _sealing.sealer = recorded.stream, self._sealer
        return StoredEvent(
            originator_id=recorded.stream,
            originator_version=recorded.version,
            topic=TAG_OF[type(recorded.event)],
            state=_encoder.encode(row),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        return self.recorded(stored_event, position=0)

    def recorded(self, stored: StoredEvent, position: int) -> Recorded:
        """The event of a row, in its place."""
        stream = str(stored.originator_id)
        decode = _decoders.get(stored.topic)
        place = f"event {stored.originator_version} of {stream}"
        if decode is None:
            raise LogNotUnderstood(
                f"{place} has the tag {stored.topic!r}, which this release does not know; "
                "run the release that wrote it, or a newer one"
            )
        _sealing.stream, _sealing.sealer = stream, self._sealer
        try:
            row = decode(stored.state)
        except msgspec.MsgspecError as error:
            raise LogNotUnderstood(f"{place} ({stored.topic}) cannot be read: {error}") from error
        return Recorded(
            stream=stream,
            version=stored.originator_version,
            event_id=row.event_id,
            recorded_at=row.recorded_at,
            causation_id=row.causation_id,
            correlation_id=row.correlation_id,
            who=row.who,
            event=row.event,
            position=position,
        )
