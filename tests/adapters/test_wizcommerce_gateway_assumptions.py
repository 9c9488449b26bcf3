"""The WizCommerce gateway against a WizCommerce that turns out otherwise than we assume; and what it asks at all."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from adapters.wizcommerce.assumptions import Assumptions
from adapters.wizcommerce.auth import WizCommerceAuth
from engine.clock import instant
from engine.domain.values import CustomerContent
from engine.ports import Refused, Unavailable
from tests.adapters.wizcommerce_world import World, confirm, switch


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    made.do(made.standin.seed, {"products": [{"sku": "VASE-01"}], "customers": [{"name": "Bloom & Co"}]})
    with made.running, made.http:
        yield made


@pytest.mark.parametrize(
    "switches",
    [
        {},
        {"a08_next_page_at_end": "null", "a08_empty_data": "null"},
        {"a08_next_page_at_end": "current"},
        {"a09_time_filters_inclusive": False, "fractional_digits": 6},
        {"a34_attribute_names": "id", "a43_after_delete": "404"},
    ],
)
def test_every_record_is_swept_once_whatever_the_lists_look_like(world: World, switches: dict[str, Any]) -> None:
    switch(world, **switches)
    orders = [confirm(world, f"WC-{n}", created_at=f"2026-01-05T10:00:0{n}Z") for n in range(5)]
    gateway = world.gateway_with(Assumptions(a08_page_size=2))

    hints, cursor = gateway.changed("acme", "order", "")
    again, following = gateway.changed("acme", "order", cursor)

    assert {one.remote_id for one in hints} == {one["id"] for one in orders} and len(hints) == 5
    assert {one.remote_id for one in again} == {one["id"] for one in orders} and following == cursor
    assert gateway.changed("acme", "customer", "")[0] and gateway.changed("acme", "product", "")[0]


@pytest.mark.parametrize(("after", "active"), [("inactive", False), ("404", None)])
def test_a_deleted_customer_is_inactive_or_gone_to_us(world: World, after: str, active: bool | None) -> None:
    switch(world, a43_after_delete=after)
    [customer] = world.do(world.standin.customers)
    world.do(world.standin.by_hand, "delete-customer", customer=customer["id"])

    remote = world.gateway.fetch("acme", "customer", customer["id"])

    content = remote.content
    assert (content.active if isinstance(content, CustomerContent) else None) is active
    assert remote.problem == ""
    assert bool(world.gateway.changed("acme", "customer", "")[0]) is (after == "inactive")


@pytest.mark.parametrize("kind", ["address", "contact"])
def test_a_changed_part_is_found_by_the_next_sweep_of_customers(world: World, kind: str) -> None:
    [customer] = world.do(world.standin.customers)
    _, cursor = world.gateway.changed("acme", "customer", "")
    world.do(world.standin.clock.move, 3600)

    world.do(world.standin.by_hand, f"add-{kind}", customer=customer["id"])

    [hint], following = world.gateway.changed("acme", "customer", cursor)
    assert hint.remote_id == customer["id"]
    assert instant(following) - instant(cursor) >= timedelta(minutes=59)


def test_an_error_without_details_and_with_numbers_for_codes_still_has_its_words(world: World) -> None:
    switch(world, a05_error_codes="status", a05_details=False, a05_invalid_status="422")
    with pytest.raises(Refused) as told:
        world.gateway_with(Assumptions(a06_order_statuses=("shipped",))).changed("acme", "order", "")
    assert (told.value.code, told.value.sentence) == ("422", "WizCommerce did not accept the request (HTTP 422).")


@pytest.mark.parametrize(("form", "most_seconds"), [("absent", None), ("seconds", 1), ("date", 2)])
def test_slow_down_says_until_when_in_either_form(world: World, form: str, most_seconds: int | None) -> None:
    switch(world, a02_calls_per_second=1, a02_retry_after=form)
    world.gateway.fetch("acme", "customer", "c-1")
    with pytest.raises(Unavailable) as told:
        world.gateway.fetch("acme", "customer", "c-1")
    if most_seconds is None:
        assert told.value.not_before is None
    else:
        assert told.value.not_before is not None
        assert timedelta(0) <= told.value.not_before - world.clock.now() <= timedelta(seconds=most_seconds)


def test_nothing_we_ask_is_undocumented(world: World) -> None:
    """The stand-in refuses every path, parameter and field that the reference does not document."""
    auth = WizCommerceAuth(world.clock, http=world.http)
    auth.token(world.running.address, world.standin.email, world.standin.password)
    auth.check(world.running.address, world.standin.token)
    order = confirm(world, "WC-1001", reference_id="EXT-1")
    for kind in ("order", "customer", "product"):
        _, cursor = world.gateway.changed("acme", kind, "")
        world.gateway.changed("acme", kind, cursor)
    world.gateway.fetch("acme", "order", order["id"])
    world.gateway.find("acme", "order", "EXT-1")
    world.gateway.find("acme", "order", "WC-1001")
    world.gateway.find("acme", "customer", "C-1")

    calls = world.do(world.standin.calls.all)

    assert {one.outcome for one in calls} == {"done"} and {one.method for one in calls[1:]} == {"GET"}
    assert {one.operation for one in calls} == {
        *("create token", "list customers", "list orders", "list products", "read order"),
    }
