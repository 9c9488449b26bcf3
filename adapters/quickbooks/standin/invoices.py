"""Invoice: composed from lines, terms, addresses and settings. Source: QuickBooks reference, section 7.5."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.accounts import DEPOSIT_ACCOUNTS, must_be_of_type
from adapters.quickbooks.standin.company import Company, Record
from adapters.quickbooks.standin.goods import move_goods
from adapters.quickbooks.standin.header import (
    due_date,
    links_of,
    settle_addresses,
    settle_currency,
    settle_custom_fields,
    settle_email,
    settle_payment_means,
    settle_ship_method,
    term_of,
)
from adapters.quickbooks.standin.kinds import Kind, Write
from adapters.quickbooks.standin.lines import LINE, Basis, add_up, lines_required
from adapters.quickbooks.standin.numbering import number_document
from adapters.quickbooks.standin.parts import ADDRESS, CUSTOM_FIELD, MAIL, MEMO, REF, SYSTEM
from adapters.quickbooks.standin.references import follow, named, value_of
from adapters.quickbooks.standin.shapes import (
    DATE,
    FLAG,
    Field,
    Shape,
    choice,
    nested,
    number,
    several,
    shown,
    text,
)
from adapters.quickbooks.standin.sums import NOTHING, cents
from adapters.quickbooks.standin.tax import global_tax, tax_and_total
from adapters.quickbooks.standin.times import today
from adapters.quickbooks.standin.tracking import class_of, department_of

Wire = dict[str, Any]

SHIP_METHOD = Shape("ReferenceType", {"value": text(30), "name": text(30), "type": text()})
TAX = Shape("TxnTaxDetail", {"TxnTaxCodeRef": REF, "TotalTax": number(5), "TaxLine": shown(), "DefaultTaxCodeRef": REF})
LINK = Shape("LinkedTxn", {"TxnId": text(), "TxnType": text(), "TxnLineId": shown()})
INVOICE = Shape(
    "Invoice",
    {
        "CustomerRef": REF,
        "Line": several(LINE),
        "TxnDate": Field(DATE),
        "DueDate": Field(DATE),
        "ShipDate": Field(DATE),
        "DocNumber": text(21),
        "PrivateNote": text(4000),
        "CustomerMemo": nested(MEMO),
        "SalesTermRef": REF,
        "ShipMethodRef": nested(SHIP_METHOD),
        "TrackingNum": text(),
        "BillAddr": nested(ADDRESS),
        "ShipAddr": nested(ADDRESS),
        "ShipFromAddr": nested(ADDRESS),
        "BillEmail": nested(MAIL),
        "BillEmailCc": nested(MAIL),
        "BillEmailBcc": nested(MAIL),
        "EmailStatus": choice("NotSet", "NeedToSend", "EmailSent"),
        "PrintStatus": choice("NotSet", "NeedToPrint", "PrintComplete"),
        "CustomField": several(CUSTOM_FIELD),
        "TxnTaxDetail": nested(TAX),
        "ApplyTaxAfterDiscount": Field(FLAG),
        "GlobalTaxCalculation": choice("TaxExcluded", "TaxInclusive", "NotApplicable"),
        "ClassRef": REF,
        "DepartmentRef": REF,
        "CurrencyRef": REF,
        "ExchangeRate": number(7),
        "Deposit": number(5),
        "DepositToAccountRef": REF,
        "AllowOnlineCreditCardPayment": Field(FLAG),
        "AllowOnlineACHPayment": Field(FLAG),
        "AllowIPNPayment": Field(FLAG),
        "AllowOnlinePayment": Field(FLAG),
        "LinkedTxn": several(LINK),
        "TotalAmt": shown(),
        "Balance": shown(),
        "HomeTotalAmt": shown(),
        "HomeBalance": shown(),
        "DeliveryInfo": shown(),
        "InvoiceLink": shown(),
        "ProjectRef": shown(),
        "FreeFormAddress": shown(),
        "TxnSource": shown(),
        "RecurDataRef": shown(),
        "TaxExemptionRef": shown(),
        "EInvoiceStatus": shown(),
        **SYSTEM,
    },
)


def must_be_open(company: Company, day: str) -> None:
    """Raises Fault 6200 for a date on or before the closing date, 6210 when it takes a password to get past it.

    A person is only warned of books that are closed without one.
    """
    closed = company.prefers("AccountingInfoPrefs", "BookCloseDate")
    if closed is None or day > str(closed):
        return
    if company.standing.closing_password:
        raise refusals.period_closed_with_password()
    if not company.by_person:
        raise refusals.period_closed()


class InvoiceKind(Kind):
    entity = "Invoice"
    shape = INVOICE
    can_create = can_update = can_delete = can_void = can_send = has_paper = True

    def required(self, body: Wire, *, sparse: bool) -> None:
        if (not sparse or "CustomerRef" in body) and (body.get("CustomerRef") or {}).get("value") in (None, ""):
            raise refusals.missing("CustomerRef")
        if not sparse or "Line" in body:
            lines_required(body)

    def compose(self, write: Write, fields: Wire, old: Record | None, sent: frozenset[str]) -> Wire:
        company, before = write.company, old.wire if old else None
        calculation = global_tax(write, fields)
        fields.setdefault("TxnDate", today(company.clock.now()))
        customer = follow(write, "Customer", fields["CustomerRef"], value_of(before, "CustomerRef"))
        term = self._references(write, fields, before, customer)
        sums = add_up(write, fields["Line"], old, Basis(fields["TxnDate"], calculation))
        self._settings(write, fields, before, customer)
        if term is not None and (
            "DueDate" not in fields or (sent & {"SalesTermRef", "TxnDate"} and "DueDate" not in sent)
        ):
            fields["DueDate"] = due_date(fields["TxnDate"], term.wire)
        fields.setdefault("DueDate", fields["TxnDate"])
        if before is not None:
            must_be_open(company, before["TxnDate"])
        must_be_open(company, fields["TxnDate"])
        number_document(write, self.entity, fields, old)
        if before is None:
            for name in ("BillAddr", "ShipAddr"):
                if name in customer.wire:
                    fields.setdefault(name, customer.wire[name])
        wire: Wire = {
            "PrintStatus": "NeedToPrint",
            "EmailStatus": "NotSet",
            "ApplyTaxAfterDiscount": False,
            "Deposit": 0,
            **fields,
            "Line": sums.in_order(),
        }
        if before is not None and "DeliveryInfo" in before:
            wire["DeliveryInfo"] = before["DeliveryInfo"]
        settle_addresses(write, wire, before)
        tax_and_total(write, wire, sums, customer.wire, before, "TxnTaxDetail" in sent)
        _balance(wire, sum(old.applied.values(), NOTHING) if old else NOTHING)
        return wire

    def _references(self, write: Write, fields: Wire, before: Wire | None, customer: Record) -> Record | None:
        """Put every reference of the head in the form replies have; answers the term."""
        fields["CustomerRef"] = named(customer)
        term = term_of(write, fields, before, customer)
        class_of(write, fields, before)
        department_of(write, fields, before)
        if fields.get("Deposit"):
            fields.setdefault("DepositToAccountRef", {"value": "4"})
        if "DepositToAccountRef" in fields:
            account = follow(write, "Account", fields["DepositToAccountRef"], value_of(before, "DepositToAccountRef"))
            must_be_of_type(account, DEPOSIT_ACCOUNTS)
            fields["DepositToAccountRef"] = named(account)
        fields["LinkedTxn"] = links_of(write, fields, before, customer)
        return term

    def _settings(self, write: Write, fields: Wire, before: Wire | None, customer: Record) -> None:
        """What depends on how the company is set up."""
        settle_email(fields)
        settle_currency(write, fields, before, customer.wire)
        settle_payment_means(write, fields, before)
        settle_custom_fields(write, fields)
        settle_ship_method(fields)

    def settle(self, write: Write, record: Record, before: Wire | None) -> None:
        move_goods(write, before["Line"] if before else [], record.wire["Line"])
        move_owed(write, before, record.wire, owed)

    def view(self, company: Company, record: Record, include: frozenset[str]) -> Wire:
        """With the link a customer pays at, when it was asked for."""
        if "invoiceLink" not in include:
            return record.wire
        return {**record.wire, "InvoiceLink": f"https://pay.intuit.example/{company.realm}/{record.id}"}


def owed(invoice: Wire) -> Decimal:
    """What an invoice adds to its customer's balance; payments take away from it on their own account."""
    return Decimal(invoice["TotalAmt"]) - Decimal(invoice["Deposit"])


def _balance(wire: Wire, applied: Decimal) -> None:
    deposit = cents(Decimal(wire["Deposit"]))
    if deposit > wire["TotalAmt"]:
        raise refusals.business("The deposit is more than the total of the transaction")
    wire["Balance"] = max(wire["TotalAmt"] - deposit - applied, NOTHING)


def move_owed(write: Write, before: Wire | None, after: Wire, worth: Callable[[Wire], Decimal]) -> None:
    """Move the balance of a document's customer, or of both when it is another than before, by what it is worth."""
    if before is None or before["CustomerRef"]["value"] == after["CustomerRef"]["value"]:
        moved = worth(after) - (worth(before) if before else NOTHING)
        if moved or before is None:
            move_balance(write, after["CustomerRef"]["value"], moved)
        return
    move_balance(write, before["CustomerRef"]["value"], -worth(before))
    move_balance(write, after["CustomerRef"]["value"], worth(after))


def move_balance(write: Write, customer_id: str, amount: Decimal) -> None:
    """An invoice or payment moves a customer's balance and time, but not its revision. Source: section 2.8."""
    company = write.company
    customer = company.find("Customer", customer_id)
    if customer is None:
        return
    tell = write.switches.webhook_balance_moves
    balance = customer.wire["Balance"] + amount
    company.touch(customer, tell=tell, Balance=balance, BalanceWithJobs=customer.wire["BalanceWithJobs"] + amount)
    parent_id = value_of(customer.wire, "ParentRef")
    while parent_id is not None and (parent := company.find("Customer", parent_id)) is not None:
        company.touch(parent, tell=tell, BalanceWithJobs=parent.wire["BalanceWithJobs"] + amount)
        parent_id = value_of(parent.wire, "ParentRef")
