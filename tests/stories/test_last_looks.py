"""Before anything is made or merged: what may have happened meanwhile, of which no signal told us."""

from datetime import timedelta
from typing import Any

import pytest

from engine.cursors import Cursors
from engine.domain.events import RunFinished
from engine.people import NotPossible
from engine.ports import Hint
from tests.customers import BLOOM, all_here, edit_here, edit_there, hands, here, later, logged, names_there, there
from tests.customers_moving import EACH_CREATE, Moving
from tests.telling import VASES, confirm, pass_by
from tests.world import CONNECTION, World


def looks_for_new_ones(world: World) -> list[RunFinished]:
    """The pulls that were run because a customer was to be made, and told something or failed."""
    streams = world.rows("SELECT DISTINCT stream FROM audit_trail WHERE stream LIKE 'run-%%' ORDER BY stream")
    runs = [one.event for (stream,) in streams for one in world.engine.log.story(stream)]
    return [run for run in runs if isinstance(run, RunFinished) and run.asked_by == "a new customer"]


# ---- a customer that somebody made over there ------------------------------------------------------------------------------


@EACH_CREATE
def test_the_same_business_typed_on_both_sides_is_one_though_one_side_tells_nothing(world: World, command: Any) -> None:
    moving = Moving(world, command)
    moving.no_webhooks()
    moving.number = 1
    moving.make_there()
    moving.number = 0
    moving.run()
    pass_by(world, 1_000)

    assert (len(names_there(world)), len(all_here(world))) == (2, 2)
    assert set(moving.customer.links) == {"quickbooks", "wizcommerce"} and moving.writes() == []
    [look] = looks_for_new_ones(world)
    assert (look.changed, look.complete) == (1, True)


def test_one_look_serves_all_that_are_made_at_once_and_costs_one_metered_read(world: World) -> None:
    for number in range(5):
        world.wizcommerce.add_customer(f"Fern {number} Ltd", email=f"desk@fern-{number}.example")
    world.settle(sending=False)
    before = [call.operation for call in world.quickbooks.calls.all()]
    later(world)
    asked = [call.operation for call in world.quickbooks.calls.all()][len(before) :]

    assert asked.count("create customer") == 5 and asked.count("cdc") == 1
    assert not any(one.startswith(("query", "read")) for one in asked)


def test_where_the_look_fails_the_customer_is_made_all_the_same_and_the_failure_is_recorded(world: World) -> None:
    world.quickbooks.add_fault("status", status=503, operation="^cdc")
    world.wizcommerce.add_customer("Fern Ltd", email="desk@fern.example")
    later(world)

    assert names_there(world) == [BLOOM, "Fern Ltd"]
    [look] = looks_for_new_ones(world)
    assert look.problem and not look.complete


@pytest.mark.parametrize("ends", [True, False])
def test_a_create_waits_while_another_worker_is_at_the_look_but_not_for_ever(world: World, ends: bool) -> None:
    cursors = Cursors(world.engine.pool, world.clock)
    world.wizcommerce.add_customer("Fern Ltd", email="desk@fern.example")
    world.settle(sending=False)
    theirs = cursors.take_one(CONNECTION, "changes")
    assert theirs is not None and cursors.take_one(CONNECTION, "changes") is None
    world.settle()
    pass_by(world, 6)
    meanwhile = names_there(world)
    if ends:
        cursors.run(cursors.ended(theirs, theirs.cursor, world.clock.now() + timedelta(minutes=15), quiet=False))
        pass_by(world, 6)
    else:
        pass_by(world, 60)

    assert meanwhile == [BLOOM] and names_there(world) == [BLOOM, "Fern Ltd"]
    assert [call.operation for call in world.quickbooks.calls.all()].count("cdc") == (2 if ends else 1)


@pytest.mark.parametrize("name", ["Fern, Limited", "Cedar Shop"])
def test_a_match_that_came_while_the_create_was_due_is_linked_or_asked_about_and_nothing_is_made(
    world: World, name: str
) -> None:
    ours = world.wizcommerce.add_customer("Fern Ltd", email="desk@fern.example")["id"]
    world.settle(sending=False)
    theirs = world.quickbooks.add_customer(name, PrimaryEmailAddr={"Address": "desk@fern.example"})["Id"]
    world.deliver_and_open()
    world.move(5)
    while world.engine.observer.step():
        pass
    world.dispatcher.step()  # nothing reacted to the sight yet: the worker that would send decides anew
    made = names_there(world)
    later(world)

    assert made == names_there(world) == [BLOOM, name]
    customer = logged(world, ours)
    if name == "Cedar Shop":
        assert [one.remote_id for one in customer.proposed] == [theirs] and "quickbooks" not in customer.links
    else:
        assert customer.links["quickbooks"] == theirs


# ---- a merge that is only said ---------------------------------------------------------------------------------------------


def say_merged(world: World, winner: str) -> None:
    """A signal of QuickBooks says that Bloom & Co was merged into `winner`."""
    hint = Hint(kind="customer", remote_id="1", merged_into=winner)
    world.engine.observer.raise_signals(CONNECTION, "quickbooks", [hint], "a webhook")


@pytest.mark.parametrize("comes", ["later", "never"])
def test_a_merge_counts_when_the_record_shows_it_and_is_looked_for_a_few_times(world: World, comes: str) -> None:
    world.choose(new_customers_in_wizcommerce="none")
    bloom = here(world)["id"]
    winner = world.quickbooks.add_customer("Bloom and Daughters")["Id"]
    later(world)
    say_merged(world, winner)
    world.settle()
    asked = world.rows("SELECT problem FROM signals WHERE remote_id = '1'")
    links = logged(world).links["quickbooks"]
    if comes == "later":
        world.quickbooks.set_switches(webhooks_on=False)
        world.quickbooks.by_hand("merge-customers", Id="1", into=winner)
    reads = len([call for call in world.quickbooks.calls.all() if call.operation == "read customer"])
    for _ in range(10):
        pass_by(world, 21)

    assert asked == [("was merged, as a signal says, and does not show it yet",)] and links == "1"
    assert world.rows("SELECT * FROM signals") == []
    assert logged(world, bloom).links["quickbooks"] == (winner if comes == "later" else "1")
    more = len([call for call in world.quickbooks.calls.all() if call.operation == "read customer"]) - reads
    assert more == (1 if comes == "later" else 5)


def test_a_merge_waits_while_it_is_unknown_whether_the_winner_was_written(world: World) -> None:
    _, winner = _a_winner_under_way(world)
    world.quickbooks.set_switches(webhooks_on=True)
    world.quickbooks.by_hand("merge-customers", Id="1", into=winner)
    later(world)
    meanwhile = logged(world).links["quickbooks"], logged(world).merged_there
    for _ in range(20):
        pass_by(world, 21)

    assert meanwhile == ("1", {})
    assert logged(world).merged_there == {"quickbooks": winner}
    confirm(world, "WC-1")
    pass_by(world, 60)
    assert [one.customer_id for one in world.invoices()] == [winner]


def _a_winner_under_way(world: World) -> tuple[str, str]:
    """Fern Ltd of both sides (its ids), of whom an update to QuickBooks has no answer."""
    ours = world.wizcommerce.add_customer("Fern Ltd", email="desk@fern.example")["id"]
    later(world)
    theirs = logged(world, ours).links["quickbooks"]
    world.quickbooks.set_switches(webhooks_on=False)
    world.quickbooks.add_fault("reset-after", operation="^update customer")
    edit_here(world, ours, phone="+14155550100")
    later(world)
    assert "unknown" in {one.status for one in logged(world, ours).commands.values()}
    return ours, theirs


def test_nothing_is_chosen_while_it_is_unknown_what_became_of_a_request(world: World) -> None:
    _, winner = _a_winner_under_way(world)
    world.quickbooks.by_hand("merge-customers", Id="1", into=winner)
    world.engine.schedule.due_now(CONNECTION, "changes")
    later(world)
    with pytest.raises(NotPossible, match="is being checked; choose when that is known"):
        world.engine.decisions.choose(logged(world).stream, winner, "a person")
    pass_by(world)
    world.engine.decisions.choose(logged(world).stream, winner, "a person")
    assert logged(world).merged_there == {"quickbooks": winner}


# ---- deleted in WizCommerce ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shows", ["inactive", "404"])
def test_a_customer_deleted_and_made_again_in_wizcommerce_is_chosen_and_the_orders_of_both_go(
    world: World, shows: str
) -> None:
    world.wizcommerce.switch(**{"A-43": shows})
    old = here(world)["id"]
    world.quickbooks.by_hand("edit-item", Id=world.quickbooks.items()[-1]["Id"], Active=False)
    later(world)
    world.wizcommerce.confirm_order("WC-1", BLOOM, [("BOWL-02", 1, "12.50")])
    later(world)
    hands(world, "delete-customer", customer=old)
    later(world)
    new = world.wizcommerce.add_customer("Bloom and Company", email="books@bloom.example")["id"]
    world.wizcommerce.confirm_order("WC-2", new, VASES)
    later(world)
    waits = world.where("WC-1"), world.where("WC-2")
    world.engine.decisions.choose(logged(world, new).stream, "1", "a person")
    world.quickbooks.by_hand("edit-item", Id=world.quickbooks.items()[-1]["Id"], Active=True)
    later(world)
    pass_by(world, 1_000)

    assert all(not one.startswith("sent") for one in waits)
    assert names_there(world) == [BLOOM] and here(world, new)["display_name"] == BLOOM
    assert sorted((one.doc_number, one.customer_id) for one in world.invoices()) == [("WC-1", "1"), ("WC-2", "1")]
    assert logged(world, new).links == {"wizcommerce": new, "quickbooks": "1"}


# ---- a first sync that reads what may be our own ------------------------------------------------------------------------------


def test_what_is_read_whole_while_it_may_be_our_own_is_looked_at_again(world: World) -> None:
    moving = Moving(world, ("CreateCustomer", "quickbooks"))
    moving.no_webhooks()
    moving.fault("reset-after")
    moving.run()
    edit_there(world, moving.records("quickbooks")[0]["Id"], PrimaryEmailAddr={"Address": "new@fern.example"})
    world.engine.schedule.again(CONNECTION)
    world.settle()
    raised = world.rows("SELECT cause, remote_id FROM signals WHERE system = 'quickbooks'")
    pass_by(world)

    assert raised == [("schedule: first-customer", there(world, moving.records("quickbooks")[0]["Id"])["Id"])]
    assert moving.where().startswith("needs you")
    assert len(moving.records("quickbooks")) == 1
