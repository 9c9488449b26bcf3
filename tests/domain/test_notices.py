"""What only a person can do about a customer: said once, until it is done or a person let it stand."""

from typing import Any

import pytest

from engine.domain.customer import Customer
from engine.domain.events import AttentionCleared, AttentionNeeded, Event, RecordGone, RecordMergedThere
from engine.domain.expressing import Problem
from engine.domain.fields import CALLED, SHARED
from engine.domain.notices import (
    DEFAULTS,
    MANAGED,
    defaults_applied,
    defaults_replaced,
    email_notice,
    notices,
    problems_as_notices,
    standing_notices,
)
from engine.domain.values import CustomerField, Personal, System
from tests.two_sides import agreed, shows, street
from tests.wholesale import customer_after, customer_seen

MERGED = RecordMergedThere(system="quickbooks", kind="customer", remote_id="58", into="77")


def gone(system: System) -> RecordGone:
    return RecordGone(system=system, kind="customer", remote_id="58", fetched_after=1, cause="a test")


def inactive(*systems: System) -> Customer:
    customer = agreed()
    for system in systems:
        customer = shows(customer, system, active=False)
    return customer


# ---- active, there, and alone ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("customer", "topics"),
    [
        (agreed(), []),
        (inactive("quickbooks"), ["inactive-in-quickbooks"]),
        (inactive("wizcommerce"), ["inactive-in-wizcommerce"]),
        (inactive("quickbooks", "wizcommerce"), []),
        (customer_after(gone("quickbooks"), customer=agreed()), ["gone-from-quickbooks"]),
        (customer_after(gone("quickbooks"), customer=inactive("wizcommerce")), ["gone-from-quickbooks"]),
        (customer_after(gone("wizcommerce"), customer=inactive("quickbooks")), []),
        (customer_after(MERGED, customer=agreed()), ["merged-in-quickbooks"]),
        (customer_after(gone("quickbooks"), MERGED, customer=agreed()), ["merged-in-quickbooks"]),
        (customer_after(customer_seen("quickbooks", "58"), MERGED), []),
        (customer_after(customer_seen("wizcommerce", active=False)), []),
        (customer_after(customer_seen("quickbooks", "58", active=False)), []),
    ],
)
def test_whether_it_is_active_there_and_alone(customer: Customer, topics: list[str]) -> None:
    told = standing_notices(customer)

    assert list(told) == topics
    assert all(topic in MANAGED and sentence and step for topic, (sentence, step) in told.items())


def test_a_merged_customer_names_both_customers_of_quickbooks() -> None:
    [(sentence, _)] = standing_notices(customer_after(MERGED, customer=agreed())).values()

    assert "customer 58 into 77:" in sentence


def test_who_is_inactive_is_said_of_the_side_where_it_is() -> None:
    [(there, _)] = standing_notices(inactive("quickbooks")).values()
    [(here, _)] = standing_notices(inactive("wizcommerce")).values()

    assert "inactive in QuickBooks and is active in WizCommerce" in there
    assert "inactive in WizCommerce and active in QuickBooks" in here


# ---- the e-mail ------------------------------------------------------------------------------------------------------


def with_emails(quickbooks: str, wizcommerce: str) -> Customer:
    """Both sides were seen with the same address, then with these."""
    customer = shows(agreed(), "wizcommerce", email=Personal(wizcommerce))
    return shows(customer, "quickbooks", email=Personal(quickbooks))


@pytest.mark.parametrize(
    ("quickbooks", "wizcommerce", "says"),
    [
        ("new@bloom.example", "books@bloom.example", "was changed in QuickBooks"),
        ("new@bloom.example; BOOKS@bloom.example", "books@bloom.example", ""),
        ("", "books@bloom.example", ""),
        ("books@bloom.example", "ann@bloom.example", ""),
        ("books@bloom.example", "", "WizCommerce has no e-mail"),
        ("", "", ""),
    ],
)
def test_a_change_of_quickbooks_e_mail_is_a_task(quickbooks: str, wizcommerce: str, says: str) -> None:
    told = email_notice(with_emails(quickbooks, wizcommerce))

    assert bool(told) is bool(says)
    assert all(topic == "email" and says in sentence and step for topic, (sentence, step) in told.items())
    assert not any("bloom" in text for notice in told.values() for text in notice)


@pytest.mark.parametrize("system", ["quickbooks", "wizcommerce"])
def test_of_one_side_alone_no_e_mail_is_told(system: System) -> None:
    assert email_notice(customer_after(customer_seen(system))) == {}


# ---- fields that cannot be said --------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", SHARED)
@pytest.mark.parametrize(("target", "named"), [("quickbooks", "QuickBooks"), ("wizcommerce", "WizCommerce")])
def test_a_field_that_cannot_be_said_is_named_with_the_side(field: CustomerField, target: System, named: str) -> None:
    told = problems_as_notices(target, {field: Problem(sentence="it is so", next_step="Do this.")})

    sentence = f"{CALLED[field]} not said in {named}: it is so"
    assert told == {f"field:{target}:{field}": (sentence, "Do this.")}


# ---- raised, cleared, let stand --------------------------------------------------------------------------------------

TOLD = {"email": ("look", "Do this.")}
RAISED = AttentionNeeded(topic="email", sentence="look", next_step="Do this.")


def told_to(customer: Customer, told: dict[str, Any]) -> tuple[list[Event], Customer]:
    """What is raised and cleared, and the customer after it; then nothing more is."""
    events = notices(customer, told)
    after = customer_after(*events, customer=customer)
    assert notices(after, told) == []
    return events, after


def test_a_notice_is_raised_once_and_cleared_when_it_is_settled() -> None:
    first, standing = told_to(agreed(), TOLD)
    then, after = told_to(standing, {})

    assert (first, then) == ([RAISED], [AttentionCleared(topic="email", because="it is settled")])
    assert after.attention == {} and not after.dismissed


def test_another_sentence_under_the_same_topic_is_raised_anew() -> None:
    _, standing = told_to(agreed(), TOLD)

    events, after = told_to(standing, {"email": ("look again", "Do that.")})

    assert events == [AttentionNeeded(topic="email", sentence="look again", next_step="Do that.")]
    assert after.attention["email"].sentence == "look again"


def test_what_a_person_let_stand_is_not_raised_again_but_another_sentence_is() -> None:
    _, standing = told_to(agreed(), TOLD)
    dismissed = customer_after(AttentionCleared(topic="email", because="seen"), customer=standing, who="Test")

    assert notices(dismissed, TOLD) == []
    assert len(notices(dismissed, {"email": ("look again", "Do that.")})) == 1


@pytest.mark.parametrize("topic", ["field:quickbooks:term", *MANAGED])
def test_what_is_managed_here_is_cleared_when_it_is_not_told(topic: str) -> None:
    customer = customer_after(AttentionNeeded(topic=topic, sentence="look", next_step=""), customer=agreed())

    assert notices(customer, {}) == [AttentionCleared(topic=topic, because="it is settled")]


@pytest.mark.parametrize("topic", [DEFAULTS, "paid-elsewhere", "fields"])
def test_what_another_raised_is_left_alone(topic: str) -> None:
    customer = customer_after(AttentionNeeded(topic=topic, sentence="look", next_step=""), customer=agreed())

    assert notices(customer, {}) == []


# ---- what a new WizCommerce customer has by default ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "cleared"),
    [
        ({"sales_reps": ("rep_1",), "price_list": "list_1"}, False),
        ({"sales_reps": ("rep_2",), "price_list": "list_1"}, True),
        ({"sales_reps": ("rep_1", "rep_2"), "price_list": "list_1"}, True),
        ({"sales_reps": ("rep_1",), "price_list": "list_2"}, True),
    ],
)
def test_the_defaults_are_to_be_looked_at_until_another_is_assigned(shown: dict[str, Any], cleared: bool) -> None:
    made = customer_after(defaults_applied(), customer=shows(agreed(billing=street()), "wizcommerce", **shown))

    events = defaults_replaced(made, "rep_1", "list_1")

    assert [type(e) for e in events] == ([AttentionCleared] if cleared else [])
    assert defaults_replaced(customer_after(*events, customer=made), "rep_1", "list_1") == []


def test_nobody_looks_at_defaults_that_were_never_applied_or_are_not_seen_yet() -> None:
    unseen = customer_after(customer_seen("quickbooks", "58"), defaults_applied())

    assert defaults_replaced(agreed(), "rep_1", "list_1") == [] == defaults_replaced(unseen, "rep_1", "list_1")
