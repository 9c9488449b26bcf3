"""Stand-in: how long the QuickBooks stand-in takes for a page of a thousand items out of a hundred thousand.

It runs in a process of its own and is filled over its control address; a page counts from the request to the last byte of its
answer. What comes back is counted too: a page that is quick and wrong ends the benchmark. One sweep is made while an item
changes before each page, so that nothing found for the page before can be of use.
"""

import random
import time
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec

from adapters.bench.apart import Apart, apart
from adapters.bench.own_time import percentile

PAGE_ROWS = 1000
"""The most one page can hold. Source: QuickBooks reference, section 3.1."""
PAGE_AIM_MS = 200.0
SEEDED_AT_ONCE = 10_000
CALL_SECONDS = 60.0
BY_ID = "by id, the inactive too"
CHANGING = "the same while items change"
SWEEPS = {
    "as they come": "",
    BY_ID: "WHERE Active IN (true, false) ORDERBY Id",
    "of one type": "WHERE Type = 'NonInventory' AND Active = true ORDERBY Id",
    "by name": "ORDERBY Name DESC",
    "changed since": "WHERE MetaData.LastUpdatedTime >= '2020-01-01T00:00:00-08:00' ORDERBY MetaData.LastUpdatedTime",
}
"""What a sweep is called → what its statement says after `SELECT * FROM Item`."""


def standin(items: int) -> dict[str, Any]:
    """Runs it with so many items; answers with the figures. Times in milliseconds. Raises RuntimeError when a row is missing."""
    with apart("quickbooks") as quickbooks:
        quickbooks.tell("switches", throttle=False)
        begun = time.perf_counter()
        for some in _in_portions(items):
            quickbooks.tell("seed", items=some)
        seeding_seconds = time.perf_counter() - begun
        with _books(quickbooks) as books:
            pages = {name: _swept(books, rest, items) for name, rest in SWEEPS.items()}
            pages[CHANGING] = _swept(books, SWEEPS[BY_ID], items, quickbooks)
            count = _timed(books, "query", query="SELECT COUNT(*) FROM Item WHERE Type = 'NonInventory'")
            capture = _timed(books, "cdc", entities="Item,Customer", changedSince="2020-01-01")
        memory = quickbooks.peak_memory_mb()
    every = [took for sweep in pages.values() for took in sweep]
    return {
        "items": items,
        "seeding_seconds": round(seeding_seconds, 2),
        "page_rows": PAGE_ROWS,
        "page_ms": _figures(every),
        "sweeps_ms": {name: _figures(sweep) for name, sweep in pages.items()},
        "count_ms": round(count[0], 1),
        "capture_ms": round(capture[0], 1),
        "aim_ms": PAGE_AIM_MS,
        "ratio": round(max(every) / PAGE_AIM_MS, 2),
        "peak_memory_mb": memory,
    }


def _in_portions(items: int) -> Iterator[list[dict[str, Any]]]:
    """The items, whose names are in no order."""
    numbers = list(range(items))
    random.Random(1).shuffle(numbers)
    product = {"Type": "NonInventory", "UnitPrice": 12.5, "IncomeAccountRef": {"value": "79"}}
    for first in range(0, items, SEEDED_AT_ONCE):
        yield [
            {"Name": f"Vase {number:06}", "Sku": f"V-{number:06}", "Description": "Stoneware, glazed", **product}
            for number in numbers[first : first + SEEDED_AT_ONCE]
        ]


def _books(quickbooks: Apart) -> httpx.Client:
    ready = quickbooks.ready
    return httpx.Client(
        base_url=f"{ready['api']}/v3/company/{ready['realm']}",
        headers={"Authorization": f"Bearer {ready['access_token']}", "Accept": "application/json"},
        trust_env=False,
        timeout=CALL_SECONDS,
    )


def _swept(books: httpx.Client, rest: str, items: int, changing: Apart | None = None) -> list[float]:
    """How long each page took, until one is not full; with an item of `changing` edited before each."""
    took: list[float] = []
    found: set[str] = set()
    rows = PAGE_ROWS
    while rows == PAGE_ROWS:
        start = len(took) * PAGE_ROWS + 1
        if changing is not None:
            changing.tell("hands/edit-item", Id="1", Description=f"Before row {start}")
        query = f"SELECT * FROM Item {rest} STARTPOSITION {start} MAXRESULTS {PAGE_ROWS}"
        milliseconds, body = _timed(books, "query", query=query)
        page = msgspec.json.decode(body)["QueryResponse"].get("Item", [])
        rows = len(page)
        found.update(one["Id"] for one in page if one["Type"] == "NonInventory")
        took.append(milliseconds)
    if len(found) != items:
        raise RuntimeError(f"The sweep {rest!r} found {len(found)} of {items} items.")
    return took


def _timed(books: httpx.Client, path: str, **parameters: str) -> tuple[float, bytes]:
    """Milliseconds, and the answer."""
    begun = time.perf_counter()
    body = books.get(f"/{path}", params=parameters).raise_for_status().content
    return (time.perf_counter() - begun) * 1000, body


def _figures(took: list[float]) -> dict[str, float]:
    return {"pages": len(took), **{f"p{p}": round(percentile(took, p), 1) for p in (50, 99, 100)}}
