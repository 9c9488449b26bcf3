"""The invoice an order becomes: its day, number, head, lines and total; and where what QuickBooks shows differs from it. Pure."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.domain.bundles import Bundle, lines_of_parts
from engine.domain.choices import Choices
from engine.domain.drafts import InvoiceDraft, InvoiceHead, InvoiceUpdate
from engine.domain.fields import Lists, normal
from engine.domain.order import ZERO
from engine.domain.overrides import AS_ORDERED, Override
from engine.domain.rounding import rounding
from engine.domain.taxing import is_line, line_code, tax_draft
from engine.domain.values import (
    CompanyFacts,
    InvoiceContent,
    InvoiceLine,
    OrderContent,
    OrderLine,
    Personal,
    cents,
    folded,
)

DEFAULTS, NO_LISTS = Choices(), Lists()
LONGEST_NUMBER = 21
"""Characters of a document number. Source: QuickBooks reference, 7.5."""
LONGEST_METHOD = 30
"""Characters of a ship method. Source: QuickBooks reference, 7.5."""
SMALLEST_PRICE = Decimal("0.0000001")
"""Decimals of a unit price. Source: QuickBooks reference, 2.10."""
NamesItem = Callable[[str], str]
"""QuickBooks' id of an item → what people call it."""
NO_BUNDLES: Mapping[str, Bundle] = {}


def dated(content: OrderContent, facts: CompanyFacts) -> datetime:
    """The moment the order was made, in the company's own time zone."""
    return in_company_time(content.ordered_at, facts)


def in_company_time(moment: datetime, facts: CompanyFacts) -> datetime:
    """The same moment in the company's own time zone (as it is when the company names none we know)."""
    try:
        return moment.astimezone(ZoneInfo(facts.time_zone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return moment


def invoice_day(
    content: OrderContent,
    facts: CompanyFacts,
    choices: Choices,
    override: Override = AS_ORDERED,
    confirmed_at: datetime | None = None,
) -> date:
    """The day a person chose; else that of the order, on which it was confirmed, or on which it ships, as the connection chose;
    where its books are closed, and the connection chose so, the first open one after that. None is confirmed before it was made.
    """
    if override.dated is not None:
        return override.dated
    chosen = {"ship": content.ships_at, "confirmation": max(confirmed_at or content.ordered_at, content.ordered_at)}
    moment = chosen.get(choices.of("invoice-date")) or content.ordered_at
    day, closed = in_company_time(moment, facts).date(), facts.books_closed_until
    if closed is None or day > closed or choices.of("closed-books") != "first-open-day":
        return day
    return closed + timedelta(days=1)


def document_number(content: OrderContent, choices: Choices, override: Override = AS_ORDERED) -> str:
    """The number a person chose; else the order's; where the connection chose so, the last characters of one that is too long,
    as the serial is there."""
    if override.number:
        return override.number
    return content.number[-LONGEST_NUMBER:] if choices.of("long-numbers") == "shorten" else content.number


def head_of(
    content: OrderContent, facts: CompanyFacts, choices: Choices, override: Override = AS_ORDERED
) -> InvoiceHead:
    """What the invoice says at its head: what the order says, and what the connection chose. A term that a person chose says
    when it is due."""
    texts = (("number-field", content.number), ("po-field", content.po_number))
    due, ships = (in_company_time(at, facts).date() if at else None for at in (content.due_at, content.ships_at))
    return InvoiceHead(
        due=None if override.term else due,
        ship_date=ships,
        ship_method=content.shipping_method[:LONGEST_METHOD],
        email=content.email,
        class_id=choices.of("class"),
        location_id=choices.of("location"),
        custom_fields=tuple((choices.of(name), text) for name, text in texts if choices.of(name) and text),
    )


def net_price(line: OrderLine) -> Decimal | None:
    """The unit price at which the line comes to its amount less its discount, with at most 7 decimals: QuickBooks takes no
    discount on a line. The plain price less the discount where that comes to it; None when there is no such price."""
    if not line.discount_amount():
        return line.unit_price
    net = line.amount() - line.discount_amount()
    if not line.quantity:
        return None
    share = line.unit_price * line.discount / 100 if line.discount_is_percentage else line.discount / line.quantity
    wanted = (line.unit_price - share, net / line.quantity)
    # A discount of all of it may round to a little more than the line, and a price is never below zero.
    prices = (max(price.quantize(SMALLEST_PRICE, ROUND_HALF_UP), ZERO).normalize() for price in wanted)
    return next((price for price in prices if cents(price * line.quantity) == net), None)


def order_total(content: OrderContent, choices: Choices = DEFAULTS) -> Decimal:
    """What the buyer owes: lines less discounts, plus shipping, other charges and tax, and the cents that a line says of
    rounding; each to cents, so that it is also the sum of what stands on the invoice."""
    lines = sum((line.amount() - line.discount_amount() for line in content.lines), ZERO)
    return (
        lines
        - cents(content.discount)
        + cents(content.shipping_charge)
        + cents(content.other_charges)
        + cents(content.tax)
        + rounding(content, choices)
    )


def item_sku(line: OrderLine, choices: Choices, override: Override = AS_ORDERED) -> str:
    """The SKU of the item that a line goes to: as a person chose for this order, else its own; what is outside the catalogue
    goes to the item that the connection chose. '' when there is none."""
    chosen = override.items.get(sku_key(line.sku), "")
    return chosen or (choices.of("adhoc-item") if line.is_adhoc else line.sku)


def item_skus(content: OrderContent, choices: Choices, override: Override = AS_ORDERED) -> dict[str, str]:
    """The SKUs of the items that the invoice names, as `sku_key` writes them → as people do. Other charges, tax as a line and
    cents of rounding go to the items that the connection chose."""
    shown = [item_sku(line, choices, override) for line in content.lines]
    first: dict[str, str] = {}
    for sku in [*shown, *chosen_skus(content, choices)]:
        first.setdefault(sku_key(sku), sku)
    return first


def chosen_skus(content: OrderContent, choices: Choices) -> list[str]:
    """The SKUs of the items that the connection chose for what is no line of the order: each is one item, never a bundle."""
    shown = [choices.of("charges-item")] if content.other_charges else []
    shown += [choices.of("tax-item")] if is_line(content, choices) else []
    shown += [choices.of("rounding-item")] if rounding(content, choices) else []
    return shown


def invoice_from_order(
    content: OrderContent,
    customer_remote_id: str,
    items: dict[str, str],
    facts: CompanyFacts,
    mark: str,
    choices: Choices = DEFAULTS,
    lists: Lists = NO_LISTS,
    override: Override = AS_ORDERED,
    confirmed_at: datetime | None = None,
    bundles: Mapping[str, Bundle] = NO_BUNDLES,
) -> InvoiceDraft:
    """The invoice an order becomes. `items` gives the QuickBooks item of each of `item_skus`, or `bundles` its bundle; `lists`
    its payment terms; `override` is what a person chose for this one, `confirmed_at` when it became confirmed.

    A line's discount is in its price; the order's own becomes a discount line, since QuickBooks knows one an invoice (QuickBooks
    reference, 7.5). The number is the order's when the company numbers by hand, else QuickBooks' own.
    """
    lines: tuple[InvoiceLine, ...] = ()
    for place, line in enumerate(content.lines):
        key = sku_key(item_sku(line, choices, override))
        bundle = bundles.get(key)
        lines += (_sold(line, items[key]),) if bundle is None else lines_of_parts(line, bundle, place)
    beside = [("rounding-item", rounding(content, choices), "Rounding")]
    beside += [("charges-item", cents(content.other_charges), "Other charges")]
    beside += [("tax-item", cents(content.tax), "Tax")] if is_line(content, choices) else []
    for chosen, amount, text in beside:
        if amount:
            lines = (*lines, _one_of(items[sku_key(choices.of(chosen))], amount, text))
    own_day, day = dated(content, facts).date(), invoice_day(content, facts, choices, override, confirmed_at)
    return InvoiceDraft(
        number=document_number(content, choices, override) if facts.custom_numbers else "",
        order_number=content.number,
        customer_remote_id=customer_remote_id,
        dated=day,
        ordered=own_day if own_day != day else None,
        lines=lines,
        total=order_total(content, choices),
        mark=mark,
        discount=cents(content.discount),
        shipping_charge=cents(content.shipping_charge),
        po_number=content.po_number,
        customer_note=content.customer_note,
        billing=content.billing,
        shipping=content.shipping,
        tax_code=line_code(content, facts, choices),
        taxes=tax_draft(content, facts, choices),
        currency=(content.currency or facts.home_currency) if facts.multi_currency else "",
        term=override.term or term_id(content.payment_term, lists),
        head=head_of(content, facts, choices, override),
        online_payments=choices.of("online-payments") == "company",
    )


def _one_of(item: str, amount: Decimal, text: str) -> InvoiceLine:
    return InvoiceLine(item=item, quantity=Decimal(1), unit_price=amount, amount=amount, description=Personal(text))


def _sold(line: OrderLine, item: str) -> InvoiceLine:
    """One line; what its price was before a discount stands in its description."""
    price = net_price(line)
    assert price is not None, "an order without such a price is withheld"
    text = line.note or Personal(line.sku if line.is_adhoc else "")
    if line.discount_amount():
        less = f"{line.discount.normalize():f}%" if line.discount_is_percentage else f"{line.discount_amount():f}"
        before = f"Price {line.unit_price.normalize():f}, less {less}"
        text = Personal("; ".join(filter(None, (text.text, before))))
    net = line.amount() - line.discount_amount()
    return InvoiceLine(item=item, quantity=line.quantity, unit_price=price, amount=net, description=text)


def term_id(text: str, lists: Lists) -> str:
    """QuickBooks' id of the term that WizCommerce calls `text`; '' where it has none of that name."""
    meant = normal("term", text, lists) if text else ""
    return next((one for one, name in lists.terms.items() if meant and folded(name) == meant), "")


def sku_key(sku: str) -> str:
    """How SKUs are compared: without surrounding blanks and letter case."""
    return sku.strip().casefold()


def disagreements(draft: InvoiceDraft, found: InvoiceContent) -> tuple[str, ...]:
    """Where an invoice differs from what we sent, in words without personal text; empty when it agrees.

    QuickBooks' tax may come to something else than the order's: the invoice stands all the same, and that is told once it is
    there (`engine.domain.after_invoice`).
    """
    if draft.number and found.number != draft.number:
        numbered = (f"number {found.number or '(none)'} instead of {draft.number}",)
        return (*money_disagreements(draft, found), *numbered)
    return money_disagreements(draft, found)


def void_disagreements(found: InvoiceContent) -> tuple[str, ...]:
    """Where an invoice does not show that it was voided."""
    return () if found.voided else (f"it is not voided: total {found.total}",)


def unnamed(item: str) -> str:
    """An item of which nothing but its id is known."""
    return f"item {item}"


def by_sku(skus: Mapping[str, str]) -> NamesItem:
    """Calls an item by its SKU, where `skus` gives it."""
    return lambda item: skus.get(item) or unnamed(item)


def money_disagreements(
    draft: InvoiceDraft | InvoiceContent, found: InvoiceContent, called: NamesItem = unnamed
) -> tuple[str, ...]:
    """The same of what the books depend on: customer, lines and total; items as `called` says."""
    differs = []
    if found.customer_remote_id != draft.customer_remote_id:
        differs.append(f"customer {found.customer_remote_id} instead of {draft.customer_remote_id}")
    ours, theirs = (sorted((x.item, x.quantity, x.amount) for x in lines) for lines in (draft.lines, found.lines))
    if ours != theirs:
        differs.append(f"lines differ: {_lines(theirs, called)} instead of {_lines(ours, called)}")
    total = draft.total
    if isinstance(draft, InvoiceDraft):
        total += found.tax - draft.taxes.amount
    if found.total != total:
        differs.append(f"total {found.total} instead of {total}")
    return tuple(differs)


def moves_money(update: InvoiceUpdate) -> bool:
    """Whether a change is one of customer, lines, or what they come to before tax."""
    before, after = (
        (d.customer_remote_id, sorted((x.item, x.quantity, x.amount) for x in d.lines), d.total - d.taxes.amount)
        for d in (update.before, update.invoice)
    )
    return before != after


def _lines(lines: list[tuple[str, Decimal, Decimal]], called: NamesItem) -> str:
    shown = ", ".join(f"{quantity:f} x {called(item)} = {amount}" for item, quantity, amount in lines[:3])
    return shown + (f" and {len(lines) - 3} more" if len(lines) > 3 else "")
