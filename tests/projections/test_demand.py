"""What orders take is looked up among the few rows that are open, however many were ever invoiced."""

import pytest

from engine.domain.events import CommandAbandoned
from engine.goods_around import ON_ORDER, TAKEN
from projections.goods import Demand
from tests.wholesale import recorded
from tests.world import World

ROWS = (
    "INSERT INTO demand (stream, sku, connection, number, quantity, sent, invoiced, counted) "
    "SELECT 'order-acme:' || n, 'sku-' || n % 500, 'acme', 'N' || n, 1, 1, 1, CASE WHEN n % 1000 = 0 THEN 0 ELSE 1 END "
    "FROM generate_series(1, 20000) n"
)
ORDERS = (
    "INSERT INTO demanding (stream, invoiced_version) SELECT 'order-acme:' || n, 5 FROM generate_series(1, 20000) n"
)


@pytest.mark.parametrize(
    ("question", "asked"), [(ON_ORDER, ("acme",)), (TAKEN, ("acme", ["sku-1", "sku-100"]))], ids=["on order", "taken"]
)
def test_settled_orders_cost_nothing(world: World, question: str, asked: tuple[object, ...]) -> None:
    with world.engine.pool.connection() as c:
        for statement in (ROWS, ORDERS, "ANALYZE demand", "ANALYZE demanding"):
            c.execute(statement)
        plan = "\n".join(row[0] for row in c.execute(f"EXPLAIN {question}", asked))
        c.rollback()

    assert "demand_open" in plan and "Seq Scan on demand" not in plan


@pytest.mark.parametrize(
    ("who", "by_itself", "takes_nothing"), [("ann", False, True), ("ann", True, False), ("system", False, False)]
)
def test_an_order_takes_nothing_once_a_person_decided_so_and_not_by_what_followed_by_itself(
    who: str, by_itself: bool, takes_nothing: bool
) -> None:
    ended = CommandAbandoned(command_id="c1", why="so", by_itself=by_itself)

    rows = Demand().rows(recorded("order-acme:1", 2, ended, who))

    assert [values[-1] for _, values in rows] == ([False] if takes_nothing else [])
