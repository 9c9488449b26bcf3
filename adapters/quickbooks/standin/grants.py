"""Codes, chains of tokens and their ends: what an authorization server remembers. Source: reference, 1.2-1.6."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from adapters.quickbooks.standin.switches import Switches
from adapters.standin.clock import StandInClock

FIVE_YEARS_SECONDS = 157_680_000
ACCOUNTING = "com.intuit.quickbooks.accounting"
OPENID = "openid"
# Of the company; the others are of the person.
OF_THE_COMPANY = frozenset({ACCOUNTING, "com.intuit.quickbooks.payment"})
SCOPES = OF_THE_COMPANY | {OPENID, "email", "profile", "address", "phone"}
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class InvalidGrant(Exception):
    """The token endpoint says invalid_grant; the text is its description, empty for none."""


@dataclass
class Chain:
    """All tokens that came from one authorization; `realm` is empty when only the person was asked about."""

    realm: str
    scopes: frozenset[str]
    authorized_at: datetime
    refresh_value: str
    value_since: datetime
    ended: bool = False
    # Rotated refresh values, and since when each is dead.
    dead: dict[str, datetime] = field(default_factory=dict)


@dataclass
class Code:
    realm: str
    scopes: frozenset[str]
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

    def redirect_refusal(self, uri: str) -> str:
        """Why the browser is not sent back to this address; empty when it may be. Source: section 1.2."""
        try:
            parts = urlsplit(uri)
        except ValueError:
            return "The redirect_uri is not an address."
        if self.switches.app_keys == "production" and _is_local_or_bare(parts):
            return "With production keys the redirect_uri must be on a host with a name, and not localhost."
        local = parts.hostname in _LOCAL
        if parts.scheme != "https" and not (parts.scheme == "http" and local):
            return "The redirect_uri must be https; with development keys http will do for localhost."
        free = self.switches.any_localhost_redirect and parts.scheme == "http" and local
        if uri not in self.redirect_uris and not free:
            return "The redirect_uri is not registered for this app, letter for letter."
        return ""

    def new_code(self, realm: str, redirect_uri: str, scopes: frozenset[str]) -> str:
        code = self.issue("AB1" + secrets.token_urlsafe(32))
        self._codes[code] = Code(realm, scopes, redirect_uri, self.clock.now())
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
        code.chain = self.new_chain(code.realm, code.scopes)
        return self.new_access(code.chain), code.chain

    def new_chain(self, realm: str, scopes: frozenset[str] = frozenset({ACCOUNTING})) -> Chain:
        """One app has one live connection per company: an earlier chain ends here, whoever connected it."""
        if (earlier := self.chains.get(realm)) is not None:
            self.end(earlier)
        now = self.clock.now()
        chain = Chain(realm, scopes, now, self._new_refresh_value(), now)
        self._refresh[chain.refresh_value] = chain
        if realm:
            self.chains[realm] = chain
        return chain

    def new_access(self, chain: Chain) -> str:
        token = self.issue("eyJlbmMi" + secrets.token_urlsafe(96))
        lifetime = timedelta(seconds=self.switches.access_token_ttl_seconds)
        self._access[token] = Access(chain, self.clock.now() + lifetime)
        return token

    def refresh(self, value: str) -> tuple[str, Chain]:
        """A new access token; the refresh value changes once it is a day old. Raises InvalidGrant."""
        chain = self._refresh.get(value)
        if chain is None:
            raise InvalidGrant("Incorrect or invalid refresh token")
        if chain.ended or self.seconds_left(chain) <= 0:
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

    def chain_of(self, token: str, refuse: Callable[[str], Exception]) -> Chain:
        """The chain an access token belongs to; raises what `refuse` makes of the reason."""
        if not 20 <= len(token) <= 4096:
            raise refuse("Malformed bearer token: too short or too long")
        access = self._access.get(token)
        if access is None:
            raise refuse(f"Token invalid: {token}")
        if access.chain.ended:
            raise refuse(f"Token revoked: {token}")
        if self.clock.now() >= access.expires_at:
            raise refuse(f"Token expired: {token}")
        return access.chain

    def seconds_left(self, chain: Chain) -> int:
        """Of the refresh value's rolling life, which does not reach beyond the chain's own end."""
        rolling = self.switches.refresh_ttl_seconds - int(self._age(chain.value_since))
        return min(rolling, self.hard_seconds_left(chain))

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
        return self.issue("AB11" + secrets.token_urlsafe(36))

    def issue(self, secret: str) -> str:
        """Remember what was given out, so that a test can look for it where it must not be."""
        self.issued.add(secret)
        return secret


def _is_local_or_bare(parts: SplitResult) -> bool:
    """Whether a host is this machine or has no name, only a number."""
    host = parts.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return not host or host in _LOCAL
    return True
