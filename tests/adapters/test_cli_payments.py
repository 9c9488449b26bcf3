"""What people read and say about payments at the command line."""

from tests.adapters.command_line import done, refused, told
from tests.payments import by_bookkeeper, by_seller, invoiced, payment, payments, take
from tests.world import World


def test_a_payment_that_waits_is_listed_under_its_orders_number_and_place(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("FERN-09", 4, "25.00")], amount_paid=40)
    world.settle()

    [order, deposit] = told(world, "pending", "acme")["pending"]

    assert (order["kind"], deposit["kind"], deposit["number"], deposit["state"]) == (
        "order",
        "payment",
        "WC-1001/1",
        "waiting",
    )
    assert deposit["reason"].startswith("the invoice of order WC-1001 is not in QuickBooks yet")


def test_a_payment_that_needs_a_person_says_what_to_type(world: World) -> None:
    by_bookkeeper(world, "receive-payment", invoices=[invoiced(world)], PaymentRefNum="4711")
    take(world, "100.00")

    text = done(world, "pending", "acme")
    assert "needs you" in text and "QuickBooks has payment 4711 of" in text
    assert "`wizqbo never-send payment WC-1001/1 --because TEXT` if QuickBooks has this money already" in text
    assert "`wizqbo push payment WC-1001/1` sends it all the same" in text

    said = done(world, "--as", "admin", "never-send", "payment", "WC-1001/1", "--because", "it is cheque 4711")
    assert said == "payment WC-1001/1: never send: it is cheque 4711\n"
    assert told(world, "pending", "acme")["pending"] == []
    assert len(payments(world)) == 1


def test_an_orders_story_tells_of_its_payments(world: World) -> None:
    invoiced(world)
    take(world, "40.00", method="card")
    [wire] = world.quickbooks.payments()

    text = done(world, "history", "order", "WC-1001")

    assert "40.00 was taken by card in WizCommerce for order WC-1001 (paid 0.00 → 40.00): payment 1" in text
    assert "payment WC-1001/1: " in text
    assert "wizqbo decided to create a payment in QuickBooks, because 40.00 was paid for order WC-1001" in text
    assert f"Attempt 1 arrived: QuickBooks has payment WC-1001/1 (its id {wire['Id']}), total 40.00" in text
    assert "Next: nothing; invoice WC-1001 stands in QuickBooks." in text


def test_a_payments_own_story_begins_with_the_rise(world: World) -> None:
    invoiced(world)
    take(world, "40.00")
    [wire] = world.quickbooks.payments()

    by_number = done(world, "history", "payment", "WC-1001/1")

    assert by_number == done(world, "history", "payment", wire["Id"])
    assert by_number.startswith("Payment WC-1001/1, connection acme\n")
    assert f"Next: nothing; QuickBooks has it as payment {wire['Id']}." in by_number


def test_after_money_went_back_the_order_says_what_comes_next_until_it_is_dismissed(world: World) -> None:
    invoiced(world)
    take(world, "100.00")
    by_seller(world, "refund", display_id="WC-1001", amount=60)

    text = done(world, "history", "order", "WC-1001")
    [row] = told(world, "pending", "acme")["pending"]
    assert "Needs a person: money of the order went back in WizCommerce: paid 100.00 → 40.00" in text
    assert "then `wizqbo dismiss order WC-1001`: what was paid since goes after that." in text
    assert (row["state"], row["number"]) == ("needs you", "WC-1001")

    done(world, "--as", "admin", "dismiss", "order", "WC-1001", "money-back")
    assert told(world, "pending", "acme")["pending"] == []


def test_a_refused_payment_is_tried_again_by_its_number(world: World) -> None:
    world.quickbooks.add_fault("fault", operation="create payment", code="2500")
    invoiced(world)
    take(world, "40.00")
    assert "`wizqbo retry payment WC-1001/1`" in done(world, "history", "payment", "WC-1001/1")

    done(world, "--as", "admin", "retry", "payment", "WC-1001/1")
    world.settle()

    assert [reference for reference, _, _ in payments(world)] == ["WC-1001/1"]
    assert payment(world).payment_id


def test_a_payment_made_in_quickbooks_has_a_story_in_which_nothing_is_sent(world: World) -> None:
    cheque = by_bookkeeper(world, "receive-payment", invoices=[invoiced(world)], PaymentRefNum="4711")
    world.move(5)
    world.settle()

    assert "Next: nothing; it was made in QuickBooks." in done(world, "history", "payment", "4711")
    assert "Nothing was asked for it yet" in refused(world, "--as", "admin", "retry", "payment", cheque["Id"])


def test_what_a_payment_changed_is_in_the_changes(world: World) -> None:
    invoiced(world)
    take(world, "40.00")
    day = world.clock.now().date().isoformat()

    found = [
        row for row in told(world, "changes", "acme", "--from", "2026-01-01", "--to", day) if row["kind"] == "payment"
    ]

    assert [(row["number"], row["total"], row["because_of"]) for row in found] == [
        ("WC-1001/1", "40.00", "payment WC-1001/1")
    ]
