"""Two workers, in processes of their own: killed while QuickBooks answers, stopped and woken too late, and both at once."""

import signal

import pytest

from tests.processes import OtherClock, other_worker, stopped, until
from tests.world import World

LONG_AFTER_SECONDS = 300.0
"""A worker's lease ends after 240 s, and the look is due 210 s after the attempt began."""


def _confirmed(world: World) -> OtherClock:
    """One order, decided upon and due, that nobody has sent yet; and the clock of the other processes."""
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("VASE-01", 4, "25.00")])
    world.settle(sending=False)
    assert world.invoices() == []
    return OtherClock(world)


def _creates(world: World) -> list[str]:
    """How each call that creates an invoice ended, in QuickBooks' own log."""
    return [call.outcome for call in world.quickbooks.calls.all() if call.operation == "create invoice"]


@pytest.mark.parametrize(
    ("fault", "arrived"),
    [("timeout-after", True), ("timeout-before", False), ("slow", True)],
    ids=["after it arrived", "and it is lost", "before it is carried out"],
)
def test_a_worker_killed_while_quickbooks_answers_leaves_one_invoice(world: World, fault: str, arrived: bool) -> None:
    clock = _confirmed(world)
    world.quickbooks.add_fault(fault, operation="create invoice", seconds=0.7)

    with other_worker(world, clock) as worker:
        until(lambda: _creates(world) == ["open"], "the request is under way")
        worker.kill()
    until(lambda: "open" not in _creates(world), "QuickBooks is done with the request")
    assert len(world.invoices()) == arrived
    world.settle()
    assert len(_creates(world)) == 1
    clock.move(LONG_AFTER_SECONDS)
    world.settle()

    [invoice] = world.invoices()
    assert invoice.doc_number == "WC-1001"
    assert world.where("WC-1001") == "sent: invoice WC-1001"
    assert len(_creates(world)) == (1 if arrived else 2)


@pytest.mark.parametrize("requestid", ["honour", "ignore"])
def test_a_worker_stopped_before_it_sends_and_woken_too_late_does_no_harm(world: World, requestid: str) -> None:
    world.quickbooks.set_switches(requestid=requestid)
    clock = _confirmed(world)

    with other_worker(world, clock, stops="before-send") as worker:
        until(lambda: stopped(worker), "the worker has recorded its attempt and stands still")
        assert world.where("WC-1001").startswith("checking whether it arrived")
        clock.move(LONG_AFTER_SECONDS)
        world.settle()
        assert world.where("WC-1001") == "sent: invoice WC-1001"
        worker.send_signal(signal.SIGCONT)
        assert worker.wait(timeout=20) == 0
    world.settle()

    [invoice] = world.invoices()
    assert invoice.doc_number == "WC-1001"
    assert _creates(world) == ["done"]
    assert _late(world) == [1]
    assert world.where("WC-1001") == "sent: invoice WC-1001"


def test_a_worker_stopped_with_the_answer_in_its_hands_records_it_as_late(world: World) -> None:
    clock = _confirmed(world)

    with other_worker(world, clock, stops="after-send") as worker:
        until(lambda: stopped(worker), "the worker has QuickBooks' answer and stands still")
        clock.move(LONG_AFTER_SECONDS)
        world.settle()
        assert world.where("WC-1001") == "sent: invoice WC-1001"
        worker.send_signal(signal.SIGCONT)
        assert worker.wait(timeout=20) == 0
    world.settle()

    [invoice] = world.invoices()
    assert _creates(world) == ["done"]
    assert _late(world) == [1]
    assert world.order("WC-1001").invoice_id == invoice.id
    assert world.rows("SELECT topic FROM attention") == []


def _late(world: World) -> list[int]:
    """The attempts whose outcome came too late to matter."""
    story = world.engine.log.story(world.order_stream("WC-1001"))
    return [recorded.event.attempt for recorded in story if type(recorded.event).__name__ == "LateOutcome"]


ORDERS = 60


def test_two_processes_send_sixty_orders_once_each_within_every_limit(world: World) -> None:
    """Takes ten seconds of real time: QuickBooks allows ten requests a second."""
    for number in range(ORDERS):
        world.wizcommerce.confirm_order(f"WC-{number}", "Bloom & Co", [("VASE-01", 1 + number % 7, "25.00")])
    world.settle(sending=False)
    world.quickbooks.set_switches(throttle=True)
    world.quickbooks.calls.clear()
    clock = OtherClock(world)

    with other_worker(world, clock, "loops", workers=10) as one, other_worker(world, clock, "loops", workers=10) as two:
        until(lambda: len(world.invoices()) >= ORDERS, "sixty invoices", longest_seconds=90)
        for worker in (one, two):
            worker.terminate()
            assert worker.wait(timeout=20) == 0
    world.settle()

    calls = world.quickbooks.calls
    assert sorted(i.doc_number for i in world.invoices()) == sorted(f"WC-{n}" for n in range(ORDERS))
    assert _creates(world) == ["done"] * ORDERS
    assert calls.most_at_once() <= 10
    assert calls.most_in_window(1.0) <= 10
    assert calls.most_in_window(60.0) <= 500
    assert [call.status for call in calls.all() if call.status == 429] == []
    senders = (
        "SELECT count(DISTINCT state) FROM (SELECT convert_from(state, 'UTF8')::jsonb->'event'->>'worker' AS state "
    )
    [(workers,)] = world.rows(senders + "FROM log WHERE topic = 'attempt-started') AS started")
    assert workers > 10
