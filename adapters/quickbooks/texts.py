"""What a name, a text and an address must look like for QuickBooks to take them, pure.

Source: QuickBooks reference, sections 2.10, 7.1 and 7.5.
"""

from typing import Any

from adapters.quickbooks.fault_table import FAULTS, Meaning
from engine.domain.values import Address
from engine.ports import Refused

Json = dict[str, Any]

ADDRESS_PARTS = ("Line1", "Line2", "Line3", "Line4", "Line5", "City", "CountrySubDivisionCode", "PostalCode", "Country")
"""Every part of an address that we write."""


def fits(text: str, limit: int, what: str) -> str:
    """The text as it is. Raises Refused when it has more than `limit` characters."""
    if len(text) > limit:
        raise refused("2050", f"The {what} has {len(text)} characters; QuickBooks takes at most {limit}.")
    return text


def address_parts(address: Address | None, what: str) -> Json:
    """Every part of an address, '' for those it does not have. QuickBooks has five street lines; what is more is joined
    onto the fifth. Raises Refused for a part that is too long."""
    body: Json = dict.fromkeys(ADDRESS_PARTS, "")
    if address is None:
        return body
    lines = [line.strip() for line in (address.lines.text or "").splitlines() if line.strip()]
    lines = [*lines[:4], ", ".join(lines[4:])] if len(lines) > 5 else lines
    fits("".join(lines), 2000, what)
    body |= {f"Line{place}": fits(line, 500, what) for place, line in enumerate(lines, 1)}
    for key, text, limit in (
        ("City", address.city, 255),
        ("CountrySubDivisionCode", address.region, 255),
        ("PostalCode", address.postal_code, 30),
        ("Country", address.country, 255),
    ):
        body[key] = fits(text, limit, f"{what} ({key})")
    return body


def filled(body: Json) -> Json:
    """A body without what is empty in it: a create does not send it."""
    kept = {key: filled(value) if isinstance(value, dict) else value for key, value in body.items()}
    return {key: value for key, value in kept.items() if value not in ("", {})}


def refused(code: str, sentence: str) -> Refused:
    """Our own no, with the next step of the fault that QuickBooks would have answered with."""
    meaning: Meaning = FAULTS.get(code, FAULTS["2140"])
    return Refused(sentence, code=code, next_step=meaning.next_step)
