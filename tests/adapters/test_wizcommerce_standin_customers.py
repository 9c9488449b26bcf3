"""What the WizCommerce stand-in promises, over real HTTP: customers written, patched and deleted."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from adapters.wizcommerce.standin import WizCommerceStandIn
from tests.adapters.stand_ins import customer_id, fields_refused, new_customer, seen, switched

ADDRESS = {"reference_id": "A-9", "type": "billing", "address_line_1": "9 Elm St", "city": "Dallas"}
CONTACT = {"reference_id": "K-9", "first_name": "Vorname", "email": "k9@acme.example"}
NOBODY = "4b7a1a3e-0c4c-4a8b-9a83-0a1c36a0f0aa"


def made(client: httpx.Client, **changes: Any) -> dict[str, Any]:
    answer = client.post("/v1/customers", json=new_customer(client, **changes))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


def test_a_new_customer_has_every_documented_field_and_no_other(client: httpx.Client) -> None:
    detail = made(client, addresses=[ADDRESS], contacts=[CONTACT])

    row = {
        *("id", "reference_id", "name", "display_name", "display_id", "first_name", "last_name", "phone", "email"),
        *("freight_term", "shipping_method", "payment_mode", "payment_term", "status", "created_at", "updated_at"),
    }
    assert set(seen(client, "/v1/customers")[0]) == row
    assert set(detail) - row == {
        *("assigned_sales_reps", "assigned_price_list", "addresses", "contacts", "attributes"),
    }
    assert set(detail["assigned_sales_reps"][0]) == {
        *("id", "email", "first_name", "last_name", "phone", "department", "status"),
        *("created_by", "updated_by", "created_at", "updated_at"),
    }
    assert set(detail["assigned_price_list"]) == {
        *("id", "reference_id", "name", "description", "status", "created_at", "updated_at"),
    }
    assert set(detail["addresses"][0]) == {
        *("id", "customer_id", "reference_id", "address_line_1", "address_line_2", "city", "state", "country"),
        *("zip_code", "type", "first_name", "last_name", "phone", "email", "is_default", "status", "attributes"),
        *("created_at", "updated_at"),
    }
    assert set(detail["contacts"][0]) == {
        *("id", "reference_id", "first_name", "last_name", "email", "phone", "designation", "status", "is_default"),
        *("attributes", "created_at", "updated_at"),
    }
    assert fields_refused(client.post("/v1/customers", json=new_customer(client, name="Acme"))) == ["name"]


def test_a_rep_and_a_price_list_are_needed_unless_the_switches_say_otherwise(client: httpx.Client) -> None:
    bare = {"reference_id": "R-1", "company_name": "Acme", "display_name": "Acme"}
    needed = ["assigned_sales_rep_ids", "assigned_price_list_id"]

    assert fields_refused(client.post("/v1/customers", json=bare)) == needed
    switched(client, **{"A-35": False})
    assert fields_refused(client.post("/v1/customers", json=bare)) == needed[1:]
    switched(client, **{"A-36": False})

    detail = client.post("/v1/customers", json=bare).json()["data"]
    assert (detail["assigned_sales_reps"], detail["assigned_price_list"]) == ([], None)


def test_a_payment_term_is_any_text_unless_only_the_offered_ones_count(client: httpx.Client) -> None:
    path = f"/v1/customers/{customer_id(client)}"

    assert client.patch(path, json={"payment_term": "2/10, n/30"}).status_code == 201
    switched(client, a32_payment_terms="offered")
    assert fields_refused(client.patch(path, json={"payment_term": "2/10, n/30"})) == ["payment_term"]
    assert client.patch(path, json={"payment_term": "COD"}).status_code == 201
    assert client.patch(path, json={"phone": "+14155550100"}).status_code == 201


@pytest.mark.parametrize(("answer", "status"), [("400", 400), ("409", 409), ("accepted", 201)])
def test_a_reference_is_one_of_a_kind_also_in_nested_parts_and_after_a_patch(
    client: httpx.Client, answer: str, status: int
) -> None:
    other = made(client, addresses=[ADDRESS], contacts=[CONTACT])
    bloom = seen(client, "/v1/customers", reference_ids="C-1")[0]["id"]
    switched(client, **{"A-04": answer})
    own = {"id": other["contacts"][0]["id"], "reference_id": "K-9"}

    tried = [
        client.patch(f"/v1/customers/{bloom}", json={"reference_id": "QBO-CUST-58"}),
        client.patch(f"/v1/customers/{bloom}", json={"addresses": [ADDRESS]}),
        client.patch(f"/v1/customers/{bloom}", json={"contacts": [{**CONTACT, "reference_id": "K-1"}]}),
        client.post("/v1/customers", json=new_customer(client, reference_id="R-2", contacts=[CONTACT])),
        client.post(
            "/v1/customers",
            json=new_customer(client, reference_id="R-3", addresses=[{**ADDRESS, "reference_id": "A-2"}] * 2),
        ),
    ]

    assert [one.status_code for one in tried] == [status] * 5
    if status != 201:
        fields = [one.json()["details"][0]["field"] for one in tried]
        assert fields[:2] == ["reference_id", "addresses[0].reference_id"]
        assert fields[2:] == ["contacts[0].reference_id", "contacts[0].reference_id", "addresses[1].reference_id"]
    assert client.patch(f"/v1/customers/{other['id']}", json={"reference_id": "QBO-CUST-58"}).status_code == 201
    assert client.patch(f"/v1/customers/{other['id']}", json={"contacts": [own]}).status_code == 201


def test_a_patch_puts_nested_parts_beside_the_ones_that_stand_there(client: httpx.Client) -> None:
    before = made(client, addresses=[ADDRESS], contacts=[CONTACT])
    path = f"/v1/customers/{before['id']}"
    shipping = {**ADDRESS, "reference_id": "A-10", "type": "shipping", "is_default": True}
    second = {**CONTACT, "reference_id": "K-10", "is_default": True}

    after = client.patch(path, json={"addresses": [shipping], "contacts": [second]}).json()["data"]

    assert [(one["reference_id"], one["is_default"]) for one in after["addresses"]] == [("A-9", False), ("A-10", True)]
    assert [(one["reference_id"], one["is_default"]) for one in after["contacts"]] == [("K-9", False), ("K-10", True)]
    billing, added = (one["id"] for one in after["addresses"])
    chosen = {"default_billing_address_id": billing, "primary_contact_id": after["contacts"][0]["id"]}
    after = client.patch(path, json=chosen).json()["data"]
    assert [one["is_default"] for one in after["addresses"]] == [True, True]
    assert [one["is_default"] for one in after["contacts"]] == [True, False]
    assert not set(chosen) & set(after)
    wrong = {"default_billing_address_id": added, "primary_contact_id": NOBODY}
    assert sorted(fields_refused(client.patch(path, json=wrong))) == sorted(wrong)
    assert fields_refused(client.patch(path, json={"addresses": [{"city": "Waco"}]})) == [
        *(f"addresses[0].{name}" for name in ("reference_id", "address_line_1", "type")),
    ]
    assert fields_refused(client.patch(path, json={"phone": None, "created_at": "2026-01-01T00:00:00Z"})) == [
        *("created_at", "phone"),
    ]


def test_a_status_in_a_patch_is_ignored_accepted_or_refused(client: httpx.Client) -> None:
    path = f"/v1/customers/{customer_id(client)}"

    answer = client.patch(path, json={"status": "inactive", "phone": "+14155550100"})
    assert (answer.status_code, answer.json()["data"]["status"]) == (201, "active")
    assert answer.json()["data"]["phone"] == "+14155550100"
    switched(client, **{"A-28": "accepted"})
    assert fields_refused(client.patch(path, json={"status": "deleted"})) == ["status"]
    assert client.patch(path, json={"status": "inactive"}).json()["data"]["status"] == "inactive"
    assert seen(client, "/v1/customers") == []
    assert client.patch(path, json={"status": "active"}).json()["data"]["status"] == "active"
    switched(client, **{"A-28": "refused"})
    assert fields_refused(client.patch(path, json={"status": "inactive"})) == ["status"]
    assert fields_refused(client.post("/v1/customers", json=new_customer(client, status="active"))) == ["status"]


def test_a_deleted_customer_is_inactive_and_its_reference_stays_taken(client: httpx.Client) -> None:
    path = f"/v1/customers/{customer_id(client)}"

    answer = client.delete(path)

    assert (answer.status_code, answer.content) == (204, b"")
    assert seen(client, path)["status"] == "inactive"
    assert seen(client, "/v1/customers") == []
    assert [one["name"] for one in seen(client, "/v1/customers", status="inactive")] == ["Bloom & Co"]
    assert fields_refused(client.post("/v1/customers", json=new_customer(client, reference_id="C-1"))) == [
        "reference_id"
    ]
    assert client.delete(path).status_code == 204
    switched(client, **{"A-28": "accepted"})
    assert client.patch(path, json={"status": "active"}).json()["data"]["status"] == "active"
    switched(client, **{"A-43": "404"})
    assert seen(client, path)["status"] == "active"


def test_a_deleted_customer_can_be_gone_from_every_read(standin: WizCommerceStandIn, client: httpx.Client) -> None:
    standin.seed({"customers": [{"name": "Closed Shop", "status": "inactive"}]})
    path = f"/v1/customers/{customer_id(client)}"
    switched(client, **{"A-43": "404"})

    assert client.delete(path).status_code == 204

    for answer in (client.get(path), client.delete(path), client.patch(path, json={}), client.get(f"{path}/contacts")):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert [one["name"] for one in seen(client, "/v1/customers", status="inactive")] == ["Closed Shop"]
    assert fields_refused(client.post("/v1/customers", json=new_customer(client, reference_id="C-1")))
