"""The switches of the WizCommerce stand-in: what the reference leaves open, and what a test wants to go wrong."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]


class Switches(msgspec.Struct):
    """Set by POST /_standin/switches or as attributes; the defaults are the documented or assumed behaviour.

    A switch whose name begins with a number turns that assumption of the WizCommerce reference, part 2:
    `a04_duplicate_references` turns A-04. Where it is the only one of its assumption, the control address takes plain
    `A-04` for it as well.
    """

    # Limits and errors.
    a02_calls_per_second: Count = 0
    """More calls than this in one second are answered 429; 0 = no limit."""
    a02_retry_after: Literal["absent", "seconds", "date"] = "absent"
    """The `Retry-After` header of a 429, in either of its forms."""
    a05_error_codes: Literal["words", "status"] = "words"
    """The `code` of an error body: words of our own choice, or the HTTP status as text."""
    a05_details: bool = True
    """Whether an error body names the wrong fields in its optional `details`."""
    a05_invalid_status: Literal["400", "422"] = "400"
    """The status of a request that is understood and not valid."""

    # Lists.
    a07_time_filters_elsewhere: Literal["refused", "ignored", "honoured"] = "refused"
    """`updated_after` and its siblings on lists for which they are not documented."""
    a08_next_page_at_end: Literal["zero", "null", "current"] = "zero"
    """What `next_page` holds on the last page."""
    a08_empty_data: Literal["list", "null"] = "list"
    """What `data` holds on a page without rows."""
    a09_time_filters_inclusive: bool = True
    """Whether `updated_after` and its siblings include the moment itself."""
    fractional_digits: Literal[0, 3, 6] = 0
    """Digits after the second in timestamps; the reference shows none."""

    # Tokens and versions.
    a40_new_token_ends_old: bool = False
    """Whether making a token ends the ones made before."""
    a42_v2: bool = True
    """Off: there is no v2, and every path of it is not found."""

    # Writes.
    a04_duplicate_references: Literal["400", "409", "accepted"] = "400"
    """The answer to a write whose `reference_id` another record of its kind has."""
    a28_patched_status: Literal["ignored", "accepted", "refused"] = "ignored"
    """`status` in a customer's PATCH, of which the documented body knows nothing."""
    a32_payment_terms: Literal["any", "offered"] = "any"
    """Whether a customer's payment term may be any text, or only one the app offers by itself."""
    a33_undefined_attributes: Literal["refused", "accepted"] = "refused"
    """A value for an attribute nobody defined, on customers, addresses and contacts."""
    a34_attribute_names: Literal["label", "id"] = "label"
    """What `name` holds in attribute values: the attribute's name, or the id of its definition."""
    a35_sales_rep_required: bool = True
    """Whether a new customer needs a sales rep."""
    a36_price_list_required: bool = True
    """Whether a new customer needs a price list."""
    a43_after_delete: Literal["inactive", "404"] = "inactive"
    """What reads show of a record that was deleted: status inactive, or nothing."""
    mandatory_attributes: bool = True
    """Whether a create without an attribute that is defined as mandatory is refused."""
    patched_attributes: Literal["replaced", "merged"] = "replaced"
    """Whether `attributes` in a customer's PATCH take the place of all values, or only of those they name."""

    # Webhooks.
    a10_customer_noun: Literal["customer", "buyer"] = "customer"
    """The first word of a customer's events; the older guide says buyer."""
    a11_same_webhook_id: bool = False
    """Every event carries the same webhook id, as in the guide's examples."""
    a12_signature_encoding: Literal["base64", "hex"] = "base64"
    """The form of a signature: the older guide says base64, its sample code hex."""
    a12_signature_message: Literal["body", "body-hash"] = "body"
    """What is signed: the raw body, or the hex SHA-256 of it."""
    a13_newest_first: bool = False
    """Events that wait together are delivered in reverse."""
    a14_parts_move_customer: bool = True
    """Whether a change of an address or contact moves the customer's `updated_at`."""
    a15_own_writes_raise_events: bool = True
    """Whether writes through the API raise events like a person's."""
    a47_edits_raise_events: bool = True
    """Off: editing a confirmed order only moves its `updated_at`."""
    webhooks: bool = True
    """Off: events are not sent, and lost for ever."""
    webhook_duplicates: bool = False
    """Every event is delivered twice."""
    webhook_delay_seconds: Seconds = 0.0
    """How long an event waits before its first delivery, by the stand-in's clock."""

    # Goods, orders and documents.
    a06_several_statuses: bool = False
    """Whether `order_status` takes several values with commas between."""
    a06_default_status: Literal["draft", "any"] = "draft"
    """What a list of orders shows when no `order_status` is sent."""
    a10_goods_events: Literal["all", "orders"] = "all"
    """Whether products, stock, invoices and shipments raise events, or only orders do."""
    a20_order_currency: bool = False
    """Whether an order shows the currency of its price list."""
    a23_amounts: Literal["taken", "refused"] = "taken"
    """An order's `amount` that is not the sum of its lines before discounts."""
    a24_line_discounts: Literal["line", "unit"] = "line"
    """Whether a line's discount is for all of it, or for each unit."""
    a25_adhoc_lines: Literal["taken", "refused"] = "taken"
    """Lines for something that is not in the catalogue."""
    a26_order_named_by: Literal["id", "reference", "either"] = "id"
    """What `order_id` holds in invoices and shipments."""
    a27_price_list_named_by: Literal["id", "reference"] = "id"
    """What `price_list_id` holds in prices."""
    a27_pricing_named_by: Literal["product", "pricing"] = "product"
    """What stands for `{id}` in the path of a product's price."""
    a29_patched_status: Literal["refused", "ignored", "accepted"] = "refused"
    """`status: active` in a product's PATCH, whose only documented value is inactive."""
    patched_sku: Literal["refused", "ignored", "accepted"] = "refused"
    """`sku_id` in a product's PATCH, of which the documented body knows nothing."""
    a31_stock_reserved_at: Literal["never", "confirmation", "creation"] = "never"
    """When WizCommerce itself takes an order's quantities from what is available."""
    a31_stock_leaves_at: Literal["never", "invoice", "shipment"] = "never"
    """When what was reserved leaves the stock; a cancelled order gives it back."""
    a37_categories_shown: Literal["path", "last"] = "path"
    """Whether a product shows its categories as they were sent, or only the last element, to which a path maps."""
    a45_shipment_names: Literal["snake", "camel"] = "snake"
    """How the fields of shipments are written."""
    a46_approval: bool = False
    """Whether an order confirmed through the API waits as `pending_approval` until somebody approves it."""
    a46_reopening: bool = False
    """Whether a confirmed order may become a draft again."""
    a48_invoice_statuses: Literal["newer", "older", "both"] = "newer"
    """PAID, PENDING, PARTIALLY_PAID, OVERPAID; or PAID and UNPAID; or all of them."""
    a51_most_lines: Count = 0
    """The largest number of lines of an order; 0 = no limit."""
    documents_move_counters: Literal["none", "shipments", "all"] = "shipments"
    """Which documents move the progress of an order's lines: none, shipments (its fulfilment status too), or invoices as well.
    The reference does not say; that shipments do is what this project relies on."""
