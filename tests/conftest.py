"""One PostgreSQL for the run, a database of its own for each test, and the world: an engine between two stand-ins."""

import contextlib
import itertools
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from adapters.database import apply_schema, discard, find_or_start
from tests.shop import Shop
from tests.world import Beginning, World

MEMORY = Path("/dev/shm")
ENOUGH_MEMORY_BYTES = 4 * 2**30
"""Far more than three test processes fill: each has its log ahead of writing and a database of 8 MB at a time."""
_numbers = itertools.count()


def quickest_folder() -> str | None:
    """A folder of files kept in memory, where there is one with room; None for the system's usual temporary folder.

    A database is three hundred files: on a disk, making one costs ten times as much as in memory, and most of a short test.
    """
    if not os.access(MEMORY, os.W_OK | os.X_OK) or shutil.disk_usage(MEMORY).free < ENOUGH_MEMORY_BYTES:
        return None
    return str(MEMORY)


@contextlib.contextmanager
def database_server() -> Iterator[str]:
    """The address of a database server with a template of our schema."""
    home = Path(tempfile.mkdtemp(prefix="wizqbo-tests-", dir=quickest_folder()))
    home.chmod(0o755)
    try:
        address = find_or_start(home)
        with psycopg.connect(address, autocommit=True) as c:
            c.execute("CREATE DATABASE template_wizqbo")
        apply_schema(make_conninfo(address, dbname="template_wizqbo"))
        yield address
    finally:
        discard(home)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a database server with a template of our schema."""
    with database_server() as address:
        yield address


@contextlib.contextmanager
def fresh_database(server: str, like: str = "template_wizqbo") -> Iterator[str]:
    """The address of a fresh database: one with our schema, or a copy of another one that nobody uses now."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as c:
        c.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    try:
        yield make_conninfo(server, dbname=name)
    finally:
        with psycopg.connect(server, autocommit=True) as c:
            c.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def database(server: str) -> Iterator[str]:
    """The address of a fresh database with our schema."""
    with fresh_database(server) as address:
        yield address


PROCESSES = 3
"""At once, as `bin/check` runs them."""
LONG = (
    "test_two_workers",
    "test_going_live",
    "test_crashes",
    "test_machine_troubles",
    "test_customers_at_once",
    "test_demo",
    "test_bin",
    "_properties",
)
"""Modules with tests of ten seconds and more: each process begins with some, so that none is waited for at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spreads the long tests over the beginnings of what each process is given first."""
    long = [one for one in items if one.path.stem.endswith(LONG)]
    others = [one for one in items if not one.path.stem.endswith(LONG)]
    share = -(-len(others) // PROCESSES)
    parts = [long[place::PROCESSES] + others[place * share : (place + 1) * share] for place in range(PROCESSES)]
    items[:] = [one for part in parts for one in part]


def free_port() -> int:
    """A port nobody listens on, below those that the system gives out, and likely apart from those of other test processes."""
    for number in _numbers:
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", 10_000 + (os.getpid() * 199 + number) % 20_000))
            return int(s.getsockname()[1])
    raise AssertionError("there is always another number")


@pytest.fixture
def bare_world(database: str, tmp_path: Path) -> Iterator[World]:
    """The engine between both stand-ins, nothing connected yet."""
    world = World(database, tmp_path, free_port())
    yield world
    world.close()


@pytest.fixture(scope="session")
def begun(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Beginning]]:
    """The name of a database, and what belongs to it: connected, the first pulls done, pushing orders since a day ago."""
    with fresh_database(server) as database:
        world = World(database, tmp_path_factory.mktemp("begun"), free_port())
        world.connect()
        world.start()
        world.settle()
        yield conninfo_to_dict(database)["dbname"], world.closed()


@pytest.fixture(scope="session")
def stocked(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Beginning]]:
    """The same where products flow: their prices go to WizCommerce's default price list."""
    with fresh_database(server) as database:
        world = World(database, tmp_path_factory.mktemp("stocked"), free_port())
        world.connect(goods=True)
        world.choose(price_list=Shop(world).price_list)
        world.start()
        world.settle()
        yield conninfo_to_dict(database)["dbname"], world.closed()


@pytest.fixture
def shop(server: str, stocked: tuple[str, Beginning], tmp_path: Path) -> Iterator[Shop]:
    """A world whose products flow, as a bookkeeper and a buyer see it."""
    name, beginning = stocked
    with fresh_database(server, like=name) as database:
        world = World(database, tmp_path, free_port(), like=beginning)
        yield Shop(world)
        world.close()


@pytest.fixture
def world(server: str, begun: tuple[str, Beginning], tmp_path: Path) -> Iterator[World]:
    """The engine between both stand-ins: connected, its first pulls done, pushing orders since a day ago.

    Each test has a world of its own, which goes on from the same moment: to connect and to read both sides anew costs a short
    story half its time.
    """
    name, beginning = begun
    with fresh_database(server, like=name) as database:
        world = World(database, tmp_path, free_port(), like=beginning)
        yield world
        world.close()


@pytest.fixture
def tall(shop: Shop) -> str:
    """Ten tall vases, shown on both sides. Answers with the item's id."""
    vases = shop.category("Vases", parent=shop.category("Decor"))
    item = shop.item("TALL-01", on_hand=10, Name="Tall vase", SubItem=True, ParentRef={"value": vases})
    shop.world.settle()
    return item
