"""Money at random: payments, credit memos, refunds and cash sales, their deposits, applications and ends."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.adapters.asked_books import CENTS, DAYS, SOME, STALE, UNKNOWN, Wire
from tests.adapters.invoices_at_random import LINES, InvoicesAtRandom


class MoneyAtRandom(InvoicesAtRandom):
    """The rules of money."""

    @rule(place=SOME, share=st.sampled_from([0, 40, 100, 150]), more=CENTS, day=DAYS)
    def receives_a_payment(self, place: int, share: int, more: Decimal, day: str) -> None:
        """Of nothing, a part, the whole or too much of an invoice, and some more."""
        invoice = self.one("Invoice", place)
        payer = invoice["CustomerRef"]["value"] if invoice else (self.one("Customer", place) or {"Id": UNKNOWN})["Id"]
        part = (Decimal(invoice["Balance"]) * share / 100).quantize(Decimal("0.01")) if invoice else Decimal(0)
        link = [{"TxnId": invoice["Id"], "TxnType": "Invoice"}] if invoice and part else []
        lines = [{"Amount": part, "LinkedTxn": link}] if link else []
        active = bool(self.rows("Customer", Id=payer, Active=True))
        body = {"CustomerRef": {"value": payer}, "TotalAmt": part + more, "TxnDate": day, "Line": lines}
        self.ask("Payment", body, refused=self.written_too_early(day) or not active)

    @rule(place=SOME, other=SOME)
    def pays_what_is_not_there(self, place: int, other: int) -> None:
        if (customer := self.one("Customer", place, Active=True)) is None:
            return
        gone = [one["id"] for one in self.company["deleted"] if one["entity"] == "Invoice"]
        id = gone[other % len(gone)] if gone else UNKNOWN
        lines = [{"Amount": 1, "LinkedTxn": [{"TxnId": id, "TxnType": "Invoice"}]}]
        self.ask("Payment", {"CustomerRef": {"value": customer["Id"]}, "TotalAmt": 1, "Line": lines}, refused=True)

    @precondition(lambda self: self.rows("Payment"))
    @rule(
        place=SOME,
        stale=STALE,
        act=st.sampled_from(["unapply", "note", "more", "bank", "void", "void", "delete", "delete"]),
    )
    def changes_a_payment(self, place: int, stale: bool, act: str) -> None:
        """Not once it is deposited; whether a void one takes a change is nowhere said."""
        if (payment := self.one("Payment", place)) is None:
            return
        if act == "bank":
            self._goes_to_the_bank_or_comes_back(payment)
            return
        token = str(int(payment["SyncToken"]) - 1) if stale else payment["SyncToken"]
        key = {"Id": payment["Id"], "SyncToken": token}
        barred = stale or self.written_too_early(payment["TxnDate"]) or _is_deposited(payment)
        refused = barred or (None if payment.get("PrivateNote", "").startswith("Voided") else False)
        if act == "delete":
            self.ask("Payment", key, refused, operation="delete")
        elif act == "void":
            self.ask("Payment", {**key, "sparse": True}, refused, operation="update", include="void")
        else:
            changes: dict[str, Wire] = {
                "unapply": {"Line": []},
                "note": {"PrivateNote": "by post"},
                "more": {"TotalAmt": payment["TotalAmt"] + 5},
            }
            self.ask("Payment", {**payment, **key, **changes[act]}, refused)

    def _goes_to_the_bank_or_comes_back(self, payment: Wire) -> None:
        if _is_deposited(payment):
            self.by_hand("undeposit", {"Id": payment["Id"]})
        elif payment["TotalAmt"]:
            self.by_hand("deposit-payment", {"Id": payment["Id"]})

    @rule(
        entity=st.sampled_from(["CreditMemo", "CreditMemo", "SalesReceipt", "RefundReceipt"]),
        place=SOME,
        parts=LINES,
        day=DAYS,
    )
    def adds_another_sale(self, entity: str, place: int, parts: Any, day: str) -> None:
        if (customer := self.one("Customer", place, Active=True)) is None or not self.rows("Item", Active=True):
            return
        body = {
            "CustomerRef": {"value": customer["Id"]},
            "TxnDate": day,
            "Line": self.lines(parts, 0, Decimal(0)),
            **({} if entity == "CreditMemo" else {"DepositToAccountRef": {"value": "4"}}),
        }
        self.ask(entity, body, refused=self.written_too_early(day))

    @rule(entity=st.sampled_from(["CreditMemo", "SalesReceipt", "RefundReceipt"]), place=SOME, stale=STALE)
    def deletes_another_sale(self, entity: str, place: int, stale: bool) -> None:
        if (sale := self.one(entity, place)) is None:
            return
        token = str(int(sale["SyncToken"]) - 1) if stale else sale["SyncToken"]
        refused = stale or self.written_too_early(sale["TxnDate"]) or None
        self.ask(entity, {"Id": sale["Id"], "SyncToken": token}, refused, operation="delete")

    @rule(place=SOME, most=st.one_of(st.none(), CENTS))
    def a_person_applies_a_credit(self, place: int, most: Decimal | None) -> None:
        """To all invoices of its customer; refused when there is nothing to apply, or nothing to apply it to."""
        if (credit := self.one("CreditMemo", place)) is None:
            return
        invoices = [one["Id"] for one in self.rows("Invoice", CustomerRef=credit["CustomerRef"])]
        amount = {"Amount": most} if most else {}
        self.by_hand("apply-credit-memo", {"Id": credit["Id"], "invoices": invoices, **amount}, refused=None)

    @rule()
    def a_person_lets_all_credits_be_applied(self) -> None:
        self.by_hand("auto-apply-credits", {}, refused=None)


def _is_deposited(payment: Wire) -> bool:
    return any(link["TxnType"] == "Deposit" for link in payment.get("LinkedTxn", ()))
