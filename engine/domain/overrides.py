"""What a person chose for an order's invoice in the place of what the order says. Never what it comes to: prices, quantities,
discounts and tax are the order's own.
"""

from datetime import date

from engine.domain.values import Value


class Override(Value, frozen=True, kw_only=True):
    """What holds from now on for the order's invoice; what is empty is as the order says.

    `number` counts while the company numbers its invoices by hand: else QuickBooks does."""

    number: str = ""
    dated: date | None = None
    term: str = ""
    """QuickBooks' id of the payment term."""
    items: dict[str, str] = {}
    """SKU of a line, as SKUs are compared → SKU of the QuickBooks item that the line goes to."""


AS_ORDERED = Override()
"""Nothing was chosen."""
