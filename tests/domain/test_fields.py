"""The shared fields of a customer: what each side shows, and when two texts say the same."""

from typing import Any

import pytest
from msgspec.structs import replace

from engine.domain.fields import (
    CALLED,
    NAMES,
    SHARED,
    Lists,
    address_text,
    free_form,
    loose,
    normal,
    shown,
    type_of,
)
from engine.domain.values import Address, Attribute, CustomerField, Personal, System
from tests.wholesale import DOVER, FREE_FORM, LISTS, customer

ERASED = Personal(None)

# ---- what each side shows ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("system", ["quickbooks", "wizcommerce"])
@pytest.mark.parametrize(
    ("field", "content", "reads"),
    [
        ("name", {}, "Bloom & Co"),
        ("name", {"full_name": Personal("Bloom & Co:East")}, "Bloom & Co:East"),
        ("name", {"full_name": ERASED}, "Bloom & Co"),
        ("name", {"display_name": ERASED}, ""),
        ("company", {"company_name": Personal("Bloom Inc.")}, "Bloom Inc."),
        ("company", {}, "Bloom & Co"),
        ("company", {"full_name": Personal("Bloom & Co:East")}, "Bloom & Co"),
        ("company", {"company_name": ERASED, "display_name": ERASED}, ""),
        ("given_name", {"given_name": Personal("First")}, "First"),
        ("given_name", {"given_name": ERASED}, ""),
        ("family_name", {"family_name": Personal("Last")}, "Last"),
        ("family_name", {}, ""),
        ("phone", {"phone": Personal("(415) 555-0100")}, "(415) 555-0100"),
        ("billing", {"billing": DOVER}, "12 Mill Rd, Dover, DE 19901, USA"),
        ("billing", {"shipping": DOVER}, ""),
        ("shipping", {"shipping": DOVER}, "12 Mill Rd, Dover, DE 19901, USA"),
        ("shipping", {"billing": DOVER}, ""),
        ("term", {}, ""),
        ("customer_type", {}, ""),
        ("active", {}, "active"),
        ("active", {"active": False}, "inactive"),
    ],
)
def test_most_fields_read_alike_on_both_sides(
    field: CustomerField, content: dict[str, Any], reads: str, system: System
) -> None:
    assert shown(customer(**content), field, system, LISTS) == reads


@pytest.mark.parametrize(
    ("field", "content", "system", "reads"),
    [
        ("term", {"payment_term": "3"}, "quickbooks", "Net 30"),
        ("term", {"payment_term": "9"}, "quickbooks", "9"),
        ("term", {"payment_term": "3"}, "wizcommerce", "3"),
        ("term", {"payment_term": "NET30"}, "wizcommerce", "NET30"),
        ("customer_type", {"type_id": "500"}, "quickbooks", "Florist"),
        ("customer_type", {"type_id": "900"}, "quickbooks", "900"),
        ("customer_type", {"type_id": "500"}, "wizcommerce", ""),
        (
            "customer_type",
            {"attributes": (Attribute(name="Customer Type", value=Personal("Florist")),)},
            "wizcommerce",
            "Florist",
        ),
        (
            "customer_type",
            {"attributes": (Attribute(name="Customer Type", value=Personal("Florist")),)},
            "quickbooks",
            "",
        ),
    ],
)
def test_terms_and_types_are_ids_in_quickbooks_and_texts_in_wizcommerce(
    field: CustomerField, content: dict[str, Any], system: System, reads: str
) -> None:
    assert shown(customer(**content), field, system, LISTS) == reads


@pytest.mark.parametrize(
    ("attributes", "lists", "kind"),
    [
        ([("Customer Type", " Florist ")], LISTS, "Florist"),
        ([("customer-type", "Florist")], LISTS, "Florist"),
        ([("Region", "West"), ("Customer Type", "Florist")], LISTS, "Florist"),
        ([("Customer Type", "Florist"), ("customer type", "Baker")], LISTS, "Florist"),
        ([("Region", "West")], LISTS, ""),
        ([("Customer Type", None)], LISTS, ""),
        ([], LISTS, ""),
        ([("Region", "West"), ("Customer Type", "Florist")], replace(LISTS, type_attribute="Region"), "West"),
    ],
)
def test_the_customer_type_is_read_from_the_attribute_of_that_name(
    attributes: list[tuple[str, str | None]], lists: Lists, kind: str
) -> None:
    named = tuple(Attribute(name=name, value=Personal(value)) for name, value in attributes)

    assert type_of(customer(attributes=named), lists) == kind


def test_every_shared_field_has_a_name_for_people() -> None:
    assert set(CALLED) == {*SHARED, "active"}
    assert len(set(CALLED.values())) == len(CALLED) and all(CALLED.values())
    assert set(SHARED) >= NAMES


@pytest.mark.parametrize(
    ("address", "reads"),
    [
        (Address(), ""),
        (DOVER, "12 Mill Rd, Dover, DE 19901, USA"),
        (
            replace(DOVER, lines=Personal("12 Mill Rd\n Floor 2 \n\nRoom 7")),
            "12 Mill Rd, Floor 2, Room 7, Dover, DE 19901, USA",
        ),
        (replace(DOVER, lines=ERASED), "Dover, DE 19901, USA"),
        (replace(DOVER, region=""), "12 Mill Rd, Dover, 19901, USA"),
        (replace(DOVER, postal_code=""), "12 Mill Rd, Dover, DE, USA"),
        (replace(DOVER, region="", postal_code=""), "12 Mill Rd, Dover, USA"),
        (Address(country="US"), "US"),
    ],
)
def test_an_address_reads_as_one_line(address: Address, reads: str) -> None:
    assert address_text(address) == reads


@pytest.mark.parametrize(
    ("address", "only_lines"),
    [
        (Address(lines=Personal("Bloom\n12 Mill Rd\nDover, DE  19901")), True),
        (Address(lines=Personal("12 Mill Rd"), region="DE", country="US"), True),
        (Address(lines=Personal("12 Mill Rd"), city="Dover"), False),
        (Address(lines=Personal("12 Mill Rd"), postal_code="19901"), False),
        (Address(city="Dover"), False),
        (Address(country="US"), False),
        (Address(lines=ERASED), False),
        (Address(), False),
    ],
)
def test_an_address_of_nothing_but_lines_is_free_form(address: Address, only_lines: bool) -> None:
    assert free_form(address) is only_lines


# ---- when two texts say the same ---------------------------------------------------------------------------------------

SAME: list[tuple[CustomerField, str, str]] = [
    ("name", "Bloom & Co", " Bloom  &\tCo "),
    ("name", "Bloom: East", "Bloom East"),
    ("name", "B" * 120, "B" * 100),
    ("company", "Bloom:East", "Bloom East"),
    ("given_name", "Ann  Lee", "Ann Lee"),
    ("family_name", "Lee\n", "Lee"),
    ("phone", "+1 (415) 555-0100", "415.555.0100"),
    ("phone", "+44 (0)20 7946 0000", "+442079460000"),
    ("term", "NET30 EOM", "Net 30"),
    ("term", "net-30", "Net 30"),
    ("term", "c.o.d.", "DUE ON RECEIPT"),
    ("customer_type", "florist ", "FLORIST"),
    ("active", "active", "Active"),
]
DIFFERENT: list[tuple[CustomerField, str, str]] = [
    ("name", "Bloom & Co", "bloom & co"),
    ("name", "Bloom & Co", "Bloom & Co."),
    ("company", "Bloom & Co", "Bloom & Cö"),
    ("given_name", "Ann", "ann"),
    ("family_name", "Lee", "LEE"),
    ("phone", "415 555 0100", "415 555 0101"),
    ("phone", "+1 415 555 0100", "+44 415 555 0100"),
    ("term", "Net 30", "Net 60"),
    ("term", "NET30 EOM", "Net 30 EOM 2"),
    ("customer_type", "NET30 EOM", "Net 30"),
    ("customer_type", "Florist", "Baker"),
]


@pytest.mark.parametrize(("field", "one", "other"), SAME)
def test_what_says_the_same_has_one_normal_form(field: CustomerField, one: str, other: str) -> None:
    assert normal(field, one, LISTS) == normal(field, other, LISTS) != ""


@pytest.mark.parametrize(("field", "one", "other"), DIFFERENT)
def test_what_says_something_else_has_another_normal_form(field: CustomerField, one: str, other: str) -> None:
    assert normal(field, one, LISTS) != normal(field, other, LISTS)


@pytest.mark.parametrize("field", sorted(NAMES))
def test_names_just_linked_are_compared_by_letters_and_digits(field: CustomerField) -> None:
    assert loose(field, "BLOOM, & CO.", LISTS) == loose(field, "Bloom and Co", LISTS) == "bloomandco"
    assert loose(field, "Bloom 2", LISTS) != loose(field, "Bloom 3", LISTS)


@pytest.mark.parametrize("field", [f for f in (*SHARED, "active") if f not in NAMES])
def test_what_is_no_name_is_compared_as_ever_when_just_linked(field: CustomerField) -> None:
    for text in ("+1 415 555 0100", "NET30 EOM", "12 Mill Rd, Dover, DE 19901, USA"):
        assert loose(field, text, LISTS) == normal(field, text, LISTS)


@pytest.mark.parametrize("field", ["billing", "shipping"])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (replace(DOVER, country="US"), DOVER),
        (replace(DOVER, country="United States"), DOVER),
        (replace(DOVER, country="United States of America"), DOVER),
        (replace(DOVER, country="U.S.A."), DOVER),
        (replace(DOVER, country=""), DOVER),
        (replace(DOVER, country="Canada"), replace(DOVER, country="CA")),
        (replace(DOVER, country="CAN"), replace(DOVER, country="ca")),
        (replace(DOVER, country="UK"), replace(DOVER, country="GB")),
        (replace(DOVER, country="United Kingdom"), replace(DOVER, country="GBR")),
        (replace(DOVER, lines=Personal("12 MILL RD."), city="dover"), DOVER),
        (FREE_FORM, DOVER),
        (Address(lines=Personal("12 Mill Rd\nDover, DE  19901\nUSA")), DOVER),
        (
            replace(DOVER, lines=Personal("Bloom\nAttn: Books\n12 Mill Rd\nFloor 2\nRoom 7")),
            replace(DOVER, lines=Personal("Bloom\nAttn: Books, 12 Mill Rd, Floor 2, Room 7")),
        ),
    ],
)
def test_one_address_may_be_written_in_many_ways(field: CustomerField, one: Address, other: Address) -> None:
    here, there = normal(field, address_text(one), LISTS), normal(field, address_text(other), LISTS)

    assert here == there != ""


@pytest.mark.parametrize(
    "other",
    [
        replace(DOVER, lines=Personal("13 Mill Rd")),
        replace(DOVER, lines=Personal("12 Mill Rd\nFloor 2")),
        replace(DOVER, city="Dever"),
        replace(DOVER, region="NJ"),
        replace(DOVER, postal_code="19902"),
        replace(DOVER, country="Canada"),
        replace(DOVER, region="19901", postal_code="DE"),
        Address(),
    ],
)
def test_another_address_is_another(other: Address) -> None:
    assert normal("billing", address_text(other), LISTS) != normal("billing", address_text(DOVER), LISTS)


def test_no_address_has_no_normal_form() -> None:
    assert normal("billing", "", LISTS) == ""
