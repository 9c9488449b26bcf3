"""Invoices, shipments and the money of orders at the WizCommerce stand-in. Reference: 1.5, 3.6; A-18 to A-26, A-43 to A-51."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapters.standin.control import ControlRefused
from adapters.standin.server import RunningStandIn
from adapters.wizcommerce.standin import WizCommerceStandIn
from adapters.wizcommerce.translate import order_from_body
from tests.adapters.test_wizcommerce_standin_goods import STOCK, by_hand, data, wrong

Wire = dict[str, Any]


@pytest.fixture
def order(standin: WizCommerceStandIn) -> Wire:
    """Two lines of one SKU, 6 vases for 150.00 in all."""
    [id] = standin.seed(
        {
            "orders": [
                {
                    "display_id": "WC-1",
                    "reference_id": "O-1",
                    "customer_name": "Bloom & Co",
                    "created_at": "2026-01-05T10:00:00Z",
                    "line_items": [["VASE-01", 4, 25], ["VASE-01", 2, 25]],
                }
            ]
        }
    )["orders"]
    return standin.state.orders[id]


def invoice(order: Wire, **more: Any) -> Wire:
    return {
        "reference_id": "I-1",
        "order_id": order["id"],
        "invoice_number": "1001",
        "total_amount": 150,
        "paid_amount": 0,
        "status": "PENDING",
        "due_date": "2026-02-05T00:00:00Z",
        "items": [{"sku": "VASE-01", "quantity": 5, "amount": 125}],
        **more,
    }


def test_an_invoice_belongs_to_an_order_and_is_changed_by_what_is_sent(client: httpx.Client, order: Wire) -> None:
    made = data(client.post("/v1/invoices", json=invoice(order)), 201)
    assert (made["items"][0]["name"], made["items"][0]["item_total"]) == ("Vase", 125)
    assert set(made["items"][0]) == {"id", "reference_id", "product_id", "name", "quantity", "amount", "item_total"}
    path = f"/v1/invoices/{made['id']}"
    paid = data(client.patch(path, json={"status": "PAID", "paid_amount": 150}))
    assert (paid["status"], paid["invoice_number"], len(paid["items"])) == ("PAID", "1001", 1)
    assert data(client.patch(path, json={"items": []}))["items"] == []
    listed = {one: data(client.get(f"/v1/invoices?status={one}")) for one in ("PAID", "UNPAID")}
    assert [len(rows) for rows in listed.values()] == [1, 0]
    assert [one["id"] for one in data(client.get("/v1/invoices?reference_ids=I-1,I-2"))] == [made["id"]]
    assert client.delete(path).status_code == 204
    assert data(client.get(path))["status"] == "inactive"


def test_a_wrong_invoice_is_refused_with_its_fields(client: httpx.Client, order: Wire) -> None:
    bare = {"order_id": order["id"]}
    assert set(wrong(client.post("/v1/invoices", json=bare))) == {
        *("reference_id", "invoice_number", "total_amount", "paid_amount", "status", "due_date")
    }
    wrongs = {
        "order_id": invoice(order, order_id="nowhere"),
        "status": invoice(order, status="UNPAID"),
        "items[0].sku": invoice(order, items=[{"sku": "x", "quantity": 1}]),
        "updated_at": invoice(order, created_at="2026-02-01T00:00:00Z", updated_at="2026-01-01T00:00:00Z"),
    }
    for field, body in wrongs.items():
        assert wrong(client.post("/v1/invoices", json=body)) == [field]
    data(client.post("/v1/invoices", json=invoice(order)), 201)
    assert wrong(client.post("/v1/invoices", json=invoice(order))) == ["reference_id"]


@pytest.mark.parametrize(
    ("policy", "by_id", "by_reference"), [("id", 201, 400), ("reference", 400, 201), ("either", 201, 201)]
)
def test_an_order_is_named_by_id_or_reference(
    client: httpx.Client, standin: WizCommerceStandIn, order: Wire, policy: Any, by_id: int, by_reference: int
) -> None:
    standin.switches.a26_order_named_by = policy
    answers = [
        client.post("/v1/invoices", json=invoice(order, reference_id=name, order_id=name)).status_code
        for name in (order["id"], "O-1")
    ]
    assert answers == [by_id, by_reference]


@pytest.mark.parametrize(("policy", "taken"), [("newer", "PENDING"), ("older", "UNPAID")])
def test_the_statuses_of_invoices_have_changed_over_time(
    client: httpx.Client, standin: WizCommerceStandIn, order: Wire, policy: Any, taken: str
) -> None:
    other = {"PENDING": "UNPAID", "UNPAID": "PENDING"}[taken]
    standin.switches.a48_invoice_statuses = policy
    assert wrong(client.post("/v1/invoices", json=invoice(order, status=other))) == ["status"]
    made = data(client.post("/v1/invoices", json=invoice(order, status=taken)), 201)
    assert wrong(client.patch(f"/v1/invoices/{made['id']}", json={"status": other})) == ["status"]
    standin.switches.a48_invoice_statuses = "both"
    assert data(client.patch(f"/v1/invoices/{made['id']}", json={"status": other}))["status"] == other


def shipment(order: Wire, **more: Any) -> Wire:
    items = [{"product_id": order["line_items"][0]["product_id"], "quantity": 5}]
    body = {"reference_id": "S-1", "order_id": order["id"], "shipment_status": "shipped", "name": "First"}
    return {**body, "shipment_items": items, **more}


def test_a_shipment_is_changed_with_its_name_and_loses_its_items_by_an_empty_list(
    client: httpx.Client, order: Wire
) -> None:
    made = data(client.post("/v1/shipments", json=shipment(order, shipment_status="fulfilled")), 201)
    assert made["shipment_items"][0]["sku_id"] == "VASE-01" and "product_id" not in made["shipment_items"][0]
    path = f"/v1/shipments/{made['id']}"
    tracking = {"tracking_number": "1Z", "delivery_partner": "UPS"}
    assert wrong(client.patch(path, json={"tracking_info": tracking})) == ["name"]
    later = data(client.patch(path, json={"name": "First", "tracking_info": tracking}), 201)
    assert (later["tracking_info"], len(later["shipment_items"])) == (tracking, 1)
    assert data(client.patch(path, json={"name": "First", "shipment_items": []}), 201)["shipment_items"] == []
    assert wrong(client.patch(path, json={"name": "First", "shipment_status": "fulfilled"})) == ["shipment_status"]
    assert wrong(
        client.post(
            "/v1/shipments",
            json=shipment(
                order,
                reference_id="S-2",
                shipment_items=[{"product_id": "00000000-0000-0000-0000-000000000000", "quantity": 1}],
            ),
        )
    ) == ["shipment_items[0].product_id"]
    assert data(client.get("/v1/shipments?shipment_status=created")) == []
    assert [one["id"] for one in data(client.get("/v1/shipments?shipment_status=fulfilled"))] == [made["id"]]


def test_shipments_may_be_written_in_camel_case(client: httpx.Client, standin: WizCommerceStandIn, order: Wire) -> None:
    standin.switches.a45_shipment_names = "camel"
    product = order["line_items"][0]["product_id"]
    body = {"referenceId": "S-1", "orderId": order["id"], "shipmentStatus": "shipped", "name": "First"}
    made = data(
        client.post("/v1/shipments", json={**body, "shipmentItems": [{"productId": product, "quantity": 1}]}), 201
    )
    assert made["shipmentItems"][0]["skuId"] == "VASE-01"
    assert "reference_id" in wrong(client.post("/v1/shipments", json=shipment(order)))


def test_documents_move_the_progress_of_lines_and_the_stock_only_where_switches_say_so(
    client: httpx.Client, standin: WizCommerceStandIn, order: Wire
) -> None:
    client.post("/v1/inventories", json={**STOCK, "reserved_quantity": 6, "in_stock_quantity": 10})
    path = f"/v1/orders/{order['id']}"

    def counters(name: str) -> list[int]:
        return [one[name] for one in data(client.get(path))["line_items"]]

    data(client.post("/v1/invoices", json=invoice(order)), 201)
    assert counters("invoiced_quantity") == [0, 0]
    standin.switches.documents_move_counters = "all"
    standin.switches.a31_stock_leaves_at = "shipment"
    data(client.post("/v1/invoices", json=invoice(order, reference_id="I-2")), 201)
    assert counters("invoiced_quantity") == [4, 1]
    data(client.post("/v1/shipments", json=shipment(order, shipment_status="created")), 201)
    assert counters("shipped_quantity") == [0, 0]
    data(client.post("/v1/shipments", json=shipment(order, reference_id="S-2")), 201)
    assert counters("shipped_quantity") == [4, 1]
    assert data(client.get(path))["fulfillment_status"] == "PARTIALLY_FULFILLED"
    [stock] = data(client.get("/v1/inventories"))
    assert (stock["in_stock_quantity"], stock["reserved_quantity"], stock["available_quantity"]) == (5, 6, 2)
    data(client.post("/v1/shipments", json=shipment(order, reference_id="S-3")), 201)
    assert data(client.get(path))["fulfillment_status"] == "FULFILLED"


def test_a_shipment_counts_as_long_as_it_stands_and_its_goods_leave_once(
    client: httpx.Client, standin: WizCommerceStandIn, order: Wire
) -> None:
    standin.switches.a31_stock_leaves_at = "shipment"
    client.post("/v1/inventories", json={**STOCK, "in_stock_quantity": 10})
    order_path, product = f"/v1/orders/{order['id']}", order["line_items"][0]["product_id"]

    def progress() -> tuple[list[int], str, int]:
        shown, [stock] = data(client.get(order_path)), data(client.get("/v1/inventories"))
        shipped = [one["shipped_quantity"] for one in shown["line_items"]]
        return shipped, shown["fulfillment_status"], stock["in_stock_quantity"]

    made = data(client.post("/v1/shipments", json=shipment(order)), 201)
    assert progress() == ([4, 1], "PARTIALLY_FULFILLED", 5)
    path = f"/v1/shipments/{made['id']}"
    for change, counted in (
        ({"shipment_items": [{"product_id": product, "quantity": 3}]}, [3, 0]),
        ({"shipment_status": "created"}, [0, 0]),
        ({"shipment_status": "shipped"}, [3, 0]),
        ({"shipment_items": []}, [0, 0]),
        ({"shipment_items": [{"product_id": product, "quantity": 7}]}, [4, 2]),
    ):
        data(client.patch(path, json={"name": "First", **change}), 201)
        assert progress()[0] == counted and progress()[2] == 5
    client.delete(path)
    assert progress() == ([0, 0], "UNFULFILLED", 5)
    standin.switches.documents_move_counters = "none"
    data(client.post("/v1/shipments", json=shipment(order, reference_id="S-2")), 201)
    assert progress()[0] == [0, 0]


def test_payments_come_in_parts_across_orders_too_much_and_back(
    client: httpx.Client, standin: WizCommerceStandIn, running: RunningStandIn, order: Wire
) -> None:
    def paid(verb: str, **body: Any) -> tuple[str, Any]:
        by_hand(running, standin, verb, **body)
        shown = data(client.get(f"/v1/orders/{order['id']}"))
        return shown["payment_status"], shown["amount_paid"]

    assert paid("take-payment", display_id="WC-1", amount=50) == ("PARTIALLY_PAID", 50)
    before = order["updated_at"]
    assert paid("take-payment", display_id="WC-1", method="card") == ("PAID", 150)
    assert order["payment_method"] == "card" and order["updated_at"] > before
    assert paid("take-payment", display_id="WC-1", amount="0.01") == ("OVERPAID", 150.01)
    assert paid("refund", display_id="WC-1", amount=50) == ("PARTIALLY_PAID", 100.01)
    assert paid("refund", display_id="WC-1") == ("REFUNDED", 0)
    by_hand(running, standin, "draft-order", display_id="WC-2", customer="Bloom & Co", lines=[["VASE-01", 1, 25]])
    assert paid("take-payments", amounts={"WC-1": 150, "WC-2": 5}) == ("PAID", 150)
    assert standin.state.order_shown_as("WC-2")["amount_paid"] == Decimal(5)  # type: ignore[index]
    assert paid("void-payment", display_id="WC-1") == ("VOIDED", 0)
    for verb, body in (
        ("refund", {"display_id": "WC-1", "amount": 1}),
        ("take-payment", {"display_id": "WC-1", "amount": -1}),
        ("take-payment", {"display_id": "WC-9"}),
        ("take-payments", {}),
        ("ship", {"display_id": "WC-1", "sku": "LAMP"}),
    ):
        with pytest.raises(ControlRefused):
            by_hand(running, standin, verb, **body)


def test_what_is_owed_counts_discount_tax_shipping_and_charges(
    standin: WizCommerceStandIn, running: RunningStandIn, order: Wire
) -> None:
    charge = {"name": "gift", "type": None, "value_type": "percentage", "amount": Decimal(10)}
    order.update(discount_value=Decimal(10), tax_value=Decimal(5), shipping_charge=Decimal(2), charges=[charge])
    assert by_hand(running, standin, "take-payment", display_id="WC-1")["amount_paid"] == 162


def test_lines_are_picked_shipped_and_cancelled_by_hand(
    client: httpx.Client, standin: WizCommerceStandIn, running: RunningStandIn, order: Wire
) -> None:
    by_hand(running, standin, "pick", display_id="WC-1", sku="VASE-01", quantity=1)
    by_hand(running, standin, "ship", display_id="WC-1", sku="VASE-01")
    shown = data(client.get(f"/v1/orders/{order['id']}"))
    assert [one["shipped_quantity"] for one in shown["line_items"]] == [4, 0]
    assert (shown["line_items"][0]["picked_quantity"], shown["fulfillment_status"]) == (1, "PARTIALLY_FULFILLED")


def new_order(standin: WizCommerceStandIn, **more: Any) -> Wire:
    return {
        "reference_id": "O-9",
        "customer_id": next(iter(standin.state.customers)),
        "payment_status": "PENDING",
        "fulfillment_status": "UNFULFILLED",
        "created_at": "2026-01-05T10:00:00Z",
        "updated_at": "2026-01-05T10:00:01Z",
        "line_items": [{"sku": "VASE-01", "quantity": 4, "unit_price": 25}],
        **more,
    }


def test_what_a_tenant_may_refuse_of_an_order_is_a_switch(client: httpx.Client, standin: WizCommerceStandIn) -> None:
    adhoc = {"sku": "gift", "quantity": 1, "unit_price": 1, "is_adhoc": True}
    two = [*new_order(standin)["line_items"], adhoc]
    data(client.post("/v1/orders", json=new_order(standin, amount=7, line_items=two)), 201)
    standin.switches.a23_amounts = "refused"
    standin.switches.a25_adhoc_lines = "refused"
    standin.switches.a51_most_lines = 1
    body = new_order(standin, reference_id="O-10", amount=7, line_items=two)
    assert set(wrong(client.post("/v1/orders", json=body))) == {"amount", "line_items[1].is_adhoc", "line_items"}
    data(client.post("/v1/orders", json=new_order(standin, reference_id="O-10", amount=100)), 201)


def test_an_order_may_wait_for_approval_be_reopened_and_be_deleted(
    client: httpx.Client, standin: WizCommerceStandIn, running: RunningStandIn
) -> None:
    standin.switches.a46_approval = True
    made = data(client.post("/v2/orders", json=new_order(standin)), 201)
    path = f"/v1/orders/{made['id']}"
    assert made["status"] == "pending_approval"
    assert by_hand(running, standin, "approve-order", display_id=made["display_id"])["status"] == "confirmed"
    assert wrong(client.patch(f"{path}/status", json={"status": "draft"})) == ["status"]
    standin.switches.a46_reopening = True
    assert data(client.patch(f"{path}/status", json={"status": "draft"}))["status"] == "draft"
    assert data(client.patch(f"{path}/status", json={"status": "confirmed"}))["status"] == "pending_approval"
    assert client.delete(path).status_code == 204
    assert data(client.get(path))["status"] == "inactive"
    standin.switches.a43_after_delete = "404"
    assert client.get(path).status_code == 404
    again = data(client.post("/v2/orders", json=new_order(standin, reference_id="O-11")), 201)
    assert by_hand(running, standin, "delete-order", display_id=again["display_id"])["status"] == "inactive"


def test_an_order_shows_its_card_in_v2_and_its_currency_where_a_switch_says_so(
    client: httpx.Client, standin: WizCommerceStandIn, order: Wire
) -> None:
    card = {"customer_name": "Bloom & Co", "reference_id": "P-1", "provider": "stripe", "payment_method_type": "card"}
    [method] = standin.seed({"payment_methods": [{**card, "card_expiry": "12/29", "last_four_digits": "4242"}]})[
        "payment_methods"
    ]
    order["payment_method_id"] = method
    shown = data(client.get(f"/v2/orders/{order['id']}"))
    assert (shown["card"]["last_four_digits"], shown["card"]["card_exp"]) == ("4242", "12/29")
    held = client.get(f"/v2/orders/{order['id']}").content.replace(b'"token":null', b'"token":"tok-\\"live"')
    kept = order_from_body(order["id"], held)
    assert kept.content is not None and "tok-" not in kept.raw and '"token":"***"' in kept.raw
    assert client.get("/_standin/state").json()["orders"][0]["card"]["token"] == "***"
    assert "currency" not in shown and "card" not in data(client.get(f"/v1/orders/{order['id']}"))
    standin.switches.a20_order_currency = True
    assert data(client.get(f"/v1/orders/{order['id']}"))["currency"] == "USD"


def test_what_was_reserved_leaves_once_and_a_late_cancellation_gives_back_only_the_rest(
    client: httpx.Client, standin: WizCommerceStandIn, running: RunningStandIn
) -> None:
    standin.switches.a31_stock_reserved_at = "confirmation"
    standin.switches.a31_stock_leaves_at = "shipment"
    client.post("/v1/inventories", json={**STOCK, "available_quantity": 10, "reserved_quantity": 0})

    def figures() -> tuple[int, int, int]:
        [stock] = data(client.get("/v1/inventories"))
        return stock["in_stock_quantity"], stock["reserved_quantity"], stock["available_quantity"]

    shown = by_hand(
        running, standin, "confirm-order", display_id="WC-1", customer="Bloom & Co", lines=[["VASE-01", 6, 25]]
    )
    assert figures() == (10, 6, 4)
    made = data(client.post("/v1/shipments", json=shipment(shown, shipment_status="created")), 201)
    assert figures() == (10, 6, 4)
    left = {"name": "First", "shipment_status": "shipped"}
    data(client.patch(f"/v1/shipments/{made['id']}", json=left), 201)
    data(client.patch(f"/v1/shipments/{made['id']}", json=left), 201)
    assert figures() == (5, 1, 4)
    by_hand(running, standin, "cancel-order", display_id="WC-1")
    assert figures() == (5, 0, 5)


def test_a_replaced_order_keeps_its_status_unless_it_may_change(
    client: httpx.Client, standin: WizCommerceStandIn
) -> None:
    made = data(client.post("/v1/orders", json=new_order(standin)), 201)
    path = f"/v1/orders/{made['id']}"
    data(client.patch(f"{path}/status", json={"status": "cancelled"}))
    assert data(client.put(path, json=new_order(standin, po_number="PO-1")), 201)["status"] == "cancelled"
    assert wrong(client.put(path, json=new_order(standin, status="confirmed"))) == ["status"]


def test_orders_are_listed_by_one_status_or_by_several_where_a_switch_says_so(
    client: httpx.Client, standin: WizCommerceStandIn, order: Wire
) -> None:
    assert data(client.get("/v1/orders")) == []
    assert wrong(client.get("/v1/orders?order_status=draft,confirmed")) == ["order_status"]
    assert wrong(client.get("/v1/orders?order_status=")) == ["order_status"]
    standin.switches.a06_several_statuses = True
    assert len(data(client.get("/v1/orders?order_status=draft,confirmed"))) == 1
    assert wrong(client.get("/v1/orders?order_status=draft,open")) == ["order_status"]
    standin.switches.a06_default_status = "any"
    assert len(data(client.get("/v1/orders"))) == 1


def test_line_discounts_are_for_the_line_or_for_each_unit(
    standin: WizCommerceStandIn, running: RunningStandIn, order: Wire
) -> None:
    order["line_items"][0].update(discount=Decimal(3))
    order["line_items"][1].update(discount=Decimal(10), discount_type="percentage")
    assert by_hand(running, standin, "take-payment", display_id="WC-1")["amount_paid"] == 142
    standin.switches.a24_line_discounts = "unit"
    by_hand(running, standin, "void-payment", display_id="WC-1")
    assert by_hand(running, standin, "take-payment", display_id="WC-1")["amount_paid"] == 133


def test_an_address_of_an_order_has_a_reference_in_v2_only(client: httpx.Client, standin: WizCommerceStandIn) -> None:
    address = {
        "address_line_1": "1 Main St",
        "city": "Austin",
        "type": "billing",
        "reference_id": "A-9",
        "attributes": [],
    }
    body = new_order(standin, billing_address=address)
    assert set(wrong(client.post("/v1/orders", json=body))) == {
        "billing_address.reference_id",
        "billing_address.attributes",
    }
    assert data(client.post("/v2/orders", json=body), 201)["billing_address"]["reference_id"] == "A-9"


def test_documents_can_be_seeded_as_they_are(client: httpx.Client, standin: WizCommerceStandIn, order: Wire) -> None:
    standin.seed({"invoices": [invoice(order)], "shipments": [shipment(order)]})
    assert len(data(client.get("/v1/invoices"))) == len(data(client.get("/v1/shipments"))) == 1
    with pytest.raises(ControlRefused, match="order_id is not an order"):
        standin.seed({"invoices": [invoice(order, order_id="nowhere")]})
