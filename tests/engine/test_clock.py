"""The clock: the one that may be frozen, the one that tests move, and times as others write them."""

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from freezegun import freeze_time

from engine.clock import MovableClock, SystemClock, instant

ROOT = Path(__file__).parents[2]


class Noted(msgspec.Struct):
    """A struct that is first resolved while the clock stands still."""

    at: datetime


def test_a_frozen_clock_gives_a_real_datetime_that_msgspec_can_write() -> None:
    with freeze_time("2026-11-20 12:00:00"):
        now = SystemClock().now()
        written = msgspec.json.encode(Noted(at=now))

    assert type(now) is datetime and now == datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert written == b'{"at":"2026-11-20T12:00:00Z"}'


def test_times_are_read_under_a_frozen_clock_as_at_any_other_time() -> None:
    with freeze_time("2026-11-20 12:00:00"):
        found = instant("2026-11-20T13:00:00+01:00")

    assert type(found) is datetime and found == datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_the_first_events_of_a_process_may_be_written_and_read_under_a_frozen_clock() -> None:
    program = (
        "from freezegun import freeze_time\n"
        "import engine.log.mapper\n"
        "from engine.clock import SystemClock\n"
        "from tests.recording import examples\n"
        "from tests.sealing import Turner\n"
        "with freeze_time('2026-11-20 12:00:00'):\n"
        "    mapper = engine.log.mapper.EventMapper(Turner())\n"
        "    for recorded in examples().values():\n"
        "        mapper.recorded(mapper.to_stored_event(recorded), 1)\n"
        "    print(SystemClock().now().isoformat())\n"
    )

    done = subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=ROOT, capture_output=True, text=True)

    assert (done.stdout.strip(), done.stderr) == ("2026-11-20T12:00:00+00:00", "")


def test_the_machines_clock_is_utc_and_its_boot_time_never_runs_back() -> None:
    clock = SystemClock()

    one, before = clock.now(), clock.boottime()
    other, after = clock.now(), clock.boottime()

    assert one.utcoffset() == timedelta(0) and one <= other
    assert before <= after


def test_setting_the_machines_clock_back_leaves_the_boot_time_alone() -> None:
    clock = SystemClock()
    before = clock.boottime()

    with freeze_time("1999-12-31"):
        now, after = clock.now(), clock.boottime()

    assert now.year == 1999
    assert 0 <= after - before < 60


def test_waiting_at_the_machines_clock_ends_when_the_event_is_set() -> None:
    event = threading.Event()
    threading.Timer(0.02, event.set).start()

    assert SystemClock().wait(event, 30)
    assert not SystemClock().wait(threading.Event(), 0.001)


@pytest.mark.parametrize("seconds", [3600.0, -3600.0])
def test_a_movable_clock_goes_where_it_is_moved(seconds: float) -> None:
    clock = MovableClock()
    now, boot = clock.now(), clock.boottime()

    clock.move(seconds)

    assert abs((clock.now() - now).total_seconds() - seconds) < 10
    assert abs(clock.boottime() - boot - seconds) < 10


def test_a_movable_clock_moves_instead_of_waiting_unless_there_is_nothing_to_wait_for() -> None:
    clock, event = MovableClock(), threading.Event()
    began = clock.now()

    waited = clock.wait(event, 600)
    event.set()
    came = clock.wait(event, 600)

    assert (waited, came) == (False, True)
    assert 600 <= (clock.now() - began).total_seconds() < 660


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-20T12:00:00Z", (12, 0, 0, 0)),
        ("2026-11-20T12:00:00+00:00", (12, 0, 0, 0)),
        ("2026-11-20T04:00:00-08:00", (12, 0, 0, 0)),
        ("2026-11-20T17:45:00+05:45", (12, 0, 0, 0)),
        ("2026-11-20T12:00:00.5Z", (12, 0, 0, 500_000)),
        ("2026-11-20T12:00:00.123Z", (12, 0, 0, 123_000)),
        ("2026-11-20T12:00:00.123456789Z", (12, 0, 0, 123_456)),
        ("2026-11-20T12:00:00.999999999Z", (12, 0, 0, 999_999)),
        ("2026-11-20T04:00:00.123456789-08:00", (12, 0, 0, 123_456)),
        ("  2026-11-20T12:00:00Z\n", (12, 0, 0, 0)),
        ("2026-11-20 12:00:00Z", (12, 0, 0, 0)),
    ],
)
def test_a_time_with_an_offset_is_read_whatever_its_fraction(text: str, utc: tuple[int, int, int, int]) -> None:
    found = instant(text)

    assert found == datetime(2026, 11, 20, *utc, tzinfo=UTC)
    assert found.utcoffset() == timedelta(0)


def test_a_day_may_change_on_the_way_to_utc() -> None:
    assert instant("2026-12-31T23:30:00-08:00") == datetime(2027, 1, 1, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T12:00:00",
        "2026-11-20T12:00:00.123456789",
        "2026-11-20",
        "",
        "yesterday",
        "2026-13-01T00:00:00Z",
        "1763640000",
        "2026-11-20T12:00:00.xZ",
        "2026-11-20T12:00:00.5xZ",
        "2026-11-20T12:00:00.Z",
    ],
)
def test_what_is_no_time_or_names_no_offset_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        instant(text)
