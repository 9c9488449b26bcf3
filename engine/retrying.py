"""Another try at many things at once: each is that person's decision in its own stream, in an append of its own.

Killed in the middle, what was tried is tried and the rest stands as it stood; run again, nothing is asked a second time.
"""

from contextlib import nullcontext
from datetime import datetime

from engine.domain.commands import Command
from engine.domain.events import CommandIssued, CommandReleased, CommandRetried, Event, Reconsidered
from engine.domain.values import connection_of, kind_of
from engine.log import Entry
from engine.people import People
from engine.records import Records, by_person

ASKED = "a person asked for another try"


class Retrying:
    """Tries again what was refused or failed, and looks again at what waits."""

    def __init__(self, records: Records, people: People) -> None:
        self._records = records
        self._people = people

    def would(self, stream: str, command_id: str) -> bool:
        """Whether another try would come to anything now. `command_id` is '' of an order that is withheld, without a command.
        Raises NotPossible with why it cannot be tried."""
        return bool(self._entries(stream, command_id))

    def again(self, stream: str, command_id: str, who: str) -> str:
        """Tries again, unless somebody has meanwhile; answers where the record stands. Raises NotPossible."""
        may_match = kind_of(stream) == "customer"
        with self._records.matching(connection_of(stream), "customer") if may_match else nullcontext():
            self._records.append(lambda: self._entries(stream, command_id), by_person(who, "retry"))
        return self._people.where(stream)

    def _entries(self, stream: str, command_id: str) -> list[Entry]:
        """What is appended; none when the command is another one by now, or what it waits for is still missing."""
        record = self._records.holder(stream)
        command = record.commands.get(command_id)
        if command is not None and command.status == "ready" and _is_due(command, self._records.clock.now()):
            return []  # it goes now by itself, or somebody asked already
        if command is not None and command.status in ("refused", "ready"):
            return self._people.another_try(stream, only=command_id)
        waits = command is not None and command.status == "held"
        if not waits and command_id:
            return []
        asked: Event = CommandRetried(command_id=command_id) if waits else Reconsidered(because=ASKED)
        entries = self._records.entries(record, [asked])
        own = [event for entry in entries if entry.stream == stream for event in entry.events]
        return entries if any(isinstance(event, CommandReleased | CommandIssued) for event in own) else []


def _is_due(command: Command, now: datetime) -> bool:
    return command.due_at is None or command.due_at <= now
