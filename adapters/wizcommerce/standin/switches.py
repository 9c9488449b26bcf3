"""The switches of the WizCommerce stand-in: what the reference leaves open, and what a test wants to go wrong."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]


class Switches(msgspec.Struct):
    """Set by POST /_standin/switches or as attributes; the defaults are the documented or assumed behaviour.

    Numbers like A-02 name the assumption of the WizCommerce reference, part 2, that a switch turns.
    """

    calls_per_second: Count = 0
    """More calls than this in one second are answered 429; 0 = no limit (A-02)."""
    retry_after_header: bool = False
    """Whether a 429 carries `Retry-After` (A-02)."""
    duplicate_references: Literal["400", "409", "accepted"] = "400"
    """The answer to a create whose `reference_id` is taken (A-04)."""
    time_filters_inclusive: bool = True
    """Whether `updated_after` and its siblings include the moment itself (A-09)."""
    fractional_digits: Literal[0, 3, 6] = 0
    """Digits after the second in timestamps; the reference shows none."""
    webhooks: bool = True
    """Off: events are not sent, and lost for ever."""
    webhook_duplicates: bool = False
    """Every event is delivered twice."""
    webhook_same_id: bool = False
    """Every event carries the same webhook id, as in the guide's examples (A-11)."""
    webhook_delay_seconds: Seconds = 0.0
    """How long an event waits before its first delivery, by the stand-in's clock."""
    echo_webhooks: bool = True
    """Whether writes through the API raise events like a person's (A-15)."""
    edits_raise_events: bool = True
    """Off: editing a confirmed order only moves its `updated_at` (A-47)."""
