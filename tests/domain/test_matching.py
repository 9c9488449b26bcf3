"""Which QuickBooks customer is which, and whose a record is that nobody has claimed."""

from decimal import Decimal
from typing import Any, Literal

import pytest
from msgspec.structs import replace

from engine.domain.choices import Choices
from engine.domain.commands import command_id
from engine.domain.customer import Customer
from engine.domain.customer_policies import CustomerAround, decide_customer, issue_create
from engine.domain.drafts import CustomerDraft, CustomerUpdate
from engine.domain.events import (
    AttemptStarted,
    Candidate,
    CommandAbandoned,
    CommandIssued,
    CommandRefused,
    Event,
    MatchChosen,
    MatchProposed,
    MatchRejected,
    NeededBy,
    PushAskedFor,
    RecordLinked,
    RecordMergedInto,
)
from engine.domain.invoice_from_order import invoice_from_order
from engine.domain.matching import differences, surest, whose
from engine.domain.values import Attribute, InvoiceContent, OtherContent, Personal
from tests.wholesale import CUSTOMER, FACTS, NOON, ORDER, RECORD, content, customer_after, customer_seen, invoice_of

NEEDED = NeededBy(stream=ORDER, number="WC-1001")
MINE = "m" * 32


def candidate(remote_id: str, strength: Literal["certain", "strong", "weak"]) -> Candidate:
    return Candidate(remote_id=remote_id, strength=strength, because=f"a {strength} match")


CERTAIN, STRONG, WEAK = candidate("1", "certain"), candidate("2", "strong"), candidate("3", "weak")
STRONG_TOO = candidate("4", "strong")


def attempt(command: str) -> AttemptStarted:
    return AttemptStarted(
        command_id=command,
        attempt=1,
        draft=CustomerDraft(content=customer_seen().content, mark=command),
        body=Personal("{}"),
        worker="w",
        send_by=NOON,
        answer_by=NOON,
    )


def around(*candidates: Candidate, **choices: str) -> CustomerAround:
    said = {name.replace("_", "-"): value for name, value in choices.items()}
    return CustomerAround(connection="acme", accepted=True, candidates=candidates, choices=Choices(said=said))


def follows(customer: Customer, *candidates: Candidate, **choices: str) -> list[Event]:
    """What the customer decides when it may be one of `candidates`."""
    return decide_customer(customer, around(*candidates, **choices))


def settled(customer: Customer, *candidates: Candidate) -> tuple[list[Event], Customer]:
    """What follows, and the customer after it; then nothing more may follow."""
    decided = follows(customer, *candidates)
    after = customer_after(*decided, customer=customer)
    assert follows(after, *candidates) == []
    return decided, after


@pytest.mark.parametrize(
    ("candidates", "chosen"),
    [
        ((), None),
        ((WEAK,), None),
        ((STRONG,), STRONG),
        ((CERTAIN,), CERTAIN),
        ((WEAK, STRONG), STRONG),
        ((STRONG, CERTAIN, WEAK), CERTAIN),
        ((STRONG, STRONG_TOO), None),
        ((CERTAIN, replace(CERTAIN, remote_id="9")), None),
        ((CERTAIN, STRONG, STRONG_TOO), CERTAIN),
    ],
)
def test_only_the_one_surest_match_is_taken_without_asking(
    candidates: tuple[Candidate, ...], chosen: Candidate | None
) -> None:
    assert surest(candidates) == chosen


def test_a_customer_nobody_needs_is_created_only_where_all_are() -> None:
    alone, needed = customer_after(customer_seen()), customer_after(customer_seen(), NEEDED)
    ordered = {"new_customers_in_quickbooks": "ordered"}

    assert follows(alone, **ordered) == [] == follows(customer_after(NEEDED), STRONG)
    assert [type(e) for e in follows(needed, **ordered)] == [type(e) for e in follows(alone)] == [CommandIssued]


def test_nothing_is_decided_before_the_first_sync_was_accepted() -> None:
    waits = replace(around(STRONG), accepted=False)

    assert decide_customer(customer_after(customer_seen(), NEEDED), waits) == []


def test_a_strong_match_is_proposed_where_a_person_wants_to_be_asked() -> None:
    [proposed] = follows(customer_after(customer_seen()), STRONG, strong_matches="ask")
    [linked] = follows(customer_after(customer_seen()), CERTAIN, strong_matches="ask")

    assert isinstance(proposed, MatchProposed) and isinstance(linked, RecordLinked)


@pytest.mark.parametrize("needed", [NEEDED, PushAskedFor()])
def test_a_needed_customer_is_linked_to_a_sure_match(needed: Event) -> None:
    [linked], after = settled(customer_after(customer_seen(), needed), STRONG)

    assert isinstance(linked, RecordLinked) and (linked.remote_id, linked.how) == ("2", "a strong match")
    assert after.links == {"wizcommerce": "cust_01", "quickbooks": "2"}


def test_a_needed_customer_without_a_match_is_created_once_under_one_id_for_ever() -> None:
    [issued], after = settled(customer_after(customer_seen(), NEEDED))

    assert isinstance(issued, CommandIssued) and issued.verb == "CreateCustomer"
    assert issued.command_id == command_id(RECORD, "CreateCustomer", 1)
    assert len(after.commands) == 1


@pytest.mark.parametrize("candidates", [(WEAK,), (STRONG, STRONG_TOO)])
def test_an_unsure_match_waits_for_a_person_and_creates_nothing(candidates: tuple[Candidate, ...]) -> None:
    [proposed], after = settled(customer_after(customer_seen(), NEEDED), *candidates)

    assert proposed == MatchProposed(system="quickbooks", candidates=candidates)
    assert after.decision == "waiting" and not after.commands


def test_other_candidates_are_proposed_anew_and_a_sure_one_ends_the_question() -> None:
    _, waiting = settled(customer_after(customer_seen(), NEEDED), WEAK)

    [again] = follows(waiting, WEAK, replace(WEAK, remote_id="9"))
    [linked], after = settled(waiting, WEAK, STRONG)

    assert isinstance(again, MatchProposed) and len(again.candidates) == 2
    assert isinstance(linked, RecordLinked) and after.decision == "" and after.proposed == ()


def test_a_question_stays_until_a_person_answers_though_the_two_look_less_alike_by_now() -> None:
    _, waiting = settled(customer_after(customer_seen(), NEEDED), WEAK)

    assert follows(waiting) == []


def test_a_rejected_match_is_created_although_it_still_looks_alike() -> None:
    _, waiting = settled(customer_after(customer_seen(), NEEDED), WEAK)

    [issued], _ = settled(customer_after(MatchRejected(system="quickbooks"), customer=waiting), WEAK)

    assert isinstance(issued, CommandIssued)


def test_after_a_rejection_another_sure_match_is_linked_and_no_second_customer_made() -> None:
    _, waiting = settled(customer_after(customer_seen(), NEEDED), WEAK)
    rejected = customer_after(MatchRejected(system="quickbooks"), customer=waiting)

    [linked] = follows(rejected, WEAK, STRONG)

    assert isinstance(linked, RecordLinked) and linked.remote_id == STRONG.remote_id


@pytest.mark.parametrize(("found", "then"), [(STRONG, RecordLinked), (WEAK, MatchProposed)])
def test_a_match_found_before_a_create_was_sent_ends_the_create(found: Candidate, then: type[Event]) -> None:
    _, waiting = settled(customer_after(customer_seen(), NEEDED))

    decided, after = settled(waiting, found)

    assert [type(e) for e in decided] == [CommandAbandoned, then] and not after.never


def test_a_match_found_after_a_create_was_sent_ends_nothing() -> None:
    [issued], waiting = settled(customer_after(customer_seen(), NEEDED))
    assert isinstance(issued, CommandIssued)

    assert follows(customer_after(attempt(issued.command_id), customer=waiting), STRONG) == []


def test_a_chosen_match_is_remembered_and_linked() -> None:
    _, waiting = settled(customer_after(customer_seen(), NEEDED), WEAK)
    linked = RecordLinked(system="quickbooks", kind="customer", remote_id="3", how="chosen by Test")

    chosen = customer_after(MatchChosen(system="quickbooks", remote_id="3"), linked, customer=waiting)

    assert (chosen.chosen, chosen.links["quickbooks"], chosen.decision) == ("3", "3", "")
    assert follows(chosen, WEAK) == []


def test_a_refused_customer_waits_for_another_content_or_a_person() -> None:
    first, after = settled(customer_after(customer_seen(), NEEDED))
    number = first[0].command_id  # type: ignore[attr-defined]
    no = CommandRefused(command_id=number, attempt=1, code="6240", sentence="no", next_step="")
    refused = customer_after(attempt(number), no, customer=after)

    corrected = customer_after(replace(customer_seen(), content_hash="hash-2"), customer=refused)
    [issued], _ = settled(corrected)

    assert follows(refused) == []
    assert isinstance(issued, CommandIssued) and issued.generation == 2
    assert [type(e) for e in issue_create(refused, "quickbooks", around(), "asked")] == [CommandIssued]


def test_a_merged_customer_decides_nothing_more() -> None:
    merged = customer_after(customer_seen(), NEEDED, RecordMergedInto(record=CUSTOMER))

    assert merged.merged_into == CUSTOMER
    assert follows(merged, STRONG) == []


# ---- whose is it ---------------------------------------------------------------------------------------------------------

INVOICE = invoice_from_order(content(), "58", {"vase-01": "21"}, FACTS, MINE)
PERSON = CustomerDraft(content=customer_seen().content, mark=MINE)


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "ours"),
        ({"total": Decimal(1)}, "ours"),  # ours by its mark; that it differs is another question
        ({"mark": "another command's"}, "no"),
        ({"mark": "", "number": "1038"}, "no"),
        ({"mark": ""}, "maybe"),
        ({"mark": "", "total": Decimal(1)}, "maybe"),  # our number on another's content: a person decides
        ({"mark": "", "number": "", "total": Decimal(1)}, "no"),
    ],
)
def test_an_invoice_nobody_claimed_is_ours_by_its_mark_maybe_by_its_looks(
    changes: dict[str, Any], verdict: str
) -> None:
    assert whose(INVOICE, frozenset({MINE, "n" * 32}), invoice_of(INVOICE, **changes)) == verdict


def test_without_a_number_of_ours_an_unmarked_invoice_is_maybe_ours_only_if_all_of_it_agrees() -> None:
    unnumbered = replace(INVOICE, number="")
    theirs = invoice_of(INVOICE, mark="", number="1038")

    assert whose(unnumbered, frozenset({MINE}), theirs) == "maybe"
    assert whose(unnumbered, frozenset({MINE}), replace(theirs, total=Decimal("100.01"))) == "no"


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"mark": MINE}, "ours"),
        ({"mark": ""}, "maybe"),
        ({"mark": "another command's"}, "no"),
        ({"mark": "", "display_name": Personal("Petal & Co")}, "no"),
        ({"mark": "", "email": Personal("")}, "no"),
    ],
)
def test_a_customer_nobody_claimed_is_ours_by_its_mark_maybe_by_its_looks(
    changes: dict[str, Any], verdict: str
) -> None:
    assert whose(PERSON, frozenset({MINE}), customer_seen("quickbooks", "77", **changes).content) == verdict


def test_records_of_another_kind_are_never_ours_and_never_agree() -> None:
    assert whose(PERSON, frozenset({MINE}), invoice_of(INVOICE)) == "no"
    assert whose(INVOICE, frozenset({MINE}), OtherContent(title=MINE)) == "no"
    assert differences(INVOICE, PERSON.content) == ("another kind of record came back",)
    assert differences(INVOICE, invoice_of(INVOICE)) == () == differences(PERSON, PERSON.content)


def test_every_mark_of_the_record_is_ours_not_only_the_newest() -> None:
    older: InvoiceContent = invoice_of(INVOICE, mark="n" * 32)

    assert whose(INVOICE, frozenset({MINE, "n" * 32}), older) == "ours"


TYPES = tuple(
    Attribute(name=name, value=Personal(value)) for name, value in (("Region", "West"), ("Customer Type", "Florist"))
)
"""WizCommerce may replace a customer's attributes as one, so all of them are sent."""


@pytest.mark.parametrize(
    ("shows", "differs"),
    [
        (TYPES, ()),
        (tuple(reversed(TYPES)), ()),
        ((*TYPES, Attribute(name="Segment", value=Personal("A"))), ()),
        ((TYPES[0], Attribute(name="customer type", value=Personal("FLORIST "))), ()),
        ((TYPES[0], Attribute(name="Customer Type", value=Personal("Grocer"))), ("another customer type",)),
        (TYPES[1:], ("another customer type",)),
        ((), ("another customer type",)),
    ],
)
def test_an_update_of_the_customer_type_agrees_when_every_attribute_that_was_sent_is_shown(
    shows: tuple[Attribute, ...], differs: tuple[str, ...]
) -> None:
    sent = customer_seen(attributes=TYPES).content
    update = CustomerUpdate(
        target="wizcommerce", remote_id="cust_01", revision="1", fields=("customer_type",), content=sent, mark=MINE
    )
    assert differences(update, customer_seen(attributes=shows).content) == differs
