"""What a person asks and decides about customers: choices, conflicts, reasons, what is listed, and a no of WizCommerce's."""

from typing import Any

import httpx

from tests.adapters.command_line import ask, done, refused, told
from tests.world import World

BLOOM = "Bloom & Co"


def agree(world: World) -> None:
    """Everything that was told is followed up, the regular looks too."""
    world.settle()
    world.move(1000)
    world.settle()


def both_change_the_phone(world: World) -> dict[str, Any]:
    """The one conflict that comes of it."""
    world.wizcommerce.do(world.wizcommerce.standin.edit_customer, BLOOM, phone="+14155550101")
    world.quickbooks.by_hand("edit-customer", Id="1", PrimaryPhone={"FreeFormNumber": "(415) 555-0100"})
    for _ in range(2):  # both changes are seen before either is sent
        world.settle(sending=False)
        world.move(1000)
    agree(world)
    [conflict] = told(world, "conflicts", "acme")
    return dict(conflict)


def phones(world: World) -> tuple[str, str]:
    """QuickBooks' and WizCommerce's own."""
    theirs = world.quickbooks.customers()[0]["PrimaryPhone"]["FreeFormNumber"]
    return theirs, world.wizcommerce.standin.customers()[0]["phone"]


def test_choices_are_shown_and_made_with_a_persons_name(world: World) -> None:
    before = {row["name"]: row for row in told(world, "policy", "acme")["choices"]}

    said = done(world, "--as", "admin", "set", "acme", "owner-phone", "quickbooks")
    found = told(world, "policy", "acme")

    assert before["owner-phone"]["value"] == "wizcommerce" and before["owner-phone"]["chosen_by"] == ""
    assert said == "owner-phone is quickbooks.\n"
    after = {row["name"]: row for row in found["choices"]}
    assert (after["owner-phone"]["value"], after["owner-phone"]["default"]) == ("quickbooks", "wizcommerce")
    assert after["owner-phone"]["chosen_by"] == "admin" and after["owner-phone"]["chosen_at"]
    assert [rep["name"] for rep in found["sales_reps"]] == ["House Account"] and found["price_lists"][0]["id"]
    shown = done(world, "policy", "acme")
    assert "by admin, 20" in shown and "House Account" in shown
    assert "takes quickbooks or wizcommerce" in refused(world, "--as", "admin", "set", "acme", "owner-phone", "me")
    assert "There is no choice 'mood'" in refused(world, "--as", "admin", "set", "acme", "mood", "calm")
    assert "Say who acts" in refused(world, "set", "acme", "owner-phone", "")
    assert done(world, "--as", "admin", "set", "acme", "owner-phone", "") == "owner-phone is wizcommerce.\n"
    assert "default again for owner-phone: wizcommerce" in done(world, "history", "connection", "acme")
    world.wizcommerce.running.stop()
    assert "could not be asked" in done(world, "policy", "acme")


def test_a_conflict_is_listed_with_its_rule_and_undone_as_a_new_change(world: World) -> None:
    conflict = both_change_the_phone(world)

    assert phones(world) == ("+14155550101", "+14155550101")
    assert (conflict["name"], conflict["field"], conflict["winner"]) == (BLOOM, "phone", "wizcommerce")
    assert (conflict["quickbooks"], conflict["wizcommerce"]) == ("(415) 555-0100", "+14155550101")
    assert "WizCommerce owns the phone" in conflict["rule"] and conflict["undone_by"] == ""
    assert "WizCommerce won" in done(world, "conflicts")

    said = done(world, "--as", "admin", "conflicts", "undo", BLOOM, str(conflict["number"]))
    agree(world)

    assert "The phone of QuickBooks is put back on both sides." in said
    assert phones(world) == ("(415) 555-0100", "+14155550100")
    assert "undone by admin" in done(world, "conflicts")
    again = ("--as", "admin", "conflicts", "undo", BLOOM, str(conflict["number"]))
    assert "undone already" in refused(world, *again)
    assert "has no conflict 999" in refused(world, "--as", "admin", "conflicts", "undo", BLOOM, "999")
    story = done(world, "history", "customer", BLOOM)
    words = [
        "Linked to QuickBooks customer 1: same name and email",
        "The phone was changed on both sides since they agreed: QuickBooks ((none) → (415) 555-0100), "
        "WizCommerce ((none) → +14155550101); WizCommerce wins, because WizCommerce owns the phone on this connection",
        "Attempt 1: sending to QuickBooks: phone +14155550101",
        "Attempt 1 arrived: QuickBooks has the change of customer 1 [trace ",
        "admin put the phone of QuickBooks back, on both sides",
        "Attempt 1: sending to WizCommerce: phone +14155550100",
        "Attempt 1 arrived: WizCommerce has the change of customer ",
        "Both sides agree on the phone",
        "Next: nothing; it is QuickBooks customer 1 and WizCommerce customer ",
    ]
    places = [story.find(one) for one in words]
    assert -1 not in places and places == sorted(places), dict(zip(words, places, strict=True))
    assert "wizqbo decided to update the customer in QuickBooks, because WizCommerce has another phone" in story
    writes = told(world, "changes", "--from", "2026-01-01", "--to", "2027-12-31")
    assert [(w["system"], w["kind"]) for w in writes] == [
        ("quickbooks", "customer"), ("quickbooks", "customer"), ("wizcommerce", "customer")
    ]  # fmt: skip
    assert writes[0]["changes"] == [{"field": "phone", "old": "(415) 555-0100", "new": "+14155550101"}]
    assert writes[2]["who"] == "admin" and "asked for with `wizqbo conflicts undo` by admin" in writes[2]["causes"][-1]


def test_a_no_of_wizcommerce_is_called_so_everywhere(world: World) -> None:
    for method in ("PUT", "PATCH"):
        rule = {"kind": "status", "method": method, "path": "/customers", "status": 400, "body": '{"message": "No."}'}
        httpx.post(f"{world.wizcommerce.running.address}/_standin/faults", json=rule).raise_for_status()
    world.quickbooks.by_hand("edit-customer", Id="1", PrimaryPhone={"FreeFormNumber": "(415) 555-0100"})
    agree(world)

    [row] = told(world, "pending", "acme")["pending"]
    assert row["state"] == "WizCommerce said no" and row["number"] == BLOOM
    assert told(world, "status")["connections"][0]["counts"]["WizCommerce said no"] == 1
    assert "QuickBooks said no" not in done(world, "pending")
    story = done(world, "history", "customer", BLOOM)
    assert "Attempt 1: WizCommerce said no" in story and "wizqbo retry customer" in story.partition("Next: ")[2]
    [waits] = told(world, "why", "customer", BLOOM)["waiting"]
    assert (waits["state"], waits["system"], waits["verb"]) == ("WizCommerce said no", "wizcommerce", "UpdateCustomer")
    assert "WizCommerce said no: to update the customer in WizCommerce" in done(world, "why", "customer", BLOOM)

    httpx.delete(f"{world.wizcommerce.running.address}/_standin/faults").raise_for_status()
    done(world, "--as", "admin", "retry", "customer", BLOOM)
    agree(world)

    assert phones(world) == ("(415) 555-0100", "+14155550100")
    assert done(world, "pending") == "Nothing is pending.\n"


def test_why_tells_the_link_the_notices_and_the_last_sights_and_a_notice_is_dismissed(world: World) -> None:
    world.quickbooks.by_hand("edit-customer", Id="1", PrimaryEmailAddr={"Address": "new@bloom.example"})
    agree(world)

    found = told(world, "why", "customer", BLOOM)

    assert found["linked"] is True and found["not_linked_because"] == ""
    [there, here] = found["links"]
    assert (there["system"], there["id"], there["how"]) == ("quickbooks", "1", "same name and email")
    assert (here["system"], here["how"]) == ("wizcommerce", "first seen there") and there["since"] and here["since"]
    assert [(one["system"], one["state"]) for one in found["seen"]] == [
        ("quickbooks", "active"),
        ("wizcommerce", "active"),
    ]
    assert found["seen"][0]["revision"] == "1" and found["seen"][0]["at"]
    [notice] = found["notices"]
    assert notice["topic"] == "email" and "buyer's login" in notice["sentence"]
    assert f"`wizqbo dismiss customer {found['stream'].partition(':')[2]}`" in found["next"]
    shown = done(world, "why", "customer", BLOOM)
    assert "needs you (email)" in shown and "QuickBooks last showed customer 1 at" in shown
    assert [row["state"] for row in told(world, "pending")["pending"]] == ["needs you"]

    assert "It is not listed for phone" in refused(world, "--as", "admin", "dismiss", "customer", BLOOM, "phone")
    assert "not listed for that any more" in done(world, "--as", "admin", "dismiss", "customer", BLOOM, "email")

    assert told(world, "why", "customer", BLOOM)["notices"] == [] and done(world, "pending") == "Nothing is pending.\n"
    assert "was ever seen" in refused(world, "why", "customer", "Nobody")
    assert ask(world, "why", "order", "WC-1").exit_code == 2


def test_pushing_a_customer_has_both_sides_read_again(world: World) -> None:
    calls = "SELECT system, remote_id, cause FROM signals WHERE kind = 'customer' ORDER BY system"

    done(world, "--as", "admin", "push", "customer", BLOOM)

    raised = world.rows(calls)
    assert [(system, cause) for system, _, cause in raised] == [
        ("quickbooks", "push: asked for by admin"), ("wizcommerce", "push: asked for by admin")
    ]  # fmt: skip
    assert raised[0][1] == "1"


def test_the_story_of_customers_that_quickbooks_merged_is_one(world: World) -> None:
    world.wizcommerce.add_customer("Paper Lane", email="hello@lane.example")
    agree(world)
    world.quickbooks.add_customer("Paper Lane Two")
    agree(world)
    world.quickbooks.by_hand("merge-customers", Id="2", into="3")
    agree(world)

    story = done(world, "history", "customer", "Paper Lane Two")
    found = told(world, "why", "customer", "3")

    assert story == done(world, "history", "customer", "2") == done(world, "history", "customer", found["stream"])
    words = [
        "Attempt 1 arrived: QuickBooks has the customer (its id 2)",
        "QuickBooks showed customer 3: Paper Lane Two",
        "QuickBooks merged its customer 2 into 3",
        "turned out to be one record",
        "Attempt 1: sending to WizCommerce: name Paper Lane Two",
    ]
    places = [story.find(one) for one in words]
    assert -1 not in places and places == sorted(places), dict(zip(words, places, strict=True))
    assert found["links"][0]["how"] == "QuickBooks merged its customer 2 into 3"
    merged = [(one["id"], one["state"], one["merged_into"]) for one in found["seen"] if one["system"] == "quickbooks"]
    assert sorted(merged) == [("2", "former", "3"), ("3", "active", "")]
    assert told(world, "match")["connections"][0]["linked"]["by a merge"] == 1


def test_what_cannot_be_done_is_one_sentence(world: World) -> None:
    for words in (("policy", "nope"), ("conflicts", "nope"), ("match", "nope"), ("first-sync", "nope")):
        assert "There is no connection 'nope'" in refused(world, *words)
    assert "No match waits for a decision there" in refused(world, "--as", "admin", "match", "accept", BLOOM)
    assert "It is QuickBooks customer 1 already" in refused(world, "--as", "admin", "match", "choose", BLOOM, "7")
    assert "Write a date" in refused(world, "--as", "admin", "backfill", "acme", "--from", "x", "--to", "2026-01-01")
    assert ask(world, "--as", "admin", "conflicts", "undo", BLOOM, "many").exit_code == 2
    world.engine.people.pause("acme", "stocktaking", "tester")
    world.quickbooks.by_hand("edit-customer", Id="1", PrimaryPhone={"FreeFormNumber": "(415) 555-0100"})
    agree(world)
    assert "writes are paused (stocktaking): wizqbo resume acme" in refused(
        world, "--as", "admin", "first-sync", "acme"
    )
    world.engine.people.consent_ended("acme", "tester")
    assert "QuickBooks is not connected" in refused(world, "--as", "admin", "first-sync", "acme")
