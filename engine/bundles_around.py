"""What the bundles that an order names are in QuickBooks at this moment: their parts, with the price of each. Looked for only
where bundles are sold, and only for what no item of its own stands for."""

from collections.abc import Callable, Collection

from engine.domain.bundles import Bundle, BundlePart
from engine.domain.product import Product, order_key, shown_sku, usable
from engine.domain.values import Part, ProductContent

BUNDLE = "Group"
"""QuickBooks' type of a bundle. Source: QuickBooks reference, 7.4."""


def is_bundle(content: ProductContent | None) -> bool:
    return content is not None and content.item_type == BUNDLE


def bundles_named(
    carrying: Collection[Product],
    keys: Collection[str],
    source: str,
    parts_of: Callable[[list[str]], dict[str, Product]],
) -> dict[str, Bundle]:
    """SKU, as SKUs are compared → the one active bundle of QuickBooks that orders name by it, of the products `carrying` it;
    `parts_of` gives the products of items by their id."""
    found: dict[str, list[Product]] = {}
    for product in carrying:
        item, key = product.item, order_key(product, source)
        stands = item is not None and is_bundle(item) and item.active and "quickbooks" not in product.gone
        if stands and key in keys and not product.merged_into and "quickbooks" not in product.merged_there:
            found.setdefault(key, []).append(product)
    ids = [part.item for products in found.values() for one in products if one.item for part in one.item.parts]
    parts = parts_of(list(dict.fromkeys(ids))) if ids else {}
    return {
        key: Bundle(
            item=products[0].links["quickbooks"],
            parts=tuple(_part(part, parts.get(part.item)) for part in products[0].item.parts),
        )
        for key, products in found.items()
        if len(products) == 1 and products[0].item is not None
    }


def _part(part: Part, product: Product | None) -> BundlePart:
    item = product.item if product is not None else None
    if product is None or item is None:
        return BundlePart(item=part.item, quantity=part.quantity, called=f"item {part.item}", sellable=False)
    there = "quickbooks" not in product.gone and "quickbooks" not in product.merged_there
    return BundlePart(
        item=part.item,
        quantity=part.quantity,
        called=shown_sku(product),
        price=item.unit_price,
        sellable=usable(item) and there,
    )
