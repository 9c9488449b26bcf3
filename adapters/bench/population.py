"""Customers for a first sync: two lists as two systems have them after years apart, and the truth about who is who.

The truth is made first, the writing of it after: so it is known which two records are one customer, and what a first sync may
make of each record by the rules of matching. An *identity* is one customer account; it appears once on a side at most. A
*branch* is an account of its own of a business that has another one: it shares that one's e-mail, and has an identity of its own.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import count, cycle
from random import Random
from typing import Literal
from uuid import UUID, uuid5

import msgspec

from adapters.bench.spelling import TERMS, Business, Known, Wire, names, own, quickbooks_record, wizcommerce_record

CONNECTION = "acme"
Fate = Literal["linked", "held", "created", "inactive"]
Cause = Literal["", "weak", "several", "namesake"]
Trouble = Literal["", "no city", "long e-mail", "impossible phone", "long term"]
COMMON_PERCENT = 60
FEWEST = 40
FIRST_QUICKBOOKS_ID = 1001
"""Above the ids of whatever a company was founded with."""
LONG_EMAIL_CHARACTERS = 300
LONG_TERM = "Net 30 from the end of the quarter, EOM."
_NAMESPACE = UUID("0d9b6ab5-4f0e-5c3c-8a55-7d1a9a4a3c11")


class Customer(msgspec.Struct, frozen=True):
    """A record of one system, in its wire field names, and what is true of it.

    `fate` is what a first sync makes of it before a person decides anything: linked, held with its `cause`, created on the other
    side, or left alone because it is inactive. `trouble` is what the other side will not take as it is, '' if nothing.
    """

    wire: Wire
    identity: int
    business: int
    fate: Fate
    cause: Cause = ""
    trouble: Trouble = ""


class Population(msgspec.Struct, frozen=True):
    """Both sides, each in the order in which it is seeded."""

    quickbooks: tuple[Customer, ...]
    wizcommerce: tuple[Customer, ...]

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """The true pairs, as places in `quickbooks` and in `wizcommerce`."""
        places = {one.identity: place for place, one in enumerate(self.wizcommerce)}
        both = ((place, places.get(one.identity)) for place, one in enumerate(self.quickbooks))
        return tuple((here, there) for here, there in both if there is not None)

    @property
    def quickbooks_seed(self) -> Wire:
        """The body of `POST /_standin/seed` of QuickBooks."""
        terms = [{"Id": term, "Name": name, "DueDays": int(name[-2:])} for term, name in TERMS.items()]
        return {"terms": terms, "customers": [one.wire for one in self.quickbooks]}

    @property
    def wizcommerce_seed(self) -> Wire:
        """The body of `POST /_standin/seed` of WizCommerce."""
        return {"customers": [one.wire for one in self.wizcommerce]}

    @property
    def quickbooks_identities(self) -> dict[str, int]:
        """Identity by QuickBooks id."""
        return {one.wire["Id"]: one.identity for one in self.quickbooks}

    @property
    def wizcommerce_identities(self) -> dict[str, int]:
        """Identity by WizCommerce id."""
        return {one.wire["id"]: one.identity for one in self.wizcommerce}


def population(customers: int = 2000, seed: int = 1) -> Population:
    """So many customers on each side, the same for the same seed. Raises ValueError below 40 and above some 9,000."""
    if customers < FEWEST:
        raise ValueError(f"A population has at least {FEWEST} customers on each side, not {customers}.")
    return _Making(customers, seed).population()


class _Making:
    """One population in the making."""

    def __init__(self, customers: int, seed: int) -> None:
        self._customers = customers
        self._random = Random(seed)
        self._names = iter(names(self._random, 2 * customers))
        self._numbers = count()
        self._quickbooks: list[Customer] = []
        self._wizcommerce: list[Customer] = []
        self._claimed: set[int] = set()

    def population(self) -> Population:
        self._common()
        self._namesakes()
        self._one_sided(self._quickbooks, ("no city", "impossible phone"))
        self._one_sided(self._wizcommerce, ("long e-mail", "impossible phone", "long term"))
        for side in (self._quickbooks, self._wizcommerce):
            self._random.shuffle(side)
        return self._numbered()

    def _numbered(self) -> Population:
        """With their ids, and with the references to them."""
        quickbooks = tuple(
            msgspec.structs.replace(one, wire={"Id": str(FIRST_QUICKBOOKS_ID + place), **one.wire})
            for place, one in enumerate(self._quickbooks)
        )
        ids = {one.identity: one.wire["Id"] for one in quickbooks if one.identity in self._claimed}
        wizcommerce = []
        for place, one in enumerate(self._wizcommerce):
            names_other = (
                {"reference_id": f"QBO:{CONNECTION}:customer:{ids[one.identity]}"} if one.identity in ids else {}
            )
            own = {"id": str(uuid5(_NAMESPACE, f"customer {place}")), **names_other}
            wizcommerce.append(msgspec.structs.replace(one, wire={**own, **one.wire}))
        return Population(quickbooks, tuple(wizcommerce))

    # ---- who there is --------------------------------------------------------------------------------------------------------

    def _common(self) -> None:
        """Customers of both: certain, ambiguous, and for the most part strong."""
        common = self._customers * COMMON_PERCENT // 100
        certain, ambiguous = _share(self._customers, 1.0), max(3, _share(self._customers, 1.5))
        for number in range(certain):
            self._certain(renamed=number % 2 == 0)
        kinds: Iterator[str] = cycle(("name only", "several in QuickBooks", "e-mail only", "several in WizCommerce"))
        for _, kind in zip(range(ambiguous), kinds, strict=False):
            self._ambiguous(kind)
        for _ in range(common - certain - ambiguous):
            here = self._business()
            self._both(here, here, self._agreeing(), "linked")

    def _certain(self, renamed: bool) -> None:
        """WizCommerce's record names QuickBooks', and the e-mail agrees; the name may be another one."""
        here = self._business()
        there = msgspec.structs.replace(here, name=next(self._names)) if renamed else here
        self._claimed.add(here.number)
        self._both(here, there, {"email"}, "linked")

    def _ambiguous(self, kind: str) -> None:
        """One of both that a person has to decide about; with several, its branch too."""
        here = self._business()
        if kind == "name only":
            self._both(here, here, set(), "held", "weak")
        elif kind == "e-mail only":
            there = msgspec.structs.replace(here, name=next(self._names))
            self._both(here, there, {"email"}, "held", "weak")
        else:
            self._both(here, here, {"email"}, "held", "several")
            branch = self._former(here)
            known = Known(here.name, here, branch, branch)
            if kind == "several in QuickBooks":
                wire = quickbooks_record(self._random, known) | {
                    "DisplayName": f"{here.name} - Warehouse",
                    "CompanyName": here.name,
                }
                self._quickbooks.append(Customer(wire, branch.number, here.number, "held", "several"))
            else:
                wire = wizcommerce_record(self._random, known)
                self._wizcommerce.append(Customer(wire, branch.number, here.number, "held", "several"))

    def _namesakes(self) -> None:
        """Two businesses of one name, one on each side, that have nothing else in common."""
        for _ in range(_share(self._customers, 1.0)):
            here = self._business()
            there = self._former(here)
            for side, wire, one in (
                (self._quickbooks, quickbooks_record(self._random, own(here)), here),
                (self._wizcommerce, wizcommerce_record(self._random, own(there)), there),
            ):
                side.append(Customer(wire, one.number, one.number, "held", "namesake"))

    def _one_sided(self, side: list[Customer], troubles: Sequence[Trouble]) -> None:
        """Fills a side up with customers of its own: some inactive, some that the other side will not take as they are."""
        for _ in range(_share(self._customers, 2.0)):
            self._alone(side, "inactive")
        for trouble in troubles:
            for _ in range(_share(self._customers, 0.25)):
                self._alone(side, "created", trouble)
        while len(side) < self._customers:
            self._alone(side, "created")

    def _alone(self, side: list[Customer], fate: Fate, trouble: Trouble = "") -> None:
        one = self._business()
        if side is self._quickbooks:
            wire = {
                **quickbooks_record(self._random, own(one), free_form=trouble == "no city"),
                **_QUICKBOOKS_TROUBLES[trouble],
            }
            wire |= {"Active": False} if fate == "inactive" else {}
        else:
            wire = {**wizcommerce_record(self._random, own(one)), **_WIZCOMMERCE_TROUBLES[trouble]}
            wire |= {"email": one.email.rjust(LONG_EMAIL_CHARACTERS, "x")} if trouble == "long e-mail" else {}
            wire |= {"status": "inactive"} if fate == "inactive" else {}
        side.append(Customer(wire, one.number, one.number, fate, trouble=trouble))

    def _both(self, here: Business, there: Business, agreeing: set[str], fate: Fate, cause: Cause = "") -> None:
        """One customer on both sides, whose `agreeing` details are equal; the others are older in QuickBooks, or missing."""
        older = self._former(here)
        details = {key: self._random.choice((older, None)) for key in ("email", "phone", "place")}
        known = Known(here.name, **{key: here if key in agreeing else was for key, was in details.items()})
        free_form = "place" not in agreeing and self._random.random() < 0.5
        wire = quickbooks_record(self._random, known, free_form=free_form)
        self._quickbooks.append(Customer(wire, here.number, here.number, fate, cause))
        self._wizcommerce.append(
            Customer(wizcommerce_record(self._random, own(there)), here.number, here.number, fate, cause)
        )

    def _agreeing(self) -> set[str]:
        """One, two or all of the details that make an equal name strong."""
        return set(self._random.sample(("email", "phone", "place"), self._random.randint(1, 3)))

    def _business(self) -> Business:
        return Business(next(self._numbers), next(self._names))

    def _former(self, one: Business) -> Business:
        """The same name with other details than any other business has."""
        return Business(next(self._numbers), one.name)


_QUICKBOOKS_TROUBLES: dict[Trouble, Wire] = {
    "": {},
    "no city": {},
    "impossible phone": {"PrimaryPhone": {"FreeFormNumber": "ask at the desk"}},
}
_WIZCOMMERCE_TROUBLES: dict[Trouble, Wire] = {
    "": {},
    "long e-mail": {},
    "impossible phone": {"phone": "000"},
    "long term": {"payment_term": LONG_TERM},
}


def _share(customers: int, percent: float) -> int:
    """So many percent, and at least one."""
    return max(1, round(customers * percent / 100))


def fates(side: Iterable[Customer]) -> dict[tuple[Fate, Cause], int]:
    """How many of a side are predicted to come to each end."""
    found: dict[tuple[Fate, Cause], int] = {}
    for one in side:
        found[one.fate, one.cause] = found.get((one.fate, one.cause), 0) + 1
    return found
