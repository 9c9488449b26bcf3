"""The order an invoice made in QuickBooks becomes: lines, notes, money to the cent, and what has no such order."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from engine.domain.choices import Choices
from engine.domain.drafts import OrderDraft, OrderUpdate
from engine.domain.order_from_invoice import (
    Sold,
    as_meant,
    changed_words,
    invoice_named_by,
    invoice_problem,
    is_ours,
    kept_from,
    order_disagreements,
    order_from_invoice,
    update_disagreements,
)
from engine.domain.values import InvoiceContent, InvoiceLine, LineNote, OrderContent, Personal
from tests.wholesale import DOVER, LISTS

MADE_AT = datetime(2026, 11, 27, 12, 30, 15, 250_000, tzinfo=UTC)
ITEMS = {"21": Sold(sku="VASE-01"), "22": Sold(sku="BOWL-02"), "30": Sold(sku="Engraving", adhoc=True)}
CHOICES = Choices(said={"po-field": "2", "terms": "NET30 EOM=Net 30"})


def line(item: str = "21", quantity: str = "4", price: str = "25.00", amount: str = "", text: str = "") -> InvoiceLine:
    exact = Decimal(quantity) * Decimal(price)
    return InvoiceLine(
        item=item,
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        amount=Decimal(amount) if amount else exact.quantize(Decimal("0.01")),
        description=Personal(text),
    )


def invoice(*lines: InvoiceLine, **more: Any) -> InvoiceContent:
    """An invoice of `lines`, four vases by default, whose total is their sum with what `more` adds or takes off."""
    lines = lines or (line(),)
    money = {name: Decimal(more.pop(name, 0)) for name in ("discount", "shipping_charge", "tax")}
    total = sum((one.amount for one in lines), Decimal(0))
    total += money["shipping_charge"] + money["tax"] - money["discount"]
    plain: dict[str, Any] = {
        "number": "B-1",
        "customer_remote_id": "58",
        "dated": date(2026, 11, 27),
        "total": total,
        "balance": total,
        "created_at": MADE_AT,
    }
    return InvoiceContent(lines=lines, **{**plain, **money, **more})


def draft(content: InvoiceContent) -> OrderDraft:
    return order_from_invoice(content, "130", "acme", "cust_01", ITEMS, CHOICES, LISTS)


Told = tuple[str, str, str, str, bool]


@dataclass
class Case:
    """An invoice, the lines of its order (SKU, quantity, price, note, outside the catalogue), and what the order comes to."""

    name: str
    content: InvoiceContent
    lines: list[Told]
    money: tuple[str, str, str, str, str]
    """Lines, discount, shipping, tax, total."""
    fields: dict[str, Any] = field(default_factory=dict)


def note(place: int, text: str) -> LineNote:
    return LineNote(line=place, text=Personal(text))


VASES: Told = ("VASE-01", "4", "25.00", "", False)
PLAIN = ("100.00", "0.00", "0.00", "0.00", "100.00")
CASES = [
    Case("four vases", invoice(), [VASES], PLAIN, {"paid": Decimal("0.00"), "number": "B-1", "customer": "cust_01"}),
    Case("its number is its id where it has none", invoice(number=""), [VASES], PLAIN, {"number": "130"}),
    Case(
        "a description is a note",
        invoice(line(text="Glass, blue")),
        [("VASE-01", "4", "25.00", "Glass, blue", False)],
        PLAIN,
    ),
    Case(
        "lines that only describe are notes of the line before, those before all lines of the order",
        invoice(
            line(text="Glass"),
            note=Personal("Thank you"),
            notes=(note(-1, "For the fair"), note(0, "Subtotal: 100.00")),
        ),
        [("VASE-01", "4", "25.00", "Glass; Subtotal: 100.00", False)],
        PLAIN,
        {"customer_note": Personal("Thank you\nFor the fair")},
    ),
    Case(
        "a bundle's lines stand in its place",
        invoice(line(), line("22", "2", "12.50"), line("21", "1", "25.00"), notes=(note(1, "Terrace set"),)),
        [VASES, ("BOWL-02", "2", "12.50", "Terrace set", False), ("VASE-01", "1", "25.00", "", False)],
        ("150.00", "0.00", "0.00", "0.00", "150.00"),
    ),
    Case(
        "what WizCommerce does not sell is outside the catalogue",
        invoice(line("30", "1", "40.00", text="Name on the vase")),
        [("Engraving", "1", "40.00", "Name on the vase", True)],
        ("40.00", "0.00", "0.00", "0.00", "40.00"),
    ),
    Case(
        "a line without an item too",
        invoice(line("", "1", "40.00", text="As agreed")),
        [("", "1", "40.00", "As agreed", True)],
        ("40.00", "0.00", "0.00", "0.00", "40.00"),
    ),
    Case(
        "without a quantity it is one of its amount",
        invoice(InvoiceLine(item="21", quantity=Decimal(1), unit_price=Decimal("99.95"), amount=Decimal("99.95"))),
        [("VASE-01", "1", "99.95", "", False)],
        ("99.95", "0.00", "0.00", "0.00", "99.95"),
    ),
    Case(
        "discount, shipping and tax stand by themselves",
        invoice(discount="10.00", shipping_charge="12.50", tax="8.25"),
        [VASES],
        ("100.00", "10.00", "12.50", "8.25", "110.75"),
    ),
    Case(
        "a deposit counts as paid",
        invoice(balance=Decimal("60.00")),
        [VASES],
        PLAIN,
        {"paid": Decimal("40.00")},
    ),
    Case(
        "half a cent is rounded up on the line, as QuickBooks does",
        invoice(line(quantity="128.350", price="14.50", amount="1861.08")),
        [("VASE-01", "128.350", "14.50", "", False)],
        ("1861.08", "0.00", "0.00", "0.00", "1861.08"),
    ),
    Case(
        "a price that does not come to the amount is the amount by the quantity, with 7 decimals",
        invoice(line(quantity="3", price="33.33", amount="100.00")),
        [("VASE-01", "3", "33.3333333", "", False)],
        PLAIN,
    ),
    Case(
        "a line of nothing stays",
        invoice(line(), line("22", "0", "12.50")),
        [VASES, ("BOWL-02", "0", "12.50", "", False)],
        PLAIN,
    ),
    Case(
        "addresses, term, purchase order and notes",
        invoice(
            billing=DOVER,
            shipping=DOVER,
            term="3",
            form_fields=(("1", Personal("blue")), ("2", Personal("PO-77"))),
            private_note=Personal("by phone"),
            due=date(2026, 12, 27),
        ),
        [VASES],
        PLAIN,
        {
            "billing": DOVER,
            "shipping": DOVER,
            "payment_term": "NET30 EOM",
            "po_number": "PO-77",
            "internal_note": Personal("by phone"),
            "due": date(2026, 12, 27),
        },
    ),
    Case("a term by its name", invoice(term="4"), [VASES], PLAIN, {"payment_term": "Due on receipt"}),
    Case("a term nobody knows", invoice(term="99"), [VASES], PLAIN, {"payment_term": ""}),
    Case(
        "due no later than it was made is no day at all", invoice(due=date(2026, 11, 27)), [VASES], PLAIN, {"due": None}
    ),
    Case(
        "a note that is too long is cut",
        invoice(note=Personal("x" * 300)),
        [VASES],
        PLAIN,
        {"customer_note": Personal("x" * 254 + "…")},
    ),
    Case(
        "made when its invoice was, to the second",
        invoice(),
        [VASES],
        PLAIN,
        {"made_at": datetime(2026, 11, 27, 12, 30, 15, tzinfo=UTC), "reference": "QBO:acme:invoice:130"},
    ),
    Case(
        "or at noon of its day",
        invoice(created_at=None),
        [VASES],
        PLAIN,
        {"made_at": datetime(2026, 11, 27, 12, tzinfo=UTC)},
    ),
    Case("in another currency it is what it says", invoice(currency="EUR"), [VASES], PLAIN),
]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_each_invoice_becomes_the_order_of_the_table(case: Case) -> None:
    assert invoice_problem(case.content) is None
    made = draft(case.content)

    told = [(x.sku, f"{x.quantity:f}", f"{x.unit_price:f}", str(x.note), x.is_adhoc) for x in made.lines]
    assert told == case.lines
    money = (made.amount, made.discount, made.shipping_charge, made.tax, made.total)
    assert tuple(f"{one:f}" for one in money) == case.money
    assert made.amount - made.discount + made.shipping_charge + made.tax == made.total == case.content.total
    assert {name: getattr(made, name) for name in case.fields} == case.fields
    assert sum(x.amount() for x in made.lines) == made.amount and not any(x.discount for x in made.lines)


PROBLEMS = {
    "no-lines": replace(invoice(), lines=()),
    "below-zero": invoice(line(), line("22", "-1", "12.50")),
    "price": invoice(line(quantity="30000000000", price="1.00", amount="1.00")),
    "total": replace(invoice(), total=Decimal("100.01")),
}


@pytest.mark.parametrize("reason", PROBLEMS)
def test_what_cannot_be_an_order_is_said(reason: str) -> None:
    found = invoice_problem(PROBLEMS[reason])

    assert found is not None and found[0] == reason


def test_both_totals_are_told_where_they_differ() -> None:
    assert invoice_problem(PROBLEMS["total"]) == (
        "total",
        "lines, discount, shipping and tax come to 100.00, the invoice says 100.01",
    )


def test_a_line_of_nothing_that_costs_something_has_no_price() -> None:
    found = invoice_problem(invoice(line(quantity="0", price="12.50", amount="5.00")))

    assert found is not None and found[0] == "price"


def test_an_order_names_its_invoice_and_connection() -> None:
    assert invoice_named_by("QBO:acme:invoice:130", "acme") == "130"
    assert invoice_named_by("QBO:other:invoice:130", "acme") == invoice_named_by("WC-1001", "acme") == ""
    assert is_ours("QBO:other:invoice:130")
    assert not any(map(is_ours, ("", "QBO:acme:58", "QBO-INV-12", "XXX:acme:invoice:130", "QBO:acme:customer:58")))


# ---- what WizCommerce shows of it ------------------------------------------------------------------------------------------


def shown(made: OrderDraft, **more: Any) -> OrderContent:
    """The order as WizCommerce shows what it took."""
    plain: dict[str, Any] = {
        "number": made.number,
        "customer_remote_id": made.customer,
        "status": "confirmed",
        "lines": made.lines,
        "ordered_at": made.made_at,
        "amount": made.amount,
        "discount": made.discount,
        "tax": made.tax,
        "shipping_charge": made.shipping_charge,
        "reference": made.reference,
        "paid": made.paid,
    }
    return OrderContent(**{**plain, **more})


MADE = draft(invoice(line(), line("30", "1", "40.00"), shipping_charge="12.50"))
BEFORE = replace(MADE.lines[0], quantity=Decimal(3))
OTHERWISE: dict[str, dict[str, Any]] = {
    "reference": {"reference": "SHOP-1"},
    "number": {"number": "B-2"},
    "customer": {"customer_remote_id": "cust_02"},
    "discount": {"discount": Decimal("1.00")},
    "tax": {"tax": Decimal("1.00")},
    "shipping": {"shipping_charge": Decimal("12.51")},
    "other charges": {"other_charges": Decimal("1.00")},
    "lines total": {"amount": Decimal("140.02")},
    "lines differ": {"lines": (BEFORE, MADE.lines[1])},
}


def test_what_was_put_there_and_is_shown_agrees() -> None:
    assert order_disagreements(MADE, shown(MADE)) == ()


@pytest.mark.parametrize("what", OTHERWISE)
def test_each_thing_that_is_otherwise_is_named(what: str) -> None:
    [differs] = order_disagreements(MADE, shown(MADE, **OTHERWISE[what]))

    assert differs.startswith(what)


@pytest.mark.parametrize(
    "more",
    [
        {"paid": Decimal("40.00"), "payment_status": "PAID"},
        {"status": "pending_approval"},
        {"amount": Decimal("140.01")},
        {"lines": tuple(reversed(MADE.lines))},
        {"lines": (MADE.lines[0], replace(MADE.lines[1], sku="", note=Personal("by hand")))},
        {"customer_note": Personal("Ring twice")},
    ],
    ids=lambda more: next(iter(more)),
)
def test_what_is_wizcommerces_own_is_no_difference(more: dict[str, Any]) -> None:
    assert order_disagreements(MADE, shown(MADE, **more)) == ()


def test_a_cancelled_order_is_asked_for_nothing_else() -> None:
    update = OrderUpdate(remote_id="ord_01", revision="1", order=MADE, cancelled=True)

    assert update_disagreements(update, shown(MADE, status="cancelled", amount=Decimal(5))) == ()
    assert update_disagreements(update, shown(MADE)) == ("it is confirmed, not cancelled",)
    assert update_disagreements(replace(update, cancelled=False), shown(MADE)) == ()


# ---- what changed of the invoice -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        {"balance": Decimal("0.00")},
        {"payments": ("144",)},
        {"kept_digest": "0123456789abcdef"},
        {"dated": date(2026, 11, 28)},
    ],
    ids=lambda more: next(iter(more)),
)
def test_what_is_paid_in_quickbooks_changes_no_order(more: dict[str, Any]) -> None:
    assert as_meant(invoice()) == as_meant(replace(invoice(), **more))


def test_a_changed_order_keeps_its_day_and_what_it_began_with_as_paid() -> None:
    before = draft(invoice(balance=Decimal("60.00")))
    after = draft(invoice(line(quantity="2"), number="B-2", created_at=datetime(2026, 12, 1, tzinfo=UTC)))

    kept = kept_from(before, after)
    assert (kept.paid, kept.made_at, kept.reference) == (before.paid, before.made_at, before.reference)
    assert (kept.number, kept.lines, kept.total) == ("B-2", after.lines, Decimal("50.00"))
    assert changed_words(before, kept) == "number B-1 → B-2, total 100.00 → 50.00, lines"
    assert changed_words(before, before) == "nothing that the order shows"
