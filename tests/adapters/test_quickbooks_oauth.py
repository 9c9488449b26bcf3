"""Consent against the stand-in's own endpoints, over real HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from adapters.quickbooks.oauth import QuickBooksOAuth
from adapters.quickbooks.standin import QuickBooksStandIn
from engine.clock import MovableClock
from engine.ports import Disconnected, Refused, Unavailable

REDIRECT = "http://localhost:8321/oauth/quickbooks/callback"


class World:
    def __init__(self, stand_in: QuickBooksStandIn, address: str) -> None:
        self.stand_in, self.address = stand_in, address
        self.clock = MovableClock()
        self.oauth = self.app()

    def app(self, client_secret: str | None = None, discovery: str = "") -> QuickBooksOAuth:
        ready = self.stand_in.ready_line(self.address)
        return QuickBooksOAuth(
            discovery or ready["discovery"],
            ready["client_id"],
            client_secret or ready["client_secret"],
            REDIRECT,
            self.clock,
        )

    def consent(self, state: str = "state-1") -> dict[str, str]:
        """What the callback gets when the administrator agrees."""
        answer = httpx.get(self.oauth.authorize_url(state), follow_redirects=False)
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        return {key: values[0] for key, values in query.items()}

    def calls(self, operation: str) -> int:
        return sum(call.operation == operation for call in self.stand_in.calls.all())


@pytest.fixture
def world() -> Iterator[World]:
    stand_in = QuickBooksStandIn()
    with stand_in.start() as running:
        stand_in.allow_redirect(REDIRECT)
        here = World(stand_in, running.address)
        yield here
        here.oauth.close()


def test_a_consent_becomes_tokens(world: World) -> None:
    answer = world.consent("a state with & and +")
    tokens = world.oauth.exchange(answer["code"])
    assert answer["state"] == "a state with & and +" and answer["realmId"] == world.stand_in.company().realm
    assert timedelta(minutes=59) < tokens.access_expires_at - world.clock.now() <= timedelta(hours=1)
    assert tokens.refresh_expires_at - world.clock.now() > timedelta(days=99)
    assert {tokens.access_token, tokens.refresh_token} <= world.stand_in.issued_secrets()


def test_a_code_works_once(world: World) -> None:
    code = world.consent()["code"]
    world.oauth.exchange(code)
    with pytest.raises(Disconnected) as ended:
        world.oauth.exchange(code)
    assert ended.value.code == "invalid_grant" and code not in f"{ended.value!r}{ended.value.raw}"


def test_a_refresh_brings_another_token(world: World) -> None:
    first = world.oauth.exchange(world.consent()["code"])
    second = world.oauth.refresh(first.refresh_token)
    assert second.access_token != first.access_token and second.refresh_token == first.refresh_token


def test_a_rotated_refresh_token_is_dead(world: World) -> None:
    world.stand_in.set_switches(refresh_rotation_seconds=0)
    first = world.oauth.exchange(world.consent()["code"])
    second = world.oauth.refresh(first.refresh_token)
    assert second.refresh_token != first.refresh_token
    with pytest.raises(Disconnected) as ended:
        world.oauth.refresh(first.refresh_token)
    assert ended.value.next_step and first.refresh_token not in str(ended.value)


def test_revoking_ends_the_consent_and_may_be_repeated(world: World) -> None:
    tokens = world.oauth.exchange(world.consent()["code"])
    world.oauth.revoke(tokens.refresh_token)
    world.oauth.revoke(tokens.refresh_token)
    with pytest.raises(Disconnected):
        world.oauth.refresh(tokens.refresh_token)


def test_a_wrong_secret_is_named_as_such(world: World) -> None:
    wrong = world.app(client_secret="not-the-secret")
    with pytest.raises(Refused, match="client id or secret") as ended:
        wrong.refresh("any")
    wrong.close()
    assert ended.value.code == "invalid_client" and "not-the-secret" not in str(ended.value)


@pytest.mark.parametrize("kind", ["reset-before", "502-html", "status"])
def test_a_silent_or_broken_endpoint_leaves_the_old_tokens_good(world: World, kind: str) -> None:
    tokens = world.oauth.exchange(world.consent()["code"])
    rule = {"status": 503, "body": "<html>maintenance</html>"} if kind == "status" else {}
    world.stand_in.add_fault(kind, operation="oauth token", **rule)
    with pytest.raises(Unavailable):
        world.oauth.refresh(tokens.refresh_token)
    assert world.oauth.refresh(tokens.refresh_token).access_token


def test_an_answer_without_tokens_is_no_answer(world: World) -> None:
    world.stand_in.add_fault("status", operation="oauth token", status=200, body="{}", content_type="application/json")
    with pytest.raises(Unavailable):
        world.oauth.refresh("any")


def test_discovery_is_asked_for_once_a_day(world: World) -> None:
    for _ in range(3):
        world.oauth.authorize_url("state")
    assert world.calls("oauth discovery") == 1
    world.clock.move(86_401)
    world.oauth.authorize_url("state")
    assert world.calls("oauth discovery") == 2


def test_without_a_discovery_document_nothing_is_guessed(world: World) -> None:
    astray = world.app(discovery=f"{world.address}/nothing-here")
    with pytest.raises(Unavailable, match="discovery document"):
        astray.authorize_url("state")
    astray.close()
