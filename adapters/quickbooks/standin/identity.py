"""The person who connects, as OpenID tells of them: `id_token`, the key it is signed with, and userinfo.

Source: QuickBooks reference, sections 1.1 and 1.3; the shape of userinfo is that of the tests of Intuit's own client.
"""

from __future__ import annotations

import base64
import uuid
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from adapters.quickbooks.standin.envelope import to_bytes
from adapters.quickbooks.standin.grants import Chain

Wire = dict[str, Any]

LIFETIME = timedelta(hours=1)
KEY_BITS = 2048
# What userinfo tells beside `sub`, by the scope that opens it.
_TOLD: dict[str, Wire] = {
    "email": {"email": "administrator@company.example", "emailVerified": True},
    "profile": {"givenName": "Sandbox", "familyName": "Administrator"},
    "phone": {"phoneNumber": "+1 5550102000", "phoneNumberVerified": False},
    "address": {
        "address": {
            "streetAddress": "1 Main Street",
            "locality": "Dover",
            "region": "DE",
            "postalCode": "19901",
            "country": "US",
        }
    },
}


class Identity:
    """One person, and the authorization server's key, made when it is first needed."""

    def __init__(self) -> None:
        self.subject = str(uuid.uuid4())
        self.key_id = uuid.uuid4().hex

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65_537, key_size=KEY_BITS)

    def id_token(self, issuer: str, client_id: str, chain: Chain, at: datetime) -> str:
        """A JWT signed with RS256. `aud` is an array of one; `realmid` is there when a company was chosen."""
        claims: Wire = {
            "sub": self.subject,
            "aud": [client_id],
            "auth_time": int(chain.authorized_at.timestamp()),
            "iss": issuer,
            "exp": int((at + LIFETIME).timestamp()),
            "iat": int(at.timestamp()),
        }
        if chain.realm:
            claims["realmid"] = chain.realm
        signed = f"{_encoded(to_bytes({'kid': self.key_id, 'alg': 'RS256'}))}.{_encoded(to_bytes(claims))}"
        return f"{signed}.{_encoded(self._key.sign(signed.encode(), padding.PKCS1v15(), SHA256()))}"

    def keys(self) -> Wire:
        """The document at `jwks_uri`."""
        numbers = self._key.public_key().public_numbers()
        key = {"kty": "RSA", "e": _number(numbers.e), "use": "sig", "kid": self.key_id, "alg": "RS256"}
        return {"keys": [{**key, "n": _number(numbers.n)}]}

    def told(self, scopes: frozenset[str]) -> Wire:
        """What userinfo answers to a token with these scopes."""
        return {"sub": self.subject} | {
            name: value for scope, facts in _TOLD.items() if scope in scopes for name, value in facts.items()
        }


def _encoded(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _number(value: int) -> str:
    return _encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))
