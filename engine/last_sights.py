"""What was seen of a record last: what the next sight of it is compared with."""

from typing import Any

import msgspec

from engine.domain.customer import Customer
from engine.domain.events import RecordGone, RevisionMoved, Sight
from engine.domain.order import Order
from engine.domain.payments import Payment
from engine.domain.product import Product
from engine.ports import Remote


class Last(msgspec.Struct, frozen=True):
    """The last sight of a record on one side."""

    revision: str = ""
    content_hash: str = ""
    after: int = 0
    gone: bool = False


def left_behind(customer: Customer | Product, remote: Remote) -> bool:
    """Whether a record's stream goes by another record on that side now: this one was merged into it there."""
    known = customer.links.get(remote.system)
    return known is not None and known != remote.remote_id


def last_of_order(order: Order, remote: Remote) -> Last:
    """Of an order, or of its invoice: whichever `remote` is."""
    sight: Sight | None = order.sight if remote.kind == "order" else order.invoice
    gone = order.gone if remote.kind == "order" else order.invoice_gone
    if sight is None:
        return Last(gone=gone)
    after = order.sight_after if remote.kind == "order" else order.invoice_after
    return Last(sight.revision, sight.content_hash, after, gone)


def last_of_customer(customer: Customer, remote: Remote) -> Last:
    """Of a customer, on the side of `remote`."""
    sight = customer.sights.get(remote.system)
    gone = remote.system in customer.gone
    if sight is None:
        return Last(gone=gone)
    return Last(sight.revision, sight.content_hash, customer.sight_after.get(remote.system, 0), gone)


def last_of_product(product: Product, remote: Remote) -> Last:
    """Of a product, on the side of `remote`."""
    sight = product.sights.get(remote.system)
    gone = remote.system in product.gone
    if sight is None:
        return Last(gone=gone)
    return Last(sight.revision, sight.content_hash, product.sight_after.get(remote.system, 0), gone)


def last_of_payment(payment: Payment) -> Last:
    """Of a payment, as QuickBooks showed it. What logs have of it from before payments were followed counts as not seen."""
    if payment.sight is None:
        return Last(gone=payment.gone)
    return Last(payment.sight.revision, payment.sight.content_hash, payment.sight_after, payment.gone)


def last_of_other(story: list[Any]) -> tuple[Last, int]:
    """Of anything else, and the version of its stream."""
    last = Last()
    for recorded in story:
        match recorded.event:
            case Sight() as sight:
                last = Last(sight.revision, sight.content_hash, recorded.position)
            case RevisionMoved() as moved:
                last = Last(moved.revision, last.content_hash, recorded.position)
            case RecordGone():
                last = Last(last.revision, last.content_hash, recorded.position, True)
            case _:
                pass
    return last, len(story)
