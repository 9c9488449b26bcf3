"""QuickBooks says no, and means it: never repeated by itself, shown with its reason, and tried anew when a person asks."""

import pytest

from tests.telling import (
    VASES,
    by_looking_only,
    confirm,
    creates,
    pass_by,
    request_ids,
    tags,
)
from tests.world import World

DAYS = 3 * 86_400.0


def _today(world: World) -> str:
    return world.their_clock.now().date().isoformat()


def _customer(world: World, name: str = "Bloom & Co") -> str:
    [found] = [c["Id"] for c in world.quickbooks.customers() if c["DisplayName"] == name]
    return str(found)


def _invoice_by_hand(world: World, number: str, quantity: int = 1) -> str:
    """An invoice a bookkeeper made; its id."""
    [item] = [i["Id"] for i in world.quickbooks.items() if i.get("Sku") == "BOWL-02"]
    detail = {"ItemRef": {"value": item}, "Qty": quantity, "UnitPrice": 10}
    line = {"DetailType": "SalesItemLineDetail", "Amount": 10 * quantity, "SalesItemLineDetail": detail}
    made = world.quickbooks.by_hand(
        "add-invoice", CustomerRef={"value": _customer(world)}, DocNumber=number, Line=[line]
    )
    return str(made["Id"])


def test_books_closed_without_our_knowing_refuse_and_a_retry_after_they_are_reopened_makes_one_invoice(
    world: World,
) -> None:
    by_looking_only(world)
    world.quickbooks.by_hand("close-books", date=_today(world))
    confirm(world)
    assert world.where("WC-1001").startswith("QuickBooks said no: The books are closed")
    pass_by(world, 3_600)
    assert len(creates(world)) == 1

    world.quickbooks.by_hand("reopen-books")
    pass_by(world, 3_600)
    assert len(creates(world)) == 1
    world.engine.people.retry(world.order_stream("WC-1001"), "tester")
    world.settle()

    assert [i.doc_number for i in world.invoices()] == ["WC-1001"]
    first, second = request_ids(world)
    assert first != second
    assert world.where("WC-1001") == "sent: invoice WC-1001"


def test_a_retry_while_the_books_are_still_closed_is_refused_again_and_never_doubled(world: World) -> None:
    by_looking_only(world)
    world.quickbooks.by_hand("close-books", date=_today(world))
    confirm(world)
    stream = world.order_stream("WC-1001")

    for _ in range(3):
        world.engine.people.retry(stream, "tester")
        world.settle()
    assert len(set(request_ids(world))) == 4
    world.quickbooks.by_hand("reopen-books")
    world.engine.people.retry(stream, "tester")
    world.settle()

    assert len(world.invoices()) == 1
    assert len(world.rows("SELECT * FROM pending_work")) == 0


@pytest.mark.parametrize("code", ["2010", "2500", "5010", "6000", "6200", "9999"])
def test_a_definite_no_is_never_repeated_by_itself(world: World, code: str) -> None:
    world.quickbooks.add_fault("fault", operation="create invoice", code=code)

    confirm(world)
    pass_by(world, DAYS)
    world.wizcommerce.edit_order("WC-1001", VASES, po_number="the-same-goods")
    pass_by(world, 0)

    assert tags(world).count("command-refused") == 1
    assert len(creates(world)) <= 2


def test_a_refusal_stays_while_nothing_changes_and_a_changed_order_is_another_try(world: World) -> None:
    world.quickbooks.add_fault("fault", operation="create invoice", code="2500")
    confirm(world)
    pass_by(world, DAYS)
    assert (len(creates(world)), world.invoices()) == (1, [])
    assert world.where("WC-1001").startswith("QuickBooks said no")

    world.wizcommerce.edit_order("WC-1001", [("BOWL-02", 2, "12.50")])
    pass_by(world, 3)

    assert [i.doc_number for i in world.invoices()] == ["WC-1001"]
    assert len(set(request_ids(world))) == 2


# ---- a number that is taken ----------------------------------------------------------------------------------------------------


def test_a_number_held_by_someone_elses_invoice_is_refused_and_says_so(world: World) -> None:
    _invoice_by_hand(world, "WC-1001")
    pass_by(world, 3)

    confirm(world)
    pass_by(world)

    assert len(world.invoices()) == 1
    assert len(creates(world)) == 1
    assert world.where("WC-1001").startswith("QuickBooks said no: This document number is used already")


def test_a_number_taken_a_moment_ago_by_an_invoice_we_have_not_seen_is_refused_too(world: World) -> None:
    by_looking_only(world)
    _invoice_by_hand(world, "WC-1001")

    confirm(world)
    pass_by(world)

    assert len(world.invoices()) == 1
    assert world.where("WC-1001").startswith("QuickBooks said no: This document number is used already")


def test_a_number_refused_after_an_unknown_because_ours_holds_it_is_adopted(world: World) -> None:
    """The look found nothing because QuickBooks was still at it; sent again, the number turned out to be taken by ours."""
    by_looking_only(world)
    world.quickbooks.set_switches(requestid="ignore")
    world.quickbooks.add_fault("reset-after", operation="create invoice")
    world.quickbooks.add_fault(
        "status",
        operation="query Invoice",
        status=200,
        body='{"QueryResponse": {}, "time": "2026-01-01T00:00:00.000-08:00"}',
        content_type="application/json",
        times=2,
    )

    confirm(world)
    pass_by(world)
    world.settle()

    assert [i.doc_number for i in world.invoices()] == ["WC-1001"]
    assert len(creates(world)) == 2
    assert world.where("WC-1001") == "sent: invoice WC-1001"


# ---- a customer's name that is taken -------------------------------------------------------------------------------------------


def _new_customer(world: World, email: str = "books@fern.example") -> None:
    """A customer in WizCommerce alone, and changes in QuickBooks that we do not hear of."""
    by_looking_only(world)
    world.wizcommerce.add_customer("Fern Ltd", email=email)


def _customer_stream(world: World) -> str:
    """The customer the order waits for."""
    [command] = world.order("WC-1001").commands.values()
    return next(m.key for m in command.missing if m.key.startswith("customer-linked:")).removeprefix("customer-linked:")


def test_a_name_held_by_a_vendor_is_refused_and_the_order_shows_that_reason(world: World) -> None:
    _new_customer(world)
    world.quickbooks.by_hand("add-vendor", DisplayName="Fern Ltd")

    confirm(world, customer="Fern Ltd")
    pass_by(world, DAYS)

    assert creates(world, "customer") == ["refused"]
    assert world.invoices() == []
    assert "QuickBooks said no to creating its customer: This name is used already" in world.where("WC-1001")
    assert world.engine.people.where(_customer_stream(world)).startswith("QuickBooks said no: This name is used")


def test_a_vendor_renamed_and_the_customer_retried_lets_the_order_go(world: World) -> None:
    _new_customer(world)
    world.quickbooks.add_fault("fault", operation="create customer", code="6240")
    confirm(world, customer="Fern Ltd")
    assert world.invoices() == []

    world.engine.people.retry(_customer_stream(world), "tester")
    world.settle()

    assert [i.customer for i in world.invoices()] == ["Fern Ltd"]
    assert len(set(request_ids(world, "customer"))) == 2
    assert len(world.quickbooks.customers()) == 2


def test_a_name_held_by_the_same_customer_that_we_had_not_seen_is_linked_and_no_second_is_made(world: World) -> None:
    _new_customer(world)
    world.quickbooks.add_customer("Fern Ltd", PrimaryEmailAddr={"Address": "books@fern.example"})

    confirm(world, customer="Fern Ltd")
    pass_by(world, 5)

    assert [c["DisplayName"] for c in world.quickbooks.customers()] == ["Bloom & Co", "Fern Ltd"]
    assert [(i.customer, i.customer_id) for i in world.invoices()] == [("Fern Ltd", _customer(world, "Fern Ltd"))]


def _name_only(world: World) -> tuple[str, str]:
    """An order of a customer whose name alone is that of one in QuickBooks: its stream, and the id there."""
    _new_customer(world)
    there = world.quickbooks.add_customer("Fern Ltd", PrimaryEmailAddr={"Address": "someone@else.example"})
    confirm(world, customer="Fern Ltd")
    assert world.invoices() == []
    assert "a person decides" in world.where("WC-1001")
    return _customer_stream(world), str(there["Id"])


@pytest.mark.parametrize(("look", "refused"), [("finds it", 0), ("fails", 1)])
def test_a_name_held_by_a_customer_that_may_be_another_is_a_persons_to_choose(
    world: World, look: str, refused: int
) -> None:
    if look == "fails":
        world.quickbooks.add_fault("status", status=503, operation="^cdc")
    stream, there = _name_only(world)
    pass_by(world, DAYS)
    assert (world.invoices(), len(creates(world, "customer"))) == ([], refused)

    world.engine.decisions.choose(stream, there, "tester")
    world.settle()

    assert [i.customer_id for i in world.invoices()] == [there]
    assert len(world.quickbooks.customers()) == 2


def test_a_match_that_is_rejected_is_created_when_its_name_is_free_again(world: World) -> None:
    stream, there = _name_only(world)
    world.quickbooks.by_hand("edit-customer", Id=there, DisplayName="Fern of Elsewhere")

    world.engine.decisions.reject(stream, "tester")
    world.settle()

    [invoice] = world.invoices()
    assert invoice.customer == "Fern Ltd" and invoice.customer_id != there
    assert len(world.quickbooks.customers()) == 3


def test_a_match_that_is_rejected_while_its_name_is_taken_is_refused_and_nothing_is_made(world: World) -> None:
    stream, _ = _name_only(world)

    world.engine.decisions.reject(stream, "tester")
    pass_by(world, DAYS)

    assert world.invoices() == []
    assert len(world.quickbooks.customers()) == 2
    assert "This name is used already" in world.where("WC-1001")


def test_a_customer_added_by_hand_while_its_create_waits_is_linked_and_no_second_is_made(world: World) -> None:
    world.engine.people.pause("acme", "month end", "tester")
    world.wizcommerce.add_customer("Fern Ltd", email="books@fern.example")
    confirm(world, customer="Fern Ltd")
    world.quickbooks.add_customer("FERN LTD.", PrimaryEmailAddr={"Address": "books@fern.example"})
    pass_by(world, 5)

    world.engine.people.resume("acme", "tester")
    pass_by(world)

    assert [c["DisplayName"] for c in world.quickbooks.customers()] == ["Bloom & Co", "FERN LTD."]
    assert [i.customer for i in world.invoices()] == ["FERN LTD."]
    assert world.rows("SELECT * FROM pending_work") == []


def test_a_match_that_was_rejected_and_then_refused_can_still_be_chosen(world: World) -> None:
    stream, there = _name_only(world)
    world.engine.decisions.reject(stream, "tester")
    pass_by(world)

    world.engine.decisions.choose(stream, there, "tester")
    world.settle()

    assert [i.customer_id for i in world.invoices()] == [there]
    assert len(world.quickbooks.customers()) == 2
