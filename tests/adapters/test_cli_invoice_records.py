"""What people read and say about WizCommerce's records of invoices at the command line."""

from decimal import Decimal

from adapters.standin.faults import FaultRule
from tests.adapters.command_line import done, told
from tests.invoice_records import sell
from tests.invoice_records import told as recorded
from tests.payments import by_bookkeeper, invoiced
from tests.world import World


def refusing(world: World) -> str:
    """An invoice of which WizCommerce would not be told. Answers with its id."""
    sell(world)
    rules = world.wizcommerce.standin.faults
    world.wizcommerce.do(rules.add, FaultRule("403", method="POST", path="/invoices"))
    return invoiced(world)


def test_an_orders_story_tells_of_its_record(world: World) -> None:
    by_bookkeeper(world, "receive-payment", invoices=[invoiced(world)], TotalAmt=30)

    text = done(world, "history", "order", "WC-1001")

    assert "its record in WizCommerce: " in text
    assert (
        "wizqbo decided to tell WizCommerce of the invoice, because QuickBooks shows invoice WC-1001: total 100.00, paid 30.00"
        in text
    )
    assert "WizCommerce has its record of invoice WC-1001 (its id " in text
    assert "Next: nothing; invoice WC-1001 stands in QuickBooks." in text
    assert done(world, "history", "invoice", "WC-1001").startswith("Invoice WC-1001, connection acme\n")


def test_a_refused_record_is_pending_with_what_to_type_and_goes_when_it_is_tried_again(world: World) -> None:
    refusing(world)

    [row] = told(world, "pending", "acme")["pending"]
    assert (row["kind"], row["number"], row["state"]) == ("invoice", "WC-1001", "WizCommerce said no")
    assert "has no permission" in row["reason"] and "permission" in row["next_step"]
    story = done(world, "history", "order", "WC-1001")
    assert "Next: WizCommerce's record of it: " in story and "`wizqbo retry invoice WC-1001`" in story

    done(world, "--as", "admin", "retry", "invoice", "WC-1001")
    world.settle()

    assert recorded(world) == [("WC-1001", Decimal("100.00"), Decimal(0), "PENDING")]
    assert told(world, "pending", "acme")["pending"] == []


def test_a_refused_record_is_never_sent_if_a_person_says_so(world: World) -> None:
    invoice = refusing(world)

    said = done(world, "--as", "admin", "never-send", "invoice", "WC-1001", "--because", "told by phone")
    by_bookkeeper(world, "receive-payment", invoices=[invoice], TotalAmt=30)

    assert said == "invoice WC-1001: never send: told by phone\n"
    assert (recorded(world), told(world, "pending", "acme")["pending"]) == ([], [])
    assert "`wizqbo push invoice WC-1001` if it should go after all" in done(world, "history", "invoice", "WC-1001")


def test_nothing_is_pending_where_records_are_off(world: World) -> None:
    done(world, "--as", "admin", "set", "acme", "invoice-records", "off")
    invoiced(world)

    assert told(world, "pending", "acme")["pending"] == []
    assert "no invoice records are kept in WizCommerce" in done(world, "history", "invoice", "WC-1001")


def test_what_was_told_is_in_the_changes(world: World) -> None:
    sell(world)
    invoiced(world)
    day = world.clock.now().date().isoformat()

    rows = told(world, "changes", "acme", "--from", "2026-01-01", "--to", day)
    found = [row for row in rows if row["kind"] == "invoice record"]

    assert [(row["number"], row["total"], row["because_of"]) for row in found] == [
        ("WC-1001", "100.00", "invoice WC-1001")
    ]
