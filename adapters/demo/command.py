"""`wizqbo demo`: its life from the first line to the last, and what becomes of it when it is interrupted."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from adapters.cli.session import Session, Sorry, pass_session
from adapters.demo.afternoon import Afternoon
from adapters.demo.counting import Count, counted
from adapters.demo.morning import Morning
from adapters.demo.room import room_of_its_own
from adapters.demo.stage import Stage, stage
from adapters.demo.telling import say_further, say_kept, say_outcome, say_summary

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@click.command("demo")
@click.option("--json", "in_json", is_flag=True, help="Print one JSON object at the end, and nothing else.")
@click.option("--keep", is_flag=True, help="Leave everything running until Ctrl-C, and print the addresses.")
@pass_session
def demo_command(session: Session, in_json: bool, keep: bool) -> None:
    """Play a day on stand-ins.

    Starts a PostgreSQL of its own, QuickBooks and WizCommerce as stand-ins, and the engine; connects a company, confirms five
    orders, edits, cancels and pays some, and shows what became of them. Your own log is not touched, and nothing is left
    behind. The exit code is 0 if every order became exactly one invoice. Example: wizqbo demo --keep
    """
    say: Callable[[str], None] = _silent if in_json else click.echo
    with _put_away_undisturbed() as until_the_end:
        say("Starting PostgreSQL, QuickBooks and WizCommerce as stand-ins, and the engine.")
        set_up = _set_up(until_the_end, session.settings.home)
        count = _play(set_up, say)
        if in_json:
            say_summary(count)
        else:
            say_outcome(set_up, count)
        if keep:
            say_kept(set_up, to_stderr=in_json)
            threading.Event().wait()
    if not in_json:
        say_further()
    if not count.good:
        raise Sorry("Not every order became exactly one invoice, or the log does not verify.")


def _set_up(until_the_end: ExitStack, home: Path) -> Stage:
    """The stage in a folder of its own; both are put away at the end."""
    try:
        return until_the_end.enter_context(stage(until_the_end.enter_context(room_of_its_own(home))))
    except OSError as problem:
        raise Sorry(f"The demo cannot be set up here: {problem.strerror or problem}.") from problem


def _play(set_up: Stage, say: Callable[[str], None]) -> Count:
    morning = Morning(set_up, say)
    morning.play()
    Afternoon(morning).play()
    return counted(set_up, morning.customers_before, morning.conflicts())


def _silent(_: str) -> None:
    """Says nothing."""


@contextmanager
def _put_away_undisturbed() -> Iterator[ExitStack]:
    """Whatever is entered here is left again, also on Ctrl-C and SIGTERM, and a second one does not cut that short."""

    def interrupted(*_: object) -> None:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    former = {number: signal.getsignal(number) for number in SIGNALS}
    for number in SIGNALS:
        signal.signal(number, interrupted)
    try:
        with ExitStack() as until_the_end:
            yield until_the_end
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
