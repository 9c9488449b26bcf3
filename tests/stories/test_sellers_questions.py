"""What sellers ask about their goods. Source: WizCommerce reference, 3.7, rows 1 and 3."""

import httpx
import pytest

from tests.adapters.command_line import ask, done, told
from tests.shop import Shop
from tests.telling import pass_by

ADMIN = ("--as", "admin")


def test_row_1_i_added_products_in_quickbooks_and_they_have_not_appeared(shop: Shop) -> None:
    """Per item: seen at, state, reason; and a way to have this one looked at now."""
    faults = f"{shop.world.wizcommerce.running.address}/_standin/faults"
    no = {"kind": "status", "method": "POST", "path": "/products", "status": 400, "body": '{"message": "No."}'}
    httpx.post(faults, json=no).raise_for_status()
    shop.quickbooks.set_switches(webhooks_on=False)  # so that all are seen at once
    added = {
        "WizCommerce said no": shop.item("WRONG-01", Name="Refused"),
        "the item has no SKU": shop.item("", Name="Bare"),
        "2 active items of QuickBooks have SKU TWICE-01": shop.item("TWICE-01", Name="Once"),
        "the item has no price, and nothing is published at 0.00": shop.item("FREE-01", price="0"),
        "bundles are left out on this connection": shop.item("SET-01", Type="Group", Name="Set"),
        "it is inactive in QuickBooks": shop.item("OLD-01", Active=False),
    }
    shop.item("TWICE-01", Name="Again")
    shop.item("LAMP-01")
    shop.pull("products")
    said = {reason: done(shop.world, "why", "product", item) for reason, item in added.items()}

    assert {reason for reason in added if f"not in WizCommerce: {reason}" in said[reason]} == set(added)
    for reason, item in added.items():
        assert f"QuickBooks last showed item {item} at 2" in said[reason]
        assert f"Sync this item now: `wizqbo refresh products --id {item}`" in said[reason]
    assert shop.shown("LAMP-01")["status"] == "active"  # one that is wrong keeps no other from going
    assert "TWICE-01" not in shop.products() and "FREE-01" not in shop.products()


def test_row_1_an_item_not_yet_in_a_cycle_is_there_once_it_is_asked_for(shop: Shop) -> None:
    shop.quickbooks.set_switches(webhooks_on=False)
    item = shop.item("LAMP-01", on_hand=3)
    shop.world.settle()
    before = "LAMP-01" in shop.products()
    done(shop.world, *ADMIN, "refresh", "products", "--connection", "acme", "--id", item)
    shop.world.settle()

    assert not before
    assert (shop.shown("LAMP-01")["status"], shop.stock("LAMP-01")) == ("active", (3, 0, 3))
    assert "shown in WizCommerce." in done(shop.world, "why", "product", "LAMP-01")


@pytest.mark.parametrize(
    ("policy", "whose", "warned", "stock", "status"),
    [
        ("block", (), False, (False, "OUT_OF_STOCK"), "active"),
        ("back-order", ("--product", "LAMP-01"), False, (True, "BACK_ORDER"), "active"),
        ("hide", (), True, (False, "OUT_OF_STOCK"), "inactive"),
    ],
)
def test_row_3_how_do_i_stop_a_product_from_showing_as_available_when_its_quantity_is_0(
    shop: Shop, policy: str, whose: tuple[str, ...], warned: bool, stock: tuple[bool, str], status: str
) -> None:
    shop.world.wizcommerce.switch(a29_patched_status="accepted")
    item = shop.item("LAMP-01", on_hand=3)
    shop.item("SERVICE-01", Type="Service")
    shop.world.settle()
    answer = ask(shop.world, *ADMIN, "set", "acme", "zero-stock", policy, *whose).output
    shop.count(item, 0)
    shop.pull("stock")
    kept, free, seen = shop.inventory("LAMP-01"), shop.inventory("SERVICE-01"), shop.shown("LAMP-01")["status"]
    in_force = told(shop.world, "why", "product", "LAMP-01")["stock"]["zero_policy_by"]
    shop.count(item, 5)
    shop.pull("stock")

    assert ("WizCommerce may not let us show it again by its interface" in answer) is warned
    assert (kept["back_order_allowed"], kept["inventory_status"]) == stock and seen == status
    assert (kept["track_inventory"], kept["available_quantity"], kept["out_of_stock_threshold"]) == (True, 0, 0)
    assert (free["track_inventory"], free["inventory_status"]) == (False, "IN_STOCK")
    assert in_force["of"] == ("product" if whose else "connection") and in_force["who"] == "admin"
    assert (shop.shown("LAMP-01")["status"], shop.stock("LAMP-01")) == ("active", (5, 0, 5))
    assert shop.writes_to_quickbooks() == []


def test_row_3_what_was_hidden_is_asked_back_from_a_person_where_the_interface_refuses(shop: Shop) -> None:
    item = shop.item("LAMP-01", on_hand=3)
    shop.world.settle()
    done(shop.world, *ADMIN, "set", "acme", "zero-stock", "hide")
    shop.count(item, 0)
    shop.pull("stock")
    shop.count(item, 2)
    shop.pull("stock")
    pass_by(shop.world, 5)

    assert shop.shown("LAMP-01")["status"] == "inactive" and "made-active" in shop.told(item)
    assert shop.stock("LAMP-01") == (2, 0, 2)
