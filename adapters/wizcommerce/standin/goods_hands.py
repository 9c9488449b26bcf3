"""A seller's hands on goods and money: payments, refunds, approval, progress of lines, stock, products."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from adapters.standin.control import ControlRefused
from adapters.wizcommerce.standin.adopt import adopted
from adapters.wizcommerce.standin.deletion import delete, restore
from adapters.wizcommerce.standin.desk import Desk
from adapters.wizcommerce.standin.inventory import blank_inventory, reserve, set_stock
from adapters.wizcommerce.standin.orders import APPROVAL, order_shown
from adapters.wizcommerce.standin.products import add_product_record, change_product_record, product_shown
from adapters.wizcommerce.standin.progress import fulfilment
from adapters.wizcommerce.standin.records import Record, blank_product

_NEVER = datetime.min.replace(tzinfo=UTC)
PRODUCT_FIELDS = frozenset(blank_product("", _NEVER)) | {"sku_id", "product_prices"}
STOCK_FIELDS = frozenset(blank_inventory("", _NEVER)) - {"id", "product_id", "created_at"}
_ZERO = Decimal(0)

NEEDED: Mapping[str, tuple[str, ...]] = {
    "take-payment": ("display_id",),
    "take-payments": (),
    "refund": ("display_id",),
    "void-payment": ("display_id",),
    "approve-order": ("display_id",),
    "delete-order": ("display_id",),
    "pick": ("display_id", "sku"),
    "ship": ("display_id", "sku"),
    "cancel-lines": ("display_id", "sku"),
    "add-product": ("sku",),
    "edit-product": ("sku",),
    "deactivate-product": ("sku",),
    "reactivate-product": ("sku",),
    "delete-product": ("sku",),
    "set-stock": ("sku",),
}
"""What each movement needs, as text."""

TAKES_MORE = frozenset(
    {
        "take-payment",
        "take-payments",
        "refund",
        "pick",
        "ship",
        "cancel-lines",
        "add-product",
        "edit-product",
        "set-stock",
    }
)
"""The movements that take further fields."""


class GoodsHands:
    """The movements. Each answers the order, product or stock in wire form and raises ControlRefused with a sentence."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def movements(self) -> dict[str, Callable[..., Any]]:
        """Every movement by its verb at the control address."""
        return {
            "take-payment": self.take_payment,
            "take-payments": self.take_payments,
            "refund": self.refund,
            "void-payment": self.void_payment,
            "approve-order": self.approve_order,
            "delete-order": self.delete_order,
            "pick": lambda **body: self.progress("picked_quantity", **body),
            "ship": lambda **body: self.progress("shipped_quantity", **body),
            "cancel-lines": lambda **body: self.progress("cancelled_quantity", **body),
            "add-product": self.add_product,
            "edit-product": self.edit_product,
            "deactivate-product": lambda sku: self.end_product(sku, "inactive"),
            "reactivate-product": lambda sku: self.end_product(sku, "active"),
            "delete-product": lambda sku: self.end_product(sku, "deleted"),
            "set-stock": self.set_stock,
        }

    def take_payment(self, display_id: str, amount: Any = None, method: str = "") -> Record:
        """Take an amount for an order, by default what it still owes; a deposit and too much are taken as well."""
        order = self._order(display_id)
        paid = self._owed(order) - order["amount_paid"] if amount is None else _amount(amount)
        order["amount_paid"] += paid
        if method:
            order["payment_method"] = method
        return self._paid(order)

    def take_payments(self, amounts: Any = None) -> list[Record]:
        """One payment across several orders: `{"WC-1001": 40, "WC-1002": 60}`. Source: reference, section 3.6."""
        if not isinstance(amounts, dict) or not amounts:
            raise ControlRefused('A payment across orders takes {"amounts": {number: amount}}.')
        orders = [(self._order(str(one)), _amount(value)) for one, value in amounts.items()]
        for order, amount in orders:
            order["amount_paid"] += amount
        return [self._paid(order) for order, _ in orders]

    def refund(self, display_id: str, amount: Any = None) -> Record:
        """Give back an amount, by default all that was paid."""
        order = self._order(display_id)
        back = order["amount_paid"] if amount is None else _amount(amount)
        if back > order["amount_paid"] or not back:
            raise ControlRefused("What can be refunded is what was paid, or a part of it.")
        order["amount_paid"] -= back
        return self._paid(order, "REFUNDED" if order["amount_paid"] == 0 else "")

    def void_payment(self, display_id: str) -> Record:
        """Take back every payment as if it had never been made."""
        order = self._order(display_id)
        order["amount_paid"] = _ZERO
        return self._paid(order, "VOIDED")

    def approve_order(self, display_id: str) -> Record:
        """Confirm an order that waits for approval (A-46)."""
        order = self._order(display_id)
        if order["status"] != APPROVAL:
            raise ControlRefused(f"The order {display_id!r} is {order['status']} and waits for no approval.")
        before = dict(order)
        order.update(status="confirmed", updated_at=self.desk.now())
        reserve(self.desk, before, order)
        self.desk.hooks.announce("order.updated", order["id"])
        return self._shown(order)

    def delete_order(self, display_id: str) -> Record:
        """Delete an order, softly (A-43)."""
        order = self._order(display_id)
        before = dict(order)
        delete(self.desk, order)
        reserve(self.desk, before, order)
        self.desk.hooks.announce("order.deleted", order["id"])
        return self._shown(order)

    def progress(self, counter: str, display_id: str, sku: str, quantity: Any = None) -> Record:
        """Set a counter of a line of a SKU, by default to the line's quantity; of several lines, the first not done."""
        order = self._order(display_id)
        before = {**order, "line_items": [dict(one) for one in order["line_items"]]}
        lines = [one for one in order["line_items"] if one["sku"] == sku]
        if not lines:
            raise ControlRefused(f"The order {display_id!r} has no line of {sku!r}.")
        line = next((one for one in lines if one[counter] < one["quantity"]), lines[0])
        wanted = line["quantity"] if quantity is None else _amount(quantity)
        if wanted > line["quantity"]:
            raise ControlRefused(f"The line of {sku!r} is of {line['quantity']}.")
        line[counter] = wanted
        if counter == "shipped_quantity":
            order["fulfillment_status"] = fulfilment(order)
        reserve(self.desk, before, order)
        return self._changed(order)

    def add_product(self, sku: str, **wire: Any) -> Record:
        """Add a product as people do."""
        fields = adopted({"group_code": sku, "name": sku, **wire, "sku": sku}, PRODUCT_FIELDS, "a product")
        product = add_product_record(self.desk.records, fields, self.desk.now())
        self.desk.hooks.announce("product.created", product["id"])
        return product_shown(self.desk, product, 2)

    def edit_product(self, sku: str, **wire: Any) -> Record:
        """Change wire fields of a product; `sku_id` renames it."""
        product = self._product(sku)
        fields = adopted(wire, PRODUCT_FIELDS - {"id", "sku"}, "a product")
        change_product_record(self.desk.records, product, fields, self.desk.now())
        self.desk.hooks.announce("product.updated", product["id"])
        return product_shown(self.desk, product, 2)

    def end_product(self, sku: str, standing: str) -> Record:
        """Make a product inactive or active again, or delete it (A-29, A-43)."""
        product = self._product(sku)
        if standing == "active":
            restore(self.desk, product)
        elif standing == "deleted":
            delete(self.desk, product)
        else:
            change_product_record(self.desk.records, product, {"status": "inactive"}, self.desk.now())
        self.desk.hooks.announce("product.deleted" if standing == "deleted" else "product.updated", product["id"])
        return product_shown(self.desk, product, 2)

    def set_stock(self, sku: str, **wire: Any) -> Record:
        """Change the stock record of a SKU by hand."""
        self._product(sku)
        stock = set_stock(self.desk, adopted({**wire, "sku": sku}, STOCK_FIELDS, "a stock record"))
        self.desk.hooks.announce("inventory.updated", stock["id"])
        return self.desk.shown(stock)

    def _product(self, sku: str) -> Record:
        product = self.desk.records.product_of(sku) or self.desk.records.products.get(sku)
        if product is None:
            raise ControlRefused(f"There is no product {sku!r}.")
        return product

    def _order(self, display_id: str) -> Record:
        order = self.desk.records.order_shown_as(display_id)
        if order is None:
            raise ControlRefused(f"There is no order {display_id!r}.")
        return order

    def _owed(self, order: Record) -> Decimal:
        return owed(order, per_unit=self.desk.switches.a24_line_discounts == "unit")

    def _paid(self, order: Record, status: str = "") -> Record:
        paid, wanted = order["amount_paid"], self._owed(order)
        words = "PENDING" if paid == 0 else "PARTIALLY_PAID" if paid < wanted else "PAID"
        order["payment_status"] = status or ("OVERPAID" if paid > wanted else words)
        return self._changed(order)

    def _changed(self, order: Record) -> Record:
        order["updated_at"] = self.desk.now()
        if self.desk.switches.a47_edits_raise_events:
            self.desk.hooks.announce("order.updated", order["id"])
        return self._shown(order)

    def _shown(self, order: Record) -> Record:
        return self.desk.shown(order_shown(order, self.desk, 2))


def owed(order: Record, per_unit: bool = False) -> Decimal:
    """What an order comes to: its amount less discounts (those of lines for each unit, or for all of it; A-24), with tax,
    shipping and other charges."""
    lines = sum((_line_discount(one, per_unit) for one in order["line_items"]), _ZERO)
    charges = sum(
        (
            one["amount"] if one["value_type"] == "value" else order["amount"] * one["amount"] / 100
            for one in order["charges"]
        ),
        _ZERO,
    )
    total: Decimal = (
        order["amount"] - lines - order["discount_value"] + order["tax_value"] + order["shipping_charge"] + charges
    )
    return total


def _line_discount(line: Record, per_unit: bool) -> Decimal:
    if line["discount_type"] == "percentage":
        of_all: Decimal = line["quantity"] * line["unit_price"] * line["discount"] / 100
        return of_all
    value: Decimal = line["discount"] * (line["quantity"] if per_unit else 1)
    return value


def _amount(value: Any) -> Decimal:
    """A number that is not negative, also as text. Raises ControlRefused."""
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite() or number < 0:
        raise ControlRefused("An amount is a number that is not negative.")
    return number
