"""What the WizCommerce stand-in promises, over real HTTP: custom attributes, defined and given values."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from adapters.wizcommerce.standin import WizCommerceStandIn
from tests.adapters.stand_ins import customer_id, fields_refused, new_customer, seen, switched

TYPE = {
    "entity": "customer",
    "name": "Customer Type",
    "data_type": "select",
    "configuration": {
        "options": [{"label": "Retail", "value": "retail"}, {"label": "Trade", "value": "trade"}],
        "default_value": "retail",
        "show_label": True,
    },
    "priority": 1,
}
RETAIL = {"name": "Customer Type", "value": "retail"}


def define(client: httpx.Client, **definition: Any) -> dict[str, Any]:
    answer = client.post("/v1/attributes", json=definition)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


def valued(client: httpx.Client, *values: dict[str, Any]) -> httpx.Response:
    return client.patch(f"/v1/customers/{customer_id(client)}", json={"attributes": list(values)})


def test_a_definition_is_made_listed_and_found_by_its_entity(standin: WizCommerceStandIn, client: httpx.Client) -> None:
    made = define(client, **TYPE)
    standin.seed({"attributes": [{"entity": "product", "name": "Colour"}]})
    define(client, entity="address", name="Dock", data_type="checkbox")

    assert set(made) == {"id", "name", "entity", "data_type", "options", "created_at", "updated_at"}
    assert made["options"] == ["retail", "trade"]
    assert seen(client, "/v1/attributes", entity="customer") == [made]
    assert {one["name"] for one in seen(client, "/v1/attributes")} == {"Customer Type", "Dock", "Colour"}
    assert seen(client, "/v1/attributes", entity="order") == []
    assert fields_refused(client.get("/v1/attributes?entity=invoice")) == ["entity"]
    assert fields_refused(client.get("/v1/attributes?name=Dock")) == ["name"]
    assert client.get(f"/v1/attributes/{made['id']}").status_code == 404
    nameless = client.post("/_standin/seed", json={"attributes": [{"entity": "product"}]})
    assert "needs a name" in nameless.json()["error"]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"entity": "invoice"}, ["entity"]),
        ({"data_type": "money"}, ["data_type"]),
        ({"name": ""}, ["name"]),
        ({"configuration": {}}, ["configuration.options"]),
        ({"configuration": {"options": [{"label": "x"}]}}, ["configuration.options[0].value"]),
        ({"configuration": {"options": ["x"]}}, ["configuration.options[0]"]),
        ({"options": ["x"]}, ["options"]),
        ({"is_mandatory": "yes"}, ["is_mandatory"]),
        ({"priority": "1"}, ["priority"]),
    ],
)
def test_a_definition_that_is_not_as_documented_is_refused_by_name(
    client: httpx.Client, changes: dict[str, Any], fields: list[str]
) -> None:
    assert fields_refused(client.post("/v1/attributes", json={**TYPE, **changes})) == fields


def test_a_name_is_given_once_for_each_entity(client: httpx.Client) -> None:
    assert fields_refused(client.post("/v1/attributes", json={})) == ["entity", "name", "data_type"]
    define(client, **TYPE)

    assert fields_refused(client.post("/v1/attributes", json=TYPE)) == ["name"]
    assert define(client, **{**TYPE, "entity": "order"})["entity"] == "order"


def test_a_value_needs_a_definition_unless_the_switch_says_otherwise(client: httpx.Client) -> None:
    define(client, **{**TYPE, "entity": "contact"})

    assert fields_refused(valued(client, RETAIL)) == ["attributes[0].name"]
    switched(client, **{"A-33": "accepted"})
    assert valued(client, RETAIL).json()["data"]["attributes"] == [RETAIL]


@pytest.mark.parametrize(
    ("data_type", "good", "bad"),
    [
        ("text", ["x", ""], [5, True, ["x"]]),
        ("number", [5, 2.5, "2.5"], ["much", True, ["5"]]),
        ("percentage", [10, "12.5"], ["10 %"]),
        ("long_text", ["x" * 5000], [5]),
        ("date_only", ["2026-01-05"], ["2026-01-05T10:00:00Z", "today", 5]),
        ("email", ["ap@acme.example"], ["ap"]),
        ("checkbox", [True, "false"], ["yes", 1]),
        ("file", ["f-1"], [1]),
        ("phone_e164", ["+14155550100"], ["555-0100"]),
        ("select", ["retail"], ["Retail", "wholesale", ["retail"]]),
        ("multi_select", [["retail", "trade"], []], ["retail", ["wholesale"]]),
        ("url", ["https://acme.example/x"], ["acme.example"]),
        ("html", ["<b>x</b>"], [5]),
    ],
)
def test_a_value_must_fit_the_type_of_its_definition(
    client: httpx.Client, data_type: str, good: list[Any], bad: list[Any]
) -> None:
    define(client, **{**TYPE, "data_type": data_type})

    for value in good:
        answer = valued(client, {**RETAIL, "value": value})
        assert answer.status_code == 201, value
        assert answer.json()["data"]["attributes"] == [{**RETAIL, "value": value}]
    for value in bad:
        [field] = fields_refused(valued(client, {**RETAIL, "value": value}))
        assert field.startswith("attributes[0].value")
    assert fields_refused(valued(client, {**RETAIL, "value": None})) == ["attributes[0].value"]


def test_a_value_is_named_by_label_or_by_id(standin: WizCommerceStandIn, client: httpx.Client) -> None:
    definition = define(client, **TYPE)
    by_id = {**RETAIL, "name": definition["id"]}
    assert fields_refused(valued(client, by_id)) == ["attributes[0].name"]
    assert valued(client, RETAIL).json()["data"]["attributes"] == [RETAIL]

    switched(client, **{"A-34": "id"})

    assert seen(client, f"/v1/customers/{customer_id(client)}")["attributes"] == [by_id]
    assert standin.customers()[0]["attributes"] == [by_id]
    assert fields_refused(valued(client, RETAIL)) == ["attributes[0].name"]
    assert valued(client, {**by_id, "value": "trade"}).json()["data"]["attributes"] == [{**by_id, "value": "trade"}]


def test_a_patch_of_attributes_replaces_them_all_or_only_those_it_names(client: httpx.Client) -> None:
    define(client, **TYPE)
    define(client, entity="customer", name="Resale No.", data_type="text")
    resale = {"name": "Resale No.", "value": "TX-1"}
    assert valued(client, RETAIL, resale).status_code == 201

    assert valued(client, {**RETAIL, "value": "trade"}).json()["data"]["attributes"] == [{**RETAIL, "value": "trade"}]
    switched(client, patched_attributes="merged")
    assert valued(client, resale).json()["data"]["attributes"] == [{**RETAIL, "value": "trade"}, resale]
    assert valued(client, RETAIL).json()["data"]["attributes"] == [resale, RETAIL]
    assert fields_refused(valued(client, RETAIL, RETAIL)) == ["attributes[1].name"]


def test_a_mandatory_attribute_must_be_there_when_a_record_is_made(client: httpx.Client) -> None:
    define(client, **TYPE, is_mandatory=True)
    define(client, entity="contact", name="Role", data_type="text", is_mandatory=True)
    contact = {"reference_id": "K-9", "first_name": "Vorname", "email": "k9@acme.example"}
    contacts = f"/v1/customers/{customer_id(client)}/contacts"
    whole = {**contact, "attributes": [{"name": "Role", "value": "Buyer"}]}

    assert fields_refused(client.post("/v1/customers", json=new_customer(client))) == ["attributes"]
    sent = new_customer(client, attributes=[RETAIL], contacts=[contact])
    assert fields_refused(client.post("/v1/customers", json=sent)) == ["contacts[0].attributes"]
    assert fields_refused(client.post(contacts, json=contact)) == ["attributes"]
    assert client.post(contacts, json=whole).json()["data"]["attributes"] == whole["attributes"]
    assert client.patch(f"/v1/customers/{customer_id(client)}", json={"phone": "+14155550100"}).status_code == 201
    switched(client, mandatory_attributes=False)
    assert client.post("/v1/customers", json=new_customer(client)).status_code == 201


def test_the_values_of_an_address_are_records_of_their_own(client: httpx.Client) -> None:
    define(client, entity="address", name="Dock", data_type="checkbox")
    path = f"/v1/customers/{customer_id(client)}/addresses"
    body = {"reference_id": "A-9", "type": "shipping", "address_line_1": "9 Elm St", "city": "Dallas"}

    made = client.post(path, json={**body, "attributes": [{"name": "Dock", "value": True}]}).json()["data"]

    [value] = made["attributes"]
    assert set(value) == {"id", "name", "value", "created_by", "updated_by", "created_at", "updated_at"}
    assert (value["name"], value["value"]) == ("Dock", True)
    assert client.put(f"{path}/{made['id']}", json=body).json()["data"]["attributes"] == []
    wrong = {**body, "reference_id": "A-10", "attributes": [{"name": "Dock", "value": "maybe"}]}
    assert fields_refused(client.post(path, json=wrong)) == ["attributes[0].value"]
    assert fields_refused(valued(client, {"name": "Dock", "value": True})) == ["attributes[0].name"]
