"""Consent: the authorize address, exchange, refresh and revoke. Source: QuickBooks reference, section 1.

Addresses come from the discovery document, never from here. No text raised here holds a code, a token or an address.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec

from adapters.credentials.tokens import Tokens
from adapters.http import (
    Client,
    HTTPError,
    NoAnswer,
    NotSent,
    OAuth2Client,
    OAuthError,
    TooLarge,
    Transport,
    ask,
    deadline,
)
from adapters.quickbooks.fault_table import OUR_BUG, RECONNECT
from engine.clock import Clock
from engine.ports import Disconnected, GatewayError, Refused, Unavailable

SCOPE = "com.intuit.quickbooks.accounting"
CALL_SECONDS = 30.0
DISCOVERY_SECONDS = 24 * 3600.0
"""How long a discovery document is believed."""
DISCOVERY_BYTES = 256 * 1024
THROTTLED_SECONDS = 60
KEYS_AT_FAULT = (
    "Compare the client id and secret in the settings with the app's keys at Intuit; those for development and for "
    "production differ."
)
BY_ITSELF = "Nothing to do: it is tried again by itself."
FORM = {
    "Accept": "application/json",
    "Content-Type": "application/x-www-form-urlencoded",
    # The answer then also says when the consent ends for good, whatever we do (section 1.3).
    "x-include-refresh-token-hard-expires-in": "true",
}


class Endpoints(msgspec.Struct, frozen=True):
    """What we use of the discovery document."""

    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str


class _Lifetimes(msgspec.Struct):
    """The answer of the token endpoint."""

    access_token: str
    expires_in: int
    refresh_token: str
    x_refresh_token_expires_in: int
    x_refresh_token_hard_expires_in: int | None = None


class QuickBooksOAuth:
    """Speaks to Intuit's OAuth endpoints for one app. Safe to share between threads. Implements `Refresher`."""

    def __init__(
        self,
        discovery_url: str,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        clock: Clock,
    ) -> None:
        self._discovery_url = discovery_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._clock = clock
        self._transport = Transport(4)
        self._http = Client(transport=self._transport, timeout=None, follow_redirects=False)
        self._guard = threading.Lock()
        self._known: tuple[float, Endpoints] | None = None

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def authorize_url(self, state: str) -> str:
        """Where the administrator's browser goes. Raises Unavailable when the discovery document cannot be had."""
        endpoint = self.endpoints().authorization_endpoint
        url, _ = self._client([]).create_authorization_url(endpoint, state=state, scope=SCOPE)
        return str(url)

    def exchange(self, code: str) -> Tokens:
        """The tokens for a code, which works once. Raises Disconnected when it was used, expired or is another's."""
        endpoint = self.endpoints().token_endpoint
        return self._tokens(
            lambda client: client.fetch_token(
                endpoint, grant_type="authorization_code", code=code, headers=FORM, redirect_uri=self._redirect_uri
            ),
            dead="QuickBooks no longer accepts this consent: its code was used before or has expired.",
        )

    def refresh(self, refresh_token: str) -> Tokens:
        """New tokens; the refresh token returned replaces this one. Raises Disconnected when this one is dead."""
        endpoint = self.endpoints().token_endpoint
        return self._tokens(
            lambda client: client.refresh_token(endpoint, refresh_token=refresh_token, headers=dict(FORM)),
            dead="The consent to use this QuickBooks company has ended.",
        )

    def revoke(self, token: str) -> None:
        """Ends the consent that `token` (access or refresh) belongs to. A token that is dead already is no error."""
        endpoint = self.endpoints().revocation_endpoint
        until = self._clock.boottime() + CALL_SECONDS
        with deadline(self._clock, until):
            try:
                answer = self._client([]).post(
                    endpoint,
                    json={"token": token},
                    headers={"Accept": "application/json"},
                    auth=(self._client_id, self._client_secret),
                )
            except HTTPError:
                raise _unavailable("QuickBooks did not answer when the consent was to be revoked.") from None
        if answer.status_code in (200, 204, 400):  # 400: it does not know the token (section 1.6)
            return
        if answer.status_code in (401, 403):
            raise self._client_refused(_trace_id(answer))
        raise _unavailable("QuickBooks could not revoke the consent now.", _trace_id(answer))

    def endpoints(self) -> Endpoints:
        """From the discovery document, asked for once a day. Raises Unavailable."""
        with self._guard:
            if self._known is not None and self._clock.boottime() < self._known[0]:
                return self._known[1]
        found = self._discover()
        with self._guard:
            self._known = (self._clock.boottime() + DISCOVERY_SECONDS, found)
        return found

    def _discover(self) -> Endpoints:
        until = self._clock.boottime() + CALL_SECONDS
        headers = {"Accept": "application/json"}
        try:
            reply = ask(
                self._http,
                self._clock,
                "GET",
                self._discovery_url,
                until=until,
                headers=headers,
                max_bytes=DISCOVERY_BYTES,
            )
            found = msgspec.json.decode(reply.body, type=Endpoints) if reply.status == 200 else None
        except (NotSent, NoAnswer, TooLarge, msgspec.DecodeError):
            found = None
        if found is None:
            raise _unavailable("QuickBooks does not say where to connect: its discovery document cannot be had.")
        for address in (found.authorization_endpoint, found.token_endpoint, found.revocation_endpoint):
            if urlsplit(address).scheme != "https" and urlsplit(self._discovery_url).scheme == "https":
                raise Refused("QuickBooks' discovery document names an address that is not safe.", code="discovery")
        return found

    def _client(self, seen: list[Any]) -> Any:
        """A client of authlib for one use; `seen` receives the answer of the token endpoint. It must not be closed: the
        transport is shared."""
        client = OAuth2Client(
            client_id=self._client_id,
            client_secret=self._client_secret,
            token_endpoint_auth_method="client_secret_basic",
            redirect_uri=self._redirect_uri,
            transport=self._transport,
            timeout=None,
        )

        def keep(answer: Any) -> Any:
            seen.append(answer)
            return answer

        client.register_compliance_hook("access_token_response", keep)
        client.register_compliance_hook("refresh_token_response", keep)
        return client

    def _tokens(self, call: Callable[[Any], object], dead: str) -> Tokens:
        seen: list[Any] = []
        asked_at = self._clock.now()
        until = self._clock.boottime() + CALL_SECONDS
        try:
            with deadline(self._clock, until):
                call(self._client(seen))
            told = msgspec.json.decode(seen[-1].content, type=_Lifetimes)
        except OAuthError as problem:
            raise self._mapped(str(problem.error), dead, _trace_id(seen[-1]) if seen else "") from None
        except HTTPError:
            raise self._unanswered(seen) from None
        except (ValueError, msgspec.DecodeError):  # 200, but no tokens in it
            raise _unavailable("QuickBooks' answer about our access could not be understood.") from None
        rolling = told.x_refresh_token_expires_in
        ends_in = min(rolling, told.x_refresh_token_hard_expires_in or rolling)
        return Tokens(
            access_token=told.access_token,
            access_expires_at=asked_at + timedelta(seconds=told.expires_in),
            refresh_token=told.refresh_token,
            refresh_expires_at=asked_at + timedelta(seconds=ends_in),
        )

    def _mapped(self, error: str, dead: str, trace_id: str) -> GatewayError:
        """Source: section 1.5."""
        if error == "invalid_grant":
            return Disconnected(dead, code=error, next_step=RECONNECT, trace_id=trace_id)
        if error == "invalid_client":
            return self._client_refused(trace_id)
        if error in ("temporarily_unavailable", "server_error"):
            return _unavailable("QuickBooks could not renew our access now.", trace_id)
        known = error if error in ("invalid_request", "unsupported_grant_type", "invalid_scope") else "oauth"
        return Refused("QuickBooks refused to give us access.", code=known, next_step=OUR_BUG, trace_id=trace_id)

    def _client_refused(self, trace_id: str) -> Refused:
        return Refused(
            "QuickBooks does not know this app: the client id or secret is wrong.",
            code="invalid_client",
            next_step=KEYS_AT_FAULT,
            trace_id=trace_id,
        )

    def _unanswered(self, seen: list[Any]) -> GatewayError:
        """No answer, or one that is not JSON: from a gateway, or a fault of theirs. The old tokens stay good."""
        if not seen:
            return _unavailable("QuickBooks did not answer when our access was to be renewed.")
        answer = seen[-1]
        if answer.status_code in (401, 403):
            return self._client_refused(_trace_id(answer))
        error = _unavailable("QuickBooks could not renew our access now.", _trace_id(answer))
        if answer.status_code == 429:
            error.not_before = self._later(THROTTLED_SECONDS)
        return error

    def _later(self, seconds: float) -> datetime:
        return self._clock.now() + timedelta(seconds=seconds)


def _unavailable(sentence: str, trace_id: str = "") -> Unavailable:
    return Unavailable(sentence, code="oauth-unavailable", next_step=BY_ITSELF, trace_id=trace_id)


def _trace_id(answer: Any) -> str:
    return str(answer.headers.get("intuit_tid") or answer.headers.get("intuit-tid") or "")
