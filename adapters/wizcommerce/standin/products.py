"""Products, one record per variant: list, detail, create, partial update. Source: reference, section 1.5."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response

from adapters.standin.wire import json_response
from adapters.wizcommerce.standin.answers import Problem, bad_request, not_found, problem
from adapters.wizcommerce.standin.checks import checked, text
from adapters.wizcommerce.standin.desk import Ask, Desk, single
from adapters.wizcommerce.standin.listing import Listing, page_of, truth, understood
from adapters.wizcommerce.standin.records import Record, Records, blank_product
from adapters.wizcommerce.standin.shapes import PRODUCT_CREATE, PRODUCT_PATCH

PRODUCTS = Listing(
    sort_by={"created_at": "created_at", "updated_at": "updated_at", "name": "name", "sku_id": "sku"},
    filters={"is_primary": truth, "group_code": text(), "sku_id": text()},
)
_FILTERED_FIELD = {"is_primary": "is_primary", "group_code": "group_code", "sku_id": "sku"}


def list_products(desk: Desk, ask: Ask) -> Response:
    """GET /v1/products: active and inactive ones; there is no changed-since filter (A-07)."""
    asked = understood(ask.query, PRODUCTS)
    rows = list(desk.records.products.values())
    for name, wanted in asked.filters.items():
        rows = [one for one in rows if one[_FILTERED_FIELD[name]] == wanted]
    return json_response(page_of(rows, asked, desk.shown, desk.switches))


def read_product(desk: Desk, ask: Ask) -> Response:
    """GET /v1/products/{id}."""
    return single(desk.shown(_found(desk, ask)))


def create_products(desk: Desk, ask: Ask) -> Response:
    """POST /v1/products: 201 with an array, one element per variant."""
    body = checked(ask.json(), PRODUCT_CREATE)
    variants = body["variants"]
    problems: list[Problem] = []
    for place, variant in enumerate(variants):
        earlier = {one["sku_id"] for one in variants[:place]}
        if variant["sku_id"] in earlier or desk.records.product_of(variant["sku_id"]) is not None:
            problems.append(problem(f"variants[{place}].sku_id", "is taken already"))
    problems += [
        one for place, variant in enumerate(variants) for one in _wrong_prices(desk, variant, f"variants[{place}].")
    ]
    if problems:
        raise bad_request(problems)
    group: Record = {name: body[name] for name in ("group_code", "grouping_attributes") if name in body}
    made = [add_product_record(desk.records, {**one, **group}, desk.now()) for one in variants]
    for one in made:
        desk.announce_write("product.created", one["id"])
    return single([desk.shown(one) for one in made], 201)


def update_product(desk: Desk, ask: Ask) -> Response:
    """PATCH /v1/products/{id}: only the fields sent are changed."""
    product = _found(desk, ask)
    body = checked(ask.json(), PRODUCT_PATCH)
    problems = _wrong_prices(desk, body, "")
    if problems:
        raise bad_request(problems)
    _change(desk.records, product, body, desk.now())
    desk.announce_write("product.updated", product["id"])
    return single(desk.shown(product))


def add_product_record(records: Records, fields: Record, now: datetime) -> Record:
    """Store a new variant from wire fields (`sku_id` or `sku`, `product_prices` or `price_lists`)."""
    product = blank_product(fields.get("id") or records.new_id("product"), now)
    _change(records, product, fields, now)
    for name in ("created_at", "updated_at"):
        product[name] = fields.get(name, now)
    records.products[product["id"]] = product
    return product


def _change(records: Records, product: Record, fields: Record, now: datetime) -> None:
    for name, value in fields.items():
        if name == "sku_id":
            product["sku"] = value
        elif name == "product_prices":
            product["price_lists"] = [_price(one, now) for one in value]
        elif name == "attributes":
            product["attributes"] = [{"id": records.new_id("attribute"), **one} for one in value]
        elif name not in ("id", "created_at", "updated_at"):
            product[name] = value
    product["updated_at"] = now


def _price(fields: Record, now: datetime) -> Record:
    named = {name: fields.get(name) for name in ("price", "min_order_quantity", "max_order_quantity", "step_increment")}
    return {"id": fields["price_list_id"], **named, "created_at": now, "updated_at": now}


def _wrong_prices(desk: Desk, fields: Record, prefix: str) -> list[Problem]:
    return [
        problem(f"{prefix}product_prices[{place}].price_list_id", "is not a price list of this tenant")
        for place, one in enumerate(fields.get("product_prices", []))
        if one["price_list_id"] not in desk.records.price_lists
    ]


def _found(desk: Desk, ask: Ask) -> Record:
    product = desk.records.products.get(ask.path["id"])
    if product is None:
        raise not_found("product")
    return product
