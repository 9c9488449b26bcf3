"""The life of a command: issued, held, released, attempted, and one of accepted, refused, failed, unknown.

Shared by every record that commands belong to. Evolving never refuses; what may follow is decided elsewhere.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

from msgspec.structs import replace

from engine.domain.events import (
    AnswerDisagreed,
    AttemptFailed,
    AttemptStarted,
    CommandAbandoned,
    CommandAccepted,
    CommandEvent,
    CommandHeld,
    CommandIssued,
    CommandRefused,
    CommandReleased,
    CommandRetried,
    Event,
    LookedAndAbsent,
    LookPostponed,
    Missing,
    OutcomeUnknown,
    UpdateOutdated,
    Verb,
)
from engine.domain.values import System, Value

Status = Literal["held", "ready", "running", "unknown", "disputed", "accepted", "refused", "outdated", "abandoned"]

UNFINISHED: frozenset[Status] = frozenset({"held", "ready", "running", "unknown", "disputed"})
SENTENCES: dict[Status, str] = {
    "held": "waiting",
    "ready": "waiting",
    "running": "checking whether it arrived",
    "unknown": "checking whether it arrived",
    "disputed": "needs you",
    "refused": "QuickBooks said no",
    "outdated": "changed over there meanwhile",
    "accepted": "sent",
    "abandoned": "never send",
}
"""The five states as people read them (DESIGN, section 7)."""


class Command(Value, frozen=True, kw_only=True):
    """What the events of one command add up to."""

    command_id: str
    verb: Verb
    target: System
    generation: int
    issued_at: datetime
    status: Status = "ready"
    missing: tuple[Missing, ...] = ()
    waits_since: dict[str, datetime] = {}
    """Key of each thing that is missing → since when."""
    attempts: int = 0
    first: AttemptStarted | None = None
    first_started_at: datetime | None = None
    last: AttemptStarted | None = None
    may_have_run: bool = False
    was_unknown: bool = False
    burned: bool = False
    """The other side will not carry out this id any more, or a person asked for the record anew."""
    asked_again: bool = False
    """A person saw what is in dispute, and asked for another try."""
    empty_looks: int = 0
    due_at: datetime | None = None
    reason: str = ""
    next_step: str = ""
    code: str = ""
    remote_id: str = ""
    made_for: str = ""
    """Content hash of the record when the first attempt fixed the body, or when it was refused without one."""

    @property
    def unfinished(self) -> bool:
        return self.status in UNFINISHED


Commands = dict[str, Command]


def command_id(record: UUID, verb: Verb, generation: int, target: System = "quickbooks", caused_at: int = 0) -> str:
    """The id of a command: 32 hex digits, always the same of the same.

    A create's is made of record, verb and generation. Any other adds the event that caused it, known by its version in the
    record's stream (DESIGN, law 4): a value that comes back asks for another id.
    """
    there = "" if target == "quickbooks" else f"{target}:"
    caused = f"{caused_at}:" if caused_at else ""
    return uuid5(record, f"{verb}:{there}{caused}{generation}").hex


def unfinished(commands: Commands, target: System | None = None) -> Command | None:
    """The one command of the record for `target` (any system when none is named) that is not settled."""
    return next((c for c in commands.values() if c.unfinished and target in (None, c.target)), None)


def latest(commands: Commands, verb: Verb, target: System | None = None) -> Command | None:
    """The command of the highest generation of `verb` for `target` (any system when none is named)."""
    found = (c for c in commands.values() if c.verb == verb and target in (None, c.target))
    return max(found, key=lambda c: c.generation, default=None)


def next_generation(commands: Commands, verb: Verb, target: System | None = None) -> int:
    """1 for the first command of `verb` for `target`, then one more each time."""
    before = latest(commands, verb, target)
    return 1 if before is None else before.generation + 1


def issue(
    record: UUID,
    commands: Commands,
    verb: Verb,
    because: str,
    missing: tuple[Missing, ...] = (),
    caused_at: int = 0,
    target: System = "quickbooks",
) -> list[Event]:
    """The next generation of `verb` for `target`, held at once if something is `missing`."""
    generation = next_generation(commands, verb, target)
    new_id = command_id(record, verb, generation, target, caused_at)
    issued = CommandIssued(command_id=new_id, verb=verb, target=target, generation=generation, because=because)
    return [issued, CommandHeld(command_id=new_id, missing=missing)] if missing else [issued]


def evolve_commands(commands: Commands, event: CommandEvent, at: datetime, content_hash: str) -> Commands:
    """The commands after `event`, recorded `at`; `content_hash` is that of the record's newest sight."""
    if isinstance(event, CommandIssued):
        new = Command(
            command_id=event.command_id,
            verb=event.verb,
            target=event.target,
            generation=event.generation,
            issued_at=at,
            due_at=at,
            reason=event.because,
        )
        return {**commands, event.command_id: new}
    before = commands.get(event.command_id)
    if before is None:
        return commands
    return {**commands, event.command_id: _evolve(before, event, at, content_hash)}


def _evolve(c: Command, event: CommandEvent, at: datetime, content_hash: str) -> Command:
    match event:
        case CommandHeld():
            since = {m.key: c.waits_since.get(m.key, at) for m in event.missing}
            reason = "; ".join(m.sentence for m in event.missing)
            return replace(c, status="held", missing=event.missing, waits_since=since, reason=reason)
        case CommandReleased():
            return replace(c, status="ready", missing=(), waits_since={}, due_at=at, reason=event.because)
        case AttemptStarted():
            begun = replace(
                c, status="running", attempts=event.attempt, last=event, due_at=event.answer_by, next_step=""
            )
            if c.first is not None:
                return begun
            return replace(begun, first=event, first_started_at=at, made_for=content_hash)
        case CommandRetried():
            if c.status == "disputed":
                return replace(
                    c, status="unknown", due_at=at, burned=True, asked_again=True, reason=LOOK_FIRST, next_step=""
                )
            return replace(c, due_at=at) if c.status == "ready" else c
        case CommandAbandoned():
            return replace(c, status="abandoned", reason=event.why, next_step="")
        case CommandRefused() if c.first is None:  # refused before anything was sent, for this very content
            return replace(_evolve_outcome(c, event, at), made_for=content_hash)
        case _:
            return _evolve_outcome(c, event, at)


def _evolve_outcome(c: Command, event: CommandEvent, at: datetime) -> Command:
    match event:
        case CommandAccepted():
            return replace(c, status="accepted", remote_id=event.remote_id, reason="", next_step="")
        case CommandRefused():
            return replace(c, status="refused", code=event.code, reason=event.sentence, next_step=event.next_step)
        case AttemptFailed():
            return replace(
                c,
                status="ready",
                code=event.code,
                reason=event.sentence,
                next_step=event.next_step,
                due_at=event.again_at,
                may_have_run=c.may_have_run or event.may_have_run,
                burned=event.burned,
            )
        case UpdateOutdated():
            return replace(c, status="outdated", reason=event.why, next_step="")
        case OutcomeUnknown():
            return replace(
                c,
                status="unknown",
                reason=event.why,
                due_at=event.look_at,
                was_unknown=True,
                may_have_run=True,
                burned=event.burned,
            )
        case LookPostponed():
            return replace(c, status="unknown", reason=event.why, due_at=event.look_at)
        case LookedAndAbsent():
            return replace(c, status="ready", empty_looks=c.empty_looks + 1, due_at=at, reason=event.looked_for)
        case AnswerDisagreed():
            differs = "; ".join(event.differences)
            return replace(c, status="disputed", remote_id=event.remote_id, reason=differs, next_step=DISPUTED)
        case _:
            return c


DISPUTED = (
    "Compare the two: `wizqbo accept` takes what is there, `wizqbo retry` looks again and sends it anew unless ours "
    "is there, `wizqbo never-send` leaves it."
)
LOOK_FIRST = "a person asked for another try: we look what is there first"
