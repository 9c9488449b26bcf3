"""Another try at many things at once: counted first, each a person's decision of its own, and nothing is asked twice."""

import pytest

from engine.domain.events import CommandRetried
from engine.people import NotPossible
from tests.adapters.command_line import ask, done, refused, told
from tests.adapters.test_cli_asking import refuse_once
from tests.crashing import BEFORE_AND_AFTER, Died, Moment, dying_at
from tests.tables import count_of
from tests.telling import creates, request_ids, tags
from tests.world import World

BLOOM = "Bloom & Co"
ADMIN = ("--as", "admin", "retry")


def three_refused(world: World) -> list[str]:
    for number in ("WC-1001", "WC-1002", "WC-1003"):
        refuse_once(world, number)
    return [world.order_stream(number) for number in ("WC-1001", "WC-1002", "WC-1003")]


def wait_for_glass(world: World, *numbers: str) -> None:
    for number in numbers:
        world.wizcommerce.confirm_order(number, BLOOM, [("GLASS-9", 2, "46.75"), ("VASE-01", 1, "25.00")])
    world.settle()


def not_heard_of(world: World) -> None:
    """The item is there, and `react` has not come to it yet: as while it is behind, or its stream is parked."""
    world.quickbooks.add_item("GLASS-9", price="46.75")
    world.move(2)
    world.deliver_and_open()
    world.move(2)
    while world.engine.observer.step():
        pass


# ---- what waits, by its cause ----------------------------------------------------------------------------------------------


def test_pending_names_all_that_an_order_waits_for_each_since_when_and_what_to_do(world: World) -> None:
    world.choose(new_customers_in_quickbooks="ordered")
    world.engine.people.pause("acme", "month end", "tester")
    world.wizcommerce.add_customer("Paper Lane", email="new@lane.example")
    world.wizcommerce.confirm_order("WC-1001", "Paper Lane", [("GLASS-9", 1, "5.00"), ("LAMP-03", 1, "5.00")])
    world.settle()
    since = world.clock.now()
    world.move(7_200)
    world.quickbooks.add_item("LAMP-03", price="5.00")
    world.settle()

    [row] = [one for one in told(world, "pending")["pending"] if one["kind"] == "order"]
    shown = done(world, "pending")

    customer = world.rows("SELECT stream FROM pending_work WHERE verb = 'CreateCustomer'")[0][0].partition(":")[2]
    assert [one["cause"] for one in row["waits_for"]] == [f"customer-linked:{customer}", "sku:glass-9"]
    assert all(
        one["since"] <= since.isoformat() for one in row["waits_for"]
    )  # what is left waits since then, not since now
    assert row["since"] == min(one["since"] for one in row["waits_for"])
    assert "`wizqbo edit-and-retry order WC-1001 --map SKU=ITEM`" in row["next_step"]
    assert f"customer-linked:{customer}, sku:glass-9" in shown and " 2 h " in shown


def test_an_order_that_is_invoiced_already_is_not_offered_an_edit(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", BLOOM, [("VASE-01", 1, "25.00")])
    world.settle()
    world.wizcommerce.edit_order("WC-1001", [("GLASS-9", 1, "5.00")])
    world.move(3)
    world.settle()

    [row] = told(world, "pending")["pending"]
    assert row["waits_for"][0]["cause"] == "sku:glass-9" and "edit-and-retry" not in row["next_step"]


def test_pending_sets_together_what_waits_for_the_same(world: World) -> None:
    wait_for_glass(world, "WC-1001")
    world.move(60)
    world.wizcommerce.confirm_order("WC-1002", BLOOM, [("LAMP-03", 1, "5.00")])
    world.settle()
    world.move(60)
    wait_for_glass(world, "WC-1003")
    refuse_once(world, "WC-1004")

    shown = [line.split() for line in done(world, "pending").splitlines()[2:]]

    assert [words[2] for words in shown] == ["WC-1004", "WC-1001", "WC-1003", "WC-1002"]
    assert (
        "refused:2500" in shown[0] and all("sku:glass-9" in words for words in shown[1:3]) and "sku:lamp-03" in shown[3]
    )


def test_many_orders_of_one_cause_are_one_line(world: World) -> None:
    wait_for_glass(world, *(f"WC-2{number:03}" for number in range(21)))

    shown = done(world, "pending")

    assert "21 orders" in shown and "sku:glass-9" in shown and "WC-2001" not in shown
    assert len(told(world, "pending")["pending"]) == 21


# ---- another try -----------------------------------------------------------------------------------------------------------


def test_all_that_was_refused_is_counted_and_named_before_a_person_says_yes(world: World) -> None:
    three_refused(world)
    wait_for_glass(world, "WC-1004")

    answer = ask(world, *ADMIN, "--all-refused", answer="n\n")
    assert "3 orders can be tried again; orders of 75.00 in all." in answer.stdout
    assert "  order WC-1001 (25.00): " in answer.stdout and "Try them again, as admin?" in answer.stdout
    assert answer.exit_code == 1 and count_of(world, CommandRetried) == 0

    said = done(world, *ADMIN, "--all-refused", answer="y\n")
    world.settle()

    assert said.count(": waiting: ") == 3 and len(world.invoices()) == 3
    assert world.rows("SELECT DISTINCT who FROM log_readable WHERE event = 'command-retried'") == [("admin",)]
    assert len(set(request_ids(world))) == len(creates(world)) == 6
    assert "Nothing can be tried again." in done(world, *ADMIN, "--all-refused")


def test_only_those_of_the_cause_are_tried_again(world: World) -> None:
    refuse_once(world, "WC-1001")
    world.quickbooks.add_fault("fault", method="POST", path="/invoice", code="6000", message="A rule")
    world.wizcommerce.confirm_order("WC-1002", BLOOM, [("VASE-01", 1, "25.00")])
    world.settle()

    found = told(world, *ADMIN, "--cause", "REFUSED:6000", "--yes")
    world.settle()

    assert [(one["record"], one["total"]) for one in found["tried"]] == [("order WC-1002", "25.00")]
    assert (found["count"], found["totals"]) == (1, {"": "25.00"})
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1002"]


def test_orders_that_wait_for_a_sku_go_when_it_is_there_and_else_say_what_they_wait_for(world: World) -> None:
    wait_for_glass(world, "WC-1001", "WC-1002")

    still = done(world, *ADMIN, "--cause", "sku:GLASS-9")
    assert "Nothing can be tried again." in still and "wizqbo refresh" in still
    assert "  not order WC-1001, order WC-1002: QuickBooks has no active item with SKU GLASS-9." in still
    assert "command-retried" not in tags(world)
    not_heard_of(world)
    said = done(world, *ADMIN, "--cause", "sku:GLASS-9", "--yes")
    world.settle()

    assert "2 orders can be tried again; orders of 237.00 in all." in said
    assert tags(world).count("command-retried") == 1 and tags(world).count("command-released") == 1
    assert sorted(invoice.doc_number for invoice in world.invoices()) == ["WC-1001", "WC-1002"]


def test_a_withheld_order_is_looked_at_again_and_what_is_no_cause_is_said(world: World) -> None:
    world.wizcommerce.draft_order("WC-1003", BLOOM, [("VASE-01", 1, "25.00")])
    world.settle()

    assert "the order is a draft in WizCommerce" in done(world, *ADMIN, "--cause", "draft")
    answer = refused(world, *ADMIN, "--cause", "sku:VASE-02")
    assert "Nothing waits for 'sku:VASE-02'. What waits: draft (1)." in answer


def test_what_failed_is_tried_at_once_and_asked_once(world: World) -> None:
    world.quickbooks.add_fault("status", operation="create invoice", status=429)
    world.wizcommerce.confirm_order("WC-1001", BLOOM, [("VASE-01", 1, "25.00")])
    world.settle()
    [row] = told(world, "pending")["pending"]
    cause = row["waits_for"][0]["cause"]
    done(world, *ADMIN, "--cause", cause, "--yes")
    done(world, *ADMIN, "--cause", cause, "--yes")

    assert cause.startswith("failed") and tags(world).count("command-retried") == 1


def test_a_customer_that_was_refused_is_tried_with_the_rest_and_has_no_amount(world: World) -> None:
    world.quickbooks.add_fault("fault", method="POST", path="/customer", code="2500", message="Invalid Reference Id")
    world.wizcommerce.add_customer("Paper Lane", email="new@lane.example")
    world.settle()

    found = told(world, *ADMIN, "--all-refused", "--yes")
    world.settle()

    assert [(one["record"], one["total"]) for one in found["tried"]] == [("customer Paper Lane", None)]
    assert len(world.quickbooks.customers()) == 2


def test_what_is_typed_wrongly_is_one_sentence(world: World) -> None:
    for words in (
        (),
        ("order",),
        ("--all-refused", "--cause", "x"),
        ("order", "WC-1", "--all-refused"),
        ("--cause", " "),
    ):
        assert "Say which: `wizqbo retry order WC-1002`" in refused(world, *ADMIN, *words)
    assert "There is no connection 'nope'" in refused(world, *ADMIN, "--all-refused", "--connection", "nope")
    assert "say --yes too" in refused(world, *ADMIN, "--all-refused", "--json")
    assert "Say who acts" in refused(world, "retry", "--all-refused")


# ---- killed in the middle --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", BEFORE_AND_AFTER)
def test_killed_in_the_middle_and_run_again_each_is_asked_once(world: World, moment: Moment) -> None:
    streams = three_refused(world)
    commands = [next(iter(world.engine.records.order(stream).commands)) for stream in streams]
    world.engine.close()
    engine = world.restarted_engine(make_log=dying_at(2, moment))

    with pytest.raises(Died):
        for stream, command in zip(streams, commands, strict=True):
            engine.retrying.again(stream, command, "admin")
    engine.close()
    world.restarted_engine()
    left = told(world, *ADMIN, "--all-refused", "--yes")["count"]
    for stream, command in zip(streams, commands, strict=True):  # and by whoever had listed them before
        assert not world.engine.retrying.would(stream, command)
    world.settle()

    assert left == (2 if moment == "before its commit" else 1)
    assert count_of(world, CommandRetried) == 3
    assert len(world.invoices()) == 3 and len(set(request_ids(world))) == len(creates(world)) == 6


def test_what_may_have_arrived_is_not_tried_again_with_the_rest(world: World) -> None:
    [stream, *_] = three_refused(world)
    [command] = world.engine.records.order(stream).commands
    world.engine.people.retry(stream, "tester")

    assert not world.engine.retrying.would(stream, command)
    with pytest.raises(NotPossible, match="Nothing was asked"):
        world.engine.people.another_try("order-acme:0a4c1f6b-6a0c-5e0e-9c6b-6f1d0c578f10")
