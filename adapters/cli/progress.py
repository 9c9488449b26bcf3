"""How far the work is: a bar with the time that is left on a terminal, elsewhere a line at the beginning and once a minute."""

import sys
from datetime import datetime, timedelta
from typing import Any

import click

from adapters.cli.printing import warn
from adapters.cli.session import Session

EVERY = timedelta(minutes=1)


class Progress:
    """Counts down what is left; what comes to it meanwhile makes the whole longer. Ended by `end`, however the work ends."""

    def __init__(self, session: Session, label: str) -> None:
        self._session = session
        self._label = label
        self._most = 0
        self._told_at: datetime | None = None
        self._bar: Any = None

    def show(self, left: int, text: str) -> None:
        """That so much is left, which `text` says in words."""
        self._most = max(self._most, left)
        if sys.stderr.isatty():
            self._draw(self._most - left)
        elif self._told_at is None or self._session.now() - self._told_at >= EVERY:
            self._told_at = self._session.now()
            warn(text)

    def end(self) -> None:
        """What is said next begins on a line of its own."""
        if self._bar is not None:
            self._bar.render_finish()

    def _draw(self, done: int) -> None:
        if self._bar is None:
            self._bar = click.progressbar(length=self._most, label=self._label, show_pos=True, file=sys.stderr)
        self._bar.length = self._most
        self._bar.update(done - self._bar.pos)
        self._bar.render_progress()
