"""What comes next for a record, in one or two sentences: what happens by itself, or what a person does."""

from adapters.cli.finding import ident_of
from adapters.cli.naming import typed_for
from adapters.cli.printing import both_times, zone_of
from adapters.cli.questions import home_of, question
from adapters.cli.session import Session
from engine.domain.commands import Command, latest, unfinished
from engine.domain.customer import OTHER, Customer
from engine.domain.customer_policies import NAMED, why_not_made
from engine.domain.invoice_records import invoice_record_stream
from engine.domain.order import Order
from engine.domain.payments import Payment, reference_of
from engine.domain.product import Product, is_category, shown_sku
from engine.domain.shipments import shipment_stream
from engine.domain.told import PUTS, Told
from engine.domain.values import System, connection_of, kind_of
from engine.surroundings import Gate

WITHHELD = {
    "draft": "it goes by itself when it is confirmed in WizCommerce.",
    "status": "it goes by itself when it is confirmed in WizCommerce.",
    "cancelled": "nothing; a cancelled order is not sent.",
    "gone": "nothing; the order is gone.",
}

CALLED = {"invoice": "record", "shipment": "shipment"}
"""What WizCommerce is told of an invoice, by the first word of the stream's name."""
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
            return _of_customer(session, session.engine.records.customer(stream), gate)
        case "product":
            return _of_product(session, session.engine.records.product(stream), gate)
        case "payment":
            return _of_payment(session.engine.records.payment(stream), gate)
        case "invoice" | "shipment":
            return _of_told(session.engine.records.told(stream), gate)
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
            return f"{question(customer)} The order then goes by itself."
        last = latest(customer.commands, "CreateCustomer", "quickbooks")
        if last is not None and last.status == "refused":
            return f"{_of_customer(session, customer, None)} The order then goes by itself."
    return ""


def _of_order(session: Session, order: Order, gate: Gate | None) -> str:
    name = f"order {order.content.number}" if order.content else f"order {order.invoice_number}"
    if asked := question_in_the_way(session, order):
        return asked
    steps = [
        typed_for(raised.next_step, *name.split(" ", 1)) for raised in order.attention.values() if raised.next_step
    ]
    if steps:
        return " ".join(steps)
    open_ = unfinished(order.commands)
    if open_ is not None:
        return _of_command(open_, name, gate)
    last = max(order.commands.values(), key=lambda c: (c.issued_at, c.generation), default=None)
    if order.invoice_id and last is not None and last.status == "refused":
        return _of_command(last, name, gate)
    if order.invoice_id and (payments := _of_payments(session, order, gate)):
        return payments
    if order.invoice_id and (told := _of_what_was_told(session, order, gate)):
        return told
    if order.born is not None and order.sight is None:
        return _of_no_order(order, last, name, gate)
    if order.invoice is not None and order.invoice.content.voided:
        return f"nothing; invoice {order.invoice_number or order.invoice_id} was voided."
    if order.invoice_id:
        return f"nothing; invoice {order.invoice_number or order.invoice_id} stands in QuickBooks."
    if order.never:
        return f"nothing; a person decided so. `wizqbo push {name}` if it should go after all."
    if order.withheld is not None:
        return order.withheld.next_step or WITHHELD.get(order.withheld.reason, "it goes by itself when that changes.")
    return _of_command(last, name, gate) if last else "nothing waits for anybody here."


def _of_no_order(order: Order, last: Command | None, name: str, gate: Gate | None) -> str:
    """What comes next for an invoice made in QuickBooks that WizCommerce has no order of."""
    if order.never:
        return f"nothing; a person decided so. `wizqbo push {name}` if it should become an order after all."
    if order.withheld is not None:
        return order.withheld.next_step or "it goes by itself when that changes."
    return _of_command(last, name, gate) if last else "nothing; invoices made in QuickBooks do not become orders here."


def _of_product(session: Session, product: Product, gate: Gate | None) -> str:
    if product.item is not None and is_category(product.item):
        return "nothing; a category is no product."
    if gate is not None and gate.choices.of("products") == "off":
        return f"nothing; products are off here. `wizqbo --as NAME set {gate.connection} products pull` pulls them."
    ident = ident_of(session, product.stream, shown_sku(product))
    name = f"product {ident}"
    steps = [typed_for(raised.next_step, "product", ident) for raised in product.attention.values() if raised.next_step]
    if steps:
        return " ".join(steps)
    last = max(product.commands.values(), key=lambda c: (c.unfinished, c.issued_at), default=None)
    if last is not None and (last.unfinished or last.status == "refused"):
        return _of_command(last, name, gate)
    if product.never:
        return f"nothing; a person decided so. `wizqbo push {name}` if it should go after all."
    if product.withheld is not None:
        step = typed_for(product.withheld.next_step, "product", ident)
        return step or "nothing; it goes by itself when that changes."
    if gate is not None and not gate.accepted:
        return f"nothing is written before the first sync is accepted: `wizqbo first-sync {gate.connection}`."
    return "nothing; what changes in QuickBooks goes by itself."


def _of_payments(session: Session, order: Order, gate: Gate | None) -> str:
    """What comes next for the order's payments that have not arrived; '' when all have, or are never sent."""
    payments = [session.engine.records.payment(one.payment) for one in order.paid.taken]
    open_ = [one for one in payments if one.taken and (one.attention or not one.settled)]
    return " ".join(f"Payment {reference_of(one.taken)}: {_of_payment(one, gate)}" for one in open_ if one.taken)


def _of_payment(payment: Payment, gate: Gate | None) -> str:
    if payment.taken is None:
        return "nothing; it was made in QuickBooks."
    reference = reference_of(payment.taken)
    steps = [typed_for(raised.next_step, "payment", reference) for raised in payment.attention.values()]
    if steps:
        return " ".join(steps)
    if payment.payment_id:
        return f"nothing; QuickBooks has it as payment {payment.payment_id}."
    if payment.never:
        return f"nothing; a person decided so. `wizqbo push payment {reference}` if it should go after all."
    if payment.withheld is not None:
        return typed_for(payment.withheld.next_step, "payment", reference)
    last = unfinished(payment.commands) or latest(payment.commands, "CreatePayment")
    return _of_command(last, f"payment {reference}", gate) if last else "it is decided about at once, by itself."


def _of_what_was_told(session: Session, order: Order, gate: Gate | None) -> str:
    """What comes next for WizCommerce's record of the order's invoice, and its shipment; '' when nothing does."""
    said = []
    for record in (session.engine.records.told(of(order)) for of in (invoice_record_stream, shipment_stream)):
        last = _last_put(record)
        waits = last is not None and (last.unfinished or last.status == "refused") and not record.never
        called = CALLED[kind_of(record.stream)]
        said += [f"WizCommerce's {called} of it: {_of_told(record, gate)}"] if waits or record.attention else []
    return " ".join(said)


def _last_put(record: Told) -> Command | None:
    return unfinished(record.commands) or latest(record.commands, PUTS[kind_of(record.stream)])


def _of_told(record: Told, gate: Gate | None) -> str:
    if record.wanted is None:
        return "nothing waits for anybody here."
    number, kind = record.wanted.draft.number, kind_of(record.stream)
    steps = [typed_for(raised.next_step, kind, number) for raised in record.attention.values()]
    if steps:
        return " ".join(steps)
    if record.never:
        return f"nothing; a person decided so. `wizqbo push {kind} {number}` if it should go after all."
    last = _last_put(record)
    if last is not None and (last.unfinished or last.status == "refused"):
        return _of_command(last, f"{kind} {number}", gate)
    if record.withheld is not None:
        return f"nothing is sent: {record.withheld.sentence}"
    return "nothing; what QuickBooks shows of the invoice goes by itself."


def _of_customer(session: Session, customer: Customer, gate: Gate | None) -> str:
    ident = customer.stream.partition(":")[2]
    name = f"customer {ident}"
    if customer.decision == "waiting":
        return question(customer)
    steps = [typed_for(raised.next_step, "customer", ident) for raised in customer.attention.values()]
    busy = [c for c in customer.commands.values() if c.unfinished]
    refused = [c for target in NAMED if (c := _refused(customer, target)) is not None]
    steps += [_of_command(command, name, gate) for command in [*refused, *busy]]
    if steps:
        return " ".join(dict.fromkeys(step for step in steps if step))
    if gate is not None and not gate.accepted:
        return f"nothing is written before the first sync is accepted: `wizqbo first-sync {gate.connection}`."
    ids = [f"{NAMED[target]} customer {customer.links[target]}" for target in NAMED if target in customer.links]
    if len(ids) == len(NAMED):
        return f"nothing; it is {' and '.join(ids)}."
    last = max(customer.commands.values(), key=lambda c: c.issued_at, default=None)
    if last is not None:
        return _of_command(last, name, gate)
    return f"nothing; it is {' and '.join(ids) or 'nowhere'} only: {why_on_one_side(session, customer)}."


def why_on_one_side(session: Session, customer: Customer) -> str:
    """Why a customer that one side has is not made on the other."""
    around = session.engine.records.customer_around(customer)
    home = home_of(customer)
    content = customer.shown_by(home)
    if home in customer.gone:
        return f"{NAMED[home]} no longer has it"
    why = why_not_made(customer, content, OTHER[home], around.choices) if content is not None else "it was not seen"
    return why or "it is looked at when it changes"


def _refused(customer: Customer, target: System) -> Command | None:
    """What that side said no to last, and nothing has followed since."""
    there = [c for c in customer.commands.values() if c.target == target]
    last = max(there, key=lambda c: c.issued_at, default=None)
    return last if last is not None and last.status == "refused" else None


def _of_command(command: Command, name: str, gate: Gate | None) -> str:
    at = both_times(command.due_at, zone_of(gate.facts.time_zone if gate else "")) if command.due_at else "soon"
    there = NAMED[command.target]
    match command.status:
        case "held":
            return f"it goes by itself as soon as this has changed: {command.reason.rstrip('.')}."
        case "ready":
            return _gate_in_the_way(gate, command.target) or f"it is sent at {at}, by itself."
        case "running":
            return f"an answer is awaited until {at}; after that we look whether it arrived."
        case "unknown":
            return (
                _access(gate, command.target)
                or f"we look in {there} at {at} whether it arrived; nothing is sent before that."
            )
        case "refused":
            step = typed_for(command.next_step or f"put it right in {there}.", *name.split(" ", 1))
            return (
                step if "wizqbo retry" in step or "edit-and-retry" in step else f"{step} Then: `wizqbo retry {name}`."
            )
        case "disputed":
            return typed_for(command.next_step, *name.split(" ", 1))
        case "abandoned":
            return f"nothing; `wizqbo push {name}` if it should go after all."
        case _:
            return "nothing."


def _gate_in_the_way(gate: Gate | None, target: System) -> str:
    if gate is not None and gate.paused:
        return f"writes are paused; `wizqbo resume {gate.connection}` lets them go on."
    return _access(gate, target)


def _access(gate: Gate | None, target: System) -> str:
    """What a person does when the side a command goes to does not let us in; '' when it does."""
    if gate is None or (gate.quickbooks if target == "quickbooks" else gate.wizcommerce) == "open":
        return ""
    new_token = "" if target == "quickbooks" else " --new-token"
    return f"connect {NAMED[target]} again (`wizqbo connect {gate.connection}{new_token}`); it then goes by itself."


def _of_connection(gate: Gate | None) -> str:
    if gate is None:
        return "nothing."
    if gate.wizcommerce != "open" or gate.quickbooks != "open":
        return f"`wizqbo connect {gate.connection}` makes a link for the company's administrator."
    if gate.paused:
        return f"`wizqbo resume {gate.connection}` lets writes go on."
    if not gate.accepted:
        return f"see what the first sync will do, and accept it: `wizqbo first-sync {gate.connection}`."
    if gate.push_from is None:
        return f"say from when orders go: `wizqbo start {gate.connection} --from DATE`."
    return "nothing; it works by itself."
