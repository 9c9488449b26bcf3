"""QuickBooks said no, or will: may I change the number, the date, the term or the item, and nothing else?"""

from datetime import timedelta

import pytest

from engine.domain.events import CommandAbandoned, InvoiceOverridden
from tests.adapters.command_line import ask, done, refused
from tests.stories.test_invoice_details import BLOOM, sold, wire
from tests.telling import VASES, by_looking_only, confirm, creates, events, pass_by, request_ids, tags
from tests.world import World

EDIT = ("--as", "admin", "edit-and-retry", "order", "WC-1001")


def _taken(world: World, number: str) -> None:
    """A bookkeeper made an invoice of this number, and we do not know."""
    by_looking_only(world)
    [customer] = world.quickbooks.customers()
    detail = {"ItemRef": {"value": world.quickbooks.items()[0]["Id"]}, "Qty": 1, "UnitPrice": 10}
    line = {"DetailType": "SalesItemLineDetail", "Amount": 10, "SalesItemLineDetail": detail}
    world.quickbooks.by_hand("add-invoice", CustomerRef={"value": customer["Id"]}, DocNumber=number, Line=[line])


def _close(world: World, days_ago: int = 0) -> str:
    """The books are closed until so many days ago, and we know."""
    until = (world.clock.now() - timedelta(days=days_ago)).date().isoformat()
    world.quickbooks.by_hand("set-preferences", AccountingInfoPrefs={"BookCloseDate": until})
    world.settle()
    return until


def test_the_number_of_an_order_that_was_refused_and_then_cancelled_is_free(world: World) -> None:
    by_looking_only(world)
    world.quickbooks.by_hand("close-books", date=world.their_clock.now().date().isoformat())
    confirm(world)
    pass_by(world, 5)
    world.wizcommerce.cancel_order("WC-1001")
    pass_by(world, 5)

    assert len(creates(world)) == 1 and world.invoices() == []
    assert world.engine.around.holder_of_number("acme", "WC-1001", "") == ""


def test_the_number_is_taken_may_i_give_the_invoice_another_one(world: World) -> None:
    _taken(world, "WC-1001")
    confirm(world)
    assert "This document number is used already" in world.where("WC-1001")
    step = "or ours: `wizqbo edit-and-retry order WC-1001 --number NUMBER`"
    assert step in done(world, "pending") and step in done(world, "history", "order", "WC-1001")

    said = done(world, *EDIT, "--number", "WC-1001-B")
    world.settle()

    assert said.startswith("order WC-1001: waiting")
    assert sorted(i.doc_number for i in world.invoices()) == ["WC-1001", "WC-1001-B"]
    assert len(set(request_ids(world))) == len(creates(world)) == 2
    assert world.where("WC-1001") == "sent: invoice WC-1001-B"
    story = done(world, "history", "order", "WC-1001")
    assert "admin decided in what its invoice differs from the order: number WC-1001-B" in story
    assert "admin asked for another try" in story and "because a person changed what was refused" in story
    [told_of] = world.rows("SELECT summary, who FROM audit_trail WHERE event = 'invoice-overridden'")
    assert told_of == ("its invoice: number WC-1001-B", "admin")


def test_the_books_are_closed_may_i_date_the_invoice_later(world: World) -> None:
    until = _close(world)
    confirm(world)
    assert "edit-and-retry order WC-1001 --date DATE" in done(world, "pending")
    assert f"The books are closed until {until}" in refused(world, *EDIT, "--date", until)
    tomorrow = (world.clock.now() + timedelta(days=1)).date().isoformat()

    done(world, *EDIT, "--date", tomorrow)
    world.settle()

    assert wire(world)["TxnDate"] == tomorrow and "ordered " in wire(world)["PrivateNote"]
    assert str(wire(world)["TotalAmt"]) == "100.00" and wire(world)["DocNumber"] == "WC-1001"
    assert f"invoiced under {tomorrow}, as a person chose" in done(world, "orders", "--differs")


def test_the_item_has_another_name_there_may_i_say_which_it_is(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", BLOOM, [("GLASS-9", 3, "10.00"), ("BOWL-02", 1, "12.50")])
    world.settle()

    assert "QuickBooks has no active item with SKU LAMP-03" in refused(world, *EDIT, "--map", "GLASS-9=LAMP-03")
    assert "The order has no line with SKU VASE-01. Its SKUs: GLASS-9, BOWL-02" in refused(
        world, *EDIT, "--map", "VASE-01=GLASS-9"
    )
    assert world.invoices() == []
    done(world, *EDIT, "--map", "glass-9=VASE-01")
    world.settle()

    assert [(item, amount) for item, amount, _ in sold(wire(world))] == [("VASE-01", "30.00"), ("BOWL-02", "12.50")]
    assert "SKU glass-9 goes to item VASE-01" in done(world, "history", "order", "WC-1001")


def test_the_buyer_was_promised_another_term_may_i_choose_it(world: World) -> None:
    term = world.quickbooks.by_hand("add-term", Name="Net 45", DueDays=45)["Id"]
    world.engine.schedule.due_now("acme", "changes")
    world.engine.people.pause("acme", "month end", "tester")
    confirm(world)

    assert "QuickBooks has no payment term 'Net 46'. There are: " in refused(world, *EDIT, "--term", "Net 46")
    done(world, *EDIT, "--term", "net 45")
    world.engine.people.resume("acme", "tester")
    world.settle()

    assert wire(world)["SalesTermRef"]["value"] == term
    assert "term Net 45" in done(world, "history", "order", "WC-1001")


def test_a_second_edit_takes_the_place_of_the_first_and_an_empty_value_takes_it_back(world: World) -> None:
    world.engine.people.pause("acme", "month end", "tester")
    confirm(world)
    for more in (("--number", "A-1"), ("--number", "B-1", "--date", "2026-12-31"), ("--date", "")):
        done(world, *EDIT, *more)

    override = world.order("WC-1001").override
    assert (override.number, override.dated) == ("B-1", None)
    assert tags(world).count("invoice-overridden") == 3
    done(world, *EDIT, "--number", "B-1")
    assert tags(world).count("invoice-overridden") == 3  # nothing new was decided
    done(world, *EDIT, "--number", "")
    world.engine.people.resume("acme", "tester")
    world.settle()

    assert [i.doc_number for i in world.invoices()] == ["WC-1001"]
    assert "admin decided that its invoice is as the order says" in done(world, "history", "order", "WC-1001")


def test_is_it_edited_while_nobody_knows_whether_it_arrived(world: World) -> None:
    by_looking_only(world)
    world.quickbooks.add_fault("reset-before", operation="create invoice")
    confirm(world)

    assert "Whether an attempt arrived is being checked" in refused(world, *EDIT, "--number", "B-1")
    pass_by(world)

    assert [i.doc_number for i in world.invoices()] == ["WC-1001"]
    assert "It is invoice WC-1001 already" in refused(world, *EDIT, "--number", "B-1")
    assert not any(isinstance(event, InvoiceOverridden) for event in events(world))


def test_is_the_edit_kept_when_the_order_changes_before_it_goes(world: World) -> None:
    world.engine.people.pause("acme", "month end", "tester")
    confirm(world)
    done(world, *EDIT, "--number", "B-1")
    world.wizcommerce.edit_order("WC-1001", [("BOWL-02", 2, "12.50")])
    pass_by(world, 3)
    world.engine.people.resume("acme", "tester")
    world.settle()

    assert [(i.doc_number, str(i.total)) for i in world.invoices()] == [("B-1", "25.00")]
    assert "after-the-invoice" not in world.order("WC-1001").attention


def test_an_order_that_waits_for_something_else_too_keeps_the_edit_and_says_so(world: World) -> None:
    _close(world)
    world.wizcommerce.confirm_order("WC-1001", BLOOM, [*VASES, ("GLASS-9", 1, "10.00")])
    world.settle()
    tomorrow = (world.clock.now() + timedelta(days=1)).date().isoformat()

    said = done(world, *EDIT, "--date", tomorrow)
    world.quickbooks.add_item("GLASS-9", price="10.00")
    world.settle()

    assert "waiting: QuickBooks has no active item with SKU GLASS-9" in said
    assert wire(world)["TxnDate"] == tomorrow


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Say what to change"),
        (("--number", "W" * 22), "has 22 characters; QuickBooks takes 21"),
        (("--number", "WC\n1"), "no line breaks"),
        (("--number", "WC-1002"), "WC-1002 is the number of order WC-1002 already"),
        (("--date", "tomorrow"), "Write a date as 2026-11-01, not 'tomorrow'"),
        (("--date", "2026-02-30"), "Write a date"),
        (("--map", "GLASS-9"), "Write --map as SKU=ITEM"),
        (("--map", "=VASE-01"), "Write --map as SKU=ITEM"),
        (("--term", "whenever"), "QuickBooks has no payment term 'whenever'"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_nothing_is_recorded(
    world: World, words: tuple[str, ...], said: str
) -> None:
    world.engine.people.pause("acme", "month end", "tester")
    confirm(world)
    confirm(world, "WC-1002")

    assert said in refused(world, *EDIT, *words)
    assert "invoice-overridden" not in tags(world)


def test_price_quantity_discount_tax_and_method_are_no_options(world: World) -> None:
    confirm(world)
    for option in ("--price", "--quantity", "--discount", "--tax", "--method"):
        assert ask(world, *EDIT, option, "1").exit_code == 2
    assert ask(world, "--as", "admin", "edit-and-retry", "customer", BLOOM, "--number", "1").exit_code == 2
    assert "Say who acts" in refused(world, "edit-and-retry", "order", "WC-1001", "--number", "1")
    assert "No order 'WC-7' was ever seen" in refused(
        world, "--as", "admin", "edit-and-retry", "order", "WC-7", "--number", "1"
    )


def test_a_company_that_lets_quickbooks_number_has_no_number_to_choose(world: World) -> None:
    world.quickbooks.by_hand("set-preferences", SalesFormsPrefs={"CustomTxnNumbers": False})
    pass_by(world, 5)
    world.engine.people.pause("acme", "month end", "tester")
    confirm(world)

    assert "QuickBooks numbers the invoices of this company itself" in refused(world, *EDIT, "--number", "B-1")


def test_an_order_that_a_person_never_sends_is_not_edited_on_the_side(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", BLOOM, [("GLASS-9", 1, "10.00")])
    world.settle()
    done(world, "--as", "admin", "never-send", "order", "WC-1001", "--because", "paid in cash")

    assert "`wizqbo push order WC-1001` takes that back" in refused(world, *EDIT, "--map", "GLASS-9=VASE-01")


def test_an_order_that_is_withheld_while_a_person_asks_for_it_is_not_given_up_for_ever(world: World) -> None:
    """What follows by itself from what a person asked for is not that person's never-send."""
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("LATE-01", 4, "25.00")])
    world.settle()
    day = world.clock.now().date().isoformat()
    world.quickbooks.by_hand("set-preferences", AccountingInfoPrefs={"BookCloseDate": day})
    pass_by(world, 5)
    world.engine.people.push(world.order_stream("WC-1001"), "admin")
    withheld = world.where("WC-1001")
    world.quickbooks.by_hand("set-preferences", AccountingInfoPrefs={"BookCloseDate": "2020-01-01"})
    world.quickbooks.add_item("LATE-01", price="25.00")
    pass_by(world, 5)

    assert "the books are closed until" in withheld
    assert world.where("WC-1001") == "sent: invoice WC-1001"
    told = done(world, "history", "order", "WC-1001")
    assert [event.by_itself for event in events(world) if isinstance(event, CommandAbandoned)] == [True]
    assert "admin decided never" not in told
