"""Document numbers: the app's when the company allows it, else QuickBooks' own. Source: reference, section 7.5."""

from __future__ import annotations

from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.company import Company, Record
from adapters.quickbooks.standin.kinds import Write

Wire = dict[str, Any]


def number_document(write: Write, entity: str, fields: Wire, old: Record | None) -> None:
    """Check or give `DocNumber`; duplicates are looked for among documents of the same type.

    With custom numbers: what is sent is taken, nothing sent stays without a number, a number in use is refused (6140).
    Without: a number sent is kept unchecked and, when it is digits, moves the counter; else the next one is given.
    """
    company = write.company
    number = fields.get("DocNumber") or None
    before = old.wire.get("DocNumber") if old else None
    if company.prefers("SalesFormsPrefs", "CustomTxnNumbers"):
        holders = [id for id in company.numbers.get((entity, number or ""), ()) if old is None or id != old.id]
        if holders and number != before and "allowduplicatedocnum" not in write.include:
            raise refusals.duplicate_number(str(number), entity, holders[0])
    elif number is None and before is not None:
        number = before
    elif number is None:
        company.last_number += 1
        number = str(company.last_number)
    elif number.isascii() and number.isdigit() and number != before:
        company.last_number = int(number)
    if number is None:
        fields.pop("DocNumber", None)
    else:
        fields["DocNumber"] = number


def next_free_number(company: Company, entity: str) -> str:
    """The number a form in the browser proposes: the next one nobody has."""
    number = company.last_number + 1
    while company.numbers.get((entity, str(number))):
        number += 1
    return str(number)
