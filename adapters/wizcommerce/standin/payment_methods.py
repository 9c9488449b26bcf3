"""Stored payment methods: tokenised cards, not payments. Source: WizCommerce reference, section 1.5."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from starlette.responses import Response

from adapters.standin.wire import json_response
from adapters.wizcommerce.standin.answers import Problem, bad_request, problem
from adapters.wizcommerce.standin.checks import checked, email, flag, identifier, phone, shape, text
from adapters.wizcommerce.standin.deletion import delete, deleted, found, in_sight
from adapters.wizcommerce.standin.desk import Ask, Desk, single
from adapters.wizcommerce.standin.listing import Listing, page_of, understood
from adapters.wizcommerce.standin.records import Record
from adapters.wizcommerce.standin.references import refuse_taken_reference

PAYMENT_METHODS = Listing(
    sort_by={"created_at": "created_at", "updated_at": "updated_at"}, filters={"customer_id": identifier}
)
_TEXTS = ("external_customer_id", "payment_method_type", "card_type", "brand", "display_name", "token")
_ADDRESS = ("address_line_1", "address_line_2", "city", "state", "country", "zip_code", "first_name", "last_name")


def _like(pattern: str, reason: str) -> Any:
    def check(value: Any, field: str, problems: list[Problem]) -> Any:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            problems.append(problem(field, reason))
        return value

    return check


PAYMENT_METHOD_CREATE = shape(
    {
        "reference_id": text(255, filled=True),
        "customer_id": identifier,
        "provider": text(50, filled=True),
        **dict.fromkeys((*_TEXTS, *_ADDRESS), text()),
        "card_expiry": _like(r"(0[1-9]|1[0-2])/\d\d", "must be of the form MM/YY"),
        "last_four_digits": _like(r"\d{4}", "must be four digits"),
        "is_default": flag,
        "email": email,
        "phone": phone,
    },
    ("reference_id", "customer_id", "provider"),
)


def blank_payment_method(record_id: str, now: datetime) -> Record:
    """A payment method before anything was said about it."""
    texts = ("reference_id", "customer_id", "provider", *_TEXTS, "card_expiry", "last_four_digits", *_ADDRESS)
    return {
        "id": record_id,
        **dict.fromkeys((*texts, "email", "phone")),
        "is_default": False,
        "status": "active",
        "created_at": now,
        "updated_at": now,
    }


def list_payment_methods(desk: Desk, ask: Ask) -> Response:
    """GET /v1/payment-methods: of one customer, or of all. The token is in every row: callers must not keep it."""
    asked = understood(ask.query, PAYMENT_METHODS)
    wanted = asked.filters.get("customer_id")
    rows = [
        one for one in in_sight(desk, desk.records.payment_methods.values()) if wanted in (None, one["customer_id"])
    ]
    return json_response(page_of(rows, asked, desk.shown, desk.switches))


def create_payment_method(desk: Desk, ask: Ask) -> Response:
    """POST /v1/payment-methods: 201."""
    body = checked(ask.json(), PAYMENT_METHOD_CREATE)
    if body["customer_id"] not in desk.records.customers:
        raise bad_request([problem("customer_id", "is not a customer of this tenant")])
    refuse_taken_reference(desk, desk.records.payment_methods, body["reference_id"])
    made = add_payment_method(desk, body)
    return single(desk.shown(made), 201)


def add_payment_method(desk: Desk, fields: Record) -> Record:
    """Store a payment method; a default one takes that from the customer's others."""
    made = {**blank_payment_method(desk.records.new_id("payment method"), desk.now()), **fields}
    desk.records.payment_methods[made["id"]] = made
    if made["is_default"]:
        for one in desk.records.payment_methods.values():
            if one["customer_id"] == made["customer_id"]:
                one["is_default"] = one is made
    return made


def delete_payment_method(desk: Desk, ask: Ask) -> Response:
    """DELETE /v1/payment-methods/{id}."""
    delete(desk, found(desk, desk.records.payment_methods, ask.path["id"], "payment method"))
    return deleted()
