"""How a connection treats customers, who won where both sides changed one, and why a customer stands where it stands."""

from typing import Any

import click

from adapters.cli.asking import told
from adapters.cli.finding import RECORD_KINDS, find, in_connection
from adapters.cli.naming import Numbers
from adapters.cli.printing import (
    Listed,
    acts,
    as_json,
    both_times,
    clean,
    say_json,
    say_table,
    short_time,
    warn,
    zone_of,
)
from adapters.cli.session import Session, Sorry, pass_session
from adapters.cli.story_contents import plain
from engine.domain import events as e
from engine.domain.choices import CHOICES, Choices
from engine.domain.customer_policies import NAMED
from engine.domain.fields import CALLED
from engine.domain.product import is_category
from engine.domain.values import connection_of, connection_stream
from engine.ports import GatewayError
from engine.surroundings import Gate

TOLD_OF = click.Choice(["customer", "product"])
"""Kinds of records that a person is told something about."""

# ---- choices -------------------------------------------------------------------------------------------------------------


@click.command("policy")
@click.argument("connection")
@as_json
@pass_session
def policy(session: Session, connection: str, in_json: bool) -> None:
    """Show all that can be chosen for a connection: what holds, the default or who chose it when, and what it does.

    With WizCommerce connected also the sales reps and price lists there are. Example: wizqbo policy acme
    """
    session.catch_up()
    name = session.connection(connection)
    gate = session.engine.around.gate(name)
    rows = _choices(session, name, gate)
    reps, lists, problem = _to_choose_from(session, name, gate)
    if in_json:
        told_of = {"connection": name, "choices": rows, "sales_reps": reps, "price_lists": lists, "problem": problem}
        return say_json(told_of)
    say_table(
        ("choice", "value", "chosen", "what it does"),
        [(row["name"], row["value"] or "-", _chosen(row), row["about"] + _words(row["words"])) for row in rows],
    )
    for what, found in (("sales reps", reps), ("price lists", lists)):
        click.echo(f"\n{what} of WizCommerce:" if found else f"\nNo {what} of WizCommerce are known.")
        for one in found:
            click.echo(f"  {one['id']}  {clean(one['name'])}{'' if one['active'] else ' (inactive)'}")
    if problem:
        click.echo(clean(problem))
    click.echo(f"\nTo choose: wizqbo --as NAME set {name} CHOICE VALUE; '' takes the default again.")


def _choices(session: Session, connection: str, gate: Gate | None) -> list[dict[str, Any]]:
    """Every choice: what holds, and by whom it was chosen, when."""
    story = session.engine.log.story(connection_stream(connection))
    last = {r.event.name: r for r in story if isinstance(r.event, e.SettingChosen)}
    choices = gate.choices if gate else Choices()
    rows = []
    for name, choice in CHOICES.items():
        said = last.get(name) if choices.said.get(name) else None
        rows.append(
            {
                "name": name,
                "value": choices.of(name),
                "default": choice.default,
                "chosen_by": said.who if said else "",
                "chosen_at": said.recorded_at if said else None,
                "words": list(choice.words),
                "about": choice.about,
            }
        )
    return rows


def _chosen(row: dict[str, Any]) -> str:
    return f"by {row['chosen_by']}, {short_time(row['chosen_at'])}" if row["chosen_by"] else "default"


def _words(words: list[str]) -> str:
    return f" ({' or '.join(words)})" if words else ""


def _to_choose_from(
    session: Session, connection: str, gate: Gate | None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], str]:
    """WizCommerce's sales reps and price lists; a sentence when it cannot be asked."""
    if gate is None or gate.wizcommerce != "open":
        return [], [], "WizCommerce is not connected: its sales reps and price lists cannot be listed."
    if not session.settings.wizcommerce_api_url:
        return [], [], "WIZQBO_WIZCOMMERCE_API_URL is not set: WizCommerce cannot be asked for reps and price lists."
    commerce = session.engine.commerce
    try:
        reps, lists = commerce.sales_reps(connection), commerce.price_lists(connection)
    except GatewayError as problem:
        return [], [], f"WizCommerce could not be asked for its sales reps and price lists: {problem.sentence}"
    listed = [[dict(zip(("id", "name", "active"), one, strict=True)) for one in found] for found in (reps, lists)]
    return listed[0], listed[1], ""


@click.command("set")
@click.argument("connection")
@click.argument("name")
@click.argument("value")
@click.option("--product", default="", metavar="SKU", help="Of zero-stock: for this product only.")
@acts
@as_json
@pass_session
def set_choice(session: Session, connection: str, name: str, value: str, product: str, in_json: bool) -> None:
    """Choose how a connection treats something; '' takes the default again. `wizqbo policy` shows what there is.

    Examples: wizqbo --as admin set acme owner-phone quickbooks
    · wizqbo --as admin set acme zero-stock back-order --product VASE-01
    """
    where = session.connection(connection)
    choice, chosen = name.strip(), clean(value).strip()
    if product:
        _set_for_product(session, where, choice, chosen, product, in_json)
    else:
        said = session.engine.decisions.choose_setting(where, choice, chosen, session.who())
        told_of_it = {"connection": where, "name": name, "value": value, "state": said}
        say_json(told_of_it) if in_json else click.echo(clean(said))
    if (choice, chosen) == ("zero-stock", "hide"):
        warn(HIDING)


HIDING = (
    "What is hidden is inactive in WizCommerce, and WizCommerce may not let us show it again by its interface: "
    "then a person must make it active there, and `wizqbo pending` says so."
)
"""Source: WizCommerce reference, A-29."""


def _set_for_product(session: Session, connection: str, name: str, value: str, sku: str, in_json: bool) -> None:
    if name != "zero-stock":
        raise Sorry(f"Only zero-stock can be chosen for one product; {clean(name)} is chosen for the whole connection.")
    session.catch_up()
    stream = find(session, "product", sku, connection)
    item = session.engine.records.product(stream).item
    if item is not None and is_category(item):
        raise Sorry(f"{clean(sku)} is a category of QuickBooks, and no product: nothing of it is counted.")
    told(session, stream, in_json, lambda one, who: session.engine.decisions.choose_zero_policy(one, value, who))


# ---- conflicts -----------------------------------------------------------------------------------------------------------


@click.group("conflicts", cls=Listed)
def conflicts() -> None:
    """Fields that were changed on both sides: both values, who won, and by which rule.

    `conflicts [CONNECTION]` lists them; `conflicts undo` puts the other value back, on both sides.
    Examples: wizqbo conflicts acme · wizqbo --as admin conflicts undo "Bloom & Co" 12
    """


@conflicts.command("list")
@click.argument("connection", required=False)
@as_json
@pass_session
def conflicts_list(session: Session, connection: str | None, in_json: bool) -> None:
    """List the conflicts, newest last. Example: wizqbo conflicts acme"""
    session.catch_up()
    names = [session.connection(connection)] if connection else session.connections()
    sql = (
        "SELECT stream FROM audit_trail WHERE connection = ANY(%s) AND event = 'conflict-settled' "
        "GROUP BY stream ORDER BY min(position)"
    )
    rows = [row for (stream,) in session.rows(sql, names) for row in _conflicts(session, stream)]
    rows.sort(key=lambda row: row["settled_at"])
    if in_json:
        return say_json(rows)
    for row in rows:
        _say_conflict(session, row)
    click.echo("Then: wizqbo conflicts undo ID NUMBER." if rows else "Nothing was changed on both sides.")


def _conflicts(session: Session, stream: str) -> list[dict[str, Any]]:
    story = session.engine.log.story(stream)
    undone = {r.event.settled: r for r in story if isinstance(r.event, e.ConflictUndone)}
    name = Numbers(session).of(stream)
    rows = []
    for recorded in story:
        event = recorded.event
        if not isinstance(event, e.ConflictSettled):
            continue
        back = undone.get(recorded.version)
        rows.append(
            {
                "connection": connection_of(stream),
                "id": stream.partition(":")[2],
                "number": recorded.version,
                "name": name,
                "field": CALLED[event.field],
                "base": str(event.base),
                "quickbooks": str(event.quickbooks),
                "wizcommerce": str(event.wizcommerce),
                "winner": event.winner,
                "rule": event.rule,
                "settled_at": recorded.recorded_at,
                "undone_by": back.who if back else "",
                "undone_at": back.recorded_at if back else None,
            }
        )
    return rows


def _say_conflict(session: Session, row: dict[str, Any]) -> None:
    at = both_times(row["settled_at"], _zone(session, row["connection"]))
    click.echo(f"{row['connection']}  {clean(row['name'])}, {row['field']}  ({row['id']} {row['number']})  {at}")
    before = f"before {plain(row['base'])}; " if row["base"] else ""
    click.echo(clean(f"    {before}QuickBooks {plain(row['quickbooks'])}, WizCommerce {plain(row['wizcommerce'])}"))
    back = f"; undone by {row['undone_by']}" if row["undone_by"] else ""
    click.echo(clean(f"    {NAMED[row['winner']]} won: {row['rule']}{back}"))


@conflicts.command("undo")
@click.argument("ident", metavar="ID")
@click.argument("number", type=int)
@in_connection
@acts
@as_json
@pass_session
def conflicts_undo(session: Session, ident: str, number: int, connection: str | None, in_json: bool) -> None:
    """Put the value that lost back, on both sides, as a new change. Example: wizqbo --as admin conflicts undo "Bloom & Co" 12"""
    session.catch_up()
    stream = find(session, "customer", ident, connection)
    told(session, stream, in_json, lambda one, who: session.engine.decisions.undo(one, number, who))


# ---- one customer --------------------------------------------------------------------------------------------------------


@click.command("dismiss")
@click.argument("kind", type=RECORD_KINDS)
@click.argument("ident", metavar="ID")
@click.argument("topic", required=False, default="")
@in_connection
@acts
@as_json
@pass_session
def dismiss(session: Session, kind: str, ident: str, topic: str, connection: str | None, in_json: bool) -> None:
    """Say that you have looked at what a record is listed for, and let it stand; without TOPIC all of it.

    `wizqbo why` names the topics of customers and products; an order that money went back of has `money-back`: what was paid
    since is sent after that. Example: wizqbo --as admin dismiss customer "Bloom & Co" email
    """
    session.catch_up()
    stream = find(session, kind, ident, connection)
    told(session, stream, in_json, lambda one, who: session.engine.decisions.dismiss(one, topic.strip(), who))


def _zone(session: Session, connection: str) -> Any:
    gate = session.engine.around.gate(connection)
    return zone_of(gate.facts.time_zone if gate else "")
