"""What the WizCommerce stand-in promises, over real HTTP: a customer's addresses and contacts."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from adapters.wizcommerce.standin import WizCommerceStandIn
from tests.adapters.stand_ins import customer_id, fields_refused, seen, switched

ADDRESS = {"reference_id": "A-9", "type": "shipping", "address_line_1": "9 Elm St", "city": "Dallas"}
CONTACT = {"reference_id": "K-9", "first_name": "Vorname", "email": "k9@acme.example"}
BODIES = {"addresses": ADDRESS, "contacts": CONTACT}
NOBODY = "4b7a1a3e-0c4c-4a8b-9a83-0a1c36a0f0aa"

each_part = pytest.mark.parametrize("key", ["addresses", "contacts"])


def made(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


@each_part
def test_a_part_is_created_read_and_shown_with_its_customer(client: httpx.Client, key: str) -> None:
    customer = f"/v1/customers/{customer_id(client)}"

    part = made(client, f"{customer}/{key}", BODIES[key])

    assert seen(client, f"{customer}/{key}/{part['id']}") == part
    assert part in seen(client, customer)[key] and part in seen(client, f"{customer}/{key}")
    assert (part["status"], part["is_default"], part["attributes"]) == ("active", False, [])
    assert part.get("customer_id", customer_id(client)) == customer_id(client)
    assert ("customer_id" in part) == (key == "addresses")


@each_part
def test_a_put_erases_what_it_does_not_name(client: httpx.Client, key: str) -> None:
    path = f"/v1/customers/{customer_id(client)}/{key}"
    part = made(client, path, {**BODIES[key], "last_name": "Nachname", "phone": "+14155550100", "is_default": True})
    own = f"{path}/{part['id']}"

    answer = client.put(own, json={**BODIES[key], "last_name": "Anders"})

    after = answer.json()["data"]
    assert answer.status_code == 201
    assert (after["last_name"], after["phone"], after["is_default"]) == ("Anders", None, False)
    assert {name: after[name] for name in ("id", "status", "created_at")} == {
        name: part[name] for name in ("id", "status", "created_at")
    }
    assert seen(client, own) == after
    assert "reference_id" in fields_refused(client.put(own, json={"last_name": "Anders"}))
    assert fields_refused(client.put(own, json={**BODIES[key], "id": part["id"]})) == ["id"]


@each_part
def test_a_part_is_deleted_softly_or_out_of_sight(client: httpx.Client, key: str) -> None:
    customer = f"/v1/customers/{customer_id(client)}"
    part = made(client, f"{customer}/{key}", BODIES[key])
    own = f"{customer}/{key}/{part['id']}"

    answer = client.delete(own)

    assert (answer.status_code, answer.content) == (204, b"")
    assert seen(client, own)["status"] == "inactive"
    assert [one["status"] for one in seen(client, customer)[key]] == ["active", "inactive"]
    assert [one["id"] for one in seen(client, f"{customer}/{key}", status="inactive")] == [part["id"]]
    switched(client, **{"A-43": "404"})
    assert [client.get(own).status_code, client.delete(own).status_code] == [404, 404]
    assert [one["status"] for one in seen(client, customer)[key]] == ["active"]
    assert seen(client, f"{customer}/{key}", status="inactive") == []


def test_contacts_are_active_unless_asked_otherwise_and_addresses_are_all(client: httpx.Client) -> None:
    customer = f"/v1/customers/{customer_id(client)}"
    for key in ("addresses", "contacts"):
        [part] = seen(client, f"{customer}/{key}")
        client.delete(f"{customer}/{key}/{part['id']}")

    assert (len(seen(client, f"{customer}/contacts")), len(seen(client, f"{customer}/addresses"))) == (0, 1)
    assert len(seen(client, f"{customer}/contacts", status="inactive")) == 1
    assert seen(client, f"{customer}/addresses", status="active") == []
    assert seen(client, f"{customer}/contacts", status="inactive", updated_before="2026-01-01T00:00:00Z") == []
    assert len(seen(client, f"{customer}/addresses", reference_ids="A-1,A-2")) == 1
    assert seen(client, f"{customer}/addresses", reference_ids="A-2") == []


@pytest.mark.parametrize(
    ("key", "query", "field"),
    [
        ("addresses", "updated_after=2026-01-01T00:00:00Z", "updated_after"),
        ("addresses", "type=billing", "type"),
        ("addresses", "sort_by=city", "sort_by"),
        ("contacts", "reference_ids=K-1", "reference_ids"),
        ("contacts", "status=deleted", "status"),
        ("contacts", "page_size=101", "page_size"),
    ],
)
def test_a_list_of_parts_takes_only_documented_parameters(
    client: httpx.Client, key: str, query: str, field: str
) -> None:
    assert fields_refused(client.get(f"/v1/customers/{customer_id(client)}/{key}?{query}")) == [field]


@pytest.mark.parametrize(
    ("key", "changes", "fields"),
    [
        ("addresses", {"city": "x" * 51}, ["city"]),
        ("addresses", {"type": "home"}, ["type"]),
        ("addresses", {"country": None}, ["country"]),
        ("addresses", {"address_line_3": "x"}, ["address_line_3"]),
        ("addresses", {"status": "inactive"}, ["status"]),
        ("addresses", {"reference_id": "A-1"}, ["reference_id"]),
        ("contacts", {"phone": "555-0100"}, ["phone"]),
        ("contacts", {"email": "nobody"}, ["email"]),
        ("contacts", {"type": "billing"}, ["type"]),
        ("contacts", {"is_default": "yes"}, ["is_default"]),
        ("contacts", {"reference_id": "K-1"}, ["reference_id"]),
    ],
)
def test_a_part_that_is_not_as_documented_is_refused_by_name(
    client: httpx.Client, key: str, changes: dict[str, Any], fields: list[str]
) -> None:
    path = f"/v1/customers/{customer_id(client)}/{key}"

    assert fields_refused(client.post(path, json={**BODIES[key], **changes})) == fields


def test_a_part_needs_what_the_reference_marks_as_required(client: httpx.Client) -> None:
    customer = f"/v1/customers/{customer_id(client)}"

    assert fields_refused(client.post(f"{customer}/addresses", json={})) == [
        *("reference_id", "address_line_1", "city", "type"),
    ]
    assert fields_refused(client.post(f"{customer}/contacts", json={})) == ["reference_id", "first_name", "email"]


def test_v2_creates_addresses_and_does_nothing_else_with_customers(client: httpx.Client) -> None:
    customer = f"/customers/{customer_id(client)}"

    address = made(client, f"/v2{customer}/addresses", ADDRESS)

    assert seen(client, f"/v1{customer}/addresses/{address['id']}") == address
    assert client.get(f"/v2{customer}/addresses").status_code == 404
    assert client.post(f"/v2{customer}/contacts", json=CONTACT).status_code == 404
    assert client.get(f"/v2{customer}").status_code == 404


@each_part
def test_the_parts_of_one_customer_are_not_those_of_another(
    standin: WizCommerceStandIn, client: httpx.Client, key: str
) -> None:
    bloom = customer_id(client)
    [other] = standin.seed({"customers": [{"name": "Other"}]})["customers"]
    [part] = seen(client, f"/v1/customers/{bloom}/{key}")
    stranger = f"/v1/customers/{other}/{key}/{part['id']}"

    assert seen(client, f"/v1/customers/{other}/{key}") == []
    for path in (stranger, f"/v1/customers/{NOBODY}/{key}/{part['id']}", f"/v1/customers/{bloom}/{key}/{NOBODY}"):
        for answer in (client.get(path), client.put(path, json=BODIES[key]), client.delete(path)):
            assert answer.status_code == 404
    assert client.post(f"/v1/customers/{NOBODY}/{key}", json=BODIES[key]).status_code == 404
    assert client.patch(f"/v1/customers/{bloom}/{key}/{part['id']}", json={}).status_code == 404


def test_one_address_of_a_type_is_the_default(client: httpx.Client) -> None:
    customer = f"/v1/customers/{customer_id(client)}"
    path = f"{customer}/addresses"
    for number, kind in enumerate(("shipping", "shipping", "billing")):
        body = {**ADDRESS, "reference_id": f"A-2{number}", "type": kind, "is_default": True}
        made(client, path, body)

    rows = {one["reference_id"]: one["is_default"] for one in seen(client, path)}

    assert rows == {"A-1": False, "A-20": False, "A-21": True, "A-22": True}


@each_part
def test_a_changed_part_moves_its_customer_unless_the_switch_says_otherwise(
    standin: WizCommerceStandIn, client: httpx.Client, key: str
) -> None:
    [old] = standin.seed({"customers": [{"name": "Old", "created_at": "2026-01-01T00:00:00Z"}]})["customers"]
    switched(client, **{"A-14": False})
    part = made(client, f"/v1/customers/{old}/{key}", BODIES[key])
    assert seen(client, f"/v1/customers/{old}")["updated_at"] == "2026-01-01T00:00:00Z"

    switched(client, **{"A-14": True})
    client.delete(f"/v1/customers/{old}/{key}/{part['id']}").raise_for_status()

    assert seen(client, f"/v1/customers/{old}")["updated_at"] > "2026-01-01T00:00:00Z"
