"""Orders: list, detail, create, full replace, status. Source: WizCommerce reference, sections 1.3 to 1.5."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from starlette.responses import Response

from adapters.standin.wire import json_response
from adapters.wizcommerce.standin.answers import Problem, bad_request, problem
from adapters.wizcommerce.standin.checks import checked, choice
from adapters.wizcommerce.standin.deletion import delete, deleted, found, in_sight
from adapters.wizcommerce.standin.desk import Ask, Desk, single
from adapters.wizcommerce.standin.inventory import reserve
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
    filters={"reference_ids": references, "order_status": references},
    has_time_filters=True,
)
LEGAL_CHANGES = {
    "draft": ("confirmed", "cancelled"),
    "confirmed": ("cancelled",),
    "pending_approval": ("cancelled",),
}
"""Which status may follow which; not published (A-46)."""
APPROVAL = "pending_approval"
_ONLY_IN_V2_ADDRESSES = ("reference_id", "attributes")


def list_orders(desk: Desk, ask: Ask) -> Response:
    """GET /v1|v2/orders: drafts only unless asked otherwise, one status per call (A-06)."""
    asked = understood(ask.query, ORDERS)
    wanted = _wanted_statuses(desk, asked.filters.get("order_status"))
    rows = [one for one in in_sight(desk, desk.records.orders.values()) if wanted is None or one["status"] in wanted]
    page = page_of(rows, asked, lambda one: desk.shown(order_shown(one, desk, ask.version)), desk.switches)
    return json_response(page)


def _wanted_statuses(desk: Desk, sent: list[str] | None) -> list[str] | None:
    """None for every status. Raises the 400 refusal of a value that is none, or of several where one is taken (A-06)."""
    if sent is None:
        return ["draft"] if desk.switches.a06_default_status == "draft" else None
    problems: list[Problem] = []
    check = choice(*ORDER_STATUSES)
    for one in sent if sent and desk.switches.a06_several_statuses else [",".join(sent)]:
        check(one, "order_status", problems)
    if problems:
        raise bad_request(problems)
    return sent


def read_order(desk: Desk, ask: Ask) -> Response:
    """GET /v1|v2/orders/{id}: in any status."""
    return _answer(desk, ask, _found(desk, ask))


def create_order(desk: Desk, ask: Ask) -> Response:
    """POST /v1|v2/orders: 201 with the order."""
    body = checked(ask.json(), ORDER_WRITE[ask.version])
    _refuse_contradictions(body, desk)
    refuse_taken_reference(desk, desk.records.orders, body["reference_id"])
    order = blank_order(desk.records.new_id("order"), desk.now())
    _fill(order, body, desk.records)
    order["display_id"] = order["display_id"] or desk.records.next_display_id("order", "WC")
    desk.records.orders[order["id"]] = order
    _await_approval(desk, order)
    reserve(desk, None, order)
    desk.announce_write("order.created", order["id"])
    return _answer(desk, ask, order, 201)


def replace_order(desk: Desk, ask: Ask) -> Response:
    """PUT /v1|v2/orders/{id}: what is not sent is removed; documented as 201."""
    order = _found(desk, ask)
    body = checked(ask.json(), ORDER_WRITE[ask.version])
    _refuse_contradictions(body, desk)
    if body["reference_id"] != order["reference_id"]:
        refuse_taken_reference(desk, desk.records.orders, body["reference_id"])
    display_id, before = order["display_id"], dict(order)
    wanted = body.pop("status", order["status"])
    _refuse_change(desk, order, wanted)
    order.update(blank_order(order["id"], desk.now()))
    _fill(order, {"display_id": display_id, **body}, desk.records)
    order.update(status=before["status"], updated_at=desk.now())
    if wanted != before["status"]:
        order["status"] = wanted
        _await_approval(desk, order)
    reserve(desk, before, order)
    if desk.switches.a47_edits_raise_events or before["status"] != "confirmed":
        desk.announce_write("order.updated", order["id"])
    return _answer(desk, ask, order, 201)


def delete_order(desk: Desk, ask: Ask) -> Response:
    """DELETE /v1|v2/orders/{id}: softly (A-43)."""
    order = _found(desk, ask)
    before = dict(order)
    delete(desk, order)
    reserve(desk, before, order)
    desk.announce_write("order.deleted", order["id"])
    return deleted()


def change_order_status(desk: Desk, ask: Ask) -> Response:
    """PATCH /v1|v2/orders/{id}/status: 200 with the order; repeating it changes nothing."""
    order = _found(desk, ask)
    wanted = checked(ask.json(), ORDER_STATUS)["status"]
    before = dict(order)
    _refuse_change(desk, order, wanted)
    if wanted != order["status"]:
        order["status"] = wanted
        order["updated_at"] = desk.now()
        _await_approval(desk, order)
        reserve(desk, before, order)
        desk.announce_write("order.updated", order["id"])
    return _answer(desk, ask, order)


def order_shown(order: Record, desk: Desk, version: int) -> Record:
    """An order in the form of v1 or v2: v2 adds the customer's reference and name, the card, and address detail."""
    records = desk.records
    price_list = records.price_lists.get(order["price_list_id"] or "")
    if desk.switches.a20_order_currency and price_list is not None:
        order = {"currency": price_list["currency"], **order}
    if version == 2:
        customer = records.customers.get(order["customer_id"] or "")
        return {
            **order,
            "customer_reference_id": customer["reference_id"] if customer else None,
            "customer_name": customer["name"] if customer else None,
            "card": _card(records.payment_methods.get(order["payment_method_id"] or "")),
        }
    shown = dict(order)
    for name in ("billing_address", "shipping_address"):
        if order[name] is not None:
            shown[name] = {part: one for part, one in order[name].items() if part not in _ONLY_IN_V2_ADDRESSES}
    return shown


def _card(method: Record | None) -> Record | None:
    """The stored card an order is paid with. Source: reference, section 1.5, "Order"."""
    if method is None or method["payment_method_type"] != "card":
        return None
    kept = ("id", "token", "payment_method_type", "brand", "card_type", "last_four_digits", "external_customer_id")
    return {**{name: method[name] for name in kept}, "card_exp": method["card_expiry"]}


def whole_line(fields: Record, records: Records) -> Record:
    """An order line with every field, its product found by SKU."""
    product = records.product_of(fields.get("sku", "")) if not fields.get("is_adhoc") else None
    return {**blank_line(), "product_id": product["id"] if product else None, **fields}


def _answer(desk: Desk, ask: Ask, order: Record, status: int = 200) -> Response:
    return single(desk.shown(order_shown(order, desk, ask.version)), status)


def _found(desk: Desk, ask: Ask) -> Record:
    return found(desk, desk.records.orders, ask.path["id"], "order")


def _refuse_change(desk: Desk, order: Record, wanted: str) -> None:
    """Raise the 400 refusal of a status that may not follow the order's own (A-46)."""
    legal = (order["status"], *LEGAL_CHANGES.get(order["status"], ()))
    reopened = desk.switches.a46_reopening and (order["status"], wanted) == ("confirmed", "draft")
    if wanted not in legal and not reopened:
        raise bad_request([problem("status", f"an order that is {order['status']} cannot become {wanted}")])


def _await_approval(desk: Desk, order: Record) -> None:
    """What was confirmed through the API may wait for somebody's approval (A-46)."""
    if desk.switches.a46_approval and order["status"] == "confirmed":
        order["status"] = APPROVAL


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


def _refuse_contradictions(body: dict[str, Any], desk: Desk) -> None:
    records = desk.records
    problems: list[Problem] = _refused_lines(body, desk)
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
    if problems:
        raise bad_request(problems)


def _refused_lines(body: dict[str, Any], desk: Desk) -> list[Problem]:
    problems: list[Problem] = []
    lines = body.get("line_items", [])
    for place, line in enumerate(lines):
        if line.get("is_adhoc"):
            if desk.switches.a25_adhoc_lines == "refused":
                problems.append(problem(f"line_items[{place}].is_adhoc", "is not allowed here"))
        elif desk.records.product_of(line["sku"]) is None:
            problems.append(problem(f"line_items[{place}].sku", "is not a product of this tenant"))
    most = desk.switches.a51_most_lines
    if most and len(lines) > most:
        problems.append(problem("line_items", f"must not have more than {most} elements"))
    total = sum((one["quantity"] * one["unit_price"] for one in lines), Decimal(0))
    if desk.switches.a23_amounts == "refused" and body.get("amount", total) != total:
        problems.append(problem("amount", "is not the sum of the lines"))
    return problems
