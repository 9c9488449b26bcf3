"""Invoice: composed from lines, terms, addresses and settings. Source: QuickBooks reference, section 7.5."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.company import Company, Record
from adapters.quickbooks.standin.kinds import Kind, Write
from adapters.quickbooks.standin.lines import LINE, NOTHING, Sums, add_up, cents, lines_required
from adapters.quickbooks.standin.numbering import number_invoice
from adapters.quickbooks.standin.parts import ADDRESS, CUSTOM_FIELD, MAIL, MEMO, REF, SYSTEM, place_addresses
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
from adapters.quickbooks.standin.times import today

Wire = dict[str, Any]

SHIP_METHOD = Shape("ReferenceType", {"value": text(30), "name": text(30), "type": text()})
TAX = Shape("TxnTaxDetail", {"TxnTaxCodeRef": REF, "TotalTax": number(5), "TaxLine": shown(), "DefaultTaxCodeRef": REF})
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
        "LinkedTxn": shown(),
        "TotalAmt": shown(),
        "Balance": shown(),
        "HomeTotalAmt": shown(),
        "HomeBalance": shown(),
        "DeliveryInfo": shown(),
        "InvoiceLink": shown(),
        "ProjectRef": shown(),
        "FreeFormAddress": shown(),
        "TxnSource": shown(),
        **SYSTEM,
    },
)


def must_be_open(company: Company, day: str) -> None:
    """Raises Fault 6200 for a date on or before the closing date."""
    closed = company.prefers("AccountingInfoPrefs", "BookCloseDate")
    if closed is not None and day <= str(closed):
        raise refusals.period_closed()


class InvoiceKind(Kind):
    entity = "Invoice"
    shape = INVOICE
    can_create = can_update = can_delete = can_void = True

    def required(self, body: Wire, *, sparse: bool) -> None:
        if not sparse and (body.get("CustomerRef") or {}).get("value") in (None, ""):
            raise refusals.missing("CustomerRef")
        if not sparse or "Line" in body:
            lines_required(body)

    def compose(self, write: Write, fields: Wire, old: Record | None, sent: frozenset[str]) -> Wire:
        company, before = write.company, old.wire if old else None
        customer = follow(write, "Customer", fields["CustomerRef"], value_of(before, "CustomerRef"))
        fields["CustomerRef"] = named(customer)
        term = self._term(write, fields, before, customer)
        sums = add_up(write, fields["Line"], old)
        self._settings(write, fields)
        fields.setdefault("TxnDate", today(company.clock.now()))
        if term is not None and (
            "DueDate" not in fields or (sent & {"SalesTermRef", "TxnDate"} and "DueDate" not in sent)
        ):
            fields["DueDate"] = due_date(fields["TxnDate"], term.wire)
        fields.setdefault("DueDate", fields["TxnDate"])
        if before is not None:
            must_be_open(company, before["TxnDate"])
        must_be_open(company, fields["TxnDate"])
        number_invoice(write, fields, old)
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
            "LinkedTxn": before["LinkedTxn"] if before else [],
            "Line": sums.in_order(),
        }
        _tax_and_total(write, wire, sums, sum(old.applied.values(), NOTHING) if old else NOTHING)
        place_addresses(company, wire, before)
        return wire

    def _term(self, write: Write, fields: Wire, before: Wire | None, customer: Record) -> Record | None:
        """The term that drives the due date; a new invoice without one takes the customer's."""
        if before is None and "SalesTermRef" not in fields and "SalesTermRef" in customer.wire:
            fields["SalesTermRef"] = customer.wire["SalesTermRef"]
        if "SalesTermRef" not in fields:
            return None
        term = follow(write, "Term", fields["SalesTermRef"], value_of(before, "SalesTermRef"))
        fields["SalesTermRef"] = {"value": term.id}
        return term

    def _settings(self, write: Write, fields: Wire) -> None:
        """What depends on how the company is set up."""
        company = write.company
        if fields.get("EmailStatus") == "NeedToSend" and not fields.get("BillEmail", {}).get("Address"):
            raise refusals.email_required()
        if "CurrencyRef" in fields and not company.prefers("CurrencyPrefs", "MultiCurrencyEnabled"):
            raise refusals.business("Multi Currency should be enabled to perform this operation")
        if fields.get("Deposit") and not company.prefers("SalesFormsPrefs", "AllowDeposit"):
            raise refusals.business("Deposits are turned off in the company's sales settings")
        defined = custom_field_names(company)
        for each in fields.get("CustomField", ()):
            if each.get("DefinitionId") not in defined:
                raise refusals.Fault(refusals.Error("3000", "Custom field problem", "No such custom field is in use"))
        if defined:
            values = {each["DefinitionId"]: each for each in fields.get("CustomField", ())}
            fields["CustomField"] = [
                {"Type": "StringType", **values.get(id, {}), "DefinitionId": id, "Name": name}
                for id, name in defined.items()
            ]

    def settle(self, write: Write, record: Record, before: Wire | None) -> None:
        customer_id = record.wire["CustomerRef"]["value"]
        if before is None:
            move_balance(write, customer_id, owed(record.wire))
        elif before["CustomerRef"]["value"] != customer_id:
            move_balance(write, before["CustomerRef"]["value"], -owed(before))
            move_balance(write, customer_id, owed(record.wire))
        elif moved := owed(record.wire) - owed(before):
            move_balance(write, customer_id, moved)


def owed(invoice: Wire) -> Decimal:
    """What an invoice adds to its customer's balance; payments take away from it on their own account."""
    return Decimal(invoice["TotalAmt"]) - Decimal(invoice["Deposit"])


def _tax_and_total(write: Write, wire: Wire, sums: Sums, applied: Decimal) -> None:
    tax: Wire = {"TotalTax": NOTHING}
    if write.switches.tax == "flat":
        net = sums.taxable
        if wire["ApplyTaxAfterDiscount"] and sums.subtotal:
            net = cents(net - sums.discounted * net / sums.subtotal)
        given = wire.get("TxnTaxDetail", {}).get("TotalTax")
        total = cents(net * write.switches.tax_percent / 100) if given is None else cents(given)
        detail = {
            "NetAmountTaxable": net,
            "TaxPercent": write.switches.tax_percent,
            "TaxRateRef": {"value": "3"},
            "PercentBased": True,
        }
        tax = {
            "TxnTaxCodeRef": wire.get("TxnTaxDetail", {}).get("TxnTaxCodeRef") or {"value": "2"},
            "TotalTax": total,
            "TaxLine": [{"DetailType": "TaxLineDetail", "Amount": total, "TaxLineDetail": detail}] if net else [],
        }
    wire["TxnTaxDetail"] = tax
    wire["TotalAmt"] = sums.total + tax["TotalTax"]
    if wire["TotalAmt"] < 0:
        raise refusals.business("Transaction amount must be 0 or greater.")
    wire["Balance"] = max(wire["TotalAmt"] - cents(Decimal(wire["Deposit"])) - applied, NOTHING)


def due_date(day: str, term: Wire) -> str:
    """The due date of a document of `day` under a term. Source: QuickBooks reference, section 7.3."""
    start = date.fromisoformat(day)
    if term.get("Type") != "DATE_DRIVEN":
        return (start + timedelta(days=int(term.get("DueDays", 0)))).isoformat()
    wanted = int(term.get("DayOfMonthDue", 1))
    month = date(start.year, start.month, 1)
    due = _day_of(month, wanted)
    if (due - start).days < int(term.get("DueNextMonthDays", 0)) or due < start:
        due = _day_of(_next_month(month), wanted)
    return due.isoformat()


def _next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _day_of(month: date, day: int) -> date:
    return min(month + timedelta(days=day - 1), _next_month(month) - timedelta(days=1))


def custom_field_names(company: Company) -> dict[str, str]:
    """The custom fields in use on sales forms, by definition id."""
    groups = company.prefers("SalesFormsPrefs", "CustomField") or []
    entries = {each["Name"]: each for group in groups for each in group.get("CustomField", ())}
    found = {}
    for id in ("1", "2", "3"):
        if entries.get(f"SalesFormsPrefs.UseSalesCustom{id}", {}).get("BooleanValue") is True:
            found[id] = entries.get(f"SalesFormsPrefs.SalesCustomName{id}", {}).get("StringValue", "")
    return found


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
