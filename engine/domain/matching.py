"""Which QuickBooks customer is which, and whose a remote record is that nobody has claimed."""

from typing import Literal

from engine.domain.commands import command_id, latest, next_generation, unfinished
from engine.domain.customer import Customer, customer_disagreements
from engine.domain.events import Candidate, CommandIssued, Event, MatchProposed, RecordLinked
from engine.domain.order import disagreements
from engine.domain.values import (
    Content,
    CustomerContent,
    CustomerDraft,
    Draft,
    InvoiceContent,
    InvoiceDraft,
)


def link_or_create_needed_customer(customer: Customer, candidates: tuple[Candidate, ...]) -> list[Event]:
    """A customer an order needs is linked to the one certain or strong match, created when there is none; a weak match
    (name alone, or several candidates) waits for a person and is never created."""
    if "quickbooks" in customer.links or not customer.needed or customer.here is None or customer.merged_into:
        return []
    if unfinished(customer.commands) is not None:
        return []
    if customer.decision == "rejected" or not candidates:
        if customer.never:
            return []
        before = latest(customer.commands, "CreateCustomer")
        sight = customer.sights["wizcommerce"]
        if before is not None and before.made_for == sight.content_hash and before.status != "accepted":
            return []
        return issue_customer(customer, because="no customer in QuickBooks matches")
    best = surest(candidates)
    if best is not None:
        return [RecordLinked(system="quickbooks", kind="customer", remote_id=best.remote_id, how=best.because)]
    if customer.decision == "waiting" and customer.proposed == candidates:
        return []
    return [MatchProposed(system="quickbooks", candidates=candidates)]


def issue_customer(customer: Customer, because: str) -> list[Event]:
    """The next generation of `CreateCustomer`."""
    generation = next_generation(customer.commands, "CreateCustomer")
    new_id = command_id(customer.record, "CreateCustomer", generation)
    return [
        CommandIssued(
            command_id=new_id, verb="CreateCustomer", target="quickbooks", generation=generation, because=because
        )
    ]


def surest(candidates: tuple[Candidate, ...]) -> Candidate | None:
    """The one candidate that may be linked without asking; None when a person must decide."""
    order: tuple[Literal["certain", "strong"], ...] = ("certain", "strong")
    for strength in order:
        found = [c for c in candidates if c.strength == strength]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def whose(draft: Draft, marks: frozenset[str], found: Content) -> Literal["ours", "maybe", "no"]:
    """Whether a remote record nobody has claimed is the outcome of sending `draft`.

    Ours: it carries one of our `marks` (the command ids of the record). Maybe: no mark, but number or name, and content,
    agree; a person decides, since nothing proves it. QuickBooks' "Copy" duplicates marks, so two with one mark are two maybes.
    """
    if isinstance(draft, InvoiceDraft) and isinstance(found, InvoiceContent):
        if found.mark in marks:
            return "ours"
        if found.mark:
            return "no"
        same_number = bool(draft.number) and found.number == draft.number
        return "maybe" if same_number or not disagreements(draft, found) else "no"
    if isinstance(draft, CustomerDraft) and isinstance(found, CustomerContent):
        if found.mark in marks:
            return "ours"
        return "maybe" if not found.mark and not customer_disagreements(draft, found) else "no"
    return "no"


def differences(draft: Draft, found: Content) -> tuple[str, ...]:
    """Where a remote record differs from what we sent; empty when it agrees."""
    if isinstance(draft, InvoiceDraft) and isinstance(found, InvoiceContent):
        return disagreements(draft, found)
    if isinstance(draft, CustomerDraft) and isinstance(found, CustomerContent):
        return customer_disagreements(draft, found)
    return ("another kind of record came back",)
