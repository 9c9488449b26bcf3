"""Other processes of the tests: workers that can be killed, stopped and woken, and waiting for them without sleeping."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.clock import SystemClock
from engine.settings import VARIABLES
from tests.world import World

ROOT = Path(__file__).resolve().parents[1]
LOOK_SECONDS = 0.02
LONGEST_SECONDS = 30.0


def until(true: Callable[[], bool], what: str, longest_seconds: float = LONGEST_SECONDS) -> None:
    """Waits until `true()` holds; fails naming `what` when it never does."""
    never = threading.Event()
    for _ in range(int(longest_seconds / LOOK_SECONDS)):
        if true():
            return
        never.wait(LOOK_SECONDS)
    raise AssertionError(f"waited {longest_seconds:.0f} s in vain: {what}")


class OtherClock:
    """The clock of the other processes, moved with the world's."""

    def __init__(self, world: World) -> None:
        """Begins at the world's present."""
        self._world = world
        self.file = world.home / "clock-of-the-others"
        self._ahead = (world.clock.now() - SystemClock().now()).total_seconds()
        self.file.write_text(str(self._ahead))

    def move(self, seconds: float) -> None:
        """Time passes everywhere, in the other processes too."""
        self._world.move(seconds)
        self._ahead += seconds
        beside = self.file.with_suffix(".new")
        beside.write_text(str(self._ahead))
        beside.replace(self.file)


def stopped(worker: "subprocess.Popen[bytes]") -> bool:
    """Whether the process stands still at this moment (SIGSTOP)."""
    if worker.poll() is not None:
        raise AssertionError(f"the worker ended with {worker.returncode} and did not stop itself")
    found, status = os.waitpid(worker.pid, os.WUNTRACED | os.WNOHANG)
    return found == worker.pid and os.WIFSTOPPED(status)


@contextmanager
def other_worker(
    world: World, clock: OtherClock, does: str = "steps", stops: str = "", workers: int = 4
) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker in a process of its own; it is gone when the block ends."""
    settings = world.settings
    told = {variable: str(getattr(settings, field)) for field, (variable, _) in VARIABLES.items()}
    told |= {"WIZQBO_WORKERS": str(workers), "WORKING": does, "WORKING_STOPS": stops, "WORKING_CLOCK": str(clock.file)}
    worker = subprocess.Popen([sys.executable, "-m", "tests.working"], cwd=ROOT, env={**os.environ, **told})
    try:
        yield worker
    finally:
        if worker.poll() is None:
            worker.kill()
        worker.wait()
