"""A told record: something that WizCommerce is told of what QuickBooks shows of an order's invoice, wanted against acknowledged.

There are two kinds: the record of an invoice, and its shipment. Each has a stream of its own, as payments have: what WizCommerce
says to it never stands in the way of the order or its invoice. The stream begins with what is wanted of it, and gets another such
event each time QuickBooks shows something else; a command is known by the one it follows from (DESIGN, law 4).

WizCommerce has no idempotency key, and such a record is written whole under its reference: so writing it again does no harm, and
one whose answer was lost is looked for by that reference. Nothing is ever written to the order itself. Its `amount_paid` is our
only feed of payments, and a write would come back as a payment. Source: WizCommerce reference, 1.5, A-44.
"""

from uuid import UUID, uuid5

from msgspec.structs import replace

from engine.domain.choices import Choices
from engine.domain.commands import Commands, command_id, evolve_commands, latest, next_generation, unfinished
from engine.domain.drafts import InvoiceRecordDraft, ShipmentDraft
from engine.domain.events import (
    AttentionCleared,
    AttentionNeeded,
    CommandAbandoned,
    CommandAccepted,
    CommandEvent,
    CommandIssued,
    CommandRetried,
    Event,
    InvoiceRecordWanted,
    PushAskedFor,
    PushWithheld,
    Recorded,
    ShipmentWanted,
    Verb,
    decided_against,
)
from engine.domain.order import Order
from engine.domain.values import NAMESPACE, System, Value, connection_of, kind_of

HERE: System = "wizcommerce"
PUTS: dict[str, Verb] = {"invoice": "PutInvoice", "shipment": "PutShipment"}
"""First word of a stream's name → what is asked of WizCommerce for it."""
BEHIND = 1
"""Priority: the invoices themselves go before what is told of them."""
VOIDED, DELETED = "Voided in QuickBooks.", "Deleted in QuickBooks."
ENDED, NEVER = "ended-untold", "never-send"
"""Reasons for which a record is withheld."""


class Kept(Value, frozen=True, kw_only=True):
    """Whether records of a kind are kept, as the connection chose: which choice says so, and `off`, the reason while it says no.
    `what` is what one is about, `called` what people call several."""

    choice: str
    off: str
    what: str
    called: str

    def waits_for(self, connection: str) -> str:
        """The key under which those wait that are not kept."""
        return f"{self.called.rpartition(' ')[2]}:{connection}"


class Told(Value, frozen=True, kw_only=True):
    """What the events of one such stream add up to."""

    stream: str
    version: int = 0
    record: UUID = NAMESPACE
    wanted: InvoiceRecordWanted | ShipmentWanted | None = None
    wanted_at: int = 0
    """The version of `wanted`."""
    acknowledged: InvoiceRecordDraft | ShipmentDraft | None = None
    """What we sent last, and WizCommerce took."""
    remote_id: str = ""
    commands: Commands = {}
    withheld: PushWithheld | None = None
    never: bool = False
    attention: dict[str, AttentionNeeded] = {}


def no_told(stream: str) -> Told:
    """A record before its first event."""
    return Told(stream=stream, record=UUID(stream.partition(":")[2]))


def evolve_told(record: Told, recorded: Recorded) -> Told:
    """The record after one more event."""
    record, event = replace(record, version=recorded.version), recorded.event
    if decided_against(event, recorded.who):
        record = replace(record, never=True)
    if isinstance(event, CommandRetried | PushAskedFor):
        record = replace(record, never=False)
    if isinstance(event, CommandEvent):
        commands = evolve_commands(record.commands, event, recorded.recorded_at, str(record.wanted_at))
        record = replace(record, commands=commands, withheld=None)
        return _taken(record, event) if isinstance(event, CommandAccepted) else record
    match event:
        case InvoiceRecordWanted() | ShipmentWanted():
            return replace(record, wanted=event, wanted_at=recorded.version)
        case PushWithheld():
            return replace(record, withheld=event, never=record.never or event.reason == NEVER)
        case AttentionNeeded():
            return replace(record, attention={**record.attention, event.topic: event})
        case AttentionCleared():
            return replace(record, attention={k: v for k, v in record.attention.items() if k != event.topic})
        case _:
            return record


def _taken(record: Told, event: CommandAccepted) -> Told:
    command = record.commands.get(event.command_id)
    draft = command.first.draft if command is not None and command.first is not None else None
    sent = draft if isinstance(draft, InvoiceRecordDraft | ShipmentDraft) else record.acknowledged
    return replace(record, remote_id=event.remote_id, acknowledged=sent)


def told_stream(kind: str, order: Order, what: str) -> str:
    """The stream of what is told of an order's invoice: always the same for the same invoice. '' while the order has none."""
    if not order.invoice_id:
        return ""
    return f"{kind}-{connection_of(order.stream)}:{uuid5(order.record, f'{what}:{order.invoice_id}')}"


def is_there(order: Order) -> bool:
    """Whether there is anything to tell of an order's invoice: WizCommerce has the order (still), and QuickBooks has shown its
    invoice."""
    seen = order.sight is not None and order.invoice is not None and bool(order.invoice_id)
    return seen and not order.gone and not order.merged_into


def reference_in(order: Order) -> str:
    """What the record of the order's invoice is called in WizCommerce."""
    return f"QBO:{connection_of(order.stream)}:invoice:{order.invoice_id}"


def keep_told(record: Told, reason: PushWithheld | None, because: str) -> list[Event]:
    """WizCommerce is told what is wanted, unless there is a `reason` not to.

    Asked again for the same record it answers with the same command id.
    """
    if record.wanted is None or record.never:
        return []
    open_ = unfinished(record.commands)
    if open_ is not None:
        if reason is None or open_.may_have_run or open_.status != "ready":
            return []
        why = f"before anything was sent: {reason.sentence}"
        return [CommandAbandoned(command_id=open_.command_id, why=why), reason]
    if record.acknowledged == record.wanted.draft:
        return []
    if reason is not None:
        return [] if reason == record.withheld else [reason]
    last = latest(record.commands, PUTS[kind_of(record.stream)])
    if last is not None and last.status == "refused" and last.made_for == str(record.wanted_at):
        return []  # of the very same only a person asks again
    return [issue_put(record, because=because)]


def issue_put(record: Told, because: str) -> CommandIssued:
    """The next generation of its command, known by what it follows from."""
    verb = PUTS[kind_of(record.stream)]
    generation = next_generation(record.commands, verb, HERE)
    new_id = command_id(record.record, verb, generation, HERE, max(1, record.wanted_at))
    return CommandIssued(
        command_id=new_id, verb=verb, target=HERE, generation=generation, because=because, priority=BEHIND
    )


def why_not(record: Told, choices: Choices, kept: Kept) -> PushWithheld | None:
    """Why nothing is told now; None when it is: the choice says so, or it ended before WizCommerce was told of it."""
    if choices.of(kept.choice) == "off":
        return PushWithheld(
            reason=kept.off,
            sentence=f"no {kept.called} are kept in WizCommerce: `set … {kept.choice} keep` keeps them",
            waits_for=kept.waits_for(connection_of(record.stream)),
        )
    told = record.remote_id or any(one.may_have_run for one in record.commands.values())
    ended = record.wanted.draft.remarks if record.wanted is not None else ""
    if not ended or told:
        return None
    sentence = f"WizCommerce was never told of the {kept.what}. {ended}"
    return PushWithheld(reason=ENDED, sentence=sentence, next_step="Nothing to do.")
