"""Which command is taken next: `claim_work` of the schema, on a real PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
Database = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
def db(database: str) -> Iterator[Database]:
    with psycopg.connect(database, autocommit=True) as connection:
        open_gate(connection, "acme")
        yield connection


def open_gate(db: Database, connection: str, **more: Any) -> None:
    gate = {"quickbooks": "open", "wizcommerce": "open", "paused": "", "accepted": True, **more}
    db.execute(
        "INSERT INTO gates (connection, quickbooks, wizcommerce, paused, accepted, pulled, company, facts, changed_at) "
        "VALUES (%s, %s, %s, %s, %s, '{}', '', '{}', %s)",
        (connection, *gate.values(), NOW),
    )


def work(db: Database, name: str, **more: Any) -> None:
    """A command called `name`, in a stream of that name: ready, due and issued now, of the first priority, for QuickBooks."""
    row = {
        **{"command_id": name, "connection": "acme", "stream": name, "verb": "CreateInvoice", "target": "quickbooks"},
        **{"generation": 1, "priority": 0, "status": "ready", "reason": "", "next_step": "", "attempts": 0},
        **{"due_at": NOW, "issued_at": NOW, "changed_at": NOW, **more},
    }
    names, places = ", ".join(row), ", ".join(["%s"] * len(row))
    db.execute(f"INSERT INTO pending_work ({names}) VALUES ({places})".encode(), list(row.values()))


def taken(db: Database, at_once: int = 10) -> list[str]:
    """What is taken, one after the other, until there is nothing more to do."""
    found: list[str] = []
    sql = "SELECT command_id FROM claim_work('w', %s, %s, %s)"
    while row := db.execute(sql, (NOW, NOW + timedelta(minutes=4), at_once)).fetchone():
        assert row[0] not in found, f"{row[0]} is taken twice"
        found.append(row[0])
    return found


def test_the_first_priority_goes_first_whichever_system_it_is_for_and_the_oldest_of_it(db: Database) -> None:
    work(db, "later", issued_at=NOW)
    work(db, "backlog", priority=1, target="wizcommerce", issued_at=NOW - timedelta(days=9))
    work(db, "urgent", target="wizcommerce", issued_at=NOW - timedelta(hours=1))
    work(db, "older", issued_at=NOW - timedelta(hours=2))

    assert taken(db) == ["older", "urgent", "later", "backlog"]


def test_what_cannot_be_taken_stands_before_nothing(db: Database) -> None:
    """Else an order would wait behind a whole backlog of the other system."""
    old = {"target": "wizcommerce", "issued_at": NOW - timedelta(days=1)}
    work(db, "not-due", status="unknown", due_at=NOW + timedelta(seconds=1), **old)
    work(db, "parked", **old)
    work(db, "leased", **old)
    work(db, "held", status="held", **old)
    db.execute(
        "INSERT INTO parked (step, stream, position, problem, parked_at) VALUES ('dispatch', 'parked', 1, '', %s)",
        (NOW,),
    )
    lease = "INSERT INTO work_leases (command_id, connection, worker, expires_at) VALUES ('leased', 'acme', 'x', %s)"
    db.execute(lease, (NOW + timedelta(seconds=1),))
    work(db, "backlog", priority=1, target="wizcommerce")
    work(db, "order")

    assert taken(db) == ["order", "backlog"]


def test_a_lease_that_ran_out_is_taken_over(db: Database) -> None:
    work(db, "left")
    db.execute("INSERT INTO work_leases VALUES ('left', 'acme', 'dead', %s)", (NOW - timedelta(seconds=1),))

    assert taken(db) == ["left"]
    assert db.execute("SELECT worker FROM work_leases").fetchall() == [("w",)]


@pytest.mark.parametrize("gate", [{"paused": "month end"}, {"accepted": False}])
def test_where_nothing_may_be_sent_what_was_sent_is_looked_for_all_the_same(db: Database, gate: dict[str, Any]) -> None:
    open_gate(db, "shut", **gate)
    for status in ("ready", "running", "unknown"):
        work(db, status, connection="shut", status=status)

    assert sorted(taken(db)) == ["running", "unknown"]


def test_a_system_that_is_not_open_is_left_alone(db: Database) -> None:
    open_gate(db, "half", quickbooks="ended")
    work(db, "not-there", connection="half")
    work(db, "there", connection="half", target="wizcommerce")

    assert taken(db) == ["there"]


def test_the_places_of_a_connection_are_kept_and_the_one_with_most_left_comes_first(db: Database) -> None:
    open_gate(db, "other")
    for number in range(4):
        work(db, f"acme-{number}", issued_at=NOW - timedelta(hours=1) + timedelta(seconds=number))
    work(db, "other-0", connection="other")

    assert taken(db, at_once=3) == ["acme-0", "other-0", "acme-1", "acme-2"]


@pytest.mark.parametrize(("many", "few"), [("wizcommerce", "quickbooks"), ("quickbooks", "wizcommerce")])
def test_the_work_of_one_system_leaves_places_for_that_of_the_other(db: Database, many: str, few: str) -> None:
    for number in range(10):
        work(db, f"many-{number}", target=many, issued_at=NOW - timedelta(hours=1))
    found = taken(db)
    for number in range(5):
        work(db, f"few-{number}", target=few)

    assert found == [f"many-{number}" for number in range(6)]
    assert taken(db) == [f"few-{number}" for number in range(4)]


def test_two_workers_at_once_take_different_commands(db: Database, database: str) -> None:
    work(db, "one", issued_at=NOW - timedelta(seconds=1))
    work(db, "two")
    with psycopg.connect(database) as other:
        first = other.execute("SELECT command_id FROM claim_work('x', %s, %s, 10)", (NOW, NOW + timedelta(minutes=4)))
        assert first.fetchall() == [("one",)]
        assert taken(db) == ["two"]
