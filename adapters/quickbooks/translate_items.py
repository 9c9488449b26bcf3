"""Items, their words to ours, pure: what an item is, and how much of it is there. Source: QuickBooks reference, 7.4."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import msgspec

from adapters.quickbooks import names, wire
from engine.domain.values import Attribute, Part, Personal, ProductContent, StockLevel

NOT_SELLABLE = frozenset({"Category", "Group"})
"""Types that cannot stand on an invoice line of their own."""


def product_from_item(raw: bytes) -> tuple[ProductContent, StockLevel | None]:
    """An item, and how much of it is there, None where QuickBooks does not count it or does not say: the quantity moves
    with every sale, and the revision does not. Raises msgspec.DecodeError or ValueError."""
    seen = msgspec.json.decode(raw, type=wire.Item)
    name = names.plain(seen.name)
    tracked = seen.type == "Inventory" and seen.track_qty_on_hand
    content = ProductContent(
        sku=(seen.sku or "").strip(),
        name=name,
        item_type=seen.type or "",
        active=seen.active,
        unit_price=seen.unit_price,
        sellable=seen.type not in NOT_SELLABLE,
        description=seen.description or "",
        cost=seen.purchase_cost,
        full_name=names.full(seen.fully_qualified_name, name),
        tracked=tracked,
        attributes=tuple(_attributes(seen.custom_field)),
        parts=tuple(_parts(seen.item_group_detail)) if seen.type == "Group" else (),
        starts=_day(seen.inv_start_date) if seen.type == "Inventory" else None,
    )
    counted = seen.qty_on_hand if tracked else None
    return content, None if counted is None else StockLevel(on_hand=counted)


def _parts(detail: wire.ItemGroupDetail | None) -> Iterator[Part]:
    """A part without a quantity is there once."""
    for one in detail.item_group_line if detail else ():
        if one.item_ref is not None:
            yield Part(item=str(one.item_ref.value), quantity=Decimal(1) if one.qty is None else one.qty)


def _day(text: str | None) -> date | None:
    """Raises ValueError for what is no date."""
    return date.fromisoformat(text[:10]) if text else None


def _attributes(custom_fields: msgspec.Raw) -> Iterator[Attribute]:
    """Those that have a name and a value; a value that is not text is kept as its JSON text. Custom fields of items are
    documented nowhere: one that cannot be read is left out, and the item stays readable."""
    if not bytes(custom_fields):
        return
    try:
        seen = msgspec.json.decode(custom_fields, type=list[wire.CustomField])
        for one in seen:
            text = bytes(one.string_value) or bytes(one.number_value)
            value = msgspec.json.decode(text, type=str) if text.startswith(b'"') else text.decode()
            if one.name and value not in ("", "null"):
                yield Attribute(name=one.name, value=Personal(value))
    except msgspec.DecodeError:
        return
