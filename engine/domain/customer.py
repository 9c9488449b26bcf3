"""A customer: what each side showed of it, which record it is there, what both last agreed on, and who wins where they differ."""

from typing import Literal
from uuid import UUID

from engine.domain.commands import Commands
from engine.domain.drafts import CustomerDraft
from engine.domain.events import (
    AttentionNeeded,
    Candidate,
    ConflictSettled,
    CustomerObserved,
)
from engine.domain.fields import digits
from engine.domain.names import name_key
from engine.domain.values import NAMESPACE, CustomerContent, CustomerField, System, Value, folded

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
