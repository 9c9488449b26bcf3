"""WizCommerce tokens: made from e-mail and password, or brought along and tried once. Source: reference, 1.2.

A token lives for a year and cannot be refreshed. It belongs to a user and so to one tenant.
"""

from datetime import datetime

import msgspec

from adapters.http import Client, make_client
from adapters.wizcommerce.client import NEW_TOKEN, failure, fetched, not_understood
from adapters.wizcommerce.wire import TOKEN
from engine.clock import Clock, instant
from engine.ports import GatewayError, Refused

TIMEOUT_SECONDS = 30.0


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token with its tenant. `tenant` is '' and `expires_at` None where only the token itself is known."""

    access_token: str
    tenant: str = ""
    expires_at: datetime | None = None

    def __repr__(self) -> str:  # a token is in no log line and no error
        return f"Token(tenant={self.tenant!r}, expires_at={self.expires_at!r})"


class WizCommerceAuth:
    """Asks for tokens and tries them, at an address such as `https://api-staging.sourcerer.tech`."""

    def __init__(self, clock: Clock, *, http: Client | None = None, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._clock = clock
        self._http = make_client(connections=4) if http is None else http
        self._timeout_seconds = timeout_seconds

    def token(self, address: str, email: str, password: str) -> Token:
        """A new token. Raises Refused when e-mail or password is wrong, Unavailable when nobody answers."""
        reply = fetched(
            self._http,
            self._clock,
            "POST",
            f"{address}/auth/token",
            until=self._clock.boottime() + self._timeout_seconds,
            content=msgspec.json.encode({"email": email, "password": password}),
        )
        if reply.status in (400, 401, 403, 422):
            raise Refused(
                "WizCommerce does not accept this e-mail and password.",
                code=str(reply.status),
                next_step="Check both by signing in to WizCommerce; the user must be allowed to use the API.",
            )
        if not 200 <= reply.status < 300:
            raise self._without_body(failure(reply, self._clock.now(), secret=password))
        try:
            found = TOKEN.decode(reply.body)
            return Token(
                access_token=found.access_token, tenant=found.user.tenant_id, expires_at=instant(found.expires_at)
            )
        except (msgspec.DecodeError, ValueError, RecursionError) as fault:
            raise self._without_body(not_understood("token", reply.body, fault)) from None

    def check(self, address: str, token: str) -> Token:
        """The token, tried by one cheap list call. Raises Refused when it is not accepted.

        The API says neither whose token it is nor until when it lasts, so tenant and expiry stay unknown.
        """
        reply = fetched(
            self._http,
            self._clock,
            "GET",
            f"{address}/v1/customers",
            key=token,
            params={"page": "1", "page_size": "1"},
            until=self._clock.boottime() + self._timeout_seconds,
        )
        if reply.status == 401:
            raise Refused("WizCommerce does not accept this token.", code="401", next_step=NEW_TOKEN)
        if not 200 <= reply.status < 300:
            raise self._without_body(failure(reply, self._clock.now(), secret=token))
        return Token(access_token=token)

    def close(self) -> None:
        self._http.close()

    @staticmethod
    def _without_body(fault: GatewayError) -> GatewayError:
        """An answer of the token endpoint may hold a token in a field we do not know: none of it is kept."""
        fault.raw = ""
        return fault
