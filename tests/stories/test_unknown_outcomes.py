"""An answer is lost: nobody guesses. We wait until QuickBooks must be done, look, and adopt what is ours."""

import json

import pytest

from tests.telling import (
    LONG_AFTER,
    NOT_YET,
    by_looking_only,
    confirm,
    creates,
    looks,
    number_by_quickbooks,
    pass_by,
    request_ids,
    tags,
)
from tests.world import World

A_FAULT = json.dumps(
    {"Fault": {"Error": [{"Message": "An application error has occurred", "code": "10000"}], "type": "SystemFault"}}
)
LOST_AFTER_COMMIT = {
    "reset": {"kind": "reset-after"},
    "closed": {"kind": "timeout-after", "seconds": 0.05},
    "500": {"kind": "status-after", "status": 500},
    "502": {"kind": "status-after", "status": 502, "body": "<html>Bad Gateway</html>", "content_type": "text/html"},
    "503": {"kind": "status-after", "status": 503},
    "200 with a fault": {"kind": "status-after", "status": 200, "body": A_FAULT, "content_type": "application/json"},
    "200 with nothing": {"kind": "status-after", "status": 200, "body": "{}", "content_type": "application/json"},
    "200 of HTML": {"kind": "status-after", "status": 200, "body": "<html>hello</html>", "content_type": "text/html"},
}
ANOTHER_LOOK = 65.0
"""Seconds after which a look that could not be made is tried again."""
OURS_OR_THEIRS = pytest.mark.parametrize("numbers", ["our numbers", "QuickBooks' numbers"])


@pytest.mark.parametrize("lost", LOST_AFTER_COMMIT)
@OURS_OR_THEIRS
def test_an_invoice_whose_answer_was_lost_is_found_and_adopted_though_requestid_is_ignored(
    world: World, lost: str, numbers: str
) -> None:
    if numbers == "QuickBooks' numbers":
        number_by_quickbooks(world)
    by_looking_only(world)
    world.quickbooks.set_switches(requestid="ignore")
    world.quickbooks.add_fault(operation="create invoice", **LOST_AFTER_COMMIT[lost])

    confirm(world)
    assert world.where("WC-1001").startswith("checking whether it arrived")
    pass_by(world, NOT_YET)
    assert (len(creates(world)), looks(world)) == (1, 0)
    pass_by(world)

    [invoice] = world.invoices()
    assert (invoice.doc_number == "WC-1001") == (numbers == "our numbers")
    assert world.where("WC-1001") == f"sent: invoice {invoice.doc_number}"
    assert (len(creates(world)), looks(world)) == (1, 1)


@pytest.mark.parametrize("kind", ["reset-before", "timeout-before", "status"])
@OURS_OR_THEIRS
def test_an_invoice_that_never_arrived_is_sent_again_under_the_same_id_after_a_look(
    world: World, kind: str, numbers: str
) -> None:
    if numbers == "QuickBooks' numbers":
        number_by_quickbooks(world)
    by_looking_only(world)
    world.quickbooks.add_fault(kind, operation="create invoice", status=503, seconds=0.05)

    confirm(world)
    pass_by(world, NOT_YET)
    assert len(creates(world)) == 1
    pass_by(world)

    assert len(world.invoices()) == 1
    first, second = request_ids(world)
    assert first == second
    assert looks(world) == (2 if numbers == "our numbers" else 1)  # nothing has the number: by customer and time too


def test_an_expired_requestid_makes_no_second_invoice(world: World) -> None:
    by_looking_only(world)
    world.quickbooks.set_switches(requestid="expired")
    world.quickbooks.add_fault("reset-after", operation="create invoice")

    confirm(world)
    pass_by(world, 2 * 86_400)

    assert len(world.invoices()) == 1
    assert len(creates(world)) == 1
    assert world.where("WC-1001") == "sent: invoice WC-1001"


def test_a_loss_that_recurs_is_looked_for_each_time_and_the_id_is_given_up_after_three_empty_looks(
    world: World,
) -> None:
    by_looking_only(world)
    world.quickbooks.add_fault("reset-before", operation="create invoice", times=5)

    confirm(world)
    for _ in range(6):
        pass_by(world)

    assert len(world.invoices()) == 1
    ids = request_ids(world)
    assert len(ids) == 6
    assert len(set(ids[:3])) == 1 and len(set(ids[3:])) == 1
    assert ids[0] != ids[3]
    assert looks(world) == 2 * 5  # by number, then by customer and time


def test_a_burned_requestid_is_waited_out_looked_for_twice_and_given_up_for_a_new_one(world: World) -> None:
    by_looking_only(world)
    world.quickbooks.add_fault("fault", operation="create invoice", code="600", times=2)

    confirm(world)
    assert world.where("WC-1001").startswith("checking whether it arrived")
    pass_by(world, NOT_YET)
    assert len(creates(world)) == 1
    pass_by(world)
    assert len(creates(world)) == 2
    assert world.invoices() == []
    pass_by(world, NOT_YET)
    assert len(creates(world)) == 2
    pass_by(world)

    assert [i.doc_number for i in world.invoices()] == ["WC-1001"]
    ids = request_ids(world)
    assert len(ids) == 3 and ids[0] == ids[1] != ids[2]
    assert tags(world).count("looked-and-absent") == 2
    assert world.where("WC-1001") == "sent: invoice WC-1001"


def test_a_duplicate_request_id_for_what_did_arrive_adopts_it(world: World) -> None:
    by_looking_only(world)
    world.quickbooks.add_fault("status-after", operation="create invoice", status=500)
    world.quickbooks.add_fault("status", operation="query Invoice", status=503)

    confirm(world)
    pass_by(world)
    assert world.where("WC-1001").startswith("checking whether it arrived")
    assert len(world.invoices()) == 1
    pass_by(world, 65)

    assert len(world.invoices()) == 1
    assert len(creates(world)) == 1
    assert world.where("WC-1001") == "sent: invoice WC-1001"


@pytest.mark.parametrize("failure", ["status", "reset-before", "429-json", "502-html"])
def test_a_look_that_cannot_be_made_is_postponed_and_sends_nothing(world: World, failure: str) -> None:
    by_looking_only(world)
    world.quickbooks.add_fault("reset-after", operation="create invoice")
    world.quickbooks.add_fault(failure, operation="query Invoice", times=3, status=503)

    confirm(world)
    for seconds in (LONG_AFTER, ANOTHER_LOOK, ANOTHER_LOOK):
        pass_by(world, seconds)
        assert world.where("WC-1001").startswith("checking whether it arrived")
        assert "could not look" in world.where("WC-1001")
    pass_by(world, ANOTHER_LOOK)

    assert len(world.invoices()) == 1
    assert (len(creates(world)), looks(world)) == (1, 4)
    assert world.where("WC-1001") == "sent: invoice WC-1001"


def test_a_look_while_consent_has_ended_waits_for_it(world: World) -> None:
    by_looking_only(world)
    world.quickbooks.add_fault("reset-after", operation="create invoice")
    confirm(world)

    world.quickbooks.by_hand("disconnect")
    pass_by(world, 4_000)
    assert world.where("WC-1001").startswith("checking whether it arrived")
    world.connect()
    pass_by(world)

    assert len(world.invoices()) == 1
    assert len(creates(world)) == 1
    assert world.where("WC-1001") == "sent: invoice WC-1001"


@OURS_OR_THEIRS
def test_two_invoices_with_our_mark_are_a_persons_to_decide(world: World, numbers: str) -> None:
    if numbers == "QuickBooks' numbers":
        number_by_quickbooks(world)
    by_looking_only(world)
    world.quickbooks.add_fault("reset-after", operation="create invoice")
    confirm(world)
    [original] = world.invoices()

    world.quickbooks.by_hand("set-preferences", SalesFormsPrefs={"CustomTxnNumbers": False})
    number = {"DocNumber": "WC-1001"} if numbers == "our numbers" else {}
    copy = world.quickbooks.by_hand("copy-invoice", Id=original.id, **number)
    pass_by(world)
    pass_by(world, 4_000)

    assert len(world.invoices()) == 2
    assert len(creates(world)) == 1
    assert world.where("WC-1001").startswith("needs you")
    assert original.id in world.where("WC-1001") and copy["Id"] in world.where("WC-1001")


def test_an_invoice_that_looks_like_ours_without_the_mark_is_a_persons_to_decide(world: World) -> None:
    by_looking_only(world)
    world.quickbooks.add_fault("reset-before", operation="create invoice")
    confirm(world)
    [customer] = [c for c in world.quickbooks.customers() if c["DisplayName"] == "Bloom & Co"]
    [item] = [i for i in world.quickbooks.items() if i.get("Sku") == "VASE-01"]
    detail = {"ItemRef": {"value": item["Id"]}, "Qty": 4, "UnitPrice": 25}

    world.quickbooks.by_hand(
        "add-invoice",
        CustomerRef={"value": customer["Id"]},
        DocNumber="WC-1001",
        Line=[{"DetailType": "SalesItemLineDetail", "Amount": 100, "SalesItemLineDetail": detail}],
    )
    pass_by(world)
    pass_by(world, 4_000)

    [by_hand] = world.invoices()
    assert len(creates(world)) == 1
    assert world.where("WC-1001").startswith("needs you")
    assert by_hand.id in world.where("WC-1001")
