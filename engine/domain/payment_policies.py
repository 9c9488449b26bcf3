"""What follows from what a payment's stream adds up to. Pure, repeatable, explained, as `engine.domain.policies`."""

from engine.domain.choices import Choices
from engine.domain.commands import issue, latest, unfinished
from engine.domain.events import (
    AttentionCleared,
    AttentionNeeded,
    CommandAbandoned,
    CommandHeld,
    CommandReleased,
    Event,
    Missing,
    PaymentTaken,
    PushWithheld,
)
from engine.domain.order import MONEY_BACK, Order
from engine.domain.payments import (
    Payment,
    known_balance,
    open_command_reason,
    payment_day,
    reference_of,
)
from engine.domain.values import CompanyFacts, PaymentContent, Value, cents


class PaymentAround(Value, frozen=True, kw_only=True):
    """What a payment's decision depends on beside the payment, read from the streams themselves."""

    connection: str
    facts: CompanyFacts
    choices: Choices
    order: Order
    of_order: tuple[Payment, ...] = ()
    """The order's other payments of ours."""
    theirs: tuple[tuple[str, PaymentContent], ...] = ()
    """Payments of the invoice that others made in QuickBooks, each with its id."""


def pay_each_rise(payment: Payment, around: PaymentAround) -> list[Event]:
    """Money taken for an order becomes one QuickBooks payment of its invoice.

    Asked again for the same payment it answers with the same command id, so replaying its events cannot pay twice.
    Source: WizCommerce reference, 3.7 row 16 and A-17.
    """
    taken = payment.taken
    if taken is None or payment.merged_into:
        return []
    if payment.payment_id:
        return say_what_became_of_it(payment)
    if payment.never:
        return []
    if unfinished(payment.commands) is not None:
        return _while_a_command_is_open(payment, taken, around)
    reason = why_not_paid(payment, taken, around)
    if reason is not None:
        return [] if reason == payment.withheld else [reason]
    before = latest(payment.commands, "CreatePayment")
    if before is not None and (before.status != "abandoned" or before.may_have_run or before.remote_id):
        return []  # refused, or perhaps there: only a person begins anew
    return issue_payment(payment, around, because=f"{taken.amount:f} was paid for order {taken.order_number}")


def issue_payment(payment: Payment, around: PaymentAround, because: str) -> list[Event]:
    """The next generation of `CreatePayment`, held at once if something is missing."""
    return issue(payment.record, payment.commands, "CreatePayment", because, missing_for_payment(payment, around))


def missing_for_payment(payment: Payment, around: PaymentAround) -> tuple[Missing, ...]:
    """Everything the payment still needs: its order's invoice, and the payments before it."""
    taken, order = payment.taken, around.order
    if taken is None:
        return ()
    missing = []
    if not order.invoice_id:
        why = _why_no_invoice(order)
        sentence = f"the invoice of order {taken.order_number} is not in QuickBooks yet{f': {why}' if why else ''}"
        missing.append(Missing(key=f"invoiced:{order.stream}", sentence=sentence))
    for one in around.of_order:
        if one.taken is None or one.taken.place >= taken.place or one.settled:
            continue
        why = open_command_reason(one)
        sentence = (
            f"payment {reference_of(one.taken)} of {one.taken.amount:f} goes before it{f': {why}' if why else ''}"
        )
        missing.append(Missing(key=f"paid:{one.stream}", sentence=sentence))
    return tuple(missing[:2])  # those further before stand in that one's own words


def _why_no_invoice(order: Order) -> str:
    last = latest(order.commands, "CreateInvoice")
    if last is not None and last.status in ("held", "refused", "disputed", "abandoned"):
        said = {"refused": "QuickBooks said no: ", "abandoned": "it is not sent: "}.get(last.status, "")
        return f"{said}{last.reason}"
    return order.withheld.sentence if order.withheld is not None else ""


ENDED_HERE = frozenset({"cancelled", "gone"})
"""Reasons for which an order's invoice will not come by itself."""


def why_not_paid(payment: Payment, taken: PaymentTaken, around: PaymentAround) -> PushWithheld | None:
    """Why this payment is not sent now and needs a person; None when it may go."""
    order, closed = around.order, around.facts.books_closed_until
    day = payment_day(taken, around.facts)
    if MONEY_BACK in order.attention:
        sentence = f"{order.attention[MONEY_BACK].sentence}, while this payment had not been sent"
        step = (
            f"`wizqbo never-send` if it is this money; then `wizqbo dismiss order {taken.order_number} {MONEY_BACK}`."
        )
        return PushWithheld(reason=MONEY_BACK, sentence=sentence, needs_person=True, next_step=step)
    if closed is not None and day <= closed:
        return PushWithheld(
            reason="books-closed",
            sentence=f"the books are closed until {closed}; a payment of {day} would be refused",
            needs_person=True,
            next_step="Reopen the books in QuickBooks, and it goes by itself; or enter it by hand, then `wizqbo never-send`.",
            waits_for=f"facts:{around.connection}",
        )
    if not order.invoice_id and (order.never or (order.withheld is not None and order.withheld.reason in ENDED_HERE)):
        why = order.withheld.sentence if order.withheld is not None else "a person decided that the order is never sent"
        return PushWithheld(
            reason="no-invoice",
            sentence=f"there is no invoice that it would pay: {why}",
            needs_person=True,
            next_step="Give the money back, or enter it in QuickBooks by hand; then `wizqbo never-send`.",
        )
    if order.invoice_id and (order.invoice_gone or (order.invoice is not None and order.invoice.content.voided)):
        ended = "is no longer in QuickBooks" if order.invoice_gone else "was voided in QuickBooks"
        return PushWithheld(
            reason="no-invoice",
            sentence=f"invoice {order.invoice_number or order.invoice_id}, which it would pay, {ended}",
            needs_person=True,
            next_step="Enter the payment in QuickBooks by hand, then `wizqbo never-send`.",
        )
    return _by_balance(payment, taken, around)


def _by_balance(payment: Payment, taken: PaymentTaken, around: PaymentAround) -> PushWithheld | None:
    """More was taken than the invoice has left to pay, or with it WizCommerce shows just what QuickBooks shows without it: the
    same money may stand in QuickBooks already. The latter would also be what we see if WizCommerce counted as paid for the
    order what it is told of the invoice, which its reference neither says nor rules out."""
    balance = known_balance(around.order, around.of_order)
    if payment.push_asked or balance is None or around.order.invoice is None:
        return None
    number = around.order.invoice_number or around.order.invoice_id
    found = [_described(remote_id, content) for remote_id, content in around.theirs]
    theirs = f"; QuickBooks has {' and '.join(found)} for it, which may be the same money" if found else ""
    there = cents(around.order.invoice.content.total) - balance
    ours = sum(one.taken.amount for one in around.of_order if one.taken is not None and one.payment_id)
    if balance < taken.amount:
        sentence = f"invoice {number} has {balance:f} left to pay, less than the {taken.amount:f} taken{theirs}"
    elif there > ours and there == taken.paid_after:
        sentence = (
            f"{taken.amount:f} was taken, with which order {taken.order_number} shows {there:f} as paid, as invoice {number} "
            f"does without it{theirs}"
        )
    else:
        return None
    return PushWithheld(reason="balance", sentence=sentence, needs_person=True, next_step=SAME_MONEY)


SAME_MONEY = (
    "`wizqbo never-send` if QuickBooks has this money already; `wizqbo push` sends it all the same, and what is above the "
    "balance is the customer's credit there."
)


def _described(remote_id: str, content: PaymentContent) -> str:
    name = f"payment {content.reference}" if content.reference else "a payment"
    return f"{name} of {content.dated or 'no date'}, {cents(content.total):f} (its id {remote_id})"


def _while_a_command_is_open(payment: Payment, taken: PaymentTaken, around: PaymentAround) -> list[Event]:
    """Before anything was carried out a payment may still be withdrawn or need other things; afterwards only its state
    changes."""
    command = unfinished(payment.commands)
    if command is None or command.may_have_run or command.status not in ("held", "ready"):
        return []
    reason = why_not_paid(payment, taken, around)
    if reason is not None:
        why = f"before anything was sent: {reason.sentence}"
        return [CommandAbandoned(command_id=command.command_id, why=why), reason]
    missing = missing_for_payment(payment, around)
    if missing and missing != command.missing:
        return [CommandHeld(command_id=command.command_id, missing=missing)]
    if command.status == "held" and not missing:
        because = f"the invoice of order {taken.order_number} is there, and no payment goes before it"
        return [CommandReleased(command_id=command.command_id, because=because)]
    return []


UNAPPLIED, ENDED = "unapplied", "ended-there"


def say_what_became_of_it(payment: Payment) -> list[Event]:
    """What QuickBooks shows of a payment that arrived, where a person must know: part of it is applied to nothing, or it was
    voided or deleted there. Each is told once; nothing is ever written over it, deposited or not."""
    content = payment.content
    if content is None:
        return []
    ended = "deleted" if payment.gone else "voided" if content.voided else ""
    left = cents(content.unapplied) if not ended else 0
    return [
        *_told(
            payment,
            ENDED,
            f"the payment was {ended} in QuickBooks, and WizCommerce still shows the money as paid" if ended else "",
            "Look at it in QuickBooks, then `wizqbo dismiss`.",
        ),
        *_told(
            payment,
            UNAPPLIED,
            f"{left:f} of the {cents(content.total):f} are applied to no invoice: they are the customer's credit"
            if left
            else "",
            "Apply or refund it in QuickBooks, or `wizqbo dismiss`.",
        ),
    ]


def _told(payment: Payment, topic: str, sentence: str, next_step: str) -> list[Event]:
    """`sentence` is told under `topic`, unless it is what was last told of it; '' takes back what still stands."""
    if sentence and payment.told.get(topic) != sentence:
        return [AttentionNeeded(topic=topic, sentence=sentence, next_step=next_step)]
    if not sentence and topic in payment.attention:
        return [AttentionCleared(topic=topic, because="QuickBooks shows it otherwise now")]
    return []
