"""The stand-in as a whole: its application, its control address, and the typed methods that tests use."""

from __future__ import annotations

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from starlette.applications import Starlette

from adapters.quickbooks.standin.catalogue import KINDS
from adapters.quickbooks.standin.company import Company
from adapters.quickbooks.standin.grants import Chain
from adapters.quickbooks.standin.hands import lend_hands
from adapters.quickbooks.standin.oauth import oauth_routes
from adapters.quickbooks.standin.office import Office
from adapters.quickbooks.standin.rest import rest_routes
from adapters.quickbooks.standin.seeding import seed
from adapters.quickbooks.standin.seen import InvoiceSeen, invoice_seen
from adapters.quickbooks.standin.switches import Switches
from adapters.standin.calls import CallLog
from adapters.standin.clock import StandInClock
from adapters.standin.control import MOST_SHOWN, ControlRefused, control_mount, set_switches
from adapters.standin.delivery import DeliveryMode, Outbox, lifespan_of
from adapters.standin.faults import FaultRule, FaultRules
from adapters.standin.server import RunningStandIn

T = TypeVar("T")
Wire = dict[str, Any]


class QuickBooksStandIn:
    """A strict copy of QuickBooks Online, as far as the engine needs it, with its state in memory.

    `port` 0 takes a free one. `delivery` says whether webhooks go out by themselves or on `POST /_standin/deliver`.
    Before `start` the methods work directly; afterwards they run on the server's own thread.
    """

    def __init__(self, port: int = 0, clock: StandInClock | None = None, delivery: DeliveryMode = "manual") -> None:
        self.port = port
        self.clock = clock or StandInClock()
        self.office = Office(self.clock, delivery)
        self.calls: CallLog = self.office.calls
        self.faults: FaultRules = self.office.faults
        self.outbox: Outbox = self.office.notices
        self.running: RunningStandIn | None = None
        self.app = self._application()

    def __getstate__(self) -> Wire:
        """What `copy.deepcopy` takes along: all it remembers, and neither its server nor its application."""
        return {**vars(self), "running": None, "app": None}

    def __setstate__(self, state: Wire) -> None:
        vars(self).update(state)
        self.app = self._application()

    def _application(self) -> Starlette:
        return Starlette(
            routes=[control_mount(self), *oauth_routes(self.office), *rest_routes(self.office)],
            lifespan=lifespan_of(self.office.notices),
        )

    # What the control address needs; on the server's thread.

    @property
    def switches(self) -> Switches:
        return self.office.switches

    def reset(self) -> None:
        """One empty company again, nobody connected; the app's keys stay."""
        self.office.clear()

    def seed(self, entities: Wire) -> Wire:
        """See `seeding.seed`."""
        return seed(self.office, entities)

    def state(self) -> Wire:
        """Companies with all their records; no tokens."""
        return {"companies": {realm: _shown(self.office, one) for realm, one in self.office.companies.items()}}

    def records_of(self, entity: str) -> Wire:
        """The records of one entity, by company. Raises ControlRefused for an entity nobody knows."""
        if entity not in KINDS:
            raise ControlRefused(f"There is no entity {entity!r}; known are {', '.join(KINDS)}.")
        return {
            "companies": {
                realm: {"records": {entity: [one.wire for one in company.all(entity)]}}
                for realm, company in self.office.companies.items()
            }
        }

    def hands(self, verb: str, body: Wire) -> Any:
        """Do what a bookkeeper or administrator could do. Raises ControlRefused."""
        return lend_hands(self.office, verb, body)

    def webhooks(self, settings: Wire) -> Wire:
        """Set where webhooks go: `{"url": …}`, empty for nowhere; other keys are switches."""
        if set(settings) != {"url"} or not isinstance(settings["url"], str):
            raise ControlRefused('Webhooks take {"url": text} and nothing else; their form is a switch.')
        self.office.notices.url = settings["url"]
        return {"url": settings["url"]}

    # The Python entry.

    @property
    def client_id(self) -> str:
        return self.office.grants.client_id

    @property
    def client_secret(self) -> str:
        return self.office.grants.client_secret

    @property
    def verifier_token(self) -> str:
        return self.office.grants.verifier_token

    @property
    def companies(self) -> dict[str, Company]:
        """The live state, by realm; read it through `call_in_loop` while the stand-in runs."""
        return self.office.companies

    def company(self, realm: str | None = None) -> Company:
        """One company, by default the first."""
        return self.office.company(realm)

    def start(self) -> RunningStandIn:
        """Serve on 127.0.0.1 from a thread of its own."""
        self.running = RunningStandIn(self.app, self.port)
        return self.running

    def ready_line(self, address: str, realm: str | None = None) -> dict[str, str]:
        """What a client needs to begin at once; the tokens are of a chain made on the first call."""
        return self._in_loop(lambda: self._ready(address, realm))

    def allow_redirect(self, uri: str) -> None:
        """Register a redirect address, letter for letter."""
        self._in_loop(lambda: self.office.grants.redirect_uris.add(uri))

    def set_switches(self, **changes: Any) -> None:
        """Change switches by name. Raises ControlRefused for an unknown one or a wrong value."""
        self._in_loop(lambda: set_switches(self.office.switches, changes))

    def add_fault(self, kind: str, **rule: Any) -> None:
        """Put a fault rule in force; the fields are those of FaultRule."""
        self._in_loop(lambda: self.office.faults.add(FaultRule(kind, **rule)))

    def by_hand(self, verb: str, *, realm: str | None = None, **body: Any) -> Any:
        """What `POST /_standin/hands/<verb>` does, from any thread; answers a copy. Raises ControlRefused."""
        named = {"realm": realm, **body} if realm else body
        return self._in_loop(lambda: copy.deepcopy(lend_hands(self.office, verb, named)))

    def fill(self, entities: Wire) -> Wire:
        """What `POST /_standin/seed` does, from any thread. Raises ControlRefused."""
        return self._in_loop(lambda: seed(self.office, entities))

    def send_webhooks_to(self, url: str) -> None:
        self._in_loop(lambda: self.webhooks({"url": url}))

    def deliver(self) -> dict[str, int]:
        """Send every webhook that is due, once; only while the stand-in runs."""
        if self.running is None:
            raise RuntimeError("The stand-in has not been started.")
        counts: dict[str, int] = self.running.call_in_loop(self.office.notices.deliver_due)
        return counts

    def add_customer(self, DisplayName: str, *, realm: str | None = None, **wire: Any) -> Wire:
        """A customer added by a person; a copy of what a read would answer."""
        added: Wire = self.by_hand("add-customer", realm=realm, DisplayName=DisplayName, **wire)
        return added

    def add_item(
        self,
        sku: str,
        name: str | None = None,
        price: Decimal | str | int = 0,
        *,
        realm: str | None = None,
        **wire: Any,
    ) -> Wire:
        """A non-inventory product added by a person, sold on the account for product income."""
        product = {
            "Name": name or sku,
            "Sku": sku,
            "Type": "NonInventory",
            "UnitPrice": Decimal(price),
            "IncomeAccountRef": {"value": "79"},
        }
        added: Wire = self.by_hand("add-item", realm=realm, **{**product, **wire})
        return added

    def invoices(self, realm: str | None = None) -> list[InvoiceSeen]:
        """Every invoice of a company, in the order of creation."""
        return self._in_loop(
            lambda: [invoice_seen(one, self.company(realm)) for one in self.company(realm).all("Invoice")]
        )

    def payments(self, realm: str | None = None) -> list[Wire]:
        """Copies of every payment of a company, in the order of creation, the void ones included."""
        return self._in_loop(lambda: [copy.deepcopy(one.wire) for one in self.company(realm).all("Payment")])

    def customers(self, realm: str | None = None) -> list[Wire]:
        """Copies of every customer of a company, the inactive ones included."""
        return self._in_loop(lambda: [copy.deepcopy(one.wire) for one in self.company(realm).all("Customer")])

    def items(self, realm: str | None = None) -> list[Wire]:
        """Copies of every item of a company, the inactive ones included."""
        return self._in_loop(lambda: [copy.deepcopy(one.wire) for one in self.company(realm).all("Item")])

    def issued_secrets(self) -> set[str]:
        """Every access token, refresh token, code, client secret and verifier token this stand-in ever gave out."""
        return self._in_loop(lambda: set(self.office.grants.issued))

    def _ready(self, address: str, realm: str | None) -> dict[str, str]:
        company = self.office.company(realm)
        if company.realm not in self.office.ready_made:
            chain: Chain = self.office.grants.new_chain(company.realm)
            tokens = {"access_token": self.office.grants.new_access(chain), "refresh_token": chain.refresh_value}
            self.office.ready_made[company.realm] = tokens
        return {
            "api": address,
            "discovery": f"{address}/.well-known/openid_configuration",
            "realm": company.realm,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            **self.office.ready_made[company.realm],
            "verifier_token": self.verifier_token,
            "control": f"{address}/_standin",
        }

    def _in_loop(self, work: Callable[[], T]) -> T:
        """On the server's thread once it was started, else here and now."""
        if self.running is None:
            return work()
        return self.running.call_in_loop(work)


def _shown(office: Office, company: Company) -> Wire:
    return {
        "standing": vars(company.standing),
        "connected": office.grants.connected(company.realm),
        "counts": {entity: len(records) for entity, records in company.records.items()},
        "records": {
            entity: [one.wire for one in records.values()]
            for entity, records in company.records.items()
            if len(records) <= MOST_SHOWN
        },
        "deleted": [{"entity": one.entity, "id": one.id, "at": one.deleted_at} for one in company.tombstones],
    }
