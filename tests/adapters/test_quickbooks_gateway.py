"""What the QuickBooks gateway writes, against the strict stand-in over real HTTP."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from engine.domain.values import (
    CustomerContent,
    InvoiceContent,
)
from engine.ports import Disconnected, GatewayError, Refused, Suspended, Unavailable, Unknown
from tests.adapters.quickbooks_world import (
    CLOCK,
    MARK,
    World,
    a_customer,
    a_world,
)


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


# ---- writes ----------------------------------------------------------------------------------------------------------


def test_an_invoice_is_sent_and_comes_back_as_it_was_sent(world: World) -> None:
    draft = world.draft()
    remote = world.send(draft)
    [made] = world.stand_in.invoices()
    content = remote.content
    assert isinstance(content, InvoiceContent)
    assert (content.number, content.total, content.mark) == ("WC-1001", Decimal("100.00"), MARK)
    assert content.lines[0].amount == draft.lines[0].amount and content.dated == draft.dated
    assert (remote.remote_id, made.total, world.metered()) == (made.id, Decimal("100"), 0)


def test_a_customer_is_sent_and_carries_our_mark(world: World) -> None:
    remote = world.send(a_customer())
    content = remote.content
    assert isinstance(content, CustomerContent)
    assert (str(content.display_name), content.mark) == ("Juniper Home LLC", MARK)
    assert world.stand_in.customers()[-1]["Id"] == remote.remote_id


def test_the_same_id_sent_again_makes_nothing_new(world: World) -> None:
    draft = world.draft()
    first = world.send(draft)
    second = world.send(draft)
    assert first == second and len(world.stand_in.invoices()) == 1


@pytest.mark.parametrize("kind", ["reset-after", "502-html"])
def test_a_write_without_an_answer_is_unknown(world: World, kind: str) -> None:
    draft = world.draft()
    world.stand_in.add_fault(kind, path="/invoice")
    with pytest.raises(Unknown) as ended:
        world.send(draft)
    assert ended.value.ran


def test_a_write_that_is_answered_too_late_is_unknown_at_its_deadline(world: World) -> None:
    draft = world.draft()
    world.stand_in.add_fault("timeout-after", path="/invoice", seconds=5)
    began = CLOCK.boottime()
    with pytest.raises(Unknown):
        world.send(draft, seconds=0.3)
    assert CLOCK.boottime() - began < 2 and len(world.stand_in.invoices()) == 1


def test_a_write_whose_time_to_leave_has_passed_is_not_sent(world: World) -> None:
    draft = world.draft()
    before = len(world.stand_in.calls.all())
    with pytest.raises(Unavailable) as ended:
        world.send(draft, send_by=CLOCK.boottime() - 0.001)
    assert (ended.value.code, ended.value.ran) == ("too-late", False)
    assert len(world.stand_in.calls.all()) == before


def test_a_write_that_left_in_time_may_be_answered_after_its_time_to_leave(world: World) -> None:
    world.stand_in.add_fault("slow", path="/customer", seconds=0.4)
    assert world.send(a_customer(), send_by=CLOCK.boottime() + 0.2).remote_id


def test_a_host_that_nobody_listens_on_certainly_ran_nothing(world: World) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        world.gateway = world.gateway_at(f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(Unavailable) as ended:
            world.send(a_customer())
    assert ended.value.code == "unreachable" and not ended.value.ran


def test_a_200_that_carries_a_system_fault_leaves_a_write_unknown(world: World) -> None:
    draft = world.draft()
    world.stand_in.add_fault("200-fault", path="/invoice", code="10000", message="An application error has occurred")
    with pytest.raises(Unknown) as ended:
        world.send(draft)
    assert ended.value.code == "10000"


@pytest.mark.parametrize("kind", ["429-json", "429-xml"])
def test_a_throttled_write_waits_at_least_a_minute(world: World, kind: str) -> None:
    draft = world.draft()
    world.stand_in.add_fault(kind, path="/invoice")
    with pytest.raises(Unavailable) as ended:
        world.send(draft)
    assert ended.value.not_before is not None
    assert ended.value.not_before - CLOCK.now() > timedelta(seconds=55) and not ended.value.ran
    assert world.stand_in.invoices() == []


def test_a_number_that_is_taken_is_refused_and_its_holder_found(world: World) -> None:
    world.stand_in.by_hand("set-preferences", SalesFormsPrefs={"CustomTxnNumbers": True})
    holder = world.send(world.draft())
    draft = world.draft(mark="f" * 32)
    with pytest.raises(Refused) as ended:
        world.send(draft, command_id="f" * 32)
    assert ended.value.code == "6140" and "WC-1001" not in ended.value.sentence
    found = world.gateway.holder_of_number("acme", ended.value)
    assert found is not None and found.remote_id == holder.remote_id


def test_a_name_that_is_taken_is_refused(world: World) -> None:
    world.stand_in.by_hand("add-vendor", DisplayName="Juniper Home LLC")
    with pytest.raises(Refused) as ended:
        world.send(a_customer())
    assert ended.value.code == "6240" and "Juniper" not in ended.value.sentence
    assert ended.value.trace_id and not ended.value.ran


def test_an_ended_subscription_suspends_the_company(world: World) -> None:
    draft = world.draft()
    world.stand_in.by_hand("lapse-subscription")
    with pytest.raises(Suspended) as ended:
        world.send(draft)
    assert ended.value.code == "6190" and "Renew" in ended.value.next_step


def test_closed_books_refuse_the_date(world: World) -> None:
    draft = world.draft()
    world.stand_in.by_hand("close-books", date="2026-11-30")
    with pytest.raises(Refused) as ended:
        world.send(draft)
    assert ended.value.code in ("6200", "6210")


# ---- consent ---------------------------------------------------------------------------------------------------------


def test_a_rejected_token_is_renewed_once_and_the_write_goes_through(world: World) -> None:
    good, world.access.token = world.access.token, "stale-token-of-an-hour-ago-0123456789"
    world.access.next_token = good
    remote = world.send(a_customer())
    assert remote.remote_id and world.access.rejections == ["stale-token-of-an-hour-ago-0123456789"]
    assert world.limiter.calls == 2


def test_a_token_rejected_twice_is_a_lost_consent_and_is_not_kept_anywhere(world: World) -> None:
    world.access.token, world.access.next_token = "dead-token-AAAAAAAAAAAAAAAAAAAA", "dead-token-BBBBBBBBBBBBBBBBBBBB"
    with pytest.raises(Disconnected) as ended:
        world.send(a_customer())
    error: GatewayError = ended.value
    assert "dead-token" not in f"{error!r} {error.sentence} {error.raw}" and len(world.access.rejections) == 1


def test_lost_rights_are_a_lost_consent(world: World) -> None:
    world.stand_in.add_fault("403")
    with pytest.raises(Disconnected) as ended:
        world.gateway.fetch("acme", "customer", "1")
    assert ended.value.code == "3100" and world.access.rejections == []


TOO_LARGE = "x" * (17 * 1024 * 1024)


def test_a_write_answered_with_too_much_is_unknown(world: World) -> None:
    world.stand_in.add_fault("status-after", path="/customer", status=200, body=TOO_LARGE)
    with pytest.raises(Unknown):
        world.send(a_customer())


def test_a_write_answered_without_the_entity_is_unknown(world: World) -> None:
    for body in ("{}", "<html/>", '{"Customer": {"SyncToken": "0"}}', '{"BatchItemResponse": [], "time": "x"}'):
        world.stand_in.add_fault("status", path="/customer", status=200, body=body)
        with pytest.raises(Unknown) as ended:
            world.send(a_customer())
        assert ended.value.code == "not-understood" and ended.value.raw == body


# ---- the total deadline ----------------------------------------------------------------------------------------------


def test_a_server_that_drips_does_not_outlive_the_deadline(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stop = threading.Event()

        def drip() -> None:
            one, _ = listening.accept()
            with one, contextlib.suppress(OSError):
                one.sendall(b"HTTP/1.1 200 OK\r\n")
                while not stop.wait(0.05):
                    one.sendall(b"x-drip: 1\r\n")

        dripping = threading.Thread(target=drip)
        dripping.start()
        world.gateway = world.gateway_at(f"http://127.0.0.1:{listening.getsockname()[1]}")
        began = CLOCK.boottime()
        with pytest.raises(Unknown):
            world.send(a_customer(), seconds=0.4)
        took = CLOCK.boottime() - began
        stop.set()
        dripping.join()
    assert took < 1.5


def test_the_house_choice_of_http_library_holds() -> None:
    from adapters.http import OAuth2Client

    assert issubclass(OAuth2Client, httpx.Client)
