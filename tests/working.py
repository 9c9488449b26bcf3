"""`python -m tests.working`: a worker in a process of its own, on the database and settings of its environment.

WORKING is `steps` (work until nothing is due, then end) or `loops` (every loop, until SIGTERM). WORKING_CLOCK names a file
that holds the seconds by which this process's clock is ahead. WORKING_STOPS is empty, `before-send` or `after-send`: where
the process stops itself (SIGSTOP) at its first call.
"""

import os
import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from adapters.wiring import Running, wire
from engine.clock import SystemClock
from engine.ports import Accounting, Answer
from engine.settings import settings_from


class ClockOfTheTest(SystemClock):
    """The machine's clock plus what the test's file says at this moment."""

    def __init__(self, file: str) -> None:
        self._file = Path(file)

    def _ahead(self) -> float:
        return float(self._file.read_text())

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._ahead())

    def boottime(self) -> float:
        return super().boottime() + self._ahead()


class StopsItself:
    """QuickBooks' gateway, of a process that stands still once, before or after its first write."""

    def __init__(self, inner: Accounting, where: str) -> None:
        self._inner = inner
        self._where = where

    def send(self, *args: Any, **more: Any) -> Answer:
        self._stop_at("before-send")
        answer = self._inner.send(*args, **more)
        self._stop_at("after-send")
        return answer

    def _stop_at(self, place: str) -> None:
        if self._where == place:
            self._where = ""
            os.kill(os.getpid(), signal.SIGSTOP)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def main() -> None:
    """Works as the environment says."""
    settings = settings_from(os.environ)
    engine = wire(settings, settings.database_url, ClockOfTheTest(os.environ["WORKING_CLOCK"]))
    if os.environ["WORKING"] == "loops":
        ended = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: ended.set())
        running = Running(engine).start()
        ended.wait()
        running.stop()
    else:
        accounting = cast(Accounting, StopsItself(engine.accounting, os.environ.get("WORKING_STOPS", "")))
        step: Callable[[], bool] = engine.dispatcher(accounting, "woken-later").step
        while step():
            pass
    engine.close()


if __name__ == "__main__":
    main()
