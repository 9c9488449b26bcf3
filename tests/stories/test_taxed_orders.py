"""Orders with tax: computed by QuickBooks and told where it differs, the order's own, a line, or that of another country."""

from typing import Any

import pytest

from tests.telling import attention, pass_by
from tests.world import World

BLOOM = "Bloom & Co"
VASES = [("VASE-01", 4, "25.00")]


def taxing(world: World, automated: bool = False, **choices: str) -> None:
    prefs = {"UsingSalesTax": True, "PartnerTaxEnabled": automated}
    world.quickbooks.by_hand("set-preferences", TaxPrefs=prefs)
    world.choose(**choices)
    pass_by(world, 5)


def wire(world: World) -> dict[str, Any]:
    [invoice] = world.invoices()
    return dict(invoice.wire)


def order(world: World, tax: str, **more: Any) -> None:
    world.wizcommerce.confirm_order("WC-1001", BLOOM, VASES, tax_value=tax, **more)
    pass_by(world, 5)


@pytest.mark.parametrize("automated", [False, True])
def test_quickbooks_computes_the_tax_and_an_order_that_agrees_is_simply_sent(world: World, automated: bool) -> None:
    taxing(world, automated)
    address = {"address_line_1": "1 Elm St", "city": "Austin", "state": "TX", "zipcode": "73301", "country": "US"}
    order(world, "8.00", shipping_address=address, billing_address=address)

    assert str(wire(world)["TotalAmt"]) == "108.00" and str(wire(world)["TxnTaxDetail"]["TotalTax"]) == "8.00"
    assert world.where("WC-1001") == "sent: invoice WC-1001" and attention(world) == {}


def test_a_tax_that_comes_out_otherwise_is_sent_and_the_difference_told_until_it_is_let_stand(world: World) -> None:
    taxing(world)
    order(world, "8.25")

    assert str(wire(world)["TotalAmt"]) == "108.00"
    assert world.where("WC-1001") == "sent: invoice WC-1001, differs by -0.25"
    assert attention(world)["tax-differs"] == "sent, differs by -0.25: QuickBooks has 8.00 of tax, the order 8.25"
    world.engine.decisions.dismiss(world.order_stream("WC-1001"), "", "admin")
    pass_by(world)
    assert attention(world) == {} and world.where("WC-1001") == "sent: invoice WC-1001"


def test_the_orders_own_tax_can_be_sent_where_quickbooks_lets_it_stand(world: World) -> None:
    world.quickbooks.set_switches(tax_override=True)
    taxing(world, automated=True, tax="order")
    address = {"address_line_1": "1 Elm St", "city": "Austin", "state": "TX", "zipcode": "73301", "country": "US"}
    order(world, "8.25", shipping_address=address, billing_address=address)

    assert str(wire(world)["TotalAmt"]) == "108.25" and attention(world) == {}


def test_a_company_without_sales_tax_holds_taxed_orders_until_tax_is_a_line(world: World) -> None:
    order(world, "8.25")
    assert "needs you: the order carries 8.25 of tax, and sales tax is switched off" in world.where("WC-1001")
    world.quickbooks.add_item("TAX-01", price="0", Name="Sales tax payable")
    world.choose(tax="line")
    pass_by(world, 5)
    assert "`tax-item` is not chosen" in world.where("WC-1001")
    world.choose(tax_item="TAX-01")
    pass_by(world, 5)

    assert str(wire(world)["TotalAmt"]) == "108.25"
    assert [str(one["Amount"]) for one in wire(world)["Line"] if "Id" in one] == ["100.00", "8.25"]


def test_an_untaxed_order_names_no_tax_on_any_line_of_a_company_with_sales_tax(world: World) -> None:
    taxing(world)
    world.wizcommerce.confirm_order("WC-1001", BLOOM, VASES)
    pass_by(world, 5)

    assert str(wire(world)["TotalAmt"]) == "100.00"
    assert wire(world)["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"]["value"] == "NON"


def test_an_edit_that_only_adds_tax_changes_the_invoice(world: World) -> None:
    taxing(world)
    world.wizcommerce.confirm_order("WC-1001", BLOOM, VASES)
    pass_by(world, 5)
    world.wizcommerce.edit_order("WC-1001", tax_value="8.00")
    pass_by(world, 5)

    assert str(wire(world)["TotalAmt"]) == "108.00" and attention(world) == {}


def test_books_of_another_country_take_a_tax_code_on_every_line(world: World) -> None:
    world.quickbooks.company().all("CompanyInfo")[0].wire["Country"] = "CA"
    taxing(world)
    order(world, "10.00")
    assert "`tax-code` is not chosen" in world.where("WC-1001")
    world.choose(tax_code="5")
    pass_by(world, 5)

    assert str(wire(world)["TotalAmt"]) == "110.00" and attention(world) == {}
    assert wire(world)["GlobalTaxCalculation"] == "TaxExcluded"
    assert wire(world)["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"]["value"] == "5"
