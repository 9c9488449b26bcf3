"""What people read and say about WizCommerce's shipments at the command line."""

from adapters.standin.faults import FaultRule
from engine.domain.shipments import shipment_stream
from tests.adapters.command_line import done, told
from tests.shipments import FIRST, SECOND, shipped, sold, track
from tests.world import World

GOODS = {"VASE-01": 4}
STREET = "12 Mill Rd"
DOVER = {"Line1": STREET, "City": "Dover", "CountrySubDivisionCode": "DE", "PostalCode": "19901", "Country": "USA"}


def test_an_orders_story_tells_of_its_shipment_and_so_do_the_changes(world: World) -> None:
    track(world, sold(world), ShipMethodRef={"value": "UPS Ground"}, ShipAddr=DOVER)

    text = done(world, "history", "order", "WC-1001")

    assert "its shipment in WizCommerce: " in text
    assert (
        f"wizqbo decided to tell WizCommerce of the shipment, because QuickBooks shows invoice WC-1001 as shipped: "
        f"tracking {FIRST}, by UPS Ground; 4 x VASE-01" in text
    )
    assert f", tracking {FIRST}\n" in text and "WizCommerce has the shipment (its id " in text
    assert "Next: nothing; invoice WC-1001 stands in QuickBooks." in text
    assert done(world, "history", "shipment", "WC-1001").startswith("Shipment WC-1001, connection acme\n")
    day = world.clock.now().date().isoformat()
    rows = told(world, "changes", "acme", "--from", "2026-01-01", "--to", day)
    [row] = [one for one in rows if one["kind"] == "shipment"]
    assert (row["number"], row["because_of"], row["total"]) == (FIRST, "shipment WC-1001", "")
    assert {"field": "tracking", "old": "(none)", "new": FIRST} in row["changes"]
    assert {"field": "carrier", "old": "(none)", "new": "UPS Ground"} in row["changes"]


def test_a_refused_shipment_is_pending_with_what_to_type_and_goes_when_it_is_tried_again(world: World) -> None:
    invoice = sold(world)
    rules = world.wizcommerce.standin.faults
    world.wizcommerce.do(rules.add, FaultRule("403", method="POST", path="/shipments"))
    track(world, invoice)

    [row] = told(world, "pending", "acme")["pending"]
    assert (row["kind"], row["number"], row["state"]) == ("shipment", "WC-1001", "WizCommerce said no")
    story = done(world, "history", "order", "WC-1001")
    assert "Next: WizCommerce's shipment of it: " in story and "`wizqbo retry shipment WC-1001`" in story

    done(world, "--as", "admin", "retry", "shipment", "WC-1001")
    world.settle()

    assert shipped(world) == [("shipped", FIRST, GOODS)]
    assert told(world, "pending", "acme")["pending"] == []

    said = done(world, "--as", "admin", "never-send", "shipment", "WC-1001", "--because", "told by phone")
    track(world, invoice, SECOND)

    assert said == "shipment WC-1001: never send: told by phone\n"
    assert shipped(world) == [("shipped", FIRST, GOODS)] and told(world, "pending", "acme")["pending"] == []
    assert "`wizqbo push shipment WC-1001` if it should go after all" in done(world, "history", "shipment", "WC-1001")


def test_nothing_is_pending_where_shipments_are_off(world: World) -> None:
    done(world, "--as", "admin", "set", "acme", "shipments", "off")
    track(world, sold(world))

    assert told(world, "pending", "acme")["pending"] == []
    assert "no shipments are kept in WizCommerce" in done(world, "history", "shipment", "WC-1001")


def test_where_an_order_was_shipped_to_is_erased_with_it(world: World) -> None:
    track(world, sold(world), ShipAddr=DOVER)
    stream = shipment_stream(world.order("WC-1001"))
    whole = ("history", "shipment", "WC-1001", "--json", "--bodies")
    assert STREET in done(world, *whole)

    erased = told(world, "--as", "admin", "erase", "order", "WC-1001", "--yes")

    assert stream in erased["streams"]
    assert STREET not in done(world, *whole)
