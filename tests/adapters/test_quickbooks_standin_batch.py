"""Batches of the QuickBooks stand-in. Source: QuickBooks reference, section 4.3; checklist, item 20."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.asking import a_line, ids, open_shop, rows
from tests.adapters.stand_ins import error_in

Wire = dict[str, Any]

DAHLIA = {"bId": "b1", "operation": "create", "Customer": {"DisplayName": "Dahlia"}}


@pytest.fixture(autouse=True)
def shop(intuit: QuickBooksStandIn) -> None:
    open_shop(intuit)


def send(books: httpx.Client, *items: Wire, **options: str) -> list[Wire]:
    """The answers in the order in which they came."""
    answer = books.post("/batch", json={"BatchItemRequest": items}, params=options)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"BatchItemResponse", "time"}
    answers: list[Wire] = answer.json()["BatchItemResponse"]
    return answers


def by_id(answers: list[Wire]) -> dict[str, Wire]:
    return {one["bId"]: one for one in answers}


def code(answer: Wire) -> str:
    [error] = answer["Fault"]["Error"]
    return str(error["code"])


def test_each_item_is_carried_out_for_itself_and_answered_as_recorded(books: httpx.Client) -> None:
    answers = by_id(
        send(
            books,
            {"bId": "bid1", "operation": "create", "Customer": {"DisplayName": "Bloom & Co"}},
            {"bId": "bid2", "operation": "delete", "Invoice": {"Id": "404", "SyncToken": "0"}},
            {"bId": "bid3", "operation": "update", "Customer": {"Id": "1", "SyncToken": "7", "sparse": True}},
            {"bId": "bid4", "Query": "SELECT * FROM Invoice"},
            {"bId": "bid5", "operation": "create", "Customer": {"DisplayName": "Dahlia"}},
            {"bId": "bid6", "operation": "update", "Item": {"Id": "2", "SyncToken": "0", "sparse": True, "Sku": "V"}},
            {"bId": "bid7", "Query": "SELECT COUNT(*) FROM Term"},
            {"bId": "bid8", "Query": "SELECT * FROM CreditMemo"},
            {"bId": "bid9", "Query": "SELECT * FROM Nothing", "operation": "query"},
        )
    )
    assert [code(answers[f"bid{place}"]) for place in (1, 2, 3, 9)] == ["6240", "610", "5010", "4001"]
    assert set(answers["bid1"]) == {"Fault", "bId"} and set(answers["bid1"]["Fault"]) == {"type", "Error"}
    assert set(answers["bid1"]["Fault"]["Error"][0]) == {"Message", "code", "Detail", "element"}
    invoices = answers["bid4"]
    assert invoices == {
        "bId": "bid4",
        "QueryResponse": books.get("/query?query=SELECT%20*%20FROM%20Invoice").json()["QueryResponse"],
    }
    made = answers["bid5"]["Customer"]
    assert (
        set(answers["bid5"]) == {"Customer", "bId"} and books.get(f"/customer/{made['Id']}").json()["Customer"] == made
    )
    assert (answers["bid6"]["Item"]["Sku"], answers["bid6"]["Item"]["SyncToken"]) == ("V", "1")
    assert answers["bid7"]["QueryResponse"] == {"totalCount": 4} and answers["bid8"]["QueryResponse"] == {}


def test_a_void_is_an_update_with_options_and_a_delete_says_so(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    second = intuit.by_hand("add-invoice", CustomerRef={"value": "2"}, Line=[a_line("2", 10)])
    void = {"bId": "v", "operation": "update", "Invoice": {"Id": "1", "SyncToken": "0"}, "optionsData": "void"}
    delete = {"bId": "d", "operation": "delete", "Invoice": {"Id": second["Id"], "SyncToken": "0"}}
    answers = by_id(send(books, void, delete))
    assert answers["d"] == {"bId": "d", "Invoice": {"domain": "QBO", "status": "Deleted", "Id": second["Id"]}}
    assert answers["v"]["Invoice"]["TotalAmt"] == 0 and answers["v"]["Invoice"]["PrivateNote"].startswith("Voided")


def test_items_are_carried_out_and_answered_in_an_order_of_their_own(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    def asked(*sent: str) -> list[str]:
        return [one["bId"] for one in send(books, *({"bId": id, "Query": "SELECT * FROM Term"} for id in sent))]

    names = [f"b{place}" for place in range(10)]
    mixed = asked(*names)
    assert mixed != names and sorted(mixed) == names and asked(*names) == mixed
    for seed in range(2, 12):
        intuit.set_switches(batch_seed=seed)
        assert asked("one", "two") == ["two", "one"] and asked("alone") == ["alone"]
    assert sorted(asked(*names)) == names and asked(*names) != mixed
    customers = [{"bId": name, "operation": "create", "Customer": {"DisplayName": name}} for name in names]
    made = [one["Customer"]["Id"] for one in send(books, *customers)]
    assert [int(id) for id in made] == sorted(int(id) for id in made)  # as answered, not as sent
    intuit.set_switches(batch_order="as-sent")
    assert asked(*names) == names


def test_thirty_items_pass_and_one_more_is_too_many(books: httpx.Client) -> None:
    items = [{"bId": f"b{place}", "Query": "SELECT * FROM Term"} for place in range(31)]
    assert len(send(books, *items[:30])) == 30
    error = error_in(books.post("/batch", json={"BatchItemRequest": items}))
    assert error["code"] == "1040" and "31" in error["Detail"]


def test_a_batch_that_cannot_be_told_apart_into_items_is_refused_whole(books: httpx.Client) -> None:
    def refused(body: Any, **options: str) -> str:
        return str(error_in(books.post("/batch", json=body, params=options))["code"])

    query = {"bId": "b1", "Query": "SELECT * FROM Term"}
    assert refused({}) == refused({"BatchItemRequest": []}) == "2020"
    assert refused({"BatchItemRequest": query}) == refused({"BatchItemRequest": ["b1"]}) == refused([query]) == "2010"
    assert refused({"BatchItemRequest": [query], "more": 1}) == "2010"
    assert refused({"BatchItemRequest": [query, {"Query": "SELECT * FROM Term"}]}) == "2020"
    assert refused({"BatchItemRequest": [query, {**query, "bId": ""}]}) == "2020"
    assert refused({"BatchItemRequest": [query, query]}) == "2600"
    as_text = books.post("/batch", content=json.dumps({"BatchItemRequest": [query]}))
    not_utf_8 = books.post("/batch", content=b'{"\xff"}', headers={"Content-Type": "application/json"})
    assert (as_text.status_code, not_utf_8.status_code) == (415, 500)
    assert error_in(books.get("/batch"))["code"] == error_in(books.post("/batch/1", json={}))["code"] == "500"


def test_an_item_that_says_nothing_two_things_or_something_unknown_is_refused_alone(books: httpx.Client) -> None:
    customer, query = {"DisplayName": "Dahlia"}, "SELECT * FROM Term"
    wrong: dict[str, tuple[str, Wire]] = {
        "nothing": ("2020", {}),
        "no operation": ("2020", {"Customer": customer}),
        "two things": ("2600", {"operation": "create", "Customer": customer, "Query": query}),
        "query": ("2600", {"operation": "create", "Query": query}),
        "no text": ("2010", {"Query": {"text": query}}),
        "no object": ("2010", {"operation": "create", "Customer": "Dahlia"}),
        "unknown": ("2010", {"operation": "create", "Custmoer": customer}),
        "property": ("2010", {"operation": "create", "Customer": {**customer, "Shoe": 9}}),
        "cdc": ("500", {"CDCQuery": {"Entities": "Customer"}}),
        "report": ("500", {"ReportQuery": {}}),
        "void": ("500", {"operation": "void", "Invoice": {"Id": "1", "SyncToken": "0"}}),
        "send": ("500", {"operation": "send", "Invoice": {"Id": "1", "SyncToken": "0"}}),
        "delete": ("500", {"operation": "delete", "Customer": {"Id": "1", "SyncToken": "0"}}),
        "options": ("500", {"operation": "create", "Customer": customer, "optionsData": "void"}),
    }
    answers = by_id(send(books, DAHLIA, *({"bId": name, **item} for name, (_, item) in wrong.items())))
    assert answers.pop("b1")["Customer"]["DisplayName"] == "Dahlia"
    assert {name: code(one) for name, one in answers.items()} == {name: code for name, (code, _) in wrong.items()}


def test_at_most_a_thousand_objects_come_back(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    pot = {"Type": "Service", "IncomeAccountRef": {"value": "79"}}
    intuit.fill({"items": [{"Name": f"Pot {number}", **pot} for number in range(1000)]})
    intuit.set_switches(batch_order="as-sent")
    every, most = "SELECT * FROM Item MAXRESULTS 1000", "SELECT * FROM Item MAXRESULTS 996"
    [all_of_them] = send(books, {"bId": "b1", "Query": every})
    assert all_of_them["QueryResponse"]["maxResults"] == 1000
    made, too_many, fitting, last, over = send(
        books,
        DAHLIA,
        {"bId": "b2", "Query": every},  # with what is written, one too many
        {"bId": "b3", "Query": most},
        {"bId": "b4", "Query": "SELECT * FROM Term MAXRESULTS 3"},
        {"bId": "b5", "Query": "SELECT * FROM Term MAXRESULTS 1"},
    )
    assert "Customer" in made and code(too_many) == code(over) == "10100"
    assert [one["QueryResponse"]["maxResults"] for one in (fitting, last)] == [996, 3]


def test_items_are_throttled_by_switch_and_struck_by_rule(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.set_switches(batch_throttled_after=1)
    first, second, third = send(books, *({"bId": f"b{place}", "Query": "SELECT * FROM Term"} for place in range(3)))
    assert "QueryResponse" in first and code(second) == code(third) == "3001"
    assert second["Fault"]["type"] == "SERVICE" and "ThrottleExceeded" in second["Fault"]["Error"][0]["Message"]
    intuit.set_switches(batch_throttled_after=0)
    intuit.add_fault("429-json", operation="batch create customer")
    intuit.add_fault("fault", operation="create customer", code="6000", after=1)
    intuit.add_fault("timeout-after", operation="batch create")  # breaks no item: it waits for something it can break
    items = [{"bId": f"b{n}", "operation": "create", "Customer": {"DisplayName": f"Shop {n}"}} for n in range(3)]
    codes = sorted(code(one) if "Fault" in one else "" for one in send(books, *items))
    assert codes == ["", "3001", "6000"]
    assert len(ids(books, "SELECT * FROM Customer WHERE DisplayName LIKE 'Shop%'")) == 1
    assert [rule.kind for rule in intuit.faults.all()] == ["timeout-after"]


def test_a_batch_is_metered_as_a_read_also_when_it_only_writes(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    send(books, DAHLIA)
    assert intuit.running is not None
    [call] = httpx.get(f"{intuit.running.address}/_standin/calls", trust_env=False).json()["calls"]
    assert (call["operation"], call["metering"], call["outcome"]) == ("batch", "coreplus", "done")


def test_without_a_valid_token_nothing_in_a_batch_runs(books: httpx.Client) -> None:
    answer = books.post("/batch", json={"BatchItemRequest": [DAHLIA]}, headers={"Authorization": "Bearer no"})
    assert answer.status_code == 401 and answer.json()["fault"]["error"][0]["code"] == "3200"
    assert rows(books, "SELECT * FROM Customer WHERE DisplayName = 'Dahlia'") == []


def test_a_request_id_replays_each_item_under_its_own_bid_refusals_included(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    delete = {"bId": "gone", "operation": "delete", "Invoice": {"Id": "404", "SyncToken": "0"}}
    first = by_id(send(books, DAHLIA, delete, requestid="r-1"))
    intuit.by_hand("edit-customer", Id=first["b1"]["Customer"]["Id"], DisplayName="Daisy")
    again = by_id(send(books, delete, DAHLIA, {**DAHLIA, "bId": "b2"}, requestid="r-1"))
    assert (again["b1"], again["gone"]) == (first["b1"], first["gone"]) and code(again["gone"]) == "610"
    assert again["b2"]["Customer"]["Id"] != first["b1"]["Customer"]["Id"]  # another bId is another request
    other = by_id(send(books, DAHLIA, requestid="r-2"))
    assert code(other["b1"]) == "6240"
    intuit.add_fault("request-id-ignored", operation="batch create customer")
    assert code(by_id(send(books, DAHLIA, requestid="r-1"))["b1"]) == "6240"


def test_a_refused_item_is_tried_anew_when_refusals_are_not_stored(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    item = {"bId": "b1", "operation": "create", "Customer": {"DisplayName": "Bloom & Co"}}
    query = {"bId": "q", "Query": "SELECT COUNT(*) FROM Customer"}
    refused = by_id(send(books, item, requestid="r-1"))["b1"]
    intuit.by_hand("edit-customer", Id="2", DisplayName="Bloom & Sons")
    assert by_id(send(books, item, requestid="r-1"))["b1"] == refused and code(refused) == "6240"
    intuit.set_switches(requestid_replays_refusals=False)
    assert code(by_id(send(books, {**item, "bId": "b2", "Customer": {}}, requestid="r-1"))["b2"]) == "6080"
    assert "Customer" in by_id(send(books, {**item, "bId": "b2"}, query, requestid="r-1"))["b2"]
    assert by_id(send(books, query, requestid="r-1"))["q"]["QueryResponse"] == {
        "totalCount": 3
    }  # reads are never stored


def test_the_ids_of_a_batch_have_their_own_limits(books: httpx.Client) -> None:
    body = {"BatchItemRequest": [DAHLIA]}
    assert error_in(books.post("/batch", json=body, params={"requestid": "r" * 37}))["code"] == "2130"
    assert rows(books, "SELECT * FROM Customer WHERE DisplayName = 'Dahlia'") == []
    long, short = {**DAHLIA, "bId": "b" * 11}, {**DAHLIA, "bId": "b" * 10}
    answers = by_id(send(books, long, short, requestid="r" * 36))
    assert code(answers["b" * 11]) == "2130" and "Customer" in answers["b" * 10]
    # Without a requestid, as strangers' clients send it, a bId may be longer.
    assert code(send(books, {**DAHLIA, "bId": "b" * 36})[0]) == "6240"
