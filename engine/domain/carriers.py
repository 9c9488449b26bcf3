"""Tracking numbers as people type them, and whose they are: by a written table, or nobody's.

A number names its carrier only where no other carrier has numbers of that form. Twelve or fifteen digits are FedEx's and others'
too, and 22 digits that begin with 92 or 93 are on parcels of several: those are left to the ship method, which names the carrier
itself. `tests/domain/test_shipments.py` has the table by example.
"""

import re
from urllib.parse import quote

from engine.domain.values import Value

SHORTEST = 8
"""Characters of the shortest tracking number: shorter pieces between blanks are parts of one, as they are printed."""
_BETWEEN = re.compile(r"[,;/|\r\n\t]+")


class Carrier(Value, frozen=True, kw_only=True):
    """One carrier: how its own numbers look, '' where others' look so too; and where a number is followed."""

    name: str
    number: str
    page: str


CARRIERS = (
    Carrier(name="UPS", number="1Z[0-9A-Z]{16}", page="https://www.ups.com/track?tracknum={}"),
    Carrier(
        name="USPS",
        number="9[45][0-9]{20}|[A-Z]{2}[0-9]{9}US",
        page="https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
    ),
    Carrier(name="FedEx", number="", page="https://www.fedex.com/fedextrack/?trknbr={}"),
)
"""The table. USPS: 22 digits of a label sold by it, or the Universal Postal Union's form with the country at its end."""


def tracking_numbers(text: str) -> tuple[str, ...]:
    """The tracking numbers of one field, each once: parted by commas, semicolons, slashes, bars, tabs or line ends; by blanks
    too, where every piece is long enough to be one and no carrier's number is printed so."""
    found: list[str] = []
    for part in _BETWEEN.split(text):
        pieces = part.split()
        one = "".join(pieces)
        several = all(len(piece) >= SHORTEST for piece in pieces) and carrier_of_number(one) is None
        found += pieces if several else [one if carrier_of_number(one) else " ".join(pieces)]
    return tuple(dict.fromkeys(number for number in found if number))


def carrier_of_number(number: str) -> Carrier | None:
    """Whose number it is, where its form says so."""
    return next((one for one in CARRIERS if one.number and re.fullmatch(one.number, number.upper())), None)


def carrier_named(method: str) -> Carrier | None:
    """The carrier that a ship method begins with, as `UPS Ground`."""
    first = method.split()[:1]
    return next((one for one in CARRIERS if first and first[0].casefold() == one.name.casefold()), None)


def carried_by(method: str, number: str) -> tuple[str, str]:
    """(carrier, page) of a shipment: the ship method as the invoice shows it, else whose number it is; and where the number is
    followed, '' where that is not known for sure, or the two name different carriers."""
    by_number, by_method = carrier_of_number(number), carrier_named(method)
    at_odds = by_number is not None and by_method is not None and by_number != by_method
    carrier = None if at_odds else by_number or by_method
    page = carrier.page.format(quote(number, safe="")) if carrier is not None and number else ""
    return method or (by_number.name if by_number else ""), page
