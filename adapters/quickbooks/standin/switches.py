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
    # The app's keys. Production: redirect addresses are https, on a named host, not localhost, and registered.
    app_keys: Literal["development", "production"] = "development"
    # With development keys: accept any http redirect_uri on localhost or 127.0.0.1 without registration.
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
    # The app's Disconnect URL, where the browser goes when a person disconnects the app; the hand answers the address.
    disconnect_url: str = ""
    # The status of a wrong client id or secret, which was never confirmed live.
    invalid_client_status: Literal[400, 401] = 401
    # What invalid_grant says beside its name: as the cause has it, or always the same of the three recorded forms.
    invalid_grant_text: Literal["by-cause", "none", "incorrect", "token-invalid"] = "by-cause"
    # The body of a 401 or 403 from the API: the recorded one with lower-case keys, or that of some newer gateways.
    gateway_form: Literal["recorded", "newer"] = "recorded"
    # How the header with the call's id is spelled.
    trace_header: Literal["intuit_tid", "Intuit-Tid"] = "intuit_tid"
    # A larger body is refused with 413; no figure is documented.
    largest_body_bytes: int = 10_485_760
    # What a company whose plan has no API answers: code 120 with HTTP 401 or 403, or code 5020.
    plan_refusal: Literal["120-401", "120-403", "5020"] = "120-401"

    # requestid: honour it, behave as if it were not there, or as if every stored answer had expired.
    requestid: Literal["honour", "ignore", "expired"] = "honour"
    requestid_ttl_seconds: int = 86_400
    # Whether writes to lists (customers, items, …) honour requestid, which one source doubts.
    requestid_for_lists: bool = True
    requestid_replays_refusals: bool = True
    # The same id with another body: the stored answer again, or a refusal with code 600.
    requestid_other_body: Literal["replay", "600"] = "replay"

    # Limits on calls, each off when 0. A batch is a call too.
    throttle: bool = True
    # Of a company, all apps together.
    per_minute: int = 500
    # Of this app with one company.
    per_second: int = 10
    at_once: int = 10
    combined_per_minute: int = 800
    batches_per_minute: int = 40
    # Of a company, all apps together.
    batches_per_minute_in_all: int = 120
    throttle_form: Literal["json", "xml"] = "json"
    throttle_code: Literal["3001", "003001"] = "3001"
    # Formerly 403.
    throttle_status: Literal[429, 403] = 429
    # The Retry-After header of a 429, in seconds; empty leaves the header out, as the real one does.
    retry_after: str = ""
    # A Builder-tier app is refused metered calls, as if throttled, once it has made so many in the month.
    builder_tier: bool = False
    builder_monthly_calls: int = 500_000

    # Sales tax: as each company's TaxPrefs and country say, or in all of them none, by hand (flat) or automated.
    tax: Literal["company", "none", "flat", "automated"] = "company"
    # The rate of the company's own tax code "2", which automated tax charges too.
    tax_percent: Decimal = Decimal(8)
    # The company's other tax codes by id, with their rates.
    tax_codes: dict[str, Decimal] = msgspec.field(default_factory=lambda: {"5": Decimal(10), "6": Decimal(0)})
    # Rates of automated tax by state of the address, where they differ from `tax_percent`.
    tax_by_state: dict[str, Decimal] = {}
    # A document without a TxnTaxCodeRef: taxed under the customer's or the company's code, or not at all.
    tax_without_code: Literal["company", "none"] = "company"
    # Automated tax lets a TotalTax that was sent stand, when there is an address.
    tax_override: bool = True
    # Outside the US, an Amount that is not Qty x UnitPrice: put right silently, as documented, or refused as in the US.
    global_tax_amount: Literal["recompute", "6070"] = "recompute"
    # A property whose feature the company has turned off (classes, locations, deposits, online payment).
    feature_off: Literal["refuse", "ignore"] = "refuse"
    # A document without a currency in a company with several: refused, or in the customer's.
    currency_missing: Literal["2020", "customer"] = "2020"
    # Documents of a company with one currency show it, as one of three recorded replies does.
    currency_shown: bool = False
    # What a foreign currency is worth at home when the document does not say.
    exchange_rate: Decimal = Decimal("1.25")
    # An inventory item or a bundle sold without a quantity: refused, or one of it.
    quantity_missing: Literal["6520", "one"] = "6520"
    # Lines show the account their item is sold on, as newer replies do.
    line_item_account: bool = False
    # A void of an invoice with payments: allowed (the payment becomes unapplied) or refused with 6000.
    void_paid_invoice: Literal["allow", "refuse"] = "allow"
    # A delete of an invoice with payments: refused with 800, or allowed (the payment becomes unapplied).
    delete_paid_invoice: Literal["refuse", "allow"] = "refuse"
    # An edit in the browser writes the billing address anew, free-form and under a new id.
    edits_reformat_addresses: bool = True
    # Sending a document raises its SyncToken.
    send_moves_revision: bool = False
    # How many documents a company may send by e-mail in a day, as in a sandbox; 0 for any number.
    emails_per_day: int = 40
    # A sparse update of a payment without CustomerRef or TotalAmt: refused with 2020, or they stay as they are.
    sparse_payment: Literal["2020", "accept"] = "2020"
    # What the void of a payment must bring: Id and SyncToken as documented, or all that a full update must.
    payment_void_body: Literal["minimal", "full"] = "minimal"
    # A payment linked to a document of another customer: refused with 620, or accepted and not applied.
    payment_across_customers: Literal["620", "unapplied"] = "620"
    # A payment linked to an invoice that is paid already: accepted and not applied, or refused with 620.
    payment_of_paid_invoice: Literal["unapplied", "620"] = "unapplied"
    # A new payment of nothing, applied to nothing.
    empty_payment: Literal["accept", "refuse"] = "accept"
    # A credit memo and several invoices in one payment, which is said to be unreliable.
    credit_over_several_invoices: Literal["accept", "refuse"] = "accept"
    # A reference to something inactive in a new document.
    inactive_reference: Literal["610", "2500"] = "610"
    # A line with a negative quantity: accepted while the total is not negative, or refused with 2290.
    negative_quantity: Literal["allow", "refuse"] = "allow"
    # The lines inside a bundle: taken as they were sent, or always its own parts at their own prices.
    bundle_lines: Literal["sent", "own"] = "sent"
    # The text after "The name supplied already exists. : " in fault 6240.
    duplicate_name_detail: Literal["text", "id", "null"] = "text"
    # Whether a reactivated name loses its " (deleted)" by itself.
    reactivation_strips_suffix: bool = False

    # Characters beyond ISO-8859-1 in a US company: taken, replaced by a question mark, or refused with 2040.
    us_characters: Literal["accept", "substitute", "2040"] = "accept"
    # Addresses come back with the country's three letters, as Intuit announced.
    countries_as_iso3: bool = False
    # A renamed or moved parent moves only the time of the records below it, or their revision too.
    renamed_parent_moves: Literal["time", "revision"] = "time"
    # What is left of the loser of a merge: an inactive record, or nothing that can be read.
    merge_loser: Literal["inactive", "gone"] = "inactive"
    # A QtyOnHand sent in an update of an inventory item: passed over, or taken as an adjustment.
    quantity_in_update: Literal["ignore", "adjust"] = "ignore"
    # A quantity on hand that moves (a sale, an adjustment) moves the item's time of last update.
    quantity_moves_time: bool = True

    # Names of entities and properties in queries: as documented, or in any case (the documentation contradicts itself).
    query_names: Literal["exact", "any-case"] = "exact"
    # A list without ORDERBY comes in the order of its names, as recorded, or in the order of creation.
    query_order: Literal["name", "creation"] = "name"

    # A batch is carried out and answered in an order of its own, always the same for the same seed, or as it was sent.
    batch_order: Literal["shuffled", "as-sent"] = "shuffled"
    batch_seed: int = 1
    # After so many items of a batch the others get fault 3001 each; 0 for never.
    batch_throttled_after: int = 0

    # A changedSince of more than 30 days ago: everything, a refusal, or only the last 30 days.
    cdc_beyond_30_days: Literal["full", "error", "partial"] = "full"
    # What changed in the very second of changedSince is in the answer.
    cdc_inclusive: bool = True
    # How many objects an answer holds before it is cut off.
    cdc_most_objects: int = 1000
    # Blocks say in totalCount how many objects there are, also when the answer was cut off; not all samples do.
    cdc_total_count: bool = True

    webhook_form: Literal["cloudevents", "legacy"] = "cloudevents"
    webhook_content_type: Literal["application/json", "application/cloudevents+json"] = "application/json"
    webhook_own_writes: bool = True
    # How long the receiver has for its answer.
    webhook_answer_seconds: float = 3.0
    # When a failed delivery is tried again: 10, 20, 30 s, 5, 20 min, 2, 4, 6 h and then every 6 h for ever; or as older
    # documents say, after 20, 30, 50 min and so on for a day, after which it is lost and the endpoint gets nothing more.
    webhook_retries: Literal["current", "older"] = "current"
    # An undelivered notification holds back the ones behind it, for the same endpoint.
    webhook_head_of_line: bool = True
    # How long nothing goes out after an endpoint was configured; in reality up to five minutes.
    webhook_first_delivery_seconds: int = 0
    # The events of one delivery in reverse order.
    webhook_disorder: bool = False
    # How many extra times each delivery is sent.
    webhook_duplicates: int = 0
    webhook_delay_seconds: int = 0
    webhook_events_per_delivery: int = 100
    webhook_bytes_per_delivery: int = 1_000_000
    # Several changes of one entity that wait together go out as one event.
    webhook_aggregate: bool = False
    # CloudEvents without the `data` member where it would be empty.
    webhook_without_content: bool = False
    webhook_without_datacontenttype: bool = False
    # A delivery of one CloudEvent is that event itself, not an array.
    webhook_bare_event: bool = False
    # The id of a CloudEvent: a UUID, or one with the entity and its id behind it.
    webhook_event_ids: Literal["uuid", "suffixed"] = "uuid"
    # Fractional digits of the time of a CloudEvent, 0 to 9.
    webhook_time_digits: int = 9
    # The time in the older form: Pacific with -0800 or -0700, or UTC with milliseconds.
    webhook_legacy_time: Literal["offset", "utc"] = "offset"
    # The third operation that payment methods have beside create and update.
    webhook_payment_method_end: Literal["deleted", "merged"] = "deleted"
    void_verb: Literal["void", "voided"] = "voided"
    # A customer whose balance moved because of an invoice or payment is reported as updated.
    webhook_balance_moves: bool = False
    # False: changes are not reported at all, and never will be.
    webhooks_on: bool = True
