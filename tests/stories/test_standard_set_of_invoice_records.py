"""The standard set for PutInvoice: whatever happens, one invoice is one record in WizCommerce, and says what QuickBooks shows."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from adapters.standin.faults import FaultRule
from tests.crashing import BEFORE_AND_AFTER, Moment, crashed_at
from tests.invoice_records import record_of, sell, shown, told, where, writes
from tests.payments import by_bookkeeper, invoice_id, invoiced, take
from tests.processes import OtherClock, other_worker, until
from tests.telling import LONG_AFTER, NOT_YET, VASES, pass_by
from tests.world import CONNECTION, World

DAYS = 3 * 86_400.0
LOOK_DUE = 115.0
"""Seconds after `NOT_YET` by which it is looked for: 60 for an answer, 120 of a request's own and 30 of margin have passed."""
MOST_APPENDS = 40
A_MINUTE = 65.0
"""Seconds after which WizCommerce was asked again: a webhook that a busy machine took too slowly is lost, and comes by that."""
NEW = ("WC-1001", Decimal("100.00"), Decimal(0), "PENDING")
PAID = ("WC-1001", Decimal("100.00"), Decimal("30.00"), "PARTIALLY_PAID")
EACH = pytest.mark.parametrize("change", [False, True], ids=["made", "changed"])


class Way:
    """A record made, or changed by a payment in QuickBooks."""

    def __init__(self, world: World, change: bool) -> None:
        self.world, self.change = world, change
        sell(world)
        if change:
            self.invoice = invoiced(world)
            world.move(2)
        self.before = len(writes(world))

    def begin(self) -> None:
        """Somebody does it; the loops have not moved."""
        if self.change:
            self.world.quickbooks.by_hand("receive-payment", invoices=[self.invoice], TotalAmt=30)
        else:
            self.world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", VASES)

    def run(self) -> None:
        self.begin()
        self.world.settle()

    def fault(self, kind: str, **rule: Any) -> None:
        """WizCommerce gets the write wrong, once."""
        method = "PATCH" if self.change else "POST"
        rules = self.world.wizcommerce.standin.faults
        self.world.wizcommerce.do(rules.add, FaultRule(kind, method=method, path="/invoices", **rule))

    @property
    def tries(self) -> int:
        return len(writes(self.world)) - self.before

    @property
    def arrived(self) -> bool:
        """Whether there is one record, as it is to be, and ours says so."""
        return told(self.world) == [PAID if self.change else NEW] and where(self.world).startswith("sent: ")


@EACH
def test_it_is_done_once_whatever_is_stepped_signalled_and_rebuilt_afterwards(world: World, change: bool) -> None:
    world.quickbooks.set_switches(webhook_duplicates=1)
    world.wizcommerce.switch(webhook_duplicates=True)
    way = Way(world, change)
    way.run()
    assert way.arrived and way.tries == 1

    for projection in (*world.engine.followers, *world.engine.inline):
        rebuild: Callable[[], object] = getattr(projection, "rebuild", partial(world.engine.log.rebuild, projection))
        rebuild()
    world.restarted_engine()
    world.engine.schedule.due_now(CONNECTION)
    for seconds in (0, 1_000, DAYS):
        pass_by(world, seconds)

    assert way.arrived and way.tries == 1
    assert world.rows("SELECT * FROM pending_work") == []


@EACH
def test_a_no_is_final_until_a_person_asks(world: World, change: bool) -> None:
    way = Way(world, change)
    way.fault("403")
    way.run()
    pass_by(world, DAYS)
    [(next_step,)] = world.rows("SELECT next_step FROM pending_work")
    assert where(world).startswith("WizCommerce said no: ") and next_step and way.tries == 1
    assert world.where("WC-1001") == "sent: invoice WC-1001"

    world.engine.people.retry(record_of(world).stream, "admin")
    world.settle()

    assert way.arrived and way.tries == 2
    assert len(set(record_of(world).commands)) == (3 if change else 2)
    assert world.rows("SELECT * FROM pending_work") == []


def test_a_no_to_other_figures_does_not_keep_the_next_ones_back(world: World) -> None:
    way = Way(world, True)
    way.fault("403")
    way.run()

    by_bookkeeper(world, "receive-payment", invoices=[way.invoice], TotalAmt=70)

    assert told(world) == [("WC-1001", Decimal("100.00"), Decimal("100.00"), "PAID")]
    assert world.rows("SELECT * FROM pending_work") == []


@EACH
def test_what_cannot_be_taken_now_waits_as_long_as_was_asked_and_then_arrives(world: World, change: bool) -> None:
    way = Way(world, change)
    way.fault("429", seconds=200)
    way.run()
    assert where(world).startswith("waiting: ")
    pass_by(world, 190)
    assert way.tries == 1
    pass_by(world, 12)

    assert way.arrived and way.tries == 2


@EACH
@pytest.mark.parametrize("lost", ["reset-after", "reset-before"])
def test_a_lost_answer_is_looked_for_and_there_is_one_record(world: World, change: bool, lost: str) -> None:
    way = Way(world, change)
    way.fault(lost)
    way.run()
    assert where(world).startswith("checking whether it arrived")
    pass_by(world, NOT_YET)
    assert way.tries == 1
    pass_by(world, LOOK_DUE)

    assert way.arrived and way.tries == (1 if lost == "reset-after" else 2)
    assert world.rows("SELECT * FROM pending_work") == []


def test_what_is_paid_while_an_answer_is_looked_for_is_told_afterwards(world: World) -> None:
    way = Way(world, False)
    way.fault("reset-after")
    way.run()
    by_bookkeeper(world, "receive-payment", invoices=[invoice_id(world)], TotalAmt=30)
    assert told(world) == [NEW] and way.tries == 1

    pass_by(world, LONG_AFTER)

    assert told(world) == [PAID] and way.tries == 2


def test_figures_that_come_back_are_told_again(world: World) -> None:
    way = Way(world, True)
    way.run()
    [cheque] = world.quickbooks.payments()
    by_bookkeeper(world, "delete-payment", Id=cheque["Id"])
    by_bookkeeper(world, "receive-payment", invoices=[way.invoice], TotalAmt=30)

    assert way.arrived and way.tries == 3
    assert len(record_of(world).commands) == 4


@EACH
def test_two_workers_do_it_once(world: World, change: bool) -> None:
    way = Way(world, change)
    way.begin()
    world.settle(sending=False)
    other = world.web_engine.dispatcher()
    while any([world.dispatcher.step(), other.step(), world.step(sending=False)]):
        pass

    assert way.arrived and way.tries == 1


@EACH
def test_a_worker_killed_while_wizcommerce_answers_leaves_one_record(world: World, change: bool) -> None:
    way = Way(world, change)
    way.begin()
    if not change:
        while not world.invoices():
            world.step()
    world.settle(sending=False)
    clock = OtherClock(world)
    way.fault("timeout-after", seconds=0.7)

    with other_worker(world, clock) as worker:
        until(lambda: writes(world)[way.before :] != [] and "open" in writes(world)[-1], "the request is under way")
        worker.kill()
    until(lambda: "open" not in writes(world)[-1], "WizCommerce is done with the request")
    world.settle()
    clock.move(LONG_AFTER)
    world.settle()

    assert way.arrived and way.tries == 1


def test_when_wizcommerce_takes_two_records_of_one_reference_a_lost_one_is_still_found(world: World) -> None:
    world.wizcommerce.switch(a04_duplicate_references="accepted")
    way = Way(world, False)
    way.fault("reset-after")
    way.run()
    pass_by(world, LONG_AFTER)

    assert way.arrived and len(shown(world)) == 1


@pytest.mark.parametrize("moment", BEFORE_AND_AFTER)
def test_wherever_the_engine_dies_there_is_one_record_of_each_invoice(world: World, moment: Moment) -> None:
    sell(world)
    deaths = 0
    for nth in range(1, MOST_APPENDS, 3):
        number = f"WC-{nth}"

        def confirm(number: str = number) -> None:
            world.wizcommerce.confirm_order(number, "Bloom & Co", VASES)

        def pay(number: str = number) -> None:
            world.move(2)
            take(world, "30.00", number, settle=False)

        died = crashed_at(world, nth, moment, [confirm, pay])
        pass_by(world, A_MINUTE)
        pass_by(world, 1_000)

        of_order = [one for one in told(world) if one[0] == number]
        assert of_order == [(number, Decimal("100.00"), Decimal("30.00"), "PARTIALLY_PAID")], f"at append {nth}"
        if not died:
            break
        deaths += 1

    assert 3 <= deaths < MOST_APPENDS / 3 - 1
    assert len(shown(world)) == deaths + 1
    assert world.rows("SELECT * FROM pending_work") == []
