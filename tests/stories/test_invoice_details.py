"""What an order carries beside its lines becomes part of its invoice, or is held until somebody says where it goes."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.adapters.command_line import ask, done, told
from tests.telling import pass_by
from tests.world import World

BLOOM = "Bloom & Co"
OUTSIDE: dict[str, Any] = {"sku": "ENGRAVING", "quantity": 2, "unit_price": "12.50", "is_adhoc": True}
FREIGHT = {"name": "Freight", "type": "freight", "value_type": "value", "amount": "7.35"}


def wire(world: World) -> dict[str, Any]:
    """The one invoice, as QuickBooks has it."""
    [invoice] = [one.wire for one in world.quickbooks.company().all("Invoice")]
    return dict(invoice)


def sold(invoice: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(item, amount, description) of each sales line."""
    lines = [one for one in invoice["Line"] if one["DetailType"] == "SalesItemLineDetail"]
    return [
        (one["SalesItemLineDetail"]["ItemRef"]["name"], str(one["Amount"]), one.get("Description", "")) for one in lines
    ]


def test_what_is_outside_the_catalogue_and_other_charges_go_to_the_items_chosen_for_them(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", BLOOM, [("VASE-01", 4, "25.00"), OUTSIDE], charges=[FREIGHT])
    world.settle()
    outside = world.where("WC-1001")
    done(world, "--as", "admin", "set", "acme", "adhoc-item", "CUSTOM-01")
    world.settle()
    charges = world.where("WC-1001")
    done(world, "--as", "admin", "set", "acme", "charges-item", "FREIGHT-01")
    world.settle()
    items = world.where("WC-1001")
    world.quickbooks.add_item("CUSTOM-01", price="0", Name="Custom work")
    world.quickbooks.add_item("FREIGHT-01", price="0", Name="Freight")
    world.settle()

    assert "needs you: a line is for something outside the catalogue (ENGRAVING)" in outside
    assert "needs you: the order carries other charges of 7.35" in charges
    assert "no active item with SKU CUSTOM-01" in items and "no active item with SKU FREIGHT-01" in items
    assert [(item, amount) for item, amount, _ in sold(wire(world))] == [
        ("VASE-01", "100.00"),
        ("Custom work", "25.00"),
        ("Freight", "7.35"),
    ]
    assert [text for _, _, text in sold(wire(world))][1:] == ["ENGRAVING", "Other charges"]
    assert str(wire(world)["TotalAmt"]) == "132.35" and world.where("WC-1001") == "sent: invoice WC-1001"


def test_another_item_chosen_while_an_order_waits_for_the_first_lets_it_go(world: World) -> None:
    world.choose(charges_item="FREIGTH-01")  # a slip of the keys
    world.wizcommerce.confirm_order("WC-1001", BLOOM, [("VASE-01", 4, "25.00")], charges=[FREIGHT])
    world.quickbooks.add_item("FREIGHT-01", price="0", Name="Freight")
    world.settle()
    held = world.where("WC-1001")
    world.choose(charges_item="FREIGHT-01")
    world.settle()

    assert "no active item with SKU FREIGTH-01" in held
    assert [item for item, _, _ in sold(wire(world))] == ["VASE-01", "Freight"]


def test_the_items_step_is_named_for_a_person(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", BLOOM, [OUTSIDE])
    world.settle()

    assert "`wizqbo set acme adhoc-item SKU` says which item of QuickBooks it goes to" in done(world, "pending")


@pytest.mark.parametrize(
    ("term", "mapped", "days"),
    [("net 45", "", 45), ("NET45 EOM", "NET45 EOM=Net 45", 45), ("when the roses bloom", "", None)],
    ids=["by its name", "as a person says", "unknown: the customer's own"],
)
def test_the_term_of_the_order_is_that_of_the_invoice(world: World, term: str, mapped: str, days: int | None) -> None:
    added = world.quickbooks.by_hand("add-term", Name="Net 45", DueDays=45)["Id"]
    world.engine.schedule.due_now("acme", "changes")
    world.choose(terms=mapped)
    world.settle()
    world.wizcommerce.confirm_order("WC-1001", BLOOM, [("VASE-01", 4, "25.00")], payment_term=term)
    world.settle()

    assert wire(world).get("SalesTermRef", {}).get("value") == (added if days else None)


@pytest.mark.parametrize(("chosen", "sent"), [("", False), ("company", True)])
def test_a_buyer_gets_no_second_way_to_pay_unless_the_company_wants_it(world: World, chosen: str, sent: bool) -> None:
    world.quickbooks.by_hand("set-preferences", SalesFormsPrefs={"ETransactionPaymentEnabled": True})
    answer = ask(world, "--as", "admin", "set", "acme", "online-payments", chosen)
    world.settle()
    world.wizcommerce.confirm_order("WC-1001", BLOOM, [("VASE-01", 4, "25.00")])
    world.settle()

    flags = [wire(world).get(name) for name in ("AllowOnlineCreditCardPayment", "AllowOnlineACHPayment")]
    assert answer.exit_code == 0 and (flags == [False, False]) is not sent


def test_a_discount_of_a_line_is_in_its_price_and_the_orders_own_stands_alone(world: World) -> None:
    lines = [
        {"sku": "VASE-01", "quantity": "128.350", "unit_price": "14.50", "discount": 10, "discount_type": "percentage"},
        {"sku": "VASE-01", "quantity": 3, "unit_price": "9.99", "discount": 1, "discount_type": "value"},
    ]
    world.wizcommerce.confirm_order("WC-1001", BLOOM, lines, discount_value="3.94")
    world.settle()
    told = [(str(one["Amount"]), one.get("Description", "")) for one in wire(world)["Line"][:2]]

    assert told == [("1674.97", "Price 14.5, less 10%"), ("28.97", "Price 9.99, less 1.00")]
    assert str(wire(world)["TotalAmt"]) == "1700.00" and world.where("WC-1001") == "sent: invoice WC-1001"


def test_an_order_of_closed_books_goes_under_the_first_open_day_once_that_is_chosen(world: World) -> None:
    today = world.clock.now().date()
    world.quickbooks.by_hand("set-preferences", AccountingInfoPrefs={"BookCloseDate": today.isoformat()})
    world.settle()
    world.wizcommerce.confirm_order("WC-1001", BLOOM, [("VASE-01", 4, "25.00")])
    world.settle()
    held, pending = world.where("WC-1001"), done(world, "pending")
    done(world, "--as", "admin", "set", "acme", "closed-books", "first-open-day")
    world.settle()

    own_day = world.clock.now().astimezone(ZoneInfo("America/Los_Angeles")).date()
    assert "the books are closed until" in held and "closed-books first-open-day" in pending
    assert wire(world)["TxnDate"] == (today + timedelta(days=1)).isoformat()
    assert f"WizCommerce order WC-1001, ordered {own_day} [wizqbo:" in wire(world)["PrivateNote"]


def test_an_order_approved_a_day_later_is_dated_by_its_confirmation_where_that_was_chosen(world: World) -> None:
    done(world, "--as", "admin", "set", "acme", "invoice-date", "confirmation")
    world.wizcommerce.draft_order("WC-1001", BLOOM, [("VASE-01", 4, "25.00")])
    world.settle()
    ordered = world.clock.now().astimezone(ZoneInfo("America/Los_Angeles")).date()
    pass_by(world, 86_400)
    world.wizcommerce.confirm_order("WC-1001", "", [])
    pass_by(world, 5)

    assert wire(world)["TxnDate"] == (ordered + timedelta(days=1)).isoformat()
    assert f"WizCommerce order WC-1001, ordered {ordered} [wizqbo:" in wire(world)["PrivateNote"]


def test_dates_method_and_address_of_the_order_stand_at_the_head_of_the_invoice(world: World) -> None:
    sales_form = [{"Name": "SalesFormsPrefs.UseSalesCustom2", "Type": "BooleanType", "BooleanValue": True}]
    world.quickbooks.by_hand("set-preferences", SalesFormsPrefs={"CustomField": [{"CustomField": sales_form}]})
    world.quickbooks.by_hand(
        "set-preferences", AccountingInfoPrefs={"ClassTrackingPerTxn": True, "TrackDepartments": True}
    )
    klass = world.quickbooks.by_hand("add-class", Name="Wholesale")["Id"]
    place = world.quickbooks.by_hand("add-department", Name="Warehouse")["Id"]
    world.choose(po_field="2", location=place, **{"class": klass})
    world.settle()
    later = world.clock.now() + timedelta(days=40)
    said: dict[str, Any] = {"shipping_method": "UPS Ground", "shipment_date": later, "due_date": later}
    contact = {"first_name": "Ada", "email": "ap@bloom.example"}
    world.wizcommerce.confirm_order(
        "WC-1001", BLOOM, [("VASE-01", 4, "25.00")], po_number="PO-77", primary_contact=contact, **said
    )
    world.settle()

    day = later.astimezone(ZoneInfo("America/Los_Angeles")).date().isoformat()
    found = wire(world)
    assert (found["ShipDate"], found["DueDate"], found["ShipMethodRef"]["value"]) == (day, day, "UPS Ground")
    assert found["BillEmail"] == {"Address": "ap@bloom.example"} and found["EmailStatus"] == "NotSet"
    assert (found["ClassRef"]["value"], found["DepartmentRef"]["value"]) == (klass, place)
    assert [one.get("StringValue") for one in found["CustomField"]] == ["PO-77"]

    world.wizcommerce.edit_order("WC-1001", po_number="PO-78", shipping_method="By bike")
    world.settle()
    found = wire(world)
    assert (found["ShipMethodRef"]["value"], found["DueDate"]) == ("By bike", day)
    assert [one.get("StringValue") for one in found["CustomField"]] == ["PO-78"]
    assert ", PO PO-78 " in found["PrivateNote"]


def test_cents_of_rounding_wait_for_the_item_chosen_for_them_and_follow_the_order_when_it_is_edited(
    world: World,
) -> None:
    world.quickbooks.add_item("ROUND-01", price="0", Name="Rounding")
    world.settle()
    world.wizcommerce.confirm_order("WC-1001", BLOOM, [("VASE-01", 4, "25.00")], amount="100.04")
    world.settle()
    held = world.where("WC-1001")
    done(world, "--as", "admin", "set", "acme", "rounding-item", "ROUND-01")
    world.settle()
    first = [(item, amount) for item, amount, _ in sold(wire(world))]
    world.wizcommerce.edit_order("WC-1001", [("VASE-01", 5, "25.00")], amount="124.97")
    pass_by(world, 5)

    assert "the lines add up to 100.00, the order says 100.04" in held
    assert first == [("VASE-01", "100.00"), ("Rounding", "0.04")]
    assert [(item, amount) for item, amount, _ in sold(wire(world))] == [("VASE-01", "125.00"), ("Rounding", "-0.03")]
    assert str(wire(world)["TotalAmt"]) == "124.97" and world.where("WC-1001") == "sent: invoice WC-1001"
    assert "acme: 0 of the orders differ" in done(world, "orders", "acme", "--differs")
    assert told(world, "pending")["pending"] == []


@pytest.mark.parametrize("email", ["nobody", "a@b", "x" * 120 + "@bloom.example"])
def test_an_e_mail_address_that_quickbooks_would_refuse_keeps_no_order_from_the_books(world: World, email: str) -> None:
    world.wizcommerce.confirm_order("WC-1001", BLOOM, [("VASE-01", 4, "25.00")], primary_contact={"email": email})
    world.settle()

    assert "BillEmail" not in wire(world)


def test_a_number_that_is_too_long_is_held_or_its_end_is_the_invoices(world: World) -> None:
    number = "WC-2026-MARKET-WEEK-1001"
    world.wizcommerce.confirm_order(number, BLOOM, [("VASE-01", 4, "25.00")])
    world.settle()
    held = world.where(number)
    done(world, "--as", "admin", "set", "acme", "long-numbers", "shorten")
    world.settle()

    assert "longer than QuickBooks' 21 characters" in held
    assert wire(world)["DocNumber"] == "2026-MARKET-WEEK-1001"
    assert f"WizCommerce order {number} [wizqbo:" in wire(world)["PrivateNote"]
