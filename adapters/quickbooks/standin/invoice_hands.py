"""A bookkeeper's hands on invoices: edit, copy, split, void, delete, and the lists an invoice may refer to.

A body may bring the `password` of closed books. Source: QuickBooks reference, sections 2.6, 2.9 and 7.5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from adapters.quickbooks.standin.by_hand import add_by_hand, found
from adapters.quickbooks.standin.catalogue import KINDS
from adapters.quickbooks.standin.company import Company, Record
from adapters.quickbooks.standin.envelope import Wire
from adapters.quickbooks.standin.free_form import free_form
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.numbering import next_free_number
from adapters.quickbooks.standin.office import Office
from adapters.quickbooks.standin.references import follow, named
from adapters.quickbooks.standin.shapes import check_properties
from adapters.standin.control import ControlRefused

Verb = Callable[[Office, Company, Wire], Any]

# What a copy does not take along: its own number, what was done with the first one, and what is reckoned anew.
_LEFT_OUT = frozenset({"Id", "DocNumber", "EmailStatus", "LinkedTxn", "TxnTaxDetail", "Deposit"})


@contextmanager
def _unlocked(company: Company, body: Wire) -> Iterator[None]:
    """Books closed with a password, open for as long as the right one was given."""
    standing = company.standing
    password, given = standing.closing_password, str(body.pop("password", ""))
    if given == password:
        standing.closing_password = ""
    try:
        yield
    finally:
        standing.closing_password = password


def _edit(office: Office, company: Company, body: Wire) -> Wire:
    """A change in the browser: only what is named changes, nobody asks for the revision, the address is rewritten."""
    record = found(company, KINDS["Invoice"], body)
    free = free_form(company, record.wire, body) if office.switches.edits_reformat_addresses else None
    with _unlocked(company, body):
        return _changed(office, company, record, {**body, "BillAddr": free} if free else body)


def _reformat(office: Office, company: Company, body: Wire) -> Wire:
    """An edit of nothing, which rewrites the address all the same."""
    record = found(company, KINDS["Invoice"], body)
    free = free_form(company, record.wire, {})
    return _changed(office, company, record, {"BillAddr": free} if free else {})


def _changed(office: Office, company: Company, record: Record, change: Wire) -> Wire:
    kind = KINDS["Invoice"]
    whole = {**change, "Id": record.id, "SyncToken": record.revision, "sparse": True}
    check_properties(whole, kind.shape)
    return kind.update(Write(company, office.switches), whole).wire


def _copy(office: Office, company: Company, body: Wire) -> Wire:
    """The Copy button: the private note goes along, the number does not. Source: QuickBooks reference, section 2.6."""
    record = found(company, KINDS["Invoice"], body)
    with _unlocked(company, body):
        more = {key: value for key, value in body.items() if key != "Id"}
        return add_by_hand(office, company, "Invoice", {**_copied(company, record), **more}).wire


def _copied(company: Company, record: Record) -> Wire:
    body = {key: value for key, value in record.wire.items() if key not in _LEFT_OUT}
    code = record.wire["TxnTaxDetail"].get("TxnTaxCodeRef")
    if code is not None:
        body["TxnTaxDetail"] = {"TxnTaxCodeRef": code}
    if company.prefers("SalesFormsPrefs", "CustomTxnNumbers"):
        body["DocNumber"] = next_free_number(company, record.entity)
    return body


def _split(office: Office, company: Company, body: Wire) -> Wire:
    """Two invoices from one: the `lines` named by id, else the last one, move to a new invoice with the same head."""
    record = found(company, KINDS["Invoice"], body)
    items = [line for line in record.wire["Line"] if "Id" in line]
    wanted = {str(id) for id in body.get("lines", [items[-1]["Id"]])}
    moved = [line for line in items if line["Id"] in wanted]
    if not moved or len(moved) == len(items):
        raise ControlRefused("A split needs at least one line that goes and one that stays.")
    with _unlocked(company, body):
        stays = [line for line in record.wire["Line"] if line.get("Id") not in wanted]
        kept = _changed(office, company, record, {"Line": stays})
        head = _copied(company, record)
        new = add_by_hand(office, company, "Invoice", {**head, "Line": moved})
    return {"kept": kept, "new": new.wire}


def _ender(ending: str) -> Verb:
    def end(office: Office, company: Company, body: Wire) -> Wire:
        kind = KINDS["Invoice"]
        record = found(company, kind, body)
        act = kind.void if ending == "void" else kind.delete
        with _unlocked(company, body):
            act(Write(company, office.switches), {"Id": record.id, "SyncToken": record.revision})
        return {"Id": record.id, ending: True}

    return end


def _add_estimate(office: Office, company: Company, body: Wire) -> Wire:
    """As much of an estimate as an invoice's link to it needs."""
    if set(body) - {"CustomerRef", "TotalAmt"}:
        raise ControlRefused('An estimate takes {"CustomerRef": {"value": id}, "TotalAmt": number}.')
    customer = follow(Write(company, office.switches), "Customer", body.get("CustomerRef", {}))
    total = Decimal(body.get("TotalAmt", 0))
    return company.add("Estimate", {"CustomerRef": named(customer), "TotalAmt": total, "TxnStatus": "Pending"}).wire


INVOICE_VERBS: dict[str, Verb] = {
    "edit-invoice": _edit,
    "reformat-addresses": _reformat,
    "copy-invoice": _copy,
    "split-invoice": _split,
    "void-invoice": _ender("void"),
    "delete-invoice": _ender("delete"),
    "add-estimate": _add_estimate,
}
