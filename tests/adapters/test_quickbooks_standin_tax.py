"""Sales tax on invoices of the QuickBooks stand-in: none, by hand, automated, and that of other countries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.invoicing import (
    ADDRESS,
    SHIPPING,
    TEN_PERCENT_OFF,
    changed,
    code_of,
    invoice,
    made,
    open_the_shop,
    read,
    sold,
    taxed,
)

Wire = dict[str, Any]


@pytest.fixture(autouse=True)
def shop(intuit: QuickBooksStandIn) -> None:
    open_the_shop(intuit)


@pytest.fixture
def british(intuit: QuickBooksStandIn) -> Iterator[httpx.Client]:
    """A company outside the US that charges tax, with customer 1 and item 2 at 25.00."""
    realm = intuit.by_hand("add-company", Country="GB")["realm"]
    intuit.by_hand("set-preferences", realm=realm, TaxPrefs={"UsingSalesTax": True})
    intuit.add_customer("Bloom & Co", realm=realm)
    intuit.add_item("VASE-01", price="25.00", realm=realm)
    assert intuit.running is not None
    line = intuit.ready_line(intuit.running.address, realm)
    headers = {"Authorization": f"Bearer {line['access_token']}", "Accept": "application/json"}
    with httpx.Client(base_url=f"{line['api']}/v3/company/{realm}", headers=headers, trust_env=False) as client:
        yield client


def tax_of(wire: Wire) -> tuple[Any, Any]:
    return wire["TxnTaxDetail"]["TotalTax"], wire["TotalAmt"]


def code(value: str) -> Wire:
    return {"TxnTaxDetail": {"TxnTaxCodeRef": {"value": value}}}


def test_a_company_without_sales_tax_ignores_what_is_sent_of_it(books: httpx.Client) -> None:
    sent = {"TotalTax": 9, "TxnTaxCodeRef": {"value": "nonsense"}}
    wire = made(books, taxed("2", 4, 25, 100), TxnTaxDetail=sent, GlobalTaxCalculation="TaxExcluded")
    assert wire["TxnTaxDetail"] == {"TotalTax": 0} and wire["TotalAmt"] == 100
    assert "GlobalTaxCalculation" not in wire
    assert code_of(invoice(books, taxed("2", 4, 25, 100, code="2"))) == "6100"


def test_by_hand_the_documents_code_picks_the_rate_and_else_the_customers_or_the_companys(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.by_hand("set-preferences", TaxPrefs={"UsingSalesTax": True})
    line = taxed("2", 4, 25, 100)
    wire = made(books, line, sold("2", 1, 25, 25), **code("5"))
    assert wire["TxnTaxDetail"] == {
        "TxnTaxCodeRef": {"value": "5"},
        "TotalTax": 10,
        "TaxLine": [
            {
                "DetailType": "TaxLineDetail",
                "Amount": 10,
                "TaxLineDetail": {
                    "NetAmountTaxable": 100,
                    "TaxPercent": 10,
                    "TaxRateRef": {"value": "2"},
                    "PercentBased": True,
                },
            }
        ],
    }
    assert tax_of(made(books, line)) == (8, 108) and tax_of(made(books, sold("2", 1, 25, 25))) == (0, 25)
    intuit.by_hand("set-preferences", TaxPrefs={"TaxGroupCodeRef": {"value": "6"}})
    assert tax_of(made(books, line)) == (0, 100)
    intuit.by_hand("edit-customer", Id="1", DefaultTaxCodeRef={"value": "5"})
    assert tax_of(made(books, line)) == (10, 110)
    assert code_of(invoice(books, line, **code("7"))) == "6150"
    intuit.set_switches(tax_without_code="none", tax_codes={"7": "5.5"})
    assert tax_of(made(books, line)) == (0, 100) and tax_of(made(books, line, **code("7"))) == (5.5, 105.5)


def test_by_hand_a_total_that_was_sent_does_not_count_and_a_change_is_reckoned_anew(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.set_switches(tax="flat")
    first = made(books, taxed("2", 4, 25, 100), TxnTaxDetail={"TxnTaxCodeRef": {"value": "5"}, "TotalTax": 1})
    assert tax_of(first) == (10, 110)
    assert changed(books, first, PrivateNote="same")["TxnTaxDetail"] == first["TxnTaxDetail"]
    grown = changed(books, read(books, first["Id"]), Line=[taxed("2", 8, 25, 200)])
    assert tax_of(grown) == (20, 220)
    cleared = {key: grown[key] for key in ("Id", "SyncToken", "CustomerRef", "Line", "TxnDate")}
    assert tax_of(books.post("/invoice", json=cleared).json()["Invoice"]) == (16, 216)


def test_a_discount_lowers_the_tax_only_when_tax_comes_after_it(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.set_switches(tax="flat")
    lines = (taxed("2", 4, 25, 100), sold("2", 4, 25, 100), TEN_PERCENT_OFF, SHIPPING)
    assert tax_of(made(books, *lines)) == (8, 200)
    assert tax_of(made(books, *lines, ApplyTaxAfterDiscount=True)) == (7.2, 199.2)
    detail = {**SHIPPING["SalesItemLineDetail"], "TaxCodeRef": {"value": "TAX"}}  # type: ignore[dict-item]
    wire = made(books, *lines[:3], {**SHIPPING, "SalesItemLineDetail": detail})
    assert tax_of(wire) == (8.96, 200.96) and wire["Line"][-1]["SalesItemLineDetail"] == detail


def test_automated_tax_goes_by_the_address_and_echoes_no_code(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.set_switches(tax="automated", tax_by_state={"OR": 0, "CA": "9.5"})
    line = taxed("2", 4, 25, 100)
    wire = made(books, line, **code("5"))
    assert tax_of(wire) == (8, 108) and "TxnTaxCodeRef" not in wire["TxnTaxDetail"]
    assert wire["TxnTaxDetail"]["TaxLine"][0]["TaxLineDetail"]["NetAmountTaxable"] == 100
    shipped = {key: {**ADDRESS, "CountrySubDivisionCode": key} for key in ("OR", "CA")}
    assert [tax_of(made(books, line, ShipAddr=shipped[key])) for key in ("OR", "CA")] == [(0, 100), (9.5, 109.5)]
    free = {"Line1": "Bloom & Co", "Line2": "12 Mill Rd", "Line3": "San Jose, CA  95123"}
    assert tax_of(made(books, line, BillAddr=free)) == (9.5, 109.5)
    preferences = books.get("/preferences").json()["Preferences"]["TaxPrefs"]
    assert preferences["UsingSalesTax"] is True and preferences["PartnerTaxEnabled"] is True


def test_automated_tax_lets_a_sent_total_stand_only_where_there_is_an_address(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.set_switches(tax="automated")
    nowhere = intuit.add_customer("Dune & Daughters")
    line, total = taxed("2", 4, 25, 100), {"TxnTaxDetail": {"TotalTax": 7.77}}
    lost = made(books, line, **total, CustomerRef={"value": nowhere["Id"]})
    assert lost["TxnTaxDetail"] == {"TotalTax": 0} and lost["TotalAmt"] == 100
    first = made(books, line, **total)
    assert tax_of(first) == (7.77, 107.77)
    assert books.post("/invoice", json=first).json()["Invoice"] == first
    grown = {**made(books, line, **total), "Line": [taxed("2", 8, 25, 200)]}
    assert tax_of(books.post("/invoice", json=grown).json()["Invoice"]) == (16, 216)
    noted = changed(books, first, PrivateNote="the tax stays")
    assert tax_of(noted) == (7.77, 107.77)
    assert tax_of(changed(books, noted, Line=[taxed("2", 8, 25, 200)])) == (16, 216)
    intuit.by_hand("edit-customer", Id="1", TaxExemptionReasonId="3")
    assert tax_of(made(books, line)) == (0, 100)
    intuit.set_switches(tax_override=False)
    intuit.by_hand("edit-customer", Id="1", TaxExemptionReasonId=None)
    assert tax_of(made(books, line, **total)) == (8, 108)


def test_outside_the_us_a_document_says_how_its_amounts_and_tax_go_together(british: httpx.Client) -> None:
    lines = (taxed("2", 4, 25, 100, code="2"), taxed("2", 1, 25, 25, code="5"), taxed("2", 1, 25, 25, code="6"))
    assert code_of(invoice(british, *lines)) == "2020"
    wire = made(british, *lines, GlobalTaxCalculation="TaxExcluded")
    assert tax_of(wire) == (10.5, 160.5) and wire["GlobalTaxCalculation"] == "TaxExcluded"
    rates = [(one["Amount"], one["TaxLineDetail"]["TaxPercent"]) for one in wire["TxnTaxDetail"]["TaxLine"]]
    assert rates == [(8, 8), (2.5, 10), (0, 0)] and "TxnTaxCodeRef" not in wire["TxnTaxDetail"]
    assert changed(british, wire, TrackingNum="")["SyncToken"] == "0"
    shipping = {"ItemRef": {"value": "SHIPPING_ITEM_ID"}, "TaxCodeRef": {"value": "5"}}
    shipped = {**SHIPPING, "SalesItemLineDetail": shipping}
    assert tax_of(made(british, shipped, GlobalTaxCalculation="TaxExcluded")) == (1.2, 13.2)
    free = made(british, sold("2", 1, 25, 25), shipped, GlobalTaxCalculation="NotApplicable")
    assert free["TxnTaxDetail"] == {"TotalTax": 0} and "TaxCodeRef" not in free["Line"][0]["SalesItemLineDetail"]


def test_outside_the_us_every_line_names_a_code_the_company_has(british: httpx.Client) -> None:
    how = {"GlobalTaxCalculation": "TaxExcluded"}
    assert code_of(invoice(british, sold("2", 1, 25, 25), **how)) == "6000"
    assert code_of(invoice(british, taxed("2", 1, 25, 25), **how)) == "6160"


def test_amounts_with_tax_in_them_come_back_without_it_and_can_be_sent_again(british: httpx.Client) -> None:
    bare = sold("2", None, None, 11, detail={"TaxCodeRef": {"value": "5"}})
    wire = made(british, taxed("2", 4, 27, 108, code="2"), bare, GlobalTaxCalculation="TaxInclusive")
    assert [(one["Amount"], one["SalesItemLineDetail"]["TaxInclusiveAmt"]) for one in wire["Line"][:2]] == [
        (100, 108),
        (10, 11),
    ]
    assert tax_of(wire) == (9, 119) and wire["Line"][2]["Amount"] == 110
    three = made(british, *[taxed("2", 1, "1.03", "1.03", code="5")] * 3, GlobalTaxCalculation="TaxInclusive")
    assert tax_of(three) == (0.27, 3.09)
    assert british.post("/invoice", json=wire).json()["Invoice"] == wire


def test_outside_the_us_an_amount_is_reckoned_again_or_refused(
    british: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    how = {"GlobalTaxCalculation": "TaxExcluded"}
    assert made(british, taxed("2", 4, 25, 99, code="6"), **how)["TotalAmt"] == 100
    intuit.set_switches(global_tax_amount="6070")
    assert code_of(invoice(british, taxed("2", 4, 25, 99, code="6"), **how)) == "6070"


def test_the_tax_switch_rules_every_company_until_it_leaves_them_to_themselves(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.set_switches(tax="automated")
    made(books)
    intuit.set_switches(tax="none")
    assert tax_of(made(books, taxed("2", 4, 25, 100))) == (0, 100)
    assert books.get("/preferences").json()["Preferences"]["TaxPrefs"] == {"UsingSalesTax": False}
    assert intuit.running is not None
    hand = f"{intuit.running.address}/_standin/hands/set-preferences"
    ask = {"TaxPrefs": {"UsingSalesTax": True}}
    assert httpx.post(hand, json=ask).status_code == 400
    intuit.set_switches(tax="company")
    assert httpx.post(hand, json=ask).status_code == 200
    assert tax_of(made(books, taxed("2", 4, 25, 100))) == (8, 108)
