"""What people call records: an order's number, a customer's name, an item's SKU."""

import re
from collections.abc import Iterable

from adapters.cli.session import Session
from engine.domain.payments import reference_of
from engine.domain.product import shown_sku
from engine.domain.tellings import TELLINGS
from engine.domain.values import kind_of

ABOUT_ONE = re.compile(r"`(wizqbo (?:retry|edit-and-retry|accept|push|dismiss|never-send))(?: product)?`")
"""Commands about one record that a next step may name without the record."""


class Numbers:
    """What people call the record of a stream."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, str] = {}

    def learn(self, streams: Iterable[str]) -> None:
        """Reads what many products are called at once."""
        products = [one for one in streams if kind_of(one) == "product" and one not in self._known]
        sql = "SELECT stream, sku FROM inventory WHERE stream = ANY(%s) AND sku <> ''"
        self._known.update(self._session.rows(sql, products) if products else [])

    def of(self, stream: str) -> str:
        """An order's number, an item's SKU, a customer's name; the id when there is none."""
        if stream not in self._known:
            self._known[stream] = self._read(stream) or stream.partition(":")[2]
        return self._known[stream]

    def _read(self, stream: str) -> str:
        records = self._session.engine.records
        if kind_of(stream) == "product":
            return shown_sku(records.product(stream))
        if kind_of(stream) == "payment":
            payment = records.payment(stream)
            return (
                reference_of(payment.taken) if payment.taken else payment.content.reference if payment.content else ""
            )
        if kind_of(stream) in TELLINGS:
            wanted = records.told(stream).wanted
            return wanted.draft.number if wanted is not None else ""
        if kind_of(stream) == "customer":
            customer = records.customer(stream)
            sight = customer.sights.get("wizcommerce") or customer.sights.get("quickbooks")
            return str(sight.content.display_name) if sight else ""
        sql = "SELECT label FROM mapping WHERE stream = %s AND label <> '' ORDER BY kind = 'order' DESC LIMIT 1"
        found = self._session.rows(sql, stream)
        if found or kind_of(stream) != "order":
            return str(found[0][0]) if found else ""
        order = records.order(stream)
        return order.content.number if order.content else order.invoice_number


def typed_for(step: str, kind: str, ident: str) -> str:
    """`step` with each bare command of ABOUT_ONE in it as it is typed for this record."""
    record = f'{kind} "{ident}"' if " " in ident else f"{kind} {ident}"
    return ABOUT_ONE.sub(lambda found: f"`{found[1]} {record}{_more(found[1])}`", step)


def _more(command: str) -> str:
    """What a command asks for beside the record."""
    more = {"never-send": " --because TEXT", "edit-and-retry": " --number NUMBER"}
    return more.get(command.removeprefix("wizqbo "), "")


class Items:
    """What people call QuickBooks' items of a connection."""

    def __init__(self, session: Session, connection: str) -> None:
        self._session = session
        self._connection = connection
        self._known: dict[str, str] = {}

    def of(self, remote_id: str) -> str:
        """An item's SKU, `item 19` where it has none."""
        if remote_id not in self._known:
            sql = (
                "SELECT label FROM mapping WHERE connection = %s AND system = 'quickbooks' AND kind = 'product' "
                "AND remote_id = %s AND label <> ''"
            )
            rows = self._session.rows(sql, self._connection, remote_id)
            self._known[remote_id] = str(rows[0][0]) if rows else f"item {remote_id}"
        return self._known[remote_id]
