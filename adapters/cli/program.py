"""The program as a whole: its global options, its commands, and what becomes of what goes wrong."""

import logging
import traceback
from pathlib import Path
from typing import Any

import click
import psycopg

from adapters.cli import (
    asking,
    attaching,
    backfill,
    checks,
    connections,
    customers,
    doctor,
    editing,
    first_sync,
    goods,
    matches,
    orders,
    reasons,
    refresh,
    retrying,
    running,
    runs,
    schedule,
    stand_ins,
    standing,
    stories,
)
from adapters.cli.session import Session, Sorry
from adapters.credentials import KeyProblem, LinkProblem
from adapters.database import DatabaseUnavailable, UnsafeDatabase, WrongSchema
from engine.log import AWAY, LogNotUnderstood
from engine.people import NotPossible
from engine.ports import GatewayError
from engine.settings import SettingsProblem

SAY_THEMSELVES = (
    SettingsProblem,
    DatabaseUnavailable,
    UnsafeDatabase,
    WrongSchema,
    KeyProblem,
    LogNotUnderstood,
    NotPossible,
)
"""Their text is for a person already."""
INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 and the number of the signal."""


class Program(click.Group):
    """A group whose commands never end in a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)  # in the order in which a person needs them, not of the alphabet

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is asked for; `demo` is loaded only then."""
        name, command, rest = super().resolve_command(ctx, args)
        if name == "demo":
            from adapters.demo import demo_command

            command = demo_command
        return name, command, rest

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise click.exceptions.Exit(INTERRUPTED) from None
        except click.Abort as error:
            click.echo("\nNothing was done.", err=True)
            raise click.exceptions.Exit(INTERRUPTED if _by_keyboard(error) else 1) from None
        except (click.ClickException, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:
            if isinstance(ctx.obj, Session) and ctx.obj.trace:
                click.echo("".join(traceback.format_exception(error)), err=True)
            raise Sorry(_sentence(error)) from error


def _by_keyboard(error: click.Abort) -> bool:
    return isinstance(error.__context__, KeyboardInterrupt)


def _sentence(error: Exception) -> str:
    """What a person is told. An error nobody foresaw is named with its place, so that it can be reported."""
    if isinstance(error, SAY_THEMSELVES):
        return str(error)
    if isinstance(error, GatewayError | LinkProblem):
        return f"{error.sentence} {_tried_again(error.next_step)}".strip()
    if isinstance(error, AWAY):
        return f"The database went away ({type(error).__name__}). Try again when it is back; nothing is done by halves."
    if isinstance(error, psycopg.Error):
        return f"The database refused: {str(error).strip().partition(chr(10))[0]}"
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}, line {place.lineno}"
    return (
        f"A problem nobody foresaw: {type(error).__name__} in {where}. Report it; `wizqbo --trace …` shows the whole."
    )


def _tried_again(step: str) -> str:
    """A next step for whoever waits at the command line: nobody tries a command again but they."""
    if not step.startswith("Nothing to do: it is tried again"):
        return step
    _, lasts, more = step.partition("If it lasts")
    return f"Try again in a while. {lasts}{more}".rstrip()


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--as", "actor", default="", metavar="NAME", help="Who acts, as the history will say. Else WIZQBO_ACTOR.")
@click.option(
    "--env-file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    metavar="FILE",
    help="Settings as NAME=value lines, beneath the environment. Default: .env in the current folder.",
)
@click.option("--trace", is_flag=True, help="Show where a problem that nobody foresaw came from.")
@click.pass_context
def program(ctx: click.Context, actor: str, env_file: Path | None, trace: bool) -> None:
    """Keeps WizCommerce and QuickBooks Online in agreement, and can show why.

    A new installation: `wizqbo demo` plays a morning on stand-ins. Then `wizqbo doctor`, `wizqbo run`,
    `wizqbo connect acme`, `wizqbo first-sync acme` and `wizqbo start acme --from 2026-11-01`.
    """
    logging.getLogger().addHandler(logging.NullHandler())
    session = ctx.ensure_object(Session)
    session.actor, session.trace = actor or session.actor, trace
    if env_file is not None:
        if not env_file.is_file():
            raise Sorry(f"There is no file {env_file} to read settings from.")
        session.env_file = env_file
    ctx.call_on_close(session.close)


@click.command("demo")
def _demo() -> None:  # only its place in the list of commands; see Program.resolve_command
    """Play a morning on stand-ins."""


COMMANDS: tuple[click.Command, ...] = (
    _demo,
    running.run,
    running.serve_only,
    running.work,
    connections.connect,
    connections.connections,
    customers.policy,
    customers.set_choice,
    matches.match,
    first_sync.first_sync,
    connections.start,
    backfill.backfill,
    connections.pause,
    connections.resume,
    connections.disconnect,
    schedule.schedule,
    refresh.refresh,
    runs.runs,
    standing.status,
    standing.pending,
    stories.history,
    reasons.why,
    goods.stock,
    orders.orders,
    stories.changes,
    retrying.retry,
    editing.edit_and_retry,
    attaching.attach,
    asking.accept,
    asking.push,
    asking.never_send,
    customers.conflicts,
    customers.dismiss,
    asking.unpark,
    asking.erase,
    checks.verify,
    checks.rebuild,
    doctor.doctor,
    stand_ins.standin,
)
for _command in COMMANDS:
    program.add_command(_command)
