"""What payments settle: the amounts on documents, the links on both sides, and what a payment says of a document.

A document is an invoice or a credit memo; `Record.applied` says what each payment settles of it. A credit memo in a
payment adds to what the payment can settle. Source: QuickBooks reference, sections 2.8, 7.6 and 7.8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from adapters.quickbooks.standin.company import Company, Record
from adapters.quickbooks.standin.header import relinked
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.sums import NOTHING

Wire = dict[str, Any]

CREDIT = "CreditMemo"
# How recorded replies type what a payment says of a document.
_NAME_VALUE = {
    "name": "{http://schema.intuit.com/finance/v3}NameValue",
    "nil": False,
    "declaredType": "com.intuit.schema.finance.v3.NameValue",
    "scope": "javax.xml.bind.JAXBElement$GlobalScope",
    "globalScope": True,
    "typeSubstituted": False,
}


class Share(NamedTuple):
    """A document, and what a payment settles of it."""

    document: Record
    amount: Decimal

    @property
    def is_credit(self) -> bool:
        return self.document.entity == CREDIT


def shares_of(company: Company, lines: list[Wire]) -> list[Share]:
    """What the lines of a payment, as replies carry them, settle."""
    found = []
    for line in lines:
        link = line["LinkedTxn"][0]
        document = company.find(link["TxnType"], link["TxnId"])
        assert document is not None
        found.append(Share(document, line["Amount"]))
    return found


def unapplied(total: Decimal, shares: Iterable[Share]) -> Decimal:
    """What is left of a payment of `total` and of the credits in it."""
    return total + sum((one.amount if one.is_credit else -one.amount for one in shares), NOTHING)


def open_for(document: Record, payment: Record | None) -> Decimal:
    """What a payment can settle of a document, together with what it already does."""
    balance: Decimal = document.wire["Balance"]
    return balance + (document.applied.get(payment.id, NOTHING) if payment else NOTHING)


def within(shares: Iterable[Share], payment: Record | None) -> list[Share]:
    """The shares cut to what is open, and the credits cut to what they pay for; the rest stays unapplied."""
    cut: list[Share] = []
    for one in shares:
        before = sum((other.amount for other in cut if other.document is one.document), NOTHING)
        cut.append(one._replace(amount=min(one.amount, open_for(one.document, payment) - before)))
    to_pay = sum((one.amount for one in cut if not one.is_credit), NOTHING)
    for place, one in enumerate(cut):
        if one.is_credit:
            cut[place] = one._replace(amount=min(one.amount, to_pay))
            to_pay -= cut[place].amount
    return [one for one in cut if one.amount > 0]


def lines_of(shares: Iterable[Share], payment: Record | None) -> list[Wire]:
    """The lines of a payment as replies carry them."""
    return [
        {
            "Amount": one.amount,
            "LinkedTxn": [{"TxnId": one.document.id, "TxnType": one.document.entity}],
            "LineEx": _told(one.document, payment),
        }
        for one in shares
    ]


def _told(document: Record, payment: Record | None) -> Wire:
    """The open balance is what would be open without this payment, as the screen for payments shows it."""
    facts = {"txnId": document.id, "txnOpenBalance": f"{open_for(document, payment):.2f}"}
    if "DocNumber" in document.wire:
        facts["txnReferenceNumber"] = document.wire["DocNumber"]
    return {"any": [{**_NAME_VALUE, "value": {"Name": name, "Value": value}} for name, value in facts.items()]}


def apply(write: Write, payment: Record, before: list[Share], *, but: Record | None = None) -> bool:
    """Move the documents from what a payment settled before to what its lines say; False when that is the same.

    Each document that is settled differently gets a new revision; the others stay as they are, and so does `but`.
    """
    after = shares_of(write.company, payment.wire["Line"])
    was, now = _totals(before), _totals(after)
    for document in {one.document.born: one.document for one in (*before, *after)}.values():
        amount = now.get(document.born)
        if document is but:
            continue
        if amount is None:
            del document.applied[payment.id]
        else:
            document.applied[payment.id] = amount
        write.company.amend(document, {**document.wire, **settled(document)})
        tell_payments(write.company, document, but=payment)
    return was != now


def _totals(shares: Iterable[Share]) -> dict[int, Decimal]:
    totals: dict[int, Decimal] = {}
    for one in shares:
        totals[one.document.born] = totals.get(one.document.born, NOTHING) + one.amount
    return totals


def settled(document: Record) -> Wire:
    """What payments leave open of a document, and its links as they now stand."""
    wire = document.wire
    left = wire["TotalAmt"] - Decimal(wire.get("Deposit", 0)) - sum(document.applied.values(), NOTHING)
    shown = {"Balance": left, "LinkedTxn": relinked(document)}
    return {**shown, "RemainingCredit": left} if document.entity == CREDIT else shown


def tell_payments(company: Company, document: Record, *, but: Record | None = None) -> None:
    """Let payments say of a document how it now stands; that is no change of theirs. Source: section 7.6."""
    for id in document.applied:
        payment = company.find("Payment", id)
        assert payment is not None
        if payment is but:
            continue
        shares = shares_of(company, payment.wire["Line"])
        company.adjust(payment, Line=lines_of(shares, payment))


def unlink(write: Write, document: Record, keep: Mapping[str, Decimal] | None = None) -> None:
    """Take from each payment what it settles of a document beyond `keep`; it stays, with that much more unapplied.

    The document shows what is left of its links, without a revision of its own: its caller is about to make one.
    """
    company = write.company
    for id, amount in list(document.applied.items()):
        left = (keep or {}).get(id, NOTHING)
        payment = company.find("Payment", id)
        assert payment is not None
        if left == amount:
            continue
        before = shares_of(company, payment.wire["Line"])
        if left:
            document.applied[id] = left
        else:
            del document.applied[id]
        after = within(_without(before, document, amount - left), payment)
        total = payment.wire["TotalAmt"]
        changed = {"Line": lines_of(after, payment), "UnappliedAmt": unapplied(total, after)}
        company.amend(payment, {**payment.wire, **changed})
        apply(write, payment, before, but=document)
    company.adjust(document, LinkedTxn=relinked(document))


def _without(shares: list[Share], document: Record, excess: Decimal) -> list[Share]:
    kept = []
    for one in shares:
        taken = min(excess, one.amount) if one.document is document else NOTHING
        excess -= taken
        kept.append(one._replace(amount=one.amount - taken))
    return kept
