"""An engine at work: its loops on threads, woken by the database, led by one process at a time where order matters."""

import threading
from collections.abc import Callable

from adapters.wiring.engine import Engine
from engine.follow import Bell, Leader, Wake, loop
from engine.parking import Failures
from engine.react import NAME as REACT

CHANNELS = ("log", "signals", "inbox")
IDLE_SECONDS = 5.0
"""The poll beneath LISTEN: how long a loop sleeps when nothing wakes it."""
SOON_SECONDS = 0.5
"""The same for the first of several: nothing wakes it when what was put off for a second or two falls due."""
SCHEDULE_SECONDS = 2.0
REST_SECONDS = 0.1
"""A projection is read by people, and may take a busy tenth of a second together."""


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
        appended = self._wake.bell("log")
        for number in range(workers or engine.settings.workers):
            idle_seconds = IDLE_SECONDS if number else SOON_SECONDS
            self._steps(f"dispatch-{number}", engine.dispatcher().step, appended, idle_seconds)
        for number in range(3):
            idle_seconds = IDLE_SECONDS if number else SOON_SECONDS
            self._steps(f"observe-{number}", engine.observer.step, self._wake.subscribe("signals"), idle_seconds)
        self._steps("inbox", engine.inbox.step, self._wake.subscribe("inbox"))
        self._steps("schedule", engine.schedule.step, self._wake.subscribe("signals"), SCHEDULE_SECONDS)
        self._led(REACT, engine.react.step)
        for follower in engine.followers:
            self._led(follower.name, follower.step, REST_SECONDS)

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

    def _steps(
        self,
        name: str,
        step: Callable[[], object],
        woken: threading.Event | Bell,
        idle_seconds: float = IDLE_SECONDS,
        rest_seconds: float = 0.0,
    ) -> None:
        clock, stop, say = self._engine.clock, self._stop, self._failures.say
        self._loop(name, lambda: loop(name, step, woken, stop, clock, idle_seconds, say, rest_seconds))

    def _led(self, name: str, step: Callable[[], int], rest_seconds: float = 0.0) -> None:
        leader = Leader(name, self._engine.conninfo)
        self._leaders.append(leader)
        woken = self._wake.subscribe("log")
        self._steps(name, lambda: leader.leads() and step(), woken, rest_seconds=rest_seconds)
