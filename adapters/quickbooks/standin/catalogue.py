"""Which entities there are, by their path and by their name, and what may be done with each."""

from __future__ import annotations

from adapters.quickbooks.standin.credit_memos import CreditMemoKind
from adapters.quickbooks.standin.customers import EMPLOYEE, VENDOR, CustomerKind, NamedKind
from adapters.quickbooks.standin.items import ItemKind
from adapters.quickbooks.standin.kinds import Kind
from adapters.quickbooks.standin.paid_invoices import PaidInvoiceKind
from adapters.quickbooks.standin.parts import SYSTEM
from adapters.quickbooks.standin.payments import PaymentKind
from adapters.quickbooks.standin.refund_receipts import RefundReceiptKind
from adapters.quickbooks.standin.sales_receipts import SalesReceiptKind
from adapters.quickbooks.standin.settings_kinds import SETTINGS_KINDS
from adapters.quickbooks.standin.shapes import Shape
from adapters.quickbooks.standin.small_lists import SMALL_KINDS


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
        NamedKind(VENDOR),
        NamedKind(EMPLOYEE),
        *SMALL_KINDS,
        *SETTINGS_KINDS,
        CreditMemoKind(),
        RefundReceiptKind(),
        SalesReceiptKind(),
    )
}
BY_PATH = {kind.path: kind for kind in KINDS.values()}
# Lists hide what is inactive unless asked. Source: QuickBooks reference, section 3.3.
LISTS = frozenset({"Customer", "Vendor", "Employee", "Item", *(kind.entity for kind in SMALL_KINDS)})
