"""Contents in words: what a sight shows, and what changed between two of them, old → new, money and quantities exact."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from adapters.cli.goods_words import FIELDS, NONE, put, put_before, put_in_words, stock_words
from engine.domain.after_invoice import in_words
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
    ShippedItem,
    StockDraft,
    TermDraft,
)
from engine.domain.fields import CALLED, Lists, shown
from engine.domain.invoice_from_order import NamesItem, order_total, unnamed
from engine.domain.invoice_records import in_figures
from engine.domain.order_from_invoice import changed_words
from engine.domain.tellings import told_in_words
from engine.domain.values import (
    Address,
    Applied,
    Attribute,
    Content,
    CustomerContent,
    InvoiceContent,
    InvoiceLine,
    InvoiceRecordContent,
    LineNote,
    ListPrice,
    OrderContent,
    OrderLine,
    PaymentContent,
    Personal,
    ProductContent,
    ShipmentContent,
    StockLevel,
    System,
    Value,
)

NO_LISTS = Lists()
"""No names of terms and types: their ids are shown."""
NOT_FOR_PEOPLE = frozenset(
    {"mark", "created_at", "billing_id", "shipping_id", "contact_id", "group_code", "target", "kept_digest", "products"}
)
LABELS = {
    "customer_remote_id": "customer",
    "ordered_at": "made at",
    "amount": "lines total",
    "po_number": "PO number",
    "customer_note": "note",
    "billing": "billing address",
    "shipping": "shipping address",
    "item_type": "type",
    "dated": "date",
    "given_name": "first name",
    "family_name": "last name",
    "type_id": "customer type",
    "sales_reps": "sales rep",
    "sku": "SKU",
    "unit_price": "price",
    "tracked": "counted",
}
"""Field → what people call it; other fields are called by their own name."""


class Change(msgspec.Struct, frozen=True):
    """One field of a content that differs between two sights."""

    field: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.field} {self.old} → {self.new}"


def plain(value: object) -> str:
    """One value as a person reads it: exact, never rounded."""
    match value:
        case None | "":
            return NONE
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value:f}"
        case Personal():
            return " / ".join(str(value).splitlines()) or NONE
        case Address():
            parts = (plain(value.lines), value.city, value.region, value.postal_code, value.country)
            return ", ".join(part for part in parts if part and part != NONE) or NONE
        case ShippedItem():
            return f"{value.quantity:f} x {value.sku or value.product}"
        case Applied():
            return f"{value.amount:f} of invoice {value.invoice}"
        case Attribute():
            return f"{value.name} {plain(value.value)}"
        case LineNote():
            return plain(value.text)
        case ListPrice():
            return f"{value.price:f} in list {value.price_list}"
        case StockLevel():
            return stock_words("wizcommerce", value)
        case tuple():
            return ", ".join(plain(one) for one in value) or NONE
        case datetime():
            return f"{value:%Y-%m-%d %H:%M} UTC"
        case date():
            return value.isoformat()
        case Value():
            named = ((name, getattr(value, name)) for name in value.__struct_fields__)
            told = [f"{name.replace('_', ' ')} {plain(one)}" for name, one in named if one]
            return ", ".join(told) or NONE
        case _:
            return str(value)


def fields_of(content: Content | Draft, item: NamesItem = str) -> dict[str, str]:
    """Field → value of everything a person would compare; lines by their SKU or item."""
    if isinstance(content, CustomerDraft):
        return fields_of(content.content)
    if isinstance(content, CustomerUpdate):
        return _told(content, content.content, NO_LISTS)
    if isinstance(content, ProductUpdate):
        return {FIELDS[field]: put(content, field) for field in content.fields}
    if isinstance(content, StockDraft):
        return {"stock": plain(content.level)}
    found: dict[str, str] = {}
    for name in content.__struct_fields__:
        value = getattr(content, name)
        if name == "lines":
            found |= _lines(value, item)
        elif name not in NOT_FOR_PEOPLE:
            found[LABELS.get(name, name.replace("_", " "))] = plain(value)
    if isinstance(content, OrderContent):
        found["total"] = plain(order_total(content))
    return found


def _lines(lines: Sequence[OrderLine | InvoiceLine], item: NamesItem) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        name = f"line {line.sku or '(no SKU)'}" if isinstance(line, OrderLine) else f"line {item(line.item)}"
        place, count = name, 2
        while place in found:
            place, count = f"{name} ({count})", count + 1
        found[place] = _line(line)
    return found


def _line(line: OrderLine | InvoiceLine) -> str:
    text = f"{line.quantity:f} x {line.unit_price:f}"
    if isinstance(line, InvoiceLine):
        return f"{text} = {line.amount:f}"
    if line.discount:
        text += f" less {line.discount:f}{'%' if line.discount_is_percentage else ''}"
    return f"{text}, {line.note}" if line.note else text


def changed(old: Content | Draft, new: Content | Draft, item: NamesItem = str) -> list[Change]:
    """Every field that differs, in the order in which the content names them."""
    before, after = fields_of(old, item), fields_of(new, item)
    names = [*after, *(name for name in before if name not in after)]
    pairs = [(name, before.get(name, NONE), after.get(name, NONE)) for name in names]
    return [Change(name, was, now) for name, was, now in pairs if was != now]


def with_names(content: Content, system: System, lists: Lists) -> Content:
    """A customer as QuickBooks shows it with the names of its term and type instead of their ids; anything else as it is."""
    if not isinstance(content, CustomerContent) or system != "quickbooks":
        return content
    term, kind = (shown(content, field, system, lists) for field in ("term", "customer_type"))
    return replace(content, payment_term=term, type_id=kind)


def sent(
    draft: Draft,
    item: NamesItem = str,
    lists: Lists = NO_LISTS,
    before: Content | StockLevel | None = None,
) -> list[Change]:
    """What a write brings about: of a create every field sent, from nothing; of an update its fields, from what the other
    side showed `before`; of stock what it had before."""
    if isinstance(draft, ProductUpdate):
        there = before if isinstance(before, ProductContent) else None
        known = {field: put_before(draft, field, there) if there else NONE for field in draft.fields}
        return [Change(FIELDS[field], known[field], put(draft, field)) for field in draft.fields]
    if isinstance(draft, StockDraft):
        had = plain(before) if isinstance(before, StockLevel) else NONE
        return [Change("stock", had, plain(draft.level))]
    if isinstance(draft, CustomerUpdate):
        shown_before = _told(draft, before, lists) if isinstance(before, CustomerContent) else {}
        now = _told(draft, draft.content, lists)
        return [Change(name, shown_before.get(name, NONE), value) for name, value in now.items()]
    if isinstance(draft, InvoiceUpdate):
        return changed(draft.before, draft.invoice, item)
    if isinstance(draft, OrderUpdate):
        cancelled = [Change("cancelled", plain(False), plain(True))] if draft.cancelled else []
        return cancelled or changed(draft.before, draft.order, item) if draft.before else cancelled or sent(draft.order)
    if isinstance(draft, InvoiceVoid):
        return [Change("voided", plain(False), plain(True))]
    if isinstance(draft, CustomerDraft):
        draft = replace(draft, content=with_names(draft.content, draft.target, lists))
    return [
        Change(name, NONE, value)
        for name, value in fields_of(draft, item).items()
        if value.strip("0.") not in (NONE, "")
    ]


def _told(update: CustomerUpdate, content: CustomerContent, lists: Lists) -> dict[str, str]:
    """The fields of an update as `content` has them."""
    return {CALLED[f]: shown(content, f, update.target, lists) or NONE for f in update.fields}


def at_a_glance(content: Content | Draft, lists: Lists = NO_LISTS, item: NamesItem = unnamed) -> str:
    """A content in a few words: `confirmed, 3 lines, 118.50`."""
    match content:
        case OrderContent():
            return (
                f"{content.status}, {count(len(content.lines), 'line')}, {order_total(content):f}{_currency(content)}"
            )
        case InvoiceContent():
            voided = ", voided" if content.voided else ""
            return f"{count(len(content.lines), 'line')}, total {content.total:f}, balance {content.balance:f}{voided}"
        case CustomerContent():
            told = (content.display_name, content.company_name, content.email, content.phone)
            known = dict.fromkeys(plain(text) for text in told if text)
            return ", ".join(known) + ("" if content.active else ", inactive")
        case ProductContent():
            price = f", {content.unit_price:f}" if content.unit_price is not None else ""
            return f"{content.name}{price}{'' if content.active else ', inactive'}"
        case InvoiceDraft():
            number = f"number {content.number}" if content.number else "numbered by QuickBooks"
            lines = count(len(content.lines), "line")
            return f"{number}, customer {content.customer_remote_id}, {content.dated}, {lines}, total {content.total:f}"
        case InvoiceUpdate():
            return in_words(content.before, content.invoice, item)
        case OrderDraft():
            paid = f", {content.paid:f} of it paid" if content.paid else ""
            lines = count(len(content.lines), "line")
            return f"order {content.number}, customer {content.customer}, {lines}, total {content.total:f}{paid}"
        case OrderUpdate():
            if content.cancelled:
                return f"cancel order {content.order.number}"
            return changed_words(content.before, content.order) if content.before else at_a_glance(content.order)
        case InvoiceVoid():
            return f"void invoice {content.number or content.remote_id}, total {content.total:f}"
        case PaymentContent():
            left = f", {content.unapplied:f} of it applied to nothing" if content.unapplied else ""
            state = ", voided" if content.voided else ", deposited" if content.deposited else ""
            return f"{content.dated or 'no date'}, {content.total:f}{left}{state}"
        case PaymentDraft():
            into = f", into account {content.account}" if content.account else ""
            how = f", by method {content.method}" if content.method else ""
            begins = f"reference {content.reference}, customer {content.customer_remote_id}, {content.dated}"
            return f"{begins}, {content.amount:f} of invoice {content.invoice}{how}{into}"
        case InvoiceRecordDraft() | InvoiceRecordContent():
            beside = f". {content.remarks}" if content.remarks else ""
            return f"record of invoice {content.number}, {in_figures(content)}{beside}"
        case ShipmentDraft():
            return told_in_words(content)
        case ShipmentContent():
            return f"shipment {content.reference}, tracking {content.tracking or NONE}, {content.status}"
        case CustomerDraft():
            return at_a_glance(content.content)
        case CustomerUpdate():
            return "; ".join(f"{name} {value}" for name, value in _told(content, content.content, lists).items())
        case TermDraft():
            return f"payment term {content.name}, due in {content.due_days} days"
        case ProductDraft():
            price = f", {content.price:f}" if content.price is not None else ""
            return f"{content.name}, SKU {content.sku}{price}{f', in {content.category}' if content.category else ''}"
        case ProductUpdate():
            return ", ".join(put_in_words(content, field) for field in content.fields)
        case StockDraft():
            return stock_words(content.target, content.level)
        case _:
            return content.title


def _currency(content: OrderContent) -> str:
    return f" {content.currency}" if content.currency else ""


def count(number: int, noun: str) -> str:
    """`1 line`, `3 lines`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
