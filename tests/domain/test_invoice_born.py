"""Which invoices made in QuickBooks become orders of WizCommerce, and what follows for such an order."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from engine.domain.born_withholding import BornAround
from engine.domain.choices import Choices
from engine.domain.commands import command_id
from engine.domain.drafts import Draft, OrderDraft, OrderUpdate
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
    Missing,
    OrderObserved,
    PaymentTaken,
    PushAskedFor,
    PushWithheld,
    RecordGone,
    UpdateOutdated,
)
from engine.domain.invoice_born import (
    AFTER,
    HERE,
    MOST_TRIES,
    THERE,
    draft_of_order,
    issue_change,
    issue_order,
    order_follows,
    order_of_each_invoice,
)
from engine.domain.order import Order
from engine.domain.order_from_invoice import Sold
from engine.domain.payments import take_each_rise
from engine.domain.values import CompanyFacts, InvoiceContent, OrderContent, Personal
from tests.domain.test_order_from_invoice import invoice, line, shown
from tests.wholesale import FACTS, NOON, RECORD, order_after

CUSTOMER = Missing(key="in-shop:customer-acme:1", sentence="the invoice's customer 58 is not in WizCommerce")
ITEM = Missing(key="shown:product-acme:1", sentence="WizCommerce does not show VASE-01 yet")
PLAIN = invoice(created_at=NOON)


def around(said: dict[str, str] | None = None, **more: Any) -> BornAround:
    """Everything is there: the customer is WizCommerce's cust_01, item 21 is VASE-01."""
    plain: dict[str, Any] = {
        "connection": "acme",
        "push_from": NOON - timedelta(days=1),
        "pulled": True,
        "accepted": True,
        "facts": FACTS,
        "choices": Choices(said=said or {}),
        "customer": "cust_01",
        "items": {"21": Sold(sku="VASE-01"), "22": Sold(sku="BOWL-02")},
    }
    return BornAround(**{**plain, **more})


def seen(content: InvoiceContent = PLAIN, content_hash: str = "hash-1", revision: str = "0") -> InvoiceObserved:
    return InvoiceObserved(
        system="quickbooks",
        kind="invoice",
        remote_id="130",
        revision=revision,
        content_hash=content_hash,
        fetched_after=0,
        cause="a test",
        raw=Personal("{}"),
        content=content,
    )


def there(content: OrderContent, content_hash: str = "hash-a", revision: str = "2026-11-20T12:00:00Z") -> OrderObserved:
    return OrderObserved(
        system="wizcommerce",
        kind="order",
        remote_id="ord_01",
        revision=revision,
        content_hash=content_hash,
        fetched_after=0,
        cause="a test",
        raw=Personal("{}"),
        content=content,
    )


def decides(order: Order, beside: BornAround | None = None) -> tuple[list[Event], Order]:
    """What follows, and the order after it; then nothing more may follow."""
    beside = beside or around()
    events = order_of_each_invoice(order, beside)
    after = order_after(*events, order=order)
    assert order_of_each_invoice(after, beside) == []
    return events, after


def attempted(order: Order, beside: BornAround | None = None) -> tuple[Order, Draft]:
    """The order once its open command is under way, and what that sends."""
    [open_] = [c for c in order.commands.values() if c.unfinished]
    draft = draft_of_order(order, open_, beside or around())
    assert not isinstance(draft, list), draft
    begun = AttemptStarted(
        command_id=open_.command_id,
        attempt=1,
        draft=draft,
        body=Personal("{}"),
        worker="w",
        send_by=NOON,
        answer_by=NOON,
    )
    return order_after(begun, order=order), draft


def arrived(order: Order, **more: Any) -> tuple[Order, OrderDraft]:
    """The same once WizCommerce took it, and shows it; with `more` it shows that otherwise."""
    order, draft = attempted(order)
    [open_] = [c for c in order.commands.values() if c.unfinished]
    wanted = draft.order if isinstance(draft, OrderUpdate) else draft
    assert isinstance(wanted, OrderDraft)
    status = "cancelled" if isinstance(draft, OrderUpdate) and draft.cancelled else "confirmed"
    took = CommandAccepted(
        command_id=open_.command_id,
        attempt=1,
        target="wizcommerce",
        remote_id="ord_01",
        revision="1",
        number=wanted.number,
        how="answered",
    )
    after = there(shown(wanted, **{"status": status, **more}), content_hash=f"hash-of-{order.version}")
    return order_after(took, after, order=order), wanted


def made(content: InvoiceContent = PLAIN, **more: Any) -> Order:
    """An order that WizCommerce has as the invoice says it; with `more` it shows that otherwise."""
    _, order = decides(order_after(seen(content)))
    return arrived(order, **more)[0]


def test_an_invoice_nobody_has_claimed_becomes_one_order() -> None:
    [issued], order = decides(order_after(seen()))

    assert isinstance(issued, CommandIssued)
    assert (issued.verb, issued.target, issued.generation) == ("CreateOrder", "wizcommerce", 1)
    assert issued.command_id == command_id(RECORD, "CreateOrder", 1, HERE)
    _, draft = attempted(order)
    assert isinstance(draft, OrderDraft) and (draft.reference, draft.total) == (
        "QBO:acme:invoice:130",
        Decimal("100.00"),
    )


FOREIGN = replace(FACTS, multi_currency=True)
Change = Callable[[], tuple[InvoiceContent, BornAround]]
WITHHELD: dict[str, Change] = {
    "not-pulled": lambda: (PLAIN, around({"pull-invoices": "none"})),
    "not-started": lambda: (PLAIN, around(push_from=None)),
    "baseline": lambda: (PLAIN, around(push_from=NOON + timedelta(seconds=1))),
    "first-pull": lambda: (PLAIN, around(pulled=False, accepted=False)),
    "first-sync": lambda: (PLAIN, around(accepted=False)),
    "copy": lambda: (PLAIN, around(copy_of="it carries our mark")),
    "customer-not-linked": lambda: (PLAIN, around(customer="", waits_for_customer=CUSTOMER)),
    "invoice-ended": lambda: (replace(PLAIN, voided=True, total=Decimal(0)), around()),
    "below-zero": lambda: (invoice(line(quantity="-1"), line(), created_at=NOON), around()),
    "total": lambda: (replace(PLAIN, total=Decimal("99.00")), around()),
    "currency": lambda: (replace(PLAIN, currency="EUR"), around(facts=FOREIGN)),
}
ASKED_FOR = frozenset({"not-pulled", "not-started", "baseline", "copy", "currency"})
"""Reasons that a person's push takes no heed of."""
NEEDS_A_PERSON = frozenset({"copy", "below-zero", "total", "currency"})


@pytest.mark.parametrize("reason", WITHHELD)
def test_what_is_not_made_an_order_says_why(reason: str) -> None:
    content, beside = WITHHELD[reason]()
    events, order = decides(order_after(seen(content)), beside)

    if reason == "not-pulled":
        assert events == []  # every invoice of a company that wants none would say so
        return
    [withheld] = events
    assert isinstance(withheld, PushWithheld) and withheld.reason == reason
    assert withheld.needs_person == (reason in NEEDS_A_PERSON) and order.withheld == withheld


@pytest.mark.parametrize("reason", WITHHELD)
def test_a_persons_push_makes_an_order_of_what_can_be_one(reason: str) -> None:
    content, beside = WITHHELD[reason]()
    _, order = decides(order_after(seen(content)), beside)

    events, _ = decides(order_after(PushAskedFor(), order=order), beside)

    kinds = [type(event) for event in events]
    if reason in ASKED_FOR:
        assert kinds == [CommandIssued]
    elif reason == "customer-not-linked":
        assert kinds == [CommandIssued, CommandHeld]
    else:
        assert kinds == []


def test_an_invoice_that_was_erased_meanwhile_is_no_order_until_a_person_wants_it() -> None:
    [withheld], order = decides(order_after(replace(seen(), raw=Personal(None))))
    assert isinstance(withheld, PushWithheld) and withheld.reason == "erased" and withheld.needs_person

    [issued], _ = decides(order_after(PushAskedFor(), order=order))
    assert isinstance(issued, CommandIssued)


def test_an_invoice_of_nothing_is_no_order_until_a_person_wants_it() -> None:
    nothing = invoice(line(price="0.00"), created_at=NOON)
    events, order = decides(order_after(seen(nothing)))
    assert [event.reason for event in events if isinstance(event, PushWithheld)] == ["invoice-ended"]

    events, _ = decides(order_after(PushAskedFor(), order=order))
    assert [type(event) for event in events] == [CommandIssued]


def test_where_all_are_pulled_the_order_is_held_on_everything_it_waits_for() -> None:
    everything = {"pull-invoices": "all"}
    beside = around(everything, customer="", waits_for_customer=CUSTOMER, waits_for_items=(ITEM,))
    events, order = decides(order_after(seen()), beside)
    assert [type(event) for event in events] == [CommandIssued, CommandHeld]
    assert order.commands[events[0].command_id].missing == (CUSTOMER, ITEM)  # type: ignore[attr-defined]

    beside = around(everything, waits_for_items=(ITEM,))
    [held], order = decides(order, beside)
    assert isinstance(held, CommandHeld) and held.missing == (ITEM,)
    [released], _ = decides(order, around(everything))
    assert isinstance(released, CommandReleased)


def test_what_is_not_sent_yet_is_withdrawn_when_the_invoice_ends() -> None:
    _, order = decides(order_after(seen()), around(waits_for_items=(ITEM,)))
    gone = RecordGone(system="quickbooks", kind="invoice", remote_id="130", fetched_after=0, cause="a test")

    [ended, reason], _ = decides(order_after(gone, order=order), around(waits_for_items=(ITEM,)))

    assert isinstance(ended, CommandAbandoned) and isinstance(reason, PushWithheld)
    assert reason.reason == "invoice-ended" and "deleted" in reason.sentence


def test_a_refusal_stands_until_the_invoice_changes() -> None:
    _, order = decides(order_after(seen()))
    order, _ = attempted(order)
    [command] = order.commands
    no = CommandRefused(command_id=command, attempt=1, target="wizcommerce", code="400", sentence="no", next_step="")
    order = order_after(no, order=order)
    assert decides(order)[0] == []

    [issued], _ = decides(order_after(seen(replace(PLAIN, number="B-2"), "hash-2", "1"), order=order))
    assert isinstance(issued, CommandIssued) and issued.generation == 2


def test_what_a_person_decided_never_to_send_stays() -> None:
    never = PushWithheld(reason="never-send", sentence="admin decided that it is never sent: by hand")
    order = order_after(seen(), never)
    assert decides(order)[0] == []

    [issued], _ = decides(order_after(PushAskedFor(), order=order))
    assert isinstance(issued, CommandIssued)


def test_an_order_of_wizcommerce_is_none_that_began_in_quickbooks() -> None:
    content = shown(made().born.put, reference="")  # type: ignore[union-attr, arg-type]
    order = order_after(there(content), seen())

    assert order.born is None and order_of_each_invoice(order, around()) == []


# ---- once WizCommerce has it -----------------------------------------------------------------------------------------------


def test_once_it_is_there_nothing_follows() -> None:
    order = made()

    assert decides(order)[0] == []
    assert order.born is not None and order.born.put is not None and order.content is not None
    assert (order.invoice_id, order.content.number) == ("130", "B-1")


def test_an_edit_of_the_invoice_changes_the_order_known_by_the_event_it_follows_from() -> None:
    order = order_after(seen(invoice(line(quantity="2"), created_at=NOON), "hash-2", "1"), order=made())
    [issued], after = decides(order)

    assert isinstance(issued, CommandIssued) and (issued.verb, issued.target) == ("UpdateOrder", "wizcommerce")
    assert issued.command_id == command_id(RECORD, "UpdateOrder", 1, HERE, order.version)
    assert issued.because == "the invoice changed after its order was made: total 100.00 → 50.00, lines"
    order, wanted = arrived(after)
    assert wanted.total == Decimal("50.00") and decides(order)[0] == []


def test_an_edit_back_is_another_command() -> None:
    order = made()
    ids = set()
    for version, quantity in enumerate(("2", "4", "2"), start=2):
        content = invoice(line(quantity=quantity), created_at=NOON)
        [issued], order = decides(order_after(seen(content, f"hash-{quantity}", str(version)), order=order))
        assert isinstance(issued, CommandIssued)
        ids.add(issued.command_id)
        order, _ = arrived(order)

    assert len(ids) == 3


@pytest.mark.parametrize("more", [{"balance": Decimal("40.00")}, {"payments": ("144",)}, {"kept_digest": "ff"}])
def test_what_is_paid_in_quickbooks_writes_nothing(more: dict[str, Any]) -> None:
    assert decides(order_after(seen(replace(PLAIN, **more), "hash-2", "1"), order=made()))[0] == []


@pytest.mark.parametrize("how", ["voided", "deleted"])
def test_an_invoice_that_ends_cancels_the_order(how: str) -> None:
    voided = seen(replace(PLAIN, voided=True, total=Decimal(0), lines=(line(quantity="0", price="0"),)), "hash-2", "1")
    gone = RecordGone(system="quickbooks", kind="invoice", remote_id="130", fetched_after=0, cause="a test")
    [issued], order = decides(order_after(voided if how == "voided" else gone, order=made()))

    assert isinstance(issued, CommandIssued) and issued.because == f"the invoice was {how} in QuickBooks"
    _, draft = attempted(order)
    assert isinstance(draft, OrderUpdate) and draft.cancelled
    assert decides(arrived(order)[0])[0] == []


def test_a_refused_cancelling_is_not_asked_again_by_itself() -> None:
    gone = RecordGone(system="quickbooks", kind="invoice", remote_id="130", fetched_after=0, cause="a test")
    _, order = decides(order_after(gone, order=made()))
    order, _ = attempted(order)
    [open_] = [c for c in order.commands.values() if c.unfinished]
    no = CommandRefused(
        command_id=open_.command_id, attempt=1, target="wizcommerce", code="400", sentence="no", next_step=""
    )

    assert decides(order_after(no, order=order))[0] == []


def test_a_refused_edit_does_not_keep_the_order_from_being_cancelled() -> None:
    edited = seen(invoice(line(quantity="2"), created_at=NOON), "hash-2", "1")
    _, order = decides(order_after(edited, order=made()))
    order, _ = attempted(order)
    [open_] = [c for c in order.commands.values() if c.unfinished]
    no = CommandRefused(
        command_id=open_.command_id, attempt=1, target="wizcommerce", code="400", sentence="no", next_step=""
    )
    order = order_after(no, order=order)
    assert decides(order)[0] == []

    gone = RecordGone(system="quickbooks", kind="invoice", remote_id="130", fetched_after=0, cause="a test")
    [issued], order = decides(order_after(gone, order=order))
    _, draft = attempted(order)
    assert isinstance(issued, CommandIssued) and isinstance(draft, OrderUpdate) and draft.cancelled


def test_an_edit_in_wizcommerce_is_told_and_no_more_once_it_is_put_back() -> None:
    order = made()
    assert order.content is not None
    edited = there(replace(order.content, amount=Decimal("75.00")), "hash-b", "2026-11-20T12:05:00Z")
    [needed], order = decides(order_after(edited, order=order))
    assert isinstance(needed, AttentionNeeded) and needed.topic == THERE
    assert needed.sentence == "order B-1 was changed in WizCommerce: lines total 75.00 instead of 100.00"

    assert order.content is not None
    back = there(replace(order.content, amount=Decimal("100.00")), "hash-c", "2026-11-20T12:06:00Z")
    [cleared], _ = decides(order_after(back, order=order))
    assert isinstance(cleared, AttentionCleared)


def test_what_a_person_lets_stand_is_not_told_again() -> None:
    order = made()
    assert order.content is not None
    edited = there(replace(order.content, amount=Decimal("75.00")), "hash-b", "2026-11-20T12:05:00Z")
    _, order = decides(order_after(edited, order=order))
    seen_it = AttentionCleared(topic=THERE, because="seen by admin", let_stand=True)

    assert decides(order_after(seen_it, order=order, who="admin"))[0] == []


@pytest.mark.parametrize("how", ["cancelled", "gone"])
def test_what_ends_in_wizcommerce_leaves_the_invoice_and_is_told(how: str) -> None:
    order = made()
    assert order.content is not None
    cancelled = there(replace(order.content, status="cancelled"), "hash-b", "2026-11-20T12:05:00Z")
    gone = RecordGone(system="wizcommerce", kind="order", remote_id="ord_01", fetched_after=0, cause="a test")
    ended = order_after(cancelled if how == "cancelled" else gone, order=order)
    edited = order_after(seen(invoice(line(quantity="2"), created_at=NOON), "hash-2", "1"), order=ended)

    for one in (ended, edited):
        [needed], _ = decides(one)
        assert isinstance(needed, AttentionNeeded) and needed.topic == THERE


def test_a_voided_invoice_of_a_cancelled_order_asks_for_nothing() -> None:
    order = made(status="cancelled")
    _, order = decides(order)
    voided = seen(replace(PLAIN, voided=True, total=Decimal(0)), "hash-2", "1")

    [cleared], _ = decides(order_after(voided, order=order))

    assert isinstance(cleared, AttentionCleared)


def test_an_edit_that_cannot_be_an_order_is_told() -> None:
    edited = seen(invoice(line(), line(quantity="-1"), created_at=NOON), "hash-2", "1")
    [needed], _ = decides(order_after(edited, order=made()))

    assert isinstance(needed, AttentionNeeded) and needed.topic == AFTER and "below zero" in needed.sentence


def test_an_edit_to_something_that_is_not_shown_waits_for_it() -> None:
    edited = seen(invoice(line(), line("22"), created_at=NOON), "hash-2", "1")
    events, order = decides(order_after(edited, order=made()), around(waits_for_items=(ITEM,)))
    assert [type(event) for event in events] == [CommandIssued, CommandHeld]

    [released], _ = decides(order)
    assert isinstance(released, CommandReleased)


def test_an_edit_back_before_anything_was_sent_is_withdrawn() -> None:
    edited = seen(invoice(line(), line("22"), created_at=NOON), "hash-2", "1")
    _, order = decides(order_after(edited, order=made()), around(waits_for_items=(ITEM,)))

    [ended], _ = decides(order_after(seen(PLAIN, "hash-1", "2"), order=order))

    assert isinstance(ended, CommandAbandoned)


def test_a_change_that_comes_to_nothing_again_and_again_is_told() -> None:
    order = order_after(seen(invoice(line(quantity="2"), created_at=NOON), "hash-2", "1"), order=made())
    for _ in range(MOST_TRIES):
        _, order = decides(order)
        order, _ = attempted(order)
        [open_] = [c for c in order.commands.values() if c.unfinished]
        order = order_after(UpdateOutdated(command_id=open_.command_id, attempt=1, why="it changed"), order=order)

    [needed], order = decides(order)
    assert isinstance(needed, AttentionNeeded) and f"in {MOST_TRIES} tries" in needed.sentence

    asked = order_after(PushAskedFor(), order=order)
    assert isinstance(order_of_each_invoice(asked, around())[0], CommandIssued)  # a person's word counts anew
    asked = order_after(CommandRetried(command_id=open_.command_id), order=order)
    issued = issue_change(asked, order_follows(asked, around()), "a person asked for another try")
    _, draft = attempted(order_after(*issued, order=asked))
    assert isinstance(draft, OrderUpdate)


# ---- money -----------------------------------------------------------------------------------------------------------------


def paid(order: Order, amount: str) -> Order:
    """WizCommerce shows so much as paid."""
    assert order.content is not None
    more = replace(order.content, paid=Decimal(amount))
    return order_after(there(more, f"hash-{amount}", "2026-11-20T12:05:00Z"), order=order)


def test_what_was_paid_when_it_was_made_is_no_payment_and_what_is_paid_since_is() -> None:
    order = made(replace(PLAIN, balance=Decimal("60.00")))
    assert take_each_rise(order) == []

    [taken] = take_each_rise(paid(order, "70.00"))
    assert isinstance(taken, PaymentTaken)
    assert (taken.amount, taken.paid_before, taken.order_number) == (Decimal("30.00"), Decimal("40.00"), "B-1")


def test_what_an_earlier_request_told_as_paid_is_no_payment() -> None:
    """The first request was given up, and is what made the order all the same; by the second the deposit was taken back."""
    _, order = decides(order_after(seen(replace(PLAIN, balance=Decimal("60.00")))))
    order, first = attempted(order)
    assert isinstance(first, OrderDraft) and first.paid == Decimal("40.00")
    [open_] = [c for c in order.commands.values() if c.unfinished]
    given_up = CommandAbandoned(command_id=open_.command_id, why="nothing came of it")
    order = order_after(given_up, seen(PLAIN, "hash-2", "1"), order=order)
    _, order = decides(order_after(*issue_order(order, around(), "once more"), order=order))

    order, _ = arrived(order, paid=Decimal("40.00"))

    assert take_each_rise(order) == []


def test_what_was_paid_between_our_write_and_our_first_sight_of_it_is_a_payment() -> None:
    order = made(replace(PLAIN, balance=Decimal("60.00")), paid=Decimal("55.00"))

    [taken] = take_each_rise(order)
    assert isinstance(taken, PaymentTaken) and taken.amount == Decimal("15.00")


def test_what_an_order_that_was_not_put_by_us_begins_with_as_paid_is_no_payment() -> None:
    content = shown(made().born.put, paid=Decimal("55.00"))  # type: ignore[union-attr, arg-type]

    assert take_each_rise(order_after(seen(), there(content))) == []


def test_a_later_change_says_what_the_order_began_with_as_paid() -> None:
    order = made(replace(PLAIN, balance=Decimal("60.00")))
    edited = replace(invoice(line(quantity="2"), created_at=NOON), balance=Decimal("0.00"))
    _, order = decides(order_after(seen(edited, "hash-2", "1"), order=order))
    _, draft = attempted(order)

    assert isinstance(draft, OrderUpdate) and draft.order.paid == Decimal("40.00")


def test_made_before_is_by_the_invoices_own_creation() -> None:
    facts: CompanyFacts = FACTS
    beside = around(push_from=NOON, facts=facts)
    for at, held in ((NOON, False), (NOON - timedelta(seconds=1), True)):
        moment: datetime = at
        [event], _ = decides(order_after(seen(replace(PLAIN, created_at=moment))), beside)
        assert isinstance(event, PushWithheld) == held
