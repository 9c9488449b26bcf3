"""Writing the records WizCommerce has of invoices: each is made once under its reference, and changed to what is wanted.

WizCommerce has no idempotency key. So a record is looked for by its reference before it is made (A-03) and when that is refused
(A-04), and of one that is there only what differs is sent: each write can be repeated. Three things a tenant may take in one
of two ways only. What was refused is tried the other way at once, as a refusal means that nothing was carried out:

- the words of `status` (A-48): PAID, PARTIALLY_PAID, PENDING, OVERPAID; else PAID and UNPAID. Remembered for the connection.
- what names the order (A-26): its id; else its reference. Remembered too.
- an item whose SKU it does not know goes by its name alone.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any, Literal
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from adapters.wizcommerce.assumptions import Assumptions
from adapters.wizcommerce.client import WizCommerceClient, not_understood, unknown
from adapters.wizcommerce.drafts import fits
from adapters.wizcommerce.lists import INVOICES, Lists
from adapters.wizcommerce.translate import in_our_terms, moment, number
from adapters.wizcommerce.wire import INVOICE, WRITTEN
from adapters.wizcommerce.writes import answer, fields_named, nothing_was_sent, posted
from engine.domain.values import InvoiceRecordContent, InvoiceRecordDraft
from engine.ports import Answer, NotThere, Refused, Remote

Json = dict[str, Any]
OLDER = {"PAID": "PAID", "OVERPAID": "PAID", "PARTIALLY_PAID": "UNPAID", "PENDING": "UNPAID"}
"""The newer words of `status` → the older ones (A-48)."""
OUTSIDE = "Not in the catalogue"
"""Name of an item that WizCommerce's catalogue does not have."""
_TEXT = msgspec.json.Encoder(decimal_format="number")
_TREE = msgspec.json.Decoder(Json, float_hook=Decimal)
_SKU = re.compile(r"items\[(\d+)\]\.sku")


class _Wording(msgspec.Struct, frozen=True):
    """How a tenant takes what it may take in two ways. `nameless` are the places of items that go without their SKU."""

    statuses: Literal["newer", "older"]
    order: Literal["id", "reference"]
    both_tried: bool = False
    """Whether the order was named the other way already."""
    nameless: frozenset[int] = frozenset()


class Invoices:
    """Puts invoice records. Beside the wording each connection takes, which costs a call where it is forgotten, it keeps
    nothing. `send_by` and `answer_by` are seconds on the clock's boottime; what is read before a write ends by `send_by`."""

    def __init__(self, client: WizCommerceClient, lists: Lists, assumed: Assumptions) -> None:
        self._client = client
        self._lists = lists
        self._assumed = assumed
        self._wordings: dict[str, _Wording] = {}

    def put(self, connection: str, draft: InvoiceRecordDraft, body: str, *, send_by: float, answer_by: float) -> Answer:
        """The record of this reference as it stands once it says what `body` does. Raises Unknown only when something may have
        been written now; Refused, having written nothing, where WizCommerce does not take it."""
        with nothing_was_sent():
            found = self.with_reference(connection, draft.reference, send_by)
        if found:
            return self._changed(connection, draft, body, found[0], send_by, answer_by)
        make = partial(self._post, connection, send_by, answer_by)
        try:
            written = self._worded(connection, draft, _TREE.decode(body), make)
        except Refused as refusal:
            if refusal.code in ("403", "404"):
                raise
            with nothing_was_sent():
                found = self.with_reference(connection, draft.reference, answer_by)
            if not found:
                raise
            return self._changed(connection, draft, body, found[0], send_by, answer_by)
        return answer(self._as_written(written, draft))

    def with_reference(self, connection: str, reference: str, until: float | None = None) -> list[Remote]:
        """The record of exactly this reference, in a list: at most one (A-04)."""
        rows = self._lists.as_received(connection, INVOICES, {"reference_ids": reference}, until)
        found = [self._record(b'{"data":' + bytes(row) + b"}") for row in rows]
        return [one for one in found if one.problem or _reference(one) == reference]

    def _changed(
        self, connection: str, draft: InvoiceRecordDraft, body: str, found: Remote, send_by: float, answer_by: float
    ) -> Answer:
        """Of a record that is there, what differs is sent; nothing when nothing does."""
        shown = found.content
        if not isinstance(shown, InvoiceRecordContent):  # nothing is written over what we cannot read
            raise not_understood("invoice", found.raw.encode(), found.problem or "it is another kind of record.")
        tree = differing(_TREE.decode(body), draft, shown)
        if not tree:
            return answer(found)
        path = f"{INVOICES.path}/{quote(found.remote_id, safe='')}"

        def patch(text: str) -> bytes:
            return self._client.write(connection, "PATCH", path, text, send_by=send_by, until=answer_by)

        try:
            written = self._worded(connection, draft, tree, patch)
        except NotThere as fault:
            raise Refused(
                "WizCommerce does not have this record of the invoice any more.",
                code="404",
                next_step="`wizqbo retry` makes it anew.",
                raw=fault.raw,
            ) from None
        return answer(self._as_written(written, draft))

    def _post(self, connection: str, send_by: float, answer_by: float, text: str) -> bytes:
        return posted(self._client, connection, INVOICES, text, send_by, answer_by)

    def _worded(self, connection: str, draft: InvoiceRecordDraft, tree: Json, send: Callable[[str], bytes]) -> bytes:
        """The answer to `tree`, in the words that the tenant takes. Raises as `send` does, Refused with what it said last."""
        usual = _Wording(self._assumed.a48_statuses, self._assumed.a26_order_named_by)
        wording = self._wordings.get(connection, usual)
        while True:
            try:
                written = send(_TEXT.encode(_in_words(tree, draft, wording)).decode())
            except Refused as refusal:
                other = _otherwise(tree, draft, wording, refusal)
                if other is None:
                    raise
                wording = other
            else:
                self._wordings[connection] = replace(wording, nameless=frozenset(), both_tried=False)
                return written

    def _record(self, body: bytes) -> Remote:
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

        try:
            remote_id = WRITTEN.decode(body).data.id
        except (msgspec.DecodeError, RecursionError):
            remote_id = ""
        return in_our_terms("invoice", remote_id, body, read)

    def _as_written(self, body: bytes, draft: InvoiceRecordDraft) -> Remote:
        """The record in the answer to a write. Raises Unknown when there is none in it, or another one."""
        remote = self._record(body)
        if remote.problem or _reference(remote) != draft.reference:
            problem = remote.problem or "it is not the invoice that was written."
            raise unknown(not_understood("answer", body, problem)) from None
        return remote


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
    return _TEXT.encode({**tree, "remarks": draft.remarks} if draft.remarks else tree).decode()


def status_of(draft: InvoiceRecordDraft) -> str:
    """The newer word for how far it is paid. Of an invoice that came to nothing, as a voided one, nobody owes anything."""
    if draft.paid > draft.total:
        return "OVERPAID"
    if draft.paid == draft.total:
        return "PAID"
    return "PARTIALLY_PAID" if draft.paid > 0 else "PENDING"


def differing(tree: Json, draft: InvoiceRecordDraft, shown: InvoiceRecordContent) -> Json:
    """What of a whole record WizCommerce does not show yet."""
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


def _in_words(tree: Json, draft: InvoiceRecordDraft, wording: _Wording) -> Json:
    worded = dict(tree)
    if "status" in tree and wording.statuses == "older":
        worded["status"] = OLDER[tree["status"]]
    if "order_id" in tree and wording.order == "reference" and draft.order_reference:
        worded["order_id"] = draft.order_reference
    if wording.nameless:
        worded["items"] = [
            {**{k: v for k, v in item.items() if k != "sku"}, "name": item.get("sku", OUTSIDE)}
            if place in wording.nameless
            else item
            for place, item in enumerate(tree["items"])
        ]
    return worded


def _otherwise(tree: Json, draft: InvoiceRecordDraft, wording: _Wording, refusal: Refused) -> _Wording | None:
    """How else it may be taken, by the fields that the refusal names, which it need not do; None when there is no other way."""
    named = fields_named(refusal)
    if refusal.code == "403":
        return None

    def about(field: str) -> bool:
        return field in named or not named

    if "status" in tree and refusal.code != "404" and about("status") and wording.statuses == "newer":
        return replace(wording, statuses="older")
    if "order_id" in tree and about("order_id") and draft.order_reference and not wording.both_tried:
        return replace(wording, order="reference" if wording.order == "id" else "id", both_tried=True)
    unknown_skus = {int(found.group(1)) for field in named if (found := _SKU.fullmatch(field))} - wording.nameless
    if unknown_skus and len(tree.get("items", ())) > max(unknown_skus):
        return replace(wording, nameless=wording.nameless | unknown_skus)
    return None


def _reference(remote: Remote) -> str:
    return remote.content.reference if isinstance(remote.content, InvoiceRecordContent) else ""
