"""Every way in which a change of a product in WizCommerce can end badly, over real HTTP."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import pytest

from engine.clock import MovableClock
from engine.ports import Refused, Unavailable, Unknown
from tests.adapters.wizcommerce_customers import operations
from tests.adapters.wizcommerce_goods import (
    OURS,
    SKU,
    a_change,
    a_world,
    only,
    prices,
    shown,
    vase,
)
from tests.adapters.wizcommerce_world import Leave, World, switch


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as made:
        yield made


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"kind": "403"}, "403"),
        ({"kind": "status", "status": 400, "body": '{"code":"bad","details":[{"field":"brand"}]}'}, "bad"),
        ({"kind": "status", "status": 409, "body": '{"code":"taken"}'}, "sku-refused"),
    ],
)
def test_a_refusal_about_something_else_is_told_as_it_is(world: World, rule: dict[str, Any], code: str) -> None:
    switch(world, patched_sku="accepted")
    seen = vase(world)
    world.fault(operation="update product", **rule)
    with pytest.raises(Refused) as told:
        world.send(a_change(seen, "sku", sku="VASE-02"))
    assert told.value.code == code and only(world)["sku"] == SKU


@pytest.mark.parametrize("when", ["before the read", "before the write"])
def test_a_product_that_is_gone_is_refused(world: World, when: str) -> None:
    switch(world, a43_after_delete="404")
    seen = vase(world)
    if when == "before the read":
        world.do(world.standin.by_hand, "delete-product", sku=SKU)
    else:
        world.fault(kind="status", status=404, body='{"code":"not_found"}', operation="update product")
    draft = a_change(seen, "name", name="Tall vase")
    with pytest.raises(Refused, match="any more") as told:
        world.send(draft)
    assert told.value.code == "404" and told.value.next_step and not told.value.ran
    [looked] = world.gateway.look("acme", draft, world.clock.now())
    assert (looked.content is None) == (when == "before the read")


@pytest.mark.parametrize(
    ("rule", "done"),
    [
        ({"kind": "reset-before"}, False),
        ({"kind": "reset-after"}, True),
        ({"kind": "status-after", "status": 502}, True),
        ({"kind": "status-after", "status": 200, "body": '{"data":{"id":""}}'}, True),
        ({"kind": "status", "status": 200, "body": "<html>"}, False),
    ],
)
@pytest.mark.parametrize("operation", ["update product", "update price"])
def test_a_change_that_may_have_been_made_is_unknown_and_looked_at(
    world: World, operation: str, rule: dict[str, Any], done: bool
) -> None:
    seen = vase(world, product_prices=[{"price_list_id": OURS, "price": 5}])
    draft = a_change(seen, "name", "price", name="Tall vase", price=Decimal(9))
    world.fault(operation=operation, **rule)
    with pytest.raises(Unknown) as told:
        world.send(draft)
    [looked] = world.gateway.look("acme", draft, world.clock.now())
    assert told.value.ran and (shown(looked).name == "Tall vase") == (done or operation == "update price")
    assert (shown(looked).prices[0].price == 9) == (done and operation == "update price")
    assert shown(world.send(draft)).prices[0].price == 9 and only(world)["name"] == "Tall vase"


def test_an_answer_about_another_product_is_unknown(world: World) -> None:
    seen = vase(world)
    body = '{"data":{"id":"another","updated_at":"2026-01-05T10:00:00Z"}}'
    world.fault(kind="status-after", status=200, body=body, operation="update product")
    with pytest.raises(Unknown):
        world.send(a_change(seen, "name", name="Tall vase"))


@pytest.mark.parametrize("rule", [{"kind": "429"}, {"kind": "status", "status": 500}, {"kind": "403"}])
def test_what_was_written_and_cannot_be_read_back_is_unknown(world: World, rule: dict[str, Any]) -> None:
    seen = vase(world)
    world.fault(operation="read product", after=1, **rule)
    with pytest.raises(Unknown) as told:
        world.send(a_change(seen, "name", name="Tall vase"))
    assert told.value.ran and only(world)["name"] == "Tall vase"


def test_a_product_deleted_while_it_was_changed_is_gone(world: World) -> None:
    seen = vase(world)
    world.fault(kind="status", status=404, body='{"code":"not_found"}', operation="read product", after=1)
    with pytest.raises(Refused, match="any more") as told:
        world.send(a_change(seen, "name", name="Tall vase"))
    assert told.value.code == "404" and told.value.ran


@pytest.mark.parametrize("rule", [{"kind": "429"}, {"kind": "status", "status": 500}, {"kind": "reset-after"}])
def test_a_product_that_cannot_be_read_first_is_not_changed(world: World, rule: dict[str, Any]) -> None:
    seen = vase(world)
    world.fault(operation="read product", **rule)
    with pytest.raises(Unavailable) as told:
        world.send(a_change(seen, "name", name="Tall vase"))
    assert not told.value.ran and only(world)["name"] == "Vase"


@pytest.mark.parametrize(("named", "ran"), [(("price",), False), (("name", "price"), True)])
def test_a_call_that_fails_says_whether_an_earlier_one_was_carried_out(
    world: World, named: tuple[Any, ...], ran: bool
) -> None:
    seen = vase(world, product_prices=[{"price_list_id": OURS, "price": 5}])
    draft = a_change(seen, *named, name="Tall vase", price=Decimal(9))
    for kind, raised in (("429", Unavailable), ("403", Refused)):
        world.do(world.standin.by_hand, "edit-product", sku=SKU, name="Vase")
        world.fault(kind=kind, operation="update price")
        with pytest.raises(raised) as told:
            world.send(draft)
        assert told.value.ran == ran and told.value.code == kind
    assert prices(world) == {OURS: {"price": Decimal(5)}}


@pytest.mark.parametrize(("late_at", "made"), [(2, []), (3, ["update product", "update price", "read product"])])
def test_only_the_first_call_of_a_change_has_to_leave_in_time(world: World, late_at: int, made: list[str]) -> None:
    seen = vase(world, product_prices=[{"price_list_id": OURS, "price": 5}])
    clock = world.clock = MovableClock()

    class SlowLeave(Leave):
        """The machine sleeps for a minute when leave for one call was given."""

        def call(self, *args: Any, **more: Any) -> AbstractContextManager[None]:
            leave = super().call(*args, **more)
            clock.move(60 * (len(self.asked) == late_at))
            return leave

    world.limiter = SlowLeave()
    world.gateway = world.gateway_with(timeout_seconds=600)
    draft = a_change(seen, "name", "price", name="Tall vase", price=Decimal(9))
    if made:
        assert shown(world.send(draft, seconds=600, send_by=clock.boottime() + 20)).name == "Tall vase"
    else:
        with pytest.raises(Unavailable) as told:
            world.send(draft, seconds=600, send_by=clock.boottime() + 20)
        assert told.value.code == "too-late" and not told.value.ran
    assert operations(world) == ["read product", *made]


def test_a_change_that_is_too_late_is_not_sent(world: World) -> None:
    seen = vase(world)
    with pytest.raises(Unavailable) as told:
        world.send(a_change(seen, "name", name="Never"), send_by=world.clock.boottime() - 1)
    assert not told.value.ran and only(world)["name"] == "Vase" and "update product" not in operations(world)


@pytest.mark.parametrize("body", ['{"id":"another","updated_at":"2026-01-05T10:00:00Z"}', '{"categories":7}'])
def test_nothing_is_laid_over_a_product_that_cannot_be_read(world: World, body: str) -> None:
    seen = vase(world)
    world.fault(kind="status", status=200, body=f'{{"data":{body}}}', operation="read product")
    with pytest.raises(Refused) as told:
        world.send(a_change(seen, "name", name="Tall vase"))
    assert told.value.code == "not-understood" and not told.value.ran
    assert operations(world) == ["read product"] and only(world)["name"] == "Vase"
