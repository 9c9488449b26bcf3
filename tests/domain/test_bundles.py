"""Bundles of an order: their parts on the invoice, and what holds it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from engine.bundles_around import bundles_named
from engine.domain.bundles import Bundle, BundlePart
from engine.domain.events import CommandHeld, CommandIssued, Event, PushWithheld
from engine.domain.invoice_from_order import invoice_from_order
from engine.domain.policies import invoice_each_confirmed_order
from engine.domain.product import Product
from engine.domain.values import OrderLine, Part, ProductContent
from engine.domain.withholding import MOST_LINES
from tests import goods
from tests.wholesale import FACTS, around, content, line, order_after, seen

TABLE = BundlePart(item="21", quantity=Decimal(1), called="VASE-01", price=Decimal(100))
CHAIR = BundlePart(item="22", quantity=Decimal(2), called="BOWL-02", price=Decimal("25.005"))
SET = Bundle(item="50", parts=(TABLE, CHAIR))


def sold(quantity: str = "3", price: str = "150.01", **more: Any) -> OrderLine:
    return line("SET-01", quantity, price, **more)


def decide(order: OrderLine, *parts: BundlePart, **more: Any) -> list[Event]:
    bundles = {"set-01": replace(SET, parts=parts or SET.parts)}
    return invoice_each_confirmed_order(order_after(seen(content(order, line()))), around(bundles=bundles, **more))


def test_the_parts_stand_on_the_invoice_at_their_own_prices_and_come_to_the_order() -> None:
    order = content(sold(), line())
    [issued] = decide(sold())
    draft = invoice_from_order(order, "58", {"vase-01": "21"}, FACTS, "m", bundles={"set-01": SET})

    assert isinstance(issued, CommandIssued)
    told = [(x.item, x.quantity, x.amount, x.bundle.item if x.bundle else "") for x in draft.lines]
    assert told == [("21", 3, 300, "50"), ("22", 6, Decimal("150.03"), "50"), ("21", 4, 100, "")]
    assert sum(x.amount for x in draft.lines) == draft.total == Decimal("550.03")


@pytest.mark.parametrize(
    ("order", "parts", "says"),
    [
        (sold(price="150.00"), (), "the order asks 450.00 for 3 of it, its parts come to 450.03"),
        (sold(discount=Decimal(1)), (), "the order asks 449.03 for 3 of it, its parts come to 450.03"),
        (sold(), (TABLE, replace(CHAIR, sellable=False)), "its part BOWL-02 is not active in QuickBooks"),
        (sold(), (TABLE, replace(CHAIR, price=None)), "its part BOWL-02 has no price in QuickBooks"),
    ],
)
def test_a_bundle_that_does_not_agree_is_held_and_looked_at_when_it_or_a_part_is_shown_anew(
    order: OrderLine, parts: tuple[BundlePart, ...], says: str
) -> None:
    [why] = decide(order, *parts)

    assert isinstance(why, PushWithheld) and (why.reason, why.sentence) == ("bundle", f"bundle SET-01: {says}")
    assert why.waits_for == "item-shown:acme:50" and why.needs_person and why.next_step
    assert why.waits_too == ("item-shown:acme:21", "item-shown:acme:22", "bundles:acme")


def test_a_bundle_without_parts_and_one_nobody_knows_are_held() -> None:
    nothing = {"set-01": replace(SET, parts=())}
    order = order_after(seen(content(sold(), line())))
    [empty] = invoice_each_confirmed_order(order, around(bundles=nothing))
    unknown = invoice_each_confirmed_order(order, around())

    assert isinstance(empty, PushWithheld) and "it has no parts in QuickBooks" in empty.sentence
    assert isinstance(unknown[1], CommandHeld) and unknown[1].missing[0].key == "sku:acme:set-01"


def test_a_part_that_starts_later_holds_the_order_too() -> None:
    [why] = decide(sold(), starts={"22": date(2026, 11, 22)})

    assert isinstance(why, PushWithheld) and "in QuickBooks of BOWL-02 (2026-11-22)" in why.sentence


def test_lines_inside_bundles_count_toward_the_most_that_an_invoice_takes() -> None:
    many = tuple(replace(TABLE, price=Decimal(0)) for _ in range(MOST_LINES))
    [why] = decide(sold(price="0"), *many)

    assert isinstance(why, PushWithheld) and why.reason == "too-many-lines"


def product(remote_id: str, **more: Any) -> Product:
    found = ProductContent(**{"sku": "SET-01", "name": "Set", "item_type": "Group", "sellable": False, **more})
    return Product(stream=goods.PRODUCT, sights={"quickbooks": goods.item(found)}, links={"quickbooks": remote_id})


def test_of_the_products_with_a_sku_the_one_active_bundle_is_meant_with_its_parts_as_they_are_now() -> None:
    bundle = product("50", parts=(Part(item="21", quantity=Decimal(1)), Part(item="9", quantity=Decimal(2))))
    table = product("21", sku="TABLE-01", item_type="Inventory", sellable=True, unit_price=Decimal(7))
    carrying = [bundle, product("51", active=False), product("52", item_type="Service", sellable=True)]

    found = bundles_named(carrying, {"set-01"}, "sku", lambda items: {"21": table} if items == ["21", "9"] else {})

    assert found["set-01"].item == "50" and found["set-01"].parts == (
        BundlePart(item="21", quantity=Decimal(1), called="TABLE-01", price=Decimal(7)),
        BundlePart(item="9", quantity=Decimal(2), called="item 9", sellable=False),
    )
    assert bundles_named([bundle, product("53")], {"set-01"}, "sku", lambda _: {}) == {}
    assert bundles_named([bundle], {"other"}, "sku", lambda _: {}) == {}
