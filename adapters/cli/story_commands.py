"""The life of a command in words: what was decided, what was tried, where it was sent, and what came of it."""

from collections.abc import Callable
from datetime import datetime

from adapters.cli.story_contents import at_a_glance
from engine.domain import events as e
from engine.domain.customer_policies import NAMED
from engine.domain.drafts import InvoiceDraft
from engine.domain.fields import Lists
from engine.domain.invoice_from_order import NamesItem
from engine.domain.values import System

DECIDED = {
    "CreateInvoice": "to create an invoice in {}",
    "UpdateInvoice": "to change the invoice in {}",
    "VoidInvoice": "to void the invoice in {}",
    "CreatePayment": "to create a payment in {}",
    "CreateCustomer": "to create the customer in {}",
    "UpdateCustomer": "to update the customer in {}",
    "CreateTerm": "to create the payment term in {}",
    "PutProduct": "to put the product into {}",
    "SetStock": "to tell {} the stock",
    "PutInvoice": "to tell {} of the invoice",
    "CreateOrder": "to make it an order in {}",
    "UpdateOrder": "to change the order in {}",
    "PutShipment": "to tell {} of the shipment",
    "DeactivateProduct": "to make the product inactive in {}",
}
"""What a verb means, with the place of the system's name."""

ONCE = ("CreateInvoice", "CreatePayment", "CreateCustomer", "CreateOrder")
"""What is done once for a record: a second one is another try. Each change is an update of its own, each term another."""


def is_person(who: str) -> bool:
    """Whether a person did it, not the engine."""
    return who not in ("system", "schedule", "")


def actor(recorded: e.Recorded) -> str:
    """Who did it, as the subject of a sentence."""
    return recorded.who if is_person(recorded.who) else "wizqbo"


class CommandWords:
    """Words for the command events of one story, in order: it remembers which command is which."""

    def __init__(self, time: Callable[[datetime], str], lists: Lists, item: NamesItem) -> None:
        self._time = time
        self._lists = lists
        self._item = item
        self._issued: dict[str, e.CommandIssued] = {}

    def sentence(self, recorded: e.Recorded) -> str:
        """The event in words; '' when it is none of a command."""
        event = recorded.event
        if not isinstance(event, e.CommandEvent):
            return ""
        there = NAMED[self._target(event)]
        return self._decision(recorded) or self._attempt(event, there) or self._outcome(event, there)

    def _target(self, event: e.CommandEvent) -> System:
        """Where the command goes: as it was issued, else as its draft says."""
        issued = event if isinstance(event, e.CommandIssued) else self._issued.get(event.command_id)
        if issued is not None:
            return issued.target
        draft = event.draft if isinstance(event, e.AttemptStarted) else None
        return "quickbooks" if draft is None or isinstance(draft, InvoiceDraft) else draft.target

    def _verb(self, event: e.CommandEvent) -> e.Verb:
        issued = self._issued.get(event.command_id)
        return issued.verb if issued is not None else "CreateInvoice"

    def _decision(self, recorded: e.Recorded) -> str:
        match recorded.event:
            case e.CommandIssued() as event:
                self._issued[event.command_id] = event
                anew = event.generation > 1 and event.verb in ONCE
                again = f" (anew, the {_ordinal(event.generation)} time)" if anew else ""
                made = DECIDED[event.verb].format(NAMED[event.target])
                return f"{actor(recorded)} decided {made}{again}, because {event.because}"
            case e.CommandHeld(missing=missing):
                return f"it waits: {'; '.join(m.sentence for m in missing)}"
            case e.CommandReleased(because=because):
                return f"it goes on: {because}"
            case e.CommandAbandoned(why=why) as ended:
                never = e.decided_against(ended, recorded.who)
                return (
                    f"{recorded.who} decided never to send it: {why}"
                    if never
                    else f"wizqbo decided to drop that request: {why}"
                )
            case e.CommandRetried():
                return f"{actor(recorded)} asked for another try"
            case _:
                return ""

    def _attempt(self, event: e.CommandEvent, there: str) -> str:
        match event:
            case e.AttemptStarted():
                return (
                    f"attempt {event.attempt}: sending to {there}: {at_a_glance(event.draft, self._lists, self._item)}"
                )
            case e.CommandAccepted():
                return self._accepted(event, there)
            case e.CommandRefused():
                code = f" (code {event.code})" if event.code else ""
                step = f" Next step: {event.next_step}" if event.next_step else ""
                said = f"attempt {event.attempt}: {there} said no{code}: {event.sentence}{step}"
                return said + _trace(event.trace_id)
            case e.AttemptFailed():
                ran = "it may have been carried out" if event.may_have_run else "nothing was carried out"
                said = f"attempt {event.attempt} did not go through: {event.sentence} ({ran}; again at "
                return f"{said}{self._time(event.again_at)}){_trace(event.trace_id)}"
            case _:
                return ""

    def _accepted(self, event: e.CommandAccepted, there: str) -> str:
        found = "" if event.how == "answered" else f" ({event.how})"
        total = f", total {event.total}" if event.total else ""
        match self._verb(event):
            case "UpdateCustomer":
                told = f"{there} has the change of customer {event.remote_id}"
            case "CreateTerm":
                told = f"{there} has the payment term (its id {event.remote_id})"
            case "CreatePayment":
                told = f"{there} has payment {event.number} (its id {event.remote_id}){total}"
            case "CreateCustomer":
                told = f"{there} has the customer (its id {event.remote_id})"
            case "PutProduct":
                told = f"{there} has the product as it is to be (its id {event.remote_id})"
            case "SetStock":
                told = f"{there} has the stock"
            case "PutInvoice":
                told = f"{there} has its record of invoice {event.number} (its id {event.remote_id}){total}"
            case "CreateOrder" | "UpdateOrder":
                told = f"{there} has order {event.number} (its id {event.remote_id}){total}"
            case "PutShipment":
                tracked = f", tracking {event.number}" if event.number else ""
                told = f"{there} has the shipment (its id {event.remote_id}){tracked}"
            case "DeactivateProduct":
                told = f"the product is inactive in {there}"
            case _:
                told = f"{there} has invoice {event.number or event.remote_id} (its id {event.remote_id}){total}"
        return f"attempt {event.attempt} arrived: {told}{found}{_trace(event.trace_id)}"

    def _outcome(self, event: e.CommandEvent, there: str) -> str:
        match event:
            case e.OutcomeUnknown():
                said = f"attempt {event.attempt}: whether it arrived is not known, since {event.why.rstrip('.')}"
                look = f". We look at {self._time(event.look_at)}; nothing is sent before that"
                return said + look + _trace(event.trace_id)
            case e.LookedAndAbsent():
                then = "a new request is made" if event.then == "new-generation" else "the same request is sent again"
                return f"{event.looked_for}; {then}"
            case e.LookPostponed():
                return f"we could not tell yet: {event.why.rstrip('.')}. We look again at {self._time(event.look_at)}"
            case e.UpdateOutdated():
                told = f"attempt {event.attempt}: nothing was written in {there}: {event.why.rstrip('.')}"
                return f"{told}. What it shows now decides anew{_trace(event.trace_id)}"
            case e.AnswerDisagreed():
                differs = "; ".join(event.differences)
                told = (
                    f"attempt {event.attempt}: {there} has record {event.remote_id}, but not as we sent it: {differs}"
                )
                return f"{told}. A person decides{_trace(event.trace_id)}"
            case e.LateOutcome():
                return f"attempt {event.attempt}: an answer came late: {event.said}{_trace(event.trace_id)}"
            case _:
                return ""


def _trace(trace_id: str) -> str:
    return f" [trace {trace_id}]" if trace_id else ""


def _ordinal(number: int) -> str:
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0, "th")
    return f"{number}{suffix}"
