"""How far long work is: a bar on a terminal, and now and then a line elsewhere."""

import io
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.cli.progress import Progress


class Session:
    """What the progress asks of a session: the time, a minute later at each third question."""

    def __init__(self) -> None:
        self.asked = 0

    def now(self) -> datetime:
        self.asked += 1
        return datetime(2026, 1, 5, tzinfo=UTC) + timedelta(seconds=20 * self.asked)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, *left: int) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    session: Any = Session()
    bar = Progress(session, "Writing")
    for number in left:
        bar.show(number, f"under way: {number}")
    bar.end()
    return stream.getvalue()


def test_a_terminal_shows_a_bar_that_fills(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, Terminal(), 10, 5, 0)

    assert "Writing" in text and "0/10" in text and "5/10" in text and "10/10" in text
    assert "under way" not in text and text.endswith("\n")


def test_what_comes_meanwhile_makes_the_whole_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, Terminal(), 10, 30, 15)

    assert "0/30" in text and "15/30" in text


def test_elsewhere_a_line_is_said_at_once_and_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    said = shown(monkeypatch, io.StringIO(), 10, 9, 8, 7, 6).splitlines()

    assert said[0] == "under way: 10" and 2 <= len(said) <= 3
