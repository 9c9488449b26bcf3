"""The lists of WizCommerce: page by page to their end, and what somebody else called a record."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec

from adapters.wizcommerce.assumptions import Assumptions
from adapters.wizcommerce.client import CHECK_ADDRESS, WizCommerceClient, not_understood
from adapters.wizcommerce.wire import CHOICES, RAWS, ROWS, ChoiceWire, PageWire, RowWire
from engine.clock import instant
from engine.ports import NotThere, Refused

Row = TypeVar("Row")


def in_time(text: str) -> float:
    """`updated_at` in the order of time, whatever its fractional digits; '' comes before everything."""
    return instant(text).timestamp() if text else float("-inf")


class Listed(msgspec.Struct, frozen=True):
    """One list call: where, what it is a list of, and the filters that together show every record, one pass each."""

    path: str
    noun: str
    passes: tuple[Mapping[str, str], ...] = ({},)
    has_time_filter: bool = True


CUSTOMERS = Listed("/v1/customers", "customer", ({"status": "active"}, {"status": "inactive"}))
PRODUCTS = Listed("/v1/products", "product", has_time_filter=False)
SALES_REPS = Listed("/v1/sales-reps", "sales rep")
PRICE_LISTS = Listed("/v1/price-lists", "price list")
INVENTORIES = Listed("/v1/inventories", "stock record", has_time_filter=False)
INVOICES = Listed("/v1/invoices", "invoice", has_time_filter=False)
SHIPMENTS = Listed("/v1/shipments", "shipment", has_time_filter=False)
CUSTOMER_ATTRIBUTES = Listed("/v1/attributes", "attribute", ({"entity": "customer"},))


def orders(assumed: Assumptions) -> Listed:
    """The list of orders, one pass a status (A-06, A-42)."""
    by_status = tuple({"order_status": one} for one in assumed.a06_order_statuses)
    return Listed(f"/{assumed.a42_order_version}/orders", "order", by_status)


class Lists:
    """Reads lists. `until` is where a call ends at the latest, in seconds on the clock's boottime; None: by the client's
    own limit."""

    def __init__(self, client: WizCommerceClient, assumed: Assumptions) -> None:
        self._client = client
        self._assumed = assumed

    def page(
        self, connection: str, listed: Listed, filters: Mapping[str, str], number: int, until: float | None = None
    ) -> PageWire[RowWire]:
        """One page. Raises Refused when it cannot be read or there is no such list."""
        return self._read(connection, listed, filters, number, ROWS, until)

    def rows(
        self,
        connection: str,
        listed: Listed,
        filters: Mapping[str, str],
        number: int,
        decoder: msgspec.json.Decoder[PageWire[Row]],
    ) -> PageWire[Row]:
        """One page, each row as `decoder` has it. Raises as `page` does."""
        return self._read(connection, listed, filters, number, decoder)

    def pages(
        self,
        connection: str,
        listed: Listed,
        filters: Mapping[str, str],
        first: PageWire[RowWire] | None = None,
    ) -> Iterator[PageWire[RowWire]]:
        """The pages of a list to its end, from its first if that was read already."""
        first = first or self.page(connection, listed, filters, 1)
        yield from self._to_the_end(connection, listed, filters, first, ROWS)

    def choices(self, connection: str, listed: Listed) -> list[ChoiceWire]:
        """Every row of a list that a customer is given something from."""
        rows: list[ChoiceWire] = []
        for one in listed.passes:
            first = self._read(connection, listed, one, 1, CHOICES)
            for page in self._to_the_end(connection, listed, one, first, CHOICES):
                rows += page.data or []
        return rows

    def as_received(
        self, connection: str, listed: Listed, filters: Mapping[str, str], until: float | None = None
    ) -> list[msgspec.Raw]:
        """The rows of the first page, each as it came: for a filter that lets one record through, or hardly more."""
        return self._read(connection, listed, filters, 1, RAWS, until).data or []

    def by_reference(
        self, connection: str, listed: Listed, reference: str, until: float | None = None
    ) -> Iterator[str]:
        """The ids of the records with this reference, in every status; one call a pass, made as they are asked for."""
        if not reference or "," in reference:  # the filter takes several, parted by commas
            return
        for one in listed.passes:
            page = self.page(connection, listed, {**one, "reference_ids": reference}, 1, until)
            yield from (row.id for row in page.data or [] if row.reference_id == reference)

    def _to_the_end(
        self,
        connection: str,
        listed: Listed,
        filters: Mapping[str, str],
        page: PageWire[Row],
        decoder: msgspec.json.Decoder[PageWire[Row]],
    ) -> Iterator[PageWire[Row]]:
        """The end is where `next_page` is 0, null or not ahead, or there are no rows (A-08)."""
        for number in range(2, self._assumed.a08_most_pages + 2):
            yield page
            place = page.pagination
            if not page.data or place is None or not place.next_page or place.next_page <= (place.current_page or 0):
                return
            page = self._read(connection, listed, filters, number, decoder)
        raise Refused(
            f"WizCommerce's list of {listed.noun}s does not end: {self._assumed.a08_most_pages} pages were read.",
            code="endless-list",
            next_step=CHECK_ADDRESS,
        )

    def _read(
        self,
        connection: str,
        listed: Listed,
        filters: Mapping[str, str],
        number: int,
        decoder: msgspec.json.Decoder[PageWire[Row]],
        until: float | None = None,
    ) -> PageWire[Row]:
        params = {**filters, "page": str(number), "page_size": str(self._assumed.a08_page_size)}
        try:
            body = self._client.read(connection, listed.path, params, until=until)
        except NotThere as fault:
            raise Refused(
                f"WizCommerce has no list of {listed.noun}s at its address.",
                code="404",
                next_step=CHECK_ADDRESS,
                raw=fault.raw,
            ) from None
        try:
            page = decoder.decode(body)
            for row in page.data or []:
                if isinstance(row, RowWire):
                    instant(row.updated_at)
        except (msgspec.DecodeError, ValueError, OverflowError, RecursionError) as fault:
            where = str(fault) if isinstance(fault, msgspec.DecodeError) else "a time in it is not one"
            raise not_understood(f"list of {listed.noun}s", body, where) from None
        return page
