"""The limits on calls: by the minute, by the second, at once, and for batches. Source: QuickBooks reference, section 5.

Time is the stand-in's: moving its clock on by a minute frees every window.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from adapters.quickbooks.standin.switches import Switches
from adapters.standin.clock import StandInClock

MINUTE_SECONDS = 60.0


class _Starts:
    """When calls began, for a minute back."""

    def __init__(self) -> None:
        self._at: list[float] = []

    def add(self, now: float, times: int = 1) -> None:
        self._at.extend([now] * times)

    def within(self, seconds: float, now: float) -> int:
        """How many began less than `seconds` ago. A clock that was moved back makes it forget them all."""
        if self._at and self._at[-1] > now:
            self._at.clear()
        del self._at[: bisect_right(self._at, now - MINUTE_SECONDS)]
        return len(self._at) - bisect_right(self._at, now - seconds)


@dataclass
class _Traffic:
    """One company's calls: this app's own, and those of all other apps. A batch is among the calls and the batches."""

    calls: _Starts = field(default_factory=_Starts)
    batches: _Starts = field(default_factory=_Starts)
    others_calls: _Starts = field(default_factory=_Starts)
    others_batches: _Starts = field(default_factory=_Starts)


class Throttle:
    """Counts the calls that were let in, per company; a call that was turned away does not count."""

    def __init__(self, clock: StandInClock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._traffic: defaultdict[str, _Traffic] = defaultdict(_Traffic)
        self._under_way: Counter[str] = Counter()

    def enter(self, realm: str, *, batch: bool = False) -> bool:
        """Let a call in and count it, or answer False. Every call that was let in must `leave`."""
        now = self._clock.running()
        traffic = self._traffic[realm]
        if self._switches.throttle and (
            self._full(realm, traffic, now) or (batch and self._full_of_batches(traffic, now))
        ):
            return False
        traffic.calls.add(now)
        if batch:
            traffic.batches.add(now)
        self._under_way[realm] += 1
        return True

    def leave(self, realm: str) -> None:
        self._under_way[realm] -= 1

    def others_called(self, realm: str, calls: int, batches: int) -> None:
        """Other apps used up part of what the company has for all of them."""
        now = self._clock.running()
        self._traffic[realm].others_calls.add(now, calls + batches)
        self._traffic[realm].others_batches.add(now, batches)

    def clear(self) -> None:
        """Forget the calls of the past; those under way still count."""
        self._traffic.clear()

    def _full(self, realm: str, traffic: _Traffic, now: float) -> bool:
        limits = self._switches
        in_the_minute = traffic.calls.within(MINUTE_SECONDS, now)
        return (
            _reached(limits.at_once, self._under_way[realm])
            or _reached(limits.per_second, traffic.calls.within(1, now))
            or _reached(limits.per_minute, in_the_minute + traffic.others_calls.within(MINUTE_SECONDS, now))
            or _reached(limits.combined_per_minute, in_the_minute)
        )

    def _full_of_batches(self, traffic: _Traffic, now: float) -> bool:
        """Whether there is no room for another batch."""
        limits = self._switches
        own = traffic.batches.within(MINUTE_SECONDS, now)
        in_all = own + traffic.others_batches.within(MINUTE_SECONDS, now)
        return _reached(limits.batches_per_minute, own) or _reached(limits.batches_per_minute_in_all, in_all)


def _reached(limit: int, count: int) -> bool:
    """A limit of 0 is none."""
    return 0 < limit <= count
