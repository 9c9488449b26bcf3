"""What the WizCommerce stand-in promises of a seller's hands on customers and reps, and of the events they raise."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from adapters.wizcommerce.standin import WizCommerceStandIn
from tests.adapters.stand_ins import customer_id, new_customer, seen, switched


@pytest.fixture(autouse=True)
def target(standin: WizCommerceStandIn) -> None:
    """Webhooks are put in the outbox, where a test reads them; nothing is delivered."""
    standin.send_webhooks_to("http://127.0.0.1:9/hook")


def hand(client: httpx.Client, verb: str, **body: Any) -> dict[str, Any]:
    answer = client.post(f"/_standin/hands/{verb}", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def events(standin: WizCommerceStandIn) -> list[tuple[str, str]]:
    """The events raised since the last look."""
    raised = [json.loads(one.body) for one in standin.outbox.waiting]
    standin.outbox.clear()
    assert all(set(one["data"]) == {"id"} for one in raised)
    return [(one["event"], one["data"]["id"]) for one in raised]


def test_a_customer_made_offline_arrives_later_than_it_was_made_with_its_parts(
    standin: WizCommerceStandIn, client: httpx.Client
) -> None:
    made_at = (datetime.now(UTC) - timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    address = {"type": "shipping", "address_line_1": "9 Fair Ave", "city": "High Point"}

    shop = hand(client, "add-customer", name="Fair Shop", created_at=made_at, addresses=[address], contacts=[{}])

    assert (shop["created_at"], shop["reference_id"]) == (made_at, None)
    assert datetime.fromisoformat(shop["updated_at"]) > datetime.fromisoformat(made_at) + timedelta(hours=4)
    assert shop["assigned_sales_reps"] and shop["assigned_price_list"]
    assert events(standin) == [
        ("customer.created", shop["id"]),
        ("customer.address.created", shop["addresses"][0]["id"]),
        ("customer.contact.created", shop["contacts"][0]["id"]),
    ]
    assert client.get(f"/v1/customers/{shop['id']}").json()["data"] == shop


def test_a_customer_is_edited_made_inactive_and_active_again_as_the_same_record(
    standin: WizCommerceStandIn, client: httpx.Client
) -> None:
    bloom = customer_id(client)

    assert hand(client, "edit-customer", customer="Bloom & Co", payment_term="COD")["payment_term"] == "COD"
    assert hand(client, "deactivate-customer", customer=bloom)["status"] == "inactive"
    assert seen(client, "/v1/customers") == []
    assert hand(client, "reactivate-customer", customer=bloom)["status"] == "active"
    assert [one["id"] for one in seen(client, "/v1/customers")] == [bloom]
    assert hand(client, "delete-customer", customer=bloom)["status"] == "inactive"
    switched(client, **{"A-43": "404"})
    assert client.get(f"/v1/customers/{bloom}").status_code == 404
    hand(client, "reactivate-customer", customer=bloom)
    assert seen(client, f"/v1/customers/{bloom}")["status"] == "active"

    names = ["updated", "updated", "updated", "deleted", "updated"]
    assert events(standin) == [(f"customer.{name}", bloom) for name in names]


@pytest.mark.parametrize(("noun", "key"), [("address", "addresses"), ("contact", "contacts")])
def test_an_address_or_contact_is_added_edited_and_deleted(
    standin: WizCommerceStandIn, client: httpx.Client, noun: str, key: str
) -> None:
    path = f"/v1/customers/{customer_id(client)}"
    [first] = seen(client, path)[key]

    added = hand(client, f"add-{noun}", customer="Bloom & Co", last_name="Nachname", is_default=True)[key][1]
    edited = hand(client, f"edit-{noun}", customer="Bloom & Co", **{noun: first["reference_id"]}, phone="+14155550100")
    hand(client, f"delete-{noun}", customer="Bloom & Co", **{noun: added["id"]})

    assert (added["last_name"], added["is_default"], added["reference_id"]) == ("Nachname", True, None)
    assert edited[key][0] == {**first, "phone": "+14155550100", "updated_at": edited[key][0]["updated_at"]}
    assert [one["status"] for one in seen(client, path)[key]] == ["active", "inactive"]
    assert events(standin) == [
        (f"customer.{noun}.created", added["id"]),
        (f"customer.{noun}.updated", first["id"]),
        (f"customer.{noun}.deleted", added["id"]),
    ]


def test_a_rep_who_changes_e_mail_becomes_another_rep_and_takes_the_customers_along(
    standin: WizCommerceStandIn, client: httpx.Client
) -> None:
    north = hand(client, "add-rep", email="north@example.com", first_name="Nord")
    hand(client, "assign-rep", customer="Bloom & Co", rep="north@example.com")
    standin.seed({"customers": [{"name": "Other"}]})
    bloom = seen(client, "/v1/customers", reference_ids="C-1")[0]["id"]
    standin.outbox.clear()

    new = hand(client, "replace-rep", rep="north@example.com", email="nord@example.com")

    assert (new["first_name"], new["status"]) == ("Nord", "active") and new["id"] != north["id"]
    [old] = seen(client, "/v1/sales-reps", status="inactive")
    assert (old["id"], old["email"]) == (north["id"], "north@example.com")
    assert [one["id"] for one in seen(client, f"/v1/customers/{bloom}")["assigned_sales_reps"]] == [new["id"]]
    assert events(standin) == [("customer.updated", bloom)]
    hand(client, "reactivate-rep", rep=old["id"])
    assert seen(client, "/v1/sales-reps", status="inactive") == []
    assert [one["id"] for one in seen(client, f"/v1/customers/{bloom}")["assigned_sales_reps"]] == [new["id"]]


def test_the_customers_of_a_rep_who_leaves_go_to_the_one_who_is_named(client: httpx.Client) -> None:
    hand(client, "add-rep", email="north@example.com")

    gone = hand(client, "deactivate-rep", rep="house@example.com", to="north@example.com")

    assert gone["status"] == "inactive"
    [rep] = seen(client, f"/v1/customers/{customer_id(client)}")["assigned_sales_reps"]
    assert rep["email"] == "north@example.com"


def test_writes_through_the_api_raise_the_events_of_every_part_unless_echoes_are_off(
    standin: WizCommerceStandIn, client: httpx.Client
) -> None:
    address = {"reference_id": "A-9", "type": "billing", "address_line_1": "9 Elm St", "city": "Dallas"}

    made = client.post("/v1/customers", json=new_customer(client, addresses=[address])).json()["data"]
    path, [first] = f"/v1/customers/{made['id']}", made["addresses"]
    own = f"{path}/addresses/{first['id']}"
    second = {**address, "reference_id": "A-10"}
    sent = {"addresses": [{"id": first["id"], "city": "Waco"}, second]}
    patched = client.patch(path, json=sent).json()["data"]
    client.put(own, json=address).raise_for_status()
    client.delete(own).raise_for_status()
    client.delete(path).raise_for_status()

    assert events(standin) == [
        ("customer.created", made["id"]),
        ("customer.address.created", first["id"]),
        ("customer.updated", made["id"]),
        ("customer.address.updated", first["id"]),
        ("customer.address.created", patched["addresses"][1]["id"]),
        ("customer.address.updated", first["id"]),
        ("customer.address.deleted", first["id"]),
        ("customer.deleted", made["id"]),
    ]
    switched(client, **{"A-15": False})
    client.put(own, json=address).raise_for_status()
    client.patch(path, json={"phone": "+14155550100"}).raise_for_status()
    assert events(standin) == []
    standin.by_hand("edit-customer", customer=made["id"], phone="+14155550101")
    assert events(standin) == [("customer.updated", made["id"])]


@pytest.mark.parametrize(
    ("verb", "body", "sentence"),
    [
        ("delete-customer", {}, "needs 'customer'"),
        ("delete-customer", {"customer": "Nobody"}, "no customer called 'Nobody'"),
        ("deactivate-customer", {"customer": "Bloom & Co", "why": "x"}, "takes only customer"),
        ("add-address", {"customer": "Bloom & Co", "street": "x"}, "no field 'street'"),
        ("edit-address", {"customer": "Bloom & Co"}, "needs 'address'"),
        ("edit-contact", {"customer": "Bloom & Co", "contact": "K-7"}, "has no contact 'K-7'"),
        ("edit-contact", {"customer": "Bloom & Co", "contact": "K-1", "created_at": "today"}, "created_at must be"),
        ("assign-rep", {"customer": "Bloom & Co", "rep": "nobody@example.com"}, "no sales rep"),
        ("deactivate-rep", {"rep": "house@example.com", "to": "house@example.com"}, "to another one"),
        ("deactivate-rep", {"rep": "house@example.com"}, "needs 'to'"),
        ("replace-rep", {"rep": "house@example.com", "email": "house@example.com"}, "already"),
        ("add-rep", {"email": "x@example.com", "id": "7"}, "no field 'id'"),
    ],
)
def test_a_movement_that_cannot_be_made_gets_a_sentence(
    standin: WizCommerceStandIn, client: httpx.Client, verb: str, body: Any, sentence: str
) -> None:
    answer = client.post(f"/_standin/hands/{verb}", json=body)

    assert answer.status_code == 400
    assert sentence in answer.json()["error"]
    assert events(standin) == []
