"""One company of the stand-in, asked over HTTP by the rules of a state machine, which look at everything that moved."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.standin.wire import read_json, write_json
from tests.adapters import ledger

Wire = dict[str, Any]

SOME = st.integers(0, 999)
CENTS = st.integers(0, 3_000).map(lambda cents: Decimal(cents) / 100)
CLOSED_TO, TODAY = "2026-01-31", "2026-02-03"
DAYS = st.sampled_from(["2026-01-15", TODAY])
UNKNOWN = "987654"
# One in four.
STALE = st.sampled_from([False, False, False, True])


class Sent(NamedTuple):
    """A write that went out under a request id, and what was answered."""

    path: str
    query: dict[str, str]
    body: bytes
    answer: bytes


class AskedBooks(RuleBasedStateMachine):
    """What a rule asks with: it asks one thing, says whether that must be refused, and all that moved is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.intuit = QuickBooksStandIn()
        self.intuit.set_switches(throttle=False, access_token_ttl_seconds=10**9, requestid_ttl_seconds=10**9)
        self._open = ExitStack()
        address = self._open.enter_context(self.intuit.start()).address
        ready = self.intuit.ready_line(address)
        self.began = (self.intuit.clock.now() - timedelta(minutes=1)).isoformat(timespec="seconds")
        headers = {"Authorization": f"Bearer {ready['access_token']}", "Accept": "application/json"}
        self.http = self._open.enter_context(httpx.Client(base_url=address, headers=headers, trust_env=False))
        self.path = f"/v3/company/{ready['realm']}"
        self.realm = ready["realm"]
        self.sent: list[Sent] = []
        self.asked = 0
        self.stock: dict[str, Decimal] = {}
        self.closed = self.own_numbers = False
        self.company = self.as_they_are()

    def teardown(self) -> None:
        self._open.close()

    def as_they_are(self) -> Wire:
        """The company in the stand-in's own state."""
        found: Wire = read_json(self.http.get("/_standin/state").content)["companies"][self.realm]
        return found

    def rows(self, entity: str, **wanted: Any) -> list[Wire]:
        rows = self.company["records"].get(entity, [])
        return [row for row in rows if all(row.get(key) == value for key, value in wanted.items())]

    def one(self, entity: str, place: int, **wanted: Any) -> Wire | None:
        rows = self.rows(entity, **wanted)
        return rows[place % len(rows)] if rows else None

    def ask(self, entity: str, body: Wire, refused: bool | None = False, **query: str) -> Wire | None:
        """Write through the API. `refused` says whether it must be; None where the reference leaves it open."""
        self.asked += 1
        query["requestid"] = f"r{self.asked}"
        content = write_json(body)
        answer = self.post(entity.lower(), query, content)
        if not any(f'"code":"{code}"' in answer.text for code in ("500", "2010")):
            # Those two are found before the request id is looked at. Source: QuickBooks reference, section 6.
            self.sent.append(Sent(entity.lower(), query, content, answer.content))
        said = f"{entity} {json.loads(content)} {query}: {answer.text}"
        assert answer.status_code in (200, 400), said
        went_well = answer.status_code == 200 and "Fault" not in answer.json()
        if refused is not None:
            assert went_well is not refused, said
        self.look(moved=went_well, said=said)
        made: Wire = read_json(answer.content)[entity] if went_well else {}
        return made or None

    def post(self, path: str, query: dict[str, str], content: bytes) -> httpx.Response:
        headers = {"Content-Type": "application/json"}
        return self.http.post(f"{self.path}/{path}", params=query, content=content, headers=headers)

    def by_hand(self, verb: str, body: Wire, refused: bool | None = False, *, merging: bool = False) -> None:
        """Do what a person does in the browser; `refused` as in `ask`."""
        answer = self.http.post(f"/_standin/hands/{verb}", content=write_json(body))
        said = f"{verb} {body}: {answer.text}"
        assert answer.status_code in (200, 400), said
        went_well = answer.status_code == 200
        if refused is not None:
            assert went_well is not refused, said
        self.look(moved=went_well, said=said, merging=merging)

    def look(self, *, moved: bool, said: str, merging: bool = False) -> None:
        """See what moved, and that it moved as it may: nothing at all unless `moved`."""
        before, self.company = self.company, self.as_they_are()
        if not moved:
            assert self.company == before, f"refused, and yet something moved: {said}"
        wrong = ledger.moved_wrongly(before["records"], self.company["records"], merging=merging)
        assert not wrong, f"after {said}: {wrong}"

    def names(self) -> set[str]:
        return {row["DisplayName"].casefold() for kind in ("Customer", "Vendor", "Employee") for row in self.rows(kind)}

    def written_too_early(self, *days: str) -> bool:
        return self.closed and any(day <= CLOSED_TO for day in days)
