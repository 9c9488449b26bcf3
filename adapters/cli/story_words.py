"""Each event as a sentence a bookkeeper understands: who or what, what changed, the decision and why, what became of it."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from adapters.cli.goods_words import AT_ZERO, stock_shown, withheld_words
from adapters.cli.printing import both_times
from adapters.cli.story_commands import CommandWords, actor
from adapters.cli.story_connection import connection_words
from adapters.cli.story_contents import NO_LISTS, at_a_glance, changed, count, with_names
from adapters.cli.story_customers import customer_words, noun
from adapters.cli.story_overrides import override_words
from engine.domain import events as e
from engine.domain.customer_policies import NAMED
from engine.domain.drafts import StockDraft
from engine.domain.fields import Lists
from engine.domain.invoice_from_order import NamesItem
from engine.domain.values import (
    Content,
    CustomerContent,
    InvoiceContent,
    OrderContent,
    PaymentContent,
    ProductContent,
    StockLevel,
    kind_of,
)

PULLED = {
    "orders": "the regular look at WizCommerce's orders",
    "customers": "the regular look at WizCommerce's customers",
    "changes": "the regular look at what changed in QuickBooks",
    "facts": "the daily look at the company",
    "expiries": "the hourly look at what lapses",
    "first-product": "the first look through QuickBooks' items",
    "first-customer": "the first look through QuickBooks' customers",
    "first-term": "the first look through QuickBooks' terms",
    "first-customertype": "the daily look through QuickBooks' customer types",
    "first-buyer": "the first look through WizCommerce's customers",
    "first-match": "the comparison of all customers of both sides",
    "stock": "the regular look at QuickBooks' stock",
    "products": "the regular look at QuickBooks' items that changed",
    "categories": "the regular look at QuickBooks' categories that changed",
    "shop-products": "the regular look at WizCommerce's products",
    "shop-stock": "the regular look at WizCommerce's stock records",
    "everything": "the nightly look at everything in QuickBooks",
    "decide-products": "every product was decided about anew",
}


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
    if colon and request.replace("-", "").replace(" ", "").isalpha():
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

    def __init__(self, zone: ZoneInfo, item: NamesItem, lists: Lists = NO_LISTS) -> None:
        self._zone = zone
        self._item = item
        self._lists = lists
        self._shown: dict[tuple[str, str, str], Content] = {}
        self._stock_shown: dict[str, StockLevel] = {}
        self._stock_sent: dict[str, StockLevel] = {}
        self._commands = CommandWords(self._time, lists, item)

    def sentence(self, recorded: e.Recorded) -> str:
        """The event in words, without its time. Every event has some: a test walks the registry."""
        event = recorded.event
        self._keep_stock(event)
        words = (
            self._sight(event)
            or self._decision(recorded)
            or self._commands.sentence(recorded)
            or customer_words(recorded)
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
                | e.PaymentObserved(content=content)
                | e.OtherObserved(content=content)
            ):
                return self._seen(event, content)
            case e.StockObserved():
                return self._stock(event)
            case e.RevisionMoved():
                number = f" {event.revision}" if event.system == "quickbooks" else ""
                what = noun(event.system, event.kind)
                return f"{NAMED[event.system]} counts a newer revision{number} of the {what}; nothing in it changed"
            case e.RecordGone():
                self._shown.pop((event.system, event.kind, event.remote_id), None)
                told = f"{NAMED[event.system]} no longer has the {noun(event.system, event.kind)} {event.remote_id}"
                return f"{told}{_from(event.cause)}"
            case e.RecordNotUnderstood():
                what = noun(event.system, event.kind)
                told = f"{NAMED[event.system]} showed the {what} {event.remote_id} in a form we cannot read"
                return f"{told}: {event.problem}. It is kept as it came"
            case _:
                return ""

    def _seen(self, event: e.Sight, content: Content) -> str:
        content = with_names(content, event.system, self._lists)
        place = (event.system, event.kind, event.remote_id)
        before = self._shown.get(place)
        self._shown[place] = content
        if event.cause.startswith("brought from "):
            what = noun(event.system, event.kind)
            return f"{NAMED[event.system]} {what} {event.remote_id} came along, as it was last seen"
        name = f"{NAMED[event.system]} showed {noun(event.system, event.kind)} {_called(event, content)}"
        if before is None:
            return f"{name}: {at_a_glance(content)}{_from(event.cause)}"
        differs = changed(before, content, self._item)
        told = "; ".join(map(str, differs)) or "nothing that we follow"
        return f"{name} changed: {told}{_from(event.cause)}"

    def _stock(self, event: e.StockObserved) -> str:
        # Items that QuickBooks merged had each its own figure.
        place = event.remote_id if event.system == "quickbooks" else "wizcommerce"
        told = stock_shown(event.system, self._stock_shown.get(place), event.level)
        self._stock_shown[place] = event.level
        held = f"; it holds the invoices of {count(len(event.includes), 'order')} now" if event.includes else ""
        return f"{told}{held}{_from(event.cause)}"

    def _keep_stock(self, event: e.Event) -> None:
        """What WizCommerce took from us is what it showed last."""
        match event:
            case e.AttemptStarted(command_id=command_id, draft=StockDraft(level=level)):
                self._stock_sent[command_id] = level
            case e.CommandAccepted(command_id=command_id) if command_id in self._stock_sent:
                self._stock_shown["wizcommerce"] = self._stock_sent[command_id]
            case _:
                pass

    # ---- what was decided ------------------------------------------------------------------------------------------------

    def _decision(self, recorded: e.Recorded) -> str:
        match recorded.event:
            case e.PushAskedFor():
                return f"{actor(recorded)} asked for it to be sent, by name"
            case e.PushWithheld() as event:
                step = f". {event.next_step}" if event.next_step else ""
                if kind_of(recorded.stream) == "product":
                    return f"{withheld_words(event, self._is_in_wizcommerce())}{step}"
                return f"wizqbo decided not to send it: {event.sentence}{step}"
            case e.InvoiceAttached(order=order, order_number=number, invoice_number=invoice, why=why):
                what = (
                    f"invoice {invoice} belongs to it" if recorded.stream == order else f"it belongs to order {number}"
                )
                return f"{actor(recorded)} decided that {what}: {why}"
            case e.InvoiceOverridden(override=override):
                said = override_words(override, self._lists)
                told = (
                    f"decided in what its invoice differs from the order: {said}"
                    if said
                    else ("decided that its invoice is as the order says")
                )
                return f"{actor(recorded)} {told}"
            case e.ZeroPolicyChosen(policy=policy):
                chosen = f"{policy} ({AT_ZERO[policy]})" if policy else "as the connection says"
                return f"{actor(recorded)} chose what becomes of it while nothing of it is available: {chosen}"
            case e.PaymentTaken() as taken:
                how = f" by {taken.method}" if taken.method else ""
                rose = f"paid {taken.paid_before:f} → {taken.paid_after:f}): payment {taken.place}"
                return f"{taken.amount:f} was taken{how} in WizCommerce for order {taken.order_number} ({rose}"
            case e.InvoiceRecordWanted(draft=draft) | e.ShipmentWanted(draft=draft):
                return f"WizCommerce is to be told: {at_a_glance(draft)}"
            case e.NeededBy(number=number):
                return f"order {number or '(without a number)'} needs this customer in QuickBooks"
            case e.AttentionNeeded() as event:
                return f"needs a person: {event.sentence}. {event.next_step}".rstrip(". ")
            case e.AttentionCleared(because=because):
                return f"no longer needs a person: {because}"
            case e.PersonalFieldsErased():
                return (
                    f"{actor(recorded)} had the personal fields erased: names, e-mail, phone, street lines and bodies"
                )
            case e.Reconsidered(because=because):
                return f"wizqbo looked at it again, because {because}"
            case _:
                return ""

    def _is_in_wizcommerce(self) -> bool:
        return any(place[0] == "wizcommerce" for place in self._shown)


def _called(event: e.Sight, content: Content) -> str:
    match content:
        case OrderContent(number=number) | InvoiceContent(number=number):
            return number or event.remote_id
        case PaymentContent(reference=reference):
            return f"{reference} (its id {event.remote_id})" if reference else event.remote_id
        case ProductContent(sku=sku):
            return sku or event.remote_id
        case CustomerContent():
            return event.remote_id
        case _:
            return event.remote_id


def _from(cause: str) -> str:
    words = cause_words(cause)
    return f" ({words})" if words else ""
