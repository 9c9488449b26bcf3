"""What an admin asks, and what the answer must be. Source: WizCommerce reference, section 3.7; the numbers are its rows."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from engine.domain.events import CommandRefused, ConsentEnded, TenantTokenLapsing
from tests.processes import until
from tests.tables import attention, count_of, pending, queue, writes
from tests.world import CONNECTION, World

BLOOM = "Bloom & Co"
LINES = [("VASE-01", 4, "25.00")]


# ---- row 4 ------------------------------------------------------------------------------------------------------------------


def test_why_did_this_order_not_reach_quickbooks(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1002", BLOOM, [("VASE-01", 1, "25.00"), ("LAMP-09", 2, "40.00")])

    world.settle()

    assert world.invoices() == []
    assert world.where("WC-1002") == "waiting: QuickBooks has no active item with SKU LAMP-09"
    assert pending(world) == [
        ("held", "QuickBooks has no active item with SKU LAMP-09", "It goes by itself when this is there.")
    ]


def test_does_the_order_go_by_itself_once_the_item_is_there(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1002", BLOOM, [("VASE-01", 1, "25.00"), ("LAMP-09", 2, "40.00")])
    world.settle()

    world.quickbooks.add_item("LAMP-09", price="40.00")
    world.settle()
    world.move(10)
    world.settle()

    [invoice] = world.invoices()
    assert (invoice.doc_number, invoice.total) == ("WC-1002", Decimal("105.00"))
    assert world.where("WC-1002") == "sent: invoice WC-1002" and pending(world) == []


def test_does_the_order_go_when_quickbooks_never_told_us_of_the_item(world: World) -> None:
    world.quickbooks.set_switches(webhooks_on=False)
    world.wizcommerce.confirm_order("WC-1002", BLOOM, [("LAMP-09", 2, "40.00")])
    world.settle()

    world.quickbooks.add_item("LAMP-09", price="40.00")
    world.move(901)
    world.settle()

    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1002"]


def test_does_it_name_everything_that_is_missing(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1003", BLOOM, [("LAMP-09", 1, "40.00"), ("RUG-07", 1, "90.00")])

    world.settle()

    assert "LAMP-09" in world.where("WC-1003") and "RUG-07" in world.where("WC-1003")


# ---- row 5 ------------------------------------------------------------------------------------------------------------------


def test_what_if_sync_now_is_pressed_twice(world: World) -> None:
    world.wizcommerce.confirm_order("WC-0900", BLOOM, LINES, created_at=world.clock.now() - timedelta(days=9))
    world.settle()
    order = world.order_stream("WC-0900")

    world.engine.people.push(order, "tester")
    world.engine.people.push(order, "tester")
    world.settle()

    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-0900"]
    assert writes(world).count("create invoice") == 1


def test_what_if_sync_now_is_pressed_by_two_people_at_the_same_moment(world: World) -> None:
    world.wizcommerce.confirm_order("WC-0900", BLOOM, LINES, created_at=world.clock.now() - timedelta(days=9))
    world.settle()
    order = world.order_stream("WC-0900")
    pressed = [threading.Thread(target=world.engine.people.push, args=(order, who)) for who in ("tester", "grace")]

    for thread in pressed:
        thread.start()
    for thread in pressed:
        thread.join()
    world.settle()

    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-0900"]


def test_what_if_sync_now_is_pressed_while_the_cycle_runs(world: World) -> None:
    world.engine.people.pause(CONNECTION, "so that it is not sent yet", "tester")
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    world.settle()
    world.engine.people.resume(CONNECTION, "tester")
    world.quickbooks.add_fault("slow", operation="create invoice", seconds=1.0)
    cycle = threading.Thread(target=world.dispatcher.step)

    cycle.start()
    until(lambda: bool(writes(world)), "the cycle is sending it")
    answer = world.engine.people.push(world.order_stream("WC-1001"), "tester")
    second = world.engine.dispatcher().step()
    cycle.join()
    world.settle()

    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1001"]
    assert writes(world) == ["create invoice"] and answer.startswith(("waiting", "checking")) and not second


# ---- row 8 ------------------------------------------------------------------------------------------------------------------


def test_is_a_draft_or_an_order_pending_approval_pushed(world: World) -> None:
    world.wizcommerce.draft_order("WC-1004", BLOOM, LINES)
    world.wizcommerce.confirm_order("WC-1005", BLOOM, LINES, status="pending_approval")

    world.settle()

    assert world.invoices() == []
    assert world.where("WC-1004") == "waiting: waiting for approval: the order is a draft in WizCommerce"
    assert "waiting for approval" in world.where("WC-1005") and "pending_approval" in world.where("WC-1005")
    assert pending(world) == [] and attention(world) == {}


def test_does_it_go_once_it_is_approved(world: World) -> None:
    world.wizcommerce.draft_order("WC-1004", BLOOM, LINES)
    world.settle()

    world.move(60)
    world.wizcommerce.confirm_order("WC-1004", "", [])
    world.settle()

    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1004"]


# ---- row 13 -----------------------------------------------------------------------------------------------------------------


def test_what_happens_to_orders_while_quickbooks_is_down(world: World) -> None:
    world.quickbooks.add_fault("status", path="/v3/company", status=503, times=0)
    began = world.clock.now()
    for number in range(5):
        world.wizcommerce.confirm_order(f"WC-{2000 + number}", BLOOM, LINES)
        world.settle()
        world.move(400)
        world.settle()
    waiting, oldest = queue(world)
    assert world.invoices() == [] and waiting == 5
    assert oldest is not None and timedelta(0) <= oldest - began < timedelta(seconds=60)

    world.quickbooks_running.call_in_loop(world.quickbooks.faults.clear)
    world.move(3600)
    world.settle()

    assert [invoice.doc_number for invoice in world.invoices()] == [f"WC-{2000 + n}" for n in range(5)]
    assert queue(world) == (0, None) and count_of(world, CommandRefused) == 0


def test_does_the_queue_drain_in_order_though_the_oldest_was_tried_most_often(world: World) -> None:
    world.quickbooks.add_fault("429-json", path="/v3/company", times=0)
    for number in range(4):
        world.wizcommerce.confirm_order(f"WC-{2000 + number}", BLOOM, LINES)
        for _ in range(4):
            world.settle()
            world.move(700)

    world.quickbooks_running.call_in_loop(world.quickbooks.faults.clear)
    world.move(7200)
    world.settle()

    assert [invoice.doc_number for invoice in world.invoices()] == [f"WC-{2000 + n}" for n in range(4)]


def test_does_the_queue_drain_in_order(world: World) -> None:
    world.engine.people.pause(CONNECTION, "QuickBooks is being moved", "tester")
    for number in range(6):
        world.wizcommerce.confirm_order(f"WC-{2000 + number}", BLOOM, LINES)
        world.settle()
    waiting, oldest = queue(world)

    world.engine.people.resume(CONNECTION, "tester")
    world.settle()

    assert waiting == 6 and oldest is not None
    assert [invoice.doc_number for invoice in world.invoices()] == [f"WC-{2000 + n}" for n in range(6)]


# ---- row 14 -----------------------------------------------------------------------------------------------------------------


def test_what_happens_when_the_quickbooks_consent_is_revoked(world: World) -> None:
    world.quickbooks.by_hand("disconnect")
    for number in range(4):
        world.wizcommerce.confirm_order(f"WC-{3000 + number}", BLOOM, LINES)
        world.settle()
        world.move(120)

    world.settle()

    assert world.rows("SELECT quickbooks FROM gates") == [("ended",)]
    assert list(attention(world)) == ["consent"] and count_of(world, ConsentEnded) == 1
    assert queue(world)[0] == 4 and {status for status, *_ in pending(world)} == {"ready"}
    assert count_of(world, CommandRefused) == 0 and world.invoices() == []


def test_are_orders_still_read_while_the_consent_is_revoked(world: World) -> None:
    world.quickbooks.by_hand("disconnect")
    world.wizcommerce.confirm_order("WC-3000", BLOOM, LINES)
    world.settle()

    world.wizcommerce.switch(webhooks=False)
    world.wizcommerce.confirm_order("WC-3001", BLOOM, LINES)
    world.move(61)
    world.settle()

    assert world.where("WC-3001").startswith("waiting") and queue(world)[0] == 2


def test_does_everything_go_after_reconnecting(world: World) -> None:
    world.quickbooks.by_hand("disconnect")
    for number in range(3):
        world.wizcommerce.confirm_order(f"WC-{3000 + number}", BLOOM, LINES)
        world.settle()
    world.move(3600)
    world.settle()

    world.connect()
    world.settle()
    world.move(60)
    world.settle()

    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-3000", "WC-3001", "WC-3002"]
    assert attention(world) == {} and queue(world) == (0, None)


# ---- row 15 -----------------------------------------------------------------------------------------------------------------


def test_are_we_warned_before_the_wizcommerce_token_ends_and_only_once(bare_world: World) -> None:
    world, user = bare_world, bare_world.wizcommerce.standin
    world.engine.connecting.join_tenant(CONNECTION, "tester", email=user.email, password=user.password)
    world.settle()

    world.move(timedelta(days=334).total_seconds())
    world.settle()
    early = attention(world)
    for _ in range(3):
        world.move(timedelta(days=1, seconds=1).total_seconds())
        world.settle()

    assert early == {}
    assert list(attention(world)) == ["tenant-lapsing"] and count_of(world, TenantTokenLapsing) == 1


def test_does_a_new_token_end_the_warning(bare_world: World) -> None:
    world, user = bare_world, bare_world.wizcommerce.standin
    world.engine.connecting.join_tenant(CONNECTION, "tester", email=user.email, password=user.password)
    world.move(timedelta(days=340).total_seconds())
    world.settle()

    world.engine.connecting.join_tenant(CONNECTION, "tester", email=user.email, password=user.password)
    world.settle()

    assert attention(world) == {} and count_of(world, TenantTokenLapsing) == 1


# ---- row 22 -----------------------------------------------------------------------------------------------------------------


def test_what_did_we_change_last_tuesday_and_why(world: World) -> None:
    tuesday = world.clock.now()
    world.wizcommerce.confirm_order("WC-0900", BLOOM, LINES, created_at=tuesday - timedelta(days=9))
    world.settle()
    world.engine.people.push(world.order_stream("WC-0900"), "tester")
    world.settle()
    world.move(timedelta(days=1).total_seconds())

    def on(day: datetime) -> list[tuple[object, ...]]:
        return world.rows(
            "SELECT direction, who, cause, summary FROM audit_trail WHERE recorded_at >= %s AND recorded_at < %s "
            "AND stream LIKE 'order-%%' AND event IN ('push-asked-for', 'order-observed', 'command-accepted') "
            "ORDER BY position",
            day,
            day + timedelta(hours=1),
        )

    seen, asked, accepted = on(tuesday)
    assert seen[0] == "from wizcommerce" and str(seen[2]).startswith("webhook")
    assert asked[0] == "decision" and asked[1] == "tester" and str(asked[2]).startswith("push:")
    assert accepted[0] == "to quickbooks" and accepted[1] == "system" and "WC-0900 100" in str(accepted[3])
    assert on(tuesday + timedelta(days=1)) == [] and tuesday.tzinfo is UTC


def test_what_was_the_order_before_and_after_the_change(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    world.settle()
    world.move(60)
    world.wizcommerce.edit_order("WC-1001", [("VASE-01", 6, "25.00")])
    world.settle()

    sights = world.rows(
        "SELECT content -> 'content' -> 'lines' -> 0 ->> 'quantity' FROM log_readable "
        "WHERE event = 'order-observed' AND stream = %s ORDER BY position",
        world.order_stream("WC-1001"),
    )
    [invoice] = world.invoices()
    assert [Decimal(quantity) for (quantity,) in sights] == [Decimal(4), Decimal(6)]
    assert invoice.total == Decimal("150.00")
    [(because,)] = world.rows(
        "SELECT summary FROM audit_trail WHERE event = 'command-issued' AND starts_with(summary, 'UpdateInvoice')"
    )
    assert because.endswith(
        "the order changed after its invoice was made: total 100.00 → 150.00, was: 4 x VASE-01 at 25, is: 6 x VASE-01 at 25"
    )
