"""Price lists: list, detail, create, partial update, delete. Source: WizCommerce reference, section 1.5."""

from __future__ import annotations

from starlette.responses import Response

from adapters.standin.wire import json_response
from adapters.wizcommerce.standin.checks import checked, choice, flag, shape, text, whole
from adapters.wizcommerce.standin.deletion import delete, deleted, found, in_sight
from adapters.wizcommerce.standin.desk import Ask, Desk, single
from adapters.wizcommerce.standin.listing import Listing, page_of, understood
from adapters.wizcommerce.standin.records import Record, blank_price_list
from adapters.wizcommerce.standin.references import refuse_taken_reference

PRICE_LISTS = Listing(
    sort_by={"created_at": "created_at", "updated_at": "updated_at", "name": "name"},
    filters={"status": choice("active", "inactive")},
)
_PATCH_FIELDS = {
    "name": text(50, filled=True),
    "description": text(255),
    "status": choice("active", "inactive"),
    "is_default": flag,
    "priority": whole,
}
PRICE_LIST_PATCH = shape(_PATCH_FIELDS)
"""Without `reference_id`: it cannot be changed."""
PRICE_LIST_CREATE = shape({"reference_id": text(50, filled=True), **_PATCH_FIELDS}, ("reference_id", "name"))


def list_price_lists(desk: Desk, ask: Ask) -> Response:
    """GET /v1/price-lists: active and inactive ones unless asked otherwise."""
    asked = understood(ask.query, PRICE_LISTS)
    wanted = asked.filters.get("status")
    rows = [one for one in in_sight(desk, desk.records.price_lists.values()) if wanted in (None, one["status"])]
    return json_response(page_of(rows, asked, desk.shown, desk.switches))


def read_price_list(desk: Desk, ask: Ask) -> Response:
    """GET /v1/price-lists/{id}."""
    return single(desk.shown(_found(desk, ask)))


def create_price_list(desk: Desk, ask: Ask) -> Response:
    """POST /v1/price-lists: 201; its currency is the tenant's."""
    body = checked(ask.json(), PRICE_LIST_CREATE)
    refuse_taken_reference(desk, desk.records.price_lists, body["reference_id"])
    made = blank_price_list(desk.records.new_id("price list"), desk.now())
    made.update({"currency": desk.records.tenant["currency"], "is_default": False, **body})
    desk.records.price_lists[made["id"]] = made
    _keep_one_default(desk, made)
    return single(desk.shown(made), 201)


def update_price_list(desk: Desk, ask: Ask) -> Response:
    """PATCH /v1/price-lists/{id}: only the fields sent are changed."""
    price_list = _found(desk, ask)
    price_list.update({**checked(ask.json(), PRICE_LIST_PATCH), "updated_at": desk.now()})
    _keep_one_default(desk, price_list)
    return single(desk.shown(price_list), 201)


def delete_price_list(desk: Desk, ask: Ask) -> Response:
    """DELETE /v1/price-lists/{id}: customers who have it keep it."""
    delete(desk, _found(desk, ask))
    return deleted()


def _found(desk: Desk, ask: Ask) -> Record:
    return found(desk, desk.records.price_lists, ask.path["id"], "price list")


def _keep_one_default(desk: Desk, chosen: Record) -> None:
    if chosen["is_default"]:
        for one in desk.records.price_lists.values():
            one["is_default"] = one is chosen
