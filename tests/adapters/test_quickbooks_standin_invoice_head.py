"""The head of an invoice in the QuickBooks stand-in: lengths, settings, currency, links, addresses, numbers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.invoicing import changed, code_of, invoice, let_time_pass, made, open_the_shop, read, sold
from tests.adapters.stand_ins import error_in

Wire = dict[str, Any]

ONE = sold("2", 1, 1, 1)


@pytest.fixture(autouse=True)
def shop(intuit: QuickBooksStandIn) -> None:
    open_the_shop(intuit)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"PrivateNote": "x" * 4001}, "2050"),
        ({"CustomerMemo": {"value": "x" * 1001}}, "2050"),
        ({"ShipMethodRef": {"value": "x" * 31}}, "2050"),
        ({"BillEmail": {"Address": "a@bloom.example" + "x" * 90}}, "2050"),
        ({"BillEmail": {"Address": "nobody"}}, "2210"),
        ({"BillAddr": {"Line1": "x" * 501}}, "2050"),
        ({"BillAddr": {f"Line{place}": "x" * 401 for place in range(1, 6)}}, "2050"),
        ({"ShipFromAddr": {f"Line{place}": "x" * 401 for place in range(1, 6)}}, "2050"),
        ({"ShipAddr": {"City": "x" * 256}}, "2050"),
        ({"ShipAddr": {"PostalCode": "x" * 31}}, "2050"),
        ({"EmailStatus": "Sent"}, "2170"),
        ({"PrintStatus": "Printed"}, "2170"),
        ({"SalesTermRef": {"value": "99"}}, "2500"),
        ({"DepositToAccountRef": {"value": "999"}}, "2500"),
        ({"Deposit": -1}, "2290"),
        ({"ExchangeRate": 2}, "6000"),
        ({"CurrencyRef": {"value": "USD"}}, "6000"),
        ({"AllowOnlineACHPayment": True}, "6000"),
        ({"AllowOnlineCreditCardPayment": True}, "6000"),
        ({"LinkedTxn": [{"TxnId": "77", "TxnType": "Estimate"}]}, "620"),
        ({"LinkedTxn": [{"TxnId": "77", "TxnType": "TimeActivity"}]}, "620"),
        ({"TxnTaxDetail": {"TaxRate": 1}}, "2010"),
    ],
)
def test_a_head_that_breaks_a_rule_is_refused_with_its_code(
    books: httpx.Client, intuit: QuickBooksStandIn, more: Wire, code: str
) -> None:
    assert code_of(invoice(books, ONE, **more)) == code
    assert intuit.invoices() == []


def test_what_is_read_only_and_what_is_empty_is_passed_over(books: httpx.Client) -> None:
    first = made(
        books,
        ONE,
        DueDate="",
        ShipDate="",
        TrackingNum="",
        ExchangeRate=1,
        AllowIPNPayment=True,
        PrivateNote="",
        BillEmail={"Address": ""},
        CustomerMemo={"value": ""},
        TotalAmt="",
        Balance=99,
        HomeTotalAmt=0,
        LinkedTxn=[{"TxnId": "9", "TxnType": "Payment"}],
        DeliveryInfo={"DeliveryType": "Email"},
        EInvoiceStatus=None,
        InvoiceLink="",
        ProjectRef={"value": "39298045"},
    )
    assert (first["TotalAmt"], first["Balance"], first["LinkedTxn"]) == (1, 1, [])
    absent = {"ShipDate", "TrackingNum", "PrivateNote", "CustomerMemo", "DeliveryInfo", "InvoiceLink", "ProjectRef"}
    assert not (absent | {"BillEmail", "ExchangeRate", "HomeTotalAmt"}) & first.keys()
    assert first["DueDate"] == "2026-03-05" and first["AllowIPNPayment"] is True


def test_a_shipping_method_is_value_and_name_alike_and_tracking_may_be_long(books: httpx.Client) -> None:
    wire = made(books, ONE, ShipMethodRef={"name": "UPS Ground"}, TrackingNum="1Z" * 200, ShipDate="2026-02-05")
    assert wire["ShipMethodRef"] == {"value": "UPS Ground", "name": "UPS Ground"}
    assert (len(wire["TrackingNum"]), wire["ShipDate"]) == (400, "2026-02-05")


def test_a_date_left_out_is_the_servers_own_in_california(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    now = intuit.clock.now()
    three_at_night = (now + timedelta(days=1)).replace(hour=3, minute=0)
    let_time_pass(intuit, books, (three_at_night - now).total_seconds())
    assert made(books, ONE, TxnDate=None)["TxnDate"] == now.date().isoformat()


def test_the_term_moves_the_due_date_unless_one_was_sent(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    first = made(books, ONE)
    second = changed(books, first, SalesTermRef={"value": "2"})
    assert (first["DueDate"], second["DueDate"]) == ("2026-03-05", "2026-02-18")
    third = changed(books, second, TxnDate="2026-02-04", DueDate="2026-12-24")
    assert changed(books, third, PrivateNote="x")["DueDate"] == "2026-12-24"
    bare = {key: first[key] for key in ("Id", "CustomerRef", "Line", "TxnDate")}
    full = books.post("/invoice", json={**bare, "SyncToken": "3"}).json()["Invoice"]
    assert "SalesTermRef" not in full and full["DueDate"] == "2026-02-03"


def test_a_deposit_is_owed_no_more_and_needs_the_setting(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    assert code_of(invoice(books, ONE, Deposit=1)) == "6000"
    intuit.by_hand("set-preferences", SalesFormsPrefs={"AllowDeposit": True})
    assert code_of(invoice(books, ONE, Deposit=2)) == "6000"
    wire = made(books, Deposit="12.50")
    assert (wire["Deposit"], wire["Balance"], wire["TotalAmt"]) == (12.5, 87.5, 100)
    assert wire["DepositToAccountRef"] == {"value": "4", "name": "Undeposited Funds"}
    assert books.get("/customer/1").json()["Customer"]["Balance"] == 87.5
    assert changed(books, wire, Deposit=0)["Balance"] == 100
    assert books.get("/customer/1").json()["Customer"]["Balance"] == 100


def test_classes_and_locations_need_tracking_and_must_exist(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    retail, dover = intuit.by_hand("add-class", Name="Retail"), intuit.by_hand("add-department", Name="Dover")
    by_class = {"ClassRef": {"value": retail["Id"]}}
    line = sold("2", 1, 1, 1, detail=by_class)
    head = {**by_class, "DepartmentRef": {"value": dover["Id"]}}
    assert [code_of(invoice(books, *these)) for these in ([line],)] == ["6000"]
    assert code_of(invoice(books, sold("2", 1, 1, 1), **head)) == "6000"
    intuit.set_switches(feature_off="ignore")
    ignored = made(books, line, **head)
    assert not {"ClassRef", "DepartmentRef"} & ignored.keys()
    tracking = {"ClassTrackingPerTxn": True, "ClassTrackingPerTxnLine": True, "TrackDepartments": True}
    intuit.by_hand("set-preferences", AccountingInfoPrefs=tracking)
    wire = made(books, line, **head)
    assert wire["ClassRef"] == {"value": retail["Id"], "name": "Retail"}
    assert wire["DepartmentRef"] == {"value": dover["Id"], "name": "Dover"}
    assert wire["Line"][0]["SalesItemLineDetail"]["ClassRef"]["name"] == "Retail"
    unknown = invoice(books, sold("2", 1, 1, 2), ClassRef={"value": "583"})
    assert "Klasses element id 583 not found" in unknown.text
    assert "Depts element id 7 not found" in invoice(books, line, DepartmentRef={"value": "7"}).text


def test_online_payment_needs_the_setting_and_can_be_passed_over(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    asked = {"AllowOnlineACHPayment": True, "AllowOnlineCreditCardPayment": False}
    intuit.set_switches(feature_off="ignore")
    assert "AllowOnlineACHPayment" not in made(books, ONE, **asked)
    assert made(books, ONE, Deposit=1)["Deposit"] == 0
    intuit.by_hand("set-preferences", SalesFormsPrefs={"ETransactionPaymentEnabled": True})
    wire = made(books, ONE, **asked)
    assert (wire["AllowOnlineACHPayment"], wire["AllowOnlineCreditCardPayment"]) == (True, False)


def test_with_several_currencies_the_customers_is_required_and_the_total_is_known_at_home(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.by_hand("set-preferences", CurrencyPrefs={"MultiCurrencyEnabled": True})
    euros = intuit.add_customer("Dune & Daughters", CurrencyRef={"value": "EUR"})["Id"]
    theirs = {"CustomerRef": {"value": euros}}
    assert error_in(invoice(books, ONE, **theirs))["element"] == "CurrencyRef"
    assert code_of(invoice(books, ONE, **theirs, CurrencyRef={"value": "USD"})) == "2220"
    assert code_of(invoice(books, ONE, **theirs, CurrencyRef={"value": "EUR"}, ExchangeRate=0)) == "2290"
    wire = made(books, **theirs, CurrencyRef={"value": "EUR"})
    assert (wire["CurrencyRef"], wire["ExchangeRate"]) == ({"value": "EUR", "name": "Euro"}, 1.25)
    assert (wire["TotalAmt"], wire["HomeTotalAmt"]) == (100, 125)
    again = changed(books, wire, ExchangeRate="1.1")
    assert (again["HomeTotalAmt"], changed(books, again, PrivateNote="x")["ExchangeRate"]) == (110, 1.1)
    intuit.set_switches(currency_missing="customer")
    home = made(books)
    assert (home["CurrencyRef"]["value"], home["ExchangeRate"], home["HomeTotalAmt"]) == ("USD", 1, 100)


def test_a_link_is_shown_only_when_it_is_asked_for(books: httpx.Client) -> None:
    first = made(books)
    shown = books.get(f"/invoice/{first['Id']}?include=invoiceLink").json()["Invoice"]
    assert shown.pop("InvoiceLink").endswith(f"/{first['Id']}") and shown == first
    assert "InvoiceLink" in made(books, include="invoiceLink")


def test_an_estimate_of_the_same_customer_can_be_linked_and_stays_beside_payments(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    other = intuit.add_customer("Dune & Daughters")["Id"]
    ours, theirs = (intuit.by_hand("add-estimate", CustomerRef={"value": id})["Id"] for id in ("1", other))
    estimate = {"TxnId": ours, "TxnType": "Estimate"}
    assert code_of(invoice(books, ONE, LinkedTxn=[{**estimate, "TxnId": theirs}])) == "620"
    first = made(books, LinkedTxn=[estimate])
    assert first["LinkedTxn"] == [estimate] and int(first["Id"]) > int(theirs)
    link = {"Amount": 60, "LinkedTxn": [{"TxnId": first["Id"], "TxnType": "Invoice"}]}
    payment = {"CustomerRef": {"value": "1"}, "TotalAmt": 60, "Line": [link]}
    paid = books.post("/payment", json=payment).json()["Payment"]
    paid_link = {"TxnId": paid["Id"], "TxnType": "Payment"}
    second = read(books, first["Id"])
    assert second["LinkedTxn"] == [paid_link, estimate]
    assert changed(books, second, PrivateNote="x")["LinkedTxn"] == [paid_link, estimate]
    bare = {key: second[key] for key in ("Id", "CustomerRef", "Line", "TxnDate")}
    full = books.post("/invoice", json={**bare, "SyncToken": "2"}).json()["Invoice"]
    assert full["LinkedTxn"] == [paid_link] and full["Balance"] == 40


def test_an_address_left_out_is_the_customers_and_one_that_was_sent_is_not_found_on_a_map(
    books: httpx.Client,
) -> None:
    first = made(books, ShipAddr={"Line1": "1 Main St", "City": "Austin", "Country": "USA", "Lat": "37", "Long": "1"})
    customer = books.get("/customer/1").json()["Customer"]
    assert first["BillAddr"]["Id"] == customer["BillAddr"]["Id"] and first["BillAddr"]["City"] == "Dover"
    ship = first["ShipAddr"]
    assert (ship["Lat"], ship["Long"], ship["Country"]) == ("INVALID", "INVALID", "USA")
    moved = changed(books, first, ShipAddr={**ship, "City": "Dallas"})
    assert moved["ShipAddr"]["Id"] != ship["Id"] and moved["BillAddr"] == first["BillAddr"]
    assert "ShipAddr" not in changed(books, moved, ShipAddr=None)
    bare = {key: first[key] for key in ("Id", "CustomerRef", "Line", "TxnDate")}
    assert "BillAddr" not in books.post("/invoice", json={**bare, "SyncToken": "2"}).json()["Invoice"]


def test_an_update_cannot_empty_the_customer_or_the_lines(books: httpx.Client) -> None:
    first = made(books)
    key = {"Id": first["Id"], "SyncToken": "0", "sparse": True}
    for emptied, element in (({"CustomerRef": None}, "CustomerRef"), ({"CustomerRef": {}}, "CustomerRef")):
        assert error_in(books.post("/invoice", json={**key, **emptied}))["element"] == element
    assert code_of(books.post("/invoice", json={**key, "Line": None})) == "2020"
    assert code_of(books.post("/invoice", json={**key, "Line": []})) == "2250"
    assert read(books, first["Id"]) == first


def test_an_update_without_effect_leaves_revision_and_time(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    first = made(books, PrivateNote="Order 1001", DocNumber="WC-1", BillEmail={"Address": "ap@bloom.example"})
    intuit.clock.move(60)
    assert changed(books, first, PrivateNote="Order 1001", DocNumber="WC-1") == first
    assert changed(books, first, DueDate=first["DueDate"], Line=[{**first["Line"][0], "Amount": "100.000"}]) == first
    moved = changed(books, first, PrivateNote="Order 1002")
    assert moved["SyncToken"] == "1" and moved["MetaData"]["LastUpdatedTime"] > first["MetaData"]["LastUpdatedTime"]


def test_an_invoice_given_to_another_customer_takes_its_balance_along(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    other = intuit.add_customer("Dune & Daughters")["Id"]
    changed(books, made(books), CustomerRef={"value": other})
    assert [one["Balance"] for one in intuit.customers()] == [0, 100]


def test_a_number_in_use_is_refused_on_a_change_too_and_freed_by_it(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.by_hand("set-preferences", SalesFormsPrefs={"CustomTxnNumbers": True})
    first, second = made(books, DocNumber="WC-1"), made(books, DocNumber="WC-2")
    key = {"Id": second["Id"], "SyncToken": "0", "sparse": True}
    refused = error_in(books.post("/invoice", json={**key, "DocNumber": "WC-1"}))
    assert refused["code"] == "6140" and f"with TxnId={first['Id']}" in refused["Detail"]
    assert changed(books, first, DocNumber="WC-3")["DocNumber"] == "WC-3"
    assert changed(books, second, DocNumber="WC-1")["DocNumber"] == "WC-1"
    bare = {key: first[key] for key in ("Id", "CustomerRef", "Line", "TxnDate")}
    assert "DocNumber" not in books.post("/invoice", json={**bare, "SyncToken": "1"}).json()["Invoice"]


def test_numbers_of_another_type_of_document_do_not_collide(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.by_hand("set-preferences", SalesFormsPrefs={"CustomTxnNumbers": True})
    assert intuit.running is not None
    memo = {"CustomerRef": {"value": "1"}, "DocNumber": "1037", "TotalAmt": 1, "Line": []}
    intuit.running.call_in_loop(lambda: intuit.company().add("CreditMemo", memo))
    assert made(books, DocNumber="1037")["DocNumber"] == "1037"
    assert code_of(invoice(books, ONE, DocNumber="1037")) == "6140"
