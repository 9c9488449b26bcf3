"""What an admin asks about products: why isn't it there, is the stock right, why does it sell though there is none."""

from typing import Any

import httpx
import pytest

from tests.adapters.command_line import ask, done, refused, told
from tests.shop import Shop
from tests.telling import pass_by

ADMIN = ("--as", "admin")
ORDERED = [("TALL-01", 4, "25.00"), ("NOT-THERE", 1, "5.00")]
"""What waits for an item that is not there: confirmed, and not invoiced."""


@pytest.fixture
def tall(shop: Shop) -> str:
    """Ten tall vases, shown on both sides. Answers with the item's id."""
    vases = shop.category("Vases", parent=shop.category("Decor"))
    item = shop.item("TALL-01", on_hand=10, Name="Tall vase", SubItem=True, ParentRef={"value": vases})
    shop.world.settle()
    return item


def why(shop: Shop, ident: str) -> dict[str, Any]:
    """`why product` as JSON has it."""
    found: dict[str, Any] = told(shop.world, "why", "product", ident)
    return found


def in_order(text: str, *words: str) -> None:
    """All of them stand in the text, one after the other."""
    place = 0
    for one in words:
        found = text.find(one, place)
        assert found >= 0, f"{one!r} does not follow in:\n{text[place:]}"
        place = found + len(one)


# ---- why a product -------------------------------------------------------------------------------------------------------


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


# ---- stock ---------------------------------------------------------------------------------------------------------------


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


# ---- one product ---------------------------------------------------------------------------------------------------------


def test_a_product_is_treated_in_its_own_way_at_zero_and_hiding_is_warned_of(shop: Shop, tall: str) -> None:
    zero = (*ADMIN, "set", "acme", "zero-stock")
    chosen = done(shop.world, *zero, "back-order", "--product", "TALL-01")
    wrong = refused(shop.world, *ADMIN, "set", "acme", "prices", "never", "--product", "TALL-01")
    unknown = refused(shop.world, *zero, "sell", "--product", "TALL-01")
    shop.count(tall, 0)
    shop.pull("stock")
    sold = shop.inventory("TALL-01")["inventory_status"]
    said = done(shop.world, "why", "product", "TALL-01")
    default = done(shop.world, *zero, "", "--product", "TALL-01")
    warned = [ask(shop.world, *zero, "hide", *more).stderr for more in ((), ("--product", "TALL-01"))]

    assert "While nothing of it is available: back-order." in chosen and "as the connection says" in default
    assert "Only zero-stock can be chosen for one product; prices is chosen for the whole connection" in wrong
    assert "zero-stock takes block or back-order or hide, not 'sell'" in unknown
    assert sold == "BACK_ORDER" and "back-order (it is sold all the same), chosen for this product by admin at " in said
    assert ask(shop.world, *zero, "block").stderr == ""
    assert all("WizCommerce may not let us show it again by its interface" in one for one in warned)
    assert "made active there" not in unknown and "a person must make it active there" in warned[1]


def test_the_connections_own_choice_names_who_made_it(shop: Shop, tall: str) -> None:
    done(shop.world, *ADMIN, "set", "acme", "zero-stock", "back-order")

    assert "back-order (it is sold all the same), chosen for the connection by admin at " in done(
        shop.world, "why", "product", "TALL-01"
    )


def test_a_product_deleted_there_is_made_anew_when_a_person_says_so(shop: Shop, tall: str) -> None:
    shop.world.wizcommerce.switch(a43_after_delete="404")
    shop.hand("delete-product", sku="TALL-01")
    pass_by(shop.world, 5)
    waits, [row] = done(shop.world, "why", "product", tall), told(shop.world, "pending")["pending"][-1:]
    before = shop.calls("create products")
    done(shop.world, *ADMIN, "push", "product", "TALL-01")
    raised = shop.world.rows("SELECT system, cause FROM signals WHERE kind = 'product'")
    pass_by(shop.world, 5)
    pass_by(shop.world, 5)

    assert "not in WizCommerce any more: the product was deleted in WizCommerce" in waits
    assert "`wizqbo push product TALL-01` makes it anew there" in waits and row["topic"] == "deleted-there"
    assert "`wizqbo push product TALL-01`" in row["next_step"]
    assert raised == [("quickbooks", "push: asked for by admin")]  # what was deleted there is not read again
    assert shop.calls("create products") == before + 1
    # It keeps a deleted one's SKU.
    assert "WizCommerce said no: to put the product into WizCommerce" in done(shop.world, "why", "product", tall)


def test_a_product_deleted_there_is_left_when_a_person_says_so(shop: Shop, tall: str) -> None:
    shop.world.wizcommerce.switch(a43_after_delete="404")
    shop.hand("delete-product", sku="TALL-01")
    pass_by(shop.world, 5)
    retried = refused(shop.world, *ADMIN, "retry", "product", "TALL-01")
    left = done(shop.world, *ADMIN, "never-send", "product", "TALL-01", "--because", "not sold any more")
    again = refused(shop.world, *ADMIN, "never-send", "product", "TALL-01", "--because", "really")
    before = shop.calls("create products")
    shop.edit(tall, UnitPrice=30)
    shop.world.settle()
    [row] = told(shop.world, "stock")

    assert "It has arrived already" in retried
    assert "never send: not sold any more" in left
    assert "admin decided that it is never sent: not sold any more" in again and "QuickBooks" not in again
    assert "TALL-01" not in str(told(shop.world, "pending"))
    assert "admin decided that it is never sent: not sold any more" in str(row)
    in_order(
        done(shop.world, "history", "product", tall),
        "the product was deleted in WizCommerce",
        "Wizqbo leaves it out of WizCommerce: admin decided that it is never sent: not sold any more",
    )
    assert shop.calls("create products") == before

    done(shop.world, *ADMIN, "push", "product", tall)
    assert shop.logged(tall).never is False


def test_a_product_that_waits_for_its_owner_can_be_left_for_good(shop: Shop) -> None:
    item = shop.item("", Name="Nameless lamp")
    shop.world.settle()
    retried = refused(shop.world, *ADMIN, "retry", "product", item)
    done(shop.world, *ADMIN, "never-send", "product", item, "--because", "a sample")
    why_never, pending = done(shop.world, "why", "product", item), str(told(shop.world, "pending"))
    shop.edit(item, Sku="LAMP-09")
    shop.world.settle()

    assert "Nothing was asked for it yet (needs you: the item has no SKU). `wizqbo push` asks." in retried
    assert (
        "not in WizCommerce: admin decided that it is never sent: a sample." in why_never and "Nameless" not in pending
    )
    assert "LAMP-09" not in shop.products()
    done(shop.world, *ADMIN, "push", "product", item)
    shop.world.settle()
    assert "LAMP-09" in shop.products()


def test_another_try_sends_nothing_where_there_is_nothing_to_send(shop: Shop) -> None:
    item = shop.item("LAMP-03")
    shop.world.engine.people.pause("acme", "month end", "tester")
    shop.world.settle()
    shop.edit(item, Sku="")
    shop.world.settle()
    retried = refused(shop.world, *ADMIN, "retry", "product", item)

    assert "There is nothing to be sent now: the item has no SKU." in retried
    assert "Give it one in QuickBooks" in retried


def test_a_product_that_wizcommerce_refused_is_tried_again(shop: Shop) -> None:
    faults = f"{shop.world.wizcommerce.running.address}/_standin/faults"
    no = {"kind": "status", "method": "POST", "path": "/products", "status": 400, "body": '{"message": "No."}'}
    httpx.post(faults, json=no).raise_for_status()
    shop.item("LAMP-03", Name="Tall lamp")
    shop.world.settle()
    [row] = [one for one in told(shop.world, "pending")["pending"] if one["number"] == "LAMP-03"]
    said, story = done(shop.world, "why", "product", "LAMP-03"), done(shop.world, "history", "product", "Tall lamp")
    httpx.delete(faults).raise_for_status()
    done(shop.world, *ADMIN, "retry", "product", "LAMP-03")
    shop.world.settle()

    assert (row["kind"], row["state"], row["topic"]) == ("product", "WizCommerce said no", "PutProduct")
    assert "not in WizCommerce: WizCommerce said no: " in said and "Attempt 1: WizCommerce said no" in story
    assert "`wizqbo retry product LAMP-03`" in story.partition("Next: ")[2]
    assert why(shop, "LAMP-03")["wizcommerce"]["state"] == "shown"
    assert "admin asked for another try" in done(shop.world, "history", "product", "LAMP-03")


def test_what_a_product_is_listed_for_is_dismissed_and_what_cannot_be_done_is_said(shop: Shop, tall: str) -> None:
    shop.count(tall, -3)
    shop.pull("stock")
    [row] = [one for one in told(shop.world, "pending")["pending"] if one["number"] == "TALL-01"]
    dismissed = done(shop.world, *ADMIN, "dismiss", "product", "TALL-01", "negative-stock")

    assert (row["kind"], row["state"], row["topic"]) == ("product", "needs you", "negative-stock")
    assert (
        dismissed == "product TALL-01: It is not listed for that any more.\n" and why(shop, "TALL-01")["notices"] == []
    )
    assert "It has arrived already." in refused(shop.world, *ADMIN, "retry", "product", "TALL-01")
    assert "Nothing there differs" in refused(shop.world, *ADMIN, "accept", "product", "TALL-01")
    assert ask(shop.world, *ADMIN, "retry", "category", "Decor").exit_code == 2


# ---- what waits ----------------------------------------------------------------------------------------------------------


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


# ---- the story -----------------------------------------------------------------------------------------------------------


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
