"""What follows for invoices that are to become orders of WizCommerce, when the customer or a product they wait for is there.

Part of `react`. Nothing of it stands in the memory of what has arrived: whatever an invoice waited for, it decides anew, from the
tables and streams as they are by then; and once more right after it began to wait, as what it waits for may have come in between.
"""

from collections.abc import Sequence

from engine.born_around import in_shop, shown_key
from engine.domain.events import (
    CommandAbandoned,
    CommandHeld,
    CustomerObserved,
    ProductObserved,
    PushWithheld,
    Recorded,
    RecordGone,
    RecordLinked,
    RecordMergedInto,
    RecordMergedThere,
)
from engine.domain.invoice_born import PUTS
from engine.domain.values import connection_of, kind_of, record_stream
from engine.holds import Outcome
from engine.log import Cause
from engine.memory import Memory
from engine.reconsider import Again
from engine.records import Records


class BornReactions:
    """Adds to an `Outcome` what follows for such invoices."""

    def __init__(self, records: Records, again: Again) -> None:
        self._records = records
        self._again = again

    def follow(self, recorded: Recorded, out: Outcome, cause: Cause) -> None:
        """What follows from one event."""
        event, stream = recorded.event, recorded.stream
        match kind_of(stream), event:
            case "product", ProductObserved() | RecordGone() | RecordMergedThere() | RecordMergedInto():
                self._again.waiting_for(shown_key(stream), "what WizCommerce shows of its item changed", cause)
            case "product", PushWithheld() | CommandAbandoned():
                self._again.waiting_for(shown_key(stream), "its item is left out of WizCommerce, or held", cause)
            case "customer", RecordLinked(kind="customer"):
                self._again.waiting_for(in_shop(stream), "its customer is linked", cause)
                if event.system == "quickbooks":
                    first = record_stream(connection_of(stream), event.system, event.kind, event.remote_id)
                    self._again.waiting_for(in_shop(first), "its customer is linked", cause)
            case "customer", RecordMergedThere():
                self._again.waiting_for(in_shop(stream), "QuickBooks merged its customer into another", cause)
            case "customer", RecordMergedInto():
                self._again.waiting_for(in_shop(stream), "its customer is one with another", cause)
            case "customer", CustomerObserved(system="quickbooks") if recorded.version == 1:
                self._again.waiting_for(in_shop(stream), "its customer was seen", cause)
            case "order", CommandHeld():
                self._once_more(stream, event.command_id, out)
            case _:
                pass

    def _once_more(self, stream: str, command_id: str, out: Outcome) -> None:
        """What it waits for may have come between the decision to wait and its append."""
        command = self._records.order(stream).commands.get(command_id)
        if command is None or command.verb not in PUTS:
            return
        entries = self._again.decided(stream, "what it waits for may have come meanwhile")
        taken = {entry.stream for entry in out.entries}
        out.entries += [entry for entry in entries if entry.stream not in taken]


def awaited_products(batch: Sequence[Recorded], memory: Memory) -> frozenset[str]:
    """The streams of those products of `batch` that an invoice waits for."""
    streams = {recorded.stream for recorded in batch if kind_of(recorded.stream) == "product"}
    found = memory.awaited([shown_key(stream) for stream in streams]) if streams else frozenset()
    return frozenset(stream for stream in streams if shown_key(stream) in found)
