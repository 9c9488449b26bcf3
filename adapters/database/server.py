"""Making a cluster and bringing its server up. Everything here is called under the lock of the home."""

import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from os import environ
from pathlib import Path

from adapters.database.account import Account
from adapters.database.address import ROLE, Answer, ask, create_database, own_address
from adapters.database.errors import DatabaseUnavailable
from adapters.database.place import Place, is_alive
from adapters.database.program import major_version

READY_TIMEOUT_SECONDS = 60.0  # a server that was killed first replays its log: seconds, seldom more
POLL_SECONDS = 0.005
LOG_LIMIT_BYTES = 10_000_000  # a longer server.log becomes server.log.1 at the next start

# Given on the command line, so that nothing in the data folder (ALTER SYSTEM, an edited file) overrides them.
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    # No statements, no details, no parameters: they would carry customers' fields into the log file.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}
INITDB_OPTIONS = (
    f"--username={ROLE}",
    "--auth=peer",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--data-checksums",
    "--no-instructions",
)
# The shell leaves the server to itself and tells its process number: a server that were our own child would end as
# an unreaped process, and would make Python warn about it.
_DETACH = 'log=$1; shift; "$@" >>"$log" 2>&1 </dev/null & echo $!'
_SAID = re.compile(r"(?:FATAL|PANIC|error):\s+(.*)")


@dataclass(frozen=True)
class _Launch:
    """One start of `postgres`: its process, and where in the log file its own words begin."""

    pid: int
    log_offset: int


def require_our_version(place: Place) -> None:
    """Raises DatabaseUnavailable if the data were written by another major version of PostgreSQL."""
    version = place.data / "PG_VERSION"
    found = version.read_text().strip() if version.exists() else ""
    if found and found != str(major_version()):
        raise DatabaseUnavailable(
            f"The database in {place.data} was written by PostgreSQL {found}; this program brings {major_version()}. "
            "Start it with the release of wizqbo that wrote it, dump it with pg_dump, and load the dump into a new one."
        )


def make_cluster(place: Place, account: Account, programs: Path, lock: int) -> None:
    """Makes an empty cluster, or none at all: it gets its name only when it is complete.

    `initdb` holds the lock too: should we be killed, the next one waits until it is done, and begins again.
    """
    unfinished = place.folder / "data.new"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    done = subprocess.run(
        [programs / "initdb", f"--pgdata={unfinished}", *INITDB_OPTIONS],
        cwd="/",
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        umask=0o077,
        pass_fds=(lock,),
        **account.identity,
    )
    if done.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise DatabaseUnavailable(f"PostgreSQL could not make a database in {place.folder}: {_last_said(done.stderr)}")
    unfinished.rename(place.data)


def bring_up(place: Place, account: Account, programs: Path) -> str:
    """Starts the server unless it runs, waits until it takes connections, and tells its address.

    Raises DatabaseUnavailable with PostgreSQL's own last words if it gives up, or is not ready in time.
    """
    launch: _Launch | None = None
    deadline = time.monotonic() + READY_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        running = place.running()
        if running is not None:
            if running.ready and _takes_connections(running.socket_folder):
                return own_address(running.socket_folder)
        elif launch is None or not is_alive(launch.pid):
            if launch is not None:
                _raise_unless_worth_another_start(place, launch)
            launch = _launch(place, account, programs)
        time.sleep(POLL_SECONDS)
    raise DatabaseUnavailable(
        f"PostgreSQL was not ready within {READY_TIMEOUT_SECONDS:.0f} s. "
        f"It may still be repairing itself after a crash: try again in a minute, or read {place.log}."
    )


def _takes_connections(socket_folder: Path) -> bool:
    answer = ask(own_address(socket_folder))
    if answer is Answer.NO_DATABASE:
        create_database(socket_folder)
    return answer is not Answer.NOT_YET


def _launch(place: Place, account: Account, programs: Path) -> _Launch:
    """Starts `postgres` as the account, in a session of its own, deaf to the terminal's signals."""
    _let_in_only(place, account)
    socket_folder = place.make_socket_folder(account)
    place.forget_strangers(socket_folder)
    if place.log.exists() and place.log.stat().st_size > LOG_LIMIT_BYTES:
        place.log.rename(place.log.with_name("server.log.1"))
    offset = place.log.stat().st_size if place.log.exists() else 0
    settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
    command: list[str | Path] = [programs / "postgres", "-D", place.data, "-k", socket_folder, *settings]
    done = subprocess.run(
        ["/bin/sh", "-c", _DETACH, "sh", place.log, *command],
        cwd="/",
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        umask=0o077,
        start_new_session=True,
        check=True,
        **account.identity,
    )
    return _Launch(int(done.stdout), offset)


def _let_in_only(place: Place, account: Account) -> None:
    """Only the server's own user and root, whom the kernel vouches for, and only as our role."""
    names = dict.fromkeys(["root", account.name])
    for name, lines in (
        ("pg_hba.conf", [f"local all {ROLE} peer map=own"]),
        ("pg_ident.conf", [f'own "{who}" {ROLE}' for who in names]),
    ):
        path = place.data / name
        text = "\n".join(lines) + "\n"
        if not path.exists() or path.read_text() != text:
            new = path.with_suffix(".new")
            new.write_text(text)
            account.own(new)
            new.rename(path)


def _raise_unless_worth_another_start(place: Place, launch: _Launch) -> None:
    """A server that was just killed leaves workers that live some moments longer; its successor waits for them."""
    with place.log.open(errors="replace") as log:
        log.seek(launch.log_offset)
        said = log.read()
    if "is still in use" in said or "already exists" in said or "is being used by another" in said:
        time.sleep(10 * POLL_SECONDS)
        return
    raise DatabaseUnavailable(f"PostgreSQL does not start: {_last_said(said)}. More is in {place.log}.")


def _last_said(text: str) -> str:
    """The last complaint in what PostgreSQL wrote, else its last line."""
    complaints = _SAID.findall(text) or text.strip().splitlines() or ["it said nothing"]
    return str(complaints[-1]).strip().rstrip(".")


def _environment() -> dict[str, str]:
    """Nothing of the caller's PG* variables or language; where libraries are, if the machine needs telling."""
    kept = {name: environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}
