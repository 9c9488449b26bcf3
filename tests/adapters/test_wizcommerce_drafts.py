"""What is sent to WizCommerce, word for word; what it has no form for is left out, and what is too long is refused."""

import json
from typing import Any

import pytest

from adapters.wizcommerce.drafts import phone_sent, request_body
from engine.domain.drafts import CustomerDraft, CustomerUpdate
from engine.domain.values import Attribute, Personal
from engine.ports import Refused
from tests.adapters.quickbooks_world import invoice
from tests.adapters.wizcommerce_world import REFERENCE, a_change, a_customer, an_address

EMPTY_BUT_NEEDED = {"city": "Portland", "state": "", "zip_code": "", "country": ""}


def sent(draft: CustomerDraft | CustomerUpdate) -> Any:
    return json.loads(request_body(draft))


def test_a_new_customer_is_sent_with_everything_it_has() -> None:
    draft = a_customer(
        company_name=Personal("Juniper Home LLC"),
        given_name=Personal("Vorname"),
        family_name=Personal("Nachname"),
        email=Personal(" ap@juniper.example "),
        phone=Personal("(415) 555-0100"),
        payment_term="Net 30",
        billing=an_address("1 Harbour St", "Gate 2", "Floor 3", region="OR", postal_code="97201", country="US"),
        shipping=an_address("2 Harbour St"),
        attributes=(Attribute(name="Customer Type", value=Personal("Florist")),),
        sales_rep="rep-1",
        price_list="list-1",
    )
    assert sent(draft) == {
        "reference_id": REFERENCE,
        "company_name": "Juniper Home LLC",
        "display_name": "Juniper Home LLC",
        "first_name": "Vorname",
        "last_name": "Nachname",
        "phone": "+14155550100",
        "email": "ap@juniper.example",
        "payment_term": "Net 30",
        "assigned_sales_rep_ids": ["rep-1"],
        "assigned_price_list_id": "list-1",
        "addresses": [
            {
                "reference_id": f"{REFERENCE}:billing",
                "type": "billing",
                "is_default": True,
                "address_line_1": "1 Harbour St",
                "address_line_2": "Gate 2, Floor 3",
                "city": "Portland",
                "state": "OR",
                "zip_code": "97201",
                "country": "US",
            },
            {
                "reference_id": f"{REFERENCE}:shipping",
                "type": "shipping",
                "is_default": True,
                "address_line_1": "2 Harbour St",
                "city": "Portland",
            },
        ],
        "attributes": [{"name": "Customer Type", "value": "Florist"}],
    }


def test_a_new_customer_of_whom_only_the_name_is_known_is_sent_with_what_is_required() -> None:
    nowhere = {"billing": an_address(city=""), "shipping": an_address("", city="Portland")}
    assert sent(a_customer("Bloom & Co", **nowhere)) == {
        "reference_id": REFERENCE,
        "company_name": "Bloom & Co",
        "display_name": "Bloom & Co",
    }


@pytest.mark.parametrize(
    ("text", "country", "written"),
    [
        ("+44 20 7946 0958", "US", "+442079460958"),
        ("+14155550100", "Germany", "+14155550100"),
        ("415.555.0100", "", "+14155550100"),
        ("1 (415) 555-0100", "usa", "+14155550100"),
        ("(415) 555-0100", "Canada", ""),
        ("115 555 0100", "US", ""),
        ("555-0100", "US", ""),
        ("415 555 0100 x12", "US", ""),
        ("+1234567", "", ""),
        ("+1234567890123456", "", ""),
        ("+04155550100", "", ""),
        ("+１４１５５５５０１００", "", ""),
        ("", "", ""),
    ],
)
def test_a_phone_number_is_sent_in_one_form_or_not_at_all(text: str, country: str, written: str) -> None:
    assert phone_sent(text, country) == written
    body = sent(a_customer(phone=Personal(text), shipping=an_address(country=country)))
    assert body.get("phone", "") == written


@pytest.mark.parametrize(
    ("draft", "body"),
    [
        (
            a_change("name", "company", company_name=Personal("")),
            {"display_name": "Bloom & Co", "company_name": "Bloom & Co"},
        ),
        (a_change("term", payment_term="Net 60"), {"payment_term": "Net 60"}),
        (a_change("term"), {"payment_term": ""}),
        (a_change("active"), {"status": "active"}),
        (a_change("active", active=False), {"status": "inactive"}),
        (a_change("given_name", given_name=Personal("Vorname")), {"first_name": "Vorname"}),
        (
            a_change(
                "family_name", "phone", contact_id="k-1", family_name=Personal("Neu"), phone=Personal("4155550100")
            ),
            {
                "last_name": "Neu",
                "phone": "+14155550100",
                "contacts": [{"id": "k-1", "last_name": "Neu", "phone": "+14155550100"}],
            },
        ),
        (a_change("given_name", "phone", contact_id="k-1", phone=Personal("call me")), {}),
        (a_change("billing", "shipping", billing_id="a-1", shipping=an_address(city=" ")), {}),
        (
            a_change("billing", billing_id="a-1", billing=an_address(), shipping=an_address()),
            {
                "addresses": [
                    {
                        "id": "a-1",
                        "type": "billing",
                        "address_line_1": "1 Harbour St",
                        "address_line_2": "",
                        **EMPTY_BUT_NEEDED,
                    }
                ]
            },
        ),
        (
            a_change("shipping", shipping=an_address()),
            {
                "addresses": [
                    {
                        "reference_id": f"{REFERENCE}:shipping",
                        "type": "shipping",
                        "is_default": True,
                        "address_line_1": "1 Harbour St",
                        "city": "Portland",
                    }
                ]
            },
        ),
        (
            a_change(
                "customer_type",
                attributes=tuple(
                    Attribute(name=name, value=Personal(text))
                    for name, text in {
                        "Type": "Florist",
                        "Size": "5",
                        "Colours": '["red"]',
                        "Note": "[x",
                        "Old": None,
                    }.items()
                ),
            ),
            {
                "attributes": [
                    {"name": "Type", "value": "Florist"},
                    {"name": "Size", "value": "5"},
                    {"name": "Colours", "value": ["red"]},
                    {"name": "Note", "value": "[x"},
                ]
            },
        ),
        (
            a_change(
                "term",
                company_name=Personal("x"),
                given_name=Personal("x"),
                contact_id="k-1",
                billing=an_address(),
                attributes=(Attribute(name="Type", value=Personal("x")),),
                sales_reps=("rep-1",),
                price_list="list-1",
                active=False,
            ),
            {"payment_term": ""},
        ),
    ],
)
def test_a_change_sends_its_fields_and_nothing_else(draft: CustomerUpdate, body: dict[str, Any]) -> None:
    assert sent(draft) == body


LONG = "x" * 256


@pytest.mark.parametrize(
    ("draft", "told"),
    [
        (a_customer(LONG), "name has 256 characters; WizCommerce takes at most 255"),
        (a_customer(""), "has no name"),
        (a_customer(company_name=Personal(LONG)), "company name has 256"),
        (a_customer(given_name=Personal(LONG)), "first name has 256"),
        (a_customer(family_name=Personal(LONG)), "last name has 256"),
        (a_customer(payment_term=LONG), "payment term has 256"),
        (a_customer(email=Personal("a" * 288 + "@juniper.com")), "e-mail address has 300 .* at most 255"),
        (a_customer(email=Personal("a@b.example, c@d.example")), "e-mail address is not one"),
        (a_customer(billing=an_address(city="x" * 51)), "city of the billing address has 51 .* at most 50"),
        (a_change("shipping", shipping=an_address(city="x" * 51)), "city of the shipping address has 51"),
        (a_change("term", payment_term=LONG), "payment term has 256"),
        (a_change("name", display_name=Personal(" ")), "has no name"),
        (a_change("phone", phone=Personal(LONG)), ""),
    ],
)
def test_what_is_too_long_or_missing_is_refused_before_anything_is_sent(
    draft: CustomerDraft | CustomerUpdate, told: str
) -> None:
    if not told:
        assert sent(draft) == {}
        return
    with pytest.raises(Refused, match=told) as refused:
        request_body(draft)
    assert refused.value.code and refused.value.next_step and not refused.value.ran


def test_nothing_but_a_customer_that_can_be_looked_for_is_written() -> None:
    with pytest.raises(Refused, match="Only customers"):
        request_body(invoice("c-1", ()))
    for reference in ("", "a,b", "x" * 256):
        draft = a_customer()
        with pytest.raises(Refused, match="reference"):
            request_body(CustomerDraft(content=draft.content, mark=draft.mark, reference=reference))
