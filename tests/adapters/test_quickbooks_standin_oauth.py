"""The QuickBooks stand-in's OAuth: tokens, their rotation and their end. Source: QuickBooks reference, section 1."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.authorizing import DAY, ask_token, came_back_with, connect, consent, exchange, read_company, refresh


def test_consent_brings_a_code_that_becomes_tokens_for_that_company(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    back = came_back_with(consent(web, intuit))
    answer = exchange(web, intuit, back["code"])
    assert back["state"] == "s-1" and back["realmId"] in intuit.companies
    assert answer.json()["expires_in"] == 3600 and answer.json()["x_refresh_token_expires_in"] == 8_726_400
    assert answer.headers["cache-control"] == "no-cache, no-store" and answer.headers["intuit_tid"]
    assert set(answer.json()) == {
        "token_type",
        "access_token",
        "expires_in",
        "refresh_token",
        "x_refresh_token_expires_in",
    }
    assert answer.json()["token_type"] == "bearer"
    assert read_company(web, intuit, answer.json()["access_token"]).status_code == 200


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
    assert in_body.status_code == 200
    wrong = [
        web.post("/oauth2/v1/tokens/bearer", data={**form, "client_secret": "guess"}),
        web.post("/oauth2/v1/tokens/bearer", data=form, auth=("nobody", intuit.client_secret)),
        web.post("/oauth2/v1/tokens/bearer", data=form, headers={"Authorization": "Basic %%%"}),
        web.post("/v2/oauth2/tokens/revoke", json={"token": value}, auth=(intuit.client_id, "guess")),
        web.post("/v2/oauth2/tokens/revoke", json={"token": value}),
    ]
    assert [(one.status_code, one.json()) for one in wrong] == [(401, {"error": "invalid_client"})] * 5
    intuit.set_switches(invalid_client_status=400)
    assert web.post("/oauth2/v1/tokens/bearer", data=form, auth=("nobody", "guess")).status_code == 400
    assert refresh(web, intuit, value).status_code == 200


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
    assert answer.headers["cache-control"] == "no-cache, no-store" and answer.headers["pragma"] == "no-cache"
    assert answer.headers["intuit_tid"] and answer.headers["content-type"] == "application/json"


def test_the_token_endpoint_reads_forms_only(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    keys = (intuit.client_id, intuit.client_secret)
    answer = web.post("/oauth2/v1/tokens/bearer", json={"grant_type": "refresh_token"}, auth=keys)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_invalid_grant_has_three_forms(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    bodies = {
        "none": '{"error":"invalid_grant"}',
        "incorrect": '{"error_description":"Incorrect or invalid refresh token","error":"invalid_grant"}',
        "token-invalid": '{"error_description":"Token invalid","error":"invalid_grant"}',
    }
    for text, body in bodies.items():
        intuit.set_switches(invalid_grant_text=text)
        answers = [refresh(web, intuit, "AB11never"), exchange(web, intuit, "AB11never")]
        assert [(one.status_code, one.text) for one in answers] == [(400, body)] * 2
    intuit.set_switches(invalid_grant_text="by-cause")
    ended = connect(web, intuit)["refresh_token"]
    intuit.by_hand("disconnect")
    assert exchange(web, intuit, "AB11never").text == bodies["none"]
    assert refresh(web, intuit, "AB11never").text == bodies["incorrect"]
    assert refresh(web, intuit, ended).text == bodies["token-invalid"]


def test_a_token_endpoint_that_is_down_answers_in_html_and_keeps_the_old_value(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    value = connect(web, intuit)["refresh_token"]
    intuit.add_fault("502-html", operation="oauth token")
    down = refresh(web, intuit, value)
    assert (down.status_code, down.headers["content-type"]) == (502, "text/html")
    assert refresh(web, intuit, value).status_code == 200


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


def test_an_access_token_lives_an_hour_and_longer_ones_do_not_die_of_a_refresh(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    tokens = connect(web, intuit)
    intuit.clock.move(1800)
    younger = refresh(web, intuit, tokens["refresh_token"]).json()["access_token"]
    assert read_company(web, intuit, tokens["access_token"]).status_code == 200
    intuit.clock.move(1801)
    assert read_company(web, intuit, tokens["access_token"]).status_code == 401
    assert read_company(web, intuit, younger).status_code == 200


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
    assert body["x_refresh_token_expires_in"] == body["x_refresh_token_hard_expires_in"]
    assert refresh(web, intuit, body["refresh_token"]).status_code == 400


def test_a_chain_in_daily_use_lives_for_five_years_from_its_authorization_and_no_longer(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    value = connect(web, intuit)["refresh_token"]
    for _ in range(18):
        intuit.clock.move(100 * DAY)
        value = refresh(web, intuit, value).json()["refresh_token"]
    intuit.clock.move(24 * DAY)
    last = refresh(web, intuit, value).json()
    assert DAY - 60 < last["x_refresh_token_expires_in"] <= DAY
    intuit.clock.move(DAY + 1)
    assert refresh(web, intuit, last["refresh_token"]).status_code == 400


def test_a_second_authorization_ends_the_first_chain(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    first, second = connect(web, intuit), connect(web, intuit)
    assert read_company(web, intuit, first["access_token"]).status_code == 401
    assert refresh(web, intuit, first["refresh_token"]).status_code == 400
    assert read_company(web, intuit, second["access_token"]).status_code == 200


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
@pytest.mark.parametrize("form", ["json", "data"])
def test_revoking_either_token_ends_the_connection_once(
    web: httpx.Client, intuit: QuickBooksStandIn, kind: str, form: str
) -> None:
    tokens = connect(web, intuit)
    keys = (intuit.client_id, intuit.client_secret)

    def revoke(token: str) -> httpx.Response:
        body: dict[str, Any] = {form: {"token": token}}
        return web.post("/v2/oauth2/tokens/revoke", auth=keys, **body)

    done, again = revoke(tokens[kind]), revoke(tokens[kind])
    assert (done.status_code, done.content, again.status_code) == (200, b"", 400)
    assert done.headers["intuit_tid"] and "no-store" in done.headers["cache-control"]
    assert read_company(web, intuit, tokens["access_token"]).status_code == 401
    assert refresh(web, intuit, tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_revoke_that_cannot_be_read_is_refused(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    keys = (intuit.client_id, intuit.client_secret)
    for body in (b"", b"token", b"[]", b'{"token": 7}', b"{}", b"\xff"):
        assert web.post("/v2/oauth2/tokens/revoke", content=body, auth=keys).status_code == 400, body
    with_keys = {"token": "AB11never", "client_id": intuit.client_id, "client_secret": intuit.client_secret}
    assert web.post("/v2/oauth2/tokens/revoke", data=with_keys).json()["error"] == "invalid_request"


def test_a_disconnect_inside_quickbooks_kills_both_tokens_and_leads_the_browser_to_the_app(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    tokens = connect(web, intuit)
    assert intuit.by_hand("disconnect") == {"disconnected": True}
    assert read_company(web, intuit, tokens["access_token"]).status_code == 401
    assert refresh(web, intuit, tokens["refresh_token"]).status_code == 400
    intuit.set_switches(disconnect_url="https://shop.example/disconnected")
    realm = next(iter(intuit.companies))
    there = {"browser_goes_to": f"https://shop.example/disconnected?realmId={realm}"}
    assert intuit.by_hand("disconnect") == {"disconnected": False, **there}


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
