"""Customers as the stories see and change them, on both sides and in the log."""

from typing import Any

from engine.domain.customer import Customer
from tests.telling import pass_by
from tests.world import World

BLOOM = "Bloom & Co"


def later(world: World) -> None:
    """Everything that was put off for a few seconds falls due, and what follows is not within the second of a write."""
    pass_by(world, 5)
    world.move(2)
    world.settle()


def logged(world: World, remote_id: str = "1") -> Customer:
    """The customer that a record of either side belongs to, as the log has it."""
    [(stream,)] = world.rows("SELECT stream FROM claims WHERE kind = 'customer' AND remote_id = %s", remote_id)
    return world.engine.records.customer(stream)


def told(world: World, remote_id: str = "1") -> dict[str, str]:
    """Topic → sentence of what a person is to look at there."""
    return {topic: one.sentence for topic, one in logged(world, remote_id).attention.items()}


def there(world: World, number: str = "1") -> dict[str, Any]:
    """A customer as QuickBooks has it."""
    return next(one for one in world.quickbooks.customers() if one["Id"] == number)


def names_there(world: World) -> list[str]:
    return [one["DisplayName"] for one in world.quickbooks.customers()]


def here(world: World, name: str = BLOOM) -> dict[str, Any]:
    """A customer as WizCommerce has it, by its name or id."""
    return next(one for one in all_here(world) if name in (one["display_name"], one["id"]))


def all_here(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.wizcommerce.do(world.wizcommerce.standin.customers)
    return found


def hands(world: World, verb: str, **fields: Any) -> dict[str, Any]:
    """Something done in WizCommerce."""
    done: dict[str, Any] = world.wizcommerce.do(world.wizcommerce.standin.by_hand, verb, **fields)
    return done


def edit_here(world: World, name: str = BLOOM, **fields: Any) -> None:
    world.wizcommerce.do(world.wizcommerce.standin.edit_customer, here(world, name)["id"], **fields)


def edit_there(world: World, number: str = "1", **fields: Any) -> None:
    world.quickbooks.by_hand("edit-customer", Id=number, **fields)


def customer_writes(world: World) -> list[str]:
    """Every write of a customer that either side was asked for."""
    calls = [*world.quickbooks.calls.all(), *world.wizcommerce.standin.calls.all()]
    return [
        f"{one.method} {one.path}"
        for one in calls
        if one.operation in ("create customer", "update customer")
        or (one.method in ("POST", "PATCH") and "/customers" in one.path)
    ]
