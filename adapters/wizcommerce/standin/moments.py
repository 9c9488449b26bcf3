"""Timestamps as WizCommerce writes them: ISO 8601, UTC, ending in Z. Source: reference, section 1.3."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")


def read_moment(text: str) -> datetime:
    """The aware UTC moment of `2006-01-02T15:04:05Z` (a fraction of a second may follow). Raises ValueError."""
    if not _FORM.fullmatch(text):
        raise ValueError("must be a UTC time of the form 2006-01-02T15:04:05Z")
    return datetime.fromisoformat(text)


def write_moment(at: datetime, digits: int = 0) -> str:
    """The moment with 0, 3 or 6 digits after the second, cut and not rounded."""
    return cut(at, digits).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") + _fraction(at, digits) + "Z"


def cut(at: datetime, digits: int) -> datetime:
    """The moment without what lies beyond `digits` places after the second."""
    step = 10 ** (6 - digits)
    return at.replace(microsecond=at.microsecond // step * step)


def _fraction(at: datetime, digits: int) -> str:
    return f".{at.microsecond:06d}"[: digits + 1] if digits else ""
