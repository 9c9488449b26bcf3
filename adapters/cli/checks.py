"""`verify` checks tampering with the log; `rebuild --check` checks our own tables against it."""

from typing import Any, Protocol

import click
import msgspec
import psycopg
from psycopg.sql import SQL, Identifier

from adapters.cli.printing import as_json, say_json, say_table, warn
from adapters.cli.session import Session, Sorry, pass_session
from engine.follow import ProjectionFollower
from engine.log import Inline, Log, Statement
from engine.verify import Head, Verdict, head_from, verify_log
from projections.audit_trail import AuditTrail
from projections.health import Health
from projections.mapping import Mapping

TABLES: dict[str, tuple[str, ...]] = {
    "claims": ("claims",),
    "match_keys": ("match_keys",),
    "gates": ("gates",),
    "pending_work": ("pending_work", "open_creates"),
    "mapping": ("mapping",),
    "audit_trail": ("audit_trail",),
    "health": ("health", "attention"),
}
"""What is rebuilt together → its tables."""
BATCH = 1000
SAMPLES = 3
"""Rows shown of each kind of difference."""


# ---- the log -----------------------------------------------------------------------------------------------------------


@click.command("verify")
@click.option("--against", metavar="POSITION:HASH", help="A head noted earlier, somewhere else: finds a cut-off tail.")
@as_json
@pass_session
def verify(session: Session, against: str | None, in_json: bool) -> None:
    """Check that nobody tampered with the log: recompute its chain of hashes from the first event to the last.

    Prints the count and the head as POSITION:HASH; note it elsewhere, and give it to --against another time. (Our own
    tables: `rebuild --check`. The set-up: `doctor`.) Exit code 1 when an event does not fit. Example: wizqbo verify
    """
    verdict = verify_log(session.engine.pool, _head(against))
    if in_json:
        say_json(_verdict_json(verdict))
    else:
        _say_verdict(verdict)
    if not verdict.verified:
        raise click.exceptions.Exit(1)


def _head(text: str | None) -> Head | None:
    try:
        return head_from(text) if text else None
    except ValueError as problem:
        raise Sorry(f"--against: {problem}.") from None


def _verdict_json(verdict: Verdict) -> dict[str, Any]:
    broken = msgspec.structs.asdict(verdict.broken) if verdict.broken else None
    return {
        "verified": verdict.verified,
        "events": verdict.count,
        "head": str(verdict.head),
        "broken": broken,
        "missing_guards": list(verdict.missing_guards),
    }


def _say_verdict(verdict: Verdict) -> None:
    if verdict.missing_guards:
        warn(f"Guards of the log are off: {', '.join(verdict.missing_guards)}. Put them back as schema.sql has them.")
    if verdict.broken is None:
        click.echo(f"The log verifies: {verdict.count} events.")
        return click.echo(f"Head: {verdict.head}")
    broken = verdict.broken
    place = f", version {broken.version} of {broken.stream}" if broken.stream else ""
    warn(f"The log does not verify at position {broken.position}{place}: {broken.problem}.")
    click.echo(f"{verdict.count} events before it fit, up to {verdict.head}")


# ---- our tables --------------------------------------------------------------------------------------------------------


class Rebuilt(Protocol):
    """A table that follows from the log by rows."""

    name: str

    def rows(self, recorded: Any) -> list[Statement]: ...


@click.command("rebuild")
@click.argument("tables", nargs=-1, metavar="[TABLE]...", type=click.Choice(list(TABLES)))
@click.option("--check", is_flag=True, help="Change nothing: rebuild beside them and compare row for row.")
@as_json
@pass_session
def rebuild(session: Session, tables: tuple[str, ...], check: bool, in_json: bool) -> None:
    """Empty our own tables and fill them from the log again; or with --check prove that they would come out equal.

    Checks our tables, not the log (`verify`) nor the set-up (`doctor`). TABLE is claims, match_keys, gates,
    pending_work, mapping, audit_trail or health; default all. Example: wizqbo rebuild --check
    """
    wanted = tables or tuple(TABLES)
    results = _checked(session, wanted) if check else _rebuilt(session, wanted)
    if in_json:
        say_json(results)
    else:
        heads = ("table", "result") if check else ("table", "events read")
        say_table(heads, [(row["table"], _result(row) if check else row["events"]) for row in results])
    if check and any(row["missing"] or row["extra"] for row in results):
        raise click.exceptions.Exit(1)


def _result(row: dict[str, Any]) -> str:
    if not row["missing"] and not row["extra"]:
        return f"equal ({row['rows']} rows)"
    told = f"different: {row['missing']} rows are missing, {row['extra']} should not be there"
    return "\n".join(
        [told, *(f"missing {one}" for one in row["samples_missing"]), *(f"extra {one}" for one in row["samples_extra"])]
    )


def _rebuilt(session: Session, wanted: tuple[str, ...]) -> list[dict[str, Any]]:
    engine = session.engine
    inline = {table.name: table for table in engine.inline}
    followers = {follower.name: follower for follower in engine.followers}
    results = []
    for name in wanted:
        read = engine.log.rebuild(inline[name]) if name in inline else _followed_anew(followers[name])
        results.append({"table": name, "events": read})
    return results


def _followed_anew(follower: ProjectionFollower) -> int:
    return follower.rebuild()


def _checked(session: Session, wanted: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rebuilds each table beside itself, from the log as one snapshot of the database has it, and compares.

    In a snapshot the inline tables stand exactly where the log ends, and a follower's where its tracking stands: nothing
    needs to be stopped, and no lock is held.
    """
    session.catch_up()
    engine = session.engine
    tables: dict[str, Rebuilt] = {table.name: table for table in engine.inline}
    tables |= {table.name: table for table in (Mapping(), AuditTrail(), Health())}
    results = []
    for name in wanted:
        with engine.pool.connection() as c, c.transaction(force_rollback=True):
            c.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            results += _compared(c, engine.log, tables[name], _reached(c, name))
    return results


def _reached(c: psycopg.Connection[Any], name: str) -> int:
    """Up to which position the table says what the log says."""
    followed = c.execute("SELECT position FROM tracking WHERE follower = %s", (name,)).fetchone()
    if name in ("mapping", "audit_trail", "health"):
        return int(followed[0]) if followed else 0
    newest = c.execute("SELECT coalesce(max(notification_id), 0) FROM log").fetchone()
    return int(newest[0]) if newest else 0


def _compared(c: psycopg.Connection[Any], log: Log, table: Rebuilt | Inline, end: int) -> list[dict[str, Any]]:
    """The rows that would come out, in temporary tables of the same names, against those that are there."""
    names = TABLES[table.name]
    home = str(_one(c, "SELECT current_schema()"))
    for name in names:
        c.execute(
            SQL("CREATE TEMP TABLE {} (LIKE {} INCLUDING ALL) ON COMMIT DROP").format(
                Identifier(name), Identifier(home, name)
            )
        )
    position = 0
    while position < end and (batch := log.since(position, BATCH)):
        for recorded in batch:
            if recorded.position > end:
                break
            for statement, parameters in table.rows(recorded):
                c.execute(statement, parameters)
        position = batch[-1].position
    return [_difference(c, home, name) for name in names]


def _difference(c: psycopg.Connection[Any], home: str, name: str) -> dict[str, Any]:
    new, old = Identifier("pg_temp", name), Identifier(home, name)
    missing = c.execute(SQL("SELECT to_jsonb(t) FROM (TABLE {} EXCEPT ALL TABLE {}) t").format(new, old)).fetchall()
    extra = c.execute(SQL("SELECT to_jsonb(t) FROM (TABLE {} EXCEPT ALL TABLE {}) t").format(old, new)).fetchall()
    return {
        "table": name,
        "equal": not missing and not extra,
        "rows": int(_one(c, SQL("SELECT count(*) FROM {}").format(new))),
        "missing": len(missing),
        "extra": len(extra),
        "samples_missing": [row[0] for row in missing[:SAMPLES]],
        "samples_extra": [row[0] for row in extra[:SAMPLES]],
    }


def _one(c: psycopg.Connection[Any], query: Any) -> Any:
    row = c.execute(query).fetchone()
    return row[0] if row else None
