"""An order: what WizCommerce showed, what QuickBooks has, and the invoice it should become."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec.structs import replace

from engine.clock import instant
from engine.domain.bundles import Bundle, lines_of_parts
from engine.domain.choices import Choices
from engine.domain.commands import Commands, evolve_commands
from engine.domain.events import (
    AttemptStarted,
    AttentionCleared,
    AttentionNeeded,
    CommandAccepted,
    CommandEvent,
    CommandRetried,
    InvoiceAttached,
    InvoiceObserved,
    InvoiceOverridden,
    OrderObserved,
    PaymentTaken,
    PushAskedFor,
    PushWithheld,
    Recorded,
    RecordGone,
    RecordMergedInto,
    RevisionMoved,
    decided_against,
)
from engine.domain.fields import Lists, normal
from engine.domain.overrides import AS_ORDERED, Override
from engine.domain.paid import Paid, shown, took
from engine.domain.rounding import rounding
from engine.domain.taxing import is_line, line_code, tax_draft
from engine.domain.values import (
    NAMESPACE,
    CompanyFacts,
    InvoiceContent,
    InvoiceDraft,
    InvoiceHead,
    InvoiceLine,
    InvoiceUpdate,
    InvoiceVoid,
    OrderContent,
    OrderDraft,
    OrderLine,
    OrderUpdate,
    Personal,
    Shipping,
    Value,
    cents,
    folded,
)

ZERO = Decimal(0)
LONGEST_NUMBER = 21
"""Characters of a document number. Source: QuickBooks reference, 7.5."""
LONGEST_METHOD = 30
"""Characters of a ship method. Source: QuickBooks reference, 7.5."""
SMALLEST_PRICE = Decimal("0.0000001")
"""Decimals of a unit price. Source: QuickBooks reference, 2.10."""
MONEY_BACK = "money-back"
"""Topic of a fall of what was paid: a person's task."""
NamesItem = Callable[[str], str]
"""QuickBooks' id of an item → what people call it."""
NO_BUNDLES: Mapping[str, Bundle] = {}
NEVER = "never-send"
"""Reason of an order that a person decided never to send while nothing of it was on its way."""
DEFAULTS, NO_LISTS = Choices(), Lists()


class Born(Value, frozen=True, kw_only=True):
    """Of an order that began as an invoice somebody made in QuickBooks: what WizCommerce has of it."""

    put: OrderDraft | None = None
    """What we put there last, and WizCommerce took."""
    put_of: InvoiceContent | None = None
    """The invoice that was made of."""
    drafting_of: InvoiceContent | None = None
    """The invoice as the last attempt fixed its draft."""


class Order(Value, frozen=True, kw_only=True):
    """What the events of one order stream add up to."""

    stream: str
    version: int = 0
    record: UUID = NAMESPACE
    sight: OrderObserved | None = None
    sight_after: int = 0
    confirmed_at: datetime | None = None
    """WizCommerce's time of the first sight that showed it confirmed: when it became so, as far as anybody can know."""
    gone: bool = False
    withheld: PushWithheld | None = None
    push_asked: bool = False
    never: bool = False
    """A person decided that it is never sent."""
    override: Override = AS_ORDERED
    commands: Commands = {}
    attention: dict[str, AttentionNeeded] = {}
    dismissed: frozenset[tuple[str, str, str]] = frozenset()
    """What a person has looked at and let stand (`dismissal`)."""
    invoice_id: str = ""
    invoice_number: str = ""
    acknowledged: InvoiceDraft | None = None
    """What we sent last, and QuickBooks took."""
    drafted_from: OrderContent | None = None
    """What the order showed when the last attempt fixed its draft."""
    invoiced: OrderContent | None = None
    """The same of the attempt that was taken last."""
    taken_as: InvoiceContent | None = None
    """The invoice as QuickBooks first showed it after it took that."""
    invoice: InvoiceObserved | None = None
    invoice_after: int = 0
    invoice_gone: bool = False
    shipping_at_first: Shipping | None = None
    """What the invoice said of its shipping when QuickBooks first showed it; None while it has not."""
    merged_into: str = ""
    paid: Paid = Paid()
    attached_to: str = ""
    """Of an invoice that a person attached to an order: that order's stream."""
    attached: tuple[str, ...] = ()
    """The streams of the invoices that a person attached to this order."""
    born: Born | None = None
    """None of an order that WizCommerce showed before QuickBooks had anything of it."""

    @property
    def content(self) -> OrderContent | None:
        return self.sight.content if self.sight else None


def no_order(stream: str) -> Order:
    """An order before its first event."""
    return Order(stream=stream, record=UUID(stream.partition(":")[2]))


def evolve_order(order: Order, recorded: Recorded) -> Order:
    """The order after one more event."""
    order = replace(order, version=recorded.version)
    event = recorded.event
    if decided_against(event, recorded.who):
        order = replace(order, never=True)
    if isinstance(event, CommandRetried | PushAskedFor):
        order = replace(order, never=False, commands=_tried_no_more(order))
    if isinstance(event, CommandEvent):
        return _evolve_command(order, event, recorded.recorded_at)
    match event:
        case OrderObserved():
            born_there = order.sight is None and bool(order.invoice_id)
            before = order.paid
            if born_there and (told := _told_as_paid(order, event.content)) is not None:
                before, born_there = replace(before, level=told), False
            paid = shown(before, event.content, recorded.version, recorded.recorded_at, born_there)
            since = order.confirmed_at or _confirmed_at(event)
            seen = replace(order, sight=event, sight_after=recorded.position, confirmed_at=since)
            return replace(seen, gone=False, paid=paid)
        case PaymentTaken():
            return replace(order, paid=took(order.paid, event))
        case InvoiceObserved():
            taken = order.taken_as or (event.content if order.acknowledged is not None else None)
            same = order.invoice_id in ("", event.remote_id)
            first = (order.shipping_at_first if same else None) or event.content.shipping_details
            seen = replace(order, invoice=event, invoice_after=recorded.position, invoice_gone=False, taken_as=taken)
            if order.sight is None and not order.commands:
                seen = replace(seen, born=Born())
            seen = replace(seen, shipping_at_first=first)
            return replace(seen, invoice_id=event.remote_id, invoice_number=event.content.number)
        case RevisionMoved(system="wizcommerce") if order.sight:
            moved = replace(order.sight, revision=event.revision, fetched_after=event.fetched_after)
            return replace(order, sight=moved, sight_after=recorded.position)
        case RevisionMoved() if order.invoice:
            there = replace(order.invoice, revision=event.revision, fetched_after=event.fetched_after)
            return replace(order, invoice=there, invoice_after=recorded.position)
        case RecordGone(system="wizcommerce"):
            return replace(order, gone=True, sight_after=recorded.position)
        case RecordGone():
            return replace(order, invoice_gone=True, invoice_after=recorded.position)
        case PushWithheld():
            return replace(order, withheld=event, never=order.never or event.reason == NEVER)
        case PushAskedFor():
            return replace(order, push_asked=True)
        case InvoiceAttached(order=to, record=record):
            if record == order.stream:
                return replace(order, attached_to=to)
            return replace(order, attached=(*order.attached, record))
        case InvoiceOverridden(override=override):
            return replace(order, override=override)
        case AttentionNeeded():
            return replace(order, attention={**order.attention, event.topic: event})
        case AttentionCleared():
            order = replace(order, paid=replace(order.paid, fall=None)) if event.topic == MONEY_BACK else order
            return _cleared(order, event)
        case RecordMergedInto():
            return replace(order, merged_into=event.record)
        case _:
            return order


def _confirmed_at(sight: OrderObserved) -> datetime | None:
    """When WizCommerce last touched the order it shows confirmed; None when it is not, or says no such time."""
    if sight.content.status.casefold() != "confirmed":
        return None
    try:
        return instant(sight.revision)
    except ValueError:
        return None


def _evolve_command(order: Order, event: CommandEvent, at: datetime) -> Order:
    content_hash = invoice_state(order) if order.born is not None else order.sight.content_hash if order.sight else ""
    order = replace(order, commands=evolve_commands(order.commands, event, at, content_hash), withheld=None)
    if isinstance(event, AttemptStarted) and order.commands[event.command_id].attempts == 1:
        invoice = order.invoice.content if order.invoice else None
        born = replace(order.born, drafting_of=invoice) if order.born is not None else None
        return replace(order, drafted_from=order.content, born=born)
    if isinstance(event, CommandAccepted):
        return _taken(order, event)
    return order


def _taken(order: Order, event: CommandAccepted) -> Order:
    """What QuickBooks took is what the invoice is from now on; a voided one stays what it was."""
    first = order.commands[event.command_id].first
    draft = first.draft if first else None
    if isinstance(draft, InvoiceVoid):
        return order
    if event.target == "wizcommerce":
        put = draft.order if isinstance(draft, OrderUpdate) else draft
        if order.born is None or not isinstance(put, OrderDraft):
            return order
        return replace(order, born=replace(order.born, put=put, put_of=order.born.drafting_of))
    sent = draft.invoice if isinstance(draft, InvoiceUpdate) else draft
    return replace(
        order,
        invoice_id=event.remote_id,
        invoice_number=event.number or order.invoice_number,
        acknowledged=sent if isinstance(sent, InvoiceDraft) else None,
        invoiced=order.drafted_from,
        # What a person took as it is was seen already, if it was; the answer to a write of ours is seen next.
        taken_as=order.invoice.content if order.invoice is not None and not event.revision else None,
    )


def invoice_state(order: Order) -> str:
    """What QuickBooks shows of the order's invoice, in one text: the same as long as that does not change."""
    shown = order.invoice.content_hash if order.invoice is not None else ""
    return f"{shown}:gone" if order.invoice_gone else shown


def _told_as_paid(order: Order, there: OrderContent) -> Decimal | None:
    """What WizCommerce was told as paid with the order it now shows, `there`; None where it was not told by us. Of several
    requests it may have been made by any: one that told just what it shows, else the last."""
    drafts = (c.first.draft for c in order.commands.values() if c.first is not None)
    told = [draft.paid for draft in drafts if isinstance(draft, OrderDraft)]
    return next((paid for paid in told if paid == cents(there.paid)), told[-1] if told else None)


def _tried_no_more(order: Order) -> Commands:
    """The commands once a person asks for another try: what came to nothing before is no more counted."""
    return {key: replace(c, made_for="") if c.status == "outdated" else c for key, c in order.commands.items()}


def _cleared(order: Order, event: AttentionCleared) -> Order:
    raised = order.attention.get(event.topic)
    left = {k: v for k, v in order.attention.items() if k != event.topic}
    if raised is None or not event.let_stand:
        return replace(order, attention=left)
    return replace(order, attention=left, dismissed=order.dismissed | {dismissal(order, event.topic, raised.sentence)})


def dismissal(order: Order, topic: str, sentence: str) -> tuple[str, str, str]:
    """What a person lets stand when they dismiss it: that sentence, of the order as it is now."""
    return topic, sentence, order.sight.content_hash if order.sight is not None else ""


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
