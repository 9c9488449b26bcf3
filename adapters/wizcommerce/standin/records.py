"""What the stand-in keeps: plain records in wire field names, with moments as datetimes and numbers as Decimals."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any

from adapters.standin.clock import StandInClock

Record = dict[str, Any]

_NAMESPACE = uuid.UUID("5f0c1f0e-55d5-4c43-9d6b-6a1c2d1f7a10")
_ZERO = Decimal(0)


class Records:
    """Everything one tenant has. Ids are UUIDs made from a counter, so that equal histories give equal ids."""

    def __init__(self, clock: StandInClock) -> None:
        self.clock = clock
        self.customers: dict[str, Record] = {}
        self.products: dict[str, Record] = {}
        self.orders: dict[str, Record] = {}
        self.inventories: dict[str, Record] = {}
        self.invoices: dict[str, Record] = {}
        self.shipments: dict[str, Record] = {}
        self.skus: dict[str, list[str]] = {}
        # What has left the stock for an order, by order and SKU.
        self.gone: dict[tuple[str, str], Decimal] = {}
        self.price_lists: dict[str, Record] = {}
        self.sales_reps: dict[str, Record] = {}
        self.attributes: dict[str, Record] = {}
        self.payment_methods: dict[str, Record] = {}
        self.deleted: set[str] = set()
        self.tenant: Record = {}
        self._counts: Counter[str] = Counter()
        self.clear()

    def clear(self) -> None:
        """Empty the tenant down to the one price list and the one sales rep that every customer needs."""
        for store in (self.customers, self.products, self.orders, self.price_lists, self.sales_reps):
            store.clear()
        for goods in (self.inventories, self.invoices, self.shipments, self.attributes):
            goods.clear()
        self.skus.clear()
        self.gone.clear()
        self.payment_methods.clear()
        self.deleted.clear()
        self._counts.clear()
        self.tenant = {"id": self.new_id("tenant"), "name": "Stand-in tenant", "currency": "USD"}
        now = self.clock.now()
        price_list = blank_price_list(self.new_id("price list"), now)
        self.price_lists[price_list["id"]] = price_list
        rep = blank_sales_rep(self.new_id("sales rep"), now)
        self.sales_reps[rep["id"]] = rep

    def new_id(self, kind: str) -> str:
        """The next id of a kind of record."""
        return str(uuid.uuid5(_NAMESPACE, f"{kind} {self.next_number(kind)}"))

    def next_number(self, kind: str) -> int:
        """Count upwards from 1, for each kind by itself."""
        self._counts[kind] += 1
        return self._counts[kind]

    def next_display_id(self, kind: str, prefix: str) -> str:
        """The human-facing number given to a record that came without one."""
        return f"{prefix}_{1000 + self.next_number(f'{kind} display')}"

    def product_of(self, sku: str) -> Record | None:
        """The product with this SKU, the first if there are several, or None."""
        ids = self.skus.get(sku)
        return self.products[ids[0]] if ids else None

    def rename_sku(self, product: Record, sku: str) -> None:
        """Give a product its SKU, and find it by that from now on."""
        if product["id"] in self.skus.get(product["sku"], ()):
            self.skus[product["sku"]].remove(product["id"])
        product["sku"] = sku
        self.skus.setdefault(sku, []).append(product["id"])

    def order_shown_as(self, display_id: str) -> Record | None:
        """The order with this number (or id), or None."""
        by_id = self.orders.get(display_id)
        return by_id or next((one for one in self.orders.values() if one["display_id"] == display_id), None)

    def customers_called(self, name: str) -> list[Record]:
        """The customer with this id, else all with this company or display name."""
        if name in self.customers:
            return [self.customers[name]]
        return [one for one in self.customers.values() if name in (one["name"], one["display_name"])]

    def default_price_list_id(self) -> str:
        """The default price list, else the first."""
        lists = list(self.price_lists.values())
        return str(next((one for one in lists if one["is_default"]), lists[0])["id"])


def blank_price_list(record_id: str, now: datetime) -> Record:
    """A price list before anything was said about it."""
    return {
        "id": record_id,
        "reference_id": None,
        "name": "Wholesale",
        "description": None,
        "status": "active",
        "is_default": True,
        "priority": None,
        "currency": "USD",
        "created_at": now,
        "updated_at": now,
    }


def blank_sales_rep(record_id: str, now: datetime) -> Record:
    """A sales rep before anything was said about them."""
    return {
        "id": record_id,
        "first_name": "House",
        "last_name": "Account",
        "email": "house@example.com",
        "phone": None,
        "department": None,
        "status": "active",
        "created_by": None,
        "updated_by": None,
        "created_at": now,
        "updated_at": now,
    }


def blank_customer(record_id: str, now: datetime) -> Record:
    """A customer before anything was said about it. The sales reps and the price list are kept by id."""
    texts = ("first_name", "last_name", "phone", "email", "freight_term", "shipping_method", "payment_mode")
    return {
        "id": record_id,
        "reference_id": None,
        "name": "",
        "display_name": "",
        "display_id": None,
        **dict.fromkeys(texts),
        "payment_term": None,
        "assigned_sales_rep_ids": [],
        "assigned_price_list_id": None,
        "addresses": [],
        "contacts": [],
        "attributes": [],
        "status": "active",
        "created_at": now,
        "updated_at": now,
    }


def blank_address(record_id: str, customer_id: str, now: datetime) -> Record:
    """An address of a customer before anything was said about it."""
    texts = ("address_line_1", "address_line_2", "city", "state", "country", "zip_code")
    return {
        "id": record_id,
        "customer_id": customer_id,
        "reference_id": None,
        **dict.fromkeys(texts),
        "type": "shipping",
        **dict.fromkeys(("first_name", "last_name", "phone", "email")),
        "is_default": False,
        "status": "active",
        "attributes": [],
        "created_at": now,
        "updated_at": now,
    }


def blank_contact(record_id: str, now: datetime) -> Record:
    """A contact of a customer before anything was said about it."""
    return {
        "id": record_id,
        **dict.fromkeys(("reference_id", "first_name", "last_name", "email", "phone", "designation")),
        "status": "active",
        "is_default": False,
        "attributes": [],
        "created_at": now,
        "updated_at": now,
    }


def blank_product(record_id: str, now: datetime) -> Record:
    """A variant before anything was said about it."""
    return {
        "id": record_id,
        "group_code": None,
        "grouping_attributes": [],
        "sku": "",
        "reference_id": None,
        "name": None,
        "categories": [],
        "collections": [],
        "medias": [],
        "attributes": [],
        "price_lists": [],
        "is_primary": False,
        "priority": 0,
        "status": "active",
        **dict.fromkeys(("parent_id", "url_slug", "seo_info", "channel_visibility", "volume", "brand")),
        "tags": [],
        "created_at": now,
        "updated_at": now,
    }


def blank_order(record_id: str, now: datetime) -> Record:
    """An order before anything was said about it."""
    return {
        "id": record_id,
        "reference_id": None,
        "display_id": None,
        "customer_id": None,
        "status": "confirmed",
        **dict.fromkeys(("amount", "discount_value", "tax_value", "shipping_charge", "amount_paid"), _ZERO),
        "payment_status": "PENDING",
        "fulfillment_status": "UNFULFILLED",
        **dict.fromkeys(("payment_method_id", "payment_method", "payment_term", "shipping_method", "freight_term")),
        **dict.fromkeys(("shipment_date", "due_date", "customer_note", "internal_note", "po_number")),
        "source": "openapi",
        "price_list_id": None,
        **dict.fromkeys(("billing_address", "shipping_address", "primary_contact")),
        **dict.fromkeys(("container_info", "customer_consent")),
        "line_items": [],
        "charges": [],
        "attributes": [],
        "created_at": now,
        "updated_at": now,
    }


def blank_line() -> Record:
    """An order line before anything was said about it. Lines have no id."""
    progress = ("shipped_quantity", "invoiced_quantity", "cancelled_quantity", "picked_quantity")
    return {
        "product_id": None,
        "sku": "",
        "quantity": _ZERO,
        "unit_price": _ZERO,
        **dict.fromkeys(progress, _ZERO),
        "discount": _ZERO,
        "discount_type": "value",
        "note": None,
        "is_adhoc": False,
    }


def address_snapshot(fields: Record) -> Record:
    """An address as an order keeps it: every documented field of it, and none of the customer's record around it."""
    names = ("id", "reference_id", "type", "first_name", "last_name", "phone", "email")
    lines = ("address_line_1", "address_line_2", "city", "state", "country", "zip_code")
    return {**{name: fields.get(name) for name in (*names, *lines)}, "attributes": list(fields.get("attributes", []))}


def contact_snapshot(fields: Record) -> Record:
    """A contact as an order keeps it."""
    names = ("id", "first_name", "last_name", "email", "phone", "designation")
    return {name: fields.get(name) for name in names}
