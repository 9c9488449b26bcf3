"""Webhooks of the QuickBooks stand-in: both forms, signed, in batches, retried in order."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.quickbooks.standin.notices import signature


class Receiver:
    """A small HTTP server that keeps what it is sent and answers as told."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.arrived = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status = outer.answers.pop(0) if outer.answers else 200
                outer.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()
                outer.arrived.set()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def events(self) -> list[list[dict[str, Any]]]:
        return [json.loads(body) for _, body in self.received]

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(one["type"], one["intuitentityid"]) for body in self.events for one in body]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.close()


@pytest.fixture(autouse=True)
def subscribed(books: httpx.Client, intuit: QuickBooksStandIn, receiver: Receiver) -> None:
    """Connected first, since only connected companies are reported."""
    intuit.send_webhooks_to(receiver.url)


def test_the_signature_agrees_with_the_reference_vector() -> None:
    body = (
        b'[{"specversion":"1.0","id":"evt-0001","type":"qbo.invoice.updated.v1","time":"2026-02-03T17:12:25Z",'
        b'"intuitentityid":"901","intuitaccountid":"4620816365000001"}]'
    )
    assert signature("wz-verifier-example", body) == "oIwEp5M/o//IciWMXWluehPmzgT8Jej+fHbpPBRv4uQ="


def test_changes_by_app_and_person_go_out_in_one_signed_delivery(
    books: httpx.Client, intuit: QuickBooksStandIn, receiver: Receiver
) -> None:
    books.post("/customer", json={"DisplayName": "Bloom & Co"})
    intuit.by_hand("edit-customer", Id="1", Notes="new")
    intuit.by_hand("deactivate-customer", Id="1")
    assert intuit.deliver() == {"sent": 1, "delivered": 1, "failed": 0, "waiting": 0}
    [(headers, body)] = receiver.received
    wanted = base64.b64encode(hmac.new(intuit.verifier_token.encode(), body, hashlib.sha256).digest()).decode()
    assert headers["intuit-signature"] == wanted and headers["content-type"] == "application/json"
    verbs = ("created", "updated", "deleted")
    assert receiver.told == [(f"qbo.customer.{verb}.v1", "1") for verb in verbs]
    event = receiver.events[0][0]
    assert event["intuitaccountid"] == next(iter(intuit.companies)) and event["data"] == {}
    assert event["specversion"] == "1.0" and len(event["time"].partition(".")[2]) == len("179851517Z")


def test_the_legacy_form_groups_entities_by_company(
    books: httpx.Client, intuit: QuickBooksStandIn, receiver: Receiver
) -> None:
    intuit.set_switches(webhook_form="legacy")
    second = intuit.by_hand("add-company")["realm"]
    assert intuit.running is not None
    intuit.ready_line(intuit.running.address, second)
    intuit.add_customer("Bloom & Co")
    intuit.add_customer("Fern Ltd", realm=second)
    intuit.deliver()
    [body] = [json.loads(body) for _, body in receiver.received]
    notices = body["eventNotifications"]
    assert [one["realmId"] for one in notices] == list(intuit.companies)
    entity = notices[0]["dataChangeEvent"]["entities"][0]
    assert (entity["name"], entity["id"], entity["operation"]) == ("Customer", "1", "Create")
    assert entity["lastUpdated"][-5:] in ("-0800", "-0700")


def test_a_failed_delivery_blocks_those_behind_it_until_its_retry(
    books: httpx.Client, intuit: QuickBooksStandIn, receiver: Receiver
) -> None:
    receiver.answers = [500, 202]
    intuit.add_customer("First")
    assert intuit.deliver()["failed"] == 1
    intuit.add_customer("Second")
    assert intuit.deliver()["sent"] == 0
    intuit.clock.move(10)
    assert intuit.deliver()["failed"] == 1
    intuit.clock.move(20)
    assert intuit.deliver()["delivered"] == 2
    assert [entity for _, entity in receiver.told] == ["1", "1", "1", "2"]


def test_without_blocking_later_deliveries_overtake(
    books: httpx.Client, intuit: QuickBooksStandIn, receiver: Receiver
) -> None:
    intuit.set_switches(webhook_head_of_line=False)
    receiver.answers = [500]
    intuit.add_customer("First")
    intuit.deliver()
    intuit.add_customer("Second")
    assert intuit.deliver()["delivered"] == 1


def test_own_writes_duplicates_disorder_delay_and_batches_follow_their_switches(
    books: httpx.Client, intuit: QuickBooksStandIn, receiver: Receiver
) -> None:
    intuit.set_switches(
        webhook_own_writes=False,
        webhook_disorder=True,
        webhook_duplicates=1,
        webhook_delay_seconds=30,
        webhook_events_per_delivery=2,
        webhook_without_content=True,
    )
    books.post("/customer", json={"DisplayName": "Own"})
    for name in ("A", "B", "C"):
        intuit.add_customer(name)
    assert intuit.deliver()["sent"] == 0
    intuit.clock.move(31)
    assert intuit.deliver()["delivered"] == 4
    assert [[one["intuitentityid"] for one in body] for body in receiver.events] == [
        ["4", "3"],
        ["4", "3"],
        ["2"],
        ["2"],
    ]
    assert "data" not in receiver.events[0][0]


def test_aggregated_changes_of_one_entity_are_one_event_and_a_void_says_so(
    books: httpx.Client, intuit: QuickBooksStandIn, receiver: Receiver
) -> None:
    intuit.add_customer("Bloom & Co")
    line = {"DetailType": "SalesItemLineDetail", "Amount": 10, "SalesItemLineDetail": {}}
    intuit.by_hand("add-invoice", CustomerRef={"value": "1"}, Line=[line])
    intuit.by_hand("void-invoice", Id="1")
    intuit.set_switches(webhook_aggregate=True, void_verb="void")
    intuit.deliver()
    assert receiver.told == [("qbo.customer.created.v1", "1"), ("qbo.invoice.void.v1", "1")]


def test_nothing_is_reported_of_a_company_that_is_not_connected_or_while_switched_off(
    books: httpx.Client, intuit: QuickBooksStandIn, receiver: Receiver
) -> None:
    intuit.fill({"company": {"LegalName": "Seeded"}, "customers": [{"DisplayName": "Seeded quietly"}]})
    intuit.set_switches(webhooks_on=False)
    intuit.add_customer("Lost for ever")
    intuit.set_switches(webhooks_on=True)
    intuit.by_hand("disconnect")
    intuit.add_customer("Unconnected")
    intuit.by_hand("close-books", date="2026-01-01")
    assert intuit.deliver()["sent"] == 0


def test_in_the_background_a_change_is_told_by_itself(receiver: Receiver) -> None:
    stand_in = QuickBooksStandIn(delivery="background")
    with stand_in.start() as running:
        stand_in.ready_line(running.address)
        stand_in.send_webhooks_to(receiver.url)
        stand_in.by_hand("set-preferences", SalesFormsPrefs={"CustomTxnNumbers": True})
        assert receiver.arrived.wait(5)
    assert receiver.told == [("qbo.preferences.updated.v1", "1")]


def test_a_delivery_is_tried_again_by_the_schedule_and_never_lost(
    books: httpx.Client, intuit: QuickBooksStandIn, receiver: Receiver
) -> None:
    receiver.answers = [500] * 12
    intuit.add_customer("Bloom & Co")
    intuit.deliver()
    for seconds in (10, 20, 30, 300, 1200, 7200, 14_400, 21_600, 21_600, 21_600):
        intuit.clock.move(seconds - 1)
        assert intuit.deliver()["sent"] == 0
        intuit.clock.move(1)
        assert intuit.deliver()["failed"] == 1
    assert len({body for _, body in receiver.received}) == 1 and len(receiver.received) == 11


def test_by_the_older_schedule_an_endpoint_is_given_up_after_a_day(
    books: httpx.Client, intuit: QuickBooksStandIn, receiver: Receiver
) -> None:
    intuit.set_switches(webhook_retries="older")
    receiver.answers = [500] * 40
    intuit.add_customer("First")
    intuit.deliver()
    for minutes in (20, 30, 50, 50):
        intuit.clock.move(60 * minutes)
        assert intuit.deliver()["failed"] == 1
    intuit.add_customer("Second")
    for _ in range(30):
        intuit.clock.move(3000)
        intuit.deliver()
    assert len(receiver.received) == 4 + 26 and intuit.outbox.shown()["lost"] == 2
    intuit.add_customer("Never told")
    assert intuit.deliver()["sent"] == 0
    receiver.answers = []
    intuit.send_webhooks_to(receiver.url)
    intuit.add_customer("Told again")
    assert intuit.deliver()["delivered"] == 1 and receiver.told[-1][1] == "4"


def test_an_answer_that_comes_too_late_is_none(
    books: httpx.Client, intuit: QuickBooksStandIn, receiver: Receiver
) -> None:
    assert intuit.switches.webhook_answer_seconds == 3.0
    intuit.set_switches(webhook_answer_seconds=0.05)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        intuit.send_webhooks_to(f"http://127.0.0.1:{silent.getsockname()[1]}/")
        intuit.add_customer("Bloom & Co")
        assert intuit.deliver()["failed"] == 1
        assert intuit.outbox.timeout_seconds == 0.05


def test_one_endpoint_does_not_hold_up_another_and_the_first_delivery_may_take_a_while(
    books: httpx.Client, intuit: QuickBooksStandIn, receiver: Receiver
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        intuit.send_webhooks_to(f"http://127.0.0.1:{nobody.getsockname()[1]}/")
        intuit.add_customer("Bloom & Co")
        assert intuit.deliver()["failed"] == 1
        intuit.set_switches(webhook_first_delivery_seconds=300)
        intuit.send_webhooks_to(receiver.url)
        intuit.add_customer("Fern Ltd")
        assert intuit.deliver()["sent"] == 0
        intuit.clock.move(299)
        assert intuit.deliver()["delivered"] == 0
        intuit.clock.move(1)
        assert intuit.deliver()["delivered"] == 1
    assert receiver.told == [("qbo.customer.created.v1", "2")]
