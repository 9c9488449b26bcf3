"""An invoice of QuickBooks that belongs to an order which has another one already, as what a bookkeeper split off it or copied: a
person says so. It is never an order by itself then; WizCommerce is told of it, and of its shipment, as of the order's own.
"""

from engine.domain.born_withholding import ATTACHED, number_of
from engine.domain.commands import unfinished
from engine.domain.events import InvoiceAttached, PushWithheld
from engine.domain.order import Order
from engine.domain.values import connection_of
from engine.log import Entry
from engine.people import NotPossible, People
from engine.records import Records, by_person


class Attaching:
    """Attaches invoices to orders."""

    def __init__(self, records: Records, people: People) -> None:
        self._records = records
        self._people = people

    def attach(self, stream: str, to: str, why: str, who: str) -> str:
        """Records in both streams that the invoice of `stream` belongs to the order of `to`; answers where the invoice then
        stands. Raises NotPossible."""

        def build() -> list[Entry]:
            invoice, order = self._records.order(stream), self._records.order(to)
            _must_be_free(invoice)
            number = _settled(order, invoice)
            attached = InvoiceAttached(
                order=to, order_number=number, record=stream, invoice_number=number_of(invoice), why=why
            )
            said = f"it belongs to order {number}, as {who} decided: {why}"
            settled = PushWithheld(reason=ATTACHED, sentence=said, next_step="Nothing to do.")
            return [
                Entry(stream=stream, version=invoice.version, events=[attached, settled]),
                Entry(stream=to, version=order.version, events=[attached]),
            ]

        self._records.append(build, by_person(who, "attach"))
        return self._people.where(stream)


def _must_be_free(invoice: Order) -> None:
    """Raises NotPossible unless it is an invoice of QuickBooks of which nothing was made, and nothing is on its way."""
    if invoice.attached_to:
        raise NotPossible("It is attached to an order already.")
    if invoice.born is None or invoice.invoice is None:
        raise NotPossible("Only an invoice that was made in QuickBooks can be attached to an order: this is an order.")
    if invoice.sight is not None or invoice.born.put is not None:
        raise NotPossible(
            "It is an order of WizCommerce already: cancel that one there, and void what is too much by hand."
        )
    open_ = unfinished(invoice.commands)
    if open_ is not None and (open_.may_have_run or open_.status not in ("held", "ready")):
        raise NotPossible("Whether its order arrived in WizCommerce is being checked: attach it when that is known.")
    if open_ is not None or any(one.may_have_run for one in invoice.commands.values()):
        name = f"order {number_of(invoice)}"
        raise NotPossible(f"It is on its way to become an order: `wizqbo never-send {name} --because TEXT` first.")


def _settled(order: Order, invoice: Order) -> str:
    """The order's number, if it needs no other invoice. Raises NotPossible."""
    if order.stream == invoice.stream or order.content is None or order.born is not None:
        raise NotPossible("Name an order that WizCommerce has of itself after --to.")
    if connection_of(order.stream) != connection_of(invoice.stream):
        raise NotPossible("Invoice and order are of two connections, and nothing crosses between them.")
    number = order.content.number
    if not order.invoice_id and not order.never:
        raise NotPossible(
            f"Order {number} has no invoice of its own yet, and would be invoiced beside this one: if this is its invoice, "
            f"`wizqbo never-send order {number} --because TEXT` first."
        )
    return number
