"""The story of one record: its stream from top to bottom, what was merged into it, and what its customer had to do with it.

Nothing here is kept anywhere: the words are made from the log when they are read, so erased fields stay erased.
"""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from adapters.cli.naming import Items, Numbers
from adapters.cli.printing import both_times, clean, zone_of
from adapters.cli.session import Session
from adapters.cli.story_next import next_step
from adapters.cli.story_words import Wording
from engine.domain import events as e
from engine.domain.events import TAG_OF, Recorded
from engine.domain.invoice_records import invoice_record_stream
from engine.domain.payments import reference_of
from engine.domain.shipments import shipment_stream
from engine.domain.tellings import TELLINGS
from engine.domain.values import Personal, connection_of, kind_of, link_stream

OF_ITS_CUSTOMER = (
    e.NeededBy,
    e.CommandEvent,
    e.RecordLinked,
    e.MatchProposed,
    e.MatchChosen,
    e.MatchRejected,
    e.RecordMergedInto,
)
"""What an order's story tells of its customer's."""
BODIES = frozenset({"raw", "body"})
"""Fields with a whole body in them: left out unless asked for."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One event in words. `about` is not '' when it happened to the order's customer or payment, not to the order itself."""

    recorded: Recorded
    sentence: str
    about: str = ""


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """A record's story, top to bottom, and what comes next."""

    title: str
    stream: str
    zone: ZoneInfo
    lines: list[Line]
    erased: str
    next: str

    def text(self) -> str:
        """For a person."""
        told = [self.title, ""]
        for line in self.lines:
            margin = f"        {clean(line.about)}: " if line.about else ""
            told.append(f"{margin}{both_times(line.recorded.recorded_at, self.zone)} — {clean(line.sentence)}")
        told += [f"\n{self.erased}"] if self.erased else []
        return "\n".join([*told, f"\nNext: {clean(self.next)}"])

    def events(self, bodies: bool = False) -> list[dict[str, Any]]:
        """For a machine: the events with their causes."""
        return [_as_json(line, bodies) for line in self.lines]


def tell(session: Session, stream: str) -> Story:
    """The story of `stream`. Raises KeyProblem when a key is missing that was not destroyed on purpose."""
    teller = _Teller(session, stream)
    own = whole_story(session, stream)
    lines = teller.worded(own)
    if kind_of(stream) == "order":
        lines += teller.of_customers(own) + teller.of_payments(own) + teller.of_told(own)
    lines.sort(key=lambda line: line.recorded.position)
    return Story(
        title=teller.title(lines),
        stream=stream,
        zone=teller.zone,
        lines=lines,
        erased=teller.erased(stream),
        next=next_step(session, stream),
    )


def whole_story(session: Session, stream: str) -> list[Recorded]:
    """Every event of a stream and of those merged into it, in the order of the log."""
    log = session.engine.log
    found = [recorded for one in [stream, *_merged_into(session, stream)] for recorded in log.story(one)]
    return sorted(found, key=lambda recorded: recorded.position)


def _merged_into(session: Session, stream: str) -> list[str]:
    """Streams that a claim of this one belonged to before: its link streams say so."""
    log, sql = session.engine.log, "SELECT system, kind, remote_id FROM claims WHERE stream = %s"
    owners: list[str] = []
    for system, kind, remote_id in session.rows(sql, stream):
        link = log.read(link_stream(connection_of(stream), system, kind, remote_id))
        owners += [r.event.record for r in link if isinstance(r.event, e.RemoteClaimed | e.ClaimMoved)]
    return [owner for owner in dict.fromkeys(owners) if owner != stream]


class _Teller:
    """Reads what a story needs."""

    def __init__(self, session: Session, stream: str) -> None:
        self._session = session
        self._stream = stream
        self.connection = connection_of(stream) or stream.removeprefix("connection-")
        gate = session.engine.around.gate(self.connection)
        self.zone = zone_of(gate.facts.time_zone if gate else "")
        self._items = Items(session, self.connection)
        self._numbers = Numbers(session)
        self._lists = session.engine.around.customer_around(self.connection).lists

    def worded(self, story: Iterable[Recorded], about: str = "") -> list[Line]:
        words = Wording(self.zone, self._items.of, self._lists)
        return [Line(recorded=r, sentence=words.sentence(r), about=about) for r in story]

    def of_customers(self, own: list[Recorded]) -> list[Line]:
        """What the order's customers had to do with it: from the last link before it began until the order had arrived."""
        shown = [r for r in own if isinstance(r.event, e.OrderObserved)]
        ids = dict.fromkeys(r.event.content.customer_remote_id for r in shown if isinstance(r.event, e.OrderObserved))
        begins = own[0].position if own else 0
        ends = next((r.position for r in own if isinstance(r.event, e.CommandAccepted)), None)
        lines: list[Line] = []
        for remote_id in ids:
            stream = self._session.engine.around.stream_of(self.connection, "wizcommerce", "customer", remote_id)
            lines += self._of_customer(stream, begins, ends) if stream else []
        return lines

    def of_payments(self, own: list[Recorded]) -> list[Line]:
        """What became of the money taken for the order: each payment's own story, without the rise that begins it."""
        lines: list[Line] = []
        for taken in (r.event for r in own if isinstance(r.event, e.PaymentTaken)):
            story = self._session.engine.log.story(taken.payment)
            about = f"payment {self._numbers.of(taken.payment)}"
            lines += [line for line in self.worded(story, about) if not isinstance(line.recorded.event, e.PaymentTaken)]
        return lines

    def of_told(self, own: list[Recorded]) -> list[Line]:
        """What WizCommerce was told of the order's invoices and their shipments: each one's own story."""
        order = self._session.engine.records.order(self._stream)
        shown = dict.fromkeys(r.event.remote_id for r in own if isinstance(r.event, e.InvoiceObserved))
        lines: list[Line] = []
        for invoice in shown:
            of = replace(order, invoice_id=invoice)
            for stream, about in ((invoice_record_stream(of), "record"), (shipment_stream(of), "shipment")):
                lines += self.worded(self._session.engine.log.story(stream), f"its {about} in WizCommerce")
        return lines

    def _of_customer(self, stream: str, begins: int, ends: int | None) -> list[Line]:
        story = whole_story(self._session, stream)
        beside = _not_for_orders(story)
        lines = [
            line
            for line in self.worded(story, f"customer {self._numbers.of(stream)}")
            if isinstance(line.recorded.event, OF_ITS_CUSTOMER)
            and not self._for_another(line.recorded)
            and getattr(line.recorded.event, "command_id", "") not in beside
        ]
        before = [line for line in lines if line.recorded.position < begins and _links(line.recorded)]
        since = [line for line in lines if line.recorded.position >= begins]
        return before[-1:] + [line for line in since if ends is None or line.recorded.position <= ends]

    def _for_another(self, recorded: Recorded) -> bool:
        return isinstance(recorded.event, e.NeededBy) and recorded.event.stream != self._stream

    def title(self, lines: list[Line]) -> str:
        """`Order WC-1002 of Bloom & Co, connection acme`."""
        kind, name = kind_of(self._stream), self._stream.partition(":")[2] or self.connection
        for line in lines:
            match line.recorded.event:
                case e.OrderObserved(content=content):
                    name = content.number
                case e.CustomerObserved(content=customer):
                    name = str(customer.display_name) if not line.about else name
                case e.ProductObserved(content=product):
                    name = product.sku or product.name
                case e.PaymentTaken() as taken if kind == "payment":
                    name = reference_of(taken)
                case e.InvoiceRecordWanted(draft=draft) | e.ShipmentWanted(draft=draft) if kind in TELLINGS:
                    name = draft.number
                case e.PaymentObserved(content=payment) if name == self._stream.partition(":")[2]:
                    name = payment.reference or name
                case e.InvoiceObserved(content=invoice) if kind == "order" and name == self._stream.partition(":")[2]:
                    name = invoice.number or name
                case _:
                    pass
        of = f", connection {self.connection}" if kind != "connection" else ""
        return clean(f"{kind.capitalize()} {name}{of}")

    def erased(self, stream: str) -> str:
        """When the personal fields of the stream were erased; '' when they were not."""
        sql = "SELECT destroyed_at FROM data_keys WHERE stream = %s AND destroyed_at IS NOT NULL"
        rows = self._session.rows(sql, stream)
        return f"Personal fields were erased on {both_times(rows[0][0], self.zone)}." if rows else ""


def _not_for_orders(story: list[Recorded]) -> frozenset[str]:
    """Commands of a customer that no order waits for: its updates, and what goes to WizCommerce."""
    issued = [r.event for r in story if isinstance(r.event, e.CommandIssued)]
    return frozenset(c.command_id for c in issued if (c.verb, c.target) != ("CreateCustomer", "quickbooks"))


def _links(recorded: Recorded) -> bool:
    return isinstance(recorded.event, e.RecordLinked) and recorded.event.system == "quickbooks"


def _as_json(line: Line, bodies: bool) -> dict[str, Any]:
    r = line.recorded
    content: dict[str, Any] = msgspec.to_builtins(r.event, enc_hook=_personal)
    if not bodies:
        content = {name: value for name, value in content.items() if name not in BODIES}
    return {
        "position": r.position,
        "stream": r.stream,
        "version": r.version,
        "event": TAG_OF[type(r.event)],
        "event_id": str(r.event_id),
        "recorded_at": r.recorded_at,
        "who": r.who,
        "causation_id": r.causation_id,
        "correlation_id": r.correlation_id,
        "content": content,
        "sentence": line.sentence,
    }


def _personal(value: Any) -> str:
    if isinstance(value, Personal):
        return str(value)
    raise TypeError(f"not printable: {type(value).__name__}")
