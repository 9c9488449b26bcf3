"""Shipments put into WizCommerce over real HTTP (what invoice records share: `test_wizcommerce_documents`)."""

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from adapters.wizcommerce.assumptions import Assumptions
from engine.domain.drafts import ShipmentDraft, ShippedItem
from engine.domain.matching import differences
from engine.ports import Refused
from tests.adapters.wizcommerce_customers import operations
from tests.adapters.wizcommerce_documents import UPS, a_shipment, documents_world, only, the_order
from tests.adapters.wizcommerce_world import World, switch
from tests.wholesale import DOVER

UPS_TOO = "1Z999AA10123456795"


@pytest.fixture
def world() -> Iterator[World]:
    with documents_world() as made:
        yield made


def progress(world: World) -> tuple[str, list[int]]:
    order = the_order(world)
    return order["fulfillment_status"], [one["shipped_quantity"] for one in order["line_items"]]


def withdrawn(world: World) -> ShipmentDraft:
    empty: dict[str, Any] = {"tracking": (), "carrier": "", "url": "", "shipped": None, "items": ()}
    return a_shipment(world, **empty, remarks="Taken back in QuickBooks.")


def test_a_new_shipment_is_looked_for_by_its_reference_and_then_made_once(world: World) -> None:
    draft = a_shipment(world, tracking=(UPS, UPS_TOO), ship_to=DOVER)
    made = world.send(draft)

    asked = f"list shipments?reference_ids={draft.reference.replace(':', '%3A')}&page=1&page_size=100"
    assert world.calls() == [asked, "create shipment?"]
    shown = only(world, "shipments")
    assert (made.remote_id, made.kind) == (shown["id"], "shipment")
    assert (shown["reference_id"], shown["shipment_status"], shown["name"]) == (
        draft.reference,
        "shipped",
        "Invoice WC-1001",
    )
    assert shown["tracking_info"] == {
        "tracking_number": UPS,
        "tracking_url": f"https://www.ups.com/track?tracknum={UPS}",
        "delivery_partner": "UPS Ground",
    }
    assert [(one["sku_id"], one["quantity"]) for one in shown["shipment_items"]] == [("VASE-01", 4)]
    note = f"Shipped 2026-11-25. Ship to 12 Mill Rd, Dover, DE 19901, USA. Tracking numbers {UPS}, {UPS_TOO}"
    assert (shown["note"], shown["remark"]) == (note, "")
    assert progress(world) == ("FULFILLED", [4])
    assert differences(draft, made.content) == ()
    assert world.gateway.look("acme", draft, world.clock.now()) == [made] == [world.send(draft)]
    assert "create shipment" not in operations(world)


def test_of_a_shipment_that_is_there_only_what_differs_is_sent(world: World) -> None:
    first = world.send(a_shipment(world))

    changed = a_shipment(world, tracking=(UPS_TOO,))
    assert differences(changed, first.content) == (f"tracking number {UPS} instead of {UPS_TOO}",)
    world.calls()
    assert world.send(changed).remote_id == first.remote_id
    assert world.calls()[1:] == ["update shipment?"]
    assert only(world, "shipments")["note"] == "Shipped 2026-11-25"
    fewer = a_shipment(
        world, tracking=(UPS_TOO,), items=(replace(changed.items[0], quantity=changed.items[0].quantity - 1),)
    )
    assert differences(fewer, world.send(fewer).content) == ()
    assert progress(world) == ("PARTIALLY_FULFILLED", [3])


def test_what_is_withdrawn_stays_without_items_and_tracking_and_comes_back_as_the_same(world: World) -> None:
    first = world.send(a_shipment(world))
    taken_back = world.send(withdrawn(world))

    shown = only(world, "shipments")
    assert taken_back.remote_id == first.remote_id
    assert (shown["shipment_status"], shown["shipment_items"], shown["remark"]) == (
        "created",
        [],
        withdrawn(world).remarks,
    )
    assert set(shown["tracking_info"].values()) == {""} and shown["note"] == ""
    assert progress(world) == ("UNFULFILLED", [0])
    assert differences(withdrawn(world), taken_back.content) == ()

    again = world.send(a_shipment(world))
    assert (again.remote_id, differences(a_shipment(world), again.content)) == (first.remote_id, ())
    assert progress(world) == ("FULFILLED", [4])


def test_one_that_was_deleted_there_is_a_no_unless_it_is_to_be_withdrawn(world: World) -> None:
    world.send(a_shipment(world))
    world.do(lambda: next(iter(world.standin.state.shipments.values())).update(status="inactive"))
    operations(world)

    with pytest.raises(Refused) as told:
        world.send(a_shipment(world, tracking=(UPS_TOO,)))
    assert told.value.code == "inactive" and "deleted it there" in told.value.sentence
    done = world.send(withdrawn(world))
    assert differences(withdrawn(world), done.content) == ()
    assert set(operations(world)) == {"list shipments"}


def test_a_product_that_is_not_there_is_a_no(world: World) -> None:
    item = ShippedItem(
        product="00000000-0000-0000-0000-000000000000", sku="GONE", quantity=a_shipment(world).items[0].quantity
    )
    with pytest.raises(Refused) as told:
        world.send(a_shipment(world, items=(item,)))
    assert "shipment_items[0].product_id" in told.value.sentence


@pytest.mark.parametrize("fields", [{"tracking": ("9" * 256,)}, {"carrier": "x" * 256}, {"number": "9" * 250}])
def test_a_text_that_is_too_long_is_not_sent(world: World, fields: dict[str, Any]) -> None:
    with pytest.raises(Refused) as told:
        world.gateway.request_body(a_shipment(world, **fields))
    assert told.value.code == "too-long"


def test_fields_are_spelled_as_the_tenant_spells_them(world: World) -> None:
    switch(world, a45_shipment_names="camel")
    with pytest.raises(Refused):
        world.send(a_shipment(world))
    world.gateway = world.gateway_with(Assumptions(a45_shipment_names="camel"))

    made = world.send(a_shipment(world))
    assert differences(a_shipment(world), made.content) == ()
    other = a_shipment(world, carrier="FedEx")
    assert differences(other, world.send(other).content) == ()
