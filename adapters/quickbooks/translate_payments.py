"""Payments, their words to ours, pure. Source: QuickBooks reference, sections 2.9 and 7.6."""

from datetime import date
from decimal import Decimal

import msgspec

from adapters.quickbooks import wire
from adapters.quickbooks.marks import mark_in
from engine.domain.values import Applied, PaymentContent


def payment_from_payment(raw: bytes) -> PaymentContent:
    """A Payment. Raises msgspec.DecodeError, and ValueError for one without an amount."""
    seen = msgspec.json.decode(raw, type=wire.Payment)
    if seen.total_amt is None:
        raise ValueError("the payment has no TotalAmt")
    note = seen.private_note or ""
    return PaymentContent(
        reference=seen.payment_ref_num or "",
        customer_remote_id=str(seen.customer_ref.value) if seen.customer_ref else "",
        dated=date.fromisoformat(seen.txn_date[:10]) if seen.txn_date else None,
        total=seen.total_amt,
        unapplied=seen.unapplied_amt or Decimal(0),
        applied=tuple(
            Applied(invoice=str(link.txn_id), amount=line.amount or Decimal(0))
            for line in seen.line
            for link in line.linked_txn
            if link.txn_type == "Invoice"
        ),
        deposited=any(link.txn_type == "Deposit" for link in seen.linked_txn),
        mark=mark_in(note),
        voided=seen.total_amt == 0 and "Voided" in note,  # there is no status field
    )
