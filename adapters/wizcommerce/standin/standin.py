"""The WizCommerce stand-in as one object: the application, the state, and what tests call directly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route

from adapters.standin.calls import CallLog
from adapters.standin.clock import StandInClock
from adapters.standin.control import MOST_SHOWN, ControlRefused, control_mount
from adapters.standin.delivery import DeliveryMode, Outbox, lifespan_of
from adapters.standin.faults import FaultRules
from adapters.standin.server import RunningStandIn
from adapters.wizcommerce.standin import accounts, customers, goods, orders, people, seeding
from adapters.wizcommerce.standin.adopt import Line
from adapters.wizcommerce.standin.answers import no_such_operation
from adapters.wizcommerce.standin.desk import Answer, Ask, Desk
from adapters.wizcommerce.standin.documents import INVOICES, SHIPMENTS
from adapters.wizcommerce.standin.gate import FAULT_KINDS, Gate, Operation
from adapters.wizcommerce.standin.hands import SellersHands
from adapters.wizcommerce.standin.hooks import RETRY_AFTER_SECONDS, SUCCESS, TIMEOUT_SECONDS, Hooks
from adapters.wizcommerce.standin.records import Record, Records
from adapters.wizcommerce.standin.switches import Switches
from adapters.wizcommerce.standin.tokens import Tokens

OPERATIONS: tuple[tuple[str, str, str, Answer], ...] = (
    *people.OPERATIONS,
    *goods.OPERATIONS,
)
"""Method, path, name in the call log, and what answers. Source: WizCommerce reference, section 1.4."""


class WizCommerceStandIn:
    """A small, strict WizCommerce with one tenant, one integration user and one webhook target.

    The methods that change something belong on the loop thread: once it is started, call them through
    `RunningStandIn.call_in_loop`. `state` holds plain records in wire field names (datetimes and Decimals inside).
    """

    def __init__(self, port: int = 0, clock: StandInClock | None = None, delivery: DeliveryMode = "manual") -> None:
        self.port = port
        self.clock = clock or StandInClock()
        self.switches = Switches()
        self.calls = CallLog(self.clock)
        self.faults = FaultRules(FAULT_KINDS)
        self.outbox = Outbox(
            self.clock,
            delivery,
            success=SUCCESS,
            timeout_seconds=TIMEOUT_SECONDS,
            retry_after_seconds=RETRY_AFTER_SECONDS,
        )
        self.state = Records(self.clock)
        self._tokens = Tokens()
        self._hooks = Hooks(self.outbox, self.switches)
        self.desk = Desk(self.clock, self.state, self.switches, self._hooks, self._tokens)
        self.token, self.token_lapses_at = self._tokens.issue(self.clock.now())
        self._hands = SellersHands(self.desk)
        self._gate = Gate(self.desk, self.calls, self.faults)
        self.app = self._application()

    def __getstate__(self) -> dict[str, Any]:
        """What `copy.deepcopy` takes along: all it remembers, not its application. Stop its server before."""
        return {**vars(self), "app": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.app = self._application()

    def _application(self) -> Starlette:
        app = Starlette(
            routes=[*self._routes(), control_mount(_Room(self)), *self._other_routes()],
            lifespan=lifespan_of(self.outbox),
        )
        app.router.redirect_slashes = False
        return app

    @property
    def email(self) -> str:
        """The integration user's e-mail address."""
        return self._tokens.email

    @property
    def password(self) -> str:
        """The integration user's password."""
        return self._tokens.password

    @property
    def webhook_secret(self) -> str:
        """The secret that webhooks prove themselves with at the moment."""
        return self._hooks.settings.secret

    def start(self) -> RunningStandIn:
        """Serve it on 127.0.0.1 in a thread."""
        return RunningStandIn(self.app, self.port)

    def ready_line(self, address: str) -> dict[str, str]:
        """What a person or a script needs to use it at this address."""
        return {
            "api": address,
            "token": self.token,
            "email": self.email,
            "password": self.password,
            "webhook_secret": self.webhook_secret,
            "control": f"{address}/_standin",
        }

    def issued_secrets(self) -> set[str]:
        """Every token, password and webhook secret there ever was: none of them may turn up in our own records."""
        cards = {one["token"] for one in self.state.payment_methods.values() if one["token"]}
        return self._tokens.issued() | self._hooks.issued_secrets | cards

    def send_webhooks_to(self, url: str, mode: str = "static_header", **settings: Any) -> dict[str, Any]:
        """Set the webhook target; further settings: header, secret, extra_secrets."""
        return self._hooks.point({"url": url, "mode": mode, **settings})

    def seed(self, entities: Mapping[str, Any]) -> dict[str, Any]:
        """Add entities in wire field names; the answer gives their ids."""
        return seeding.seed(self.desk, entities)

    def confirm_order(self, display_id: str, customer: str = "", lines: Sequence[Line] = (), **more: Any) -> Record:
        """Confirm an order, made first if needed; see SellersHands.confirm_order."""
        return self._hands.confirm_order(display_id, customer, lines, **more)

    def draft_order(self, display_id: str, customer: str = "", lines: Sequence[Line] = (), **more: Any) -> Record:
        """Make a draft order."""
        return self._hands.draft_order(display_id, customer, lines, **more)

    def edit_order(
        self, display_id: str, customer: str = "", lines: Sequence[Line] | None = None, **changes: Any
    ) -> Record:
        """Change an order that exists."""
        return self._hands.edit_order(display_id, customer, lines, **changes)

    def cancel_order(self, display_id: str) -> Record:
        """Cancel an order that exists."""
        return self._hands.cancel_order(display_id)

    def add_customer(self, name: str, **wire: Any) -> Record:
        """Add a customer; `created_at` for one made offline."""
        return self._hands.add_customer(name, **wire)

    def edit_customer(self, customer: str, **changes: Any) -> Record:
        """Change a customer named by name or id."""
        return self._hands.edit_customer(customer, **changes)

    def by_hand(self, verb: str, **fields: Any) -> Any:
        """Make any movement of the control address: `by_hand("delete-customer", customer="Bloom & Co")`."""
        return self._hands.do(verb, fields)

    def announce(self, event: str, entity_id: str) -> None:
        """Send a webhook of any name, though nothing happened."""
        self._hands.announce(event, entity_id)

    def orders(self) -> list[Record]:
        """Copies of all orders in v2 wire form, oldest first."""
        return [self.desk.shown(orders.order_shown(one, self.desk, 2)) for one in self.state.orders.values()]

    def customers(self) -> list[Record]:
        """Copies of all customers in the form of the detail call, oldest first."""
        return [self.desk.shown(customers.customer_detail(one, self.desk)) for one in self.state.customers.values()]

    def reset(self) -> None:
        """Return to an empty tenant without a webhook target; tokens stay valid."""
        self.state.clear()
        self._hooks.reset()
        self._gate.started.clear()

    def _routes(self) -> list[Route]:
        token = Operation(self._gate, "create token", 0, accounts.create_token, is_open=True)
        return [
            Route("/auth/token", token, methods=["POST"]),
            *(
                Route(path, Operation(self._gate, name, int(path[2]), answer), methods=[method])
                for method, path, name, answer in OPERATIONS
            ),
        ]

    def _other_routes(self) -> list[Route]:
        return [Route("/{rest:path}", Operation(self._gate, "unknown", 0, _no_such_operation))]


def _no_such_operation(desk: Desk, ask: Ask) -> Any:
    raise no_such_operation()


def _without_card_token(order: Record) -> Record:
    return {**order, "card": {**order["card"], "token": "***"}} if order["card"] else order


class _Room:
    """What the control address sees of the stand-in."""

    def __init__(self, standin: WizCommerceStandIn) -> None:
        self.standin = standin
        self.clock = standin.clock
        self.calls = standin.calls
        self.faults = standin.faults
        self.outbox = standin.outbox
        self.switches = standin.switches

    def reset(self) -> None:
        self.standin.reset()

    def seed(self, entities: dict[str, Any]) -> dict[str, Any]:
        return self.standin.seed(entities)

    def state(self) -> dict[str, Any]:
        counts = {kind: len(getattr(self.standin.state, kind)) for kind in self._lists()}
        return {
            "tenant": self.standin.state.tenant,
            "counts": counts,
            **{kind: listed() for kind, listed in self._lists().items() if counts[kind] <= MOST_SHOWN},
            "webhook_target": self.standin.desk.hooks.shown(),
        }

    def records_of(self, entity: str) -> dict[str, Any]:
        lists = self._lists()
        if entity not in lists:
            raise ControlRefused(f"There are no {entity!r} here; there are {', '.join(lists)}.")
        return {entity: lists[entity]()}

    def _lists(self) -> dict[str, Callable[[], list[Record]]]:
        records, shown = self.standin.state, self.standin.desk.shown
        return {
            "customers": self.standin.customers,
            "products": lambda: [shown(one) for one in records.products.values()],
            "inventories": lambda: [shown(one) for one in records.inventories.values()],
            "orders": lambda: [_without_card_token(one) for one in self.standin.orders()],
            "invoices": lambda: [INVOICES.shown(self.standin.desk, one) for one in records.invoices.values()],
            "shipments": lambda: [SHIPMENTS.shown(self.standin.desk, one) for one in records.shipments.values()],
            "price_lists": lambda: [shown(one) for one in records.price_lists.values()],
            "sales_reps": lambda: [shown(one) for one in records.sales_reps.values()],
            "attributes": lambda: [shown(one) for one in records.attributes.values()],
            "payment_methods": lambda: [shown({**one, "token": "***"}) for one in records.payment_methods.values()],
        }

    def hands(self, verb: str, body: dict[str, Any]) -> Any:
        return self.standin._hands.do(verb, body)

    def webhooks(self, settings: dict[str, Any]) -> dict[str, Any]:
        return self.standin.desk.hooks.point(settings)
