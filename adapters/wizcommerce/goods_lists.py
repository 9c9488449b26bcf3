"""Products and stock records page by page, newest change first, down to where all was seen.

There is no filter by time (A-07), so a list is read until a row is older than what was asked for. What changes while it is read
moves to the front, newer than all that was seen, and comes with the next reading; it shifts the others behind, so a row may be
seen twice and none is skipped. Only a list that shrinks may skip one: then it is begun again.
"""

from collections.abc import Callable
from datetime import timedelta

import msgspec

from adapters.wizcommerce.assumptions import Assumptions
from adapters.wizcommerce.lists import INVENTORIES, PRODUCTS, Listed, Lists, in_time
from adapters.wizcommerce.translate_goods import product_row, stock_row
from adapters.wizcommerce.wire import RAWS, PageWire
from engine.clock import instant
from engine.ports import Changes, Remote

NEWEST_FIRST = {"sort_by": "updated_at", "sort": "desc"}
Row = Callable[[bytes, Assumptions], Remote]


class _Way(msgspec.Struct, frozen=True, kw_only=True):
    """How far a reading got: since when (`since`, '' = ever), the next page, the newest change seen, how many records there
    were, and how often the list was begun again."""

    since: str
    page: int = 1
    newest: str = ""
    total: int = 0
    begun_again: int = 0


class GoodsLists:
    """Reads the two lists of goods; keeps nothing."""

    def __init__(self, lists: Lists, assumed: Assumptions) -> None:
        self._lists = lists
        self._assumed = assumed

    def goods(self, connection: str, cursor: str) -> Changes:
        """The next page of products; see `engine.ports.Commerce.goods`."""
        return self._next(connection, PRODUCTS, product_row, cursor)

    def stock(self, connection: str, cursor: str) -> Changes:
        """The next page of stock records; see `engine.ports.Commerce.stock`."""
        return self._next(connection, INVENTORIES, stock_row, cursor)

    def _next(self, connection: str, listed: Listed, row: Row, cursor: str) -> Changes:
        way = msgspec.json.decode(cursor, type=_Way) if cursor.startswith("{") else _Way(since=cursor)
        page = self._lists.rows(connection, listed, NEWEST_FIRST, way.page, RAWS)
        records = [row(bytes(one), self._assumed) for one in page.data or []]
        times = [one.revision for one in records if one.revision]
        newest = max([way.newest, *times], key=in_time)
        total = _total(page, way)
        if total < way.total:
            return self._shrank(way, records)
        if not self._is_over(page, times, way.since):
            if way.page >= self._assumed.a08_most_pages:  # it does not end: the next run begins where this one did
                return Changes(records=records, cursor=way.since, complete=True)
            onward = _Way(since=way.since, page=way.page + 1, newest=newest, total=total, begun_again=way.begun_again)
            return Changes(records=records, cursor=msgspec.json.encode(onward).decode(), complete=False)
        return Changes(records=records, cursor=newest or way.since, complete=True)

    def _shrank(self, way: _Way, records: list[Remote]) -> Changes:
        """A row may have been skipped: from the first page again, or, where it will not hold still, at the next run."""
        if way.begun_again + 1 >= self._assumed.a08_most_readings:
            return Changes(records=records, cursor=way.since, complete=True)
        again = _Way(since=way.since, begun_again=way.begun_again + 1)
        return Changes(records=records, cursor=msgspec.json.encode(again).decode(), complete=False)

    def _is_over(self, page: PageWire[msgspec.Raw], times: list[str], since: str) -> bool:
        """The end of the list (A-08), or a row from before what was asked for, less an overlap."""
        place = page.pagination
        if not page.data or place is None or not place.next_page or place.next_page <= (place.current_page or 0):
            return True
        if not since:
            return False
        oldest = instant(since) - timedelta(seconds=self._assumed.a08_overlap_seconds)
        return any(instant(one) < oldest for one in times)


def _total(page: PageWire[msgspec.Raw], way: _Way) -> int:
    """How many records the list says it has; as many as before where a page does not say."""
    stated = page.pagination.total_records if page.pagination else None
    return way.total if stated is None else stated
