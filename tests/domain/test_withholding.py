"""Why an order is not pushed: one test a reason, each with the sentence a person reads."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from engine.domain.choices import Choices
from engine.domain.events import (
    CommandHeld,
    CommandIssued,
    Event,
    InvoiceOverridden,
    PushAskedFor,
    PushWithheld,
    RecordGone,
)
from engine.domain.invoice_from_order import invoice_from_order, order_total
from engine.domain.order import Order
from engine.domain.overrides import AS_ORDERED, Override
from engine.domain.policies import invoice_each_confirmed_order
from engine.domain.values import OrderContent, Personal
from engine.domain.withholding import MOST_LINES, MOST_TAXED_LINES
from tests.wholesale import FACTS, NOON, around, content, line, order_after, seen


def decide(order: Order, **circumstances: Any) -> list[Event]:
    return invoice_each_confirmed_order(order, around(**circumstances))


def settled(order: Order, **circumstances: Any) -> tuple[list[Event], Order]:
    """What follows, and the order after it; then nothing more may follow."""
    decided = decide(order, **circumstances)
    after = order_after(*decided, order=order)
    assert decide(after, **circumstances) == []
    return decided, after


MANY = tuple(line(f"S-{n}", "1", "1") for n in range(MOST_TAXED_LINES + 1))
SWITCHED_OFF = "switched off in QuickBooks"
NO_PRICE = line(quantity="1000000", price="0.1", discount=Decimal("0.01"))
"""99,999.99 for a million of them: a price would need eight decimals."""
CHARGED = {"choices": Choices(said={"charges-item": "FREIGHT-01"})}
OF_AN_INVOICE = "QBO:acme:invoice:7"
REASONS: list[tuple[str, OrderContent, dict[str, Any], str]] = [
    ("draft", content(status="draft"), {}, "waiting for approval: the order is a draft in WizCommerce"),
    ("cancelled", content(status="Cancelled"), {}, "the order was cancelled in WizCommerce"),
    ("status", content(status="on_hold"), {}, "waiting for approval: WizCommerce shows the order as 'on_hold'"),
    ("not-started", content(), {"push_from": None}, "nobody has said yet from when orders are pushed"),
    ("baseline", content(), {"push_from": NOON + timedelta(seconds=1)}, "made before 2026-11-20 12:00 UTC"),
    ("baseline", content(reference=OF_AN_INVOICE), {"push_from": NOON + timedelta(1)}, "made before 2026-11-21"),
    ("first-pull", content(reference=OF_AN_INVOICE), {"pulled": False}, "the first reading of both sides"),
    ("from-quickbooks", content(reference=OF_AN_INVOICE), {}, "its reference QBO:acme:invoice:7 says"),
    ("first-pull", content(), {"pulled": False}, "the first reading of both sides"),
    ("first-sync", content(), {"accepted": False}, "nobody has accepted the first sync"),
    ("books-closed", content(), {"facts": replace(FACTS, books_closed_until=date(2026, 11, 20))}, "until 2026-11-20;"),
    (
        "item-start",
        content(line(), line("BOWL-02", "1", "5")),
        {"starts": {"21": date(2026, 11, 22), "22": date(2026, 11, 21)}},
        "an invoice of 2026-11-20 is before the start in QuickBooks of VASE-01 (2026-11-22), BOWL-02 (2026-11-21),",
    ),
    ("no-lines", replace(content(), lines=(), amount=Decimal(0)), {}, "the order has no lines"),
    (
        "too-many-lines",
        content(*MANY),
        {"facts": replace(FACTS, sales_tax=True)},
        "751 lines; QuickBooks takes at most 750",
    ),
    ("adhoc", content(line(is_adhoc=True)), {}, "a line is for something outside the catalogue"),
    ("no-sku", content(line(" ")), {}, "a line has no SKU"),
    (
        "discount",
        content(discount=Decimal(101)),
        {"facts": replace(FACTS, allow_discount=True)},
        "less than nothing: -1",
    ),
    ("quantity", content(line(quantity="-1")), {}, "a line's quantity is below zero"),
    ("quantity", content(line(quantity="0")), {}, "every line's quantity is zero"),
    ("price", content(line(price="-0.01")), {}, "a line's price is negative"),
    ("total", content(amount=Decimal("100.02")), {}, "the lines add up to 100.00, the order says 100.02"),
    ("currency", content(currency="EUR"), {}, "the order is in EUR, the books are in USD"),
    ("tax", content(tax=Decimal("8.25")), {}, f"the order carries 8.25 of tax, and sales tax is {SWITCHED_OFF}"),
    ("charges", content(other_charges=Decimal("3")), {}, "other charges of 3"),
    ("charges", content(other_charges=Decimal("-3")), CHARGED, "charges are negative: -3"),
    ("shipping", content(shipping_charge=Decimal("5")), {}, f"shipping is {SWITCHED_OFF}"),
    ("discount", content(discount=Decimal("5")), {}, f"discounts are {SWITCHED_OFF}"),
    (
        "line-discount",
        content(line(discount=Decimal("101"))),
        {},
        "a line's discount is negative, or larger than the line",
    ),
    (
        "line-discount",
        content(line(discount=Decimal("-1"))),
        {},
        "a line's discount is negative, or larger than the line",
    ),
    ("line-discount", content(NO_PRICE), {}, "no unit price comes to the line of VASE-01 less its discount"),
    ("number", content(number="W" * 22), {}, "order number longer than QuickBooks' 21 characters"),
]
"""(reason, order, circumstances, part of the sentence)."""


@pytest.mark.parametrize(("reason", "order", "circumstances", "says"), REASONS, ids=[r[0] for r in REASONS])
def test_an_order_that_is_not_pushed_says_why(
    reason: str, order: OrderContent, circumstances: dict[str, Any], says: str
) -> None:
    [why], after = settled(order_after(seen(order)), **circumstances)

    assert isinstance(why, PushWithheld) and why.reason == reason
    assert says in why.sentence
    assert after.withheld == why and not after.commands
    assert why.next_step or not why.needs_person


def test_an_order_that_left_wizcommerce_says_so() -> None:
    gone = RecordGone(system="wizcommerce", kind="order", remote_id="ord_01", fetched_after=0, cause="x")

    [why], _ = settled(order_after(seen(content()), gone))

    assert isinstance(why, PushWithheld) and why.sentence == "the order is no longer in WizCommerce"


def test_an_order_that_was_erased_while_it_waited_goes_only_when_a_person_asks_for_it() -> None:
    erased = replace(seen(content()), raw=Personal(None))

    [why], _ = settled(order_after(erased))
    [issued] = decide(order_after(erased, PushAskedFor()))

    assert isinstance(why, PushWithheld) and why.reason == "erased" and why.needs_person
    assert isinstance(issued, CommandIssued)


def test_the_reason_that_lasts_longest_is_named_first() -> None:
    draft = content(status="draft", ordered_at=NOON - timedelta(days=9), tax=Decimal(1))

    [why] = decide(order_after(seen(draft)))

    assert isinstance(why, PushWithheld) and why.reason == "draft"


@pytest.mark.parametrize("circumstances", [{"push_from": None}, {"push_from": NOON + timedelta(days=1)}])
def test_an_order_asked_for_by_name_goes_however_old_it_is(circumstances: dict[str, Any]) -> None:
    [issued] = decide(order_after(seen(content()), PushAskedFor()), **circumstances)

    assert isinstance(issued, CommandIssued)


@pytest.mark.parametrize(
    "sound",
    [
        content(status="CONFIRMED"),
        content(ordered_at=NOON - timedelta(days=1)),
        content(number="W" * 21),
        content(currency="USD"),
        content(*MANY),
        content(amount=Decimal("100.01")),
        content(shipping_charge=Decimal(0), discount=Decimal("0.00")),
    ],
)
def test_what_is_within_the_limits_goes(sound: OrderContent) -> None:
    assert isinstance(decide(order_after(seen(sound)))[0], CommandIssued)


def test_rounding_line_by_line_is_no_wrong_total() -> None:
    lines = [line(quantity="0.5", price="0.01") for _ in range(10)]  # 0.005 each: 0.10 by lines, 0.05 in all

    assert isinstance(decide(order_after(seen(content(*lines))))[0], CommandIssued)
    assert isinstance(decide(order_after(seen(content(*lines, amount=Decimal("0.10")))))[0], CommandIssued)
    assert isinstance(decide(order_after(seen(content(*lines, amount=Decimal("0.07")))))[0], PushWithheld)


def test_ten_thousand_lines_go_and_one_more_does_not() -> None:
    most = [line(quantity="1", price="1")] * MOST_LINES

    assert isinstance(decide(order_after(seen(content(*most))))[0], CommandIssued)
    assert isinstance(decide(order_after(seen(content(*most, line(quantity="1", price="1")))))[0], PushWithheld)


def test_what_the_companys_settings_could_cure_waits_for_them() -> None:
    waits = {
        reason: why.waits_for
        for reason, order, circumstances, _ in REASONS
        for why in decide(order_after(seen(order)), **circumstances)
        if isinstance(why, PushWithheld)
    }

    assert {r for r, key in waits.items() if key == "start:acme"} == {"not-started", "baseline"}
    assert {r for r, key in waits.items() if key == "facts:acme"} == {
        "first-pull",
        "first-sync",
        "books-closed",
        "too-many-lines",
        "tax",
        "shipping",
        "discount",
        "number",
    }


LATER = {"starts": {"21": date(2026, 11, 22), "22": date(2026, 11, 23)}}


def test_an_item_that_starts_later_is_waited_for_by_itself_and_by_what_moves_the_invoices_day() -> None:
    both = content(line(), line("BOWL-02", "1", "5"))
    [why] = decide(order_after(seen(both)), **LATER)

    assert isinstance(why, PushWithheld)
    assert (why.waits_for, why.waits_too) == ("item-shown:acme:21", ("item-shown:acme:22", "facts:acme"))
    assert "--date 2026-11-23`" in why.next_step and "change the start of the item in QuickBooks" in why.next_step


@pytest.mark.parametrize(
    ("chosen", "starts"),
    [
        (AS_ORDERED, {"21": NOON.date()}),
        (Override(dated=date(2026, 11, 22)), {"21": date(2026, 11, 22)}),
        (Override(items={"vase-01": "BOWL-02"}), {"21": date(2026, 11, 22)}),
        (AS_ORDERED, {"22": date(2026, 11, 22)}),
    ],
    ids=["its first day", "another date", "another item", "an item it does not name"],
)
def test_an_item_that_is_there_on_the_day_of_the_invoice_holds_nothing(
    chosen: Override, starts: dict[str, date]
) -> None:
    order = order_after(seen(content()), InvoiceOverridden(override=chosen))

    assert isinstance(decide(order, starts=starts)[0], CommandIssued)


def test_of_many_items_that_start_later_five_are_named() -> None:
    lines = [line(f"S-{n}", "1", "1") for n in range(7)]
    items = {f"s-{n}": (str(n),) for n in range(7)}
    [why] = decide(order_after(seen(content(*lines))), items=items, starts=dict.fromkeys(map(str, range(7)), date.max))

    assert isinstance(why, PushWithheld) and "S-4 (9999-12-31) and 2 others, and would" in why.sentence


ROUNDED: dict[str, Any] = {
    "choices": Choices(said={"rounding-item": "ROUND-01"}),
    "items": {"vase-01": ("21",), "round-01": ("40",)},
}


@pytest.mark.parametrize(
    ("amount", "tax", "line_of"),
    [
        ("100.00", "0", "0"),
        ("100.004", "0", "0"),
        ("100.005", "0", "0.01"),
        ("100.01", "0", "0.01"),
        ("100.05", "0", "0.05"),
        ("99.95", "0", "-0.05"),
        ("100.054", "0", "0.05"),
        ("100.03", "8.00", "0.03"),
        ("100.06", "0", None),
        ("99.94", "0", None),
        ("100.03", "0.03", None),
        ("99.97", "0.03", None),
        ("100.01", "0.01", "0"),
    ],
)
def test_cents_between_the_stated_amount_and_the_lines_are_a_line_where_an_item_is_chosen_and_never_tax(
    amount: str, tax: str, line_of: str | None
) -> None:
    order = content(amount=Decimal(amount), tax=Decimal(tax))
    facts = replace(FACTS, sales_tax=True)
    [decided] = decide(order_after(seen(order)), facts=facts, **ROUNDED)

    if line_of is None:
        assert isinstance(decided, PushWithheld) and decided.reason == "total" and decided.waits_for == ""
        assert decided.sentence == f"the lines add up to 100.00, the order says {amount}"
        return
    assert isinstance(decided, CommandIssued)
    draft = invoice_from_order(order, "58", {"vase-01": "21", "round-01": "40"}, facts, "m", ROUNDED["choices"])
    apart = Decimal(line_of)
    assert [(x.item, x.quantity, x.unit_price, x.amount) for x in draft.lines[1:]] == (
        [("40", 1, apart, apart)] if apart else []
    )
    assert draft.total == 100 + apart + Decimal(tax) == order_total(order, ROUNDED["choices"])


def test_cents_that_a_line_may_say_wait_for_the_choice_of_its_item_and_more_than_that_for_an_edit() -> None:
    [few] = decide(order_after(seen(content(amount=Decimal("100.05")))))
    [many] = decide(order_after(seen(content(amount=Decimal("100.06")))))
    [unknown] = decide(order_after(seen(content(amount=Decimal("100.05")))), choices=ROUNDED["choices"])[1:]

    assert isinstance(few, PushWithheld) and few.waits_for == "choice:acme:rounding-item"
    assert "of at most 0.05: `wizqbo set acme rounding-item SKU`" in few.next_step
    assert isinstance(many, PushWithheld) and many.waits_for == "" and "rounding-item" not in many.next_step
    assert isinstance(unknown, CommandHeld) and unknown.missing[0].key == "sku:acme:round-01"
