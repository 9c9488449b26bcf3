"""The time a stand-in lives in: real time plus an offset that a test can move."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class StandInClock:
    """Real UTC time plus a movable offset."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        """The moment it is in the stand-in, aware, in UTC."""
        return datetime.now(UTC) + self._offset

    def running(self) -> float:
        """Seconds for measuring how long ago something was: steady like a stop-watch, and moved by `move`."""
        return time.monotonic() + self._offset.total_seconds()

    def move(self, seconds: float) -> None:
        """Move the clock by `seconds`: forwards when positive, back when negative."""
        self._offset += timedelta(seconds=seconds)

    def set_right(self) -> None:
        """Return to real time."""
        self._offset = timedelta()
