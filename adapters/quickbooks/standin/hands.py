"""A bookkeeper's hands: what a person does in QuickBooks without the app. Behind `POST /_standin/hands`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.quickbooks.standin.catalogue import KINDS
from adapters.quickbooks.standin.company import Company, Record
from adapters.quickbooks.standin.envelope import Wire
from adapters.quickbooks.standin.kinds import Kind, Write
from adapters.quickbooks.standin.office import Office
from adapters.quickbooks.standin.refusals import Fault
from adapters.quickbooks.standin.shapes import check_properties
from adapters.quickbooks.standin.standing import STANDING_VERBS
from adapters.standin.control import ControlRefused

Verb = Callable[[Office, Company, Wire], Any]


def lend_hands(office: Office, verb: str, body: Wire) -> Any:
    """Do what the verb says in the company `realm` (or the first one). Raises ControlRefused with a sentence."""
    known = {**_VERBS, **STANDING_VERBS}
    if verb == "add-company":
        return _add_company(office, body)
    if verb not in known:
        raise ControlRefused(f"Hands cannot {verb!r}; they can {', '.join(sorted([*known, 'add-company']))}.")
    rest = dict(body)
    company = office.company(rest.pop("realm", None))
    office.follow_switches(company)
    company.by_person = True
    try:
        return known[verb](office, company, rest)
    except Fault as fault:
        said = "; ".join(f"{one.code} {one.detail or one.message}" for one in fault.errors)
        raise ControlRefused(f"QuickBooks itself refuses this: {said}.") from fault
    finally:
        company.by_person = False


def add_by_hand(office: Office, company: Company, entity: str, body: Wire) -> Record:
    """Create an entity as a person would. Raises Fault."""
    kind = KINDS[entity]
    check_properties(body, kind.shape)
    return kind.create(Write(company, office.switches), body)


def _add_company(office: Office, body: Wire) -> Wire:
    unknown = set(body) - {"realm", "CompanyName", "Country"}
    if unknown:
        raise ControlRefused(f"A company has no {sorted(unknown)[0]!r} here; give realm, CompanyName, Country.")
    name, country = body.get("CompanyName", "Sandbox Company"), body.get("Country", "US")
    return {"realm": office.add_company(str(body.get("realm", "")), str(name), str(country)).realm}


def _adder(entity: str) -> Verb:
    def add(office: Office, company: Company, body: Wire) -> Wire:
        return add_by_hand(office, company, entity, body).wire

    return add


def _found(company: Company, kind: Kind, body: Wire) -> Record:
    id = body.get("Id")
    record = company.find(kind.entity, str(id)) if id is not None else None
    if record is None:
        raise ControlRefused(f"There is no {kind.entity} with Id {id!r}.")
    return record


def _editor(entity: str, **fixed: Any) -> Verb:
    """A change in the browser: only what is named changes, and nobody asks for the revision."""

    def edit(office: Office, company: Company, body: Wire) -> Wire:
        kind = KINDS[entity]
        record = _found(company, kind, body)
        change = {**body, **fixed, "Id": record.id, "SyncToken": record.revision, "sparse": True}
        check_properties(change, kind.shape)
        return kind.update(Write(company, office.switches), change).wire

    return edit


def _ender(entity: str, ending: str) -> Verb:
    def end(office: Office, company: Company, body: Wire) -> Wire:
        kind = KINDS[entity]
        record = _found(company, kind, body)
        act = kind.void if ending == "void" else kind.delete
        act(Write(company, office.switches), {"Id": record.id, "SyncToken": record.revision})
        return {"Id": record.id, ending: True}

    return end


def _copy_invoice(office: Office, company: Company, body: Wire) -> Wire:
    """The Copy button: the private note goes along, the number does not. Source: QuickBooks reference, section 2.6."""
    record = _found(company, KINDS["Invoice"], body)
    left_out = {"DocNumber", "TxnTaxDetail", "CustomField"} if "DocNumber" not in body else {"TxnTaxDetail"}
    kept = {key: value for key, value in record.wire.items() if key not in left_out}
    kept["Line"] = [{key: value for key, value in line.items() if key != "Id"} for line in kept["Line"]]
    more = {key: value for key, value in body.items() if key != "Id"}
    return add_by_hand(office, company, "Invoice", {**kept, "Id": None, **more}).wire


def _reformat_addresses(office: Office, company: Company, body: Wire) -> Wire:
    """What an edit in the browser does to an invoice's address: free lines, no parts, a new id. Source: section 7.5."""
    record = _found(company, KINDS["Invoice"], body)
    address = record.wire.get("BillAddr", {})
    town = f"{address.get('City', '')}, {address.get('CountrySubDivisionCode', '')}  {address.get('PostalCode', '')}"
    lines = [record.wire["CustomerRef"]["name"], *(address[key] for key in ("Line1", "Line2") if key in address), town]
    free = {f"Line{place}": line for place, line in enumerate(lines, start=1)}
    new = {"Id": company.next_id("Address"), **free, "Lat": "INVALID", "Long": "INVALID"}
    company.amend(record, {**record.wire, "BillAddr": new})
    return record.wire


_VERBS: dict[str, Verb] = {
    "add-customer": _adder("Customer"),
    "add-vendor": _adder("Vendor"),
    "add-employee": _adder("Employee"),
    "add-item": _adder("Item"),
    "add-term": _adder("Term"),
    "add-invoice": _adder("Invoice"),
    "add-payment": _adder("Payment"),
    "edit-customer": _editor("Customer"),
    "edit-item": _editor("Item"),
    "edit-invoice": _editor("Invoice"),
    "deactivate-customer": _editor("Customer", Active=False),
    "reactivate-customer": _editor("Customer", Active=True),
    "deactivate-item": _editor("Item", Active=False),
    "reactivate-item": _editor("Item", Active=True),
    "void-invoice": _ender("Invoice", "void"),
    "delete-invoice": _ender("Invoice", "delete"),
    "delete-payment": _ender("Payment", "delete"),
    "copy-invoice": _copy_invoice,
    "reformat-addresses": _reformat_addresses,
}
