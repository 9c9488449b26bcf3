"""What an admin asks of all products: is the stock right, what waits for what."""

from tests.adapters.command_line import done, told
from tests.goods_asked import in_order
from tests.shop import Shop

ADMIN = ("--as", "admin")


def test_stock_sets_both_sides_beside_each_other_and_says_where_they_differ(shop: Shop, tall: str) -> None:
    same = done(shop.world, "stock", "--differs")
    shop.hand("set-stock", sku="TALL-01", in_stock_quantity=7)
    shop.world.wizcommerce.switch(webhooks=False)
    shop.world.engine.people.pause("acme", "month end", "tester")
    shop.world.move(5)
    shop.pull("shop-stock")
    [table] = told(shop.world, "stock", "acme", "--differs")
    said = done(shop.world, "stock")

    assert same == "acme\n0 of 4 products differ; 3 are not counted.\n"
    [row] = table["rows"]
    assert (row["sku"], row["on_hand"], row["in_stock"]) == ("TALL-01", "10", "7")
    assert row["differs"] == "WizCommerce has 7 in stock, QuickBooks 10 on hand; the request that sets it: waiting"
    assert (table["products"], table["counted"], table["differ"]) == (4, 1, 1) and row["on_hand_at"]
    in_order(
        said, "SKU", "BOWL-02", "not counted", "TALL-01", "WizCommerce has 7 in stock", "VASE-01", "1 of 4 products"
    )


def test_what_waits_stands_in_the_stock_with_its_reason_and_differs_from_nothing(shop: Shop, tall: str) -> None:
    shop.item("", Name="Bare", on_hand=3)
    shop.count(tall, -3)
    shop.world.settle()
    shop.pull("stock")
    said = done(shop.world, "stock")

    [bare] = [one for one in said.splitlines() if one.startswith("Bare ")]
    [below] = [one for one in said.splitlines() if one.startswith("TALL-01 ")]
    assert "waits: the item has no SKU" in bare and below.endswith("below none in QuickBooks")
    assert "0 of 5 products differ" in said


def test_of_many_rows_people_see_the_first(shop: Shop) -> None:
    shop.quickbooks.set_switches(webhooks_on=False)
    for number in range(205):
        shop.item("", Name=f"Bare {number:03}")
    shop.pull("products")
    said, [table] = done(shop.world, "stock"), told(shop.world, "stock")

    assert "… and 8 more (--json lists all)" in said and len(table["rows"]) == table["products"] == 208


def test_many_that_wait_for_the_same_are_one_line_for_people(shop: Shop) -> None:
    for number in range(25):
        shop.item("", Name=f"Bare {number}")
        shop.item(f"TWIN-{number // 5}", Name=f"Twin {number}")
    for number in range(3):
        shop.item(f"FREE-{number}", price="0")
    shop.item("OLD-01", Active=False)
    shop.world.settle(sending=False)
    shop.world.settle()
    said, status, rows = done(shop.world, "pending", "acme"), done(shop.world, "status"), told(shop.world, "pending")

    in_order(
        said,
        "26 products     needs you",  # the company has a service without one
        "the item has no SKU. Give it one in QuickBooks",
        "`wizqbo stock acme` lists them.",
        "product FREE-0",
    )
    assert said.count("the item has no SKU") == status.count("the item has no SKU") == 1
    assert "! 26 products: the item has no SKU" in status
    assert "several active items of QuickBooks have the same SKU. Give each its own SKU in QuickBooks" in said
    assert said.count("25 products") == 1 and "have SKU TWIN" not in said
    assert "OLD-01" not in said and len(rows["pending"]) == 26 + 25 + 3
    [acme] = told(shop.world, "status")["connections"]
    assert acme["counts"]["needs you"] == len(acme["needs_you"]) == 54


def test_twenty_that_wait_for_the_same_are_told_each(shop: Shop) -> None:
    for number in range(19):
        shop.item("", Name=f"Bare {number:02}")
    shop.world.settle()

    assert done(shop.world, "pending").count("the item has no SKU") == 20  # and the company's service
