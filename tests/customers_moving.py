"""The four commands of customers in one form: how each is brought about, what it wrote, and what came of it over there.

Counts come from the target's own call log, results from its own state. What travels is a phone number: of a new customer, or
of Bloom & Co, whom both sides have.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.standin.faults import FaultRule
from engine.domain.customer import OTHER, Customer
from engine.domain.events import TAG_OF, Event, Verb
from engine.domain.values import System
from tests.crashing import MeanwhileLog, Moment
from tests.telling import pass_by
from tests.world import CONNECTION, World

BLOOM = "Bloom & Co"
SOON = 5.0
"""Seconds after which what was put off for a moment is due: a hint that QuickBooks made something, for two."""
COMMANDS: tuple[tuple[Verb, System], ...] = (
    ("CreateCustomer", "quickbooks"),
    ("CreateCustomer", "wizcommerce"),
    ("UpdateCustomer", "quickbooks"),
    ("UpdateCustomer", "wizcommerce"),
)


def named(command: tuple[Verb, System]) -> str:
    """`CreateCustomer to quickbooks`."""
    return " to ".join(command)


EACH = pytest.mark.parametrize("command", COMMANDS, ids=named)
EACH_CREATE = pytest.mark.parametrize("command", COMMANDS[:2], ids=named)
EACH_UPDATE = pytest.mark.parametrize("command", COMMANDS[2:], ids=named)


@dataclass
class Moving:
    """One of the four commands in a world. `number` counts what was brought about: every time another phone number, and
    another customer where the command makes one."""

    world: World
    command: tuple[Verb, System]
    number: int = 0
    edits: int = 0
    """Of the customer brought about last."""

    def __post_init__(self) -> None:
        self.verb, self.target = self.command
        self.home = OTHER[self.target]
        if self.command == ("CreateCustomer", "wizcommerce"):
            commerce = self.world.engine.commerce
            [(rep, _, _), *_] = commerce.sales_reps(CONNECTION)
            [(prices, _, _), *_] = commerce.price_lists(CONNECTION)
            self.world.choose(sales_rep=rep, price_list=prices)
            self.world.settle()

    # ---- people ----------------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """Whose phone number travels."""
        return f"Fern {self.number} Ltd" if self.verb == "CreateCustomer" else BLOOM

    @property
    def phone(self) -> str:
        """The number the customer has at home since the last edit, ten digits."""
        return f"{4155550100 + 10 * self.number + self.edits}"

    def begin(self) -> None:
        """At home somebody makes a new customer, or changes Bloom & Co; the loops have not moved."""
        self.number, self.edits = self.number + 1, 0
        if self.verb == "UpdateCustomer":
            self._edit(self.home, {"phone": self.phone})
        else:
            self._make(self.home)

    def change(self) -> None:
        """At home somebody gives the same customer another number."""
        self.edits += 1
        self._edit(self.home, {"phone": self.phone})

    def touch(self) -> None:
        """At home somebody changes the customer in what concerns only that side."""
        self._edit(self.home, {"unshared": f"{self.number}"})

    def make_there(self) -> None:
        """Somebody makes the customer in the target by hand."""
        self._make(self.target)

    def change_there(self, **fields: str) -> None:
        """Somebody changes the customer in the target: `phone`, `last_name`, or `unshared`, which concerns only that side."""
        self._edit(self.target, fields)

    def decided(self) -> None:
        """Begun, and the command decided upon: due, and sent by nobody yet."""
        self.begin()
        self.follow(sending=False)

    def follow(self, sending: bool = True) -> None:
        """Every loop is stepped until nothing moves, and again when what was put off for a moment is due."""
        self.world.settle(sending)
        self.world.move(SOON)
        self.world.settle(sending)

    def run(self) -> None:
        """Begun, and every loop stepped."""
        self.begin()
        self.follow()

    def _make(self, system: System) -> None:
        email = f"desk@fern-{self.number}.example"
        if system == "wizcommerce":
            self.world.wizcommerce.add_customer(self.name, phone=f"+1{self.phone}", email=email)
            return
        self.world.quickbooks.by_hand(
            "add-customer",
            DisplayName=self.name,
            PrimaryPhone={"FreeFormNumber": self.phone},
            PrimaryEmailAddr={"Address": email},
        )

    def _edit(self, system: System, fields: dict[str, str]) -> None:
        if system == "wizcommerce":
            wire = {{"unshared": "payment_mode"}.get(name, name): text for name, text in fields.items()}
            if "phone" in wire:
                wire["phone"] = f"+1{wire['phone']}"
            seller = self.world.wizcommerce
            seller.do(seller.standin.edit_customer, self.records("wizcommerce")[0]["id"], **wire)
            return
        shapes = {
            "phone": lambda text: {"PrimaryPhone": {"FreeFormNumber": text}},
            "last_name": lambda text: {"FamilyName": text},
            "unshared": lambda text: {"Fax": {"FreeFormNumber": text}},
        }
        body: dict[str, Any] = {}
        for name, text in fields.items():
            body |= shapes[name](text)
        self.world.quickbooks.by_hand("edit-customer", Id=self.records("quickbooks")[0]["Id"], **body)

    # ---- the wire ----------------------------------------------------------------------------------------------------------

    @property
    def operation(self) -> str:
        """What the call log calls the write."""
        return "create customer" if self.verb == "CreateCustomer" else "update customer"

    def fault(self, kind: str, **rule: Any) -> None:
        """The target gets the write wrong."""
        if self.target == "quickbooks":
            self.world.quickbooks.add_fault(kind, operation=f"^{self.operation}", **rule)
        else:
            seller = self.world.wizcommerce
            seller.do(seller.standin.faults.add, FaultRule(kind, operation=f"^{self.operation}", **rule))

    def no_webhooks(self) -> None:
        """The target tells nothing of what changes there."""
        if self.target == "quickbooks":
            self.world.quickbooks.set_switches(webhooks_on=False)
        else:
            self.world.wizcommerce.switch(webhooks=False)

    def poll(self) -> None:
        """The target is asked now what changed there."""
        self.world.engine.schedule.due_now(CONNECTION, "changes" if self.target == "quickbooks" else "customers")

    def writes(self) -> list[str]:
        """How each write of the command's kind ended, in the target's call log."""
        return [call.outcome for call in self._calls(self.target) if call.operation == self.operation]

    def all_writes(self) -> list[str]:
        """Every write of customers, on both sides."""
        systems: tuple[System, ...] = ("quickbooks", "wizcommerce")
        told = ("create customer", "update customer")
        return [f"{call.operation} in {one}" for one in systems for call in self._calls(one) if call.operation in told]

    def request_ids(self) -> list[str]:
        """QuickBooks' request id of each write; WizCommerce has none."""
        return [call.request_id for call in self._calls(self.target) if call.operation == self.operation]

    def _calls(self, system: System) -> list[Any]:
        return (self.world.quickbooks if system == "quickbooks" else self.world.wizcommerce.standin).calls.all()

    # ---- what came of it ---------------------------------------------------------------------------------------------------

    def records(self, system: System) -> list[dict[str, Any]]:
        """The records of that side with the customer's name, as its own state has them."""
        if system == "quickbooks":
            return [one for one in self.world.quickbooks.customers() if one["DisplayName"] == self.name]
        seller = self.world.wizcommerce
        return [one for one in seller.do(seller.standin.customers) if one["display_name"] == self.name]

    def shown(self, system: System) -> list[tuple[str, str]]:
        """Phone (its last ten digits) and family name of each of them."""
        if system == "quickbooks":
            return [
                (_ten(one.get("PrimaryPhone", {}).get("FreeFormNumber")), one.get("FamilyName", ""))
                for one in self.records(system)
            ]
        return [(_ten(one["phone"]), one["last_name"] or "") for one in self.records(system)]

    @property
    def arrived(self) -> bool:
        """Whether exactly one record of the target has the name, with the number it has at home."""
        return [phone for phone, _ in self.shown(self.target)] == [self.phone]

    @property
    def stream(self) -> str:
        """The stream of the customer, found by its record at home."""
        sql = "SELECT stream FROM claims WHERE system = %s AND kind = 'customer' AND remote_id = %s"
        record = self.records(self.home)[0]
        [(stream,)] = self.world.rows(sql, self.home, record["Id" if self.home == "quickbooks" else "id"])
        return str(stream)

    @property
    def customer(self) -> Customer:
        """The customer as the log has it."""
        return self.world.engine.records.customer(self.stream)

    def where(self) -> str:
        """Where the customer stands, in a person's words."""
        return self.world.engine.people.where(self.stream)

    def tags(self) -> list[str]:
        """The tags of the customer's stream."""
        return [TAG_OF[type(recorded.event)] for recorded in self.world.engine.log.story(self.stream)]

    def pass_by(self, seconds: float) -> None:
        """Time passes, and every loop is stepped."""
        pass_by(self.world, seconds)


def _ten(text: str | None) -> str:
    return "".join(c for c in text or "" if c.isdigit())[-10:]


def engine_with_a_gap(world: World, at: type[Event], moment: Moment = "before its commit") -> MeanwhileLog:
    """The engine is started again with a log that lets its `meanwhile` happen where it appends `at`."""
    log = world.restarted_engine(make_log=MeanwhileLog).log
    assert isinstance(log, MeanwhileLog)
    log.at, log.moment = at, moment
    return log


@contextmanager
def another_engine(world: World) -> Iterator[None]:
    """What the world steps meanwhile is another engine on the same database."""
    mine = world.engine, world.dispatcher
    world.engine, world.dispatcher = world.web_engine, world.web_engine.dispatcher()
    yield
    world.engine, world.dispatcher = mine
