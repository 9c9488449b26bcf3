"""What each side of a linked customer is told, once, and what waits. Asked twice, nothing more."""

import pytest
from msgspec.structs import replace

from engine.domain.customer import Customer
from engine.domain.customer_policies import issue_update
from engine.domain.drafts import CustomerUpdate, TermDraft
from engine.domain.events import (
    AttentionNeeded,
    CommandAbandoned,
    CommandHeld,
    CommandIssued,
    CommandReleased,
    CommandRetried,
)
from engine.domain.values import folded
from tests.two_sides import (
    LISTS,
    accepted,
    agreed,
    around,
    arrived,
    attempted,
    edited,
    follows,
    issued,
    kinds,
    outdated,
    refused,
    shows,
    street,
    waited_for,
)
from tests.wholesale import CUSTOMER, customer_after

# ---- an update of either side ----------------------------------------------------------------------------------------


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
    assert kinds([issued(decided)["quickbooks"]]) == [CommandIssued] and not waited_for(second)

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
