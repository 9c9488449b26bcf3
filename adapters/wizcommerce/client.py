"""One call to WizCommerce: leave, token, request within a deadline, and what its answer means.

Nothing is asked twice here: who calls decides that. No token is ever in a text this module makes.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import msgspec

from adapters.http import Client, NoAnswer, NotSent, Reply, TooLarge, TooLate, ask, make_client
from adapters.wizcommerce.assumptions import ASSUMED, Assumptions
from adapters.wizcommerce.wire import ERROR, ErrorWire
from engine.clock import Clock
from engine.ports import Credentials, Disconnected, GatewayError, Limiter, NotThere, Refused, Unavailable, Unknown

TIMEOUT_SECONDS = 60.0
"""Leave, request and answer together. None is documented; a page of a hundred orders takes seconds."""
MAX_ANSWER_BYTES = 16 * 1024 * 1024
"""An order of 10,000 lines is about 3 MiB."""
TRIED_AGAIN = "Nothing to do: it is tried again."
LOOKED_FOR = "Nothing to do: it is looked for before anything is sent again."
KEPT_CHARACTERS = 20_000
"""How much of an answer that went wrong is kept for whoever looks into it."""

NEW_TOKEN = "Make a new WizCommerce API token (or give e-mail and password) and connect WizCommerce again."
CHECK_ADDRESS = "Check the WizCommerce address of this connection."


class WizCommerceClient:
    """Reads and writes by HTTP for any number of connections and threads.

    `address_of` gives a connection's host, such as `https://api-staging.sourcerer.tech`, without a version (A-01: there
    is no default).
    """

    def __init__(
        self,
        address_of: Callable[[str], str],
        limiter: Limiter,
        credentials: Credentials,
        clock: Clock,
        *,
        assumed: Assumptions = ASSUMED,
        timeout_seconds: float = TIMEOUT_SECONDS,
        http: Client | None = None,
    ) -> None:
        self._address_of = address_of
        self._limiter = limiter
        self._credentials = credentials
        self._clock = clock
        self._assumed = assumed
        self._timeout_seconds = timeout_seconds
        self._http = make_client() if http is None else http

    def deadline(self) -> float:
        """When a call made now ends at the latest, in seconds on the clock's boottime."""
        return self._clock.boottime() + self._timeout_seconds

    def read(
        self,
        connection: str,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        until: float | None = None,
    ) -> bytes:
        """The body of a successful GET of `path` (`/v2/orders/…`, parts already quoted), ended by `until` if that is
        sooner than our own limit.

        Raises Disconnected (401), Refused (400, 403, 409, 422), NotThere (404), Unavailable (429, 5xx, no answer).
        """
        ends = self.deadline() if until is None else min(until, self.deadline())
        return self._call(connection, "GET", path, params, None, ends, ends)

    def write(self, connection: str, method: str, path: str, body: str, *, send_by: float, until: float) -> bytes:
        """The body of a successful POST or PATCH: it leaves by `send_by` or not at all, and ends by `until` (seconds on
        the clock's boottime).

        Raises as `read` does, but Unknown whenever it may have happened and WizCommerce did not say (A-05): no whole
        answer, 5xx, or an answer that is not WizCommerce's. Unavailable then means that nothing was carried out.
        """
        try:
            return self._call(connection, method, path, None, body.encode(), send_by, until)
        except Unavailable as fault:
            if not fault.ran:
                raise
            raise unknown(fault) from None

    def _call(
        self,
        connection: str,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        content: bytes | None,
        send_by: float,
        until: float,
    ) -> bytes:
        key = self._credentials.api_key(connection)
        with self._limiter.call(connection, "wizcommerce", deadline=send_by):
            reply = fetched(
                self._http,
                self._clock,
                method,
                self._address_of(connection) + path,
                key=key,
                params=params,
                content=content,
                send_by=send_by,
                until=until,
            )
        if 200 <= reply.status < 300:
            return reply.body
        raise failure(reply, self._clock.now(), self._assumed, secret=key)

    def close(self) -> None:
        self._http.close()


def fetched(
    http: Client,
    clock: Clock,
    method: str,
    url: str,
    *,
    until: float,
    key: str = "",
    params: Mapping[str, str] | None = None,
    content: bytes | None = None,
    send_by: float | None = None,
) -> Reply:
    """One request and its whole answer, whatever its status. Raises Unavailable when none came; `ran` is False only
    when no byte of it left."""
    headers = {"Accept": "application/json", "Content-Type": "application/json", **({"X-API-Key": key} if key else {})}
    try:
        return ask(
            http,
            clock,
            method,
            url,
            until=until,
            send_by=send_by,
            headers=headers,
            params=params,
            content=content,
            max_bytes=MAX_ANSWER_BYTES,
        )
    except TooLate as fault:
        raise Unavailable(f"It was not sent: {fault}.", code="too-late", next_step=TRIED_AGAIN) from None
    except NotSent as fault:
        raise Unavailable(
            f"WizCommerce could not be reached: {fault}.",
            code="unreachable",
            next_step=f"Nothing to do: it is tried again. If it lasts: {CHECK_ADDRESS}",
        ) from None
    except NoAnswer as fault:
        raise Unavailable(
            f"WizCommerce was asked and gave no whole answer: {fault}.",
            code="no-answer",
            next_step=TRIED_AGAIN,
            ran=True,
        ) from None
    except TooLarge:
        raise Unavailable(
            f"WizCommerce's answer is larger than {MAX_ANSWER_BYTES // 1024 // 1024} MiB and was not read.",
            code="too-large",
            next_step="Ask WizCommerce's support about this record.",
            ran=True,
        ) from None


def failure(reply: Reply, now: datetime, assumed: Assumptions = ASSUMED, *, secret: str = "") -> GatewayError:
    """What a status other than 2xx means. Source: A-05, decided by the HTTP status; the body is kept as received."""
    body = reply.body.decode("utf-8", "replace")
    if secret:
        body = body.replace(secret, "(secret)")
    error = error_in(body.encode())
    code = str(error.code) if error is not None and error.code is not None else str(reply.status)
    fields = ", ".join(one.field for one in (error.details if error else None) or [] if one.field)
    raw = body[:KEPT_CHARACTERS]
    match reply.status:
        case 401:
            return Disconnected("WizCommerce no longer accepts our token.", code="401", next_step=NEW_TOKEN, raw=raw)
        case 403:
            return Refused(
                "WizCommerce's user of this token has no permission for this.",
                code="403",
                next_step="Give that user the permission in WizCommerce, or connect with another user's token.",
                raw=raw,
            )
        case 404 if error is not None or not body.strip():
            return NotThere("WizCommerce does not have this record (any more).", code="404", raw=raw)
        case 409:
            return Refused("WizCommerce says this conflicts with what it has.", code="409", raw=raw)
        case 429:
            return _throttled(reply, now, assumed, raw)
        case 404 | 408 | 425 | 300 | 301 | 302 | 303 | 307 | 308:
            return Unavailable(
                f"What answers at the WizCommerce address does not speak for WizCommerce (HTTP {reply.status}).",
                code=str(reply.status),
                next_step=CHECK_ADDRESS,
                raw=raw,
                ran=True,
            )
        case status if 400 <= status < 500:
            about = f" It names: {fields}." if fields else ""
            return Refused(
                f"WizCommerce did not accept the request (HTTP {status}).{about}",
                code=code,
                next_step="Look at the answer kept with this entry; if it says nothing, ask WizCommerce's support.",
                raw=raw,
            )
        case status:
            return Unavailable(
                f"WizCommerce has trouble of its own (HTTP {status}).",
                code=str(status),
                next_step=TRIED_AGAIN,
                raw=raw,
                ran=True,
            )


def unknown(fault: GatewayError) -> Unknown:
    """The same fault of a write that may have happened."""
    return Unknown(fault.sentence, code=fault.code, next_step=LOOKED_FOR, raw=fault.raw, ran=True)


def not_understood(what: str, body: bytes, problem: object, *, secret: str = "") -> Refused:
    """A success whose body cannot be read. `problem` names a place in the body, never a value."""
    raw = body.decode("utf-8", "backslashreplace")
    return Refused(
        f"The {what} WizCommerce sent cannot be read: {problem}",
        code="not-understood",
        next_step="Nothing is lost: what changed is seen again later. If it lasts, tell the makers of this program.",
        raw=(raw.replace(secret, "(secret)") if secret else raw)[:KEPT_CHARACTERS],
        ran=True,
    )


def error_in(body: bytes) -> ErrorWire | None:
    """The error body, or None when it is not WizCommerce's: then the status alone speaks. Source: reference, 1.3."""
    try:
        return ERROR.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None


def _throttled(reply: Reply, now: datetime, assumed: Assumptions, raw: str) -> Unavailable:
    fault = Unavailable(
        "WizCommerce asks us to slow down.",
        code="429",
        next_step="Nothing to do: it is tried again after a pause.",
        raw=raw,
    )
    seconds = _retry_after_seconds(reply.headers.get("retry-after", ""), now)
    if seconds is not None:
        fault.not_before = now + timedelta(seconds=min(max(0.0, seconds), assumed.a02_longest_wait_seconds))
    return fault


def _retry_after_seconds(text: str, now: datetime) -> float | None:
    """`Retry-After` in either of its two forms, seconds or a date; None when there is none that can be read."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()
