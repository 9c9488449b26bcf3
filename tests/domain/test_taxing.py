"""How an order's tax stands on its invoice, company by company; what cannot be put on one is said."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from engine.domain.choices import Choices
from engine.domain.drafts import InvoiceDraft, TaxDraft
from engine.domain.events import PushWithheld
from engine.domain.invoice_from_order import disagreements, invoice_from_order, item_skus
from engine.domain.taxing import difference
from engine.domain.withholding import content_problem
from tests.wholesale import FACTS, around, content, invoice_of, line

US = replace(FACTS, sales_tax=True, allow_shipping=True)
CANADA = replace(US, country="CA")
TAXED = content(line(), tax=Decimal("8.25"), shipping_charge=Decimal(5))
PLAIN = content(line(), shipping_charge=Decimal(5))
ITEMS = {"vase-01": "21", "tax-01": "40"}


def draft(order: Any, facts: Any, **said: str) -> InvoiceDraft:
    return invoice_from_order(
        order, "58", ITEMS, facts, "m", Choices(said={k.replace("_", "-"): v for k, v in said.items()})
    )


@pytest.mark.parametrize(
    ("order", "facts", "said", "code", "taxes"),
    [
        (PLAIN, FACTS, {}, "", TaxDraft()),
        (PLAIN, US, {"tax_code": "2"}, "NON", TaxDraft()),
        (TAXED, US, {}, "TAX", TaxDraft(amount=Decimal("8.25"), shipping_code="TAX")),
        (
            TAXED,
            US,
            {"tax": "order", "tax_code": "2", "shipping_tax": "none", "tax_after_discount": "yes"},
            "TAX",
            TaxDraft(amount=Decimal("8.25"), stated=True, document_code="2", shipping_code="NON", after_discount=True),
        ),
        (TAXED, US, {"tax": "line", "tax_item": "TAX-01"}, "NON", TaxDraft()),
        (TAXED, FACTS, {"tax": "line", "tax_item": "TAX-01"}, "", TaxDraft()),
        (PLAIN, CANADA, {"tax_free_code": "6"}, "6", TaxDraft(calculation="TaxExcluded")),
        (
            TAXED,
            CANADA,
            {"tax_code": "5", "tax_free_code": "6", "shipping_tax": "none", "tax_after_discount": "no"},
            "5",
            TaxDraft(amount=Decimal("8.25"), shipping_code="6", calculation="TaxExcluded", after_discount=False),
        ),
    ],
)
def test_what_an_invoice_says_about_tax(order: Any, facts: Any, said: Any, code: str, taxes: TaxDraft) -> None:
    made = draft(order, facts, **said)

    assert (made.tax_code, made.taxes) == (code, taxes)
    assert made.total == (Decimal("113.25") if order.tax else Decimal(105))


def test_tax_as_a_line_is_sold_as_the_item_chosen_for_it() -> None:
    choices = Choices(said={"tax": "line", "tax-item": "Tax-01"})
    made = draft(TAXED, US, tax="line", tax_item="Tax-01")

    assert item_skus(TAXED, choices) == {"vase-01": "VASE-01", "tax-01": "Tax-01"}
    assert [(x.item, x.amount, str(x.description)) for x in made.lines][1:] == [("40", Decimal("8.25"), "Tax")]
    assert item_skus(PLAIN, choices) == {"vase-01": "VASE-01"}


@pytest.mark.parametrize(
    ("order", "facts", "said", "says", "waits_for"),
    [
        (TAXED, replace(FACTS, allow_shipping=True), {}, "sales tax is switched off in QuickBooks", "facts:acme"),
        (TAXED, US, {"tax": "line"}, "`tax-item` is not chosen", "choice:acme:tax-item"),
        (
            TAXED,
            CANADA,
            {"tax": "line", "tax-item": "T"},
            "as a line, and `tax-free-code`",
            "choice:acme:tax-free-code",
        ),
        (TAXED, CANADA, {}, "in CA, and `tax-code` is not chosen", "choice:acme:tax-code"),
        (
            TAXED,
            CANADA,
            {"tax-code": "5", "shipping-tax": "none"},
            "`tax-free-code` is not",
            "choice:acme:tax-free-code",
        ),
        (PLAIN, CANADA, {}, "something without tax, in CA, and `tax-free-code`", "choice:acme:tax-free-code"),
        (replace(TAXED, tax=Decimal(-1)), US, {}, "the order's tax is negative: -1", ""),
    ],
)
def test_a_tax_that_nobody_said_how_to_put_is_held(
    order: Any, facts: Any, said: Any, says: str, waits_for: str
) -> None:
    why = content_problem(order, around(facts=facts, choices=Choices(said=said)))

    assert isinstance(why, PushWithheld)
    assert says in why.sentence and why.waits_for == waits_for and why.reason == "tax"


@pytest.mark.parametrize("said", [{}, {"tax": "order"}, {"tax": "line", "tax-item": "TAX-01"}])
def test_a_taxed_order_of_a_company_with_sales_tax_is_sound(said: dict[str, str]) -> None:
    assert content_problem(TAXED, around(facts=US, choices=Choices(said=said))) is None


def test_tax_that_was_left_to_quickbooks_may_come_to_something_else_and_is_counted_nothing_else_may() -> None:
    taxed, untaxed = draft(TAXED, US), draft(PLAIN, US)
    nine = invoice_of(taxed, tax=Decimal(9), total=Decimal(114))

    assert disagreements(taxed, nine) == () and difference(taxed, nine.tax) == Decimal("0.75")
    assert disagreements(taxed, replace(nine, total=Decimal("114.01"))) == ("total 114.01 instead of 114.00",)
    added = invoice_of(untaxed, tax=Decimal(8), total=Decimal(113))
    assert disagreements(untaxed, added) == () and difference(untaxed, added.tax) == 8
    assert disagreements(untaxed, replace(added, total=Decimal(114))) == ("total 114 instead of 113.00",)
