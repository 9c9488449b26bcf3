"""What the QuickBooks gateway reads and follows, against the strict stand-in over real HTTP."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from engine.domain.values import (
    CustomerContent,
    ProductContent,
)
from engine.ports import Remote, Unavailable
from tests.adapters.quickbooks_world import CLOCK, LONG_AGO, World, a_customer, a_world


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


# ---- looking ---------------------------------------------------------------------------------------------------------


def test_an_invoice_is_looked_for_by_its_number(world: World) -> None:
    draft = world.draft(number="O'Hara \\ 7")
    assert world.gateway.look("acme", draft, LONG_AGO) == []
    made = world.send(draft)
    assert [one.remote_id for one in world.gateway.look("acme", draft, LONG_AGO)] == [made.remote_id]


def test_without_a_number_it_is_looked_for_by_customer_and_time(world: World) -> None:
    draft = world.draft(number="")
    made = world.send(draft)
    since = CLOCK.now()
    found = world.gateway.look("acme", draft, since)
    assert [one.remote_id for one in found] == [made.remote_id]
    assert world.gateway.look("acme", draft, since + timedelta(hours=1)) == []


def test_a_customer_is_looked_for_by_name_in_the_form_it_was_sent(world: World) -> None:
    draft = a_customer("Amy's:  Bird Sanctuary")
    made = world.send(draft)
    [found] = world.gateway.look("acme", draft, LONG_AGO)
    assert found.remote_id == made.remote_id


# ---- reads -----------------------------------------------------------------------------------------------------------


def test_what_is_gone_is_read_as_a_tombstone(world: World) -> None:
    made = world.send(world.draft())
    world.stand_in.by_hand("delete-invoice", Id=made.remote_id)
    assert world.gateway.fetch("acme", "invoice", made.remote_id).content is None


def test_an_inactive_customer_is_read_without_its_suffix(world: World) -> None:
    added = world.stand_in.add_customer("Old Shop")
    world.stand_in.by_hand("deactivate-customer", Id=added["Id"])
    content = world.gateway.fetch("acme", "customer", added["Id"]).content
    assert isinstance(content, CustomerContent)
    assert (str(content.display_name), content.active) == ("Old Shop", False)


def test_everything_reads_inactive_ones_too_by_pages(world: World) -> None:
    items = [{"Name": f"Item {n}", "Sku": f"S-{n}", "Type": "Service"} for n in range(1005)]
    world.stand_in.fill({"items": [{**one, "IncomeAccountRef": {"value": "79"}} for one in items]})
    world.stand_in.by_hand("deactivate-item", Id=world.stand_in.items()[-1]["Id"])
    before = world.metered()
    found = list(world.everything("product"))
    contents = [one.content for one in found if isinstance(one.content, ProductContent)]
    assert {one["Id"] for one in world.stand_in.items()} == {one.remote_id for one in found}
    assert sum(not content.active for content in contents) == 1 and world.metered() - before == 2


def test_the_company_shows_what_it_is_set_up_to_do(world: World) -> None:
    world.stand_in.by_hand("set-preferences", SalesFormsPrefs={"CustomTxnNumbers": True, "AllowShipping": True})
    facts = world.gateway.company("acme")
    assert facts.custom_numbers and facts.allow_shipping and facts.name and facts.country == "US"


# ---- what changed ----------------------------------------------------------------------------------------------------


def poll(world: World, cursor: str) -> tuple[list[Remote], str, int]:
    """Everything until complete, the cursor then, and how many metered reads it took."""
    before, records = world.metered(), []
    while True:
        seen = world.gateway.changes("acme", cursor)
        records += seen.records
        cursor = seen.cursor
        if seen.complete:
            return records, cursor, world.metered() - before


def test_a_quiet_poll_is_one_read_and_moves_the_cursor(world: World) -> None:
    _, cursor, _ = poll(world, "")
    made = world.send(world.draft())
    records, later, reads = poll(world, cursor)
    assert made.remote_id in [one.remote_id for one in records if one.kind == "invoice"]
    assert reads == 1 and datetime.fromisoformat(later) >= datetime.fromisoformat(cursor)


def test_a_deleted_record_is_seen_as_a_tombstone(world: World) -> None:
    made = world.send(world.draft())
    world.stand_in.by_hand("delete-invoice", Id=made.remote_id)
    records, _, _ = poll(world, CLOCK.now().isoformat())
    assert [one.content for one in records if one.kind == "invoice"] == [None]


def test_an_answer_that_was_cut_off_is_asked_again_in_parts_until_all_was_seen(world: World) -> None:
    names = [{"DisplayName": f"Customer {n}"} for n in range(1200)]
    world.stand_in.fill({"customers": names})
    records, cursor, reads = poll(world, CLOCK.now().isoformat())
    seen = {one.remote_id for one in records if one.kind == "customer"}
    assert seen >= {one["Id"] for one in world.stand_in.customers()} and reads > 1
    assert datetime.fromisoformat(cursor) > LONG_AGO


def test_what_came_shortly_before_the_cursor_is_shown_again(world: World) -> None:
    world.stand_in.clock.move(-180)
    made = world.stand_in.add_customer("Three minutes ago")
    world.stand_in.clock.move(180)
    records, _, _ = poll(world, CLOCK.now().isoformat())
    assert made["Id"] in [one.remote_id for one in records if one.kind == "customer"]


def test_a_cursor_older_than_the_look_back_misses_nothing_that_can_be_read(world: World) -> None:
    world.stand_in.clock.move(-40 * 86_400)
    made = world.send(world.draft())
    world.stand_in.clock.move(40 * 86_400)
    records, cursor, _ = poll(world, (CLOCK.now() - timedelta(days=60)).isoformat())
    assert made.remote_id in [one.remote_id for one in records if one.kind == "invoice"]
    assert CLOCK.now() - datetime.fromisoformat(cursor) < timedelta(minutes=1)


def test_a_broken_step_is_asked_again_from_the_same_cursor(world: World) -> None:
    cursor = CLOCK.now().isoformat()
    world.stand_in.add_fault("reset-before", path="/cdc")
    with pytest.raises(Unavailable):
        world.gateway.changes("acme", cursor)
    assert world.gateway.changes("acme", cursor).complete


def test_an_empty_cursor_begins_within_the_look_back_in_one_read(world: World) -> None:
    made = world.send(world.draft())
    records, _, reads = poll(world, "")
    assert made.remote_id in [one.remote_id for one in records if one.kind == "invoice"] and reads == 1


def test_a_cursor_that_is_none_of_ours_is_said_so(world: World) -> None:
    for cursor in ("yesterday", "{}", '{"since": 1}'):
        with pytest.raises(ValueError):
            world.gateway.changes("acme", cursor)


# ---- answers too large to take in ------------------------------------------------------------------------------------

TOO_LARGE = "x" * (17 * 1024 * 1024)


def test_pages_shrink_until_they_can_be_taken_in(world: World) -> None:
    world.stand_in.fill({"customers": [{"DisplayName": f"Customer {n}"} for n in range(3)]})
    world.stand_in.add_fault("status", path="/query", status=200, body=TOO_LARGE)
    found = [one.remote_id for one in world.everything("customer")]
    assert found == [one["Id"] for one in world.stand_in.customers()]
    asked = [call.status for call in world.stand_in.calls.all() if call.operation.startswith("query")]
    assert len(asked) == 2


def test_changes_too_large_are_asked_for_in_parts(world: World) -> None:
    made = world.send(world.draft())
    world.stand_in.add_fault("status", path="/cdc", status=200, body=TOO_LARGE)
    records, _, _ = poll(world, CLOCK.now().isoformat())
    assert made.remote_id in [one.remote_id for one in records if one.kind == "invoice"]
