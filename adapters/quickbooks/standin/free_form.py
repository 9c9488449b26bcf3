"""How an edit in the browser writes a billing address: free lines, no parts. Source: QuickBooks reference, 7.5."""

from __future__ import annotations

from typing import Any

from adapters.quickbooks.standin.company import Company

Wire = dict[str, Any]

MOST_LINES = 5
_PARTS = ("City", "CountrySubDivisionCode", "PostalCode")


def free_form(company: Company, document: Wire, change: Wire) -> Wire | None:
    """Person, company, streets, then `City, ST  ZIP` with two blanks; None for an address that has no parts to write so."""
    address = change.get("BillAddr") or document.get("BillAddr", {})
    if not any(address.get(part) for part in _PARTS):
        return None
    customer = company.find("Customer", str({**document, **change}["CustomerRef"]["value"]))
    names = _names(customer.wire) if customer else []
    streets = [address[f"Line{place}"] for place in range(1, 6) if address.get(f"Line{place}")]
    room = MOST_LINES - 1 - len(names)
    if len(streets) > room:
        streets = [*streets[: room - 1], ", ".join(streets[room - 1 :])]
    city, state, code = (address.get(part) for part in _PARTS)
    region = "  ".join(each for each in (state, code) if each)
    lines = [*names, *streets, ", ".join(each for each in (city, region) if each)]
    return {f"Line{place}": line for place, line in enumerate(lines, start=1)}


def _names(customer: Wire) -> list[str]:
    person = " ".join(customer[part] for part in ("GivenName", "FamilyName") if customer.get(part))
    business = str(customer.get("CompanyName") or customer["DisplayName"])
    return [person, business] if person and person != business else [business]
