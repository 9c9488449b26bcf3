"""What `observe` and the decisions look up: claims, match keys and gates, written in the append's own transaction.

Match keys are keyed hashes: records are compared without their texts standing in a table.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import LiteralString

from msgspec import to_builtins

from engine.domain.customer import matching_keys
from engine.domain.events import (
    ClaimMoved,
    CompanyObserved,
    ConnectionOpened,
    ConsentEnded,
    ConsentGranted,
    ConsentRegained,
    CustomerObserved,
    FirstSyncAccepted,
    InvoiceObserved,
    OrderObserved,
    OtherObserved,
    PersonalFieldsErased,
    ProductObserved,
    PushPaused,
    PushResumed,
    PushStarted,
    Recorded,
    RecordGone,
    RecordMergedThere,
    RemoteClaimed,
    RevisionMoved,
    RunFinished,
    SettingChosen,
    Sight,
    TenantAccessEnded,
    TenantJoined,
)
from engine.domain.invoice_from_order import sku_key
from engine.domain.product import usable
from engine.domain.values import connection_of
from engine.log import Statement


class Claims:
    """Rows of `claims`: which of our streams a remote record belongs to, and their newest revision of it."""

    name = "claims"

    def clear(self) -> list[Statement]:
        return [("DELETE FROM claims", ())]

    def rows(self, recorded: Recorded) -> list[Statement]:
        event = recorded.event
        match event:
            case RemoteClaimed() | ClaimMoved():
                connection, system, kind, remote_id = link_parts(recorded.stream)
                sql = (
                    "INSERT INTO claims (connection, system, kind, remote_id, stream, revision, seen_at) "
                    "VALUES (%s, %s, %s, %s, %s, '', %s) "
                    "ON CONFLICT (connection, system, kind, remote_id) DO UPDATE SET stream = excluded.stream"
                )
                return [(sql, (connection, system, kind, remote_id, event.record, recorded.recorded_at))]
            case Sight() | RevisionMoved():
                sql = (
                    "INSERT INTO claims AS c "
                    "(connection, system, kind, remote_id, stream, revision, seen_at, changed_at, starts, bundle, active, "
                    "content_hash) "
                    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, coalesce(%s, true), coalesce(%s, '')) "
                    "ON CONFLICT (connection, system, kind, remote_id) DO UPDATE SET revision = excluded.revision, "
                    "seen_at = excluded.seen_at, changed_at = excluded.changed_at, active = coalesce(%s, c.active), "
                    "content_hash = coalesce(%s, c.content_hash), starts = CASE WHEN %s THEN excluded.starts ELSE c.starts END, "
                    "bundle = CASE WHEN %s THEN excluded.bundle ELSE c.bundle END"
                )
                place = (connection_of(recorded.stream), event.system, event.kind, event.remote_id)
                seen = event if isinstance(event, Sight) else None
                at = (recorded.recorded_at, seen.changed_at if seen else None)
                item = (event.content.starts, _bundle(event)) if isinstance(event, ProductObserved) else (None, None)
                shown = (_active(event), seen.content_hash if seen else None)
                return [
                    (
                        sql,
                        (*place, recorded.stream, event.revision, *at, *item, *shown, *shown, *[seen is not None] * 2),
                    )
                ]
            case RecordGone():
                sql = f"UPDATE claims SET active = false, content_hash = '', bundle = NULL {PLACE}"
                return [(sql, (connection_of(recorded.stream), event.system, event.kind, event.remote_id))]
            case RecordMergedThere():
                sql = f"UPDATE claims SET moved_to = %s {PLACE}"
                return [(sql, (event.into, connection_of(recorded.stream), event.system, event.kind, event.remote_id))]
            case _:
                return []


def _bundle(event: ProductObserved) -> str | None:
    """What a bundle that can be sold is called and is made of, as JSON; None for anything else."""
    content = event.content
    if not content.parts or not content.active:
        return None
    return json.dumps({"keys": _product_keys(event), "parts": [[one.item, str(one.quantity)] for one in content.parts]})


def _active(event: Sight | RevisionMoved) -> bool | None:
    """Whether the record can be used where it is; None when this sight does not say."""
    match event:
        case CustomerObserved():
            return event.content.active
        case ProductObserved():
            return usable(event.content)
        case _:
            return None


PLACE = "WHERE connection = %s AND system = %s AND kind = %s AND remote_id = %s"


OF_RECORD: LiteralString = "WHERE connection = %s AND kind = %s AND system = %s AND remote_id = %s"


def link_parts(stream: str) -> tuple[str, str, str, str]:
    """(connection, system, kind, remote id) of a link stream's name."""
    system, kind, remote_id = stream.partition(":")[2].split(":", 2)
    return connection_of(stream), system, kind, remote_id


class MatchKeys:
    """Rows of `match_keys`. `fingerprint` is the installation's keyed hash."""

    name = "match_keys"

    def __init__(self, fingerprint: Callable[[str], str]) -> None:
        self._fingerprint = fingerprint

    def clear(self) -> list[Statement]:
        return [("DELETE FROM match_keys", ())]

    def rows(self, recorded: Recorded) -> list[Statement]:
        event = recorded.event
        match event:
            case CustomerObserved():
                may_match = event.content.active and not event.content.project
                return self._replace(recorded, event, matching_keys(event.content), may_match)
            case ProductObserved():
                return [
                    *self._formerly(recorded, event),
                    *self._replace(recorded, event, _product_keys(event), usable(event.content)),
                ]
            case InvoiceObserved():
                keys = {"number": event.content.number, "mark": event.content.mark}
                return self._replace(recorded, event, {k: v for k, v in keys.items() if v}, not event.content.voided)
            case OrderObserved() if event.content.number:
                may_be = event.content.status.casefold() != "cancelled"
                return self._replace(recorded, event, {"number": event.content.number}, may_be)
            case PersonalFieldsErased():
                sql = (
                    "DELETE FROM match_keys m USING claims c WHERE c.stream = %s AND c.kind = 'customer' "
                    "AND (m.connection, m.system, m.kind, m.remote_id) = (c.connection, c.system, c.kind, c.remote_id)"
                )
                return [(sql, (recorded.stream,))]
            case RecordGone():
                sql = f"DELETE FROM match_keys {OF_RECORD}"
                return [(sql, (connection_of(recorded.stream), event.kind, event.system, event.remote_id))]
            case _:
                return []

    def _formerly(self, recorded: Recorded, sight: ProductObserved) -> list[Statement]:
        """The SKU that WizCommerce showed before another one: orders placed under it are still on their way."""
        if sight.system != "wizcommerce":
            return []
        sql: LiteralString = (
            "INSERT INTO match_keys AS m (connection, kind, system, remote_id, key, value, active) "
            f"SELECT connection, kind, system, remote_id, 'former', value, active FROM match_keys {OF_RECORD} "
            "AND key = 'sku' AND value <> %s ON CONFLICT (connection, kind, system, remote_id, key) "
            "DO UPDATE SET value = excluded.value, active = excluded.active"
        )
        place = (connection_of(recorded.stream), sight.kind, sight.system, sight.remote_id)
        return [(sql, (*place, self._fingerprint(sku_key(sight.content.sku))))]

    def _replace(self, recorded: Recorded, sight: Sight, keys: dict[str, str], active: bool) -> list[Statement]:
        place = (connection_of(recorded.stream), sight.kind, sight.system, sight.remote_id)
        forget = f"DELETE FROM match_keys {OF_RECORD} AND key <> 'former'"
        if not keys:
            return [(forget, place)]
        add = (
            "INSERT INTO match_keys (connection, kind, system, remote_id, key, value, active) "
            "SELECT %s, %s, %s, %s, key, value, %s FROM unnest(%s::text[], %s::text[]) AS k(key, value)"
        )
        told = (active, list(keys), [self._fingerprint(text) for text in keys.values()])
        return [(forget, place), (add, (*place, *told))]


def _product_keys(event: ProductObserved) -> dict[str, str]:
    """A connection chooses which of them is a QuickBooks item's SKU; a WizCommerce product has one."""
    content = event.content
    keys = {"sku": content.sku}
    if event.system == "quickbooks":
        keys |= {"name": content.name, "full": content.full_name or content.name}
    return {key: sku_key(text) for key, text in keys.items() if text.strip()}


class ShortLists:
    """Rows of `short_lists`: QuickBooks' terms and customer types by id."""

    name = "short_lists"

    def clear(self) -> list[Statement]:
        return [("DELETE FROM short_lists", ())]

    def rows(self, recorded: Recorded) -> list[Statement]:
        event = recorded.event
        place = (connection_of(recorded.stream),)
        match event:
            case OtherObserved(kind="term" | "customertype"):
                sql = (
                    "INSERT INTO short_lists (connection, kind, remote_id, name, active) VALUES (%s, %s, %s, %s, %s) "
                    "ON CONFLICT (connection, kind, remote_id) DO UPDATE SET name = excluded.name, active = excluded.active"
                )
                return [(sql, (*place, event.kind, event.remote_id, event.content.title, event.content.active))]
            case RecordGone(kind="term" | "customertype"):
                sql = "UPDATE short_lists SET active = false WHERE connection = %s AND kind = %s AND remote_id = %s"
                return [(sql, (*place, event.kind, event.remote_id))]
            case _:
                return []


class Gates:
    """Rows of `gates`: one a connection, whether reads and writes may go and from when orders are pushed."""

    name = "gates"

    def clear(self) -> list[Statement]:
        return [("DELETE FROM gates", ())]

    def rows(self, recorded: Recorded) -> list[Statement]:
        name, at = recorded.stream.removeprefix("connection-"), recorded.recorded_at
        if isinstance(recorded.event, RunFinished):
            return _pulled(recorded, recorded.event)
        match recorded.event:
            case ConnectionOpened():
                sql = (
                    "INSERT INTO gates (connection, quickbooks, wizcommerce, paused, push_from, pulled, company, facts, "
                    "changed_at) VALUES (%s, 'new', 'new', '', NULL, '{}', '', '{}', %s) ON CONFLICT DO NOTHING"
                )
                return [(sql, (name, at))]
            case TenantJoined():
                return [("UPDATE gates SET wizcommerce = 'open', changed_at = %s WHERE connection = %s", (at, name))]
            case TenantAccessEnded():
                return [("UPDATE gates SET wizcommerce = 'ended', changed_at = %s WHERE connection = %s", (at, name))]
            case ConsentGranted(company=company) | ConsentRegained(company=company):
                sql = "UPDATE gates SET quickbooks = 'open', company = %s, changed_at = %s WHERE connection = %s"
                return [(sql, (company, at, name))]
            case ConsentEnded():
                return [("UPDATE gates SET quickbooks = 'ended', changed_at = %s WHERE connection = %s", (at, name))]
            case CompanyObserved(facts=facts):
                told = json.dumps(to_builtins(facts))
                sql = "UPDATE gates SET facts = %s, company = %s, changed_at = %s WHERE connection = %s"
                return [(sql, (told, facts.name, at, name))]
            case FirstSyncAccepted():
                return [("UPDATE gates SET accepted = true, changed_at = %s WHERE connection = %s", (at, name))]
            case SettingChosen():
                chosen = json.dumps({recorded.event.name: recorded.event.value})
                sql = "UPDATE gates SET choices = choices || %s::jsonb, changed_at = %s WHERE connection = %s"
                return [(sql, (chosen, at, name))]
            case _:
                return _gate_of_writes(recorded, name, at)


def _pulled(recorded: Recorded, run: RunFinished) -> list[Statement]:
    if not run.what.startswith("first-") or not run.complete:
        return []
    sql = "UPDATE gates SET pulled = array_append(array_remove(pulled, %s), %s) WHERE connection = %s"
    return [(sql, (run.what, run.what, connection_of(recorded.stream)))]


def _gate_of_writes(recorded: Recorded, name: str, at: datetime) -> list[Statement]:
    match recorded.event:
        case PushStarted(push_from=push_from):
            sql = "UPDATE gates SET push_from = %s, changed_at = %s WHERE connection = %s"
            return [(sql, (push_from, at, name))]
        case PushPaused(reason=reason):
            return [("UPDATE gates SET paused = %s, changed_at = %s WHERE connection = %s", (reason, at, name))]
        case PushResumed():
            return [("UPDATE gates SET paused = '', changed_at = %s WHERE connection = %s", (at, name))]
        case _:
            return []
