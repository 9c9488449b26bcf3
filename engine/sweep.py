"""Everything once more: each record of QuickBooks that a page shows is recorded if it is new, and what no page shows is looked at
by itself, since it may be gone. Queries cannot show what was deleted, and change data capture forgets it after a month.

Source: QuickBooks reference, 2.9, 3.5 and 4.1.
"""

from collections.abc import Sequence
from typing import LiteralString

from engine.first_sights import FirstSights
from engine.goods import Goods, Told
from engine.log import Statement
from engine.observe import Observer
from engine.ports import Accounting, Hint, Remote
from engine.records import by_signal
from engine.surroundings import Pool

KINDS = ("product", "customer")


class Sweep:
    """Reads page by page; a cursor is `kind:page`."""

    def __init__(
        self, goods: Goods, first_sights: FirstSights, observer: Observer, pool: Pool, accounting: Accounting
    ) -> None:
        self._goods = goods
        self._first_sights = first_sights
        self._observer = observer
        self._pool = pool
        self._accounting = accounting

    def page(self, connection: str, cursor: str, fetched_after: int) -> tuple[str, int, Told, bool]:
        """(next cursor, records read, what they told, whether it is over)."""
        kind, _, place = (cursor or f"{KINDS[0]}:").partition(":")
        page = self._accounting.page(connection, kind, place)
        told = self._record(connection, kind, page.records, fetched_after)
        self._seen(connection, kind, [one.remote_id for one in page.records])
        if not page.complete:
            return f"{kind}:{page.cursor}", len(page.records), told, False
        self._missing(connection, kind)
        after = KINDS[KINDS.index(kind) + 1 :]
        if after:
            return f"{after[0]}:", len(page.records), told, False
        return "", len(page.records), told, True

    def ending(self, connection: str) -> list[Statement]:
        """What goes with the record that it is over: the ids it has shown are forgotten, and WizCommerce's goods are read from
        their beginning at their next run, unless one is under way. Forgotten sooner, all would seem to be missing to whoever
        reads the last page once more."""
        whole: LiteralString = (
            "UPDATE cursors SET cursor = '' WHERE connection = %s AND what IN ('shop-products', 'shop-stock') "
            "AND started_at IS NULL"
        )
        return [("DELETE FROM swept WHERE connection = %s", (connection,)), (whole, (connection,))]

    def _record(self, connection: str, kind: str, records: Sequence[Remote], fetched_after: int) -> Told:
        cause = by_signal("schedule: everything", "schedule")
        if kind == "product":
            return self._goods.page(connection, records, fetched_after, cause)
        changed, again = self._first_sights.page(connection, records, fetched_after, cause)
        self._look(connection, [(one.kind, one.remote_id) for one in again])
        return Told(changed, 0)

    def _look(self, connection: str, places: Sequence[tuple[str, str]]) -> None:
        hints = [Hint(kind=kind, remote_id=remote_id) for kind, remote_id in places]
        self._observer.raise_signals(connection, "quickbooks", hints, "schedule: everything", priority=1)

    def _missing(self, connection: str, kind: str) -> None:
        """What we hold and no page showed is read by itself: gone, or only passed over by pages that moved."""
        sql: LiteralString = (
            "SELECT remote_id FROM claims c WHERE connection = %s AND system = 'quickbooks' AND kind = %s AND active "
            "AND moved_to = '' AND NOT EXISTS (SELECT FROM swept s WHERE s.connection = c.connection AND s.kind = c.kind "
            "AND s.remote_id = c.remote_id) ORDER BY remote_id"
        )
        with self._pool.connection() as c:
            missing = [(kind, row[0]) for row in c.execute(sql, (connection, kind))]
        if missing:
            self._look(connection, missing)

    def _seen(self, connection: str, kind: str, ids: list[str]) -> None:
        sql: LiteralString = (
            "INSERT INTO swept (connection, kind, remote_id) SELECT %s, %s, unnest(%s::text[]) ON CONFLICT DO NOTHING"
        )
        with self._pool.connection() as c:
            c.execute(sql, (connection, kind, ids))
