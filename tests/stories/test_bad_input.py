"""Bad input: each gets a clear sentence and the right state, nothing is lost, and nothing happens twice."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from adapters.wiring import wire
from engine.domain.events import RecordNotUnderstood, TenantAccessEnded
from engine.ports import GatewayError, Refused, Unavailable
from engine.settings import Settings
from tests.conftest import free_port
from tests.tables import attention, count_of, length, pending, writes
from tests.telling import pass_by
from tests.world import CONNECTION, NO_LIMITS, World

BLOOM = "Bloom & Co"
LINES = [("VASE-01", 4, "25.00")]
MANY = [("VASE-01", 1, "25.00")] * 10_000


def post(world: World, system: str, body: bytes, secret: str, connection: str = CONNECTION) -> int:
    """A delivery as the system would make it, proved with `secret`; the status it was answered with."""
    if system == "quickbooks":
        mac = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        path, proof = "/webhooks/quickbooks", {"intuit-signature": base64.b64encode(mac).decode()}
    else:
        path, proof = f"/webhooks/wizcommerce/{connection}", {"X-Webhook-Key": secret}
    headers = {"content-type": "application/json", **proof}
    return httpx.post(f"{world.settings.address}{path}", content=body, headers=headers).status_code


def secret_of(world: World, system: str) -> str:
    settings = world.settings
    return settings.quickbooks_verifier_token if system == "quickbooks" else settings.wizcommerce_webhook_secret


def inbox(world: World) -> list[tuple[Any, ...]]:
    return world.rows("SELECT problem, repeats FROM inbox ORDER BY id")


def everything_still_works(world: World) -> bool:
    world.wizcommerce.confirm_order("WC-1999", BLOOM, LINES)
    world.settle()
    return [invoice.doc_number for invoice in world.invoices()] == ["WC-1999"]


# ---- webhooks ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("system", ["quickbooks", "wizcommerce"])
def test_a_forged_webhook_is_refused_and_not_stored(world: World, system: str) -> None:
    before = inbox(world)

    status = post(world, system, b'{"event": "order.created"}', "not the secret")

    assert status == 401 and inbox(world) == before and everything_still_works(world)


@pytest.mark.parametrize("system", ["quickbooks", "wizcommerce"])
def test_an_oversized_webhook_is_refused_and_not_stored(world: World, system: str) -> None:
    before = inbox(world)

    status = post(world, system, b"[" + b" " * 1_100_000 + b"]", secret_of(world, system))

    assert status == 413 and inbox(world) == before and everything_still_works(world)


@pytest.mark.parametrize("body", [b"\xff\xfe not text", b"not json", b"[[[[", b'"text"', b"7", b"{}", b"null", b""])
@pytest.mark.parametrize("system", ["quickbooks", "wizcommerce"])
def test_a_genuine_webhook_that_makes_no_sense_is_kept_with_the_reason(world: World, system: str, body: bytes) -> None:
    status = post(world, system, body, secret_of(world, system))
    world.settle()

    assert status == 200 and "not understood, kept as it came" in inbox(world)[-1][0]
    assert everything_still_works(world)


@pytest.mark.parametrize("body", [b"[]", b"[7]", b"[{}]", b'{"eventNotifications": [7, {"realmId": 5}]}'])
def test_a_quickbooks_webhook_with_holes_stops_nothing(world: World, body: bytes) -> None:
    status = post(world, "quickbooks", body, secret_of(world, "quickbooks"))
    world.settle()

    assert status == 200 and everything_still_works(world)


def test_a_repeated_webhook_is_stored_once_and_counted(world: World) -> None:
    order = world.wizcommerce.do(world.wizcommerce.standin.confirm_order, "WC-1001", BLOOM, LINES)
    body = json.dumps({"id": "w", "event": "order.created", "timestamp": "1", "data": {"id": order["id"]}}).encode()

    statuses = {post(world, "wizcommerce", body, secret_of(world, "wizcommerce")) for _ in range(5)}
    world.settle()

    assert statuses == {200} and [repeats for _, repeats in inbox(world)].count(4) == 1
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1001"]


def test_an_unknown_event_is_kept_raised_and_looked_after(world: World) -> None:
    world.wizcommerce.switch(webhooks=False)
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    body = b'{"id": "w", "event": "galaxy.exploded", "timestamp": "1", "data": {"id": "x"}}'

    status = post(world, "wizcommerce", body, secret_of(world, "wizcommerce"))
    world.settle()
    pass_by(world, 5)

    assert status == 200 and "an event we do not know: 'galaxy.exploded'" in str(inbox(world))
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1001"]


def test_a_webhook_for_a_connection_that_is_not_there_is_not_stored(world: World) -> None:
    before = inbox(world)

    status = post(world, "wizcommerce", b"{}", secret_of(world, "wizcommerce"), connection="nobody")

    assert status == 404 and inbox(world) == before


# ---- orders -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "more", "sentence"),
    [
        ([], {}, "the order has no lines"),
        ([("VASE-01", -4, "25.00")], {}, "a line's quantity is below zero"),
        ([("VASE-01", 0, "25.00")], {}, "every line's quantity is zero"),
        ([("VASE-01", 4, "-25.00")], {}, "a line's price is negative"),
        ([("", 4, "25.00")], {}, "a line has no SKU"),
        (LINES, {"currency": "XTS"}, "the order is in XTS, the books are in USD"),
        (LINES, {"amount": "99.00"}, "the lines add up to 100.00, the order says 99"),
        (LINES, {"tax_value": "8.00"}, "the order carries 8 of tax, and sales tax is switched off"),
        ([{"sku": "VASE-01", "quantity": 1, "unit_price": "5.00", "is_adhoc": True}], {}, "outside the catalogue"),
        (LINES, {"shipping_charge": "12.00"}, "shipping is switched off in QuickBooks"),
        (LINES, {"discount_value": "10.00"}, "discounts are switched off in QuickBooks"),
    ],
)
def test_an_order_that_cannot_become_an_invoice_says_why_and_needs_a_person(
    world: World, lines: Any, more: dict[str, str], sentence: str
) -> None:
    world.quickbooks.by_hand("set-preferences", SalesFormsPrefs={"AllowShipping": False, "AllowDiscount": False})
    world.settle()
    world.wizcommerce.confirm_order("WC-1001", BLOOM, lines, **more)

    world.settle()

    assert sentence in world.where("WC-1001") and sentence in attention(world)["withheld"]
    assert writes(world) == [] and pending(world) == []
    world.move(60)
    world.wizcommerce.edit_order(
        "WC-1001", LINES, currency="USD", amount="100.00", tax_value="0", shipping_charge="0", discount_value="0"
    )
    world.settle()
    assert [str(invoice.total) for invoice in world.invoices()] == ["100.00"] and attention(world) == {}


def test_an_order_of_ten_thousand_lines_becomes_one_invoice_and_one_more_line_is_said_to_be_too_many(
    world: World,
) -> None:
    world.wizcommerce.confirm_order("WC-1001", BLOOM, MANY)
    world.wizcommerce.confirm_order("WC-1002", BLOOM, [*MANY, ("VASE-01", 1, "25.00")])

    world.settle()

    assert [str(invoice.total) for invoice in world.invoices()] == ["250000.00"]
    assert "10001 lines; QuickBooks takes at most 10000 here" in world.where("WC-1002")


def test_an_order_of_an_unknown_customer_waits_and_says_so(world: World) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    world.wizcommerce.confirm_order("WC-1001", "", LINES, customer_id=unknown)

    world.settle()

    assert world.where("WC-1001") == f"waiting: WizCommerce does not show customer {unknown} of this order"
    assert writes(world) == [] and everything_still_works(world)


def test_settings_switched_on_later_let_the_order_go_by_itself(world: World) -> None:
    world.quickbooks.by_hand("set-preferences", SalesFormsPrefs={"AllowShipping": False})
    world.settle()
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES, shipping_charge="12.00")
    world.settle()

    world.quickbooks.by_hand("set-preferences", SalesFormsPrefs={"AllowShipping": True})
    world.settle()
    world.move(10)
    world.settle()

    assert [str(invoice.total) for invoice in world.invoices()] == ["112.00"]


# ---- credentials and hosts ----------------------------------------------------------------------------------------------------


def test_wrong_wizcommerce_credentials_are_refused_with_what_to_do(bare_world: World) -> None:
    join = bare_world.engine.connecting.join_tenant
    user = bare_world.wizcommerce.standin

    with pytest.raises(Refused, match="does not accept this e-mail and password") as refused:
        join(CONNECTION, "tester", email=user.email, password="wrong")
    with pytest.raises(Refused, match="does not accept this token"):
        join(CONNECTION, "tester", token="wrong")

    assert "signing in to WizCommerce" in refused.value.next_step and length(bare_world) == 0


def test_a_wizcommerce_token_that_ends_closes_the_gate_once_and_a_new_one_opens_it(world: World) -> None:
    world.wizcommerce.switch(webhooks=False)
    world.move(timedelta(days=366).total_seconds())
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    for _ in range(3):
        world.settle()
        world.move(61)
    ended, said = count_of(world, TenantAccessEnded), attention(world)

    token, _ = world.wizcommerce.do(world.wizcommerce.standin._tokens.issue, world.their_clock.now())
    world.engine.connecting.join_tenant(CONNECTION, "tester", token=token)
    httpx.get(world.engine.connecting.make_link(CONNECTION, "tester"), follow_redirects=True)
    world.settle()

    assert ended == 1 and "no longer" in said["tenant"]
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1001"]


@pytest.mark.parametrize("field", ["quickbooks_client_secret", "quickbooks_client_id"])
def test_wrong_app_keys_end_at_a_page_that_says_so(bare_world: World, field: str) -> None:
    world = bare_world
    wrong: Settings = msgspec.structs.replace(world.settings, **{field: "another-key"})
    engine = wire(wrong, world.database, world.clock, budgets=NO_LIMITS)
    good = httpx.get(world.engine.connecting.make_link(CONNECTION, "tester")).headers["location"]
    callback = httpx.get(good).headers["location"]
    query = dict(httpx.URL(callback).params)

    with pytest.raises(GatewayError, match="the client id or secret is wrong") as fault:
        engine.connecting.complete(query["state"], query["code"], query["realmId"])
    engine.close()

    assert fault.value.next_step and "another-key" not in str(fault.value)


def test_an_unreachable_host_is_said_and_everything_waits_for_it(world: World) -> None:
    dead = f"http://127.0.0.1:{free_port()}"
    away = msgspec.structs.replace(world.settings, quickbooks_api_url=dead, wizcommerce_api_url=dead)
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    world.settle(sending=False)
    engine = wire(away, world.database, world.clock, budgets=NO_LIMITS)

    worked = engine.dispatcher().step()
    [(status, reason, _)] = pending(world)
    with pytest.raises(Unavailable, match="could not be reached"):
        engine.commerce.fetch(CONNECTION, "order", "x")
    engine.close()
    world.move(60)
    world.settle()

    assert worked and status == "ready" and "could not be reached" in reason
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1001"]


def test_what_a_record_says_that_we_cannot_read_is_not_lost(world: World) -> None:
    rule = {"kind": "status", "status": 200, "operation": "read order", "body": "<html>", "times": 1}
    httpx.post(f"{world.wizcommerce.running.address}/_standin/faults", json=rule).raise_for_status()
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)

    world.settle()
    world.move(61)
    world.settle()

    assert count_of(world, RecordNotUnderstood) == 1
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1001"]
