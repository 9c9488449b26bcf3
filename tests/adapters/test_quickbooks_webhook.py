"""Webhooks: genuine or not, and what they say. The signature vector is that of the QuickBooks reference, section
8.4."""

import json
from datetime import UTC, datetime

import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.quickbooks.webhook import NotUnderstood, hints_from, notices, verify
from engine.ports import Hint

BODY = (
    b'[{"specversion":"1.0","id":"evt-0001","type":"qbo.invoice.updated.v1","time":"2026-02-03T17:12:25Z",'
    b'"intuitentityid":"901","intuitaccountid":"4620816365000001"}]'
)
VERIFIER = "wz-verifier-example"
SIGNATURE = "oIwEp5M/o//IciWMXWluehPmzgT8Jej+fHbpPBRv4uQ="


def test_the_test_vector_verifies() -> None:
    assert verify(SIGNATURE, BODY, VERIFIER) and verify(f" {SIGNATURE} ", BODY, VERIFIER)


@pytest.mark.parametrize(
    ("signature", "body", "verifier"),
    [
        (SIGNATURE, BODY + b"\n", VERIFIER),
        (SIGNATURE, BODY, "another"),
        (SIGNATURE.lower(), BODY, VERIFIER),
        ("", BODY, VERIFIER),
        (None, BODY, VERIFIER),
        ("ü" * 44, BODY, VERIFIER),
        (SIGNATURE, BODY, ""),
    ],
)
def test_a_forged_delivery_does_not(signature: str | None, body: bytes, verifier: str) -> None:
    assert not verify(signature, body, verifier)


def test_cloud_events_are_read_and_several_companies_kept_apart() -> None:
    events = [
        json.loads(BODY)[0],
        {
            "specversion": "1.0",
            "id": "x-Customer-123",
            "type": "qbo.customer.merged.v1",
            "time": "2025-12-04T15:25:05.179851517Z",
            "intuitentityid": "123",
            "intuitaccountid": "93414",
            "data": {"deletedid": "27"},
        },
        {
            "specversion": "1.0",
            "id": "e3",
            "type": "QBO.Item.Deleted.v1",
            "intuitentityid": "7",
            "intuitaccountid": "93414",
        },
    ]
    first, merged, item = notices(json.dumps(events).encode())
    assert (first.realm, first.kind, first.remote_id, first.operation) == (
        "4620816365000001",
        "invoice",
        "901",
        "update",
    )
    assert (first.event_id, first.happened_at) == ("evt-0001", datetime(2026, 2, 3, 17, 12, 25, tzinfo=UTC))
    assert (merged.operation, merged.merged_from, merged.realm) == ("merge", "27", "93414")
    assert merged.happened_at == datetime(2025, 12, 4, 15, 25, 5, 179851, tzinfo=UTC)
    assert (item.kind, item.operation, item.happened_at) == ("product", "delete", None)


def test_a_bare_event_is_read_too() -> None:
    [one] = notices(json.dumps(json.loads(BODY)[0]).encode())
    assert one.event_id == "evt-0001"


@pytest.mark.parametrize(
    ("verb", "operation"), [("void", "void"), ("Voided", "void"), ("emailed", "email"), ("painted", "painted")]
)
def test_verbs_are_known_in_both_spellings_and_others_kept(verb: str, operation: str) -> None:
    event = {"specversion": "1.0", "id": "e", "type": f"qbo.invoice.{verb}.v1"}
    assert notices(json.dumps([event]).encode())[0].operation == operation


def legacy(**change: object) -> bytes:
    entity = {
        "name": "Customer",
        "id": "7",
        "operation": "Merge",
        "deletedId": "9",
        "lastUpdated": "2015-10-05T14:43:00-0700",
    }
    changes = {"entities": [{**entity, **change}]}
    return json.dumps({"eventNotifications": [{"realmId": "1185883450", "dataChangeEvent": changes}]}).encode()


def test_the_older_form_is_read_and_the_same_notice_has_the_same_id() -> None:
    [one] = notices(legacy())
    assert (one.realm, one.kind, one.remote_id, one.operation) == ("1185883450", "customer", "7", "merge")
    assert (one.merged_from, one.happened_at) == ("9", datetime(2015, 10, 5, 21, 43, tzinfo=UTC))
    assert notices(legacy())[0].event_id == one.event_id != notices(legacy(id="8"))[0].event_id


def test_what_went_into_another_says_which_one() -> None:
    [merged] = notices(legacy())
    assert hints_from(merged) == [
        Hint(kind="customer", remote_id="7"),
        Hint(kind="customer", remote_id="9", merged_into="7"),
    ]


@pytest.mark.parametrize("loser", ["", "7", None])
def test_a_notice_that_names_no_other_record_is_one_hint(loser: str | None) -> None:
    [one] = notices(legacy(deletedId=loser))
    assert hints_from(one) == [Hint(kind="customer", remote_id="7", changed_at=one.happened_at)]


@pytest.mark.parametrize("text", ["2025-09-08T20:52:31.657Z", "2015-10-05T14:42:19-0700", "2015-10-05T14:42:19-07:00"])
def test_every_form_of_time_is_read(text: str) -> None:
    assert notices(legacy(lastUpdated=text))[0].happened_at is not None


@pytest.mark.parametrize(
    ("name", "kind"),
    [("CreditMemo", "creditmemo"), ("Preferences", "preferences"), ("Estimate", None), ("CustomerType", None)],
)
def test_what_we_do_not_listen_to_has_no_kind(name: str, kind: str | None) -> None:
    [one] = notices(legacy(name=name))
    assert (one.kind, one.entity) == (kind, name.lower())


def test_an_event_that_lacks_everything_hides_no_other() -> None:
    odd, good = notices(b'["what", ' + BODY[1:])
    assert (odd.kind, odd.realm, odd.happened_at, good.kind) == (None, "", None, "invoice") and odd.event_id


@pytest.mark.parametrize("body", [b"", b"{", b"7", b"{}", b'"text"', b'{"eventNotifications": {}}', b"\xff"])
def test_what_is_neither_form_is_said_so(body: bytes) -> None:
    with pytest.raises(NotUnderstood):
        notices(body)


@pytest.mark.parametrize("form", ["cloudevents", "legacy"])
def test_what_the_stand_in_sends_is_genuine_and_understood(form: str) -> None:
    stand_in = QuickBooksStandIn()
    stand_in.set_switches(webhook_form=form)
    with stand_in.start() as running:
        ready = stand_in.ready_line(running.address)
        stand_in.send_webhooks_to("http://127.0.0.1:9/nobody")
        added = stand_in.add_customer("Bloom")
        stand_in.deliver()
        [waiting] = stand_in.outbox.waiting
    headers = {name.lower(): value for name, value in dict(waiting.headers).items()}
    assert verify(headers["intuit-signature"], waiting.body, ready["verifier_token"])
    one = notices(waiting.body)[-1]
    assert (one.realm, one.kind, one.remote_id, one.operation) == (ready["realm"], "customer", added["Id"], "create")
