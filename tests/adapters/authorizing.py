"""The steps of OAuth at the QuickBooks stand-in, as an app and a browser take them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from adapters.quickbooks.standin import QuickBooksStandIn

CALLBACK = "http://localhost:8123/callback"
SCOPE = "com.intuit.quickbooks.accounting"
DAY = 86_400


def wish(intuit: QuickBooksStandIn, **changes: str) -> dict[str, str]:
    """The parameters of an authorization."""
    asked = {
        "client_id": intuit.client_id,
        "response_type": "code",
        "scope": SCOPE,
        "redirect_uri": CALLBACK,
        "state": "s-1",
    }
    return {**asked, **changes}


def consent(web: httpx.Client, intuit: QuickBooksStandIn, **changes: str) -> httpx.Response:
    return web.get("/connect/oauth2", params=wish(intuit, **changes))


def came_back_with(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 302, answer.text
    location = urlsplit(answer.headers["location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == CALLBACK
    return {name: values[0] for name, values in parse_qs(location.query).items()}


def ask_token(web: httpx.Client, intuit: QuickBooksStandIn, **form: str) -> httpx.Response:
    return web.post("/oauth2/v1/tokens/bearer", data=form, auth=(intuit.client_id, intuit.client_secret))


def exchange(web: httpx.Client, intuit: QuickBooksStandIn, code: str) -> httpx.Response:
    return ask_token(web, intuit, grant_type="authorization_code", code=code, redirect_uri=CALLBACK)


def refresh(web: httpx.Client, intuit: QuickBooksStandIn, value: str) -> httpx.Response:
    return ask_token(web, intuit, grant_type="refresh_token", refresh_token=value)


def connect(web: httpx.Client, intuit: QuickBooksStandIn, **changes: str) -> dict[str, Any]:
    """Consent and exchange; the body of the token answer."""
    tokens: dict[str, Any] = exchange(web, intuit, came_back_with(consent(web, intuit, **changes))["code"]).json()
    return tokens


def read_company(web: httpx.Client, intuit: QuickBooksStandIn, access: str, realm: str = "") -> httpx.Response:
    realm = realm or next(iter(intuit.companies))
    headers = {"Authorization": f"Bearer {access}", "Accept": "application/json"}
    return web.get(f"/v3/company/{realm}/companyinfo/{realm}", headers=headers)
