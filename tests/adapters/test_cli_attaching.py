"""`attach` at the command line, and what an accountant then reads."""

from tests.adapters.command_line import done, refused, told
from tests.born import order_of
from tests.shop import Shop
from tests.stories.test_attaching import split


def test_a_person_attaches_what_was_split_off_and_the_sums_agree(shop: Shop) -> None:
    world = shop.world
    invoice = split(shop)
    number = order_of(world, invoice).invoice_number
    [before] = [one for one in told(world, "orders", "acme")[0]["orders"] if one["order"] == "WC-1001"]

    said = done(world, "--as", "ann", "attach", "order", number, "--to", "WC-1001", "--because", "back order")

    assert said == f"order {number}: never send: it belongs to order WC-1001, as ann decided: back order\n"
    [after] = [one for one in told(world, "orders", "acme")[0]["orders"] if one["order"] == "WC-1001"]
    assert (before["invoice_total"], after["invoice_total"]) == ("100.00", "125.00")
    assert "total 125.00, invoiced 100.00" in before["differs"] and after["differs"] == ""
    assert f"ann decided that invoice {number} belongs to it: back order" in done(world, "history", "order", "WC-1001")
    assert "ann decided that it belongs to order WC-1001: back order" in done(world, "history", "order", number)
    assert f"order {number} " not in done(world, "pending", "acme")


def test_what_cannot_be_attached_is_said_in_a_sentence(shop: Shop) -> None:
    number = order_of(shop.world, split(shop)).invoice_number
    where_to = ("attach", "order", number, "--to")

    assert "Say why with --because" in refused(shop.world, "--as", "ann", *where_to, "WC-1001", "--because", " ")
    assert "WC-9" in refused(shop.world, "--as", "ann", *where_to, "WC-9", "--because", "so")
