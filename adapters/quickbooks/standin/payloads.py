"""What a webhook says, in both forms, and which operations of which entities are reported at all.

Source: QuickBooks reference, sections 8.1 to 8.3.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from adapters.quickbooks.standin.company import Change
from adapters.quickbooks.standin.switches import Switches
from adapters.quickbooks.standin.times import pacific

Wire = dict[str, Any]

_OF_LISTS = frozenset({"created", "updated", "deleted", "merged"})
_OF_DOCUMENTS = frozenset({"created", "updated", "deleted", "voided", "emailed"})
# Source: section 8.1. CustomerType and CompanyInfo are not available.
OPERATIONS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("Customer", "Item", "Account", "Class", "Vendor", "Employee"), _OF_LISTS),
    **dict.fromkeys(("Invoice", "Payment", "CreditMemo", "RefundReceipt", "SalesReceipt"), _OF_DOCUMENTS),
    "Estimate": _OF_DOCUMENTS - {"voided"},
    "Term": frozenset({"created", "updated"}),
    "PaymentMethod": frozenset({"created", "updated"}),
    "Preferences": frozenset({"updated"}),
}
LEGACY_VERBS = {
    "created": "Create",
    "updated": "Update",
    "deleted": "Delete",
    "merged": "Merge",
    "voided": "Void",
    "emailed": "Emailed",
}


def verb_of(change: Change, switches: Switches) -> str:
    """The operation a change is reported as, empty for none; one that its entity does not have is an update."""
    known = OPERATIONS.get(change.entity, frozenset())
    if change.entity == "PaymentMethod":
        known |= {switches.webhook_payment_method_end}
    if change.verb in known:
        return change.verb
    return "updated" if "updated" in known and change.verb != "created" else ""


def legacy(changes: list[Change], switches: Switches) -> Wire:
    """The older form: entities grouped by company."""
    realms: dict[str, list[Wire]] = {}
    for one in changes:
        entity: Wire = {"name": one.entity, "id": one.id, "operation": LEGACY_VERBS[verb_of(one, switches)]}
        if entity["operation"] == "Merge":
            entity["deletedId"] = one.loser
        entity["lastUpdated"] = _legacy_time(one.at, switches)
        realms.setdefault(one.realm, []).append(entity)
    return {
        "eventNotifications": [
            {"realmId": realm, "dataChangeEvent": {"entities": entities}} for realm, entities in realms.items()
        ]
    }


def cloud_events(changes: list[Change], switches: Switches) -> list[Wire] | Wire:
    """The current form: an array, or by switch the event itself where there is only one."""
    events = [_cloud_event(one, switches) for one in changes]
    return events[0] if switches.webhook_bare_event and len(events) == 1 else events


def _cloud_event(change: Change, switches: Switches) -> Wire:
    verb = verb_of(change, switches)
    id = str(uuid4())
    event: Wire = {
        "specversion": "1.0",
        "id": id if switches.webhook_event_ids == "uuid" else f"{id}-{change.entity}-{change.id}",
        "source": "intuit." + base64.b64encode(hashlib.sha256(change.realm.encode()).digest()).decode(),
        "type": f"qbo.{change.entity.lower()}.{switches.void_verb if verb == 'voided' else verb}.v1",
        "datacontenttype": "application/json",
        "time": _cloud_time(change.at, switches.webhook_time_digits),
        "intuitentityid": change.id,
        "intuitaccountid": change.realm,
    }
    if switches.webhook_without_datacontenttype:
        del event["datacontenttype"]
    more = _more(change, verb)
    if more or not switches.webhook_without_content:
        event["data"] = more
    return event


def _more(change: Change, verb: str) -> Wire:
    """What `data` is filled with, where it is."""
    if verb == "merged":
        return {"deletedid": change.loser}
    # The reference has the name of this property and not its form.
    return {"alternative_ids": [change.id]} if change.entity == "Employee" else {}


def _cloud_time(at: datetime, digits: int) -> str:
    """UTC with up to nine fractional digits; nine choke naive parsers."""
    second, _, fraction = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f517").partition(".")
    kept = fraction[: max(0, digits)]
    return f"{second}.{kept}Z" if kept else f"{second}Z"


def _legacy_time(at: datetime, switches: Switches) -> str:
    if switches.webhook_legacy_time == "utc":
        return at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
    return pacific(at).strftime("%Y-%m-%dT%H:%M:%S%z")
