"""List calls: their query parameters, filters, order and pages. Source: WizCommerce reference, section 1.3."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from adapters.wizcommerce.standin.answers import Problem, bad_request, problem
from adapters.wizcommerce.standin.checks import Check, choice, moment
from adapters.wizcommerce.standin.moments import cut
from adapters.wizcommerce.standin.records import Record
from adapters.wizcommerce.standin.switches import Switches

DEFAULT_PAGE_SIZE = 25
_TIME_FILTERS = ("created_after", "created_before", "updated_after", "updated_before")


@dataclass(frozen=True)
class Listing:
    """What one list call understands.

    `sort_by` maps each documented word to the field it sorts by; `filters` gives the check of each filter of its own
    and `defaults` the value of one that is not sent. A parameter that is not documented for the call is refused; for
    time filters, a switch can say otherwise (A-07).
    """

    sort_by: Mapping[str, str]
    filters: Mapping[str, Check] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    has_time_filters: bool = False


@dataclass(frozen=True)
class Asked:
    """A list call that was understood. `undocumented` holds time filters sent to a list that documents none (A-07)."""

    page: int
    page_size: int
    descending: bool
    sort_field: str
    filters: Mapping[str, Any]
    undocumented: Mapping[str, Any]


def understood(query: Mapping[str, str], listing: Listing) -> Asked:
    """Read the query parameters. Raises a 400 refusal naming every parameter that is unknown or wrong."""
    problems: list[Problem] = []
    checks: dict[str, Check] = {
        "page": _count(1, None),
        "page_size": _count(1, 100),
        "sort": choice("asc", "desc"),
        "sort_by": choice(*listing.sort_by),
        **{name: moment for name in _TIME_FILTERS},
        **listing.filters,
    }
    read: dict[str, Any] = dict(listing.defaults)
    for name, value in query.items():
        if name in checks:
            read[name] = checks[name](value, name, problems)
        else:
            problems.append(problem(name, "is not a known query parameter"))
    if problems:
        raise bad_request(problems)
    undocumented = {} if listing.has_time_filters else {name: read.pop(name) for name in _TIME_FILTERS if name in read}
    return Asked(
        page=read.pop("page", 1),
        page_size=read.pop("page_size", DEFAULT_PAGE_SIZE),
        descending=read.pop("sort", "desc") == "desc",
        sort_field=listing.sort_by[read.pop("sort_by", "updated_at")],
        filters=read,
        undocumented=undocumented,
    )


def page_of(records: Iterable[Record], asked: Asked, shown: Callable[[Record], Record], switches: Switches) -> Record:
    """The `{data, pagination}` envelope of one page; `next_page` and `prev_page` are 0 where there is none.

    Filters other than the time filters and `reference_ids` must have been applied before. Raises the 400 refusal of
    time filters that are not documented for the list.
    """
    filters = _filters_in_force(asked, switches)
    kept = [one for one in records if _passes(one, filters, switches)]
    kept.sort(key=lambda one: _sortable(one[asked.sort_field]), reverse=asked.descending)
    pages = -(-len(kept) // asked.page_size)
    first = (asked.page - 1) * asked.page_size
    at_end = {"zero": 0, "null": None, "current": asked.page}[switches.a08_next_page_at_end]
    data = [shown(one) for one in kept[first : first + asked.page_size]]
    return {
        "data": None if not data and switches.a08_empty_data == "null" else data,
        "pagination": {
            "total_records": len(kept),
            "total_pages": pages,
            "current_page": asked.page,
            "next_page": asked.page + 1 if asked.page < pages else at_end,
            "prev_page": asked.page - 1,
            "page_size": asked.page_size,
        },
    }


def references(value: Any, name: str, problems: list[Problem]) -> Any:
    """External ids, separated by commas."""
    return [one for one in value.split(",") if one]


def truth(value: Any, name: str, problems: list[Problem]) -> Any:
    """A query parameter that is true or false."""
    if value not in ("true", "false"):
        problems.append(problem(name, "must be true or false"))
    return value == "true"


def _filters_in_force(asked: Asked, switches: Switches) -> Mapping[str, Any]:
    match switches.a07_time_filters_elsewhere:
        case "refused" if asked.undocumented:
            raise bad_request([problem(name, "is not a known query parameter") for name in asked.undocumented])
        case "honoured":
            return {**asked.filters, **asked.undocumented}
        case _:
            return asked.filters


def _count(least: int, most: int | None) -> Check:
    def check(value: Any, name: str, problems: list[Problem]) -> Any:
        if not (value.isascii() and value.isdigit() and len(value) < 10):
            problems.append(problem(name, "must be an integer"))
            return least
        count = int(value)
        if count < least or (most is not None and count > most):
            between = f"must be between {least} and {most}" if most else f"must be at least {least}"
            problems.append(problem(name, between))
        return count

    return check


def _passes(record: Record, filters: Mapping[str, Any], switches: Switches) -> bool:
    if "reference_ids" in filters and record["reference_id"] not in filters["reference_ids"]:
        return False
    for name in _TIME_FILTERS:
        if name not in filters:
            continue
        which, _, side = name.partition("_")
        at, limit = cut(record[f"{which}_at"], switches.fractional_digits), filters[name]
        if at == limit:
            if not switches.a09_time_filters_inclusive:
                return False
        elif (at > limit) != (side == "after"):
            return False
    return True


def _sortable(value: Any) -> Any:
    """Moments count as they are kept, to the microsecond, however few digits of them are shown."""
    return value if isinstance(value, datetime) else (value or "").lower()
