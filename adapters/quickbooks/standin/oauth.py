"""Discovery, authorize page, token and revocation endpoints. Source: QuickBooks reference, section 1."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Any
from urllib.parse import parse_qs, urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.quickbooks.standin.authorize_page import choice_page, refusal_page
from adapters.quickbooks.standin.desk import Visit, attend
from adapters.quickbooks.standin.envelope import PLAIN_JSON, to_bytes
from adapters.quickbooks.standin.grants import ACCOUNTING, SCOPES, InvalidGrant
from adapters.quickbooks.standin.office import Office
from adapters.quickbooks.standin.replies import Reply

Wire = dict[str, Any]

_HARD_EXPIRY = "x-include-refresh-token-hard-expires-in"


def oauth_routes(office: Office) -> list[Route]:
    """The four endpoints, each at the address the real hosts give it a path."""

    async def discovery(request: Request) -> Response:
        address = f"{request.url.scheme}://{request.url.netloc}"
        reply = Reply(200, to_bytes(discovery_document(address)), PLAIN_JSON)
        return await attend(office, request, Visit("oauth discovery", "outside"), lambda rule: reply)

    async def authorize(request: Request) -> Response:
        asked = dict(request.query_params) if request.method == "GET" else _form(await request.body())
        return await attend(
            office, request, Visit("oauth authorize", "outside"), lambda rule: _authorize(office, asked, request.method)
        )

    async def token(request: Request) -> Response:
        form = _form(await request.body())
        grant = {"authorization_code": " exchange", "refresh_token": " refresh"}.get(form.get("grant_type", ""), "")
        return await attend(
            office, request, Visit(f"oauth token{grant}", "outside"), lambda rule: _token(office, request, form)
        )

    async def revoke(request: Request) -> Response:
        body = await request.body()
        return await attend(
            office, request, Visit("oauth revoke", "outside"), lambda rule: _revoke(office, request, body)
        )

    return [
        Route("/.well-known/openid_configuration", discovery, methods=["GET"]),
        Route("/.well-known/openid_sandbox_configuration", discovery, methods=["GET"]),
        Route("/connect/oauth2", authorize, methods=["GET", "POST"]),
        Route("/oauth2/v1/tokens/bearer", token, methods=["POST"]),
        Route("/v2/oauth2/tokens/revoke", revoke, methods=["POST"]),
    ]


def discovery_document(address: str) -> Wire:
    """The discovery document with every endpoint at the stand-in's own address."""
    return {
        "issuer": f"{address}/op/v1",
        "authorization_endpoint": f"{address}/connect/oauth2",
        "token_endpoint": f"{address}/oauth2/v1/tokens/bearer",
        "userinfo_endpoint": f"{address}/v1/openid_connect/userinfo",
        "revocation_endpoint": f"{address}/v2/oauth2/tokens/revoke",
        "jwks_uri": f"{address}/op/v1/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
    }


def _authorize(office: Office, asked: dict[str, str], method: str) -> Reply:
    """To the redirect address with a code or an error; to a page when there is no address that may be trusted."""
    uri = asked.get("redirect_uri", "")
    if asked.get("client_id") != office.grants.client_id:
        return refusal_page("The client_id is not that of a registered app.")
    if not office.grants.redirect_allowed(uri):
        return refusal_page("The redirect_uri is not registered for this app, letter for letter.")
    if not asked.get("state"):
        return refusal_page("The state parameter is missing.")
    if asked.get("response_type") != "code":
        return _back(uri, asked, error="unsupported_response_type")
    scopes = set(asked.get("scope", "").split())
    if ACCOUNTING not in scopes or not scopes <= SCOPES:
        return _back(uri, asked, error="invalid_scope")
    decision = office.switches.authorize
    if decision == "ask" and method == "POST":
        decision = "approve" if asked.get("decision") == "approve" else "deny"
    if decision == "ask":
        return choice_page(asked, {realm: one.all("CompanyInfo")[0].wire for realm, one in office.companies.items()})
    realm = asked.get("realm") or office.switches.authorize_realm or next(iter(office.companies))
    company = office.companies.get(realm)
    if company is None:
        return refusal_page("There is no such company.")
    if decision == "deny":
        return _back(uri, asked, error="access_denied")
    if not company.standing.administrator:
        reason = "Only an administrator of the company can connect an app"
        return _back(uri, asked, error="access_denied", error_description=reason)
    code = office.grants.new_code(company.realm, uri)
    return _back(uri, asked, code=code, realmId=company.realm)


def _back(uri: str, asked: dict[str, str], **answer: str) -> Reply:
    query = urlencode({**answer, "state": asked["state"]})
    return Reply(302, b"", "text/html", {"Location": f"{uri}{'&' if '?' in uri else '?'}{query}"})


def _form(body: bytes) -> dict[str, str]:
    """A URL-encoded form; of a repeated field the last value."""
    fields = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in fields.items()}


def _credentials(request: Request, form: dict[str, str]) -> tuple[str, str]:
    """Client id and secret from Basic authentication, else from the body."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client_id, secret


def _is_the_app(office: Office, request: Request, form: dict[str, str]) -> bool:
    given = "\n".join(_credentials(request, form)).encode()
    return hmac.compare_digest(given, f"{office.grants.client_id}\n{office.grants.client_secret}".encode())


def _said(status: int, body: Wire) -> Reply:
    return Reply(status, to_bytes(body), PLAIN_JSON, {"Cache-Control": "no-cache, no-store", "Pragma": "no-cache"})


def _token(office: Office, request: Request, form: dict[str, str]) -> Reply:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        return _said(400, {"error": "invalid_request", "error_description": "The body must be a form"})
    if not _is_the_app(office, request, form):
        return _said(401, {"error": "invalid_client"})
    grant = form.get("grant_type", "")
    needed = {"authorization_code": ("code", "redirect_uri"), "refresh_token": ("refresh_token",)}
    if not grant:
        return _said(400, {"error": "invalid_request", "error_description": "grant_type is missing"})
    if grant not in needed:
        return _said(400, {"error": "unsupported_grant_type"})
    absent = [name for name in needed[grant] if not form.get(name)]
    if absent:
        return _said(400, {"error": "invalid_request", "error_description": f"{absent[0]} is missing"})
    try:
        if grant == "refresh_token":
            access, chain = office.grants.refresh(form["refresh_token"])
        else:
            access, chain = office.grants.exchange(form["code"], form["redirect_uri"])
    except InvalidGrant as refusal:
        described = {"error_description": str(refusal)} if str(refusal) else {}
        return _said(400, {**described, "error": "invalid_grant"})
    hard = request.headers.get(_HARD_EXPIRY, "").lower() == "true"
    return _said(200, office.grants.token_body(access, chain, hard=hard))


def _revoke(office: Office, request: Request, body: bytes) -> Reply:
    """200 with an empty body, 400 for a token that is unknown or already dead. Source: section 1.6."""
    if not _is_the_app(office, request, {}):
        return _said(401, {"error": "invalid_client"})
    try:
        token = msgspec.json.decode(body, type=dict[str, str]).get("token", "")
    except msgspec.DecodeError:
        return _said(400, {"error": "invalid_request"})
    if not office.grants.revoke(token):
        return _said(400, {"error": "invalid_request", "error_description": "The token is not known"})
    return Reply(200, b"", PLAIN_JSON, {"Cache-Control": "no-cache, no-store"})
