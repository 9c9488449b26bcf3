"""What a seller sees in WizCommerce of how an order was shipped: as the bookkeeper writes it on the invoice in QuickBooks."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.domain.events import CommandIssued
from tests.payments import by_bookkeeper, by_seller
from tests.shipments import FIRST, SECOND, fulfilled, shipment_of, shipped, shown, sold, track, where, writes
from tests.shop import Shop
from tests.telling import pass_by
from tests.world import World

GOODS = {"VASE-01": 4}
ALL = ("FULFILLED", [4])
NONE = ("UNFULFILLED", [0])


def test_a_tracking_number_typed_in_quickbooks_becomes_a_shipment_and_the_order_is_fulfilled(world: World) -> None:
    invoice = sold(world)
    assert (shipped(world), fulfilled(world)) == ([], NONE)

    track(world, invoice, ShipMethodRef={"value": "UPS Ground"})

    assert shipped(world) == [("shipped", FIRST, GOODS)]
    assert fulfilled(world) == ALL
    [shipment] = shown(world)
    order = world.order("WC-1001")
    assert order.sight is not None and shipment["order_id"] == order.sight.remote_id
    assert shipment["reference_id"] == f"QBO:acme:invoice:{invoice}:shipment"
    assert shipment["tracking_info"] == {
        "tracking_number": FIRST,
        "tracking_url": f"https://www.ups.com/track?tracknum={FIRST}",
        "delivery_partner": "UPS Ground",
    }
    assert (
        where(world) == f"sent: WizCommerce shipment of invoice WC-1001: tracking {FIRST}, by UPS Ground; 4 x VASE-01"
    )
    assert writes(world) == ["POST done"]


def test_our_own_shipment_coming_back_asks_for_nothing_to_be_looked_through(world: World) -> None:
    invoice = sold(world)
    before, due = operations(world), due_pulls(world)

    track(world, invoice)

    assert all(due_pulls(world)[what] >= at for what, at in due.items())
    new = operations(world)[len(before) :]
    assert new == ["list shipments", "create shipment", "read order"]  # which was changed by it


def due_pulls(world: World) -> dict[str, datetime]:
    """When each pull is due."""
    return dict(world.rows("SELECT what, due_at FROM cursors WHERE due_at IS NOT NULL"))


def operations(world: World) -> list[str]:
    """What WizCommerce was asked for, by its own log."""
    return world.wizcommerce.do(lambda: [one.operation for one in world.wizcommerce.standin.calls.all()])  # type: ignore[no-any-return]


def issued(world: World) -> int:
    """How many requests were ever decided upon."""
    return len([1 for one in world.engine.log.since(0, 10_000) if isinstance(one.event, CommandIssued)])


def test_a_corrected_number_changes_the_same_shipment_and_one_taken_back_withdraws_it(world: World) -> None:
    invoice = sold(world)
    track(world, invoice)
    [first] = shown(world)

    track(world, invoice, f"{SECOND}, {FIRST}")
    assert shipped(world) == [("shipped", SECOND, GOODS)]
    assert f"Tracking numbers {SECOND}, {FIRST}" in shown(world)[0]["note"]

    track(world, invoice, "")
    assert shipped(world) == [("created", "", {})] and fulfilled(world) == NONE
    assert shown(world)[0]["remark"] == "Taken back in QuickBooks."
    assert where(world) == "sent: WizCommerce shipment of invoice WC-1001: withdrawn, taken back in QuickBooks"

    track(world, invoice)
    assert shipped(world) == [("shipped", FIRST, GOODS)] and fulfilled(world) == ALL
    assert [one["id"] for one in shown(world)] == [first["id"]]
    assert writes(world) == ["POST done", "PATCH done", "PATCH done", "PATCH done"]


@pytest.mark.parametrize(("verb", "remark"), [("void-invoice", "Voided"), ("delete-invoice", "Deleted")])
def test_of_a_voided_or_deleted_invoice_the_shipment_is_withdrawn(world: World, verb: str, remark: str) -> None:
    invoice = sold(world)
    track(world, invoice)

    by_bookkeeper(world, verb, Id=invoice)
    pass_by(world, 3_600)

    assert shipped(world) == [("created", "", {})] and fulfilled(world) == NONE
    assert shown(world)[0]["remark"] == f"{remark} in QuickBooks."


def shipping_said(world: World, days: int = 3, method: str = "UPS Ground") -> dict[str, Any]:
    """What an order says of its shipping."""
    return {"shipping_method": method, "shipment_date": world.clock.now() + timedelta(days=days)}


def test_a_ship_date_and_method_that_we_wrote_are_no_shipment_whatever_the_order_says_later(world: World) -> None:
    invoice = sold(world, **shipping_said(world))
    [there] = world.invoices()
    assert there.doc_number == "WC-1001"

    world.wizcommerce.edit_order("WC-1001", **shipping_said(world, 9, "By bike"))
    world.settle()
    by_bookkeeper(world, "edit-invoice", Id=invoice, CustomerMemo={"value": "Ring twice"})

    assert (shipped(world), writes(world), shipment_of(world).version) == ([], [], 0)


@pytest.mark.parametrize(
    ("change", "note", "carrier"),
    [
        ({"ShipDate": "2099-01-05"}, "Shipped 2099-01-05", "UPS Ground"),
        ({"ShipMethodRef": {"value": "FedEx 2Day"}}, "", "FedEx 2Day"),
    ],
)
def test_a_date_or_method_that_a_bookkeeper_changes_is_one(
    world: World, change: dict[str, Any], note: str, carrier: str
) -> None:
    invoice = sold(world, **shipping_said(world))

    by_bookkeeper(world, "edit-invoice", Id=invoice, **change)

    assert shipped(world) == [("shipped", "", GOODS)]
    [shipment] = shown(world)
    assert note in shipment["note"] and shipment["tracking_info"]["delivery_partner"] == carrier


def test_an_order_that_ships_otherwise_now_leaves_what_the_bookkeeper_wrote(world: World) -> None:
    invoice = sold(world, **shipping_said(world))
    by_bookkeeper(world, "edit-invoice", Id=invoice, ShipDate="2099-01-05", ShipMethodRef={"value": "FedEx 2Day"})

    world.wizcommerce.edit_order("WC-1001", **shipping_said(world, 9, "By bike"))
    world.settle()

    kept = wire(world)
    assert (kept["ShipDate"], kept["ShipMethodRef"]["value"]) == ("2099-01-05", "FedEx 2Day")
    assert shipped(world) == [("shipped", "", GOODS)]


def test_an_edited_order_keeps_what_the_bookkeeper_wrote_and_the_shipment_has_its_new_quantities(world: World) -> None:
    invoice = sold(world, **shipping_said(world))
    track(world, invoice, ShipMethodRef={"value": "FedEx 2Day"})

    world.wizcommerce.edit_order("WC-1001", [("VASE-01", 3, "25.00")])
    world.settle()

    assert [one.total for one in world.invoices()] == [75]
    kept = wire(world)
    assert (kept["TrackingNum"], kept["ShipMethodRef"]["value"]) == (FIRST, "FedEx 2Day")
    assert shipped(world) == [("shipped", FIRST, {"VASE-01": 3})]
    assert world.where("WC-1001") == "sent: invoice WC-1001"


def test_row_18_of_an_order_invoiced_and_shipped_in_part_wizcommerce_shows_how_much(world: World) -> None:
    invoice = sold(world)
    [line, *_] = wire(world)["Line"]
    part = {**line, "Amount": 75, "SalesItemLineDetail": {**line["SalesItemLineDetail"], "Qty": 3}}

    track(world, invoice, Line=[part])

    assert shipped(world) == [("shipped", FIRST, {"VASE-01": 3})]
    assert fulfilled(world) == ("PARTIALLY_FULFILLED", [3])


def wire(world: World) -> dict[str, Any]:
    """The one invoice, whole, from QuickBooks' own state."""
    [found] = world.quickbooks._in_loop(
        lambda: [dict(one.wire) for one in world.quickbooks.company(None).all("Invoice")]
    )
    return dict(found)


def test_what_wizcommerce_counts_as_shipped_comes_back_and_causes_nothing(world: World) -> None:
    invoice = sold(world)
    track(world, invoice)
    before = (issued(world), writes(world), world.order("WC-1001").content)

    by_seller(world, "ship", display_id="WC-1001", sku="VASE-01", quantity=2)
    pass_by(world, 3_600)

    assert fulfilled(world) == ("PARTIALLY_FULFILLED", [2])
    assert (issued(world), writes(world), world.order("WC-1001").content) == before


def test_where_shipments_are_off_nothing_is_told_until_they_are_kept_again(world: World) -> None:
    world.choose(shipments="off")
    invoice = sold(world)
    track(world, invoice)
    assert (shown(world), writes(world)) == ([], [])
    assert where(world).startswith("nothing is sent: no shipments are kept in WizCommerce")

    world.choose(shipments="")
    world.settle()
    assert shipped(world) == [("shipped", FIRST, GOODS)]


def test_what_was_taken_back_before_it_was_told_is_never_told(world: World) -> None:
    invoice = sold(world)
    world.engine.people.pause("acme", "stocktaking", "admin")
    track(world, invoice)
    track(world, invoice, "")
    world.engine.people.resume("acme", "admin")
    world.settle()

    assert (shown(world), world.rows("SELECT * FROM pending_work")) == ([], [])
    assert where(world) == "nothing is sent: WizCommerce was never told of the shipment. Taken back in QuickBooks."


def test_of_a_shipment_that_is_never_sent_nothing_more_is_written_until_it_is_pushed(world: World) -> None:
    invoice = sold(world)
    track(world, invoice)
    world.engine.people.never_send(shipment_of(world).stream, "told by phone", "admin")

    track(world, invoice, SECOND)
    assert shipped(world) == [("shipped", FIRST, GOODS)]
    assert where(world) == "never send: admin decided that it is never sent: told by phone"

    world.engine.people.push(shipment_of(world).stream, "admin")
    world.settle()
    assert shipped(world) == [("shipped", SECOND, GOODS)]


def test_an_invoice_of_nobodys_order_is_no_shipment(world: World) -> None:
    customer = world.quickbooks.customers()[0]["Id"]
    line = {"DetailType": "SalesItemLineDetail", "Amount": 25, "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}
    by_bookkeeper(world, "add-invoice", CustomerRef={"value": customer}, Line=[line], TrackingNum=FIRST)

    assert len(world.invoices()) == 1 and writes(world) == []


def test_an_item_whose_product_came_after_the_order_is_shipped_by_its_link(shop: Shop) -> None:
    world = shop.world
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("TALL-01", 2, "45.00")])
    world.settle()
    shop.item("TALL-01", price="45.00")
    world.settle()
    [invoice] = world.invoices()

    track(world, invoice.id)

    seen = world.order("WC-1001").content
    assert seen is not None and seen.products == ()
    assert shipped(world) == [("shipped", FIRST, {"TALL-01": 2})]
