"""Inventory: every product, where it stands in WizCommerce, and how much of it each side says is there."""

from msgspec import to_builtins
from msgspec.json import encode

from engine.domain.drafts import StockDraft
from engine.domain.events import (
    AttemptStarted,
    CommandAccepted,
    CommandIssued,
    CommandRetried,
    ProductObserved,
    PushAskedFor,
    PushWithheld,
    Recorded,
    RecordGone,
    RecordMergedInto,
    StockObserved,
)
from engine.domain.product import NEVER, is_category
from engine.domain.values import StockLevel, connection_of, kind_of
from engine.log import Statement


class Inventory:
    """Rows of `inventory`."""

    name = "inventory"

    def clear(self) -> list[Statement]:
        return [("DELETE FROM inventory", ())]

    def rows(self, recorded: Recorded) -> list[Statement]:
        stream, event = recorded.stream, recorded.event
        if kind_of(stream) != "product":
            return []
        match event:
            case ProductObserved(system="quickbooks"):
                return [] if is_category(event.content) else [_item(recorded, event)]
            case ProductObserved():
                shown = "shown" if event.content.active else "not shown"
                sql = "UPDATE inventory SET sku = %s, state = %s WHERE stream = %s"
                return [(sql, (event.content.sku, shown, stream))]
            case PushWithheld(reason=reason, sentence=sentence, needs_person=needs_person):
                sql = (
                    "UPDATE inventory SET reason = %s, sentence = %s, "
                    "state = CASE WHEN state IN ('shown', 'not shown') THEN state ELSE %s END WHERE stream = %s"
                )
                return [(sql, (reason, sentence, "held" if needs_person else "left", stream))]
            case PushAskedFor() | CommandRetried():
                return [
                    (
                        "UPDATE inventory SET reason = '', sentence = '' WHERE stream = %s AND reason = %s",
                        (stream, NEVER),
                    )
                ]
            case CommandIssued():
                return [("UPDATE inventory SET reason = '', sentence = '' WHERE stream = %s", (stream,))]
            case RecordGone(system="wizcommerce"):
                return [("UPDATE inventory SET state = 'not shown' WHERE stream = %s", (stream,))]
            case RecordMergedInto():
                return [("DELETE FROM inventory WHERE stream = %s", (stream,))]
            case _:
                return _stock(recorded)


def _item(recorded: Recorded, event: ProductObserved) -> Statement:
    content = event.content
    sql = (
        "INSERT INTO inventory AS i (stream, connection, sku, name, item_type, tracked) VALUES (%s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (stream) DO UPDATE SET name = excluded.name, item_type = excluded.item_type, "
        "tracked = excluded.tracked, sku = CASE WHEN i.state IN ('shown', 'not shown') THEN i.sku ELSE excluded.sku END"
    )
    told = (content.sku or content.name, content.name, content.item_type, content.tracked)
    return (sql, (recorded.stream, connection_of(recorded.stream), *told))


def _stock(recorded: Recorded) -> list[Statement]:
    stream, at = recorded.stream, recorded.recorded_at
    match recorded.event:
        case StockObserved(system="quickbooks", level=level):
            sql = "UPDATE inventory SET on_hand = %s, on_hand_at = %s WHERE stream = %s"
            return [(sql, (level.on_hand, at, stream))]
        case StockObserved(level=level):
            return [_shop(stream, level, recorded)]
        case AttemptStarted(command_id=command_id, draft=StockDraft(level=level)):
            told = encode(to_builtins(level, str_keys=True)).decode()
            return [("UPDATE inventory SET asked = %s, asked_level = %s WHERE stream = %s", (command_id, told, stream))]
        case CommandAccepted(command_id=command_id):
            sql = (
                "UPDATE inventory SET in_stock = (asked_level ->> 'on_hand')::numeric, "
                "reserved = coalesce(asked_level ->> 'reserved', '0')::numeric, "
                "available = coalesce(asked_level ->> 'available', '0')::numeric, shop_at = %s, asked = '', asked_level = NULL "
                "WHERE stream = %s AND asked = %s"
            )
            return [(sql, (at, stream, command_id))]
        case _:
            return []


def _shop(stream: str, level: StockLevel, recorded: Recorded) -> Statement:
    sql = "UPDATE inventory SET in_stock = %s, reserved = %s, available = %s, shop_at = %s WHERE stream = %s"
    return (sql, (level.on_hand, level.reserved, level.available, recorded.recorded_at, stream))
