"""Change data capture of the QuickBooks stand-in. Source: QuickBooks reference, 4.1 and 4.2; checklist, item 19."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.asking import StoppedClock, a_line, capture, open_shop
from tests.adapters.stand_ins import error_in

DAY = 86_400


@pytest.fixture
def intuit() -> Iterator[QuickBooksStandIn]:
    stand_in = QuickBooksStandIn(clock=StoppedClock())
    stand_in.set_switches(throttle=False, access_token_ttl_seconds=400 * DAY)
    open_shop(stand_in)
    with stand_in.start():
        yield stand_in


def test_each_entity_has_a_block_with_full_objects_in_the_order_of_change(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.clock.move(5)
    intuit.by_hand("edit-customer", Id="1", Notes="new")
    customers, invoices, payments = capture(books, "Customer,Invoice,Payment")
    assert [row["Id"] for row in customers["Customer"]] == ["2", "3", "1"]  # the first two in one second
    assert customers["Customer"][2] == books.get("/customer/1").json()["Customer"]
    assert (customers["startPosition"], customers["maxResults"], customers["totalCount"]) == (1, 3, 3)
    assert invoices["Invoice"][0]["DocNumber"] == "WC-1" and payments == {}
    assert capture(books, "Payment") == [{}]


def test_what_was_made_inactive_or_void_is_a_full_object_like_any_other(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.by_hand("void-invoice", Id="1")
    customers, invoices = capture(books, "Customer,Invoice")
    [closed] = [row for row in customers["Customer"] if row["Id"] == "3"]
    assert closed["Active"] is False and closed["DisplayName"] == "Closed Shop (deleted)"
    [void] = invoices["Invoice"]
    assert (void["TotalAmt"], void["PrivateNote"][:6], "status" in void) == (0, "Voided", False)


def test_a_deletion_is_a_stub_of_four_keys_after_all_full_objects(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.by_hand("delete-invoice", Id="1")
    [only_stubs] = capture(books, "Invoice")
    intuit.clock.move(5)
    made = [intuit.by_hand("add-invoice", CustomerRef={"value": "2"}, Line=[a_line("2", 10)])["Id"] for _ in range(2)]
    intuit.by_hand("delete-invoice", Id=made[0])  # between two polls: a stub of something never seen
    [block] = capture(books, "Invoice")
    [stub] = only_stubs["Invoice"]
    assert set(only_stubs) == {"Invoice", "maxResults", "totalCount"}
    assert set(stub) == {"domain", "status", "Id", "MetaData"} and set(stub["MetaData"]) == {"LastUpdatedTime"}
    assert (stub["domain"], stub["status"], stub["Id"]) == ("QBO", "Deleted", "1")
    assert [(row["Id"], row.get("status")) for row in block["Invoice"]] == [
        (made[1], None),
        ("1", "Deleted"),
        (made[0], "Deleted"),
    ]
    assert (block["startPosition"], block["maxResults"], block["totalCount"]) == (1, 3, 3)


def test_times_are_compared_in_whole_seconds_so_that_a_cursor_without_overlap_misses_changes(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.clock.move(600)
    intuit.by_hand("edit-customer", Id="2", Notes="new")
    [block] = capture(books, "Customer")
    at = block["Customer"][-1]["MetaData"]["LastUpdatedTime"]
    [inclusive] = capture(books, "Customer", at)
    [later] = capture(books, "Customer", at[:19] + ".001" + at[19:])
    intuit.set_switches(cdc_inclusive=False)
    [exclusive] = capture(books, "Customer", at)
    assert [row["Id"] for row in inclusive["Customer"]] == ["2"]
    assert later == exclusive == {}


def test_over_a_thousand_objects_in_all_the_answer_is_cut_off_and_cannot_be_paged(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.by_hand("copy-invoice", Id="1")
    for id in ("1", "2"):
        intuit.by_hand("delete-invoice", Id=id)
    intuit.fill({"customers": [{"DisplayName": f"Shop {number}"} for number in range(996)]})
    customers, invoices, items = capture(books, "Customer,Invoice,Item", maxResults="5", startPosition="2")
    assert [len(customers["Customer"]), customers["maxResults"], customers["totalCount"]] == [999, 999, 999]
    assert [len(invoices["Invoice"]), invoices["maxResults"], invoices["totalCount"]] == [1, 1, 2]
    assert [items["Item"], items["maxResults"], items["totalCount"]] == [[], 0, 3]
    items, customers = capture(books, "Item,Customer")
    assert [len(items["Item"]), len(customers["Customer"]), customers["totalCount"]] == [3, 997, 999]
    intuit.set_switches(cdc_total_count=False)
    assert all("totalCount" not in block for block in capture(books, "Item,Customer,Invoice"))


def test_entities_it_does_not_follow_and_times_that_are_none_are_refused(books: httpx.Client) -> None:
    def code(**parameters: str) -> str:
        return str(error_in(books.get("/cdc", params=parameters))["code"])

    unfollowed = ("TaxRate", "TaxCode", "TaxAgency", "JournalCode", "TimeActivity", "Custmoer", "customer")
    assert {code(entities=f"Customer,{name}", changedSince="2026-01-01") for name in unfollowed} == {"2000"}
    assert code(entities="Customer", changedSince="lately") == "2060"
    both = books.get("/cdc", params={"entities": " , "}).json()["Fault"]["Error"]
    assert [(error["code"], error["element"]) for error in both] == [("2020", "entities"), ("2020", "changedSince")]
    raw = books.get(f"{books.base_url}cdc?entities=Customer&changedSince=2026-01-01T00:00:00+00:00")
    assert error_in(raw)["code"] == "2060"  # a plus that is not encoded is a space
    assert error_in(books.post("/cdc", json={}))["code"] == "500"


def test_it_may_be_asked_as_plain_text(books: httpx.Client) -> None:
    answer = books.get(
        "/cdc",
        params={"entities": "Term", "changedSince": "2026-01-01", "minorversion": "75"},
        headers={"Content-Type": "text/plain"},
    )
    assert len(answer.json()["CDCResponse"][0]["QueryResponse"][0]["Term"]) == 4


def test_beyond_thirty_days_it_answers_as_the_switch_says(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.clock.move(31 * DAY)
    intuit.by_hand("edit-customer", Id="2", Notes="new")

    def seen(switch: str) -> list[str]:
        intuit.set_switches(cdc_beyond_30_days=switch)
        [block] = capture(books, "Customer", "2020-01-01")
        return [row["Id"] for row in block["Customer"]]

    assert (seen("full"), seen("partial")) == (["1", "3", "2"], ["2"])
    intuit.set_switches(cdc_beyond_30_days="error")
    assert error_in(books.get("/cdc", params={"entities": "Customer", "changedSince": "2020-01-01"}))["code"] == "2070"


def test_times_carry_the_offset_of_california(intuit: QuickBooksStandIn) -> None:
    first = intuit.by_hand("edit-item", Id="2", Description="one")
    intuit.clock.move(182 * DAY)
    second = intuit.by_hand("edit-item", Id="2", Description="two")
    assert {one["MetaData"]["LastUpdatedTime"][-6:] for one in (first, second)} == {"-08:00", "-07:00"}
