"""Stock of inventory items as sales and adjustments move it. Source: QuickBooks reference, section 7.4."""

from __future__ import annotations

from decimal import Decimal

from adapters.quickbooks.standin.company import Record
from adapters.quickbooks.standin.kinds import Write


def take_from_stock(write: Write, item: Record, quantity: Decimal) -> None:
    """Move the quantity on hand of an inventory item, but not its revision; less than nothing comes back.

    Whether the time of last update moves is a switch: nobody documents it.
    """
    left = item.wire["QtyOnHand"] - quantity
    if write.switches.quantity_moves_time:
        write.company.touch(item, tell=False, QtyOnHand=left)
    else:
        write.company.adjust(item, QtyOnHand=left)
