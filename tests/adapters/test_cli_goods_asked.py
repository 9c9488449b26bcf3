"""What an admin asks for of one product: its way at zero, another try, never to send it, to send it after all."""

import httpx

from tests.adapters.command_line import ask, done, refused, told
from tests.goods_asked import in_order, why
from tests.shop import Shop
from tests.telling import pass_by

ADMIN = ("--as", "admin")


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

    pushed = done(shop.world, *ADMIN, "push", "product", tall)
    assert shop.logged(tall).never is False and "never" not in pushed + str(told(shop.world, "stock"))


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
