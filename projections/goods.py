"""What decisions about stock look up: the last figures, and what orders take. Written in the append's own transaction."""

from decimal import Decimal

import msgspec

from engine.domain.events import (
    CommandAbandoned,
    CommandAccepted,
    CommandIssued,
    CommandRetried,
    InvoiceObserved,
    OrderObserved,
    PushAskedFor,
    PushWithheld,
    Recorded,
    RecordGone,
    StockObserved,
)
from engine.domain.order import sku_key
from engine.domain.values import connection_of, kind_of
from engine.log import Statement

NOT_COUNTED = frozenset({"baseline", "not-started"})
"""Reasons for which an order is not pushed though it is confirmed: somebody else has invoiced it, or will."""


class StockLevels:
    """Rows of `stock_levels`."""

    name = "stock_levels"

    def clear(self) -> list[Statement]:
        return [("DELETE FROM stock_levels", ())]

    def rows(self, recorded: Recorded) -> list[Statement]:
        event = recorded.event
        if not isinstance(event, StockObserved):
            return []
        sql = (
            "INSERT INTO stock_levels (connection, system, remote_id, level, on_hand) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (connection, system, remote_id) DO UPDATE SET level = excluded.level, on_hand = excluded.on_hand"
        )
        place = (connection_of(recorded.stream), event.system, event.remote_id)
        return [(sql, (*place, msgspec.json.encode(event.level).decode(), event.level.on_hand))]


class Demand:
    """Rows of `demand` and `demanding`."""

    name = "demand"

    def clear(self) -> list[Statement]:
        return [("DELETE FROM demand", ()), ("DELETE FROM demanding", ())]

    def rows(self, recorded: Recorded) -> list[Statement]:
        event, stream = recorded.event, recorded.stream
        if isinstance(event, StockObserved) and event.includes:
            sql = "DELETE FROM demand WHERE connection = %s AND sku = %s AND stream = ANY(%s)"
            return [(sql, (connection_of(stream), event.sku, list(event.includes)))]
        if kind_of(stream) != "order":
            return []
        match event:
            case OrderObserved():
                return _ordered(recorded, event)
            case RecordGone(system="wizcommerce"):
                return [_no_more(stream)]
            case PushWithheld(reason=reason):
                return [_counts(stream, reason not in NOT_COUNTED)]
            case CommandAbandoned() if recorded.who not in ("system", "schedule"):
                return [_counts(stream, False)]
            case CommandIssued() | CommandRetried() | PushAskedFor():
                return [_counts(stream, True)]
            case CommandAccepted() | InvoiceObserved():
                sql = (
                    "INSERT INTO demanding (stream, invoiced_version) VALUES (%s, %s) ON CONFLICT (stream) DO UPDATE SET "
                    "invoiced_version = coalesce(demanding.invoiced_version, excluded.invoiced_version)"
                )
                return [(sql, (stream, recorded.version))]
            case _:
                return []


def _ordered(recorded: Recorded, event: OrderObserved) -> list[Statement]:
    """What the order takes, unless it was invoiced: then what the invoice took counts until a figure holds it."""
    taken: dict[str, Decimal] = {}
    if event.content.status.casefold() == "confirmed":
        for line in event.content.lines:
            if not line.is_adhoc and line.sku.strip():
                taken[sku_key(line.sku)] = taken.get(sku_key(line.sku), Decimal(0)) + line.quantity
    sql = (
        "INSERT INTO demand (stream, sku, connection, number, quantity) SELECT %s, %s, %s, %s, %s "
        "WHERE NOT EXISTS (SELECT FROM demanding WHERE stream = %s AND invoiced_version IS NOT NULL)"
    )
    stream = recorded.stream
    place = (connection_of(stream), event.content.number)
    return [_no_more(stream), *((sql, (stream, sku, *place, much, stream)) for sku, much in taken.items() if much > 0)]


def _no_more(stream: str) -> Statement:
    sql = (
        "DELETE FROM demand WHERE stream = %s AND NOT EXISTS "
        "(SELECT FROM demanding g WHERE g.stream = demand.stream AND g.invoiced_version IS NOT NULL)"
    )
    return (sql, (stream,))


def _counts(stream: str, counts: bool) -> Statement:
    sql = "INSERT INTO demanding (stream, counts) VALUES (%s, %s) ON CONFLICT (stream) DO UPDATE SET counts = excluded.counts"
    return (sql, (stream, counts))
