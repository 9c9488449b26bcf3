"""What the bodies about goods and documents may and must hold. Source: WizCommerce reference, section 1.5."""

from __future__ import annotations

from functools import cache

from adapters.wizcommerce.standin.checks import (
    Check,
    choice,
    flag,
    identifier,
    list_of,
    moment,
    nullable,
    number,
    shape,
    text,
    whole,
)
from adapters.wizcommerce.standin.shapes import ATTRIBUTES, NAMED

_PRICE_FIELDS: dict[str, Check] = {
    "price_list_id": text(filled=True),
    "price": number,
    "min_order_quantity": number,
    "max_order_quantity": number,
    "step_increment": number,
}
_TIER = shape({"price": number, "start_quantity": number, "step_increment": number}, ("price", "start_quantity"))
_PRICE_FIELDS_V2: dict[str, Check] = {
    **_PRICE_FIELDS,
    "sale_price": nullable(number),
    "default_order_quantity": number,
    "volume_tiers": list_of(_TIER),
}
PRICE_PATCH = shape(_PRICE_FIELDS)

_VARIANT_FIELDS: dict[str, Check] = {
    "reference_id": NAMED,
    "name": NAMED,
    "categories": list_of(text(filled=True)),
    "collections": list_of(text()),
    "medias": list_of(shape({"url": text(), "order": whole, "is_default": flag, "type": text()}, ("url",))),
    "attributes": ATTRIBUTES,
    "is_primary": flag,
    "priority": whole,
}
_PATCH_ONLY_V2: dict[str, Check] = {
    "grouping_attributes": list_of(text()),
    "url_slug": text(),
    "seo_info": shape({"title": text(), "description": text(), "keywords": list_of(text())}),
    "channel_visibility": shape({"website": choice("DontShow")}),
    "volume": shape({"cbm": number, "cft": number}),
    "tags": list_of(text()),
    "brand": text(),
}


def _prices(version: int) -> Check:
    fields = _PRICE_FIELDS if version == 1 else _PRICE_FIELDS_V2
    return list_of(shape(fields, ("price_list_id", "price")))


def _create(version: int) -> Check:
    variant = {"sku_id": text(filled=True), **_VARIANT_FIELDS, "product_prices": _prices(version)}
    group = {"group_code": text(filled=True), "grouping_attributes": list_of(text())}
    return shape({**group, "variants": list_of(shape(variant, ("sku_id",)), least=1)}, ("group_code", "variants"))


@cache
def product_patch(version: int, *, active: bool, sku: bool) -> Check:
    """The body of a PATCH. The only documented value of `status` is inactive (A-29), and no `sku_id` is documented: `active`
    and `sku` let them in."""
    more = {} if version == 1 else _PATCH_ONLY_V2
    named = {"sku_id": text(filled=True)} if sku else {}
    status = choice("inactive", *(("active",) if active else ()))
    return shape({**_VARIANT_FIELDS, **more, **named, "product_prices": _prices(version), "status": status})


PRODUCT_CREATE = {version: _create(version) for version in (1, 2)}

_ARRIVAL = shape({"quantity": number, "date": text(), "identifier": text()}, ("quantity",))
INVENTORY_WRITE = shape(
    {
        "sku": text(filled=True),
        "available_quantity": number,
        "reserved_quantity": number,
        "in_stock_quantity": number,
        "back_order_quantity": nullable(number),
        "back_order_allowed": nullable(flag),
        "back_order_reserved_quantity": number,
        "back_order_available_quantity": number,
        "out_of_stock_threshold": number,
        "inventory_status": choice("IN_STOCK", "OUT_OF_STOCK", "BACK_ORDER"),
        "track_inventory": flag,
        "on_order_details": list_of(_ARRIVAL),
        "in_transit_details": list_of(_ARRIVAL),
        "dynamic_details": text(),
        "notes": text(),
    },
    (
        *("sku", "available_quantity", "reserved_quantity", "in_stock_quantity", "out_of_stock_threshold"),
        *("inventory_status", "track_inventory", "on_order_details", "in_transit_details"),
    ),
)

INVOICE_STATUSES = {
    "newer": ("PAID", "PENDING", "PARTIALLY_PAID", "OVERPAID"),
    "older": ("PAID", "UNPAID"),
    "both": ("PAID", "PENDING", "PARTIALLY_PAID", "OVERPAID", "UNPAID"),
}
_INVOICE_ITEM = shape(
    {
        **dict.fromkeys(("reference_id", "sku", "name", "description"), text()),
        **dict.fromkeys(("quantity", "amount", "item_total", "rate", "discount"), number),
    },
    ("quantity",),
)
_INVOICE_FIELDS: dict[str, Check] = {
    "reference_id": text(255, filled=True),
    "order_id": text(255, filled=True),
    "invoice_number": text(255, filled=True),
    "total_amount": number,
    "paid_amount": number,
    "due_date": moment,
    "remarks": NAMED,
    "url": text(),
    "name": text(),
    "created_at": moment,
    "updated_at": moment,
    "items": list_of(_INVOICE_ITEM),
}
_INVOICE_REQUIRED = ("reference_id", "order_id", "invoice_number", "total_amount", "paid_amount", "status", "due_date")
INVOICE_CREATE = {
    which: shape({**_INVOICE_FIELDS, "status": choice(*statuses)}, _INVOICE_REQUIRED)
    for which, statuses in INVOICE_STATUSES.items()
}
INVOICE_PATCH = {
    which: shape({**_INVOICE_FIELDS, "status": choice(*statuses)}) for which, statuses in INVOICE_STATUSES.items()
}
"""By the switch of A-48."""

_SHIPMENT_FIELDS: dict[str, Check] = {
    "order_id": text(255, filled=True),
    "tracking_info": shape({"tracking_number": text(), "tracking_url": text(), "delivery_partner": text()}),
    "shipment_items": list_of(shape({"product_id": identifier, "quantity": number}, ("product_id", "quantity"))),
    "name": text(255, filled=True),
    "note": text(),
    "remark": NAMED,
}
SHIPMENT_CREATE = shape(
    {
        **_SHIPMENT_FIELDS,
        "reference_id": text(255, filled=True),
        "shipment_status": choice("created", "shipped", "fulfilled"),
        "created_at": moment,
        "updated_at": moment,
    },
    ("reference_id", "order_id", "shipment_status", "name"),
)
SHIPMENT_PATCH = shape({**_SHIPMENT_FIELDS, "shipment_status": choice("created", "shipped")}, ("name",))
"""A PATCH cannot say fulfilled, and needs the name."""

DOCUMENT_FIELDS = {
    "invoice": frozenset({*_INVOICE_FIELDS, "status"}),
    "shipment": frozenset({*_SHIPMENT_FIELDS, "reference_id", "shipment_status", "status", "created_at", "updated_at"}),
}
"""What a seed may say of each."""
