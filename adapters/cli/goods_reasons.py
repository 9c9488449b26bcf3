"""`why product`: what each side last showed of a product, why it is shown or not, and how much of it there is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from adapters.cli.finding import NotFound, find, ident_of
from adapters.cli.goods_figures import figures_of
from adapters.cli.goods_saying import say_product
from adapters.cli.naming import typed_for
from adapters.cli.printing import say_json, short_time
from adapters.cli.refresh import why_not
from adapters.cli.runs import by_the_clock, last_runs
from adapters.cli.session import Session
from adapters.cli.story import whole_story
from adapters.cli.story_next import next_step
from adapters.cli.why_rows import notice_rows, waiting_row
from engine.domain import events as e
from engine.domain.commands import Command, unfinished
from engine.domain.events import Recorded, Verb
from engine.domain.product import (
    Product,
    effective_sku,
    is_category,
    is_decided_against,
    last_refused,
    path_of,
    shown_sku,
)
from engine.domain.product_around import HERE, ProductAround, wanted_of
from engine.domain.product_policies import ACTIVE, DELETED_THERE, why_not_put
from engine.domain.values import System, connection_of

VERBS: tuple[Verb, ...] = ("PutProduct", "SetStock", "DeactivateProduct")
LOOKED_AT = ("products", "stock", "shop-products", "shop-stock")
"""The pulls that read products and their stock."""
Why = tuple[str, str]
"""A sentence, and the next step."""


def why_product(session: Session, ident: str, connection: str | None, in_json: bool) -> None:
    """Why a product stands where it stands. Raises NotFound with a sentence that says when it is looked for."""
    session.catch_up()
    try:
        stream = find(session, "product", ident, connection)
    except NotFound as problem:
        raise NotFound(never_seen(session, problem, connection)) from None
    told = _told(session, session.engine.records.product(stream))
    if in_json:
        return say_json(told)
    say_product(session, told)


def never_seen(session: Session, problem: NotFound, connection: str | None) -> str:
    """That an item was never seen, when it is seen at the latest, and how at once."""
    names = [session.connection(connection)] if connection else session.connections()
    standing = [one for name in names for one in session.engine.schedule.cursors.standing(name)]
    due = [at for one in standing if one.what == "products" and (at := by_the_clock(one.due_at, session.now()))]
    when = f" Items that changed are read next at {short_time(min(due))};" if due else ""
    return f"{problem}{when} `wizqbo refresh products` reads them now."


def _told(session: Session, product: Product) -> dict[str, Any]:
    around = session.engine.records.product_around(product)
    story = whole_story(session, product.stream)
    sentence, step = _why(session, product, around, story)
    ident = ident_of(session, product.stream, shown_sku(product))
    return {
        "stream": product.stream,
        "sku": shown_sku(product),
        "is_category": product.item is not None and is_category(product.item),
        "quickbooks": _in_quickbooks(session, product, around),
        "wizcommerce": _in_wizcommerce(session, product, around, story),
        "reason": sentence,
        "next_step": typed_for(step, "product", ident),
        "waiting": [waiting_row(command, "product", ident) for command in _waiting(product)],
        "stock": figures_of(session, product, around),
        "notices": notice_rows(session, product, "product", ident),
        "pulls": _pulls(session, connection_of(product.stream)),
        "next": next_step(session, product.stream),
        "refresh": _refresh(session, product),
    }


# ---- what each side shows ------------------------------------------------------------------------------------------------


def _in_quickbooks(session: Session, product: Product, around: ProductAround) -> dict[str, Any]:
    item, sight = product.item, product.sights.get("quickbooks")
    if item is None or sight is None:
        return {}
    merged = product.merged_there.get("quickbooks", "")
    gone = "quickbooks" in product.gone
    return {
        "id": product.links.get("quickbooks", sight.remote_id),
        "name": item.name,
        "type": item.item_type,
        "state": "merged" if merged else "gone" if gone else "active" if item.active else "inactive",
        "merged_into": merged,
        "price": item.unit_price,
        "category": path_of(item),
        "sku": item.sku,
        "sku_taken": effective_sku(item, around.sku_source),
        "sku_source": around.sku_source,
        "revision": sight.revision,
        "seen_at": _seen_at(session, product, "quickbooks"),
    }


def _in_wizcommerce(
    session: Session, product: Product, around: ProductAround, story: Sequence[Recorded]
) -> dict[str, Any]:
    there, listed = product.shown_by(HERE), around.choices.of("price-list")
    since = _linked(story, product.links.get(HERE, ""))
    gone = HERE in product.gone
    prices = {one.price_list: one.price for one in there.prices} if there else {}
    return {
        "id": product.links.get(HERE, ""),
        "state": "not there" if there is None else "deleted" if gone else "shown" if there.active else "inactive",
        "sku": there.sku if there else "",
        "name": there.name if there else "",
        "since": since.recorded_at if since else None,
        "how": since.event.how.removesuffix(": answered") if since and isinstance(since.event, e.RecordLinked) else "",
        "who": since.who if since else "",
        "price": prices.get(listed),
        "price_list": listed,
        "prices": around.choices.of("prices"),
        "seen_at": _seen_at(session, product, HERE),
        "put_at": product.put_at,
        "stocked_at": product.stocked_at,
    }


def _linked(story: Sequence[Recorded], remote_id: str) -> Recorded | None:
    """The event that made a WizCommerce product this one's."""
    found = [
        r
        for r in story
        if isinstance(r.event, e.RecordLinked) and (r.event.system, r.event.remote_id) == (HERE, remote_id)
    ]
    return found[-1] if found else None


def _seen_at(session: Session, product: Product, system: System) -> datetime | None:
    sql = "SELECT seen_at FROM claims WHERE connection = %s AND system = %s AND kind = 'product' AND remote_id = %s"
    rows = session.rows(sql, connection_of(product.stream), system, product.links.get(system, ""))
    return rows[0][0] if rows else None


# ---- why -----------------------------------------------------------------------------------------------------------------


def _why(session: Session, product: Product, around: ProductAround, story: Sequence[Recorded]) -> Why:
    """Why WizCommerce does not show it, or no more as QuickBooks does; ('', '') when nothing stands in the way."""
    if product.item is None:
        return "QuickBooks never showed it", ""
    if is_category(product.item):
        return "a category is no product: its products name it in their path", ""
    return _why_nothing(session, around) or _why_it_stands(product, around, story)


def _why_nothing(session: Session, around: ProductAround) -> Why | None:
    """What keeps all products of the connection waiting."""
    name = around.connection
    if around.choices.of("products") == "off":
        return "products are off on this connection", f"`wizqbo --as NAME set {name} products pull` pulls them."
    gate = session.engine.around.gate(name)
    if gate is None or not gate.accepted:
        return "nobody has accepted the first sync of this connection yet", f"`wizqbo first-sync {name}`."
    if not around.decides:
        return "QuickBooks' items are not read to the end yet", "It goes by itself."
    return None


def _why_it_stands(product: Product, around: ProductAround, story: Sequence[Recorded]) -> Why:
    open_, refused = unfinished(product.commands, HERE), last_refused(product, "PutProduct")
    if product.never:
        return _never(story), "`wizqbo push product` takes that back."
    if HERE in product.gone:
        return DELETED_THERE.sentence, DELETED_THERE.next_step
    if HERE not in product.links and open_ is not None:
        return "it is on its way", ""
    if HERE not in product.links and refused is not None:
        return f"WizCommerce said no: {refused.reason}", refused.next_step
    wanted = wanted_of(product, around)
    if wanted.hidden:
        return "nothing of it is available, and it is hidden then", "It is shown again when there is some."
    if HERE in product.links and not wanted.shown:
        return _down(product), "It is shown again when QuickBooks has it active."
    if ACTIVE in product.attention:
        return product.attention[ACTIVE].sentence, product.attention[ACTIVE].next_step
    withheld = why_not_put(product, around)
    return (withheld.sentence, withheld.next_step or "It goes by itself when that changes.") if withheld else ("", "")


def _down(product: Product) -> str:
    if product.merged_there:
        return f"QuickBooks merged it into item {product.merged_there['quickbooks']}"
    return "it is gone from QuickBooks" if "quickbooks" in product.gone else "it is inactive in QuickBooks"


def _never(story: Sequence[Recorded]) -> str:
    last = next((r for r in reversed(story) if is_decided_against(r.event, r.who)), None)
    if last is None:
        return "a person decided that it is never sent"
    if isinstance(last.event, e.PushWithheld):
        return last.event.sentence
    why = last.event.why if isinstance(last.event, e.CommandAbandoned) else ""
    return f"{last.who} decided that it is never sent{f': {why}' if why else ''}"


def _waiting(product: Product) -> list[Command]:
    """What is on its way, and what was refused last."""
    refused = [command for verb in VERBS if (command := last_refused(product, verb)) is not None]
    return [*refused, *(command for command in product.commands.values() if command.unfinished)]


# ---- when it is looked at ------------------------------------------------------------------------------------------------


def _pulls(session: Session, connection: str) -> list[dict[str, Any]]:
    """When both sides' products and stock were read last, and when next."""
    gate = session.engine.around.gate(connection)
    told = []
    for one in session.engine.schedule.cursors.standing(connection):
        if one.what not in LOOKED_AT:
            continue
        last = next(iter(last_runs(session, connection, one.what)), None)
        ended = [at for at in (last.ended_at if last else None, one.quiet_at) if at is not None]
        told.append(
            {
                "what": one.what,
                "last_at": max(ended, default=None),
                "next_at": by_the_clock(one.due_at, session.now()),
                "under_way_since": one.started_at,
                "not_now": why_not(gate, one.what) if gate else "",
            }
        )
    return told


def _refresh(session: Session, product: Product) -> str:
    remote_id = product.links.get("quickbooks", "")
    several = len(session.connections()) > 1
    where = f" --connection {connection_of(product.stream)}" if several else ""
    return f"wizqbo refresh products --id {remote_id}{where}" if remote_id else ""
