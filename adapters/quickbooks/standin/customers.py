"""Customer, and the two other kinds it shares its names with. Source: QuickBooks reference, section 7.1."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from adapters.quickbooks.standin import list_refusals, refusals
from adapters.quickbooks.standin.company import Record
from adapters.quickbooks.standin.hierarchy import ancestors, place_under, rename_below
from adapters.quickbooks.standin.kinds import Kind, Write
from adapters.quickbooks.standin.parts import ADDRESS, ISO3, MAIL, PHONE, REF, SYSTEM, WEB, place_addresses
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
        "ARAccountRef": REF,
        "DefaultTaxCodeRef": REF,
        "Taxable": FLAGGED,
        "TaxExemptionReasonId": text(2),
        "ResaleNum": text(16),
        "PrimaryTaxIdentifier": text(20),
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


_LATIN_1 = "latin-1"


def _display_name(fields: Wire) -> str:
    composed = " ".join(fields[part] for part in _NAME_PARTS if fields.get(part))
    given = fields.get("DisplayName") or composed
    if not given:
        raise refusals.name_missing()
    return str(given)


class NamedKind(Kind):
    """What customers, vendors and employees share: a name that no other of them bears. Made inactive, never deleted."""

    can_create = can_update = True
    kept = frozenset({"DisplayName", "PrintOnCheckName"})

    def __init__(self, shape: Shape) -> None:
        self.entity = shape.java
        self.shape = shape

    def compose(self, write: Write, fields: Wire, old: Record | None, sent: frozenset[str]) -> Wire:
        before = old.wire if old else None
        write.must_be_subscribed()
        self._characters(write, fields)
        self._name(write, fields, old)
        wire: Wire = {"PrintOnCheckName": self._on_checks(fields), **self._defaults(write, before), **fields}
        self._addresses(write, wire, before)
        return wire

    def _defaults(self, write: Write, before: Wire | None) -> Wire:
        """What a new record has though nobody sent it."""
        return {"Balance": before["Balance"] if before else Decimal(0)} if "Balance" in self.shape.fields else {}

    def _on_checks(self, fields: Wire) -> str:
        return str(fields.get("CompanyName") or fields["DisplayName"].removesuffix(" (deleted)"))

    def _characters(self, write: Write, fields: Wire) -> None:
        """US companies take ISO-8859-1. Raises Fault 2040 when the switch says so. Source: section 2.10."""
        if write.switches.us_characters == "accept" or not write.in_the_us:
            return
        for key, value in fields.items():
            if not isinstance(value, str) or value.encode(_LATIN_1, "replace").decode(_LATIN_1) == value:
                continue
            if write.switches.us_characters == "2040":
                raise refusals.Fault(list_refusals.bad_characters(key))
            fields[key] = value.encode(_LATIN_1, "replace").decode(_LATIN_1)

    def _name(self, write: Write, fields: Wire, old: Record | None) -> None:
        was_active = old is None or old.wire["Active"] is True
        active = fields.setdefault("Active", True) is True
        if was_active and not active and old is not None:
            self._may_be_inactivated(write, old)
        fields["DisplayName"] = name_when_inactive(write, _display_name(fields), active, was_active)
        must_be_free(write, fields["DisplayName"], self.entity, old.id if old else None)

    def _may_be_inactivated(self, write: Write, record: Record) -> None:
        """Raises Fault 6220, 6280."""

    def _addresses(self, write: Write, wire: Wire, before: Wire | None) -> None:
        for key in ("BillAddr", "ShipAddr"):
            country = wire.get(key, {}).get("Country", "")
            if write.switches.countries_as_iso3 and country.casefold() in ISO3:
                wire[key] = {**wire[key], "Country": ISO3[country.casefold()]}
        place_addresses(write.company, wire, before)


class CustomerKind(NamedKind):
    """The customer, with its place in a hierarchy, its terms, its tax and its balance."""

    def __init__(self) -> None:
        super().__init__(CUSTOMER)

    def compose(self, write: Write, fields: Wire, old: Record | None, sent: frozenset[str]) -> Wire:
        before = old.wire if old else None
        for key, entity in _FOLLOWED.items():
            if fields.get(key) is not None:
                fields[key] = {"value": follow(write, entity, fields[key], value_of(before, key)).id}
        parent = self._parent(write, fields, before)
        write.must_be_subscribed()
        self._currency(write, fields, before)
        self._tax(write, fields)
        balance = before["Balance"] if before else fields.get("Balance", Decimal(0))
        wire = super().compose(write, fields, old, sent)
        if not wire["Taxable"] and "DefaultTaxCodeRef" not in fields:
            wire.pop("DefaultTaxCodeRef", None)
        wire |= {"Job": parent is not None, "Balance": balance}
        wire["BalanceWithJobs"] = before["BalanceWithJobs"] if before else balance
        wire.pop("Level", None)
        return wire | place_under(write, parent, wire["DisplayName"], old)

    def _defaults(self, write: Write, before: Wire | None) -> Wire:
        taxed = write.company.prefers("TaxPrefs", "UsingSalesTax") is True and write.in_the_us
        code = write.company.prefers("TaxPrefs", "TaxGroupCodeRef") or {"value": "2"}
        defaults: Wire = {"Taxable": taxed, "BillWithParent": False, "PreferredDeliveryMethod": "Print"}
        return {**defaults, "DefaultTaxCodeRef": code} if taxed and before is None else defaults

    def _parent(self, write: Write, fields: Wire, before: Wire | None) -> Record | None:
        if fields.get("ParentRef") is None or not fields.get("Job"):
            if fields.get("Job"):
                raise refusals.missing("ParentRef")
            fields.pop("ParentRef", None)
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
        if code not in CURRENCY_NAMES:
            raise list_refusals.unknown_currency(code)
        fields["CurrencyRef"] = {"value": code, "name": CURRENCY_NAMES[code]}

    def _tax(self, write: Write, fields: Wire) -> None:
        """Reasons for an exemption are numbered 1 to 15. Raises Fault 2120, 2500."""
        reason = fields.get("TaxExemptionReasonId")
        if reason is not None and not (reason.isascii() and reason.isdigit() and 1 <= int(reason) <= 15):
            raise refusals.Fault(refusals.bad_choice("TaxExemptionReasonId", reason))
        code = value_of(fields, "DefaultTaxCodeRef")
        if code is not None and code not in {"TAX", "NON", "2", *write.switches.tax_codes}:
            raise refusals.invalid_reference("TaxCodes", code)

    def _may_be_inactivated(self, write: Write, record: Record) -> None:
        if record.wire["Balance"] != 0:
            raise refusals.has_balance()
        if record.id in write.company.unbilled:
            raise list_refusals.unbilled_charges()

    def settle(self, write: Write, record: Record, before: Wire | None) -> None:
        """A renamed or moved customer renames those below it; one that moved takes its balance along."""
        was_under = value_of(before, "ParentRef")
        is_under = value_of(record.wire, "ParentRef")
        if was_under != is_under:
            self._carry(write, was_under, -record.wire["BalanceWithJobs"])
            self._carry(write, is_under, record.wire["BalanceWithJobs"])
        if before is not None:
            rename_below(write, record, before)

    def _carry(self, write: Write, under: str | None, amount: Decimal) -> None:
        """What is owed below counts for everyone above."""
        parent = write.company.find("Customer", under) if under and amount else None
        for each in (parent, *ancestors(write.company, parent)) if parent else ():
            assert each is not None
            write.company.touch(each, tell=False, BalanceWithJobs=each.wire["BalanceWithJobs"] + amount)


_FOLLOWED = {"SalesTermRef": "Term", "PaymentMethodRef": "PaymentMethod", "CustomerTypeRef": "CustomerType"}


CURRENCY_NAMES = {
    "USD": "United States Dollar",
    "CAD": "Canadian Dollar",
    "EUR": "Euro",
    "GBP": "British Pound Sterling",
    "AUD": "Australian Dollar",
    "MXN": "Mexican Peso",
    "JPY": "Japanese Yen",
}
