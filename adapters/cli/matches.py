"""`match`: who is who on the two sides, how the rest were linked, and the pairs about which a person decides."""

from collections import Counter
from typing import Any

import click

from adapters.cli.asking import told
from adapters.cli.finding import find, in_connection
from adapters.cli.naming import Numbers
from adapters.cli.printing import Listed, acts, as_json, clean, say_json
from adapters.cli.questions import home_of, open_questions
from adapters.cli.session import Session, pass_session
from adapters.cli.story_contents import plain
from engine.domain.customer import OTHER, Customer
from engine.domain.customer_policies import NAMED
from engine.domain.events import Candidate
from engine.domain.fields import CALLED, SHARED, Lists, normal, shown
from engine.domain.values import CustomerContent, System, connection_of

CERTAIN = "one of the two names the other"
STRONG = "same name"
BY_HAND = ("chosen by", "taken as it is by")
OURS = "created by us"
MERGED = "QuickBooks merged"


@click.group("match", cls=Listed)
def match() -> None:
    """Who is who on the two sides, and the customers about whom a person must say it.

    `match [CONNECTION]` counts, and lists what waits with the reasons and the differences; `match accept` agrees with what
    is proposed; `match choose` says which one it is; `match reject` says none, and it is created.
    Examples: wizqbo match acme · wizqbo --as admin match choose "Bloom & Co" 58
    """


@match.command("list")
@click.argument("connection", required=False)
@click.option("--all", "everything", is_flag=True, help="Also those that were linked by themselves, and by what.")
@as_json
@pass_session
def match_list(session: Session, connection: str | None, everything: bool, in_json: bool) -> None:
    """Count who is linked and who is not, and list the open questions with their candidates. Example: wizqbo match acme"""
    session.catch_up()
    names = [session.connection(connection)] if connection else session.connections()
    waiting = [_question(session, customer) for customer in open_questions(session, names)]
    linked = [row for name in names for row in _linked(session, name)]
    counted = [_counts(session, name, waiting, linked) for name in names]
    if in_json:
        more = {"linked": linked} if everything else {}
        return say_json({"connections": counted, "waiting": waiting, **more})
    for one in counted:
        _say_counts(one)
    for row in waiting:
        _say_waiting(row)
    for row in linked if everything else []:
        click.echo(f"{row['connection']}  {clean(row['name'])}: {_ids(row)}, {row['kind']} ({clean(row['how'])})")
    click.echo(
        "Then: wizqbo match accept ID, match choose ID OTHER_ID, or match reject ID."
        if waiting
        else "No match waits for a decision."
    )


def _counts(
    session: Session, connection: str, waiting: list[dict[str, Any]], linked: list[dict[str, Any]]
) -> dict[str, Any]:
    """How many customers are linked in which way, wait, and are on one side only."""
    ways = Counter(row["kind"] for row in linked if row["connection"] == connection)
    sql = (
        "SELECT min(system), count(*) FROM (SELECT stream, min(system) AS system FROM claims WHERE connection = %s "
        "AND kind = 'customer' AND moved_to = '' GROUP BY stream HAVING count(DISTINCT system) = 1) alone "
        "WHERE NOT EXISTS (SELECT 1 FROM attention a WHERE a.stream = alone.stream AND a.topic = 'match') GROUP BY system"
    )
    alone = dict(session.rows(sql, connection))
    return {
        "connection": connection,
        "reading": session.engine.first_sync.reading(connection),
        "linked": {
            way: ways[way] for way in ("certain", "strong", "by a person", "made by us", "by a merge", "otherwise")
        },
        "waiting": sum(1 for row in waiting if row["connection"] == connection),
        "only_in": {system: alone.get(system, 0) for system in OTHER},
    }


def _say_counts(told_of: dict[str, Any]) -> None:
    if told_of["reading"]:
        left = ", ".join(told_of["reading"])
        click.echo(f"{told_of['connection']}: both sides are still being read ({left}); `wizqbo run` does that.")
    ways = ", ".join(f"{way} {number}" for way, number in told_of["linked"].items() if number) or "none"
    alone = ", ".join(f"{number} only in {NAMED[system]}" for system, number in told_of["only_in"].items())
    click.echo(f"{told_of['connection']}: linked: {ways}; {told_of['waiting']} wait for a person; {alone}")


def _linked(session: Session, connection: str) -> list[dict[str, Any]]:
    """Every customer that both sides have, and how we found out."""
    sql = (
        "SELECT c.stream, (array_agg(m.how ORDER BY m.linked_at DESC) FILTER (WHERE m.how <> 'first seen'))[1], "
        "jsonb_object_agg(c.system, c.remote_id) FROM claims c LEFT JOIN mapping m USING (connection, system, kind, remote_id) "
        "WHERE c.connection = %s AND c.kind = 'customer' AND c.moved_to = '' GROUP BY c.stream "
        "HAVING count(DISTINCT c.system) = 2 ORDER BY c.stream"
    )
    numbers = Numbers(session)
    return [
        {
            "connection": connection,
            "id": stream.partition(":")[2],
            "stream": stream,
            "name": numbers.of(stream),
            "ids": ids,
            "how": how or "",
            "kind": _way(how or ""),
        }
        for stream, how, ids in session.rows(sql, connection)
    ]


def _way(how: str) -> str:
    if how == CERTAIN:
        return "certain"
    if how.startswith(BY_HAND):
        return "by a person"
    if how.startswith(OURS):
        return "made by us"
    if how.startswith(MERGED):
        return "by a merge"
    return "strong" if how.startswith(STRONG) else "otherwise"


def _ids(row: dict[str, Any]) -> str:
    return ", ".join(f"{NAMED[system]} {row['ids'][system]}" for system in OTHER)


# ---- what waits ----------------------------------------------------------------------------------------------------------


def _question(session: Session, customer: Customer) -> dict[str, Any]:
    home, stream = home_of(customer), customer.stream
    connection = connection_of(stream)
    lists = session.engine.around.customer_around(connection).lists
    return {
        "connection": connection,
        "id": stream.partition(":")[2],
        "stream": stream,
        "name": Numbers(session).of(stream),
        "system": home,
        "remote_id": customer.links.get(home, ""),
        "candidates": [_candidate(session, customer, home, one, lists) for one in customer.proposed],
    }


def _candidate(
    session: Session, customer: Customer, home: System, candidate: Candidate, lists: Lists
) -> dict[str, Any]:
    there = OTHER[home]
    stream = session.engine.around.stream_of(connection_of(customer.stream), there, "customer", candidate.remote_id)
    theirs = session.engine.records.customer(stream).shown_by(there) if stream else None
    ours = customer.shown_by(home)
    return {
        "id": candidate.remote_id,
        "system": there,
        "name": str(theirs.display_name) if theirs is not None else "",
        "strength": candidate.strength,
        "because": candidate.because,
        "differences": differences(home, ours, theirs, lists) if ours is not None and theirs is not None else [],
    }


def differences(
    home: System, ours: CustomerContent, theirs: CustomerContent, lists: Lists
) -> list[dict[str, str]]:  # fmt: skip
    """Field by field what the two do not have in common, as each side shows it."""
    found = []
    for field in SHARED:
        here, there = shown(ours, field, home, lists), shown(theirs, field, OTHER[home], lists)
        if normal(field, here, lists) != normal(field, there, lists):
            found.append({"field": CALLED[field], home: here, OTHER[home]: there})
    if str(ours.email).casefold() != str(theirs.email).casefold():
        found.append({"field": "e-mail", home: str(ours.email), OTHER[home]: str(theirs.email)})
    return found


def _say_waiting(row: dict[str, Any]) -> None:
    place = f"{NAMED[row['system']]} customer {row['remote_id']}"
    click.echo(f"{row['connection']}  {clean(row['name'])}, {place}  ({row['id']})")
    for one in row["candidates"]:
        click.echo(f"    {NAMED[one['system']]} customer {one['id']} {clean(one['name'])}: {one['because']}")
        for differs in one["differences"]:
            sides = ", ".join(f"{NAMED[s]} {clean(plain(differs[s]))}" for s in OTHER)
            click.echo(f"        {differs['field']}: {sides}")


# ---- a person decides ----------------------------------------------------------------------------------------------------


@match.command("accept")
@click.argument("ident", metavar="ID")
@in_connection
@acts
@as_json
@pass_session
def match_accept(session: Session, ident: str, connection: str | None, in_json: bool) -> None:
    """Agree with the one match that is proposed. Example: wizqbo --as admin match accept "Bloom & Co" """
    session.catch_up()
    told(session, _asked_about(session, ident, connection), in_json, session.engine.decisions.accept_match)


@match.command("choose")
@click.argument("ident", metavar="ID")
@click.argument("other_id", metavar="OTHER_ID")
@in_connection
@acts
@as_json
@pass_session
def match_choose(session: Session, ident: str, other_id: str, connection: str | None, in_json: bool) -> None:
    """Say which customer of the other side it is, by its id there; also of a customer that QuickBooks merged into another.

    Example: wizqbo --as admin match choose "Bloom & Co" 58
    """
    session.catch_up()
    told(session, _asked_about(session, ident, connection), in_json, session.engine.decisions.choose, other_id.strip())


@match.command("reject")
@click.argument("ident", metavar="ID")
@in_connection
@acts
@as_json
@pass_session
def match_reject(session: Session, ident: str, connection: str | None, in_json: bool) -> None:
    """Say that none of them is it: it is created. Example: wizqbo --as admin match reject "Bloom & Co" """
    session.catch_up()
    told(session, _asked_about(session, ident, connection), in_json, session.engine.decisions.reject)


def _asked_about(session: Session, ident: str, connection: str | None) -> str:
    """The customer with an open question that `ident` names: by name it may well have namesakes without one, or one that is
    its own counterpart on the other side; then WizCommerce's is meant."""
    names = [session.connection(connection)] if connection else session.connections()
    numbers = Numbers(session)
    wanted = ident.strip().casefold()
    asked = [customer.stream for customer in open_questions(session, names)]
    named = [stream for stream in asked if numbers.of(stream).casefold() == wanted]
    return named[0] if len(named) == 1 else find(session, "customer", ident, connection)
