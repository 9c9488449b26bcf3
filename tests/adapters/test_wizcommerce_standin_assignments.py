"""What the WizCommerce stand-in promises, over real HTTP: price lists, sales reps and stored payment methods."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from adapters.wizcommerce.standin import WizCommerceStandIn
from tests.adapters.stand_ins import customer_id, fields_refused, seen, switched

NOBODY = "4b7a1a3e-0c4c-4a8b-9a83-0a1c36a0f0aa"
TRADE = {"reference_id": "PL-2", "name": "Trade", "description": "For the trade", "priority": 2}


def made(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


def card(client: httpx.Client, **changes: Any) -> dict[str, Any]:
    return {
        "reference_id": "PM-1",
        "customer_id": customer_id(client),
        "provider": "stripe",
        "payment_method_type": "card",
        "brand": "visa",
        "card_expiry": "12/29",
        "last_four_digits": "4242",
        "token": "tok_of_a_card",
        **changes,
    }


# Price lists


def test_a_price_list_is_created_read_and_patched(standin: WizCommerceStandIn, client: httpx.Client) -> None:
    standin.seed({"tenant": {"currency": "CAD"}})

    trade = made(client, "/v1/price-lists", TRADE)

    path = f"/v1/price-lists/{trade['id']}"
    assert set(trade) == {
        *("id", "reference_id", "name", "description", "status", "is_default", "priority", "currency"),
        *("created_at", "updated_at"),
    }
    assert (trade["currency"], trade["is_default"], trade["status"]) == ("CAD", False, "active")
    assert seen(client, path) == trade
    answer = client.patch(path, json={"description": "Trade only", "status": "inactive"})
    assert answer.status_code == 201
    assert answer.json()["data"] == {
        **trade,
        "description": "Trade only",
        "status": "inactive",
        "updated_at": answer.json()["data"]["updated_at"],
    }
    assert [one["name"] for one in seen(client, "/v1/price-lists", status="inactive")] == ["Trade"]
    assert [one["name"] for one in seen(client, "/v1/price-lists", sort_by="name", sort="asc")] == [
        "Trade",
        "Wholesale",
    ]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"reference_id": "x" * 51}, ["reference_id"]),
        ({"name": "x" * 51}, ["name"]),
        ({"description": "x" * 256}, ["description"]),
        ({"status": "deleted"}, ["status"]),
        ({"priority": 1.5}, ["priority"]),
        ({"currency": "USD"}, ["currency"]),
    ],
)
def test_a_price_list_that_is_not_as_documented_is_refused_by_name(
    client: httpx.Client, changes: dict[str, Any], fields: list[str]
) -> None:
    assert fields_refused(client.post("/v1/price-lists", json={**TRADE, **changes})) == fields


def test_the_reference_of_a_price_list_is_one_of_a_kind_and_never_changes(client: httpx.Client) -> None:
    trade = made(client, "/v1/price-lists", TRADE)

    assert fields_refused(client.post("/v1/price-lists", json=TRADE)) == ["reference_id"]
    assert fields_refused(client.post("/v1/price-lists", json={})) == ["reference_id", "name"]
    path = f"/v1/price-lists/{trade['id']}"
    assert fields_refused(client.patch(path, json={"reference_id": "PL-3", "name": "X"})) == ["reference_id"]
    assert seen(client, path) == trade


def test_one_price_list_is_the_default_and_a_deleted_one_stays_with_its_customers(client: httpx.Client) -> None:
    trade = made(client, "/v1/price-lists", {**TRADE, "is_default": True})
    assert {one["name"]: one["is_default"] for one in seen(client, "/v1/price-lists")} == {
        "Trade": True,
        "Wholesale": False,
    }
    customer = f"/v1/customers/{customer_id(client)}"
    client.patch(customer, json={"assigned_price_list_id": trade["id"]}).raise_for_status()

    answer = client.delete(f"/v1/price-lists/{trade['id']}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert seen(client, f"/v1/price-lists/{trade['id']}")["status"] == "inactive"
    assert seen(client, customer)["assigned_price_list"]["status"] == "inactive"
    switched(client, **{"A-43": "404"})
    for answer in (client.get, client.delete):
        assert answer(f"/v1/price-lists/{trade['id']}").status_code == 404
    assert [one["name"] for one in seen(client, "/v1/price-lists")] == ["Wholesale"]
    assert client.patch(f"/v1/price-lists/{NOBODY}", json={}).status_code == 404


# Sales reps


def test_sales_reps_are_found_by_e_mail_and_status_and_are_read_only(
    standin: WizCommerceStandIn, client: httpx.Client
) -> None:
    standin.seed({"sales_reps": [{"email": "north@example.com", "first_name": "Nord", "status": "inactive"}]})

    rows = seen(client, "/v1/sales-reps", sort_by="first_name", sort="asc")

    assert [one["email"] for one in rows] == ["house@example.com", "north@example.com"]
    assert set(rows[0]) == {"id", "first_name", "last_name", "email", "status", "created_at", "updated_at"}
    assert seen(client, "/v1/sales-reps", email="north@example.com") == seen(
        client, "/v1/sales-reps", status="inactive"
    )
    assert seen(client, "/v1/sales-reps", email="nobody@example.com") == []
    assert fields_refused(client.get("/v1/sales-reps?reference_ids=x")) == ["reference_ids"]
    path = f"/v1/sales-reps/{rows[0]['id']}"
    for answer in (client.post("/v1/sales-reps", json={}), client.get(path), client.patch(path, json={})):
        assert answer.status_code == 404


# Payment methods


def test_a_card_is_stored_listed_for_its_customer_and_deleted(
    standin: WizCommerceStandIn, client: httpx.Client
) -> None:
    stored = made(client, "/v1/payment-methods", card(client, is_default=True))
    bloom = stored["customer_id"]
    other = standin.seed(
        {
            "customers": [{"name": "Other"}],
            "payment_methods": [{"reference_id": "PM-9", "customer_name": "Other", "provider": "stax"}],
        }
    )

    assert set(stored) == {
        *("id", "reference_id", "customer_id", "provider", "external_customer_id", "payment_method_type"),
        *("card_type", "brand", "card_expiry", "last_four_digits", "display_name", "is_default", "token"),
        *("address_line_1", "address_line_2", "city", "state", "country", "zip_code", "first_name", "last_name"),
        *("email", "phone", "status", "created_at", "updated_at"),
    }
    assert seen(client, "/v1/payment-methods", customer_id=bloom) == [stored]
    assert len(seen(client, "/v1/payment-methods")) == 2
    [theirs] = seen(client, "/v1/payment-methods", customer_id=other["customers"][0])
    assert theirs["id"] == other["payment_methods"][0]
    assert client.delete(f"/v1/payment-methods/{stored['id']}").status_code == 204
    assert [one["status"] for one in seen(client, "/v1/payment-methods", customer_id=bloom)] == ["inactive"]
    switched(client, **{"A-43": "404"})
    assert seen(client, "/v1/payment-methods", customer_id=bloom) == []
    assert client.delete(f"/v1/payment-methods/{stored['id']}").status_code == 404


def test_the_token_of_a_card_is_a_secret_that_only_the_api_shows(
    standin: WizCommerceStandIn, client: httpx.Client
) -> None:
    stored = made(client, "/v1/payment-methods", card(client))

    assert stored["token"] == "tok_of_a_card"
    assert "tok_of_a_card" in standin.issued_secrets()
    assert "tok_of_a_card" not in client.get("/_standin/state").text


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"customer_id": NOBODY}, ["customer_id"]),
        ({"provider": "x" * 51}, ["provider"]),
        ({"card_expiry": "13/29"}, ["card_expiry"]),
        ({"last_four_digits": "42"}, ["last_four_digits"]),
        ({"status": "active"}, ["status"]),
        ({"email": "nobody"}, ["email"]),
        ({"number": "4242424242424242"}, ["number"]),
    ],
)
def test_a_card_that_is_not_as_documented_is_refused_by_name(
    client: httpx.Client, changes: dict[str, Any], fields: list[str]
) -> None:
    assert fields_refused(client.post("/v1/payment-methods", json=card(client, **changes))) == fields


def test_a_card_needs_a_reference_of_its_own_and_a_customer_has_one_default(client: httpx.Client) -> None:
    for number in ("PM-1", "PM-2"):
        made(client, "/v1/payment-methods", card(client, reference_id=number, is_default=True))

    rows = {one["reference_id"]: one["is_default"] for one in seen(client, "/v1/payment-methods")}

    assert rows == {"PM-1": False, "PM-2": True}
    assert fields_refused(client.post("/v1/payment-methods", json=card(client))) == ["reference_id"]
    assert fields_refused(client.post("/v1/payment-methods", json={})) == ["reference_id", "customer_id", "provider"]
    assert client.get(f"/v1/payment-methods/{NOBODY}").status_code == 404
