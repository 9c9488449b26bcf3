"""What a user would write with `python-quickbooks` instead: for each order look up customer and items, create the invoice.

A program of its own, that knows nothing of wizqbo. On standard input it takes one line of JSON: `keys`, the line a stand-in of
QuickBooks prints when it is ready, and `orders`, as `adapters.bench.some_orders` makes them. It prints the seconds from the
first order to the last invoice. The orders are given to it, so that reading WizCommerce costs it nothing, and it asks for the
items of an order all at once: the two kindest things that can be done for it. What fails, fails with the library's own words.
"""

import json
import sys
import time
from decimal import Decimal
from typing import Any

from intuitlib.client import AuthClient  # type: ignore[import-untyped]
from quickbooks import QuickBooks  # type: ignore[import-untyped]
from quickbooks.objects import (  # type: ignore[import-untyped]
    Customer,
    Invoice,
    Item,
    SalesItemLine,
    SalesItemLineDetail,
)


def books_of(keys: dict[str, str]) -> Any:
    """The books, connected: at the stand-in's address, and otherwise as the library comes."""
    auth = AuthClient(
        keys["client_id"],
        keys["client_secret"],
        "",
        keys["discovery"],
        access_token=keys["access_token"],
        refresh_token=keys["refresh_token"],
    )
    books = QuickBooks(auth_client=auth, company_id=keys["realm"], minorversion=75, use_decimal=True)
    books.api_url_v3 = keys["api"] + "/v3"
    return books


def push(order: dict[str, Any], books: Any) -> None:
    """One order becomes one invoice."""
    [customer] = Customer.filter(DisplayName=order["customer"], qb=books)
    skus = [sku for sku, _, _ in order["lines"]]
    items = {item.Sku: item for item in Item.choose(skus, field="Sku", qb=books)}
    invoice = Invoice()
    invoice.CustomerRef = customer.to_ref()
    invoice.DocNumber = order["number"]
    invoice.PrivateNote = f"WizCommerce order {order['number']}"
    for sku, quantity, price in order["lines"]:
        line = SalesItemLine()
        line.Amount = quantity * Decimal(price)
        line.SalesItemLineDetail = SalesItemLineDetail()
        line.SalesItemLineDetail.ItemRef = items[sku].to_ref()
        line.SalesItemLineDetail.Qty = quantity
        line.SalesItemLineDetail.UnitPrice = Decimal(price)
        invoice.Line.append(line)
    invoice.save(qb=books)


def main() -> None:
    given = json.loads(sys.stdin.readline())
    books = books_of(given["keys"])
    begun = time.monotonic()
    for order in given["orders"]:
        push(order, books)
    print(time.monotonic() - begun)


if __name__ == "__main__":
    main()
