"""Audit trail: one line an event that a person would want to read, in order, without personal fields.

The words for a bookkeeper are made from the stream itself when it is read (`wizqbo history`); this table finds the streams and
answers "what did we change where, by whose cause" over a stretch of time.
"""

from engine.domain.drafts import InvoiceDraft
from engine.domain.events import (
    TAG_OF,
    AnswerDisagreed,
    AttemptFailed,
    AttemptStarted,
    AttentionNeeded,
    ClaimMoved,
    CommandAbandoned,
    CommandAccepted,
    CommandHeld,
    CommandIssued,
    CommandRefused,
    CommandReleased,
    ConflictSettled,
    ConflictUndone,
    ConsentEnded,
    ConsentRefused,
    FieldsAgreed,
    FirstSyncAccepted,
    FirstSyncReported,
    InvoiceAttached,
    InvoiceOverridden,
    InvoiceRecordWanted,
    LateOutcome,
    LookedAndAbsent,
    LookPostponed,
    MatchProposed,
    OutcomeUnknown,
    PaymentTaken,
    PushPaused,
    PushStarted,
    PushWithheld,
    Recorded,
    RecordGone,
    RecordLinked,
    RecordMergedThere,
    RemoteClaimed,
    RevisionMoved,
    RunFinished,
    SettingChosen,
    ShipmentWanted,
    Sight,
    StepParked,
    StockObserved,
    UpdateOutdated,
    ZeroPolicyChosen,
)
from engine.domain.fields import CALLED
from engine.domain.values import connection_of
from engine.log import Statement


class AuditTrail:
    """Rows of `audit_trail`."""

    name = "audit_trail"

    def clear(self) -> list[Statement]:
        return [("DELETE FROM audit_trail", ())]

    def rows(self, recorded: Recorded) -> list[Statement]:
        if isinstance(recorded.event, RemoteClaimed | ClaimMoved):
            return []
        sql = (
            "INSERT INTO audit_trail (position, connection, stream, event, recorded_at, who, cause, event_id, direction, "
            "summary) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        )
        stream = recorded.stream
        return [
            (
                sql,
                (
                    recorded.position,
                    connection_of(stream) or stream.removeprefix("connection-"),
                    stream,
                    TAG_OF[type(recorded.event)],
                    recorded.recorded_at,
                    recorded.who,
                    recorded.causation_id,
                    recorded.event_id,
                    _direction(recorded),
                    _summary(recorded),
                ),
            )
        ]


def _direction(recorded: Recorded) -> str:
    match recorded.event:
        case (
            Sight(system=system)
            | RevisionMoved(system=system)
            | RecordGone(system=system)
            | StockObserved(system=system)
        ):
            return f"from {system}"
        case AttemptStarted(draft=draft):
            return "to quickbooks" if isinstance(draft, InvoiceDraft) else f"to {draft.target}"
        case (
            CommandAccepted(target=target)
            | CommandRefused(target=target)
            | AttemptFailed(target=target)
            | OutcomeUnknown(target=target)
        ):
            return f"to {target}"
        case _:
            return "decision"


def _summary(recorded: Recorded) -> str:
    match recorded.event:
        case Sight(kind=kind, remote_id=remote_id, revision=revision):
            return f"{kind} {remote_id} at revision {revision or '(none)'}"
        case StockObserved(level=level):
            return f"{level.on_hand:f} there" if level.tracked else "not counted"
        case ZeroPolicyChosen(policy=policy):
            return f"while nothing is available: {policy or 'as the connection says'}"
        case InvoiceAttached(order_number=order, invoice_number=invoice, why=why):
            return f"invoice {invoice} belongs to order {order}: {why}"
        case InvoiceOverridden(override=override):
            named = {"number": override.number, "date": override.dated, "term": override.term, **override.items}
            said = ", ".join(f"{what} {value}" for what, value in named.items() if value)
            return f"its invoice: {said or 'as the order says'}"
        case CommandIssued(verb=verb, generation=generation, because=because):
            return f"{verb} (generation {generation}): {because}"
        case CommandHeld(missing=missing):
            return "; ".join(m.sentence for m in missing)
        case AttemptStarted(attempt=attempt):
            return f"attempt {attempt}"
        case CommandAccepted(remote_id=remote_id, number=number, total=total, how=how):
            return f"{number or remote_id} {total}".strip() + f" ({how})"
        case PaymentTaken(amount=amount, place=place):
            return f"payment {place}: {amount:f}"
        case InvoiceRecordWanted(draft=draft):
            return f"invoice {draft.number}: {draft.paid:f} of {draft.total:f} paid"
        case ShipmentWanted(draft=draft):
            return f"shipment of invoice {draft.number}: {', '.join(draft.tracking) or draft.remarks or 'no tracking number'}"
        case AnswerDisagreed(differences=differences):
            return "; ".join(differences)
        case RunFinished(what=what, read=read, changed=changed, problem=problem):
            return problem or f"{what}: {read} read, {changed} changed"
        case RecordLinked(system=system, remote_id=remote_id, how=how):
            return f"{system} {remote_id}: {how}"
        case RecordMergedThere(system=system, remote_id=remote_id, into=into):
            return f"{system} goes on with {into} in the place of {remote_id}"
        case FieldsAgreed(fields=fields):
            return f"both sides agree on {', '.join(CALLED[field] for field in fields)}"
        case ConflictSettled(field=field, winner=winner, rule=rule):
            return f"{CALLED[field]}: {winner} wins, {rule}"
        case ConflictUndone(field=field, value_of=system):
            return f"{CALLED[field]}: the value of {system} is put back"
        case FirstSyncAccepted(plan=counts) | FirstSyncReported(counts=counts):
            return ", ".join(f"{what} {number}" for what, number in counts.items())
        case SettingChosen(name=name, value=value):
            return f"{name} = {value}"
        case _:
            return _sentence(recorded)


def _sentence(recorded: Recorded) -> str:
    match recorded.event:
        case PushWithheld(sentence=said) | CommandRefused(sentence=said) | AttemptFailed(sentence=said):
            return said
        case AttentionNeeded(sentence=said) | CommandReleased(because=said) | CommandAbandoned(why=said):
            return said
        case (
            OutcomeUnknown(why=said)
            | LookPostponed(why=said)
            | LookedAndAbsent(looked_for=said)
            | UpdateOutdated(why=said)
            | LateOutcome(said=said)
        ):
            return said
        case (
            ConsentEnded(reason=said) | ConsentRefused(reason=said) | PushPaused(reason=said) | StepParked(problem=said)
        ):
            return said
        case PushStarted(push_from=push_from):
            return f"from {push_from:%Y-%m-%d %H:%M} UTC"
        case MatchProposed(candidates=candidates):
            return f"possible matches: {len(candidates)}"
        case _:
            return ""
