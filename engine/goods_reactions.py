"""What a fact means for products: which SKU means which item now, who else has that SKU, what an order takes of them."""

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile
from typing import LiteralString

from engine.bundles_around import is_bundle
from engine.domain.events import OrderObserved, ProductObserved, Recorded, RecordGone, RecordMergedThere
from engine.domain.first_days import waits_for_item
from engine.domain.invoice_from_order import sku_key
from engine.domain.product import effective_sku, is_category, usable
from engine.domain.values import kind_of
from engine.holds import Holds, Outcome
from engine.log import Entry, Statement
from engine.memory import arrive
from engine.records import Records

GOODS_CHOICES = (
    "products",
    "item-types",
    "bundles",
    "sku-source",
    "prices",
    "zero-prices",
    "zero-stock",
    "description-attribute",
    "cost-attribute",
    "price-list",
)
"""Choices that every product depends on."""


class GoodsReactions:
    """Part of `react`: adds to the outcome of one event."""

    def __init__(self, records: Records, holds: Holds) -> None:
        self._records = records
        self._holds = holds

    def product(self, recorded: Recorded, connection: str, out: Outcome) -> None:
        """A product is seen, gone or merged: orders may find it under another SKU, and others of its SKU decide again."""
        stream, event = recorded.stream, recorded.event
        if isinstance(event, ProductObserved) and is_category(event.content):
            if recorded.version > 1:  # what is below it moved too, and only in time: one look shows it all
                out.memory.append(look_at_changes(connection, recorded.recorded_at))
            return
        self._holds.item(stream, connection, out)
        product = self._records.product(stream)
        ours = product.links.get("quickbooks", "")
        for loser in self._records.around.goods.merged_into(connection, ours) if ours else ():
            self._holds.item(loser, connection, out)
        if recorded.version > 1 or not isinstance(event, ProductObserved):
            self._sharing(recorded, connection, out)
        else:
            source = self._records.around.goods.facts(connection)[1].of("sku-source")
            self._again(connection, {sku_key(effective_sku(event.content, source))} - {""}, stream, out)

    def woken_by(self, recorded: Recorded, connection: str) -> list[str]:
        """The keys under which orders wait for what this event says of an item of QuickBooks. A bundle is not what arrives for a
        SKU by itself: its parts decide, too."""
        event = recorded.event
        if not isinstance(event, ProductObserved | RecordGone | RecordMergedThere) or event.system != "quickbooks":
            return []
        keys = [waits_for_item(connection, event.remote_id)]
        if isinstance(event, ProductObserved) and is_bundle(event.content):
            source = self._records.around.goods.facts(connection)[1].of("sku-source")
            keys.append(f"sku:{connection}:{sku_key(effective_sku(event.content, source))}")
        return keys

    def first_items(self, seen: Sequence[Recorded], connection: str, out: Outcome) -> int:
        """The same of many items that were seen for the first time, with a few questions for all of them; takes them all."""
        source = self._records.around.goods.facts(connection)[1].of("sku-source")
        contents = {r.stream: r.event.content for r in seen if isinstance(r.event, ProductObserved)}
        skus = {
            stream: sku_key(effective_sku(content, source))
            for stream, content in contents.items()
            if not is_category(content)
        }
        awaited = self._holds.awaited(f"sku:{connection}:{sku}" for sku in skus.values() if sku)
        for stream, sku in skus.items():
            key = f"sku:{connection}:{sku}"
            if key in awaited:
                self._holds.item(stream, connection, out)
            elif sku and usable(contents[stream]):
                because = f"QuickBooks has an active item with SKU {effective_sku(contents[stream], source)}"
                out.memory.append(arrive(key, f"product:{stream}", because))
        shared = self._records.around.goods.sharing_streams(connection, set(skus.values()) - {""})
        self._decide(connection, shared, out)
        return len(seen)

    def sold_as_known(self, seen: Sequence[Recorded], connection: str, out: Outcome) -> int:
        """The same of products that WizCommerce shows under the SKU that means their item already: nothing new is to be found
        by it, and only who shares it decides again. Takes those that come before the first one of which more is to be said."""
        skus = {r.stream: sku_key(r.event.content.sku) for r in seen if isinstance(r.event, ProductObserved)}
        told = self._holds.told_apart(connection, skus)
        known = list(takewhile(lambda recorded: recorded.stream in told, seen))
        shared = self._records.around.goods.sharing_streams(connection, {skus[one.stream] for one in known})
        self._decide(connection, shared, out)
        return len(known)

    def _sharing(self, recorded: Recorded, connection: str, out: Outcome) -> None:
        """Other items that have, or had, a SKU of this product: one more or one less shares it now."""
        source = self._records.around.goods.facts(connection)[1].of("sku-source")
        story = (one.event for one in self._records.log.read(recorded.stream))
        shown = [e for e in story if isinstance(e, ProductObserved)]
        skus = {sku_key(effective_sku(e.content, source if e.system == "quickbooks" else "sku")) for e in shown[-3:]}
        self._again(connection, skus - {""}, recorded.stream, out)

    def _again(self, connection: str, skus: set[str], but: str, out: Outcome) -> None:
        streams = self._records.around.goods.with_sku(connection, skus)
        self._decide(connection, [one for one in streams if one != but], out)

    def order(self, stream: str, connection: str, out: Outcome) -> None:
        """An order takes more or less than before: the stock of what it names, or named, is told anew."""
        if kind_of(stream) != "order":
            return
        goods = self._records.around.goods
        if not goods.is_on(connection):
            return
        story = (one.event for one in self._records.log.read(stream))
        contents = [event.content for event in story if isinstance(event, OrderObserved)]
        skus = {sku_key(line.sku) for content in contents for line in content.lines} - {""}
        self._decide(connection, goods.sold_as(connection, skus), out)

    def _decide(self, connection: str, streams: list[str], out: Outcome) -> None:
        taken = {entry.stream for entry in out.entries}
        wanted = [one for one in streams if one not in taken]
        if not wanted:
            return
        products = self._records.products(wanted)
        around = self._records.around.goods.of(connection, list(products.values()))
        found: list[Entry] = []
        for stream, product in products.items():
            found += self._records.entries_of_product(product, [], product, around[stream])
        out.entries += found

    def chosen(self, connection: str, name: str, recorded: Recorded, out: Outcome) -> None:
        """A choice that products depend on: they decide again, and where SKUs come from elsewhere now, orders look anew."""
        out.memory.append(decide_products(connection, recorded.recorded_at))
        if name == "sku-source":
            for stream in self._records.around.goods.streams(connection):
                self._holds.item(stream, connection, out)


def decide_products(connection: str, now: datetime) -> Statement:
    """Every product of a connection decides again, stretch by stretch, beside everything else."""
    return _due(connection, "decide-products", now)


def look_at_changes(connection: str, now: datetime) -> Statement:
    """What changed in QuickBooks is looked at as soon as may be."""
    sql: LiteralString = "UPDATE cursors SET due_at = LEAST(due_at, %s) WHERE connection = %s AND what = 'changes'"
    return (sql, (now, connection))


def _due(connection: str, what: str, now: datetime) -> Statement:
    sql: LiteralString = (
        "INSERT INTO cursors (connection, what, cursor, due_at) VALUES (%s, %s, '', %s) "
        "ON CONFLICT (connection, what) DO UPDATE SET cursor = '', due_at = excluded.due_at"
    )
    return (sql, (connection, what, now))
