"""Orders of five lines through our engine, and the same orders pushed by a plain script (`plain_script`) in the same run.

Every order's customer and items are linked, so that neither has to make anything but invoices. The stand-ins answer at once,
from processes of their own, and hold nobody to the limits of the real systems: what is measured is our own and the script's.
Four orders are under way at a time: the next one is confirmed when an invoice has come; the script takes one after the other.
What is counted comes from the stand-ins' own state and call logs; own times and appends are the log's.
"""

import os
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from adapters.bench.apart import Apart, apart
from adapters.bench.between import PATIENCE_SECONDS, Between, between, count, wait
from adapters.bench.figures import metered_reads
from adapters.bench.first_sync import UNLIMITED
from adapters.bench.own_time import own_times, percentile
from adapters.bench.spelling import Wire
from engine.domain.values import CENT, System
from engine.limits import Limits

CONNECTION = "bench"
CUSTOMERS = 50
ITEMS = 200
LINES = 5
UNDER_WAY = 4
"""Orders at a time. Measured on two busy cores, 60 orders: one at a time 50 s, four 16 s; ten 22 s, each three times as long."""
LOOK_SECONDS = 0.02
SECONDS_AN_ORDER = 0.2
"""How long each may take at most."""
LIMITS: Mapping[System, Limits] = {"quickbooks": UNLIMITED, "wizcommerce": UNLIMITED}
NO_TLS = {"OAUTHLIB_INSECURE_TRANSPORT": "1", "NO_PROXY": "127.0.0.1"}
"""The script's libraries' own settings for a server on this machine."""
TO_DO = (
    "pending_work WHERE status IN ('ready', 'running', 'unknown')",
    "signals",
    "cursors WHERE due_at <= now()",
)
_NOTE = re.compile(r"WizCommerce order (\S+?)(?:,| |$)")


class SomeOrder(msgspec.Struct, frozen=True):
    """One order: its number, its customer's name, and its lines as (SKU, quantity, unit price)."""

    number: str
    customer: str
    lines: tuple[tuple[str, int, str], ...]

    @property
    def total(self) -> Decimal:
        return sum((quantity * Decimal(price) for _, quantity, price in self.lines), Decimal(0))


def some_orders(orders: int, seed: int = 1) -> list[SomeOrder]:
    """So many orders of five lines, the same for the same seed."""
    random = Random(seed)
    return [
        SomeOrder(
            f"WC-{place + 1}",
            f"Garden {random.randrange(CUSTOMERS):03}",
            tuple(
                (f"V-{item:03}", random.randint(1, 12), str(random.randint(100, 9_999) * CENT))
                for item in random.sample(range(ITEMS), LINES)
            ),
        )
        for place in range(orders)
    ]


def orders(folder: Path, how_many: int) -> dict[str, Any]:
    """Runs it with its files in `folder`; answers with the figures. Times of single orders in milliseconds.

    Raises RuntimeError when an invoice does not come, or when it does not have its order's total.
    """
    made = some_orders(how_many)
    patience = PATIENCE_SECONDS + SECONDS_AN_ORDER * how_many
    with between(folder, CONNECTION, partial(_stock, made), patience, budgets=LIMITS) as bench:
        ours, seconds = _through_our_engine(bench, made, patience)
    return {**ours, "script": _by_script(made), "engine": {"seconds": seconds}}


def _stock(made: Sequence[SomeOrder], quickbooks: Apart, wizcommerce: Apart) -> None:
    """The customers are on both sides; the items only need to be in QuickBooks."""
    _stock_books(made, quickbooks)
    customers = [{"name": name, "display_name": name, "email": _email(name)} for name in _customers(made)]
    wizcommerce.tell("seed", customers=customers)


def _stock_books(made: Sequence[SomeOrder], quickbooks: Apart) -> None:
    product = {"Type": "NonInventory", "IncomeAccountRef": {"value": "79"}, "UnitPrice": 25}
    quickbooks.tell("switches", throttle=False)
    quickbooks.tell(
        "seed",
        preferences={"SalesFormsPrefs": {"CustomTxnNumbers": True}},
        customers=[{"DisplayName": name, "PrimaryEmailAddr": {"Address": _email(name)}} for name in _customers(made)],
        items=[
            {"Name": sku, "Sku": sku, **product} for sku in sorted({sku for one in made for sku, _, _ in one.lines})
        ],
    )


def _customers(made: Sequence[SomeOrder]) -> list[str]:
    return sorted({order.customer for order in made})


def _email(customer: str) -> str:
    return f"{customer.lower().replace(' ', '.')}@shop.example"


def _through_our_engine(bench: Between, made: Sequence[SomeOrder], patience: float) -> tuple[dict[str, Any], float]:
    """The figures, and the seconds from the first order confirmed to the last invoice recorded."""
    engine, quickbooks = bench.engine, bench.quickbooks
    wait(lambda: _quiet(bench), "The end of the first pulls", patience)
    reads, position = _reads(quickbooks), engine.log.position()
    begun = time.monotonic()
    for place, order in enumerate(made):
        _until_invoiced(bench, place - UNDER_WAY + 1, patience)
        lines = [list(line) for line in order.lines]
        bench.wizcommerce.tell("hands/confirm-order", display_id=order.number, customer=order.customer, lines=lines)
    _until_invoiced(bench, len(made), patience)
    seconds = time.monotonic() - begun
    wait(lambda: _quiet(bench), "The end of the echoes", patience)  # they may not cost a read either
    took = own_times(engine, CONNECTION)
    # The rows of one append share their transaction.
    appends = count(engine, f"SELECT count(DISTINCT xmin::text) FROM log WHERE notification_id > {position}")
    return {
        "orders": len(made),
        **_invoices(quickbooks, made),
        "p50_ms": round(percentile(took, 50), 1),
        "p99_ms": round(percentile(took, 99), 1),
        "metered_reads": _reads(quickbooks) - reads,
        "appends_per_order": round(appends / len(made), 2),
    }, round(seconds, 3)


def _until_invoiced(bench: Between, orders: int, patience: float) -> None:
    """Until so many have an invoice as far as we know: asked often, so not of QuickBooks, whose state is counted at the end."""
    sql = "SELECT count(*) FROM claims WHERE system = 'quickbooks' AND kind = 'invoice'"
    wait(lambda: count(bench.engine, sql) >= orders, f"Invoice {orders}", patience, LOOK_SECONDS)


def _quiet(bench: Between) -> bool:
    """Whether nothing is under way or due any more."""
    return not any(count(bench.engine, f"SELECT count(*) FROM {what}") for what in TO_DO)


def _by_script(made: Sequence[SomeOrder]) -> dict[str, Any]:
    with apart("quickbooks") as quickbooks:
        _stock_books(made, quickbooks)
        reads = _reads(quickbooks)
        seconds = _run_script(quickbooks.ready, made)
        _invoices(quickbooks, made)
        return {"seconds": round(seconds, 3), "metered_reads": _reads(quickbooks) - reads}


def _run_script(keys: Mapping[str, str], made: Sequence[SomeOrder]) -> float:
    """The seconds it took. Raises RuntimeError when it fails; what it said is on standard error."""
    given = msgspec.json.encode({"keys": keys, "orders": made})
    script = Path(__file__).with_name("plain_script.py")
    done = subprocess.run(
        [sys.executable, "-P", str(script)], input=given, stdout=subprocess.PIPE, env={**os.environ, **NO_TLS}
    )
    if done.returncode:
        raise RuntimeError("The script failed; what it said is above.")
    return float(done.stdout)


def _reads(quickbooks: Apart) -> int:
    return metered_reads(quickbooks.show("calls?only=totals"))


def _invoices(quickbooks: Apart, made: Sequence[SomeOrder]) -> dict[str, int]:
    """How many there are, and how many orders have more than one. Raises RuntimeError when an order has none of its total."""
    [company] = quickbooks.show("state?entity=Invoice")["companies"].values()
    invoices: list[Wire] = company["records"]["Invoice"]
    totals: defaultdict[str, list[Decimal]] = defaultdict(list)
    for one in invoices:
        if found := _NOTE.match(one.get("PrivateNote", "")):
            totals[found[1]].append(Decimal(str(one["TotalAmt"])))
    wrong = [order.number for order in made if order.total not in totals[order.number]]
    if wrong:
        raise RuntimeError(f"{len(wrong)} orders have no invoice of their total, the first of them is {wrong[0]}.")
    return {"invoices": len(invoices), "duplicates": sum(len(several) > 1 for several in totals.values())}
