"""What invoices and shipments do to an order's progress and to the stock, where a switch says so.

A shipment counts for as long as it is there as shipped: changed, its items count anew; taken back or deleted, they count no more.
"""

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
    if desk.switches.documents_move_counters == "all":
        _count(desk, order, items, "invoiced_quantity")


def not_counted(desk: Desk, before: Record, after: Record, order: Record) -> None:
    """An invoice counts when it is made, and not again."""


def shipped(desk: Desk, shipment: Record, order: Record) -> None:
    """Follow a new shipment."""
    shipment_changed(desk, {**shipment, "shipment_status": "created"}, shipment, order)


def shipment_changed(desk: Desk, before: Record, after: Record, order: Record) -> None:
    """Follow a shipment that was changed: what it holds leaves the stock once, when it leaves."""
    was, now = _left(before), _left(after)
    if now and not after.get("_left"):
        after["_left"] = True
        leave(desk, order, now, "shipment")
    if desk.switches.documents_move_counters == "none" or was == now:
        return
    _uncount(order, was, "shipped_quantity")
    _count(desk, order, now, "shipped_quantity")
    order["fulfillment_status"] = fulfilment(order)
    desk.announce_write("order.updated", order["id"])


def _left(shipment: Record) -> list[tuple[str, Decimal]]:
    """What a shipment has taken away from its order: nothing while it is not shipped, or once it is deleted."""
    if shipment["shipment_status"] == "created" or shipment["status"] != "active":
        return []
    return [(one["sku_id"], one["quantity"]) for one in shipment["shipment_items"]]


def _uncount(order: Record, items: list[tuple[str, Decimal]], counter: str) -> None:
    """The same the other way round, last line first."""
    for sku, quantity in items:
        left = quantity
        for line in reversed(order["line_items"]):
            if line["sku"] == sku and left > 0:
                given = min(left, line[counter])
                line[counter] -= given
                left -= given


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
