"""Stock of inventory items as sales move it. Source: QuickBooks reference, section 7.4."""

from __future__ import annotations

from decimal import Decimal

from adapters.quickbooks.standin.company import Record
from adapters.quickbooks.standin.kinds import Write


def take_from_stock(write: Write, item: Record, quantity: Decimal) -> None:
    """Move the quantity on hand of an inventory item, and its time but not its revision; less than nothing comes back."""
    write.company.touch(item, tell=False, QtyOnHand=item.wire["QtyOnHand"] - quantity)
