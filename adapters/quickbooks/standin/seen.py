"""An invoice as a test reads it."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import msgspec

from adapters.quickbooks.standin.company import Company, Record
from adapters.quickbooks.standin.sums import every_line

Wire = dict[str, Any]


class LineSeen(msgspec.Struct, frozen=True):
    """One product line; `sku` is the item's, empty when it has none."""

    sku: str
    item: str
    quantity: Decimal | None
    price: Decimal | None
    amount: Decimal
    description: str


class InvoiceSeen(msgspec.Struct, frozen=True):
    """The facts of an invoice, and all of it as `wire`. `customer` is the name; `lines` has no sums and no shipping.

    Of a bundle it has the lines inside.
    """

    id: str
    doc_number: str
    customer: str
    customer_id: str
    day: str
    due_day: str
    total: Decimal
    balance: Decimal
    note: str
    lines: tuple[LineSeen, ...]
    wire: Wire


def invoice_seen(record: Record, company: Company) -> InvoiceSeen:
    """A copy that later changes do not touch."""
    wire = copy.deepcopy(record.wire)
    return InvoiceSeen(
        id=record.id,
        doc_number=wire.get("DocNumber", ""),
        customer=wire["CustomerRef"]["name"],
        customer_id=wire["CustomerRef"]["value"],
        day=wire["TxnDate"],
        due_day=wire["DueDate"],
        total=Decimal(wire["TotalAmt"]),
        balance=Decimal(wire["Balance"]),
        note=wire.get("PrivateNote", ""),
        lines=tuple(_line_seen(line, company) for line in every_line(wire["Line"]) if _is_seen(line)),
        wire=wire,
    )


def _is_seen(line: Wire) -> bool:
    return "LineNum" in line and line["DetailType"] != "GroupLineDetail"


def _line_seen(line: Wire, company: Company) -> LineSeen:
    detail = line.get("SalesItemLineDetail", {})
    reference = detail.get("ItemRef", {})
    item = company.find("Item", reference.get("value", ""))
    return LineSeen(
        sku=item.wire.get("Sku", "") if item else "",
        item=reference.get("name", ""),
        quantity=detail.get("Qty"),
        price=detail.get("UnitPrice"),
        amount=Decimal(line.get("Amount", 0)),
        description=line.get("Description", ""),
    )
