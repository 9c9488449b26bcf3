"""`backfill`: orders of the baseline that a person sends after all."""

from collections import Counter
from datetime import datetime
from decimal import Decimal

import click
import msgspec

from adapters.cli.amounts import money, totals_of
from adapters.cli.printing import acts, as_json, clean, moment, say_json, zone_of
from adapters.cli.session import Session, Sorry, pass_session
from adapters.cli.story_contents import count
from adapters.cli.unsettled import withheld
from engine.domain.invoice_from_order import order_total
from engine.domain.order import Order
from engine.people import NotPossible


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """One order of the baseline."""

    stream: str
    number: str
    ordered_at: datetime
    total: Decimal
    currency: str


BACKFILL = 2
"""Priority of what is old: fresh work and the backlog go before it."""


@click.command("backfill")
@click.argument("connection")
@click.option("--from", "since", required=True, metavar="DATE", help="2026-10-01, or 2026-10-01T09:30.")
@click.option("--to", "until", required=True, metavar="DATE", help="A date means to its end.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@acts
@as_json
@pass_session
def backfill(session: Session, connection: str, since: str, until: str, yes: bool, in_json: bool) -> None:
    """Send the orders of the baseline that were made in a stretch of time: says how many and their total, and asks first.

    Dates are the company's own. Example: wizqbo --as admin backfill acme --from 2026-10-01 --to 2026-10-31
    """
    session.catch_up()
    name = session.connection(connection)
    gate = session.engine.around.gate(name)
    zone = zone_of(gate.facts.time_zone if gate else "")
    begins, ends = moment(since, zone), moment(until, zone, end_of_day=True)
    if begins >= ends:
        raise Sorry(f"--to {until} is before --from {since}: give the earlier date first.")
    found = _baseline(session, name, begins, ends)
    totals = totals_of((one.currency, one.total) for one in found)
    if in_json and not yes:
        raise Sorry("Nobody can be asked with --json: look without it first, then say --yes too.")
    if not in_json:
        click.echo(f"Of the baseline, {count(len(found), 'order')} made then; total {money(totals)}.")
    if found and not yes:
        click.confirm(f"Send {'it' if len(found) == 1 else 'them'} to QuickBooks, as {session.who()}?", abort=True)
    became = [(one, _push(session, one)) for one in found]
    if in_json:
        rows = [{**msgspec.structs.asdict(one), "state": said} for one, said in became]
        return say_json({"connection": name, "count": len(found), "totals": totals, "orders": rows})
    for one, said in became:
        click.echo(clean(f"order {one.number}: {said}"))
    states = Counter(said.partition(":")[0] for _, said in became)
    if states:
        click.echo(", ".join(f"{state} {number}" for state, number in states.items()))


def _baseline(session: Session, connection: str, begins: datetime, ends: datetime) -> list[Past]:
    """The orders withheld as baseline that were made in [begins, ends), oldest first."""
    streams = [row.stream for reason, row in withheld(session, [connection]) if reason == "baseline"]
    orders = (session.engine.records.order(stream) for stream in streams)
    found = [past for order in orders if (past := _past(order)) is not None and begins <= past.ordered_at < ends]
    return sorted(found, key=lambda one: one.ordered_at)


def _past(order: Order) -> Past | None:
    content = order.content
    if content is None or order.withheld is None or order.withheld.reason != "baseline":
        return None
    return Past(
        stream=order.stream,
        number=content.number,
        ordered_at=content.ordered_at,
        total=order_total(content),
        currency=content.currency,
    )


def _push(session: Session, past: Past) -> str:
    try:
        return session.engine.people.push(past.stream, session.who(), BACKFILL)
    except NotPossible as problem:
        return f"not sent: {problem}"
