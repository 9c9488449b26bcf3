"""What DELETE does, and what reads show afterwards (A-43): a soft delete, inactive or out of sight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from starlette.responses import Response

from adapters.wizcommerce.standin.answers import not_found
from adapters.wizcommerce.standin.desk import Desk
from adapters.wizcommerce.standin.records import Record

DELETED = 204
"""With no body: the SDK reads none. Source: reference, section 1.7."""


def delete(desk: Desk, record: Record) -> None:
    """Delete a record softly: it is inactive from now on, and keeps its reference."""
    record["status"] = "inactive"
    record["updated_at"] = desk.now()
    desk.records.deleted.add(record["id"])


def restore(desk: Desk, record: Record) -> None:
    """Make a record active again, deleted or not."""
    record["status"] = "active"
    record["updated_at"] = desk.now()
    desk.records.deleted.discard(record["id"])


def in_sight(desk: Desk, records: Iterable[Record]) -> list[Record]:
    """The records that reads show: all of them, or all that were not deleted."""
    if desk.switches.a43_after_delete == "inactive":
        return list(records)
    return [one for one in records if one["id"] not in desk.records.deleted]


def found(desk: Desk, store: Mapping[str, Record], record_id: str, what: str) -> Record:
    """The record of this id. Raises the 404 refusal when there is none, or it was deleted and is out of sight."""
    record = store.get(record_id)
    if record is None or not in_sight(desk, [record]):
        raise not_found(what)
    return record


def deleted() -> Response:
    """The answer to a DELETE."""
    return Response(status_code=DELETED)
