"""Goods at the WizCommerce stand-in over HTTP: products, prices, stock. Reference: 1.3 to 1.5; A-27, A-29, A-31, A-37, A-43."""

from typing import Any

import httpx
import pytest

from adapters.standin.control import ControlRefused
from adapters.standin.server import RunningStandIn
from adapters.wizcommerce.standin import WizCommerceStandIn

Wire = dict[str, Any]

STOCK = {
    "sku": "VASE-01",
    "available_quantity": 7,
    "reserved_quantity": 3,
    "in_stock_quantity": 10,
    "out_of_stock_threshold": 0,
    "inventory_status": "IN_STOCK",
    "track_inventory": True,
    "on_order_details": [],
    "in_transit_details": [],
}


def wrong(answer: httpx.Response) -> list[str]:
    """The fields a 400 names."""
    assert answer.status_code == 400, answer.text
    return [one["field"] for one in answer.json()["details"]]


def data(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()["data"]


def price_list(standin: WizCommerceStandIn) -> str:
    return next(iter(standin.state.price_lists))


def make(client: httpx.Client, version: str = "v1", **variant: Any) -> Wire:
    body = {"group_code": "BOWL", "variants": [{"sku_id": "BOWL-02", **variant}]}
    [made] = data(client.post(f"/{version}/products", json=body), 201)
    found: Wire = made
    return found


def by_hand(running: RunningStandIn, standin: WizCommerceStandIn, verb: str, **body: Any) -> Any:
    return running.call_in_loop(lambda: standin.by_hand(verb, **body))


def test_a_group_of_variants_is_made_at_once_and_v2_says_more_about_it(
    client: httpx.Client, standin: WizCommerceStandIn
) -> None:
    tiers = [{"price": 9, "start_quantity": 10, "step_increment": 1}]
    priced = {"price_list_id": price_list(standin), "price": 12.5}
    body = {
        "group_code": "BOWL",
        "grouping_attributes": ["color"],
        "variants": [
            {"sku_id": "B-1", "product_prices": [{**priced, "sale_price": 11, "volume_tiers": tiers}]},
            {"sku_id": "B-2", "categories": ["Decor::Bowls"], "attributes": [{"name": "color", "value": "red"}]},
        ],
    }
    assert wrong(client.post("/v1/products", json=body)) == [
        "variants[0].product_prices[0].sale_price",
        "variants[0].product_prices[0].volume_tiers",
    ]
    first, second = data(client.post("/v2/products", json=body), 201)
    assert (first["price_lists"][0]["sale_price"], first["price_lists"][0]["volume_tiers"]) == (11, tiers)
    assert (first["sku"], first["grouping_attributes"], "parent_id" in first) == ("B-1", ["color"], True)
    assert set(second["attributes"][0]) == {"id", "name", "value"}
    plain = data(client.get(f"/v1/products/{first['id']}"))
    assert not {"parent_id", "tags", "brand", "seo_info"} & set(plain)
    assert set(plain["price_lists"][0]) == {
        *("id", "price", "min_order_quantity", "max_order_quantity", "step_increment", "created_at", "updated_at")
    }
    twice = {"group_code": "BOWL", "variants": [{"sku_id": "B-1"}, {"sku_id": "B-3"}, {"sku_id": "B-3"}]}
    assert wrong(client.post("/v2/products", json=twice)) == ["variants[0].sku_id", "variants[2].sku_id"]
    assert client.get("/v2/products").status_code == 404


def test_products_are_listed_by_their_filters_one_row_a_variant(client: httpx.Client) -> None:
    bowl = make(client, is_primary=True, name="A bowl")
    listed = {
        query: [one["sku"] for one in data(client.get(f"/v1/products?{query}"))]
        for query in (
            "group_code=BOWL",
            "sku_id=VASE-01",
            "is_primary=true",
            "sort_by=name&sort=asc",
            "sort_by=sku_id&sort=asc",
        )
    }
    assert list(listed.values()) == [
        ["BOWL-02"],
        ["VASE-01"],
        ["BOWL-02"],
        ["BOWL-02", "VASE-01"],
        ["BOWL-02", "VASE-01"],
    ]
    assert wrong(client.get("/v1/products?updated_after=2026-01-01T00:00:00Z")) == ["updated_after"]
    assert client.delete(f"/v1/products/{bowl['id']}").status_code == 204
    assert data(client.get(f"/v1/products/{bowl['id']}"))["status"] == "inactive"


def test_a_patch_changes_what_it_names_and_can_end_a_product_but_not_bring_it_back(
    client: httpx.Client, standin: WizCommerceStandIn
) -> None:
    bowl = make(client, name="A bowl", priority=2)
    path = f"/products/{bowl['id']}"
    later = data(client.patch(f"/v1{path}", json={"name": "The bowl"}))
    assert (later["name"], later["priority"]) == ("The bowl", 2)
    hidden = data(client.patch(f"/v2{path}", json={"channel_visibility": {"website": "DontShow"}, "tags": ["new"]}))
    assert (hidden["channel_visibility"], hidden["tags"]) == ({"website": "DontShow"}, ["new"])
    assert wrong(client.patch(f"/v2{path}", json={"channel_visibility": {"website": "Show"}})) == [
        "channel_visibility.website"
    ]
    assert wrong(client.patch(f"/v1{path}", json={"tags": []})) == ["tags"]
    assert data(client.patch(f"/v1{path}", json={"status": "inactive"}))["status"] == "inactive"
    assert wrong(client.patch(f"/v1{path}", json={"status": "active"})) == ["status"]
    standin.switches.a29_patched_status = "ignored"
    assert data(client.patch(f"/v1{path}", json={"status": "active"}))["status"] == "inactive"
    standin.switches.a29_patched_status = "accepted"
    assert data(client.patch(f"/v1{path}", json={"status": "active"}))["status"] == "active"


def test_categories_are_shown_as_paths_or_by_their_last_element(
    client: httpx.Client, standin: WizCommerceStandIn
) -> None:
    bowl = make(client, categories=["Decor::Bowls", "Gifts"])
    assert bowl["categories"] == ["Decor::Bowls", "Gifts"]
    standin.switches.a37_categories_shown = "last"
    assert data(client.get(f"/v1/products/{bowl['id']}"))["categories"] == ["Bowls", "Gifts"]


def test_a_price_list_in_a_price_is_named_by_id_or_reference(client: httpx.Client, standin: WizCommerceStandIn) -> None:
    seeded = standin.seed({"price_lists": [{"name": "Trade", "reference_id": "PRC123"}]})["price_lists"][0]
    field = ["variants[0].product_prices[0].price_list_id"]
    by_reference = {
        "group_code": "B",
        "variants": [{"sku_id": "B", "product_prices": [{"price_list_id": "PRC123", "price": 1}]}],
    }
    assert wrong(client.post("/v1/products", json=by_reference)) == field
    standin.switches.a27_price_list_named_by = "reference"
    [made] = data(client.post("/v1/products", json=by_reference), 201)
    assert made["price_lists"][0]["id"] == seeded
    by_id = {
        "group_code": "C",
        "variants": [{"sku_id": "C", "product_prices": [{"price_list_id": seeded, "price": 1}]}],
    }
    assert wrong(client.post("/v1/products", json=by_id)) == field


def test_the_price_of_a_product_is_read_and_changed_by_itself(
    client: httpx.Client, standin: WizCommerceStandIn
) -> None:
    bowl = make(client, product_prices=[{"price_list_id": price_list(standin), "price": 12.5}])
    path = f"/v1/product-pricings/{bowl['id']}"
    price = data(client.get(path))
    assert (price["price"], price["currency"], price["product_id"]) == (12.5, "USD", bowl["id"])
    assert data(client.patch(path, json={"price": 13, "min_order_quantity": 6}))["price"] == 13
    assert data(client.get(f"/v1/products/{bowl['id']}"))["price_lists"][0]["min_order_quantity"] == 6
    assert wrong(client.patch(path, json={"price_list_id": "nowhere"})) == ["price_list_id"]
    other = standin.seed({"price_lists": [{"name": "Trade"}]})["price_lists"][0]
    assert client.patch(path, json={"price_list_id": other, "price": 1}).status_code == 404
    standin.switches.a27_pricing_named_by = "pricing"
    assert client.get(path).status_code == 404
    assert data(client.get(f"/v1/product-pricings/{price['id']}"))["price"] == 13


def test_stock_is_created_or_updated_by_its_sku_and_says_itself_what_it_is(
    client: httpx.Client, standin: WizCommerceStandIn
) -> None:
    made = data(client.post("/v1/inventories", json=STOCK), 201)
    again = data(client.post("/v1/inventories", json={**STOCK, "available_quantity": 0, "notes": "gone"}), 201)
    assert (again["id"], again["available_quantity"], again["inventory_status"]) == (made["id"], 0, "IN_STOCK")
    assert again["product_id"] in standin.state.products
    assert [one["sku"] for one in data(client.get("/v1/inventories?sku=VASE-01&status=active"))] == ["VASE-01"]
    assert data(client.get("/v1/inventories?sku=BOWL-02")) == []
    assert data(client.get("/v1/inventories?status=inactive")) == []
    bare = {name: value for name, value in STOCK.items() if name not in ("track_inventory", "on_order_details")}
    assert set(wrong(client.post("/v1/inventories", json=bare))) == {"on_order_details", "track_inventory"}
    assert wrong(client.post("/v1/inventories", json={**STOCK, "sku": "NOWHERE"})) == ["sku"]
    assert wrong(client.post("/v1/inventories", json={**STOCK, "inventory_status": "SOLD"})) == ["inventory_status"]


@pytest.mark.parametrize(
    ("policy", "after_draft", "after_confirm"), [("never", 7, 7), ("confirmation", 7, 3), ("creation", 3, 3)]
)
def test_wizcommerce_reserves_stock_itself_only_where_a_switch_says_so(
    client: httpx.Client,
    standin: WizCommerceStandIn,
    running: RunningStandIn,
    policy: Any,
    after_draft: int,
    after_confirm: int,
) -> None:
    standin.switches.a31_stock_reserved_at = policy
    client.post("/v1/inventories", json=STOCK)

    def available() -> tuple[int, int]:
        [stock] = data(client.get("/v1/inventories"))
        return stock["available_quantity"], stock["reserved_quantity"]

    def do(verb: str, **body: Any) -> None:
        by_hand(running, standin, verb, display_id="WC-1", **body)

    do("draft-order", customer="Bloom & Co", lines=[("VASE-01", 4, "25.00")])
    assert available()[0] == after_draft
    do("confirm-order")
    assert available() == (after_confirm, 10 - after_confirm)
    do("edit-order", lines=[("VASE-01", 5, "25.00")])
    assert available()[0] == after_confirm - (policy != "never")
    do("cancel-lines", sku="VASE-01", quantity=2)
    assert available()[0] == after_confirm + (policy != "never")
    do("cancel-order")
    assert available() == (7, 3)


def test_products_and_stock_change_under_a_sellers_hands(
    client: httpx.Client, standin: WizCommerceStandIn, running: RunningStandIn
) -> None:
    by_hand(running, standin, "add-product", sku="LAMP-03", name="Lamp")
    by_hand(running, standin, "edit-product", sku="LAMP-03", sku_id="LAMP-04")
    assert standin.state.product_of("LAMP-03") is None
    for verb, status in (
        ("deactivate-product", "inactive"),
        ("reactivate-product", "active"),
        ("delete-product", "inactive"),
    ):
        assert by_hand(running, standin, verb, sku="LAMP-04")["status"] == status
    standin.switches.a43_after_delete = "404"
    assert [one["sku"] for one in data(client.get("/v1/products"))] == ["VASE-01"]
    by_hand(running, standin, "set-stock", sku="VASE-01", available_quantity="2.5")
    assert data(client.get("/v1/inventories"))[0]["available_quantity"] == 2.5
    with pytest.raises(ControlRefused, match="no product"):
        by_hand(running, standin, "set-stock", sku="NOWHERE")


def test_stock_can_be_seeded_and_goods_raise_events_only_where_there_are_any(
    client: httpx.Client, standin: WizCommerceStandIn
) -> None:
    standin.seed({"inventories": [STOCK]})
    assert data(client.get("/v1/inventories"))[0]["available_quantity"] == 7
    standin.send_webhooks_to("http://127.0.0.1:9/hooks")
    client.post("/v1/inventories", json=STOCK)
    standin.switches.a10_goods_events = "orders"
    client.post("/v1/inventories", json=STOCK)
    assert [b'"inventory.updated"' in one.body for one in standin.outbox.waiting] == [True]
