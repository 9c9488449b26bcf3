"""WizCommerce's webhooks: is it genuine, and what does it point at. Source: reference, 1.6; A-10, A-11, A-12.

A delivery is only a hint (A-13): it says which record changed, and the record is then fetched.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping

import msgspec

from adapters.wizcommerce.assumptions import ASSUMED, Assumptions, WebhookMode

MOST_SIGNATURES = 16
"""More in one header than anybody rotates: the rest is not looked at."""

_KINDS = {"order": "order", "customer": "customer", "buyer": "customer", "product": "product"}
"""Their noun → our kind. The older guide says buyer."""
_NEAREST = {**_KINDS, "inventory": "stock", "invoice": "invoice", "shipment": "shipment"}
"""Their noun → the kind whose sweep would show the change."""


class WebhookKeys(msgspec.Struct, frozen=True, kw_only=True):
    """How one connection's deliveries prove themselves. Two secrets may be active while one replaces the other."""

    secrets: tuple[str, ...]
    mode: WebhookMode = ASSUMED.a12_mode
    static_header: str = ASSUMED.a12_static_header

    def __post_init__(self) -> None:
        if not 1 <= len(self.secrets) <= 2 or not all(self.secrets):
            raise ValueError("A connection has one or two webhook secrets, and none is empty.")

    def __repr__(self) -> str:  # secrets are in no log line and no error
        return f"WebhookKeys(mode={self.mode!r}, static_header={self.static_header!r}, secrets={len(self.secrets)})"


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A thin payload. `kind` is what `remote_id` is the id of; None for an unknown event or one about part of a record.

    `nearest` is then the kind whose sweep would show the change (A-10, A-14), or None when nothing comes near.
    """

    event: str
    kind: str | None
    verb: str
    remote_id: str
    nearest: str | None
    digest: str


class _Subject(msgspec.Struct, frozen=True):
    id: str | int


class _Payload(msgspec.Struct, frozen=True):
    event: str
    data: _Subject
    id: str | int | None = None
    timestamp: str | int | None = None


_DECODER = msgspec.json.Decoder(_Payload)


def genuine(headers: Mapping[str, str], body: bytes, keys: WebhookKeys, assumed: Assumptions = ASSUMED) -> bool:
    """Whether the delivery was made by someone who knows an active secret. Header names in any case. Constant time.

    `both` wants both proofs: the header's secret and a signature.
    """
    found = {name.lower(): value for name, value in headers.items()}
    static = _static_fits(found.get(keys.static_header.lower(), ""), keys.secrets)
    signed = _signature_fits(found.get(assumed.a12_signature_header.lower(), ""), body, keys.secrets, assumed)
    if keys.mode == "both":
        return static and signed
    return signed if keys.mode == "hmac" else static


def delivery_from_body(body: bytes) -> Delivery | None:
    """What the payload points at; None when it is not a payload we know (stored and raised all the same)."""
    try:
        payload = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    subject, _, verb = payload.event.rpartition(".")  # the last dot parts entity and verb
    kind = _KINDS.get(subject.lower())
    return Delivery(
        event=payload.event,
        kind=kind,
        verb=verb.lower(),
        remote_id=str(payload.data.id),
        nearest=kind or _NEAREST.get(subject.lower().partition(".")[0]),
        digest=digest_of(body),
    )


def digest_of(body: bytes) -> str:
    """What makes a delivery the same one again: 64 hex digits over id, event, data.id and timestamp (A-11).

    Where one of the four is missing, over the whole body: two different bodies must not pass for one.
    """
    try:
        payload = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return hashlib.sha256(body).hexdigest()
    if payload.id is None or payload.timestamp is None:
        return hashlib.sha256(body).hexdigest()
    parts = [payload.id, payload.event, payload.data.id, payload.timestamp]
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


def _static_fits(value: str, secrets: Iterable[str]) -> bool:
    """The header's value is a secret, alone or as a bearer token. Every secret is compared, whatever the first says."""
    sent = value.strip()
    bare = sent[7:].strip() if sent[:7].lower() == "bearer " else sent
    shown = [one.encode("latin-1", "replace") for one in (sent, bare)]  # header bytes arrive as latin-1 text
    return any([hmac.compare_digest(one, secret.encode()) for one in shown for secret in secrets])


def _signature_fits(header: str, body: bytes, secrets: Iterable[str], assumed: Assumptions) -> bool:
    """One of the signatures, parted by commas, is the HMAC-SHA256 of the body under one of the secrets (A-12)."""
    sent = [_bytes_of(one.strip()) for one in header.split(",")[:MOST_SIGNATURES]]
    messages = [body]
    if assumed.a12_body_hash_allowed:
        messages.append(hashlib.sha256(body).hexdigest().encode())
    wanted = [hmac.new(secret.encode(), message, hashlib.sha256).digest() for secret in secrets for message in messages]
    return any([hmac.compare_digest(one, other) for one in sent for other in wanted])


def _bytes_of(signature: str) -> bytes:
    """A signature in hex or base64 as bytes; empty, which equals no digest, when it is neither."""
    try:
        if len(signature) == 64:  # 32 bytes in hex; in base64 they take 44
            return bytes.fromhex(signature)
        return base64.b64decode(signature, validate=True)
    except (ValueError, binascii.Error):
        return b""
