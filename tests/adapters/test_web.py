"""The web room over real HTTP, storing in a real PostgreSQL."""

import base64
import hashlib
import hmac
import os
import re
import select
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg_pool import ConnectionPool

from adapters.web import Ending, Genuine, HealthNow, RunningServer, envelope_from_text, serve, web_app
from adapters.wizcommerce.webhook import WebhookKeys, digest_of, genuine
from engine.clock import MovableClock
from engine.ports import Unavailable

VERIFIER = "wz-verifier-example"
SECRET = "a-long-random-webhook-secret"
VECTOR = (
    b'[{"specversion":"1.0","id":"evt-0001","type":"qbo.invoice.updated.v1","time":"2026-02-03T17:12:25Z",'
    b'"intuitentityid":"901","intuitaccountid":"4620816365000001"}]'
)
VECTOR_SIGNATURE = "oIwEp5M/o//IciWMXWluehPmzgT8Jej+fHbpPBRv4uQ="
THIN = b'{"id":"webhook_1","event":"order.created","timestamp":"2026-01-05T10:00:00.000Z","data":{"id":"o-1"}}'


class House:
    """A small house around the web room: real keys, a real pool, and consent decided by the test."""

    def __init__(self, pool: ConnectionPool[psycopg.Connection[Any]]) -> None:
        self.pool = pool
        self.clock = MovableClock()
        self.key = AESGCM(AESGCM.generate_key(256))
        self.states: dict[str, Ending] = {}
        self.asked: list[tuple[str, ...]] = []
        self.now = HealthNow(ok=True, facts={"queue": 0})
        self.trouble: Exception | None = None
        self.hang: threading.Event | None = None

    def seal(self, text: str) -> bytes:
        nonce = os.urandom(12)
        return nonce + self.key.encrypt(nonce, text.encode(), None)

    def unseal(self, sealed: bytes) -> str:
        return self.key.decrypt(sealed[:12], sealed[12:], None).decode()

    def quickbooks_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        wanted = base64.b64encode(hmac.new(VERIFIER.encode(), body, hashlib.sha256).digest()).decode()
        return hmac.compare_digest(headers.get("intuit-signature", ""), wanted)

    def wizcommerce_check(self, connection: str) -> Genuine | None:
        keys = WebhookKeys(secrets=(SECRET,))
        return (lambda headers, body: genuine(headers, body, keys)) if connection in ("acme", "other") else None

    def wizcommerce_decoy(self, headers: Mapping[str, str], body: bytes) -> bool:
        self.asked.append(("decoy",))
        return genuine(headers, body, WebhookKeys(secrets=("nobody knows this",)))

    def wizcommerce_digest(self, body: bytes) -> str:
        return digest_of(body)

    def open_link(self, token: str) -> str | Ending:
        if self.trouble:
            raise self.trouble
        if token != "good-link":
            return Ending(outcome="link-unknown", ok=False, sentence="This link is <unknown>.", next_step="Ask anew.")
        self.states["state-1"] = Ending(outcome="granted", ok=True, sentence="Bloom <& Co> is connected.")
        return "https://consent.example/authorize?client_id=c&state=state-1"

    def complete_connection(self, state: str, code: str, realm: str) -> Ending:
        self.asked.append(("complete", state, code, realm))
        if self.trouble:
            raise self.trouble
        return self.states.pop(state, Ending(outcome="state-used", ok=False, sentence="Used up."))

    def refuse_connection(self, state: str, error: str) -> Ending:
        self.asked.append(("refuse", state, error))
        self.states.pop(state, None)
        return Ending(outcome="denied", ok=False, sentence="Permission was not given.")

    def health(self) -> HealthNow:
        if self.hang:
            self.hang.wait(20)
        if self.trouble:
            raise self.trouble
        return self.now


@pytest.fixture
def house(database: str) -> Iterator[House]:
    with ConnectionPool(database, min_size=1, max_size=8, kwargs={"autocommit": True}) as pool:
        yield House(pool)


@pytest.fixture
def web(house: House) -> Iterator[RunningServer]:
    with serve(web_app(house)) as running:
        yield running


@pytest.fixture
def browser(web: RunningServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=web.address, timeout=10) as client:
        yield client


def inbox(house: House) -> list[tuple[str, str, bytes, int]]:
    """(system, connection, body, repeats) of everything stored, oldest first."""
    with house.pool.connection() as db:
        rows = db.execute("SELECT system, sealed, repeats FROM inbox ORDER BY id").fetchall()
    opened = [(system, envelope_from_text(house.unseal(sealed)), repeats) for system, sealed, repeats in rows]
    return [(system, envelope.connection, envelope.body, repeats) for system, envelope, repeats in opened]


def signed(body: bytes) -> dict[str, str]:
    digest = hmac.new(VERIFIER.encode(), body, hashlib.sha256).digest()
    return {"intuit-signature": base64.b64encode(digest).decode()}


def test_a_genuine_quickbooks_webhook_is_stored_encrypted_and_answered(house: House, browser: httpx.Client) -> None:
    answer = browser.post(
        "/webhooks/quickbooks",
        content=VECTOR,
        headers={"intuit-signature": VECTOR_SIGNATURE, "content-type": "application/cloudevents+json"},
    )
    assert answer.status_code == 200 and answer.elapsed.total_seconds() < 3
    assert inbox(house) == [("quickbooks", "", VECTOR, 0)]
    with house.pool.connection() as db:
        row = db.execute("SELECT sealed FROM inbox").fetchone()
    assert row is not None and b"4620816365000001" not in row[0]


def test_an_answer_is_not_held_back_by_the_network_stack(browser: httpx.Client) -> None:
    """A socket that is not known as TCP waits 40 ms with every answer, for the other side's acknowledgement."""
    took = [browser.get("/connected").elapsed.total_seconds() for _ in range(20)]
    assert min(took[10:]) < 0.03


def test_the_same_webhook_twice_is_one_row_that_counts_its_repeat(house: House, browser: httpx.Client) -> None:
    for _ in range(3):
        assert browser.post("/webhooks/quickbooks", content=VECTOR, headers=signed(VECTOR)).status_code == 200
    assert inbox(house) == [("quickbooks", "", VECTOR, 2)]


def test_a_forged_webhook_is_refused_and_not_stored(house: House, browser: httpx.Client) -> None:
    forged = signed(VECTOR + b" ")
    assert browser.post("/webhooks/quickbooks", content=VECTOR, headers=forged).status_code == 401
    assert browser.post("/webhooks/quickbooks", content=VECTOR).status_code == 401
    assert browser.post("/webhooks/wizcommerce/acme", content=THIN, headers={"x-webhook-key": "no"}).status_code == 401
    assert inbox(house) == []


@pytest.mark.parametrize("body", [b"not json at all", b"\xff\xfe\x00", b"", b"[" * 5000])
def test_a_genuine_webhook_that_is_not_json_is_stored_as_it_came(
    house: House, browser: httpx.Client, body: bytes
) -> None:
    assert browser.post("/webhooks/quickbooks", content=body, headers=signed(body)).status_code == 200
    answer = browser.post("/webhooks/wizcommerce/acme", content=body, headers={"x-webhook-key": SECRET})
    assert answer.status_code == 200
    assert inbox(house) == [("quickbooks", "", body, 0), ("wizcommerce", "acme", body, 0)]


def test_two_tenants_may_send_the_same_id(house: House, browser: httpx.Client) -> None:
    for connection in ("acme", "other", "acme"):
        answer = browser.post(f"/webhooks/wizcommerce/{connection}", content=THIN, headers={"X-Webhook-Key": SECRET})
        assert answer.status_code == 200
    assert inbox(house) == [("wizcommerce", "acme", THIN, 1), ("wizcommerce", "other", THIN, 0)]


def test_an_unknown_connection_is_checked_like_any_other_and_then_not_found(
    house: House, browser: httpx.Client
) -> None:
    answer = browser.post("/webhooks/wizcommerce/nobody", content=THIN, headers={"X-Webhook-Key": SECRET})
    assert answer.status_code == 404 and house.asked == [("decoy",)]
    assert inbox(house) == []


def test_a_stored_webhook_wakes_whoever_listens(house: House, browser: httpx.Client, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as listener:
        listener.execute("LISTEN inbox")
        browser.post("/webhooks/quickbooks", content=VECTOR, headers=signed(VECTOR))
        assert [one.channel for one in listener.notifies(timeout=5, stop_after=1)] == ["inbox"]
        assert inbox(house) == [("quickbooks", "", VECTOR, 0)]


def test_a_body_over_one_mebibyte_is_refused_whether_it_says_so_or_not(house: House, browser: httpx.Client) -> None:
    whole = b"x" * (1024 * 1024)
    assert browser.post("/webhooks/quickbooks", content=whole, headers=signed(whole)).status_code == 200
    more = whole + b"x"
    assert browser.post("/webhooks/quickbooks", content=more, headers=signed(more)).status_code == 413
    chunks = (b"x" * 65536 for _ in range(17))
    assert browser.post("/webhooks/quickbooks", content=chunks, headers=signed(b"x" * 65536 * 17)).status_code == 413
    assert len(inbox(house)) == 1


def test_a_body_that_never_ends_is_answered_in_time(web: RunningServer) -> None:
    with socket.create_connection(("127.0.0.1", web.port), timeout=5) as slow:
        slow.sendall(b"POST /webhooks/wizcommerce/acme HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        began = time.monotonic()
        select.select([slow], [], [], 5)
        assert slow.recv(12) == b"HTTP/1.1 503"
        assert time.monotonic() - began < 2


def test_while_the_database_is_locked_the_sender_is_asked_to_come_again_in_time(
    house: House, browser: httpx.Client, database: str
) -> None:
    with psycopg.connect(database) as other:
        other.execute("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE")
        answer = browser.post("/webhooks/wizcommerce/acme", content=THIN, headers={"X-Webhook-Key": SECRET})
        assert answer.status_code == 503 and answer.elapsed.total_seconds() < 2
        answer = browser.post("/webhooks/quickbooks", content=VECTOR, headers=signed(VECTOR))
        assert answer.status_code == 503 and answer.elapsed.total_seconds() < 3


def test_without_a_database_webhooks_and_health_say_503(house: House, browser: httpx.Client) -> None:
    house.pool.close()
    answer = browser.post("/webhooks/quickbooks", content=VECTOR, headers=signed(VECTOR))
    assert answer.status_code == 503 and answer.elapsed.total_seconds() < 3
    house.trouble = psycopg.OperationalError("connection to server at 10.0.0.1 failed")
    health = browser.get("/health")
    assert health.status_code == 503 and health.json() == {"ok": False, "database": "cannot be reached"}


def test_health_says_what_is_and_does_not_hang(house: House, browser: httpx.Client) -> None:
    assert browser.get("/health").json() == {"ok": True, "queue": 0}
    house.now = HealthNow(ok=False, facts={"queue": 9})
    assert browser.get("/health").status_code == 503
    house.hang = threading.Event()
    late = browser.get("/health")
    assert late.status_code == 503 and late.elapsed.total_seconds() < 4
    house.hang.set()


def test_our_link_leads_to_the_consent_page_and_back_to_a_page_without_code_or_state(
    house: House, browser: httpx.Client
) -> None:
    opened = browser.get("/connect/good-link")
    assert opened.status_code == 302
    assert opened.headers["location"] == "https://consent.example/authorize?client_id=c&state=state-1"
    back = browser.get("/oauth/quickbooks/callback?code=XAB1&state=state-1&realmId=123145")
    assert back.status_code == 302 and house.asked == [("complete", "state-1", "XAB1", "123145")]
    address = urlsplit(back.headers["location"])
    assert address.path == "/connected" and not re.search("XAB1|state-1|123145", back.headers["location"])
    assert parse_qs(address.query)["outcome"] == ["granted"]
    page = browser.get(back.headers["location"])
    assert page.status_code == 200 and "Bloom &lt;&amp; Co&gt; is connected." in page.text
    assert "<script" not in page.text and page.headers["content-type"] == "text/html; charset=utf-8"


def test_a_callback_opened_twice_connects_once(house: House, browser: httpx.Client) -> None:
    browser.get("/connect/good-link")
    address = "/oauth/quickbooks/callback?code=XAB1&state=state-1&realmId=123145"
    outcomes = [parse_qs(urlsplit(browser.get(address).headers["location"]).query)["outcome"] for _ in range(2)]
    assert outcomes == [["granted"], ["state-used"]]


def test_a_person_who_says_no_is_told_so(house: House, browser: httpx.Client) -> None:
    browser.get("/connect/good-link")
    back = browser.get("/oauth/quickbooks/callback?error=access_denied&state=state-1")
    assert back.status_code == 302 and house.asked == [("refuse", "state-1", "access_denied")]
    assert "Permission was not given." in browser.get(back.headers["location"]).text


@pytest.mark.parametrize(
    "query",
    [
        "code=a&realmId=1",
        "code=a&state=s",
        "code=a&state=s&realmId=../1",
        "code=a&state=s&state=t&realmId=1",
        f"code={'a' * 600}&state=s&realmId=1",
        "",
    ],
)
def test_a_callback_that_quickbooks_would_not_make_uses_nothing_up(
    house: House, browser: httpx.Client, query: str
) -> None:
    back = browser.get(f"/oauth/quickbooks/callback?{query}")
    assert back.status_code == 302 and house.asked == []
    assert "Open the link you were sent again." in browser.get(back.headers["location"]).text


def test_trouble_on_the_way_is_said_in_words(house: House, browser: httpx.Client) -> None:
    house.trouble = Unavailable("QuickBooks could not be reached.", next_step="Try again in a minute.")
    opened = browser.get("/connect/good-link")
    assert opened.status_code == 503 and "QuickBooks could not be reached." in opened.text
    back = browser.get("/oauth/quickbooks/callback?code=a&state=s&realmId=1")
    assert "Try again in a minute." in browser.get(back.headers["location"]).text


def test_an_unknown_link_gets_a_page_that_says_what_to_do(browser: httpx.Client) -> None:
    page = browser.get("/connect/bad-link")
    assert page.status_code == 404
    assert "This link is &lt;unknown&gt;." in page.text and "Ask anew." in page.text


def test_the_page_escapes_and_forgets(house: House, browser: httpx.Client) -> None:
    strange = browser.get("/connected", params={"outcome": "<script>alert(1)</script>", "note": "<b>"})
    assert strange.status_code == 200 and "alert" not in strange.text and "<b>" not in strange.text
    back = browser.get("/oauth/quickbooks/callback?error=access_denied&state=s").headers["location"]
    assert "Permission was not given." in browser.get(back).text
    house.clock.move(601)
    assert "because permission was not given" in browser.get(back).text


def test_every_answer_carries_the_security_headers(house: House, browser: httpx.Client) -> None:
    house.trouble = RuntimeError("a bug of ours")
    paths = ["/health", "/connected", "/connect/x", "/nowhere", "/webhooks/quickbooks"]
    answers = [browser.get(path) for path in paths]
    assert [one.status_code for one in answers] == [500, 200, 500, 404, 405]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "server" not in answer.headers and "bug of ours" not in answer.text


def test_only_the_method_of_a_route_is_answered(house: House, browser: httpx.Client) -> None:
    for method in ("HEAD", "OPTIONS", "PUT", "TRACE", "POST"):
        assert browser.request(method, "/connect/good-link").status_code == 405
    assert house.states == {}
    assert browser.get("/connect/good-link/").status_code == 404


def test_what_is_logged_holds_no_query_string(
    house: House, browser: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    house.trouble = RuntimeError("a bug of ours")
    browser.get("/oauth/quickbooks/callback?code=TOPSECRETCODE&state=TOPSECRETSTATE&realmId=1")
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert ours and not any("TOPSECRET" in line for line in ours)


def test_a_server_that_was_stopped_frees_its_port(house: House) -> None:
    first = serve(web_app(house))
    with pytest.raises(OSError):
        serve(web_app(house), port=first.port)
    assert not first.wait(0.05)
    first.stop()
    assert first.wait(0)
    with serve(web_app(house), port=first.port) as second:
        assert httpx.get(f"{second.address}/health").status_code == 200
