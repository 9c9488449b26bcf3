"""Customer, and the two other kinds it shares its names with. Source: QuickBooks reference, section 7.1."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.company import Record
from adapters.quickbooks.standin.kinds import Kind, Write
from adapters.quickbooks.standin.parts import ADDRESS, MAIL, PHONE, REF, SYSTEM, WEB, place_addresses
from adapters.quickbooks.standin.references import follow, must_be_free, name_when_inactive, value_of
from adapters.quickbooks.standin.shapes import DATE, FLAG, Field, Shape, choice, name, nested, number, shown, text

Wire = dict[str, Any]

FLAGGED = Field(FLAG)
_PARTS = {
    "Title": name(16),
    "GivenName": name(100),
    "MiddleName": name(100),
    "FamilyName": name(100),
    "Suffix": name(16),
    "DisplayName": name(500),
    "CompanyName": name(100),
    "PrintOnCheckName": name(110),
    "PrimaryPhone": nested(PHONE),
    "AlternatePhone": nested(PHONE),
    "Mobile": nested(PHONE),
    "Fax": nested(PHONE),
    "PrimaryEmailAddr": nested(MAIL),
    "WebAddr": nested(WEB),
    "BillAddr": nested(ADDRESS),
    "ShipAddr": nested(ADDRESS),
    "Active": FLAGGED,
    **SYSTEM,
}
CUSTOMER = Shape(
    "Customer",
    {
        **_PARTS,
        "Notes": text(2000),
        "SalesTermRef": REF,
        "PaymentMethodRef": REF,
        "CustomerTypeRef": REF,
        "CurrencyRef": REF,
        "ParentRef": REF,
        "DefaultTaxCodeRef": REF,
        "Taxable": FLAGGED,
        "TaxExemptionReasonId": text(2),
        "ResaleNum": text(16),
        "PreferredDeliveryMethod": choice("Print", "Email", "None"),
        "Job": FLAGGED,
        "BillWithParent": FLAGGED,
        "OpenBalanceDate": Field(DATE),
        "Balance": number(2),
        "BalanceWithJobs": shown(),
        "FullyQualifiedName": shown(),
        "Level": shown(),
        "IsProject": shown(),
        "ClientEntityId": shown(),
        "V4IDPseudonym": shown(),
    },
)
VENDOR = Shape("Vendor", {**_PARTS, "Balance": shown()})
EMPLOYEE = Shape("Employee", {**_PARTS})
_NAME_PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")


def _display_name(fields: Wire) -> str:
    composed = " ".join(fields[part] for part in _NAME_PARTS if fields.get(part))
    given = fields.get("DisplayName") or composed
    if not given:
        raise refusals.name_missing()
    return str(given)


class CustomerKind(Kind):
    entity = "Customer"
    shape = CUSTOMER
    can_create = can_update = True
    kept = frozenset({"DisplayName", "PrintOnCheckName"})

    def compose(self, write: Write, fields: Wire, old: Record | None, sent: frozenset[str]) -> Wire:
        before = old.wire if old else None
        terms = fields.get("SalesTermRef")
        if terms is not None:
            fields["SalesTermRef"] = {"value": follow(write, "Term", terms, value_of(before, "SalesTermRef")).id}
        parent = self._parent(write, fields, before)
        write.must_be_subscribed()
        self._currency(write, fields, before)
        self._name(write, fields, old, parent)
        balance = before["Balance"] if before else fields.get("Balance", Decimal(0))
        with_jobs = before["BalanceWithJobs"] if before else balance
        wire: Wire = {
            "Taxable": False,
            "Job": parent is not None,
            "BillWithParent": False,
            "PreferredDeliveryMethod": "Print",
            "PrintOnCheckName": fields.get("CompanyName") or fields["DisplayName"].removesuffix(" (deleted)"),
            **fields,
            "Balance": balance,
            "BalanceWithJobs": with_jobs,
        }
        if parent is not None:
            wire["Level"] = parent.wire.get("Level", 0) + 1
        place_addresses(write.company, wire, before)
        return wire

    def _parent(self, write: Write, fields: Wire, before: Wire | None) -> Record | None:
        if fields.get("ParentRef") is None or not fields.get("Job"):
            return None
        parent = follow(write, "Customer", fields["ParentRef"], value_of(before, "ParentRef"))
        fields["ParentRef"] = {"value": parent.id}
        return parent

    def _currency(self, write: Write, fields: Wire, before: Wire | None) -> None:
        """Fixed when the customer is made; a company with one currency takes none. Source: section 7.1."""
        home = write.company.prefers("CurrencyPrefs", "HomeCurrency") or {"value": "USD"}
        current = before["CurrencyRef"]["value"] if before else home["value"]
        wanted = value_of(fields, "CurrencyRef")
        many = bool(write.company.prefers("CurrencyPrefs", "MultiCurrencyEnabled"))
        if wanted is not None and not many and (before is None or wanted != current):
            raise refusals.business("Multi Currency should be enabled to perform this operation")
        if before is not None and wanted not in (None, current):
            raise refusals.business("The currency of a customer cannot be changed")
        code = wanted or current
        fields["CurrencyRef"] = {"value": code, "name": CURRENCY_NAMES.get(code, code)}

    def _name(self, write: Write, fields: Wire, old: Record | None, parent: Record | None) -> None:
        was_active = old is None or old.wire["Active"] is True
        active = fields.setdefault("Active", True) is True
        if was_active and not active and old is not None and old.wire["Balance"] != 0:
            raise refusals.has_balance()
        shown_name = name_when_inactive(write, _display_name(fields), active, was_active)
        must_be_free(write, shown_name, "Customer", old.id if old else None)
        fields["DisplayName"] = shown_name
        fields["FullyQualifiedName"] = f"{parent.wire['FullyQualifiedName']}:{shown_name}" if parent else shown_name


class NamedKind(Kind):
    """Vendor and Employee: here only because their names are taken too. Made by hand, readable by the API."""

    def __init__(self, shape: Shape) -> None:
        self.entity = shape.java
        self.shape = shape

    def compose(self, write: Write, fields: Wire, old: Record | None, sent: frozenset[str]) -> Wire:
        shown_name = _display_name(fields)
        must_be_free(write, shown_name, self.entity, old.id if old else None)
        return {"Active": True, "PrintOnCheckName": shown_name, **fields, "DisplayName": shown_name}


CURRENCY_NAMES = {
    "USD": "United States Dollar",
    "CAD": "Canadian Dollar",
    "EUR": "Euro",
    "GBP": "British Pound Sterling",
    "AUD": "Australian Dollar",
}
