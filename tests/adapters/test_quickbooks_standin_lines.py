"""The lines of an invoice in the QuickBooks stand-in: every kind, its numbers, its references, its stock."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.invoicing import (
    SHIPPING,
    TEN_PERCENT_OFF,
    changed,
    code_of,
    invoice,
    key_of,
    made,
    open_the_shop,
    read,
    sold,
    taxed,
)

Wire = dict[str, Any]

POT = {
    "Type": "Inventory",
    "TrackQtyOnHand": True,
    "QtyOnHand": 50,
    "InvStartDate": "2026-01-15",
    "AssetAccountRef": {"value": "81"},
    "ExpenseAccountRef": {"value": "80"},
    "Description": "Clay pot",
}


@pytest.fixture(autouse=True)
def shop(intuit: QuickBooksStandIn) -> None:
    """Beside the shop's own: item 4 is an inventory pot at 5.00, item 5 a bundle of one vase and two pots."""
    open_the_shop(intuit)
    intuit.add_item("POT-01", price="5.00", **POT)
    vase = {"Qty": Decimal(1), "ItemRef": {"value": "2", "name": "VASE-01", "type": "NonInventory"}}
    pots = {"Qty": Decimal(2), "ItemRef": {"value": "4", "name": "POT-01", "type": "Inventory"}}
    bundle = {
        "Name": "Terrace",
        "FullyQualifiedName": "Terrace",
        "Type": "Group",
        "Active": True,
        "Description": "For the terrace",
        "ItemGroupDetail": {"ItemGroupLine": [vase, pots]},
    }
    assert intuit.running is not None
    intuit.running.call_in_loop(lambda: intuit.company().add("Item", bundle))


def bundle(quantity: Any = 2, **detail: Any) -> Wire:
    group = {"GroupItemRef": {"value": "5"}, "Quantity": quantity, **detail}
    return {"DetailType": "GroupLineDetail", "GroupLineDetail": {k: v for k, v in group.items() if v is not None}}


def said(words: str) -> Wire:
    return {"DetailType": "DescriptionOnly", "Description": words}


def on_hand(intuit: QuickBooksStandIn) -> Decimal:
    return Decimal(next(one["QtyOnHand"] for one in intuit.items() if one["Id"] == "4"))


def test_a_line_without_an_item_sells_the_companys_default_item(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    [line, _] = made(books, sold(None, 1, 10, 10))["Line"]
    assert code_of(invoice(books, sold("", 1, 10, 10))) == "2500"
    assert line["SalesItemLineDetail"]["ItemRef"] == {"value": "1", "name": "Services"}
    default = [{"Name": "SalesFormsPrefs.DefaultItem", "Value": "2"}]
    intuit.by_hand("set-preferences", OtherPrefs={"NameValue": default})
    assert made(books, sold(None, 1, 10, 10))["Line"][0]["SalesItemLineDetail"]["ItemRef"]["name"] == "VASE-01"


def test_quantities_and_prices_are_numbers_or_numeric_texts_of_seven_places(books: httpx.Client) -> None:
    wire = made(
        books,
        sold("2", "1.234567", "2", "2.47"),
        sold("2", 3, 0.3333333, 1),
        {"DetailType": "SalesItemLineDetail", "Amount": 7, "SalesItemLineDetail": {"ItemRef": {"value": "2"}}},
        sold("2", 0, 0, 40),
    )
    details = [line["SalesItemLineDetail"] for line in wire["Line"][:4]]
    assert (details[0]["Qty"], details[1]["UnitPrice"], wire["TotalAmt"]) == (1.234567, 0.3333333, 50.47)
    assert all("Qty" not in one and "UnitPrice" not in one for one in details[2:])
    assert code_of(invoice(books, sold("2", "many", 1, 1))) == "2080"
    assert code_of(invoice(books, sold("2", 0, 25, 40))) == "6070"


def test_a_line_keeps_its_date_and_reckons_its_own_discount_rate(books: httpx.Client) -> None:
    detail = {"ServiceDate": "2026-02-01", "DiscountRate": 10, "DiscountAmt": 99, "TaxInclusiveAmt": 0}
    [line, _] = made(books, sold("2", 4, 25, 100, detail=detail))["Line"]
    assert line["SalesItemLineDetail"] == {
        "ItemRef": {"value": "2", "name": "VASE-01"},
        "Qty": 4,
        "UnitPrice": 25,
        "TaxCodeRef": {"value": "NON"},
        "ServiceDate": "2026-02-01",
        "DiscountRate": 10,
        "DiscountAmt": 10,
    }


def test_a_text_line_that_says_subtotal_sums_what_stands_above_it(books: httpx.Client) -> None:
    wire = made(
        books,
        sold("2", 4, 25, 100),
        said("Subtotal:"),
        said("More:"),
        sold("2", 1, 25, 25),
        said("Subtotal: 7"),
        TEN_PERCENT_OFF,
    )
    assert [line.get("Description") for line in wire["Line"][:5]] == [
        None,
        "Subtotal: 100.00",
        "More:",
        None,
        "Subtotal: 25.00",
    ]
    assert [line.get("LineNum") for line in wire["Line"]] == [1, 2, 3, 4, 5, None, None]
    assert "Amount" not in wire["Line"][1] and wire["TotalAmt"] == 112.5
    assert changed(books, wire, Line=wire["Line"]) == wire


def test_a_discount_is_a_percentage_or_an_amount_on_the_companys_account_or_its_own(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    off = {"DetailType": "DiscountLineDetail", "Amount": 30, "DiscountLineDetail": {"PercentBased": False}}
    [_, _, line] = made(books, sold("2", 4, 25, 100), off)["Line"]
    assert line == {
        "DetailType": "DiscountLineDetail",
        "Amount": 30,
        "DiscountLineDetail": {
            "PercentBased": False,
            "DiscountAccountRef": {"value": "86", "name": "Discounts given"},
        },
    }
    intuit.by_hand("set-preferences", SalesFormsPrefs={"DefaultDiscountAccount": {"value": "87"}})
    [_, _, line] = made(books, sold("2", 4, 25, 100), off)["Line"]
    assert line["DiscountLineDetail"]["DiscountAccountRef"]["value"] == "87"
    own = {**off, "DiscountLineDetail": {"DiscountAccountRef": {"value": "999"}}}
    assert code_of(invoice(books, sold("2", 4, 25, 99), own)) == "2500"
    assert code_of(invoice(books, sold("2", 4, 25, 100), off, off)) == "6000"
    assert "must be 0 or greater" in invoice(books, sold("2", 4, 25, 100), {**off, "Amount": 101}).text
    assert code_of(invoice(books, sold("2", 4, 25, 100), SHIPPING, SHIPPING)) == "6000"
    intuit.by_hand("set-preferences", SalesFormsPrefs={"DefaultDiscountAccount": None})
    assert code_of(invoice(books, sold("2", 4, 25, 100), off)) == "6000"


def test_an_account_of_another_type_is_refused_for_discount_and_deposit(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    assert intuit.running is not None
    accounts = intuit.company().records["Account"]
    for id in ("86", "4"):
        wire = {**accounts[id].wire, "AccountType": "Equity"}
        intuit.running.call_in_loop(lambda id=id, wire=wire: intuit.company().amend(accounts[id], wire))
    assert code_of(invoice(books, sold("2", 4, 25, 100), TEN_PERCENT_OFF)) == "6430"
    assert code_of(invoice(books, sold("2", 4, 25, 100), DepositToAccountRef={"value": "4"})) == "6430"


def test_a_bundle_becomes_its_parts_at_their_own_prices(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    wire = made(books, bundle(), sold("2", 1, 25, 25), TEN_PERCENT_OFF)
    [group, single, subtotal, _] = wire["Line"]
    assert (group["Id"], group["LineNum"], group["Amount"]) == ("1", 1, 0)
    detail = group["GroupLineDetail"]
    assert detail["GroupItemRef"] == {"value": "5", "name": "Terrace"} and detail["Quantity"] == 2
    parts = [
        (one["Id"], one["LineNum"], one["Amount"], one["SalesItemLineDetail"]["Qty"], one.get("Description"))
        for one in detail["Line"]
    ]
    assert parts == [("2", 2, 50, 2, None), ("3", 3, 20, 4, "Clay pot")]
    assert (single["Id"], single["LineNum"], subtotal["Amount"], wire["TotalAmt"]) == ("4", 4, 95, 85.5)
    assert on_hand(intuit) == 46
    assert [line.item for line in intuit.invoices()[0].lines] == ["VASE-01", "POT-01", "VASE-01"]
    assert changed(books, wire, Line=wire["Line"]) == wire


def test_lines_sent_inside_a_bundle_are_taken_as_they_are(books: httpx.Client) -> None:
    first = made(books, bundle(1, Line=[sold("2", 3, 20, 60, Description="Cheaper")]))
    [group, _] = first["Line"]
    assert first["TotalAmt"] == 60 and group["GroupLineDetail"]["Line"][0]["Description"] == "Cheaper"
    inside = [{**group["GroupLineDetail"]["Line"][0]}, sold("2", 1, 25, 25)]
    [group, _] = changed(books, first, Line=[{**bundle(1, Line=inside), "Id": group["Id"]}])["Line"]
    assert [group["Id"], *(one["Id"] for one in group["GroupLineDetail"]["Line"])] == ["1", "2", "3"]
    assert code_of(invoice(books, bundle(1, Line=[sold("2", 3, 20, 61)]))) == "6070"
    assert code_of(invoice(books, bundle(1, Line=[sold("999", 1, 1, 1)]))) == "2500"


def test_lines_sent_inside_a_bundle_are_its_own_parts_where_the_switch_says_so(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.set_switches(bundle_lines="own")
    first = made(books, bundle(1, Line=[sold("2", 3, 20, 60, Description="Cheaper")]))

    assert first["TotalAmt"] == 35 and len(first["Line"][0]["GroupLineDetail"]["Line"]) == 2


def test_a_bundle_that_is_none_and_one_sold_as_an_item_are_refused(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    assert code_of(invoice(books, {"DetailType": "GroupLineDetail", "GroupLineDetail": {}})) == "2020"
    assert code_of(invoice(books, bundle(GroupItemRef={"value": "2"}))) == "2500"
    assert code_of(invoice(books, sold("5", 1, 1, 1))) == "6000"
    assert code_of(invoice(books, bundle(None))) == "6520"
    intuit.set_switches(quantity_missing="one")
    assert made(books, bundle(None))["TotalAmt"] == 35


def test_an_inventory_item_needs_a_quantity_and_a_day_on_which_it_was_there(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    bare = {"DetailType": "SalesItemLineDetail", "Amount": 5, "SalesItemLineDetail": {"ItemRef": {"value": "4"}}}
    assert code_of(invoice(books, bare)) == "6520"
    assert code_of(invoice(books, sold("4", 1, 5, 5), TxnDate="2026-01-14")) == "6270"
    assert code_of(invoice(books, bundle(1), TxnDate="2026-01-14")) == "6270"
    assert made(books, sold("4", 1, 5, 5), TxnDate="2026-01-15")["TotalAmt"] == 5
    intuit.set_switches(quantity_missing="one")
    assert made(books, bare)["Line"][0]["SalesItemLineDetail"]["Qty"] == 1


def test_stock_falls_when_sold_and_comes_back_when_the_invoice_is_changed_or_ended(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    before = books.get("/item/4").json()["Item"]
    intuit.clock.move(60)
    first, second = made(books, sold("4", 8, 5, 40)), made(books, bundle(3))
    after = books.get("/item/4").json()["Item"]
    assert after["QtyOnHand"] == 36 and after["SyncToken"] == before["SyncToken"]
    assert after["MetaData"]["LastUpdatedTime"] > before["MetaData"]["LastUpdatedTime"]
    first = changed(books, first, Line=[sold("4", 3, 5, 15), sold("2", 1, 25, 25)])
    assert on_hand(intuit) == 41
    first = changed(books, first, PrivateNote="nothing else")
    books.post("/invoice?operation=void", json=key_of(first))
    assert on_hand(intuit) == 44
    books.post("/invoice?operation=void", json=key_of(read(books, first["Id"])))
    books.post("/invoice?operation=delete", json=key_of(read(books, first["Id"])))
    assert on_hand(intuit) == 44
    books.post("/invoice?operation=delete", json=key_of(second))
    assert on_hand(intuit) == 50


def test_a_void_empties_bundles_and_inline_sums_too(books: httpx.Client) -> None:
    first = made(books, bundle(), said("Subtotal:"), said("Thanks"), SHIPPING)
    void = books.post("/invoice?operation=void", json=key_of(first)).json()["Invoice"]
    group, inline, words, *rest = void["Line"]
    assert group["GroupLineDetail"]["Quantity"] == 0
    inside = group["GroupLineDetail"]["Line"]
    assert [(one["Amount"], one["SalesItemLineDetail"]["Qty"]) for one in inside] == [(0, 0), (0, 0)]
    assert (inline["Description"], words["Description"]) == ("Subtotal: 0.00", "Thanks")
    assert [line["Amount"] for line in rest] == [0, 0] and void["TotalAmt"] == 0


def test_an_inactive_item_is_refused_in_a_new_line_and_stays_in_an_old_one(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    first = made(books, sold("2", 1, 25, 25), bundle(1))
    for id in ("2", "5"):
        intuit.by_hand("deactivate-item", Id=id)
    kept = changed(books, first, Line=first["Line"], PrivateNote="same lines")
    assert kept["TotalAmt"] == 60
    assert code_of(invoice(books, sold("2", 1, 25, 25))) == "610"
    intuit.set_switches(inactive_reference="2500")
    assert code_of(invoice(books, bundle(1))) == "2500"


def test_a_taxable_invoice_has_at_most_750_lines_and_any_other_10000(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    many = [taxed("2", 1, 1, 1), *(sold("2", 1, 1, 1) for _ in range(749))]
    intuit.set_switches(tax="flat")
    assert made(books, *many)["TotalAmt"] == 750.08
    assert code_of(invoice(books, *many, sold("2", 1, 1, 1))) == "6000"
    assert made(books, *(sold("2", 1, 1, 1) for _ in range(751)))["TotalAmt"] == 751
    assert code_of(invoice(books, *([said("x")] * 10_001))) == "6000"


def test_lines_show_their_account_where_the_switch_says_so(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    assert "ItemAccountRef" not in made(books)["Line"][0]["SalesItemLineDetail"]
    intuit.set_switches(line_item_account=True)
    shown = made(books)["Line"][0]["SalesItemLineDetail"]["ItemAccountRef"]
    assert shown == {"value": "79", "name": "Sales of Product Income"}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (sold("2", 1, 1, 1, Description="x" * 4001), "2050"),
        ({"DetailType": "SubTotalLineDetail", "Amount": 1, "SubTotalLineDetail": {}}, "2250"),
        ({"DetailType": "AccountBasedExpenseLineDetail"}, "2170"),
        (sold("2", 1, 1, 1, detail={"ServiceDate": "soon"}), "2060"),
        ({"DetailType": "DiscountLineDetail", "Amount": 1}, "2020"),
    ],
)
def test_a_line_that_breaks_a_rule_is_refused_with_its_code(books: httpx.Client, line: Wire, code: str) -> None:
    assert code_of(invoice(books, line)) == code
