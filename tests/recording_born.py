"""The recorded examples of orders that began as invoices in QuickBooks (see `tests.recording`)."""

from datetime import UTC, date, datetime
from decimal import Decimal

from engine.domain import drafts
from engine.domain import values as v

MADE_AT = datetime(2026, 11, 27, 12, 30, 15, tzinfo=UTC)
ADDRESS = v.Address(
    lines=v.Personal("1 Harbour Street"), city="Portland", region="OR", postal_code="97201", country="US"
)
INVOICE = v.InvoiceContent(
    number="B-1",
    customer_remote_id="58",
    dated=date(2026, 11, 27),
    lines=(
        v.InvoiceLine(
            item="21",
            quantity=Decimal(4),
            unit_price=Decimal("25.00"),
            amount=Decimal("100.00"),
            description=v.Personal("for the window"),
        ),
    ),
    total=Decimal("112.00"),
    balance=Decimal("62.00"),
    shipping_charge=Decimal("12.00"),
    created_at=MADE_AT,
    due=date(2026, 12, 27),
    billing=ADDRESS,
    shipping=ADDRESS,
    term="3",
    note=v.Personal("Thank you"),
    private_note=v.Personal("by phone"),
    currency="USD",
    form_fields=(("1", v.Personal("PO-7")),),
    notes=(v.LineNote(line=0, text=v.Personal("the tall ones")),),
)
ORDER = drafts.OrderDraft(
    reference="QBO:acme:invoice:130",
    number="B-1",
    customer="cust_01",
    made_at=MADE_AT,
    lines=(
        v.OrderLine(sku="VASE-01", quantity=Decimal(4), unit_price=Decimal("25.00"), note=v.Personal("for the window")),
    ),
    amount=Decimal("100.00"),
    total=Decimal("112.00"),
    paid=Decimal("50.00"),
    shipping_charge=Decimal("12.00"),
    payment_term="Net 30",
    po_number="PO-7",
    customer_note=v.Personal("Thank you"),
    internal_note=v.Personal("by phone"),
    billing=ADDRESS,
    shipping=ADDRESS,
    due=date(2026, 12, 27),
)
CHANGE = drafts.OrderUpdate(
    remote_id="6e1c7f6e-52a4-4d7c-9a55-0d3b6a1f7f10",
    revision="2026-11-27T12:31:00Z",
    order=ORDER,
    before=ORDER,
    cancelled=True,
)
BORN: dict[str, drafts.Draft] = {"order": ORDER, "order-update": CHANGE}
