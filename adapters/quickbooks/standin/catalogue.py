"""Which entities there are, by their path and by their name, and what may be done with each."""

from __future__ import annotations

from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.company import Record
from adapters.quickbooks.standin.credit_memos import CreditMemoKind
from adapters.quickbooks.standin.customers import EMPLOYEE, VENDOR, CustomerKind, NamedKind
from adapters.quickbooks.standin.items import ItemKind
from adapters.quickbooks.standin.kinds import Kind, Write
from adapters.quickbooks.standin.paid_invoices import PaidInvoiceKind
from adapters.quickbooks.standin.parts import SYSTEM
from adapters.quickbooks.standin.payments import PaymentKind
from adapters.quickbooks.standin.refund_receipts import RefundReceiptKind
from adapters.quickbooks.standin.sales_receipts import SalesReceiptKind
from adapters.quickbooks.standin.shapes import DATE, FLAG, Field, Shape, name, number, shown

Wire = dict[str, Any]

TERM = Shape(
    "Term",
    {
        "Name": name(31),
        "Active": Field(FLAG),
        "DueDays": number(0),
        "DayOfMonthDue": number(0),
        "DueNextMonthDays": number(0),
        "DiscountDays": number(0),
        "DiscountDayOfMonth": number(0),
        "DiscountPercent": number(7),
        "Type": shown(),
        "OpenBalanceDate": Field(DATE),
        **SYSTEM,
    },
)


class TermKind(Kind):
    """Made by hand, readable by the API. Source: QuickBooks reference, section 7.3."""

    entity = "Term"
    shape = TERM

    def required(self, body: Wire, *, sparse: bool) -> None:
        if not body.get("Name"):
            raise refusals.missing("Name")

    def compose(self, write: Write, fields: Wire, old: Record | None, sent: frozenset[str]) -> Wire:
        for each in ("DueDays", "DayOfMonthDue", "DueNextMonthDays"):
            if fields.get(each, 0) < 0:
                raise refusals.negative(each)
        kind = "STANDARD" if "DueDays" in fields else "DATE_DRIVEN"
        return {"Active": True, "DiscountPercent": 0, **fields, "Type": kind}


class ReadOnlyKind(Kind):
    """An entity that can be read here and nothing more."""

    def __init__(self, entity: str) -> None:
        self.entity = entity
        self.shape = Shape(entity, dict(SYSTEM))


KINDS: dict[str, Kind] = {
    kind.entity: kind
    for kind in (
        CustomerKind(),
        ItemKind(),
        PaidInvoiceKind(),
        PaymentKind(),
        TermKind(),
        NamedKind(VENDOR),
        NamedKind(EMPLOYEE),
        ReadOnlyKind("CompanyInfo"),
        ReadOnlyKind("Preferences"),
        ReadOnlyKind("PaymentMethod"),
        ReadOnlyKind("Account"),
        CreditMemoKind(),
        RefundReceiptKind(),
        SalesReceiptKind(),
    )
}
BY_PATH = {kind.path: kind for kind in KINDS.values()}
# Lists hide what is inactive unless asked. Source: QuickBooks reference, section 3.3.
LISTS = frozenset({"Customer", "Item", "Term", "Vendor", "Employee", "PaymentMethod", "Account"})
