"""Taking what a test or a person gives: wire fields, with numbers and moments also as text or Python values.

Only names are checked here, and that numbers and moments can be read: a seed may hold what the API would refuse
(a negative quantity, an order without lines, an unknown customer), because the real tenant may hold it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from adapters.standin.control import ControlRefused
from adapters.wizcommerce.standin.moments import read_moment
from adapters.wizcommerce.standin.records import Record

Number = int | str | Decimal
Line = tuple[str, Number, Number] | Mapping[str, Any]
"""An order line: SKU, quantity and unit price, or wire fields."""

_MOMENTS = frozenset({"created_at", "updated_at", "shipment_date", "due_date"})
_NUMBERS = frozenset(
    {
        *("amount", "discount_value", "tax_value", "shipping_charge", "amount_paid"),
        *("quantity", "unit_price", "discount", "volume"),
        *("shipped_quantity", "invoiced_quantity", "cancelled_quantity", "picked_quantity"),
        *("price", "min_order_quantity", "max_order_quantity", "step_increment", "sale_price"),
        *("available_quantity", "reserved_quantity", "in_stock_quantity", "out_of_stock_threshold"),
        *("total_amount", "paid_amount", "item_total", "rate"),
        *("back_order_quantity", "back_order_reserved_quantity", "back_order_available_quantity"),
    }
)


def adopted(fields: Mapping[str, Any], known: Iterable[str], what: str) -> Record:
    """The fields as they are kept. Raises ControlRefused naming the first that is unknown or cannot be read."""
    allowed = set(known)
    for name in fields:
        if name not in allowed:
            raise ControlRefused(f"There is no field {name!r} in {what}; known are {', '.join(sorted(allowed))}.")
    return {name: _kept(name, value) for name, value in fields.items()}


def adopted_line(line: Line | Sequence[Any], known: Iterable[str]) -> Record:
    """The wire fields of an order line. Raises ControlRefused when it is neither form of a line."""
    if isinstance(line, Mapping):
        return adopted(line, known, "an order line")
    if not isinstance(line, (list, tuple)) or len(line) != 3:
        raise ControlRefused("An order line is (sku, quantity, unit_price) or an object of wire fields.")
    sku, quantity, unit_price = line
    return adopted({"sku": sku, "quantity": quantity, "unit_price": unit_price}, known, "an order line")


def _kept(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _MOMENTS:
        return _moment(name, value)
    if name in _NUMBERS:
        return _number(name, value)
    if isinstance(value, Mapping):
        return {part: _kept(part, one) for part, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_kept("", one) for one in value]
    return value


def _moment(name: str, value: Any) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    try:
        return read_moment(value)
    except (TypeError, ValueError) as fault:
        raise ControlRefused(f"The field {name} must be an aware datetime or like 2006-01-02T15:04:05Z.") from fault


def _number(name: str, value: Any) -> Decimal:
    if isinstance(value, (int, str, Decimal)) and not isinstance(value, bool):
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite():
            return number
    raise ControlRefused(f"The field {name} must be a whole number, a Decimal or a number as text.")
