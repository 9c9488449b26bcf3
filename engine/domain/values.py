"""What a customer, a product, an order and an invoice are to us, whichever system showed them.

Every struct is frozen. Money and quantities are `Decimal`. Text that can name a person (names, e-mail, phone, street lines)
and bodies as received are `Personal`: in memory plain text, in the log encrypted with a key of the stream, so that
destroying the key erases them.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal
from uuid import UUID, uuid5

import msgspec

System = Literal["quickbooks", "wizcommerce"]
Kind = Literal[
    "customer", "product", "order", "invoice", "payment", "creditmemo", "term", "customertype", "preferences", "company"
]
CustomerField = Literal[
    "name", "company", "given_name", "family_name", "phone", "billing", "shipping", "term", "customer_type", "active"
]
"""What is kept equal on both sides of a linked customer. E-mail is WizCommerce's own and is none of them."""

CENT = Decimal("0.01")
NAMESPACE = UUID("6f1d0c57-6a0c-5e0e-9c6b-0a4c1f6b8f10")


def cents(amount: Decimal) -> Decimal:
    """`amount` to cents, half up. Source: QuickBooks reference, 2.10, and WizCommerce reference, A-21."""
    return amount.quantize(CENT, ROUND_HALF_UP)


class Personal:
    """A text that must be erasable: sealed in the log with a key of its stream.

    `Personal(None)` is what remains after the key was destroyed: a field that was there, and is erased.
    """

    __slots__ = ("text",)

    def __init__(self, text: str | None) -> None:
        self.text = text

    @property
    def erased(self) -> bool:
        return self.text is None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Personal) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __str__(self) -> str:
        return "(erased)" if self.text is None else self.text

    def __bool__(self) -> bool:
        return self.text != ""

    def __repr__(self) -> str:  # never shown in a log line or an error
        return "Personal(…)"


NOTHING = Personal("")


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """The frozen base of what follows: compared by content."""


class Address(Value, frozen=True, kw_only=True):
    """A postal address. `lines` are the street lines, one a line of text."""

    lines: Personal = NOTHING
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""


class Attribute(Value, frozen=True, kw_only=True):
    """A custom field of a WizCommerce record, by its label (A-34)."""

    name: str
    value: Personal


class CustomerContent(Value, frozen=True, kw_only=True):
    """A customer as one system shows it, in our terms. Fields of one side only are '' or empty on the other."""

    display_name: Personal
    company_name: Personal = NOTHING
    given_name: Personal = NOTHING
    family_name: Personal = NOTHING
    email: Personal = NOTHING
    phone: Personal = NOTHING
    billing: Address | None = None
    shipping: Address | None = None
    payment_term: str = ""
    reference: str = ""
    """What the record itself says it is in the other system; '' when it says nothing."""
    active: bool = True
    currency: str = ""
    mark: str = ""
    """The command id found in its notes, '' when there is none."""
    full_name: Personal = NOTHING
    """QuickBooks' `Parent:Child` of a sub-customer; '' where it would be the display name."""
    parent: str = ""
    bill_with_parent: bool = False
    project: bool = False
    type_id: str = ""
    """QuickBooks' id of its customer type. Its term's id is in `payment_term`, where WizCommerce has the term's text."""
    taxable: bool | None = None
    exemption: str = ""
    """QuickBooks' exemption reason, `1` to `15`."""
    resale_number: Personal = NOTHING
    attributes: tuple[Attribute, ...] = ()
    billing_id: str = ""
    shipping_id: str = ""
    """WizCommerce's ids of the two default addresses."""
    contact_id: str = ""
    """WizCommerce's id of the primary contact, whose names and phone are then the customer's."""
    sales_reps: tuple[str, ...] = ()
    price_list: str = ""


class ListPrice(Value, frozen=True, kw_only=True):
    """What a product costs in one price list of WizCommerce; `price_list` is the list's id."""

    price_list: str
    price: Decimal


class Part(Value, frozen=True, kw_only=True):
    """One part of a bundle: QuickBooks' id of its item, and how many of it are in one bundle."""

    item: str
    quantity: Decimal


class ProductContent(Value, frozen=True, kw_only=True):
    """A product or QuickBooks item. `sku` is '' when the record has none. How much of it is there is in no content: that
    moves with every sale (`StockLevel`)."""

    sku: str
    name: str
    item_type: str = ""
    active: bool = True
    unit_price: Decimal | None = None
    sellable: bool = True
    """False for what cannot stand on an invoice line of its own: categories and bundles."""
    description: str = ""
    cost: Decimal | None = None
    full_name: str = ""
    """QuickBooks' `Parent:Child`, without its note that a part of it was made inactive; '' where it would be the name."""
    tracked: bool = False
    """Whether QuickBooks counts it."""
    categories: tuple[str, ...] = ()
    """As WizCommerce shows them: a path with `::`, or its last element (A-37)."""
    attributes: tuple[Attribute, ...] = ()
    """Custom values: of WizCommerce by their label, of QuickBooks its custom fields."""
    prices: tuple[ListPrice, ...] = ()
    """WizCommerce's, in every price list, by the list's id."""
    reference: str = ""
    starts: date | None = None
    """The first day on which QuickBooks takes a sale of it: of what it counts. Source: QuickBooks reference, 7.4."""
    parts: tuple[Part, ...] = ()
    """Of a bundle."""


class StockLevel(Value, frozen=True, kw_only=True):
    """How much of a product is there, as one system says. Quantities may be fractional, and QuickBooks' may be negative.

    QuickBooks: `on_hand` is its quantity on hand, already less what was invoiced. WizCommerce: `on_hand` is the quantity in
    stock, and `available`, `reserved`, `tracked` and `back_orders` are what its stock record says. Source: A-31."""

    on_hand: Decimal
    available: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)
    tracked: bool = True
    back_orders: bool = False
    standing: str = ""
    """WizCommerce's `inventory_status`; '' of QuickBooks."""


class OrderLine(Value, frozen=True, kw_only=True):
    """One line of an order; amounts in the order's currency, `discount` per line (A-24)."""

    sku: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal = Decimal(0)
    discount_is_percentage: bool = False
    note: Personal = NOTHING
    is_adhoc: bool = False

    def amount(self) -> Decimal:
        """Quantity x unit price, to cents, half up: before any discount. Source: QuickBooks reference, 2.10."""
        return (self.quantity * self.unit_price).quantize(CENT, ROUND_HALF_UP)

    def discount_amount(self) -> Decimal:
        if self.discount_is_percentage:
            return (self.amount() * self.discount / 100).quantize(CENT, ROUND_HALF_UP)
        return self.discount.quantize(CENT, ROUND_HALF_UP)


class OrderContent(Value, frozen=True, kw_only=True):
    """A WizCommerce order. `status` is their word; only `confirmed` is ever pushed."""

    number: str
    customer_remote_id: str
    status: str
    lines: tuple[OrderLine, ...]
    ordered_at: datetime
    amount: Decimal
    """Total before discounts, taxes, shipping and other charges, as WizCommerce states it."""
    discount: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    shipping_charge: Decimal = Decimal(0)
    other_charges: Decimal = Decimal(0)
    currency: str = ""
    po_number: str = ""
    payment_term: str = ""
    customer_note: Personal = NOTHING
    billing: Address | None = None
    shipping: Address | None = None
    reference: str = ""
    shipping_method: str = ""
    ships_at: datetime | None = None
    due_at: datetime | None = None
    email: Personal = NOTHING
    """Of the order's own contact."""
    paid: Decimal = Decimal(0)
    """WizCommerce's `amount_paid`: what was paid so far, in the order's currency (A-17)."""
    payment_status: str = ""
    """Their word: `PAID`, `PARTIALLY_PAID`, `REFUNDED`, `VOIDED` … Source: WizCommerce reference, 1.5."""
    payment_method: str = ""
    products: tuple[tuple[str, str], ...] = ()
    """(SKU, WizCommerce's id of the product) of each line in its catalogue."""


class InBundle(Value, frozen=True, kw_only=True):
    """The bundle that a line of an invoice of ours stands in: its item, how many of it are sold, and which of the order's lines
    it is, so that two of one item are told apart."""

    item: str
    quantity: Decimal
    place: int
    description: Personal = NOTHING


class InvoiceLine(Value, frozen=True, kw_only=True):
    """One sales line. `item` is the accounting system's id of the item; amounts to cents."""

    item: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    description: Personal = NOTHING
    bundle: InBundle | None = None
    """Only of an invoice of ours: what QuickBooks shows is told line by line."""


class LineNote(Value, frozen=True, kw_only=True):
    """A text on an invoice that no sales line says of itself: of line number `line`, counted from 0; -1: of the whole invoice."""

    line: int
    text: Personal


class Shipping(Value, frozen=True, kw_only=True):
    """What an invoice says of how it was shipped. `tracking` is the field as it was typed: one number, several, or none."""

    tracking: str = ""
    method: str = ""
    shipped: date | None = None
    address: Address | None = None


class InvoiceContent(Value, frozen=True, kw_only=True):
    """An invoice as QuickBooks shows it. `mark` is the command id found in its private note, '' when there is none."""

    number: str
    customer_remote_id: str
    dated: date | None
    lines: tuple[InvoiceLine, ...]
    total: Decimal
    balance: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    shipping_charge: Decimal = Decimal(0)
    mark: str = ""
    created_at: datetime | None = None
    voided: bool = False
    kept_digest: str = ""
    """Of what an update writes back as it was shown, and is in none of the fields above: a line's class, a note, a field."""
    payments: tuple[str, ...] = ()
    """QuickBooks' ids of the payments that are applied to it: what `balance` has been lessened by."""
    due: date | None = None
    """When it is to be paid. Logs from before invoice records were kept have none."""
    billing: Address | None = None
    """From here on: what an order takes from it beside the money. Logs from before invoices became orders have none of it."""
    shipping: Address | None = None
    term: str = ""
    """QuickBooks' id of its payment term."""
    note: Personal = NOTHING
    """What the buyer reads on it."""
    private_note: Personal = NOTHING
    currency: str = ""
    form_fields: tuple[tuple[str, Personal], ...] = ()
    """QuickBooks' id of a field of its sales forms → its text, which may be anything, as somebody's name."""
    notes: tuple[LineNote, ...] = ()
    """Lines that only describe or sub-total, and what a bundle says of itself."""
    shipping_details: Shipping | None = None
    """None in logs from before shipments were told of."""


class Applied(Value, frozen=True, kw_only=True):
    """How much of a payment goes to which invoice, by QuickBooks' id."""

    invoice: str
    amount: Decimal


class PaymentContent(Value, frozen=True, kw_only=True):
    """A payment as QuickBooks shows it. `mark` is the command id found in its private note, '' when there is none."""

    reference: str
    customer_remote_id: str
    dated: date | None
    total: Decimal
    unapplied: Decimal = Decimal(0)
    """What of it is applied to no document: the customer's credit."""
    applied: tuple[Applied, ...] = ()
    deposited: bool = False
    """Whether it is in a bank deposit: QuickBooks lets nobody change it then (fault 6540)."""
    mark: str = ""
    voided: bool = False


class OtherContent(Value, frozen=True, kw_only=True):
    """A record this engine does not use yet: it is recorded and waits."""

    title: str = ""
    active: bool = True


class CompanyFacts(Value, frozen=True, kw_only=True):
    """What a QuickBooks company is set up to do: read at connect and whenever its preferences change."""

    name: str
    country: str = ""
    plan: str = ""
    subscription: str = ""
    custom_numbers: bool = False
    allow_shipping: bool = False
    allow_discount: bool = False
    sales_tax: bool = False
    automated_tax: bool = False
    multi_currency: bool = False
    home_currency: str = ""
    books_closed_until: date | None = None
    tracks_inventory: bool = False
    time_zone: str = ""
    categories: bool = False
    """Whether products stand below categories; where not, below other products."""


class InvoiceRecordContent(Value, frozen=True, kw_only=True):
    """An invoice record as WizCommerce shows it. `status` is their word."""

    reference: str
    number: str
    total: Decimal
    paid: Decimal
    due: date | None
    status: str = ""
    remarks: str = ""
    items: tuple[tuple[Decimal, Decimal], ...] | None = None
    """Quantity and amount of each; None when none are shown."""


class ShipmentContent(Value, frozen=True, kw_only=True):
    """A shipment as WizCommerce shows it. `status` is their word; `active` is False for one that was deleted there."""

    reference: str
    status: str
    tracking: str = ""
    carrier: str = ""
    url: str = ""
    note: Personal = NOTHING
    remarks: str = ""
    items: tuple[tuple[str, Decimal], ...] | None = None
    """SKU and quantity of each; None when none are shown."""
    active: bool = True


Content = (
    CustomerContent
    | ProductContent
    | OrderContent
    | InvoiceContent
    | PaymentContent
    | InvoiceRecordContent
    | ShipmentContent
    | OtherContent
)


def record_id(connection: str, system: System, kind: str, remote_id: str) -> UUID:
    """Our id of a record, made at first sight and the same for ever."""
    return uuid5(NAMESPACE, f"{connection}:{system}:{kind}:{remote_id}")


def record_stream(connection: str, system: System, kind: str, remote_id: str) -> str:
    """The stream a remote record begins: `customer-acme:4f0c…`. An invoice first seen in QuickBooks begins an order stream."""
    family = "order" if kind == "invoice" else kind
    return f"{family}-{connection}:{record_id(connection, system, kind, remote_id)}"


def connection_stream(connection: str) -> str:
    return f"connection-{connection}"


def link_stream(connection: str, system: System, kind: str, remote_id: str) -> str:
    """The stream whose first event claims a remote record for one of our streams: its key is what makes the claim unique."""
    return f"link-{connection}:{system}:{kind}:{remote_id}"


def connection_of(stream: str) -> str:
    """The connection a stream belongs to; '' for the claims of companies and tenants, which belong to all."""
    return stream.partition("-")[2].partition(":")[0]


def kind_of(stream: str) -> str:
    """The first word of a stream's name."""
    return stream.partition("-")[0]


def folded(text: str) -> str:
    """For comparing names: letters and digits only, lower case. `Bloom & Co.` and `BLOOM & CO` fold to the same."""
    return "".join(c for c in text.casefold() if c.isalnum())
