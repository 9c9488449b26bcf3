"""Records of invoices put into WizCommerce over real HTTP (what shipments share: `test_wizcommerce_documents`)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from engine.domain.drafts import RecordedItem
from engine.domain.matching import differences
from engine.domain.values import InvoiceRecordContent
from engine.ports import Remote
from tests.adapters.wizcommerce_customers import operations
from tests.adapters.wizcommerce_documents import REFERENCE, VASES, a_record, documents_world, only
from tests.adapters.wizcommerce_world import World, switch


@pytest.fixture
def world() -> Iterator[World]:
    with documents_world() as made:
        yield made


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


def test_an_item_whose_sku_is_not_known_goes_by_its_name(world: World) -> None:
    items = (*VASES, RecordedItem(sku="LAMP-03", quantity=Decimal(1), amount=Decimal("5.00")))
    items = (*items, RecordedItem(sku="", quantity=Decimal(2), amount=Decimal("3.00")))
    draft = a_record(world, items=items)
    assert differences(draft, world.send(draft).content) == ()
    assert [one["name"] for one in only(world)["items"]] == ["Vase", "LAMP-03", "Not in the catalogue"]
