"""Their words to ours, pure: a record as QuickBooks wrote it becomes a `Remote` with content in our terms.

A record that cannot be understood becomes a `Remote` with a `problem` and its text, never an exception: nothing is
lost.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

import msgspec

from adapters.quickbooks import names, wire
from adapters.quickbooks.marks import mark_in
from adapters.quickbooks.translate_items import product_from_item
from adapters.quickbooks.translate_payments import payment_from_payment
from engine.clock import instant
from engine.domain.values import (
    NOTHING,
    Address,
    CompanyFacts,
    Content,
    CustomerContent,
    InvoiceContent,
    InvoiceLine,
    LineNote,
    OtherContent,
    Personal,
    Shipping,
    StockLevel,
)
from engine.ports import Remote

ENTITIES = {
    "customer": "Customer",
    "product": "Item",
    "invoice": "Invoice",
    "payment": "Payment",
    "creditmemo": "CreditMemo",
    "term": "Term",
    "customertype": "CustomerType",
    "preferences": "Preferences",
    "company": "CompanyInfo",
}
"""Our kind, their entity."""
KINDS = {entity: kind for kind, entity in ENTITIES.items()}
NAME_LISTS = frozenset({"customer", "product", "term", "customertype"})
"""Kinds that are made inactive instead of deleted. Source: QuickBooks reference, section 2.9."""

SHIPPING_ITEM = "SHIPPING_ITEM_ID"
DELETED = "Deleted"


def remote_from(kind: str, raw: bytes) -> Remote:
    """A record of `kind` from its JSON text (the entity itself, without the envelope)."""
    text = raw.decode("utf-8", "replace")
    try:
        stub = msgspec.json.decode(raw, type=wire.Stub)
    except msgspec.DecodeError as problem:
        return _not_understood(kind, text, "", "", f"not a QuickBooks record: {problem}")
    remote_id, revision = _id(stub.id), _id(stub.sync_token)
    if stub.status == DELETED:
        return Remote(system="quickbooks", kind=kind, remote_id=remote_id, revision=revision, content=None, raw=text)
    if not remote_id:
        return _not_understood(kind, text, "", revision, "the record has no Id")
    try:
        content, stock = _read(kind, raw)
        created_at = _time(stub.meta_data.create_time if stub.meta_data else None)
        changed_at = _time(stub.meta_data.last_updated_time if stub.meta_data else None)
    except (msgspec.DecodeError, ValueError) as problem:
        return _not_understood(kind, text, remote_id, revision, f"the record could not be read: {problem}")
    return Remote(
        system="quickbooks",
        kind=kind,
        remote_id=remote_id,
        revision=revision,
        content=content,
        raw=text,
        created_at=created_at,
        changed_at=changed_at,
        stock=stock,
    )


def gone(kind: str, remote_id: str, raw: str = "") -> Remote:
    """The tombstone of a record that is no longer there."""
    return Remote(system="quickbooks", kind=kind, remote_id=remote_id, revision="", content=None, raw=raw)


def company_facts(company: bytes, preferences: bytes) -> CompanyFacts:
    """What a company is set up to do, from its CompanyInfo and Preferences. Raises msgspec.DecodeError or
    ValueError."""
    about = msgspec.json.decode(company, type=wire.CompanyInfo)
    prefs = msgspec.json.decode(preferences, type=wire.Preferences)
    named = {pair.name: pair.value or "" for pair in about.name_value}
    sales = prefs.sales_forms_prefs or wire.SalesFormsPrefs()
    tax = prefs.tax_prefs or wire.TaxPrefs()
    currency = prefs.currency_prefs or wire.CurrencyPrefs()
    books = prefs.accounting_info_prefs or wire.AccountingInfoPrefs()
    stock = prefs.product_and_services_prefs or wire.ProductAndServicesPrefs()
    return CompanyFacts(
        name=about.company_name or "",
        country=about.country or "",
        plan=named.get("OfferingSku", ""),
        subscription=named.get("SubscriptionStatus", ""),
        custom_numbers=sales.custom_txn_numbers,
        allow_shipping=sales.allow_shipping,
        allow_discount=sales.allow_discount,
        sales_tax=tax.using_sales_tax,
        automated_tax=tax.partner_tax_enabled,
        multi_currency=currency.multi_currency_enabled,
        home_currency=_ref(currency.home_currency),
        books_closed_until=_date(books.book_close_date),
        tracks_inventory=stock.quantity_on_hand,
        time_zone=about.default_time_zone or "",
        categories=named.get("ItemCategoriesFeature") == "true",
    )


def _customer(raw: bytes) -> Content:
    seen = msgspec.json.decode(raw, type=wire.Customer)
    name = names.plain(seen.display_name)
    full_name = names.full(seen.fully_qualified_name, name)
    return CustomerContent(
        display_name=Personal(name),
        company_name=Personal(seen.company_name or ""),
        given_name=Personal(seen.given_name or ""),
        family_name=Personal(seen.family_name or ""),
        email=Personal((seen.primary_email_addr.address or "") if seen.primary_email_addr else ""),
        phone=Personal((seen.primary_phone.free_form_number or "") if seen.primary_phone else ""),
        billing=_address(seen.bill_addr),
        shipping=_address(seen.ship_addr),
        payment_term=_ref(seen.sales_term_ref),
        mark=mark_in(seen.notes),
        active=seen.active,
        currency=_ref(seen.currency_ref),
        full_name=Personal(full_name),
        parent=_ref(seen.parent_ref),
        bill_with_parent=seen.bill_with_parent,
        project=seen.is_project,
        type_id=_ref(seen.customer_type_ref),
        taxable=seen.taxable,
        exemption=_id(seen.tax_exemption_reason_id),
        resale_number=Personal(seen.resale_num or ""),
    )


def _invoice(raw: bytes) -> Content:
    seen = msgspec.json.decode(raw, type=wire.Invoice)
    if seen.total_amt is None:
        raise ValueError("the invoice has no TotalAmt")
    lines = list(_flat(seen.line))
    sales = [line for line in lines if line.sales_item_line_detail is not None]
    note = seen.private_note or ""
    return InvoiceContent(
        number=seen.doc_number or "",
        customer_remote_id=_ref(seen.customer_ref),
        dated=_date(seen.txn_date),
        lines=tuple(_line(line) for line in sales if _item(line) != SHIPPING_ITEM),
        total=seen.total_amt,
        balance=seen.balance or Decimal(0),
        tax=(seen.txn_tax_detail.total_tax or Decimal(0)) if seen.txn_tax_detail else Decimal(0),
        discount=_sum(line.amount for line in lines if line.detail_type == "DiscountLineDetail"),
        shipping_charge=_sum(line.amount for line in sales if _item(line) == SHIPPING_ITEM),
        mark=mark_in(note),
        created_at=_time(seen.meta_data.create_time if seen.meta_data else None),
        # There is no status field. Source: section 2.9.
        voided=seen.total_amt == 0 and "Voided" in note,
        kept_digest=_digest(raw),
        payments=tuple(sorted(_id(link.txn_id) for link in seen.linked_txn if link.txn_type == "Payment")),
        due=_date(seen.due_date),
        billing=_address(seen.bill_addr),
        shipping=_address(seen.ship_addr),
        term=_ref(seen.sales_term_ref),
        note=Personal((seen.customer_memo.value or "") if seen.customer_memo else ""),
        private_note=Personal(note),
        currency=_ref(seen.currency_ref),
        form_fields=tuple(
            (_id(one.definition_id), Personal(one.string_value)) for one in seen.custom_field or () if one.string_value
        ),
        notes=tuple(_notes(lines)),
        shipping_details=Shipping(
            tracking=(seen.tracking_num or "").strip(),
            method=_method(seen.ship_method_ref),
            shipped=_date(seen.ship_date),
            address=_address(seen.ship_addr),
        ),
    )


def _notes(lines: Iterable[wire.Line]) -> Iterator[LineNote]:
    """A line without an item says something of the sales line before it, a bundle of the first line in it. The sub-total that
    QuickBooks adds to every invoice has no text, and is none."""
    sold = -1
    for line in lines:
        if line.sales_item_line_detail is not None:
            sold += _item(line) != SHIPPING_ITEM
        elif line.description and line.detail_type != "DiscountLineDetail":
            of_bundle = line.group_line_detail is not None and bool(line.group_line_detail.line)
            yield LineNote(line=sold + of_bundle, text=Personal(line.description))


def _method(ref: wire.Ref | None) -> str:
    """A ship method is a free text, as value and as name. Source: QuickBooks reference, 7.5."""
    return "" if ref is None else (ref.name or str(ref.value)).strip()


def _digest(raw: bytes) -> str:
    """Of all that an update writes back as it was shown, however it is written: 16 hex digits."""
    whole = msgspec.json.decode(raw)
    shown = [whole.get(name) or "" for name in ("Line", "PrivateNote", "CustomField")]
    return hashlib.sha256(msgspec.json.encode(shown, order="deterministic")).hexdigest()[:16]


def _flat(lines: Iterable[wire.Line]) -> Iterable[wire.Line]:
    """Lines, those inside a bundle in its place: the bundle's own amount is 0."""
    for line in lines:
        yield line
        if line.group_line_detail is not None:
            yield from _flat(line.group_line_detail.line)


def _line(line: wire.Line) -> InvoiceLine:
    """A line without quantity or price counts as one of its amount."""
    detail = line.sales_item_line_detail or wire.SalesItemLineDetail()
    amount = line.amount if line.amount is not None else Decimal(0)
    quantity = Decimal(1) if detail.qty is None else detail.qty
    return InvoiceLine(
        item=_item(line),
        quantity=quantity,
        unit_price=amount if detail.unit_price is None else detail.unit_price,
        amount=amount,
        description=Personal(line.description or ""),
    )


def _item(line: wire.Line) -> str:
    return _ref(line.sales_item_line_detail.item_ref) if line.sales_item_line_detail else ""


def _entry(raw: bytes) -> Content:
    seen = msgspec.json.decode(raw, type=wire.Entry)
    return OtherContent(title=names.plain(seen.name), active=seen.active)


def _other(title: Callable[[bytes], str | None]) -> Callable[[bytes], Content]:
    return lambda raw: OtherContent(title=title(raw) or "")


def _read(kind: str, raw: bytes) -> tuple[Content, StockLevel | None]:
    """Only of a product is there something to count."""
    return product_from_item(raw) if kind == "product" else (_READERS[kind](raw), None)


_READERS: dict[str, Callable[[bytes], Content]] = {
    "customer": _customer,
    "invoice": _invoice,
    "payment": payment_from_payment,
    "creditmemo": _other(lambda raw: msgspec.json.decode(raw, type=wire.CreditMemo).doc_number),
    "term": _entry,
    "customertype": _entry,
    "preferences": _other(lambda raw: msgspec.json.decode(raw, type=wire.Preferences).status),
    "company": _other(lambda raw: msgspec.json.decode(raw, type=wire.CompanyInfo).company_name),
}


def _not_understood(kind: str, text: str, remote_id: str, revision: str, problem: str) -> Remote:
    return Remote(
        system="quickbooks",
        kind=kind,
        remote_id=remote_id,
        revision=revision,
        content=None,
        raw=text,
        problem=problem,
    )


def _id(value: int | str | None) -> str:
    return "" if value is None else str(value)


def _ref(ref: wire.Ref | None) -> str:
    """The id a reference points to; its name is never authoritative, and missing at times."""
    return "" if ref is None else str(ref.value)


def _address(seen: wire.PhysicalAddress | None) -> Address | None:
    if seen is None:
        return None
    lines = [line for line in (seen.line1, seen.line2, seen.line3, seen.line4, seen.line5) if line]
    address = Address(
        lines=Personal("\n".join(lines)) if lines else NOTHING,
        city=seen.city or "",
        region=seen.country_sub_division_code or "",
        postal_code=seen.postal_code or "",
        country=seen.country or "",
    )
    return None if address == Address() else address


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def _time(text: str | None) -> datetime | None:
    return instant(text) if text else None


def _sum(amounts: Iterable[Decimal | None]) -> Decimal:
    return sum((amount for amount in amounts if amount is not None), Decimal(0))
