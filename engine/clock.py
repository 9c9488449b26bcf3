"""The only caller of the time.

Everything that needs the time is handed a `Clock`. The real `datetime` class is kept in a class attribute at import, because
a frozen clock replaces module attributes by a subclass that msgspec cannot encode (measured: a struct whose annotations
are first resolved under a frozen clock stays broken for the whole process).
"""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Protocol


class Clock(Protocol):
    """What the engine asks of time."""

    def now(self) -> datetime:
        """The present, as an aware UTC datetime."""
        ...

    def boottime(self) -> float:
        """Seconds on a clock that never runs back and counts suspended time. For deadlines of one machine."""
        ...

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait at most `seconds` for `event`; True if it was set."""
        ...


class SystemClock:
    """The clock of the machine."""

    _datetime: ClassVar[type[datetime]] = datetime

    def now(self) -> datetime:
        return self._datetime.fromtimestamp(time.time(), UTC)

    def boottime(self) -> float:
        return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(seconds)


class MovableClock(SystemClock):
    """The machine's clock plus an offset that a test or a demo moves; waiting moves it instead of sleeping."""

    def __init__(self) -> None:
        self._offset_seconds = 0.0

    def move(self, seconds: float) -> None:
        """Forwards, or back (the machine's clock was set)."""
        self._offset_seconds += seconds

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._offset_seconds)

    def boottime(self) -> float:
        return super().boottime() + self._offset_seconds

    def wait(self, event: threading.Event, seconds: float) -> bool:
        if not event.is_set():
            self.move(seconds)
        return event.is_set()


def instant(text: str) -> datetime:
    """An ISO 8601 text with an offset or `Z` as an aware UTC datetime; any number of fractional digits.

    Raises ValueError when it is not one, or names no offset.
    """
    head, dot, tail = text.strip().partition(".")
    if dot:  # nanoseconds are cut to the microseconds a datetime can hold
        digits = len(tail) - len(tail.lstrip("0123456789"))
        if not digits or tail[digits : digits + 1] not in ("Z", "+", "-", ""):
            raise ValueError(f"not a time: {text!r}")  # fromisoformat lets some of these pass
        head = f"{head}.{tail[:digits][:6].ljust(6, '0')}{tail[digits:]}"
    found = SystemClock._datetime.fromisoformat(head)
    if found.tzinfo is None:
        raise ValueError(f"a time without an offset: {text!r}")
    return found.astimezone(UTC)
