"""Payment: received, applied, changed, voided, deleted. Source: QuickBooks reference, sections 2.7 to 2.9 and 7.6."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.accounts import DEPOSIT_ACCOUNTS, must_be_of_type
from adapters.quickbooks.standin.company import Record
from adapters.quickbooks.standin.header import settle_currency
from adapters.quickbooks.standin.invoices import move_balance, move_owed, must_be_open
from adapters.quickbooks.standin.kinds import Kind, Write
from adapters.quickbooks.standin.linking import Share, apply, lines_of, open_for, shares_of, unapplied, unlink, within
from adapters.quickbooks.standin.parts import REF, SYSTEM
from adapters.quickbooks.standin.references import follow, named, value_of
from adapters.quickbooks.standin.shapes import DATE, FLAG, Field, Shape, choice, number, several, shown, text
from adapters.quickbooks.standin.sums import NOTHING, cents
from adapters.quickbooks.standin.times import today
from adapters.quickbooks.standin.voided import is_void, void_note

__all__ = ["PAYMENT", "PaymentKind", "is_deposited", "unlink"]

Wire = dict[str, Any]

UNDEPOSITED_FUNDS = "4"
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
        "HomeTotalAmt": shown(),
        "LinkedTxn": shown(),
        "ProjectRef": shown(),
        "TxnSource": shown(),
        **SYSTEM,
    },
)


class PaymentKind(Kind):
    entity = "Payment"
    shape = PAYMENT
    can_create = can_update = can_delete = can_void = void_by_update = True

    def required(self, body: Wire, *, sparse: bool) -> None:
        absent = [name for name in ("CustomerRef", "TotalAmt") if body.get(name) is None]
        for line in body.get("Line") or ():
            links = line.get("LinkedTxn") or []
            if line.get("Amount") is None:
                absent.append("Amount")
            if len(links) != 1:
                absent.append("LinkedTxn")
            else:
                absent += [name for name in ("TxnId", "TxnType") if links[0].get(name) is None]
        if absent:
            raise refusals.missing(*absent)

    def update(self, write: Write, body: Wire) -> Record:
        """A sparse body must name customer and total all the same, unless the switch lets them be left out."""
        record = write.company.find(self.entity, str(body.get("Id")))
        if record is not None and body.get("sparse") is True and write.switches.sparse_payment == "accept":
            body = {"CustomerRef": record.wire["CustomerRef"], "TotalAmt": record.wire["TotalAmt"], **body}
        return super().update(write, body)

    def compose(self, write: Write, fields: Wire, old: Record | None, sent: frozenset[str]) -> Wire:
        before = old.wire if old else None
        customer = follow(write, "Customer", fields["CustomerRef"], value_of(before, "CustomerRef"))
        fields.setdefault("DepositToAccountRef", {"value": UNDEPOSITED_FUNDS})
        for name, entity in _REFERENCES.items():
            if name in fields:
                found = follow(write, entity, fields[name], value_of(before, name))
                if name == "DepositToAccountRef":
                    must_be_of_type(found, DEPOSIT_ACCOUNTS)
                fields[name] = {"value": found.id}
        asked = [share for line in fields.get("Line", ()) if (share := _share(write, line, customer, old))]
        write.must_be_subscribed()
        settle_currency(write, fields, before, customer.wire)
        total = self._total(write, fields, asked, old)
        shares = within(asked, old)
        if unapplied(total, shares) < 0:
            raise refusals.business("The credits in the payment are less than what it is applied to")
        fields.setdefault("TxnDate", today(write.company.clock.now()))
        if before is not None:
            must_be_open(write.company, before["TxnDate"])
        must_be_open(write.company, fields["TxnDate"])
        wire = {
            "ProcessPayment": False,
            **fields,
            "CustomerRef": named(customer),
            "TotalAmt": total,
            "UnappliedAmt": unapplied(total, shares),
            "Line": lines_of(shares, old),
        }
        if before is not None:
            _may_change(before, wire)
        return wire

    def _total(self, write: Write, fields: Wire, asked: list[Share], old: Record | None) -> Decimal:
        """The amount of the payment. Raises Fault 2290 and 6000 for amounts that cannot be."""
        if fields["TotalAmt"] < 0:
            raise refusals.negative("TotalAmt")
        if any(share.amount < 0 for share in asked):
            raise refusals.negative("Amount")
        total = cents(fields["TotalAmt"])
        if unapplied(total, asked) < 0:
            raise refusals.business("The amounts of the lines are more than the payment")
        if old is None and total == 0 and not asked and write.switches.empty_payment == "refuse":
            raise refusals.business("You must set a transaction amount")
        invoices = sum(not share.is_credit for share in asked)
        if len(asked) > invoices > 1 and write.switches.credit_over_several_invoices == "refuse":
            raise refusals.business("A credit cannot be applied to several invoices in one payment")
        return total

    def settle(self, write: Write, record: Record, before: Wire | None) -> None:
        """Move the documents that are settled differently, and the balance of the customer."""
        moved = apply(write, record, shares_of(write.company, before["Line"]) if before else [])
        move_owed(write, before, record.wire, _owed)
        if moved and before is not None and _owed(before) == _owed(record.wire):
            move_balance(write, record.wire["CustomerRef"]["value"], NOTHING)

    def void(self, write: Write, body: Wire) -> Record:
        """Nothing is left of its amounts, and its invoices are open again; the document stays a live object."""
        if write.switches.payment_void_body == "full":
            self.required(body, sparse=False)
        record = self._ending(write, body)
        before = record.wire
        if is_void(before):
            return record
        if before["ProcessPayment"] is True:
            raise refusals.payment_settled()
        emptied = {"TotalAmt": NOTHING, "UnappliedAmt": NOTHING, "Line": [], "PrivateNote": void_note(before)}
        write.company.amend(record, {**before, **emptied}, "voided")
        self.settle(write, record, before)
        return record

    def delete(self, write: Write, body: Wire) -> Record:
        """Gone for good; its invoices get their balance back."""
        record = self._ending(write, body)
        before = shares_of(write.company, record.wire["Line"])
        write.company.adjust(record, Line=[])
        apply(write, record, before)
        write.company.remove(record)
        move_balance(write, record.wire["CustomerRef"]["value"], -_owed(record.wire))
        return record

    def _ending(self, write: Write, body: Wire) -> Record:
        """The payment that is to be voided or deleted. Raises Fault 6190, 6200, 6540."""
        record = self.live(write.company, body)
        write.must_be_subscribed()
        if is_deposited(record.wire):
            raise refusals.deposited()
        must_be_open(write.company, record.wire["TxnDate"])
        return record


_REFERENCES = {"PaymentMethodRef": "PaymentMethod", "DepositToAccountRef": "Account", "ARAccountRef": "Account"}


def _owed(payment: Wire) -> Decimal:
    """What a payment adds to its customer's balance."""
    return -Decimal(payment["TotalAmt"])


def is_deposited(payment: Wire) -> bool:
    return any(link["TxnType"] == "Deposit" for link in payment.get("LinkedTxn", ()))


def _share(write: Write, line: Wire, customer: Record, payment: Record | None) -> Share | None:
    """The document a line links to, and how much of it; None for one that the payment is silently not applied to.

    Raises Fault 610 for a document that is not there, 620 for one that is void, another customer's, or paid (switch).
    """
    link = line["LinkedTxn"][0]
    document = write.company.find(link["TxnType"], link["TxnId"])
    if document is None:
        raise refusals.not_found(write.company.was_deleted(link["TxnType"], link["TxnId"]))
    if is_void(document.wire):
        raise refusals.cannot_be_linked(document.id)
    if document.wire["CustomerRef"]["value"] != customer.id:
        if write.switches.payment_across_customers == "620":
            raise refusals.cannot_be_linked(document.id)
        return None
    if open_for(document, payment) == 0 and write.switches.payment_of_paid_invoice == "620":
        raise refusals.cannot_be_linked(document.id)
    return Share(document, cents(line["Amount"]))


def _may_change(before: Wire, wire: Wire) -> None:
    """Raises Fault 6540 for a payment that is in a deposit, 6000 for amounts of one that is void."""
    if is_deposited(before):
        raise refusals.deposited()
    if is_void(before) and (wire["TotalAmt"] != 0 or wire["Line"]):
        raise refusals.business("A transaction that was voided cannot get amounts again")
