"""Sales receipt: goods sold and paid at once. Source: QuickBooks reference, sections 2.1 and 7.8."""

from __future__ import annotations

from typing import Any

from adapters.quickbooks.standin.company import Record
from adapters.quickbooks.standin.goods import move_goods
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.other_sales import PaidAtOnceKind, sales_shape
from adapters.quickbooks.standin.payments import UNDEPOSITED_FUNDS

Wire = dict[str, Any]


class SalesReceiptKind(PaidAtOnceKind):
    """The money waits in Undeposited Funds unless an account is named."""

    entity = "SalesReceipt"
    shape = sales_shape("SalesReceipt")
    can_void = void_by_update = True

    def compose(self, write: Write, fields: Wire, old: Record | None, sent: frozenset[str]) -> Wire:
        fields.setdefault("DepositToAccountRef", {"value": UNDEPOSITED_FUNDS})
        return super().compose(write, fields, old, sent)

    def settle(self, write: Write, record: Record, before: Wire | None) -> None:
        move_goods(write, before["Line"] if before else [], record.wire["Line"])
