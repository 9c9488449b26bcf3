"""WizCommerce's JSON becomes our terms, exactly, and a bad body becomes a problem that is kept."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from adapters.wizcommerce.translate import customer_from_body, order_from_body
from adapters.wizcommerce.translate_goods import product_remote
from engine.domain.values import NOTHING, Address, CustomerContent, OrderContent, Personal, ProductContent
from engine.ports import Remote

ORDER: dict[str, Any] = {
    "id": "o-1",
    "reference_id": "QBO-EST-1001",
    "display_id": "WC-1001",
    "customer_id": "c-1",
    "status": "confirmed",
    "amount": 100,
    "discount_value": 10,
    "tax_value": 0.1,
    "shipping_charge": 12.50,
    "amount_paid": 0,
    "payment_status": "PENDING",
    "fulfillment_status": "UNFULFILLED",
    "payment_term": "Net 30",
    "po_number": "PO-77",
    "customer_note": "Ring twice",
    "source": "cart",
    "billing_address": {
        "id": "a-1",
        "address_line_1": "1 Main St",
        "address_line_2": "Back door",
        "city": "Austin",
        "state": "TX",
        "zip_code": "78701",
        "country": "US",
        "type": "billing",
    },
    "shipping_address": None,
    "charges": [],
    "line_items": [
        {
            "product_id": "p-1",
            "sku": "VASE-01",
            "quantity": 4,
            "unit_price": 25.0000000000000000001,
            "discount": 5,
            "discount_type": "percentage",
            "note": "blue",
            "is_adhoc": False,
        },
        {"sku": "", "quantity": -1, "unit_price": 3, "is_adhoc": True},
    ],
    "created_at": "2026-01-05T10:00:00Z",
    "updated_at": "2026-01-05T10:00:01.123456789Z",
    "something_new": {"deep": [1, 2]},
}
CUSTOMER: dict[str, Any] = {
    "id": "c-1",
    "reference_id": "QBO-CUST-58",
    "name": "Acme Gifts LLC",
    "display_name": "Acme Gifts",
    "first_name": "Vorname",
    "last_name": None,
    "email": " AP@Acme.Example ",
    "phone": "+14155550100",
    "payment_term": "Net 30",
    "status": "active",
    "addresses": [
        {"id": "a-3", "type": "billing", "address_line_1": "3 New St", "created_at": "2026-01-03T00:00:00Z"},
        {"id": "a-2", "type": "billing", "address_line_1": "2 Old St", "created_at": "2026-01-02T00:00:00Z"},
        {"id": "a-1", "type": "billing", "address_line_1": "1 Gone St", "is_default": True, "status": "inactive"},
        {"id": "a-4", "type": "shipping", "address_line_1": "4 Dock", "created_at": "2026-01-01T00:00:00Z"},
        {
            "id": "a-5",
            "type": "shipping",
            "address_line_1": "5 Dock",
            "city": "Reno",
            "is_default": True,
            "created_at": "2026-01-09T00:00:00Z",
        },
    ],
    "created_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-01-02T00:00:00Z",
}


def body(record: dict[str, Any], **changes: Any) -> bytes:
    """The envelope of the record; a change to `...` leaves the field out."""
    changed = {name: value for name, value in {**record, **changes}.items() if value is not ...}
    return json.dumps({"data": changed}).encode()


def order(**changes: Any) -> OrderContent:
    content = order_from_body("o-1", body(ORDER, **changes)).content
    assert isinstance(content, OrderContent)
    return content


def test_an_order_is_read_in_our_terms() -> None:
    remote = order_from_body("o-1", body(ORDER))
    assert (remote.system, remote.kind, remote.remote_id) == ("wizcommerce", "order", "o-1")
    assert remote.revision == "2026-01-05T10:00:01.123456789Z"
    assert remote.created_at == datetime(2026, 1, 5, 10, tzinfo=UTC)
    assert remote.problem == "" and json.loads(remote.raw)["data"]["something_new"] == {"deep": [1, 2]}
    content = order()
    assert (content.number, content.customer_remote_id, content.status) == ("WC-1001", "c-1", "confirmed")
    assert content.reference == "QBO-EST-1001" and content.po_number == "PO-77" and content.payment_term == "Net 30"
    assert content.customer_note == Personal("Ring twice") and content.ordered_at == remote.created_at
    assert content.billing == Address(
        lines=Personal("1 Main St\nBack door"), city="Austin", region="TX", postal_code="78701", country="US"
    )
    assert content.shipping is None


def test_money_is_exact_from_text_to_decimal() -> None:
    text = body(ORDER).replace(b"0.1,", b"0.1000000000000000000001,").replace(b"25.0,", b"25.00000000000000001,")
    content = order_from_body("o-1", text).content
    assert isinstance(content, OrderContent)
    assert content.tax == Decimal("0.1000000000000000000001") and content.discount == Decimal(10)
    assert content.lines[0].unit_price == Decimal("25.00000000000000001")
    assert content.shipping_charge == Decimal("12.5")


def test_lines_keep_their_order_and_their_oddities() -> None:
    first, second = order().lines
    assert (first.sku, first.quantity, first.discount, first.discount_is_percentage) == (
        "VASE-01",
        Decimal(4),
        Decimal(5),
        True,
    )
    assert first.note == Personal("blue") and not first.is_adhoc
    assert (second.sku, second.quantity, second.discount, second.discount_is_percentage) == (
        "",
        Decimal(-1),
        Decimal(0),
        False,
    )
    assert second.is_adhoc and second.note == NOTHING


@pytest.mark.parametrize("lines", [[], None, ...])
def test_an_order_without_lines_is_still_an_order(lines: Any) -> None:
    assert order(line_items=lines).lines == ()


def test_charges_other_than_shipping_are_summed_apart() -> None:
    charges = [
        {"name": "Shipping", "type": "shipping", "value_type": "value", "amount": 12.5},
        {"name": "Crate", "type": "packaging", "value_type": "value", "amount": 7.25},
        {"name": "Fuel", "type": None, "value_type": "percentage", "amount": 1.005},
    ]
    content = order(charges=charges)
    assert content.shipping_charge == Decimal("12.5") and content.other_charges == Decimal("8.26")
    assert order(charges=charges, shipping_charge=0).shipping_charge == Decimal("12.5")


@pytest.mark.parametrize("status", ["inactive", "deleted"])
def test_a_deleted_order_is_a_tombstone(status: str) -> None:
    remote = order_from_body("o-1", body(ORDER, status=status))
    assert remote.content is None and remote.problem == "" and remote.revision != ""


@pytest.mark.parametrize("status", ["draft", "cancelled", "pending_approval", "active"])
def test_any_other_status_is_kept_as_it_is(status: str) -> None:
    assert order(status=status).status == status


def test_a_customer_is_read_in_our_terms() -> None:
    remote = customer_from_body("c-1", body(CUSTOMER))
    assert remote.content == CustomerContent(
        display_name=Personal("Acme Gifts"),
        company_name=Personal("Acme Gifts LLC"),
        given_name=Personal("Vorname"),
        email=Personal(" AP@Acme.Example "),
        phone=Personal("+14155550100"),
        billing=Address(lines=Personal("2 Old St")),
        shipping=Address(lines=Personal("5 Dock"), city="Reno"),
        payment_term="Net 30",
        reference="QBO-CUST-58",
        billing_id="a-2",
        shipping_id="a-5",
    )
    assert remote.revision == "2026-01-02T00:00:00Z"


def customer(**changes: Any) -> CustomerContent:
    content = customer_from_body("c-1", body(CUSTOMER, **changes)).content
    assert isinstance(content, CustomerContent)
    return content


def test_the_primary_contacts_names_and_phone_are_the_customers_where_there_are_any() -> None:
    primary = {"id": "k-2", "first_name": "Erste", "last_name": "", "phone": "+14155550111", "is_default": True}
    others = [
        {"id": "k-1", "first_name": "Other", "phone": "+14155550199", "status": "active", "is_default": False},
        {"id": "k-0", "first_name": "Gone", "status": "inactive", "is_default": True},
    ]
    seen = customer(contacts=[*others, {**primary, "status": "active"}], last_name="Nachname")
    assert seen.contact_id == "k-2" and seen.given_name == Personal("Erste")
    assert seen.family_name == Personal("Nachname") and seen.phone == Personal("+14155550111")
    alone = customer(contacts=others)
    assert alone.contact_id == "" and alone.given_name == Personal("Vorname")


def test_a_customers_attributes_are_kept_as_text_and_those_of_nothing_are_not_there() -> None:
    values = ["Florist", 5, 0.10, True, ["red", "blue"], "", None]
    seen = customer(attributes=[{"name": f"A{place}", "value": value} for place, value in enumerate(values)])
    assert [(one.name, one.value.text) for one in seen.attributes] == [
        ("A0", "Florist"),
        ("A1", "5"),
        ("A2", "0.1"),
        ("A3", "true"),
        ("A4", '["red","blue"]'),
        ("A5", ""),
    ]


def test_whom_a_customer_is_assigned_to_is_kept_by_id() -> None:
    seen = customer(assigned_sales_reps=[{"id": "r-1", "email": "x"}, {"id": "r-2"}], assigned_price_list={"id": "l-1"})
    assert seen.sales_reps == ("r-1", "r-2") and seen.price_list == "l-1"
    assert customer(assigned_sales_reps=None, assigned_price_list=None).price_list == ""


def test_the_order_of_a_customers_addresses_changes_nothing() -> None:
    turned = body(CUSTOMER, addresses=CUSTOMER["addresses"][::-1])
    assert customer_from_body("c-1", turned).content == customer_from_body("c-1", body(CUSTOMER)).content


def test_an_inactive_customer_or_product_is_inactive_and_a_deleted_one_is_gone() -> None:
    product = {"id": "p-1", "sku": "VASE-01", "name": "Vase", "updated_at": "2026-01-02T00:00:00Z"}
    inactive = [
        customer_from_body("c-1", body(CUSTOMER, status="inactive")).content,
        product_remote("p-1", body(product, status="inactive")).content,
    ]
    assert [one.active for one in inactive if isinstance(one, CustomerContent | ProductContent)] == [False, False]
    assert customer_from_body("c-1", body(CUSTOMER, status="deleted")).content is None
    assert product_remote("p-1", body(product, status="deleted")).content is None


def test_a_product_has_a_price_only_where_its_price_lists_agree() -> None:
    product = {"id": "p-1", "sku": "VASE-01", "name": "Vase", "updated_at": "2026-01-02T00:00:00Z", "status": "active"}
    one = product_remote("p-1", body(product, price_lists=[{"id": "l", "price": 25}, {"id": "m", "price": 25.00}]))
    assert isinstance(one.content, ProductContent) and one.content.unit_price == Decimal(25)
    assert [(price.price_list, price.price) for price in one.content.prices] == [("l", 25), ("m", 25)]
    two = product_remote("p-1", body(product, price_lists=[{"id": "l", "price": 25}, {"id": "m", "price": 20}]))
    assert isinstance(two.content, ProductContent) and two.content.unit_price is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"<html>502</html>", "cannot be read"),
        (b"", "cannot be read"),
        (b"null", "cannot be read"),
        (b'{"data": []}', "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b'{"data":{"x":' + b"[" * 5000, "cannot be read"),
        (body(ORDER, customer_id=...), "customer_id"),
        (body(ORDER, amount="many"), "$.data.amount"),
        (body(ORDER, line_items=[{"sku": "A", "unit_price": 1}]), "$.data.line_items[0]"),
        (body(ORDER, line_items=[{"sku": "A", "quantity": 1, "unit_price": 1, "discount_type": "x"}]), "discount_type"),
        (body(ORDER, amount="NaN"), "amount is not an amount"),
        (body(ORDER, amount="1E+999999"), "amount is not an amount"),
        (body(ORDER, amount="1E+9999999"), "amount is not an amount"),
        (body(ORDER, updated_at="yesterday"), "updated_at"),
        (body(ORDER, created_at="2026-01-05T10:00:00"), "created_at"),
        (body(ORDER, id="o-2"), "another one"),
    ],
)
def test_a_body_that_cannot_be_read_is_kept_with_its_problem(text: bytes, told: str) -> None:
    remote = order_from_body("o-1", text)
    assert remote.content is None and told in remote.problem and remote.remote_id == "o-1"
    assert remote.raw == text.decode("utf-8", "backslashreplace")


@pytest.mark.parametrize("text", ["yesterday", "2026-01-05T10:00:00", ""])
def test_what_is_no_time_is_no_revision(text: str) -> None:
    seen = [
        order_from_body("o-1", body(ORDER, updated_at=text)),
        customer_from_body("c-1", body(CUSTOMER, updated_at=text)),
        product_remote("p-1", body({"id": "p-1"}, updated_at=text)),
    ]
    assert [(one.revision, "updated_at" in one.problem) for one in seen] == [("", True)] * 3


def test_a_problem_names_fields_and_never_values() -> None:
    secret = "Vorname Lovelace, 1 Main St"
    problems: list[Remote] = [
        order_from_body("o-1", body(ORDER, amount=secret)),
        order_from_body("o-1", body(ORDER, created_at=secret)),
        customer_from_body("c-1", body(CUSTOMER, addresses=secret)),
        customer_from_body("c-1", body(CUSTOMER, email=["x", secret])),
    ]
    assert all(one.problem and "Vorname" not in one.problem for one in problems)


def test_ten_thousand_lines_are_read() -> None:
    lines = [{"sku": f"S-{n}", "quantity": 1, "unit_price": 0.01} for n in range(10_000)]
    content = order(line_items=lines, amount=100)
    assert len(content.lines) == 10_000 and sum(line.amount() for line in content.lines) == Decimal(100)
