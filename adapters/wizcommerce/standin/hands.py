"""A seller's hands: what people do in WizCommerce itself, on the web or with a device that was offline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from adapters.standin.control import ControlRefused
from adapters.wizcommerce.standin import customer_hands, goods_hands
from adapters.wizcommerce.standin.adopt import Line, adopted, adopted_line
from adapters.wizcommerce.standin.customer_hands import TAKES_MORE, CustomerHands
from adapters.wizcommerce.standin.customers import (
    add_customer_record,
    change_customer_record,
    created_events,
    customer_detail,
)
from adapters.wizcommerce.standin.desk import Desk
from adapters.wizcommerce.standin.goods_hands import GoodsHands
from adapters.wizcommerce.standin.inventory import reserve
from adapters.wizcommerce.standin.orders import order_shown, whole_line
from adapters.wizcommerce.standin.records import (
    Record,
    Records,
    address_snapshot,
    blank_customer,
    blank_line,
    blank_order,
    contact_snapshot,
)

_NEVER = datetime.min.replace(tzinfo=UTC)
ORDER_FIELDS = frozenset(blank_order("", _NEVER)) | {"currency"}
"""With a `currency`, which no documented order has (A-20): shown only when somebody gave one."""
LINE_FIELDS = frozenset(blank_line())
CUSTOMER_FIELDS = frozenset(blank_customer("", _NEVER)) | {"company_name"}

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "confirm-order": ("display_id",),
    "draft-order": ("display_id",),
    "edit-order": ("display_id",),
    "cancel-order": ("display_id",),
    "add-customer": ("name",),
    "edit-customer": ("customer",),
    "announce": ("event", "id"),
}


class SellersHands:
    """The movements. Each answers the entity in wire form and raises ControlRefused with a sentence."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.customers = CustomerHands(desk, one_customer)
        self.goods = GoodsHands(desk)

    def do(self, verb: str, body: dict[str, Any]) -> Any:
        """Make the movement `verb` of the control address with the fields of `body`."""
        movements: dict[str, Callable[..., Any]] = {
            "confirm-order": self.confirm_order,
            "draft-order": self.draft_order,
            "edit-order": self.edit_order,
            "cancel-order": self.cancel_order,
            "add-customer": self.add_customer,
            "edit-customer": self.edit_customer,
            "announce": self.announce,
            **self.customers.movements(),
            **self.goods.movements(),
        }
        if verb not in movements:
            raise ControlRefused(f"There is no hand movement {verb!r}; known are {', '.join(sorted(movements))}.")
        needed = {**_NEEDED, **customer_hands.NEEDED, **goods_hands.NEEDED}[verb]
        for name in needed:
            if not isinstance(body.get(name), str) or not body[name]:
                raise ControlRefused(f"The hand movement {verb} needs {name!r} as text.")
        if not isinstance(body.get("customer", ""), str):
            raise ControlRefused("A customer is named by a name or an id, as text.")
        if not isinstance(body.get("lines", []), list):
            raise ControlRefused("The lines of an order are a list.")
        bare = (customer_hands.NEEDED.keys() | goods_hands.NEEDED.keys()) - TAKES_MORE - goods_hands.TAKES_MORE
        takes_no_more = verb in ("cancel-order", "announce") or verb in bare
        if takes_no_more and set(body) != set(needed):
            raise ControlRefused(f"The hand movement {verb} takes only {', '.join(needed)}.")
        return movements[verb](**body)

    def confirm_order(self, display_id: str, customer: str = "", lines: Sequence[Line] = (), **more: Any) -> Record:
        """Confirm the order with this number, made first if there is none (then a customer is needed).

        `customer` is a name or an id, `lines` are (sku, quantity, unit_price); `more` are wire fields of the order:
        `created_at` for one made offline, `status` for another status such as "pending_approval".
        """
        return self._place(display_id, customer, lines, {"status": "confirmed", **more})

    def draft_order(self, display_id: str, customer: str = "", lines: Sequence[Line] = (), **more: Any) -> Record:
        """Make an order with this number and leave it a draft; an order that exists is changed back to one."""
        return self._place(display_id, customer, lines, {"status": "draft", **more})

    def edit_order(
        self, display_id: str, customer: str = "", lines: Sequence[Line] | None = None, **changes: Any
    ) -> Record:
        """Change an order that exists: its customer, all of its lines, or any wire field."""
        order = self._order(display_id)
        was_confirmed = order["status"] == "confirmed"
        self._change(order, customer, lines, changes)
        if self.desk.switches.a47_edits_raise_events or not was_confirmed:
            self.desk.hooks.announce("order.updated", order["id"])
        return self._shown(order)

    def cancel_order(self, display_id: str) -> Record:
        """Cancel an order that exists."""
        order = self._order(display_id)
        self._change(order, "", None, {"status": "cancelled"})
        self.desk.hooks.announce("order.updated", order["id"])
        return self._shown(order)

    def add_customer(self, name: str, **wire: Any) -> Record:
        """Add a customer as a seller does, with a rep and a price list; `created_at` for one made offline."""
        fields = _customer_fields({"display_name": name, "name": name, **wire})
        customer = take_customer(self.desk, fields)
        for event in created_events(customer):
            self.desk.hooks.announce(*event)
        return self.desk.shown(customer_detail(customer, self.desk))

    def edit_customer(self, customer: str, **changes: Any) -> Record:
        """Change wire fields of a customer named by name or id."""
        found = one_customer(self.desk.records, customer)
        for event in change_customer_record(self.desk.records, found, _customer_fields(changes), self.desk.now()):
            self.desk.hooks.announce(*event)
        return self.desk.shown(customer_detail(found, self.desk))

    def announce(self, event: str, id: str) -> dict[str, str]:
        """Send a webhook of any name about any id, though nothing happened."""
        self.desk.hooks.announce(event, id)
        return {"event": event, "id": id}

    def _place(self, display_id: str, customer: str, lines: Sequence[Line], fields: dict[str, Any]) -> Record:
        order = self.desk.records.order_shown_as(display_id)
        if order is not None:
            self._change(order, customer, lines or None, fields)
            self.desk.hooks.announce("order.updated", order["id"])
            return self._shown(order)
        kept = adopted(fields, ORDER_FIELDS - {"line_items"}, "an order")
        if not customer and "customer_id" not in kept:
            raise ControlRefused(f"The order {display_id!r} does not exist; to make it, say for which customer.")
        made = {**kept, "display_id": display_id, "line_items": [adopted_line(one, LINE_FIELDS) for one in lines]}
        if customer:
            made["customer_id"] = one_customer(self.desk.records, customer)["id"]
        made.setdefault("source", "cart")
        order = take_order(self.desk, made)
        self.desk.hooks.announce("order.created", order["id"])
        return self._shown(order)

    def _change(self, order: Record, customer: str, lines: Sequence[Line] | None, changes: dict[str, Any]) -> None:
        kept = adopted(changes, ORDER_FIELDS - {"id", "line_items"}, "an order")
        if customer:
            kept["customer_id"] = one_customer(self.desk.records, customer)["id"]
        if lines is not None:
            whole = [whole_line(adopted_line(one, LINE_FIELDS), self.desk.records) for one in lines]
            kept["line_items"] = whole
            kept.setdefault("amount", sum_of(whole))
        before = dict(order)
        order.update({"updated_at": self.desk.now(), **kept})
        reserve(self.desk, before, order)

    def _order(self, display_id: str) -> Record:
        order = self.desk.records.order_shown_as(display_id)
        if order is None:
            raise ControlRefused(f"There is no order {display_id!r}.")
        return order

    def _shown(self, order: Record) -> Record:
        return self.desk.shown(order_shown(order, self.desk, 2))


def take_customer(desk: Desk, fields: Record) -> Record:
    """Store a customer given in adopted wire fields; rep and price list default to the tenant's first."""
    records = desk.records
    given = {
        "assigned_sales_rep_ids": [next(iter(records.sales_reps))],
        "assigned_price_list_id": records.default_price_list_id(),
        **fields,
    }
    return add_customer_record(records, given, desk.now())


def take_order(desk: Desk, fields: Record) -> Record:
    """Store an order given in adopted wire fields.

    What is not given comes from the lines (`amount`), the customer (addresses, contact, payment term, price list)
    or the blank order.
    """
    records = desk.records
    order = blank_order(fields.get("id") or records.new_id("order"), desk.now())
    customer = records.customers.get(fields.get("customer_id") or "")
    if customer is not None:
        order.update(_from_customer(customer))
    order.update({name: value for name, value in fields.items() if name != "id"})
    order["line_items"] = [whole_line(one, records) for one in fields.get("line_items", [])]
    if "amount" not in fields:
        order["amount"] = sum_of(order["line_items"])
    order["display_id"] = order["display_id"] or records.next_display_id("order", "WC")
    records.orders[order["id"]] = order
    reserve(desk, None, order)
    return order


def sum_of(lines: Sequence[Record]) -> Decimal:
    """The order's `amount`: quantity times unit price, before discounts, taxes and charges."""
    return sum((one["quantity"] * one["unit_price"] for one in lines), Decimal(0))


def _from_customer(customer: Record) -> Record:
    billing = _chosen([one for one in customer["addresses"] if one["type"] == "billing"])
    shipping = _chosen([one for one in customer["addresses"] if one["type"] == "shipping"])
    contact = _chosen(customer["contacts"])
    return {
        "payment_term": customer["payment_term"],
        "price_list_id": customer["assigned_price_list_id"],
        "billing_address": address_snapshot(billing) if billing else None,
        "shipping_address": address_snapshot(shipping) if shipping else None,
        "primary_contact": contact_snapshot(contact) if contact else None,
    }


def _chosen(parts: Sequence[Record]) -> Record | None:
    """The default one, else the first, else None."""
    return next((one for one in parts if one["is_default"]), parts[0] if parts else None)


def _customer_fields(fields: Mapping[str, Any]) -> Record:
    return adopted(fields, CUSTOMER_FIELDS, "a customer")


def one_customer(records: Records, name: str) -> Record:
    """The one customer of this name or id. Raises ControlRefused when there is none or more than one."""
    found = records.customers_called(name)
    if len(found) != 1:
        number = "no customer" if not found else f"more than one customer ({len(found)})"
        raise ControlRefused(f"There is {number} called {name!r}.")
    return found[0]
