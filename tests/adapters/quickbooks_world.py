"""The QuickBooks stand-in, and our gateway to it: what the gateway's tests share."""

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from decimal import Decimal

from adapters.http import make_client
from adapters.quickbooks.client import QuickBooksClient
from adapters.quickbooks.gateway import QuickBooksGateway
from adapters.quickbooks.standin import QuickBooksStandIn
from engine.clock import SystemClock
from engine.domain.drafts import CustomerDraft, Draft, InvoiceDraft
from engine.domain.values import Address, CustomerContent, InvoiceLine, Personal, System
from engine.ports import Disconnected, Remote

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
        self.address = address
        ready = stand_in.ready_line(address)
        self.access = Access(ready["realm"], ready["access_token"])
        self.limiter = Counted()
        self.http = make_client()
        self.gateway = self.gateway_at(address)

    def gateway_at(self, address: str) -> QuickBooksGateway:
        client = QuickBooksClient(address, self.http, self.access, self.limiter, CLOCK)
        return QuickBooksGateway(client, CLOCK)

    def send(self, draft: Draft, command_id: str = MARK, seconds: float = 10, send_by: float = 0) -> Remote:
        body = self.gateway.request_body(draft)
        until = CLOCK.boottime() + seconds
        answer = self.gateway.send("acme", draft, body, command_id, send_by=send_by or until, answer_by=until)
        return answer.remote

    def everything(self, kind: str) -> list[Remote]:
        """Every record of a kind, page by page."""
        found: list[Remote] = []
        cursor, complete = "", False
        while not complete:
            page = self.gateway.page("acme", kind, cursor)
            found += page.records
            cursor, complete = page.cursor, page.complete
        return found

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


@contextlib.contextmanager
def a_world() -> Iterator[World]:
    """A stand-in with one company, and our gateway to it."""
    stand_in = QuickBooksStandIn()
    with stand_in.start() as running:
        stand_in.set_switches(throttle=False)
        here = World(stand_in, running.address)
        with here.http:
            yield here
