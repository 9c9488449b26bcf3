"""Codes, chains of tokens and their ends: what an authorization server remembers. Source: reference, 1.2-1.6."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from adapters.quickbooks.standin.switches import Switches
from adapters.standin.clock import StandInClock

FIVE_YEARS_SECONDS = 157_680_000
ACCOUNTING = "com.intuit.quickbooks.accounting"
SCOPES = frozenset({ACCOUNTING, "com.intuit.quickbooks.payment", "openid", "email", "profile", "address", "phone"})
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class InvalidGrant(Exception):
    """The token endpoint says invalid_grant; the text is its description, empty for none."""


@dataclass
class Chain:
    """All tokens that came from one authorization of one company."""

    realm: str
    authorized_at: datetime
    refresh_value: str
    value_since: datetime
    ended: bool = False
    # Rotated refresh values, and since when each is dead.
    dead: dict[str, datetime] = field(default_factory=dict)


@dataclass
class Code:
    realm: str
    redirect_uri: str
    issued_at: datetime
    chain: Chain | None = None


class Access(NamedTuple):
    chain: Chain
    expires_at: datetime


class Grants:
    """One app's registration, and every code and token it was given."""

    def __init__(self, clock: StandInClock, switches: Switches) -> None:
        self.clock = clock
        self.switches = switches
        self.client_id = "AB" + secrets.token_hex(24)
        self.client_secret = secrets.token_urlsafe(30)
        self.verifier_token = secrets.token_urlsafe(27)
        self.redirect_uris: set[str] = set()
        self.issued: set[str] = {self.client_secret, self.verifier_token}
        self.chains: dict[str, Chain] = {}
        self._codes: dict[str, Code] = {}
        self._access: dict[str, Access] = {}
        self._refresh: dict[str, Chain] = {}

    def clear(self) -> None:
        """Forget codes, chains and redirect addresses; the app's own keys stay, and so does what was ever issued."""
        self.redirect_uris.clear()
        for known in (self.chains, self._codes, self._access, self._refresh):
            known.clear()

    def redirect_allowed(self, uri: str) -> bool:
        if uri in self.redirect_uris:
            return True
        parts = urlsplit(uri)
        return self.switches.any_localhost_redirect and parts.scheme == "http" and parts.hostname in _LOCAL

    def new_code(self, realm: str, redirect_uri: str) -> str:
        code = self._issue("AB1" + secrets.token_urlsafe(32))
        self._codes[code] = Code(realm, redirect_uri, self.clock.now())
        return code

    def exchange(self, value: str, redirect_uri: str) -> tuple[str, Chain]:
        """An access token and the new chain for a code; the company's earlier chain ends. Raises InvalidGrant."""
        code = self._codes.get(value)
        if code is None:
            raise InvalidGrant("")
        if code.chain is not None:
            if self.switches.code_reuse_kills_chain:
                self.end(code.chain)
            raise InvalidGrant("")
        if self._age(code.issued_at) > self.switches.code_ttl_seconds or redirect_uri != code.redirect_uri:
            raise InvalidGrant("")
        code.chain = self.new_chain(code.realm)
        return self.new_access(code.chain), code.chain

    def new_chain(self, realm: str) -> Chain:
        """One app has one live connection per company: an earlier chain ends here."""
        if (earlier := self.chains.get(realm)) is not None:
            self.end(earlier)
        now = self.clock.now()
        chain = Chain(realm, now, self._new_refresh_value(), now)
        self.chains[realm] = self._refresh[chain.refresh_value] = chain
        return chain

    def new_access(self, chain: Chain) -> str:
        token = self._issue("eyJlbmMi" + secrets.token_urlsafe(96))
        lifetime = timedelta(seconds=self.switches.access_token_ttl_seconds)
        self._access[token] = Access(chain, self.clock.now() + lifetime)
        return token

    def refresh(self, value: str) -> tuple[str, Chain]:
        """A new access token; the refresh value changes once it is a day old. Raises InvalidGrant."""
        chain = self._refresh.get(value)
        if chain is None:
            raise InvalidGrant("Incorrect or invalid refresh token")
        if chain.ended or self.seconds_left(chain) <= 0 or self.hard_seconds_left(chain) <= 0:
            raise InvalidGrant("Token invalid")
        if value != chain.refresh_value:
            if self._age(chain.dead[value]) >= self.switches.refresh_grace_seconds:
                if self.switches.replay_kills_chain:
                    self.end(chain)
                raise InvalidGrant("Incorrect or invalid refresh token")
        elif self._age(chain.value_since) >= self.switches.refresh_rotation_seconds:
            now = self.clock.now()
            chain.dead[chain.refresh_value] = now
            chain.refresh_value = self._new_refresh_value()
            chain.value_since = now
            self._refresh[chain.refresh_value] = chain
        return self.new_access(chain), chain

    def revoke(self, token: str) -> bool:
        """End the chain of either kind of token; False for one that is unknown or already dead."""
        access = self._access.get(token)
        chain = access.chain if access else self._refresh.get(token)
        if chain is None or chain.ended:
            return False
        self.end(chain)
        return True

    def end(self, chain: Chain) -> None:
        chain.ended = True
        if self.chains.get(chain.realm) is chain:
            del self.chains[chain.realm]

    def connected(self, realm: str) -> bool:
        return realm in self.chains

    def realm_of(self, token: str, refuse: Callable[[str], Exception]) -> str:
        """The company an access token belongs to; raises what `refuse` makes of the reason."""
        if not 20 <= len(token) <= 4096:
            raise refuse("Malformed bearer token: too short or too long")
        access = self._access.get(token)
        if access is None:
            raise refuse(f"Token invalid: {token}")
        if access.chain.ended:
            raise refuse(f"Token revoked: {token}")
        if self.clock.now() >= access.expires_at:
            raise refuse(f"Token expired: {token}")
        return access.chain.realm

    def seconds_left(self, chain: Chain) -> int:
        """Of the refresh value's rolling life."""
        return self.switches.refresh_ttl_seconds - int(self._age(chain.value_since))

    def hard_seconds_left(self, chain: Chain) -> int:
        """Of the five years that no chain outlives."""
        return FIVE_YEARS_SECONDS - int(self._age(chain.authorized_at))

    def token_body(self, access: str, chain: Chain, *, hard: bool) -> dict[str, Any]:
        """The success body of the token endpoint. Source: section 1.3."""
        body: dict[str, Any] = {
            "token_type": "bearer",
            "access_token": access,
            "expires_in": self.switches.access_token_ttl_seconds,
            "refresh_token": chain.refresh_value,
            "x_refresh_token_expires_in": self.seconds_left(chain),
        }
        if hard:
            body["x_refresh_token_hard_expires_in"] = self.hard_seconds_left(chain)
        return body

    def _age(self, since: datetime) -> float:
        return (self.clock.now() - since).total_seconds()

    def _new_refresh_value(self) -> str:
        return self._issue("AB11" + secrets.token_urlsafe(36))

    def _issue(self, secret: str) -> str:
        self.issued.add(secret)
        return secret
