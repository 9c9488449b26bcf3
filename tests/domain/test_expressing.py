"""A customer of one side in the words of the other: what is said, field by field."""

from typing import Any

import pytest
from msgspec.structs import replace

from engine.domain.customer import OTHER
from engine.domain.expressing import express
from engine.domain.fields import SHARED
from engine.domain.merging import Wanted
from engine.domain.values import Attribute, CustomerContent, CustomerField, Personal, System
from tests.wholesale import DOVER, FLORIST, FREE_FORM, LISTS, PETAL, WEST, customer


def said(target: System, field: CustomerField, now: CustomerContent = PETAL, **shows: Any) -> CustomerContent:
    """What `target` is to have, when the other side shows that."""
    wanted = {field: Wanted(source=OTHER[target], content=customer(**shows))}
    done = express(target, now, wanted, LISTS)
    assert (done.fields, done.problems) == ((field,), {})
    return done.content


@pytest.mark.parametrize(
    ("target", "field", "shows", "becomes"),
    [
        ("quickbooks", "name", {}, {"display_name": Personal("Bloom & Co")}),
        ("quickbooks", "name", {"display_name": Personal(" A:\tB ")}, {"display_name": Personal("A B")}),
        ("quickbooks", "name", {"display_name": Personal("B" * 120)}, {"display_name": Personal("B" * 100)}),
        ("wizcommerce", "name", {"display_name": Personal(" A:  B ")}, {"display_name": Personal("A: B")}),
        ("wizcommerce", "name", {"full_name": Personal("Bloom:East")}, {"display_name": Personal("Bloom:East")}),
        ("wizcommerce", "name", {"display_name": Personal("B" * 255)}, {"display_name": Personal("B" * 255)}),
        (
            "wizcommerce",
            "name",
            {"display_name": Personal("B" * 200 + " " * 99 + "C")},
            {"display_name": Personal("B" * 200 + " C")},
        ),
        ("quickbooks", "company", {"company_name": Personal("A: B")}, {"company_name": Personal("A B")}),
        ("quickbooks", "company", {}, {"company_name": Personal("Bloom & Co")}),
        ("wizcommerce", "company", {"company_name": Personal("A:  B")}, {"company_name": Personal("A: B")}),
        ("wizcommerce", "company", {}, {"company_name": Personal("Bloom & Co")}),
        ("quickbooks", "given_name", {"given_name": Personal("Ann: L")}, {"given_name": Personal("Ann L")}),
        ("quickbooks", "given_name", {}, {"given_name": Personal("")}),
        ("wizcommerce", "given_name", {"given_name": Personal(" Ann:  L")}, {"given_name": Personal("Ann: L")}),
        ("quickbooks", "family_name", {"family_name": Personal("Lee\n")}, {"family_name": Personal("Lee")}),
        ("wizcommerce", "family_name", {"family_name": Personal("Lee\n")}, {"family_name": Personal("Lee")}),
        ("quickbooks", "phone", {"phone": Personal(" 415  555 0100 x9")}, {"phone": Personal("415 555 0100 x9")}),
        ("quickbooks", "phone", {"phone": Personal("1" * 30)}, {"phone": Personal("1" * 30)}),
        ("quickbooks", "phone", {"phone": Personal("415" + " " * 40 + "555")}, {"phone": Personal("415 555")}),
        ("quickbooks", "phone", {}, {"phone": Personal("")}),
        ("wizcommerce", "phone", {"phone": Personal("(415) 555-0100")}, {"phone": Personal("+14155550100")}),
        (
            "wizcommerce",
            "phone",
            {"phone": Personal("(415) 555-0100"), "billing": replace(DOVER, country="Canada")},
            {"phone": Personal("+14155550100")},
        ),
        ("quickbooks", "billing", {"billing": DOVER}, {"billing": DOVER}),
        ("quickbooks", "shipping", {"shipping": DOVER}, {"shipping": DOVER}),
        ("wizcommerce", "billing", {"billing": DOVER}, {"billing": DOVER}),
        ("wizcommerce", "shipping", {"shipping": DOVER}, {"shipping": DOVER}),
        (
            "wizcommerce",
            "billing",
            {"billing": replace(DOVER, city="D" * 50, postal_code="")},
            {"billing": replace(DOVER, city="D" * 50, postal_code="")},
        ),
        (
            "wizcommerce",
            "shipping",
            {"shipping": replace(DOVER, lines=Personal("M" * 300))},
            {"shipping": replace(DOVER, lines=Personal("M" * 300))},
        ),
        (
            "wizcommerce",
            "billing",
            {"billing": replace(DOVER, lines=Personal("M" * 300))},
            {"billing": replace(DOVER, lines=Personal("M" * 300))},
        ),
        ("quickbooks", "term", {"payment_term": "NET-30"}, {"payment_term": "3"}),
        ("quickbooks", "term", {"payment_term": "NET30 EOM"}, {"payment_term": "3"}),
        ("quickbooks", "term", {"payment_term": ""}, {"payment_term": ""}),
        ("quickbooks", "term", {"payment_term": "  "}, {"payment_term": ""}),
        ("wizcommerce", "term", {"payment_term": "3"}, {"payment_term": "Net 30"}),
        ("wizcommerce", "term", {"payment_term": ""}, {"payment_term": ""}),
        ("quickbooks", "customer_type", {"attributes": (WEST, FLORIST)}, {"type_id": "500"}),
        ("quickbooks", "customer_type", {"attributes": (WEST,)}, {"type_id": ""}),
    ],
)
def test_a_field_is_said_in_the_words_of_the_other_side(
    target: System, field: CustomerField, shows: dict[str, Any], becomes: dict[str, Any]
) -> None:
    """And nothing else is changed."""
    assert said(target, field, **shows) == replace(PETAL, **becomes)


@pytest.mark.parametrize(
    ("before", "type_id", "after"),
    [
        ((WEST,), "500", (WEST, FLORIST)),
        ((FLORIST, WEST), "600", (WEST, replace(FLORIST, value=Personal("Baker")))),
        ((replace(FLORIST, name="customer type"), WEST), "500", (WEST, FLORIST)),
        ((FLORIST, WEST), "", (WEST, replace(FLORIST, value=Personal("")))),
        ((WEST,), "", (WEST,)),
        ((), "500", (FLORIST,)),
    ],
)
def test_the_customer_type_goes_to_wizcommerce_with_all_other_attributes(
    before: tuple[Attribute, ...], type_id: str, after: tuple[Attribute, ...]
) -> None:
    """It may replace them as one."""
    now = replace(PETAL, attributes=before)

    assert said("wizcommerce", "customer_type", now, type_id=type_id) == replace(now, attributes=after)


@pytest.mark.parametrize("target", ["quickbooks", "wizcommerce"])
@pytest.mark.parametrize("field", ["billing", "shipping"])
def test_no_address_removes_none(target: System, field: CustomerField) -> None:
    wanted = {field: Wanted(source=OTHER[target], content=customer())}
    done = express(target, PETAL, wanted, LISTS)

    assert (done.content, done.fields, done.problems) == (PETAL, (), {})


@pytest.mark.parametrize("name", ["", " \n"])
def test_no_name_in_quickbooks_removes_none(name: str) -> None:
    done = express(
        "wizcommerce",
        PETAL,
        {"name": Wanted(source="quickbooks", content=customer(display_name=Personal(name)))},
        LISTS,
    )

    assert (done.content, done.fields, done.problems) == (PETAL, (), {})


@pytest.mark.parametrize("target", ["quickbooks", "wizcommerce"])
def test_whether_a_customer_is_active_is_decided_apart(target: System) -> None:
    done = express(target, PETAL, {"active": Wanted(source=OTHER[target], content=customer(active=False))}, LISTS)

    assert (done.content, done.fields, done.problems) == (PETAL, (), {})


@pytest.mark.parametrize(
    ("side", "shown", "becomes"),
    [
        (
            "quickbooks",
            {"payment_term": "3", "type_id": "500", "phone": Personal("415 555 0100")},
            {"payment_term": "3", "type_id": "500", "phone": Personal("415 555 0100")},
        ),
        (
            "wizcommerce",
            {"payment_term": "Net 15", "attributes": (FLORIST,), "phone": Personal("+14155550100")},
            {"payment_term": "Net 15", "attributes": (WEST, FLORIST), "phone": Personal("+14155550100")},
        ),
    ],
)
def test_what_a_side_showed_itself_can_be_put_back_there(
    side: System, shown: dict[str, Any], becomes: dict[str, Any]
) -> None:
    fields: tuple[CustomerField, ...] = ("term", "customer_type", "phone")
    done = express(side, PETAL, {f: Wanted(source=side, content=customer(**shown)) for f in fields}, LISTS)

    assert (done.content, done.problems) == (replace(PETAL, **becomes), {})


def test_what_cannot_be_said_is_named_and_the_rest_goes_on() -> None:
    shows = customer(phone=Personal("none"), billing=FREE_FORM, shipping=DOVER, payment_term="3", type_id="500")
    done = express("wizcommerce", PETAL, {f: Wanted(source="quickbooks", content=shows) for f in SHARED}, LISTS)

    assert done.problems.keys() == {"given_name", "family_name", "phone", "billing"}
    assert done.fields == tuple(f for f in SHARED if f not in done.problems)
    assert (done.content.phone, done.content.billing, done.content.shipping) == (PETAL.phone, PETAL.billing, DOVER)


@pytest.mark.parametrize("field", ["given_name", "family_name", "phone"])
def test_what_was_emptied_in_quickbooks_is_named_unless_wizcommerce_has_none_either(field: CustomerField) -> None:
    wanted = {field: Wanted(source="quickbooks", content=customer())}

    assert "it was emptied" in express("wizcommerce", PETAL, wanted, LISTS).problems[field].sentence
    assert express("wizcommerce", customer(), wanted, LISTS).problems == {}
