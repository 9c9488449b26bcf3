"""The fields of a customer that both systems have: what each shows, and when two texts say the same.

Each side keeps its own way of writing: what is compared is a normal form. Names count exactly but for blanks and what QuickBooks
cannot take, phone numbers by their digits, addresses by their letters and digits, terms and types by theirs.
"""

import re
import unicodedata

from engine.domain.values import Address, CustomerContent, CustomerField, Personal, System, Value, folded

SHARED: tuple[CustomerField, ...] = (
    "name",
    "company",
    "given_name",
    "family_name",
    "phone",
    "billing",
    "shipping",
    "term",
    "customer_type",
)
"""What is merged field by field. Whether a customer is active is decided apart: one side only proposes it."""
NAMES: frozenset[CustomerField] = frozenset({"name", "company", "given_name", "family_name"})
CALLED: dict[CustomerField, str] = {
    "name": "name",
    "company": "company name",
    "given_name": "first name",
    "family_name": "last name",
    "phone": "phone",
    "billing": "billing address",
    "shipping": "shipping address",
    "term": "payment term",
    "customer_type": "customer type",
    "active": "active or not",
}
"""The fields as people call them."""

NAME_LENGTH = 100
"""Longest name sent to QuickBooks. Source: QuickBooks reference, 7.1 and section 12, question 14."""
PHONE_DIGITS = range(8, 16)
"""Digits of a number in E.164."""
COUNTRIES = {
    "usa": "us",
    "unitedstates": "us",
    "unitedstatesofamerica": "us",
    "unitedkingdom": "gb",
    "uk": "gb",
    "gbr": "gb",
    "canada": "ca",
    "can": "ca",
}
"""Ways to write a country → its code: "US" and "USA" both stand in WizCommerce's own examples, and QuickBooks turns to codes of
three letters (its reference, 7.5)."""

_TYPOGRAPHY = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u2013": "-",
    "\u2014": "-",
    "\u2026": "...",
}
_TYPOGRAPHY |= {"\u0141": "L", "\u0142": "l"}
_NOT_IN_NAMES = re.compile(r"[:\x00-\x1f\x7f-\x9f]+")
_NOT_DIALLED = re.compile(r"[^+0-9\s()./\u2010-\u2015-]")
_DIALS_ONE = re.compile(r"\s*\+\s*1")
_TRUNK_ZERO = re.compile(r"^(\s*\+[^(]*)\(0\)")
"""The zero of `+44 (0)20 7946 0000`, which is dialled only at home."""


class Lists(Value, frozen=True, kw_only=True):
    """Short lists of QuickBooks: id → name of what is active, and what WizCommerce calls its customer type."""

    terms: dict[str, str] = {}
    types: dict[str, str] = {}
    type_attribute: str = "Customer Type"
    term_names: dict[str, str] = {}
    """Folded text in WizCommerce → name of the term in QuickBooks, where a person said so."""


def plain_name(text: str) -> str:
    """A name as QuickBooks takes it: no colon, tab, line break or control character, no blanks around, at most 100 characters."""
    return " ".join(_NOT_IN_NAMES.sub(" ", text).split())[:NAME_LENGTH].rstrip()


def shown(content: CustomerContent, field: CustomerField, system: System, lists: Lists) -> str:
    """The field as people read it on that side; '' when it has none there."""
    match field:
        case "name":  # a sub-customer of QuickBooks is a customer of its own in WizCommerce, under its full name
            return content.full_name.text or content.display_name.text or ""
        case "company":  # who has none is called by the display name: WizCommerce cannot do without
            return content.company_name.text or content.display_name.text or ""
        case "given_name" | "family_name" | "phone":
            found: Personal = getattr(content, field)
            return found.text or ""
        case "billing" | "shipping":
            address: Address | None = getattr(content, field)
            return "" if address is None else address_text(address)
        case "term":
            known = lists.terms if system == "quickbooks" else {}
            return known.get(content.payment_term, content.payment_term)
        case "customer_type":
            return (
                lists.types.get(content.type_id, content.type_id) if system == "quickbooks" else type_of(content, lists)
            )
        case _:
            return "active" if content.active else "inactive"


def type_of(content: CustomerContent, lists: Lists) -> str:
    """The customer type a WizCommerce customer names in its attribute; '' without one."""
    named = (a.value.text or "" for a in content.attributes if folded(a.name) == folded(lists.type_attribute))
    return next(named, "").strip()


def address_text(address: Address) -> str:
    """An address in one line of text."""
    lines = [line.strip() for line in (address.lines.text or "").splitlines()]
    parts = [*lines, address.city, " ".join(p for p in (address.region, address.postal_code) if p), address.country]
    return ", ".join(part for part in parts if part)


def normal(field: CustomerField, text: str, lists: Lists) -> str:
    """What is compared of a text, whichever side shows it."""
    if field in NAMES:
        return plain_name(text)
    if field == "phone":
        return digits(text)
    if field in ("billing", "shipping"):
        return _normal_address(text)
    if field == "term":
        named = lists.term_names.get(folded(text), text)
        return folded(named)
    return folded(text)


def loose(field: CustomerField, text: str, lists: Lists) -> str:
    """What is compared of two records that have just been linked: names by letters and digits only, so that neither side is
    rewritten for its capitals and commas."""
    return folded(without_accents(text).replace("&", " and ")) if field in NAMES else normal(field, text, lists)


def _normal_address(text: str) -> str:
    """Letters and digits, the last part read as a country where it is one; the United States count as not said."""
    *parts, last = (folded(part) for part in text.split(","))
    country = COUNTRIES.get(last, last)
    return "".join([*parts, "" if country == "us" else country])


def digits(text: str) -> str:
    """The digits of a phone number without a leading country code 1: `+1 (415) 555-0100` → `4155550100`."""
    found = "".join(c for c in _TRUNK_ZERO.sub(r"\1", text) if c.isdigit() and c.isascii())
    return found[1:] if len(found) == 11 and found.startswith("1") else found


def e164(text: str, country: str) -> str:
    """A phone number as WizCommerce takes it, `+14155550100`; '' when it cannot be told. A number of ten digits without a
    country code is one of the United States or Canada where `country` says so or says nothing."""
    if _NOT_DIALLED.search(text):  # an extension, a second number, a word
        return ""
    number = digits(text)
    abroad = text.strip().startswith("+")
    if abroad and not _DIALS_ONE.match(text):
        return f"+{number}" if len(number) in PHONE_DIGITS and not number.startswith("0") else ""
    code = COUNTRIES.get(folded(country), folded(country))
    if not abroad and code not in ("", "us", "ca"):
        return ""
    return f"+1{number}" if len(number) == 10 and number[0] not in "01" else ""


def without_accents(text: str) -> str:
    """`Café` → `Cafe`."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def latin(text: str) -> str:
    """A text as a US company of QuickBooks takes it: what is not in ISO-8859-1 loses its accents, if it then is.
    Source: QuickBooks reference, 2.10."""
    return "".join(c if _is_latin(c) else _plain_letters(c) for c in text)


def _is_latin(text: str) -> bool:
    return all(ord(c) < 256 for c in text)


def _plain_letters(character: str) -> str:
    plain = _TYPOGRAPHY.get(character) or without_accents(character)
    return plain if plain and _is_latin(plain) else character


def free_form(address: Address) -> bool:
    """Whether an address is only lines of text: QuickBooks' browser writes such, and nothing can be told apart in it."""
    return bool(address.lines.text) and not (address.city or address.postal_code)
