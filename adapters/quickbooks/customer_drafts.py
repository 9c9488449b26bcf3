"""A customer of ours in their words, pure: the body that creates one, and the body that changes fields of one.

How an update empties a field. A sparse update keeps what it leaves out, replaces nested objects as a whole, and has no
word for "none" (QuickBooks reference, 2.7). So what is to be empty is sent in its usual shape with empty texts:
`"GivenName": ""`, `"PrimaryPhone": {"FreeFormNumber": ""}`, `"SalesTermRef": {"value": ""}`, an address with every part
`""`. That empties under both readings of a nested object, replaced as a whole or laid over part by part; null and `{}` would
not under the second. Whether QuickBooks lets go of a reference (term, customer type) this way is not documented: only its
answer shows it. A display name cannot be emptied, and is refused.

Source: QuickBooks reference, sections 2.7 to 2.9 and 7.1.
"""

from collections.abc import Callable

from adapters.quickbooks.texts import Json, address_parts, filled, fits, refused
from engine.domain.drafts import CustomerDraft, CustomerUpdate
from engine.domain.fields import plain_name
from engine.domain.values import Address, CustomerContent, CustomerField, Personal

EXEMPTIONS = frozenset(str(reason) for reason in range(1, 16))


def customer(draft: CustomerDraft) -> Json:
    """The body of a create: only what is there. Raises Refused when the draft cannot be expressed."""
    content = draft.content
    body: Json = {}
    for field, write in _FIELDS.items():
        if field != "active":  # a new one always is
            body |= write(content)
    body |= {"PrimaryEmailAddr": {"Address": _email(content)}, "CurrencyRef": {"value": content.currency}}
    body |= {"TaxExemptionReasonId": _exemption(content), "ResaleNum": _resale_number(content)}
    if content.taxable is not None:
        body["Taxable"] = content.taxable
    body["Notes"] = fits(_in_full(content) + f"[wizqbo:{draft.mark}]", 2000, "notes")
    return filled(body)


def customer_update(update: CustomerUpdate) -> Json:
    """The body of a sparse update: the fields it names and no other, empty ones too; never e-mail, tax or notes. A name is
    not kept in full anywhere when QuickBooks cannot take it so. Raises Refused when it cannot be expressed."""
    body: Json = {"Id": update.remote_id, "SyncToken": update.revision, "sparse": True}
    for field in update.fields:
        body |= _FIELDS[field](update.content)
    return body


def _display_name(content: CustomerContent) -> Json:
    name = plain_name(_said(content.display_name))
    if not name:
        raise refused("6080", "The customer has no name.")
    return {"DisplayName": name}


def _active(content: CustomerContent) -> Json:
    """Whether QuickBooks takes its " (deleted)" away again is not known: the wanted name goes along. Source: section 2.9."""
    return {"Active": True, **_display_name(content)} if content.active else {"Active": False}


def _phone(content: CustomerContent) -> str:
    return fits(_said(content.phone).strip(), 30, "phone number")


def _address(address: Address | None, what: str) -> Json:
    if address is not None:
        _said(address.lines)
    return address_parts(address, what)


_FIELDS: dict[CustomerField, Callable[[CustomerContent], Json]] = {
    "name": _display_name,
    "company": lambda content: {"CompanyName": plain_name(_said(content.company_name))},
    "given_name": lambda content: {"GivenName": plain_name(_said(content.given_name))},
    "family_name": lambda content: {"FamilyName": plain_name(_said(content.family_name))},
    "phone": lambda content: {"PrimaryPhone": {"FreeFormNumber": _phone(content)}},
    "billing": lambda content: {"BillAddr": _address(content.billing, "billing address")},
    "shipping": lambda content: {"ShipAddr": _address(content.shipping, "shipping address")},
    "term": lambda content: {"SalesTermRef": {"value": content.payment_term}},
    "customer_type": lambda content: {"CustomerTypeRef": {"value": content.type_id}},
    "active": _active,
}
"""Each field as a body says it, empty ones too."""


def _email(content: CustomerContent) -> str:
    email = _said(content.email).strip()
    if email and ("@" not in email or "." not in email):
        raise refused("2210", "The customer's e-mail address is not one: it needs an @ and a dot.")
    return fits(email, 100, "e-mail address")


def _exemption(content: CustomerContent) -> str:
    if content.exemption and content.exemption not in EXEMPTIONS:
        raise refused("exemption", "The customer's reason for a tax exemption is not one of QuickBooks' 1 to 15.")
    return content.exemption


def _resale_number(content: CustomerContent) -> str:
    return fits(_said(content.resale_number).strip(), 16, "resale number")


def _in_full(content: CustomerContent) -> str:
    """The lines of the notes that keep names in full when QuickBooks cannot take them so."""
    names = (
        ("Name", content.display_name),
        ("Company name", content.company_name),
        ("First name", content.given_name),
        ("Last name", content.family_name),
    )
    changed = [(what, _said(name)) for what, name in names if plain_name(_said(name)) != _said(name).strip()]
    return "".join(f"{what} in WizCommerce: {' '.join(text.split())[:400]}\n" for what, text in changed)


def _said(text: Personal) -> str:
    """Raises Refused for what was erased: sent as nothing it would be erased in QuickBooks too."""
    if text.text is None:
        raise refused("erased", "The customer's personal fields were erased here: there is nothing to send.")
    return text.text
