"""Why an order with a bundle is held: a part cannot be sold, or the parts do not come to what the order asks for the bundle."""

from typing import TYPE_CHECKING

from engine.domain.bundles import Bundle, worth
from engine.domain.events import PushWithheld
from engine.domain.first_days import waits_for_item
from engine.domain.invoice_from_order import item_sku, sku_key
from engine.domain.overrides import Override
from engine.domain.values import OrderContent, OrderLine

if TYPE_CHECKING:
    from engine.domain.withholding import Circumstances


def bundle_problem(content: OrderContent, around: "Circumstances", override: Override) -> PushWithheld | None:
    """The first bundle that cannot stand on an invoice as the order has it, in words; None when all can."""
    for line in content.lines:
        bundle = around.bundles.get(sku_key(item_sku(line, around.choices, override)))
        problem = _problem(line, bundle) if bundle is not None else ("", "")
        if bundle is not None and problem[0]:
            parts = (waits_for_item(around.connection, part.item) for part in bundle.parts)
            return PushWithheld(
                reason="bundle",
                sentence=f"bundle {line.sku}: {problem[0]}",
                needs_person=True,
                next_step=f"{problem[1]}; the order is then looked at again by itself.",
                waits_for=waits_for_item(around.connection, bundle.item),
                waits_too=(*dict.fromkeys(parts), waits_for_bundles(around.connection)),
            )
    return None


def waits_for_bundles(connection: str) -> str:
    """The key that arrives whenever it is chosen what becomes of bundles."""
    return f"bundles:{connection}"


def _problem(line: OrderLine, bundle: Bundle) -> tuple[str, str]:
    """(what is wrong, what to do); '' for nothing."""
    if not bundle.parts:
        return "it has no parts in QuickBooks", "Add its parts there"
    gone = [part.called for part in bundle.parts if not part.sellable]
    if gone:
        return f"its part {', '.join(gone)} is not active in QuickBooks", "Make it active there, or change the bundle"
    unpriced = [part.called for part in bundle.parts if part.price is None]
    if unpriced:
        return f"its part {', '.join(unpriced)} has no price in QuickBooks", "Give it a price there"
    asked, parts = line.amount() - line.discount_amount(), worth(line, bundle)
    if asked != parts:
        step = "Correct the order in WizCommerce, or the prices of the parts in QuickBooks"
        return f"the order asks {asked} for {line.quantity:f} of it, its parts come to {parts}", step
    return "", ""
