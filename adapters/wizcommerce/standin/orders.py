"""Orders: list, detail, create, full replace, status. Source: WizCommerce reference, sections 1.3 to 1.5."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from adapters.standin.wire import json_response
from adapters.wizcommerce.standin.answers import Problem, bad_request, not_found, problem
from adapters.wizcommerce.standin.checks import checked, choice
from adapters.wizcommerce.standin.desk import Ask, Desk, single
from adapters.wizcommerce.standin.listing import Listing, page_of, references, understood
from adapters.wizcommerce.standin.records import (
    Record,
    Records,
    address_snapshot,
    blank_line,
    blank_order,
    contact_snapshot,
)
from adapters.wizcommerce.standin.references import refuse_taken_reference
from adapters.wizcommerce.standin.shapes import ORDER_STATUS, ORDER_STATUSES, ORDER_WRITE

ORDERS = Listing(
    sort_by={"created_at": "created_at", "updated_at": "updated_at"},
    filters={"reference_ids": references, "order_status": choice(*ORDER_STATUSES)},
    defaults={"order_status": "draft"},
    has_time_filters=True,
)
LEGAL_CHANGES = {"draft": ("confirmed", "cancelled"), "confirmed": ("cancelled",)}
"""Which status may follow which; not published (A-46)."""
_ONLY_IN_V2_ADDRESSES = ("reference_id", "attributes")


def list_orders(desk: Desk, ask: Ask) -> Response:
    """GET /v1|v2/orders: drafts only unless asked otherwise, one status per call (A-06)."""
    asked = understood(ask.query, ORDERS)
    rows = [one for one in desk.records.orders.values() if one["status"] == asked.filters["order_status"]]
    page = page_of(rows, asked, lambda one: desk.shown(order_shown(one, desk.records, ask.version)), desk.switches)
    return json_response(page)


def read_order(desk: Desk, ask: Ask) -> Response:
    """GET /v1|v2/orders/{id}: in any status."""
    return _answer(desk, ask, _found(desk, ask))


def create_order(desk: Desk, ask: Ask) -> Response:
    """POST /v1|v2/orders: 201 with the order."""
    body = checked(ask.json(), ORDER_WRITE)
    _refuse_contradictions(body, desk.records)
    refuse_taken_reference(desk, desk.records.orders, body["reference_id"])
    order = blank_order(desk.records.new_id("order"), desk.now())
    _fill(order, body, desk.records)
    order["display_id"] = order["display_id"] or desk.records.next_display_id("order", "WC")
    desk.records.orders[order["id"]] = order
    desk.announce_write("order.created", order["id"])
    return _answer(desk, ask, order, 201)


def replace_order(desk: Desk, ask: Ask) -> Response:
    """PUT /v1|v2/orders/{id}: what is not sent is removed; documented as 201."""
    order = _found(desk, ask)
    body = checked(ask.json(), ORDER_WRITE)
    _refuse_contradictions(body, desk.records)
    if body["reference_id"] != order["reference_id"]:
        refuse_taken_reference(desk, desk.records.orders, body["reference_id"])
    display_id = order["display_id"]
    order.update(blank_order(order["id"], desk.now()))
    _fill(order, {"display_id": display_id, **body}, desk.records)
    order["updated_at"] = desk.now()
    desk.announce_write("order.updated", order["id"])
    return _answer(desk, ask, order, 201)


def change_order_status(desk: Desk, ask: Ask) -> Response:
    """PATCH /v1|v2/orders/{id}/status: 200 with the order; repeating it changes nothing."""
    order = _found(desk, ask)
    wanted = checked(ask.json(), ORDER_STATUS)["status"]
    if wanted != order["status"]:
        if wanted not in LEGAL_CHANGES.get(order["status"], ()):
            reason = f"an order that is {order['status']} cannot become {wanted}"
            raise bad_request([problem("status", reason)])
        order["status"] = wanted
        order["updated_at"] = desk.now()
        desk.announce_write("order.updated", order["id"])
    return _answer(desk, ask, order)


def order_shown(order: Record, records: Records, version: int) -> Record:
    """An order in the form of v1 or v2: v2 adds the customer's reference and name, the card, and address detail."""
    if version == 2:
        customer = records.customers.get(order["customer_id"] or "")
        return {
            **order,
            "customer_reference_id": customer["reference_id"] if customer else None,
            "customer_name": customer["name"] if customer else None,
            "card": None,
        }
    shown = dict(order)
    for name in ("billing_address", "shipping_address"):
        if order[name] is not None:
            shown[name] = {part: one for part, one in order[name].items() if part not in _ONLY_IN_V2_ADDRESSES}
    return shown


def whole_line(fields: Record, records: Records) -> Record:
    """An order line with every field, its product found by SKU."""
    product = records.product_of(fields.get("sku", "")) if not fields.get("is_adhoc") else None
    return {**blank_line(), "product_id": product["id"] if product else None, **fields}


def _answer(desk: Desk, ask: Ask, order: Record, status: int = 200) -> Response:
    return single(desk.shown(order_shown(order, desk.records, ask.version)), status)


def _found(desk: Desk, ask: Ask) -> Record:
    order = desk.records.orders.get(ask.path["id"])
    if order is None:
        raise not_found("order")
    return order


def _fill(order: Record, body: dict[str, Any], records: Records) -> None:
    customer = records.customers[body["customer_id"]]
    order["price_list_id"] = customer["assigned_price_list_id"]
    for name, value in body.items():
        if name == "line_items":
            order[name] = [whole_line(one, records) for one in value]
        elif name == "additional_charges":
            order["charges"] = [{"type": None, "value_type": "value", **one} for one in value]
        elif name in ("billing_address", "shipping_address"):
            order[name] = address_snapshot(_over_known(value, customer["addresses"]))
        elif name == "primary_contact":
            order[name] = contact_snapshot(_over_known(value, customer["contacts"]))
        else:
            order[name] = value


def _over_known(sent: Record, known: list[Record]) -> Record:
    """What was sent, over a copy of the customer's record that its id names (if it names one)."""
    named = next((one for one in known if one["id"] == sent.get("id")), {})
    return {**named, **sent}


def _refuse_contradictions(body: dict[str, Any], records: Records) -> None:
    problems: list[Problem] = []
    customer = records.customers.get(body["customer_id"])
    if customer is None:
        raise bad_request([problem("customer_id", "is not a customer of this tenant")])
    for name in ("updated_at", "shipment_date", "due_date"):
        if body.get(name) is not None and body[name] <= body["created_at"]:
            problems.append(problem(name, "must be later than created_at"))
    for name, parts in (
        ("billing_address", "addresses"),
        ("shipping_address", "addresses"),
        ("primary_contact", "contacts"),
    ):
        part_id = body.get(name, {}).get("id")
        if part_id is not None and part_id not in {one["id"] for one in customer[parts]}:
            problems.append(problem(f"{name}.id", "does not belong to the customer"))
    for place, line in enumerate(body.get("line_items", [])):
        if not line.get("is_adhoc") and records.product_of(line["sku"]) is None:
            problems.append(problem(f"line_items[{place}].sku", "is not a product of this tenant"))
    if problems:
        raise bad_request(problems)
