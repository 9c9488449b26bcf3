"""Items in our terms: what an item is, and, beside it, how much of it is there. Source: QuickBooks reference, 2.9 and 7.4."""

import json
from datetime import date
from decimal import Decimal

import pytest

from adapters.quickbooks.translate import company_facts, remote_from
from engine.domain.values import Attribute, Part, Personal, ProductContent, StockLevel
from engine.ports import Remote

ITEM = {
    "Id": "19",
    "SyncToken": "3",
    "Name": "Oak Stool",
    "FullyQualifiedName": "Furniture:Stools:Oak Stool",
    "Sku": " OS-100 ",
    "Type": "Inventory",
    "Active": True,
    "Description": "Oak stool, natural",
    "UnitPrice": 48.5,
    "PurchaseCost": 20.25,
    "TrackQtyOnHand": True,
    "QtyOnHand": 10,
    "MetaData": {"CreateTime": "2026-02-03T09:15:27-08:00", "LastUpdatedTime": "2026-02-03T09:15:27-08:00"},
}


def seen(**changes: object) -> Remote:
    """The item with `changes`; what is changed to None is not there."""
    tree = {key: value for key, value in {**ITEM, **changes}.items() if value is not None}
    remote = remote_from("product", json.dumps(tree).encode())
    assert remote.problem == ""
    return remote


def content(**changes: object) -> ProductContent:
    found = seen(**changes).content
    assert isinstance(found, ProductContent)
    return found


def test_an_item_is_read_whole_and_its_stock_beside_it() -> None:
    assert content() == ProductContent(
        sku="OS-100",
        name="Oak Stool",
        item_type="Inventory",
        unit_price=Decimal("48.5"),
        description="Oak stool, natural",
        cost=Decimal("20.25"),
        full_name="Furniture:Stools:Oak Stool",
        tracked=True,
    )
    assert seen().stock == StockLevel(on_hand=Decimal(10))


@pytest.mark.parametrize(
    ("changes", "starts"),
    [
        ({"InvStartDate": "2026-01-15"}, date(2026, 1, 15)),
        ({"InvStartDate": "2026-01-15-08:00"}, date(2026, 1, 15)),
        ({"InvStartDate": None}, None),
        ({"InvStartDate": "2026-01-15", "Type": "NonInventory"}, None),
    ],
)
def test_what_quickbooks_counts_can_be_sold_from_its_start_on(changes: dict[str, object], starts: date | None) -> None:
    assert content(**changes).starts == starts


def test_a_bundle_has_parts_and_nothing_else_has() -> None:
    lines = [{"ItemRef": {"value": "7", "name": "x", "type": "Inventory"}, "Qty": 2.5}, {"ItemRef": {"value": 8}}, {}]
    group = {"ItemGroupDetail": {"ItemGroupLine": lines}}
    parts = (Part(item="7", quantity=Decimal("2.5")), Part(item="8", quantity=Decimal(1)))

    assert (content(Type="Group", **group).parts, content(Type="Group").parts, content(**group).parts) == (
        parts,
        (),
        (),
    )


def test_a_sale_moves_the_stock_and_neither_the_revision_nor_the_content() -> None:
    before, after = seen(), seen(QtyOnHand=-2.5)
    assert (after.content, after.revision) == (before.content, before.revision)
    assert after.stock == StockLevel(on_hand=Decimal("-2.5"))


@pytest.mark.parametrize(
    ("changes", "tracked"),
    [
        ({"TrackQtyOnHand": False}, False),
        ({"TrackQtyOnHand": None}, False),
        ({"Type": "NonInventory"}, False),
        ({"QtyOnHand": None}, True),
    ],
)
def test_an_item_that_is_not_counted_has_no_stock(changes: dict[str, object], tracked: bool) -> None:
    assert seen(**changes).stock is None and content(**changes).tracked is tracked


@pytest.mark.parametrize(
    ("text", "value"), [("0.333", "0.333"), ("1E+2", "100"), ("12.3400000", "12.34"), ('"7.5"', "7.5")]
)
def test_numbers_are_exact_in_whatever_form_they_come(text: str, value: str) -> None:
    body = json.dumps({**ITEM, "UnitPrice": "?", "PurchaseCost": "?", "QtyOnHand": "?"}).replace('"?"', text)
    remote = remote_from("product", body.encode())
    assert isinstance(remote.content, ProductContent) and remote.stock is not None
    assert [remote.content.unit_price, remote.content.cost, remote.stock.on_hand] == [Decimal(value)] * 3


@pytest.mark.parametrize(
    ("name", "full", "expected"),
    [
        ("Oak", "Oak", ("Oak", "")),
        ("Oak", None, ("Oak", "")),
        ("Oak (deleted)", "Oak (deleted)", ("Oak", "")),
        ("Oak", "Wood (deleted):Stools (deleted 2):Oak", ("Oak", "Wood:Stools:Oak")),
        ("Oak (deleted)", "Wood:Oak (deleted)", ("Oak", "Wood:Oak")),
        ("Oak (deleted) stool", "Oak (deleted) stool", ("Oak (deleted) stool", "")),
    ],
)
def test_the_note_that_something_was_made_inactive_is_in_no_name(
    name: str, full: str | None, expected: tuple[str, str]
) -> None:
    found = content(Name=name, FullyQualifiedName=full)
    assert (found.name, found.full_name) == expected


def test_custom_fields_that_have_a_name_and_a_value_are_attributes() -> None:
    fields = [
        {"DefinitionId": "1", "Type": "StringType", "Name": "Finish", "StringValue": "natural"},
        {"DefinitionId": "2", "Type": "NumberType", "Name": "Crate", "NumberValue": 12.50},
        {"DefinitionId": "3", "Type": "StringType", "Name": "Crew #"},
        {"DefinitionId": "4", "Type": "StringType", "Name": "Empty", "StringValue": ""},
        {"DefinitionId": "5", "Type": "StringType", "Name": "Nothing", "StringValue": None},
        {"DefinitionId": "6", "Type": "StringType", "StringValue": "nameless"},
        {"DefinitionId": "7", "Type": "BooleanType", "Name": "Fragile", "BooleanValue": True},
    ]
    assert content(CustomField=fields).attributes == (
        Attribute(name="Finish", value=Personal("natural")),
        Attribute(name="Crate", value=Personal("12.5")),
    )


@pytest.mark.parametrize("fields", [[], {}, "none", [7], [{"Name": 7}]])
def test_custom_fields_of_an_unknown_shape_leave_the_item_readable(fields: object) -> None:
    assert content(CustomField=fields) == content()


@pytest.mark.parametrize(("value", "has"), [("true", True), ("false", False), (None, False)])
def test_a_company_says_whether_it_has_categories(value: str | None, has: bool) -> None:
    pairs = [] if value is None else [{"Name": "ItemCategoriesFeature", "Value": value}]
    assert company_facts(json.dumps({"Id": "1", "NameValue": pairs}).encode(), b"{}").categories is has
