"""What we changed in other systems, each write with its cause: up to the signal, the schedule or the person it began with."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from adapters.cli.goods_words import stock_shown
from adapters.cli.naming import Items, Numbers
from adapters.cli.session import Session
from adapters.cli.story_commands import is_person
from adapters.cli.story_contents import Change, sent
from adapters.cli.story_words import cause_words, is_event_id
from engine.domain import events as e
from engine.domain.drafts import CustomerUpdate, Draft, ProductUpdate, StockDraft
from engine.domain.events import Recorded
from engine.domain.fields import Lists
from engine.domain.tellings import TELLINGS
from engine.domain.values import Content, StockLevel, connection_of, connection_stream, kind_of

LONGEST_CHAIN = 20
KINDS: dict[e.Verb, str] = {
    "CreateInvoice": "invoice",
    "UpdateInvoice": "invoice",
    "VoidInvoice": "invoice",
    "CreatePayment": "payment",
    "CreateCustomer": "customer",
    "UpdateCustomer": "customer",
    "CreateTerm": "term",
    "PutProduct": "product",
    "DeactivateProduct": "product",
    "SetStock": "stock",
    "PutInvoice": "invoice record",
    "CreateOrder": "order",
    "UpdateOrder": "order",
    "PutShipment": "shipment",
}
"""What a verb writes."""


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """One accepted write. `changes` are the fields it set, old → new; `causes` begins with the nearest."""

    recorded_at: datetime
    zone: ZoneInfo
    connection: str
    system: str
    kind: str
    remote_id: str
    number: str
    total: str
    because_of: str
    who: str
    causes: list[str]
    changes: list[Change]
    trace_id: str
    how: str
    stream: str
    position: int


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What people call records, items, terms and types of a connection."""

    numbers: Numbers
    items: Items
    lists: Lists


def writes(session: Session, connection: str, since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[Write]:
    """Every write accepted in [since, until) on a connection, oldest first."""
    sql = (
        "SELECT position, stream FROM audit_trail WHERE connection = %s AND event = 'command-accepted' "
        "AND recorded_at >= %s AND recorded_at < %s ORDER BY position"
    )
    names = Names(
        numbers=Numbers(session),
        items=Items(session, connection),
        lists=session.engine.around.customer_around(connection).lists,
    )
    for position, stream in session.rows(sql, connection, since, until):
        story = session.engine.log.story(stream)
        accepted = next(r for r in story if r.position == position)
        yield _write(session, names, story, accepted, zone)


def _write(session: Session, names: Names, story: list[Recorded], recorded: Recorded, zone: ZoneInfo) -> Write:
    accepted = recorded.event
    assert isinstance(accepted, e.CommandAccepted)
    own = _of_command(story, accepted.command_id)
    issued = own[0].event
    chain = Chain(session, story)
    return Write(
        recorded_at=recorded.recorded_at,
        zone=zone,
        connection=connection_of(recorded.stream),
        system=issued.target if isinstance(issued, e.CommandIssued) else "quickbooks",
        kind=KINDS[issued.verb] if isinstance(issued, e.CommandIssued) else "",
        remote_id=accepted.remote_id,
        number=accepted.number or _sku(recorded.stream, names),
        total=accepted.total,
        because_of=f"{kind_of(recorded.stream)} {names.numbers.of(recorded.stream)}",
        who=_who(story, own),
        causes=chain.up_from(own[0]),
        changes=_changes(story, own, names),
        trace_id=accepted.trace_id,
        how=accepted.how,
        stream=recorded.stream,
        position=recorded.position,
    )


def _changes(story: list[Recorded], own: list[Recorded], names: Names) -> list[Change]:
    """The fields a write set, as its first attempt fixed them; an update's against what that side showed before."""
    began = next((r for r in own if isinstance(r.event, e.AttemptStarted)), None)
    if began is None or not isinstance(began.event, e.AttemptStarted):
        return []
    draft = began.event.draft
    return sent(draft, names.items.of, names.lists, _before(draft, [r for r in story if r.position < began.position]))


def _before(draft: Draft, earlier: list[Recorded]) -> Content | StockLevel | None:
    """What the other side had of what a write changes; None where it had nothing, or that is not told of."""
    if isinstance(draft, StockDraft):
        return _stock_before(earlier)
    if not isinstance(draft, CustomerUpdate | ProductUpdate):
        return None
    kinds = e.CustomerObserved if isinstance(draft, CustomerUpdate) else e.ProductObserved
    seen = [r.event.content for r in earlier if isinstance(r.event, kinds) and r.event.system == draft.target]
    return seen[-1] if seen else None


def _stock_before(earlier: list[Recorded]) -> StockLevel | None:
    """The stock record that WizCommerce showed, or took from us, last."""
    sent_in: dict[str, StockLevel] = {}
    last: StockLevel | None = None
    for recorded in earlier:
        match recorded.event:
            case e.StockObserved(system="wizcommerce", level=level):
                last = level
            case e.AttemptStarted(command_id=command_id, draft=StockDraft(level=level)):
                sent_in[command_id] = level
            case e.CommandAccepted(command_id=command_id):
                last = sent_in.get(command_id, last)
            case _:
                pass
    return last


def _of_command(story: list[Recorded], command_id: str) -> list[Recorded]:
    return [r for r in story if isinstance(r.event, e.CommandEvent) and r.event.command_id == command_id]


def _sku(stream: str, names: Names) -> str:
    return names.numbers.of(stream) if kind_of(stream) == "product" else ""


def _who(story: list[Recorded], own: list[Recorded]) -> str:
    """The last person who asked for it before it arrived; `system` when nobody had to. Of a product, an invoice record or a
    shipment, that are written over and over, only who had to do with this very write."""
    ends = own[-1].position
    before = own if kind_of(own[0].stream) in ("product", *TELLINGS) else [r for r in story if r.position <= ends]
    asked = [r.who for r in before if is_person(r.who)]
    return asked[-1] if asked else "system"


class Chain:
    """Follows causes from event to event, through the streams that can have to do with each other."""

    def __init__(self, session: Session, story: list[Recorded]) -> None:
        self._session = session
        self._known: dict[str, Recorded] = {}
        self._read: set[str] = set()
        self._take(story)

    def up_from(self, issued: Recorded) -> list[str]:
        """Why a command was issued, step by step, up to the signal, pull or person."""
        told = [issued.event.because] if isinstance(issued.event, e.CommandIssued) else []
        current = issued
        for _ in range(LONGEST_CHAIN):
            cause = self._find(current)
            if cause is None:
                words = cause_words(current.causation_id)
                return told + ([_by(words, current)] if words else [])
            told.append(_short(cause))
            current = cause
        return told

    def _find(self, recorded: Recorded) -> Recorded | None:
        found = self._known.get(recorded.causation_id)
        if found is None:
            for stream in self._neighbours():
                self._take(self._session.engine.log.story(stream))
            found = self._known.get(recorded.causation_id)
        if found is None and is_event_id(recorded.causation_id):
            self._take(self._elsewhere(recorded.causation_id))
            found = self._known.get(recorded.causation_id)
        return found

    def _elsewhere(self, event_id: str) -> list[Recorded]:
        """The story in which an event stands: an order takes of a product, and its stock is told."""
        rows = self._session.rows("SELECT stream FROM audit_trail WHERE event_id = %s", event_id)
        return self._session.engine.log.story(rows[0][0]) if rows else []

    def _neighbours(self) -> list[str]:
        """Streams that what we know points at: orders that needed a customer, and the connection."""
        pointed = {r.event.stream for r in self._known.values() if isinstance(r.event, e.NeededBy)}
        homes = {connection_stream(connection_of(r.stream)) for r in self._known.values() if connection_of(r.stream)}
        return sorted((pointed | homes) - self._read)

    def _take(self, story: list[Recorded]) -> None:
        for recorded in story:
            self._read.add(recorded.stream)
            self._known[str(recorded.event_id)] = recorded


def _by(words: str, recorded: Recorded) -> str:
    return f"{words} by {recorded.who}" if is_person(recorded.who) else words


def _short(recorded: Recorded) -> str:
    match recorded.event:
        case e.OrderObserved(content=content):
            return f"WizCommerce showed order {content.number}: {content.status}"
        case e.StockObserved() as event:
            return stock_shown(event.system, None, event.level)
        case e.CommandHeld(missing=missing):
            return f"an order waited: {'; '.join(m.sentence for m in missing)}"
        case e.FirstSyncAccepted():
            return f"{recorded.who} accepted the first sync"
        case e.SettingChosen(name=name):
            return f"{recorded.who} chose {name}"
        case e.ConflictUndone():
            return f"{recorded.who} undid a conflict"
        case e.PushStarted():
            return f"{recorded.who} said from when orders go"
        case e.CompanyObserved():
            return "the company's settings changed"
        case e.ConsentRegained():
            return "the consent was given again"
        case _:
            return e.TAG_OF[type(recorded.event)].replace("-", " ")


def as_json(write: Write) -> dict[str, Any]:
    """A write for a machine."""
    told: dict[str, Any] = {name: getattr(write, name) for name in write.__struct_fields__ if name != "zone"}
    told["changes"] = [msgspec.structs.asdict(change) for change in write.changes]
    return told
