"""Discovery, authorize, token, revocation, userinfo and key endpoints. Source: QuickBooks reference, section 1."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.admission import bearer
from adapters.quickbooks.standin.consent import asked_for_consent
from adapters.quickbooks.standin.desk import Visit, attend
from adapters.quickbooks.standin.envelope import PLAIN_JSON, newer_gateway_body, to_bytes
from adapters.quickbooks.standin.grants import OPENID, InvalidGrant
from adapters.quickbooks.standin.office import Office
from adapters.quickbooks.standin.refusals import GatewayFault
from adapters.quickbooks.standin.replies import Reply

Wire = dict[str, Any]

_HARD_EXPIRY = "x-include-refresh-token-hard-expires-in"
_FORM = "application/x-www-form-urlencoded"
_NEVER_KEPT = {"Cache-Control": "no-cache, no-store", "Pragma": "no-cache"}
# What the description of invalid_grant says when the switch does not leave it to the cause.
_DESCRIPTIONS = {"none": "", "incorrect": "Incorrect or invalid refresh token", "token-invalid": "Token invalid"}


def oauth_routes(office: Office) -> list[Route]:
    """Every endpoint, at the path it has on the real hosts; the sandbox's userinfo, a host of its own, below /sandbox."""

    async def attended(request: Request, operation: str, work: Callable[[], Reply]) -> Response:
        return await attend(office, request, Visit(f"oauth {operation}", "outside"), lambda rule: work())

    async def discovery(request: Request) -> Response:
        sandbox = request.url.path.endswith("openid_sandbox_configuration")
        document = discovery_document(_address(request), sandbox=sandbox)
        return await attended(request, "discovery", lambda: Reply(200, to_bytes(document), PLAIN_JSON))

    async def authorize(request: Request) -> Response:
        by_form = request.method == "POST"
        asked = _form(await request.body()) if by_form else dict(request.query_params)
        return await attended(request, "authorize", lambda: asked_for_consent(office, asked, by_form=by_form))

    async def token(request: Request) -> Response:
        form = _form(await request.body())
        grant = {"authorization_code": " exchange", "refresh_token": " refresh"}.get(form.get("grant_type", ""), "")
        return await attended(request, f"token{grant}", lambda: _token(office, request, form))

    async def revoke(request: Request) -> Response:
        body = await request.body()
        return await attended(request, "revoke", lambda: _revoke(office, request, body))

    async def userinfo(request: Request) -> Response:
        return await attended(request, "userinfo", lambda: _userinfo(office, request))

    async def keys(request: Request) -> Response:
        return await attended(request, "keys", lambda: Reply(200, to_bytes(office.identity.keys()), PLAIN_JSON))

    return [
        Route("/.well-known/openid_configuration", discovery, methods=["GET"]),
        Route("/.well-known/openid_sandbox_configuration", discovery, methods=["GET"]),
        Route("/connect/oauth2", authorize, methods=["GET", "POST"]),
        Route("/oauth2/v1/tokens/bearer", token, methods=["POST"]),
        Route("/v2/oauth2/tokens/revoke", revoke, methods=["POST"]),
        Route("/v1/openid_connect/userinfo", userinfo, methods=["GET"]),
        Route("/sandbox/v1/openid_connect/userinfo", userinfo, methods=["GET"]),
        Route("/op/v1/jwks", keys, methods=["GET"]),
    ]


def discovery_document(address: str, *, sandbox: bool = False) -> Wire:
    """The discovery document with every endpoint at the stand-in's own address."""
    return {
        "issuer": _issuer(address),
        "authorization_endpoint": f"{address}/connect/oauth2",
        "token_endpoint": f"{address}/oauth2/v1/tokens/bearer",
        "userinfo_endpoint": f"{address}{'/sandbox' if sandbox else ''}/v1/openid_connect/userinfo",
        "revocation_endpoint": f"{address}/v2/oauth2/tokens/revoke",
        "jwks_uri": f"{address}/op/v1/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
    }


def _address(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _issuer(address: str) -> str:
    return f"{address}/op/v1"


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


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _said(status: int, body: Wire) -> Reply:
    return Reply(status, to_bytes(body), PLAIN_JSON, _NEVER_KEPT)


def _refused(status: int, error: str, description: str = "") -> Reply:
    """As recorded, the description comes first. Source: section 1.5."""
    return _said(status, {**({"error_description": description} if description else {}), "error": error})


def _token(office: Office, request: Request, form: dict[str, str]) -> Reply:
    if _media_type(request) != _FORM:
        return _refused(400, "invalid_request", "The body must be a form")
    if not _is_the_app(office, request, form):
        return _refused(office.switches.invalid_client_status, "invalid_client")
    grant = form.get("grant_type", "")
    needed = {"authorization_code": ("code", "redirect_uri"), "refresh_token": ("refresh_token",)}
    if not grant:
        return _refused(400, "invalid_request", "grant_type is missing")
    if grant not in needed:
        return _refused(400, "unsupported_grant_type")
    absent = [name for name in needed[grant] if not form.get(name)]
    if absent:
        return _refused(400, "invalid_request", f"{absent[0]} is missing")
    try:
        if grant == "refresh_token":
            access, chain = office.grants.refresh(form["refresh_token"])
        else:
            access, chain = office.grants.exchange(form["code"], form["redirect_uri"])
    except InvalidGrant as refusal:
        return _refused(400, "invalid_grant", _DESCRIPTIONS.get(office.switches.invalid_grant_text, str(refusal)))
    body = office.grants.token_body(access, chain, hard=request.headers.get(_HARD_EXPIRY, "").lower() == "true")
    if OPENID in chain.scopes:
        issuer, now = _issuer(_address(request)), office.clock.now()
        body["id_token"] = office.grants.issue(office.identity.id_token(issuer, office.grants.client_id, chain, now))
    return _said(200, body)


def _revoke(office: Office, request: Request, body: bytes) -> Reply:
    """200 with an empty body, 400 for a token that is unknown or already dead. Intuit's own form of the body is JSON;
    that of the OAuth standard is taken too. Source: section 1.6."""
    form = _form(body) if _media_type(request) == _FORM else {}
    if not _is_the_app(office, request, form):
        return _refused(office.switches.invalid_client_status, "invalid_client")
    try:
        token = form.get("token", "") if form else msgspec.json.decode(body, type=dict[str, str]).get("token", "")
    except msgspec.DecodeError:
        return _refused(400, "invalid_request")
    if not office.grants.revoke(token):
        return _refused(400, "invalid_request", "The token is not known")
    return Reply(200, b"", PLAIN_JSON, _NEVER_KEPT)


def _userinfo(office: Office, request: Request) -> Reply:
    """Of the person who connected, as far as the token's scopes go; refused in the form of the newer gateways."""
    try:
        chain = bearer(office.grants, request.headers.get("authorization", ""))
        if OPENID not in chain.scopes:
            raise refusals.not_authorised()
    except GatewayFault as fault:
        return Reply(fault.status, newer_gateway_body(fault), PLAIN_JSON, fault.headers)
    return _said(200, office.identity.told(chain.scopes))
