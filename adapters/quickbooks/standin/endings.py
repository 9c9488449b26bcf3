"""Void and delete of an invoice. Source: QuickBooks reference, section 2.9."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.company import Record
from adapters.quickbooks.standin.goods import move_goods
from adapters.quickbooks.standin.invoices import InvoiceKind, move_balance, must_be_open, owed
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.lines import INLINE_SUBTOTAL
from adapters.quickbooks.standin.payments import unlink
from adapters.quickbooks.standin.sums import NOTHING
from adapters.quickbooks.standin.voided import is_void, void_note

Wire = dict[str, Any]


class EndableInvoiceKind(InvoiceKind):
    """Invoice with its two endings."""

    def void(self, write: Write, body: Wire) -> Record:
        """Amounts and quantities become 0 and the note begins with `Voided`; the document stays a live object."""
        record = self.live(write.company, body)
        write.must_be_subscribed()
        must_be_open(write.company, record.wire["TxnDate"])
        if is_void(record.wire):
            return record
        if record.applied and write.switches.void_paid_invoice == "refuse":
            raise refusals.business("You cannot void a transaction that has a payment applied to it")
        payments = [write.company.find("Payment", id) for id in record.applied]
        if any(payment is not None and payment.wire.get("ProcessPayment") is True for payment in payments):
            raise refusals.payment_settled()
        if record.applied:
            unlink(write, record)
        before = record.wire
        write.company.amend(record, emptied(before), "voided")
        self.settle(write, record, before)
        return record

    def delete(self, write: Write, body: Wire) -> Record:
        """Gone for good; refused with 800 while payments are applied, unless the switch lets them be unlinked."""
        record = self.live(write.company, body)
        write.must_be_subscribed()
        must_be_open(write.company, record.wire["TxnDate"])
        if record.applied and write.switches.delete_paid_invoice == "refuse":
            raise refusals.has_dependencies("The invoice has payments applied to it: unlink them first")
        if record.applied:
            unlink(write, record)
        write.company.remove(record)
        move_goods(write, record.wire["Line"], [])
        move_balance(write, record.wire["CustomerRef"]["value"], -owed(record.wire))
        return record


def emptied(wire: Wire) -> Wire:
    """The body of any sales document once it is void."""
    nothing: Wire = {
        name: NOTHING for name in ("TotalAmt", "Balance", "HomeTotalAmt", "RemainingCredit") if name in wire
    }
    return {
        **wire,
        **nothing,
        "Line": [_empty_line(line) for line in wire["Line"]],
        "Deposit": 0,
        "TxnTaxDetail": {"TotalTax": NOTHING},
        "PrivateNote": void_note(wire),
    }


def _empty_line(line: Wire) -> Wire:
    if line["DetailType"] == "DescriptionOnly":
        inline = str(line.get("Description", "")).startswith(INLINE_SUBTOTAL)
        return {**line, "Description": f"{INLINE_SUBTOTAL} {NOTHING}"} if inline else line
    empty = {**line, "Amount": NOTHING}
    if "SalesItemLineDetail" in line:
        zeroed = ("Qty", "TaxInclusiveAmt", "DiscountAmt")
        detail = line["SalesItemLineDetail"]
        empty["SalesItemLineDetail"] = {key: Decimal(0) if key in zeroed else detail[key] for key in detail}
    if "GroupLineDetail" in line:
        bundle = line["GroupLineDetail"]
        inside = [_empty_line(each) for each in bundle["Line"]]
        empty["GroupLineDetail"] = {**bundle, "Quantity": Decimal(0), "Line": inside}
    return empty
