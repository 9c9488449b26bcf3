"""What cannot be said on the other side, each with its sentence and the next step."""

from typing import Any

import pytest
from msgspec.structs import replace

from engine.domain.customer import OTHER
from engine.domain.expressing import Problem, express
from engine.domain.merging import Wanted
from engine.domain.values import Address, CustomerContent, CustomerField, Personal, System
from tests.wholesale import DOVER, FLORIST, FREE_FORM, LISTS, PETAL, customer


def unsaid(target: System, field: CustomerField, now: CustomerContent = PETAL, **shows: Any) -> Problem:
    """Why it cannot be said, and nothing is."""
    wanted = {field: Wanted(source=OTHER[target], content=customer(**shows))}
    done = express(target, now, wanted, LISTS)
    assert (done.fields, done.content) == ((), now)
    assert done.problems.keys() == {field}
    return done.problems[field]


SUB = replace(PETAL, parent="57")
LONG = "Q" * 256
NO_PHONE = (
    "the phone number in QuickBooks is not one that can be written as +14155550100",
    "Correct it in QuickBooks, or enter it in WizCommerce.",
)
FREE_TEXT = (
    "the address in QuickBooks is free text, in which city and postal code cannot be told apart",
    "Enter the address in WizCommerce, or its city and postal code in QuickBooks.",
)
NO_CITY = ("the address in QuickBooks has no city, which WizCommerce requires", "Add the city in QuickBooks.")
NO_STREET = (
    "the address in QuickBooks has no street line, which WizCommerce requires",
    "Add the street line in QuickBooks.",
)
TOO_LONG = ("it has 256 characters; WizCommerce takes at most 255", "Shorten it in QuickBooks.")
ADD_TERM = 'Add the term in QuickBooks, or say which one is meant: `wizqbo set CONNECTION terms "THEIRS=OURS"`.'
ADD_TYPE = "Add the customer type in QuickBooks (Sales › Customers › Customer types); it goes by itself then."
NOT_ACTIVE = "Choose another for the customer in QuickBooks, or make it active there."


@pytest.mark.parametrize(
    ("target", "field", "shows", "sentence", "next_step"),
    [
        (
            "quickbooks",
            "name",
            {"display_name": Personal(" : ")},
            "it has no name that QuickBooks could take",
            "Give it a name.",
        ),
        (
            "quickbooks",
            "phone",
            {"phone": Personal("5" * 31)},
            "the phone number has 31 characters; QuickBooks takes at most 30",
            "Shorten it in WizCommerce.",
        ),
        ("quickbooks", "term", {"payment_term": "Net 90"}, "QuickBooks has no payment term 'Net 90'", ADD_TERM),
        (
            "quickbooks",
            "term",
            {"payment_term": "n" * 70},
            f"QuickBooks has no payment term '{'n' * 60}'",
            ADD_TERM,
        ),
        (
            "quickbooks",
            "customer_type",
            {"attributes": (replace(FLORIST, value=Personal("Grocer")),)},
            "QuickBooks has no customer type of that name, and none can be made for it by a program",
            ADD_TYPE,
        ),
        (
            "quickbooks",
            "customer_type",
            {"attributes": (replace(FLORIST, value=Personal("g" * 70)),)},
            "QuickBooks has no customer type of that name, and none can be made for it by a program",
            ADD_TYPE,
        ),
        ("wizcommerce", "name", {"display_name": Personal(LONG)}, *TOO_LONG),
        ("wizcommerce", "company", {"company_name": Personal(LONG)}, *TOO_LONG),
        ("wizcommerce", "given_name", {"given_name": Personal(LONG)}, *TOO_LONG),
        ("wizcommerce", "family_name", {"family_name": Personal(LONG)}, *TOO_LONG),
        ("wizcommerce", "phone", {"phone": Personal("n/a")}, *NO_PHONE),
        ("wizcommerce", "phone", {"phone": Personal("555-0188")}, *NO_PHONE),
        (
            "wizcommerce",
            "phone",
            {"phone": Personal("415 555 0188"), "billing": replace(DOVER, country="GB")},
            *NO_PHONE,
        ),
        (
            "wizcommerce",
            "term",
            {"payment_term": "9"},
            "QuickBooks does not list its payment term as active",
            NOT_ACTIVE,
        ),
        (
            "wizcommerce",
            "customer_type",
            {"type_id": "900"},
            "QuickBooks does not list its customer type as active",
            NOT_ACTIVE,
        ),
        ("wizcommerce", "billing", {"billing": FREE_FORM}, *FREE_TEXT),
        ("wizcommerce", "shipping", {"shipping": FREE_FORM}, *FREE_TEXT),
        ("wizcommerce", "billing", {"billing": replace(DOVER, city="")}, *NO_CITY),
        ("wizcommerce", "shipping", {"shipping": replace(DOVER, lines=Personal(" \n"))}, *NO_STREET),
        ("wizcommerce", "shipping", {"shipping": replace(DOVER, lines=Personal(None))}, *NO_STREET),
        ("wizcommerce", "billing", {"billing": Address(country="US")}, *NO_CITY),
        (
            "wizcommerce",
            "billing",
            {"billing": replace(DOVER, city="D" * 51)},
            "the city has 51 characters; WizCommerce takes at most 50",
            "Shorten it in QuickBooks.",
        ),
    ],
)
def test_what_cannot_be_said_has_a_sentence_without_the_personal_text(
    target: System, field: CustomerField, shows: dict[str, Any], sentence: str, next_step: str
) -> None:
    problem = unsaid(target, field, **shows)

    assert (problem.sentence, problem.next_step) == (sentence, next_step)
    if field not in ("term", "customer_type"):
        assert not [t for t in _personal_texts(customer(**shows)) if t in sentence + next_step]


def test_the_name_of_a_sub_customer_is_made_in_quickbooks() -> None:
    problem = unsaid("quickbooks", "name", SUB)

    assert problem.sentence == "it is a sub-customer in QuickBooks, whose full name is made there"
    assert problem.next_step == "Rename it in QuickBooks."


@pytest.mark.parametrize("now", [PETAL, replace(PETAL, billing=None)])
def test_free_text_never_becomes_an_address_of_wizcommerce(now: CustomerContent) -> None:
    assert unsaid("wizcommerce", "billing", now, billing=FREE_FORM).sentence == FREE_TEXT[0]


def _personal_texts(content: CustomerContent) -> list[str]:
    """Every text of it that names a person or a place."""
    addresses = [a for a in (content.billing, content.shipping) if a is not None]
    texts = [content.display_name, content.company_name, content.given_name, content.family_name, content.phone]
    texts += [address.lines for address in addresses]
    lines = [*(line.strip() for text in texts for line in (text.text or "").splitlines()), *(a.city for a in addresses)]
    return [line for line in lines if line]
