"""How much of a product WizCommerce is to show. Pure.

QuickBooks' quantity on hand already fell by what was invoiced. So what is in stock is that quantity, and what is available is
less by what is confirmed and not invoiced in that figure yet. Source: WizCommerce reference, A-30 and A-31.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, get_args

from engine.domain.product import Product
from engine.domain.values import CompanyFacts, StockLevel

ZeroPolicy = Literal["block", "back-order", "hide"]
ZERO = Decimal(0)
SIXTH = Decimal("0.000001")
"""Quantities are kept at six places. Source: WizCommerce reference, A-21."""
UNTRACKED = StockLevel(on_hand=ZERO, tracked=False, standing="IN_STOCK")
"""Of what nobody counts there is always some."""


def is_counted(product: Product, facts: CompanyFacts) -> bool:
    """Whether QuickBooks counts the item: where the company's inventory tracking is off, it counts nothing."""
    return product.item is not None and product.item.tracked and facts.tracks_inventory


def zero_policy(product: Product, chosen: str) -> ZeroPolicy:
    """What becomes of the product while nothing is available: as chosen for it, else for the connection."""
    wanted = product.zero_policy or chosen
    return next((one for one in get_args(ZeroPolicy) if one == wanted), "block")


def wanted_level(product: Product, facts: CompanyFacts, reserved: Decimal, policy: ZeroPolicy) -> StockLevel | None:
    """The stock record WizCommerce is to have; None while QuickBooks has not said yet how much there is.

    `reserved` is what confirmed orders take that is not in QuickBooks' figure yet. Block, as A-30 says it: tracked, no back
    orders, nothing available, out of stock.
    """
    if not is_counted(product, facts):
        return UNTRACKED
    figure = product.stock.get("quickbooks")
    if figure is None:
        return None
    on_hand = _places(figure.level.on_hand)
    in_stock, reserved = max(ZERO, on_hand), _places(reserved)
    available = max(ZERO, on_hand - reserved)
    back_orders = policy == "back-order"
    nothing = "BACK_ORDER" if back_orders else "OUT_OF_STOCK"
    return StockLevel(
        on_hand=in_stock,
        available=available,
        reserved=reserved,
        tracked=True,
        back_orders=back_orders,
        standing="IN_STOCK" if available > ZERO else nothing,
    )


def is_hidden(level: StockLevel | None, policy: ZeroPolicy) -> bool:
    """Whether the product is not to be shown, since nothing of it is available."""
    return policy == "hide" and level is not None and level.tracked and level.available <= ZERO


def same_level(a: StockLevel, b: StockLevel) -> bool:
    """Whether two stock records say the same; of what is not counted the figures say nothing."""
    return a == b or (not a.tracked and not b.tracked and a.standing == b.standing)


def _places(quantity: Decimal) -> Decimal:
    """At six places at most, and without zeros that say nothing."""
    kept = quantity.quantize(SIXTH, ROUND_HALF_UP).normalize()
    return kept.quantize(Decimal(1)) if kept == kept.to_integral_value() else kept
