"""A customer: what each side shows of it, and what customers are compared by."""

import pytest

from engine.domain.customer import customer_disagreements, matching_keys, quickbooks_reference
from engine.domain.drafts import CustomerDraft
from engine.domain.events import RecordGone, RevisionMoved
from engine.domain.fields import latin
from engine.domain.values import Address, CustomerContent, Personal
from tests.wholesale import customer_after, customer_seen

MINE = "m" * 32


def test_a_customer_shows_what_each_side_says_and_which_record_it_is_there() -> None:
    here = customer_seen()
    there = customer_seen("quickbooks", "58", company_name=Personal("Bloom"))
    moved = RevisionMoved(
        system="quickbooks", kind="customer", remote_id="58", revision="2", fetched_after=7, cause="a test"
    )

    customer = customer_after(here, there, moved)

    assert customer.here == here.content
    assert customer.links == {"wizcommerce": "cust_01", "quickbooks": "58"}
    assert (customer.sights["quickbooks"].revision, customer.sights["quickbooks"].content) == ("2", there.content)
    assert customer.sight_after == {"wizcommerce": 101, "quickbooks": 103}


def test_a_customer_that_went_and_came_back_is_there() -> None:
    gone = RecordGone(system="quickbooks", kind="customer", remote_id="58", fetched_after=7, cause="a test")
    away = customer_after(customer_seen("quickbooks", "58"), gone)

    assert away.gone == {"quickbooks"}
    assert customer_after(customer_seen("quickbooks", "58"), customer=away).gone == frozenset()


# ---- what customers are compared by ------------------------------------------------------------------------------------


def test_customers_are_compared_by_what_says_something() -> None:
    full = CustomerContent(
        display_name=Personal("Bloom & Co."),
        company_name=Personal("BLOOM & CO"),
        email=Personal(" Books@Bloom.example "),
        phone=Personal("+1 (415) 555-0100"),
        billing=Address(postal_code="97 201"),
        reference="QBO:9130:customer:58",
    )

    assert matching_keys(full) == {
        "name": "bloom",
        "company": "bloom",
        "email": "books@bloom.example",
        "phone": "4155550100",
        "postal": "97201",
        "reference": "quickbooks:58",
    }
    assert matching_keys(CustomerContent(display_name=Personal("  "))) == {}


def test_each_of_several_addresses_is_compared() -> None:
    several = CustomerContent(
        display_name=Personal("Bloom"), email=Personal("a@bloom.example; B@bloom.example,c@bloom.example")
    )

    keys = matching_keys(several)

    assert [keys[key] for key in ("email", "email2", "email3")] == [
        "a@bloom.example",
        "b@bloom.example",
        "c@bloom.example",
    ]


def test_erased_customers_are_not_alike_because_they_are_erased() -> None:
    erased = Personal(None)

    keys = matching_keys(CustomerContent(display_name=erased, company_name=erased, email=erased, phone=erased))

    assert keys == {}


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("QBO:9130357:customer:58", "quickbooks:58"),
        ("QBO-CUST-58", "quickbooks:58"),
        ("quickbooks:customer:58", "quickbooks:58"),
        ("QBO-INV-58", ""),
        ("QBO:9130357:customer:", ""),
        ("58", ""),
        ("ERP-CUST-58", ""),
        ("QBO-CUST-A58", ""),
        ("", ""),
    ],
)
def test_a_reference_counts_only_if_it_names_a_quickbooks_customer(written: str, names: str) -> None:
    assert quickbooks_reference(written) == names


def test_disagreements_of_customers_name_no_texts() -> None:
    draft = CustomerDraft(content=customer_seen().content, mark=MINE)
    other = customer_seen(display_name=Personal("Petal & Co"), email=Personal("x@petal.example")).content

    assert customer_disagreements(draft, other) == ("another display name", "another e-mail")
    assert customer_disagreements(draft, customer_seen(display_name=Personal("BLOOM & CO.")).content) == ()


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("Caf\u00e9 M\u00fcnchen", "Caf\u00e9 M\u00fcnchen"),
        ("\u0141\u00f3d\u017a \u201cGlass\u201d \u2013 2", 'L\u00f3dz "Glass" - 2'),
        ("\u82b1\u5c4b", "\u82b1\u5c4b"),
    ],
)
def test_a_text_loses_only_what_latin_1_does_not_have(written: str, taken: str) -> None:
    assert latin(written) == taken
