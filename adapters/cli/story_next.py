"""What comes next for a record, in one or two sentences: what happens by itself, or what a person does."""

from adapters.cli.naming import typed_for
from adapters.cli.printing import both_times, zone_of
from adapters.cli.session import Session
from engine.domain.commands import Command, latest, unfinished
from engine.domain.customer import Customer
from engine.domain.order import Order
from engine.domain.values import connection_of, kind_of
from engine.surroundings import Gate

WITHHELD = {
    "draft": "it goes by itself when it is confirmed in WizCommerce.",
    "status": "it goes by itself when it is confirmed in WizCommerce.",
    "cancelled": "nothing; a cancelled order is not sent.",
    "gone": "nothing; the order is gone.",
}

CUSTOMER_KEY = "customer-linked:"
"""What an order that is held for its customer waits for begins so, before the customer's stream."""


def next_step(session: Session, stream: str) -> str:
    """The next step of the record of `stream`."""
    connection = connection_of(stream) or stream.removeprefix("connection-")
    gate = session.engine.around.gate(connection)
    match kind_of(stream):
        case "order":
            return _of_order(session, session.engine.records.order(stream), gate)
        case "customer":
            return _of_customer(session.engine.records.customer(stream), gate)
        case "connection":
            return _of_connection(gate)
        case _:
            return "nothing waits for anybody here."


def question_in_the_way(session: Session, order: Order) -> str:
    """What a person must do about the order's customer before the order goes; '' when it needs nobody."""
    open_ = unfinished(order.commands)
    waits_for = [missing.key for missing in open_.missing] if open_ is not None and open_.status == "held" else []
    for key in waits_for:
        if not key.startswith(CUSTOMER_KEY):
            continue
        customer = session.engine.records.customer(key.removeprefix(CUSTOMER_KEY))
        if customer.decision == "waiting":
            return f"{_question(customer)} The order then goes by itself."
        last = latest(customer.commands, "CreateCustomer")
        if last is not None and last.status == "refused":
            return f"{_of_customer(customer, None)} The order then goes by itself."
    return ""


def _question(customer: Customer) -> str:
    ids = " or ".join(c.remote_id for c in customer.proposed)
    ident = customer.stream.partition(":")[2]
    return f"say which it is: `wizqbo match choose {ident} {ids}`, or `wizqbo match reject {ident}` to create it."


def _of_order(session: Session, order: Order, gate: Gate | None) -> str:
    name = f"order {order.content.number}" if order.content else f"order {order.invoice_number}"
    if asked := question_in_the_way(session, order):
        return asked
    steps = [raised.next_step for raised in order.attention.values() if raised.next_step]
    if steps:
        return " ".join(steps)
    open_ = unfinished(order.commands)
    if open_ is not None:
        return _of_command(open_, name, gate)
    if order.invoice_id:
        return f"nothing; invoice {order.invoice_number or order.invoice_id} stands in QuickBooks."
    if order.never:
        return f"nothing; a person decided so. `wizqbo push {name}` if it should go after all."
    if order.withheld is not None:
        return order.withheld.next_step or WITHHELD.get(order.withheld.reason, "it goes by itself when that changes.")
    last = latest(order.commands, "CreateInvoice")
    return _of_command(last, name, gate) if last else "nothing waits for anybody here."


def _of_customer(customer: Customer, gate: Gate | None) -> str:
    name = f"customer {customer.stream.partition(':')[2]}"
    if customer.decision == "waiting":
        return _question(customer)
    open_ = unfinished(customer.commands)
    if open_ is not None:
        return _of_command(open_, name, gate)
    if "quickbooks" in customer.links:
        return f"nothing; it is QuickBooks customer {customer.links['quickbooks']}."
    last = latest(customer.commands, "CreateCustomer")
    return _of_command(last, name, gate) if last else "nothing until an order needs it in QuickBooks."


def _of_command(command: Command, name: str, gate: Gate | None) -> str:
    at = both_times(command.due_at, zone_of(gate.facts.time_zone if gate else "")) if command.due_at else "soon"
    match command.status:
        case "held":
            return f"it goes by itself as soon as this has changed: {command.reason.rstrip('.')}."
        case "ready":
            return _gate_in_the_way(gate) or f"it is sent at {at}, by itself."
        case "running":
            return f"an answer is awaited until {at}; after that we look whether it arrived."
        case "unknown":
            return _consent(gate) or f"we look in QuickBooks at {at} whether it arrived; nothing is sent before that."
        case "refused":
            step = typed_for(command.next_step or "put it right in QuickBooks.", *name.split(" ", 1))
            return step if "wizqbo retry" in step else f"{step} Then: `wizqbo retry {name}`."
        case "disputed":
            return typed_for(command.next_step, *name.split(" ", 1))
        case "abandoned":
            return f"nothing; `wizqbo push {name}` if it should go after all."
        case _:
            return "nothing."


def _gate_in_the_way(gate: Gate | None) -> str:
    if gate is not None and gate.paused:
        return f"writes are paused; `wizqbo resume {gate.connection}` lets them go on."
    return _consent(gate)


def _consent(gate: Gate | None) -> str:
    if gate is not None and gate.quickbooks != "open":
        return f"connect QuickBooks again (`wizqbo connect {gate.connection}`); it then goes by itself."
    return ""


def _of_connection(gate: Gate | None) -> str:
    if gate is None:
        return "nothing."
    if gate.wizcommerce != "open" or gate.quickbooks != "open":
        return f"`wizqbo connect {gate.connection}` makes a link for the company's administrator."
    if gate.paused:
        return f"`wizqbo resume {gate.connection}` lets writes go on."
    if gate.push_from is None:
        return f"say from when orders go: `wizqbo start {gate.connection} --from DATE`."
    return "nothing; it works by itself."
