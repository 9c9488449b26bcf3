"""Two strangers' clients of QuickBooks, `intuit-oauth` and `python-quickbooks`, unchanged, at the stand-in's address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from intuitlib.client import AuthClient
from quickbooks import QuickBooks
from quickbooks.objects import Customer, Invoice, Item, Payment, PaymentLine
from quickbooks.objects.base import Ref
from quickbooks.objects.detailline import SalesItemLine, SalesItemLineDetail

from adapters.quickbooks.standin import QuickBooksStandIn

CALLBACK = "http://localhost:8123/callback"


def may_speak_plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their own settings for a server without TLS on this machine."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@contextmanager
def oauth_client(ready: dict[str, str], discovery: str = "", **more: Any) -> Iterator[AuthClient]:
    """Intuit's own client; where it expects the name of an environment it takes an address too."""
    client = AuthClient(
        ready["client_id"], ready["client_secret"], CALLBACK, environment=discovery or ready["discovery"], **more
    )
    with client:
        yield client


@contextmanager
def books_client(intuit: QuickBooksStandIn) -> Iterator[QuickBooks]:
    """A client of the books, connected, with Decimal for money."""
    assert intuit.running is not None
    ready = intuit.ready_line(intuit.running.address)
    with oauth_client(ready, access_token=ready["access_token"], refresh_token=ready["refresh_token"]) as auth:
        books = books_of(auth, ready)
        with books.session:
            yield books


def books_of(auth: AuthClient, ready: dict[str, str]) -> QuickBooks:
    """The books that a connected OAuth client opens; the caller closes `session`."""
    books = QuickBooks(auth_client=auth, company_id=ready["realm"], minorversion=75, use_decimal=True)
    books.api_url_v3 = f"{ready['api']}/v3"
    return books


def reference(value: str) -> Ref:
    ref = Ref()
    ref.value = value
    return ref


def a_customer(name: str = "Bloom & Co", **fields: Any) -> Customer:
    return _filled(Customer(), DisplayName=name, **fields)


def an_item(name: str = "Vase", **fields: Any) -> Item:
    return _filled(
        Item(), **{"Name": name, "Type": "NonInventory", "UnitPrice": 25, "IncomeAccountRef": reference("79"), **fields}
    )


def a_line(item: Item, quantity: int, price: str) -> SalesItemLine:
    detail = _filled(
        SalesItemLineDetail(),
        ItemRef=item.to_ref(),
        Qty=quantity,
        UnitPrice=Decimal(price),
        TaxCodeRef=reference("NON"),
    )
    return _filled(SalesItemLine(), Amount=quantity * Decimal(price), SalesItemLineDetail=detail)


def an_invoice(customer: Customer, *lines: SalesItemLine, **fields: Any) -> Invoice:
    return _filled(Invoice(), CustomerRef=customer.to_ref(), Line=list(lines), **fields)


def a_payment(customer: Customer, total: str, *invoices: tuple[Invoice, str]) -> Payment:
    lines = [_filled(PaymentLine(), Amount=Decimal(part), LinkedTxn=[one.to_linked_txn()]) for one, part in invoices]
    return _filled(Payment(), CustomerRef=customer.to_ref(), TotalAmt=Decimal(total), Line=lines)


def _filled(made: Any, **fields: Any) -> Any:
    for name, value in fields.items():
        setattr(made, name, value)
    return made
