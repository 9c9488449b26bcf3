"""What a Builder-tier app may read in a month, over all its companies. Source: QuickBooks reference, section 9."""

from __future__ import annotations

from collections import Counter

from adapters.quickbooks.standin.switches import Switches
from adapters.quickbooks.standin.times import pacific
from adapters.standin.clock import StandInClock

COREPLUS = "coreplus"


class Allowance:
    """Counts metered calls by calendar month, in Pacific time. Writes are never held back by it."""

    def __init__(self, clock: StandInClock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._used: Counter[str] = Counter()

    def note(self, metering: str) -> None:
        """A call of this class was answered."""
        if metering == COREPLUS:
            self._used[self._month()] += 1

    def refuses(self, metering: str) -> bool:
        """Whether a call of this class is blocked until next month."""
        limit = self._switches.builder_monthly_calls
        return self._switches.builder_tier and metering == COREPLUS and self._used[self._month()] >= limit

    def clear(self) -> None:
        self._used.clear()

    def _month(self) -> str:
        return f"{pacific(self._clock.now()):%Y-%m}"
