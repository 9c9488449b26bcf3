"""The price of a product in a price list: read and change. Source: reference, section 1.5 and A-27."""

from __future__ import annotations

import uuid
from datetime import datetime

from starlette.responses import Response

from adapters.wizcommerce.standin.answers import bad_request, not_found, problem
from adapters.wizcommerce.standin.checks import checked
from adapters.wizcommerce.standin.deletion import found
from adapters.wizcommerce.standin.desk import Ask, Desk, single
from adapters.wizcommerce.standin.goods_shapes import PRICE_PATCH
from adapters.wizcommerce.standin.records import Record

_FIELDS = ("price", "min_order_quantity", "max_order_quantity", "step_increment")
_FIELDS_V2 = ("sale_price", "default_order_quantity", "volume_tiers")


def priced(fields: Record, now: datetime) -> Record:
    """A price as a product keeps it; its `id` is that of the price list."""
    named = {name: fields.get(name) for name in (*_FIELDS, *_FIELDS_V2)}
    return {"id": fields["price_list_id"], **named, "created_at": now, "updated_at": now}


def price_list_of(desk: Desk, name: str) -> str | None:
    """The id of the price list that a price names, by id or reference as the switch says; None when there is none."""
    lists = desk.records.price_lists
    if desk.switches.a27_price_list_named_by == "id":
        return name if name in lists else None
    return next((one["id"] for one in lists.values() if one["reference_id"] == name), None)


def pricing_id(product: Record, price: Record) -> str:
    """The id of a product's price in one price list."""
    return str(uuid.uuid5(uuid.UUID(product["id"]), price["id"]))


def read_pricing(desk: Desk, ask: Ask) -> Response:
    """GET /v1/product-pricings/{id}: of a product, its price in the default price list, else its first."""
    product, price = _found(desk, ask, desk.records.default_price_list_id())
    return single(_shown(desk, product, price))


def update_pricing(desk: Desk, ask: Ask) -> Response:
    """PATCH /v1/product-pricings/{id}: only the fields sent; `price_list_id` says which price of a product is meant."""
    body = checked(ask.json(), PRICE_PATCH)
    wanted = desk.records.default_price_list_id()
    if "price_list_id" in body:
        named = price_list_of(desk, body.pop("price_list_id"))
        if named is None:
            raise bad_request([problem("price_list_id", "is not a price list of this tenant")])
        wanted = named
    product, price = _found(desk, ask, wanted)
    price.update({**body, "updated_at": desk.now()})
    product["updated_at"] = desk.now()
    desk.announce_write("product.updated", product["id"])
    return single(_shown(desk, product, price))


def _found(desk: Desk, ask: Ask, price_list_id: str) -> tuple[Record, Record]:
    if desk.switches.a27_pricing_named_by == "pricing":
        for product in desk.records.products.values():
            for price in product["price_lists"]:
                if pricing_id(product, price) == ask.path["id"]:
                    return product, price
        raise not_found("price")
    product = found(desk, desk.records.products, ask.path["id"], "product")
    of_list = [one for one in product["price_lists"] if one["id"] == price_list_id]
    prices = of_list or (product["price_lists"] if ask.body == b"" else [])
    if not prices:
        raise not_found("price")
    return product, prices[0]


def _shown(desk: Desk, product: Record, price: Record) -> Record:
    price_list = desk.records.price_lists[price["id"]]
    shown = {
        "id": pricing_id(product, price),
        "product_id": product["id"],
        "price_list_id": price["id"],
        **{name: price[name] for name in _FIELDS},
        "currency": price_list["currency"],
        "status": price_list["status"],
        "created_at": price["created_at"],
        "updated_at": price["updated_at"],
    }
    return desk.shown(shown)
