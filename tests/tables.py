"""What a person would look up in the tables, and the stand-ins' own counts, for the stories of the admin and the auditor."""

from datetime import datetime
from typing import Any

from engine.domain.events import TAG_OF, Event
from tests.world import CONNECTION, World


def attention(world: World) -> dict[str, str]:
    """Topic → sentence of everything that needs a person now."""
    return {topic: sentence for topic, sentence in world.rows("SELECT topic, sentence FROM attention")}


def pending(world: World) -> list[tuple[str, str, str]]:
    """(status, reason, next step) of every command that is not settled, oldest first."""
    found = world.rows("SELECT status, reason, next_step FROM pending_work ORDER BY issued_at, command_id")
    return [(status, reason, next_step) for status, reason, next_step in found]


def queue(world: World, connection: str = CONNECTION) -> tuple[int, datetime | None]:
    """How many commands wait on a connection, and since when the oldest one."""
    [(count, oldest)] = world.rows(
        "SELECT count(*), min(issued_at) FROM pending_work WHERE connection = %s", connection
    )
    return count, oldest


def length(world: World) -> int:
    """How many events the log has."""
    [(count,)] = world.rows("SELECT count(*) FROM log")
    return int(count)


def count_of(world: World, event: type[Event], like: str = "%") -> int:
    """How many events of a kind the streams named `like` have."""
    [(count,)] = world.rows("SELECT count(*) FROM log WHERE topic = %s AND originator_id LIKE %s", TAG_OF[event], like)
    return int(count)


def metered(world: World) -> int:
    """How many QuickBooks reads that count toward the plan were made so far, by QuickBooks' own counting."""
    return world.quickbooks.calls.totals().get("coreplus", 0)


def writes(world: World) -> list[str]:
    """Every write that QuickBooks was asked for, in order."""
    return [
        call.operation for call in world.quickbooks.calls.all() if call.operation.startswith(("create ", "update "))
    ]


def contents(world: World, event: type[Event]) -> list[dict[str, Any]]:
    """The contents of every event of a kind as the readable view shows them, oldest first."""
    rows = world.rows("SELECT content FROM log_readable WHERE event = %s ORDER BY position", TAG_OF[event])
    return [row[0] for row in rows]
