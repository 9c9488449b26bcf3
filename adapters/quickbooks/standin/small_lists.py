"""The short lists: terms, payment methods, accounts, classes, locations, customer types, tax codes.

Source: QuickBooks reference, sections 7.2 and 7.3, and the recorded account.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.company import Company, Record
from adapters.quickbooks.standin.customers import CURRENCY_NAMES
from adapters.quickbooks.standin.hierarchy import place_under, rename_below
from adapters.quickbooks.standin.kinds import Kind, Write
from adapters.quickbooks.standin.parts import REF, SYSTEM
from adapters.quickbooks.standin.references import follow, must_be_free, name_when_inactive, named, value_of
from adapters.quickbooks.standin.shapes import DATE, FLAG, Field, Shape, choice, name, number, shown, text

Wire = dict[str, Any]

TERM = Shape(
    "Term",
    {
        "Name": name(31),
        "Active": Field(FLAG),
        "DueDays": number(0),
        "DayOfMonthDue": number(0),
        "DueNextMonthDays": number(0),
        "DiscountDays": number(0),
        "DiscountDayOfMonth": number(0),
        "DiscountPercent": number(7),
        "Type": shown(),
        "OpenBalanceDate": Field(DATE),
        **SYSTEM,
    },
)
PAYMENT_METHOD = Shape(
    "PaymentMethod",
    {"Name": name(31), "Active": Field(FLAG), "Type": choice("CREDIT_CARD", "NON_CREDIT_CARD"), **SYSTEM},
)
ACCOUNT = Shape(
    "Account",
    {
        "Name": name(100),
        "Active": Field(FLAG),
        "AccountType": text(),
        "AccountSubType": text(),
        "AcctNum": text(20),
        "Description": text(100),
        "SubAccount": Field(FLAG),
        "ParentRef": REF,
        "CurrencyRef": REF,
        "TaxCodeRef": REF,
        "FullyQualifiedName": shown(),
        "Classification": shown(),
        "CurrentBalance": shown(),
        "CurrentBalanceWithSubAccounts": shown(),
        "Level": shown(),
        **SYSTEM,
    },
)
LABEL = {"Name": name(100), "Active": Field(FLAG), "ParentRef": REF, "FullyQualifiedName": shown(), "Level": shown()}
CLASSIFICATIONS = {
    **dict.fromkeys(("Bank", "Accounts Receivable", "Other Current Asset", "Fixed Asset", "Other Asset"), "Asset"),
    **dict.fromkeys(("Accounts Payable", "Credit Card", "Other Current Liability", "Long Term Liability"), "Liability"),
    **dict.fromkeys(("Income", "Other Income"), "Revenue"),
    **dict.fromkeys(("Expense", "Other Expense", "Cost of Goods Sold"), "Expense"),
    "Equity": "Equity",
}
"""What an account counts as, by its type."""


class ListKind(Kind):
    """A named entry that is made inactive and never deleted. The name is unique within its kind."""

    can_create = can_update = True
    kept = frozenset({"Name"})
    # The flag that says that an entry stands below another one; empty for flat lists.
    below = ""

    def __init__(self, shape: Shape) -> None:
        self.entity = shape.java
        self.shape = shape

    def required(self, body: Wire, *, sparse: bool) -> None:
        if not sparse and not body.get("Name"):
            raise refusals.missing("Name")

    def compose(self, write: Write, fields: Wire, old: Record | None, sent: frozenset[str]) -> Wire:
        before = old.wire if old else None
        write.must_be_subscribed()
        was_active = before is None or before["Active"] is True
        active = fields.setdefault("Active", True) is True
        own_name = name_when_inactive(write, fields["Name"], active, was_active)
        place = self._place(write, fields, old, own_name)
        must_be_free(write, place.get("FullyQualifiedName", own_name), self.entity, old.id if old else None)
        return {**self.facts(write, fields, before), "Name": own_name, **place}

    def facts(self, write: Write, fields: Wire, before: Wire | None) -> Wire:
        """Everything but the name."""
        return fields

    def _place(self, write: Write, fields: Wire, old: Record | None, own_name: str) -> Wire:
        if "FullyQualifiedName" not in self.shape.fields:
            return {}
        parent = None
        if fields.get("ParentRef") is not None and (not self.below or fields.get(self.below)):
            parent = follow(write, self.entity, fields["ParentRef"], value_of(old.wire if old else None, "ParentRef"))
            fields["ParentRef"] = named(parent)
        else:
            fields.pop("ParentRef", None)
        return place_under(write, parent, own_name, old)

    def settle(self, write: Write, record: Record, before: Wire | None) -> None:
        if before is not None and "FullyQualifiedName" in self.shape.fields:
            rename_below(write, record, before)


class TermKind(ListKind):
    """Due after days (STANDARD), or on a day of the month (DATE_DRIVEN)."""

    def __init__(self) -> None:
        super().__init__(TERM)

    def required(self, body: Wire, *, sparse: bool) -> None:
        super().required(body, sparse=sparse)
        if not sparse and body.get("DueDays") is None and body.get("DayOfMonthDue") is None:
            raise refusals.missing("DueDays")

    def facts(self, write: Write, fields: Wire, before: Wire | None) -> Wire:
        for each, most in (("DueDays", 999), ("DayOfMonthDue", 31), ("DueNextMonthDays", 999)):
            if fields.get(each, 0) < 0:
                raise refusals.negative(each)
            if fields.get(each, 0) > most:
                raise refusals.Fault(refusals.too_large(each, str(fields[each])))
        if "DueDays" in fields:
            return {"DiscountPercent": 0, "DiscountDays": 0, **fields, "Type": "STANDARD"}
        return {"DiscountPercent": 0, **fields, "Type": "DATE_DRIVEN"}


class PaymentMethodKind(ListKind):
    def __init__(self) -> None:
        super().__init__(PAYMENT_METHOD)

    def facts(self, write: Write, fields: Wire, before: Wire | None) -> Wire:
        return {"Type": "NON_CREDIT_CARD", **fields}


class AccountKind(ListKind):
    """An account of the chart; its type cannot be one that nobody knows. Raises Fault 2020, 2120."""

    below = "SubAccount"

    def __init__(self) -> None:
        super().__init__(ACCOUNT)

    def required(self, body: Wire, *, sparse: bool) -> None:
        super().required(body, sparse=sparse)
        if not sparse and not body.get("AccountType") and not body.get("AccountSubType"):
            raise refusals.missing("AccountType")

    def facts(self, write: Write, fields: Wire, before: Wire | None) -> Wire:
        kind = str(fields.setdefault("AccountType", before["AccountType"] if before else "Income"))
        if kind not in CLASSIFICATIONS:
            raise refusals.Fault(refusals.bad_choice("AccountType", kind))
        if before is not None and before["Active"] is True and fields["Active"] is False and before["CurrentBalance"]:
            raise refusals.has_dependencies("The account has a balance")
        home = write.company.prefers("CurrencyPrefs", "HomeCurrency") or {"value": "USD"}
        return {
            "SubAccount": False,
            "AccountSubType": kind.replace(" ", ""),
            "CurrencyRef": {"value": home["value"], "name": CURRENCY_NAMES.get(home["value"], home["value"])},
            **fields,
            "Classification": CLASSIFICATIONS[kind],
            "CurrentBalance": before["CurrentBalance"] if before else Decimal(0),
            "CurrentBalanceWithSubAccounts": before["CurrentBalanceWithSubAccounts"] if before else Decimal(0),
        }


class LabelKind(ListKind):
    """A class or a location of sales documents."""

    def __init__(self, entity: str, below: str) -> None:
        super().__init__(Shape(entity, {**LABEL, below: Field(FLAG), **SYSTEM}))
        self.below = below

    def facts(self, write: Write, fields: Wire, before: Wire | None) -> Wire:
        return {self.below: False, **fields}


class ByHandKind(ListKind):
    """A list that the API only reads: customer types, tax codes and rates. Source: QuickBooks reference, section 7.2."""

    can_create = can_update = False

    def __init__(self, entity: str, **more: Field) -> None:
        super().__init__(Shape(entity, {"Name": name(100), "Active": Field(FLAG), **more, **SYSTEM}))

    def read(self, company: Company, id: str) -> Record:
        """A tax code of the US may be named by its word."""
        return company.find(self.entity, id) or super().read(company, id)


SMALL_KINDS: tuple[Kind, ...] = (
    TermKind(),
    PaymentMethodKind(),
    AccountKind(),
    LabelKind("Class", "SubClass"),
    LabelKind("Department", "SubDepartment"),
    ByHandKind("CustomerType"),
    ByHandKind("TaxCode", Description=text(), Taxable=Field(FLAG), TaxGroup=Field(FLAG), SalesTaxRateList=shown()),
    ByHandKind("TaxRate", Description=text(), RateValue=number(7), AgencyRef=shown()),
)
