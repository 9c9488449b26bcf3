"""Latency: orders confirmed at an even pace, our own time from the webhook received to the invoice acknowledged.

The stand-ins answer at once, from processes of their own; the limits are the real ones. The customer and the items are linked,
so QuickBooks is only written to.
"""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.bench.apart import Apart, both_apart
from adapters.bench.own_time import own_time, percentile, times_of
from adapters.web import serve, web_app
from adapters.wiring import Engine, Running, open_database, wire
from engine.settings import Settings

CONNECTION = "bench"
ACTOR = "bench"
METERED = "coreplus"
"""Reads that count toward the plan. Source: QuickBooks reference, section 9."""
P50_AIM_MS, P99_AIM_MS = 100.0, 500.0
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.05


class _Late:
    """An application that is known only once the address it is served at is known."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None  # nobody knows the address before
        await self.app(scope, receive, send)


def latency(folder: Path, seconds: float, per_second: float) -> dict[str, Any]:
    """Runs it with its files in `folder`; answers with the figures. Times in milliseconds."""
    late = _Late()
    with ExitStack() as until_the_end:
        quickbooks, wizcommerce = until_the_end.enter_context(both_apart())
        web = until_the_end.enter_context(serve(late))
        settings = _settings(folder, web.address, web.port, quickbooks, wizcommerce)
        engine = wire(settings, open_database(settings))
        until_the_end.callback(engine.close)
        late.app = web_app(engine.web)
        _stock(quickbooks, wizcommerce, web.address)
        until_the_end.callback(Running(engine).start().stop)
        until_the_end.callback(web.stop)  # first of all: whoever comes later finds no half-closed engine
        _connect(engine, wizcommerce)
        return _measure(engine, quickbooks, wizcommerce, seconds, per_second)


def _settings(folder: Path, address: str, port: int, quickbooks: Apart, wizcommerce: Apart) -> Settings:
    return Settings(
        home=folder,
        port=port,
        public_url=address,
        quickbooks_discovery_url=quickbooks.ready["discovery"],
        quickbooks_api_url=quickbooks.ready["api"],
        quickbooks_client_id=quickbooks.ready["client_id"],
        quickbooks_client_secret=quickbooks.ready["client_secret"],
        quickbooks_verifier_token=quickbooks.ready["verifier_token"],
        wizcommerce_api_url=wizcommerce.ready["api"],
        wizcommerce_webhook_secret=wizcommerce.ready["webhook_secret"],
    )


def _stock(quickbooks: Apart, wizcommerce: Apart, address: str) -> None:
    """One customer and two items that both systems know."""
    product = {"Type": "NonInventory", "IncomeAccountRef": {"value": "79"}}
    quickbooks.tell(
        "seed",
        preferences={"SalesFormsPrefs": {"CustomTxnNumbers": True}},
        customers=[{"DisplayName": "Garden & Co", "PrimaryEmailAddr": {"Address": "books@garden.example"}}],
        items=[{"Name": sku, "Sku": sku, "UnitPrice": 25, **product} for sku in ("VASE-01", "BOWL-02")],
    )
    quickbooks.tell("webhooks", url=f"{address}/webhooks/quickbooks")
    wizcommerce.tell("webhooks", url=f"{address}/webhooks/wizcommerce/{CONNECTION}")
    wizcommerce.tell("hands/add-customer", name="Garden & Co", email="books@garden.example")


def _connect(engine: Engine, wizcommerce: Apart) -> None:
    engine.connecting.join_tenant(CONNECTION, ACTOR, token=wizcommerce.ready["token"])
    link = engine.connecting.make_link(CONNECTION, ACTOR)
    with httpx.Client(follow_redirects=True, trust_env=False, timeout=PATIENCE_SECONDS) as browser:
        browser.get(link).raise_for_status()
    engine.people.start(CONNECTION, engine.clock.now(), ACTOR)
    _wait(lambda: not _count(engine, "SELECT count(*) FROM cursors WHERE due_at <= now()"), "The first pulls")
    _wait(lambda: not _count(engine, "SELECT count(*) FROM signals"), "The first sights")


def _measure(
    engine: Engine, quickbooks: Apart, wizcommerce: Apart, seconds: float, per_second: float
) -> dict[str, Any]:
    orders = max(1, round(seconds * per_second))
    reads_before = _reads(quickbooks)
    begun = time.monotonic()
    never = threading.Event()
    for number in range(orders):
        never.wait(begun + number / per_second - time.monotonic())
        lines = [["VASE-01", 4, "25.00"], ["BOWL-02", 6, "12.50"]]
        wizcommerce.tell("hands/confirm-order", display_id=f"WC-{number + 1}", customer="Garden & Co", lines=lines)
    accepted = "SELECT count(*) FROM log WHERE topic = 'command-accepted'"
    _wait(lambda: _count(engine, accepted) >= orders, "The last invoices")
    took = _own_times(engine)
    return {
        "orders": orders,
        "invoices": len(quickbooks.show("state")["companies"].popitem()[1]["records"]["Invoice"]),
        "per_second": per_second,
        "own_time_ms": {f"p{p}": round(percentile(took, p), 1) for p in (50, 90, 99, 100)},
        "aim_ms": {"p50": P50_AIM_MS, "p99": P99_AIM_MS},
        "metered_reads_per_order": round((_reads(quickbooks) - reads_before) / orders, 3),
    }


def _own_times(engine: Engine) -> list[float]:
    """Of every order, in milliseconds."""
    times = times_of(engine, CONNECTION)
    with engine.pool.connection() as c:
        streams = [row[0] for row in c.execute("SELECT stream FROM claims WHERE kind = 'order'")]
    judged = [own_time(engine.log.story(stream), times).seconds for stream in streams]
    return [seconds * 1000 for seconds in judged if seconds is not None]


def _reads(quickbooks: Apart) -> int:
    return int(quickbooks.show("calls")["totals"].get(METERED, 0))


def _count(engine: Engine, sql: str) -> int:
    with engine.pool.connection() as c:
        row = c.execute(sql.encode()).fetchone()
    return int(row[0]) if row else 0


def _wait(there: Callable[[], bool], what: str) -> None:
    until, never = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while not there():
        if time.monotonic() > until:
            raise RuntimeError(f"{what} did not come within {PATIENCE_SECONDS:.0f} s.")
        never.wait(LOOK_SECONDS)
