"""`refresh`: a person wants something read now. One run at a time: who asks while it is under way joins it."""

import threading
from datetime import datetime
from typing import Any

import click
import msgspec

from adapters.cli.finding import NotFound, find
from adapters.cli.naming import Numbers
from adapters.cli.printing import acts, as_json, clean, say_json, short_time
from adapters.cli.runs import by_the_clock, last_runs, reads
from adapters.cli.session import Session, Sorry, pass_session
from adapters.wiring import Engine
from engine.cursors import Standing
from engine.domain.customer import Customer
from engine.domain.customer_policies import NAMED
from engine.domain.order import Order
from engine.domain.product import Product, is_category, shown_sku
from engine.domain.values import System, kind_of
from engine.people import NotPossible
from engine.ports import Hint
from engine.pulls import BY_NAME, GOODS
from engine.settings import FOR_CALLS
from engine.surroundings import Gate

PULLED: dict[str, tuple[str, ...]] = {
    "products": ("products", "shop-products"),
    "categories": ("categories",),
    "stock": ("stock", "shop-stock"),
    "customers": ("changes", "customers"),
    "orders": ("orders",),
    "invoices": ("changes",),
    "terms": ("first-term",),
}
"""What a person names → the pulls that read it, in their order. QuickBooks' customers and invoices come with its changes."""
SINGLE: dict[str, tuple[System, str]] = {
    "products": ("quickbooks", "product"),
    "categories": ("quickbooks", "product"),
    "stock": ("quickbooks", "product"),
    "customers": ("quickbooks", "customer"),
    "orders": ("wizcommerce", "order"),
    "invoices": ("quickbooks", "invoice"),
}
"""What a person names → where one record of it is looked up, and its kind there. Categories are items."""
LONGEST_SECONDS = 600.0
"""How long a run is waited for; it goes on by itself after that."""
LOOKED_FOR_SECONDS = 60.0
PAUSE_SECONDS = 0.2


class CameTo(msgspec.Struct, frozen=True):
    """What a run came to. One that found nothing new and cost nothing is in no log, and has no figures."""

    what: str
    joined: datetime | None
    complete: bool
    next_at: datetime | None
    problem: str = ""
    read: int | None = None
    changed: int = 0
    held: int = 0
    quickbooks_reads: int = 0


@click.command("refresh")
@click.argument("what", type=click.Choice(list(PULLED)))
@click.option("--connection", default=None, metavar="NAME", help="Whose, when there are several connections.")
@click.option("--id", "ident", default=None, metavar="ID", help="One record: its id there, or its SKU, name or number.")
@acts
@as_json
@pass_session
def refresh(session: Session, what: str, connection: str | None, ident: str | None, in_json: bool) -> None:
    """Read something now, on your behalf, and say what came of it. A run that is under way is joined.

    With --id one record is looked up. Ctrl-C does no harm: whoever works goes on with the run.
    Examples: wizqbo --as admin refresh products · wizqbo --as admin refresh stock --id VASE-01
    """
    if ident is not None and what not in SINGLE:
        raise Sorry("Terms are read all at once: there is no --id.")
    session.catch_up()
    where = session.only_connection(connection)
    gate = session.engine.around.gate(where)
    assert gate is not None, "it was just there"
    systems = {SINGLE[what][0]} if ident is not None else {BY_NAME[pull].system for pull in PULLED[what]}
    refused = _refused(gate, what, systems)
    if refused:
        raise NotPossible(refused)
    engine = session.engine_for(FOR_CALLS)
    if ident is not None:
        return _say_one(session, where, what, _looked_up(session, engine, where, what, ident.strip()), in_json)
    came = []
    for pull in PULLED[what]:
        came.append(_run(session, engine, where, pull, quietly=in_json))
        if not in_json:
            _say(came[-1])
    if in_json:
        say_json({"connection": where, "runs": [msgspec.structs.asdict(one) for one in came]})
    if not all(one.complete for one in came):
        raise click.exceptions.Exit(1)


# ---- whether it may be read ----------------------------------------------------------------------------------------------


def _refused(gate: Gate, what: str, systems: set[System]) -> str:
    """Why nothing can be read now, as a sentence; '' when it can."""
    for system in sorted(systems):
        closed = _closed(gate, system)
        if closed:
            return closed
    if what in GOODS and (problem := _left_alone(gate, what)):
        return problem
    return "" if gate.accepted else _not_accepted(gate)


def why_not(gate: Gate, pull: str) -> str:
    """Why a pull is not run now, whatever the time, as a sentence; '' when it may run."""
    closed = _closed(gate, BY_NAME[pull].system)
    if closed:
        return closed
    if pull in GOODS and (problem := _left_alone(gate, pull)):
        return problem
    return "" if gate.accepted or pull not in GOODS | {"everything"} else _not_accepted(gate)


def _closed(gate: Gate, system: System) -> str:
    is_open = (gate.quickbooks if system == "quickbooks" else gate.wizcommerce) == "open"
    if is_open:
        return ""
    return f"{NAMED[system]} is not connected on {gate.connection}: `wizqbo connect {gate.connection}`."


def _left_alone(gate: Gate, what: str) -> str:
    if gate.choices.of("products") == "off":
        how = f"`wizqbo --as NAME set {gate.connection} products pull`"
        return f"Products, categories and stock are left alone on {gate.connection}: {how} changes that."
    if what == "categories" and not gate.facts.categories:
        return "The QuickBooks company does not use categories."
    return ""


def _not_accepted(gate: Gate) -> str:
    return f"The first sync of {gate.connection} is not accepted yet: `wizqbo first-sync {gate.connection}`."


# ---- a run ---------------------------------------------------------------------------------------------------------------


def _run(session: Session, engine: Engine, connection: str, what: str, quietly: bool) -> CameTo:
    """Asks for a run and follows it to its end: our own steps, or those of whoever is at it."""
    who, schedule = session.who(), engine.schedule
    after, before = engine.log.position(), _standing(engine, connection, what)
    joined = schedule.ask(connection, what, who)
    if joined is None:
        after = engine.log.position()  # what ended until now was no answer to us
    elif not quietly:
        click.echo(f"{what}: joined the run that began at {short_time(joined)}")
    until = session.clock.boottime() + LONGEST_SECONDS
    while session.clock.boottime() < until:
        ran = schedule.asked_for(connection, what, who)
        ended = _ended(session, engine, connection, what, joined, after, before)
        if ended is None and ran is not None and ran.complete:
            ended = _still_wrong(session, connection, what, joined)
        if ended is not None:
            return ended
        if ran is None:
            session.clock.wait(threading.Event(), PAUSE_SECONDS)
    waited = (
        f"It is not over after {int(LONGEST_SECONDS / 60)} minutes, and goes on by itself: `wizqbo runs {connection}`."
    )
    return CameTo(what, joined, False, None, waited)


def _ended(
    session: Session,
    engine: Engine,
    connection: str,
    what: str,
    joined: datetime | None,
    after: int,
    before: Standing | None,
) -> CameTo | None:
    """What the run came to: the first one recorded since we asked, or one more that found nothing; None while it goes on."""
    recorded = last_runs(session, connection, what, most=100, after=after)
    if recorded:
        said = recorded[-1].said
        figures = (said.read, said.changed, said.held, said.metered_reads)
        return CameTo(what, joined, said.complete, recorded[-1].next_at, said.problem, *figures)
    now = _standing(engine, connection, what)
    if now is None or not now.quiet_runs:
        return None
    if before is not None and (now.quiet_runs, now.quiet_at) == (before.quiet_runs, before.quiet_at):
        return None
    return CameTo(what, joined, True, by_the_clock(now.due_at, session.now()))


def _still_wrong(session: Session, connection: str, what: str, joined: datetime | None) -> CameTo | None:
    """Our own step failed as the one before it did: that is said once, and stands until the pull goes well again."""
    last = next(iter(last_runs(session, connection, what)), None)
    if last is None or last.said.complete:
        return None
    return CameTo(what, joined, False, last.next_at, last.said.problem)


def _standing(engine: Engine, connection: str, what: str) -> Standing | None:
    return next((one for one in engine.schedule.cursors.standing(connection) if one.what == what), None)


def _say(one: CameTo) -> None:
    due = f"; next {short_time(one.next_at)}" if one.next_at else ""
    if one.problem or not one.complete:
        so_far = f" {one.read} read so far." if one.read else ""
        return click.echo(clean(f"{one.what}: not to the end.{so_far} {one.problem}{due}"))
    if one.read is None:
        return click.echo(f"{one.what}: nothing new{due}")
    cost = f", {reads(one.quickbooks_reads)}" if BY_NAME[one.what].system == "quickbooks" else ""
    click.echo(f"{one.what}: {one.read} read, {one.changed} changed, {one.held} held{cost}{due}")


# ---- one record ----------------------------------------------------------------------------------------------------------


def _looked_up(session: Session, engine: Engine, connection: str, what: str, ident: str) -> str:
    """The stream of one record, read now. Raises NotPossible when it is not there, or cannot be read."""
    system, kind = SINGLE[what]
    remote_id = _remote_id(session, engine, connection, system, kind, ident)
    cause = f"refresh: looked up by {session.who()}"
    engine.observer.raise_signals(connection, system, [Hint(kind=kind, remote_id=remote_id)], cause)
    until = session.clock.boottime() + LOOKED_FOR_SECONDS
    while session.clock.boottime() < until:
        problem = _signal_problem(session, connection, system, kind, remote_id)
        if problem is None:
            stream = engine.around.stream_of(connection, system, kind, remote_id)
            if not stream:
                raise NotPossible(f"{NAMED[system]} shows no {kind} {clean(ident)!r} on {connection}.")
            return stream
        if problem:
            raise NotPossible(
                f"{NAMED[system]} could not show {kind} {clean(ident)!r}: {problem} It is looked at again."
            )
        if not engine.observer.step():
            session.clock.wait(threading.Event(), PAUSE_SECONDS)
    raise NotPossible(
        f"{NAMED[system]} has not answered yet. The record is still being looked for; ask again in a while."
    )


def _remote_id(session: Session, engine: Engine, connection: str, system: System, kind: str, ident: str) -> str:
    """The id over there of what a person named: as found among what we know, as WizCommerce finds it, or as they gave it."""
    if kind == "order":
        return engine.commerce.find(connection, kind, ident) or ident
    if kind == "invoice" or engine.around.stream_of(connection, system, kind, ident):
        return _their_id(ident)
    try:
        record = engine.records.holder(find(session, kind, ident, connection))
    except NotFound as problem:
        if not ident.isdecimal():
            raise problem
        return ident
    linked = record.links.get("quickbooks", "") if isinstance(record, Product | Customer) else ""
    if not linked:
        raise NotPossible(f"{kind} {clean(ident)!r} is not in QuickBooks.")
    return linked


def _their_id(ident: str) -> str:
    """An id of QuickBooks: digits alone, else a request for it can never be answered."""
    if not ident.isdecimal():
        raise NotPossible(
            f"{clean(ident)!r} is no id of QuickBooks: those are digits (the last part of its address there)."
        )
    return ident


def _signal_problem(session: Session, connection: str, system: System, kind: str, remote_id: str) -> str | None:
    """What is wrong with following the signal: '' nothing so far, None when it was followed and is done."""
    sql = "SELECT problem FROM signals WHERE connection = %s AND system = %s AND kind = %s AND remote_id = %s"
    rows = session.rows(sql, connection, system, kind, remote_id)
    return str(rows[0][0]) if rows else None


def _say_one(session: Session, connection: str, what: str, stream: str, in_json: bool) -> None:
    name, state = _stands(session, stream)
    if in_json:
        told: dict[str, Any] = {"connection": connection, "what": what, "stream": stream, "name": name, "state": state}
        return say_json(told)
    click.echo(clean(f"{name}: {state}"))


def _stands(session: Session, stream: str) -> tuple[str, str]:
    """What a person calls the record, and where it stands."""
    record, where = session.engine.records.holder(stream), session.engine.people.where(stream)
    if isinstance(record, Product) and record.item is not None and is_category(record.item):
        return f"category {record.item.full_name or record.item.name}", "read; its products say it in their path"
    if isinstance(record, Order) and record.content is None:
        return f"invoice {record.invoice_number or record.invoice_id}", where
    name = shown_sku(record) if isinstance(record, Product) else Numbers(session).of(stream)
    return f"{kind_of(stream)} {name}", where
