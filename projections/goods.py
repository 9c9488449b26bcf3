"""What decisions about stock look up: the last figures, and what orders take. Written in the append's own transaction."""

from decimal import Decimal
from typing import LiteralString

import msgspec

from engine.domain.after_invoice import TOPICS
from engine.domain.drafts import Draft, InvoiceDraft, InvoiceUpdate, InvoiceVoid
from engine.domain.events import (
    AttemptStarted,
    AttentionCleared,
    CommandAbandoned,
    CommandAccepted,
    CommandIssued,
    CommandRefused,
    CommandRetried,
    InvoiceObserved,
    OrderObserved,
    PushAskedFor,
    PushWithheld,
    Recorded,
    RecordGone,
    StockObserved,
    decided_against,
)
from engine.domain.invoice_from_order import sku_key
from engine.domain.order import NEVER
from engine.domain.values import connection_of, kind_of
from engine.log import Statement

NOT_COUNTED = frozenset({"baseline", "not-started", "from-quickbooks", NEVER})
"""Reasons for which an order is not pushed though it is confirmed: somebody else has invoiced it, or will, or nobody."""


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
            sql = "UPDATE demand SET counted = invoiced WHERE connection = %s AND sku = %s AND stream = ANY(%s)"
            return [(sql, (connection_of(stream), event.sku, list(event.includes)))]
        if kind_of(stream) != "order":
            return []
        match event:
            case OrderObserved():
                return _ordered(recorded, event)
            case RecordGone(system="wizcommerce"):
                return _no_more(stream)
            case PushWithheld(reason=reason):
                return [_counts(stream, reason not in NOT_COUNTED)]
            case CommandAbandoned() if decided_against(event, recorded.who):
                return [_counts(stream, False)]
            case CommandIssued() | CommandRetried() | PushAskedFor():
                return [_counts(stream, True)]
            case AttemptStarted(attempt=1, draft=draft):
                return _sent(stream, draft)
            case CommandRefused():
                return [("UPDATE demand SET sent = NULL WHERE stream = %s", (stream,))]
            case CommandAccepted(target="quickbooks"):
                sql = (
                    "INSERT INTO demanding (stream, invoiced_version) VALUES (%s, %s) "
                    "ON CONFLICT (stream) DO UPDATE SET invoiced_version = excluded.invoiced_version"
                )
                return [(INVOICED, (stream,)), (sql, (stream, recorded.version))]
            case InvoiceObserved():
                return _shown(recorded)
            case AttentionCleared(topic=topic) if topic in TOPICS and (event.agree or event.let_stand):
                return _settled(recorded)
            case _:
                return []


INVOICED: LiteralString = "UPDATE demand SET invoiced = coalesce(sent, quantity) WHERE stream = %s"


def _ordered(recorded: Recorded, event: OrderObserved) -> list[Statement]:
    """What the order takes as it is now. What its invoice takes stays until another one is taken."""
    taken: dict[str, Decimal] = {}
    if event.content.status.casefold() == "confirmed":
        for line in event.content.lines:
            if not line.is_adhoc and line.sku.strip():
                taken[sku_key(line.sku)] = taken.get(sku_key(line.sku), Decimal(0)) + line.quantity
    stream = recorded.stream
    known: list[Statement] = [("INSERT INTO demanding (stream) VALUES (%s) ON CONFLICT DO NOTHING", (stream,))]
    sql = (
        "INSERT INTO demand (stream, sku, connection, number, quantity, sent) SELECT %s, %s, %s, %s, %s, "
        "(SELECT 0 FROM demand WHERE stream = %s AND sent IS NOT NULL LIMIT 1) "  # what is on its way was made without it
        "WHERE EXISTS (SELECT FROM demanding WHERE stream = %s AND NOT theirs) "
        "ON CONFLICT (stream, sku) DO UPDATE SET quantity = excluded.quantity, number = excluded.number"
    )
    place = (connection_of(stream), event.content.number)
    rows = [(sql, (stream, sku, *place, much, stream, stream)) for sku, much in taken.items() if much > 0]
    return [*known, *(_no_more(stream) if recorded.version > 1 else ()), *rows]


def _no_more(stream: str) -> list[Statement]:
    """The order takes nothing; what of it was sent is remembered."""
    return [
        ("DELETE FROM demand WHERE stream = %s AND sent IS NULL AND invoiced = 0", (stream,)),
        ("UPDATE demand SET quantity = 0 WHERE stream = %s", (stream,)),
    ]


def _sent(stream: str, draft: Draft) -> list[Statement]:
    """An invoice, or a change of one, takes what the order shows as it is made; one that is voided takes nothing."""
    if isinstance(draft, InvoiceDraft | InvoiceUpdate):
        return [("UPDATE demand SET sent = quantity WHERE stream = %s", (stream,))]
    if isinstance(draft, InvoiceVoid):
        return [("UPDATE demand SET sent = 0 WHERE stream = %s", (stream,))]
    return []


def _shown(recorded: Recorded) -> list[Statement]:
    """The first sight of an invoice says that the order was invoiced, or that it was born as one."""
    first = "SELECT FROM demanding WHERE stream = %s AND invoiced_version IS NULL"
    sql = (
        "INSERT INTO demanding (stream, invoiced_version, theirs) VALUES (%s, %s, true) ON CONFLICT (stream) DO UPDATE SET "
        "invoiced_version = coalesce(demanding.invoiced_version, excluded.invoiced_version)"
    )
    stream = recorded.stream
    return [(f"{INVOICED} AND EXISTS ({first})", (stream, stream)), (sql, (stream, recorded.version))]


def _settled(recorded: Recorded) -> list[Statement]:
    """A person has made the invoice as the order is, or lets both stand: no more of the order will be invoiced."""
    been = "SELECT FROM demanding WHERE stream = %s AND invoiced_version IS NOT NULL"
    stream = recorded.stream
    return [
        (f"UPDATE demand SET invoiced = quantity WHERE stream = %s AND EXISTS ({been})", (stream, stream)),
        (
            "UPDATE demanding SET invoiced_version = %s WHERE stream = %s AND invoiced_version IS NOT NULL",
            (recorded.version, stream),
        ),
    ]


def _counts(stream: str, counts: bool) -> Statement:
    sql = "INSERT INTO demanding (stream, counts) VALUES (%s, %s) ON CONFLICT (stream) DO UPDATE SET counts = excluded.counts"
    return (sql, (stream, counts))
