"""Bundles: an item of QuickBooks that stands for several, sold as one line of an order.

On an invoice a bundle is one line with the lines of its parts in it: the money is theirs, and its own amount is 0 (QuickBooks
reference, 7.5). Each part is sold at the price of its own item, so the order's line must come to what the parts come to. Among
the lines of a draft only those of the parts stand, each of which names the bundle it is in: whatever adds up or compares lines
need know nothing of bundles.
"""

from decimal import Decimal

from engine.domain.values import InBundle, InvoiceLine, OrderLine, Value, cents


class BundlePart(Value, frozen=True, kw_only=True):
    """One part, as its item is in QuickBooks now."""

    item: str
    quantity: Decimal
    """In one bundle."""
    called: str
    price: Decimal | None = None
    sellable: bool = True
    """False for one that was made inactive, or that nobody has seen."""


class Bundle(Value, frozen=True, kw_only=True):
    """A bundle that can be sold: QuickBooks' id of it, and its parts."""

    item: str
    parts: tuple[BundlePart, ...]


def lines_of_parts(line: OrderLine, bundle: Bundle, place: int) -> tuple[InvoiceLine, ...]:
    """What stands on the invoice for one line of the order, the `place`-th, which names a bundle."""
    within = InBundle(item=bundle.item, quantity=line.quantity, place=place, description=line.note)
    return tuple(_line_of(part, line.quantity, within) for part in bundle.parts)


def _line_of(part: BundlePart, bundles: Decimal, within: InBundle) -> InvoiceLine:
    quantity, price = part.quantity * bundles, part.price or Decimal(0)
    return InvoiceLine(
        item=part.item, quantity=quantity, unit_price=price, amount=cents(quantity * price), bundle=within
    )


def worth(line: OrderLine, bundle: Bundle) -> Decimal:
    """What the parts of the order's line come to, each to cents."""
    return sum((one.amount for one in lines_of_parts(line, bundle, 0)), Decimal(0))
