"""What an admin asks about money: is what was paid in WizCommerce on the invoice in QuickBooks, once, and nothing else?"""

from datetime import timedelta
from decimal import Decimal

from tests.payments import balance, by_bookkeeper, by_seller, invoice_id, invoiced, payment, payments, take, where
from tests.telling import VASES, attention, by_looking_only
from tests.world import World


def test_what_was_paid_in_wizcommerce_becomes_one_payment_of_the_orders_invoice(world: World) -> None:
    invoice = invoiced(world)

    take(world, "100.00")

    assert payments(world) == [("WC-1001/1", Decimal("100.00"), (invoice,))]
    assert balance(world) == 0
    [wire] = world.quickbooks.payments()
    assert wire["CustomerRef"]["value"] == world.quickbooks.customers()[0]["Id"]
    assert wire["PrivateNote"].startswith("WizCommerce order WC-1001 [wizqbo:")
    assert wire["UnappliedAmt"] == 0
    assert where(world) == f"sent: QuickBooks payment {wire['Id']}"


def test_payments_in_parts_arrive_in_order_each_once(world: World) -> None:
    invoice = invoiced(world)

    take(world, "30.00")
    take(world, "20.00")
    take(world, "50.00")

    assert payments(world) == [
        ("WC-1001/1", Decimal("30.00"), (invoice,)),
        ("WC-1001/2", Decimal("20.00"), (invoice,)),
        ("WC-1001/3", Decimal("50.00"), (invoice,)),
    ]
    assert balance(world) == 0


def test_parts_paid_before_anything_was_sent_arrive_in_order_too(world: World) -> None:
    by_looking_only(world)  # what QuickBooks shows of the invoice meanwhile is not what lets the second part go
    invoice = invoiced(world)
    take(world, "30.00", settle=False)
    world.settle(sending=False)
    take(world, "70.00", settle=False)
    world.settle(sending=False)
    assert where(world, 2).startswith("waiting: payment WC-1001/1 of 30.00 goes before it")

    world.settle()

    assert payments(world) == [
        ("WC-1001/1", Decimal("30.00"), (invoice,)),
        ("WC-1001/2", Decimal("70.00"), (invoice,)),
    ]


def test_a_deposit_waits_for_the_invoice_and_goes_by_itself(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("FERN-09", 4, "25.00")], amount_paid=40)
    world.settle()
    assert payments(world) == []
    assert where(world) == (
        "waiting: the invoice of order WC-1001 is not in QuickBooks yet: QuickBooks has no active item with SKU FERN-09"
    )

    world.quickbooks.add_item("FERN-09", price="25.00")
    world.settle()

    assert payments(world) == [("WC-1001/1", Decimal("40.00"), (invoice_id(world),))]
    assert balance(world) == Decimal("60.00")


def test_a_deposit_on_an_order_that_is_never_sent_is_a_persons_to_settle_until_the_order_goes_after_all(
    world: World,
) -> None:
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("FERN-09", 4, "25.00")], amount_paid=40)
    world.settle()

    world.engine.people.never_send(world.order_stream("WC-1001"), "sold at the counter", "admin")
    world.settle()
    assert where(world).startswith("needs you: there is no invoice that it would pay: ")

    world.quickbooks.add_item("FERN-09", price="25.00")
    world.engine.people.push(world.order_stream("WC-1001"), "admin")
    world.settle()
    assert payments(world) == [("WC-1001/1", Decimal("40.00"), (invoice_id(world),))]


def test_a_deposit_on_an_order_that_was_cancelled_is_a_persons_to_settle(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("FERN-09", 4, "25.00")], amount_paid=40)
    world.settle()

    world.wizcommerce.cancel_order("WC-1001")
    world.settle()

    assert where(world) == ("needs you: there is no invoice that it would pay: the order was cancelled in WizCommerce")
    assert (payments(world), world.invoices()) == ([], [])


def test_one_payment_across_several_orders_pays_each_of_their_invoices(world: World) -> None:
    first, second = invoiced(world, "WC-1001"), invoiced(world, "WC-1002")

    by_seller(world, "take-payments", amounts={"WC-1001": 40, "WC-1002": 60})

    assert sorted(payments(world)) == [
        ("WC-1001/1", Decimal("40.00"), (first,)),
        ("WC-1002/1", Decimal("60.00"), (second,)),
    ]


def test_a_paid_order_of_the_baseline_pays_nothing_unless_a_person_has_it_pushed(world: World) -> None:
    long_ago = world.clock.now() - timedelta(days=300)
    world.wizcommerce.confirm_order("WC-0001", "Bloom & Co", VASES, created_at=long_ago, amount_paid=100)
    world.settle()
    take(world, "10.00", "WC-0001")
    assert (payments(world), world.invoices(), world.order("WC-0001").paid.taken) == ([], [], ())

    world.engine.people.push(world.order_stream("WC-0001"), "admin")
    world.settle()

    assert [amount for _, amount, _ in payments(world)] == [Decimal("100.00")]
    assert where(world, 2, "WC-0001").startswith("needs you: invoice WC-0001 has 0.00 left to pay, less than the 10.00")


def test_a_cheque_entered_in_both_systems_is_held_naming_the_one_in_quickbooks(world: World) -> None:
    invoice = invoiced(world)
    cheque = by_bookkeeper(world, "receive-payment", invoices=[invoice], PaymentRefNum="4711", TxnDate="2026-11-20")

    take(world, "100.00")

    assert len(payments(world)) == 1
    assert where(world) == (
        "needs you: invoice WC-1001 has 0.00 left to pay, less than the 100.00 taken; QuickBooks has payment 4711 of "
        f"2026-11-20, 100.00 (its id {cheque['Id']}) for it, which may be the same money"
    )


def test_of_a_cheque_entered_in_both_systems_a_person_says_that_it_is_the_same_money(world: World) -> None:
    by_bookkeeper(world, "receive-payment", invoices=[invoiced(world)])
    take(world, "100.00")

    said = world.engine.people.never_send(payment(world).stream, "it is cheque 4711", "admin")

    world.settle()
    assert said == "never send: it is cheque 4711"
    assert len(payments(world)) == 1
    assert where(world).startswith("never send: ")


def test_a_held_payment_goes_by_itself_once_the_other_one_is_taken_off_the_invoice(world: World) -> None:
    invoice = invoiced(world)
    cheque = by_bookkeeper(world, "receive-payment", invoices=[invoice])
    take(world, "100.00")

    by_bookkeeper(world, "delete-payment", Id=cheque["Id"])

    assert payments(world) == [("WC-1001/1", Decimal("100.00"), (invoice,))]


def test_more_than_the_invoice_asks_for_is_sent_if_a_person_says_so_and_what_is_left_over_is_raised(
    world: World,
) -> None:
    invoice = invoiced(world)
    take(world, "120.00")
    assert payments(world) == []
    assert where(world).startswith("needs you: invoice WC-1001 has 100.00 left to pay, less than the 120.00 taken")

    world.engine.people.push(payment(world).stream, "admin")
    world.settle()

    assert payments(world) == [("WC-1001/1", Decimal("120.00"), (invoice,))]
    [raised] = payment(world).attention.values()
    assert raised.sentence == "20.00 of the 120.00 are applied to no invoice: they are the customer's credit"


def test_money_that_went_back_writes_nothing_and_is_a_persons_task(world: World) -> None:
    invoiced(world)
    take(world, "100.00")

    by_seller(world, "refund", display_id="WC-1001", amount=60)

    assert [amount for _, amount, _ in payments(world)] == [Decimal("100.00")]
    assert attention(world) == {"money-back": "money of the order went back in WizCommerce: paid 100.00 → 40.00"}


def test_what_is_paid_after_money_went_back_waits_until_a_person_has_seen_it(world: World) -> None:
    invoice = invoiced(world)
    take(world, "100.00")
    by_seller(world, "void-payment", display_id="WC-1001")
    take(world, "100.00")
    assert len(payments(world)) == 1

    [old] = world.quickbooks.payments()
    by_bookkeeper(world, "void-payment", Id=old["Id"])
    assert len(payments(world)) == 1
    world.engine.decisions.dismiss(world.order_stream("WC-1001"), "money-back", "admin")
    world.settle()

    assert payments(world)[1:] == [("WC-1001/2", Decimal("100.00"), (invoice,))]
    assert balance(world) == 0
    assert attention(world) == {}


def test_a_payment_that_had_not_been_sent_when_money_went_back_waits_for_a_person(world: World) -> None:
    invoiced(world)
    take(world, "100.00", settle=False)
    world.settle(sending=False)
    by_seller(world, "refund", display_id="WC-1001", amount=60)

    assert payments(world) == []
    assert where(world).startswith("needs you: money of the order went back in WizCommerce: paid 100.00 → 40.00")
    world.engine.people.never_send(payment(world).stream, "40.00 are entered by hand", "admin")
    world.engine.decisions.dismiss(world.order_stream("WC-1001"), "money-back", "admin")
    world.settle()
    assert payments(world) == []


def test_a_payment_recorded_in_quickbooks_never_comes_back_as_one_of_ours(world: World) -> None:
    invoice = invoiced(world)

    by_bookkeeper(world, "receive-payment", invoices=[invoice], TotalAmt=30)
    world.move(3600)
    world.settle()
    take(world, "70.00")

    assert [amount for _, amount, _ in payments(world)] == [Decimal("30.00"), Decimal("70.00")]
    assert balance(world) == 0
    order = world.wizcommerce.do(lambda: dict(world.wizcommerce.standin.desk.records.order_shown_as("WC-1001") or {}))
    assert order["amount_paid"] == 70


def test_nothing_of_a_deposited_payment_is_written(world: World) -> None:
    invoiced(world)
    take(world, "100.00")
    [wire] = world.quickbooks.payments()
    by_bookkeeper(world, "deposit-payment", Id=wire["Id"])
    calls = len(
        [c for c in world.quickbooks.calls.all() if "ayment" in c.operation and c.operation.startswith("create")]
    )

    by_seller(world, "refund", display_id="WC-1001")
    by_bookkeeper(world, "undeposit", Id=wire["Id"])

    written = [
        c
        for c in world.quickbooks.calls.all()
        if "ayment" in c.operation and not c.operation.startswith(("query", "read"))
    ]
    assert len(written) == calls == 1


def test_a_payment_of_closed_books_is_held_by_itself_and_goes_when_they_are_open(world: World) -> None:
    invoice = invoiced(world)
    take(world, "100.00", settle=False)
    world.settle(sending=False)
    closed = world.clock.now().date().isoformat()
    world.quickbooks.by_hand("set-preferences", AccountingInfoPrefs={"BookCloseDate": closed})
    world.move(25 * 3600)
    world.settle()

    assert payments(world) == []
    assert where(world).startswith(f"needs you: the books are closed until {closed}; a payment of ")

    world.quickbooks.by_hand("set-preferences", AccountingInfoPrefs={"BookCloseDate": None})
    world.move(25 * 3600)
    world.settle()
    assert payments(world) == [("WC-1001/1", Decimal("100.00"), (invoice,))]


def test_a_voided_payment_is_told_once(world: World) -> None:
    invoiced(world)
    take(world, "100.00")
    [wire] = world.quickbooks.payments()

    by_bookkeeper(world, "void-payment", Id=wire["Id"])

    [raised] = payment(world).attention.values()
    assert raised.sentence.startswith("the payment was voided in QuickBooks")
    world.engine.decisions.dismiss(payment(world).stream, "", "admin")
    world.settle()
    assert payment(world).attention == {}
    assert [amount for _, amount, _ in payments(world)] == [Decimal(0)]


def test_method_and_account_of_a_payment_are_what_was_chosen(world: World) -> None:
    accounts = world.quickbooks._in_loop(lambda: [a.wire for a in world.quickbooks.company(None).all("Account")])
    bank = next(a["Id"] for a in accounts if a["AccountType"] == "Bank")
    methods = world.quickbooks._in_loop(lambda: [m.wire for m in world.quickbooks.company(None).all("PaymentMethod")])
    world.choose(deposit_account=bank, payment_methods=f"Offline cheque={methods[0]['Id']}")
    invoiced(world)

    take(world, "40.00", method="offline CHEQUE")
    take(world, "60.00", method="by pigeon")

    first, second = world.quickbooks.payments()
    assert first["PaymentMethodRef"]["value"] == methods[0]["Id"]
    assert "PaymentMethodRef" not in second
    assert [one["DepositToAccountRef"]["value"] for one in (first, second)] == [bank, bank]
