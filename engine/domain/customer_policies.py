"""What follows from what a customer's stream adds up to. Pure, repeatable, explained: asked twice, the second time nothing.

Nothing is decided before a person accepted the connection's first sync.
"""

from msgspec.structs import replace

from engine.domain.choices import Choices
from engine.domain.commands import Command, command_id, latest, next_generation, unfinished
from engine.domain.customer import OTHER, Customer
from engine.domain.drafts import CustomerUpdate, TermDraft
from engine.domain.events import (
    Candidate,
    CommandAbandoned,
    CommandHeld,
    CommandIssued,
    CommandReleased,
    Event,
    FieldsAgreed,
    MatchProposed,
    Missing,
    RecordLinked,
)
from engine.domain.expressing import Expressed, Problem, express
from engine.domain.fields import CALLED, Lists, normal, shown
from engine.domain.matching import surest
from engine.domain.merging import Merge, Wanted, merge
from engine.domain.notices import (
    Notice,
    defaults_replaced,
    email_notice,
    notices,
    problems_as_notices,
    standing_notices,
)
from engine.domain.terms import term_from
from engine.domain.values import CompanyFacts, CustomerContent, CustomerField, System, Value, folded

MOVING = "moving"
"""What an update waits for whose record changed under it twice in a row: the record's next sight."""
MOST_OUTDATED = 2
"""Updates in a row that may meet a newer revision before the next one is held. Source: the issue of both-way customers:
one re-read, merge again, once more, then hold."""
NAMED: dict[System, str] = {"quickbooks": "QuickBooks", "wizcommerce": "WizCommerce"}


class CustomerAround(Value, frozen=True, kw_only=True):
    """What a customer's decision depends on beside the customer."""

    connection: str
    accepted: bool = False
    """Whether a person accepted the first sync: before that nothing is written."""
    facts: CompanyFacts = CompanyFacts(name="")
    choices: Choices = Choices()
    lists: Lists = Lists()
    candidates: tuple[Candidate, ...] = ()
    """Who it may be on the other side, when it is known on one side only."""


def decide_customer(customer: Customer, around: CustomerAround) -> list[Event]:
    """All that follows for a customer now."""
    if not around.accepted or customer.merged_into or _erased(customer):
        return []
    if customer.merged_there:
        unsent = [c for c in customer.commands.values() if c.status in ("held", "ready") and not c.may_have_run]
        why = "before anything was sent: QuickBooks merged it into another one"
        ended: list[Event] = [CommandAbandoned(command_id=c.command_id, why=why) for c in unsent]
        return [*ended, *notices(customer, standing_notices(customer))]
    if len(customer.links) < len(OTHER):
        return link_or_create_each_customer(customer, around)
    if customer.gone:
        return notices(customer, standing_notices(customer))
    return keep_each_linked_customer_equal(customer, around)


def _erased(customer: Customer) -> bool:
    return any(sight.content.display_name.erased for sight in customer.sights.values())


# ---- on one side only ----------------------------------------------------------------------------------------------------


def link_or_create_each_customer(customer: Customer, around: CustomerAround) -> list[Event]:
    """A customer that one side has is linked to the one certain or strong match on the other, and made there when there is
    none. A weak match (the name alone, or several candidates) waits for a person, and is never made meanwhile."""
    home: System = "wizcommerce" if "wizcommerce" in customer.links else "quickbooks"
    target = OTHER[home]
    content = customer.shown_by(home)
    if content is None:
        return []
    candidates = tuple(one for one in around.candidates if one.remote_id not in customer.rejected)
    open_ = unfinished(customer.commands, target)
    if open_ is not None and candidates and open_.status in ("held", "ready") and not open_.may_have_run:
        why = "before anything was sent: it may be there by now"
        return [CommandAbandoned(command_id=open_.command_id, why=why), *_match(customer, candidates, home, around)]
    if open_ is not None:
        return _while_a_create_is_open(customer, content, open_, around)
    if home in customer.gone:
        return []
    if customer.decision == "waiting" and not candidates:
        return []  # a person was asked: that the two look less alike by now is no answer
    if not candidates:
        return _create(customer, content, target, around)
    return _match(customer, candidates, home, around)


def _match(customer: Customer, candidates: tuple[Candidate, ...], home: System, around: CustomerAround) -> list[Event]:
    """The link to the one sure match, or the question who it is."""
    target = OTHER[home]
    best = surest(candidates, ask=around.choices.of("strong-matches") == "ask")
    if best is not None:
        if home == "quickbooks":
            return []  # the WizCommerce-born stream goes on: it makes the link
        return [RecordLinked(system=target, kind="customer", remote_id=best.remote_id, how=best.because)]
    if customer.decision == "waiting" and customer.proposed == candidates:
        return []
    return [MatchProposed(system=target, candidates=candidates)]


def why_not_made(customer: Customer, content: CustomerContent, target: System, choices: Choices) -> str:
    """Why a customer nobody matches is not made on the other side by itself; '' when it is."""
    if customer.never:
        return "a person decided that it is never sent"
    if not content.active:
        return "it is inactive"
    if content.project:
        return "it is a project of QuickBooks"
    if customer.needed:
        return ""
    if content.parent and choices.of("sub-customers") == "skip":
        return "it is a sub-customer, and those are skipped on this connection"
    rule = choices.of(f"new-customers-in-{target}")
    return {"none": "new customers are not made there on this connection", "ordered": "it has not ordered yet"}.get(
        rule, ""
    )


def _create(customer: Customer, content: CustomerContent, target: System, around: CustomerAround) -> list[Event]:
    if why_not_made(customer, content, target, around.choices):
        return []
    before = latest(customer.commands, "CreateCustomer", target)
    if before is not None and before.made_for == customer.both_hash:
        return []  # settled for this very content: only a person's retry or another content begins anew
    return issue_create(customer, target, around, because=f"no customer in {NAMED[target]} matches")


def issue_create(customer: Customer, target: System, around: CustomerAround, because: str) -> list[Event]:
    """The next generation of `CreateCustomer`, held at once if a choice is missing."""
    generation = next_generation(customer.commands, "CreateCustomer", target)
    new_id = command_id(customer.record, "CreateCustomer", generation, target)
    issued = CommandIssued(
        command_id=new_id, verb="CreateCustomer", target=target, generation=generation, because=because
    )
    missing = missing_for_create(customer, target, around)
    return [issued, CommandHeld(command_id=new_id, missing=missing)] if missing else [issued]


def missing_for_create(customer: Customer, target: System, around: CustomerAround) -> tuple[Missing, ...]:
    """The choices a create still needs: all of them, not just the first found."""
    wanted = []
    if target == "wizcommerce":
        wanted = [
            (name, f"WizCommerce wants a {what} of a new customer, and nobody has said which")
            for name, what in (("sales-rep", "sales rep"), ("price-list", "price list"))
            if not around.choices.of(name)
        ]
    elif around.facts.multi_currency and not currency_of(customer, around.choices):
        wanted = [
            (
                "currency",
                "the company keeps several currencies, a customer's can't be changed later, and nobody has said which",
            )
        ]
    return tuple(
        Missing(
            key=f"choice:{around.connection}:{name}", sentence=f"{sentence}: `wizqbo set {around.connection} {name} …`"
        )
        for name, sentence in wanted
    )


def currency_of(customer: Customer, choices: Choices) -> str:
    """The currency a new QuickBooks customer gets in a company that keeps several; '' when nobody has said."""
    here = customer.here
    name = choices.of("currency-attribute")
    said = attribute(here, name) if here is not None and name else ""
    return said.upper() or choices.of("currency")


def attribute(content: CustomerContent, name: str) -> str:
    """The value of a WizCommerce attribute; '' without one."""
    found = (str(a.value) for a in content.attributes if name and a.name.casefold() == name.casefold())
    return next(found, "").strip()


def _while_a_create_is_open(
    customer: Customer, content: CustomerContent, command: Command, around: CustomerAround
) -> list[Event]:
    """Before anything was sent it may still be withdrawn or need other things; afterwards only its state changes."""
    if command.verb != "CreateCustomer" or command.may_have_run or command.status not in ("held", "ready"):
        return []
    reason = "the customer is gone" if set(customer.gone) & set(customer.links) else ""
    reason = reason or why_not_made(customer, content, command.target, around.choices)
    if reason:
        return [CommandAbandoned(command_id=command.command_id, why=f"before anything was sent: {reason}")]
    missing = missing_for_create(customer, command.target, around)
    if missing and missing != command.missing:
        return [CommandHeld(command_id=command.command_id, missing=missing)]
    if command.status == "held" and not missing:
        return [CommandReleased(command_id=command.command_id, because="nothing it needs is missing now")]
    return []


# ---- on both sides -------------------------------------------------------------------------------------------------------


def keep_each_linked_customer_equal(customer: Customer, around: CustomerAround) -> list[Event]:
    """What was changed on one side goes to the other; what was changed on both goes by its owner, and is said."""
    ended = _creates_that_a_link_ended(customer)
    if ended:
        left = {k: c for k, c in customer.commands.items() if k not in {e.command_id for e in ended}}
        customer = replace(customer, commands=left)
    merged, updates = wanted_updates(customer, around)
    events = [*ended, *merged.events]
    told: dict[str, Notice] = standing_notices(customer)
    told |= email_notice(customer)
    making = _missing_term(customer, updates["quickbooks"], around) if "quickbooks" in updates else []
    events += making
    for target, update in updates.items():
        told |= problems_as_notices(target, update.problems)
        if not (making and target == "quickbooks"):  # one at a time: the rest follows when the term is there
            events += _update(customer, target, update.fields)
    seen = defaults_replaced(customer, around.choices.of("sales-rep"), around.choices.of("price-list"))
    return [*events, *notices(customer, told), *seen]


def _creates_that_a_link_ended(customer: Customer) -> list[CommandAbandoned]:
    """Creates of which nothing was sent, though the customer is linked there by now: they would stand before every update."""
    return [
        CommandAbandoned(
            command_id=c.command_id,
            why=f"before anything was sent: it is linked there by now, to {customer.links.get(c.target, '')}",
        )
        for c in customer.commands.values()
        if c.verb == "CreateCustomer" and c.status in ("held", "ready") and not c.may_have_run
    ]


def _missing_term(customer: Customer, update: Expressed, around: CustomerAround) -> list[Event]:
    """A term that QuickBooks does not have is made there where a person chose so, once for each text."""
    wanted = term_to_make(customer, around) if "term" in update.problems else None
    if wanted is None or unfinished(customer.commands, "quickbooks") is not None:
        return []
    before = latest(customer.commands, "CreateTerm")
    if before is not None and before.first is not None and before.first.draft == wanted:
        return []
    if before is not None and before.status == "abandoned" and before.made_for == customer.both_hash:
        return []  # a person ended it: it is settled for what both sides show
    return issue_term(customer, because=f"QuickBooks has no payment term {wanted.name!r}")


def issue_term(customer: Customer, because: str) -> list[Event]:
    """The next generation of `CreateTerm`."""
    generation = next_generation(customer.commands, "CreateTerm")
    new_id = command_id(customer.record, "CreateTerm", generation)
    return [
        CommandIssued(command_id=new_id, verb="CreateTerm", target="quickbooks", generation=generation, because=because)
    ]


def term_to_make(customer: Customer, around: CustomerAround) -> TermDraft | None:
    """The term of WizCommerce's customer as one to be made in QuickBooks; None when it is not to be, or cannot."""
    here = customer.here
    if here is None or around.choices.of("missing-terms") != "create":
        return None
    text = shown(here, "term", "wizcommerce", around.lists)
    return term_from(around.lists.term_names.get(folded(text), text))


def wanted_updates(customer: Customer, around: CustomerAround) -> tuple[Merge, dict[System, Expressed]]:
    """The merge of both sides, and what each is to be told: only what it does not show yet."""
    merged = merge(customer, around.lists, around.choices.owners)
    events, active = _active(customer)
    merged = Merge(events=(*merged.events, *events), wanted=merged.wanted)
    updates: dict[System, Expressed] = {}
    for target in OTHER:
        now = customer.shown_by(target)
        if now is None:
            continue
        said = _without_taken_name(customer, target, express(target, now, merged.wanted.get(target, {}), around.lists))
        fields = tuple(f for f in said.fields if _differs(f, said.content, now, target, around.lists))
        content = said.content
        if target == "wizcommerce" and active is not None:
            fields, content = (*fields, "active"), replace(content, active=True)
        updates[target] = Expressed(content=content, fields=fields, problems=said.problems)
    return merged, updates


def _without_taken_name(customer: Customer, target: System, said: Expressed) -> Expressed:
    """A name that somebody else there has is left out, and said: the other fields go on."""
    taken = customer.taken_names.get(target)
    if taken is None or "name" not in said.fields or said.content.display_name.text != taken:
        return said
    problem = Problem(
        sentence=f"another customer, vendor or employee of {NAMED[target]} has that name",
        next_step="Rename one of the two, or merge them there; then `wizqbo push customer`.",
    )
    fields = tuple(field for field in said.fields if field != "name")
    return replace(said, fields=fields, problems={**said.problems, "name": problem})


def _differs(field: CustomerField, wanted: CustomerContent, now: CustomerContent, target: System, lists: Lists) -> bool:
    """Names differ in their capitals too: who puts them right on one side wants them right on the other."""
    one, other = shown(wanted, field, target, lists), shown(now, field, target, lists)
    return normal(field, one, lists) != normal(field, other, lists)


def _active(customer: Customer) -> tuple[list[Event], Wanted | None]:
    """Made active again in QuickBooks: WizCommerce's record is too. Every other difference is a person's (see `notices`)."""
    q, w = customer.shown_by("quickbooks"), customer.shown_by("wizcommerce")
    if q is None or w is None:
        return [], None
    base = customer.agreed.get("active")
    if q.active == w.active:
        moved = base is None or (base.quickbooks.active, base.wizcommerce.active) != (q.active, w.active)
        return ([FieldsAgreed(fields=("active",))] if moved else []), None
    if q.active and base is not None and not base.quickbooks.active:
        return [], Wanted(source="quickbooks", content=q)
    return [], None


def _update(customer: Customer, target: System, fields: tuple[CustomerField, ...]) -> list[Event]:
    """The next `UpdateCustomer`; or the end of one that has nothing to say any more."""
    open_ = unfinished(customer.commands, target)
    last = latest(customer.commands, "UpdateCustomer", target)
    if open_ is not None:
        return _while_an_update_is_open(customer, open_, fields)
    if not fields:
        if last is not None and last.status == "refused":
            return [CommandAbandoned(command_id=last.command_id, why="nothing is left to change there")]
        return []
    settled = last is not None and last.made_for == customer.both_hash and not _less_than(last, fields)
    if last is not None and last.status in ("refused", "abandoned") and settled:
        return []  # settled for what both sides show: only a person's retry or another change begins anew
    names = ", ".join(CALLED[f] for f in fields)
    return issue_update(customer, target, because=f"{NAMED[OTHER[target]]} has another {names}")


def _less_than(last: Command, fields: tuple[CustomerField, ...]) -> bool:
    """Whether an update of `fields` leaves out something that the last one was refused for."""
    draft = last.first.draft if last.first else None
    return isinstance(draft, CustomerUpdate) and set(fields) < set(draft.fields)


def issue_update(customer: Customer, target: System, because: str) -> list[Event]:
    """The next `UpdateCustomer`, held at once when the record keeps changing under it."""
    generation = next_generation(customer.commands, "UpdateCustomer", target)
    new_id = command_id(customer.record, "UpdateCustomer", generation, target, caused_at=max(1, customer.version))
    issued = CommandIssued(
        command_id=new_id, verb="UpdateCustomer", target=target, generation=generation, because=because
    )
    if customer.outdated.get(target, 0) < MOST_OUTDATED:
        return [issued]
    sentence = (
        f"the customer changed in {NAMED[target]} each time it was to be updated: it waits until it is seen again"
    )
    missing = Missing(key=f"{MOVING}:{customer.stream}:{target}", sentence=sentence)
    return [issued, CommandHeld(command_id=new_id, missing=(missing,))]


def go_on_as_it_stands(customer: Customer, system: System) -> list[Event]:
    """The record in `system` was seen again as it was: an update that waits because it kept changing goes on."""
    open_ = unfinished(customer.commands, system)
    if open_ is None or open_.status != "held" or not any(m.key.startswith(f"{MOVING}:") for m in open_.missing):
        return []
    return [CommandReleased(command_id=open_.command_id, because="the customer was seen again, and had not changed")]


def _while_an_update_is_open(customer: Customer, command: Command, fields: tuple[CustomerField, ...]) -> list[Event]:
    if command.verb != "UpdateCustomer" or command.may_have_run or command.status not in ("held", "ready"):
        return []
    if not fields:
        return [CommandAbandoned(command_id=command.command_id, why="nothing is left to change there")]
    if command.status == "held" and not customer.outdated.get(command.target, 0):
        return [CommandReleased(command_id=command.command_id, because="the customer was seen again")]
    return []
