"""A bookkeeper's hands on invoices, and what closed books let a person and the app do."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.standin.control import ControlRefused
from tests.adapters.invoicing import (
    ADDRESS,
    SHIPPING,
    changed,
    code_of,
    invoice,
    key_of,
    made,
    open_the_shop,
    read,
    sold,
)

Wire = dict[str, Any]


@pytest.fixture(autouse=True)
def shop(intuit: QuickBooksStandIn) -> None:
    open_the_shop(intuit)


def test_an_edit_in_the_browser_writes_the_address_in_lines_under_a_new_id(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.by_hand("edit-customer", Id="1", GivenName="Books", FamilyName="Desk", CompanyName="Bloom & Co")
    first = made(books, BillAddr={**ADDRESS, "Line2": "Yard 2", "Line3": "Gate 3"}, DocNumber="WC-1")
    edited = intuit.by_hand("edit-invoice", Id=first["Id"], PrivateNote="seen", DueDate="2026-12-24")
    address = edited["BillAddr"]
    assert address.pop("Id") != first["BillAddr"]["Id"]
    assert address == {
        "Line1": "Books Desk",
        "Line2": "Bloom & Co",
        "Line3": "12 Mill Rd",
        "Line4": "Yard 2, Gate 3",
        "Line5": "Dover, DE  19901",
        "Lat": "INVALID",
        "Long": "INVALID",
    }
    assert (edited["SyncToken"], edited["PrivateNote"], edited["DueDate"]) == ("1", "seen", "2026-12-24")
    again = intuit.by_hand("edit-invoice", Id=first["Id"], TrackingNum="1Z")
    assert again["BillAddr"]["Line5"] == "Dover, DE  19901" and again["SyncToken"] == "2"
    structured = intuit.by_hand("edit-invoice", Id=first["Id"], BillAddr={"Line1": "1 Main St", "City": "Austin"})
    assert structured["BillAddr"]["Line4"] == "Austin"
    intuit.set_switches(edits_reformat_addresses=False)
    kept = intuit.by_hand("edit-invoice", Id=first["Id"], BillAddr=ADDRESS)
    assert kept["BillAddr"]["City"] == "Dover"


def test_a_copy_takes_the_note_along_and_the_next_free_number(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.by_hand("set-preferences", SalesFormsPrefs={"CustomTxnNumbers": True})
    made(books, DocNumber="1001")
    first = made(books, sold("2", 4, 25, 100), SHIPPING, PrivateNote="mark-1", BillEmail={"Address": "a@b.example"})
    books.post(f"/invoice/{first['Id']}/send", headers={"Content-Type": "application/octet-stream"})
    copied = intuit.by_hand("copy-invoice", Id=first["Id"])
    assert (copied["DocNumber"], copied["PrivateNote"], copied["TotalAmt"]) == ("1002", "mark-1", 112)
    assert (copied["SyncToken"], copied["EmailStatus"], copied["LinkedTxn"]) == ("0", "NotSet", [])
    assert "DeliveryInfo" not in copied and copied["Id"] != first["Id"]
    assert intuit.by_hand("copy-invoice", Id=first["Id"], DocNumber="WC-9", PrivateNote="x")["DocNumber"] == "WC-9"


def test_a_split_makes_two_invoices_of_one(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    lines = (sold("2", 1, 25, 25), sold("2", 2, 25, 50), sold("2", 3, 25, 75), SHIPPING)
    first = made(books, *lines, DocNumber="WC-1", PrivateNote="mark-1")
    parts = intuit.by_hand("split-invoice", Id=first["Id"], lines=["1", "3"])
    assert (parts["kept"]["Id"], parts["kept"]["SyncToken"], parts["kept"]["TotalAmt"]) == (first["Id"], "1", 62)
    assert (parts["new"]["TotalAmt"], parts["new"]["PrivateNote"], parts["new"]["DocNumber"]) == (100, "mark-1", "1001")
    assert [line.get("Id") for line in parts["new"]["Line"]] == ["1", "2", None]
    assert books.get("/customer/1").json()["Customer"]["Balance"] == 162
    last = intuit.by_hand("split-invoice", Id=parts["new"]["Id"])
    assert (last["kept"]["TotalAmt"], last["new"]["TotalAmt"]) == (25, 75)
    for chosen in (["9"], ["1"]):
        with pytest.raises(ControlRefused, match="at least one line"):
            intuit.by_hand("split-invoice", Id=last["new"]["Id"], lines=chosen)


def test_books_closed_with_a_password_open_to_the_person_who_knows_it(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    first, second = made(books), made(books)
    intuit.by_hand("close-books", date="2026-02-03", password="sesame")
    sparse = {**key_of(first), "sparse": True, "PrivateNote": "x"}
    refused = [
        invoice(books, sold("2", 1, 1, 1)),
        books.post("/invoice", json=sparse),
        books.post("/invoice?operation=void", json=key_of(first)),
        books.post("/invoice?operation=delete", json=key_of(first)),
    ]
    assert [code_of(one) for one in refused] == ["6210"] * 4
    for verb in ("edit-invoice", "copy-invoice", "split-invoice", "void-invoice", "delete-invoice"):
        with pytest.raises(ControlRefused, match=r"6210|at least one line"):
            intuit.by_hand(verb, Id=first["Id"], password="wrong")
    intuit.by_hand("edit-invoice", Id=first["Id"], PrivateNote="x", password="sesame")
    assert intuit.by_hand("void-invoice", Id=first["Id"], password="sesame") == {"Id": first["Id"], "void": True}
    intuit.by_hand("delete-invoice", Id=second["Id"], password="sesame")
    assert [one.note for one in intuit.invoices()] == ["Voided - x"]
    assert code_of(invoice(books, sold("2", 1, 1, 1))) == "6210"
    intuit.by_hand("reopen-books")
    assert made(books)["TxnDate"] == "2026-02-03"


def test_books_closed_with_a_warning_stop_the_app_and_not_the_person(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    first = made(books)
    intuit.by_hand("close-books", date="2026-02-03")
    assert code_of(books.post("/invoice?operation=void", json=key_of(first))) == "6200"
    assert intuit.by_hand("edit-invoice", Id=first["Id"], PrivateNote="seen")["PrivateNote"] == "seen"
    assert code_of(invoice(books, sold("2", 1, 1, 1), TxnDate="2026-02-03")) == "6200"
    later = made(books, TxnDate="2026-02-04")
    key = {**key_of(later), "sparse": True, "TxnDate": "2026-02-03"}
    assert code_of(books.post("/invoice", json=key)) == "6200"


def test_an_app_that_missed_an_edit_is_stale(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    first = made(books)
    intuit.by_hand("edit-invoice", Id=first["Id"], PrivateNote="seen")
    assert code_of(books.post("/invoice", json={**key_of(first), "sparse": True, "PrivateNote": "y"})) == "5010"
    assert changed(books, read(books, first["Id"]), PrivateNote="y")["SyncToken"] == "2"


def test_a_hand_that_reaches_for_nothing_is_told_so(intuit: QuickBooksStandIn) -> None:
    for verb in ("edit-invoice", "copy-invoice", "split-invoice", "void-invoice", "reformat-addresses"):
        with pytest.raises(ControlRefused, match="no Invoice with Id '77'"):
            intuit.by_hand(verb, Id="77")
    for verb, body in (("add-class", {}), ("add-department", {"Name": "x", "y": 1}), ("add-estimate", {"z": 1})):
        with pytest.raises(ControlRefused, match=r'takes|Name is missing|"y"'):
            intuit.by_hand(verb, **body)
    intuit.by_hand("add-class", Name="Retail")
    with pytest.raises(ControlRefused, match="6240"):
        intuit.by_hand("add-class", Name="retail")
