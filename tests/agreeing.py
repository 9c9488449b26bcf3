"""Whether both sides agree on their customers, from the stand-ins' own state, and what of it the model foretold.

`python -m tests.agreeing 0-59` runs the property under many seeds, each in a world of its own; `python -m tests.agreeing 7`
one of them, and when it fails, again with ever fewer steps, until the fewest that fail in the same way are left. It needs
nothing but PostgreSQL, as the tests do.
"""

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from adapters.quickbooks.translate import remote_from
from adapters.wizcommerce.translate import customer_from_body
from engine.domain.customer import Customer
from engine.domain.fields import CALLED, SHARED, Lists, digits, e164, free_form, loose, normal, shown
from engine.domain.values import CustomerContent, CustomerField, folded
from tests.customers_at_random import People, Step, business, plan
from tests.world import CONNECTION, World

SETTLED_SECONDS = (1_000, 1_000, 4_000, 1_000)
"""Beyond the slowest poll each, and the longest wait after a failed write once."""


class Pair(NamedTuple):
    """A linked customer: as the log has it, and as each side holds it now."""

    customer: Customer
    quickbooks: CustomerContent
    wizcommerce: CustomerContent


def run(world: World, steps: Sequence[Step]) -> list[str]:
    """Does the steps, lets everything settle, and tells where the two sides do not agree as foretold."""
    people = People(world)
    for step in steps:
        people.do(step)
    settle(world)
    problems = [*disagreements(people), *doubles(people), *unlinked(people), *changed_assignments(people)]
    before = writes(world)
    echo(world)
    if (more := writes(world)) != before:
        problems.append(f"written again with nothing changed: {dict(more - before)}")
    parked = world.rows("SELECT step, stream FROM parked")
    return [*problems, *(f"parked: {one}" for one in parked)]


def settle(world: World) -> None:
    """Every signal is sent again, no fault is left, and all that was put off falls due."""
    world.quickbooks.set_switches(webhooks_on=True, webhook_delay_seconds=0, webhook_duplicates=0)
    world.wizcommerce.switch(webhooks=True, webhook_delay_seconds=0.0, webhook_duplicates=False)
    world.quickbooks.faults.clear()
    world.wizcommerce.do(world.wizcommerce.standin.faults.clear)
    for seconds in SETTLED_SECONDS:
        world.move(seconds)
        world.settle()


def echo(world: World) -> None:
    """All webhooks come once more, and thousand seconds pass twice."""
    for outbox in (world.quickbooks.outbox, world.wizcommerce.standin.outbox):
        for one in list(outbox.delivered):
            one.attempts, one.due_at = 0, world.their_clock.now()
            outbox.waiting.append(one)
    for _ in range(2):
        world.settle()
        world.move(1_000)
    world.settle()


def writes(world: World) -> Counter[str]:
    """Calls that change a customer, by what they are."""
    calls = [*world.quickbooks.calls.all(), *world.wizcommerce.standin.calls.all()]
    return Counter(
        f"{one.method} {one.operation or one.path}"
        for one in calls
        if one.operation.startswith(("create", "update"))
        or (one.method in ("POST", "PATCH") and "customers" in one.path)
    )


# ---- agreement ---------------------------------------------------------------------------------------------------------------


def pairs(people: People) -> Iterator[Pair]:
    """The linked customers whose records are both there, those left out that were merged away."""
    there, here = {one["Id"]: one for one in people.there()}, {one["id"]: one for one in people.here()}
    for stream, theirs, ours in links(people.world):
        customer = people.world.engine.records.customer(stream)
        if theirs in there and ours in here and not customer.merged_there:
            q = remote_from("customer", msgspec.json.encode(there[theirs])).content
            w = customer_from_body(ours, msgspec.json.encode({"data": here[ours]})).content
            assert isinstance(q, CustomerContent) and isinstance(w, CustomerContent)
            yield Pair(customer, q, w)


def links(world: World) -> list[tuple[str, str, str]]:
    """(stream, QuickBooks' id, WizCommerce's id) of each linked customer. Raises AssertionError when one is linked twice."""
    sql = (
        "SELECT stream, there.remote_id, here.remote_id FROM claims there JOIN claims here USING (connection, kind, stream) "
        "WHERE connection = %s AND kind = 'customer' AND there.system = 'quickbooks' AND here.system = 'wizcommerce' "
        "AND there.moved_to = '' AND here.moved_to = ''"
    )
    found = [(str(stream), str(q), str(w)) for stream, q, w in world.rows(sql, CONNECTION)]
    for place in (1, 2):
        ids = [one[place] for one in found]
        assert len(ids) == len(set(ids)), f"a record is linked twice: {found}"
    return found


def disagreements(people: People) -> Iterator[str]:
    """Mapped fields in which two linked records differ though the model does not say why, or of which nobody is told."""
    lists = people.world.engine.around.customer_around(CONNECTION).lists
    for pair in pairs(people):
        told = {topic.rpartition(":")[2] for topic in pair.customer.attention}
        waits = [c.reason for c in pair.customer.commands.values() if c.status in ("held", "refused", "disputed")]
        for field in SHARED:
            q, w = (
                shown(pair.quickbooks, field, "quickbooks", lists),
                shown(pair.wizcommerce, field, "wizcommerce", lists),
            )
            same = normal if business_of(pair) not in people.spelled_otherwise else loose
            if same(field, q, lists) == same(field, w, lists):
                continue
            why = foretold(pair, field, lists)
            said = field in told or waits or why == "one side has none"
            if not why or not said:
                yield f"{business_of(pair)}: {CALLED[field]} {q!r} and {w!r}; foretold {why!r}, told {told}, waits {waits}"
        if pair.quickbooks.active != pair.wizcommerce.active and not any("inactive" in one for one in told):
            yield f"{business_of(pair)}: active {pair.quickbooks.active}, {pair.wizcommerce.active}, told {told}"


def business_of(pair: Pair) -> str:
    return business({"email": str(pair.wizcommerce.email)})


def foretold(pair: Pair, field: CustomerField, lists: Lists) -> str:
    """Why two linked records may differ in a field, by what they show alone; '' when they may not."""
    q, w = pair.quickbooks, pair.wizcommerce
    match field:
        case "phone" if digits(q.phone.text or "") == "" or not e164(q.phone.text or "", ""):
            return "WizCommerce takes no such number"
        case "term" if folded(w.payment_term) not in {folded(one) for one in lists.terms.values()}:
            return "QuickBooks has no such term"
        case "customer_type" if folded(shown(w, field, "wizcommerce", lists)) == "florist":
            return "QuickBooks has no such type"
        case "name" if q.parent:
            return "a sub-customer's full name is made in QuickBooks"
        case "billing" | "shipping":
            theirs, ours = getattr(q, field), getattr(w, field)
            if theirs is None or ours is None:
                return "one side has none"
            return "QuickBooks has only lines of text" if free_form(theirs) else ""
        case _:
            return ""


def doubles(people: People) -> Iterator[str]:
    """Businesses with two records on one side: nobody makes one twice by hand there."""
    for side, records in (("QuickBooks", people.there()), ("WizCommerce", people.here())):
        for host, count in Counter(map(business, records)).items():
            if count > 1 and host not in people.made_meanwhile:
                yield f"{host} is {count} times in {side}"


def unlinked(people: People) -> Iterator[str]:
    """Active customers that are not linked though nothing was to stop them, and links between two businesses."""
    there, here = {one["Id"]: one for one in people.there()}, {one["id"]: one for one in people.here()}
    found = links(people.world)
    for _, theirs, ours in found:
        if theirs in there and ours in here:
            one, other = business(there[theirs]), business(here[ours])
            if people.winner(one) != people.winner(other):
                yield f"{one} is linked with {other}"
    linked = {one for link in found for one in link[1:]}
    for side, records in ((there, people.there()), (here, people.here())):
        for one in records:
            name = one.get("Id") or one["id"]
            active = one.get("Active", True) and one.get("status", "active") == "active"
            host = business(one)
            if active and name not in linked and host not in people.another_name and host not in people.merged:
                yield f"{host} is not linked, {'there' if side is there else 'here'}: {where(people.world, name)}"


def where(world: World, remote_id: str) -> list[str]:
    """What the engine says of a record."""
    streams = world.rows("SELECT stream FROM claims WHERE remote_id = %s AND kind = 'customer'", remote_id)
    return [world.engine.people.where(stream) for (stream,) in streams]


def changed_assignments(people: People) -> Iterator[str]:
    """Sales reps and price lists that are not what people, or a create of ours, assigned."""
    default = people.world.engine.around.gate(CONNECTION)
    assert default is not None
    for one in people.here():
        reps = [rep["id"] for rep in one["assigned_sales_reps"]]
        if reps != people.reps.get(one["id"], [default.choices.of("sales-rep")]):
            yield f"{business(one)} has the sales reps {reps}"
        if (one["assigned_price_list"] or {}).get("id") != default.choices.of("price-list"):
            yield f"{business(one)} has another price list"


# ---- by hand -----------------------------------------------------------------------------------------------------------------


def fewest(fails: "Fails", steps: list[Step], said: str) -> list[Step]:
    """Ever fewer of the steps, in ever smaller stretches, as long as they still fail as `said`, whichever customer it is."""
    size = len(steps) // 2
    while size:
        place = 0
        while place < len(steps):
            rest = [one for one in steps[:place] + steps[place + size :]]
            connected = any(one.what == "connects" for one in rest)
            steps, place = (rest, place) if connected and _kind(fails(rest)) == _kind(said) else (steps, place + size)
        size //= 2
    return steps


def _kind(said: str) -> str:
    """What went wrong, without whose and which values."""
    return re.sub(r"\w+-\d+|'[^']*'", "…", said.partition("\n")[0])


class Fails:
    """Runs steps in a new world, and tells what went wrong."""

    def __init__(self, server: str) -> None:
        self._server = server

    def __call__(self, steps: list[Step]) -> str:
        from tests.conftest import free_port, fresh_database

        with fresh_database(self._server) as database, tempfile.TemporaryDirectory() as home:
            world = World(database, Path(home), free_port())
            try:
                return "\n".join(run(world, steps))
            except Exception as error:
                return f"{type(error).__name__}: {error}"
            finally:
                world.close()


def main(asked: str) -> int:
    """`0-59` or `7`; answers with the number of seeds that failed."""
    from tests.conftest import database_server

    first, _, last = asked.partition("-")
    failed = 0
    with database_server() as server:
        fails = Fails(server)
        for seed in range(int(first), int(last or first) + 1):
            said = fails(plan(seed))
            print(seed, said or "agrees", flush=True)
            if said:
                failed += 1
                if not last:
                    steps = fewest(fails, plan(seed), said)
                    print(f"{len(steps)} steps fail: {steps}\n{fails(steps)}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1])))
