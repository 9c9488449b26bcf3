"""After the invoice: the order is edited or cancelled, the bookkeeper works on the invoice, and each cent stays explained."""

import threading
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.command_line import done
from tests.crashing import BEFORE_AND_AFTER, Moment, crashed_at
from tests.processes import until
from tests.telling import attention, by_looking_only, confirm, pass_by, tags
from tests.world import World

A = [("VASE-01", 4, "25.00")]
B = [("VASE-01", 5, "25.00"), ("BOWL-02", 2, "12.50")]
TOTAL_A, TOTAL_B = Decimal("100.00"), Decimal("150.00")


def writes(world: World) -> list[str]:
    """What was asked of invoices after the first was made, in QuickBooks' own log."""
    asked = [call.operation for call in world.quickbooks.calls.all()]
    return [operation for operation in asked if operation in ("update invoice", "void invoice")]


def reads(world: World) -> int:
    return sum(call.operation == "read invoice" for call in world.quickbooks.calls.all())


def lines(world: World) -> list[dict[str, Any]]:
    [invoice] = world.invoices()
    return [line for line in invoice.wire["Line"] if "Id" in line]


def test_an_edit_keeps_line_ids_and_what_the_bookkeeper_put_beside_our_fields(world: World) -> None:
    world.quickbooks.by_hand("set-preferences", AccountingInfoPrefs={"ClassTrackingPerTxnLine": True})
    klass = world.quickbooks.by_hand("add-class", Name="Retail")
    confirm(world)
    pass_by(world, 3)
    [invoice] = world.invoices()
    [first] = lines(world)
    detail = {**first["SalesItemLineDetail"], "ClassRef": {"value": klass["Id"]}}
    text = {"DetailType": "DescriptionOnly", "Description": "Handle with care", "DescriptionLineDetail": {}}
    changed = [{**first, "SalesItemLineDetail": detail}, text]
    world.quickbooks.by_hand("edit-invoice", Id=invoice.id, Line=changed, PrivateNote=f"Call first. {invoice.note}")
    pass_by(world, 3)
    before = reads(world)

    world.wizcommerce.edit_order("WC-1001", B, po_number="PO-7")
    pass_by(world, 3)

    [after] = world.invoices()
    assert (after.id, after.doc_number, after.total, after.day) == (invoice.id, "WC-1001", TOTAL_B, invoice.day)
    kept, note, new = lines(world)
    assert kept["Id"] == first["Id"] and kept["SalesItemLineDetail"]["ClassRef"]["value"] == klass["Id"]
    assert kept["SalesItemLineDetail"]["Qty"] == 5
    assert note["Description"] == "Handle with care" and new["SalesItemLineDetail"]["Qty"] == 2
    assert after.note.startswith("Call first. WizCommerce order WC-1001")
    assert writes(world) == ["update invoice"] and reads(world) - before <= 1  # that of the webhook of our own write
    assert attention(world) == {}


def test_our_own_change_coming_back_is_no_edit(world: World) -> None:
    confirm(world)
    world.wizcommerce.edit_order("WC-1001", B)
    pass_by(world, 3)

    for _ in range(3):
        pass_by(world)

    assert writes(world) == ["update invoice"]
    assert world.money() == TOTAL_B and attention(world) == {}


def test_an_invoice_somebody_touched_a_moment_ago_is_read_once_and_its_money_left_alone(world: World) -> None:
    """Nobody told us yet: QuickBooks says 5010, the invoice is read once, and what it shows now decides."""
    by_looking_only(world)
    confirm(world)
    pass_by(world, 3)
    [invoice] = world.invoices()
    world.quickbooks.by_hand("edit-invoice", Id=invoice.id, CustomerMemo={"value": "Thank you"})
    before = reads(world)

    world.wizcommerce.edit_order("WC-1001", B)
    pass_by(world, 3)

    assert [i.total for i in world.invoices()] == [TOTAL_B]
    assert world.invoices()[0].wire["CustomerMemo"] == {"value": "Thank you"}
    assert writes(world) == ["update invoice", "update invoice"] and reads(world) - before == 1

    world.quickbooks.by_hand("receive-payment", invoices=[invoice.id], TotalAmt=20)
    world.wizcommerce.edit_order("WC-1001", A)
    pass_by(world, 3)

    assert [i.total for i in world.invoices()] == [TOTAL_B]
    assert attention(world)["after-the-invoice"].endswith("because 20.00 of its 150.00 is paid or credited")


def test_a_cancelled_order_voids_its_invoice_and_a_second_look_changes_nothing(world: World) -> None:
    confirm(world)
    world.wizcommerce.cancel_order("WC-1001")
    pass_by(world, 3)
    pass_by(world)

    [invoice] = world.invoices()
    assert (invoice.doc_number, invoice.total, invoice.balance) == ("WC-1001", 0, 0)
    assert writes(world) == ["void invoice"] and attention(world) == {}

    world.wizcommerce.confirm_order("WC-1001", "", [])
    pass_by(world, 3)
    assert attention(world)["invoice-there"].endswith("its invoice WC-1001 was voided in QuickBooks")
    assert len(world.invoices()) == 1


def test_a_cancelled_order_whose_invoice_is_paid_asks_a_person_for_a_credit_memo(world: World) -> None:
    confirm(world)
    pass_by(world, 3)
    world.quickbooks.by_hand("receive-payment", invoices=[world.invoices()[0].id])
    pass_by(world, 3)

    world.wizcommerce.cancel_order("WC-1001")
    pass_by(world, 3)

    assert writes(world) == []
    assert attention(world)["after-the-invoice"].endswith("because 100.00 of its 100.00 is paid or credited")


@pytest.mark.parametrize("ending", ["void-invoice", "delete-invoice"])
def test_our_invoice_ended_in_quickbooks_is_not_made_again_and_stays_listed_until_a_person_lets_it_stand(
    world: World, ending: str
) -> None:
    confirm(world)
    pass_by(world, 3)
    world.quickbooks.by_hand(ending, Id=world.invoices()[0].id)
    pass_by(world, 3)
    pass_by(world)

    how = ending.partition("-")[0]
    said = f"the order is confirmed, and its invoice WC-1001 was {how}{'ed' if how == 'void' else 'd'} in QuickBooks"
    assert attention(world) == {"invoice-there": said}
    world.engine.decisions.dismiss(world.order_stream("WC-1001"), "", "admin")
    pass_by(world)
    assert attention(world) == {}
    assert [call.operation for call in world.quickbooks.calls.all()].count("create invoice") == 1


@pytest.mark.parametrize("lost", ["reset-before", "reset-after"])
@pytest.mark.parametrize("act", ["edit", "cancel"])
def test_a_change_whose_answer_is_lost_is_made_once(world: World, lost: str, act: str) -> None:
    by_looking_only(world)
    confirm(world)
    operation = "update invoice" if act == "edit" else "void invoice"
    world.quickbooks.add_fault(lost, operation=operation)

    _do(world, act)
    pass_by(world, 3)
    pass_by(world)

    assert [i.total for i in world.invoices()] == [TOTAL_B if act == "edit" else Decimal(0)]
    assert attention(world) == {}
    assert writes(world).count(operation) == (2 if lost == "reset-before" else 1)


@pytest.mark.parametrize("lost", ["reset-before", "reset-after"])
def test_a_change_without_money_whose_answer_is_lost_arrives_all_the_same(world: World, lost: str) -> None:
    by_looking_only(world)
    confirm(world)
    world.quickbooks.add_fault(lost, operation="update invoice")

    world.wizcommerce.edit_order("WC-1001", po_number="PO-7")
    pass_by(world, 3)
    pass_by(world)

    [invoice] = world.invoices()
    assert ", PO PO-7 " in invoice.note and invoice.total == TOTAL_A
    assert attention(world) == {} and world.rows("SELECT * FROM pending_work") == []


def test_a_change_without_money_that_was_lost_is_made_after_a_bookkeepers_own(world: World) -> None:
    by_looking_only(world)
    confirm(world)
    world.quickbooks.add_fault("reset-before", operation="update invoice")
    world.wizcommerce.edit_order("WC-1001", po_number="PO-7")
    pass_by(world, 3)
    world.quickbooks.by_hand("edit-invoice", Id=world.invoices()[0].id, CustomerMemo={"value": "Thank you"})
    pass_by(world)
    pass_by(world, 3)

    [invoice] = world.invoices()
    assert ", PO PO-7 " in invoice.note and invoice.wire["CustomerMemo"] == {"value": "Thank you"}


def test_an_order_confirmed_again_while_nobody_knows_of_the_void_is_not_voided(world: World) -> None:
    by_looking_only(world)
    confirm(world)
    world.quickbooks.add_fault("reset-before", operation="void invoice")
    world.wizcommerce.cancel_order("WC-1001")
    pass_by(world, 3)
    world.wizcommerce.confirm_order("WC-1001", "", [])
    pass_by(world, 3)
    pass_by(world)

    assert [i.total for i in world.invoices()] == [TOTAL_A]
    assert writes(world) == ["void invoice"] and attention(world) == {}


def test_an_edit_that_came_while_another_was_refused_is_followed(world: World) -> None:
    confirm(world)
    world.wizcommerce.edit_order("WC-1001", B)
    world.settle(sending=False)
    world.quickbooks.add_fault("slow", operation="update invoice", seconds=1.0)
    sending = threading.Thread(target=world.dispatcher.step)
    sending.start()
    until(lambda: "open" in _outcomes(world), "the request is under way")
    world.quickbooks.by_hand("set-preferences", AccountingInfoPrefs={"BookCloseDate": world.invoices()[0].day})
    world.wizcommerce.cancel_order("WC-1001")
    world.move(3)
    world.settle(sending=False)
    sending.join()
    pass_by(world, 3)

    assert tags(world).count("command-refused") == 1
    assert attention(world)["after-the-invoice"].startswith("the order was cancelled after its invoice was made")


def _outcomes(world: World) -> list[str]:
    return [call.outcome for call in world.quickbooks.calls.all() if call.operation == "update invoice"]


@pytest.mark.parametrize("moment", BEFORE_AND_AFTER)
@pytest.mark.parametrize("act", ["edit", "cancel"])
def test_wherever_the_engine_dies_the_invoice_follows_once(world: World, act: str, moment: Moment) -> None:
    deaths = 0
    for nth in range(1, MOST_APPENDS, 3):
        number = f"WC-{nth}"
        world.wizcommerce.confirm_order(number, "Bloom & Co", A)
        world.settle()
        before = len(writes(world))

        died = crashed_at(world, nth, moment, [lambda number=number: _do(world, act, number)])

        totals = {i.doc_number: i.total for i in world.invoices()}
        assert totals[number] == (TOTAL_B if act == "edit" else 0), f"it died at append {nth}"
        assert attention(world, number) == {} and len(writes(world)) - before == 1
        if not died:
            break
        deaths += 1

    assert 2 <= deaths < MOST_APPENDS / 3 - 1


MOST_APPENDS = 40
"""The path of one change has far fewer; the bound only keeps a broken engine from looping."""


def _do(world: World, act: str, number: str = "WC-1001") -> None:
    if act == "edit":
        world.wizcommerce.edit_order(number, B)
    else:
        world.wizcommerce.cancel_order(number)


def test_an_update_that_stays_refused_is_told_and_another_try_is_a_persons(world: World) -> None:
    confirm(world)
    world.quickbooks.add_fault("fault", operation="update invoice", code="6000", message="A business validation error")
    world.wizcommerce.edit_order("WC-1001", B)
    pass_by(world, 3)
    assert "QuickBooks said no" in world.where("WC-1001")
    assert [i.total for i in world.invoices()] == [TOTAL_A]

    world.engine.people.retry(world.order_stream("WC-1001"), "admin")
    pass_by(world, 3)

    assert [i.total for i in world.invoices()] == [TOTAL_B]
    assert world.where("WC-1001") == "sent: invoice WC-1001"


def test_the_history_and_the_changes_say_what_became_of_the_invoice_in_a_persons_words(world: World) -> None:
    confirm(world)
    world.wizcommerce.edit_order("WC-1001", B, po_number="PO-7")
    pass_by(world, 3)
    world.wizcommerce.cancel_order("WC-1001")
    pass_by(world, 3)

    told = done(world, "history", "order", "WC-1001")
    changes = done(world, "changes", "acme", "--from", "2020-01-01", "--to", "2030-01-01")

    assert "wizqbo decided to change the invoice in QuickBooks, because the order changed" in told
    assert "wizqbo decided to void the invoice in QuickBooks, because the order was cancelled" in told
    assert "Next: nothing; invoice WC-1001 was voided." in told
    assert "total 100.00 → 150.00" in changes and "PO number (none) → PO-7" in changes
    assert "voided no → yes" in changes
    for shown in (told, changes):
        assert "digest" not in shown and "Personal" not in shown and "InvoiceDraft" not in shown
