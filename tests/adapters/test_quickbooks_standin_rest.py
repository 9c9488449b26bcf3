"""The REST core of the QuickBooks stand-in: envelopes, the order of checks, customers and items."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.stand_ins import error_in


def add_customer(books: httpx.Client, name: str, **more: Any) -> dict[str, Any]:
    answer = books.post("/customer", json={"DisplayName": name, **more})
    assert answer.status_code == 200, answer.text
    customer: dict[str, Any] = answer.json()["Customer"]
    return customer


def test_a_new_customer_comes_back_with_the_documented_shape(books: httpx.Client) -> None:
    answer = books.post(
        "/customer",
        json={
            "DisplayName": " King's Groceries ",
            "CompanyName": "King Groceries",
            "PrimaryEmailAddr": {"Address": "jdrew@myemail.com"},
            "BillAddr": {"Line1": "123 Main Street", "City": "Mountain View", "PostalCode": "94042"},
        },
    )
    customer = answer.json()["Customer"]
    assert answer.headers["content-type"] == "application/json;charset=utf-8" and answer.headers["intuit_tid"]
    assert customer["Id"] == "1" and customer["SyncToken"] == "0"
    assert customer["domain"] == "QBO" and customer["sparse"] is False
    assert customer["DisplayName"] == customer["FullyQualifiedName"] == "King's Groceries"
    assert customer["PrintOnCheckName"] == "King Groceries" and customer["PreferredDeliveryMethod"] == "Print"
    assert customer["CurrencyRef"] == {"value": "USD", "name": "United States Dollar"}
    assert customer["Balance"] == 0 and customer["Active"] is True and customer["BillAddr"]["Id"]
    assert customer["MetaData"]["CreateTime"][-6:] in ("-08:00", "-07:00")
    assert books.get("/customer/1").json()["Customer"] == customer


def test_an_unknown_property_is_refused_before_anything_else(books: httpx.Client) -> None:
    error = error_in(books.post("/customer?requestid=r", json={"BadJson": 1, "DisplayName": "x" * 600}))
    assert error["code"] == "2010" and 'Unrecognized field "BadJson"' in error["Detail"]
    assert "com.intuit.schema.finance.v3.Customer" in error["Detail"]


@pytest.mark.parametrize("body", [b"{", b"[1]", b'{"BillAddr": "here"}', b'{"DisplayName": {"a": 1}}'])
def test_a_body_that_is_no_object_of_this_shape_is_refused_with_2010(books: httpx.Client, body: bytes) -> None:
    answer = books.post("/customer", content=body, headers={"Content-Type": "application/json"})
    assert error_in(answer)["code"] == "2010"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "6080"),
        ({"DisplayName": "a:b"}, "2040"),
        ({"DisplayName": "x" * 501}, "2050"),
        ({"DisplayName": "x", "Title": "t" * 17}, "2050"),
        ({"DisplayName": "x", "PrimaryEmailAddr": {"Address": "nobody"}}, "2210"),
        ({"DisplayName": "x", "PreferredDeliveryMethod": "Pigeon"}, "2170"),
        ({"DisplayName": "x", "Taxable": "perhaps"}, "2120"),
        ({"DisplayName": "x", "OpenBalanceDate": "03.02.2026"}, "2060"),
        ({"DisplayName": "x", "SalesTermRef": {"value": "99"}}, "2500"),
        ({"DisplayName": "x", "CurrencyRef": {"value": "USD"}}, "6000"),
    ],
)
def test_a_customer_that_breaks_a_rule_is_refused_with_its_code(
    books: httpx.Client, body: dict[str, Any], code: str
) -> None:
    assert error_in(books.post("/customer", json=body))["code"] == code


def test_several_format_errors_are_reported_at_once(books: httpx.Client) -> None:
    answer = books.post("/customer", json={"DisplayName": "a\tb", "Notes": "n" * 2001})
    errors = answer.json()["Fault"]["Error"]
    assert [(one["code"], one["element"]) for one in errors] == [("2040", "DisplayName"), ("2050", "Notes")]
    assert errors[1]["Detail"].endswith("Min:0 Max:2000 supported. Supplied length:2001")


def test_a_name_is_taken_across_customers_vendors_and_employees_whatever_the_case(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.by_hand("add-vendor", DisplayName="Acme Glass")
    error = error_in(books.post("/customer", json={"DisplayName": "ACME glass"}))
    intuit.set_switches(duplicate_name_detail="id")
    assert error["code"] == "6240" and "Another customer, vendor or employee" in error["Detail"]
    assert error_in(books.post("/customer", json={"DisplayName": "acme glass"}))["Detail"].endswith(": Id=1")


def test_a_sparse_update_keeps_what_it_leaves_out_and_a_full_one_clears_it(books: httpx.Client) -> None:
    add_customer(books, "Bloom & Co", Notes="likes roses", ResaleNum="77")
    sparse = books.post("/customer", json={"Id": "1", "SyncToken": "0", "sparse": True, "ResaleNum": "78"})
    full = books.post("/customer", json={"Id": "1", "SyncToken": "1", "DisplayName": "Bloom & Co"})
    assert sparse.json()["Customer"]["Notes"] == "likes roses" and sparse.json()["Customer"]["SyncToken"] == "1"
    assert "Notes" not in full.json()["Customer"] and full.json()["Customer"]["SyncToken"] == "2"


def test_an_update_that_changes_nothing_moves_neither_revision_nor_time(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    customer = add_customer(books, "Bloom & Co", BillAddr={"Line1": "1 Mill Rd"})
    intuit.clock.move(60)
    assert books.post("/customer", json={**customer, "sparse": True}).json()["Customer"] == customer
    assert books.post("/customer", json=customer).json()["Customer"] == customer


def test_a_stale_a_missing_and_an_unknown_revision_are_told_apart(books: httpx.Client) -> None:
    add_customer(books, "Bloom & Co")
    stale = error_in(books.post("/customer", json={"Id": "1", "SyncToken": "7", "sparse": True}))
    missing = error_in(books.post("/customer", json={"Id": "1", "sparse": True}))
    unknown = error_in(books.post("/customer", json={"Id": "9", "SyncToken": "0", "sparse": True}))
    no_number = error_in(books.post("/customer", json={"Id": "1.5", "SyncToken": "0", "sparse": True}))
    assert (stale["code"], stale["Message"]) == ("5010", "Stale Object Error")
    assert (missing["code"], missing["element"]) == ("2020", "SyncToken")
    assert unknown["code"] == "610" and no_number["code"] == "2030"


def test_an_inactive_customer_gets_a_suffix_and_frees_the_name(books: httpx.Client) -> None:
    add_customer(books, "Bloom & Co")
    gone = books.post("/customer", json={"Id": "1", "SyncToken": "0", "sparse": True, "Active": False})
    assert gone.json()["Customer"]["DisplayName"] == "Bloom & Co (deleted)"
    assert gone.json()["Customer"]["PrintOnCheckName"] == "Bloom & Co"
    assert add_customer(books, "Bloom & Co")["Id"] == "2"
    assert books.get("/customer/1").json()["Customer"]["Active"] is False


def test_a_customer_with_a_balance_cannot_be_made_inactive(books: httpx.Client) -> None:
    add_customer(books, "Bloom & Co", Balance=5)
    error = error_in(books.post("/customer", json={"Id": "1", "SyncToken": "0", "sparse": True, "Active": False}))
    assert error["code"] == "6220"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"Type": "NonInventory", "IncomeAccountRef": {"value": "79"}}, "2020"),
        ({"Name": "Vase", "Type": "NonInventory"}, "2020"),
        ({"Name": "Vase", "Type": "NonInventory", "IncomeAccountRef": {"value": "12345"}}, "2500"),
        ({"Name": "Services", "Type": "Service", "IncomeAccountRef": {"value": "1"}}, "6240"),
        ({"Name": "Vase", "Type": "Service", "IncomeAccountRef": {"value": "1"}, "QtyOnHand": 1}, "2010"),
        ({"Name": "Vase", "Type": "Group"}, "5030"),
        ({"Name": "Vase", "Type": "Service", "IncomeAccountRef": {"value": "1"}, "UnitPrice": "cheap"}, "2080"),
    ],
)
def test_an_item_that_breaks_a_rule_is_refused_with_its_code(
    books: httpx.Client, body: dict[str, Any], code: str
) -> None:
    assert error_in(books.post("/item", json=body))["code"] == code


def test_two_items_may_share_a_sku_and_an_item_can_be_made_inactive(books: httpx.Client) -> None:
    body = {"Type": "NonInventory", "Sku": "VASE-01", "IncomeAccountRef": {"value": "79"}, "UnitPrice": "25.50"}
    first = books.post("/item", json={"Name": "Vase", **body}).json()["Item"]
    second = books.post("/item", json={"Name": "Vase B", **body}).json()["Item"]
    gone = books.post("/item", json={"Id": first["Id"], "SyncToken": "0", "sparse": True, "Active": False})
    assert (first["Id"], second["Id"], first["UnitPrice"]) == ("2", "3", 25.5)
    assert first["IncomeAccountRef"]["name"] == "Sales of Product Income"
    assert gone.json()["Item"]["FullyQualifiedName"] == "Vase (deleted)"


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/customer/1/5", "500"),
        ("GET", "/nonsense/1", "500"),
        ("DELETE", "/customer/1", "500"),
        ("GET", "/customer/1.5", "2030"),
        ("GET", "/customer/77", "610"),
        ("POST", "/customer?operation=void", "500"),
        ("POST", "/companyinfo", "500"),
    ],
)
def test_a_path_or_operation_that_is_not_there_is_refused(
    books: httpx.Client, method: str, path: str, code: str
) -> None:
    answer = books.request(method, path, json={"Id": "1", "SyncToken": "0"} if method == "POST" else None)
    assert error_in(answer)["code"] == code
    assert ("time" in answer.json()) is (code != "2030")


def test_company_preferences_terms_and_minor_versions_can_be_read(books: httpx.Client) -> None:
    realm = str(books.base_url).rstrip("/").rsplit("/", 1)[1]
    company = books.get(f"/companyinfo/{realm}?minorversion=75").json()["CompanyInfo"]
    preferences = books.get("/preferences").json()["Preferences"]
    term = books.get("/term/3").json()["Term"]
    assert company["Id"] == "1" and company["Country"] == "US"
    assert preferences["SalesFormsPrefs"]["CustomTxnNumbers"] is False
    assert "BookCloseDate" not in preferences["AccountingInfoPrefs"]
    assert (term["Name"], term["Type"], term["DueDays"]) == ("Net 30", "STANDARD", 30)


def test_a_lapsed_subscription_stops_writes_and_lets_reads_go_on(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.by_hand("lapse-subscription")
    assert error_in(books.post("/customer", json={"DisplayName": "Bloom & Co"}))["code"] == "6190"
    assert books.get("/preferences").status_code == 200
    intuit.by_hand("restore-subscription")
    assert add_customer(books, "Bloom & Co")["Id"] == "1"


def test_seeded_companies_have_their_own_state_and_ids(intuit: QuickBooksStandIn) -> None:
    second = intuit.fill(
        {
            "company": {"realm": "4620816365000001", "CompanyName": "Second"},
            "preferences": {"SalesFormsPrefs": {"CustomTxnNumbers": True}},
            "terms": [{"Name": "Net 10", "DueDays": 10}],
            "customers": [{"DisplayName": "Bloom & Co", "Id": "24"}, {"DisplayName": "Fern Ltd"}],
            "items": [{"Name": "Vase", "Type": "Service", "IncomeAccountRef": {"value": "1"}}],
            "invoices": [
                {
                    "CustomerRef": {"value": "24"},
                    "DocNumber": "A-1",
                    "Line": [{"DetailType": "SalesItemLineDetail", "Amount": 10, "SalesItemLineDetail": {}}],
                }
            ],
        }
    )
    assert second["customers"] == ["24", "25"] and second["items"] == ["2"] and second["terms"] == ["5"]
    [invoice] = intuit.invoices("4620816365000001")
    assert (invoice.doc_number, invoice.customer, invoice.total) == ("A-1", "Bloom & Co", Decimal(10))
    assert intuit.invoices() == [] and intuit.customers() == []


def test_the_control_address_explains_what_it_does_not_know(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    assert intuit.running is not None
    control = f"{intuit.running.address}/_standin"
    wrong = [
        httpx.post(f"{control}/hands/juggle", json={}),
        httpx.post(f"{control}/hands/edit-customer", json={"Id": "9"}),
        httpx.post(f"{control}/hands/add-customer", json={"Colour": "red"}),
        httpx.post(f"{control}/seed", json={"orders": []}),
        httpx.post(f"{control}/seed", json={"customers": [{}]}),
        httpx.post(f"{control}/switches", json={"authorize": "maybe"}),
        httpx.post(f"{control}/webhooks", json={"address": "x"}),
        httpx.post(f"{control}/faults", json={"kind": "gremlin"}),
    ]
    assert [one.status_code for one in wrong] == [400] * 8
    assert all(one.json()["error"].endswith(".") for one in wrong)


def test_a_reset_leaves_one_empty_company_and_nobody_connected(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    assert intuit.running is not None
    add_customer(books, "Bloom & Co")
    intuit.set_switches(tax="flat")
    assert httpx.post(f"{intuit.running.address}/_standin/reset").status_code == 200
    assert books.get("/customer/1").status_code == 401
    assert intuit.customers() == [] and intuit.switches.tax == "company"
