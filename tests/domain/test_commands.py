"""The life of a command, event by event."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.domain.commands import (
    SENTENCES,
    UNFINISHED,
    Command,
    Commands,
    command_id,
    evolve_commands,
    latest,
    next_generation,
    unfinished,
)
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
    LateOutcome,
    LookedAndAbsent,
    LookPostponed,
    Missing,
    OutcomeUnknown,
    UpdateOutdated,
)
from engine.domain.invoice_from_order import invoice_from_order
from engine.domain.values import Personal
from tests.wholesale import FACTS, NOON, RECORD, content

ONE = "1" * 32
SOON = NOON + timedelta(minutes=1)
LATER = NOON + timedelta(minutes=5)
DRAFT = invoice_from_order(content(), "58", {"vase-01": "21"}, FACTS, ONE)


def issued(command: str = ONE, generation: int = 1) -> CommandIssued:
    return CommandIssued(
        command_id=command, verb="CreateInvoice", target="quickbooks", generation=generation, because="confirmed"
    )


def started(attempt: int = 1, body: str = "{}") -> AttemptStarted:
    return AttemptStarted(
        command_id=ONE, attempt=attempt, draft=DRAFT, body=Personal(body), worker="w", send_by=NOON, answer_by=SOON
    )


def failed(may_have_run: bool = False) -> AttemptFailed:
    return AttemptFailed(
        command_id=ONE,
        attempt=1,
        code="429",
        sentence="slow down",
        next_step="",
        again_at=LATER,
        may_have_run=may_have_run,
    )


def unknown(burned: bool = False) -> OutcomeUnknown:
    return OutcomeUnknown(command_id=ONE, attempt=1, why="no answer", look_at=LATER, burned=burned)


ACCEPTED = CommandAccepted(command_id=ONE, attempt=1, remote_id="145", revision="0", number="WC-1001", how="answered")
REFUSED = CommandRefused(command_id=ONE, attempt=1, code="6000", sentence="it said no", next_step="look")
ABSENT = LookedAndAbsent(command_id=ONE, looked_for="number WC-1001", then="same-id")
POSTPONED = LookPostponed(command_id=ONE, why="it could not be asked", look_at=LATER)
DISAGREED = AnswerDisagreed(command_id=ONE, attempt=1, remote_id="145", differences=("total 1 instead of 2", "number"))
OUTDATED = UpdateOutdated(command_id=ONE, attempt=1, why="it changed meanwhile")
ABANDONED = CommandAbandoned(command_id=ONE, why="a mistake")
HELD = CommandHeld(command_id=ONE, missing=(Missing(key="a", sentence="no a"), Missing(key="b", sentence="no b")))
RELEASED = CommandReleased(command_id=ONE, because="a and b are there")
RETRIED = CommandRetried(command_id=ONE)
LATE = LateOutcome(command_id=ONE, attempt=1, said="accepted", remote_id="145")


def after(*events: CommandEvent, at: datetime = NOON) -> Commands:
    commands: Commands = {}
    for number, event in enumerate(events):
        commands = evolve_commands(commands, event, at, f"hash-{number}")
    return commands


def one(*events: CommandEvent, at: datetime = NOON) -> Command:
    return after(issued(), *events, at=at)[ONE]


LIVES: list[tuple[str, tuple[CommandEvent, ...], str, dict[str, Any]]] = [
    ("issued", (), "ready", {"due_at": NOON, "reason": "confirmed", "attempts": 0}),
    ("held", (HELD,), "held", {"reason": "no a; no b", "missing": HELD.missing}),
    ("released", (HELD, RELEASED), "ready", {"reason": "a and b are there", "missing": (), "due_at": NOON}),
    ("started", (started(),), "running", {"attempts": 1, "due_at": SOON, "may_have_run": False}),
    ("accepted", (started(), ACCEPTED), "accepted", {"remote_id": "145", "reason": "", "next_step": ""}),
    ("refused", (started(), REFUSED), "refused", {"code": "6000", "reason": "it said no", "next_step": "look"}),
    ("failed", (started(), failed()), "ready", {"due_at": LATER, "reason": "slow down", "may_have_run": False}),
    ("failed after sending", (started(), failed(True)), "ready", {"may_have_run": True, "was_unknown": False}),
    ("may have run stays", (started(), failed(True), started(2), failed()), "ready", {"may_have_run": True}),
    ("unknown", (started(), unknown()), "unknown", {"due_at": LATER, "may_have_run": True, "was_unknown": True}),
    ("burned", (started(), unknown(True)), "unknown", {"burned": True}),
    ("postponed", (started(), unknown(), POSTPONED), "unknown", {"reason": "it could not be asked", "due_at": LATER}),
    ("absent", (started(), unknown(), ABSENT), "ready", {"empty_looks": 1, "due_at": NOON, "was_unknown": True}),
    ("disagreed", (started(), DISAGREED), "disputed", {"remote_id": "145", "reason": "total 1 instead of 2; number"}),
    ("outdated", (started(), OUTDATED), "outdated", {"reason": "it changed meanwhile", "next_step": ""}),
    ("abandoned", (HELD, ABANDONED), "abandoned", {"reason": "a mistake", "next_step": ""}),
    ("abandoned in dispute", (started(), DISAGREED, ABANDONED), "abandoned", {"reason": "a mistake"}),
    ("asked for at once", (started(), failed(), RETRIED), "ready", {"due_at": NOON}),
    ("asked for while held", (HELD, RETRIED), "held", {"reason": "no a; no b"}),
    ("asked for in dispute", (started(), DISAGREED, RETRIED), "unknown", {"burned": True, "due_at": NOON}),
    ("late", (started(), ACCEPTED, LATE), "accepted", {"remote_id": "145"}),
    ("accepted after unknown", (started(), unknown(), ACCEPTED), "accepted", {"remote_id": "145", "reason": ""}),
]


@pytest.mark.parametrize(("name", "events", "status", "fields"), LIVES, ids=[life[0] for life in LIVES])
def test_each_life_of_a_command_ends_where_its_events_say(
    name: str, events: tuple[CommandEvent, ...], status: str, fields: dict[str, Any]
) -> None:
    command = one(*events)

    assert command.status == status
    assert {field: getattr(command, field) for field in fields} == fields


def test_the_first_attempt_fixes_draft_body_and_content_for_all_that_follow() -> None:
    command = one(started(1, "first"), failed(), started(2, "second"), failed(), started(3, "third"))

    assert command.first is not None and command.last is not None
    assert (str(command.first.body), str(command.last.body), command.attempts) == ("first", "third", 3)
    assert (command.made_for, command.first_started_at) == ("hash-1", NOON)


def test_the_id_of_a_command_is_made_of_its_record_target_and_cause_and_nothing_else() -> None:
    ids = [
        command_id(RECORD, "CreateCustomer", 1),
        command_id(RECORD, "CreateCustomer", 2),
        command_id(RECORD, "CreateCustomer", 1, "wizcommerce"),
        command_id(RECORD, "UpdateCustomer", 1, "quickbooks", 7),
        command_id(RECORD, "UpdateCustomer", 1, "quickbooks", 9),
        command_id(RECORD, "UpdateCustomer", 1, "wizcommerce", 7),
    ]

    assert len(set(ids)) == 6 and command_id(RECORD, "UpdateCustomer", 1, "quickbooks", 7) == ids[3]


def test_every_empty_look_is_counted() -> None:
    assert one(started(), unknown(), ABSENT, started(2), unknown(), ABSENT).empty_looks == 2


def test_an_event_of_a_command_nobody_issued_changes_nothing() -> None:
    assert after(started(), ACCEPTED) == {}


def test_a_new_generation_leaves_the_one_before_as_it_was() -> None:
    two = "2" * 32

    commands = after(issued(), started(), REFUSED, issued(two, 2))

    assert commands[ONE].status == "refused" and commands[two].status == "ready"
    assert latest(commands, "CreateInvoice") == commands[two] == unfinished(commands)
    assert next_generation(commands, "CreateInvoice") == 3
    assert next_generation(commands, "CreateCustomer") == 1 and latest(commands, "CreateCustomer") is None


@pytest.mark.parametrize(("name", "events", "status", "fields"), LIVES, ids=[life[0] for life in LIVES])
def test_what_is_not_settled_is_the_one_unfinished_command(
    name: str, events: tuple[CommandEvent, ...], status: str, fields: dict[str, Any]
) -> None:
    commands = after(issued(), *events)

    assert (unfinished(commands) is not None) == (status not in ("accepted", "refused", "outdated", "abandoned"))
    assert commands[ONE].unfinished == (status in UNFINISHED)


def test_every_status_has_its_words() -> None:
    assert {life[2] for life in LIVES} == set(SENTENCES)
    assert set(SENTENCES.values()) == {
        "changed over there meanwhile",
        "waiting",
        "needs you",
        "sent",
        "checking whether it arrived",
        "QuickBooks said no",
        "never send",
    }
