"""Orders as they are placed, and the invoices they become, to the cent: the table an accountant reads."""

import pytest

from tests.order_table import became, table
from tests.world import World

TABLE = table()


def test_there_are_enough_orders_to_trust_it() -> None:
    rows = [row for rows in TABLE.values() for row in rows]

    assert len(rows) >= 60 and len(set(rows)) >= 60 and all(invoice for _, invoice in rows)


@pytest.mark.parametrize("company", TABLE)
def test_each_order_becomes_the_invoice_of_the_table(world: World, company: str) -> None:
    orders = [order for order, _ in TABLE[company]]

    found = list(zip(orders, became(world, company, orders), strict=True))

    assert found == TABLE[company]
    assert all(invoice.balance == invoice.total for invoice in world.invoices())
