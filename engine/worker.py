"""One worker's hands: what every attempt, look and outcome needs, and the limits of time they keep."""

from datetime import timedelta

import msgspec

from engine.clock import Clock
from engine.domain.commands import Command, command_id
from engine.domain.events import (
    AnswerDisagreed,
    CommandAbandoned,
    CommandIssued,
    CommandRefused,
    Event,
)
from engine.domain.values import Personal, System
from engine.last_look import LastLook
from engine.log import Cause, Entry, VersionConflict
from engine.ports import Accounting, Commerce, GatewayError, Remote, Writing
from engine.records import Holder, Records
from engine.sights import Sights


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


class Worker:
    """Who works, with what. `name` is recorded with each attempt."""

    def __init__(
        self,
        records: Records,
        sights: Sights,
        accounting: Accounting,
        commerce: Commerce,
        clock: Clock,
        limits: Limits,
        last_look: LastLook,
        name: str,
    ) -> None:
        self.records = records
        self.sights = sights
        self.accounting = accounting
        self.commerce = commerce
        self.clock = clock
        self.limits = limits
        self.last_look = last_look
        self.name = name

    def reload(self, stream: str) -> Holder:
        """The record of a stream as it is now."""
        return self.records.holder(stream)

    def gateway(self, target: System) -> Writing:
        """Where commands for `target` go."""
        return self.accounting if target == "quickbooks" else self.commerce

    def append_at(self, record: Holder, events: list[Event], command: Command) -> bool:
        """Appends at the version that was read; False when another event came first: then nothing follows from us."""
        entry = Entry(stream=record.stream, version=record.version, events=events)
        try:
            self.records.log.append([entry], self.cause(command.command_id))
        except VersionConflict:
            return False
        return True

    def cause(self, command: str) -> Cause:
        """Why this worker appends something about `command`."""
        return Cause(causation_id=f"worker {self.name}", correlation_id=command)


def refused(command: Command, attempt: int, error: GatewayError) -> CommandRefused:
    """The event of a definite no."""
    return CommandRefused(
        command_id=command.command_id,
        attempt=attempt,
        target=command.target,
        code=error.code,
        sentence=error.sentence,
        next_step=error.next_step,
        trace_id=error.trace_id,
        raw=Personal(error.raw),
    )


def new_generation(record: Holder, command: Command, why: str, because: str) -> list[Event]:
    """What ends `command` and begins the next generation."""
    generation = command.generation + 1
    caused_at = 0 if command.verb.startswith("Create") else max(1, record.version)
    issued = CommandIssued(
        command_id=command_id(record.record, command.verb, generation, command.target, caused_at),
        verb=command.verb,
        target=command.target,
        generation=generation,
        because=because,
    )
    return [CommandAbandoned(command_id=command.command_id, why=why), issued]


def disagreed(
    stream: str,
    record: Holder,
    open_: Command,
    remote: Remote,
    found: tuple[str, ...],
    trace_id: str,
) -> list[Entry]:
    event = AnswerDisagreed(
        command_id=open_.command_id,
        attempt=open_.attempts,
        target=open_.target,
        remote_id=remote.remote_id,
        differences=found or ("the answer shows no record",),
        trace_id=trace_id,
    )
    return [Entry(stream=stream, version=record.version, events=[event])]
