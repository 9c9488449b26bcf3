"""The stand-in's replies beside those that Intuit printed or others recorded, one by one.

The recordings lie beside the checkout, in `../shared/fixtures/quickbooks`, and are not part of it; without them the same
is asked of a few small examples of our own in `tests/recorded/quickbooks`. Names, numbers and addresses are read off the
recording and sent to the stand-in, so that its reply must agree in every value that is not an id, a time or a revision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from xml.etree import ElementTree

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.standin.wire import read_json
from tests.adapters import recorded_documents as documents
from tests.adapters import recorded_lists as lists
from tests.adapters.likeness import differences, unlike
from tests.adapters.recorded_bench import Bench

RECORDINGS = Path(__file__).parents[2].parent / "shared" / "fixtures" / "quickbooks"
EXAMPLES = Path(__file__).parents[1] / "recorded" / "quickbooks"


class Case(NamedTuple):
    """How the stand-in comes to give a reply, and where it may differ: a pattern of paths, and why."""

    give: Callable[[Bench, Any], Any]
    differs: Mapping[str, str] = {}


GEOCODED = "coordinates are never looked up here, and are being withdrawn (7.5)"
NO_PROJECTS = "Projects are no part of the stand-in"
OLDER = "an older sample: it lacks what every later one has"
CUT = "Intuit cut the sample short: its counters count what is not shown"

CASES: dict[str, Case] = {
    "account_read_inactive_deleted_suffix.json": Case(lists.account_made_inactive),
    "batch_response_with_faults.json": Case(
        documents.batch_with_refusals,
        {
            "BatchItemResponse.0.Fault.Error.0.Detail": "the printed sample breaks the line",
            "BatchItemResponse.2.Fault.Error.0.Detail": "another user finished first",
            "BatchItemResponse.3.QueryResponse.SalesReceipt.0.LinkedTxn": OLDER,
        },
    ),
    "cdc_response_deleted_stub.json": Case(
        documents.changes_with_a_stub,
        {
            "CDCResponse.0.QueryResponse.*.maxResults": CUT,
            "CDCResponse.0.QueryResponse.1.totalCount": CUT,
            "CDCResponse.0.QueryResponse.0.totalCount": "every counter is optional (4.2)",
        },
    ),
    "companyinfo_read.json": Case(
        lists.company_read, {"CompanyInfo.DefaultTimeZone": "minor version 75 added it after the sample (7.7)"}
    ),
    "customer_create_response.json": Case(lists.customer_created),
    "customer_query_response.json": Case(
        lists.customers_queried,
        {
            "QueryResponse.Customer.*Addr.L[ao]*": GEOCODED,
            "QueryResponse.Customer.*.CurrencyRef": OLDER,
            "QueryResponse.maxResults": CUT,
        },
    ),
    "customer_read_recorded.json": Case(lists.customer_read, {"Customer.*Addr.L[ao]*": GEOCODED}),
    "customertype_query_response.json": Case(lists.customer_types_queried),
    "fault_0610_object_not_found.json": Case(documents.nothing_there),
    "fault_2020_required_param_missing.json": Case(documents.nothing_named),
    "fault_3001_throttled_429.json": Case(documents.throttled_in_json),
    "fault_3001_throttled_429.xml": Case(documents.throttled_in_xml),
    "fault_3200_authentication_401.json": Case(documents.token_expired),
    "fault_4000_query_parse_error.json": Case(documents.query_unread),
    "fault_5010_stale_object.json": Case(documents.stale, {"Fault.Error.0.Detail": "another user finished first"}),
    "fault_6240_duplicate_name.json": Case(documents.name_taken),
    "invoice_read_sales_tax.json": Case(
        documents.invoice_taxed, {"Invoice.ProjectRef": NO_PROJECTS, "Invoice.*Addr.L[ao]*": GEOCODED}
    ),
    "invoice_send_response_shipping_discount_tax_deposit.json": Case(
        documents.invoice_sent,
        {
            "Invoice.ProjectRef": NO_PROJECTS,
            "Invoice.*Addr.L[ao]*": GEOCODED,
            "Invoice.CustomField.*.DefinitionId": OLDER,
            "Invoice.LinkedTxn": OLDER,
        },
    ),
    "invoice_sparse_update_response.json": Case(documents.invoice_changed_in_part, {"Invoice.ProjectRef": NO_PROJECTS}),
    "item_category_query_response.json": Case(lists.categories_queried),
    "item_group_query_response.json": Case(lists.bundle_queried),
    "item_query_response.json": Case(lists.items_queried),
    "item_read_inventory.json": Case(lists.inventory_item_read),
    "oauth_discovery_document.json": Case(lists.discovered),
    "oauth_error_invalid_grant.json": Case(lists.grant_refused),
    "oauth_token_response.json": Case(lists.tokens_given, {"*_token": "tokens are never the same"}),
    "payment_delete_response.json": Case(documents.payment_deleted),
    "payment_read_applied_to_invoice.json": Case(
        documents.payment_read,
        {
            "Payment.ProjectRef": NO_PROJECTS,
            "Payment.Line.0.LineEx.any.0.value.Value": "the invoice has another id here",
        },
    ),
    "paymentmethod_create_response.json": Case(lists.payment_method_created),
    "preferences_read.json": Case(lists.preferences_read),
    "query_count_response.json": Case(lists.customers_counted),
    "term_read.json": Case(lists.term_read),
    "webhook_cloudevents_account_created.json": Case(
        lists.account_reported,
        {"0.id": "events have ids of their own", "0.source": "a hash of ours"},
    ),
    "webhook_cloudevents_customer_merged.json": Case(
        lists.merge_reported,
        {"0.id": "Intuit masked it", "0.source": "Intuit masked it", "0.intuitaccountid": "Intuit masked it"},
    ),
    "webhook_legacy_notification.json": Case(lists.old_form_reported),
}


def _read(file: Path) -> Any:
    if file.suffix == ".xml":
        return documents.tree_of(ElementTree.fromstring(file.read_bytes()))
    tree = read_json(file.read_bytes())
    if file.name == "oauth_discovery_document.json":
        return {name: urlsplit(one).path if isinstance(one, str) else one for name, one in tree.items()}
    return tree


@pytest.mark.parametrize("name", CASES)
def test_the_stand_in_replies_as_was_recorded(intuit: QuickBooksStandIn, books: httpx.Client, name: str) -> None:
    if not RECORDINGS.exists():
        pytest.skip(f"{RECORDINGS} is not there: the comparison with the recording {name} was NOT made")
    recorded = _read(RECORDINGS / name)

    ours = CASES[name].give(Bench(intuit, books), recorded)

    assert "\n".join(unlike(recorded, ours, CASES[name].differs)) == ""
    if name.startswith("fault_"):
        assert list(ours) == list(recorded)  # the time comes first or last


def test_every_recording_has_its_case() -> None:
    if not RECORDINGS.exists():
        pytest.skip(f"{RECORDINGS} is not there: whether a recording has been left out was NOT looked at")
    assert {one.name for one in RECORDINGS.iterdir()} - {"SOURCES.md"} == set(CASES)


@pytest.mark.parametrize("file", sorted(EXAMPLES.iterdir()), ids=lambda file: file.name)
def test_the_stand_in_replies_as_our_own_examples_say(
    intuit: QuickBooksStandIn, books: httpx.Client, file: Path
) -> None:
    example = _read(file)

    assert list(differences(example, CASES[file.name].give(Bench(intuit, books), example))) == []


def test_a_likeness_sees_keys_types_values_and_forms() -> None:
    recorded = {"Id": "5", "a": [1, {"b": None}], "time": "2020-09-29T05:59:12.85-07:00", "word": "x"}
    for ours, where in (
        ({**recorded, "Id": "77", "time": "2026-01-01T00:00:00.001-08:00"}, []),
        ({**recorded, "Id": 5}, ["Id"]),
        ({**recorded, "Id": "x5"}, ["Id"]),
        ({**recorded, "a": [1, {}]}, ["a.1.b"]),
        ({**recorded, "a": [True, {"b": None}]}, ["a.0"]),
        ({**recorded, "a": [1]}, ["a"]),
        ({**recorded, "time": "2026-01-01T00:00:00-08:00"}, ["time"]),
        ({**recorded, "word": "y", "more": 1}, ["more", "word"]),
    ):
        assert sorted(path for path, _ in differences(recorded, ours)) == where
    assert unlike(recorded, {**recorded, "word": "y"}, {"word": "why not", "Id": "never"}) == [
        "Id is said to differ (never) and does not"
    ]
