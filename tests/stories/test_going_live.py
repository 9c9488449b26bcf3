"""Going live: nothing is written before a person says from when, and the order of arrival does not matter."""

import threading
from datetime import timedelta
from decimal import Decimal

from engine.domain.events import CommandIssued, MatchProposed, RecordLinked
from tests.tables import attention, count_of, pending, writes
from tests.world import CONNECTION, World

BLOOM = "Bloom & Co"
LINES = [("VASE-01", 4, "25.00")]
CEDAR = {"email": "desk@cedar.example", "phone": "+1 415 555 0117"}


def customers_called(world: World, name: str) -> int:
    return sum(1 for customer in world.quickbooks.customers() if customer["DisplayName"] == name)


def later(world: World) -> None:
    """Everything that was told is followed up: a hint that QuickBooks made something is, after two seconds."""
    world.settle()
    world.move(10)
    world.settle()


OLDER = 150
"""Orders: WizCommerce gives a hundred a page."""

# ---- from when --------------------------------------------------------------------------------------------------------------


def test_without_a_start_nothing_is_written_and_it_says_why(bare_world: World) -> None:
    world = bare_world
    world.connect()
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)

    world.settle()

    assert writes(world) == [] and pending(world) == []
    assert world.where("WC-1001") == "waiting: nobody has said yet from when orders are pushed on this connection"
    world.start()
    world.settle()
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1001"]


def test_older_orders_of_several_pages_are_the_baseline_and_nothing_is_written(bare_world: World) -> None:
    world = bare_world
    bloom = world.wizcommerce.standin.customers()[0]["id"]
    item = next(one for one in world.quickbooks.items() if one.get("Sku") == "VASE-01")
    long_ago = world.clock.now() - timedelta(days=30)
    orders = [
        {
            "display_id": f"WC-{number:04d}",
            "customer_id": bloom,
            "status": "confirmed",
            "created_at": long_ago,
            "updated_at": long_ago,
            "line_items": [{"sku": item["Sku"], "quantity": 1, "unit_price": "25.00"}],
        }
        for number in range(OLDER)
    ]
    world.wizcommerce.do(world.wizcommerce.standin.seed, {"orders": orders})
    customer = next(c["Id"] for c in world.quickbooks.customers() if c["DisplayName"] == BLOOM)
    line = {
        "Amount": 25,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": item["Id"]}, "Qty": 1, "UnitPrice": 25},
    }
    for number in range(0, OLDER, 50):
        by_hand = {"DocNumber": f"WC-{number:04d}", "CustomerRef": {"value": customer}, "Line": [line]}
        world.quickbooks.by_hand("add-invoice", **by_hand)

    world.connect()
    world.start()
    world.settle()

    assert writes(world) == [] and len(world.invoices()) == 3
    assert world.rows("SELECT count(*) FROM mapping WHERE kind = 'order' AND system = 'wizcommerce'") == [(OLDER,)]
    assert count_of(world, CommandIssued) == 0 and "it is the baseline" in world.where("WC-0123")


def test_an_older_order_goes_when_a_person_asks_for_it_by_name(world: World) -> None:
    for number in ("WC-0801", "WC-0802"):
        world.wizcommerce.confirm_order(number, BLOOM, LINES, created_at=world.clock.now() - timedelta(days=9))
    world.settle()

    world.engine.people.push(world.order_stream("WC-0802"), "tester")
    world.settle()

    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-0802"]
    assert "it is the baseline" in world.where("WC-0801")


def test_when_the_start_is_moved_earlier_the_orders_since_then_go(world: World) -> None:
    for days in (9, 5):
        at = world.clock.now() - timedelta(days=days)
        world.wizcommerce.confirm_order(f"WC-080{days}", BLOOM, LINES, created_at=at)
    world.settle()

    world.start(days_ago=7)
    world.settle()

    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-0805"]


# ---- offline ----------------------------------------------------------------------------------------------------------------


def test_an_order_made_offline_arrives_before_its_customer(world: World) -> None:
    made = world.clock.now() - timedelta(hours=5)
    customer = world.wizcommerce.add_customer("Cedar Shop", created_at=made, **CEDAR)
    hidden = world.wizcommerce.do(world.wizcommerce.standin.state.customers.pop, customer["id"])
    world.wizcommerce.confirm_order(
        "WC-1007", "", LINES, customer_id=customer["id"], created_at=made + timedelta(minutes=1)
    )
    world.settle()
    before = world.where("WC-1007")

    world.wizcommerce.do(world.wizcommerce.standin.state.customers.__setitem__, customer["id"], hidden)
    world.wizcommerce.do(world.wizcommerce.standin.announce, "customer.created", customer["id"])
    world.settle()

    assert before == f"waiting: WizCommerce does not show customer {customer['id']} of this order"
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1007"]
    assert customers_called(world, "Cedar Shop") == 1


def test_an_order_made_offline_arrives_after_its_customer(world: World) -> None:
    made = world.clock.now() - timedelta(hours=5)
    world.wizcommerce.add_customer("Cedar Shop", created_at=made, **CEDAR)
    world.settle()

    world.wizcommerce.confirm_order("WC-1007", "Cedar Shop", LINES, created_at=made + timedelta(minutes=1))
    world.settle()

    [invoice] = world.invoices()
    assert (invoice.doc_number, invoice.customer) == ("WC-1007", "Cedar Shop")
    assert writes(world) == ["create customer", "create invoice"]


# ---- paused -----------------------------------------------------------------------------------------------------------------


def test_orders_confirmed_while_paused_wait_and_go_after_resuming(world: World) -> None:
    world.engine.people.pause(CONNECTION, "stocktaking", "tester")
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    world.settle()
    world.quickbooks.add_item("LAMP-09", price="40.00")
    later(world)
    reads = world.rows("SELECT count(*) FROM match_keys WHERE key = 'sku' AND system = 'quickbooks'")

    world.engine.people.resume(CONNECTION, "tester")
    written_before = world.invoices()
    world.settle()

    assert written_before == [] and reads == [(3,)]
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1001"]


# ---- whose customer is it ---------------------------------------------------------------------------------------------------


def test_a_customer_known_by_name_and_email_is_linked_and_none_is_created(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", LINES)

    world.settle()

    [invoice] = world.invoices()
    assert invoice.customer == "Bloom & Co" and writes(world) == ["create invoice"]
    assert count_of(world, RecordLinked, "customer-%") == 1


def test_a_customer_of_the_same_name_only_is_held_for_a_person(world: World) -> None:
    world.quickbooks.add_customer("Cedar Shop")
    later(world)
    world.wizcommerce.add_customer("Cedar Shop", **CEDAR)
    later(world)

    world.wizcommerce.confirm_order("WC-1001", "Cedar Shop", LINES)
    world.settle()

    assert writes(world) == [] and customers_called(world, "Cedar Shop") == 1
    assert world.where("WC-1001") == (
        "waiting: its customer may be in QuickBooks already (possible matches: 1): a person decides"
    )
    assert "same name" in attention(world)["match"]


def test_several_customers_that_fit_are_held_for_a_person_who_chooses(world: World) -> None:
    first = world.quickbooks.add_customer("Cedar Shop", PrimaryEmailAddr={"Address": CEDAR["email"]})
    second = world.quickbooks.add_customer(
        "Cedar Shop East", CompanyName="Cedar Shop", PrimaryEmailAddr={"Address": CEDAR["email"]}
    )
    later(world)
    world.wizcommerce.add_customer("Cedar Shop", **CEDAR)
    later(world)
    world.wizcommerce.confirm_order("WC-1001", "Cedar Shop", LINES)
    world.settle()
    held = (writes(world), count_of(world, MatchProposed), attention(world)["match"])

    [(stream,)] = world.rows("SELECT stream FROM attention WHERE topic = 'match'")
    world.engine.decisions.choose(stream, second["Id"], "tester")
    world.settle()

    assert held[:2] == ([], 1) and first["Id"] in held[2] and second["Id"] in held[2]
    assert [invoice.customer for invoice in world.invoices()] == ["Cedar Shop East"]


def test_a_new_customer_is_created_once_with_a_mark(world: World) -> None:
    world.wizcommerce.add_customer("Cedar Shop", **CEDAR)
    for number in range(3):
        world.wizcommerce.confirm_order(f"WC-100{number}", "Cedar Shop", LINES)

    world.settle()
    world.move(60)
    world.settle()

    [cedar] = [c for c in world.quickbooks.customers() if c["DisplayName"] == "Cedar Shop"]
    [(mark,)] = world.rows(
        "SELECT content ->> 'command_id' FROM log_readable WHERE content ->> 'verb' = 'CreateCustomer'"
    )
    assert cedar["Notes"] == f"[wizqbo:{mark}]" and cedar["PrimaryEmailAddr"]["Address"] == CEDAR["email"]
    assert writes(world) == ["create customer"] + ["create invoice"] * 3
    assert world.money() == Decimal(300)


def test_one_new_customer_seen_on_both_sides_becomes_one_whichever_is_seen_first(world: World) -> None:
    for name, first in (("Cedar Shop", "quickbooks"), ("Dune Shop", "wizcommerce")):
        email = f"desk@{name.split()[0].lower()}.example"
        sides = {
            "quickbooks": lambda n=name, e=email: world.quickbooks.add_customer(n, PrimaryEmailAddr={"Address": e}),
            "wizcommerce": lambda n=name, e=email: world.wizcommerce.add_customer(n, email=e),
        }
        world.engine.people.pause("acme", "a fair", "tester")
        sides.pop(first)()
        later(world)
        [other] = sides.values()
        other()
        later(world)
        world.engine.people.resume("acme", "tester")

        world.wizcommerce.confirm_order(f"WC-{name}", name, LINES)
        world.settle()

        assert customers_called(world, name) == 1
    assert writes(world) == ["create invoice"] * 2


def test_new_customers_observed_on_both_sides_at_once_are_one_each(world: World) -> None:
    names = ["Cedar Shop", "Dune Shop", "Elm Shop", "Fern Shop"]
    for name in names:
        world.quickbooks.add_customer(name, PrimaryEmailAddr={"Address": f"{name[:3]}@shop.example"})
        world.wizcommerce.add_customer(name, email=f"{name[:3]}@shop.example")
    world.deliver_and_open()
    world.move(10)

    def observe() -> None:
        while world.engine.observer.step():
            pass

    observers = [threading.Thread(target=observe) for _ in range(2)]
    for observer in observers:
        observer.start()
    for observer in observers:
        observer.join()
    for name in names:
        world.wizcommerce.confirm_order(f"WC-{name[:3]}", name, LINES)
    world.settle()

    assert writes(world) == ["create invoice"] * 4
    assert [customers_called(world, name) for name in names] == [1, 1, 1, 1]
