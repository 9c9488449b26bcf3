"""Payment, as far as it moves invoices: create, read, delete. Source: QuickBooks reference, section 7.6."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.company import Record
from adapters.quickbooks.standin.header import relinked
from adapters.quickbooks.standin.invoices import move_balance, must_be_open
from adapters.quickbooks.standin.kinds import Kind, Write
from adapters.quickbooks.standin.lines import NOTHING, cents
from adapters.quickbooks.standin.parts import REF, SYSTEM
from adapters.quickbooks.standin.references import follow, named
from adapters.quickbooks.standin.shapes import DATE, FLAG, Field, Shape, choice, number, several, shown, text
from adapters.quickbooks.standin.times import today

Wire = dict[str, Any]

_LINK = Shape(
    "LinkedTxn",
    {
        "TxnId": text(),
        "TxnType": choice("Invoice", "CreditMemo", "JournalEntry", "Expense", "Check", "CreditCardCredit"),
        "TxnLineId": shown(),
    },
)
_LINE = Shape("Line", {"Amount": number(5), "LinkedTxn": several(_LINK), "LineEx": shown(), "Id": shown()})
PAYMENT = Shape(
    "Payment",
    {
        "CustomerRef": REF,
        "TotalAmt": number(5),
        "TxnDate": Field(DATE),
        "PaymentRefNum": text(21),
        "PrivateNote": text(4000),
        "PaymentMethodRef": REF,
        "DepositToAccountRef": REF,
        "ARAccountRef": REF,
        "CurrencyRef": REF,
        "ExchangeRate": number(7),
        "ProcessPayment": Field(FLAG),
        "Line": several(_LINE),
        "UnappliedAmt": shown(),
        "LinkedTxn": shown(),
        "ProjectRef": shown(),
        **SYSTEM,
    },
)


class PaymentKind(Kind):
    entity = "Payment"
    shape = PAYMENT
    can_create = can_delete = True

    def required(self, body: Wire, *, sparse: bool) -> None:
        absent = [name for name in ("CustomerRef", "TotalAmt") if body.get(name) is None]
        if absent:
            raise refusals.missing(*absent)

    def compose(self, write: Write, fields: Wire, old: Record | None, sent: frozenset[str]) -> Wire:
        customer = follow(write, "Customer", fields["CustomerRef"])
        lines = fields.get("Line", [])
        for line in lines:
            self._link(write, line, customer)
        write.must_be_subscribed()
        if fields["TotalAmt"] < 0:
            raise refusals.negative("TotalAmt")
        total = cents(fields["TotalAmt"])
        if sum((line["Amount"] for line in lines), NOTHING) > total:
            raise refusals.business("The amounts of the lines are more than the payment")
        fields.setdefault("TxnDate", today(write.company.clock.now()))
        must_be_open(write.company, fields["TxnDate"])
        account = fields.get("DepositToAccountRef") or {"value": "4"}
        return {
            "ProcessPayment": False,
            **fields,
            "CustomerRef": named(customer),
            "DepositToAccountRef": {"value": follow(write, "Account", account).id},
            "TotalAmt": total,
            "UnappliedAmt": total,
            "Line": lines,
        }

    def _link(self, write: Write, line: Wire, customer: Record) -> None:
        links = line.get("LinkedTxn") or []
        if len(links) != 1 or line.get("Amount") is None:
            raise refusals.missing("LinkedTxn" if len(links) != 1 else "Amount")
        id, kind = str(links[0].get("TxnId")), links[0].get("TxnType")
        invoice = write.company.find("Invoice", id) if kind == "Invoice" else None
        if invoice is None:
            raise refusals.not_found(write.company.was_deleted("Invoice", id))
        if invoice.wire["CustomerRef"]["value"] != customer.id:
            raise refusals.cannot_be_linked(id)

    def settle(self, write: Write, record: Record, before: Wire | None) -> None:
        """Apply each line to its invoice, as far as the invoice is still open; the rest stays unapplied."""
        applied = NOTHING
        for line in record.wire["Line"]:
            invoice = write.company.find("Invoice", line["LinkedTxn"][0]["TxnId"])
            assert invoice is not None
            amount = min(cents(line["Amount"]), invoice.wire["Balance"])
            line["Amount"] = amount
            applied += amount
            invoice.applied[record.id] = invoice.applied.get(record.id, NOTHING) + amount
            _rebalance(write, invoice, -amount)
        record.wire["UnappliedAmt"] = record.wire["TotalAmt"] - applied
        move_balance(write, record.wire["CustomerRef"]["value"], -record.wire["TotalAmt"])

    def delete(self, write: Write, body: Wire) -> Record:
        """Gone for good; its invoices get their balance back."""
        record = self.live(write.company, body)
        write.must_be_subscribed()
        must_be_open(write.company, record.wire["TxnDate"])
        for line in record.wire["Line"]:
            invoice = write.company.find("Invoice", line["LinkedTxn"][0]["TxnId"])
            if invoice is not None and (amount := invoice.applied.pop(record.id, None)) is not None:
                _rebalance(write, invoice, amount)
        write.company.remove(record)
        move_balance(write, record.wire["CustomerRef"]["value"], record.wire["TotalAmt"])
        return record


def _rebalance(write: Write, invoice: Record, amount: Decimal) -> None:
    """A payment applied or removed moves the invoice's balance, links and revision. Source: section 2.8."""
    wire = {
        **invoice.wire,
        "Balance": invoice.wire["Balance"] + amount,
        "LinkedTxn": relinked(invoice),
    }
    write.company.amend(invoice, wire)


def unlink(write: Write, invoice: Record) -> None:
    """Take every payment off an invoice that is about to be voided; the payments stay, unapplied."""
    company = write.company
    for id in list(invoice.applied):
        payment = company.find("Payment", id)
        assert payment is not None
        lines = [line for line in payment.wire["Line"] if line["LinkedTxn"][0]["TxnId"] != invoice.id]
        freed = payment.wire["UnappliedAmt"] + invoice.applied.pop(id)
        company.amend(payment, {**payment.wire, "Line": lines, "UnappliedAmt": freed})
    invoice.wire = {**invoice.wire, "LinkedTxn": relinked(invoice)}
