"""React: what waits goes by itself, however the things it waits for arrive."""

from typing import Any

from tests.world import World

BLOOM = "Bloom & Co"


def item(world: World, name: str) -> dict[str, Any]:
    return next(one for one in world.quickbooks.items() if one["Name"] == name)


def test_an_order_goes_when_one_renamed_item_settles_both_skus_it_waited_for(world: World) -> None:
    world.quickbooks.add_item("LAMP-03", name="Lamp", price="80.00")
    world.quickbooks.add_item("LAMP-03", name="Jug", price="9.00")
    world.settle()
    world.wizcommerce.confirm_order("WC-1", BLOOM, [("LAMP-03", 1, "80.00"), ("JUG-04", 1, "9.00")])
    world.settle()
    before = world.where("WC-1")

    world.quickbooks.by_hand("edit-item", Id=item(world, "Jug")["Id"], Sku="JUG-04")
    world.settle()

    assert before.startswith("waiting: ")
    assert "2 active items with SKU LAMP-03" in before and "no active item with SKU JUG-04" in before
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1"]


def test_an_order_does_not_go_on_an_item_that_was_renamed_away_before_the_other_came(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1", BLOOM, [("LAMP-03", 1, "80.00"), ("JUG-04", 1, "9.00")])
    world.settle()
    world.quickbooks.add_item("LAMP-03", name="Lamp", price="80.00")
    world.settle()

    world.quickbooks.by_hand("edit-item", Id=item(world, "Lamp")["Id"], Sku="JUG-04")
    world.settle()

    assert world.invoices() == []
    assert "QuickBooks has no active item with SKU LAMP-03" in world.where("WC-1")


def test_an_order_goes_when_the_second_of_two_items_with_its_sku_is_made_inactive(world: World) -> None:
    world.quickbooks.add_item("LAMP-03", name="Lamp", price="80.00")
    world.quickbooks.add_item("LAMP-03", name="Old lamp", price="70.00")
    world.settle()
    world.wizcommerce.confirm_order("WC-1", BLOOM, [("LAMP-03", 1, "80.00")])
    world.settle()
    before = len(world.invoices())

    world.quickbooks.by_hand("deactivate-item", Id=item(world, "Old lamp")["Id"])
    world.settle()

    [invoice] = world.invoices()
    assert before == 0 and invoice.lines[0].item == "Lamp"


def test_orders_that_wait_for_different_things_go_each_at_its_own_time(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1", BLOOM, [("LAMP-03", 1, "80.00")])
    world.wizcommerce.confirm_order("WC-2", BLOOM, [("JUG-04", 1, "9.00")])
    world.settle()

    world.quickbooks.add_item("JUG-04", price="9.00")
    world.settle()
    first = [invoice.doc_number for invoice in world.invoices()]
    world.quickbooks.add_item("LAMP-03", price="80.00")
    world.settle()

    assert first == ["WC-2"]
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-2", "WC-1"]
