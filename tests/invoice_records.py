"""WizCommerce's records of invoices, as the stories of them tell it."""

from decimal import Decimal
from typing import Any

from engine.domain.invoice_records import invoice_record_stream
from engine.domain.told import Told
from tests.payments import by_seller
from tests.ways import written
from tests.world import World

Figures = tuple[str, Decimal, Decimal, str]
"""Number, total, what is paid, status."""


def told(world: World) -> list[Figures]:
    """WizCommerce's invoices, from its own state."""
    return [(one["invoice_number"], one["total_amount"], one["paid_amount"], one["status"]) for one in shown(world)]


def shown(world: World) -> list[dict[str, Any]]:
    """Copies of the same, whole, in the order of creation."""
    return world.wizcommerce.do(lambda: [dict(one) for one in world.wizcommerce.standin.desk.records.invoices.values()])  # type: ignore[no-any-return]


def record_of(world: World, number: str = "WC-1001") -> Told:
    """The aggregate of the record of an order's invoice."""
    return world.engine.records.told(invoice_record_stream(world.order(number)))


def where(world: World, number: str = "WC-1001") -> str:
    """Where the record of an order's invoice stands, in a person's words."""
    return world.engine.people.where(record_of(world, number).stream)


def writes(world: World) -> list[str]:
    """Method and outcome of every call that wrote an invoice, in WizCommerce's own log."""
    return written(world, "/invoices")


def sell(world: World, sku: str = "VASE-01") -> None:
    """WizCommerce has the product, so that an item of an invoice may name it."""
    by_seller(world, "add-product", sku=sku, name="Vase")


def paid_of_order(world: World, number: str = "WC-1001") -> Decimal:
    """What WizCommerce itself says was paid for an order."""
    order = world.wizcommerce.do(lambda: dict(world.wizcommerce.standin.desk.records.order_shown_as(number) or {}))
    return Decimal(order["amount_paid"])
