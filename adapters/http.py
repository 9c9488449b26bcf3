"""Calls to the outside: the one module that owns the choice of HTTP library.

httpx is used, and authlib's OAuth client over httpx. httpx2 must not be installed: authlib would build its client on
it, and `except HTTPError` would miss what it raises. That is checked here, at import.

What httpx alone does not promise is promised here: a *total* deadline. Its time-outs are per phase, so a server that
drips a byte now and then holds a call open for ever. Here every wait for the network is cut to what remains until
the deadline of the call, and it is known for certain whether any byte of the request has left.
"""

import contextlib
import logging
import ssl
import threading
import warnings
from collections.abc import Generator, Iterable, Iterator, Mapping
from functools import cache

import httpcore
import httpx
import msgspec

from engine.clock import Clock

with warnings.catch_warnings():
    # authlib warns at import that httpx is deprecated; the choice is ours and made. It also installs an "always" filter
    # for its warnings, which leaving this block undoes.
    from authlib.deprecate import AuthlibDeprecationWarning  # type: ignore[import-untyped]

    warnings.filterwarnings("ignore", message="The httpx module is deprecated", category=AuthlibDeprecationWarning)
    from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
    from authlib.integrations.httpx_client import OAuth2Client  # type: ignore[import-untyped]

if not issubclass(OAuth2Client, httpx.Client):
    raise ImportError("authlib built its OAuth client on httpx2: uninstall httpx2, this program uses httpx.")

for _chatty in ("httpx", "httpcore"):  # they log whole addresses, and a query to QuickBooks names customers
    logging.getLogger(_chatty).setLevel(logging.WARNING)

MAX_BODY_BYTES = 16 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
NO_LIMIT_SECONDS = 150.0
"""For a request made outside any `deadline`: longer than the longest either system allows itself."""

__all__ = [
    "MAX_BODY_BYTES",
    "Client",
    "HTTPError",
    "NoAnswer",
    "NotSent",
    "OAuth2Client",
    "OAuthError",
    "Reply",
    "TooLarge",
    "TooLate",
    "Transport",
    "ask",
    "deadline",
    "make_client",
]

Client = httpx.Client
HTTPError = httpx.HTTPError


class NotSent(Exception):
    """No byte of the request left: it was certainly not carried out."""


class TooLate(NotSent):
    """The time in which the request might leave had passed."""


class NoAnswer(Exception):
    """The request may have left, and no whole answer came back in time."""


class TooLarge(Exception):
    """The answer is larger than allowed."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Call:
    """The call under way on this thread: by when its first byte must leave, until when it lasts, whether a byte
    left."""

    def __init__(self, clock: Clock, until: float, send_by: float) -> None:
        self.clock = clock
        self.until = until
        self.send_by = min(until, send_by)
        self.sent = False

    def remaining_seconds(self) -> float:
        return (self.until if self.sent else self.send_by) - self.clock.boottime()


_here = threading.local()


@contextlib.contextmanager
def deadline(clock: Clock, until: float, send_by: float | None = None) -> Generator[_Call, None, None]:
    """Every request of this thread inside the block ends by `until`, and none leaves after `send_by` (seconds on the
    clock's boottime)."""
    before = getattr(_here, "call", None)
    call = _here.call = _Call(clock, until, until if send_by is None else send_by)
    try:
        yield call
    finally:
        _here.call = before


def _left(timeout: float | None, late: type[Exception]) -> float:
    """Seconds a wait may take; raises `late` when there are none."""
    call: _Call | None = getattr(_here, "call", None)
    allowed = NO_LIMIT_SECONDS if timeout is None else timeout
    if call is not None:
        allowed = min(allowed, call.remaining_seconds())
    if allowed <= 0:
        raise late("the deadline of the call has passed")
    return allowed


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait is cut to what remains of the call's time."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        view = memoryview(buffer)
        while view:
            _left(timeout, httpcore.WriteTimeout)  # the last look at the clock before the first byte leaves
            call: _Call | None = getattr(_here, "call", None)
            if call is not None:
                call.sent = True
            self._inner.write(bytes(view[:CHUNK_BYTES]), _left(timeout, httpcore.WriteTimeout))
            view = view[CHUNK_BYTES:]

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _left(timeout, httpcore.ConnectTimeout)))

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Opens connections whose waits are cut. The look-up of a host name is the operating system's and is not cut, but
    after it the deadline is looked at again before anything is sent."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        allowed = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.connect_tcp(host, port, allowed, local_address, socket_options))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


_NAMES: dict[type[Exception], type[httpx.TransportError]] = {
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.WriteTimeout: httpx.WriteTimeout,
    httpcore.PoolTimeout: httpx.PoolTimeout,
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ReadError: httpx.ReadError,
    httpcore.WriteError: httpx.WriteError,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
    httpcore.UnsupportedProtocol: httpx.UnsupportedProtocol,
}


@contextlib.contextmanager
def _as_httpx() -> Generator[None, None, None]:
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as problem:
        raise _NAMES.get(type(problem), httpx.TransportError)(str(problem)) from None
    except httpcore.UnsupportedProtocol as problem:
        raise httpx.UnsupportedProtocol(str(problem)) from None


class _Body(httpx.SyncByteStream):
    def __init__(self, inner: httpcore.Response) -> None:
        self._inner = inner

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._inner.iter_stream()

    def close(self) -> None:
        self._inner.close()


@cache
def _trusted() -> ssl.SSLContext:
    """One for the whole process: reading the list of authorities takes 20 ms, and every pool reads the same."""
    return httpx.create_ssl_context()


class Transport(httpx.BaseTransport):
    """A pool of connections that keeps the deadline of the call. Proxies named in the environment are not used."""

    def __init__(self, connections: int = 40) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trusted(),
            max_connections=connections,
            max_keepalive_connections=connections,
            # Shorter than the other side's: a write on a connection it has just closed would be an unknown outcome.
            keepalive_expiry=4.0,
            network_backend=_Backend(),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with _as_httpx():
            answer = self._pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), extensions=dict(answer.extensions)
        )

    def close(self) -> None:
        self._pool.close()


def make_client(connections: int = 40) -> httpx.Client:
    """A client that follows no redirects and whose calls keep their deadlines. Safe to share between threads."""
    return httpx.Client(transport=Transport(connections), timeout=None, follow_redirects=False)


def ask(
    client: httpx.Client,
    clock: Clock,
    method: str,
    url: str,
    *,
    until: float,
    send_by: float | None = None,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    content: bytes | None = None,
    max_bytes: int = MAX_BODY_BYTES,
) -> Reply:
    """One request that leaves by `send_by` and its whole answer by `until` (both seconds on the clock's boottime).

    Raises NotSent when no byte left (TooLate when that was for want of time), NoAnswer when one may have, TooLarge when
    the body exceeds `max_bytes`. No text of these holds the URL or a header.
    """
    with deadline(clock, until, send_by) as call:
        try:
            with client.stream(method, url, headers=headers, params=params, content=content) as answer:
                body = bytearray()
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > max_bytes:
                        raise TooLarge(f"the answer is larger than {max_bytes} bytes")
                return Reply(status=answer.status_code, headers=dict(answer.headers), body=bytes(body))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as problem:
            if not call.sent and call.remaining_seconds() <= 0 and not isinstance(problem, httpx.ConnectError):
                raise TooLate("its time had passed before it could be sent") from None
            raise (NoAnswer if call.sent else NotSent)(_reason(problem)) from None


def _reason(problem: Exception) -> str:
    """What went wrong on the network in a few words that hold no address and no secret."""
    if isinstance(problem, httpx.TimeoutException):
        return "it did not answer in time" if not isinstance(problem, httpx.ConnectTimeout) else "no connection in time"
    if isinstance(problem, httpx.ConnectError):
        return "no connection could be made"
    return f"the connection broke ({type(problem).__name__})"
