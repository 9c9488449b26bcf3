"""Businesses, and the many ways people write one and the same: its name, phone, e-mail, address and terms.

Nobody here is a person. Phones have the numbers set aside for fiction (555-01..), e-mails the domain set aside for examples.
"""

from random import Random
from typing import Any

import msgspec

Wire = dict[str, Any]

FIRST = (
    *("Amber", "Birch", "Café", "Cedar", "Clover", "Copper", "Coral", "Crème", "Dahlia", "Fern", "Gardener's", "Hazel"),
    *("Indigo", "Ivory", "Juniper", "Lark", "Linen", "Maple", "Meadow", "Olive", "Pebble", "Quartz", "Rosé", "Willow"),
)
SECOND = (
    *("Basket", "Bloom", "Bouquet", "Bowl", "Candle", "Décor", "Flower", "Garden", "Glass", "Herb", "Lamp", "Lantern"),
    *("Mosaic", "Orchard", "Petal", "Planter", "Pottery", "Ribbon", "Seed", "Tile", "Vase", "Wicker", "Wreath", "Yarn"),
)
THIRD = (
    *("Barn", "Boutique", "Depot", "Exchange", "Gallery", "House", "Market", "Nursery"),
    *("Outlet", "Pavilion", "Shop", "Store", "Studio", "Supply", "Wholesale", "Works"),
)
JOINED_BY = (" ", " & ")
MOST_BUSINESSES = len(FIRST) * len(SECOND) * len(THIRD) * len(JOINED_BY)

SUFFIXES = ("", "", " Inc", " Inc.", ", Inc.", " LLC", ", LLC", " Ltd", " Ltd.", " Co", " Co.", " & Co", " and Co.")
COUNTRIES = ("US", "USA", "United States")
CITIES = (("Portland", "OR"), ("Boise", "ID"), ("Tacoma", "WA"), ("Reno", "NV"), ("St. Paul", "MN"))
STREETS = ("Harbour St", "Mill Road", "O'Hare Lane", "Station Sq.", "Garden Ave")
DESKS = (("Front", "Desk"), ("Buying", "Office"), ("Accounts", "Payable"))
"""Whom to ask for: given and family name. Offices, since these businesses have no people."""
NO_DESK = ("", "")
TERMS = {"101": "NET45", "102": "Net 75", "103": "net-90"}
"""QuickBooks' terms by id."""
SPELLED_TERMS = {"101": ("Net 45", "net-45"), "102": ("NET75", "net 75"), "103": ("Net 90", "NET 90")}
"""The same terms as WizCommerce has them."""
_PHONES = ("({0}) {1}-{2}", "{0}.{1}.{2}", "+1 {0} {1} {2}", "1-{0}-{1}-{2}", "{0}{1}{2}")
_PLAIN = str.maketrans("éè", "ee")


class Business(msgspec.Struct, frozen=True):
    """One business. `number` counts from 0; no two share a number, and so neither e-mail, phone nor postal code.

    Two of one `name` are namesakes.
    """

    number: int
    name: str

    @property
    def email(self) -> str:
        return f"books@business-{self.number}.example"

    @property
    def phone(self) -> tuple[str, str, str]:
        """Area code, exchange, line: enough for 80,000 businesses."""
        return str(200 + self.number // 100), "555", f"01{self.number % 100:02}"

    @property
    def postal_code(self) -> str:
        return f"{10_000 + self.number}"


class Known(msgspec.Struct, frozen=True):
    """What a record says: a name, and whose details beside it: the business's own, those it had before, or none."""

    name: str
    email: Business | None
    phone: Business | None
    place: Business | None


def own(one: Business) -> Known:
    """Everything of the business's own."""
    return Known(one.name, one, one, one)


def names(random: Random, count: int) -> list[str]:
    """So many names without suffix; no two of them fold to the same. Raises ValueError beyond MOST_BUSINESSES."""
    if count > MOST_BUSINESSES:
        raise ValueError(f"There are words for {MOST_BUSINESSES} businesses only, not for {count}.")
    made = []
    for number in random.sample(range(MOST_BUSINESSES), count):
        rest, first = divmod(number, len(FIRST))
        rest, second = divmod(rest, len(SECOND))
        joined, third = divmod(rest, len(THIRD))
        made.append(f"{FIRST[first]}{JOINED_BY[joined]}{SECOND[second]} {THIRD[third]}")
    return made


def spelled(random: Random, name: str) -> str:
    """The name as somebody might type it: another case, blanks, suffix, `and` for `&`, without accents or apostrophes."""
    text = name + random.choice(SUFFIXES)
    if random.random() < 0.3:
        text = text.replace("&", "and")
    if random.random() < 0.3:
        text = text.translate(_PLAIN).replace("'", "")
    if random.random() < 0.2:
        text = text.replace(" ", "  ", 1)
    if random.random() < 0.2:
        text = text.replace(" ", "-", 1) if " & " not in text and " and " not in text else text
    return random.choice((str, str, str.upper, str.lower))(text)


def quickbooks_record(random: Random, known: Known, *, free_form: bool = False) -> Wire:
    """A QuickBooks customer as its bookkeeper typed it, without an id. Several e-mails stand in one field."""
    wire: Wire = {"DisplayName": spelled(random, known.name)}
    if random.random() < 0.7:
        wire["CompanyName"] = spelled(random, known.name)
        if random.random() < 0.2:
            wire["DisplayName"] = f"Receiving at {known.name}"
    given, family = random.choice((*DESKS, NO_DESK))
    if given:
        wire |= {"GivenName": given, "FamilyName": family}
    if known.email:
        others = [f"{desk}@business-{known.email.number}.example" for desk in ("orders", "desk")]
        addresses = [known.email.email, *others[: random.choice((0, 0, 0, 1, 2))]]
        random.shuffle(addresses)
        wire["PrimaryEmailAddr"] = {"Address": random.choice((", ", ",")).join(addresses)}
    if known.phone:
        wire["PrimaryPhone"] = {"FreeFormNumber": random.choice(_PHONES).format(*known.phone.phone)}
    if known.place:
        for key in ("BillAddr", "ShipAddr"):
            wire[key] = _quickbooks_address(random, known.place, free_form)
    if random.random() < 0.7:
        wire["SalesTermRef"] = {"value": random.choice(tuple(TERMS))}
    return wire


def wizcommerce_record(random: Random, known: Known) -> Wire:
    """A WizCommerce customer as its seller has it, without an id. Some names begin with blanks."""
    leading = random.choice(("", "", "", "", "  "))
    wire: Wire = {"name": spelled(random, known.name), "display_name": leading + spelled(random, known.name)}
    given, family = random.choice((*DESKS, NO_DESK))
    if given:
        wire |= {"first_name": given, "last_name": family}
    if given and known.email:
        contact = {"first_name": given, "last_name": family, "email": known.email.email, "is_default": True}
        wire["contacts"] = [contact]
    if known.email:
        wire["email"] = known.email.email
    if known.phone:
        wire["phone"] = "+1" + "".join(known.phone.phone)
    if known.place:
        wire["addresses"] = [_wizcommerce_address(random, known.place, kind) for kind in ("billing", "shipping")]
    if random.random() < 0.7:
        wire["payment_term"] = random.choice(SPELLED_TERMS[random.choice(tuple(TERMS))])
    return wire


def _quickbooks_address(random: Random, of: Business, free_form: bool) -> Wire:
    """Where it is: structured, or five lines with everything in them and no postal code of its own."""
    street, (city, state), country = _place(random, of)
    if free_form:
        lines = (of.name, "Receiving", street, f"{city} {state} {of.postal_code}", country)
        return {f"Line{number}": line for number, line in enumerate(lines, 1)}
    parts = {"City": city, "CountrySubDivisionCode": state, "PostalCode": of.postal_code, "Country": country}
    return {"Line1": street, **parts}


def _wizcommerce_address(random: Random, of: Business, kind: str) -> Wire:
    """Where it is, on two lines; some lines begin with blanks."""
    street, (city, state), country = _place(random, of)
    return {
        "type": kind,
        "is_default": True,
        "address_line_1": random.choice(("", "", "  ")) + street,
        "address_line_2": random.choice(("", "Receiving")),
        "city": city,
        "state": state,
        "zip_code": of.postal_code,
        "country": country,
    }


def _place(random: Random, of: Business) -> tuple[str, tuple[str, str], str]:
    """Street and city are the business's own; the country is written as it happens."""
    street = f"{of.number + 1} {STREETS[of.number % len(STREETS)]}"
    return street, CITIES[of.number % len(CITIES)], random.choice(COUNTRIES)
