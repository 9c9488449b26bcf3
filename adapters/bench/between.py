"""Our engine between two stand-ins in processes of their own, connected, its first pulls done."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.bench.apart import Apart, both_apart
from adapters.web import serve, web_app
from adapters.wiring import Engine, Running, open_database, wire
from engine.domain.values import System
from engine.limits import LIMITS, Limits
from engine.settings import Settings

ACTOR = "bench"
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.05


class Between(msgspec.Struct, frozen=True):
    """The engine, running, and what it is between."""

    engine: Engine
    quickbooks: Apart
    wizcommerce: Apart


class Late:
    """An application that is known only once the address it is served at is known."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None  # nobody knows the address before
        await self.app(scope, receive, send)


@contextmanager
def between(
    folder: Path,
    connection: str,
    stock: Callable[[Apart, Apart], None],
    patience_seconds: float = PATIENCE_SECONDS,
    *,
    accept: bool = True,
    budgets: Mapping[System, Limits] = LIMITS,
    start: Callable[[Engine], None] | None = None,
) -> Iterator[Between]:
    """Its files are in `folder`. `stock` fills QuickBooks and WizCommerce before they are connected; `accept` the first sync.
    `start` starts the engine's loops elsewhere; without it they run in this process.

    Raises RuntimeError when the first pulls are not done in time.
    """
    late = Late()
    with ExitStack() as until_the_end:
        quickbooks, wizcommerce = until_the_end.enter_context(both_apart())
        web = until_the_end.enter_context(serve(late))
        settings = _settings(folder, web.address, web.port, quickbooks, wizcommerce)
        engine = wire(settings, open_database(settings), budgets=budgets)
        until_the_end.callback(engine.close)
        late.app = web_app(engine.web)
        stock(quickbooks, wizcommerce)
        quickbooks.tell("webhooks", url=f"{web.address}/webhooks/quickbooks")
        wizcommerce.tell("webhooks", url=f"{web.address}/webhooks/wizcommerce/{connection}")
        _connect(engine, wizcommerce, connection)  # before anything runs: a pull must not come between tenant and token
        if start is not None:
            start(engine)
        else:
            until_the_end.callback(Running(engine).start().stop)
        until_the_end.callback(web.stop)  # first of all: whoever comes later finds no half-closed engine
        due = "SELECT count(*) FROM cursors WHERE due_at <= now() AND what <> 'decide-products'"  # that one waits for a yes
        wait(lambda: not count(engine, due), "The first pulls", patience_seconds)
        wait(lambda: not count(engine, "SELECT count(*) FROM signals"), "The first sights", patience_seconds)
        if accept:
            engine.decisions.accept_first_sync(connection, {}, ACTOR)
        yield Between(engine, quickbooks, wizcommerce)


def count(engine: Engine, sql: str) -> int:
    """The one number that `sql` answers with."""
    with engine.pool.connection() as c:
        row = c.execute(sql.encode()).fetchone()
    return int(row[0]) if row else 0


def wait(
    there: Callable[[], bool],
    what: str,
    patience_seconds: float = PATIENCE_SECONDS,
    look_seconds: float = LOOK_SECONDS,
) -> None:
    """Until `there()`; raises RuntimeError naming `what` when that takes too long."""
    until, never = time.monotonic() + patience_seconds, threading.Event()
    while not there():
        if time.monotonic() > until:
            raise RuntimeError(f"{what} did not come within {patience_seconds:.0f} s.")
        never.wait(look_seconds)


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


def _connect(engine: Engine, wizcommerce: Apart, connection: str) -> None:
    engine.connecting.join_tenant(connection, ACTOR, token=wizcommerce.ready["token"])
    link = engine.connecting.make_link(connection, ACTOR)
    with httpx.Client(follow_redirects=True, trust_env=False, timeout=PATIENCE_SECONDS) as browser:
        browser.get(link).raise_for_status()
    engine.people.start(connection, engine.clock.now(), ACTOR)
