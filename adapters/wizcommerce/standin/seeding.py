"""Seeds: entities in wire field names, taken as they are. What a seed does not say is made up, always the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from adapters.standin.control import ControlRefused
from adapters.wizcommerce.standin.adopt import adopted, adopted_line
from adapters.wizcommerce.standin.answers import Refusal
from adapters.wizcommerce.standin.attributes import blank_attribute
from adapters.wizcommerce.standin.customer_hands import SALES_REP_FIELDS
from adapters.wizcommerce.standin.desk import Desk
from adapters.wizcommerce.standin.documents import INVOICES, SHIPMENTS, Document
from adapters.wizcommerce.standin.goods_hands import PRODUCT_FIELDS, STOCK_FIELDS
from adapters.wizcommerce.standin.goods_shapes import DOCUMENT_FIELDS
from adapters.wizcommerce.standin.hands import (
    CUSTOMER_FIELDS,
    LINE_FIELDS,
    ORDER_FIELDS,
    one_customer,
    take_customer,
    take_order,
)
from adapters.wizcommerce.standin.inventory import set_stock
from adapters.wizcommerce.standin.payment_methods import add_payment_method, blank_payment_method
from adapters.wizcommerce.standin.products import add_product_record
from adapters.wizcommerce.standin.records import Record, blank_price_list, blank_sales_rep

_NEVER = datetime.min.replace(tzinfo=UTC)
_PRICE_LIST_FIELDS = frozenset(blank_price_list("", _NEVER))
_ATTRIBUTE_FIELDS = frozenset(blank_attribute("", _NEVER))
_PAYMENT_METHOD_FIELDS = frozenset(blank_payment_method("", _NEVER))
_TENANT_FIELDS = frozenset({"id", "name", "currency"})


def seed(desk: Desk, entities: Mapping[str, Any]) -> dict[str, Any]:
    """Add to the tenant; nothing is announced. The answer gives the ids stored, in the order given.

    Keys: "tenant" (id, name, currency), "price_lists", "sales_reps", "attributes" (their definitions), "products",
    "customers", "payment_methods", "inventories", "orders", "invoices", "shipments".
    An order or a payment method may name its customer by `customer_name`
    instead of `customer_id`. Raises ControlRefused with a sentence.
    """
    steps: dict[str, Callable[[Desk, Mapping[str, Any]], Record]] = {
        "price_lists": _price_list,
        "sales_reps": _sales_rep,
        "attributes": _attribute,
        "products": _product,
        "customers": _customer,
        "payment_methods": _payment_method,
        "inventories": _inventory,
        "orders": _order,
        "invoices": partial(_document, INVOICES),
        "shipments": partial(_document, SHIPMENTS),
    }
    for name in entities:
        if name != "tenant" and name not in steps:
            raise ControlRefused(f"A seed has no {name!r}; known are tenant, {', '.join(steps)}.")
    desk.records.tenant.update(adopted(entities.get("tenant", {}), _TENANT_FIELDS, "a tenant"))
    return {
        name: [step(desk, _an_object(name, one))["id"] for one in entities[name]]
        for name, step in steps.items()
        if name in entities
    }


def _an_object(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ControlRefused(f"Every element of {name!r} in a seed must be an object.")
    return value


def _refuse_taken(store: Mapping[str, Record], fields: Record, what: str) -> None:
    if fields.get("id") in store:
        raise ControlRefused(f"There is {what} with the id {fields['id']} already.")


def _price_list(desk: Desk, given: Mapping[str, Any]) -> Record:
    fields = adopted(given, _PRICE_LIST_FIELDS, "a price list")
    _refuse_taken(desk.records.price_lists, fields, "a price list")
    made = blank_price_list(desk.records.new_id("price list"), desk.now())
    made.update({"is_default": False, **_dated(fields)})
    desk.records.price_lists[made["id"]] = made
    return made


def _sales_rep(desk: Desk, given: Mapping[str, Any]) -> Record:
    fields = adopted(given, SALES_REP_FIELDS, "a sales rep")
    _refuse_taken(desk.records.sales_reps, fields, "a sales rep")
    made = {**blank_sales_rep(desk.records.new_id("sales rep"), desk.now()), **_dated(fields)}
    desk.records.sales_reps[made["id"]] = made
    return made


def _attribute(desk: Desk, given: Mapping[str, Any]) -> Record:
    fields = adopted(given, _ATTRIBUTE_FIELDS, "an attribute definition")
    _refuse_taken(desk.records.attributes, fields, "an attribute definition")
    if not fields.get("name"):
        raise ControlRefused("An attribute definition in a seed needs a name.")
    made = {**blank_attribute(desk.records.new_id("definition"), desk.now()), **_dated(fields)}
    desk.records.attributes[made["id"]] = made
    return made


def _payment_method(desk: Desk, given: Mapping[str, Any]) -> Record:
    fields = adopted(given, _PAYMENT_METHOD_FIELDS | {"customer_name"}, "a payment method")
    _refuse_taken(desk.records.payment_methods, fields, "a payment method")
    return add_payment_method(desk, _dated(_of_customer(desk, fields)))


def _of_customer(desk: Desk, fields: Record) -> Record:
    """With the customer named by `customer_name` found."""
    name = fields.pop("customer_name", None)
    return fields if name is None else {**fields, "customer_id": one_customer(desk.records, name)["id"]}


def _product(desk: Desk, given: Mapping[str, Any]) -> Record:
    fields = adopted(given, PRODUCT_FIELDS, "a product")
    _refuse_taken(desk.records.products, fields, "a product")
    sku = fields.get("sku") or fields.get("sku_id")
    if not sku:
        raise ControlRefused("A product in a seed needs a sku.")
    return add_product_record(desk.records, {"group_code": sku, "name": sku, **fields}, desk.now())


def _customer(desk: Desk, given: Mapping[str, Any]) -> Record:
    fields = adopted(given, CUSTOMER_FIELDS, "a customer")
    _refuse_taken(desk.records.customers, fields, "a customer")
    name = fields.get("name") or fields.get("company_name") or fields.get("display_name")
    if not name:
        raise ControlRefused("A customer in a seed needs a name.")
    return take_customer(desk, {"name": name, "display_name": name, **_dated(fields)})


def _inventory(desk: Desk, given: Mapping[str, Any]) -> Record:
    fields = adopted(given, STOCK_FIELDS, "a stock record")
    if not fields.get("sku"):
        raise ControlRefused("A stock record in a seed needs a sku.")
    return set_stock(desk, fields)


def _order(desk: Desk, given: Mapping[str, Any]) -> Record:
    fields = adopted(given, ORDER_FIELDS | {"customer_name"}, "an order")
    _refuse_taken(desk.records.orders, fields, "an order")
    fields = _of_customer(desk, fields)
    fields["line_items"] = [adopted_line(one, LINE_FIELDS) for one in fields.get("line_items", [])]
    return take_order(desk, _dated(fields))


def _document(document: Document, desk: Desk, given: Mapping[str, Any]) -> Record:
    fields = adopted(given, DOCUMENT_FIELDS[document.noun], f"a seeded {document.noun}")
    try:
        return document.keep(desk, _dated(fields))
    except Refusal as refusal:
        said = "; ".join(f"{one['field']} {one['reason']}" for one in refusal.details)
        raise ControlRefused(f"A seeded {document.noun} is refused: {said}.") from refusal


def _dated(fields: Record) -> Record:
    """With only `created_at` given, a seeded record was last changed when it was made."""
    return {"updated_at": fields["created_at"], **fields} if "created_at" in fields else fields
