"""What is put into WizCommerce of a product, and what of that it has already. Pure."""

from decimal import Decimal

from msgspec.structs import replace

from engine.domain.choices import Choices
from engine.domain.commands import latest
from engine.domain.drafts import Draft, ProductDraft, ProductField, ProductUpdate, StockDraft
from engine.domain.events import Verb
from engine.domain.invoice_from_order import sku_key
from engine.domain.product import Product, effective_sku, level_there, path_of
from engine.domain.product_around import HERE, ProductAround, wanted_of
from engine.domain.stock import same_level
from engine.domain.values import Attribute, Personal, ProductContent, StockLevel

ZERO = Decimal(0)


def draft_of(product: Product, verb: Verb, around: ProductAround) -> Draft | None:
    """What `verb` sends now; None when WizCommerce has it already, or it is not to have it."""
    there = product.shown_by(HERE)
    linked = HERE in product.links and HERE not in product.gone and there is not None
    if verb == "PutProduct":
        if linked:
            update = _update(product, around)
            return update if update.fields else None
        return None if HERE in product.links else _new(product, around)
    if not linked or there is None:
        return None
    wanted = wanted_of(product, around)
    if verb == "DeactivateProduct":
        gone = ProductUpdate(remote_id=product.links[HERE], fields=("active",), active=False)
        return gone if there.active and not wanted.shown else None
    level = level_there(product)
    stocked_as = product.stocked.sku if product.stocked else ""
    if wanted.level is None or (level and same_level(wanted.level, level) and stocked_as == there.sku):
        return None
    return StockDraft(sku=there.sku, level=wanted.level)


def settled_for(product: Product, verb: Verb, draft: Draft) -> bool:
    """Whether WizCommerce refused this very draft, or nothing could be sent of what both sides show: only a person's retry, or
    something else to say, begins anew."""
    last = latest(product.commands, verb, HERE)
    if last is None or last.status != "refused":
        return False
    if last.first is None:
        return last.made_for == product.both_hash
    return _bare(last.first.draft) == _bare(draft)


def _bare(draft: Draft) -> Draft:
    return replace(draft, old_category="") if isinstance(draft, ProductUpdate) else draft


def _new(product: Product, around: ProductAround) -> ProductDraft:
    """One variant, alone in a group of its own: QuickBooks knows no groups. Group and reference are made of the item's id, so
    that neither moves with a name or SKU."""
    item = product.item
    assert item is not None
    reference = f"QBO:{around.connection}:item:{product.links.get('quickbooks', '')}"
    price = price_of(item, around.choices) if around.choices.of("prices") != "never" else None
    return ProductDraft(
        sku=effective_sku(item, around.sku_source),
        name=item.name,
        group_code=reference,
        reference=reference,
        category=_category(item, around),
        price=price,
        price_list=around.choices.of("price-list") if price is not None else "",
        attributes=_attributes(item, around.choices),
    )


def _update(product: Product, around: ProductAround) -> ProductUpdate:
    item = product.item
    assert item is not None
    fields = product_fields(product, around)
    put = {one.name for one in _attributes(item, around.choices)}
    removed = tuple(Attribute(name=name, value=Personal("")) for name in product.put_attributes if name not in put)
    return ProductUpdate(
        remote_id=product.links[HERE],
        fields=fields,
        sku=effective_sku(item, around.sku_source) if "sku" in fields else "",
        name=item.name if "name" in fields else "",
        category=_category(item, around) if "category" in fields else "",
        old_category=product.put_category if "category" in fields else "",
        price=price_of(item, around.choices) if "price" in fields else None,
        price_list=around.choices.of("price-list") if "price" in fields else "",
        attributes=(*_attributes(item, around.choices), *removed) if "attributes" in fields else (),
    )


def product_fields(product: Product, around: ProductAround) -> tuple[ProductField, ...]:
    """What WizCommerce shows otherwise than QuickBooks, and takes by its interface as far as we know."""
    item, there = product.item, product.shown_by(HERE)
    if item is None or there is None:
        return ()
    sku = effective_sku(item, around.sku_source)
    shown = {one.name: one.value for one in there.attributes}
    ours = _attributes(item, around.choices)
    put_before = [name for name in product.put_attributes if name not in {one.name for one in ours}]
    to_show = wanted_of(product, around).shown and not there.active
    differs: dict[ProductField, bool] = {
        "name": item.name != there.name,
        "category": _category_differs(product, _category(item, around), there),
        "price": _price_differs(item, there, around.choices),
        "attributes": any(shown.get(one.name) != one.value for one in ours) or any(n in shown for n in put_before),
        "active": to_show and product.not_taken.get("active") != "yes",
        "sku": sku != there.sku and product.not_taken.get("sku") != sku,
    }
    return tuple(field for field, other in differs.items() if other)


def _category(item: ProductContent, around: ProductAround) -> str:
    """What stands above the item is a category only in companies that have them; elsewhere it is another product."""
    return path_of(item) if around.facts.categories else ""


def _category_differs(product: Product, wanted: str, there: ProductContent) -> bool:
    """WizCommerce may show the last element only (A-37): then it is ours if we put the path."""
    put = product.put_category
    if not wanted:
        return bool(put) and shows_category(there, put)
    if wanted in there.categories:
        return put not in ("", wanted) and put in there.categories
    return put != wanted or not shows_category(there, wanted)


def shows_category(there: ProductContent, path: str) -> bool:
    """Whether a product of WizCommerce is in a category, shown as a path or by its last element (A-37)."""
    return path in there.categories or path.rpartition("::")[2] in there.categories


def _price_differs(item: ProductContent, there: ProductContent, choices: Choices) -> bool:
    """Only while prices are pulled always: one set when the product was made is WizCommerce's from then on."""
    price, into = price_of(item, choices), choices.of("price-list")
    if choices.of("prices") != "always" or price is None or not into:
        return False
    return all(one.price != price for one in there.prices if one.price_list == into) or not any(
        one.price_list == into for one in there.prices
    )


def price_of(item: ProductContent, choices: Choices) -> Decimal | None:
    """The price that goes to WizCommerce; None for one that is not to be published."""
    price = item.unit_price or ZERO
    return price if price > 0 or choices.of("zero-prices") == "publish" else None


def _attributes(item: ProductContent, choices: Choices) -> tuple[Attribute, ...]:
    """Description, cost where a connection wants it shown, and the item's own custom values, in the order of their names."""
    named: dict[str, Personal] = {one.name: one.value for one in item.attributes if one.value}
    description, cost = choices.of("description-attribute"), choices.of("cost-attribute")
    if description not in ("", "none") and item.description:
        named[description] = Personal(item.description)
    if cost and item.cost:
        named[cost] = Personal(f"{item.cost:f}")
    return tuple(Attribute(name=name, value=value) for name, value in sorted(named.items()))


def product_disagreements(draft: ProductDraft | ProductUpdate, found: ProductContent) -> tuple[str, ...]:
    """Where a product differs from what we sent; empty when it agrees. One that was there already under the SKU agrees: what it
    shows otherwise is put right next."""
    if isinstance(draft, ProductDraft):
        return () if sku_key(found.sku) == sku_key(draft.sku) else (f"SKU {found.sku} instead of {draft.sku}",)
    shown = {one.name: one.value for one in found.attributes}
    prices = {one.price_list: one.price for one in found.prices}
    agrees: dict[ProductField, bool] = {
        "name": found.name == draft.name,
        "sku": found.sku == draft.sku,
        "category": shows_category(found, draft.category) if draft.category else True,
        "price": prices.get(draft.price_list) == draft.price,
        "attributes": all(shown.get(one.name, Personal("")) == one.value for one in draft.attributes),
        "active": found.active == draft.active,
    }
    return tuple(f"another {field} than was sent" for field in draft.fields if not agrees[field])


def stock_disagreements(draft: StockDraft, found: StockLevel | None) -> tuple[str, ...]:
    """Where a stock record differs from what we sent, in figures."""
    if found is None:
        return ("the answer shows no stock",)
    if same_level(draft.level, found):
        return ()
    return (
        f"available {found.available:f} of {found.on_hand:f} instead of {draft.level.available:f} of {draft.level.on_hand:f}",
    )
