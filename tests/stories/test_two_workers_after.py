"""Two workers at a change of an invoice, and at its void: one killed while QuickBooks answers, one stopped and woken too late,
and both at once."""

import signal

import pytest

from tests.processes import OtherClock, other_worker, stopped, until
from tests.telling import VASES, attention, confirm, events, pass_by
from tests.world import World

MORE = [("VASE-01", 5, "25.00")]
LONG_AFTER_SECONDS = 300.0
"""A worker's lease ends after 240 s, and the look is due 210 s after the attempt began."""
VERBS = pytest.mark.parametrize("verb", ["update", "void"])


def _due(world: World, verb: str) -> OtherClock:
    """An invoice whose order was edited, or cancelled: decided upon, and nobody has sent it yet."""
    confirm(world)
    pass_by(world, 3)
    if verb == "update":
        world.wizcommerce.edit_order("WC-1001", MORE)
    else:
        world.wizcommerce.cancel_order("WC-1001")
    world.move(3)
    world.settle(sending=False)
    assert _writes(world) == []
    return OtherClock(world)


def _writes(world: World) -> list[tuple[str, str]]:
    """What each call about the invoice that is there asked for, and how it ended, in QuickBooks' own log."""
    asked = [(call.operation.partition(" ")[0], call.outcome) for call in world.quickbooks.calls.all()]
    return [one for one in asked if one[0] in ("update", "void")]


def _is_done(world: World, verb: str) -> None:
    """There is one invoice, changed or voided once: its revision counts what was done to it."""
    [invoice] = world.invoices()
    assert invoice.total == {"update": 125, "void": 0}[verb]
    assert invoice.wire["SyncToken"] == "1"
    assert attention(world) == {}


@VERBS
def test_a_worker_killed_while_quickbooks_answers_leaves_one_change(world: World, verb: str) -> None:
    clock = _due(world, verb)
    world.quickbooks.add_fault("timeout-after", operation=f"{verb} invoice", seconds=0.7)

    with other_worker(world, clock) as worker:
        until(lambda: _writes(world) == [(verb, "open")], "the request is under way")
        worker.kill()
    until(lambda: (verb, "open") not in _writes(world), "QuickBooks is done with the request")
    world.settle()
    clock.move(LONG_AFTER_SECONDS)
    world.settle()

    _is_done(world, verb)
    assert len(_writes(world)) == 1


@VERBS
def test_a_worker_stopped_before_it_sends_a_change_and_woken_too_late_does_no_harm(world: World, verb: str) -> None:
    clock = _due(world, verb)

    with other_worker(world, clock, stops="before-send") as worker:
        until(lambda: stopped(worker), "the worker has recorded its attempt and stands still")
        clock.move(LONG_AFTER_SECONDS)
        world.settle()
        assert _writes(world) == [(verb, "done")]
        worker.send_signal(signal.SIGCONT)
        assert worker.wait(timeout=20) == 0
    world.settle()

    _is_done(world, verb)
    assert _writes(world) == [(verb, "done")]
    assert [type(event).__name__ for event in events(world)].count("LateOutcome") == 1


def test_two_processes_change_and_void_each_invoice_once(world: World) -> None:
    numbers = [f"WC-{n}" for n in range(4)]
    for number in numbers:
        world.wizcommerce.confirm_order(number, "Bloom & Co", VASES)
    world.settle()
    for edited, cancelled in zip(numbers[:2], numbers[2:], strict=True):
        world.wizcommerce.edit_order(edited, MORE)
        world.wizcommerce.cancel_order(cancelled)
    world.move(3)
    world.settle(sending=False)
    for verb in ("update", "void"):
        world.quickbooks.add_fault("slow", operation=f"{verb} invoice", seconds=0.2, times=2)
    clock = OtherClock(world)

    with other_worker(world, clock) as one, other_worker(world, clock) as two:
        assert (one.wait(timeout=30), two.wait(timeout=30)) == (0, 0)
    world.settle()

    assert sorted(verb for verb, _ in _writes(world)) == ["update", "update", "void", "void"]
    found = {invoice.doc_number: (invoice.total, invoice.wire["SyncToken"]) for invoice in world.invoices()}
    assert found == {number: (125 if number in numbers[:2] else 0, "1") for number in numbers}
