"""What things wait for, by name: the cause that `pending` shows and that `retry --cause` takes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from adapters.cli.session import Session
from engine.domain.commands import Command
from engine.domain.customer import no_customer
from engine.domain.customer_evolving import evolve_customer
from engine.domain.order import evolve_order, no_order
from engine.domain.product import evolve_product, no_product
from engine.domain.values import kind_of
from engine.records import Holder

AT_ONCE = 200
"""Records read from the log with one question."""
SKU = "sku:"
"""The cause of what waits for an item begins so."""


def called(key: str, connection: str) -> str:
    """What a key that `react` listens for is called to people, who know the connection: `sku:acme:vase-01` is `sku:vase-01`,
    `customer-linked:customer-acme:0a4c…` is `customer-linked:0a4c…`, `facts:acme` is `facts`."""
    kind, _, rest = key.partition(":")
    rest = f"{rest}:".removeprefix("customer-").removeprefix("product-").removeprefix(f"{connection}:").rstrip(":")
    return f"{kind}:{rest}" if rest else kind


def waits(cause: str, sentence: str, since: datetime) -> dict[str, Any]:
    """One thing that something waits for."""
    return {"cause": cause, "sentence": sentence, "since": since}


def causes_of(command: Command, connection: str, since: datetime) -> list[dict[str, Any]]:
    """Everything that a command waits for, each since when; what was refused, or failed, waits for a cure of its code."""
    if command.status == "held":
        return [
            waits(called(missing.key, connection), missing.sentence, command.waits_since.get(missing.key, since))
            for missing in command.missing
        ]
    kind = {"refused": "refused", "ready": "failed" if command.attempts else ""}.get(command.status, "")
    return [waits(f"{kind}:{command.code}".rstrip(":"), command.reason, since)] if kind else []


def records_of(session: Session, streams: Iterable[str]) -> dict[str, Holder]:
    """Stream → its record, some hundred read at a time."""
    log, wanted = session.engine.log, list(dict.fromkeys(streams))
    found: dict[str, Holder] = {}
    for begin in range(0, len(wanted), AT_ONCE):
        some = wanted[begin : begin + AT_ONCE]
        orders = log.load_all([one for one in some if kind_of(one) == "order"], evolve_order, no_order)
        customers = log.load_all([one for one in some if kind_of(one) == "customer"], evolve_customer, no_customer)
        products = log.load_all([one for one in some if kind_of(one) == "product"], evolve_product, no_product)
        found.update(orders)
        found.update(customers)
        found.update(products)
    return found
