"""The lines of a sales document: their references, what each kind must obey, their order in replies, and the sums.

Source: QuickBooks reference, sections 2.10 and 7.5.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.accounts import DISCOUNT_ACCOUNTS, must_be_of_type
from adapters.quickbooks.standin.bundles import bundle_line, lines_of_bundle
from adapters.quickbooks.standin.company import Company, Record
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.line_shapes import LINE, MOST_TAXABLE_LINES, lines_required
from adapters.quickbooks.standin.references import follow, named
from adapters.quickbooks.standin.sums import NOTHING, Sums, cents, every_line
from adapters.quickbooks.standin.tax import line_code, tax_mode, without_tax
from adapters.quickbooks.standin.tracking import class_of

__all__ = ["LINE", "NOTHING", "SHIPPING", "Basis", "Sums", "add_up", "cents", "every_line", "lines_required"]

Wire = dict[str, Any]

SHIPPING = "SHIPPING_ITEM_ID"
INLINE_SUBTOTAL = "Subtotal:"


class Basis(NamedTuple):
    """What a document says about all its lines: its day, and how its amounts go together with foreign tax."""

    day: str = ""
    calculation: str = ""


class _Meant(NamedTuple):
    """A line with the records it refers to; a bundle with the lines inside it."""

    line: Wire
    record: Record | None = None
    inside: tuple[_Meant, ...] = ()


def add_up(write: Write, lines: list[Wire], old: Record | None, basis: Basis | None = None) -> Sums:
    """Follow the references of all lines, then check and sum them; for any kind of sales document."""
    basis = basis or Basis()
    known = {_item_id(line) for line in every_line(old.wire["Line"])} if old else set()
    meant = [_meant(write, line, known) for line in lines]
    write.must_be_subscribed()
    sums = Sums()
    for one in meant:
        wire = _taken(write, sums, one, basis)
        if wire is not None:
            sums.items.append(wire)
    for one in meant:
        if one.line["DetailType"] == "DiscountLineDetail":
            _discount(write, sums, one)
    _number(sums.items, old)
    if sums.taxed and tax_mode(write) != "none" and sum(1 for _ in every_line(sums.items)) > MOST_TAXABLE_LINES:
        raise refusals.business(f"A taxable transaction can have at most {MOST_TAXABLE_LINES} lines")
    return sums


def _item_id(line: Wire) -> str | None:
    detail = line.get("SalesItemLineDetail") or line.get("GroupLineDetail") or {}
    reference = detail.get("ItemRef", detail.get("GroupItemRef"))
    return None if reference is None else str(reference.get("value", ""))


def _meant(write: Write, line: Wire, known: set[str | None]) -> _Meant:
    """Raises Fault 2500 or 610 for what a line refers to; without an item it sells the company's default one."""
    kind = line["DetailType"]
    if kind == "DiscountLineDetail":
        detail = dict(line["DiscountLineDetail"])
        class_of(write, detail, line=True)
        return _Meant({**line, "DiscountLineDetail": detail}, _discount_account(write, detail))
    if kind not in ("SalesItemLineDetail", "GroupLineDetail") or _item_id(line) == SHIPPING:
        return _Meant(line)
    named_id = _item_id(line)
    id = _default_item(write.company) if named_id is None else named_id
    item = follow(write, "Item", {"value": id}, id if id in known else None)
    if item.wire["Type"] == "Category":
        raise refusals.category_on_a_line()
    if kind == "GroupLineDetail":
        return _Meant(line, item, tuple(_meant(write, one, known) for one in lines_of_bundle(write, line, item)))
    detail = {key: value for key, value in line["SalesItemLineDetail"].items() if value is not None}
    class_of(write, detail, line=True)
    return _Meant({**line, "SalesItemLineDetail": detail}, item)


def _default_item(company: Company) -> str:
    """Source: QuickBooks reference, section 7.5 (Id 1, "Services", in the sandbox)."""
    others = company.preferences.get("OtherPrefs", {}).get("NameValue", ())
    return next((str(one["Value"]) for one in others if one["Name"] == "SalesFormsPrefs.DefaultItem"), "1")


def _discount_account(write: Write, detail: Wire) -> Record | None:
    """The account named, or the company's own, which is a bare id in recorded replies and a reference in the docs."""
    reference = detail.get("DiscountAccountRef") or write.company.prefers("SalesFormsPrefs", "DefaultDiscountAccount")
    if reference is None:
        return None
    return follow(write, "Account", reference if isinstance(reference, dict) else {"value": reference})


def _taken(write: Write, sums: Sums, meant: _Meant, basis: Basis) -> Wire | None:
    """A line as replies carry it, counted; None for one that has its place after the sub-total."""
    line, kind = meant.line, meant.line["DetailType"]
    wire: Wire
    if kind == "DescriptionOnly":
        wire = {"DetailType": kind, "DescriptionLineDetail": line.get("DescriptionLineDetail") or {}}
    elif kind == "SalesItemLineDetail" and meant.record is None:
        _ship(write, sums, line, basis)
        return None
    elif kind == "SalesItemLineDetail":
        wire = _sell(write, sums, meant, basis)
    elif kind == "GroupLineDetail":
        assert meant.record is not None
        inside = [each for one in meant.inside if (each := _taken(write, sums, one, basis)) is not None]
        wire = bundle_line(write, line, meant.record, inside)
    else:
        return None
    wire.update({key: line[key] for key in ("Id", "Description", "CustomField") if line.get(key) is not None})
    if kind == "DescriptionOnly" and str(wire.get("Description", "")).startswith(INLINE_SUBTOTAL):
        wire["Description"] = f"{INLINE_SUBTOTAL} {sums.running}"
        sums.running = NOTHING
    return wire


def _sell(write: Write, sums: Sums, meant: _Meant, basis: Basis) -> Wire:
    line, item = meant.line, meant.record
    assert item is not None
    detail = dict(line["SalesItemLineDetail"])
    if item.wire["Type"] == "Group":
        raise refusals.business("A bundle is sold with a GroupLineDetail line")
    _stocked(write, item, detail, basis.day)
    amount = _amount(write, line["Amount"], detail, basis)
    code = line_code(write, detail, basis.calculation)
    within = detail.pop("TaxInclusiveAmt", None)
    if basis.calculation == "TaxInclusive":
        gross = cents(within) if within and not {"Qty", "UnitPrice"} <= detail.keys() else amount
        amount, detail["TaxInclusiveAmt"] = without_tax(write, sums, gross, code), gross
    detail["ItemRef"] = named(item)
    if write.switches.line_item_account and "IncomeAccountRef" in item.wire:
        detail["ItemAccountRef"] = item.wire["IncomeAccountRef"]
    if "DiscountRate" in detail:
        detail["DiscountAmt"] = cents(amount * detail["DiscountRate"] / 100)
    sums.sell(amount, code)
    return {"DetailType": "SalesItemLineDetail", "Amount": amount, "SalesItemLineDetail": detail}


def _stocked(write: Write, item: Record, detail: Wire, day: str) -> None:
    """Raises Fault 6520 and 6270 for an inventory item without a quantity or sold before it was there."""
    if item.wire["Type"] != "Inventory":
        return
    if "Qty" not in detail:
        if write.switches.quantity_missing == "6520":
            raise refusals.quantity_missing(item.wire["Name"])
        detail["Qty"] = Decimal(1)
    if day and day < str(item.wire.get("InvStartDate", "")):
        raise refusals.before_inventory_start(item.wire["Name"])


def _amount(write: Write, amount: Decimal, detail: Wire, basis: Basis) -> Decimal:
    """Quantity times price rounded half up, or what was sent when one of them is absent. Raises Fault 6070, 2290."""
    quantity, price = detail.get("Qty"), detail.get("UnitPrice")
    if quantity is not None and quantity < 0 and write.switches.negative_quantity == "refuse":
        raise refusals.negative("Qty")
    if quantity is None or price is None:
        return cents(amount)
    if quantity == price == 0 and amount != 0:
        # What a widely used client library sends for "no quantity, no price", and QuickBooks takes so.
        del detail["Qty"], detail["UnitPrice"]
        return cents(amount)
    worth = cents(quantity * price)
    if basis.calculation and write.switches.global_tax_amount == "recompute":
        return worth
    if amount != worth:
        raise refusals.amount_mismatch(f"{amount:,}", "Line")
    return worth


def _ship(write: Write, sums: Sums, line: Wire, basis: Basis) -> None:
    if not write.company.prefers("SalesFormsPrefs", "AllowShipping"):
        raise refusals.business("Shipping is turned off in the company's sales settings")
    if sums.shipping is not None:
        raise refusals.business("An invoice can have only one shipping line")
    detail: Wire = {"ItemRef": {"value": SHIPPING}}
    if "TaxCodeRef" in line["SalesItemLineDetail"]:
        detail["TaxCodeRef"] = line["SalesItemLineDetail"]["TaxCodeRef"]
        line_code(write, detail, basis.calculation)
    sums.shipping = {
        "DetailType": "SalesItemLineDetail",
        "Amount": cents(line["Amount"]),
        "SalesItemLineDetail": detail,
    }


def _discount(write: Write, sums: Sums, meant: _Meant) -> None:
    if not write.company.prefers("SalesFormsPrefs", "AllowDiscount"):
        raise refusals.business("Discounts are turned off in the company's sales settings")
    if sums.discount is not None:
        raise refusals.business("An invoice can have only one discount line")
    if meant.record is None:
        raise refusals.business("There is no account for discounts in the company's sales settings")
    must_be_of_type(meant.record, DISCOUNT_ACCOUNTS)
    detail = dict(meant.line["DiscountLineDetail"])
    by_percent = detail.get("PercentBased") is True
    given = detail.get("DiscountPercent") if by_percent else meant.line.get("Amount")
    if given is None:
        raise refusals.discount_incomplete()
    if given < 0:
        raise refusals.negative("DiscountPercent" if by_percent else "Amount")
    detail["PercentBased"] = by_percent
    detail["DiscountAccountRef"] = named(meant.record)
    amount = cents(sums.subtotal * given / 100) if by_percent else cents(given)
    sums.discount = {"DetailType": "DiscountLineDetail", "Amount": amount, "DiscountLineDetail": detail}


def _number(items: list[Wire], old: Record | None) -> None:
    """A line keeps the id it had; a line without one, or with one unknown here, gets the next that was never used."""
    known = {line["Id"] for line in every_line(old.wire["Line"]) if "Id" in line} if old else set()
    last = old.last_line if old else 0
    for position, line in enumerate(every_line(items), start=1):
        if line.get("Id") not in known:
            last += 1
            line["Id"] = str(last)
        known.discard(line["Id"])
        line["LineNum"] = position
