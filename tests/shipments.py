"""WizCommerce's shipments of orders, as the stories of them tell it."""

from typing import Any

from engine.domain.shipments import shipment_stream
from engine.domain.told import Told
from tests.invoice_records import sell
from tests.payments import by_bookkeeper, invoiced
from tests.ways import written
from tests.world import World

FIRST, SECOND = "1Z999AA10123456784", "1Z999AA10123456795"
Shipped = tuple[str, str, dict[str, int]]
"""Status, tracking number, quantity of each SKU."""


def shipped(world: World) -> list[Shipped]:
    """WizCommerce's shipments, from its own state."""
    return [
        (
            one["shipment_status"],
            one["tracking_info"]["tracking_number"],
            {item["sku_id"]: item["quantity"] for item in one["shipment_items"]},
        )
        for one in shown(world)
    ]


def shown(world: World) -> list[dict[str, Any]]:
    """Copies of the same, whole, in the order of creation."""
    return world.wizcommerce.do(
        lambda: [dict(one) for one in world.wizcommerce.standin.desk.records.shipments.values()]
    )  # type: ignore[no-any-return]


def fulfilled(world: World, number: str = "WC-1001") -> tuple[str, list[int]]:
    """What WizCommerce itself says of an order: its fulfilment status, and what is shipped of each line."""
    order = world.wizcommerce.do(lambda: dict(world.wizcommerce.standin.desk.records.order_shown_as(number) or {}))
    return order["fulfillment_status"], [one["shipped_quantity"] for one in order["line_items"]]


def sold(world: World, number: str = "WC-1001", **more: Any) -> str:
    """An order of a product that WizCommerce has, and its invoice. Answers with the invoice's id."""
    sell(world)
    return invoiced(world, number, **more)


def track(world: World, invoice: str, numbers: str = FIRST, **more: Any) -> None:
    """A bookkeeper types tracking numbers on an invoice."""
    by_bookkeeper(world, "edit-invoice", Id=invoice, TrackingNum=numbers, **more)


def shipment_of(world: World, number: str = "WC-1001") -> Told:
    """The aggregate of the shipment of an order's invoice."""
    return world.engine.records.told(shipment_stream(world.order(number)))


def where(world: World, number: str = "WC-1001") -> str:
    """Where the shipment of an order's invoice stands, in a person's words."""
    return world.engine.people.where(shipment_of(world, number).stream)


def writes(world: World) -> list[str]:
    """Method and outcome of every call that wrote a shipment, in WizCommerce's own log."""
    return written(world, "/shipments")
