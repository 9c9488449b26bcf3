"""Invoices of the QuickBooks stand-in: sums, lines, numbers, endings, and what they move elsewhere."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.invoicing import SHIPPING, TEN_PERCENT_OFF, invoice, made, open_the_shop, sold
from tests.adapters.stand_ins import error_in


@pytest.fixture(autouse=True)
def shop(intuit: QuickBooksStandIn) -> None:
    open_the_shop(intuit)


def test_an_invoice_comes_back_with_lines_sums_due_date_and_copied_address(books: httpx.Client) -> None:
    wire = made(books, sold("2", 4, 25, 100, Description="Vase"), DocNumber="WC-1001")
    item, subtotal = wire["Line"]
    assert (item["Id"], item["LineNum"], item["SalesItemLineDetail"]["ItemRef"]["name"]) == ("1", 1, "VASE-01")
    assert item["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "NON"}
    assert subtotal == {"DetailType": "SubTotalLineDetail", "Amount": 100, "SubTotalLineDetail": {}}
    assert (wire["TotalAmt"], wire["Balance"], wire["DueDate"]) == (100, 100, "2026-03-05")
    assert wire["CustomerRef"] == {"value": "1", "name": "Bloom & Co"} and wire["LinkedTxn"] == []
    assert wire["BillAddr"]["Line1"] == "12 Mill Rd" and wire["TxnTaxDetail"]["TotalTax"] == 0
    assert wire["EmailStatus"] == "NotSet" and wire["DocNumber"] == "WC-1001"


def test_money_travels_as_numbers_with_their_exact_digits(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    detail = '"SalesItemLineDetail":{"Qty":128.350,"UnitPrice":"14.50"}'
    line = '{"DetailType":"SalesItemLineDetail","Amount":1861.08,' + detail + "}"
    body = '{"CustomerRef":{"value":"1"},"Line":[' + line + "]}"
    answer = books.post("/invoice", content=body, headers={"Content-Type": "application/json"})
    assert '"TotalAmt":1861.08' in answer.text and '"UnitPrice":14.50' in answer.text
    [seen] = intuit.invoices()
    assert seen.total == Decimal("1861.08") and seen.lines[0].quantity == Decimal("128.350")


def test_an_amount_that_is_not_quantity_times_price_rounded_half_up_is_refused(books: httpx.Client) -> None:
    error = error_in(invoice(books, sold("2", "128.350", "14.50", "1861.07")))
    assert error["code"] == "6070"
    assert error["Detail"] == "Amount is not equal to UnitPrice * Qty. Supplied value:1,861.07"


def test_discount_and_shipping_follow_the_subtotal_without_ids(books: httpx.Client) -> None:
    wire = made(books, SHIPPING, sold("2", 4, 25, 100), TEN_PERCENT_OFF, sold("2", 1, 25, 25))
    kinds = [(line["DetailType"], line.get("Id"), line["Amount"]) for line in wire["Line"]]
    assert kinds == [
        ("SalesItemLineDetail", "1", 100),
        ("SalesItemLineDetail", "2", 25),
        ("SubTotalLineDetail", None, 125),
        ("DiscountLineDetail", None, 12.5),
        ("SalesItemLineDetail", None, 12),
    ]
    assert wire["TotalAmt"] == 124.5


@pytest.mark.parametrize(
    ("lines", "more", "code"),
    [
        ([], {}, "2250"),
        ([{"Amount": 1, "SalesItemLineDetail": {}}], {}, "2020"),
        ([{"DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}}], {}, "2020"),
        ([sold("2", 1, 1, 1)], {"CustomerRef": {"value": "583"}}, "2500"),
        ([sold("2", 1, 1, 1)], {"CustomerRef": {}}, "2020"),
        ([sold("999", 1, 1, 1)], {}, "2500"),
        ([sold("3", 1, 1, 1)], {}, "610"),
        ([sold("2", 1, 1, 1)], {"DocNumber": "x" * 22}, "2050"),
        ([sold("2", 1, 1, 1)], {"TxnDate": "tomorrow"}, "2060"),
        ([sold("2", "0.12345678", 1, 1)], {}, "2110"),
        ([sold("2", -1, 1, -1)], {}, "6000"),
        ([sold("2", 1, 1, 1, detail={"TaxCodeRef": {"value": "7"}})], {}, "6100"),
        ([sold("2", 1, 1, 1), {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {}}], {}, "6090"),
        ([sold("2", 1, 1, 1), {**TEN_PERCENT_OFF, "DiscountLineDetail": {}, "Amount": -1}], {}, "2290"),
        ([sold("2", 1, 1, 1)], {"EmailStatus": "NeedToSend"}, "6420"),
        ([sold("2", 1, 1, 1)], {"CurrencyRef": {"value": "EUR"}}, "6000"),
        ([sold("2", 1, 1, 1)], {"Deposit": 1}, "6000"),
        ([sold("2", 1, 1, 1)], {"TotalTax": 1}, "2010"),
    ],
)
def test_an_invoice_that_breaks_a_rule_is_refused_with_its_code(
    books: httpx.Client, intuit: QuickBooksStandIn, lines: list[dict[str, Any]], more: dict[str, Any], code: str
) -> None:
    assert error_in(invoice(books, *lines, **more))["code"] == code
    assert intuit.invoices() == []


def test_a_category_cannot_be_sold(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    category = intuit.by_hand("add-item", Name="Flowers", Type="Category")
    assert "set up as a category" in error_in(invoice(books, sold(category["Id"], 1, 1, 1)))["Detail"]


def test_shipping_and_discount_need_their_settings(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.by_hand("set-preferences", SalesFormsPrefs={"AllowShipping": False, "AllowDiscount": False})
    assert error_in(invoice(books, sold("2", 1, 1, 1), SHIPPING))["code"] == "6000"
    assert error_in(invoice(books, sold("2", 1, 1, 1), TEN_PERCENT_OFF))["code"] == "6000"


def test_with_custom_numbers_a_number_is_taken_once_and_none_stays_none(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.by_hand("set-preferences", SalesFormsPrefs={"CustomTxnNumbers": True})
    first = made(books, DocNumber="1037")
    error = error_in(invoice(books, sold("2", 1, 1, 1), DocNumber="1037"))
    assert error["code"] == "6140"
    assert error["Detail"] == (
        "Duplicate Document Number Error : You must specify a different number. This number has already been used. "
        f"DocNumber=1037 is assigned to TxnType=Invoice with TxnId={first['Id']}"
    )
    assert "DocNumber" not in made(books)
    assert made(books, DocNumber="1037", include="allowduplicatedocnum")["DocNumber"] == "1037"


def test_with_automatic_numbers_ours_is_kept_unchecked_and_moves_the_counter(books: httpx.Client) -> None:
    numbers = [made(books, **given)["DocNumber"] for given in ({}, {"DocNumber": "WC-7"}, {}, {"DocNumber": "WC-7"})]
    assert numbers == ["1001", "WC-7", "1002", "WC-7"]
    assert [made(books, DocNumber="2000")["DocNumber"], made(books)["DocNumber"]] == ["2000", "2001"]


def test_an_invoice_moves_its_customers_balance_and_time_but_not_the_revision(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    before = books.get("/customer/1").json()["Customer"]
    intuit.clock.move(60)
    made(books)
    after = books.get("/customer/1").json()["Customer"]
    assert (after["Balance"], after["BalanceWithJobs"], after["SyncToken"]) == (100, 100, before["SyncToken"])
    assert after["MetaData"]["LastUpdatedTime"] > before["MetaData"]["LastUpdatedTime"]


def test_lines_are_replaced_as_a_whole_and_a_line_without_its_id_gets_a_new_one(books: httpx.Client) -> None:
    first = made(books, sold("2", 4, 25, 100, Description="Vase"), sold("2", 1, 25, 25))
    kept = {"Id": first["Id"], "SyncToken": "0", "sparse": True, "Line": [sold("2", 4, 25, 100, Id="1")]}
    second = books.post("/invoice", json=kept).json()["Invoice"]
    fresh = {**kept, "SyncToken": "1", "Line": [sold("2", 4, 25, 100)]}
    third = books.post("/invoice", json=fresh).json()["Invoice"]
    assert [line.get("Id") for line in second["Line"]] == ["1", None] and "Description" not in second["Line"][0]
    assert third["Line"][0]["Id"] == "3" and third["SyncToken"] == "2"
    assert books.get("/customer/1").json()["Customer"]["Balance"] == 100


def test_a_full_update_clears_the_note_and_a_sparse_one_keeps_it(books: httpx.Client) -> None:
    first = made(books, PrivateNote="Order 1001", DocNumber="WC-1")
    sparse = {"Id": first["Id"], "SyncToken": "0", "sparse": True, "CustomerMemo": {"value": "Thanks"}}
    assert books.post("/invoice", json=sparse).json()["Invoice"]["PrivateNote"] == "Order 1001"
    full = {key: first[key] for key in ("Id", "CustomerRef", "Line", "DocNumber", "TxnDate")}
    after = books.post("/invoice", json={**full, "SyncToken": "1"}).json()["Invoice"]
    assert "PrivateNote" not in after and "CustomerMemo" not in after and after["Line"][0]["Id"] == "1"


def test_an_invoice_sent_back_as_it_was_read_changes_nothing(books: httpx.Client) -> None:
    first = made(books, sold("2", 4, 25, 100, Description="Vase"), SHIPPING, TEN_PERCENT_OFF, PrivateNote="n")
    assert books.post("/invoice", json=first).json()["Invoice"] == first
    assert books.post("/invoice", json={**first, "sparse": True}).json()["Invoice"] == first


def test_a_void_keeps_the_document_with_nothing_owed(books: httpx.Client) -> None:
    first = made(books, PrivateNote="Order 1001")
    asked = {"Id": first["Id"], "SyncToken": "0"}
    void = books.post("/invoice?operation=void", json=asked).json()["Invoice"]
    assert (void["TotalAmt"], void["Balance"], void["SyncToken"]) == (0, 0, "1")
    assert void["PrivateNote"] == "Voided - Order 1001" and void["DocNumber"] == first["DocNumber"]
    assert void["Line"][0]["SalesItemLineDetail"]["Qty"] == 0
    assert books.get("/customer/1").json()["Customer"]["Balance"] == 0
    assert error_in(books.post("/invoice?operation=void", json=asked))["code"] == "5010"


def test_a_delete_is_for_ever_and_gives_the_number_and_the_balance_back(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.by_hand("set-preferences", SalesFormsPrefs={"CustomTxnNumbers": True})
    first = made(books, DocNumber="WC-1")
    gone = books.post("/invoice?operation=delete", json={"Id": first["Id"], "SyncToken": "0"})
    assert gone.json()["Invoice"] == {"domain": "QBO", "status": "Deleted", "Id": first["Id"]}
    assert "Another user has deleted" in error_in(books.get(f"/invoice/{first['Id']}"))["Detail"]
    assert books.get("/customer/1").json()["Customer"]["Balance"] == 0
    assert made(books, DocNumber="WC-1")["Id"] == "2"


def test_closed_books_refuse_every_write_dated_in_them(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    first = made(books)
    intuit.by_hand("close-books", date="2026-02-03")
    key = {"Id": first["Id"], "SyncToken": "0"}
    refused = [
        invoice(books, sold("2", 1, 1, 1)),
        books.post("/invoice", json={**key, "sparse": True, "TxnDate": "2026-02-04"}),
        books.post("/invoice?operation=void", json=key),
        books.post("/invoice?operation=delete", json=key),
    ]
    assert [error_in(one)["code"] for one in refused] == ["6200"] * 4
    assert made(books, TxnDate="2026-02-04")["Id"] == "2"
    intuit.by_hand("reopen-books")
    assert books.post("/invoice?operation=delete", json=key).status_code == 200


def test_a_payment_moves_the_invoices_balance_and_revision(books: httpx.Client) -> None:
    first = made(books)
    link = {"Amount": 60, "LinkedTxn": [{"TxnId": first["Id"], "TxnType": "Invoice"}]}
    paid = books.post("/payment", json={"CustomerRef": {"value": "1"}, "TotalAmt": 70, "Line": [link]}).json()[
        "Payment"
    ]
    after = books.get(f"/invoice/{first['Id']}").json()["Invoice"]
    assert (paid["Id"], paid["UnappliedAmt"]) == ("2", 10)
    assert (after["Balance"], after["SyncToken"]) == (40, "1")
    assert after["LinkedTxn"] == [{"TxnId": "2", "TxnType": "Payment"}]
    assert books.get("/customer/1").json()["Customer"]["Balance"] == 30
    books.post("/payment?operation=delete", json={"Id": "2", "SyncToken": "0"})
    again = books.get(f"/invoice/{first['Id']}").json()["Invoice"]
    assert (again["Balance"], again["SyncToken"], again["LinkedTxn"]) == (100, "2", [])


def test_a_paid_invoice_is_voided_with_the_payment_left_unapplied_or_refused(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    first = made(books)
    link = {"Amount": 130, "LinkedTxn": [{"TxnId": first["Id"], "TxnType": "Invoice"}]}
    paid = books.post("/payment", json={"CustomerRef": {"value": "1"}, "TotalAmt": 130, "Line": [link]}).json()[
        "Payment"
    ]
    assert paid["UnappliedAmt"] == 30
    key = {"Id": first["Id"], "SyncToken": "1"}
    assert error_in(books.post("/invoice?operation=delete", json=key))["code"] == "800"
    intuit.set_switches(void_paid_invoice="refuse")
    assert error_in(books.post("/invoice?operation=void", json=key))["code"] == "6000"
    intuit.set_switches(void_paid_invoice="allow")
    assert books.post("/invoice?operation=void", json=key).json()["Invoice"]["LinkedTxn"] == []
    assert books.get(f"/payment/{paid['Id']}").json()["Payment"]["UnappliedAmt"] == 130
    assert books.get("/customer/1").json()["Customer"]["Balance"] == -130


def test_flat_tax_is_added_to_lines_that_say_tax(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.set_switches(tax="flat", tax_percent=8)
    taxed = made(books, sold("2", 1, "335.25", "335.25", detail={"TaxCodeRef": {"value": "TAX"}}), sold("2", 1, 1, 1))
    assert taxed["TxnTaxDetail"]["TotalTax"] == 26.82 and taxed["TotalAmt"] == 363.07
    assert taxed["TxnTaxDetail"]["TaxLine"][0]["TaxLineDetail"]["NetAmountTaxable"] == 335.25
    assert books.get("/preferences").json()["Preferences"]["TaxPrefs"]["UsingSalesTax"] is True


def test_custom_fields_come_back_by_definition_once_they_are_in_use(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    value = {"CustomField": [{"DefinitionId": "1", "Type": "StringType", "StringValue": "10231"}]}
    assert error_in(invoice(books, sold("2", 1, 1, 1), **value))["code"] == "3000"
    in_use = [{"Name": "SalesFormsPrefs.UseSalesCustom1", "Type": "BooleanType", "BooleanValue": True}]
    name = [{"Name": "SalesFormsPrefs.SalesCustomName1", "Type": "StringType", "StringValue": "Order"}]
    groups = [{"CustomField": in_use}, {"CustomField": name}]
    intuit.by_hand("set-preferences", SalesFormsPrefs={"CustomField": groups})
    assert made(books, **value)["CustomField"] == [
        {"DefinitionId": "1", "Type": "StringType", "StringValue": "10231", "Name": "Order"}
    ]
    assert "StringValue" not in made(books)["CustomField"][0]


def test_a_copied_invoice_repeats_the_note_and_gets_a_number_of_its_own(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    first = made(books, PrivateNote="mark-1", DocNumber="WC-1")
    copied = intuit.by_hand("copy-invoice", Id=first["Id"])
    assert (copied["PrivateNote"], copied["DocNumber"], copied["TotalAmt"]) == ("mark-1", "1001", 100)
    assert [one.note for one in intuit.invoices()] == ["mark-1", "mark-1"]


def test_a_bookkeeper_can_edit_reformat_void_and_delete(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    first, second = made(books), made(books)
    intuit.by_hand("edit-invoice", Id=first["Id"], PrivateNote="seen")
    address = intuit.by_hand("reformat-addresses", Id=first["Id"])["BillAddr"]
    intuit.by_hand("void-invoice", Id=first["Id"])
    intuit.by_hand("delete-invoice", Id=second["Id"])
    [left] = intuit.invoices()
    assert address["Line3"] == "Dover, DE  19901" and "City" not in address and address["Lat"] == "INVALID"
    assert (left.note, left.total, left.wire["SyncToken"]) == ("Voided - seen", Decimal(0), "2")


def test_term_dates_follow_the_kind_of_term(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    tenth = intuit.by_hand("add-term", Name="10th", DayOfMonthDue=10, DueNextMonthDays=5)
    due = [
        made(books, TxnDate=day, SalesTermRef={"value": tenth["Id"]})["DueDate"]
        for day in ("2026-02-03", "2026-02-07", "2026-02-28")
    ]
    assert due == ["2026-02-10", "2026-03-10", "2026-03-10"]
    assert made(books, DueDate="2026-12-24")["DueDate"] == "2026-12-24"
