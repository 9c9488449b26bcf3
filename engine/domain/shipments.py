"""A shipment: what WizCommerce is told of how an invoice of one of its orders was shipped: a told record (`engine.domain.told`).

There is one where the invoice has a tracking number, or where its ship date or ship method is one that somebody put there in
QuickBooks: neither one that we ever sent for this invoice, nor the one it had when it was first shown. So what we wrote ourselves
is no shipment, and neither is what QuickBooks or a bookkeeper had on the invoice from the start. It is of the whole invoice. What
WizCommerce does not sell is left out of it, and so is a ship date before the order's own day, as WizCommerce refuses dates before
an order's creation (WizCommerce reference, 1.5).

When that is taken back, or the invoice is voided or deleted, the shipment is withdrawn: it stays under its reference, without
items and tracking, as not shipped yet, and says why. It is not deleted: what is typed again must find it, and a deleted one may
keep its reference and never come back (A-43). PATCH is what is documented of shipments, and that it can empty one of its items.
"""

from collections.abc import Mapping
from decimal import Decimal

from msgspec.structs import replace

from engine.domain.carriers import carried_by, tracking_numbers
from engine.domain.choices import Choices
from engine.domain.drafts import InvoiceDraft, InvoiceHead, InvoiceUpdate, ShipmentDraft, ShippedItem
from engine.domain.events import Event, ShipmentWanted
from engine.domain.invoice_from_order import dated, sku_key
from engine.domain.order import Order
from engine.domain.told import (
    DELETED,
    VOIDED,
    Kept,
    Told,
    is_there,
    keep_told,
    reference_in,
    told_stream,
    why_not,
)
from engine.domain.values import Address, CompanyFacts, InvoiceContent, OrderContent, ShipmentContent, Shipping

KEPT = Kept(choice="shipments", off="shipments-off", what="shipment", called="shipments")
TAKEN_BACK = "Taken back in QuickBooks."
SHIPPED = ("shipped", "fulfilled")
"""Words of WizCommerce for what has left. Source: WizCommerce reference, 1.5 "Shipment"."""


def shipment_stream(order: Order) -> str:
    """The stream of the shipment of an order's invoice; '' while the order has none."""
    return told_stream("shipment", order, "shipment")


def stands(order: Order) -> bool:
    """Whether there is a shipment of the order's invoice, by the rule above."""
    invoice = order.invoice.content if order.invoice is not None and not order.invoice_gone else None
    if invoice is None or invoice.voided or invoice.shipping_details is None:
        return False
    return _was_shipped(order, invoice.shipping_details)


def _was_shipped(order: Order, shipping: Shipping) -> bool:
    if tracking_numbers(shipping.tracking):
        return True
    before = order.shipping_at_first or Shipping()
    heads = _heads_sent(order)
    dates = {before.shipped, *(head.ship_date for head in heads)}
    methods = {_plain(one) for one in (before.method, *(head.ship_method for head in heads))}
    another_date = shipping.shipped is not None and shipping.shipped not in dates
    return another_date or (bool(_plain(shipping.method)) and _plain(shipping.method) not in methods)


def _heads_sent(order: Order) -> list[InvoiceHead]:
    """The head of each invoice we ever sent for the order, arrived or not."""
    drafts = [command.first.draft for command in order.commands.values() if command.first is not None]
    sent = [one.invoice if isinstance(one, InvoiceUpdate) else one for one in [*drafts, order.acknowledged]]
    return [one.head for one in sent if isinstance(one, InvoiceDraft)]


def _plain(method: str) -> str:
    return method.strip().casefold()


def shipment_wanted(
    order: Order, skus: Mapping[str, str], products: Mapping[str, str], facts: CompanyFacts
) -> ShipmentWanted | None:
    """What WizCommerce is to be told of how the order's invoice was shipped, as QuickBooks shows it now: a shipment, or one
    withdrawn. None where there is nothing to tell of.

    `skus` gives the SKU of QuickBooks' items, `products` WizCommerce's ids of the products that are linked to them."""
    content, shown = order.content, order.invoice
    if content is None or order.sight is None or shown is None or not is_there(order):
        return None
    invoice = shown.content
    if invoice.shipping_details is None:  # recorded before shipments were told of
        return None
    draft = ShipmentDraft(
        reference=f"{reference_in(order)}:shipment",
        order=order.sight.remote_id,
        order_reference=content.reference,
        number=invoice.number or order.invoice_number or order.invoice_id,
    )
    if not stands(order):
        remarks = DELETED if order.invoice_gone else VOIDED if invoice.voided else TAKEN_BACK
        draft = replace(draft, remarks=remarks)
    else:
        draft = _shipped(draft, invoice, invoice.shipping_details, content, skus, products, facts)
    return ShipmentWanted(order=order.stream, invoice=order.invoice_id, draft=draft)


def _shipped(
    draft: ShipmentDraft,
    invoice: InvoiceContent,
    shipping: Shipping,
    content: OrderContent,
    skus: Mapping[str, str],
    products: Mapping[str, str],
    facts: CompanyFacts,
) -> ShipmentDraft:
    numbers = tracking_numbers(shipping.tracking)
    carrier, page = carried_by(shipping.method.strip(), numbers[0] if numbers else "")
    too_early = shipping.shipped is not None and shipping.shipped < dated(content, facts).date()
    return replace(
        draft,
        tracking=numbers,
        carrier=carrier,
        url=page,
        shipped=None if too_early else shipping.shipped,
        ship_to=shipping.address,
        items=_items(invoice, content, skus, products),
    )


def _items(
    invoice: InvoiceContent, content: OrderContent, skus: Mapping[str, str], products: Mapping[str, str]
) -> tuple[ShippedItem, ...]:
    """How much of each product the invoice has: by the link of its item, else as the order names the product."""
    of_order = dict(content.products)
    items: dict[str, ShippedItem] = {}
    for line in invoice.lines:
        sku = skus.get(line.item, "")
        product = products.get(line.item, "") or of_order.get(sku, "")
        if product and line.quantity > 0:
            before = items[product].quantity if product in items else Decimal(0)
            items[product] = ShippedItem(product=product, sku=sku, quantity=before + line.quantity)
    return tuple(items.values())


def keep_the_shipment(record: Told, choices: Choices) -> list[Event]:
    """WizCommerce's shipment of an order says what QuickBooks shows of it. Source: WizCommerce reference, 3.7 row 18."""
    draft = record.wanted.draft if record.wanted is not None else None
    because = _because(draft) if isinstance(draft, ShipmentDraft) else ""
    return keep_told(record, why_not(record, choices, KEPT), because)


def _because(draft: ShipmentDraft) -> str:
    how = "not shipped" if draft.remarks else "shipped"
    return f"QuickBooks shows invoice {draft.number} as {how}: {in_words(draft)}"


def in_words(draft: ShipmentDraft) -> str:
    """Tracking, carrier, day and goods in words; or why it is withdrawn. Without personal text."""
    if draft.remarks:
        return draft.remarks[0].lower() + draft.remarks[1:].rstrip(".")
    said = [f"tracking {', '.join(draft.tracking)}" if draft.tracking else "no tracking number"]
    said += [f"by {draft.carrier}"] if draft.carrier else []
    said += [f"on {draft.shipped}"] if draft.shipped else []
    goods = ", ".join(f"{one.quantity.normalize():f} x {one.sku or one.product}" for one in draft.items)
    return f"{', '.join(said)}; {goods or 'nothing of the catalogue'}"


def note_of(draft: ShipmentDraft) -> str:
    """What a person reads on the shipment, where WizCommerce has no field for it: ship date, ship-to, and every tracking number
    where there are several."""
    said = [f"Shipped {draft.shipped}"] if draft.shipped else []
    said += [f"Ship to {_on_one_line(draft.ship_to)}"] if draft.ship_to is not None else []
    said += [f"Tracking numbers {', '.join(draft.tracking)}"] if len(draft.tracking) > 1 else []
    return ". ".join(said)


def _on_one_line(address: Address) -> str:
    street = (address.lines.text or "").splitlines()  # what was erased here is not sent
    parts = (*street, address.city, f"{address.region} {address.postal_code}", address.country)
    return ", ".join(part for part in (one.strip() for one in parts) if part)


def first_number(draft: ShipmentDraft) -> str:
    """The tracking number that stands in the field of its own; '' where there is none."""
    return draft.tracking[0] if draft.tracking else ""


def same_note(draft: ShipmentDraft, found: ShipmentContent) -> bool:
    """Whether a shipment shows our note, however its blanks are kept."""
    return str(found.note).split() == note_of(draft).split()


def same_items(draft: ShipmentDraft, found: ShipmentContent) -> bool:
    """Whether a shipment shows our quantities, and our SKUs where both sides name all of them; True where it shows no items."""
    if found.items is None:
        return True
    named = all(one.sku for one in draft.items) and all(sku for sku, _ in found.items)
    ours = sorted((sku_key(one.sku) if named else "", one.quantity) for one in draft.items)
    return ours == sorted((sku_key(sku) if named else "", quantity) for sku, quantity in found.items)


def shipment_disagreements(draft: ShipmentDraft, found: ShipmentContent) -> tuple[str, ...]:
    """Where WizCommerce's shipment differs from what we sent, without naming the note; empty when it agrees. One that is to be
    withdrawn, and was deleted there, does."""
    if not found.active:
        return () if draft.remarks else ("it is inactive",)
    pairs = (("tracking number", first_number(draft), found.tracking), ("carrier", draft.carrier, found.carrier))
    differs = [
        f"{what} {theirs or '(none)'} instead of {ours or '(none)'}" for what, ours, theirs in pairs if ours != theirs
    ]
    pairs = (("page", draft.url, found.url), ("remark", draft.remarks, found.remarks))
    differs += [f"another {what}" for what, ours, theirs in pairs if ours != theirs]
    if (found.status in SHIPPED) == bool(draft.remarks):
        differs.append(f"status {found.status}")
    if not same_note(draft, found):
        differs.append("another note")
    if not same_items(draft, found):
        differs.append("other items")
    return tuple(differs)
