"""Products and stock in words: figures, what an update changes, and why a product is held back."""

from decimal import Decimal

from engine.domain.drafts import ProductField, ProductUpdate
from engine.domain.events import PushWithheld
from engine.domain.values import ProductContent, StockLevel, System

NONE = "(none)"
FIELDS: dict[ProductField, str] = {
    "name": "name",
    "sku": "SKU",
    "category": "category",
    "price": "price",
    "attributes": "attributes",
    "active": "active",
}
"""Field of an update → what people call it."""

AT_ZERO = {
    "block": "it is not sold",
    "back-order": "it is sold all the same",
    "hide": "it is made inactive in WizCommerce",
}
"""What a choice for a product of which nothing is available does."""


def quantity(number: Decimal) -> str:
    """A quantity as a person writes it: `10`, `0.333`."""
    return f"{number.normalize():f}"


def stock_words(system: System, level: StockLevel) -> str:
    """`10 on hand` of QuickBooks; `6 available of 10, 4 on order` of WizCommerce."""
    if system == "quickbooks":
        return f"{quantity(level.on_hand)} on hand"
    if not level.tracked:
        return "not counted, always available"
    on_order = f", {quantity(level.reserved)} on order" if level.reserved else ""
    standing = f", {level.standing.replace('_', ' ').lower()}" if level.standing not in ("", "IN_STOCK") else ""
    return f"{quantity(level.available)} available of {quantity(level.on_hand)}{on_order}{standing}"


def stock_shown(system: System, before: StockLevel | None, level: StockLevel) -> str:
    """What a system says is there, old → new: `QuickBooks has 10 → 7 on hand`."""
    now = stock_words(system, level)
    if before is None or stock_words(system, before) == now:
        return f"QuickBooks has {now}" if system == "quickbooks" else f"WizCommerce shows {now}"
    if system == "quickbooks":
        return f"QuickBooks has {quantity(before.on_hand)} → {now}"
    return f"WizCommerce shows {stock_words(system, before)} → {now}"


def put_in_words(update: ProductUpdate, field: ProductField) -> str:
    """What an update puts into one field: `price 26.50`, `made inactive`."""
    if field == "active":
        return "made active" if update.active else "made inactive"
    return f"{FIELDS[field]} {put(update, field)}"


def put(update: ProductUpdate, field: ProductField) -> str:
    """The value that an update puts into one field. Of attributes those that are taken away are none."""
    values: dict[ProductField, str] = {
        "name": update.name,
        "sku": update.sku,
        "category": update.category,
        "price": f"{update.price:f}" if update.price is not None else "",
        "attributes": ", ".join(
            f"{one.name} {' / '.join(str(one.value).splitlines()) or NONE}" for one in update.attributes
        ),
        "active": "yes" if update.active else "no",
    }
    return values[field] or NONE


def put_before(update: ProductUpdate, field: ProductField, there: ProductContent) -> str:
    """What WizCommerce showed in that field before."""
    prices = {one.price_list: one.price for one in there.prices}
    price = prices.get(update.price_list)
    shown = {one.name: one.value for one in there.attributes}
    known = [one.name for one in update.attributes if one.name in shown]
    values: dict[ProductField, str] = {
        "name": there.name,
        "sku": there.sku,
        "category": update.old_category or ", ".join(there.categories),
        "price": f"{price:f}" if price is not None else "",
        "attributes": ", ".join(f"{name} {' / '.join(str(shown[name]).splitlines()) or NONE}" for name in known),
        "active": "yes" if there.active else "no",
    }
    return values[field] or NONE


def withheld_words(event: PushWithheld, is_there: bool) -> str:
    """Why a product is held back: not put into WizCommerce, or no more kept equal there."""
    if is_there:
        did = "wizqbo does not keep it equal in WizCommerce any more"
    else:
        did = (
            "wizqbo cannot put it into WizCommerce yet" if event.needs_person else "wizqbo leaves it out of WizCommerce"
        )
    return f"{did}: {event.sentence}"
