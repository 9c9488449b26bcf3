"""The first answer to each `requestid`, kept and given again. Source: QuickBooks reference, section 2.6."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import NamedTuple

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.envelope import JSON
from adapters.quickbooks.standin.switches import Switches
from adapters.standin.clock import StandInClock

LONGEST_ID = 50


class Reply(NamedTuple):
    """An answer before it is sent."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: Mapping[str, str] = MappingProxyType({})


class _Kept(NamedTuple):
    digest: bytes
    reply: Reply
    kept_at: datetime


class RememberedReplies:
    """Answers by company and request id."""

    def __init__(self, clock: StandInClock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._kept: dict[tuple[str, str], _Kept] = {}

    def recall(self, realm: str, request_id: str, target: str, body: bytes, mode: str) -> Reply | None:
        """The stored answer, byte for byte; None when the request is to be carried out.

        `mode` is honour, ignore or expired. Raises Fault 2130 for an id that is too long, 600 for another body under
        a known id when the switch says so.
        """
        if len(request_id) > LONGEST_ID:
            raise refusals.bad_request_id(len(request_id))
        kept = self._kept.get((realm, request_id))
        if kept is None or mode != "honour":
            return None
        age = self._clock.now() - kept.kept_at
        if age > timedelta(seconds=self._switches.requestid_ttl_seconds):
            return None
        if kept.digest != _digest(target, body) and self._switches.requestid_other_body == "600":
            raise refusals.duplicate_request_id(request_id)
        return kept.reply

    def remember(self, realm: str, request_id: str, target: str, body: bytes, reply: Reply) -> None:
        """Keep an answer; a refusal only when the switch says so, a server's failure never."""
        if reply.status == 200 or (reply.status == 400 and self._switches.requestid_replays_refusals):
            self._kept[realm, request_id] = _Kept(_digest(target, body), reply, self._clock.now())

    def clear(self) -> None:
        self._kept.clear()


def _digest(target: str, body: bytes) -> bytes:
    return sha256(target.encode() + b"\0" + body).digest()
