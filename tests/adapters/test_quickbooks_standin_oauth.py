"""The QuickBooks stand-in's OAuth: consent, tokens, their rotation and their end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn

CALLBACK = "http://localhost:8123/callback"
SCOPE = "com.intuit.quickbooks.accounting"
DAY = 86_400


@pytest.fixture
def web(intuit: QuickBooksStandIn) -> Iterator[httpx.Client]:
    assert intuit.running is not None
    with httpx.Client(base_url=intuit.running.address, trust_env=False) as client:
        yield client


def consent(web: httpx.Client, intuit: QuickBooksStandIn, **changes: str) -> httpx.Response:
    asked = {
        "client_id": intuit.client_id,
        "response_type": "code",
        "scope": SCOPE,
        "redirect_uri": CALLBACK,
        "state": "s-1",
    }
    return web.get("/connect/oauth2", params={**asked, **changes})


def came_back_with(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 302
    location = urlsplit(answer.headers["location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == CALLBACK
    return {name: values[0] for name, values in parse_qs(location.query).items()}


def ask_token(web: httpx.Client, intuit: QuickBooksStandIn, **form: str) -> httpx.Response:
    return web.post("/oauth2/v1/tokens/bearer", data=form, auth=(intuit.client_id, intuit.client_secret))


def exchange(web: httpx.Client, intuit: QuickBooksStandIn, code: str) -> httpx.Response:
    return ask_token(web, intuit, grant_type="authorization_code", code=code, redirect_uri=CALLBACK)


def refresh(web: httpx.Client, intuit: QuickBooksStandIn, value: str) -> httpx.Response:
    return ask_token(web, intuit, grant_type="refresh_token", refresh_token=value)


def connect(web: httpx.Client, intuit: QuickBooksStandIn) -> dict[str, Any]:
    tokens: dict[str, Any] = exchange(web, intuit, came_back_with(consent(web, intuit))["code"]).json()
    return tokens


def read_company(web: httpx.Client, intuit: QuickBooksStandIn, access: str, realm: str = "") -> httpx.Response:
    realm = realm or next(iter(intuit.companies))
    headers = {"Authorization": f"Bearer {access}", "Accept": "application/json"}
    return web.get(f"/v3/company/{realm}/companyinfo/{realm}", headers=headers)


def test_the_discovery_document_names_endpoints_at_the_stand_ins_own_address(web: httpx.Client) -> None:
    document = web.get("/.well-known/openid_configuration").json()
    assert document["token_endpoint"] == f"{web.base_url}/oauth2/v1/tokens/bearer".replace("//oauth2", "/oauth2")
    assert document["response_types_supported"] == ["code"]


def test_consent_brings_a_code_that_becomes_tokens_for_that_company(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    back = came_back_with(consent(web, intuit))
    answer = exchange(web, intuit, back["code"])
    assert back["state"] == "s-1" and back["realmId"] in intuit.companies
    assert answer.json()["expires_in"] == 3600 and answer.json()["x_refresh_token_expires_in"] == 8_726_400
    assert "no-store" in answer.headers["cache-control"] and "intuit_tid" in answer.headers
    assert read_company(web, intuit, answer.json()["access_token"]).status_code == 200


def test_a_redirect_address_that_is_not_registered_gets_a_page_and_no_redirect(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    stranger = "https://shop.example/callback"
    assert consent(web, intuit, redirect_uri=stranger).status_code == 400
    intuit.allow_redirect(stranger)
    assert consent(web, intuit, redirect_uri=stranger).status_code == 302
    assert consent(web, intuit, redirect_uri=stranger + "/").status_code == 400


@pytest.mark.parametrize("wrong", [{"client_id": "nobody"}, {"state": ""}])
def test_an_unknown_app_or_a_missing_state_gets_a_page(
    web: httpx.Client, intuit: QuickBooksStandIn, wrong: dict[str, str]
) -> None:
    assert consent(web, intuit, **wrong).status_code == 400


def test_a_wrong_scope_and_a_wrong_response_type_come_back_as_errors(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    assert came_back_with(consent(web, intuit, scope="books"))["error"] == "invalid_scope"
    assert came_back_with(consent(web, intuit, response_type="token"))["error"] == "unsupported_response_type"


def test_a_person_who_says_no_comes_back_with_access_denied(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.set_switches(authorize="deny")
    assert came_back_with(consent(web, intuit)) == {"error": "access_denied", "state": "s-1"}


def test_a_person_who_is_no_administrator_cannot_connect(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.by_hand("take-admin-rights")
    assert came_back_with(consent(web, intuit))["error"] == "access_denied"


def test_the_page_lets_a_person_choose_the_company_and_decide(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.set_switches(authorize="ask")
    second = intuit.by_hand("add-company", CompanyName="Second <Co>")["realm"]
    page = consent(web, intuit)
    assert page.status_code == 200 and "Second &lt;Co&gt;" in page.text
    form = {"client_id": intuit.client_id, "response_type": "code", "scope": SCOPE, "redirect_uri": CALLBACK}
    yes = web.post("/connect/oauth2", data={**form, "state": "s-2", "realm": second, "decision": "approve"})
    no = web.post("/connect/oauth2", data={**form, "state": "s-2", "realm": second, "decision": "deny"})
    assert came_back_with(yes)["realmId"] == second
    assert came_back_with(no)["error"] == "access_denied"


def test_a_switch_says_which_company_answers(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    second = intuit.by_hand("add-company")["realm"]
    intuit.set_switches(authorize_realm=second)
    assert came_back_with(consent(web, intuit))["realmId"] == second


def test_a_code_works_once_and_a_second_use_ends_what_came_of_it(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    code = came_back_with(consent(web, intuit))["code"]
    tokens = exchange(web, intuit, code).json()
    again = exchange(web, intuit, code)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})
    assert read_company(web, intuit, tokens["access_token"]).status_code == 401


def test_a_code_is_dead_after_ten_minutes_and_for_another_redirect_address(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    code = came_back_with(consent(web, intuit))["code"]
    other = ask_token(web, intuit, grant_type="authorization_code", code=code, redirect_uri="http://localhost/other")
    intuit.clock.move(601)
    assert other.json()["error"] == "invalid_grant"
    assert exchange(web, intuit, code).json()["error"] == "invalid_grant"


def test_the_token_endpoint_takes_the_secret_either_way_and_refuses_a_wrong_one(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    value = connect(web, intuit)["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": value, "client_id": intuit.client_id}
    in_body = web.post("/oauth2/v1/tokens/bearer", data={**form, "client_secret": intuit.client_secret})
    wrong = web.post("/oauth2/v1/tokens/bearer", data={**form, "client_secret": "guess"})
    assert in_body.status_code == 200
    assert (wrong.status_code, wrong.json()) == (401, {"error": "invalid_client"})


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "AB11never"}, "invalid_grant"),
    ],
)
def test_the_token_endpoint_names_what_is_wrong(
    web: httpx.Client, intuit: QuickBooksStandIn, form: dict[str, str], error: str
) -> None:
    answer = ask_token(web, intuit, **form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_the_refresh_value_stays_for_a_day_and_then_rotates_with_the_old_one_dead(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    first = connect(web, intuit)
    intuit.clock.move(5000)
    same_day = refresh(web, intuit, first["refresh_token"]).json()
    intuit.clock.move(DAY)
    next_day = refresh(web, intuit, first["refresh_token"]).json()
    dead = refresh(web, intuit, first["refresh_token"])
    assert same_day["refresh_token"] == first["refresh_token"]
    assert same_day["access_token"] != first["access_token"]
    assert 8_721_390 < same_day["x_refresh_token_expires_in"] <= 8_721_400
    assert next_day["refresh_token"] != first["refresh_token"]
    assert next_day["x_refresh_token_expires_in"] == 8_726_400
    assert dead.json() == {"error_description": "Incorrect or invalid refresh token", "error": "invalid_grant"}
    assert refresh(web, intuit, next_day["refresh_token"]).status_code == 200


def test_a_rotated_value_may_have_grace_or_its_replay_may_end_the_chain(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    first = connect(web, intuit)
    intuit.clock.move(DAY + 1)
    second = refresh(web, intuit, first["refresh_token"]).json()
    intuit.set_switches(refresh_grace_seconds=DAY)
    assert refresh(web, intuit, first["refresh_token"]).json()["refresh_token"] == second["refresh_token"]
    intuit.set_switches(refresh_grace_seconds=0, replay_kills_chain=True)
    assert refresh(web, intuit, first["refresh_token"]).status_code == 400
    assert refresh(web, intuit, second["refresh_token"]).status_code == 400


def test_an_access_token_lives_an_hour_and_its_refusal_echoes_it_in_lower_case_keys(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    access = connect(web, intuit)["access_token"]
    intuit.clock.move(3601)
    answer = read_company(web, intuit, access)
    body = answer.json()
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="Intuit", error="invalid_token"'
    assert body["fault"]["error"][0]["detail"] == f"Token expired: {access}"
    assert body["fault"]["error"][0]["code"] == "3200" and body["fault"]["type"] == "AUTHENTICATION"
    assert isinstance(body["time"], int) and body["batchItemResponse"] == []


def test_a_chain_dies_when_unused_for_its_rolling_life_and_after_five_years_anyway(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    value = connect(web, intuit)["refresh_token"]
    intuit.clock.move(102 * DAY)
    assert refresh(web, intuit, value).json() == {"error_description": "Token invalid", "error": "invalid_grant"}
    intuit.set_switches(refresh_ttl_seconds=10 * 365 * DAY)
    value = connect(web, intuit)["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": value}
    auth = (intuit.client_id, intuit.client_secret)
    opted_in = {"x-include-refresh-token-hard-expires-in": "true"}
    body = web.post("/oauth2/v1/tokens/bearer", data=form, auth=auth, headers=opted_in).json()
    intuit.clock.move(5 * 365 * DAY + 1)
    assert 157_679_990 < body["x_refresh_token_hard_expires_in"] <= 157_680_000
    assert refresh(web, intuit, body["refresh_token"]).status_code == 400


def test_a_second_authorization_ends_the_first_chain(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    first, second = connect(web, intuit), connect(web, intuit)
    assert read_company(web, intuit, first["access_token"]).status_code == 401
    assert refresh(web, intuit, first["refresh_token"]).status_code == 400
    assert read_company(web, intuit, second["access_token"]).status_code == 200


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_revoking_either_token_ends_the_connection_once(
    web: httpx.Client, intuit: QuickBooksStandIn, kind: str
) -> None:
    tokens = connect(web, intuit)
    auth = (intuit.client_id, intuit.client_secret)
    done = web.post("/v2/oauth2/tokens/revoke", json={"token": tokens[kind]}, auth=auth)
    again = web.post("/v2/oauth2/tokens/revoke", json={"token": tokens[kind]}, auth=auth)
    assert (done.status_code, done.content, again.status_code) == (200, b"", 400)
    assert read_company(web, intuit, tokens["access_token"]).status_code == 401
    assert refresh(web, intuit, tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_disconnect_inside_quickbooks_kills_both_tokens(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    tokens = connect(web, intuit)
    intuit.by_hand("disconnect")
    assert read_company(web, intuit, tokens["access_token"]).status_code == 401
    assert refresh(web, intuit, tokens["refresh_token"]).status_code == 400


def test_another_company_and_lost_admin_rights_are_refused_with_3100(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    access = connect(web, intuit)["access_token"]
    other = intuit.by_hand("add-company")["realm"]
    foreign = read_company(web, intuit, access, other)
    intuit.by_hand("take-admin-rights")
    demoted = read_company(web, intuit, access)
    intuit.by_hand("give-admin-rights")
    assert (foreign.status_code, foreign.json()["fault"]["error"][0]["code"]) == (403, "3100")
    assert (demoted.status_code, demoted.json()["fault"]["type"]) == (403, "SERVICE")
    assert read_company(web, intuit, access).status_code == 200


def test_a_plan_without_the_api_says_so_in_the_form_of_the_switch(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    access = connect(web, intuit)["access_token"]
    intuit.by_hand("drop-api-plan")
    seen = []
    for form in ("120-401", "120-403", "5020"):
        intuit.set_switches(plan_refusal=form)
        answer = read_company(web, intuit, access)
        seen.append((answer.status_code, answer.json()["Fault"]["Error"][0]["code"]))
    assert seen == [(401, "120"), (403, "120"), (400, "5020")]


def test_no_secret_is_shown_on_the_control_address_or_in_the_call_log(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    tokens = connect(web, intuit)
    read_company(web, intuit, tokens["access_token"])
    shown = web.get("/_standin/state").text + web.get("/_standin/calls").text
    secrets = intuit.issued_secrets()
    assert {tokens["access_token"], tokens["refresh_token"], intuit.client_secret, intuit.verifier_token} <= secrets
    assert not [secret for secret in secrets if secret in shown]


def test_a_lost_answer_to_a_refresh_leaves_the_value_rotated(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    first = connect(web, intuit)
    intuit.clock.move(DAY + 1)
    intuit.add_fault("reset-after", operation="oauth token refresh")
    with pytest.raises(httpx.TransportError):
        refresh(web, intuit, first["refresh_token"])
    assert refresh(web, intuit, first["refresh_token"]).json()["error"] == "invalid_grant"
