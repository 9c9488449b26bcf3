"""Our drafts of orders to WizCommerce's words, pure: the body of a new order, what of a change is ours, and the whole order to
PUT when that is laid over what stands there. Source: WizCommerce reference, 1.5 "Order", A-22 and A-44."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from adapters.wizcommerce.assumptions import Assumptions
from adapters.wizcommerce.drafts import CITY_LENGTH, fits, not_sent
from engine.clock import instant
from engine.domain.drafts import OrderDraft, OrderUpdate
from engine.domain.values import Address, OrderLine

Json = dict[str, Any]
LATER = timedelta(seconds=1)
"""`updated_at` must be later than `created_at`, and is wanted (WizCommerce reference, 1.5). It is no moment that is yet to come,
as what is changed there before that would look older: so an order is created a second before its invoice was."""
_TEXT = msgspec.json.Encoder(decimal_format="number")
_TREE = msgspec.json.Decoder(Json, float_hook=Decimal)
_OURS = (
    "payment_term",
    "po_number",
    "customer_note",
    "internal_note",
    "due_date",
    "billing_address",
    "shipping_address",
)
"""Fields that are written only where the invoice changed in them: else what stands in WizCommerce stays."""
_MONEY = (
    "display_id",
    "customer_id",
    "amount",
    "discount_value",
    "tax_value",
    "shipping_charge",
)
_KEPT = (
    "reference_id",
    "amount_paid",
    "payment_status",
    "fulfillment_status",
    "payment_method_id",
    "shipping_method",
    "freight_term",
    "shipment_date",
    "source",
    "container_info",
    "customer_consent",
    "attributes",
    "created_at",
    *_OURS,
)
"""Fields of an order that are sent again as they stand. Source: WizCommerce reference, 1.5, "Order"."""
_COUNTERS = ("shipped_quantity", "invoiced_quantity", "cancelled_quantity", "picked_quantity")
_CONTACT = ("id", "reference_id", "first_name", "last_name", "email", "phone", "designation")
_ADDRESS = (
    *("id", "reference_id", "address_line_1", "address_line_2", "city", "state", "country", "zip_code", "type"),
    *("first_name", "last_name", "phone", "email", "attributes"),
)
_IN_V2_ONLY = ("reference_id", "attributes")
_TOLD_BY_MONEY = frozenset({"PAID", "PARTIALLY_PAID", "PENDING", "OVERPAID"})


def order_body(draft: OrderDraft, assumed: Assumptions) -> str:
    """The exact JSON text of a new order. Raises Refused when it cannot be expressed."""
    if "," in draft.reference:  # it could not be looked for, and so be made twice
        raise not_sent("reference_id", "The order has no reference that WizCommerce can look for.")
    tree: Json = {
        "reference_id": fits(draft.reference, "reference"),
        "status": "confirmed",
        **_ours(draft, assumed),
        "line_items": [_line(one) for one in draft.lines],
        "amount_paid": draft.paid,
        "payment_status": _payment_status(draft.paid, draft.total),
        "fulfillment_status": "UNFULFILLED",
        "created_at": _moment(draft.made_at - LATER),
        "updated_at": _moment(draft.made_at),
    }
    return _TEXT.encode({name: one for name, one in tree.items() if one not in ("", None, {})}).decode()


def change_body(draft: OrderUpdate, assumed: Assumptions) -> str:
    """What of a change is ours: it is laid over the order as it stands when it is sent."""
    if draft.cancelled:
        return '{"status":"cancelled"}'
    now = _ours(draft.order, assumed)
    if draft.before is None:  # it was not made by us: what we have nothing to say of stays
        changed = {name: one for name, one in now.items() if name not in _OURS or one not in ("", None, {})}
    else:
        before = _ours(draft.before, assumed)
        changed = {name: one for name, one in now.items() if name not in _OURS or one != before[name]}
    return _TEXT.encode({**changed, "line_items": [_line(one) for one in draft.order.lines]}).decode()


def laid_over(change: Json, shown: Json, draft: OrderUpdate, assumed: Assumptions) -> Json:
    """The whole order to PUT: what is ours over what WizCommerce shows, and nothing left out that it shows and takes."""
    whole: Json = {name: shown[name] for name in _KEPT if shown.get(name) is not None}
    for name in ("billing_address", "shipping_address"):
        if name in whole:
            whole[name] = _parts(whole[name], _ADDRESS, assumed)
    if shown.get("primary_contact"):
        whole["primary_contact"] = _parts(shown["primary_contact"], _CONTACT, assumed)
    if shown.get("charges"):
        whole["additional_charges"] = [_filled(one) for one in shown["charges"]]
    for name in ("container_info", "customer_consent"):
        if name in whole:
            whole[name] = _filled(whole[name])
    for name in (*_MONEY, *_OURS):
        if name in change:
            whole[name] = change[name]
    if change.get("customer_id") != shown.get("customer_id"):
        _forget_the_other(whole)
    whole["line_items"] = _lines_over(change["line_items"], shown.get("line_items") or [])
    if shown.get("status") in ("draft", "confirmed"):
        whole["status"] = shown["status"]
    paid = Decimal(shown.get("amount_paid") or 0)
    if whole.get("payment_status") in _TOLD_BY_MONEY:
        whole["payment_status"] = _payment_status(paid, draft.order.total)
    made_at, changed_at = (instant(str(shown[name])) for name in ("created_at", "updated_at"))
    whole["updated_at"] = _moment(max(changed_at, made_at + LATER))
    return {name: one for name, one in whole.items() if one not in ("", None, {}) or name == "due_date"}


def _forget_the_other(whole: Json) -> None:
    """The order goes to another customer: its contact and card, and what its addresses are called, are the former one's."""
    for name in ("primary_contact", "payment_method_id"):
        whole.pop(name, None)
    for name in ("billing_address", "shipping_address"):
        whole[name] = {part: one for part, one in whole.get(name, {}).items() if part not in ("id", "reference_id")}


def _lines_over(ours: list[Json], shown: list[Json]) -> list[Json]:
    """Our lines, each with the progress of the line that it is in WizCommerce: the same SKU, price and quantity, else the same
    SKU, in their order (A-22)."""
    left = list(shown)
    found: list[Json | None] = [None] * len(ours)
    for same in (("sku", "unit_price", "quantity"), ("sku",)):
        for place, line in enumerate(ours):
            if found[place] is None:
                known = next((one for one in left if all(one.get(name) == line.get(name) for name in same)), None)
                if known is not None:
                    left.remove(known)
                    found[place] = known
    return [
        {**line, **{name: known[name] for name in _COUNTERS if known is not None and known.get(name) is not None}}
        for line, known in zip(ours, found, strict=True)
    ]


def _ours(draft: OrderDraft, assumed: Assumptions) -> Json:
    return {
        "display_id": fits(draft.number, "number"),
        "customer_id": draft.customer,
        "amount": draft.amount,
        "discount_value": draft.discount,
        "tax_value": draft.tax,
        "shipping_charge": draft.shipping_charge,
        "payment_term": fits(draft.payment_term, "payment term"),
        "po_number": fits(draft.po_number, "PO number"),
        "customer_note": draft.customer_note.text or "",
        "internal_note": draft.internal_note.text or "",
        "due_date": f"{draft.due.isoformat()}T00:00:00Z" if draft.due is not None else None,
        "billing_address": _address(draft.billing, "billing"),
        "shipping_address": _address(draft.shipping, "shipping"),
    }


def _line(line: OrderLine) -> Json:
    note = line.note.text or ""
    return {
        "sku": line.sku,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "discount": 0,
        "discount_type": "value",
        "is_adhoc": line.is_adhoc,
        **({"note": note} if note else {}),
    }


def _address(address: Address | None, kind: str) -> Json:
    """What is written in a one-off address of an order; {} for none. A city that is too long for WizCommerce is left out."""
    if address is None:
        return {}
    lines = [line.strip() for line in (address.lines.text or "").splitlines() if line.strip()]
    city = address.city.strip()
    written = {
        "address_line_1": lines[0] if lines else "",
        "address_line_2": ", ".join(lines[1:]),
        "city": city if len(city) <= CITY_LENGTH else "",
        "state": address.region,
        "zip_code": address.postal_code,
        "country": address.country,
    }
    filled = {name: text for name, text in written.items() if text}
    return {"type": kind, **filled} if filled else {}


def _parts(shown: Json, names: tuple[str, ...], assumed: Assumptions) -> Json:
    taken = [name for name in names if assumed.a42_order_version != "v1" or name not in _IN_V2_ONLY]
    return {name: shown[name] for name in taken if shown.get(name) not in (None, "", [])}


def _filled(tree: Json) -> Json:
    return {name: one for name, one in tree.items() if one is not None}


def _payment_status(paid: Decimal, total: Decimal) -> str:
    if paid > total:
        return "OVERPAID"
    if paid == total:
        return "PAID"
    return "PARTIALLY_PAID" if paid > 0 else "PENDING"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
