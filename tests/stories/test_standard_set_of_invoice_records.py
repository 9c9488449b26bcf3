"""The standard set for PutInvoice: whatever happens, one invoice is one record in WizCommerce, and says what QuickBooks shows."""

from decimal import Decimal

import pytest

from engine.domain.told import Told
from tests.crashing import BEFORE_AND_AFTER, Moment, crashed_at
from tests.invoice_records import record_of, sell, shown, told
from tests.payments import by_bookkeeper, invoice_id, invoiced, take
from tests.processes import OtherClock, other_worker, until
from tests.telling import LONG_AFTER, VASES, pass_by
from tests.ways import A_MINUTE, Way
from tests.world import World

MOST_APPENDS = 40
NEW = ("WC-1001", Decimal("100.00"), Decimal(0), "PENDING")
PAID = ("WC-1001", Decimal("100.00"), Decimal("30.00"), "PARTIALLY_PAID")
EACH = pytest.mark.parametrize("change", [False, True], ids=["made", "changed"])


class RecordWay(Way):
    """A record made, or changed by a payment in QuickBooks."""

    path = "/invoices"

    def prepare(self) -> None:
        sell(self.world)
        if self.change:
            self.invoice = invoiced(self.world)
            self.world.move(2)

    def begin(self) -> None:
        if self.change:
            self.world.quickbooks.by_hand("receive-payment", invoices=[self.invoice], TotalAmt=30)
        else:
            self.world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", VASES)

    @property
    def record(self) -> Told:
        return record_of(self.world)

    @property
    def shows(self) -> bool:
        return told(self.world) == [PAID if self.change else NEW]


@EACH
def test_it_is_done_once_whatever_is_stepped_signalled_and_rebuilt_afterwards(world: World, change: bool) -> None:
    RecordWay(world, change).is_done_once()


@EACH
def test_a_no_is_final_until_a_person_asks(world: World, change: bool) -> None:
    way = RecordWay(world, change)
    way.waits_until_asked()
    assert len(way.record.commands) == (3 if change else 2)


def test_a_no_to_other_figures_does_not_keep_the_next_ones_back(world: World) -> None:
    way = RecordWay(world, True)
    way.fault("403")
    way.run()

    by_bookkeeper(world, "receive-payment", invoices=[way.invoice], TotalAmt=70)

    assert told(world) == [("WC-1001", Decimal("100.00"), Decimal("100.00"), "PAID")]
    assert world.rows("SELECT * FROM pending_work") == []


@EACH
def test_what_cannot_be_taken_now_waits_as_long_as_was_asked_and_then_arrives(world: World, change: bool) -> None:
    RecordWay(world, change).waits_as_long_as_was_asked()


@EACH
@pytest.mark.parametrize("lost", ["reset-after", "reset-before"])
def test_a_lost_answer_is_looked_for_and_there_is_one_record(world: World, change: bool, lost: str) -> None:
    RecordWay(world, change).is_looked_for(lost)


def test_what_is_paid_while_an_answer_is_looked_for_is_told_afterwards(world: World) -> None:
    way = RecordWay(world, False)
    way.fault("reset-after")
    way.run()
    by_bookkeeper(world, "receive-payment", invoices=[invoice_id(world)], TotalAmt=30)
    assert told(world) == [NEW] and way.tries == 1

    pass_by(world, LONG_AFTER)

    assert told(world) == [PAID] and way.tries == 2


def test_figures_that_come_back_are_told_again(world: World) -> None:
    way = RecordWay(world, True)
    way.run()
    [cheque] = world.quickbooks.payments()
    by_bookkeeper(world, "delete-payment", Id=cheque["Id"])
    by_bookkeeper(world, "receive-payment", invoices=[way.invoice], TotalAmt=30)

    assert way.arrived and way.tries == 3
    assert len(way.record.commands) == 4


@EACH
def test_two_workers_do_it_once(world: World, change: bool) -> None:
    RecordWay(world, change).is_done_by_two()


@EACH
def test_a_worker_killed_while_wizcommerce_answers_leaves_one_record(world: World, change: bool) -> None:
    way = RecordWay(world, change)
    way.begin()
    if not change:
        while not world.invoices():
            world.step()
    world.settle(sending=False)
    clock = OtherClock(world)
    way.fault("timeout-after", seconds=0.7)

    with other_worker(world, clock) as worker:
        until(lambda: way.writes[way.before :] != [] and "open" in way.writes[-1], "the request is under way")
        worker.kill()
    until(lambda: "open" not in way.writes[-1], "WizCommerce is done with the request")
    world.settle()
    clock.move(LONG_AFTER)
    world.settle()

    assert way.arrived and way.tries == 1


def test_when_wizcommerce_takes_two_records_of_one_reference_a_lost_one_is_still_found(world: World) -> None:
    world.wizcommerce.switch(a04_duplicate_references="accepted")
    way = RecordWay(world, False)
    way.fault("reset-after")
    way.run()
    pass_by(world, LONG_AFTER)

    assert way.arrived and len(shown(world)) == 1


@pytest.mark.parametrize("moment", BEFORE_AND_AFTER)
def test_wherever_the_engine_dies_there_is_one_record_of_each_invoice(world: World, moment: Moment) -> None:
    """At every sixth append; half of those between them are died at at the other moment."""
    sell(world)
    deaths = 0
    for nth in range(1 + 3 * BEFORE_AND_AFTER.index(moment), MOST_APPENDS, 6):
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
