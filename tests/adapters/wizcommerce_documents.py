"""A WizCommerce that is told of invoices and shipments: what the tests of that share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

from engine.domain.drafts import InvoiceRecordDraft, RecordedItem, ShipmentDraft, ShippedItem
from tests.adapters.wizcommerce_goods import a_world
from tests.adapters.wizcommerce_world import World, confirm

REFERENCE = "QBO:acme:invoice:130"
UPS = "1Z999AA10123456784"
VASES = (RecordedItem(sku="VASE-01", quantity=Decimal(4), amount=Decimal("100.00")),)
Draft = InvoiceRecordDraft | ShipmentDraft


@contextmanager
def documents_world() -> Iterator[World]:
    """One customer, and one product."""
    with a_world() as made:
        made.do(made.standin.add_customer, "Bloom & Co")
        made.do(lambda: made.standin.by_hand("add-product", sku="VASE-01", name="Vase"))
        yield made


def the_order(world: World) -> dict[str, Any]:
    """The order that WizCommerce has; made at first."""
    found = world.do(lambda: world.standin.state.order_shown_as("WC-1001"))
    return found or confirm(world, "WC-1001", reference_id="SHOP-1001")


def a_record(world: World, **fields: Any) -> InvoiceRecordDraft:
    """Of an order that WizCommerce has."""
    plain: dict[str, Any] = {
        "reference": REFERENCE,
        "order": the_order(world)["id"],
        "order_reference": "SHOP-1001",
        "number": "WC-1001",
        "total": Decimal("100.00"),
        "paid": Decimal(0),
        "due": date(2026, 12, 27),
        "items": VASES,
    }
    return InvoiceRecordDraft(**{**plain, **fields})


def a_shipment(world: World, **fields: Any) -> ShipmentDraft:
    """The same of its shipment."""
    order = the_order(world)
    product = order["line_items"][0]["product_id"]
    plain: dict[str, Any] = {
        "reference": f"{REFERENCE}:shipment",
        "order": order["id"],
        "order_reference": "SHOP-1001",
        "number": "WC-1001",
        "tracking": (UPS,),
        "carrier": "UPS Ground",
        "url": f"https://www.ups.com/track?tracknum={UPS}",
        "shipped": date(2026, 11, 25),
        "items": (ShippedItem(product=product, sku="VASE-01", quantity=Decimal(4)),),
    }
    return ShipmentDraft(**{**plain, **fields})


def only(world: World, kind: str = "invoices") -> dict[str, Any]:
    """The one document of a kind that there is, from WizCommerce's own state."""
    [found] = world.do(lambda: [dict(one) for one in getattr(world.standin.state, kind).values()])
    return dict(found)


class Kind:
    """One kind of document: its list, how one is made, and a change of it with what that makes different."""

    def __init__(self, listed: str, make: Callable[..., Draft], change: dict[str, Any], apart: tuple[str, ...]) -> None:
        self.listed, self.make, self.change, self.apart = listed, make, change, apart
        self.create = f"create {listed.rstrip('s')}"


KINDS = {
    "invoice": Kind("invoices", a_record, {"paid": Decimal("30.00")}, ("paid amount 0 instead of 30.00",)),
    "shipment": Kind("shipments", a_shipment, {"carrier": "FedEx"}, ("carrier UPS Ground instead of FedEx",)),
}
