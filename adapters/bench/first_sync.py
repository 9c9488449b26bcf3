"""A first sync: two systems with customers of years, 60 in 100 of them the same, become one connection.

The stand-ins answer at once, from processes of their own. What is counted comes from their own
state and call logs, and from the truth that `population` knows. Its steps stand apart: pulled, synced, counted.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec

from adapters.bench.apart import Apart
from adapters.bench.between import ACTOR, PATIENCE_SECONDS, Between, between, wait
from adapters.bench.figures import Compared, Link, after, figures, metered_reads
from adapters.bench.past import past
from adapters.bench.population import CONNECTION, Population, population
from adapters.bench.spelling import Wire
from adapters.quickbooks.translate import remote_from
from adapters.wiring import Engine
from adapters.wizcommerce.translate import customer_from_body
from engine.domain.fields import SHARED, loose, shown
from engine.domain.values import CustomerContent, System
from engine.limits import LIMITS, Limits

SECONDS_A_CUSTOMER = 0.5
"""How long the first pulls may take for each: more than twice what `engine.limits` allows us to ask WizCommerce."""

WRITES = frozenset({"create", "update", "delete", "void", "send", "replace"})
UNLIMITED = Limits(
    at_once=10, per_second=10_000, second_burst=10_000, per_minute=600_000, minute_burst=10_000, lease_seconds=160
)
"""So that what is measured is our own: the real limits allow five calls a second to WizCommerce, and two are needed for each."""


def first_sync(folder: Path, customers: int, seed: int, documents: int, real_limits: bool) -> dict[str, Any]:
    """Runs it with its files in `folder`; answers with the figures. The time is from connecting to the end of the sync.
    `documents` orders and invoices of each side are older than the connection: none of them may be written anywhere."""
    found = population(customers, seed)
    begun = monotonic()
    with pulled(folder, found, documents, real_limits) as bench:
        read = monotonic() - begun
        plan = synced(bench.engine, SECONDS_A_CUSTOMER * customers + PATIENCE_SECONDS)
        figures_ = counted(found, bench, monotonic() - begun)
        return {
            **figures_,
            "documents": documents,
            "document_writes": document_writes(bench),
            "reading_seconds": round(read, 1),
            "plan": plan,
        }


def document_writes(bench: Between) -> int:
    """Calls of both systems that made or changed anything but a customer, from their own call logs."""
    calls = [*bench.quickbooks.show("calls")["calls"], *bench.wizcommerce.show("calls")["calls"]]
    writes = [one["operation"] for one in calls if one["operation"].split(" ")[0] in WRITES]
    return sum(what.split(" ")[-1] not in ("customer", "attribute") for what in writes)


@contextmanager
def pulled(folder: Path, found: Population, documents: int, real_limits: bool) -> Iterator[Between]:
    """Both sides filled and connected, and pulled in full."""

    def stock(quickbooks: Apart, wizcommerce: Apart) -> None:
        quickbooks.tell("switches", throttle=real_limits)
        books, shop = past(found, documents, datetime.now(UTC))
        quickbooks.tell(
            "seed", preferences={"SalesFormsPrefs": {"CustomTxnNumbers": True}}, **found.quickbooks_seed, **books
        )
        wizcommerce.tell("seed", **found.wizcommerce_seed, **shop)

    patience_seconds = PATIENCE_SECONDS + SECONDS_A_CUSTOMER * (len(found.wizcommerce) + documents)
    budgets: Mapping[System, Limits] = LIMITS if real_limits else {"quickbooks": UNLIMITED, "wizcommerce": UNLIMITED}
    with between(folder, CONNECTION, stock, patience_seconds, accept=False, budgets=budgets) as bench:
        yield bench


def synced(engine: Engine, patience_seconds: float) -> dict[str, int]:
    """A person sees the plan and accepts it, and it is carried out; answers with the plan."""
    for name, choices in (("sales-rep", engine.commerce.sales_reps), ("price-list", engine.commerce.price_lists)):
        engine.decisions.choose_setting(CONNECTION, name, choices(CONNECTION)[0][0], ACTOR)
    plan, _ = engine.first_sync.counts(CONNECTION)
    engine.decisions.accept_first_sync(CONNECTION, plan, ACTOR)
    wait(lambda: engine.first_sync.working(CONNECTION) == 0, "The end of the first sync", patience_seconds)
    engine.first_sync.report(CONNECTION)
    return plan


def counted(found: Population, bench: Between, seconds: float) -> dict[str, Any]:
    """The figures as things stand now."""
    states = bench.quickbooks.show("state?entity=Customer"), bench.wizcommerce.show("state?entity=customers")
    done = after(*states, links_of(bench.engine))
    calls = bench.quickbooks.show("calls")
    return figures(found, done, comparing(bench.engine), metered_reads(calls), seconds)


def comparing(engine: Engine) -> Compared:
    """The mapped fields in which two records differ, of which no notice tells a person why. Read by the adapters' own eyes."""
    lists = engine.around.customer_around(CONNECTION).lists

    def compared(theirs: Wire, ours: Wire) -> list[str]:
        q = remote_from("customer", msgspec.json.encode(theirs)).content
        w = customer_from_body(ours["id"], msgspec.json.encode({"data": _as_detail(ours)})).content
        if not isinstance(q, CustomerContent) or not isinstance(w, CustomerContent):
            return ["one of them cannot be read"]
        stream = engine.around.stream_of(CONNECTION, "wizcommerce", "customer", ours["id"])
        told = {topic.rpartition(":")[2] for topic in engine.records.customer(stream).attention}
        texts = {f: (shown(q, f, "quickbooks", lists), shown(w, f, "wizcommerce", lists)) for f in SHARED}
        return [f for f, (a, b) in texts.items() if loose(f, a, lists) != loose(f, b, lists) and f not in told]

    return compared


def _as_detail(record: Wire) -> Wire:
    """A customer of the stand-in's state as its detail call shows it."""
    reps = [{"id": one} for one in record.get("assigned_sales_rep_ids") or ()]
    prices = record.get("assigned_price_list_id")
    return {**record, "assigned_sales_reps": reps, "assigned_price_list": {"id": prices} if prices else None}


def links_of(engine: Engine) -> list[Link]:
    """The customers of both systems that share a stream."""
    sql = (
        "SELECT here.remote_id, there.remote_id FROM claims here JOIN claims there USING (connection, kind, stream) "
        "WHERE connection = %s AND kind = 'customer' AND here.system = 'quickbooks' AND there.system = 'wizcommerce'"
    )
    with engine.pool.connection() as c:
        return [(here, there) for here, there in c.execute(sql, (CONNECTION,))]
