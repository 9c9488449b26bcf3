"""OpenID at the QuickBooks stand-in: who connected. Source: QuickBooks reference, sections 1.1 and 1.3."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.authorizing import SCOPE, came_back_with, connect, consent, exchange, read_company, refresh

ALL = f"{SCOPE} openid email profile address phone"


def _octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verified(web: httpx.Client, token: str) -> dict[str, Any]:
    """The claims of a token whose signature holds against the published key."""
    document = web.get("/.well-known/openid_configuration").json()
    header, claims, signature = token.split(".")
    head = json.loads(_octets(header))
    [key] = [one for one in web.get(document["jwks_uri"]).json()["keys"] if one["kid"] == head["kid"]]
    assert (head["alg"], key["alg"], key["kty"], key["use"]) == ("RS256", "RS256", "RSA", "sig")
    numbers = rsa.RSAPublicNumbers(*(int.from_bytes(_octets(key[part]), "big") for part in ("e", "n")))
    numbers.public_key().verify(_octets(signature), f"{header}.{claims}".encode(), padding.PKCS1v15(), SHA256())
    found: dict[str, Any] = json.loads(_octets(claims))
    assert found["iss"] == document["issuer"] and set(found) <= {*document["claims_supported"], "auth_time"}
    return found


def userinfo(web: httpx.Client, access: str, sandbox: bool = False) -> httpx.Response:
    name = "openid_sandbox_configuration" if sandbox else "openid_configuration"
    endpoint = web.get(f"/.well-known/{name}").json()["userinfo_endpoint"]
    return web.get(endpoint, headers={"Authorization": f"Bearer {access}"})


def test_an_id_token_comes_with_the_openid_scope_signed_with_the_published_key(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    tokens = connect(web, intuit, scope=ALL)
    claims = verified(web, tokens["id_token"])
    assert claims["aud"] == [intuit.client_id] and claims["realmid"] == next(iter(intuit.companies))
    assert claims["exp"] - claims["iat"] == 3600 and claims["sub"]
    again = refresh(web, intuit, tokens["refresh_token"]).json()
    assert verified(web, again["id_token"])["sub"] == claims["sub"]
    assert read_company(web, intuit, tokens["access_token"]).status_code == 200
    assert {tokens["id_token"], again["id_token"]} <= intuit.issued_secrets()
    assert "id_token" not in connect(web, intuit)


def test_userinfo_tells_what_the_scopes_open(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    tokens = connect(web, intuit, scope=ALL)
    told = userinfo(web, tokens["access_token"])
    assert told.json() == userinfo(web, tokens["access_token"], sandbox=True).json()
    assert list(told.json()) == [
        "sub",
        "email",
        "emailVerified",
        "givenName",
        "familyName",
        "phoneNumber",
        "phoneNumberVerified",
        "address",
    ]
    assert told.json()["sub"] == verified(web, tokens["id_token"])["sub"] and "intuit_tid" in told.headers
    little = connect(web, intuit, scope="openid email")["access_token"]
    assert list(userinfo(web, little).json()) == ["sub", "email", "emailVerified"]


def test_userinfo_is_closed_without_the_scope_or_without_a_living_token(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    without = userinfo(web, connect(web, intuit)["access_token"])
    assert (without.status_code, without.json()["code"]) == (403, "ApplicationAuthorizationFailed")
    access = connect(web, intuit, scope="openid")["access_token"]
    intuit.clock.move(3601)
    late = userinfo(web, access)
    assert late.status_code == 401 and late.headers["www-authenticate"].startswith("Bearer ")
    assert late.json() == {
        "code": "AuthenticationFailed",
        "type": "INPUT",
        "message": None,
        "detail": f"Token expired: {access}",
        "moreInfo": None,
    }


def test_a_sign_in_without_a_company_opens_no_books_and_ends_no_connection(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    books = connect(web, intuit)["access_token"]
    back = came_back_with(consent(web, intuit, scope="openid profile"))
    assert "realmId" not in back
    person = exchange(web, intuit, back["code"]).json()
    assert "realmid" not in verified(web, person["id_token"])
    assert read_company(web, intuit, person["access_token"]).status_code == 403
    assert read_company(web, intuit, books).status_code == 200
    another = connect(web, intuit, scope="openid")["access_token"]
    assert [userinfo(web, one).status_code for one in (person["access_token"], another)] == [200, 200]
    intuit.set_switches(authorize="ask")
    assert "<select" not in consent(web, intuit, scope="openid").text
    intuit.set_switches(authorize="approve")
    payments = connect(web, intuit, scope="com.intuit.quickbooks.payment")["access_token"]
    assert read_company(web, intuit, payments).status_code == 403
