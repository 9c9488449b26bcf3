"""What each event adds to a customer: what was seen, who it is there, what both sides agree on, what was sent."""

from datetime import datetime

from msgspec.structs import replace

from engine.domain.commands import evolve_commands
from engine.domain.customer import EMAIL, OTHER, Agreed, Chosen, Conflict, Customer, Settling, emails
from engine.domain.drafts import CustomerDraft, CustomerUpdate
from engine.domain.events import (
    AttemptStarted,
    AttentionCleared,
    AttentionNeeded,
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
    decided_against,
)
from engine.domain.fields import SHARED, Lists, shown
from engine.domain.values import CustomerContent, CustomerField, System


def evolve_customer(customer: Customer, recorded: Recorded) -> Customer:
    """The customer after one more event."""
    customer = replace(customer, version=recorded.version)
    event = recorded.event
    if isinstance(event, CommandAbandoned):
        customer = _ended(customer, event, by_person=decided_against(event, recorded.who))
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
