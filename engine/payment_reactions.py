"""What follows for payments: a rise that was taken begins a stream of its own; and when its order, the order's invoice, or the
payment before it has become something else, a payment that was not sent yet decides again.

Part of `react`, which passes every event once, in log order. Nothing waits in its memory but for the company's settings: a
payment's decision reads the streams it depends on, and each change of those comes by here after it.
"""

from engine.domain.events import (
    AttentionCleared,
    AttentionNeeded,
    CommandAbandoned,
    CommandAccepted,
    CommandHeld,
    CommandIssued,
    CommandRefused,
    Event,
    InvoiceObserved,
    PaymentTaken,
    PushWithheld,
    Recorded,
    RecordGone,
)
from engine.domain.order import MONEY_BACK
from engine.domain.payments import take_each_rise
from engine.domain.values import kind_of
from engine.holds import Outcome
from engine.log import Entry
from engine.records import Records

OF_ORDERS: tuple[type[Event], ...] = (
    CommandAbandoned,
    CommandAccepted,
    CommandHeld,
    CommandIssued,
    CommandRefused,
    InvoiceObserved,
    PushWithheld,
    RecordGone,
)
"""What happens to an order, or to its invoice, that its payments may have waited for, or give as their reason."""
OF_PAYMENTS: tuple[type[Event], ...] = (CommandAbandoned, CommandAccepted, CommandHeld, CommandRefused, PushWithheld)
"""What happens to a payment that those after it may have waited for, or give as their reason."""


def concerns_payments(recorded: Recorded) -> bool:
    """Whether anything may follow for a payment."""
    event = recorded.event
    match kind_of(recorded.stream):
        case "order":
            money_back = isinstance(event, AttentionNeeded | AttentionCleared) and event.topic == MONEY_BACK
            return money_back or isinstance(event, (PaymentTaken, *OF_ORDERS))
        case "payment":
            return isinstance(event, OF_PAYMENTS)
        case _:
            return False


class PaymentReactions:
    """Adds to an `Outcome` what follows for payments."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def follow(self, recorded: Recorded, out: Outcome) -> None:
        """What follows from one event that concerns payments."""
        event, stream = recorded.event, recorded.stream
        if kind_of(stream) == "payment":
            self._of_payment(stream, event, out)
        elif isinstance(event, PaymentTaken):
            self._begin(event, out)
        else:
            self._of_order(stream, event, out)

    def _begin(self, event: PaymentTaken, out: Outcome) -> None:
        payment = self._records.payment(event.payment)
        if payment.version == 0:
            out.entries += self._records.payment_entries(payment, [event])

    def _of_order(self, stream: str, event: Event, out: Outcome) -> None:
        order = self._records.order(stream)
        self._decide([one.payment for one in order.paid.taken], out)
        if isinstance(event, AttentionCleared):  # a person has seen that money went back
            takings = take_each_rise(order)
            out.entries += [Entry(stream=stream, version=order.version, events=takings)] if takings else []

    def _of_payment(self, stream: str, event: Event, out: Outcome) -> None:
        """The payments after it; and a hold itself, as what it waits for may have come before it was recorded."""
        payment = self._records.payment(stream)
        if payment.taken is None:
            return
        place = payment.taken.place
        later = [one.payment for one in self._records.order(payment.taken.order).paid.taken if one.place > place]
        self._decide([stream, *later] if isinstance(event, CommandHeld) else later, out)

    def _decide(self, streams: list[str], out: Outcome) -> None:
        busy = {entry.stream for entry in out.entries}
        for stream in streams:
            payment = self._records.payment(stream)
            if stream not in busy and payment.version and not payment.payment_id:
                out.entries += self._records.payment_entries(payment, [])
