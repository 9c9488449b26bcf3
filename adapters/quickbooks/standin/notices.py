"""Webhooks out, in both forms, signed, several events and companies to a delivery.

Source: QuickBooks reference, section 8.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from adapters.quickbooks.standin.company import Change
from adapters.quickbooks.standin.envelope import to_bytes
from adapters.quickbooks.standin.switches import Switches
from adapters.quickbooks.standin.times import pacific
from adapters.standin.clock import StandInClock
from adapters.standin.delivery import Delivery, DeliveryMode, Outbox

Wire = dict[str, Any]

ANSWER_WITHIN_SECONDS = 3.0
SIX_HOURS = 21_600
# "then every 6 h": a week of them is long enough for a stand-in. Source: QuickBooks reference, section 8.5.
RETRY_AFTER_SECONDS = (10, 20, 30, 300, 1200, 7200, 14_400, *([SIX_HOURS] * 28))
REPORTED = frozenset(
    {
        "Customer",
        "Vendor",
        "Employee",
        "Item",
        "Term",
        "PaymentMethod",
        "Preferences",
        "Account",
        "Invoice",
        "Payment",
        "CreditMemo",
    }
)
LEGACY_VERBS = {
    "created": "Create",
    "updated": "Update",
    "deleted": "Delete",
    "voided": "Void",
    "merged": "Merge",
    "emailed": "Emailed",
}
NO_DELETES = frozenset({"Term", "Preferences"})


def signature(verifier_token: str, body: bytes) -> str:
    """The `intuit-signature` of a body: Base64 of HMAC-SHA256 over the raw bytes."""
    return base64.b64encode(hmac.new(verifier_token.encode(), body, hashlib.sha256).digest()).decode()


class Notices(Outbox):
    """An outbox that gathers changes and packs them into signed deliveries when it is time to send."""

    def __init__(self, clock: StandInClock, mode: DeliveryMode, switches: Switches, verifier_token: str) -> None:
        super().__init__(
            clock,
            mode,
            success=(200,),
            timeout_seconds=ANSWER_WITHIN_SECONDS,
            retry_after_seconds=RETRY_AFTER_SECONDS,
            blocking=True,
        )
        self.url = ""
        self._switches = switches
        self._verifier_token = verifier_token
        self._gathered: list[Change] = []

    def note(self, change: Change) -> None:
        """Take a change for the next delivery, if it is one that is reported."""
        own = not change.by_person
        if not self.url or not self._switches.webhooks_on or (own and not self._switches.webhook_own_writes):
            return
        if change.entity not in REPORTED:
            return
        self._gathered.append(change)
        self.wake()

    def due(self) -> list[Delivery]:
        self._pack()
        self.blocking = self._switches.webhook_head_of_line
        return super().due()

    def clear(self) -> None:
        super().clear()
        self._gathered = []

    def shown(self) -> Wire:
        gathered = [
            {"realm": one.realm, "entity": one.entity, "id": one.id, "verb": one.verb} for one in self._gathered
        ]
        return {"url": self.url, "gathered": gathered, **super().shown()}

    def _pack(self) -> None:
        changes, self._gathered = self._gathered, []
        if self._switches.webhook_aggregate:
            changes = list({(one.realm, one.entity, one.id): one for one in changes}.values())
        if self._switches.webhook_disorder:
            changes.reverse()
        size = max(1, self._switches.webhook_events_per_delivery)
        for first in range(0, len(changes), size):
            packed = changes[first : first + size]
            self._post(packed)

    def _post(self, changes: list[Change]) -> None:
        legacy = self._switches.webhook_form == "legacy"
        body = to_bytes(_legacy(changes) if legacy else [self._cloud_event(one) for one in changes])
        now = self.clock.now()
        headers = {
            "content-type": "application/json; charset=utf-8" if legacy else self._switches.webhook_content_type,
            "intuit-signature": signature(self._verifier_token, body),
            "intuit-created-time": now.isoformat(timespec="milliseconds"),
            "intuit-t-id": str(uuid4()),
            "intuit-notification-schema-version": "0.1" if legacy else "1.0",
            "user-agent": "intuit_notification_server/0.1",
        }
        waited = (now - min(one.at for one in changes)).total_seconds()
        delay = max(0.0, self._switches.webhook_delay_seconds - waited)
        for _ in range(1 + max(0, self._switches.webhook_duplicates)):
            super().put(self.url, body, headers, delay_seconds=delay, lane="webhooks")

    def _cloud_event(self, change: Change) -> Wire:
        verb = self._switches.void_verb if change.verb == "voided" else _verb(change)
        event: Wire = {
            "specversion": "1.0",
            "id": str(uuid4()),
            "source": "intuit." + base64.b64encode(hashlib.sha256(change.realm.encode()).digest()).decode(),
            "type": f"qbo.{change.entity.lower()}.{verb}.v1",
            "datacontenttype": "application/json",
            "time": _nanoseconds(change.at),
            "intuitentityid": change.id,
            "intuitaccountid": change.realm,
        }
        if not self._switches.webhook_without_content:
            event["data"] = {}
        return event


def _verb(change: Change) -> str:
    return "updated" if change.verb == "deleted" and change.entity in NO_DELETES else change.verb


def _nanoseconds(at: datetime) -> str:
    """UTC with nine fractional digits, which naive parsers choke on."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "517Z"


def _legacy(changes: list[Change]) -> Wire:
    realms: dict[str, list[Wire]] = {}
    for one in changes:
        entity = {
            "name": one.entity,
            "id": one.id,
            "operation": LEGACY_VERBS[_verb(one)],
            "lastUpdated": pacific(one.at).strftime("%Y-%m-%dT%H:%M:%S%z"),
        }
        realms.setdefault(one.realm, []).append(entity)
    return {
        "eventNotifications": [
            {"realmId": realm, "dataChangeEvent": {"entities": entities}} for realm, entities in realms.items()
        ]
    }
