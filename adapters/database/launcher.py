"""Finds the server of a home, or starts it; stops it; discards it with its data."""

import errno
import fcntl
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.database.account import account_for
from adapters.database.address import Answer, ask, own_address, require_answer
from adapters.database.errors import DatabaseUnavailable
from adapters.database.place import Place, existing_place, is_alive, make_place
from adapters.database.program import programs_for
from adapters.database.server import bring_up, make_cluster, require_our_version

LOCK_TIMEOUT_SECONDS = 120.0
STOP_TIMEOUT_SECONDS = 60.0
POLL_SECONDS = 0.005


def find_or_start(home: Path, url: str | None = None) -> str:
    """The address of the database, as a libpq URL: `url` itself unless it is None or empty, else the home's own server.

    The home is made if need be, and its server started if it does not run; it then outlives this process. Any number of
    processes may ask at once. Raises DatabaseUnavailable, with one sentence that says why.
    """
    if url:
        require_answer(url)
        return url
    with _in_plain_words(home):
        home = _made(home)
        return _found(home) or _started(home)


def stop(home: Path) -> None:
    """Ends the home's own server (fast shutdown: open transactions are rolled back), and waits until it is gone.

    Nothing happens if none runs. Raises DatabaseUnavailable if it does not end within a minute.
    """
    with _in_plain_words(home):
        if home.is_dir():
            with _locked(home.resolve()):
                place = existing_place(home.resolve())
                if place is not None:
                    _stop(place)


def discard(home: Path) -> None:
    """Stops the home's own server and deletes its data, wherever they are. For demos and tests: no way back."""
    stop(home)
    with _in_plain_words(home):
        folder = home / "postgres"
        if folder.is_dir():
            place = Place(folder.resolve())
            shutil.rmtree(place.socket_folder_of(place.folder.stat().st_uid), ignore_errors=True)
            shutil.rmtree(place.folder)
        if folder.is_symlink():
            folder.unlink()


def _found(home: Path) -> str | None:
    """The address of the server, if it runs and takes connections. Nearly every command ends here: no lock is taken."""
    place = existing_place(home)
    if place is None:
        return None
    account_for(place.folder, home)
    running = place.running()
    if running is None or not running.ready:
        return None
    address = own_address(running.socket_folder)
    return address if ask(address) is Answer.YES else None


def _started(home: Path) -> str:
    with _locked(home) as lock:
        account = account_for(home / "postgres", home)
        place = make_place(home, account)
        programs = programs_for(account, place.folder)
        if not place.data.exists():
            make_cluster(place, account, programs, lock)
        require_our_version(place)
        return bring_up(place, account, programs)


def _stop(place: Place) -> None:
    deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
    running = place.running()
    if running is None:
        return
    os.kill(running.pid, signal.SIGINT)
    while is_alive(running.pid):
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(
                f"PostgreSQL (process {running.pid}) did not stop within {STOP_TIMEOUT_SECONDS:.0f} s. See {place.log}."
            )
        time.sleep(POLL_SECONDS)


def _made(home: Path) -> Path:
    """The home, links followed. One made by root may be passed through by all: its server runs as somebody else."""
    if not home.is_dir():
        home.parent.mkdir(parents=True, exist_ok=True)
        home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, exist_ok=True)
    return home.resolve()


@contextmanager
def _locked(home: Path) -> Iterator[int]:
    """Holds the home's lock; yields its descriptor. The kernel lets go when its last holder ends, however it ends."""
    path = home / "postgres.lock"
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        if os.geteuid() == 0:
            os.fchown(lock, home.stat().st_uid, -1)
        deadline = time.monotonic() + LOCK_TIMEOUT_SECONDS
        while not _taken(lock):
            if time.monotonic() > deadline:
                raise DatabaseUnavailable(
                    f"Another process has been starting or stopping the database in {home} "
                    f"for {LOCK_TIMEOUT_SECONDS:.0f} s. `fuser {path}` names it."
                )
            time.sleep(POLL_SECONDS)
        yield lock
    finally:
        os.close(lock)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _in_plain_words(home: Path) -> Iterator[None]:
    """What the operating system refuses becomes one sentence."""
    try:
        yield
    except OSError as error:
        name = error.filename or home
        if isinstance(error, PermissionError) and error.filename is None and os.geteuid() == 0:
            reason = "PostgreSQL does not run as root, and this root may not become another user"
        elif error.errno == errno.ENOSPC:
            reason = f"the disk that holds {name} is full"
        else:
            reason = f"{error.strerror} ({name})"
        raise DatabaseUnavailable(
            f"The database in {home} is out of reach: {reason}. "
            "Mend that, set WIZQBO_HOME to another folder, or set DATABASE_URL."
        ) from error
