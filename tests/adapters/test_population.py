"""The population of the first sync: what it says of itself is true, judged by the rules of matching written once more."""

import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import chain
from typing import Any

import pytest

from adapters.bench.figures import details
from adapters.bench.population import CONNECTION, LONG_TERM, Customer, Population, fates, population
from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.wizcommerce.standin import WizCommerceStandIn

Fated = tuple[str, str]
SUFFIXES = (
    "inc",
    "incorporated",
    "llc",
    "llp",
    "ltd",
    "limited",
    "co",
    "corp",
    "corporation",
    "company",
    "gmbh",
    "plc",
)


@pytest.fixture(scope="module")
def whole() -> Population:
    return population(2000, seed=7)


# ---- the rules of matching, written once more -------------------------------------------------------------------------------


def name_of(text: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()
    plain = plain.replace("&", " and ").replace("'", "").replace(".", "")
    words = "".join(c if c.isalnum() else " " for c in plain).split()
    while words[-1] in (*SUFFIXES, "and"):
        words.pop()
    return "".join(words)


def keys_of(wire: dict[str, Any]) -> dict[str, set[str]]:
    """By what a record of either system is recognised."""
    names = [wire[key] for key in ("DisplayName", "CompanyName", "name", "display_name") if key in wire]
    keys = {
        "name": {name_of(name) for name in names},
        "email": set[str](),
        "phone": set[str](),
        "postal code": set[str](),
    }
    for kind, value in details(wire):
        keys[kind].add(value)
    return keys


def judged(found: Population) -> tuple[list[Fated], list[Fated]]:
    """What the rules make of each record of each side; a namesake is told from a weak match by the truth alone."""
    here, there = [[keys_of(one.wire) for one in side] for side in (found.quickbooks, found.wizcommerce)]
    by_key: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for place, keys in enumerate(there):
        for kind in ("name", "email"):
            for value in keys[kind]:
                by_key[kind, value].add(place)
    named = {
        one.wire["reference_id"]: place for place, one in enumerate(found.wizcommerce) if "reference_id" in one.wire
    }
    agree: list[tuple[int, int, str]] = []
    for place, one in enumerate(found.quickbooks):
        near = set().union(*(by_key[kind, value] for kind in ("name", "email") for value in here[place][kind]))
        claimed = named.get(f"QBO:{CONNECTION}:customer:{one.wire['Id']}")
        for other in sorted(near):
            if one.wire.get("Active", True) and found.wizcommerce[other].wire.get("status") != "inactive":
                equal = {kind for kind in here[place] if here[place][kind] & there[other][kind]}
                strong = "name" in equal and len(equal) > 1
                agree.append((place, other, "certain" if other == claimed else "strong" if strong else "weak"))
    return _ends(found.quickbooks, agree, lambda one: one[0]), _ends(found.wizcommerce, agree, lambda one: one[1])


def _ends(
    side: tuple[Customer, ...], agree: list[tuple[int, int, str]], place_of: Callable[[tuple[int, int, str]], int]
) -> list[Fated]:
    strong = [one for one in agree if one[2] != "weak"]
    counts = Counter(chain.from_iterable((("here", here), ("there", there)) for here, there, _ in strong))
    several = {place_of(one) for one in strong if counts["here", one[0]] > 1 or counts["there", one[1]] > 1}
    linked, matched = {place_of(one) for one in strong}, {place_of(one) for one in agree}
    ends: list[Fated] = []
    for place, one in enumerate(side):
        if one.wire.get("Active") is False or one.wire.get("status") == "inactive":
            ends.append(("inactive", ""))
        elif place in several:
            ends.append(("held", "several"))
        elif place in linked:
            ends.append(("linked", ""))
        elif place in matched:
            ends.append(("held", "namesake" if one.cause == "namesake" else "weak"))
        else:
            ends.append(("created", ""))
    return ends


# ---- it is what it says -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("customers", "seed"), [(2000, 7), (200, 1), (200, 2), (40, 3), (57, 4)])
def test_by_the_rules_of_matching_every_record_comes_to_the_end_that_is_predicted(customers: int, seed: int) -> None:
    found = population(customers, seed)
    for side, ends in zip((found.quickbooks, found.wizcommerce), judged(found), strict=True):
        assert [(one.fate, one.cause) for one in side] == ends


def test_two_thousand_on_each_side_have_twelve_hundred_in_common_thirty_of_them_ambiguous(whole: Population) -> None:
    assert len(whole.quickbooks) == len(whole.wizcommerce) == 2000
    assert len(whole.pairs) == 1200
    ambiguous = [whole.quickbooks[here] for here, _ in whole.pairs if whole.quickbooks[here].fate == "held"]
    assert Counter(one.cause for one in ambiguous) == {"weak": 15, "several": 15}
    for side in (whole.quickbooks, whole.wizcommerce):
        found = fates(side)
        assert sum(found.values()) == 2000
        assert (found["linked", ""], found["held", "namesake"], found["inactive", ""]) == (1170, 20, 40)


def test_an_identity_is_on_each_side_once_at_most_and_a_pair_is_one_business(whole: Population) -> None:
    for side in (whole.quickbooks, whole.wizcommerce):
        assert len({one.identity for one in side}) == len(side)
    for here, there in whole.pairs:
        one, other = whole.quickbooks[here], whole.wizcommerce[there]
        assert (one.identity, one.business, one.fate, one.cause) == (
            other.identity,
            other.business,
            other.fate,
            other.cause,
        )


def test_two_businesses_share_no_email_phone_or_postal_code_and_namesakes_share_a_name(whole: Population) -> None:
    owners: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for one in (*whole.quickbooks, *whole.wizcommerce):
        for kind, value in details(one.wire):
            if not (kind == "phone" and one.trouble == "impossible phone"):
                owners[kind, value].add(one.business)
    assert {key: found for key, found in owners.items() if len(found) > 1} == {}
    namesakes = [one for one in (*whole.quickbooks, *whole.wizcommerce) if one.cause == "namesake"]
    names = Counter(
        name_of(one.wire.get("CompanyName") or one.wire.get("name") or one.wire["DisplayName"]) for one in namesakes
    )
    assert len({one.business for one in namesakes}) == 40 and set(names.values()) == {2}


def test_the_same_seed_makes_the_same_population_and_another_seed_another(whole: Population) -> None:
    assert population(2000, 7) == whole != population(2000, 8)


def test_one_customer_is_written_in_the_ways_that_people_write_it(whole: Population) -> None:
    here, there = [
        json.dumps([one.wire for one in side], ensure_ascii=False) for side in (whole.quickbooks, whole.wizcommerce)
    ]
    for way in (" & Co", " and Co.", ", Inc.", " INC", " llc", "é", "'s ", "  ", "-", " AND "):
        assert way in here and way in there, way
    for way in (".example, ", ".example,desk@", '"(2', '"+1 2', '"1-2', '"Line5"', '"USA"', '"United States"', '"US"'):
        assert way in here, way
    for way in ('"  ', '"Net 45"', '"net-45"', '"NET75"', f'"QBO:{CONNECTION}:customer:', LONG_TERM):
        assert way in there, way
    assert len(LONG_TERM) == 40
    assert {len(one.wire["email"]) for one in whole.wizcommerce if one.trouble == "long e-mail"} == {300}
    troubles = Counter(one.trouble for one in (*whole.quickbooks, *whole.wizcommerce) if one.trouble)
    assert troubles == {"no city": 5, "impossible phone": 10, "long e-mail": 5, "long term": 5}


def test_too_few_or_too_many_are_refused_with_a_sentence() -> None:
    for customers, said in ((39, "at least 40"), (10_000, "words for 18432 businesses only")):
        with pytest.raises(ValueError, match=said):
            population(customers)


# ---- the stand-ins take it --------------------------------------------------------------------------------------------------


def test_both_stand_ins_take_all_of_it_under_the_ids_it_says() -> None:
    found = population(200, seed=5)
    quickbooks, wizcommerce = QuickBooksStandIn(), WizCommerceStandIn()

    theirs, ours = quickbooks.seed(found.quickbooks_seed), wizcommerce.seed(found.wizcommerce_seed)

    assert theirs["customers"] == list(found.quickbooks_identities) and len(theirs["customers"]) == 200
    assert ours["customers"] == list(found.wizcommerce_identities) and len(ours["customers"]) == 200
    kept = {one["Id"]: one for one in quickbooks.customers()}
    for one in found.quickbooks:
        name = one.wire["DisplayName"] + (" (deleted)" if one.fate == "inactive" else "")
        assert kept[one.wire["Id"]]["DisplayName"] == name
