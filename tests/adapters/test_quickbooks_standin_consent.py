"""Discovery, the authorize page, and where the browser goes back to. Source: QuickBooks reference, 1.1 and 1.2."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.authorizing import CALLBACK, DAY, SCOPE, came_back_with, connect, consent, exchange, wish

STRANGER = "https://shop.example/callback"


class Page(HTMLParser):
    """A page with one form, as a browser fills it in and sends it."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
        self.action = self.method = ""
        self.fields: dict[str, str] = {}
        self.choices: dict[str, str] = {}
        self.buttons: dict[str, tuple[str, str]] = {}
        self._open: tuple[str, dict[str, Any]] = ("", {})
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found: dict[str, Any] = dict(attrs)
        self._open = (tag, found)
        if tag == "form":
            self.action, self.method = found["action"], found["method"]
        if tag == "input":
            self.fields[found["name"]] = found["value"]
        if tag == "option" and ("realm" not in self.fields or "selected" in found):
            self.fields["realm"] = found["value"]

    def handle_data(self, data: str) -> None:
        tag, found = self._open
        if tag == "option":
            self.choices[data] = found["value"]
        if tag == "button" and data.strip():
            self.buttons[data] = (found["name"], found["value"])

    def press(self, web: httpx.Client, button: str, company: str = "") -> httpx.Response:
        chosen = {"realm": self.choices[company]} if company else {}
        return web.request(self.method, self.action, data={**self.fields, **chosen, **dict([self.buttons[button]])})


def test_both_discovery_documents_name_the_same_endpoints_but_for_userinfo(web: httpx.Client) -> None:
    here = str(web.base_url).rstrip("/")
    answer = web.get("/.well-known/openid_configuration")
    document, sandbox = answer.json(), web.get("/.well-known/openid_sandbox_configuration").json()
    assert answer.headers["content-type"] == "application/json" and "qbo-version" not in answer.headers
    assert document["authorization_endpoint"] == f"{here}/connect/oauth2"
    assert document["token_endpoint"] == f"{here}/oauth2/v1/tokens/bearer"
    assert document["revocation_endpoint"] == f"{here}/v2/oauth2/tokens/revoke"
    assert document["jwks_uri"] == f"{here}/op/v1/jwks" and document["issuer"] == f"{here}/op/v1"
    assert document["scopes_supported"] == ["openid", "email", "profile", "address", "phone"]
    assert [name for name in document if document[name] != sandbox[name]] == ["userinfo_endpoint"]
    assert document["userinfo_endpoint"] == f"{here}/v1/openid_connect/userinfo"
    assert sandbox["userinfo_endpoint"] == f"{here}/sandbox/v1/openid_connect/userinfo"


def test_a_redirect_address_that_is_not_registered_gets_a_page_and_no_redirect(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    refused = consent(web, intuit, redirect_uri=STRANGER)
    assert refused.status_code == 400 and "letter for letter" in refused.text and "location" not in refused.headers
    intuit.allow_redirect(STRANGER)
    assert consent(web, intuit, redirect_uri=STRANGER).headers["location"].startswith(f"{STRANGER}?code=")
    for almost in (STRANGER + "/", STRANGER + "?a=1", STRANGER.upper(), "https://shop.example:443/callback"):
        assert consent(web, intuit, redirect_uri=almost).status_code == 400, almost
    intuit.set_switches(any_localhost_redirect=False)
    assert consent(web, intuit).status_code == 400


def test_development_keys_take_plain_http_on_localhost_only(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    for wrong in ("http://shop.example/callback", "ftp://localhost/callback", "http://[broken", "nonsense", ""):
        intuit.allow_redirect(wrong)
        assert consent(web, intuit, redirect_uri=wrong).status_code == 400, wrong
    assert consent(web, intuit, redirect_uri="http://127.0.0.1:9/callback").status_code == 302


def test_production_keys_take_https_on_a_named_host_only(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.set_switches(app_keys="production")
    wrong = (CALLBACK, "https://localhost/callback", "https://10.0.0.7/callback", "https://[::1]/callback")
    for uri in (*wrong, "http://shop.example/callback", STRANGER):
        if uri != STRANGER:
            intuit.allow_redirect(uri)
        assert consent(web, intuit, redirect_uri=uri).status_code == 400, uri
    intuit.allow_redirect(STRANGER)
    assert consent(web, intuit, redirect_uri=STRANGER).status_code == 302


@pytest.mark.parametrize("wrong", [{"client_id": "nobody"}, {"state": ""}])
def test_an_unknown_app_or_a_missing_state_gets_a_page(
    web: httpx.Client, intuit: QuickBooksStandIn, wrong: dict[str, str]
) -> None:
    answer = consent(web, intuit, **wrong)
    assert answer.status_code == 400 and answer.headers["content-type"].startswith("text/html")


def test_a_wrong_scope_and_a_wrong_response_type_come_back_as_errors(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    for scope in ("books", f"{SCOPE} books", "email", ""):
        assert came_back_with(consent(web, intuit, scope=scope)) == {"error": "invalid_scope", "state": "s-1"}
    assert came_back_with(consent(web, intuit, response_type="token"))["error"] == "unsupported_response_type"


def test_what_the_app_put_in_its_address_and_in_state_comes_back_untouched(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    back = came_back_with(consent(web, intuit, redirect_uri=f"{CALLBACK}?tenant=7", state="a&b=c d+é"))
    assert back["tenant"] == "7" and back["state"] == "a&b=c d+é"
    assert len(back["code"]) <= 512 and back["realmId"] in intuit.companies


def test_a_person_who_says_no_comes_back_with_access_denied(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.set_switches(authorize="deny")
    assert came_back_with(consent(web, intuit)) == {"error": "access_denied", "state": "s-1"}


def test_a_person_who_is_no_administrator_cannot_connect(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.by_hand("take-admin-rights")
    assert came_back_with(consent(web, intuit))["error"] == "access_denied"


def test_the_page_lets_a_person_choose_the_company_and_decide(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.set_switches(authorize="ask")
    second = intuit.by_hand("add-company", CompanyName='Second <Co> & "Sons"')["realm"]
    page = Page(consent(web, intuit, state='"><script>'))
    assert list(page.choices) == ["Sandbox Company", 'Second <Co> & "Sons"']

    yes = came_back_with(page.press(web, "Connect", company='Second <Co> & "Sons"'))
    no = came_back_with(page.press(web, "Cancel"))

    assert yes["realmId"] == second and yes["state"] == '"><script>'
    assert exchange(web, intuit, yes["code"]).status_code == 200
    assert no == {"error": "access_denied", "state": '"><script>'}


def test_what_a_person_pressed_counts_whatever_the_switch_says_since(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.set_switches(authorize="ask")
    page = Page(consent(web, intuit))
    intuit.set_switches(authorize="approve")
    assert came_back_with(page.press(web, "Cancel"))["error"] == "access_denied"
    intuit.set_switches(authorize="deny")
    assert "code" in came_back_with(page.press(web, "Connect"))
    intuit.set_switches(authorize="ask")
    assert web.post("/connect/oauth2", data=wish(intuit)).status_code == 200
    assert web.post("/connect/oauth2", data=wish(intuit, realm="1", decision="approve")).status_code == 400


def test_a_switch_says_which_company_answers_and_which_the_page_shows_first(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    second = intuit.by_hand("add-company")["realm"]
    intuit.set_switches(authorize_realm=second)
    assert came_back_with(consent(web, intuit, realm="1", decision="deny"))["realmId"] == second
    intuit.set_switches(authorize="ask")
    assert came_back_with(Page(consent(web, intuit)).press(web, "Connect"))["realmId"] == second


def test_a_code_works_for_ten_minutes_or_as_long_as_the_switch_says(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    codes = [came_back_with(consent(web, intuit))["code"] for _ in range(2)]
    intuit.clock.move(599)
    assert exchange(web, intuit, codes[0]).status_code == 200
    intuit.clock.move(2)
    assert exchange(web, intuit, codes[1]).json() == {"error": "invalid_grant"}
    intuit.set_switches(code_ttl_seconds=2 * DAY)
    assert exchange(web, intuit, codes[1]).status_code == 200
    assert connect(web, intuit)["token_type"] == "bearer"
