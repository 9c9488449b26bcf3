"""One customer on both sides, for the tests of the domain: what each side shows, edits of people, and writes that arrive."""

from typing import Any

from msgspec.structs import replace

from engine.domain.choices import Choices
from engine.domain.customer import Customer
from engine.domain.customer_drafts import draft_for
from engine.domain.customer_policies import CustomerAround, decide_customer
from engine.domain.drafts import CustomerUpdate, Draft
from engine.domain.events import (
    AttemptStarted,
    CommandAccepted,
    CommandIssued,
    CommandRefused,
    ConflictUndone,
    CustomerObserved,
    Event,
    FieldsAgreed,
    Missing,
    RecordLinked,
    UpdateOutdated,
)
from engine.domain.fields import SHARED, Lists
from engine.domain.merging import Merge, merge
from engine.domain.values import Address, Attribute, CompanyFacts, CustomerContent, Personal, System
from tests.wholesale import NOON, customer_after, customer_seen

LISTS = Lists(
    terms={"3": "Net 30", "4": "Net 60", "5": "Due on receipt"}, types={"1": "Florist", "2": "Hotel", "7": "Café"}
)
OWNERS = Choices().owners
IDS: dict[System, str] = {"quickbooks": "58", "wizcommerce": "cust_01"}
KEYS = {
    "name": "display_name",
    "company": "company_name",
    "given_name": "given_name",
    "family_name": "family_name",
    "phone": "phone",
    "billing": "billing",
    "shipping": "shipping",
    "term": "payment_term",
    "active": "active",
}
"""Field → where its content stands on either side; the customer type stands in another place on each."""


def street(line: str = "1 Quay St", city: str = "Portland", **more: str) -> Address:
    return Address(lines=Personal(line), city=city, **more)


def said(system: System, **fields: Any) -> dict[str, Any]:
    """The content's attributes for fields as people say them: plain texts, a term and a type by their names."""
    made: dict[str, Any] = {}
    for field, value in fields.items():
        if field == "term" and system == "quickbooks":
            made["payment_term"] = next((one for one, name in LISTS.terms.items() if name == value), "")
        elif field == "customer_type" and system == "quickbooks":
            made["type_id"] = next((one for one, name in LISTS.types.items() if name == value), "")
        elif field == "customer_type":
            made["attributes"] = (Attribute(name="Customer Type", value=Personal(value)),)
        elif field in ("billing", "shipping", "term", "active") or field not in KEYS:
            made[KEYS.get(field, field)] = value
        else:
            made[KEYS[field]] = Personal(value)
    return made


def sight(system: System, shown: CustomerContent, revision: str = "1") -> CustomerObserved:
    """`shown` as that side shows it; its hash is another for another content."""
    seen = customer_seen(system, IDS[system])
    return replace(seen, content=shown, content_hash=f"{system}-{hash(shown)}", revision=revision)


def shows(customer: Customer, system: System, **fields: Any) -> Customer:
    """The customer seen again on that side, with `fields` edited there."""
    before = customer.sights.get(system)
    shown = before.content if before else customer_seen().content
    revision = str(int(before.revision) + 1) if before else "1"
    return customer_after(sight(system, replace(shown, **said(system, **fields)), revision), customer=customer)


def shown_there(customer: Customer, system: System) -> CustomerContent:
    found = customer.shown_by(system)
    assert found is not None
    return found


def just_linked(quickbooks: dict[str, Any] | None = None, wizcommerce: dict[str, Any] | None = None) -> Customer:
    """Seen on both sides and linked; no field was ever agreed on."""
    customer = shows(shows(customer_after(), "wizcommerce", **wizcommerce or {}), "quickbooks", **quickbooks or {})
    linked = RecordLinked(system="quickbooks", kind="customer", remote_id="58", how="a test")
    return customer_after(linked, customer=customer)


def agreed(**fields: Any) -> Customer:
    """Both sides show the same, and all of it is agreed."""
    customer = just_linked(fields, fields)
    active = FieldsAgreed(fields=("active",))
    customer = customer_after(*merge(customer, LISTS, OWNERS).events, active, customer=customer)
    assert set(customer.agreed) == {*SHARED, "active"}
    return customer


def compared(customer: Customer, **owners: System) -> tuple[Merge, Customer]:
    """What the merge comes to, and the customer after its events; then it has no more of them, and wants the same."""
    merged = merge(customer, LISTS, {**OWNERS, **owners})  # type: ignore[dict-item]
    after = customer_after(*merged.events, customer=customer)
    again = merge(after, LISTS, {**OWNERS, **owners})  # type: ignore[dict-item]
    assert (again.events, again.wanted) == ((), merged.wanted)
    return merged, after


def wants(merged: Merge) -> dict[System, list[str]]:
    """Which fields each side is to have from the other."""
    return {target: list(fields) for target, fields in merged.wanted.items() if fields}


def undone(customer: Customer, value_of: System) -> Customer:
    """A person put that side's value of the newest conflict back."""
    last = customer.conflicts[-1]
    event = ConflictUndone(field=last.event.field, value_of=value_of, settled=last.version)
    return customer_after(event, customer=customer, who="Test")


def edited(**fields: Any) -> Customer:
    """Both agreed; then the first name was changed in WizCommerce."""
    return shows(agreed(given_name="Ann", term="Net 30", **fields), "wizcommerce", given_name="Bea")


# ---- deciding and writing --------------------------------------------------------------------------------------------


def around(facts: CompanyFacts | None = None, lists: Lists = LISTS, **choices: str) -> CustomerAround:
    chosen = Choices(said={name.replace("_", "-"): value for name, value in choices.items()})
    return CustomerAround(
        connection="acme", accepted=True, choices=chosen, lists=lists, facts=facts or CompanyFacts(name="")
    )


def follows(customer: Customer, circumstances: CustomerAround | None = None) -> tuple[list[Event], Customer]:
    """What follows, and the customer after it; then nothing more may follow."""
    circumstances = circumstances or around()
    decided = decide_customer(customer, circumstances)
    after = customer_after(*decided, customer=customer)
    assert decide_customer(after, circumstances) == []
    return decided, after


def kinds(events: list[Event]) -> list[type[Event]]:
    """What was decided, by its kind alone."""
    return [type(e) for e in events]


def waited_for(customer: Customer) -> list[Missing]:
    """All that its commands wait for."""
    return [m for c in customer.commands.values() for m in c.missing]


def issued(decided: list[Event]) -> dict[System, CommandIssued]:
    """The command for each side among what was decided."""
    return {event.target: event for event in decided if isinstance(event, CommandIssued)}


def attempted(customer: Customer, command: str, circumstances: CustomerAround | None = None) -> Customer:
    """The first attempt has begun with what is to be sent now."""
    draft = draft_for(customer, customer.commands[command], circumstances or around())
    assert not isinstance(draft, list), draft
    return customer_after(started(command, draft), customer=customer)


def started(command: str, draft: Draft) -> AttemptStarted:
    return AttemptStarted(
        command_id=command, attempt=1, draft=draft, body=Personal("{}"), worker="w", send_by=NOON, answer_by=NOON
    )


def accepted(command: str, target: System = "quickbooks") -> CommandAccepted:
    return CommandAccepted(
        command_id=command, attempt=1, target=target, remote_id=IDS[target], revision="9", number="", how="answered"
    )


def refused(command: str, code: str = "2050", target: System = "quickbooks") -> CommandRefused:
    return CommandRefused(command_id=command, attempt=1, target=target, code=code, sentence="no", next_step="")


def outdated(command: str) -> UpdateOutdated:
    return UpdateOutdated(command_id=command, attempt=1, why="it had changed")


def written(now: CustomerContent, update: CustomerUpdate) -> CustomerContent:
    """What the side shows that carried `update` out: only its fields are other than before."""
    for field in update.fields:
        if field == "customer_type":
            now = replace(now, type_id=update.content.type_id, attributes=update.content.attributes)
        else:
            now = replace(now, **{KEYS[field]: getattr(update.content, KEYS[field])})
    return now


def arrived(customer: Customer, command: str, circumstances: CustomerAround | None = None) -> Customer:
    """The update was attempted, accepted, and what it left is seen."""
    running = attempted(customer, command, circumstances)
    return seen_after_acceptance(running, command)


def seen_after_acceptance(running: Customer, command: str) -> Customer:
    first = running.commands[command].first
    assert first is not None and isinstance(first.draft, CustomerUpdate)
    target, before = first.draft.target, running.sights[first.draft.target]
    after = sight(target, written(before.content, first.draft), str(int(before.revision) + 1))
    return customer_after(accepted(command, target), after, customer=running)
