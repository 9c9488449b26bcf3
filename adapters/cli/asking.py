"""What a person asks for about one record: another try, sending it, never sending it, erasure."""

import threading
from typing import Any

import click
from msgspec.structs import replace

from adapters.cli.finding import RECORD_KINDS, NotFound, find, in_connection
from adapters.cli.goods_reasons import never_seen
from adapters.cli.naming import Numbers
from adapters.cli.printing import acts, as_json, clean, say_json
from adapters.cli.session import Session, Sorry, pass_session
from adapters.wiring import Engine
from engine.domain.customer import OTHER
from engine.domain.events import InvoiceObserved
from engine.domain.order import Order
from engine.domain.payments import Payment
from engine.domain.product import Product
from engine.domain.shipments import shipment_stream
from engine.domain.told import Told
from engine.domain.values import connection_of, kind_of
from engine.people import NotPossible
from engine.ports import Hint
from engine.settings import FOR_CALLS

LOOKED_FOR_SECONDS = 60.0
"""How long `push` waits for a record it asked WizCommerce for."""
PAUSE_SECONDS = 0.2


def told(session: Session, stream: str, in_json: bool, act: Any, *more: str) -> None:
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
    """Take what the other side has as this record, though it differs from what we sent.

    Example: wizqbo --as admin accept order WC-1002
    """
    session.catch_up()
    told(session, find(session, kind, ident, connection), in_json, session.engine.people.accept)


@click.command("push")
@click.argument("kind", type=RECORD_KINDS)
@click.argument("ident", metavar="ID")
@in_connection
@acts
@as_json
@pass_session
def push(session: Session, kind: str, ident: str, connection: str | None, in_json: bool) -> None:
    """Send one record because you say so, also one of the baseline, or one that was never seen: it is then looked up.

    Of a customer or product, both sides are also read again; a product that was deleted in WizCommerce is made anew.

    Example: wizqbo --as admin push order WC-0871
    """
    session.catch_up()
    try:
        stream = find(session, kind, ident, connection)
    except NotFound as problem:
        if kind == "product":  # QuickBooks is where products come from
            raise NotFound(never_seen(session, problem, connection)) from None
        stream = _looked_up(session, kind, ident.strip(), session.only_connection(connection))
    if kind in ("customer", "product"):
        _look_afresh(session, kind, stream)
    told(session, stream, in_json, session.engine.people.push)


def _look_afresh(session: Session, kind: str, stream: str) -> None:
    """Both sides' records are read again by whoever works: what changed there is seen now."""
    record, connection = session.engine.records.holder(stream), connection_of(stream)
    if isinstance(record, Order | Payment | Told):
        return
    links = record.links
    for system in OTHER:
        made_anew = isinstance(record, Product) and system == "wizcommerce" and system in record.gone
        if system in links and not made_anew:
            hints = [Hint(kind=kind, remote_id=links[system])]
            session.engine.observer.raise_signals(connection, system, hints, f"push: asked for by {session.who()}")


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
    told(session, find(session, kind, ident, connection), in_json, session.engine.people.never_send, clean(because))


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
    """Destroys the keys of a record, of merged streams and of an order's shipments too; the event that says so takes what it is
    matched by from the tables."""
    sql = (
        "SELECT DISTINCT convert_from(l.state, 'UTF8')::jsonb -> 'event' ->> 'record' FROM claims c "
        "JOIN log l ON l.originator_id = 'link-' || c.connection || ':' || c.system || ':' || c.kind || ':' || c.remote_id "
        "WHERE c.stream = %s"
    )
    streams = sorted({stream, *(row[0] for row in session.rows(sql, stream))})
    streams += [shipment for one in streams for shipment in _shipments(engine, one)]
    for one in streams:
        engine.people.say_erased(one, session.who())
        engine.keyring.destroy(one)
    return streams


def _shipments(engine: Engine, stream: str) -> list[str]:
    """The streams of an order's shipments, which say where they went."""
    if kind_of(stream) != "order":
        return []
    order, story = engine.records.order(stream), engine.log.story(stream)
    invoices = dict.fromkeys(r.event.remote_id for r in story if isinstance(r.event, InvoiceObserved))
    streams = (shipment_stream(replace(order, invoice_id=one)) for one in invoices)
    return [one for one in streams if engine.records.told(one).version]


def _what_stays(session: Session, stream: str) -> list[str]:
    stays = ["numbers, dates, amounts, SKUs, city and postal code, and every decision with its reason"]
    if kind_of(stream) == "customer":
        stays.append("the customer's orders, which hold names and addresses of their own: erase each order too")
    stays.append("what WizCommerce and QuickBooks hold: erase it there; a new sight of it stays sealed under no key")
    stays.append("copies of this database made before now, as long as they are kept")
    return stays
