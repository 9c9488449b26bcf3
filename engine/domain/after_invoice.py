"""What follows for an invoice that stands: an edited order changes it, a cancelled one voids it, or a person is told why not.

An invoice is changed only while it is as it was when QuickBooks took it from us, nothing of it is paid, and its period is open;
voided only within its own month besides. An order that is gone from WizCommerce, or in a status we do not know, changes nothing
(WizCommerce reference, A-43 and A-46); nor does one that is confirmed again after its invoice was voided, as no invoice can be
un-voided (QuickBooks reference, 2.9).
"""

from collections import Counter
from datetime import date
from typing import Literal

from msgspec.structs import replace

from engine.domain.commands import Command, Commands, issue, latest, unfinished
from engine.domain.drafts import InvoiceDraft, InvoiceUpdate, InvoiceVoid
from engine.domain.events import (
    AttentionCleared,
    AttentionNeeded,
    CommandAbandoned,
    CommandHeld,
    CommandReleased,
    Event,
    Missing,
)
from engine.domain.first_days import start_problem
from engine.domain.invoice_from_order import (
    NamesItem,
    by_sku,
    invoice_from_order,
    item_skus,
    money_disagreements,
    unnamed,
)
from engine.domain.order import ZERO, Order, dismissal
from engine.domain.taxing import TOLD_ABOVE, difference
from engine.domain.values import InvoiceContent, OrderContent, Value
from engine.domain.withholding import Circumstances, content_problem, missing_for

AFTER = "after-the-invoice"
THERE = "invoice-there"
"""What a person must look at: the order changed and its invoice did not follow; the invoice was changed in QuickBooks."""
TAX = "tax-differs"
"""The tax that QuickBooks computed is another than the order's."""
TOPICS = (AFTER, THERE)
FOLLOWING: tuple[Literal["UpdateInvoice", "VoidInvoice"], ...] = ("UpdateInvoice", "VoidInvoice")


class Followup(Value, frozen=True, kw_only=True):
    """What is to be done about an invoice: a change of it (`draft`), once nothing is `missing`; or what a person is told."""

    verb: Literal["", "UpdateInvoice", "VoidInvoice"] = ""
    draft: InvoiceUpdate | InvoiceVoid | None = None
    missing: tuple[Missing, ...] = ()
    because: str = ""
    topic: str = ""
    sentence: str = ""
    next_step: str = ""


NOTHING = Followup()
MOST_TRIES = 3
"""Changes for one content of the order that come to nothing, until a person is told."""
MOST_LINES_TOLD = 5


def what_follows(order: Order, around: Circumstances, asked: bool = False) -> Followup:
    """What the order and its invoice, as both are now, ask for; once more where a person `asked`, whatever was given up."""
    if asked:
        order = replace(order, never=False, commands=_without_tries(order))
    content, sent = order.content, order.acknowledged
    if content is None or sent is None:
        return NOTHING
    there = order.invoice.content if order.invoice and not order.invoice_gone else None
    stands = there is not None and not there.voided
    status = content.status.casefold()
    if status == "cancelled" and not order.gone:
        return _void(order, there, around) if there is not None and stands else NOTHING
    if order.gone or status != "confirmed":
        if not stands:
            return NOTHING
        state = "is gone from" if order.gone else f"became {content.status} in"
        return _told(order, AFTER, f"the order {state} WizCommerce after its invoice was made")
    if order.invoice_gone or (there is not None and there.voided):
        how = "deleted" if order.invoice_gone else "voided"
        sentence = f"the order is confirmed, and its invoice {_number(order)} was {how} in QuickBooks"
        return replace(_told(order, THERE, sentence), next_step=NOT_AGAIN)
    if order.invoiced is not None and _meant(order.invoiced) == _meant(content):
        return _changed_there(order, there)
    return _update(order, content, sent, there, around)


def _update(
    order: Order, content: OrderContent, sent: InvoiceDraft, there: InvoiceContent | None, around: Circumstances
) -> Followup:
    """The order says something else than what its invoice was made from."""
    problem = content_problem(content, around, order.override) or start_problem(
        content, around, sent.dated, order.override, but={line.item for line in sent.lines}
    )
    missing = missing_for(order, around)
    if problem is not None and problem.waits_for.startswith("choice:"):
        missing = (Missing(key=problem.waits_for, sentence=problem.sentence), *missing)
    elif problem is not None:
        sentence = f"the order changed after its invoice was made, and cannot be invoiced so: {problem.sentence}"
        return replace(_told(order, AFTER, sentence), next_step=PUT_RIGHT)
    if missing and not _why_left_alone(order, there, around):
        because = f"order {content.number} changed after its invoice was made"
        return Followup(verb="UpdateInvoice", missing=missing, because=because)
    if missing:
        what = "; ".join(one.sentence for one in missing)
        left = f"invoice {_number(order)} is left as it is because {_why_left_alone(order, there, around)}"
        return _told(order, AFTER, f"the order changed after its invoice was made ({what}); {left}")
    wanted = _wanted(order, content, sent, around)
    if wanted == sent:
        return NOTHING  # nothing of what changed stands on an invoice
    if there is not None and _money(wanted) != _money(sent) and _is_as(wanted, there):
        return NOTHING  # a person has made the invoice so by hand
    changed = f"the order changed after its invoice was made: {in_words(sent, wanted, by_sku(_skus(order, around)))}"
    why_not = _why_left_alone(order, there, around)
    if why_not or order.invoice is None or there is None:
        return _told(order, AFTER, f"{changed}; invoice {_number(order)} is left as it is because {why_not}")
    draft = InvoiceUpdate(
        remote_id=order.invoice_id,
        revision=order.invoice.revision,
        before=sent,
        invoice=wanted,
        shown=order.invoice.raw,
    )
    return Followup(verb="UpdateInvoice", draft=draft, because=changed)


def _void(order: Order, there: InvoiceContent, around: Circumstances) -> Followup:
    assert order.invoice is not None  # it shows `there`
    why_not = _why_left_alone(order, there, around)
    if not why_not and around.choices.of("cancelled-orders") == "ask":
        why_not = "voiding is left to a person here"
    if not why_not and there.dated is not None and not _same_month(there.dated, around.today):
        why_not = f"it is of another month, {there.dated:%Y-%m}"
    if why_not:
        sentence = (
            f"the order was cancelled after its invoice was made; invoice {_number(order)} stands because {why_not}"
        )
        credit = f"Make a credit memo for invoice {_number(order)} in QuickBooks, or void it there by hand."
        return replace(_told(order, AFTER, sentence), next_step=credit)
    draft = InvoiceVoid(
        remote_id=order.invoice_id, revision=order.invoice.revision, number=order.invoice_number, total=there.total
    )
    return Followup(verb="VoidInvoice", draft=draft, because="the order was cancelled in WizCommerce")


def _changed_there(order: Order, there: InvoiceContent | None) -> Followup:
    """The order stands as it was invoiced: whether the invoice does too."""
    differs = _differs_there(order, there)
    if not differs:
        return NOTHING
    sentence = f"invoice {_number(order)} was changed in QuickBooks: {'; '.join(differs)}"
    return replace(_told(order, THERE, sentence), next_step=LET_STAND)


def _differs_there(order: Order, there: InvoiceContent | None) -> tuple[str, ...]:
    """Where the invoice is not as QuickBooks took it from us."""
    if order.taken_as is None or there is None:
        return ()
    return money_disagreements(order.taken_as, there, by_sku(_as_sent(order)))


def _why_left_alone(order: Order, there: InvoiceContent | None, around: Circumstances) -> str:
    """Why an invoice is not ours to change any more, in words; '' when it is."""
    if there is None or order.invoice is None:
        return "QuickBooks has not shown it yet"
    if order.never:
        return "a person decided that nothing more is sent for this order"
    if order.invoice.raw.erased:
        return "the personal fields of this order were erased here"
    if there.balance != there.total:
        return f"{there.total - there.balance} of its {there.total} is paid or credited"
    differs = _differs_there(order, there)
    if differs:
        return f"it was changed in QuickBooks since: {'; '.join(differs)}"
    if _tries(order) >= MOST_TRIES:
        return f"it could not be changed in {MOST_TRIES} tries: it changed there each time, or no answer came"
    closed = around.facts.books_closed_until
    if closed is not None and there.dated is not None and there.dated <= closed:
        return f"it is dated {there.dated}, and the books are closed until {closed}"
    return ""


def _wanted(order: Order, content: OrderContent, sent: InvoiceDraft, around: Circumstances) -> InvoiceDraft:
    """The invoice as the order says it now. What it was made with and no order says stays: number, day, mark. So does
    its customer, unless the order names another one."""
    items = {key: found[0] for key, found in around.items.items()}
    same = order.invoiced is not None and order.invoiced.customer_remote_id == content.customer_remote_id
    customer = sent.customer_remote_id if same else around.customer.quickbooks_id
    facts, choices, lists = around.facts, around.choices, around.lists
    new = invoice_from_order(
        content, customer, items, facts, sent.mark, choices, lists, order.override, bundles=around.bundles
    )
    return replace(
        new,
        number=sent.number,
        order_number=sent.order_number,
        dated=sent.dated,
        ordered=sent.ordered,
        online_payments=sent.online_payments,
        head=replace(new.head, class_id=sent.head.class_id, location_id=sent.head.location_id),
    )


def _tries(order: Order) -> int:
    """How many changes for this very content met another revision, or did not arrive."""
    seen = order.sight.content_hash if order.sight is not None else ""
    return sum(c.verb in FOLLOWING and c.status == "outdated" and c.made_for == seen for c in order.commands.values())


def _without_tries(order: Order) -> Commands:
    return {key: c for key, c in order.commands.items() if c.verb not in FOLLOWING or c.status != "outdated"}


def _as_sent(order: Order) -> dict[str, str]:
    """QuickBooks' id of an item of the invoice → the SKU by which the order called it when that was made."""
    if order.invoiced is None or order.acknowledged is None:
        return {}
    # The lines of an invoice begin with those of the order it was made from, one for one, but for the parts of bundles.
    of_bundles = {line.bundle.place for line in order.acknowledged.lines if line.bundle is not None}
    sold = (line for place, line in enumerate(order.invoiced.lines) if place not in of_bundles)
    plain = (line for line in order.acknowledged.lines if line.bundle is None)
    pairs = zip(sold, plain, strict=False)
    return {sent.item: line.sku for line, sent in pairs if line.sku and not line.is_adhoc}


def _skus(order: Order, around: Circumstances) -> dict[str, str]:
    """The same of all items that the order names now, or named then."""
    named = item_skus(order.content, around.choices, order.override) if order.content is not None else {}
    now = {item: sku for key, sku in named.items() for item in around.items.get(key, ())}
    inside = {part.item: part.called for bundle in around.bundles.values() for part in bundle.parts}
    return inside | now | _as_sent(order)


def in_words(before: InvoiceDraft, after: InvoiceDraft, called: NamesItem = unnamed) -> str:
    """What a change comes to, field by field, without personal text; items as `called` says."""
    fields = (
        ("customer", before.customer_remote_id, after.customer_remote_id),
        ("total", before.total, after.total),
        ("discount", before.discount, after.discount),
        ("shipping", before.shipping_charge, after.shipping_charge),
        ("tax", before.taxes.amount, after.taxes.amount),
        ("PO", before.po_number or "(none)", after.po_number or "(none)"),
    )
    said = [f"{what} {old} → {new}" for what, old, new in fields if old != new]
    old_lines, new_lines = (Counter((x.item, x.quantity, x.unit_price) for x in d.lines) for d in (before, after))
    for sign, lines in (("was", old_lines - new_lines), ("is", new_lines - old_lines)):
        shown = [
            f"{quantity:f} x {called(item)} at {price.normalize():f}" for item, quantity, price in lines.elements()
        ]
        more = f" and {len(shown) - MOST_LINES_TOLD} others" if len(shown) > MOST_LINES_TOLD else ""
        said += [f"{sign}: {', '.join(shown[:MOST_LINES_TOLD])}{more}"] if shown else []
    named = (
        ("addresses", ("billing", "shipping")),
        ("note", ("customer_note",)),
        ("term", ("term",)),
        ("head", ("head",)),
    )
    said += [what for what, fields in named if any(getattr(before, f) != getattr(after, f) for f in fields)]
    return ", ".join(said)


def keep_invoice_true(order: Order, around: Circumstances) -> list[Event]:
    """The events that follow for an order whose invoice stands. While what became of a request is open, none."""
    open_ = unfinished(order.commands)
    if open_ is not None and (open_.may_have_run or open_.status not in ("held", "ready")):
        return []
    follow = what_follows(order, around)
    events: list[Event] = []
    if open_ is not None and open_.verb != follow.verb:
        why = "before anything was sent: the order changed again"
        events.append(CommandAbandoned(command_id=open_.command_id, why=why))
        open_ = None
    if open_ is not None:
        events += _as_it_stands(open_, follow.missing)
    elif follow.verb and not _settled(order, follow):
        events += issue_followup(order, follow, follow.because)
    elif not follow.verb and not follow.topic:
        events += _no_more_refused(order)
    agree = not follow.verb and not follow.topic
    told = listed(order, TOPICS, follow.topic, follow.sentence, follow.next_step, agree)
    return [*events, *told, *_tax_told(order)]


def issue_followup(order: Order, follow: Followup, because: str) -> list[Event]:
    """The next change of the invoice, held at once if something is missing."""
    assert follow.verb  # asked for only when something is to be done
    return issue(order.record, order.commands, follow.verb, because, follow.missing, caused_at=max(1, order.version))


def draft_after_invoice(
    order: Order, command: Command, around: Circumstances
) -> InvoiceUpdate | InvoiceVoid | list[Event]:
    """What is sent for a command about an invoice that stands, as both are now; or the events that follow instead."""
    follow = what_follows(order, around)
    if follow.draft is not None and follow.verb == command.verb:
        return follow.draft
    why = "before anything was sent: there is nothing to change any more"
    return keep_invoice_true(order, around) or [CommandAbandoned(command_id=command.command_id, why=why)]


def _as_it_stands(open_: Command, missing: tuple[Missing, ...]) -> list[Event]:
    """A change that is not sent yet is drafted when it goes; only what it waits for is told now."""
    if missing and missing != open_.missing:
        return [CommandHeld(command_id=open_.command_id, missing=missing)]
    if open_.status == "held" and not missing:
        return [CommandReleased(command_id=open_.command_id, because="nothing it needs is missing now")]
    return []


def _no_more_refused(order: Order) -> list[Event]:
    """A change that was refused, and that nobody asks for any more."""
    last = max(order.commands.values(), key=lambda c: (c.issued_at, c.generation), default=None)
    if last is None or last.verb not in FOLLOWING or last.status != "refused":
        return []
    return [CommandAbandoned(command_id=last.command_id, why="order and invoice agree again")]


def _settled(order: Order, follow: Followup) -> bool:
    """Whether that was refused for this very content: only a person's retry or another content begins anew."""
    assert follow.verb
    last = latest(order.commands, follow.verb)
    seen = order.sight.content_hash if order.sight is not None else ""
    return last is not None and last.status == "refused" and last.made_for == seen


def listed(
    order: Order, topics: tuple[str, ...], topic: str, sentence: str, next_step: str, agree: bool = False
) -> list[Event]:
    """Of `topics` what a person is told, once (`topic`, '' for nothing); and no more when it is so no more, which may be since
    order and invoice `agree`. What was looked at and let stand is not told again."""
    events: list[Event] = []
    for one in topics:
        shown = order.attention.get(one)
        if topic == one and dismissal(order, one, sentence) not in order.dismissed:
            if shown is None or shown.sentence != sentence:
                events.append(AttentionNeeded(topic=one, sentence=sentence, next_step=next_step))
        elif shown is not None:
            events.append(AttentionCleared(topic=one, because="order and invoice agree again", agree=agree))
    return events


def _tax_told(order: Order) -> list[Event]:
    """What QuickBooks' tax came to, where it is not what the order says."""
    sent, there, shown = order.acknowledged, order.invoice, order.attention.get(TAX)
    stands = sent is not None and there is not None and not there.content.voided and not order.invoice_gone
    apart = difference(sent, there.content.tax) if stands and sent is not None and there is not None else ZERO
    if sent is None or there is None or abs(apart) <= TOLD_ABOVE:
        because = "the tax is the order's now"
        return [AttentionCleared(topic=TAX, because=because)] if shown is not None else []
    sentence = f"sent, differs by {apart}: QuickBooks has {there.content.tax} of tax, the order {sent.taxes.amount}"
    if dismissal(order, TAX, sentence) in order.dismissed or (shown is not None and shown.sentence == sentence):
        return []
    step = f"Put the tax of invoice {_number(order)} right in QuickBooks, or let it stand: `wizqbo dismiss`."
    return [AttentionNeeded(topic=TAX, sentence=sentence, next_step=step)]


def _told(order: Order, topic: str, sentence: str) -> Followup:
    step = f"Change invoice {_number(order)} in QuickBooks by hand, or let both stand: `wizqbo dismiss`."
    return Followup(topic=topic, sentence=sentence, next_step=step)


NOT_AGAIN = (
    "It is not invoiced again by itself: make an invoice in QuickBooks by hand, or let it stand: `wizqbo dismiss`."
)
PUT_RIGHT = "Put it right in WizCommerce or in QuickBooks; then `wizqbo push` changes the invoice."
LET_STAND = "The order is not changed. If the invoice is right as it is: `wizqbo dismiss`."


def _number(order: Order) -> str:
    return order.invoice_number or order.invoice_id


def _meant(content: OrderContent) -> OrderContent:
    """An order without what its invoice does not take from it."""
    nothing = OrderContent(
        number="", customer_remote_id="", status="", lines=(), ordered_at=content.ordered_at, amount=content.amount
    )
    kept = {field: getattr(content, field) for field in TAKEN}
    return replace(nothing, **kept)


TAKEN = (
    "number",
    "customer_remote_id",
    "lines",
    "discount",
    "tax",
    "shipping_charge",
    "other_charges",
    "currency",
    "po_number",
    "payment_term",
    "customer_note",
    "billing",
    "shipping",
    "shipping_method",
    "ships_at",
    "due_at",
    "email",
)
"""Fields of an order that its invoice takes from it."""


def _money(draft: InvoiceDraft) -> tuple[object, ...]:
    lines = sorted((x.item, x.quantity, x.unit_price, x.amount) for x in draft.lines)
    return (draft.customer_remote_id, lines, draft.discount, draft.shipping_charge, draft.tax_code, draft.total)


def _is_as(wanted: InvoiceDraft, there: InvoiceContent) -> bool:
    return not money_disagreements(wanted, there) and not difference(wanted, there.tax)


def _same_month(one: date, other: date | None) -> bool:
    return other is not None and (one.year, one.month) == (other.year, other.month)
