"""`why`: whether a customer is linked, since when and by which rule, what waits and why, and what each side last showed."""

from datetime import datetime
from typing import Any

import click

from adapters.cli.customers import TOLD_OF
from adapters.cli.finding import find, in_connection
from adapters.cli.goods_reasons import why_product
from adapters.cli.naming import Numbers
from adapters.cli.printing import as_json, both_times, clean, say_json, sentences, zone_of
from adapters.cli.questions import may_be
from adapters.cli.session import Session, pass_session
from adapters.cli.story import whole_story
from adapters.cli.story_commands import DECIDED
from adapters.cli.story_next import next_step, why_on_one_side
from adapters.cli.unsettled import state_words
from adapters.cli.why_rows import notice_rows, waiting_row
from engine.domain import events as e
from engine.domain.commands import Command
from engine.domain.customer import OTHER, Customer
from engine.domain.customer_policies import NAMED
from engine.domain.events import Recorded
from engine.domain.values import System, connection_of


@click.command("why")
@click.argument("kind", type=TOLD_OF)
@click.argument("ident", metavar="ID")
@in_connection
@as_json
@pass_session
def why(session: Session, kind: str, ident: str, connection: str | None, in_json: bool) -> None:
    """Why a customer or product stands where it stands: linked or shown or not, by which rule, what waits, what each side showed.

    Examples: wizqbo why customer "Bloom & Co" · wizqbo why product VASE-01
    """
    if kind == "product":
        return why_product(session, ident, connection, in_json)
    session.catch_up()
    stream = find(session, kind, ident, connection)
    customer = session.engine.records.customer(stream)
    told = {
        "stream": stream,
        "name": Numbers(session).of(stream),
        "linked": len(customer.links) == len(OTHER),
        "links": _links(customer, whole_story(session, stream)),
        "not_linked_because": _not_linked(session, customer),
        "waiting": [waiting_row(command, "customer", stream.partition(":")[2]) for command in _waiting(customer)],
        "seen": _seen(session, customer),
        "notices": notice_rows(session, customer, "customer", stream.partition(":")[2]),
        "next": next_step(session, stream),
    }
    if in_json:
        return say_json(told)
    _say(session, told)


def _links(customer: Customer, story: list[Recorded]) -> list[dict[str, Any]]:
    """Each side's record: since when it is this one's, how that was found out, and by whose doing."""
    rows = []
    for system in OTHER:
        remote_id = customer.links.get(system)
        if remote_id is None:
            continue
        linked = [r for r in story if _is_link(r, system, remote_id)]
        first = [r for r in story if isinstance(r.event, e.CustomerObserved) and r.event.system == system]
        found = linked[-1] if linked else next(iter(first), None)
        how = found.event.how if found is not None and isinstance(found.event, e.RecordLinked) else "first seen there"
        rows.append(
            {
                "system": system,
                "id": remote_id,
                "since": found.recorded_at if found is not None else None,
                "how": how,
                "who": found.who if found is not None else "",
            }
        )
    return rows


def _is_link(recorded: Recorded, system: System, remote_id: str) -> bool:
    event = recorded.event
    return isinstance(event, e.RecordLinked) and (event.system, event.remote_id) == (system, remote_id)


def _not_linked(session: Session, customer: Customer) -> str:
    if len(customer.links) == len(OTHER):
        return ""
    if customer.decision == "waiting":
        return f"a person says who it is: it {may_be(customer)}"
    refused = [command for command in _waiting(customer) if command.status == "refused"]
    if refused:
        return f"{state_words('refused', refused[-1].target)}: {refused[-1].reason}"
    if any(command.unfinished for command in customer.commands.values()):
        return "it is on its way"
    gate = session.engine.around.gate(connection_of(customer.stream))
    if gate is None or not gate.accepted:
        return "the first sync is not accepted yet"
    return why_on_one_side(session, customer)


def _waiting(customer: Customer) -> list[Command]:
    """What is on its way, and what was refused last."""
    last = {command.target: command for command in sorted(customer.commands.values(), key=lambda c: c.issued_at)}
    refused = [command for command in last.values() if command.status == "refused"]
    return [*refused, *(command for command in customer.commands.values() if command.unfinished)]


def _seen(session: Session, customer: Customer) -> list[dict[str, Any]]:
    """What each side last showed: when it was recorded, at which revision of theirs."""
    sql = (
        "SELECT system, remote_id, revision, seen_at, moved_to FROM claims WHERE stream = %s AND kind = 'customer' "
        "ORDER BY system, seen_at"
    )
    return [
        {
            "system": system,
            "id": remote_id,
            "revision": revision,
            "at": at,
            "merged_into": moved_to,
            "state": _state(customer, system, remote_id),
        }
        for system, remote_id, revision, at, moved_to in session.rows(sql, customer.stream)
    ]


def _state(customer: Customer, system: System, remote_id: str) -> str:
    if customer.links.get(system) != remote_id:
        return "former"
    content = customer.shown_by(system)
    if system in customer.gone:
        return "gone"
    return "active" if content is not None and content.active else "inactive"


def _say(session: Session, told: dict[str, Any]) -> None:
    gate = session.engine.around.gate(connection_of(told["stream"]))
    zone = zone_of(gate.facts.time_zone if gate else "")

    def when(at: datetime | None) -> str:
        return both_times(at, zone) if at else "an unknown time"

    click.echo(clean(f"Customer {told['name']} ({told['stream']})"))
    click.echo("linked" if told["linked"] else clean(f"not linked: {told['not_linked_because']}"))
    for link in told["links"]:
        who = f", by {link['who']}" if link["who"] not in ("system", "schedule", "") else ""
        since = f"since {when(link['since'])}: {link['how']}{who}"
        click.echo(clean(f"  {NAMED[link['system']]} customer {link['id']} {since}"))
    for one in told["waiting"]:
        words = sentences(one["reason"], one["next_step"])
        what = DECIDED[one["verb"]].format(NAMED[one["system"]])
        click.echo(clean(f"  {one['state']}: {what}, since {when(one['since'])}: {words}"))
    for one in told["seen"]:
        merged = f", merged into {one['merged_into']}" if one["merged_into"] else ""
        seen = f"{when(one['at'])}, revision {one['revision'] or '(none)'}, {one['state']}{merged}"
        click.echo(clean(f"  {NAMED[one['system']]} last showed customer {one['id']} at {seen}"))
    for one in told["notices"]:
        click.echo(clean(f"  needs you ({one['topic']}): {sentences(one['sentence'], one['next_step'])}"))
    click.echo(clean(f"Next: {told['next']}"))
