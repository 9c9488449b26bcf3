"""What every operation of the stand-in works with, and the form in which a call reaches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.responses import Response

from adapters.standin.clock import StandInClock
from adapters.standin.wire import json_response, read_json
from adapters.wizcommerce.standin.answers import Refusal, wire
from adapters.wizcommerce.standin.hooks import Hooks
from adapters.wizcommerce.standin.records import Record, Records
from adapters.wizcommerce.standin.switches import Switches
from adapters.wizcommerce.standin.tokens import Tokens


@dataclass(frozen=True)
class Ask:
    """One call: its version (1 or 2), query, path parameters and raw body."""

    version: int
    query: dict[str, str]
    path: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises a 400 refusal when it is none."""
        try:
            return read_json(self.body)
        except ValueError as fault:
            raise Refusal(400, "The body is not JSON.") from fault


@dataclass(frozen=True)
class Desk:
    """The tenant's records and what surrounds them."""

    clock: StandInClock
    records: Records
    switches: Switches
    hooks: Hooks
    tokens: Tokens

    def now(self) -> datetime:
        """The stand-in's time."""
        return self.clock.now()

    def shown(self, record: Record) -> Record:
        """A copy of a record in wire form."""
        form: Record = wire(record, self.switches.fractional_digits)
        return form

    def announce_write(self, event: str, entity_id: str) -> None:
        """Raise the event of a write that came through the API."""
        if self.switches.a15_own_writes_raise_events:
            self.hooks.announce(event, entity_id)


Answer = Callable[[Desk, Ask], Response]
"""An operation: it answers, or raises Refusal."""


def single(record: Record | list[Record], status: int = 200) -> Response:
    """The envelope of one entity."""
    return json_response({"data": record}, status)
