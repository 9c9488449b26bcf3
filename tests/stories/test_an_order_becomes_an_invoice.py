"""A confirmed order becomes exactly one invoice."""

from decimal import Decimal

from tests.world import World


def test_a_confirmed_order_becomes_one_invoice(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("VASE-01", 4, "25.00")])

    world.settle()

    [invoice] = world.invoices()
    assert invoice.doc_number == "WC-1001"
    assert invoice.total == Decimal("100.00")
    assert world.where("WC-1001") == "sent: invoice WC-1001"
