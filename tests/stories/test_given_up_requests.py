"""A request was given up after looks that found nothing, and what it made turns up all the same: never a second invoice."""

import json
from decimal import Decimal
from typing import Any

import pytest

from engine.domain.commands import Command
from tests.telling import attention, by_looking_only, confirm, creates, number_by_quickbooks, pass_by, request_ids, tags
from tests.world import World

NUMBERS = pytest.mark.parametrize("numbers", ["our numbers", "QuickBooks' numbers"])
NEVER_ARRIVED = {"kind": "reset-before", "operation": "create invoice"}


def give_up(world: World, numbers: str = "our numbers") -> Command:
    """Three attempts came to nothing that a look could find; a new request is decided, and a pause keeps it from going."""
    if numbers == "QuickBooks' numbers":
        number_by_quickbooks(world)
    by_looking_only(world)
    world.quickbooks.add_fault(times=3, **NEVER_ARRIVED)
    confirm(world)
    pass_by(world)
    pass_by(world)
    world.engine.people.pause("acme", "month end", "tester")
    pass_by(world)
    first, second = commands(world)
    assert (first.status, second.status, second.attempts) == ("abandoned", "ready", 0)
    return first


def commands(world: World) -> list[Command]:
    return sorted(world.order("WC-1001").commands.values(), key=lambda c: c.generation)


def turn_up(world: World, given_up: Command, **otherwise: Any) -> str:
    """QuickBooks carries out the request after all; its webhooks arrive again. Answers with the invoice's id."""
    assert given_up.first is not None
    body = json.loads(str(given_up.first.body), parse_float=Decimal)
    world.quickbooks.set_switches(webhooks_on=True)
    made: dict[str, Any] = world.quickbooks.by_hand("add-invoice", **{**body, **otherwise})
    world.settle()
    pass_by(world, 5)
    return str(made["Id"])


@NUMBERS
def test_an_invoice_of_a_given_up_request_seen_before_the_next_attempt_is_the_orders_invoice(
    world: World, numbers: str
) -> None:
    late = turn_up(world, give_up(world, numbers))
    seen = world.where("WC-1001")
    world.engine.people.resume("acme", "tester")
    pass_by(world, 4_000)

    [invoice] = world.invoices()
    assert invoice.id == late
    assert seen == f"sent: invoice {invoice.doc_number}" == world.where("WC-1001")
    assert [c.status for c in commands(world)] == ["accepted", "abandoned"]
    assert len(creates(world)) == 3
    assert attention(world) == {}
    assert world.rows("SELECT command_id FROM pending_work") == []


@NUMBERS
def test_an_invoice_of_a_given_up_request_that_was_changed_meanwhile_is_a_persons_to_decide(
    world: World, numbers: str
) -> None:
    late = turn_up(
        world,
        give_up(world, numbers),
        TxnDate="2026-01-31",
        CustomerMemo={"value": "by hand"},
        Line=[_other_line(world)],
    )
    world.engine.people.resume("acme", "tester")
    pass_by(world, 4_000)

    assert [i.id for i in world.invoices()] == [late]
    assert world.where("WC-1001").startswith("needs you: ")
    assert "lines differ" in world.where("WC-1001")

    world.engine.people.accept(world.order_stream("WC-1001"), "tester")
    pass_by(world, 4_000)
    assert [i.id for i in world.invoices()] == [late]
    assert world.order("WC-1001").invoice_id == late


def test_after_a_person_asked_for_another_try_all_the_same_it_is_looked_for_and_sent(world: World) -> None:
    late = turn_up(world, give_up(world), Line=[_other_line(world)])
    world.quickbooks.by_hand("delete-invoice", Id=late)
    world.engine.people.resume("acme", "tester")
    world.engine.people.retry(world.order_stream("WC-1001"), "tester")
    pass_by(world, 4_000)

    assert [i.doc_number for i in world.invoices()] == ["WC-1001"]
    assert len(set(request_ids(world))) == 2


@NUMBERS
def test_an_invoice_of_a_given_up_request_seen_while_the_next_attempt_is_unknown_is_found_by_its_look(
    world: World, numbers: str
) -> None:
    given_up = give_up(world, numbers)
    world.quickbooks.add_fault(times=1, **NEVER_ARRIVED)
    world.engine.people.resume("acme", "tester")
    world.settle()
    assert commands(world)[1].status == "unknown"
    late = turn_up(world, given_up)
    pass_by(world)
    pass_by(world, 4_000)

    assert [i.id for i in world.invoices()] == [late]
    assert world.order("WC-1001").invoice_id == late
    assert len(creates(world)) == 4


@NUMBERS
def test_an_invoice_of_a_given_up_request_seen_after_the_next_one_arrived_raises_an_alarm(
    world: World, numbers: str
) -> None:
    given_up = give_up(world, numbers)
    world.engine.people.resume("acme", "tester")
    pass_by(world, 5)
    [ours] = world.invoices()
    assert world.where("WC-1001") == f"sent: invoice {ours.doc_number}"
    spare = turn_up(world, given_up, DocNumber="WC-1001-2")
    pass_by(world, 4_000)

    assert {i.id for i in world.invoices()} == {ours.id, spare}
    assert world.order("WC-1001").invoice_id == ours.id
    assert f"QuickBooks has two records for this one: {ours.id} and {spare}" in attention(world)["second-record"]
    assert tags(world).count("late-outcome") == 1


def test_the_invoice_of_a_given_up_request_that_turns_up_after_never_send_is_shown_to_a_person(world: World) -> None:
    given_up = give_up(world)
    world.engine.people.never_send(world.order_stream("WC-1001"), "they paid cash", "tester")
    late = turn_up(world, given_up)
    world.engine.people.resume("acme", "tester")
    pass_by(world, 4_000)

    assert [i.id for i in world.invoices()] == [late]
    assert world.where("WC-1001") == "never send: they paid cash"
    assert "by a request that had been given up" in attention(world)["second-record"]


def _other_line(world: World) -> dict[str, Any]:
    [item] = [i for i in world.quickbooks.items() if i.get("Sku") == "BOWL-02"]
    detail = {"ItemRef": {"value": item["Id"]}, "Qty": 1, "UnitPrice": Decimal("12.50")}
    return {"DetailType": "SalesItemLineDetail", "Amount": Decimal("12.50"), "SalesItemLineDetail": detail}


def test_a_customer_of_a_given_up_request_seen_before_the_next_attempt_is_the_orders_customer(world: World) -> None:
    by_looking_only(world)
    world.quickbooks.add_fault("reset-before", operation="create customer", times=3)
    world.wizcommerce.add_customer("Fern & Sons", email="office@fern.example")
    confirm(world, customer="Fern & Sons")
    pass_by(world)
    pass_by(world)
    world.engine.people.pause("acme", "month end", "tester")
    pass_by(world)
    [(stream,)] = world.rows("SELECT stream FROM pending_work WHERE verb = 'CreateCustomer' AND generation = 2")
    given_up = min(world.engine.records.customer(stream).commands.values(), key=lambda c: c.generation)
    assert given_up.first is not None
    world.quickbooks.set_switches(webhooks_on=True)
    made = world.quickbooks.by_hand("add-customer", **json.loads(str(given_up.first.body)))
    world.settle()
    pass_by(world, 5)
    world.engine.people.resume("acme", "tester")
    pass_by(world, 4_000)

    assert [c["Id"] for c in world.quickbooks.customers() if c["DisplayName"] == "Fern & Sons"] == [made["Id"]]
    assert len(creates(world, "customer")) == 3
    assert world.where("WC-1001") == "sent: invoice WC-1001"
