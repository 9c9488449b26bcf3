"""The query language, carried out over one company's records. Source: QuickBooks reference, sections 3.2 to 3.5.

A statement is turned into functions of a record first, so that a hundred thousand records cost milliseconds.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from operator import attrgetter
from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.catalogue import KINDS
from adapters.quickbooks.standin.company import Company, Record
from adapters.quickbooks.standin.filterable import (
    CREATED,
    OPERATORS,
    WITHOUT_PAGES,
    Holds,
    Properties,
    filterable,
    hides_inactive,
    sortable,
)
from adapters.quickbooks.standin.parts import SYSTEM
from adapters.quickbooks.standin.query import Condition, Query, Value
from adapters.quickbooks.standin.switches import Switches
from adapters.quickbooks.standin.times import read_moment

Wire = dict[str, Any]
Reader = Callable[[Record], Any]
Test = Callable[[Record], bool]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def select(company: Company, query: Query, switches: Switches) -> tuple[str, int, list[Wire]]:
    """The entity as it is spelled, how many records fit, and the page that was asked for. Raises Fault 4001."""
    query = _spelled(query, switches)
    if query.paged and query.entity in WITHOUT_PAGES:
        raise refusals.query_invalid(f"paging is not supported for {query.entity}")
    _check_fields(query)
    conditions = list(query.conditions)
    if hides_inactive(query.entity) and not any(one.property == "Active" for one in conditions):
        conditions.append(Condition("Active", "=", (True,)))
    tests = [_test(one, filterable(query.entity)) for one in conditions]
    orders = [(_sorter(name, sortable(query.entity)), down) for name, down in query.order]

    def search() -> list[Record]:
        fitting = company.all(query.entity)
        for test in tests:
            fitting = [record for record in fitting if test(record)]
        if query.counting:
            return fitting
        return _ordered(fitting, orders) if orders else _as_they_come(fitting, switches)

    wanted = (query.entity, query.counting, tuple(conditions), query.order, switches.query_order)
    rows = company.searches.found(wanted, search)
    page = rows[query.start - 1 : query.start - 1 + query.limit]
    return query.entity, len(rows), [_trimmed(record.wire, query.fields) for record in page]


def _spelled(query: Query, switches: Switches) -> Query:
    """The query with the documented spelling of every name, as far as the switch forgives another one."""
    if switches.query_names == "exact":
        if query.entity not in KINDS:
            raise refusals.query_invalid(f"invalid context declaration: {query.entity}")
        return query
    entities = {name.lower(): name for name in KINDS}
    if query.entity.lower() not in entities:
        raise refusals.query_invalid(f"invalid context declaration: {query.entity}")
    entity = entities[query.entity.lower()]
    known = {name.lower(): name for name in [*KINDS[entity].shape.fields, *sortable(entity)]}
    return query._replace(
        entity=entity,
        fields=tuple(known.get(name.lower(), name) for name in query.fields),
        conditions=tuple(
            one._replace(property=known.get(one.property.lower(), one.property)) for one in query.conditions
        ),
        order=tuple((known.get(name.lower(), name), down) for name, down in query.order),
    )


def _check_fields(query: Query) -> None:
    shape = KINDS[query.entity].shape.fields
    if set(shape) == set(SYSTEM):  # of what can only be read, the properties are not known by name
        return
    for name in query.fields:
        if name not in shape and name.split(".")[0] not in shape:
            raise refusals.query_invalid(f"property '{name}' is not queryable")


def _reader(name: str, holds: Holds) -> Reader:
    """How a property is compared: a reference by its value, text without regard to case, a time as it is shown."""
    if holds is Holds.MOMENT:
        return attrgetter("created_at" if name == CREATED else "changed_at")
    if holds is Holds.TEXT:
        return lambda record: None if (value := record.wire.get(name)) is None else value.casefold()
    if holds is Holds.EMAIL:
        return lambda record: None if (value := record.wire.get(name)) is None else value.get("Address", "").casefold()
    if holds is Holds.REFERENCE:
        return lambda record: None if (value := record.wire.get(name)) is None else value["value"]
    return lambda record: record.wire.get(name)


def _test(condition: Condition, properties: Properties) -> Test:
    """Whether a record fits a condition; one that lacks the property never does."""
    name = condition.property
    if name not in properties:
        raise refusals.query_invalid(f"property '{name}' is not queryable")
    holds = properties[name]
    if condition.operator not in OPERATORS[holds]:
        raise refusals.query_invalid(f"operator {condition.operator} is not supported for property '{name}'")
    read = _reader(name, holds)
    wanted = frozenset(_wanted(value, name, holds) for value in condition.values)
    if condition.operator == "IN":
        return lambda record: read(record) in wanted
    [limit] = wanted
    if condition.operator == "LIKE":
        fits = re.compile(".*".join(re.escape(part) for part in limit.split("%")), re.DOTALL).fullmatch
        return lambda record: (value := read(record)) is not None and fits(value) is not None
    if condition.operator == "=":
        return lambda record: read(record) == limit
    compare = _COMPARE[condition.operator]
    return lambda record: (value := read(record)) is not None and compare(value, limit)


def _wanted(value: Value, name: str, holds: Holds) -> Any:
    """A literal as `_reader` shows what it is compared with. Raises Fault 4001 for one that cannot be."""
    if (holds is Holds.FLAG) is not isinstance(value, bool):
        raise refusals.query_invalid(f"'{value}' is not a value of property '{name}'")
    try:
        if holds is Holds.MOMENT:
            return read_moment(str(value))
        if holds is Holds.DAY:
            return date.fromisoformat(str(value)[:10]).isoformat()
        if holds is Holds.NUMBER:
            return _finite(value)
    except (ValueError, InvalidOperation) as problem:
        kind = "a number" if holds is Holds.NUMBER else "a date or date-time"
        raise refusals.query_invalid(f"'{value}' is not {kind}") from problem
    if holds in (Holds.TEXT, Holds.EMAIL):
        return str(value).casefold()
    return value if holds is Holds.FLAG else str(value)


def _finite(value: Value) -> Decimal:
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(value)
    return number


def _sorter(name: str, properties: Properties) -> Reader:
    if name not in properties:
        raise refusals.query_invalid(f"property '{name}' is not sortable")
    holds = properties[name]
    if holds is Holds.ID:
        return attrgetter("number")
    read = _reader(name, holds)
    if holds is Holds.REFERENCE:
        return lambda record: None if (value := read(record)) is None else int(value)
    return read


def _ordered(rows: list[Record], orders: list[tuple[Reader, bool]]) -> list[Record]:
    """By the last order first, each sort keeping what the one before it did; absent values come before all others."""
    for read, down in reversed(orders):
        absent = [record for record in rows if read(record) is None]
        present = [record for record in rows if read(record) is not None] if absent else rows
        present = sorted(present, key=read, reverse=down)
        rows = present + absent if down else absent + present
    return rows


def _as_they_come(rows: list[Record], switches: Switches) -> list[Record]:
    """Without ORDERBY, lists come by their full names, as recorded; documents in the order of creation."""
    if switches.query_order == "name" and rows and hides_inactive(rows[0].entity):
        return sorted(rows, key=_full_name)
    return rows


def _full_name(record: Record) -> str:
    wire = record.wire
    name = wire.get("FullyQualifiedName") or wire.get("DisplayName") or wire.get("Name", "")
    return str(name).casefold()


def _trimmed(wire: Wire, fields: tuple[str, ...]) -> Wire:
    if not fields:
        return wire
    wanted = {field.split(".")[0] for field in fields} | {"domain", "sparse", "Id"}
    return {key: value for key, value in wire.items() if key in wanted}
