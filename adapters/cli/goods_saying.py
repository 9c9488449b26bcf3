"""Why a product stands where it stands, for people: the lines of `why product`."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import click

from adapters.cli.goods_words import AT_ZERO, quantity
from adapters.cli.printing import both_times, clean, sentences, zone_of
from adapters.cli.session import Session
from adapters.cli.story_commands import DECIDED, is_person
from adapters.cli.story_contents import plain
from engine.domain.customer_policies import NAMED
from engine.domain.values import connection_of

SKU_FROM = {"sku": "from the item's SKU", "name": "from the item's name", "full-name": "from the item's full name"}
"""`sku-source` in words."""
PULLS = {
    "products": "QuickBooks' changed items",
    "stock": "QuickBooks' stock",
    "shop-products": "WizCommerce's products",
    "shop-stock": "WizCommerce's stock records",
}
"""A pull → what it reads."""
When = Callable[[datetime | None], str]


def say_product(session: Session, told: dict[str, Any]) -> None:
    """The report, line by line; times as the company shows them, with UTC."""
    gate = session.engine.around.gate(connection_of(told["stream"]))
    zone = zone_of(gate.facts.time_zone if gate else "")

    def when(at: datetime | None) -> str:
        return both_times(at, zone) if at else "an unknown time"

    _line(f"Product {told['sku'] or '(without a SKU)'} ({told['stream']})")
    _line(f"  {_stands(told)}")
    for line in [*_quickbooks(told["quickbooks"], when), *([] if told["is_category"] else _sold(told, when))]:
        _line(f"  {line}")
    for one in told["waiting"]:
        what = DECIDED[one["verb"]].format(NAMED[one["system"]])
        _line(f"  {one['state']}: {what}, since {when(one['since'])}: {sentences(one['reason'], one['next_step'])}")
    for one in told["notices"]:
        _line(f"  needs you ({one['topic']}): {sentences(one['sentence'], one['next_step'])}")
    for one in told["pulls"]:
        _line(f"  {_pull(one, when)}")
    _line(f"Next: {told['next']}")
    if told["refresh"]:
        _line(f"Sync this item now: `{told['refresh']}`")


def _sold(told: dict[str, Any], when: When) -> list[str]:
    """What is so of products alone, not of categories."""
    prices = _price(told["quickbooks"], told["wizcommerce"])
    return [*_wizcommerce(told["wizcommerce"], when), *prices, *_stock(told["stock"], when)]


def _line(text: str) -> None:
    click.echo(clean(text))


def _stands(told: dict[str, Any]) -> str:
    states = {
        "shown": "shown in WizCommerce",
        "inactive": "in WizCommerce, not shown",
        "deleted": "not in WizCommerce any more",
        "not there": "not in WizCommerce",
    }
    state = states[told["wizcommerce"]["state"]]
    if not told["reason"]:
        return f"{state}."
    but = "; but" if state == states["shown"] else ":"
    return f"{state}{but} {sentences(told['reason'], told['next_step'])}"


def _quickbooks(told: dict[str, Any], when: When) -> list[str]:
    if not told:
        return ["QuickBooks never showed it"]
    state = f"merged into item {told['merged_into']}" if told["state"] == "merged" else told["state"]
    path = f", category {told['category']}" if told["category"] else ""
    glance = f"{told['name']}, {told['type'] or '(no type)'}, {state}, price {plain(told['price'])}{path}"
    sku = f"its SKU here is {told['sku_taken'] or '(none)'}, {SKU_FROM[told['sku_source']]} (sku-source)"
    return [
        f"QuickBooks last showed item {told['id']} at {when(told['seen_at'])}, revision {told['revision'] or '(none)'}:",
        f"  {glance}",
        f"  {sku}",
    ]


def _wizcommerce(told: dict[str, Any], when: When) -> list[str]:
    if not told["id"]:
        return ["WizCommerce does not have it"]
    who = f", by {told['who']}" if is_person(told["who"]) else ""
    since = f"since {when(told['since'])}: {told['how'] or 'first seen there'}{who}"
    lines = [f"WizCommerce product {told['id']} {since}"]
    if told["sku"]:
        seen = f"last shown at {when(told['seen_at'])}"
        lines.append(f"  {told['name']}, SKU {told['sku']}, {told['state']}; {seen}")
    sent = [f"the product {when(told['put_at'])}"] if told["put_at"] else []
    sent += [f"its stock {when(told['stocked_at'])}"] if told["stocked_at"] else []
    return [*lines, *([f"  what we sent last went: {', '.join(sent)}"] if sent else [])]


def _price(there: dict[str, Any], here: dict[str, Any]) -> list[str]:
    """Both sides' price, and what becomes of it by choice."""
    if not there:
        return []
    rules = {"never": "; prices are left alone", "creation": "; it is sent only when a product is made"}
    rule = rules.get(here["prices"], "")
    if here["prices"] != "never" and not here["price_list"]:
        return [
            f"price: {plain(there['price'])} in QuickBooks; nobody has said which price list of WizCommerce it goes to"
        ]
    listed = f" in WizCommerce's price list {here['price_list']}" if here["price_list"] else " in WizCommerce"
    return [f"price: {plain(there['price'])} in QuickBooks, {plain(here['price'])}{listed}{rule}"]


def _stock(told: dict[str, Any], when: When) -> list[str]:
    if not told["counted"]:
        return [f"stock: not counted, since {told['not_counted_because']}; of it there is always some"]
    lines = ["stock: QuickBooks has not said yet how much there is"]
    if told["on_hand"] is not None:
        below = ", less than none: WizCommerce shows 0" if told["negative"] else ""
        lines = [f"stock: QuickBooks has {quantity(told['on_hand'])} on hand (at {when(told['on_hand_at'])}){below}"]
    for one in told["subtracted"]:
        invoiced = "invoiced, and not in that figure yet" if one["invoiced"] else "not invoiced yet"
        lines.append(f"  less {quantity(one['quantity'])} for order {one['order']} ({invoiced})")
    if told["in_the_figure"]:
        orders = ", ".join(told["in_the_figure"])
        lines.append(f"  no more subtracted, since their invoices are in that figure: order {orders}")
    there = told["in_wizcommerce"]
    shows = f"{_figures(there)} (at {when(told['in_wizcommerce_at'])})" if there else "no stock record"
    lines.append(f"  WizCommerce has {shows}")
    if told["wanted"] and told["wanted"] != there:
        lines.append(f"  it is to have {_figures(told['wanted'])}")
    policy = told["zero_policy"]
    return [
        *lines,
        f"  while nothing of it is available: {policy} ({AT_ZERO[policy]}), {_whose(told['zero_policy_by'], when)}",
    ]


def _figures(level: dict[str, Any]) -> str:
    if not level["counted"]:
        return "it as not counted, always available"
    in_stock, reserved, available = (quantity(Decimal(level[name])) for name in ("in_stock", "reserved", "available"))
    return f"{in_stock} in stock, {reserved} reserved, {available} available"


def _whose(by: dict[str, Any], when: When) -> str:
    if by["of"] == "default":
        return "the default"
    where = "this product" if by["of"] == "product" else "the connection"
    return f"chosen for {where} by {by['who']} at {when(by['at'])}"


def _pull(told: dict[str, Any], when: When) -> str:
    last = f"read last at {when(told['last_at'])}" if told["last_at"] else "not read yet"
    if told["under_way_since"]:
        following = "being read now"
    elif told["not_now"]:
        following = f"not now: {told['not_now']}"
    else:
        following = f"next at {when(told['next_at'])}" if told["next_at"] else "read when somebody asks"
    return f"{PULLS[told['what']]}: {last}, {following}"
