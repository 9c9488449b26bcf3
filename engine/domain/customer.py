"""A customer: what each side showed of it, which record it is there, and the one it should become."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec.structs import replace

from engine.domain.commands import Commands, evolve_commands
from engine.domain.events import (
    AttentionCleared,
    AttentionNeeded,
    Candidate,
    CommandAbandoned,
    CommandEvent,
    CommandRetried,
    CustomerObserved,
    Event,
    MatchChosen,
    MatchProposed,
    MatchRejected,
    NeededBy,
    PushAskedFor,
    Recorded,
    RecordGone,
    RecordLinked,
    RecordMergedInto,
    RevisionMoved,
)
from engine.domain.values import NAMESPACE, CustomerContent, CustomerDraft, Value, folded

Decision = Literal["", "waiting", "chosen", "rejected"]


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
    commands: Commands = {}
    attention: dict[str, AttentionNeeded] = {}
    merged_into: str = ""

    @property
    def here(self) -> CustomerContent | None:
        """As WizCommerce shows it."""
        sight = self.sights.get("wizcommerce")
        return sight.content if sight else None


def no_customer(stream: str) -> Customer:
    """A customer before its first event."""
    return Customer(stream=stream, record=UUID(stream.partition(":")[2]))


def evolve_customer(customer: Customer, recorded: Recorded) -> Customer:
    """The customer after one more event."""
    customer = replace(customer, version=recorded.version)
    event = recorded.event
    if isinstance(event, CommandAbandoned) and recorded.who not in ("system", "schedule"):
        customer = replace(customer, never=True)
    if isinstance(event, CommandRetried | PushAskedFor | MatchRejected):
        customer = replace(customer, never=False)
    if isinstance(event, CommandEvent):
        return _evolve_command(customer, event, recorded.recorded_at)
    match event:
        case CustomerObserved(system=system):
            return replace(
                customer,
                sights={**customer.sights, system: event},
                sight_after={**customer.sight_after, system: recorded.position},
                links={**customer.links, system: event.remote_id},
                gone=customer.gone - {system},
            )
        case RevisionMoved(system=system) if system in customer.sights:
            moved = replace(customer.sights[system], revision=event.revision, fetched_after=event.fetched_after)
            return replace(
                customer,
                sights={**customer.sights, system: moved},
                sight_after={**customer.sight_after, system: recorded.position},
            )
        case RecordGone(system=system):
            after = {**customer.sight_after, system: recorded.position}
            return replace(customer, gone=customer.gone | {system}, sight_after=after)
        case _:
            return _evolve_match(customer, event)


def _evolve_match(customer: Customer, event: Event) -> Customer:
    match event:
        case RecordLinked():
            return replace(customer, links={**customer.links, event.system: event.remote_id}, proposed=(), decision="")
        case NeededBy() | PushAskedFor():
            return replace(customer, needed=True)
        case MatchProposed():
            return replace(customer, proposed=event.candidates, decision="waiting")
        case MatchChosen():
            return replace(customer, decision="chosen", chosen=event.remote_id)
        case MatchRejected():
            return replace(customer, decision="rejected")
        case RecordMergedInto():
            return replace(customer, merged_into=event.record)
        case AttentionNeeded():
            return replace(customer, attention={**customer.attention, event.topic: event})
        case AttentionCleared():
            return replace(customer, attention={k: v for k, v in customer.attention.items() if k != event.topic})
        case _:
            return customer


def _evolve_command(customer: Customer, event: CommandEvent, at: datetime) -> Customer:
    sight = customer.sights.get("wizcommerce")
    content_hash = sight.content_hash if sight else ""
    return replace(customer, commands=evolve_commands(customer.commands, event, at, content_hash))


def customer_draft(content: CustomerContent, mark: str) -> CustomerDraft:
    """The QuickBooks customer a WizCommerce customer becomes."""
    return CustomerDraft(content=replace(content, reference="", payment_term=""), mark=mark)


def customer_disagreements(draft: CustomerDraft, found: CustomerContent) -> tuple[str, ...]:
    """Where a customer differs from what we sent, without naming the texts; empty when it agrees."""
    ours = draft.content
    differs = []
    if folded(str(ours.display_name))[:90] != folded(str(found.display_name))[:90]:
        differs.append("another display name")
    if str(ours.email) and folded(str(ours.email)) != folded(str(found.email)):
        differs.append("another e-mail")
    return tuple(differs)


def digits(text: str) -> str:
    """The digits of a phone number without a leading country code 1: `+1 (415) 555-0100` → `4155550100`."""
    found = "".join(c for c in text if c.isdigit())
    return found[1:] if len(found) == 11 and found.startswith("1") else found


def matching_keys(content: CustomerContent) -> dict[str, str]:
    """What customers are compared by: key → normalised text. Only keys that say something: an erased field does not."""
    keys = {
        "name": folded(content.display_name.text or ""),
        "company": folded(content.company_name.text or ""),
        "email": (content.email.text or "").strip().casefold(),
        "phone": digits(content.phone.text or ""),
        "postal": folded(content.billing.postal_code) if content.billing else "",
        "reference": quickbooks_reference(content.reference),
    }
    return {key: text for key, text in keys.items() if text}


def quickbooks_reference(reference: str) -> str:
    """`quickbooks:58` when a reference id names a QuickBooks customer (`QBO:<realm>:customer:58`, `QBO-CUST-58`), else ''."""
    words = [w for w in reference.replace("-", ":").casefold().split(":") if w]
    named = len(words) >= 3 and words[0] in ("qbo", "quickbooks") and words[-2] in ("customer", "cust")
    return f"quickbooks:{words[-1]}" if named and words[-1].isdigit() else ""
