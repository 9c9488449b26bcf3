"""One PostgreSQL for the run, a database of its own for each test, and the world: an engine between two stand-ins."""

import contextlib
import itertools
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.database import discard, find_or_start
from tests.databases import Databases
from tests.world import World

_numbers = itertools.count()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a database server."""
    home = Path(tempfile.mkdtemp(prefix="wizqbo-tests-"))
    home.chmod(0o755)
    try:
        yield find_or_start(home)
    finally:
        discard(home)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def databases(server: str) -> Databases:
    return Databases(server)


@pytest.fixture
def database(databases: Databases) -> Iterator[str]:
    """The address of an empty database with our schema."""
    yield from databases.lend()


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


@pytest.fixture
def world(bare_world: World) -> World:
    """The engine between both stand-ins: connected, its first pulls done, pushing orders since a day ago."""
    bare_world.connect()
    bare_world.start()
    bare_world.settle()
    return bare_world
