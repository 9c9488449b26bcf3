"""Checks of what a caller sends: each says what a value must be, and names the field that is not."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from adapters.wizcommerce.standin.answers import Problem, bad_request, problem
from adapters.wizcommerce.standin.moments import read_moment

Check = Callable[[Any, str, list[Problem]], Any]
"""Takes a value, the name of its field and the list of problems; gives the value as it is kept."""

_E164 = re.compile(r"\+[1-9]\d{1,14}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def text(most: int | None = None, *, filled: bool = False) -> Check:
    """A string of at most `most` characters, not empty when `filled`."""

    def check(value: Any, field: str, problems: list[Problem]) -> Any:
        if not isinstance(value, str):
            problems.append(problem(field, "must be a string"))
        elif most is not None and len(value) > most:
            problems.append(problem(field, f"must not be longer than {most} characters"))
        elif filled and not value:
            problems.append(problem(field, "must not be empty"))
        return value

    return check


def choice(*allowed: str) -> Check:
    """One of the given words."""

    def check(value: Any, field: str, problems: list[Problem]) -> Any:
        if not isinstance(value, str) or value not in allowed:
            problems.append(problem(field, f"must be one of {', '.join(allowed)}"))
        return value

    return check


def number(value: Any, field: str, problems: list[Problem]) -> Any:
    """A JSON number; kept as Decimal."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        problems.append(problem(field, "must be a number"))
        return value
    return Decimal(value)


def whole(value: Any, field: str, problems: list[Problem]) -> Any:
    """A JSON number without a fraction."""
    if isinstance(value, bool) or not isinstance(value, int):
        problems.append(problem(field, "must be an integer"))
    return value


def flag(value: Any, field: str, problems: list[Problem]) -> Any:
    """True or false."""
    if not isinstance(value, bool):
        problems.append(problem(field, "must be true or false"))
    return value


def moment(value: Any, field: str, problems: list[Problem]) -> Any:
    """A UTC timestamp ending in Z; kept as an aware datetime."""
    if not isinstance(value, str):
        problems.append(problem(field, "must be a string"))
        return value
    try:
        return read_moment(value)
    except ValueError as fault:
        problems.append(problem(field, str(fault)))
        return value


def identifier(value: Any, field: str, problems: list[Problem]) -> Any:
    """A UUID as text."""
    try:
        return str(uuid.UUID(value))
    except (ValueError, AttributeError, TypeError):
        problems.append(problem(field, "must be a UUID"))
        return value


def phone(value: Any, field: str, problems: list[Problem]) -> Any:
    """A telephone number in E.164 form."""
    if not isinstance(value, str) or not _E164.fullmatch(value):
        problems.append(problem(field, "must be a phone number in E.164 form"))
    return value


def email(value: Any, field: str, problems: list[Problem]) -> Any:
    """An e-mail address."""
    if not isinstance(value, str) or not _EMAIL.fullmatch(value):
        problems.append(problem(field, "must be an e-mail address"))
    return value


def attribute_value(value: Any, field: str, problems: list[Problem]) -> Any:
    """What a custom attribute may hold before its definition is looked at: text, number, true or false, texts."""
    is_texts = isinstance(value, list) and all(isinstance(one, str) for one in value)
    if not is_texts and not isinstance(value, (str, int, Decimal)):
        problems.append(problem(field, "must be text, a number, true or false, or a list of texts"))
    return value


def nullable(inner: Check) -> Check:
    """What `inner` takes, or null."""

    def check(value: Any, field: str, problems: list[Problem]) -> Any:
        return None if value is None else inner(value, field, problems)

    return check


def list_of(inner: Check, *, least: int = 0) -> Check:
    """A list of at least `least` values of which `inner` takes each."""

    def check(value: Any, field: str, problems: list[Problem]) -> Any:
        if not isinstance(value, list):
            problems.append(problem(field, "must be a list"))
            return value
        if len(value) < least:
            problems.append(problem(field, f"must have at least {least} element(s)"))
        return [inner(one, f"{field}[{place}]", problems) for place, one in enumerate(value)]

    return check


def shape(fields: Mapping[str, Check], required: tuple[str, ...] = ()) -> Check:
    """An object with these fields and no others, the required ones present."""

    def check(value: Any, field: str, problems: list[Problem]) -> Any:
        if not isinstance(value, dict):
            problems.append(problem(field, "must be an object"))
            return value
        prefix = f"{field}." if field else ""
        problems.extend(problem(prefix + name, "is required") for name in required if name not in value)
        problems.extend(problem(prefix + name, "is not a known field") for name in value if name not in fields)
        return {name: fields[name](one, prefix + name, problems) for name, one in value.items() if name in fields}

    return check


def checked(body: Any, check: Check) -> dict[str, Any]:
    """The body as it is kept. Raises a 400 refusal that names every field that is wrong."""
    problems: list[Problem] = []
    kept = check(body, "", problems)
    if problems:
        raise bad_request(problems)
    result: dict[str, Any] = kept
    return result
