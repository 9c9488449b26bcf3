"""Webhooks in: read within a limit, checked, stored, answered. No route looks at what a delivery says."""

import hashlib
import logging
from collections.abc import Awaitable, Callable

import anyio
import psycopg
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from adapters.web.guard import Threads, TooLarge, body_within, headers_of
from adapters.web.inbox import Envelope, store, text_of_envelope
from adapters.web.parts import Parts

MOST_BODY_BYTES = 1024 * 1024
"""Source: QuickBooks reference, section 8.3: up to about 100 events and 1 MB a delivery."""
QUICKBOOKS_SECONDS = 2.5
"""QuickBooks wants its answer within 3 seconds. Source: QuickBooks reference, section 8.5."""
WIZCOMMERCE_SECONDS = 1.7
"""We answer WizCommerce within 2 seconds (A-13); it waits 30."""
AT_ONCE = 16
"""Deliveries at work at the same time; more wait, within their seconds."""

Endpoint = Callable[[Request], Awaitable[Response]]

log = logging.getLogger("wizqbo.web")


class Webhooks:
    """The two routes deliveries come in by."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._threads = Threads(AT_ONCE)

    async def quickbooks(self, request: Request) -> Response:
        """200 stored (again) · 401 forged · 413 too large · 503 come again."""
        return await self._answer(request, QUICKBOOKS_SECONDS, self._take_quickbooks)

    async def wizcommerce(self, request: Request) -> Response:
        """200 stored (again) · 401 forged · 404 no such connection · 413 too large · 503 come again."""
        return await self._answer(request, WIZCOMMERCE_SECONDS, self._take_wizcommerce)

    async def _answer(self, request: Request, seconds: float, take: Callable[[Request, bytes], Response]) -> Response:
        """Always an answer in time: 503 makes the sender try again, and a repeat does no harm."""
        with anyio.move_on_after(seconds):
            try:
                body = await body_within(request, MOST_BODY_BYTES)
                return await self._threads.run(take, request, body)
            except TooLarge:
                return PlainTextResponse("too large", 413)
            except ClientDisconnect:
                return PlainTextResponse("incomplete", 400)
            except psycopg.Error as fault:
                log.warning("A webhook could not be stored now (%s); its sender will try again.", type(fault).__name__)
                return _come_again()
        log.warning("A webhook was not stored within %s s; its sender will try again.", seconds)
        return _come_again()

    def _take_quickbooks(self, request: Request, body: bytes) -> Response:
        if not self._parts.quickbooks_genuine(headers_of(request), body):
            return PlainTextResponse("not genuine", 401)
        envelope = Envelope(body=body, content_type=request.headers.get("content-type", ""))
        digest = hashlib.sha256(body).hexdigest()
        sealed = self._parts.seal(text_of_envelope(envelope))
        store(self._parts.pool, "quickbooks", digest, sealed, self._parts.clock.now())
        return PlainTextResponse("stored")

    def _take_wizcommerce(self, request: Request, body: bytes) -> Response:
        connection = request.path_params["connection"]
        headers = headers_of(request)
        check = self._parts.wizcommerce_check(connection)
        is_genuine = (check or self._parts.wizcommerce_decoy)(headers, body)
        if check is None:
            return PlainTextResponse("no such connection", 404)
        if not is_genuine:
            return PlainTextResponse("not genuine", 401)
        envelope = Envelope(body=body, connection=connection, content_type=request.headers.get("content-type", ""))
        # two tenants may well send the same id: the digest is of the connection as well
        digest = f"{connection} {self._parts.wizcommerce_digest(body)}"
        sealed = self._parts.seal(text_of_envelope(envelope))
        store(self._parts.pool, "wizcommerce", digest, sealed, self._parts.clock.now())
        return PlainTextResponse("stored")


def _come_again() -> Response:
    return PlainTextResponse("come again", 503, headers={"Retry-After": "10"})
