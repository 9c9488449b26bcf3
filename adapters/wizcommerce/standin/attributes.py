"""Custom attributes: their definitions, and the values records carry. Source: WizCommerce reference, section 1.5."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.responses import Response

from adapters.standin.wire import json_response
from adapters.wizcommerce.standin.answers import Problem, bad_request, problem
from adapters.wizcommerce.standin.checks import (
    Check,
    checked,
    choice,
    email,
    flag,
    list_of,
    phone,
    shape,
    text,
    whole,
)
from adapters.wizcommerce.standin.desk import Ask, Desk, single
from adapters.wizcommerce.standin.listing import Listing, page_of, understood
from adapters.wizcommerce.standin.records import Record

ENTITIES = ("customer", "product", "address", "contact", "order")
_WITH_OPTIONS = ("select", "multi_select")
_URL = re.compile(r"https?://\S+")

ATTRIBUTES = Listing(
    sort_by={"created_at": "created_at", "updated_at": "updated_at"}, filters={"entity": choice(*ENTITIES)}
)


def blank_attribute(record_id: str, now: datetime) -> Record:
    """A definition before anything was said about it."""
    return {
        "id": record_id,
        "name": "",
        "entity": "customer",
        "data_type": "text",
        "configuration": {},
        "priority": None,
        "is_mandatory": False,
        "created_at": now,
        "updated_at": now,
    }


def list_attributes(desk: Desk, ask: Ask) -> Response:
    """GET /v1/attributes: the definitions, of one entity or of all."""
    asked = understood(ask.query, ATTRIBUTES)
    wanted = asked.filters.get("entity")
    rows = [one for one in desk.records.attributes.values() if wanted in (None, one["entity"])]
    return json_response(page_of(rows, asked, lambda one: desk.shown(definition_shown(one)), desk.switches))


def create_attribute(desk: Desk, ask: Ask) -> Response:
    """POST /v1/attributes: 201. A name is given once for each entity; a choice needs something to choose from."""
    body = checked(ask.json(), ATTRIBUTE_CREATE)
    problems: list[Problem] = []
    if any((one["entity"], one["name"]) == (body["entity"], body["name"]) for one in desk.records.attributes.values()):
        problems.append(problem("name", "is taken already"))
    if body["data_type"] in _WITH_OPTIONS and not body.get("configuration", {}).get("options"):
        problems.append(problem("configuration.options", "is required"))
    if problems:
        raise bad_request(problems)
    made = {**blank_attribute(desk.records.new_id("definition"), desk.now()), **body}
    desk.records.attributes[made["id"]] = made
    return single(desk.shown(definition_shown(made)), 201)


def definition_shown(definition: Record) -> Record:
    """A definition as answers show it: its options by value alone."""
    names = ("id", "name", "entity", "data_type", "created_at", "updated_at")
    options = [one["value"] for one in definition["configuration"].get("options", [])]
    return {**{name: definition[name] for name in names}, "options": options}


def values_taken(desk: Desk, entity: str, values: Sequence[Record], field: str) -> list[Record]:
    """Sent `{name, value}` pairs as they are kept, by label. Raises the 400 refusal naming each that does not fit.

    `field` is where they were sent, such as `addresses[0].attributes`.
    """
    problems: list[Problem] = []
    taken = [_value_taken(desk, entity, one, f"{field}[{place}]", problems) for place, one in enumerate(values)]
    names = [one["name"] for one in taken]
    problems += [
        problem(f"{field}[{place}].name", "is sent twice") for place, one in enumerate(names) if one in names[:place]
    ]
    if problems:
        raise bad_request(problems)
    return taken


def refuse_missing_values(desk: Desk, entity: str, values: Sequence[Record], field: str) -> None:
    """Raise the 400 refusal of a new record that lacks an attribute defined as mandatory."""
    given = {one["name"] for one in values}
    missing = [one["name"] for one in _defined(desk, entity) if one["is_mandatory"] and one["name"] not in given]
    if missing and desk.switches.mandatory_attributes:
        raise bad_request([problem(field, f"must have a value for {name!r}") for name in missing])


def values_shown(desk: Desk, entity: str, values: Sequence[Record]) -> list[Record]:
    """Kept values as answers show them: `name` is the label or the definition's id (A-34)."""
    if desk.switches.a34_attribute_names == "label":
        return list(values)
    ids = {one["name"]: one["id"] for one in _defined(desk, entity)}
    return [{**one, "name": ids.get(one["name"], one["name"])} for one in values]


def _value_taken(desk: Desk, entity: str, sent: Record, field: str, problems: list[Problem]) -> Record:
    by = "name" if desk.switches.a34_attribute_names == "label" else "id"
    definition = next((one for one in _defined(desk, entity) if one[by] == sent["name"]), None)
    if definition is not None:
        _check_of(definition)(sent["value"], f"{field}.value", problems)
        return {**sent, "name": definition["name"]}
    if desk.switches.a33_undefined_attributes == "refused":
        problems.append(problem(f"{field}.name", f"is not an attribute of {entity}s"))
    return sent


def _defined(desk: Desk, entity: str) -> list[Record]:
    return [one for one in desk.records.attributes.values() if one["entity"] == entity]


def _check_of(definition: Record) -> Check:
    if definition["data_type"] in _WITH_OPTIONS:
        one = choice(*(option["value"] for option in definition["configuration"].get("options", [])))
        return one if definition["data_type"] == "select" else list_of(one)
    return VALUE_CHECKS[definition["data_type"]]


def _numeric(value: Any, field: str, problems: list[Problem]) -> Any:
    """A JSON number, or one as text: which of the two is not documented."""
    try:
        fits = not isinstance(value, bool) and Decimal(value).is_finite()
    except (InvalidOperation, TypeError, ValueError):
        fits = False
    if not fits:
        problems.append(problem(field, "must be a number"))
    return value


def _day(value: Any, field: str, problems: list[Problem]) -> Any:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        problems.append(problem(field, "must be a date of the form 2006-01-02"))
    return value


def _tick(value: Any, field: str, problems: list[Problem]) -> Any:
    """True or false, as such or as text: which of the two is not documented."""
    return value if value in ("true", "false") else flag(value, field, problems)


def _url(value: Any, field: str, problems: list[Problem]) -> Any:
    if not isinstance(value, str) or not _URL.fullmatch(value):
        problems.append(problem(field, "must be a URL"))
    return value


VALUE_CHECKS: Mapping[str, Callable[[Any, str, list[Problem]], Any]] = {
    **dict.fromkeys(("text", "long_text", "html", "file"), text()),
    **dict.fromkeys(("number", "percentage"), _numeric),
    "date_only": _day,
    "email": email,
    "checkbox": _tick,
    "phone_e164": phone,
    "url": _url,
}
"""What a value of each data type must be, the two with options aside."""

_OPTION = shape({"label": text(filled=True), "value": text(filled=True)}, ("label", "value"))
ATTRIBUTE_CREATE = shape(
    {
        "entity": choice(*ENTITIES),
        "name": text(filled=True),
        "data_type": choice(*VALUE_CHECKS, *_WITH_OPTIONS),
        "configuration": shape({"default_value": text(), "options": list_of(_OPTION), "show_label": flag}),
        "priority": whole,
        "is_mandatory": flag,
    },
    ("entity", "name", "data_type"),
)
