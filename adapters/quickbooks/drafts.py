"""Our drafts to their words, pure: the exact JSON text of a write, or a refusal that says what cannot be expressed.

Lengths and number forms are checked here, before anything is sent, so that a refusal costs no call and names the field.
Source: QuickBooks reference, sections 2.10, 7.1 and 7.5.
"""

import msgspec

from adapters.quickbooks.customer_drafts import customer, customer_update
from adapters.quickbooks.invoice_changes import invoice_update
from adapters.quickbooks.invoice_drafts import invoice
from adapters.quickbooks.payment_drafts import payment
from adapters.quickbooks.texts import fits
from engine.domain.drafts import (
    CustomerDraft,
    CustomerUpdate,
    Draft,
    InvoiceDraft,
    InvoiceUpdate,
    InvoiceVoid,
    PaymentDraft,
    TermDraft,
)

_encode = msgspec.json.Encoder(decimal_format="number").encode


def request_body(draft: Draft) -> str:
    """The exact JSON text that will be sent. Raises Refused when the draft cannot be expressed."""
    match draft:
        case InvoiceDraft():
            tree = invoice(draft)
        case InvoiceUpdate():
            tree = invoice_update(draft)
        case InvoiceVoid():
            tree = {"Id": draft.remote_id, "SyncToken": draft.revision}
        case PaymentDraft():
            tree = payment(draft)
        case CustomerUpdate():
            tree = customer_update(draft)
        case TermDraft():
            tree = {"Name": fits(draft.name, 31, "name of the term"), "DueDays": draft.due_days}
        case CustomerDraft():
            tree = customer(draft)
        case _:
            raise TypeError("products and stock are never written to QuickBooks")
    return _encode(tree).decode()
