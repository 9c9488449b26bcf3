"""Our own time: from the moment an order could go to the moment its invoice was acknowledged, by the log's times.

It begins when the webhook was received (the sight of the order, when a poll was quicker), and begins anew whenever
something that is not ours to hurry comes to an end: a SKU that was missing is there, the consent is given again. Waiting for a
customer that we create ourselves is our own time. What the other side needs to answer is inside it.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from adapters.wiring import Engine
from engine.domain.events import (
    CommandAccepted,
    CommandHeld,
    CommandReleased,
    ConsentEnded,
    ConsentRegained,
    OrderObserved,
    Recorded,
)
from engine.domain.values import connection_stream

OURS_TO_HURRY = "customer-linked:"
"""A hold on this key waits for a customer that we link or create ourselves."""
NO_CONSENT = "the consent had ended"
_WEBHOOK = re.compile(r"webhook (\d+)")


class Times(msgspec.Struct, frozen=True):
    """What an order's story is judged by, beside itself: deliveries by number, and when the consent was away."""

    received: Mapping[int, datetime]
    away: Sequence[tuple[datetime, datetime]]


def times_of(engine: Engine, connection: str) -> Times:
    """The times that all orders of a connection share."""
    with engine.pool.connection() as c:
        received = {number: at for number, at in c.execute("SELECT id, received_at FROM inbox")}
    away: list[tuple[datetime, datetime]] = []
    ended: datetime | None = None
    for recorded in engine.log.read(connection_stream(connection)):
        if isinstance(recorded.event, ConsentEnded):
            ended = recorded.recorded_at
        elif isinstance(recorded.event, ConsentRegained) and ended is not None:
            away.append((ended, recorded.recorded_at))
            ended = None
    return Times(received=received, away=away)


class OwnTime(msgspec.Struct, frozen=True):
    """Our own time for one order in seconds, None while it has no invoice; and what else it had to wait for."""

    seconds: float | None = None
    held_for: str = ""


def own_time(story: Sequence[Recorded], times: Times) -> OwnTime:
    """Judges the story of one order, from its first event to its acceptance."""
    begun: datetime | None = None
    waited = [""]
    by_others = False
    for recorded in story:
        match recorded.event:
            case OrderObserved(cause=cause) if begun is None:
                found = _WEBHOOK.match(cause)
                begun = times.received.get(int(found[1]), recorded.recorded_at) if found else recorded.recorded_at
            case CommandHeld(missing=missing):
                others = [m.sentence for m in missing if not m.key.startswith(OURS_TO_HURRY)]
                by_others = bool(others)
                waited = others or waited
            case CommandReleased() if by_others:
                begun, by_others = recorded.recorded_at, False
            case CommandAccepted() if begun is not None:
                done = recorded.recorded_at
                back = [again for ended, again in times.away if begun < again < done]
                held_for = [*waited, *([NO_CONSENT] if back else [])]
                return OwnTime((done - max([begun, *back])).total_seconds(), "; ".join(filter(None, held_for)))
            case _:
                pass
    return OwnTime(held_for="; ".join(filter(None, waited)))


def own_times(engine: Engine, connection: str) -> list[float]:
    """Of every order that has an invoice, in milliseconds."""
    times = times_of(engine, connection)
    with engine.pool.connection() as c:
        streams = [row[0] for row in c.execute("SELECT stream FROM claims WHERE kind = 'order'")]
    judged = [own_time(engine.log.story(stream), times).seconds for stream in streams]
    return [seconds * 1000 for seconds in judged if seconds is not None]


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest value that at least `percent` of all do not exceed (nearest rank); 0 of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)] if ordered else 0.0
