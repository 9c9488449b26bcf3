"""A WizCommerce whose products and stock are written: what the tests of that share."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from engine.domain.drafts import ProductDraft, ProductField, ProductUpdate, StockDraft
from engine.domain.values import Attribute, Personal, ProductContent, StockLevel
from engine.ports import Remote
from tests.adapters.wizcommerce_world import World

SKU = "VASE-01"
REFERENCE = "QBO:9130350000000001:item:19"
LISTS = ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222")
"""Ours, and another one."""
OURS, OTHER = LISTS
BLOCKED = StockLevel(on_hand=Decimal("0.333"), available=Decimal(0), reserved=Decimal("0.333"), standing="OUT_OF_STOCK")
"""All that is there was sold: A-30."""

WHOLE_PRICE = {
    "price": Decimal("24.5"),
    "min_order_quantity": Decimal(6),
    "max_order_quantity": Decimal(600),
    "step_increment": Decimal(2),
    "sale_price": Decimal("19.99"),
    "default_order_quantity": Decimal(12),
    "volume_tiers": [{"price": Decimal("18.05"), "start_quantity": Decimal(48), "step_increment": Decimal(12)}],
}
BY_HAND = {
    "medias": [{"url": "https://img.example/vase.jpg", "order": 1, "is_default": True, "type": "image"}],
    "collections": ["col-1"],
    "priority": 7,
    "tags": ["new"],
    "brand": "Harbour",
}
"""What people put on a product, and none of it is ours."""


@contextmanager
def a_world() -> Iterator[World]:
    """A stand-in with two price lists, and our gateway to it."""
    made = World()
    lists = [{"id": one, "name": f"List {place}", "currency": "USD"} for place, one in enumerate(LISTS)]
    made.do(made.standin.seed, {"price_lists": lists})
    with made.running, made.http:
        yield made


def a_product(**fields: Any) -> ProductDraft:
    return ProductDraft(**{"sku": SKU, "name": "Vase", "group_code": REFERENCE, "reference": REFERENCE, **fields})


def a_change(seen: Remote | str, *fields: ProductField, **values: Any) -> ProductUpdate:
    remote_id = seen if isinstance(seen, str) else seen.remote_id
    if "price" in fields:
        values = {"price_list": OURS, **values}
    return ProductUpdate(remote_id=remote_id, fields=fields, **values)


def stock_of(sku: str = SKU, level: StockLevel = BLOCKED) -> StockDraft:
    return StockDraft(sku=sku, level=level)


def attributes(**values: str) -> tuple[Attribute, ...]:
    return tuple(Attribute(name=name, value=Personal(value)) for name, value in values.items())


def vase(world: World, **more: Any) -> Remote:
    """A product people made and filled, as we read it."""
    fields = {**BY_HAND, "product_prices": [{"price_list_id": OTHER, **WHOLE_PRICE}], **more}
    world.do(world.standin.by_hand, "add-product", sku=SKU, **{"name": "Vase", **fields})
    seen = world.gateway.fetch("acme", "product", only(world)["id"])
    world.do(world.standin.clock.move, seconds=60)
    world.calls()
    return seen


def products(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.do(lambda: list(world.standin.state.products.values()))
    return found


def only(world: World) -> dict[str, Any]:
    """The one product there is, as the stand-in has it now: a copy."""
    [product] = products(world)
    return {name: [*one] if isinstance(one, list) else one for name, one in product.items()}


def prices(world: World) -> dict[str, dict[str, Any]]:
    """Those of the one product by the list's id, as they are kept, without what is empty and without times."""
    times = ("id", "created_at", "updated_at")
    kept = only(world)["price_lists"]
    assert len({one["id"] for one in kept}) == len(kept)
    return {
        one["id"]: {name: value for name, value in one.items() if name not in times and value is not None}
        for one in kept
    }


def shown(remote: Remote) -> ProductContent:
    assert isinstance(remote.content, ProductContent)
    return remote.content


def values(world: World) -> list[tuple[str, Any]]:
    return [(one["name"], one["value"]) for one in only(world)["attributes"]]
