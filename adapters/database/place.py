"""Where one server's files are, and what they tell about it.

`HOME/postgres/` holds `data/`, `server.log` and, if the path is short enough for a socket, `socket/`. It belongs to the
user the server runs as, mode 0700. It is a link where that user cannot reach HOME.
"""

import hashlib
import logging
import os
import re
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from adapters.database.account import Account
from adapters.database.errors import DatabaseUnavailable

ELSEWHERE = (Path("/var/lib"), Path("/var/tmp"))
SOCKET_FOLDER_LIMIT_BYTES = 88  # a socket's path is limited to 103 bytes (macOS; Linux: 107), its name takes 15 of them
_SAFE_IN_A_LIST_OF_FOLDERS = re.compile(r"/[\w./ +-]*", re.ASCII)  # libpq and PostgreSQL both split at commas

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Running:
    """A living server, as its own lock file tells: its process, the folder of its socket, and whether it is ready."""

    pid: int
    socket_folder: Path
    ready: bool


@dataclass(frozen=True)
class Place:
    """The folder of one server, any links followed."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def lock_file(self) -> Path:
        """PostgreSQL's own. Lines: 1 process, 5 folder of the socket, 8 state (source: PostgreSQL, `pidfile.h`)."""
        return self.data / "postmaster.pid"

    def running(self) -> Running | None:
        """The server that lives on this folder, if one does; None also while it is too young to say anything."""
        try:
            lines = self.lock_file.read_text().splitlines()
        except FileNotFoundError:
            return None
        if len(lines) < 8 or not lives_on(int(lines[0]), self.data):
            return None
        return Running(int(lines[0]), Path(lines[4]), lines[7].strip() == "ready")

    def forget_strangers(self, socket_folder: Path) -> None:
        """Removes the lock files of a killed server whose process number is taken by something else now.

        PostgreSQL clears away what a dead process left, but takes any process of that number for a server, even one
        that nobody has reaped. Workers of the killed server that still live are seen by their shared memory.
        """
        for lock_file in (self.lock_file, socket_folder / ".s.PGSQL.5432.lock"):
            try:
                first_line = lock_file.read_text().partition("\n")[0]
            except FileNotFoundError:
                continue
            if not first_line or not lives_on(int(first_line), self.data):
                lock_file.unlink()

    def socket_folder_of(self, uid: int) -> Path:
        """Where that user's server has its socket: in the place itself, or in /tmp if that is too long or odd."""
        inside = self.folder / "socket"
        if len(os.fsencode(inside)) <= SOCKET_FOLDER_LIMIT_BYTES and _SAFE_IN_A_LIST_OF_FOLDERS.fullmatch(str(inside)):
            return inside
        key = os.fsencode(f"{uid}:{self.data}")
        return Path("/tmp") / f"wizqbo-{hashlib.sha256(key).hexdigest()[:16]}"

    def make_socket_folder(self, account: Account) -> Path:
        """The folder for the socket, made if need be: mode 0700, and the account's own, or DatabaseUnavailable."""
        folder = self.socket_folder_of(account.uid)
        try:
            folder.mkdir(mode=0o700)
            account.own(folder)
        except FileExistsError:
            pass
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or stat.S_IMODE(found.st_mode) != 0o700:
            raise DatabaseUnavailable(
                f"{folder} must be a folder of mode 0700 that belongs to {account.name}. Remove it and try again."
            )
        return folder


def existing_place(home: Path) -> Place | None:
    """The place of this home, if it was ever made. Raises DatabaseUnavailable if it is a link to what is gone."""
    folder = home / "postgres"
    if folder.is_dir():
        return Place(folder.resolve())
    if folder.is_symlink():
        raise DatabaseUnavailable(
            f"The database of {home} was in {folder.readlink()}, which is gone. Put it back, "
            f"or remove the link {folder} to begin with an empty one."
        )
    return None


def make_place(home: Path, account: Account) -> Place:
    """The place of this home, made and given to the account if need be; to be called under the lock of the home."""
    folder = home / "postgres"
    if existing_place(home) is None:
        if account.can_enter(home):
            folder.mkdir(mode=0o700)
        else:
            folder.symlink_to(_folder_elsewhere(home, account))
    place = Place(folder.resolve())
    if place.folder.stat().st_uid != account.uid:
        account.own(place.folder)
    if not account.can_enter(place.folder):
        raise DatabaseUnavailable(
            f"The database in {place.folder} belongs to {account.name}, who may not pass through the folders above it. "
            "Give them x permission for others, or set WIZQBO_HOME to a folder that user can reach."
        )
    return place


def _folder_elsewhere(home: Path, account: Account) -> Path:
    for parent in ELSEWHERE:
        if os.access(parent, os.W_OK) and account.can_enter(parent):
            folder = Path(tempfile.mkdtemp(prefix="wizqbo-", dir=parent))
            account.own(folder)
            logger.warning(
                "The database is kept in %s: PostgreSQL runs as %s here, who cannot reach %s.",
                folder,
                account.name,
                home,
            )
            return folder
    raise DatabaseUnavailable(
        f"PostgreSQL runs as {account.name} here, who cannot reach {home}. "
        "Set WIZQBO_HOME to a folder that user can reach, or run wizqbo as an ordinary user."
    )


def is_alive(pid: int) -> bool:
    """Whether a process of that number exists and has not ended; one that nobody has reaped yet has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    told = _told_by_proc(pid)
    return told is None or told[1] not in "ZX"


def lives_on(pid: int, data: Path) -> bool:
    """Whether the process is a living PostgreSQL server on this data folder, not one that was given its number since.

    Without /proc (not Linux) any living process of that number counts.
    """
    if not is_alive(pid):
        return False
    told = _told_by_proc(pid)
    if told is None:
        return True
    try:
        return told[0] == "postgres" and os.path.samefile(f"/proc/{pid}/cwd", data)
    except FileNotFoundError:
        return False
    except PermissionError:
        return True  # root without CAP_SYS_PTRACE, as in most containers, may not look at another user's process


def _told_by_proc(pid: int) -> tuple[str, str] | None:
    """Name and state letter of a process. Source: proc(5), /proc/pid/stat."""
    try:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return name, rest.split()[0]
