"""When two names of businesses may be one: what is left of a name without case, accents, punctuation and its company's form."""

import pytest

from engine.domain.fields import without_accents
from engine.domain.names import FORMS, name_key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Bloom & Co., Inc.", "bloom"),
        ("BLOOM AND CO", "bloom"),
        ("Bloom and", "bloom"),
        ("Bed & Bath", "bedandbath"),
        ("Bed and Bath", "bedandbath"),
        ("A&B", "aandb"),
        ("Café Bloom", "cafebloom"),
        ("Cafe\u0301 Bloom", "cafebloom"),
        ("Straße", "strasse"),
        ("Joe's Blooms", "joesblooms"),
        ("Joe\u2019s Blooms", "joesblooms"),
        ("Petal O'Co", "petaloco"),
        ("Petal O\u2019Co", "petaloco"),
        ("Bloom L.L.C.", "bloom"),
        ("Bloom, L.t.d", "bloom"),
        ("Bloom_Co-Ltd", "bloom"),
        ("Incline", "incline"),
        ("Co-op Bloom", "coopbloom"),
        ("Bloom Company Store", "bloomcompanystore"),
        ("Limited Editions Ltd", "limitededitions"),
        ("  Bloom \t 2 ", "bloom2"),
        ("花 & Co", "花"),
    ],
)
def test_a_name_has_a_key(written: str, key: str) -> None:
    assert name_key(written) == key


@pytest.mark.parametrize(
    "form",
    ["Inc", "Incorporated", "LLC", "LLP", "Ltd", "Limited", "Co", "Corp", "Corporation", "Company", "GmbH", "PLC"],
)
def test_the_form_of_a_company_says_nothing_at_the_end(form: str) -> None:
    assert form.casefold() in FORMS
    assert name_key(f"Bloom, {form}.") == name_key(f"Bloom {form} {form}") == "bloom"
    assert name_key(f"{form} Bloom") == f"{form.casefold()}bloom"


def test_every_form_is_among_those_tried() -> None:
    assert len(FORMS) == 12


@pytest.mark.parametrize(
    ("written", "key"), [("Co", "co"), ("Company & Co.", "companyandco"), ("& Inc", "andinc"), ("and", "and")]
)
def test_a_name_of_nothing_but_forms_keeps_them(written: str, key: str) -> None:
    assert name_key(written) == key


@pytest.mark.parametrize("written", ["", "  ", "...", "'", "_-_"])
def test_a_name_without_a_letter_has_no_key(written: str) -> None:
    assert name_key(written) == ""


@pytest.mark.parametrize(
    ("written", "plain"), [("Café", "Cafe"), ("Cafe\u0301", "Cafe"), ("Ærø", "Ærø"), ("ﬁne", "fine"), ("", "")]
)
def test_accents_are_left_out(written: str, plain: str) -> None:
    assert without_accents(written) == plain
