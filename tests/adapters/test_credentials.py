"""Keys and links at rest, on a real PostgreSQL, made by several at once."""

import base64
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from psycopg.rows import tuple_row
from psycopg_pool import ConnectionPool

from adapters.credentials import KeyProblem, Keyring, LinkProblem, Links, MasterKey
from adapters.credentials.rows import Pool
from engine.clock import MovableClock

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
    sealed = Keyring(pool, MASTER, clock).seal("order-acme:1", "Firstname Lastname")
    elsewhere = Keyring(pool, MASTER, clock)
    assert "Firstname" not in sealed and elsewhere.unseal("order-acme:1", sealed) == "Firstname Lastname"
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
    sealed = keyring.seal("order-acme:1", "Firstname Lastname")
    assert another.unseal("order-acme:1", sealed) == "Firstname Lastname"
    keyring.destroy("order-acme:1")
    assert keyring.unseal("order-acme:1", sealed) is None and keyring.seal("order-acme:1", "more") == ""
    assert keyring.unseal("order-acme:1", "") is None
    clock.move(61)
    assert another.unseal("order-acme:1", sealed) is None


def test_a_stream_that_never_had_a_key_can_be_closed_before_it_has_one(pool: Pool, clock: MovableClock) -> None:
    keyring = Keyring(pool, MASTER, clock)
    keyring.destroy("order-acme:9")
    assert Keyring(pool, MASTER, clock).seal("order-acme:9", "text") == ""


# ---- links -----------------------------------------------------------------------------------------------------------


def test_a_link_is_opened_and_its_state_used_once(pool: Pool, clock: MovableClock) -> None:
    links = Links(pool, clock)
    state, connection = links.open_link(links.make_link("acme", "Firstname"))
    assert connection == "acme" and links.use_state(state) == ("acme", "Firstname")
    with pytest.raises(LinkProblem) as ended:
        links.use_state(state)
    assert ended.value.reason == "used" and ended.value.next_step


def test_links_and_states_end_by_themselves(pool: Pool, clock: MovableClock) -> None:
    links = Links(pool, clock)
    token = links.make_link("acme", "Firstname")
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
    token = links.make_link("acme", "Firstname")
    state, _ = links.open_link(token)
    with pool.connection() as db:
        kept = db.cursor(row_factory=tuple_row).execute("SELECT l::text, s::text FROM connect_links l, oauth_states s")
        text = str(kept.fetchall())
    assert "acme" in text and token not in text and state not in text


# ---- many keys at once ---------------------------------------------------------------------------------------------------


def test_keys_got_at_once_are_the_keys_that_each_stream_has(pool: Pool, clock: MovableClock) -> None:
    first, other = Keyring(pool, MASTER, clock), Keyring(pool, MASTER, clock)
    before = first.seal("product-a:1", "before")
    first.destroy("product-a:2")

    other.prepare({"product-a:1", "product-a:2", "product-a:3"}, make=True)
    made = other.seal("product-a:3", "after")

    assert other.unseal("product-a:1", before) == "before"
    assert other.seal("product-a:2", "never") == "" and first.unseal("product-a:3", made) == "after"


def test_keys_are_made_at_once_only_where_they_will_be_needed(pool: Pool, clock: MovableClock) -> None:
    Keyring(pool, MASTER, clock).prepare({"product-a:1", "product-a:2"}, make=False)

    with pool.connection() as c:
        assert c.execute("SELECT count(*) FROM data_keys").fetchone() == (0,)
