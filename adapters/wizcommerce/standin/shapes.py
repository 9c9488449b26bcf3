"""What each request body may and must hold. Source: WizCommerce reference, section 1.5 (and 1.4 for orders v2)."""

from __future__ import annotations

from adapters.wizcommerce.standin.checks import (
    attribute_value,
    choice,
    email,
    flag,
    identifier,
    list_of,
    moment,
    nullable,
    number,
    phone,
    shape,
    text,
)

ORDER_STATUSES = ("draft", "confirmed", "cancelled")
PAYMENT_STATUSES = ("PAID", "PENDING", "PARTIALLY_PAID", "REFUNDED", "OVERPAID", "VOIDED")
FULFILLMENT_STATUSES = (
    "UNFULFILLED",
    "PARTIALLY_FULFILLED",
    "FULFILLED",
    "IN_PROGRESS",
    "PARTIALLY_DELIVERED",
    "DELIVERED",
)

NAMED = text(255)
ATTRIBUTES = list_of(shape({"name": text(filled=True), "value": attribute_value}, ("name", "value")))

TOKEN_REQUEST = shape({"email": text(), "password": text()}, ("email", "password"))

_ADDRESS_FIELDS = {
    "id": identifier,
    "reference_id": text(255, filled=True),
    "address_line_1": text(filled=True),
    "address_line_2": text(),
    "city": text(50, filled=True),
    "state": text(),
    "country": text(),
    "zip_code": text(),
    "type": choice("billing", "shipping"),
    "first_name": text(),
    "last_name": text(),
    "phone": phone,
    "email": email,
    "is_default": flag,
    "attributes": ATTRIBUTES,
}
_CONTACT_FIELDS = {
    "id": identifier,
    "reference_id": text(255, filled=True),
    "first_name": text(filled=True),
    "last_name": text(),
    "email": email,
    "phone": phone,
    "designation": text(),
    "is_default": flag,
    "attributes": ATTRIBUTES,
}
ADDRESS_REQUIRED = ("reference_id", "address_line_1", "city", "type")
CONTACT_REQUIRED = ("reference_id", "first_name", "email")

_CUSTOMER_FIELDS = {
    "reference_id": text(255, filled=True),
    "company_name": text(255, filled=True),
    "display_name": text(255, filled=True),
    "display_id": NAMED,
    "first_name": NAMED,
    "last_name": NAMED,
    "phone": phone,
    "email": email,
    "freight_term": NAMED,
    "shipping_method": NAMED,
    "payment_mode": NAMED,
    "payment_term": NAMED,
    "assigned_sales_rep_ids": list_of(identifier, least=1),
    "assigned_price_list_id": identifier,
    "attributes": ATTRIBUTES,
}

ADDRESS_WRITE = shape({name: one for name, one in _ADDRESS_FIELDS.items() if name != "id"}, ADDRESS_REQUIRED)
CONTACT_WRITE = shape({name: one for name, one in _CONTACT_FIELDS.items() if name != "id"}, CONTACT_REQUIRED)
"""The bodies of POST and of PUT: a PUT replaces the whole, so it needs the same fields."""

CUSTOMER_CREATE_FIELDS = {
    **_CUSTOMER_FIELDS,
    "addresses": list_of(ADDRESS_WRITE),
    "contacts": list_of(CONTACT_WRITE),
}

_CUSTOMER_PATCH_FIELDS = {
    **_CUSTOMER_FIELDS,
    "addresses": list_of(shape(_ADDRESS_FIELDS)),
    "contacts": list_of(shape(_CONTACT_FIELDS)),
    "primary_contact_id": identifier,
    "default_shipping_address_id": identifier,
    "default_billing_address_id": identifier,
}
CUSTOMER_PATCH = shape(_CUSTOMER_PATCH_FIELDS)
CUSTOMER_PATCH_WITH_STATUS = shape({**_CUSTOMER_PATCH_FIELDS, "status": choice("active", "inactive")})
"""The documented body has no `status` (A-28)."""

_LINE = shape(
    {
        "product_id": identifier,
        "sku": text(),
        "quantity": number,
        "unit_price": number,
        "shipped_quantity": number,
        "invoiced_quantity": number,
        "cancelled_quantity": number,
        "picked_quantity": number,
        "discount": number,
        "discount_type": choice("percentage", "value"),
        "note": text(),
        "is_adhoc": flag,
    },
    ("sku", "quantity", "unit_price"),
)
_CHARGE = shape(
    {"name": text(), "type": text(), "value_type": choice("percentage", "value"), "amount": number},
    ("name", "amount"),
)
_CONTAINER = shape({"name": text(), "key": text(), "unit": text(), "volume": number})
_CONSENT = shape({"has_consent": flag, "consent_file_id": text()})
_PRIMARY_CONTACT = shape(
    {
        name: _CONTACT_FIELDS[name]
        for name in ("id", "reference_id", "first_name", "last_name", "email", "phone", "designation")
    }
)

_ORDER_ADDRESS = {
    1: shape({name: one for name, one in _ADDRESS_FIELDS.items() if name not in ("reference_id", "attributes")}),
    2: shape(_ADDRESS_FIELDS),
}
_ORDER_FIELDS = {
    "reference_id": text(255, filled=True),
    "display_id": NAMED,
    "customer_id": identifier,
    "status": choice("draft", "confirmed"),
    "amount": number,
    "discount_value": number,
    "tax_value": number,
    "shipping_charge": number,
    "amount_paid": number,
    "payment_status": choice(*PAYMENT_STATUSES),
    "fulfillment_status": choice(*FULFILLMENT_STATUSES),
    "payment_method_id": text(),
    "payment_term": NAMED,
    "shipping_method": NAMED,
    "freight_term": NAMED,
    "shipment_date": moment,
    "due_date": nullable(moment),
    "customer_note": NAMED,
    "internal_note": NAMED,
    "po_number": NAMED,
    "source": text(),
    "primary_contact": _PRIMARY_CONTACT,
    "container_info": _CONTAINER,
    "customer_consent": _CONSENT,
    "line_items": list_of(_LINE),
    "additional_charges": list_of(_CHARGE),
    "attributes": ATTRIBUTES,
    "created_at": moment,
    "updated_at": moment,
}
_ORDER_REQUIRED = ("reference_id", "customer_id", "payment_status", "fulfillment_status", "created_at", "updated_at")
ORDER_WRITE = {
    version: shape({**_ORDER_FIELDS, "billing_address": address, "shipping_address": address}, _ORDER_REQUIRED)
    for version, address in _ORDER_ADDRESS.items()
}
"""The body of POST and of PUT: a PUT replaces the whole order, so it needs the same fields."""

ORDER_STATUS = shape({"status": choice(*ORDER_STATUSES)}, ("status",))
