"""QuickBooks' JSON is read as it is: any key order, optional keys, unknown keys, ids as text or number."""

from decimal import Decimal

import msgspec
import pytest

from adapters.quickbooks import wire

INVOICE = b"""{"TxnDate": "2026-02-03", "domain": "QBO", "NewField": {"deep": [1]}, "TotalAmt": 337.5, "Balance": 0,
 "Line": [{"Id": "1", "DetailType": "SalesItemLineDetail", "Amount": 1861.08,
   "SalesItemLineDetail": {"Qty": 128.350, "UnitPrice": 14.50, "ItemRef": {"value": 41, "name": "Oak"}}},
  {"DetailType": "SubTotalLineDetail", "Amount": 1861.08, "SubTotalLineDetail": {}}],
 "CustomerRef": {"value": "24"}, "Id": "130", "SyncToken": "0",
 "MetaData": {"CreateTime": "2026-02-03T09:15:27-08:00"}}"""


def test_numbers_are_exact() -> None:
    seen = msgspec.json.decode(INVOICE, type=wire.Invoice)
    detail = seen.line[0].sales_item_line_detail
    assert detail is not None and detail.qty == Decimal("128.350") and detail.unit_price == Decimal("14.50")
    assert seen.line[0].amount == Decimal("1861.08") and seen.total_amt == Decimal("337.5")


@pytest.mark.parametrize(
    "kind", [wire.Customer, wire.Item, wire.Invoice, wire.Entry, wire.Named, wire.Payment, wire.CreditMemo]
)
def test_everything_optional_may_be_missing_and_ids_may_be_numbers(kind: type[wire.Stub]) -> None:
    seen = msgspec.json.decode(b'{"Id": 5000000000000003466, "SyncToken": 3}', type=kind)
    assert (seen.id, seen.sync_token, seen.status) == (5000000000000003466, 3, None)


def test_an_entity_is_found_in_its_envelope_wherever_it_stands() -> None:
    body = b'{"time": "2026-02-03T09:15:27.082-08:00", "Invoice": {"Id": "130"}}'
    assert wire.entity(body, "Invoice") == b'{"Id": "130"}'
    assert wire.entity(body, "Customer") is None and wire.entity(b'{"Invoice": null}', "Invoice") is None


def test_the_rows_of_a_query_stay_as_they_came() -> None:
    body = b'{"QueryResponse": {"startPosition": 1, "Item": [{"Id": "1"}, {"Id": "2"}], "maxResults": 2}, "time": "x"}'
    assert wire.query_rows(body) == wire.Block(entity="Item", rows=[b'{"Id": "1"}', b'{"Id": "2"}'])
    assert wire.query_rows(b'{"QueryResponse": {}, "time": "x"}').rows == []


def test_blocks_of_changes_may_lack_counters_and_names() -> None:
    body = b"""{"CDCResponse": [{"QueryResponse": [
      {"Customer": [{"Id": "63"}], "startPosition": 1, "maxResults": 1, "totalCount": 5},
      {"Payment": [{"domain": "QBO", "status": "Deleted", "Id": "150"}], "maxResults": 1}, {}]}],
      "time": "2026-02-03T09:12:25.196-08:00"}"""
    customers, payments = wire.change_blocks(body)
    assert (customers.entity, customers.total, payments.entity, payments.total) == ("Customer", 5, "Payment", None)
    assert wire.answered_at(body) == "2026-02-03T09:12:25.196-08:00"


@pytest.mark.parametrize("body", [b"", b"<html/>", b"[]", b'{"QueryResponse": []}', b"null"])
def test_what_is_no_query_answer_is_said_so(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        wire.query_rows(body)
