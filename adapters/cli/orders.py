"""`orders`: every order beside its invoice, where they differ, and what they come to month by month."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import click
from msgspec.structs import replace

from adapters.cli.printing import as_json, say_each, say_json, say_table, zone_of
from adapters.cli.session import Session, pass_session
from engine.domain.choices import Choices
from engine.domain.events import InvoiceObserved
from engine.domain.invoice_from_order import dated, order_total
from engine.domain.order import ZERO, Order, evolve_order, no_order
from engine.domain.values import CompanyFacts, InvoiceContent, OrderContent

AT_ONCE = 200
"""Orders read from the log with one question."""
NOT_OURS = ("baseline", "draft", "status", "cancelled", "gone")
"""Reasons why an order has no invoice, and is to have none."""
HEADS = ("order", "of", "total", "tax", "invoice", "of", "total", "tax", "paid", "balance", "differs")
MONTH_HEADS = ("month", "orders", "total", "invoices", "total", "difference", "paid", "balance")
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("orders")
@click.argument("connection", required=False)
@click.option(
    "--differs", is_flag=True, help="Only the orders that differ from their invoice, or have none and should."
)
@click.option(
    "--from", "first", type=_DAY, default=None, help="Orders of this day or later, in the company's own time."
)
@click.option("--to", "last", type=_DAY, default=None, help="Orders of this day or earlier.")
@as_json
@pass_session
def orders(
    session: Session,
    connection: str | None,
    differs: bool,
    first: datetime | None,
    last: datetime | None,
    in_json: bool,
) -> None:
    """Set every order beside its invoice: date, total, tax, what is paid and the balance, with the sums of each month.

    The months are the orders' own, in the company's time zone; sums are of all orders between the two days, whichever are
    shown. A voided or deleted invoice counts nothing. Example: wizqbo orders acme --differs --from 2026-11-01
    """
    session.catch_up()
    names = [session.connection(connection)] if connection else session.connections()
    begin, end = (first.date() if first else date.min), (last.date() if last else date.max)
    told = [_of_connection(session, name, differs, begin, end) for name in names]
    if in_json:
        return say_json(told)
    say_each(told, lambda one: _say(one, differs))


def _of_connection(session: Session, connection: str, differs: bool, first: date, last: date) -> dict[str, Any]:
    gate = session.engine.around.gate(connection)
    facts, choices = (gate.facts, gate.choices) if gate else (CompanyFacts(name=""), Choices())
    rows = []
    for order in map(lambda one: _with_attached(session, one), _all_orders(session, connection)):
        assert order.content is not None  # those without were left out
        day = dated(order.content, facts).date()
        if first <= day <= last:
            rows.append(_row(session, order, order.content, day, choices))
    rows.sort(key=lambda row: (row["ordered"], row["order"]))
    return {
        "connection": connection,
        "time_zone": zone_of(facts.time_zone).key,
        "orders": [row for row in rows if row["differs"] or not differs],
        "differ": sum(bool(row["differs"]) for row in rows),
        "months": _months(rows),
    }


def _all_orders(session: Session, connection: str) -> Iterator[Order]:
    """Every order that WizCommerce ever showed, some hundred in memory at a time."""
    sql = (
        "SELECT DISTINCT stream FROM claims WHERE connection = %s AND kind = 'order' AND system = 'wizcommerce' "
        "ORDER BY stream"
    )
    streams = [row[0] for row in session.rows(sql, connection)]
    for begin in range(0, len(streams), AT_ONCE):
        found = session.engine.log.load_all(streams[begin : begin + AT_ONCE], evolve_order, no_order)
        yield from (order for order in found.values() if order.content is not None and not order.merged_into)


def _with_attached(session: Session, order: Order) -> Order:
    """The order with what its attached invoices come to in its own one, as an accountant adds them up."""
    if order.invoice is None:
        return order
    ours = order.invoice.content
    for one in map(session.engine.records.order, order.attached):
        seen = one.invoice.content if one.invoice is not None and not one.invoice_gone else None
        if seen is not None and not seen.voided:
            ours = replace(
                ours, total=ours.total + seen.total, tax=ours.tax + seen.tax, balance=ours.balance + seen.balance
            )
    return replace(order, invoice=replace(order.invoice, content=ours))


def _row(session: Session, order: Order, content: OrderContent, day: date, choices: Choices) -> dict[str, Any]:
    invoice = order.invoice.content if isinstance(order.invoice, InvoiceObserved) else None
    stands = invoice is not None and not invoice.voided and not order.invoice_gone
    total = invoice.total if invoice and stands else ZERO
    balance = invoice.balance if invoice and stands else ZERO
    return {
        "order": content.number,
        "stream": order.stream,
        "status": "gone" if order.gone else content.status,
        "ordered": day,
        "total": order_total(content, choices),
        "tax": content.tax,
        "invoice": order.invoice_number or order.invoice_id,
        "invoice_id": order.invoice_id,
        "invoiced": invoice.dated if invoice else None,
        "invoice_total": total,
        "invoice_tax": invoice.tax if invoice and stands else ZERO,
        "paid": total - balance,
        "balance": balance,
        "differs": _differs(session, order, content, invoice, day, choices),
    }


def _differs(
    session: Session,
    order: Order,
    content: OrderContent,
    invoice: InvoiceContent | None,
    day: date,
    choices: Choices,
) -> str:
    """What an accountant has to look at, in words; '' for nothing."""
    if not order.invoice_id:
        settled = order.never or (order.withheld is not None and order.withheld.reason in NOT_OURS)
        return "" if settled else f"no invoice: {session.engine.people.where(order.stream)}"
    ended = order.gone or content.status.casefold() == "cancelled"
    if order.invoice_gone:
        return "" if order.born is not None and ended else "the invoice was deleted in QuickBooks"
    if invoice is None:
        return "QuickBooks has not shown the invoice yet"
    if ended:
        state = "is gone from WizCommerce" if order.gone else "was cancelled"
        return "" if invoice.voided else f"the order {state}, and the invoice stands"
    if invoice.voided:
        return "the invoice was voided in QuickBooks"
    total = order_total(content, choices)
    found = [f"total {total:.2f}, invoiced {invoice.total:.2f}"] if total != invoice.total else []
    found += [f"tax {content.tax:.2f}, invoiced {invoice.tax:.2f}"] if content.tax != invoice.tax else []
    chosen = ", as a person chose" if invoice.dated == order.override.dated else ""
    received = invoice.total - invoice.balance
    # More may be received in QuickBooks: what is entered there is never written to an order (WizCommerce reference, A-17).
    short = content.paid > received
    found += [f"paid {content.paid:.2f} in WizCommerce, {received:.2f} in QuickBooks"] if short else []
    elsewhere = order.born is None and invoice.dated not in (
        None,
        day,
    )  # what was born as an invoice has its own creation
    found += [f"invoiced under {invoice.dated}{chosen}"] if elsewhere else []
    return "; ".join(found)


def _months(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the orders of each month come to; cancelled ones, and those of the baseline, are no orders to be invoiced."""
    months: dict[str, dict[str, Any]] = {}
    for row in rows:
        if not (row["invoice_id"] or row["differs"]):
            continue
        called = f"{row['ordered']:%Y-%m}"
        month = months.setdefault(called, {"month": called, "orders": 0, "invoices": 0, **dict.fromkeys(SUMS, ZERO)})
        counts = row["status"].casefold() not in ("cancelled", "gone")
        month["orders"] += counts
        month["invoices"] += bool(row["invoice_id"])
        month["total"] += row["total"] if counts else ZERO
        for name in ("invoice_total", "paid", "balance"):
            month[name] += row[name]
        month["difference"] = month["total"] - month["invoice_total"]
    return list(months.values())


SUMS = ("total", "invoice_total", "difference", "paid", "balance")


def _say(told: dict[str, Any], differs: bool) -> None:
    click.echo(f"{told['connection']}: {told['differ']} of the orders differ ({told['time_zone']})")
    if told["orders"]:
        say_table(HEADS, [_cells(row) for row in told["orders"]])
    elif not differs:
        click.echo("WizCommerce showed no order of that time.")
    if told["months"]:
        click.echo("")
        names = ("orders", "total", "invoices", "invoice_total", "difference", "paid", "balance")
        say_table(MONTH_HEADS, [[m["month"], *(_money(m[name]) for name in names)] for m in told["months"]])


def _cells(row: dict[str, Any]) -> list[str]:
    names = (
        "order",
        "ordered",
        "total",
        "tax",
        "invoice",
        "invoiced",
        "invoice_total",
        "invoice_tax",
        "paid",
        "balance",
    )
    there = row["invoice_id"]
    shown = [_money(row[name]) if there or name in names[:4] else "-" for name in names]
    return [*shown, row["differs"] or "-"]


def _money(value: object) -> str:
    """Money to the cent, whatever else as it is."""
    return f"{value:.2f}" if isinstance(value, Decimal) else "-" if value is None else str(value)
