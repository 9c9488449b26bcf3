"""The history of a product, from top to bottom, and what was changed where."""

from tests.adapters.command_line import done, told
from tests.goods_asked import in_order, why
from tests.shop import Shop
from tests.telling import pass_by

ADMIN = ("--as", "admin")


def test_the_history_of_a_product_reads_from_top_to_bottom(shop: Shop, tall: str) -> None:
    shop.world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("TALL-01", 4, "25.00")])
    pass_by(shop.world, 5)
    shop.pull("stock")
    shop.edit(tall, UnitPrice="26.50")
    pass_by(shop.world, 5)
    shop.hand("set-stock", sku="TALL-01", in_stock_quantity=9)
    pass_by(shop.world, 5)
    shop.pull("shop-stock")
    done(shop.world, *ADMIN, "set", "acme", "zero-stock", "back-order", "--product", "TALL-01")
    said = done(shop.world, "history", "product", "TALL-01")

    in_order(
        said,
        "Product TALL-01, connection acme",
        "QuickBooks showed item TALL-01: Tall vase, 25.00 (webhook ",
        "QuickBooks has 10 on hand (webhook ",
        "wizqbo decided to put the product into WizCommerce, because QuickBooks has it, and WizCommerce does not yet",
        "Attempt 1: sending to WizCommerce: Tall vase, SKU TALL-01, 25.00, in Decor::Vases",
        "Attempt 1 arrived: WizCommerce has the product as it is to be (its id ",
        "Linked to WizCommerce product ",
        "wizqbo decided to tell WizCommerce the stock, because QuickBooks has 10 on hand",
        "Attempt 1: sending to WizCommerce: 10 available of 10",
        "Attempt 1 arrived: WizCommerce has the stock",
        "because QuickBooks has 10 on hand, 4 are on order",
        "Attempt 1: sending to WizCommerce: 6 available of 10, 4 on order",
        "QuickBooks has 10 → 6 on hand; it holds the invoices of 1 order now (the regular look at QuickBooks' stock)",
        "QuickBooks showed item TALL-01 changed: price 25.00 → 26.5",
        "because QuickBooks shows another price",
        "Attempt 1: sending to WizCommerce: price 26.5",
        "WizCommerce shows 6 available of 6 → 6 available of 9 (the regular look at WizCommerce's stock records)",
        "Attempt 1: sending to WizCommerce: 6 available of 6",
        "admin chose what becomes of it while nothing of it is available: back-order (it is sold all the same)",
        "Next: it is sent at 2",
    )


def test_what_is_held_back_or_taken_down_reads_so(shop: Shop, tall: str) -> None:
    bare = shop.item("", Name="Bare")
    old = shop.item("OLD-01", Active=False)
    shop.world.settle()
    shop.edit(tall, Sku="")
    shop.quickbooks.by_hand("deactivate-item", Id=tall)
    pass_by(shop.world, 5)

    assert "wizqbo cannot put it into WizCommerce yet: the item has no SKU. Give" in done(
        shop.world, "history", "product", bare
    )
    assert "wizqbo leaves it out of WizCommerce: it is inactive in QuickBooks" in done(
        shop.world, "history", "product", old
    )
    in_order(
        done(shop.world, "history", "product", tall),
        "wizqbo decided to make the product inactive in WizCommerce, because it was made inactive in QuickBooks",
        "Attempt 1: sending to WizCommerce: made inactive",
        "Attempt 1 arrived: the product is inactive in WizCommerce",
    )
    assert "in WizCommerce, not shown: it is inactive in QuickBooks" in done(shop.world, "why", "product", tall)


def test_items_that_quickbooks_merged_read_as_one_story(shop: Shop) -> None:
    stays = shop.item("", Name="Stays", on_hand=5)
    goes = shop.item("GOES-01", Name="Goes", on_hand=5)
    shop.world.settle()
    shop.quickbooks.by_hand("merge-items", Id=goes, into=stays)
    pass_by(shop.world, 30)
    pass_by(shop.world, 30)
    said = done(shop.world, "history", "product", goes)

    assert said == done(shop.world, "history", "product", stays) == done(shop.world, "history", "product", "GOES-01")
    in_order(
        said,
        f"Linked to WizCommerce product {why(shop, 'GOES-01')['wizcommerce']['id']}: put by us",
        f": QuickBooks merged its item {goes} into {stays}",
        "came along, as it was last seen",
        f"QuickBooks merged its item {goes} into {stays}\n",
        "turned out to be one record",
        "wizqbo does not keep it equal in WizCommerce any more: the item has no SKU",
        "QuickBooks has 5 → 10 on hand",
    )


def test_changes_show_product_and_stock_writes_with_old_and_new_and_where_they_began(shop: Shop, tall: str) -> None:
    shop.world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("TALL-01", 4, "25.00")])
    pass_by(shop.world, 5)
    shop.edit(tall, UnitPrice="26.50")
    pass_by(shop.world, 5)
    done(shop.world, *ADMIN, "push", "product", "TALL-01")
    shop.count(tall, 3)
    shop.pull("stock")
    done(shop.world, *ADMIN, "set", "acme", "zero-stock", "back-order", "--product", "TALL-01")
    shop.world.settle()
    writes = told(shop.world, "changes", "--from", "2026-01-01", "--to", "2027-12-31")

    made, first, taken, price, *stock = [one for one in writes if one["number"] == "TALL-01"]
    assert [one["kind"] for one in (made, first, taken, price)] == ["product", "stock", "stock", "product"]
    assert {"field": "SKU", "old": "(none)", "new": "TALL-01"} in made["changes"]
    assert first["changes"] == [{"field": "stock", "old": "(none)", "new": "10 available of 10"}]
    assert taken["changes"] == [{"field": "stock", "old": "10 available of 10", "new": "6 available of 10, 4 on order"}]
    assert taken["causes"][1] == "WizCommerce showed order WC-1001: confirmed"
    assert price["changes"] == [{"field": "price", "old": "25", "new": "26.50"}]
    assert [(one["kind"], one["who"]) for one in stock] == [
        ("stock", "system"),
        ("stock", "system"),
        ("stock", "admin"),
    ]
    assert "asked for with `wizqbo set` by admin" in stock[-1]["causes"][-1]
    assert "wizcommerce stock TALL-01 (id " in done(shop.world, "changes", "--from", "2026-01-01", "--to", "2027-12-31")
