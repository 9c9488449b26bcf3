"""What has not arrived yet: commands that are not settled, what needs a person, and orders withheld; each with its why.

Of products that are held back only those are told that need a person: what is left out needs nobody.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from adapters.cli.causes import SKU, causes_of, records_of, waits
from adapters.cli.finding import ident_of
from adapters.cli.naming import ABOUT_ONE, Numbers, typed_for
from adapters.cli.printing import sentences
from adapters.cli.questions import may_be, open_questions, question
from adapters.cli.session import Session
from adapters.cli.story_next import question_in_the_way
from engine.domain.born_withholding import ATTACHED
from engine.domain.born_withholding import ENDED as NOTHING_LEFT
from engine.domain.born_withholding import OFF as NOT_PULLED
from engine.domain.commands import SENTENCES, Status, unfinished
from engine.domain.customer_policies import NAMED
from engine.domain.order import Order
from engine.domain.tellings import TELLINGS
from engine.domain.told import ENDED
from engine.domain.values import System, connection_of, kind_of
from engine.records import Holder
from engine.surroundings import Gate

OFF = tuple(telling.kept.off for telling in TELLINGS.values())
SETTLED_AS_THEY_ARE = frozenset(
    {"baseline", "cancelled", "gone", "never-send", ENDED, ATTACHED, NOT_PULLED, NOTHING_LEFT, *OFF}
)
"""Reasons for which an order is withheld and nobody waits for it."""
BY_ITSELF = "It goes by itself when that changes."


class Unsettled(msgspec.Struct, frozen=True, kw_only=True):
    """One row for a person. `number` is a document number, a SKU, or a customer's name; `topic` is what others have in common
    with it that wait for the same: a command's verb, or the short name of a reason."""

    connection: str
    kind: str
    number: str
    state: str
    reason: str
    next_step: str
    since: datetime
    stream: str
    command_id: str = ""
    attempts: int = 0
    topic: str = ""
    waits_for: tuple[dict[str, Any], ...] = ()
    """Everything it waits for: `cause`, as `retry --cause` takes it, `sentence`, and `since` when."""

    @property
    def causes(self) -> tuple[str, ...]:
        return tuple(one["cause"] for one in self.waits_for)


def unsettled(session: Session, names: Sequence[str], everything: bool = False) -> tuple[list[Unsettled], int]:
    """(the rows, how many more are settled as they are: the baseline, or cancelled)."""
    commands = _commands(session, names)
    busy = {row.stream for row in commands}
    told = [row for row in _attention(session, names) if row.stream not in busy]
    busy |= {row.stream for row in told}
    held_back = [pair for pair in withheld(session, names) if pair[1].stream not in busy]
    settled = [row for reason, row in held_back if reason in SETTLED_AS_THEY_ARE]
    waiting = [row for reason, row in held_back if reason not in SETTLED_AS_THEY_ARE]
    rows = [*commands, *told, *waiting, *(settled if everything else [])]
    return sorted(rows, key=lambda row: row.since), len(settled)


def state_words(status: Status, target: System) -> str:
    """A command's state as people read it, with the system that said no: `WizCommerce said no`."""
    return SENTENCES[status].replace("QuickBooks", NAMED[target])


def _commands(session: Session, names: Sequence[str]) -> list[Unsettled]:
    sql = (
        "SELECT connection, stream, status, reason, next_step, CASE WHEN status = 'refused' THEN changed_at ELSE issued_at END, "
        "command_id, attempts, target, verb FROM pending_work WHERE connection = ANY(%s) ORDER BY issued_at"
    )
    numbers, found = Numbers(session), session.rows(sql, list(names))
    numbers.learn(row[1] for row in found)
    records = records_of(session, (r[1] for r in found if r[2] in ("held", "refused") or (r[2] == "ready" and r[7])))
    return [_command(session, row, records.get(row[1]), numbers) for row in found]


def _command(session: Session, row: tuple[Any, ...], record: Holder | None, numbers: Numbers) -> Unsettled:
    """The row of a command; `record` is what it belongs to, where that tells what it waits for."""
    connection, stream, status, reason, step, since, command_id, attempts, target, verb = row
    command = record.commands.get(command_id) if record is not None else None
    waits_for = causes_of(command, connection, since) if command is not None else []
    return Unsettled(
        connection=connection,
        kind=kind_of(stream),
        number=numbers.of(stream),
        state=state_words(status, target),
        reason=reason,
        next_step=_step_of(session, status, stream, step, record, numbers),
        since=min((one["since"] for one in waits_for), default=since),
        stream=stream,
        command_id=command_id,
        attempts=attempts,
        topic=verb,
        waits_for=tuple(waits_for),
    )


def _step_of(session: Session, status: str, stream: str, told: str, record: Holder | None, numbers: Numbers) -> str:
    """The step that was recorded, as it is typed for this record; that of its customer's open question before it."""
    if status == "held" and isinstance(record, Order):
        if asked := question_in_the_way(session, record):
            return asked[0].upper() + asked[1:]
        return sentences(told, _other_item(record, numbers.of(stream)))
    return _typed(session, told, stream, numbers) if told else _step(session, status, stream, numbers)


def _other_item(order: Order, number: str) -> str:
    """How a person says that what an order waits for is there under another SKU; '' when it waits for no item, or stands on an
    invoice already."""
    open_ = None if order.invoice_id else unfinished(order.commands)
    keys = [missing.key for missing in open_.missing if missing.key.startswith(SKU)] if open_ is not None else []
    return f"Is it there under another SKU: `wizqbo edit-and-retry order {number} --map SKU=ITEM`" if keys else ""


def _typed(session: Session, step: str, stream: str, numbers: Numbers) -> str:
    """A step as it is typed for this record. A product's SKU may be another one's too: then our id is typed."""
    if kind_of(stream) != "product":
        return typed_for(step, kind_of(stream), numbers.of(stream))
    ident = ident_of(session, stream, numbers.of(stream)) if ABOUT_ONE.search(step) else ""
    return typed_for(step, "product", ident)


def _step(session: Session, status: str, stream: str, numbers: Numbers) -> str:
    if status == "refused":
        return f"When it is put right: {_typed(session, '`wizqbo retry`', stream, numbers).strip('`')}"
    return "It goes by itself." if status == "ready" else "We look before anything is sent again."


def _attention(session: Session, names: Sequence[str]) -> list[Unsettled]:
    sql = (
        "SELECT a.stream, a.topic, a.sentence, a.next_step, a.raised_at, coalesce(nullif(i.reason, ''), a.topic) "
        "FROM attention a LEFT JOIN inventory i USING (stream) ORDER BY a.raised_at"
    )
    numbers, found = Numbers(session), session.rows(sql)
    numbers.learn(row[0] for row in found)
    asked = {customer.stream: customer for customer in open_questions(session, list(names))}
    rows = []
    for stream, topic, sentence, step, since, withheld_for in found:
        if kind_of(stream) == "connection" or connection_of(stream) not in names:
            continue
        reason, next_step = sentence, _typed(session, step, stream, numbers)
        if topic == "match":
            if stream not in asked:
                continue  # it is asked about its counterpart on the other side
            words = question(asked[stream])
            reason, next_step = may_be(asked[stream]), words[0].upper() + words[1:]
        row = Unsettled(
            connection=connection_of(stream),
            kind=kind_of(stream),
            number=numbers.of(stream),
            state="needs you",
            reason=reason,
            next_step=next_step,
            since=since,
            stream=stream,
            topic=withheld_for if topic == "withheld" else topic,
            waits_for=(waits(withheld_for if topic == "withheld" else topic, reason, since),),
        )
        rows.append(row)
    return rows


def withheld(session: Session, names: Sequence[str]) -> list[tuple[str, Unsettled]]:
    """(reason, row) of every order, payment, invoice record and shipment whose last decision was to withhold it."""
    sql = (
        "WITH last AS (SELECT DISTINCT ON (stream) position, event, stream, connection, recorded_at FROM audit_trail "
        "WHERE connection = ANY(%s) AND event IN ('push-withheld', 'command-issued') "
        "AND stream ~ '^(order|payment|invoice|shipment)-' "
        "ORDER BY stream, position DESC) "
        "SELECT last.stream, last.connection, last.recorded_at, r.content FROM last JOIN log_readable r USING (position) "
        "WHERE last.event = 'push-withheld' ORDER BY last.recorded_at"
    )
    numbers = Numbers(session)
    rows = []
    for stream, connection, since, content in session.rows(sql, list(names)):
        row = Unsettled(
            connection=connection,
            kind=kind_of(stream),
            number=numbers.of(stream),
            state="needs you" if content.get("needs_person") else "waiting",
            reason=content["sentence"],
            next_step=content.get("next_step") or BY_ITSELF,
            since=since,
            stream=stream,
            topic=content["reason"],
            waits_for=(waits(content["reason"], content["sentence"], since),),
        )
        rows.append((content["reason"], row))
    return rows


def gates_in_the_way(session: Session, gate: Gate) -> list[dict[str, Any]]:
    """What keeps a whole connection waiting, each once: a lost consent does not write a row an order."""
    now = session.engine.records.connection(gate.connection)
    told: list[tuple[str, str]] = []
    if gate.quickbooks == "ended":
        told.append((f"the QuickBooks consent ended: {now.ended_because}", f"wizqbo connect {gate.connection}"))
    if gate.quickbooks == "new":
        told.append(("no QuickBooks company is connected yet", f"wizqbo connect {gate.connection}"))
    if gate.wizcommerce == "ended":
        told.append(("WizCommerce no longer accepts our token", f"wizqbo connect {gate.connection} --new-token"))
    if gate.quickbooks == gate.wizcommerce == "open" and not gate.accepted:
        told.append(("nothing is written before the first sync is accepted", f"wizqbo first-sync {gate.connection}"))
    if gate.paused:
        told.append((f"writes are paused: {gate.paused}", f"wizqbo resume {gate.connection}"))
    sql = "SELECT topic, sentence, next_step FROM attention WHERE stream = %s ORDER BY raised_at"
    for topic, sentence, step in session.rows(sql, f"connection-{gate.connection}"):
        said = (topic == "consent" and gate.quickbooks == "ended") or (
            topic == "tenant" and gate.wizcommerce == "ended"
        )
        if not said and topic.partition(":")[0] != "parked":
            told.append((sentence, step))
    return [{"connection": gate.connection, "sentence": s, "next_step": step} for s, step in told]
