"""What becomes of an order that began as an invoice in QuickBooks: edits, voids, payments, copies, and what people do in
WizCommerce."""

from datetime import timedelta
from decimal import Decimal

import pytest

from adapters.standin.faults import FaultRule
from engine.domain.drafts import OrderUpdate
from engine.domain.events import AttemptStarted
from engine.domain.invoice_born import draft_of_order
from engine.domain.values import Personal
from engine.log import Cause, Entry
from tests.born import (
    at_a_glance,
    born,
    invoices_of,
    item_of,
    order_of,
    order_shown,
    orders,
    sold,
    told,
    vase,
    where,
    writes,
)
from tests.payments import by_bookkeeper, by_seller, payments, take
from tests.shop import Shop
from tests.telling import number_by_quickbooks, pass_by
from tests.world import CONNECTION

ONE = [("B-1", "confirmed", Decimal("100.00"))]


def look_around(shop: Shop) -> None:
    """What changed on either side is looked at again, whatever signals said."""
    pass_by(shop.world, 30)
    shop.pull("changes", "orders")


# ---- edits in QuickBooks ---------------------------------------------------------------------------------------------------


def test_an_edit_is_laid_over_what_stands_in_wizcommerce(shop: Shop) -> None:
    world = shop.world
    invoice = born(shop, CustomerMemo={"value": "Thank you"}, PrivateNote="by phone")
    world.move(2)
    by_seller(world, "edit-order", display_id="B-1", internal_note="shelf 4", shipping_method="Own van", settle=False)
    take(world, "30.00", "B-1", settle=False)
    by_seller(world, "pick", display_id="B-1", sku="VASE-01", quantity=2, settle=False)
    by_seller(world, "ship", display_id="B-1", sku="VASE-01", quantity=1)

    lines = [sold(vase(shop), 3, "25.00"), sold(item_of(shop, "BOWL-02"), 2, "12.50")]
    by_bookkeeper(world, "edit-invoice", Id=invoice, Line=lines, CustomerMemo={"value": "With thanks"})

    order = order_shown(world)
    told_lines = [(x["sku"], x["quantity"], x["picked_quantity"], x["shipped_quantity"]) for x in order["line_items"]]
    assert told_lines == [("VASE-01", 3, 2, 1), ("BOWL-02", 2, 0, 0)]
    assert (order["amount"], order["amount_paid"], order["payment_status"]) == (100, 30, "PARTIALLY_PAID")
    assert (order["internal_note"], order["shipping_method"], order["customer_note"]) == (
        "shelf 4",
        "Own van",
        "With thanks",
    )
    assert writes(world) == ["POST done", "PUT done"]
    assert [amount for _, amount, _ in payments(world)] == [Decimal("30.00")]
    look_around(shop)
    assert writes(world) == ["POST done", "PUT done"] and told(world, invoice) == {}


def test_a_payment_in_quickbooks_is_no_edit_of_the_order(shop: Shop) -> None:
    invoice = born(shop)
    by_bookkeeper(shop.world, "receive-payment", invoices=[invoice], TotalAmt=30)
    look_around(shop)

    assert writes(shop.world) == ["POST done"] and order_shown(shop.world)["amount_paid"] == 0


@pytest.mark.parametrize("verb", ["void-invoice", "delete-invoice"])
def test_an_invoice_that_ends_cancels_its_order(shop: Shop, verb: str) -> None:
    invoice = born(shop)
    by_bookkeeper(shop.world, verb, Id=invoice)
    look_around(shop)

    assert at_a_glance(shop.world) == [("B-1", "cancelled", Decimal("100.00"))]
    assert writes(shop.world) == ["POST done", "PATCH done"]
    assert told(shop.world, invoice) == {} and shop.world.rows("SELECT * FROM pending_work") == []


def test_an_edit_back_and_forth_is_written_each_time(shop: Shop) -> None:
    invoice = born(shop)
    for quantity in (2, 4, 2):
        by_bookkeeper(shop.world, "edit-invoice", Id=invoice, Line=[sold(vase(shop), quantity)])

    assert at_a_glance(shop.world) == [("B-1", "confirmed", Decimal("50.00"))]
    assert writes(shop.world) == ["POST done", *["PUT done"] * 3]


def test_an_edit_while_the_order_is_on_its_way_follows_it(shop: Shop) -> None:
    world = shop.world
    invoice = born(shop, lines=[sold(shop.item("NEW-07", price="0"), 1, "30.00")])
    by_bookkeeper(world, "edit-invoice", Id=invoice, Line=[sold(vase(shop), 1)])

    assert at_a_glance(world) == [("B-1", "confirmed", Decimal("25.00"))] and writes(world) == ["POST done"]


def test_an_edit_that_cannot_be_an_order_is_told(shop: Shop) -> None:
    invoice = born(shop)
    lines = [sold(vase(shop)), sold(item_of(shop, "BOWL-02"), -1, "12.50")]
    by_bookkeeper(shop.world, "edit-invoice", Id=invoice, Line=lines)

    assert at_a_glance(shop.world) == ONE
    assert told(shop.world, invoice)["after-the-order"].startswith(
        "the invoice changed after its order was made, and cannot be an order so: a line is below zero"
    )


# ---- what people do in WizCommerce -----------------------------------------------------------------------------------------


def test_an_edit_in_wizcommerce_goes_nowhere_and_is_told_until_the_invoice_is_edited(shop: Shop) -> None:
    world = shop.world
    invoice = born(shop)
    world.move(2)
    world.wizcommerce.edit_order("B-1", [("VASE-01", 1, "25.00")])
    world.settle()
    look_around(shop)
    assert invoices_of(world) == [("B-1", 100, 100)] and writes(world) == ["POST done"]
    said = told(world, invoice)["order-there"]
    assert said.startswith("order B-1 was changed in WizCommerce: lines total 25.00 instead of 100.00")
    assert where(world, invoice).startswith("sent: WizCommerce order B-1, order B-1 was changed in WizCommerce")

    by_bookkeeper(world, "edit-invoice", Id=invoice, Line=[sold(vase(shop), 2)])

    assert at_a_glance(world) == [("B-1", "confirmed", Decimal("50.00"))] and told(world, invoice) == {}


@pytest.mark.parametrize("gone", [False, True])
def test_an_order_cancelled_or_deleted_in_wizcommerce_leaves_its_invoice_and_is_told(shop: Shop, gone: bool) -> None:
    world = shop.world
    invoice = born(shop)
    world.move(2)
    if gone:
        by_seller(world, "delete-order", display_id="B-1")
    else:
        world.wizcommerce.cancel_order("B-1")
        world.settle()
    by_bookkeeper(world, "edit-invoice", Id=invoice, Line=[sold(vase(shop), 2)])

    assert invoices_of(world) == [("B-1", 50, 50)] and writes(world) == ["POST done"]
    state = "is no longer in WizCommerce" if gone else "is cancelled in WizCommerce, and its invoice stands"
    assert told(world, invoice) == {"order-there": f"order B-1 {state}"}

    world.engine.decisions.dismiss(order_of(world, invoice).stream, "order-there", "admin")
    look_around(shop)
    assert told(world, invoice) == {}


# ---- money -----------------------------------------------------------------------------------------------------------------


def test_a_rise_of_what_is_paid_pays_the_original_invoice(shop: Shop) -> None:
    world = shop.world
    invoice = born(shop)
    world.move(2)
    take(world, "30.00", "B-1")
    take(world, "70.00", "B-1")
    look_around(shop)

    assert payments(world) == [("B-1/1", Decimal("30.00"), (invoice,)), ("B-1/2", Decimal("70.00"), (invoice,))]
    assert invoices_of(world) == [("B-1", 100, 0)]


def test_what_is_paid_within_the_second_in_which_the_order_was_made_is_a_payment_too(shop: Shop) -> None:
    world = shop.world
    invoice = born(shop)
    take(world, "30.00", "B-1")
    look_around(shop)

    assert payments(world) == [("B-1/1", Decimal("30.00"), (invoice,))]


def test_what_was_paid_before_the_order_was_seen_is_no_payment_and_what_is_paid_after_is(shop: Shop) -> None:
    world = shop.world
    invoice = born(shop)
    by_bookkeeper(world, "receive-payment", invoices=[invoice], TotalAmt=20)
    look_around(shop)
    assert len(payments(world)) == 1

    take(world, "30.00", "B-1")

    assert sorted(amount for _, amount, _ in payments(world)) == [Decimal("20.00"), Decimal("30.00")]


def test_money_taken_before_we_saw_the_order_we_made_is_a_payment(shop: Shop) -> None:
    world = shop.world
    world.choose(pull_invoices="none")
    invoice = born(shop)
    by_bookkeeper(world, "receive-payment", invoices=[invoice], TotalAmt=20)
    world.wizcommerce.switch(webhooks=False)
    lost = FaultRule("reset-after", method="POST", path="/orders")
    world.wizcommerce.do(world.wizcommerce.standin.faults.add, lost)
    world.choose(pull_invoices="linked")
    world.settle()
    assert order_shown(world)["amount_paid"] == 20
    take(world, "30.00", "B-1", settle=False)
    pass_by(world, 300)
    look_around(shop)

    assert writes(world) == ["POST reset"]
    assert sorted(amount for _, amount, _ in payments(world)) == [Decimal("20.00"), Decimal("30.00")]


def test_money_taken_right_after_a_change_and_seen_before_its_answer_is_one_payment(shop: Shop) -> None:
    """The worker stood still between WizCommerce's answer and its record."""
    world = shop.world
    invoice = born(shop)
    world.move(2)
    shop.quickbooks.by_hand("edit-invoice", Id=invoice, Line=[sold(vase(shop), 2)])
    world.settle(sending=False)
    order, engine = order_of(world, invoice), world.engine
    [command] = [c for c in order.commands.values() if c.unfinished]
    draft = draft_of_order(order, command, engine.records.born_around(order))
    assert isinstance(draft, OrderUpdate)
    body, later = engine.commerce.request_body(draft), world.clock.now() + timedelta(seconds=60)
    begun = AttemptStarted(
        command_id=command.command_id,
        attempt=1,
        draft=draft,
        body=Personal(body),
        worker="w",
        send_by=later,
        answer_by=later,
    )
    cause = Cause(causation_id="a test", correlation_id="a test")
    engine.records.append(lambda: [Entry(stream=order.stream, version=order.version, events=[begun])], cause)
    by = world.clock.boottime() + 60
    answer = engine.commerce.send(CONNECTION, draft, body, command.command_id, send_by=by, answer_by=by)
    world.move(2)
    take(world, "30.00", "B-1", settle=False)
    world.settle(sending=False)
    assert len(order_of(world, invoice).paid.taken) == 1

    def late() -> list[Entry]:
        open_ = order_of(world, invoice).commands[command.command_id]
        return engine.sights.outcome(order.stream, open_, answer.remote, 0, cause, "answered")

    engine.records.append(late, cause)
    world.settle()

    assert told(world, invoice) == {} and len(order_of(world, invoice).paid.taken) == 1
    assert [amount for _, amount, _ in payments(world)] == [Decimal("30.00")]
    assert at_a_glance(world) == [("B-1", "confirmed", Decimal("50.00"))]


# ---- copies ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["copy-invoice", "split-invoice"])
def test_a_copy_of_our_invoice_waits_for_a_person(shop: Shop, how: str) -> None:
    world = shop.world
    lines = [("VASE-01", 4, "25.00"), ("BOWL-02", 2, "12.50")]
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", lines)
    world.settle()
    answer = by_bookkeeper(world, how, Id=world.invoices()[0].id)
    copy = str((answer["new"] if how == "split-invoice" else answer)["Id"])
    look_around(shop)

    assert [one["display_id"] for one in orders(world)] == ["WC-1001"] and writes(world) == []
    assert where(world, copy) == (
        "needs you: it carries our mark of the invoice of order WC-1001, which QuickBooks' copies take along"
    )

    world.engine.people.push(order_of(world, copy).stream, "admin")
    world.settle()
    assert len(orders(world)) == 2 and order_shown(world, order_of(world, copy).invoice_number)


def test_an_invoice_with_the_number_of_an_order_waits_and_can_be_left(shop: Shop) -> None:
    world = shop.world
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("NOT-THERE", 4, "25.00")])
    world.settle()
    invoice = born(shop, "WC-1001")
    assert where(world, invoice) == "needs you: its number WC-1001 is that of order WC-1001"

    world.engine.people.never_send(order_of(world, invoice).stream, "typed in by hand", "admin")
    look_around(shop)

    assert writes(world) == [] and told(world, invoice) == {}
    assert where(world, invoice) == "never send: admin decided that it is never sent: typed in by hand"


def test_a_draft_has_its_number_too(shop: Shop) -> None:
    world = shop.world
    world.wizcommerce.draft_order("WC-1001", "Bloom & Co", [("VASE-01", 4, "25.00")])
    world.settle()

    assert where(world, born(shop, "WC-1001")) == "needs you: its number WC-1001 is that of order WC-1001"


def test_where_quickbooks_counts_by_itself_a_number_says_nothing(shop: Shop) -> None:
    number_by_quickbooks(shop.world)
    first = born(shop, "")
    number = order_of(shop.world, first).invoice_number
    shop.world.wizcommerce.draft_order(str(int(number) + 1), "Bloom & Co", [("VASE-01", 4, "25.00")])
    shop.world.settle()
    second = born(shop, "")

    assert order_of(shop.world, second).invoice_number == str(int(number) + 1)
    assert where(shop.world, second).startswith("sent: ")


# ---- whose order it is -----------------------------------------------------------------------------------------------------


def test_an_order_with_the_reference_of_an_invoice_is_that_invoices(shop: Shop) -> None:
    world = shop.world
    world.choose(pull_invoices="none")
    invoice = born(shop)
    world.wizcommerce.confirm_order(
        "B-1", "Bloom & Co", [("VASE-01", 4, "25.00")], reference_id=f"QBO:acme:invoice:{invoice}"
    )
    world.settle()
    look_around(shop)

    assert order_of(world, invoice).sight is not None and len(world.invoices()) == 1
    assert where(world, invoice) == "sent: WizCommerce order B-1" and writes(world) == []


def test_a_second_order_of_one_reference_is_an_alarm_and_no_invoice(shop: Shop) -> None:
    world = shop.world
    invoice = born(shop)
    world.wizcommerce.confirm_order(
        "B-9", "Bloom & Co", [("VASE-01", 1, "25.00")], reference_id=f"QBO:acme:invoice:{invoice}"
    )
    world.settle()
    look_around(shop)

    assert len(world.invoices()) == 1
    assert "two records for this one" in told(world, invoice)["second-record"]


def test_an_order_of_a_reference_of_ours_whose_invoice_nobody_knows_is_no_invoice(shop: Shop) -> None:
    world = shop.world
    world.wizcommerce.confirm_order("B-9", "Bloom & Co", [("VASE-01", 1, "25.00")], reference_id="QBO:other:invoice:77")
    world.settle()

    assert world.invoices() == [] and world.where("B-9").startswith("needs you: ")
    world.engine.people.push(world.order_stream("B-9"), "admin")
    world.settle()
    assert len(world.invoices()) == 1
