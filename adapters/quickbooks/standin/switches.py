"""Everything about QuickBooks that is uncertain, or differs between companies, as a switch with a stated default.

Source of each default: QuickBooks reference, sections 11 and 12.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec


class Switches(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Set through `POST /_standin/switches`; a change holds from the next call on."""

    # The authorize page: approve at once, deny at once, or show a page with buttons.
    authorize: Literal["approve", "deny", "ask"] = "approve"
    # The company that answers an authorization; empty means the first one.
    authorize_realm: str = ""
    # Accept any redirect_uri on localhost or 127.0.0.1 without registration, as development keys do.
    any_localhost_redirect: bool = True
    code_ttl_seconds: int = 600
    # A code used twice ends the tokens made from it.
    code_reuse_kills_chain: bool = True
    access_token_ttl_seconds: int = 3600
    # Age at which the refresh value changes on the next refresh.
    refresh_rotation_seconds: int = 86_400
    # How long a rotated refresh value still works.
    refresh_grace_seconds: int = 0
    # What x_refresh_token_expires_in starts from: 101 days, as in the samples.
    refresh_ttl_seconds: int = 8_726_400
    # Presenting a dead refresh value ends the whole chain.
    replay_kills_chain: bool = False
    # What a company whose plan has no API answers: code 120 with HTTP 401 or 403, or code 5020.
    plan_refusal: Literal["120-401", "120-403", "5020"] = "120-401"

    # requestid: honour it, behave as if it were not there, or as if every stored answer had expired.
    requestid: Literal["honour", "ignore", "expired"] = "honour"
    requestid_ttl_seconds: int = 86_400
    requestid_replays_refusals: bool = True
    # The same id with another body: the stored answer again, or a refusal with code 600.
    requestid_other_body: Literal["replay", "600"] = "replay"

    throttle: bool = True
    per_minute: int = 500
    per_second: int = 10
    at_once: int = 10
    throttle_form: Literal["json", "xml"] = "json"
    # The Retry-After header of a 429, in seconds; empty leaves the header out, as the real one does.
    retry_after: str = ""

    # Sales tax: none, or a flat manual rate on lines with the code TAX.
    tax: Literal["none", "flat"] = "none"
    tax_percent: Decimal = Decimal(8)
    # A void of an invoice with payments: allowed (the payment becomes unapplied) or refused with 6000.
    void_paid_invoice: Literal["allow", "refuse"] = "allow"
    # A reference to something inactive in a new document.
    inactive_reference: Literal["610", "2500"] = "610"
    # A line with a negative quantity: accepted while the total is not negative, or refused with 2290.
    negative_quantity: Literal["allow", "refuse"] = "allow"
    # The text after "The name supplied already exists. : " in fault 6240.
    duplicate_name_detail: Literal["text", "id", "null"] = "text"
    # Whether a reactivated name loses its " (deleted)" by itself.
    reactivation_strips_suffix: bool = False

    # A changedSince of more than 30 days ago: everything, a refusal, or only the last 30 days.
    cdc_beyond_30_days: Literal["full", "error", "partial"] = "full"
    cdc_inclusive: bool = True

    webhook_form: Literal["cloudevents", "legacy"] = "cloudevents"
    webhook_content_type: Literal["application/json", "application/cloudevents+json"] = "application/json"
    webhook_own_writes: bool = True
    # An undelivered notification holds back the ones behind it.
    webhook_head_of_line: bool = True
    # The events of one delivery in reverse order.
    webhook_disorder: bool = False
    # How many extra times each delivery is sent.
    webhook_duplicates: int = 0
    webhook_delay_seconds: int = 0
    webhook_events_per_delivery: int = 100
    # Several changes of one entity that wait together go out as one event.
    webhook_aggregate: bool = False
    # CloudEvents without the `data` member.
    webhook_without_content: bool = False
    void_verb: Literal["void", "voided"] = "voided"
    # A customer whose balance moved because of an invoice or payment is reported as updated.
    webhook_balance_moves: bool = False
    # False: changes are not reported at all, and never will be.
    webhooks_on: bool = True
