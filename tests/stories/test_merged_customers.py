"""Customers that QuickBooks merged: their orders follow to the end of the chain, and wait quietly where they must."""

from engine.domain.events import CustomerObserved
from engine.records import by_signal
from tests.customers import edit_here, later, logged
from tests.world import CONNECTION, World


def test_orders_follow_a_customer_merged_twice(world: World) -> None:
    for name in ("Bloom Two", "Bloom Three"):
        world.wizcommerce.add_customer(name, email=f"{name[-3:].lower()}@bloom.example")
    later(world)
    ids = {one["DisplayName"]: one["Id"] for one in world.quickbooks.customers()}
    world.quickbooks.by_hand("merge-customers", Id="1", into=ids["Bloom Two"])
    later(world)
    world.quickbooks.by_hand("merge-customers", Id=ids["Bloom Two"], into=ids["Bloom Three"])
    later(world)
    world.wizcommerce.confirm_order("WC-1", customer="Bloom & Co", lines=[("VASE-01", 1, "25.00")])
    later(world)
    assert [one.customer for one in world.invoices()] == ["Bloom Three"]


def test_an_order_whose_merged_customer_is_inactive_waits_quietly_and_goes(world: World) -> None:
    world.wizcommerce.add_customer("Bloom Two", email="two@bloom.example")
    later(world)
    ids = {one["DisplayName"]: one["Id"] for one in world.quickbooks.customers()}
    world.quickbooks.by_hand("merge-customers", Id="1", into=ids["Bloom Two"])
    later(world)
    world.quickbooks.by_hand("deactivate-customer", Id=ids["Bloom Two"])
    later(world)
    world.wizcommerce.confirm_order("WC-1", customer="Bloom & Co", lines=[("VASE-01", 1, "25.00")])
    for _ in range(60):
        world.step()
    version = world.order("WC-1").version
    for _ in range(20):
        world.step()
    assert world.order("WC-1").version == version
    world.quickbooks.by_hand("reactivate-customer", Id=ids["Bloom Two"], DisplayName="Bloom Two")
    later(world)
    assert len(world.invoices()) == 1


def test_a_late_answer_about_the_record_that_was_merged_away_does_not_bring_it_back(world: World) -> None:
    edit_here(world, phone="+14155550100")
    later(world)
    customer = logged(world)
    [update] = customer.commands.values()
    winner = world.quickbooks.add_customer("Bloom and Daughters")
    world.choose(new_customers_in_wizcommerce="none")
    later(world)
    world.quickbooks.by_hand("merge-customers", Id="1", into=winner["Id"])
    later(world)
    loser = world.engine.accounting.fetch(CONNECTION, "customer", "1")

    entries = world.engine.sights.outcome(customer.stream, update, loser, 10**6, by_signal("a test"), "answered")

    seen = [event for entry in entries for event in entry.events if isinstance(event, CustomerObserved)]
    assert logged(world).links["quickbooks"] == winner["Id"] and seen == []
