"""Orders of invoices put into WizCommerce over real HTTP, and every way in which that can end badly."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from adapters.wizcommerce.assumptions import Assumptions
from adapters.wizcommerce.order_drafts import change_body, laid_over, order_body
from engine.domain.drafts import OrderDraft, OrderUpdate
from engine.domain.matching import differences
from engine.domain.values import NOTHING, Address, OrderContent, OrderLine, Personal
from engine.ports import Outdated, Refused, Remote, Unavailable, Unknown
from tests.adapters.wizcommerce_customers import operations
from tests.adapters.wizcommerce_goods import a_world
from tests.adapters.wizcommerce_world import World, an_address, confirm, switch

REFERENCE = "QBO:acme:invoice:130"
MADE_AT = datetime(2026, 11, 27, 12, 30, 15, tzinfo=UTC)
VASES = OrderLine(sku="VASE-01", quantity=Decimal(4), unit_price=Decimal("25.00"), note=Personal("Glass"))
ENGRAVED = OrderLine(sku="Engraving", quantity=Decimal(1), unit_price=Decimal("33.3333333"), is_adhoc=True)


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as made:
        made.do(made.standin.add_customer, "Bloom & Co")
        made.do(lambda: made.standin.by_hand("add-product", sku="VASE-01", name="Vase"))
        made.do(lambda: made.standin.by_hand("add-product", sku="BOWL-02", name="Bowl"))
        yield made


def an_order(world: World, **fields: Any) -> OrderDraft:
    [customer] = world.do(lambda: list(world.standin.state.customers))
    plain: dict[str, Any] = {
        "reference": REFERENCE,
        "number": "B-1",
        "customer": customer,
        "made_at": MADE_AT,
        "lines": (VASES, ENGRAVED),
        "amount": Decimal("133.33"),
        "total": Decimal("135.83"),
        "paid": Decimal("40.00"),
        "discount": Decimal("10.00"),
        "tax": Decimal("0.00"),
        "shipping_charge": Decimal("12.50"),
        "payment_term": "Net 30",
        "po_number": "PO-7",
        "customer_note": Personal("Thank you"),
        "internal_note": Personal("by phone"),
        "billing": an_address("1 Harbour St", "Ground floor", region="OR", country="US"),
        "due": date(2026, 12, 27),
    }
    return OrderDraft(**{**plain, **fields})


def only(world: World) -> dict[str, Any]:
    """The one order there is, from WizCommerce's own state."""
    [found] = world.do(lambda: [dict(one) for one in world.standin.state.orders.values()])
    return dict(found)


def shown(remote: Remote) -> OrderContent:
    assert isinstance(remote.content, OrderContent)
    return remote.content


def change(seen: Remote, before: OrderDraft, after: OrderDraft, **more: Any) -> OrderUpdate:
    return OrderUpdate(remote_id=seen.remote_id, revision=seen.revision, order=after, before=before, **more)


def edited(world: World, **fields: Any) -> None:
    """Somebody changes the order there, later than what was written so far."""
    world.do(world.standin.clock.move, seconds=60)
    world.do(world.standin.edit_order, "B-1", "", None, **fields)


# ---- made ------------------------------------------------------------------------------------------------------------------


def test_a_new_order_is_looked_for_in_every_status_and_then_made_once(world: World) -> None:
    draft = an_order(world)
    made = world.send(draft)
    assert operations(world) == ["list orders", "list orders", "list orders", "create order"]
    order = only(world)
    assert (made.remote_id, made.kind, order["reference_id"]) == (order["id"], "order", REFERENCE)
    money = ("amount", "discount_value", "tax_value", "shipping_charge", "amount_paid")
    assert [order[name] for name in money] == [Decimal("133.33"), 10, 0, Decimal("12.50"), 40]
    assert (order["status"], order["payment_status"], order["fulfillment_status"]) == (
        "confirmed",
        "PARTIALLY_PAID",
        "UNFULFILLED",
    )
    texts = ("display_id", "payment_term", "po_number", "customer_note", "internal_note")
    assert [order[name] for name in texts] == ["B-1", "Net 30", "PO-7", "Thank you", "by phone"]
    lines = [(x["sku"], x["quantity"], x["unit_price"], x["note"], x["is_adhoc"]) for x in order["line_items"]]
    assert lines == [
        ("VASE-01", 4, 25, "Glass", False),
        ("Engraving", 1, Decimal("33.3333333"), None, True),
    ]
    assert order["billing_address"]["address_line_2"] == "Ground floor"
    assert (order["created_at"], order["updated_at"]) == (MADE_AT - timedelta(seconds=1), MADE_AT)
    assert f"{order['due_date']:%Y-%m-%d %H:%M}" == "2026-12-27 00:00"
    assert differences(draft, made.content) == ()
    assert world.gateway.look("acme", draft, world.clock.now()) == [made] == [world.send(draft)]
    assert "create order" not in operations(world)


def test_an_order_of_nothing_but_lines_is_taken_too(world: World) -> None:
    bare = an_order(
        world,
        payment_term="",
        po_number="",
        customer_note=NOTHING,
        internal_note=NOTHING,
        billing=None,
        due=None,
        paid=Decimal(0),
        lines=(VASES,),
    )
    assert differences(bare, world.send(bare).content) == ()
    assert only(world)["payment_status"] == "PENDING"


@pytest.mark.parametrize(("paid", "status"), [("135.83", "PAID"), ("135.84", "OVERPAID"), ("0", "PENDING")])
def test_how_far_it_is_paid_is_told_when_it_is_made(world: World, paid: str, status: str) -> None:
    world.send(an_order(world, paid=Decimal(paid)))
    assert only(world)["payment_status"] == status


@pytest.mark.parametrize("answer", ["400", "409"])
def test_an_order_that_came_meanwhile_under_its_reference_is_the_answer(world: World, answer: str) -> None:
    switch(world, a04_duplicate_references=answer)
    made = world.send(an_order(world))
    for _ in range(3):  # as if it had not been there yet
        world.fault(kind="status", status=200, body='{"data":[]}', operation="list orders")
    assert world.send(an_order(world)).remote_id == made.remote_id and len(world.do(world.standin.orders)) == 1


def test_a_cancelled_order_under_its_reference_is_the_answer(world: World) -> None:
    made = world.send(an_order(world))
    world.do(world.standin.cancel_order, "B-1")

    again = world.send(an_order(world))

    assert again.remote_id == made.remote_id and shown(again).status == "cancelled"


def test_what_wizcommerce_does_not_take_is_refused_with_the_field_it_names(world: World) -> None:
    with pytest.raises(Refused) as told:
        world.send(an_order(world, lines=(replace(VASES, sku="NOT-THERE"),)))
    assert "line_items[0].sku" in told.value.sentence and not told.value.ran
    assert world.do(world.standin.orders) == []


@pytest.mark.parametrize(("kind", "made"), [("reset-before", 0), ("reset-after", 1)])
def test_what_has_no_answer_is_unknown_and_looked_for(world: World, kind: str, made: int) -> None:
    world.fault(kind=kind, operation="create order")
    with pytest.raises(Unknown) as told:
        world.send(an_order(world))
    assert told.value.ran
    assert len(world.gateway.look("acme", an_order(world), world.clock.now())) == made


def test_what_is_throttled_was_not_carried_out(world: World) -> None:
    world.fault(kind="429", operation="create order")
    with pytest.raises(Unavailable) as told:
        world.send(an_order(world))
    assert not told.value.ran and world.do(world.standin.orders) == []


def test_without_v2_an_order_is_written_by_v1(world: World) -> None:
    switch(world, a42_v2=False)
    world.gateway = world.gateway_with(Assumptions(a42_order_version="v1"))
    draft = an_order(world)
    made = world.send(draft)

    changed = world.send(change(made, draft, replace(draft, number="B-2")))

    assert only(world)["display_id"] == "B-2" and only(world)["billing_address"]["city"] == "Portland"
    assert differences(replace(draft, number="B-2"), changed.content) == ()


@pytest.mark.parametrize("name", ["number", "payment_term", "po_number"])
def test_a_text_that_is_too_long_is_refused_before_it_is_sent(world: World, name: str) -> None:
    with pytest.raises(Refused, match="has 256 characters"):
        order_body(an_order(world, **{name: "x" * 256}), Assumptions())


def test_an_address_that_is_not_whole_goes_as_far_as_it_goes(world: World) -> None:
    street = Address(lines=Personal("1 Harbour St"), city="x" * 51)
    world.send(an_order(world, billing=street, shipping=Address()))

    order = only(world)
    assert (order["billing_address"]["address_line_1"], order["billing_address"]["city"]) == ("1 Harbour St", None)
    assert order["shipping_address"] is None


# ---- changed ---------------------------------------------------------------------------------------------------------------


def test_a_change_is_laid_over_what_stands_there(world: World) -> None:
    draft = an_order(world)
    world.send(draft)
    charge = {"name": "Pallet", "type": "other", "value_type": "value", "amount": Decimal(5)}
    contact = {"id": None, "first_name": "Ann", "last_name": None, "email": "ann@bloom.example"}
    edited(
        world,
        internal_note="shelf 4",
        freight_term="Prepaid",
        charges=[charge],
        primary_contact=contact,
        container_info={"name": "40 ft", "key": "40ft_hig", "unit": "CFT", "volume": 10},
        amount_paid=Decimal("60.00"),
    )
    line = {"shipped_quantity": Decimal(2), "picked_quantity": Decimal(3), "cancelled_quantity": Decimal(1)}
    world.do(lambda: next(iter(world.standin.state.orders.values()))["line_items"][0].update(line))
    [order] = world.do(world.standin.orders)
    seen = world.gateway.fetch("acme", "order", order["id"])
    after = replace(
        draft,
        lines=(ENGRAVED, replace(VASES, quantity=Decimal(3), unit_price=Decimal("20.00"))),
        amount=Decimal("93.33"),
        total=Decimal("95.83"),
        po_number="",
        customer_note=Personal("With thanks"),
    )
    world.calls()
    changed = world.send(change(seen, draft, after))

    assert operations(world) == ["read order", "replace order", "read order"]
    order = only(world)
    assert [(x["sku"], x["quantity"], x["shipped_quantity"], x["picked_quantity"]) for x in order["line_items"]] == [
        ("Engraving", 1, 0, 0),
        ("VASE-01", 3, 2, 3),
    ]
    assert (order["amount_paid"], order["payment_status"], order["amount"]) == (60, "PARTIALLY_PAID", Decimal("93.33"))
    assert (order["internal_note"], order["customer_note"], order["po_number"]) == ("shelf 4", "With thanks", None)
    assert (order["freight_term"], order["container_info"]["volume"]) == ("Prepaid", 10)
    assert [(one["name"], one["amount"]) for one in order["charges"]] == [("Pallet", 5)]
    assert order["primary_contact"]["first_name"] == "Ann" and order["billing_address"]["city"] == "Portland"
    assert (order["reference_id"], order["status"]) == (REFERENCE, "confirmed") and order["created_at"] < MADE_AT
    assert shown(changed).customer_note == Personal("With thanks")


def test_an_order_that_goes_to_another_customer_takes_nothing_of_the_former_one_along(world: World) -> None:
    draft = an_order(world)
    world.send(draft)
    street = {"id": "7b1f4a52-0c5f-4d7e-9a1e-0d3b6a1f7f10", "address_line_1": "9 Hill Rd", "city": "Salem"}
    contact = {"id": "7b1f4a52-0c5f-4d7e-9a1e-0d3b6a1f7f11", "first_name": "Ann", "email": "ann@bloom.example"}
    edited(world, billing_address=street, primary_contact=contact)
    other = world.do(world.standin.add_customer, "Stem")["id"]
    [order] = world.do(world.standin.orders)
    seen = world.gateway.fetch("acme", "order", order["id"])
    world.send(change(seen, draft, replace(draft, customer=other)))

    found = only(world)
    assert (found["customer_id"], found["primary_contact"]) == (other, None)
    assert (found["billing_address"]["id"], found["billing_address"]["city"]) == (None, "Salem")


def test_a_change_of_an_order_that_was_not_made_by_us_keeps_what_we_have_nothing_to_say_of(world: World) -> None:
    world.do(world.standin.by_hand, "add-product", sku="POT-03", name="Pot")
    made = confirm(world, "B-1", reference_id=REFERENCE, customer_note="Ring twice", po_number="PO-1")
    seen = world.gateway.fetch("acme", "order", made["id"])
    ours = an_order(world, customer=made["customer_id"], customer_note=NOTHING, po_number="PO-9")
    world.send(OrderUpdate(remote_id=seen.remote_id, revision=seen.revision, order=ours))

    found = only(world)
    assert (found["customer_note"], found["po_number"], found["internal_note"]) == ("Ring twice", "PO-9", "by phone")


def test_money_that_went_back_is_still_said(world: World) -> None:
    draft = an_order(world)
    world.send(draft)
    edited(world, payment_status="REFUNDED", amount_paid=Decimal(0))
    [order] = world.do(world.standin.orders)
    seen = world.gateway.fetch("acme", "order", order["id"])
    world.send(change(seen, draft, replace(draft, number="B-2")))

    assert (only(world)["payment_status"], only(world)["amount_paid"]) == ("REFUNDED", 0)


def test_a_change_of_what_was_changed_meanwhile_changes_nothing(world: World) -> None:
    draft = an_order(world)
    seen = world.send(draft)
    edited(world, internal_note="shelf 4")
    with pytest.raises(Outdated) as told:
        world.send(change(seen, draft, replace(draft, number="B-2")))
    assert not told.value.ran and only(world)["display_id"] == "B-1"


def test_an_order_is_cancelled_by_its_status_alone(world: World) -> None:
    draft = an_order(world)
    seen = world.send(draft)
    before = only(world)
    cancelling = change(seen, draft, draft, cancelled=True)
    world.calls()
    cancelled = world.send(cancelling)

    assert operations(world) == ["read order", "change order status", "read order"]
    assert differences(cancelling, cancelled.content) == ()
    after = only(world)
    assert {name for name in after if after[name] != before[name]} <= {"status", "updated_at"}
    assert world.gateway.look("acme", cancelling, world.clock.now()) == [cancelled]


@pytest.mark.parametrize("cancelled", [False, True])
def test_a_change_of_what_is_not_there_is_refused(world: World, cancelled: bool) -> None:
    switch(world, a43_after_delete="404")
    draft = an_order(world)
    seen = world.send(draft)
    world.do(lambda: world.standin.by_hand("delete-order", display_id="B-1"))
    with pytest.raises(Refused) as told:
        world.send(change(seen, draft, draft, cancelled=cancelled))
    assert told.value.code == "404" and told.value.next_step


def test_what_was_written_and_cannot_be_read_back_is_unknown(world: World) -> None:
    draft = an_order(world)
    seen = world.send(draft)
    world.fault(kind="status", status=503, operation="read order", after=1)
    with pytest.raises(Unknown):
        world.send(change(seen, draft, replace(draft, number="B-2")))
    assert only(world)["display_id"] == "B-2"


def test_of_two_lines_of_a_sku_each_keeps_its_own_progress() -> None:
    draft = OrderDraft(
        reference=REFERENCE,
        number="B-1",
        customer="c",
        made_at=MADE_AT,
        lines=(VASES,),
        amount=Decimal(100),
        total=Decimal(100),
        paid=Decimal(0),
    )
    update = OrderUpdate(remote_id="o", revision="1", order=draft)
    body: dict[str, Any] = {"line_items": [{"sku": "VASE-01", "quantity": Decimal(4), "unit_price": Decimal(25)}]}
    twins = [{**body["line_items"][0], "shipped_quantity": n, "quantity": Decimal(n)} for n in (1, 4)]

    at = dict.fromkeys(("created_at", "updated_at"), "2026-11-27T12:30:15Z")
    whole = laid_over(body, {**at, "line_items": twins}, update, Assumptions())

    assert [one["shipped_quantity"] for one in whole["line_items"]] == [
        4
    ]  # the line of the same quantity, not the first
    assert whole["updated_at"] == "2026-11-27T12:30:16Z" and "status" not in whole
    assert "display_id" in change_body(update, Assumptions())


def test_an_order_of_somebody_else_is_none_of_this_reference(world: World) -> None:
    confirm(world, "WC-1001", reference_id="QBO:acme:invoice:13")
    assert world.gateway.look("acme", an_order(world), world.clock.now()) == []
