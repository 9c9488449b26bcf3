"""The query language, carried out over one company's records. Source: QuickBooks reference, sections 3.2 to 3.4."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.catalogue import KINDS, LISTS
from adapters.quickbooks.standin.company import Company
from adapters.quickbooks.standin.query import Condition, Query, Value
from adapters.quickbooks.standin.times import read_moment

Wire = dict[str, Any]

_TIMES = ("MetaData.CreateTime", "MetaData.LastUpdatedTime")
_BUSINESS = (
    "DisplayName",
    "GivenName",
    "MiddleName",
    "FamilyName",
    "CompanyName",
    "PrintOnCheckName",
    "PrimaryEmailAddr",
)
FILTERABLE: dict[str, frozenset[str]] = {
    "Customer": frozenset({"Id", *_BUSINESS, "FullyQualifiedName", "Active", "Balance", *_TIMES}),
    "Vendor": frozenset({"Id", *_BUSINESS, "Active", *_TIMES}),
    "Employee": frozenset({"Id", *_BUSINESS, "Active", *_TIMES}),
    "Item": frozenset({"Id", "Name", "Type", "Active", "FullyQualifiedName", "Sku", *_TIMES}),
    "Invoice": frozenset(
        {"Id", "CustomerRef", "DocNumber", "TxnDate", "DueDate", "Balance", "SalesTermRef", "ProjectRef", *_TIMES}
    ),
    "Payment": frozenset({"Id", "CustomerRef", "TotalAmt", "TxnDate", "PaymentRefNum", "ProjectRef", *_TIMES}),
    "CreditMemo": frozenset({"Id", "CustomerRef", "DocNumber", "TxnDate", "Balance", *_TIMES}),
    "RefundReceipt": frozenset({"Id", "CustomerRef", "DocNumber", "TxnDate", *_TIMES}),
    "SalesReceipt": frozenset({"Id", "CustomerRef", "DocNumber", "TxnDate", *_TIMES}),
    "Term": frozenset({"Id", "Name", "Active"}),
    "PaymentMethod": frozenset({"Id", "Active"}),
    "Account": frozenset({"Id", "Name", "Active", *_TIMES}),
    "CompanyInfo": frozenset(_TIMES),
    "Preferences": frozenset(_TIMES),
}
SORTABLE_TOO = {"Item": frozenset({"UnitPrice"})}

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def select(company: Company, query: Query) -> tuple[int, list[Wire]]:
    """How many records fit, and the page that was asked for. Raises Fault 4001."""
    if query.entity not in KINDS:
        raise refusals.query_invalid(f"invalid context declaration: {query.entity}")
    filterable = FILTERABLE[query.entity]
    conditions = list(query.conditions)
    for condition in conditions:
        _check(condition, filterable)
    for name, _ in query.order:
        if name not in filterable | SORTABLE_TOO.get(query.entity, frozenset()):
            raise refusals.query_invalid(f"property '{name}' is not sortable")
    if query.entity in LISTS and not any(one.property == "Active" for one in conditions):
        conditions.append(Condition("Active", "=", (True,)))
    rows = [record.wire for record in company.all(query.entity) if all(_fits(record.wire, one) for one in conditions)]
    for name, down in reversed(query.order):
        rows.sort(key=lambda wire, name=name: _sort_key(_property(wire, name)), reverse=down)  # type: ignore[misc]
    page = rows[query.start - 1 : query.start - 1 + query.limit]
    return len(rows), [_trimmed(wire, query.fields) for wire in page]


def _check(condition: Condition, filterable: frozenset[str]) -> None:
    if condition.property not in filterable:
        raise refusals.query_invalid(f"property '{condition.property}' is not queryable")
    if condition.property == "Id" and condition.operator not in ("=", "IN"):
        raise refusals.query_invalid(f"operator {condition.operator} is not supported for property 'Id'")
    if condition.property in _TIMES:
        for value in condition.values:
            try:
                read_moment(str(value))
            except ValueError as problem:
                raise refusals.query_invalid(f"'{value}' is not a date or date-time") from problem


def _property(wire: Wire, name: str) -> Any:
    """A property as it is compared: a reference by its value, an e-mail by its address, a time as a moment."""
    value: Any = wire
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, dict):
        value = value.get("value", value.get("Address"))
    return read_moment(value) if name in _TIMES and value is not None else value


def _fits(wire: Wire, condition: Condition) -> bool:
    value = _property(wire, condition.property)
    if value is None:
        return False
    if condition.operator == "LIKE":
        return _like(str(value), str(condition.values[0]))
    compare = _COMPARE["=" if condition.operator == "IN" else condition.operator]
    return any(_compared(value, wanted, compare) for wanted in condition.values)


def _compared(value: Any, wanted: Value, compare: Callable[[Any, Any], bool]) -> bool:
    """Numbers as numbers, moments as moments, text without regard to case."""
    if isinstance(value, bool):
        wanted_flag = wanted if isinstance(wanted, bool) else str(wanted).lower() == "true"
        return compare(value, wanted_flag)
    if isinstance(value, datetime):
        return compare(value, read_moment(str(wanted)))
    if isinstance(value, (int, Decimal)):
        try:
            return compare(value, Decimal(str(wanted)))
        except InvalidOperation:
            return False
    return compare(str(value).casefold(), str(wanted).casefold())


def _like(value: str, pattern: str) -> bool:
    parts = [re.escape(part) for part in pattern.split("%")]
    return re.fullmatch(".*".join(parts), value, re.IGNORECASE | re.DOTALL) is not None


def _sort_key(value: Any) -> tuple[int, Any]:
    """Absent values first; ids in the order of their numbers."""
    if value is None:
        return (0, "")
    if isinstance(value, str):
        return (1, (len(value), value)) if value.isdigit() else (2, value.casefold())
    return (1, value)


def _trimmed(wire: Wire, fields: tuple[str, ...]) -> Wire:
    if not fields:
        return wire
    wanted = {field.split(".")[0] for field in fields} | {"domain", "sparse", "Id"}
    return {key: value for key, value in wire.items() if key in wanted}
