"""A change of an invoice in their words, pure: a sparse update that says what differs, and no more.

A sparse update keeps what it leaves out, but lines go all or none, and what is left out of a line is cleared (QuickBooks
reference, 2.7). So each line is sent as QuickBooks wrote it last, with its id, its class and whatever else is on it, and only
what we say of it is said anew. A line of another kind, such as a text, stays.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from adapters.quickbooks.invoice_drafts import addresses, head, must_add_up, note_of, tax_detail, written_lines
from adapters.quickbooks.texts import Json, fits, refused
from adapters.quickbooks.translate import SHIPPING_ITEM
from engine.domain.drafts import InvoiceDraft, InvoiceUpdate
from engine.domain.values import Personal

SOLD, BUNDLE = "SalesItemLineDetail", "GroupLineDetail"
OURS = (SOLD, BUNDLE)
"""Kinds of lines of what is sold: of an invoice of ours all of them are the order's."""
REBUILT = ("SubTotalLineDetail", "DiscountLineDetail")
"""Kinds of lines that carry no id: the sub-total is QuickBooks' own, the discount is sent at the end."""

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def invoice_update(update: InvoiceUpdate) -> Json:
    """The body of the update. Raises Refused when it cannot be expressed, or what QuickBooks shows was erased here."""
    if update.shown.text is None:
        raise refused("erased", "The order's personal fields were erased here: its invoice is not changed any more.")
    must_add_up(update.invoice)
    before, after, shown = update.before, update.invoice, _decode(update.shown.text)
    body: Json = {
        "Id": update.remote_id,
        "SyncToken": update.revision,
        "sparse": True,
        "CustomerRef": {"value": after.customer_remote_id},
    }
    if _sums(before) != _sums(after):
        ours = frozenset(text.text or "" for text in _texts(before))
        body |= {"Line": _lines(after, shown.get("Line") or [], ours), **tax_detail(after)}
    if before.term != after.term and after.term:
        body["SalesTermRef"] = {"value": after.term}
    if before.customer_note != after.customer_note:
        body["CustomerMemo"] = {"value": fits(after.customer_note.text or "", 1000, "note to the customer")}
    note = shown.get("PrivateNote") or ""
    if note_of(before) != note_of(after) and note_of(before) in note:
        body["PrivateNote"] = fits(note.replace(note_of(before), note_of(after)), 4000, "private note")
    was, told = (addresses(one) | head(one.head) for one in (before, after))
    body |= {key: value for key, value in told.items() if value != was.get(key) and not _shipped(key, was, shown)}
    if "CustomField" in body:
        body["CustomField"] = _fields(shown.get("CustomField") or [], body["CustomField"])
    return body


def _shipped(field: str, was: Json, shown: Json) -> bool:
    """Whether it is the ship date or method, and a bookkeeper wrote another one than we did: that tells how it was shipped."""
    said, stands = was.get(field), shown.get(field)
    if field == "ShipMethodRef":
        said, stands = ((one or {}).get("value") for one in (said, stands))
    return field in ("ShipDate", "ShipMethodRef") and (said or "") != (stands or "")


def _texts(draft: InvoiceDraft) -> Iterator[Personal]:
    """What we said on its lines, and of its bundles."""
    for line in draft.lines:
        yield line.description if line.bundle is None else line.bundle.description


def _fields(shown: list[Json], ours: list[Json]) -> list[Json]:
    """Every field of the form, as fields go all or none: those that are not ours as they were."""
    written = {one["DefinitionId"]: one for one in ours}
    kept = [one for one in shown if one.get("DefinitionId") not in written and one.get("StringValue")]
    return [*kept, *ours]


def _sums(draft: InvoiceDraft) -> tuple[object, ...]:
    return (draft.lines, draft.discount, draft.shipping_charge, draft.tax_code, draft.taxes)


def _lines(draft: InvoiceDraft, shown: list[Json], ours: frozenset[str]) -> list[Json]:
    """Every line: those that were there in their places, new ones after them, then shipping and discount. Of `ours` a text is
    taken away where the order has none any more."""
    wanted, shipping, discount = written_lines(draft)
    there = [line for line in shown if line.get("DetailType") not in REBUILT and not _is_shipping(line)]
    takes, new = _places(wanted, there)
    lines = [
        _over(line, _emptied(takes[place], line, ours)) if place in takes else line
        for place, line in enumerate(there)
        if place in takes or line.get("DetailType") not in OURS
    ]
    old_shipping = [line for line in shown if _is_shipping(line)]
    old_discount = [line for line in shown if line.get("DetailType") == "DiscountLineDetail"]
    return [
        *lines,
        *new,
        *(_over(old_shipping[0], line) if old_shipping else line for line in shipping),
        *(_over(old_discount[0], line) if old_discount else line for line in discount),
    ]


def _places(wanted: list[Json], there: list[Json]) -> tuple[dict[int, Json], list[Json]]:
    """(place → the line it is now, new lines): first those that did not change, then those of the same item and price, then those
    of the same item. Source: WizCommerce reference, A-22."""
    takes: dict[int, Json] = {}
    left = wanted
    for alike in (3, 2, 1):
        rest = []
        for line in left:
            free = (
                place for place, one in enumerate(there) if place not in takes and (one.get(SOLD) or one.get(BUNDLE))
            )
            place = next((at for at in free if _told(there[at])[:alike] == _told(line)[:alike]), None)
            if place is None:
                rest.append(line)
            else:
                takes[place] = line
        left = rest
    return takes, left


def _emptied(line: Json, shown: Json, ours: frozenset[str]) -> Json:
    gone = "Description" not in line and shown.get("Description") and shown["Description"] in ours
    return {**line, "Description": ""} if gone else line


def _told(line: Json) -> tuple[Any, Any, Any]:
    """Item, price and quantity of a line of what is sold; of a bundle its item, and how many."""
    if line.get(BUNDLE):
        detail = line[BUNDLE]
        many = None if detail.get("Quantity") is None else Decimal(detail["Quantity"])
        return (BUNDLE, (detail.get("GroupItemRef") or {}).get("value")), None, many
    detail = line[SOLD]
    price, quantity = (None if detail.get(key) is None else Decimal(detail[key]) for key in ("UnitPrice", "Qty"))
    return (detail.get("ItemRef") or {}).get("value"), price, quantity


def _over(shown: Json, line: Json) -> Json:
    """A line as it was, with what we say of it; its place in the list is QuickBooks' to number."""
    kind = line["DetailType"]
    old = {key: value for key, value in shown.items() if key != "LineNum"}
    detail = {key: value for key, value in (shown.get(kind) or {}).items() if key != "DiscountPercent"}
    told = {**line[kind], "Line": _inside(line, shown)} if kind == BUNDLE else line[kind]
    return {**old, **line, kind: {**detail, **told}}


def _inside(line: Json, shown: Json) -> list[Json]:
    """The lines of a bundle's parts: those that were there with what is on them, then new ones."""
    there = shown[BUNDLE].get("Line") or []
    takes, new = _places(line[BUNDLE]["Line"], there)
    return [*(_over(there[place], takes[place]) for place in sorted(takes)), *new]


def _is_shipping(line: Json) -> bool:
    return ((line.get(SOLD) or {}).get("ItemRef") or {}).get("value") == SHIPPING_ITEM
