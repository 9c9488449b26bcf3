"""Health: counts and last times per connection, and what needs a person. Red as soon as a step is parked."""

from engine.domain.events import (
    TAG_OF,
    AttentionCleared,
    AttentionNeeded,
    CommandAccepted,
    CommandIssued,
    CommandRefused,
    ConsentEnded,
    ConsentGranted,
    ConsentLapsing,
    ConsentRefused,
    ConsentRegained,
    MatchChosen,
    MatchProposed,
    MatchRejected,
    OutcomeUnknown,
    PushWithheld,
    Recorded,
    RecordLinked,
    RecordMergedInto,
    RecordNotUnderstood,
    RevisionMoved,
    RunFinished,
    Sight,
    StepParked,
    StepUnparked,
    TenantAccessEnded,
    TenantJoined,
    TenantTokenLapsing,
)
from engine.domain.values import connection_of
from engine.log import Statement

COUNTED = (
    CommandAccepted,
    CommandRefused,
    OutcomeUnknown,
    RecordNotUnderstood,
    StepParked,
    StepUnparked,
    ConsentEnded,
    ConsentGranted,
    ConsentRegained,
    TenantAccessEnded,
    Sight,
    RunFinished,
)


class Health:
    """Rows of `health` and `attention`."""

    name = "health"

    def clear(self) -> list[Statement]:
        return [("DELETE FROM health", ()), ("DELETE FROM attention", ())]

    def rows(self, recorded: Recorded) -> list[Statement]:
        return _counts(recorded) + _attention(recorded) + _connection_attention(recorded)


def _counts(recorded: Recorded) -> list[Statement]:
    event = recorded.event
    if not isinstance(event, COUNTED):
        return []
    topic = f"{TAG_OF[type(event)]}:{event.system}" if isinstance(event, Sight) else TAG_OF[type(event)]
    note = event.problem if isinstance(event, RunFinished) else ""
    if isinstance(event, RunFinished):
        topic = f"{topic}:{event.what}"
    sql = (
        "INSERT INTO health (connection, topic, count, last_at, note) VALUES (%s, %s, 1, %s, %s) "
        "ON CONFLICT (connection, topic) DO UPDATE SET count = health.count + 1, last_at = excluded.last_at, "
        "note = excluded.note"
    )
    home = connection_of(recorded.stream) or recorded.stream.removeprefix("connection-")
    return [(sql, (home, topic, recorded.recorded_at, note))]


def _attention(recorded: Recorded) -> list[Statement]:
    match recorded.event:
        case AttentionNeeded(topic=topic, sentence=sentence, next_step=next_step):
            return [_raise(recorded, topic, sentence, next_step)]
        case AttentionCleared(topic=topic):
            return [_clear(recorded, topic)]
        case PushWithheld(needs_person=True, sentence=sentence, next_step=next_step):
            return [_raise(recorded, "withheld", sentence, next_step)]
        case PushWithheld() | CommandIssued():
            return [_clear(recorded, "withheld")]
        case MatchProposed(system=system, candidates=candidates):
            ids = ", ".join(f"{c.remote_id} ({c.because})" for c in candidates)
            step = "`wizqbo match choose` one of them, or `wizqbo match reject` to have it created."
            there = "QuickBooks" if system == "quickbooks" else "WizCommerce"
            return [_raise(recorded, "match", f"may be {there} customer {ids}", step)]
        case MatchChosen() | MatchRejected() | RecordLinked():
            return [_clear(recorded, "match")]
        case RecordMergedInto():
            return [("DELETE FROM attention WHERE stream = %s", (recorded.stream,))]
        case RecordNotUnderstood(system=system, problem=problem):
            return [
                _raise(recorded, f"unreadable:{system}", f"{system} sent a record we cannot read: {problem}", REPORT)
            ]
        case Sight(system=system) | RevisionMoved(system=system):
            return [_clear(recorded, f"unreadable:{system}")]
        case _:
            return []


REPORT = "It is kept whole in the log; report it, everything else goes on."


def _connection_attention(recorded: Recorded) -> list[Statement]:
    match recorded.event:
        case ConsentEnded(reason=reason):
            return [
                _raise(
                    recorded, "consent", f"the QuickBooks consent ended: {reason}", "`wizqbo connect` makes a new link."
                )
            ]
        case ConsentRefused(reason=reason):
            return [_raise(recorded, "consent", reason, "`wizqbo connect` makes a new link.")]
        case ConsentGranted() | ConsentRegained():
            return [_clear(recorded, "consent"), _clear(recorded, "consent-lapsing")]
        case ConsentLapsing(expires_at=at):
            sentence = f"the QuickBooks consent ends on {at:%Y-%m-%d}"
            return [_raise(recorded, "consent-lapsing", sentence, "`wizqbo connect` makes a new link.")]
        case TenantAccessEnded(reason=reason):
            sentence = f"WizCommerce no longer lets us in: {reason}"
            return [_raise(recorded, "tenant", sentence, "Give a new token with `wizqbo connect`.")]
        case TenantTokenLapsing(expires_at=at):
            sentence = f"the WizCommerce token ends on {at:%Y-%m-%d}"
            return [_raise(recorded, "tenant-lapsing", sentence, "Give a new token with `wizqbo connect`.")]
        case TenantJoined():
            return [_clear(recorded, "tenant"), _clear(recorded, "tenant-lapsing")]
        case StepParked(step=step, stream=stream, problem=problem):
            return [_raise(recorded, f"parked:{step}:{stream}", f"{stream}: {problem}", f"`wizqbo unpark {stream}`")]
        case StepUnparked(step=step, stream=stream):
            return [_clear(recorded, f"parked:{step}:{stream}")]
        case _:
            return []


def _raise(recorded: Recorded, topic: str, sentence: str, next_step: str) -> Statement:
    sql = (
        "INSERT INTO attention (stream, topic, sentence, next_step, raised_at) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (stream, topic) DO UPDATE SET sentence = excluded.sentence, next_step = excluded.next_step"
    )
    return (sql, (recorded.stream, topic, sentence, next_step, recorded.recorded_at))


def _clear(recorded: Recorded, topic: str) -> Statement:
    return ("DELETE FROM attention WHERE stream = %s AND topic = %s", (recorded.stream, topic))
