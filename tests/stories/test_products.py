"""Products flow from QuickBooks into WizCommerce: made, changed, taken down; what stands in the way is said."""

from decimal import Decimal

from tests.shop import COUNTED, Shop
from tests.telling import pass_by
from tests.world import CONNECTION


def test_a_new_item_becomes_a_product_with_its_price_path_and_stock(shop: Shop) -> None:
    vases = shop.category("Vases", parent=shop.category("Decor"))
    shop.item(
        "TALL-01", on_hand=10, Name="Tall vase", SubItem=True, ParentRef={"value": vases}, Description="Very tall"
    )
    shop.world.settle()
    shown = shop.shown("TALL-01")

    assert (shown["name"], shown["categories"], shop.price("TALL-01")) == (
        "Tall vase",
        ["Decor::Vases"],
        Decimal("25.00"),
    )
    assert [(one["name"], one["value"]) for one in shown["attributes"]] == [("Description", "Very tall")]
    assert shop.stock("TALL-01") == (10, 0, 10)
    assert shop.writes_to_quickbooks() == []


def test_what_cannot_be_sold_waits_with_its_reason_and_goes_by_itself(shop: Shop) -> None:
    nameless = shop.item("", Name="No SKU", on_hand=1)
    unpriced = shop.item("FREE-01", price="0", on_hand=1)
    one, other = shop.item("TWIN-01", Name="One"), shop.item("TWIN-01", Name="Other")
    sleeping = shop.item("OLD-01", Active=False)
    shop.world.settle(sending=False)  # both twins are seen before either is sent
    shop.world.settle()

    assert [shop.reason(i) for i in (nameless, unpriced, one, other, sleeping)] == [
        "no-sku",
        "no-price",
        "duplicate-sku",
        "duplicate-sku",
        "inactive",
    ]
    assert not {"", "FREE-01", "TWIN-01", "OLD-01"} & set(shop.products())
    shop.edit(nameless, Sku="SKU-01")
    shop.edit(unpriced, UnitPrice=Decimal(5))
    shop.edit(other, Sku="TWIN-02")
    shop.world.settle()
    assert {"SKU-01", "FREE-01", "TWIN-01", "TWIN-02"} <= set(shop.products())


def test_a_change_is_one_write_and_what_people_made_there_stays(shop: Shop) -> None:
    item = shop.item("TALL-01", on_hand=10)
    shop.world.settle()
    media = [{"url": "https://shop.example/tall.png", "order": 1, "is_default": True, "type": "image"}]
    shop.hand("edit-product", sku="TALL-01", categories=["Handmade"], medias=media)
    pass_by(shop.world, 5)
    before = shop.calls("update product")
    shop.edit(item, Name="Tall vase")
    pass_by(shop.world, 5)
    shown = shop.shown("TALL-01")

    assert (shown["name"], shown["categories"], shown["medias"]) == ("Tall vase", ["Handmade"], media)
    assert shop.calls("update product") == before + 1


def test_a_price_goes_to_its_own_list_and_leaves_minimum_quantities_alone(shop: Shop) -> None:
    item = shop.item("TALL-01", on_hand=10)
    shop.world.settle()
    [price] = shop.shown("TALL-01")["price_lists"]
    shop.hand(
        "edit-product",
        sku="TALL-01",
        product_prices=[{"price_list_id": price["id"], "price": 25, "min_order_quantity": 6}],
    )
    pass_by(shop.world, 5)
    shop.edit(item, UnitPrice=Decimal("26.50"))
    pass_by(shop.world, 5)
    [price] = shop.shown("TALL-01")["price_lists"]

    assert (price["price"], price["min_order_quantity"]) == (Decimal("26.50"), 6)


def test_a_product_that_is_there_already_is_taken_and_put_right(shop: Shop) -> None:
    shop.hand("add-product", sku="TALL-01", name="By hand")
    shop.item("TALL-01", on_hand=3, Name="Tall vase")
    shop.world.settle()

    assert shop.calls("create products") == 2  # the two items that were there from the beginning
    assert shop.shown("TALL-01")["name"] == "Tall vase" and shop.stock("TALL-01") == (3, 0, 3)


def test_made_inactive_and_active_again_it_is_the_same_product(shop: Shop) -> None:
    shop.world.wizcommerce.switch(a29_patched_status="accepted")
    item = shop.item("TALL-01", on_hand=10, Name="Tall vase")
    shop.world.settle()
    first = shop.shown("TALL-01")
    shop.quickbooks.by_hand("deactivate-item", Id=item)
    pass_by(shop.world, 5)
    down = shop.shown("TALL-01")
    shop.quickbooks.by_hand("reactivate-item", Id=item)
    pass_by(shop.world, 5)
    again = shop.shown("TALL-01")

    assert (down["status"], down["name"]) == ("inactive", "Tall vase")
    assert (again["id"], again["status"], again["name"]) == (first["id"], "active", "Tall vase")


def test_where_wizcommerce_does_not_make_it_active_a_person_does_and_it_is_seen(shop: Shop) -> None:
    item = shop.item("TALL-01", on_hand=10)
    shop.world.settle()
    shop.quickbooks.by_hand("deactivate-item", Id=item)
    pass_by(shop.world, 5)
    shop.quickbooks.by_hand("reactivate-item", Id=item)
    pass_by(shop.world, 5)
    asked = shop.told(item)
    shop.hand("reactivate-product", sku="TALL-01")
    pass_by(shop.world, 5)

    assert "made-active" in asked and shop.told(item) == {}
    assert shop.shown("TALL-01")["status"] == "active"


def test_a_parent_renamed_moves_all_that_is_below_it_and_nothing_else(shop: Shop) -> None:
    decor = shop.category("Decor")
    vases = shop.category("Vases", parent=decor)
    for number in range(15):
        shop.item(f"TALL-{number:02}", SubItem=True, ParentRef={"value": vases})
    shop.item("LAMP-01")
    shop.world.settle()
    before = shop.calls("update product")
    shop.edit(decor, Name="Home")
    pass_by(shop.world, 20)
    paths = {sku: one["categories"] for sku, one in shop.products().items()}

    assert {tuple(paths[f"TALL-{number:02}"]) for number in range(15)} == {("Home::Vases",)}
    assert paths["LAMP-01"] == [] and shop.calls("update product") == before + 15


def test_two_items_that_swap_their_skus_keep_their_products_and_a_person_is_told(shop: Shop) -> None:
    one, other = shop.item("A-01", on_hand=1, Name="One"), shop.item("B-01", on_hand=2, Name="Other")
    shop.world.settle()
    ids = {sku: shop.shown(sku)["id"] for sku in ("A-01", "B-01")}
    shop.edit(one, Sku="B-01")
    shop.edit(other, Sku="A-01")
    pass_by(shop.world, 5)

    assert {sku: shop.shown(sku)["id"] for sku in ("A-01", "B-01")} == ids
    assert "renamed-sku" in shop.told(one) and "renamed-sku" in shop.told(other)
    assert (shop.stock("A-01"), shop.stock("B-01")) == ((1, 0, 1), (2, 0, 2))
    shop.world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("A-01", 1, "25.00")])
    pass_by(shop.world, 5)
    [invoice] = shop.world.invoices()
    assert [line.item for line in invoice.lines] == ["One"]


def test_an_order_placed_under_the_sku_from_before_a_renaming_goes_and_keeps_its_stock(shop: Shop) -> None:
    shop.world.wizcommerce.switch(patched_sku="accepted")
    item = shop.item("A-01", on_hand=10, Name="One")
    shop.world.settle()
    shop.world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("A-01", 4, "25.00"), ("LATE-01", 1, "5.00")])
    shop.world.settle()
    shop.edit(item, Sku="C-01")
    pass_by(shop.world, 5)
    held, renamed = shop.world.where("WC-1001"), shop.stock("C-01")
    found = shop.world.engine.around.goods.sold_as(CONNECTION, ["a-01"])
    shop.item("LATE-01", Name="Late")
    pass_by(shop.world, 5)
    shop.count(item, 6)
    shop.pull("stock")

    assert held.startswith("waiting") and "A-01" not in held and renamed == (10, 4, 6)
    assert found == [shop.logged(item).stream]
    [invoice] = shop.world.invoices()
    assert [line.item for line in invoice.lines] == ["One", "Late"]
    assert shop.stock("C-01") == (6, 0, 6)


def test_a_former_sku_means_whoever_has_it_now(shop: Shop) -> None:
    shop.world.wizcommerce.switch(patched_sku="accepted")
    one = shop.item("A-01", on_hand=10, Name="One")
    shop.world.settle()
    shop.edit(one, Sku="C-01")
    pass_by(shop.world, 5)
    shop.item("A-01", on_hand=3, Name="Another")
    shop.world.settle()
    shop.world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("A-01", 1, "25.00")])
    pass_by(shop.world, 5)

    [invoice] = shop.world.invoices()
    assert [line.item for line in invoice.lines] == ["Another"]
    assert shop.stock("C-01") == (10, 0, 10)


def test_an_order_under_a_former_sku_waits_while_its_item_is_inactive_and_goes_by_itself(shop: Shop) -> None:
    shop.world.wizcommerce.switch(patched_sku="accepted", a29_patched_status="accepted")
    item = shop.item("A-01", Name="One")
    shop.world.settle()
    shop.edit(item, Sku="C-01")
    pass_by(shop.world, 5)
    shop.edit(item, Active=False)
    pass_by(shop.world, 5)
    shop.world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("A-01", 1, "25.00")])
    shop.world.settle()
    held = shop.world.where("WC-1001")
    shop.edit(item, Active=True)
    pass_by(shop.world, 5)

    assert "no active item with SKU A-01" in held
    [invoice] = shop.world.invoices()
    assert [line.item.removesuffix(" (deleted)") for line in invoice.lines] == ["One"]  # QuickBooks keeps its suffix


def test_a_sku_that_another_product_has_now_is_never_the_former_ones(shop: Shop) -> None:
    shop.world.wizcommerce.switch(patched_sku="accepted")
    one = shop.item("A-01", Name="One")
    shop.world.settle()
    shop.edit(one, Sku="C-01")
    pass_by(shop.world, 5)
    other = shop.item("A-01", Name="Another")
    shop.world.settle()
    shop.edit(other, Active=False)
    pass_by(shop.world, 5)
    shop.world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("A-01", 1, "25.00")])
    shop.world.settle()

    assert shop.world.invoices() == [] and "no active item with SKU A-01" in shop.world.where("WC-1001")


def test_a_merged_item_hands_its_product_on_and_its_orders_find_the_other(shop: Shop) -> None:
    stays = shop.item("", Name="Stays", on_hand=5)
    goes = shop.item("GOES-01", Name="Goes", on_hand=5)
    shop.world.settle()
    product = shop.shown("GOES-01")["id"]
    shop.quickbooks.by_hand("merge-items", Id=goes, into=stays)
    pass_by(shop.world, 30)
    pass_by(shop.world, 30)

    assert shop.logged(stays).links == {"quickbooks": stays, "wizcommerce": product}
    assert shop.shown("GOES-01")["status"] == "active"
    shop.world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("GOES-01", 1, "25.00")])
    pass_by(shop.world, 5)
    [invoice] = shop.world.invoices()
    assert [line.item for line in invoice.lines] == ["Stays"]


def test_a_bundle_is_left_out_until_a_choice_lets_it_in(shop: Shop) -> None:
    part = shop.item("PART-01", on_hand=1)
    parts = {"ItemGroupLine": [{"ItemRef": {"value": part}, "Qty": 2}]}
    bundle = shop.item("SET-01", Type="Group", ItemGroupDetail=parts, IncomeAccountRef=None)
    shop.world.settle()
    left = shop.reason(bundle)
    shop.world.choose(bundles="product", zero_prices="publish")
    shop.world.settle()

    assert left == "type" and shop.inventory("SET-01")["track_inventory"] is False


def test_the_price_list_is_waited_for(shop: Shop) -> None:
    chosen = shop.price_list
    shop.world.choose(price_list="")
    item = shop.item("TALL-01", on_hand=1)
    shop.world.settle()
    waits = shop.reason(item)
    shop.world.choose(price_list=chosen)
    shop.world.settle()

    assert waits == "price-list" and "TALL-01" in shop.products()


def test_counted_is_what_an_inventory_item_is() -> None:
    assert COUNTED["TrackQtyOnHand"] is True
