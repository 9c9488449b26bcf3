"""`schedule`: what is read by the clock, how often, what it last came to, when next, and what it costs in QuickBooks reads."""

from typing import Any

import click

from adapters.cli.printing import as_json, clean, may_act, say_each, say_json, say_table, short_time
from adapters.cli.refresh import why_not
from adapters.cli.runs import Run, last_runs, reads
from adapters.cli.session import Session, Sorry, pass_session
from engine.cursors import Counts, Standing
from engine.domain.choices import CHOICES, TIMETABLE
from engine.domain.customer_policies import NAMED
from engine.domain.timetable import Spec, zone_named
from engine.pulls import GOODS, PULLS, Pull, reads_a_month, spec_of
from engine.surroundings import Gate

HEADS = ("what", "of", "how often", "last run", "next", "QuickBooks reads a month")


@click.command("schedule")
@click.argument("connection", required=False)
@click.argument("what", type=click.Choice(list(TIMETABLE)), required=False)
@click.option(
    "--every", default=None, metavar="TEXT", help="15m, 2h, 'daily 02:00' or off; '' takes the default again."
)
@click.option(
    "--quiet", default=None, metavar="FROM-TO", help="Not in these hours of the company's own time; '' takes them away."
)
@may_act
@as_json
@pass_session
def schedule(
    session: Session, connection: str | None, what: str | None, every: str | None, quiet: str | None, in_json: bool
) -> None:
    """Show what is read by the clock: how often, the last run, the next one, and what it costs; or choose how often.

    Examples: wizqbo schedule acme · wizqbo --as admin schedule acme stock --every 30m --quiet 22:00-06:00
    """
    if every is not None or quiet is not None:
        return _choose(session, connection, what, every, quiet, in_json)
    gates = [_gate(session, connection)] if connection else session.engine.around.gates()
    told = [_of_connection(session, gate, what) for gate in gates]
    if in_json:
        return say_json(told)
    say_each(told, _say)


def _gate(session: Session, connection: str) -> Gate:
    name = session.connection(connection)
    gate = session.engine.around.gate(name)
    assert gate is not None, "it was just there"
    return gate


# ---- choosing ------------------------------------------------------------------------------------------------------------


def _choose(
    session: Session, connection: str | None, what: str | None, every: str | None, quiet: str | None, in_json: bool
) -> None:
    if connection is None or what is None:
        raise Sorry("Say of which connection and what: `wizqbo schedule acme stock --every 30m`.")
    who, gate = session.who(), _gate(session, connection)
    where, value = gate.connection, _written(gate.choices.of(f"schedule-{what}"), every, quiet)
    session.engine.decisions.choose_setting(where, f"schedule-{what}", value, who)
    due = session.engine.schedule.rescheduled(where, what)
    gate = _gate(session, where)
    pull = next(pull for pull in PULLS if pull.what == what)
    cost = _cost(gate, pull, session.engine.schedule.cursors.counts(where))
    if in_json:
        told = {"connection": where, "what": what, "every": gate.choices.of(f"schedule-{what}"), "next_at": due}
        return say_json({**told, "quickbooks_reads_a_month": cost})
    spec = _spec(gate, pull)
    when = "never by itself" if spec.off else f"due {short_time(due)}" if due else "due as soon as it may be read"
    costs = f"; {reads(cost)} a month" if pull.system == "quickbooks" else ""
    click.echo(f"{what} of {where}: {_how_often(gate, pull)}; {when}{costs}.")


def _written(before: str, every: str | None, quiet: str | None) -> str:
    """The choice: what nothing was said of stays as it was, but a time of the day is meant as it is said."""
    often_before, _, quiet_before = before.partition(" quiet ")
    often = clean(often_before if every is None else every).strip()
    hours = clean(quiet_before if quiet is None else quiet).strip()
    if quiet is None and (not often[:1].isdigit() or " quiet " in often):
        return often
    return f"{often} quiet {hours}" if hours else often


# ---- showing -------------------------------------------------------------------------------------------------------------


def _of_connection(session: Session, gate: Gate, what: str | None) -> dict[str, Any]:
    cursors = session.engine.schedule.cursors
    standing = {s.what: s for s in cursors.standing(gate.connection)}
    counts = cursors.counts(gate.connection)
    rows = []
    for pull in PULLS:
        if not (pull.is_in_the_table or pull.every_seconds) or what not in (None, pull.what):
            continue
        last = next(iter(last_runs(session, gate.connection, pull.what)), None)
        rows.append(_row(gate, pull, standing.get(pull.what), last, counts))
    return {
        "connection": gate.connection,
        "time_zone": zone_named(gate.facts.time_zone).key,
        "pulls": rows,
        "quickbooks_reads_a_month": sum(row["quickbooks_reads_a_month"] for row in rows),
    }


def _row(gate: Gate, pull: Pull, standing: Standing | None, last: Run | None, counts: Counts) -> dict[str, Any]:
    spec = _spec(gate, pull)
    return {
        "what": pull.what,
        "system": pull.system,
        "every": gate.choices.of(f"schedule-{pull.what}") if pull.is_in_the_table else _in_words(spec),
        "how_often": _how_often(gate, pull),
        "last": last.as_row() if last else None,
        "found_nothing_since": standing.quiet_runs if standing else 0,
        "found_nothing_at": standing.quiet_at if standing else None,
        "under_way_since": standing.started_at if standing else None,
        "next_at": standing.due_at if standing and not spec.off else None,
        "is_off": spec.off,
        "not_now": "" if spec.off else why_not(gate, pull.what),
        "quickbooks_reads_a_month": _cost(gate, pull, counts),
    }


def _spec(gate: Gate, pull: Pull) -> Spec:
    return spec_of(pull.what, gate.choices) or Spec(every_seconds=pull.every_seconds)


def _how_often(gate: Gate, pull: Pull) -> str:
    """`30m quiet 22:00-06:00`, `15m (default)`, or `24h (always)` where there is nothing to choose."""
    if not pull.is_in_the_table:
        return f"{_in_words(_spec(gate, pull))} (always)"
    name = f"schedule-{pull.what}"
    chosen = gate.choices.said.get(name, "")
    return chosen or f"{CHOICES[name].default} (default)"


def _in_words(spec: Spec) -> str:
    hours, rest = divmod(spec.every_seconds, 3600)
    return f"{hours}h" if hours and not rest else f"{spec.every_seconds // 60}m"


def _cost(gate: Gate, pull: Pull, counts: Counts) -> int:
    """Metered reads in 30 days; none of what is left alone."""
    left_alone = pull.what in GOODS and gate.choices.of("products") == "off"
    if left_alone or (pull.what == "categories" and not gate.facts.categories):
        return 0
    return reads_a_month(pull.what, _spec(gate, pull), counts.items, counts.tracked, counts.customers)


def _say(told: dict[str, Any]) -> None:
    click.echo(f"{told['connection']}: hours in `how often` are the company's own, {told['time_zone']}")
    say_table(HEADS, [_cells(row) for row in told["pulls"]])
    total = told["quickbooks_reads_a_month"]
    click.echo(f"In all {reads(total)} a month that count toward the plan, when nothing changes.")
    for row in told["pulls"]:
        if row["not_now"]:
            click.echo(f"  {row['what']} waits: {clean(row['not_now'])}")


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    due = "never" if row["is_off"] else "waits" if row["not_now"] else short_time(row["next_at"])
    due = f"under way since {short_time(row['under_way_since'])}" if row["under_way_since"] else due
    cost = row["quickbooks_reads_a_month"] if row["system"] == "quickbooks" else "-"
    return row["what"], NAMED[row["system"]], row["how_often"], _last(row), due, cost


def _last(row: dict[str, Any]) -> str:
    """The last run: one that found nothing is in no log, and may have come after the last that is."""
    last, quiet = row["last"], row["found_nothing_at"]
    if quiet is not None:
        return f"{short_time(quiet)}: found nothing"
    if last is None:
        return "-"
    said = f"{last['read']} read, {last['changed']} changed" if last["complete"] else clean(last["problem"])
    return f"{short_time(last['ended_at'])}: {said}"
