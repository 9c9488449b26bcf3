"""Invoices and shipments, written into WizCommerce by the integrator; each belongs to an order.

Source: reference, section 1.5, "Invoice" and "Shipment"; A-26, A-45, A-48.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.responses import Response

from adapters.standin.wire import json_response
from adapters.wizcommerce.standin.answers import Problem, bad_request, problem
from adapters.wizcommerce.standin.checks import Check, checked, choice
from adapters.wizcommerce.standin.deletion import delete, deleted, found, in_sight
from adapters.wizcommerce.standin.desk import Ask, Desk, single
from adapters.wizcommerce.standin.goods_shapes import INVOICE_CREATE, INVOICE_PATCH, SHIPMENT_CREATE, SHIPMENT_PATCH
from adapters.wizcommerce.standin.listing import Listing, page_of, references, understood
from adapters.wizcommerce.standin.progress import invoiced, not_counted, shipment_changed, shipped
from adapters.wizcommerce.standin.records import Record, Records
from adapters.wizcommerce.standin.references import refuse_taken_reference

_BY_TIME = {"created_at": "created_at", "updated_at": "updated_at"}


@dataclass(frozen=True)
class Document:
    """One kind of document: where it is kept, what it may hold, and what becomes of its items."""

    noun: str
    store: Callable[[Records], dict[str, Record]]
    listing: Listing
    filtered: Callable[[Record, Mapping[str, Any]], bool]
    to_create: Callable[[Desk], Check]
    to_patch: Callable[[Desk], Check]
    blank: Record
    item_key: str
    item: Callable[[Desk, Record, list[Problem], str], Record]
    follow: Callable[[Desk, Record, Record], None]
    follow_change: Callable[[Desk, Record, Record, Record], None]
    patched: int
    camel: bool = False

    def list_all(self, desk: Desk, ask: Ask) -> Response:
        asked = understood(ask.query, self.listing)
        rows = [one for one in in_sight(desk, self.store(desk.records).values()) if self.filtered(one, asked.filters)]
        return json_response(page_of(rows, asked, lambda one: self.shown(desk, one), desk.switches))

    def read(self, desk: Desk, ask: Ask) -> Response:
        return single(self.shown(desk, self._found(desk, ask)))

    def create(self, desk: Desk, ask: Ask) -> Response:
        """201 with the document. Raises the 400 refusal of an order that is not there (A-26)."""
        body = checked(self._in(desk, ask.json()), self.to_create(desk))
        refuse_taken_reference(desk, self.store(desk.records), body["reference_id"])
        made = self.keep(desk, body)
        self.follow(desk, made, desk.records.orders[made["_order"]])
        desk.announce_write(f"{self.noun}.created", made["id"])
        return single(self.shown(desk, made), 201)

    def update(self, desk: Desk, ask: Ask) -> Response:
        """Only the fields sent are changed; items are replaced as a whole, and removed by an empty list."""
        document = self._found(desk, ask)
        body = checked(self._in(desk, ask.json()), self.to_patch(desk))
        if "reference_id" in body and body["reference_id"] != document["reference_id"]:
            refuse_taken_reference(desk, self.store(desk.records), body["reference_id"])
        fields = self._fields(desk, body, document["created_at"])
        before = dict(document)
        document.update({"updated_at": desk.now(), **fields})
        self.follow_change(desk, before, document, desk.records.orders[document["_order"]])
        desk.announce_write(f"{self.noun}.updated", document["id"])
        return single(self.shown(desk, document), self.patched)

    def delete(self, desk: Desk, ask: Ask) -> Response:
        document = self._found(desk, ask)
        before = dict(document)
        delete(desk, document)
        self.follow_change(desk, before, document, desk.records.orders[document["_order"]])
        desk.announce_write(f"{self.noun}.deleted", document["id"])
        return deleted()

    def shown(self, desk: Desk, document: Record) -> Record:
        """Without what only the stand-in knows; in camelCase where the switch says so (A-45)."""
        shown = desk.shown({name: value for name, value in document.items() if not name.startswith("_")})
        return _camel(shown) if self.camel and desk.switches.a45_shipment_names == "camel" else shown

    def _in(self, desk: Desk, body: Any) -> Any:
        return _snake(body) if self.camel and desk.switches.a45_shipment_names == "camel" else body

    def keep(self, desk: Desk, body: Record) -> Record:
        """Store a new document from its fields. Raises the 400 refusal of what they name and is not there."""
        now = desk.now()
        fields = self._fields(desk, body, body.get("created_at", now))
        new_id = desk.records.new_id(self.noun)
        made = {"id": new_id, **self.blank, self.item_key: [], "created_at": now, "updated_at": now, **fields}
        self.store(desk.records)[new_id] = made
        return made

    def _fields(self, desk: Desk, body: Record, created_at: datetime) -> Record:
        problems: list[Problem] = []
        fields = dict(body)
        if "order_id" in fields:
            fields["_order"] = order_named(desk, fields["order_id"])
            if fields["_order"] is None:
                problems.append(problem("order_id", "is not an order of this tenant"))
        if fields.get("updated_at") is not None and fields["updated_at"] <= created_at:
            problems.append(problem("updated_at", "must be later than created_at"))
        if self.item_key in fields:
            fields[self.item_key] = [
                self.item(desk, one, problems, f"{self.item_key}[{place}]")
                for place, one in enumerate(fields[self.item_key])
            ]
        if problems:
            raise bad_request(problems)
        return fields

    def _found(self, desk: Desk, ask: Ask) -> Record:
        return found(desk, self.store(desk.records), ask.path["id"], self.noun)


def order_named(desk: Desk, name: str) -> str | None:
    """The id of the order that `order_id` names, as the switch of A-26 says."""
    policy, orders = desk.switches.a26_order_named_by, desk.records.orders
    if policy != "reference" and name in orders:
        return name
    if policy != "id":
        return next((one["id"] for one in orders.values() if one["reference_id"] == name), None)
    return None


def _invoice_item(desk: Desk, fields: Record, problems: list[Problem], place: str) -> Record:
    product = desk.records.product_of(fields.get("sku", ""))
    if product is None and "sku" in fields:
        problems.append(problem(f"{place}.sku", "is not a product of this tenant"))
    return {
        "id": desk.records.new_id("invoice item"),
        "reference_id": fields.get("reference_id"),
        "product_id": product["id"] if product else None,
        "name": fields.get("name") or (product["name"] if product else None),
        "quantity": fields["quantity"],
        "amount": fields.get("amount"),
        "item_total": fields.get("item_total", fields.get("amount")),
    }


def _shipment_item(desk: Desk, fields: Record, problems: list[Problem], place: str) -> Record:
    product = desk.records.products.get(fields["product_id"])
    if product is None:
        problems.append(problem(f"{place}.product_id", "is not a product of this tenant"))
    sku = product["sku"] if product else None
    return {"id": desk.records.new_id("shipment item"), "sku_id": sku, "quantity": fields["quantity"]}


def _camel(tree: Any) -> Any:
    return _renamed(tree, lambda name: re.sub(r"_([a-z])", lambda m: m[1].upper(), name))


def _snake(tree: Any) -> Any:
    """Names in camelCase as snake_case; a name in snake_case is not known then."""
    return _renamed(
        tree,
        lambda name: re.sub(r"[A-Z]", lambda m: f"_{m[0].lower()}", name) if "_" not in name else f"{name} (snake)",
    )


def _renamed(tree: Any, rename: Callable[[str], str]) -> Any:
    if isinstance(tree, dict):
        return {rename(name): _renamed(value, rename) for name, value in tree.items()}
    if isinstance(tree, list):
        return [_renamed(one, rename) for one in tree]
    return tree


def _invoice_fits(one: Record, filters: Mapping[str, Any]) -> bool:
    """The documented filter knows PAID and UNPAID."""
    wanted = filters.get("status")
    is_open = one["status"] not in ("PAID", "OVERPAID")
    return wanted is None or (is_open if wanted == "UNPAID" else one["status"] == "PAID")


INVOICES = Document(
    noun="invoice",
    store=lambda records: records.invoices,
    listing=Listing(sort_by=_BY_TIME, filters={"reference_ids": references, "status": choice("PAID", "UNPAID")}),
    filtered=_invoice_fits,
    to_create=lambda desk: INVOICE_CREATE[desk.switches.a48_invoice_statuses],
    to_patch=lambda desk: INVOICE_PATCH[desk.switches.a48_invoice_statuses],
    blank=dict.fromkeys(("remarks", "url", "name")),
    item_key="items",
    item=_invoice_item,
    follow=invoiced,
    follow_change=not_counted,
    patched=200,
)
SHIPMENTS = Document(
    noun="shipment",
    store=lambda records: records.shipments,
    listing=Listing(
        sort_by=_BY_TIME,
        filters={"reference_ids": references, "shipment_status": choice("shipped", "created", "fulfilled")},
    ),
    filtered=lambda one, filters: filters.get("shipment_status") in (None, one["shipment_status"]),
    to_create=lambda desk: SHIPMENT_CREATE,
    to_patch=lambda desk: SHIPMENT_PATCH,
    blank={"status": "active", **dict.fromkeys(("tracking_info", "note", "remark"))},
    item_key="shipment_items",
    item=_shipment_item,
    follow=shipped,
    follow_change=shipment_changed,
    patched=201,
    camel=True,
)
