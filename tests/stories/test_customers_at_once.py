"""The standard set for the four commands of customers, where two things happen at once: two workers, an edit that nobody saw
before the write, our own write seen before its answer, and an engine that dies anywhere."""

import pytest

from engine.domain.events import AttemptStarted, CommandAccepted, ConflictSettled, Verb
from engine.domain.values import System
from tests.crashing import BEFORE_AND_AFTER, Moment, crashed_at
from tests.customers_moving import COMMANDS, EACH, EACH_UPDATE, Moving, another_engine, engine_with_a_gap
from tests.processes import OtherClock, other_worker, until
from tests.world import World

Which = tuple[Verb, System]
LONG_AFTER = 1_000.0
"""Seconds after which every lease has ended and every look is due."""


# ---- an edit nobody saw -------------------------------------------------------------------------------------------------


@EACH_UPDATE
@pytest.mark.parametrize("touched", ["last_name", "phone"])
def test_a_record_that_changed_unseen_is_merged_again_and_nobodys_edit_is_lost(
    world: World, command: Which, touched: str
) -> None:
    moving = Moving(world, command)
    moving.no_webhooks()
    world.move(2)
    moving.change_there(**{touched: {"last_name": "Vale", "phone": "2125550199"}[touched]})
    moving.run()

    both = [moving.shown("quickbooks"), moving.shown("wizcommerce")]
    assert moving.tags().count("update-outdated") == 1
    if touched == "last_name":
        assert both == [[(moving.phone, "Vale")]] * 2
        assert moving.writes() == (["refused", "done"] if moving.target == "quickbooks" else ["done"])
        return
    [conflict] = moving.customer.conflicts
    event = conflict.event
    assert isinstance(event, ConflictSettled) and event.winner == "wizcommerce"
    assert {str(event.quickbooks)[-10:], str(event.wizcommerce)[-10:]} == {moving.phone, "2125550199"}
    assert both == [[(moving.phone if moving.home == "wizcommerce" else "2125550199", "")]] * 2


@EACH_UPDATE
@pytest.mark.parametrize("seen", ["by itself", "changed"])
def test_a_record_that_changes_each_time_is_left_alone_until_it_is_seen_again(
    world: World, command: Which, seen: str
) -> None:
    moving = Moving(world, command)
    log = engine_with_a_gap(world, AttemptStarted)
    moving.no_webhooks()
    faster = iter(range(1, 10))

    def somebody_is_faster() -> None:
        world.move(2)
        moving.change_there(unshared=f"fax {next(faster)}")
        log.meanwhile = somebody_is_faster

    log.meanwhile = somebody_is_faster
    moving.run()
    assert moving.where().startswith("waiting: the customer changed in ") and not moving.arrived
    assert moving.writes() == (["refused"] * 2 if moving.target == "quickbooks" else [])
    log.meanwhile = None
    if seen == "changed":
        world.move(2)
        moving.change_there(last_name="Vale")
        moving.poll()
        moving.follow()
    else:
        moving.pass_by(310)

    assert moving.arrived and moving.writes()[-1] == "done" and "fax" in str(moving.records(moving.target))
    assert moving.shown("quickbooks") == moving.shown("wizcommerce")
    assert next(faster) == 3


# ---- two workers --------------------------------------------------------------------------------------------------------


@EACH
def test_a_worker_that_was_overtaken_where_it_records_its_attempt_sends_nothing(world: World, command: Which) -> None:
    moving = Moving(world, command)
    world.quickbooks.set_switches(requestid="ignore")
    for count, moment in enumerate(BEFORE_AND_AFTER, start=1):
        log = engine_with_a_gap(world, AttemptStarted, moment)

        def the_other_does_it() -> None:
            world.move(LONG_AFTER)
            other = world.web_engine.dispatcher()
            while other.step():
                pass

        moving.decided()
        log.meanwhile = the_other_does_it
        moving.follow()

        assert moving.arrived and moving.writes() == ["done"] * count
        assert moving.tags().count("late-outcome") == (moment == "after its commit")
    moving.pass_by(LONG_AFTER)
    assert len(moving.all_writes()) == 2


MANY = 3


def test_two_processes_move_customers_both_ways_once_each(world: World) -> None:
    made_there, made_here, told_there, told_here = (Moving(world, command) for command in COMMANDS)
    names = [f"Fern {number} Ltd" for number in range(1, 2 * MANY + 1)]
    made_here.number = MANY
    for _ in range(MANY):
        made_there.begin()
        made_here.begin()
    told_there.begin()
    told_here.change_there(last_name="Vale")
    world.deliver_and_open()
    clock = OtherClock(world)

    with other_worker(world, clock, "loops", workers=5) as one, other_worker(world, clock, "loops", workers=5) as two:
        until(lambda: all(_made(world, name) == (1, 1) for name in names), "each customer is on both sides")
        until(lambda: told_there.arrived, "the changed phone number is in QuickBooks")
        for worker in (one, two):
            worker.terminate()
            assert worker.wait(timeout=20) == 0
    told_there.follow()
    told_there.pass_by(LONG_AFTER)

    assert all(_made(world, name) == (1, 1) for name in names)
    assert told_there.shown("quickbooks") == told_there.shown("wizcommerce") == [(told_there.phone, "Vale")]
    assert made_there.writes() == made_here.writes() == ["done"] * MANY


def _made(world: World, name: str) -> tuple[int, int]:
    """How many records each side has of that name."""
    there = [one["DisplayName"] for one in world.quickbooks.customers()]
    here = [one["display_name"] for one in world.wizcommerce.do(world.wizcommerce.standin.customers)]
    return there.count(name), here.count(name)


# ---- our own write, seen before its answer ------------------------------------------------------------------------------


@EACH
def test_our_own_write_seen_before_its_answer_is_one_change(world: World, command: Which) -> None:
    moving = Moving(world, command)
    log = engine_with_a_gap(world, CommandAccepted)

    def it_is_seen() -> None:
        with another_engine(world):
            moving.follow(sending=False)

    def it_is_polled() -> None:
        moving.no_webhooks()
        with another_engine(world):
            moving.poll()
            moving.follow(sending=False)

    for count, first in enumerate((it_is_seen, it_is_polled), start=1):
        moving.decided()
        log.meanwhile = first
        moving.follow()

        assert log.meanwhile is None and moving.arrived and moving.writes() == ["done"] * count
        accepted = moving.tags().count("command-accepted")
        assert accepted == (1 if moving.verb == "CreateCustomer" else count)
    moving.pass_by(LONG_AFTER)
    assert len(moving.all_writes()) == 2 and moving.where().startswith("sent")
    assert world.rows("SELECT topic FROM attention WHERE topic <> 'defaults-applied'") == []


@EACH_UPDATE
@pytest.mark.parametrize("touched", ["last_name", "phone"])
def test_an_edit_that_is_seen_before_the_answer_to_our_write_before_it_is_not_lost(
    world: World, command: Which, touched: str
) -> None:
    moving = Moving(world, command)
    log = engine_with_a_gap(world, CommandAccepted)
    theirs = {"last_name": "Vale", "phone": "2125550199"}[touched]

    def somebody_goes_on_from_there() -> None:
        world.move(2)
        moving.change_there(**{touched: theirs})
        with another_engine(world):
            moving.follow(sending=False)

    moving.decided()
    log.meanwhile = somebody_goes_on_from_there
    moving.follow()
    moving.pass_by(LONG_AFTER)

    assert moving.shown("quickbooks") == moving.shown("wizcommerce")
    [(phone, last_name)] = moving.shown(moving.target)
    if touched == "last_name":
        assert (phone, last_name) == (moving.phone, "Vale")
    else:
        said = [(str(c.event.quickbooks)[-10:], str(c.event.wizcommerce)[-10:]) for c in moving.customer.conflicts]
        assert phone == theirs or theirs in said[0]


@EACH
def test_a_write_whose_answer_was_lost_is_one_change_though_it_is_seen_by_webhook(world: World, command: Which) -> None:
    moving = Moving(world, command)
    moving.fault("reset-after")
    moving.run()
    seen = moving.where()
    moving.pass_by(LONG_AFTER)

    assert moving.arrived and moving.writes() == ["reset"] and len(moving.all_writes()) == 1
    assert seen.startswith("sent" if moving.verb == "CreateCustomer" else "checking whether it arrived")
    assert moving.where().startswith("sent") and moving.tags().count("command-accepted") == 1


# ---- an engine that dies ------------------------------------------------------------------------------------------------

MOST_APPENDS = 40
"""One customer's path has far fewer; the bound only keeps a broken engine from looping."""


@EACH
@pytest.mark.parametrize("moment", BEFORE_AND_AFTER)
def test_wherever_the_engine_dies_there_is_one_change(world: World, command: Which, moment: Moment) -> None:
    """At every other append: those between them are died at at the other moment."""
    moving = Moving(world, command)
    deaths = 0
    for nth in range(1 + BEFORE_AND_AFTER.index(moment), MOST_APPENDS, 2):
        died = crashed_at(world, nth, moment, [moving.begin])

        assert moving.arrived and len(moving.writes()) == deaths + 1
        assert moving.where().startswith("sent")
        if not died:
            break
        deaths += 1

    assert 2 <= deaths < MOST_APPENDS // 2 - 1
    assert len(moving.all_writes()) == deaths + 1 and world.rows("SELECT * FROM pending_work") == []
