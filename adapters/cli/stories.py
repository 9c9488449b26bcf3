"""`history` and `changes`: what happened to one record, and what we changed anywhere, by whose cause."""

import csv
import io
from datetime import UTC

import click

from adapters.cli.finding import STORY_KINDS, find, in_connection
from adapters.cli.printing import as_json, both_times, clean, moment, say_json, zone_of
from adapters.cli.session import Session, Sorry, pass_session
from adapters.cli.story import tell
from adapters.cli.written import Write, writes
from adapters.cli.written import as_json as write_as_json

COLUMNS = (
    *("company_time", "utc", "connection", "system", "kind", "id", "number", "total", "because_of", "cause", "who"),
    *("changes", "trace_id"),
)
FORMULA = ("=", "+", "-", "@", "\t")
"""A cell that begins so is run by spreadsheets: an apostrophe goes before it."""


@click.command("history")
@click.argument("kind", type=STORY_KINDS)
@click.argument("ident", metavar="ID")
@in_connection
@click.option("--bodies", is_flag=True, help="With --json: also the bodies as received and as sent.")
@as_json
@pass_session
def history(session: Session, kind: str, ident: str, connection: str | None, bodies: bool, in_json: bool) -> None:
    """Tell the story of one record from top to bottom, and what comes next.

    KIND is order, customer, product, connection or run. ID is ours, theirs (WizCommerce or QuickBooks), a document
    number, a SKU, or a customer's name. Each line has the company's time with UTC. Example: wizqbo history order WC-1002
    """
    session.catch_up()
    story = tell(session, find(session, kind, ident, connection))
    if in_json:
        return say_json(story.events(bodies))
    click.echo(story.text())


@click.command("changes")
@click.argument("connection", required=False)
@click.option("--from", "since", required=True, metavar="DATE", help="2026-11-01, or 2026-11-01T09:30.")
@click.option("--to", "until", required=True, metavar="DATE", help="A date means to its end.")
@click.option("--csv", "in_csv", is_flag=True, help="Print CSV, for a spreadsheet.")
@as_json
@pass_session
def changes(session: Session, connection: str | None, since: str, until: str, in_csv: bool, in_json: bool) -> None:
    """List what we changed where, by whose cause: every write that arrived, with the fields it set, old → new.

    Dates are the company's own. Example: wizqbo changes acme --from 2026-11-01 --to 2026-11-30 --csv
    """
    session.catch_up()
    found: list[Write] = []
    for name in [session.connection(connection)] if connection else session.connections():
        gate = session.engine.around.gate(name)
        zone = zone_of(gate.facts.time_zone if gate else "")
        begins, ends = moment(since, zone), moment(until, zone, end_of_day=True)
        if begins >= ends:
            raise Sorry(f"--to {until} is before --from {since}: give the earlier date first.")
        found += writes(session, name, begins, ends, zone)
    if in_json:
        return say_json([write_as_json(write) for write in found])
    if in_csv:
        return click.echo(_csv(found), nl=False)
    for write in found:
        _say(write)
    click.echo(f"{len(found)} change{'' if len(found) == 1 else 's'}.")


def _say(write: Write) -> None:
    number = f" {write.number}" if write.number else ""
    total = f", total {write.total}" if write.total else ""
    trace = f" [trace {write.trace_id}]" if write.trace_id else ""
    click.echo(
        f"{both_times(write.recorded_at, write.zone)} — {write.connection}: {write.system} {write.kind}{clean(number)} "
        f"(id {write.remote_id}){total}, because of {clean(write.because_of)}{trace}"
    )
    click.echo(f"    cause: {clean(' ← '.join(write.causes))}; who: {clean(write.who)}")
    for change in write.changes:
        click.echo(f"    {clean(str(change))}")


def _csv(found: list[Write]) -> str:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    for w in found:
        at = w.recorded_at.astimezone(w.zone).isoformat(timespec="seconds"), w.recorded_at.astimezone(UTC).isoformat()
        what = (w.connection, w.system, w.kind, w.remote_id, w.number, w.total, w.because_of, " <- ".join(w.causes))
        rows.writerow([_cell(cell) for cell in (*at, *what, w.who, "; ".join(map(str, w.changes)), w.trace_id)])
    return text.getvalue()


def _cell(text: str) -> str:
    text = clean(text)
    return f"'{text}" if text.startswith(FORMULA) else text
