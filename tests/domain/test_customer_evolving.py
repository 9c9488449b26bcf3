"""What a customer's events add up to where both sides are kept equal: bases, conflicts, and writes of ours to be seen."""

from typing import Any

import pytest
from msgspec.structs import replace

from engine.domain.drafts import CustomerDraft, CustomerUpdate
from engine.domain.events import (
    AttentionCleared,
    AttentionNeeded,
    Candidate,
    CommandAbandoned,
    CommandIssued,
    CommandRetried,
    ConflictSettled,
    ConflictUndone,
    Event,
    FieldsAgreed,
    MatchChosen,
    MatchProposed,
    MatchRejected,
    PushAskedFor,
    RecordGone,
    RecordLinked,
    RecordMergedThere,
    RevisionMoved,
    Verb,
)
from engine.domain.values import CustomerContent, CustomerField, Personal, System
from tests.two_sides import IDS, accepted, agreed, just_linked, outdated, refused, said, shown_there, shows, started
from tests.wholesale import customer_after, customer_seen

ONE, TWO = "1" * 32, "2" * 32
MERGED = RecordMergedThere(system="quickbooks", kind="customer", remote_id="58", into="77")
STAYED = RecordLinked(system="quickbooks", kind="customer", remote_id="77", how="a test")


def conflict(winner: System = "quickbooks") -> ConflictSettled:
    texts = {"base": "Ann", "quickbooks": "Bea", "wizcommerce": "Cleo"}
    return ConflictSettled(
        field="given_name", winner=winner, rule="a test", **{key: Personal(text) for key, text in texts.items()}
    )


def command(target: System = "quickbooks", number: str = ONE, verb: Verb = "UpdateCustomer") -> CommandIssued:
    return CommandIssued(command_id=number, verb=verb, target=target, generation=1, because="a test")


def update(target: System = "quickbooks", fields: tuple[CustomerField, ...] = ("given_name",), **shown: str) -> Event:
    content = CustomerContent(**{"display_name": Personal("Bloom"), **said(target, **shown)})
    draft = CustomerUpdate(target=target, remote_id=IDS[target], revision="1", fields=fields, content=content, mark=ONE)
    return started(ONE, draft)


# ---- bases and conflicts ---------------------------------------------------------------------------------------------


def test_what_was_agreed_on_is_what_both_sides_showed_then() -> None:
    customer = just_linked({"given_name": "Ann"}, {"given_name": "ANN"})
    both = (shown_there(customer, "quickbooks"), shown_there(customer, "wizcommerce"))

    after = shows(customer_after(FieldsAgreed(fields=("given_name", "name")), customer=customer), "quickbooks")
    after = shows(after, "quickbooks", given_name="Bea")

    assert set(after.agreed) == {"given_name", "name"}
    assert {(a.quickbooks, a.wizcommerce) for a in after.agreed.values()} == {both}


@pytest.mark.parametrize("event", [FieldsAgreed(fields=("name",)), conflict()])
def test_nothing_is_agreed_or_settled_while_only_one_side_was_seen(event: Event) -> None:
    alone = customer_after(customer_seen(), event)

    assert not alone.agreed and not alone.conflicts


def test_every_conflict_is_kept_under_its_version_and_the_newest_of_a_field_counts() -> None:
    first = customer_after(conflict(), customer=just_linked({"given_name": "Bea"}, {"given_name": "Cleo"}))
    second = customer_after(conflict("wizcommerce"), customer=shows(first, "quickbooks", given_name="Dora"))

    assert [c.version for c in second.conflicts] == [first.version, second.version]
    assert second.conflicts[0].contents.quickbooks.given_name == Personal("Bea")
    assert second.unsettled["given_name"] == second.conflicts[1]


@pytest.mark.parametrize(("side", "name"), [("quickbooks", "Bea"), ("wizcommerce", "Cleo")])
def test_an_undone_conflict_puts_back_what_that_side_showed_then(side: System, name: str) -> None:
    settled = customer_after(conflict(), customer=just_linked({"given_name": "Bea"}, {"given_name": "Cleo"}))
    later = shows(settled, side, given_name="Dora")
    undo = ConflictUndone(field="given_name", value_of=side, settled=settled.version)

    after = customer_after(undo, customer=later)

    back = after.chosen_back["given_name"]
    assert (back.system, back.content.given_name) == (side, Personal(name))
    assert [c.undone for c in after.conflicts] == [True]
    done = customer_after(FieldsAgreed(fields=("given_name",)), customer=after)
    other = customer_after(FieldsAgreed(fields=("name",)), customer=after)
    assert not done.chosen_back and other.chosen_back == after.chosen_back


def test_undoing_touches_only_the_conflict_it_names() -> None:
    settled = customer_after(conflict(), conflict(), customer=just_linked())
    by_version = {c.version: c for c in settled.conflicts}

    one = customer_after(
        ConflictUndone(field="given_name", value_of="quickbooks", settled=min(by_version)), customer=settled
    )
    none = customer_after(ConflictUndone(field="given_name", value_of="quickbooks", settled=99), customer=settled)

    assert [c.undone for c in one.conflicts] == [True, False]
    assert not none.chosen_back and [c.undone for c in none.conflicts] == [False, False]


# ---- a write of ours, until what it left is seen ---------------------------------------------------------------------


def written(target: System = "quickbooks") -> tuple[CustomerContent, CustomerContent]:
    """The base after a write of "Bea" to `target` was seen: what the target and the other side showed in it."""
    other: System = "wizcommerce" if target == "quickbooks" else "quickbooks"
    customer = shows(agreed(given_name="Ann"), other, given_name="Bea")
    running = customer_after(command(target), update(target, given_name="Bea"), customer=customer)
    edited = shows(running, other, given_name="Cleo")
    waits = customer_after(accepted(ONE, target), customer=edited)
    assert waits.settling[target].fields == ("given_name",)
    assert waits.agreed == customer.agreed

    seen = shows(waits, target, given_name="Bea B")

    assert not seen.settling and seen.agreed["family_name"] == customer.agreed["family_name"]
    both = seen.agreed["given_name"]
    return (both.quickbooks, both.wizcommerce) if target == "quickbooks" else (both.wizcommerce, both.quickbooks)


@pytest.mark.parametrize("target", ["quickbooks", "wizcommerce"])
def test_a_write_is_agreed_as_the_target_shows_it_and_as_the_source_was_when_it_was_sent(target: System) -> None:
    there, source = written(target)

    assert (there.given_name, source.given_name) == (Personal("Bea B"), Personal("Bea"))


def test_the_other_side_s_sight_does_not_settle_a_write() -> None:
    customer = customer_after(command(), update(given_name="Bea"), accepted(ONE), customer=agreed(given_name="Ann"))

    after = shows(customer, "wizcommerce", given_name="Cleo")

    assert after.settling == customer.settling and after.agreed == customer.agreed


def test_what_is_sent_again_was_made_of_what_the_first_attempt_saw() -> None:
    first = customer_after(command(), update(given_name="Bea"), customer=agreed(given_name="Bea"))

    again = customer_after(update(given_name="Bea"), customer=shows(first, "wizcommerce", given_name="Cleo"))

    assert again.sent_from == first.sent_from
    assert again.sent_from[ONE].given_name == Personal("Bea")


def test_a_new_customer_is_agreed_on_in_all_that_was_said_of_it() -> None:
    alone = customer_after(customer_seen(), command(verb="CreateCustomer"))
    draft = CustomerDraft(content=customer_seen().content, mark=ONE, fields=("name", "phone"))

    made = shows(customer_after(started(ONE, draft), accepted(ONE), customer=alone), "quickbooks", phone="1")

    assert set(made.agreed) == {"name", "phone"}
    assert made.agreed["phone"].quickbooks.phone == Personal("1")
    assert made.agreed["phone"].wizcommerce == customer_seen().content


def test_a_write_that_arrived_at_a_customer_merged_away_since_settles_nothing() -> None:
    running = customer_after(command(), update(given_name="Bea"), customer=agreed(given_name="Ann"))
    merged = customer_after(MERGED, STAYED, customer=running)

    assert not customer_after(accepted(ONE), customer=merged).settling


def test_what_is_there_is_agreed_at_once_when_a_person_takes_it_for_arrived() -> None:
    running = customer_after(command(), update(given_name="Bea"), customer=agreed(given_name="Ann"))
    shown = shows(running, "quickbooks", given_name="Bea B")

    taken = customer_after(replace(accepted(ONE), revision=""), customer=shown)

    assert not taken.settling
    assert taken.agreed["given_name"].quickbooks.given_name == Personal("Bea B")


def test_of_another_customer_nothing_is_agreed_yet() -> None:
    before = customer_after(conflict(), customer=agreed(given_name="Ann"))

    after = customer_after(MERGED, STAYED, customer=before)

    assert not after.agreed and after.shown_by("quickbooks") is None
    assert after.links["quickbooks"] == "77" and after.shown_by("wizcommerce") == before.shown_by("wizcommerce")


def test_linked_again_to_the_customer_it_has_keeps_all_that_was_agreed() -> None:
    again = RecordLinked(system="quickbooks", kind="customer", remote_id="58", how="a test")

    assert customer_after(again, customer=agreed()).agreed == agreed().agreed


def test_an_accepted_write_that_never_began_settles_nothing() -> None:
    assert not customer_after(command(), accepted(ONE), customer=agreed()).settling


# ---- updates that met a newer revision -------------------------------------------------------------------------------


def twice_outdated(target: System = "quickbooks") -> list[Event]:
    return [command(target), outdated(ONE), command(target, TWO), outdated(TWO)]


def test_updates_outdated_in_a_row_are_counted_although_each_reads_the_record_again() -> None:
    once = customer_after(command(), outdated(ONE), customer=agreed())
    assert (once.outdated, once.reread_at) == ({"quickbooks": 1}, once.version)

    reread = shows(once, "quickbooks", given_name="Bea")
    assert reread.outdated == {"quickbooks": 1}

    twice = shows(customer_after(command(number=TWO), outdated(TWO), customer=reread), "quickbooks", given_name="Cleo")
    assert twice.outdated == {"quickbooks": 2}


def test_the_next_sight_nobody_asked_for_ends_the_run() -> None:
    reread = shows(customer_after(*twice_outdated(), customer=agreed()), "quickbooks", given_name="Bea")

    assert shows(reread, "wizcommerce", given_name="Bea").outdated == {"quickbooks": 2}
    assert shows(reread, "quickbooks", given_name="Cleo").outdated == {}


def test_a_moved_revision_is_a_sight_too() -> None:
    moved = RevisionMoved(
        system="quickbooks", kind="customer", remote_id="58", revision="8", fetched_after=1, cause="a test"
    )
    once = customer_after(command(), outdated(ONE), moved, customer=agreed())

    assert once.outdated == {"quickbooks": 1}
    assert customer_after(moved, customer=once).outdated == {}


def test_an_accepted_update_ends_the_run_of_its_side_only() -> None:
    other = [command("wizcommerce", "3" * 32), outdated("3" * 32)]
    customer = customer_after(*other, *twice_outdated(), customer=agreed())

    assert customer_after(accepted(TWO), customer=customer).outdated == {"wizcommerce": 1}


# ---- names that are taken --------------------------------------------------------------------------------------------


def test_a_name_refused_as_taken_is_known_until_a_person_asks_for_another_try() -> None:
    tried = customer_after(command(), update(fields=("name",), name="Petal"), customer=agreed())

    taken = customer_after(refused(ONE, "6240"), customer=tried)

    assert taken.taken_names == {"quickbooks": "Petal"}
    assert customer_after(CommandRetried(command_id=ONE), customer=taken).taken_names == {}
    assert customer_after(refused(ONE, "2050"), customer=tried).taken_names == {}


def test_a_person_s_push_tries_a_name_again_that_was_taken() -> None:
    tried = customer_after(command(), update(fields=("name",), name="Petal"), refused(ONE, "6240"), customer=agreed())

    assert customer_after(PushAskedFor(), customer=tried).taken_names == {}


def test_a_name_that_was_not_sent_is_not_taken() -> None:
    tried = customer_after(command(), update(fields=("given_name",), given_name="Bea"), customer=agreed())

    assert customer_after(refused(ONE, "6240"), customer=tried).taken_names == {}
    assert customer_after(command(), refused(ONE, "6240"), customer=agreed()).taken_names == {}


# ---- the e-mail, and what a person let stand -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "moved"),
    [
        ("new@bloom.example", True),
        ("books@bloom.example, ann@bloom.example", True),
        ("", True),
        (" BOOKS@bloom.example ", False),
    ],
)
def test_quickbooks_e_mail_has_moved_when_other_addresses_stand_there(email: str, moved: bool) -> None:
    assert shows(agreed(), "quickbooks", email=Personal(email)).email_moved is moved


def test_the_first_sight_and_wizcommerce_s_own_e_mail_are_no_move() -> None:
    assert not agreed().email_moved
    assert not shows(agreed(), "wizcommerce", email=Personal("new@bloom.example")).email_moved


def test_a_moved_e_mail_stays_so_until_that_task_is_cleared() -> None:
    moved = shows(shows(agreed(), "quickbooks", email=Personal("new@bloom.example")), "quickbooks", phone="1")
    assert moved.email_moved

    other = customer_after(AttentionCleared(topic="field:quickbooks:phone", because="settled"), customer=moved)
    cleared = customer_after(AttentionCleared(topic="email", because="settled"), customer=moved)

    assert (other.email_moved, cleared.email_moved) == (True, False)


def raised(topic: str, sentence: str = "look") -> AttentionNeeded:
    return AttentionNeeded(topic=topic, sentence=sentence, next_step="")


@pytest.mark.parametrize(("who", "kept"), [("Test", {("a", "look")}), ("system", set()), ("schedule", set())])
def test_only_what_a_person_cleared_is_let_stand(who: str, kept: set[tuple[str, str]]) -> None:
    customer = customer_after(raised("a"), raised("b"), customer=agreed())

    after = customer_after(AttentionCleared(topic="a", because="seen"), customer=customer, who=who)

    assert (set(after.attention), after.dismissed) == ({"b"}, kept)


def test_clearing_what_does_not_stand_lets_nothing_stand() -> None:
    assert not customer_after(AttentionCleared(topic="a", because="seen"), customer=agreed(), who="Test").dismissed


@pytest.mark.parametrize(
    ("topic", "side", "edit"),
    [
        ("email", "quickbooks", {"email": Personal("new@bloom.example")}),
        ("email", "wizcommerce", {"email": Personal("new@bloom.example")}),
        ("field:wizcommerce:phone", "quickbooks", {"phone": "no number"}),
        ("field:quickbooks:term", "wizcommerce", {"term": "Net 60"}),
        ("inactive-in-quickbooks", "quickbooks", {"active": False}),
        ("inactive-in-wizcommerce", "wizcommerce", {"active": False}),
    ],
)
def test_what_a_person_let_stand_is_let_stand_until_it_is_edited_again(
    topic: str, side: System, edit: dict[str, Any]
) -> None:
    customer = customer_after(raised(topic), customer=agreed(phone="1", term="Net 30"))
    customer = customer_after(AttentionCleared(topic=topic, because="seen"), customer=customer, who="Test")
    assert customer.dismissed

    assert shows(customer, side, family_name="Moss").dismissed == customer.dismissed
    assert shows(customer, side, **edit).dismissed == frozenset()


# ---- matches, and records merged over there --------------------------------------------------------------------------

TWO_OF_THEM = tuple(Candidate(remote_id=one, strength="weak", because="the name") for one in ("3", "4"))


@pytest.mark.parametrize(
    ("answer", "rejected"),
    [
        (MatchRejected(system="quickbooks"), {"3", "4"}),
        (MatchChosen(system="quickbooks", remote_id="3"), {"4"}),
        (MatchChosen(system="quickbooks", remote_id="9"), {"3", "4"}),
    ],
)
def test_candidates_a_person_passed_over_are_none_of_them(answer: Event, rejected: set[str]) -> None:
    customer = customer_after(customer_seen(), MatchProposed(system="quickbooks", candidates=TWO_OF_THEM), answer)

    assert customer.rejected == rejected


def test_a_record_merged_over_there_is_known_until_the_customer_is_linked_to_the_one_that_stayed() -> None:
    merged = RecordMergedThere(system="quickbooks", kind="customer", remote_id="58", into="77")
    customer = customer_after(merged, customer=agreed())
    assert customer.merged_there == {"quickbooks": "77"}

    other = RecordLinked(system="quickbooks", kind="customer", remote_id="78", how="a test")
    stayed = RecordLinked(system="quickbooks", kind="customer", remote_id="77", how="a test")

    assert customer_after(other, customer=customer).merged_there == {"quickbooks": "77"}
    assert customer_after(stayed, customer=customer).merged_there == {}


def test_a_record_that_went_is_gone_until_another_is_linked() -> None:
    gone = RecordGone(system="quickbooks", kind="customer", remote_id="58", fetched_after=1, cause="a test")
    away = customer_after(gone, customer=agreed())

    same = RecordLinked(system="quickbooks", kind="customer", remote_id="58", how="a test")
    other = RecordLinked(system="quickbooks", kind="customer", remote_id="77", how="a test")

    assert customer_after(same, customer=away).gone == {"quickbooks"}
    assert customer_after(other, customer=away).gone == frozenset()


# ---- never sent ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "verb", "never"),
    [("Test", "CreateCustomer", True), ("Test", "UpdateCustomer", False), ("system", "CreateCustomer", False)],
)
def test_a_person_who_ends_a_create_says_that_it_is_never_sent(who: str, verb: Verb, never: bool) -> None:
    customer = customer_after(customer_seen(), command(verb=verb))

    after = customer_after(CommandAbandoned(command_id=ONE, why="never"), customer=customer, who=who)

    assert after.never is never
    for again in (CommandRetried(command_id=ONE), PushAskedFor(), MatchRejected(system="quickbooks")):
        assert customer_after(again, customer=after, who="Test").never is False
