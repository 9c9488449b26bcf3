"""Webhooks out, in both forms, signed, several events and companies to a delivery, tried again until they are taken.

Source: QuickBooks reference, sections 8.1 to 8.5.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from adapters.quickbooks.standin.company import Change
from adapters.quickbooks.standin.envelope import to_bytes
from adapters.quickbooks.standin.payloads import cloud_events, legacy, verb_of
from adapters.quickbooks.standin.switches import Switches
from adapters.standin.clock import StandInClock
from adapters.standin.delivery import Delivery, DeliveryMode, Outbox

Wire = dict[str, Any]

# The last wait is repeated for ever. Source: QuickBooks reference, section 8.5.
RETRY_AFTER_SECONDS = (10, 20, 30, 300, 1200, 7200, 14_400, 21_600)
OLDER_RETRY_AFTER_SECONDS = (1200, 1800, 3000)
OLDER_GIVES_UP_AFTER = timedelta(days=1)


def signature(verifier_token: str, body: bytes) -> str:
    """The `intuit-signature` of a body: Base64 of HMAC-SHA256 over the raw bytes."""
    return base64.b64encode(hmac.new(verifier_token.encode(), body, hashlib.sha256).digest()).decode()


class Notices(Outbox):
    """An outbox that gathers changes and packs them into signed deliveries when it is time to send."""

    def __init__(self, clock: StandInClock, mode: DeliveryMode, switches: Switches, verifier_token: str) -> None:
        super().__init__(clock, mode, success=(200,))
        self._switches = switches
        self._verifier_token = verifier_token
        self._gathered: list[Change] = []
        self._url = ""
        self._configured_at = clock.now()
        self._black_listed = False

    @property
    def url(self) -> str:
        """Where deliveries go; empty for nowhere. Setting it is what the developer portal calls configuring."""
        return self._url

    @url.setter
    def url(self, url: str) -> None:
        self._url = url
        self._configured_at = self.clock.now()
        self._black_listed = False

    def note(self, change: Change) -> None:
        """Take a change for the next delivery, if it is one that is reported."""
        own = not change.by_person
        if not self._switches.webhooks_on or (own and not self._switches.webhook_own_writes):
            return
        if not self._url or self._black_listed or not verb_of(change, self._switches):
            return
        self._gathered.append(change)
        self.wake()

    def due(self) -> list[Delivery]:
        self._pack()
        self.blocking = self._switches.webhook_head_of_line
        self.timeout_seconds = self._switches.webhook_answer_seconds
        return super().due()

    def retry_in(self, one: Delivery) -> float | None:
        older = self._switches.webhook_retries == "older"
        waits = OLDER_RETRY_AFTER_SECONDS if older else RETRY_AFTER_SECONDS
        wait = waits[min(one.attempts, len(waits)) - 1]
        if not older:
            return wait
        assert one.first_tried_at is not None
        again_at = self.clock.now() + timedelta(seconds=wait)
        return wait if again_at - one.first_tried_at <= OLDER_GIVES_UP_AFTER else None

    def gave_up(self, one: Delivery) -> None:
        """The endpoint gets nothing more, until it is configured anew."""
        self.lost += [other for other in self.waiting if other.lane == one.lane]
        self.waiting = [other for other in self.waiting if other.lane != one.lane]
        if one.lane == self._url:
            self._black_listed = True
            self._gathered = []

    def clear(self) -> None:
        super().clear()
        self._gathered = []

    def shown(self) -> Wire:
        gathered = [
            {"realm": one.realm, "entity": one.entity, "id": one.id, "verb": one.verb} for one in self._gathered
        ]
        return {"url": self._url, "black_listed": self._black_listed, "gathered": gathered, **super().shown()}

    def _pack(self) -> None:
        changes, self._gathered = self._gathered, []
        if self._switches.webhook_aggregate:
            changes = list({(one.realm, one.entity, one.id): one for one in changes}.values())
        if self._switches.webhook_disorder:
            changes.reverse()
        size = max(1, self._switches.webhook_events_per_delivery)
        for first in range(0, len(changes), size):
            for packed, body in self._parcels(changes[first : first + size]):
                self._post(min(one.at for one in packed), body)

    def _parcels(self, changes: list[Change]) -> Iterator[tuple[list[Change], bytes]]:
        """The bodies that carry the changes, none larger than a delivery may be unless it has a single event."""
        form = legacy if self._switches.webhook_form == "legacy" else cloud_events
        body = to_bytes(form(changes, self._switches))
        if len(body) <= self._switches.webhook_bytes_per_delivery or len(changes) == 1:
            yield changes, body
            return
        half = len(changes) // 2
        yield from self._parcels(changes[:half])
        yield from self._parcels(changes[half:])

    def _post(self, first_change_at: datetime, body: bytes) -> None:
        old_form = self._switches.webhook_form == "legacy"
        now = self.clock.now()
        headers = {
            "content-type": "application/json; charset=utf-8" if old_form else self._switches.webhook_content_type,
            "intuit-signature": signature(self._verifier_token, body),
            "intuit-created-time": now.isoformat(timespec="milliseconds"),
            "intuit-t-id": str(uuid4()),
            "intuit-notification-schema-version": "0.1" if old_form else "1.0",
            "user-agent": "intuit_notification_server/0.1",
        }
        waited = (now - first_change_at).total_seconds()
        configured = (now - self._configured_at).total_seconds()
        delay = max(
            0.0,
            self._switches.webhook_delay_seconds - waited,
            self._switches.webhook_first_delivery_seconds - configured,
        )
        for _ in range(1 + max(0, self._switches.webhook_duplicates)):
            super().put(self._url, body, headers, delay_seconds=delay, lane=self._url)
