"""What an order's stated amount is above or below the sum of its lines: cents that rounding makes, and that a line may stand for.

WizCommerce states an order's total before discounts, tax, shipping and charges (`amount`), and QuickBooks adds up lines that are
each rounded to cents. Up to a cent between the two is let be (WizCommerce reference, A-23). Where the connection names an item
for it, every difference of at most 0.05 is a line of that item, so that the invoice comes to what the order says; it is taxed as
the lines are, since the tax was reckoned on that amount. It never stands for tax: what differs by the order's tax is held.
"""

from decimal import Decimal

from engine.domain.choices import Choices
from engine.domain.values import CENT, OrderContent, cents

MOST = Decimal("0.05")
"""What a line may stand for, up or down."""
ITEM = "rounding-item"
"""The choice that names the item."""
ZERO = Decimal(0)


def lines_sum(content: OrderContent) -> Decimal:
    """The lines of an order before any discount, each to cents."""
    return sum((line.amount() for line in content.lines), ZERO)


def may_be_rounding(content: OrderContent) -> Decimal:
    """What a line of the item would stand for; 0 where there is no difference, or one that is more than cents, or is the tax."""
    apart = cents(content.amount) - lines_sum(content)
    return apart if abs(apart) <= MOST and apart not in (cents(content.tax), -cents(content.tax)) else ZERO


def rounding(content: OrderContent, choices: Choices) -> Decimal:
    """The line that the invoice has for it; 0 for none."""
    return may_be_rounding(content) if choices.of(ITEM) else ZERO


def adds_up(content: OrderContent, choices: Choices) -> bool:
    """Whether the stated amount is the lines' sum, rounded line by line as we do it or only at the end as WizCommerce may, or a
    line says what it is besides."""
    exact = sum((line.quantity * line.unit_price for line in content.lines), ZERO)
    nearest = min(abs(lines_sum(content) - content.amount), abs(exact - content.amount))
    return nearest <= CENT or bool(rounding(content, choices))
