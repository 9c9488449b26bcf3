"""One attempt at a command: recorded before it is sent, sent, and its outcome recorded, whatever it is."""

from datetime import timedelta

from engine.domain.after_invoice import FOLLOWING, draft_after_invoice
from engine.domain.commands import Command
from engine.domain.customer import Customer
from engine.domain.customer_drafts import draft_for
from engine.domain.customer_policies import NAMED
from engine.domain.drafts import Draft
from engine.domain.events import AttemptStarted, CommandAbandoned, CommandHeld, Event
from engine.domain.invoice_born import PUTS, draft_of_order
from engine.domain.invoice_from_order import invoice_from_order
from engine.domain.payment_policies import missing_for_payment, why_not_paid
from engine.domain.payments import Payment, payment_from_rise
from engine.domain.product import Product
from engine.domain.product_policies import draft_for_product
from engine.domain.tellings import why_not_told
from engine.domain.told import Told
from engine.domain.values import Personal, connection_of
from engine.domain.withholding import missing_for, why_not
from engine.log import Entry
from engine.looking import Looking
from engine.outcomes import Outcomes
from engine.ports import GatewayError, Refused
from engine.records import Holder
from engine.worker import Worker, new_generation, refused


class Attempts:
    """Sends what is ready, and looks for what is unknown."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._looking = Looking(worker)
        self._outcomes = Outcomes(worker, self._looking)
        self.look = self._looking.look

    def send(self, record: Holder, command: Command) -> timedelta:
        """One attempt at a ready command, unless something is missing after all; answers how long it is to wait."""
        if isinstance(record, Customer) and command.verb == "CreateCustomer" and not command.may_have_run:
            wait = self._worker.last_look.wait(connection_of(record.stream), command)
            if wait or self._decided_anew(record, command):
                return wait
        self._send(record, command)
        return timedelta(0)

    def _send(self, record: Holder, command: Command) -> None:
        draft_or_events = self._draft(record, command)
        if isinstance(draft_or_events, list):
            self._worker.append_at(record, draft_or_events, command)
            return
        draft = draft_or_events
        try:
            body = self._body(command, draft)
        except Refused as refusal:
            self._worker.append_at(record, [refused(command, command.attempts, refusal)], command)
            return
        if command.first is not None and not command.may_have_run:
            changed = body != str(command.first.body)
            if changed or command.burned:
                self._begin_anew(record, command, changed)
                return
        # Counted from before the append: a worker that stands still once its attempt is recorded finds its time passed.
        begun = self._worker.clock.boottime()
        started = self._start(record, command, draft, body)
        if started is not None:
            self._carry_out(record.stream, command, started, begun)

    def _decided_anew(self, customer: Customer, command: Command) -> bool:
        """Whether a customer that is to be made now decides something else by now, since its match has come meanwhile."""
        records = self._worker.records

        def decided() -> list[Entry]:
            return records.customer_entries(records.customer(customer.stream), [])

        with records.matching(connection_of(customer.stream), "customer"):
            return bool(records.append(decided, self._worker.cause(command.command_id)))

    def _draft(self, record: Holder, command: Command) -> Draft | list[Event]:
        """What to send now, or the events that follow because it cannot be sent."""
        if command.may_have_run and command.first is not None:
            return command.first.draft
        if isinstance(record, Product):
            return draft_for_product(record, command, self._worker.records.product_around(record))
        if isinstance(record, Customer):
            return draft_for(record, command, self._worker.records.customer_around(record))
        if isinstance(record, Payment):
            return self._payment(record, command)
        if isinstance(record, Told):
            return self._told(record, command)
        if command.verb in PUTS:
            return draft_of_order(record, command, self._worker.records.born_around(record))
        around = self._worker.records.order_around(record)
        if command.verb in FOLLOWING:
            return draft_after_invoice(record, command, around)
        if record.content is None:
            return [CommandAbandoned(command_id=command.command_id, why="WizCommerce no longer shows the order")]
        withheld = why_not(record, record.content, around)
        if withheld is not None:
            why = f"before anything was sent: {withheld.sentence}"
            return [CommandAbandoned(command_id=command.command_id, why=why), withheld]
        missing = missing_for(record, around)
        if missing:
            return [CommandHeld(command_id=command.command_id, missing=missing)]
        return invoice_from_order(
            record.content,
            around.customer.quickbooks_id,
            {key: ids[0] for key, ids in around.items.items()},
            around.facts,
            command.command_id,
            around.choices,
            around.lists,
            record.override,
            record.confirmed_at,
            around.bundles,
        )

    def _payment(self, payment: Payment, command: Command) -> Draft | list[Event]:
        around = self._worker.records.payment_around(payment)
        if payment.taken is None or around is None:
            return [CommandAbandoned(command_id=command.command_id, why="nobody took that payment")]
        withheld = why_not_paid(payment, payment.taken, around)
        if withheld is not None:
            why = f"before anything was sent: {withheld.sentence}"
            return [CommandAbandoned(command_id=command.command_id, why=why), withheld]
        missing = missing_for_payment(payment, around)
        if missing:
            return [CommandHeld(command_id=command.command_id, missing=missing)]
        return payment_from_rise(payment.taken, around.order, around.facts, around.choices, command.command_id)

    def _told(self, record: Told, command: Command) -> Draft | list[Event]:
        _, choices = self._worker.records.around.goods.facts(connection_of(record.stream))
        withheld = why_not_told(record, choices)
        if withheld is not None:
            why = f"before anything was sent: {withheld.sentence}"
            return [CommandAbandoned(command_id=command.command_id, why=why), withheld]
        if record.wanted is None:
            return [CommandAbandoned(command_id=command.command_id, why="there is no invoice to tell of")]
        return record.wanted.draft

    def _body(self, command: Command, draft: Draft) -> str:
        if command.first is not None and command.may_have_run:
            return str(command.first.body)
        return self._worker.gateway(command.target).request_body(draft)

    def _begin_anew(self, record: Holder, command: Command, changed: bool) -> None:
        """Nothing was ever carried out, and the record changed or the id was answered with a no: another generation."""
        said_no = f"{NAMED[command.target]} said no to this request id"
        why = "it changed before anything was carried out" if changed else said_no
        because = "with the content as it is now" if changed else "what stood in the way is gone"
        self._worker.append_at(record, new_generation(record, command, why, because=because), command)

    def _start(self, record: Holder, command: Command, draft: Draft, body: str) -> AttemptStarted | None:
        now = self._worker.clock.now()
        started = AttemptStarted(
            command_id=command.command_id,
            attempt=command.attempts + 1,
            draft=draft,
            body=Personal(body),
            worker=self._worker.name,
            send_by=now + timedelta(seconds=self._worker.limits.send_within_seconds),
            answer_by=now + timedelta(seconds=self._worker.limits.answer_within_seconds),
        )
        return started if self._worker.append_at(record, [started], command) else None

    def _carry_out(self, stream: str, command: Command, started: AttemptStarted, begun: float) -> None:
        fetched_after = self._worker.records.log.position()
        connection = connection_of(stream)
        try:
            answer = self._worker.gateway(command.target).send(
                connection,
                started.draft,
                str(started.body),
                command.command_id,
                send_by=begun + self._worker.limits.send_within_seconds,
                answer_by=begun + self._worker.limits.answer_within_seconds,
            )
        except GatewayError as error:
            self._outcomes.not_accepted(stream, command.command_id, command.target, started, error)
            return
        self._outcomes.answered(stream, command.command_id, started, answer, fetched_after)
