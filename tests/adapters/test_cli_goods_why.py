"""What an admin asks about one product: why isn't it there, where does all that is shown of it come from."""

from typing import Any

import pytest

from tests.adapters.command_line import done, refused
from tests.goods_asked import in_order, why
from tests.shop import Shop
from tests.telling import pass_by

ADMIN = ("--as", "admin")
ORDERED = [("TALL-01", 4, "25.00"), ("NOT-THERE", 1, "5.00")]
"""What waits for an item that is not there: confirmed, and not invoiced."""


def test_why_a_product_is_shown_says_where_everything_comes_from(shop: Shop, tall: str) -> None:
    found = why(shop, "TALL-01")
    said = done(shop.world, "why", "product", "TALL-01")

    q, w, stock = found["quickbooks"], found["wizcommerce"], found["stock"]
    assert (q["id"], q["sku_taken"], q["sku_source"], q["state"], q["price"]) == (
        *(tall, "TALL-01", "sku", "active"),
        "25.00",
    )
    assert (w["state"], w["price"], w["price_list"], w["how"]) == ("shown", "25", shop.price_list, "put by us")
    assert all((q["seen_at"], q["revision"], w["seen_at"], w["since"], w["put_at"], w["stocked_at"]))
    assert (stock["on_hand"], stock["negative"], stock["subtracted"]) == ("10", False, [])
    assert (stock["in_wizcommerce"]["in_stock"], stock["in_wizcommerce"]["available"]) == ("10", "10")
    assert stock["on_hand_at"] and stock["in_wizcommerce_at"] and stock["zero_policy_by"]["of"] == "default"
    assert found["reason"] == found["next_step"] == "" and found["notices"] == found["waiting"] == []
    in_order(
        said,
        "Product TALL-01 (product-acme:",
        "shown in WizCommerce.",
        f"QuickBooks last showed item {tall} at 2",
        "UTC), revision 0:",
        "Tall vase, Inventory, active, price 25.00, category Decor::Vases",
        "its SKU here is TALL-01, from the item's SKU (sku-source)",
        f"WizCommerce product {w['id']} since 2",
        "put by us",
        "what we sent last went: the product 2",
        "its stock 2",
        f"price: 25.00 in QuickBooks, 25 in WizCommerce's price list {shop.price_list}",
        "stock: QuickBooks has 10 on hand (at ",
        "WizCommerce has 10 in stock, 0 reserved, 10 available (at ",
        "while nothing of it is available: block (it is not sold), the default",
        "Next: nothing; what changes in QuickBooks goes by itself.",
        f"Sync this item now: `wizqbo refresh products --id {tall}`",
    )


def test_a_product_is_found_by_either_sku_its_names_and_any_id(shop: Shop, tall: str) -> None:
    stream = why(shop, "TALL-01")["stream"]
    there = why(shop, "TALL-01")["wizcommerce"]["id"]
    names = ("tall-01", "Tall vase", "Decor:Vases:Tall vase", tall, there, stream, stream.partition(":")[2])
    before = {name: why(shop, name)["stream"] for name in names}
    shop.edit(tall, Sku="TALL-02")
    pass_by(shop.world, 5)

    assert set(before.values()) == {stream}
    assert why(shop, "TALL-02")["stream"] == why(shop, "TALL-01")["stream"] == stream  # each side has its own by now
    notice = why(shop, "TALL-02")["notices"][0]
    assert notice["topic"] == "renamed-sku" and notice["since"] and notice["next_step"]
    assert "needs you (renamed-sku): QuickBooks calls it TALL-02 now" in done(shop.world, "why", "product", "TALL-02")


def test_where_the_sku_comes_from_the_name_it_says_so(shop: Shop) -> None:
    shop.world.choose(sku_source="name")
    shop.item("", Name="LAMP-03")
    shop.world.settle()
    pass_by(shop.world, 5)

    assert "its SKU here is LAMP-03, from the item's name (sku-source)" in done(shop.world, "why", "product", "LAMP-03")
    assert why(shop, "LAMP-03")["wizcommerce"]["sku"] == "LAMP-03"


def test_why_says_what_is_subtracted_for_which_orders_and_which_are_in_the_figure(shop: Shop, tall: str) -> None:
    shop.world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", ORDERED)
    pass_by(shop.world, 5)
    held = done(shop.world, "why", "product", "TALL-01")
    shop.item("NOT-THERE")
    pass_by(shop.world, 5)
    invoiced = why(shop, "TALL-01")["stock"]
    shop.pull("stock")
    counted, after = done(shop.world, "why", "product", "TALL-01"), why(shop, "TALL-01")["stock"]

    in_order(
        held,
        "QuickBooks has 10 on hand",
        "less 4 for order WC-1001 (not invoiced yet)",
        "WizCommerce has 10 in stock, 4 reserved, 6 available (at ",
    )
    assert invoiced["subtracted"] == [{"order": "WC-1001", "quantity": "4", "invoiced": True}]
    assert (after["subtracted"], after["in_the_figure"], after["on_hand"]) == ([], ["WC-1001"], "6")
    assert "no more subtracted, since their invoices are in that figure: order WC-1001" in counted


@pytest.mark.parametrize(
    ("wire", "ident", "because"),
    [
        ({"sku": "", "Name": "Bare"}, "Bare", "the item has no SKU. Give it one in QuickBooks"),
        ({"sku": "FREE-01", "price": "0"}, "FREE-01", "the item has no price, and nothing is published at 0.00. Give"),
        ({"sku": "OLD-01", "Active": False}, "OLD-01", "it is inactive in QuickBooks. It goes by itself when that"),
    ],
)
def test_why_a_product_is_not_there_says_the_reason(shop: Shop, wire: dict[str, str], ident: str, because: str) -> None:
    shop.item(**wire)
    shop.world.settle()
    said = done(shop.world, "why", "product", ident)

    assert f"not in WizCommerce: {because}" in said and "WizCommerce does not have it" in said
    assert why(shop, ident)["wizcommerce"]["state"] == "not there"


def test_what_keeps_all_products_waiting_is_said_of_each(shop: Shop, tall: str) -> None:
    shop.world.choose(price_list="")
    shop.world.settle()
    unlisted = done(shop.world, "why", "product", "TALL-01")
    shop.world.choose(products="off")

    assert "shown in WizCommerce; but nobody has said which price list its price goes to. `wizqbo set acme" in unlisted
    assert "price: 25.00 in QuickBooks; nobody has said which price list of WizCommerce it goes to" in unlisted
    off = done(shop.world, "why", "product", "TALL-01")
    assert "products are off on this connection. `wizqbo --as NAME set acme products pull`" in off
    assert (
        "not now: Products, categories and stock are left alone on acme" in off and "Next: nothing; products are" in off
    )


def test_before_the_first_sync_is_accepted_it_says_that(bare_world: Any) -> None:
    world = bare_world
    world.connect(goods=True)
    while world.engine.schedule.step():
        pass
    world.settle(sending=False)
    said = done(world, "why", "product", "VASE-01")

    assert (
        "not in WizCommerce: nobody has accepted the first sync of this connection yet. `wizqbo first-sync acme`"
        in said
    )
    assert "Next: nothing is written before the first sync is accepted: `wizqbo first-sync acme`." in said


def test_what_is_on_its_way_or_refused_or_never_sent_is_said_so(shop: Shop) -> None:
    shop.world.engine.people.pause("acme", "month end", "tester")
    shop.item("LAMP-03")
    shop.world.settle()
    waits = done(shop.world, "why", "product", "LAMP-03")
    done(shop.world, *ADMIN, "never-send", "product", "LAMP-03", "--because", "a sample")
    never = done(shop.world, "why", "product", "LAMP-03")

    assert "not in WizCommerce: it is on its way." in waits
    assert "waiting: to put the product into WizCommerce, since " in waits and "`wizqbo resume acme`" in waits
    assert (
        "not in WizCommerce: admin decided that it is never sent: a sample. `wizqbo push product LAMP-03` takes"
        in never
    )


def test_a_category_is_no_product(shop: Shop, tall: str) -> None:
    said = done(shop.world, "why", "product", "Decor:Vases")
    unset = refused(shop.world, *ADMIN, "set", "acme", "zero-stock", "block", "--product", "Decor:Vases")

    assert "a category is no product" in said and "price" not in said.partition("revision")[2].partition("\n")[2][40:]
    assert "is a category of QuickBooks, and no product" in unset


def test_a_service_says_that_it_is_not_counted(shop: Shop) -> None:
    shop.item("SERVICE-01", Type="Service")
    shop.world.settle()
    said = done(shop.world, "why", "product", "SERVICE-01")

    assert (
        "stock: not counted, since QuickBooks does not count items of type Service; of it there is always some" in said
    )


def test_where_inventory_tracking_is_off_it_says_so(shop: Shop, tall: str) -> None:
    shop.quickbooks.by_hand("set-preferences", ProductAndServicesPrefs={"QuantityOnHand": False})
    pass_by(shop.world, 5)
    said, table = done(shop.world, "why", "product", "TALL-01"), done(shop.world, "stock")

    assert "not counted, since inventory tracking is off in QuickBooks" in said
    assert shop.inventory("TALL-01")["track_inventory"] is False
    assert "products differ; 4 are not counted, since inventory tracking is off in QuickBooks." in table


def test_what_is_below_none_and_hidden_is_said_with_what_a_person_does(shop: Shop, tall: str) -> None:
    shop.count(tall, -3)
    shop.pull("stock")
    done(shop.world, *ADMIN, "set", "acme", "zero-stock", "hide", "--product", "TALL-01")
    shop.world.settle()
    said, found = done(shop.world, "why", "product", "TALL-01"), why(shop, "TALL-01")

    assert (found["wizcommerce"]["state"], found["stock"]["negative"]) == ("inactive", True)
    in_order(
        said,
        "in WizCommerce, not shown: nothing of it is available, and it is hidden then. It is shown again",
        "QuickBooks has -3 on hand (at ",
        "less than none: WizCommerce shows 0",
        "while nothing of it is available: hide (it is made inactive in WizCommerce), chosen for this product by admin at",
        "needs you (negative-stock): QuickBooks has -3 on hand; WizCommerce shows 0. Count it",
    )


def test_a_product_nobody_has_seen_is_said_to_be_looked_for(shop: Shop) -> None:
    for words in (("why", "product", "NEVER-01"), (*ADMIN, "push", "product", "NEVER-01")):
        said = refused(shop.world, *words)

        assert "No product 'NEVER-01' was ever seen in QuickBooks." in said
        assert "Items that changed are read next at 20" in said and "`wizqbo refresh products` reads them now." in said
