"""The lines of a sales document: what each kind must have, their order in replies, and the sums.

Source: QuickBooks reference, sections 2.10 and 7.5.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.company import Record
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.parts import CUSTOM_FIELD, REF
from adapters.quickbooks.standin.references import follow, named
from adapters.quickbooks.standin.shapes import DATE, FLAG, Field, Shape, choice, nested, number, several, shown, text

Wire = dict[str, Any]

SHIPPING = "SHIPPING_ITEM_ID"
CENT = Decimal("0.01")
# Source: QuickBooks reference, section 5.
MOST_LINES = 10_000
NOTHING = Decimal("0.00")

_SALES = Shape(
    "SalesItemLineDetail",
    {
        "ItemRef": REF,
        "Qty": number(7),
        "UnitPrice": number(7),
        "TaxCodeRef": REF,
        "ClassRef": REF,
        "ServiceDate": Field(DATE),
        "DiscountRate": number(7),
        "DiscountAmt": number(5),
        "TaxInclusiveAmt": number(5),
        "ItemAccountRef": shown(),
        "TaxClassificationRef": REF,
    },
)
_DISCOUNT = Shape(
    "DiscountLineDetail",
    {
        "PercentBased": Field(FLAG),
        "DiscountPercent": number(7),
        "DiscountAccountRef": REF,
        "ClassRef": REF,
        "TaxCodeRef": REF,
    },
)
_DESCRIPTION = Shape("DescriptionLineDetail", {"ServiceDate": Field(DATE), "TaxCodeRef": REF})
LINE = Shape(
    "Line",
    {
        "Id": text(),
        "LineNum": shown(),
        "Description": text(4000),
        "Amount": number(5),
        "DetailType": choice(
            "SalesItemLineDetail", "DiscountLineDetail", "SubTotalLineDetail", "DescriptionOnly", "GroupLineDetail"
        ),
        "SalesItemLineDetail": nested(_SALES),
        "DiscountLineDetail": nested(_DISCOUNT),
        "SubTotalLineDetail": shown(),
        "DescriptionLineDetail": nested(_DESCRIPTION),
        "GroupLineDetail": shown(),
        "LinkedTxn": shown(),
        "CustomField": several(CUSTOM_FIELD),
    },
)


@dataclass
class Sums:
    """The lines as replies carry them, with what they add up to."""

    items: list[Wire] = field(default_factory=list)
    discount: Wire | None = None
    shipping: Wire | None = None
    subtotal: Decimal = NOTHING
    taxable: Decimal = NOTHING

    @property
    def discounted(self) -> Decimal:
        return self.discount["Amount"] if self.discount else NOTHING

    @property
    def total(self) -> Decimal:
        """Before tax."""
        shipping: Decimal = self.shipping["Amount"] if self.shipping else NOTHING
        return self.subtotal - self.discounted + shipping

    def in_order(self) -> list[Wire]:
        """Item lines, sub-total, discount, shipping."""
        subtotal = {"DetailType": "SubTotalLineDetail", "Amount": self.subtotal, "SubTotalLineDetail": {}}
        return [*self.items, subtotal, *(line for line in (self.discount, self.shipping) if line)]


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def lines_required(body: Wire) -> None:
    """Raises Fault 2020 for a part that is absent, 2250 for an empty array."""
    lines = body.get("Line")
    if lines is None:
        raise refusals.missing("Line")
    if not lines:
        raise refusals.lines_missing()
    if len(lines) > MOST_LINES:
        raise refusals.business(f"A transaction can have at most {MOST_LINES} lines")
    for line in lines:
        kind = line.get("DetailType")
        absent = [] if kind is not None else ["DetailType"]
        if kind == "SalesItemLineDetail":
            absent += [each for each in ("Amount", "SalesItemLineDetail") if line.get(each) is None]
        if kind == "DiscountLineDetail" and line.get("DiscountLineDetail") is None:
            absent.append("DiscountLineDetail")
        if absent:
            raise refusals.missing(*absent)


def add_up(write: Write, lines: list[Wire], old: Record | None) -> Sums:
    """Follow the references of all lines, then check and sum them."""
    known_items = {_item_id(line) for line in (old.wire["Line"] if old else ())}
    items = [_item_of(write, line, known_items) for line in lines]
    write.must_be_subscribed()
    sums = Sums()
    for line, item in zip(lines, items, strict=True):
        kind = line["DetailType"]
        if kind == "GroupLineDetail":
            raise refusals.unsupported_feature("Bundles cannot be sold here")
        if kind == "DescriptionOnly":
            sums.items.append(_described(line))
        elif kind == "SalesItemLineDetail" and _item_id(line) == SHIPPING:
            _ship(write, sums, line)
        elif kind == "SalesItemLineDetail":
            _sell(write, sums, line, item)
    _number(sums.items, old)
    for line in lines:
        if line["DetailType"] == "DiscountLineDetail":
            _discount(write, sums, line)
    return sums


def _item_id(line: Wire) -> str | None:
    reference = line.get("SalesItemLineDetail", {}).get("ItemRef")
    return None if reference is None else str(reference.get("value"))


def _item_of(write: Write, line: Wire, known: set[str | None]) -> Record | None:
    """The item a line sells; without a reference, the company's default item. None for shipping and other kinds."""
    if line["DetailType"] != "SalesItemLineDetail" or _item_id(line) == SHIPPING:
        return None
    reference = line["SalesItemLineDetail"].get("ItemRef")
    if reference is None:
        return write.company.find("Item", "1")
    id = _item_id(line)
    item = follow(write, "Item", reference, id if id in known else None)
    if item.wire["Type"] == "Category":
        raise refusals.category_on_a_line()
    return item


def _sell(write: Write, sums: Sums, line: Wire, item: Record | None) -> None:
    detail = {key: value for key, value in line["SalesItemLineDetail"].items() if value is not None}
    quantity, price = detail.get("Qty"), detail.get("UnitPrice")
    if quantity is not None and quantity < 0 and write.switches.negative_quantity == "refuse":
        raise refusals.negative("Qty")
    amount: Decimal = line["Amount"]
    if quantity is not None and price is not None and amount != cents(quantity * price):
        raise refusals.amount_mismatch(f"{amount:,}", "Line")
    amount = cents(amount)
    tax_code = detail.setdefault("TaxCodeRef", {"value": "NON"}).get("value")
    if tax_code not in ("TAX", "NON") and write.in_the_us:
        raise refusals.bad_tax_code(str(tax_code))
    if item is not None:
        detail["ItemRef"] = named(item)
    wire: Wire = {"DetailType": "SalesItemLineDetail", "Amount": amount, "SalesItemLineDetail": detail}
    _keep(line, wire)
    sums.items.append(wire)
    sums.subtotal += amount
    if tax_code == "TAX":
        sums.taxable += amount


def _described(line: Wire) -> Wire:
    wire: Wire = {"DetailType": "DescriptionOnly", "DescriptionLineDetail": line.get("DescriptionLineDetail") or {}}
    _keep(line, wire)
    return wire


def _keep(line: Wire, wire: Wire) -> None:
    for key in ("Id", "Description", "CustomField"):
        if line.get(key) is not None:
            wire[key] = line[key]


def _ship(write: Write, sums: Sums, line: Wire) -> None:
    if not write.company.prefers("SalesFormsPrefs", "AllowShipping"):
        raise refusals.business("Shipping is turned off in the company's sales settings")
    if sums.shipping is not None:
        raise refusals.business("An invoice can have only one shipping line")
    sums.shipping = {
        "DetailType": "SalesItemLineDetail",
        "Amount": cents(line["Amount"]),
        "SalesItemLineDetail": {"ItemRef": {"value": SHIPPING}},
    }


def _discount(write: Write, sums: Sums, line: Wire) -> None:
    if not write.company.prefers("SalesFormsPrefs", "AllowDiscount"):
        raise refusals.business("Discounts are turned off in the company's sales settings")
    if sums.discount is not None:
        raise refusals.business("An invoice can have only one discount line")
    detail = dict(line["DiscountLineDetail"])
    by_percent = detail.get("PercentBased") is True
    given = detail.get("DiscountPercent") if by_percent else line.get("Amount")
    if given is None:
        raise refusals.discount_incomplete()
    if given < 0:
        raise refusals.negative("DiscountPercent" if by_percent else "Amount")
    account = detail.get("DiscountAccountRef") or {
        "value": str(write.company.prefers("SalesFormsPrefs", "DefaultDiscountAccount"))
    }
    detail["PercentBased"] = by_percent
    detail["DiscountAccountRef"] = named(follow(write, "Account", account))
    amount = cents(sums.subtotal * given / 100) if by_percent else cents(given)
    sums.discount = {"DetailType": "DiscountLineDetail", "Amount": amount, "DiscountLineDetail": detail}


def _number(items: list[Wire], old: Record | None) -> None:
    """A line keeps the id it had; a line without one, or with one unknown here, gets the next that was never used."""
    known = {line["Id"] for line in old.wire["Line"] if "Id" in line} if old else set()
    last = old.last_line if old else 0
    for position, line in enumerate(items, start=1):
        if line.get("Id") not in known:
            last += 1
            line["Id"] = str(last)
        known.discard(line["Id"])
        line["LineNum"] = position
