"""What follows for what WizCommerce is told of invoices, their records and shipments: each time QuickBooks shows an invoice
otherwise, or no more, they are to say so.

Part of `react`, which passes every event once, in log order. What a record is to say is read from the order's stream as it is by
then, and is a fact of the record's own stream only where it differs from the one before: so it does not matter in which order, or
how often, signals arrive.
"""

from engine.domain.events import InvoiceAttached, InvoiceObserved, OrderObserved, Recorded, RecordGone
from engine.domain.order_from_invoice import is_ours
from engine.domain.values import kind_of
from engine.holds import Outcome
from engine.records import Records


def concerns_records(recorded: Recorded) -> bool:
    """Whether anything may follow for the record or the shipment of an invoice: also once WizCommerce has the order that it
    became."""
    event = recorded.event
    gone = isinstance(event, RecordGone) and event.system == "quickbooks"
    made = isinstance(event, OrderObserved) and is_ours(event.content.reference)
    return kind_of(recorded.stream) == "order" and (
        isinstance(event, InvoiceObserved | InvoiceAttached) or gone or made
    )


class RecordReactions:
    """Adds to an `Outcome` what follows for invoice records and shipments."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def follow(self, recorded: Recorded, out: Outcome) -> None:
        """What follows from one event that concerns them."""
        out.entries += self._records.invoice_seen(self._records.order(recorded.stream))
