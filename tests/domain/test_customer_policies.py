"""What follows for a customer: where it is made, what each side is told, what waits for whom. Asked twice, nothing more."""

from typing import Any

import pytest
from msgspec.structs import replace

from engine.domain.commands import command_id
from engine.domain.customer import Customer
from engine.domain.customer_policies import CustomerAround, decide_customer, issue_update
from engine.domain.events import (
    AttentionNeeded,
    CommandAbandoned,
    CommandHeld,
    CommandIssued,
    CommandReleased,
    CommandRetried,
    Event,
    FieldsAgreed,
    NeededBy,
    RecordGone,
    RecordLinked,
    RecordMergedInto,
    RecordMergedThere,
)
from engine.domain.values import Attribute, CompanyFacts, CustomerUpdate, Personal, System, TermDraft, folded
from tests.two_sides import (
    LISTS,
    accepted,
    agreed,
    around,
    arrived,
    attempted,
    follows,
    issued,
    just_linked,
    outdated,
    refused,
    shows,
    sight,
    street,
    undone,
)
from tests.wholesale import CUSTOMER, ORDER, RECORD, customer_after, customer_seen

NEEDED = NeededBy(stream=ORDER, number="WC-1001")
ALL_SAID = {"sales_rep": "rep_1", "price_list": "list_1"}
MANY = CompanyFacts(name="Green Wholesale", multi_currency=True)
MERGED = RecordMergedThere(system="quickbooks", kind="customer", remote_id="58", into="77")


def kinds(events: list[Event]) -> list[type[Event]]:
    return [type(e) for e in events]


def alone(system: System, *events: Event, **shown: Any) -> Customer:
    """A customer that only this side has."""
    return customer_after(customer_seen(system, **shown), *events)


# ---- made on the other side ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("home", "choices", "shown", "needed", "made"),
    [
        ("wizcommerce", {}, {}, False, True),
        ("wizcommerce", {"new_customers_in_quickbooks": "all"}, {}, False, True),
        ("wizcommerce", {"new_customers_in_quickbooks": "ordered"}, {}, False, False),
        ("wizcommerce", {"new_customers_in_quickbooks": "ordered"}, {}, True, True),
        ("wizcommerce", {"new_customers_in_wizcommerce": "none"}, {}, False, True),
        ("wizcommerce", {}, {"active": False}, True, False),
        ("quickbooks", {}, {}, False, True),
        ("quickbooks", {"new_customers_in_wizcommerce": "none"}, {}, False, False),
        ("quickbooks", {"new_customers_in_wizcommerce": "none"}, {}, True, True),
        ("quickbooks", {"new_customers_in_quickbooks": "ordered"}, {}, False, True),
        ("quickbooks", {}, {"active": False}, False, False),
        ("quickbooks", {}, {"project": True, "parent": "7"}, True, False),
        ("quickbooks", {}, {"parent": "7"}, False, True),
        ("quickbooks", {"sub_customers": "skip"}, {"parent": "7"}, False, False),
        ("quickbooks", {"sub_customers": "skip"}, {"parent": "7"}, True, True),
        ("quickbooks", {"sub_customers": "skip"}, {}, False, True),
    ],
)
def test_which_customers_are_made_where(
    home: System, choices: dict[str, str], shown: dict[str, Any], needed: bool, made: bool
) -> None:
    customer = alone(home, *([NEEDED] if needed else []), **shown)

    decided, _ = follows(customer, around(**choices, **ALL_SAID))

    target = "quickbooks" if home == "wizcommerce" else "wizcommerce"
    assert [(type(e), e.target) for e in decided if isinstance(e, CommandIssued)] == (
        [(CommandIssued, target)] if made else []
    )
    assert len(decided) == made


def test_a_create_has_the_same_id_for_ever() -> None:
    [here] = follows(alone("wizcommerce"))[0]
    [there] = follows(alone("quickbooks"), around(**ALL_SAID))[0]

    assert isinstance(here, CommandIssued) and here.command_id == command_id(RECORD, "CreateCustomer", 1)
    assert isinstance(there, CommandIssued)
    assert there.command_id == command_id(RECORD, "CreateCustomer", 1, "wizcommerce") != here.command_id


def test_a_person_who_ended_the_create_is_heard_until_the_customer_is_asked_for() -> None:
    decided, after = follows(alone("wizcommerce"))
    ended = CommandAbandoned(command_id=issued(decided)["quickbooks"].command_id, why="not ours")
    never = customer_after(ended, customer=after, who="Test")

    assert follows(shows(never, "wizcommerce", phone="1"))[0] == []


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ({}, ["sales-rep", "price-list"]),
        ({"sales_rep": "rep_1"}, ["price-list"]),
        ({"price_list": "list_1"}, ["sales-rep"]),
        (ALL_SAID, []),
    ],
)
def test_a_customer_for_wizcommerce_waits_for_every_choice_nobody_made(
    said: dict[str, str], missing: list[str]
) -> None:
    decided, after = follows(alone("quickbooks"), around(**said))

    assert [m.key for e in decided if isinstance(e, CommandHeld) for m in e.missing] == [
        f"choice:acme:{name}" for name in missing
    ]
    assert all(f"`wizqbo set acme {m.key.rpartition(':')[2]} …`" in m.sentence for m in _missing(after))
    released, _ = follows(after, around(**ALL_SAID))
    assert kinds(released) == ([CommandReleased] if missing else [])


def _missing(customer: Customer) -> list[Any]:
    return [m for c in customer.commands.values() for m in c.missing]


def test_a_held_create_says_anew_what_is_missing_when_a_part_of_it_is_there() -> None:
    _, held = follows(alone("quickbooks"))

    [again], after = follows(held, around(sales_rep="rep_1"))

    assert isinstance(again, CommandHeld) and [m.key for m in again.missing] == ["choice:acme:price-list"]
    assert [c.status for c in after.commands.values()] == ["held"]


@pytest.mark.parametrize(
    ("facts", "choices", "waits"),
    [
        (MANY, {}, True),
        (MANY, {"currency": "USD"}, False),
        (MANY, {"currency_attribute": "Currency"}, False),
        (MANY, {"currency_attribute": "Money"}, True),
        (CompanyFacts(name=""), {}, False),
    ],
)
def test_a_company_of_several_currencies_is_asked_which(facts: CompanyFacts, choices: Any, waits: bool) -> None:
    customer = alone("wizcommerce", attributes=(Attribute(name="Currency", value=Personal("eur")),))

    decided, after = follows(customer, around(facts, **choices))

    assert kinds(decided) == [CommandIssued, *([CommandHeld] if waits else [])]
    assert [m.key for m in _missing(after)] == (["choice:acme:currency"] if waits else [])


@pytest.mark.parametrize("change", [{"active": False}, {"project": True}])
def test_a_create_that_waits_ends_when_the_customer_is_not_to_be_made_any_more(change: dict[str, bool]) -> None:
    _, held = follows(alone("quickbooks"))

    decided, after = follows(shows(held, "quickbooks", **change))

    assert kinds(decided) == [CommandAbandoned] and "it is " in str(decided[0].why)  # type: ignore[attr-defined]
    assert [c.status for c in after.commands.values()] == ["abandoned"]


def test_a_create_that_waits_ends_when_its_home_has_the_customer_no_more() -> None:
    _, held = follows(alone("quickbooks"))
    gone = RecordGone(system="quickbooks", kind="customer", remote_id="cust_01", fetched_after=1, cause="a test")

    assert kinds(follows(customer_after(gone, customer=held))[0])[:1] == [CommandAbandoned]
    assert follows(customer_after(gone, customer=alone("quickbooks")))[0] == []


# ---- an update of either side ----------------------------------------------------------------------------------------


def edited(**fields: Any) -> Customer:
    return shows(agreed(given_name="Ann", term="Net 30", **fields), "wizcommerce", given_name="Bea")


def test_an_update_is_issued_once_and_goes_with_what_is_wanted_when_it_is_sent() -> None:
    [first], after = follows(edited())
    assert isinstance(first, CommandIssued) and (first.verb, first.target) == ("UpdateCustomer", "quickbooks")
    assert first.because == "WizCommerce has another first name"

    both = shows(after, "wizcommerce", family_name="Moss")
    assert follows(both)[0] == []
    done = arrived(both, first.command_id)

    draft = done.commands[first.command_id].first.draft  # type: ignore[union-attr]
    assert isinstance(draft, CustomerUpdate) and draft.fields == ("given_name", "family_name")
    assert follows(done)[0] == []


def test_both_sides_are_told_what_the_other_has() -> None:
    decided, _ = follows(shows(edited(), "quickbooks", term="Net 60"))

    assert {target: e.because for target, e in issued(decided).items()} == {
        "quickbooks": "WizCommerce has another first name",
        "wizcommerce": "QuickBooks has another payment term",
    }


def test_an_update_ends_when_nothing_is_left_to_say() -> None:
    [first], after = follows(edited())

    [ended], _ = follows(shows(after, "wizcommerce", given_name="Ann"))

    assert isinstance(first, CommandIssued) and isinstance(ended, CommandAbandoned)
    assert (ended.command_id, ended.why) == (first.command_id, "nothing is left to change there")


def test_the_same_change_made_again_asks_for_another_id() -> None:
    [first], after = follows(edited())
    _, ended = follows(shows(after, "wizcommerce", given_name="Ann"))

    [second], _ = follows(shows(ended, "wizcommerce", given_name="Bea"))

    assert isinstance(first, CommandIssued) and isinstance(second, CommandIssued)
    assert (first.generation, second.generation) == (1, 2) and first.command_id != second.command_id


def test_while_an_update_is_being_answered_nothing_more_is_sent_to_that_side() -> None:
    [first], after = follows(edited())
    running = attempted(after, first.command_id)  # type: ignore[attr-defined]

    assert follows(shows(running, "wizcommerce", given_name="Cleo"))[0] == []
    assert follows(shows(running, "wizcommerce", given_name="Ann"))[0] == []
    assert list(issued(follows(shows(running, "quickbooks", term="Net 60"))[0])) == ["wizcommerce"]


def test_a_refused_update_is_not_repeated_for_the_same_content() -> None:
    [first], after = follows(edited())
    no = customer_after(refused(first.command_id), customer=attempted(after, first.command_id))  # type: ignore[attr-defined]

    assert follows(no)[0] == []
    assert kinds(follows(shows(no, "wizcommerce", given_name="Cleo"))[0]) == [CommandIssued]
    [ended], ended_too = follows(shows(no, "wizcommerce", given_name="Ann"))
    assert isinstance(ended, CommandAbandoned) and ended_too.commands[ended.command_id].status == "abandoned"
    assert kinds([issue_update(no, "quickbooks", because="asked")[0]]) == [CommandIssued]


def test_a_refused_update_is_repeated_for_less_of_it_only() -> None:
    [first], after = follows(shows(edited(), "wizcommerce", customer_type="Hotel"))
    no = customer_after(refused(first.command_id), customer=attempted(after, first.command_id))  # type: ignore[attr-defined]
    assert follows(no)[0] == []

    decided, _ = follows(no, around(lists=replace(LISTS, types={})))

    assert kinds(decided) == [CommandIssued, AttentionNeeded]


@pytest.mark.parametrize("sent", [False, True])
def test_an_update_a_person_ended_begins_anew_with_another_content_only(sent: bool) -> None:
    [first], after = follows(edited())
    if sent:
        after = customer_after(
            refused(first.command_id),  # type: ignore[attr-defined]
            customer=attempted(after, first.command_id),  # type: ignore[attr-defined]
        )
    ended = CommandAbandoned(command_id=first.command_id, why="not that")  # type: ignore[attr-defined]
    never = customer_after(ended, customer=after, who="Test")

    assert follows(never)[0] == []
    assert kinds(follows(shows(never, "wizcommerce", given_name="Cleo"))[0]) == [CommandIssued]


def test_an_update_that_had_nothing_to_say_begins_anew_when_it_has() -> None:
    few = around(lists=replace(LISTS, types={}))
    [issue], after = follows(shows(agreed(), "wizcommerce", customer_type="Hotel"))
    decided, ended = follows(after, few)
    assert kinds(decided) == [CommandAbandoned, AttentionNeeded]

    again, _ = follows(ended)

    assert isinstance(issue, CommandIssued) and kinds(again)[0] == CommandIssued


# ---- a record that keeps changing ------------------------------------------------------------------------------------


def outdated_once(customer: Customer, name: str) -> Customer:
    """The update met a newer revision; the record was read again, with another last name."""
    [command] = [c for c in customer.commands.values() if c.unfinished]
    old = customer_after(outdated(command.command_id), customer=attempted(customer, command.command_id))
    return shows(old, "quickbooks", phone=name)


def test_after_two_outdated_updates_the_next_waits_for_another_sight() -> None:
    _, first = follows(edited())
    decided, second = follows(outdated_once(first, "1"))
    assert kinds([issued(decided)["quickbooks"]]) == [CommandIssued] and not _missing(second)

    decided, third = follows(outdated_once(second, "2"))
    held = [e for e in decided if isinstance(e, CommandHeld)]
    assert [m.key for e in held for m in e.missing] == [f"moving:{CUSTOMER}:quickbooks"]
    assert follows(shows(third, "wizcommerce", family_name="Moss"))[0] == []

    released, _ = follows(shows(third, "quickbooks", phone="3"))
    assert kinds(released) == [CommandReleased]


def test_a_held_update_ends_when_nothing_is_left_to_say() -> None:
    _, second = follows(outdated_once(follows(edited())[1], "1"))
    _, third = follows(outdated_once(second, "2"))

    decided, _ = follows(shows(third, "wizcommerce", given_name="Ann"))

    assert CommandAbandoned in kinds(decided) and CommandReleased not in kinds(decided)


# ---- what cannot be said ---------------------------------------------------------------------------------------------


def taken_name() -> Customer:
    renamed = shows(edited(name="Bloom", company="Bloom"), "wizcommerce", name="Petal")
    [first], after = follows(renamed)
    assert isinstance(first, CommandIssued)
    return customer_after(refused(first.command_id, "6240"), customer=attempted(after, first.command_id))


def test_a_name_somebody_else_has_is_left_out_and_said_and_the_rest_goes() -> None:
    decided, after = follows(taken_name())

    [first, second] = decided
    assert isinstance(first, CommandIssued) and first.because == "WizCommerce has another first name"
    assert isinstance(second, AttentionNeeded) and second.topic == "field:quickbooks:name"
    assert follows(arrived(after, first.command_id))[0] == []


def test_another_name_or_a_person_s_retry_is_tried_again() -> None:
    no = taken_name()
    [number] = no.commands

    other, _ = follows(shows(no, "wizcommerce", name="Flower"))
    again, _ = follows(customer_after(CommandRetried(command_id=number), customer=follows(no)[1], who="Test"))

    assert "another name, first name" in issued(other)["quickbooks"].because
    assert "AttentionCleared" in [type(e).__name__ for e in again]


def test_an_address_that_cannot_be_told_is_named_while_the_rest_goes() -> None:
    customer = shows(agreed(billing=street()), "quickbooks", billing=street(city=""), given_name="Bea")

    decided, after = follows(customer)

    assert kinds(decided) == [CommandIssued, AttentionNeeded]
    assert list(after.attention) == ["field:wizcommerce:billing"]
    assert "AttentionCleared" in [type(e).__name__ for e in follows(shows(after, "quickbooks", billing=street()))[0]]


# ---- terms -----------------------------------------------------------------------------------------------------------


def termed(term: str = "Net 45") -> Customer:
    return shows(edited(), "wizcommerce", term=term)


def test_a_missing_term_is_said_unless_a_person_chose_to_make_it() -> None:
    decided, _ = follows(termed())

    assert kinds(decided) == [CommandIssued, AttentionNeeded]
    assert isinstance(decided[0], CommandIssued) and decided[0].verb == "UpdateCustomer"


def test_a_missing_term_is_made_once_and_the_update_waits_for_it() -> None:
    make = around(missing_terms="create")
    decided, after = follows(termed(), make)
    [first] = [e for e in decided if isinstance(e, CommandIssued)]
    assert (first.verb, first.target) == ("CreateTerm", "quickbooks")

    made = customer_after(accepted(first.command_id), customer=attempted(after, first.command_id, make))
    there = around(missing_terms="create", lists=replace(LISTS, terms={**LISTS.terms, "9": "Net 45"}))
    updates, _ = follows(made, there)

    assert made.commands[first.command_id].first.draft == TermDraft(name="Net 45", due_days=45)  # type: ignore[union-attr]
    assert issued(updates)["quickbooks"].because == "WizCommerce has another first name, payment term"


def test_a_term_that_was_refused_is_not_made_again_and_the_rest_goes() -> None:
    make = around(missing_terms="create")
    decided, after = follows(termed(), make)
    [first] = [e for e in decided if isinstance(e, CommandIssued)]
    no = customer_after(refused(first.command_id), customer=attempted(after, first.command_id, make))

    assert [e.verb for e in follows(no, make)[0] if isinstance(e, CommandIssued)] == ["UpdateCustomer"]
    another, _ = follows(shows(no, "wizcommerce", term="Net 50"), make)
    assert [e.verb for e in another if isinstance(e, CommandIssued)] == ["CreateTerm"]


def test_a_term_a_person_will_not_have_made_is_not_asked_for_again() -> None:
    make = around(missing_terms="create")
    decided, after = follows(termed(), make)
    [first] = [e for e in decided if isinstance(e, CommandIssued)]
    never = customer_after(CommandAbandoned(command_id=first.command_id, why="no"), customer=after, who="Test")

    assert [e.verb for e in follows(never, make)[0] if isinstance(e, CommandIssued)] == ["UpdateCustomer"]


def test_a_term_whose_text_does_not_say_when_is_a_person_s() -> None:
    decided, _ = follows(termed("When it suits"), around(missing_terms="create"))

    assert [e.verb for e in decided if isinstance(e, CommandIssued)] == ["UpdateCustomer"]


@pytest.mark.parametrize("text", ["NET30 EOM", "NET30"])  # QuickBooks has a Net 30, which is not the one that is meant
def test_a_term_is_made_under_the_name_a_person_gave_it(text: str) -> None:
    lists = replace(LISTS, term_names={folded(text): "Net 45"})
    make = around(missing_terms="create", lists=lists)
    decided, after = follows(shows(agreed(term="Net 60"), "wizcommerce", term=text), make)
    [first] = [e for e in decided if isinstance(e, CommandIssued)]

    done = attempted(after, first.command_id, make)

    assert done.commands[first.command_id].first.draft == TermDraft(name="Net 45", due_days=45)  # type: ignore[union-attr]


# ---- active, and merged over there -----------------------------------------------------------------------------------


def test_made_inactive_in_quickbooks_is_said_and_made_active_again_goes_to_wizcommerce() -> None:
    _, both = follows(agreed())
    said, there = follows(shows(both, "quickbooks", active=False))
    decided, off = follows(shows(there, "wizcommerce", active=False))
    assert kinds(said) == [AttentionNeeded]
    assert FieldsAgreed(fields=("active",)) in decided

    on, after = follows(shows(off, "quickbooks", active=True))

    command = issued(on)["wizcommerce"]
    assert command.because == "QuickBooks has another active or not"
    assert AttentionNeeded not in kinds(on[1:]) or list(after.attention) == ["inactive-in-wizcommerce"]
    done = arrived(after, command.command_id)
    assert done.here is not None and done.here.active
    settled, quiet = follows(done)
    assert CommandIssued not in kinds(settled) and not quiet.attention


@pytest.mark.parametrize("side", ["quickbooks", "wizcommerce"])
def test_a_customer_made_inactive_on_one_side_is_only_said(side: System) -> None:
    decided, _ = follows(shows(follows(agreed())[1], side, active=False))

    assert kinds(decided) == [AttentionNeeded]


def test_first_linked_with_one_side_inactive_is_only_said() -> None:
    decided, _ = follows(just_linked({"active": True}, {"active": False}))

    assert CommandIssued not in kinds(decided) and AttentionNeeded in kinds(decided)


def test_merged_over_there_ends_what_was_not_sent_and_keeps_nothing_equal() -> None:
    _, after = follows(edited())

    decided, merged = follows(customer_after(MERGED, customer=after))

    assert kinds(decided) == [CommandAbandoned, AttentionNeeded]
    assert follows(shows(merged, "wizcommerce", given_name="Cleo"))[0] == []


def test_merged_over_there_leaves_what_may_have_arrived() -> None:
    [first], after = follows(edited())
    running = attempted(after, first.command_id)  # type: ignore[attr-defined]

    assert kinds(follows(customer_after(MERGED, customer=running))[0]) == [AttentionNeeded]


def test_linked_to_the_one_that_stayed_it_is_kept_equal_again() -> None:
    merged = follows(customer_after(MERGED, customer=edited()))[1]
    stayed = RecordLinked(system="quickbooks", kind="customer", remote_id="77", how="a test")

    assert CommandIssued in kinds(follows(customer_after(stayed, customer=merged))[0])


def test_gone_from_quickbooks_is_said_and_nothing_is_written() -> None:
    gone = RecordGone(system="quickbooks", kind="customer", remote_id="58", fetched_after=1, cause="a test")

    assert kinds(follows(customer_after(gone, customer=edited()))[0]) == [AttentionNeeded]


# ---- nothing is decided ----------------------------------------------------------------------------------------------


def test_nothing_is_decided_before_the_first_sync_or_of_what_is_erased_or_one_with_another() -> None:
    waits: CustomerAround = replace(around(), accepted=False)
    erased = customer_after(sight("quickbooks", customer_seen(display_name=Personal(None)).content), customer=edited())

    assert decide_customer(edited(), waits) == []
    assert decide_customer(erased, around()) == []
    assert decide_customer(customer_after(RecordMergedInto(record="x"), customer=edited()), around()) == []


def test_a_value_put_back_is_written_to_both_sides_and_then_it_is_settled() -> None:
    decided, after = follows(shows(edited(), "quickbooks", given_name="Cleo"))
    customer = arrived(after, issued(decided)["quickbooks"].command_id)
    assert follows(customer)[0] == []

    decided, back = follows(undone(customer, "quickbooks"))
    for command in issued(decided).values():
        back = arrived(back, command.command_id)
    last, settled = follows(back)

    assert set(issued(decided)) == {"quickbooks", "wizcommerce"}
    assert last == [FieldsAgreed(fields=("given_name",))] and not settled.chosen_back
    assert settled.here is not None and settled.here.given_name == Personal("Cleo")
