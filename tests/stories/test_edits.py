"""An order is edited or cancelled while its invoice is on its way: the right invoice, once, and a person sees the rest."""

import threading
from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.processes import until
from tests.telling import attention, by_looking_only, confirm, creates, looks, pass_by, request_ids, tags
from tests.world import World

A = [("VASE-01", 4, "25.00")]
B = [("VASE-01", 4, "25.00"), ("BOWL-02", 2, "12.50")]
TOTAL_A, TOTAL_B = Decimal("100.00"), Decimal("125.00")


def while_it_is_sent(world: World, number: str, *edits: list[tuple[str, int, str]]) -> None:
    """Lets a worker send the order's invoice while the order is edited and each edit is seen."""
    world.quickbooks.add_fault("slow", operation="create invoice", seconds=1.5)
    sending = threading.Thread(target=world.dispatcher.step)
    sending.start()
    until(lambda: creates(world) == ["open"], "the request is under way")
    for lines in edits:
        world.wizcommerce.edit_order(number, lines)
        world.move(3)
        world.settle(sending=False)
    assert creates(world) == ["open"]
    sending.join()


def test_an_order_edited_there_and_back_while_its_create_is_in_flight_becomes_the_right_invoice_once(
    world: World,
) -> None:
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", A)
    world.settle(sending=False)

    while_it_is_sent(world, "WC-1001", B, A)
    pass_by(world, 2_000)

    assert [(i.doc_number, i.total) for i in world.invoices()] == [("WC-1001", TOTAL_A)]
    assert tags(world).count("order-observed") == 3
    assert world.where("WC-1001") == "sent: invoice WC-1001"
    assert attention(world) == {}
    assert len(creates(world)) == 1


def test_an_order_edited_while_its_create_is_in_flight_changes_its_invoice_once_that_is_there(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", A)
    world.settle(sending=False)

    while_it_is_sent(world, "WC-1001", B)
    pass_by(world, 2_000)

    assert [(i.doc_number, i.total) for i in world.invoices()] == [("WC-1001", TOTAL_B)]
    assert attention(world) == {}
    assert len(creates(world)) == 1


def test_an_order_edited_there_and_back_while_nobody_knows_becomes_the_right_invoice_once(world: World) -> None:
    by_looking_only(world)
    world.quickbooks.set_switches(requestid="ignore")
    world.quickbooks.add_fault("reset-after", operation="create invoice")
    confirm(world)

    for lines in (B, A):
        world.wizcommerce.edit_order("WC-1001", lines)
        pass_by(world, 3)
    pass_by(world)

    assert [(i.doc_number, i.total) for i in world.invoices()] == [("WC-1001", TOTAL_A)]
    assert attention(world) == {}
    assert (len(creates(world)), looks(world)) == (1, 1)


def test_an_order_edited_after_its_outcome_became_unknown_changes_the_invoice_once_it_is_found(
    world: World,
) -> None:
    by_looking_only(world)
    world.quickbooks.add_fault("reset-after", operation="create invoice")
    confirm(world)

    world.wizcommerce.edit_order("WC-1001", B)
    pass_by(world)

    assert [(i.doc_number, i.total) for i in world.invoices()] == [("WC-1001", TOTAL_B)]
    assert world.where("WC-1001") == "sent: invoice WC-1001"
    assert attention(world) == {}
    assert len(creates(world)) == 1


def test_an_order_edited_back_after_a_paid_invoice_clears_what_was_shown(world: World) -> None:
    confirm(world)
    pass_by(world, 3)
    world.quickbooks.by_hand("receive-payment", invoices=[world.invoices()[0].id], TotalAmt=10)
    pass_by(world, 3)
    world.wizcommerce.edit_order("WC-1001", B)
    pass_by(world, 3)
    assert attention(world)["after-the-invoice"].endswith("because 10.00 of its 100.00 is paid or credited")

    world.wizcommerce.edit_order("WC-1001", A)
    pass_by(world, 3)

    assert attention(world) == {}
    assert [i.total for i in world.invoices()] == [TOTAL_A]


def test_an_order_edited_after_an_attempt_that_never_arrived_keeps_its_bytes_and_its_invoice_is_changed_after(
    world: World,
) -> None:
    """It may have arrived for all we knew, so what is sent again under that id are the same bytes."""
    by_looking_only(world)
    world.quickbooks.add_fault("reset-before", operation="create invoice")
    confirm(world)

    world.wizcommerce.edit_order("WC-1001", B)
    pass_by(world)

    assert [i.total for i in world.invoices()] == [TOTAL_B]
    first, second = request_ids(world)
    assert first == second
    assert [call.operation for call in world.quickbooks.calls.all()][-1] == "update invoice"


@pytest.mark.parametrize("down", ["429-json", "401"])
def test_an_order_edited_before_anything_was_carried_out_goes_with_its_new_content(world: World, down: str) -> None:
    world.quickbooks.add_fault(down, operation="create invoice", times=2)
    confirm(world)
    assert world.invoices() == []

    world.wizcommerce.edit_order("WC-1001", B)
    pass_by(world, 5)
    if down == "401":
        world.connect()
    for _ in range(3):
        pass_by(world)

    assert [(i.doc_number, i.total) for i in world.invoices()] == [("WC-1001", TOTAL_B)]
    assert attention(world) == {}
    first, last = request_ids(world)[0], request_ids(world)[-1]
    assert first != last


def test_an_order_edited_while_quickbooks_cannot_be_reached_goes_with_its_new_content(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", A)
    world.settle(sending=False)
    unreachable(world, True)
    for _ in range(3):
        world.dispatcher.step()
        world.move(60)
    assert "could not be reached" in world.where("WC-1001")

    world.wizcommerce.edit_order("WC-1001", B)
    world.settle(sending=False)
    unreachable(world, False)
    pass_by(world)

    assert [(i.doc_number, i.total) for i in world.invoices()] == [("WC-1001", TOTAL_B)]
    assert len(creates(world)) == 1


def unreachable(world: World, down: bool) -> None:
    """A new engine whose QuickBooks address has nobody listening, or the right one again."""
    if world.engine is not world.web_engine:
        world.engine.close()
    right = world.settings
    if down:
        world.settings = replace(right, quickbooks_api_url="http://127.0.0.1:9")
    world.restarted_engine()
    world.settings = right


def test_an_order_cancelled_while_it_waits_is_never_sent_and_says_why_until_it_is_confirmed_again(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("LATE-01", 4, "25.00")])
    world.settle()
    assert world.where("WC-1001") == "waiting: QuickBooks has no active item with SKU LATE-01"

    world.wizcommerce.cancel_order("WC-1001")
    world.settle()
    world.quickbooks.add_item("LATE-01", price="25.00")
    pass_by(world)
    assert world.invoices() == []
    assert creates(world) == []
    assert world.where("WC-1001") == "waiting: the order was cancelled in WizCommerce"
    world.wizcommerce.confirm_order("WC-1001", "", [])
    pass_by(world, 5)

    assert [(i.doc_number, i.total) for i in world.invoices()] == [("WC-1001", TOTAL_A)]
    assert world.where("WC-1001") == "sent: invoice WC-1001"


def test_an_order_cancelled_while_nobody_knows_has_its_invoice_voided_once_it_is_found(world: World) -> None:
    by_looking_only(world)
    world.quickbooks.add_fault("reset-after", operation="create invoice")
    confirm(world)

    world.wizcommerce.cancel_order("WC-1001")
    pass_by(world)

    assert [(i.doc_number, i.total) for i in world.invoices()] == [("WC-1001", Decimal(0))]
    assert attention(world) == {}


def test_an_order_cancelled_after_a_first_try_that_was_put_off_is_not_sent(world: World) -> None:
    world.quickbooks.add_fault("429-json", operation="create invoice")
    confirm(world)

    world.wizcommerce.cancel_order("WC-1001")
    pass_by(world)

    assert world.invoices() == []
    assert len(creates(world)) == 1
    assert "cancelled" in world.where("WC-1001")


def test_an_order_that_waits_and_is_edited_waits_for_what_it_needs_now(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("LATE-01", 4, "25.00")])
    world.settle()

    world.wizcommerce.edit_order("WC-1001", [("LATE-02", 4, "25.00")])
    pass_by(world, 3)
    assert world.where("WC-1001") == "waiting: QuickBooks has no active item with SKU LATE-02"
    world.wizcommerce.edit_order("WC-1001", A)
    pass_by(world, 3)

    assert [(i.doc_number, i.total) for i in world.invoices()] == [("WC-1001", TOTAL_A)]
