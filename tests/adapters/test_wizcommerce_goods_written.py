"""Products made and stock written in WizCommerce over real HTTP, and every way in which that can end badly."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from engine.domain.values import StockLevel
from engine.ports import Refused, Unavailable, Unknown
from tests.adapters.wizcommerce_customers import operations
from tests.adapters.wizcommerce_goods import (
    OURS,
    REFERENCE,
    SKU,
    a_product,
    a_world,
    attributes,
    only,
    prices,
    products,
    shown,
    stock_of,
    values,
    vase,
)
from tests.adapters.wizcommerce_world import World, switch

DELETED = '{"data":[{"id":"p-9","sku":"VASE-01","updated_at":"2026-01-05T10:00:00Z","status":"deleted"}]}'


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as made:
        yield made


def test_a_new_product_is_looked_for_by_its_sku_and_then_made_once(world: World) -> None:
    draft = a_product(
        category="Decor::Vases", price=Decimal("24.50"), price_list=OURS, attributes=attributes(Colour="Blue")
    )
    made = world.send(draft)
    assert world.calls()[0].startswith(f"list products?sku_id={SKU}&")
    record = only(world)
    assert (made.remote_id, made.kind, shown(made).sku) == (record["id"], "product", SKU)
    assert (record["reference_id"], record["group_code"], record["is_primary"]) == (REFERENCE, REFERENCE, True)
    assert (record["name"], record["categories"], values(world)) == ("Vase", ["Decor::Vases"], [("Colour", "Blue")])
    assert prices(world) == {OURS: {"price": Decimal("24.50")}}
    assert world.gateway.look("acme", draft, world.clock.now()) == [made] == [world.send(draft)]
    assert "create products" not in operations(world)


@pytest.mark.parametrize("status", ["active", "inactive"])
def test_a_product_of_this_sku_is_taken_as_it_stands(world: World, status: str) -> None:
    seen = vase(world, name="By hand", status=status)
    before = only(world)
    taken = world.send(a_product())
    assert (taken.remote_id, shown(taken).name, shown(taken).active) == (seen.remote_id, "By hand", status == "active")
    assert only(world) == before and operations(world) == ["list products", "read product"]


def test_a_product_that_is_listed_and_gone_is_not_taken(world: World) -> None:
    row = '{"data":[{"id":"p-9","sku":"VASE-01","updated_at":"2026-01-05T10:00:00Z"}]}'
    world.fault(kind="status", status=200, body=row, operation="list products")
    assert world.send(a_product()).remote_id == only(world)["id"]
    assert operations(world) == ["list products", "read product", "create products"]


def test_a_product_of_nearly_this_sku_is_another_one(world: World) -> None:
    row = '{"data":[{"id":"p-9","sku":"vase-01","updated_at":"2026-01-05T10:00:00Z"}]}'
    world.fault(kind="status", status=200, body=row, operation="list products")
    assert world.send(a_product()).remote_id == only(world)["id"]
    assert operations(world) == ["list products", "create products"]


@pytest.mark.parametrize("details", [True, False])
def test_a_sku_that_is_taken_meanwhile_leads_to_who_has_it(world: World, details: bool) -> None:
    switch(world, a05_details=details)
    seen = vase(world)
    world.fault(kind="status", status=200, body='{"data":[]}', operation="list products")
    assert world.send(a_product()).remote_id == seen.remote_id
    assert operations(world) == ["list products", "create products", "list products", "read product"]


def test_a_product_that_is_refused_and_not_there_stays_a_refusal(world: World) -> None:
    with pytest.raises(Refused, match="price_list_id") as told:
        world.send(a_product(price=Decimal(1), price_list="nowhere"))
    assert not told.value.ran and operations(world) == ["list products", "create products", "list products"]
    assert world.gateway.look("acme", a_product(), world.clock.now()) == []


@pytest.mark.parametrize(
    ("rule", "told"),
    [({"kind": "403"}, "permission"), ({"kind": "status", "status": 404, "body": '{"code":"none"}'}, "at its address")],
)
def test_what_is_refused_for_no_field_of_the_product_is_not_looked_for_again(
    world: World, rule: dict[str, Any], told: str
) -> None:
    world.fault(operation="create products", **rule)
    with pytest.raises(Refused, match=told) as refused:
        world.send(a_product())
    assert not refused.value.ran and refused.value.next_step
    assert operations(world) == ["list products", "create products"] and products(world) == []


@pytest.mark.parametrize(
    ("rule", "made"),
    [
        ({"kind": "reset-before"}, 0),
        ({"kind": "reset-after"}, 1),
        ({"kind": "status-after", "status": 500}, 1),
        ({"kind": "status-after", "status": 201, "body": "<html>"}, 1),
        ({"kind": "status-after", "status": 201, "body": '{"data":[]}'}, 1),
        ({"kind": "status-after", "status": 201, "body": '{"data":[{"id":"","sku":"VASE-01"}]}'}, 1),
        ({"kind": "status-after", "status": 201, "body": DELETED}, 1),
    ],
)
def test_a_product_that_may_have_been_made_is_unknown_and_found_by_its_sku(
    world: World, rule: dict[str, Any], made: int
) -> None:
    world.fault(operation="create products", **rule)
    with pytest.raises(Unknown) as told:
        world.send(a_product())
    assert told.value.ran and told.value.next_step and len(products(world)) == made
    assert len(world.gateway.look("acme", a_product(), world.clock.now())) == made
    assert world.send(a_product()).remote_id == only(world)["id"]


def test_stock_is_written_whole_and_fractions_stay(world: World) -> None:
    vase(world)
    world.do(world.standin.by_hand, "set-stock", sku=SKU, available_quantity=3, out_of_stock_threshold=9)
    written = world.send(stock_of())
    [stock] = world.do(lambda: list(world.standin.state.inventories.values()))
    blocked = ("track_inventory", "back_order_allowed", "available_quantity", "inventory_status")
    assert [stock[name] for name in blocked] == [True, False, 0, "OUT_OF_STOCK"]
    assert (stock["in_stock_quantity"], stock["reserved_quantity"]) == (Decimal("0.333"), Decimal("0.333"))
    assert stock["out_of_stock_threshold"] == 0
    assert (written.kind, written.remote_id, written.content) == ("stock", only(world)["id"], None)
    assert written.shown == stock_of().level
    assert world.gateway.look("acme", stock_of(), world.clock.now()) == [written] == [world.send(stock_of())]


def test_what_is_not_counted_is_always_there(world: World) -> None:
    vase(world)
    level = StockLevel(on_hand=Decimal(0), tracked=False, standing="IN_STOCK")
    assert world.send(stock_of(level=level)).stock == level


def test_stock_of_a_sku_nobody_has_is_refused_and_not_there(world: World) -> None:
    with pytest.raises(Refused, match="sku") as told:
        world.send(stock_of("NONE-01"))
    assert not told.value.ran and world.gateway.look("acme", stock_of("NONE-01"), world.clock.now()) == []


@pytest.mark.parametrize(
    ("rule", "written"),
    [
        ({"kind": "reset-before"}, 0),
        ({"kind": "reset-after"}, 1),
        ({"kind": "status-after", "status": 201, "body": "<html>"}, 1),
        ({"kind": "status-after", "status": 201, "body": '{"data":{"id":"i-9","sku":"VASE-09"}}'}, 1),
    ],
)
def test_stock_that_may_have_been_written_is_unknown_and_looked_for(
    world: World, rule: dict[str, Any], written: int
) -> None:
    vase(world)
    world.fault(operation="write inventory", **rule)
    with pytest.raises(Unknown):
        world.send(stock_of())
    assert len(world.gateway.look("acme", stock_of(), world.clock.now())) == written


def test_stock_that_is_too_late_or_throttled_is_not_written(world: World) -> None:
    vase(world)
    with pytest.raises(Unavailable) as late:
        world.send(stock_of(), send_by=world.clock.boottime() - 1)
    assert late.value.code == "too-late" and not late.value.ran and operations(world) == []
    world.fault(kind="429", operation="write inventory")
    with pytest.raises(Unavailable) as throttled:
        world.send(stock_of())
    assert throttled.value.code == "429" and not throttled.value.ran
    assert world.do(lambda: list(world.standin.state.inventories)) == []


def test_stock_of_nearly_this_sku_is_of_another_product(world: World) -> None:
    row = '{"data":[{"id":"i-9","product_id":"p-9","sku":"vase-01","updated_at":"2026-01-05T10:00:00Z"}]}'
    world.fault(kind="status", status=200, body=row, operation="list inventories")
    assert world.gateway.look("acme", stock_of(), world.clock.now()) == []
