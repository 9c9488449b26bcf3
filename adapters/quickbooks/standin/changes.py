"""Change data capture: what changed since a moment, deletions as stubs. Source: reference, sections 4.1, 4.2."""

from __future__ import annotations

from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.catalogue import KINDS
from adapters.quickbooks.standin.company import Company, Tombstone
from adapters.quickbooks.standin.switches import Switches
from adapters.quickbooks.standin.times import read_moment, to_the_second, to_whole_seconds

Wire = dict[str, Any]

LOOK_BACK = timedelta(days=30)
UNFOLLOWED = frozenset({"JournalCode", "TaxAgency", "TaxCode", "TaxRate", "TimeActivity"})

_by_time = attrgetter("changed_at")


def changed(company: Company, entities: str, since: str, switches: Switches) -> list[Wire]:
    """One block per requested entity, in the order asked for; over 1000 objects in all (a switch) the rest is silently cut off.

    Raises Fault 2020 for a parameter that is missing, 2060 for a time that is none, 2000 for an unknown entity.
    """
    names = [name.strip() for name in entities.split(",") if name.strip()]
    absent = [name for name, value in (("entities", names), ("changedSince", since)) if not value]
    if absent:
        raise refusals.missing(*absent)
    for name in names:
        if name not in KINDS or name in UNFOLLOWED:
            raise refusals.Fault(refusals.Error("2000", "Invalid object name", f"{name} is not supported by CDC"))
    try:
        start_at = read_moment(since)
    except ValueError as problem:
        raise refusals.Fault(refusals.bad_date("changedSince", since[:40])) from problem
    start_at = _within_reach(start_at, company.clock.now(), switches)
    room = switches.cdc_most_objects
    blocks = []
    for name in names:
        block = _block(company, name, start_at, room, switches)
        room -= block.get("maxResults", 0)
        blocks.append(block)
    return blocks


def _within_reach(start_at: datetime, now: datetime, switches: Switches) -> datetime:
    if now - start_at <= LOOK_BACK or switches.cdc_beyond_30_days == "full":
        return start_at
    if switches.cdc_beyond_30_days == "partial":
        return now - LOOK_BACK
    raise refusals.Fault(refusals.Error("2070", "Invalid date range", "changedSince is more than 30 days ago"))


def _block(company: Company, name: str, start_at: datetime, room: int, switches: Switches) -> Wire:
    """Full objects by time of change, then stubs, `room` of them at most.

    Only stubs: no startPosition. Nothing at all: an empty object. Times are compared as replies show them, in whole
    seconds, so that what changed together has no order but that of creation.
    """
    after = start_at if switches.cdc_inclusive else to_whole_seconds(start_at) + timedelta(seconds=1)
    live = [record for record in company.all(name) if record.changed_at >= after]
    gone = [one for one in company.tombstones if one.entity == name and to_whole_seconds(one.deleted_at) >= after]
    total = len(live) + len(gone)
    if not total:
        return {}
    live.sort(key=_by_time)
    rows = [record.wire for record in live[:room]]
    rows += [_stub(one) for one in gone[: room - len(rows)]]
    block: Wire = {name: rows}
    if live:
        block["startPosition"] = 1
    block["maxResults"] = len(rows)
    if switches.cdc_total_count:
        block["totalCount"] = total
    return block


def _stub(gone: Tombstone) -> Wire:
    return {
        "domain": "QBO",
        "status": "Deleted",
        "Id": gone.id,
        "MetaData": {"LastUpdatedTime": to_the_second(gone.deleted_at)},
    }
