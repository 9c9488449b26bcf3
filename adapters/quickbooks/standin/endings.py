"""Void and delete of an invoice. Source: QuickBooks reference, section 2.9."""

from __future__ import annotations

from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.company import Record
from adapters.quickbooks.standin.invoices import InvoiceKind, move_balance, must_be_open, owed
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.lines import NOTHING
from adapters.quickbooks.standin.payments import unlink

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
        unlink(write, record)
        before = record.wire
        write.company.amend(record, _emptied(before), "voided")
        self.settle(write, record, before)
        return record

    def delete(self, write: Write, body: Wire) -> Record:
        """Gone for good; refused with 800 while payments are applied."""
        record = self.live(write.company, body)
        write.must_be_subscribed()
        must_be_open(write.company, record.wire["TxnDate"])
        if record.applied:
            raise refusals.has_dependencies("The invoice has payments applied to it: unlink them first")
        write.company.remove(record)
        move_balance(write, record.wire["CustomerRef"]["value"], -owed(record.wire))
        return record


def is_void(wire: Wire) -> bool:
    return bool(wire["TotalAmt"] == 0) and str(wire.get("PrivateNote", "")).startswith("Voided")


def _emptied(wire: Wire) -> Wire:
    lines = []
    for line in wire["Line"]:
        empty = {**line, "Amount": NOTHING}
        if line["DetailType"] == "DescriptionOnly":
            empty = line
        elif line["DetailType"] == "SalesItemLineDetail" and "Qty" in line["SalesItemLineDetail"]:
            empty["SalesItemLineDetail"] = {**line["SalesItemLineDetail"], "Qty": 0}
        lines.append(empty)
    note = wire.get("PrivateNote")
    return {
        **wire,
        "Line": lines,
        "TotalAmt": NOTHING,
        "Balance": NOTHING,
        "Deposit": 0,
        "TxnTaxDetail": {"TotalTax": NOTHING},
        "PrivateNote": f"Voided - {note}" if note else "Voided",
    }
