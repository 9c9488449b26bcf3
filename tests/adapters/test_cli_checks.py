"""`verify`, `rebuild` and `doctor`: the log, our tables, the set-up."""

import json

import psycopg
import pytest

from adapters.cli.checks import TABLES
from tests.adapters.command_line import ask, done, refused, told
from tests.world import World


def busy(world: World) -> None:
    """A morning: one order goes, one waits, one needs a person."""
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("VASE-01", 1, "25.00")])
    world.wizcommerce.confirm_order("WC-1002", "Bloom & Co", [("GLASS-9", 1, "25.00")])
    world.wizcommerce.confirm_order("WC-1003", "Bloom & Co", [("VASE-01", -1, "25.00")])
    world.settle()


def test_verify_prints_count_and_head_and_takes_the_head_again(world: World) -> None:
    busy(world)

    found = told(world, "verify")

    assert found["verified"] is True and found["missing_guards"] == []
    assert found["events"] == world.rows("SELECT count(*) FROM log")[0][0]
    assert f"Head: {found['head']}" in done(world, "verify", "--against", found["head"])
    assert "POSITION:HASH" in refused(world, "verify", "--against", "yesterday")


def test_verify_names_the_event_that_does_not_fit(world: World) -> None:
    busy(world)
    stream = world.order_stream("WC-1001")
    with psycopg.connect(world.database, autocommit=True) as c:
        c.execute("DROP TRIGGER log_guard_rows ON log")
        c.execute(
            "UPDATE log SET topic = 'push-resumed' WHERE originator_id = %s AND originator_version = 2", (stream,)
        )

    result = ask(world, "verify")

    assert result.exit_code == 1
    assert f"version 2 of {stream}" in result.stderr
    assert "Guards of the log are off: log_guard_rows" in result.stderr
    assert ask(world, "verify", "--json").exit_code == 1


def test_verify_finds_a_cut_off_tail(world: World) -> None:
    head = told(world, "verify")["head"]
    with psycopg.connect(world.database, autocommit=True) as c:
        c.execute("DROP TRIGGER log_guard_rows ON log")
        c.execute("DELETE FROM log WHERE notification_id = (SELECT max(notification_id) FROM log)")

    assert ask(world, "verify").exit_code == 0
    assert "tail was cut off" in refused(world, "verify", "--against", head)


def test_the_tables_come_out_equal_and_the_check_changes_nothing(world: World) -> None:
    busy(world)
    before = world.rows("SELECT * FROM pending_work ORDER BY command_id")

    checked = told(world, "rebuild", "--check")
    done(world, "rebuild")
    again = told(world, "rebuild", "--check")

    assert {row["table"] for row in checked} == {table for tables in TABLES.values() for table in tables}
    assert all(row["equal"] for row in [*checked, *again])
    assert {row["table"]: row["rows"] for row in checked}["pending_work"] == 1
    assert {row["table"]: row["rows"] for row in checked}["attention"] == 1
    assert world.rows("SELECT * FROM pending_work ORDER BY command_id") == before


@pytest.mark.parametrize(
    ("table", "harm"),
    [
        ("claims", "UPDATE claims SET revision = 'x' WHERE kind = 'order'"),
        ("match_keys", "DELETE FROM match_keys"),
        ("gates", "UPDATE gates SET paused = 'by hand'"),
        ("pending_work", "DELETE FROM pending_work"),
        ("open_creates", "INSERT INTO open_creates VALUES ('c', 'acme', 'quickbooks', 'invoice', 's', now())"),
        ("mapping", "UPDATE mapping SET label = 'x' WHERE kind = 'order'"),
        ("audit_trail", "DELETE FROM audit_trail WHERE position < 5"),
        ("health", "UPDATE health SET count = count + 1"),
        ("attention", "DELETE FROM attention"),
    ],
)
def test_a_table_that_was_touched_is_found_and_put_right(world: World, table: str, harm: str) -> None:
    busy(world)
    with world.engine.pool.connection() as c:
        c.execute(harm.encode())

    result = ask(world, "rebuild", "--check")
    rows = json.loads(ask(world, "rebuild", "--check", "--json").stdout)
    done(world, "rebuild")

    assert result.exit_code == 1
    different = [line.split()[0] for line in result.stdout.splitlines() if "different" in line]
    assert different == [table] == [row["table"] for row in rows if not row["equal"]]
    assert "different" not in done(world, "rebuild", "--check")


def test_the_doctor_says_what_the_set_up_lacks(world: World) -> None:
    well = told(world, "doctor")
    ill = ask(world, "doctor", WIZQBO_QUICKBOOKS_VERIFIER_TOKEN="")

    assert {one["topic"] for one in well} == {"settings", "address", "database", "schema", "durability", "master key"}
    assert all(one["verdict"] != "stops" for one in well)
    assert ill.exit_code == 1 and ill.stdout.count("WIZQBO_QUICKBOOKS_VERIFIER_TOKEN is not set") == 1


def test_the_doctor_looks_at_the_key_files_mode(world: World) -> None:
    no_key = {"WIZQBO_SECRET_KEY": ""}

    first = ask(world, "doctor", **no_key)

    assert first.exit_code == 0 and "mode 0600" in first.stdout
    (world.home / "secret.key").chmod(0o644)
    assert "chmod 600" in refused(world, "doctor", **no_key)


def test_the_doctor_reads_a_company_and_says_what_it_means(world: World) -> None:
    well = {one["topic"]: one for one in told(world, "doctor", "acme")}
    world.quickbooks.by_hand("set-preferences", SalesFormsPrefs={"CustomTxnNumbers": False, "AllowShipping": False})

    changed = {one["topic"]: one for one in told(world, "doctor", "acme")}

    topics = {"plan", "subscription", "country", "numbering", "tax", "shipping", "discount", "currency", "closing date"}
    assert topics | {"company", "inventory tracking"} <= set(well)
    assert all(one["means"] and one["found"] for one in well.values())
    assert well["numbering"]["found"] == "ours" and changed["numbering"]["found"] == "QuickBooks'"
    assert changed["shipping"]["verdict"] == "look" and "held" in changed["shipping"]["means"]
