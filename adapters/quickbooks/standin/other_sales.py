"""What credit memos, refunds and sales receipts share: an invoice's lines, taxes and head, and nothing that falls due.

Source: QuickBooks reference, section 7.8.
"""

from __future__ import annotations

from typing import Any

from adapters.quickbooks.standin.accounts import DEPOSIT_ACCOUNTS, must_be_of_type
from adapters.quickbooks.standin.company import Company, Record
from adapters.quickbooks.standin.endings import emptied
from adapters.quickbooks.standin.header import links_of
from adapters.quickbooks.standin.invoices import INVOICE, InvoiceKind, must_be_open
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.parts import REF
from adapters.quickbooks.standin.references import follow, named, value_of
from adapters.quickbooks.standin.shapes import Shape, shown, text
from adapters.quickbooks.standin.sums import NOTHING
from adapters.quickbooks.standin.tracking import class_of, department_of
from adapters.quickbooks.standin.voided import is_void

Wire = dict[str, Any]

# What an invoice has and these have not; sent with them it is ignored.
ONLY_OF_INVOICES = (
    "DueDate",
    "SalesTermRef",
    "Deposit",
    "AllowOnlineCreditCardPayment",
    "AllowOnlineACHPayment",
    "AllowIPNPayment",
    "AllowOnlinePayment",
)


def sales_shape(java: str) -> Shape:
    """The properties of such a document, under the name of its class."""
    ignored = dict.fromkeys((*ONLY_OF_INVOICES, "RemainingCredit"), shown())
    return Shape(java, {**INVOICE.fields, **ignored, "PaymentMethodRef": REF, "PaymentRefNum": text(21)})


class OtherSalesKind(InvoiceKind):
    """One of them; subclasses say what it is worth and which way its goods go."""

    can_void = False

    def compose(self, write: Write, fields: Wire, old: Record | None, sent: frozenset[str]) -> Wire:
        return _own(super().compose(write, fields, old, sent))

    def _references(self, write: Write, fields: Wire, before: Wire | None, customer: Record) -> Record | None:
        fields["CustomerRef"] = named(customer)
        class_of(write, fields, before)
        department_of(write, fields, before)
        for name, entity in (("PaymentMethodRef", "PaymentMethod"), ("DepositToAccountRef", "Account")):
            if name in fields:
                found = follow(write, entity, fields[name], value_of(before, name))
                if entity == "Account":
                    must_be_of_type(found, DEPOSIT_ACCOUNTS)
                fields[name] = named(found)
        fields["LinkedTxn"] = links_of(write, fields, before, customer)
        return None

    def view(self, company: Company, record: Record, include: frozenset[str]) -> Wire:
        return record.wire

    def void(self, write: Write, body: Wire) -> Record:
        """Nothing is left of its amounts and quantities; through the API only where the kind allows it."""
        record = self.ending(write, body)
        if not is_void(record.wire):
            before = record.wire
            write.company.amend(record, _own(emptied(before)), "voided")
            self.settle(write, record, before)
        return record

    def delete(self, write: Write, body: Wire) -> Record:
        """Gone for good, and with it what it moved."""
        record = self.ending(write, body)
        before = record.wire
        write.company.adjust(record, **_own(emptied(before)))
        self.settle(write, record, before)
        write.company.remove(record)
        return record

    def ending(self, write: Write, body: Wire) -> Record:
        """The document that is to be voided or deleted. Raises Fault 6190, 6200."""
        record = self.live(write.company, body)
        write.must_be_subscribed()
        must_be_open(write.company, record.wire["TxnDate"])
        return record


class PaidAtOnceKind(OtherSalesKind):
    """One of which nothing stays open: a sales receipt, a refund."""

    def compose(self, write: Write, fields: Wire, old: Record | None, sent: frozenset[str]) -> Wire:
        return {**super().compose(write, fields, old, sent), "Balance": NOTHING}


def _own(wire: Wire) -> Wire:
    return {name: value for name, value in wire.items() if name not in ONLY_OF_INVOICES}
