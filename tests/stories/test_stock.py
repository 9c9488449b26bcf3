"""How much there is: QuickBooks' figure, less what is confirmed and in no invoice of that figure yet."""

from decimal import Decimal

import pytest

from tests.shop import Shop
from tests.stories.test_edits import while_it_is_sent
from tests.telling import attention, pass_by

TALL = [("TALL-01", 4, "25.00")]


@pytest.fixture
def tall(shop: Shop) -> str:
    """Ten tall vases, shown on both sides. Answers with the item's id."""
    item = shop.item("TALL-01", on_hand=10)
    shop.world.settle()
    assert shop.stock("TALL-01") == (10, 0, 10)
    return item


def test_six_of_ten_are_available_before_the_push_after_it_and_after_the_next_pull(shop: Shop, tall: str) -> None:
    world = shop.world
    world.engine.people.pause("acme", "month end", "tester")
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", TALL)
    world.settle()
    paused = world.invoices()
    world.engine.people.resume("acme", "tester")
    world.settle()
    after_push = shop.stock("TALL-01")
    shop.pull("stock")
    after_pull = shop.stock("TALL-01")
    shop.pull("stock")

    assert paused == [] and len(world.invoices()) == 1
    assert after_push == (10, 4, 6)
    assert after_pull == shop.stock("TALL-01") == (6, 0, 6)


def test_while_the_order_is_held_six_are_available_too(shop: Shop, tall: str) -> None:
    shop.world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [*TALL, ("NOT-THERE", 1, "5.00")])
    shop.world.settle()
    shop.pull("stock")

    assert shop.world.invoices() == [] and shop.stock("TALL-01") == (10, 4, 6)


def test_before_the_push_six_are_available(shop: Shop, tall: str) -> None:
    shop.world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", TALL)
    shop.world.deliver_and_open()
    while shop.world.engine.observer.step() or shop.world.engine.react.step():
        pass
    waiting = shop.logged(tall)

    [stock] = [c for c in waiting.commands.values() if c.unfinished]
    assert shop.world.invoices() == [] and (stock.verb, stock.reason) == (
        "SetStock",
        "QuickBooks has 10 on hand, 4 are on order",
    )


def test_an_order_of_the_baseline_takes_nothing(shop: Shop, tall: str) -> None:
    shop.world.wizcommerce.confirm_order("WC-0001", "Bloom & Co", TALL, created_at="2020-01-01T00:00:00Z")
    shop.world.settle()

    assert shop.stock("TALL-01") == (10, 0, 10)


def test_an_order_that_a_person_decides_never_to_send_takes_nothing(shop: Shop, tall: str) -> None:
    world = shop.world
    world.wizcommerce.confirm_order("B-9", "Bloom & Co", TALL, reference_id="QBO:other:invoice:77")
    pass_by(world, 5)
    before = shop.stock("TALL-01")
    world.engine.people.never_send(world.order_stream("B-9"), "it was invoiced elsewhere", "admin")
    pass_by(world, 5)

    assert before == shop.stock("TALL-01") == (10, 0, 10)


def test_a_cancelled_order_gives_back_what_it_took(shop: Shop, tall: str) -> None:
    shop.world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [*TALL, ("NOT-THERE", 1, "5.00")])
    pass_by(shop.world, 5)
    taken = shop.stock("TALL-01")
    shop.world.wizcommerce.cancel_order("WC-1001")
    pass_by(shop.world, 5)

    assert (taken, shop.stock("TALL-01")) == ((10, 4, 6), (10, 0, 10))


@pytest.mark.parametrize(
    ("in_the_figure", "becomes", "before_it_follows", "at_the_end"),
    [
        (True, 6, (6, 2, 4), (4, 0, 4)),
        (False, 6, (10, 6, 4), (4, 0, 4)),
        (True, 1, (6, 0, 6), (9, 0, 9)),
        (False, 1, (10, 4, 6), (9, 0, 9)),
        (True, 0, (6, 0, 6), (10, 0, 10)),
    ],
    ids=["more, in the figure", "more, in none yet", "less, in the figure", "less, in none yet", "cancelled"],
)
def test_an_order_that_changes_after_its_invoice_takes_what_it_says_now(
    shop: Shop,
    tall: str,
    in_the_figure: bool,
    becomes: int,
    before_it_follows: tuple[int, ...],
    at_the_end: tuple[int, ...],
) -> None:
    """Four of ten are invoiced. What more is confirmed is not for sale from that moment on; what is given back is from the
    figure on that shows it."""
    world = shop.world
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", TALL)
    pass_by(world, 5)
    if in_the_figure:
        shop.pull("stock")
    held = [("NOT-THERE", 1, "5.00")]  # so that its invoice does not follow yet
    now = [("TALL-01", becomes, "25.00")] if becomes else []
    world.wizcommerce.edit_order("WC-1001", [*now, *held])
    pass_by(world, 5)
    waiting = shop.stock("TALL-01")
    if becomes:
        world.wizcommerce.edit_order("WC-1001", now)
    else:
        world.wizcommerce.cancel_order("WC-1001")
    pass_by(world, 5)
    followed = shop.stock("TALL-01")
    shop.pull("stock")
    shop.pull("stock")

    assert waiting == before_it_follows
    assert shop.stock("TALL-01") == at_the_end and followed[2] <= at_the_end[2]
    assert len(world.invoices()) == 1


@pytest.mark.parametrize("by_hand", [True, False])
def test_of_an_invoice_that_is_put_right_by_hand_or_let_stand_nothing_stays_reserved(
    shop: Shop, tall: str, by_hand: bool
) -> None:
    world = shop.world
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", TALL)
    pass_by(world, 5)
    [invoice] = world.invoices()
    world.quickbooks.by_hand("receive-payment", invoices=[invoice.id], TotalAmt=10)
    shop.pull("stock")
    world.wizcommerce.edit_order("WC-1001", [("TALL-01", 6, "25.00")])
    pass_by(world, 5)
    left_alone = shop.stock("TALL-01")
    if by_hand:
        [line] = [one for one in invoice.wire["Line"] if one["DetailType"] == "SalesItemLineDetail"]
        six = {**line["SalesItemLineDetail"], "Qty": 6}
        lines = [{**line, "Amount": Decimal(150), "SalesItemLineDetail": six}]
        world.quickbooks.by_hand("edit-invoice", Id=invoice.id, Line=lines)
    else:
        world.engine.decisions.dismiss(world.order_stream("WC-1001"), "", "bookkeeper")
    pass_by(world, 5)
    shop.pull("stock")
    shop.pull("stock")

    assert attention(world) == {} and left_alone == (6, 2, 4)
    assert shop.stock("TALL-01") == ((4, 0, 4) if by_hand else (6, 0, 6))


def test_what_is_ordered_while_the_invoice_is_on_its_way_is_in_no_figure_with_it(shop: Shop, tall: str) -> None:
    world = shop.world
    shop.item("LOW-02", on_hand=10)
    world.settle()
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", TALL)
    world.settle(sending=False)
    more = [*TALL, ("LOW-02", 3, "25.00"), ("NOT-THERE", 1, "5.00")]

    while_it_is_sent(world, "WC-1001", more)
    pass_by(world, 2_000)
    shop.pull("stock")

    assert (shop.stock("TALL-01"), shop.stock("LOW-02")) == ((6, 0, 6), (10, 3, 7))


def test_a_figure_that_is_the_same_as_before_holds_the_invoice_all_the_same(shop: Shop, tall: str) -> None:
    shop.world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", TALL)
    shop.world.settle()
    shop.count(tall, 10)  # four went, four came
    shop.pull("stock")

    assert shop.stock("TALL-01") == (10, 0, 10)


def test_an_invoice_made_in_quickbooks_takes_nothing_more(shop: Shop, tall: str) -> None:
    shop.quickbooks.by_hand(
        "add-invoice",
        CustomerRef={"value": "1"},
        Line=[
            {
                "DetailType": "SalesItemLineDetail",
                "Amount": Decimal("75.00"),
                "SalesItemLineDetail": {"ItemRef": {"value": tall}, "Qty": 3, "UnitPrice": Decimal(25)},
            }
        ],
    )
    shop.pull("stock")

    assert shop.stock("TALL-01") == (7, 0, 7)


def test_below_zero_is_shown_as_nothing_and_said(shop: Shop, tall: str) -> None:
    shop.count(tall, -3)
    shop.pull("stock")
    said = shop.told(tall)
    shop.count(tall, 2)
    shop.pull("stock")

    assert "-3" in said["negative-stock"] and shop.told(tall) == {}
    assert shop.stock("TALL-01") == (2, 0, 2)


def test_a_third_of_a_unit_is_a_third_of_a_unit(shop: Shop, tall: str) -> None:
    shop.count(tall, "0.333")
    shop.pull("stock")

    assert shop.stock("TALL-01") == (Decimal("0.333"), 0, Decimal("0.333"))


def test_what_is_not_counted_is_always_there(shop: Shop) -> None:
    shop.item("SERVICE-01", Type="Service")
    shop.world.settle()
    stock = shop.inventory("SERVICE-01")

    assert (stock["track_inventory"], stock["inventory_status"]) == (False, "IN_STOCK")


def test_a_figure_that_somebody_typed_in_wizcommerce_is_put_right(shop: Shop, tall: str) -> None:
    shop.hand("set-stock", sku="TALL-01", available_quantity=99)
    shop.world.move(5)
    shop.pull("shop-stock")

    assert shop.stock("TALL-01") == (10, 0, 10)


def test_a_pull_that_shows_nothing_new_writes_nothing_and_records_only_itself(shop: Shop, tall: str) -> None:
    shop.pull("stock")
    log = shop.world.engine.log
    writes, position = shop.calls("write inventory"), log.position()
    shop.pull("stock")
    [run] = [recorded.stream for recorded in log.since(position, 100)]

    assert run.startswith("run-acme:stock-") and shop.calls("write inventory") == writes


def test_stock_is_never_written_to_quickbooks(shop: Shop, tall: str) -> None:
    shop.world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", TALL)
    shop.world.settle()
    shop.pull("stock", "products")

    assert shop.writes_to_quickbooks() == []


def test_a_stock_record_of_ours_coming_back_by_webhook_is_no_news(shop: Shop, tall: str) -> None:
    problems = shop.world.rows("SELECT problem FROM inbox WHERE problem <> ''")

    assert problems == [] and shop.calls("list inventories") <= 1
