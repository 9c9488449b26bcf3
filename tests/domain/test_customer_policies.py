"""What follows for a customer: where it is made, what each side is told, what waits for whom. Asked twice, nothing more."""

from typing import Any

import pytest
from msgspec.structs import replace

from engine.domain.commands import command_id
from engine.domain.customer import Customer
from engine.domain.customer_policies import CustomerAround, decide_customer
from engine.domain.events import (
    AttentionNeeded,
    CommandAbandoned,
    CommandHeld,
    CommandIssued,
    CommandReleased,
    Event,
    FieldsAgreed,
    NeededBy,
    PushAskedFor,
    RecordGone,
    RecordLinked,
    RecordMergedInto,
    RecordMergedThere,
)
from engine.domain.values import Attribute, CompanyFacts, Personal, System
from tests.two_sides import (
    agreed,
    around,
    arrived,
    attempted,
    edited,
    follows,
    issued,
    just_linked,
    kinds,
    shown_there,
    shows,
    sight,
    undone,
    waited_for,
)
from tests.wholesale import ORDER, RECORD, customer_after, customer_seen

NEEDED = NeededBy(stream=ORDER, number="WC-1001")
ALL_SAID = {"sales_rep": "rep_1", "price_list": "list_1"}
MANY = CompanyFacts(name="Green Wholesale", multi_currency=True)
MERGED = RecordMergedThere(system="quickbooks", kind="customer", remote_id="58", into="77")


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

    assert follows(never)[0] == [] == follows(shows(never, "wizcommerce", phone="1"))[0]
    assert kinds(follows(customer_after(PushAskedFor(), customer=never, who="Test"))[0]) == [CommandIssued]


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
    assert all(f"`wizqbo set acme {m.key.rpartition(':')[2]} …`" in m.sentence for m in waited_for(after))
    released, _ = follows(after, around(**ALL_SAID))
    assert kinds(released) == ([CommandReleased] if missing else [])


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
    assert [m.key for m in waited_for(after)] == (["choice:acme:currency"] if waits else [])


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

    shown = replace(sight("quickbooks", shown_there(merged, "wizcommerce")), remote_id="77")
    after = customer_after(stayed, shown, customer=merged)

    assert CommandIssued in kinds(follows(shows(follows(after)[1], "wizcommerce", given_name="Cleo"))[0])


def test_linked_to_the_one_that_stayed_no_sight_of_the_other_one_is_compared() -> None:
    merged = follows(customer_after(MERGED, customer=edited()))[1]
    stayed = RecordLinked(system="quickbooks", kind="customer", remote_id="77", how="a test")

    assert CommandIssued not in kinds(follows(customer_after(stayed, customer=merged))[0])


def test_what_was_edited_back_before_it_was_sent_and_edited_again_is_sent() -> None:
    first = follows(agreed(given_name="Ann"))[1]
    there = follows(shows(first, "wizcommerce", given_name="Bea"))[1]
    [ended], back = follows(shows(there, "wizcommerce", given_name="Ann"))

    assert isinstance(ended, CommandAbandoned)
    assert CommandIssued in kinds(follows(shows(back, "wizcommerce", given_name="Bea"))[0])


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
