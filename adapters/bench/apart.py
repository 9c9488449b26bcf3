"""Stand-ins in processes of their own, so that what they cost does not sit in our interpreter."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
import msgspec

STOP_SECONDS = 10.0
CALL_SECONDS = 300.0
"""Long enough to tell of 100,000 records."""


class Apart:
    """One stand-in, reached by its control address. `ready` is the line it printed when it was."""

    def __init__(self, process: subprocess.Popen[bytes], ready: Mapping[str, str]) -> None:
        self.ready = ready
        self._process = process
        self._http = httpx.Client(base_url=ready["control"], trust_env=False, timeout=CALL_SECONDS)

    def tell(self, what: str, **body: Any) -> Any:
        """POSTs to the control address: `seed`, `switches`, `webhooks`, `hands/<verb>`."""
        return self._http.post(f"/{what}", json=body).raise_for_status().json()

    def show(self, what: str) -> Any:
        """GETs from the control address: `state`, `calls`."""
        return self._http.get(f"/{what}").raise_for_status().json()

    def peak_memory_mb(self) -> int | None:
        """The most memory it ever held, in MB; None on a system that does not tell (it is Linux that does)."""
        return peak_mb_of(self._process.pid)

    def stop(self) -> None:
        self._http.close()
        self._process.terminate()
        self._process.wait(STOP_SECONDS)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> "Apart":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def peak_mb_of(process_id: int) -> int | None:
    """The most memory a process ever held, in MB; None where the system does not tell."""
    try:
        told = Path(f"/proc/{process_id}/status").read_text()
    except FileNotFoundError:
        return None
    found = re.search(r"^VmHWM:\s+(\d+) kB$", told, re.MULTILINE)
    return int(found[1]) // 1024 if found else None


@contextmanager
def apart(system: str) -> Iterator[Apart]:
    """One stand-in, stopped at the end. Raises RuntimeError when it does not start."""
    process = _start(system)
    try:
        with _ready(process) as one:
            yield one
    finally:
        _kill(process)


@contextmanager
def both_apart() -> Iterator[tuple[Apart, Apart]]:
    """QuickBooks and WizCommerce, started at the same time, stopped at the end. Raises RuntimeError when one does not start."""
    started = [_start("quickbooks"), _start("wizcommerce")]
    try:
        with _ready(started[0]) as quickbooks, _ready(started[1]) as wizcommerce:
            yield quickbooks, wizcommerce
    finally:
        for process in started:
            _kill(process)


def _start(system: str) -> subprocess.Popen[bytes]:
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    command = [sys.executable, "-P", "-m", "adapters.cli", "standin", system]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path})


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
        process.wait()


def _ready(process: subprocess.Popen[bytes]) -> Apart:
    line = process.stdout.readline() if process.stdout is not None else b""
    if not line:
        raise RuntimeError("A stand-in did not start; what it said is above.")
    return Apart(process, msgspec.json.decode(line, type=dict[str, str]))
