"""Invoices over the wire: what the tests of the QuickBooks stand-in's sales documents share."""

from __future__ import annotations

from typing import Any

import httpx

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.stand_ins import error_in

Wire = dict[str, Any]

SHIPPING = {
    "DetailType": "SalesItemLineDetail",
    "Amount": 12,
    "SalesItemLineDetail": {"ItemRef": {"value": "SHIPPING_ITEM_ID"}},
}
TEN_PERCENT_OFF = {
    "DetailType": "DiscountLineDetail",
    "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10},
}
ADDRESS = {"Line1": "12 Mill Rd", "City": "Dover", "CountrySubDivisionCode": "DE", "PostalCode": "19901"}


def open_the_shop(intuit: QuickBooksStandIn) -> None:
    """Customer 1 on Net 30, item 2 at 25.00, item 3 made inactive."""
    intuit.add_customer("Bloom & Co", SalesTermRef={"value": "3"}, BillAddr=ADDRESS)
    intuit.add_item("VASE-01", price="25.00")
    intuit.add_item("OLD-01")
    intuit.by_hand("deactivate-item", Id="3")


def sold(item: str | None, quantity: Any, price: Any, amount: Any, **more: Any) -> Wire:
    detail = {"Qty": quantity, "UnitPrice": price, **more.pop("detail", {})}
    if item is not None:
        detail["ItemRef"] = {"value": item}
    return {"DetailType": "SalesItemLineDetail", "Amount": amount, "SalesItemLineDetail": detail, **more}


def taxed(item: str, quantity: Any, price: Any, amount: Any, code: str = "TAX") -> Wire:
    return sold(item, quantity, price, amount, detail={"TaxCodeRef": {"value": code}})


def invoice(books: httpx.Client, *lines: Wire, **more: Any) -> httpx.Response:
    """A create; without lines it sells four vases. `include` goes into the address."""
    query = f"?include={more.pop('include')}" if "include" in more else ""
    body = {"CustomerRef": {"value": "1"}, "TxnDate": "2026-02-03", "Line": list(lines), **more}
    return books.post(f"/invoice{query}", json=body)


def made(books: httpx.Client, *lines: Wire, **more: Any) -> Wire:
    return _invoice_in(invoice(books, *(lines or (sold("2", 4, 25, 100),)), **more))


def changed(books: httpx.Client, wire: Wire, **more: Any) -> Wire:
    """A sparse update at the revision of `wire`."""
    key = {"Id": wire["Id"], "SyncToken": wire["SyncToken"], "sparse": True}
    return _invoice_in(books.post("/invoice", json={**key, **more}))


def read(books: httpx.Client, id: str) -> Wire:
    return _invoice_in(books.get(f"/invoice/{id}"))


def let_time_pass(intuit: QuickBooksStandIn, books: httpx.Client, seconds: float) -> None:
    """Move the clock past the life of an access token, and go on with a new one."""
    intuit.clock.move(seconds)
    intuit.office.ready_made.clear()
    assert intuit.running is not None
    books.headers["Authorization"] = f"Bearer {intuit.ready_line(intuit.running.address)['access_token']}"


def code_of(answer: httpx.Response) -> str:
    return str(error_in(answer)["code"])


def key_of(wire: Wire) -> Wire:
    return {"Id": wire["Id"], "SyncToken": wire["SyncToken"]}


def _invoice_in(answer: httpx.Response) -> Wire:
    assert answer.status_code == 200, answer.text
    found: Wire = answer.json()["Invoice"]
    return found
