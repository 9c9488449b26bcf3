"""Documents sent by e-mail and had as PDF from the QuickBooks stand-in."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.invoicing import changed, code_of, let_time_pass, made, open_the_shop, read, sold

OCTETS = {"Content-Type": "application/octet-stream"}
PDF = {"Accept": "application/pdf"}


@pytest.fixture(autouse=True)
def shop(intuit: QuickBooksStandIn) -> None:
    open_the_shop(intuit)


def send(books: httpx.Client, id: str, query: str = "", **more: Any) -> httpx.Response:
    return books.post(f"/invoice/{id}/send{query}", headers=OCTETS, **more)


def test_sending_marks_the_invoice_and_moves_its_time_but_not_its_revision(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    first = made(books, BillEmail={"Address": "ap@bloom.example"}, EmailStatus="NeedToSend")
    intuit.clock.move(60)
    sent = send(books, first["Id"]).json()["Invoice"]
    assert (sent["EmailStatus"], sent["SyncToken"]) == ("EmailSent", "0")
    assert sent["DeliveryInfo"]["DeliveryType"] == "Email"
    assert sent["DeliveryInfo"]["DeliveryTime"] == sent["MetaData"]["LastUpdatedTime"]
    assert sent["MetaData"]["LastUpdatedTime"] > first["MetaData"]["LastUpdatedTime"]
    assert read(books, first["Id"]) == sent
    assert changed(books, sent, PrivateNote="x")["DeliveryInfo"] == sent["DeliveryInfo"]
    assert intuit.calls.all()[1].metering == "core"


def test_an_address_of_ones_own_becomes_the_invoices(books: httpx.Client) -> None:
    id = made(books)["Id"]
    assert code_of(send(books, id)) == "6420"
    assert code_of(send(books, id, "?sendTo=nobody")) == "2210"
    assert code_of(send(books, id, "?sendTo=a@b.example" + "x" * 100)) == "2050"
    sent = send(books, id, "?sendTo=till%40bloom.example").json()["Invoice"]
    assert sent["BillEmail"] == {"Address": "till@bloom.example"}


def test_a_sent_invoice_is_reported_as_emailed(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.send_webhooks_to("http://127.0.0.1:9/")
    id = made(books, BillEmail={"Address": "ap@bloom.example"})["Id"]
    send(books, id)
    gathered = [(one["entity"], one["id"], one["verb"]) for one in intuit.outbox.shown()["gathered"]]
    assert gathered == [("Invoice", id, "created"), ("Invoice", id, "emailed")]
    intuit.set_switches(webhook_form="legacy")
    assert intuit.running is not None
    [delivery] = intuit.running.call_in_loop(intuit.outbox.due)
    assert b'"operation":"Emailed"' in delivery.body


def test_a_send_repeated_under_its_request_id_happens_once(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    id = made(books, BillEmail={"Address": "ap@bloom.example"})["Id"]
    first, _ = send(books, id, "?requestid=r1"), intuit.clock.move(60)
    assert send(books, id, "?requestid=r1").content == first.content
    intuit.set_switches(send_moves_revision=True)
    assert send(books, id).json()["Invoice"]["SyncToken"] == "1"


def test_a_sandbox_sends_forty_a_day(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    id = made(books, BillEmail={"Address": "ap@bloom.example"})["Id"]
    assert {send(books, id).status_code for _ in range(40)} == {200}
    assert code_of(send(books, id)) == "6000"
    let_time_pass(intuit, books, 86_400)
    assert send(books, id).status_code == 200
    intuit.set_switches(emails_per_day=1)
    assert code_of(send(books, id)) == "6000"
    intuit.set_switches(emails_per_day=0)
    assert send(books, id).status_code == 200


def test_what_cannot_be_sent_is_refused(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    id = made(books, BillEmail={"Address": "ap@bloom.example"})["Id"]
    assert books.post(f"/invoice/{id}/send", json={}).status_code == 415
    assert code_of(send(books, "99")) == "610"
    assert code_of(send(books, "x")) == "2030"
    assert code_of(books.post("/customer/1/send", headers=OCTETS)) == "500"
    assert code_of(books.get(f"/invoice/{id}/print")) == "500"
    without_json = books.post(f"/invoice/{id}/send", headers={**OCTETS, "Accept": "text/plain"})
    assert without_json.status_code == 200 and "<EmailStatus>EmailSent</EmailStatus>" in without_json.text
    intuit.by_hand("lapse-subscription")
    assert code_of(send(books, id)) == "6190"


def test_an_invoice_can_be_had_as_a_pdf_that_readers_open(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    id = made(books, sold("2", 4, 25, 100, Description="Vase (blue) 12 € \\ œuvre 花"), DocNumber="WC-1")["Id"]
    answer = books.get(f"/invoice/{id}/pdf", headers=PDF)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    body = answer.content
    assert body.startswith(b"%PDF-1.4\n") and body.endswith(b"%%EOF\n")
    table = int(re.findall(rb"startxref\n(\d+)\n", body)[0])
    assert body[table:].startswith(b"xref\n0 6\n")
    offsets = [int(one) for one in re.findall(rb"(\d{10}) 00000 n", body[table:])]
    assert [body[at:].split(b" ", 1)[0] for at in offsets] == [b"1", b"2", b"3", b"4", b"5"]
    [(length, content)] = re.findall(rb"/Length (\d+) >>\nstream\n(.*?)\nendstream", body, re.DOTALL)
    assert int(length) == len(content)
    assert b"Invoice WC-1" in content and b"Vase \\(blue\\) 12 \x80 \\\\ \x9cuvre ? 100.00" in content
    assert intuit.calls.all()[-1].metering == "coreplus"
    assert code_of(books.get(f"/invoice/{id}/pdf")) == "500"
    assert books.get("/invoice/99/pdf", headers=PDF).status_code == 400
    assert books.get("/customer/1/pdf", headers=PDF).status_code == 400
