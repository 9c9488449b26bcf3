"""A listener in between: it passes every request on to a stand-in as it came, and keeps what was asked."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import httpx
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.standin.connection import Dropped
from adapters.standin.server import RunningStandIn
from engine.settings import Settings
from tests.world import World

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


class Asked(NamedTuple):
    """One request. `sent` holds the properties of its body, `Line[].Amount` for those inside arrays."""

    method: str
    path: str
    query: dict[str, str]
    headers: frozenset[str]
    sent: frozenset[str]


class Listener:
    """Listens at an address of its own in front of another one, until it is stopped."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.asked: list[Asked] = []
        self.running = RunningStandIn(
            Starlette(routes=[Route("/{rest:path}", self._pass_on, methods=_METHODS)], lifespan=self._calling)
        )

    def heard(self, realm: str) -> list[Asked]:
        """What was asked so far, oldest first, with the company's id and records' ids replaced in the path."""
        return [one._replace(path=without_ids(one.path, realm)) for one in self.asked]

    @contextlib.asynccontextmanager
    async def _calling(self, app: Any) -> AsyncIterator[None]:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as self._client:
            yield

    async def _pass_on(self, request: Request) -> Response:
        body = await request.body()
        query = dict(request.query_params)
        headers = frozenset(request.headers.keys())
        self.asked.append(Asked(request.method, request.url.path, query, headers, _properties(request, body)))
        url = f"{self._address}{request.url.path}"
        if request.url.query:
            url += f"?{request.url.query}"
        try:
            answer = await self._client.request(request.method, url, headers=request.headers.raw, content=body)
        except httpx.TransportError:
            return Dropped()
        kept = {name: value for name, value in answer.headers.items() if name != "content-length"}
        return Response(answer.content, status_code=answer.status_code, headers=kept)


def _properties(request: Request, body: bytes) -> frozenset[str]:
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind == "application/x-www-form-urlencoded":
        return frozenset(name for name, _ in parse_qsl(body.decode(), keep_blank_values=True))
    return frozenset(_paths(json.loads(body))) if body else frozenset()


def _paths(tree: Any, path: str = "") -> list[str]:
    if isinstance(tree, dict):
        return [one for key, value in tree.items() for one in _paths(value, f"{path}.{key}" if path else key)]
    if isinstance(tree, list):
        return [one for value in tree for one in _paths(value, f"{path}[]")]
    return [path]


class OverheardWorld(World):
    """A world in which every call to either system passes a listener."""

    def __init__(self, database: str, home: Path, port: int) -> None:
        self.listeners: dict[str, Listener] = {}
        super().__init__(database, home, port)

    def _settings(self, port: int, secret_key: str) -> Settings:
        quickbooks = Listener(self.quickbooks_running.address)
        wizcommerce = Listener(self.wizcommerce.running.address)
        self.listeners = {"quickbooks": quickbooks, "wizcommerce": wizcommerce}
        return msgspec.structs.replace(
            super()._settings(port, secret_key),
            quickbooks_discovery_url=f"{quickbooks.running.address}/.well-known/openid_configuration",
            quickbooks_api_url=quickbooks.running.address,
            wizcommerce_api_url=wizcommerce.running.address,
        )

    def asked(self, system: str) -> list[Asked]:
        """What was asked so far, as `Listener.heard` tells it."""
        return self.listeners[system].heard(self.quickbooks.company().realm)

    def close(self) -> None:
        super().close()
        for one in self.listeners.values():
            one.running.stop()


def without_ids(path: str, realm: str = "") -> str:
    """The path with the company's id, if there is one, and records' ids replaced."""
    named = path.replace(realm, "{realm}") if realm else path
    return re.sub(r"/([0-9]+|[0-9a-f]{8}-[0-9a-f-]{27})(?=/|$)", "/{id}", named)
