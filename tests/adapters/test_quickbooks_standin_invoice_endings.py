"""Void and delete of invoices in the QuickBooks stand-in, with payments on them and without."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.invoicing import code_of, key_of, made, open_the_shop, read

Wire = dict[str, Any]


@pytest.fixture(autouse=True)
def shop(intuit: QuickBooksStandIn) -> None:
    open_the_shop(intuit)


def pay(books: httpx.Client, wire: Wire, **more: Any) -> Wire:
    link = {"Amount": wire["TotalAmt"], "LinkedTxn": [{"TxnId": wire["Id"], "TxnType": "Invoice"}]}
    body = {"CustomerRef": {"value": "1"}, "TotalAmt": wire["TotalAmt"], "Line": [link], **more}
    paid: Wire = books.post("/payment", json=body).json()["Payment"]
    return paid


def void(books: httpx.Client, wire: Wire) -> httpx.Response:
    return books.post("/invoice?operation=void", json=key_of(wire))


def test_a_void_of_a_void_changes_nothing_and_a_void_can_be_deleted(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    once = void(books, made(books, DocNumber="WC-1")).json()["Invoice"]
    assert once["PrivateNote"] == "Voided" and once["TxnTaxDetail"] == {"TotalTax": 0}
    intuit.clock.move(60)
    assert void(books, once).json()["Invoice"] == once
    assert books.post("/invoice", json=once).json()["Invoice"] == once
    rows = books.get("/query", params={"query": "SELECT * FROM Invoice WHERE DocNumber = 'WC-1'"}).json()
    assert rows["QueryResponse"]["Invoice"] == [once]
    assert books.post("/invoice?operation=delete", json=key_of(once)).json()["Invoice"]["status"] == "Deleted"
    assert code_of(void(books, once)) == "610"


def test_an_invoice_whose_payment_was_processed_is_not_voided(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    first = made(books)
    pay(books, first, ProcessPayment=True)
    assert code_of(void(books, read(books, first["Id"]))) == "6450"
    assert [one.total for one in intuit.invoices()] == [100]


def test_a_paid_invoice_is_deleted_only_where_the_switch_lets_its_payment_go(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    first = made(books)
    paid = pay(books, first)
    key = key_of(read(books, first["Id"]))
    assert code_of(books.post("/invoice?operation=delete", json=key)) == "800"
    intuit.set_switches(delete_paid_invoice="allow")
    assert books.post("/invoice?operation=delete", json=key).status_code == 200
    assert books.get(f"/payment/{paid['Id']}").json()["Payment"]["UnappliedAmt"] == 100
    assert books.get("/customer/1").json()["Customer"]["Balance"] == -100


def test_an_ending_needs_the_revision_and_a_subscription(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    first = made(books)
    assert code_of(books.post("/invoice?operation=void", json={"Id": first["Id"]})) == "2020"
    assert code_of(books.post("/invoice?operation=delete", json={**key_of(first), "SyncToken": "7"})) == "5010"
    intuit.by_hand("lapse-subscription")
    assert code_of(void(books, first)) == "6190"
    assert code_of(books.post("/invoice?operation=delete", json=key_of(first))) == "6190"
