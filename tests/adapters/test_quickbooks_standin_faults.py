"""Request ids and faults by rule of the QuickBooks stand-in. Source: QuickBooks reference, sections 2.6 and 11.11."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.stand_ins import error_in

BLOOM = {"DisplayName": "Bloom & Co"}


def create(books: httpx.Client, request_id: str = "", **more: Any) -> httpx.Response:
    return books.post("/customer", params={"requestid": request_id} if request_id else None, json={**BLOOM, **more})


def calls(intuit: QuickBooksStandIn) -> list[dict[str, Any]]:
    assert intuit.running is not None
    found: list[dict[str, Any]] = httpx.get(f"{intuit.running.address}/_standin/calls").json()["calls"]
    return found


def test_the_same_request_id_gets_the_first_answer_byte_for_byte(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    first = create(books, "r-1")
    intuit.by_hand("edit-customer", Id="1", Notes="changed since")
    again = create(books, "r-1")
    assert again.content == first.content and again.headers["intuit_tid"] != first.headers["intuit_tid"]
    assert len(intuit.customers()) == 1


def test_a_stored_answer_is_given_even_if_the_object_is_gone(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    create(books)
    line = {"DetailType": "SalesItemLineDetail", "Amount": 10, "SalesItemLineDetail": {}}
    body = {"CustomerRef": {"value": "1"}, "Line": [line]}
    first = books.post("/invoice?requestid=r-2", json=body)
    intuit.by_hand("delete-invoice", Id="1")
    assert books.post("/invoice?requestid=r-2", json=body).content == first.content
    assert intuit.invoices() == []


def test_a_refusal_is_stored_too_unless_switched_off(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.by_hand("lapse-subscription")
    refused = create(books, "r-3")
    intuit.by_hand("restore-subscription")
    assert create(books, "r-3").content == refused.content and error_in(refused)["code"] == "6190"
    intuit.set_switches(requestid_replays_refusals=False)
    intuit.by_hand("lapse-subscription")
    create(books, "r-4")
    intuit.by_hand("restore-subscription")
    assert create(books, "r-4").status_code == 200


def test_a_stored_answer_lapses_after_a_day_and_belongs_to_one_company(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    create(books, "r-5")
    other = intuit.by_hand("add-company")["realm"]
    assert intuit.running is not None
    line = intuit.ready_line(intuit.running.address, other)
    headers = {"Authorization": f"Bearer {line['access_token']}", "Accept": "application/json"}
    there = httpx.post(f"{line['api']}/v3/company/{other}/customer?requestid=r-5", json=BLOOM, headers=headers)
    intuit.set_switches(access_token_ttl_seconds=10 * 86_400)
    intuit.office.ready_made.clear()
    intuit.clock.move(86_401)
    token = intuit.ready_line(intuit.running.address)["access_token"]
    late = books.post("/customer?requestid=r-5", json=BLOOM, headers={"Authorization": f"Bearer {token}"})
    assert there.status_code == 200 and len(intuit.customers(other)) == 1
    assert error_in(late)["code"] == "6240"


def test_another_body_under_a_known_id_is_replayed_or_refused(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    first = create(books, "r-6")
    assert create(books, "r-6", Notes="other").content == first.content
    intuit.set_switches(requestid_other_body="600")
    assert error_in(create(books, "r-6", Notes="other"))["code"] == "600"
    assert create(books, "r-6").content == first.content


def test_a_request_id_has_at_most_fifty_characters(books: httpx.Client) -> None:
    assert error_in(create(books, "x" * 51))["code"] == "2130"
    assert create(books, "x" * 50).status_code == 200


@pytest.mark.parametrize("kind", ["request-id-ignored", "request-id-expired"])
def test_a_rule_can_make_one_request_id_go_unheeded(books: httpx.Client, intuit: QuickBooksStandIn, kind: str) -> None:
    create(books, "r-7")
    intuit.add_fault(kind, path="/customer$")
    assert error_in(create(books, "r-7"))["code"] == "6240"


def test_switches_ignore_or_expire_every_request_id(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.set_switches(requestid="ignore")
    create(books, "r-8")
    assert error_in(create(books, "r-8"))["code"] == "6240"


@pytest.mark.parametrize("kind", ["reset-before", "timeout-before"])
def test_an_answer_lost_before_the_commit_leaves_nothing(
    books: httpx.Client, intuit: QuickBooksStandIn, kind: str
) -> None:
    intuit.add_fault(kind, operation="create customer")
    with pytest.raises(httpx.TransportError):
        create(books, "r-9")
    assert intuit.customers() == []
    assert create(books, "r-9").status_code == 200


@pytest.mark.parametrize("kind", ["reset-after", "timeout-after"])
def test_an_answer_lost_after_the_commit_is_remembered_for_the_same_id(
    books: httpx.Client, intuit: QuickBooksStandIn, kind: str
) -> None:
    intuit.add_fault(kind, operation="create customer")
    with pytest.raises(httpx.TransportError):
        create(books, "r-10")
    assert [one["DisplayName"] for one in intuit.customers()] == ["Bloom & Co"]
    assert create(books, "r-10").json()["Customer"]["Id"] == "1"
    lost = calls(intuit)[0]
    assert lost["status"] is None and lost["operation"] == "create customer" and lost["request_id"] == "r-10"


def test_a_server_error_after_the_commit_hides_what_was_done(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.add_fault("status-after", status=503, body="<html>busy</html>", content_type="text/html")
    assert create(books, "r-11").status_code == 503
    assert create(books, "r-11").json()["Customer"]["Id"] == "1"


@pytest.mark.parametrize(
    ("kind", "status", "content_type", "words"),
    [
        ("401", 401, "application/json", '"code":"3200"'),
        ("403", 403, "application/json", '"code":"3100"'),
        ("429-json", 429, "application/json", '"code":"3001"'),
        ("429-xml", 429, "application/xml", '<Error code="3001"><Message>message=ThrottleExceeded'),
        ("502-html", 502, "text/html", "Bad Gateway"),
        ("200-fault", 200, "application/json", '"code":"10000"'),
        ("stale-5010", 400, "application/json", '"code":"5010"'),
    ],
)
def test_each_named_fault_answers_as_documented_and_commits_nothing(
    books: httpx.Client, intuit: QuickBooksStandIn, kind: str, status: int, content_type: str, words: str
) -> None:
    intuit.add_fault(kind)
    answer = create(books)
    assert (answer.status_code, answer.headers["content-type"]) == (status, content_type)
    assert words in answer.text and intuit.customers() == []
    assert calls(intuit)[-1]["outcome"] == f"fault:{kind}" and calls(intuit)[-1]["metering"] == "outside"
    assert create(books).status_code == 200


def test_a_rule_can_answer_any_fault_the_second_time(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.add_fault("fault", code="6210", message="Account Period Closed", detail="D", element="E", after=1)
    assert create(books).status_code == 200
    error = error_in(create(books, DisplayName="Second"))
    assert error == {"Message": "Account Period Closed", "Detail": "D", "code": "6210", "element": "E"}
