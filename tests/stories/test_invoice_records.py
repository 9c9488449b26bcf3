"""What a seller sees in WizCommerce of an order's invoice: number, total, what is paid, when it is due; as QuickBooks has it."""

from decimal import Decimal

import pytest

from tests.invoice_records import paid_of_order, record_of, sell, shown, told, where, writes
from tests.payments import balance, by_bookkeeper, invoice_id, invoiced, payments, take
from tests.telling import VASES, pass_by
from tests.world import CONNECTION, World

PENDING = ("WC-1001", Decimal("100.00"), Decimal(0), "PENDING")


def test_an_invoice_of_an_order_is_recorded_in_wizcommerce(world: World) -> None:
    sell(world)
    invoice = invoiced(world)

    assert told(world) == [PENDING]
    [record] = shown(world)
    order = world.order("WC-1001")
    assert order.sight is not None and record["order_id"] == order.sight.remote_id
    assert record["reference_id"] == f"QBO:acme:invoice:{invoice}"
    assert [(one["name"], one["quantity"], one["amount"]) for one in record["items"]] == [
        ("Vase", 4, Decimal("100.00"))
    ]
    due = world.order("WC-1001").invoice
    assert due is not None and due.content.due is not None and f"{record['due_date']:%Y-%m-%d}" == str(due.content.due)
    assert where(world) == f"sent: WizCommerce invoice WC-1001: total 100.00, paid 0.00, due {due.content.due}"
    assert writes(world) == ["POST done"]


def test_a_payment_recorded_in_quickbooks_is_what_the_invoice_shows_as_paid(world: World) -> None:
    invoice = invoiced(world)

    cheque = by_bookkeeper(world, "receive-payment", invoices=[invoice], TotalAmt=30)
    assert told(world) == [("WC-1001", Decimal("100.00"), Decimal("30.00"), "PARTIALLY_PAID")]
    by_bookkeeper(world, "receive-payment", invoices=[invoice], TotalAmt=70)
    assert told(world) == [("WC-1001", Decimal("100.00"), Decimal("100.00"), "PAID")]
    by_bookkeeper(world, "delete-payment", Id=cheque["Id"])
    assert told(world) == [("WC-1001", Decimal("100.00"), Decimal("70.00"), "PARTIALLY_PAID")]


def test_a_credit_memo_counts_as_paid(world: World) -> None:
    invoice = invoiced(world)

    credit = by_bookkeeper(world, "make-credit-memo", invoice=invoice)
    if balance(world):
        by_bookkeeper(world, "apply-credit-memo", Id=credit["Id"], invoices=[invoice])

    assert balance(world) == 0
    assert told(world) == [("WC-1001", Decimal("100.00"), Decimal("100.00"), "PAID")]


def test_what_was_paid_in_wizcommerce_arrives_on_the_record_by_way_of_the_books(world: World) -> None:
    invoiced(world)

    world.move(2)  # what changes within the second of our own write is seen by the next poll
    take(world, "40.00")

    assert [amount for _, amount, _ in payments(world)] == [Decimal("40.00")]
    assert told(world) == [("WC-1001", Decimal("100.00"), Decimal("40.00"), "PARTIALLY_PAID")]
    assert paid_of_order(world) == 40


def test_an_edit_of_the_order_reaches_the_record_by_way_of_the_invoice(world: World) -> None:
    invoiced(world)

    world.wizcommerce.edit_order("WC-1001", [("VASE-01", 2, "25.00")])
    world.settle()

    assert told(world) == [("WC-1001", Decimal("50.00"), Decimal(0), "PENDING")]
    assert [(one["quantity"], one["amount"]) for one in shown(world)[0]["items"]] == [(2, Decimal("50.00"))]


def test_another_number_and_due_date_in_quickbooks_are_on_the_record(world: World) -> None:
    invoice = invoiced(world)

    by_bookkeeper(world, "edit-invoice", Id=invoice, DocNumber="B-77", DueDate="2027-03-01")

    [record] = shown(world)
    assert (record["invoice_number"], f"{record['due_date']:%Y-%m-%d}") == ("B-77", "2027-03-01")
    assert len(writes(world)) == 3  # the first was refused for a SKU that WizCommerce does not know


@pytest.mark.parametrize(("verb", "remarks"), [("void-invoice", "Voided"), ("delete-invoice", "Deleted")])
def test_a_voided_or_deleted_invoice_comes_to_nothing_on_the_record(world: World, verb: str, remarks: str) -> None:
    by_bookkeeper(world, "receive-payment", invoices=[invoiced(world)], TotalAmt=30)
    [cheque] = world.quickbooks.payments()
    by_bookkeeper(world, "delete-payment", Id=cheque["Id"])

    by_bookkeeper(world, verb, Id=invoice_id(world))
    pass_by(world, 3_600)

    [record] = shown(world)
    assert told(world) == [("WC-1001", 0, 0, "PAID")]
    assert (record["items"], record["remarks"]) == ([], f"{remarks} in QuickBooks.")


def test_a_cancelled_order_voids_both(world: World) -> None:
    invoiced(world)

    world.wizcommerce.cancel_order("WC-1001")
    world.settle()

    assert told(world) == [("WC-1001", 0, 0, "PAID")]


def test_nothing_but_what_changed_is_written(world: World) -> None:
    invoice = invoiced(world)
    before = len(writes(world))

    by_bookkeeper(world, "edit-invoice", Id=invoice, CustomerMemo={"value": "Thank you"})
    pass_by(world, 3 * 86_400.0)

    assert len(writes(world)) == before


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("bookkeeper_first", [True, False])
@pytest.mark.parametrize("signals", ["all", "twice", "none from quickbooks", "none from wizcommerce", "none"])
def test_what_is_paid_in_the_books_never_comes_back_as_a_payment_of_ours(
    world: World, signals: str, bookkeeper_first: bool, late: bool
) -> None:
    invoice = invoiced(world)
    world.quickbooks.set_switches(
        webhooks_on=signals not in ("none from quickbooks", "none"), webhook_duplicates=int(signals == "twice")
    )
    world.wizcommerce.switch(
        webhooks=signals not in ("none from wizcommerce", "none"), webhook_duplicates=signals == "twice"
    )

    def bookkeeper() -> None:
        world.move(2)
        world.quickbooks.by_hand("receive-payment", invoices=[invoice], TotalAmt=30)

    def seller() -> None:
        take(world, "50.00", settle=False)

    for act in (bookkeeper, seller) if bookkeeper_first else (seller, bookkeeper):
        act()
        if not late:
            world.settle()
    for _ in range(4):
        world.engine.schedule.due_now(CONNECTION)
        pass_by(world, 1_000)

    assert sorted(amount for _, amount, _ in payments(world)) == [Decimal("30.00"), Decimal("50.00")]
    assert balance(world) == Decimal("20.00")
    assert told(world) == [("WC-1001", Decimal("100.00"), Decimal("80.00"), "PARTIALLY_PAID")]
    assert paid_of_order(world) == 50
    calls = world.wizcommerce.do(lambda: list(world.wizcommerce.standin.calls.all()))
    assert [call.path for call in calls if "/orders" in call.path and call.method != "GET"] == []


def test_our_own_record_coming_back_asks_for_nothing(world: World) -> None:
    invoiced(world)

    told_us = [problem for (problem,) in world.rows("SELECT problem FROM inbox WHERE system = 'wizcommerce'")]
    assert len(told_us) >= 2 and set(told_us) == {""}


def test_records_are_off_where_a_person_says_so_and_come_when_they_are_kept_again(world: World) -> None:
    world.choose(invoice_records="off")
    by_bookkeeper(world, "receive-payment", invoices=[invoiced(world)], TotalAmt=30)
    assert (shown(world), writes(world)) == ([], [])
    assert where(world).startswith("nothing is sent: no invoice records are kept")

    world.choose(invoice_records="keep")
    world.settle()
    assert told(world) == [("WC-1001", Decimal("100.00"), Decimal("30.00"), "PARTIALLY_PAID")]

    world.choose(invoice_records="off")
    by_bookkeeper(world, "receive-payment", invoices=[invoice_id(world)], TotalAmt=70)
    assert told(world) == [("WC-1001", Decimal("100.00"), Decimal("30.00"), "PARTIALLY_PAID")]
    world.choose(invoice_records="")
    world.settle()
    assert told(world) == [("WC-1001", Decimal("100.00"), Decimal("100.00"), "PAID")]


def test_what_was_on_its_way_when_records_were_turned_off_is_not_sent(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", VASES)
    world.wizcommerce.switch(webhooks=False)
    while not world.invoices():
        world.step()
    world.settle(sending=False)
    world.choose(invoice_records="off")
    world.settle()

    assert writes(world) == []
    assert world.rows("SELECT * FROM pending_work") == []


def test_of_a_record_that_is_never_sent_nothing_more_is_written_until_it_is_pushed(world: World) -> None:
    invoice = invoiced(world)
    before = len(writes(world))
    world.engine.people.never_send(record_of(world).stream, "told by phone", "admin")

    by_bookkeeper(world, "receive-payment", invoices=[invoice], TotalAmt=30)
    assert len(writes(world)) == before
    assert where(world) == "never send: admin decided that it is never sent: told by phone"

    world.engine.people.push(record_of(world).stream, "admin")
    world.settle()
    assert told(world) == [("WC-1001", Decimal("100.00"), Decimal("30.00"), "PARTIALLY_PAID")]


def test_an_invoice_voided_before_wizcommerce_was_told_is_not_told_of(world: World) -> None:
    world.choose(invoice_records="off")
    invoice = invoiced(world)
    by_bookkeeper(world, "void-invoice", Id=invoice)

    world.choose(invoice_records="keep")
    world.settle()

    assert (shown(world), world.rows("SELECT * FROM pending_work")) == ([], [])
    assert where(world) == "nothing is sent: WizCommerce was never told of the invoice. Voided in QuickBooks."


def test_an_invoice_of_nobodys_order_is_not_told_of(world: World) -> None:
    customer = world.quickbooks.customers()[0]["Id"]
    item = world.quickbooks._in_loop(lambda: [one.wire for one in world.quickbooks.company(None).all("Item")])[0]["Id"]
    line = {
        "DetailType": "SalesItemLineDetail",
        "Amount": 25,
        "SalesItemLineDetail": {"ItemRef": {"value": item}, "Qty": 1, "UnitPrice": 25},
    }
    by_bookkeeper(world, "add-invoice", CustomerRef={"value": customer}, Line=[line], DocNumber="B-1")

    assert [one.doc_number for one in world.invoices()] == ["B-1"]
    assert writes(world) == []
