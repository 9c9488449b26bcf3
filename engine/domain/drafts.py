"""What we want the other system to have, in our terms: each is what a command sends, fixed at its first attempt."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from engine.domain.values import (
    NOTHING,
    Address,
    Attribute,
    CustomerContent,
    CustomerField,
    InvoiceLine,
    OrderLine,
    Personal,
    StockLevel,
    System,
    Value,
)


class TaxDraft(Value, frozen=True, kw_only=True):
    """What an invoice of ours says about tax, beside the code of its lines."""

    amount: Decimal = Decimal(0)
    """The order's tax, which QuickBooks is to come to; 0 when none of it is left to QuickBooks."""
    stated: bool = False
    """Whether the amount is sent, in the place of what QuickBooks computes."""
    document_code: str = ""
    """QuickBooks' id of the code that picks the rate; '' leaves that to it."""
    shipping_code: str = ""
    calculation: str = ""
    """QuickBooks' `GlobalTaxCalculation`, outside the United States."""
    after_discount: bool | None = None
    """Whether the discount comes off before tax; None leaves it to QuickBooks."""


class InvoiceHead(Value, frozen=True, kw_only=True):
    """What stands at the head of an invoice of ours beside whose it is, of when, and under which number."""

    due: date | None = None
    """None leaves it to the term."""
    ship_date: date | None = None
    ship_method: str = ""
    email: Personal = NOTHING
    class_id: str = ""
    location_id: str = ""
    custom_fields: tuple[tuple[str, str], ...] = ()
    """QuickBooks' id of a field of its sales forms → its text."""


class InvoiceDraft(Value, tag="invoice", frozen=True, kw_only=True):
    """The invoice we want QuickBooks to have, in our terms. `number` is '' when QuickBooks numbers by itself."""

    number: str
    order_number: str
    customer_remote_id: str
    dated: date
    lines: tuple[InvoiceLine, ...]
    total: Decimal
    mark: str
    discount: Decimal = Decimal(0)
    shipping_charge: Decimal = Decimal(0)
    po_number: str = ""
    customer_note: Personal = NOTHING
    billing: Address | None = None
    shipping: Address | None = None
    tax_code: str = ""
    """For every line; `NON` where the company uses sales tax and the order carries none, '' where tax is not used."""
    taxes: TaxDraft = TaxDraft()
    currency: str = ""
    """Sent only by a company that keeps several. Source: QuickBooks reference, 7.5."""
    term: str = ""
    """QuickBooks' id of the payment term; '' leaves the customer's own."""
    ordered: date | None = None
    """The order's own day, where the invoice is dated otherwise."""
    head: InvoiceHead = InvoiceHead()
    online_payments: bool = True
    """Whether QuickBooks' own means of payment are left as the company has them; False turns them off."""


class InvoiceUpdate(Value, tag="invoice-update", frozen=True, kw_only=True):
    """A change we want QuickBooks to make to an invoice of ours: from `before`, as it was sent last, to `invoice`. It is written
    against `revision`, and never over a newer one. Its number, day and means of payment stay as they are."""

    remote_id: str
    revision: str
    before: InvoiceDraft
    invoice: InvoiceDraft
    shown: Personal
    """The invoice as QuickBooks wrote it last: what is on its lines beside ours stays there."""
    target: System = "quickbooks"


class InvoiceVoid(Value, tag="invoice-void", frozen=True, kw_only=True):
    """An invoice of ours that we want voided, written against `revision`. `total` is what it came to."""

    remote_id: str
    revision: str
    number: str
    total: Decimal
    target: System = "quickbooks"


class PaymentDraft(Value, tag="payment", frozen=True, kw_only=True):
    """The payment we want QuickBooks to have: of one invoice, under the invoice's own customer."""

    reference: str
    order_number: str
    customer_remote_id: str
    invoice: str
    """QuickBooks' id of the invoice it is applied to."""
    dated: date
    amount: Decimal
    mark: str
    method: str = ""
    """QuickBooks' id of the payment method; '' names none."""
    account: str = ""
    """QuickBooks' id of the account it goes into; '' leaves it in Undeposited Funds."""
    currency: str = ""
    """Its invoice's, where the company keeps several."""
    target: System = "quickbooks"


class CustomerDraft(Value, tag="customer", frozen=True, kw_only=True):
    """The customer we want `target` to have, in our terms. For QuickBooks `content.payment_term` is a term's id, '' for none,
    and `content.currency` is '' unless it is to be sent; for WizCommerce both are texts."""

    content: CustomerContent
    mark: str
    target: System = "quickbooks"
    reference: str = ""
    """WizCommerce's reference id: what it is looked up by before and after it is sent."""
    fields: tuple[CustomerField, ...] = ()
    """The shared fields that `content` says all there is to say of; what could not be said is none of them."""
    sales_rep: str = ""
    price_list: str = ""


class CustomerUpdate(Value, tag="customer-update", frozen=True, kw_only=True):
    """A change we want `target` to make to a customer it has: only `fields` of `content` count, and the ids beside them
    (`billing_id`, `shipping_id`, `contact_id`). It is written against `revision`, and never over a newer one.

    `content.payment_term` is a term's id for QuickBooks. `customer_type` is `content.type_id` for QuickBooks and the whole of
    `content.attributes` for WizCommerce, which may replace them as one."""

    target: System
    remote_id: str
    revision: str
    fields: tuple[CustomerField, ...]
    content: CustomerContent
    mark: str
    reference: str = ""
    """What a new address is called in WizCommerce, before `:billing` and `:shipping`."""


class TermDraft(Value, tag="term", frozen=True, kw_only=True):
    """The payment term we want QuickBooks to have: due so many days after the invoice."""

    name: str
    due_days: int
    target: System = "quickbooks"


ProductField = Literal["name", "sku", "category", "price", "attributes", "active"]
"""What is put into WizCommerce of a product; everything else there is WizCommerce's own."""


class ProductDraft(Value, tag="product", frozen=True, kw_only=True):
    """The product we want WizCommerce to have: one variant, alone in its group."""

    sku: str
    name: str
    group_code: str
    reference: str
    category: str = ""
    """A path with `::`; '' for none."""
    price: Decimal | None = None
    """None: no price is sent."""
    price_list: str = ""
    attributes: tuple[Attribute, ...] = ()
    target: System = "wizcommerce"


class ProductUpdate(Value, tag="product-update", frozen=True, kw_only=True):
    """A change we want WizCommerce to make to a product it has: only `fields` count. It is written against what is there at
    that moment: categories and attributes that are none of ours stay, and so does every other price list.

    `category` takes the place of `old_category` ('' when there was none of ours); `attributes` take the place of those of the
    same name, and one with an empty value is removed."""

    remote_id: str
    fields: tuple[ProductField, ...]
    sku: str = ""
    name: str = ""
    category: str = ""
    old_category: str = ""
    price: Decimal | None = None
    price_list: str = ""
    attributes: tuple[Attribute, ...] = ()
    active: bool = True
    target: System = "wizcommerce"


class StockDraft(Value, tag="stock", frozen=True, kw_only=True):
    """The stock record we want WizCommerce to have of a product: written whole, under its SKU there."""

    sku: str
    level: StockLevel
    target: System = "wizcommerce"


class OrderDraft(Value, tag="order", frozen=True, kw_only=True):
    """The order we want WizCommerce to have of an invoice that was made in QuickBooks."""

    reference: str
    number: str
    customer: str
    """WizCommerce's id of the customer."""
    made_at: datetime
    lines: tuple[OrderLine, ...]
    amount: Decimal
    """Of all lines, before discount, tax and shipping."""
    total: Decimal
    paid: Decimal
    """What was paid of the invoice by then, however. Only a new order is told it: from then on it is WizCommerce's own."""
    discount: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    shipping_charge: Decimal = Decimal(0)
    payment_term: str = ""
    po_number: str = ""
    customer_note: Personal = NOTHING
    internal_note: Personal = NOTHING
    billing: Address | None = None
    shipping: Address | None = None
    due: date | None = None
    target: System = "wizcommerce"


class OrderUpdate(Value, tag="order-update", frozen=True, kw_only=True):
    """A change we want WizCommerce to make to such an order: from `before`, as it was put last, to `order`, or that it is
    `cancelled`. It is laid over what stands there, and never over a newer revision than `revision`."""

    remote_id: str
    revision: str
    order: OrderDraft
    before: OrderDraft | None = None
    cancelled: bool = False
    target: System = "wizcommerce"


class RecordedItem(Value, frozen=True, kw_only=True):
    """A line of an invoice record. `sku` is '' for what WizCommerce's catalogue does not have; `amount` is to cents."""

    sku: str
    quantity: Decimal
    amount: Decimal


class InvoiceRecordDraft(Value, tag="invoice-record", frozen=True, kw_only=True):
    """The invoice record we want WizCommerce to have: written whole, under its reference there."""

    reference: str
    order: str
    """WizCommerce's id of the order it belongs to."""
    order_reference: str
    """The order's own reference id, for tenants that name orders by it (A-26)."""
    number: str
    total: Decimal
    paid: Decimal
    """What of the total is paid, by whatever means: the total less QuickBooks' balance."""
    due: date
    items: tuple[RecordedItem, ...] = ()
    remarks: str = ""
    """What people are told beside the figures, as that it was voided."""
    target: System = "wizcommerce"


class ShippedItem(Value, frozen=True, kw_only=True):
    """How much of a product was shipped. `product` is WizCommerce's id of it."""

    product: str
    sku: str
    quantity: Decimal


class ShipmentDraft(Value, tag="shipment", frozen=True, kw_only=True):
    """The shipment we want WizCommerce to have of an order: that of one whole invoice, written whole under its reference there.
    While `remarks` say why, it is withdrawn: nothing was shipped by it."""

    reference: str
    order: str
    """WizCommerce's id of the order it belongs to."""
    order_reference: str
    """The order's own reference id, for tenants that name orders by it (A-26)."""
    number: str
    """The invoice's."""
    tracking: tuple[str, ...] = ()
    """Every tracking number, in the order in which they were typed."""
    carrier: str = ""
    url: str = ""
    """Where the first tracking number is followed."""
    shipped: date | None = None
    ship_to: Address | None = None
    items: tuple[ShippedItem, ...] = ()
    remarks: str = ""
    target: System = "wizcommerce"


Draft = (
    InvoiceDraft
    | InvoiceUpdate
    | InvoiceVoid
    | PaymentDraft
    | CustomerDraft
    | CustomerUpdate
    | TermDraft
    | ProductDraft
    | ProductUpdate
    | StockDraft
    | InvoiceRecordDraft
    | OrderDraft
    | OrderUpdate
    | ShipmentDraft
)
Change = CustomerUpdate | InvoiceUpdate | InvoiceVoid | OrderUpdate
"""What is written against a revision of a record that is there."""
