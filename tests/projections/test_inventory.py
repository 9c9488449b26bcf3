"""The inventory: every state of a product, what both sides say is there, and rebuilt equals followed."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, LiteralString

import pytest
from psycopg_pool import ConnectionPool

from engine.domain import events as e
from engine.domain.drafts import StockDraft
from engine.domain.events import Event
from engine.domain.product import no_product
from engine.domain.product_policies import issue
from engine.domain.values import Personal, StockLevel
from engine.follow import ProjectionFollower
from projections.inventory import Inventory
from tests.goods import LINKED, PRODUCT, accepted, around, in_shop, item, on_hand, refused, there
from tests.projections.test_projections import Desk
from tests.shop import Shop
from tests.telling import pass_by
from tests.wholesale import NOON

ALL: LiteralString = 'SELECT i::text FROM inventory i ORDER BY i::text COLLATE "C"'
STANDING: LiteralString = "SELECT sku, name, state, reason, sentence, tracked FROM inventory"
FIGURES: LiteralString = "SELECT on_hand, in_stock, reserved, available FROM inventory"
TIMES: LiteralString = "SELECT on_hand_at IS NOT NULL, shop_at IS NOT NULL FROM inventory"

BARE = e.PushWithheld(reason="no-sku", sentence="the item has no SKU", needs_person=True, next_step="Give it one.")
LEFT = e.PushWithheld(reason="inactive", sentence="it is inactive in QuickBooks")
GONE = e.RecordGone(system="wizcommerce", kind="product", remote_id="prod_01", fetched_after=0, cause="a test")
PUT = issue(no_product(PRODUCT), "PutProduct", around(), "QuickBooks has it")
SET = issue(no_product(PRODUCT), "SetStock", around(), "QuickBooks has 10 on hand")
LEVEL = StockLevel(on_hand=Decimal(10), available=Decimal("6.333"), reserved=Decimal("3.667"), standing="IN_STOCK")
SENT = e.AttemptStarted(
    command_id=SET.command_id,
    attempt=1,
    draft=StockDraft(sku="VASE-01", level=LEVEL),
    body=Personal("{}"),
    worker="a test",
    send_by=NOON,
    answer_by=NOON,
)


@pytest.fixture
def desk(database: str) -> Iterator[Desk]:
    """A log with its tables, the inventory among them."""
    with ConnectionPool(database, min_size=1, max_size=4, kwargs={"autocommit": True}) as pool:
        opened = Desk(database, pool)
        opened.followers.append(ProjectionFollower(Inventory(), opened.log, pool))
        yield opened
        opened.log.close()


STATES: list[tuple[str, list[Event], tuple[str, str]]] = [
    ("not decided about yet", [item()], ("", "")),
    ("waits for a person", [item(), BARE], ("held", "no-sku")),
    ("left out", [item(active=False), LEFT], ("left", "inactive")),
    ("on its way after that", [item(), BARE, PUT], ("held", "")),
    ("shown", [item(), LINKED, there()], ("shown", "")),
    ("shown after it waited", [item(), BARE, PUT, LINKED, there()], ("shown", "")),
    ("shown, and no more kept equal", [item(), LINKED, there(), BARE], ("shown", "no-sku")),
    ("taken down", [item(), LINKED, there(), there(active=False)], ("not shown", "")),
    ("shown again", [item(), LINKED, there(active=False), there()], ("shown", "")),
    ("deleted there", [item(), LINKED, there(), GONE], ("not shown", "")),
]
"""(name, what was told, (state, reason))."""


@pytest.mark.parametrize(("told", "standing"), [one[1:] for one in STATES], ids=[one[0] for one in STATES])
def test_a_product_stands_where_the_log_says(desk: Desk, told: list[Event], standing: tuple[str, str]) -> None:
    desk.tell(PRODUCT, *told)

    [(sku, name, state, reason, sentence, tracked)] = desk.rows(STANDING)
    assert ((state, reason), sku, name, tracked) == (standing, "VASE-01", "Vase", True)
    assert bool(sentence) == bool(reason)


@pytest.mark.parametrize(
    "told",
    [
        [item(item_type="Category", sku="", sellable=False)],
        [item(), LINKED, there(), e.RecordMergedInto(record="product-acme:11111111-6a0c-5e0e-9c6b-6f1d0c578f10")],
    ],
    ids=["a category", "one with another"],
)
def test_what_is_no_product_of_its_own_is_in_no_row(desk: Desk, told: list[Event]) -> None:
    desk.tell(PRODUCT, *told)

    assert desk.rows(ALL) == []


def test_it_goes_by_its_own_sku_or_name_until_wizcommerce_shows_another(desk: Desk) -> None:
    named: LiteralString = "SELECT sku, name FROM inventory"
    desk.tell(PRODUCT, item(sku=""))
    nameless = desk.rows(named)
    desk.tell(PRODUCT, item())
    own = desk.rows(named)
    desk.tell(PRODUCT, LINKED, there(sku="VASE-OLD"), item(sku="VASE-NEW", name="New vase"))

    assert (nameless, own) == ([("Vase", "Vase")], [("VASE-01", "Vase")])
    assert desk.rows(named) == [("VASE-OLD", "New vase")]


def test_both_sides_figures_are_kept_with_their_times(desk: Desk) -> None:
    desk.tell(PRODUCT, item())
    nothing = desk.rows(FIGURES)
    desk.tell(PRODUCT, on_hand("-3"), LINKED, there(), in_shop("0", "0"))
    desk.tell(PRODUCT, on_hand("0.333"), in_shop("10", "6", "4"))

    assert nothing == [(None, None, None, None)]
    assert desk.rows(FIGURES) == [(Decimal("0.333"), Decimal(10), Decimal(4), Decimal(6))]
    assert desk.rows(TIMES) == [(True, True)]


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ([], (None, None, None)),
        ([refused(SET)], (None, None, None)),
        ([accepted(PUT)], (None, None, None)),
        ([accepted(SET)], (Decimal(10), Decimal("3.667"), Decimal("6.333"))),
    ],
    ids=["no answer yet", "refused", "another request arrived", "arrived"],
)
def test_what_wizcommerce_took_from_us_is_its_record_once_it_arrived(
    desk: Desk, answer: list[Event], kept: tuple[Any, ...]
) -> None:
    desk.tell(PRODUCT, item(), on_hand("10"), LINKED, there(), SET, SENT, *answer)

    assert desk.rows(FIGURES) == [(Decimal(10), *kept)]
    assert desk.rows(TIMES) == [(True, kept[0] is not None)]


@pytest.mark.parametrize("told", [one[1] for one in STATES], ids=[one[0] for one in STATES])
def test_rebuilt_it_equals_the_one_that_followed(desk: Desk, told: list[Event]) -> None:
    arrived = [accepted(PUT)] if PUT in told else []
    desk.tell(PRODUCT, *told, *arrived, on_hand("10"), SET, SENT, accepted(SET), in_shop("9", "9"), SET, SENT)
    followed = desk.rows(ALL)
    with desk.pool.connection() as c:
        c.execute("UPDATE inventory SET state = 'shown', sku = 'BY-HAND', in_stock = 7")

    desk.followers[-1].rebuild()

    assert len(followed) == 1 and "BY-HAND" not in followed[0]
    assert desk.rows(ALL) == followed


def test_after_a_morning_with_goods_every_state_is_there_and_rebuilt_the_same(shop: Shop) -> None:
    shop.world.wizcommerce.switch(a29_patched_status="accepted")
    for number in range(3):
        shop.item(f"TALL-{number}", on_hand=10)
    shop.item("", Name="Bare")
    shop.item("OLD-01", Active=False)
    stays, goes = shop.item("", Name="Stays", on_hand=5), shop.item("GOES-01", Name="Goes", on_hand=5)
    shop.world.settle()
    sold_out = next(one["Id"] for one in shop.quickbooks.items() if one.get("Sku") == "TALL-0")
    shop.quickbooks.by_hand("deactivate-item", Id=sold_out)
    shop.quickbooks.by_hand("merge-items", Id=goes, into=stays)
    shop.world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("TALL-1", 4, "25.00")])
    pass_by(shop.world, 30)
    pass_by(shop.world, 30)
    shop.pull("stock", "shop-stock")
    followed = shop.world.rows(ALL)
    with shop.world.engine.pool.connection() as c:
        c.execute("DELETE FROM inventory WHERE sku = 'TALL-1'")
        c.execute("UPDATE inventory SET on_hand = 1, state = 'left', asked = 'x'")

    [inventory] = [one for one in shop.world.engine.followers if one.name == "inventory"]
    inventory.rebuild()

    assert shop.world.rows(ALL) == followed
    rows = {sku: rest for sku, *rest in shop.world.rows("SELECT sku, state, reason, on_hand, in_stock FROM inventory")}
    assert {state for state, *_ in rows.values()} == {"shown", "not shown", "held", "left"}
    assert rows["TALL-1"] == ["shown", "", 6, 6] and rows["TALL-0"][0] == "not shown"
    assert rows["GOES-01"] == ["shown", "no-sku", 10, 10] and rows["Bare"][:2] == ["held", "no-sku"]
