"""A payment: money taken for one order, and the QuickBooks payment of the order's invoice that it becomes.

Each rise of what was paid (`engine.domain.paid`) is a record with a stream of its own. So a payment and its order's invoice never
stand in each other's way, each has its own hold, attempts and outcome, and the order's story reads through to its payments. The
stream's id is made of the order and of the sight that showed the rise, so the id of its command is too (DESIGN, law 4).

Payments of one order go one after the other, each when the one before it has arrived or is never sent. A payment that somebody
made in QuickBooks has such a stream as well, in which nothing is ever decided: it cannot come back as a payment of ours.
"""

from datetime import date
from decimal import Decimal
from uuid import UUID, uuid5

from msgspec.structs import replace

from engine.domain.choices import Choices
from engine.domain.commands import Commands, evolve_commands, latest, unfinished
from engine.domain.drafts import PaymentDraft
from engine.domain.events import (
    AttentionCleared,
    AttentionNeeded,
    CommandAccepted,
    CommandEvent,
    CommandRetried,
    Event,
    PaymentObserved,
    PaymentTaken,
    PushAskedFor,
    PushWithheld,
    Recorded,
    RecordGone,
    RecordMergedInto,
    RevisionMoved,
    decided_against,
)
from engine.domain.invoice_from_order import in_company_time
from engine.domain.order import MONEY_BACK, Order
from engine.domain.values import NAMESPACE, CompanyFacts, PaymentContent, Value, cents, connection_of, folded

LONGEST_REFERENCE = 21
"""Characters of `PaymentRefNum`. Source: QuickBooks reference, 7.6 (fault 2050)."""


class Payment(Value, frozen=True, kw_only=True):
    """What the events of one payment's stream add up to."""

    stream: str
    version: int = 0
    record: UUID = NAMESPACE
    taken: PaymentTaken | None = None
    """None for a payment that somebody made in QuickBooks."""
    commands: Commands = {}
    withheld: PushWithheld | None = None
    push_asked: bool = False
    """A person has seen that the invoice's balance is below it, and wants it sent all the same."""
    never: bool = False
    attention: dict[str, AttentionNeeded] = {}
    told: dict[str, str] = {}
    """Topic → what was last told of it, also once a person has seen it."""
    payment_id: str = ""
    accepted_after: int = 0
    """Log position of its acceptance."""
    sight: PaymentObserved | None = None
    sight_after: int = 0
    gone: bool = False
    merged_into: str = ""

    @property
    def content(self) -> PaymentContent | None:
        return self.sight.content if self.sight else None

    @property
    def settled(self) -> bool:
        """Whether those that come after it may go."""
        return bool(self.payment_id) or self.never


def no_payment(stream: str) -> Payment:
    """A payment before its first event."""
    return Payment(stream=stream, record=UUID(stream.partition(":")[2]))


def evolve_payment(payment: Payment, recorded: Recorded) -> Payment:
    """The payment after one more event."""
    payment, event = replace(payment, version=recorded.version), recorded.event
    if decided_against(event, recorded.who):
        payment = replace(payment, never=True)
    if isinstance(event, CommandRetried | PushAskedFor):
        payment = replace(payment, never=False)
    if isinstance(event, CommandEvent):
        commands = evolve_commands(payment.commands, event, recorded.recorded_at, "")
        payment = replace(payment, commands=commands, withheld=None)
        if isinstance(event, CommandAccepted):
            payment = replace(payment, payment_id=event.remote_id, accepted_after=recorded.position)
        return payment
    match event:
        case PaymentTaken():
            return replace(payment, taken=event)
        case PaymentObserved():
            return replace(payment, sight=event, sight_after=recorded.position, gone=False)
        case RevisionMoved() if payment.sight:
            moved = replace(payment.sight, revision=event.revision, fetched_after=event.fetched_after)
            return replace(payment, sight=moved, sight_after=recorded.position)
        case RecordGone():
            return replace(payment, gone=True, sight_after=recorded.position)
        case PushWithheld():
            return replace(payment, withheld=event, never=payment.never or event.reason == NEVER)
        case PushAskedFor():
            return replace(payment, push_asked=True)
        case AttentionNeeded():
            told = {**payment.told, event.topic: event.sentence}
            return replace(payment, attention={**payment.attention, event.topic: event}, told=told)
        case AttentionCleared():
            return replace(payment, attention={k: v for k, v in payment.attention.items() if k != event.topic})
        case RecordMergedInto():
            return replace(payment, merged_into=event.record)
        case _:
            return payment


NEVER = "never-send"
"""Reason of a payment that a person decided never to send while nothing of it was on its way."""


def take_each_rise(order: Order) -> list[Event]:
    """What was paid for an order that has an invoice, or will have one, is taken: each rise once.

    A fall of what was paid writes nothing: it is a task for a person, and until it is dismissed no later rise is taken.
    Source: WizCommerce reference, A-17 and A-18.
    """
    fall, content = order.paid.fall, order.content
    if content is None or order.merged_into:
        return []
    if fall is not None:
        status = f", {fall.status.lower()}" if fall.status else ""
        what = f"{fall.before:f} → {fall.after:f}{status}" if fall.before != fall.after else fall.status.lower()
        sentence = f"money of the order went back in WizCommerce: paid {what}"
        told = order.attention.get(MONEY_BACK)
        if told is not None and told.sentence == sentence:
            return []
        return [AttentionNeeded(topic=MONEY_BACK, sentence=sentence, next_step=GIVE_BACK)]
    if not _has_invoice(order):
        return []
    connection, first = connection_of(order.stream), len(order.paid.taken) + 1
    return [
        PaymentTaken(
            payment=payment_stream(connection, order.record, rise.caused_at),
            order=order.stream,
            order_number=content.number,
            place=place,
            amount=rise.amount,
            paid_before=rise.before,
            paid_after=rise.after,
            caused_at=rise.caused_at,
            seen_at=rise.seen_at,
            method=rise.method,
        )
        for place, rise in enumerate(order.paid.rises, first)
    ]


GIVE_BACK = "Give it back in QuickBooks by hand, if it was; then `wizqbo dismiss`: what was paid since goes after that."


def _has_invoice(order: Order) -> bool:
    """Whether the order's invoice is there, or on its way."""
    last = latest(order.commands, "CreateInvoice")
    return bool(order.invoice_id) or (last is not None and last.unfinished)


def payment_stream(connection: str, order: UUID, caused_at: int) -> str:
    """The stream of the payment that a rise becomes: always the same for the same rise."""
    return f"payment-{connection}:{uuid5(order, f'payment:{caused_at}')}"


def reference_of(taken: PaymentTaken) -> str:
    """What people call the payment, and its `PaymentRefNum`: the order's number and the payment's place, `WC-1001/2`. Of a
    number that is too long its end stays, as that is what differs."""
    place = f"/{taken.place}"
    return taken.order_number[-(LONGEST_REFERENCE - len(place)) :] + place


def payment_day(taken: PaymentTaken, facts: CompanyFacts) -> date:
    """The payment's date: the day on which the rise was seen, in the company's time zone. WizCommerce tells no other (A-17)."""
    return in_company_time(taken.seen_at, facts).date()


def payment_from_rise(
    taken: PaymentTaken, order: Order, facts: CompanyFacts, choices: Choices, mark: str
) -> PaymentDraft:
    """The payment of the order's invoice, under the customer that the invoice is under in QuickBooks."""
    shown, sent = order.invoice, order.acknowledged
    customer = shown.content.customer_remote_id if shown else sent.customer_remote_id if sent else ""
    return PaymentDraft(
        reference=reference_of(taken),
        order_number=taken.order_number,
        customer_remote_id=customer,
        invoice=order.invoice_id,
        dated=payment_day(taken, facts),
        amount=taken.amount,
        mark=mark,
        method=choices.payment_methods.get(folded(taken.method), ""),
        account=choices.of("deposit-account"),
        currency=sent.currency if sent else shown.content.currency if shown and facts.multi_currency else "",
    )


def payment_disagreements(draft: PaymentDraft, found: PaymentContent) -> tuple[str, ...]:
    """Where a payment differs from what we sent; empty when it agrees. What of it was not applied is told by itself."""
    differs = []
    if found.customer_remote_id != draft.customer_remote_id:
        differs.append(f"customer {found.customer_remote_id} instead of {draft.customer_remote_id}")
    if found.total != draft.amount:
        differs.append(f"amount {found.total:f} instead of {draft.amount:f}")
    return tuple(differs)


def known_balance(order: Order, payments: tuple[Payment, ...]) -> Decimal | None:
    """What the order's invoice is known to have left to pay: its balance as last shown, less the payments of ours that arrived
    since and are not in it. None while QuickBooks has not shown the invoice."""
    if order.invoice is None:
        return None
    shown = order.invoice
    since = (
        one.taken.amount
        for one in payments
        if one.taken is not None
        and one.payment_id
        and one.payment_id not in shown.content.payments
        and one.accepted_after > shown.fetched_after
    )
    return cents(shown.content.balance - sum(since, Decimal(0)))


def open_command_reason(payment: Payment) -> str:
    """Why a payment has not arrived, in a few words; '' when nothing is known."""
    open_ = unfinished(payment.commands)
    if open_ is not None:
        return open_.reason
    if payment.withheld is not None:
        return payment.withheld.sentence
    last = latest(payment.commands, "CreatePayment")
    return last.reason if last is not None else ""
