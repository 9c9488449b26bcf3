"""When a pull is due next: every so often or once a day, with quiet hours, in the company's own time. Pure.

A spec is `15m`, `2h`, `daily 02:00` or `off`; with ` quiet 22:00-06:00` behind it nothing is due in those hours.
"""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.domain.values import Value

_FORM = re.compile(
    r"(?:(?P<every>\d{1,4})(?P<unit>[mh])|daily (?P<daily>\d{1,2}:\d{2})|(?P<off>off))"
    r"(?: quiet (?P<quiet_from>\d{1,2}:\d{2})-(?P<quiet_to>\d{1,2}:\d{2}))?"
)
HOW = "Write 15m, 2h, `daily 02:00` or off, each with ` quiet 22:00-06:00` behind it if you like."
MOST_JITTER_SECONDS = 300


class Spec(Value, frozen=True, kw_only=True):
    """How often: every so many seconds, or once a day at a time; or off."""

    every_seconds: int = 0
    daily: time | None = None
    off: bool = False
    quiet: tuple[time, time] | None = None

    @property
    def runs_a_month(self) -> int:
        """In 30 days, quiet hours taken off."""
        if self.off:
            return 0
        if self.daily is not None:
            return 30
        awake = 86_400 - (_length(*self.quiet) if self.quiet else 0)
        return 30 * awake // self.every_seconds


def parse(text: str) -> Spec:
    """What a person wrote. Raises ValueError with a sentence."""
    found = _FORM.fullmatch(" ".join(text.split()))
    if found is None:
        raise ValueError(f"{text!r} is no time table. {HOW}")
    try:
        quiet = (_time(found["quiet_from"]), _time(found["quiet_to"])) if found["quiet_from"] else None
        if found["off"]:
            return Spec(off=True)
        if found["daily"]:
            return Spec(daily=_time(found["daily"]), quiet=quiet)
    except ValueError:
        raise ValueError(f"{text!r} has a time that is none. {HOW}") from None
    seconds = int(found["every"]) * (60 if found["unit"] == "m" else 3600)
    if not 0 < seconds <= 86_400 or (quiet and quiet[0] == quiet[1]):
        raise ValueError(f"{text!r} is no time table: at most a day between, and quiet hours that end. {HOW}")
    return Spec(every_seconds=seconds, quiet=quiet)


def next_due(now: datetime, spec: Spec, zone: ZoneInfo, jitter: float = 0.0) -> datetime | None:
    """When the next run is due after one that ended `now`; None when it is off. `jitter`, from 0 to 1, spreads connections by up
    to a twentieth of the interval, five minutes at most."""
    if spec.off:
        return None
    if spec.daily is not None:
        spread = timedelta(seconds=jitter * MOST_JITTER_SECONDS)
        return awake(_at(now, spec.daily, zone) + spread, spec, zone)
    spread = timedelta(seconds=jitter * min(MOST_JITTER_SECONDS, spec.every_seconds / 20))
    return awake(now + timedelta(seconds=spec.every_seconds) + spread, spec, zone)


def zone_named(name: str) -> ZoneInfo:
    """The company's time zone; UTC when it names none we know."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def awake(due: datetime, spec: Spec, zone: ZoneInfo) -> datetime:
    """`due`, or the end of the quiet hours that it lies in."""
    if spec.quiet is None:
        return due
    begin, end = spec.quiet
    there = due.astimezone(zone)
    at = there.timetz().replace(tzinfo=None)
    in_them = begin <= at < end if begin < end else at >= begin or at < end
    return _at(due, end, zone) if in_them else due


def _at(after: datetime, at: time, zone: ZoneInfo) -> datetime:
    """The first moment after `after` at which clocks in `zone` show `at`. A time that a change of clocks leaves out comes when
    they show the same past it."""
    there = after.astimezone(zone)
    for days in (0, 1, 2):
        found = datetime.combine(there.date() + timedelta(days=days), at, zone).astimezone(UTC)
        if found > after:
            return found
    raise AssertionError("within two days every time of day comes")


def _time(text: str) -> time:
    hour, _, minute = text.partition(":")
    return time(int(hour), int(minute))


def _length(begin: time, end: time) -> int:
    """Seconds from one time of day to the next other one."""
    seconds = [one.hour * 3600 + one.minute * 60 for one in (begin, end)]
    return (seconds[1] - seconds[0]) % 86_400
