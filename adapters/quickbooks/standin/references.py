"""Following a reference to another record, strictly: unknown is 2500, inactive is refused in new documents.

Source: QuickBooks reference, sections 2.9 and 6.
"""

from __future__ import annotations

from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.company import NAMES, Record
from adapters.quickbooks.standin.kinds import Write

Wire = dict[str, Any]

# The words in which fault 2500 names each kind.
KIND_NAMES = {
    "Customer": "Names",
    "Vendor": "Names",
    "Item": "Items",
    "Term": "Terms",
    "Account": "Accounts",
    "Class": "Klasses",
    "Department": "Depts",
    "CustomerType": "CustomerTypes",
    "PaymentMethod": "PaymentMethods",
    "TaxCode": "TaxCodes",
}
NAME_OF = {
    "Customer": "DisplayName",
    "Vendor": "DisplayName",
    "Employee": "DisplayName",
    "Account": "FullyQualifiedName",
}


WORDS = {"Item": "product or service", "PaymentMethod": "payment method"}


def follow(write: Write, entity: str, reference: Wire, old_value: str | None = None) -> Record:
    """The record a reference points to. A reference that a document already had may stay though it became inactive."""
    value = str(reference.get("value", ""))
    record = write.company.find(entity, value)
    if record is None:
        raise refusals.invalid_reference(KIND_NAMES[entity], value)
    if record.wire.get("Active") is False and value != old_value:
        raise refusals.inactive_reference(write.switches.inactive_reference)
    return record


def named(record: Record) -> Wire:
    """A reference as replies carry it, with the name."""
    return {"value": record.id, "name": record.wire[NAME_OF.get(record.entity, "Name")]}


def value_of(wire: Wire | None, name: str) -> str | None:
    """The id in a reference property, or None."""
    reference = (wire or {}).get(name)
    return None if reference is None else str(reference.get("value"))


def must_be_free(write: Write, name: str, entity: str, own_id: str | None) -> None:
    """Raises Fault 6240 when another record bears the name."""
    holder = write.company.holder_of(name, entity)
    if holder is None or holder == (entity, own_id):
        return
    wording = write.switches.duplicate_name_detail
    if wording == "null":
        raise refusals.duplicate_name("null")
    if wording == "id":
        raise refusals.duplicate_name(f"Id={holder[1]}")
    who = "customer, vendor or employee" if entity in NAMES else WORDS.get(entity, entity.lower())
    raise refusals.duplicate_name(f"Another {who} is already using this name. Please use a different name.")


def name_when_inactive(write: Write, name: str, active: bool, was_active: bool) -> str:
    """A name as it stands after (in)activation: ` (deleted)` is appended, which frees the name for others."""
    if was_active and not active and not name.endswith(" (deleted)"):
        return f"{name} (deleted)"
    if active and not was_active and write.switches.reactivation_strips_suffix:
        return name.removesuffix(" (deleted)")
    return name
