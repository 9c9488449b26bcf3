"""Invoices made in QuickBooks become orders of WizCommerce: which, with what on them, and each exactly once."""

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.invoicing import SHIPPING
from tests.born import (
    Wire,
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
    write_invoice,
    writes,
)
from tests.invoice_records import shown as records_shown
from tests.invoice_records import told as records_told
from tests.payments import by_bookkeeper
from tests.shop import Shop
from tests.telling import LONG_AFTER, number_by_quickbooks, pass_by
from tests.world import CONNECTION

ONE = [("B-1", "confirmed", Decimal("100.00"))]
STREET = {
    "Line1": "12 Mill Rd",
    "Line2": "Unit 4",
    "City": "Dover",
    "CountrySubDivisionCode": "DE",
    "PostalCode": "19901",
}


def test_an_invoice_made_in_quickbooks_becomes_one_order(shop: Shop) -> None:
    invoice = born(shop)

    assert at_a_glance(shop.world) == ONE
    order = order_shown(shop.world)
    assert order["reference_id"] == f"QBO:acme:invoice:{invoice}"
    assert [(one["sku"], one["quantity"], one["unit_price"]) for one in order["line_items"]] == [("VASE-01", 4, 25)]
    assert where(shop.world, invoice) == "sent: WizCommerce order B-1"
    assert writes(shop.world) == ["POST done"] and len(shop.world.invoices()) == 1
    assert shop.world.rows("SELECT * FROM pending_work") == []


def test_the_order_has_all_that_stands_on_the_invoice(shop: Shop) -> None:
    set_up = {"AllowDeposit": True, "CustomTxnNumbers": True}
    shop.quickbooks.by_hand("set-preferences", SalesFormsPrefs=set_up)
    bowl, glass = item_of(shop, "BOWL-02"), vase(shop)
    group: Wire = {"GroupItemRef": {"value": bundle(shop, glass, bowl)}, "Quantity": 2}
    lines: list[Wire] = [
        sold(glass, 4, "25.00", Description="Glass, blue"),
        {"DetailType": "DescriptionOnly", "Description": "Wrap each by itself", "DescriptionLineDetail": {}},
        {"DetailType": "GroupLineDetail", "GroupLineDetail": group, "Description": "Terrace set"},
        {"DetailType": "DiscountLineDetail", "Amount": 10, "DiscountLineDetail": {"PercentBased": False}},
        SHIPPING,
    ]
    born(
        shop,
        lines=lines,
        BillAddr=STREET,
        ShipAddr=STREET,
        SalesTermRef={"value": "3"},
        CustomerMemo={"value": "Thank you"},
        PrivateNote="by phone",
        DueDate="2027-03-01",
        Deposit=40,
        DepositToAccountRef={"value": "35"},
    )

    order = order_shown(shop.world)
    told_lines = [(one["sku"], one["quantity"], one["unit_price"], one["note"]) for one in order["line_items"]]
    assert told_lines == [
        ("VASE-01", 4, 25, "Glass, blue; Wrap each by itself"),
        ("VASE-01", 2, 25, "Terrace set"),
        ("BOWL-02", 4, Decimal("12.50"), None),
    ]
    money = ("amount", "discount_value", "shipping_charge", "tax_value", "amount_paid")
    assert [order[name] for name in money] == [200, 10, 12, 0, 40]
    [invoice] = shop.world.invoices()
    assert order["amount"] - order["discount_value"] + order["shipping_charge"] == invoice.total == 202
    assert (order["payment_status"], order["fulfillment_status"]) == ("PARTIALLY_PAID", "UNFULFILLED")
    address = order["billing_address"]
    assert (address["address_line_1"], address["address_line_2"], address["city"]) == ("12 Mill Rd", "Unit 4", "Dover")
    assert order["shipping_address"]["zip_code"] == "19901"
    assert (order["payment_term"], order["customer_note"], order["internal_note"]) == (
        "Net 30",
        "Thank you",
        "by phone",
    )
    assert f"{order['due_date']:%Y-%m-%d}" == "2027-03-01" and order["created_at"] < order["updated_at"]
    # What was paid before is in the books already: it is no payment of ours.
    shop.pull("orders")
    assert shop.quickbooks.payments() == []


def bundle(shop: Shop, glass: str, bowl: str) -> str:
    """A bundle of a vase and two bowls, as a bookkeeper makes it. Answers with its id."""
    lines = [{"Qty": Decimal(1), "ItemRef": {"value": glass}}, {"Qty": Decimal(2), "ItemRef": {"value": bowl}}]
    whole = {
        "Name": "Terrace",
        "FullyQualifiedName": "Terrace",
        "Type": "Group",
        "Active": True,
        "ItemGroupDetail": {"ItemGroupLine": lines},
    }
    made = shop.quickbooks._in_loop(lambda: shop.quickbooks.company(None).add("Item", whole))
    return str(made.wire["Id"])


@pytest.mark.parametrize("signals", ["all", "twice", "none"])
def test_it_is_one_order_however_it_is_told(shop: Shop, signals: str) -> None:
    world = shop.world
    shop.quickbooks.set_switches(webhooks_on=signals != "none", webhook_duplicates=int(signals == "twice"))
    world.wizcommerce.switch(webhooks=signals != "none", webhook_duplicates=signals == "twice")
    write_invoice(shop)
    shop.pull("changes", "orders")
    world.restarted_engine()
    pass_by(world, 1_000)
    shop.pull("changes", "orders")

    assert at_a_glance(world) == ONE and writes(world) == ["POST done"]
    assert len(world.invoices()) == 1


# ---- which ---------------------------------------------------------------------------------------------------------------


def test_which_invoices_are_pulled_is_chosen(shop: Shop) -> None:
    world = shop.world
    world.choose(new_customers_in_wizcommerce="none", pull_invoices="none")
    stranger = str(shop.quickbooks.add_customer("Stranger")["Id"])
    ours = born(shop)
    theirs = born(shop, "B-2", customer=stranger)
    assert orders(world) == [] and world.rows("SELECT * FROM pending_work") == []
    assert where(world, ours).startswith("nothing is sent: ")

    world.choose(pull_invoices="linked")
    world.settle()
    assert at_a_glance(world) == ONE
    assert where(world, theirs).startswith("waiting: the invoice's customer")

    world.choose(pull_invoices="all")
    world.settle()
    [(status, reason)] = world.rows("SELECT status, reason FROM pending_work")
    assert status == "held" and f"customer {stranger} is not in WizCommerce" in reason

    world.choose(pull_invoices="none")
    world.settle()
    assert world.rows("SELECT * FROM pending_work") == [] and at_a_glance(world) == ONE


@pytest.mark.parametrize("pulled", ["linked", "all"])
def test_an_invoice_waits_for_its_customer_and_goes_by_itself(shop: Shop, pulled: str) -> None:
    world = shop.world
    world.choose(pull_invoices=pulled)
    shop.hand("add-customer", name="Stem", email="stem@stem.example")
    world.choose(new_customers_in_quickbooks="ordered", new_customers_in_wizcommerce="none")
    world.settle()
    customer = str(shop.quickbooks.add_customer("Stem", PrimaryEmailAddr={"Address": "stem@other.example"})["Id"])
    invoice = born(shop, customer=customer)
    assert orders(world) == [] and "is not in WizCommerce" in where(world, invoice)

    stream = world.engine.around.stream_of(CONNECTION, "quickbooks", "customer", customer)
    [shopper] = [one["id"] for one in shop.world.wizcommerce.standin.state.customers.values() if one["name"] == "Stem"]
    assert stream
    world.engine.decisions.choose(
        world.engine.around.stream_of(CONNECTION, "wizcommerce", "customer", shopper), customer, "me"
    )
    world.settle()

    assert at_a_glance(world) == ONE and order_shown(world)["customer_id"] == shopper


def test_a_customer_that_came_with_its_invoice_is_made_first(shop: Shop) -> None:
    world = shop.world
    email = {"Address": "new@stem.example"}
    customer = str(shop.quickbooks.add_customer("Stem", PrimaryEmailAddr=email)["Id"])
    invoice = born(shop, customer=customer)
    assert where(world, invoice).startswith("waiting: the invoice's customer")
    world.choose(sales_rep=next(iter(world.wizcommerce.standin.state.sales_reps)))  # what the customer waits for
    world.settle()

    assert at_a_glance(world) == ONE
    buyers = {one["id"]: one["display_name"] for one in world.wizcommerce.standin.state.customers.values()}
    assert buyers[order_shown(world)["customer_id"]] == "Stem"


def test_what_is_older_is_the_baseline_until_a_person_pushes_it(shop: Shop) -> None:
    world = shop.world
    world.move(60)
    world.engine.people.start(CONNECTION, world.clock.now(), "admin")
    world.move(-30)
    invoice = born(shop)
    world.move(60)
    world.settle()
    assert orders(world) == [] and "it is the baseline" in where(world, invoice)
    beside = world.engine.records.born_around(order_of(world, invoice))
    assert (beside.customer, beside.items) == ("", {})  # thousands are: nothing is looked up for what is none anyway

    world.engine.people.push(order_of(world, invoice).stream, "admin")
    world.settle()

    assert at_a_glance(world) == ONE


@pytest.mark.parametrize("ended", ["void-invoice", "delete-invoice"])
def test_what_ended_before_it_was_an_order_never_is_one(shop: Shop, ended: str) -> None:
    shop.world.choose(pull_invoices="none")
    invoice = born(shop)
    by_bookkeeper(shop.world, ended, Id=invoice)

    shop.world.choose(pull_invoices="linked")
    shop.world.settle()

    assert orders(shop.world) == [] and "Nothing" not in where(shop.world, invoice)
    assert "in QuickBooks, and WizCommerce has no order of it" in where(shop.world, invoice)


# ---- items -----------------------------------------------------------------------------------------------------------------


def test_an_invoice_waits_for_its_item_to_be_shown_and_goes_by_itself(shop: Shop) -> None:
    world = shop.world
    odd = shop.item("ODD-09", price="0")
    world.settle()
    assert shop.reason(odd) == "no-price"
    invoice = born(shop, lines=[sold(odd, 1, "30.00")])
    assert orders(world) == []
    assert where(world, invoice).startswith("waiting: WizCommerce does not show ODD-09: the item has no price")

    shop.edit(odd, UnitPrice=Decimal("30.00"))
    world.settle()

    assert at_a_glance(world) == [("B-1", "confirmed", Decimal("30.00"))]
    assert [one["sku"] for one in order_shown(world)["line_items"]] == ["ODD-09"]


def test_an_invoice_waits_for_no_item_where_products_are_left_alone_from_now_on(shop: Shop) -> None:
    world = shop.world
    odd = shop.item("ODD-09", price="0")
    world.settle()
    invoice = born(shop, lines=[sold(odd, 1, "30.00")])
    assert where(world, invoice).startswith("waiting: ") and writes(world) == []

    world.choose(products="off")
    world.settle()

    assert writes(world) == ["POST refused"]  # nobody has made it there
    assert where(world, invoice).startswith("WizCommerce said no: ")


def test_an_item_that_came_with_its_invoice_is_shown_first(shop: Shop) -> None:
    fresh = shop.item("NEW-07", price="30.00")
    write_invoice(shop, lines=[sold(fresh, 1, "30.00")])
    shop.world.settle()

    assert [one["sku"] for one in order_shown(shop.world)["line_items"]] == ["NEW-07"]
    assert "NEW-07" in shop.products()


@pytest.mark.parametrize("how", ["by type", "by a person, meanwhile"])
def test_what_is_left_out_of_wizcommerce_is_a_line_outside_the_catalogue(shop: Shop, how: str) -> None:
    world = shop.world
    if how == "by type":
        world.choose(item_types="Inventory, NonInventory")
        item = shop.item("ENGRAVE", price="40.00", Type="Service")
        world.settle()
    else:
        item = shop.item("ENGRAVE", price="0")
        world.settle()
    born(shop, lines=[sold(item, 1, "40.00")])
    if how != "by type":
        assert orders(world) == []
        world.engine.people.never_send(shop.logged(item).stream, "not for the shop", "admin")
        world.settle()

    [line] = order_shown(world)["line_items"]
    assert (line["sku"], line["is_adhoc"], line["unit_price"]) == ("ENGRAVE", True, 40)


def test_what_cannot_be_an_order_needs_a_person_and_goes_once_it_is_put_right(shop: Shop) -> None:
    back = sold(item_of(shop, "BOWL-02"), -1, "12.50")
    invoice = born(shop, lines=[sold(vase(shop)), back])
    assert orders(shop.world) == []
    assert where(shop.world, invoice).startswith("needs you: a line is below zero")

    by_bookkeeper(shop.world, "edit-invoice", Id=invoice, Line=[sold(vase(shop))])

    assert at_a_glance(shop.world) == ONE
    assert told(shop.world, invoice) == {}


def test_a_refused_order_is_said_and_made_when_a_person_asks(shop: Shop) -> None:
    shop.world.wizcommerce.switch(a51_most_lines=1)
    invoice = born(shop, lines=[sold(vase(shop)), sold(item_of(shop, "BOWL-02"), 1, "12.50")])
    assert where(shop.world, invoice).startswith("WizCommerce said no: ") and writes(shop.world) == ["POST refused"]

    shop.world.wizcommerce.switch(a51_most_lines=0)
    shop.world.engine.people.retry(order_of(shop.world, invoice).stream, "admin")
    shop.world.settle()

    assert at_a_glance(shop.world) == [("B-1", "confirmed", Decimal("112.50"))]


def test_an_order_that_needs_approval_is_the_order_all_the_same(shop: Shop) -> None:
    shop.world.wizcommerce.switch(a46_approval=True)
    invoice = born(shop)

    assert where(shop.world, invoice) == "sent: WizCommerce order B-1"
    assert at_a_glance(shop.world) == [("B-1", "pending_approval", Decimal("100.00"))]


# ---- what goes with it -----------------------------------------------------------------------------------------------------


def test_wizcommerce_is_told_of_the_invoice_too(shop: Shop) -> None:
    born(shop)

    assert records_told(shop.world) == [("B-1", Decimal("100.00"), 0, "PENDING")]
    [record] = records_shown(shop.world)
    assert record["order_id"] == order_shown(shop.world)["id"]


def test_an_order_born_in_quickbooks_takes_nothing_more_from_the_stock(shop: Shop, tall: str) -> None:
    born(shop, lines=[sold(tall, 3, "25.00")])
    shop.pull("stock")

    assert at_a_glance(shop.world) == [("B-1", "confirmed", Decimal("75.00"))]
    assert shop.stock("TALL-01") == (7, 0, 7)


def test_our_own_invoices_never_become_orders(shop: Shop) -> None:
    world = shop.world
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("VASE-01", 4, "25.00")])
    world.settle()
    before: list[Any] = at_a_glance(world)
    pass_by(world, 1_000)
    shop.pull("changes", "orders")
    world.quickbooks.by_hand("edit-invoice", Id=world.invoices()[0].id, CustomerMemo={"value": "Thank you"})
    shop.pull("changes", "orders")

    assert at_a_glance(world) == before == [("WC-1001", "confirmed", Decimal("100.00"))]
    assert writes(world) == [] and invoices_of(world) == [("WC-1001", 100, 100)]


@pytest.mark.parametrize("told_by", ["webhook", "poll"])
def test_our_own_invoice_whose_answer_was_lost_never_becomes_an_order(shop: Shop, told_by: str) -> None:
    world = shop.world
    shop.quickbooks.set_switches(webhooks_on=told_by == "webhook")
    shop.quickbooks.add_fault("reset-after", operation="create invoice")
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("VASE-01", 4, "25.00")])
    world.settle()
    shop.pull("changes")
    pass_by(world, LONG_AFTER)
    shop.pull("changes", "orders")

    assert writes(world) == [] and invoices_of(world) == [("WC-1001", 100, 100)]
    assert at_a_glance(world) == [("WC-1001", "confirmed", Decimal("100.00"))]


def test_an_invoice_that_may_be_ours_is_no_order_while_a_person_has_to_say(shop: Shop) -> None:
    world = shop.world
    shop.quickbooks.set_switches(webhooks_on=False)
    number_by_quickbooks(world)
    shop.quickbooks.add_fault("reset-after", operation="create invoice")
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("VASE-01", 4, "25.00")])
    world.settle()
    [made] = world.invoices()
    world.move(2)
    shop.quickbooks.by_hand("edit-invoice", Id=made.id, PrivateNote="by phone")
    pass_by(world, LONG_AFTER)
    assert world.where("WC-1001").startswith("needs you: ")
    shop.pull("changes")
    assert where(world, made.id) == (
        "needs you: it may be the invoice of order WC-1001, about which a person has to say"
    )

    world.engine.people.accept(world.order_stream("WC-1001"), "admin")
    pass_by(world, 30)
    shop.pull("changes", "orders")

    assert writes(world) == [] and len(world.invoices()) == 1
    assert world.where("WC-1001").startswith("sent: ")


def test_of_two_invoices_that_may_be_ours_neither_is_an_order_while_a_person_has_to_say(shop: Shop) -> None:
    world = shop.world
    shop.quickbooks.set_switches(webhooks_on=False)
    number_by_quickbooks(world)
    world.engine.schedule.due_now(CONNECTION)
    world.settle()
    shop.quickbooks.add_fault("reset-after", operation="create invoice")
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("VASE-01", 4, "25.00")])
    world.settle()
    [made] = world.invoices()
    world.move(2)
    shop.quickbooks.by_hand("edit-invoice", Id=made.id, PrivateNote="by phone")
    other = str(shop.quickbooks.by_hand("copy-invoice", Id=made.id)["Id"])
    pass_by(world, LONG_AFTER)
    shop.pull("changes")

    assert writes(world) == []
    for invoice in (made.id, other):
        assert where(world, invoice).startswith("needs you: it may be the invoice of order WC-1001")
