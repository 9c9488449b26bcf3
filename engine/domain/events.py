"""Every event of the log, in one file.

An event is past tense, frozen, and known by a stable tag, never by its module. Fields are only ever added, with defaults; one
recorded example of each is kept in tests/recorded for ever. `Recorded` is the envelope every event travels in: which stream
and version, when, why and by whom. On an unknown tag the engine stops with a sentence: it never skips a fact.
"""

from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from engine.domain.drafts import Draft, InvoiceRecordDraft, ShipmentDraft
from engine.domain.overrides import Override
from engine.domain.values import (
    CompanyFacts,
    CustomerContent,
    CustomerField,
    InvoiceContent,
    OrderContent,
    OtherContent,
    PaymentContent,
    Personal,
    ProductContent,
    StockLevel,
    System,
    Value,
)

Verb = Literal[
    "CreateCustomer",
    "UpdateCustomer",
    "CreateTerm",
    "CreateInvoice",
    "UpdateInvoice",
    "VoidInvoice",
    "CreatePayment",
    "PutProduct",
    "SetStock",
    "DeactivateProduct",
    "PutInvoice",
    "CreateOrder",
    "UpdateOrder",
    "PutShipment",
]


class Event(Value, frozen=True, kw_only=True):
    """A fact. Its tag is in `TAGS`."""


SYSTEM = ("system", "schedule")
"""Who does what no person asked for."""


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An event in its place in the log.

    `version` counts the stream from 1. `position` is the place in the whole log (0 until it is appended; gaps are normal).
    `causation_id` names the event, signal, poll or request that led to it; `correlation_id` is the same for everything one
    signal led to; `who` is `system`, `schedule` or a person's name.
    """

    stream: str
    version: int
    event_id: UUID
    recorded_at: datetime
    causation_id: str
    correlation_id: str
    who: str
    event: Event
    position: int = 0

    @property
    def originator_id(self) -> str:
        return self.stream

    @property
    def originator_version(self) -> int:
        return self.version


# ---- connection ------------------------------------------------------------------------------------------------------


class ConnectionOpened(Event, frozen=True, kw_only=True):
    """Someone began to connect a company and a tenant under this name."""


class TenantJoined(Event, frozen=True, kw_only=True):
    """The WizCommerce side is known: its token was accepted. `expires_at` is when the token lapses by itself."""

    tenant: str
    expires_at: datetime | None = None


class TenantTokenLapsing(Event, frozen=True, kw_only=True):
    """The WizCommerce token ends soon. Said once for each token."""

    expires_at: datetime


class TenantAccessEnded(Event, frozen=True, kw_only=True):
    """WizCommerce no longer accepts our token."""

    reason: str


class ConsentGranted(Event, frozen=True, kw_only=True):
    """A company's administrator allowed us in for the first time."""

    company: str
    refresh_expires_at: datetime | None = None


class ConsentRefused(Event, frozen=True, kw_only=True):
    """An attempt to connect ended without consent; `reason` is the sentence the person saw."""

    reason: str


class ConsentLapsing(Event, frozen=True, kw_only=True):
    """The consent ends soon unless someone connects again."""

    expires_at: datetime


class ConsentEnded(Event, frozen=True, kw_only=True):
    """Our permission is gone. Writes and reads wait until someone reconnects."""

    reason: str
    trace_id: str = ""


class ConsentRegained(Event, frozen=True, kw_only=True):
    """The same company's administrator allowed us in again. What waited goes on."""

    company: str
    refresh_expires_at: datetime | None = None


class CompanyObserved(Event, frozen=True, kw_only=True):
    """Facts and preferences of the company as QuickBooks shows them now."""

    facts: CompanyFacts
    content_hash: str
    cause: str


class PushStarted(Event, frozen=True, kw_only=True):
    """A person said from when orders are pushed. Older ones are the baseline."""

    push_from: datetime


class PushPaused(Event, frozen=True, kw_only=True):
    """Writes wait; reads go on. By a person, or by the system when the company itself is blocked (fault 6190)."""

    reason: str


class PushResumed(Event, frozen=True, kw_only=True):
    """Writes go on."""


class SettingChosen(Event, frozen=True, kw_only=True):
    """A person chose how this connection treats something. '' is the default again. What there is: `engine.domain.policies`."""

    name: str
    value: str


class FirstSyncAccepted(Event, frozen=True, kw_only=True):
    """A person saw what the first sync will do, and let it: from now on both companies may be written to. `plan` counts what
    it will do, as `customers created in quickbooks` → 12."""

    plan: dict[str, int]


class FirstSyncReported(Event, frozen=True, kw_only=True):
    """What the first sync came to, counted when all it set out to do had been done or held. `counts` is by what is counted
    (`customers linked`), `held` says of what waits how many wait for which reason, `settings` are the connection's."""

    counts: dict[str, int]
    held: dict[str, int]
    settings: dict[str, str]


# ---- sights ----------------------------------------------------------------------------------------------------------


class Sight(Event, frozen=True, kw_only=True):
    """A remote record as read.

    `revision` is their version ("" when the reading shows none), `fetched_after` the log's position when the reading began,
    `cause` the signal, poll or request it answered, `raw` the body as received without secrets.
    """

    system: System
    kind: str
    remote_id: str
    revision: str
    content_hash: str
    fetched_after: int
    cause: str
    raw: Personal
    changed_at: datetime | None = None
    """Of the answer to a write of ours: when that changed it, on their clock, to the second (QuickBooks)."""


class CustomerObserved(Sight, frozen=True, kw_only=True):
    """A customer as one system shows it."""

    content: CustomerContent


class ProductObserved(Sight, frozen=True, kw_only=True):
    """A product as one system shows it."""

    content: ProductContent


class OrderObserved(Sight, frozen=True, kw_only=True):
    """An order as WizCommerce shows it."""

    content: OrderContent


class InvoiceObserved(Sight, frozen=True, kw_only=True):
    """An invoice as QuickBooks shows it."""

    content: InvoiceContent


class PaymentObserved(Sight, frozen=True, kw_only=True):
    """A payment as QuickBooks shows it. Logs from before payments were followed have them as `other-observed`."""

    content: PaymentContent


class OtherObserved(Sight, frozen=True, kw_only=True):
    """A record the engine does not use yet; recorded, and it waits."""

    content: OtherContent


class StockObserved(Event, frozen=True, kw_only=True):
    """How much of a product one system says is there: recorded when it is another figure than the last one. QuickBooks' has
    no revision of its own: what counts is that the reading began after log position `fetched_after`."""

    system: System
    remote_id: str
    level: StockLevel
    fetched_after: int
    cause: str
    sku: str = ""
    """The SKU under which orders name the product, as SKUs are compared."""
    includes: tuple[str, ...] = ()
    """Streams of the orders whose invoices are in QuickBooks' figure now, and were not in the one before: recorded before the
    reading began."""


class RevisionMoved(Event, frozen=True, kw_only=True):
    """A newer revision with the content we know: the next update needs its number, nothing else follows."""

    system: System
    kind: str
    remote_id: str
    revision: str
    fetched_after: int
    cause: str


class RecordGone(Event, frozen=True, kw_only=True):
    """The other system no longer has the record. Nothing is deleted anywhere because of it."""

    system: System
    kind: str
    remote_id: str
    fetched_after: int
    cause: str


class RecordMergedThere(Event, frozen=True, kw_only=True):
    """The other system goes on with another record, `into`, in this one's place: QuickBooks merged them, as a person did;
    of a customer that WizCommerce deleted, a person said here which one took its place."""

    system: System
    kind: str
    remote_id: str
    into: str


class RecordNotUnderstood(Event, frozen=True, kw_only=True):
    """A body we cannot read, kept whole. Someone must look; everything else goes on."""

    system: System
    kind: str
    remote_id: str
    problem: str
    raw: Personal


# ---- links and matches -----------------------------------------------------------------------------------------------


class RemoteClaimed(Event, frozen=True, kw_only=True):
    """First event of a link stream: this remote record belongs to `record`, and to no other stream."""

    record: str


class ClaimMoved(Event, frozen=True, kw_only=True):
    """The claim goes to `record` after a merge."""

    record: str


class RecordLinked(Event, frozen=True, kw_only=True):
    """This record of ours is that record there. `how` says how we found out, in plain words."""

    system: System
    kind: str
    remote_id: str
    how: str
    revision: str = ""


class Candidate(Value, frozen=True, kw_only=True):
    """A remote record that may be ours. `strength`: certain, strong or weak; `because` says why without personal text."""

    remote_id: str
    strength: Literal["certain", "strong", "weak"]
    because: str


class MatchProposed(Event, frozen=True, kw_only=True):
    """Only a weak match was found: a person decides, nothing is created meanwhile."""

    system: System
    candidates: tuple[Candidate, ...]


class MatchChosen(Event, frozen=True, kw_only=True):
    """A person said which record it is."""

    system: System
    remote_id: str


class MatchRejected(Event, frozen=True, kw_only=True):
    """A person said that none of the candidates is it."""

    system: System


class RecordMergedInto(Event, frozen=True, kw_only=True):
    """This stream and `record` turned out to be one record; its story goes on there."""

    record: str


# ---- who wins --------------------------------------------------------------------------------------------------------


class FieldsAgreed(Event, frozen=True, kw_only=True):
    """Both sides say the same of these fields, as they were last seen: the base of what is merged from here on."""

    fields: tuple[CustomerField, ...]


class ConflictSettled(Event, frozen=True, kw_only=True):
    """A field was changed on both sides since they last agreed, or differed when they were linked. `base` is what they agreed on
    ('' when nothing), `rule` the sentence by which `winner` won. Values are as people read them."""

    field: CustomerField
    base: Personal
    quickbooks: Personal
    wizcommerce: Personal
    winner: System
    rule: str


class ConflictUndone(Event, frozen=True, kw_only=True):
    """A person puts the other value of a settled conflict back, on both sides. `settled` is that conflict's version here."""

    field: CustomerField
    value_of: System
    settled: int


# ---- commands --------------------------------------------------------------------------------------------------------


class Missing(Value, frozen=True, kw_only=True):
    """One thing a held command waits for. `key` is what `react` listens for; `sentence` is for people."""

    key: str
    sentence: str


class CommandEvent(Event, frozen=True, kw_only=True):
    """What happened to a command; `command_id` is 32 hex digits, sent as the idempotency key."""

    command_id: str


class CommandIssued(CommandEvent, frozen=True, kw_only=True):
    """An intention, persisted before anything is sent."""

    verb: Verb
    target: System
    generation: int
    because: str
    priority: int = 0
    """0 fresh work, 1 backlog, 2 backfill."""


class CommandHeld(CommandEvent, frozen=True, kw_only=True):
    """It waits, and `missing` names everything it waits for."""

    missing: tuple[Missing, ...]


class CommandReleased(CommandEvent, frozen=True, kw_only=True):
    """What it waited for is there."""

    because: str


class AttemptStarted(CommandEvent, frozen=True, kw_only=True):
    """One try, recorded before it is sent. The first of a generation fixes `draft` and `body` for all its retries."""

    attempt: int
    draft: Draft
    body: Personal
    worker: str
    send_by: datetime
    answer_by: datetime


class CommandAccepted(CommandEvent, frozen=True, kw_only=True):
    """The other system has it, and what it has agrees with what we sent. `how` is `answered` or how we found it."""

    attempt: int
    target: System = "quickbooks"
    remote_id: str
    revision: str
    number: str
    how: str
    total: str = ""
    trace_id: str = ""


class CommandRefused(CommandEvent, frozen=True, kw_only=True):
    """It understood and said no; asking again will not help until something changes."""

    attempt: int
    target: System = "quickbooks"
    code: str
    sentence: str
    next_step: str
    trace_id: str = ""
    raw: Personal = Personal("")


class AttemptFailed(CommandEvent, frozen=True, kw_only=True):
    """It could not answer now, or we did not send. `may_have_run` is False when certainly nothing was carried out."""

    attempt: int
    target: System = "quickbooks"
    code: str
    sentence: str
    next_step: str
    again_at: datetime
    may_have_run: bool
    trace_id: str = ""
    burned: bool = False
    """The other side said no to this very id, and keeps saying it: the next try needs another."""


class OutcomeUnknown(CommandEvent, frozen=True, kw_only=True):
    """It may or may not have happened. Nothing is sent before we looked; we look no sooner than `look_at`."""

    attempt: int
    target: System = "quickbooks"
    why: str
    look_at: datetime
    trace_id: str = ""
    burned: bool = False
    """The other side has seen this id before (fault 600): sending it again cannot make the record."""


class LookedAndAbsent(CommandEvent, frozen=True, kw_only=True):
    """We looked for what the attempt may have made, and it is not there. `then` is `same-id` or `new-generation`."""

    looked_for: str
    then: Literal["same-id", "new-generation"]


class LookPostponed(CommandEvent, frozen=True, kw_only=True):
    """We could not look, or could not decide; again at `look_at`."""

    why: str
    look_at: datetime


class UpdateOutdated(CommandEvent, frozen=True, kw_only=True):
    """The record had changed since we last saw it, so nothing was written. What it shows now is decided upon anew."""

    attempt: int
    why: str
    trace_id: str = ""


class AnswerDisagreed(CommandEvent, frozen=True, kw_only=True):
    """What the other system has under this command differs from what we sent. A person decides; nothing is sent again."""

    attempt: int
    target: System = "quickbooks"
    remote_id: str
    differences: tuple[str, ...]
    trace_id: str = ""


class CommandRetried(CommandEvent, frozen=True, kw_only=True):
    """A person asked for another try. After a refusal it is a new generation."""


class CommandAbandoned(CommandEvent, frozen=True, kw_only=True):
    """It is not sent: a person decided that it never is, or it followed from something else."""

    why: str
    by_itself: bool = False
    """Whether it followed by itself, although in the append of what a person asked for: then it is no decision of theirs."""


class LateOutcome(CommandEvent, frozen=True, kw_only=True):
    """An answer that came after the command had been settled otherwise."""

    attempt: int
    said: str
    remote_id: str = ""
    trace_id: str = ""


# ---- the order's own -------------------------------------------------------------------------------------------------


class PushWithheld(Event, frozen=True, kw_only=True):
    """Why this order is not pushed: `reason` for machines, `sentence` for people."""

    reason: str
    sentence: str
    needs_person: bool = False
    next_step: str = ""
    waits_for: str = ""
    """The key `react` listens for before the order decides again; "" when only a new sight can change it."""
    waits_too: tuple[str, ...] = ()
    """Further keys of that kind, each of which alone makes it decide again."""


class InvoiceOverridden(Event, frozen=True, kw_only=True):
    """A person decided in what the order's invoice is to differ from the order; nothing of it had been carried out. `override`
    is the whole of what holds from now on."""

    override: Override


class InvoiceAttached(Event, frozen=True, kw_only=True):
    """A person decided that an invoice of QuickBooks, which began a stream of its own (`record`), belongs to an order that was
    settled already (`order`), as one that was split off that order's invoice: in the streams of both."""

    order: str
    order_number: str
    record: str
    invoice_number: str
    why: str


class PaymentTaken(Event, frozen=True, kw_only=True):
    """Money was taken for an order, in the order's stream and first in the payment's own: `paid_before` → `paid_after` is what
    WizCommerce showed as paid, in the sight that is version `caused_at` of the order's stream.

    This event is the port of payments (A-17): whoever records it, today the rise of `amount_paid`, tomorrow a feed of payments,
    makes one payment of QuickBooks, and nothing behind it knows where it came from."""

    payment: str
    """The stream of the payment."""
    order: str
    """The stream of the order."""
    order_number: str
    place: int
    """1 for the order's first payment."""
    amount: Decimal
    paid_before: Decimal
    paid_after: Decimal
    caused_at: int
    seen_at: datetime
    """When we saw it: its day in the company's time zone is the payment's date."""
    method: str = ""


class InvoiceRecordWanted(Event, frozen=True, kw_only=True):
    """What WizCommerce's record of an invoice is to say from now on, in the record's own stream: as QuickBooks shows the invoice
    in the order's stream `order`."""

    order: str
    invoice: str
    """QuickBooks' id of the invoice."""
    draft: InvoiceRecordDraft


class ShipmentWanted(Event, frozen=True, kw_only=True):
    """What WizCommerce's shipment of an order is to say from now on, in the shipment's own stream: as QuickBooks shows the
    invoice in the order's stream `order`."""

    order: str
    invoice: str
    """QuickBooks' id of the invoice."""
    draft: ShipmentDraft


class NeededBy(Event, frozen=True, kw_only=True):
    """Another record needs this one in QuickBooks: an order its customer."""

    stream: str
    number: str


class ZeroPolicyChosen(Event, frozen=True, kw_only=True):
    """A person said what becomes of this product while nothing of it is available; '' is the connection's choice again."""

    policy: Literal["", "block", "back-order", "hide"]


class PushAskedFor(Event, frozen=True, kw_only=True):
    """A person asked for this record by name."""


class AttentionNeeded(Event, frozen=True, kw_only=True):
    """Something a person must look at. `topic` is unique within the record until it is cleared."""

    topic: str
    sentence: str
    next_step: str


class AttentionCleared(Event, frozen=True, kw_only=True):
    """What needed a person no longer does."""

    topic: str
    because: str
    let_stand: bool = False
    """Whether a person has looked at it, and it stands as it is."""
    agree: bool = False
    """Of an order: whether its invoice says what it does, without a change of ours. Logs from before have none of it."""


class PersonalFieldsErased(Event, frozen=True, kw_only=True):
    """A person had this record's personal fields erased: the key of its stream is destroyed."""


class Reconsidered(Event, frozen=True, kw_only=True):
    """Something outside the record changed; the record decided again."""

    because: str


# ---- runs ------------------------------------------------------------------------------------------------------------


class RunFinished(Event, frozen=True, kw_only=True):
    """One pull, from its first page to its last. `cursor_from` and `cursor_to` are times on the other system's clock. It is
    `complete` when it saw everything it set out to see."""

    what: str
    asked_by: str
    cursor_from: str
    cursor_to: str
    read: int
    changed: int
    metered_reads: int
    complete: bool
    problem: str = ""
    started_at: datetime | None = None
    held: int = 0
    """How many of the records that changed wait for something, or are left alone."""
    next_at: datetime | None = None


class StepParked(Event, frozen=True, kw_only=True):
    """A step failed on an event of `stream`; later events of that stream wait, all others go on."""

    step: str
    stream: str
    position: int
    problem: str


class StepUnparked(Event, frozen=True, kw_only=True):
    """A person let the stream go on."""

    step: str
    stream: str


def decided_against(event: Event, who: str) -> bool:
    """Whether it is a person's decision that something is never sent."""
    return isinstance(event, CommandAbandoned) and who not in SYSTEM and not event.by_itself


def _tag(cls: type[Event]) -> str:
    """`OrderObserved` → `order-observed`."""
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("-")


ABSTRACT = (Sight, CommandEvent)


def _all(cls: type[Event]) -> list[type[Event]]:
    return [e for sub in cls.__subclasses__() for e in ([] if sub in ABSTRACT else [sub]) + _all(sub)]


TAGS: dict[str, type[Event]] = {_tag(cls): cls for cls in _all(Event)}
"""The closed registry: tag → event. A tag, once recorded, is never given to another event."""
TAG_OF: dict[type[Event], str] = {cls: tag for tag, cls in TAGS.items()}
