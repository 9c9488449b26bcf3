"""The records WizCommerce has of invoices, in its words. Beside what names the order (`adapters.wizcommerce.documents`), two more
things a tenant may take in one of two ways only:

- the words of `status` (A-48): PAID, PARTIALLY_PAID, PENDING, OVERPAID; else PAID and UNPAID. Remembered for the connection.
- an item whose SKU it does not know goes by its name alone.
"""

import re
from decimal import Decimal

from msgspec.structs import replace

from adapters.wizcommerce.documents import Documents, Json, Wording, id_in, text_of
from adapters.wizcommerce.drafts import fits
from adapters.wizcommerce.lists import INVOICES
from adapters.wizcommerce.translate import in_our_terms, moment, number
from adapters.wizcommerce.wire import INVOICE
from engine.domain.drafts import InvoiceRecordDraft
from engine.domain.values import InvoiceRecordContent
from engine.ports import Refused, Remote

OLDER = {"PAID": "PAID", "OVERPAID": "PAID", "PARTIALLY_PAID": "UNPAID", "PENDING": "UNPAID"}
"""The newer words of `status` → the older ones (A-48)."""
OUTSIDE = "Not in the catalogue"
"""Name of an item that WizCommerce's catalogue does not have."""
_SKU = re.compile(r"items\[(\d+)\]\.sku")


class Invoices(Documents[InvoiceRecordDraft]):
    """Puts invoice records."""

    listed = INVOICES

    def record(self, body: bytes) -> Remote:
        """`{"data": {…invoice…}}` as a Remote; one that cannot be read has a `problem`."""

        def read() -> tuple[str, str, str, InvoiceRecordContent | None]:
            seen = INVOICE.decode(body).data
            items = seen.items
            return (
                seen.id,
                seen.updated_at,
                "",
                InvoiceRecordContent(
                    reference=seen.reference_id,
                    number=seen.invoice_number,
                    total=number(seen.total_amount, "total_amount", self._assumed),
                    paid=number(seen.paid_amount, "paid_amount", self._assumed),
                    due=moment(seen.due_date, "due_date").date() if seen.due_date else None,
                    status=seen.status or "",
                    remarks=seen.remarks or "",
                    items=None
                    if items is None
                    else tuple((x.quantity or Decimal(0), x.amount or Decimal(0)) for x in items),
                ),
            )

        return in_our_terms("invoice", id_in(body), body, read)

    def reference(self, remote: Remote) -> str:
        return remote.content.reference if isinstance(remote.content, InvoiceRecordContent) else ""

    def differing(self, tree: Json, draft: InvoiceRecordDraft, found: Remote) -> Json:
        shown = found.content
        assert isinstance(shown, InvoiceRecordContent)  # it has a reference
        items = sorted((one.quantity, one.amount) for one in draft.items)
        word = status_of(draft)
        new = {
            "invoice_number": draft.number != shown.number,
            "total_amount": draft.total != shown.total,
            "paid_amount": draft.paid != shown.paid,
            "status": shown.status not in (word, OLDER[word]),
            "due_date": draft.due != shown.due,
            "items": shown.items is not None and sorted(shown.items) != items,
            "remarks": draft.remarks != shown.remarks,
        }
        whole = {"remarks": "", **tree}
        return {name: whole[name] for name, differs in new.items() if differs}

    def in_words(self, tree: Json, draft: InvoiceRecordDraft, wording: Wording) -> Json:
        worded = dict(tree)
        if "status" in tree and wording.statuses == "older":
            worded["status"] = OLDER[tree["status"]]
        if wording.nameless:
            worded["items"] = [
                {**{k: v for k, v in item.items() if k != "sku"}, "name": item.get("sku", OUTSIDE)}
                if place in wording.nameless
                else item
                for place, item in enumerate(tree["items"])
            ]
        return worded

    def otherwise(self, tree: Json, named: list[str], wording: Wording, refusal: Refused) -> Wording | None:
        about_status = "status" in named or not named
        if "status" in tree and refusal.code != "404" and about_status and wording.statuses == "newer":
            return replace(wording, statuses="older")
        unknown_skus = {int(found.group(1)) for field in named if (found := _SKU.fullmatch(field))} - wording.nameless
        if unknown_skus and len(tree.get("items", ())) > max(unknown_skus):
            return replace(wording, nameless=wording.nameless | unknown_skus)
        return None


def record_body(draft: InvoiceRecordDraft) -> str:
    """The exact JSON text of a new record, by the newer words and the order's id. Raises Refused when a text is too long."""
    tree: Json = {
        "reference_id": fits(draft.reference, "reference"),
        "order_id": draft.order,
        "invoice_number": fits(draft.number, "invoice number"),
        "total_amount": draft.total,
        "paid_amount": draft.paid,
        "status": status_of(draft),
        "due_date": f"{draft.due.isoformat()}T00:00:00Z",
        "items": [
            {**({"sku": one.sku} if one.sku else {"name": OUTSIDE}), "quantity": one.quantity, "amount": one.amount}
            for one in draft.items
        ],
    }
    return text_of({**tree, "remarks": draft.remarks} if draft.remarks else tree)


def status_of(draft: InvoiceRecordDraft) -> str:
    """The newer word for how far it is paid. Of an invoice that came to nothing, as a voided one, nobody owes anything."""
    if draft.paid > draft.total:
        return "OVERPAID"
    if draft.paid == draft.total:
        return "PAID"
    return "PARTIALLY_PAID" if draft.paid > 0 else "PENDING"
