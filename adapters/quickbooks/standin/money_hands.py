"""A bookkeeper's hands on money: payments, deposits, credits, refunds. Source: QuickBooks reference, 2.9, 7.6 and 7.8.

Bodies are in wire field names. `invoices` is a list of invoice ids, paid or credited in that order.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from adapters.quickbooks.standin.auto_credit import apply_credits, link_credit
from adapters.quickbooks.standin.by_hand import add_by_hand, found
from adapters.quickbooks.standin.catalogue import KINDS
from adapters.quickbooks.standin.company import Company, Record
from adapters.quickbooks.standin.envelope import Wire
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.office import Office
from adapters.quickbooks.standin.payments import UNDEPOSITED_FUNDS, is_deposited
from adapters.quickbooks.standin.shapes import check_properties
from adapters.quickbooks.standin.sums import NOTHING, cents
from adapters.quickbooks.standin.times import today
from adapters.quickbooks.standin.voided import is_void
from adapters.standin.control import ControlRefused

Verb = Callable[[Office, Company, Wire], Any]

_TAKEN_OVER = ("CustomerRef", "Line", "CurrencyRef", "ExchangeRate", "GlobalTaxCalculation", "ApplyTaxAfterDiscount")


def _receive(office: Office, company: Company, body: Wire) -> Wire:
    """A payment for `invoices`: of `TotalAmt`, or of all they ask for; without invoices it stays unapplied."""
    fields = {name: value for name, value in body.items() if name != "invoices"}
    invoices = [_named(company, "Invoice", id) for id in body.get("invoices", ())]
    if invoices:
        fields.setdefault("CustomerRef", invoices[0].wire["CustomerRef"])
        fields.setdefault("TotalAmt", sum((one.wire["Balance"] for one in invoices), NOTHING))
        if "CurrencyRef" in invoices[0].wire:
            fields.setdefault("CurrencyRef", invoices[0].wire["CurrencyRef"])
        fields["Line"] = _shared_out(Decimal(fields["TotalAmt"]), invoices)
    return add_by_hand(office, company, "Payment", fields).wire


def _shared_out(total: Decimal, invoices: list[Record]) -> list[Wire]:
    lines = []
    for one in invoices:
        part = min(cents(total), one.wire["Balance"])
        total -= part
        lines.append({"Amount": part, "LinkedTxn": [{"TxnId": one.id, "TxnType": "Invoice"}]})
    return lines


def _edit(office: Office, company: Company, body: Wire) -> Wire:
    """A change in the browser: only what is named changes, and nobody asks for the revision."""
    return _changed(office, company, found(company, KINDS["Payment"], body), body)


def _unapply(office: Office, company: Company, body: Wire) -> Wire:
    """Take a payment off the `invoices` named, or off everything; it stays, unapplied."""
    record = found(company, KINDS["Payment"], body)
    wanted = {str(id) for id in body.get("invoices", ())}
    kept = [line for line in record.wire["Line"] if wanted and line["LinkedTxn"][0]["TxnId"] not in wanted]
    return _changed(office, company, record, {"Line": kept})


def _changed(office: Office, company: Company, record: Record, change: Wire) -> Wire:
    kind = KINDS["Payment"]
    named = {name: record.wire[name] for name in ("CustomerRef", "TotalAmt")}
    whole = {**named, **change, "Id": record.id, "SyncToken": record.revision, "sparse": True}
    check_properties(whole, kind.shape)
    return kind.update(Write(company, office.switches), whole).wire


def _deposit(office: Office, company: Company, body: Wire) -> Wire:
    """Put the payments `Ids` (or the one `Id`) into one bank deposit; from then on they cannot be changed."""
    payments = [_named(company, "Payment", id) for id in body.get("Ids", [body.get("Id")])]
    for one in payments:
        if is_deposited(one.wire) or is_void(one.wire):
            raise ControlRefused(f"Payment {one.id} is deposited already, or void.")
        if one.wire["DepositToAccountRef"]["value"] != UNDEPOSITED_FUNDS:
            raise ControlRefused(f"Payment {one.id} does not wait in Undeposited Funds.")
    id = company.next_id("Deposit")
    for one in payments:
        company.amend(one, {**one.wire, "LinkedTxn": [{"TxnId": id, "TxnType": "Deposit"}]})
    return {"deposit": id, "payments": [one.id for one in payments]}


def _undeposit(office: Office, company: Company, body: Wire) -> Wire:
    """Take a payment out of its deposit again."""
    record = found(company, KINDS["Payment"], body)
    if not is_deposited(record.wire):
        raise ControlRefused(f"Payment {record.id} is in no deposit.")
    company.amend(record, {name: value for name, value in record.wire.items() if name != "LinkedTxn"})
    return record.wire


def _make(entity: str, **fixed: Any) -> Verb:
    """Adds a document; what is not named it has from the invoice `invoice`, lines, customer and tax code included."""

    def make(office: Office, company: Company, body: Wire) -> Wire:
        fields = {**fixed, **{name: value for name, value in body.items() if name != "invoice"}}
        if "invoice" in body:
            invoice = _named(company, "Invoice", body["invoice"]).wire
            fields = {**{name: invoice[name] for name in _TAKEN_OVER if name in invoice}, **fields}
            if "TxnTaxCodeRef" in invoice["TxnTaxDetail"]:
                fields.setdefault("TxnTaxDetail", {"TxnTaxCodeRef": invoice["TxnTaxDetail"]["TxnTaxCodeRef"]})
        return add_by_hand(office, company, entity, fields).wire

    return make


def _apply_credit(office: Office, company: Company, body: Wire) -> Wire:
    """Apply the credit memo `Id` to `invoices`, up to `Amount` in all; answers the payments that link them."""
    credit = found(company, KINDS["CreditMemo"], body)
    write, day = Write(company, office.switches), today(company.clock.now())
    left: Decimal = min(Decimal(body.get("Amount") or credit.wire["Balance"]), credit.wire["Balance"])
    made = []
    for id in body.get("invoices", ()):
        invoice = _named(company, "Invoice", id)
        if left <= 0 or not invoice.wire["Balance"]:
            continue
        before = credit.wire["Balance"]
        made.append(link_credit(write, credit, invoice, day, most=left).wire)
        left -= before - credit.wire["Balance"]
    if not made:
        raise ControlRefused("There is no credit left, or none of the invoices asks for money.")
    return {"payments": made}


def _auto_apply(office: Office, company: Company, body: Wire) -> Wire:
    """Apply all open credits, of everybody or of `CustomerRef`, to open invoices, oldest first."""
    write, day = Write(company, office.switches), today(company.clock.now())
    customers = [{"value": one.id} for one in company.all("Customer")]
    wanted = [body["CustomerRef"]] if "CustomerRef" in body else customers
    return {"payments": [one.wire for customer in wanted for one in apply_credits(write, customer, day)]}


def _ender(entity: str, ending: str) -> Verb:
    def end(office: Office, company: Company, body: Wire) -> Wire:
        kind = KINDS[entity]
        record = found(company, kind, body)
        act = kind.void if ending == "void" else kind.delete
        full = {name: record.wire[name] for name in ("CustomerRef", "TotalAmt")}
        act(Write(company, office.switches), {**full, "Id": record.id, "SyncToken": record.revision})
        return {"Id": record.id, ending: True}

    return end


def _named(company: Company, entity: str, id: Any) -> Record:
    return found(company, KINDS[entity], {"Id": id})


MONEY_VERBS: dict[str, Verb] = {
    "receive-payment": _receive,
    "edit-payment": _edit,
    "unapply-payment": _unapply,
    "void-payment": _ender("Payment", "void"),
    "delete-payment": _ender("Payment", "delete"),
    "deposit-payment": _deposit,
    "undeposit": _undeposit,
    "make-credit-memo": _make("CreditMemo"),
    "apply-credit-memo": _apply_credit,
    "auto-apply-credits": _auto_apply,
    "void-credit-memo": _ender("CreditMemo", "void"),
    "delete-credit-memo": _ender("CreditMemo", "delete"),
    "refund": _make("RefundReceipt", DepositToAccountRef={"value": UNDEPOSITED_FUNDS}),
    "void-refund": _ender("RefundReceipt", "void"),
    "sell-for-cash": _make("SalesReceipt"),
}
