"""Pacific time, as QuickBooks writes it: whole seconds with an explicit offset in MetaData, milliseconds in envelopes.

The offset follows the rule in force in the United States since 2007, so that no time-zone database is needed.
Source: QuickBooks reference, section 2.10.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

STANDARD = timezone(timedelta(hours=-8))
DAYLIGHT = timezone(timedelta(hours=-7))


def _nth_sunday(year: int, month: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))


def pacific(at: datetime) -> datetime:
    """The same moment with the offset that California's clocks show."""
    spring = _nth_sunday(at.year, 3, 2)
    autumn = _nth_sunday(at.year, 11, 1)
    # 02:00 local is 10:00 UTC going into daylight time and 09:00 UTC coming out of it.
    begins_at = datetime(spring.year, spring.month, spring.day, 10, tzinfo=UTC)
    ends_at = datetime(autumn.year, autumn.month, autumn.day, 9, tzinfo=UTC)
    return at.astimezone(DAYLIGHT if begins_at <= at < ends_at else STANDARD)


def to_whole_seconds(at: datetime) -> datetime:
    """The moment as MetaData shows it: what is compared when something is asked by time."""
    return at.replace(microsecond=0)


def to_the_second(at: datetime) -> str:
    """`2026-02-03T09:15:27-08:00`, the form of MetaData times."""
    return pacific(at).isoformat(timespec="seconds")


def to_the_millisecond(at: datetime) -> str:
    """`2026-02-03T09:15:27.082-08:00`, the form of the envelope's `time`."""
    return pacific(at).isoformat(timespec="milliseconds")


def today(at: datetime) -> str:
    """The server's own date, which an omitted TxnDate becomes."""
    return pacific(at).date().isoformat()


def read_moment(text: str) -> datetime:
    """An ISO 8601 date or date-time as aware UTC; without an offset it is Pacific. Raises ValueError."""
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        as_standard = moment.replace(tzinfo=STANDARD)
        moment = moment.replace(tzinfo=pacific(as_standard.astimezone(UTC)).tzinfo)
    return moment.astimezone(UTC)
