"""Items of the QuickBooks stand-in over HTTP: types, categories, bundles, stock; and merges. Reference: 2.9, 7.4, 8.3."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.quickbooks.standin.times import to_the_second
from adapters.quickbooks.webhook import notices
from adapters.standin.control import ControlRefused
from tests.adapters.asking import StoppedClock, capture
from tests.adapters.receiving import receiving
from tests.adapters.test_quickbooks_standin_lists import changed, code, made, post, read

Wire = dict[str, Any]


SOLD_ON = {"IncomeAccountRef": {"value": "79"}}
STOCKED = {
    "Type": "Inventory",
    "TrackQtyOnHand": True,
    "QtyOnHand": 10,
    "InvStartDate": "2026-01-01",
    "ExpenseAccountRef": {"value": "80"},
    "AssetAccountRef": {"value": "81"},
    **SOLD_ON,
}


@pytest.fixture
def intuit() -> Iterator[QuickBooksStandIn]:
    """Its clock stands still until it is moved."""
    stand_in = QuickBooksStandIn(clock=StoppedClock())
    stand_in.set_switches(throttle=False)
    with stand_in.start():
        yield stand_in


def category(books: httpx.Client, name: str, under: Wire | None = None) -> Wire:
    place = {"SubItem": True, "ParentRef": {"value": under["Id"]}} if under else {}
    return made(books, "Item", Name=name, Type="Category", **place)


def product(books: httpx.Client, name: str, under: Wire | None = None, **more: Any) -> Wire:
    place = {"SubItem": True, "ParentRef": {"value": under["Id"]}} if under else {}
    return made(books, "Item", **{"Name": name, "Type": "NonInventory", **SOLD_ON, **place, **more})


def test_a_renamed_category_renames_what_is_below_it_and_moves_its_time_only(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    decor = category(books, "Decor")
    vases = category(books, "Vases", decor)
    tall = product(books, "Tall", vases)
    assert (vases["FullyQualifiedName"], vases["Level"], "Level" in decor) == ("Decor:Vases", 1, False)
    assert not {"UnitPrice", "Taxable", "IncomeAccountRef", "Sku", "TrackQtyOnHand"} & set(vases)
    assert (tall["FullyQualifiedName"], tall["Level"]) == ("Decor:Vases:Tall", 2)
    product(books, "Tall")  # the full name is what must be unique
    assert code(post(books, "Item", Name="tall", Type="NonInventory", **SOLD_ON)) == "6240"

    intuit.clock.move(60)
    changed(books, "Item", decor, Name="Home")
    below = read(books, "Item", tall["Id"])
    assert (below["FullyQualifiedName"], below["SyncToken"]) == ("Home:Vases:Tall", "0")
    assert below["MetaData"]["LastUpdatedTime"] > tall["MetaData"]["LastUpdatedTime"]
    assert read(books, "Item", vases["Id"])["ParentRef"] == {"value": decor["Id"], "name": "Home"}


def test_a_moved_category_takes_what_is_below_it_along_and_moves_its_time_only(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    decor, garden = category(books, "Decor"), category(books, "Garden")
    vases = category(books, "Vases", decor)
    tall = product(books, "Tall", vases)
    told: list[tuple[str, str]] = []
    intuit.office.companies["9130350000000001"].report = lambda c: told.append((c.id, c.verb))
    intuit.clock.move(60)
    moved = changed(books, "Item", vases, SubItem=True, ParentRef={"value": garden["Id"]})
    below = read(books, "Item", tall["Id"])
    assert (moved["FullyQualifiedName"], moved["SyncToken"]) == ("Garden:Vases", "1")
    assert (below["FullyQualifiedName"], below["SyncToken"]) == ("Garden:Vases:Tall", "0")
    assert below["MetaData"]["LastUpdatedTime"] == moved["MetaData"]["LastUpdatedTime"] == _now(intuit)
    [block] = capture(books, "Item", moved["MetaData"]["LastUpdatedTime"])
    assert {row["Id"] for row in block["Item"]} == {vases["Id"], tall["Id"]}
    assert told == [(vases["Id"], "updated"), (tall["Id"], "updated")]

    top = changed(books, "Item", moved, SubItem=False)
    below = read(books, "Item", tall["Id"])
    assert (top["FullyQualifiedName"], "ParentRef" in top, "Level" in top) == ("Vases", False, False)
    assert (below["FullyQualifiedName"], below["Level"]) == ("Vases:Tall", 1)
    intuit.set_switches(renamed_parent_moves="revision")
    changed(books, "Item", top, Name="Pots")
    assert read(books, "Item", tall["Id"])["SyncToken"] == "1"


def test_categories_obey_their_rules(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    chain = [category(books, "0")]
    for level in range(1, 5):
        chain.append(category(books, str(level), chain[-1]))
    under = {"SubItem": True, "ParentRef": {"value": chain[-1]["Id"]}}
    assert code(post(books, "Item", Name="5", Type="Category", **under)) == "6180"
    vase = product(books, "Vase")
    beneath = {"SubItem": True, "ParentRef": {"value": vase["Id"]}}
    assert code(post(books, "Item", Name="x", Type="Category", **beneath)) == "700"
    assert code(post(books, "Item", Name="x", Type="Service", **SOLD_ON, **beneath)) == "700"
    assert code(post(books, "Item", Name="x", Type="Category", UnitPrice=1)) == "2010"
    top = {"Id": chain[0]["Id"], "SyncToken": "0", "sparse": True}
    assert code(post(books, "Item", **top, Active=False)) == "6000"
    assert code(post(books, "Item", **top, Type="Service")) == "6000"
    intuit.fill({"company": {"NameValue": [{"Name": "ItemCategoriesFeature", "Value": "false"}]}})
    assert code(post(books, "Item", Name="6", Type="Category")) == "5030"
    assert product(books, "Small", vase)["FullyQualifiedName"] == "Vase:Small"


def test_a_bundle_is_made_by_people_and_read_by_the_api(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    parts = [product(books, "Vase"), product(books, "Stand")]
    lines = [{"ItemRef": {"value": one["Id"]}, "Qty": 2} for one in parts]
    group = {"ItemGroupDetail": {"ItemGroupLine": lines}}
    assert code(post(books, "Item", Name="Set", Type="Group", **group)) == "5030"
    bundle = intuit.by_hand("add-bundle", Name="Set", Sku="SET", **group)
    shown = read(books, "Item", bundle["Id"])
    assert shown["ItemGroupDetail"]["ItemGroupLine"][0] == {
        "Qty": 2,
        "ItemRef": {"type": "NonInventory", "name": "Vase", "value": parts[0]["Id"]},
    }
    assert (shown["UnitPrice"], shown["PrintGroupedItems"]) == (0, False)
    assert code(post(books, "Item", Id=bundle["Id"], SyncToken="0", sparse=True, Name="Kit")) == "5030"
    assert "ItemGroupDetail" not in product(books, "Plain", **group)
    with pytest.raises(ControlRefused, match="2500"):
        intuit.by_hand(
            "add-bundle", Name="Kits", ItemGroupDetail={"ItemGroupLine": [{"ItemRef": {"value": bundle["Id"]}}]}
        )


def test_stock_is_set_once_and_then_moves_by_sales_and_counts(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    pump = made(books, "Item", Name="Pump", **STOCKED)
    ignored = changed(books, "Item", pump, QtyOnHand=99)
    assert (ignored["QtyOnHand"], ignored["SyncToken"]) == (10, "0")
    assert intuit.by_hand("adjust-stock", Id=pump["Id"], by="-2.5")["QtyOnHand"] == 7.5
    intuit.clock.move(60)
    intuit.set_switches(quantity_moves_time=False)
    counted = intuit.by_hand("adjust-stock", Id=pump["Id"], to=4)
    assert (counted["QtyOnHand"], counted["SyncToken"]) == (4, "0")
    assert counted["MetaData"] == read(books, "Item", pump["Id"])["MetaData"]
    assert counted["MetaData"]["LastUpdatedTime"] < _now(intuit)
    intuit.set_switches(quantity_in_update="adjust")
    adjusted = changed(books, "Item", pump, QtyOnHand=5, InvStartDate="2026-02-01")
    assert (adjusted["QtyOnHand"], adjusted["InvStartDate"]) == (5, "2026-01-01")
    with pytest.raises(ControlRefused, match="inventory item"):
        intuit.by_hand("adjust-stock", Id="1", by=1)


def test_inventory_needs_its_plan_its_dates_and_its_kind_for_ever(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    assert code(post(books, "Item", Name="Pump", **{**STOCKED, "InvStartDate": "2999-01-01"})) == "2060"
    assert code(post(books, "Item", Name="Pump", **{**STOCKED, "AssetAccountRef": {"value": "79"}})) == "6430"
    pump = made(books, "Item", Name="Pump", **STOCKED)
    as_sold = {"Id": pump["Id"], "SyncToken": "0", "sparse": True}
    assert code(post(books, "Item", **as_sold, Type="Service")) == "6000"
    assert code(post(books, "Item", **as_sold, TrackQtyOnHand=False)) == "6000"
    assert code(post(books, "Item", Name="x", Type="Service", TrackQtyOnHand=True, **SOLD_ON)) == "2010"
    for verb in ("drop-inventory-plan", "restore-inventory-plan"):
        intuit.by_hand(verb)
        answer = post(books, "Item", Name="Fountain", **STOCKED)
        assert answer.status_code == 200 if verb.startswith("restore") else code(answer) == "5020"


def test_merged_customers_leave_their_history_to_the_winner(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    told: list[tuple[str, str, str, str]] = []
    intuit.office.companies["9130350000000001"].report = lambda c: told.append((c.entity, c.id, c.verb, c.loser))
    winner, loser = made(books, "Customer", DisplayName="Bloom & Co"), made(books, "Customer", DisplayName="Bloom")
    line = {"DetailType": "SalesItemLineDetail", "Amount": 25, "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}
    invoice = made(books, "Invoice", CustomerRef={"value": loser["Id"]}, Line=[line])
    told.clear()

    intuit.by_hand("merge-customers", Id=loser["Id"], into=winner["Id"])

    moved = read(books, "Invoice", invoice["Id"])
    assert (moved["CustomerRef"], moved["SyncToken"]) == ({"value": winner["Id"], "name": "Bloom & Co"}, "0")
    assert read(books, "Customer", winner["Id"])["Balance"] == 25
    gone = read(books, "Customer", loser["Id"])
    assert (gone["Active"], gone["DisplayName"], gone["Balance"]) == (False, "Bloom (deleted)", 0)
    assert told == [("Customer", winner["Id"], "merged", loser["Id"])]
    with pytest.raises(ControlRefused, match="itself"):
        intuit.by_hand("merge-customers", Id=winner["Id"], into=winner["Id"])


def test_merged_items_add_up_and_the_loser_may_be_gone_without_a_trace(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.set_switches(merge_loser="gone")
    one, other = (made(books, "Item", Name=name, **STOCKED) for name in ("Pump", "Pump 2"))
    detail = {"ItemRef": {"value": other["Id"]}, "Qty": 1, "UnitPrice": 25}
    line = {"DetailType": "SalesItemLineDetail", "Amount": 25, "SalesItemLineDetail": detail}
    buyer = made(books, "Customer", DisplayName="Bloom & Co")
    invoice = made(books, "Invoice", CustomerRef={"value": buyer["Id"]}, Line=[line])

    intuit.by_hand("merge-items", Id=other["Id"], into=one["Id"])

    [first, *_] = read(books, "Invoice", invoice["Id"])["Line"]
    assert first["SalesItemLineDetail"]["ItemRef"] == {"value": one["Id"], "name": "Pump"}
    assert read(books, "Item", one["Id"])["QtyOnHand"] == 19
    assert code(books.get(f"/item/{other['Id']}")) == "610"
    changes = books.get("/cdc", params={"entities": "Item", "changedSince": "2026-01-01"}).json()
    [block] = changes["CDCResponse"][0]["QueryResponse"]
    assert other["Id"] not in [row["Id"] for row in block["Item"]]
    service = made(books, "Item", Name="Labour", Type="Service", **SOLD_ON)
    with pytest.raises(ControlRefused, match="one type"):
        intuit.by_hand("merge-items", Id=service["Id"], into=one["Id"])


@pytest.mark.parametrize("form", ["cloudevents", "legacy"])
def test_merged_items_are_told_of_with_both_ids_and_the_loser_is_made_inactive(
    books: httpx.Client, intuit: QuickBooksStandIn, form: str
) -> None:
    winner, loser = (made(books, "Item", Name=name, **STOCKED) for name in ("Pump", "Pump 2"))
    with receiving() as receiver:
        intuit.set_switches(webhook_form=form)
        intuit.send_webhooks_to(receiver.url)
        intuit.by_hand("merge-items", Id=loser["Id"], into=winner["Id"])
        intuit.deliver()
        [(_, delivery)] = receiver.received

    [notice] = notices(delivery)
    assert (notice.kind, notice.operation) == ("product", "merge")
    assert (notice.remote_id, notice.merged_from) == (winner["Id"], loser["Id"])
    gone = read(books, "Item", loser["Id"])
    assert (gone["Name"], gone["FullyQualifiedName"], gone["Active"]) == ("Pump 2 (deleted)", "Pump 2 (deleted)", False)
    assert (gone["QtyOnHand"], gone["SyncToken"], read(books, "Item", winner["Id"])["QtyOnHand"]) == (0, "1", 20)


def test_any_list_can_be_seeded_and_edited_by_hand(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    given = intuit.fill(
        {
            "classes": [{"Name": "Retail"}],
            "departments": [{"Name": "East"}],
            "payment_methods": [{"Name": "Barter"}],
            "customer_types": [{"Name": "Trade", "Id": "5000000000000009000"}],
            "accounts": [{"Name": "Rent", "AccountType": "Expense"}],
            "tax_codes": [{"Name": "VAT"}],
            "tax_rates": [{"Name": "Twenty", "RateValue": 20}],
        }
    )
    assert given["customer_types"] == ["5000000000000009000"]
    [id] = given["classes"]
    assert intuit.by_hand("edit-class", Id=id, Name="Wholesale")["Name"] == "Wholesale"
    assert intuit.by_hand("deactivate-class", Id=id)["Name"] == "Wholesale (deleted)"
    assert intuit.by_hand("reactivate-class", Id=id, Name="Wholesale")["Active"] is True


def _now(intuit: QuickBooksStandIn) -> str:
    return to_the_second(intuit.clock.now())
