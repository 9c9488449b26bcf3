"""A WizCommerce whose customers are written: what the tests of that share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from engine.domain.drafts import CustomerUpdate
from engine.domain.values import Attribute, CustomerContent, CustomerField, Personal
from engine.ports import Remote
from tests.adapters.wizcommerce_world import World, a_change

TYPE = Attribute(name="Customer Type", value=Personal("Florist"))


@contextmanager
def a_world() -> Iterator[World]:
    """A stand-in that knows three attributes of customers, and our gateway to it."""
    made = World()
    made.do(made.standin.seed, {"attributes": [{"name": "Customer Type"}, {"name": "Route"}, {"name": "Boxes"}]})
    with made.running, made.http:
        yield made


def operations(world: World) -> list[str]:
    """The calls since the last look, without their queries."""
    return [call.partition("?")[0] for call in world.calls()]


def later(world: World) -> None:
    """Revisions are whole seconds: what is written from now on has another one."""
    world.do(world.standin.clock.move, seconds=60)


def only(world: World) -> dict[str, Any]:
    """The one customer there is, as the stand-in has it."""
    [customer] = world.do(world.standin.customers)
    found: dict[str, Any] = customer
    return found


def customer_of(remote: Remote) -> CustomerContent:
    assert isinstance(remote.content, CustomerContent)
    return remote.content


def bloom(world: World, **more: Any) -> Remote:
    """A customer a person made, with two addresses of each kind and a contact, as we read it."""
    kinds = [("billing", True), ("shipping", True), ("shipping", False)]
    made = world.do(
        world.standin.add_customer,
        "Bloom & Co",
        phone="+14155550100",
        addresses=[
            {
                "type": kind,
                "is_default": default,
                "address_line_1": f"{place} Old St",
                "address_line_2": "Gate 9",
                "city": "Salem",
                "reference_id": f"A-{place}",
            }
            for place, (kind, default) in enumerate(kinds)
        ],
        contacts=[
            {"first_name": "Erste", "email": "one@bloom.example", "designation": "Buyer", "is_default": True},
            {"first_name": "Zweite", "email": "two@bloom.example"},
        ],
        attributes=[{"name": "Customer Type", "value": "Grocer"}, {"name": "Route", "value": "North"}],
        **more,
    )
    seen = world.gateway.fetch("acme", "customer", made["id"])
    world.calls()
    return seen


def change(seen: Remote, *fields: CustomerField, **content: Any) -> CustomerUpdate:
    """A change of what was seen, as the engine makes it: the ids beside the fields are those that were seen."""
    return msgspec.structs.replace(
        a_change(*fields, remote_id=seen.remote_id, revision=seen.revision),
        content=msgspec.structs.replace(customer_of(seen), **content),
    )
