"""WizCommerce as the engine sees it: one record, what changed, and an order by what people call it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from urllib.parse import quote

import msgspec

from adapters.wizcommerce.assumptions import ASSUMED, Assumptions
from adapters.wizcommerce.client import CHECK_ADDRESS, WizCommerceClient, not_understood
from adapters.wizcommerce.translate import customer_from_body, order_from_body, product_from_body, tombstone
from adapters.wizcommerce.wire import PAGE, PageWire, RowWire
from engine.clock import instant
from engine.ports import Hint, NotThere, Refused, Remote

_TRANSLATE: Mapping[str, Callable[[str, bytes, Assumptions], Remote]] = {
    "order": order_from_body,
    "customer": customer_from_body,
    "product": product_from_body,
}

NEVER = float("-inf")
"""Before every time."""


class _List(msgspec.Struct, frozen=True):
    """One list call: where, and the filters that together show every record of its kind, one pass each."""

    path: str
    passes: tuple[Mapping[str, str], ...]
    has_time_filter: bool = True


class _Pass(msgspec.Struct, frozen=True):
    """What one reading of a list gave: its rows, and whether none can have been skipped."""

    rows: list[RowWire]
    whole: bool


class WizCommerceGateway:
    """Implements `engine.ports.Commerce`. Keeps nothing between calls; any thread may use it."""

    def __init__(self, client: WizCommerceClient, assumed: Assumptions = ASSUMED) -> None:
        self._client = client
        self._assumed = assumed
        by_status = tuple({"order_status": one} for one in assumed.a06_order_statuses)
        self._lists = {
            "order": _List(f"/{assumed.a42_order_version}/orders", by_status),
            "customer": _List("/v1/customers", ({"status": "active"}, {"status": "inactive"})),
            "product": _List("/v1/products", ({},), has_time_filter=False),
        }

    def fetch(self, connection: str, kind: str, remote_id: str) -> Remote:
        """One order, customer or product as it is now; a tombstone after a 404 (A-43).

        A body that cannot be read comes back as a Remote with its `problem`. Raises a GatewayError as the client does,
        KeyError for another kind.
        """
        path = f"{self._lists[kind].path}/{quote(remote_id, safe='')}"
        try:
            body = self._client.read(connection, path)
        except NotThere:
            return tombstone(kind, remote_id)
        return _TRANSLATE[kind](remote_id, body, self._assumed)

    def changed(self, connection: str, kind: str, cursor: str) -> tuple[list[Hint], str]:
        """Every order, customer or product changed at or after `cursor` less ten minutes, in every status, once each.

        The next cursor is the largest `updated_at` among the first pages: what changes while the rest is read is later
        than that and comes with the next sweep. It is never our own clock (A-09). Where a list shrank while it was read
        (a row may have been skipped), it is read again; if it will not hold still, the cursor stays where it was.
        """
        listed = self._lists[kind]
        since = instant(cursor) - timedelta(seconds=self._assumed.a08_overlap_seconds) if cursor else None
        filters = {"sort_by": "updated_at", "sort": "desc"}
        if since is not None and listed.has_time_filter:
            filters["updated_after"] = since.strftime(self._assumed.a09_time_format)
        # without a filter of its own a list is read until its rows are older than what was asked for
        oldest = since.timestamp() if since is not None and not listed.has_time_filter else NEVER
        firsts = [self._page(connection, kind, {**filters, **one}, 1) for one in listed.passes]
        newest = max([cursor, *(row.updated_at for first in firsts for row in first.data or [])], key=_sortable)
        latest: dict[str, str] = {}
        whole = True
        for one, first in zip(listed.passes, firsts, strict=True):
            found = self._pass(connection, kind, {**filters, **one}, first, oldest)
            whole = whole and found.whole
            for row in found.rows:
                latest[row.id] = max(latest.get(row.id, ""), row.updated_at, key=_sortable)
        hints = [Hint(kind=kind, remote_id=remote_id, revision=revision) for remote_id, revision in latest.items()]
        return hints, newest if whole else cursor

    def find(self, connection: str, kind: str, number: str) -> str | None:
        """The remote id of the order with this reference or display number, or of the customer with this reference.

        References have a filter; numbers do not, so the newest pages of each status are read, up to a limit. Raises
        Refused when the limit came first, since then nobody knows.
        """
        listed = self._lists[kind]
        if number and "," not in number:  # the filter takes several, parted by commas
            for one in listed.passes:
                page = self._page(connection, kind, {**one, "reference_ids": number}, 1)
                for row in page.data or []:
                    if row.reference_id == number:
                        return row.id
        return self._search(connection, listed, number) if kind == "order" and number else None

    def _search(self, connection: str, listed: _List, number: str) -> str | None:
        """Newest first, a page of each status in turn: what people ask about is rarely old."""
        running = [
            self._pages(connection, "order", {"sort_by": "created_at", "sort": "desc", **one}) for one in listed.passes
        ]
        for _ in range(self._assumed.find_most_pages):
            for pages in list(running):
                page = next(pages, None)
                if page is None:
                    running.remove(pages)
                    continue
                for row in page.data or []:
                    if number in (row.display_id, row.reference_id):
                        return row.id
            if not running:
                return None
        raise Refused(
            f"The order is not among the newest {self._assumed.find_most_pages * self._assumed.a08_page_size} of each"
            " status, and WizCommerce has no way to ask for a number.",
            code="not-found-in-newest",
            next_step="Give the order's WizCommerce id instead (the last part of its address in the browser).",
        )

    def _pass(self, connection: str, kind: str, filters: Mapping[str, str], first: PageWire, oldest: float) -> _Pass:
        """Every row not before `oldest`, read again from the start while the list shrinks under our eyes (A-08)."""
        rows: list[RowWire] = []
        for _ in range(self._assumed.a08_most_readings):
            shrank = False
            total = _total(first)
            for page in self._pages(connection, kind, filters, first):
                rows += page.data or []
                shrank = shrank or _total(page) < total
                total = max(total, _total(page))
                if page.data and _sortable(page.data[-1].updated_at) < oldest:
                    break
            if not shrank:
                return _Pass(rows, True)
            first = self._page(connection, kind, filters, 1)
        return _Pass(rows, False)

    def _pages(
        self, connection: str, kind: str, filters: Mapping[str, str], first: PageWire | None = None
    ) -> Iterator[PageWire]:
        """The pages of a list to its end: `next_page` is 0, null or not ahead, or there are no rows (A-08)."""
        page = first or self._page(connection, kind, filters, 1)
        for number in range(2, self._assumed.a08_most_pages + 2):
            yield page
            place = page.pagination
            if not page.data or place is None or not place.next_page or place.next_page <= (place.current_page or 0):
                return
            page = self._page(connection, kind, filters, number)
        raise Refused(
            f"WizCommerce's list of {kind}s does not end: {self._assumed.a08_most_pages} pages were read.",
            code="endless-list",
            next_step=CHECK_ADDRESS,
        )

    def _page(self, connection: str, kind: str, filters: Mapping[str, str], number: int) -> PageWire:
        """One page. Raises Refused when it cannot be read or there is no such list."""
        params = {**filters, "page": str(number), "page_size": str(self._assumed.a08_page_size)}
        try:
            body = self._client.read(connection, self._lists[kind].path, params)
        except NotThere as fault:
            raise Refused(
                f"WizCommerce has no list of {kind}s at its address.",
                code="404",
                next_step=CHECK_ADDRESS,
                raw=fault.raw,
            ) from None
        try:
            page = PAGE.decode(body)
            for row in page.data or []:
                instant(row.updated_at)
        except (msgspec.DecodeError, ValueError, OverflowError, RecursionError) as fault:
            where = str(fault) if isinstance(fault, msgspec.DecodeError) else "a time in it is not one"
            raise not_understood(f"list of {kind}s", body, where) from None
        return page


def _total(page: PageWire) -> int:
    """How many records the list says it has; 0 when it does not say."""
    return (page.pagination.total_records or 0) if page.pagination else 0


def _sortable(text: str) -> float:
    """`updated_at` in the order of time, whatever its fractional digits; '' comes before everything."""
    return instant(text).timestamp() if text else NEVER
