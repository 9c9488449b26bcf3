"""What follows from an order: its invoice, why it waits, and what a person is shown. Asked twice, nothing follows again."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from engine.domain.choices import Choices
from engine.domain.commands import command_id
from engine.domain.events import (
    AttemptStarted,
    AttentionNeeded,
    CommandAbandoned,
    CommandAccepted,
    CommandHeld,
    CommandIssued,
    CommandRefused,
    CommandReleased,
    Event,
    Missing,
    PushAskedFor,
    PushWithheld,
    RecordMergedInto,
)
from engine.domain.fields import Lists
from engine.domain.invoice_from_order import disagreements, invoice_day, invoice_from_order, item_skus, order_total
from engine.domain.order import Order
from engine.domain.policies import invoice_each_confirmed_order, issue_invoice, missing_for
from engine.domain.values import OrderContent, OrderLine, Personal
from engine.domain.withholding import Standing
from tests.wholesale import CUSTOMER, FACTS, NOON, ORDER, RECORD, around, content, invoice_of, line, order_after, seen

FIRST = "6ca38a108c7f5a899a1f4d815bb3d662"
"""The id of this order's first invoice, in every release."""
ITEMS = {"vase-01": "21", "bowl-02": "22"}


def decide(order: Order, **circumstances: Any) -> list[Event]:
    return invoice_each_confirmed_order(order, around(**circumstances))


def settled(order: Order, **circumstances: Any) -> tuple[list[Event], Order]:
    """What follows, and the order after it; then nothing more may follow."""
    decided = decide(order, **circumstances)
    after = order_after(*decided, order=order)
    assert decide(after, **circumstances) == []
    return decided, after


def started(order: OrderContent, command: str = FIRST) -> AttemptStarted:
    draft = invoice_from_order(order, "58", ITEMS, FACTS, command)
    return AttemptStarted(
        command_id=command,
        attempt=1,
        draft=draft,
        body=Personal("{}"),
        worker="w",
        send_by=NOON,
        answer_by=NOON,
    )


def accepted(command: str = FIRST) -> CommandAccepted:
    return CommandAccepted(
        command_id=command, attempt=1, remote_id="145", revision="0", number="WC-1001", how="answered"
    )


def invoiced(order: OrderContent) -> Order:
    first = order_after(seen(order))
    return order_after(*decide(first), started(order), accepted(), order=first)


# ---- an invoice ------------------------------------------------------------------------------------------------------------


def test_a_confirmed_order_is_invoiced_once_under_the_same_id_for_ever() -> None:
    [issued], after = settled(order_after(seen(content())))

    assert isinstance(issued, CommandIssued)
    assert (issued.command_id, issued.verb, issued.generation) == (FIRST, "CreateInvoice", 1)
    assert issued.because == "order WC-1001 is confirmed"
    assert list(after.commands) == [FIRST]


def test_each_generation_has_an_id_of_its_own_whatever_the_content() -> None:
    ids = [command_id(RECORD, "CreateInvoice", n) for n in (1, 2, 3)] + [command_id(RECORD, "CreateCustomer", 1)]

    assert ids[0] == FIRST and len(set(ids)) == 4
    assert decide(order_after(seen(content(line(price="1")))))[0].command_id == FIRST  # type: ignore[attr-defined]


def test_nothing_follows_from_an_order_nobody_saw_or_that_became_part_of_another() -> None:
    assert decide(order_after()) == []
    assert decide(order_after(seen(content()), RecordMergedInto(record=ORDER))) == []


def test_an_invoice_carries_the_orders_lines_number_and_marks() -> None:
    order = content(
        line(quantity="128.350", price="14.50", note=Personal("blue")),
        line("Bowl-02", "2", "10", discount=Decimal("1.50")),
        discount=Decimal("3"),
        shipping_charge=Decimal("12.50"),
        po_number="PO-7",
    )

    draft = invoice_from_order(order, "58", ITEMS, FACTS, "m" * 32)

    assert [(x.item, x.quantity, x.amount) for x in draft.lines] == [
        ("21", Decimal("128.350"), Decimal("1861.08")),
        ("22", Decimal(2), Decimal("18.50")),
    ]
    assert (draft.number, draft.order_number, draft.mark, draft.po_number) == ("WC-1001", "WC-1001", "m" * 32, "PO-7")
    assert (draft.discount, draft.shipping_charge, draft.total) == (
        Decimal("3.00"),
        Decimal("12.50"),
        Decimal("1889.08"),
    )
    assert draft.lines[0].description == Personal("blue")


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "percent", "net", "amount"),
    [
        ("4", "25.00", "10", True, "22.5", "90.00"),
        ("128.350", "14.50", "10", True, "13.05", "1674.97"),
        ("3", "9.99", "1", False, "9.6566667", "28.97"),
        ("4", "25.00", "25", False, "18.75", "75.00"),
        ("7", "0.33", "33.333", True, "0.2200011", "1.54"),
        ("4", "25.00", "100", True, "0", "0.00"),
    ],
)
def test_a_lines_discount_is_in_its_price_and_the_price_before_it_in_its_description(
    quantity: str, price: str, discount: str, percent: bool, net: str, amount: str
) -> None:
    sold = line(quantity=quantity, price=price, discount=Decimal(discount), discount_is_percentage=percent)

    draft = invoice_from_order(content(sold), "58", ITEMS, FACTS, "m")

    [one] = draft.lines
    assert (one.unit_price, one.amount, draft.discount) == (Decimal(net), Decimal(amount), Decimal(0))
    assert draft.total == one.amount == order_total(content(sold))
    assert f"Price {Decimal(price).normalize():f}, less " in str(one.description)


def test_an_order_of_closed_books_is_dated_on_the_first_open_day_where_the_connection_says_so() -> None:
    facts = replace(FACTS, books_closed_until=date(2026, 11, 20))
    chosen = Choices(said={"closed-books": "first-open-day"})

    moved = invoice_from_order(content(), "58", ITEMS, facts, "m", chosen)
    later = invoice_from_order(
        content(), "58", ITEMS, replace(facts, books_closed_until=date(2026, 11, 19)), "m", chosen
    )
    issued = decide(order_after(seen(content())), facts=facts, choices=chosen)

    assert (moved.dated, moved.ordered) == (date(2026, 11, 21), date(2026, 11, 20))
    assert (later.dated, later.ordered) == (date(2026, 11, 20), None)
    assert isinstance(issued[0], CommandIssued)


def test_the_day_of_an_invoice_is_the_orders_or_that_on_which_it_ships() -> None:
    ships = content(ships_at=NOON + timedelta(days=9))
    chosen = Choices(said={"invoice-date": "ship", "closed-books": "first-open-day"})
    closed = replace(FACTS, books_closed_until=date(2026, 11, 30))

    assert invoice_day(ships, FACTS, Choices()) == date(2026, 11, 20)
    assert invoice_day(ships, FACTS, chosen) == date(2026, 11, 29)
    assert invoice_day(content(), FACTS, chosen) == date(2026, 11, 20)
    assert invoice_day(ships, closed, chosen) == date(2026, 12, 1)
    assert invoice_from_order(ships, "58", ITEMS, FACTS, "m", chosen).ordered == date(2026, 11, 20)


BY_CONFIRMATION = Choices(said={"invoice-date": "confirmation"})


@pytest.mark.parametrize(
    ("sights", "day"),
    [
        ([("draft", "2026-11-20T12:00:00Z"), ("confirmed", "2026-11-22T12:00:00.5Z")], 22),
        ([("Confirmed", "2026-11-22T12:00:00Z"), ("confirmed", "2026-11-25T12:00:00Z")], 22),
        ([("confirmed", "2026-11-22T12:00:00Z"), ("cancelled", "2026-11-25T12:00:00Z")], 22),
        ([("confirmed", "2026-11-22T23:30:00-05:00")], 23),
        ([("confirmed", "2026-11-19T12:00:00Z")], 20),
        ([("confirmed", "no time")], 20),
        ([("draft", "2026-11-22T12:00:00Z")], 20),
    ],
    ids=["approved", "edited later", "cancelled later", "in UTC", "not before it was made", "no time", "never"],
)
def test_the_day_of_confirmation_is_that_of_the_first_sight_that_showed_it(
    sights: list[tuple[str, str]], day: int
) -> None:
    order = order_after(*(seen(content(status=status), revision, revision) for status, revision in sights))
    assert order.content is not None
    draft = invoice_from_order(order.content, "58", ITEMS, FACTS, "m", BY_CONFIRMATION, confirmed_at=order.confirmed_at)

    assert (draft.dated, draft.ordered) == (date(2026, 11, day), date(2026, 11, 20) if day != 20 else None)
    assert invoice_day(order.content, FACTS, Choices(), confirmed_at=order.confirmed_at) == date(2026, 11, 20)


def test_an_order_of_closed_books_that_was_confirmed_after_them_goes_where_that_day_counts() -> None:
    order = order_after(seen(content(), revision="2026-11-22T12:00:00Z"))
    facts = replace(FACTS, books_closed_until=date(2026, 11, 21))

    assert isinstance(decide(order, facts=facts)[0], PushWithheld)
    assert isinstance(decide(order, facts=facts, choices=BY_CONFIRMATION)[0], CommandIssued)


@pytest.mark.parametrize(
    ("edited", "says"),
    [
        (content(line(quantity="0", discount=Decimal(1))), "every line's quantity is zero"),
        (content(line(), other_charges=Decimal(3)), "the order carries other charges of 3"),
    ],
)
def test_an_edit_after_the_invoice_that_could_not_be_invoiced_is_said(edited: OrderContent, says: str) -> None:
    [said] = decide(order_after(seen(edited, "hash-2", "2026-11-20T13:00:00Z"), order=invoiced(content())))

    assert isinstance(said, AttentionNeeded) and says in said.sentence


def test_lines_outside_the_catalogue_charges_and_the_term_go_where_the_connection_says() -> None:
    choices = Choices(said={"adhoc-item": "Custom-01", "charges-item": "FREIGHT-01", "online-payments": "company"})
    order = content(
        line("ENGRAVING", "2", "12.50", is_adhoc=True, note=Personal("For Ann")),
        line(),
        other_charges=Decimal("7.35"),
        payment_term=" net 30 ",
    )
    items = {**ITEMS, "custom-01": "31", "freight-01": "32"}

    draft = invoice_from_order(order, "58", items, FACTS, "m", choices, Lists(terms={"3": "Net 30", "4": "Net 45"}))

    assert item_skus(order, choices) == {"custom-01": "Custom-01", "vase-01": "VASE-01", "freight-01": "FREIGHT-01"}
    assert [(x.item, str(x.amount), str(x.description)) for x in draft.lines] == [
        ("31", "25.00", "For Ann"),
        ("21", "100.00", ""),
        ("32", "7.35", "Other charges"),
    ]
    assert (draft.total, draft.term, draft.online_payments) == (Decimal("132.35"), "3", True)
    bare = invoice_from_order(content(), "58", ITEMS, FACTS, "m")
    assert (bare.term, bare.online_payments) == ("", False)


def test_quickbooks_numbers_the_invoice_where_the_company_leaves_it_to_it() -> None:
    draft = invoice_from_order(content(), "58", ITEMS, replace(FACTS, custom_numbers=False), "m")

    assert (draft.number, draft.order_number) == ("", "WC-1001")


@pytest.mark.parametrize(
    ("zone", "day"), [("America/Los_Angeles", 20), ("Asia/Tokyo", 21), ("", 20), ("Mars/Olympus", 20), ("../etc", 20)]
)
def test_an_invoice_is_dated_by_the_companys_own_calendar(zone: str, day: int) -> None:
    order = content(ordered_at=NOON + timedelta(hours=8))  # 20:00 UTC

    assert invoice_from_order(order, "58", ITEMS, replace(FACTS, time_zone=zone), "m").dated == date(2026, 11, day)


def test_an_invoice_that_agrees_shows_no_disagreement_in_whatever_order_its_lines_stand() -> None:
    draft = invoice_from_order(content(line(), line("BOWL-02", "2", "10")), "58", ITEMS, FACTS, "m")

    assert disagreements(draft, invoice_of(draft)) == ()
    assert disagreements(draft, invoice_of(draft, lines=draft.lines[::-1], total=Decimal("120.0"))) == ()
    assert disagreements(replace(draft, number=""), invoice_of(draft, number="1038")) == ()


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({"customer_remote_id": "59"}, "customer 59 instead of 58"),
        ({"number": ""}, "number (none) instead of WC-1001"),
        ({"total": Decimal("108.25")}, "total 108.25 instead of 100.00"),
        ({"lines": ()}, "lines differ:  instead of 4 x item 21 = 100.00"),
    ],
)
def test_a_disagreement_is_named_with_both_figures(found: dict[str, Any], says: str) -> None:
    draft = invoice_from_order(content(), "58", ITEMS, FACTS, "m")

    assert disagreements(draft, invoice_of(draft, **found)) == (says,)


# ---- what is missing -------------------------------------------------------------------------------------------------------


def test_a_hold_names_everything_that_is_missing_and_each_thing_once() -> None:
    order = order_after(seen(content(line("LAMP-03"), line("lamp-03 "), line("JUG-04"), line())))
    circumstances: dict[str, Any] = {
        "customer": Standing(stream=CUSTOMER),
        "items": {"vase-01": ("21",), "jug-04": ("24", "25")},
    }

    [issued, held], after = settled(order, **circumstances)

    assert isinstance(issued, CommandIssued) and isinstance(held, CommandHeld)
    assert held.missing == (
        Missing(key=f"customer-linked:{CUSTOMER}", sentence="the customer is not in QuickBooks yet"),
        Missing(key="sku:acme:lamp-03", sentence="QuickBooks has no active item with SKU LAMP-03"),
        Missing(key="sku:acme:jug-04", sentence="QuickBooks has 2 active items with SKU JUG-04: make it one"),
    )
    assert after.commands[FIRST].status == "held"


def test_a_customer_wizcommerce_does_not_show_is_waited_for_by_its_id() -> None:
    order = order_after(seen(content(customer_remote_id="cust_99")))

    [missing] = missing_for(order, around(customer=Standing()))

    assert missing.key == "customer-seen:acme:cust_99"
    assert missing.sentence == "WizCommerce does not show customer cust_99 of this order"


def test_the_reason_the_customer_gave_stays_when_the_order_is_looked_at_again() -> None:
    nobody = Standing(stream=CUSTOMER)
    _, order = settled(order_after(seen(content())), customer=nobody)
    told = Missing(
        key=f"customer-linked:{CUSTOMER}", sentence="its customer may be in QuickBooks already (possible matches: 2)"
    )
    order = order_after(CommandHeld(command_id=FIRST, missing=(told,)), order=order)

    seen_again = order_after(seen(content(po_number="PO-8"), "hash-2"), order=order)

    assert decide(seen_again, customer=nobody) == []
    assert seen_again.commands[FIRST].reason == "its customer may be in QuickBooks already (possible matches: 2)"


def test_an_order_that_needs_other_things_now_says_so_and_one_that_needs_none_goes() -> None:
    _, held = settled(order_after(seen(content(line("LAMP-03")))))
    other = order_after(seen(content(line("JUG-04")), "hash-2"), order=held)
    sound = order_after(seen(content(), "hash-3"), order=held)

    [now] = decide(other)
    [goes] = decide(sound)

    assert isinstance(now, CommandHeld) and [m.key for m in now.missing] == ["sku:acme:jug-04"]
    assert isinstance(goes, CommandReleased)


# ---- before and after anything was sent ----------------------------------------------------------------------------------


def test_an_order_withdrawn_before_anything_was_sent_is_left_and_may_come_back() -> None:
    _, waiting = settled(order_after(seen(content())), items={})
    cancelled = order_after(seen(content(status="cancelled"), "hash-2"), order=waiting)

    [left, why], after = settled(cancelled)
    back = order_after(seen(content(), "hash-3"), order=after)
    [issued], _ = settled(back)

    assert isinstance(left, CommandAbandoned) and "cancelled in WizCommerce" in left.why
    assert isinstance(why, PushWithheld) and why.reason == "cancelled"
    assert isinstance(issued, CommandIssued) and issued.generation == 2


def test_once_an_attempt_was_made_an_edit_alters_only_the_state() -> None:
    first = order_after(seen(content()))
    under_way = order_after(*decide(first), started(content()), order=first)

    edited = order_after(seen(content(status="cancelled"), "hash-2"), order=under_way)

    assert decide(edited) == []


def test_a_refused_invoice_is_not_tried_again_by_itself_but_another_content_begins_anew() -> None:
    no = CommandRefused(command_id=FIRST, attempt=1, code="6000", sentence="no", next_step="")
    first = order_after(seen(content()))
    refused = order_after(*decide(first), started(content()), no, order=first)

    edited = order_after(seen(content(line(price="24")), "hash-2"), order=refused)
    [issued], _ = settled(edited)

    assert decide(refused) == []
    assert isinstance(issued, CommandIssued) and issued.generation == 2
    assert [type(e) for e in issue_invoice(refused, around(), "asked")] == [CommandIssued]


def test_what_a_person_decided_never_to_send_is_not_sent_until_somebody_asks() -> None:
    first = order_after(seen(content()))
    left = order_after(*decide(first), order=first)
    never = order_after(CommandAbandoned(command_id=FIRST, why="a mistake"), order=left, who="Test")

    edited = order_after(seen(content(line(price="24")), "hash-2"), order=never)
    asked = order_after(PushAskedFor(), order=edited, who="Test")

    assert decide(edited) == []
    assert [type(e) for e in decide(asked)] == [CommandIssued]


@pytest.mark.parametrize("items", [{}, {"vase-01": ("21", "99")}, {"vase-01": ("99",)}])
def test_an_item_that_changed_in_quickbooks_later_is_no_change_of_the_order(items: dict[str, tuple[str, ...]]) -> None:
    assert decide(invoiced(content()), items=items) == []


@pytest.mark.parametrize("same", [line(quantity="4.0"), line(quantity="4.000", price="25")])
def test_the_same_figures_written_otherwise_are_no_change(same: OrderLine) -> None:
    assert decide(order_after(seen(content(same), "hash-2"), order=invoiced(content()))) == []
