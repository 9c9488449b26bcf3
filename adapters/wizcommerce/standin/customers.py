"""Customers: list, detail, create, partial update, delete. Source: WizCommerce reference, sections 1.3 and 1.5."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.responses import Response

from adapters.standin.wire import json_response
from adapters.wizcommerce.standin.answers import Problem, bad_request, problem
from adapters.wizcommerce.standin.attributes import refuse_missing_values, values_shown, values_taken
from adapters.wizcommerce.standin.checks import checked, choice, shape
from adapters.wizcommerce.standin.deletion import delete, deleted, found, in_sight, restore
from adapters.wizcommerce.standin.desk import Ask, Desk, single
from adapters.wizcommerce.standin.listing import Listing, page_of, references, understood
from adapters.wizcommerce.standin.parts import ADDRESSES, CONTACTS, PARTS, Event, make_default
from adapters.wizcommerce.standin.records import Record, Records, blank_customer
from adapters.wizcommerce.standin.references import refuse_taken_reference
from adapters.wizcommerce.standin.shapes import (
    ADDRESS_REQUIRED,
    CONTACT_REQUIRED,
    CUSTOMER_CREATE_FIELDS,
    CUSTOMER_PATCH,
    CUSTOMER_PATCH_WITH_STATUS,
)

CUSTOMERS = Listing(
    sort_by={
        "created_at": "created_at",
        "updated_at": "updated_at",
        "company_name": "name",
        "display_name": "display_name",
    },
    filters={"reference_ids": references, "status": choice("active", "inactive")},
    defaults={"status": "active"},
    has_time_filters=True,
)
OFFERED_TERMS = ("Net 30", "Net 60", "COD", "Prepaid")
"""The payment terms the app offers by itself. Source: reference, section 3.5."""
_DETAIL_ONLY = ("assigned_sales_rep_ids", "assigned_price_list_id", "addresses", "contacts", "attributes")
_CHOSEN_PARTS = {
    "primary_contact_id": CONTACTS,
    "default_shipping_address_id": ADDRESSES,
    "default_billing_address_id": ADDRESSES,
}


def list_customers(desk: Desk, ask: Ask) -> Response:
    """GET /v1/customers: active ones only unless asked otherwise; rows are short."""
    asked = understood(ask.query, CUSTOMERS)
    shown = in_sight(desk, desk.records.customers.values())
    rows = [one for one in shown if one["status"] == asked.filters["status"]]
    return json_response(page_of(rows, asked, lambda one: desk.shown(customer_row(one)), desk.switches))


def read_customer(desk: Desk, ask: Ask) -> Response:
    """GET /v1/customers/{id}."""
    return single(desk.shown(customer_detail(_found(desk, ask), desk)))


def create_customer(desk: Desk, ask: Ask) -> Response:
    """POST /v1/customers: 201 with the detail."""
    body = _settled(desk, checked(ask.json(), shape(CUSTOMER_CREATE_FIELDS, _required(desk))))
    refuse_missing_values(desk, "customer", body.get("attributes", []), "attributes")
    refuse_taken_reference(desk, desk.records.customers, body["reference_id"])
    customer = add_customer_record(desk.records, body, desk.now())
    for event in created_events(customer):
        desk.announce_write(*event)
    return single(desk.shown(customer_detail(customer, desk)), 201)


def update_customer(desk: Desk, ask: Ask) -> Response:
    """PATCH /v1/customers/{id}: only the fields sent are changed; documented as 201."""
    customer = _found(desk, ask)
    body = _settled(desk, _patch_of(desk, ask.json()))
    _refuse_unknown_parts(desk, body, customer)
    if body.get("reference_id") not in (None, customer["reference_id"]):
        refuse_taken_reference(desk, desk.records.customers, body["reference_id"])
    if "attributes" in body and desk.switches.patched_attributes == "merged":
        named = {one["name"] for one in body["attributes"]}
        body["attributes"] = [one for one in customer["attributes"] if one["name"] not in named] + body["attributes"]
    if body.get("status") == "active":
        restore(desk, customer)
    events = change_customer_record(desk.records, customer, body, desk.now())
    for event in events:
        desk.announce_write(*event)
    return single(desk.shown(customer_detail(customer, desk)), 201)


def delete_customer(desk: Desk, ask: Ask) -> Response:
    """DELETE /v1/customers/{id}: soft, and without a body (A-43)."""
    customer = _found(desk, ask)
    delete(desk, customer)
    desk.announce_write("customer.deleted", customer["id"])
    return deleted()


def customer_row(customer: Record) -> Record:
    """A customer as a list shows it: without sales reps, price list, addresses, contacts and attributes."""
    return {name: value for name, value in customer.items() if name not in _DETAIL_ONLY}


def customer_detail(customer: Record, desk: Desk) -> Record:
    """A customer as the detail call shows it: sales reps and price list as objects."""
    records = desk.records
    price_list = records.price_lists.get(customer["assigned_price_list_id"] or "")
    listed = ("id", "reference_id", "name", "description", "status", "created_at", "updated_at")
    return {
        **customer_row(customer),
        "assigned_sales_reps": [
            records.sales_reps[one] for one in customer["assigned_sales_rep_ids"] if one in records.sales_reps
        ],
        "assigned_price_list": {name: price_list[name] for name in listed} if price_list else None,
        **{part.key: [part.shown(desk, one) for one in in_sight(desk, customer[part.key])] for part in PARTS},
        "attributes": values_shown(desk, "customer", customer["attributes"]),
    }


def created_events(customer: Record) -> list[Event]:
    """What a new customer raises: an event for itself, and one for each address and contact made with it."""
    made = [(part.event("created"), one["id"]) for part in PARTS for one in customer[part.key]]
    return [("customer.created", customer["id"]), *made]


def add_customer_record(records: Records, fields: Record, now: datetime) -> Record:
    """Store a new customer from wire fields (`company_name` or `name`, nested addresses and contacts)."""
    customer = blank_customer(fields.get("id") or records.new_id("customer"), now)
    change_customer_record(records, customer, fields, now)
    customer["display_id"] = customer["display_id"] or records.next_display_id("customer", "CUST")
    for name in ("created_at", "updated_at"):
        customer[name] = fields.get(name, now)
    records.customers[customer["id"]] = customer
    return customer


def change_customer_record(records: Records, customer: Record, fields: Record, now: datetime) -> list[Event]:
    """Change the given wire fields of a stored customer and move its `updated_at`; what that raises."""
    events = [("customer.updated", customer["id"])]
    for part in PARTS:
        events += [part.place(records, customer, one, now) for one in fields.get(part.key, [])]
    for name, value in fields.items():
        if name == "company_name":
            customer["name"] = value
        elif name == "primary_contact_id":
            make_default(customer["contacts"], value)
        elif name in ("default_shipping_address_id", "default_billing_address_id"):
            kind = name.split("_")[1]
            make_default([one for one in customer["addresses"] if one["type"] == kind], value)
        elif name not in ("id", "created_at", "updated_at", *(part.key for part in PARTS)):
            customer[name] = value
    customer["updated_at"] = now
    return events


def _found(desk: Desk, ask: Ask) -> Record:
    return found(desk, desk.records.customers, ask.path["id"], "customer")


def _required(desk: Desk) -> tuple[str, ...]:
    """What a create needs: the reference marks a rep and a price list as inferred (A-35, A-36)."""
    needs = {
        "assigned_sales_rep_ids": desk.switches.a35_sales_rep_required,
        "assigned_price_list_id": desk.switches.a36_price_list_required,
    }
    return ("reference_id", "company_name", "display_name", *(name for name, needed in needs.items() if needed))


def _patch_of(desk: Desk, sent: Any) -> dict[str, Any]:
    """The body of a PATCH; its `status`, of which the documentation knows nothing, by the switch (A-28)."""
    how = desk.switches.a28_patched_status
    if how == "ignored" and isinstance(sent, dict):
        sent = {name: value for name, value in sent.items() if name != "status"}
    return checked(sent, CUSTOMER_PATCH_WITH_STATUS if how == "accepted" else CUSTOMER_PATCH)


def _settled(desk: Desk, body: dict[str, Any]) -> dict[str, Any]:
    """The body with its attribute values by label. Raises the refusal of what the tenant does not know."""
    _refuse_unknown_assignments(body, desk.records)
    term = body.get("payment_term", OFFERED_TERMS[0])
    if desk.switches.a32_payment_terms == "offered" and term not in OFFERED_TERMS:
        raise bad_request([problem("payment_term", f"must be one of {', '.join(OFFERED_TERMS)}")])
    settled = dict(body)
    if "attributes" in body:
        settled["attributes"] = values_taken(desk, "customer", body["attributes"], "attributes")
    for part in PARTS:
        part.refuse_taken(desk, body.get(part.key, []), part.key)
        for place, one in enumerate(body.get(part.key, [])):
            where = f"{part.key}[{place}].attributes"
            values = values_taken(desk, part.noun, one.get("attributes", []), where)
            if "id" not in one:
                refuse_missing_values(desk, part.noun, values, where)
            if "attributes" in one:
                one["attributes"] = values
    return settled


def _refuse_unknown_assignments(body: dict[str, Any], records: Records) -> None:
    problems: list[Problem] = [
        problem(f"assigned_sales_rep_ids[{place}]", "is not a sales rep of this tenant")
        for place, one in enumerate(body.get("assigned_sales_rep_ids", []))
        if one not in records.sales_reps
    ]
    if body.get("assigned_price_list_id", next(iter(records.price_lists))) not in records.price_lists:
        problems.append(problem("assigned_price_list_id", "is not a price list of this tenant"))
    if problems:
        raise bad_request(problems)


def _refuse_unknown_parts(desk: Desk, body: dict[str, Any], customer: Record) -> None:
    """A nested element with an id must exist; one without is new and must be complete."""
    problems: list[Problem] = []
    known = {part.key: {one["id"]: one for one in in_sight(desk, customer[part.key])} for part in PARTS}
    for key, required in (("addresses", ADDRESS_REQUIRED), ("contacts", CONTACT_REQUIRED)):
        for place, one in enumerate(body.get(key, [])):
            field = f"{key}[{place}]"
            if "id" not in one:
                problems += [problem(f"{field}.{name}", "is required") for name in required if name not in one]
            elif one["id"] not in known[key]:
                problems.append(problem(f"{field}.id", "does not belong to this customer"))
    for name, part in _CHOSEN_PARTS.items():
        if name not in body:
            continue
        chosen = known[part.key].get(body[name])
        if chosen is None:
            problems.append(problem(name, "does not belong to this customer"))
        elif chosen.get("type", "") not in name:
            problems.append(problem(name, f"is not a {name.split('_')[1]} address"))
    if problems:
        raise bad_request(problems)
