"""What people do to customers on both sides, at random under a seed: every step by itself, so that any of them can be left out.

A business is known by the host of its e-mail, `books@fern-7.example`, which no step changes: that tells who is who in
the stand-ins' own state, whatever its records are called meanwhile.
"""

import contextlib
import re
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from adapters.quickbooks.standin.refusals import Fault
from adapters.standin.control import ControlRefused
from adapters.standin.faults import FaultRule
from tests.world import World

Wire = dict[str, Any]
WORDS = ("Amber", "Birch", "Cedar", "Dahlia", "Fern", "Hazel", "Indigo", "Lark", "Maple", "Quartz", "Rosé", "Willow")
FORMS = ("{}", "{} & Sons", "O'{}", "{}: East", "  {}", "{}\tWest", "{}, Inc.")
TERMS = ("Net 30", "NET30", "net-60", "Due on receipt")
UNKNOWN_TERM = "47 days end of month"
UNKNOWN_TYPE = "Florist"
NO_NUMBER = "ask at the desk"
LONGEST_POLL_SECONDS = 900
_HOST = re.compile(r"@([a-z0-9-]+)\.example")


class Step(NamedTuple):
    """One thing done: which, and the seed of its own choices."""

    what: str
    seed: int


def plan(seed: int, rounds: int = 6) -> list[Step]:
    """A handful of customers, then rounds of four to seven steps, after each of which some time passes."""
    random = Random(seed)
    steps = [Step("adds one on both sides", random.getrandbits(32)) for _ in range(3)]
    steps += [Step("adds one", random.getrandbits(32)) for _ in range(2)]
    steps.append(Step("connects", 0))
    names = [name for name, weight in WEIGHTS.items() for _ in range(weight)]
    for _ in range(rounds):
        steps += [Step(random.choice(names), random.getrandbits(32)) for _ in range(random.randint(4, 7))]
        steps.append(Step("waits", random.getrandbits(32)))
    return steps


def business(record: Wire) -> str:
    """Which business a record of either side is of; '' for one that the steps did not make."""
    text = record.get("email") or record.get("PrimaryEmailAddr", {}).get("Address") or ""
    found = _HOST.search(text)
    return found.group(1) if found else ""


class People:
    """The people of both sides, and what is known of what they did: the model that tells what to expect."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.connected = False
        self.lossy = False
        """Whether signals are lost or late at the moment: then nobody makes one business on both sides at once."""
        self.another_name: set[str] = set()
        """Businesses that have two names before they are linked: a person must say that they are one."""
        self.made_meanwhile: set[str] = set()
        """Of those, the ones that people made on both sides while the engine was at work: it may have made the first one it saw
        on the other side before it saw the second."""
        self.spelled_otherwise: set[str] = set()
        """Businesses whose name was typed differently when they were linked: neither side is rewritten for it."""
        self.known: set[str] = set()
        """Businesses that the engine has had time and signals to link."""
        self.merged: dict[str, str] = {}
        """Loser → winner."""
        self.reps = {one["id"]: [rep["id"] for rep in one["assigned_sales_reps"]] for one in self.here()}
        """WizCommerce id → sales reps that people assigned."""
        self._made = 0
        self._free_reps = [self.hands("add-rep", email=f"rep-{n}@sales.example")["id"] for n in range(2)]

    def do(self, step: Step) -> None:
        """One step; what a side's own screens refuse is not done."""
        with contextlib.suppress(ControlRefused, Fault):
            STEPS[step.what](self, Random(step.seed))

    # ---- what is there -------------------------------------------------------------------------------------------------------

    def hands(self, verb: str, **fields: Any) -> Any:
        """Something done in WizCommerce."""
        return self.world.wizcommerce.do(self.world.wizcommerce.standin.by_hand, verb, **fields)

    def there(self) -> list[Wire]:
        """QuickBooks' customers of ours."""
        return [one for one in self.world.quickbooks.customers() if business(one)]

    def here(self) -> list[Wire]:
        """WizCommerce's."""
        found: list[Wire] = self.world.wizcommerce.do(self.world.wizcommerce.standin.customers)
        return [one for one in found if business(one)]

    def any_there(self, random: Random) -> Wire:
        return random.choice([one for one in self.there() if one["Active"]] or [{"Id": "none"}])

    def any_here(self, random: Random) -> Wire:
        return random.choice([one for one in self.here() if one["status"] == "active"] or [{"id": "none"}])

    # ---- new ones ------------------------------------------------------------------------------------------------------------

    def _details(self, random: Random) -> tuple[str, Wire]:
        self._made += 1
        host = f"{random.choice(WORDS).lower().replace('é', 'e')}-{self._made}"
        return host, {"name": a_name(random, host), "email": f"books@{host}.example", "phone": a_phone(random)}

    def add(self, random: Random, sides: str) -> None:
        host, said = self._details(random)
        if "q" in sides:
            wire: Wire = {"DisplayName": quickbooks_name(said["name"]), "PrimaryEmailAddr": {"Address": said["email"]}}
            wire |= {"PrimaryPhone": {"FreeFormNumber": said["phone"]}, "BillAddr": an_address(random)[0]}
            parents = [one for one in self.there() if one["Active"] and not one["Job"]]
            if random.random() < 0.2 and parents and sides == "q":
                wire |= {"Job": True, "ParentRef": {"value": random.choice(parents)["Id"]}}
            self.world.quickbooks.by_hand("add-customer", **wire)
        if "w" in sides:
            name = said["name"]
            if sides == "qw" and random.random() < 0.2:
                name, _ = name.upper(), self.spelled_otherwise.add(host)
            if sides == "qw" and random.random() < 0.1:
                name = f"Receiving {host}"
                self._two_names(host)
            shipping = {**an_address(random)[1], "type": "shipping", "is_default": True}
            made = self.world.wizcommerce.add_customer(
                name, email=said["email"], phone=said["phone"], addresses=[shipping]
            )
            self.reps[made["id"]] = [one["id"] for one in made["assigned_sales_reps"]]

    def adds_one(self, random: Random) -> None:
        self.add(random, random.choice("qw"))

    def adds_one_on_both_sides(self, random: Random) -> None:
        self.add(random, random.choice("qw") if self.lossy else "qw")

    # ---- edits ---------------------------------------------------------------------------------------------------------------

    def edits_there(self, random: Random, one: Wire | None = None) -> None:
        record = one or self.any_there(random)
        host = business(record)
        field = random.choice(("name", "company", "given", "family", "phone", "bill", "ship", "term", "type", "email"))
        self._renames(host, field == "name")
        self.world.quickbooks.by_hand("edit-customer", Id=record["Id"], **self._quickbooks_field(random, field, host))

    def _quickbooks_field(self, random: Random, field: str, host: str) -> Wire:
        types = [one.id for one in self.world.quickbooks.company().all("CustomerType")]
        phone = NO_NUMBER if random.random() < 0.15 else f"({a_phone(random)[2:5]}) 555-{random.randint(1000, 9999)}"
        return {
            "name": {"DisplayName": quickbooks_name(a_name(random, host))},
            "company": {"CompanyName": quickbooks_name(a_name(random, host))},
            "given": {"GivenName": random.choice(("Front", "Buying", "Accounts"))},
            "family": {"FamilyName": random.choice(("Desk", "Office"))},
            "phone": {"PrimaryPhone": {"FreeFormNumber": phone}},
            "bill": {"BillAddr": an_address(random)[0]},
            "ship": {"ShipAddr": an_address(random)[0]},
            "term": {"SalesTermRef": {"value": random.choice("1234")}},
            "type": {"CustomerTypeRef": {"value": random.choice(types)}},
            "email": {"PrimaryEmailAddr": {"Address": f"desk{random.randint(1, 9)}@{host}.example"}},
        }[field]

    def edits_here(self, random: Random, one: Wire | None = None) -> None:
        record = one or self.any_here(random)
        host = business(record)
        term = UNKNOWN_TERM if random.random() < 0.15 else random.choice(TERMS)
        kind = UNKNOWN_TYPE if random.random() < 0.15 else random.choice(("Retail", "wholesale"))
        field = random.choice(("display_name", "name", "first_name", "last_name", "phone", "payment_term", "type"))
        self._renames(host, field in ("name", "display_name"))
        said: Wire = {
            "display_name": a_name(random, host),
            "name": a_name(random, host),
            "first_name": random.choice(("Front", "Buying", "Accounts")),
            "last_name": random.choice(("Desk", "Office")),
            "phone": a_phone(random),
            "payment_term": term,
        }
        change = {"attributes": [{"name": "Customer Type", "value": kind}]} if field == "type" else {field: said[field]}
        self.hands("edit-customer", customer=record["id"], **change)

    def _renames(self, host: str, renamed: bool) -> None:
        """Before it is linked, a business with two names is one for a person to recognise."""
        if renamed and host not in self.known:
            self._two_names(host)

    def _two_names(self, host: str) -> None:
        self.another_name.add(host)
        if self.connected:
            self.made_meanwhile.add(host)

    def edits_both(self, random: Random) -> None:
        """Often the same field: the two seeds are one."""
        record = self.any_here(random)
        twin = next((one for one in self.there() if business(one) == business(record) and one["Active"]), None)
        seed = random.getrandbits(32)
        self.edits_here(Random(seed), record)
        if twin is not None:
            self.edits_there(Random(seed if random.random() < 0.5 else seed + 1), twin)

    def changes_case(self, random: Random) -> None:
        record = self.any_there(random)
        if business(record) not in self.known:
            self.spelled_otherwise.add(business(record))
        self.world.quickbooks.by_hand("edit-customer", Id=record["Id"], DisplayName=record["DisplayName"].swapcase())

    def reformats(self, random: Random) -> None:
        self.world.quickbooks.by_hand("reformat-customer", Id=self.any_there(random)["Id"])

    def address_here(self, random: Random) -> None:
        record = self.any_here(random)
        wire = {**an_address(random)[1], "type": random.choice(("billing", "shipping"))}
        known = [one for one in record.get("addresses", []) if one["status"] == "active"]
        what = random.choice(("add", "edit", "edit", "delete"))
        if what == "add" or not known:
            self.hands("add-address", customer=record["id"], is_default=random.random() < 0.5, **wire)
        elif what == "edit":
            chosen = random.choice(known)
            self.hands("edit-address", customer=record["id"], address=chosen["id"], **{**wire, "type": chosen["type"]})
        else:
            self.hands("delete-address", customer=record["id"], address=random.choice(known)["id"])

    def assigns_rep(self, random: Random) -> None:
        record, rep = self.any_here(random), random.choice(self._free_reps)
        self.hands("assign-rep", customer=record["id"], rep=rep)
        self.reps[record["id"]] = [rep]

    # ---- ends and returns ----------------------------------------------------------------------------------------------------

    def ends_there(self, random: Random) -> None:
        self.world.quickbooks.by_hand("deactivate-customer", Id=self.any_there(random)["Id"])

    def returns_there(self, random: Random) -> None:
        ended = [one for one in self.there() if not one["Active"] and business(one) not in self.merged]
        if ended:
            one = random.choice(ended)
            named = {"DisplayName": one["DisplayName"].removesuffix(" (deleted)")} if random.random() < 0.5 else {}
            self.world.quickbooks.by_hand("reactivate-customer", Id=one["Id"], **named)

    def ends_here(self, random: Random) -> None:
        verb = random.choice(("deactivate-customer", "delete-customer"))
        self.hands(verb, customer=self.any_here(random)["id"])

    def returns_here(self, random: Random) -> None:
        ended = [one for one in self.here() if one["status"] != "active"]
        if ended:
            self.hands("reactivate-customer", customer=random.choice(ended)["id"])

    def merges(self, random: Random) -> None:
        loser, winner = self.any_there(random), self.any_there(random)
        self.world.quickbooks.by_hand("merge-customers", Id=loser["Id"], into=winner["Id"])
        self.merged[business(loser)] = business(winner)

    def winner(self, host: str) -> str:
        """The business that one was merged into, through however many; itself when it was not."""
        while host in self.merged:
            host = self.merged[host]
        return host

    # ---- signals, faults and time --------------------------------------------------------------------------------------------

    def signals(self, random: Random) -> None:
        """Lost, late or repeated, on both sides, until the next time."""
        kind = random.choice(("lost", "late", "repeated", "good"))
        self.world.quickbooks.set_switches(
            webhooks_on=kind != "lost",
            webhook_delay_seconds=40 * (kind == "late"),
            webhook_duplicates=int(kind == "repeated"),
        )
        self.world.wizcommerce.switch(
            webhooks=kind != "lost",
            webhook_delay_seconds=70.0 * (kind == "late"),
            webhook_duplicates=kind == "repeated",
        )
        self.lossy = kind in ("lost", "late")

    def fault(self, random: Random) -> None:
        kind = random.choice(("status", "status-after", "reset-before", "reset-after"))
        status = {"status": 503} if kind.startswith("status") else {}
        if random.random() < 0.5:
            self.world.quickbooks.add_fault(kind, operation="(create|update) customer", **status)
        else:
            faults, method = self.world.wizcommerce.standin.faults, random.choice(("POST", "PATCH"))
            self.world.wizcommerce.do(faults.add, FaultRule(kind, method=method, path="/customers", **status))

    def waits(self, random: Random) -> None:
        """Much time, little, or only a few steps of every loop: people go on while the engine is at it."""
        if not self.connected:
            return
        if random.random() < 0.3:
            for _ in range(random.randint(1, 6)):
                self.world.step(sending=random.random() < 0.7)
            return
        seconds = random.choice((3, 30, 400, 1_000))
        self.world.move(seconds)
        self.world.settle()
        if seconds >= LONGEST_POLL_SECONDS or not self.lossy:
            self.known |= {business(one) for one in (*self.here(), *self.there())}

    def connects(self, random: Random) -> None:
        world = self.world
        world.connect()
        world.settle(sending=False)
        world.choose(sales_rep=world.engine.commerce.sales_reps("acme")[0][0])
        world.choose(price_list=world.engine.commerce.price_lists("acme")[0][0])
        world.start()
        world.settle()
        self.connected = True
        self.known = {business(one) for one in (*self.here(), *self.there())}


STEPS: dict[str, Callable[[People, Random], None]] = {
    "adds one": People.adds_one,
    "adds one on both sides": People.adds_one_on_both_sides,
    "connects": People.connects,
    "waits": People.waits,
    "edits in QuickBooks": People.edits_there,
    "edits in WizCommerce": People.edits_here,
    "edits on both sides": People.edits_both,
    "changes the case of a name": People.changes_case,
    "has an address written anew": People.reformats,
    "changes an address in WizCommerce": People.address_here,
    "assigns a sales rep": People.assigns_rep,
    "makes inactive in QuickBooks": People.ends_there,
    "makes active in QuickBooks": People.returns_there,
    "ends in WizCommerce": People.ends_here,
    "makes active in WizCommerce": People.returns_here,
    "merges in QuickBooks": People.merges,
    "changes the signals": People.signals,
    "breaks a write": People.fault,
}
WEIGHTS = {
    "edits in QuickBooks": 8,
    "edits in WizCommerce": 8,
    "edits on both sides": 4,
    "changes an address in WizCommerce": 4,
    "adds one": 3,
    "adds one on both sides": 1,
    **dict.fromkeys(("makes inactive in QuickBooks", "ends in WizCommerce"), 1),
    **dict.fromkeys(("makes active in QuickBooks", "makes active in WizCommerce"), 2),
    **dict.fromkeys(("merges in QuickBooks", "has an address written anew", "changes the case of a name"), 1),
    **dict.fromkeys(("assigns a sales rep", "waits"), 1),
    **dict.fromkeys(("changes the signals", "breaks a write"), 2),
}


def a_name(random: Random, host: str) -> str:
    """One that no other business has: its number is in it."""
    return random.choice(FORMS).format(f"{random.choice(WORDS)} {host.rpartition('-')[2]}")


def quickbooks_name(name: str) -> str:
    """As a bookkeeper can type it."""
    return " ".join(re.sub(r"[:\t]", " ", name).split())


def a_phone(random: Random) -> str:
    return f"+1{random.randint(201, 989)}5550{random.randint(100, 199)}"


def an_address(random: Random) -> tuple[Wire, Wire]:
    """A new one, as each side writes it."""
    line, code = f"{random.randint(1, 999)} Mill Rd", f"{random.randint(10_000, 99_999)}"
    city, state = random.choice((("Dover", "DE"), ("Reno", "NV"), ("St. Paul", "MN")))
    theirs = {"Line1": line, "City": city, "CountrySubDivisionCode": state, "PostalCode": code}
    ours = {"address_line_1": line, "city": city, "state": state, "zip_code": code, "country": "USA"}
    return theirs, ours
