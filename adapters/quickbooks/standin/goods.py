"""What a sales document takes from stock, the parts of bundles included. Source: QuickBooks reference, section 7.4."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.stock import take_from_stock
from adapters.quickbooks.standin.sums import every_line

Wire = dict[str, Any]


def move_goods(write: Write, before: list[Wire], after: list[Wire]) -> None:
    """Take what the lines after sell beyond the lines before, and bring back what they sell less."""
    was, now = _sold(before), _sold(after)
    for id in was | now:
        item = write.company.find("Item", id)
        quantity = now.get(id, Decimal(0)) - was.get(id, Decimal(0))
        if quantity and item is not None and item.wire["Type"] == "Inventory":
            take_from_stock(write, item, quantity)


def _sold(lines: list[Wire]) -> dict[str, Decimal]:
    """Quantities by item."""
    sold: dict[str, Decimal] = {}
    for line in every_line(lines):
        detail = line.get("SalesItemLineDetail", {})
        if "Qty" in detail:
            id = detail["ItemRef"]["value"]
            sold[id] = sold.get(id, Decimal(0)) + detail["Qty"]
    return sold
