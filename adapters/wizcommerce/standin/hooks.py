"""Webhooks out: thin, signed or with a static header. Source: WizCommerce reference, section 1.6."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from adapters.standin.control import ControlRefused
from adapters.standin.delivery import Outbox
from adapters.standin.wire import write_json
from adapters.wizcommerce.standin.moments import write_moment
from adapters.wizcommerce.standin.switches import Switches

SUCCESS = (200, 201, 202, 204)
RETRY_AFTER_SECONDS = (30, 60, 120, 240, 480)
TIMEOUT_SECONDS = 30.0
SIGNATURE_HEADER = "X-Wizcommerce-Signature"
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")

_GOODS = frozenset({"product", "inventory", "invoice", "shipment"})
"""What may have no events at all (A-10)."""


class HookSettings(msgspec.Struct, forbid_unknown_fields=True):
    """Where webhooks go and how they prove where they come from.

    `mode`: "static_header" sends `secret` in the header `header` (newer guide); "hmac" signs with it (older guide), once
    more for each of `extra_secrets`, separated by commas; "both" does both. What is signed, and how it is written, are
    the switches of A-12.
    """

    url: str = ""
    mode: Literal["static_header", "hmac", "both"] = "static_header"
    header: str = "X-Webhook-Key"
    secret: str = ""
    extra_secrets: list[str] = []


class Hooks:
    """The tenant's webhook configuration, and the events sent by it. Without a target an event is lost."""

    def __init__(self, outbox: Outbox, switches: Switches) -> None:
        self.outbox = outbox
        self.switches = switches
        self.default_secret = secrets.token_urlsafe(32)
        self.settings = HookSettings(secret=self.default_secret)
        self.issued_secrets = {self.default_secret}
        self.unsent = 0
        self._sent = 0

    def reset(self) -> None:
        """Forget the target and go back to the first secret."""
        self.settings = HookSettings(secret=self.default_secret)
        self.unsent = self._sent = 0

    def point(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Take new settings (an absent secret = the stand-in's own); answer them without the secrets."""
        try:
            wanted = msgspec.convert(settings, HookSettings)
        except msgspec.ValidationError as fault:
            raise ControlRefused(f"The webhook settings cannot be taken: {fault}.") from fault
        _refuse_unsafe(wanted.url)
        wanted.secret = wanted.secret or self.default_secret
        self.issued_secrets.update({wanted.secret, *wanted.extra_secrets})
        self.settings = wanted
        return self.shown()

    def shown(self) -> dict[str, Any]:
        """The settings without the secrets, for people."""
        kept = self.settings
        return {"url": kept.url, "mode": kept.mode, "header": kept.header, "unsent": self.unsent}

    def announce(self, event: str, entity_id: str) -> None:
        """Send one event: thin, with the id of its entity and of nothing around it. Call it on the loop thread."""
        is_known = self.switches.a10_goods_events == "all" or event.partition(".")[0] not in _GOODS
        if not self.settings.url or not self.switches.webhooks or not is_known:
            self.unsent += 1
            return
        self._sent += 1
        number = 123 if self.switches.a11_same_webhook_id else self._sent
        body = write_json(
            {
                "id": f"webhook_{number}",
                "event": _in_the_guides_words(event, self.switches),
                "timestamp": write_moment(self.outbox.clock.now(), 3),
                "data": {"id": entity_id},
            }
        )
        headers = {"Content-Type": "application/json", **self._credentials(body)}
        for _ in range(2 if self.switches.webhook_duplicates else 1):
            self.outbox.put(self.settings.url, body, headers, delay_seconds=self.switches.webhook_delay_seconds)
            if self.switches.a13_newest_first:
                self.outbox.waiting.insert(0, self.outbox.waiting.pop())

    def _credentials(self, body: bytes) -> dict[str, str]:
        kept = self.settings
        headers: dict[str, str] = {}
        if kept.mode in ("static_header", "both"):
            headers[kept.header] = kept.secret
        if kept.mode in ("hmac", "both"):
            hashed = self.switches.a12_signature_message == "body-hash"
            message = hashlib.sha256(body).hexdigest().encode() if hashed else body
            encoding = self.switches.a12_signature_encoding
            signatures = [signature_of(message, one, encoding) for one in (kept.secret, *kept.extra_secrets)]
            headers[SIGNATURE_HEADER] = ",".join(signatures)
        return headers


def signature_of(message: bytes, secret: str, encoding: str = "base64") -> str:
    """HMAC-SHA256 of the message under the secret, as base64 or hex."""
    digest = hmac.new(secret.encode(), message, hashlib.sha256).digest()
    return digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()


def _in_the_guides_words(event: str, switches: Switches) -> str:
    noun, dot, rest = event.partition(".")
    return f"{switches.a10_customer_noun}{dot}{rest}" if noun == "customer" else event


def _refuse_unsafe(url: str) -> None:
    """A target must be https, as documented; plain http only on this machine, where the tests listen."""
    try:
        target = urlsplit(url)
        is_here = target.scheme == "http" and target.hostname in _THIS_MACHINE
    except ValueError as fault:
        raise ControlRefused(f"The webhook url cannot be read: {fault}.") from fault
    if target.scheme != "https" and not is_here:
        raise ControlRefused(
            "The webhook url must begin with https://, or with http:// and an address of this machine."
        )
