"""A bookkeeper's hands: what a person does in QuickBooks without the app. Behind `POST /_standin/hands`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.quickbooks.standin.by_hand import add_by_hand
from adapters.quickbooks.standin.company import Company
from adapters.quickbooks.standin.envelope import Wire
from adapters.quickbooks.standin.invoice_hands import INVOICE_VERBS
from adapters.quickbooks.standin.list_hands import LIST_VERBS
from adapters.quickbooks.standin.money_hands import MONEY_VERBS
from adapters.quickbooks.standin.office import Office
from adapters.quickbooks.standin.refusals import Fault
from adapters.quickbooks.standin.standing import STANDING_VERBS
from adapters.standin.control import ControlRefused

Verb = Callable[[Office, Company, Wire], Any]


def lend_hands(office: Office, verb: str, body: Wire) -> Any:
    """Do what the verb says in the company `realm` (or the first one). Raises ControlRefused with a sentence."""
    known = {**LIST_VERBS, **_VERBS, **STANDING_VERBS, **INVOICE_VERBS, **MONEY_VERBS}
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


_VERBS: dict[str, Verb] = {
    "add-invoice": _adder("Invoice"),
    "add-payment": _adder("Payment"),
}
