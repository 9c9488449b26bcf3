"""One call to QuickBooks: leave from the limiter, a bearer token, one request, a whole answer by a total deadline.

Nothing is repeated here except once after a 401, with another token: the gateway refused the first request before it
could run. Nothing is logged here either: an answer may quote a token or a name.
"""

from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from adapters.http import Client, NoAnswer, NotSent, Reply, TooLarge, TooLate, ask
from adapters.quickbooks import faults
from adapters.quickbooks.fault_table import OUR_BUG
from engine.clock import Clock
from engine.ports import Credentials, GatewayError, Limiter, Refused

READ_SECONDS = 125.0
"""QuickBooks gives itself 120 s for a request (reference, section 5)."""
MINOR_VERSION = "75"
REQUEST_ID_CHARACTERS = 50


class Answered(msgspec.Struct, frozen=True):
    """A 2xx answer that carries no fault."""

    body: bytes
    trace_id: str
    reply: Reply


class AnswerTooLarge(Refused):
    """A read whose answer is larger than we take in: ask for less at a time."""


class QuickBooksClient:
    """Speaks for every connection; keeps nothing. `api` is scheme and host, such as
    https://quickbooks.api.intuit.com."""

    def __init__(self, api: str, http: Client, credentials: Credentials, limiter: Limiter, clock: Clock) -> None:
        self._api = api.rstrip("/")
        self._http = http
        self._credentials = credentials
        self._limiter = limiter
        self._clock = clock

    def read(self, connection: str, path: str, parameters: Mapping[str, str] | None = None) -> Answered:
        """GET below the company's address. Raises a GatewayError, never Unknown; AnswerTooLarge past the size limit."""
        until = self._clock.boottime() + READ_SECONDS
        return self._call(connection, "GET", path, parameters or {}, None, until, until)

    def write(
        self,
        connection: str,
        path: str,
        body: str,
        request_id: str,
        options: Mapping[str, str] | None = None,
        *,
        send_by: float,
        until: float,
    ) -> Answered:
        """POST `body` with `request_id`, and `options` in its address: it leaves by `send_by` or not at all, and ends by `until`
        (seconds on the clock's boottime). Raises a GatewayError: Unknown whenever it may have happened and QuickBooks did not
        say."""
        if not 0 < len(request_id) <= REQUEST_ID_CHARACTERS:
            raise Refused("The request id is not one QuickBooks takes.", code="2130", next_step=OUR_BUG)
        return self._call(
            connection, "POST", path, {**(options or {}), "requestid": request_id}, body.encode(), send_by, until
        )

    def realm(self, connection: str) -> str:
        """The company id. Raises Disconnected when nothing is connected."""
        return self._credentials.realm(connection)

    def not_understood(self, answered: Answered, *, write: bool) -> GatewayError:
        """For an answer that lacks what was asked for."""
        return faults.not_understood(answered.reply, write=write, now=self._clock.now())

    def _call(
        self,
        connection: str,
        method: str,
        path: str,
        parameters: Mapping[str, str],
        body: bytes | None,
        send_by: float,
        until: float,
    ) -> Answered:
        parameters = {**parameters, "minorversion": MINOR_VERSION}
        token = self._credentials.bearer(connection)
        try:
            return self._once(connection, token, method, path, parameters, body, send_by, until)
        except faults.TokenRejected as rejected:
            first = rejected
        another = self._credentials.rejected(connection, token)
        if another == token:
            raise first
        return self._once(connection, another, method, path, parameters, body, send_by, until)

    def _once(
        self,
        connection: str,
        token: str,
        method: str,
        path: str,
        parameters: Mapping[str, str],
        body: bytes | None,
        send_by: float,
        until: float,
    ) -> Answered:
        write = body is not None
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if write:
            headers["Content-Type"] = "application/json"
        # Every blank as %20: QuickBooks breaks statements at a raw "+" (reference, section 3.1).
        asked = "&".join(f"{key}={quote(value, safe='')}" for key, value in parameters.items())
        url = f"{self._api}/v3/company/{quote(self.realm(connection), safe='')}/{path}?{asked}"
        with self._limiter.call(connection, "quickbooks", deadline=send_by):
            try:
                reply = ask(
                    self._http,
                    self._clock,
                    method,
                    url,
                    send_by=send_by,
                    until=until,
                    headers=headers,
                    content=body,
                )
            except TooLate as problem:
                raise faults.too_late(str(problem)) from None
            except NotSent as problem:
                raise faults.unsent(str(problem)) from None
            except NoAnswer as problem:
                raise faults.unanswered(str(problem), write=write) from None
            except TooLarge as problem:
                raise _too_large(str(problem), write=write) from None
        if not 200 <= reply.status < 300 or faults.has_fault(reply.body):
            raise faults.error_from(reply, write=write, now=self._clock.now(), token=token)
        return Answered(reply.body, faults.trace_id(reply), reply)


def _too_large(reason: str, *, write: bool) -> GatewayError:
    if write:
        return faults.unanswered(reason, write=True)
    return AnswerTooLarge(f"QuickBooks answered with more than we take in: {reason}.", code="too-large")
