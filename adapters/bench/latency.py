"""Latency: orders confirmed at an even pace, our own time from the webhook received to the invoice acknowledged.

The stand-ins answer at once, from processes of their own; the limits are the real ones. The customer and the items are linked,
so QuickBooks is only written to.
"""

import threading
import time
from pathlib import Path
from typing import Any

from adapters.bench.apart import Apart
from adapters.bench.between import between, count, wait
from adapters.bench.figures import metered_reads
from adapters.bench.own_time import own_times, percentile
from adapters.wiring import Engine

CONNECTION = "bench"
P50_AIM_MS, P99_AIM_MS = 100.0, 500.0


def latency(folder: Path, seconds: float, per_second: float) -> dict[str, Any]:
    """Runs it with its files in `folder`; answers with the figures. Times in milliseconds."""
    with between(folder, CONNECTION, _stock) as bench:
        return _measure(bench.engine, bench.quickbooks, bench.wizcommerce, seconds, per_second)


def _stock(quickbooks: Apart, wizcommerce: Apart) -> None:
    """One customer and two items that both systems know."""
    product = {"Type": "NonInventory", "IncomeAccountRef": {"value": "79"}}
    quickbooks.tell(
        "seed",
        preferences={"SalesFormsPrefs": {"CustomTxnNumbers": True}},
        customers=[{"DisplayName": "Garden & Co", "PrimaryEmailAddr": {"Address": "books@garden.example"}}],
        items=[{"Name": sku, "Sku": sku, "UnitPrice": 25, **product} for sku in ("VASE-01", "BOWL-02")],
    )
    wizcommerce.tell("hands/add-customer", name="Garden & Co", email="books@garden.example")


def _measure(
    engine: Engine, quickbooks: Apart, wizcommerce: Apart, seconds: float, per_second: float
) -> dict[str, Any]:
    orders = max(1, round(seconds * per_second))
    reads_before = metered_reads(quickbooks.show("calls"))
    begun = time.monotonic()
    never = threading.Event()
    for number in range(orders):
        never.wait(begun + number / per_second - time.monotonic())
        lines = [["VASE-01", 4, "25.00"], ["BOWL-02", 6, "12.50"]]
        wizcommerce.tell("hands/confirm-order", display_id=f"WC-{number + 1}", customer="Garden & Co", lines=lines)
    accepted = "SELECT count(*) FROM log WHERE topic = 'command-accepted'"
    wait(lambda: count(engine, accepted) >= orders, "The last invoices")
    took = own_times(engine, CONNECTION)
    return {
        "orders": orders,
        "invoices": len(quickbooks.show("state")["companies"].popitem()[1]["records"]["Invoice"]),
        "per_second": per_second,
        "own_time_ms": {f"p{p}": round(percentile(took, p), 1) for p in (50, 90, 99, 100)},
        "aim_ms": {"p50": P50_AIM_MS, "p99": P99_AIM_MS},
        "metered_reads_per_order": round((metered_reads(quickbooks.show("calls")) - reads_before) / orders, 3),
    }
