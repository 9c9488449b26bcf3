"""The pulls: when each is due, whether it may run, and what it costs."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from engine.domain.choices import Choices
from engine.domain.timetable import parse
from engine.domain.values import CompanyFacts
from engine.pulls import BY_NAME, GOODS, PULLS, due_after, may_run, reads_a_month
from engine.surroundings import FIRST_PULLS, Gate

NOON = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
READY = Gate(
    connection="acme",
    quickbooks="open",
    wizcommerce="open",
    paused="",
    push_from=None,
    pulled=FIRST_PULLS,
    company="Acme",
    facts=CompanyFacts(name="Acme", time_zone="America/New_York", categories=True),
    accepted=True,
    choices=Choices(),
)
"""A connection of which everything was read, and that wants everything."""

# ---- what it costs -------------------------------------------------------------------------------------------------------

COSTS = {
    # what, how often, items, counted items, customers → metered reads in 30 days
    ("stock", "15m", 100_000, 100_000, 0): 290_880,  # 101 pages, 2,880 times
    ("stock", "30m quiet 22:00-06:00", 100_000, 100_000, 0): 96_960,
    ("stock", "15m", 100_000, 999, 0): 2_880,
    ("stock", "off", 100_000, 100_000, 0): 0,
    ("everything", "daily 02:00", 2_500, 0, 12_000): 480,  # 3 pages of items and 13 of customers, 30 times
    ("facts", "24h", 0, 0, 0): 60,
    ("products", "30m", 100_000, 0, 0): 1_440,
    ("categories", "30m", 0, 0, 0): 1_440,
    ("changes", "15m", 0, 0, 0): 2_880,
    ("first-customertype", "24h", 0, 0, 0): 30,
    ("shop-stock", "15m", 100_000, 100_000, 0): 0,
    ("orders", "1m", 0, 0, 0): 0,
}


@pytest.mark.parametrize("asked", COSTS)
def test_a_month_costs_its_pages_times_its_runs(asked: tuple[str, str, int, int, int]) -> None:
    what, text, items, tracked, customers = asked

    assert reads_a_month(what, parse(text), items, tracked, customers) == COSTS[asked]


def test_every_pull_of_quickbooks_that_has_rounds_costs_something() -> None:
    round_ones = {pull.what for pull in PULLS if pull.system == "quickbooks" and pull.every_seconds}

    assert {what for what in round_ones if not reads_a_month(what, parse("1h"), 0, 0, 0)} == set()


# ---- when it is due ------------------------------------------------------------------------------------------------------


def due(what: str, gate: Gate | None = READY, **chosen: str) -> str:
    """When it is due after noon in UTC, which is 08:00 in New York."""
    said = {f"schedule-{name}": text for name, text in chosen.items()}
    found = due_after(BY_NAME[what], replace(gate, choices=Choices(said=said)) if gate else None, NOON)
    return f"{found:%d %H:%M}" if found else "never"


def test_a_pull_is_due_as_chosen_else_by_default_else_as_it_always_is() -> None:
    assert due("stock") == "10 12:15" and due("stock", stock="2h") == "10 14:00"
    assert due("stock", stock="off") == due("first-product") == due("decide-products") == "never"
    assert due("first-customertype") == "11 12:00" and due("expiries") == "10 13:00"


def test_it_is_due_by_the_companys_clocks() -> None:
    assert due("stock", stock="30m quiet 08:00-17:00") == "10 21:00"
    assert due("everything", everything="daily 09:00")[:5] == "10 13"
    assert due("everything", gate=None)[:5] == "11 02"  # a company of which nothing is known: in UTC


def test_connections_are_spread_when_they_begin_and_by_day() -> None:
    others = [replace(READY, connection=name) for name in ("acme", "bloom", "cedar", "delta")]

    first = {due_after(BY_NAME["stock"], gate, NOON, spread=True) for gate in others}
    after = {due_after(BY_NAME["stock"], gate, NOON) for gate in others}
    daily = {due_after(BY_NAME["everything"], gate, NOON) for gate in others}

    assert (len(first), len(after), len(daily)) == (4, 1, 4)


# ---- whether it may run --------------------------------------------------------------------------------------------------


def kept_back(**changes: object) -> set[str]:
    """The pulls that may not run."""
    gate = replace(READY, **changes)
    return {pull.what for pull in PULLS if not may_run(pull, gate)}


def test_everything_may_run_where_everything_is_there() -> None:
    assert kept_back() == set()


def test_without_its_system_nothing_is_pulled_of_it() -> None:
    of = {system: {p.what for p in PULLS if p.system == system} for system in ("quickbooks", "wizcommerce")}

    assert kept_back(quickbooks="ended") == of["quickbooks"]
    assert kept_back(wizcommerce="new") == of["wizcommerce"] - {"decide-products"}  # that one asks nobody


def test_goods_wait_for_the_first_sync_and_for_being_wanted() -> None:
    assert kept_back(accepted=False) == GOODS | {"everything", "decide-products"}
    assert kept_back(choices=Choices(said={"products": "off"})) == GOODS
    assert kept_back(facts=CompanyFacts(name="Acme", time_zone="America/New_York")) == {"categories"}
    assert kept_back(pulled=FIRST_PULLS - {"first-product"}) == GOODS | {
        "first-match",
        "everything",
        "decide-products",
    }


def test_what_is_off_may_not_run() -> None:
    off = {f"schedule-{what}": "off" for what in ("stock", "customers")}

    assert kept_back(choices=Choices(said=off)) == {"stock", "customers"}
