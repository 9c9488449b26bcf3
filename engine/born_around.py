"""The circumstances of an order that began as an invoice in QuickBooks: its customer and items in WizCommerce, and whose copy the
invoice may be."""

from typing import TYPE_CHECKING

from engine.domain.born_withholding import BornAround, number_of, why_not_at_all
from engine.domain.choices import Choices
from engine.domain.commands import Command
from engine.domain.events import Missing
from engine.domain.matching import whose
from engine.domain.order import Order
from engine.domain.order_from_invoice import Sold
from engine.domain.product import Product, effective_sku
from engine.domain.product_around import HERE
from engine.domain.values import InvoiceContent, connection_of, record_stream
from engine.goods_around import NO_FACTS
from engine.surroundings import FIRST_PULLS

if TYPE_CHECKING:
    from engine.records import Records


def born_around(records: "Records", order: Order) -> BornAround:
    """The circumstances of the decision about `order`, whose invoice QuickBooks has shown."""
    connection, around = connection_of(order.stream), records.around
    gate = around.gate(connection)
    choices = gate.choices if gate else Choices()
    plain = BornAround(
        connection=connection,
        push_from=gate.push_from if gate else None,
        pulled=gate is not None and gate.pulled >= FIRST_PULLS,
        accepted=gate is not None and gate.accepted,
        facts=gate.facts if gate else NO_FACTS,
        choices=choices,
    )
    if order.invoice is None or (order.sight is None and why_not_at_all(order, plain) is not None):
        return plain  # there are thousands of those, and nothing more of them matters
    customer, waits = _customer(records, connection, order.invoice.content.customer_remote_id)
    items, waits_for_items = _items(records, connection, order, choices)
    return BornAround(
        connection=connection,
        push_from=plain.push_from,
        pulled=plain.pulled,
        accepted=plain.accepted,
        facts=plain.facts,
        choices=choices,
        lists=around.lists(connection, choices),
        customer=customer,
        waits_for_customer=waits,
        items=items,
        waits_for_items=waits_for_items,
        copy_of="" if order.sight is not None else _copy_of(records, connection, order, plain.facts.custom_numbers),
    )


def _customer(records: "Records", connection: str, remote_id: str) -> tuple[str, Missing | None]:
    """WizCommerce's id of the invoice's customer; or what it waits for."""
    own = record_stream(connection, "quickbooks", "customer", remote_id)
    stream = records.around.end_of(connection, "quickbooks", "customer", remote_id)
    found = records.around.claim_of(stream, "wizcommerce", "customer") if stream else ""
    if found:
        return found, None
    what = "is not in WizCommerce" if stream else "was not seen in QuickBooks yet"
    return "", Missing(key=in_shop(stream or own), sentence=f"the invoice's customer {remote_id} {what}")


def in_shop(customer: str) -> str:
    """The key under which orders wait for the customer of a stream to be linked."""
    return f"in-shop:{customer}"


def shown_key(product: str) -> str:
    """The key under which orders wait for the product of a stream to be shown in WizCommerce."""
    return f"shown:{product}"


def _items(
    records: "Records", connection: str, order: Order, choices: Choices
) -> tuple[dict[str, Sold], tuple[Missing, ...]]:
    """What each item of the invoice is sold as, and what of them it waits for."""
    assert order.invoice is not None
    items: dict[str, Sold] = {}
    missing: list[Missing] = []
    for item in dict.fromkeys(line.item for line in order.invoice.content.lines if line.item):
        stream = records.around.end_of(connection, "quickbooks", "product", item)
        product = records.product(stream) if stream else None
        sold = sold_as(product, choices) if product is not None else None
        if sold is not None:
            items[item] = sold
            continue
        own = stream or record_stream(connection, "quickbooks", "product", item)
        missing.append(Missing(key=shown_key(own), sentence=_why_not_shown(product, item)))
    return items, tuple(missing)


def sold_as(product: Product, choices: Choices) -> Sold | None:
    """What an order calls an item: the SKU of its product in WizCommerce. What is left out there, by choice or because it is
    gone, inactive or never sent, is a line outside the catalogue. Where products are left alone nobody knows what WizCommerce
    sells, and the item's own SKU is named. None for what is still to be shown there."""
    item, there = product.item, product.shown_by(HERE)
    if there is not None and HERE in product.links and HERE not in product.gone and there.sku:
        return Sold(sku=there.sku)
    if item is None:
        return None
    sku = effective_sku(item, choices.of("sku-source"))
    if choices.of("products") == "off" and sku:
        return Sold(sku=sku)
    left_out = product.never or (product.withheld is not None and not product.withheld.needs_person)
    if left_out or choices.of("products") == "off":
        return Sold(sku=sku or item.name, adhoc=True)
    return None


def _why_not_shown(product: Product | None, item: str) -> str:
    if product is None or product.item is None:
        return f"item {item} was not seen in QuickBooks yet"
    name = product.item.sku or product.item.name
    why = f": {product.withheld.sentence}" if product.withheld is not None else " yet"
    return f"WizCommerce does not show {name}{why}"


def _copy_of(records: "Records", connection: str, order: Order, typed: bool) -> str:
    """Why the invoice may be a copy of one of ours, as a sentence; '' when nothing says so. Only where numbers are `typed` does
    an order's number on it say anything: QuickBooks' own count may come to the same by itself."""
    assert order.invoice is not None
    invoice = order.invoice.content
    for stream in records.around.in_dispute(connection):
        other = records.order(stream)
        if any(_may_be(order.invoice_id, invoice, command, other) for command in other.commands.values()):
            return f"it may be the invoice of order {_called(other)}, about which a person has to say"
    marked, numbered = records.around.who_else_has(connection, invoice.number, invoice.mark, order.stream)
    if invoice.mark:
        whose = f" of the invoice of order {_called(records.order(marked))}" if marked else ""
        return f"it carries our mark{whose}, which QuickBooks' copies take along"
    if not numbered or not typed:
        return ""
    return f"its number {invoice.number} is that of order {_called(records.order(numbered))}"


def _may_be(remote_id: str, invoice: InvoiceContent, command: Command, other: Order) -> bool:
    """Whether a person may yet say that the invoice is what a command of another order made: a dispute names one of those that
    look like it, and each of them may be it."""
    if command.status != "disputed":
        return False
    alike = command.first is not None and whose(command.first.draft, frozenset(other.commands), invoice) != "no"
    return alike or command.remote_id == remote_id


def _called(order: Order) -> str:
    return order.content.number if order.content is not None else number_of(order)
