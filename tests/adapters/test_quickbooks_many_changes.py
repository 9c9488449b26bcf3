"""Following more changes than one answer holds, and changes of long ago, over real HTTP to the strict stand-in."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import parse_qs

import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from engine.domain.values import ProductContent
from engine.ports import Remote
from tests.adapters.asking import StoppedClock, open_shop
from tests.adapters.quickbooks_world import CLOCK, World

DAY = 86_400


@pytest.fixture
def world() -> Iterator[World]:
    """A stand-in whose clock stands still: what happens without a move happens in one second."""
    stand_in = QuickBooksStandIn(clock=StoppedClock())
    stand_in.set_switches(throttle=False, access_token_ttl_seconds=400 * DAY)
    with stand_in.start() as running:
        here = World(stand_in, running.address)
        with here.http:
            yield here


def filled(world: World, count: int) -> list[str]:
    goods = [{"Name": f"Vase {n}", "Type": "Service", "IncomeAccountRef": {"value": "79"}} for n in range(count)]
    made: list[str] = world.stand_in.fill({"items": goods})["items"]
    return made


def followed(world: World, cursor: str) -> tuple[list[Remote], str]:
    records: list[Remote] = []
    while True:
        seen = world.gateway.changes("acme", cursor)
        records += seen.records
        cursor = seen.cursor
        if seen.complete:
            return records, cursor


def asked(world: World, what: str, name: str) -> list[str]:
    calls = [call.query for call in world.stand_in.calls.all() if call.path.endswith(f"/{what}")]
    return [parse_qs(each)[name][0] for each in calls]


def described(records: list[Remote], text: str) -> set[str]:
    contents = [(one.remote_id, one.content) for one in records]
    return {id for id, content in contents if isinstance(content, ProductContent) and content.description == text}


@pytest.mark.parametrize("total_said", [True, False])
@pytest.mark.parametrize("count", [999, 1000, 2500])
def test_all_items_changed_within_one_second_are_shown_however_the_answer_was_cut_off(
    world: World, count: int, total_said: bool
) -> None:
    world.stand_in.set_switches(cdc_total_count=total_said)
    made = filled(world, count)
    world.stand_in.clock.move(3600)
    _, cursor = followed(world, world.stand_in.clock.now().isoformat())
    world.stand_in.clock.move(30)
    for id in made:
        world.stand_in.by_hand("edit-item", Id=id, Description="new")
    before = world.metered()

    records, later = followed(world, cursor)

    assert described(records, "new") == set(made)
    assert datetime.fromisoformat(later) >= datetime.fromisoformat(cursor) + timedelta(seconds=30)
    paged = [each for each in asked(world, "query", "query") if " FROM Item " in each]
    if count == 999:  # cut off nowhere: one read
        assert (paged, world.metered() - before) == ([], 1)
    elif count == 2500:
        assert [each.partition("STARTPOSITION ")[2] for each in paged] == [
            f"{start} MAXRESULTS 1000" for start in (1, 1001, 2001)
        ]


def test_from_a_cursor_of_35_days_everything_changed_since_arrives_and_capture_is_never_asked_too_far_back(
    world: World,
) -> None:
    world.stand_in.set_switches(cdc_beyond_30_days="error")
    world.stand_in.clock.move(-40 * DAY)
    open_shop(world.stand_in)
    made = filled(world, 1200)
    world.stand_in.clock.move(6 * DAY)  # 34 days ago
    for id in made[:1100]:
        world.stand_in.by_hand("edit-item", Id=id, Description="long ago")
    world.stand_in.by_hand("edit-customer", Id="1", Notes="long ago")
    world.stand_in.clock.move(24 * DAY)  # 10 days ago
    world.stand_in.by_hand("edit-item", Id=made[1150], Description="of late")
    world.stand_in.by_hand("delete-invoice", Id="1")
    world.stand_in.clock.move(10 * DAY)

    records, later = followed(world, (CLOCK.now() - timedelta(days=35)).isoformat())

    assert described(records, "long ago") == set(made[:1100]) and described(records, "of late") == {made[1150]}
    assert not {one.remote_id for one in records if one.kind == "product"} & set(made[1100:1150])
    assert "1" in [one.remote_id for one in records if one.kind == "customer"]
    assert [one.content for one in records if one.kind == "invoice"] == [None]
    since = [datetime.fromisoformat(each) for each in asked(world, "cdc", "changedSince")]
    assert since and min(since) > CLOCK.now() - timedelta(days=29, minutes=1)
    assert CLOCK.now() - datetime.fromisoformat(later) < timedelta(minutes=1)


def test_an_answer_that_says_there_are_more_than_it_holds_was_cut_off_however_few_it_holds(world: World) -> None:
    made = filled(world, 3)
    body = '{"CDCResponse": [{"QueryResponse": [{"Item": [], "maxResults": 0, "totalCount": 3}]}]}'
    world.stand_in.add_fault("status", path="/cdc", status=200, body=body)
    records, _ = followed(world, world.stand_in.clock.now().isoformat())
    assert [one.remote_id for one in records if one.kind == "product"] == ["1", *made]
