"""Append: events a second through our log, with its hash chain, guards and inline tables, against `eventsourcing` as it comes.

Same process, same server, same contents; a database each. The two take turns, so that a slow moment of the machine meets
both. The inline tables have nothing to do with the events.
"""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.conninfo import make_conninfo

from adapters.bench.stock import Stock
from adapters.wiring import Engine, open_database, wire
from engine.domain.events import Event, RunFinished
from engine.log import Cause, Entry
from engine.settings import Settings

AIM = 0.9
SAVES = {1: 200, 10: 100}
"""Events a save → saves a turn."""
TURNS = 11

Save = Callable[[int], None]
"""Saves so many events."""


def append(folder: Path) -> dict[str, Any]:
    """Runs it with its files in `folder`; answers, by events a save, with events a second of both, and their ratio."""
    settings = Settings(home=folder)
    conninfo = open_database(settings)
    with psycopg.connect(conninfo, autocommit=True) as c:
        c.execute("CREATE DATABASE stock")
    engine, stock = wire(settings, conninfo), Stock(make_conninfo(conninfo, dbname="stock"))
    try:
        ours, theirs = _ours(engine), _theirs(stock, engine)
        return {"aim": AIM, "events_a_save": {str(size): _compared(ours, theirs, size) for size in SAVES}}
    finally:
        stock.close()
        engine.close()


def _compared(ours: Save, theirs: Save, size: int) -> dict[str, float]:
    """The median turn of each; the first turn warms up."""
    rates: dict[Save, list[float]] = {ours: [], theirs: []}
    for turn in range(TURNS):
        for save in (ours, theirs) if turn % 2 else (theirs, ours):
            begun = time.perf_counter()
            for _ in range(SAVES[size]):
                save(size)
            rates[save].append(SAVES[size] * size / (time.perf_counter() - begun))
    mine, stock = median(rates[ours][1:]), median(rates[theirs][1:])
    return {"ours": round(mine), "stock": round(stock), "ratio": round(mine / stock, 2)}


def _ours(engine: Engine) -> Save:
    stream, cause = "run-bench:append-2026-01-01", Cause(causation_id="bench", correlation_id="bench")
    version = 0

    def save(size: int) -> None:
        nonlocal version
        events: list[Event] = [RunFinished(**_content()) for _ in range(size)]
        engine.log.append([Entry(stream=stream, version=version, events=events)], cause)
        version += size

    return save


def _theirs(stock: Stock, engine: Engine) -> Save:
    stream, version = uuid4(), 0

    def save(size: int) -> None:
        nonlocal version
        stock.append(stream, version, engine.clock.now(), [_content() for _ in range(size)])
        version += size

    return save


def _content() -> dict[str, Any]:
    return {
        "what": "changes",
        "asked_by": "schedule",
        "cursor_from": "2026-01-01T00:00:00+00:00",
        "cursor_to": "2026-01-01T00:15:00+00:00",
        "read": 12,
        "changed": 3,
        "metered_reads": 1,
        "complete": True,
        "problem": "",
    }
