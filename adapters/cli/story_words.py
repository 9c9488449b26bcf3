"""Each event as a sentence a bookkeeper understands: who or what, what changed, the decision and why, what became of it."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from adapters.cli.printing import both_times
from adapters.cli.story_connection import connection_words
from adapters.cli.story_contents import NamesItem, at_a_glance, changed, count
from engine.domain import events as e
from engine.domain.values import Content, CustomerContent, InvoiceContent, OrderContent, ProductContent

SYSTEMS = {"quickbooks": "QuickBooks", "wizcommerce": "WizCommerce"}
MADE = {"CreateInvoice": "an invoice", "CreateCustomer": "the customer"}
PULLED = {
    "orders": "the regular look at WizCommerce's orders",
    "customers": "the regular look at WizCommerce's customers",
    "changes": "the regular look at what changed in QuickBooks",
    "facts": "the daily look at the company",
    "expiries": "the hourly look at what lapses",
    "first-product": "the first look through QuickBooks' items",
    "first-customer": "the first look through QuickBooks' customers",
    "first-term": "the first look through QuickBooks' terms",
}


def is_person(who: str) -> bool:
    """Whether a person did it, not the engine."""
    return who not in ("system", "schedule", "")


def actor(recorded: e.Recorded) -> str:
    """Who did it, as the subject of a sentence."""
    return recorded.who if is_person(recorded.who) else "wizqbo"


def cause_words(cause: str) -> str:
    """Where something came from, in words; '' for an event of the log, which stands in the story itself."""
    head, _, rest = cause.partition(" ")
    if head == "webhook":
        return f"webhook {rest.split(' ')[0]}"
    if cause.startswith("schedule:"):
        return PULLED.get(rest, rest)
    if head == "worker":
        return "the answer to our own call"
    if head == "lease":
        return "a worker that fell silent"
    request, colon, _ = cause.partition(":")
    if colon and request.replace("-", "").isalpha():
        return f"asked for with `wizqbo {request}`"
    return "" if is_event_id(cause) else cause


def is_event_id(cause: str) -> bool:
    """Whether a cause is an event of the log."""
    try:
        UUID(cause)
    except ValueError:
        return False
    return True


class Wording:
    """Words for the events of one story, in order: it remembers what each side showed last."""

    def __init__(self, zone: ZoneInfo, item: NamesItem) -> None:
        self._zone = zone
        self._item = item
        self._shown: dict[tuple[str, str], Content] = {}
        self._verbs: dict[str, str] = {}

    def sentence(self, recorded: e.Recorded) -> str:
        """The event in words, without its time. Every event has some: a test walks the registry."""
        event = recorded.event
        words = (
            self._sight(event)
            or self._decision(recorded)
            or self._attempt(event)
            or self._outcome(recorded)
            or _match(recorded)
            or connection_words(event, actor(recorded), self._time)
        )
        return words if words.startswith(actor(recorded)) else words[0].upper() + words[1:]

    def _time(self, at: datetime) -> str:
        return both_times(at, self._zone)

    # ---- what was shown --------------------------------------------------------------------------------------------------

    def _sight(self, event: e.Event) -> str:
        match event:
            case (
                e.OrderObserved(content=content)
                | e.InvoiceObserved(content=content)
                | e.CustomerObserved(content=content)
                | e.ProductObserved(content=content)
                | e.OtherObserved(content=content)
            ):
                return self._seen(event, content)
            case e.RevisionMoved():
                number = f" {event.revision}" if event.system == "quickbooks" else ""
                return f"{_subject(event.system)} counts a newer revision{number} of the {event.kind}; nothing in it changed"
            case e.RecordGone():
                self._shown.pop((event.system, event.kind), None)
                return f"{_subject(event.system)} no longer has the {event.kind} {event.remote_id}{_from(event.cause)}"
            case e.RecordNotUnderstood():
                told = f"{_subject(event.system)} showed the {event.kind} {event.remote_id} in a form we cannot read"
                return f"{told}: {event.problem}. It is kept as it came"
            case _:
                return ""

    def _seen(self, event: e.Sight, content: Content) -> str:
        before = self._shown.get((event.system, event.kind))
        self._shown[event.system, event.kind] = content
        name = f"{_subject(event.system)} showed {event.kind} {_called(event, content)}"
        if before is None:
            return f"{name}: {at_a_glance(content)}{_from(event.cause)}"
        differs = changed(before, content, self._item)
        told = "; ".join(map(str, differs)) or "nothing that we follow"
        return f"{name} changed: {told}{_from(event.cause)}"

    # ---- what was decided ------------------------------------------------------------------------------------------------

    def _decision(self, recorded: e.Recorded) -> str:
        match recorded.event:
            case e.CommandIssued() as event:
                self._verbs[event.command_id] = event.verb
                again = f" (anew, the {_ordinal(event.generation)} time)" if event.generation > 1 else ""
                made = f"to create {MADE[event.verb]} in {SYSTEMS[event.target]}"
                return f"{actor(recorded)} decided {made}{again}, because {event.because}"
            case e.CommandHeld(missing=missing):
                return f"it waits: {'; '.join(m.sentence for m in missing)}"
            case e.CommandReleased(because=because):
                return f"it goes on: {because}"
            case e.CommandAbandoned(why=why):
                never = "never to send it" if is_person(recorded.who) else "to drop that request"
                return f"{actor(recorded)} decided {never}: {why}"
            case e.CommandRetried():
                return f"{actor(recorded)} asked for another try"
            case e.PushAskedFor():
                return f"{actor(recorded)} asked for it to be sent, by name"
            case e.PushWithheld() as event:
                step = f". {event.next_step}" if event.next_step else ""
                return f"wizqbo decided not to send it: {event.sentence}{step}"
            case e.NeededBy(number=number):
                return f"order {number or '(without a number)'} needs this customer in QuickBooks"
            case e.PersonalFieldsErased():
                return (
                    f"{actor(recorded)} had the personal fields erased: names, e-mail, phone, street lines and bodies"
                )
            case e.Reconsidered(because=because):
                return f"wizqbo looked at it again, because {because}"
            case _:
                return ""

    # ---- what was tried, and what came of it -----------------------------------------------------------------------------

    def _attempt(self, event: e.Event) -> str:
        match event:
            case e.AttemptStarted():
                return f"attempt {event.attempt}: sending to QuickBooks: {at_a_glance(event.draft)}"
            case e.CommandAccepted():
                verb = self._verbs.get(event.command_id, "CreateInvoice")
                what = f"invoice {event.number or event.remote_id}" if verb == "CreateInvoice" else "the customer"
                total = f", total {event.total}" if event.total else ""
                found = "" if event.how == "answered" else f" ({event.how})"
                told = (
                    f"attempt {event.attempt} arrived: QuickBooks has {what} (its id {event.remote_id}){total}{found}"
                )
                return told + _trace(event.trace_id)
            case e.CommandRefused():
                code = f" (code {event.code})" if event.code else ""
                step = f" Next step: {event.next_step}" if event.next_step else ""
                said = f"attempt {event.attempt}: QuickBooks said no{code}: {event.sentence}{step}"
                return said + _trace(event.trace_id)
            case e.AttemptFailed():
                ran = "it may have been carried out" if event.may_have_run else "nothing was carried out"
                said = f"attempt {event.attempt} did not go through: {event.sentence} ({ran}; again at "
                return f"{said}{self._time(event.again_at)}){_trace(event.trace_id)}"
            case _:
                return ""

    def _outcome(self, recorded: e.Recorded) -> str:
        match recorded.event:
            case e.OutcomeUnknown() as event:
                said = f"attempt {event.attempt}: whether it arrived is not known, since {event.why.rstrip('.')}"
                look = f". We look at {self._time(event.look_at)}; nothing is sent before that"
                return said + look + _trace(event.trace_id)
            case e.LookedAndAbsent() as event:
                then = "a new request is made" if event.then == "new-generation" else "the same request is sent again"
                return f"{event.looked_for}; {then}"
            case e.LookPostponed() as event:
                return f"we could not tell yet: {event.why.rstrip('.')}. We look again at {self._time(event.look_at)}"
            case e.AnswerDisagreed() as event:
                differs = "; ".join(event.differences)
                told = f"attempt {event.attempt}: QuickBooks has record {event.remote_id}, but not as we sent it: {differs}"
                return f"{told}. A person decides{_trace(event.trace_id)}"
            case e.LateOutcome() as event:
                return f"attempt {event.attempt}: an answer came late: {event.said}{_trace(event.trace_id)}"
            case e.AttentionNeeded() as event:
                return f"needs a person: {event.sentence}. {event.next_step}".rstrip(". ")
            case e.AttentionCleared(because=because):
                return f"no longer needs a person: {because}"
            case _:
                return ""


def _match(recorded: e.Recorded) -> str:
    match recorded.event:
        case e.RecordLinked() as event:
            return f"linked to {SYSTEMS[event.system]} {event.kind} {event.remote_id}: {event.how.removesuffix(': answered')}"
        case e.MatchProposed() as event:
            each = ", ".join(f"{c.remote_id} ({c.because})" for c in event.candidates)
            found = count(len(event.candidates), "possible match").replace("matchs", "matches")
            return f"{found} in {SYSTEMS[event.system]}, none of them sure: {each}. A person decides"
        case e.MatchChosen() as event:
            return f"{actor(recorded)} chose {SYSTEMS[event.system]} record {event.remote_id}"
        case e.MatchRejected() as event:
            return f"{actor(recorded)} said that none of them in {SYSTEMS[event.system]} is it"
        case e.RecordMergedInto(record=record):
            return f"this and {record} turned out to be one record; the story goes on there"
        case e.RemoteClaimed(record=record):
            return f"belongs to {record}"
        case e.ClaimMoved(record=record):
            return f"belongs to {record} from now on"
        case _:
            return ""


def _subject(system: str) -> str:
    return SYSTEMS[system]


def _called(event: e.Sight, content: Content) -> str:
    match content:
        case OrderContent(number=number) | InvoiceContent(number=number):
            return number or event.remote_id
        case ProductContent(sku=sku):
            return sku or event.remote_id
        case CustomerContent():
            return event.remote_id
        case _:
            return event.remote_id


def _from(cause: str) -> str:
    words = cause_words(cause)
    return f" ({words})" if words else ""


def _trace(trace_id: str) -> str:
    return f" [trace {trace_id}]" if trace_id else ""


def _ordinal(number: int) -> str:
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0, "th")
    return f"{number}{suffix}"
