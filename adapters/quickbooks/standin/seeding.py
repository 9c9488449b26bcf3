"""Filling a company from JSON in wire field names, quietly: nothing is reported by webhook."""

from __future__ import annotations

from typing import Any

from adapters.quickbooks.standin.by_hand import add_by_hand
from adapters.quickbooks.standin.company import Company
from adapters.quickbooks.standin.envelope import Wire
from adapters.quickbooks.standin.office import Office
from adapters.quickbooks.standin.refusals import Fault
from adapters.quickbooks.standin.standing import set_preferences
from adapters.standin.control import ControlRefused

# In the order in which they need each other.
_LISTS = {
    "accounts": "Account",
    "terms": "Term",
    "payment_methods": "PaymentMethod",
    "customer_types": "CustomerType",
    "classes": "Class",
    "departments": "Department",
    "tax_codes": "TaxCode",
    "tax_rates": "TaxRate",
    "customers": "Customer",
    "vendors": "Vendor",
    "employees": "Employee",
    "items": "Item",
    "invoices": "Invoice",
    "credit_memos": "CreditMemo",
    "refund_receipts": "RefundReceipt",
    "sales_receipts": "SalesReceipt",
    "payments": "Payment",
}


def seed(office: Office, entities: Wire) -> Wire:
    """Take `{"company": {…}, "preferences": {…}, "customers": [{…}], …}`; answer the ids given, by list.

    `company` names the realm (a new one is founded) and facts of CompanyInfo. An entity may bring its `Id` when that
    is above every id its sequence has given. Raises ControlRefused.
    """
    unknown = set(entities) - {"company", "preferences", *_LISTS}
    if unknown:
        known = ", ".join(["company", "preferences", *_LISTS])
        raise ControlRefused(f"There is nothing to seed under {sorted(unknown)[0]!r}; known are {known}.")
    facts = dict(entities.get("company", {}))
    company = _company(office, str(facts.pop("realm", "")))
    company.muted = company.by_person = True
    try:
        _state_facts(company, facts)
        set_preferences(company, entities.get("preferences", {}))
        given: Wire = {"realm": company.realm}
        for name, entity in _LISTS.items():
            if name in entities:
                given[name] = [_add(office, company, entity, dict(body)) for body in entities[name]]
        return given
    finally:
        company.muted = company.by_person = False


def _company(office: Office, realm: str) -> Company:
    if realm and realm not in office.companies:
        return office.add_company(realm)
    return office.company(realm)


def _state_facts(company: Company, facts: Wire) -> None:
    record = company.all("CompanyInfo")[0]
    unknown = set(facts) - set(record.wire)
    if unknown:
        raise ControlRefused(f"CompanyInfo has no {sorted(unknown)[0]!r}.")
    company.amend(record, {**record.wire, **facts})


def _add(office: Office, company: Company, entity: str, body: Wire) -> str:
    if "Id" in body:
        wanted = str(body.pop("Id"))
        if not company.jump_to(entity, wanted):
            raise ControlRefused(f"The Id {wanted} of {entity} is not above those already given.")
    try:
        return add_by_hand(office, company, entity, body).id
    except Fault as fault:
        said: Any = "; ".join(f"{one.code} {one.detail or one.message}" for one in fault.errors)
        raise ControlRefused(f"A seeded {entity} is refused: {said}.") from fault
