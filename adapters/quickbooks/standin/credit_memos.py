"""Credit memo: what a customer has to the good, until payments apply it. Source: QuickBooks reference, section 7.8."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.auto_credit import apply_credits_if_wanted
from adapters.quickbooks.standin.company import Record
from adapters.quickbooks.standin.goods import move_goods
from adapters.quickbooks.standin.invoices import move_owed
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.linking import tell_payments
from adapters.quickbooks.standin.other_sales import OtherSalesKind, sales_shape
from adapters.quickbooks.standin.sums import NOTHING

Wire = dict[str, Any]


class CreditMemoKind(OtherSalesKind):
    """It takes from what its customer owes, whether it is applied or not, and brings goods back."""

    entity = "CreditMemo"
    shape = sales_shape("CreditMemo")

    def compose(self, write: Write, fields: Wire, old: Record | None, sent: frozenset[str]) -> Wire:
        wire = super().compose(write, fields, old, sent)
        applied = sum(old.applied.values(), NOTHING) if old else NOTHING
        if old is not None and applied:
            if wire["TotalAmt"] < applied:
                raise refusals.business("More of the credit than that is applied already")
            if wire["CustomerRef"]["value"] != old.wire["CustomerRef"]["value"]:
                raise refusals.business("The credit is applied to invoices of another customer")
        return {**wire, "RemainingCredit": wire["TotalAmt"] - applied}

    def settle(self, write: Write, record: Record, before: Wire | None) -> None:
        move_goods(write, record.wire["Line"], before["Line"] if before else [])
        move_owed(write, before, record.wire, _owed)
        tell_payments(write.company, record)
        if before is None:
            apply_credits_if_wanted(write, record)

    def ending(self, write: Write, body: Wire) -> Record:
        record = super().ending(write, body)
        if record.applied:
            raise refusals.has_dependencies("The credit memo is applied to invoices: unlink it first")
        return record


def _owed(credit: Wire) -> Decimal:
    """What a credit memo adds to its customer's balance."""
    return -Decimal(credit["TotalAmt"])
