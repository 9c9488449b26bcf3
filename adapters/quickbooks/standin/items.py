"""Item: services, products, categories; bundles come by hand. Source: QuickBooks reference, section 7.4."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from adapters.quickbooks.standin import list_refusals, refusals
from adapters.quickbooks.standin.accounts import ACCOUNTS_FOR, must_be_of_type
from adapters.quickbooks.standin.company import Company, Record
from adapters.quickbooks.standin.hierarchy import place_under, rename_below
from adapters.quickbooks.standin.kinds import Kind, Write
from adapters.quickbooks.standin.parts import REF, SYSTEM
from adapters.quickbooks.standin.references import follow, must_be_free, name_when_inactive, named, value_of
from adapters.quickbooks.standin.shapes import (
    DATE,
    FLAG,
    Field,
    Shape,
    choice,
    name,
    nested,
    number,
    several,
    shown,
    text,
)
from adapters.quickbooks.standin.times import today

Wire = dict[str, Any]

_PART = Shape("ItemGroupLine", {"ItemRef": REF, "Qty": number(7)})
_PARTS = Shape("ItemGroupDetail", {"ItemGroupLine": several(_PART)})
ITEM = Shape(
    "Item",
    {
        "Name": name(100),
        "Type": choice("Service", "NonInventory", "Inventory", "Category", "Group"),
        "Sku": text(100),
        "Description": text(4000),
        "PurchaseDesc": text(1000),
        "UnitPrice": number(7),
        "PurchaseCost": number(7),
        "Taxable": Field(FLAG),
        "SalesTaxIncluded": Field(FLAG),
        "PurchaseTaxIncluded": Field(FLAG),
        "IncomeAccountRef": REF,
        "ExpenseAccountRef": REF,
        "AssetAccountRef": REF,
        "TrackQtyOnHand": Field(FLAG),
        "QtyOnHand": number(7),
        "InvStartDate": Field(DATE),
        "ReorderPoint": number(7),
        "SubItem": Field(FLAG),
        "ParentRef": REF,
        "ClassRef": REF,
        "PrefVendorRef": REF,
        "SalesTaxCodeRef": REF,
        "PurchaseTaxCodeRef": REF,
        "TaxClassificationRef": REF,
        "Active": Field(FLAG),
        "FullyQualifiedName": shown(),
        "Level": shown(),
        "ItemGroupDetail": nested(_PARTS),
        "PrintGroupedItems": Field(FLAG),
        **SYSTEM,
    },
)
_ACCOUNTS = ("IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef")
_INVENTORY_ONLY = ("AssetAccountRef", "QtyOnHand", "InvStartDate", "ReorderPoint")
# A category shows nothing that has to do with selling. Source: QuickBooks reference, section 7.4.
_OF_A_CATEGORY = frozenset({"Name", "Type", "Active", "SubItem", "ParentRef", *SYSTEM})
_OF_A_BUNDLE = frozenset({"ItemGroupDetail", "PrintGroupedItems"})


class ItemKind(Kind):
    entity = "Item"
    shape = ITEM
    can_create = can_update = True
    kept = frozenset({"Name", "Type", "ReorderPoint"})

    def required(self, body: Wire, *, sparse: bool) -> None:
        if sparse:
            return
        wanted = ["Name", "Type"]
        if body.get("Type") in ("Service", "NonInventory"):
            wanted.append("IncomeAccountRef")
        elif body.get("Type") == "Inventory":
            wanted += ["TrackQtyOnHand", "QtyOnHand", "InvStartDate", *_ACCOUNTS]
        absent = [each for each in wanted if body.get(each) in (None, "")]
        if absent:
            raise refusals.missing(*absent)

    def compose(self, write: Write, fields: Wire, old: Record | None, sent: frozenset[str]) -> Wire:
        before = old.wire if old else None
        kind = str(fields["Type"])
        for each in _ACCOUNTS:
            if each in fields:
                account = follow(write, "Account", fields[each], value_of(before, each))
                must_be_of_type(account, ACCOUNTS_FOR[each])
                fields[each] = named(account)
        parent = self._parent(write, fields, before, kind)
        write.must_be_subscribed()
        self._type(write, fields, before, kind)
        if kind == "Inventory":
            _quantity(write, fields, before, sent)
        was_active = before is None or before["Active"] is True
        active = fields.setdefault("Active", True) is True
        if kind == "Category" and was_active and not active:
            raise refusals.business("A category cannot be made inactive")
        own_name = name_when_inactive(write, fields["Name"], active, was_active)
        place = place_under(write, parent, own_name, old)
        must_be_free(write, place["FullyQualifiedName"], "Item", old.id if old else None)
        return {**_first(kind), **_parts(write, fields, kind, before), "Name": own_name, **place}

    def settle(self, write: Write, record: Record, before: Wire | None) -> None:
        """A renamed or moved category, or parent product, renames what is below it."""
        if before is not None:
            rename_below(write, record, before)

    def _parent(self, write: Write, fields: Wire, before: Wire | None, kind: str) -> Record | None:
        """Raises Fault 700 for a parent that cannot be one, 2020 for a sub-item without one."""
        if not fields.get("SubItem"):
            fields.pop("ParentRef", None)
            return None
        if fields.get("ParentRef") is None:
            raise refusals.missing("ParentRef")
        parent = follow(write, "Item", fields["ParentRef"], value_of(before, "ParentRef"))
        is_category = parent.wire["Type"] == "Category"
        if kind == "Category" and not is_category:
            raise list_refusals.invalid_parent("a category stands below categories only")
        if not is_category and has_categories(write.company):
            raise list_refusals.invalid_parent("a product stands below categories only while categories are on")
        fields["ParentRef"] = named(parent)
        return parent

    def _type(self, write: Write, fields: Wire, before: Wire | None, kind: str) -> None:
        company = write.company
        if before is not None and before["Type"] != kind and "Category" in (before["Type"], kind):
            raise refusals.business("A category cannot become a product, nor a product a category")
        if before is not None and before["Type"] == "Inventory" and kind != "Inventory":
            raise refusals.business("The type of an inventory item cannot be changed")
        if kind == "Group" and not company.by_person:
            raise refusals.unsupported_feature("A bundle cannot be made or changed here")
        if kind == "Category":
            if not has_categories(company):
                raise list_refusals.no_categories()
            _only(fields, _OF_A_CATEGORY)
        if kind == "Inventory":
            if not company.standing.has_inventory or not company.prefers("ProductAndServicesPrefs", "QuantityOnHand"):
                raise list_refusals.no_inventory()
            if fields.get("TrackQtyOnHand") is not True:
                raise refusals.business("An inventory item needs TrackQtyOnHand")
        elif kind != "Category":
            _only(fields, frozenset(ITEM.fields) - set(_INVENTORY_ONLY))
            if fields.get("TrackQtyOnHand"):
                raise refusals.unknown_property("TrackQtyOnHand", "Item", list(ITEM.fields))


def has_categories(company: Company) -> bool:
    """Whether the company's plan has categories. Source: QuickBooks reference, section 7.4."""
    values = company.all("CompanyInfo")[0].wire.get("NameValue", ())
    return {"Name": "ItemCategoriesFeature", "Value": "true"} in values


def _first(kind: str) -> Wire:
    """What a product shows though nobody said it."""
    if kind == "Category":
        return {}
    return {"Taxable": False, "UnitPrice": Decimal(0), "PurchaseCost": Decimal(0), "TrackQtyOnHand": False}


def _parts(write: Write, fields: Wire, kind: str, before: Wire | None) -> Wire:
    """The parts of a bundle with their names and types; of anything else they are no property."""
    if kind != "Group":
        return {name: value for name, value in fields.items() if name not in _OF_A_BUNDLE}
    known = {part["ItemRef"]["value"] for part in (before or {}).get("ItemGroupDetail", {}).get("ItemGroupLine", ())}
    parts = []
    for part in fields.get("ItemGroupDetail", {}).get("ItemGroupLine", ()):
        id = value_of(part, "ItemRef")
        item = follow(write, "Item", part.get("ItemRef") or {}, id if id in known else None)
        if item.wire["Type"] in ("Category", "Group"):
            raise refusals.invalid_reference("Items", item.id)
        parts.append({"Qty": part.get("Qty", 1), "ItemRef": {**named(item), "type": item.wire["Type"]}})
    return {"PrintGroupedItems": False, **fields, "ItemGroupDetail": {"ItemGroupLine": parts}}


def _only(fields: Wire, allowed: frozenset[str]) -> None:
    for each in fields:
        if each not in allowed and each not in _OF_A_BUNDLE:
            raise refusals.unknown_property(each, "Item", list(ITEM.fields))


def _quantity(write: Write, fields: Wire, before: Wire | None, sent: frozenset[str]) -> None:
    """Set once; later only as an adjustment, dated by InvStartDate, where the switch says so. Raises Fault 2060."""
    if before is None:
        if fields["InvStartDate"] > today(write.company.clock.now()):
            raise refusals.Fault(refusals.bad_date("InvStartDate", fields["InvStartDate"]))
        return
    adjusting = "QtyOnHand" in sent and write.switches.quantity_in_update == "adjust"
    if not adjusting and "QtyOnHand" in before:
        fields["QtyOnHand"] = before["QtyOnHand"]
    moved = write.company.by_person and "InvStartDate" in sent  # in the browser its starting value can be changed
    if "InvStartDate" in before and not moved:
        fields["InvStartDate"] = before["InvStartDate"]
