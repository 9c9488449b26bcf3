"""A bookkeeper's hands on the lists: add, edit, make inactive and active, merge, count stock, write addresses anew."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from adapters.quickbooks.standin.by_hand import add_by_hand, found
from adapters.quickbooks.standin.catalogue import KINDS, LISTS
from adapters.quickbooks.standin.company import Company
from adapters.quickbooks.standin.envelope import Wire
from adapters.quickbooks.standin.free_form import free_form
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.merging import merge
from adapters.quickbooks.standin.office import Office
from adapters.quickbooks.standin.parts import place_addresses
from adapters.quickbooks.standin.shapes import check_properties
from adapters.quickbooks.standin.stock import take_from_stock
from adapters.standin.control import ControlRefused

Verb = Callable[[Office, Company, Wire], Any]


def _adder(entity: str, **fixed: Any) -> Verb:
    def add(office: Office, company: Company, body: Wire) -> Wire:
        return add_by_hand(office, company, entity, {**fixed, **body}).wire

    return add


def _editor(entity: str, **fixed: Any) -> Verb:
    """A change in the browser: only what is named changes, and nobody asks for the revision."""

    def edit(office: Office, company: Company, body: Wire) -> Wire:
        kind = KINDS[entity]
        record = found(company, kind, body)
        change = {**body, **fixed, "Id": record.id, "SyncToken": record.revision, "sparse": True}
        check_properties(change, kind.shape)
        return kind.update(Write(company, office.switches), change).wire

    return edit


def _merger(entity: str) -> Verb:
    def act(office: Office, company: Company, body: Wire) -> Wire:
        if set(body) != {"Id", "into"}:
            raise ControlRefused('A merge takes {"Id": the loser, "into": the winner}.')
        kind = KINDS[entity]
        loser, winner = found(company, kind, body), found(company, kind, {"Id": body["into"]})
        return merge(Write(company, office.switches), winner, loser).wire

    return act


def _adjust_stock(office: Office, company: Company, body: Wire) -> Wire:
    """`by` is added to what is on hand; `to` is what a count found."""
    record = found(company, KINDS["Item"], body)
    if record.wire["Type"] != "Inventory" or set(body) not in ({"Id", "by"}, {"Id", "to"}):
        raise ControlRefused('Stock takes {"Id": an inventory item, "by": number} or {"Id": …, "to": number}.')
    change = Decimal(str(body["by"])) if "by" in body else Decimal(str(body["to"])) - record.wire["QtyOnHand"]
    take_from_stock(Write(company, office.switches), record, -change)
    return record.wire


def _reformat(office: Office, company: Company, body: Wire) -> Wire:
    """The billing address as the browser writes it: free lines, a new id, no place on a map."""
    record = found(company, KINDS["Customer"], body)
    lines = free_form(company, {**record.wire, "CustomerRef": {"value": record.id}}, {})
    if lines is None:
        raise ControlRefused("The customer has no billing address in parts.")
    wire = {**record.wire, "BillAddr": lines}
    place_addresses(company, wire, record.wire)
    wire["BillAddr"] = {**wire["BillAddr"], "Lat": "INVALID", "Long": "INVALID"}
    company.amend(record, wire)
    return record.wire


def _leave_unbilled(office: Office, company: Company, body: Wire) -> Wire:
    company.unbilled.add(found(company, KINDS["Customer"], body).id)
    return {"unbilled": sorted(company.unbilled)}


def _list_verbs() -> dict[str, Verb]:
    verbs: dict[str, Verb] = {}
    for entity in LISTS:
        word = _WORDS.get(entity, entity.lower())
        verbs[f"add-{word}"] = _adder(entity)
        verbs[f"edit-{word}"] = _editor(entity)
        verbs[f"deactivate-{word}"] = _editor(entity, Active=False)
        verbs[f"reactivate-{word}"] = _editor(entity, Active=True)
    return verbs


_WORDS = {
    "CustomerType": "customer-type",
    "PaymentMethod": "payment-method",
    "TaxCode": "tax-code",
    "TaxRate": "tax-rate",
}
LIST_VERBS: dict[str, Verb] = {
    **_list_verbs(),
    "add-category": _adder("Item", Type="Category"),
    "add-bundle": _adder("Item", Type="Group"),
    "merge-customers": _merger("Customer"),
    "merge-items": _merger("Item"),
    "adjust-stock": _adjust_stock,
    "reformat-customer": _reformat,
    "leave-unbilled": _leave_unbilled,
}
