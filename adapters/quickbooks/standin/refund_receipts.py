"""Refund: money that leaves an account for goods that came back. Source: QuickBooks reference, section 7.8."""

from __future__ import annotations

from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.company import Record
from adapters.quickbooks.standin.goods import move_goods
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.other_sales import PaidAtOnceKind, sales_shape

Wire = dict[str, Any]


class RefundReceiptKind(PaidAtOnceKind):
    """It needs the account the money leaves, and moves no balance."""

    entity = "RefundReceipt"
    shape = sales_shape("RefundReceipt")

    def required(self, body: Wire, *, sparse: bool) -> None:
        super().required(body, sparse=sparse)
        account = (body.get("DepositToAccountRef") or {}).get("value")
        if (not sparse or "DepositToAccountRef" in body) and account in (None, ""):
            raise refusals.missing("DepositToAccountRef")

    def settle(self, write: Write, record: Record, before: Wire | None) -> None:
        move_goods(write, record.wire["Line"], before["Line"] if before else [])
