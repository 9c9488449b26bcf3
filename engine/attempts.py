"""One attempt at a command: recorded before it is sent, sent, and its outcome recorded, whatever it is.

An unknown outcome is a state, never a guess: first wait until the other side's own request limit has passed, then look; ours
is adopted, what is absent is sent again with the same id and bytes, and a new generation begins only when that id is burned and
a second look found nothing. After an unknown, a refusal that may mean "I have it already" is compared with what we sent first.
"""

import zlib
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from engine.clock import Clock
from engine.domain.commands import Command, command_id, unfinished
from engine.domain.customer import Customer, customer_draft
from engine.domain.events import (
    AnswerDisagreed,
    AttemptFailed,
    AttemptStarted,
    AttentionNeeded,
    CommandAbandoned,
    CommandHeld,
    CommandIssued,
    CommandRefused,
    Event,
    LateOutcome,
    LookedAndAbsent,
    LookPostponed,
    OutcomeUnknown,
    PushPaused,
    Verb,
)
from engine.domain.order import Order, invoice_from_order
from engine.domain.policies import differences, missing_for, whose, why_not
from engine.domain.values import Draft, InvoiceDraft, Personal, connection_of, connection_stream, kind_of
from engine.log import Cause, Entry, VersionConflict
from engine.observe import lost
from engine.ports import (
    Accounting,
    Answer,
    Disconnected,
    GatewayError,
    Refused,
    Remote,
    Suspended,
    Unavailable,
    Unknown,
)
from engine.records import Records
from engine.sights import Sights

SEEN_ALREADY = frozenset({"600", "5010", "6140", "6240"})
"""Refusals that may mean that an earlier attempt arrived. Source: DESIGN, law 5."""
BACKOFF = (1, 2, 5, 15, 30, 60, 120, 300, 600)
"""Seconds until the next attempt after a failed one; the last repeats. A 429 waits at least as long as it says."""
LOOK_AGAIN = timedelta(seconds=60)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How long a call may take, and how long the other side may still be at it. Seconds."""

    send_within_seconds: float = 20.0
    answer_within_seconds: float = 60.0
    their_limit_seconds: float = 120.0
    """QuickBooks ends a request of its own after this. Source: QuickBooks reference, section 5."""
    margin_seconds: float = 30.0

    @property
    def look_after(self) -> timedelta:
        """From `answer_by` until it is certain that the other side is done with the request."""
        return timedelta(seconds=self.their_limit_seconds + self.margin_seconds)

    @property
    def lease(self) -> timedelta:
        """A lease outlives `answer_by` plus the other side's limit."""
        return timedelta(seconds=self.answer_within_seconds + self.margin_seconds) + self.look_after


class Attempts:
    """Sends and looks, and records what came of it."""

    def __init__(
        self, records: Records, sights: Sights, accounting: Accounting, clock: Clock, limits: Limits, worker: str
    ) -> None:
        self._records = records
        self._sights = sights
        self._accounting = accounting
        self._clock = clock
        self._limits = limits
        self._worker = worker

    def reload(self, stream: str) -> Order | Customer:
        """The record of a stream as it is now."""
        return self._records.order(stream) if kind_of(stream) == "order" else self._records.customer(stream)

    # ---- sending -------------------------------------------------------------------------------------------------------------

    def send(self, record: Order | Customer, command: Command) -> None:
        """One attempt at a ready command, unless something is missing after all."""
        draft_or_events = self._draft(record, command)
        if isinstance(draft_or_events, list):
            self._append_at(record, draft_or_events, command)
            return
        draft = draft_or_events
        try:
            body = self._body(command, draft)
        except Refused as refusal:
            self._append_at(record, [_refused(command, command.attempts, refusal)], command)
            return
        if command.first is not None and body != str(command.first.body):
            if not command.may_have_run:
                self._begin_anew(record, command)
                return
            draft, body = command.first.draft, str(command.first.body)
        started = self._start(record, command, draft, body)
        if started is not None:
            self._carry_out(record.stream, command.command_id, started)

    def _draft(self, record: Order | Customer, command: Command) -> Draft | list[Event]:
        """What to send now, or the events that follow because it cannot be sent."""
        if command.may_have_run and command.first is not None:
            return command.first.draft
        if isinstance(record, Customer):
            if record.here is None:
                return [CommandAbandoned(command_id=command.command_id, why="WizCommerce no longer shows the customer")]
            return customer_draft(record.here, command.command_id)
        around = self._records.around.around(connection_of(record.stream), record)
        if record.content is None:
            return [CommandAbandoned(command_id=command.command_id, why="WizCommerce no longer shows the order")]
        withheld = why_not(record, record.content, around)
        if withheld is not None:
            why = f"before anything was sent: {withheld.sentence}"
            return [CommandAbandoned(command_id=command.command_id, why=why), withheld]
        missing = missing_for(record, around)
        if missing:
            return [CommandHeld(command_id=command.command_id, missing=missing)]
        items = {key: ids[0] for key, ids in around.items.items()}
        customer = around.customer.quickbooks_id
        return invoice_from_order(record.content, customer, items, around.facts, command.command_id)

    def _body(self, command: Command, draft: Draft) -> str:
        if command.first is not None and command.may_have_run:
            return str(command.first.body)
        return self._accounting.request_body(draft)

    def _begin_anew(self, record: Order | Customer, command: Command) -> None:
        """The record changed and nothing of the old content ever left: another generation with other bytes."""
        why = "it changed before anything was carried out"
        self._append_at(record, _new_generation(record, command, why, because="with the content as it is now"), command)

    def _start(self, record: Order | Customer, command: Command, draft: Draft, body: str) -> AttemptStarted | None:
        now = self._clock.now()
        started = AttemptStarted(
            command_id=command.command_id,
            attempt=command.attempts + 1,
            draft=draft,
            body=Personal(body),
            worker=self._worker,
            send_by=now + timedelta(seconds=self._limits.send_within_seconds),
            answer_by=now + timedelta(seconds=self._limits.answer_within_seconds),
        )
        return started if self._append_at(record, [started], command) else None

    def _append_at(self, record: Order | Customer, events: list[Event], command: Command) -> bool:
        """Appends at the version that was read; False when another event came first: then nothing follows from us."""
        entry = Entry(stream=record.stream, version=record.version, events=events)
        try:
            self._records.log.append([entry], self._cause(command.command_id))
        except VersionConflict:
            return False
        return True

    def _cause(self, command: str) -> Cause:
        return Cause(causation_id=f"worker {self._worker}", correlation_id=command)

    def _carry_out(self, stream: str, command: str, started: AttemptStarted) -> None:
        begun = self._clock.boottime()
        fetched_after = self._records.log.position()
        connection = connection_of(stream)
        verb: Verb = "CreateInvoice" if isinstance(started.draft, InvoiceDraft) else "CreateCustomer"
        try:
            answer = self._accounting.send(
                connection,
                verb,
                str(started.body),
                command,
                send_by=begun + self._limits.send_within_seconds,
                answer_by=begun + self._limits.answer_within_seconds,
            )
        except GatewayError as error:
            self._not_accepted(stream, command, started, error)
            return
        self._answered(stream, command, started, answer, fetched_after)

    # ---- outcomes --------------------------------------------------------------------------------------------------------------

    def _answered(self, stream: str, command: str, started: AttemptStarted, answer: Answer, fetched_after: int) -> None:
        remote = answer.remote
        found = () if remote.content is None else differences(started.draft, remote.content)

        def build(record: Order | Customer, open_: Command) -> list[Entry]:
            if found or remote.content is None:
                return self._disagreed(stream, record, open_, remote, found, answer.trace_id)
            cause = self._cause(command)
            return self._sights.outcome(stream, open_, remote, fetched_after, cause, "answered", answer.trace_id)

        late = LateOutcome(
            command_id=command,
            attempt=started.attempt,
            said=f"accepted as {remote.remote_id}",
            remote_id=remote.remote_id,
            trace_id=answer.trace_id,
        )
        self._settle(stream, command, started, build, late)

    def _disagreed(
        self,
        stream: str,
        record: Order | Customer,
        open_: Command,
        remote: Remote,
        found: tuple[str, ...],
        trace_id: str,
    ) -> list[Entry]:
        event = AnswerDisagreed(
            command_id=open_.command_id,
            attempt=open_.attempts,
            remote_id=remote.remote_id,
            differences=found or ("the answer shows no record",),
            trace_id=trace_id,
        )
        return [Entry(stream=stream, version=record.version, events=[event])]

    def _not_accepted(self, stream: str, command: str, started: AttemptStarted, error: GatewayError) -> None:
        connection = connection_of(stream)
        if isinstance(error, Disconnected):
            lost(self._records, connection, "quickbooks", error)
        if isinstance(error, Suspended):
            self._suspend(connection, error)
        if (
            isinstance(error, Refused)
            and error.code in SEEN_ALREADY
            and self._had_it_already(stream, command, started, error)
        ):
            return

        def build(record: Order | Customer, open_: Command) -> list[Entry]:
            return [Entry(stream=stream, version=record.version, events=[self._outcome(open_, started, error)])]

        late = LateOutcome(
            command_id=command,
            attempt=started.attempt,
            said=f"{error.code} {error.sentence}".strip(),
            trace_id=error.trace_id,
        )
        self._settle(stream, command, started, build, late)

    def _outcome(self, command: Command, started: AttemptStarted, error: GatewayError) -> Event:
        """The event a bad end is worth."""
        if isinstance(error, Unknown):
            return OutcomeUnknown(
                command_id=command.command_id,
                attempt=started.attempt,
                why=error.sentence,
                look_at=started.answer_by + self._limits.look_after,
                trace_id=error.trace_id,
            )
        if isinstance(error, Refused) and error.code == "600":
            return OutcomeUnknown(
                command_id=command.command_id,
                attempt=started.attempt,
                why=error.sentence,
                look_at=self._clock.now() + self._limits.look_after,
                trace_id=error.trace_id,
                burned=True,
            )
        if isinstance(error, Unavailable | Disconnected | Suspended):
            return AttemptFailed(
                command_id=command.command_id,
                attempt=started.attempt,
                code=error.code,
                sentence=error.sentence,
                next_step=error.next_step,
                again_at=self._again_at(command, error),
                may_have_run=error.ran,
                trace_id=error.trace_id,
            )
        return _refused(command, started.attempt, error)

    def _again_at(self, command: Command, error: GatewayError) -> datetime:
        now = self._clock.now()
        if isinstance(error, Disconnected | Suspended):
            return now  # the connection's gate holds it
        spread = zlib.crc32(f"{command.command_id}{command.attempts}".encode()) % 1000 / 1000
        wait = timedelta(seconds=BACKOFF[min(command.attempts, len(BACKOFF)) - 1] * (1 + spread / 4))
        not_before = error.not_before if isinstance(error, Unavailable) else None
        return max(now + wait, not_before + timedelta(seconds=spread)) if not_before else now + wait

    def _suspend(self, connection: str, error: Suspended) -> None:
        def build() -> list[Entry]:
            now = self._records.connection(connection)
            if now.paused:
                return []
            paused = PushPaused(reason=f"{error.sentence} {error.next_step}".strip())
            return [Entry(stream=connection_stream(connection), version=now.version, events=[paused])]

        self._records.append(
            build, Cause(causation_id="quickbooks answered", correlation_id=error.trace_id or connection)
        )

    def _settle(
        self,
        stream: str,
        command: str,
        started: AttemptStarted,
        build: Callable[[Order | Customer, Command], list[Entry]],
        late: LateOutcome,
    ) -> None:
        """Appends the outcome until it is in. Settled otherwise meanwhile: recorded as late, a second record is an alarm."""

        def entries() -> list[Entry]:
            record = self.reload(stream)
            open_ = record.commands[command]
            if open_.status == "running" and open_.attempts == started.attempt:
                return build(record, open_)
            if open_.unfinished and late.remote_id:
                return build(record, open_)  # an acceptance settles the command however it was thought of meanwhile
            events: list[Event] = [late]
            if late.remote_id and open_.remote_id and late.remote_id != open_.remote_id:
                events.append(_second(late.remote_id, open_.remote_id))
            return [Entry(stream=stream, version=record.version, events=events)]

        self._records.append(entries, self._cause(command))

    # ---- looking ---------------------------------------------------------------------------------------------------------------

    def look(self, record: Order | Customer, command: Command) -> None:
        """Looks for what an unknown attempt may have made, and records what that means."""
        if command.first is None or command.first_started_at is None:
            return
        connection = connection_of(record.stream)
        fetched_after = self._records.log.position()
        try:
            found = self._accounting.look(connection, command.first.draft, command.first_started_at)
        except GatewayError as error:
            if isinstance(error, Disconnected):
                lost(self._records, connection, "quickbooks", error)
            postponed = LookPostponed(
                command_id=command.command_id,
                why=f"{command.reason.split(' (could not look')[0]} (could not look: {error.sentence})",
                look_at=self._clock.now() + LOOK_AGAIN,
            )
            self._append_at(record, [postponed], command)
            return
        self._judge(record, command, found, fetched_after)

    def _judge(self, record: Order | Customer, command: Command, found: list[Remote], fetched_after: int) -> None:
        ours, maybe = self._sorted(record, command, found)
        if len(ours) == 1 and ours[0].content is not None and command.first is not None:
            self._adopt(record, command, ours[0], fetched_after)
        elif ours or maybe:
            ids = ", ".join(r.remote_id for r in ours or maybe)
            why = "carry our mark" if ours else "look like ours and carry no mark of ours"
            event = AnswerDisagreed(
                command_id=command.command_id,
                attempt=command.attempts,
                remote_id=(ours or maybe)[0].remote_id,
                differences=(f"in QuickBooks {ids} {why}: a person decides",),
            )
            self._append_at(record, [event], command)
        else:
            self._absent(record, command)

    def _sorted(
        self, record: Order | Customer, command: Command, found: list[Remote]
    ) -> tuple[list[Remote], list[Remote]]:
        """What is provably ours, and what only looks like it, among records no other stream has claimed."""
        marks = frozenset(record.commands)
        ours: list[Remote] = []
        maybe: list[Remote] = []
        for remote in found:
            owner = self._records.around.stream_of(
                connection_of(record.stream), remote.system, remote.kind, remote.remote_id
            )
            if remote.content is None or command.first is None:
                continue
            judged = whose(command.first.draft, marks, remote.content)
            if judged == "ours" and owner in ("", record.stream):
                ours.append(remote)
            elif judged == "maybe" and not owner:
                maybe.append(remote)
        return ours, maybe

    def _adopt(self, record: Order | Customer, command: Command, remote: Remote, fetched_after: int) -> None:
        def build() -> list[Entry]:
            now = self.reload(record.stream)
            open_ = now.commands[command.command_id]
            if not open_.unfinished or open_.first is None or remote.content is None:
                return []
            found = differences(open_.first.draft, remote.content)
            if found:
                return self._disagreed(record.stream, now, open_, remote, found, "")
            how = "found in QuickBooks: an earlier attempt had arrived"
            return self._sights.outcome(
                record.stream, open_, remote, fetched_after, self._cause(command.command_id), how
            )

        self._records.append(build, self._cause(command.command_id))

    def _absent(self, record: Order | Customer, command: Command) -> None:
        """Nothing is there: the same id again; a new generation only when the id is burned and we looked twice."""
        burned = command.burned and command.empty_looks >= 1
        looked = LookedAndAbsent(
            command_id=command.command_id,
            looked_for="we looked in QuickBooks, and it had not arrived",
            then="new-generation" if burned else "same-id",
        )
        events: list[Event] = [looked]
        if burned:
            why = "QuickBooks will not take this request id again"
            events += _new_generation(record, command, why, because="twice looked for and not there")
        self._append_at(record, events, command)

    def _had_it_already(self, stream: str, command: str, started: AttemptStarted, refusal: Refused) -> bool:
        """Whether a refusal is settled by what QuickBooks already has: ours is adopted, a namesake is recorded and matched."""
        record = self.reload(stream)
        open_ = record.commands[command]
        if open_.status != "running" or open_.attempts != started.attempt:
            return False
        connection = connection_of(stream)
        fetched_after = self._records.log.position()
        try:
            found = self._found_by(connection, started, refusal, open_)
        except GatewayError:
            return False  # the refusal itself is recorded; a person's retry looks again
        ours, _ = self._sorted(record, open_, found)
        if len(ours) == 1:
            self._adopt(record, open_, ours[0], fetched_after)
            return self.reload(stream).commands[command].status != "running"
        if isinstance(record, Customer):
            for remote in found:
                self._sights.record(connection, remote, fetched_after, self._cause(command))
            return self._refused_and_matched(stream, started, refusal)
        return False

    def _found_by(self, connection: str, started: AttemptStarted, refusal: Refused, open_: Command) -> list[Remote]:
        if refusal.code == "6140":
            holder = self._accounting.holder_of_number(connection, refusal)
            if holder is not None:
                return [holder]
        return self._accounting.look(connection, started.draft, open_.first_started_at or started.send_by)

    def _refused_and_matched(self, stream: str, started: AttemptStarted, refusal: Refused) -> bool:
        """A customer of that name exists: the refusal is recorded, and the customer is matched against what we now know."""

        def build() -> list[Entry]:
            customer = self._records.customer(stream)
            open_ = unfinished(customer.commands)
            if open_ is None or open_.command_id != started.command_id:
                return []
            return self._records.customer_entries(customer, [_refused(open_, started.attempt, refusal)])

        with self._records.matching(connection_of(stream), "customer"):
            return bool(self._records.append(build, self._cause(started.command_id)))


def _refused(command: Command, attempt: int, error: GatewayError) -> CommandRefused:
    return CommandRefused(
        command_id=command.command_id,
        attempt=attempt,
        code=error.code,
        sentence=error.sentence,
        next_step=error.next_step,
        trace_id=error.trace_id,
        raw=Personal(error.raw),
    )


def _new_generation(record: Order | Customer, command: Command, why: str, because: str) -> list[Event]:
    generation = command.generation + 1
    issued = CommandIssued(
        command_id=command_id(record.record, command.verb, generation),
        verb=command.verb,
        target=command.target,
        generation=generation,
        because=because,
    )
    return [CommandAbandoned(command_id=command.command_id, why=why), issued]


def _second(late: str, first: str) -> AttentionNeeded:
    return AttentionNeeded(
        topic="second-record",
        sentence=f"QuickBooks has two records for this one: {first} and {late}",
        next_step=f"Look at both in QuickBooks and void or delete {late} if it is the spare one.",
    )
