"""Observing: whatever happens to webhooks, nothing is lost, nothing happens twice, and nothing is read that costs."""

import base64
import hashlib
import hmac
import json
from decimal import Decimal
from typing import Any

import httpx
import pytest

from engine.domain.events import (
    CommandIssued,
    InvoiceObserved,
    OtherObserved,
    RecordGone,
    RecordNotUnderstood,
)
from tests.tables import attention, contents, count_of, length, metered
from tests.world import World

BLOOM = "Bloom & Co"
LINES = [("VASE-01", 4, "25.00")]


def later(world: World, seconds: float = 10) -> None:
    """Everything that was told is followed up: a hint that QuickBooks made something is, after two seconds."""
    world.settle()
    world.move(seconds)
    world.settle()


def from_quickbooks(world: World, body: Any) -> int:
    """A genuine delivery of QuickBooks with this body; the status it was answered with."""
    sent = json.dumps(body).encode()
    mac = hmac.new(world.quickbooks.verifier_token.encode(), sent, hashlib.sha256).digest()
    headers = {"intuit-signature": base64.b64encode(mac).decode(), "content-type": "application/json"}
    return httpx.post(f"{world.settings.address}/webhooks/quickbooks", content=sent, headers=headers).status_code


def wizcommerce_fault(world: World, operation: str, body: str, **more: Any) -> None:
    rule = {"kind": "status", "status": 200, "operation": operation, "body": body, "content_type": "application/json"}
    answer = httpx.post(f"{world.wizcommerce.running.address}/_standin/faults", json={**rule, **more})
    answer.raise_for_status()


# ---- webhooks that do not come, or come badly ---------------------------------------------------------------------------------


def test_an_order_whose_webhook_is_lost_for_ever_is_found_by_the_poll(world: World) -> None:
    world.wizcommerce.switch(webhooks=False)
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)

    later(world, 61)

    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1001"]


def test_an_order_whose_webhooks_come_twice_late_and_in_the_wrong_order_goes_once(world: World) -> None:
    world.wizcommerce.switch(webhook_duplicates=True, webhook_delay_seconds=30)
    world.quickbooks.set_switches(webhook_duplicates=2, webhook_disorder=True, webhook_delay_seconds=20)
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    world.wizcommerce.do(world.wizcommerce.standin.outbox.waiting.reverse)
    for _ in range(4):
        later(world, 31)

    [invoice] = world.invoices()
    assert (invoice.doc_number, invoice.total) == ("WC-1001", Decimal("100.00"))


@pytest.mark.parametrize("form", ["legacy", "cloudevents"])
def test_one_delivery_of_quickbooks_may_speak_of_several_companies(world: World, form: str) -> None:
    dune = world.quickbooks.by_hand("add-company", CompanyName="Dune Trading")["realm"]
    world.quickbooks.set_switches(webhook_form=form, authorize_realm=dune)
    httpx.get(world.engine.connecting.make_link("second", "tester"), follow_redirects=True)
    world.settle()
    before = world.rows("SELECT count(*) FROM inbox WHERE system = 'quickbooks'")[0][0]

    world.quickbooks.add_item("LAMP-09", price="40.00")
    world.quickbooks.add_item("LAMP-09", realm=dune, price="1.00")
    later(world)

    after = world.rows("SELECT count(*) FROM inbox WHERE system = 'quickbooks'")[0][0]
    assert after - before == 1
    assert world.rows("SELECT connection FROM mapping WHERE label = 'LAMP-09' ORDER BY 1") == [("acme",), ("second",)]


@pytest.mark.parametrize("form", ["legacy", "cloudevents"])
def test_news_of_a_company_that_is_not_connected_here_stays_in_the_inbox_and_stops_nothing(
    world: World, form: str
) -> None:
    realms = ["9130359999999999", world.quickbooks.company().realm]
    item = world.quickbooks.add_item("LAMP-09", price="40.00")
    entity = {"name": "Item", "id": item["Id"], "operation": "Create", "lastUpdated": "2026-11-22T05:11:13-0800"}
    legacy = [{"realmId": realm, "dataChangeEvent": {"entities": [entity]}} for realm in realms]
    event = {"specversion": "1.0", "type": "qbo.item.created.v1", "intuitentityid": item["Id"]}
    events = [{**event, "id": realm, "intuitaccountid": realm} for realm in realms]

    status = from_quickbooks(world, {"eventNotifications": legacy} if form == "legacy" else events)
    later(world)

    problems = world.rows("SELECT problem FROM inbox WHERE problem <> ''")
    assert status == 200 and problems == [("for a company that is not connected here",)]
    assert world.rows("SELECT connection FROM mapping WHERE label = 'LAMP-09'") == [("acme",)]


# ---- stale, repeated, echoed ------------------------------------------------------------------------------------------------


def test_repeated_sights_of_the_same_things_cause_no_event(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    later(world)
    before = length(world)

    [order] = world.wizcommerce.standin.orders()
    world.wizcommerce.do(world.wizcommerce.standin.announce, "order.updated", order["id"])
    later(world, 61)
    world.engine.schedule.due_now("acme", "orders", "customers", "changes")
    world.settle()

    [run] = world.rows("SELECT stream FROM log_readable ORDER BY position DESC LIMIT 1")
    assert length(world) == before + 1 and run[0].startswith("run-acme:changes-")  # a read that counts is recorded


def test_an_older_revision_fetched_late_causes_no_event(world: World) -> None:
    item = next(one for one in world.quickbooks.items() if one.get("Sku") == "VASE-01")
    old = json.dumps({"Item": item, "time": item["MetaData"]["LastUpdatedTime"]}, default=str)
    world.quickbooks.by_hand("edit-item", Id=item["Id"], UnitPrice=30)
    later(world)
    before = length(world)

    rule = {"status": 200, "body": old, "content_type": "application/json", "operation": "read item"}
    world.quickbooks.add_fault("status", **rule)
    event = {"specversion": "1.0", "id": "e-1", "type": "qbo.item.updated.v1", "intuitentityid": item["Id"]}
    status = from_quickbooks(world, [{**event, "intuitaccountid": world.quickbooks.company().realm}])
    later(world)

    assert status == 200 and world.quickbooks.faults.all() == []
    assert length(world) == before


def test_our_own_invoice_coming_back_costs_no_metered_read(world: World) -> None:
    before = metered(world)
    for number in range(5):
        world.wizcommerce.confirm_order(f"WC-100{number}", BLOOM, LINES)
        world.settle()
    log = length(world)

    later(world, 60)

    assert len(world.invoices()) == 5 and metered(world) - before == 0
    assert world.rows("SELECT count(*) FROM inbox WHERE system = 'quickbooks'")[0][0] >= 5
    assert world.rows("SELECT count(*) FROM signals WHERE system = 'quickbooks'") == [(0,)]
    assert length(world) == log


# ---- what people do in QuickBooks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["void-invoice", "delete-invoice"])
@pytest.mark.parametrize("told", [True, False])
def test_an_invoice_of_ours_that_is_voided_or_deleted_is_recorded(world: World, ending: str, told: bool) -> None:
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    later(world, 60)
    world.quickbooks.set_switches(webhooks_on=told)
    [invoice] = world.invoices()

    world.quickbooks.by_hand(ending, Id=invoice.id)
    later(world, 10 if told else 901)

    order = world.order("WC-1001")
    stream = world.order_stream("WC-1001")
    if ending == "delete-invoice":
        assert order.invoice_gone and count_of(world, RecordGone, stream) == 1
    else:
        assert order.invoice is not None and order.invoice.content.voided
        assert count_of(world, InvoiceObserved, stream) >= 1
    assert count_of(world, CommandIssued, stream) == 1 and len(world.invoices()) == (ending == "void-invoice")


def test_orders_with_an_item_that_is_made_inactive_wait_for_it(world: World) -> None:
    item = next(one for one in world.quickbooks.items() if one.get("Sku") == "VASE-01")
    world.quickbooks.by_hand("deactivate-item", Id=item["Id"])
    later(world)
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    world.settle()
    waiting = (world.invoices(), world.where("WC-1001"))

    world.quickbooks.by_hand("reactivate-item", Id=item["Id"])
    later(world)

    assert waiting == ([], "waiting: QuickBooks has no active item with SKU VASE-01")
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1001"]


def test_an_order_waits_while_two_items_have_its_sku_and_says_so(world: World) -> None:
    second = world.quickbooks.add_item("VASE-01", name="Vase again", price="26.00")
    later(world)
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    world.settle()
    waiting = (world.invoices(), world.where("WC-1001"))

    world.quickbooks.by_hand("deactivate-item", Id=second["Id"])
    later(world)

    assert waiting == ([], "waiting: QuickBooks has 2 active items with SKU VASE-01: make it one")
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1001"]


# ---- what is not used yet, and what cannot be read --------------------------------------------------------------------------


def test_kinds_that_are_not_used_yet_are_recorded_and_wait(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    later(world, 60)
    world.quickbooks.by_hand("add-term", Name="Net 45", DueDays=45)
    credit = {"CreditMemo": {"Id": "901", "SyncToken": "0", "TotalAmt": 5, "MetaData": {}}}
    read = {"status": 200, "content_type": "application/json", "path": "/creditmemo/"}
    world.quickbooks.add_fault("status", body=json.dumps(credit), **read)
    event = {"specversion": "1.0", "id": "e-2", "type": "qbo.creditmemo.created.v1", "intuitentityid": "901"}

    from_quickbooks(world, [{**event, "intuitaccountid": world.quickbooks.company().realm}])
    later(world)

    kinds = {seen["kind"] for seen in contents(world, OtherObserved)}
    assert {"term", "creditmemo"} <= kinds
    assert attention(world) == {} and count_of(world, CommandIssued) == 2  # the invoice, and its record


def test_what_was_deleted_while_no_webhook_came_is_seen_by_the_poll(world: World) -> None:
    customer = next(one for one in world.quickbooks.customers() if one["DisplayName"] == BLOOM)
    line = {
        "Amount": 25,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": world.quickbooks.items()[-1]["Id"]}, "Qty": 1, "UnitPrice": 25},
    }
    made = world.quickbooks.by_hand("add-invoice", CustomerRef={"value": customer["Id"]}, Line=[line])
    later(world)
    world.quickbooks.set_switches(webhooks_on=False)

    world.quickbooks.by_hand("delete-invoice", Id=made["Id"])
    later(world, 901)

    assert [(gone["kind"], gone["remote_id"]) for gone in contents(world, RecordGone)] == [("invoice", made["Id"])]


def test_a_body_that_cannot_be_read_is_kept_raised_once_and_stops_nothing(world: World) -> None:
    wizcommerce_fault(world, "read order", '{"data": {"id": 7}}', times=0)
    broken = world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    for _ in range(5):
        later(world, 61)
    raised, said = count_of(world, RecordNotUnderstood), attention(world)

    world.wizcommerce.do(world.wizcommerce.standin.faults.clear)
    world.wizcommerce.confirm_order("WC-1002", BLOOM, LINES)
    world.wizcommerce.do(world.wizcommerce.standin.announce, "order.updated", broken["id"])
    later(world, 61)

    assert raised == 1 and "cannot read" in said["unreadable:wizcommerce"]
    assert sorted(invoice.doc_number for invoice in world.invoices()) == ["WC-1001", "WC-1002"]
    assert "unreadable:wizcommerce" not in attention(world)


def test_an_item_that_cannot_be_read_does_not_stop_the_others(world: World) -> None:
    realm = world.quickbooks.company().realm
    read = {"status": 200, "content_type": "application/json", "operation": "read item"}
    world.quickbooks.add_fault("status", body='{"Item": {"Id": "999", "Sku": {"deep": 1}}}', **read)
    event = {"specversion": "1.0", "type": "qbo.item.updated.v1", "intuitaccountid": realm}

    from_quickbooks(world, [{**event, "id": "e-3", "intuitentityid": "999"}])
    world.quickbooks.add_item("LAMP-09", price="40.00")
    world.wizcommerce.confirm_order("WC-1001", BLOOM, [("LAMP-09", 1, "40.00")])
    later(world)

    assert "unreadable:quickbooks" in attention(world)
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1001"]
    [kept] = world.rows("SELECT content -> 'raw' FROM log_readable WHERE event = 'record-not-understood'")
    assert "deep" not in str(kept)


def test_an_order_with_a_character_no_table_can_hold_is_kept_and_raised_and_nothing_stops(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES, customer_note="a\x00b")
    world.wizcommerce.confirm_order("WC-1002", BLOOM, LINES)
    world.settle()

    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1002"]
    assert count_of(world, RecordNotUnderstood) == 1
    assert world.rows("SELECT count(*) FROM log_readable WHERE event = 'record-not-understood'") == [(1,)]


def test_a_pull_that_goes_well_again_says_so_even_if_it_found_nothing(world: World) -> None:
    world.quickbooks.add_fault("status", operation="cdc", status=503)
    world.move(901)
    world.settle()
    world.move(61)
    world.settle()

    notes = world.rows("SELECT note FROM health WHERE topic = 'run-finished:changes'")

    assert notes == [("",)]
