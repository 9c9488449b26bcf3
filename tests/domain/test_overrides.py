"""What a person chose for an invoice: in the draft, in what it waits for and in every check; everything else is the order's."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from engine.domain.after_invoice import what_follows
from engine.domain.choices import Choices
from engine.domain.drafts import InvoiceDraft, InvoiceUpdate
from engine.domain.events import CommandAbandoned, CommandHeld, CommandIssued, CommandReleased, InvoiceOverridden
from engine.domain.invoice_from_order import document_number, invoice_from_order, item_skus
from engine.domain.order import Order
from engine.domain.overrides import AS_ORDERED, Override
from engine.domain.policies import invoice_each_confirmed_order
from engine.domain.withholding import missing_for
from tests.domain.test_after_invoice import taken
from tests.wholesale import FACTS, LISTS, NOON, around, content, invoice_of, line, order_after, seen

ITEMS = {"vase-01": "21", "bowl-02": "22"}
CLOSED = replace(FACTS, books_closed_until=date(2026, 11, 20))
LONG = "W" * 22


def drafted(override: Override, **more: Any) -> InvoiceDraft:
    order = content(line("VASE-01", discount=Decimal("10")), payment_term="Net 30", **more)
    return invoice_from_order(order, "58", ITEMS, FACTS, "mark", lists=LISTS, override=override)


def chosen(override: Override, order: Order) -> Order:
    return order_after(InvoiceOverridden(override=override), order=order, who="Test")


@pytest.mark.parametrize(
    ("override", "differs"),
    [
        (Override(number="WC-1001-B"), {"number": "WC-1001-B"}),
        (Override(dated=date(2026, 12, 1)), {"dated": date(2026, 12, 1), "ordered": date(2026, 11, 20)}),
        (Override(term="4"), {"term": "4"}),
    ],
    ids=["number", "date", "term"],
)
def test_what_a_person_chose_is_all_that_differs_in_the_draft(override: Override, differs: dict[str, Any]) -> None:
    assert drafted(override) == replace(drafted(AS_ORDERED), **differs)


def test_a_mapped_line_goes_to_the_other_item_and_keeps_price_quantity_and_amount() -> None:
    plain, mapped = drafted(AS_ORDERED), drafted(Override(items={"vase-01": "BOWL-02"}))

    assert mapped == replace(plain, lines=(replace(plain.lines[0], item="22"),))


def test_a_term_that_was_chosen_says_when_the_invoice_is_due() -> None:
    assert drafted(AS_ORDERED, due_at=NOON).head.due == NOON.date()
    assert drafted(Override(term="4"), due_at=NOON).head.due is None


def test_a_number_that_was_chosen_stands_before_the_shortened_one() -> None:
    shorten = Choices(said={"long-numbers": "shorten"})

    assert document_number(content(number=LONG), shorten, Override(number="W-22")) == "W-22"


def test_a_number_is_left_to_quickbooks_where_it_numbers_by_itself() -> None:
    facts = replace(FACTS, custom_numbers=False)

    assert invoice_from_order(content(), "58", ITEMS, facts, "m", override=Override(number="X-1")).number == ""


def test_an_order_waits_for_the_item_it_was_mapped_to() -> None:
    held = order_after(seen(content(line("GLASS-9"))))
    held = order_after(*invoice_each_confirmed_order(held, around()), order=held)
    elsewhere = chosen(Override(items={"glass-9": "LAMP-03"}), held)
    there = chosen(Override(items={"glass-9": "VASE-01"}), held)

    assert [missing.key for missing in missing_for(held, around())] == ["sku:acme:glass-9"]
    [again] = invoice_each_confirmed_order(elsewhere, around())
    assert isinstance(again, CommandHeld) and [m.key for m in again.missing] == ["sku:acme:lamp-03"]
    assert [type(event) for event in invoice_each_confirmed_order(there, around())] == [CommandReleased]


def test_a_line_outside_the_catalogue_may_be_mapped_though_no_item_was_chosen_for_all_of_them() -> None:
    order = order_after(seen(content(line("ENGRAVING", is_adhoc=True))))

    [issued] = invoice_each_confirmed_order(chosen(Override(items={"engraving": "VASE-01"}), order), around())

    assert isinstance(issued, CommandIssued)
    both = content(line("ENGRAVING", is_adhoc=True), line("ETCHING", is_adhoc=True))
    assert item_skus(both, Choices(), Override(items={"engraving": "VASE-01"})) == {"vase-01": "VASE-01", "": ""}


@pytest.mark.parametrize(
    ("facts", "number", "override", "reason"),
    [
        (CLOSED, "WC-1", AS_ORDERED, "books-closed"),
        (CLOSED, "WC-1", Override(dated=date(2026, 11, 21)), ""),
        (FACTS, "WC-1", AS_ORDERED, ""),
        (
            replace(FACTS, books_closed_until=date(2026, 10, 1)),
            "WC-1",
            Override(dated=date(2026, 9, 30)),
            "books-closed",
        ),
        (FACTS, LONG, AS_ORDERED, "number"),
        (FACTS, LONG, Override(number="W-22"), ""),
        (FACTS, "WC-1", Override(number=LONG), "number"),
    ],
)
def test_every_check_looks_at_what_was_chosen(facts: Any, number: str, override: Override, reason: str) -> None:
    order = chosen(override, order_after(seen(content(number=number))))

    [decided] = invoice_each_confirmed_order(order, around(facts=facts))

    assert getattr(decided, "reason", "") == reason


def test_the_sentence_of_closed_books_names_the_day_that_was_chosen() -> None:
    order = chosen(Override(dated=date(2026, 11, 2)), order_after(seen(content())))

    [withheld] = invoice_each_confirmed_order(order, around(facts=CLOSED))

    assert "an invoice of 2026-11-02 would be refused" in getattr(withheld, "sentence", "")


def test_a_second_decision_takes_the_place_of_the_first_and_an_empty_one_takes_it_back() -> None:
    order = chosen(Override(number="A-1"), order_after(seen(content())))

    assert chosen(Override(term="3"), order).override == Override(term="3")
    assert chosen(AS_ORDERED, order).override == AS_ORDERED


def test_a_change_of_the_order_after_its_invoice_keeps_what_was_chosen() -> None:
    override = Override(number="B-1", dated=date(2026, 12, 1), term="4", items={"glass-9": "VASE-01"})
    order = chosen(override, order_after(seen(content(line("GLASS-9", is_adhoc=True)))))
    order = order_after(*invoice_each_confirmed_order(order, around()), order=order)
    sent = invoice_from_order(
        content(line("GLASS-9", is_adhoc=True)), "58", ITEMS, FACTS, "m", lists=LISTS, override=override
    )
    order = taken(order, sent, invoice_of(sent, balance=sent.total))
    grown = order_after(seen(content(line("GLASS-9", "5", is_adhoc=True)), "hash-2"), order=order)

    assert invoice_each_confirmed_order(order, around(lists=LISTS, today=NOON.date())) == []
    draft = what_follows(grown, around(lists=LISTS, today=NOON.date())).draft
    assert isinstance(draft, InvoiceUpdate)
    more = replace(sent.lines[0], quantity=Decimal("5"), amount=Decimal("125.00"))
    assert draft.invoice == replace(sent, lines=(more,), total=Decimal("125.00"))


def test_an_order_that_is_ready_is_withdrawn_when_its_chosen_day_is_closed_meanwhile() -> None:
    order = chosen(Override(dated=date(2026, 11, 19)), order_after(seen(content())))
    order = order_after(*invoice_each_confirmed_order(order, around()), order=order)

    [abandoned, _] = invoice_each_confirmed_order(order, around(facts=CLOSED))

    assert isinstance(abandoned, CommandAbandoned)
