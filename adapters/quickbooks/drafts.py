"""Our drafts to their words, pure: the exact JSON text of a create, or a refusal that says what cannot be expressed.

Lengths and number forms are checked here, before anything is sent, so that a refusal costs no call and names the field.
Source: QuickBooks reference, sections 2.10, 7.1 and 7.5.
"""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec

from adapters.quickbooks.fault_table import FAULTS, Meaning
from adapters.quickbooks.translate import SHIPPING_ITEM
from engine.domain.values import CENT, Address, CustomerDraft, InvoiceDraft, InvoiceLine
from engine.ports import Refused

Json = dict[str, Any]

NAME_LENGTH = 100
LINES_AT_MOST = 10_000
QUANTITY_PLACES = 7
PRICE_PLACES = 7
LARGEST = Decimal("99999999999")

_encode = msgspec.json.Encoder(decimal_format="number").encode
_NOT_IN_NAMES = re.compile(r"[:\t\r\n]+")


def request_body(draft: InvoiceDraft | CustomerDraft) -> str:
    """The exact JSON text that will be sent. Raises Refused when the draft cannot be expressed."""
    tree = _invoice(draft) if isinstance(draft, InvoiceDraft) else _customer(draft)
    return _encode(tree).decode()


def name_sent(text: str) -> str:
    """A name as QuickBooks takes it: no colon, tab or line break, no blanks around, at most 100 characters."""
    return " ".join(_NOT_IN_NAMES.sub(" ", text).split())[:NAME_LENGTH].rstrip()


def _invoice(draft: InvoiceDraft) -> Json:
    if not draft.lines:
        raise _refused("2250", "The order has no lines.")
    if len(draft.lines) > LINES_AT_MOST:
        raise _refused("lines", f"The order has {len(draft.lines)} lines; QuickBooks takes at most {LINES_AT_MOST}.")
    total = sum((line.amount for line in draft.lines), Decimal(0)) - draft.discount + draft.shipping_charge
    if total != draft.total:
        raise _refused("total", "The lines, the discount and the shipping charge do not add up to the order's total.")
    purchase = f", PO {draft.po_number}" if draft.po_number else ""
    note = f"WizCommerce order {draft.order_number}{purchase} [wizqbo:{draft.mark}]"
    body: Json = {
        "CustomerRef": {"value": draft.customer_remote_id},
        "TxnDate": draft.dated.isoformat(),
        "Line": _lines(draft),
        "PrivateNote": _fits(note, 4000, "private note"),
    }
    if draft.number:
        body["DocNumber"] = _fits(draft.number, 21, "document number")
    if draft.customer_note:
        body["CustomerMemo"] = {"value": _fits(draft.customer_note.text or "", 1000, "note to the customer")}
    for key, address, what in (
        ("BillAddr", draft.billing, "billing address"),
        ("ShipAddr", draft.shipping, "shipping address"),
    ):
        if written := _address(address, what):
            body[key] = written
    return body


def _lines(draft: InvoiceDraft) -> list[Json]:
    taxed: Json = {"TaxCodeRef": {"value": draft.tax_code}} if draft.tax_code else {}
    lines = [_line(line, place, taxed) for place, line in enumerate(draft.lines, 1)]
    if draft.shipping_charge:
        amount = _amount(draft.shipping_charge, "shipping charge")
        detail = {"ItemRef": {"value": SHIPPING_ITEM}, **taxed}
        lines.append({"DetailType": "SalesItemLineDetail", "Amount": amount, "SalesItemLineDetail": detail})
    if draft.discount:
        amount = _amount(draft.discount, "discount")
        lines.append(
            {"DetailType": "DiscountLineDetail", "Amount": amount, "DiscountLineDetail": {"PercentBased": False}}
        )
    return lines


def _line(line: InvoiceLine, place: int, taxed: Json) -> Json:
    if not line.item:
        raise _refused("2500", f"Line {place} has no QuickBooks item.")
    quantity = _number(line.quantity, QUANTITY_PLACES, f"quantity of line {place}")
    price = _number(line.unit_price, PRICE_PLACES, f"price of line {place}")
    amount = _amount(line.amount, f"amount of line {place}")
    if (quantity * price).quantize(CENT, ROUND_HALF_UP) != amount:
        raise _refused("6070", f"The amount of line {place} is not its quantity times its price.")
    written: Json = {
        "DetailType": "SalesItemLineDetail",
        "Amount": amount,
        "SalesItemLineDetail": {"ItemRef": {"value": line.item}, "Qty": quantity, "UnitPrice": price, **taxed},
    }
    if line.description:
        written["Description"] = _fits(line.description.text or "", 4000, f"description of line {place}")
    return written


def _customer(draft: CustomerDraft) -> Json:
    content = draft.content
    display_name = name_sent(content.display_name.text or "")
    if not display_name:
        raise _refused("6080", "The customer has no name.")
    body: Json = {"DisplayName": display_name}
    changed = _changed("Name", content.display_name.text or "")
    for key, name, what in (
        ("CompanyName", content.company_name, "Company name"),
        ("GivenName", content.given_name, "First name"),
        ("FamilyName", content.family_name, "Last name"),
    ):
        if sent := name_sent(name.text or ""):
            body[key] = sent
            changed += _changed(what, name.text or "")
    if email := (content.email.text or "").strip():
        if "@" not in email or "." not in email:
            raise _refused("2210", "The customer's e-mail address is not one: it needs an @ and a dot.")
        body["PrimaryEmailAddr"] = {"Address": _fits(email, 100, "e-mail address")}
    if phone := (content.phone.text or "").strip():
        body["PrimaryPhone"] = {"FreeFormNumber": _fits(phone, 30, "phone number")}
    for key, address, what in (
        ("BillAddr", content.billing, "billing address"),
        ("ShipAddr", content.shipping, "shipping address"),
    ):
        if written := _address(address, what):
            body[key] = written
    body["Notes"] = _fits("".join(changed) + f"[wizqbo:{draft.mark}]", 2000, "notes")
    return body


def _changed(what: str, text: str) -> list[str]:
    """The line of the notes that keeps a name in full when QuickBooks cannot take it so."""
    return [] if name_sent(text) == text.strip() else [f"{what} in WizCommerce: {' '.join(text.split())[:400]}\n"]


def _address(address: Address | None, what: str) -> Json:
    """QuickBooks has five street lines; what is more is joined onto the fifth. {} without an address."""
    if address is None:
        return {}
    lines = [line.strip() for line in (address.lines.text or "").splitlines() if line.strip()]
    lines = [*lines[:4], ", ".join(lines[4:])] if len(lines) > 5 else lines
    _fits("".join(lines), 2000, what)
    body: Json = {f"Line{place}": _fits(line, 500, what) for place, line in enumerate(lines, 1)}
    for key, text, limit in (
        ("City", address.city, 255),
        ("CountrySubDivisionCode", address.region, 255),
        ("PostalCode", address.postal_code, 30),
        ("Country", address.country, 255),
    ):
        if text:
            body[key] = _fits(text, limit, f"{what} ({key})")
    return body


def _fits(text: str, limit: int, what: str) -> str:
    if len(text) > limit:
        raise _refused("2050", f"The {what} has {len(text)} characters; QuickBooks takes at most {limit}.")
    return text


def _amount(value: Decimal, what: str) -> Decimal:
    return _number(value, 2, what)


def _number(value: Decimal, places: int, what: str) -> Decimal:
    """The number without an exponent, with at most `places` decimals. Raises Refused when it would lose anything."""
    if not value.is_finite():
        raise _refused("2080", f"The {what} is not a number.")
    if value < 0:
        raise _refused("2290", f"The {what} is negative, which QuickBooks does not accept.")
    if value > LARGEST:
        raise _refused("2100", f"The {what} is larger than QuickBooks accepts.")
    plain = Decimal(format(value, "f"))
    exponent = plain.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        cut = plain.quantize(Decimal(1).scaleb(-places))
        if cut != plain:
            raise _refused("2110", f"The {what} has more than {places} decimal places.")
        return cut
    return plain


def _refused(code: str, sentence: str) -> Refused:
    meaning: Meaning = FAULTS.get(code, FAULTS["2140"])
    return Refused(sentence, code=code, next_step=meaning.next_step)
