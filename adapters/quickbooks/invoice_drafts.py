"""An invoice of ours in their words, pure: the body that creates one, and the body that changes one.

Lengths and number forms are checked here, before anything is sent, so that a refusal costs no call and names the field.
Source: QuickBooks reference, sections 2.7, 2.10 and 7.5.
"""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby

from adapters.quickbooks.texts import Json, address_parts, filled, fits, refused
from adapters.quickbooks.translate import SHIPPING_ITEM
from engine.domain.drafts import InvoiceDraft, InvoiceHead
from engine.domain.rounding import MOST
from engine.domain.values import CENT, InvoiceLine

LINES_AT_MOST = 10_000
QUANTITY_PLACES = 7
PRICE_PLACES = 7
LARGEST = Decimal("99999999999")
LONGEST_EMAIL = 100
LONGEST_FIELD = 31
"""Characters of a field of the sales forms: known from practice, the reference names no limit."""


def invoice(draft: InvoiceDraft) -> Json:
    """The body of a create. Raises Refused when the draft cannot be expressed."""
    must_add_up(draft)
    body: Json = {
        "CustomerRef": {"value": draft.customer_remote_id},
        "TxnDate": draft.dated.isoformat(),
        "Line": [line for lines in written_lines(draft) for line in lines],
        "PrivateNote": fits(note_of(draft), 4000, "private note"),
    }
    if draft.term:
        body["SalesTermRef"] = {"value": draft.term}
    if not draft.online_payments:
        body |= dict.fromkeys(("AllowOnlineCreditCardPayment", "AllowOnlineACHPayment"), False)
    if draft.currency:
        body["CurrencyRef"] = {"value": draft.currency}
    if draft.number:
        body["DocNumber"] = fits(draft.number, 21, "document number")
    if draft.customer_note:
        body["CustomerMemo"] = {"value": fits(draft.customer_note.text or "", 1000, "note to the customer")}
    return body | head(draft.head) | tax_detail(draft) | addresses(draft)


def head(said: InvoiceHead) -> Json:
    """What stands at the head beside customer, day and number. An e-mail address that QuickBooks would refuse is left out: no
    order is kept from the books for it."""
    body: Json = {
        "DueDate": said.due.isoformat() if said.due else "",
        "ShipDate": said.ship_date.isoformat() if said.ship_date else "",
        "ShipMethodRef": {"value": said.ship_method, "name": said.ship_method},
        "ClassRef": {"value": said.class_id},
        "DepartmentRef": {"value": said.location_id},
    }
    email = (said.email.text or "").strip()
    if len(email) <= LONGEST_EMAIL and "@" in email and "." in email.rpartition("@")[2]:
        body["BillEmail"] = {"Address": email}
    if said.custom_fields:
        body["CustomField"] = [
            {"DefinitionId": field, "Type": "StringType", "StringValue": text[:LONGEST_FIELD]}
            for field, text in said.custom_fields
        ]
    return filled(body)


def tax_detail(draft: InvoiceDraft) -> Json:
    """What the head says about tax."""
    taxes = draft.taxes
    body: Json = {"GlobalTaxCalculation": taxes.calculation} if taxes.calculation else {}
    detail: Json = {"TxnTaxCodeRef": {"value": taxes.document_code}} if taxes.document_code else {}
    if taxes.stated:
        detail["TotalTax"] = _amount(taxes.amount, "tax")
    if detail:
        body["TxnTaxDetail"] = detail
    if taxes.after_discount is not None and draft.discount:
        body["ApplyTaxAfterDiscount"] = taxes.after_discount
    return body


def must_add_up(draft: InvoiceDraft) -> None:
    """Raises Refused for an invoice that QuickBooks would not take, or would make another total of."""
    if not draft.lines:
        raise refused("2250", "The order has no lines.")
    if len(draft.lines) > LINES_AT_MOST:
        raise refused("lines", f"The order has {len(draft.lines)} lines; QuickBooks takes at most {LINES_AT_MOST}.")
    total = sum((line.amount for line in draft.lines), Decimal(0)) - draft.discount + draft.shipping_charge
    total += draft.taxes.amount
    if total != draft.total:
        raise refused(
            "total", "The lines, the discount, the shipping charge and the tax do not add up to the order's total."
        )


def note_of(draft: InvoiceDraft) -> str:
    """What stands in the private note, with our mark at its end."""
    purchase = f", PO {draft.po_number}" if draft.po_number else ""
    ordered = f", ordered {draft.ordered.isoformat()}" if draft.ordered else ""
    return f"WizCommerce order {draft.order_number}{purchase}{ordered} [wizqbo:{draft.mark}]"


def addresses(draft: InvoiceDraft) -> Json:
    """Those of both addresses that there are."""
    both = {
        "BillAddr": address_parts(draft.billing, "billing address"),
        "ShipAddr": address_parts(draft.shipping, "shipping address"),
    }
    return {key: written for key, parts in both.items() if (written := filled(parts))}


def written_lines(draft: InvoiceDraft) -> tuple[list[Json], list[Json], list[Json]]:
    """The lines of what is sold, that of shipping, and that of the discount."""
    taxed: Json = {"TaxCodeRef": {"value": draft.tax_code}} if draft.tax_code else {}
    lines = list(_sold(draft, taxed))
    shipping, discount = [], []
    if draft.shipping_charge:
        amount = _amount(draft.shipping_charge, "shipping charge")
        code = draft.taxes.shipping_code
        detail = {"ItemRef": {"value": SHIPPING_ITEM}, **({"TaxCodeRef": {"value": code}} if code else taxed)}
        shipping = [{"DetailType": "SalesItemLineDetail", "Amount": amount, "SalesItemLineDetail": detail}]
    if draft.discount:
        amount, detail = _amount(draft.discount, "discount"), {"PercentBased": False}
        discount = [{"DetailType": "DiscountLineDetail", "Amount": amount, "DiscountLineDetail": detail}]
    return lines, shipping, discount


def _sold(draft: InvoiceDraft, taxed: Json) -> Iterator[Json]:
    """The lines of what is sold: those of a bundle's parts in the one line of the bundle, whose own amount is 0."""
    for bundle, lines in groupby(enumerate(draft.lines, 1), lambda one: one[1].bundle):
        written = [_line(line, place, taxed) for place, line in lines]
        if bundle is None:
            yield from written
            continue
        quantity = _number(bundle.quantity, QUANTITY_PLACES, f"quantity of bundle {bundle.item}")
        detail = {"GroupItemRef": {"value": bundle.item}, "Quantity": quantity, "Line": written}
        group: Json = {"DetailType": "GroupLineDetail", "Amount": Decimal(0), "GroupLineDetail": detail}
        if bundle.description:
            group["Description"] = fits(bundle.description.text or "", 4000, f"description of bundle {bundle.item}")
        yield group


def _line(line: InvoiceLine, place: int, taxed: Json) -> Json:
    if not line.item:
        raise refused("2500", f"Line {place} has no QuickBooks item.")
    quantity = _number(line.quantity, QUANTITY_PLACES, f"quantity of line {place}")
    sign = -1 if _is_rounding(line) else 1
    price = sign * _number(sign * line.unit_price, PRICE_PLACES, f"price of line {place}")
    amount = sign * _amount(sign * line.amount, f"amount of line {place}")
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


def _is_rounding(line: InvoiceLine) -> bool:
    """Whether it is one of cents, which alone may be below zero."""
    return line.quantity == 1 and line.amount.is_finite() and -MOST <= line.amount < 0


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
