"""The standard set for CreatePayment: whatever happens, one rise is one payment, and the invoice is paid once."""

import signal
from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest

from tests.crashing import BEFORE_AND_AFTER, Moment, crashed_at
from tests.payments import balance, by_bookkeeper, invoiced, payment, payments, take, where
from tests.processes import OtherClock, other_worker, stopped, until
from tests.telling import LONG_AFTER, NOT_YET, by_looking_only, creates, pass_by, request_ids
from tests.world import CONNECTION, World

DAYS = 3 * 86_400.0
MOST_APPENDS = 40
A_MINUTE = 65.0
"""Seconds after which WizCommerce was asked again: a webhook that a busy machine took too slowly is lost, and comes by that."""


def paying(world: World) -> None:
    """An invoice of 100.00, and 40.00 paid in WizCommerce."""
    invoiced(world)
    take(world, "40.00")


def paid_once(world: World) -> bool:
    """Whether QuickBooks has one payment of 40.00, and the order's payment says so."""
    amounts = [amount for _, amount, _ in payments(world)]
    return amounts == [Decimal("40.00")] and where(world).startswith("sent: ") and balance(world) == Decimal("60.00")


def test_it_is_done_once_whatever_is_stepped_signalled_and_rebuilt_afterwards(world: World) -> None:
    world.quickbooks.set_switches(webhook_duplicates=1)
    world.wizcommerce.switch(webhook_duplicates=True)
    paying(world)
    assert paid_once(world)

    for projection in (*world.engine.followers, *world.engine.inline):
        rebuild: Callable[[], object] = getattr(projection, "rebuild", partial(world.engine.log.rebuild, projection))
        rebuild()
    world.restarted_engine()
    world.engine.schedule.due_now(CONNECTION)
    for seconds in (0, 1_000, DAYS):
        pass_by(world, seconds)

    assert paid_once(world) and creates(world, "payment") == ["done"]
    assert world.rows("SELECT * FROM pending_work") == []


def test_a_no_is_final_until_a_person_asks_and_then_it_is_another_request(world: World) -> None:
    world.quickbooks.add_fault("fault", operation="create payment", code="2500")
    paying(world)
    pass_by(world, DAYS)
    assert len(creates(world, "payment")) == 1
    assert where(world).startswith("QuickBooks said no: ")

    world.engine.people.retry(payment(world).stream, "admin")
    world.settle()

    assert paid_once(world)
    assert len(set(request_ids(world, "payment"))) == 2
    assert world.rows("SELECT * FROM pending_work") == []


def test_what_cannot_be_taken_now_waits_as_long_as_was_asked_and_then_arrives(world: World) -> None:
    by_looking_only(world)
    world.quickbooks.set_switches(retry_after="200")
    world.quickbooks.add_fault("429-json", operation="create payment")
    paying(world)
    assert where(world).startswith("waiting: ")

    pass_by(world, 190)
    assert len(creates(world, "payment")) == 1
    pass_by(world, 12)

    assert paid_once(world)
    assert len(set(request_ids(world, "payment"))) == 1


@pytest.mark.parametrize("requestid", ["honour", "ignore"])
@pytest.mark.parametrize("lost", ["reset-after", "reset-before", "timeout-after"])
def test_a_lost_answer_is_looked_for_and_there_is_one_payment(world: World, lost: str, requestid: str) -> None:
    by_looking_only(world)
    world.quickbooks.set_switches(requestid=requestid)
    world.quickbooks.add_fault(lost, operation="create payment", seconds=0.05)

    paying(world)
    assert where(world).startswith("checking whether it arrived")
    pass_by(world, NOT_YET)
    assert len(creates(world, "payment")) == 1
    pass_by(world)

    assert paid_once(world)
    assert len(creates(world, "payment")) == (2 if lost == "reset-before" else 1)
    pass_by(world, DAYS)
    assert paid_once(world)


def test_a_lost_payment_whose_reference_a_bookkeeper_changed_is_found_by_customer_and_time(world: World) -> None:
    by_looking_only(world)
    world.quickbooks.add_fault("reset-after", operation="create payment")
    paying(world)
    [wire] = world.quickbooks.payments()

    by_bookkeeper(world, "edit-payment", Id=wire["Id"], PaymentRefNum="4711")
    pass_by(world)

    assert paid_once(world) and creates(world, "payment") == ["reset"]


def test_a_payment_with_our_reference_and_no_mark_is_a_persons_to_decide(world: World) -> None:
    by_looking_only(world)
    world.quickbooks.add_fault("reset-after", operation="create payment")
    paying(world)
    [wire] = world.quickbooks.payments()
    by_bookkeeper(world, "edit-payment", Id=wire["Id"], PrivateNote="by cheque")

    pass_by(world)
    assert where(world).startswith("needs you: in QuickBooks ")
    world.engine.people.accept(payment(world).stream, "admin")
    pass_by(world, DAYS)

    assert paid_once(world) and creates(world, "payment") == ["reset"]


def test_a_lost_payment_that_was_taken_for_somebody_elses_is_found_by_its_mark_all_the_same(world: World) -> None:
    world.quickbooks.add_fault("reset-after", operation="create payment")
    world.quickbooks.set_switches(webhook_own_writes=False)
    paying(world)
    [wire] = world.quickbooks.payments()
    by_bookkeeper(world, "edit-payment", Id=wire["Id"], PaymentRefNum="4711", PrivateNote="by cheque")
    pass_by(world, 5)
    [(seen_alone,)] = world.rows("SELECT stream FROM claims WHERE system = 'quickbooks' AND kind = 'payment'")
    assert seen_alone != payment(world).stream

    by_bookkeeper(world, "edit-payment", Id=wire["Id"], PaymentRefNum="WC-1001/1", PrivateNote=wire["PrivateNote"])
    pass_by(world)

    assert paid_once(world) and creates(world, "payment") == ["reset"]
    assert world.rows("SELECT stream FROM claims WHERE system = 'quickbooks' AND kind = 'payment'") == [
        (payment(world).stream,)
    ]


def test_an_answer_with_another_amount_is_a_persons_to_decide(world: World) -> None:
    by_looking_only(world)
    world.quickbooks.add_fault("reset-after", operation="create payment")
    paying(world)
    [wire] = world.quickbooks.payments()

    by_bookkeeper(world, "edit-payment", Id=wire["Id"], TotalAmt=45)
    pass_by(world)

    assert where(world) == "needs you: amount 45.00 instead of 40.00"
    assert creates(world, "payment") == ["reset"]


@pytest.mark.parametrize("way", ["webhook", "change data capture"])
def test_our_payment_seen_before_its_answer_is_the_outcome_and_the_answer_comes_late(world: World, way: str) -> None:
    world.quickbooks.set_switches(webhooks_on=way == "webhook")
    invoiced(world)
    take(world, "40.00", settle=False)
    world.settle(sending=False)
    clock = OtherClock(world)

    with other_worker(world, clock, stops="after-send") as worker:
        until(lambda: stopped(worker), "the worker has QuickBooks' answer and has not recorded it")
        world.engine.schedule.due_now(CONNECTION, "changes")
        world.move(3)
        world.settle()
        assert paid_once(world)
        worker.send_signal(signal.SIGCONT)
        assert worker.wait(timeout=20) == 0
    pass_by(world, 2_000)

    assert paid_once(world) and creates(world, "payment") == ["done"]
    stream = payment(world).stream
    assert world.rows("SELECT stream FROM claims WHERE system = 'quickbooks' AND kind = 'payment'") == [(stream,)]
    assert world.rows("SELECT DISTINCT originator_id FROM log WHERE topic = 'payment-observed'") == [(stream,)]


def test_a_worker_killed_while_quickbooks_answers_leaves_one_payment(world: World) -> None:
    by_looking_only(world)
    invoiced(world)
    take(world, "40.00", settle=False)
    world.settle(sending=False)
    clock = OtherClock(world)
    world.quickbooks.add_fault("timeout-after", operation="create payment", seconds=0.7)

    with other_worker(world, clock) as worker:
        until(lambda: creates(world, "payment") == ["open"], "the request is under way")
        worker.kill()
    until(lambda: "open" not in creates(world, "payment"), "QuickBooks is done with the request")
    world.settle()
    clock.move(LONG_AFTER)
    world.settle()

    assert paid_once(world) and len(creates(world, "payment")) == 1


@pytest.mark.parametrize("moment", BEFORE_AND_AFTER)
def test_a_deposit_becomes_one_payment_wherever_the_engine_dies(world: World, moment: Moment) -> None:
    """At every sixth append; half of those between them are died at at the other moment."""
    deaths = 0
    for nth in range(1 + 3 * BEFORE_AND_AFTER.index(moment), MOST_APPENDS, 6):
        number = f"WC-{nth}"

        def confirm(number: str = number) -> None:
            world.wizcommerce.confirm_order(number, "Bloom & Co", [("VASE-01", 4, "25.00")], amount_paid=40)

        def pay_the_rest(number: str = number) -> None:
            take(world, "60.00", number, settle=False)

        died = crashed_at(world, nth, moment, [confirm, pay_the_rest])
        pass_by(world, A_MINUTE)

        of_order = [(ref, amount) for ref, amount, _ in payments(world) if ref.startswith(f"{number}/")]
        assert of_order == [(f"{number}/1", Decimal("40.00")), (f"{number}/2", Decimal("60.00"))]
        assert balance(world, number) == 0
        if not died:
            break
        deaths += 1

    assert 2 <= deaths < MOST_APPENDS / 6 - 1
    assert len(payments(world)) == 2 * (deaths + 1)
    assert world.rows("SELECT * FROM pending_work") == []
