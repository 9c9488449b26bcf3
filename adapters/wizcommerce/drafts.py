"""Our drafts to their words, pure: the exact JSON text of a customer's POST or PATCH, or a refusal that names a field.

Lengths are checked here, before anything is sent, so that a refusal costs no call. What WizCommerce has no form for is left
out, by these rules:

- A phone number is sent only in E.164 form: `+` and 8 to 15 digits, blanks and `( ) - . /` aside. Ten digits, or eleven with
  a leading 1, are taken for a number of the United States and get their `+1` when the customer's country is `US`, `USA` or
  not known. Any other is left out.
- Of an address there are two street lines; what is more is joined onto the second. One without a street line or a city, of
  which both are required, is left out; and no address is ever removed.
- Of what may not be empty (names, a company, a phone) nothing is sent when it is: it stays as it is in WizCommerce.

Source: WizCommerce reference, sections 1.3 and 1.5.
"""

import re
from typing import Any

import msgspec

from engine.domain.drafts import CustomerDraft, CustomerUpdate, Draft
from engine.domain.values import Address, Attribute, CustomerContent, CustomerField
from engine.ports import Refused

Json = dict[str, Any]

LENGTH = 255
CITY_LENGTH = 50

_E164 = re.compile(r"\+[1-9][0-9]{7,14}")
_AMERICAN = re.compile(r"1?([2-9][0-9]{9})")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_PUNCTUATION = str.maketrans("", "", " \t\u00a0()-./")
_PERSON: dict[CustomerField, str] = {"given_name": "first_name", "family_name": "last_name", "phone": "phone"}


def request_body(draft: Draft) -> str:
    """The exact JSON text that will be sent; `{}` for a change of which nothing can be written. Raises Refused when the
    draft cannot be expressed."""
    match draft:
        case CustomerDraft():
            tree = _customer(draft)
        case CustomerUpdate():
            tree = _changes(draft)
        case _:
            raise not_sent("not-a-customer", "Only customers, products and stock are written to WizCommerce.")
    return msgspec.json.encode(tree).decode()


def phone_sent(text: str, country: str) -> str:
    """A phone number in E.164 form by the rule above, '' when it cannot be written so."""
    bare = text.strip().translate(_PUNCTUATION)
    american = _AMERICAN.fullmatch(bare)
    if american is not None and country.strip().upper() in ("", "US", "USA"):
        return f"+1{american.group(1)}"
    return bare if _E164.fullmatch(bare) else ""


def _customer(draft: CustomerDraft) -> Json:
    content = draft.content
    if not draft.reference or "," in draft.reference:  # it could not be looked for, and so be made twice
        raise not_sent("reference_id", "The customer has no reference that WizCommerce can look for.")
    body: Json = {
        "reference_id": fits(draft.reference, "reference"),
        "company_name": _company(content),
        "display_name": _name(content),
        **_person(content, tuple(_PERSON)),
    }
    if email := (content.email.text or "").strip():
        if not _EMAIL.fullmatch(email):
            raise not_sent("email", "The customer's e-mail address is not one: it needs one @ and no blanks.")
        body["email"] = fits(email, "e-mail address")
    if content.payment_term:
        body["payment_term"] = fits(content.payment_term, "payment term")
    if draft.sales_rep:
        body["assigned_sales_rep_ids"] = [draft.sales_rep]
    if draft.price_list:
        body["assigned_price_list_id"] = draft.price_list
    if addresses := [*_new_address("billing", content, draft), *_new_address("shipping", content, draft)]:
        body["addresses"] = addresses
    if content.attributes:
        body["attributes"] = _values(content.attributes)
    return body


def _changes(draft: CustomerUpdate) -> Json:
    """Only what `fields` names. Sales reps and the price list are in no update: they are WizCommerce's own."""
    content, fields = draft.content, draft.fields
    body: Json = {}
    if "name" in fields:
        body["display_name"] = _name(content)
    if "company" in fields:
        body["company_name"] = _company(content)
    if person := _person(content, fields):
        body.update(person)
        if content.contact_id:
            body["contacts"] = [{"id": content.contact_id, **person}]
    addresses: list[Json] = []
    if "billing" in fields:
        addresses += _changed_address("billing", content, draft)
    if "shipping" in fields:
        addresses += _changed_address("shipping", content, draft)
    if addresses:
        body["addresses"] = addresses
    if "term" in fields:
        body["payment_term"] = fits(content.payment_term, "payment term")
    if "customer_type" in fields:
        body["attributes"] = _values(content.attributes)
    if "active" in fields:
        body["status"] = "active" if content.active else "inactive"
    return body


def _name(content: CustomerContent) -> str:
    name = (content.display_name.text or "").strip()
    if not name:
        raise not_sent("display_name", "The customer has no name.")
    return fits(name, "name")


def _company(content: CustomerContent) -> str:
    """The customer's name where there is no company: WizCommerce wants one."""
    return fits((content.company_name.text or "").strip(), "company name") or _name(content)


def _person(content: CustomerContent, fields: tuple[CustomerField, ...]) -> Json:
    """Those of names and phone that are in `fields` and not empty."""
    countries = [one.country for one in (content.billing, content.shipping) if one is not None and one.country]
    texts: dict[CustomerField, str] = {
        "given_name": (content.given_name.text or "").strip(),
        "family_name": (content.family_name.text or "").strip(),
        "phone": phone_sent(content.phone.text or "", countries[0] if countries else ""),
    }
    return {
        wire: fits(texts[field], wire.replace("_", " "))
        for field, wire in _PERSON.items()
        if field in fields and texts[field]
    }


def _new_address(kind: str, content: CustomerContent, draft: CustomerDraft | CustomerUpdate) -> list[Json]:
    """The default address of its kind, named after the customer's reference, else its id; [] when it cannot be written."""
    written = _address(content.billing if kind == "billing" else content.shipping, f"{kind} address")
    if not written:
        return []
    named = draft.reference or (draft.remote_id if isinstance(draft, CustomerUpdate) else "")
    reference = fits(f"{named}:{kind}", "reference")
    filled = {name: text for name, text in written.items() if text}
    return [{"reference_id": reference, "type": kind, "is_default": True, **filled}]


def _changed_address(kind: str, content: CustomerContent, draft: CustomerUpdate) -> list[Json]:
    """The address that is there, whole, so that what is empty now is emptied; a new one where there is none."""
    address, remote_id = (
        (content.billing, content.billing_id) if kind == "billing" else (content.shipping, content.shipping_id)
    )
    if not remote_id:
        return _new_address(kind, content, draft)
    written = _address(address, f"{kind} address")
    return [{"id": remote_id, "type": kind, **written}] if written else []


def _address(address: Address | None, what: str) -> Json:
    """Every field of an address, {} where it lacks one that is required."""
    lines = [line.strip() for line in (address.lines.text or "").splitlines() if line.strip()] if address else []
    if address is None or not lines or not address.city.strip():
        return {}
    return {
        "address_line_1": lines[0],
        "address_line_2": ", ".join(lines[1:]),
        "city": fits(address.city.strip(), f"city of the {what}", CITY_LENGTH),
        "state": address.region,
        "zip_code": address.postal_code,
        "country": address.country,
    }


def _values(attributes: tuple[Attribute, ...]) -> list[Json]:
    """Those that were not erased."""
    return [{"name": one.name, "value": _value(one.value.text)} for one in attributes if one.value.text is not None]


def _value(text: str) -> str | list[str]:
    """A list of texts as such; everything else as text, as which numbers and ticks are taken too (reference, 1.5)."""
    if not text.startswith("["):
        return text
    try:
        return msgspec.json.decode(text, type=list[str])
    except msgspec.DecodeError:
        return text


def fits(text: str, what: str, limit: int = LENGTH) -> str:
    """The text. Raises Refused when it has more than `limit` characters."""
    if len(text) > limit:
        raise not_sent("too-long", f"The {what} has {len(text)} characters; WizCommerce takes at most {limit}.")
    return text


def not_sent(code: str, sentence: str) -> Refused:
    """The refusal of a draft that cannot be expressed."""
    return Refused(sentence, code=code, next_step="Change it where it comes from; it is then sent again.")
