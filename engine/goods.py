"""Pages of products and stock, recorded and decided upon in few appends; and every product deciding again, a stretch at a time.

What a page shows that is known already costs one question to the database for the page and nothing else: an idle catalogue of
100,000 items is read without a word in the log.
"""

from collections.abc import Callable, Sequence
from typing import LiteralString, NamedTuple

import msgspec

from engine.domain.events import Event, PushWithheld, RemoteClaimed
from engine.domain.invoice_from_order import sku_key
from engine.domain.product import Product, effective_sku, evolve_product, order_key
from engine.domain.values import ProductContent, link_stream, record_stream
from engine.log import Cause, Entry, Statement, VersionConflict
from engine.ports import Remote
from engine.records import Records, by_signal
from engine.sights import Sights
from engine.surroundings import Pool

AT_ONCE = 50
"""Products of one append: it stays well below the five seconds after which the lock's standing transaction ends, on a busy
machine too (200 took more than that beside three others at work)."""
DONE = "done"


class Told(NamedTuple):
    """What a page came to: how many records told something new, and of how many products that is held or left alone."""

    changed: int
    held: int


class Goods:
    """Records pages of products and stock records."""

    def __init__(self, records: Records, sights: Sights, pool: Pool) -> None:
        self._records = records
        self._sights = sights
        self._pool = pool

    def page(
        self,
        connection: str,
        remotes: Sequence[Remote],
        fetched_after: int,
        cause: Cause,
        also: Callable[[Told], Sequence[Statement]] = lambda told: (),
    ) -> Told:
        """Records what was read after log position `fetched_after`. What `also` answers with, given what the page came to, is
        carried out in the transaction of the last append, so that a cursor and the rows it stands for are stored together."""
        streams = self._claimed(connection, remotes)
        awaited = self._awaited(connection)
        news = [one for one in remotes if self._is_news(one, streams.get(_place(one)), awaited)]
        before = Told(0, 0)
        stretches = [news[start : start + AT_ONCE] for start in range(0, len(news), AT_ONCE)]
        for place, stretch in enumerate(stretches):
            last = place == len(stretches) - 1
            before = self._stretch(connection, stretch, streams, fetched_after, cause, before, also if last else None)
        if not stretches and (statements := also(before)):
            self._records.log.append([], cause, statements)
        return before

    # ---- what is known -------------------------------------------------------------------------------------------------------

    def _claimed(self, connection: str, remotes: Sequence[Remote]) -> dict[tuple[str, str], "_Known"]:
        """(system, id) → what we know of those records that belong to a stream."""
        sql: LiteralString = (
            "SELECT c.remote_id, c.stream, c.revision, c.content_hash, s.level FROM claims c LEFT JOIN stock_levels s "
            "USING (connection, system, remote_id) "
            "WHERE c.connection = %s AND c.system = %s AND c.kind = 'product' AND c.remote_id = ANY(%s)"
        )
        found: dict[tuple[str, str], _Known] = {}
        with self._pool.connection() as c:
            for system in {one.system for one in remotes}:
                ids = [one.remote_id for one in remotes if one.system == system]
                for remote_id, *known in c.execute(sql, (connection, system, ids)):
                    found[system, remote_id] = _Known(*known)
        return found

    def _awaited(self, connection: str) -> frozenset[str]:
        """Ids of the items of which an invoice waits for the figure that holds it."""
        goods = self._records.around.goods
        on_order = goods.on_order(connection)
        if not on_order:
            return frozenset()
        inside = (item for sku, parts in goods.bundles(connection).items() if sku in on_order for item, _ in parts)
        return frozenset(inside) | {one for ids in goods.items(connection, on_order).values() for one in ids}

    def _is_news(self, remote: Remote, known: "_Known | None", awaited: frozenset[str]) -> bool:
        """Whether a record may say something new. It says nothing when it shows the revision, content and figure we recorded,
        unless an invoice waits for the figure that holds it."""
        if known is None:
            return remote.system == "quickbooks" and (remote.content is not None or bool(remote.problem))
        if remote.kind == "stock":
            return True
        if remote.content is None or remote.problem or remote.revision != known.revision:
            return True
        if remote.stock is not None:
            told = msgspec.json.encode(remote.stock).decode()
            if told != known.level or remote.remote_id in awaited:
                return True
        return self._sights.content_hash(remote) != known.content_hash

    # ---- recording -----------------------------------------------------------------------------------------------------------

    def _stretch(
        self,
        connection: str,
        remotes: Sequence[Remote],
        streams: dict[tuple[str, str], "_Known"],
        fetched_after: int,
        cause: Cause,
        before: Told,
        also: Callable[[Told], Sequence[Statement]] | None,
    ) -> Told:
        """One append of up to `AT_ONCE` records; where somebody else recorded one of them in between, each by itself. Answers
        with what the page came to so far."""
        with self._records.matching(connection, "product"):
            entries, found = self._entries(connection, remotes, streams, fetched_after, cause.causation_id)
            told = Told(before.changed + found.changed, before.held + found.held)
            statements = also(told) if also else ()
            try:
                if entries or statements:
                    self._records.log.append(entries, cause, statements)
                return told
            except VersionConflict:
                pass
        results = [self._sights.record(connection, one, fetched_after, cause) for one in remotes]
        told = Told(before.changed + results.count("recorded"), before.held + found.held)
        if also:
            self._records.log.append([], cause, also(told))
        return told

    def _entries(
        self,
        connection: str,
        remotes: Sequence[Remote],
        known: dict[tuple[str, str], "_Known"],
        fetched_after: int,
        cause: str,
    ) -> tuple[list[Entry], Told]:
        homes = {
            _place(one): (
                known[_place(one)].stream
                if _place(one) in known
                else record_stream(connection, one.system, "product", one.remote_id)
            )
            for one in remotes
        }
        products = self._records.products(sorted(set(homes.values())))
        goods = self._records.around.goods
        source = goods.facts(connection)[1].of("sku-source")
        taken = goods.taken(connection, {_key_of(one, products[homes[_place(one)]], source) for one in remotes})
        found: dict[str, list[Event]] = {}
        firsts: list[Entry] = []
        changed = 0
        after = dict(products)
        for one in remotes:
            stream = homes[_place(one)]
            product = after[stream]
            events, result = self._sights.of_product(
                product,
                one,
                fetched_after,
                cause,
                taken.get(_key_of(one, product, source), ()),
                source,
            )
            changed += result == "recorded"
            if not events:
                continue
            if _place(one) not in known and not product.version:
                link = link_stream(connection, one.system, "product", one.remote_id)
                firsts.append(Entry(stream=link, version=0, events=[RemoteClaimed(record=stream)]))
            found[stream] = [*found.get(stream, []), *events]
            after[stream] = self._records.then(product, evolve_product, stream, events)
        entries, held = self._decided(connection, products, found, after)
        return [*entries, *firsts], Told(changed, held)

    def _decided(
        self,
        connection: str,
        products: dict[str, Product],
        events: dict[str, list[Event]],
        after: dict[str, Product],
    ) -> tuple[list[Entry], int]:
        """The entries of products with what they decide, all their circumstances looked up at once."""
        around = self._records.around.goods.of(connection, [after[stream] for stream in events])
        entries: list[Entry] = []
        held = 0
        for stream, one in events.items():
            more = self._records.entries_of_product(products[stream], one, after[stream], around[stream])
            held += any(isinstance(event, PushWithheld) for entry in more for event in entry.events)
            entries += more
        return entries, held

    # ---- deciding again ------------------------------------------------------------------------------------------------------

    def decide(self, connection: str, after: str) -> tuple[str, int, int]:
        """The next stretch of products decides again: (where the next one begins, or `done`; looked at; decided something).

        Repeated after a crash, it finds those that have decided already with nothing left to decide.
        """
        sql: LiteralString = (
            "SELECT DISTINCT stream FROM claims WHERE connection = %s AND system = 'quickbooks' AND kind = 'product' "
            "AND stream > %s ORDER BY stream LIMIT %s"
        )
        with self._pool.connection() as c:
            streams = [row[0] for row in c.execute(sql, (connection, after, AT_ONCE))]
        if not streams:
            return DONE, 0, 0
        decided = self.again(connection, streams, by_signal("schedule: decide-products", "schedule"))
        return streams[-1], len(streams), decided

    def again(self, connection: str, streams: Sequence[str], cause: Cause) -> int:
        """These products decide again; answers with how many decided something."""
        for _ in range(3):
            products = self._records.products(streams)
            entries, _ = self._decided(connection, products, {stream: [] for stream in streams}, products)
            try:
                if entries:
                    self._records.log.append(entries, cause)
                return len({entry.stream for entry in entries})
            except VersionConflict:
                continue
        for stream in streams:  # too busy to be taken together: each by itself
            self._one_again(stream, cause)
        return len(streams)

    def _one_again(self, stream: str, cause: Cause) -> None:
        self._records.append(lambda: self._records.product_entries(self._records.product(stream), []), cause)


class _Known(NamedTuple):
    """What we recorded of a record last."""

    stream: str
    revision: str
    content_hash: str
    level: str | None


def _place(remote: Remote) -> tuple[str, str]:
    return remote.system, remote.remote_id


def _key_of(remote: Remote, product: Product, source: str) -> str:
    """The SKU under which orders name what a page shows."""
    content = remote.content
    known = order_key(product, source)
    return known or (sku_key(effective_sku(content, source)) if isinstance(content, ProductContent) else "")
