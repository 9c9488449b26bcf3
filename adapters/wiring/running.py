"""An engine at work: its loops on threads, woken by the database, led by one process at a time where order matters."""

import threading
from collections.abc import Callable

from adapters.wiring.engine import Engine
from engine.follow import Leader, Wake, loop
from engine.parking import Failures
from engine.react import NAME as REACT

CHANNELS = ("log", "signals", "inbox")
IDLE_SECONDS = 5.0
"""The poll beneath LISTEN: how long a loop sleeps when nothing wakes it."""
SOON_SECONDS = 0.5
"""The same for the first of several: nothing wakes it when what was put off for a second or two falls due."""
SCHEDULE_SECONDS = 2.0


class Running:
    """Starts every loop of `engine`; `stop` ends them within a call's time."""

    def __init__(self, engine: Engine, workers: int | None = None) -> None:
        self._engine = engine
        self._stop = threading.Event()
        self._wake = Wake(engine.conninfo, CHANNELS)
        self._threads: list[threading.Thread] = []
        self._leaders: list[Leader] = []
        self._failures = Failures(engine.pool, engine.clock)
        self._loop("listen", lambda: self._wake.run(engine.clock))
        for number in range(workers or engine.settings.workers):
            self._steps(f"dispatch-{number}", engine.dispatcher().step, "log", IDLE_SECONDS if number else SOON_SECONDS)
        for number in range(3):
            self._steps(f"observe-{number}", engine.observer.step, "signals", IDLE_SECONDS if number else SOON_SECONDS)
        self._steps("inbox", engine.inbox.step, "inbox")
        self._steps("schedule", engine.schedule.step, "signals", SCHEDULE_SECONDS)
        self._led(REACT, engine.react.step)
        for follower in engine.followers:
            self._led(follower.name, follower.step)

    def start(self) -> "Running":
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """Ends every loop; calls under way are finished and recorded."""
        self._stop.set()
        self._wake.stop()
        for thread in self._threads:
            thread.join()
        for leader in self._leaders:
            leader.close()

    def _loop(self, name: str, run: Callable[[], None]) -> None:
        self._threads.append(threading.Thread(target=run, name=name, daemon=True))

    def _steps(self, name: str, step: Callable[[], object], channel: str, idle_seconds: float = IDLE_SECONDS) -> None:
        woken = self._wake.subscribe(channel)
        clock, stop = self._engine.clock, self._stop
        self._loop(name, lambda: loop(name, step, woken, stop, clock, idle_seconds, self._failures.say))

    def _led(self, name: str, step: Callable[[], int]) -> None:
        leader = Leader(name, self._engine.conninfo)
        self._leaders.append(leader)
        self._steps(name, lambda: leader.leads() and step(), "log")
