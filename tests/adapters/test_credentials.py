"""Secrets at rest, on a real PostgreSQL, with threads and processes that all want the same token at once."""

import base64
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import tuple_row
from psycopg_pool import ConnectionPool

from adapters.credentials import KeyProblem, Keyring, LinkProblem, Links, MasterKey, Tokens, TokenStore
from adapters.credentials.rows import Pool
from adapters.database import apply_schema, discard, find_or_start
from adapters.quickbooks.oauth import QuickBooksOAuth
from adapters.quickbooks.standin import QuickBooksStandIn
from engine.clock import MovableClock
from engine.ports import Disconnected, Unavailable

ROOT = Path(__file__).resolve().parents[2]
MASTER = MasterKey(bytes(range(32)))
KEY_TEXT = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="wizqbo-test-", dir="/tmp"))
    folder.chmod(0o755)
    yield find_or_start(folder / "home")
    discard(folder / "home")
    shutil.rmtree(folder)


@pytest.fixture
def conninfo(server: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as db:
        db.execute(f'CREATE DATABASE "{name}"')
    info = psycopg.conninfo.make_conninfo(server, dbname=name)
    apply_schema(info)
    yield info
    with psycopg.connect(server, autocommit=True) as db:
        db.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def pool(conninfo: str) -> Iterator[Pool]:
    with ConnectionPool(conninfo, min_size=1, max_size=6, kwargs={"autocommit": True}, open=True) as pool:
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


# ---- the master key --------------------------------------------------------------------------------------------------


def test_the_key_from_the_environment_is_used(tmp_path: Path) -> None:
    key = MasterKey.find_or_make(tmp_path, KEY_TEXT)
    assert key.unseal(MASTER.seal(b"text", "row"), "row") == b"text"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["short", "!" * 44, base64.b64encode(bytes(31)).decode()])
def test_a_malformed_key_is_said_plainly_and_not_repeated(tmp_path: Path, text: str) -> None:
    with pytest.raises(KeyProblem, match="WIZQBO_SECRET_KEY must be the base64 text of 32 bytes") as ended:
        MasterKey.find_or_make(tmp_path, text)
    assert text not in str(ended.value)


def test_the_key_file_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with ThreadPoolExecutor(8) as many:
        keys = list(many.map(lambda _: MasterKey.find_or_make(home, None), range(8)))
    assert len({key.fingerprint("x") for key in keys}) == 1
    assert stat.S_IMODE((home / "secret.key").stat().st_mode) == 0o600
    (home / "secret.key").chmod(0o640)
    with pytest.raises(KeyProblem, match="Others can read"):
        MasterKey.find_or_make(home, None)


def test_two_processes_that_make_the_key_at_once_get_the_same(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from adapters.credentials import MasterKey; sys.stdin.readline();"
        "print(MasterKey.find_or_make(Path(sys.argv[1]), None).fingerprint('x'))"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "home")]
    both = [subprocess.Popen(command, cwd=ROOT, text=True, stdin=-1, stdout=-1) for _ in range(2)]
    said = [one.communicate("go\n")[0].strip() for one in both]
    assert said[0] == said[1] != ""


def test_a_sealed_text_opens_only_where_it_belongs_and_unchanged() -> None:
    sealed = MASTER.seal(b"text", "row 1")
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    another = MasterKey(bytes(32))
    for key, text, bound_to in ((MASTER, sealed, "row 2"), (MASTER, changed, "row 1"), (another, sealed, "row 1")):
        with pytest.raises(KeyProblem):
            key.unseal(text, bound_to)


def test_a_fingerprint_depends_on_the_key_alone() -> None:
    assert MASTER.fingerprint("bloom") == MasterKey(bytes(range(32))).fingerprint("bloom")
    assert MASTER.fingerprint("bloom") != MasterKey(bytes(32)).fingerprint("bloom")
    assert len(MASTER.fingerprint("bloom")) == 32


# ---- keys of streams -------------------------------------------------------------------------------------------------


def test_a_text_is_sealed_with_its_streams_key_and_read_again(pool: Pool, clock: MovableClock) -> None:
    sealed = Keyring(pool, MASTER, clock).seal("order-acme:1", "Dana Okafor")
    elsewhere = Keyring(pool, MASTER, clock)
    assert "Dana" not in sealed and elsewhere.unseal("order-acme:1", sealed) == "Dana Okafor"
    elsewhere.seal("order-acme:2", "another")
    with pytest.raises(KeyProblem):
        elsewhere.unseal("order-acme:2", sealed)


def test_threads_that_make_a_streams_key_at_once_make_one(pool: Pool, clock: MovableClock) -> None:
    with ThreadPoolExecutor(6) as many:
        sealed = list(many.map(lambda n: Keyring(pool, MASTER, clock).seal("order-acme:1", f"text {n}"), range(12)))
    reader = Keyring(pool, MASTER, clock)
    assert [reader.unseal("order-acme:1", one) for one in sealed] == [f"text {n}" for n in range(12)]


def test_who_makes_a_streams_key_second_uses_the_first_ones(pool: Pool, clock: MovableClock) -> None:
    first, second = Keyring(pool, MASTER, clock), Keyring(pool, MASTER, clock)
    first.seal("order-acme:2", "a key to copy the form of")
    with ThreadPoolExecutor(1) as other, pool.connection() as db, db.transaction():
        wrapped = MASTER.seal(bytes(32), "data key of order-acme:1")
        db.execute("INSERT INTO data_keys (stream, wrapped) VALUES ('order-acme:1', %s)", (wrapped,))
        sealing = other.submit(second.seal, "order-acme:1", "text")
        with pool.connection() as watching:
            waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_sleep(0.01) IS NOT NULL"
            while watching.cursor(row_factory=tuple_row).execute(waits).fetchone() == (0,):
                pass
    assert first.unseal("order-acme:1", sealing.result()) == "text"


def test_a_destroyed_key_leaves_nothing_readable_for_ever(pool: Pool, clock: MovableClock) -> None:
    keyring, another = Keyring(pool, MASTER, clock), Keyring(pool, MASTER, clock)
    sealed = keyring.seal("order-acme:1", "Dana Okafor")
    assert another.unseal("order-acme:1", sealed) == "Dana Okafor"
    keyring.destroy("order-acme:1")
    assert keyring.unseal("order-acme:1", sealed) is None and keyring.seal("order-acme:1", "more") == ""
    assert keyring.unseal("order-acme:1", "") is None
    clock.move(61)
    assert another.unseal("order-acme:1", sealed) is None


def test_a_stream_that_never_had_a_key_can_be_closed_before_it_has_one(pool: Pool, clock: MovableClock) -> None:
    keyring = Keyring(pool, MASTER, clock)
    keyring.destroy("order-acme:9")
    assert Keyring(pool, MASTER, clock).seal("order-acme:9", "text") == ""


# ---- tokens ----------------------------------------------------------------------------------------------------------


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
    conninfo: str, pool: Pool, clock: MovableClock
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
        told = json.dumps({**ready, "conninfo": conninfo})
        command = [sys.executable, "-W", "error", "-c", ONE_OF_MANY]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        many = [subprocess.Popen(command, text=True, stdin=-1, stdout=-1, env=environment) for _ in range(3)]
        with ThreadPoolExecutor(3) as waiting:
            given = {said[0].strip() for said in waiting.map(lambda one: one.communicate(told), many)}
        refreshes = [call for call in stand_in.calls.all() if call.operation == "oauth token refresh"]
        assert given == {store.bearer("acme")} and len(refreshes) == 1
        oauth.close()


# ---- links -----------------------------------------------------------------------------------------------------------


def test_a_link_is_opened_and_its_state_used_once(pool: Pool, clock: MovableClock) -> None:
    links = Links(pool, clock)
    state, connection = links.open_link(links.make_link("acme", "Dana"))
    assert connection == "acme" and links.use_state(state) == ("acme", "Dana")
    with pytest.raises(LinkProblem) as ended:
        links.use_state(state)
    assert ended.value.reason == "used" and ended.value.next_step


def test_links_and_states_end_by_themselves(pool: Pool, clock: MovableClock) -> None:
    links = Links(pool, clock)
    token = links.make_link("acme", "Dana")
    state, _ = links.open_link(token)
    clock.move(601)
    with pytest.raises(LinkProblem, match="10 minutes"):
        links.use_state(state)
    assert links.open_link(token)[1] == "acme"
    clock.move(7 * 86_400)
    with pytest.raises(LinkProblem, match="expired"):
        links.open_link(token)


@pytest.mark.parametrize("text", ["", "guessed"])
def test_what_we_never_made_is_unknown(pool: Pool, clock: MovableClock, text: str) -> None:
    links = Links(pool, clock)
    for use in (links.open_link, links.use_state):
        with pytest.raises(LinkProblem) as ended:
            use(text)
        assert ended.value.reason == "unknown"


def test_only_hashes_of_links_are_kept(pool: Pool, clock: MovableClock) -> None:
    links = Links(pool, clock)
    token = links.make_link("acme", "Dana")
    state, _ = links.open_link(token)
    with pool.connection() as db:
        kept = db.cursor(row_factory=tuple_row).execute("SELECT l::text, s::text FROM connect_links l, oauth_states s")
        text = str(kept.fetchall())
    assert "acme" in text and token not in text and state not in text
