"""How reports look: plain tables, JSON, and times in the company's time zone with UTC beside them."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from adapters.cli.session import Session, Sorry
from engine.clock import instant

F = TypeVar("F", bound=Callable[..., Any])
Told = TypeVar("Told")
WIDEST = 60
"""Characters of the widest column that is not the last one."""

as_json = click.option("--json", "in_json", is_flag=True, help="Print JSON, for a machine.")


def acts(command: F) -> F:
    """Marks a command that acts: whoever acts can be named after it as well as before."""
    return _names_who(command, always=True)


def may_act(command: F) -> F:
    """Marks a command that acts sometimes: it asks `session.who()` itself when it does."""
    return _names_who(command, always=False)


def _names_who(command: F, always: bool) -> F:
    def name(ctx: click.Context, _: click.Parameter, value: str) -> None:
        session = ctx.ensure_object(Session)
        session.actor = value or session.actor
        if always and not ctx.resilient_parsing:
            session.who()

    option = click.option("--as", "acting", default="", metavar="NAME", expose_value=False, callback=name)
    return option(command)


class Listed(click.Group):
    """A group that lists when none of its commands is named: `match`, `match acme`, `match choose …`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def say_json(value: object) -> None:
    """One JSON text: times in ISO 8601 UTC, money as text."""
    click.echo(json.dumps(value, default=_plain, indent=2, ensure_ascii=False))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, UUID | Path):
        return str(value)
    raise TypeError(f"not printable: {type(value).__name__}")


def say_table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table in plain text; cells are one line each, control characters shown as blanks."""
    cells = [[clean(str(cell)) for cell in row] for row in rows]
    widths = [
        min(WIDEST, max([len(head), *(len(row[place]) for row in cells)])) for place, head in enumerate(heads[:-1])
    ]
    for row in [list(heads), ["-" * width for width in widths] + ["-" * len(heads[-1])], *cells]:
        padded = [f"{cell:<{width}}" for cell, width in zip(row[:-1], widths, strict=True)]
        click.echo("  ".join([*padded, row[-1]]).rstrip())


def say_each(told: Sequence[Told], say: Callable[[Told], None]) -> None:
    """What is told of each connection; where there is none, how one begins."""
    for one in told:
        say(one)
    if not told:
        click.echo("There are no connections yet. `wizqbo connect NAME` begins one.")


def clean(text: str) -> str:
    """`text` without control characters: what others wrote must not move the cursor of whoever reads it."""
    return "".join(c if c.isprintable() else " " for c in text)


def zone_of(time_zone: str) -> ZoneInfo:
    """The company's time zone; UTC when it names none we know."""
    try:
        return ZoneInfo(time_zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def both_times(at: datetime, zone: ZoneInfo) -> str:
    """`12 Nov 2026 09:14:03 (17:14:03 UTC)`; the UTC date too where it is another day."""
    there, utc = at.astimezone(zone), at.astimezone(UTC)
    local = f"{there.day} {there:%b %Y %H:%M:%S}"
    if there.utcoffset() == timedelta(0):
        return f"{local} UTC"
    other_day = f"{utc.day} {utc:%b} " if utc.date() != there.date() else ""
    return f"{local} ({other_day}{utc:%H:%M:%S} UTC)"


def short_time(at: datetime | None) -> str:
    """`2026-11-12 17:14 UTC`, or a hyphen."""
    return "-" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def age(since: datetime, now: datetime) -> str:
    """How long ago, in its largest unit: `3 h`."""
    seconds = max(0, int((now - since).total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def moment(text: str, zone: ZoneInfo, end_of_day: bool = False) -> datetime:
    """A date (midnight in `zone`; the midnight after it with `end_of_day`) or a date-time, as UTC. Raises Sorry."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return _date_time(text, zone)
    try:
        start = day + timedelta(days=1) if end_of_day else day
        return datetime.combine(start, time.min, zone).astimezone(UTC)
    except OverflowError:
        raise Sorry(f"{text} is too far away.") from None


def _date_time(text: str, zone: ZoneInfo) -> datetime:
    try:
        return instant(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Sorry(f"Write a date as 2026-11-01, or a time as 2026-11-01T09:30; not {text!r}.") from None


def sentences(*parts: str) -> str:
    """Parts of a report one after the other, each ended by a full stop."""
    return " ".join(part if part.endswith((".", "`", "?")) else f"{part}." for part in parts if part)


def warn(text: str) -> None:
    """A line beside the report, for the person."""
    click.echo(text, err=True)
