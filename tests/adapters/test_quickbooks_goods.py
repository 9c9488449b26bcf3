"""Paging the items of some types, against the strict stand-in over real HTTP; reads are counted from its call log."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs

import pytest

from adapters.quickbooks.client import AnswerTooLarge
from engine.domain.values import CompanyFacts, ProductContent, StockLevel
from engine.ports import Remote, Unavailable
from tests.adapters.quickbooks_world import CLOCK, World, a_world

TOO_LARGE = "x" * (17 * 1024 * 1024)
STOCKED = {
    "Type": "Inventory",
    "TrackQtyOnHand": True,
    "QtyOnHand": 10,
    "InvStartDate": "2026-01-01",
    "IncomeAccountRef": {"value": "79"},
    "ExpenseAccountRef": {"value": "80"},
    "AssetAccountRef": {"value": "81"},
}
SERVICE = {"Type": "Service", "IncomeAccountRef": {"value": "79"}}
GOODS = ("Inventory", "NonInventory")


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


def stocked(world: World, count: int, name: str = "Vase") -> list[str]:
    """The ids of `count` inventory items, made now."""
    ids: list[str] = world.stand_in.fill({"items": [{"Name": f"{name} {n}", **STOCKED} for n in range(count)]})["items"]
    return ids


def followed(world: World, cursor: str = "", types: tuple[str, ...] = GOODS) -> tuple[list[Remote], str, int]:
    """Everything until complete, the cursor then, and how many metered reads it took."""
    before, records = world.metered(), []
    while True:
        seen = world.gateway.goods("acme", types, cursor)
        records += seen.records
        cursor = seen.cursor
        if seen.complete:
            return records, cursor, world.metered() - before


def ids_of(records: list[Remote]) -> list[str]:
    return [one.remote_id for one in records]


def statements(world: World) -> list[str]:
    asked = [call.query for call in world.stand_in.calls.all() if call.path.endswith("/query")]
    return [parse_qs(each)["query"][0] for each in asked]


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 2500])
def test_so_many_items_cost_one_read_for_each_thousand_and_one(world: World, count: int) -> None:
    made = stocked(world, count)
    world.stand_in.fill({"items": [{"Name": "Labour", **SERVICE}]})

    records, _, reads = followed(world)

    assert ids_of(records) == made and reads == count // 1000 + 1
    places = [f"STARTPOSITION {1000 * page + 1} MAXRESULTS 1000" for page in range(reads)]
    asked = "SELECT * FROM Item WHERE Type IN ('Inventory', 'NonInventory') AND Active IN (true, false) ORDERBY Id "
    assert statements(world) == [asked + place for place in places]


def test_inactive_items_are_among_them_and_other_types_are_not(world: World) -> None:
    kept, ended = stocked(world, 2)
    world.stand_in.fill({"items": [{"Name": "Labour", **SERVICE}]})
    world.stand_in.by_hand("add-category", Name="Vases")
    world.stand_in.by_hand("deactivate-item", Id=ended)

    records, _, _ = followed(world, types=("Inventory",))

    assert {one.remote_id: one.content.active for one in records if isinstance(one.content, ProductContent)} == {
        kept: True,
        ended: False,
    }
    assert " WHERE Type = 'Inventory' AND Active" in statements(world)[0]


def test_categories_can_be_asked_for_and_stand_below_each_other(world: World) -> None:
    top = world.stand_in.by_hand("add-category", Name="Decor")
    world.stand_in.by_hand("add-category", Name="Vases", SubItem=True, ParentRef={"value": top["Id"]})
    records, _, _ = followed(world, types=("Category",))
    assert [one.content.full_name for one in records if isinstance(one.content, ProductContent)] == ["", "Decor:Vases"]


def test_from_a_time_on_only_what_was_changed_since_is_shown_less_five_minutes(world: World) -> None:
    world.stand_in.clock.move(-7200)
    old = stocked(world, 3)
    world.stand_in.clock.move(7200 - 240)
    new = stocked(world, 2, "Bowl")
    world.stand_in.by_hand("edit-item", Id=old[1], Description="changed")
    world.stand_in.clock.move(240)
    since = CLOCK.now()

    records, _, reads = followed(world, since.isoformat())

    assert ids_of(records) == [old[1], *new] and reads == 1
    asked = (since - timedelta(minutes=5)).isoformat(timespec="seconds")
    assert f"WHERE MetaData.LastUpdatedTime >= '{asked}' AND Type IN (" in statements(world)[0]


def test_the_way_ends_with_the_time_of_its_first_answer_so_that_what_changed_behind_it_is_seen_next(
    world: World,
) -> None:
    made = stocked(world, 1200)
    world.stand_in.clock.move(-86_400)  # their clock counts, not ours
    first = world.gateway.goods("acme", GOODS, "")
    begun_at = world.stand_in.clock.now()
    world.stand_in.clock.move(1800)
    world.stand_in.by_hand("edit-item", Id=made[0], Description="changed behind us")
    world.stand_in.clock.move(1800)

    rest = world.gateway.goods("acme", GOODS, first.cursor)

    assert (first.complete, rest.complete, ids_of([*first.records, *rest.records])) == (False, True, made)
    reached_at = datetime.fromisoformat(rest.cursor)
    assert timedelta(0) <= begun_at - reached_at < timedelta(seconds=60) and reached_at.tzinfo == UTC
    again, _, _ = followed(world, rest.cursor)
    assert made[0] in ids_of(again)


def test_our_own_clock_counts_only_where_the_answer_says_no_time(world: World) -> None:
    world.stand_in.clock.move(-86_400)
    began = CLOCK.now()
    world.stand_in.add_fault("status", path="/query", status=200, body='{"QueryResponse": {}}')
    silent, said = (datetime.fromisoformat(followed(world)[1]) for _ in range(2))
    assert began <= silent <= CLOCK.now() and said < began - timedelta(hours=23)


def test_pages_too_large_to_take_in_are_halved_and_stay_so(world: World) -> None:
    made = stocked(world, 1100)
    world.stand_in.add_fault("status", path="/query", status=200, body=TOO_LARGE)
    records, _, _ = followed(world)
    assert ids_of(records) == made
    assert [each.partition("STARTPOSITION ")[2] for each in statements(world)] == [
        "1 MAXRESULTS 1000",
        "1 MAXRESULTS 500",
        "501 MAXRESULTS 500",
        "1001 MAXRESULTS 500",
    ]


def test_a_single_item_too_large_to_take_in_is_said_and_not_asked_for_for_ever(world: World) -> None:
    world.stand_in.add_fault("status", path="/query", status=200, body=TOO_LARGE, times=0)
    with pytest.raises(AnswerTooLarge):
        world.gateway.goods("acme", GOODS, "")
    assert statements(world)[-1].endswith("STARTPOSITION 1 MAXRESULTS 1")


def test_a_page_that_could_not_be_had_is_asked_for_again_from_the_same_cursor(world: World) -> None:
    made = stocked(world, 1001)
    first = world.gateway.goods("acme", GOODS, "")
    world.stand_in.add_fault("reset-before", path="/query")
    with pytest.raises(Unavailable):
        world.gateway.goods("acme", GOODS, first.cursor)
    assert ids_of(world.gateway.goods("acme", GOODS, first.cursor).records) == made[1000:]


def test_a_cursor_that_is_none_of_ours_is_said_so_and_nothing_is_asked(world: World) -> None:
    stocked(world, 1000)
    ours = world.gateway.goods("acme", GOODS, "").cursor
    page = world.gateway.page("acme", "product", "").cursor
    before = len(world.stand_in.calls.all())
    bent = [ours.replace('"start":1001', each) for each in ('"start":0', '"start":1001,"more":1')]
    bent += [ours.replace('"rows":1000', each) for each in ('"rows":0', '"rows":1001')]
    naive = '{"since":"2026-01-01T00:00:00","start":1,"rows":1000}'
    for cursor in ("yesterday", "{}", page, "2026-01-01", "2026-01-01T00:00:00", naive, *bent):
        assert cursor != ours
        with pytest.raises(ValueError):
            world.gateway.goods("acme", GOODS, cursor)
    with pytest.raises(ValueError):
        world.gateway.goods("acme", (), "")
    with pytest.raises(ValueError):
        world.gateway.changes("acme", ours)
    assert len(world.stand_in.calls.all()) == before


def test_a_sale_and_a_stock_take_move_what_is_there_and_nothing_else(world: World) -> None:
    [item] = stocked(world, 1)
    before = world.gateway.fetch("acme", "product", item)
    customer = world.stand_in.add_customer("Bloom & Co")["Id"]
    detail = {"ItemRef": {"value": item}, "Qty": 4, "UnitPrice": 25}
    sold = {"DetailType": "SalesItemLineDetail", "Amount": 100, "SalesItemLineDetail": detail}
    world.stand_in.by_hand("add-invoice", CustomerRef={"value": customer}, Line=[sold])
    after_sale = world.gateway.fetch("acme", "product", item)
    world.stand_in.by_hand("adjust-stock", Id=item, to="7.333")
    [[counted], _, _] = followed(world)

    levels = [one.stock for one in (before, after_sale, counted)]
    assert levels == [StockLevel(on_hand=Decimal(each)) for each in ("10", "6", "7.333")]
    assert len({one.revision for one in (before, after_sale, counted)}) == 1
    assert before.content == after_sale.content == counted.content


def test_the_loser_of_a_merge_is_an_inactive_item_under_its_own_name(world: World) -> None:
    winner, loser = stocked(world, 2)
    world.stand_in.by_hand("merge-items", Id=loser, into=winner)
    kept, lost = followed(world)[0]
    assert isinstance(lost.content, ProductContent)
    assert (lost.content.name, lost.content.active, lost.stock) == ("Vase 1", False, StockLevel(on_hand=Decimal(0)))
    assert kept.stock == StockLevel(on_hand=Decimal(20))


def test_the_company_says_whether_it_has_categories(world: World) -> None:
    def facts() -> CompanyFacts:
        return world.gateway.company("acme")

    assert facts().categories
    world.stand_in.fill({"company": {"NameValue": [{"Name": "ItemCategoriesFeature", "Value": "false"}]}})
    assert not facts().categories
