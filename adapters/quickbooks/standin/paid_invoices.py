"""An invoice together with its payments and credits: whatever changes, no more is applied to it than it asks for.

Source: QuickBooks reference, sections 7.5, 7.6 and 7.8.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from adapters.quickbooks.standin.auto_credit import apply_credits_if_wanted
from adapters.quickbooks.standin.company import Record
from adapters.quickbooks.standin.endings import EndableInvoiceKind
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.linking import settled, tell_payments, unlink

Wire = dict[str, Any]


class PaidInvoiceKind(EndableInvoiceKind):
    """Invoice as the API shows it."""

    def settle(self, write: Write, record: Record, before: Wire | None) -> None:
        """What payments applied beyond the new total is theirs again; all of it, when the customer is another."""
        super().settle(write, record, before)
        if before is None:
            apply_credits_if_wanted(write, record)
        if before is None or not record.applied:
            return
        same_customer = before["CustomerRef"]["value"] == record.wire["CustomerRef"]["value"]
        room = Decimal(record.wire["TotalAmt"]) - Decimal(record.wire["Deposit"]) if same_customer else Decimal(0)
        keep = {}
        for id, amount in record.applied.items():
            keep[id] = min(amount, room)
            room -= keep[id]
        unlink(write, record, keep)
        write.company.adjust(record, **settled(record))
        tell_payments(write.company, record)
