"""What the properties of an entity may be called and look like; the checks that come before any business rule.

Two passes, because QuickBooks finds unknown properties (2010) before it looks at a stored request id, and bad
formats (20xx) after it. Source: QuickBooks reference, section 6, "Error precedence".
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.refusals import Error, Fault

Wire = dict[str, Any]

TEXT, NAME, EMAIL, NUMBER, FLAG, DATE, CHOICE, OBJECT, LIST, ANY = (
    "text",
    "name",
    "email",
    "number",
    "flag",
    "date",
    "choice",
    "object",
    "list",
    "any",
)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LARGEST = Decimal(99_999_999_999)


class Field(NamedTuple):
    """One property. `limit` is a length for text and a number of decimal places for numbers."""

    kind: str
    limit: int = 0
    inner: Shape | None = None
    choices: frozenset[str] = frozenset()
    read_only: bool = False


class Shape(NamedTuple):
    """The properties of one entity or nested object, under the class name that fault 2010 quotes."""

    java: str
    fields: dict[str, Field]

    @property
    def writable(self) -> frozenset[str]:
        return frozenset(name for name, field in self.fields.items() if not field.read_only)


def text(limit: int = 0) -> Field:
    return Field(TEXT, limit)


def name(limit: int) -> Field:
    """Text in which colon, tab and newline are refused."""
    return Field(NAME, limit)


def number(places: int = 5) -> Field:
    return Field(NUMBER, places)


def choice(*values: str) -> Field:
    return Field(CHOICE, choices=frozenset(values))


def nested(shape: Shape) -> Field:
    return Field(OBJECT, inner=shape)


def several(shape: Shape) -> Field:
    return Field(LIST, inner=shape)


def shown() -> Field:
    """A property that comes in replies; sent back it is ignored."""
    return Field(ANY, read_only=True)


def check_properties(body: Wire, shape: Shape) -> None:
    """Raises Fault 2010 for a property nobody knows, or an object or array where the other belongs."""
    for key, value in body.items():
        field = shape.fields.get(key)
        if field is None:
            raise refusals.unknown_property(key, shape.java, list(shape.fields))
        if value is None or field.kind == ANY:
            continue
        if field.kind == OBJECT:
            if not isinstance(value, dict):
                raise refusals.unreadable(f'"{key}" must be an object')
            assert field.inner is not None
            check_properties(value, field.inner)
        elif field.kind == LIST:
            if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
                raise refusals.unreadable(f'"{key}" must be an array of objects')
            assert field.inner is not None
            for each in value:
                check_properties(each, field.inner)
        elif isinstance(value, (dict, list)):
            raise refusals.unreadable(f'"{key}" must be a plain value')


def read_fields(body: Wire, shape: Shape) -> Wire:
    """The writable properties with numbers as Decimal and texts trimmed; null and empty text become None.

    Raises Fault with every format error found (2040 to 2210).
    """
    errors: list[Error] = []
    fields = _read(body, shape, errors)
    if errors:
        raise Fault(*errors)
    return fields


def _read(body: Wire, shape: Shape, errors: list[Error]) -> Wire:
    fields: Wire = {}
    for key, value in body.items():
        field = shape.fields[key]
        if field.read_only:
            continue
        if value is None or (value == "" and field.kind in (TEXT, NAME, DATE, EMAIL, CHOICE)):
            fields[key] = None
        elif field.kind == OBJECT:
            assert field.inner is not None
            fields[key] = _given(_read(value, field.inner, errors))
        elif field.kind == LIST:
            assert field.inner is not None
            fields[key] = [_given(_read(each, field.inner, errors)) for each in value]
        else:
            fields[key] = _value(key, value, field, errors)
    return fields


def _given(fields: Wire) -> Wire:
    """Inside an entity nothing is null: what is empty is left out. Source: QuickBooks reference, section 2.3."""
    return {key: value for key, value in fields.items() if value is not None}


def _value(key: str, value: Any, field: Field, errors: list[Error]) -> Any:
    if field.kind == NUMBER:
        return _number(key, value, field.limit, errors)
    if field.kind == FLAG:
        return _flag(key, value, errors)
    if isinstance(value, bool):
        value = "true" if value else "false"
    words = str(value).strip() if field.kind in (NAME, EMAIL) else str(value)
    if field.kind == DATE:
        return _day(key, words, errors)
    if field.kind == CHOICE and words not in field.choices:
        errors.append(refusals.bad_choice(key, words))
    if field.limit and len(words) > field.limit:
        errors.append(refusals.bad_length(key, field.limit, len(words)))
    if field.kind == NAME and any(mark in words for mark in ":\t\n"):
        errors.append(refusals.bad_text(key, "may not contain a colon, tab or newline"))
    if field.kind == EMAIL and words and not ("@" in words and "." in words):
        errors.append(refusals.bad_email(key))
    return words


def _number(key: str, value: Any, places: int, errors: list[Error]) -> Decimal | None:
    try:
        number = Decimal(value) if isinstance(value, (int, str, Decimal)) and value is not True else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        errors.append(refusals.bad_number(key, str(value)[:40]))
        return None
    if abs(number) > _LARGEST:
        errors.append(refusals.too_large(key, str(value)[:40]))
        return None
    exponent = number.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    if -exponent > places:
        errors.append(refusals.too_precise(key, places))
    # A JSON number without an exponent: 1E+2 becomes 100.
    return number if exponent <= 0 and "E" not in str(number) else Decimal(format(number, "f"))


def _flag(key: str, value: Any, errors: list[Error]) -> bool | None:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    errors.append(Error("2120", "Invalid type", f"{key} should be true or false", key))
    return None


def _day(key: str, words: str, errors: list[Error]) -> str:
    try:
        if _DAY.fullmatch(words[:10]) is None:
            raise ValueError(words)
        return date.fromisoformat(words[:10]).isoformat()
    except ValueError:
        errors.append(refusals.bad_date(key, words[:40]))
        return words


def overlay(old: Wire, fields: Wire, shape: Shape, *, sparse: bool, kept: frozenset[str] = frozenset()) -> Wire:
    """The properties after an update: laid over the old ones when sparse, else only those sent.

    Null clears a property, except those in `kept`, which cannot be emptied. Nested objects and line arrays are
    replaced as a whole. Source: QuickBooks reference, section 2.7.
    """
    merged: Wire = {key: value for key, value in old.items() if key in shape.writable} if sparse else {}
    for key, value in fields.items():
        if value is not None and value != {}:
            merged[key] = value
        elif key not in kept:
            merged.pop(key, None)
    return merged
