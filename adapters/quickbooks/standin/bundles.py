"""Bundles on a sales document: one line that stands for several. Source: QuickBooks reference, sections 7.4 and 7.5."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.company import Record
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.references import named
from adapters.quickbooks.standin.sums import NOTHING, cents

Wire = dict[str, Any]


def lines_of_bundle(write: Write, line: Wire, bundle: Record) -> list[Wire]:
    """The lines inside: those that were sent, where the switch takes them; else one for each part of the bundle at the part's own
    price. Raises Fault 2500 when the item is no bundle.
    """
    if bundle.wire["Type"] != "Group":
        raise refusals.invalid_reference("Items", bundle.id)
    detail = line["GroupLineDetail"]
    if detail.get("Line") and write.switches.bundle_lines == "sent":
        return list(detail["Line"])
    parts = bundle.wire.get("ItemGroupDetail", {}).get("ItemGroupLine", ())
    return [_line_of(write, part, detail.get("Quantity", Decimal(1))) for part in parts]


def _line_of(write: Write, part: Wire, bundles: Decimal) -> Wire:
    item = write.company.find("Item", part["ItemRef"]["value"])
    facts: Wire = item.wire if item else {}
    quantity, price = Decimal(part.get("Qty", 1)) * bundles, facts.get("UnitPrice", NOTHING)
    detail = {"ItemRef": part["ItemRef"], "Qty": quantity, "UnitPrice": price}
    if write.in_the_us:
        detail["TaxCodeRef"] = {"value": "TAX" if facts.get("Taxable") else "NON"}
    elif "SalesTaxCodeRef" in facts:
        detail["TaxCodeRef"] = facts["SalesTaxCodeRef"]
    line = {"DetailType": "SalesItemLineDetail", "Amount": cents(quantity * price), "SalesItemLineDetail": detail}
    return {**line, "Description": facts["Description"]} if facts.get("Description") else line


def bundle_line(write: Write, line: Wire, bundle: Record, inside: list[Wire]) -> Wire:
    """The line as replies carry it: its own amount is 0, the money is in the lines inside. Raises Fault 6520."""
    detail = line["GroupLineDetail"]
    quantity = detail.get("Quantity")
    if quantity is None and write.switches.quantity_missing == "6520":
        raise refusals.quantity_missing(bundle.wire["Name"])
    shown = {"GroupItemRef": named(bundle), "Quantity": Decimal(1) if quantity is None else quantity, "Line": inside}
    if "ServiceDate" in detail:
        shown["ServiceDate"] = detail["ServiceDate"]
    return {"DetailType": "GroupLineDetail", "Amount": NOTHING, "GroupLineDetail": shown}
