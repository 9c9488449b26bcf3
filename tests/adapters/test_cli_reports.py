"""What is pending, how everything is, and what we changed."""

import csv
import io
import json

from tests.adapters.command_line import ask, done, refused, told
from tests.world import World


def test_pending_names_everything_that_has_not_arrived(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1002", "Bloom & Co", [("GLASS-9", 2, "10.00")])
    world.wizcommerce.draft_order("WC-1003", "Bloom & Co", [("VASE-01", 1, "25.00")])
    world.wizcommerce.confirm_order("WC-1004", "Bloom & Co", [("VASE-01", -1, "25.00")])
    world.wizcommerce.confirm_order(
        "WC-0001", "Bloom & Co", [("VASE-01", 1, "25.00")], created_at="2026-01-01T10:00:00Z"
    )
    world.settle()

    found = told(world, "pending", "acme")

    rows = {row["number"]: row for row in found["pending"]}
    assert set(rows) == {"WC-1002", "WC-1003", "WC-1004"}
    assert rows["WC-1002"]["state"] == "waiting" and "SKU GLASS-9" in rows["WC-1002"]["reason"]
    assert rows["WC-1003"]["state"] == "waiting" and "draft" in rows["WC-1003"]["reason"]
    assert rows["WC-1004"]["state"] == "needs you" and "quantity" in rows["WC-1004"]["reason"]
    assert all(row["next_step"] and row["since"] for row in rows.values())
    assert found["baseline"] == 1
    shown = done(world, "pending", "--all")
    assert "WC-0001" in shown and shown.index("WC-1004") < shown.index("WC-1002")


def test_a_lost_consent_is_said_once(world: World) -> None:
    world.quickbooks.by_hand("disconnect")
    for number in ("WC-1001", "WC-1002", "WC-1003"):
        world.wizcommerce.confirm_order(number, "Bloom & Co", [("VASE-01", 1, "25.00")])
    world.settle()

    found = told(world, "pending")

    assert [gate["next_step"] for gate in found["gates"]] == ["wizqbo connect acme"]
    assert "consent" in found["gates"][0]["sentence"]
    assert len(found["pending"]) == 3
    assert {row["state"] for row in found["pending"]} <= {"waiting", "checking whether it arrived"}
    assert done(world, "pending").count("wizqbo connect acme") == 1


def test_status_says_what_needs_a_person_first(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("VASE-01", 1, "25.00")])
    world.wizcommerce.confirm_order("WC-1004", "Bloom & Co", [("VASE-01", -1, "25.00")])
    world.settle()

    found = told(world, "status")

    [acme] = found["connections"]
    assert acme["connected"] is True
    assert acme["counts"] == {
        "needs you": 1,
        "QuickBooks said no": 0,
        "WizCommerce said no": 0,
        "checking whether it arrived": 0,
        "waiting": 0,
        "sent": 1,
    }
    assert [row["number"] for row in acme["needs_you"]] == ["WC-1004"]
    assert {"changes", "orders", "signals"} <= {source["what"] for source in acme["sources"]}
    assert found["inbox"]["unopened"] == 0 and "wizcommerce" in found["inbox"]["last"]
    shown = done(world, "status")
    assert "! order WC-1004: " in shown and "oldest: " in shown
    assert "is below zero. Correct the order" in shown


def test_status_shows_webhooks_that_could_not_be_followed(world: World) -> None:
    world.wizcommerce.do(world.wizcommerce.standin.announce, "moon.landed", "x-1")
    world.settle()

    shown = done(world, "status")

    assert "an event we do not know: 'moon.landed'" in shown


def test_changes_say_what_was_sent_where_and_why(world: World) -> None:
    world.choose(new_customers_in_quickbooks="ordered")
    world.wizcommerce.add_customer("Paper Lane", email="hello@paperlane.example")
    world.wizcommerce.confirm_order("WC-1002", "Paper Lane", [("VASE-01", 2, "25.00")])
    world.settle()
    today = world.clock.now().date().isoformat()

    found = told(world, "changes", "acme", "--from", "2026-01-01", "--to", today)

    customer, invoice, record = found
    assert (invoice["system"], invoice["kind"], invoice["number"], invoice["total"]) == (
        "quickbooks",
        "invoice",
        "WC-1002",
        "50.00",
    )
    assert {"field": "line VASE-01", "old": "(none)", "new": "2 x 25 = 50.00"} in invoice["changes"]
    assert invoice["because_of"] == "order WC-1002" and invoice["who"] == "system" and invoice["trace_id"]
    assert customer["because_of"] == "customer Paper Lane"
    assert (record["system"], record["kind"], record["number"]) == ("wizcommerce", "invoice record", "WC-1002")
    assert customer["causes"][1].startswith("an order waited") and customer["causes"][-1].startswith("webhook ")
    assert done(world, "changes", "--from", "2026-01-01", "--to", "2026-01-31") == "0 changes.\n"
    assert "Write a date" in refused(world, "changes", "--from", "x", "--to", today)
    assert "the earlier date first" in refused(world, "changes", "--from", "2026-02-01", "--to", "2026-01-01")


def test_changes_as_csv_run_no_formula_and_name_the_person(world: World) -> None:
    world.wizcommerce.add_customer("=HYPERLINK(1)")
    world.wizcommerce.confirm_order(
        "=2+2", "=HYPERLINK(1)", [("VASE-01", 1, "25.00")], created_at="2026-01-01T10:00:00Z"
    )
    world.settle()
    done(world, "--as", "admin", "push", "order", "=2+2")
    world.settle()

    text = done(world, "changes", "--from", "2026-01-01", "--to", "2027-12-31", "--csv")

    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["kind"] for row in rows] == ["customer", "invoice", "invoice record"]
    assert rows[1]["number"] == "'=2+2"
    assert rows[1]["who"] == "admin" and "asked for with `wizqbo push` by admin" in rows[1]["cause"]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_reports_of_an_empty_installation_say_so(bare_world: World) -> None:
    assert "no connections yet" in ask(bare_world, "status").stderr
    assert done(bare_world, "pending") == "Nothing is pending.\n"
    assert json.loads(done(bare_world, "connections", "--json")) == []
