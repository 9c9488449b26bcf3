"""Tokens at rest, on a real PostgreSQL, with threads and processes that all want the same one at once."""

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from psycopg.rows import tuple_row
from psycopg_pool import ConnectionPool

from adapters.credentials import MasterKey, Tokens, TokenStore
from adapters.credentials.rows import Pool
from adapters.quickbooks.oauth import QuickBooksOAuth
from adapters.quickbooks.standin import QuickBooksStandIn
from engine.clock import MovableClock
from engine.ports import Disconnected, Unavailable

ROOT = Path(__file__).resolve().parents[2]
MASTER = MasterKey(bytes(range(32)))
KEY_TEXT = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def pool(database: str) -> Iterator[Pool]:
    with ConnectionPool(database, min_size=1, max_size=6, kwargs={"autocommit": True}, open=True) as pool:
        yield pool


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


class Issuer:
    """A token endpoint: each refresh token works once; what `ends` says is raised instead."""

    def __init__(self, clock: MovableClock, ends: list[Exception] | None = None) -> None:
        self._clock = clock
        self._ends = ends or []
        self._guard = threading.Lock()
        self.living = "refresh-0"
        self.refreshes = 0
        self.asked = 0

    def tokens(self) -> Tokens:
        now = self._clock.now()
        return Tokens(
            access_token=f"access-{self.refreshes}",
            access_expires_at=now + timedelta(hours=1),
            refresh_token=self.living,
            refresh_expires_at=now + timedelta(days=100),
        )

    def refresh(self, refresh_token: str) -> Tokens:
        with self._guard:
            self.asked += 1
            if self._ends:
                raise self._ends.pop(0)
            if refresh_token != self.living:
                raise Disconnected("the refresh token is dead", code="invalid_grant")
            self.refreshes += 1
            self.living = f"refresh-{self.refreshes}"
            return self.tokens()


def connected(pool: Pool, clock: MovableClock, issuer: Issuer) -> TokenStore:
    store = TokenStore(pool, MASTER, issuer, clock)
    store.save_company("acme", "4620816365000001", "Bloom Wholesale", issuer.tokens())
    return store


def test_a_living_token_is_given_without_a_refresh(pool: Pool, clock: MovableClock) -> None:
    issuer = Issuer(clock)
    store = connected(pool, clock, issuer)
    assert (store.bearer("acme"), store.realm("acme"), issuer.refreshes) == ("access-0", "4620816365000001", 0)
    assert store.connection_of_realm("4620816365000001") == "acme" and store.connection_of_realm("1") is None


def test_many_threads_and_stores_make_one_refresh(pool: Pool, clock: MovableClock) -> None:
    issuer = Issuer(clock)
    stores = [connected(pool, clock, issuer), *(TokenStore(pool, MASTER, issuer, clock) for _ in range(3))]
    clock.move(3600 - 30)
    with ThreadPoolExecutor(16) as many:
        given = set(many.map(lambda n: stores[n % 4].bearer("acme"), range(32)))
    assert given == {"access-1"} and issuer.asked == 1
    assert store_holds(pool, "refresh-1")


def store_holds(pool: Pool, refresh_token: str) -> bool:
    clock = MovableClock()
    return TokenStore(pool, MASTER, Issuer(clock), clock).refresh_token("acme") == refresh_token


def test_many_who_saw_the_same_401_make_one_refresh(pool: Pool, clock: MovableClock) -> None:
    issuer = Issuer(clock)
    store = connected(pool, clock, issuer)
    with ThreadPoolExecutor(8) as many:
        given = set(many.map(lambda _: store.rejected("acme", "access-0"), range(16)))
    assert given == {"access-1"} and issuer.asked == 1


def test_a_dead_refresh_token_is_a_lost_consent(pool: Pool, clock: MovableClock) -> None:
    issuer = Issuer(clock)
    store = connected(pool, clock, issuer)
    issuer.living = "someone else's"
    with pytest.raises(Disconnected):
        store.rejected("acme", "access-0")


def test_a_silent_token_endpoint_costs_nothing(pool: Pool, clock: MovableClock) -> None:
    issuer = Issuer(clock, ends=[Unavailable("no answer")])
    store = connected(pool, clock, issuer)
    with pytest.raises(Unavailable):
        store.rejected("acme", "access-0")
    assert store.rejected("acme", "access-0") == "access-1"


def test_tokens_that_could_not_be_stored_are_kept_and_stored_later(pool: Pool, clock: MovableClock) -> None:
    issuer = Issuer(clock)
    store = connected(pool, clock, issuer)
    clock.move(3600)
    with pool.connection() as db:
        db.execute(
            "CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RAISE 'away' USING ERRCODE = '57P03'; END $$"
        )
        db.execute("CREATE TRIGGER away BEFORE UPDATE ON credentials EXECUTE FUNCTION away()")
    with pytest.raises(Unavailable) as ended:
        store.bearer("acme")
    assert ended.value.code == "tokens-not-stored" and issuer.refreshes == 1
    with pool.connection() as db:
        db.execute("DROP TRIGGER away ON credentials")
    assert store.bearer("acme") == "access-1" and issuer.asked == 1
    assert store_holds(pool, "refresh-1")


def test_a_session_lost_during_the_refresh_still_stores_the_tokens(pool: Pool, clock: MovableClock) -> None:
    class Cutting(Issuer):
        def refresh(self, refresh_token: str) -> Tokens:
            with pool.connection() as db:
                db.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
            return super().refresh(refresh_token)

    issuer = Cutting(clock)
    store = connected(pool, clock, issuer)
    assert store.rejected("acme", "access-0") == "access-1" and store_holds(pool, "refresh-1")


def test_a_new_consent_replaces_the_old_one_and_forgetting_leaves_nothing(pool: Pool, clock: MovableClock) -> None:
    issuer = Issuer(clock)
    store = connected(pool, clock, issuer)
    expires_at = store.refresh_expires_at("acme")
    assert expires_at is not None and expires_at > clock.now() + timedelta(days=99)
    store.forget("acme", "quickbooks")
    with pytest.raises(Disconnected) as ended:
        store.bearer("acme")
    assert "connect" in ended.value.next_step and store.refresh_expires_at("acme") is None


def test_nothing_in_the_rows_is_in_the_clear(pool: Pool, clock: MovableClock) -> None:
    store = connected(pool, clock, Issuer(clock))
    store.save_tenant("acme", "tenant-77", "wiz-token", None, email="dana@bloom.example", password="hush")
    with pool.connection() as db:
        rows = db.cursor(row_factory=tuple_row).execute("SELECT c::text, sealed FROM credentials c").fetchall()
    everything = b"".join(text.encode() + sealed for text, sealed in rows)
    for secret in (b"access-0", b"refresh-0", b"4620816365000001", b"tenant-77", b"wiz-token", b"hush", b"dana@"):
        assert secret not in everything and secret.hex().encode() not in everything


def test_a_wizcommerce_token_is_given_until_it_lapses(pool: Pool, clock: MovableClock) -> None:
    store = connected(pool, clock, Issuer(clock))
    with pytest.raises(Disconnected):
        store.api_key("acme")
    expires_at = clock.now() + timedelta(days=1)
    store.save_tenant("acme", "tenant-77", "wiz-token", expires_at)
    assert (store.api_key("acme"), store.tenant_expires_at("acme")) == ("wiz-token", expires_at)
    assert store.tenant_login("acme") is None and store.connection_of_tenant("tenant-77") == "acme"
    clock.move(86_400)
    with pytest.raises(Disconnected) as ended:
        store.api_key("acme")
    assert ended.value.code == "token-lapsed"


ONE_OF_MANY = """
import json, sys
from psycopg_pool import ConnectionPool
from adapters.credentials import MasterKey, TokenStore
from adapters.quickbooks.oauth import QuickBooksOAuth
from engine.clock import SystemClock
told = json.load(sys.stdin)
clock = SystemClock()
oauth = QuickBooksOAuth(told["discovery"], told["client_id"], told["client_secret"], "http://localhost/cb", clock)
with ConnectionPool(told["conninfo"], min_size=1, max_size=2, kwargs={"autocommit": True}, open=True) as pool:
    print(TokenStore(pool, MasterKey(bytes(range(32))), oauth, clock).rejected("acme", told["access_token"]))
oauth.close()
"""


def test_processes_that_saw_the_same_401_make_one_refresh_at_the_real_endpoint(
    database: str, pool: Pool, clock: MovableClock
) -> None:
    stand_in = QuickBooksStandIn()
    with stand_in.start() as running:
        stand_in.set_switches(refresh_rotation_seconds=0, replay_kills_chain=True)
        ready = stand_in.ready_line(running.address)
        app = (ready["discovery"], ready["client_id"], ready["client_secret"], "http://localhost/cb")
        oauth = QuickBooksOAuth(*app, clock)
        store = TokenStore(pool, MASTER, oauth, clock)
        now = clock.now()
        store.save_company(
            "acme",
            ready["realm"],
            "Bloom",
            Tokens(
                access_token=ready["access_token"],
                access_expires_at=now + timedelta(hours=1),
                refresh_token=ready["refresh_token"],
                refresh_expires_at=now + timedelta(days=100),
            ),
        )
        stand_in.add_fault("slow", operation="oauth token refresh", seconds=0.7, times=0)  # so that all of them meet
        told = json.dumps({**ready, "conninfo": database})
        command = [sys.executable, "-W", "error", "-c", ONE_OF_MANY]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        many = [subprocess.Popen(command, text=True, stdin=-1, stdout=-1, env=environment) for _ in range(3)]
        with ThreadPoolExecutor(3) as waiting:
            given = {said[0].strip() for said in waiting.map(lambda one: one.communicate(told), many)}
        refreshes = [call for call in stand_in.calls.all() if call.operation == "oauth token refresh"]
        assert given == {store.bearer("acme")} and len(refreshes) == 1
        oauth.close()
