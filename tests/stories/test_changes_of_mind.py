"""People change their minds, or the books change under an order: what was put off goes again, what was decided stays."""

import pytest

from engine.people import NotPossible
from tests.telling import by_looking_only, confirm, creates, number_by_quickbooks, pass_by
from tests.world import World


def test_an_order_put_off_then_cancelled_and_confirmed_again_becomes_one_invoice(world: World) -> None:
    world.quickbooks.add_fault("429-json", operation="create invoice")
    confirm(world)
    world.wizcommerce.cancel_order("WC-1001")
    pass_by(world)
    assert world.where("WC-1001") == "waiting: the order was cancelled in WizCommerce"

    world.wizcommerce.edit_order("WC-1001", status="confirmed")
    pass_by(world)

    assert [i.doc_number for i in world.invoices()] == ["WC-1001"]
    assert world.where("WC-1001") == "sent: invoice WC-1001"


def test_an_order_put_off_while_the_books_are_closed_goes_when_they_are_reopened(world: World) -> None:
    world.quickbooks.add_fault("429-json", operation="create invoice")
    confirm(world)
    world.quickbooks.by_hand("set-preferences", AccountingInfoPrefs={"BookCloseDate": "2999-12-31"})
    pass_by(world)
    assert world.where("WC-1001").startswith("needs you: the books are closed until 2999-12-31")

    world.quickbooks.by_hand("set-preferences", AccountingInfoPrefs={"BookCloseDate": None})
    pass_by(world)

    assert [i.doc_number for i in world.invoices()] == ["WC-1001"]


def test_an_order_put_off_that_then_waits_for_an_item_goes_when_the_item_is_taken_off_it(world: World) -> None:
    world.quickbooks.add_fault("429-json", operation="create invoice")
    confirm(world)
    [vase] = [i for i in world.quickbooks.items() if i.get("Sku") == "VASE-01"]
    world.quickbooks.by_hand("edit-item", Id=vase["Id"], Active=False)
    pass_by(world)
    assert world.where("WC-1001") == "waiting: QuickBooks has no active item with SKU VASE-01"

    world.wizcommerce.edit_order("WC-1001", [("BOWL-02", 4, "12.50")])
    pass_by(world)

    assert [(i.doc_number, str(i.total)) for i in world.invoices()] == [("WC-1001", "50.00")]


def _customer_stream(world: World, number: str = "WC-1001") -> str:
    """The customer an order waits for."""
    [command] = world.order(number).commands.values()
    return next(m.key for m in command.missing if m.key.startswith("customer-linked:")).removeprefix("customer-linked:")


def test_a_customer_that_is_another_ones_already_cannot_be_chosen_for_a_second(world: World) -> None:
    confirm(world)
    [bloom] = world.quickbooks.customers()
    world.wizcommerce.add_customer("Fern Ltd", email="books@fern.example")
    by_looking_only(world)
    world.quickbooks.add_customer("Fern Ltd", PrimaryEmailAddr={"Address": "someone@else.example"})
    confirm(world, "WC-1002", "Fern Ltd")
    stream = _customer_stream(world, "WC-1002")
    pass_by(world, 1_000)

    with pytest.raises(NotPossible, match="belongs to another customer of WizCommerce already"):
        world.engine.decisions.choose(stream, str(bloom["Id"]), "tester")
    confirm(world, "WC-1003")

    assert world.where("WC-1003") == "sent: invoice WC-1003"
    assert "a person decides" in world.where("WC-1002")


def _new_customer_while_paused(world: World) -> str:
    world.engine.people.pause("acme", "month end", "tester")
    world.wizcommerce.add_customer("Fern Ltd", email="books@fern.example")
    confirm(world, customer="Fern Ltd")
    return _customer_stream(world)


def test_a_customer_that_a_person_never_wants_sent_is_not_created_when_quickbooks_shows_another(world: World) -> None:
    stream = _new_customer_while_paused(world)
    world.engine.people.never_send(stream, "they pay cash", "tester")
    world.engine.people.resume("acme", "tester")

    world.quickbooks.add_customer("Rose & Sons")
    pass_by(world, 1_000)

    assert creates(world, "customer") == []
    assert world.engine.people.where(stream) == "never send: they pay cash"
    world.engine.people.push(stream, "tester")
    world.settle()
    assert [i.customer for i in world.invoices()] == ["Fern Ltd"]


def test_a_customer_we_cannot_express_is_refused_once_and_not_again_with_every_change_in_quickbooks(
    world: World,
) -> None:
    world.wizcommerce.add_customer("Fern Ltd", email="no address at all")
    confirm(world, customer="Fern Ltd")
    stream = _customer_stream(world)
    assert world.engine.people.where(stream).startswith("QuickBooks said no: The customer's e-mail address")

    world.quickbooks.add_customer("Rose & Sons")
    pass_by(world, 5)
    world.quickbooks.add_customer("Lily & Sons")
    pass_by(world, 1_000)

    assert len(world.engine.records.customer(stream).commands) == 1


def test_a_second_order_of_a_refused_customer_says_that_quickbooks_said_no(world: World) -> None:
    by_looking_only(world)
    world.quickbooks.by_hand("add-vendor", DisplayName="Fern Ltd")
    world.wizcommerce.add_customer("Fern Ltd", email="books@fern.example")
    confirm(world, customer="Fern Ltd")

    confirm(world, "WC-1002", "Fern Ltd")

    assert "QuickBooks said no to creating its customer: This name is used already" in world.where("WC-1002")
    assert creates(world, "customer") == ["refused"]


def test_never_send_after_an_attempt_that_may_have_arrived_is_not_retried_blindly(world: World) -> None:
    number_by_quickbooks(world)
    by_looking_only(world)
    world.quickbooks.add_fault("reset-after", operation="create invoice")
    confirm(world)
    [made] = world.invoices()
    world.quickbooks.by_hand("copy-invoice", Id=made.id)
    pass_by(world)
    stream = world.order_stream("WC-1001")
    world.engine.people.never_send(stream, "settled by hand", "tester")

    with pytest.raises(NotPossible, match="may have arrived"):
        world.engine.people.retry(stream, "tester")

    assert len(creates(world)) == 1


def test_erasing_waits_until_it_is_known_whether_the_last_attempt_arrived(world: World) -> None:
    world.quickbooks.add_fault("reset-after", operation="create invoice")
    by_looking_only(world)
    confirm(world)

    with pytest.raises(NotPossible, match="erase it when that is known"):
        world.engine.people.say_erased(world.order_stream("WC-1001"), "tester")

    pass_by(world)
    world.engine.people.say_erased(world.order_stream("WC-1001"), "tester")
    assert len(world.invoices()) == 1
