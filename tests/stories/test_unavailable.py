"""QuickBooks cannot answer now, or no longer lets us in: what waits goes once, when the cause is gone."""

import pytest

from tests.telling import confirm, creates, pass_by, request_ids
from tests.world import World


def _refreshes(world: World) -> int:
    return sum("refresh" in call.operation for call in world.quickbooks.calls.all())


@pytest.mark.parametrize("form", ["429-json", "429-xml"])
def test_too_many_requests_are_not_repeated_before_the_time_quickbooks_named(world: World, form: str) -> None:
    world.quickbooks.set_switches(retry_after="300")
    world.quickbooks.add_fault(form, operation="create invoice")

    confirm(world)
    assert world.where("WC-1001").startswith("waiting: QuickBooks has had too many requests")
    pass_by(world, 295)
    assert len(creates(world)) == 1
    pass_by(world, 7)

    assert [i.doc_number for i in world.invoices()] == ["WC-1001"]
    first, second = request_ids(world)
    assert first == second


@pytest.mark.parametrize("form", ["429-json", "429-xml"])
def test_too_many_requests_without_a_time_named_wait_a_minute(world: World, form: str) -> None:
    world.quickbooks.add_fault(form, operation="create invoice")

    confirm(world)
    pass_by(world, 55)
    assert len(creates(world)) == 1
    pass_by(world, 7)

    assert [i.doc_number for i in world.invoices()] == ["WC-1001"]
    assert len(creates(world)) == 2


def test_an_access_token_that_is_not_accepted_is_refreshed_once_and_the_invoice_goes(world: World) -> None:
    before = _refreshes(world)
    world.quickbooks.add_fault("401", operation="create invoice")

    confirm(world)

    assert [i.doc_number for i in world.invoices()] == ["WC-1001"]
    assert _refreshes(world) == before + 1
    first, second = request_ids(world)
    assert first == second


@pytest.mark.parametrize(("fault", "calls"), [("401", 2), ("403", 1)])
def test_no_access_ends_the_consent_and_what_waits_goes_when_it_is_given_again(
    world: World, fault: str, calls: int
) -> None:
    world.quickbooks.add_fault(fault, operation="create invoice", times=2 if fault == "401" else 1)

    confirm(world)
    confirm(world, "WC-1002")
    pass_by(world, 3_600)
    assert len(creates(world)) == calls
    assert world.invoices() == []
    assert world.rows("SELECT quickbooks FROM gates") == [("ended",)]
    assert world.rows("SELECT count(*) FROM attention WHERE topic = 'consent'") == [(1,)]
    world.connect()
    pass_by(world)

    assert sorted(i.doc_number for i in world.invoices()) == ["WC-1001", "WC-1002"]
    assert world.rows("SELECT count(*) FROM attention") == [(0,)]


def test_a_consent_revoked_in_quickbooks_holds_every_order_until_it_is_given_again(world: World) -> None:
    world.quickbooks.by_hand("disconnect")

    for number in range(5):
        confirm(world, f"WC-{number}")
    pass_by(world, 7_200)
    assert world.invoices() == []
    world.connect()
    pass_by(world)

    assert sorted(i.doc_number for i in world.invoices()) == [f"WC-{n}" for n in range(5)]
    assert len([outcome for outcome in creates(world) if outcome == "done"]) == 5


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_servers_failure_before_it_did_anything_ends_with_one_invoice(world: World, status: int) -> None:
    world.quickbooks.add_fault("status", operation="create invoice", status=status, times=2)

    confirm(world)
    for _ in range(3):
        pass_by(world)

    assert [i.doc_number for i in world.invoices()] == ["WC-1001"]
    assert len(creates(world)) == 3
    assert len(set(request_ids(world))) == 1


def test_a_lapsed_subscription_pauses_the_connection_until_a_person_says_go_on(world: World) -> None:
    world.quickbooks.by_hand("lapse-subscription")

    confirm(world)
    confirm(world, "WC-1002")
    pass_by(world, 3_600)
    assert (len(creates(world)), world.invoices()) == (1, [])
    world.quickbooks.by_hand("restore-subscription")
    world.engine.people.resume("acme", "tester")
    for _ in range(3):
        pass_by(world)

    assert sorted(i.doc_number for i in world.invoices()) == ["WC-1001", "WC-1002"]


def test_a_fault_of_its_own_that_quickbooks_repeats_for_the_same_id_does_not_stop_an_order_for_ever(
    world: World,
) -> None:
    """An HTTP 200 with a fault is kept by QuickBooks for that request id, as any answer with 200 is."""
    world.quickbooks.add_fault("200-fault", operation="create invoice")

    confirm(world)
    for _ in range(4):
        pass_by(world)

    assert [i.doc_number for i in world.invoices()] == ["WC-1001"]
    assert world.where("WC-1001") == "sent: invoice WC-1001"
