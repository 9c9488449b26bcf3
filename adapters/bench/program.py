"""The command line of the benchmarks."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import msgspec

from adapters.bench.append import append
from adapters.bench.catalogue import catalogue
from adapters.bench.first_sync import first_sync
from adapters.bench.latency import latency
from adapters.bench.loops import work_until_told
from adapters.bench.orders import orders
from adapters.bench.standin import standin
from adapters.database import DatabaseUnavailable
from adapters.demo.room import room_of_its_own
from engine.settings import SettingsProblem, settings_from

as_json = click.option("--json", "in_json", is_flag=True, help="Print one JSON object, for a machine.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def program() -> None:
    """Measures, and prints what it measured. Where PostgreSQL is needed, on one of its own, removed afterwards."""


@program.command("latency")
@click.option("--seconds", type=click.FloatRange(1), default=60.0, show_default=True, help="How long orders come.")
@click.option("--per-second", type=click.FloatRange(0.1, 50), default=5.0, show_default=True, help="Orders a second.")
@as_json
def latency_command(seconds: float, per_second: float, in_json: bool) -> None:
    """Our own time from a webhook received to its invoice acknowledged."""
    with room_of_its_own(_home()) as folder:
        found = latency(folder, seconds, per_second)
    own, aim = found["own_time_ms"], found["aim_ms"]
    text = [
        f"{found['orders']} orders at {per_second:g} a second became {found['invoices']} invoices.",
        f"Own time: p50 {own['p50']} ms (aim: under {aim['p50']:g}), p90 {own['p90']} ms, "
        f"p99 {own['p99']} ms (aim: under {aim['p99']:g}), longest {own['p100']} ms.",
        f"Ratio to the aim: p50 {own['p50'] / aim['p50']:.2f}, p99 {own['p99'] / aim['p99']:.2f}.",
        f"QuickBooks reads that count toward the plan, an order: {found['metered_reads_per_order']:g}.",
    ]
    _say(found, text, in_json)


@program.command("append")
@as_json
def append_command(in_json: bool) -> None:
    """Events a second through our log, against the library as it comes."""
    with room_of_its_own(_home()) as folder:
        found = append(folder)
    text = [
        f"{size} event(s) a save: ours {one['ours']:.0f} a second, stock {one['stock']:.0f}; "
        f"ratio {one['ratio']:.2f} (aim: at least {found['aim']:g})."
        for size, one in found["events_a_save"].items()
    ]
    _say(found, text, in_json)


@program.command("standin")
@click.option("--items", type=click.IntRange(1), default=100_000, show_default=True, help="How many items it holds.")
@as_json
def standin_command(items: int, in_json: bool) -> None:
    """A page of 1,000 items out of 100,000 from the QuickBooks stand-in."""
    found = standin(items)
    memory = found["peak_memory_mb"]
    text = [
        f"{items} items were seeded in {found['seeding_seconds']:.1f} s.",
        f"A page of {found['page_rows']} rows: {_page(found['page_ms'])} (aim: under {found['aim_ms']:g}).",
        *(f"  {name}: {_page(one)}" for name, one in found["sweeps_ms"].items()),
        f"Ratio to the aim: longest {found['ratio']:.2f}.",
        f"One count {found['count_ms']} ms, one change data capture {found['capture_ms']} ms.",
        f"Peak memory of the stand-in: {'not told by this system' if memory is None else f'{memory} MB'}.",
    ]
    _say(found, text, in_json)


@program.command("first-sync")
@click.option("--customers", type=click.IntRange(40, 9_000), default=2_000, show_default=True, help="On each side.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the customers.")
@click.option("--documents", type=click.IntRange(0), default=0, show_default=True, help="Old ones, on each side.")
@click.option("--real-limits", is_flag=True, help="Call no faster than both systems allow: a quarter of an hour.")
@as_json
def first_sync_command(customers: int, seed: int, documents: int, real_limits: bool, in_json: bool) -> None:
    """Two systems with customers of years become one connection: who was linked, who waits, and whether rightly."""
    with room_of_its_own(_home()) as folder:
        found = first_sync(folder, customers, seed, documents, real_limits)
    text = [
        f"{customers} customers on each side became {found['linked']} pairs in {found['seconds']} s "
        f"({found['reading_seconds']} s to read both sides): {found['quickbooks']} in QuickBooks, "
        f"{found['wizcommerce']} in WizCommerce.",
        f"Held for a person: {found['held']}, of which nobody foretold {found['unpredicted_holds']}.",
        f"Made twice: {found['duplicates']}; linked wrongly: {found['wrong_links']}; "
        f"the same and not linked: {found['missed_links']}; fields that differ: {found['differences']}.",
        f"Of {documents} old orders and as many old invoices, written: {found['document_writes']}.",
        f"QuickBooks reads that count toward the plan: {found['metered_reads']}.",
    ]
    _say(found, text, in_json)


@program.command("catalogue")
@click.option("--items", type=click.IntRange(1), default=100_000, show_default=True, help="How many items it holds.")
@click.option(
    "--kill", is_flag=True, help="Kill the engine in the middle of reading, and again in the middle of writing."
)
@as_json
def catalogue_command(items: int, kill: bool, in_json: bool) -> None:
    """Items of QuickBooks become products of WizCommerce, with price and stock; and how that grows with their number."""
    sizes = [size for size in (1_000, 10_000) if size < items] if not in_json else []
    found = []
    for size in [*sizes, items]:
        with room_of_its_own(_home()) as folder:
            found.append(catalogue(folder, size, kill=kill))
        if not in_json:
            click.echo(_catalogue(found[-1]))
    if in_json:
        _say(found[-1], [], in_json)


def _catalogue(found: Mapping[str, Any]) -> str:
    return (
        f"{found['items']} items: {found['seconds']} s, {found['items_per_second']} a second "
        f"(our own time {found['own_seconds']} s), {found['metered_reads']} metered reads, {found['pages']} of them pages of the "
        "first reading, "
        f"peak {found['peak_mb']} MB, killed {found['kills']} times; pulled again: {found['second_pull_reads']} reads in "
        f"{found['second_pull_seconds']} s, {found['second_pull_writes']} writes, {found['second_pull_events']} events."
    )


@program.command("orders")
@click.option(
    "--orders", "how_many", type=click.IntRange(1), default=2_000, show_default=True, help="How many, of 5 lines each."
)
@as_json
def orders_command(how_many: int, in_json: bool) -> None:
    """Orders through our engine, and the same pushed by a plain script: time, and QuickBooks reads that count."""
    with room_of_its_own(_home()) as folder:
        found = orders(folder, how_many)
    seconds, script = found["engine"]["seconds"], found["script"]
    text = [
        f"{how_many} orders became {found['invoices']} invoices in {seconds:.1f} s; made twice: {found['duplicates']}.",
        f"Own time: p50 {found['p50_ms']} ms, p99 {found['p99_ms']} ms. Appends an order: {found['appends_per_order']:g}.",
        f"QuickBooks reads that count toward the plan: {found['metered_reads']}.",
        f"A plain script took {script['seconds']:.1f} s and {script['metered_reads']} reads; ours to the script's: "
        f"time {seconds / script['seconds']:.1f}, reads {found['metered_reads'] / script['metered_reads']:g}.",
    ]
    _say(found, text, in_json)


@program.command("loops", hidden=True)
def loops_command() -> None:
    """The engine's loops, over the settings on standard input: what `catalogue` starts beside itself."""
    work_until_told()


def _page(figures: Mapping[str, float]) -> str:
    return f"p50 {figures['p50']} ms, p99 {figures['p99']} ms, longest {figures['p100']} ms of {figures['pages']} pages"


def _home() -> Path:
    try:
        return settings_from(os.environ).home
    except (SettingsProblem, DatabaseUnavailable) as problem:
        raise click.ClickException(str(problem)) from None


def _say(found: Mapping[str, Any], text: list[str], in_json: bool) -> None:
    click.echo(msgspec.json.encode(found).decode() if in_json else "\n".join(text))
