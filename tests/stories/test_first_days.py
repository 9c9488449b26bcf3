"""QuickBooks refuses an invoice dated before the start of an item it counts: such an order waits, and nothing is asked for it."""

from datetime import timedelta

from tests.adapters.command_line import done
from tests.shop import LONG_AGO, Shop
from tests.telling import creates, pass_by

EDIT = ("--as", "admin", "edit-and-retry", "order")


def test_an_order_before_the_start_of_its_items_waits_without_a_call_and_goes_when_either_changes(shop: Shop) -> None:
    world = shop.world
    lamp, desk = shop.item("LAMP-01", on_hand=9), shop.item("DESK-01", on_hand=9)
    world.settle()
    tomorrow = (world.clock.now() + timedelta(days=1)).date().isoformat()
    written = len([call for call in world.wizcommerce.standin.calls.all() if call.method != "GET"])
    for item in (lamp, desk):
        shop.edit(item, InvStartDate=tomorrow)
    pass_by(world, 5)
    undisturbed = len([call for call in world.wizcommerce.standin.calls.all() if call.method != "GET"]) == written

    for number, skus in (("WC-1", ["LAMP-01", "DESK-01"]), ("WC-2", ["DESK-01"]), ("WC-3", ["LAMP-01"])):
        world.wizcommerce.confirm_order(number, "Bloom & Co", [(sku, 1, "25.00") for sku in skus])
    world.settle()
    said = world.where("WC-1")
    assert f"before the start in QuickBooks of LAMP-01 ({tomorrow}), DESK-01 ({tomorrow}), and would be refused" in said
    assert f"edit-and-retry order WC-3 --date {tomorrow}" in done(world, "pending")
    assert creates(world) == [] and undisturbed

    shop.edit(desk, InvStartDate=LONG_AGO)
    pass_by(world, 5)
    done(world, *EDIT, "WC-3", "--date", tomorrow)
    assert f"in QuickBooks of LAMP-01 ({tomorrow}), and would" in world.where("WC-1")
    shop.edit(lamp, InvStartDate=LONG_AGO)
    pass_by(world, 5)

    assert sorted(invoice.doc_number for invoice in world.invoices()) == ["WC-1", "WC-2", "WC-3"]
    assert creates(world) == ["done"] * 3
