"""An invoice that was split off one of ours, and that a person attaches to its order."""

import pytest

from engine.people import NotPossible
from tests.born import order_of, orders, where, write_invoice, writes
from tests.invoice_records import told
from tests.payments import by_bookkeeper
from tests.shop import Shop
from tests.telling import pass_by

LINES = [("VASE-01", 4, "25.00"), ("BOWL-02", 2, "12.50")]


def split(shop: Shop) -> str:
    """A bookkeeper splits the invoice of order WC-1001: the vases stay, the bowls go on another one. Answers with its id."""
    world = shop.world
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", LINES)
    world.settle()
    answer = by_bookkeeper(world, "split-invoice", Id=world.invoices()[0].id)
    pass_by(world, 30)
    return str(answer["new"]["Id"])


def attach(shop: Shop, invoice: str, why: str = "the bowls come later") -> str:
    world = shop.world
    said = world.engine.attaching.attach(
        order_of(world, invoice).stream, world.order_stream("WC-1001"), why, "bookkeeper"
    )
    pass_by(world, 30)
    return said


def test_an_invoice_attached_to_its_order_is_told_as_that_orders_and_never_becomes_one(shop: Shop) -> None:
    invoice = split(shop)

    said = attach(shop, invoice)

    number = order_of(shop.world, invoice).invoice_number
    assert said == "never send: it belongs to order WC-1001, as bookkeeper decided: the bowls come later"
    totals = {one.doc_number: one.total for one in shop.world.invoices()}
    assert {name: total for name, total, _, _ in told(shop.world)} == totals and len(totals) == 2
    by_bookkeeper(shop.world, "receive-payment", invoices=[invoice], TotalAmt="5.00")
    pass_by(shop.world, 30)
    assert {name: paid for name, _, paid, _ in told(shop.world)} == {"WC-1001": 0, number: 5}
    assert [one["display_id"] for one in orders(shop.world)] == ["WC-1001"] and writes(shop.world) == []
    assert where(shop.world, invoice) == said
    assert shop.world.rows("SELECT * FROM attention WHERE topic = 'copy'") == []


def test_what_is_attached_goes_on_with_its_order_when_it_is_voided(shop: Shop) -> None:
    invoice = split(shop)
    attach(shop, invoice)

    by_bookkeeper(shop.world, "void-invoice", Id=invoice)
    pass_by(shop.world, 30)

    assert sorted(total for _, total, _, _ in told(shop.world))[0] == 0
    assert len(orders(shop.world)) == 1


def test_only_an_invoice_that_is_free_is_attached_and_only_to_an_order_that_needs_none(shop: Shop) -> None:
    world, attaching = shop.world, shop.world.engine.attaching
    invoice = split(shop)
    free, home = order_of(world, invoice).stream, world.order_stream("WC-1001")
    made = write_invoice(shop, "B-7")
    pass_by(world, 30)
    world.wizcommerce.confirm_order("WC-1002", "Bloom & Co", [("NOT-THERE", 1, "5.00")])
    world.settle()

    for one, to, because in [
        (home, free, "this is an order"),
        (order_of(world, made).stream, home, "is an order of WizCommerce already"),
        (free, free, "Name an order"),
        (free, order_of(world, made).stream, "Name an order"),
        (free, world.order_stream("WC-1002"), "Order WC-1002 has no invoice of its own yet"),
    ]:
        with pytest.raises(NotPossible, match=because):
            attaching.attach(one, to, "why", "bookkeeper")
    attach(shop, invoice)
    with pytest.raises(NotPossible, match="attached to an order already"):
        attach(shop, invoice)
    with pytest.raises(NotPossible, match="never an order by itself: it belongs to order WC-1001"):
        world.engine.people.push(free, "bookkeeper")
