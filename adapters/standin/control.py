"""The control address `/_standin`: how tests and people steer a stand-in. Its calls are not in the call log."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from adapters.standin.calls import CallLog
from adapters.standin.clock import StandInClock
from adapters.standin.delivery import Outbox
from adapters.standin.faults import FaultRule, FaultRules
from adapters.standin.wire import json_response, read_json

Handler = Callable[[Request], Awaitable[Response]]

_NUMBERED = re.compile(r"a(\d\d)_")


class ControlRefused(Exception):
    """The control address cannot do what was asked; the text says why, in one sentence. Answered with 400."""


class Controlled(Protocol):
    """What the control address needs of a stand-in. `switches` is a mutable struct whose fields all have defaults.

    Every method may raise ControlRefused.
    """

    clock: StandInClock
    calls: CallLog
    faults: FaultRules
    outbox: Outbox

    @property
    def switches(self) -> msgspec.Struct:
        """The switches in force."""

    def reset(self) -> None:
        """Return to the state of a fresh start. The room's own parts are reset by the control address."""

    def seed(self, entities: dict[str, Any]) -> dict[str, Any]:
        """Take entities in wire field names; answer what was stored."""

    def state(self) -> dict[str, Any]:
        """Everything, for people; of what there are more than MOST_SHOWN, only how many."""

    def records_of(self, entity: str) -> dict[str, Any]:
        """That part of the state which holds the records of one kind, however many."""

    def hands(self, verb: str, body: dict[str, Any]) -> Any:
        """Do what a person could do in the system; answer what came of it."""

    def webhooks(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Set where webhooks go and how they are signed; answer the settings without secrets."""


MOST_SHOWN = 10_000
"""Of a kind with more records than this, `GET state` tells the number only; `GET state?entity=…` shows any of them."""


def control_mount(room: Controlled) -> Mount:
    """The routes under `/_standin`. An unknown name anywhere is answered with 400 and a clear sentence."""
    control = _Control(room)
    routes = [
        Route("/state", _guarded(control.state), methods=["GET"]),
        Route("/calls", _guarded(control.call_log), methods=["GET"]),
        Route("/switches", _guarded(control.switches), methods=["GET", "POST"]),
        Route("/faults", _guarded(control.faults), methods=["GET", "POST", "DELETE"]),
        Route("/reset", _guarded(control.reset), methods=["POST"]),
        Route("/seed", _guarded(control.seed), methods=["POST"]),
        Route("/clock", _guarded(control.clock), methods=["POST"]),
        Route("/deliver", _guarded(control.deliver), methods=["POST"]),
        Route("/webhooks", _guarded(control.webhooks), methods=["POST"]),
        Route("/hands/{verb}", _guarded(control.hands), methods=["POST"]),
        Route("/{rest:path}", _guarded(control.unknown), methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
    ]
    return Mount("/_standin", routes=routes)


def set_switches(switches: msgspec.Struct, changes: dict[str, Any]) -> None:
    """Change the named switches in place: all of them, or none when one is unknown or of a wrong type."""
    known = names_of(switches)
    for name in changes:
        if name not in known:
            raise ControlRefused(f"There is no switch {name!r}; known are {', '.join(sorted(known))}.")
    named = {known[name]: value for name, value in changes.items()}
    try:
        wanted = msgspec.convert({**msgspec.structs.asdict(switches), **named}, type(switches))
    except msgspec.ValidationError as fault:
        raise ControlRefused(f"A switch has a value it cannot take: {fault}.") from fault
    for name in named:
        setattr(switches, name, getattr(wanted, name))


def names_of(switches: msgspec.Struct) -> dict[str, str]:
    """Every name a switch goes by, and the field it means.

    A field that turns a numbered assumption (`a04_…`) is also called by its number, `A-04`, if no other field turns it.
    """
    fields = [one.name for one in msgspec.structs.fields(switches)]
    numbers = [(found[1], name) for name in fields if (found := _NUMBERED.match(name))]
    counts = Counter(number for number, _ in numbers)
    return {
        **{name: name for name in fields},
        **{f"A-{number}": name for number, name in numbers if counts[number] == 1},
    }


class _Control:
    def __init__(self, room: Controlled) -> None:
        self.room = room

    async def state(self, request: Request) -> Response:
        entity = request.query_params.get("entity")
        if entity is not None:
            return json_response(self.room.records_of(entity))
        shown = {"now": self.room.clock.now(), **self.room.state(), "webhooks": self.room.outbox.shown()}
        return json_response(shown)

    async def call_log(self, request: Request) -> Response:
        log = self.room.calls
        by = {f"by_{label}": log.totals_by(label) for label in ("realm", "flow", "operation")}
        totals = {"totals": log.totals(), **by, "most_at_once": log.most_at_once()}
        if request.query_params.get("only") == "totals":
            return json_response(totals)
        return json_response({"calls": [msgspec.structs.asdict(one) for one in log.all()], **totals})

    async def switches(self, request: Request) -> Response:
        if request.method == "POST":
            set_switches(self.room.switches, await _object_in(request))
        return json_response(msgspec.structs.asdict(self.room.switches))

    async def faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.room.faults.clear()
        if request.method == "POST":
            body = await _json_in(request)
            try:
                rules = msgspec.convert(body if isinstance(body, list) else [body], list[FaultRule])
                for rule in rules:
                    self.room.faults.add(rule)
            except (msgspec.ValidationError, ValueError) as fault:
                raise ControlRefused(f"The fault rule cannot be taken: {fault}") from fault
        return json_response({"faults": [msgspec.structs.asdict(one) for one in self.room.faults.all()]})

    async def reset(self, request: Request) -> Response:
        self.room.clock.set_right()
        self.room.calls.clear()
        self.room.faults.clear()
        self.room.outbox.clear()
        fresh = type(self.room.switches)()
        set_switches(self.room.switches, msgspec.structs.asdict(fresh))
        self.room.reset()
        return json_response({"reset": True})

    async def seed(self, request: Request) -> Response:
        return json_response(self.room.seed(await _object_in(request)))

    async def clock(self, request: Request) -> Response:
        body = await _object_in(request)
        seconds = body.get("move_seconds")
        if set(body) != {"move_seconds"} or not _is_number(seconds):
            raise ControlRefused('The clock takes {"move_seconds": number} and nothing else.')
        self.room.clock.move(float(seconds or 0))
        self.room.outbox.wake()
        return json_response({"now": self.room.clock.now()})

    async def deliver(self, request: Request) -> Response:
        return json_response(await self.room.outbox.deliver_due())

    async def webhooks(self, request: Request) -> Response:
        return json_response(self.room.webhooks(await _object_in(request)))

    async def hands(self, request: Request) -> Response:
        return json_response(self.room.hands(request.path_params["verb"], await _object_in(request)))

    async def unknown(self, request: Request) -> Response:
        raise ControlRefused(f"The control address has no {request.method} {request.url.path}.")


def _guarded(handler: Handler) -> Handler:
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except ControlRefused as refusal:
            return json_response({"error": str(refusal)}, 400)

    return answer


async def _json_in(request: Request) -> Any:
    body = await request.body()
    try:
        return read_json(body) if body else {}
    except ValueError as fault:
        raise ControlRefused(str(fault)) from fault


async def _object_in(request: Request) -> dict[str, Any]:
    body = await _json_in(request)
    if not isinstance(body, dict):
        raise ControlRefused("The control address takes a JSON object here.")
    return body


def _is_number(value: object) -> bool:
    return not isinstance(value, bool) and (isinstance(value, int) or hasattr(value, "as_tuple"))
