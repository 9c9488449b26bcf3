"""Products and stock records read page by page over real HTTP, newest change first, down to where all was seen."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.wizcommerce.assumptions import Assumptions
from adapters.wizcommerce.gateway import WizCommerceGateway
from adapters.wizcommerce.translate_goods import product_row, stock_remote, stock_row
from engine.clock import instant
from engine.domain.values import StockLevel
from engine.ports import Changes, Refused, Remote
from tests.adapters.wizcommerce_goods import OTHER, OURS, SKU, a_world, shown
from tests.adapters.wizcommerce_world import World, switch

NOON = "2026-01-05T12:00:00Z"
PRODUCTS_CALL = "list products?sort_by=updated_at&sort=desc&page={}&page_size=100"
Read = Callable[[str, str], Changes]


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as made:
        yield made


def by_pages_of(world: World, size: int, **more: Any) -> WizCommerceGateway:
    return world.gateway_with(Assumptions(a08_page_size=size, **more))


def after(seconds: float, since: str = NOON) -> str:
    return (instant(since) + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def products(world: World, *seconds: float, **more: Any) -> list[str]:
    """Products last changed so many seconds after noon; their ids."""
    rows = [{"sku": f"S-{one}", "created_at": after(-9e6), "updated_at": after(one), **more} for one in seconds]
    ids: list[str] = world.do(world.standin.seed, {"products": rows})["products"]
    return ids


def to_the_end(read: Read, cursor: str = "") -> tuple[list[Remote], str]:
    records: list[Remote] = []
    for _ in range(50):
        page = read("acme", cursor)
        records, cursor = records + page.records, page.cursor
        if page.complete:
            return records, cursor
    raise AssertionError("it does not end")


def ids(records: list[Remote]) -> list[str]:
    return [one.remote_id for one in records]


def pages_asked(world: World) -> list[int]:
    return [int(call.partition("&page=")[2].partition("&")[0]) for call in world.calls()]


def answer(world: World, what: str, *rows: str, **place: Any) -> None:
    """The next list is these rows as they are."""
    page = json.dumps({"total_records": len(rows), "current_page": 1, "next_page": 0, **place})
    body = f'{{"data":[{",".join(rows)}],"pagination":{page}}}'
    world.fault(kind="status", status=200, body=body, operation=f"list {what}")


def test_two_hundred_and_fifty_products_are_read_in_three_pages_and_without_a_detail(world: World) -> None:
    made = products(world, *range(250))
    first = world.gateway.goods("acme", "")
    assert not first.complete and ids(first.records) == made[:149:-1]
    rest, cursor = to_the_end(world.gateway.goods, first.cursor)
    assert ids(rest) == made[149::-1] and cursor == after(249)
    assert world.calls() == [PRODUCTS_CALL.format(page) for page in (1, 2, 3)]


def test_a_row_says_all_that_the_detail_does(world: World) -> None:
    prices = [{"price_list_id": one, "price": 9} for one in (OTHER, OURS)]
    [made] = products(world, 0, categories=["Decor::Vases"], product_prices=prices, reference_id="R-1")
    [seen], _ = to_the_end(world.gateway.goods)
    detail = world.gateway.fetch("acme", "product", made)
    assert (seen.content, seen.revision, seen.created_at) == (detail.content, detail.revision, detail.created_at)
    assert (seen.kind, seen.problem, shown(seen).reference) == ("product", "", "R-1")
    assert json.loads(seen.raw) == json.loads(detail.raw)["data"]


def test_what_people_put_on_a_product_is_read_as_it_is_shown(world: World) -> None:
    prices = [{"price_list_id": OTHER, "price": Decimal("24.50")}, {"price_list_id": OURS, "price": Decimal("30.0")}]
    mine = [("Colour", "Blue"), ("Sizes", ["S", "L"]), ("Weight", Decimal("1.5")), ("Glazed", True), ("Empty", None)]
    products(
        world,
        0,
        name="Tall vase",
        categories=["Sale", "Decor::Vases"],
        attributes=[{"name": name, "value": value} for name, value in mine],
        product_prices=prices,
    )
    [seen], _ = to_the_end(world.gateway.goods)
    content = shown(seen)
    assert (content.sku, content.name, content.active, content.unit_price) == ("S-0", "Tall vase", True, None)
    assert content.categories == ("Sale", "Decor::Vases")
    assert [(one.name, one.value.text) for one in content.attributes] == [
        ("Colour", "Blue"),
        ("Sizes", '["S","L"]'),
        ("Weight", "1.5"),
        ("Glazed", "true"),
    ]
    assert [(one.price_list, str(one.price)) for one in content.prices] == [(OURS, "30"), (OTHER, "24.5")]
    switch(world, a37_categories_shown="last")
    [seen], _ = to_the_end(world.gateway.goods)
    assert shown(seen).categories == ("Sale", "Vases")


def test_a_product_made_inactive_is_inactive_and_a_deleted_one_is_gone(world: World) -> None:
    products(world, 0, 1, 2)
    world.do(world.standin.by_hand, "deactivate-product", sku="S-1")
    world.do(world.standin.by_hand, "delete-product", sku="S-2")
    records, _ = to_the_end(world.gateway.goods)
    assert {shown(one).sku: shown(one).active for one in records} == {"S-0": True, "S-1": False, "S-2": False}
    switch(world, a43_after_delete="404")
    records, _ = to_the_end(world.gateway.goods)
    assert sorted(shown(one).sku for one in records) == ["S-0", "S-1"]
    [gone] = products(world, 3, status="deleted")
    [seen] = [one for one in to_the_end(world.gateway.goods)[0] if one.remote_id == gone]
    assert seen.content is None and seen.problem == "" and seen.revision == after(3)


def test_the_next_reading_ends_with_the_first_row_older_than_the_cursor_less_ten_minutes(world: World) -> None:
    made = products(world, 1, 0, -600, -601, -700, -800)
    records, cursor = to_the_end(by_pages_of(world, 1).goods, NOON)
    assert ids(records) == made[:4] and cursor == after(1)
    assert pages_asked(world) == [1, 2, 3, 4]
    many = products(world, *range(1000, 1250))
    records, cursor = to_the_end(world.gateway.goods, after(1800))
    assert ids(records) == many[:149:-1] and pages_asked(world) == [1]
    assert cursor == after(1249)  # what was newer is there no more


def test_of_two_changes_in_one_second_the_second_is_seen_too(world: World) -> None:
    made = products(world, 0, 1)
    world.do(world.standin.by_hand, "edit-product", sku="S-0", name="Early")
    first, cursor = to_the_end(world.gateway.goods)
    world.do(world.standin.by_hand, "edit-product", sku="S-1", name="Late")
    again, following = to_the_end(world.gateway.goods, cursor)
    assert following == cursor == again[0].revision
    assert {shown(one).name for one in first} == {"Early", "S-1"}
    assert {one.remote_id: shown(one).name for one in again} == dict(zip(made, ("Early", "Late"), strict=True))


def test_what_changes_while_the_list_is_read_shifts_the_others_and_none_is_skipped(world: World) -> None:
    made = products(world, *range(60))
    read = by_pages_of(world, 20).goods
    first = read("acme", "")
    world.do(world.standin.by_hand, "edit-product", sku="S-5", name="Changed")
    world.do(world.standin.by_hand, "add-product", sku="NEW-01")
    rest, cursor = to_the_end(read, first.cursor)
    seen = ids([*first.records, *rest])
    assert set(made) - set(seen) == {made[5]} and len(seen) > len(set(seen))
    again, _ = to_the_end(read, cursor)
    assert {"Changed", "NEW-01"} <= {shown(one).name for one in again}


def test_a_list_that_shrank_is_begun_again(world: World) -> None:
    switch(world, a43_after_delete="404")
    made = products(world, *range(60))
    read = by_pages_of(world, 20).goods
    first = read("acme", NOON)
    world.do(world.standin.by_hand, "delete-product", sku="S-59")  # what was row 21 is row 20 now
    rest, cursor = to_the_end(read, first.cursor)
    assert set(ids(rest)) == set(made[:59]) and cursor == after(58)
    assert pages_asked(world) == [1, 2, 1, 2, 3]


@pytest.mark.parametrize("since", ["", NOON])
def test_a_list_that_will_not_hold_still_is_left_to_the_next_run(world: World, since: str) -> None:
    switch(world, a43_after_delete="404")
    products(world, *range(60))
    read = by_pages_of(world, 20).goods
    page, steps = read("acme", since), 1
    while not page.complete:
        world.do(world.standin.by_hand, "delete-product", sku=f"S-{60 - steps}")
        page, steps = read("acme", page.cursor), steps + 1
    assert page.cursor == since
    assert pages_asked(world) == [1, 2, 1, 2, 1, 2]


def test_a_page_that_does_not_say_how_many_there_are_has_not_shrunk(world: World) -> None:
    products(world, *range(30))
    read = by_pages_of(world, 20).goods
    first = read("acme", "")
    world.fault(kind="status", status=200, body='{"data":null,"pagination":null}', operation="list products")
    last = read("acme", first.cursor)
    assert last == Changes(records=[], cursor=after(29), complete=True)


@pytest.mark.parametrize("at_end", ["zero", "null", "current"])
@pytest.mark.parametrize("empty", ["list", "null"])
def test_the_end_of_a_list_has_several_forms(world: World, at_end: str, empty: str) -> None:
    switch(world, a08_next_page_at_end=at_end, a08_empty_data=empty)
    assert world.gateway.goods("acme", NOON) == Changes(records=[], cursor=NOON, complete=True)
    assert world.gateway.stock("acme", "") == Changes(records=[], cursor="", complete=True)
    answer(world, "products", next_page=2)
    assert world.gateway.goods("acme", NOON).complete
    made = products(world, *range(4))
    world.calls()
    assert set(ids(to_the_end(by_pages_of(world, 2).goods)[0])) == set(made)
    assert pages_asked(world) == [1, 2]


def test_stock_is_read_page_by_page_by_the_id_of_its_product_and_fractions_stay(world: World) -> None:
    made = products(world, 0, 1, 2)
    figures = {"in_stock_quantity": "10.50", "available_quantity": Decimal("0.333"), "reserved_quantity": "10.167"}
    more = {"track_inventory": False, "back_order_allowed": True, "inventory_status": "BACK_ORDER"}
    for second in range(3):
        world.do(world.standin.clock.move, seconds=60)
        numbers = {name: Decimal(value) for name, value in figures.items()}
        world.do(world.standin.by_hand, "set-stock", sku=f"S-{second}", **numbers, **more)
    records, cursor = to_the_end(by_pages_of(world, 2).stock)
    assert ids(records) == made[::-1] and cursor == records[0].revision and len(world.calls()) == 2
    assert {(one.kind, one.content, one.problem) for one in records} == {("stock", None, "")}
    assert {one.stock for one in records} == {
        StockLevel(
            on_hand=Decimal("10.5"),
            available=Decimal("0.333"),
            reserved=Decimal("10.167"),
            tracked=False,
            back_orders=True,
            standing="BACK_ORDER",
        )
    }
    assert records[0].shown == records[0].stock and json.loads(records[0].raw)["sku"] == "S-2"
    world.do(world.standin.clock.move, seconds=3600)
    world.do(world.standin.by_hand, "set-stock", sku="S-0", in_stock_quantity=3)
    world.calls()
    changed, _ = to_the_end(by_pages_of(world, 1).stock, cursor)
    assert ids(changed) == [made[0], *made[:0:-1]]


def test_stock_of_no_product_is_a_problem_and_the_others_are_read(world: World) -> None:
    [made] = products(world, 0)
    world.do(world.standin.seed, {"inventories": [{"sku": "S-0"}, {"sku": "NOBODY"}]})
    seen = {one.remote_id: one for one in to_the_end(world.gateway.stock)[0]}
    assert seen[made].problem == "" and seen[made].stock is not None
    assert "product_id" in seen[""].problem and seen[""].stock is None and "NOBODY" in seen[""].raw


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("10", "10"),
        ("10.0", "10"),
        ("1E+1", "10"),
        ("0.3330", "0.333"),
        ("-2.50", "-2.5"),
        ("-0.0", "0"),
        ("0E+9", "0"),
        ("1e12", "1000000000000"),
        ("0." + "3" * 40 + "0", "0." + "3" * 40),
        ("null", "0"),
    ],
)
def test_one_figure_has_one_text_and_every_digit(text: str, figure: str) -> None:
    stock = stock_row(f'{{"product_id":"p","updated_at":"{NOON}","in_stock_quantity":{text}}}'.encode()).stock
    assert stock is not None and str(stock.on_hand) == figure
    if text != "null":
        price = f'{{"id":"p","updated_at":"{NOON}","price_lists":[{{"id":"l","price":{text}}}]}}'
        assert [str(one.price) for one in shown(product_row(price.encode())).prices] == [figure]


def test_a_bad_row_is_kept_with_its_problem_and_the_others_are_read(world: World) -> None:
    good = f'{{"id":"p-1","sku":"{SKU}","updated_at":"{NOON}"}}'
    later = f'{{"id":"p-2","updated_at":"{after(9)}","price_lists":[{{"id":"l","price":"NaN"}}]}}'
    bad = ["7", "[]", "{}", '{"id":5}', '{"id":"p-3","updated_at":"soon"}', later]
    answer(world, "products", good, *bad)
    page = world.gateway.goods("acme", "")
    assert shown(page.records[0]).sku == SKU and page.complete
    assert [one.raw for one in page.records] == [good, *bad]
    assert ids(page.records[1:]) == ["", "", "", "", "p-3", "p-2"]
    assert all(one.problem and one.content is None for one in page.records[1:])
    assert "updated_at" in page.records[5].problem and "price_lists[0].price" in page.records[6].problem


def test_a_row_without_a_time_does_not_end_a_reading(world: World) -> None:
    made = products(world, *range(30))
    answer(world, "products", '{"id":"p-1","updated_at":""}', next_page=2)
    first = by_pages_of(world, 20).goods("acme", NOON)
    assert ids(first.records) == ["p-1"] and not first.complete
    assert ids(to_the_end(by_pages_of(world, 20).goods, first.cursor)[0]) == made[9::-1]


def test_a_bad_stock_record_is_kept_with_its_problem(world: World) -> None:
    good = f'{{"product_id":"p-1","updated_at":"{NOON}"}}'
    wrong = [
        '"Vorname"',
        '{"product_id":"p-2","in_stock_quantity":"Vorname"}',
        '{"product_id":"p-3","updated_at":"Vorname"}',
    ]
    answer(world, "inventories", *wrong, good)
    page = world.gateway.stock("acme", "")
    assert ids(page.records) == ["", "p-2", "p-3", "p-1"] and page.cursor == NOON
    assert all(one.problem and one.stock is None and "Vorname" not in one.problem for one in page.records[:3])
    assert [one.raw for one in page.records] == [*wrong, good]
    for text in (b"", b"null", b"\xff", b'{"data":[]}', b'{"data":"x"}'):
        seen = stock_remote(text)
        assert seen.problem and seen.stock is None and seen.remote_id == ""
    assert stock_remote(f'{{"data":{good}}}'.encode()) == page.records[3]


@pytest.mark.parametrize("body", ["[]", "nonsense", '{"data":{}}', '{"data":[],"pagination":{"next_page":"x"}}'])
def test_a_list_that_cannot_be_read_is_refused_with_its_body(world: World, body: str) -> None:
    for read in (world.gateway.goods, world.gateway.stock):
        world.fault(kind="status", status=200, body=body)
        with pytest.raises(Refused, match="cannot be read") as told:
            read("acme", "")
        assert told.value.raw == body


def test_a_list_without_an_end_ends_and_is_read_again(world: World) -> None:
    endless = f'{{"data":[{{"id":"x","updated_at":"{after(9)}"}}],"pagination":{{"current_page":0,"next_page":9}}}}'
    world.fault(kind="status", status=200, body=endless, times=0)
    _, cursor = to_the_end(by_pages_of(world, 100, a08_most_pages=5).goods, NOON)
    assert cursor == NOON and pages_asked(world) == [1, 2, 3, 4, 5]
