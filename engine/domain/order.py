"""An order: what WizCommerce showed, what QuickBooks has, and what was asked of either."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from msgspec.structs import replace

from engine.clock import instant
from engine.domain.commands import Commands, evolve_commands
from engine.domain.drafts import InvoiceDraft, InvoiceUpdate, InvoiceVoid, OrderDraft, OrderUpdate
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
from engine.domain.overrides import AS_ORDERED, Override
from engine.domain.paid import Paid, shown, took
from engine.domain.values import NAMESPACE, InvoiceContent, OrderContent, Shipping, Value, cents

ZERO = Decimal(0)
MONEY_BACK = "money-back"
"""Topic of a fall of what was paid: a person's task."""
NEVER = "never-send"
"""Reason of an order that a person decided never to send while nothing of it was on its way."""


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
