"""A small company of the QuickBooks stand-in, and how tests ask it by query and by change data capture."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx

from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.standin.clock import StandInClock
from tests.adapters.stand_ins import error_in

Wire = dict[str, Any]


class StoppedClock(StandInClock):
    """Stands still until it is moved, so that what happens without a move happens in one second."""

    def __init__(self) -> None:
        super().__init__()
        self._stopped_at = super().now()

    def now(self) -> datetime:
        return self._stopped_at + self._offset


def open_shop(intuit: QuickBooksStandIn) -> None:
    """Three customers, one of them inactive; two items; one invoice."""
    intuit.add_customer("Amy's Bird Sanctuary", PrimaryEmailAddr={"Address": "Amy@birds.example"}, Balance=20)
    intuit.add_customer("Bloom & Co")
    intuit.add_customer("Closed Shop")
    intuit.by_hand("deactivate-customer", Id="3")
    intuit.add_item("VASE-01", price="25.00")
    intuit.add_item("POT-02", price="5.00")
    intuit.by_hand(
        "add-invoice", CustomerRef={"value": "2"}, DocNumber="WC-1", TxnDate="2026-02-03", Line=[a_line("2", 10)]
    )


def a_line(item: str, amount: int) -> Wire:
    return {
        "DetailType": "SalesItemLineDetail",
        "Amount": amount,
        "SalesItemLineDetail": {"ItemRef": {"value": item}},
    }


def ask(books: httpx.Client, statement: str) -> Wire:
    """The QueryResponse of a statement."""
    answer = books.get("/query", params={"query": statement})
    assert answer.status_code == 200, answer.text
    response: Wire = answer.json()["QueryResponse"]
    return response


def rows(books: httpx.Client, statement: str) -> list[Wire]:
    """The rows a statement finds, after checking that the counters agree with them."""
    response = ask(books, statement)
    found: list[Wire] = next((value for value in response.values() if isinstance(value, list)), [])
    assert response == {} if not found else response["maxResults"] == len(found)
    return found


def ids(books: httpx.Client, statement: str) -> list[str]:
    return [row["Id"] for row in rows(books, statement)]


def refusal(books: httpx.Client, statement: str) -> tuple[str, str, str]:
    """Code, message and detail of a statement that is refused."""
    error = error_in(books.get("/query", params={"query": statement}))
    assert set(error) == {"Message", "Detail", "code"}
    return error["code"], error["Message"], error["Detail"]


def capture(books: httpx.Client, entities: str, since: str = "2020-01-01T00:00:00-08:00", **more: str) -> list[Wire]:
    """The blocks of a change data capture answer."""
    answer = books.get("/cdc", params={"entities": entities, "changedSince": since, **more})
    assert answer.status_code == 200, answer.text
    [part] = answer.json()["CDCResponse"]
    assert set(answer.json()) == {"CDCResponse", "time"} and set(part) == {"QueryResponse"}
    blocks: list[Wire] = part["QueryResponse"]
    return blocks
