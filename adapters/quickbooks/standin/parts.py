"""Shapes shared by several entities, and the addresses they carry."""

from __future__ import annotations

from typing import Any

from adapters.quickbooks.standin.company import Company
from adapters.quickbooks.standin.shapes import EMAIL, Field, Shape, choice, nested, shown, text

Wire = dict[str, Any]

ADDRESS_LINE = text(500)
ADDRESS = Shape(
    "PhysicalAddress",
    {
        "Id": shown(),
        "Line1": ADDRESS_LINE,
        "Line2": ADDRESS_LINE,
        "Line3": ADDRESS_LINE,
        "Line4": ADDRESS_LINE,
        "Line5": ADDRESS_LINE,
        "City": text(255),
        "Country": text(255),
        "CountryCode": shown(),
        "CountrySubDivisionCode": text(255),
        "PostalCode": text(30),
        "Lat": shown(),
        "Long": shown(),
        "Note": text(),
        "Tag": shown(),
    },
)
PHONE = Shape("TelephoneNumber", {"FreeFormNumber": text(30), "Id": shown(), "Default": shown(), "Tag": shown()})
MAIL = Shape("EmailAddress", {"Address": Field(EMAIL, 100), "Id": shown(), "Default": shown(), "Tag": shown()})
WEB = Shape("WebSiteAddress", {"URI": text(1000), "Id": shown(), "Default": shown(), "Tag": shown()})
REFERENCE = Shape("ReferenceType", {"value": text(), "name": text(), "type": text()})
MEMO = Shape("MemoRef", {"value": text(1000), "id": shown()})
CUSTOM_FIELD = Shape(
    "CustomField",
    {
        "DefinitionId": text(),
        "Name": text(),
        "Type": choice("StringType", "BooleanType", "NumberType", "DateType"),
        "StringValue": text(31),
        "BooleanValue": shown(),
        "NumberValue": shown(),
        "DateValue": shown(),
    },
)
REF = nested(REFERENCE)
# What every entity has and no caller can set.
SYSTEM = {
    "Id": shown(),
    "SyncToken": shown(),
    "sparse": shown(),
    "domain": shown(),
    "MetaData": shown(),
    "status": shown(),
}
_MADE_BY_QUICKBOOKS = ("Id", "Lat", "Long")
ISO3 = {
    **dict.fromkeys(("us", "usa", "united states", "united states of america"), "USA"),
    **dict.fromkeys(("ca", "canada"), "CAN"),
    **dict.fromkeys(("gb", "uk", "united kingdom", "great britain"), "GBR"),
    **dict.fromkeys(("au", "australia"), "AUS"),
    **dict.fromkeys(("mx", "mexico"), "MEX"),
}
"""Countries as Intuit announced that they come back; others stay as they were sent. Source: QuickBooks reference, 7.5."""


def place_addresses(company: Company, wire: Wire, old: Wire | None) -> None:
    """Give each changed address a new id and leave an unchanged one as it was; an empty address disappears."""
    for name in ("BillAddr", "ShipAddr"):
        address = wire.get(name)
        if address is None:
            continue
        words = _words(address)
        if not words:
            del wire[name]
            continue
        before = (old or {}).get(name)
        if before is not None and _words(before) == words:
            wire[name] = before
        elif "Id" not in address:
            wire[name] = {"Id": company.next_id("Address"), **words}


def _words(address: Wire) -> Wire:
    return {key: value for key, value in address.items() if key not in _MADE_BY_QUICKBOOKS and value not in (None, "")}
