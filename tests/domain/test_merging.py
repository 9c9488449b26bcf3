"""Who wins what: both sides of a linked customer compared with what they last agreed on."""

from typing import Any

import pytest

from engine.domain.events import ConflictSettled, FieldsAgreed, PersonalFieldsErased
from engine.domain.fields import SHARED, shown
from engine.domain.merging import merge
from engine.domain.values import Address, CustomerContent, CustomerField, Personal, System
from tests.two_sides import (
    LISTS,
    OWNERS,
    agreed,
    attempted,
    compared,
    follows,
    issued,
    just_linked,
    seen_after_acceptance,
    shows,
    sight,
    street,
    undone,
    wants,
)
from tests.wholesale import customer_after

SIDES: tuple[System, ...] = ("quickbooks", "wizcommerce")
OTHER: dict[System, System] = {"quickbooks": "wizcommerce", "wizcommerce": "quickbooks"}
BEFORE: dict[str, Any] = {
    "name": "Bloom & Co",
    "company": "Bloom",
    "given_name": "Ann",
    "family_name": "Lee",
    "phone": "+14155550100",
    "billing": street(),
    "shipping": street("2 Dock Rd"),
    "term": "Net 30",
    "customer_type": "Florist",
}
EDITS: dict[str, tuple[Any, Any]] = {
    "name": ("Petal & Co", "Flower & Co"),
    "company": ("Petal", "Flower"),
    "given_name": ("Bea", "Cleo"),
    "family_name": ("Moss", "Fern"),
    "phone": ("+14155550111", "+14155550122"),
    "billing": (street("3 Quay St"), street("4 Quay St")),
    "shipping": (street("3 Dock Rd"), street("4 Dock Rd")),
    "term": ("Net 60", "Due on receipt"),
    "customer_type": ("Hotel", "Café"),
}


def both_edited(field: str = "given_name", quickbooks: Any = "Bea", wizcommerce: Any = "Cleo") -> Any:
    customer = shows(agreed(**BEFORE), "quickbooks", **{field: quickbooks})
    return shows(customer, "wizcommerce", **{field: wizcommerce})


def as_read(content: CustomerContent, field: CustomerField, system: System) -> str:
    return shown(content, field, system, LISTS)


# ---- since both agreed -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("edited", SIDES)
@pytest.mark.parametrize("field", SHARED)
def test_what_was_changed_on_one_side_goes_to_the_other(field: CustomerField, edited: System) -> None:
    customer = shows(agreed(**BEFORE), edited, **{field: EDITS[field][0]})

    merged, _ = compared(customer)

    assert (merged.events, wants(merged)) == ((), {OTHER[edited]: [field]})
    wanted = merged.wanted[OTHER[edited]][field]
    assert wanted.source == edited and wanted.content == customer.shown_by(edited)


@pytest.mark.parametrize("owner", SIDES)
@pytest.mark.parametrize("field", SHARED)
def test_what_was_changed_on_both_goes_by_its_owner_and_is_said_once(field: CustomerField, owner: System) -> None:
    before = agreed(**BEFORE)
    customer = both_edited(field, *EDITS[field])

    merged, after = compared(customer, **{field: owner})

    [settled] = merged.events
    assert isinstance(settled, ConflictSettled) and (settled.field, settled.winner) == (field, owner)
    base = before.shown_by("wizcommerce")
    q, w = customer.shown_by("quickbooks"), customer.shown_by("wizcommerce")
    assert base is not None and q is not None and w is not None
    assert str(settled.base) == as_read(base, field, "wizcommerce") != ""
    assert str(settled.quickbooks) == as_read(q, field, "quickbooks")
    assert str(settled.wizcommerce) == as_read(w, field, "wizcommerce")
    named = {"quickbooks": "QuickBooks", "wizcommerce": "WizCommerce"}[owner]
    assert settled.rule.startswith(f"changed on both sides since they agreed; {named} owns the ")
    assert wants(merged) == {OTHER[owner]: [field]} and merged.wanted[OTHER[owner]][field].source == owner
    assert [(c.version, c.undone) for c in after.conflicts] == [(after.version, False)]


def test_fields_changed_on_either_side_merge() -> None:
    customer = shows(agreed(**BEFORE), "quickbooks", name="Petal & Co", term="Net 60")

    merged, _ = compared(shows(customer, "wizcommerce", phone="+14155550111", name="Petal & Co"))

    assert merged.events == (FieldsAgreed(fields=("name",)),)
    assert wants(merged) == {"wizcommerce": ["term"], "quickbooks": ["phone"]}


def test_a_settled_conflict_keeps_its_winner_when_the_owner_is_chosen_anew() -> None:
    _, after = compared(both_edited())

    merged = merge(after, LISTS, {**OWNERS, "given_name": "quickbooks"})

    assert (merged.events, wants(merged)) == ((), {"quickbooks": ["given_name"]})


@pytest.mark.parametrize("field", SHARED)
def test_what_was_changed_on_both_sides_to_the_same_is_agreed(field: CustomerField) -> None:
    edit = EDITS[field][0]

    merged, after = compared(both_edited(field, edit, edit))

    assert (merged.events, wants(merged)) == ((FieldsAgreed(fields=(field,)),), {})
    assert after.agreed[field].quickbooks == after.shown_by("quickbooks")


@pytest.mark.parametrize("edited", SIDES)
@pytest.mark.parametrize(
    ("field", "rewritten"),
    [
        ("name", "  Bloom  & Co "),
        ("name", "Bloom\t&: Co"),
        ("given_name", " Ann"),
        ("phone", "(415) 555-0100"),
        ("billing", street("1 QUAY ST.", country="USA")),
        ("shipping", street("2 Dock Rd", city="PORTLAND")),
    ],
)
def test_another_way_of_writing_the_same_is_nothing(field: CustomerField, rewritten: Any, edited: System) -> None:
    merged, _ = compared(shows(agreed(**BEFORE), edited, **{field: rewritten}))

    assert (merged.events, wants(merged)) == ((), {})


def test_names_count_by_their_capitals_once_they_are_agreed() -> None:
    merged, _ = compared(shows(agreed(**BEFORE), "wizcommerce", name="BLOOM & Co"))

    assert wants(merged) == {"quickbooks": ["name"]}


def test_a_term_is_the_same_under_the_name_a_person_gave_it() -> None:
    lists = LISTS.__class__(terms=LISTS.terms, types=LISTS.types, term_names={"nettosixty": "Net 60"})
    customer = shows(agreed(**BEFORE), "quickbooks", term="Net 60")
    customer = shows(customer, "wizcommerce", term="Netto sixty")

    assert merge(customer, lists, OWNERS).events == (FieldsAgreed(fields=("term",)),)


@pytest.mark.parametrize("emptied", SIDES)
@pytest.mark.parametrize("field", ["given_name", "family_name", "phone"])
def test_a_field_emptied_on_one_side_is_emptied_on_the_other(field: CustomerField, emptied: System) -> None:
    merged, _ = compared(shows(agreed(**BEFORE), emptied, **{field: ""}))

    assert wants(merged) == {OTHER[emptied]: [field]}


@pytest.mark.parametrize("emptied", SIDES)
@pytest.mark.parametrize("field", ["billing", "shipping"])
def test_an_address_is_never_removed_because_the_other_side_has_none(field: CustomerField, emptied: System) -> None:
    without = shows(agreed(**BEFORE), emptied, **{field: None})
    left, _ = compared(without)
    moved, _ = compared(shows(without, OTHER[emptied], **{field: street("9 Quay St")}))

    assert (left.events, wants(left)) == ((), {})
    assert (moved.events, wants(moved)) == ((), {emptied: [field]})
    assert moved.wanted[emptied][field].source == OTHER[emptied]


@pytest.mark.parametrize("edited", SIDES)
def test_a_value_that_came_back_is_no_change(edited: System) -> None:
    there = shows(agreed(**BEFORE), edited, given_name="Bea")

    merged, _ = compared(shows(there, edited, given_name="Ann"))

    assert (merged.events, wants(merged)) == ((), {})


# ---- just linked -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("full", SIDES)
@pytest.mark.parametrize("field", [f for f in SHARED if f not in ("name", "company")])
def test_at_first_what_one_side_lacks_is_filled_without_a_conflict(field: CustomerField, full: System) -> None:
    empty: dict[str, Any] = {**BEFORE, field: None if field in ("billing", "shipping") else ""}
    shown_by: dict[System, dict[str, Any]] = {full: BEFORE, OTHER[full]: empty}

    merged, after = compared(just_linked(shown_by["quickbooks"], shown_by["wizcommerce"]))

    assert wants(merged) == {OTHER[full]: [field]} and merged.wanted[OTHER[full]][field].source == full
    assert merged.events == (FieldsAgreed(fields=tuple(f for f in SHARED if f != field)),)
    assert field not in after.agreed


@pytest.mark.parametrize("owner", SIDES)
def test_at_first_what_differs_goes_by_its_owner_and_has_no_base(owner: System) -> None:
    customer = just_linked({**BEFORE, "given_name": "Bea"}, {**BEFORE, "given_name": "Cleo"})

    merged, _ = compared(customer, given_name=owner)

    agreed_on, settled = merged.events
    assert isinstance(agreed_on, FieldsAgreed) and "given_name" not in agreed_on.fields
    assert isinstance(settled, ConflictSettled) and settled.rule.startswith("differed when the two were linked; ")
    assert (settled.base, settled.quickbooks, settled.wizcommerce) == tuple(map(Personal, ("", "Bea", "Cleo")))
    assert wants(merged) == {OTHER[owner]: ["given_name"]}


@pytest.mark.parametrize(("field", "written"), [("name", "BLOOM & CO."), ("company", "bloom!"), ("given_name", "ANN")])
def test_at_first_names_that_differ_in_writing_only_stay_as_they_are(field: CustomerField, written: str) -> None:
    merged, after = compared(just_linked(BEFORE, {**BEFORE, field: written}))
    assert (merged.events, wants(merged)) == ((FieldsAgreed(fields=SHARED),), {})

    moved, _ = compared(shows(after, "wizcommerce", **{field: "Petal"}))
    assert (moved.events, wants(moved)) == ((), {"quickbooks": [field]})


def test_who_has_no_company_name_is_called_by_the_display_name() -> None:
    merged, _ = compared(just_linked({"name": "Bloom"}, {"name": "Bloom", "company": "Bloom"}))

    assert (merged.events, wants(merged)) == ((FieldsAgreed(fields=SHARED),), {})


# ---- a conflict, and what comes after it -----------------------------------------------------------------------------


@pytest.mark.parametrize("edited", SIDES)
def test_another_edit_after_a_conflict_is_a_conflict_of_its_own(edited: System) -> None:
    _, after = compared(both_edited())

    merged, later = compared(shows(after, edited, given_name="Dora"), given_name="quickbooks")

    [settled] = merged.events
    assert isinstance(settled, ConflictSettled) and settled.winner == "quickbooks" != after.conflicts[0].event.winner
    assert getattr(settled, edited) == Personal("Dora")
    assert len(later.conflicts) == 2 and later.unsettled["given_name"].event == settled


def test_a_loser_that_takes_the_winner_s_value_itself_settles_it() -> None:
    _, after = compared(both_edited())

    merged, later = compared(shows(after, "quickbooks", given_name="Cleo"))

    assert (merged.events, wants(merged)) == ((FieldsAgreed(fields=("given_name",)),), {})
    assert len(later.conflicts) == 1


def test_a_conflict_whose_values_are_only_written_another_way_is_not_said_again() -> None:
    both = shows(
        shows(agreed(phone="+14155550100"), "wizcommerce", phone="+14155550111"), "quickbooks", phone="+14155550122"
    )
    _, said = compared(both)

    _, after = compared(shows(said, "wizcommerce", phone="(415) 555-0111"))

    assert len(after.conflicts) == len(said.conflicts) == 1


def test_a_conflict_undone_before_the_winner_was_written_puts_the_loser_on_the_winner_s_side() -> None:
    _, after = compared(both_edited())

    merged, back = compared(undone(after, "quickbooks"))
    assert (merged.events, wants(merged)) == ((), {"wizcommerce": ["given_name"]})
    assert merged.wanted["wizcommerce"]["given_name"].source == "quickbooks"

    done, settled = compared(shows(back, "wizcommerce", given_name="Bea"))
    assert done.events == (FieldsAgreed(fields=("given_name",)),) and not settled.chosen_back


def test_a_conflict_undone_after_the_winner_was_written_puts_the_loser_on_both_sides() -> None:
    decided, after = follows(both_edited())
    command = issued(decided)["quickbooks"].command_id
    written = seen_after_acceptance(attempted(after, command), command)
    merged, settled = compared(written)
    assert (merged.events, wants(merged)) == ((), {})

    back, _ = compared(undone(settled, "quickbooks"))

    assert (back.events, wants(back)) == ((), {"quickbooks": ["given_name"], "wizcommerce": ["given_name"]})
    assert all(w["given_name"].content.given_name == Personal("Bea") for w in back.wanted.values())


def test_undoing_holds_although_the_winner_s_write_is_seen_after_it() -> None:
    decided, after = follows(both_edited())
    command = issued(decided)["quickbooks"].command_id

    late = seen_after_acceptance(undone(attempted(after, command), "quickbooks"), command)

    assert wants(compared(late)[0]) == {"quickbooks": ["given_name"], "wizcommerce": ["given_name"]}


def test_a_conflict_undone_twice_ends_with_what_was_chosen_last() -> None:
    _, after = compared(both_edited())
    _, once = compared(shows(compared(undone(after, "quickbooks"))[1], "wizcommerce", given_name="Bea"))

    twice = undone(once, "wizcommerce")
    merged, _ = compared(twice)

    assert wants(merged) == {"quickbooks": ["given_name"], "wizcommerce": ["given_name"]}
    assert all(w["given_name"].source == "wizcommerce" for w in merged.wanted.values())


def test_an_undone_conflict_is_said_again_when_the_same_two_values_come_back() -> None:
    _, after = compared(both_edited())
    _, settled = compared(shows(undone(after, "quickbooks"), "wizcommerce", given_name="Bea"))
    apart = shows(shows(settled, "quickbooks", given_name="Ann"), "wizcommerce", given_name="Ann")
    _, apart = compared(apart)

    merged, _ = compared(shows(shows(apart, "quickbooks", given_name="Bea"), "wizcommerce", given_name="Cleo"))

    assert [type(e) for e in merged.events] == [ConflictSettled]


@pytest.mark.parametrize("edited", SIDES)
def test_an_edit_made_after_an_undoing_is_not_written_over(edited: System) -> None:
    _, after = compared(both_edited())
    back = undone(after, "quickbooks")

    merged, later = compared(shows(back, edited, given_name="Dora"))
    assert merged.wanted[OTHER[edited]]["given_name"].content.given_name == Personal("Dora")
    assert (merged.events, wants(merged)) == ((), {OTHER[edited]: ["given_name"]})

    done, settled = compared(shows(later, OTHER[edited], given_name="Dora"))
    assert done.events == (FieldsAgreed(fields=("given_name",)),) and not settled.chosen_back


def test_edits_of_both_sides_after_an_undoing_are_a_conflict() -> None:
    back = undone(compared(both_edited())[1], "quickbooks")

    merged, _ = compared(shows(shows(back, "quickbooks", given_name="Dora"), "wizcommerce", given_name="Eve"))

    [settled] = merged.events
    assert isinstance(settled, ConflictSettled)
    assert (settled.quickbooks, settled.wizcommerce) == (Personal("Dora"), Personal("Eve"))


# ---- while a write of ours is under way ------------------------------------------------------------------------------


def writing() -> tuple[Any, str]:
    """WizCommerce's new first name is on its way to QuickBooks."""
    decided, after = follows(shows(agreed(**BEFORE), "wizcommerce", given_name="Bea"))
    command = issued(decided)["quickbooks"].command_id
    return attempted(after, command), command


def test_what_was_written_is_agreed_as_either_side_shows_it() -> None:
    merged, after = compared(seen_after_acceptance(*writing()))

    assert (merged.events, wants(merged)) == ((), {})
    assert after.agreed["given_name"].quickbooks.given_name == Personal("Bea")


def test_an_edit_of_the_sending_side_made_meanwhile_is_not_lost() -> None:
    running, command = writing()

    merged, _ = compared(seen_after_acceptance(shows(running, "wizcommerce", given_name="Cleo"), command))

    assert (merged.events, wants(merged)) == ((), {"quickbooks": ["given_name"]})
    assert merged.wanted["quickbooks"]["given_name"].content.given_name == Personal("Cleo")


def test_an_edit_of_another_field_of_the_written_side_made_meanwhile_is_not_lost() -> None:
    running, command = writing()

    merged, _ = compared(shows(seen_after_acceptance(running, command), "quickbooks", family_name="Moss"))

    assert wants(merged) == {"wizcommerce": ["family_name"]}


# ---- nothing to compare ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("erased", SIDES)
def test_of_erased_contents_nothing_follows(erased: System) -> None:
    gone = CustomerContent(display_name=Personal(None), given_name=Personal(None))
    customer = customer_after(PersonalFieldsErased(), sight(erased, gone), customer=both_edited())

    merged = merge(customer, LISTS, OWNERS)

    assert (merged.events, merged.wanted) == ((), {})


@pytest.mark.parametrize("only", SIDES)
def test_of_one_side_alone_nothing_follows(only: System) -> None:
    assert merge(shows(customer_after(), only, **BEFORE), LISTS, OWNERS).events == ()


def test_a_place_without_street_or_city_is_no_address() -> None:
    merged, _ = compared(just_linked({**BEFORE, "billing": Address()}, BEFORE))

    assert merged.wanted["quickbooks"]["billing"].source == "wizcommerce"
