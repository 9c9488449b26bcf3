"""Our engine's loops in a process of their own: its processor time and memory are its own, and it can be killed."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from adapters.bench.apart import peak_mb_of
from adapters.bench.first_sync import UNLIMITED
from adapters.cli.running import stop_signals
from adapters.wiring import Engine, Running, open_database, wire
from engine.settings import Settings

STOP_SECONDS = 60.0
READY = "ready"


class Loops:
    """Starts, kills and stops the process; what those that are gone took is kept. Linux only, as it reads `/proc`."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._settings: Settings | None = None
        self._seconds = 0.0
        self._peak_mb = 0

    def start(self, engine: Engine | None = None) -> None:
        """The loops of `engine` (None: of the last one again), over its database. Raises RuntimeError when they do not start."""
        self._settings = engine.settings if engine is not None else self._settings
        root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "adapters.bench", "loops"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            text=True,
        )
        assert self._process.stdin is not None and self._process.stdout is not None  # both were asked for
        self._process.stdin.write(msgspec.json.encode(self._settings, enc_hook=str).decode())
        self._process.stdin.close()
        if self._process.stdout.readline().strip() != READY:
            raise RuntimeError("The engine's loops did not start; what they said is above.")

    def kill(self) -> None:
        """As the machine would: nothing is ended, nothing is said."""
        self._end(subprocess.Popen.kill)

    def stop(self) -> None:
        """What is under way is finished and recorded first."""
        self._end(subprocess.Popen.terminate)

    def seconds(self) -> float:
        """The processor time of all processes until now."""
        return self._seconds + _processor_seconds(self._process)

    def peak_mb(self) -> int:
        """The most memory that any of them ever held."""
        now = peak_mb_of(self._process.pid) if self._process is not None else None
        return max(self._peak_mb, now or 0)

    def _end(self, how: Callable[["subprocess.Popen[str]"], None]) -> None:
        if self._process is None:
            return
        self._seconds, self._peak_mb = self.seconds(), self.peak_mb()
        how(self._process)
        self._process.wait(STOP_SECONDS)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None


def work_until_told() -> None:
    """What the process does: the loops over the settings on standard input, until SIGTERM."""
    settings = msgspec.json.decode(sys.stdin.read(), type=Settings, dec_hook=lambda kind, value: kind(value))
    with stop_signals() as stop:
        engine = wire(settings, open_database(settings), budgets={"quickbooks": UNLIMITED, "wizcommerce": UNLIMITED})
        running = Running(engine).start()
        print(READY, flush=True)
        stop.wait()
        running.stop()
        engine.close()


def _processor_seconds(process: "subprocess.Popen[str] | None") -> float:
    if process is None:
        return 0.0
    told = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")
