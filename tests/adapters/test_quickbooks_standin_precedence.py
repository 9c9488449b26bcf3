"""Which refusal comes first when several are due. Source: QuickBooks reference, section 6, "Error precedence"."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn


@dataclass
class Asked:
    """A change of a customer that would be accepted as it stands; a stage spoils it in its own way."""

    intuit: QuickBooksStandIn
    company: str
    path: str = "/customer"
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    options: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(
        default_factory=lambda: {"Id": "1", "SyncToken": "1", "sparse": True, "Notes": "likes roses"}
    )

    def throttle(self) -> None:
        self.intuit.set_switches(throttle=True, per_minute=1)
        for realm in self.intuit.companies:
            self.intuit.by_hand("other-apps-call", realm=realm, calls=1)

    def send(self, books: httpx.Client) -> httpx.Response:
        url = books.base_url.join(f"../{self.company}{self.path}")
        return books.post(url, params=self.options, headers=self.headers, content=json.dumps(self.body))


class Stage(NamedTuple):
    name: str
    spoil: Callable[[Asked], object]
    status: int
    code: str


STAGES = (
    Stage("throttle", Asked.throttle, 429, "3001"),
    Stage("authentication", lambda asked: asked.headers.update(Authorization="Bearer " + "x" * 40), 401, "3200"),
    Stage("realm", lambda asked: setattr(asked, "company", "9130350000000002"), 403, "3100"),
    Stage("standing", lambda asked: asked.intuit.by_hand("lock-company"), 400, "140"),
    Stage("path", lambda asked: setattr(asked, "path", "/customer/1/5"), 400, "500"),
    Stage("media type", lambda asked: asked.headers.update({"Content-Type": "text/plain"}), 415, "500"),
    Stage("unknown property", lambda asked: asked.body.update(BadJson=1), 400, "2010"),
    Stage("replay", lambda asked: asked.options.update(requestid="r-1"), 200, ""),
    Stage("required", lambda asked: asked.body.pop("SyncToken"), 400, "2020"),
    Stage("format", lambda asked: asked.body.update(Notes="n" * 2001), 400, "2050"),
    Stage("existence", lambda asked: asked.body.update(Id="999"), 400, "610"),
    Stage("revision", lambda asked: asked.body.update(SyncToken="0"), 400, "5010"),
    Stage("reference", lambda asked: asked.body.update(SalesTermRef={"value": "99"}), 400, "2500"),
    Stage("business rule", lambda asked: asked.body.update(DisplayName="Fern Ltd"), 400, "6240"),
)


def outcome(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    errors = (body.get("Fault") or body.get("fault") or {}).get("Error") or (body.get("fault") or {}).get("error") or []
    return answer.status_code, errors[0]["code"] if errors else ""


@pytest.fixture
def asked(intuit: QuickBooksStandIn, books: httpx.Client) -> Asked:
    """Two customers, a second company, a stored answer under `r-1`, and a change that would be accepted."""
    intuit.by_hand("add-company", realm="9130350000000002")
    for name in ("Bloom & Co", "Fern Ltd"):
        books.post("/customer", json={"DisplayName": name})
    stored = books.post("/customer?requestid=r-1", json={"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "first"})
    assert stored.json()["Customer"]["SyncToken"] == "1"
    return Asked(intuit, next(iter(intuit.companies)))


def test_nothing_spoiled_is_accepted(books: httpx.Client, asked: Asked) -> None:
    assert asked.send(books).json()["Customer"]["Notes"] == "likes roses"


@pytest.mark.parametrize("place", range(len(STAGES)), ids=[one.name for one in STAGES])
def test_each_check_comes_before_all_that_follow(books: httpx.Client, asked: Asked, place: int) -> None:
    here, *later = STAGES[place:]
    for stage in reversed(later):
        stage.spoil(asked)
    here.spoil(asked)
    assert outcome(asked.send(books)) == (here.status, here.code)


@pytest.mark.parametrize("stage", STAGES, ids=[one.name for one in STAGES])
def test_each_check_stands_alone(books: httpx.Client, asked: Asked, stage: Stage) -> None:
    stage.spoil(asked)
    answer = asked.send(books)
    assert outcome(answer) == (stage.status, stage.code)
    if stage.name == "replay":
        assert answer.json()["Customer"]["Notes"] == "first"
