"""The pulls: what is read of whom, how often unless a connection says otherwise, and what it costs."""

import zlib
from datetime import datetime

import msgspec

from engine.domain.choices import CHOICES, Choices
from engine.domain.timetable import Spec, awake, next_due, parse, zone_named
from engine.domain.values import System
from engine.surroundings import FIRST_PULLS, Gate


class Pull(msgspec.Struct, frozen=True):
    """One kind of pull: whose, what, and how often: as `schedule-<what>` says where there is such a choice, else every so many
    seconds (0: once, or when somebody asks)."""

    what: str
    system: System
    every_seconds: int = 0
    lease_seconds: int = 120
    """Longer than one step takes. One that outlasts it is only done twice, which is harmless; a killed one goes on after it."""

    @property
    def is_in_the_table(self) -> bool:
        return f"schedule-{self.what}" in CHOICES


SLOW = 1_800
"""Of steps that read whole lists."""
PULLS = (
    Pull("facts", "quickbooks", 86_400),
    Pull("first-product", "quickbooks"),
    Pull("first-customer", "quickbooks"),
    Pull("first-term", "quickbooks"),
    Pull("first-customertype", "quickbooks", 86_400),
    Pull("first-buyer", "wizcommerce", 0, SLOW),
    Pull("first-match", "quickbooks", 0, SLOW),
    Pull("changes", "quickbooks", 900),
    Pull("orders", "wizcommerce", 60, SLOW),
    Pull("customers", "wizcommerce", 300, SLOW),
    Pull("decide-products", "wizcommerce"),
    Pull("stock", "quickbooks", 900),
    Pull("products", "quickbooks", 1_800),
    Pull("categories", "quickbooks", 1_800),
    Pull("shop-products", "wizcommerce", 1_800),
    Pull("shop-stock", "wizcommerce", 900),
    Pull("everything", "quickbooks", 86_400),
    Pull("expiries", "wizcommerce", 3_600),
)
"""In the order in which they are run when several are due. Customer types are in no webhook and no change data capture, so they
are read anew each day. QuickBooks every 15 minutes: 96 metered reads a day. Source: QuickBooks reference, section 9."""
BY_NAME = {pull.what: pull for pull in PULLS}
GOODS = frozenset({"stock", "products", "categories", "shop-products", "shop-stock"})
READ_FIRST = frozenset(FIRST_PULLS - {"first-match"})
"""What must have been read before anything is matched."""
MAY_BE_QUIET = frozenset({"orders", "customers", "shop-products", "shop-stock", "expiries", "decide-products"})
"""Pulls that cost nothing: of those that found nothing it is only counted how many there were."""
A_PAGE = 1000
"""Rows of one metered read. Source: QuickBooks reference, section 3.1."""


def spec_of(what: str, choices: Choices) -> Spec | None:
    """When a pull of the table is run; None for one that is in no table."""
    return parse(choices.of(f"schedule-{what}")) if BY_NAME[what].is_in_the_table else None


def due_after(pull: Pull, gate: Gate | None, now: datetime, spread: bool = False) -> datetime | None:
    """When a pull that ended `now` is due again; None when never by itself. With `spread`, as for the first one of all, a little
    later for each connection, so that they do not pull in the same second ever after."""
    choices, zone = (gate.choices, zone_named(gate.facts.time_zone)) if gate else (Choices(), zone_named(""))
    spec = spec_of(pull.what, choices)
    if spec is None:
        spec = Spec(every_seconds=pull.every_seconds) if pull.every_seconds else Spec(off=True)
    apart = zlib.crc32(f"{gate.connection if gate else ''}:{pull.what}".encode()) % 1000 / 1000
    return next_due(now, spec, zone, apart if spread or spec.daily else 0.0)


def due_instead(pull: Pull, gate: Gate, now: datetime, was: datetime) -> datetime | None:
    """When a pull that was due at `was` is due by the times a person has just chosen; None when never by itself. A shorter time
    holds at once, a longer one from the next run on, and a time of day and quiet hours hold for what is due already."""
    due, spec = due_after(pull, gate, now), spec_of(pull.what, gate.choices)
    if due is None or spec is None or spec.daily is not None:
        return due
    return min(due, awake(max(was, now), spec, zone_named(gate.facts.time_zone)))


def longest_round(pull: Pull, choices: Choices) -> int:
    """Seconds from one run to the next at most, by what the clocks of a sane machine show; 0 for what has no rounds."""
    spec = spec_of(pull.what, choices)
    if spec is None:
        return pull.every_seconds
    return 90_000 if spec.daily or spec.quiet else spec.every_seconds


def may_run(pull: Pull, gate: Gate) -> bool:
    """Whether the connection is ready for a pull, and wants it."""
    if pull.what == "decide-products":
        return gate.accepted and "first-product" in gate.pulled
    if (gate.quickbooks if pull.system == "quickbooks" else gate.wizcommerce) != "open":
        return False
    if pull.what == "first-match":
        return gate.pulled >= READ_FIRST
    if pull.what == "everything":
        return gate.accepted and gate.pulled >= FIRST_PULLS
    if pull.what in GOODS:
        if gate.choices.of("products") == "off" or (pull.what == "categories" and not gate.facts.categories):
            return False
        if not (gate.accepted and "first-product" in gate.pulled):
            return False
    spec = spec_of(pull.what, gate.choices)
    return spec is None or not spec.off


def reads_a_month(what: str, spec: Spec, items: int, tracked: int, customers: int) -> int:
    """The metered reads of QuickBooks that a line of the table costs in 30 days, when nothing changes."""
    pages = {
        "stock": tracked // A_PAGE + 1,
        "everything": items // A_PAGE + 1 + customers // A_PAGE + 1,
        "facts": 2,
        "products": 1,
        "categories": 1,
        "changes": 1,
        "first-customertype": 1,
    }
    return pages.get(what, 0) * spec.runs_a_month
