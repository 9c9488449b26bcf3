"""Connections: begin one, say from when orders go, pause and resume, end the consent, and how each one is."""

import sys
from datetime import datetime
from typing import Any

import click

from adapters.cli.printing import acts, as_json, clean, moment, say_json, say_table, short_time, warn, zone_of
from adapters.cli.session import Session, Sorry, checked_name, pass_session
from engine.domain.connection import Connection
from engine.domain.order import Order
from engine.settings import FOR_CALLS, Settings
from engine.surroundings import Gate

MOST_COUNTED = 2000
"""Orders looked at to say how many of them a start lets go."""

ACCESS = {"new": "not connected yet", "open": "connected", "ended": "consent ended"}
TENANT = {"new": "not known yet", "open": "known", "ended": "token no longer accepted"}


def state_of(gate: Gate, now: Connection) -> str:
    """How a connection is, in plain words."""
    if gate.quickbooks != "open":
        why = f": {now.ended_because}" if gate.quickbooks == "ended" and now.ended_because else ""
        return f"QuickBooks: {ACCESS[gate.quickbooks]}{why}"
    if gate.wizcommerce != "open":
        return f"WizCommerce: {TENANT[gate.wizcommerce]}"
    if gate.paused:
        return f"paused: {gate.paused}"
    if not gate.accepted:
        return "connected; nothing is written before the first sync is accepted (`wizqbo first-sync`)"
    return "connected" if gate.push_from else "connected; nobody has said yet from when orders go (`wizqbo start`)"


# ---- begin -------------------------------------------------------------------------------------------------------------


@click.command("connect")
@click.argument("connection")
@click.option("--new-token", is_flag=True, help="Ask for the WizCommerce token even if there is one that works.")
@acts
@as_json
@pass_session
def connect(session: Session, connection: str, new_token: bool, in_json: bool) -> None:
    """Begin a connection, or connect it again.

    Takes the WizCommerce token (or e-mail and password) from the settings, or asks for it unseen, then prints a link
    for an administrator of the QuickBooks company. Example: wizqbo --as "admin" connect acme
    """
    name, who = checked_name(connection), session.who()
    engine = session.engine_for(FOR_CALLS)
    gate = engine.around.gate(name)
    joined = gate is not None and gate.wizcommerce == "open"
    if new_token or not joined or _has_secret(session.settings):
        token, email, password = _wizcommerce_secret(session.settings)
        engine.connecting.join_tenant(name, who, token=token, email=email, password=password)
    link = engine.connecting.make_link(name, who)
    address = session.settings.address
    hooks = {
        "wizcommerce": f"{address}/webhooks/wizcommerce/{name}",
        "quickbooks": f"{address}/webhooks/quickbooks",
    }
    if in_json:
        callback = session.settings.callback_url
        return say_json({"connection": name, "link": link, "valid_days": 7, "callback": callback, "webhooks": hooks})
    click.echo(f"WizCommerce is connected to {name}.")
    click.echo(f"\n    {link}\n")
    click.echo("Send this link to an administrator of the QuickBooks company, or open it yourself if you are one.")
    click.echo("It is valid for 7 days, and works while `wizqbo run` (or `serve`) is running.")
    click.echo(f"Webhooks: WizCommerce to {hooks['wizcommerce']}, Intuit's app to {hooks['quickbooks']}.")
    if gate is None or not gate.accepted:
        click.echo(
            f"Afterwards see who is who and what would be written: wizqbo match {name}, wizqbo first-sync {name}"
        )
    if gate is None or gate.push_from is None:
        click.echo(f"Then say from when orders go: wizqbo start {name} --from 2026-11-01")


def _has_secret(settings: Settings) -> bool:
    return bool(settings.wizcommerce_token or (settings.wizcommerce_email and settings.wizcommerce_password))


def _wizcommerce_secret(settings: Settings) -> tuple[str, str, str]:
    """(token, e-mail, password): from the settings, else asked for unseen. Raises Sorry when nobody can be asked."""
    if settings.wizcommerce_token:
        return settings.wizcommerce_token, "", ""
    if settings.wizcommerce_email and settings.wizcommerce_password:
        return "", settings.wizcommerce_email, settings.wizcommerce_password
    if not sys.stdin.isatty():
        raise Sorry(
            "WizCommerce's token is missing: set WIZQBO_WIZCOMMERCE_TOKEN, or WIZQBO_WIZCOMMERCE_EMAIL and "
            "WIZQBO_WIZCOMMERCE_PASSWORD, or run this in a terminal."
        )
    token = click.prompt("WizCommerce token (empty: by e-mail)", default="", hide_input=True, show_default=False)
    if token:
        return str(token), "", ""
    email = settings.wizcommerce_email or click.prompt("E-mail of the WizCommerce user")
    return "", str(email), str(click.prompt("Password", hide_input=True))


@click.command("start")
@click.argument("connection")
@click.option("--from", "since", required=True, metavar="DATE", help="2026-11-01, or 2026-11-01T09:30.")
@acts
@as_json
@pass_session
def start(session: Session, connection: str, since: str, in_json: bool) -> None:
    """Say from when orders are pushed. Nothing is pushed before that is said; older orders are the baseline.

    A date means midnight where the company is. Example: wizqbo --as admin start acme --from 2026-11-01
    """
    name = session.connection(connection)
    gate = session.engine.around.gate(name)
    push_from = moment(since, zone_of(gate.facts.time_zone if gate else ""))
    let_go = _would_go(session, name, push_from.timestamp())
    said = session.engine.people.start(name, push_from, session.who())
    if in_json:
        return say_json({"connection": name, "push_from": push_from, "recorded_orders_that_go": let_go})
    click.echo(said)
    if let_go:
        click.echo(f"{let_go} recorded order{'s' if let_go > 1 else ''} made since then will go now.")
    if gate is not None and not gate.facts.time_zone:
        click.echo("The company names no time zone, so the date was read as UTC.")


def _would_go(session: Session, connection: str, since: float) -> int:
    """How many recorded, confirmed orders, or invoices made in QuickBooks, waited only for this start (of the first 2000)."""
    sql = "SELECT DISTINCT stream FROM react_waiting WHERE key = %s LIMIT %s"
    with session.engine.pool.connection() as c:
        streams = [row[0] for row in c.execute(sql, (f"start:{connection}", MOST_COUNTED))]
    made = [_made_at(session.engine.records.order(stream)) for stream in streams]
    return sum(1 for at in made if at is not None and at.timestamp() >= since)


def _made_at(order: Order) -> datetime | None:
    """When an order was made, or the invoice that it began as."""
    if order.born is not None and order.invoice is not None:
        return order.invoice.content.created_at
    return order.content.ordered_at if order.content is not None else None


# ---- stop and go on ----------------------------------------------------------------------------------------------------


@click.command("pause")
@click.argument("connection")
@click.option("--because", default="", metavar="TEXT", help="Why, for whoever reads the history.")
@acts
@pass_session
def pause(session: Session, connection: str, because: str) -> None:
    """Let writes wait; reads go on.

    Example: wizqbo --as admin pause acme --because "month end"
    """
    name, who = session.connection(connection), session.who()
    click.echo(session.engine.people.pause(name, clean(because) or f"paused by {who}", who))


@click.command("resume")
@click.argument("connection")
@acts
@pass_session
def resume(session: Session, connection: str) -> None:
    """Let writes go on after a pause.

    Example: wizqbo --as admin resume acme
    """
    click.echo(session.engine.people.resume(session.connection(connection), session.who()))


@click.command("disconnect")
@click.argument("connection")
@click.option("--yes", is_flag=True, help="Do not ask.")
@acts
@pass_session
def disconnect(session: Session, connection: str, yes: bool) -> None:
    """End the consent at QuickBooks and forget its tokens. What is pending waits; the history stays.

    Example: wizqbo --as admin disconnect acme --yes
    """
    name, who = session.connection(connection), session.who()
    engine = session.engine_for(FOR_CALLS)
    gate = engine.around.gate(name)
    if not yes:
        click.confirm(f"End the consent of {gate.company if gate and gate.company else name}?", abort=True)
    click.echo(engine.connecting.disconnect(name, who))


# ---- how they are ------------------------------------------------------------------------------------------------------


@click.command("connections")
@as_json
@pass_session
def connections(session: Session, in_json: bool) -> None:
    """List the connections: company, state, from when orders go, when consent and token end.

    Example: wizqbo connections --json
    """
    rows = [_row(session, gate) for gate in session.engine.around.gates()]
    if in_json:
        return say_json(rows)
    if not rows:
        return warn("There are no connections yet. `wizqbo connect NAME` begins one.")
    heads = ("connection", "company", "WizCommerce", "orders go from", "consent ends", "token ends", "state")
    keys = ("push_from", "consent_ends_at", "token_ends_at")
    say_table(
        heads,
        [
            (
                row["connection"],
                row["company"] or "-",
                row["tenant"],
                *(short_time(row[key]) for key in keys),
                row["state"],
            )
            for row in rows
        ],
    )


def _row(session: Session, gate: Gate) -> dict[str, Any]:
    now = session.engine.records.connection(gate.connection)
    consent, token = session.engine.tokens.expiries(gate.connection)
    return {
        "connection": gate.connection,
        "company": gate.company,
        "quickbooks": gate.quickbooks,
        "wizcommerce": gate.wizcommerce,
        "tenant": TENANT[gate.wizcommerce],
        "state": state_of(gate, now),
        "paused": gate.paused,
        "push_from": gate.push_from,
        "consent_ends_at": consent,
        "token_ends_at": token,
    }
