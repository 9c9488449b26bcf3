"""What is kept and sent of products and stock, word for word; what cannot be said is refused before any call."""

from decimal import Decimal
from typing import Any

import pytest

from adapters.wizcommerce.goods_drafts import PriceSentWire, request_body, text_of, whole_prices
from engine.domain.drafts import Draft
from engine.domain.values import Attribute, Personal, StockLevel
from engine.ports import Refused
from tests.adapters.wizcommerce_goods import OURS, REFERENCE, a_change, a_product, attributes, stock_of


def test_a_new_product_is_sent_with_everything_it_has() -> None:
    draft = a_product(
        category="Decor::Vases",
        price=Decimal("1E+2"),
        price_list=OURS,
        attributes=(*attributes(Colour="Blue"), Attribute(name="Erased", value=Personal(None))),
    )
    assert request_body(draft) == (
        f'{{"group_code":"{REFERENCE}","variants":[{{"sku_id":"VASE-01","reference_id":"{REFERENCE}","name":"Vase",'
        '"categories":["Decor::Vases"],"attributes":[{"name":"Colour","value":"Blue"}],'
        f'"product_prices":[{{"price_list_id":"{OURS}","price":100}}],"is_primary":true}}]}}'
    )


def test_of_a_product_nothing_is_sent_that_it_has_not() -> None:
    assert request_body(a_product()) == (
        f'{{"group_code":"{REFERENCE}","variants":[{{"sku_id":"VASE-01","reference_id":"{REFERENCE}","name":"Vase",'
        '"is_primary":true}]}'
    )


@pytest.mark.parametrize(
    ("fields", "values", "text"),
    [
        (("name",), {"name": "Tall vase", "sku": "NOT-01"}, '{"name":"Tall vase"}'),
        (("category",), {"category": "Decor::Vases"}, '{"categories":["Decor::Vases"]}'),
        (("category",), {"old_category": "Decor"}, '{"categories":[]}'),
        (("attributes",), {"attributes": attributes(Size="")}, '{"attributes":[{"name":"Size","value":""}]}'),
        (("active",), {"active": False}, '{"status":"inactive"}'),
        (("active",), {}, '{"status":"active"}'),
        (
            ("price",),
            {"price": Decimal("0.3330")},
            f'{{"product_prices":[{{"price_list_id":"{OURS}","price":0.3330}}]}}',
        ),
        (("price",), {}, "{}"),
        (("sku",), {"sku": "VASE-02"}, '{"sku_id":"VASE-02"}'),
    ],
)
def test_of_a_change_only_its_fields_are_said(fields: Any, values: dict[str, Any], text: str) -> None:
    assert request_body(a_change("p-1", *fields, **values)) == text


def test_stock_is_sent_whole_and_its_numbers_are_numbers() -> None:
    level = StockLevel(
        on_hand=Decimal("1E+3"),
        available=Decimal("0.333"),
        reserved=Decimal("1E-6"),
        back_orders=True,
        standing="BACK_ORDER",
    )
    assert request_body(stock_of(level=level)) == (
        '{"sku":"VASE-01","available_quantity":0.333,"reserved_quantity":0.000001,"in_stock_quantity":1000,'
        '"back_order_allowed":true,"out_of_stock_threshold":0,"inventory_status":"BACK_ORDER","track_inventory":true,'
        '"on_order_details":[],"in_transit_details":[]}'
    )


@pytest.mark.parametrize(
    ("draft", "code", "told"),
    [
        (a_product(sku=" "), "sku_id", "no SKU"),
        (a_product(name=" "), "name", "no name"),
        (a_product(name="x" * 256), "too-long", "name has 256 characters"),
        (a_product(reference="x" * 256), "too-long", "reference has 256 characters"),
        (a_product(price=Decimal(1)), "price_list_id", "price list"),
        (a_change("p-1", "name", name="x" * 256), "too-long", "name has 256 characters"),
        (a_change("p-1", "sku"), "sku_id", "no SKU"),
        (a_change("p-1", "price", price=Decimal(1), price_list=""), "price_list_id", "price list"),
        (stock_of(""), "sku_id", "no SKU"),
        (stock_of(level=StockLevel(on_hand=Decimal(1))), "inventory_status", "in stock"),
    ],
)
def test_what_cannot_be_expressed_is_refused(draft: Draft, code: str, told: str) -> None:
    with pytest.raises(Refused, match=told) as refused:
        request_body(draft)  # type: ignore[arg-type]
    assert refused.value.code == code and refused.value.next_step and not refused.value.ran


def test_what_fits_exactly_is_sent() -> None:
    assert "x" * 255 in request_body(a_product(name="x" * 255))


def test_of_other_prices_what_is_known_to_be_taken_goes_back_as_it_was_shown() -> None:
    tier = '{"price":1.50,"start_quantity":48,"id":"t-1","created_at":"2026-01-02T00:00:00Z"}'
    other = f'{{"id":"l-1","price":2.50,"sale_price":null,"volume_tiers":[{tier}],"currency":"USD"}}'
    shown = f'{{"data":{{"id":"p-1","price_lists":[{other}]}}}}'.encode()
    assert text_of(whole_prices(shown, PriceSentWire(OURS, Decimal("9.90")))) == (
        '{"product_prices":[{"price_list_id":"l-1","price":2.50,"volume_tiers":[{"price":1.50,"start_quantity":48}]},'
        f'{{"price_list_id":"{OURS}","price":9.90}}]}}'
    )
