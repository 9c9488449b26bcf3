"""Limits and metering of the QuickBooks stand-in. Source: QuickBooks reference, sections 5, 9, 11.21 and 11.22."""

from __future__ import annotations

import socket
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn

BLOOM = {"DisplayName": "Bloom & Co"}


def counted(intuit: QuickBooksStandIn) -> dict[str, Any]:
    assert intuit.running is not None
    found: dict[str, Any] = httpx.get(f"{intuit.running.address}/_standin/calls", trust_env=False).json()
    return found


def reads(books: httpx.Client, times: int) -> list[int]:
    return [books.get("/preferences").status_code for _ in range(times)]


def batches(books: httpx.Client, times: int) -> list[bool]:
    """Whether each batch was let in: what it holds does not matter here."""
    body = {"BatchItemRequest": [{"bId": "1", "Query": "SELECT * FROM Term"}]}
    return [books.post("/batch", json=body).status_code != 429 for _ in range(times)]


def neighbour(intuit: QuickBooksStandIn, realm: str) -> httpx.Client:
    """The same app in another company."""
    assert intuit.running is not None
    line = intuit.ready_line(intuit.running.address, realm)
    headers = {"Authorization": f"Bearer {line['access_token']}", "Accept": "application/json"}
    return httpx.Client(base_url=f"{line['api']}/v3/company/{realm}", headers=headers, trust_env=False)


@pytest.fixture
def limited(intuit: QuickBooksStandIn, books: httpx.Client) -> httpx.Client:
    """The books with every limit off; a test sets the one it is about."""
    off = ("at_once", "per_second", "per_minute", "combined_per_minute", "batches_per_minute")
    intuit.set_switches(throttle=True, batches_per_minute_in_all=0, **dict.fromkeys(off, 0))
    return books


def test_the_documented_limits_are_the_defaults(intuit: QuickBooksStandIn) -> None:
    limits = QuickBooksStandIn().switches
    assert limits.throttle and (limits.per_minute, limits.per_second, limits.at_once) == (500, 10, 10)
    assert (limits.batches_per_minute, limits.batches_per_minute_in_all) == (40, 120)
    assert limits.combined_per_minute == 800 and limits.builder_monthly_calls == 500_000 and not limits.builder_tier


def test_a_call_too_many_within_a_second_is_throttled_as_documented(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.set_switches(throttle=True, per_second=2)
    assert reads(books, 2) == [200] * 2
    answer = books.get("/preferences")
    assert (answer.status_code, answer.headers["content-type"]) == (429, "application/json")
    assert answer.json()["Fault"] == {
        "Error": [
            {
                "Message": "message=ThrottleExceeded; errorCode=003001; statusCode=429",
                "Detail": "The request limit was reached.  Try again later",
                "code": "3001",
            }
        ],
        "type": "SERVICE",
    }
    assert "time" in answer.json() and "retry-after" not in answer.headers and answer.headers["intuit_tid"]
    intuit.clock.move(1)
    assert reads(books, 2) == [200] * 2


def test_a_throttled_answer_may_be_xml_or_carry_other_words(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.set_switches(throttle=True, per_second=1, throttle_form="xml", retry_after="60")
    xml = [books.get("/preferences") for _ in range(2)][1]
    assert (xml.status_code, xml.headers["content-type"], xml.headers["retry-after"]) == (429, "application/xml", "60")
    [fault] = ElementTree.fromstring(xml.content)
    assert fault.get("type") == "SERVICE" and fault[0].attrib == {"code": "3001"}
    intuit.set_switches(throttle_form="json", throttle_code="003001", throttle_status=403)
    old = books.get("/preferences")
    assert old.status_code == 403 and old.json()["Fault"]["Error"][0]["code"] == "003001"


def test_a_call_turned_away_is_neither_counted_nor_carried_out_nor_metered(
    limited: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.set_switches(per_minute=2)
    assert reads(limited, 2) == [200, 200]
    intuit.clock.move(30)
    assert limited.post("/customer", json=BLOOM).status_code == 429 and intuit.customers() == []
    intuit.clock.move(30)
    assert reads(limited, 3) == [200, 200, 429]
    metered = [one["metering"] for one in counted(intuit)["calls"]]
    assert metered == ["coreplus", "coreplus", "outside", "coreplus", "coreplus", "outside"]


def test_the_minute_is_a_companys_own_and_shared_by_all_its_apps(
    limited: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.set_switches(per_minute=20)
    other = intuit.by_hand("add-company")["realm"]
    assert intuit.by_hand("other-apps-call", calls=15) == {"calls": 15, "batches": 0}
    assert reads(limited, 6) == [200] * 5 + [429]
    with neighbour(intuit, other) as there:
        assert reads(there, 6) == [200] * 6
    intuit.clock.move(60)
    intuit.set_switches(per_minute=6)
    assert reads(limited, 7) == [200] * 6 + [429]
    intuit.clock.move(-3600)
    assert reads(limited, 7) == [200] * 6 + [429]


def test_a_batch_counts_among_the_calls_and_has_limits_of_its_own(
    limited: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.set_switches(batches_per_minute=4, batches_per_minute_in_all=7, per_minute=9)
    assert batches(limited, 5) == [True] * 4 + [False]
    assert reads(limited, 6) == [200] * 5 + [429]
    intuit.clock.move(60)
    intuit.by_hand("other-apps-call", batches=5)
    assert batches(limited, 3) == [True] * 2 + [False]
    assert reads(limited, 3) == [200] * 2 + [429]
    intuit.clock.move(60)
    intuit.set_switches(per_minute=0, batches_per_minute=0, batches_per_minute_in_all=0, combined_per_minute=3)
    intuit.by_hand("other-apps-call", calls=500, batches=100)
    assert reads(limited, 2) == [200, 200] and batches(limited, 2) == [True, False]


def test_a_call_beyond_those_under_way_at_once_is_throttled(limited: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.set_switches(at_once=1)
    intuit.add_fault("timeout-before", operation="read term", seconds=60)
    base = limited.base_url
    with socket.create_connection((base.host, base.port or 80)) as held:
        asking = f"GET {base.path}term/1 HTTP/1.1\r\nHost: {base.host}\r\n\r\n"
        held.sendall(asking.encode())
        while not intuit.calls.all():
            pass
        assert reads(limited, 1) == [429]
    while intuit.calls.all()[0].outcome == "open":
        pass
    assert reads(limited, 1) == [200]


def test_other_apps_call_a_whole_number_of_times(web: httpx.Client) -> None:
    for wrong in ({"calls": -1}, {"calls": "many"}, {"calls": True}, {"reads": 1}, {"batches": 1.5}):
        answer = web.post("/_standin/hands/other-apps-call", json=wrong)
        assert answer.status_code == 400 and '"calls"' in answer.json()["error"]


def test_calls_are_metered_by_class_and_refused_ones_are_not(
    web: httpx.Client, books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    books.post("/customer", json=BLOOM)
    books.post("/customer", json=BLOOM)
    books.get("/customer/1")
    books.get("/query", params={"query": "SELECT * FROM Item"})
    books.post("/query", content="SELECT * FROM Item", headers={"Content-Type": "application/text"})
    books.get("/cdc", params={"entities": "Item", "changedSince": "2026-01-01"})
    assert batches(books, 1) == [True]
    books.get("/customer/99")
    web.get("/.well-known/openid_configuration")
    seen = [(one["operation"], one["metering"], one["outcome"]) for one in counted(intuit)["calls"]]
    assert seen == [
        ("create customer", "core", "done"),
        ("create customer", "outside", "refused"),
        ("read customer", "coreplus", "done"),
        ("query Item", "coreplus", "done"),
        ("query Item", "coreplus", "done"),
        ("cdc", "coreplus", "done"),
        ("batch", "coreplus", "done"),
        ("read customer", "outside", "refused"),
        ("oauth discovery", "outside", "done"),
    ]
    assert counted(intuit)["totals"] == {"core": 1, "outside": 3, "coreplus": 5}


def test_metering_is_shown_by_company_and_by_the_flow_a_caller_names(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    first, second = next(iter(intuit.companies)), intuit.by_hand("add-company")["realm"]
    books.post("/customer", json=BLOOM, headers={"X-Standin-Flow": "order to invoice"})
    books.get("/customer/1", headers={"X-Standin-Flow": "order to invoice"})
    books.get("/customer/99", headers={"X-Standin-Flow": "idle"})
    books.get("/preferences")
    with neighbour(intuit, second) as there:
        there.get("/preferences", headers={"X-Standin-Flow": "idle " + "x" * 200})
    shown = counted(intuit)
    assert shown["by_realm"] == {first: {"core": 1, "coreplus": 2, "outside": 1}, second: {"coreplus": 1}}
    labels = {"order to invoice": {"core": 1, "coreplus": 1}, "idle": {"outside": 1}}
    assert shown["by_flow"] == {**labels, ("idle " + "x" * 200)[:100]: {"coreplus": 1}}
    assert [one["realm"] for one in shown["calls"]] == [first] * 4 + [second]
    assert [one["flow"][:5] for one in shown["calls"]] == ["order", "order", "idle", "", "idle "]


def test_a_builder_tier_app_that_used_up_its_month_may_write_but_not_read(
    web: httpx.Client, books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.set_switches(builder_tier=True, builder_monthly_calls=3, access_token_ttl_seconds=90 * 86_400)
    second = intuit.by_hand("add-company")["realm"]
    with neighbour(intuit, second) as there:
        assert reads(there, 2) == [200, 200]
    assert books.get("/customer/99").status_code == 400
    assert reads(books, 2) == [200, 429]
    assert books.get("/query", params={"query": "SELECT * FROM Term"}).json()["Fault"]["Error"][0]["code"] == "3001"
    assert books.post("/customer", json=BLOOM).status_code == 200
    intuit.set_switches(builder_tier=False)
    assert reads(books, 1) == [200]
    intuit.set_switches(builder_tier=True)
    intuit.clock.move(32 * 86_400)
    intuit.office.ready_made.clear()
    realm = next(iter(intuit.companies))
    with neighbour(intuit, realm) as again:
        assert reads(again, 4) == [200, 200, 200, 429]
    assert web.post("/_standin/reset").status_code == 200
    intuit.set_switches(builder_tier=True, builder_monthly_calls=1, throttle=False)
    with neighbour(intuit, realm) as fresh:
        assert reads(fresh, 2) == [200, 429]
