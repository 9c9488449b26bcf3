"""Ending a connection without an answer: what a time-out or a reset looks like from the other side."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_TRANSPORT = "standin.transport"


class DroppableProtocol(H11Protocol):
    """Uvicorn's HTTP protocol that also lends the application the connection a request came by."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        application: Any = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})[_TRANSPORT] = self.transport
            try:
                await application(scope, receive, send)
            except asyncio.CancelledError:
                if not self.cycle.disconnected:
                    raise

        self.app = with_transport


class Dropped(Response):
    """In place of an answer: wait `seconds` (or until the caller gives up), then end the connection.

    With `reset` the other side sees a reset connection, otherwise a connection that closed in silence. `before_end`
    may be set: it is called once, at the last moment before the other side can notice (for the call log).
    """

    def __init__(self, seconds: float = 0.0, *, reset: bool = True) -> None:
        super().__init__(status_code=500)
        self.seconds = seconds
        self.reset = reset
        self.before_end: Callable[[], None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold, close, and return only when the server knows that the connection is gone."""
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            if self.seconds > 0:
                await asyncio.wait({gone}, timeout=self.seconds)
            if self.before_end is not None:
                self.before_end()
            if not gone.done():
                _close(scope["extensions"][_TRANSPORT], reset=self.reset)
                await gone
        finally:
            gone.cancel()


def _close(transport: asyncio.Transport, *, reset: bool) -> None:
    if reset:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
