"""The benchmark of orders beside a plain script, run small: it counts what it says it counts. No figure of time is asserted."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from adapters.bench.orders import LINES, some_orders
from adapters.bench.program import program


def test_the_same_orders_go_through_the_engine_and_through_a_plain_script(tmp_path: Path) -> None:
    environment = {"WIZQBO_HOME": str(tmp_path / "home"), "DATABASE_URL": ""}
    run = CliRunner().invoke(program, ["orders", "--orders", "3", "--json"], env=environment, catch_exceptions=False)
    assert run.exit_code == 0, run.output
    found = json.loads(run.stdout)
    assert list(found) == [
        *("orders", "invoices", "duplicates", "p50_ms", "p99_ms"),
        *("metered_reads", "appends_per_order", "script", "engine"),
    ]
    assert (found["orders"], found["invoices"], found["duplicates"], found["metered_reads"]) == (3, 3, 0, 0)
    assert 0 < found["p50_ms"] <= found["p99_ms"] and found["engine"]["seconds"] > 0 < found["appends_per_order"]
    # One look for its customer and one for its items, an order.
    assert found["script"]["metered_reads"] == 6 and found["script"]["seconds"] >= 0


def test_the_orders_are_the_same_every_time_and_have_five_lines_of_five_items() -> None:
    orders = some_orders(20)
    assert orders == some_orders(20) != some_orders(20, seed=2)
    assert len({order.number for order in orders}) == 20
    assert {len({sku for sku, _, _ in order.lines}) for order in orders} == {LINES}


def test_no_orders_are_refused_in_a_sentence() -> None:
    run = CliRunner().invoke(program, ["orders", "--orders", "0"])
    assert run.exit_code == 2 and "0 is not in the range x>=1" in run.output
