"""Our drafts to their words, pure: the exact JSON text of a write, or a refusal that says what cannot be expressed.

Lengths and number forms are checked here, before anything is sent, so that a refusal costs no call and names the field.
Source: QuickBooks reference, sections 2.10, 7.1 and 7.5.
"""

from decimal import ROUND_HALF_UP, Decimal

import msgspec

from adapters.quickbooks.customer_drafts import customer, customer_update
from adapters.quickbooks.texts import Json, address_parts, filled, fits, refused
from adapters.quickbooks.translate import SHIPPING_ITEM
from engine.domain.values import CENT, CustomerDraft, CustomerUpdate, Draft, InvoiceDraft, InvoiceLine, TermDraft

LINES_AT_MOST = 10_000
QUANTITY_PLACES = 7
PRICE_PLACES = 7
LARGEST = Decimal("99999999999")

_encode = msgspec.json.Encoder(decimal_format="number").encode


def request_body(draft: Draft) -> str:
    """The exact JSON text that will be sent. Raises Refused when the draft cannot be expressed."""
    match draft:
        case InvoiceDraft():
            tree = _invoice(draft)
        case CustomerUpdate():
            tree = customer_update(draft)
        case TermDraft():
            tree = {"Name": fits(draft.name, 31, "name of the term"), "DueDays": draft.due_days}
        case CustomerDraft():
            tree = customer(draft)
        case _:
            raise TypeError("products and stock are never written to QuickBooks")
    return _encode(tree).decode()


def _invoice(draft: InvoiceDraft) -> Json:
    if not draft.lines:
        raise refused("2250", "The order has no lines.")
    if len(draft.lines) > LINES_AT_MOST:
        raise refused("lines", f"The order has {len(draft.lines)} lines; QuickBooks takes at most {LINES_AT_MOST}.")
    total = sum((line.amount for line in draft.lines), Decimal(0)) - draft.discount + draft.shipping_charge
    if total != draft.total:
        raise refused("total", "The lines, the discount and the shipping charge do not add up to the order's total.")
    purchase = f", PO {draft.po_number}" if draft.po_number else ""
    ordered = f", ordered {draft.ordered.isoformat()}" if draft.ordered else ""
    note = f"WizCommerce order {draft.order_number}{purchase}{ordered} [wizqbo:{draft.mark}]"
    body: Json = {
        "CustomerRef": {"value": draft.customer_remote_id},
        "TxnDate": draft.dated.isoformat(),
        "Line": _lines(draft),
        "PrivateNote": fits(note, 4000, "private note"),
    }
    if draft.term:
        body["SalesTermRef"] = {"value": draft.term}
    if not draft.online_payments:
        body |= dict.fromkeys(("AllowOnlineCreditCardPayment", "AllowOnlineACHPayment"), False)
    if draft.number:
        body["DocNumber"] = fits(draft.number, 21, "document number")
    if draft.customer_note:
        body["CustomerMemo"] = {"value": fits(draft.customer_note.text or "", 1000, "note to the customer")}
    for key, address, what in (
        ("BillAddr", draft.billing, "billing address"),
        ("ShipAddr", draft.shipping, "shipping address"),
    ):
        if written := filled(address_parts(address, what)):
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
        raise refused("2500", f"Line {place} has no QuickBooks item.")
    quantity = _number(line.quantity, QUANTITY_PLACES, f"quantity of line {place}")
    price = _number(line.unit_price, PRICE_PLACES, f"price of line {place}")
    amount = _amount(line.amount, f"amount of line {place}")
    if (quantity * price).quantize(CENT, ROUND_HALF_UP) != amount:
        raise refused("6070", f"The amount of line {place} is not its quantity times its price.")
    written: Json = {
        "DetailType": "SalesItemLineDetail",
        "Amount": amount,
        "SalesItemLineDetail": {"ItemRef": {"value": line.item}, "Qty": quantity, "UnitPrice": price, **taxed},
    }
    if line.description:
        written["Description"] = fits(line.description.text or "", 4000, f"description of line {place}")
    return written


def _amount(value: Decimal, what: str) -> Decimal:
    return _number(value, 2, what)


def _number(value: Decimal, places: int, what: str) -> Decimal:
    """The number without an exponent, with at most `places` decimals. Raises Refused when it would lose anything."""
    if not value.is_finite():
        raise refused("2080", f"The {what} is not a number.")
    if value < 0:
        raise refused("2290", f"The {what} is negative, which QuickBooks does not accept.")
    if value > LARGEST:
        raise refused("2100", f"The {what} is larger than QuickBooks accepts.")
    plain = Decimal(format(value, "f"))
    exponent = plain.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        cut = plain.quantize(Decimal(1).scaleb(-places))
        if cut != plain:
            raise refused("2110", f"The {what} has more than {places} decimal places.")
        return cut
    return plain
