"""WizCommerce's words into ours. Pure: a body goes in, a `Remote` comes out, and nothing is ever raised for a bad body.

What cannot be read becomes a `Remote` with a `problem` and the whole body in `raw`. `revision` is the text of
`updated_at` as received, '' where that is no time: revisions are put in order by it. Problems name fields, never values: they
may be personal.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from adapters.wizcommerce.assumptions import ASSUMED, Assumptions
from adapters.wizcommerce.wire import (
    CUSTOMER,
    ORDER,
    AddressWire,
    AttributeWire,
    ChargeWire,
    ContactWire,
    CustomerWire,
    LineWire,
    OrderWire,
)
from engine.clock import instant
from engine.domain.values import (
    CENT,
    NOTHING,
    Address,
    Attribute,
    Content,
    CustomerContent,
    OrderContent,
    OrderLine,
    Personal,
)
from engine.ports import Remote


class _NotUnderstood(ValueError):
    """The body is JSON of the right shape and still makes no sense; the text says which field."""


def order_from_body(remote_id: str, body: bytes, assumed: Assumptions = ASSUMED) -> Remote:
    """`{"data": {…order…}}` as a Remote. Deleted or inactive: a tombstone (A-43). Any other status is kept as text."""

    def read() -> tuple[str, str, str, Content | None]:
        order = ORDER.decode(body).data
        gone = order.status in (*assumed.a43_gone, "inactive")
        return order.id, order.updated_at, order.created_at, None if gone else _order(order, assumed)

    return in_our_terms("order", remote_id, body, read)


def customer_from_body(remote_id: str, body: bytes, assumed: Assumptions = ASSUMED) -> Remote:
    """`{"data": {…customer…}}` as a Remote. An inactive customer is a customer with `active` False."""

    def read() -> tuple[str, str, str, Content | None]:
        customer = CUSTOMER.decode(body).data
        gone = customer.status in assumed.a43_gone
        return customer.id, customer.updated_at, customer.created_at or "", None if gone else _customer(customer)

    return in_our_terms("customer", remote_id, body, read)


def tombstone(kind: str, remote_id: str) -> Remote:
    """What is left of a record that is not there any more: it has no revision and no body."""
    return Remote(system="wizcommerce", kind=kind, remote_id=remote_id, revision="", content=None, raw="")


_CARD_TOKEN = re.compile(r'("token"\s*:\s*)"(?:[^"\\]|\\.)*"')
"""Of a stored card, in orders of v2: never recorded, not even sealed. Source: reference, section 1.5, "Payment method"."""


def in_our_terms(
    kind: str, remote_id: str, body: bytes, read: Callable[[], tuple[str, str, str, Content | None]]
) -> Remote:
    """`read` gives id, updated_at, created_at ('' when there is none) and content; whatever it stumbles on is told."""
    raw = _CARD_TOKEN.sub(r'\1"***"', body.decode("utf-8", "backslashreplace"))
    revision, problem = "", ""
    content: Content | None = None
    created_at: datetime | None = None
    try:
        found_id, updated_text, created_text, content = read()
        moment(updated_text, "updated_at")
        revision = updated_text
        created_at = moment(created_text, "created_at") if created_text else None
        if found_id != remote_id:
            content, problem = None, f"WizCommerce was asked for {kind} {remote_id} and answered with another one."
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        # a msgspec message names the path and the types, never the value
        content, problem = None, f"The {kind} WizCommerce sent cannot be read: {fault}"
    except _NotUnderstood as fault:
        content, problem = None, f"The {kind} WizCommerce sent makes no sense: {fault}"
    return Remote(
        system="wizcommerce",
        kind=kind,
        remote_id=remote_id,
        revision=revision,
        content=content,
        raw=raw,
        created_at=created_at,
        problem=problem,
    )


def _order(order: OrderWire, assumed: Assumptions) -> OrderContent:
    amount = number(order.amount, "amount", assumed)
    shipping, other = _charges(order.charges or [], amount, assumed)
    return OrderContent(
        number=order.display_id,
        customer_remote_id=order.customer_id,
        status=order.status,
        lines=tuple(_line(line, place, assumed) for place, line in enumerate(order.line_items or [])),
        ordered_at=moment(order.created_at, "created_at"),
        amount=amount,
        discount=number(order.discount_value, "discount_value", assumed),
        tax=number(order.tax_value, "tax_value", assumed),
        shipping_charge=number(order.shipping_charge, "shipping_charge", assumed) or shipping,
        other_charges=other,
        currency=order.currency or "",
        po_number=order.po_number or "",
        payment_term=order.payment_term or "",
        customer_note=_personal(order.customer_note),
        shipping_method=order.shipping_method or "",
        ships_at=moment(order.shipment_date, "shipment_date") if order.shipment_date else None,
        due_at=moment(order.due_date, "due_date") if order.due_date else None,
        email=_personal(order.primary_contact.email if order.primary_contact else None),
        billing=_address(order.billing_address),
        shipping=_address(order.shipping_address),
        reference=order.reference_id or "",
        paid=number(order.amount_paid, "amount_paid", assumed),
        payment_status=order.payment_status or "",
        payment_method=order.payment_method or "",
        products=_products(order.line_items or []),
    )


def _products(lines: Iterable[LineWire]) -> tuple[tuple[str, str], ...]:
    """Each SKU once, in the order of the lines."""
    named = {line.sku: line.product_id for line in lines if line.sku and line.product_id and not line.is_adhoc}
    return tuple(named.items())


def _line(line: LineWire, place: int, assumed: Assumptions) -> OrderLine:
    where = f"line_items[{place}]"
    if line.discount_type not in (None, "", "value", "percentage"):
        raise _NotUnderstood(f"{where}.discount_type is neither value nor percentage")
    return OrderLine(
        sku=line.sku or "",
        quantity=number(line.quantity, f"{where}.quantity", assumed),
        unit_price=number(line.unit_price, f"{where}.unit_price", assumed),
        discount=number(line.discount, f"{where}.discount", assumed),
        discount_is_percentage=line.discount_type == "percentage",
        note=_personal(line.note),
        is_adhoc=bool(line.is_adhoc),
    )


def _charges(charges: Iterable[ChargeWire], amount: Decimal, assumed: Assumptions) -> tuple[Decimal, Decimal]:
    """(shipping, all others), to cents where they are percentages. The first counts only for an order that states no
    `shipping_charge` of its own, since that field and a shipping charge say the same thing."""
    shipping = other = Decimal(0)
    for place, charge in enumerate(charges):
        value = number(charge.amount, f"charges[{place}].amount", assumed)
        if charge.value_type == "percentage":
            value = (amount * value / 100).quantize(CENT, ROUND_HALF_UP)
        if (charge.type or "").casefold() == "shipping":
            shipping += value
        else:
            other += value
    return shipping, other


def _customer(customer: CustomerWire) -> CustomerContent:
    """The primary contact's names and phone where there is one that has them, else the customer's own."""
    company = customer.name or ""
    contact = _primary_contact(customer.contacts or [])
    billing = _default_address(customer.addresses or [], "billing")
    shipping = _default_address(customer.addresses or [], "shipping")
    return CustomerContent(
        display_name=Personal(customer.display_name or company),
        company_name=Personal(company),
        given_name=_personal(contact.first_name or customer.first_name),
        family_name=_personal(contact.last_name or customer.last_name),
        email=_personal(customer.email),
        phone=_personal(contact.phone or customer.phone),
        billing=_address(billing),
        shipping=_address(shipping),
        payment_term=customer.payment_term or "",
        reference=customer.reference_id or "",
        active=customer.status != "inactive",
        attributes=tuple(attributes_shown(customer.attributes or [])),
        billing_id=(billing.id if billing else None) or "",
        shipping_id=(shipping.id if shipping else None) or "",
        contact_id=contact.id or "",
        sales_reps=tuple(one.id for one in customer.assigned_sales_reps or []),
        price_list=customer.assigned_price_list.id if customer.assigned_price_list else "",
    )


def _primary_contact(contacts: Iterable[ContactWire]) -> ContactWire:
    """The active default contact; one of whom nothing is known when there is none."""
    usable = [one for one in contacts if one.id and one.is_default and one.status in (None, "", "active")]
    return min(usable, key=lambda one: one.id or "", default=ContactWire())


def attributes_shown(values: Iterable[AttributeWire]) -> Iterator[Attribute]:
    """By the name they are shown with: where that is the definition's id (A-34), it is not looked up. What is not text
    is kept as its JSON text, `5`, `true` or `["red","blue"]`; what is null is not there."""
    for one in values:
        text = bytes(one.value)
        if one.name and text != b"null":
            is_text = text.startswith(b'"')
            value = msgspec.json.decode(text, type=str) if is_text else msgspec.json.format(text, indent=-1).decode()
            yield Attribute(name=one.name, value=Personal(value))


def _default_address(addresses: Iterable[AddressWire], kind: str) -> AddressWire | None:
    """The active default of its type, else the oldest active one: the list's own order is not promised."""
    usable = [one for one in addresses if one.type == kind and one.status in (None, "", "active")]
    return min(usable, key=lambda one: (not one.is_default, one.created_at or "", one.id or ""), default=None)


def _address(address: AddressWire | None) -> Address | None:
    """None when nothing is written in it."""
    if address is None:
        return None
    found = Address(
        lines=Personal("\n".join(line for line in (address.address_line_1, address.address_line_2) if line)),
        city=address.city or "",
        region=address.state or "",
        postal_code=address.zip_code or "",
        country=address.country or "",
    )
    return None if found == Address() else found


def number(value: Decimal | None, field: str, assumed: Assumptions) -> Decimal:
    """0 for null or missing. Source: A-21, exact from the JSON text on. Raises ValueError naming the field."""
    if value is None:
        return Decimal(0)
    # copy_abs takes any figure; abs overflows at the largest
    if not value.is_finite() or value.copy_abs() > assumed.a23_largest_number:
        raise _NotUnderstood(f"{field} is not an amount")
    return value


def _personal(text: str | None) -> Personal:
    return Personal(text) if text else NOTHING


def moment(text: str, field: str) -> datetime:
    """A time as received. Raises ValueError naming the field."""
    try:
        return instant(text)
    except (ValueError, OverflowError):
        raise _NotUnderstood(f"{field} is not a time with an offset") from None
