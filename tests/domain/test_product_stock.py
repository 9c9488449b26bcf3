"""How much of a product WizCommerce is to show: A-30 and A-31, and what becomes of what nobody has any of."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from engine.domain.events import AttentionCleared, AttentionNeeded, CommandIssued, ZeroPolicyChosen
from engine.domain.product_around import wanted_of
from engine.domain.product_policies import decide_product
from engine.domain.values import StockLevel
from tests.goods import FACTS, LINKED, around, in_shop, issued, item, on_hand, product_after, sent, there

SHOWN = (item(), LINKED, there())


def level(*events: Any, **beside: Any) -> StockLevel:
    found = wanted_of(product_after(*SHOWN, *events), around(**beside)).level
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("quantity", "reserved", "in_stock", "available"),
    [
        ("10", "0", "10", "10"),
        ("10", "4", "10", "6"),
        ("3", "4", "3", "0"),
        ("-3", "0", "0", "0"),
        ("-3", "2", "0", "0"),
        ("0.333", "0", "0.333", "0.333"),
        ("0.333", "0.3", "0.333", "0.033"),
        ("1.00000049", "0", "1", "1"),
        ("0", "0", "0", "0"),
    ],
)
def test_what_is_in_stock_and_what_is_available(quantity: str, reserved: str, in_stock: str, available: str) -> None:
    found = level(on_hand(quantity), reserved=Decimal(reserved))

    assert (str(found.on_hand), str(found.available), found.reserved) == (in_stock, available, Decimal(reserved))
    assert found.standing == ("IN_STOCK" if Decimal(available) > 0 else "OUT_OF_STOCK") and found.tracked


def test_block_is_what_a_30_says() -> None:
    found = level(on_hand("0"))

    assert (found.tracked, found.back_orders, found.available, found.standing) == (True, False, 0, "OUT_OF_STOCK")


def test_back_order_goes_on_selling() -> None:
    found = level(on_hand("0"), said={"zero-stock": "back-order"})

    assert (found.tracked, found.back_orders, found.available, found.standing) == (True, True, 0, "BACK_ORDER")


@pytest.mark.parametrize(
    "change",
    [{"tracked": False, "item_type": "Service"}, {"tracked": False, "item_type": "NonInventory"}],
)
def test_what_nobody_counts_is_always_there(change: Any) -> None:
    found = level(item(content_hash="hash-2", **change))

    assert (found.tracked, found.standing) == (False, "IN_STOCK")


def test_where_the_company_counts_nothing_neither_do_we() -> None:
    assert not level(on_hand("0"), facts=replace(FACTS, tracks_inventory=False)).tracked


def test_nothing_is_told_before_quickbooks_said_how_much_there_is() -> None:
    assert wanted_of(product_after(*SHOWN), around()).level is None
    assert decide_product(product_after(*SHOWN), around()) == []


def test_less_than_nothing_is_said_once_and_no_more_when_it_is_put_right() -> None:
    product = product_after(*SHOWN, on_hand("-3"))
    said = decide_product(product, around())
    product = product_after(*said, product=product)
    right = decide_product(product_after(on_hand("3"), product=product), around())

    assert [type(e) for e in said] == [AttentionNeeded, CommandIssued]
    assert isinstance(said[0], AttentionNeeded) and "-3" in said[0].sentence
    assert [e for e in decide_product(product, around()) if isinstance(e, AttentionNeeded)] == []
    assert isinstance(right[0], AttentionCleared)


def test_hidden_means_told_first_and_then_made_inactive_and_back_the_other_way_round() -> None:
    beside = around(said={"zero-stock": "hide"})
    full = product_after(*SHOWN, on_hand("2"), in_shop("2", "2"))
    empty = product_after(on_hand("0"), product=full)
    first = issued(decide_product(empty, beside))
    told = product_after(on_hand("0"), in_shop("0", "0"), product=full)
    second = issued(decide_product(told, beside))
    hidden = product_after(there(active=False, content_hash="hash-b"), product=told)
    back = product_after(on_hand("5"), product=hidden)
    third = issued(decide_product(back, beside))
    fourth = issued(decide_product(product_after(in_shop("5", "5"), product=back), beside))

    assert [one.verb for one in (first, second, third, fourth)] == [
        "SetStock",
        "DeactivateProduct",
        "SetStock",
        "PutProduct",
    ]
    assert "hidden" in second.because
    assert decide_product(hidden, beside) == []


def test_a_product_has_a_policy_of_its_own_where_a_person_chose_one() -> None:
    own = ZeroPolicyChosen(policy="back-order")

    assert level(on_hand("0"), own).back_orders
    assert not level(on_hand("0"), own, ZeroPolicyChosen(policy="")).back_orders


def test_stock_of_what_is_on_order_goes_first() -> None:
    product = product_after(*SHOWN, on_hand("10"), in_shop("9", "9"))

    assert issued(decide_product(product, around(reserved=Decimal(4)))).priority == 0
    assert issued(decide_product(product, around())).priority == 1


def test_stock_that_was_never_told_goes_before_other_products() -> None:
    """Else a product of a large catalogue would be on sale for hours before anybody says how much of it there is."""
    assert issued(decide_product(product_after(*SHOWN, on_hand("10")), around())).priority == 0


def test_a_figure_somebody_changed_in_wizcommerce_is_put_right() -> None:
    product = product_after(*SHOWN, on_hand("10"), in_shop("10", "10"))
    changed = product_after(in_shop("99", "99"), product=product)
    command = issued(decide_product(changed, around()))

    assert decide_product(product, around()) == []
    assert command.verb == "SetStock" and sent(changed, around(), command)[1]
