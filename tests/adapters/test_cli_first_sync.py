"""The first sync at the command line, from connecting to its report, and the past that a person sends after all."""

import signal
import threading

from engine.clock import SystemClock
from tests.adapters.command_line import ask, done, refused, told
from tests.tables import writes
from tests.world import World

ADMIN = ("--as", "admin", "first-sync", "acme")


class Impatient(SystemClock):
    """A person presses Ctrl-C as soon as the command waits."""

    def wait(self, event: threading.Event, seconds: float) -> bool:
        if threading.current_thread() is threading.main_thread():
            signal.raise_signal(signal.SIGINT)
        return super().wait(event, seconds)


def two_sides(world: World) -> None:
    """Two customers that are one, two of one name, one on each side only, and an order of the past."""
    world.quickbooks.add_customer(
        "Paper Lane", PrimaryEmailAddr={"Address": "old@lane.example"}, PrimaryPhone={"FreeFormNumber": "415 555 0100"}
    )
    world.quickbooks.add_customer("Fern & Fig")
    world.wizcommerce.add_customer("Paper Lane", email="new@lane.example", phone="+14155550101")
    world.wizcommerce.add_customer("Moss", email="moss@moss.example")
    for number, day in (("WC-0001", 1), ("WC-0002", 2)):
        lines = [("VASE-01", day, "25.00")]
        world.wizcommerce.confirm_order(number, "Bloom & Co", lines, created_at=f"2026-01-0{day}T10:00:00Z")
    world.connect()


def test_a_first_sync_is_read_planned_accepted_done_and_reported(bare_world: World) -> None:
    world = bare_world
    two_sides(world)
    assert "still being read" in done(world, "match") and "first-sync acme" in done(world, "pending")

    stopped = ask(world, "first-sync", "acme", "--dry-run", clock=Impatient())
    dry = ask(world, "first-sync", "acme", "--dry-run", clock=SystemClock())

    assert stopped.exit_code == 130 and "goes on where it stopped" in stopped.stderr
    assert dry.exit_code == 0 and "still to be read: " in dry.stderr
    assert "to be created in QuickBooks: 1\n    Moss (" in dry.stdout and "Fern & Fig (" in dry.stdout
    assert "a person says who it is: same name" in dry.stdout and "sales rep" in dry.stdout
    plan = told(world, "first-sync", "acme", "--dry-run")
    assert plan["plan"]["to be created in QuickBooks"] == 1 and plan["plan"]["linked"] == 1
    assert {row["name"] for row in plan["customers"]} == {"Bloom & Co", "Paper Lane", "Fern & Fig", "Moss"}
    assert plan["goods"] == {"products": 0, "calls": 0, "seconds": 0} and "products" not in dry.stdout
    assert "records until now" in dry.stderr
    _no_one_may_without_a_person(world)

    begun = ask(world, *ADMIN, answer="y\n", clock=Impatient())
    reported = ask(world, *ADMIN, clock=SystemClock())

    assert begun.exit_code == 130 and "to be created in QuickBooks: 1" in begun.stdout
    assert reported.exit_code == 0 and "differences: 0" in reported.stdout, reported.output
    assert [customer["DisplayName"] for customer in world.quickbooks.customers()].count("Moss") == 1
    report = told(world, *ADMIN)
    assert report["counts"]["linked"] == 2 and report["counts"]["differences"] == 0 and report["reported_at"]
    assert (report["counts"]["customers in quickbooks"], report["counts"]["customers in wizcommerce"]) == (4, 3)
    assert any("sales rep" in reason for reason in report["held"])
    story = done(world, "history", "connection", "acme")
    assert "admin accepted the first sync: " in story and "The first sync ended: customers in quickbooks 4" in story


def test_the_plan_says_how_many_products_are_to_be_put_and_how_long_that_takes(bare_world: World) -> None:
    world = bare_world
    two_sides(world)
    world.choose(products="pull")
    for number in range(60):
        world.quickbooks.add_item(f"LAMP-{number}", price="5.00")
    dry = ask(world, "first-sync", "acme", "--dry-run", clock=SystemClock())

    goods = told(world, "first-sync", "acme", "--dry-run")["goods"]

    assert 60 < goods["products"] < 70  # and the few that every company has
    assert goods["calls"] == 3 * goods["products"] and goods["seconds"] == round(goods["calls"] / 5)
    said = f"products to be put into WizCommerce: {goods['products']}, unless something is wrong with one; about "
    assert said in dry.stdout and "0:00:3" in dry.stdout


def _no_one_may_without_a_person(world: World) -> None:
    assert "Say who acts" in refused(world, "first-sync", "acme")
    assert "--yes" in refused(world, *ADMIN, "--json")
    assert "Nothing was done." in refused(world, *ADMIN, answer="n\n")
    assert writes(world) == []


def test_a_pair_that_waits_is_shown_with_its_differences_and_accepted_and_the_past_is_sent(bare_world: World) -> None:
    world = bare_world
    two_sides(world)
    world.start()
    world.settle()

    found = told(world, "match", "acme", "--all")

    [counts] = found["connections"]
    assert counts["linked"]["strong"] == 1 and counts["linked"]["made by us"] == 1 and counts["waiting"] == 1
    assert counts["only_in"] == {"quickbooks": 1, "wizcommerce": 0} and counts["reading"] == []
    assert {row["name"]: row["how"] for row in found["linked"]}["Bloom & Co"] == "same name and email"
    [pair] = found["waiting"]
    [candidate] = pair["candidates"]
    assert (pair["name"], pair["system"], candidate["name"]) == ("Paper Lane", "wizcommerce", "Paper Lane")
    assert candidate["differences"] == [
        {"field": "phone", "wizcommerce": "+14155550101", "quickbooks": "415 555 0100"},
        {"field": "e-mail", "wizcommerce": "new@lane.example", "quickbooks": "old@lane.example"},
    ]
    assert "phone: QuickBooks 415 555 0100, WizCommerce +14155550101" in done(world, "match")

    assert "It is QuickBooks customer 2" in done(world, "--as", "admin", "match", "accept", "Paper Lane")
    world.settle()

    assert told(world, "match")["connections"][0]["linked"]["by a person"] == 1
    assert "The phone differed when the two were linked" in done(world, "history", "customer", "Paper Lane")
    _past_is_sent(world)


def _past_is_sent(world: World) -> None:
    days = ("--from", "2026-01-02", "--to", "2026-01-02")
    assert "Nothing was done." in refused(world, "--as", "admin", "backfill", "acme", *days, answer="n\n")
    assert "Say who acts" in refused(world, "backfill", "acme", *days, "--yes")
    assert world.invoices() == []

    said = done(world, "--as", "admin", "backfill", "acme", *days, answer="y\n")
    world.settle()

    assert "1 order made then; total 50.00." in said and "order WC-0002: waiting" in said
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-0002"]
    assert told(world, "--as", "admin", "backfill", "acme", *days, "--yes")["count"] == 0
    backwards = ("--from", "2026-01-02", "--to", "2026-01-01")
    assert "the earlier date first" in refused(world, "--as", "admin", "backfill", "acme", *backwards)
