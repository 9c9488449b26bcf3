"""The recorded examples of payments, invoice records and shipments (see `tests.recording`)."""

from datetime import UTC, date, datetime
from decimal import Decimal

from engine.domain import drafts
from engine.domain import events as e
from engine.domain import values as v

AT = datetime(2026, 11, 27, 12, 30, 15, tzinfo=UTC)
ORDER = "order-acme:0a4c1f6b-6a0c-5e0e-9c6b-6f1d0c578f10"
COMMAND = "1c9e4f5a0b7d5c2e8f3a6b1d4e7c0a92"
SHOWN = v.PaymentContent(
    reference="WC-1001/2",
    customer_remote_id="58",
    dated=date(2026, 11, 27),
    total=Decimal("65.00"),
    unapplied=Decimal("10.00"),
    applied=(v.Applied(invoice="130", amount=Decimal("55.00")),),
    deposited=True,
    mark=COMMAND,
    voided=False,
)
DRAFT = drafts.PaymentDraft(
    reference="WC-1001/2",
    order_number="WC-1001",
    customer_remote_id="58",
    invoice="130",
    dated=date(2026, 11, 27),
    amount=Decimal("65.00"),
    mark=COMMAND,
    method="7",
    account="35",
)
RECORD = drafts.InvoiceRecordDraft(
    reference="QBO:acme:invoice:130",
    order="6e1c7f6e-52a4-4d7c-9a55-0d3b6a1f7f10",
    order_reference="SHOP-1001",
    number="WC-1001",
    total=Decimal("100.00"),
    paid=Decimal("40.00"),
    due=date(2026, 12, 27),
    items=(
        drafts.RecordedItem(sku="VASE-01", quantity=Decimal(4), amount=Decimal("90.00")),
        drafts.RecordedItem(sku="", quantity=Decimal("1"), amount=Decimal("10.00")),
    ),
    remarks="Voided in QuickBooks.",
)
WANTED = e.InvoiceRecordWanted(order=ORDER, invoice="130", draft=RECORD)
SHIPMENT = drafts.ShipmentDraft(
    reference="QBO:acme:invoice:130:shipment",
    order="6e1c7f6e-52a4-4d7c-9a55-0d3b6a1f7f10",
    order_reference="SHOP-1001",
    number="WC-1001",
    tracking=("1Z999AA10123456784", "1Z999AA10123456795"),
    carrier="UPS Ground",
    url="https://www.ups.com/track?tracknum=1Z999AA10123456784",
    shipped=date(2026, 11, 25),
    ship_to=v.Address(lines=v.Personal("12 Mill Rd"), city="Dover", region="DE", postal_code="19901", country="USA"),
    items=(drafts.ShippedItem(product="8f1c7f6e-52a4-4d7c-9a55-0d3b6a1f7f11", sku="VASE-01", quantity=Decimal(4)),),
    remarks="Taken back in QuickBooks.",
)
SHIPMENT_WANTED = e.ShipmentWanted(order=ORDER, invoice="130", draft=SHIPMENT)
SHIPPING = v.Shipping(
    tracking="1Z999AA10123456784, 1Z999AA10123456795",
    method="UPS Ground",
    shipped=date(2026, 11, 25),
    address=v.Address(lines=v.Personal("12 Mill Rd"), city="Dover", region="DE", postal_code="19901", country="USA"),
)
TAKEN = e.PaymentTaken(
    payment="payment-acme:4f0c1f6b-6a0c-5e0e-9c6b-6f1d0c578f10",
    order=ORDER,
    order_number="WC-1001",
    place=2,
    amount=Decimal("65.00"),
    paid_before=Decimal("40.00"),
    paid_after=Decimal("105.00"),
    caused_at=7,
    seen_at=AT,
    method="card",
)
