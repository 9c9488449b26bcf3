"""One engine, wired: every part of the house over one database, one clock and one set of settings."""

import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary

import psycopg
from psycopg_pool import ConnectionPool

from adapters.credentials import Keyring, Links, MasterKey, TokenStore
from adapters.database import apply_schema, check_schema, find_or_start, require_fsync
from adapters.http import make_client
from adapters.quickbooks.client import QuickBooksClient
from adapters.quickbooks.gateway import QuickBooksGateway
from adapters.quickbooks.oauth import QuickBooksOAuth
from adapters.wiring.connecting import Connecting
from adapters.wiring.inbox import Inbox
from adapters.wiring.parts import WebParts
from adapters.wizcommerce.client import WizCommerceClient
from adapters.wizcommerce.gateway import WizCommerceGateway
from engine import limits
from engine.attaching import Attaching
from engine.clock import Clock, SystemClock
from engine.decisions import Decisions
from engine.dispatch import Dispatcher
from engine.domain.values import System
from engine.editing import Editing
from engine.first_sync import FirstSync
from engine.follow import ProjectionFollower
from engine.goods import Goods
from engine.last_look import LastLook
from engine.log import Inline, Log
from engine.observe import Observer
from engine.people import People
from engine.ports import Accounting
from engine.react import React
from engine.records import Records
from engine.retrying import Retrying
from engine.schedule import Schedule
from engine.settings import Settings
from engine.sights import Sights
from engine.surroundings import Pool, Surroundings
from engine.worker import Limits, Worker
from projections.audit_trail import AuditTrail
from projections.goods import Demand, StockLevels
from projections.health import Health
from projections.inventory import Inventory
from projections.lookups import Claims, Gates, MatchKeys, ShortLists
from projections.mapping import Mapping as MappingTable
from projections.pending_work import PendingWork

LogMaker = Callable[[str, Clock, Keyring, list[Inline]], Log]


def open_database(settings: Settings) -> str:
    """The address of a database with our schema: found, or started and made. Raises DatabaseUnavailable,
    WrongSchema, and UnsafeDatabase where commits could be lost."""
    conninfo = find_or_start(settings.home, settings.database_url or None)
    apply_schema(conninfo)
    check_schema(conninfo)
    require_fsync(conninfo)
    return conninfo


class Engine:
    """Everything, wired. `close` lets go of it."""

    def __init__(
        self,
        settings: Settings,
        conninfo: str,
        clock: Clock,
        *,
        timing: Limits,
        budgets: Mapping[System, limits.Limits],
        make_log: LogMaker,
    ) -> None:
        self.settings = settings
        self.conninfo = conninfo
        self.clock = clock
        self.pool: Pool = ConnectionPool(
            conninfo,
            min_size=1,
            max_size=settings.workers + 14,
            timeout=10.0,
            kwargs={"autocommit": True},
            configure=_configure,
            check=_Checked(),
            open=True,
        )
        self.master = MasterKey.find_or_make(settings.home, settings.secret_key or None)
        self.keyring = Keyring(self.pool, self.master, clock)
        self.inline: list[Inline] = [
            Claims(),
            MatchKeys(self.keyring.fingerprint),
            ShortLists(),
            Gates(),
            PendingWork(),
            StockLevels(),
            Demand(),
        ]
        self.log = make_log(conninfo, clock, self.keyring, self.inline)
        self.around = Surroundings(self.pool, self.keyring.fingerprint)
        self.records = Records(self.log, self.around, self.pool, clock)
        self.sights = Sights(self.records, self.keyring, self.pool)
        self._wire_calls(budgets)
        self._wire_loops(timing)

    def _wire_calls(self, budgets: Mapping[System, limits.Limits]) -> None:
        settings, clock = self.settings, self.clock
        self.limiter = limits.Budget(self.pool, clock, budgets)
        self.oauth = QuickBooksOAuth(
            settings.quickbooks_discovery_url,
            settings.quickbooks_client_id,
            settings.quickbooks_client_secret,
            settings.callback_url,
            clock,
        )
        self.tokens = TokenStore(self.pool, self.master, self.oauth, clock)
        self.links = Links(self.pool, clock)
        self._http = make_client()
        client = QuickBooksClient(settings.quickbooks_api_url, self._http, self.tokens, self.limiter, clock)
        self.accounting = QuickBooksGateway(client, clock)
        self._commerce_client = WizCommerceClient(
            lambda connection: settings.wizcommerce_api_url, self.limiter, self.tokens, clock
        )
        self.commerce = WizCommerceGateway(self._commerce_client)

    def _wire_loops(self, timing: Limits) -> None:
        records, sights, pool, clock = self.records, self.sights, self.pool, self.clock
        self.timing = timing
        self.people = People(records, pool, clock)
        self.decisions = Decisions(records)
        self.editing = Editing(records, self.people)
        self.attaching = Attaching(records, self.people)
        self.retrying = Retrying(records, self.people)
        self.first_sync = FirstSync(records, pool)
        self.observer = Observer(records, sights, pool, clock, self.accounting, self.commerce)
        self.schedule = Schedule(
            records,
            sights,
            self.observer,
            Goods(records, sights, pool),
            pool,
            clock,
            self.accounting,
            self.commerce,
            self.tokens,
            lambda connection: self.connecting.renew_tenant(connection),
        )
        self._last_look = LastLook(self.schedule, clock)
        self.react = React(records, pool)
        self.followers = [
            ProjectionFollower(p, self.log, pool) for p in (MappingTable(), AuditTrail(), Health(), Inventory())
        ]
        self.connecting = Connecting(
            self.settings,
            records,
            sights,
            self.schedule,
            self.people,
            self.links,
            self.tokens,
            self.oauth,
            self.limiter,
            self.keyring,
            clock,
        )
        self.web = WebParts(self.settings, pool, clock, self.master, self.around, self.connecting)
        self.inbox = Inbox(pool, clock, self.web.unseal, self.observer, self.schedule, self.tokens)

    def dispatcher(self, accounting: Accounting | None = None, name: str = "") -> Dispatcher:
        """A worker of its own; any number may work at once. `accounting` stands before QuickBooks, for tests."""
        gateways = accounting or self.accounting, self.commerce
        called = name or uuid4().hex[:12]
        worker = Worker(self.records, self.sights, *gateways, self.clock, self.timing, self._last_look, called)
        return Dispatcher(worker, self.pool)

    def close(self) -> None:
        """Lets go of pools and connections; what runs in other processes goes on."""
        self._http.close()
        self.connecting.close()
        self._commerce_client.close()
        self.oauth.close()
        self.log.close()
        self.pool.close()


def wire(
    settings: Settings,
    conninfo: str,
    clock: Clock | None = None,
    *,
    timing: Limits | None = None,
    budgets: Mapping[System, limits.Limits] = limits.LIMITS,
    make_log: LogMaker = Log,
) -> Engine:
    """An engine over an open database. `budgets`, `timing` and `make_log` are for tests and benchmarks."""
    return Engine(
        settings, conninfo, clock or SystemClock(), timing=timing or Limits(), budgets=budgets, make_log=make_log
    )


class _Checked:
    """Looks whether a pooled connection still lives, at most once a second each.

    Looking at every loan cost more than all else an order needs of the database (43 looks, 75 ms of thread time measured);
    what a restart of the database breaks within that second is met as any outage is: by waiting and going on.
    """

    def __init__(self) -> None:
        self._looked_at: WeakKeyDictionary[psycopg.Connection[Any], float] = WeakKeyDictionary()

    def __call__(self, connection: psycopg.Connection[Any]) -> None:
        now = time.monotonic()
        if now - self._looked_at.get(connection, -1.0) > 1.0:
            ConnectionPool.check_connection(connection)
            self._looked_at[connection] = now


def _configure(connection: psycopg.Connection[Any]) -> None:
    """Our sessions are durable, and a process that stands still does not hold locks for long."""
    connection.execute("SET synchronous_commit = on")
    connection.execute("SET idle_in_transaction_session_timeout = '5s'")
