"""An invoice record: what WizCommerce is told of one QuickBooks invoice of an order it has: number, total, what is
paid, and when it is due.

Each is a record with a stream of its own, as payments are: what WizCommerce says to it never stands in the way of the order or
its invoice. The stream's id is made of the order and of QuickBooks' id of the invoice. It begins with `InvoiceRecordWanted` and
gets another one each time QuickBooks shows other figures; a command is known by the one it follows from (DESIGN, law 4).

WizCommerce has no idempotency key, and a record is written whole under its reference: so writing it again does no harm, and
one whose answer was lost is looked for by that reference. Nothing is ever written to the order itself. Its `amount_paid` is our
only feed of payments, and a write would come back as a payment. Source: WizCommerce reference, 1.5 "Invoice", 3.7 row 17.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid5

from msgspec.structs import replace

from engine.domain.choices import Choices
from engine.domain.commands import Commands, command_id, evolve_commands, latest, next_generation, unfinished
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
    Verb,
    decided_against,
)
from engine.domain.order import Order, dated, item_sku, sku_key
from engine.domain.overrides import Override
from engine.domain.values import (
    NAMESPACE,
    CompanyFacts,
    InvoiceContent,
    InvoiceRecordContent,
    InvoiceRecordDraft,
    OrderContent,
    RecordedItem,
    System,
    Value,
    cents,
    connection_of,
)

HERE: System = "wizcommerce"
PUT: Verb = "PutInvoice"
BEHIND = 1
"""Priority: the invoices themselves go before what is told of them."""
VOIDED, DELETED = "Voided in QuickBooks.", "Deleted in QuickBooks."
OFF, ENDED, NEVER = "records-off", "ended-untold", "never-send"
"""Reasons for which a record is withheld."""


class InvoiceRecord(Value, frozen=True, kw_only=True):
    """What the events of one invoice record's stream add up to."""

    stream: str
    version: int = 0
    record: UUID = NAMESPACE
    wanted: InvoiceRecordWanted | None = None
    wanted_at: int = 0
    """The version of `wanted`."""
    acknowledged: InvoiceRecordDraft | None = None
    """What we sent last, and WizCommerce took."""
    remote_id: str = ""
    commands: Commands = {}
    withheld: PushWithheld | None = None
    never: bool = False
    attention: dict[str, AttentionNeeded] = {}


def no_invoice_record(stream: str) -> InvoiceRecord:
    """A record before its first event."""
    return InvoiceRecord(stream=stream, record=UUID(stream.partition(":")[2]))


def evolve_invoice_record(record: InvoiceRecord, recorded: Recorded) -> InvoiceRecord:
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
        case InvoiceRecordWanted():
            return replace(record, wanted=event, wanted_at=recorded.version)
        case PushWithheld():
            return replace(record, withheld=event, never=record.never or event.reason == NEVER)
        case AttentionNeeded():
            return replace(record, attention={**record.attention, event.topic: event})
        case AttentionCleared():
            return replace(record, attention={k: v for k, v in record.attention.items() if k != event.topic})
        case _:
            return record


def _taken(record: InvoiceRecord, event: CommandAccepted) -> InvoiceRecord:
    command = record.commands.get(event.command_id)
    draft = command.first.draft if command is not None and command.first is not None else None
    sent = draft if isinstance(draft, InvoiceRecordDraft) else record.acknowledged
    return replace(record, remote_id=event.remote_id, acknowledged=sent)


def invoice_record_stream(order: Order) -> str:
    """The stream of the record of an order's invoice: always the same for the same invoice. '' while the order has none."""
    if not order.invoice_id:
        return ""
    return f"invoice-{connection_of(order.stream)}:{uuid5(order.record, f'invoice-record:{order.invoice_id}')}"


def record_wanted(order: Order, items: Mapping[str, str], facts: CompanyFacts) -> InvoiceRecordWanted | None:
    """What WizCommerce is to be told of the order's invoice as QuickBooks shows it now; None where there is nothing to tell:
    WizCommerce has no such order (any more), or QuickBooks has not shown its invoice. `items` gives the SKU of
    QuickBooks' items."""
    content, shown = order.content, order.invoice
    if content is None or order.sight is None or shown is None or not order.invoice_id:
        return None
    if order.gone or order.merged_into:
        return None
    invoice, gone = shown.content, order.invoice_gone
    total = Decimal(0) if gone else cents(invoice.total)
    draft = InvoiceRecordDraft(
        reference=f"QBO:{connection_of(order.stream)}:invoice:{order.invoice_id}",
        order=order.sight.remote_id,
        order_reference=content.reference,
        number=invoice.number or order.invoice_number or order.invoice_id,
        total=total,
        paid=Decimal(0) if gone else total - cents(invoice.balance),
        due=_due(invoice, content, facts),
        items=() if gone or invoice.voided else _items(invoice, items),
        remarks=DELETED if gone else VOIDED if invoice.voided else "",
    )
    return InvoiceRecordWanted(order=order.stream, invoice=order.invoice_id, draft=draft)


def skus_of_items(
    content: OrderContent, items: Mapping[str, Sequence[str]], choices: Choices, override: Override
) -> dict[str, str]:
    """QuickBooks' id of an item → the SKU by which the order names it; `items` gives the ids of each SKU, as `sku_key` writes it.
    What is outside WizCommerce's catalogue has none."""
    found: dict[str, str] = {}
    for line in content.lines:
        ids = items.get(sku_key(item_sku(line, choices, override)), ())
        if ids and not line.is_adhoc:
            found.setdefault(ids[0], line.sku)
    return found


def _due(invoice: InvoiceContent, content: OrderContent, facts: CompanyFacts) -> date:
    """When it is due: the day of the invoice where it does not say, as WizCommerce wants one."""
    return invoice.due or invoice.dated or dated(content, facts).date()


def _items(invoice: InvoiceContent, items: Mapping[str, str]) -> tuple[RecordedItem, ...]:
    return tuple(
        RecordedItem(sku=items.get(line.item, ""), quantity=line.quantity, amount=cents(line.amount))
        for line in invoice.lines
    )


def keep_the_record(record: InvoiceRecord, choices: Choices) -> list[Event]:
    """WizCommerce's record of an invoice says what QuickBooks shows of it.

    Asked again for the same record it answers with the same command id. Source: WizCommerce reference, 3.7 row 17.
    """
    if record.wanted is None or record.never:
        return []
    reason, open_ = why_not_kept(record, choices), unfinished(record.commands)
    if open_ is not None:
        if reason is None or open_.may_have_run or open_.status != "ready":
            return []
        why = f"before anything was sent: {reason.sentence}"
        return [CommandAbandoned(command_id=open_.command_id, why=why), reason]
    if record.acknowledged == record.wanted.draft:
        return []
    if reason is not None:
        return [] if reason == record.withheld else [reason]
    last = latest(record.commands, PUT)
    if last is not None and last.status == "refused" and last.made_for == str(record.wanted_at):
        return []  # of the same figures only a person asks again
    return [issue_put(record, because=_because(record.wanted.draft))]


def issue_put(record: InvoiceRecord, because: str) -> CommandIssued:
    """The next generation of `PutInvoice`, known by what it follows from."""
    generation = next_generation(record.commands, PUT, HERE)
    new_id = command_id(record.record, PUT, generation, HERE, max(1, record.wanted_at))
    return CommandIssued(
        command_id=new_id, verb=PUT, target=HERE, generation=generation, because=because, priority=BEHIND
    )


def _because(draft: InvoiceRecordDraft) -> str:
    ended = {VOIDED: ", voided", DELETED: " no more"}.get(draft.remarks, "")
    figures = "" if ended else f": {in_figures(draft)}"
    return f"QuickBooks shows invoice {draft.number}{ended}{figures}"


def in_figures(draft: InvoiceRecordDraft | InvoiceRecordContent) -> str:
    """Total, what is paid of it, and when it is due, in words."""
    return f"total {draft.total:f}, paid {draft.paid:f}, due {draft.due or 'on no day'}"


def why_not_kept(record: InvoiceRecord, choices: Choices) -> PushWithheld | None:
    """Why nothing is told now; None when it is."""
    if choices.of("invoice-records") == "off":
        return PushWithheld(
            reason=OFF,
            sentence="no invoice records are kept in WizCommerce: `set … invoice-records keep` keeps them",
            waits_for=waits_for_choice(connection_of(record.stream)),
        )
    told = record.remote_id or any(one.may_have_run for one in record.commands.values())
    ended = record.wanted.draft.remarks if record.wanted is not None else ""
    if ended and not told:
        return PushWithheld(
            reason=ENDED, sentence=f"WizCommerce was never told of the invoice. {ended}", next_step="Nothing to do."
        )
    return None


def waits_for_choice(connection: str) -> str:
    """The key under which records wait that are off."""
    return f"records:{connection}"


def invoice_record_disagreements(draft: InvoiceRecordDraft, found: InvoiceRecordContent) -> tuple[str, ...]:
    """Where WizCommerce's record differs from what we sent; empty when it agrees. Its status is made of the figures."""
    pairs = (
        ("number", draft.number, found.number),
        ("total", draft.total, found.total),
        ("paid amount", draft.paid, found.paid),
        ("due date", draft.due, found.due),
        ("remarks", draft.remarks, found.remarks),
    )
    differs = [f"{what} {_plain(theirs)} instead of {_plain(ours)}" for what, ours, theirs in pairs if ours != theirs]
    ours = sorted((one.quantity, one.amount) for one in draft.items)
    if found.items is not None and sorted(found.items) != ours:
        differs.append("other items")
    return tuple(differs)


def _plain(value: str | Decimal | date | None) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value or "(none)")
