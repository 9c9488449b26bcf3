"""A catalogue: items of QuickBooks become products of WizCommerce, each with its price and stock; then it is pulled again.

The stand-ins answer at once, from processes of their own. What is counted comes from their own state and call logs. The engine
runs in this process; `kill` stops it in the middle, as `kill -9` would, and another one goes on.
"""

import resource
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapters.bench.apart import Apart
from adapters.bench.between import ACTOR, PATIENCE_SECONDS, Between, between, count, wait
from adapters.bench.figures import metered_reads
from adapters.bench.first_sync import UNLIMITED
from adapters.wiring import Engine
from engine.domain.values import System
from engine.limits import Limits

CONNECTION = "bench"
SEEDED_AT_ONCE = 10_000
SECONDS_AN_ITEM = 0.2
"""How long each may take at most, two calls to WizCommerce and what they leave in the log included."""
WRITES = ("create products", "update product", "write inventory")
LIMITS: Mapping[System, Limits] = {"quickbooks": UNLIMITED, "wizcommerce": UNLIMITED}
COUNTED = {
    "Type": "Inventory",
    "TrackQtyOnHand": True,
    "InvStartDate": "2020-01-01",
    "IncomeAccountRef": {"value": "79"},
    "AssetAccountRef": {"value": "81"},
    "ExpenseAccountRef": {"value": "80"},
}
PULLS = ("stock", "products")
LONG_AGO_SECONDS = 3_600
"""The items were made then: what is made in the minutes before the first reading shows in the first look at changes once more."""


def catalogue(folder: Path, items: int) -> dict[str, Any]:
    """Runs it with so many items; answers with the figures. Raises RuntimeError when the two sides do not agree."""
    with _connected(folder, items) as bench:
        engine = bench.engine
        begun, own = time.monotonic(), time.process_time()
        _accept(engine)
        patience = PATIENCE_SECONDS + SECONDS_AN_ITEM * items
        wait(lambda: _shown(bench) == items, f"{items} products", patience, look_seconds=1.0)
        wait(lambda: _settled(engine), "The end of the first pull", patience, look_seconds=1.0)
        seconds, own = time.monotonic() - begun, time.process_time() - own
        sums = _sums(bench)
        if sums["quickbooks"] != sums["wizcommerce"]:
            raise RuntimeError(f"The two sides do not agree: {sums}")
        first = metered_reads(bench.quickbooks.show("calls"))
        again = _pulled_again(bench)
        return {
            "items": items,
            "metered_reads": first,
            "seconds": round(seconds, 1),
            "own_seconds": round(own, 1),
            "items_per_second": round(items / seconds, 1),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            **again,
            "sums": sums["quickbooks"],
        }


@contextmanager
def _connected(folder: Path, items: int) -> Iterator[Between]:
    """Both sides connected, QuickBooks filled and read whole, nothing accepted yet."""

    def stock(quickbooks: Apart, _: Apart) -> None:
        quickbooks.tell("switches", throttle=False, webhooks_on=False)
        quickbooks.tell("clock", move_seconds=-LONG_AGO_SECONDS)
        for first in range(0, items, SEEDED_AT_ONCE):
            quickbooks.tell("seed", items=[_item(n) for n in range(first, min(items, first + SEEDED_AT_ONCE))])
        quickbooks.tell("clock", move_seconds=LONG_AGO_SECONDS)

    patience = PATIENCE_SECONDS + SECONDS_AN_ITEM * items
    with between(folder, CONNECTION, stock, patience, accept=False, budgets=LIMITS) as bench:
        yield bench


def _item(number: int) -> dict[str, Any]:
    """Every third is a service, which nobody counts; the others have from 0 to 96 and a third on hand."""
    named = {"Name": f"Vase {number:06}", "Sku": f"V-{number:06}", "UnitPrice": 1 + number % 500 / 4}
    if number % 3 == 0:
        return {**named, "Type": "Service", "IncomeAccountRef": {"value": "79"}}
    return {**named, **COUNTED, "QtyOnHand": number % 97 + (0.333 if number % 10 == 1 else 0)}


def _accept(engine: Engine) -> None:
    engine.decisions.choose_setting(CONNECTION, "price-list", engine.commerce.price_lists(CONNECTION)[0][0], ACTOR)
    engine.decisions.accept_first_sync(CONNECTION, {}, ACTOR)


def _shown(bench: Between) -> int:
    """How many products WizCommerce has as far as we know: asked often, so not of its own state, which is counted at the end."""
    return count(bench.engine, "SELECT count(*) FROM inventory WHERE state = 'shown'")


def _settled(engine: Engine) -> bool:
    """Whether nothing is under way any more."""
    due = count(engine, "SELECT count(*) FROM pending_work WHERE status IN ('ready', 'running', 'unknown')")
    unset = count(engine, "SELECT count(*) FROM inventory WHERE state = 'shown' AND in_stock IS NULL")
    return due == 0 and unset == 0


def _sums(bench: Between) -> dict[str, dict[str, Decimal]]:
    """What both sides come to: how many, their prices, what is on hand."""
    [company] = bench.quickbooks.show("state?entity=Item")["companies"].values()
    items = [one for one in company["records"]["Item"] if str(one.get("Sku", "")).startswith("V-")]
    products = bench.wizcommerce.show("state?entity=products")["products"]
    stocks = bench.wizcommerce.show("state?entity=inventories")["inventories"]
    return {
        "quickbooks": _sum(len(items), [one["UnitPrice"] for one in items], [one.get("QtyOnHand", 0) for one in items]),
        "wizcommerce": _sum(
            len(products),
            [price["price"] for one in products for price in one["price_lists"]],
            [one["in_stock_quantity"] for one in stocks],
        ),
    }


def _sum(how_many: int, prices: list[Any], quantities: list[Any]) -> dict[str, Decimal]:
    total = sum((Decimal(str(one)) for one in prices), Decimal(0))
    on_hand = sum((Decimal(str(one)) for one in quantities), Decimal(0))
    return {"items": Decimal(how_many), "prices": total.normalize(), "on_hand": on_hand.normalize()}


def _pulled_again(bench: Between) -> dict[str, Any]:
    """Everything is read once more, and nothing comes of it."""
    engine = bench.engine
    writes, reads = _writes(bench), metered_reads(bench.quickbooks.show("calls"))
    position = engine.log.position()
    runs = count(engine, RUNS)
    begun = time.monotonic()
    engine.schedule.due_now(CONNECTION, *PULLS)
    wait(lambda: count(engine, RUNS) >= runs + len(PULLS), "The second pull", PATIENCE_SECONDS * 5)
    sql = f"SELECT count(*) FROM log WHERE notification_id > {position}"
    return {
        "second_pull_seconds": round(time.monotonic() - begun, 1),
        "second_pull_reads": metered_reads(bench.quickbooks.show("calls")) - reads,
        "second_pull_writes": _writes(bench) - writes,
        "second_pull_events": count(engine, sql),
    }


RUNS = (
    "SELECT count(*) FROM log WHERE originator_id LIKE 'run-bench:stock-%' OR originator_id LIKE 'run-bench:products-%'"
)


def _writes(bench: Between) -> int:
    calls = bench.wizcommerce.show("calls")["calls"]
    return sum(one["operation"] in WRITES for one in calls)
