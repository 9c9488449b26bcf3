"""What the WizCommerce stand-in promises, over real HTTP: token, lists, customers, products, limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from adapters.standin.server import RunningStandIn
from adapters.wizcommerce.standin import WizCommerceStandIn
from tests.adapters.stand_ins import customer_id, fields_refused, new_customer

# Token


def test_a_token_is_given_for_a_year_and_opens_the_door(standin: WizCommerceStandIn, client: httpx.Client) -> None:
    credentials = {"email": standin.email, "password": standin.password}

    body = client.post("/auth/token", json=credentials, headers={"X-API-Key": ""}).json()

    assert set(body) == {"token_id", "token_type", "expires_at", "user", "access_token"}
    assert body["token_type"] == "Bearer"
    assert set(body["user"]) == {"id", "email", "first_name", "last_name", "tenant_id"}
    lapses_at = datetime.fromisoformat(body["expires_at"])
    assert timedelta(days=364) < lapses_at - datetime.now(UTC) <= timedelta(days=366)
    assert client.get("/v1/orders", headers={"X-API-Key": body["access_token"]}).status_code == 200
    assert {body["access_token"], standin.token, standin.password} <= standin.issued_secrets()


def test_wrong_credentials_and_missing_fields_get_no_token(client: httpx.Client) -> None:
    wrong = client.post("/auth/token", json={"email": "integration@example.com", "password": "guess"})

    assert wrong.status_code == 401
    assert fields_refused(client.post("/auth/token", json={"email": 7})) == ["password", "email"]


@pytest.mark.parametrize("headers", [{"X-API-Key": ""}, {"X-API-Key": "guess"}, {"Authorization": "Bearer guess"}])
def test_without_the_right_key_every_call_is_refused(running: RunningStandIn, headers: dict[str, str]) -> None:
    for path in ("/v1/customers", "/v1/orders", "/v2/orders", "/v1/products", "/v1/price-lists", "/v1/sales-reps"):
        answer = httpx.get(running.address + path, headers=headers, trust_env=False)

        assert (answer.status_code, set(answer.json())) == (401, {"code", "message"})


def test_a_token_lapses_by_the_stand_ins_clock(client: httpx.Client) -> None:
    client.post("/_standin/clock", json={"move_seconds": 364 * 86400})
    assert client.get("/v1/orders").status_code == 200

    client.post("/_standin/clock", json={"move_seconds": 2 * 86400})

    assert client.get("/v1/orders").status_code == 401


# Lists


def test_a_list_comes_in_the_documented_envelope(standin: WizCommerceStandIn, client: httpx.Client) -> None:
    standin.seed({"customers": [{"name": f"Shop {number}"} for number in range(4)]})

    page = client.get("/v1/customers", params={"page": 2, "page_size": 2}).json()

    assert len(page["data"]) == 2
    assert page["pagination"] == {
        "total_records": 5,
        "total_pages": 3,
        "current_page": 2,
        "next_page": 3,
        "prev_page": 1,
        "page_size": 2,
    }
    last = client.get("/v1/customers", params={"page": 3, "page_size": 2}).json()["pagination"]
    first = client.get("/v1/customers", params={"page_size": 2}).json()["pagination"]
    assert (last["next_page"], first["prev_page"]) == (0, 0)
    assert client.get("/v1/customers", params={"page": 9}).json()["data"] == []


def test_orders_are_drafts_unless_asked_otherwise(standin: WizCommerceStandIn, client: httpx.Client) -> None:
    for number, status in enumerate(("draft", "confirmed", "cancelled", "pending_approval")):
        standin.seed({"orders": [{"display_id": f"WC-{number}", "customer_name": "Bloom & Co", "status": status}]})

    def numbers(**query: str) -> list[str]:
        return [one["display_id"] for one in client.get("/v2/orders", params=query).json()["data"]]

    assert numbers() == ["WC-0"]
    assert numbers(order_status="confirmed") == ["WC-1"]
    assert numbers(order_status="cancelled") == ["WC-2"]
    waiting = standin.orders()[3]
    assert client.get(f"/v2/orders/{waiting['id']}").json()["data"]["status"] == "pending_approval"


def test_customers_are_active_unless_asked_otherwise(standin: WizCommerceStandIn, client: httpx.Client) -> None:
    standin.seed({"customers": [{"name": "Closed Shop", "status": "inactive"}]})

    assert [one["name"] for one in client.get("/v1/customers").json()["data"]] == ["Bloom & Co"]
    inactive = client.get("/v1/customers", params={"status": "inactive"}).json()["data"]
    assert [one["name"] for one in inactive] == ["Closed Shop"]


def test_what_changed_since_is_found_and_sorted(standin: WizCommerceStandIn, client: httpx.Client) -> None:
    moments = ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"]
    for number, at in enumerate(moments):
        standin.seed({"orders": [{"display_id": f"WC-{number}", "status": "draft", "created_at": at}]})

    def numbers(**query: str) -> list[str]:
        return [one["display_id"] for one in client.get("/v1/orders", params=query).json()["data"]]

    assert numbers() == ["WC-2", "WC-1", "WC-0"]
    assert numbers(sort="asc", sort_by="created_at") == ["WC-0", "WC-1", "WC-2"]
    assert numbers(updated_after=moments[1]) == ["WC-2", "WC-1"]
    assert numbers(created_before=moments[1], sort="asc") == ["WC-0", "WC-1"]
    standin.switches.a09_time_filters_inclusive = False
    assert numbers(updated_after=moments[1]) == ["WC-2"]


def test_records_are_found_by_their_references(standin: WizCommerceStandIn, client: httpx.Client) -> None:
    standin.seed({"customers": [{"name": "Other", "reference_id": "C-2"}, {"name": "Third", "reference_id": "C-3"}]})

    found = client.get("/v1/customers", params={"reference_ids": "C-3,C-1", "sort_by": "company_name", "sort": "asc"})

    assert [one["name"] for one in found.json()["data"]] == ["Bloom & Co", "Third"]


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/v1/customers", "page=0", "page"),
        ("/v1/customers", "page_size=101", "page_size"),
        ("/v1/customers", "page_size=many", "page_size"),
        ("/v1/customers", "sort=up", "sort"),
        ("/v1/customers", "sort_by=email", "sort_by"),
        ("/v1/customers", "status=deleted", "status"),
        ("/v1/customers", "updated_after=yesterday", "updated_after"),
        ("/v1/customers", "updated_after=2026-01-01T00:00:00%2B00:00", "updated_after"),
        ("/v1/customers", "colour=red", "colour"),
        ("/v1/orders", "order_status=draft,confirmed", "order_status"),
        ("/v2/orders", "order_status=draft&order_status=confirmed", "order_status"),
        ("/v2/orders", "sort_by=display_id", "sort_by"),
        ("/v1/products", "updated_after=2026-01-01T00:00:00Z", "updated_after"),
        ("/v1/products", "is_primary=yes", "is_primary"),
    ],
)
def test_a_query_that_is_not_documented_is_refused_by_name(
    client: httpx.Client, path: str, query: str, field: str
) -> None:
    assert fields_refused(client.get(f"{path}?{query}")) == [field]


# Customers


def test_a_customer_row_is_short_and_the_detail_is_whole(client: httpx.Client) -> None:
    row = client.get("/v1/customers").json()["data"][0]
    detail = client.get(f"/v1/customers/{row['id']}").json()["data"]

    assert set(detail) - set(row) == {
        "assigned_sales_reps",
        "assigned_price_list",
        "addresses",
        "contacts",
        "attributes",
    }
    assert detail["addresses"][0]["city"] == "Austin"
    assert detail["addresses"][0]["customer_id"] == row["id"]
    assert detail["contacts"][0]["email"] == "ada@bloom.example"
    assert detail["assigned_price_list"]["name"] == "Wholesale"
    assert detail["assigned_sales_reps"][0]["email"] == "house@example.com"
    assert row["created_at"].endswith("Z") and len(row["created_at"]) == 20


def test_a_customer_is_created_with_its_addresses(client: httpx.Client) -> None:
    address = {"reference_id": "B-1", "type": "billing", "address_line_1": "1 Main St", "city": "Austin"}

    answer = client.post("/v1/customers", json=new_customer(client, addresses=[{**address, "is_default": True}]))

    made = answer.json()["data"]
    assert answer.status_code == 201
    assert (made["name"], made["display_name"], made["status"]) == ("Acme Gifts LLC", "Acme Gifts", "active")
    assert made["display_id"] and made["addresses"][0]["id"]
    assert client.get(f"/v1/customers/{made['id']}").json()["data"] == made


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"company_name": 5}, ["company_name"]),
        ({"display_name": "x" * 256}, ["display_name"]),
        ({"phone": "555-0100"}, ["phone"]),
        ({"email": "nobody"}, ["email"]),
        ({"assigned_sales_rep_ids": []}, ["assigned_sales_rep_ids"]),
        ({"assigned_price_list_id": "4b7a1a3e-0c4c-4a8b-9a83-0a1c36a0f0aa"}, ["assigned_price_list_id"]),
        ({"status": "inactive"}, ["status"]),
        ({"addresses": [{"type": "home"}]}, [f"addresses[0].{name}" for name in ("reference_id", "address_line_1")]),
        ({"contacts": [{"reference_id": "K", "first_name": "A", "email": None}]}, ["contacts[0].email"]),
        ({"attributes": [{"name": "Customer Type"}]}, ["attributes[0].value"]),
        ({"reference_id": "C-1"}, ["reference_id"]),
    ],
)
def test_a_customer_that_is_not_as_documented_is_refused_by_name(
    client: httpx.Client, changes: dict[str, Any], fields: list[str]
) -> None:
    refused = fields_refused(client.post("/v1/customers", json=new_customer(client, **changes)))

    assert refused[: len(fields)] == fields


def test_a_new_customer_needs_what_the_reference_marks_as_required(client: httpx.Client) -> None:
    assert fields_refused(client.post("/v1/customers", json={})) == [
        "reference_id",
        "company_name",
        "display_name",
        "assigned_sales_rep_ids",
        "assigned_price_list_id",
    ]


def test_a_patch_changes_only_what_it_names(client: httpx.Client) -> None:
    path = f"/v1/customers/{customer_id(client)}"
    before = client.get(path).json()["data"]
    address = {"id": before["addresses"][0]["id"], "city": "Waco"}
    contact_id = before["contacts"][0]["id"]

    answer = client.patch(
        path, json={"phone": "+14155550100", "addresses": [address], "primary_contact_id": contact_id}
    )

    after = answer.json()["data"]
    assert answer.status_code == 201
    assert (after["phone"], after["email"], after["name"]) == ("+14155550100", before["email"], before["name"])
    assert [(one["city"], one["address_line_1"]) for one in after["addresses"]] == [("Waco", "1 Main St")]
    assert after["contacts"][0]["is_default"] is True
    stranger = {"id": contact_id, "city": "Waco"}
    assert fields_refused(client.patch(path, json={"addresses": [stranger]})) == ["addresses[0].id"]


@pytest.mark.parametrize(("answer", "status"), [("400", 400), ("409", 409), ("accepted", 201)])
def test_a_taken_reference_is_answered_as_the_switch_says(client: httpx.Client, answer: str, status: int) -> None:
    client.post("/_standin/switches", json={"a04_duplicate_references": answer}).raise_for_status()

    assert client.post("/v1/customers", json=new_customer(client, reference_id="C-1")).status_code == status


# Products


def test_products_are_created_as_a_group_and_read_one_by_one(client: httpx.Client) -> None:
    price_list = client.get("/v1/price-lists").json()["data"][0]["id"]
    price = {"price_list_id": price_list, "price": 12.5}
    variants = [{"sku_id": "BOWL-R", "name": "Red", "product_prices": [price]}, {"sku_id": "BOWL-B", "name": "Blue"}]

    answer = client.post("/v1/products", json={"group_code": "BOWL", "variants": variants})

    assert answer.status_code == 201
    assert [one["sku"] for one in answer.json()["data"]] == ["BOWL-R", "BOWL-B"]
    found = client.get("/v1/products", params={"sku_id": "BOWL-R"}).json()["data"]
    assert found == [answer.json()["data"][0]]
    assert (found[0]["price_lists"][0]["id"], found[0]["price_lists"][0]["price"]) == (price_list, 12.5)
    assert len(client.get("/v1/products", params={"group_code": "BOWL"}).json()["data"]) == 2
    assert client.get(f"/v1/products/{found[0]['id']}").json()["data"] == found[0]


def test_a_product_can_be_changed_and_only_made_inactive(client: httpx.Client) -> None:
    product = client.get("/v1/products").json()["data"][0]
    path = f"/v1/products/{product['id']}"

    assert client.patch(path, json={"name": "Tall vase", "status": "inactive"}).json()["data"]["status"] == "inactive"
    assert fields_refused(client.patch(path, json={"status": "active"})) == ["status"]
    assert client.get(path).json()["data"]["name"] == "Tall vase"
    taken = {"group_code": "V", "variants": [{"sku_id": "VASE-01"}]}
    assert fields_refused(client.post("/v1/products", json=taken)) == ["variants[0].sku_id"]


# Limits


@pytest.mark.parametrize("kind", ["401", "403", "404", "429"])
def test_a_refusal_by_rule_has_the_documented_body(client: httpx.Client, kind: str) -> None:
    client.post("/_standin/faults", json={"kind": kind, "message": "Not now.", "seconds": 3}).raise_for_status()

    answer = client.get("/v1/orders")

    assert (answer.status_code, answer.json()["message"]) == (int(kind), "Not now.")
    assert answer.headers.get("Retry-After") == ("3" if kind == "429" else None)


def test_more_calls_than_the_limit_in_a_second_are_refused(client: httpx.Client) -> None:
    client.post("/_standin/switches", json={"a02_calls_per_second": 3, "a02_retry_after": "seconds"})

    answers = [client.get("/v1/orders") for _ in range(4)]

    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert answers[3].headers["Retry-After"] == "1"
    assert answers[3].json()["code"] == "too_many_requests"
