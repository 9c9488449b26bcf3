"""Under whose name the server runs, and what that user can reach.

PostgreSQL refuses to run as root. An ordinary user runs it as themselves; root drops to another user for good.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from adapters.database.errors import DatabaseUnavailable

FALLBACKS = ("postgres", "nobody")
PROBE_TIMEOUT_SECONDS = 10.0


class Identity(TypedDict, total=False):
    """The keywords of subprocess that make a child another user; none for an ordinary user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """The user a server and its files belong to; `identity` makes a child process that user."""

    name: str
    uid: int
    gid: int
    identity: Identity

    def can_enter(self, folder: Path) -> bool:
        """Whether this user can pass through the folder and all above it. The kernel says so, ACLs and all."""
        return self._test("-x", folder)

    def can_run(self, program: Path) -> bool:
        """Whether this user can start the program: read it, and everything it is linked to."""
        try:
            done = subprocess.run(
                [program, "--version"], cwd="/", capture_output=True, timeout=PROBE_TIMEOUT_SECONDS, **self.identity
            )
        except PermissionError:
            return False
        return done.returncode == 0

    def own(self, path: Path) -> None:
        """Gives a file or folder of ours to this user; nothing to do for an ordinary user."""
        if self.identity:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def _test(self, flag: str, folder: Path) -> bool:
        done = subprocess.run(
            ["test", flag, folder], cwd="/", capture_output=True, timeout=PROBE_TIMEOUT_SECONDS, **self.identity
        )
        return done.returncode == 0


def account_for(folder: Path, home: Path) -> Account:
    """Who the server of this folder runs as.

    Whoever owns the folder already; else, for root, the owner of the home, `postgres` or `nobody`, the first that
    exists and is not root. Raises DatabaseUnavailable if there is no such user, or the folder belongs to somebody else.
    """
    me = os.geteuid()
    owner = folder.stat().st_uid if folder.exists() else None
    if me != 0:
        if owner not in (None, me):
            raise DatabaseUnavailable(
                f"The database in {folder} belongs to {_name_of(owner)}. Run wizqbo as that user, "
                "or set WIZQBO_HOME to a folder of your own."
            )
        return _account(_entry(me), drops=False)
    if owner:
        return _account(_entry(owner), drops=True)
    home_owner = home.stat().st_uid
    if home_owner != 0 and (entry := _entry_or_none(home_owner)):
        return _account(entry, drops=True)
    for name in FALLBACKS:
        try:
            return _account(pwd.getpwnam(name), drops=True)
        except KeyError:
            continue
    raise DatabaseUnavailable(
        "PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as. "
        "Run wizqbo as an ordinary user, or set DATABASE_URL."
    )


def _account(entry: pwd.struct_passwd, *, drops: bool) -> Account:
    identity: Identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []} if drops else {}
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, identity)


def _entry(uid: int) -> pwd.struct_passwd:
    entry = _entry_or_none(uid)
    if entry is None:
        raise DatabaseUnavailable(
            f"PostgreSQL cannot run as user number {uid}, which has no name on this machine. "
            "Add the user to /etc/passwd, run wizqbo as a user that has a name, or set DATABASE_URL."
        )
    return entry


def _entry_or_none(uid: int) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        return None


def _name_of(uid: int | None) -> str:
    entry = _entry_or_none(uid) if uid is not None else None
    return entry.pw_name if entry else f"user number {uid}"
