"""What is pulled by the clock: what it costs, what of it is in the log, what is not wanted, and what is only half seen."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from engine.domain.events import RunFinished
from engine.observe import lost
from engine.ports import Disconnected
from tests.shop import COUNTED, Shop
from tests.telling import confirm, pass_by
from tests.world import CONNECTION, World

MANY = 1_001
"""Two pages of QuickBooks' items, and more than one answer of change data capture holds."""
SHOP = ("orders", "customers", "shop-products", "shop-stock")
BOOKS = ("stock", "products", "categories", "changes", "facts")


def recorded(world: World, what: str) -> list[RunFinished]:
    """The runs of a pull in the log, in their order."""
    sql = "SELECT stream FROM log_readable WHERE stream LIKE %s GROUP BY stream ORDER BY min(position)"
    streams = [row[0] for row in world.rows(sql, f"run-{CONNECTION}:{what}-2%")]
    events = [one.event for stream in streams for one in world.engine.log.read(stream)]
    return [event for event in events if isinstance(event, RunFinished)]


def calls(world: World, *operations: str) -> int:
    """How often QuickBooks was asked for these, by its own log."""
    return sum(call.operation in operations for call in world.quickbooks.calls.all())


def run(world: World, what: str) -> RunFinished:
    """A pull, from its first page to its last."""
    while (ran := world.engine.schedule.now(CONNECTION, what)) is not None and not ran.complete:
        pass
    return recorded(world, what)[-1]


def row(world: World, what: str) -> tuple[str, datetime, int]:
    """A pull's (cursor, due time, quiet runs)."""
    [found] = world.rows("SELECT cursor, due_at, quiet_runs FROM cursors WHERE what = %s", what)
    cursor, due_at, quiet = found
    return cursor, due_at, quiet


def make_due(world: World, *what: str) -> None:
    """Their time has come; nothing else follows from it."""
    world.rows("UPDATE cursors SET due_at = %s WHERE what = ANY(%s) RETURNING 1", world.clock.now(), list(what))


def fill_items(world: World) -> None:
    """The company counts many items more, none of which was ever seen."""
    more = {**COUNTED, "IncomeAccountRef": {"value": "79"}, "UnitPrice": 5, "QtyOnHand": 7}
    world.quickbooks.fill({"items": [{"Name": f"Item {n}", "Sku": f"SKU-{n:04}", **more} for n in range(MANY)]})


@pytest.fixture
def deaf(shop: Shop) -> Iterator[Shop]:
    """QuickBooks' webhooks are lost for ever."""
    shop.quickbooks.set_switches(webhooks_on=False)
    yield shop


# ---- everything ----------------------------------------------------------------------------------------------------------


def test_everything_costs_its_pages_and_nothing_that_is_there_is_read_by_itself(deaf: Shop) -> None:
    world = deaf.world
    deaf.category("Vases")
    deaf.item("SET-01", Type="Group", IncomeAccountRef=None)
    deaf.quickbooks.by_hand("deactivate-item", Id=deaf.item("OLD-01"))
    world.quickbooks.add_customer("Paper Lane")
    fill_items(world)
    pages, singly = ("query Item", "query Customer"), ("read item", "read customer")
    before, alone = calls(world, *pages), calls(world, *singly)
    first, again = run(world, "everything"), run(world, "everything")
    while world.engine.observer.step():
        pass

    assert first.changed > MANY and first.complete and (again.read, again.changed) == (first.read, 0)
    assert (first.metered_reads, again.metered_reads) == (3, 3)  # two pages of items, one of customers
    assert calls(world, *pages) - before == 6 and calls(world, *singly) == alone


def test_a_month_of_silence_has_everything_read_at_once_and_less_has_not(deaf: Shop) -> None:
    world, due = deaf.world, []
    for days in (28.0, 29.1):
        old = (world.clock.now() - timedelta(days=days)).isoformat()
        world.rows("UPDATE cursors SET cursor = %s WHERE what = 'changes' RETURNING 1", old)
        run(world, "changes")
        due.append(row(world, "everything")[1] <= world.clock.now())

    assert due == [False, True]


# ---- what of it is in the log --------------------------------------------------------------------------------------------


def test_a_run_that_found_nothing_is_recorded_where_it_costs_and_counted_where_it_does_not(shop: Shop) -> None:
    world, whats = shop.world, (*SHOP, *BOOKS)

    def pull_all() -> dict[str, tuple[int, int]]:
        for what in whats:
            world.engine.schedule.now(CONNECTION, what)
        return {what: (len(recorded(world, what)), row(world, what)[2]) for what in whats}

    before, after = pull_all(), pull_all()

    assert {w: after[w] for w in SHOP} == {w: (before[w][0], before[w][1] + 1) for w in SHOP}
    assert {w: after[w] for w in BOOKS} == {w: (before[w][0] + 1, 0) for w in BOOKS}
    costs = {what: recorded(world, what)[-1].metered_reads for what in BOOKS}
    assert costs == {**dict.fromkeys(BOOKS, 1), "facts": 2}


def test_those_counted_are_counted_anew_once_something_is_found(shop: Shop) -> None:
    world = shop.world
    world.wizcommerce.switch(webhooks=False)
    for _ in range(2):
        world.engine.schedule.now(CONNECTION, "orders")
    quiet, runs = row(world, "orders")[2], len(recorded(world, "orders"))
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("VASE-01", 1, "25.00")])
    world.engine.schedule.now(CONNECTION, "orders")

    assert quiet >= 2 and row(world, "orders")[2] == 0
    assert [one.changed for one in recorded(world, "orders")[runs:]] == [1]


def test_a_first_pull_is_recorded_once_however_many_pages_it_has(bare_world: World) -> None:
    world = bare_world
    fill_items(world)
    world.connect(goods=True)
    world.settle(sending=False)
    world.engine.schedule.due_now(CONNECTION, "first-product", "first-customer")
    world.settle(sending=False)

    [items], [customers] = recorded(world, "first-product"), recorded(world, "first-customer")
    assert (items.complete, items.metered_reads, items.cursor_from, items.cursor_to) == (True, 2, "", "done")
    assert items.read > MANY and items.started_at is not None and customers.complete


# ---- what is not wanted, or has nobody to ask ----------------------------------------------------------------------------


def test_a_company_without_categories_is_not_asked_for_them(shop: Shop) -> None:
    world, before = shop.world, len(recorded(shop.world, "categories"))
    make_due(world, "categories")
    world.settle()
    with_them = len(recorded(world, "categories")) - before
    world.quickbooks.fill({"company": {"NameValue": [{"Name": "ItemCategoriesFeature", "Value": "false"}]}})
    world.engine.schedule.now(CONNECTION, "facts")
    asked = calls(world, "query Item")
    make_due(world, "categories")
    world.settle()

    assert with_them == 1 and len(recorded(world, "categories")) - before == 1 and calls(world, "query Item") == asked


def test_where_products_are_left_alone_only_everything_reads_them(shop: Shop) -> None:
    world, goods = shop.world, ("stock", "products", "categories", "shop-products", "shop-stock", "everything")
    world.choose(products="off")
    world.settle()
    before = {what: len(recorded(world, what)) for what in goods}
    make_due(world, *goods)
    world.settle()

    assert [what for what in goods if len(recorded(world, what)) > before[what]] == ["everything"]


def test_products_decide_again_with_both_sides_away(shop: Shop) -> None:
    world = shop.world
    item = shop.item("FREE-01", on_hand=1, price="0")
    world.settle()
    before = shop.reason(item)
    world.engine.people.consent_ended(CONNECTION, "tester")
    lost(world.engine.records, CONNECTION, "wizcommerce", Disconnected("The token has ended."))
    world.choose(zero_prices="publish")
    world.settle(sending=False)

    assert (before, shop.reason(item)) == ("no-price", "")
    assert world.rows("SELECT due_at > %s FROM cursors WHERE what = 'decide-products'", world.clock.now()) == [(True,)]


# ---- what is only half seen ----------------------------------------------------------------------------------------------


def test_what_may_be_our_own_is_read_by_itself_while_the_other_changes_are_read_to_their_end(deaf: Shop) -> None:
    world = deaf.world
    world.choose(products="off")  # what the many items come to is no part of this
    world.quickbooks.add_fault("reset-before", operation="create invoice")
    confirm(world)  # whether it arrived is not known
    line = {"DetailType": "SalesItemLineDetail", "Amount": 5, "SalesItemLineDetail": {"ItemRef": {"value": "2"}}}
    typed = world.quickbooks.by_hand("add-invoice", DocNumber="WC-1001", CustomerRef={"value": "1"}, Line=[line])
    fill_items(world)
    asked = calls(world, "cdc", "query Item")
    found = run(world, "changes")

    assert found.complete and not found.cursor_to.startswith("{")
    assert found.metered_reads == calls(world, "cdc", "query Item") - asked > 7
    assert world.rows("SELECT kind, remote_id FROM signals") == [("invoice", typed["Id"])]
    pass_by(world)
    pass_by(world)
    assert sorted(one.doc_number for one in world.invoices()) == ["WC-1001"]
