"""Both stand-ins in the same words: what a test needs to hold one to what every stand-in promises."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, NamedTuple

import httpx

from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.wizcommerce.standin import WizCommerceStandIn

Wire = dict[str, Any]


class Room(NamedTuple):
    """One stand-in, running: how to call it, and its own words for what every stand-in can do."""

    client: httpx.Client
    ready: dict[str, str]
    issued: Callable[[], set[str]]
    # The customers of `GET state`, by name.
    shown: Callable[[Wire], list[str]]
    create: str
    read: str
    operation: str
    # How a person and a seed name a customer.
    name: str
    # What a create through the API must say.
    needed: Callable[[str], Wire]
    # When the only customer of `GET state` was made.
    born: Callable[[Wire], str]
    # A switch that is text, and a value of it that is not the default.
    switch: tuple[str, str]
    classes: tuple[str, str]

    def customer(self, name: str) -> Wire:
        return {self.name: name}

    def call(self, name: str) -> httpx.Response:
        """Create a customer through the API."""
        return self.client.post(self.create, json=self.needed(name))

    def refused(self) -> httpx.Response:
        """A create that the system itself refuses, with a secret in the address."""
        return self.client.post(self.create, params={"token": "very-secret"}, json={"no_such_field": 1})

    def tell(self, path: str, body: Any = None, method: str = "POST") -> httpx.Response:
        return self.client.request(method, f"/_standin/{path}", json=body)

    def told(self, path: str, body: Any = None, method: str = "POST") -> Any:
        answer = self.tell(path, body, method)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def asked(self, path: str) -> Any:
        return self.told(path, method="GET")

    def customers(self) -> list[str]:
        return self.shown(self.asked("state"))


def _records_of(state: Wire) -> list[Wire]:
    [company] = state["companies"].values()
    found: list[Wire] = company["records"].get("Customer", [])
    return found


def _quickbooks(stack: ExitStack) -> Room:
    stand_in = QuickBooksStandIn()
    address = stack.enter_context(stand_in.start()).address
    ready = stand_in.ready_line(address)
    headers = {"Authorization": f"Bearer {ready['access_token']}", "Accept": "application/json"}
    return Room(
        client=stack.enter_context(httpx.Client(base_url=address, headers=headers, timeout=5, trust_env=False)),
        ready=ready,
        issued=stand_in.issued_secrets,
        shown=lambda state: [one["DisplayName"] for one in _records_of(state)],
        create=f"/v3/company/{ready['realm']}/customer",
        read=f"/v3/company/{ready['realm']}/companyinfo/{ready['realm']}",
        operation="create customer",
        name="DisplayName",
        needed=lambda name: {"DisplayName": name},
        born=lambda state: str(_records_of(state)[0]["MetaData"]["CreateTime"]),
        switch=("void_verb", "void"),
        classes=("core", "coreplus"),
    )


def _wizcommerce(stack: ExitStack) -> Room:
    stand_in = WizCommerceStandIn()
    running = stack.enter_context(stand_in.start())
    ready = stand_in.ready_line(running.address)
    headers = {"X-API-Key": ready["token"]}
    [rep], [prices] = stand_in.state.sales_reps, stand_in.state.price_lists
    return Room(
        client=stack.enter_context(httpx.Client(base_url=running.address, headers=headers, timeout=5, trust_env=False)),
        ready=ready,
        issued=lambda: running.call_in_loop(stand_in.issued_secrets),
        shown=lambda state: [one["display_name"] for one in state["customers"]],
        create="/v1/customers",
        read="/v1/customers",
        operation="create customer",
        name="name",
        needed=lambda name: {
            "reference_id": f"C {name}",
            "company_name": name,
            "display_name": name,
            "assigned_sales_rep_ids": [rep],
            "assigned_price_list_id": prices,
        },
        born=lambda state: str(state["customers"][0]["created_at"]),
        switch=("a04_duplicate_references", "409"),
        classes=("call", "call"),
    )


ROOMS = {"quickbooks": _quickbooks, "wizcommerce": _wizcommerce}
