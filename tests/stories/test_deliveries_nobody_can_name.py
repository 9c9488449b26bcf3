"""A genuine delivery that names its record as nothing can be named: kept as it came, and those behind it go on."""

import json

import pytest

from tests.stories.test_bad_input import everything_still_works, inbox, post, secret_of
from tests.world import World

IN_WIZCOMMERCE = {"event": "order.updated", "data": {"id": "a\0b"}}


@pytest.mark.parametrize(
    ("system", "body"),
    [
        ("quickbooks", b"[" * 100_000 + b"]" * 100_000),
        ("wizcommerce", json.dumps(IN_WIZCOMMERCE).encode()),
    ],
    ids=["lists within lists", "NUL in an order"],
)
def test_a_delivery_that_names_nothing_is_kept_and_those_behind_it_go_on(
    world: World, system: str, body: bytes
) -> None:
    assert post(world, system, body, secret_of(world, system)) == 200

    world.settle()

    assert "not understood, kept as it came" in inbox(world)[-1][0]
    assert everything_still_works(world)
