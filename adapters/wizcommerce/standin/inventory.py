"""Stock: one record per SKU, created or updated by one call; and whether WizCommerce moves it itself (A-31).

Source: reference, section 1.5, "Inventory".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from starlette.responses import Response

from adapters.standin.wire import json_response
from adapters.wizcommerce.standin.answers import bad_request, problem
from adapters.wizcommerce.standin.checks import checked, choice, text
from adapters.wizcommerce.standin.desk import Ask, Desk, single
from adapters.wizcommerce.standin.goods_shapes import INVENTORY_WRITE
from adapters.wizcommerce.standin.listing import Listing, page_of, understood
from adapters.wizcommerce.standin.records import Record

INVENTORIES = Listing(
    sort_by={"created_at": "created_at", "updated_at": "updated_at", "product_id": "product_id", "id": "id"},
    filters={"sku": text(), "status": choice("active", "inactive")},
)
_ZERO = Decimal(0)
TAKING = frozenset({"confirmed", "pending_approval"})


def list_inventories(desk: Desk, ask: Ask) -> Response:
    """GET /v1/inventories."""
    asked = understood(ask.query, INVENTORIES)
    if "sku" in asked.filters:
        rows = [one for one in [desk.records.inventories.get(asked.filters["sku"])] if one is not None]
    else:
        rows = list(desk.records.inventories.values())
    wanted = asked.filters.get("status")
    rows = [one for one in rows if wanted in (None, one["status"])]
    return json_response(page_of(rows, asked, desk.shown, desk.switches))


def write_inventory(desk: Desk, ask: Ask) -> Response:
    """POST /v1/inventories: created, or updated by its SKU; 201 either way. The status is the caller's, never derived."""
    body = checked(ask.json(), INVENTORY_WRITE)
    product = desk.records.product_of(body["sku"])
    if product is None:
        raise bad_request([problem("sku", "is not a product of this tenant")])
    verb = "updated" if body["sku"] in desk.records.inventories else "created"
    stock = set_stock(desk, body)
    desk.announce_write(f"inventory.{verb}", stock["id"])
    return single(desk.shown(stock), 201)


def set_stock(desk: Desk, fields: Record) -> Record:
    """Lay the fields over the record of their SKU, made first if there is none."""
    product = desk.records.product_of(fields["sku"])
    now = desk.now()
    stock = desk.records.inventories.get(fields["sku"])
    if stock is None:
        stock = blank_inventory(desk.records.new_id("inventory"), now)
        desk.records.inventories[fields["sku"]] = stock
    stock.update({"product_id": product["id"] if product else None, **fields, "updated_at": now})
    return stock


def blank_inventory(record_id: str, now: datetime) -> Record:
    """A stock record before anything was said about it."""
    quantities = ("available_quantity", "reserved_quantity", "in_stock_quantity", "out_of_stock_threshold")
    return {
        "id": record_id,
        "product_id": None,
        "sku": "",
        **dict.fromkeys(quantities, _ZERO),
        **dict.fromkeys(("back_order_quantity", "back_order_allowed", "dynamic_details", "notes")),
        **dict.fromkeys(("back_order_reserved_quantity", "back_order_available_quantity"), _ZERO),
        "inventory_status": "IN_STOCK",
        "track_inventory": True,
        "on_order_details": [],
        "in_transit_details": [],
        "status": "active",
        "created_at": now,
        "updated_at": now,
    }


def reserve(desk: Desk, before: Record | None, after: Record) -> None:
    """Move what is reserved and available when an order changes, if WizCommerce does that at all (A-31)."""
    was = _taken(desk, before) if before is not None else {}
    now = _taken(desk, after)
    for sku in was | now:
        stock = desk.records.inventories.get(sku)
        more = now.get(sku, _ZERO) - was.get(sku, _ZERO)
        if stock is None or not stock["track_inventory"] or not more:
            continue
        stock["reserved_quantity"] += more
        stock["available_quantity"] -= more
        stock["updated_at"] = desk.now()


def leave(desk: Desk, order: Record, lines: Sequence[tuple[str, Decimal]], at: str) -> None:
    """What an order sold leaves the stock with an invoice or a shipment, as the switch says (A-31).

    It comes out of what is reserved for the order; beyond that, out of what is available.
    """
    if desk.switches.a31_stock_leaves_at != at:
        return
    for sku, quantity in lines:
        reserved = min(quantity, _taken(desk, order).get(sku, _ZERO))
        desk.records.gone[order["id"], sku] = desk.records.gone.get((order["id"], sku), _ZERO) + quantity
        stock = desk.records.inventories.get(sku)
        if stock is not None and stock["track_inventory"]:
            stock["in_stock_quantity"] -= quantity
            stock["reserved_quantity"] -= reserved
            stock["available_quantity"] -= quantity - reserved
            stock["updated_at"] = desk.now()


def _taken(desk: Desk, order: Record) -> dict[str, Decimal]:
    """What is reserved for an order by SKU: what it sells, less what was cancelled or has left already."""
    policy = desk.switches.a31_stock_reserved_at
    statuses = {"never": frozenset[str](), "confirmation": TAKING, "creation": TAKING | {"draft"}}[policy]
    if order["status"] not in statuses:
        return {}
    taken: dict[str, Decimal] = {}
    for line in order["line_items"]:
        if not line["is_adhoc"]:
            taken[line["sku"]] = taken.get(line["sku"], _ZERO) + line["quantity"] - line["cancelled_quantity"]
    return {sku: max(sold - desk.records.gone.get((order["id"], sku), _ZERO), _ZERO) for sku, sold in taken.items()}
