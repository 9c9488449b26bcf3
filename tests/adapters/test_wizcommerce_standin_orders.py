"""What the WizCommerce stand-in promises, over real HTTP: orders, a seller's hands, seeds, the call log, faults."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapters.standin.control import ControlRefused
from adapters.standin.server import RunningStandIn
from adapters.wizcommerce.standin import WizCommerceStandIn
from tests.adapters.stand_ins import BLOOM, VASE

LINE = {"sku": "VASE-01", "quantity": 4, "unit_price": 25}


def customer_id(client: httpx.Client) -> str:
    return str(client.get("/v1/customers").json()["data"][0]["id"])


def new_order(client: httpx.Client, **changes: Any) -> dict[str, Any]:
    return {
        "reference_id": "QBO-EST-1001",
        "customer_id": customer_id(client),
        "amount": 100,
        "payment_status": "PENDING",
        "fulfillment_status": "UNFULFILLED",
        "created_at": "2026-01-05T10:00:00Z",
        "updated_at": "2026-01-05T10:00:01Z",
        "line_items": [LINE],
        **changes,
    }


def fields_refused(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 400
    assert answer.json()["code"] and answer.json()["message"]
    return [one["field"] for one in answer.json()["details"]]


# Orders


def test_an_order_is_created_and_reads_back_with_every_documented_field(client: httpx.Client) -> None:
    address = {"address_line_1": "9 Fair Ave", "city": "High Point", "type": "shipping", "reference_id": "ONE-OFF"}
    sent = new_order(client, shipping_charge=12.5, discount_value=10, po_number="PO-77", shipping_address=address)

    answer = client.post("/v2/orders", json=sent)

    made = answer.json()["data"]
    assert answer.status_code == 201
    assert set(made) == {
        *("id", "reference_id", "display_id", "customer_id", "status", "amount", "discount_value", "tax_value"),
        *("shipping_charge", "amount_paid", "payment_status", "fulfillment_status", "payment_method_id"),
        *("payment_method", "payment_term", "shipping_method", "freight_term", "shipment_date", "due_date"),
        *("customer_note", "internal_note", "po_number", "source", "price_list_id", "billing_address"),
        *("shipping_address", "primary_contact", "container_info", "customer_consent", "line_items", "charges"),
        *("attributes", "created_at", "updated_at", "customer_reference_id", "customer_name", "card"),
    }
    assert (made["status"], made["source"], made["due_date"]) == ("confirmed", "openapi", None)
    assert (made["customer_name"], made["customer_reference_id"]) == ("Bloom & Co", "C-1")
    assert set(made["line_items"][0]) == {
        *("product_id", "sku", "quantity", "unit_price", "shipped_quantity", "invoiced_quantity"),
        *("cancelled_quantity", "picked_quantity", "discount", "discount_type", "note", "is_adhoc"),
    }
    assert made["line_items"][0]["product_id"] == client.get("/v1/products").json()["data"][0]["id"]
    assert made["shipping_address"]["reference_id"] == "ONE-OFF"
    assert client.get(f"/v2/orders/{made['id']}").json()["data"] == made


def test_v1_orders_leave_out_what_v2_adds(standin: WizCommerceStandIn, client: httpx.Client) -> None:
    made = standin.confirm_order("WC-1001", customer="Bloom & Co", lines=[("VASE-01", 4, "25.00")])

    first = client.get(f"/v1/orders/{made['id']}").json()["data"]
    second = client.get(f"/v2/orders/{made['id']}").json()["data"]

    assert set(second) - set(first) == {"customer_reference_id", "customer_name", "card"}
    assert set(second["billing_address"]) - set(first["billing_address"]) == {"reference_id", "attributes"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "100"}, "amount"),
        ({"amount": True}, "amount"),
        ({"status": "cancelled"}, "status"),
        ({"payment_status": "paid"}, "payment_status"),
        ({"updated_at": "2026-01-05T10:00:00Z"}, "updated_at"),
        ({"due_date": "2026-01-05"}, "due_date"),
        ({"due_date": "2025-01-05T00:00:00Z"}, "due_date"),
        ({"customer_note": "x" * 256}, "customer_note"),
        ({"customer_id": "4b7a1a3e-0c4c-4a8b-9a83-0a1c36a0f0aa"}, "customer_id"),
        ({"customer_id": "Bloom & Co"}, "customer_id"),
        ({"line_items": {"sku": "VASE-01"}}, "line_items"),
        ({"line_items": [{**LINE, "quantity": "4"}]}, "line_items[0].quantity"),
        ({"line_items": [LINE, {"sku": "NONE", "quantity": 1, "unit_price": 1}]}, "line_items[1].sku"),
        ({"line_items": [{**LINE, "id": "1"}]}, "line_items[0].id"),
        ({"currency": "USD"}, "currency"),
        ({"price_list_id": "x"}, "price_list_id"),
    ],
)
def test_an_order_that_is_not_as_documented_is_refused_by_name(
    client: httpx.Client, changes: dict[str, Any], field: str
) -> None:
    assert fields_refused(client.post("/v1/orders", json=new_order(client, **changes))) == [field]


def test_a_put_erases_what_it_does_not_name(client: httpx.Client) -> None:
    made = client.post("/v1/orders", json=new_order(client, po_number="PO-77")).json()["data"]

    answer = client.put(f"/v1/orders/{made['id']}", json=new_order(client, customer_note="Ring twice"))

    after = answer.json()["data"]
    assert answer.status_code == 201
    assert (after["po_number"], after["customer_note"]) == (None, "Ring twice")
    assert (after["id"], after["display_id"]) == (made["id"], made["display_id"])
    assert "customer_id" in fields_refused(client.put(f"/v1/orders/{made['id']}", json={"po_number": "PO-78"}))


def test_a_status_moves_only_forwards(client: httpx.Client) -> None:
    made = client.post("/v1/orders", json=new_order(client, status="draft")).json()["data"]
    path = f"/v2/orders/{made['id']}/status"

    for status in ("confirmed", "confirmed", "cancelled"):
        answer = client.patch(path, json={"status": status})
        assert (answer.status_code, answer.json()["data"]["status"]) == (200, status)

    assert fields_refused(client.patch(path, json={"status": "confirmed"})) == ["status"]
    assert fields_refused(client.patch(path, json={})) == ["status"]
    assert fields_refused(client.patch(path, json={"status": "shipped"})) == ["status"]


def test_what_is_not_there_is_not_found(client: httpx.Client) -> None:
    nobody = "4b7a1a3e-0c4c-4a8b-9a83-0a1c36a0f0aa"
    for path in (f"/v1/orders/{nobody}", f"/v1/customers/{nobody}", f"/v1/products/{nobody}", "/v1/nonsense"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert client.put(f"/v1/orders/{nobody}", json={}).status_code == 404
    assert client.delete("/v1/customers").status_code == 404


def test_a_body_that_is_not_json_is_refused(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}

    assert client.post("/v1/orders", content=b"{", headers=headers).status_code == 400
    assert client.post("/v1/orders", content=b"[]", headers=headers).status_code == 400
    assert client.post("/v1/orders", content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 400


def test_money_is_a_json_number_with_the_digits_it_was_given(standin: WizCommerceStandIn, client: httpx.Client) -> None:
    made = standin.confirm_order("WC-1", customer="Bloom & Co", lines=[("VASE-01", 3, "0.10"), ("VASE-01", 1, 1200)])

    text = client.get(f"/v2/orders/{made['id']}").text

    assert '"amount":1200.3,' in text
    assert '"unit_price":0.1,' in text and '"unit_price":1200,' in text


# Hands and seeds


def test_an_order_made_offline_arrives_late_with_its_customer(
    standin: WizCommerceStandIn, running: RunningStandIn
) -> None:
    made_at = datetime.now(UTC) - timedelta(hours=5)
    running.call_in_loop(standin.add_customer, "Fair Shop", created_at=made_at)

    order = running.call_in_loop(standin.confirm_order, "WC-9", "Fair Shop", [("VASE-01", 1, 5)], created_at=made_at)

    assert order["created_at"] == made_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert datetime.fromisoformat(order["updated_at"]) > made_at + timedelta(hours=4)


def test_an_order_takes_its_totals_from_its_lines_and_its_snapshots_from_the_customer(
    standin: WizCommerceStandIn, client: httpx.Client
) -> None:
    order = standin.confirm_order(
        "WC-1001", customer="Bloom & Co", lines=[("VASE-01", 4, "25.00"), {**LINE, "note": "Blue"}], tax_value="8.25"
    )

    assert (order["amount"], order["tax_value"], order["payment_term"]) == (Decimal(200), Decimal("8.25"), "Net 30")
    assert (order["billing_address"]["city"], order["shipping_address"]) == ("Austin", None)
    assert order["primary_contact"]["first_name"] == "Vorname"
    client.patch(f"/v1/customers/{order['customer_id']}", json={"payment_term": "COD"}).raise_for_status()
    assert standin.orders()[0]["payment_term"] == "Net 30"
    edited = standin.edit_order("WC-1001", lines=[("VASE-01", 1, "25.00")])
    assert (edited["amount"], len(edited["line_items"])) == (25, 1)


def test_a_seed_may_hold_what_the_api_would_refuse(standin: WizCommerceStandIn, client: httpx.Client) -> None:
    odd = {
        "display_id": "WC-ODD",
        "customer_id": "nobody",
        "status": "on_hold",
        "line_items": [{"sku": "NONE", "quantity": -1, "unit_price": "2.50"}],
    }

    [order_id] = standin.seed({"orders": [odd], "tenant": {"currency": "XXX"}})["orders"]

    order = client.get(f"/v2/orders/{order_id}").json()["data"]
    assert (order["status"], order["amount"], order["customer_name"]) == ("on_hold", -2.5, None)
    assert order["line_items"][0]["product_id"] is None


def test_equal_seeds_give_equal_ids() -> None:
    first, second = WizCommerceStandIn(), WizCommerceStandIn()

    assert first.seed({"products": [VASE], "customers": [BLOOM]}) == second.seed(
        {"products": [VASE], "customers": [BLOOM]}
    )
    assert first.state.tenant == second.state.tenant


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("seed", {"warehouses": []}, "A seed has no 'warehouses'"),
        ("seed", {"orders": [{"total": 5}]}, "no field 'total' in an order"),
        ("seed", {"orders": [{"created_at": "today"}]}, "created_at must be"),
        ("seed", {"orders": [{"amount": "much"}]}, "amount must be"),
        ("seed", {"customers": [{}]}, "needs a name"),
        ("hands/wave", {}, "no hand movement 'wave'"),
        ("hands/confirm-order", {}, "needs 'display_id'"),
        ("hands/confirm-order", {"display_id": "WC-1"}, "for which customer"),
        ("hands/confirm-order", {"display_id": "WC-1", "customer": "Nobody"}, "no customer called 'Nobody'"),
        ("hands/confirm-order", {"display_id": "WC-1", "customer": ["x"]}, "as text"),
        ("hands/confirm-order", {"display_id": "WC-1", "customer": "Bloom & Co", "lines": [1]}, "order line"),
        ("hands/draft-order", {"display_id": "WC-1", "customer": "Bloom & Co", "lines": 5}, "are a list"),
        ("hands/edit-order", {"display_id": "WC-1"}, "no order 'WC-1'"),
        ("hands/cancel-order", {"display_id": "WC-1", "why": "x"}, "takes only display_id"),
        ("hands/add-customer", {"name": "X", "colour": "red"}, "no field 'colour'"),
        ("webhooks", {"url": "ftp://x"}, "must begin with"),
        ("webhooks", {"url": "http://x", "mode": "none"}, "cannot be taken"),
        ("switches", {"fractional_digits": 2}, "cannot take"),
        ("switches", {"a02_calls_per_second": -1}, "cannot take"),
        ("faults", {"kind": "stale-5010"}, "no fault kind"),
    ],
)
def test_what_the_control_address_cannot_do_gets_a_sentence(
    client: httpx.Client, path: str, body: dict[str, Any], sentence: str
) -> None:
    answer = client.post(f"/_standin/{path}", json=body)

    assert answer.status_code == 400
    assert sentence in answer.json()["error"]


def test_a_reset_leaves_an_empty_tenant_and_a_valid_token(standin: WizCommerceStandIn, client: httpx.Client) -> None:
    standin.confirm_order("WC-1", customer="Bloom & Co")
    client.post("/_standin/reset").raise_for_status()

    assert client.get("/v1/customers").json()["data"] == []
    assert client.get("/_standin/state").json()["orders"] == []
    with pytest.raises(ControlRefused, match="Bloom"):
        standin.confirm_order("WC-1", customer="Bloom & Co")


# Call log and faults


def test_every_call_is_logged_under_the_name_of_its_operation(
    standin: WizCommerceStandIn, client: httpx.Client
) -> None:
    made = client.post("/v2/orders", json=new_order(client)).json()["data"]
    client.get(f"/v2/orders/{made['id']}")
    client.patch(f"/v1/orders/{made['id']}/status", json={"status": "lost"})

    logged = [(one.operation, one.status, one.outcome, one.metering) for one in standin.calls.all()]

    assert logged == [
        ("list customers", 200, "done", "call"),
        ("create order", 201, "done", "call"),
        ("read order", 200, "done", "call"),
        ("change order status", 400, "refused", "call"),
    ]


def test_faults_strike_before_or_after_the_order_is_kept(standin: WizCommerceStandIn, client: httpx.Client) -> None:
    body = new_order(client)
    faults = [
        {"kind": "reset-before", "operation": "create order"},
        {"kind": "status", "status": 503, "operation": "create order"},
        {"kind": "timeout-after", "operation": "create order"},
    ]
    client.post("/_standin/faults", json=faults).raise_for_status()

    with pytest.raises(httpx.ReadError):
        client.post("/v1/orders", json=body)
    assert client.post("/v1/orders", json=body).status_code == 503
    assert standin.orders() == []
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/v1/orders", json=body)
    assert [one["reference_id"] for one in standin.orders()] == ["QBO-EST-1001"]
    assert [one.outcome for one in standin.calls.all()][1:] == ["reset", "fault:status", "fault:timeout-after"]
