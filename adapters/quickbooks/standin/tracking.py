"""Properties that depend on a feature of the company: refused or passed over while it is off.

Source: QuickBooks reference, section 7.5, "Header fields".
"""

from __future__ import annotations

from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.references import follow, named, value_of

Wire = dict[str, Any]


def while_off(write: Write, fields: Wire, name: str, sentence: str) -> None:
    """Deal with a property whose feature is off. Raises Fault 6000 unless the switch says to pass it over."""
    if write.switches.feature_off == "refuse":
        raise refusals.business(sentence)
    del fields[name]


def class_of(write: Write, fields: Wire, before: Wire | None = None, *, line: bool = False) -> None:
    """Follow `ClassRef` of a document or of one of its lines. Raises Fault 6000, 2500, 610."""
    on = write.company.prefers("AccountingInfoPrefs", "ClassTrackingPerTxnLine" if line else "ClassTrackingPerTxn")
    _follow_tracked(write, fields, "ClassRef", "Class", on is True, value_of(before, "ClassRef"))


def department_of(write: Write, fields: Wire, before: Wire | None = None) -> None:
    """Follow `DepartmentRef`, the location of a document. Raises Fault 6000, 2500, 610."""
    on = write.company.prefers("AccountingInfoPrefs", "TrackDepartments")
    _follow_tracked(write, fields, "DepartmentRef", "Department", on is True, value_of(before, "DepartmentRef"))


def _follow_tracked(write: Write, fields: Wire, name: str, entity: str, on: bool, old_value: str | None) -> None:
    value = value_of(fields, name)
    if value is None:
        return
    if on or value == old_value:
        fields[name] = named(follow(write, entity, fields[name], old_value))
        return
    while_off(write, fields, name, f"{entity} tracking is turned off in the company's settings")
