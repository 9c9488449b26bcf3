"""WizCommerce as the engine sees it: one record, what changed, an order by what people call it, and customers, products,
stock, invoice records and orders written."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import quote

import msgspec

from adapters.wizcommerce import drafts, goods_drafts
from adapters.wizcommerce.assumptions import ASSUMED, Assumptions
from adapters.wizcommerce.client import WizCommerceClient
from adapters.wizcommerce.customers import Customers, unknown_attributes
from adapters.wizcommerce.goods import Goods
from adapters.wizcommerce.goods_lists import GoodsLists
from adapters.wizcommerce.invoices import Invoices, record_body
from adapters.wizcommerce.lists import CUSTOMERS, PRICE_LISTS, PRODUCTS, SALES_REPS, Listed, Lists, in_time, orders
from adapters.wizcommerce.order_drafts import change_body, order_body
from adapters.wizcommerce.orders import Orders
from adapters.wizcommerce.shipments import Shipments, shipment_body
from adapters.wizcommerce.translate import customer_from_body, order_from_body, tombstone
from adapters.wizcommerce.translate_goods import product_remote
from adapters.wizcommerce.wire import ChoiceWire, PageWire, RowWire
from engine.clock import instant
from engine.domain.drafts import (
    CustomerDraft,
    CustomerUpdate,
    Draft,
    InvoiceRecordDraft,
    OrderDraft,
    OrderUpdate,
    ProductDraft,
    ProductUpdate,
    ShipmentDraft,
    StockDraft,
)
from engine.ports import Answer, Changes, Hint, NotThere, Refused, Remote

_TRANSLATE: Mapping[str, Callable[[str, bytes, Assumptions], Remote]] = {
    "order": order_from_body,
    "customer": customer_from_body,
    "product": product_remote,
}


class _Pass(msgspec.Struct, frozen=True):
    """What one reading of a list gave: its rows, and whether none can have been skipped."""

    rows: list[RowWire]
    whole: bool


class WizCommerceGateway:
    """Implements `engine.ports.Commerce`. Keeps nothing between calls but in which words a tenant takes invoices and
    shipments; any thread may use it."""

    def __init__(self, client: WizCommerceClient, assumed: Assumptions = ASSUMED) -> None:
        self._client = client
        self._assumed = assumed
        self._lists = Lists(client, assumed)
        self._customers = Customers(client, self._lists, partial(self._read, "customer"), assumed)
        self._goods = Goods(client, self._lists, partial(self._read, "product"), assumed)
        self._invoices = Invoices(client, self._lists, assumed)
        self._orders = Orders(client, self._lists, partial(self._read, "order"), assumed)
        self._shipments = Shipments(client, self._lists, assumed)
        self._goods_lists = GoodsLists(self._lists, assumed)
        self._listed = {"order": orders(assumed), "customer": CUSTOMERS, "product": PRODUCTS}

    def request_body(self, draft: Draft) -> str:
        """The exact JSON text that will be sent. Raises Refused when the draft cannot be expressed."""
        match draft:
            case ProductDraft() | ProductUpdate() | StockDraft():
                return goods_drafts.request_body(draft)
            case InvoiceRecordDraft():
                return record_body(draft)
            case OrderDraft():
                return order_body(draft, self._assumed)
            case OrderUpdate():
                return change_body(draft, self._assumed)
            case ShipmentDraft():
                return shipment_body(draft)
            case _:
                return drafts.request_body(draft)

    def send(
        self, connection: str, draft: Draft, body: str, command_id: str, *, send_by: float, answer_by: float
    ) -> Answer:
        """Makes or changes the customer, product, stock, invoice record, shipment or order; what is made already under the
        draft's reference or SKU is the answer as it is.

        There is no idempotency key: `command_id` is not sent. Both limits are about the write itself, before which the
        record is looked for or read. See `Customers` and `Goods` for what is raised.
        """
        try:
            return self._sent(connection, draft, body, send_by, answer_by)
        except Refused as refusal:
            missing = unknown_attributes(draft, refusal)
            if not missing:
                raise
            for name in missing:  # a definition that was never made: nothing was written for want of it
                self._customers.ensure_attribute(connection, name)
        return self._sent(connection, draft, body, send_by, answer_by)

    def _sent(self, connection: str, draft: Draft, body: str, send_by: float, answer_by: float) -> Answer:
        match draft:
            case CustomerDraft():
                return self._customers.create(connection, draft, body, send_by=send_by, answer_by=answer_by)
            case CustomerUpdate():
                return self._customers.update(connection, draft, body, send_by=send_by, answer_by=answer_by)
            case ProductDraft():
                return self._goods.create(connection, draft, body, send_by=send_by, answer_by=answer_by)
            case ProductUpdate():
                return self._goods.update(connection, draft, body, send_by=send_by, answer_by=answer_by)
            case StockDraft():
                return self._goods.put_stock(connection, draft, body, send_by=send_by, answer_by=answer_by)
            case InvoiceRecordDraft():
                return self._invoices.put(connection, draft, body, send_by=send_by, answer_by=answer_by)
            case OrderDraft():
                return self._orders.create(connection, draft, body, send_by=send_by, answer_by=answer_by)
            case OrderUpdate():
                return self._orders.update(connection, draft, body, send_by=send_by, answer_by=answer_by)
            case ShipmentDraft():
                return self._shipments.put(connection, draft, body, send_by=send_by, answer_by=answer_by)
            case _:
                raise TypeError("no such record is written to WizCommerce")

    def look(self, connection: str, draft: Draft, since: datetime) -> list[Remote]:
        """What could be the outcome of sending `draft`: a new customer by its reference, a new product and a stock record by
        the SKU, active or inactive; an invoice record, a shipment and an order by their references; of an
        update the record itself as it is now, a tombstone when it is gone."""
        match draft:
            case CustomerDraft():
                return list(self._customers.with_reference(connection, draft.reference))
            case CustomerUpdate():
                return [self._customers.read(connection, draft.remote_id)]
            case ProductDraft():
                return self._goods.with_sku(connection, draft.sku)
            case ProductUpdate():
                return [self._goods.read(connection, draft.remote_id)]
            case StockDraft():
                return self._goods.stock_of(connection, draft.sku)
            case InvoiceRecordDraft():
                return self._invoices.with_reference(connection, draft.reference)
            case OrderDraft():
                return list(self._orders.with_reference(connection, draft.reference))
            case OrderUpdate():
                return [self._orders.read(connection, draft.remote_id)]
            case ShipmentDraft():
                return self._shipments.with_reference(connection, draft.reference)
            case _:
                raise TypeError("no such record is written to WizCommerce")

    def goods(self, connection: str, cursor: str) -> Changes:
        """The next page of products as they are now, newest change first. See `GoodsLists.goods`."""
        return self._goods_lists.goods(connection, cursor)

    def stock(self, connection: str, cursor: str) -> Changes:
        """The same of stock records. See `GoodsLists.stock`."""
        return self._goods_lists.stock(connection, cursor)

    def sales_reps(self, connection: str) -> list[tuple[str, str, bool]]:
        """Id, first and last name, and whether it is active, of every sales rep (A-35)."""
        found = self._lists.choices(connection, SALES_REPS)
        return [(one.id, f"{one.first_name or ''} {one.last_name or ''}".strip(), _is_active(one)) for one in found]

    def price_lists(self, connection: str) -> list[tuple[str, str, bool]]:
        """Id, name, and whether it is active, of every price list (A-36)."""
        return [(one.id, one.name or "", _is_active(one)) for one in self._lists.choices(connection, PRICE_LISTS)]

    def ensure_attribute(self, connection: str, name: str) -> None:
        """Makes the definition of a customer's attribute, a text, unless there is one of this name (A-33)."""
        self._customers.ensure_attribute(connection, name)

    def fetch(self, connection: str, kind: str, remote_id: str) -> Remote:
        """One order, customer or product as it is now; a tombstone after a 404 (A-43).

        A body that cannot be read comes back as a Remote with its `problem`. Raises a GatewayError as the client does,
        KeyError for another kind.
        """
        return self._read(kind, connection, remote_id)

    def changed(self, connection: str, kind: str, cursor: str) -> tuple[list[Hint], str]:
        """Every order, customer or product changed at or after `cursor` less ten minutes, in every status, once each.

        The next cursor is the largest `updated_at` among the first pages: what changes while the rest is read is later
        than that and comes with the next sweep. It is never our own clock (A-09). Where a list shrank while it was read
        (a row may have been skipped), it is read again; if it will not hold still, the cursor stays where it was.
        """
        listed = self._listed[kind]
        since = instant(cursor) - timedelta(seconds=self._assumed.a08_overlap_seconds) if cursor else None
        filters = {"sort_by": "updated_at", "sort": "desc"}
        if since is not None and listed.has_time_filter:
            filters["updated_after"] = since.strftime(self._assumed.a09_time_format)
        # without a filter of its own a list is read until its rows are older than what was asked for
        oldest = since.timestamp() if since is not None and not listed.has_time_filter else in_time("")
        firsts = [self._lists.page(connection, listed, {**filters, **one}, 1) for one in listed.passes]
        newest = max([cursor, *(row.updated_at for first in firsts for row in first.data or [])], key=in_time)
        latest: dict[str, str] = {}
        whole = True
        for one, first in zip(listed.passes, firsts, strict=True):
            found = self._pass(connection, listed, {**filters, **one}, first, oldest)
            whole = whole and found.whole
            for row in found.rows:
                latest[row.id] = max(latest.get(row.id, ""), row.updated_at, key=in_time)
        hints = [Hint(kind=kind, remote_id=remote_id, revision=revision) for remote_id, revision in latest.items()]
        return hints, newest if whole else cursor

    def page(self, connection: str, kind: str, cursor: str) -> Changes:
        """The next page of every record of a kind, in every status, each as its detail shows it, oldest first: what is made
        meanwhile comes at the end. A cursor is `pass:page`; '' is the first."""
        listed = self._listed[kind]
        place, number = (int(part) for part in (cursor or "0:1").split(":"))
        filters = {"sort_by": "created_at", "sort": "asc", **listed.passes[place]}
        page = self._lists.page(connection, listed, filters, number)
        records = [self.fetch(connection, kind, row.id) for row in page.data or []]
        at = page.pagination
        more = (
            bool(page.data) and at is not None and bool(at.next_page) and (at.next_page or 0) > (at.current_page or 0)
        )
        if more:
            return Changes(records=records, cursor=f"{place}:{number + 1}", complete=False)
        return Changes(records=records, cursor=f"{place + 1}:1", complete=place + 1 == len(listed.passes))

    def find(self, connection: str, kind: str, number: str) -> str | None:
        """The remote id of the order with this reference or display number, or of the customer with this reference.

        References have a filter; numbers do not, so the newest pages of each status are read, up to a limit. Raises
        Refused when the limit came first, since then nobody knows.
        """
        listed = self._listed[kind]
        remote_id = next(self._lists.by_reference(connection, listed, number), None)
        if remote_id is not None:
            return remote_id
        return self._search(connection, listed, number) if kind == "order" and number else None

    def _search(self, connection: str, listed: Listed, number: str) -> str | None:
        """Newest first, a page of each status in turn: what people ask about is rarely old."""
        running = [
            self._lists.pages(connection, listed, {"sort_by": "created_at", "sort": "desc", **one})
            for one in listed.passes
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

    def _read(self, kind: str, connection: str, remote_id: str, until: float | None = None) -> Remote:
        path = f"{self._listed[kind].path}/{quote(remote_id, safe='')}"
        try:
            body = self._client.read(connection, path, until=until)
        except NotThere:
            return tombstone(kind, remote_id)
        return _TRANSLATE[kind](remote_id, body, self._assumed)

    def _pass(
        self, connection: str, listed: Listed, filters: Mapping[str, str], first: PageWire[RowWire], oldest: float
    ) -> _Pass:
        """Every row not before `oldest`, read again from the start while the list shrinks under our eyes (A-08)."""
        rows: list[RowWire] = []
        for _ in range(self._assumed.a08_most_readings):
            shrank = False
            total = _total(first)
            for page in self._lists.pages(connection, listed, filters, first):
                rows += page.data or []
                shrank = shrank or _total(page) < total
                total = max(total, _total(page))
                if page.data and in_time(page.data[-1].updated_at) < oldest:
                    break
            if not shrank:
                return _Pass(rows, True)
            first = self._lists.page(connection, listed, filters, 1)
        return _Pass(rows, False)


def _is_active(row: ChoiceWire) -> bool:
    return row.status in (None, "", "active")


def _total(page: PageWire[RowWire]) -> int:
    """How many records the list says it has; 0 when it does not say."""
    return (page.pagination.total_records or 0) if page.pagination else 0
