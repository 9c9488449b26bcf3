"""A payment's draft to QuickBooks' words, pure. Source: QuickBooks reference, section 7.6."""

from adapters.quickbooks.texts import Json, fits, refused
from engine.domain.drafts import PaymentDraft
from engine.domain.values import cents


def payment(draft: PaymentDraft) -> Json:
    """The body of a payment of one invoice. `ProcessPayment` is left out: no card is charged by it. Raises Refused for an
    amount that is none."""
    if draft.amount <= 0 or cents(draft.amount) != draft.amount:
        raise refused("2290", f"The payment's amount {draft.amount:f} is not above zero, or has more than 2 decimals.")
    note = f"WizCommerce order {draft.order_number} [wizqbo:{draft.mark}]"
    link = {"TxnId": draft.invoice, "TxnType": "Invoice"}
    body: Json = {
        "CustomerRef": {"value": draft.customer_remote_id},
        "TotalAmt": cents(draft.amount),
        "TxnDate": draft.dated.isoformat(),
        "PaymentRefNum": fits(draft.reference, 21, "payment reference"),
        "PrivateNote": fits(note, 4000, "private note"),
        "Line": [{"Amount": cents(draft.amount), "LinkedTxn": [link]}],
    }
    if draft.currency:
        body["CurrencyRef"] = {"value": draft.currency}
    if draft.method:
        body["PaymentMethodRef"] = {"value": draft.method}
    if draft.account:
        body["DepositToAccountRef"] = {"value": draft.account}
    return body
