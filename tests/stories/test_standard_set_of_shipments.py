"""The standard set for PutShipment: whatever happens, one invoice is one shipment in WizCommerce, as QuickBooks shows it."""

import pytest

from engine.domain.told import Told
from tests.crashing import BEFORE_AND_AFTER, Moment, crashed_at
from tests.payments import by_bookkeeper, invoiced
from tests.shipments import FIRST, SECOND, fulfilled, sell, shipment_of, shipped, shown, sold, track
from tests.telling import LONG_AFTER, pass_by
from tests.ways import A_MINUTE, Way
from tests.world import World

MOST_APPENDS = 20
GOODS = {"VASE-01": 4}


class ShipmentWay(Way):
    """A tracking number typed in QuickBooks, or another one in its place."""

    path = "/shipments"

    def prepare(self) -> None:
        self.invoice = sold(self.world)
        if self.change:
            track(self.world, self.invoice)
        self.world.move(2)

    def begin(self) -> None:
        self.world.quickbooks.by_hand("edit-invoice", Id=self.invoice, TrackingNum=SECOND if self.change else FIRST)

    @property
    def record(self) -> Told:
        return shipment_of(self.world)

    @property
    def shows(self) -> bool:
        number = SECOND if self.change else FIRST
        return shipped(self.world) == [("shipped", number, GOODS)] and fulfilled(self.world) == ("FULFILLED", [4])


def test_it_is_done_once_whatever_is_stepped_signalled_and_rebuilt_afterwards(world: World) -> None:
    ShipmentWay(world, True).is_done_once()


def test_a_no_is_final_until_a_person_asks(world: World) -> None:
    way = ShipmentWay(world, True)
    way.waits_until_asked()
    assert len(way.record.commands) == 3


def test_a_no_to_one_number_does_not_keep_the_next_one_back(world: World) -> None:
    way = ShipmentWay(world, False)
    way.fault("403")
    way.run()

    track(world, way.invoice, SECOND)

    assert shipped(world) == [("shipped", SECOND, GOODS)]
    assert world.rows("SELECT * FROM pending_work") == []


def test_what_cannot_be_taken_now_waits_as_long_as_was_asked_and_then_arrives(world: World) -> None:
    ShipmentWay(world, False).waits_as_long_as_was_asked()


@pytest.mark.parametrize(("change", "lost"), [(False, "reset-after"), (True, "reset-after"), (True, "reset-before")])
def test_a_lost_answer_is_looked_for_and_there_is_one_shipment(world: World, change: bool, lost: str) -> None:
    ShipmentWay(world, change).is_looked_for(lost)


def test_what_is_taken_back_while_an_answer_is_looked_for_is_withdrawn_afterwards(world: World) -> None:
    way = ShipmentWay(world, False)
    way.fault("reset-after")
    way.run()
    by_bookkeeper(world, "edit-invoice", Id=way.invoice, TrackingNum="")
    assert way.shows and way.tries == 1

    pass_by(world, LONG_AFTER)

    assert shipped(world) == [("created", "", {})] and way.tries == 2


def test_two_workers_do_it_once(world: World) -> None:
    ShipmentWay(world, False).is_done_by_two()


@pytest.mark.parametrize(("moment", "first"), [*zip(BEFORE_AND_AFTER, (1, 3), strict=True)])
def test_wherever_the_engine_dies_there_is_one_shipment_of_each_invoice(
    world: World, moment: Moment, first: int
) -> None:
    sell(world)
    deaths = 0
    for nth in range(first, MOST_APPENDS, 4):
        number = f"WC-{nth}"
        invoice = invoiced(world, number)

        def ship(number: str = number, invoice: str = invoice) -> None:
            world.move(2)
            world.quickbooks.by_hand("edit-invoice", Id=invoice, TrackingNum=f"1Z{number}")

        died = crashed_at(world, nth, moment, [ship])
        pass_by(world, A_MINUTE)
        pass_by(world, 1_000)

        of_order = [one for one in shipped(world) if one[1] == f"1Z{number}"]
        assert of_order == [("shipped", f"1Z{number}", GOODS)], f"at append {nth}"
        assert fulfilled(world, number) == ("FULFILLED", [4])
        if not died:
            break
        deaths += 1

    assert 1 <= deaths < MOST_APPENDS / 4 - 1
    assert len(shown(world)) == deaths + 1
    assert world.rows("SELECT * FROM pending_work") == []
