"""What is not documented about WizCommerce and this adapter relies on: named settings, each with its number.

A correction touches this file (or a connection's settings) and nothing else, and no recorded event has to be rewritten.
Source: WizCommerce reference, part 2. The rate limits of A-02 are in `engine.limits`, since the limiter counts them.
"""

from typing import Literal

import msgspec

WebhookMode = Literal["static_header", "hmac", "both"]


class Assumptions(msgspec.Struct, frozen=True, kw_only=True):
    """Everything assumed, with the defaults."""

    a02_longest_wait_seconds: float = 3600.0
    """A-02: on 429 `Retry-After` is honoured, up to this. Without the header the engine's own schedule counts."""

    a06_order_statuses: tuple[str, ...] = ("draft", "confirmed", "cancelled")
    """A-06: one value a request, always sent; a sweep takes one pass for each."""

    a08_page_size: int = 100
    """A-08: the largest documented page."""
    a08_overlap_seconds: float = 600.0
    """A-08: a sweep begins this much before its cursor; what is seen twice is recognised by id and `updated_at`."""
    a08_most_pages: int = 20_000
    """A-08: a list that goes on for longer does not end, and the sweep stops with a sentence."""
    a08_most_readings: int = 3
    """A-08: a list that shrank while it was read may have skipped a row, so it is read again, at most this often."""

    a09_time_format: str = "%Y-%m-%dT%H:%M:%SZ"
    """A-09: time filters are inclusive and in whole seconds; the cursor is the largest `updated_at` seen."""

    a12_mode: WebhookMode = "static_header"
    """A-12: how a delivery proves where it comes from; set for each connection."""
    a12_static_header: str = "X-Webhook-Key"
    """A-12: the header's name is the customer's choice; this one is suggested by the guide."""
    a12_signature_header: str = "X-Wizcommerce-Signature"
    a12_body_hash_allowed: bool = False
    """A-12: whether HMAC over the hex SHA-256 of the body counts as well as HMAC over the body."""

    a23_largest_number: int = 10**12
    """A-21, A-23: a number beyond this is a mistake in the body, not an amount."""

    a26_order_named_by: Literal["id", "reference"] = "id"
    """A-26: what `order_id` holds in invoice records and shipments. Where it is refused, the other is tried once, and
    remembered."""

    a42_order_version: Literal["v1", "v2"] = "v2"
    """A-42: orders by v2, everything else by v1."""

    a43_gone: tuple[str, ...] = ("deleted",)
    """A-43: a record of this status is gone, as after a 404. For an order, `inactive` says the same."""

    a45_shipment_names: Literal["snake", "camel"] = "snake"
    """A-45: how the fields of shipments are written, by us and by WizCommerce: `order_id`, or `orderId` as in its SDK."""

    a48_statuses: Literal["newer", "older"] = "newer"
    """A-48: PAID, PARTIALLY_PAID, PENDING, OVERPAID; or PAID and UNPAID, which are used once the newer ones were refused."""

    find_most_pages: int = 20
    """How many pages of each status `find` reads, newest first, when an order's number has no filter of its own."""


ASSUMED = Assumptions()
