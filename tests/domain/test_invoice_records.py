"""What WizCommerce is to be told of an invoice, and when: tables of small facts."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from engine.domain.choices import Choices
from engine.domain.drafts import InvoiceRecordDraft
from engine.domain.events import (
    AttemptStarted,
    CommandAbandoned,
    CommandAccepted,
    CommandIssued,
    CommandRefused,
    CommandRetried,
    Event,
    InvoiceObserved,
    InvoiceRecordWanted,
    OutcomeUnknown,
    PushAskedFor,
    PushWithheld,
    RecordGone,
)
from engine.domain.invoice_records import (
    invoice_record_disagreements,
    invoice_record_stream,
    keep_the_record,
    record_wanted,
    skus_of_items,
)
from engine.domain.order import Order, evolve_order
from engine.domain.overrides import AS_ORDERED, Override
from engine.domain.told import Told, evolve_told, no_told
from engine.domain.values import InvoiceContent, InvoiceLine, InvoiceRecordContent, Personal
from tests.wholesale import FACTS, NOON, RECORD, content, line, order_after, recorded
from tests.wholesale import seen as order_seen

STREAM = f"invoice-acme:{RECORD}"
KEEP, OFF = Choices(), Choices(said={"invoice-records": "off"})
SOLD = InvoiceLine(item="21", quantity=Decimal(4), unit_price=Decimal("25.00"), amount=Decimal("100.00"))
INVOICE = InvoiceContent(
    number="WC-1001",
    customer_remote_id="58",
    dated=date(2026, 11, 20),
    lines=(SOLD,),
    total=Decimal("100.00"),
    balance=Decimal("100.00"),
    due=date(2026, 12, 20),
)


def invoiced(**more: Any) -> Order:
    """An order that WizCommerce shows, and QuickBooks' invoice of it."""
    order = order_after(order_seen(content()))
    return evolve_order(order, recorded(order.stream, order.version + 1, seen(**more)))


def seen(**more: Any) -> InvoiceObserved:
    return InvoiceObserved(
        system="quickbooks",
        kind="invoice",
        remote_id="130",
        revision="1",
        content_hash="hash",
        fetched_after=0,
        cause="a test",
        raw=Personal(""),
        content=replace(INVOICE, **more),
    )


def draft(order: Order) -> InvoiceRecordDraft:
    wanted = record_wanted(order, {"21": "VASE-01"}, FACTS)
    assert wanted is not None
    return wanted.draft


def wanted(**more: Any) -> InvoiceRecordWanted:
    found = record_wanted(invoiced(**more), {"21": "VASE-01"}, FACTS)
    assert found is not None
    return found


def after(*events: Event, record: Told | None = None, who: str = "system") -> Told:
    record = record or no_told(STREAM)
    for event in events:
        record = evolve_told(record, recorded(STREAM, record.version + 1, event, who))
    return record


def issued(record: Told) -> CommandIssued:
    [found] = keep_the_record(record, KEEP)
    assert isinstance(found, CommandIssued)
    return found


def started(command: CommandIssued, sent: InvoiceRecordDraft) -> AttemptStarted:
    return AttemptStarted(
        command_id=command.command_id,
        attempt=1,
        draft=sent,
        body=Personal("{}"),
        worker="w",
        send_by=NOON,
        answer_by=NOON,
    )


def sent_and(end: type[Event], **fields: Any) -> Told:
    """A record whose first command was sent, and how that ended."""
    record = after(wanted())
    command = issued(record)
    record = after(command, started(command, wanted().draft), record=record)
    return after(end(command_id=command.command_id, attempt=1, **fields), record=record)  # type: ignore[call-arg]


def accepted() -> Told:
    return sent_and(
        CommandAccepted, target="wizcommerce", remote_id="inv-1", revision="", number="WC-1001", how="answered"
    )


def refused() -> Told:
    return sent_and(CommandRefused, target="wizcommerce", code="400", sentence="no", next_step="")


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        ({}, {"total": "100.00", "paid": "0.00", "due": date(2026, 12, 20)}),
        ({"balance": Decimal("60")}, {"paid": "40.00"}),
        ({"balance": Decimal(0)}, {"paid": "100.00"}),
        ({"balance": Decimal("-5")}, {"paid": "105.00"}),
        ({"due": None}, {"due": date(2026, 11, 20)}),
        ({"due": None, "dated": None}, {"due": date(2026, 11, 20)}),
        ({"number": "B-7"}, {"number": "B-7"}),
        ({"number": ""}, {"number": "130"}),
        ({"total": Decimal(0), "balance": Decimal(0), "voided": True}, {"total": "0.00", "paid": "0.00", "items": ()}),
    ],
)
def test_what_wizcommerce_is_told_is_what_quickbooks_shows(shown: dict[str, Any], told: dict[str, Any]) -> None:
    made = draft(invoiced(**shown))
    as_text = {
        name: str(value) if isinstance(value, Decimal) else value for name in told for value in [getattr(made, name)]
    }
    assert as_text == told


def test_a_deleted_invoice_comes_to_nothing() -> None:
    order = invoiced(balance=Decimal("60"))
    gone = RecordGone(system="quickbooks", kind="invoice", remote_id="130", fetched_after=0, cause="a test")
    made = draft(evolve_order(order, recorded(order.stream, order.version + 1, gone)))
    assert (made.total, made.paid, made.items, made.remarks) == (0, 0, (), "Deleted in QuickBooks.")


def test_nothing_is_told_without_an_order_there_or_an_invoice_shown() -> None:
    assert record_wanted(order_after(order_seen(content())), {}, FACTS) is None
    assert invoice_record_stream(order_after(order_seen(content()))) == ""
    assert record_wanted(replace(invoiced(), sight=None), {}, FACTS) is None
    assert record_wanted(replace(invoiced(), merged_into="order-acme:x"), {}, FACTS) is None
    assert record_wanted(replace(invoiced(), gone=True), {}, FACTS) is None


def test_each_invoice_of_an_order_has_a_record_of_its_own() -> None:
    one, other = invoiced(), replace(invoiced(), invoice_id="131")
    assert invoice_record_stream(one) == invoice_record_stream(invoiced())
    assert invoice_record_stream(one) != invoice_record_stream(other)
    assert draft(one).reference == "QBO:acme:invoice:130"


def test_items_go_by_the_skus_of_the_order_whatever_item_a_person_chose() -> None:
    shown = content(line("VASE-01"), line("GLASS-9"), line("Delivery", is_adhoc=True))
    items = {"vase-01": ("21",), "delivery": ("23",)}
    assert skus_of_items(shown, items, KEEP, AS_ORDERED) == {"21": "VASE-01"}
    mapped = Override(items={"glass-9": "LAMP-03"})
    assert skus_of_items(shown, {**items, "lamp-03": ("22",)}, KEEP, mapped) == {"21": "VASE-01", "22": "GLASS-9"}


def test_the_same_figures_ask_once_and_other_ones_again_each_by_an_id_of_its_own() -> None:
    assert issued(after(wanted())) == issued(after(wanted()))
    assert keep_the_record(accepted(), KEEP) == []
    first = next(iter(accepted().commands))
    paid = issued(after(wanted(balance=Decimal("60")), record=accepted()))
    assert paid.command_id != first and paid.target == "wizcommerce"
    done = after(
        paid,
        started(paid, wanted(balance=Decimal("60")).draft),
        record=after(wanted(balance=Decimal("60")), record=accepted()),
    )
    done = after(
        CommandAccepted(
            command_id=paid.command_id,
            attempt=1,
            target="wizcommerce",
            remote_id="inv-1",
            revision="",
            number="",
            how="answered",
        ),
        wanted(),
        record=done,
    )
    assert issued(done).command_id not in done.commands


def test_while_a_command_is_open_nothing_else_is_asked() -> None:
    record = after(wanted())
    record = after(issued(record), wanted(balance=Decimal(0)), record=record)
    assert keep_the_record(record, KEEP) == []
    unknown = sent_and(OutcomeUnknown, target="wizcommerce", why="no answer", look_at=NOON)
    assert keep_the_record(after(wanted(balance=Decimal(0)), record=unknown), KEEP) == []
    assert keep_the_record(after(wanted(balance=Decimal(0)), record=unknown), OFF) == []


def test_after_a_no_only_other_figures_or_a_person_ask_again() -> None:
    assert keep_the_record(refused(), KEEP) == []
    assert issued(after(wanted(balance=Decimal(0)), record=refused()))


def test_what_a_person_never_sends_is_left_alone_until_they_ask() -> None:
    record = after(wanted())
    command = issued(record)
    record = after(
        CommandAbandoned(command_id=command.command_id, why="x"), record=after(command, record=record), who="admin"
    )
    assert keep_the_record(after(wanted(balance=Decimal(0)), record=record), KEEP) == []
    assert issued(after(PushAskedFor(), record=record))
    assert issued(after(CommandRetried(command_id=command.command_id), record=record))


def test_off_withdraws_what_was_not_sent_and_says_so_once() -> None:
    record = after(wanted())
    record = after(issued(record), record=record)
    ended, withheld = keep_the_record(record, OFF)
    assert isinstance(ended, CommandAbandoned) and isinstance(withheld, PushWithheld)
    assert withheld.waits_for == "records:acme"
    off = after(ended, withheld, record=record)
    assert keep_the_record(off, OFF) == []
    assert issued(off)


@pytest.mark.parametrize("voided", [True, False])
def test_of_an_invoice_that_ended_untold_nothing_is_told(voided: bool) -> None:
    ended = wanted(total=Decimal(0), balance=Decimal(0), voided=voided)
    decided = keep_the_record(after(ended), KEEP)
    assert isinstance(decided[0], PushWithheld if voided else CommandIssued)
    assert issued(after(ended, record=accepted()))


def test_where_the_record_differs_is_told_field_by_field() -> None:
    sent = wanted(balance=Decimal("60")).draft
    found = InvoiceRecordContent(
        reference=sent.reference,
        number="WC-1001",
        total=Decimal("100"),
        paid=Decimal("40"),
        due=date(2026, 12, 20),
        items=((Decimal(4), Decimal(100)),),
    )
    assert invoice_record_disagreements(sent, found) == ()
    assert invoice_record_disagreements(sent, replace(found, items=None)) == ()
    other = replace(found, paid=Decimal(0), due=None, items=())
    assert invoice_record_disagreements(sent, other) == (
        "paid amount 0 instead of 40.00",
        "due date (none) instead of 2026-12-20",
        "other items",
    )
