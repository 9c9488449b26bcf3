"""Money to the cent, names as people compare them, and streams that name their connection."""

from decimal import Decimal

import pytest

from engine.domain.invoice_from_order import invoice_from_order, order_total, sku_key
from engine.domain.values import (
    Personal,
    cents,
    connection_of,
    folded,
    kind_of,
    link_stream,
    record_id,
    record_stream,
)
from tests.wholesale import FACTS, content, line


@pytest.mark.parametrize(
    ("quantity", "price", "amount"),
    [
        ("128.350", "14.50", "1861.08"),  # 1861.075: half goes up. Source: QuickBooks reference, 2.10
        ("1", "0.005", "0.01"),
        ("1", "0.015", "0.02"),
        ("1", "0.025", "0.03"),
        ("3", "0.333333", "1.00"),
        ("0.000001", "1000", "0.00"),
        ("999999", "99999.99", "99999890000.01"),
    ],
)
def test_a_lines_amount_is_rounded_half_up_to_cents(quantity: str, price: str, amount: str) -> None:
    assert line(quantity=quantity, price=price).amount() == Decimal(amount)


@pytest.mark.parametrize(
    ("discount", "is_percentage", "taken"),
    [
        ("10", True, "10.00"),
        ("0.125", True, "0.13"),
        ("33.335", True, "33.34"),
        ("7.505", False, "7.51"),
        ("0", True, "0"),
    ],
)
def test_a_lines_discount_is_a_share_or_a_sum(discount: str, is_percentage: bool, taken: str) -> None:
    of_hundred = line(discount=Decimal(discount), discount_is_percentage=is_percentage)

    assert of_hundred.discount_amount() == Decimal(taken)


def test_an_orders_total_is_what_the_buyer_owes() -> None:
    order = content(
        line(quantity="128.350", price="14.50"),
        line("BOWL-02", "2", "10.00", discount=Decimal("50"), discount_is_percentage=True),
        discount=Decimal("61.08"),
        shipping_charge=Decimal("12.50"),
        other_charges=Decimal("3.00"),
        tax=Decimal("1.25"),
    )

    assert order_total(order) == Decimal("1826.75")  # 1861.08 + 20.00 - 10.00 - 61.08 + 12.50 + 3.00 + 1.25


@pytest.mark.parametrize("odd", ["0.005", "0.015", "0.125", "1.995"])
def test_the_total_is_the_sum_of_what_stands_on_the_invoice_also_with_parts_of_cents(odd: str) -> None:
    order = content(line(quantity="3", price="33.335"), discount=Decimal(odd), shipping_charge=Decimal(odd))

    draft = invoice_from_order(order, "58", {"vase-01": "21"}, FACTS, "m")

    on_it = sum((x.amount for x in draft.lines), Decimal(0)) - draft.discount + draft.shipping_charge
    assert draft.total == on_it
    assert draft.discount == draft.shipping_charge == cents(Decimal(odd))


def test_cents_go_half_up_in_both_directions() -> None:
    assert [cents(Decimal(x)) for x in ("0.125", "0.135", "-0.125")] == [Decimal(x) for x in ("0.13", "0.14", "-0.13")]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Bloom & Co.", "BLOOM & CO"), ("  Café  Noir ", "café noir"), ("Straße 7", "STRASSE 7"), ("O'Neil", "ONeil")],
)
def test_names_are_compared_by_letters_and_digits_alone(one: str, other: str) -> None:
    assert folded(one) == folded(other) != ""


def test_different_names_stay_different() -> None:
    assert folded("Bloom & Co 1") != folded("Bloom & Co 2")
    assert folded("花店") != folded("花园") != ""


def test_skus_are_compared_without_blanks_and_case() -> None:
    assert sku_key(" Vase-01 ") == sku_key("VASE-01")
    assert sku_key("VASE-01") != sku_key("VASE 01")


def test_a_record_has_one_id_for_ever_and_another_on_every_connection() -> None:
    one = record_id("acme", "wizcommerce", "order", "ord_01")

    assert str(one) == "045076a3-d891-51d9-a5dc-893a54fea604"  # in every log there is
    others = {
        record_id("other", "wizcommerce", "order", "ord_01"),
        record_id("acme", "quickbooks", "order", "ord_01"),
        record_id("acme", "wizcommerce", "customer", "ord_01"),
        record_id("acme", "wizcommerce", "order", "ord_02"),
    }
    assert one not in others and len(others) == 4


def test_a_stream_says_whose_it_is_and_of_what_kind() -> None:
    invoice = record_stream("north-west", "quickbooks", "invoice", "145")
    claim = link_stream("north-west", "wizcommerce", "order", "a:b:c")

    assert (kind_of(invoice), connection_of(invoice)) == ("order", "north-west")
    assert (kind_of(claim), connection_of(claim)) == ("link", "north-west")
    assert connection_of("link-:quickbooks:company:5f1c") == ""


def test_a_personal_text_never_shows_itself_by_accident() -> None:
    name = Personal("Givenname Fämilyname")

    assert "Givenname" not in repr(name) and "Givenname" not in f"{[name]}"
    assert str(name) == "Givenname Fämilyname"
    assert Personal(None).erased and not Personal("").erased
    assert Personal(None) != Personal("") and Personal("a") == Personal("a")
