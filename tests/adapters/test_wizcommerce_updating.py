"""Customers changed in WizCommerce over real HTTP, and what they are given there."""

from collections.abc import Iterator
from typing import Any

import pytest

from engine.domain.values import Personal
from engine.ports import Outdated, Refused, Unknown
from tests.adapters.wizcommerce_customers import TYPE, a_world, bloom, change, customer_of, later, only, operations
from tests.adapters.wizcommerce_world import REFERENCE, World, an_address, switch


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as made:
        yield made


def test_only_what_was_changed_is_changed(world: World) -> None:
    seen = bloom(world)
    before = only(world)
    later(world)
    draft = change(
        seen,
        "billing",
        "shipping",
        "family_name",
        "phone",
        "term",
        billing=an_address("7 New Rd", country="US"),
        shipping=an_address("8 New Rd", "Dock"),
        family_name=Personal("Nachname"),
        phone=Personal("+442079460958"),
        payment_term="Net 60",
    )
    remote = world.send(draft)
    assert operations(world) == ["read customer", "update customer"]

    after = only(world)
    billing, shipping, other = after["addresses"]
    assert (billing["address_line_1"], billing["address_line_2"], billing["city"]) == ("7 New Rd", "", "Portland")
    assert (shipping["address_line_1"], shipping["address_line_2"]) == ("8 New Rd", "Dock")
    assert other == before["addresses"][2]
    assert [one["reference_id"] for one in after["addresses"]] == ["A-0", "A-1", "A-2"]
    first, second = after["contacts"]
    assert (first["first_name"], first["last_name"], first["phone"]) == ("Erste", "Nachname", "+442079460958")
    assert (first["email"], first["designation"]) == ("one@bloom.example", "Buyer")
    assert second == before["contacts"][1]
    changed = {"addresses", "contacts", "last_name", "phone", "payment_term", "updated_at"}
    assert {name for name in after if after[name] != before[name]} == changed
    assert remote == world.gateway.fetch("acme", "customer", seen.remote_id)
    assert customer_of(remote) == draft.content


def test_reps_and_price_list_assigned_by_hand_survive_a_change(world: World) -> None:
    made = world.send(world.new_customer())
    rep = world.do(world.standin.by_hand, "add-rep", email="rep@shop.example")
    world.do(world.standin.by_hand, "assign-rep", customer=made.remote_id, rep=rep["id"])
    [mine] = world.do(world.standin.seed, {"price_lists": [{"name": "Florists"}]})["price_lists"]
    world.do(world.standin.edit_customer, made.remote_id, assigned_price_list_id=mine)
    seen = world.gateway.fetch("acme", "customer", made.remote_id)
    assert (customer_of(seen).sales_reps, customer_of(seen).price_list) == ((rep["id"],), mine)

    world.send(change(seen, "name", "company", display_name=Personal("Juniper"), company_name=Personal("Juniper Ltd")))
    after = only(world)
    assert (after["display_name"], after["name"]) == ("Juniper", "Juniper Ltd")
    assert [one["id"] for one in after["assigned_sales_reps"]] == [rep["id"]] and after["assigned_price_list"][
        "id"
    ] == mine


@pytest.mark.parametrize("patched", ["replaced", "merged"])
def test_a_change_of_type_keeps_the_other_attributes(world: World, patched: str) -> None:
    switch(world, patched_attributes=patched)
    seen = bloom(world)
    others = [one for one in customer_of(seen).attributes if one.name != "Customer Type"]
    remote = world.send(change(seen, "customer_type", attributes=(*others, TYPE)))
    values = {one["name"]: one["value"] for one in only(world)["attributes"]}
    assert values == {"Customer Type": "Florist", "Route": "North"}
    assert set(customer_of(remote).attributes) == {*others, TYPE}


def test_attributes_that_are_not_text_come_back_as_they_were(world: World) -> None:
    options = {"options": [{"label": "Red", "value": "red"}, {"label": "Blue", "value": "blue"}]}
    made = [
        {"name": "Colours", "data_type": "multi_select", "configuration": options},
        {"name": "Vases", "data_type": "number"},
        {"name": "Open", "data_type": "checkbox"},
    ]
    world.do(world.standin.seed, {"attributes": made})
    values = {"Colours": ["red", "blue"], "Vases": 5, "Open": True}
    customer = world.do(
        world.standin.add_customer, "Odd", attributes=[{"name": name, "value": one} for name, one in values.items()]
    )
    seen = world.gateway.fetch("acme", "customer", customer["id"])
    remote = world.send(change(seen, "customer_type", attributes=(*customer_of(seen).attributes, TYPE)))
    assert customer_of(remote).attributes == (*customer_of(seen).attributes, TYPE)
    assert only(world)["attributes"][0]["value"] == ["red", "blue"]


def test_an_address_that_was_not_there_is_made_as_the_default_and_none_is_ever_removed(world: World) -> None:
    made = world.send(world.new_customer())
    remote = world.send(change(made, "billing", "shipping", billing=an_address("7 New Rd")))
    [address] = only(world)["addresses"]
    assert (address["type"], address["is_default"], address["reference_id"]) == (
        "billing",
        True,
        f"{REFERENCE}:billing",
    )
    assert customer_of(remote).billing == an_address("7 New Rd") and customer_of(remote).billing_id == address["id"]
    operations(world)
    again = world.send(change(remote, "billing", billing=None))
    assert again == remote and operations(world) == ["read customer"]  # there is nothing to write, so nothing is sent


def test_a_customer_changed_meanwhile_is_not_changed(world: World) -> None:
    seen = bloom(world)
    later(world)
    world.do(world.standin.edit_customer, seen.remote_id, payment_term="Prepaid")
    with pytest.raises(Outdated) as told:
        world.send(change(seen, "term", payment_term="COD"))
    assert told.value.code == "outdated" and not told.value.ran
    assert only(world)["payment_term"] == "Prepaid" and "update customer" not in operations(world)


@pytest.mark.parametrize("when", ["before the read", "before the write"])
def test_a_customer_that_is_gone_is_refused(world: World, when: str) -> None:
    switch(world, a43_after_delete="404")
    seen = bloom(world)
    if when == "before the read":
        world.do(world.standin.by_hand, "delete-customer", customer=seen.remote_id)
    else:
        world.fault(kind="status", status=404, body='{"code":"not_found"}', operation="update customer")
    draft = change(seen, "term", payment_term="COD")
    with pytest.raises(Refused, match="any more") as told:
        world.send(draft)
    assert told.value.code == "404" and told.value.next_step and not told.value.ran
    [looked] = world.gateway.look("acme", draft, world.clock.now())
    assert (looked.content is None) == (when == "before the read")


@pytest.mark.parametrize(
    ("how", "code", "term"),
    [("accepted", "", "COD"), ("ignored", "status-ignored", "COD"), ("refused", "status-refused", "")],
)
@pytest.mark.parametrize("active", [True, False])
def test_a_change_of_status_is_taken_or_a_person_is_told_what_to_do(
    world: World, how: str, code: str, term: str, active: bool
) -> None:
    switch(world, a28_patched_status=how)
    seen = bloom(world, status="inactive" if active else "active")
    draft = change(seen, "active", "term", active=active, payment_term="COD")
    if not code:
        assert customer_of(world.send(draft)).active is active
    else:
        with pytest.raises(Refused) as told:
            world.send(draft)
        assert told.value.code == code and told.value.ran == (code == "status-ignored")
        assert f"set it to {'active' if active else 'inactive'}." in told.value.next_step
    after = only(world)
    assert (after["status"] == "active") == (active if not code else not active)
    assert (after["payment_term"] == "COD") == (term == "COD")


@pytest.mark.parametrize(
    ("rule", "done"),
    [
        ({"kind": "reset-before"}, False),
        ({"kind": "reset-after"}, True),
        ({"kind": "status-after", "status": 502}, True),
        ({"kind": "status-after", "status": 201, "body": '{"data":{"id":"another","updated_at":"x"}}'}, True),
    ],
)
def test_a_change_that_may_have_been_made_is_unknown_and_read_again(
    world: World, rule: dict[str, Any], done: bool
) -> None:
    seen = bloom(world)
    later(world)
    draft = change(seen, "term", payment_term="COD")
    world.fault(operation="update customer", **rule)
    with pytest.raises(Unknown):
        world.send(draft)
    [looked] = world.gateway.look("acme", draft, world.clock.now())
    assert (customer_of(looked).payment_term == "COD") == done and (looked.revision != seen.revision) == done


def test_every_sales_rep_and_price_list_is_listed(world: World) -> None:
    reps = [
        {"first_name": f"R{n}", "last_name": "Rep", "email": f"r{n}@shop.example", "status": "inactive"}
        for n in range(120)
    ]
    seeded = world.do(
        world.standin.seed, {"sales_reps": reps, "price_lists": [{"name": "Florists", "status": "inactive"}]}
    )
    operations(world)
    listed = world.gateway.sales_reps("acme")
    assert {(one, f"R{n} Rep", False) for n, one in enumerate(seeded["sales_reps"])} <= set(listed)
    assert len(listed) == len(world.do(lambda: world.standin.state.sales_reps)) == len(set(listed))
    assert operations(world) == ["list sales reps"] * 2
    lists = {one[1]: one[2] for one in world.gateway.price_lists("acme")}
    assert lists.pop("Florists") is False and set(lists.values()) == {True}


def test_an_attribute_is_defined_once(world: World) -> None:
    world.do(world.standin.seed, {"attributes": [{"name": "Terms of sale", "entity": "order"}]})
    unfiltered = '{"data":[{"id":"d-1","name":"Terms of sale","entity":"order"}]}'
    world.fault(kind="status", status=200, body=unfiltered, operation="list attributes")
    for _ in range(2):
        world.gateway.ensure_attribute("acme", "Terms of sale")
    assert operations(world) == ["list attributes", "create attribute", "list attributes"]
    defined = world.do(lambda: list(world.standin.state.attributes.values()))
    mine = [one for one in defined if one["name"] == "Terms of sale" and one["entity"] == "customer"]
    assert [one["data_type"] for one in mine] == ["text"]


def test_an_attribute_somebody_defines_meanwhile_is_as_good(world: World) -> None:
    world.fault(kind="status", status=200, body='{"data":[]}', operation="list attributes")
    world.gateway.ensure_attribute("acme", "Route")
    assert operations(world) == ["list attributes", "create attribute", "list attributes"]
    world.fault(kind="403", operation="create attribute")
    with pytest.raises(Refused):
        world.gateway.ensure_attribute("acme", "Other")
