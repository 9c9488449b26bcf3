"""Query and change data capture of the QuickBooks stand-in."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.stand_ins import error_in


def ask(books: httpx.Client, statement: str) -> dict[str, Any]:
    answer = books.get("/query", params={"query": statement})
    assert answer.status_code == 200, answer.text
    response: dict[str, Any] = answer.json()["QueryResponse"]
    return response


def refusal(books: httpx.Client, statement: str) -> tuple[str, str]:
    error = error_in(books.get("/query", params={"query": statement}))
    return error["code"], error["Detail"]


def capture(books: httpx.Client, entities: str, since: str = "2020-01-01T00:00:00-08:00") -> list[dict[str, Any]]:
    answer = books.get("/cdc", params={"entities": entities, "changedSince": since})
    assert answer.status_code == 200, answer.text
    blocks: list[dict[str, Any]] = answer.json()["CDCResponse"][0]["QueryResponse"]
    return blocks


@pytest.fixture(autouse=True)
def shop(intuit: QuickBooksStandIn) -> None:
    """Three customers, one of them inactive; two items; one invoice."""
    intuit.add_customer("Amy's Bird Sanctuary", PrimaryEmailAddr={"Address": "amy@birds.example"}, Balance=20)
    intuit.add_customer("Bloom & Co")
    intuit.add_customer("Closed Shop")
    intuit.by_hand("deactivate-customer", Id="3")
    intuit.add_item("VASE-01", price="25.00")
    intuit.add_item("POT-02", price="5.00")
    line = {"DetailType": "SalesItemLineDetail", "Amount": 10, "SalesItemLineDetail": {"ItemRef": {"value": "2"}}}
    intuit.by_hand("add-invoice", CustomerRef={"value": "2"}, DocNumber="WC-1", TxnDate="2026-02-03", Line=[line])


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("SELECT * FROM Customer", ["1", "2"]),
        ("select * from Customer where Active in (true, false)", ["1", "2", "3"]),
        ("SELECT * FROM Customer WHERE Active = false", ["3"]),
        (r"SELECT * FROM Customer WHERE DisplayName = 'amy\'s bird sanctuary'", ["1"]),
        ("SELECT * FROM Customer WHERE DisplayName LIKE '%o%'", ["2"]),
        ("SELECT * FROM Customer WHERE PrimaryEmailAddr = 'amy@birds.example'", ["1"]),
        ("SELECT * FROM Customer WHERE Id IN ('1', '2') AND Balance > 15", ["1"]),
        ("SELECT * FROM Customer WHERE Balance <= '10'", ["2"]),
        ("SELECT * FROM Customer WHERE Id = 2", ["2"]),
        ("SELECT * FROM Customer ORDERBY DisplayName DESC", ["2", "1"]),
        ("SELECT * FROM Customer ORDER BY Id ASC MAXRESULTS 1 STARTPOSITION 2", ["2"]),
        ("SELECT * FROM Customer STARTPOSITION 3 MAXRESULTS 10", []),
        ("SELECT * FROM Customer WHERE MetaData.LastUpdatedTime >= '2026-01-31T00:00:00-08:00'", ["1", "2"]),
        ("SELECT * FROM Customer WHERE MetaData.CreateTime < '2020-01-31'", []),
        ("SELECT * FROM Item WHERE Sku = 'vase-01'", ["2"]),
        ("SELECT * FROM Item ORDERBY UnitPrice", ["1", "3", "2"]),
        ("SELECT * FROM Invoice WHERE DocNumber = 'WC-1' AND CustomerRef = '2'", ["1"]),
        ("SELECT * FROM Invoice WHERE TxnDate > '2026-02-03'", []),
        ("SELECT * FROM Term WHERE Name = 'Net 30'", ["3"]),
        ("SELECT * FROM Preferences", ["1"]),
        ("SELECT * FROM CompanyInfo", ["1"]),
        ("SELECT * FROM CreditMemo", []),
    ],
)
def test_a_query_finds_what_the_documented_grammar_means(books: httpx.Client, statement: str, found: list[str]) -> None:
    response = ask(books, statement)
    rows = next((value for value in response.values() if isinstance(value, list)), [])
    assert [row["Id"] for row in rows] == found
    assert response == {} if not found else response["maxResults"] == len(found)


@pytest.mark.parametrize(
    ("statement", "code", "words"),
    [
        ("SELECT * FROM", "4000", "QueryParserError: Encountered"),
        ("SELECT * FROM Customer WHERE Id = null", "4000", '"null" ""'),
        ("SELECT * FROM Customer WHERE Id = '1' OR Id = '2'", "4000", "OR"),
        ("SELECT * FROM Customer WHERE DisplayName = 'open", "4000", "column"),
        ("SELECT * FROM Customer MAXRESULTS many", "4000", "many"),
        ("SELECT * FROM Customer ORDER DisplayName", "4000", "DisplayName"),
        ("SELECT * FROM Custmoer", "4001", "invalid context declaration: Custmoer"),
        ("SELECT * FROM Invoice WHERE PrivateNote = 'x'", "4001", "property 'PrivateNote' is not queryable"),
        ("SELECT * FROM Customer WHERE Id > '1'", "4001", "'Id'"),
        ("SELECT * FROM Customer ORDERBY Notes", "4001", "not sortable"),
        ("SELECT * FROM Customer STARTPOSITION 0", "4001", "value 0 is too small. Min allowed value is 1"),
        ("SELECT * FROM Customer MAXRESULTS 1001", "4001", "Max allowed value is 1000"),
        ("SELECT * FROM Invoice WHERE MetaData.CreateTime > 'noon'", "4001", "not a date"),
    ],
)
def test_a_query_outside_the_grammar_is_refused(books: httpx.Client, statement: str, code: str, words: str) -> None:
    seen, detail = refusal(books, statement)
    assert seen == code and words in detail


def test_a_query_may_be_posted_counted_and_trimmed(books: httpx.Client) -> None:
    text = {"Content-Type": "application/text"}
    posted = books.post("/query", content="SELECT COUNT(*) FROM Customer", headers=text)
    trimmed = ask(books, "SELECT DisplayName, Balance FROM Customer WHERE Id = '1'")["Customer"]
    assert posted.json()["QueryResponse"] == {"totalCount": 2}
    assert trimmed == [
        {"DisplayName": "Amy's Bird Sanctuary", "Balance": 20, "domain": "QBO", "sparse": False, "Id": "1"}
    ]


def test_a_page_holds_a_hundred_unless_asked(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.fill({"customers": [{"DisplayName": f"Shop {number}"} for number in range(150)]})
    page = ask(books, "SELECT * FROM Customer")
    rest = ask(books, "SELECT * FROM Customer STARTPOSITION 101 MAXRESULTS 1000")
    assert (len(page["Customer"]), page["startPosition"], page["maxResults"]) == (100, 1, 100)
    assert (len(rest["Customer"]), rest["startPosition"], rest["maxResults"]) == (52, 101, 52)


def test_change_capture_has_a_block_for_each_entity_in_the_order_of_change(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.by_hand("edit-customer", Id="1", Notes="new")
    customers, invoices, payments = capture(books, "Customer,Invoice,Payment")
    assert [row["Id"] for row in customers["Customer"]] == ["3", "2", "1"]
    assert customers["Customer"][0]["Active"] is False and customers["Customer"][0]["DisplayName"].endswith("(deleted)")
    assert (customers["startPosition"], customers["maxResults"], customers["totalCount"]) == (1, 3, 3)
    assert invoices["Invoice"][0]["DocNumber"] == "WC-1" and payments == {}


def test_a_deletion_is_a_stub_and_a_block_of_stubs_has_no_start_position(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.by_hand("delete-invoice", Id="1")
    [block] = capture(books, "Invoice")
    [stub] = block["Invoice"]
    assert set(stub) == {"domain", "status", "Id", "MetaData"} and stub["status"] == "Deleted"
    assert set(block) == {"Invoice", "maxResults", "totalCount"}


def test_change_capture_looks_only_at_what_changed_since(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.clock.move(600)
    since = books.get("/cdc", params={"entities": "Customer", "changedSince": "2026-01-01"}).json()["time"]
    intuit.clock.move(5)
    intuit.by_hand("edit-customer", Id="2", Notes="new")
    [block] = capture(books, "Customer", since)
    assert [row["Id"] for row in block["Customer"]] == ["2"]


def test_change_capture_is_cut_at_a_thousand_objects_in_all(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.fill({"customers": [{"DisplayName": f"Shop {number}"} for number in range(998)]})
    customers, items = capture(books, "Customer,Item")
    assert (len(customers["Customer"]), customers["maxResults"], customers["totalCount"]) == (1000, 1000, 1001)
    assert (items["Item"], items["totalCount"]) == ([], 3)


def test_change_capture_refuses_what_it_does_not_support(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    unknown = books.get("/cdc", params={"entities": "Customer,TaxRate", "changedSince": "2026-01-01"})
    missing = books.get("/cdc", params={"entities": "Customer"})
    no_time = books.get("/cdc", params={"entities": "Customer", "changedSince": "lately"})
    intuit.set_switches(cdc_beyond_30_days="error")
    too_old = books.get("/cdc", params={"entities": "Customer", "changedSince": "2020-01-01"})
    codes = [error_in(one)["code"] for one in (unknown, missing, no_time, too_old)]
    assert codes == ["2000", "2020", "2060", "2070"]


def test_times_carry_the_offset_of_california(intuit: QuickBooksStandIn) -> None:
    first = intuit.by_hand("edit-item", Id="2", Description="one")
    intuit.clock.move(182 * 86_400)
    second = intuit.by_hand("edit-item", Id="2", Description="two")
    assert {one["MetaData"]["LastUpdatedTime"][-6:] for one in (first, second)} == {"-08:00", "-07:00"}
