"""Mapping: which record here is which record there, and how we found out. Labels are numbers and SKUs, never names of people."""

from engine.domain.events import (
    CommandAccepted,
    InvoiceObserved,
    InvoiceRecordWanted,
    OrderObserved,
    PaymentObserved,
    PaymentTaken,
    ProductObserved,
    Recorded,
    RecordLinked,
    RecordMergedInto,
    ShipmentWanted,
    Sight,
)
from engine.domain.payments import reference_of
from engine.domain.values import connection_of, kind_of
from engine.log import Statement

INSERT = (
    "INSERT INTO mapping (connection, kind, stream, system, remote_id, label, how, linked_at) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (connection, system, kind, remote_id) DO UPDATE SET "
)


class Mapping:
    """Rows of `mapping`."""

    name = "mapping"

    def clear(self) -> list[Statement]:
        return [("DELETE FROM mapping", ())]

    def rows(self, recorded: Recorded) -> list[Statement]:
        event = recorded.event
        match event:
            case Sight():
                place = (connection_of(recorded.stream), event.kind, recorded.stream, event.system, event.remote_id)
                label = _label(event)
                keep = "label = excluded.label, stream = excluded.stream"
                return [(INSERT + keep, (*place, label, "first seen", recorded.recorded_at))]
            case RecordLinked():
                place = (connection_of(recorded.stream), event.kind, recorded.stream, event.system, event.remote_id)
                keep = "how = excluded.how, stream = excluded.stream, linked_at = excluded.linked_at"
                return [(INSERT + keep, (*place, "", event.how, recorded.recorded_at))]
            case PaymentTaken() if kind_of(recorded.stream) == "payment":
                theirs = f"{event.order.partition(':')[2]}/{event.place}"  # WizCommerce has no id of a payment
                place = (connection_of(recorded.stream), "payment", recorded.stream, "wizcommerce", theirs)
                keep = "label = excluded.label, stream = excluded.stream"
                return [(INSERT + keep, (*place, reference_of(event), "taken in WizCommerce", recorded.recorded_at))]
            case CommandAccepted() if kind_of(recorded.stream) == "payment":
                place = (connection_of(recorded.stream), "payment", recorded.stream, "quickbooks", event.remote_id)
                keep = "how = excluded.how, stream = excluded.stream, linked_at = excluded.linked_at"
                return [(INSERT + keep, (*place, event.number, f"paid by us: {event.how}", recorded.recorded_at))]
            case (
                InvoiceRecordWanted() | ShipmentWanted()
            ):  # WizCommerce knows it by our reference, before and after it has it
                place = (
                    connection_of(recorded.stream),
                    kind_of(recorded.stream),
                    recorded.stream,
                    "wizcommerce",
                    event.draft.reference,
                )
                keep = "label = excluded.label, stream = excluded.stream"
                return [(INSERT + keep, (*place, event.draft.number, "told to WizCommerce", recorded.recorded_at))]
            case CommandAccepted(target="quickbooks") if kind_of(recorded.stream) == "order":
                place = (connection_of(recorded.stream), "invoice", recorded.stream, "quickbooks", event.remote_id)
                keep = "how = excluded.how, stream = excluded.stream, linked_at = excluded.linked_at"
                return [(INSERT + keep, (*place, event.number, f"invoiced by us: {event.how}", recorded.recorded_at))]
            case RecordMergedInto():
                return [("UPDATE mapping SET stream = %s WHERE stream = %s", (event.record, recorded.stream))]
            case _:
                return []


def _label(event: Sight) -> str:
    match event:
        case OrderObserved() | InvoiceObserved():
            return event.content.number
        case PaymentObserved():
            return event.content.reference
        case ProductObserved():
            return event.content.sku
        case _:
            return ""
