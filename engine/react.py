"""React: what a fact in one stream makes of another.

A follower of the log that keeps its own memory: what waits for which key, and which keys have arrived. Both are written in the
transaction of its appends and its tracking, in log order, and nothing else is read for a decision about waiting: whether the
link or the hold was committed first, the order goes. A step that fails on an event parks that stream; all others go on.
"""

import logging
import traceback
from collections.abc import Sequence
from contextlib import nullcontext

from engine.domain.commands import latest
from engine.domain.customer import Customer
from engine.domain.events import (
    CommandAbandoned,
    CommandHeld,
    CommandIssued,
    CommandRefused,
    CommandReleased,
    CompanyObserved,
    ConsentRegained,
    CustomerObserved,
    MatchProposed,
    Missing,
    NeededBy,
    ProductObserved,
    PushStarted,
    PushWithheld,
    Reconsidered,
    Recorded,
    RecordGone,
    RecordLinked,
    RunFinished,
)
from engine.domain.order import Order, sku_key
from engine.domain.product import usable
from engine.domain.values import connection_of, kind_of
from engine.follow import advance, tracked
from engine.log import AWAY, Cause, Entry, Log, Statement, VersionConflict
from engine.memory import Memory, arrive, forget, leave, wait
from engine.parking import park
from engine.records import MOST_CONFLICTS, Records
from engine.surroundings import FIRST_PULLS, Pool

logger = logging.getLogger(__name__)

NAME = "react"
BATCH = 200
QUIET = "stream:"
"""Prefix of the command id under which a whole stream waits (an order that is withheld has no command yet)."""


class Outcome:
    """What one event leads to: entries for other streams, and statements on react's own memory."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.memory: list[Statement] = []


class React:
    """Follows the log and appends what follows in other streams."""

    name = NAME

    def __init__(self, records: Records, pool: Pool) -> None:
        self._records = records
        self._log: Log = records.log
        self._pool = pool
        self._memory = Memory(pool)

    def step(self) -> int:
        """Reacts to the next events; answers with how many it passed."""
        freed = self._freed()
        if freed:
            return freed
        before = tracked(self._pool, NAME)
        batch = self._log.since(before, BATCH)
        passed, idle_end = 0, before
        parked = self._parked()
        for recorded in batch:
            passed += 1
            if recorded.stream in parked or not _concerns(recorded):
                idle_end = recorded.position
                continue
            if idle_end > before:
                self._log.append([], _cause(recorded), [advance(NAME, before, idle_end)])
                before = idle_end
            if not self._react(recorded, [advance(NAME, before, recorded.position)]):
                return passed
            before = idle_end = recorded.position
        if batch and idle_end > before:
            self._log.append([], _cause(batch[-1]), [advance(NAME, before, idle_end)])
        return passed

    def _react(self, recorded: Recorded, tracking: Sequence[Statement]) -> bool:
        """One event, with its memory and tracking, in one transaction; False when it was parked instead."""
        try:
            for _ in range(MOST_CONFLICTS):
                try:
                    self._append(recorded, tracking)
                    return True
                except VersionConflict:
                    continue
            raise RuntimeError(f"{MOST_CONFLICTS} version conflicts in a row")
        except AWAY:
            raise
        except Exception as error:  # a bug: this stream is parked, loudly; all others go on
            self._park(recorded, error, tracking)
            return False

    def _append(self, recorded: Recorded, tracking: Sequence[Statement]) -> None:
        outcome = Outcome()
        # A held command may make a customer be matched, and matching is done by one at a time.
        meets = isinstance(recorded.event, CommandHeld | CustomerObserved)
        with self._records.matching(connection_of(recorded.stream), "customer") if meets else nullcontext():
            self._follow(recorded, outcome)
            self._log.append(outcome.entries, _cause(recorded), [*outcome.memory, *tracking])

    # ---- what follows ------------------------------------------------------------------------------------------------------

    def _follow(self, recorded: Recorded, out: Outcome) -> None:
        event, stream = recorded.event, recorded.stream
        connection = connection_of(stream) or stream.removeprefix("connection-")
        match event:
            case CommandHeld():
                self._held(recorded, event, out)
            case CommandIssued():
                out.memory.append(forget(QUIET + stream))
                if kind_of(stream) == "customer":
                    self._tell_waiting(recorded, out)
            case CommandReleased() | CommandAbandoned() | CommandRefused():
                out.memory.append(forget(event.command_id))
                if kind_of(stream) == "customer":
                    self._tell_waiting(recorded, out)
            case MatchProposed():
                self._tell_waiting(recorded, out)
            case RecordLinked(kind="customer"):
                self._arrived(f"customer-linked:{stream}", "linked", f"its customer is linked: {event.how}", out)
            case CustomerObserved(system="wizcommerce"):
                key = f"customer-seen:{connection}:{event.remote_id}"
                self._arrived(key, event.remote_id, "WizCommerce shows its customer now", out)
            case ProductObserved(system="quickbooks"):
                self._item(recorded, event, connection, out)
            case RecordGone(system="quickbooks", kind="product"):
                self._item_left(f"product:{stream}", frozenset(), out)
            case PushWithheld():
                self._withheld(recorded, event, out)
            case PushStarted():
                self._wake(
                    f"start:{connection}",
                    f"orders are pushed from {event.push_from:%Y-%m-%d %H:%M} UTC",
                    _cause(recorded),
                )
            case CompanyObserved() | ConsentRegained():
                self._wake(f"facts:{connection}", "the company's settings changed", _cause(recorded))
            case RunFinished(what=what, complete=True) if what in FIRST_PULLS:
                self._wake(f"facts:{connection}", "QuickBooks' customers and products were read", _cause(recorded))
            case CustomerObserved(system="quickbooks"):
                self._match_waiting(connection, out)
            case _:
                pass

    def _held(self, recorded: Recorded, event: CommandHeld, out: Outcome) -> None:
        """Remembers what the command waits for; if all of it has arrived already, the command is released."""
        out.memory.append(forget(event.command_id))
        for missing in event.missing:
            out.memory.append(wait(missing, recorded.stream, event.command_id))
        arrived = self._memory.have_arrived([m.key for m in event.missing])
        if len(arrived) == len({m.key for m in event.missing}):
            self._release(recorded.stream, event.command_id, "; ".join(arrived.values()), out)
            return
        for missing in event.missing:
            if missing.key.startswith("customer-linked:") and missing.key not in arrived:
                self._need_customer(missing, event, recorded, out)

    def _need_customer(self, missing: Missing, held: CommandHeld, recorded: Recorded, out: Outcome) -> None:
        """The customer is matched or created because an order needs it; of one that cannot come by itself, the order says why."""
        customer = self._records.customer(missing.key.removeprefix("customer-linked:"))
        if "quickbooks" in customer.links:
            return
        if customer.needed:
            why = _why_it_stands(customer)
            if why:
                self._say_why(recorded.stream, held.command_id, missing.key, why, out)
            return
        order = self._records.order(recorded.stream)
        number = order.content.number if order.content else ""
        out.entries += self._records.customer_entries(customer, [NeededBy(stream=recorded.stream, number=number)])

    def _arrived(self, key: str, member: str, because: str, out: Outcome) -> None:
        out.memory.append(arrive(key, member, because))
        self._release_waiting(key, because, out)

    def _release_waiting(
        self, key: str, because: str, out: Outcome, with_it: frozenset[str] = frozenset(), without: str = ""
    ) -> None:
        """Releases every command that waited for `key` and for nothing else that is still missing.

        `with_it` arrives by the same event; `without` is a member that the memory still has, and the event takes away.
        """
        for command_id, stream, others in self._memory.waiting_for(key):
            rest = [other for other in others if other not in with_it]
            arrived = self._memory.have_arrived(rest, without)
            if len(arrived) == len(rest):
                self._release(stream, command_id, because, out)
            else:
                self._still_held(stream, command_id, {*arrived, *with_it, key}, out)

    def _still_held(self, stream: str, command_id: str, there: set[str], out: Outcome) -> None:
        """Some of what it waited for is there: the reason it shows names only what is left."""
        record = self._record(stream)
        command = record.commands.get(command_id)
        if command is None or command.status != "held" or any(entry.stream == stream for entry in out.entries):
            return
        missing = tuple(m for m in command.missing if m.key not in there)
        if missing and missing != command.missing:
            held = CommandHeld(command_id=command_id, missing=missing)
            out.entries.append(Entry(stream=stream, version=record.version, events=[held]))

    def _release(self, stream: str, command_id: str, because: str, out: Outcome) -> None:
        if any(entry.stream == stream for entry in out.entries):
            return
        record = self._record(stream)
        command = record.commands.get(command_id)
        if command is not None and command.status == "held":
            released = CommandReleased(command_id=command_id, because=because)
            out.entries.append(Entry(stream=stream, version=record.version, events=[released]))

    def _item(self, recorded: Recorded, event: ProductObserved, connection: str, out: Outcome) -> None:
        """A SKU has arrived while exactly one active item carries it; a changed item leaves the SKU it had."""
        member = f"product:{recorded.stream}"
        key = f"sku:{connection}:{sku_key(event.content.sku)}"
        others = self._memory.others(key, member)
        if not usable(event.content):
            self._item_left(member, frozenset({key} if others == 1 else ()), out)
            return
        because = f"QuickBooks has an active item with SKU {event.content.sku}"
        came = frozenset() if others else frozenset({key})
        left = self._item_left(member, came, out, besides=key)
        out.memory.append(arrive(key, member, because))
        for one in came:
            self._release_waiting(one, because, out, came | left, without=member)

    def _item_left(self, member: str, came: frozenset[str], out: Outcome, besides: str = "") -> frozenset[str]:
        """`member` makes its keys arrive no more: one that a single other item carries has arrived by that."""
        left = frozenset(
            old for old in self._memory.keys_of(member) if old != besides and self._memory.others(old, member) == 1
        ) | (came if not besides else frozenset())
        out.memory.append(leave(member))
        for one in sorted(left):
            self._release_waiting(one, "only one active item carries the SKU now", out, left | came, without=member)
        return left

    def _match_waiting(self, connection: str, out: Outcome) -> None:
        """QuickBooks shows a customer that is new or changed: the customers that orders wait for are matched again."""
        for stream in self._memory.waiting_customers(connection):
            entries = self._records.customer_entries(self._records.customer(stream), [])
            taken = {entry.stream for entry in out.entries}
            if not taken & {entry.stream for entry in entries}:  # two that want one record: the first gets it
                out.entries += entries

    def _withheld(self, recorded: Recorded, event: PushWithheld, out: Outcome) -> None:
        out.memory.append(forget(QUIET + recorded.stream))
        if event.waits_for:
            missing = Missing(key=event.waits_for, sentence=event.sentence)
            out.memory.append(wait(missing, recorded.stream, QUIET + recorded.stream))
            # It may have come between the decision and its append, when nothing waited for it yet.
            entries = self._reconsidered(recorded.stream, "what it waited for came while it decided to wait")
            out.entries += entries

    def _wake(self, key: str, because: str, cause: Cause) -> None:
        """Every order withheld for `key` decides again, each in an append of its own: thousands may wait.

        Repeated after a crash, it finds those that have decided already with nothing left to decide.
        """
        for _, stream, _ in self._memory.waiting_for(key):

            def build(stream: str = stream) -> list[Entry]:
                return self._reconsidered(stream, because)

            self._records.append(build, cause)

    def _reconsidered(self, stream: str, because: str) -> list[Entry]:
        """What a withheld order decides now; nothing when it decides as before."""
        entries = self._records.order_entry(self._records.order(stream), [Reconsidered(because=because)])
        return entries if any(len(entry.events) > 1 for entry in entries) else []

    def _tell_waiting(self, recorded: Recorded, out: Outcome) -> None:
        """What a held order waits for cannot come by itself: the reason it shows changes with it."""
        sentence = _why_not_linked(recorded)
        key = f"customer-linked:{recorded.stream}"
        for command_id, stream, _ in self._memory.waiting_for(key):
            self._say_why(stream, command_id, key, sentence, out)

    def _say_why(self, stream: str, command_id: str, key: str, sentence: str, out: Outcome) -> None:
        """A held command shows `sentence` as the reason of what it waits for under `key`."""
        record = self._record(stream)
        command = record.commands.get(command_id)
        if command is None or command.status != "held":
            return
        missing = tuple(Missing(key=m.key, sentence=sentence) if m.key == key else m for m in command.missing)
        if missing != command.missing:
            held = CommandHeld(command_id=command_id, missing=missing)
            out.entries.append(Entry(stream=stream, version=record.version, events=[held]))

    def _record(self, stream: str) -> Order | Customer:
        return self._records.order(stream) if kind_of(stream) == "order" else self._records.customer(stream)

    # ---- parking -------------------------------------------------------------------------------------------------------------

    def _parked(self) -> set[str]:
        with self._pool.connection() as c:
            return {r[0] for r in c.execute("SELECT stream FROM parked WHERE step = %s", (NAME,))}

    def _park(self, recorded: Recorded, error: Exception, tracking: Sequence[Statement]) -> None:
        logger.error(
            "react parks %s at %s:\n%s", recorded.stream, recorded.position, "".join(traceback.format_exception(error))
        )
        park(self._records, NAME, recorded.stream, recorded.position, error, tracking)

    def _freed(self) -> int:
        """Takes up the streams a person let go on, from the event they were parked at."""
        with self._pool.connection() as c:
            sql = "SELECT stream, position FROM parked WHERE step = %s AND released_by <> '' ORDER BY position LIMIT 1"
            row = c.execute(sql, (NAME,)).fetchone()
        if row is None:
            return 0
        stream, position = row
        reached = tracked(self._pool, NAME)
        for recorded in self._log.story(stream):
            if position <= recorded.position <= reached:
                after: Statement = (
                    "UPDATE parked SET position = %s WHERE step = %s AND stream = %s",
                    (recorded.position + 1, NAME, stream),
                )
                if _concerns(recorded) and not self._react(recorded, [after]):
                    return 1
        with self._pool.connection() as c:
            c.execute("DELETE FROM parked WHERE step = %s AND stream = %s AND released_by <> ''", (NAME, stream))
        return 1


def _concerns(recorded: Recorded) -> bool:
    return isinstance(
        recorded.event,
        CommandIssued
        | CommandHeld
        | CommandReleased
        | CommandAbandoned
        | CommandRefused
        | MatchProposed
        | RecordLinked
        | CustomerObserved
        | ProductObserved
        | RecordGone
        | PushWithheld
        | PushStarted
        | CompanyObserved
        | ConsentRegained
        | RunFinished,
    )


def _cause(recorded: Recorded) -> Cause:
    return Cause(causation_id=str(recorded.event_id), correlation_id=recorded.correlation_id)


def _why_not_linked(recorded: Recorded) -> str:
    match recorded.event:
        case MatchProposed(candidates=candidates):
            return MATCHES.format(len(candidates))
        case CommandRefused(sentence=sentence):
            return SAID_NO.format(sentence)
        case CommandAbandoned(why=why):
            return NEVER_SENT.format(why)
        case _:
            return "the customer is not in QuickBooks yet"


def _why_it_stands(customer: Customer) -> str:
    """Why a customer that is not linked will not be by itself; '' when it may be."""
    if customer.decision == "waiting":
        return MATCHES.format(len(customer.proposed))
    last = latest(customer.commands, "CreateCustomer")
    if last is not None and last.status == "refused":
        return SAID_NO.format(last.reason)
    return NEVER_SENT.format(last.reason) if last is not None and customer.never else ""


MATCHES = "its customer has {} possible match(es) in QuickBooks: a person decides"
SAID_NO = "QuickBooks said no to creating its customer: {}"
NEVER_SENT = "its customer is never sent: {}"
