"""What follows from what a product's stream adds up to. Pure, repeatable, explained: asked twice, the second time nothing.

QuickBooks is the source: what it shows is put into WizCommerce, and what people made there stays. What cannot be put waits with
its reason; once shown, a product is taken down only when QuickBooks has made it inactive, merged or deleted it, or while it is
hidden for want of stock, since taking down may not be undone by WizCommerce's interface (A-29).
"""

from engine.domain.commands import Command, command_id, next_generation, unfinished
from engine.domain.drafts import Draft
from engine.domain.events import (
    AttentionCleared,
    AttentionNeeded,
    CommandAbandoned,
    CommandIssued,
    Event,
    PushWithheld,
    Verb,
)
from engine.domain.product import Product, effective_sku, is_category, last_refused
from engine.domain.product_around import HERE, ProductAround, Wanted, wanted_of
from engine.domain.product_drafts import draft_of, price_of, product_fields, settled_for
from engine.domain.values import ProductContent

BACKLOG = 1
NEGATIVE, ACTIVE, SKU = "negative-stock", "made-active", "renamed-sku"
"""Topics of what a person is told about a product."""


def decide_product(product: Product, around: ProductAround) -> list[Event]:
    """All that follows for a product now."""
    item = product.item
    if (
        not around.decides
        or product.merged_into
        or item is None
        or is_category(item)
        or around.choices.of("products") == "off"
    ):
        return []
    said = _tell(product, around)
    open_ = unfinished(product.commands, HERE)
    if product.never or (open_ is not None and (open_.may_have_run or open_.status not in ("held", "ready"))):
        return said
    verb, reason = what_next(product, around)
    if open_ is not None:
        if verb is not None:
            return said  # what is sent is what is wanted at that moment
        why = reason.sentence if reason else "WizCommerce has it by now"
        ended = CommandAbandoned(command_id=open_.command_id, why=f"before anything was sent: {why}")
        return [*said, ended, *([reason] if reason else [])]
    if verb is not None:
        return [*said, issue(product, verb, around, because(product, verb, around))]
    refused = [c for v in ("PutProduct", "SetStock", "DeactivateProduct") if (c := last_refused(product, v))]
    if reason is not None:
        return said if reason == product.withheld else [*said, reason]
    done = [c for c in refused if draft_of(product, c.verb, around) is None]
    return [*said, *(CommandAbandoned(command_id=c.command_id, why=DONE) for c in done)]


DONE = "nothing is left of it to be done by us"


def what_next(product: Product, around: ProductAround) -> tuple[Verb | None, PushWithheld | None]:
    """The next command, if one is due; or why none is, where something stands in the way."""
    reason = why_not_put(product, around)
    if HERE not in product.links:
        draft = None if reason else draft_of(product, "PutProduct", around)
        return (None, reason) if draft is None or settled_for(product, "PutProduct", draft) else ("PutProduct", None)
    if HERE in product.gone:
        return None, DELETED_THERE
    wanted = wanted_of(product, around)
    for verb in _in_order(product, wanted, reason):
        draft = draft_of(product, verb, around)
        if draft is not None and not settled_for(product, verb, draft):
            return verb, None
    return None, reason if wanted.shown or wanted.hidden else None


def _in_order(product: Product, wanted: Wanted, reason: PushWithheld | None) -> tuple[Verb, ...]:
    """What is done first: what nobody may buy any more is taken down before all else; stock is told before a product that was
    hidden for want of it is shown again."""
    if not wanted.shown and not wanted.hidden:
        return ("DeactivateProduct",)
    if reason is not None:
        return ("SetStock",) if wanted.shown else ("SetStock", "DeactivateProduct")
    if wanted.hidden:
        return ("SetStock", "DeactivateProduct", "PutProduct")
    there = product.shown_by(HERE)
    return ("PutProduct", "SetStock") if there is None or there.active else ("SetStock", "PutProduct")


def why_not_put(product: Product, around: ProductAround) -> PushWithheld | None:
    """Why a product is not put into WizCommerce, or no more kept equal there; None when it is."""
    item, choices = product.item, around.choices
    assert item is not None
    linked = HERE in product.links
    sku = effective_sku(item, around.sku_source)
    if not linked and "quickbooks" in product.gone:
        return _left("gone", "it is not in QuickBooks any more")
    if not linked and product.merged_there:
        return _left("merged", f"QuickBooks merged it into item {product.merged_there['quickbooks']}")
    if not linked and not item.active:
        return _left("inactive", "it is inactive in QuickBooks")
    if item.item_type not in choices.item_types:
        what = "bundles" if item.item_type == "Group" else f"items of type {item.item_type or '(none)'}"
        return _left("type", f"{what} are left out on this connection")
    if not sku:
        return _needs(
            "no-sku",
            "the item has no SKU",
            "Give it one in QuickBooks, or choose another `sku-source` with `wizqbo set`.",
        )
    if around.others:
        many = f"{around.others + 1} active items of QuickBooks have SKU {sku}"
        return _needs("duplicate-sku", many, "Give each its own SKU in QuickBooks; they then go by themselves.")
    if around.taken_by:
        taken = f"WizCommerce's product with SKU {sku} belongs to another item, which was renamed in QuickBooks"
        return _needs("taken-sku", taken, "Rename that product in WizCommerce; this one then goes by itself.")
    return _why_no_price(item, linked, around)


def _why_no_price(item: ProductContent, linked: bool, around: ProductAround) -> PushWithheld | None:
    rule = around.choices.of("prices")
    if rule == "never" or (linked and rule == "creation"):
        return None
    if not around.choices.of("price-list"):
        step = f"`wizqbo set {around.connection} price-list ID`; `wizqbo policy {around.connection}` lists them."
        return _needs("price-list", "nobody has said which price list its price goes to", step)
    if price_of(item, around.choices) is None:
        step = "Give it a price in QuickBooks, or `wizqbo set` zero-prices to publish."
        return _needs("no-price", "the item has no price, and nothing is published at 0.00", step)
    return None


DELETED_THERE = PushWithheld(
    reason="deleted-there",
    sentence="the product was deleted in WizCommerce",
    needs_person=True,
    next_step="`wizqbo push product` makes it anew there; `wizqbo never-send` leaves it.",
)


def _left(reason: str, sentence: str) -> PushWithheld:
    return PushWithheld(reason=reason, sentence=sentence)


def _needs(reason: str, sentence: str, next_step: str) -> PushWithheld:
    return PushWithheld(reason=reason, sentence=sentence, needs_person=True, next_step=next_step)


def draft_for_product(product: Product, command: Command, around: ProductAround) -> Draft | list[Event]:
    """What an open command sends now; or its end, and what follows instead, when nothing of it is wanted any more."""
    verb, reason = what_next(product, around)
    draft = draft_of(product, command.verb, around) if verb == command.verb else None
    if draft is not None:
        return draft
    why = reason.sentence if reason else "something else is to be done first" if verb else "WizCommerce has it by now"
    ended = CommandAbandoned(command_id=command.command_id, why=f"before anything was sent: {why}")
    if verb is not None:
        return [ended, issue(product, verb, around, because(product, verb, around))]
    return [ended, *([reason] if reason else [])]


def issue(product: Product, verb: Verb, around: ProductAround, why: str) -> CommandIssued:
    """The next generation of `verb`, known by the event it follows from."""
    generation = next_generation(product.commands, verb, HERE)
    caused_at = max(1, product.version) if HERE in product.links else 0
    new_id = command_id(product.record, verb, generation, HERE, caused_at)
    # The stock of what is on order, and of what nobody told WizCommerce the stock of, goes before all that is only kept equal: of
    # a whole catalogue no product stands there for hours with none of its own.
    urgent = verb == "SetStock" and (around.reserved > 0 or product.stocked is None)
    return CommandIssued(
        command_id=new_id,
        verb=verb,
        target=HERE,
        generation=generation,
        because=why,
        priority=0 if urgent else BACKLOG,
    )


def because(product: Product, verb: Verb, around: ProductAround) -> str:
    """Why a command is issued, in words."""
    if verb == "SetStock":
        figure = product.stock.get("quickbooks")
        if figure is None or not product.item or not product.item.tracked:
            return "QuickBooks does not count it"
        orders = f", {around.reserved.normalize():f} are on order" if around.reserved else ""
        return f"QuickBooks has {figure.level.on_hand.normalize():f} on hand{orders}"
    if verb == "DeactivateProduct":
        hidden = wanted_of(product, around).hidden
        return "nothing of it is available, and it is hidden then" if hidden else _ended(product)
    if HERE not in product.links:
        return "QuickBooks has it, and WizCommerce does not yet"
    return f"QuickBooks shows another {' and '.join(product_fields(product, around)) or 'state'}"


def _ended(product: Product) -> str:
    if product.merged_there:
        return f"QuickBooks merged it into item {product.merged_there['quickbooks']}"
    return "it is gone from QuickBooks" if "quickbooks" in product.gone else "it was made inactive in QuickBooks"


# ---- what a person is told -----------------------------------------------------------------------------------------------


def _tell(product: Product, around: ProductAround) -> list[Event]:
    """What is to be said, and what is no more to be said, since it was said last."""
    now = _notices(product, around)
    told: list[Event] = [one for one in now.values() if product.attention.get(one.topic) != one]
    gone = [t for t in (NEGATIVE, ACTIVE, SKU) if t in product.attention and t not in now]
    return [*told, *(AttentionCleared(topic=t, because="it is so no more") for t in gone)]


def _notices(product: Product, around: ProductAround) -> dict[str, AttentionNeeded]:
    found: dict[str, AttentionNeeded] = {}
    figure, item = product.stock.get("quickbooks"), product.item
    if figure is not None and item is not None and item.active and item.tracked and figure.level.on_hand < 0:
        less = f"QuickBooks has {figure.level.on_hand.normalize():f} on hand; WizCommerce shows 0"
        found[NEGATIVE] = _notice(NEGATIVE, less, "Count it, and put the quantity right in QuickBooks.")
    wanted, there = wanted_of(product, around), product.shown_by(HERE)
    if there is None or HERE in product.gone:
        return found
    if "active" in product.not_taken and wanted.shown and not there.active:
        found[ACTIVE] = _notice(
            ACTIVE,
            "it is to be shown again, and WizCommerce does not let us make a product active",
            "In WizCommerce, open Products, choose this product and set it to active. That is seen by itself.",
        )
    sku = effective_sku(item, around.sku_source) if item else ""
    if "sku" in product.not_taken and sku and there.sku != sku:
        found[SKU] = _notice(
            SKU,
            f"QuickBooks calls it {sku} now, and WizCommerce does not let us rename {there.sku}",
            f"Rename the product's SKU in WizCommerce. That is seen by itself; until then orders of {there.sku} find it.",
        )
    return found


def _notice(topic: str, sentence: str, next_step: str) -> AttentionNeeded:
    return AttentionNeeded(topic=topic, sentence=sentence, next_step=next_step)
