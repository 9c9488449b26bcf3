"""The standard set for the four commands of customers: whatever happens, one record, one change, and nobody's edit is lost."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from engine.domain.customer_policies import NAMED
from engine.domain.events import Verb
from engine.domain.values import System
from tests.customers_moving import EACH, EACH_CREATE, Moving
from tests.world import CONNECTION, World

Which = tuple[Verb, System]
DAYS = 3 * 86_400.0
NOT_YET = 100.0
"""Seconds after an attempt at which the other side may still be at it."""
LOOK_DUE = 115.0
"""Seconds after that by which it is looked for: 60 for an answer, 120 of their own and 30 of margin have passed."""


@EACH
def test_it_is_done_once_whatever_is_stepped_signalled_and_rebuilt_afterwards(world: World, command: Which) -> None:
    moving = Moving(world, command)
    world.quickbooks.set_switches(webhook_duplicates=1)
    world.wizcommerce.switch(webhook_duplicates=True)
    moving.run()
    assert moving.arrived and moving.writes() == ["done"] == ["done"] * len(moving.all_writes())
    assert moving.where().startswith("sent")

    for projection in (*world.engine.followers, *world.engine.inline):
        rebuild: Callable[[], object] = getattr(projection, "rebuild", partial(world.engine.log.rebuild, projection))
        rebuild()
    world.restarted_engine()
    world.engine.schedule.due_now(CONNECTION)
    for seconds in (0, 1_000, DAYS):
        moving.pass_by(seconds)

    assert moving.arrived and len(moving.all_writes()) == 1
    assert world.rows("SELECT * FROM pending_work") == []


REFUSALS: dict[str, dict[str, Any]] = {
    "quickbooks": {"kind": "fault", "code": "2500"},
    "wizcommerce": {"kind": "status", "status": 422},
}
REQUEST_IDS = {"quickbooks": ("honour", "ignore"), "wizcommerce": ("honour",)}
"""WizCommerce has none."""


@EACH
def test_a_no_is_final_and_says_who_said_it_until_the_content_changes_or_a_person_asks(
    world: World, command: Which
) -> None:
    moving = Moving(world, command)

    def a_person_retries() -> None:
        world.engine.people.retry(moving.stream, "tester")

    for count, begins_anew in enumerate((moving.change, a_person_retries)):
        moving.fault(**REFUSALS[moving.target])
        moving.run()
        moving.touch()
        moving.pass_by(DAYS)
        [(next_step,)] = world.rows("SELECT next_step FROM pending_work")
        assert moving.where().startswith(f"{NAMED[moving.target]} said no: ") and next_step
        assert len(moving.writes()) == 2 * count + 1 and not moving.arrived

        begins_anew()
        moving.follow()

        assert moving.arrived and len(moving.writes()) == 2 * count + 2
        assert moving.where().startswith("sent") and world.rows("SELECT * FROM pending_work") == []
    if moving.target == "quickbooks":
        assert len(set(moving.request_ids())) == 4


@EACH_CREATE
def test_a_no_is_settled_by_the_same_customer_that_somebody_made_there(world: World, command: Which) -> None:
    moving = Moving(world, command)
    moving.fault(**REFUSALS[moving.target])
    moving.run()
    assert " said no: " in moving.where()

    moving.make_there()
    moving.follow()

    assert moving.arrived and len(moving.all_writes()) == 1
    assert moving.where().startswith("sent") and world.rows("SELECT * FROM pending_work") == []


@EACH
def test_what_cannot_be_taken_now_waits_as_long_as_was_asked_and_then_arrives(world: World, command: Which) -> None:
    moving = Moving(world, command)
    moving.no_webhooks()
    if moving.target == "quickbooks":
        world.quickbooks.set_switches(retry_after="200")
        moving.fault("429-json")
    else:
        moving.fault("429", seconds=200)
    moving.fault("status", status=503)

    moving.run()
    assert moving.where().startswith("waiting: ")
    moving.pass_by(190)
    assert len(moving.writes()) == 1
    moving.pass_by(12)
    assert len(moving.writes()) == 2 and moving.where().startswith("checking whether it arrived")
    moving.pass_by(NOT_YET)
    assert len(moving.writes()) == 2
    moving.pass_by(LOOK_DUE)

    assert moving.arrived and moving.writes()[2:] == ["done"]
    if moving.target == "quickbooks":
        assert len(set(moving.request_ids())) == 1


@EACH
@pytest.mark.parametrize("lost", ["reset-after", "reset-before"])
def test_a_lost_answer_is_looked_for_and_there_is_one_change(world: World, command: Which, lost: str) -> None:
    moving = Moving(world, command)
    moving.no_webhooks()
    arrived_at_once = ["reset"] if lost == "reset-after" else ["reset", "done"]
    for count, requestid in enumerate(REQUEST_IDS[moving.target], start=1):
        world.quickbooks.set_switches(requestid=requestid)
        moving.fault(lost)

        moving.run()
        assert moving.where().startswith("checking whether it arrived")
        moving.pass_by(NOT_YET)
        assert moving.writes() == arrived_at_once * (count - 1) + ["reset"]
        moving.pass_by(LOOK_DUE)

        assert moving.arrived and moving.where().startswith("sent")
        assert moving.writes() == arrived_at_once * count
        if moving.target == "quickbooks":
            assert len(set(moving.request_ids())) == count
    moving.pass_by(DAYS)
    assert moving.arrived and len(moving.all_writes()) == len(moving.writes())
