"""The world of the stories: real PostgreSQL, both stand-ins over real HTTP, one engine stepped until nothing moves."""

import base64
import copy
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from adapters.quickbooks.standin import InvoiceSeen, QuickBooksStandIn
from adapters.standin.clock import StandInClock
from adapters.web.app import web_app
from adapters.web.server import serve
from adapters.wiring import Engine, wire
from adapters.wizcommerce.standin import WizCommerceStandIn
from engine.clock import MovableClock
from engine.domain.order import Order
from engine.domain.values import System
from engine.limits import Limits
from engine.log import Log
from engine.settings import Settings
from engine.worker import Limits as Timing

WIDE = Limits(
    at_once=10, per_second=10_000, second_burst=10_000, per_minute=600_000, minute_burst=10_000, lease_seconds=160
)
NO_LIMITS: dict[System, Limits] = {"quickbooks": WIDE, "wizcommerce": WIDE}
CONNECTION = "acme"
Lines = Sequence[tuple[str, int | str, str]]


class Seller:
    """WizCommerce's side, as its people use it."""

    def __init__(self, standin: WizCommerceStandIn) -> None:
        self.standin = standin
        self.running = self.standin.start()

    def do(self, act: Callable[..., Any], *args: Any, **more: Any) -> Any:
        return self.running.call_in_loop(lambda: act(*args, **more))

    def add_customer(self, name: str, **wire: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.do(self.standin.add_customer, name, **wire)
        return found

    def confirm_order(self, number: str, customer: str, lines: Lines, **more: Any) -> dict[str, Any]:
        order: dict[str, Any] = self.do(self.standin.confirm_order, number, customer, list(lines), **more)
        return order

    def draft_order(self, number: str, customer: str, lines: Lines, **more: Any) -> None:
        self.do(self.standin.draft_order, number, customer, list(lines), **more)

    def edit_order(self, number: str, lines: Lines | None = None, **more: Any) -> None:
        self.do(self.standin.edit_order, number, "", None if lines is None else list(lines), **more)

    def cancel_order(self, number: str) -> None:
        self.do(self.standin.cancel_order, number)

    def switch(self, **switches: Any) -> None:
        httpx.post(f"{self.running.address}/_standin/switches", json=switches).raise_for_status()


@dataclass(frozen=True)
class Beginning:
    """Both companies and our own key, as they are at one moment of the engine's clock: what a database alone does not hold."""

    quickbooks: QuickBooksStandIn
    wizcommerce: WizCommerceStandIn
    secret_key: str
    at: datetime

    @classmethod
    def new(cls) -> "Beginning":
        """Two empty companies, now."""
        clock = StandInClock()
        quickbooks = QuickBooksStandIn(clock=clock)
        quickbooks.set_switches(throttle=False)
        key = base64.b64encode(os.urandom(32)).decode()
        return cls(quickbooks, WizCommerceStandIn(clock=clock), key, MovableClock().now())

    def again(self) -> "Beginning":
        """A copy, which a world may change."""
        quickbooks, wizcommerce = copy.deepcopy((self.quickbooks, self.wizcommerce))  # together: they share their clock
        return replace(self, quickbooks=quickbooks, wizcommerce=wizcommerce)


class World:
    """Everything at once. `engine` may be replaced by another one on the same database: a restart.

    With `like`, it goes on from there, on a copy of the database as it was then, and all its clocks show that time.
    """

    def __init__(self, database: str, home: Path, port: int, like: Beginning | None = None) -> None:
        begun = like.again() if like else Beginning.new()
        self.database = database
        self.home = home
        self.clock = MovableClock()
        self.quickbooks = begun.quickbooks
        self.their_clock = self.quickbooks.clock
        self.move((begun.at - self.clock.now()).total_seconds())
        self.quickbooks_running = self.quickbooks.start()
        self.wizcommerce = Seller(begun.wizcommerce)
        self.settings = self._settings(port, begun.secret_key)
        self._engines: list[Engine] = []
        self.web_engine = self.restarted_engine()
        self.web = serve(web_app(self.web_engine.web), port=port)
        self.quickbooks.send_webhooks_to(f"{self.settings.address}/webhooks/quickbooks")
        self.wizcommerce.do(
            self.wizcommerce.standin.send_webhooks_to,
            f"{self.settings.address}/webhooks/wizcommerce/{CONNECTION}",
            header="X-Webhook-Key",
            secret=self.settings.wizcommerce_webhook_secret,
        )
        if like is None:
            self._set_up_books()

    def _settings(self, port: int, secret_key: str) -> Settings:
        return Settings(
            home=self.home,
            database_url=self.database,
            secret_key=secret_key,
            port=port,
            public_url=f"http://localhost:{port}",
            quickbooks_discovery_url=f"{self.quickbooks_running.address}/.well-known/openid_configuration",
            quickbooks_api_url=self.quickbooks_running.address,
            quickbooks_client_id=self.quickbooks.client_id,
            quickbooks_client_secret=self.quickbooks.client_secret,
            quickbooks_verifier_token=self.quickbooks.verifier_token,
            wizcommerce_api_url=self.wizcommerce.running.address,
            wizcommerce_webhook_secret="a-long-shared-secret-of-the-tests",
            workers=4,
        )

    def _set_up_books(self) -> None:
        self.quickbooks.by_hand("set-preferences", SalesFormsPrefs={"CustomTxnNumbers": True})
        self.quickbooks.add_customer("Bloom & Co", PrimaryEmailAddr={"Address": "books@bloom.example"})
        self.quickbooks.add_item("VASE-01", price="25.00")
        self.quickbooks.add_item("BOWL-02", price="12.50")
        self.wizcommerce.add_customer("Bloom & Co", email="books@bloom.example")

    def restarted_engine(self, make_log: Callable[..., Log] = Log, timing: Timing | None = None) -> Engine:
        """A new engine on the same database, as after a restart."""
        self.engine = wire(
            self.settings, self.database, self.clock, budgets=NO_LIMITS, make_log=make_log, timing=timing
        )
        self._engines.append(self.engine)
        self.dispatcher = self.engine.dispatcher()
        return self.engine

    def connect(self, goods: bool = False) -> None:
        """The real OAuth code flow: our link, the consent page, the callback; and the WizCommerce token. Products are left
        alone, and invoices made in QuickBooks become no orders, unless `goods` says that the story is about them."""
        self.engine.connecting.join_tenant(CONNECTION, "tester", token=self.wizcommerce.standin.token)
        link = self.engine.connecting.make_link(CONNECTION, "tester")
        answer = httpx.get(link, follow_redirects=True)
        assert "is connected" in answer.text, answer.text
        if not goods:
            self.choose(products="off", pull_invoices="none")

    def accept(self) -> None:
        """The first pulls are done, one right after the other, and a person accepts the first sync."""
        while self.engine.schedule.step():
            pass
        self.settle(sending=False)
        self.engine.decisions.accept_first_sync(CONNECTION, {}, "tester")

    def choose(self, **choices: str) -> None:
        """Choices of the connection, `_` for `-`."""
        for name, value in choices.items():
            self.engine.decisions.choose_setting(CONNECTION, name.replace("_", "-"), value, "tester")

    def start(self, days_ago: float = 1, accept: bool = True) -> None:
        if accept:
            self.accept()
        self.engine.people.start(CONNECTION, self.clock.now() - timedelta(days=days_ago), "tester")

    def move(self, seconds: float) -> None:
        """Time passes everywhere."""
        self.clock.move(seconds)
        self.their_clock.move(seconds)

    def settle(self, sending: bool = True) -> None:
        """Steps every loop until nothing moves; without `sending` every one but the dispatcher."""
        for _ in range(10_000):
            if not self.step(sending):
                return
        raise AssertionError("it never settles")

    def step(self, sending: bool = True) -> bool:
        """One round of every loop."""
        engine = self.engine
        sent = self.deliver()
        loops: list[Callable[[], object]] = [
            engine.inbox.step,
            engine.schedule.step,
            engine.observer.step,
            engine.react.step,
            *([self.dispatcher.step] if sending else []),
            *(follower.step for follower in engine.followers),
        ]
        moved = [bool(step()) for step in loops]
        return bool(sent) or any(moved)

    def deliver(self) -> int:
        """Both systems send the webhooks that are due, once; answers with how many."""
        outbox = self.wizcommerce.standin.outbox
        theirs: int = self.wizcommerce.running.call_in_loop(outbox.deliver_due)["sent"]
        return self.quickbooks.deliver()["sent"] + theirs

    def deliver_and_open(self) -> None:
        """Webhooks become signals, and nothing follows them yet."""
        self.deliver()
        while self.engine.inbox.step():
            pass

    # ---- what is there -------------------------------------------------------------------------------------------------------

    def invoices(self) -> list[InvoiceSeen]:
        """From QuickBooks' own state."""
        return self.quickbooks.invoices()

    def order(self, number: str) -> Order:
        """The order's aggregate, found by its number."""
        return self.engine.records.order(self.order_stream(number))

    def order_stream(self, number: str) -> str:
        sql = "SELECT stream FROM mapping WHERE label = %s AND system = 'wizcommerce' AND kind = 'order'"
        with self.engine.pool.connection() as c:
            row = c.execute(sql, (number,)).fetchone()
        assert row is not None, f"no order {number} was seen"
        return str(row[0])

    def where(self, number: str) -> str:
        """Where an order stands, in a person's words."""
        return self.engine.people.where(self.order_stream(number))

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with self.engine.pool.connection() as c:
            return c.execute(sql, parameters).fetchall()

    def money(self) -> Decimal:
        """The total of all invoices."""
        return sum((invoice.total for invoice in self.invoices()), Decimal(0))

    def closed(self) -> Beginning:
        """Ends it, and answers what it was like: with its database, others may go on from there."""
        at = self.clock.now()
        self.close()
        return Beginning(self.quickbooks, self.wizcommerce.standin, self.settings.secret_key, at)

    def close(self) -> None:
        threading.Thread(
            target=self.web.stop
        ).start()  # it lets its last callers go for a fifth of a second: nobody waits
        for engine in self._engines:
            engine.close()
        self.quickbooks_running.stop()
        self.wizcommerce.running.stop()
