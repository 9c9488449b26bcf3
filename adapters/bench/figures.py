"""The figures of a first sync, counted from what both systems hold afterwards and from the truth about their customers.

A *link* is a pair of ids: QuickBooks' and WizCommerce's. Customers are wire records, as the control addresses show them
(`GET state?entity=Customer` of QuickBooks, `GET state?entity=customers` of WizCommerce).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from adapters.bench.population import Customer, Population
from adapters.bench.spelling import Wire

Link = tuple[str, str]
Compared = Callable[[Wire, Wire], Iterable[str]]
"""The mapped fields in which a linked QuickBooks and WizCommerce customer differ."""
METERED = "coreplus"
"""Reads that count toward the plan. Source: QuickBooks reference, section 9."""


class After(msgspec.Struct, frozen=True):
    """Both systems after a first sync, and the links between them."""

    quickbooks: Sequence[Wire]
    wizcommerce: Sequence[Wire]
    links: Sequence[Link]


def after(quickbooks_state: Wire, wizcommerce_state: Wire, links: Iterable[Link]) -> After:
    """From the two states; QuickBooks has one company."""
    [company] = quickbooks_state["companies"].values()
    return After(company["records"]["Customer"], wizcommerce_state["customers"], tuple(links))


def figures(found: Population, done: After, compared: Compared, metered_reads: int, seconds: float) -> dict[str, Any]:
    """What `bin/bench first-sync --json` prints."""
    return {
        "quickbooks": len(done.quickbooks),
        "wizcommerce": len(done.wizcommerce),
        "linked": len(done.links),
        "held": len(held(done)),
        "unpredicted_holds": len(unpredicted_holds(found, done)),
        "duplicates": duplicates(found, done),
        "wrong_links": len(wrong_links(found, done)),
        "missed_links": len(missed_links(found, done)),
        "differences": differences(done, compared),
        "metered_reads": metered_reads,
        "seconds": round(seconds, 1),
    }


def metered_reads(calls: Wire) -> int:
    """From QuickBooks' `GET calls`."""
    return int(calls["totals"].get(METERED, 0))


def duplicates(found: Population, done: After) -> int:
    """Records beyond the first of one true customer in one system; a record that is nobody's counts as one too many."""
    of_quickbooks, of_wizcommerce = _who(found, done)
    return sum(len(side) - len(set(side.values()) - {None}) for side in (of_quickbooks, of_wizcommerce))


def wrong_links(found: Population, done: After) -> list[Link]:
    """Links between two different true customers, or with a record that is not there."""
    of_quickbooks, of_wizcommerce = _who(found, done)
    return [
        (here, there)
        for here, there in done.links
        if of_quickbooks.get(here) is None or of_quickbooks.get(here) != of_wizcommerce.get(there)
    ]


def missed_links(found: Population, done: After) -> list[Link]:
    """True pairs from before the sync that are not linked: those that wait for a person are among them."""
    links = set(done.links)
    true = ((found.quickbooks[here].wire["Id"], found.wizcommerce[there].wire["id"]) for here, there in found.pairs)
    return [pair for pair in true if pair not in links]


def held(done: After) -> list[str]:
    """The ids of all active customers, of both systems, that have no link."""
    linked = {one for link in done.links for one in link}
    active = [one["Id"] for one in done.quickbooks if one.get("Active", True)]
    active += [one["id"] for one in done.wizcommerce if one["status"] == "active"]
    return [one for one in active if one not in linked]


def unpredicted_holds(found: Population, done: After) -> list[str]:
    """Those of the held that nobody foretold: neither ambiguous nor with something the other side does not take."""
    foretold = {_id(one) for one in (*found.quickbooks, *found.wizcommerce) if one.fate == "held" or one.trouble}
    return [one for one in held(done) if one not in foretold]


def differences(done: After, compared: Compared) -> int:
    """Mapped fields in which linked customers differ, over all links whose two records are there."""
    here = {one["Id"]: one for one in done.quickbooks}
    there = {one["id"]: one for one in done.wizcommerce}
    both = ((here[one], there[other]) for one, other in done.links if one in here and other in there)
    return sum(len(list(compared(*pair))) for pair in both)


def details(wire: Wire) -> frozenset[tuple[str, str]]:
    """The e-mails, the phone's digits without a leading 1 and the postal codes of a customer of either system, by kind."""
    mail = wire.get("PrimaryEmailAddr", {}).get("Address") or wire.get("email") or ""
    phone = wire.get("PrimaryPhone", {}).get("FreeFormNumber") or wire.get("phone") or ""
    places = [*(wire.get(key, {}) for key in ("BillAddr", "ShipAddr")), *wire.get("addresses", ())]
    found = {("email", one.strip()) for one in mail.split(",")}
    found.add(("phone", "".join(c for c in phone if c.isdigit()).removeprefix("1")))
    found |= {("postal code", place.get("PostalCode") or place.get("zip_code") or "") for place in places}
    return frozenset((kind, value) for kind, value in found if value)


def _id(one: Customer) -> str:
    return str(one.wire.get("Id") or one.wire["id"])


def _who(found: Population, done: After) -> tuple[dict[str, int | None], dict[str, int | None]]:
    """Who each record is, by its id, on each side: known when it was there before, else told by its details."""
    owners: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for one in (*found.quickbooks, *found.wizcommerce):
        for detail in details(one.wire):
            owners[detail].add(one.identity)
    were_here, were_there = found.quickbooks_identities, found.wizcommerce_identities
    return (
        {one["Id"]: _identity(one, were_here.get(one["Id"]), owners) for one in done.quickbooks},
        {one["id"]: _identity(one, were_there.get(one["id"]), owners) for one in done.wizcommerce},
    )


def _identity(one: Wire, known: int | None, owners: Mapping[tuple[str, str], Iterable[int]]) -> int | None:
    """The customer most of the details are of; None when none of them is anybody's."""
    if known is not None:
        return known
    votes = Counter(owner for detail in details(one) for owner in owners.get(detail, ()))
    return votes.most_common(1)[0][0] if votes else None
