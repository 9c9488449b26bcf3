"""Running a command in a test, on the database and with the settings of its world."""

import json
from typing import Any

from click.testing import CliRunner, Result

from adapters.cli.program import program
from adapters.cli.session import Session
from engine.clock import Clock
from engine.settings import VARIABLES, Settings
from tests.world import World


def environment(settings: Settings) -> dict[str, str]:
    """The settings as environment variables; what is not set is taken away."""
    told = {variable: str(getattr(settings, field)) for field, (variable, _) in VARIABLES.items()}
    return {variable: value for variable, value in told.items()}


def ask(world: World, *words: str, answer: str | None = None, clock: Clock | None = None, **more: str) -> Result:
    """What a command answered, with its exit code; `more` are environment variables, set on top. A command that works on
    threads is given a clock that does not run ahead of them."""
    env = {**environment(world.settings), **more}
    return CliRunner().invoke(program, list(words), input=answer, env=env, obj=Session(clock or world.clock))


def done(world: World, *words: str, answer: str | None = None) -> str:
    """What a command printed; it must have gone well."""
    result = ask(world, *words, answer=answer)
    assert result.exit_code == 0, result.output
    return str(result.stdout)


def told(world: World, *words: str) -> Any:
    """What a command said with `--json`; it must have gone well."""
    return json.loads(done(world, *words, "--json"))


def refused(world: World, *words: str, answer: str | None = None, **more: str) -> str:
    """The sentence with which a command refused."""
    result = ask(world, *words, answer=answer, **more)
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    return str(result.stderr)
