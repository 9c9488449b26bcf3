"""What invoices and shipments do to an order's progress and to the stock, where a switch says so."""

from __future__ import annotations

from decimal import Decimal

from adapters.wizcommerce.standin.desk import Desk
from adapters.wizcommerce.standin.inventory import leave
from adapters.wizcommerce.standin.records import Record


def invoiced(desk: Desk, invoice: Record, order: Record) -> None:
    """Follow a new invoice."""
    products = desk.records.products
    items = [(products[one["product_id"]]["sku"], one["quantity"]) for one in invoice["items"] if one["product_id"]]
    leave(desk, order, items, "invoice")
    if desk.switches.documents_move_counters:
        _count(desk, order, items, "invoiced_quantity")


def shipped(desk: Desk, shipment: Record, order: Record) -> None:
    """Follow a shipment that has just left."""
    if shipment["shipment_status"] == "created":
        return
    items = [(one["sku_id"], one["quantity"]) for one in shipment["shipment_items"]]
    leave(desk, order, items, "shipment")
    if desk.switches.documents_move_counters:
        _count(desk, order, items, "shipped_quantity")
        order["fulfillment_status"] = fulfilment(order)


def _count(desk: Desk, order: Record, items: list[tuple[str, Decimal]], counter: str) -> None:
    """Spread quantities over the lines of their SKUs, first line first."""
    for sku, quantity in items:
        left = quantity
        for line in order["line_items"]:
            if line["sku"] == sku and left > 0:
                taken = min(left, line["quantity"] - line[counter])
                line[counter] += taken
                left -= taken
    order["updated_at"] = desk.now()


def fulfilment(order: Record) -> str:
    """How far the lines of an order were shipped."""
    lines = [one for one in order["line_items"] if not one["is_adhoc"]]
    sent = [one["shipped_quantity"] for one in lines]
    if lines and all(one["shipped_quantity"] >= one["quantity"] - one["cancelled_quantity"] for one in lines):
        return "FULFILLED"
    return "PARTIALLY_FULFILLED" if any(sent) else "UNFULFILLED"
