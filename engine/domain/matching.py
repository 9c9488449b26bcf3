"""Which QuickBooks customer is which, and whose a remote record is that nobody has claimed."""

from typing import Literal

from engine.domain.customer import customer_disagreements
from engine.domain.drafts import (
    CustomerDraft,
    CustomerUpdate,
    Draft,
    InvoiceDraft,
    InvoiceRecordDraft,
    InvoiceUpdate,
    InvoiceVoid,
    OrderDraft,
    OrderUpdate,
    PaymentDraft,
    ProductDraft,
    ProductUpdate,
    ShipmentDraft,
    StockDraft,
    TermDraft,
)
from engine.domain.events import Candidate
from engine.domain.fields import CALLED, Lists, loose, shown
from engine.domain.invoice_from_order import disagreements, money_disagreements, sku_key, void_disagreements
from engine.domain.invoice_records import invoice_record_disagreements
from engine.domain.order_from_invoice import order_disagreements, update_disagreements
from engine.domain.payments import payment_disagreements
from engine.domain.product_drafts import product_disagreements, stock_disagreements
from engine.domain.shipments import shipment_disagreements
from engine.domain.terms import term_disagreements
from engine.domain.values import (
    Content,
    CustomerContent,
    InvoiceContent,
    InvoiceRecordContent,
    OrderContent,
    OtherContent,
    PaymentContent,
    ProductContent,
    ShipmentContent,
    StockLevel,
    folded,
)


def surest(candidates: tuple[Candidate, ...], ask: bool = False) -> Candidate | None:
    """The one candidate that may be linked without asking; None when a person must decide, as of every strong match where
    a person wants to be asked (`ask`)."""
    order: tuple[Literal["certain", "strong"], ...] = ("certain",) if ask else ("certain", "strong")
    for strength in order:
        found = [c for c in candidates if c.strength == strength]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def whose(draft: Draft, marks: frozenset[str], found: Content) -> Literal["ours", "maybe", "no"]:
    """Whether a remote record nobody has claimed is the outcome of sending `draft`.

    Ours: it carries one of our `marks` (the command ids of the record). Maybe: no mark, but number or name, and content,
    agree; a person decides, since nothing proves it. QuickBooks' "Copy" duplicates marks, so two with one mark are two maybes.
    """
    if isinstance(draft, InvoiceDraft) and isinstance(found, InvoiceContent):
        if found.mark in marks:
            return "ours"
        if found.mark:
            return "no"
        same_number = bool(draft.number) and found.number == draft.number
        return "maybe" if same_number or not disagreements(draft, found) else "no"
    if isinstance(draft, PaymentDraft) and isinstance(found, PaymentContent):
        if found.mark in marks:
            return "ours"
        same = found.reference == draft.reference and not payment_disagreements(draft, found)
        return "maybe" if same and not found.mark else "no"
    if isinstance(draft, CustomerDraft) and isinstance(found, CustomerContent):
        if found.mark in marks or (draft.target == "wizcommerce" and found.reference == draft.reference):
            return "ours"
        if draft.target == "wizcommerce":
            return "no"
        return "maybe" if not found.mark and not customer_disagreements(draft, found) else "no"
    if isinstance(draft, ProductDraft) and isinstance(found, ProductContent):
        return (
            "ours" if sku_key(found.sku) == sku_key(draft.sku) else "no"
        )  # whoever made it, it is sold under that SKU
    if isinstance(draft, OrderDraft) and isinstance(found, OrderContent):
        return "ours" if found.reference == draft.reference else "no"
    if isinstance(draft, TermDraft) and isinstance(found, OtherContent):
        return "no" if term_disagreements(draft, found) else "ours"  # a term is its name: whoever made it, it will do
    return "no"


def differences(draft: Draft, found: Content | StockLevel | None) -> tuple[str, ...]:
    """Where a remote record differs from what we sent; empty when it agrees."""
    if isinstance(draft, StockDraft):
        return stock_disagreements(draft, found if isinstance(found, StockLevel) else None)
    if isinstance(draft, InvoiceDraft) and isinstance(found, InvoiceContent):
        return disagreements(draft, found)
    if isinstance(draft, InvoiceUpdate) and isinstance(found, InvoiceContent):
        return money_disagreements(draft.invoice, found)
    if isinstance(draft, InvoiceVoid) and isinstance(found, InvoiceContent):
        return void_disagreements(found)
    if isinstance(draft, PaymentDraft) and isinstance(found, PaymentContent):
        return payment_disagreements(draft, found)
    if isinstance(draft, CustomerDraft) and isinstance(found, CustomerContent):
        return customer_disagreements(draft, found)
    if isinstance(draft, CustomerUpdate) and isinstance(found, CustomerContent):
        return customer_update_disagreements(draft, found)
    if isinstance(draft, OrderDraft) and isinstance(found, OrderContent):
        return order_disagreements(draft, found)
    if isinstance(draft, OrderUpdate) and isinstance(found, OrderContent):
        return update_disagreements(draft, found)
    if isinstance(draft, ProductDraft | ProductUpdate) and isinstance(found, ProductContent):
        return product_disagreements(draft, found)
    if isinstance(draft, InvoiceRecordDraft) and isinstance(found, InvoiceRecordContent):
        return invoice_record_disagreements(draft, found)
    if isinstance(draft, ShipmentDraft) and isinstance(found, ShipmentContent):
        return shipment_disagreements(draft, found)
    if isinstance(draft, TermDraft) and isinstance(found, OtherContent):
        return term_disagreements(draft, found)
    return ("another kind of record came back",)


def customer_update_disagreements(draft: CustomerUpdate, found: CustomerContent) -> tuple[str, ...]:
    """Which of the fields we sent the record does not show, without naming the texts; empty when it shows them all.

    What is shown may be longer than what was sent by what the other side adds (an address by its country), never shorter."""
    differs = []
    for field in draft.fields:
        ours, theirs = (
            loose(field, shown(one, field, draft.target, Lists()), Lists()) for one in (draft.content, found)
        )
        if field == "customer_type" and draft.target == "wizcommerce":
            shows = {folded(a.name): folded(str(a.value)) for a in found.attributes}
            asked = {folded(a.name): folded(str(a.value)) for a in draft.content.attributes if a.value}
            differs += [] if asked.items() <= shows.items() else [f"another {CALLED[field]}"]
        elif field == "active":
            differs += [] if draft.content.active == found.active else ["not active as asked"]
        elif not (ours == theirs or (ours and theirs.startswith(ours))):
            differs.append(f"another {CALLED[field]}")
    return tuple(differs)
