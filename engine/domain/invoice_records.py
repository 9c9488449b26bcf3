"""An invoice record: what WizCommerce is told of one QuickBooks invoice of an order it has: number, total, what is
paid, and when it is due. It is a told record (`engine.domain.told`).

Source: WizCommerce reference, 1.5 "Invoice", 3.7 row 17.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from engine.domain.choices import Choices
from engine.domain.drafts import InvoiceRecordDraft, RecordedItem
from engine.domain.events import Event, InvoiceRecordWanted
from engine.domain.invoice_from_order import dated, item_sku, sku_key
from engine.domain.order import Order
from engine.domain.overrides import Override
from engine.domain.told import (
    DELETED,
    VOIDED,
    Kept,
    Told,
    is_there,
    keep_told,
    reference_in,
    told_stream,
    why_not,
)
from engine.domain.values import CompanyFacts, InvoiceContent, InvoiceRecordContent, OrderContent, cents

KEPT = Kept(choice="invoice-records", off="records-off", what="invoice", called="invoice records")


def invoice_record_stream(order: Order) -> str:
    """The stream of the record of an order's invoice; '' while the order has none."""
    return told_stream("invoice", order, "invoice-record")


def record_wanted(order: Order, items: Mapping[str, str], facts: CompanyFacts) -> InvoiceRecordWanted | None:
    """What WizCommerce is to be told of the order's invoice as QuickBooks shows it now; None where there is nothing to tell:
    WizCommerce has no such order (any more), or QuickBooks has not shown its invoice. `items` gives the SKU of
    QuickBooks' items."""
    content, shown = order.content, order.invoice
    if content is None or order.sight is None or shown is None or not is_there(order):
        return None
    invoice, gone = shown.content, order.invoice_gone
    total = Decimal(0) if gone else cents(invoice.total)
    draft = InvoiceRecordDraft(
        reference=reference_in(order),
        order=order.sight.remote_id,
        order_reference=content.reference,
        number=invoice.number or order.invoice_number or order.invoice_id,
        total=total,
        paid=Decimal(0) if gone else total - cents(invoice.balance),
        due=_due(invoice, content, facts),
        items=() if gone or invoice.voided else _items(invoice, items),
        remarks=DELETED if gone else VOIDED if invoice.voided else "",
    )
    return InvoiceRecordWanted(order=order.stream, invoice=order.invoice_id, draft=draft)


def skus_of_items(
    content: OrderContent, items: Mapping[str, Sequence[str]], choices: Choices, override: Override
) -> dict[str, str]:
    """QuickBooks' id of an item → the SKU by which the order names it; `items` gives the ids of each SKU, as `sku_key` writes it.
    What is outside WizCommerce's catalogue has none."""
    found: dict[str, str] = {}
    for line in content.lines:
        ids = items.get(sku_key(item_sku(line, choices, override)), ())
        if ids and not line.is_adhoc:
            found.setdefault(ids[0], line.sku)
    return found


def _due(invoice: InvoiceContent, content: OrderContent, facts: CompanyFacts) -> date:
    """When it is due: the day of the invoice where it does not say, as WizCommerce wants one."""
    return invoice.due or invoice.dated or dated(content, facts).date()


def _items(invoice: InvoiceContent, items: Mapping[str, str]) -> tuple[RecordedItem, ...]:
    return tuple(
        RecordedItem(sku=items.get(line.item, ""), quantity=line.quantity, amount=cents(line.amount))
        for line in invoice.lines
    )


def keep_the_record(record: Told, choices: Choices) -> list[Event]:
    """WizCommerce's record of an invoice says what QuickBooks shows of it. Source: WizCommerce reference, 3.7 row 17."""
    draft = record.wanted.draft if record.wanted is not None else None
    because = _because(draft) if isinstance(draft, InvoiceRecordDraft) else ""
    return keep_told(record, why_not(record, choices, KEPT), because)


def _because(draft: InvoiceRecordDraft) -> str:
    ended = {VOIDED: ", voided", DELETED: " no more"}.get(draft.remarks, "")
    figures = "" if ended else f": {in_figures(draft)}"
    return f"QuickBooks shows invoice {draft.number}{ended}{figures}"


def in_figures(draft: InvoiceRecordDraft | InvoiceRecordContent) -> str:
    """Total, what is paid of it, and when it is due, in words."""
    return f"total {draft.total:f}, paid {draft.paid:f}, due {draft.due or 'on no day'}"


def invoice_record_disagreements(draft: InvoiceRecordDraft, found: InvoiceRecordContent) -> tuple[str, ...]:
    """Where WizCommerce's record differs from what we sent; empty when it agrees. Its status is made of the figures."""
    pairs = (
        ("number", draft.number, found.number),
        ("total", draft.total, found.total),
        ("paid amount", draft.paid, found.paid),
        ("due date", draft.due, found.due),
        ("remarks", draft.remarks, found.remarks),
    )
    differs = [f"{what} {_plain(theirs)} instead of {_plain(ours)}" for what, ours, theirs in pairs if ours != theirs]
    ours = sorted((one.quantity, one.amount) for one in draft.items)
    if found.items is not None and sorted(found.items) != ours:
        differs.append("other items")
    return tuple(differs)


def _plain(value: str | Decimal | date | None) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value or "(none)")
