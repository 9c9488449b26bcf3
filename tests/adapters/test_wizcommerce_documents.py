"""Invoice records and shipments put into WizCommerce over real HTTP: what is the same of both, and every way in which it can end
badly."""

from collections.abc import Iterator
from typing import Any

import pytest

from engine.domain.matching import differences
from engine.ports import Refused, Unavailable, Unknown
from tests.adapters.wizcommerce_customers import operations
from tests.adapters.wizcommerce_documents import KINDS, Kind, documents_world, only
from tests.adapters.wizcommerce_world import World, switch


@pytest.fixture
def world() -> Iterator[World]:
    with documents_world() as made:
        yield made


@pytest.fixture(params=KINDS.values(), ids=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


def test_an_order_is_named_as_the_tenant_takes_it_and_that_is_remembered(world: World, kind: Kind) -> None:
    switch(world, a26_order_named_by="reference")
    world.send(kind.make(world))
    assert only(world, kind.listed)["order_id"] == "SHOP-1001"
    assert operations(world).count(kind.create) == 2
    world.send(kind.make(world, reference="QBO:acme:invoice:131"))
    assert operations(world).count(kind.create) == 1


def test_where_refusals_name_no_field_both_ways_are_tried(world: World, kind: Kind) -> None:
    switch(world, a26_order_named_by="reference", a48_invoice_statuses="older", a05_details=False)
    draft = kind.make(world)
    assert differences(draft, world.send(draft).content) == ()


def test_an_order_that_is_not_there_is_a_no(world: World, kind: Kind) -> None:
    with pytest.raises(Refused) as told:
        world.send(kind.make(world, order="gone", order_reference="gone too"))
    assert "order_id" in told.value.sentence and not told.value.ran
    assert operations(world).count(kind.create) == 2


@pytest.mark.parametrize("change", [False, True])
@pytest.mark.parametrize(
    ("fault", "raised", "written"),
    [
        ({"kind": "reset-before"}, Unknown, False),
        ({"kind": "reset-after"}, Unknown, True),
        ({"kind": "status-after", "status": 500}, Unknown, True),
        ({"kind": "status-after", "status": 200, "body": "{}", "content_type": "application/json"}, Unknown, True),
        ({"kind": "429"}, Unavailable, False),
        ({"kind": "403"}, Refused, False),
    ],
)
def test_how_a_write_ends_is_told(
    world: World, kind: Kind, change: bool, fault: dict[str, Any], raised: Any, written: bool
) -> None:
    draft = kind.make(world)
    if change:
        world.send(draft)
        draft = kind.make(world, **kind.change)
    world.fault(method="PATCH" if change else "POST", path=f"/{kind.listed}", **fault)

    with pytest.raises(raised):
        world.send(draft)

    found = world.gateway.look("acme", draft, world.clock.now())
    wanted = [()] if written else [kind.apart] if change else []
    assert [differences(draft, one.content) for one in found] == wanted


def test_what_goes_wrong_before_the_write_wrote_nothing(world: World, kind: Kind) -> None:
    draft = kind.make(world)
    world.fault(kind="reset-before", method="GET", path=f"/{kind.listed}")
    with pytest.raises(Unavailable) as told:
        world.send(draft)
    assert not told.value.ran and operations(world) == [f"list {kind.listed}"]


def test_nothing_is_written_over_what_cannot_be_read(world: World, kind: Kind) -> None:
    draft = kind.make(world)
    world.send(draft)
    row = f'{{"data":[{{"id":"i-9","reference_id":"{draft.reference}"}}]}}'
    path = f"/{kind.listed}"
    world.fault(kind="status", status=200, body=row, content_type="application/json", method="GET", path=path)
    operations(world)
    with pytest.raises(Refused) as told:
        world.send(kind.make(world, **kind.change))
    assert told.value.code == "not-understood" and operations(world) == [f"list {kind.listed}"]
