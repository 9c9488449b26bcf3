"""Customers: list, detail, create, partial update. Source: WizCommerce reference, sections 1.3 and 1.5."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.responses import Response

from adapters.standin.wire import json_response
from adapters.wizcommerce.standin.answers import Problem, bad_request, not_found, problem
from adapters.wizcommerce.standin.checks import checked, choice
from adapters.wizcommerce.standin.desk import Ask, Desk, single
from adapters.wizcommerce.standin.listing import Listing, page_of, references, understood
from adapters.wizcommerce.standin.records import Record, Records, blank_address, blank_contact, blank_customer
from adapters.wizcommerce.standin.references import refuse_taken_reference
from adapters.wizcommerce.standin.shapes import (
    ADDRESS_REQUIRED,
    CONTACT_REQUIRED,
    CUSTOMER_CREATE,
    CUSTOMER_PATCH,
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
_DETAIL_ONLY = ("assigned_sales_rep_ids", "assigned_price_list_id", "addresses", "contacts", "attributes")


def list_customers(desk: Desk, ask: Ask) -> Response:
    """GET /v1/customers: active ones only unless asked otherwise; rows are short."""
    asked = understood(ask.query, CUSTOMERS)
    rows = [one for one in desk.records.customers.values() if one["status"] == asked.filters["status"]]
    return json_response(page_of(rows, asked, lambda one: desk.shown(customer_row(one)), desk.switches))


def read_customer(desk: Desk, ask: Ask) -> Response:
    """GET /v1/customers/{id}."""
    return single(desk.shown(customer_detail(_found(desk, ask), desk.records)))


def create_customer(desk: Desk, ask: Ask) -> Response:
    """POST /v1/customers: 201 with the detail."""
    body = checked(ask.json(), CUSTOMER_CREATE)
    _refuse_unknown_assignments(body, desk.records)
    refuse_taken_reference(desk, desk.records.customers, body["reference_id"])
    customer = add_customer_record(desk.records, body, desk.now())
    desk.announce_write("customer.created", customer["id"])
    return single(desk.shown(customer_detail(customer, desk.records)), 201)


def update_customer(desk: Desk, ask: Ask) -> Response:
    """PATCH /v1/customers/{id}: only the fields sent are changed; documented as 201."""
    customer = _found(desk, ask)
    body = checked(ask.json(), CUSTOMER_PATCH)
    _refuse_unknown_assignments(body, desk.records)
    _refuse_unknown_parts(body, customer)
    if body.get("reference_id") not in (None, customer["reference_id"]):
        refuse_taken_reference(desk, desk.records.customers, body["reference_id"])
    change_customer_record(desk.records, customer, body, desk.now())
    desk.announce_write("customer.updated", customer["id"])
    return single(desk.shown(customer_detail(customer, desk.records)), 201)


def customer_row(customer: Record) -> Record:
    """A customer as a list shows it: without sales reps, price list, addresses, contacts and attributes."""
    return {name: value for name, value in customer.items() if name not in _DETAIL_ONLY}


def customer_detail(customer: Record, records: Records) -> Record:
    """A customer as the detail call shows it: sales reps and price list as objects."""
    price_list = records.price_lists.get(customer["assigned_price_list_id"] or "")
    listed = ("id", "reference_id", "name", "description", "status", "created_at", "updated_at")
    return {
        **customer_row(customer),
        "assigned_sales_reps": [
            records.sales_reps[one] for one in customer["assigned_sales_rep_ids"] if one in records.sales_reps
        ],
        "assigned_price_list": {name: price_list[name] for name in listed} if price_list else None,
        "addresses": customer["addresses"],
        "contacts": customer["contacts"],
        "attributes": customer["attributes"],
    }


def add_customer_record(records: Records, fields: Record, now: datetime) -> Record:
    """Store a new customer from wire fields (`company_name` or `name`, nested addresses and contacts)."""
    customer = blank_customer(fields.get("id") or records.new_id("customer"), now)
    change_customer_record(records, customer, fields, now)
    customer["display_id"] = customer["display_id"] or records.next_display_id("customer", "CUST")
    for name in ("created_at", "updated_at"):
        customer[name] = fields.get(name, now)
    records.customers[customer["id"]] = customer
    return customer


def change_customer_record(records: Records, customer: Record, fields: Record, now: datetime) -> None:
    """Change the given wire fields of a stored customer and move its `updated_at`."""
    for name, value in fields.items():
        if name == "company_name":
            customer["name"] = value
        elif name == "addresses":
            for one in value:
                _place_address(records, customer, one, now)
        elif name == "contacts":
            for one in value:
                _place_contact(records, customer, one, now)
        elif name == "primary_contact_id":
            _make_default(customer["contacts"], value)
        elif name in ("default_shipping_address_id", "default_billing_address_id"):
            kind = name.split("_")[1]
            _make_default([one for one in customer["addresses"] if one["type"] == kind], value)
        elif name not in ("id", "created_at", "updated_at"):
            customer[name] = value
    customer["updated_at"] = now


def _place_address(records: Records, customer: Record, fields: Record, now: datetime) -> None:
    address = next((one for one in customer["addresses"] if one["id"] == fields.get("id")), None)
    if address is None:
        address = blank_address(fields.get("id") or records.new_id("address"), customer["id"], now)
        customer["addresses"].append(address)
    address.update({**fields, "id": address["id"], "updated_at": now})
    if address["is_default"]:
        _make_default([one for one in customer["addresses"] if one["type"] == address["type"]], address["id"])


def _place_contact(records: Records, customer: Record, fields: Record, now: datetime) -> None:
    contact = next((one for one in customer["contacts"] if one["id"] == fields.get("id")), None)
    if contact is None:
        contact = blank_contact(fields.get("id") or records.new_id("contact"), now)
        customer["contacts"].append(contact)
    contact.update({**fields, "id": contact["id"], "updated_at": now})
    if contact["is_default"]:
        _make_default(customer["contacts"], contact["id"])


def _make_default(parts: list[Record], chosen_id: str) -> None:
    for one in parts:
        one["is_default"] = one["id"] == chosen_id


def _found(desk: Desk, ask: Ask) -> Record:
    customer = desk.records.customers.get(ask.path["id"])
    if customer is None:
        raise not_found("customer")
    return customer


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


def _refuse_unknown_parts(body: dict[str, Any], customer: Record) -> None:
    """A nested element with an id must exist; one without is new and must be complete."""
    problems: list[Problem] = []
    for name, required in (("addresses", ADDRESS_REQUIRED), ("contacts", CONTACT_REQUIRED)):
        known = {one["id"] for one in customer[name]}
        for place, one in enumerate(body.get(name, [])):
            field = f"{name}[{place}]"
            if "id" not in one:
                problems += [problem(f"{field}.{part}", "is required") for part in required if part not in one]
            elif one["id"] not in known:
                problems.append(problem(f"{field}.id", "does not belong to this customer"))
    for name, parts in (
        ("primary_contact_id", "contacts"),
        ("default_shipping_address_id", "addresses"),
        ("default_billing_address_id", "addresses"),
    ):
        if name in body and body[name] not in {one["id"] for one in customer[parts]}:
            problems.append(problem(name, "does not belong to this customer"))
    if problems:
        raise bad_request(problems)
