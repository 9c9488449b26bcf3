"""What the lines of a sales document add up to, in cents. Source: QuickBooks reference, sections 2.10 and 7.5."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Wire = dict[str, Any]

CENT = Decimal("0.01")
NOTHING = Decimal("0.00")


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass
class Sums:
    """The lines as replies carry them, with what they add up to."""

    items: list[Wire] = field(default_factory=list)
    discount: Wire | None = None
    shipping: Wire | None = None
    subtotal: Decimal = NOTHING
    # What was sold since the last inline sub-total.
    running: Decimal = NOTHING
    # What was sold under each tax code, and the tax that amounts with tax in them contained.
    taxed: dict[str, Decimal] = field(default_factory=dict)
    contained: dict[str, Decimal] = field(default_factory=dict)

    def sell(self, amount: Decimal, code: str | None) -> None:
        """Count an amount, before the document's discount, under its tax code."""
        self.subtotal += amount
        self.running += amount
        if code is not None:
            self.taxed[code] = self.taxed.get(code, NOTHING) + amount

    @property
    def discounted(self) -> Decimal:
        return self.discount["Amount"] if self.discount else NOTHING

    @property
    def total(self) -> Decimal:
        """Before tax."""
        shipping: Decimal = self.shipping["Amount"] if self.shipping else NOTHING
        return self.subtotal - self.discounted + shipping

    def taxable(self, code: str, *, after_discount: bool) -> Decimal:
        """What the tax of a code is reckoned on; a discount that comes first is shared out over all that was sold."""
        net = self.taxed.get(code, NOTHING)
        if after_discount and self.subtotal:
            net -= self.discounted * net / self.subtotal
        shipping = self.shipping or {"SalesItemLineDetail": {}}
        if shipping["SalesItemLineDetail"].get("TaxCodeRef") == {"value": code}:
            net += shipping["Amount"]
        return cents(net)

    def in_order(self) -> list[Wire]:
        """Item lines, sub-total, discount, shipping."""
        subtotal = {"DetailType": "SubTotalLineDetail", "Amount": self.subtotal, "SubTotalLineDetail": {}}
        return [*self.items, subtotal, *(line for line in (self.discount, self.shipping) if line)]


def every_line(lines: list[Wire]) -> Iterator[Wire]:
    """All lines in order, those of a bundle right after it."""
    for line in lines:
        yield line
        yield from (line.get("GroupLineDetail") or {}).get("Line") or ()
