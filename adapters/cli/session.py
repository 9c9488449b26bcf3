"""One run of a command: its settings, who acts, and the engine, opened when first asked for and closed at the end."""

import os
import re
from datetime import datetime
from pathlib import Path
from typing import Any, LiteralString

import click

from adapters.wiring import Engine, open_database, wire
from engine.clock import Clock, SystemClock
from engine.follow import Leader
from engine.people import NotPossible
from engine.settings import Settings, require, settings_from

CONNECTION_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
LONGEST_ACTOR = 80
OURS = frozenset({"system", "schedule"})
"""Names under which the engine itself acts."""


class Sorry(click.ClickException):
    """It did not go; the text is one clear sentence for the person."""

    def show(self, file: object = None) -> None:
        click.echo(self.message, err=True)


class Session:
    """What every command is given. `clock` is the machine's; a test may bring its own."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.env_file = Path(".env")
        self.actor = ""
        self.trace = False
        self._settings: Settings | None = None
        self._engine: Engine | None = None

    @property
    def settings(self) -> Settings:
        """From the environment and the file beneath it. Raises SettingsProblem."""
        if self._settings is None:
            self._settings = settings_from(os.environ, self.env_file)
        return self._settings

    @property
    def engine(self) -> Engine:
        """An engine over the open database, without its loops. Raises what opening a database raises."""
        if self._engine is None:
            self._engine = wire(self.settings, open_database(self.settings), self.clock)
        return self._engine

    def engine_for(self, fields: tuple[str, ...]) -> Engine:
        """The engine, once the settings it needs for this are all there. Raises SettingsProblem naming the missing."""
        require(self.settings, fields)
        return self.engine

    def who(self) -> str:
        """The name of the person who acts. Raises Sorry when nobody is named."""
        name = " ".join((self.actor or self.settings.actor).split())
        if not name:
            raise Sorry("Say who acts, for the history: `--as NAME`, or set WIZQBO_ACTOR.")
        if name.casefold() in OURS or len(name) > LONGEST_ACTOR or not name.isprintable():
            raise Sorry(f"Name a person with --as: at most {LONGEST_ACTOR} characters, and not 'system' or 'schedule'.")
        return name

    def connection(self, name: str) -> str:
        """The name of a connection that there is. Raises NotPossible."""
        names = self.connections()
        if name not in names:
            known = f"There are: {', '.join(names)}." if names else "There are none yet; `wizqbo connect` begins one."
            raise NotPossible(f"There is no connection {name!r}. {known}")
        return name

    def connections(self) -> list[str]:
        """Every connection's name."""
        return [gate.connection for gate in self.engine.around.gates()]

    def only_connection(self, name: str | None) -> str:
        """The one meant: by its name, or the only one there is. Raises NotPossible."""
        if name:
            return self.connection(name)
        names = self.connections()
        if len(names) != 1:
            raise NotPossible(
                f"Say which connection is meant, with --connection: {', '.join(names) or 'there is none'}."
            )
        return names[0]

    def rows(self, sql: LiteralString, *parameters: object) -> list[tuple[Any, ...]]:
        """What a query finds."""
        with self.engine.pool.connection() as c:
            return c.execute(sql, parameters).fetchall()

    def catch_up(self) -> None:
        """The tables that follow the log follow it to its end, unless another process leads them: then it does that."""
        for follower in self.engine.followers:
            leader = Leader(follower.name, self.engine.conninfo)
            try:
                while leader.leads() and follower.step():
                    pass
            finally:
                leader.close()

    def now(self) -> datetime:
        return self.clock.now()

    def close(self) -> None:
        """Lets go of the engine, if there is one."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None


def checked_name(name: str) -> str:
    """A name that a new connection may have. Raises Sorry."""
    if not CONNECTION_NAME.fullmatch(name):
        raise Sorry(
            f"A connection is named with 1 to 31 small letters, digits and hyphens, the first no hyphen; not {name!r}."
        )
    return name


pass_session = click.make_pass_decorator(Session, ensure=True)
