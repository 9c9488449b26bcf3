"""How much of a product a reading shows: worth an event when it is another figure than the last one.

QuickBooks' figure has no revision. What counts is from when it is: a reading begun after an invoice was recorded holds that
invoice, so a figure that is the same as before is news too while an invoice is in none yet.
"""

from collections.abc import Sequence

from engine.domain.events import StockObserved
from engine.domain.product import Product, order_key
from engine.domain.stock import same_level
from engine.domain.values import StockLevel, System
from engine.goods_around import Taken


def stock_news(
    product: Product,
    system: System,
    remote_id: str,
    level: StockLevel,
    fetched_after: int,
    cause: str,
    *,
    sku_source: str,
    taken: Sequence[Taken],
) -> StockObserved | None:
    """The event of a figure read after log position `fetched_after`; None for one that says nothing new, or is stale.

    `taken` is what orders take of the product: of those invoiced before the reading began, this figure holds the invoice.
    """
    last = product.stock.get(system)
    if last is not None and fetched_after < last.fetched_after:
        return None
    includes: tuple[str, ...] = ()
    if system == "quickbooks":
        held_before = last.fetched_after if last is not None else 0
        includes = tuple(one.stream for one in taken if one.is_news_in(fetched_after, held_before))
        known = last is not None and last.level == level
    else:  # what it took from us is no news
        there = product.stocked.level if product.stocked else None
        known = fetched_after < product.stocked_after or (there is not None and same_level(there, level))
    if known and not includes:
        return None
    return StockObserved(
        system=system,
        remote_id=remote_id,
        level=level,
        fetched_after=fetched_after,
        cause=cause,
        sku=order_key(product, sku_source),
        includes=includes,
    )
