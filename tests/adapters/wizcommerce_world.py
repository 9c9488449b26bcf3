"""A WizCommerce stand-in, served, and a gateway of ours to it."""

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from adapters.http import make_client
from adapters.standin.control import set_switches
from adapters.standin.faults import FaultRule
from adapters.standin.server import RunningStandIn
from adapters.wizcommerce.assumptions import Assumptions
from adapters.wizcommerce.client import WizCommerceClient
from adapters.wizcommerce.gateway import WizCommerceGateway
from adapters.wizcommerce.standin import WizCommerceStandIn
from engine.clock import SystemClock
from engine.domain.drafts import CustomerDraft, CustomerUpdate, Draft
from engine.domain.values import Address, CustomerContent, CustomerField, Personal, System
from engine.ports import Disconnected, Remote

MARK = "0123456789abcdef0123456789abcdef"
REFERENCE = "QBO:9130350000000001:customer:58"


class Leave:
    """A limiter that always allows, and remembers who asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, System]] = []

    def call(self, connection: str, system: System, *, deadline: float | None = None) -> AbstractContextManager[None]:
        assert deadline is not None
        self.asked.append((connection, system))
        return nullcontext()


class Keys:
    """Credentials with one WizCommerce token."""

    def __init__(self, token: str) -> None:
        self.token = token

    def api_key(self, connection: str) -> str:
        return self.token

    def bearer(self, connection: str) -> str:
        raise Disconnected("There is no QuickBooks here.")

    def rejected(self, connection: str, token: str) -> str:
        raise Disconnected("There is no QuickBooks here.")

    def realm(self, connection: str) -> str:
        raise Disconnected("There is no QuickBooks here.")

    def expiries(self, connection: str) -> tuple[datetime | None, datetime | None]:
        return None, None


class World:
    """A stand-in, served, and a gateway to it."""

    def __init__(self) -> None:
        self.standin = WizCommerceStandIn()
        self.running: RunningStandIn = self.standin.start()
        self.limiter = Leave()
        self.keys = Keys(self.standin.token)
        self.clock = SystemClock()
        self.http = make_client()
        self.gateway = self.gateway_with()

    def gateway_with(
        self, assumed: Assumptions | None = None, address: str = "", timeout_seconds: float = 10
    ) -> WizCommerceGateway:
        assumed = assumed or Assumptions()
        where = address or self.running.address
        client = WizCommerceClient(
            lambda connection: where,
            self.limiter,
            self.keys,
            self.clock,
            assumed=assumed,
            timeout_seconds=timeout_seconds,
            http=self.http,
        )
        return WizCommerceGateway(client, assumed)

    def do(self, fn: Any, *args: Any, **more: Any) -> Any:
        return self.running.call_in_loop(lambda: fn(*args, **more))

    def send(self, draft: Draft, *, seconds: float = 10, send_by: float = 0) -> Remote:
        """Sends a draft as the engine does; `send_by` 0 means that it may leave until its end."""
        until = self.clock.boottime() + seconds
        body = self.gateway.request_body(draft)
        return self.gateway.send("acme", draft, body, MARK, send_by=send_by or until, answer_by=until).remote

    def new_customer(self, name: str = "Juniper Home LLC", **more: Any) -> CustomerDraft:
        """A draft with the tenant's own sales rep and price list."""
        rep, price_list = self.do(
            lambda: (next(iter(self.standin.state.sales_reps)), next(iter(self.standin.state.price_lists)))
        )
        return a_customer(name, sales_rep=rep, price_list=price_list, **more)

    def fault(self, **rule: Any) -> None:
        self.do(self.standin.faults.add, FaultRule(**rule))

    def calls(self) -> list[str]:
        """The calls since the last look, each as `operation?query`."""
        made = self.do(lambda: [f"{one.operation}?{one.query}" for one in self.standin.calls.all()])
        new, self._seen = made[getattr(self, "_seen", 0) :], len(made)
        return list(new)


def switch(world: World, **switches: Any) -> None:
    world.do(set_switches, world.standin.switches, switches)


def a_customer(
    name: str = "Juniper Home LLC", *, sales_rep: str = "", price_list: str = "", **fields: Any
) -> CustomerDraft:
    content = CustomerContent(display_name=Personal(name), **fields)
    return CustomerDraft(
        content=content,
        mark=MARK,
        target="wizcommerce",
        reference=REFERENCE,
        sales_rep=sales_rep,
        price_list=price_list,
    )


def a_change(
    *fields: CustomerField, remote_id: str = "c-1", revision: str = "2026-01-05T10:00:00Z", **content: Any
) -> CustomerUpdate:
    return CustomerUpdate(
        target="wizcommerce",
        remote_id=remote_id,
        revision=revision,
        fields=fields,
        content=CustomerContent(**{"display_name": Personal("Bloom & Co"), **content}),
        mark=MARK,
        reference=REFERENCE,
    )


def an_address(*lines: str, city: str = "Portland", **more: str) -> Address:
    return Address(lines=Personal("\n".join(lines or ("1 Harbour St",))), city=city, **more)


def confirm(world: World, number: str, **more: Any) -> dict[str, Any]:
    order: dict[str, Any] = world.do(
        world.standin.confirm_order, number, "Bloom & Co", [("VASE-01", 4, "25.00")], **more
    )
    return order
