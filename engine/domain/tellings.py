"""The kinds of told records, each by the first word of its stream's name: whose policy it follows, and how it is put in words."""

from collections.abc import Callable

from engine.domain import invoice_records, shipments
from engine.domain.choices import Choices
from engine.domain.drafts import InvoiceRecordDraft, ShipmentDraft
from engine.domain.events import Event, PushWithheld
from engine.domain.told import Kept, Told, why_not
from engine.domain.values import Value, kind_of


class Telling(Value, frozen=True, kw_only=True):
    """How one kind decides."""

    kept: Kept
    keep: Callable[[Told, Choices], list[Event]]


TELLINGS = {
    "invoice": Telling(kept=invoice_records.KEPT, keep=invoice_records.keep_the_record),
    "shipment": Telling(kept=shipments.KEPT, keep=shipments.keep_the_shipment),
}


def keep(record: Told, choices: Choices) -> list[Event]:
    """What the policy of its kind decides."""
    return TELLINGS[kind_of(record.stream)].keep(record, choices)


def why_not_told(record: Told, choices: Choices) -> PushWithheld | None:
    """Why nothing is told now of it; None when it is."""
    return why_not(record, choices, TELLINGS[kind_of(record.stream)].kept)


def told_in_words(draft: InvoiceRecordDraft | ShipmentDraft) -> str:
    """What is told, without personal text."""
    if isinstance(draft, ShipmentDraft):
        withdrawn = "withdrawn, " if draft.remarks else ""
        return f"shipment of invoice {draft.number}: {withdrawn}{shipments.in_words(draft)}"
    return f"invoice {draft.number}: {invoice_records.in_figures(draft)}"
