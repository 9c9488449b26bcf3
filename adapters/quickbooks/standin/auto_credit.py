"""Credits applied by QuickBooks itself, each as a payment of nothing that links a credit memo to an invoice.

Source: QuickBooks reference, section 7.8.
"""

from __future__ import annotations

from typing import Any

from adapters.quickbooks.standin.company import Company, Record
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.linking import CREDIT
from adapters.quickbooks.standin.payments import PaymentKind

Wire = dict[str, Any]

NOTE = "Created by QB Online to link credits to charges."
_PAYMENTS = PaymentKind()


def apply_credits_if_wanted(write: Write, made: Record) -> None:
    """After a new invoice or credit memo: apply the customer's credits when the company does so automatically."""
    if write.company.prefers("SalesFormsPrefs", "AutoApplyCredit") is True:
        apply_credits(write, made.wire["CustomerRef"], made.wire["TxnDate"])


def apply_credits(write: Write, customer: Wire, day: str) -> list[Record]:
    """Apply the open credits of a customer to his open invoices, oldest first; answers the payments of `day`."""
    made: list[Record] = []
    for credit in _open(write.company, CREDIT, customer):
        for invoice in _open(write.company, "Invoice", customer):
            made.append(link_credit(write, credit, invoice, day))
            if not credit.wire["Balance"]:
                break
    return made


def link_credit(write: Write, credit: Record, invoice: Record, day: str, **more: Any) -> Record:
    """The payment that applies as much of a credit to an invoice as both allow. Raises Fault."""
    amount = min(credit.wire["Balance"], invoice.wire["Balance"], more.pop("most", credit.wire["Balance"]))
    links = [{"TxnId": one.id, "TxnType": one.entity} for one in (credit, invoice)]
    body = {
        "CustomerRef": credit.wire["CustomerRef"],
        "TotalAmt": 0,
        "TxnDate": day,
        "PrivateNote": NOTE,
        "Line": [{"Amount": amount, "LinkedTxn": [link]} for link in links],
    }
    if "CurrencyRef" in credit.wire:
        body["CurrencyRef"] = credit.wire["CurrencyRef"]
    return _PAYMENTS.create(write, {**body, **more})


def _open(company: Company, entity: str, customer: Wire) -> list[Record]:
    """The documents of a customer that have something left, oldest first."""
    found = [
        one
        for one in company.all(entity)
        if one.wire["Balance"] and one.wire["CustomerRef"]["value"] == customer["value"]
    ]
    return sorted(found, key=lambda one: (one.wire["TxnDate"], one.born))
