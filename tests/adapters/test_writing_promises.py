"""What both systems promise about what is written (`engine.ports.Writing`), asked of both gateways over real HTTP."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import msgspec
import pytest

from engine.clock import SystemClock
from engine.domain.drafts import CustomerDraft, CustomerUpdate, Draft, ProductDraft, ProductUpdate
from engine.domain.values import CustomerContent, Personal, ProductContent, System
from engine.ports import NotThere, Outdated, Refused, Remote, Unavailable, Unknown, Writing
from tests.adapters import quickbooks_world, wizcommerce_goods, wizcommerce_world

CLOCK = SystemClock()
MARK = quickbooks_world.MARK
NAME = "Juniper Home LLC"


class Side(msgspec.Struct, kw_only=True):
    """One system, and one kind of record in it, as these tests see it."""

    system: System
    kind: str = "customer"
    gateway: Writing
    at: Callable[[str], Writing]
    """Our gateway to another address."""
    create: CustomerDraft | ProductDraft
    names: Callable[[], list[str]]
    """The names of the records it has, oldest first."""
    writes: Callable[[], int]
    """How many calls arrived that may change something."""
    fault: Callable[[str, float], None]
    """What goes wrong with the next write, and for how many seconds; "throttled" is its own way to say so."""
    by_hand: Callable[[str, str], None]
    """Somebody there gives the record of this id another name, later than what was written so far."""

    def send(self, draft: Draft, *, seconds: float = 10, late: float = 0) -> Remote:
        until = CLOCK.boottime() + seconds
        body = self.gateway.request_body(draft)
        send_by = CLOCK.boottime() - late if late else until
        mark = MARK if isinstance(draft, CustomerDraft | ProductDraft) else f"{hash(body) % 10**32:032d}"
        return self.gateway.send("acme", draft, body, mark, send_by=send_by, answer_by=until).remote

    def renamed(self, seen: Remote, name: str) -> CustomerUpdate | ProductUpdate:
        """A change of the name of a record as it was seen."""
        if isinstance(self.create, ProductDraft):
            return ProductUpdate(remote_id=seen.remote_id, fields=("name",), name=name)
        assert isinstance(seen.content, CustomerContent)
        return CustomerUpdate(
            target=self.system,
            remote_id=seen.remote_id,
            revision=seen.revision,
            fields=("name",),
            content=msgspec.structs.replace(seen.content, display_name=Personal(name)),
            mark=MARK,
            reference=self.create.reference,
        )


def _quickbooks(stack: ExitStack) -> Side:
    world = stack.enter_context(quickbooks_world.a_world())

    def fault(kind: str, seconds: float) -> None:
        kind = {"throttled": "429-json"}.get(kind, kind)
        world.stand_in.add_fault(kind, path="/customer", method="POST", seconds=seconds)

    def by_hand(remote_id: str, name: str) -> None:
        world.stand_in.by_hand("edit-customer", Id=remote_id, DisplayName=name)

    return Side(
        system="quickbooks",
        gateway=world.gateway,
        at=world.gateway_at,
        create=quickbooks_world.a_customer(NAME),
        names=lambda: [one["DisplayName"] for one in world.stand_in.customers()],
        writes=lambda: sum(one.method == "POST" for one in world.stand_in.calls.all()),
        fault=fault,
        by_hand=by_hand,
    )


def _wizcommerce(stack: ExitStack) -> Side:
    world = wizcommerce_world.World()
    stack.enter_context(world.running)
    stack.enter_context(world.http)

    def fault(kind: str, seconds: float) -> None:
        kind = {"throttled": "429"}.get(kind, kind)
        world.fault(kind=kind, operation="(create|update) customer", seconds=seconds)

    def by_hand(remote_id: str, name: str) -> None:
        world.do(world.standin.clock.move, seconds=60)
        world.do(world.standin.edit_customer, remote_id, display_name=name)

    return Side(
        system="wizcommerce",
        gateway=world.gateway,
        at=lambda address: world.gateway_with(address=address),
        create=world.new_customer(NAME),
        names=lambda: [one["display_name"] for one in world.do(world.standin.customers)],
        writes=lambda: sum(one.method != "GET" for one in world.do(world.standin.calls.all)),
        fault=fault,
        by_hand=by_hand,
    )


def _wizcommerce_products(stack: ExitStack) -> Side:
    world = stack.enter_context(wizcommerce_goods.a_world())

    def fault(kind: str, seconds: float) -> None:
        kind = {"throttled": "429"}.get(kind, kind)
        world.fault(kind=kind, operation="create products|update product", seconds=seconds)

    return Side(
        system="wizcommerce",
        kind="product",
        gateway=world.gateway,
        at=lambda address: world.gateway_with(address=address),
        create=wizcommerce_goods.a_product(name=NAME),
        names=lambda: [one["name"] for one in wizcommerce_goods.products(world)],
        writes=lambda: sum(one.method != "GET" for one in world.do(world.standin.calls.all)),
        fault=fault,
        by_hand=lambda remote_id, name: world.do(world.standin.by_hand, "edit-product", sku=remote_id, name=name),
    )


SIDES: dict[str, Callable[[ExitStack], Side]] = {
    "quickbooks": _quickbooks,
    "wizcommerce": _wizcommerce,
    "wizcommerce products": _wizcommerce_products,
}
OF_CUSTOMERS = ("wizcommerce", "quickbooks")
"""The sides whose records are customers: only those are changed at a revision."""


@pytest.fixture(params=SIDES)
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    with ExitStack() as stack:
        yield SIDES[request.param](stack)


@pytest.fixture(params=OF_CUSTOMERS)
def of_customers(request: pytest.FixtureRequest) -> Iterator[Side]:
    with ExitStack() as stack:
        yield SIDES[request.param](stack)


def name_of(remote: Remote) -> str:
    content = remote.content
    assert isinstance(content, CustomerContent | ProductContent)
    return str(content.display_name) if isinstance(content, CustomerContent) else content.name


def test_what_is_made_comes_back_with_its_id_and_is_read_the_same(side: Side) -> None:
    assert side.gateway.request_body(side.create) == side.gateway.request_body(side.create)
    before = side.names()
    made = side.send(side.create)
    assert made.remote_id and made.revision and made.problem == "" and side.names() == [*before, NAME]
    read = side.gateway.fetch("acme", side.kind, made.remote_id)
    assert (read.content, read.revision) == (made.content, made.revision)
    assert (made.system, made.kind) == (read.system, read.kind) == (side.system, side.kind)


def test_what_is_sent_again_makes_nothing_new(side: Side) -> None:
    first, second = side.send(side.create), side.send(side.create)
    assert first.remote_id == second.remote_id and side.names().count(NAME) == 1


def test_what_is_too_late_is_not_sent(side: Side) -> None:
    with pytest.raises(Unavailable) as told:
        side.send(side.create, late=1)
    assert not told.value.ran and told.value.code == "too-late" and side.writes() == 0


@pytest.mark.parametrize(("kind", "made"), [("reset-before", 0), ("reset-after", 1)])
def test_what_has_no_answer_is_unknown_and_looked_for(side: Side, kind: str, made: int) -> None:
    since = CLOCK.now()
    side.fault(kind, 0)
    with pytest.raises(Unknown) as told:
        side.send(side.create)
    assert told.value.ran and told.value.next_step and side.names().count(NAME) == made
    found = side.gateway.look("acme", side.create, since)
    assert len(found) == made and all(one.content is not None for one in found)


def test_an_answer_that_does_not_come_is_unknown_at_the_end(side: Side) -> None:
    side.fault("timeout-after", 5)
    began = CLOCK.boottime()
    with pytest.raises(Unknown):
        side.send(side.create, seconds=0.3)
    assert CLOCK.boottime() - began < 2 and side.names().count(NAME) == 1


def test_what_is_throttled_was_not_carried_out(side: Side) -> None:
    side.fault("throttled", 0)
    with pytest.raises(Unavailable) as told:
        side.send(side.create)
    assert not told.value.ran and NAME not in side.names()


def test_where_nobody_listens_nothing_was_carried_out(side: Side) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        gateway = side.at(f"http://127.0.0.1:{unused.getsockname()[1]}")
        until = CLOCK.boottime() + 5
        with pytest.raises(Unavailable) as told:
            gateway.send("acme", side.create, gateway.request_body(side.create), MARK, send_by=until, answer_by=until)
    assert not told.value.ran and told.value.code == "unreachable"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"display_name": Personal("")}, "name"),
        ({"email": Personal("x" * 300 + "@juniper.example")}, "e-mail address has 316 characters"),
        ({"email": Personal("nobody")}, "e-mail address is not one"),
    ],
)
def test_what_cannot_be_expressed_is_refused_before_it_is_sent(
    of_customers: Side, fields: dict[str, Any], told: str
) -> None:
    create = of_customers.create
    assert isinstance(create, CustomerDraft)
    content = msgspec.structs.replace(create.content, **fields)
    with pytest.raises(Refused, match=told) as refused:
        of_customers.gateway.request_body(msgspec.structs.replace(create, content=content))
    assert refused.value.code and refused.value.next_step and not refused.value.ran


def test_what_is_not_there_is_a_tombstone(side: Side) -> None:
    assert side.gateway.fetch("acme", side.kind, "999999").content is None


def test_a_change_at_its_revision_is_made_and_comes_back(side: Side) -> None:
    made = side.send(side.create)
    changed = side.send(side.renamed(made, "Juniper Home & Garden"))
    assert changed.remote_id == made.remote_id and side.names()[-1] == "Juniper Home & Garden"
    assert made.content is not None and name_of(changed) == "Juniper Home & Garden"
    field: dict[str, Any] = {"name": NAME} if side.kind == "product" else {"display_name": Personal(NAME)}
    assert msgspec.structs.replace(changed.content, **field) == made.content  # and nothing else was


def test_a_change_of_what_was_changed_meanwhile_changes_nothing(of_customers: Side) -> None:
    made = of_customers.send(of_customers.create)
    of_customers.by_hand(made.remote_id, "By hand")
    with pytest.raises(Outdated) as told:
        of_customers.send(of_customers.renamed(made, "Never"))
    assert not told.value.ran and told.value.next_step and of_customers.names()[-1] == "By hand"


@pytest.mark.parametrize(("kind", "name"), [("reset-before", NAME), ("reset-after", "Juniper")])
def test_a_change_without_an_answer_is_unknown_and_the_record_is_looked_at(side: Side, kind: str, name: str) -> None:
    draft = side.renamed(side.send(side.create), "Juniper")
    side.fault(kind, 0)
    with pytest.raises(Unknown):
        side.send(draft)
    [looked] = side.gateway.look("acme", draft, CLOCK.now())
    assert name_of(looked) == name


def test_a_change_that_is_too_late_is_not_sent(side: Side) -> None:
    draft = side.renamed(side.send(side.create), "Never")
    writes = side.writes()
    with pytest.raises(Unavailable) as told:
        side.send(draft, late=1)
    assert not told.value.ran and side.writes() == writes and side.names()[-1] == NAME


def test_a_change_of_what_is_not_there_is_refused(side: Side) -> None:
    made = side.send(side.create)
    draft = msgspec.structs.replace(side.renamed(made, "Never"), remote_id="999999")
    with pytest.raises(Refused) as told:
        side.send(draft)
    assert not isinstance(told.value, NotThere) and not told.value.ran and told.value.next_step
