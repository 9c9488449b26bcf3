"""What a person may choose for a connection: the defaults, and why a value cannot be chosen."""

import pytest

from engine.domain.choices import CHOICES, OWNERS, TIMETABLE, Choices, problem_with
from engine.domain.fields import SHARED, Lists
from engine.domain.values import CustomerField, System

DEFAULTS = {
    "strong-matches": "link",
    "new-customers-in-quickbooks": "all",
    "new-customers-in-wizcommerce": "all",
    "sub-customers": "separate",
    "missing-terms": "notice",
    "customer-type-attribute": "Customer Type",
    "products": "pull",
    "item-types": "Inventory, NonInventory, Service",
    "bundles": "skip",
    "sku-source": "sku",
    "prices": "always",
    "zero-prices": "hold",
    "zero-stock": "block",
    "online-payments": "off",
    "cancelled-orders": "void",
    "invoice-date": "order",
    "long-numbers": "hold",
    "tax": "quickbooks",
    "shipping-tax": "as-lines",
    "closed-books": "hold",
    "description-attribute": "Description",
    "invoice-records": "keep",
    "pull-invoices": "linked",
    "shipments": "keep",
    **{f"schedule-{what}": at for what, (_, at) in TIMETABLE.items()},
    "owner-name": "quickbooks",
    "owner-company": "quickbooks",
    "owner-given_name": "wizcommerce",
    "owner-family_name": "wizcommerce",
    "owner-phone": "wizcommerce",
    "owner-billing": "quickbooks",
    "owner-shipping": "wizcommerce",
    "owner-term": "quickbooks",
    "owner-customer_type": "wizcommerce",
}
"""Every choice that has a default; the others are nothing until they are chosen."""
BETWEEN: dict[str, tuple[str, ...]] = {
    "strong-matches": ("link", "ask"),
    "new-customers-in-quickbooks": ("all", "ordered"),
    "new-customers-in-wizcommerce": ("all", "none"),
    "sub-customers": ("separate", "skip"),
    "missing-terms": ("notice", "create"),
    "taxable": ("yes", "no"),
    "products": ("pull", "off"),
    "bundles": ("skip", "product"),
    "sku-source": ("sku", "name", "full-name"),
    "prices": ("always", "creation", "never"),
    "zero-prices": ("hold", "publish"),
    "zero-stock": ("block", "back-order", "hide"),
    "online-payments": ("off", "company"),
    "cancelled-orders": ("void", "ask"),
    "invoice-date": ("order", "confirmation", "ship"),
    "long-numbers": ("hold", "shorten"),
    "tax": ("quickbooks", "order", "line"),
    "shipping-tax": ("as-lines", "none"),
    "tax-after-discount": ("yes", "no"),
    "closed-books": ("hold", "first-open-day"),
    "invoice-records": ("keep", "off"),
    "pull-invoices": ("none", "linked", "all"),
    "shipments": ("keep", "off"),
    **{f"owner-{field}": ("quickbooks", "wizcommerce") for field in SHARED},
}
FORMED = {
    "terms",
    "exemption",
    "currency",
    "item-types",
    "payment-methods",
    "deposit-account",
    "number-field",
    "po-field",
    *(f"schedule-{what}" for what in TIMETABLE),
}
"""Choices whose text has a form."""
"""Every choice between words."""


@pytest.mark.parametrize("name", CHOICES)
def test_what_was_not_chosen_is_the_default(name: str) -> None:
    assert Choices().of(name) == Choices(said={name: ""}).of(name) == DEFAULTS.get(name, "")


@pytest.mark.parametrize("name", CHOICES)
def test_what_was_chosen_holds(name: str) -> None:
    assert Choices(said={name: "chosen"}).of(name) == "chosen"


def test_every_default_is_of_a_choice_and_can_be_chosen() -> None:
    assert DEFAULTS.keys() <= CHOICES.keys()
    assert {name: problem_with(name, choice.default) for name, choice in CHOICES.items()} == dict.fromkeys(CHOICES, "")


@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_says_what_it_is_about(name: str) -> None:
    assert len(CHOICES[name].about) > 20


def test_an_owner_is_chosen_for_a_field_as_people_call_it() -> None:
    assert CHOICES["owner-customer_type"].about == "who wins when the customer type was changed on both sides"


def test_the_attribute_of_the_customer_type_is_read_by_its_default() -> None:
    assert Lists().type_attribute == Choices().of("customer-type-attribute")


# ---- what can be chosen ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "words"), BETWEEN.items())
def test_a_choice_between_words_takes_those(name: str, words: tuple[str, ...]) -> None:
    between = " or ".join(words)
    assert {problem_with(name, word) for word in words} == {""}
    assert problem_with(name, "maybe") == f"{name} takes {between}, not 'maybe'."
    assert problem_with(name, words[0].upper()) == f"{name} takes {between}, not {words[0].upper()!r}."


@pytest.mark.parametrize("name", ["number-field", "po-field"])
def test_a_field_of_the_sales_forms_is_one_of_three(name: str) -> None:
    assert [problem_with(name, value) for value in ("", "1", "3", "4", "PO")] == [
        "",
        "",
        "",
        *[f"{name} is 1, 2 or 3."] * 2,
    ]


@pytest.mark.parametrize("name", sorted(CHOICES.keys() - BETWEEN.keys() - FORMED))
def test_any_other_choice_takes_any_text(name: str) -> None:
    assert problem_with(name, "any text; at all = fine") == ""


@pytest.mark.parametrize("name", CHOICES)
def test_nothing_takes_the_default_again(name: str) -> None:
    assert problem_with(name, "") == ""


@pytest.mark.parametrize("name", ["", "owner", "owner-active", "Taxable"])
def test_there_are_only_these_choices(name: str) -> None:
    told = problem_with(name, "yes")

    assert told.startswith(f"There is no choice {name!r}. There are: strong-matches, new-customers-in-quickbooks, ")
    assert all(one in told for one in CHOICES)
    assert told.endswith(".")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("terms", "NET30 EOM=Net 30"),
        ("terms", "NET30 EOM=Net 30; COD=Due on receipt;"),
        ("terms", "a=b=c"),
        ("exemption", "1"),
        ("exemption", "15"),
        ("currency", "USD"),
        ("item-types", "Service"),
        ("payment-methods", "card=3; Offline cheque = 12"),
        ("deposit-account", "35"),
        ("item-types", "Inventory,NonInventory, Service"),
    ],
)
def test_a_sound_value_can_be_chosen(name: str, value: str) -> None:
    assert problem_with(name, value) == ""


TERMS = "terms are written as `NET30 EOM=Net 30; COD=Due on receipt`."
EXEMPTION = "exemption is a number from 1 to 15."
METHODS = "payment-methods names QuickBooks' methods by their ids, which are numbers."
ACCOUNT = "deposit-account is the id of an account in QuickBooks, which is a number."
CURRENCY = "currency is three capital letters, as USD."


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("terms", "Net 30", TERMS),
        ("terms", "NET30=", TERMS),
        ("terms", "NET30= ", TERMS),
        ("terms", "=Net 30", TERMS),
        ("terms", "--=Net 30", TERMS),
        ("terms", ";", TERMS),
        ("terms", "A=Net 30;;B=Net 60", TERMS),
        ("terms", "NET30=Net 30; net-30=Net 60", TERMS),
        ("terms", "NET30=Net 30; COD", TERMS),
        ("exemption", "0", EXEMPTION),
        ("exemption", "16", EXEMPTION),
        ("exemption", "-1", EXEMPTION),
        ("exemption", "01", EXEMPTION),
        ("exemption", "1.5", EXEMPTION),
        ("exemption", "resale", EXEMPTION),
        ("exemption", "\u0663", EXEMPTION),
        ("exemption", "9" * 5000, EXEMPTION),
        ("payment-methods", "card", "payment-methods are written as `card=3; cheque=2`."),
        ("payment-methods", "card=Visa", METHODS),
        ("payment-methods", "card=\u0663", METHODS),
        ("deposit-account", "Checking", ACCOUNT),
        ("deposit-account", "3 5", ACCOUNT),
        ("currency", "usd", CURRENCY),
        ("currency", "US", CURRENCY),
        ("currency", "USDS", CURRENCY),
        ("currency", "US1", CURRENCY),
        ("currency", "ÄÖÜ", CURRENCY),
        ("currency", "USD\n", CURRENCY),
    ],
)
def test_a_wrong_value_is_told_with_what_would_be_right(name: str, value: str, told: str) -> None:
    assert problem_with(name, value) == told


# ---- what was chosen, read ---------------------------------------------------------------------------------------------


def test_each_shared_field_has_an_owner() -> None:
    assert Choices().owners == OWNERS
    assert tuple(Choices().owners) == SHARED


@pytest.mark.parametrize("field", SHARED)
@pytest.mark.parametrize("owner", ["quickbooks", "wizcommerce"])
def test_an_owner_is_chosen_for_one_field(field: CustomerField, owner: System) -> None:
    assert Choices(said={f"owner-{field}": owner}).owners == {**OWNERS, field: owner}


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("", {}),
        ("NET30 EOM=Net 30", {"net30eom": "Net 30"}),
        (" NET30 EOM = Net 30 ;COD= Due on receipt;", {"net30eom": "Net 30", "cod": "Due on receipt"}),
        ("a=b=c", {"a": "b=c"}),
        ("Net 30", {}),
        ("NET30=", {}),
        ("=Net 30", {}),
    ],
)
def test_terms_have_names_by_their_folded_text(said: str, names: dict[str, str]) -> None:
    assert Choices(said={"terms": said}).term_names == names
