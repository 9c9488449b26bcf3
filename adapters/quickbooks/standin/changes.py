"""Change data capture: what changed since a moment, deletions as stubs. Source: reference, sections 4.1, 4.2."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.catalogue import KINDS
from adapters.quickbooks.standin.company import Company
from adapters.quickbooks.standin.switches import Switches
from adapters.quickbooks.standin.times import read_moment, to_the_second

Wire = dict[str, Any]

MOST_OBJECTS = 1000
NOT_CAPTURED = frozenset({"TaxCode", "TaxRate"})
LOOK_BACK = timedelta(days=30)


def changed(company: Company, entities: str, since: str, switches: Switches) -> list[Wire]:
    """One block per requested entity, in the order asked for; over 1000 objects in all the rest is silently cut off.

    Raises Fault 2020 for a parameter that is missing, 2060 for a time that is none, 2000 for an unknown entity.
    """
    names = [name.strip() for name in entities.split(",") if name.strip()]
    absent = [name for name, value in (("entities", names), ("changedSince", since)) if not value]
    if absent:
        raise refusals.missing(*absent)
    for name in names:
        if name not in KINDS or name in NOT_CAPTURED:
            raise refusals.Fault(refusals.Error("2000", "Invalid object name", f"{name} is not supported by CDC"))
    try:
        start_at = read_moment(since)
    except ValueError as problem:
        raise refusals.Fault(refusals.bad_date("changedSince", since[:40])) from problem
    start_at = _within_reach(start_at, company.clock.now(), switches)
    room = MOST_OBJECTS
    blocks = []
    for name in names:
        block = _block(company, name, start_at, switches.cdc_inclusive)
        rows = block.get(name, [])
        if len(rows) > room:
            block[name] = rows[:room]
            block["maxResults"] = room
        room -= min(room, len(rows))
        blocks.append(block)
    return blocks


def _within_reach(start_at: datetime, now: datetime, switches: Switches) -> datetime:
    if now - start_at <= LOOK_BACK or switches.cdc_beyond_30_days == "full":
        return start_at
    if switches.cdc_beyond_30_days == "partial":
        return now - LOOK_BACK
    raise refusals.Fault(refusals.Error("2070", "Invalid date range", "changedSince is more than 30 days ago"))


def _block(company: Company, name: str, start_at: datetime, inclusive: bool) -> Wire:
    """Full objects by time of change, then stubs. Only stubs: no startPosition; nothing at all: an empty object."""

    def counts(at: datetime) -> bool:
        # Times are compared as replies show them, in whole seconds.
        moment = at.replace(microsecond=0)
        return moment >= start_at if inclusive else moment > start_at

    live = [record for record in company.all(name) if counts(record.changed_at)]
    live.sort(key=lambda record: (record.changed_at, record.born))
    stubs = [
        {
            "domain": "QBO",
            "status": "Deleted",
            "Id": stub.id,
            "MetaData": {"LastUpdatedTime": to_the_second(stub.deleted_at)},
        }
        for stub in company.tombstones
        if stub.entity == name and counts(stub.deleted_at)
    ]
    rows = [record.wire for record in live] + stubs
    if not rows:
        return {}
    block: Wire = {name: rows}
    if live:
        block["startPosition"] = 1
    return {**block, "maxResults": len(rows), "totalCount": len(rows)}
