"""What people read and say at the command line about invoices made in QuickBooks and the orders they become."""

from decimal import Decimal
from typing import Any

from adapters.standin.faults import FaultRule
from tests.adapters.command_line import done, refused, told
from tests.born import at_a_glance, born, item_of, orders, sold, vase
from tests.payments import by_bookkeeper
from tests.shop import Shop


def pending(shop: Shop) -> list[dict[str, Any]]:
    """What is pending of orders."""
    rows = told(shop.world, "pending", "acme")["pending"]
    return [row for row in rows if row["kind"] == "order"]


def test_the_story_of_an_order_begins_with_its_invoice(shop: Shop) -> None:
    invoice = born(shop)
    by_bookkeeper(shop.world, "edit-invoice", Id=invoice, Line=[sold(vase(shop), 2)])

    text = done(shop.world, "history", "order", "B-1")
    assert text.startswith("Order B-1, connection acme\n")
    assert "QuickBooks showed invoice B-1: 1 line, total 100.00, balance 100.00" in text
    assert "wizqbo decided to make it an order in WizCommerce, because invoice B-1 was made in QuickBooks" in text
    assert "Attempt 1: sending to WizCommerce: order B-1, customer " in text
    assert "WizCommerce has order B-1 (its id " in text
    assert (
        "wizqbo decided to change the order in WizCommerce, because the invoice changed after its order was made"
        in text
    )
    assert "Attempt 1: sending to WizCommerce: total 100.00 → 50.00, lines" in text
    assert "its record in WizCommerce: " in text
    assert text.rstrip().endswith("Next: nothing; invoice B-1 stands in QuickBooks.")


def test_an_invoice_that_needs_a_person_is_pending_with_what_to_type(shop: Shop) -> None:
    invoice = born(shop, lines=[sold(vase(shop)), sold(item_of(shop, "BOWL-02"), -1, "12.50")])

    [row] = pending(shop)
    assert (row["kind"], row["number"], row["state"]) == ("order", "B-1", "needs you")
    assert (
        row["reason"].startswith("a line is below zero (-12.50)")
        and "`wizqbo never-send order B-1`" in row["next_step"]
    )
    story = done(shop.world, "history", "order", "B-1")
    assert "wizqbo decided not to send it: a line is below zero" in story and "Next: Correct the invoice" in story

    said = done(shop.world, "--as", "admin", "never-send", "order", "B-1", "--because", "a return")
    assert said == "order B-1: never send: a return\n"
    assert pending(shop) == []
    assert "`wizqbo push order B-1` if it should become an order after all" in done(
        shop.world, "history", "order", invoice
    )
    assert "It is settled" in refused(shop.world, "--as", "admin", "never-send", "order", "B-1", "--because", "again")


def test_what_waits_for_an_item_and_what_was_refused_is_pending_and_tried_again(shop: Shop) -> None:
    odd = shop.item("ODD-09", price="0")
    shop.world.settle()
    born(shop, lines=[sold(odd, 1, "30.00")])
    rules = shop.world.wizcommerce.standin.faults
    shop.world.wizcommerce.do(rules.add, FaultRule("403", method="POST", path="/orders"))
    born(shop, "B-2")

    rows = {row["number"]: row for row in pending(shop)}
    assert (rows["B-1"]["state"], rows["B-2"]["state"]) == ("waiting", "WizCommerce said no")
    assert rows["B-1"]["reason"].startswith("WizCommerce does not show ODD-09: the item has no price")
    assert "ODD-09" in done(shop.world, "history", "order", "B-1")

    done(shop.world, "--as", "admin", "retry", "order", "B-2")
    shop.world.settle()
    assert [one["display_id"] for one in orders(shop.world)] == ["B-2"]


def test_a_person_pushes_by_number_what_is_not_pulled_by_itself(shop: Shop) -> None:
    done(shop.world, "--as", "admin", "set", "acme", "pull-invoices", "none")
    born(shop)
    assert pending(shop) == []
    assert "do not become orders here" in done(shop.world, "history", "order", "B-1")

    done(shop.world, "--as", "admin", "push", "order", "B-1")
    shop.world.settle()

    assert at_a_glance(shop.world) == [("B-1", "confirmed", Decimal("100.00"))]
    assert "It is order B-1 of WizCommerce already" in refused(shop.world, "--as", "admin", "push", "order", "B-1")
    assert "invoices made in QuickBooks: none becomes an order" in done(shop.world, "policy", "acme")


def test_an_order_edited_in_wizcommerce_is_listed_until_a_person_lets_it_stand(shop: Shop) -> None:
    born(shop)
    shop.world.move(2)
    shop.world.wizcommerce.edit_order("B-1", [("VASE-01", 1, "25.00")])
    shop.world.settle()

    [row] = pending(shop)
    assert (row["number"], row["state"]) == ("B-1", "needs you") and "`wizqbo dismiss order B-1`" in row["next_step"]
    [order] = told(shop.world, "orders", "acme", "--differs")[0]["orders"]
    assert (order["order"], order["differs"]) == ("B-1", "total 25.00, invoiced 100.00")

    done(shop.world, "--as", "admin", "dismiss", "order", "B-1")
    assert pending(shop) == []


def test_orders_and_their_invoices_stand_side_by_side(shop: Shop) -> None:
    invoice = born(shop, TxnDate="2026-01-15")
    ended = born(shop, "B-2")
    by_bookkeeper(shop.world, "delete-invoice", Id=ended)
    by_bookkeeper(shop.world, "receive-payment", invoices=[invoice], TotalAmt=30)

    [found] = told(shop.world, "orders", "acme")
    rows = {row["order"]: row for row in found["orders"]}
    assert (rows["B-1"]["invoice"], rows["B-1"]["paid"], rows["B-1"]["differs"]) == ("B-1", "30.00", "")
    assert (rows["B-2"]["status"], rows["B-2"]["differs"]) == ("cancelled", "")


def test_what_was_made_and_changed_is_in_the_changes(shop: Shop) -> None:
    invoice = born(shop)
    by_bookkeeper(shop.world, "void-invoice", Id=invoice)
    day = shop.world.clock.now().date().isoformat()

    rows = told(shop.world, "changes", "acme", "--from", "2026-01-01", "--to", day)
    found = [row for row in rows if row["kind"] == "order"]

    assert [(row["number"], row["system"]) for row in found] == [("B-1", "wizcommerce")] * 2
    assert {(one["field"], one["new"]) for one in found[1]["changes"]} == {("cancelled", "yes")}
