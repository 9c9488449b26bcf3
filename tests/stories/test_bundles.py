"""Bundles: sold as one line of an order, they are one line of its invoice with their parts in it."""

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.command_line import done
from tests.shop import Shop
from tests.telling import attention, creates, pass_by


class Set:
    """A table and two chairs, sold as SET-01: 100.00 and twice 25.50."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.world = shop, shop.world
        self.table = shop.item("TABLE-01", on_hand=9, price="100.00")
        self.chair = shop.item("CHAIR-01", on_hand=9, price="25.50")
        parts = [{"ItemRef": {"value": self.table}, "Qty": 1}, {"ItemRef": {"value": self.chair}, "Qty": 2}]
        self.item = shop.item("SET-01", Type="Group", ItemGroupDetail={"ItemGroupLine": parts}, IncomeAccountRef=None)
        self.world.choose(bundles="product", zero_prices="publish")
        self.world.settle()

    def sell(self, number: str, quantity: int = 3, price: str = "151.00", **more: Any) -> None:
        lines = [{"sku": "SET-01", "quantity": quantity, "unit_price": price, "note": "Oak"}, ("VASE-01", 4, "25.00")]
        self.world.wizcommerce.confirm_order(number, "Bloom & Co", lines, **more)
        pass_by(self.world, 5)


@pytest.fixture
def dining(shop: Shop) -> Set:
    return Set(shop)


def group(dining: Set) -> tuple[dict[str, Any], list[tuple[str, Decimal, Decimal, str]]]:
    """The line of the bundle on the one invoice, and (item, quantity, amount, id) of each line in it."""
    [invoice] = dining.world.invoices()
    [line] = [one for one in invoice.wire["Line"] if one["DetailType"] == "GroupLineDetail"]
    inside = [(one["SalesItemLineDetail"], one) for one in line["GroupLineDetail"]["Line"]]
    return line, [(detail["ItemRef"]["name"], detail["Qty"], one["Amount"], one["Id"]) for detail, one in inside]


def test_a_bundle_is_one_line_with_its_parts_and_follows_its_order(dining: Set) -> None:
    dining.sell("WC-1")
    line, inside = group(dining)
    [sent] = dining.world.invoices()
    dining.world.wizcommerce.edit_order("WC-1", [("SET-01", 2, "151.00"), ("VASE-01", 4, "25.00")])
    pass_by(dining.world, 5)
    edited, parts = group(dining)
    [invoice] = dining.world.invoices()

    assert (line["GroupLineDetail"]["GroupItemRef"]["value"], line["GroupLineDetail"]["Quantity"]) == (dining.item, 3)
    assert [part[:3] for part in inside] == [("TABLE-01", 3, 300), ("CHAIR-01", 6, 153)]
    assert (line["Amount"], line["Description"], sent.total) == (0, "Oak", 553)
    assert [part[:3] for part in parts] == [("TABLE-01", 2, 200), ("CHAIR-01", 4, 102)] and invoice.total == 402
    assert (edited["Id"], [part[3] for part in parts]) == (line["Id"], [part[3] for part in inside])
    assert dining.world.where("WC-1") == "sent: invoice WC-1" and attention(dining.world, "WC-1") == {}
    assert "is: 2 x TABLE-01 at 100, 4 x CHAIR-01 at 25.5" in done(dining.world, "history", "order", "WC-1")


def test_quickbooks_may_put_the_parts_in_by_itself(dining: Set) -> None:
    dining.world.quickbooks.set_switches(bundle_lines="own")
    dining.sell("WC-1")

    assert dining.world.where("WC-1") == "sent: invoice WC-1" and attention(dining.world, "WC-1") == {}
    assert [invoice.total for invoice in dining.world.invoices()] == [553]


def test_a_bundle_whose_price_is_not_its_parts_is_held_with_both_and_goes_when_it_is(dining: Set) -> None:
    dining.sell("WC-1", price="150.00")
    said = dining.world.where("WC-1")
    dining.shop.edit(dining.table, UnitPrice=99)
    pass_by(dining.world, 5)

    assert "bundle SET-01: the order asks 450.00 for 3 of it, its parts come to 453.00" in said
    assert [invoice.total for invoice in dining.world.invoices()] == [550]


def test_a_part_that_is_made_inactive_holds_the_bundle_and_an_inactive_bundle_is_no_item(dining: Set) -> None:
    dining.shop.edit(dining.chair, Active=False)
    pass_by(dining.world, 5)
    dining.sell("WC-1")
    part = dining.world.where("WC-1")
    dining.shop.edit(dining.item, Active=False)
    pass_by(dining.world, 5)
    whole = dining.world.where("WC-1")
    dining.shop.edit(dining.chair, Active=True)
    pass_by(dining.world, 5)
    still = dining.world.where("WC-1")
    dining.shop.edit(dining.item, Active=True)
    pass_by(dining.world, 5)

    assert "bundle SET-01: its part CHAIR-01 is not active in QuickBooks" in part
    assert whole == still == "waiting: QuickBooks has no active item with SKU SET-01"
    assert creates(dining.world) == ["done"] and [invoice.total for invoice in dining.world.invoices()] == [553]


def test_a_bundle_is_no_item_of_other_charges(dining: Set) -> None:
    dining.world.choose(charges_item="SET-01")
    charges = [{"name": "Crate", "type": "freight", "value_type": "value", "amount": "5.00"}]
    dining.sell("WC-1", 1, charges=charges)

    waits = "waiting: QuickBooks has no active item with SKU SET-01"
    assert dining.world.where("WC-1") == waits and creates(dining.world) == []


def test_a_bundle_waits_while_bundles_are_left_out(dining: Set) -> None:
    dining.world.choose(bundles="skip")
    dining.sell("WC-1")
    waits = dining.world.where("WC-1")
    dining.world.choose(bundles="product")
    pass_by(dining.world, 5)

    assert "no active item with SKU SET-01" in waits and len(dining.world.invoices()) == 1


def test_a_bundle_that_is_new_with_all_its_parts_lets_its_order_go(dining: Set) -> None:
    shop = dining.shop
    dining.world.wizcommerce.confirm_order("WC-1", "Bloom & Co", [("SET-02", 2, "12.00")])
    pass_by(dining.world, 5)
    waits = dining.world.where("WC-1")
    shop.quickbooks.set_switches(webhooks_on=False)  # so that all are seen at once
    parts = [
        {"ItemRef": {"value": shop.item(sku, price="4.00")}, "Qty": Decimal("1.5")} for sku in ("CUP-01", "MUG-01")
    ]
    shop.item("SET-02", Type="Group", ItemGroupDetail={"ItemGroupLine": parts}, IncomeAccountRef=None)
    shop.pull("products")

    assert waits == "waiting: QuickBooks has no active item with SKU SET-02"
    assert [invoice.total for invoice in dining.world.invoices()] == [24]


def test_what_a_bundle_takes_of_its_parts_is_not_available_before_and_after_the_push(dining: Set) -> None:
    shop = dining.shop
    shop.quickbooks.set_switches(webhooks_on=False)
    lines = [("SET-01", 3, "151.00"), ("CHAIR-01", 1, "25.50"), ("LATE-01", 1, "5.00")]
    shop.world.wizcommerce.confirm_order("WC-1", "Bloom & Co", lines)
    pass_by(shop.world, 5)
    held = {sku: shop.stock(sku) for sku in ("TABLE-01", "CHAIR-01")}
    shop.item("LATE-01", price="5.00")
    shop.pull("products")
    sent = {sku: shop.stock(sku) for sku in ("TABLE-01", "CHAIR-01")}
    made = len(shop.world.invoices())
    shop.pull("stock")
    pulled = {sku: shop.stock(sku) for sku in ("TABLE-01", "CHAIR-01")}
    figures = shop.world.rows("SELECT count(*) FROM log WHERE topic = 'stock-observed'")
    shop.pull("stock")

    assert held == sent == {"TABLE-01": (9, 3, 6), "CHAIR-01": (9, 7, 2)} and made == 1
    assert pulled == {"TABLE-01": (6, 0, 6), "CHAIR-01": (2, 0, 2)}
    assert shop.world.rows("SELECT count(*) FROM log WHERE topic = 'stock-observed'") == figures
