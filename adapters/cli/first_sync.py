"""`first-sync`: both sides read, the plan, a person's yes, the work with its progress, and the report it ends with."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import click
import msgspec

from adapters.cli.naming import Numbers
from adapters.cli.printing import as_json, both_times, clean, may_act, say_json, warn, zone_of
from adapters.cli.progress import Progress
from adapters.cli.running import stop_signals
from adapters.cli.session import Session, Sorry, pass_session
from adapters.wiring import Running
from engine.domain.events import FirstSyncReported
from engine.domain.values import connection_stream
from engine.first_sync import GOODS, HELD, LEFT, LINKED, Fate, GoodsPlan
from engine.limits import WIZCOMMERCE
from engine.people import NotPossible
from engine.settings import FOR_CALLS
from engine.surroundings import Gate

LOOK_SECONDS = 0.5
"""How often it is looked how far the work is."""
MOST_SHOWN = 20
"""Customers named of each kind; --json names all."""
INTERRUPTED = 130


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The last report and when it was recorded."""

    reported_at: datetime
    said: FirstSyncReported


@click.command("first-sync")
@click.argument("connection")
@click.option("--dry-run", is_flag=True, help="Only print what it would do.")
@click.option("--again", is_flag=True, help="Read both sides whole once more, whatever signals have missed.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@may_act
@as_json
@pass_session
def first_sync(session: Session, connection: str, dry_run: bool, again: bool, yes: bool, in_json: bool) -> None:
    """Make both sides agree for the first time: says what it would do, asks, does it, and reports what it came to.

    Nothing is written to either company before your yes. Ctrl-C stops it, and asked again it goes on; when it is done, it
    shows its report; `--again` then reads everything anew. Example: wizqbo first-sync acme --dry-run
    """
    session.catch_up()
    name = session.connection(connection)
    session.engine_for(FOR_CALLS)
    done = None if again else _last_report(session, name)
    if done is not None and not dry_run:
        return _say_report(session, name, done, in_json)
    if not dry_run:
        session.who()
        if in_json and not yes and not _gate(session, name).accepted:
            raise Sorry("Nobody can be asked with --json: look with --dry-run first, then say --yes too.")
    if again and not dry_run and _gate(session, name).accepted:
        if not yes:
            click.confirm("Read both sides whole once more? What differs is written as decided.", abort=True)
        session.engine.schedule.again(name)
    _read(session, name)
    session.catch_up()
    fates = list(session.engine.first_sync.fates(name))
    goods = session.engine.first_sync.goods(name)
    plan = {**Counter(fate.what for fate in fates), **({GOODS: goods.products} if goods.products else {})}
    if dry_run and in_json:
        products = {"products": goods.products, "calls": goods.calls, "seconds": goods.seconds}
        return say_json({"connection": name, "plan": plan, "customers": _customers(session, fates), "goods": products})
    if not in_json:
        _say_plan(session, fates)
        _say_goods(goods)
    if dry_run:
        return None
    if not _gate(session, name).accepted:
        if not yes:
            click.confirm(f"Do it, as {session.who()}? Both companies are written to from then on.", abort=True)
        warn(session.engine.decisions.accept_first_sync(name, plan, session.who()))
    _work(session, name)
    session.engine.first_sync.report(name)
    reported = _last_report(session, name)
    assert reported is not None
    _say_report(session, name, reported, in_json)


# ---- reading and working -------------------------------------------------------------------------------------------------


def _read(session: Session, connection: str) -> None:
    """Both sides are read and matched whole, as far as they are not."""
    told = ""

    def left() -> int:
        nonlocal told
        reading = session.engine.first_sync.reading(connection)
        if reading:
            so_far = session.engine.first_sync.read_so_far(connection)
            problem = _reading_problem(session, connection, reading)
            now = f"still to be read: {', '.join(reading)}; {so_far:,} records until now{problem}"
            if now != told:
                warn(now)
            told = now
        return len(reading)

    _until_nothing_is_left(session, connection, left, lambda gate: "")


def _reading_problem(session: Session, connection: str, reading: list[str]) -> str:
    """Why one of the pulls did not go through, when it said so last."""
    sql = (
        "SELECT note FROM health WHERE connection = %s AND topic = ANY(%s) AND note <> '' ORDER BY last_at DESC LIMIT 1"
    )
    rows = session.rows(sql, connection, [f"run-finished:{what}" for what in reading])
    return f" (tried again: {clean(rows[0][0])})" if rows else ""


def _work(session: Session, connection: str) -> None:
    """Everything the plan names is done, or is held."""

    progress = Progress(session, f"Writing to {connection}'s two companies")

    def left() -> int:
        working = session.engine.first_sync.working(connection)
        if working:
            progress.show(working, f"under way: {working:,} (`wizqbo pending {connection}` names them)")
        return working

    def in_the_way(gate: Gate) -> str:
        return f"writes are paused ({gate.paused}): wizqbo resume {connection}" if gate.paused else ""

    _until_nothing_is_left(session, connection, left, in_the_way, progress.end)


def _until_nothing_is_left(
    session: Session,
    connection: str,
    left: Callable[[], int],
    in_the_way: Callable[[Gate], str],
    ended: Callable[[], None] = lambda: None,
) -> None:
    """Does the work of the engine until nothing is `left`, and calls `ended`. Raises Sorry when it cannot go on, Exit after
    Ctrl-C."""
    if not left():
        return
    with stop_signals() as stop:
        running = Running(session.engine).start()
        try:
            while left():
                problem = _not_open(_gate(session, connection)) or in_the_way(_gate(session, connection))
                if problem:
                    raise Sorry(f"It cannot go on: {problem}. Then: wizqbo first-sync {connection}")
                if session.clock.wait(stop, LOOK_SECONDS):
                    break
        finally:
            running.stop()
            ended()
        if stop.is_set():
            warn(f"Stopped. `wizqbo first-sync {connection}` goes on where it stopped.")
            raise click.exceptions.Exit(INTERRUPTED)


def _not_open(gate: Gate) -> str:
    if gate.quickbooks != "open":
        return f"QuickBooks is not connected: wizqbo connect {gate.connection}"
    if gate.wizcommerce != "open":
        return f"WizCommerce is not connected: wizqbo connect {gate.connection} --new-token"
    return ""


def _gate(session: Session, connection: str) -> Gate:
    gate = session.engine.around.gate(connection)
    if gate is None:
        raise NotPossible(f"There is no connection {connection!r}.")
    return gate


# ---- the plan ------------------------------------------------------------------------------------------------------------


def _customers(session: Session, fates: list[Fate]) -> list[dict[str, Any]]:
    numbers = Numbers(session)
    return [
        {
            "id": fate.stream.partition(":")[2],
            "name": numbers.of(fate.stream),
            "what": fate.what,
            "reason": fate.reason,
            "differences": fate.differences,
        }
        for fate in fates
    ]


def _say_plan(session: Session, fates: list[Fate]) -> None:
    """What will be created and updated where, what is held and left alone and why; those that agree are only counted."""
    kinds = Counter(fate.what for fate in fates)
    for what in sorted(kinds, key=_place):
        click.echo(f"{what}: {kinds[what]}")
        if what == LEFT:
            for reason, number in Counter(fate.reason for fate in fates if fate.what == LEFT).items():
                click.echo(f"    {number}: {clean(reason)}")
        elif what != LINKED:
            _say_customers(session, [fate for fate in fates if fate.what == what])
    if not fates:
        click.echo("Neither side has a customer.")


def _say_goods(goods: GoodsPlan) -> None:
    """How many products are to be put into WizCommerce, and how long that takes at least."""
    if goods.products:
        at_least = timedelta(seconds=goods.seconds)
        click.echo(
            f"{GOODS}: {goods.products:,}, unless something is wrong with one; about {goods.calls:,} calls, as WizCommerce "
            f"takes one record a call: {at_least} (h:mm:ss) or more at the {WIZCOMMERCE.per_second:g} a second that we allow "
            "ourselves. What is on order goes first; the rest of the work goes on beside it."
        )


def _place(what: str) -> tuple[int, str]:
    """What is written first, then what is held, left alone, and agreed."""
    return (HELD, LEFT, LINKED).index(what) + 1 if what in (HELD, LEFT, LINKED) else 0, what


def _say_customers(session: Session, fates: list[Fate]) -> None:
    for row in _customers(session, fates[:MOST_SHOWN]):
        reason = f": {row['reason']}" if row["reason"] else ""
        click.echo(clean(f"    {row['name']} ({row['id']}){reason}"))
    if len(fates) > MOST_SHOWN:
        click.echo(f"    … and {len(fates) - MOST_SHOWN} more (--dry-run --json names all)")


# ---- the report ----------------------------------------------------------------------------------------------------------


def _last_report(session: Session, connection: str) -> Report | None:
    story = session.engine.log.story(connection_stream(connection))
    found = [r for r in story if isinstance(r.event, FirstSyncReported)]
    if not found or not isinstance(found[-1].event, FirstSyncReported):
        return None
    return Report(reported_at=found[-1].recorded_at, said=found[-1].event)


def _say_report(session: Session, connection: str, report: Report, in_json: bool) -> None:
    told = {"connection": connection, "reported_at": report.reported_at, **msgspec.structs.asdict(report.said)}
    if in_json:
        return say_json(told)
    zone = zone_of(_gate(session, connection).facts.time_zone)
    click.echo(f"First sync of {connection}, {both_times(report.reported_at, zone)}")
    for what, number in report.said.counts.items():
        click.echo(f"  {what}: {number}")
    for reason, number in report.said.held.items():
        click.echo(clean(f"  held {number}: {reason}"))
    chosen = ", ".join(f"{name} {value}" for name, value in report.said.settings.items())
    click.echo(clean(f"  choices: {chosen or 'the defaults'} (`wizqbo policy {connection}`)"))
    return None
