"""What every call passes before an operation answers it: faults, token, rate limit; and the call log around it."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from functools import partial

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from adapters.standin.calls import CallLog
from adapters.standin.connection import Dropped
from adapters.standin.faults import FaultRule, FaultRules, fault_after, fault_before, outcome_of
from adapters.wizcommerce.standin.answers import Refusal, bad_request, no_such_operation, problem
from adapters.wizcommerce.standin.desk import Answer, Ask, Desk

FAULT_KINDS = frozenset({"401", "403", "404", "429"})
"""Refusals with the documented error body; `seconds` of a 429 becomes its `Retry-After`."""


@dataclass
class Gate:
    """The one door to the API."""

    desk: Desk
    calls: CallLog
    faults: FaultRules
    started: deque[float] = field(default_factory=deque)

    def admit(self, request: Request) -> None:
        """Let a call with a valid token in. Raises the 401 or 429 refusal otherwise."""
        if not self.desk.tokens.admits(request.headers.get("X-API-Key", ""), self.desk.now()):
            raise Refusal(401, "The X-API-Key header is missing, unknown or lapsed.")
        self.count()

    def count(self) -> None:
        """Count a call against the limit per second of real time. Raises the 429 refusal."""
        most = self.desk.switches.a02_calls_per_second
        now = time.monotonic()
        while self.started and now - self.started[0] >= 1:
            self.started.popleft()
        if most and len(self.started) >= most:
            raise Refusal(429, "There were too many calls; try again later.")
        self.started.append(now)


@dataclass
class Operation:
    """One operation as an ASGI application. `is_open` = needs no token."""

    gate: Gate
    name: str
    version: int
    answer: Answer
    is_open: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Log the call, let a fault strike if one does, and answer."""
        request = Request(scope, receive)
        rule = self.gate.faults.take(request.method, request.url.path, self.name)
        token = self.gate.calls.begin(request.method, request.url.path, request.url.query, self.name, "call")
        try:
            response = await self._respond(request, rule)
        except ClientDisconnect:
            self.gate.calls.end(token, None, "reset")
            return
        if isinstance(response, Dropped):
            outcome = outcome_of(rule) if rule else "reset"
            response.before_end = partial(self.gate.calls.end, token, None, outcome)
            await response(scope, receive, send)
            return
        normal = "done" if response.status_code < 400 else "refused"
        self.gate.calls.end(token, response.status_code, outcome_of(rule) if rule else normal)
        await response(scope, receive, send)

    async def _respond(self, request: Request, rule: FaultRule | None) -> Response:
        body = await request.body()
        instead = await fault_before(rule)
        if instead is not None:
            return instead
        try:
            if rule is not None and rule.kind in FAULT_KINDS:
                raise Refusal(int(rule.kind), rule.message or "The call was refused by a fault rule.")
            if self.is_open:
                self.gate.count()
            else:
                self.gate.admit(request)
            if self.version == 2 and not self.gate.desk.switches.a42_v2:
                raise no_such_operation()
            ask = Ask(self.version, _query_of(request), dict(request.path_params), _json_only(request, body))
            response = self.answer(self.gate.desk, ask)
        except Refusal as refusal:
            response = refusal.answer(self.gate.desk.switches, self._retry_header(refusal, rule))
        return fault_after(rule) or response

    def _retry_header(self, refusal: Refusal, rule: FaultRule | None) -> dict[str, str] | None:
        if refusal.status != 429:
            return None
        if rule is not None and rule.kind == "429" and rule.seconds:
            return {"Retry-After": f"{rule.seconds:g}"}
        form = self.gate.desk.switches.a02_retry_after
        if form == "absent":
            return None
        soon = self.gate.desk.now() + timedelta(seconds=2)
        return {"Retry-After": "1" if form == "seconds" else format_datetime(soon, usegmt=True)}


def _query_of(request: Request) -> dict[str, str]:
    pairs = request.query_params.multi_items()
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise bad_request([problem(name, "must be sent only once") for name in twice])
    return dict(pairs)


def _json_only(request: Request, body: bytes) -> bytes:
    kind = request.headers.get("Content-Type", "")
    if body and kind.partition(";")[0].strip().lower() != "application/json":
        raise Refusal(400, "The Content-Type of a body must be application/json.")
    return body
