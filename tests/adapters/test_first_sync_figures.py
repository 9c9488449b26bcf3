"""The figures of a first sync, counted from states in which exactly one thing went wrong."""

from collections.abc import Iterable
from typing import Any

import pytest
from msgspec.structs import replace

from adapters.bench.figures import (
    After,
    after,
    differences,
    duplicates,
    figures,
    held,
    metered_reads,
    missed_links,
    unpredicted_holds,
    wrong_links,
)
from adapters.bench.population import Customer, Population, population

Wire = dict[str, Any]
AS_QUICKBOOKS_HAS_IT, AS_WIZCOMMERCE_HAS_IT = {"Active": True}, {"status": "active"}


@pytest.fixture(scope="module")
def found() -> Population:
    return population(100, seed=3)


@pytest.fixture(scope="module")
def done(found: Population) -> After:
    """As it should be: everybody linked or created but for those who are held, inactive, or in trouble."""
    quickbooks = [{**AS_QUICKBOOKS_HAS_IT, **one.wire} for one in found.quickbooks]
    wizcommerce = [{**AS_WIZCOMMERCE_HAS_IT, **one.wire} for one in found.wizcommerce]
    links = [(found.quickbooks[here], found.wizcommerce[there]) for here, there in found.pairs]
    linked = [(here.wire["Id"], there.wire["id"]) for here, there in links if here.fate == "linked"]
    for one in (one for one in found.quickbooks if one.fate == "created" and not one.trouble):
        wizcommerce.append(in_wizcommerce(one))
        linked.append((one.wire["Id"], wizcommerce[-1]["id"]))
    for one in (one for one in found.wizcommerce if one.fate == "created" and not one.trouble):
        quickbooks.append(in_quickbooks(one))
        linked.append((quickbooks[-1]["Id"], one.wire["id"]))
    return After(quickbooks, wizcommerce, linked)


def in_wizcommerce(one: Customer) -> Wire:
    """A QuickBooks customer as it is created in WizCommerce, by its e-mails and phone alone."""
    mail, phone = one.wire["PrimaryEmailAddr"]["Address"], one.wire["PrimaryPhone"]["FreeFormNumber"]
    return {"id": f"new-{one.identity}", "status": "active", "name": "Anything", "email": mail, "phone": phone}


def in_quickbooks(one: Customer) -> Wire:
    """A WizCommerce customer as it is created in QuickBooks, by its phone alone."""
    phone = {"FreeFormNumber": one.wire["phone"]}
    return {"Id": f"9{one.identity}", "Active": True, "DisplayName": "Anything", "PrimaryPhone": phone}


def with_one(of: Iterable[Customer], fate: str) -> Customer:
    return next(one for one in of if one.fate == fate and not one.trouble)


def no_difference(_here: Wire, _there: Wire) -> list[str]:
    return []


def test_a_sync_that_went_well_has_nothing_wrong_and_its_holds_are_the_predicted_ones(
    found: Population, done: After
) -> None:
    said = figures(found, done, no_difference, metered_reads=3, seconds=1.26)
    ambiguous = sum(found.quickbooks[here].fate == "held" for here, _ in found.pairs)
    waiting = [one for one in (*found.quickbooks, *found.wizcommerce) if one.fate == "held" or one.trouble]
    assert said == {
        "quickbooks": len(done.quickbooks),
        "wizcommerce": len(done.wizcommerce),
        "linked": len(done.links),
        "held": len(waiting),
        "unpredicted_holds": 0,
        "duplicates": 0,
        "wrong_links": 0,
        "missed_links": ambiguous,
        "differences": 0,
        "metered_reads": 3,
        "seconds": 1.3,
    }
    assert ambiguous == 3 and said["linked"] > 100


@pytest.mark.parametrize("fate", ["linked", "held"])
def test_a_customer_created_where_it_is_already_is_a_duplicate(found: Population, done: After, fate: str) -> None:
    both = with_one((found.wizcommerce[there] for _, there in found.pairs), fate)
    assert duplicates(found, replace(done, quickbooks=[*done.quickbooks, in_quickbooks(both)])) == 1


def test_a_namesake_created_beside_the_other_business_is_no_duplicate(found: Population, done: After) -> None:
    namesake = next(one for one in found.wizcommerce if one.cause == "namesake")
    assert duplicates(found, replace(done, quickbooks=[*done.quickbooks, in_quickbooks(namesake)])) == 0


def test_one_created_twice_is_a_duplicate_and_so_is_a_record_that_is_nobodys(found: Population, done: After) -> None:
    again = {**in_wizcommerce(with_one(found.quickbooks, "created")), "id": "again"}
    nobody = {"id": "nobody", "status": "active", "name": "Anything"}
    assert duplicates(found, replace(done, wizcommerce=[*done.wizcommerce, again])) == 1
    assert duplicates(found, replace(done, wizcommerce=[*done.wizcommerce, nobody])) == 1


def test_two_links_that_are_crossed_are_wrong_and_their_true_pairs_missed(found: Population, done: After) -> None:
    (one, other), (here, there), *rest = done.links
    crossed = replace(done, links=[(one, there), (here, other), *rest])
    assert wrong_links(found, crossed) == [(one, there), (here, other)]
    assert set(missed_links(found, crossed)) - set(missed_links(found, done)) == {(one, other), (here, there)}


def test_a_link_with_a_record_that_is_not_there_is_wrong(found: Population, done: After) -> None:
    nowhere = [(done.links[0][0], "nowhere"), ("nowhere", done.links[1][1]), ("nowhere", "nowhere")]
    assert wrong_links(found, replace(done, links=nowhere)) == nowhere


def test_a_customer_left_without_a_link_is_a_hold_that_nobody_foretold(found: Population, done: After) -> None:
    left = replace(done, links=done.links[1:])
    assert sorted(set(held(left)) - set(held(done))) == sorted(done.links[0])
    assert sorted(unpredicted_holds(found, left)) == sorted(done.links[0])


def test_differences_are_counted_field_by_field_over_all_links(done: After) -> None:
    first = done.links[0]

    def two_for_the_first(here: Wire, there: Wire) -> list[str]:
        return ["name", "phone"] if (here["Id"], there["id"]) == first else []

    assert differences(done, two_for_the_first) == 2


def test_the_states_and_calls_are_read_as_the_control_addresses_show_them() -> None:
    here = {"companies": {"9341": {"records": {"Customer": [{"Id": "1"}]}}}}
    assert after(here, {"customers": [{"id": "a"}]}, [("1", "a")]) == After([{"Id": "1"}], [{"id": "a"}], (("1", "a"),))
    assert metered_reads({"totals": {"core": 5, "coreplus": 3}}) == 3 and metered_reads({"totals": {}}) == 0
