"""The limits on calls, by real time: 500 a minute, 10 a second, 10 at once. Source: QuickBooks reference, section 5."""

from __future__ import annotations

import time
from collections import Counter, defaultdict, deque

from adapters.quickbooks.standin.switches import Switches


class Throttle:
    """Counts the calls that were let in, per company; a call that was turned away does not count."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._starts: defaultdict[str, deque[float]] = defaultdict(deque)
        self._under_way: Counter[str] = Counter()

    def enter(self, realm: str) -> bool:
        """Let a call in and count it, or answer False. Every call that was let in must `leave`."""
        now = time.monotonic()
        starts = self._starts[realm]
        while starts and now - starts[0] >= 60:
            starts.popleft()
        if self._switches.throttle and self._full(realm, starts, now):
            return False
        starts.append(now)
        self._under_way[realm] += 1
        return True

    def leave(self, realm: str) -> None:
        self._under_way[realm] -= 1

    def clear(self) -> None:
        """Forget the calls of the past; those under way still count."""
        self._starts.clear()

    def _full(self, realm: str, starts: deque[float], now: float) -> bool:
        limits = self._switches
        if self._under_way[realm] >= limits.at_once or len(starts) >= limits.per_minute:
            return True
        return len(starts) >= limits.per_second and now - starts[-limits.per_second] < 1
