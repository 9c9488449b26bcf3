"""What the demo says: its table, the story of the order that waited, and how to look further."""

import shlex

import click

from adapters.cli.printing import say_json, say_table
from adapters.cli.session import Session
from adapters.cli.story import tell
from adapters.demo.counting import Count
from adapters.demo.morning import WAITED, stream_of
from adapters.demo.stage import CONNECTION, Stage


def say_outcome(stage: Stage, count: Count) -> None:
    """The table, the history of one order, and the verdict."""
    click.echo()
    heads = ("order", "invoice", "total", "paid", "balance", "shipped", "state", "own time", "waited for")
    rows = [
        (
            row.order,
            row.invoice or "-",
            f"{row.total:.2f}",
            f"{row.paid:.2f}",
            f"{row.balance:.2f}",
            row.shipped.replace("_", " ").lower() or "-",
            row.state,
            "-" if row.own_seconds is None else f"{row.own_seconds:.2f} s",
            row.held_for or "-",
        )
        for row in count.rows
    ]
    say_table(heads, rows)
    stream = stream_of(stage, WAITED)
    if stream:
        click.echo(f"\n{tell(_OnStage(stage), stream).text()}")
    click.echo(f"\n{_verdict(count)}")


def say_summary(count: Count) -> None:
    """One JSON object."""
    say_json(count.summary)


def say_further() -> None:
    """What to try next when nothing was kept."""
    click.echo("Look further: `wizqbo demo --keep` leaves all of this running and says how to ask it questions.")


def say_kept(stage: Stage, to_stderr: bool) -> None:
    """The addresses, and how the other commands reach this log."""
    settings = stage.settings
    lines = [
        "",
        "Everything is left running until you press Ctrl-C; then it is all removed.",
        f"  wizqbo       {settings.address}",
        f"  QuickBooks   {stage.bookkeeper.address}   (its state: {stage.bookkeeper.address}/_standin/state)",
        f"  WizCommerce  {stage.seller.address}   (its state: {stage.seller.address}/_standin/state)",
        "In another terminal:",
        f"  . {shlex.quote(str(stage.settings_file))}",
        "  wizqbo status",
        f"  wizqbo history order {WAITED}",
        f"  wizqbo pending {CONNECTION}",
        "  wizqbo verify",
    ]
    for line in lines:
        click.echo(line, err=to_stderr)


def _verdict(count: Count) -> str:
    said = count.summary
    own = said["own_time_ms"]
    chain = "the log's chain holds" if said["log"]["verified"] else "THE LOG'S CHAIN IS BROKEN"
    adds_up = "the same on both sides" if said["adds_up"] else "NOT THE SAME ON BOTH SIDES"
    right = (
        "each order is exactly one invoice of the same total, or voided with it, and each invoice made in QuickBooks one order"
        if count.good
        else "NOT EVERY ORDER IS ONE INVOICE"
    )
    return (
        f"{said['orders']} orders, {said['invoices']} invoices, and {said['from_quickbooks']['invoices']} the other way round: "
        f"{right}. Invoiced {said['invoiced']:.2f}, "
        f"paid {said['paid']:.2f} in {said['payments']} payments, open {said['open']:.2f}: {adds_up}. "
        f"{said['shipped']} shipped. {said['duplicates']} duplicates, "
        f"{said['lost']} lost, {said['held']} held, {said['customers_created']} customer created, "
        f"{said['conflicts']} conflict settled, "
        f"{said['metered_reads']} QuickBooks reads that count toward the plan. "
        f"Our own time: half within {own['p50']:.0f} ms, all within {own['p99']:.0f} ms. "
        f"{said['log']['events']} events, and {chain}."
    )


class _OnStage(Session):
    """A command's session over the engine of the stage, so that the demo tells a story as `wizqbo history` does."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.engine.clock)
        self._settings, self._engine = stage.settings, stage.engine
