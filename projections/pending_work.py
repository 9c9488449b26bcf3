"""Pending work: every command that is not settled well, one row each, saying only what the log says.

Written in the append's own transaction, so the dispatcher never sees work the log does not know, and rebuilt by the same
rows. `open_creates` lists the commands that may have made a remote record we have not recorded yet, the given-up ones included.
"""

from engine.domain.commands import DISPUTED, LOOK_FIRST
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
    OutcomeUnknown,
    PushWithheld,
    Recorded,
    RecordLinked,
    RecordMergedInto,
    UpdateOutdated,
)
from engine.domain.values import connection_of
from engine.log import Statement


class PendingWork:
    """Rows of `pending_work` and `open_creates`."""

    name = "pending_work"

    def clear(self) -> list[Statement]:
        return [("DELETE FROM pending_work", ()), ("DELETE FROM open_creates", ())]

    def rows(self, recorded: Recorded) -> list[Statement]:
        event = recorded.event
        if isinstance(event, PushWithheld | RecordMergedInto):  # a refusal of what goes no more asks nothing of anybody
            return [("DELETE FROM pending_work WHERE stream = %s AND status = 'refused'", (recorded.stream,))]
        if isinstance(event, RecordLinked):  # what was to be made is there
            made = "DELETE FROM pending_work WHERE stream = %s AND status = 'refused' AND verb = 'CreateCustomer' AND target = %s"
            return [(made, (recorded.stream, event.system))]
        if not isinstance(event, CommandEvent):
            return []
        return _state(recorded, event) + _open_create(recorded, event)


def _state(recorded: Recorded, event: CommandEvent) -> list[Statement]:
    at, key = recorded.recorded_at, event.command_id
    match event:
        case CommandIssued():
            return [_insert(recorded, event)]
        case CommandAbandoned() | UpdateOutdated():
            return [("DELETE FROM pending_work WHERE command_id = %s", (key,))]
        case CommandAccepted():  # an older request may have arrived after all: what was refused since is settled too
            sql = (
                "DELETE FROM pending_work WHERE command_id = %s OR (stream = %s AND status = 'refused' AND target = "
                "coalesce((SELECT target FROM open_creates WHERE command_id = %s), "
                "(SELECT target FROM pending_work WHERE command_id = %s)))"
            )
            return [(sql, (key, recorded.stream, key, key))]
        case CommandHeld():
            reason = "; ".join(m.sentence for m in event.missing)
            return [_update(key, "held", reason, "It goes by itself when this is there.", at, at)]
        case CommandReleased():
            return [_update(key, "ready", event.because, "", at, at)]
        case AttemptStarted():
            sql = (
                "UPDATE pending_work SET status = 'running', reason = %s, next_step = '', attempts = %s, due_at = %s, "
                "changed_at = %s WHERE command_id = %s"
            )
            return [(sql, ("sent, no answer recorded yet", event.attempt, event.answer_by, at, key))]
        case CommandRefused():
            return [_update(key, "refused", event.sentence, event.next_step, at, at)]
        case AttemptFailed():
            return [_update(key, "ready", event.sentence, event.next_step, event.again_at, at)]
        case OutcomeUnknown() | LookPostponed():
            return [_update(key, "unknown", event.why, "We look before anything is sent again.", event.look_at, at)]
        case LookedAndAbsent():
            return [_update(key, "ready", event.looked_for, "", at, at)]
        case AnswerDisagreed():
            return [_update(key, "disputed", "; ".join(event.differences), DISPUTED, at, at)]
        case CommandRetried():
            again = (
                "UPDATE pending_work SET status = 'unknown', reason = %s, next_step = '', due_at = %s, changed_at = %s "
                "WHERE command_id = %s AND status = 'disputed'"
            )
            return [
                ("UPDATE pending_work SET due_at = %s WHERE command_id = %s AND status = 'ready'", (at, key)),
                (again, (LOOK_FIRST, at, at, key)),
            ]
        case _:
            return []


def _insert(recorded: Recorded, event: CommandIssued) -> Statement:
    # An older refused generation of the same record is superseded: only the newest row waits for a person.
    sql = (
        "WITH older AS (DELETE FROM pending_work WHERE stream = %s AND target = %s AND status = 'refused') "
        "INSERT INTO pending_work (command_id, connection, stream, verb, target, generation, priority, status, reason, "
        "next_step, attempts, due_at, issued_at, changed_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, 'ready', %s, '', 0, %s, %s, %s)"
    )
    at = recorded.recorded_at
    return (
        sql,
        (
            recorded.stream,
            event.target,
            event.command_id,
            connection_of(recorded.stream),
            recorded.stream,
            event.verb,
            event.target,
            event.generation,
            event.priority,
            event.because,
            at,
            at,
            at,
        ),
    )


def _update(key: str, status: str, reason: str, next_step: str, due_at: object, at: object) -> Statement:
    sql = (
        "UPDATE pending_work SET status = %s, reason = %s, next_step = %s, due_at = %s, changed_at = %s "
        "WHERE command_id = %s"
    )
    return (sql, (status, reason, next_step, due_at, at, key))


def _open_create(recorded: Recorded, event: CommandEvent) -> list[Statement]:
    match event:
        case AttemptStarted():
            sql = (
                "INSERT INTO open_creates (command_id, connection, target, kind, stream, started_at) "
                "SELECT command_id, connection, target, "
                "CASE verb WHEN 'CreateInvoice' THEN 'invoice' WHEN 'CreateTerm' THEN 'term' "
                "WHEN 'CreatePayment' THEN 'payment' WHEN 'PutProduct' THEN 'product' WHEN 'CreateOrder' THEN 'order' "
                "ELSE 'customer' END, stream, %s FROM pending_work WHERE command_id = %s "
                "AND (starts_with(verb, 'Create') OR verb = 'PutProduct') ON CONFLICT DO NOTHING"
            )
            return [(sql, (recorded.recorded_at, event.command_id))]
        case LateOutcome(remote_id=""):
            return []
        case CommandAccepted() | CommandRefused() | AnswerDisagreed() | LateOutcome():
            return [("DELETE FROM open_creates WHERE command_id = %s", (event.command_id,))]
        case _:
            return []
