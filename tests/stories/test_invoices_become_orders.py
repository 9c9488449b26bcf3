"""Invoices made in QuickBooks become orders of WizCommerce."""

from decimal import Decimal

from tests.born import at_a_glance, born, order_shown, where, writes
from tests.shop import Shop


def test_an_invoice_made_in_quickbooks_becomes_one_order(shop: Shop) -> None:
    invoice = born(shop)

    assert at_a_glance(shop.world) == [("B-1", "confirmed", Decimal("100.00"))]
    order = order_shown(shop.world)
    assert order["reference_id"] == f"QBO:acme:invoice:{invoice}"
    assert [(one["sku"], one["quantity"], one["unit_price"]) for one in order["line_items"]] == [("VASE-01", 4, 25)]
    assert where(shop.world, invoice) == "sent: WizCommerce order B-1"
    assert writes(shop.world) == ["POST done"] and len(shop.world.invoices()) == 1
    assert shop.world.rows("SELECT * FROM pending_work") == []
