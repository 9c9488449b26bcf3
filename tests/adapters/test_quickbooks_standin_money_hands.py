"""What a bookkeeper does with money in the QuickBooks stand-in, and what the app is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.standin.control import ControlRefused
from tests.adapters.invoicing import made, open_the_shop, read, sold
from tests.adapters.paying import CUSTOMER, balance, must_add_up, see
from tests.adapters.receiving import receiving

Wire = dict[str, Any]


@pytest.fixture(autouse=True)
def shop(intuit: QuickBooksStandIn) -> Iterator[None]:
    open_the_shop(intuit)
    yield
    must_add_up(intuit)


def lines_of(payment: Wire) -> list[tuple[str, Any]]:
    return [(line["LinkedTxn"][0]["TxnId"], line["Amount"]) for line in payment["Line"]]


def test_a_payment_is_received_edited_unapplied_and_voided_by_hand(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    first, second = made(books)["Id"], made(books)["Id"]
    whole = intuit.by_hand("receive-payment", invoices=[first], PaymentMethodRef={"value": "2"})
    assert (whole["TotalAmt"], lines_of(whole), whole["PaymentMethodRef"]) == (100, [(first, 100)], {"value": "2"})
    intuit.by_hand("void-payment", Id=whole["Id"])
    assert read(books, first)["Balance"] == 100 and see(books, "Payment", whole["Id"])["PrivateNote"] == "Voided"
    part = intuit.by_hand("receive-payment", invoices=[first, second], TotalAmt=130)
    assert (lines_of(part), part["UnappliedAmt"]) == ([(first, 100), (second, 30)], 0)
    more = intuit.by_hand("edit-payment", Id=part["Id"], TotalAmt=150, PrivateNote="seen")
    assert (more["UnappliedAmt"], more["SyncToken"], lines_of(more)) == (20, "1", lines_of(part))
    one = intuit.by_hand("unapply-payment", Id=part["Id"], invoices=[first])
    assert lines_of(one) == [(second, 30)] and read(books, first)["Balance"] == 100
    assert intuit.by_hand("unapply-payment", Id=part["Id"])["UnappliedAmt"] == 150
    loose = intuit.by_hand("receive-payment", CustomerRef=CUSTOMER, TotalAmt=5)
    assert loose["UnappliedAmt"] == 5 and balance(books) == 45
    intuit.by_hand("delete-payment", Id=loose["Id"])
    assert balance(books) == 50


def test_payments_go_into_one_deposit_and_come_out_again(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    ids = [intuit.by_hand("receive-payment", CustomerRef=CUSTOMER, TotalAmt=total)["Id"] for total in (5, 7)]
    put = intuit.by_hand("deposit-payment", Ids=ids)
    assert put["payments"] == ids
    link = [{"TxnId": put["deposit"], "TxnType": "Deposit"}]
    assert [see(books, "Payment", id)["LinkedTxn"] for id in ids] == [link, link]
    with pytest.raises(ControlRefused, match="6540"):
        intuit.by_hand("delete-payment", Id=ids[0])
    with pytest.raises(ControlRefused, match="deposited already"):
        intuit.by_hand("deposit-payment", Id=ids[0])
    intuit.by_hand("undeposit", Id=ids[0])
    with pytest.raises(ControlRefused, match="in no deposit"):
        intuit.by_hand("undeposit", Id=ids[0])
    intuit.by_hand("delete-payment", Id=ids[0])
    elsewhere = intuit.by_hand("receive-payment", CustomerRef=CUSTOMER, TotalAmt=1, DepositToAccountRef={"value": "81"})
    with pytest.raises(ControlRefused, match="Undeposited Funds"):
        intuit.by_hand("deposit-payment", Id=elsewhere["Id"])


def test_an_invoice_is_credited_and_the_credit_applied_by_hand_or_all_at_once(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    first, second = made(books)["Id"], made(books, sold("2", 1, 25, 25))["Id"]
    memo = intuit.by_hand("make-credit-memo", invoice=first)
    assert (memo["TotalAmt"], memo["CustomerRef"]["value"], len(memo["Line"])) == (100, "1", 2)
    part = intuit.by_hand("apply-credit-memo", Id=memo["Id"], invoices=[second, first], Amount="30.50")["payments"]
    assert [line["Amount"] for one in part for line in one["Line"]] == [25, 25, Decimal("5.5"), Decimal("5.5")]
    assert [one["TotalAmt"] for one in part] == [0, 0] and read(books, first)["Balance"] == Decimal("94.5")
    [rest] = intuit.by_hand("apply-credit-memo", Id=memo["Id"], invoices=[second, first])["payments"]
    assert [line["Amount"] for line in rest["Line"]] == [Decimal("69.5")] * 2
    assert see(books, "CreditMemo", memo["Id"])["RemainingCredit"] == 0
    with pytest.raises(ControlRefused, match="no credit left"):
        intuit.by_hand("apply-credit-memo", Id=memo["Id"], invoices=[first])
    with pytest.raises(ControlRefused, match="800"):
        intuit.by_hand("delete-credit-memo", Id=memo["Id"])
    small = intuit.by_hand("make-credit-memo", CustomerRef=CUSTOMER, Line=[sold("2", 1, 10, 10)])
    assert [one["Line"][1]["Amount"] for one in intuit.by_hand("auto-apply-credits")["payments"]] == [10]
    assert see(books, "CreditMemo", small["Id"])["RemainingCredit"] == 0 and read(books, first)["Balance"] == 15
    assert intuit.by_hand("auto-apply-credits", CustomerRef=CUSTOMER) == {"payments": []}


def test_a_webhook_tells_of_every_document_that_money_moved(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    with receiving() as receiver:
        intuit.send_webhooks_to(receiver.url)
        intuit.set_switches(webhook_aggregate=True)
        wire = made(books)
        intuit.deliver()
        payment = intuit.by_hand("receive-payment", invoices=[wire["Id"]], TotalAmt=40)
        memo = intuit.by_hand("make-credit-memo", CustomerRef=CUSTOMER, Line=[sold("2", 1, 10, 10)])
        refund = intuit.by_hand("refund", invoice=wire["Id"])
        cash = intuit.by_hand("sell-for-cash", CustomerRef=CUSTOMER, Line=[sold("2", 1, 10, 10)])
        intuit.deliver()
        intuit.by_hand("void-payment", Id=payment["Id"])
        intuit.by_hand("void-credit-memo", Id=memo["Id"])
        intuit.by_hand("void-refund", Id=refund["Id"])
        intuit.deliver()
    told = [[(one["type"].split(".")[1:3], one["intuitentityid"]) for one in body] for body in receiver.bodies()]
    assert told == [
        [(["invoice", "created"], wire["Id"])],
        [
            (["payment", "created"], payment["Id"]),
            (["invoice", "updated"], wire["Id"]),
            (["creditmemo", "created"], memo["Id"]),
            (["refundreceipt", "created"], refund["Id"]),
            (["salesreceipt", "created"], cash["Id"]),
        ],
        [
            (["payment", "voided"], payment["Id"]),
            (["invoice", "updated"], wire["Id"]),
            (["creditmemo", "voided"], memo["Id"]),
            (["refundreceipt", "voided"], refund["Id"]),
        ],
    ]
    assert read(books, wire["Id"])["Balance"] == 100 and balance(books) == 100
