"""What guards every route: headers of the answer, the size of a body, and work that may not hold up the event loop."""

import logging
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

import anyio
import anyio.to_thread
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger("wizqbo.web")

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}


class Guard:
    """Puts the security headers on every answer of the app inside it, and answers 500 where that app fails.

    A failure is a bug of ours: it is logged whole, and the connection stays usable for the next request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def send_guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        try:
            await self._app(scope, receive, send_guarded)
        except Exception:
            if begun:
                raise
            log.exception("A request to %s could not be answered.", _route_of(scope))
            await PlainTextResponse("something went wrong here", 500)(scope, receive, send_guarded)


def _route_of(scope: Scope) -> str:
    """The route's pattern: a path may hold a link of ours, a query a code."""
    return str(getattr(scope.get("route"), "path", "an unknown route"))


class TooLarge(Exception):
    """The body is larger than allowed."""


class Threads:
    """A few threads of one kind of work, so that one kind that hangs leaves the others theirs."""

    def __init__(self, at_once: int) -> None:
        self._limiter = anyio.CapacityLimiter(at_once)

    async def run(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`fn` on a thread. When the caller's time is up it is left to end by itself."""
        call = partial(fn, *args, **kwargs)
        return await anyio.to_thread.run_sync(call, abandon_on_cancel=True, limiter=self._limiter)


async def body_within(request: Request, most_bytes: int) -> bytes:
    """The raw body. Raises TooLarge as soon as it is known to exceed `most_bytes`, without reading the rest."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > most_bytes:
        raise TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise TooLarge
    return bytes(body)


def headers_of(request: Request) -> dict[str, str]:
    """Header names in lower case; one that came several times has its values parted by commas."""
    return {name: ", ".join(request.headers.getlist(name)) for name in set(request.headers.keys())}
