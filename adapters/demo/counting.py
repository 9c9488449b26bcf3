"""What became of the morning, counted by the stand-ins: by what they have, not by what we wrote down."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from adapters.bench.own_time import OwnTime, own_time, percentile, times_of
from adapters.demo.morning import stream_of
from adapters.demo.stage import CONNECTION, Stage
from adapters.quickbooks.marks import mark_in
from adapters.quickbooks.standin import InvoiceSeen
from engine.domain.events import ConflictSettled
from engine.domain.order_from_invoice import is_ours
from engine.verify import verify_log

ZERO = Decimal("0.00")
FULFILLED = "FULFILLED"
METERED = "coreplus"
"""Reads that count toward the plan. Source: QuickBooks reference, section 9."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One order of the table. `agrees`: exactly one invoice, of the same total, or voided with its order."""

    order: str
    invoice: str
    state: str
    held_for: str
    own_seconds: float | None
    agrees: bool
    total: Decimal
    paid: Decimal
    balance: Decimal
    shipped: str
    """How far it is shipped, in WizCommerce's words; '' while it is not."""


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """The end of the demo."""

    rows: tuple[Row, ...]
    summary: dict[str, Any]

    @property
    def good(self) -> bool:
        """Every order became exactly one invoice with equal totals, what was paid is the same on both sides, the log verifies."""
        spare = self.summary["invoices"] - self.summary["orders"]
        born = self.summary["from_quickbooks"]
        return (
            bool(self.rows)
            and all(row.agrees for row in self.rows)
            and not spare
            and born["invoices"] == born["orders"]
            and self.summary["log"]["verified"]
            and self.summary["adds_up"]
        )


def counted(stage: Stage, customers_before: int, conflicts: Sequence[ConflictSettled]) -> Count:
    """Counts orders, invoices, customers and metered reads at the stand-ins; times and chain from the log."""
    orders = stage.seller.call_in_loop(stage.wizcommerce.orders)
    invoices = stage.quickbooks.invoices()
    times = times_of(stage.engine, CONNECTION)
    rows = []
    for order in orders:
        stream = stream_of(stage, order["display_id"])
        story = stage.engine.log.story(stream) if stream else []
        where = stage.engine.people.where(stream) if stream else "waiting: nobody has seen it yet"
        rows.append(_row(order, invoices, where, own_time(story, times)))
    took = [row.own_seconds * 1000 for row in rows if row.own_seconds is not None]
    numbers = Counter(invoice.doc_number for invoice in invoices)
    missing = [row for row in rows if row.order not in numbers]
    held = [row for row in missing if row.state in ("waiting", "needs you")]
    born = sum(is_ours(order["reference_id"] or "") for order in orders)
    theirs = sum(not mark_in(invoice.wire.get("PrivateNote")) for invoice in invoices)
    summary = {
        "orders": len(orders) - born,
        "invoices": len(invoices) - theirs,
        "from_quickbooks": {"invoices": theirs, "orders": born},
        "duplicates": sum(count - 1 for count in numbers.values()),
        "lost": len(missing) - len(held),
        "held": len(held),
        "shipped": sum(row.shipped == FULFILLED for row in rows),
        **_sums(rows, orders, stage.quickbooks.payments()),
        "conflicts": len(conflicts),
        "customers_created": len(stage.quickbooks.customers()) - customers_before,
        "metered_reads": stage.quickbooks.calls.totals().get(METERED, 0),
        "own_time_ms": {"p50": round(percentile(took, 50), 1), "p99": round(percentile(took, 99), 1)},
        "log": verified(stage),
    }
    return Count(rows=tuple(rows), summary=summary)


def _sums(rows: list[Row], orders: list[dict[str, Any]], payments: list[dict[str, Any]]) -> dict[str, Any]:
    """What the invoices come to, what is paid and open of them; and whether both sides say the same."""
    invoiced, paid, left = (sum((getattr(row, of) for row in rows), ZERO) for of in ("total", "paid", "balance"))
    ordered = sum((Decimal(o["amount"]) for o in orders if o["status"] == "confirmed"), ZERO)
    taken = sum((Decimal(o["amount_paid"]) for o in orders), ZERO)
    received = sum((Decimal(one["TotalAmt"]) for one in payments), ZERO)
    return {
        "invoiced": invoiced,
        "paid": paid,
        "open": left,
        "payments": len(payments),
        "adds_up": invoiced == ordered and paid == taken == received and invoiced - paid == left,
    }


def verified(stage: Stage) -> dict[str, Any]:
    """How many events the log has, and whether its chain holds from the first to the last, its guards in place."""
    verdict = verify_log(stage.engine.pool)
    return {"events": verdict.count, "verified": verdict.verified and verdict.count > 0 and not verdict.missing_guards}


def _row(order: dict[str, Any], invoices: list[InvoiceSeen], where: str, own: OwnTime) -> Row:
    number = order["display_id"]
    made = [invoice for invoice in invoices if invoice.doc_number == number]
    state, _, reason = where.partition(": ")
    return Row(
        order=number,
        invoice=", ".join(invoice.doc_number for invoice in made),
        state=state,
        held_for=own.held_for or ("" if made else reason),
        own_seconds=own.seconds,
        agrees=[invoice.total for invoice in made]
        == [Decimal(order["amount"]) if order["status"] == "confirmed" else 0],
        total=sum((invoice.total for invoice in made), ZERO),
        paid=sum((invoice.total - invoice.balance for invoice in made), ZERO),
        balance=sum((invoice.balance for invoice in made), ZERO),
        shipped="" if order["fulfillment_status"] == "UNFULFILLED" else order["fulfillment_status"],
    )
