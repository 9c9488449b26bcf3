"""Webhooks out: thin, signed or with a static header. Source: WizCommerce reference, section 1.6."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any, Literal

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


class HookSettings(msgspec.Struct, forbid_unknown_fields=True):
    """Where webhooks go and how they prove where they come from.

    `mode`: "static_header" sends `secret` in the header `header` (newer guide); "hmac" signs the raw body with it
    (older guide), in `encoding`, once more for each of `extra_secrets`, separated by commas; "both" does both.
    """

    url: str = ""
    mode: Literal["static_header", "hmac", "both"] = "static_header"
    header: str = "X-Webhook-Key"
    secret: str = ""
    extra_secrets: list[str] = []
    encoding: Literal["base64", "hex"] = "base64"


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
        if not wanted.url.startswith(("http://", "https://")):
            raise ControlRefused("The webhook url must begin with http:// or https://.")
        wanted.secret = wanted.secret or self.default_secret
        self.issued_secrets.update({wanted.secret, *wanted.extra_secrets})
        self.settings = wanted
        return self.shown()

    def shown(self) -> dict[str, Any]:
        """The settings without the secrets, for people."""
        kept = self.settings
        return {"url": kept.url, "mode": kept.mode, "header": kept.header, "unsent": self.unsent}

    def announce(self, event: str, entity_id: str) -> None:
        """Send one event. Call it on the loop thread."""
        if not self.settings.url or not self.switches.webhooks:
            self.unsent += 1
            return
        self._sent += 1
        number = 123 if self.switches.webhook_same_id else self._sent
        body = write_json(
            {
                "id": f"webhook_{number}",
                "event": event,
                "timestamp": write_moment(self.outbox.clock.now(), 3),
                "data": {"id": entity_id},
            }
        )
        headers = {"Content-Type": "application/json", **self._credentials(body)}
        for _ in range(2 if self.switches.webhook_duplicates else 1):
            self.outbox.put(self.settings.url, body, headers, delay_seconds=self.switches.webhook_delay_seconds)

    def _credentials(self, body: bytes) -> dict[str, str]:
        kept = self.settings
        headers: dict[str, str] = {}
        if kept.mode in ("static_header", "both"):
            headers[kept.header] = kept.secret
        if kept.mode in ("hmac", "both"):
            signatures = [signature_of(body, one, kept.encoding) for one in (kept.secret, *kept.extra_secrets)]
            headers[SIGNATURE_HEADER] = ",".join(signatures)
        return headers


def signature_of(body: bytes, secret: str, encoding: str = "base64") -> str:
    """HMAC-SHA256 of the raw body under the secret, as base64 or hex."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()
