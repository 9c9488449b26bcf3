"""Products, one record per variant: list, detail, create, partial update, delete. Source: reference, section 1.5."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response

from adapters.standin.wire import json_response
from adapters.wizcommerce.standin.answers import Problem, bad_request, problem
from adapters.wizcommerce.standin.checks import checked, text
from adapters.wizcommerce.standin.deletion import delete, deleted, found, in_sight
from adapters.wizcommerce.standin.desk import Ask, Desk, single
from adapters.wizcommerce.standin.goods_shapes import PRODUCT_CREATE, product_patch
from adapters.wizcommerce.standin.listing import Listing, page_of, truth, understood
from adapters.wizcommerce.standin.pricing import price_list_of, priced
from adapters.wizcommerce.standin.records import Record, Records, blank_product

PRODUCTS = Listing(
    sort_by={"created_at": "created_at", "updated_at": "updated_at", "name": "name", "sku_id": "sku"},
    filters={"is_primary": truth, "group_code": text(), "sku_id": text()},
)
_FILTERED_FIELD = {"is_primary": "is_primary", "group_code": "group_code", "sku_id": "sku"}
_ONLY_IN_V2 = frozenset({"parent_id", "url_slug", "seo_info", "channel_visibility", "volume", "tags", "brand"})
_PRICE_ONLY_IN_V2 = frozenset({"sale_price", "default_order_quantity", "volume_tiers"})


def list_products(desk: Desk, ask: Ask) -> Response:
    """GET /v1/products: active and inactive ones; there is no changed-since filter (A-07)."""
    asked = understood(ask.query, PRODUCTS)
    if "sku_id" in asked.filters:  # by its index: of a large catalogue every product is asked for so
        ids = desk.records.skus.get(asked.filters["sku_id"], ())
        rows = in_sight(desk, [desk.records.products[one] for one in ids])
    else:
        rows = in_sight(desk, desk.records.products.values())
    for name, wanted in asked.filters.items():
        rows = [one for one in rows if one[_FILTERED_FIELD[name]] == wanted]
    return json_response(page_of(rows, asked, lambda one: product_shown(desk, one, ask.version), desk.switches))


def read_product(desk: Desk, ask: Ask) -> Response:
    """GET /v1/products/{id}."""
    return single(product_shown(desk, _found(desk, ask), ask.version))


def create_products(desk: Desk, ask: Ask) -> Response:
    """POST /v1|v2/products: 201 with an array, one element per variant."""
    body = checked(ask.json(), PRODUCT_CREATE[ask.version])
    variants = body["variants"]
    problems: list[Problem] = []
    for place, variant in enumerate(variants):
        earlier = {one["sku_id"] for one in variants[:place]}
        if variant["sku_id"] in earlier or desk.records.product_of(variant["sku_id"]) is not None:
            problems.append(problem(f"variants[{place}].sku_id", "is taken already"))
        problems += _wrong_prices(desk, variant, f"variants[{place}].")
    if problems:
        raise bad_request(problems)
    group: Record = {name: body[name] for name in ("group_code", "grouping_attributes") if name in body}
    now = desk.now()
    made = [add_product_record(desk.records, {**_priced(desk, one), **group}, now) for one in variants]
    for one in made:
        desk.announce_write("product.created", one["id"])
    return single([product_shown(desk, one, ask.version) for one in made], 201)


def update_product(desk: Desk, ask: Ask) -> Response:
    """PATCH /v1|v2/products/{id}: only the fields sent are changed."""
    product = _found(desk, ask)
    status, sku = desk.switches.a29_patched_status, desk.switches.patched_sku
    body = checked(ask.json(), product_patch(ask.version, active=status != "refused", sku=sku != "refused"))
    if status == "ignored" and body.get("status") == "active":
        del body["status"]
    if sku == "ignored":
        body.pop("sku_id", None)
    problems = _wrong_prices(desk, body, "")
    if "sku_id" in body and desk.records.product_of(body["sku_id"]) not in (None, product):
        problems.append(problem("sku_id", "is taken already"))
    if problems:
        raise bad_request(problems)
    change_product_record(desk.records, product, _priced(desk, body), desk.now())
    desk.announce_write("product.updated", product["id"])
    return single(product_shown(desk, product, ask.version))


def delete_product(desk: Desk, ask: Ask) -> Response:
    """DELETE /v1/products/{id}: softly (A-43)."""
    product = _found(desk, ask)
    delete(desk, product)
    desk.announce_write("product.deleted", product["id"])
    return deleted()


def product_shown(desk: Desk, product: Record, version: int) -> Record:
    """A product in the form of v1 or v2, its categories as the switch says (A-37)."""
    shown = dict(product)
    if desk.switches.a37_categories_shown == "last":
        shown["categories"] = [one.rpartition("::")[2] for one in product["categories"]]
    if version == 1:
        shown = {name: value for name, value in shown.items() if name not in _ONLY_IN_V2}
        shown["price_lists"] = [
            {name: value for name, value in price.items() if name not in _PRICE_ONLY_IN_V2}
            for price in product["price_lists"]
        ]
    return desk.shown(shown)


def add_product_record(records: Records, fields: Record, now: datetime) -> Record:
    """Store a new variant from wire fields (`sku_id` or `sku`, `product_prices` or `price_lists`)."""
    product = blank_product(fields.get("id") or records.new_id("product"), now)
    records.products[product["id"]] = product
    change_product_record(records, product, fields, now)
    for name in ("created_at", "updated_at"):
        product[name] = fields.get(name, now)
    return product


def change_product_record(records: Records, product: Record, fields: Record, now: datetime) -> None:
    """Change what the wire fields name."""
    for name, value in fields.items():
        if name in ("sku_id", "sku"):
            records.rename_sku(product, value)
        elif name == "product_prices":
            product["price_lists"] = [priced(one, now) for one in value]
        elif name == "attributes":
            product["attributes"] = [{"id": records.new_id("attribute"), **one} for one in value]
        elif name not in ("id", "created_at", "updated_at"):
            product[name] = value
    product["updated_at"] = now


def _priced(desk: Desk, fields: Record) -> Record:
    """With the price lists of prices by their ids, however they were named."""
    if "product_prices" not in fields:
        return fields
    prices = [{**one, "price_list_id": price_list_of(desk, one["price_list_id"])} for one in fields["product_prices"]]
    return {**fields, "product_prices": prices}


def _wrong_prices(desk: Desk, fields: Record, prefix: str) -> list[Problem]:
    return [
        problem(f"{prefix}product_prices[{place}].price_list_id", "is not a price list of this tenant")
        for place, one in enumerate(fields.get("product_prices", []))
        if price_list_of(desk, one["price_list_id"]) is None
    ]


def _found(desk: Desk, ask: Ask) -> Record:
    return found(desk, desk.records.products, ask.path["id"], "product")
