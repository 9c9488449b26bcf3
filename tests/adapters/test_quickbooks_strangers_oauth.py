"""Intuit's own OAuth client, unchanged, against the stand-in. Source: QuickBooks reference, section 1."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError
from quickbooks.exceptions import AuthorizationException
from quickbooks.objects import CompanyInfo

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.strangers import CALLBACK, books_of, may_speak_plain_http, oauth_client

DAY = 86_400


class Form(HTMLParser):
    """The one form of a page, as a browser reads it: address, hidden fields, first choices, buttons."""

    def __init__(self, page: httpx.Response) -> None:
        super().__init__()
        self.action, self.fields, self.buttons = str(page.url), {}, {}
        self._select = ""
        self.feed(page.text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found: dict[str, Any] = dict(attributes)
        if tag == "form":
            self.action = str(httpx.URL(self.action).join(found["action"]))
        if tag == "input" and found["type"] == "hidden":
            self.fields[found["name"]] = found["value"]
        if tag == "select":
            self._select = found["name"]
        if tag == "option":
            self.fields.setdefault(self._select, found["value"])
        if tag == "button":
            self.buttons[found["value"]] = {found["name"]: found["value"]}

    def press(self, button: str) -> httpx.Response:
        return httpx.post(self.action, data={**self.fields, **self.buttons[button]}, trust_env=False)


@pytest.fixture
def ready(intuit: QuickBooksStandIn, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    may_speak_plain_http(monkeypatch)
    assert intuit.running is not None
    return intuit.ready_line(intuit.running.address)


@pytest.fixture
def stranger(ready: dict[str, str]) -> Iterator[AuthClient]:
    with oauth_client(ready) as client:
        yield client


def asked(stranger: AuthClient) -> httpx.Response:
    """What the browser gets at the address the client made."""
    return httpx.get(stranger.get_authorization_url([Scopes.ACCOUNTING]), trust_env=False)


def came_back(answer: httpx.Response) -> httpx.QueryParams:
    assert answer.next_request is not None, answer.text
    url = answer.next_request.url
    assert str(url.copy_with(query=None)) == CALLBACK
    return url.params


def connect(stranger: AuthClient) -> None:
    back = came_back(asked(stranger))
    stranger.get_bearer_token(back["code"], realm_id=back["realmId"])


def test_both_discovery_documents_lead_to_the_same_endpoints(ready: dict[str, str]) -> None:
    with (
        oauth_client(ready) as production,
        oauth_client(ready, f"{ready['api']}/.well-known/openid_sandbox_configuration") as sandbox,
    ):
        for one in ("auth_endpoint", "token_endpoint", "revoke_endpoint", "issuer_uri", "jwks_uri"):
            assert getattr(production, one) == getattr(sandbox, one)
            assert getattr(production, one).startswith(ready["api"])
        assert production.user_info_url.startswith(ready["api"]) and sandbox.user_info_url.startswith(ready["api"])


def test_consent_becomes_tokens_that_open_the_books(stranger: AuthClient, ready: dict[str, str]) -> None:
    back = came_back(asked(stranger))
    assert back["state"] == stranger.state_token and back["realmId"] == ready["realm"] and len(back["code"]) <= 512

    stranger.get_bearer_token(back["code"], realm_id=back["realmId"])

    assert (stranger.expires_in, stranger.x_refresh_token_expires_in) == (3600, 8_726_400)
    books = books_of(stranger, ready)
    with books.session:
        assert CompanyInfo.get(ready["realm"], qb=books).Id == "1"
    with pytest.raises(AuthClientError) as refused:
        stranger.get_bearer_token(back["code"])
    assert refused.value.status_code == 400 and refused.value.response.json()["error"] == "invalid_grant"
    assert refused.value.intuit_tid


@pytest.mark.parametrize("decision", ["approve", "deny"])
def test_a_person_clicks_through_the_page(
    intuit: QuickBooksStandIn, stranger: AuthClient, ready: dict[str, str], decision: str
) -> None:
    intuit.set_switches(authorize="ask")
    page = asked(stranger)
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")

    back = came_back(Form(page).press(decision))

    assert back["state"] == stranger.state_token
    if decision == "deny":
        assert back["error"] == "access_denied" and "code" not in back and "realmId" not in back
    else:
        stranger.get_bearer_token(back["code"], realm_id=back["realmId"])
        assert stranger.access_token and stranger.realm_id == ready["realm"]


def test_a_refresh_gives_the_same_value_for_a_day_and_then_a_new_one(
    intuit: QuickBooksStandIn, stranger: AuthClient
) -> None:
    connect(stranger)
    first, access, left = stranger.refresh_token, stranger.access_token, stranger.x_refresh_token_expires_in

    intuit.clock.move(5_000)
    stranger.refresh()
    assert stranger.refresh_token == first and stranger.access_token != access
    assert left - 5_010 <= stranger.x_refresh_token_expires_in <= left - 5_000

    intuit.clock.move(DAY)
    stranger.refresh()
    assert stranger.refresh_token != first and stranger.x_refresh_token_expires_in == left
    with pytest.raises(AuthClientError) as refused:
        stranger.refresh(first)
    assert refused.value.response.json() == {
        "error": "invalid_grant",
        "error_description": "Incorrect or invalid refresh token",
    }
    stranger.refresh()


@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
def test_a_revoke_of_either_token_ends_both(stranger: AuthClient, ready: dict[str, str], which: str) -> None:
    connect(stranger)

    assert stranger.revoke(getattr(stranger, which)) is True

    books = books_of(stranger, ready)
    with books.session, pytest.raises(AuthorizationException) as closed:
        CompanyInfo.get(ready["realm"], qb=books)
    assert closed.value.error_code == 401 and "003200" in closed.value.detail
    for again in (stranger.refresh, stranger.revoke):
        with pytest.raises(AuthClientError) as refused:
            again()
        assert refused.value.status_code == 400


def test_an_app_with_the_wrong_secret_gets_nothing(stranger: AuthClient, ready: dict[str, str]) -> None:
    connect(stranger)
    stranger.client_secret = "guessed"

    for attempt in (stranger.refresh, stranger.revoke):
        with pytest.raises(AuthClientError) as refused:
            attempt()
        assert refused.value.status_code == 401 and refused.value.response.json() == {"error": "invalid_client"}


def test_a_second_consent_to_the_same_company_ends_the_first(ready: dict[str, str], stranger: AuthClient) -> None:
    connect(stranger)
    with oauth_client(ready) as second:
        connect(second)
        second.refresh()

    with pytest.raises(AuthClientError, match="invalid_grant"):
        stranger.refresh()


# Their client asks for the time in a way that newer Pythons warn of.
@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
@pytest.mark.parametrize("name", ["openid_configuration", "openid_sandbox_configuration"])
def test_an_id_token_is_accepted_and_userinfo_is_read(ready: dict[str, str], name: str) -> None:
    with oauth_client(ready, f"{ready['api']}/.well-known/{name}") as client:
        wishes = [Scopes.ACCOUNTING, Scopes.OPENID, Scopes.EMAIL]
        back = came_back(httpx.get(client.get_authorization_url(wishes), trust_env=False))

        client.get_bearer_token(back["code"], realm_id=back["realmId"])

        assert client.id_token, "the client checked its signature, issuer, audience and time"
        told = client.get_user_info().json()
        assert told["sub"] and told["emailVerified"] is True and "givenName" not in told
