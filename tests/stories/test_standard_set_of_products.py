"""The standard set for the three commands of products: whatever happens, one product there, shown as QuickBooks has it.

The commands are making a product and changing one (PutProduct), telling its stock (SetStock), and taking it down
(DeactivateProduct). Counts come from WizCommerce's own call log, results from its own state.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from adapters.standin.faults import FaultRule
from tests.crashing import BEFORE_AND_AFTER, Moment, crashed_at
from tests.shop import Shop
from tests.telling import pass_by
from tests.world import CONNECTION

DAYS = 3 * 86_400.0
NOT_YET = 100.0
"""Seconds after an attempt at which WizCommerce may still be at it."""
LOOK_DUE = 115.0
"""Seconds after that by which it is looked for: 60 for an answer, 120 of a request's own and 30 of margin have passed."""


@dataclass
class Way:
    """One of the commands in a shop: how it is brought about, and what it comes to."""

    shop: Shop
    command: str
    item: str = ""
    number: int = 0

    def __post_init__(self) -> None:
        if self.command != "made":
            self.make()

    @property
    def operation(self) -> str:
        """What the call log calls the write."""
        return {"made": "create products", "stock": "write inventory"}.get(self.command, "update product")

    @property
    def sku(self) -> str:
        return f"TALL-{self.number:02}"

    def make(self) -> None:
        self.number += 1
        self.item = self.shop.item(self.sku, on_hand=10, Name=f"Tall vase {self.number}")
        if self.command != "made":
            self.follow()

    def begin(self) -> None:
        """Somebody does it in QuickBooks; the loops have not moved."""
        match self.command:
            case "made":
                self.make()
            case "changed":
                self.shop.edit(self.item, Name="Taller vase")
            case "stock":
                self.shop.count(self.item, 7)
                self.shop.world.engine.schedule.due_now(CONNECTION, "stock")
            case _:
                self.shop.quickbooks.by_hand("deactivate-item", Id=self.item)

    def follow(self) -> None:
        """Every loop is stepped until nothing moves, and again when what was put off for a moment is due."""
        self.shop.world.settle()
        pass_by(self.shop.world, 5)

    def run(self) -> None:
        self.begin()
        self.follow()

    @property
    def arrived(self) -> bool:
        """Whether WizCommerce has one product of the SKU, as it is to be."""
        there = [one for sku, one in self.shop.products().items() if sku == self.sku]
        if len(there) != 1:
            return False
        match self.command:
            case "made":
                return bool(there[0]["name"] == f"Tall vase {self.number}") and self.shop.stock(self.sku) == (10, 0, 10)
            case "changed":
                return bool(there[0]["name"] == "Taller vase")
            case "stock":
                return self.shop.stock(self.sku) == (7, 0, 7)
            case _:
                return bool(there[0]["status"] == "inactive")

    def fault(self, kind: str, **rule: Any) -> None:
        """WizCommerce gets the write wrong."""
        standin = self.shop.world.wizcommerce.standin
        self.shop.world.wizcommerce.do(standin.faults.add, FaultRule(kind, operation=f"^{self.operation}", **rule))

    def writes(self) -> int:
        """How many writes of this kind were tried, by WizCommerce's own log."""
        return self.shop.calls(self.operation)

    def where(self) -> str:
        return self.shop.world.engine.people.where(self.shop.logged(self.item).stream)


EACH = pytest.mark.parametrize("command", ["made", "changed", "stock", "taken down"])


@EACH
def test_it_is_done_once_whatever_is_stepped_signalled_and_rebuilt_afterwards(shop: Shop, command: str) -> None:
    shop.quickbooks.set_switches(webhook_duplicates=1)
    shop.world.wizcommerce.switch(webhook_duplicates=True)
    way = Way(shop, command)
    before = way.writes()
    way.run()
    assert way.arrived and way.writes() == before + 1

    for projection in (*shop.world.engine.followers, *shop.world.engine.inline):
        rebuild: Callable[[], object] = getattr(
            projection, "rebuild", partial(shop.world.engine.log.rebuild, projection)
        )
        rebuild()
    shop.world.restarted_engine()
    shop.world.engine.schedule.due_now(CONNECTION)
    for seconds in (0, 1_000, DAYS):
        pass_by(shop.world, seconds)

    assert way.arrived and way.writes() == before + 1
    assert shop.world.rows("SELECT * FROM pending_work") == []


@EACH
def test_a_no_is_final_until_a_person_asks(shop: Shop, command: str) -> None:
    way = Way(shop, command)
    before = way.writes()
    way.fault("status", status=422)
    way.run()
    pass_by(shop.world, DAYS)
    [(next_step,)] = shop.world.rows("SELECT next_step FROM pending_work")
    assert "said no" in way.where() and next_step and way.writes() == before + 1 and not way.arrived

    shop.world.engine.people.retry(shop.logged(way.item).stream, "tester")
    way.follow()

    assert way.arrived and way.writes() == before + 2
    assert shop.world.rows("SELECT * FROM pending_work") == []


@EACH
def test_what_cannot_be_taken_now_waits_as_long_as_was_asked_and_then_arrives(shop: Shop, command: str) -> None:
    way = Way(shop, command)
    before = way.writes()
    way.fault("429", seconds=200)
    way.run()
    assert way.where().startswith("waiting: ")
    pass_by(shop.world, 190)
    assert way.writes() == before + 1
    pass_by(shop.world, 12)

    assert way.arrived and way.writes() == before + 2


@EACH
@pytest.mark.parametrize("lost", ["reset-after", "reset-before"])
def test_a_lost_answer_is_looked_for_and_there_is_one_product(shop: Shop, command: str, lost: str) -> None:
    way = Way(shop, command)
    before = way.writes()
    shop.world.wizcommerce.switch(webhooks=False)
    way.fault(lost)
    way.run()
    assert way.where().startswith("checking whether it arrived")
    pass_by(shop.world, NOT_YET)
    assert way.writes() == before + 1
    pass_by(shop.world, LOOK_DUE)

    assert way.arrived and way.writes() == before + (1 if lost == "reset-after" else 2)
    assert shop.world.rows("SELECT * FROM pending_work") == []


@EACH
def test_two_workers_do_it_once(shop: Shop, command: str) -> None:
    way = Way(shop, command)
    before = way.writes()
    way.begin()
    shop.world.settle(sending=False)
    other = shop.world.web_engine.dispatcher()
    while any([shop.world.dispatcher.step(), other.step()]):
        pass
    way.follow()

    assert way.arrived and way.writes() == before + 1


@pytest.mark.parametrize("moment", BEFORE_AND_AFTER)
@EACH
def test_wherever_the_engine_dies_there_is_one_product(shop: Shop, command: str, moment: Moment) -> None:
    way = Way(shop, command)
    deaths = 0
    for nth in range(1, MOST_APPENDS, 4):
        died = crashed_at(shop.world, nth, moment, [way.begin])
        assert way.arrived, f"it died at append {nth}"
        if not died:
            break
        deaths += 1
        _undo(way)

    assert 1 <= deaths < MOST_APPENDS / 4 - 1
    assert shop.world.rows("SELECT * FROM pending_work") == []


MOST_APPENDS = 60
"""One product's path has far fewer; the bound only keeps a broken engine from looping."""


def _undo(way: Way) -> None:
    """As it was before, so that it can be brought about once more."""
    shop = way.shop
    shop.world.wizcommerce.switch(a29_patched_status="accepted")
    match way.command:
        case "changed":
            shop.edit(way.item, Name=f"Tall vase {way.number}")
        case "stock":
            shop.count(way.item, 10)
        case "made":
            return
        case _:
            shop.quickbooks.by_hand("reactivate-item", Id=way.item)
    shop.pull("stock")
    pass_by(shop.world, 5)
