"""How an attempt ended, recorded whatever it is: answered, refused, failed, unknown, or too late to matter."""

import zlib
from collections.abc import Callable
from datetime import datetime, timedelta

from engine.domain.commands import Command
from engine.domain.drafts import ProductUpdate
from engine.domain.events import (
    AttemptFailed,
    AttemptStarted,
    CommandRefused,
    Event,
    LateOutcome,
    OutcomeUnknown,
    PushPaused,
    RecordGone,
)
from engine.domain.matching import differences
from engine.domain.product import Product
from engine.domain.values import System, connection_of, connection_stream
from engine.given_up import known_as, spare_record
from engine.log import Cause, Entry
from engine.looking import SEEN_ALREADY, Looking
from engine.observe import lost
from engine.ports import Answer, Disconnected, GatewayError, Outdated, Refused, Suspended, Unavailable, Unknown
from engine.records import Holder
from engine.worker import Worker, disagreed, refused

BACKOFF = (1, 2, 5, 15, 30, 60, 120, 300, 600)
"""Seconds until the next attempt after a failed one; the last repeats. A 429 waits at least as long as it says."""

NOT_FOUND = ("610", "404")
"""Codes of a refusal that may mean that the very record is not there (QuickBooks: or one that it names)."""


class Outcomes:
    """Records how attempts ended."""

    def __init__(self, worker: Worker, looking: Looking) -> None:
        self._worker = worker
        self._looking = looking

    def answered(self, stream: str, command: str, started: AttemptStarted, answer: Answer, fetched_after: int) -> None:
        remote = answer.remote
        found = () if remote.shown is None else differences(started.draft, remote.shown)

        def build(record: Holder, open_: Command) -> list[Entry]:
            if found or remote.shown is None:
                return disagreed(stream, record, open_, remote, found, answer.trace_id)
            cause = self._worker.cause(command)
            return self._worker.sights.outcome(stream, open_, remote, fetched_after, cause, "answered", answer.trace_id)

        late = LateOutcome(
            command_id=command,
            attempt=started.attempt,
            said=f"accepted as {remote.remote_id}",
            remote_id=remote.remote_id,
            trace_id=answer.trace_id,
        )
        self._settle(stream, command, started, build, late)

    def not_accepted(
        self, stream: str, command: str, target: System, started: AttemptStarted, error: GatewayError
    ) -> None:
        connection = connection_of(stream)
        if isinstance(error, Disconnected):
            lost(self._worker.records, connection, target, error)
        if isinstance(error, Outdated) and self._looking.outdated(stream, command, started, error):
            return
        missing = isinstance(error, Refused) and error.code in NOT_FOUND
        if missing and self._looking.outdated(stream, command, started, error, gone_only=True):
            return
        if isinstance(error, Suspended):
            self._suspend(connection, error)
        if (
            isinstance(error, Refused)
            and error.code in SEEN_ALREADY
            and self._looking.had_it_already(stream, command, started, error)
        ):
            return

        def build(record: Holder, open_: Command) -> list[Entry]:
            event = self._outcome(open_, started, error)
            if isinstance(record, Product) and missing and isinstance(started.draft, ProductUpdate):
                gone = RecordGone(
                    system=target,
                    kind="product",
                    remote_id=started.draft.remote_id,
                    fetched_after=self._worker.records.log.position(),
                    cause=f"answer to {command}",
                )
                return self._worker.records.entries(record, [event, gone])
            if isinstance(event, CommandRefused):
                return self._worker.records.entries(record, [event])  # what else there is to say may go on
            return [Entry(stream=stream, version=record.version, events=[event])]

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
                target=command.target,
                why=error.sentence,
                look_at=started.answer_by + self._worker.limits.look_after,
                trace_id=error.trace_id,
            )
        suspended = isinstance(error, Suspended)
        if (isinstance(error, Refused) and error.code == "600") or (suspended and command.may_have_run):
            return OutcomeUnknown(
                command_id=command.command_id,
                attempt=started.attempt,
                target=command.target,
                why=error.sentence,
                look_at=self._worker.clock.now() + self._worker.limits.look_after,
                trace_id=error.trace_id,
                burned=True,
            )
        if isinstance(
            error, Unavailable | Disconnected | Suspended | Outdated
        ):  # outdated, and it could not be read again
            return AttemptFailed(
                command_id=command.command_id,
                attempt=started.attempt,
                target=command.target,
                code=error.code,
                sentence=error.sentence,
                next_step=error.next_step,
                again_at=self._again_at(command, error),
                may_have_run=error.ran,
                trace_id=error.trace_id,
                burned=suspended,  # QuickBooks keeps its no for that id, after what stood in the way is gone too
            )
        return refused(command, started.attempt, error)

    def _again_at(self, command: Command, error: GatewayError) -> datetime:
        now = self._worker.clock.now()
        if isinstance(error, Disconnected | Suspended):
            return now  # the connection's gate holds it
        spread = zlib.crc32(f"{command.command_id}{command.attempts}".encode()) % 1000 / 1000
        wait = timedelta(seconds=BACKOFF[min(command.attempts, len(BACKOFF)) - 1] * (1 + spread / 4))
        not_before = error.not_before if isinstance(error, Unavailable) else None
        return max(now + wait, not_before + timedelta(seconds=spread)) if not_before else now + wait

    def _suspend(self, connection: str, error: Suspended) -> None:
        def build() -> list[Entry]:
            now = self._worker.records.connection(connection)
            if now.paused:
                return []
            paused = PushPaused(reason=f"{error.sentence} {error.next_step}".strip())
            return [Entry(stream=connection_stream(connection), version=now.version, events=[paused])]

        self._worker.records.append(
            build, Cause(causation_id="quickbooks answered", correlation_id=error.trace_id or connection)
        )

    def _settle(
        self,
        stream: str,
        command: str,
        started: AttemptStarted,
        build: Callable[[Holder, Command], list[Entry]],
        late: LateOutcome,
    ) -> None:
        """Appends the outcome until it is in. Settled otherwise meanwhile: recorded as late, a second record is an alarm."""

        def entries() -> list[Entry]:
            record = self._worker.reload(stream)
            open_ = record.commands[command]
            if open_.status == "running" and open_.attempts == started.attempt:
                return build(record, open_)
            if open_.unfinished and late.remote_id:
                return build(record, open_)  # an acceptance settles the command however it was thought of meanwhile
            events: list[Event] = [late]
            known = open_.remote_id or known_as(record, open_.target)
            if late.remote_id and late.remote_id != known:
                events.append(spare_record(late.remote_id, known, open_.target))
            return [Entry(stream=stream, version=record.version, events=events)]

        self._worker.records.append(entries, self._worker.cause(command))
