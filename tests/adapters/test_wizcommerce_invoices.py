"""Records of invoices put into WizCommerce over real HTTP, and every way in which that can end badly."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.domain.matching import differences
from engine.domain.values import InvoiceRecordContent, InvoiceRecordDraft, RecordedItem
from engine.ports import Refused, Remote, Unavailable, Unknown
from tests.adapters.wizcommerce_customers import operations
from tests.adapters.wizcommerce_goods import a_world
from tests.adapters.wizcommerce_world import World, confirm, switch

REFERENCE = "QBO:acme:invoice:130"
VASES = (RecordedItem(sku="VASE-01", quantity=Decimal(4), amount=Decimal("100.00")),)


APART = ("paid amount 0 instead of 30.00",)


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as made:
        made.do(made.standin.add_customer, "Bloom & Co")
        made.do(lambda: made.standin.by_hand("add-product", sku="VASE-01", name="Vase"))
        yield made


def a_record(world: World, **fields: Any) -> InvoiceRecordDraft:
    """Of an order that WizCommerce has."""
    found = world.do(lambda: world.standin.state.order_shown_as("WC-1001"))
    order = found or confirm(world, "WC-1001", reference_id="SHOP-1001")
    plain: dict[str, Any] = {
        "reference": REFERENCE,
        "order": order["id"],
        "order_reference": "SHOP-1001",
        "number": "WC-1001",
        "total": Decimal("100.00"),
        "paid": Decimal(0),
        "due": date(2026, 12, 27),
        "items": VASES,
    }
    return InvoiceRecordDraft(**{**plain, **fields})


def only(world: World) -> dict[str, Any]:
    """The one invoice there is, from WizCommerce's own state."""
    [found] = world.do(lambda: [dict(one) for one in world.standin.state.invoices.values()])
    return dict(found)


def shown(remote: Remote) -> InvoiceRecordContent:
    assert isinstance(remote.content, InvoiceRecordContent)
    return remote.content


def test_a_new_record_is_looked_for_by_its_reference_and_then_made_once(world: World) -> None:
    draft = a_record(world, paid=Decimal("40.05"))
    made = world.send(draft)
    assert world.calls() == [
        f"list invoices?reference_ids={REFERENCE.replace(':', '%3A')}&page=1&page_size=100",
        "create invoice?",
    ]
    record = only(world)
    assert (made.remote_id, made.kind, record["reference_id"]) == (record["id"], "invoice", REFERENCE)
    assert (record["total_amount"], record["paid_amount"], record["status"]) == (
        100,
        Decimal("40.05"),
        "PARTIALLY_PAID",
    )
    assert f"{record['due_date']:%Y-%m-%d %H:%M}" == "2026-12-27 00:00"
    assert [(one["name"], one["quantity"], one["amount"]) for one in record["items"]] == [("Vase", 4, 100)]
    assert differences(draft, made.content) == ()
    assert world.gateway.look("acme", draft, world.clock.now()) == [made] == [world.send(draft)]
    assert "create invoice" not in operations(world)


def test_of_a_record_that_is_there_only_what_differs_is_sent(world: World) -> None:
    first = world.send(a_record(world))
    world.calls()

    changed = world.send(a_record(world, paid=Decimal("100.00"), due=date(2027, 1, 31)))

    assert world.calls()[1:] == ["update invoice?"]
    assert changed.remote_id == first.remote_id
    assert (shown(changed).paid, shown(changed).due, shown(changed).status) == (100, date(2027, 1, 31), "PAID")
    voided = a_record(world, total=Decimal(0), items=(), remarks="Voided in QuickBooks.", due=date(2027, 1, 31))
    world.send(voided)
    assert (only(world)["items"], only(world)["remarks"], only(world)["status"]) == (
        [],
        "Voided in QuickBooks.",
        "PAID",
    )
    back = a_record(world)
    assert differences(back, world.send(back).content) == ()


@pytest.mark.parametrize(
    ("total", "paid", "newer", "older"),
    [
        ("100", "0", "PENDING", "UNPAID"),
        ("100", "0.01", "PARTIALLY_PAID", "UNPAID"),
        ("100", "100", "PAID", "PAID"),
        ("100", "100.01", "OVERPAID", "PAID"),
        ("0", "0", "PAID", "PAID"),
    ],
)
def test_the_status_is_told_in_the_words_that_the_tenant_takes_and_these_are_remembered(
    world: World, total: str, paid: str, newer: str, older: str
) -> None:
    draft = a_record(world, total=Decimal(total), paid=Decimal(paid), items=())
    assert shown(world.send(draft)).status == newer
    switch(world, a48_invoice_statuses="older")
    other = a_record(world, total=Decimal(total), paid=Decimal(paid), reference="QBO:acme:invoice:131")
    assert shown(world.send(other)).status == older
    world.calls()
    third = a_record(world, total=Decimal(total), paid=Decimal(paid), reference="QBO:acme:invoice:132")
    assert shown(world.send(third)).status == older
    assert operations(world).count("create invoice") == 1


def test_an_order_is_named_as_the_tenant_takes_it_and_that_is_remembered(world: World) -> None:
    switch(world, a26_order_named_by="reference")
    world.send(a_record(world))
    assert only(world)["order_id"] == "SHOP-1001"
    assert operations(world).count("create invoice") == 2
    world.send(a_record(world, reference="QBO:acme:invoice:131"))
    assert operations(world).count("create invoice") == 1


def test_where_refusals_name_no_field_both_ways_are_tried(world: World) -> None:
    switch(world, a26_order_named_by="reference", a48_invoice_statuses="older", a05_details=False)
    assert shown(world.send(a_record(world))).status == "UNPAID"


def test_an_item_whose_sku_is_not_known_goes_by_its_name(world: World) -> None:
    items = (*VASES, RecordedItem(sku="LAMP-03", quantity=Decimal(1), amount=Decimal("5.00")))
    items = (*items, RecordedItem(sku="", quantity=Decimal(2), amount=Decimal("3.00")))
    draft = a_record(world, items=items)
    assert differences(draft, world.send(draft).content) == ()
    assert [one["name"] for one in only(world)["items"]] == ["Vase", "LAMP-03", "Not in the catalogue"]


def test_an_order_that_is_not_there_is_a_no(world: World) -> None:
    with pytest.raises(Refused) as told:
        world.send(a_record(world, order="gone", order_reference="gone too"))
    assert "order_id" in told.value.sentence and not told.value.ran
    assert operations(world).count("create invoice") == 2


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
    world: World, change: bool, fault: dict[str, Any], raised: Any, written: bool
) -> None:
    draft = a_record(world)
    if change:
        world.send(draft)
        draft = a_record(world, paid=Decimal("30.00"))
    world.fault(method="PATCH" if change else "POST", path="/invoices", **fault)

    with pytest.raises(raised):
        world.send(draft)

    found = world.gateway.look("acme", draft, world.clock.now())
    assert [differences(draft, one.content) for one in found] == ([()] if written else [APART] if change else [])


def test_what_goes_wrong_before_the_write_wrote_nothing(world: World) -> None:
    draft = a_record(world)
    world.fault(kind="reset-before", method="GET", path="/invoices")
    with pytest.raises(Unavailable) as told:
        world.send(draft)
    assert not told.value.ran and operations(world) == ["list invoices"]


def test_nothing_is_written_over_a_record_that_cannot_be_read(world: World) -> None:
    world.send(a_record(world))
    row = f'{{"data":[{{"id":"i-9","reference_id":"{REFERENCE}"}}]}}'
    world.fault(kind="status", status=200, body=row, content_type="application/json", method="GET", path="/invoices")
    operations(world)
    with pytest.raises(Refused) as told:
        world.send(a_record(world, paid=Decimal("30.00")))
    assert told.value.code == "not-understood" and operations(world) == ["list invoices"]
