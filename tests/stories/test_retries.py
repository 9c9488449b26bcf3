"""A person asks for another try: at once where that is safe, a sentence where it is not, never a second invoice."""

import pytest

from engine.people import NotPossible
from tests.telling import by_looking_only, confirm, creates, looks, number_by_quickbooks, pass_by, request_ids
from tests.world import World


def _retry(world: World) -> str:
    return world.engine.people.retry(world.order_stream("WC-1001"), "tester")


def test_a_refused_order_that_is_retried_goes_as_a_new_generation(world: World) -> None:
    world.quickbooks.add_fault("fault", operation="create invoice", code="6000")
    confirm(world)
    assert world.where("WC-1001").startswith("QuickBooks said no")

    assert _retry(world).startswith("waiting")
    world.settle()

    assert [i.doc_number for i in world.invoices()] == ["WC-1001"]
    assert len(set(request_ids(world))) == 2


def test_an_order_put_off_goes_at_once_when_it_is_retried(world: World) -> None:
    world.quickbooks.set_switches(retry_after="3000")
    world.quickbooks.add_fault("429-json", operation="create invoice")
    confirm(world)
    assert world.invoices() == []

    _retry(world)
    world.settle()

    assert [i.doc_number for i in world.invoices()] == ["WC-1001"]
    first, second = request_ids(world)
    assert first == second


def test_an_order_that_waits_for_an_item_cannot_be_retried_and_says_what_it_waits_for(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("LATE-01", 4, "25.00")])
    world.settle()

    with pytest.raises(NotPossible, match="goes by itself: QuickBooks has no active item with SKU LATE-01"):
        _retry(world)


def test_an_order_of_unknown_outcome_cannot_be_retried_and_says_when_it_is_looked_for(world: World) -> None:
    by_looking_only(world)
    world.quickbooks.add_fault("reset-after", operation="create invoice")
    confirm(world)

    with pytest.raises(NotPossible, match=r"the next look is at \d\d:\d\d:\d\d UTC. Nothing is sent twice"):
        _retry(world)
    with pytest.raises(NotPossible, match="Whether it arrived is being checked"):
        world.engine.people.never_send(world.order_stream("WC-1001"), "no more", "tester")
    world.settle()

    assert (len(creates(world)), looks(world), len(world.invoices())) == (1, 0, 1)


def test_an_order_that_has_arrived_cannot_be_retried(world: World) -> None:
    confirm(world)

    with pytest.raises(NotPossible, match="arrived already"):
        _retry(world)


def _disputed(world: World) -> list[str]:
    """An order of which QuickBooks has two invoices with our mark, the copy by a bookkeeper; their ids."""
    by_looking_only(world)
    world.quickbooks.add_fault("reset-after", operation="create invoice")
    confirm(world)
    [original] = world.invoices()
    world.quickbooks.by_hand("set-preferences", SalesFormsPrefs={"CustomTxnNumbers": False})
    copy = world.quickbooks.by_hand("copy-invoice", Id=original.id, DocNumber="WC-1001")
    world.quickbooks.by_hand("set-preferences", SalesFormsPrefs={"CustomTxnNumbers": True})
    pass_by(world)
    assert world.where("WC-1001").startswith("needs you")
    return [original.id, str(copy["Id"])]


def test_a_disputed_order_whose_copies_were_deleted_is_sent_anew_when_it_is_retried(world: World) -> None:
    both = _disputed(world)
    for id in both:
        world.quickbooks.by_hand("delete-invoice", Id=id)

    _retry(world)
    world.settle()

    [invoice] = world.invoices()
    assert invoice.doc_number == "WC-1001" and invoice.id not in both
    assert world.where("WC-1001") == "sent: invoice WC-1001"


@pytest.mark.parametrize("seen", [False, True], ids=["unseen", "seen by change data capture"])
def test_a_disputed_order_whose_copy_was_deleted_adopts_what_is_left_when_it_is_retried(
    world: World, seen: bool
) -> None:
    original, copy = _disputed(world)
    if seen:
        pass_by(world, 2_000)
    world.quickbooks.by_hand("delete-invoice", Id=copy)

    _retry(world)
    world.settle()

    assert [i.id for i in world.invoices()] == [original]
    assert len(creates(world)) == 1
    assert world.where("WC-1001") == "sent: invoice WC-1001"


def test_a_disputed_order_that_a_person_never_wants_sent_stays_as_it_is(world: World) -> None:
    _disputed(world)

    world.engine.people.never_send(world.order_stream("WC-1001"), "billed by hand", "tester")
    pass_by(world, 5_000)

    assert len(creates(world)) == 1
    assert world.where("WC-1001") == "never send: billed by hand"


def _by_hand(world: World) -> str:
    """An order whose create was lost before it arrived, and an invoice without our mark that looks just like it; its id."""
    number_by_quickbooks(world)
    by_looking_only(world)
    world.quickbooks.add_fault("reset-before", operation="create invoice")
    confirm(world)
    [customer] = [c["Id"] for c in world.quickbooks.customers()]
    [item] = [i["Id"] for i in world.quickbooks.items() if i.get("Sku") == "VASE-01"]
    detail = {"ItemRef": {"value": item}, "Qty": 4, "UnitPrice": 25}
    line = {"DetailType": "SalesItemLineDetail", "Amount": 100, "SalesItemLineDetail": detail}
    made = world.quickbooks.by_hand("add-invoice", CustomerRef={"value": customer}, Line=[line])
    pass_by(world)
    assert world.where("WC-1001").startswith("needs you")
    return str(made["Id"])


def test_an_order_that_a_person_says_is_another_sale_is_sent_once_when_it_is_retried(world: World) -> None:
    by_hand = _by_hand(world)

    _retry(world)
    pass_by(world)

    first, second = world.invoices()
    assert first.id == by_hand
    assert world.where("WC-1001") == f"sent: invoice {second.doc_number}"
    assert len(set(request_ids(world))) == 2
