"""WizCommerce's JSON as it is: only the fields this program reads. Money and quantities are Decimal from the text on.

Fields that are `None` by default are missing or null in real answers; the others are always there, and a body without
them is not understood. Source: WizCommerce reference, section 1.5 (customer, product, order) and 1.3 (envelopes).
"""

from decimal import Decimal
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class AddressWire(msgspec.Struct, frozen=True):
    """An address of a customer, or the snapshot an order keeps."""

    id: str | None = None
    reference_id: str | None = None
    address_line_1: str | None = None
    address_line_2: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    zip_code: str | None = None
    type: str | None = None
    is_default: bool | None = None
    status: str | None = None
    created_at: str | None = None


class ContactWire(msgspec.Struct, frozen=True):
    """A person at a customer."""

    id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    email: str | None = None
    is_default: bool | None = None
    status: str | None = None


class AttributeWire(msgspec.Struct, frozen=True):
    """The value of a custom field: text, a number, true or false, or a list of texts, as its definition says."""

    name: str | None = None
    value: msgspec.Raw = msgspec.Raw(b"null")


class RefWire(msgspec.Struct, frozen=True):
    """A record shown inside another one, of which only the id counts."""

    id: str


class CustomerWire(msgspec.Struct, frozen=True):
    """A customer's detail. `name` is the company; list rows omit the addresses, so only a detail is translated."""

    id: str
    updated_at: str
    name: str | None = None
    display_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    payment_term: str | None = None
    reference_id: str | None = None
    status: str | None = None
    addresses: list[AddressWire] | None = None
    contacts: list[ContactWire] | None = None
    attributes: list[AttributeWire] | None = None
    assigned_sales_reps: list[RefWire] | None = None
    assigned_price_list: RefWire | None = None
    created_at: str | None = None


class PriceWire(msgspec.Struct, frozen=True):
    """A product's price in one price list."""

    id: str | None = None
    price: Decimal | None = None


class ProductWire(msgspec.Struct, frozen=True):
    """One variant of a product: the row that has a SKU."""

    id: str
    updated_at: str
    sku: str | None = None
    name: str | None = None
    status: str | None = None
    price_lists: list[PriceWire] | None = None
    created_at: str | None = None
    reference_id: str | None = None
    categories: list[str] | None = None
    attributes: list[AttributeWire] | None = None


class StockWire(msgspec.Struct, frozen=True):
    """One stock record: there is one for each SKU."""

    product_id: str | None = None
    sku: str | None = None
    in_stock_quantity: Decimal | None = None
    available_quantity: Decimal | None = None
    reserved_quantity: Decimal | None = None
    back_order_allowed: bool | None = None
    track_inventory: bool | None = None
    inventory_status: str | None = None
    updated_at: str | None = None


class ChargeWire(msgspec.Struct, frozen=True):
    """A charge of an order beside its lines. `value_type` percentage is of the order's `amount`."""

    amount: Decimal
    name: str | None = None
    type: str | None = None
    value_type: str | None = None


class LineWire(msgspec.Struct, frozen=True):
    """One line of an order. It has no id of its own."""

    quantity: Decimal
    unit_price: Decimal
    sku: str | None = None
    product_id: str | None = None
    discount: Decimal | None = None
    discount_type: str | None = None
    note: str | None = None
    is_adhoc: bool | None = None


class OrderWire(msgspec.Struct, frozen=True):
    """An order as v2 shows it; v1 lacks only fields that are optional here."""

    id: str
    display_id: str
    customer_id: str
    status: str
    amount: Decimal
    created_at: str
    updated_at: str
    reference_id: str | None = None
    discount_value: Decimal | None = None
    tax_value: Decimal | None = None
    shipping_charge: Decimal | None = None
    charges: list[ChargeWire] | None = None
    currency: str | None = None
    payment_term: str | None = None
    po_number: str | None = None
    customer_note: str | None = None
    shipping_method: str | None = None
    shipment_date: str | None = None
    due_date: str | None = None
    primary_contact: ContactWire | None = None
    billing_address: AddressWire | None = None
    shipping_address: AddressWire | None = None
    line_items: list[LineWire] | None = None
    amount_paid: Decimal | None = None
    payment_status: str | None = None
    payment_method: str | None = None


class InvoiceItemWire(msgspec.Struct, frozen=True):
    """One line of an invoice record."""

    quantity: Decimal | None = None
    amount: Decimal | None = None


class InvoiceWire(msgspec.Struct, frozen=True):
    """An invoice record, in lists as in its detail."""

    id: str
    reference_id: str
    invoice_number: str
    total_amount: Decimal
    paid_amount: Decimal
    updated_at: str
    status: str | None = None
    due_date: str | None = None
    remarks: str | None = None
    items: list[InvoiceItemWire] | None = None


class TrackingWire(msgspec.Struct, frozen=True):
    """How a shipment is followed."""

    tracking_number: str | None = None
    tracking_url: str | None = None
    delivery_partner: str | None = None


class ShippedItemWire(msgspec.Struct, frozen=True):
    """How much of a product a shipment holds."""

    sku_id: str | None = None
    quantity: Decimal | None = None


class ShipmentWire(msgspec.Struct, frozen=True):
    """A shipment, in lists as in its detail."""

    id: str
    reference_id: str
    updated_at: str
    shipment_status: str | None = None
    status: str | None = None
    tracking_info: TrackingWire | None = None
    shipment_items: list[ShippedItemWire] | None = None
    note: str | None = None
    remark: str | None = None


class RowWire(msgspec.Struct, frozen=True):
    """A row of any list: enough to know what changed, and to find an order or customer by what people call it."""

    id: str
    updated_at: str
    display_id: str | None = None
    reference_id: str | None = None


class ChoiceWire(msgspec.Struct, frozen=True):
    """A row of the lists a customer is given something from: price lists have a name, sales reps a first and a last one,
    definitions of attributes what they are for."""

    id: str
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    status: str | None = None
    entity: str | None = None


class PaginationWire(msgspec.Struct, frozen=True):
    """Where a page stands. `next_page` is 0 or null on the last one."""

    total_records: int | None = None
    current_page: int | None = None
    next_page: int | None = None


class PageWire(msgspec.Struct, Generic[T], frozen=True):
    """One page of a list. `data` may be null when it is empty."""

    data: list[T] | None = None
    pagination: PaginationWire | None = None


class One(msgspec.Struct, Generic[T], frozen=True):
    """The envelope of a single record."""

    data: T


class DetailWire(msgspec.Struct, frozen=True):
    """One reason of an error body."""

    field: str | None = None
    reason: str | None = None


class ErrorWire(msgspec.Struct, frozen=True):
    """The error body `errors.HttpError`."""

    code: str | int | None = None
    message: str | None = None
    details: list[DetailWire] | None = None


class UserWire(msgspec.Struct, frozen=True):
    """Whom a token belongs to."""

    tenant_id: str


class TokenWire(msgspec.Struct, frozen=True):
    """The answer of `POST /auth/token`, the only one without an envelope."""

    access_token: str
    expires_at: str
    user: UserWire


CUSTOMER = msgspec.json.Decoder(One[CustomerWire])
ORDER = msgspec.json.Decoder(One[OrderWire])
WRITTEN = msgspec.json.Decoder(One[RefWire])
INVOICE = msgspec.json.Decoder(One[InvoiceWire])
SHIPMENT = msgspec.json.Decoder(One[ShipmentWire])
RAWS = msgspec.json.Decoder(PageWire[msgspec.Raw])
ROWS = msgspec.json.Decoder(PageWire[RowWire])
CHOICES = msgspec.json.Decoder(PageWire[ChoiceWire])
ERROR = msgspec.json.Decoder(ErrorWire)
TOKEN = msgspec.json.Decoder(TokenWire)
