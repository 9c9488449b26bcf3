"""The engine dies at any of its appends, before or after the commit, and is started again: always exactly one invoice."""

from decimal import Decimal

import pytest

from tests.crashing import BEFORE_AND_AFTER, Moment, crashed_at
from tests.world import World

MOST_APPENDS = 60
"""A path of one order has far fewer; the bound only keeps a broken engine from looping."""


@pytest.mark.parametrize("moment", BEFORE_AND_AFTER)
def test_a_known_customers_order_becomes_one_invoice_wherever_the_engine_dies(world: World, moment: Moment) -> None:
    deaths = 0
    for nth in range(1, MOST_APPENDS):
        number = f"WC-{nth}"

        def confirm(number: str = number) -> None:
            world.wizcommerce.confirm_order(number, "Bloom & Co", [("VASE-01", 4, "25.00")])

        died = crashed_at(world, nth, moment, [confirm])

        assert [(i.doc_number, i.total) for i in world.invoices() if i.doc_number == number] == [
            (number, Decimal("100.00"))
        ]
        assert world.where(number) == f"sent: invoice {number}"
        if not died:
            break
        deaths += 1

    assert 3 <= deaths < MOST_APPENDS - 1
    assert len(world.invoices()) == deaths + 1
    assert world.rows("SELECT * FROM pending_work") == []


@pytest.mark.parametrize("moment", BEFORE_AND_AFTER)
def test_a_new_customers_order_that_waits_for_an_item_becomes_one_invoice_wherever_the_engine_dies(
    world: World, moment: Moment
) -> None:
    """At every other append: those between them are died at at the other moment."""
    deaths = 0
    for nth in range(1 + BEFORE_AND_AFTER.index(moment), MOST_APPENDS, 2):
        number, name, sku = f"WC-{nth}", f"Fern {nth} Ltd", f"FERN-{nth}"

        def confirm(number: str = number, name: str = name, sku: str = sku) -> None:
            world.wizcommerce.add_customer(name, email=f"{sku.lower()}@fern.example")
            world.wizcommerce.confirm_order(number, name, [("VASE-01", 1, "25.00"), (sku, 2, "3.00")])

        def add_item(sku: str = sku) -> None:
            world.quickbooks.add_item(sku, price="3.00")

        died = crashed_at(world, nth, moment, [confirm, add_item])

        assert [i.total for i in world.invoices() if i.doc_number == number] == [Decimal("31.00")]
        assert [c["DisplayName"] for c in world.quickbooks.customers()].count(name) == 1
        assert world.where(number) == f"sent: invoice {number}"
        if not died:
            break
        deaths += 1

    assert 5 <= deaths < MOST_APPENDS // 2 - 1
    assert len(world.invoices()) == deaths + 1
    assert len(world.quickbooks.customers()) == deaths + 2
    assert world.rows("SELECT * FROM pending_work") == []
