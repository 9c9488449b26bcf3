"""WizCommerce turns out otherwise than assumed in part 2 of its reference: orders still become one invoice each."""

from decimal import Decimal
from typing import Any

import pytest

from tests.world import World

LINES = [("VASE-01", 4, "25.00")]
BLOOM = "Bloom & Co"
LISTS = {"a08_next_page_at_end": "null", "a08_empty_data": "null", "a09_time_filters_inclusive": False}
WEBHOOKS = {"a10_customer_noun": "buyer", "a11_same_webhook_id": True, "a13_newest_first": True}
REST = {"a14_parts_move_customer": False, "a43_after_delete": "404", "a34_attribute_names": "id", "A-40": True}


@pytest.mark.parametrize(
    "switches", [{**LISTS, **WEBHOOKS}, {**REST, "fractional_digits": 6}], ids=["lists and webhooks", "the rest"]
)
def test_new_customers_edits_and_orders_arrive_whatever_the_reference_leaves_open(
    world: World, switches: dict[str, Any]
) -> None:
    world.wizcommerce.switch(**switches)
    address = {"type": "billing", "address_line_1": "9 Elm St", "city": "Dallas", "reference_id": "A-9"}
    world.wizcommerce.add_customer("Fair Shop", email="ap@fair.example", addresses=[address])
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    world.wizcommerce.confirm_order("WC-1002", "Fair Shop", LINES)
    world.settle()
    world.wizcommerce.edit_order("WC-1001", [("VASE-01", 5, "25.00")])
    world.settle()

    assert {(one.doc_number, str(one.total)) for one in world.invoices()} == {
        ("WC-1001", "125.00"),
        ("WC-1002", "100.00"),
    }


def test_edits_that_raise_no_event_are_found_by_the_poll(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    world.settle()
    world.wizcommerce.switch(**{"A-47": False, "A-15": False})
    world.wizcommerce.edit_order("WC-1001", [("VASE-01", 5, "25.00")])

    world.move(61)
    world.settle()

    assert [one.total for one in world.invoices()] == [Decimal("125.00")]
