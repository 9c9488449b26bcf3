"""`orders`: every order beside its invoice, where they differ, and the sums of each month."""

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.command_line import ask, done, refused, told
from tests.payments import invoiced, take
from tests.telling import pass_by
from tests.world import World

BLOOM = "Bloom & Co"
VASES = [("VASE-01", 4, "25.00")]


@pytest.fixture
def books(world: World) -> World:
    """Seven orders: half paid; edited, cancelled after their push, while nothing may be written; voided, edited in QuickBooks;
    held; cancelled before."""
    for number in range(1, 6):
        world.wizcommerce.confirm_order(f"WC-100{number}", BLOOM, VASES)
    world.settle()
    ids = {one.doc_number: one for one in world.invoices()}
    half = {"Amount": 40, "LinkedTxn": [{"TxnId": ids["WC-1001"].id, "TxnType": "Invoice"}]}
    customer = {"value": ids["WC-1001"].customer_id}
    world.move(60)
    world.quickbooks.by_hand("add-payment", CustomerRef=customer, TotalAmt=40, Line=[half])
    world.engine.people.pause("acme", "stocktaking", "admin")
    world.wizcommerce.edit_order("WC-1002", [("VASE-01", 5, "25.00")])
    world.wizcommerce.cancel_order("WC-1003")
    world.quickbooks.by_hand("void-invoice", Id=ids["WC-1004"].id)
    item = ids["WC-1005"].wire["Line"][0]["SalesItemLineDetail"]["ItemRef"]
    line = {"ItemRef": item, "Qty": 3, "UnitPrice": 25}
    sales = {"DetailType": "SalesItemLineDetail", "Amount": 75, "SalesItemLineDetail": line}
    world.quickbooks.by_hand("edit-invoice", Id=ids["WC-1005"].id, Line=[sales], TxnDate="2026-01-05")
    world.wizcommerce.confirm_order("WC-1006", BLOOM, [("NOT-THERE", 1, "5.00")])
    world.wizcommerce.confirm_order("WC-1007", BLOOM, [("NOT-THERE", 2, "5.00")])
    world.wizcommerce.cancel_order("WC-1007")
    pass_by(world, 5)
    return world


def rows(world: World, *words: str) -> dict[str, dict[str, Any]]:
    [one] = told(world, "orders", "acme", *words)
    return {row["order"]: row for row in one["orders"]}


def test_every_order_stands_beside_its_invoice_and_what_differs_is_said(books: World) -> None:
    found = rows(books)
    said = {number: row["differs"] for number, row in found.items()}

    assert said["WC-1001"] == said["WC-1007"] == ""
    assert said["WC-1002"] == "total 125.00, invoiced 100.00"
    assert said["WC-1003"] == "the order was cancelled, and the invoice stands"
    assert said["WC-1004"] == "the invoice was voided in QuickBooks"
    assert said["WC-1005"] == "total 100.00, invoiced 75.00; invoiced under 2026-01-05"
    assert said["WC-1006"].startswith("no invoice: waiting: QuickBooks has no active item with SKU NOT-THERE")
    paid = found["WC-1001"]
    assert (paid["total"], paid["invoice_total"], paid["paid"], paid["balance"]) == (
        "100.00",
        "100.00",
        "40.00",
        "60.00",
    )
    assert found["WC-1004"]["invoice_total"] == "0" and list(rows(books, "--differs")) == [
        f"WC-100{n}" for n in range(2, 7)
    ]


def test_the_sums_of_a_month_are_those_of_its_orders_whichever_are_shown(books: World) -> None:
    [one] = told(books, "orders", "acme", "--differs")
    [month] = one["months"]
    sums = {name: Decimal(month[name]) for name in ("total", "invoice_total", "difference", "paid", "balance")}

    assert (one["differ"], month["orders"], month["invoices"]) == (5, 5, 5)
    assert sums == {"total": 430, "invoice_total": 375, "difference": 55, "paid": 40, "balance": 335}
    text = done(books, "orders")
    assert text.startswith("acme: 5 of the orders differ (America/Los_Angeles)\n")
    assert "total 125.00, invoiced 100.00" in text and "335.00" in text.splitlines()[-1]


def test_what_was_paid_in_wizcommerce_and_is_not_in_the_books_differs(world: World) -> None:
    invoiced(world)
    world.move(2)  # what changes within the second of our own write is seen by the next poll
    world.engine.people.pause("acme", "stocktaking", "admin")
    take(world, "30.00")
    short = rows(world)["WC-1001"]["differs"]
    world.engine.people.resume("acme", "admin")
    world.settle()

    assert short == "paid 30.00 in WizCommerce, 0.00 in QuickBooks"
    assert rows(world)["WC-1001"]["differs"] == ""


def test_only_the_days_asked_for_are_told(books: World) -> None:
    [day] = {row["ordered"] for row in rows(books).values()}

    assert len(rows(books, "--from", day, "--to", day)) == 7
    assert rows(books, "--to", "2020-01-01") == {}
    assert "WizCommerce showed no order of that time." in done(books, "orders", "acme", "--to", "2020-01-01")
    wrong = ask(books, "orders", "acme", "--from", "yesterday")
    assert wrong.exit_code == 2 and "'yesterday' does not match the format" in wrong.output


def test_without_orders_and_without_connections_it_says_so(world: World, bare_world: World) -> None:
    assert told(world, "orders")[0]["orders"] == [] and told(world, "orders", "acme")[0]["months"] == []
    assert "There is no connection 'nobody'" in refused(world, "orders", "nobody")
    assert "There are no connections yet." in done(bare_world, "orders")
