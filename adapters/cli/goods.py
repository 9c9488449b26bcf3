"""`stock`: how much of each product QuickBooks has, what WizCommerce shows of it, and where the two differ."""

from decimal import Decimal
from typing import Any

import click

from adapters.cli.goods_words import quantity
from adapters.cli.printing import as_json, say_each, say_json, say_table, short_time
from adapters.cli.session import Session, pass_session
from adapters.cli.unsettled import state_words

MOST_SHOWN = 200
"""Rows of a connection for people."""
IN_WIZCOMMERCE = ("shown", "not shown")
STATES = {"held": "waits", "left": "left out", "": "not decided about yet"}
"""A state of `inventory` → its words, where they are others."""


@click.command("stock")
@click.argument("connection", required=False)
@click.option("--differs", is_flag=True, help="Only the products whose stock differs.")
@as_json
@pass_session
def stock(session: Session, connection: str | None, differs: bool, in_json: bool) -> None:
    """Show both sides' stock of every product side by side, by SKU, and where they differ.

    QuickBooks' quantity on hand is what WizCommerce is to have in stock; below none it is to have 0.
    Example: wizqbo stock acme --differs
    """
    session.catch_up()
    names = [session.connection(connection)] if connection else session.connections()
    told = [_of_connection(session, name, differs) for name in names]
    if in_json:
        return say_json(told)
    say_each(told, lambda one: _say(one, differs))


FIELDS = (
    *("stream", "sku", "name", "item_type", "state", "reason", "sentence", "counted"),
    *("on_hand", "on_hand_at", "in_stock", "reserved", "available", "in_wizcommerce_at", "under_way"),
)


def _of_connection(session: Session, connection: str, differs: bool) -> dict[str, Any]:
    """All its products, by SKU. `under_way` is the state of the request that is to set its stock; '' when there is none."""
    gate = session.engine.around.gate(connection)
    tracks = gate is not None and gate.facts.tracks_inventory
    sql = (
        "SELECT i.stream, i.sku, i.name, i.item_type, i.state, i.reason, i.sentence, i.tracked AND %s, i.on_hand, "
        "i.on_hand_at, i.in_stock, i.reserved, i.available, i.shop_at, coalesce(w.status, '') FROM inventory i "
        "LEFT JOIN pending_work w ON w.stream = i.stream AND w.verb = 'SetStock' WHERE i.connection = %s "
        'ORDER BY i.sku COLLATE "C", i.stream'
    )
    found = [dict(zip(FIELDS, row, strict=True)) for row in session.rows(sql, tracks, connection)]
    rows = [{**row, "differs": _differs(row)} for row in found]
    return {
        "connection": connection,
        "counts_inventory": tracks,
        "products": len(rows),
        "counted": sum(bool(row["counted"]) for row in rows),
        "differ": sum(bool(row["differs"]) for row in rows),
        "rows": [row for row in rows if row["differs"] or not differs],
    }


def _differs(row: dict[str, Any]) -> str:
    """What differs, in words; '' when nothing does, or there is nothing to compare."""
    if not row["counted"] or row["state"] not in IN_WIZCOMMERCE:
        return ""
    going = f"; the request that sets it: {state_words(row['under_way'], 'wizcommerce')}" if row["under_way"] else ""
    if row["in_stock"] is None:
        return f"WizCommerce has no stock record of it{going}"
    if row["on_hand"] is None or row["in_stock"] == max(Decimal(0), row["on_hand"]):
        return ""
    there, here = quantity(row["in_stock"]), quantity(row["on_hand"])
    return f"WizCommerce has {there} in stock, QuickBooks {here} on hand{going}"


def _say(told: dict[str, Any], differs: bool) -> None:
    rows, name = told["rows"], told["connection"]
    uncounted = told["products"] - told["counted"]
    click.echo(name)
    if rows:
        heads = (
            "SKU",
            "name",
            "in WizCommerce",
            "on hand",
            "as of",
            "in stock",
            "reserved",
            "available",
            "as of",
            "differs",
        )
        say_table(heads, [_cells(row) for row in rows[:MOST_SHOWN]])
    if len(rows) > MOST_SHOWN:
        click.echo(f"… and {len(rows) - MOST_SHOWN:,} more (--json lists all)")
    if not told["products"]:
        return click.echo("No product was seen yet.")
    besides = f"; {uncounted:,} are not counted" if uncounted else ""
    why = "" if told["counts_inventory"] else ", since inventory tracking is off in QuickBooks"
    click.echo(f"{told['differ']:,} of {told['products']:,} products differ{besides}{why}.")
    if told["differ"] and not differs:
        click.echo(f"Only those: wizqbo stock {name} --differs. About one: wizqbo why product SKU")


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    state = STATES.get(row["state"], row["state"])
    state = f"{state}: {row['sentence']}" if row["sentence"] else state
    named = (row["sku"], row["name"], state)
    if not row["counted"]:
        return (*named, "not counted", "-", "-", "-", "-", short_time(row["in_wizcommerce_at"]), "")
    figures = (_figure(row[one]) for one in ("in_stock", "reserved", "available"))
    there = (*figures, short_time(row["in_wizcommerce_at"]))
    return (*named, _figure(row["on_hand"]), short_time(row["on_hand_at"]), *there, row["differs"] or _below(row))


def _figure(number: Decimal | None) -> str:
    return "-" if number is None else quantity(number)


def _below(row: dict[str, Any]) -> str:
    """That QuickBooks has less than none: no difference, since WizCommerce cannot show it."""
    return "below none in QuickBooks" if row["on_hand"] is not None and row["on_hand"] < 0 else ""
