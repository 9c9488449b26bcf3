"""When a pull is due: what people write, quiet hours, days on which clocks are changed, and how many runs that is a month."""

from datetime import UTC, datetime, time, timedelta

import pytest

from engine.domain.timetable import MOST_JITTER_SECONDS, Spec, next_due, parse, zone_named

NEW_YORK = zone_named("America/New_York")
"""Clocks go from 2:00 to 3:00 on 8 March 2026, and from 2:00 back to 1:00 on 1 November 2026."""
NIGHT = (time(22), time(6))

WRITTEN = {
    "15m": Spec(every_seconds=900),
    "2h": Spec(every_seconds=7_200),
    "24h": Spec(every_seconds=86_400),
    "daily 02:00": Spec(daily=time(2)),
    "daily 2:05": Spec(daily=time(2, 5)),
    "off": Spec(off=True),
    "30m quiet 22:00-06:00": Spec(every_seconds=1_800, quiet=NIGHT),
    "  30m   quiet 22:00-06:00 ": Spec(every_seconds=1_800, quiet=NIGHT),
    "daily 23:30 quiet 22:00-06:00": Spec(daily=time(23, 30), quiet=NIGHT),
}
NO_TIME_TABLE = {
    "": "is no time table",
    "soon": "is no time table",
    "15": "is no time table",
    "15 m": "is no time table",
    "-5m": "is no time table",
    "1.5h": "is no time table",
    "daily": "is no time table",
    "15m quiet 22:00": "is no time table",
    "15m quiet": "is no time table",
    "quiet 22:00-06:00": "is no time table",
    "0m": "at most a day between",
    "25h": "at most a day between",
    "15m quiet 06:00-06:00": "quiet hours that end",
    "daily 25:00": "a time that is none",
    "daily 12:60": "a time that is none",
    "15m quiet 22:00-24:00": "a time that is none",
}


@pytest.mark.parametrize("text", WRITTEN)
def test_what_people_write_is_understood(text: str) -> None:
    assert parse(text) == WRITTEN[text]


@pytest.mark.parametrize("text", NO_TIME_TABLE)
def test_what_is_no_time_table_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError) as problem:
        parse(text)

    assert NO_TIME_TABLE[text] in str(problem.value) and "Write 15m, 2h, `daily 02:00` or off" in str(problem.value)


def at(text: str) -> datetime:
    """A time as New York's clocks show it; `*` behind it is the second time they show it that night."""
    return datetime.fromisoformat(text.rstrip("*")).replace(tzinfo=NEW_YORK, fold=int("*" in text)).astimezone(UTC)


DUE = {
    "every so often": ("15m", "2026-06-10 12:00", "2026-06-10 12:15"),
    "over midnight": ("2h", "2026-06-10 23:00", "2026-06-11 01:00"),
    "before quiet hours": ("30m quiet 22:00-06:00", "2026-06-10 21:00", "2026-06-10 21:30"),
    "into quiet hours, before midnight": ("30m quiet 22:00-06:00", "2026-06-10 21:45", "2026-06-11 06:00"),
    "as quiet hours begin": ("30m quiet 22:00-06:00", "2026-06-10 21:30", "2026-06-11 06:00"),
    "in quiet hours, after midnight": ("30m quiet 22:00-06:00", "2026-06-11 03:00", "2026-06-11 06:00"),
    "as quiet hours end": ("30m quiet 22:00-06:00", "2026-06-11 05:30", "2026-06-11 06:00"),
    "after quiet hours": ("30m quiet 22:00-06:00", "2026-06-11 06:00", "2026-06-11 06:30"),
    "into quiet hours within a day": ("1h quiet 12:00-14:00", "2026-06-10 11:30", "2026-06-10 14:00"),
    "outside quiet hours within a day": ("1h quiet 12:00-14:00", "2026-06-10 14:30", "2026-06-10 15:30"),
    "daily, later today": ("daily 02:00", "2026-06-10 01:59", "2026-06-10 02:00"),
    "daily, at that very time": ("daily 02:00", "2026-06-10 02:00", "2026-06-11 02:00"),
    "daily, tomorrow": ("daily 02:00", "2026-06-10 02:01", "2026-06-11 02:00"),
    "daily, in quiet hours": ("daily 23:30 quiet 22:00-06:00", "2026-06-10 12:00", "2026-06-11 06:00"),
    "the hour that is left out": ("daily 02:30", "2026-03-07 12:00", "2026-03-08 03:30"),
    "the day after it": ("daily 02:30", "2026-03-08 12:00", "2026-03-09 02:30"),
    "the hour that comes twice, the first time": ("daily 01:30", "2026-10-31 12:00", "2026-11-01 01:30"),
    "the hour that comes twice, not again": ("daily 01:30", "2026-11-01 01:30", "2026-11-02 01:30"),
    "as far over clocks put on": ("2h", "2026-03-08 01:00", "2026-03-08 04:00"),
    "as far over clocks put back": ("2h", "2026-11-01 00:30", "2026-11-01 01:30*"),
    "quiet over clocks put on": ("30m quiet 22:00-06:00", "2026-03-07 22:30", "2026-03-08 06:00"),
    "quiet over clocks put back": ("30m quiet 22:00-06:00", "2026-10-31 22:30", "2026-11-01 06:00"),
}


@pytest.mark.parametrize("when", DUE)
def test_the_next_run_is_due_by_the_companys_own_clocks(when: str) -> None:
    text, now, due = DUE[when]

    assert next_due(at(now), parse(text), NEW_YORK) == at(due)


@pytest.mark.parametrize(("night", "hours"), [("2026-03-07", 7), ("2026-06-10", 8), ("2026-10-31", 9)])
def test_a_quiet_night_is_as_long_as_it_is(night: str, hours: int) -> None:
    begins = at(f"{night} 21:59")

    due = next_due(begins, parse("1m quiet 22:00-06:00"), NEW_YORK)

    assert due is not None and due - begins == timedelta(hours=hours, minutes=1)


def test_what_is_off_is_never_due() -> None:
    assert next_due(at("2026-06-10 12:00"), parse("off"), NEW_YORK) is None


@pytest.mark.parametrize(
    ("text", "most_seconds"), [("15m", 45), ("1h", 180), ("24h", MOST_JITTER_SECONDS), ("daily 02:00", 300)]
)
def test_connections_are_spread_by_a_twentieth_and_five_minutes_at_most(text: str, most_seconds: int) -> None:
    now, spec = at("2026-06-10 01:00"), parse(text)
    first, last = next_due(now, spec, NEW_YORK), next_due(now, spec, NEW_YORK, jitter=1.0)

    assert first is not None and last is not None and last - first == timedelta(seconds=most_seconds)


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("15m", 2_880),
        ("30m quiet 22:00-06:00", 960),
        ("1h quiet 12:00-14:00", 660),
        ("24h", 30),
        ("daily 02:00", 30),
        ("off", 0),
    ],
)
def test_runs_a_month_are_those_of_30_days_without_the_quiet_hours(text: str, runs: int) -> None:
    assert parse(text).runs_a_month == runs


def test_a_time_zone_that_nobody_knows_is_utc() -> None:
    assert [zone_named(name).key for name in ("America/New_York", "", "Atlantis/Main_Street", "../etc/passwd")] == [
        "America/New_York",
        "UTC",
        "UTC",
        "UTC",
    ]
