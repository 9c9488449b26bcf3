"""What other streams say about products at this moment: which item a SKU means, who else has it, what orders take of it.

Read from tables written in the append's own transaction, many products at a time.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, LiteralString, NamedTuple

from engine.domain.choices import Choices
from engine.domain.invoice_from_order import sku_key
from engine.domain.product import Product, effective_sku, order_key
from engine.domain.product_around import HERE, ProductAround
from engine.domain.stock import is_counted
from engine.domain.values import CompanyFacts

if TYPE_CHECKING:
    from engine.surroundings import Gate, Pool

NO_FACTS = CompanyFacts(name="")
GOODS_READ = "first-product"
"""The pull after which products are decided about: QuickBooks' items were read whole."""
KEYS = {"sku": "sku", "name": "name", "full-name": "full"}
"""`sku-source` → the match key of an item that it means."""


class Taken(NamedTuple):
    """What one order takes of a SKU: `quantity` as confirmed or as invoiced, whichever is more, of which `counted` is in
    QuickBooks' last figure. `invoiced_at` is the log position that says it was invoiced (last); 0: it was not."""

    stream: str
    number: str
    quantity: Decimal
    invoiced: Decimal
    counted: Decimal
    invoiced_at: int
    inside: bool = False
    """Whether it is what a bundle takes of it: a part has no row of its own that says what is `counted` of it."""

    def times(self, many: Decimal) -> "Taken":
        """What that many of a part in each bundle come to."""
        amounts = (self.quantity * many, self.invoiced * many, self.counted * many)
        return Taken(self.stream, self.number, *amounts, self.invoiced_at, inside=True)

    def is_news_in(self, fetched_after: int, held_before: int) -> bool:
        """Whether a figure read after that position holds the invoice, and no figure before it did, of which the last was read
        after position `held_before`."""
        if self.inside:
            return held_before < self.invoiced_at <= fetched_after
        return 0 < self.invoiced_at <= fetched_after and self.counted != self.invoiced

    def beside(self, fetched_after: int) -> Decimal:
        """How much of it is not in a figure read after that position."""
        held = self.invoiced if 0 < self.invoiced_at <= fetched_after else self.counted
        return max(Decimal(0), self.quantity - held)


class GoodsAround:
    """Answers for a page of products with one question each."""

    def __init__(self, pool: "Pool", fingerprint: Callable[[str], str], gate: Callable[[str], "Gate | None"]) -> None:
        self._pool = pool
        self._fingerprint = fingerprint
        self._gate = gate

    def of(self, connection: str, products: Sequence[Product]) -> dict[str, ProductAround]:
        """Stream → the circumstances of its decision."""
        gate = self._gate(connection)
        choices = gate.choices if gate else Choices()
        source = choices.of("sku-source")
        skus = {p.stream: sku_key(effective_sku(p.item, source)) if p.item else "" for p in products}
        former = {p.stream: p.former_sku for p in products if p.former_sku}
        sharing = self._sharing(connection, {*skus.values(), *former.values()}, source)
        keys = {p.stream: [order_key(p, source)] for p in products}
        for stream, sku in former.items():
            others = {one for some in sharing.get(sku, ()) for one in some} - {stream}
            keys[stream] += [] if others else [sku]  # who has that SKU now is meant
        facts = gate.facts if gate else NO_FACTS
        # Of what nobody counts no figure ever holds an invoice: all orders of it would be looked at, for nothing.
        counted = [p.stream for p in products if is_counted(p, facts)]
        taken = self.taken(connection, {sku for stream in counted for sku in keys[stream]})
        found = {}
        for p in products:
            sku = skus[p.stream]
            items, sellers = sharing.get(sku, ({}, {}))
            found[p.stream] = ProductAround(
                connection=connection,
                decides=gate is not None and gate.accepted and GOODS_READ in gate.pulled,
                facts=facts,
                choices=choices,
                others=sum(1 for stream in items if stream != p.stream) if sku else 0,
                taken_by=next((s for s in sellers if s != p.stream), "") if sku and HERE not in p.links else "",
                reserved=reserved(p, [one for sku in keys[p.stream] for one in taken.get(sku, ())]),
            )
        return found

    def facts(self, connection: str) -> tuple[CompanyFacts, Choices]:
        """What the company is set up to do, and what was chosen for the connection."""
        gate = self._gate(connection)
        return (gate.facts, gate.choices) if gate else (NO_FACTS, Choices())

    def products_of(self, connection: str, items: Sequence[str]) -> dict[str, str]:
        """QuickBooks' id of an item → WizCommerce's id of the product that is linked to it, of those that have one."""
        sql: LiteralString = (
            "SELECT item.remote_id, product.remote_id FROM claims item JOIN claims product USING (connection, kind, stream) "
            "WHERE item.connection = %s AND item.kind = 'product' AND item.system = 'quickbooks' "
            "AND item.remote_id = ANY(%s) AND product.system = 'wizcommerce' ORDER BY product.remote_id"
        )
        with self._pool.connection() as c:
            return dict(c.execute(sql, (connection, list(items))).fetchall())

    def _sharing(
        self, connection: str, skus: set[str], source: str
    ) -> dict[str, tuple[dict[str, None], dict[str, None]]]:
        """SKU → (streams of the active items that have it, streams of the products sold under it in WizCommerce)."""
        hashes = {self._fingerprint(sku): sku for sku in skus if sku}
        if not hashes:
            return {}
        sql: LiteralString = (
            "SELECT m.value, m.system, c.stream FROM match_keys m JOIN claims c USING (connection, system, kind, remote_id) "
            "WHERE m.connection = %s AND m.kind = 'product' AND m.key = ANY(%s) AND m.value = ANY(%s) "
            "AND ((m.system = 'quickbooks' AND m.key = %s AND m.active) "
            "OR (m.system = 'wizcommerce' AND m.key = 'sku')) ORDER BY c.stream"
        )
        found: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
        with self._pool.connection() as c:
            for value, system, stream in c.execute(
                sql, (connection, ["sku", KEYS[source]], list(hashes), KEYS[source])
            ):
                items, sellers = found.setdefault(hashes[value], ({}, {}))
                (items if system == "quickbooks" else sellers)[stream] = None
        return found

    def taken(self, connection: str, skus: Iterable[str]) -> dict[str, tuple[Taken, ...]]:
        """SKU, as SKUs are compared → the orders that take more or less of it than the last recorded figure holds, as a part of a
        bundle too."""
        wanted = {sku for sku in skus if sku}
        inside = self._inside(connection, wanted)
        asked = wanted | {bundle for some in inside.values() for bundle, _ in some}
        found: dict[str, tuple[Taken, ...]] = {}
        if not wanted:
            return found
        with self._pool.connection() as c:
            for sku, *rest in c.execute(TAKEN, (connection, list(asked))):
                found[sku] = (*found.get(sku, ()), Taken(*rest))
        of_parts = {
            part: tuple(one.times(many) for bundle, many in some for one in found.get(bundle, ()))
            for part, some in inside.items()
        }
        return {sku: all_ for sku in wanted if (all_ := (*found.get(sku, ()), *of_parts.get(sku, ())))}

    def bundles(self, connection: str) -> dict[str, list[tuple[str, Decimal]]]:
        """SKU of an active bundle, as SKUs are compared → (item, how many) of its parts. None where bundles are not sold."""
        choices, sql = (
            self.facts(connection)[1],
            "SELECT bundle FROM claims WHERE connection = %s AND bundle IS NOT NULL",
        )
        if choices.of("bundles") != "product":
            return {}
        with self._pool.connection() as c:
            rows = [row[0] for row in c.execute(sql, (connection,))]
        called = KEYS[choices.of("sku-source")]
        told = ((row["keys"].get(called, ""), row["parts"]) for row in rows)
        return {sku: [(item, Decimal(many)) for item, many in parts] for sku, parts in told if sku}

    def _inside(self, connection: str, skus: set[str]) -> dict[str, list[tuple[str, Decimal]]]:
        """SKU of an item → (SKU of a bundle, how many are in one) of the bundles that it is in."""
        bundles = self.bundles(connection) if skus else {}
        if not bundles:
            return {}
        hashes = {self._fingerprint(sku): sku for sku in skus}
        sql: LiteralString = (
            "SELECT remote_id, value FROM match_keys WHERE connection = %s AND kind = 'product' AND system = 'quickbooks' "
            "AND key = %s AND remote_id = ANY(%s) AND value = ANY(%s)"
        )
        key = KEYS[self.facts(connection)[1].of("sku-source")]
        ids = list({item for parts in bundles.values() for item, _ in parts})
        with self._pool.connection() as c:
            called = {item: hashes[value] for item, value in c.execute(sql, (connection, key, ids, list(hashes)))}
        found: dict[str, list[tuple[str, Decimal]]] = {}
        for bundle, parts in bundles.items():
            for item, many in parts:
                if item in called:
                    found.setdefault(called[item], []).append((bundle, many))
        return found

    def is_on(self, connection: str) -> bool:
        """Whether products of this connection are decided about at all."""
        gate = self._gate(connection)
        decides = gate is not None and gate.accepted and GOODS_READ in gate.pulled
        return decides and gate is not None and gate.choices.of("products") != "off"

    def with_sku(self, connection: str, skus: Iterable[str]) -> list[str]:
        """The streams of active items that have one of these SKUs, as SKUs are compared."""
        source = self.facts(connection)[1].of("sku-source")
        return sorted(
            {stream for items, _ in self._sharing(connection, set(skus), source).values() for stream in items}
        )

    def sharing_streams(self, connection: str, skus: Iterable[str]) -> list[str]:
        """The streams of active items that share one of these SKUs with another one."""
        source = self.facts(connection)[1].of("sku-source")
        found = self._sharing(connection, set(skus), source).values()
        return sorted({stream for items, sellers in found for stream in items if len({*items, *sellers}) > 1})

    def sold_as(self, connection: str, skus: Iterable[str]) -> list[str]:
        """The streams of the products that orders name by these SKUs, and of the parts of the bundles among them."""
        source, wanted = self.facts(connection)[1].of("sku-source"), set(skus)
        found = self._sharing(connection, wanted, source)
        streams = {stream for items, sellers in found.values() for stream in (sellers or items)}
        sold = [parts for bundle, parts in self.bundles(connection).items() if bundle in wanted]
        streams |= set(self.streams_of(connection, [item for parts in sold for item, _ in parts]).values())
        unknown = {self._fingerprint(sku): sku for sku in wanted if sku and sku not in found}
        with self._pool.connection() as c:
            rows = c.execute(FORMERLY, (connection, list(unknown))).fetchall() if unknown else []
        return sorted({*streams, *(row[4] for row in rows)})

    def streams(self, connection: str) -> list[str]:
        """Every product's stream."""
        sql: LiteralString = (
            "SELECT DISTINCT stream FROM claims WHERE connection = %s AND kind = 'product' AND system = 'quickbooks' "
            "ORDER BY stream"
        )
        with self._pool.connection() as c:
            return [row[0] for row in c.execute(sql, (connection,))]

    def merged_into(self, connection: str, remote_id: str) -> list[str]:
        """The streams of items that QuickBooks merged into this one."""
        sql: LiteralString = (
            "SELECT stream FROM claims WHERE connection = %s AND kind = 'product' AND system = 'quickbooks' "
            "AND moved_to = %s"
        )
        with self._pool.connection() as c:
            return [row[0] for row in c.execute(sql, (connection, remote_id))]

    def renamed_or_merged(self, connection: str, streams: Sequence[str]) -> frozenset[str]:
        """Of the streams of products those that had another SKU in WizCommerce before, or another item merged into theirs."""
        sql: LiteralString = (
            "SELECT q.stream FROM claims q WHERE q.connection = %(connection)s AND q.kind = 'product' "
            "AND q.system = 'quickbooks' AND q.stream = ANY(%(streams)s) AND (q.moved_to <> '' OR EXISTS (SELECT FROM claims l "
            "WHERE l.connection = q.connection AND l.kind = q.kind AND l.system = q.system AND l.moved_to = q.remote_id "
            "AND l.moved_to <> '') "
            "OR EXISTS (SELECT FROM claims w JOIN match_keys m USING (connection, system, kind, remote_id) "
            "WHERE w.stream = q.stream AND w.system = 'wizcommerce' AND w.kind = 'product' AND m.key = 'former'))"
        )
        with self._pool.connection() as c:
            return frozenset(row[0] for row in c.execute(sql, {"connection": connection, "streams": list(streams)}))

    def on_order(self, connection: str) -> frozenset[str]:
        """The SKUs of which an invoice is in no recorded figure yet: their figures are news even when they are the same."""
        with self._pool.connection() as c:
            return frozenset(row[0] for row in c.execute(ON_ORDER, (connection,)))

    def items(self, connection: str, skus: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """SKU, as SKUs are compared → ids of the QuickBooks items that an order line with it means: that of the WizCommerce
        product sold under it, at the end of all merges, while it can be sold; else the active items that have it."""
        hashes = {self._fingerprint(sku): sku for sku in set(skus) if sku}
        if not hashes:
            return {}
        _, choices = self.facts(connection)
        asked = (connection, list(hashes))
        with self._pool.connection() as c:
            linked = c.execute(SOLD_AS, asked).fetchall()
            named = c.execute(CALLED, (KEYS[choices.of("sku-source")], *asked)).fetchall()
        found = self._targets(connection, linked, hashes)
        for value, remote_id in named:
            found[hashes[value]] = (*found.get(hashes[value], ()), remote_id)
        sold = {row[0] for row in linked}
        unknown = [value for value, sku in hashes.items() if sku not in found and value not in sold]
        return found | (self._formerly(connection, unknown, hashes) if unknown else {})

    def starts(self, connection: str, items: Sequence[str]) -> dict[str, date]:
        """Item → the first day on which QuickBooks takes a sale of it, of those that have one."""
        sql: LiteralString = (
            "SELECT remote_id, starts FROM claims WHERE connection = %s AND system = 'quickbooks' AND kind = 'product' "
            "AND remote_id = ANY(%s) AND starts IS NOT NULL"
        )
        with self._pool.connection() as c:
            return dict(c.execute(sql, (connection, items)).fetchall()) if items else {}

    def carrying(self, connection: str, skus: Iterable[str]) -> list[str]:
        """The streams of products that carry one of these SKUs on either side, whether they can be sold or not."""
        sql: LiteralString = (
            "SELECT DISTINCT c.stream FROM match_keys m JOIN claims c USING (connection, system, kind, remote_id) "
            "WHERE m.connection = %s AND m.kind = 'product' AND m.value = ANY(%s) "
            "AND ((m.system = 'quickbooks' AND m.key = %s) OR (m.system = 'wizcommerce' AND m.key = 'sku')) ORDER BY 1"
        )
        values, key = [self._fingerprint(sku) for sku in skus if sku], KEYS[self.facts(connection)[1].of("sku-source")]
        with self._pool.connection() as c:
            return [row[0] for row in c.execute(sql, (connection, values, key))]

    def streams_of(self, connection: str, items: Sequence[str]) -> dict[str, str]:
        """Item → its stream, of those that were seen."""
        sql: LiteralString = (
            "SELECT remote_id, stream FROM claims WHERE connection = %s AND system = 'quickbooks' AND kind = 'product' "
            "AND remote_id = ANY(%s)"
        )
        with self._pool.connection() as c:
            return dict(c.execute(sql, (connection, items)).fetchall())

    def _formerly(self, connection: str, unknown: list[str], hashes: dict[str, str]) -> dict[str, tuple[str, ...]]:
        """The same for SKUs that nothing has now: of the products that WizCommerce showed under them before."""
        with self._pool.connection() as c:
            rows = c.execute(FORMERLY, (connection, unknown)).fetchall()
        return self._targets(connection, [row[:4] for row in rows], hashes)

    def _targets(
        self, connection: str, rows: Sequence[tuple[str, str, str, bool]], hashes: dict[str, str]
    ) -> dict[str, tuple[str, ...]]:
        """SKU → the items that its products are sold as."""
        found: dict[str, tuple[str, ...]] = {}
        for value, remote_id, moved_to, usable in rows:
            target = self._end(connection, remote_id, moved_to) if moved_to else (remote_id if usable else "")
            if target and target not in found.get(hashes[value], ()):
                found[hashes[value]] = (*found.get(hashes[value], ()), target)
        return found

    def _end(self, connection: str, remote_id: str, moved_to: str) -> str:
        """The item at the end of all merges; '' when it cannot be sold."""
        seen = {remote_id}
        sql: LiteralString = (
            "SELECT moved_to, active FROM claims WHERE connection = %s AND system = 'quickbooks' AND kind = 'product' "
            "AND remote_id = %s"
        )
        with self._pool.connection() as c:
            while moved_to not in seen:
                row = c.execute(sql, (connection, moved_to)).fetchone()
                if row is None:
                    return ""
                if not row[0]:
                    return moved_to if row[1] else ""
                seen.add(moved_to)
                moved_to = row[0]
        return ""


_OF_PRODUCT: LiteralString = (
    " FROM match_keys m JOIN claims w USING (connection, system, kind, remote_id) "
    "JOIN claims q ON q.connection = w.connection AND q.stream = w.stream AND q.system = 'quickbooks' AND q.kind = 'product' "
    "WHERE m.connection = %s AND m.kind = 'product' AND m.system = 'wizcommerce' AND m.value = ANY(%s) "
)
SOLD_AS: LiteralString = (
    f"SELECT m.value, q.remote_id, q.moved_to, q.active {_OF_PRODUCT} AND m.key = 'sku' ORDER BY q.remote_id"
)
"""The item of each WizCommerce product by its SKU there."""
FORMERLY: LiteralString = (
    f"SELECT m.value, q.remote_id, q.moved_to, q.active, q.stream {_OF_PRODUCT} AND m.key = 'former' "
    "ORDER BY q.remote_id"
)
"""The same by the SKU it had there before, with its stream."""
CALLED: LiteralString = (
    "SELECT m.value, m.remote_id FROM match_keys m JOIN claims q USING (connection, system, kind, remote_id) "
    "WHERE m.kind = 'product' AND m.system = 'quickbooks' AND m.active AND m.key = %s AND m.connection = %s "
    "AND m.value = ANY(%s) AND NOT EXISTS (SELECT FROM claims w JOIN match_keys s USING (connection, system, kind, remote_id) "
    "WHERE w.stream = q.stream AND w.system = 'wizcommerce' AND w.kind = 'product' AND s.key = 'sku') ORDER BY m.remote_id"
)
"""The active items by the SKU they call their own, of those that WizCommerce does not have."""
TAKEN: LiteralString = (
    "SELECT d.sku, d.stream, d.number, greatest(CASE WHEN g.counts THEN d.quantity ELSE 0 END, d.invoiced), "
    "d.invoiced, d.counted, coalesce(l.notification_id, 0) FROM demand d "
    "JOIN demanding g USING (stream) LEFT JOIN log l ON l.originator_id = d.stream "
    "AND l.originator_version = g.invoiced_version "
    "WHERE d.connection = %s AND d.sku = ANY(%s) AND (g.counts OR g.invoiced_version IS NOT NULL) "
    "AND d.is_open ORDER BY d.number, d.stream"
)
"""The rows of `Taken`, each behind its SKU."""
ON_ORDER: LiteralString = "SELECT DISTINCT sku FROM demand WHERE connection = %s AND is_open AND counted <> invoiced"
"""The SKUs of what was invoiced, or is invoiced no more, otherwise than the figure says."""


def reserved(product: Product, taken: Sequence[Taken]) -> Decimal:
    """What orders take of a product that is not in its figure yet."""
    figure = product.stock.get("quickbooks")
    read_after = figure.fetched_after if figure else 0
    return sum((one.beside(read_after) for one in taken), Decimal(0))
