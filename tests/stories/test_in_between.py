"""What happens between a decision and its append, or between an append and what it announced."""

from datetime import timedelta

from engine.domain.events import AttemptStarted, CommandAccepted, PushWithheld
from tests.crashing import MeanwhileLog
from tests.telling import VASES, attention, by_looking_only, confirm, creates, pass_by
from tests.world import World


def test_a_worker_that_stood_still_right_after_recording_its_attempt_sends_nothing(world: World) -> None:
    world.quickbooks.set_switches(requestid="ignore")
    log = world.restarted_engine(make_log=MeanwhileLog).log
    assert isinstance(log, MeanwhileLog)
    log.at, log.moment = AttemptStarted, "after its commit"
    other = world.web_engine.dispatcher()

    def others_resolve_it() -> None:
        world.move(1_000)
        while other.step():
            pass
        world.quickbooks.by_hand("edit-invoice", Id=world.invoices()[0].id, DocNumber="HAND-7")

    log.meanwhile = others_resolve_it
    confirm(world)
    pass_by(world, 2_000)

    assert len(world.invoices()) == 1
    assert creates(world) == ["done"]


def test_an_order_goes_if_the_start_comes_between_its_decision_and_its_record(bare_world: World) -> None:
    world = bare_world
    world.connect()
    world.accept()
    world.settle()
    log = world.restarted_engine(make_log=MeanwhileLog).log
    assert isinstance(log, MeanwhileLog)
    log.at = PushWithheld

    def a_person_starts() -> None:
        world.web_engine.people.start("acme", world.clock.now() - timedelta(days=1), "tester")
        while world.web_engine.react.step():
            pass

    log.meanwhile = a_person_starts
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", VASES)
    world.settle()

    assert [i.doc_number for i in world.invoices()] == ["WC-1001"]


def test_our_invoice_renumbered_by_hand_before_we_know_of_it_is_a_persons_to_decide(world: World) -> None:
    world.quickbooks.set_switches(requestid="ignore")
    world.quickbooks.add_fault("reset-after", operation="create invoice")
    confirm(world)
    [invoice] = world.invoices()

    world.quickbooks.by_hand("edit-invoice", Id=invoice.id, DocNumber="HAND-7")
    pass_by(world, 5)
    pass_by(world, 2_000)

    assert [i.doc_number for i in world.invoices()] == ["HAND-7"]
    assert world.where("WC-1001").startswith("needs you: ")
    assert "number HAND-7 instead of WC-1001" in world.where("WC-1001")


def test_an_acceptance_that_comes_after_its_order_was_given_up_is_shown_to_a_person(world: World) -> None:
    by_looking_only(world)
    log = world.restarted_engine(make_log=MeanwhileLog).log
    assert isinstance(log, MeanwhileLog)
    log.at = CommandAccepted
    other = world.web_engine.dispatcher()

    def looked_for_in_vain_and_given_up() -> None:
        world.quickbooks.by_hand("delete-invoice", Id=world.invoices()[0].id)
        world.move(1_000)
        assert other.step() and other.step()
        world.web_engine.people.never_send(world.order_stream("WC-1001"), "they paid cash", "tester")

    log.meanwhile = looked_for_in_vain_and_given_up
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", VASES)
    world.settle(sending=False)
    world.settle()

    assert world.where("WC-1001") == "never send: they paid cash"
    assert "by a request that had been given up" in attention(world)["second-record"]
