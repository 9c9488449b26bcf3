"""What the webhooks of the QuickBooks stand-in say, in every form that was seen of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.quickbooks.standin.company import Change
from tests.adapters.receiving import Receiver, receiving

LISTS = ("Customer", "Item", "Account", "Class", "Vendor", "Employee")
DOCUMENTS = ("Invoice", "Payment", "CreditMemo", "RefundReceipt", "SalesReceipt")
VERBS = ("created", "updated", "deleted", "merged", "voided", "emailed")


@pytest.fixture
def receiver(books: httpx.Client, intuit: QuickBooksStandIn) -> Iterator[Receiver]:
    with receiving() as one:
        intuit.send_webhooks_to(one.url)
        yield one


def report(intuit: QuickBooksStandIn, *changes: tuple[str, str, str], **more: Any) -> None:
    """Let the books say that these changes, as (entity, id, verb), have happened."""
    realm, at = next(iter(intuit.companies)), datetime(2025, 9, 8, 20, 52, 31, 657_000, UTC)
    assert intuit.running is not None
    for entity, id, verb in changes:
        intuit.running.call_in_loop(intuit.office.notices.note, Change(realm, entity, id, verb, at, True, **more))


def delivered(intuit: QuickBooksStandIn, receiver: Receiver) -> Any:
    """The one body that goes out now."""
    receiver.received.clear()
    intuit.deliver()
    [body] = receiver.bodies()
    return body


def test_each_entity_is_reported_with_the_operations_it_has_and_no_other(
    intuit: QuickBooksStandIn, receiver: Receiver
) -> None:
    entities = (*LISTS, *DOCUMENTS, "Estimate", "Term", "PaymentMethod", "Preferences", "CustomerType", "CompanyInfo")
    report(intuit, *((entity, "1", verb) for entity in entities for verb in VERBS), loser="2")
    found = {entity: set() for entity in entities}  # type: dict[str, set[str]]
    names = {entity.lower(): entity for entity in entities}
    for event in delivered(intuit, receiver):
        _, entity, verb, _ = event["type"].split(".")
        found[names[entity]].add(verb)
    assert all(found[entity] == {"created", "updated", "deleted", "merged"} for entity in LISTS)
    assert all(found[entity] == {"created", "updated", "deleted", "voided", "emailed"} for entity in DOCUMENTS)
    assert found["Estimate"] == {"created", "updated", "deleted", "emailed"}
    assert found["Term"] == {"created", "updated"} and found["Preferences"] == {"updated"}
    assert found["PaymentMethod"] == {"created", "updated", "deleted"}
    assert found["CustomerType"] == found["CompanyInfo"] == set()
    intuit.set_switches(webhook_payment_method_end="merged")
    report(intuit, ("PaymentMethod", "1", "deleted"), ("PaymentMethod", "1", "merged"), loser="2")
    verbs = [event["type"].split(".")[2] for event in delivered(intuit, receiver)]
    assert verbs == ["updated", "merged"]


def test_a_merge_names_the_loser_in_the_spelling_of_its_form(intuit: QuickBooksStandIn, receiver: Receiver) -> None:
    report(intuit, ("Customer", "123", "merged"), loser="27")
    intuit.set_switches(webhook_without_content=True)
    [event] = delivered(intuit, receiver)
    assert (event["type"], event["intuitentityid"]) == ("qbo.customer.merged.v1", "123")
    assert event["data"] == {"deletedid": "27"}
    report(intuit, ("Customer", "123", "merged"), loser="27")
    intuit.set_switches(webhook_form="legacy")
    [notification] = delivered(intuit, receiver)["eventNotifications"]
    [entity] = notification["dataChangeEvent"]["entities"]
    at = "2025-09-08T13:52:31-0700"
    assert entity == {"name": "Customer", "id": "123", "operation": "Merge", "deletedId": "27", "lastUpdated": at}


def test_the_legacy_form_has_its_own_headers_verbs_and_times(intuit: QuickBooksStandIn, receiver: Receiver) -> None:
    intuit.set_switches(webhook_form="legacy", webhook_legacy_time="utc")
    report(intuit, *(("Invoice", "1", verb) for verb in VERBS if verb != "merged"))
    [notification] = delivered(intuit, receiver)["eventNotifications"]
    entities = notification["dataChangeEvent"]["entities"]
    assert [one["operation"] for one in entities] == ["Create", "Update", "Delete", "Void", "Emailed"]
    assert {one["lastUpdated"] for one in entities} == {"2025-09-08T20:52:31.657Z"}
    headers = {name.lower(): value for name, value in receiver.received[0][0].items()}
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["user-agent"] == "intuit_notification_server/0.1"
    assert headers["intuit-notification-schema-version"] == "0.1"
    assert headers["intuit-t-id"] and headers["intuit-created-time"] and headers["intuit-signature"]


def test_a_cloud_event_varies_as_real_ones_do(intuit: QuickBooksStandIn, receiver: Receiver) -> None:
    report(intuit, ("Account", "1234", "created"))
    [event] = delivered(intuit, receiver)
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", event["id"])
    assert re.fullmatch(r"intuit\.[A-Za-z0-9+/]{43}=", event["source"])
    assert event["time"] == "2025-09-08T20:52:31.657000517Z" and event["data"] == {}
    assert list(event) == [
        "specversion",
        "id",
        "source",
        "type",
        "datacontenttype",
        "time",
        "intuitentityid",
        "intuitaccountid",
        "data",
    ]
    intuit.set_switches(
        webhook_bare_event=True,
        webhook_event_ids="suffixed",
        webhook_time_digits=0,
        webhook_without_content=True,
        webhook_without_datacontenttype=True,
        webhook_content_type="application/cloudevents+json",
        void_verb="void",
    )
    report(intuit, ("Payment", "33", "voided"))
    bare = delivered(intuit, receiver)
    assert bare["id"].endswith("-Payment-33") and bare["time"] == "2025-09-08T20:52:31Z"
    assert bare["type"] == "qbo.payment.void.v1" and not {"data", "datacontenttype"} & set(bare)
    assert receiver.received[0][0]["content-type"] == "application/cloudevents+json"
    report(intuit, ("Payment", "33", "voided"), ("Employee", "5", "updated"))
    two = delivered(intuit, receiver)
    assert len(two) == 2 and two[1]["data"] == {"alternative_ids": ["5"]}


def test_several_companies_share_a_delivery_and_a_large_one_is_split(
    intuit: QuickBooksStandIn, receiver: Receiver
) -> None:
    second = intuit.by_hand("add-company")["realm"]
    assert intuit.running is not None
    intuit.add_customer("Clay Ltd", realm=second)  # before it was connected
    intuit.ready_line(intuit.running.address, second)
    intuit.add_customer("Bloom & Co")
    intuit.add_customer("Fern Ltd", realm=second)
    both = delivered(intuit, receiver)
    assert [(one["intuitaccountid"], one["intuitentityid"]) for one in both] == list(
        zip(intuit.companies, ("1", "2"), strict=True)
    )
    receiver.received.clear()
    report(intuit, *(("Item", str(id), "updated") for id in range(205)))
    intuit.deliver()
    assert [len(body) for body in receiver.bodies()] == [100, 100, 5]
    receiver.received.clear()
    intuit.set_switches(webhook_bytes_per_delivery=10_000)
    report(intuit, *(("Item", str(id), "updated") for id in range(100)))
    intuit.deliver()
    assert all(len(body) <= 10_000 for _, body in receiver.received)
    told = [one["intuitentityid"] for body in receiver.received for one in json.loads(body[1])]
    assert told == [str(id) for id in range(100)]
