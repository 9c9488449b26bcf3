"""Money on both sides, as the stories of payments tell it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from engine.domain.payments import Payment
from tests.world import Lines, World

VASES: Lines = [("VASE-01", 4, "25.00")]
"""An order of 100.00."""
PaymentSeen = tuple[str, Decimal, tuple[str, ...]]
"""Reference, amount, ids of the invoices it is applied to."""


def invoiced(world: World, number: str = "WC-1001", lines: Lines = VASES, **more: Any) -> str:
    """A confirmed order whose invoice has arrived. Answers with the invoice's id."""
    world.wizcommerce.confirm_order(number, "Bloom & Co", lines, **more)
    world.settle()
    return invoice_id(world, number)


def invoice_id(world: World, number: str = "WC-1001") -> str:
    """QuickBooks' id of the invoice of that number."""
    [found] = [invoice.id for invoice in world.invoices() if invoice.doc_number == number]
    return found


def by_seller(world: World, verb: str, *, settle: bool = True, **fields: Any) -> None:
    """Somebody does something in WizCommerce, and every loop is stepped."""
    world.wizcommerce.do(world.wizcommerce.standin.by_hand, verb, **fields)
    if settle:
        world.settle()


def take(world: World, amount: int | str, number: str = "WC-1001", settle: bool = True, **more: Any) -> None:
    """An amount is taken for an order in WizCommerce."""
    by_seller(world, "take-payment", display_id=number, amount=amount, settle=settle, **more)


def by_bookkeeper(world: World, verb: str, **fields: Any) -> Any:
    """Somebody does something in QuickBooks, and every loop is stepped. Not within the second of our own last write: QuickBooks'
    signals name no revision, and a change within that second comes with the next poll."""
    world.move(2)
    answer = world.quickbooks.by_hand(verb, **fields)
    world.settle()
    return answer


def payments(world: World) -> list[PaymentSeen]:
    """QuickBooks' payments, from its own state."""
    return [seen(wire) for wire in world.quickbooks.payments()]


def seen(wire: dict[str, Any]) -> PaymentSeen:
    """One of QuickBooks' payments."""
    links: Sequence[str] = [one["TxnId"] for line in wire["Line"] for one in line["LinkedTxn"]]
    return wire.get("PaymentRefNum", ""), Decimal(wire["TotalAmt"]), tuple(links)


def balance(world: World, number: str = "WC-1001") -> Decimal:
    """What an invoice has left to pay, from QuickBooks' own state."""
    [found] = [invoice.balance for invoice in world.invoices() if invoice.doc_number == number]
    return Decimal(found)


def payment(world: World, place: int = 1, number: str = "WC-1001") -> Payment:
    """The aggregate of an order's payment."""
    taken = next(one for one in world.order(number).paid.taken if one.place == place)
    return world.engine.records.payment(taken.payment)


def where(world: World, place: int = 1, number: str = "WC-1001") -> str:
    """Where an order's payment stands, in a person's words."""
    return world.engine.people.where(payment(world, place, number).stream)
