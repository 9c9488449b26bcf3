"""The WizCommerce gateway over real HTTP to the strict stand-in."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from adapters.wizcommerce.assumptions import Assumptions
from adapters.wizcommerce.auth import Token, WizCommerceAuth
from adapters.wizcommerce.client import WizCommerceClient
from adapters.wizcommerce.gateway import WizCommerceGateway
from engine.clock import instant
from engine.domain.values import CustomerContent, OrderContent, Personal, ProductContent
from engine.ports import Commerce, Disconnected, GatewayError, Refused, Unavailable
from tests.adapters.wizcommerce_world import World, confirm


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    made.do(made.standin.seed, {"products": [{"sku": "VASE-01"}], "customers": [{"name": "Bloom & Co"}]})
    with made.running, made.http:
        yield made


def test_an_order_is_fetched_as_v2_shows_it(world: World) -> None:
    order = confirm(world, "WC-1001", shipping_charge="12.50", po_number="PO-77")
    remote = world.gateway.fetch("acme", "order", order["id"])
    assert isinstance(remote.content, OrderContent) and remote.problem == ""
    assert (remote.content.number, remote.content.status, remote.content.po_number) == ("WC-1001", "confirmed", "PO-77")
    assert remote.content.lines[0].amount() == remote.content.amount == 100
    assert remote.revision == order["updated_at"]
    assert world.limiter.asked == [("acme", "wizcommerce")] and world.calls() == ["read order?"]
    [call] = world.do(world.standin.calls.all)
    assert call.path == f"/v2/orders/{order['id']}"


def test_a_customer_and_a_product_are_fetched(world: World) -> None:
    [customer] = world.do(world.standin.customers)
    [product] = world.do(lambda: list(world.standin.state.products))
    seen = world.gateway.fetch("acme", "customer", customer["id"])
    assert isinstance(seen.content, CustomerContent) and seen.content.display_name == Personal("Bloom & Co")
    item = world.gateway.fetch("acme", "product", product)
    assert isinstance(item.content, ProductContent) and item.content.sku == "VASE-01"


def test_what_is_not_there_is_a_tombstone_whatever_its_id_looks_like(world: World) -> None:
    for remote_id in ("7b1d0000-0000-4000-8000-000000000000", "../customers", "a?b=c#d"):
        gone = world.gateway.fetch("acme", "order", remote_id)
        assert gone.content is None and gone.problem == "" and gone.remote_id == remote_id
    assert all(call.endswith("?") for call in world.calls())  # no part of an id was taken for a query
    assert all(one.path.startswith("/v2/orders/") for one in world.do(world.standin.calls.all))


def test_a_body_that_is_not_json_is_kept_with_its_problem(world: World) -> None:
    order = confirm(world, "WC-1001")
    world.fault(kind="status", status=200, body="<html>maintenance</html>", content_type="text/html")
    remote = world.gateway.fetch("acme", "order", order["id"])
    assert remote.content is None and "cannot be read" in remote.problem and remote.raw == "<html>maintenance</html>"


def test_a_sweep_shows_orders_of_every_status_once_and_moves_its_cursor_to_the_newest(world: World) -> None:
    orders = [
        confirm(world, "WC-1", updated_at="2026-01-05T10:00:00Z", created_at="2026-01-05T09:00:00Z"),
        world.do(world.standin.draft_order, "WC-2", "Bloom & Co", updated_at="2026-01-05T11:00:00Z"),
        confirm(world, "WC-3", status="cancelled", updated_at="2026-01-05T12:00:00Z"),
    ]
    hints, cursor = world.gateway.changed("acme", "order", "")
    assert {(one.remote_id, one.revision) for one in hints} == {(one["id"], one["updated_at"]) for one in orders}
    assert len(hints) == 3 and cursor == max(one["updated_at"] for one in orders)
    asked = world.calls()
    assert [status in call for status, call in zip(("draft", "confirmed", "cancelled"), asked, strict=True)] == [
        True
    ] * 3
    assert not any("updated_after" in call for call in asked)


def test_the_next_sweep_begins_ten_minutes_before_the_cursor(world: World) -> None:
    cursor = "2026-01-05T12:00:00.500Z"
    for minutes, number in ((-11, "OLD"), (-9, "NEAR"), (1, "NEW")):
        at = (instant("2026-01-05T12:00:00Z") + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")
        world.do(
            world.standin.seed,
            {"orders": [{"display_id": number, "customer_name": "Bloom & Co", "created_at": at, "updated_at": at}]},
        )
    hints, following = world.gateway.changed("acme", "order", cursor)
    assert {one.revision for one in hints} == {"2026-01-05T11:51:00Z", "2026-01-05T12:01:00Z"}
    assert following == "2026-01-05T12:01:00Z"
    assert all("updated_after=2026-01-05T11%3A50%3A00Z" in call for call in world.calls())
    assert world.gateway.changed("acme", "order", "2027-01-01T00:00:00Z") == ([], "2027-01-01T00:00:00Z")


def test_a_customer_made_inactive_is_seen_by_the_sweep(world: World) -> None:
    world.do(world.standin.seed, {"customers": [{"name": "Closed Inc", "status": "inactive"}]})
    commerce: Commerce = world.gateway
    hints, _ = commerce.changed("acme", "customer", "")
    assert {one.remote_id for one in hints} == {one["id"] for one in world.do(world.standin.customers)}
    assert len(hints) == 2


def test_products_are_swept_without_a_time_filter(world: World) -> None:
    old = {"sku": "OLD-01", "created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z"}
    world.do(world.standin.seed, {"products": [old]})
    hints, cursor = world.gateway_with(Assumptions(a08_page_size=1)).changed("acme", "product", "")
    assert len(hints) == 2 and cursor == max(one.revision for one in hints)
    again, _ = world.gateway_with(Assumptions(a08_page_size=1)).changed("acme", "product", cursor)
    assert {one.revision for one in again} >= {cursor}
    assert not any("updated_after" in call for call in world.calls())


def test_a_long_list_is_read_to_its_end(world: World) -> None:
    orders = [
        {
            "display_id": f"WC-{n}",
            "customer_name": "Bloom & Co",
            "created_at": f"2026-01-05T10:{n // 60:02}:{n % 60:02}Z",
        }
        for n in range(250)
    ]
    world.do(world.standin.seed, {"orders": orders})
    hints, cursor = world.gateway.changed("acme", "order", "")
    assert len({one.remote_id for one in hints}) == len(hints) == 250
    assert cursor == "2026-01-05T10:04:09Z"
    assert sum("order_status=confirmed" in call for call in world.calls()) == 3


class Shrinking(WizCommerceClient):
    """A real client; before its n-th read of a second page, something happens over there."""

    def __init__(self, world: World, before: list[Any], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.before, self.world = before, world

    def read(self, connection: str, path: str, params: Any = None, *, until: float | None = None) -> bytes:
        if params and params.get("page") == "2" and "confirmed" in params.values() and self.before:
            self.before.pop(0)()
        return super().read(connection, path, params, until=until)


@pytest.mark.parametrize(("times", "whole"), [(1, True), (9, False)])
def test_an_order_that_leaves_the_list_while_it_is_read_makes_us_read_again(
    world: World, times: int, whole: bool
) -> None:
    """Otherwise the first row of the next page slips onto the page already read, and is never seen."""
    assumed = Assumptions(a08_page_size=20)
    orders = [
        {"display_id": f"WC-{n}", "customer_name": "Bloom & Co", "created_at": f"2026-01-05T10:00:{n:02}Z"}
        for n in range(60)
    ]
    ids = world.do(world.standin.seed, {"orders": orders})["orders"]
    cancel = [lambda n=n: world.do(world.standin.cancel_order, f"WC-{59 - n}") for n in range(times)]
    client = Shrinking(
        world,
        cancel,
        lambda connection: world.running.address,
        world.limiter,
        world.keys,
        world.clock,
        assumed=assumed,
        http=world.http,
    )
    hints, cursor = WizCommerceGateway(client, assumed).changed("acme", "order", "2026-01-05T09:00:00Z")
    assert {one.remote_id for one in hints} == set(ids)
    assert (cursor != "2026-01-05T09:00:00Z") == whole


def test_an_order_is_found_by_its_number_in_any_status_and_by_its_reference(world: World) -> None:
    first = confirm(world, "WC-1001")
    second = world.do(world.standin.draft_order, "WC-1002", "Bloom & Co")
    third = confirm(world, "WC-1003", status="cancelled", reference_id="EXT-9")
    find = world.gateway.find
    assert find("acme", "order", "WC-1001") == first["id"]
    assert find("acme", "order", "WC-1002") == second["id"]
    assert find("acme", "order", "WC-1003") == find("acme", "order", "EXT-9") == third["id"]
    assert find("acme", "order", "WC-9,EXT-9") is None and find("acme", "order", "") is None


def test_a_customer_is_found_by_its_reference_also_when_inactive(world: World) -> None:
    seeded = {"customers": [{"name": "Closed Inc", "status": "inactive", "reference_id": "R-1"}]}
    [closed] = world.do(world.standin.seed, seeded)["customers"]
    assert world.gateway.find("acme", "customer", "R-1") == closed
    assert world.gateway.find("acme", "customer", "R-2") is None


def test_a_search_that_had_to_stop_says_so_instead_of_no(world: World) -> None:
    for n in range(5):
        confirm(world, f"WC-{n}", created_at=f"2026-01-05T10:00:0{n}Z")
    short = world.gateway_with(Assumptions(a08_page_size=1, find_most_pages=3))
    assert short.find("acme", "order", "WC-3") is not None
    with pytest.raises(Refused) as told:
        short.find("acme", "order", "WC-0")
    assert told.value.code == "not-found-in-newest" and told.value.next_step


@pytest.mark.parametrize(
    ("rule", "kind", "code"),
    [
        ({"kind": "401"}, Disconnected, "401"),
        ({"kind": "403"}, Refused, "403"),
        ({"kind": "429"}, Unavailable, "429"),
        (
            {"kind": "status", "status": 400, "body": '{"code":"bad","message":"m","details":[{"field":"page"}]}'},
            Refused,
            "bad",
        ),
        ({"kind": "status", "status": 422, "body": "what?"}, Refused, "422"),
        ({"kind": "status", "status": 409, "body": "{}"}, Refused, "409"),
        ({"kind": "status", "status": 500, "body": "oops"}, Unavailable, "500"),
        ({"kind": "status", "status": 503, "body": ""}, Unavailable, "503"),
        ({"kind": "status", "status": 302, "body": ""}, Unavailable, "302"),
        ({"kind": "status", "status": 404, "body": "<html>nginx</html>"}, Unavailable, "404"),
        ({"kind": "reset-before"}, Unavailable, "no-answer"),
        ({"kind": "reset-after"}, Unavailable, "no-answer"),
        ({"kind": "timeout-before", "seconds": 5}, Unavailable, "no-answer"),
    ],
)
def test_every_way_a_call_can_end_badly_has_its_words(
    world: World, rule: dict[str, Any], kind: type[GatewayError], code: str
) -> None:
    order = confirm(world, "WC-1001")
    world.fault(**rule)
    with pytest.raises(kind) as told:
        world.gateway_with(timeout_seconds=1).fetch("acme", "order", order["id"])
    assert told.value.code == code and told.value.sentence.endswith(".")
    assert world.standin.token not in f"{told.value.sentence} {told.value.next_step} {told.value.raw}"
    assert len(world.calls()) == 1  # nothing is asked twice
    assert world.gateway.fetch("acme", "order", order["id"]).content is not None


def test_a_field_that_was_refused_is_named(world: World) -> None:
    wrong = world.gateway_with(Assumptions(a06_order_statuses=("shipped",)))
    with pytest.raises(Refused, match="order_status") as told:
        wrong.changed("acme", "order", "")
    assert "order_status" in told.value.raw


def test_slow_down_says_until_when_if_wizcommerce_does(world: World) -> None:
    world.fault(kind="429", seconds=17)
    world.fault(kind="429", seconds=999999)
    waits = []
    for _ in range(2):
        with pytest.raises(Unavailable) as told:
            world.gateway.changed("acme", "customer", "")
        assert told.value.not_before is not None
        waits.append((told.value.not_before - world.clock.now()).total_seconds())
    assert 15 < waits[0] <= 17 and 3590 < waits[1] <= 3600


def test_a_lapsed_token_disconnects_and_is_never_repeated(world: World) -> None:
    world.keys.token = "api_prod_stolen"
    with pytest.raises(Disconnected) as told:
        world.gateway.changed("acme", "order", "")
    assert told.value.next_step and "api_prod_stolen" not in str(vars(told.value))


def test_an_echoed_token_is_taken_out_of_what_is_kept(world: World) -> None:
    world.fault(kind="status", status=400, body=f'{{"message":"bad key {world.standin.token}"}}')
    with pytest.raises(Refused) as told:
        world.gateway.changed("acme", "order", "")
    assert world.standin.token not in told.value.raw and "(secret)" in told.value.raw


def test_nobody_at_the_address_is_unavailable_and_certainly_not_carried_out(world: World) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = world.gateway_with(address=f"http://127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(Unavailable) as told:
            nobody.fetch("acme", "order", "o-1")
    assert told.value.code == "unreachable" and not told.value.ran


@pytest.mark.parametrize(
    "body", ["[]", "nonsense", '{"data":[{"id":"x"}]}', '{"data":[{"id":"x","updated_at":"soon"}]}']
)
def test_a_list_that_cannot_be_read_stops_the_sweep_with_a_sentence(world: World, body: str) -> None:
    world.fault(kind="status", status=200, body=body)
    with pytest.raises(Refused, match="cannot be read") as told:
        world.gateway.changed("acme", "order", "")
    assert told.value.raw == body


def test_a_list_without_an_end_stops_the_sweep_with_a_sentence(world: World) -> None:
    endless = '{"data":[{"id":"x","updated_at":"2026-01-05T10:00:00Z"}],"pagination":{"current_page":0,"next_page":9}}'
    world.fault(kind="status", status=200, body=endless, times=0)
    with pytest.raises(Refused) as told:
        world.gateway_with(Assumptions(a08_most_pages=5)).changed("acme", "order", "")
    assert told.value.code == "endless-list"


def test_a_token_is_made_from_e_mail_and_password(world: World) -> None:
    auth = WizCommerceAuth(world.clock, http=world.http)
    token = auth.token(world.running.address, world.standin.email, world.standin.password)
    assert token.tenant and token.expires_at is not None
    assert timedelta(days=364) < token.expires_at - world.clock.now() < timedelta(days=366)
    world.keys.token = token.access_token
    assert world.gateway.changed("acme", "customer", "")[0]
    assert token.access_token not in repr(token)
    with pytest.raises(Refused) as told:
        auth.token(world.running.address, world.standin.email, "wrong password")
    assert "wrong password" not in str(vars(told.value)) and told.value.next_step


def test_a_token_brought_along_is_tried_once(world: World) -> None:
    auth = WizCommerceAuth(world.clock, http=world.http)
    assert auth.check(world.running.address, world.standin.token) == Token(access_token=world.standin.token)
    assert world.calls() == ["list customers?page=1&page_size=1"]
    with pytest.raises(Refused):
        auth.check(world.running.address, "api_prod_nonsense")
    world.fault(kind="status", status=503)
    with pytest.raises(Unavailable):
        auth.check(world.running.address, world.standin.token)
