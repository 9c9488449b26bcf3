"""Faults by rule: what a test asks a stand-in to get wrong, when, and how often."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from starlette.responses import Response

from adapters.standin.connection import Dropped

ROOM_KINDS = frozenset(
    {"timeout-before", "timeout-after", "reset-before", "reset-after", "status", "status-after", "slow"}
)


class FaultRule(msgspec.Struct, forbid_unknown_fields=True):
    """One fault. `kind` says what happens, the other fields where, when and how often.

    The kinds every stand-in knows: "timeout-before" and "timeout-after" hold the answer `seconds` and then close,
    "reset-before" and "reset-after" close at once, "status" and "status-after" answer `status` with `body`, "slow"
    waits `seconds` and answers as usual. Before = nothing is committed; after = the call is carried out first.
    `method` is compared whole, `path` and `operation` are regular expressions searched for; empty fits all.
    The rule skips its first `after` matches and strikes `times` times (0 = until removed).
    `code`, `message`, `detail` and `element` are for the kinds a particular stand-in adds.
    """

    kind: str
    method: str = ""
    path: str = ""
    operation: str = ""
    times: int = 1
    after: int = 0
    seconds: float = 0.0
    status: int = 0
    code: str = ""
    message: str = ""
    detail: str = ""
    element: str = ""
    body: str = ""
    content_type: str = ""


@dataclass
class _Armed:
    rule: FaultRule
    to_skip: int
    struck: int = 0

    @property
    def spent(self) -> bool:
        return 0 < self.rule.times <= self.struck

    def fits(self, method: str, path: str, operation: str) -> bool:
        return (
            self.rule.method.upper() in ("", method.upper())
            and re.search(self.rule.path, path) is not None
            and re.search(self.rule.operation, operation) is not None
        )


class FaultRules:
    """The rules in force, in the order in which they were added."""

    def __init__(self, kinds: Iterable[str] = ()) -> None:
        """`kinds` are the names a particular stand-in knows beside those of the room."""
        self.kinds = ROOM_KINDS | frozenset(kinds)
        self._armed: list[_Armed] = []

    def add(self, rule: FaultRule) -> None:
        """Put a rule in force. Raises ValueError with a sentence when it makes no sense."""
        if rule.kind not in self.kinds:
            raise ValueError(f"There is no fault kind {rule.kind!r}; known are {', '.join(sorted(self.kinds))}.")
        if rule.times < 0 or rule.after < 0 or rule.seconds < 0:
            raise ValueError("The fields times, after and seconds of a fault cannot be negative.")
        for name, pattern in (("path", rule.path), ("operation", rule.operation)):
            try:
                re.compile(pattern)
            except re.error as fault:
                raise ValueError(f"The {name} of a fault is not a regular expression: {fault}.") from fault
        self._armed.append(_Armed(rule, to_skip=rule.after))

    def clear(self) -> None:
        """Remove every rule."""
        self._armed.clear()

    def all(self) -> list[FaultRule]:
        """The rules that can still strike."""
        return [one.rule for one in self._armed]

    def take(self, method: str, path: str, operation: str, kinds: frozenset[str] | None = None) -> FaultRule | None:
        """The first rule that strikes this call, counted down; None when the call goes its normal way.

        Every rule that fits and is still skipping counts the call as one of those it skips. `kinds` are those that
        can strike here; None for any.
        """
        for one in list(self._armed):
            if not one.fits(method, path, operation) or (kinds is not None and one.rule.kind not in kinds):
                continue
            if one.to_skip > 0:
                one.to_skip -= 1
                continue
            one.struck += 1
            if one.spent:
                self._armed.remove(one)
            return one.rule
        return None


async def fault_before(rule: FaultRule | None) -> Response | None:
    """What is answered instead of carrying out the call; None when it is to be carried out.

    A "slow" rule does its waiting here. Kinds the room does not know are left to the stand-in (None).
    """
    if rule is None:
        return None
    if rule.kind == "slow":
        await asyncio.sleep(rule.seconds)
    if rule.kind == "timeout-before":
        return Dropped(rule.seconds, reset=False)
    if rule.kind == "reset-before":
        return Dropped()
    return _stated(rule) if rule.kind == "status" else None


def fault_after(rule: FaultRule | None) -> Response | None:
    """What is answered instead of the true answer once the call has been carried out; None = the true answer."""
    if rule is None:
        return None
    if rule.kind == "timeout-after":
        return Dropped(rule.seconds, reset=False)
    if rule.kind == "reset-after":
        return Dropped()
    return _stated(rule) if rule.kind == "status-after" else None


def outcome_of(rule: FaultRule) -> str:
    """The word for the call log: "reset" for a connection that was reset, otherwise "fault:<kind>"."""
    return "reset" if rule.kind.startswith("reset-") else f"fault:{rule.kind}"


def _stated(rule: FaultRule) -> Response:
    return Response(rule.body, status_code=rule.status or 500, media_type=rule.content_type or "text/plain")
