"""Products changed in WizCommerce over real HTTP: what people put there stays, and what is not taken is said."""

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from engine.ports import Refused
from tests.adapters.wizcommerce_customers import operations
from tests.adapters.wizcommerce_goods import (
    BY_HAND,
    OTHER,
    OURS,
    SKU,
    WHOLE_PRICE,
    a_change,
    a_world,
    attributes,
    only,
    prices,
    shown,
    values,
    vase,
)
from tests.adapters.wizcommerce_world import World, switch


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as made:
        yield made


def test_only_what_is_changed_is_sent_and_what_people_put_there_stays(world: World) -> None:
    seen = vase(world, categories=["Sale"], attributes=[{"name": "Colour", "value": "Blue"}])
    before = only(world)
    draft = a_change(
        seen, "name", "category", "attributes", name="Tall vase", category="Decor", attributes=attributes(Size="L")
    )
    changed = world.send(draft)
    assert operations(world) == ["read product", "update product", "read product"]
    after = only(world)
    assert (after["name"], after["categories"]) == ("Tall vase", ["Sale", "Decor"])
    assert {name for name in after if after[name] != before[name]} == {"name", "categories", "attributes", "updated_at"}
    assert all(after[name] == one for name, one in BY_HAND.items()) and prices(world) == {OTHER: WHOLE_PRICE}
    assert changed == world.gateway.fetch("acme", "product", seen.remote_id)
    operations(world)
    assert world.send(draft) == changed and operations(world) == ["read product"]  # it stands there already


@pytest.mark.parametrize(
    ("there", "old", "new", "after"),
    [
        (["Sale", "Decor::Vases", "New"], "Decor::Vases", "Garden::Pots", ["Sale", "Garden::Pots", "New"]),
        (["Sale", "Vases"], "Decor::Vases", "Garden::Pots", ["Sale", "Garden::Pots"]),
        (["Sale", "Vases"], "", "Decor::Vases", ["Sale", "Decor::Vases"]),
        (["Sale", "Decor::Vases"], "Decor::Vases", "", ["Sale"]),
        (["Sale"], "", "", ["Sale"]),
        ([], "", "Decor::Vases", ["Decor::Vases"]),
        (["Decor::Vases", "Garden::Pots"], "Decor::Vases", "Garden::Pots", ["Garden::Pots"]),
    ],
)
def test_a_category_takes_the_place_of_ours_and_those_by_hand_stay(
    world: World, there: list[str], old: str, new: str, after: list[str]
) -> None:
    seen = vase(world, categories=there)
    world.send(a_change(seen, "category", category=new, old_category=old))
    assert only(world)["categories"] == after
    assert operations(world)[1:] == ([] if there == after else ["update product", "read product"])


def test_attributes_take_the_place_of_their_name_and_an_empty_one_removes_it(world: World) -> None:
    nothing = {"name": "Empty", "value": None}
    others = [("Route", "North"), ("Sizes", ["S", "L"]), ("Weight", Decimal("1.50")), ("Glazed", True)]
    mine = [("Colour", "Blue"), *others, ("Finish", "Matt"), ("Colour", "Green"), ("Pieces", 5)]
    seen = vase(world, attributes=[nothing, *({"name": name, "value": value} for name, value in mine)])
    world.send(a_change(seen, "attributes", attributes=attributes(Colour="Red", Finish="", Pieces="5", Cost="3.10")))
    assert values(world) == [("Colour", "Red"), *others, ("Pieces", 5), ("Cost", "3.10")]
    operations(world)
    world.send(a_change(seen, "attributes", attributes=attributes(Pieces="5", Finish="")))
    assert operations(world) == ["read product"]


def test_a_price_leaves_quantities_and_other_lists_alone(world: World) -> None:
    both = [{"price_list_id": one, **WHOLE_PRICE} for one in (OURS, OTHER)]
    seen = vase(world, product_prices=both)
    changed = world.send(a_change(seen, "price", price=Decimal("27.10")))
    assert operations(world) == ["read product", "update price", "read product"]
    assert prices(world) == {OURS: {**WHOLE_PRICE, "price": Decimal("27.10")}, OTHER: WHOLE_PRICE}
    assert {one.price_list: one.price for one in shown(changed).prices}[OURS] == Decimal("27.10")
    world.send(a_change(seen, "price", price=Decimal("27.1")))
    assert operations(world) == ["read product"]


@pytest.mark.parametrize("named_by", ["product", "pricing"])
def test_a_price_in_a_new_list_is_put_beside_the_others_whole(world: World, named_by: str) -> None:
    switch(world, a27_pricing_named_by=named_by)
    seen = vase(world)
    for price in (Decimal("27.10"), Decimal("0.333")):
        world.send(a_change(seen, "price", price=price))
        assert prices(world) == {OTHER: WHOLE_PRICE, OURS: {"price": price}}
    again = ["update product", "update product"] if named_by == "pricing" else []
    first = ["read product", "update price", "update product", "update product", "read product"]
    assert operations(world) == [*first, "read product", "update price", *again, "read product"]
    assert all(only(world)[name] == one for name, one in BY_HAND.items())


def test_without_v2_a_price_in_a_new_list_is_left_to_a_person(world: World) -> None:
    switch(world, a42_v2=False)
    seen = vase(world)
    with pytest.raises(Refused) as told:
        world.send(a_change(seen, "name", "price", name="Tall vase", price=Decimal(9)))
    assert told.value.code == "no-v2" and told.value.next_step.endswith("That is seen by itself.")
    assert told.value.ran and only(world)["name"] == "Tall vase" and prices(world) == {OTHER: WHOLE_PRICE}


@pytest.mark.parametrize("details", [True, False])
@pytest.mark.parametrize(
    ("how", "code"), [("accepted", ""), ("ignored", "status-ignored"), ("refused", "status-refused")]
)
def test_a_product_becomes_active_or_a_person_is_told_and_all_else_is_written(
    world: World, how: str, code: str, details: bool
) -> None:
    switch(world, a29_patched_status=how, a05_details=details)
    seen = vase(world, status="inactive")
    draft = a_change(seen, "name", "price", "active", name="Tall vase", price=Decimal(9))
    if code:
        with pytest.raises(Refused) as told:
            world.send(draft)
        assert told.value.code == code and told.value.ran
        assert told.value.next_step.endswith("make it active. That is seen by itself.")
    else:
        assert shown(world.send(draft)).active
    after = only(world)
    assert (after["status"] == "active") == (not code)
    assert (after["name"], prices(world)[OURS]) == ("Tall vase", {"price": Decimal(9)})


@pytest.mark.parametrize("details", [True, False])
@pytest.mark.parametrize(("how", "code"), [("accepted", ""), ("ignored", "sku-ignored"), ("refused", "sku-refused")])
def test_a_new_sku_is_taken_or_a_person_is_told_and_all_else_is_written(
    world: World, how: str, code: str, details: bool
) -> None:
    switch(world, patched_sku=how, a05_details=details, a29_patched_status="accepted")
    seen = vase(world, status="inactive")
    draft = a_change(seen, "name", "sku", "active", name="Tall vase", sku="VASE-02")
    if code:
        with pytest.raises(Refused) as told:
            world.send(draft)
        assert told.value.code == code and told.value.ran
        assert told.value.next_step.endswith("change its SKU to VASE-02. That is seen by itself.")
    else:
        assert shown(world.send(draft)).sku == "VASE-02"
    after = only(world)
    assert (after["name"], after["status"], after["sku"]) == ("Tall vase", "active", SKU if code else "VASE-02")


def test_of_two_that_are_not_taken_the_first_is_told_and_the_other_was_tried(world: World) -> None:
    seen = vase(world, status="inactive")
    with pytest.raises(Refused) as told:
        world.send(a_change(seen, "active", "sku", sku="VASE-02"))
    assert told.value.code == "status-refused" and not told.value.ran
    assert operations(world) == ["read product", "update product", "update product"]


@pytest.mark.parametrize("active", [True, False])
def test_a_status_and_a_sku_that_stand_there_are_not_sent(world: World, active: bool) -> None:
    seen = vase(world, status="active" if active else "inactive")
    assert world.send(a_change(seen, "active", "sku", active=active, sku=SKU)) == seen
    assert operations(world) == ["read product"]


def test_a_sku_another_product_has_is_refused(world: World) -> None:
    switch(world, patched_sku="accepted")
    seen = vase(world)
    world.do(world.standin.seed, {"products": [{"sku": "VASE-02"}]})
    with pytest.raises(Refused) as told:
        world.send(a_change(seen, "sku", sku="VASE-02"))
    assert told.value.code == "sku-refused" and not told.value.ran


def test_a_product_is_made_inactive_in_the_same_call(world: World) -> None:
    seen = vase(world)
    changed = world.send(a_change(seen, "name", "active", name="Gone vase", active=False))
    assert (shown(changed).active, shown(changed).name) == (False, "Gone vase")
    assert operations(world) == ["read product", "update product", "read product"]


@pytest.mark.parametrize("field", ["categories", "attributes"])
def test_what_v1_does_not_show_is_read_in_v2_before_it_is_sent_as_a_whole(world: World, field: str) -> None:
    seen = vase(world, categories=["Sale"], attributes=[{"name": "Colour", "value": "Blue"}])
    less = {"id": seen.remote_id, "name": "Vase", "updated_at": seen.revision, "categories": [], "attributes": []}
    del less[field]
    world.fault(kind="status", status=200, body=json.dumps({"data": less}), operation="read product")
    if field == "categories":
        world.send(a_change(seen, "category", category="Decor"))
    else:
        world.send(a_change(seen, "attributes", attributes=attributes(Size="L")))
    assert operations(world) == ["read product", "update product", "update product", "read product"]
    after = {"categories": ["Sale", "Decor"], "attributes": [("Colour", "Blue"), ("Size", "L")]}
    assert (values(world) if field == "attributes" else only(world)["categories"]) == after[field]


def test_where_only_the_last_element_is_shown_ours_is_known_by_it(world: World) -> None:
    switch(world, a37_categories_shown="last")
    seen = vase(world, categories=["Sale", "Decor::Vases"])
    assert shown(seen).categories == ("Sale", "Vases")
    world.send(a_change(seen, "category", category="Garden::Pots", old_category="Decor::Vases"))
    assert only(world)["categories"] == ["Sale", "Garden::Pots"]
