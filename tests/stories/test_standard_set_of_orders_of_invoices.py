"""The standard set for CreateOrder and UpdateOrder: whatever happens, one invoice is one order, and says what the invoice does.

A change is an edit of the invoice, or its void, which cancels the order.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from adapters.standin.faults import FaultRule
from tests.born import at_a_glance, order_of, sold, vase, where, write_invoice, writes
from tests.crashing import BEFORE_AND_AFTER, Moment, crashed_at
from tests.processes import OtherClock, other_worker, until
from tests.shop import Shop
from tests.telling import LONG_AFTER, NOT_YET, pass_by
from tests.world import CONNECTION

DAYS = 3 * 86_400.0
LOOK_DUE = 115.0
"""Seconds after `NOT_YET` by which it is looked for: 60 for an answer, 120 of a request's own and 30 of margin have passed."""
MOST_APPENDS = 40
EACH = pytest.mark.parametrize("command", ["made", "changed", "cancelled"])
METHOD = {"made": "POST", "changed": "PUT", "cancelled": "PATCH"}


class Way:
    """An order made of an invoice, or changed or cancelled with it."""

    def __init__(self, shop: Shop, command: str) -> None:
        self.shop, self.world, self.command = shop, shop.world, command
        self.invoice = ""
        if command != "made":
            self.invoice = write_invoice(shop)
            self.world.settle()
            self.world.move(2)
        self.before = len(writes(self.world))

    def begin(self) -> None:
        """Somebody does it in QuickBooks; the loops have not moved."""
        match self.command:
            case "made":
                self.invoice = write_invoice(self.shop)
            case "changed":
                lines = [sold(vase(self.shop), 2)]
                self.shop.quickbooks.by_hand("edit-invoice", Id=self.invoice, Line=lines)
            case _:
                self.shop.quickbooks.by_hand("void-invoice", Id=self.invoice)

    def run(self) -> None:
        self.begin()
        self.world.settle()

    def fault(self, kind: str, **rule: Any) -> None:
        """WizCommerce gets the write wrong, once."""
        rules = self.world.wizcommerce.standin.faults
        self.world.wizcommerce.do(rules.add, FaultRule(kind, method=METHOD[self.command], path="/orders", **rule))

    @property
    def tries(self) -> int:
        return len(writes(self.world)) - self.before

    @property
    def arrived(self) -> bool:
        """Whether there is one order, as it is to be, and ours says so; and QuickBooks has the one invoice."""
        status, amount = {"made": ("confirmed", 100), "changed": ("confirmed", 50)}.get(
            self.command, ("cancelled", 100)
        )
        there = at_a_glance(self.world) == [("B-1", status, Decimal(amount))]
        return (
            there
            and where(self.world, self.invoice) == "sent: WizCommerce order B-1"
            and len(self.world.invoices()) == 1
        )

    @property
    def at_rest(self) -> bool:
        return self.world.rows("SELECT * FROM pending_work") == []


@EACH
def test_it_is_done_once_whatever_is_stepped_signalled_and_rebuilt_afterwards(shop: Shop, command: str) -> None:
    world = shop.world
    world.quickbooks.set_switches(webhook_duplicates=1)
    world.wizcommerce.switch(webhook_duplicates=True)
    way = Way(shop, command)
    way.run()
    assert way.arrived and way.tries == 1

    for projection in (*world.engine.followers, *world.engine.inline):
        rebuild: Callable[[], object] = getattr(projection, "rebuild", partial(world.engine.log.rebuild, projection))
        rebuild()
    world.restarted_engine()
    world.engine.schedule.due_now(CONNECTION)
    for seconds in (0, 1_000, DAYS):
        pass_by(world, seconds)

    assert way.arrived and way.tries == 1 and way.at_rest


@EACH
def test_a_no_is_final_until_a_person_asks(shop: Shop, command: str) -> None:
    way = Way(shop, command)
    way.fault("403")
    way.run()
    pass_by(shop.world, DAYS)
    [(next_step,)] = shop.world.rows("SELECT next_step FROM pending_work")
    assert where(shop.world, way.invoice).startswith("WizCommerce said no: ") and next_step and way.tries == 1

    shop.world.engine.people.retry(order_of(shop.world, way.invoice).stream, "admin")
    shop.world.settle()

    assert way.arrived and way.tries == 2 and way.at_rest


@EACH
def test_what_cannot_be_taken_now_waits_as_long_as_was_asked_and_then_arrives(shop: Shop, command: str) -> None:
    way = Way(shop, command)
    way.fault("429", seconds=200)
    way.run()
    assert where(shop.world, way.invoice).startswith(("waiting: ", "sent: "))
    pass_by(shop.world, 190)
    assert way.tries == 1
    pass_by(shop.world, 12)

    assert way.arrived and way.tries == 2


@EACH
@pytest.mark.parametrize(
    ("lost", "told"),
    [("reset-after", True), ("reset-after", False), ("reset-before", False)],
    ids=["told by webhook", "found by looking", "not there"],
)
def test_a_lost_answer_is_looked_for_and_there_is_one_order(shop: Shop, command: str, lost: str, told: bool) -> None:
    shop.world.wizcommerce.switch(webhooks=told)
    way = Way(shop, command)
    way.fault(lost)
    way.run()
    if not told:
        assert where(shop.world, way.invoice).startswith("checking whether it arrived")
        pass_by(shop.world, NOT_YET)
        assert way.tries == 1
    elif command == "made":
        pass_by(shop.world, 5)
        assert way.arrived  # what is seen there is the answer
    pass_by(shop.world, LOOK_DUE + NOT_YET)

    assert way.arrived and way.tries == (1 if lost == "reset-after" else 2) and way.at_rest


@EACH
def test_two_workers_do_it_once(shop: Shop, command: str) -> None:
    world = shop.world
    way = Way(shop, command)
    way.begin()
    world.settle(sending=False)
    other = world.web_engine.dispatcher()
    while any([world.dispatcher.step(), other.step(), world.step(sending=False)]):
        pass

    assert way.arrived and way.tries == 1


def test_a_worker_killed_while_wizcommerce_answers_leaves_one_order(shop: Shop) -> None:
    world = shop.world
    way = Way(shop, "made")
    way.begin()
    world.settle(sending=False)
    clock = OtherClock(world)
    way.fault("timeout-after", seconds=0.7)

    with other_worker(world, clock) as worker:
        until(lambda: writes(world) != [] and "open" in writes(world)[-1], "the request is under way")
        worker.kill()
    until(lambda: "open" not in writes(world)[-1], "WizCommerce is done with the request")
    world.settle()
    clock.move(LONG_AFTER)
    world.settle()

    assert way.arrived and way.tries == 1


@pytest.mark.parametrize("duplicates", ["409", "accepted"])
def test_whatever_wizcommerce_says_to_a_second_order_of_one_reference_there_is_one(shop: Shop, duplicates: str) -> None:
    shop.world.wizcommerce.switch(a04_duplicate_references=duplicates, webhooks=False)
    way = Way(shop, "made")
    way.fault("reset-after")
    way.run()
    pass_by(shop.world, LONG_AFTER)

    assert way.arrived and way.tries == 1


def test_a_change_that_meets_another_one_is_decided_anew_and_laid_over_that(shop: Shop) -> None:
    world = shop.world
    way = Way(shop, "changed")
    way.begin()
    world.settle(sending=False)
    world.wizcommerce.switch(webhooks=False)
    world.wizcommerce.edit_order("B-1", None, internal_note="shelf 4")
    world.settle()
    pass_by(world, LONG_AFTER)

    assert way.arrived and way.tries == 1
    assert world.wizcommerce.standin.state.order_shown_as("B-1")["internal_note"] == "shelf 4"  # type: ignore[index]


@pytest.mark.parametrize("moment", BEFORE_AND_AFTER)
def test_wherever_the_engine_dies_there_is_one_order_of_each_invoice(shop: Shop, moment: Moment) -> None:
    world = shop.world
    made: list[str] = []
    deaths = 0
    for nth in range(1, MOST_APPENDS, 4):
        number = f"B-{nth}"

        def sell(number: str = number) -> None:
            made.append(write_invoice(shop, number))

        def edit() -> None:
            world.move(2)
            shop.quickbooks.by_hand("edit-invoice", Id=made[-1], Line=[sold(vase(shop), 2)])

        died = crashed_at(world, nth, moment, [sell, edit])
        pass_by(world, 1_000)

        of_invoice = [one for one in at_a_glance(world) if one[0] == number]
        assert of_invoice == [(number, "confirmed", Decimal("50.00"))], f"at append {nth}"
        if not died:
            break
        deaths += 1

    assert 3 <= deaths < MOST_APPENDS / 4 - 1
    assert len(at_a_glance(world)) == len(world.invoices()) == deaths + 1
    assert world.rows("SELECT * FROM pending_work") == []
