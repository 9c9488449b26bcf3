"""How much there is of a product: both sides' figures with their times, what orders take of it, and what happens at zero."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from adapters.cli.naming import Numbers
from adapters.cli.session import Session
from engine.domain import events as e
from engine.domain.events import Recorded
from engine.domain.product import Product, order_key
from engine.domain.product_around import HERE, ProductAround, wanted_of
from engine.domain.stock import is_counted, zero_policy
from engine.domain.values import StockLevel, System, connection_stream


def figures_of(session: Session, product: Product, around: ProductAround) -> dict[str, Any]:
    """Both figures with their times, what is subtracted for which orders, and what becomes of it at zero."""
    figure, there = product.stock.get("quickbooks"), product.stocked
    key = order_key(product, around.sku_source)
    taken = session.engine.around.goods.taken(around.connection, [key]).get(key, ()) if key else ()
    read_after = figure.fetched_after if figure else 0
    numbers = Numbers(session)
    held = [one.number for one in taken if not one.beside(read_after)]
    held += [numbers.of(stream) for stream in (figure.includes if figure else ())]
    own = session.engine.log.read(product.stream)
    return {
        "counted": is_counted(product, around.facts),
        "not_counted_because": _not_counted(product, around),
        "on_hand": figure.level.on_hand if figure else None,
        "on_hand_at": _figure_at(own, "quickbooks"),
        "negative": figure is not None and figure.level.on_hand < 0,
        "in_wizcommerce": _level(there.level if there else None),
        "in_wizcommerce_at": _record_at(product, own),
        "wanted": _level(wanted_of(product, around).level),
        "subtracted": [
            {"order": one.number, "quantity": one.beside(read_after), "invoiced": bool(one.invoiced_at)}
            for one in taken
            if one.beside(read_after)
        ],
        "in_the_figure": list(dict.fromkeys(held)),
        "zero_policy": zero_policy(product, around.choices.of("zero-stock")),
        "zero_policy_by": _zero_policy_by(session, product, around, own),
    }


def _not_counted(product: Product, around: ProductAround) -> str:
    if is_counted(product, around.facts):
        return ""
    if not around.facts.tracks_inventory:
        return "inventory tracking is off in QuickBooks"
    return f"QuickBooks does not count items of type {(product.item.item_type if product.item else '') or '(none)'}"


def _level(level: StockLevel | None) -> dict[str, Any] | None:
    if level is None:
        return None
    return {
        "in_stock": level.on_hand,
        "reserved": level.reserved,
        "available": level.available,
        "counted": level.tracked,
        "back_orders": level.back_orders,
        "status": level.standing,
    }


def _figure_at(own: Sequence[Recorded], system: System) -> datetime | None:
    seen = [r.recorded_at for r in own if isinstance(r.event, e.StockObserved) and r.event.system == system]
    return seen[-1] if seen else None


def _record_at(product: Product, own: Sequence[Recorded]) -> datetime | None:
    """Since when WizCommerce's stock record is known to be so: it took it from us then, or showed it."""
    taken_last = product.stocked_after > product.stock_after.get(HERE, 0)
    return product.stocked_at if taken_last else _figure_at(own, HERE)


def _zero_policy_by(
    session: Session, product: Product, around: ProductAround, own: Sequence[Recorded]
) -> dict[str, Any]:
    """Whose choice the zero policy is: of this product, of the connection, or nobody's."""
    if product.zero_policy:
        said = [r for r in own if isinstance(r.event, e.ZeroPolicyChosen)]
        return {"of": "product", "who": said[-1].who, "at": said[-1].recorded_at} if said else {"of": "product"}
    if not around.choices.said.get("zero-stock"):
        return {"of": "default", "who": "", "at": None}
    home = session.engine.log.story(connection_stream(around.connection))
    chosen = [r for r in home if isinstance(r.event, e.SettingChosen) and r.event.name == "zero-stock"]
    return {"of": "connection", "who": chosen[-1].who, "at": chosen[-1].recorded_at}
