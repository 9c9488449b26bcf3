"""The WizCommerce order that an invoice made in QuickBooks becomes.

Lines: each sales line, those of a bundle in its place, under the SKU that WizCommerce sells the item as; what is no product there
is a line outside the catalogue. A line's description, lines that only describe, and sub-totals are notes of the line before them,
those before the first line of the order. A price is the invoice's own where quantity times price comes to the line's amount, else
the amount by the quantity, with at most 7 decimals.

Money: `amount` is all lines before discount, tax and shipping, each of which stands by itself; all of it together must come to
the invoice's total, to the cent. What is paid of the invoice by then, a deposit too, is what the order begins with as paid.

Source: WizCommerce reference, 1.5 "Order", A-21 to A-25; QuickBooks reference, 7.5.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from msgspec.structs import replace

from engine.domain.choices import Choices
from engine.domain.drafts import OrderDraft, OrderUpdate
from engine.domain.fields import Lists
from engine.domain.values import (
    CENT,
    InvoiceContent,
    InvoiceLine,
    OrderContent,
    OrderLine,
    Personal,
    Value,
    cents,
    folded,
)

SMALLEST_PRICE = Decimal("0.0000001")
"""Decimals of a unit price. Source: QuickBooks reference, 2.10."""
LONGEST_NOTE = 255
"""Characters of an order's notes; what is longer is cut, as it can be read in QuickBooks. Source: WizCommerce reference, A-51."""
ZERO = Decimal(0)


class Sold(Value, frozen=True, kw_only=True):
    """What an order calls an item of QuickBooks: the SKU it is sold as in WizCommerce, or a name outside the catalogue."""

    sku: str
    adhoc: bool = False


OUTSIDE = Sold(sku="", adhoc=True)
"""A line of an invoice that names no item."""


def order_from_invoice(
    invoice: InvoiceContent,
    invoice_id: str,
    connection: str,
    customer: str,
    items: Mapping[str, Sold],
    choices: Choices,
    lists: Lists,
) -> OrderDraft:
    """The order an invoice becomes. `customer` is WizCommerce's id; `items` says what each of QuickBooks' items is sold as.
    `invoice_problem` must have found nothing."""
    made_at = made_at_of(invoice)
    lines = tuple(_line(invoice, place, items) for place in range(len(invoice.lines)))
    fields = {field: said.text or "" for field, said in invoice.form_fields}
    about = [one.text.text or "" for one in invoice.notes if one.line < 0]
    return OrderDraft(
        reference=reference_of(connection, invoice_id),
        number=invoice.number or invoice_id,
        customer=customer,
        made_at=made_at,
        lines=lines,
        amount=_amount(invoice),
        total=cents(invoice.total),
        paid=cents(invoice.total - invoice.balance),
        discount=cents(invoice.discount),
        tax=cents(invoice.tax),
        shipping_charge=cents(invoice.shipping_charge),
        payment_term=term_text(invoice.term, choices, lists),
        po_number=fields.get(choices.of("po-field"), "")[:LONGEST_NOTE] if choices.of("po-field") else "",
        customer_note=_note([invoice.note.text or "", *about]),
        internal_note=_note([invoice.private_note.text or ""]),
        billing=invoice.billing,
        shipping=invoice.shipping,
        due=invoice.due if invoice.due is not None and _midnight(invoice.due) > made_at else None,
    )


def reference_of(connection: str, invoice_id: str) -> str:
    """What WizCommerce's order of an invoice is looked for by: always the same of the same invoice (A-03)."""
    return f"QBO:{connection}:invoice:{invoice_id}"


def invoice_named_by(reference: str, connection: str) -> str:
    """QuickBooks' id of the invoice whose order has this reference; '' when it is none of ours."""
    begins = reference_of(connection, "")
    return reference.removeprefix(begins) if reference.startswith(begins) else ""


def is_ours(reference: str) -> bool:
    """Whether an order's reference is one of those that orders from QuickBooks have, of whatever connection."""
    parts = reference.split(":")
    return len(parts) == 4 and parts[0] == "QBO" and parts[2] == "invoice"


def made_at_of(invoice: InvoiceContent) -> datetime:
    """When it was made, to the second; where QuickBooks does not say, the noon of its day."""
    if invoice.created_at is not None:
        return invoice.created_at.replace(microsecond=0)
    return datetime.combine(invoice.dated or date(1970, 1, 1), time(12), UTC)


def invoice_problem(invoice: InvoiceContent) -> tuple[str, str] | None:
    """(reason, sentence) of what makes an invoice none that an order can be made of; None when it is sound."""
    if not invoice.lines:
        return ("no-lines", "the invoice has no lines")
    for line in invoice.lines:
        if line.quantity < 0 or line.amount < 0:
            return (
                "below-zero",
                f"a line is below zero ({cents(line.amount)}), and WizCommerce's orders have none such",
            )
        if order_price(line) is None:
            what = f"{line.quantity.normalize():f} pieces for {cents(line.amount)}"
            return ("price", f"no unit price of at most 7 decimals comes to a line's amount: {what}")
    made_of = _amount(invoice) - cents(invoice.discount) + cents(invoice.shipping_charge) + cents(invoice.tax)
    if made_of != cents(invoice.total):
        what = f"lines, discount, shipping and tax come to {made_of}, the invoice says {cents(invoice.total)}"
        return ("total", what)
    return None


def order_price(line: InvoiceLine) -> Decimal | None:
    """The unit price at which a line comes to its amount: its own, else its amount by its quantity; None when there is none."""
    amount = cents(line.amount)
    wanted = [line.unit_price]
    if line.quantity:
        wanted.append((line.amount / line.quantity).quantize(SMALLEST_PRICE, ROUND_HALF_UP).normalize())
    return next((price for price in wanted if price >= 0 and _comes_to(price * line.quantity, amount)), None)


def _comes_to(exact: Decimal, amount: Decimal) -> bool:
    try:
        return cents(exact) == amount
    except InvalidOperation:  # more digits than any amount has
        return False


def _amount(invoice: InvoiceContent) -> Decimal:
    return sum((cents(line.amount) for line in invoice.lines), Decimal("0.00"))


def _line(invoice: InvoiceContent, place: int, items: Mapping[str, Sold]) -> OrderLine:
    line = invoice.lines[place]
    price = order_price(line)
    assert price is not None, "an invoice without such a price is held"
    sold = items.get(line.item, OUTSIDE) if line.item else OUTSIDE
    said = [line.description.text or "", *(one.text.text or "" for one in invoice.notes if one.line == place)]
    return OrderLine(
        sku=sold.sku,
        quantity=line.quantity,
        unit_price=price,
        note=Personal("; ".join(text for text in said if text)),
        is_adhoc=sold.adhoc,
    )


def _note(texts: list[str]) -> Personal:
    whole = "\n".join(text for text in texts if text)
    return Personal(whole if len(whole) <= LONGEST_NOTE else whole[: LONGEST_NOTE - 1] + "…")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), UTC)


def term_text(term: str, choices: Choices, lists: Lists) -> str:
    """What WizCommerce is told of a term: what it calls it, as the connection chose, else its name in QuickBooks; '' where that
    is not known (A-32)."""
    name = lists.terms.get(term, "")
    pairs = (pair.partition("=") for pair in choices.of("terms").split(";"))
    called = (theirs.strip() for theirs, _, ours in pairs if name and folded(ours) == folded(name))
    return next((text for text in called if text), name)


# ---- what WizCommerce shows of it ------------------------------------------------------------------------------------------


def order_disagreements(draft: OrderDraft, found: OrderContent) -> tuple[str, ...]:
    """Where WizCommerce's order differs from what was put there, without personal text; empty when it agrees. Its status, what
    is paid, and how far it is fulfilled are WizCommerce's own."""
    pairs = (
        ("reference", draft.reference, found.reference),
        ("number", draft.number, found.number),
        ("customer", draft.customer, found.customer_remote_id),
        ("discount", draft.discount, cents(found.discount)),
        ("tax", draft.tax, cents(found.tax)),
        ("shipping", draft.shipping_charge, cents(found.shipping_charge)),
        ("other charges", Decimal("0.00"), cents(found.other_charges)),
    )
    differs = [f"{what} {_plain(theirs)} instead of {_plain(ours)}" for what, ours, theirs in pairs if ours != theirs]
    if abs(found.amount - draft.amount) > CENT:
        differs.append(f"lines total {cents(found.amount)} instead of {draft.amount}")
    ours, theirs = (sorted(map(_key, lines)) for lines in (draft.lines, found.lines))
    if ours != theirs:
        differs.append(f"lines differ: {_lines(theirs)} instead of {_lines(ours)}")
    return tuple(differs)


def update_disagreements(update: OrderUpdate, found: OrderContent) -> tuple[str, ...]:
    """The same after a change; a cancelled order is asked for nothing else."""
    if update.cancelled:
        return () if found.status.casefold() == "cancelled" else (f"it is {found.status}, not cancelled",)
    return order_disagreements(update.order, found)


Key = tuple[str, Decimal, Decimal, Decimal, bool]


def _key(line: OrderLine) -> Key:
    sku = "" if line.is_adhoc else line.sku.strip().casefold()
    return (sku, line.quantity, line.unit_price, line.discount_amount(), line.is_adhoc)


def _lines(lines: list[Key]) -> str:
    shown = [
        f"{quantity:f} x {sku or 'something else'} at {price.normalize():f}" for sku, quantity, price, _, _ in lines[:3]
    ]
    return ", ".join(shown) + (f" and {len(lines) - 3} more" if len(lines) > 3 else "") or "none"


def _plain(value: str | Decimal) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else value or "(none)"


# ---- what changed of the invoice -------------------------------------------------------------------------------------------

TAKEN = (
    "number",
    "customer_remote_id",
    "lines",
    "total",
    "tax",
    "discount",
    "shipping_charge",
    "due",
    "billing",
    "shipping",
    "term",
    "note",
    "private_note",
    "currency",
    "form_fields",
    "notes",
)
"""Fields of an invoice that its order takes from it. What is paid of it is none: the order is told that once."""


def as_meant(invoice: InvoiceContent) -> tuple[object, ...]:
    """An invoice without what its order does not take from it, for comparing."""
    return tuple(getattr(invoice, name) for name in TAKEN)


def changed_words(before: OrderDraft, after: OrderDraft) -> str:
    """What a change of an order comes to, field by field, without personal text."""
    fields = (
        ("number", before.number, after.number),
        ("customer", before.customer, after.customer),
        ("total", before.total, after.total),
        ("discount", before.discount, after.discount),
        ("shipping", before.shipping_charge, after.shipping_charge),
        ("tax", before.tax, after.tax),
        ("PO", before.po_number, after.po_number),
        ("term", before.payment_term, after.payment_term),
    )
    said = [f"{what} {_plain(old)} → {_plain(new)}" for what, old, new in fields if old != new]
    named = (
        ("lines", ("lines",)),
        ("addresses", ("billing", "shipping")),
        ("notes", ("customer_note", "internal_note")),
        ("due date", ("due",)),
    )
    said += [what for what, those in named if any(getattr(before, f) != getattr(after, f) for f in those)]
    return ", ".join(said) or "nothing that the order shows"


def kept_from(before: OrderDraft, wanted: OrderDraft) -> OrderDraft:
    """The order as it is wanted now, with what stays as it was made: its reference, its day, and what it began with as paid."""
    return replace(wanted, reference=before.reference, made_at=before.made_at, paid=before.paid)
