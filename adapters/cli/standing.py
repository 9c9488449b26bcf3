"""`status` and `pending`: how every connection is, and everything that has not arrived yet, with the next step."""

from collections import Counter
from datetime import datetime
from typing import Any

import click
import msgspec

from adapters.cli.connections import state_of
from adapters.cli.gathering import Told, gathered
from adapters.cli.printing import age, as_json, clean, say_json, say_table, sentences, short_time, warn
from adapters.cli.session import Session, pass_session
from adapters.cli.unsettled import Unsettled, gates_in_the_way, unsettled
from engine.pulls import PULLS
from engine.surroundings import Gate

FOR_A_PERSON = ("needs you", "QuickBooks said no", "WizCommerce said no")
STATES = (*FOR_A_PERSON, "checking whether it arrived", "waiting", "sent")
"""The five states (DESIGN, section 7), a no by whose it is; what needs a person first."""
MOST_SHOWN = 10


@click.command("status")
@as_json
@pass_session
def status(session: Session, in_json: bool) -> None:
    """How every connection is: what needs you first, then what waits, what was last heard, what is stuck.

    Example: wizqbo status
    """
    session.catch_up()
    gates = session.engine.around.gates()
    told = [_of_connection(session, gate) for gate in gates]
    inbox = _inbox(session)
    if in_json:
        return say_json({"connections": told, "inbox": inbox})
    if not gates:
        warn("There are no connections yet. `wizqbo connect NAME` begins one.")
    for one in told:
        _say_connection(session, one)
    _say_inbox(inbox)


def _of_connection(session: Session, gate: Gate) -> dict[str, Any]:
    rows, baseline = unsettled(session, [gate.connection])
    counted = Counter(row.state for row in rows)
    counted["sent"] = _one(
        session,
        "SELECT count(*) FROM mapping WHERE connection = %s AND how LIKE %s",
        gate.connection,
        "invoiced by us%",
    )
    parked = (
        "SELECT step, stream, problem, parked_at FROM parked WHERE stream LIKE %s OR stream = %s ORDER BY parked_at"
    )
    stuck = session.rows(parked, f"%-{gate.connection}:%", f"connection-{gate.connection}")
    return {
        "connection": gate.connection,
        "company": gate.company,
        "state": state_of(gate, session.engine.records.connection(gate.connection)),
        "connected": gate.quickbooks == "open" and gate.wizcommerce == "open",
        "paused": gate.paused,
        "push_from": gate.push_from,
        "counts": {state: counted[state] for state in STATES},
        "baseline": baseline,
        "oldest_since": min((row.since for row in rows), default=None),
        "gates": gates_in_the_way(session, gate),
        "needs_you": [msgspec.structs.asdict(row) for row in rows if row.state in FOR_A_PERSON],
        "parked": [dict(zip(("step", "stream", "problem", "parked_at"), row, strict=True)) for row in stuck],
        "sources": _sources(session, gate.connection),
    }


def _sources(session: Session, connection: str) -> list[dict[str, Any]]:
    """Each pull: when it last ended well or ill, what it last said, when it is due; and open signals."""
    sql = "SELECT what, due_at FROM cursors WHERE connection = %s"
    due = dict(session.rows(sql, connection))
    heard = "SELECT topic, last_at, note FROM health WHERE connection = %s"
    health = {row[0]: row[1:] for row in session.rows(heard, connection)}
    sources = []
    for pull in PULLS:
        if pull.what not in due:
            continue
        changed = health.get(f"run-finished:{pull.what}", (None, ""))
        sources.append(
            {
                "what": pull.what,
                "system": pull.system,
                "last_change_at": changed[0],
                "problem": changed[1],
                "next_at": due[pull.what] if pull.every_seconds else None,
            }
        )
    waiting = (
        "SELECT count(*), min(raised_at), max(raised_at), count(*) FILTER (WHERE problem <> '') FROM signals "
        "WHERE connection = %s"
    )
    count, oldest, newest, troubled = session.rows(waiting, connection)[0]
    signals = {"what": "signals", "open": count, "oldest_at": oldest, "newest_at": newest, "with_problem": troubled}
    return [*sources, signals]


def _inbox(session: Session) -> dict[str, Any]:
    """Webhooks: the last of each system, how many nobody opened yet, and those that could not be followed."""
    last = dict(session.rows("SELECT system, max(received_at) FROM inbox GROUP BY system"))
    unopened = _one(session, "SELECT count(*) FROM inbox WHERE opened_at IS NULL")
    sql = "SELECT id, system, received_at, problem FROM inbox WHERE problem <> '' ORDER BY id DESC LIMIT %s"
    problems = [
        dict(zip(("id", "system", "received_at", "problem"), row, strict=True)) for row in session.rows(sql, 20)
    ]
    total = _one(session, "SELECT count(*) FROM inbox WHERE problem <> ''")
    return {"last": last, "unopened": unopened, "problems": total, "newest_problems": problems}


def _say_connection(session: Session, told: dict[str, Any]) -> None:
    now = session.now()
    click.echo(f"{told['connection']}  {told['company'] or '(no company yet)'}")
    click.echo(f"  {clean(told['state'])}")
    click.echo(f"  orders go from {short_time(told['push_from'])}; older ones, the baseline: {told['baseline']}")
    for gate in told["gates"]:
        click.echo(f"  !! {clean(gate['sentence'])}. {clean(gate['next_step'])}")
    click.echo("  " + " · ".join(f"{state} {count}" for state, count in told["counts"].items()))
    if told["oldest_since"]:
        click.echo(f"  oldest: {age(told['oldest_since'], now)}")
    lines = gathered([Unsettled(**row) for row in told["needs_you"]])
    for line in lines[:MOST_SHOWN]:
        click.echo(f"  ! {clean(line.what)}: {clean(sentences(line.reason, line.next_step))}")
    if len(lines) > MOST_SHOWN:
        click.echo(f"  … and {len(lines) - MOST_SHOWN} more: wizqbo pending {told['connection']}")
    for row in told["parked"]:
        click.echo(f"  stuck: {row['stream']} ({row['step']}): {row['problem']}. `wizqbo unpark {row['stream']}`")
    _say_sources(told["sources"], now)


def _say_sources(sources: list[dict[str, Any]], now: datetime) -> None:
    for source in sources:
        if source["what"] == "signals":
            late = f", the oldest {age(source['oldest_at'], now)} old" if source["open"] else ""
            trouble = f", {source['with_problem']} with a problem" if source["with_problem"] else ""
            click.echo(f"  signals to be followed: {source['open']}{late}{trouble}")
        elif source["next_at"] is not None:
            told = f"last change {short_time(source['last_change_at'])}, next look {short_time(source['next_at'])}"
            problem = f"; last: {clean(source['problem'])}" if source["problem"] else ""
            click.echo(f"  {source['system']} {source['what']}: {told}{problem}")


def _say_inbox(inbox: dict[str, Any]) -> None:
    last = ", ".join(f"{system} {short_time(at)}" for system, at in sorted(inbox["last"].items())) or "none yet"
    click.echo(f"webhooks: last {last}; unopened {inbox['unopened']}; not followed {inbox['problems']}")
    for row in inbox["newest_problems"][:MOST_SHOWN]:
        click.echo(
            f"  webhook {row['id']} ({row['system']}, {short_time(row['received_at'])}): {clean(row['problem'])}"
        )


@click.command("pending")
@click.argument("connection", required=False)
@click.option("--all", "everything", is_flag=True, help="Also the baseline and what was cancelled.")
@as_json
@pass_session
def pending(session: Session, connection: str | None, everything: bool, in_json: bool) -> None:
    """List everything that has not arrived or needs you: its state, the cause, since when, the reason, the next step.

    What waits for the same stands together, many of a kind in one line; `--json` has each, with all that it waits for. A cause
    is what `wizqbo retry --cause` takes.

    Example: wizqbo pending acme
    """
    session.catch_up()
    names = [session.connection(connection)] if connection else session.connections()
    rows, baseline = unsettled(session, names, everything)
    gates = [
        told
        for gate in session.engine.around.gates()
        if gate.connection in names
        for told in gates_in_the_way(session, gate)
    ]
    if in_json:
        shown = [msgspec.structs.asdict(row) for row in rows]
        return say_json({"gates": gates, "pending": shown, "baseline": baseline})
    for gate in gates:
        behind = sum(1 for row in rows if row.connection == gate["connection"])
        click.echo(f"!! {gate['connection']}: {clean(gate['sentence'])}. {clean(gate['next_step'])} ({behind} wait)")
    _say_pending(session, gathered(rows))
    if baseline and not everything:
        click.echo(f"{baseline} more are settled as they are: the baseline, or cancelled (`--all` lists them).")


def _say_pending(session: Session, rows: list[Told]) -> None:
    if not rows:
        return click.echo("Nothing is pending.")
    now, oldest = (
        session.now(),
        {row.causes: row.since for row in sorted(rows, key=lambda row: row.since, reverse=True)},
    )
    together = sorted(rows, key=lambda r: (STATES.index(r.state), oldest[r.causes], r.causes, r.since))
    say_table(
        ("connection", "what", "state", "since", "cause", "reason and next step"),
        [
            (r.connection, r.what, r.state, age(r.since, now), r.causes or "-", sentences(r.reason, r.next_step))
            for r in together
        ],
    )


def _one(session: Session, sql: Any, *parameters: object) -> int:
    return int(session.rows(sql, *parameters)[0][0])
