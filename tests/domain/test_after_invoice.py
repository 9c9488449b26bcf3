"""What follows for an invoice that stands: it is changed, voided, or left as it is with the reason told. Asked twice, nothing."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from engine.domain.after_invoice import AFTER, MOST_TRIES, THERE, draft_after_invoice, keep_invoice_true, what_follows
from engine.domain.choices import Choices
from engine.domain.drafts import InvoiceUpdate, InvoiceVoid
from engine.domain.events import (
    AttemptStarted,
    AttentionCleared,
    AttentionNeeded,
    CommandAbandoned,
    CommandAccepted,
    CommandHeld,
    CommandIssued,
    CommandRefused,
    CommandReleased,
    CommandRetried,
    Event,
    InvoiceObserved,
    RecordGone,
    UpdateOutdated,
)
from engine.domain.invoice_from_order import invoice_from_order
from engine.domain.order import Order
from engine.domain.policies import invoice_each_confirmed_order
from engine.domain.values import InvoiceContent, OrderContent, Personal
from tests.wholesale import FACTS, NOON, around, content, invoice_of, line, order_after, seen

ITEMS = {"vase-01": "21", "bowl-02": "22"}
TODAY = NOON.date()
CLOSED = replace(FACTS, books_closed_until=date(2026, 11, 30))


def decide(order: Order, **circumstances: Any) -> list[Event]:
    return invoice_each_confirmed_order(order, around(**{"today": TODAY, **circumstances}))


def settled(order: Order, **circumstances: Any) -> tuple[list[Event], Order]:
    """What follows, and the order after it; then nothing more may follow."""
    decided = decide(order, **circumstances)
    after = order_after(*decided, order=order)
    assert decide(after, **circumstances) == []
    return decided, after


def shown(invoice: InvoiceContent, revision: str = "0") -> InvoiceObserved:
    return InvoiceObserved(
        system="quickbooks",
        kind="invoice",
        remote_id="145",
        revision=revision,
        content_hash=revision,
        fetched_after=0,
        cause="a test",
        raw=Personal("{}"),
        content=invoice,
    )


def taken(order: Order, draft: Any, invoice: InvoiceContent, revision: str = "0") -> Order:
    """The order once its open command was sent as `draft`, and QuickBooks shows `invoice`."""
    command = next(c for c in order.commands.values() if c.unfinished)
    started = AttemptStarted(
        command_id=command.command_id,
        attempt=1,
        draft=draft,
        body=Personal("{}"),
        worker="w",
        send_by=NOON,
        answer_by=NOON,
    )
    accepted = CommandAccepted(
        command_id=command.command_id, attempt=1, remote_id="145", revision=revision, number="WC-1001", how="answered"
    )
    return order_after(started, accepted, shown(invoice, revision), order=order)


def invoiced(order: OrderContent | None = None, **invoice: Any) -> Order:
    """An order of four vases for 100.00 with its invoice, of which nothing is paid unless `invoice` says so."""
    order = order or content()
    first = order_after(seen(order))
    draft = invoice_from_order(order, "58", ITEMS, FACTS, "m")
    after = taken(order_after(*decide(first), order=first), draft, invoice_of(draft, balance=draft.total))
    return order_after(shown(invoice_of(draft, **{"balance": draft.total, **invoice}), "1"), order=after)


def edited(order: Order, *lines: Any, **more: Any) -> Order:
    return order_after(seen(content(*lines, **more), "hash-2", "2026-11-20T13:00:00Z"), order=order)


def test_an_edited_order_changes_its_invoice_against_the_revision_we_know_and_keeps_number_day_and_mark() -> None:
    [issued], after = settled(edited(invoiced(), line(quantity="5")))
    command = next(c for c in after.commands.values() if c.unfinished)

    draft = draft_after_invoice(after, command, around(today=TODAY))

    assert isinstance(issued, CommandIssued)
    assert (issued.verb, issued.generation) == ("UpdateInvoice", 1)
    assert issued.because == (
        "the order changed after its invoice was made: total 100.00 → 125.00, was: 4 x VASE-01 at 25, is: 5 x VASE-01 at 25"
    )
    assert isinstance(draft, InvoiceUpdate)
    assert (draft.remote_id, draft.revision, draft.invoice.total) == ("145", "1", Decimal("125.00"))
    kept = ("number", "dated", "mark", "order_number")
    assert [getattr(draft.invoice, name) for name in kept] == [getattr(draft.before, name) for name in kept]


def test_a_change_calls_items_as_the_order_does_or_did_and_others_by_their_number() -> None:
    chosen = {"choices": Choices(said={"charges-item": "FREIGHT-01", "adhoc-item": "CUSTOM-01"})}
    items = {"bowl-02": ("22",), "freight-01": ("30",), "custom-01": ("31",)}
    outside = line("ENGRAVING", "1", "5", is_adhoc=True)
    order = edited(invoiced(), line("BOWL-02", "4", "25"), outside, other_charges=Decimal(5))
    [issued], _ = settled(order, items=items, **chosen)
    by_hand = replace(invoice_of(invoice_from_order(content(), "58", ITEMS, FACTS, "m")), total=Decimal(7))
    strange = replace(
        by_hand, lines=(replace(by_hand.lines[0], quantity=Decimal(5)), replace(by_hand.lines[0], item="9"))
    )
    [told], _ = settled(order_after(shown(strange, "2"), order=invoiced()), items={})

    assert isinstance(issued, CommandIssued) and issued.because.endswith(
        "was: 4 x VASE-01 at 25, is: 4 x BOWL-02 at 25, 1 x CUSTOM-01 at 5, 1 x FREIGHT-01 at 5"
    )
    assert isinstance(told, AttentionNeeded)
    assert "lines differ: 5 x VASE-01 = 100.00, 4 x item 9 = 100.00 instead of 4 x VASE-01 = 100.00" in told.sentence


def test_an_edit_that_adds_an_item_which_starts_after_the_invoices_day_is_told_and_nothing_is_sent() -> None:
    starts = {"21": date(2026, 11, 22), "22": date(2026, 11, 21)}  # the first is on the invoice already
    order = edited(invoiced(), line(quantity="5"), line("BOWL-02", "1", "5"))

    [told], _ = settled(order, starts=starts)
    [issued], _ = settled(edited(invoiced(), line(quantity="5")), starts=starts)

    assert isinstance(told, AttentionNeeded) and told.topic == AFTER
    assert "an invoice of 2026-11-20 is before the start in QuickBooks of BOWL-02 (2026-11-21)," in told.sentence
    assert isinstance(issued, CommandIssued)


def test_edits_that_come_faster_than_they_are_sent_are_one_change_and_one_taken_back_is_none() -> None:
    _, after = settled(edited(invoiced(), line(quantity="5")))
    again = order_after(seen(content(line(quantity="6")), "hash-3", "2026-11-20T14:00:00Z"), order=after)
    command = next(c for c in again.commands.values() if c.unfinished)
    back = order_after(seen(content(), "hash-1", "2026-11-20T15:00:00Z"), order=again)

    assert decide(again) == []
    draft = draft_after_invoice(again, command, around(today=TODAY))
    assert isinstance(draft, InvoiceUpdate) and draft.invoice.total == Decimal("150.00")
    [dropped], _ = settled(back)
    assert isinstance(dropped, CommandAbandoned)
    assert draft_after_invoice(back, command, around(today=TODAY)) == [dropped]


def test_the_next_edit_is_made_against_what_was_sent_last() -> None:
    _, after = settled(edited(invoiced(), line(quantity="5")))
    command = next(c for c in after.commands.values() if c.unfinished)
    draft = draft_after_invoice(after, command, around(today=TODAY))
    assert isinstance(draft, InvoiceUpdate)
    changed = taken(after, draft, invoice_of(draft.invoice, balance=draft.invoice.total), "2")

    assert decide(changed) == []
    back = order_after(seen(content(), "hash-1", "2026-11-20T15:00:00Z"), order=changed)
    [issued], _ = settled(back)
    assert isinstance(issued, CommandIssued) and issued.because.endswith(
        "total 125.00 → 100.00, was: 5 x VASE-01 at 25, is: 4 x VASE-01 at 25"
    )
    assert issued.generation == 2 and issued.command_id != command.command_id


@pytest.mark.parametrize(
    ("invoice", "facts", "why"),
    [
        ({"balance": Decimal("90.00")}, FACTS, "10.00 of its 100.00 is paid or credited"),
        (
            {"total": Decimal(90), "balance": Decimal(90)},
            FACTS,
            "changed in QuickBooks since: total 90 instead of 100.00",
        ),
        ({"customer_remote_id": "59"}, FACTS, "changed in QuickBooks since: customer 59 instead of 58"),
        ({}, CLOSED, "it is dated 2026-11-20, and the books are closed until 2026-11-30"),
    ],
)
def test_an_invoice_that_is_not_ours_alone_any_more_is_left_as_it_is_and_the_difference_told(
    invoice: dict[str, Any], facts: Any, why: str
) -> None:
    told: list[Event]
    for order, event in (
        (edited(invoiced(**invoice), line(quantity="5")), "changed"),
        (_cancelled(**invoice), "cancelled"),
    ):
        told, _ = settled(order, facts=facts)
        needed = told[-1]
        assert isinstance(needed, AttentionNeeded) and needed.topic == AFTER
        assert needed.sentence.startswith(f"the order {'was cancelled' if event == 'cancelled' else event}")
        assert needed.sentence.endswith(why)


def _cancelled(**invoice: Any) -> Order:
    return edited(invoiced(**invoice), status="cancelled")


def test_a_cancelled_order_voids_its_invoice_within_its_month_and_asks_for_a_credit_memo_later() -> None:
    [issued], after = settled(_cancelled())
    command = next(c for c in after.commands.values() if c.unfinished)
    draft = draft_after_invoice(after, command, around(today=TODAY))
    [later], _ = settled(_cancelled(), today=date(2026, 12, 1))

    assert isinstance(issued, CommandIssued) and issued.verb == "VoidInvoice"
    assert isinstance(draft, InvoiceVoid) and (draft.remote_id, draft.revision) == ("145", "1")
    assert isinstance(later, AttentionNeeded) and later.sentence.endswith("because it is of another month, 2026-11")
    assert later.next_step.startswith("Make a credit memo for invoice WC-1001")
    gone = draft_after_invoice(after, command, around(today=date(2026, 12, 1)))
    assert isinstance(gone, list) and [type(e) for e in gone] == [CommandAbandoned, AttentionNeeded]


def test_a_voided_invoice_of_a_cancelled_order_is_as_it_should_be_and_one_confirmed_again_is_told() -> None:
    draft = invoice_from_order(content(), "58", ITEMS, FACTS, "m")
    nothing = {"total": Decimal(0), "balance": Decimal(0), "voided": True}
    voided = order_after(shown(invoice_of(draft, **nothing), "2"), order=_cancelled())

    assert decide(voided) == []
    [told], _ = settled(order_after(seen(content(), "hash-3", "2026-11-20T16:00:00Z"), order=voided))
    assert isinstance(told, AttentionNeeded) and told.topic == THERE
    assert told.sentence == "the order is confirmed, and its invoice WC-1001 was voided in QuickBooks"


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (
            RecordGone(system="wizcommerce", kind="order", remote_id="ord_01", fetched_after=0, cause="x"),
            "is gone from",
        ),
        (seen(content(status="pending approval"), "hash-2"), "became pending approval in"),
    ],
)
def test_an_order_that_is_gone_or_in_a_status_nobody_knows_leaves_its_invoice_alone(event: Event, says: str) -> None:
    [told], _ = settled(order_after(event, order=invoiced()))

    assert isinstance(told, AttentionNeeded)
    assert told.sentence == f"the order {says} WizCommerce after its invoice was made"


def test_an_invoice_changed_or_deleted_in_quickbooks_is_told_until_a_person_lets_it_stand_or_it_is_as_before() -> None:
    changed = invoiced(total=Decimal("80.00"), balance=Decimal("80.00"))
    gone = RecordGone(system="quickbooks", kind="invoice", remote_id="145", fetched_after=0, cause="x")

    [told], after = settled(changed)
    assert isinstance(told, AttentionNeeded) and told.topic == THERE
    assert told.sentence == "invoice WC-1001 was changed in QuickBooks: total 80.00 instead of 100.00"
    let_stand = order_after(AttentionCleared(topic=THERE, because="seen", let_stand=True), order=after, who="admin")
    assert decide(let_stand) == []
    draft = invoice_from_order(content(), "58", ITEMS, FACTS, "m")
    [cleared], _ = settled(order_after(shown(invoice_of(draft, balance=draft.total), "5"), order=after))
    assert isinstance(cleared, AttentionCleared)
    [deleted], _ = settled(order_after(gone, order=invoiced()))
    assert isinstance(deleted, AttentionNeeded) and deleted.sentence.endswith("was deleted in QuickBooks")


def test_an_edit_that_names_an_unknown_item_waits_for_it_and_goes_by_itself() -> None:
    decided, after = settled(edited(invoiced(), line("LAMP-03")))
    assert [type(e) for e in decided] == [CommandIssued, CommandHeld]

    items = {"vase-01": ("21",), "lamp-03": ("33",)}
    [released] = decide(after, items=items)

    assert isinstance(released, CommandReleased)


def test_an_edit_that_a_person_made_by_hand_in_the_invoice_already_asks_for_nothing() -> None:
    five = replace(invoice_from_order(content(line(quantity="5")), "58", ITEMS, FACTS, "m"), number="WC-1001")
    by_hand = order_after(shown(invoice_of(five, balance=Decimal("125.00")), "4"), order=invoiced())

    assert decide(edited(by_hand, line(quantity="5"))) == []


def test_what_no_invoice_takes_from_an_order_changes_none() -> None:
    assert decide(edited(invoiced(), line(), reference="R-2")) == []
    assert decide(invoiced(), items={}) == []


def test_a_refused_change_is_not_tried_again_for_the_same_order() -> None:
    _, after = settled(edited(invoiced(), line(quantity="5")))
    command = next(c for c in after.commands.values() if c.unfinished)
    no = CommandRefused(command_id=command.command_id, attempt=0, code="2050", sentence="too long", next_step="shorten")
    refused = order_after(no, order=after)

    assert decide(refused) == []
    again = order_after(seen(content(line(quantity="6")), "hash-3", "2026-11-20T14:00:00Z"), order=refused)
    assert [type(e) for e in decide(again)] == [CommandIssued]


def test_a_person_who_said_never_is_told_and_nothing_is_sent() -> None:
    _, after = settled(edited(invoiced(), line(quantity="5")))
    command = next(c for c in after.commands.values() if c.unfinished)
    never = order_after(CommandAbandoned(command_id=command.command_id, why="no"), order=after, who="admin")

    [told], _ = settled(never)

    assert isinstance(told, AttentionNeeded) and told.sentence.endswith("nothing more is sent for this order")
    assert keep_invoice_true(never, around(today=TODAY)) == [told]


def test_another_try_of_a_person_is_made_whatever_was_given_up_and_a_refusal_nobody_needs_any_more_ends() -> None:
    _, after = settled(edited(invoiced(), line(quantity="5")))
    command = next(c for c in after.commands.values() if c.unfinished)
    never = order_after(CommandAbandoned(command_id=command.command_id, why="no"), order=after, who="admin")
    no = CommandRefused(command_id=command.command_id, attempt=0, code="2050", sentence="too long", next_step="shorten")
    back = order_after(no, seen(content(), "hash-1", "2026-11-20T15:00:00Z"), order=after)

    assert what_follows(never, around(today=TODAY), asked=True).verb == "UpdateInvoice"
    [ended], _ = settled(back)
    assert isinstance(ended, CommandAbandoned) and ended.why == "order and invoice agree again"


def test_an_invoice_that_keeps_changing_under_us_is_left_to_a_person_after_three_tries() -> None:
    order = edited(invoiced(), line(quantity="5"))
    for generation in range(1, MOST_TRIES + 1):
        decided, order = settled(order)
        assert isinstance(decided[0], CommandIssued) and decided[0].generation == generation
        started = replace(_started(order), command_id=decided[0].command_id)
        order = order_after(started, UpdateOutdated(command_id=started.command_id, attempt=1, why="stale"), order=order)

    [told], _ = settled(order)
    assert isinstance(told, AttentionNeeded) and "could not be changed in 3 tries" in told.sentence
    assert what_follows(order, around(today=TODAY), asked=True).verb == "UpdateInvoice"
    asked = order_after(CommandRetried(command_id=started.command_id), order=order)
    assert what_follows(asked, around(today=TODAY)).verb == "UpdateInvoice"  # and so it is still once its turn comes
    assert isinstance(decide(edited_again(order))[0], CommandIssued)


def edited_again(order: Order) -> Order:
    return order_after(seen(content(line(quantity="7")), "hash-9", "2026-11-20T19:00:00Z"), order=order)


def _started(order: Order) -> AttemptStarted:
    draft = invoice_from_order(content(), "58", ITEMS, FACTS, "m")
    return AttemptStarted(
        command_id="", attempt=1, draft=draft, body=Personal("{}"), worker="w", send_by=NOON, answer_by=NOON
    )


def test_an_edit_that_waits_for_a_choice_goes_by_itself_and_one_of_a_paid_invoice_is_told_at_once() -> None:
    charged = edited(invoiced(), line(), other_charges=Decimal(3))
    decided, after = settled(charged)
    assert [type(e) for e in decided] == [CommandIssued, CommandHeld]
    assert isinstance(decided[1], CommandHeld) and decided[1].missing[0].key == "choice:acme:charges-item"
    items = {"vase-01": ("21",), "freight-01": ("40",)}
    [released] = decide(after, items=items, choices=Choices(said={"charges-item": "FREIGHT-01"}))
    assert isinstance(released, CommandReleased)

    [told] = decide(edited(invoiced(balance=Decimal(90)), line("LAMP-03")))
    assert isinstance(told, AttentionNeeded)
    assert (
        "no active item with SKU LAMP-03); invoice WC-1001 is left as it is because 10.00 of its 100.00"
        in told.sentence
    )


def test_what_a_person_took_as_it_is_counts_as_taken_and_a_later_change_of_it_is_told() -> None:
    _, after = settled(edited(invoiced(), line(quantity="5")))
    command = next(c for c in after.commands.values() if c.unfinished)
    draft = draft_after_invoice(after, command, around(today=TODAY))
    assert isinstance(draft, InvoiceUpdate)
    there = invoice_of(draft.invoice, total=Decimal(124), balance=Decimal(124))
    started = replace(_started(after), command_id=command.command_id, draft=draft)
    taken_by_hand = CommandAccepted(
        command_id=command.command_id, attempt=1, remote_id="145", revision="", number="", how="taken as it is by admin"
    )
    accepted = order_after(started, shown(there, "5"), taken_by_hand, order=after)

    assert decide(accepted) == [] and accepted.invoice_number == "WC-1001"
    [told] = decide(order_after(shown(replace(there, total=Decimal(999), balance=Decimal(999)), "6"), order=accepted))
    assert isinstance(told, AttentionNeeded) and told.sentence.endswith("total 999 instead of 124")


def test_what_is_let_stand_is_told_again_when_the_order_says_something_else() -> None:
    paid = invoiced(balance=Decimal(90))
    [_], after = settled(edited(paid, line(quantity="5")))
    stands = order_after(AttentionCleared(topic=AFTER, because="seen", let_stand=True), order=after, who="admin")

    assert decide(stands) == []
    assert [type(e) for e in decide(edited_again(stands))] == [AttentionNeeded]
