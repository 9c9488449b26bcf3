"""React: what a fact in one stream makes of another.

A follower of the log that keeps its own memory: what waits for which key, and which keys have arrived. Both are written in the
transaction of its appends and its tracking, in log order, and nothing else is read for a decision about waiting: whether the
link or the hold was committed first, the order goes. A step that fails on an event parks that stream; all others go on.
"""

import logging
import traceback
from collections.abc import Callable, Sequence
from contextlib import nullcontext

from msgspec.structs import replace

from engine.born_reactions import BornReactions, awaited_products
from engine.domain.bundle_reasons import waits_for_bundles
from engine.domain.customer_policies import NAMED
from engine.domain.events import (
    AttentionCleared,
    AttentionNeeded,
    CommandAbandoned,
    CommandHeld,
    CommandIssued,
    CommandRefused,
    CommandReleased,
    CommandRetried,
    CompanyObserved,
    ConsentRegained,
    CustomerObserved,
    FirstSyncAccepted,
    MatchChosen,
    MatchProposed,
    MatchRejected,
    Missing,
    OrderObserved,
    OtherObserved,
    ProductObserved,
    PushAskedFor,
    PushStarted,
    PushWithheld,
    Reconsidered,
    Recorded,
    RecordGone,
    RecordLinked,
    RecordMergedInto,
    RecordMergedThere,
    RunFinished,
    SettingChosen,
    decided_against,
)
from engine.domain.invoice_born import PUTS
from engine.domain.tellings import TELLINGS
from engine.domain.values import connection_of, kind_of
from engine.follow import advance, move_on, tracked
from engine.goods_reactions import GOODS_CHOICES, GoodsReactions, decide_products
from engine.holds import Holds, Outcome
from engine.log import AWAY, Cause, Log, Statement, VersionConflict
from engine.memory import Memory, forget, leave, wait
from engine.parking import park
from engine.payment_reactions import PaymentReactions, concerns_payments
from engine.reconsider import Again
from engine.record_reactions import RecordReactions, concerns_records
from engine.records import MOST_CONFLICTS, Records
from engine.surroundings import FIRST_PULLS, Pool

logger = logging.getLogger(__name__)

NAME = "react"
BATCH = 200
LISTED = ("field:quickbooks:term", "field:quickbooks:customer_type")
"""Topics of what a customer names and a list of QuickBooks does not have."""
FOR_NEW_CUSTOMERS = ("sales-rep", "currency")
"""Choices that only what is held for want of them waits for."""
INVOICE_ITEMS = ("adhoc-item", "charges-item", "tax-item", "rounding-item")
TAXING = ("tax", "tax-item", "tax-code", "tax-free-code", "shipping-tax", "tax-after-discount")
HEADS = ("long-numbers", "invoice-date", "number-field", "po-field", "class", "location")
FOR_INVOICES = (
    *INVOICE_ITEMS,
    *TAXING,
    *HEADS,
    "cancelled-orders",
    "online-payments",
    "closed-books",
    "invoice-records",
    "pull-invoices",
    "shipments",
)
"""Choices that only invoices depend on."""
QUIET = "stream:"
"""Prefix of the command id under which a whole stream waits (an order that is withheld has no command yet)."""


class React:
    """Follows the log and appends what follows in other streams."""

    name = NAME

    def __init__(self, records: Records, pool: Pool) -> None:
        self._records = records
        self._log: Log = records.log
        self._pool = pool
        self._memory = Memory(pool)
        self._holds = Holds(records, self._memory)
        self._goods = GoodsReactions(records, self._holds)
        self._payments = PaymentReactions(records)
        self._invoices = RecordReactions(records)
        self._again = Again(records, self._memory, pool)
        self._born = BornReactions(records, self._again)

    def step(self) -> int:
        """Reacts to the next events; answers with how many it passed."""
        before, parked, freed = self._standing()
        if freed:
            self._free(*freed)
            return 1
        batch = self._log.since(before, BATCH)
        awaited = awaited_products(batch, self._memory)
        passed, idle_end = 0, before
        passed = self._together(batch, before, parked, awaited)
        if passed:
            return passed
        for recorded in batch:
            passed += 1
            if recorded.stream in parked or not _concerns(recorded, awaited):
                idle_end = recorded.position
                continue
            if idle_end > before:
                self._pass_over(before, idle_end)
                before = idle_end
            if (_is_first_item(recorded) or _is_sold(recorded)) and passed > 1:
                return passed - 1  # it and those that follow may be taken together
            if not self._react(recorded, [advance(NAME, before, recorded.position)]):
                return passed
            before = idle_end = recorded.position
        if batch and idle_end > before:
            self._pass_over(before, idle_end)
        return passed

    def _pass_over(self, before: int, after: int) -> None:
        """Nothing follows from what stands between; so nothing is appended, and nobody is woken."""
        with self._pool.connection() as c:
            move_on(c, NAME, before, after)

    def _together(self, batch: Sequence[Recorded], before: int, parked: set[str], awaited: frozenset[str]) -> int:
        """Sights of many products, one right after the other, as a first pull and our own writes bring them: taken together.
        Answers with how many events were passed; 0 when the batch does not begin so, or they must be taken one by one."""
        for belongs, follow, least in (
            (_is_first_item, self._goods.first_items, 2),
            (_is_sold, self._goods.sold_as_known, 1),
        ):
            run = _run(batch, belongs, parked, awaited)
            if len(run) < least:
                continue
            if any(recorded.stream in awaited for recorded in run):
                return 0  # an invoice waits for one of them: they are taken one by one
            outcome, connection = Outcome(), connection_of(run[0].stream)
            try:
                if belongs is _is_first_item:
                    self._wake(run, connection)
                taken = follow(run, connection, outcome)
                if taken < least:
                    return 0
                tracking = advance(NAME, before, run[taken - 1].position)
                self._log.append(outcome.entries, _cause(run[0]), [*outcome.memory, tracking])
            except AWAY:
                raise
            except Exception as error:  # one by one, each is tried again, and parked if it is the one that fails
                logger.info("react takes %s sights one by one: %s", len(run), type(error).__name__)
                return 0
            return sum(1 for recorded in batch if recorded.position <= run[taken - 1].position)
        return 0

    def _wake(self, run: Sequence[Recorded], connection: str) -> None:
        """Orders that waited for one of these items to be seen, of whatever kind it is, decide again."""
        causes = {key: recorded for recorded in run for key in self._goods.woken_by(recorded, connection)}
        for key in sorted(self._memory.awaited(list(causes))):
            self._again.waiting_for(key, "QuickBooks shows its item", _cause(causes[key]))

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
        meets = isinstance(recorded.event, CommandHeld | CustomerObserved | MatchRejected | MatchChosen)
        with self._records.matching(connection_of(recorded.stream), "customer") if meets else nullcontext():
            self._follow(recorded, outcome)
            cause = _cause(recorded)
            if isinstance(recorded.event, MatchRejected | MatchChosen):  # a person's answer, on the other side too
                cause = replace(cause, who=recorded.who)
            self._log.append(outcome.entries, cause, [*outcome.memory, *tracking])

    # ---- what follows ------------------------------------------------------------------------------------------------------

    def _follow(self, recorded: Recorded, out: Outcome) -> None:
        if concerns_payments(recorded):
            self._payments.follow(recorded, out)
        if concerns_records(recorded):
            self._invoices.follow(recorded, out)
        self._born.follow(recorded, out, _cause(recorded))
        if kind_of(recorded.stream) in ("payment", *TELLINGS):
            self._quiet(recorded, out)
        elif kind_of(recorded.stream) == "product" and isinstance(recorded.event, PushWithheld | CommandAbandoned):
            pass  # only orders that wait for it are told, above
        else:
            self._follow_others(recorded, out)

    def _quiet(self, recorded: Recorded, out: Outcome) -> None:
        """A payment, an invoice record or a shipment that is withheld waits for the company's settings or a choice at most, until
        a request of it is issued."""
        if isinstance(recorded.event, PushWithheld):
            self._withheld(recorded, recorded.event, out)
        elif isinstance(recorded.event, CommandIssued):
            out.memory.append(forget(QUIET + recorded.stream))

    def _follow_others(self, recorded: Recorded, out: Outcome) -> None:
        """What a fact of one record means for others: one case a kind of fact."""
        event, stream = recorded.event, recorded.stream
        connection = connection_of(stream) or stream.removeprefix("connection-")
        match event:
            case CommandHeld():
                self._holds.held(recorded, event, out)
                if kind_of(stream) == "customer":
                    self._holds.tell_waiting(recorded, out)
            case CommandIssued():
                out.memory.append(forget(QUIET + stream))
                if kind_of(stream) == "customer":
                    self._holds.tell_waiting(recorded, out)
            case CommandReleased() | CommandAbandoned() | CommandRefused():
                out.memory.append(forget(event.command_id))
                if decided_against(event, recorded.who):
                    self._goods.order(stream, connection, out)
                if kind_of(stream) == "customer":
                    self._holds.tell_waiting(recorded, out)
            case MatchProposed():
                self._holds.tell_waiting(recorded, out)
            case RecordLinked(kind="customer"):
                self._holds.arrived(f"customer-linked:{stream}", "linked", f"its customer is linked: {event.how}", out)
            case RecordGone(system="quickbooks", kind="customer"):
                out.memory.append(leave(f"active:{stream}"))
            case RecordMergedThere(kind="customer"):
                because = f"{NAMED[event.system]} goes on with customer {event.into} in its place"
                self._holds.arrived(f"customer-active:{stream}", f"active:{stream}", because, out)
            case MatchRejected() | MatchChosen():
                self._holds.free_candidates(stream, out)
            case AttentionNeeded(topic=topic) if topic.startswith(LISTED):
                self._listed(topic, event.sentence, stream, connection, out)
            case AttentionCleared(topic=topic) if topic.startswith(LISTED):
                out.memory.append(forget(f"{QUIET}{stream}:{topic}"))
            case OtherObserved(kind="term" | "customertype" as kind):
                self._again.waiting_for(
                    f"list:{connection}:{kind}", "QuickBooks has another one of that list", _cause(recorded)
                )
            case CustomerObserved(system="wizcommerce"):
                key = f"customer-seen:{connection}:{event.remote_id}"
                self._holds.arrived(key, event.remote_id, "WizCommerce shows its customer now", out)
            case ProductObserved() | RecordMergedThere(kind="product") | RecordGone(kind="product"):
                self._goods.product(recorded, connection, out)
                for key in self._goods.woken_by(recorded, connection):
                    self._again.waiting_for(key, "QuickBooks shows its item anew", _cause(recorded))
            case RecordMergedInto() if kind_of(stream) == "product":
                self._goods.product(recorded, connection, out)
            case OrderObserved() | Reconsidered() | PushAskedFor() | CommandRetried() | RecordGone(kind="order"):
                self._goods.order(stream, connection, out)
            case PushWithheld():
                self._withheld(recorded, event, out)
                self._goods.order(stream, connection, out)
            case CustomerObserved(system="quickbooks"):
                self._holds.active(recorded, event, out)
                self._holds.match_waiting(connection, out)
            case _:
                self._of_connection(recorded, connection, out)

    def _of_connection(self, recorded: Recorded, connection: str, out: Outcome) -> None:
        """What a connection's own facts mean for all that wait for them."""
        event = recorded.event
        match event:
            case FirstSyncAccepted():
                out.memory.append(decide_products(connection, recorded.recorded_at))
                self._again.customers(connection, "the first sync was accepted", _cause(recorded))
                self._again.waiting_for(f"facts:{connection}", "the first sync was accepted", _cause(recorded))
            case SettingChosen(name=name, value=value):
                self._chosen(connection, name, value, recorded, out)
            case PushStarted():
                self._again.waiting_for(
                    f"start:{connection}",
                    f"orders are pushed from {event.push_from:%Y-%m-%d %H:%M} UTC",
                    _cause(recorded),
                )
            case CompanyObserved() | ConsentRegained():
                if isinstance(event, CompanyObserved):
                    out.memory.append(decide_products(connection, recorded.recorded_at))
                self._again.waiting_for(f"facts:{connection}", "the company's settings changed", _cause(recorded))
            case RunFinished(what=what, complete=True) if what in FIRST_PULLS:
                out.memory.append(decide_products(connection, recorded.recorded_at))
                self._again.waiting_for(f"facts:{connection}", "both sides were read", _cause(recorded))
            case _:
                pass

    def _chosen(self, connection: str, name: str, value: str, recorded: Recorded, out: Outcome) -> None:
        """A choice is there, or taken back; customers that it concerns decide again."""
        key = f"choice:{connection}:{name}"
        if name in GOODS_CHOICES:
            self._goods.chosen(connection, name, recorded, out)
        if value:
            self._holds.arrived(key, key, f"{name} was chosen", out)
        else:
            out.memory.append(leave(key))
        if name in ("closed-books", "long-numbers", "invoice-date"):
            self._again.waiting_for(f"facts:{connection}", f"{name} was chosen", _cause(recorded))
        if name == "bundles":
            self._again.waiting_for(waits_for_bundles(connection), f"{name} was chosen", _cause(recorded))
            self._again.held_orders(connection, f"{name} was chosen", _cause(recorded))
        if name == "products":  # where they are left alone, an order waits for none of them
            self._again.held_orders(connection, f"{name} was chosen", _cause(recorded), PUTS)
        if name == "pull-invoices":
            for stream in self._records.around.undecided_invoices(connection):
                self._again.one(stream, f"{name} was chosen", _cause(recorded))
        for telling in TELLINGS.values():
            if name == telling.kept.choice:
                key_of_all = telling.kept.waits_for(connection)
                self._again.waiting_for(key_of_all, f"{name} was chosen", _cause(recorded))
        if name == "tax":
            self._again.waiting_for(f"facts:{connection}", "tax was chosen", _cause(recorded))
            for one in TAXING[1:]:
                self._again.waiting_for(f"choice:{connection}:{one}", "tax was chosen", _cause(recorded))
        if name in (*INVOICE_ITEMS, *TAXING):
            self._again.waiting_for(key, f"{name} was chosen", _cause(recorded))
            self._again.held_orders(connection, f"{name} was chosen", _cause(recorded))
        gate = self._records.around.gate(connection)
        if gate is not None and gate.accepted and _concerns_customers(name):
            self._again.customers(connection, f"{name} was chosen", _cause(recorded))

    def _listed(self, topic: str, sentence: str, stream: str, connection: str, out: Outcome) -> None:
        """A customer names a term or type that QuickBooks' list lacks: it decides again when the list has another entry."""
        kind = "term" if topic.endswith(":term") else "customertype"
        missing = Missing(key=f"list:{connection}:{kind}", sentence=sentence)
        out.memory.append(wait(missing, stream, f"{QUIET}{stream}:{topic}"))

    def _withheld(self, recorded: Recorded, event: PushWithheld, out: Outcome) -> None:
        out.memory.append(forget(QUIET + recorded.stream))
        if event.waits_for:
            for key in (event.waits_for, *event.waits_too):
                missing = Missing(key=key, sentence=event.sentence)
                out.memory.append(wait(missing, recorded.stream, QUIET + recorded.stream))
            # It may have come between the decision and its append, when nothing waited for it yet.
            entries = self._again.decided(recorded.stream, "what it waited for came while it decided to wait")
            taken = {entry.stream for entry in out.entries}
            out.entries += [entry for entry in entries if entry.stream not in taken]

    # ---- parking -------------------------------------------------------------------------------------------------------------

    def _standing(self) -> tuple[int, set[str], tuple[str, int] | None]:
        """How far we got, the streams that are parked, and the first of those that a person let go on, with its position."""
        sql = (
            "SELECT coalesce((SELECT position FROM tracking WHERE follower = %(react)s), 0), "
            "coalesce((SELECT json_agg(json_build_array(stream, position, released_by <> '') ORDER BY position) "
            "FROM parked WHERE step = %(react)s), '[]')"
        )
        with self._pool.connection() as c:
            row = c.execute(sql, {"react": NAME}).fetchone()
        assert row is not None  # no table is named outside of its expressions
        reached, parked = row
        freed = next(((stream, position) for stream, position, free in parked if free), None)
        return reached, {stream for stream, _, _ in parked}, freed

    def _park(self, recorded: Recorded, error: Exception, tracking: Sequence[Statement]) -> None:
        logger.error(
            "react parks %s at %s:\n%s", recorded.stream, recorded.position, "".join(traceback.format_exception(error))
        )
        park(self._records, NAME, recorded.stream, recorded.position, error, tracking)

    def _free(self, stream: str, position: int) -> None:
        """Takes up a stream that a person let go on, from the event it was parked at."""
        reached = tracked(self._pool, NAME)
        for recorded in self._log.story(stream):
            if position <= recorded.position <= reached:
                after: Statement = (
                    "UPDATE parked SET position = %s WHERE step = %s AND stream = %s",
                    (recorded.position + 1, NAME, stream),
                )
                if _concerns(recorded, frozenset({stream})) and not self._react(recorded, [after]):
                    return
        with self._pool.connection() as c:
            c.execute("DELETE FROM parked WHERE step = %s AND stream = %s AND released_by <> ''", (NAME, stream))


def _concerns_customers(choice: str) -> bool:
    return choice not in (*GOODS_CHOICES, *FOR_NEW_CUSTOMERS, *FOR_INVOICES) and not choice.startswith("schedule-")


def _is_first_item(recorded: Recorded) -> bool:
    event = recorded.event
    return isinstance(event, ProductObserved) and event.system == "quickbooks" and recorded.version == 1


def _is_sold(recorded: Recorded) -> bool:
    """Whether WizCommerce shows the product of an item: mostly the answer to our own write."""
    event = recorded.event
    return isinstance(event, ProductObserved) and event.system == "wizcommerce" and recorded.version > 1


def _run(
    batch: Sequence[Recorded], belongs: Callable[[Recorded], bool], parked: set[str], awaited: frozenset[str]
) -> list[Recorded]:
    """The events of one connection that begin `batch` and belong together, but for those that concern nobody."""
    run: list[Recorded] = []
    for recorded in batch:
        if not _concerns(recorded, awaited):
            continue
        other = run and connection_of(recorded.stream) != connection_of(run[0].stream)
        if recorded.stream in parked or other or not belongs(recorded):
            break
        run.append(recorded)
    return run


def _concerns(recorded: Recorded, awaited: frozenset[str]) -> bool:
    """`awaited` are the streams of products that an invoice waits for: of others nobody is told why they are held."""
    if kind_of(recorded.stream) == "product":
        seen = isinstance(recorded.event, ProductObserved | RecordGone | RecordMergedThere | RecordMergedInto)
        return seen or (recorded.stream in awaited and isinstance(recorded.event, PushWithheld | CommandAbandoned))
    return (
        concerns_payments(recorded)
        or concerns_records(recorded)
        or isinstance(
            recorded.event,
            CommandIssued
            | CommandHeld
            | CommandReleased
            | CommandAbandoned
            | CommandRefused
            | MatchProposed
            | MatchRejected
            | MatchChosen
            | FirstSyncAccepted
            | SettingChosen
            | AttentionNeeded
            | AttentionCleared
            | OtherObserved
            | RecordLinked
            | OrderObserved
            | Reconsidered
            | PushAskedFor
            | CommandRetried
            | CustomerObserved
            | ProductObserved
            | RecordGone
            | RecordMergedThere
            | RecordMergedInto
            | PushWithheld
            | PushStarted
            | CompanyObserved
            | ConsentRegained
            | RunFinished,
        )
    )


def _cause(recorded: Recorded) -> Cause:
    return Cause(causation_id=str(recorded.event_id), correlation_id=recorded.correlation_id)
