"""Rebuilt equals followed, row for row: after a morning in which everything happened that can happen."""

from collections.abc import Iterator
from typing import Any

import pytest

from engine.log import Inline
from tests.shop import Shop
from tests.world import CONNECTION, World

TABLES = {
    "claims": ["claims"],
    "match_keys": ["match_keys"],
    "gates": ["gates"],
    "short_lists": ["short_lists"],
    "pending_work": ["pending_work", "open_creates"],
    "mapping": ["mapping"],
    "audit_trail": ["audit_trail"],
    "health": ["health", "attention"],
    "stock_levels": ["stock_levels"],
    "demand": ["demand", "demanding"],
    "inventory": ["inventory"],
}
"""Projection → its tables."""

BLOOM = "Bloom & Co"
LINES = [("VASE-01", 4, "25.00")]


@pytest.fixture
def morning(world: World) -> Iterator[World]:
    """Orders that went, were held, refused, cut off, changed, cancelled; a match to decide; consent ended and regained."""
    seller, books, people = world.wizcommerce, world.quickbooks, world.engine.people
    Shop(world).item("TALL-01", on_hand=10)
    seller.confirm_order("WC-1", BLOOM, LINES)
    seller.confirm_order("WC-2", BLOOM, [("LAMP-03", 1, "80.00")])
    seller.draft_order("WC-3", BLOOM, LINES)
    books.by_hand("add-invoice", DocNumber="WC-4", **_invoice_of_another(world))
    seller.confirm_order("WC-4", BLOOM, LINES)
    world.settle()

    seller.add_customer("Nova Florists", email="new@nova.example")
    seller.add_customer("Petal Shop", email="shop@petal.example")
    books.add_customer("Petal Shop")
    seller.confirm_order("WC-5", "Nova Florists", LINES)
    seller.confirm_order("WC-6", "Petal Shop", LINES)
    world.settle()

    books.add_fault("reset-after", operation="create invoice")
    seller.confirm_order("WC-7", BLOOM, LINES)
    world.settle()
    seller.edit_order("WC-1", [("VASE-01", 5, "25.00")])
    world.settle()
    world.move(300)
    world.settle()

    world.engine.connecting.disconnect(CONNECTION, "tester")
    seller.confirm_order("WC-8", BLOOM, LINES)
    world.settle()
    world.connect()
    world.settle()

    people.pause(CONNECTION, "stocktaking", "tester")
    seller.confirm_order("WC-9", BLOOM, LINES)
    seller.cancel_order("WC-7")
    world.settle()
    people.retry(world.order_stream("WC-4"), "tester")
    people.never_send(world.order_stream("WC-2"), "sold elsewhere", "tester")
    vase = next(item for item in books.items() if item.get("Sku") == "BOWL-02")
    books.by_hand("deactivate-item", Id=vase["Id"])
    sent = next(invoice for invoice in books.invoices() if invoice.doc_number == "WC-8")
    books.by_hand("delete-invoice", Id=sent.id)
    world.settle()
    world.move(1000)
    world.settle()
    yield world


def _invoice_of_another(world: World) -> dict[str, Any]:
    somebody = world.quickbooks.add_customer("Somebody Else")
    item = next(item for item in world.quickbooks.items() if item.get("Sku") == "VASE-01")
    line = {
        "DetailType": "SalesItemLineDetail",
        "Amount": 10,
        "SalesItemLineDetail": {"ItemRef": {"value": item["Id"]}, "Qty": 1, "UnitPrice": 10},
    }
    return {"CustomerRef": {"value": somebody["Id"]}, "Line": [line]}


def rows(world: World, name: str) -> list[str]:
    """Every row of a projection's tables, as text."""
    return [
        f"{table} {row[0]}"
        for table in TABLES[name]
        for row in world.rows(f'SELECT t::text FROM {table} t ORDER BY t::text COLLATE "C"')
    ]


def test_the_morning_left_something_to_rebuild_in_every_table(morning: World) -> None:
    statuses = {row[0] for row in morning.rows("SELECT status FROM pending_work")}
    topics = {row[0] for row in morning.rows("SELECT topic FROM attention")}
    events = {row[0] for row in morning.rows("SELECT DISTINCT topic FROM log")}

    assert {"ready", "held"} <= statuses
    assert {"match", "invoice-there"} <= topics
    assert {
        "command-refused",
        "command-retried",
        "command-abandoned",
        "outcome-unknown",
        "match-proposed",
        "consent-ended",
        "consent-regained",
        "record-linked",
        "record-gone",
        "push-paused",
        "push-withheld",
    } <= events


def test_every_projection_rebuilt_equals_the_one_that_followed_whatever_became_of_its_table(morning: World) -> None:
    engine = morning.engine
    followed = {name: rows(morning, name) for name in TABLES}
    with engine.pool.connection() as c:
        for table in (t for tables in TABLES.values() for t in tables):
            c.execute(f"DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} LIMIT 1)")
        c.execute("UPDATE claims SET stream = 'order-acme:of-somebody-else'")
        c.execute("UPDATE pending_work SET status = 'held', reason = 'by a slip of the hand'")

    for projection in (*engine.followers, *engine.inline):
        _rebuild(morning, projection)

    assert {f.name for f in engine.followers} | {t.name for t in engine.inline} == set(TABLES)
    assert all(followed.values())
    assert {name: rows(morning, name) for name in TABLES} == followed
    assert not morning.step()


def _rebuild(world: World, projection: Any) -> None:
    if hasattr(projection, "rebuild"):
        projection.rebuild()
    else:
        inline: Inline = projection
        world.engine.log.rebuild(inline)


def test_rebuilding_shows_nothing_twice_to_quickbooks(morning: World) -> None:
    before = len(morning.invoices())

    for projection in (*morning.engine.followers, *morning.engine.inline):
        _rebuild(morning, projection)
    morning.engine.people.resume(CONNECTION, "tester")
    morning.settle()
    morning.move(1000)
    morning.settle()

    numbers = [invoice.doc_number for invoice in morning.invoices()]
    assert "WC-9" in numbers and len(numbers) == len(set(numbers)) == before + 1


def test_erased_customers_are_still_rebuilt_and_are_not_taken_for_one_another(morning: World) -> None:
    engine = morning.engine
    sql = "SELECT stream FROM claims WHERE kind = 'customer' AND system = 'wizcommerce'"
    streams = [row[0] for row in morning.rows(sql)]
    for stream in streams:
        engine.keyring.destroy(stream)

    for projection in (*engine.followers, *engine.inline):
        _rebuild(morning, projection)

    kept = morning.rows(
        "SELECT key, value, count(*) FROM match_keys JOIN claims USING (connection, system, kind, remote_id) "
        "WHERE stream = ANY(%s) GROUP BY key, value HAVING count(*) > 1",
        streams,
    )
    assert kept == []
    assert len(streams) == 3 and morning.where("WC-1").startswith("sent")
