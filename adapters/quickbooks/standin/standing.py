"""What people can do to the company as a whole: its consent, its plan, its books, its settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from adapters.quickbooks.standin.company import Company
from adapters.quickbooks.standin.envelope import Wire
from adapters.quickbooks.standin.office import Office
from adapters.standin.control import ControlRefused


def _disconnect(office: Office, company: Company, body: Wire) -> Wire:
    """Both tokens die; no webhook tells of it, only the browser, which goes on to the app's own page.

    Source: QuickBooks reference, section 1.6.
    """
    chain = office.grants.chains.get(company.realm)
    if chain is not None:
        office.grants.end(chain)
    landing = office.switches.disconnect_url
    goes_on = {"browser_goes_to": f"{landing}?{urlencode({'realmId': company.realm})}"} if landing else {}
    return {"disconnected": chain is not None, **goes_on}


def _standing(name: str, value: bool) -> Callable[[Office, Company, Wire], Wire]:
    def change(office: Office, company: Company, body: Wire) -> Wire:
        setattr(company.standing, name, value)
        return {name: value}

    return change


def _reset_company(office: Office, company: Company, body: Wire) -> Wire:
    """All records are gone, and every call is refused until `end-reset`."""
    office.purge(company).standing.was_reset = True
    return {"was_reset": True}


def _others_call(office: Office, company: Company, body: Wire) -> Wire:
    """Other apps used the company's limits in this moment: `{"calls": 495, "batches": 0}`."""
    counts = {"calls": 0, "batches": 0, **body}
    if set(counts) != {"calls", "batches"} or not all(type(each) is int and each >= 0 for each in counts.values()):
        raise ControlRefused('Other apps call as many times as {"calls": number, "batches": number} says.')
    office.throttle.others_called(company.realm, counts["calls"], counts["batches"])
    return counts


def set_preferences(company: Company, changes: Wire) -> Wire:
    """Change named preferences: `{"SalesFormsPrefs": {"CustomTxnNumbers": true}}`; a null unsets one."""
    record = company.all("Preferences")[0]
    wire = dict(record.wire)
    for group, values in changes.items():
        if group not in wire or not isinstance(values, dict) or not isinstance(wire[group], dict):
            raise ControlRefused(f"There is no group of preferences {group!r}.")
        merged = {**wire[group], **values}
        wire[group] = {name: value for name, value in merged.items() if value is not None}
    company.amend(record, wire)
    return record.wire


def _set_preferences(office: Office, company: Company, body: Wire) -> Wire:
    if office.switches.tax != "company" and "UsingSalesTax" in body.get("TaxPrefs", {}):
        raise ControlRefused("Sales tax is set with the switch `tax`.")
    return set_preferences(company, body)


def _close_books(office: Office, company: Company, body: Wire) -> Wire:
    try:
        day = date.fromisoformat(str(body.get("date", ""))).isoformat()
    except ValueError as problem:
        raise ControlRefused(
            'Closing the books takes {"date": "YYYY-MM-DD"}, and a "password" if need be.'
        ) from problem
    set_preferences(company, {"AccountingInfoPrefs": {"BookCloseDate": day}})
    company.standing.closing_password = str(body.get("password", ""))
    return {"closed_to": day}


def _reopen_books(office: Office, company: Company, body: Wire) -> Wire:
    set_preferences(company, {"AccountingInfoPrefs": {"BookCloseDate": None}})
    company.standing.closing_password = ""
    return {"closed_to": None}


STANDING_VERBS: dict[str, Callable[[Office, Company, Wire], Any]] = {
    "disconnect": _disconnect,
    "lapse-subscription": _standing("subscribed", False),
    "restore-subscription": _standing("subscribed", True),
    "take-admin-rights": _standing("administrator", False),
    "give-admin-rights": _standing("administrator", True),
    "drop-api-plan": _standing("has_api_plan", False),
    "restore-api-plan": _standing("has_api_plan", True),
    "drop-inventory-plan": _standing("has_inventory", False),
    "restore-inventory-plan": _standing("has_inventory", True),
    "lock-company": _standing("locked", True),
    "unlock-company": _standing("locked", False),
    "begin-maintenance": _standing("in_maintenance", True),
    "end-maintenance": _standing("in_maintenance", False),
    "reset-company": _reset_company,
    "end-reset": _standing("was_reset", False),
    "other-apps-call": _others_call,
    "set-preferences": _set_preferences,
    "close-books": _close_books,
    "reopen-books": _reopen_books,
}
