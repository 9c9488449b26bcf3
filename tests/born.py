"""Invoices made in QuickBooks and the orders they become in WizCommerce, as the stories of them tell it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from engine.domain.order import Order
from tests.shop import Shop
from tests.world import CONNECTION, World

Wire = dict[str, Any]


def sold(item: str, quantity: int | str = 4, price: str = "25.00", **more: Any) -> Wire:
    """A sales line of an invoice; its amount is quantity times price."""
    number, each = Decimal(quantity), Decimal(price)
    detail = {"ItemRef": {"value": item}, "Qty": number, "UnitPrice": each}
    amount = more.pop("amount", (number * each).quantize(Decimal("0.01")))
    return {"DetailType": "SalesItemLineDetail", "Amount": amount, "SalesItemLineDetail": detail, **more}


def vase(shop: Shop) -> str:
    """QuickBooks' id of the vase that every world begins with."""
    return item_of(shop, "VASE-01")


def item_of(shop: Shop, sku: str) -> str:
    """QuickBooks' id of an item, by its SKU."""
    with shop.world.engine.pool.connection() as c:
        sql = "SELECT remote_id FROM mapping WHERE label = %s AND system = 'quickbooks' AND kind = 'product'"
        row = c.execute(sql, (sku,)).fetchone()
    assert row is not None
    return str(row[0])


def write_invoice(shop: Shop, number: str = "B-1", lines: Sequence[Wire] = (), customer: str = "1", **more: Any) -> str:
    """A bookkeeper makes an invoice: four vases for 100.00 unless `lines` says otherwise. Answers with its id."""
    numbered = {"DocNumber": number} if number else {}
    body = {"CustomerRef": {"value": customer}, **numbered, "Line": list(lines) or [sold(vase(shop))], **more}
    return str(shop.quickbooks.by_hand("add-invoice", **body)["Id"])


def born(shop: Shop, number: str = "B-1", lines: Sequence[Wire] = (), **more: Any) -> str:
    """The same, and everything follows."""
    made = write_invoice(shop, number, lines, **more)
    shop.world.settle()
    return made


def orders(world: World) -> list[Wire]:
    """Copies of WizCommerce's orders, from its own state, in the order of their creation there."""
    state = world.wizcommerce.standin.state
    found: list[Wire] = world.wizcommerce.do(lambda: [dict(one) for one in state.orders.values()])
    return found


def order_shown(world: World, number: str = "B-1") -> Wire:
    """WizCommerce's one order of that number."""
    [found] = [one for one in orders(world) if one["display_id"] == number]
    return found


def at_a_glance(world: World) -> list[tuple[str, str, Decimal]]:
    """Number, status and amount of each of WizCommerce's orders."""
    return [(one["display_id"], one["status"], one["amount"]) for one in orders(world)]


def order_of(world: World, invoice: str) -> Order:
    """The aggregate of the order that an invoice belongs to."""
    stream = world.engine.around.stream_of(CONNECTION, "quickbooks", "invoice", invoice)
    assert stream, f"invoice {invoice} was never seen"
    return world.engine.records.order(stream)


def where(world: World, invoice: str) -> str:
    """Where it stands, in a person's words."""
    return world.engine.people.where(order_of(world, invoice).stream)


def writes(world: World) -> list[str]:
    """Method and outcome of every call that wrote an order, in WizCommerce's own log."""
    calls = world.wizcommerce.do(lambda: list(world.wizcommerce.standin.calls.all()))
    return [f"{call.method} {call.outcome}" for call in calls if "/orders" in call.path and call.method != "GET"]


def invoices_of(world: World) -> list[tuple[str, Decimal, Decimal]]:
    """Number, total and balance of each of QuickBooks' invoices, from its own state."""
    return [(one.doc_number, one.total, one.balance) for one in world.invoices()]


def told(world: World, invoice: str) -> dict[str, str]:
    """What a person is asked to look at of the order that an invoice belongs to, topic → sentence."""
    sql = "SELECT topic, sentence FROM attention WHERE stream = %s"
    return {topic: sentence for topic, sentence in world.rows(sql, order_of(world, invoice).stream)}
