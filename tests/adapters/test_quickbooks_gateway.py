"""The QuickBooks gateway against the strict stand-in, over real HTTP."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from adapters.http import make_client
from adapters.quickbooks.client import QuickBooksClient
from adapters.quickbooks.gateway import QuickBooksGateway
from adapters.quickbooks.standin import QuickBooksStandIn
from engine.clock import SystemClock
from engine.domain.events import Verb
from engine.domain.values import (
    Address,
    CustomerContent,
    CustomerDraft,
    InvoiceContent,
    InvoiceDraft,
    InvoiceLine,
    Personal,
    ProductContent,
    System,
)
from engine.ports import Disconnected, GatewayError, Refused, Remote, Suspended, Unavailable, Unknown

CLOCK = SystemClock()
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MARK = "0123456789abcdef0123456789abcdef"


class Access:
    """Tokens as `Credentials` gives them: `next_token` is what a refresh would bring."""

    def __init__(self, realm: str, token: str, next_token: str = "") -> None:
        self._realm, self.token, self.next_token = realm, token, next_token
        self.rejections: list[str] = []

    def bearer(self, connection: str) -> str:
        return self.token

    def rejected(self, connection: str, token: str) -> str:
        self.rejections.append(token)
        self.token = self.next_token or self.token
        return self.token

    def realm(self, connection: str) -> str:
        return self._realm

    def expiries(self, connection: str) -> tuple[datetime | None, datetime | None]:
        return None, None

    def api_key(self, connection: str) -> str:
        raise Disconnected("not used here")


class Counted:
    """A limiter that always allows, and counts."""

    def __init__(self) -> None:
        self.calls = 0

    def call(self, connection: str, system: System, *, deadline: float | None = None) -> AbstractContextManager[None]:
        self.calls += 1
        return contextlib.nullcontext()


class World:
    """A stand-in that runs, and our gateway to its first company."""

    def __init__(self, stand_in: QuickBooksStandIn, address: str) -> None:
        self.stand_in = stand_in
        ready = stand_in.ready_line(address)
        self.access = Access(ready["realm"], ready["access_token"])
        self.limiter = Counted()
        self.http = make_client()
        self.gateway = self.gateway_at(address)

    def gateway_at(self, address: str) -> QuickBooksGateway:
        client = QuickBooksClient(address, self.http, self.access, self.limiter, CLOCK)
        return QuickBooksGateway(client, CLOCK)

    def send(
        self, draft: InvoiceDraft | CustomerDraft, command_id: str = MARK, seconds: float = 10, send_by: float = 0
    ) -> Remote:
        verb: Verb = "CreateInvoice" if isinstance(draft, InvoiceDraft) else "CreateCustomer"
        body = self.gateway.request_body(draft)
        until = CLOCK.boottime() + seconds
        answer = self.gateway.send("acme", verb, body, command_id, send_by=send_by or until, answer_by=until)
        return answer.remote

    def metered(self) -> int:
        return self.stand_in.calls.totals().get("coreplus", 0)

    def draft(self, number: str = "WC-1001", mark: str = MARK) -> InvoiceDraft:
        place = len(self.stand_in.customers())
        customer = self.stand_in.add_customer(f"Bloom & Co {place}")["Id"]
        item = self.stand_in.add_item(f"VASE-{place}", price="25.00")["Id"]
        lines = (line(item, "4", "25.00"),)
        return invoice(customer, lines, number=number, mark=mark)


def line(item: str, quantity: str, price: str) -> InvoiceLine:
    amount = (Decimal(quantity) * Decimal(price)).quantize(Decimal("0.01"))
    return InvoiceLine(item=item, quantity=Decimal(quantity), unit_price=Decimal(price), amount=amount)


def invoice(customer: str, lines: tuple[InvoiceLine, ...], number: str = "WC-1001", mark: str = MARK) -> InvoiceDraft:
    return InvoiceDraft(
        number=number,
        order_number=number or "WC-1001",
        customer_remote_id=customer,
        dated=date(2026, 11, 20),
        lines=lines,
        total=sum((one.amount for one in lines), Decimal(0)),
        mark=mark,
        customer_note=Personal("Please ring twice"),
        billing=Address(lines=Personal("12 Mill Rd"), city="Dover", region="DE", postal_code="19901", country="USA"),
    )


def a_customer(name: str = "Juniper Home LLC") -> CustomerDraft:
    content = CustomerContent(
        display_name=Personal(name), company_name=Personal(name), email=Personal("ap@juniper.example")
    )
    return CustomerDraft(content=content, mark=MARK)


@pytest.fixture
def world() -> Iterator[World]:
    stand_in = QuickBooksStandIn()
    with stand_in.start() as running:
        stand_in.set_switches(throttle=False)
        here = World(stand_in, running.address)
        with here.http:
            yield here


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
    assert (str(content.display_name), content.reference) == ("Juniper Home LLC", MARK)
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


# ---- looking ---------------------------------------------------------------------------------------------------------


def test_an_invoice_is_looked_for_by_its_number(world: World) -> None:
    draft = world.draft(number="O'Hara \\ 7")
    assert world.gateway.look("acme", draft, LONG_AGO) == []
    made = world.send(draft)
    assert [one.remote_id for one in world.gateway.look("acme", draft, LONG_AGO)] == [made.remote_id]


def test_without_a_number_it_is_looked_for_by_customer_and_time(world: World) -> None:
    draft = world.draft(number="")
    made = world.send(draft)
    since = CLOCK.now()
    found = world.gateway.look("acme", draft, since)
    assert [one.remote_id for one in found] == [made.remote_id]
    assert world.gateway.look("acme", draft, since + timedelta(hours=1)) == []


def test_a_customer_is_looked_for_by_name_in_the_form_it_was_sent(world: World) -> None:
    draft = a_customer("Amy's:  Bird Sanctuary")
    made = world.send(draft)
    [found] = world.gateway.look("acme", draft, LONG_AGO)
    assert found.remote_id == made.remote_id


# ---- reads -----------------------------------------------------------------------------------------------------------


def test_what_is_gone_is_read_as_a_tombstone(world: World) -> None:
    made = world.send(world.draft())
    world.stand_in.by_hand("delete-invoice", Id=made.remote_id)
    assert world.gateway.fetch("acme", "invoice", made.remote_id).content is None


def test_an_inactive_customer_is_read_without_its_suffix(world: World) -> None:
    added = world.stand_in.add_customer("Old Shop")
    world.stand_in.by_hand("deactivate-customer", Id=added["Id"])
    content = world.gateway.fetch("acme", "customer", added["Id"]).content
    assert isinstance(content, CustomerContent)
    assert (str(content.display_name), content.active) == ("Old Shop", False)


def test_everything_reads_inactive_ones_too_by_pages(world: World) -> None:
    items = [{"Name": f"Item {n}", "Sku": f"S-{n}", "Type": "Service"} for n in range(1005)]
    world.stand_in.fill({"items": [{**one, "IncomeAccountRef": {"value": "79"}} for one in items]})
    world.stand_in.by_hand("deactivate-item", Id=world.stand_in.items()[-1]["Id"])
    before = world.metered()
    found = list(world.gateway.everything("acme", "product"))
    contents = [one.content for one in found if isinstance(one.content, ProductContent)]
    assert {one["Id"] for one in world.stand_in.items()} == {one.remote_id for one in found}
    assert sum(not content.active for content in contents) == 1 and world.metered() - before == 2


def test_the_company_shows_what_it_is_set_up_to_do(world: World) -> None:
    world.stand_in.by_hand("set-preferences", SalesFormsPrefs={"CustomTxnNumbers": True, "AllowShipping": True})
    facts = world.gateway.company("acme")
    assert facts.custom_numbers and facts.allow_shipping and facts.name and facts.country == "US"


# ---- what changed ----------------------------------------------------------------------------------------------------


def poll(world: World, cursor: str) -> tuple[list[Remote], str, int]:
    """Everything until complete, the cursor then, and how many metered reads it took."""
    before, records = world.metered(), []
    while True:
        seen = world.gateway.changes("acme", cursor)
        records += seen.records
        cursor = seen.cursor
        if seen.complete:
            return records, cursor, world.metered() - before


def test_a_quiet_poll_is_one_read_and_moves_the_cursor(world: World) -> None:
    _, cursor, _ = poll(world, "")
    made = world.send(world.draft())
    records, later, reads = poll(world, cursor)
    assert made.remote_id in [one.remote_id for one in records if one.kind == "invoice"]
    assert reads == 1 and datetime.fromisoformat(later) >= datetime.fromisoformat(cursor)


def test_a_deleted_record_is_seen_as_a_tombstone(world: World) -> None:
    made = world.send(world.draft())
    world.stand_in.by_hand("delete-invoice", Id=made.remote_id)
    records, _, _ = poll(world, CLOCK.now().isoformat())
    assert [one.content for one in records if one.kind == "invoice"] == [None]


def test_an_answer_that_was_cut_off_is_asked_again_in_parts_until_all_was_seen(world: World) -> None:
    names = [{"DisplayName": f"Customer {n}"} for n in range(1200)]
    world.stand_in.fill({"customers": names})
    records, cursor, reads = poll(world, CLOCK.now().isoformat())
    seen = {one.remote_id for one in records if one.kind == "customer"}
    assert seen >= {one["Id"] for one in world.stand_in.customers()} and reads > 1
    assert datetime.fromisoformat(cursor) > LONG_AGO


def test_what_came_shortly_before_the_cursor_is_shown_again(world: World) -> None:
    world.stand_in.clock.move(-180)
    made = world.stand_in.add_customer("Three minutes ago")
    world.stand_in.clock.move(180)
    records, _, _ = poll(world, CLOCK.now().isoformat())
    assert made["Id"] in [one.remote_id for one in records if one.kind == "customer"]


def test_a_cursor_older_than_the_look_back_misses_nothing_that_can_be_read(world: World) -> None:
    world.stand_in.clock.move(-40 * 86_400)
    made = world.send(world.draft())
    world.stand_in.clock.move(40 * 86_400)
    records, cursor, _ = poll(world, (CLOCK.now() - timedelta(days=60)).isoformat())
    assert made.remote_id in [one.remote_id for one in records if one.kind == "invoice"]
    assert CLOCK.now() - datetime.fromisoformat(cursor) < timedelta(minutes=1)


def test_a_broken_step_is_asked_again_from_the_same_cursor(world: World) -> None:
    cursor = CLOCK.now().isoformat()
    world.stand_in.add_fault("reset-before", path="/cdc")
    with pytest.raises(Unavailable):
        world.gateway.changes("acme", cursor)
    assert world.gateway.changes("acme", cursor).complete


def test_an_empty_cursor_begins_within_the_look_back_in_one_read(world: World) -> None:
    made = world.send(world.draft())
    records, _, reads = poll(world, "")
    assert made.remote_id in [one.remote_id for one in records if one.kind == "invoice"] and reads == 1


def test_a_cursor_that_is_none_of_ours_is_said_so(world: World) -> None:
    for cursor in ("yesterday", "{}", '{"since": 1}'):
        with pytest.raises(ValueError):
            world.gateway.changes("acme", cursor)


# ---- answers too large to take in ------------------------------------------------------------------------------------

TOO_LARGE = "x" * (17 * 1024 * 1024)


def test_pages_shrink_until_they_can_be_taken_in(world: World) -> None:
    world.stand_in.fill({"customers": [{"DisplayName": f"Customer {n}"} for n in range(3)]})
    world.stand_in.add_fault("status", path="/query", status=200, body=TOO_LARGE)
    found = [one.remote_id for one in world.gateway.everything("acme", "customer")]
    assert found == [one["Id"] for one in world.stand_in.customers()]
    asked = [call.status for call in world.stand_in.calls.all() if call.operation.startswith("query")]
    assert len(asked) == 2


def test_changes_too_large_are_asked_for_in_parts(world: World) -> None:
    made = world.send(world.draft())
    world.stand_in.add_fault("status", path="/cdc", status=200, body=TOO_LARGE)
    records, _, _ = poll(world, CLOCK.now().isoformat())
    assert made.remote_id in [one.remote_id for one in records if one.kind == "invoice"]


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
