"""`runs`: what each pull came to the last times, from the log; and what is under way now, or found nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click
import msgspec

from adapters.cli.printing import as_json, clean, say_each, say_json, say_table, short_time
from adapters.cli.session import Session, pass_session
from engine.cursors import NEVER, Standing
from engine.domain.events import RunFinished
from engine.domain.values import connection_of
from engine.pulls import BY_NAME

DEFAULT_MOST = 20
MOST = 1000


class Run(msgspec.Struct, frozen=True):
    """A recorded run: where, what it came to, and when it ended."""

    connection: str
    position: int
    ended_at: datetime
    said: RunFinished

    @property
    def next_at(self) -> datetime | None:
        """When it was to be run again; None when never by itself."""
        return by_the_clock(self.said.next_at, self.ended_at)

    def as_row(self) -> dict[str, Any]:
        """As JSON shows it."""
        said = self.said
        return {
            "connection": self.connection,
            "ended_at": self.ended_at,
            "what": said.what,
            "asked_by": said.asked_by,
            "took_seconds": took_seconds(said.started_at, self.ended_at),
            "read": said.read,
            "changed": said.changed,
            "held": said.held,
            "quickbooks_reads": said.metered_reads,
            "complete": said.complete,
            "problem": said.problem,
            "next_at": self.next_at,
        }


def last_runs(
    session: Session, connection: str, what: str = "", most: int = 1, problems: bool = False, after: int = 0
) -> list[Run]:
    """The last recorded runs of a connection, the newest first; of one pull, of those with a problem alone, or of those
    recorded after a position."""
    sql = (
        "SELECT stream, position, recorded_at, content FROM log_readable WHERE stream LIKE %s AND event = 'run-finished' "
        "AND position > %s AND (NOT %s OR content ->> 'complete' = 'false') ORDER BY position DESC LIMIT %s"
    )
    # A day begins with a digit: `first-customer-2…` is no run of `first-customertype`.
    of = f"run-{connection}:{what}-%" if what else f"run-{connection}:%"
    rows = session.rows(sql, of, after, problems, most)
    return [Run(connection_of(r[0]), r[1], r[2], msgspec.convert(r[3], RunFinished)) for r in rows]


def took_seconds(started_at: datetime | None, ended_at: datetime) -> int | None:
    """Whole seconds of a run; None where its beginning was not kept."""
    return None if started_at is None else max(0, round((ended_at - started_at).total_seconds()))


def duration(seconds: int | None) -> str:
    """`42 s`, `3 min 5 s`, or a hyphen."""
    if seconds is None:
        return "-"
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def by_the_clock(due_at: datetime | None, now: datetime) -> datetime | None:
    """When a pull is due; None for one whose due time only says that nobody waits for it."""
    return due_at if due_at and due_at < now + NEVER / 2 else None


def reads(number: int) -> str:
    """`1 QuickBooks read`, `3 QuickBooks reads`."""
    return f"{number} QuickBooks read{'' if number == 1 else 's'}"


@click.command("runs")
@click.argument("connection", required=False)
@click.option("--what", type=click.Choice(list(BY_NAME)), default=None, help="Runs of one pull.")
@click.option("--problems", is_flag=True, help="Only those that did not get to the end.")
@click.option(
    "-n", "most", type=click.IntRange(1, MOST), default=DEFAULT_MOST, show_default=True, help="So many, the newest."
)
@as_json
@pass_session
def runs(session: Session, connection: str | None, what: str | None, problems: bool, most: int, in_json: bool) -> None:
    """Show the last runs of the pulls, newest first: what was read, changed and held, and what went wrong.

    Runs that found nothing and cost nothing are in no log: only how many there were is said.
    Example: wizqbo runs acme --what stock
    """
    names = [session.connection(connection)] if connection else session.connections()
    told = [_of_connection(session, name, what, problems, most) for name in names]
    if in_json:
        return say_json(told)
    say_each(told, _say)


def _of_connection(session: Session, connection: str, what: str | None, problems: bool, most: int) -> dict[str, Any]:
    standing = [s for s in session.engine.schedule.cursors.standing(connection) if what in (None, s.what)]
    return {
        "connection": connection,
        "under_way": [_under_way(s) for s in standing if s.started_at is not None],
        "runs": [run.as_row() for run in last_runs(session, connection, what or "", most, problems)],
        "found_nothing": [_quiet(session, s) for s in standing if s.quiet_runs],
    }


def _under_way(s: Standing) -> dict[str, Any]:
    return {
        "what": s.what,
        "asked_by": s.asked_by or "schedule",
        "started_at": s.started_at,
        "read": s.read,
        "changed": s.changed,
        "held": s.held,
        "quickbooks_reads": s.metered,
    }


def _quiet(session: Session, s: Standing) -> dict[str, Any]:
    return {
        "what": s.what,
        "runs": s.quiet_runs,
        "last_at": s.quiet_at,
        "next_at": by_the_clock(s.due_at, session.now()),
    }


def _say(told: dict[str, Any]) -> None:
    click.echo(told["connection"])
    for one in told["under_way"]:
        so_far = f"{one['read']} read, {one['changed']} changed, {one['held']} held"
        began = f"began at {short_time(one['started_at'])}, asked for by {clean(one['asked_by'])}"
        click.echo(f"  under way: {one['what']}, {began}; {so_far} so far")
    if told["runs"]:
        say_table(HEADS, [_cells(row) for row in told["runs"]])
    else:
        click.echo("  No such run was recorded.")
    for one in told["found_nothing"]:
        click.echo(f"  {one['what']}: {one['runs']} more that found nothing, the last at {short_time(one['last_at'])}")


HEADS = ("ended", "what", "asked by", "took", "read", "changed", "held", "reads", "next", "came to")


def _cells(row: dict[str, Any]) -> Sequence[object]:
    figures = (row["read"], row["changed"], row["held"], row["quickbooks_reads"])
    end = "done" if row["complete"] else clean(f"not to the end: {row['problem']}")
    took = duration(row["took_seconds"])
    return (
        short_time(row["ended_at"]),
        row["what"],
        clean(row["asked_by"]),
        took,
        *figures,
        short_time(row["next_at"]),
        end,
    )
