"""Credit memos, refunds and sales receipts of the QuickBooks stand-in, and what they move."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.invoicing import code_of, made, open_the_shop, read, sold, taxed
from tests.adapters.paying import (
    CUSTOMER,
    balance,
    change,
    delete,
    facts,
    link,
    must_add_up,
    pay,
    see,
    send,
    taken,
    void,
)

Wire = dict[str, Any]
ACCOUNT = {"value": "4"}


@pytest.fixture(autouse=True)
def shop(intuit: QuickBooksStandIn) -> Iterator[None]:
    open_the_shop(intuit)
    yield
    must_add_up(intuit)


def document(books: httpx.Client, entity: str, *lines: Wire, **more: Any) -> httpx.Response:
    """Of two vases unless lines are given."""
    return send(books, entity, {"CustomerRef": CUSTOMER, "Line": list(lines) or [sold("2", 2, 25, 50)], **more})


def credit(books: httpx.Client, *lines: Wire, **more: Any) -> Wire:
    return taken(document(books, "CreditMemo", *lines, **more))


def in_stock(intuit: QuickBooksStandIn, hand: int) -> Wire:
    """An inventory item with so much of it."""
    accounts = {"IncomeAccountRef": "79", "ExpenseAccountRef": "80", "AssetAccountRef": "81"}
    stocked = {"TrackQtyOnHand": True, "QtyOnHand": hand, "InvStartDate": "2026-01-01"}
    references = {name: {"value": id} for name, id in accounts.items()}
    return intuit.add_item("BOWL-01", price=10, Type="Inventory", **stocked, **references)


def test_a_credit_memo_is_an_invoice_the_other_way_round(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    made(books)
    wire = credit(books, sold("2", 2, 25, 50), PrivateNote="broken", DueDate="2026-12-24", Deposit=5)
    assert (wire["TotalAmt"], wire["Balance"], wire["RemainingCredit"]) == (50, 50, 50) and wire["LinkedTxn"] == []
    assert not {"DueDate", "SalesTermRef", "Deposit"} & set(wire) and wire["BillAddr"]["Line1"] == "12 Mill Rd"
    assert [line["DetailType"] for line in wire["Line"]] == ["SalesItemLineDetail", "SubTotalLineDetail"]
    assert (balance(books), wire["EmailStatus"], wire["Id"]) == (50, "NotSet", "2")
    assert taken(send(books, "CreditMemo", wire)) == wire == see(books, "CreditMemo", "2")
    more = taken(change(books, "CreditMemo", wire, Line=[sold("2", 3, 25, 75)]))
    assert (more["RemainingCredit"], more["SyncToken"], balance(books)) == (75, "1", 25)
    rows = books.get("/query", params={"query": "SELECT * FROM CreditMemo WHERE Balance > '70'"}).json()
    assert rows["QueryResponse"]["CreditMemo"][0]["Id"] == "2"
    assert code_of(void(books, "CreditMemo", more)) == "500"
    assert code_of(send(books, "CreditMemo", {"Id": "2", "SyncToken": "1"}, operation="void")) == "500"
    assert delete(books, "CreditMemo", more).json()["CreditMemo"]["status"] == "Deleted" and balance(books) == 100


def test_numbers_are_looked_at_per_type(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.by_hand("set-preferences", SalesFormsPrefs={"CustomTxnNumbers": True})
    made(books, DocNumber="1037")
    first = credit(books, DocNumber="1037")
    refused = document(books, "CreditMemo", DocNumber="1037")
    assert code_of(refused) == "6140"
    assert f"DocNumber=1037 is assigned to TxnType=CreditMemo with TxnId={first['Id']}" in refused.text
    assert taken(document(books, "RefundReceipt", DocNumber="1037", DepositToAccountRef=ACCOUNT))["DocNumber"] == "1037"


def test_a_credit_is_applied_by_a_payment_of_nothing_with_both_links(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    wire, memo = made(books), credit(books, DocNumber="CM-1")
    customer = see(books, "Customer", "1")
    intuit.clock.move(60)
    paid = pay(books, 0, link(memo, 40, "CreditMemo"), link(wire, 40))
    assert (paid["TotalAmt"], paid["UnappliedAmt"]) == (0, 0)
    assert [(one["LinkedTxn"][0]["TxnType"], one["Amount"]) for one in paid["Line"]] == [
        ("CreditMemo", 40),
        ("Invoice", 40),
    ]
    assert facts(paid) == {"txnId": memo["Id"], "txnOpenBalance": "50.00", "txnReferenceNumber": "CM-1"}
    invoice, used = read(books, wire["Id"]), see(books, "CreditMemo", memo["Id"])
    assert (invoice["Balance"], invoice["SyncToken"]) == (60, "1")
    assert (used["RemainingCredit"], used["Balance"], used["SyncToken"]) == (10, 10, "1")
    assert invoice["LinkedTxn"] == used["LinkedTxn"] == [{"TxnId": paid["Id"], "TxnType": "Payment"}]
    seen = see(books, "Customer", "1")
    assert seen["Balance"] == customer["Balance"] and seen["MetaData"] != customer["MetaData"]
    mixed = pay(books, 25, link(memo, 10, "CreditMemo"), link(wire, 30))
    assert mixed["UnappliedAmt"] == 5 and read(books, wire["Id"])["Balance"] == 30
    taken(change(books, "Payment", see(books, "Payment", paid["Id"]), Line=[]))
    assert see(books, "CreditMemo", memo["Id"])["RemainingCredit"] == 40


def test_no_more_credit_is_used_than_there_is_or_than_it_pays_for(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    small, other, memo = made(books, sold("2", 1, 25, 25)), made(books), credit(books)
    both = pay(books, 5, link(memo, 50, "CreditMemo"), link(small, 50))
    assert [one["Amount"] for one in both["Line"]] == [25, 25] and both["UnappliedAmt"] == 5
    body = {"CustomerRef": CUSTOMER, "TotalAmt": 0, "Line": [link(memo, 50, "CreditMemo"), link(other, 50)]}
    refused = send(books, "Payment", body)
    assert code_of(refused) == "6000" and read(books, other["Id"]) == other
    assert pay(books, 0, link(memo, 25, "CreditMemo"))["Line"] == []
    several = {**body, "Line": [link(memo, 20, "CreditMemo"), link(other, 10), link(made(books), 10)]}
    intuit.set_switches(credit_over_several_invoices="refuse")
    assert code_of(send(books, "Payment", several)) == "6000"
    intuit.set_switches(credit_over_several_invoices="accept")
    assert taken(send(books, "Payment", several))["UnappliedAmt"] == 0


def test_a_credit_that_is_applied_cannot_go_shrink_or_change_hands(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.add_customer("Fern Ltd")
    wire, memo = made(books), credit(books)
    pay(books, 0, link(memo, 40, "CreditMemo"), link(wire, 40))
    used = see(books, "CreditMemo", memo["Id"])
    refused = [
        delete(books, "CreditMemo", used),
        change(books, "CreditMemo", used, Line=[sold("2", 1, 25, 25)]),
        change(books, "CreditMemo", used, CustomerRef={"value": "2"}),
    ]
    assert [code_of(one) for one in refused] == ["800", "6000", "6000"]
    # A void of the invoice gives the credit back, since there is nothing left that it pays for.
    intuit.by_hand("void-invoice", Id=wire["Id"])
    free = see(books, "CreditMemo", memo["Id"])
    assert (free["RemainingCredit"], free["LinkedTxn"], balance(books)) == (50, [], -50)
    theirs = taken(change(books, "CreditMemo", free, CustomerRef={"value": "2"}))
    assert (theirs["RemainingCredit"], balance(books), balance(books, "2")) == (50, 0, -50)


def test_a_company_may_apply_its_credits_by_itself(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    first, second = made(books, sold("2", 1, 25, 25)), made(books)
    intuit.by_hand("set-preferences", SalesFormsPrefs={"AutoApplyCredit": True})
    memo = credit(books, TxnDate="2026-02-05")
    assert memo["RemainingCredit"] == 0 and memo["SyncToken"] == "2"
    after = [read(books, one["Id"]) for one in (first, second)]
    assert [(one["Balance"], one["SyncToken"]) for one in after] == [(0, "1"), (75, "1")]
    payments = [see(books, "Payment", one["TxnId"]) for one in memo["LinkedTxn"]]
    assert [(one["TotalAmt"], one["UnappliedAmt"], one["TxnDate"]) for one in payments] == [(0, 0, "2026-02-05")] * 2
    assert payments[0]["PrivateNote"] == "Created by QB Online to link credits to charges."
    assert credit(books, sold("2", 4, 25, 100))["RemainingCredit"] == 25
    late = made(books, sold("2", 2, 25, 50))
    assert (late["Balance"], late["LinkedTxn"][0]["TxnType"], balance(books)) == (25, "Payment", 25)


def test_taxes_and_discounts_of_a_credit_memo_are_those_of_an_invoice(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.set_switches(tax="flat", tax_percent=8)
    memo = credit(books, taxed("2", 4, 25, 100))
    assert (memo["TxnTaxDetail"]["TotalTax"], memo["TotalAmt"], memo["RemainingCredit"]) == (8, 108, 108)
    assert balance(books) == -108
    assert code_of(document(books, "CreditMemo", sold("2", 2, 25, "50.01"))) == "6070"
    assert code_of(document(books, "CreditMemo", sold("3", 1, 1, 1))) == "610"
    intuit.by_hand("close-books", date="2026-02-03")
    assert code_of(document(books, "CreditMemo", TxnDate="2026-02-03")) == "6200"


def test_credits_and_receipts_are_seeded_sent_and_had_on_paper(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    body = {"CustomerRef": CUSTOMER, "Line": [sold("2", 2, 25, 50)]}
    refund = {**body, "DepositToAccountRef": ACCOUNT}
    given = intuit.fill({"credit_memos": [body], "refund_receipts": [refund], "sales_receipts": [body]})
    assert [given[name] for name in ("credit_memos", "refund_receipts", "sales_receipts")] == [["1"], ["2"], ["3"]]
    for path in ("creditmemo/1", "refundreceipt/2", "salesreceipt/3"):
        headers = {"Content-Type": "application/octet-stream"}
        sent = taken(books.post(f"/{path}/send?sendTo=ap@bloom.example", headers=headers))
        assert (sent["EmailStatus"], sent["BillEmail"]) == ("EmailSent", {"Address": "ap@bloom.example"})
        assert books.get(f"/{path}/pdf", headers={"Accept": "application/pdf"}).content.startswith(b"%PDF")
    since = {"entities": "CreditMemo,RefundReceipt,SalesReceipt", "changedSince": "2026-01-01"}
    blocks = books.get("/cdc", params=since).json()["CDCResponse"][0]["QueryResponse"]
    assert [block["maxResults"] for block in blocks] == [1, 1, 1]


def test_goods_that_come_back_are_in_stock_again(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    bowl = in_stock(intuit, 20)["Id"]

    def left() -> Any:
        return see(books, "Item", bowl)["QtyOnHand"]

    def bowls(quantity: int) -> Wire:
        return sold(bowl, quantity, 10, 10 * quantity)

    made(books, bowls(5))
    memo = credit(books, bowls(2))
    assert left() == 17
    memo = taken(change(books, "CreditMemo", memo, Line=[bowls(3)]))
    assert left() == 18
    refund = taken(document(books, "RefundReceipt", bowls(1), DepositToAccountRef=ACCOUNT))
    receipt = taken(document(books, "SalesReceipt", bowls(4)))
    assert left() == 15
    delete(books, "CreditMemo", memo)
    delete(books, "RefundReceipt", refund)
    assert left() == 11
    dead = taken(void(books, "SalesReceipt", receipt))
    assert (left(), dead["TotalAmt"], dead["PrivateNote"], dead["SyncToken"]) == (15, 0, "Voided", "1")
    intuit.by_hand("void-credit-memo", Id=credit(books, bowls(2))["Id"])
    assert left() == 15 and see(books, "Item", bowl)["SyncToken"] == "0"


def test_a_refund_names_the_account_its_money_leaves_and_moves_no_balance(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    refused = document(books, "RefundReceipt")
    assert code_of(refused) == "2020" and "DepositToAccountRef" in refused.text
    assert code_of(document(books, "RefundReceipt", DepositToAccountRef={"value": "583"})) == "2500"
    assert code_of(document(books, "RefundReceipt", DepositToAccountRef=ACCOUNT, CustomerRef=None)) == "2020"
    wire = taken(
        document(books, "RefundReceipt", DepositToAccountRef=ACCOUNT, PaymentMethodRef={"value": "2"}, DocNumber="1020")
    )
    assert wire["DepositToAccountRef"] == {"value": "4", "name": "Undeposited Funds"}
    assert wire["PaymentMethodRef"] == {"value": "2", "name": "Check"}
    assert (wire["TotalAmt"], wire["Balance"], balance(books)) == (50, 0, 0)
    kept = taken(change(books, "RefundReceipt", wire, PrivateNote="twice"))
    assert kept["SyncToken"] == "1" and kept["DepositToAccountRef"] == wire["DepositToAccountRef"]
    assert code_of(change(books, "RefundReceipt", kept, DepositToAccountRef={})) == "2020"
    assert code_of(send(books, "RefundReceipt", {"Id": wire["Id"], "SyncToken": "1"}, operation="void")) == "500"
    sold_at_once = taken(document(books, "SalesReceipt"))
    assert sold_at_once["DepositToAccountRef"]["value"] == "4" and sold_at_once["Balance"] == 0
    statement = "SELECT * FROM RefundReceipt WHERE DocNumber = '1020'"
    rows = books.get("/query", params={"query": statement}).json()["QueryResponse"]["RefundReceipt"]
    assert [one["PrivateNote"] for one in rows] == ["twice"] and Decimal(rows[0]["TotalAmt"]) == 50
