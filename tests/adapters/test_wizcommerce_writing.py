"""Customers made in WizCommerce over real HTTP, and every way in which a write can end badly."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import msgspec
import pytest

from engine.clock import MovableClock
from engine.domain.values import Personal
from engine.ports import Disconnected, GatewayError, NotThere, Refused, Unavailable, Unknown
from tests.adapters.wizcommerce_customers import TYPE, a_world, bloom, change, customer_of, only, operations
from tests.adapters.wizcommerce_world import REFERENCE, Leave, World, a_customer, an_address, switch

LOOKED = ["list customers", "list customers"]
"""Of active and of inactive ones."""
DELETED = '{"data":{"id":"x","updated_at":"2026-01-05T10:00:00Z","status":"deleted"}}'


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as made:
        yield made


def test_a_new_customer_is_looked_for_and_then_made_once(world: World) -> None:
    draft = world.new_customer(
        given_name=Personal("Vorname"),
        phone=Personal("415 555 0100"),
        billing=an_address("1 Harbour St", "Gate 2", "Floor 3"),
        payment_term="Net 30",
        attributes=(TYPE,),
    )
    remote = world.send(draft)
    assert operations(world) == [*LOOKED, "create customer"]
    made = only(world)
    assert (made["id"], made["updated_at"]) == (remote.remote_id, remote.revision)
    assert made["reference_id"] == REFERENCE and made["name"] == made["display_name"] == "Juniper Home LLC"
    assert made["attributes"] == [{"name": "Customer Type", "value": "Florist"}]
    assert [one["id"] for one in made["assigned_sales_reps"]] == [draft.sales_rep]
    assert customer_of(remote) == msgspec.structs.replace(
        draft.content,
        company_name=Personal("Juniper Home LLC"),
        phone=Personal("+14155550100"),
        billing=an_address("1 Harbour St", "Gate 2, Floor 3"),
        billing_id=made["addresses"][0]["id"],
        reference=REFERENCE,
        sales_reps=(draft.sales_rep,),
        price_list=draft.price_list,
    )


@pytest.mark.parametrize("status", ["active", "inactive"])
def test_a_customer_of_this_reference_is_taken_as_it_is(world: World, status: str) -> None:
    world.do(world.standin.seed, {"customers": [{"name": "Mine", "reference_id": REFERENCE, "status": status}]})
    remote = world.send(world.new_customer())
    assert remote.remote_id == only(world)["id"] and customer_of(remote).active == (status == "active")
    looked = LOOKED[: 1 if status == "active" else 2]
    assert operations(world) == [*looked, "read customer"] and only(world)["name"] == "Mine"
    assert world.gateway.look("acme", world.new_customer(), world.clock.now()) == [remote]


@pytest.mark.parametrize("reference", [REFERENCE, "another"])
def test_a_row_that_is_not_ours_or_not_there_is_not_taken(world: World, reference: str) -> None:
    row = {"id": "c-9", "reference_id": reference, "updated_at": "2026-01-05T10:00:00Z"}
    world.fault(kind="status", status=200, body=json.dumps({"data": [row]}), operation="list customers", times=2)
    assert world.send(world.new_customer()).remote_id == only(world)["id"]
    read = ["read customer"] if reference == REFERENCE else []
    assert operations(world) == ["list customers", *read, "list customers", *read, "create customer"]


@pytest.mark.parametrize("answer", ["400", "409"])
@pytest.mark.parametrize("details", [True, False])
def test_a_reference_that_is_taken_meanwhile_leads_to_who_has_it(world: World, answer: str, details: bool) -> None:
    switch(world, a04_duplicate_references=answer, a05_details=details)
    world.do(world.standin.seed, {"customers": [{"name": "Mine", "reference_id": REFERENCE}]})
    for _ in LOOKED:  # as if it had not been there yet
        world.fault(kind="status", status=200, body='{"data":[]}', operation="list customers")
    remote = world.send(world.new_customer())
    assert remote.remote_id == only(world)["id"]
    assert operations(world) == [*LOOKED, "create customer", "list customers", "read customer"]


def test_a_create_that_names_what_is_missing_says_so(world: World) -> None:
    with pytest.raises(Refused, match="assigned_sales_rep_ids, assigned_price_list_id") as told:
        world.send(a_customer())
    assert not told.value.ran and "is required" in told.value.raw
    assert operations(world) == [*LOOKED, "create customer"] and world.do(world.standin.customers) == []


def test_a_reference_nobody_shows_stays_a_refusal(world: World) -> None:
    switch(world, a43_after_delete="404")
    [taken] = world.do(world.standin.seed, {"customers": [{"name": "Gone", "reference_id": REFERENCE}]})["customers"]
    world.do(world.standin.by_hand, "delete-customer", customer=taken)
    with pytest.raises(Refused, match="reference_id"):
        world.send(world.new_customer())
    assert operations(world) == [*LOOKED, "create customer", *LOOKED]
    assert world.gateway.look("acme", world.new_customer(), world.clock.now()) == []


@pytest.mark.parametrize(
    ("rule", "made"),
    [
        ({"kind": "reset-before"}, 0),
        ({"kind": "reset-after"}, 1),
        ({"kind": "timeout-after", "seconds": 5}, 1),
        ({"kind": "status", "status": 503}, 0),
        ({"kind": "status-after", "status": 500}, 1),
        ({"kind": "status", "status": 404, "body": "<html>"}, 0),
        ({"kind": "status-after", "status": 201, "body": "<html>"}, 1),
        ({"kind": "status-after", "status": 201, "body": '{"data":{"id":""}}'}, 1),
        ({"kind": "status-after", "status": 201, "body": DELETED}, 1),
    ],
)
def test_what_may_have_been_made_is_unknown_and_found_by_its_reference(
    world: World, rule: dict[str, Any], made: int
) -> None:
    world.fault(operation="create customer", **rule)
    draft = world.new_customer()
    with pytest.raises(Unknown) as told:
        world.send(draft, seconds=0.7)
    assert told.value.ran and told.value.code and told.value.next_step
    assert len(world.do(world.standin.customers)) == made
    found = world.gateway.look("acme", draft, world.clock.now())
    assert [one.remote_id for one in found] == [one["id"] for one in world.do(world.standin.customers)]
    assert world.send(draft).remote_id == only(world)["id"]


@pytest.mark.parametrize(
    ("rule", "kind", "code"),
    [
        ({"kind": "429", "seconds": 17}, Unavailable, "429"),
        ({"kind": "401"}, Disconnected, "401"),
        ({"kind": "403"}, Refused, "403"),
        ({"kind": "status", "status": 409, "body": '{"details":[{"field":"display_id"}]}'}, Refused, "409"),
        ({"kind": "status", "status": 422, "body": '{"code":"bad","details":[{"field":"email"}]}'}, Refused, "bad"),
        ({"kind": "status", "status": 404, "body": '{"code":"no"}'}, Refused, "404"),
    ],
)
@pytest.mark.parametrize("change_of", ["create", "update"])
def test_what_was_certainly_not_done_has_its_words(
    world: World, rule: dict[str, Any], kind: type[GatewayError], code: str, change_of: str
) -> None:
    draft = world.new_customer() if change_of == "create" else change(bloom(world), "term", payment_term="COD")
    before = world.do(world.standin.customers)
    world.fault(operation=f"{change_of} customer", **rule)
    with pytest.raises(kind) as told:
        world.send(draft)
    assert told.value.code == code and not told.value.ran and not isinstance(told.value, NotThere)
    assert operations(world).count(f"{change_of} customer") == 1 and world.do(world.standin.customers) == before
    if isinstance(told.value, Unavailable):
        assert told.value.not_before is not None
        assert 15 < (told.value.not_before - world.clock.now()).total_seconds() <= 17


@pytest.mark.parametrize("rule", [{"kind": "status", "status": 500}, {"kind": "reset-after"}, {"kind": "429"}])
@pytest.mark.parametrize("change_of", ["create", "update"])
def test_a_failure_before_the_write_leaves_nothing_open(world: World, rule: dict[str, Any], change_of: str) -> None:
    draft = world.new_customer() if change_of == "create" else change(bloom(world), "term", payment_term="COD")
    operations(world)
    world.fault(**rule)
    with pytest.raises(Unavailable) as told:
        world.send(draft)
    assert not told.value.ran and len(operations(world)) == 1


@pytest.mark.parametrize(("change_of", "reads"), [("create", 2), ("update", 1)])
def test_a_write_whose_time_to_leave_passed_while_it_was_prepared_is_not_sent(
    world: World, change_of: str, reads: int
) -> None:
    draft = world.new_customer() if change_of == "create" else change(bloom(world), "term", payment_term="COD")
    clock = world.clock = MovableClock()

    class SlowLeave(Leave):
        """The machine sleeps for a minute when leave for the write was given."""

        def call(self, *args: Any, **more: Any) -> AbstractContextManager[None]:
            leave = super().call(*args, **more)
            clock.move(60 * (len(self.asked) > reads))
            return leave

    world.limiter = SlowLeave()
    world.gateway = world.gateway_with()
    with pytest.raises(Unavailable) as told:
        world.send(draft, seconds=600, send_by=clock.boottime() + 20)
    assert told.value.code == "too-late" and not told.value.ran
    assert len(operations(world)) == reads == len(world.limiter.asked) - 1
