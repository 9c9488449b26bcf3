"""The folder of one demo: its database, its key file, its settings. Two demos never meet; what a killed one left is swept."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from adapters.database import DatabaseUnavailable, discard

LOCK = "lock"


@contextmanager
def room_of_its_own(home: Path) -> Iterator[Path]:
    """A new folder under `home`/demo, or under the machine's folder for such things where `home` cannot be written to.

    It is discarded at the end, with its database. While it is used its lock is held, and the kernel lets go of that however
    we end: so whatever nobody holds was left behind, and goes first.
    """
    folder = _new_folder(home / "demo")
    held = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _sweep(folder)
        yield folder
    finally:
        try:
            _discard(folder)
        finally:
            os.close(held)


def _new_folder(under: Path) -> Path:
    # Root's database runs as somebody else, who must be able to pass through.
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        for each in [under.parent, under]:
            with suppress(FileExistsError):
                each.mkdir(mode=mode, parents=True)
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=under.resolve()))
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="wizqbo-demo-"))
    folder.chmod(mode)
    return folder


def _sweep(ours: Path) -> None:
    """Discards what demos that were killed left beside `ours`."""
    if ours.parent.name != "demo":
        return
    for other in ours.parent.glob("run-*"):
        if other == ours:
            continue
        try:
            held = os.open(other / LOCK, os.O_RDWR)
        except OSError:
            continue  # being made, being discarded, or somebody else's
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _discard(other)
        except (BlockingIOError, DatabaseUnavailable):
            continue  # alive, or not ours to end
        finally:
            os.close(held)


def _discard(folder: Path) -> None:
    discard(folder)
    shutil.rmtree(folder, ignore_errors=True)
