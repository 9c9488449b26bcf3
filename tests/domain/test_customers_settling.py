"""What an update was made from becomes the base of the next merge, also when the other side is written to at the same time."""

from datetime import timedelta

from engine.clock import SystemClock
from engine.domain.drafts import CustomerUpdate
from engine.domain.events import AttemptStarted, CommandAccepted, CommandIssued, Event
from engine.domain.values import Personal, System
from tests.two_sides import IDS
from tests.wholesale import customer_after, customer_seen

NOW = SystemClock().now()
COMMANDS: dict[System, str] = {"quickbooks": "a" * 32, "wizcommerce": "b" * 32}


def issued(target: System) -> CommandIssued:
    return CommandIssued(
        command_id=COMMANDS[target], verb="UpdateCustomer", target=target, generation=1, because="a test"
    )


def started(target: System) -> AttemptStarted:
    content = customer_seen(target).content
    draft = CustomerUpdate(
        target=target, remote_id=IDS[target], revision="0", fields=("phone",), content=content, mark=COMMANDS[target]
    )
    soon = NOW + timedelta(seconds=60)
    return AttemptStarted(
        command_id=COMMANDS[target],
        attempt=1,
        draft=draft,
        body=Personal("{}"),
        worker="w",
        send_by=soon,
        answer_by=soon,
    )


def accepted(target: System) -> CommandAccepted:
    return CommandAccepted(
        command_id=COMMANDS[target], attempt=1, target=target, remote_id="1", revision="1", number="", how="answered"
    )


def test_both_sides_written_to_at_the_same_time_keep_what_each_was_made_from() -> None:
    here, there = customer_seen(), customer_seen("quickbooks", "58")
    events: list[Event] = [here, there, issued("quickbooks"), issued("wizcommerce")]
    events += [started("quickbooks"), started("wizcommerce"), accepted("quickbooks"), accepted("wizcommerce")]

    customer = customer_after(*events)

    assert customer.settling["quickbooks"].source == here.content
    assert customer.settling["wizcommerce"].source == there.content
    again = customer_seen("quickbooks", "58", phone=Personal("(415) 555-0100"))
    assert customer_after(again, customer=customer).agreed["phone"].quickbooks == again.content
