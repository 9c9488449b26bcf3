"""What the lines of a sales document may look like, and what each kind must have. Source: QuickBooks reference, 7.5."""

from __future__ import annotations

from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.parts import CUSTOM_FIELD, REF
from adapters.quickbooks.standin.shapes import DATE, FLAG, Field, Shape, choice, nested, number, several, shown, text
from adapters.quickbooks.standin.sums import every_line

Wire = dict[str, Any]

# Source: QuickBooks reference, section 5.
MOST_LINES = 10_000
MOST_TAXABLE_LINES = 750

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
        "MarkupInfo": shown(),
        "PriceLevelRef": shown(),
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
        "Discount": shown(),
    },
)
_DESCRIPTION = Shape("DescriptionLineDetail", {"ServiceDate": Field(DATE), "TaxCodeRef": REF})
_SIMPLE = {
    "Id": text(),
    "LineNum": shown(),
    "Description": text(4000),
    "Amount": number(5),
    "DetailType": choice(
        "SalesItemLineDetail", "DiscountLineDetail", "SubTotalLineDetail", "DescriptionOnly", "GroupLineDetail"
    ),
    "SalesItemLineDetail": nested(_SALES),
    "DescriptionLineDetail": nested(_DESCRIPTION),
    "LinkedTxn": shown(),
    "CustomField": several(CUSTOM_FIELD),
}
_GROUP = Shape(
    "GroupLineDetail",
    {
        "GroupItemRef": REF,
        "Quantity": number(7),
        "Line": several(Shape("Line", _SIMPLE)),
        "ServiceDate": Field(DATE),
    },
)
LINE = Shape(
    "Line",
    {
        **_SIMPLE,
        "DiscountLineDetail": nested(_DISCOUNT),
        "SubTotalLineDetail": shown(),
        "SubtotalLineDetail": shown(),
        "GroupLineDetail": nested(_GROUP),
    },
)


def lines_required(body: Wire) -> None:
    """Raises Fault 2020 for a part that is absent, 2250 for an empty array."""
    lines = body.get("Line")
    if lines is None:
        raise refusals.missing("Line")
    if all(line.get("DetailType") == "SubTotalLineDetail" for line in lines):
        raise refusals.lines_missing()
    if len(lines) > MOST_LINES:
        raise refusals.business(f"A transaction can have at most {MOST_LINES} lines")
    for line in every_line(lines):
        kind = line.get("DetailType")
        absent = [] if kind is not None else ["DetailType"]
        if kind == "SalesItemLineDetail":
            absent += [each for each in ("Amount", "SalesItemLineDetail") if line.get(each) is None]
        if kind == "DiscountLineDetail" and line.get("DiscountLineDetail") is None:
            absent.append("DiscountLineDetail")
        if kind == "GroupLineDetail" and (line.get("GroupLineDetail") or {}).get("GroupItemRef") is None:
            absent.append("GroupItemRef")
        if absent:
            raise refusals.missing(*absent)
