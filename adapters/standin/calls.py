"""The log of the calls a stand-in received: what the tests count instead of believing our own tables."""

from __future__ import annotations

import time
from collections import Counter
from datetime import datetime
from typing import Literal
from urllib.parse import parse_qsl, urlencode

import msgspec

from adapters.standin.clock import StandInClock

_SECRET_NAMES = frozenset({"access_token", "refresh_token", "token", "code", "password", "client_secret", "api_key"})
FLOW_HEADER = "x-standin-flow"
LONGEST_FLOW = 100


class Call(msgspec.Struct, frozen=True):
    """One call. `started` and `ended` are real monotonic seconds; `at` is the stand-in's time.

    `status` is None while the call is open and when it was never answered. `outcome` is "open", "done", "refused",
    "fault:<kind>" or "reset". `query` never holds a secret. `realm` is the company the call was for, where a stand-in
    has several; `flow` is what the caller says it was part of, in the header X-Standin-Flow.
    """

    at: datetime
    method: str
    path: str
    query: str
    operation: str
    metering: str
    status: int | None
    outcome: str
    request_id: str
    started: float
    ended: float
    realm: str = ""
    flow: str = ""


class CallLog:
    """Every call in the order in which it began, the open ones included."""

    def __init__(self, clock: StandInClock) -> None:
        self._clock = clock
        self._calls: list[Call] = []

    def begin(
        self,
        method: str,
        path: str,
        query: str = "",
        operation: str = "",
        metering: str = "",
        request_id: str = "",
        realm: str = "",
        flow: str = "",
    ) -> int:
        """Note that a call has begun; the number that comes back is what `end` wants."""
        started = time.monotonic()
        shown = masked_query(query)
        at = self._clock.now()
        self._calls.append(
            Call(at, method, path, shown, operation, metering, None, "open", request_id, started, started, realm, flow)
        )
        return len(self._calls) - 1

    def end(
        self, token: int, status: int | None, outcome: str, *, operation: str | None = None, metering: str | None = None
    ) -> None:
        """Note how a call ended; `operation` and `metering` correct what was assumed when it began.

        A token from before `clear` is ignored: that call is no longer of interest.
        """
        if token >= len(self._calls):
            return
        begun = self._calls[token]
        self._calls[token] = msgspec.structs.replace(
            begun,
            status=status,
            outcome=outcome,
            operation=begun.operation if operation is None else operation,
            metering=begun.metering if metering is None else metering,
            ended=time.monotonic(),
        )

    def all(self) -> list[Call]:
        """All calls, oldest first; an open call's `ended` is the present moment."""
        now = time.monotonic()
        return [msgspec.structs.replace(one, ended=now) if one.outcome == "open" else one for one in self._calls]

    def most_at_once(self) -> int:
        """The largest number of calls that were under way at one moment."""
        edges = sorted([(one.started, 1) for one in self.all()] + [(one.ended, -1) for one in self.all()])
        peak = under_way = 0
        for _, step in edges:
            under_way += step
            peak = max(peak, under_way)
        return peak

    def most_in_window(self, seconds: float) -> int:
        """The largest number of calls that started within any `seconds` of real time."""
        starts = [one.started for one in self._calls]
        peak = first = 0
        for last, started in enumerate(starts):
            while started - starts[first] >= seconds:
                first += 1
            peak = max(peak, last - first + 1)
        return peak

    def totals(self) -> dict[str, int]:
        """How many calls were made, by metering class."""
        return dict(Counter(one.metering for one in self._calls))

    def totals_by(self, label: Literal["realm", "flow", "operation"]) -> dict[str, dict[str, int]]:
        """The same for each company, each flow, or each operation; calls without one are left out."""
        counted: dict[str, Counter[str]] = {}
        for one in self._calls:
            if name := str(getattr(one, label)):
                counted.setdefault(name, Counter())[one.metering] += 1
        return {name: dict(totals) for name, totals in counted.items()}

    def clear(self) -> None:
        """Forget every call."""
        self._calls = []


def masked_query(query: str) -> str:
    """The query string with the value of every parameter that carries a secret replaced by stars."""
    if not query:
        return ""
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode([(name, "***" if name.lower() in _SECRET_NAMES else value) for name, value in pairs], safe="*")
