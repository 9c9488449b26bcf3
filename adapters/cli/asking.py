"""What a person asks for about one record: another try, sending it, never sending it, which match it is, erasure."""

import threading
from typing import Any

import click

from adapters.cli.finding import RECORD_KINDS, NotFound, find, in_connection
from adapters.cli.naming import Numbers
from adapters.cli.printing import acts, as_json, clean, say_json
from adapters.cli.session import Session, Sorry, pass_session
from adapters.wiring import Engine
from engine.domain.values import connection_of, kind_of
from engine.people import NotPossible
from engine.ports import Hint
from engine.settings import FOR_CALLS

LOOKED_FOR_SECONDS = 60.0
"""How long `push` waits for a record it asked WizCommerce for."""
PAUSE_SECONDS = 0.2


@click.command("retry")
@click.argument("kind", type=RECORD_KINDS, required=False)
@click.argument("ident", metavar="ID", required=False)
@in_connection
@click.option("--refused", is_flag=True, help="With --connection: everything there that QuickBooks said no to.")
@acts
@as_json
@pass_session
def retry(
    session: Session, kind: str | None, ident: str | None, connection: str | None, refused: bool, in_json: bool
) -> None:
    """Try again: at once what failed, as a new request what was refused or is in dispute.

    Nothing is sent twice: what may have arrived is looked for first.
    Examples: wizqbo --as admin retry order WC-1002 · wizqbo --as admin retry --connection acme --refused
    """
    session.catch_up()
    if refused:
        if not connection or kind:
            raise Sorry("Say `wizqbo retry --connection NAME --refused`, without a record.")
        return _retry_refused(session, session.connection(connection), in_json)
    if not kind or not ident:
        raise Sorry("Say which: `wizqbo retry order WC-1002`, or `wizqbo retry --connection NAME --refused`.")
    _told(session, find(session, kind, ident, connection), in_json, session.engine.people.retry)


def _retry_refused(session: Session, connection: str, in_json: bool) -> None:
    sql = "SELECT stream FROM pending_work WHERE connection = %s AND status = 'refused' ORDER BY issued_at"
    numbers, rows = Numbers(session), []
    for (stream,) in session.rows(sql, connection):
        try:
            said = session.engine.people.retry(stream, session.who())
        except NotPossible as problem:
            said = str(problem)
        rows.append({"stream": stream, "record": f"{kind_of(stream)} {numbers.of(stream)}", "state": said})
    if in_json:
        return say_json(rows)
    for row in rows:
        click.echo(f"{clean(row['record'])}: {clean(row['state'])}")
    if not rows:
        click.echo("QuickBooks refused nothing that still waits.")


def _told(session: Session, stream: str, in_json: bool, act: Any, *more: str) -> None:
    """Does it, and says where the record stands."""
    said = act(stream, *more, session.who())
    if in_json:
        return say_json({"stream": stream, "state": said})
    click.echo(clean(f"{kind_of(stream)} {Numbers(session).of(stream)}: {said}"))


@click.command("accept")
@click.argument("kind", type=RECORD_KINDS)
@click.argument("ident", metavar="ID")
@in_connection
@acts
@as_json
@pass_session
def accept(session: Session, kind: str, ident: str, connection: str | None, in_json: bool) -> None:
    """Take what QuickBooks has as this record, though it differs from what we sent.

    Example: wizqbo --as admin accept order WC-1002
    """
    session.catch_up()
    _told(session, find(session, kind, ident, connection), in_json, session.engine.people.accept)


@click.command("push")
@click.argument("kind", type=RECORD_KINDS)
@click.argument("ident", metavar="ID")
@in_connection
@acts
@as_json
@pass_session
def push(session: Session, kind: str, ident: str, connection: str | None, in_json: bool) -> None:
    """Send one record because you say so, also one of the baseline, or one that was never seen: it is then looked up.

    Example: wizqbo --as admin push order WC-0871
    """
    session.catch_up()
    try:
        stream = find(session, kind, ident, connection)
    except NotFound:
        stream = _looked_up(session, kind, ident.strip(), session.only_connection(connection))
    _told(session, stream, in_json, session.engine.people.push)


def _looked_up(session: Session, kind: str, ident: str, connection: str) -> str:
    """The stream of a record that WizCommerce is asked for now. Raises NotPossible when it has none."""
    engine = session.engine_for(FOR_CALLS)
    remote_id = engine.commerce.find(connection, kind, ident) or ident
    cause = f"push: looked up by {session.who()}"
    engine.observer.raise_signals(connection, "wizcommerce", [Hint(kind=kind, remote_id=remote_id)], cause)
    until = session.clock.boottime() + LOOKED_FOR_SECONDS
    while session.clock.boottime() < until:
        stream = engine.around.stream_of(connection, "wizcommerce", kind, remote_id)
        if stream:
            return stream
        problem = _signal_problem(session, connection, kind, remote_id)
        if problem is None:
            raise NotPossible(f"WizCommerce shows no {kind} {clean(ident)!r} on {connection}.")
        if problem:
            raise NotPossible(f"WizCommerce could not show {kind} {clean(ident)!r}: {problem} It is looked for again.")
        if not engine.observer.step():
            session.clock.wait(threading.Event(), PAUSE_SECONDS)
    raise NotPossible("WizCommerce has not answered yet. The record is still being looked for; try again in a while.")


def _signal_problem(session: Session, connection: str, kind: str, remote_id: str) -> str | None:
    """What is wrong with following the signal: '' nothing so far, None when it was followed and is done."""
    sql = (
        "SELECT problem FROM signals WHERE connection = %s AND system = 'wizcommerce' AND kind = %s AND remote_id = %s"
    )
    rows = session.rows(sql, connection, kind, remote_id)
    if not rows:
        seen = session.engine.around.stream_of(connection, "wizcommerce", kind, remote_id)
        return "" if seen else None
    return str(rows[0][0])


@click.command("never-send")
@click.argument("kind", type=RECORD_KINDS)
@click.argument("ident", metavar="ID")
@click.option("--because", required=True, metavar="TEXT", help="Why, for whoever reads the history.")
@in_connection
@acts
@as_json
@pass_session
def never_send(session: Session, kind: str, ident: str, because: str, connection: str | None, in_json: bool) -> None:
    """Decide that a record is never sent. `wizqbo push` takes it back.

    Example: wizqbo --as admin never-send order WC-1002 --because "paid in cash"
    """
    session.catch_up()
    if not because.strip():
        raise Sorry("Say why with --because: the history keeps it.")
    _told(session, find(session, kind, ident, connection), in_json, session.engine.people.never_send, clean(because))


# ---- matches -----------------------------------------------------------------------------------------------------------


class _Match(click.Group):
    """`match`, `match CONNECTION`, `match choose …`, `match reject …`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group("match", cls=_Match)
def match() -> None:
    """Customers that may be in QuickBooks already, where a person must say which it is.

    `match [CONNECTION]` lists them with the reasons; `match choose` says which one it is; `match reject` says none,
    and it is created. Examples: wizqbo match acme · wizqbo --as admin match choose "Bloom & Co" 58
    """


@match.command("list")
@click.argument("connection", required=False)
@as_json
@pass_session
def match_list(session: Session, connection: str | None, in_json: bool) -> None:
    """List the open questions with their candidates. Example: wizqbo match acme"""
    session.catch_up()
    names = [session.connection(connection)] if connection else session.connections()
    rows = [
        _proposal(session, row[0])
        for row in session.rows("SELECT stream FROM attention WHERE topic = 'match' ORDER BY raised_at")
    ]
    rows = [row for row in rows if row["connection"] in names]
    if in_json:
        return say_json(rows)
    for row in rows:
        click.echo(f"{row['connection']}  {clean(row['name'])}  ({row['id']})")
        for candidate in row["candidates"]:
            click.echo(f"    QuickBooks customer {candidate['id']} {clean(candidate['name'])}: {candidate['because']}")
    click.echo(
        "Then: wizqbo match choose ID QBO_ID, or wizqbo match reject ID." if rows else "No match waits for a decision."
    )


def _proposal(session: Session, stream: str) -> dict[str, Any]:
    customer = session.engine.records.customer(stream)
    numbers, connection = Numbers(session), connection_of(stream)
    candidates = []
    for one in customer.proposed:
        theirs = session.engine.around.stream_of(connection, "quickbooks", "customer", one.remote_id)
        candidates.append({"id": one.remote_id, "name": numbers.of(theirs) if theirs else "", "because": one.because})
    ident, name = stream.partition(":")[2], numbers.of(stream)
    return {"connection": connection, "id": ident, "stream": stream, "name": name, "candidates": candidates}


@match.command("choose")
@click.argument("ident", metavar="ID")
@click.argument("qbo_id", metavar="QBO_ID")
@in_connection
@acts
@as_json
@pass_session
def match_choose(session: Session, ident: str, qbo_id: str, connection: str | None, in_json: bool) -> None:
    """Say which QuickBooks customer it is. Example: wizqbo --as admin match choose "Bloom & Co" 58"""
    session.catch_up()
    stream = _asked_about(session, ident, connection)
    _told(session, stream, in_json, session.engine.people.choose, qbo_id)


@match.command("reject")
@click.argument("ident", metavar="ID")
@in_connection
@acts
@as_json
@pass_session
def match_reject(session: Session, ident: str, connection: str | None, in_json: bool) -> None:
    """Say that none of them is it: it is created. Example: wizqbo --as admin match reject "Bloom & Co" """
    session.catch_up()
    _told(session, _asked_about(session, ident, connection), in_json, session.engine.people.reject)


def _asked_about(session: Session, ident: str, connection: str | None) -> str:
    """The customer with an open question that `ident` names: by name it may well have namesakes without one."""
    names = [session.connection(connection)] if connection else session.connections()
    open_ = [row[0] for row in session.rows("SELECT stream FROM attention WHERE topic = 'match'")]
    numbers = Numbers(session)
    wanted = ident.strip().casefold()
    named = [s for s in open_ if connection_of(s) in names and numbers.of(s).casefold() == wanted]
    return named[0] if len(named) == 1 else find(session, "customer", ident, connection)


# ---- parked, erased ----------------------------------------------------------------------------------------------------


@click.command("unpark")
@click.argument("stream")
@acts
@pass_session
def unpark(session: Session, stream: str) -> None:
    """Let a stream go on that was parked because a step failed on it. `wizqbo status` names the streams.

    Example: wizqbo --as admin unpark order-acme:6e1c7f6e-52a4-5d7c-9a55-0d3b6a1f7f10
    """
    click.echo(session.engine.people.unpark(stream, session.who()))


@click.command("erase")
@click.argument("kind", type=RECORD_KINDS)
@click.argument("ident", metavar="ID")
@in_connection
@click.option("--yes", is_flag=True, help="Do not ask.")
@acts
@as_json
@pass_session
def erase(session: Session, kind: str, ident: str, connection: str | None, yes: bool, in_json: bool) -> None:
    """Erase the personal fields of one record for ever, by destroying its key. The log still verifies.

    Names, e-mail, phone, street lines, notes and bodies go; numbers, dates, amounts and decisions stay.
    Example: wizqbo --as admin erase customer "Bloom & Co"
    """
    session.catch_up()
    stream = find(session, kind, ident, connection)
    if not yes:
        what = clean(f"{kind} {Numbers(session).of(stream)}")
        click.confirm(f"Erase the personal fields of {what} for ever? There is no way back.", abort=True)
    streams = erase_stream(session.engine, session, stream)
    stays = _what_stays(session, stream)
    if in_json:
        return say_json({"streams": streams, "stays": stays})
    click.echo("The personal fields are erased: this engine forgets the key within a minute.")
    for line in stays:
        click.echo(f"  stays: {line}")


def erase_stream(engine: Engine, session: Session, stream: str) -> list[str]:
    """Destroys the keys of a record, merged streams too; the event that says so takes what it is matched by from the tables."""
    sql = (
        "SELECT DISTINCT convert_from(l.state, 'UTF8')::jsonb -> 'event' ->> 'record' FROM claims c "
        "JOIN log l ON l.originator_id = 'link-' || c.connection || ':' || c.system || ':' || c.kind || ':' || c.remote_id "
        "WHERE c.stream = %s"
    )
    streams = sorted({stream, *(row[0] for row in session.rows(sql, stream))})
    for one in streams:
        engine.people.say_erased(one, session.who())
        engine.keyring.destroy(one)
    return streams


def _what_stays(session: Session, stream: str) -> list[str]:
    stays = ["numbers, dates, amounts, SKUs, city and postal code, and every decision with its reason"]
    if kind_of(stream) == "customer":
        stays.append("the customer's orders, which hold names and addresses of their own: erase each order too")
    stays.append("what WizCommerce and QuickBooks hold: erase it there; a new sight of it stays sealed under no key")
    stays.append("copies of this database made before now, as long as they are kept")
    return stays
