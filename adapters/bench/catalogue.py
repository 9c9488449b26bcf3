"""A catalogue: items of QuickBooks become products of WizCommerce, each with its price and stock; then it is pulled again.

The stand-ins answer at once, from processes of their own, and so does our engine. What is counted comes from the stand-ins' own
state and call logs. `kill` ends the engine in the middle of reading and again in the middle of writing, as `kill -9` does, and
another one goes on.
"""

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
from adapters.bench.loops import Loops
from adapters.wiring import Engine
from engine.domain.values import System
from engine.limits import Limits
from engine.pulls import A_PAGE

CONNECTION = "bench"
SEEDED_AT_ONCE = 10_000
OWN_ITEMS = 1
"""What every company of QuickBooks has from its beginning: an item called Services."""
SECONDS_AN_ITEM = 0.2
"""How long each may take at most, two calls to WizCommerce and what they leave in the log included."""
KILLED_SECONDS = 600
"""How long what a killed engine had begun may wait beyond that: its leases end, and what it sent is looked for."""
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
PULLS = ("stock", "products", "everything")
PAGES = "query Item"
"""What QuickBooks' call log calls a page of items."""
LONG_AGO_SECONDS = 3_600
"""The items were made then: what is made in the minutes before the first reading shows in the first look at changes once more."""


def catalogue(folder: Path, items: int, kill: bool = False) -> dict[str, Any]:
    """Runs it with so many items; answers with the figures. Raises RuntimeError when the two sides do not agree, or other pages
    were read than one for each thousand items."""
    loops = Loops()
    try:
        with _connected(folder, items, loops, kill) as bench:
            return _figures(bench, items, loops, kill)
    finally:
        loops.stop()


def _figures(bench: Between, items: int, loops: Loops, kill: bool) -> dict[str, Any]:
    engine = bench.engine
    pages, computed = _pages(bench), (items + OWN_ITEMS) // A_PAGE + 1
    if not computed <= pages <= computed + kill:  # at most one more for an interruption
        raise RuntimeError(f"The items were read in {pages} pages, computed were {computed}.")
    begun, own = time.monotonic(), loops.seconds()
    _accept(engine)
    patience = PATIENCE_SECONDS + SECONDS_AN_ITEM * items + (KILLED_SECONDS if kill else 0)
    if kill:
        wait(lambda: _shown(bench) >= items // 2, f"{items // 2} products", patience, look_seconds=1.0)
        _begin_again(loops)
    wait(lambda: _shown(bench) == items, f"{items} products", patience, look_seconds=1.0)
    wait(lambda: _settled(engine), "The end of the first pull", patience, look_seconds=1.0)
    seconds, own = time.monotonic() - begun, loops.seconds() - own
    sums = _sums(bench)
    if sums["quickbooks"] != sums["wizcommerce"]:
        raise RuntimeError(f"The two sides do not agree: {sums}")
    first = _reads(bench)
    again = _pulled_again(bench)
    return {
        "items": items,
        "pages": pages,
        "metered_reads": first,
        "seconds": round(seconds, 1),
        "own_seconds": round(own, 1),
        "items_per_second": round(items / seconds, 1),
        "peak_mb": loops.peak_mb(),
        "kills": 2 if kill else 0,
        **again,
        "sums": sums["quickbooks"],
    }


@contextmanager
def _connected(folder: Path, items: int, loops: Loops, kill: bool) -> Iterator[Between]:
    """Both sides connected, QuickBooks filled and read whole, nothing accepted yet."""

    def stock(quickbooks: Apart, wizcommerce: Apart) -> None:
        quickbooks.tell("switches", throttle=False, webhooks_on=False)
        wizcommerce.tell("switches", webhooks=False)
        quickbooks.tell("clock", move_seconds=-LONG_AGO_SECONDS)
        for first in range(0, items, SEEDED_AT_ONCE):
            quickbooks.tell("seed", items=[_item(n) for n in range(first, min(items, first + SEEDED_AT_ONCE))])
        quickbooks.tell("clock", move_seconds=LONG_AGO_SECONDS)

    patience = PATIENCE_SECONDS + SECONDS_AN_ITEM * items + (KILLED_SECONDS if kill else 0)

    def start(engine: Engine) -> None:
        loops.start(engine)
        if kill:
            wait(lambda: count(engine, READ) >= items // 2, f"{items // 2} items read", patience, look_seconds=1.0)
            _begin_again(loops)

    with between(folder, CONNECTION, stock, patience, accept=False, budgets=LIMITS, start=start) as bench:
        yield bench
        loops.stop()  # before its database ends


def _begin_again(loops: Loops) -> None:
    loops.kill()
    loops.start()


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
    writes, reads = _writes(bench), _reads(bench)
    position = engine.log.position()
    runs = count(engine, RUNS)
    begun = time.monotonic()
    engine.schedule.due_now(CONNECTION, *PULLS)
    wait(lambda: count(engine, RUNS) >= runs + len(PULLS), "The second pull", PATIENCE_SECONDS * 5)
    sql = f"SELECT count(*) FROM log WHERE notification_id > {position}"
    return {
        "second_pull_seconds": round(time.monotonic() - begun, 1),
        "second_pull_reads": _reads(bench) - reads,
        "second_pull_writes": _writes(bench) - writes,
        "second_pull_events": count(engine, sql),
    }


READ = "SELECT count(*) FROM claims WHERE system = 'quickbooks' AND kind = 'product'"
RUNS = "SELECT count(*) FROM log WHERE " + " OR ".join(f"originator_id LIKE 'run-bench:{what}-%'" for what in PULLS)


def _pages(bench: Between) -> int:
    return sum(bench.quickbooks.show("calls?only=totals")["by_operation"].get(PAGES, {}).values())


def _reads(bench: Between) -> int:
    return metered_reads(bench.quickbooks.show("calls?only=totals"))


def _writes(bench: Between) -> int:
    by = bench.wizcommerce.show("calls?only=totals")["by_operation"]
    return sum(sum(by.get(operation, {}).values()) for operation in WRITES)
