"""The head of a sales document: its term, currency, custom fields, e-mail, addresses, and what settings allow.

Source: QuickBooks reference, section 7.5, "Header fields".
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.company import Company, Record
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.parts import place_addresses
from adapters.quickbooks.standin.references import follow, value_of
from adapters.quickbooks.standin.tracking import while_off

Wire = dict[str, Any]

ADDRESSES = ("BillAddr", "ShipAddr", "ShipFromAddr")
LONGEST_STREET = 2000
# Links a caller may write; the others show what QuickBooks itself linked.
WRITABLE_LINKS = frozenset({"Estimate", "TimeActivity"})


def term_of(write: Write, fields: Wire, before: Wire | None, customer: Record) -> Record | None:
    """The term that drives the due date; a new document without one takes the customer's."""
    if before is None and "SalesTermRef" not in fields and "SalesTermRef" in customer.wire:
        fields["SalesTermRef"] = customer.wire["SalesTermRef"]
    if "SalesTermRef" not in fields:
        return None
    term = follow(write, "Term", fields["SalesTermRef"], value_of(before, "SalesTermRef"))
    fields["SalesTermRef"] = {"value": term.id}
    return term


def due_date(day: str, term: Wire) -> str:
    """The due date of a document of `day` under a term. Source: QuickBooks reference, section 7.3."""
    start = date.fromisoformat(day)
    if term.get("Type") != "DATE_DRIVEN":
        return (start + timedelta(days=int(term.get("DueDays", 0)))).isoformat()
    wanted = int(term.get("DayOfMonthDue", 1))
    month = date(start.year, start.month, 1)
    due = _day_of(month, wanted)
    if (due - start).days < int(term.get("DueNextMonthDays", 0)) or due < start:
        due = _day_of(_next_month(month), wanted)
    return due.isoformat()


def _next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _day_of(month: date, day: int) -> date:
    return min(month + timedelta(days=day - 1), _next_month(month) - timedelta(days=1))


def links_of(write: Write, fields: Wire, before: Wire | None, customer: Record) -> list[Wire]:
    """The links that were written, after those QuickBooks made. Raises Fault 620 for an estimate that cannot be."""
    had = before["LinkedTxn"] if before else []
    wanted = [link for link in fields.get("LinkedTxn", ()) if link.get("TxnType") in WRITABLE_LINKS]
    for link in wanted:
        estimate = write.company.find(link["TxnType"], str(link.get("TxnId")))
        if link not in had and (estimate is None or value_of(estimate.wire, "CustomerRef") != customer.id):
            raise refusals.cannot_be_linked(str(link.get("TxnId")))
    return [*(link for link in had if link["TxnType"] not in WRITABLE_LINKS), *wanted]


def relinked(record: Record) -> list[Wire]:
    """The links of a document as its payments now stand; what was written by a caller stays."""
    written = [link for link in record.wire["LinkedTxn"] if link["TxnType"] in WRITABLE_LINKS]
    return [*({"TxnId": id, "TxnType": "Payment"} for id in record.applied), *written]


def settle_currency(write: Write, fields: Wire, before: Wire | None, customer: Wire) -> None:
    """With several currencies the customer's, with a rate; with one currency none. Raises Fault 2020, 2220, 6000."""
    home = (write.company.prefers("CurrencyPrefs", "HomeCurrency") or {"value": "USD"})["value"]
    wanted, rate = value_of(fields, "CurrencyRef"), fields.get("ExchangeRate")
    if not write.company.prefers("CurrencyPrefs", "MultiCurrencyEnabled"):
        if wanted not in (None, value_of(before, "CurrencyRef")) or rate not in (None, 1):
            raise refusals.business("Multi Currency should be enabled to perform this operation")
        fields.pop("CurrencyRef", None)
        fields.pop("ExchangeRate", None)
        if write.switches.currency_shown and "CurrencyRef" in customer:
            fields["CurrencyRef"] = customer["CurrencyRef"]
        return
    theirs = customer.get("CurrencyRef", {"value": home})
    if wanted is None and write.switches.currency_missing == "2020":
        raise refusals.missing("CurrencyRef")
    if wanted not in (None, theirs["value"]):
        raise refusals.invalid_currency(str(wanted), theirs["value"])
    if rate is not None and rate <= 0:
        raise refusals.negative("ExchangeRate")
    fields["CurrencyRef"] = theirs
    if theirs["value"] == home:
        fields["ExchangeRate"] = Decimal(1)
    fields.setdefault("ExchangeRate", write.switches.exchange_rate)


def settle_email(fields: Wire) -> None:
    """Raises Fault 6420."""
    if fields.get("EmailStatus") == "NeedToSend" and not fields.get("BillEmail", {}).get("Address"):
        raise refusals.email_required()


def settle_payment_means(write: Write, fields: Wire, before: Wire | None) -> None:
    """Online payment and deposit, as far as the company allows them. Raises Fault 6000, 2290."""
    old = before or {}
    online = write.company.prefers("SalesFormsPrefs", "ETransactionPaymentEnabled")
    for name in ("AllowOnlineCreditCardPayment", "AllowOnlineACHPayment"):
        if fields.get(name) is True and not online and old.get(name) is not True:
            while_off(write, fields, name, "Online payment is turned off in the company's settings")
    deposit = fields.get("Deposit")
    if deposit is None:
        return
    if deposit < 0:
        raise refusals.negative("Deposit")
    if deposit and deposit != old.get("Deposit") and not write.company.prefers("SalesFormsPrefs", "AllowDeposit"):
        while_off(write, fields, "Deposit", "Deposits are turned off in the company's sales settings")


def settle_custom_fields(write: Write, fields: Wire) -> None:
    """Every field in use comes back, by definition; one that is not in use is refused with 3000."""
    defined = custom_field_names(write.company)
    for each in fields.get("CustomField", ()):
        if each.get("DefinitionId") not in defined:
            raise refusals.Fault(refusals.Error("3000", "Custom field problem", "No such custom field is in use"))
    if defined:
        values = {each["DefinitionId"]: each for each in fields.get("CustomField", ())}
        fields["CustomField"] = [
            {**values.get(id, {}), "DefinitionId": id, "Type": "StringType", "Name": name}
            for id, name in defined.items()
        ]


def custom_field_names(company: Company) -> dict[str, str]:
    """The custom fields in use on sales forms, by definition id."""
    groups = company.prefers("SalesFormsPrefs", "CustomField") or []
    entries = {each["Name"]: each for group in groups for each in group.get("CustomField", ())}
    found = {}
    for id in ("1", "2", "3"):
        if entries.get(f"SalesFormsPrefs.UseSalesCustom{id}", {}).get("BooleanValue") is True:
            found[id] = entries.get(f"SalesFormsPrefs.SalesCustomName{id}", {}).get("StringValue", "")
    return found


def settle_addresses(write: Write, wire: Wire, before: Wire | None) -> None:
    """Give addresses their ids, and the coordinates of an address that was not found on a map. Raises Fault 2050."""
    for name in ADDRESSES:
        streets = sum(len(wire.get(name, {}).get(f"Line{place}", "")) for place in range(1, 6))
        if streets > LONGEST_STREET:
            raise refusals.Fault(refusals.bad_length(name, LONGEST_STREET, streets))
    place_addresses(write.company, wire, before)
    for name in ("BillAddr", "ShipAddr"):
        if name in wire:
            wire[name] = {"Lat": "INVALID", "Long": "INVALID", **wire[name]}


def settle_ship_method(fields: Wire) -> None:
    """A free text that is both value and name."""
    method = fields.get("ShipMethodRef")
    if method is not None:
        words = method.get("value") or method.get("name")
        fields["ShipMethodRef"] = {"value": words, "name": words}
