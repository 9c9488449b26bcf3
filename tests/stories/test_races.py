"""Two things at once: an invoice seen before its answer, a link made while an order decides to wait, a step that fails."""

import signal
from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast

import pytest

from engine.domain.drafts import Draft, InvoiceDraft
from engine.domain.events import Recorded
from engine.ports import Accounting
from engine.react import Outcome, React
from tests.crashing import MeanwhileLog
from tests.processes import OtherClock, other_worker, stopped, until
from tests.telling import VASES, attention, confirm, creates, number_by_quickbooks, pass_by, tags
from tests.world import World

# ---- our own invoice, seen before its answer --------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["webhook", "change data capture"])
@pytest.mark.parametrize("numbers", ["our numbers", "QuickBooks' numbers"])
def test_our_invoice_seen_before_its_answer_is_the_outcome_and_the_answer_comes_late(
    world: World, way: str, numbers: str
) -> None:
    if numbers == "QuickBooks' numbers":
        number_by_quickbooks(world)
    world.quickbooks.set_switches(webhooks_on=way == "webhook")
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", VASES)
    world.settle(sending=False)
    clock = OtherClock(world)

    with other_worker(world, clock, stops="after-send") as worker:
        until(lambda: stopped(worker), "the worker has QuickBooks' answer and has not recorded it")
        world.engine.schedule.due_now("acme", "changes")
        world.move(3)
        world.settle()
        seen_early = world.where("WC-1001")
        worker.send_signal(signal.SIGCONT)
        assert worker.wait(timeout=20) == 0
    pass_by(world, 2_000)

    [invoice] = world.invoices()
    assert seen_early == f"sent: invoice {invoice.doc_number}" == world.where("WC-1001")
    assert creates(world) == ["done"]
    assert tags(world).count("command-accepted") == 1
    assert tags(world).count("late-outcome") == 1
    assert world.rows("SELECT stream FROM claims WHERE system = 'quickbooks' AND kind = 'invoice'") == [
        (world.order_stream("WC-1001"),)
    ]
    assert world.rows("SELECT DISTINCT originator_id FROM log WHERE topic = 'invoice-observed'") == [
        (world.order_stream("WC-1001"),)
    ]
    assert attention(world) == {}


def test_an_invoice_of_unknown_outcome_seen_by_webhook_needs_no_look(world: World) -> None:
    world.quickbooks.add_fault("reset-after", operation="create invoice")
    confirm(world)
    assert world.where("WC-1001").startswith("checking whether it arrived")

    pass_by(world, 3)

    [invoice] = world.invoices()
    assert world.where("WC-1001") == "sent: invoice WC-1001"
    pass_by(world, 2_000)
    assert [i.id for i in world.invoices()] == [invoice.id]
    assert creates(world) == ["reset"]


def test_an_invoice_that_may_be_ours_waits_without_a_stream_of_its_own_until_the_look(world: World) -> None:
    world.quickbooks.add_fault("reset-after", operation="create invoice")
    confirm(world)
    [invoice] = world.invoices()

    world.quickbooks.by_hand("edit-invoice", Id=invoice.id, PrivateNote="paid in cash")
    pass_by(world, 3)
    assert world.where("WC-1001").startswith("checking whether it arrived")
    pass_by(world)

    assert len(world.invoices()) == 1
    assert creates(world) == ["reset"]
    assert world.where("WC-1001").startswith("needs you")


# ---- what an order waits for comes at the moment it decides to wait ------------------------------------------------------------

Comes = Callable[[World], object]


def _customer_comes(world: World) -> None:
    """The customer is added in QuickBooks by hand, and seen by another process; nobody has reacted."""
    world.quickbooks.add_customer("Fern Ltd", PrimaryEmailAddr={"Address": "books@fern.example"})
    _seen_by_another(world)


def _item_comes(world: World) -> None:
    """The item is added in QuickBooks by hand, and seen by another process; nobody has reacted."""
    world.quickbooks.add_item("FERN-09", price="25.00")
    _seen_by_another(world)


def _seen_by_another(world: World) -> None:
    world.web_engine.schedule.due_now("acme", "changes")
    while world.web_engine.schedule.step():
        pass


MISSING = pytest.mark.parametrize(
    ("customer", "sku", "comes", "arrived"),
    [
        ("Fern Ltd", "VASE-01", _customer_comes, "record-linked"),
        ("Bloom & Co", "FERN-09", _item_comes, "product-observed"),
    ],
    ids=["customer", "item"],
)


def _ordered(world: World, customer: str, sku: str) -> None:
    """The order is seen and decides; nobody has reacted."""
    world.quickbooks.set_switches(webhooks_on=False)
    if customer != "Bloom & Co":
        world.wizcommerce.add_customer(customer, email="books@fern.example")
    world.wizcommerce.confirm_order("WC-1001", customer, [(sku, 4, "25.00")])
    world.wizcommerce.running.call_in_loop(world.wizcommerce.standin.outbox.deliver_due)
    while world.engine.inbox.step() or world.engine.observer.step():
        pass


def _in_the_log(world: World, *topics: str) -> list[str]:
    found = world.rows("SELECT topic FROM log WHERE topic = ANY(%s) ORDER BY notification_id", list(topics))
    return [topic for (topic,) in found][-2:]


@MISSING
def test_an_order_goes_if_what_it_waits_for_comes_just_after_its_hold(
    world: World, customer: str, sku: str, comes: Comes, arrived: str
) -> None:
    _ordered(world, customer, sku)
    comes(world)
    assert _in_the_log(world, "command-held", arrived) == ["command-held", arrived]

    world.settle()

    assert [(i.customer, i.total) for i in world.invoices()] == [(customer, Decimal("100.00"))]
    assert creates(world, "customer") == []


@MISSING
def test_an_order_goes_if_what_it_waits_for_comes_between_its_decision_and_its_hold(
    world: World, customer: str, sku: str, comes: Comes, arrived: str
) -> None:
    log = world.restarted_engine(make_log=MeanwhileLog).log
    assert isinstance(log, MeanwhileLog)
    log.meanwhile = lambda: comes(world)
    _ordered(world, customer, sku)
    assert _in_the_log(world, "command-held", arrived) == [arrived, "command-held"]

    world.settle()

    assert [(i.customer, i.total) for i in world.invoices()] == [(customer, Decimal("100.00"))]
    assert creates(world, "customer") == []


# ---- a step that fails -----------------------------------------------------------------------------------------------------


class Bug(Exception):
    """What a step must never raise."""


class ReactThatFails(React):
    """Fails at every event of one stream, while `on`."""

    on = ""

    def _follow(self, recorded: Recorded, out: Outcome) -> None:
        if recorded.stream == self.on:
            raise Bug
        super()._follow(recorded, out)


class GatewayThatFails:
    """QuickBooks' gateway with a bug in the body of one order's invoice, while `on`."""

    def __init__(self, inner: Accounting, on: str) -> None:
        self._inner = inner
        self.on = on

    def request_body(self, draft: Draft) -> str:
        if isinstance(draft, InvoiceDraft) and draft.order_number == self.on:
            raise Bug
        return self._inner.request_body(draft)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def _red(world: World) -> list[tuple[str, str]]:
    """(step, stream) of what is parked, where health reads it; and that a person is told of it."""
    told = {topic for (topic,) in world.rows("SELECT topic FROM attention WHERE topic LIKE 'parked:%%'")}
    parked = [(step, stream) for step, stream in world.rows("SELECT step, stream FROM parked")]
    assert told == {f"parked:{step}:{stream}" for step, stream in parked}
    return parked


def test_a_stream_whose_event_makes_react_fail_is_parked_and_all_others_go_on(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("LOST-01", 4, "25.00")])
    world.settle()
    react = ReactThatFails(world.engine.records, world.engine.pool)
    world.engine.react = react
    react.on = world.order_stream("WC-1001")

    world.wizcommerce.edit_order("WC-1001", [("LATE-01", 4, "25.00")])
    confirm(world, "WC-1002")
    assert [i.doc_number for i in world.invoices()] == ["WC-1002"]
    assert _red(world) == [("react", react.on)]
    world.quickbooks.add_item("LATE-01", price="25.00")
    pass_by(world, 5)
    confirm(world, "WC-1003")
    assert [i.doc_number for i in world.invoices()] == ["WC-1002", "WC-1003"]

    stream, react.on = react.on, ""
    assert world.engine.people.unpark(stream, "tester") == "It goes on."
    world.settle()

    assert sorted(i.doc_number for i in world.invoices()) == ["WC-1001", "WC-1002", "WC-1003"]
    assert _red(world) == []
    assert creates(world) == ["done"] * 3


def test_a_stream_that_makes_react_fail_again_after_it_was_let_go_is_parked_again(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("LOST-01", 4, "25.00")])
    world.settle()
    react = ReactThatFails(world.engine.records, world.engine.pool)
    world.engine.react = react
    react.on = world.order_stream("WC-1001")
    world.wizcommerce.edit_order("WC-1001", [("LATE-01", 4, "25.00")])
    world.settle()

    world.engine.people.unpark(react.on, "tester")
    confirm(world, "WC-1002")

    assert _red(world) == [("react", react.on)]
    assert [i.doc_number for i in world.invoices()] == ["WC-1002"]


def test_an_order_whose_sending_fails_by_a_bug_is_parked_and_all_others_go_on(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = GatewayThatFails(world.engine.accounting, on="WC-1001")
    world.dispatcher = world.engine.dispatcher(cast(Accounting, gateway))

    confirm(world, "WC-1001")
    confirm(world, "WC-1002")
    stream = world.order_stream("WC-1001")
    assert [i.doc_number for i in world.invoices()] == ["WC-1002"]
    assert _red(world) == [("dispatch", stream)]

    gateway.on = ""
    world.engine.people.unpark(stream, "tester")
    world.settle()

    assert sorted(i.doc_number for i in world.invoices()) == ["WC-1001", "WC-1002"]
    assert _red(world) == []
