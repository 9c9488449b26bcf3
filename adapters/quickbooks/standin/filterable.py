"""Which properties of each entity a query may filter and sort by, and what kind of value each has.

Source: QuickBooks reference, section 3.4. An entity it does not list has what Intuit's reference marks as filterable
for its kin, and never what was seen refused.
"""

from __future__ import annotations

from enum import Enum


class Holds(Enum):
    """What a property holds, and so which operators make sense of it."""

    ID = "id"
    REFERENCE = "reference"
    TEXT = "text"
    EMAIL = "email"
    NUMBER = "number"
    FLAG = "flag"
    DAY = "day"
    MOMENT = "moment"


_EQUAL = frozenset({"=", "IN"})
_ORDERED = _EQUAL | {"<", ">", "<=", ">="}
OPERATORS = {
    Holds.ID: _EQUAL,
    Holds.REFERENCE: _EQUAL,
    Holds.FLAG: _EQUAL,
    Holds.TEXT: _ORDERED | {"LIKE"},
    Holds.EMAIL: _ORDERED | {"LIKE"},
    Holds.NUMBER: _ORDERED,
    Holds.DAY: _ORDERED,
    Holds.MOMENT: _ORDERED,
}

Properties = dict[str, Holds]

CREATED, UPDATED = "MetaData.CreateTime", "MetaData.LastUpdatedTime"
_TIMES = {CREATED: Holds.MOMENT, UPDATED: Holds.MOMENT}
_ID = {"Id": Holds.ID}
_LISTED = {**_ID, "Active": Holds.FLAG}
_NAMED = {**_LISTED, "Name": Holds.TEXT}
_NESTED = {**_NAMED, "FullyQualifiedName": Holds.TEXT, **_TIMES}
_WHO = ("DisplayName", "GivenName", "MiddleName", "FamilyName", "PrintOnCheckName")
_SOMEONE = {**_LISTED, **dict.fromkeys(_WHO, Holds.TEXT), **_TIMES}
_OF_CUSTOMER = {**_ID, "CustomerRef": Holds.REFERENCE, "TxnDate": Holds.DAY, "ProjectRef": Holds.REFERENCE, **_TIMES}
_NUMBERED = {**_OF_CUSTOMER, "DocNumber": Holds.TEXT}

FILTERABLE: dict[str, Properties] = {
    "Customer": {
        **_SOMEONE,
        "CompanyName": Holds.TEXT,
        "FullyQualifiedName": Holds.TEXT,
        "Balance": Holds.NUMBER,
        "PrimaryEmailAddr": Holds.EMAIL,
    },
    "Vendor": {**_SOMEONE, "CompanyName": Holds.TEXT},
    "Employee": _SOMEONE,
    "CustomerType": {**_LISTED, **_TIMES},
    "Term": _NAMED,
    "PaymentMethod": _LISTED,
    "Item": {**_NESTED, "Type": Holds.TEXT, "Sku": Holds.TEXT},
    "Account": {**_NESTED, "AccountType": Holds.TEXT, "AccountSubType": Holds.TEXT, "Classification": Holds.TEXT},
    "Class": _NESTED,
    "Department": _NESTED,
    "TaxCode": {**_NAMED, **_TIMES},
    "TaxRate": {**_NAMED, **_TIMES},
    "Invoice": {
        **_NUMBERED,
        "DueDate": Holds.DAY,
        "Balance": Holds.NUMBER,
        "SalesTermRef": Holds.REFERENCE,
    },
    "Payment": {**_OF_CUSTOMER, "TotalAmt": Holds.NUMBER, "PaymentRefNum": Holds.TEXT},
    "CreditMemo": {**_NUMBERED, "Balance": Holds.NUMBER, "SalesTermRef": Holds.REFERENCE},
    "RefundReceipt": _NUMBERED,
    "SalesReceipt": _NUMBERED,
    "Estimate": {**_NUMBERED, "SalesTermRef": Holds.REFERENCE},
    "CompanyInfo": _TIMES,
    "Preferences": _TIMES,
}
# For an entity without a line above.
_LEAST = {**_ID, **_TIMES}
# Properties that only ORDERBY may name.
_SORTABLE = {"Item": {"UnitPrice": Holds.NUMBER}}
# Entities of which there is one: a query cannot name a page of them.
WITHOUT_PAGES = frozenset({"CompanyInfo", "Preferences"})


def filterable(entity: str) -> Properties:
    """What WHERE may name."""
    return FILTERABLE.get(entity, _LEAST)


def sortable(entity: str) -> Properties:
    """What ORDERBY may name."""
    return filterable(entity) | _SORTABLE.get(entity, {})


def hides_inactive(entity: str) -> bool:
    """Whether a query shows only active records until it says something about Active. Source: reference, 3.3."""
    return "Active" in filterable(entity)
