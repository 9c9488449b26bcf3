"""A customer: what each side showed of it, which record it is there, what both last agreed on, and who wins where they differ."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec.structs import replace

from engine.domain.commands import Commands, evolve_commands
from engine.domain.events import (
    AttemptStarted,
    AttentionCleared,
    AttentionNeeded,
    Candidate,
    CommandAbandoned,
    CommandAccepted,
    CommandEvent,
    CommandRefused,
    CommandRetried,
    ConflictSettled,
    ConflictUndone,
    CustomerObserved,
    Event,
    FieldsAgreed,
    MatchChosen,
    MatchProposed,
    MatchRejected,
    NeededBy,
    PushAskedFor,
    Recorded,
    RecordGone,
    RecordLinked,
    RecordMergedInto,
    RecordMergedThere,
    RevisionMoved,
    UpdateOutdated,
)
from engine.domain.fields import SHARED, Lists, digits, shown
from engine.domain.names import name_key
from engine.domain.values import (
    NAMESPACE,
    CustomerContent,
    CustomerDraft,
    CustomerField,
    CustomerUpdate,
    System,
    Value,
    folded,
)

EMAIL = "email"
"""Topic of the task when QuickBooks' e-mail was changed."""
OTHER: dict[System, System] = {"quickbooks": "wizcommerce", "wizcommerce": "quickbooks"}
"""The system that is not this one."""
Decision = Literal["", "waiting", "chosen", "rejected"]


class Agreed(Value, frozen=True, kw_only=True):
    """What both sides showed when they last agreed on a field: the base of its merge."""

    quickbooks: CustomerContent
    wizcommerce: CustomerContent


class Conflict(Value, frozen=True, kw_only=True):
    """A settled conflict, with what both sides showed then: whichever of them can be put back."""

    version: int
    event: ConflictSettled
    contents: Agreed
    undone: bool = False


class Chosen(Value, frozen=True, kw_only=True):
    """The value that both sides are to have, because a person put it back: that of `system`, as it was then."""

    system: System
    content: CustomerContent
    known: tuple[Agreed, ...]
    """What both sides showed at the conflict and when it was undone: what shows anything else was edited since."""


class Settling(Value, frozen=True, kw_only=True):
    """An accepted write whose result has not been seen yet: which fields it carried, and what the other side showed then."""

    fields: tuple[CustomerField, ...]
    source: CustomerContent


class Customer(Value, frozen=True, kw_only=True):
    """What the events of one customer stream add up to."""

    stream: str
    version: int = 0
    record: UUID = NAMESPACE
    sights: dict[str, CustomerObserved] = {}
    sight_after: dict[str, int] = {}
    gone: frozenset[str] = frozenset()
    links: dict[str, str] = {}
    """System → remote id of this customer there."""
    needed: bool = False
    never: bool = False
    """A person decided that it is never sent."""
    proposed: tuple[Candidate, ...] = ()
    decision: Decision = ""
    chosen: str = ""
    rejected: frozenset[str] = frozenset()
    """Candidates of whom a person said that it is none of them."""
    commands: Commands = {}
    attention: dict[str, AttentionNeeded] = {}
    merged_into: str = ""
    merged_there: dict[str, str] = {}
    """System → id of the record there that ours was merged into."""
    agreed: dict[CustomerField, Agreed] = {}
    conflicts: tuple[Conflict, ...] = ()
    chosen_back: dict[CustomerField, Chosen] = {}
    sent_from: dict[str, CustomerContent] = {}
    """Command id → what the other side showed when its first attempt began."""
    settling: dict[str, Settling] = {}
    outdated: dict[str, int] = {}
    """System → updates in a row that met a newer revision."""
    unsaid: dict[CustomerField, System] = {}
    """Field → the side that has it, of what could not be said when we made the other one: what stands there is no answer."""
    reread_at: int = 0
    """Version of the newest `UpdateOutdated`: a sight right after it was asked for by it."""
    taken_names: dict[str, str] = {}
    """System → the name it refused because somebody else there has it."""
    dismissed: frozenset[tuple[str, str]] = frozenset()
    """Topic and sentence of what a person has looked at and let stand."""
    email_moved: bool = False
    """QuickBooks' e-mail was changed there since, and is none that WizCommerce shows."""

    @property
    def here(self) -> CustomerContent | None:
        """As WizCommerce shows it."""
        return self.shown_by("wizcommerce")

    def shown_by(self, system: System) -> CustomerContent | None:
        """As that side shows it; None when it was never seen there."""
        sight = self.sights.get(system)
        return sight.content if sight else None

    @property
    def both_hash(self) -> str:
        """What both sides show, in one text: the same as long as neither changes."""
        return ":".join(s.content_hash if (s := self.sights.get(one)) else "" for one in OTHER)

    @property
    def unsettled(self) -> dict[CustomerField, Conflict]:
        """The newest conflict of each field."""
        return {c.event.field: c for c in self.conflicts}


def no_customer(stream: str) -> Customer:
    """A customer before its first event."""
    return Customer(stream=stream, record=UUID(stream.partition(":")[2]))


def evolve_customer(customer: Customer, recorded: Recorded) -> Customer:
    """The customer after one more event."""
    customer = replace(customer, version=recorded.version)
    event = recorded.event
    if isinstance(event, CommandAbandoned):
        customer = _ended(customer, event, by_person=recorded.who not in ("system", "schedule"))
    if isinstance(event, CommandRetried | PushAskedFor | MatchRejected):
        customer = replace(customer, never=False)
    if isinstance(event, AttentionCleared) and recorded.who not in ("system", "schedule"):
        said = customer.attention.get(event.topic)
        more = frozenset({(event.topic, said.sentence)}) if said else frozenset()
        customer = replace(customer, dismissed=customer.dismissed | more)
    if isinstance(event, CommandEvent):
        return _evolve_command(customer, event, recorded.recorded_at)
    match event:
        case CustomerObserved(system=system):
            customer = replace(customer, links={**customer.links, system: event.remote_id})
            return _seen(customer, system, event, recorded.position)
        case RevisionMoved(system=system) if system in customer.sights:
            moved = replace(customer.sights[system], revision=event.revision, fetched_after=event.fetched_after)
            return _seen(customer, system, moved, recorded.position)
        case FieldsAgreed() | ConflictSettled() | ConflictUndone():
            return _evolve_merge(customer, event, recorded.version)
        case RecordMergedThere():
            return replace(customer, merged_there={**customer.merged_there, event.system: event.into})
        case RecordGone(system=system):
            after = {**customer.sight_after, system: recorded.position}
            return replace(customer, gone=customer.gone | {system}, sight_after=after)
        case _:
            return _evolve_match(customer, event)


def _ended(customer: Customer, event: CommandAbandoned, by_person: bool) -> Customer:
    """A command that is ended. By a person, an update is settled for what both sides show, as a refusal is, and a create never
    goes. Withdrawn by us before anything was carried out, it may be wanted again for the very same content."""
    ended = customer.commands.get(event.command_id)
    if by_person:
        customer = replace(customer, never=customer.never or ended is None or ended.verb == "CreateCustomer")
    if ended is None or (by_person and ended.verb == "CreateCustomer") or (ended.may_have_run and not by_person):
        return customer
    settled = replace(ended, made_for=customer.both_hash if by_person else "")
    return replace(customer, commands={**customer.commands, event.command_id: settled})


def _seen(customer: Customer, system: System, sight: CustomerObserved, position: int) -> Customer:
    """A sight: it ends what a write of ours left to be seen, and a run of outdated updates unless one of them asked for it."""
    settling = customer.settling.get(system)
    agreed = customer.agreed
    if settling is not None:
        pair = {system: sight.content, OTHER[system]: settling.source}
        base = Agreed(quickbooks=pair["quickbooks"], wizcommerce=pair["wizcommerce"])
        agreed = {**agreed, **dict.fromkeys(settling.fields, base)}
    asked = 0 < customer.reread_at == customer.version - 1
    before = customer.sights.get(system)
    moved = customer.email_moved
    if system == "quickbooks" and before is not None:
        moved = moved or emails(before.content) != emails(sight.content)
    return replace(
        customer,
        sights={**customer.sights, system: sight},
        sight_after={**customer.sight_after, system: position},
        gone=customer.gone - {system},
        agreed=agreed,
        settling={k: v for k, v in customer.settling.items() if k != system},
        outdated=customer.outdated if asked else {k: v for k, v in customer.outdated.items() if k != system},
        email_moved=moved,
        dismissed=_let_stand(customer, system, sight),
    )


def _let_stand(customer: Customer, system: System, sight: CustomerObserved) -> frozenset[tuple[str, str]]:
    """What a person looked at and let stand, without that which is about a field edited since: it is told again."""
    before = customer.sights.get(system)
    if before is None:
        return customer.dismissed
    old, new = before.content, sight.content
    return frozenset(d for d in customer.dismissed if _subject(d[0], old, system) == _subject(d[0], new, system))


def _subject(topic: str, content: CustomerContent, system: System) -> str:
    """What that side shows of what a topic is about."""
    if topic == EMAIL:
        return ",".join(emails(content))
    field: CustomerField = next((one for one in SHARED if topic.endswith(f":{one}")), "active")
    return shown(content, field, system, Lists())


def _evolve_merge(customer: Customer, event: Event, version: int) -> Customer:
    q, w = customer.shown_by("quickbooks"), customer.shown_by("wizcommerce")
    if q is None or w is None:
        return customer
    both = Agreed(quickbooks=q, wizcommerce=w)
    match event:
        case FieldsAgreed(fields=fields):
            back = {k: v for k, v in customer.chosen_back.items() if k not in fields}
            return replace(customer, agreed={**customer.agreed, **dict.fromkeys(fields, both)}, chosen_back=back)
        case ConflictSettled():
            new = Conflict(version=version, event=event, contents=both)
            return replace(customer, conflicts=(*customer.conflicts, new))
        case ConflictUndone(field=field, value_of=system):
            was = next((c for c in customer.conflicts if c.version == event.settled), None)
            if was is None:
                return customer
            content = was.contents.quickbooks if system == "quickbooks" else was.contents.wizcommerce
            conflicts = tuple(replace(c, undone=True) if c is was else c for c in customer.conflicts)
            back = {**customer.chosen_back, field: Chosen(system=system, content=content, known=(was.contents, both))}
            return replace(customer, conflicts=conflicts, chosen_back=back)
        case _:
            return customer


def _begun_anew(customer: Customer, system: System) -> Customer:
    """Another record of that side takes the place of the one we knew: what the two agreed on was never said of this one."""
    return replace(
        customer,
        sights={k: v for k, v in customer.sights.items() if k != system},
        sight_after={k: v for k, v in customer.sight_after.items() if k != system},
        gone=customer.gone - {system},
        agreed={},
        unsaid={},
        chosen_back={},
        settling={},
        taken_names={k: v for k, v in customer.taken_names.items() if k != system},
    )


def _evolve_match(customer: Customer, event: Event) -> Customer:
    match event:
        case RecordLinked():
            there = {k: v for k, v in customer.merged_there.items() if (k, v) != (event.system, event.remote_id)}
            links = {**customer.links, event.system: event.remote_id}
            if customer.links.get(event.system, event.remote_id) != event.remote_id:
                customer = _begun_anew(customer, event.system)
            return replace(customer, links=links, merged_there=there, proposed=(), decision="")
        case PushAskedFor():  # a person asks: a name that was taken may be free by now
            return replace(customer, needed=True, taken_names={})
        case NeededBy():
            return replace(customer, needed=True)
        case MatchProposed():
            return replace(customer, proposed=event.candidates, decision="waiting")
        case MatchChosen():
            others = frozenset(c.remote_id for c in customer.proposed if c.remote_id != event.remote_id)
            rejected = customer.rejected | others
            return replace(customer, decision="chosen", chosen=event.remote_id, rejected=rejected)
        case MatchRejected():
            rejected = customer.rejected | {c.remote_id for c in customer.proposed}
            return replace(customer, decision="rejected", rejected=rejected)
        case RecordMergedInto():
            return replace(customer, merged_into=event.record)
        case AttentionNeeded():
            return replace(customer, attention={**customer.attention, event.topic: event})
        case AttentionCleared():
            if event.topic == EMAIL:
                customer = replace(customer, email_moved=False)
            return replace(customer, attention={k: v for k, v in customer.attention.items() if k != event.topic})
        case _:
            return customer


def _evolve_command(customer: Customer, event: CommandEvent, at: datetime) -> Customer:
    customer = replace(customer, commands=evolve_commands(customer.commands, event, at, customer.both_hash))
    command = customer.commands.get(event.command_id)
    if command is None:
        return customer
    match event:
        case AttemptStarted() if event.command_id not in customer.sent_from:
            source = customer.shown_by(OTHER[command.target])
            if source is None:
                return customer
            open_ = {key: shown for key, shown in customer.sent_from.items() if customer.commands[key].unfinished}
            return replace(customer, sent_from={**open_, event.command_id: source})
        case CommandAccepted():
            source = customer.sent_from.get(event.command_id)
            draft = command.first.draft if command.first else None
            calm = {k: v for k, v in customer.outdated.items() if k != command.target}
            if source is None or not isinstance(draft, CustomerDraft | CustomerUpdate):
                return replace(customer, outdated=calm)
            if isinstance(draft, CustomerDraft) and draft.fields:
                unsaid: dict[CustomerField, System] = {
                    f: OTHER[command.target] for f in SHARED if f not in draft.fields
                }
                customer = replace(customer, unsaid=unsaid)
            shown_there = customer.shown_by(command.target)
            if not event.revision and isinstance(draft, CustomerUpdate) and shown_there is not None:
                pair = {command.target: shown_there, OTHER[command.target]: source}  # a person took what is there
                base = Agreed(quickbooks=pair["quickbooks"], wizcommerce=pair["wizcommerce"])
                agreed = {**customer.agreed, **dict.fromkeys(draft.fields, base)}
                return replace(customer, outdated=calm, agreed=agreed)
            if (
                isinstance(draft, CustomerUpdate)
                and customer.links.get(command.target, draft.remote_id) != draft.remote_id
            ):
                return replace(customer, outdated=calm)  # it was merged away meanwhile: another record is ours now
            now = Settling(fields=draft.fields, source=source)
            return replace(customer, outdated=calm, settling={**customer.settling, command.target: now})
        case CommandRefused(code="6240"):
            draft = command.first.draft if command.first else None
            if not isinstance(draft, CustomerUpdate) or "name" not in draft.fields:
                return customer
            taken = {**customer.taken_names, command.target: draft.content.display_name.text or ""}
            return replace(customer, taken_names=taken)
        case CommandRetried():
            return replace(customer, taken_names={k: v for k, v in customer.taken_names.items() if k != command.target})
        case UpdateOutdated():
            more = {**customer.outdated, command.target: customer.outdated.get(command.target, 0) + 1}
            return replace(customer, outdated=more, reread_at=customer.version)
        case _:
            return customer


def customer_disagreements(draft: CustomerDraft, found: CustomerContent) -> tuple[str, ...]:
    """Where a customer differs from what we sent, without naming the texts; empty when it agrees."""
    ours = draft.content
    differs = []
    if folded(str(ours.display_name))[:90] != folded(str(found.display_name))[:90]:
        differs.append("another display name")
    if str(ours.email) and folded(str(ours.email)) != folded(str(found.email)):
        differs.append("another e-mail")
    return tuple(differs)


MOST_ADDRESSES = 5
"""E-mail addresses of one customer that are compared: QuickBooks' field holds several, with commas between."""


def matching_keys(content: CustomerContent) -> dict[str, str]:
    """What customers are compared by: key → normalised text. Only keys that say something: an erased field does not.

    Several e-mail addresses are `email`, `email2` and so on.
    """
    keys = {
        "name": name_key(content.display_name.text or ""),
        "company": name_key(content.company_name.text or ""),
        "phone": digits(content.phone.text or ""),
        "postal": folded(content.billing.postal_code) if content.billing else "",
        "reference": quickbooks_reference(content.reference),
        **{f"email{place or ''}": one for place, one in _numbered(emails(content)[:MOST_ADDRESSES])},
    }
    return {key: text for key, text in keys.items() if text}


def emails(content: CustomerContent) -> list[str]:
    """The e-mail addresses of a customer, in lower case: QuickBooks' field holds several, with commas between."""
    parts = (content.email.text or "").replace(";", ",").split(",")
    return [one.strip().casefold() for one in parts if one.strip()]


def _numbered(texts: list[str]) -> list[tuple[int, str]]:
    """With 0 for the first, then 2, 3 …"""
    return [(place + 1 if place else 0, text) for place, text in enumerate(texts)]


def quickbooks_reference(reference: str) -> str:
    """`quickbooks:58` when a reference id names a QuickBooks customer (`QBO:<realm>:customer:58`, `QBO-CUST-58`), else ''."""
    words = [w for w in reference.replace("-", ":").casefold().split(":") if w]
    named = len(words) >= 3 and words[0] in ("qbo", "quickbooks") and words[-2] in ("customer", "cust")
    return f"quickbooks:{words[-1]}" if named and words[-1].isdigit() else ""
