"""Orders, customers and circumstances for the tests of the domain: sound unless a test says otherwise."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from engine.domain.customer import Customer, no_customer
from engine.domain.customer_evolving import evolve_customer
from engine.domain.drafts import InvoiceDraft
from engine.domain.events import CustomerObserved, Event, OrderObserved, Recorded
from engine.domain.fields import Lists
from engine.domain.order import Order, evolve_order, no_order
from engine.domain.values import (
    Address,
    Attribute,
    CompanyFacts,
    CustomerContent,
    InvoiceContent,
    OrderContent,
    OrderLine,
    Personal,
)
from engine.domain.withholding import Circumstances, Standing

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
RECORD = UUID("0a4c1f6b-6a0c-5e0e-9c6b-6f1d0c578f10")
ORDER = f"order-acme:{RECORD}"
CUSTOMER = f"customer-acme:{RECORD}"
FACTS = CompanyFacts(name="Green Wholesale", country="US", custom_numbers=True, home_currency="USD")

LISTS = Lists(
    terms={"3": "Net 30", "4": "Due on receipt"},
    types={"500": "Florist", "600": "Baker"},
    type_attribute="Customer Type",
    term_names={"net30eom": "Net 30", "cod": "Due on receipt"},
)
DOVER = Address(lines=Personal("12 Mill Rd"), city="Dover", region="DE", postal_code="19901", country="USA")
FREE_FORM = Address(lines=Personal("12 Mill Rd\nDover, DE  19901"))
"""The same address, as QuickBooks' browser writes it."""

WEST, FLORIST = (
    Attribute(name="Region", value=Personal("West")),
    Attribute(name="Customer Type", value=Personal("Florist")),
)
PETAL = CustomerContent(
    display_name=Personal("Petal"),
    company_name=Personal("Petal Inc."),
    given_name=Personal("First"),
    family_name=Personal("Last"),
    phone=Personal("+14155550199"),
    billing=replace(DOVER, city="Boston"),
    shipping=replace(DOVER, city="Salem"),
    payment_term="4",
    type_id="600",
    attributes=(WEST,),
)
"""A customer with something in every shared field, on either side."""


def line(sku: str = "VASE-01", quantity: str = "4", price: str = "25.00", **more: Any) -> OrderLine:
    return OrderLine(sku=sku, quantity=Decimal(quantity), unit_price=Decimal(price), **more)


def content(*lines: OrderLine, **more: Any) -> OrderContent:
    """A confirmed order of `lines` (four vases by default) whose stated amount is their sum."""
    lines = lines or (line(),)
    amount = sum((x.quantity * x.unit_price for x in lines), Decimal(0))
    plain: dict[str, Any] = {
        "number": "WC-1001",
        "customer_remote_id": "cust_01",
        "status": "confirmed",
        "ordered_at": NOON,
        "amount": amount,
    }
    return OrderContent(lines=lines, **{**plain, **more})


def around(**more: Any) -> Circumstances:
    """Everything is there: the customer is QuickBooks' 58, VASE-01 is item 21, BOWL-02 item 22."""
    plain: dict[str, Any] = {
        "connection": "acme",
        "push_from": NOON - timedelta(days=1),
        "pulled": True,
        "accepted": True,
        "facts": FACTS,
        "customer": Standing(stream=CUSTOMER, quickbooks_id="58"),
        "items": {"vase-01": ("21",), "bowl-02": ("22",)},
    }
    return Circumstances(**{**plain, **more})


def seen(order: OrderContent, content_hash: str = "hash-1", revision: str = "2026-11-20T12:00:00Z") -> OrderObserved:
    return OrderObserved(
        system="wizcommerce",
        kind="order",
        remote_id="ord_01",
        revision=revision,
        content_hash=content_hash,
        fetched_after=0,
        cause="a test",
        raw=Personal(""),
        content=order,
    )


def customer_seen(system: Any = "wizcommerce", remote_id: str = "cust_01", **more: Any) -> CustomerObserved:
    plain: dict[str, Any] = {"display_name": Personal("Bloom & Co"), "email": Personal("books@bloom.example")}
    return CustomerObserved(
        system=system,
        kind="customer",
        remote_id=remote_id,
        revision="1",
        content_hash="hash-1",
        fetched_after=0,
        cause="a test",
        raw=Personal(""),
        content=CustomerContent(**{**plain, **more}),
    )


def customer(**more: Any) -> CustomerContent:
    """What either side shows of Bloom & Co."""
    return customer_seen(**more).content


def recorded(stream: str, version: int, event: Event, who: str = "system", at: datetime = NOON) -> Recorded:
    return Recorded(
        stream=stream,
        version=version,
        event_id=UUID(int=version),
        recorded_at=at + timedelta(seconds=version),
        causation_id="",
        correlation_id="",
        who=who,
        event=event,
        position=100 + version,
    )


def order_after(*events: Event, order: Order | None = None, who: str = "system") -> Order:
    """An order after `events`, begun anew or gone on with."""
    order = order or no_order(ORDER)
    for event in events:
        order = evolve_order(order, recorded(ORDER, order.version + 1, event, who))
    return order


def customer_after(*events: Event, customer: Customer | None = None, who: str = "system") -> Customer:
    """A customer after `events`, begun anew or gone on with."""
    customer = customer or no_customer(CUSTOMER)
    for event in events:
        customer = evolve_customer(customer, recorded(CUSTOMER, customer.version + 1, event, who))
    return customer


def invoice_of(draft: InvoiceDraft, **more: Any) -> InvoiceContent:
    """The invoice QuickBooks shows after it took `draft`."""
    shown = InvoiceContent(
        number=draft.number,
        customer_remote_id=draft.customer_remote_id,
        dated=draft.dated,
        lines=draft.lines,
        total=draft.total,
        mark=draft.mark,
    )
    return replace(shown, **more)
