"""The story of a record, as a bookkeeper reads it and as a machine does."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from adapters.cli.printing import both_times
from adapters.cli.story_contents import changed, sent
from adapters.cli.story_words import Wording, cause_words
from engine.domain import events as e
from engine.domain.drafts import InvoiceDraft
from engine.domain.values import CustomerContent, InvoiceLine, OrderContent, OrderLine, Personal
from tests.adapters.command_line import done, refused, told
from tests.recording import examples
from tests.world import World

LINE = re.compile(
    r"^\s*(customer .+: |its (record|shipment) in WizCommerce: )?"
    r"\d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d \((\d{1,2} \w{3} )?\d\d:\d\d:\d\d UTC\) — \S"
)
AT = datetime(2026, 11, 12, 17, 14, 3, tzinfo=UTC)


def waited_then_went(world: World) -> None:
    """One order for a customer and an item that QuickBooks did not have; the item came a minute later."""
    world.choose(new_customers_in_quickbooks="ordered")
    world.wizcommerce.add_customer("Paper Lane", email="hello@paperlane.example")
    world.wizcommerce.confirm_order("WC-1002", "Paper Lane", [("VASE-01", 1, "25.00"), ("GLASS-9", 2, "46.75")])
    world.settle()
    world.move(60)
    world.quickbooks.add_item("GLASS-9", price="46.75")
    world.settle()


def test_the_story_of_an_order_that_waited_has_everything_an_auditor_asks_for(world: World) -> None:
    waited_then_went(world)

    story = done(world, "history", "order", "WC-1002")

    told_in_order = [
        "WizCommerce showed order WC-1002: confirmed, 2 lines, 118.50 (webhook ",
        "wizqbo decided to create an invoice in QuickBooks, because order WC-1002 is confirmed",
        "It waits: the customer is not in QuickBooks yet; QuickBooks has no active item with SKU GLASS-9",
        "customer Paper Lane: ",
        "Attempt 1: sending to QuickBooks: Paper Lane, hello@paperlane.example",
        "Linked to QuickBooks customer 2: created by us",
        "It goes on: QuickBooks has an active item with SKU GLASS-9",
        "Attempt 1: sending to QuickBooks: number WC-1002, customer 2, ",
        "Attempt 1 arrived: QuickBooks has invoice WC-1002 (its id 1), total 118.50 [trace ",
        "Next: nothing; invoice WC-1002 stands in QuickBooks.",
    ]
    places = [story.find(words) for words in told_in_order]
    assert -1 not in places, dict(zip(told_in_order, places, strict=True))
    assert places == sorted(places)
    assert all(LINE.match(line) for line in story.splitlines()[2:] if line and not line.startswith("Next"))


def test_the_events_of_a_story_carry_their_causes(world: World) -> None:
    waited_then_went(world)

    events = told(world, "history", "order", "WC-1002")

    known = {event["event_id"]: event for event in events}
    assert [event["position"] for event in events] == sorted(event["position"] for event in events)
    assert events[0]["event"] == "order-observed" and events[0]["causation_id"].startswith("webhook ")
    assert (
        events[0]["content"]["content"]["lines"][1] | {"sku": "GLASS-9", "quantity": "2", "unit_price": "46.75"}
        == (events[0]["content"]["content"]["lines"][1])
    )
    needed = next(event for event in events if event["event"] == "needed-by")
    assert known[needed["causation_id"]]["event"] == "command-held"
    assert needed["correlation_id"] == events[0]["correlation_id"]
    fields = {"position", "stream", "version", "event", "event_id", "recorded_at", "who"}
    assert all(event.keys() == fields | {"causation_id", "correlation_id", "content", "sentence"} for event in events)
    assert all("raw" not in event["content"] and "body" not in event["content"] for event in events)
    assert any("body" in event["content"] for event in told(world, "history", "order", "WC-1002", "--bodies"))


def test_a_change_reads_old_then_new(world: World) -> None:
    world.wizcommerce.draft_order("WC-1003", "Bloom & Co", [("VASE-01", 4, "25.00"), ("BOWL-02", 1, "12.50")])
    world.settle()
    world.wizcommerce.edit_order("WC-1003", [("VASE-01", 5, "24.999")], po_number="PO-7")
    world.settle()

    story = done(world, "history", "order", "WC-1003")

    assert "line VASE-01 4 x 25 → 5 x 24.999" in story
    assert "line BOWL-02 1 x 12.5 → (none)" in story
    assert "PO number (none) → PO-7" in story
    assert "total 112.50 → 125.00" in story
    assert "wizqbo decided not to send it: waiting for approval: the order is a draft in WizCommerce" in story
    assert "Next: it goes by itself when it is confirmed in WizCommerce." in story


def test_a_record_is_found_by_any_of_its_names(world: World) -> None:
    order = world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("VASE-01", 4, "25.00")])
    world.settle()
    stream = world.order_stream("WC-1001")
    names = [stream, stream.partition(":")[2], order["id"], "WC-1001", world.order("WC-1001").invoice_id]

    stories = {done(world, "history", "order", name) for name in names}

    assert len(stories) == 1
    assert done(world, "history", "customer", "BLOOM & CO") == done(world, "history", "customer", "1")
    assert "Product VASE-01" in done(world, "history", "product", "vase-01")
    assert "Tester" not in done(world, "history", "connection", "acme") and "tester" in done(
        world, "history", "connection", "acme"
    )
    run = str(world.rows("SELECT originator_id FROM log WHERE topic = 'run-finished'")[0][0])
    assert "looked at" in done(world, "history", "run", run)
    assert done(world, "history", "run", run.partition(":")[2]) == done(world, "history", "run", run)
    assert "was ever seen" in refused(world, "history", "order", "WC-9999")


def test_several_records_that_fit_are_listed(world: World) -> None:
    world.quickbooks.add_customer("Bloom & Co (old)", CompanyName="Bloom & Co")
    world.settle()
    world.move(2000)
    world.settle()

    said = refused(world, "history", "customer", "Bloom & Co")

    assert "2 records fit" in said and "acme" in said


def test_a_persons_words_and_what_follows_are_told(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1004", "Bloom & Co", [("GLASS-9", 1, "10.00")])
    world.settle()

    done(world, "--as", "admin", "never-send", "order", "WC-1004", "--because", "paid in cash")
    story = done(world, "history", "order", "WC-1004")

    assert "admin decided never to send it: paid in cash" in story
    assert "Next: nothing; a person decided so. `wizqbo push order WC-1004` if it should go after all." in story


def test_after_erasure_the_story_stands_and_the_names_are_gone(world: World) -> None:
    waited_then_went(world)
    assert "Paper Lane" in done(world, "history", "customer", "Paper Lane")
    stream = world.rows("SELECT stream FROM mapping WHERE kind = 'customer' AND remote_id = '2'")[0][0]

    said = done(world, "--as", "admin", "erase", "customer", "Paper Lane", "--yes")
    story = done(world, "history", "customer", stream)

    assert "stays:" in said
    assert "Paper Lane" not in story and "hello@" not in story
    assert "(erased)" in story and "Personal fields were erased on " in story
    assert "Linked to QuickBooks customer 2" in story
    assert "The log verifies" in done(world, "verify")
    assert "different" not in done(world, "rebuild", "--check")
    assert "was ever seen" in refused(world, "history", "customer", "Paper Lane")


def test_refusal_and_unknown_outcome_say_code_trace_and_next_step(world: World) -> None:
    world.quickbooks.add_fault("reset-before", method="POST", path="/invoice")
    world.wizcommerce.confirm_order("WC-1005", "Bloom & Co", [("VASE-01", 1, "25.00")])
    world.settle()

    story = done(world, "history", "order", "WC-1005")

    assert "whether it arrived is not known" in story and ".. " not in story
    assert "nothing is sent before that" in story
    assert "Next: we look in QuickBooks at" in story


# ---- words, without a world ----------------------------------------------------------------------------------------------


def recorded(event: e.Event, who: str = "system") -> e.Recorded:
    return e.Recorded(
        stream="order-acme:x",
        version=1,
        event_id=uuid4(),
        recorded_at=AT,
        causation_id="webhook 12 order.created",
        correlation_id="c",
        who=who,
        event=event,
        position=1,
    )


def wording() -> Wording:
    return Wording(ZoneInfo("America/Los_Angeles"), lambda remote_id: f"item {remote_id}")


def order(**changes: object) -> OrderContent:
    line = OrderLine(sku="VASE-01", quantity=Decimal("4"), unit_price=Decimal("25.125"))
    content = OrderContent(
        number="WC-1",
        customer_remote_id="c1",
        status="confirmed",
        lines=(line,),
        ordered_at=AT,
        amount=Decimal("100.50"),
    )
    return replace(content, **changes)


def test_company_time_stands_beside_utc() -> None:
    zone = ZoneInfo("America/Los_Angeles")

    assert both_times(AT, zone) == "12 Nov 2026 09:14:03 (17:14:03 UTC)"
    assert both_times(AT.replace(hour=2), zone) == "11 Nov 2026 18:14:03 (12 Nov 02:14:03 UTC)"
    assert both_times(AT, ZoneInfo("UTC")) == "12 Nov 2026 17:14:03 UTC"


def test_money_and_quantities_are_exact() -> None:
    line = OrderLine(sku="VASE-01", quantity=Decimal("4.0001"), unit_price=Decimal("25.125"), discount=Decimal("7.5"))

    differs = changed(order(), order(lines=(line,)))

    assert str(differs[0]) == "line VASE-01 4 x 25.125 → 4.0001 x 25.125 less 7.5"


def test_what_was_sent_comes_from_nothing() -> None:
    line = InvoiceLine(item="19", quantity=Decimal(1), unit_price=Decimal(5), amount=Decimal("5.00"))
    draft = InvoiceDraft(
        number="WC-1", order_number="WC-1", customer_remote_id="58", dated=AT.date(), lines=(line,), total=Decimal("5.00"),
        mark="m",
    )  # fmt: skip

    shown = [str(change) for change in sent(draft, lambda item: f"SKU-{item}")]

    assert "number (none) → WC-1" in shown and "line SKU-19 (none) → 1 x 5 = 5.00" in shown
    assert not any(text.startswith(("discount", "mark")) for text in shown)


def test_two_erased_contents_hide_what_changed() -> None:
    erased = CustomerContent(display_name=Personal(None), email=Personal(None))

    words = wording()
    sights = [
        e.CustomerObserved(
            system="quickbooks", kind="customer", remote_id="58", revision=r, content_hash=r, fetched_after=0, cause="x",
            raw=Personal(None), content=erased,
        )
        for r in "12"
    ]  # fmt: skip

    assert "(erased)" in words.sentence(recorded(sights[0]))
    assert words.sentence(recorded(sights[1])).startswith(
        "QuickBooks showed customer 58 changed: nothing that we follow"
    )


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ("webhook 12 order.created", "webhook 12"),
        ("schedule: orders", "the regular look at WizCommerce's orders"),
        ("worker 1a2b", "the answer to our own call"),
        ("retry:ab12cd34", "asked for with `wizqbo retry`"),
        ("6b02e7fa-6dfc-439c-8b8d-b8df8db32823", ""),
    ],
)
def test_causes_have_words(cause: str, words: str) -> None:
    assert cause_words(cause) == words


@pytest.mark.parametrize("name", sorted(examples()))
def test_every_event_has_a_sentence(name: str) -> None:
    sentence = wording().sentence(recorded(examples()[name].event, "admin"))

    assert sentence and not any(word in sentence for word in ("None", "Personal", "datetime", "Decimal"))


def test_every_event_of_the_registry_has_an_example_to_word() -> None:
    assert {type(one.event) for one in examples().values()} == set(e.TAG_OF)
