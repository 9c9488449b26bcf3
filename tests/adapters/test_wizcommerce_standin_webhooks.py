"""What the WizCommerce stand-in promises, over real HTTP: webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest

from adapters.standin.server import RunningStandIn
from adapters.wizcommerce.assumptions import Assumptions
from adapters.wizcommerce.standin import WizCommerceStandIn
from adapters.wizcommerce.webhook import WebhookKeys, genuine
from tests.adapters.receiving import receiving

LINE = {"sku": "VASE-01", "quantity": 4, "unit_price": 25}


def test_an_event_is_thin_and_carries_the_static_header(
    standin: WizCommerceStandIn, running: RunningStandIn, client: httpx.Client
) -> None:
    with receiving() as receiver:
        client.post("/_standin/webhooks", json={"url": receiver.url, "secret": "s3cret"}).raise_for_status()
        made = running.call_in_loop(standin.confirm_order, "WC-1001", "Bloom & Co", [("VASE-01", 4, "25.00")])
        assert client.post("/_standin/deliver").json()["delivered"] == 1

    [(headers, body)] = receiver.received
    payload = json.loads(body)
    assert set(payload) == {"id", "event", "timestamp", "data"}
    assert (payload["event"], payload["data"]) == ("order.created", {"id": made["id"]})
    assert len(payload["timestamp"]) == len("2026-01-05T10:00:00.000Z")
    assert headers["X-Webhook-Key"] == "s3cret"
    assert "X-Wizcommerce-Signature" not in headers


def test_a_signature_is_over_the_raw_body_once_for_each_secret(
    standin: WizCommerceStandIn, client: httpx.Client
) -> None:
    with receiving() as receiver:
        settings = {"url": receiver.url, "mode": "both", "header": "webhook-secret", "extra_secrets": ["older"]}
        client.post("/_standin/webhooks", json=settings).raise_for_status()
        client.post("/_standin/hands/confirm-order", json={"display_id": "WC-1", "customer": "Bloom & Co"})
        client.post("/_standin/deliver")

    [(headers, body)] = receiver.received
    signatures = [
        base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
        for secret in (standin.webhook_secret, "older")
    ]
    assert headers["X-Wizcommerce-Signature"] == ",".join(signatures)
    assert headers["webhook-secret"] == standin.webhook_secret


def test_a_signature_may_be_hex_and_over_the_hash_of_the_body(
    standin: WizCommerceStandIn, running: RunningStandIn
) -> None:
    keys = WebhookKeys(secrets=(standin.webhook_secret,), mode="hmac")
    standin.switches.a12_signature_encoding = "hex"
    standin.switches.a12_signature_message = "body-hash"
    running.call_in_loop(standin.send_webhooks_to, "https://acme.example/hook", "hmac")
    running.call_in_loop(standin.add_customer, "New Shop")
    [sent] = running.call_in_loop(lambda: list(standin.outbox.waiting))

    hashed = hashlib.sha256(sent.body).hexdigest().encode()
    wanted = hmac.new(standin.webhook_secret.encode(), hashed, hashlib.sha256).hexdigest()
    assert sent.headers["X-Wizcommerce-Signature"] == wanted
    assert not genuine(sent.headers, sent.body, keys)
    assert genuine(sent.headers, sent.body, keys, Assumptions(a12_body_hash_allowed=True))


@pytest.mark.parametrize(
    "url", ["http://acme.example/hook", "http://10.0.0.7/hook", "ftp://localhost/hook", "http://[", "hook"]
)
def test_a_target_beyond_this_machine_must_be_https(client: httpx.Client, url: str) -> None:
    assert client.post("/_standin/webhooks", json={"url": url}).status_code == 400
    assert client.post("/_standin/webhooks", json={"url": "https://acme.example/hook"}).status_code == 200


def test_a_failed_event_is_tried_five_times_more_and_is_then_lost(client: httpx.Client) -> None:
    with receiving() as receiver:
        receiver.answers = [500, 404, 301, 500, 500, 500]
        client.post("/_standin/webhooks", json={"url": receiver.url})
        client.post("/_standin/hands/add-customer", json={"name": "New Shop"})
        client.post("/_standin/deliver")
        for seconds in (30, 60, 120, 240, 480):
            client.post("/_standin/clock", json={"move_seconds": seconds - 2})
            assert client.post("/_standin/deliver").json()["sent"] == 0
            client.post("/_standin/clock", json={"move_seconds": 3})
            assert client.post("/_standin/deliver").json()["sent"] == 1

        assert len(receiver.received) == 6
        assert len({body for _, body in receiver.received}) == 1
    shown = client.get("/_standin/state").json()["webhooks"]
    assert (shown["waiting"], shown["lost"]) == ([], 1)


def test_events_name_what_happened(standin: WizCommerceStandIn, running: RunningStandIn, client: httpx.Client) -> None:
    with receiving() as receiver:
        running.call_in_loop(standin.send_webhooks_to, receiver.url)
        customer = running.call_in_loop(standin.add_customer, "New Shop")
        running.call_in_loop(standin.edit_customer, "New Shop", phone="+14155550100")
        order = running.call_in_loop(standin.draft_order, "WC-1", "New Shop", [("VASE-01", 1, 5)])
        running.call_in_loop(standin.confirm_order, "WC-1")
        running.call_in_loop(standin.edit_order, "WC-1", lines=[("VASE-01", 2, 5)])
        running.call_in_loop(standin.cancel_order, "WC-1")
        running.call_in_loop(standin.announce, "gift.wrapped", "7")
        client.patch(f"/v1/customers/{customer['id']}", json={"email": "new@shop.example"})
        running.call_in_loop(standin.outbox.deliver_due)

    assert [(one["event"], one["data"]["id"]) for one in receiver.bodies()] == [
        ("customer.created", customer["id"]),
        ("customer.updated", customer["id"]),
        ("order.created", order["id"]),
        *[("order.updated", order["id"])] * 3,
        ("gift.wrapped", "7"),
        ("customer.updated", customer["id"]),
    ]


def events_in(bodies: list[bytes]) -> list[tuple[str, str]]:
    events = [json.loads(body)["event"] for body in bodies]
    return [(one.split(".")[-1], one.split(".")[0]) for one in events]


def test_the_switches_lose_double_and_confuse_events(
    standin: WizCommerceStandIn, running: RunningStandIn, client: httpx.Client
) -> None:
    def switched(**switches: Any) -> list[bytes]:
        client.post("/_standin/reset").raise_for_status()
        client.post("/_standin/switches", json=switches).raise_for_status()
        with receiving() as receiver:
            running.call_in_loop(standin.send_webhooks_to, receiver.url)
            for name in ("One", "Two"):
                made = running.call_in_loop(standin.add_customer, name)
            client.patch(f"/v1/customers/{made['id']}", json={"email": "x@y.example"}).raise_for_status()
            running.call_in_loop(standin.outbox.deliver_due)
        return [body for _, body in receiver.received]

    assert len({json.loads(body)["id"] for body in switched()}) == 3
    assert switched(webhooks=False) == []
    assert [event for event, _ in events_in(switched(a13_newest_first=True))] == ["updated", "created", "created"]
    assert {noun for _, noun in events_in(switched(a10_customer_noun="buyer"))} == {"buyer"}
    doubled = switched(webhook_duplicates=True)
    assert (len(doubled), len(set(doubled))) == (6, 3)
    assert {json.loads(body)["id"] for body in switched(a11_same_webhook_id=True)} == {"webhook_123"}
    assert len(switched(a15_own_writes_raise_events=False)) == 2
    assert switched(webhook_delay_seconds=90) == []


def test_an_edit_can_go_without_an_event_and_still_moves_updated_at(
    standin: WizCommerceStandIn, running: RunningStandIn, client: httpx.Client
) -> None:
    running.call_in_loop(standin.confirm_order, "WC-1", "Bloom & Co", updated_at="2026-01-01T00:00:00Z")
    standin.switches.a47_edits_raise_events = False
    with receiving() as receiver:
        running.call_in_loop(standin.send_webhooks_to, receiver.url)
        edited = running.call_in_loop(standin.edit_order, "WC-1", customer_note="Ring twice")
        running.call_in_loop(standin.outbox.deliver_due)

    assert receiver.received == []
    assert edited["updated_at"] > "2026-01-01T00:00:00Z"
