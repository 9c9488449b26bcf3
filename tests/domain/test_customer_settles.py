"""Whatever people edit on either side, in whatever order: both sides come to say the same, or a notice names what does not."""

import os
from pathlib import Path
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

from engine.domain.commands import Command
from engine.domain.customer import OTHER, Customer
from engine.domain.customer_drafts import draft_for
from engine.domain.customer_policies import decide_customer
from engine.domain.drafts import CustomerUpdate
from engine.domain.fields import SHARED, loose, shown
from engine.domain.values import Address, Personal, System
from tests.two_sides import (
    LISTS,
    around,
    just_linked,
    outdated,
    seen_after_acceptance,
    shown_there,
    shows,
    started,
    street,
    undone,
)
from tests.wholesale import customer_after

MORE_EXAMPLES = os.environ.get("PROPERTY_EXAMPLES", "")
MOST_ROUNDS = 8
"""Decisions after the last edit until nothing follows: of the update under way, of what it left, of a held one."""
ADDRESSES = (None, street(), street("3 Dock Rd"), street(city=""), Address(lines=Personal("somewhere\nin Oregon")))
VALUES: dict[str, tuple[Any, ...]] = {
    "name": ("Bloom", "BLOOM", "Petal & Co", "Bloom: Two"),
    "company": ("", "Bloom", "bloom.", "Petal"),
    "given_name": ("", "Ann", "ANN", "Bea"),
    "family_name": ("", "Lee", "Moss"),
    "phone": ("", "415 555 0100", "+14155550111", "call Ann"),
    "billing": ADDRESSES,
    "shipping": ADDRESSES,
    "term": ("", "Net 30", "Net 60", "Net 45"),
    "customer_type": ("", "Florist", "Hotel", "Nowhere"),
}
SIDE: st.SearchStrategy[System] = st.sampled_from(("quickbooks", "wizcommerce"))
EDIT = st.sampled_from(SHARED).flatmap(
    lambda field: st.tuples(st.just("edit"), SIDE, st.just(field), st.sampled_from(VALUES[field]))
)
STEP = st.one_of(EDIT, EDIT, EDIT, st.tuples(st.sampled_from(("send", "answer"))), st.tuples(st.just("undo"), SIDE))
START = st.fixed_dictionaries({field: st.sampled_from(values) for field, values in VALUES.items()})


def decided(customer: Customer) -> Customer:
    after = customer_after(*decide_customer(customer, around()), customer=customer)
    assert decide_customer(after, around()) == []
    return after


def in_status(customer: Customer, status: str) -> list[Command]:
    return [c for c in customer.commands.values() if c.status == status]


def sent(customer: Customer) -> Customer:
    """What is ready begins its attempt, or ends because there is nothing to say any more."""
    for command in in_status(customer, "ready"):
        draft = draft_for(customer, command, around())
        events = draft if isinstance(draft, list) else [started(command.command_id, draft)]
        customer = customer_after(*events, customer=customer)
    return customer


def answered(customer: Customer) -> Customer:
    """Carried out and seen; or outdated, where that side was edited since, and read again."""
    for command in in_status(customer, "running"):
        assert command.first is not None and isinstance(command.first.draft, CustomerUpdate)
        if customer.sights[command.target].revision == command.first.draft.revision:
            customer = seen_after_acceptance(customer, command.command_id)
        else:
            old = customer_after(outdated(command.command_id), customer=customer)
            customer = shows(old, command.target)
    return customer


def after_step(customer: Customer, step: Any) -> Customer:
    match step:
        case ("edit", side, field, value):
            return decided(shows(customer, side, **{field: value}))
        case ("send",):
            return sent(customer)
        case ("answer",):
            return decided(answered(customer))
        case (_, side):
            open_ = customer.conflicts and not customer.conflicts[-1].undone
            return decided(undone(customer, side)) if open_ else customer
    raise AssertionError(step)


def settled(customer: Customer) -> Customer:
    """After as many rounds as it takes, and no more than a few."""
    for _ in range(MOST_ROUNDS):
        customer = decided(answered(sent(customer)))
        if not [c for c in customer.commands.values() if c.unfinished]:
            return customer
        for command in in_status(customer, "held"):
            customer = decided(shows(customer, command.target))
    raise AssertionError([(c.target, c.generation, c.status, c.reason) for c in customer.commands.values()][-6:])


def apart(customer: Customer) -> list[str]:
    """Fields of which the sides say other things and no notice does; an address that one side lacks is no such field."""
    found = []
    for field in SHARED:
        texts = {side: shown(shown_there(customer, side), field, side, LISTS) for side in OTHER}
        q, w = (loose(field, text, LISTS) for text in texts.values())
        named = any(f"field:{side}:{field}" in customer.attention for side in OTHER)
        if q != w and not named and not (field in ("billing", "shipping") and not (q and w)):
            found.append(f"{field}: {texts}")
    return found


@settings(
    max_examples=int(MORE_EXAMPLES or 25),
    deadline=None,
    database=None,
    derandomize=not MORE_EXAMPLES,
    phases=[Phase.generate, Phase.shrink],
)
@given(quickbooks=START, wizcommerce=START, steps=st.lists(STEP, max_size=12))
def settles(quickbooks: dict[str, Any], wizcommerce: dict[str, Any], steps: list[Any]) -> None:
    customer = decided(just_linked(quickbooks, wizcommerce))
    for step in steps:
        customer = after_step(customer, step)

    assert apart(settled(customer)) == []


def test_whatever_is_edited_both_sides_come_to_say_the_same(tmp_path: Path) -> None:
    set_hypothesis_home_dir(tmp_path)  # it leaves nothing in the project
    settles()
