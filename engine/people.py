"""What people ask for: each is an event with the person's name, and what the record decides after it.

Every method answers with a sentence for the person. Raises NotPossible with a sentence when it cannot be done.
"""

from datetime import datetime

from engine.clock import Clock
from engine.domain.after_invoice import TAX, issue_followup, what_follows
from engine.domain.commands import SENTENCES as SAID
from engine.domain.commands import Command, unfinished
from engine.domain.customer import OTHER, Customer
from engine.domain.customer_policies import NAMED, issue_create, issue_term, issue_update, why_not_made
from engine.domain.events import (
    CommandAbandoned,
    CommandAccepted,
    CommandRetried,
    ConnectionOpened,
    ConsentEnded,
    Event,
    PersonalFieldsErased,
    PushAskedFor,
    PushPaused,
    PushResumed,
    PushStarted,
    PushWithheld,
    RecordLinked,
    StepUnparked,
)
from engine.domain.invoice_born import TOPICS as BORN_TOPICS
from engine.domain.invoice_born import issue_change, issue_order, order_follows
from engine.domain.order import NEVER as NEVER_ORDERED
from engine.domain.order import Order
from engine.domain.payment_policies import issue_payment
from engine.domain.payments import NEVER as NEVER_PAID
from engine.domain.payments import Payment
from engine.domain.policies import issue_invoice
from engine.domain.product import NEVER, Product, evolve_product, is_category
from engine.domain.product_around import HERE
from engine.domain.product_drafts import draft_of
from engine.domain.product_policies import issue, what_next
from engine.domain.tellings import told_in_words
from engine.domain.told import NEVER as NEVER_TOLD
from engine.domain.told import Told, issue_put
from engine.domain.values import System, connection_of, connection_stream, kind_of
from engine.log import Cause, Entry
from engine.records import Holder, Records, by_person
from engine.surroundings import Pool


class NotPossible(Exception):
    """It cannot be done now; the text says why and what to do."""


class People:
    """The commands of people."""

    def __init__(self, records: Records, pool: Pool, clock: Clock) -> None:
        self._records = records
        self._pool = pool
        self._clock = clock

    # ---- connections ---------------------------------------------------------------------------------------------------------

    def open(self, connection: str, who: str) -> None:
        """Begins a connection under a name; nothing when it was begun already."""

        def build() -> list[Entry]:
            now = self._records.connection(connection)
            if now.opened:
                return []
            return [Entry(stream=connection_stream(connection), version=now.version, events=[ConnectionOpened()])]

        self._records.append(build, by_person(who, "connect"))

    def start(self, connection: str, push_from: datetime, who: str) -> str:
        """Orders made at or after `push_from` are pushed from now on."""
        self._to_connection(connection, PushStarted(push_from=push_from), by_person(who, "start"))
        return f"Orders made since {push_from:%Y-%m-%d %H:%M} UTC are pushed; older ones are the baseline."

    def pause(self, connection: str, why: str, who: str) -> str:
        self._to_connection(connection, PushPaused(reason=why), by_person(who, "pause"))
        return "Writes wait; reads go on."

    def resume(self, connection: str, who: str) -> str:
        if not self._records.connection(connection).paused:
            return "It is not paused."
        self._to_connection(connection, PushResumed(), by_person(who, "resume"))
        return "Writes go on."

    def consent_ended(self, connection: str, who: str) -> None:
        """A person disconnected the company."""
        self._to_connection(connection, ConsentEnded(reason=f"disconnected by {who}"), by_person(who, "disconnect"))

    def _to_connection(self, connection: str, event: Event, cause: Cause) -> None:
        def build() -> list[Entry]:
            now = self._records.connection(connection)
            if not now.opened:
                raise NotPossible(f"There is no connection {connection!r}. `wizqbo connections` lists them.")
            return [Entry(stream=connection_stream(connection), version=now.version, events=[event])]

        self._records.append(build, cause)

    # ---- records -------------------------------------------------------------------------------------------------------------

    def push(self, stream: str, who: str, priority: int = 0) -> str:
        """A record is pushed because a person asked for it by name, or as one of many (`priority` 2)."""
        cause = by_person(who, "push")

        def build() -> list[Entry]:
            if kind_of(stream) in ("customer", "product", "payment", "invoice", "shipment"):
                return self._records.entries(self._records.holder(stream), [PushAskedFor()])
            order = self._records.order(stream)
            if order.born is not None:
                return self._pushed_there(order, priority)
            if order.invoice_id and not what_follows(order, self._records.order_around(order), asked=True).verb:
                raise NotPossible(f"It is invoice {order.invoice_number or order.invoice_id} already.")
            return self._records.order_entry(order, [PushAskedFor()], priority)

        with self._records.matching(connection_of(stream), "customer"):
            self._records.append(build, cause)
        return self.where(stream)

    def _pushed_there(self, order: Order, priority: int) -> list[Entry]:
        """The order of an invoice made in QuickBooks is made in WizCommerce, or changed as the invoice says."""
        around = self._records.born_around(order)
        if order.attached_to:
            raise NotPossible(
                f"It is never an order by itself: {order.withheld.sentence if order.withheld else 'attached'}."
            )
        if order.sight is not None and not order_follows(order, around, asked=True).is_due:
            raise NotPossible(f"It is order {order.sight.content.number} of WizCommerce already.")
        return self._records.order_entry(order, [PushAskedFor()], priority)

    def where(self, stream: str) -> str:
        """Where a record stands, in one sentence."""
        record = self._records.holder(stream)
        open_ = unfinished(record.commands)
        if open_ is not None and open_.status == "ready":
            return f"waiting: {self._gate_says(stream, open_.target) or open_.reason}"
        if open_ is not None:
            return f"{said(open_)}: {open_.reason}" if open_.reason else said(open_)
        if isinstance(record, Order):
            last = _last(record)
            if record.invoice_id and last is not None and last.status == "refused":
                return f"{said(last)}: {last.reason}"
            if record.born is not None:
                return _where_born(record, last)
            if record.invoice_id:
                apart = record.attention.get(TAX)
                told = f", {apart.sentence.partition(': ')[0].removeprefix('sent, ')}" if apart else ""
                return f"sent: invoice {record.invoice_number or record.invoice_id}{told}"
            if record.withheld is not None:
                state = "never send" if record.never else "needs you" if record.withheld.needs_person else "waiting"
                return f"{state}: {record.withheld.sentence}"
        last = _last(record)
        if isinstance(record, Customer):
            return self._where_customer(record, last)
        if isinstance(record, Product):
            return self._where_product(record, last)
        if isinstance(record, Payment):
            return self._where_payment(record, last)
        if isinstance(record, Told):
            return self._where_told(record, last)
        return f"{SAID[last.status]}: {last.reason}" if last else "nothing was asked of QuickBooks for it"

    def _where_product(self, product: Product, last: Command | None) -> str:
        if last is not None and last.status == "refused":
            return f"{said(last)}: {last.reason}"
        if product.never:
            return f"never send: {product.withheld.sentence if product.withheld else last.reason if last else ''}"
        if product.withheld is not None:
            return f"{'needs you' if product.withheld.needs_person else 'waiting'}: {product.withheld.sentence}"
        there = product.shown_by("wizcommerce")
        if there is not None and "wizcommerce" not in product.gone:
            return f"sent: WizCommerce product {there.sku}, {'shown' if there.active else 'inactive'}"
        around = self._records.product_around(product)
        if not around.decides:
            return f"waiting: the first sync is not accepted yet: `wizqbo first-sync {around.connection}`"
        return "nothing was asked for it"

    def _where_payment(self, payment: Payment, last: Command | None) -> str:
        if payment.taken is None:
            return "nothing: it was made in QuickBooks, and is no payment of WizCommerce"
        if payment.payment_id:
            return f"sent: QuickBooks payment {payment.payment_id}"
        if payment.withheld is not None:
            return f"{'never send' if payment.never else 'needs you'}: {payment.withheld.sentence}"
        return f"{said(last)}: {last.reason}" if last else "waiting: it was seen just now"

    def _where_told(self, record: Told, last: Command | None) -> str:
        if record.never:
            return f"never send: {record.withheld.sentence if record.withheld else last.reason if last else ''}"
        if last is not None and last.status == "refused":
            return f"{said(last)}: {last.reason}"
        if record.withheld is not None:
            return f"nothing is sent: {record.withheld.sentence}"
        if record.acknowledged is not None:
            return f"sent: WizCommerce {told_in_words(record.acknowledged)}"
        return f"{said(last)}: {last.reason}" if last else "nothing was asked of WizCommerce for it"

    def _where_customer(self, customer: Customer, last: Command | None) -> str:
        if last is not None and last.status == "refused":
            return f"{said(last)}: {last.reason}"
        if len(customer.links) == 2:
            return f"sent: QuickBooks customer {customer.links['quickbooks']}"
        if customer.decision == "waiting":
            return "needs you: who it is on the other side is for a person to say: `wizqbo match`"
        if last is not None:
            return f"{said(last)}: {last.reason}"
        around = self._records.customer_around(customer)
        content = next(iter(customer.sights.values())).content if customer.sights else None
        if not around.accepted:
            return f"waiting: the first sync is not accepted yet: `wizqbo first-sync {around.connection}`"
        home: System = "wizcommerce" if "wizcommerce" in customer.links else "quickbooks"
        why = why_not_made(customer, content, OTHER[home], around.choices) if content else ""
        return f"not sent: {why}" if why else "nothing was asked for it"

    def _gate_says(self, stream: str, target: System) -> str:
        """Why the connection's gate holds what is ready for `target`; '' when it is open."""
        gate = self._records.around.gate(connection_of(stream))
        access = "new" if gate is None else gate.quickbooks if target == "quickbooks" else gate.wizcommerce
        if gate is None or access != "open":
            return f"{NAMED[target]} must be connected again; it goes by itself then"
        return f"paused: {gate.paused}" if gate.paused else ""

    def retry(self, stream: str, who: str) -> str:
        """Another try: at once what failed, a new generation of what was refused; of what is disputed, once a look has
        shown that nothing of ours is there."""
        self._records.append(lambda: self.another_try(stream), by_person(who, "retry"))
        return self.where(stream)

    def another_try(self, stream: str, only: str = "") -> list[Entry]:
        """What another try appends; none when the command a person may put right is not `only`, if one is named."""
        record = self._records.holder(stream)
        last = unfinished(record.commands) or _last(record)
        if only and (last is None or last.command_id != only):
            return []
        return [Entry(stream=stream, version=record.version, events=self._retried(record, last))]

    def _retried(self, record: Holder, last: Command | None) -> list[Event]:
        if last is None:
            raise NotPossible(f"Nothing was asked for it yet ({self.where(record.stream)}). `wizqbo push` asks.")
        retried = CommandRetried(command_id=last.command_id)
        match last.status:
            case "ready" | "disputed":
                return [retried]
            case "abandoned" if last.may_have_run or last.remote_id:
                there = f" as {last.remote_id}" if last.remote_id else ""
                raise NotPossible(
                    f"An attempt before that may have arrived: look whether {NAMED[last.target]} has it{there}. "
                    "If it has not, `wizqbo push` sends it anew."
                )
            case "outdated" if isinstance(record, Order):
                return [retried, *self._next_generation(record)]
            case "refused" | "abandoned":
                return [retried, *self._next_generation(record)]
            case "held":
                raise NotPossible(f"It waits, and goes by itself: {last.reason}.")
            case "accepted":
                raise NotPossible("It has arrived already.")
            case _:
                due = f"{last.due_at:%H:%M:%S} UTC" if last.due_at else "soon"
                raise NotPossible(
                    f"Whether it arrived is being checked; the next look is at {due}. Nothing is sent twice."
                )

    def _next_generation(self, record: Holder) -> list[Event]:
        if isinstance(record, Customer):
            last = _last(record)
            target: System = last.target if last is not None else "quickbooks"
            if last is not None and last.verb == "CreateTerm":
                return issue_term(record, because="a person asked for another try")
            if last is not None and last.verb == "UpdateCustomer":
                return issue_update(record, target, because="a person asked for another try")
            beside = self._records.customer_around(record)
            return issue_create(record, target, beside, because="a person asked for another try")
        if isinstance(record, Product):
            return self._product_again(record)
        if isinstance(record, Payment):
            beside_it = self._records.payment_around(record)
            if beside_it is None:
                raise NotPossible("It was made in QuickBooks: there is nothing to send.")
            return issue_payment(record, beside_it, because="a person asked for another try")
        if isinstance(record, Told):
            return [issue_put(record, because="a person asked for another try")]
        if record.born is not None:
            return self._there_again(record)
        around = self._records.order_around(record)
        if not record.invoice_id:
            return issue_invoice(record, around, because="a person asked for another try")
        follow = what_follows(record, around, asked=True)
        if not follow.verb:
            raise NotPossible(f"There is nothing to be sent now: {follow.sentence or 'order and invoice agree'}.")
        return issue_followup(record, follow, because="a person asked for another try")

    def _there_again(self, order: Order) -> list[Event]:
        """The same of an order that began as an invoice in QuickBooks."""
        around, because = self._records.born_around(order), "a person asked for another try"
        if order.sight is None:
            return issue_order(order, around, because=because)
        follow = order_follows(order, around, asked=True)
        if not follow.is_due:
            raise NotPossible(f"There is nothing to be sent now: {follow.sentence or 'invoice and order agree'}.")
        return issue_change(order, follow, because=because)

    def _product_again(self, product: Product) -> list[Event]:
        """The same once more, unless it is something else by now that is to be done, or nothing."""
        last, around = _last(product), self._records.product_around(product)
        after = self._records.then(product, evolve_product, product.stream, [CommandRetried(command_id="")])
        verb, reason = what_next(after, around)
        if last is not None and draft_of(after, last.verb, around) is not None and reason is None:
            verb = last.verb
        if verb is None:
            why = f"{reason.sentence}. {reason.next_step}" if reason else "WizCommerce has it as it should be."
            raise NotPossible(f"There is nothing to be sent now: {why}".strip())
        return [issue(product, verb, around, "a person asked for another try")]

    def never_send(self, stream: str, why: str, who: str) -> str:
        """A person decided that the record is never sent."""
        cause = by_person(who, "never-send")

        def build() -> list[Entry]:
            record = self._records.holder(stream)
            open_ = unfinished(record.commands) or _last(record)
            if isinstance(record, Product) and (open_ is None or open_.status in ("accepted", "abandoned")):
                return self._left_alone(record, why, who)
            if isinstance(record, Payment) and record.withheld is not None and not record.never:
                never = PushWithheld(reason=NEVER_PAID, sentence=f"{who} decided that it is never sent: {why}")
                return [Entry(stream=stream, version=record.version, events=[never])]
            if isinstance(record, Order) and _is_ordered_nowhere(record) and _at_rest(open_):
                return [Entry(stream=stream, version=record.version, events=[_never_ordered(record, why, who)])]
            if isinstance(record, Told) and not record.never and _at_rest(open_):
                never = PushWithheld(reason=NEVER_TOLD, sentence=f"{who} decided that it is never sent: {why}")
                return [Entry(stream=stream, version=record.version, events=[never])]
            if open_ is None:
                raise NotPossible(f"Nothing is on its way for it ({self.where(stream)}).")
            if open_.status in ("running", "unknown"):
                raise NotPossible("Whether it arrived is being checked; decide when that is known.")
            if open_.status in ("accepted", "abandoned"):
                raise NotPossible(f"It is settled: {SAID[open_.status]}.")
            event = CommandAbandoned(command_id=open_.command_id, why=why)
            return [Entry(stream=stream, version=record.version, events=[event])]

        self._records.append(build, cause)
        record = self._records.holder(stream)
        if isinstance(record, Product) and HERE in record.links and HERE not in record.gone:
            return f"never send: {why}. What WizCommerce has of it stays, and neither its price nor its stock is kept any more."
        return f"never send: {why}"

    def _left_alone(self, product: Product, why: str, who: str) -> list[Entry]:
        """Nothing of a product is under way: nothing more of it is sent, and what WizCommerce has of it stays as it is."""
        if product.never:
            raise NotPossible(f"It is settled: {self.where(product.stream)}.")
        if product.item is not None and is_category(product.item):
            raise NotPossible("It is a category of QuickBooks, and no product: nothing of it is ever sent.")
        never = PushWithheld(reason=NEVER, sentence=f"{who} decided that it is never sent: {why}")
        return [Entry(stream=product.stream, version=product.version, events=[never])]

    def accept(self, stream: str, who: str) -> str:
        """A person takes what QuickBooks has, though it differs from what we sent, as this record."""
        cause = by_person(who, "accept")

        def build() -> list[Entry]:
            record = self._records.holder(stream)
            open_ = unfinished(record.commands)
            if open_ is None or open_.status != "disputed":
                raise NotPossible("Nothing there differs from what we sent.")
            kind = "payment" if isinstance(record, Payment) else "invoice" if isinstance(record, Order) else "customer"
            taken = CommandAccepted(
                command_id=open_.command_id,
                attempt=open_.attempts,
                target=open_.target,
                remote_id=open_.remote_id,
                revision="",
                number="",
                how=f"taken as it is by {who}",
            )
            events: list[Event] = [taken]
            if isinstance(record, Product | Told) or open_.verb == "UpdateCustomer":
                return self._records.entries(record, [taken])
            if isinstance(record, Customer):
                how = f"taken as it is by {who}"
                linked = RecordLinked(system=open_.target, kind=kind, remote_id=open_.remote_id, how=how)
                return self._records.customer_entries(record, [taken, linked])
            if open_.target == "wizcommerce":
                kind = "order"
            claim = self._records.claim(open_.target, kind, open_.remote_id, stream)
            return [*self._records.entries(record, events), *claim]

        with self._records.matching(connection_of(stream), "customer"):
            self._records.append(build, cause)
        return self.where(stream)

    def say_erased(self, stream: str, who: str) -> None:
        """Records that a person has the personal fields of a stream erased, before its key is destroyed."""

        def build() -> list[Entry]:
            held = kind_of(stream) in ("order", "customer", "product", "payment", "invoice", "shipment")
            record = self._records.holder(stream) if held else None
            commands = record.commands.values() if record is not None else ()
            if any(one.status in ("running", "unknown") for one in commands):
                raise NotPossible("Whether its last attempt arrived is being checked; erase it when that is known.")
            version = len(self._records.log.read(stream))
            return [Entry(stream=stream, version=version, events=[PersonalFieldsErased()])]

        self._records.append(build, by_person(who, "erase"))

    # ---- parked streams --------------------------------------------------------------------------------------------------------

    def unpark(self, stream: str, who: str) -> str:
        """Lets a parked stream go on."""
        with self._pool.connection() as c:
            rows = c.execute("SELECT step FROM parked WHERE stream = %s", (stream,)).fetchall()
        if not rows:
            raise NotPossible("That stream is not parked.")
        home = connection_stream(connection_of(stream) or stream.removeprefix("connection-"))

        def build() -> list[Entry]:
            version = len(self._records.log.read(home))
            return [Entry(stream=home, version=version, events=[StepUnparked(step=r[0], stream=stream) for r in rows])]

        self._records.append(build, by_person(who, "unpark"))
        with self._pool.connection() as c, c.transaction():
            c.execute("UPDATE parked SET released_by = %s WHERE stream = %s AND step = 'react'", (who, stream))
            c.execute("DELETE FROM parked WHERE stream = %s AND step <> 'react'", (stream,))
        return "It goes on."


def _last(record: Holder) -> Command | None:
    """The newest command, before any other one that stands refused, as that is what a person may put right: none of its kind
    came after it, and no customer that it was to make is linked there by now."""
    if isinstance(record, Order | Payment | Told):
        return max(record.commands.values(), key=lambda c: (c.issued_at, c.generation), default=None)
    last = {(c.verb, c.target): c for c in sorted(record.commands.values(), key=lambda c: c.generation)}
    linked = {("CreateCustomer", target) for target in record.links}
    standing = [c for which, c in last.items() if c.status != "refused" or which not in linked]
    return max(standing, key=lambda c: (c.status == "refused", c.issued_at, c.generation), default=None)


def _where_born(order: Order, last: Command | None) -> str:
    """Where an order stands that began as an invoice in QuickBooks."""
    if order.sight is not None:
        told = next((f", {one.sentence}" for topic, one in order.attention.items() if topic in BORN_TOPICS), "")
        return f"sent: WizCommerce order {order.sight.content.number}{told}"
    if order.never or order.attached_to:
        return f"never send: {order.withheld.sentence if order.withheld else last.reason if last else ''}"
    if order.withheld is not None:
        return f"{'needs you' if order.withheld.needs_person else 'waiting'}: {order.withheld.sentence}"
    if last is not None:
        return f"{said(last)}: {last.reason}"
    return "nothing is sent: it was made in QuickBooks, and invoices do not become orders on this connection"


def _is_ordered_nowhere(order: Order) -> bool:
    """Whether QuickBooks' invoice is no order in WizCommerce, or the order says itself that it was made of an invoice."""
    if order.born is not None:
        return order.sight is None and order.born.put is None
    return order.withheld is not None and order.withheld.reason == "from-quickbooks"


def _never_ordered(order: Order, why: str, who: str) -> PushWithheld:
    """A person decides that it is never sent, while nothing of it is on its way."""
    if order.never:
        raise NotPossible("It is settled: it is never sent.")
    return PushWithheld(reason=NEVER_ORDERED, sentence=f"{who} decided that it is never sent: {why}")


def _at_rest(command: Command | None) -> bool:
    """Whether nothing is on its way, and nothing stands refused."""
    return command is None or command.status in ("accepted", "abandoned")


def said(command: Command) -> str:
    """The state of a command as people read it, with the system it went to."""
    return SAID[command.status].replace("QuickBooks", NAMED[command.target])
