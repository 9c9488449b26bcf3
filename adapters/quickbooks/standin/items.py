"""Item: services, non-inventory and inventory products; categories come by hand. Source: QuickBooks reference, 7.4."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.company import Record
from adapters.quickbooks.standin.kinds import Kind, Write
from adapters.quickbooks.standin.parts import REF, SYSTEM
from adapters.quickbooks.standin.references import follow, must_be_free, name_when_inactive, named, value_of
from adapters.quickbooks.standin.shapes import DATE, FLAG, Field, Shape, choice, name, number, shown, text

Wire = dict[str, Any]

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
        "ItemGroupDetail": shown(),
        "PrintGroupedItems": shown(),
        **SYSTEM,
    },
)
_ACCOUNTS = ("IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef")
_INVENTORY_ONLY = ("AssetAccountRef", "QtyOnHand", "InvStartDate", "ReorderPoint")


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
                fields[each] = named(follow(write, "Account", fields[each], value_of(before, each)))
        parent = None
        if fields.get("SubItem") and fields.get("ParentRef"):
            parent = follow(write, "Item", fields["ParentRef"], value_of(before, "ParentRef"))
            fields["ParentRef"] = named(parent)
        write.must_be_subscribed()
        self._type(write, fields, before, kind)
        was_active = before is None or before["Active"] is True
        active = fields.setdefault("Active", True) is True
        own_name = name_when_inactive(write, fields["Name"], active, was_active)
        full_name = f"{parent.wire['FullyQualifiedName']}:{own_name}" if parent else own_name
        must_be_free(write, full_name, "Item", old.id if old else None)
        priced: Wire = (
            {} if kind == "Category" else {"Taxable": False, "UnitPrice": Decimal(0), "PurchaseCost": Decimal(0)}
        )
        wire: Wire = {**priced, **fields, "Name": own_name, "FullyQualifiedName": full_name}
        if kind != "Category":
            wire.setdefault("TrackQtyOnHand", False)
        if parent is not None:
            wire["Level"] = parent.wire.get("Level", 0) + 1
        return wire

    def _type(self, write: Write, fields: Wire, before: Wire | None, kind: str) -> None:
        if before is None and kind in ("Category", "Group") and not write.company.by_person:
            raise refusals.unsupported_feature(f"An item of type {kind} cannot be created here")
        if before is not None and before["Type"] == "Inventory" and kind != "Inventory":
            raise refusals.business("The type of an inventory item cannot be changed")
        if kind == "Inventory" and fields.get("TrackQtyOnHand") is not True:
            raise refusals.business("An inventory item needs TrackQtyOnHand")
        if kind != "Inventory":
            for each in _INVENTORY_ONLY:
                if each in fields:
                    raise refusals.unknown_property(each, "Item", list(ITEM.fields))
