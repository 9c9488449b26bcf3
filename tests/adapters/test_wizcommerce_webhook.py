"""WizCommerce's webhooks: only the genuine ones, and each known by what makes it itself."""

import hashlib
import json
from collections.abc import Iterator

import pytest

from adapters.standin.server import RunningStandIn
from adapters.wizcommerce.assumptions import Assumptions
from adapters.wizcommerce.standin import WizCommerceStandIn
from adapters.wizcommerce.standin.hooks import signature_of
from adapters.wizcommerce.webhook import WebhookKeys, delivery_from_body, digest_of, genuine

THIN = b'{"id":"webhook_123","event":"order.created","timestamp":"2026-01-05T10:00:00.000Z","data":{"id":"o-1"}}'
SIGNATURE = "X-Wizcommerce-Signature"


@pytest.fixture
def standin() -> WizCommerceStandIn:
    return WizCommerceStandIn()


@pytest.fixture
def running(standin: WizCommerceStandIn) -> Iterator[RunningStandIn]:
    with standin.start() as started:
        yield started


@pytest.mark.parametrize("mode", ["static_header", "hmac", "both"])
@pytest.mark.parametrize("encoding", ["base64", "hex"])
def test_what_the_stand_in_sends_is_genuine(
    standin: WizCommerceStandIn, running: RunningStandIn, mode: str, encoding: str
) -> None:
    target = "http://127.0.0.1:9/webhooks/wizcommerce/acme"
    running.call_in_loop(standin.send_webhooks_to, target, mode, extra_secrets=["another"])
    standin.switches.a12_signature_encoding = encoding  # type: ignore[assignment]
    running.call_in_loop(standin.announce, "customer.updated", "c-1")
    [sent] = running.call_in_loop(lambda: list(standin.outbox.waiting))
    keys = WebhookKeys(secrets=(standin.webhook_secret,), mode=mode)  # type: ignore[arg-type]
    assert genuine(sent.headers, sent.body, keys)
    assert not genuine(sent.headers, sent.body, WebhookKeys(secrets=("guessed",), mode=mode))  # type: ignore[arg-type]
    assert not genuine({}, sent.body, keys)
    delivery = delivery_from_body(sent.body)
    assert delivery is not None
    assert (delivery.event, delivery.kind, delivery.remote_id) == ("customer.updated", "customer", "c-1")


def test_the_header_may_hold_the_secret_alone_or_as_a_bearer_token() -> None:
    keys = WebhookKeys(secrets=("old", "néw"), static_header="Webhook-Secret")
    as_sent = "néw".encode().decode("latin-1")
    assert genuine({"webhook-secret": "old"}, THIN, keys)
    assert genuine({"WEBHOOK-SECRET": f"Bearer {as_sent}"}, THIN, keys)
    assert not genuine({"X-Webhook-Key": "old"}, THIN, keys)
    assert not genuine({"webhook-secret": ""}, THIN, keys)


def test_one_of_several_signatures_under_one_of_two_secrets_is_enough() -> None:
    keys = WebhookKeys(secrets=("new", "old"), mode="hmac")
    right = signature_of(THIN, "old", "hex")
    assert genuine({SIGNATURE: f"{signature_of(THIN, 'stolen')}, {right.upper()} ,nonsense"}, THIN, keys)
    assert not genuine({SIGNATURE: right}, THIN + b" ", keys)
    assert not genuine({SIGNATURE: ","}, THIN, keys)


def test_both_proofs_are_wanted_where_both_were_agreed() -> None:
    keys = WebhookKeys(secrets=("s",), mode="both")
    assert not genuine({"X-Webhook-Key": "s"}, THIN, keys)
    assert not genuine({SIGNATURE: signature_of(THIN, "s")}, THIN, keys)
    assert genuine({"X-Webhook-Key": "s", SIGNATURE: signature_of(THIN, "s")}, THIN, keys)


def test_a_signature_over_the_hash_of_the_body_counts_only_where_allowed() -> None:
    keys = WebhookKeys(secrets=("s",), mode="hmac")
    over_hash = {SIGNATURE: signature_of(hashlib.sha256(THIN).hexdigest().encode(), "s")}
    assert not genuine(over_hash, THIN, keys)
    assert genuine(over_hash, THIN, keys, Assumptions(a12_body_hash_allowed=True))


@pytest.mark.parametrize(
    ("event", "kind", "verb", "nearest"),
    [
        ("order.created", "order", "created", "order"),
        ("Order.Cancelled", "order", "cancelled", "order"),
        ("buyer.updated", "customer", "updated", "customer"),
        ("product.deleted", "product", "deleted", "product"),
        ("customer.contact.updated", None, "updated", "customer"),
        ("customer.address.created", None, "created", "customer"),
        ("shipment.updated", None, "updated", "shipment"),
        ("quote.accepted", None, "accepted", None),
        ("ping", None, "ping", None),
    ],
)
def test_any_event_name_is_split_at_its_last_dot(event: str, kind: str | None, verb: str, nearest: str | None) -> None:
    delivery = delivery_from_body(json.dumps({"id": "w", "event": event, "data": {"id": "x"}}).encode())
    assert delivery is not None
    assert (delivery.kind, delivery.verb, delivery.nearest) == (kind, verb, nearest)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"event":"order.created"}', b'{"data":{"id":1}}'])
def test_a_body_that_is_no_payload_points_at_nothing_and_is_still_told_apart(body: bytes) -> None:
    assert delivery_from_body(body) is None
    assert digest_of(body) == hashlib.sha256(body).hexdigest()


def test_a_delivery_is_the_same_again_only_when_all_four_parts_are() -> None:
    spaced = THIN.replace(b",", b", ").replace(b"{", b'{"more": 1, ', 1)
    assert digest_of(THIN) == digest_of(spaced)
    others = [
        THIN.replace(b"webhook_123", b"webhook_124"),
        THIN.replace(b"order.created", b"order.updated"),
        THIN.replace(b"10:00:00.000", b"10:00:00.001"),
        THIN.replace(b"o-1", b"o-2"),
        THIN.replace(b'"timestamp"', b'"moment"'),
        THIN.replace(b'"id":"webhook_123",', b""),
    ]
    assert len({digest_of(body) for body in [THIN, *others]}) == 7


def test_secrets_are_in_no_text() -> None:
    assert "hush" not in repr(WebhookKeys(secrets=("hush",)))
    with pytest.raises(ValueError, match="one or two"):
        WebhookKeys(secrets=("",))
