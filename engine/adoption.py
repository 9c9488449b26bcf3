"""Our own write, seen before its answer: then the sight is the outcome.

A record nobody has claimed is first compared with all open and unknown creates of its kind. Ours by mark, made since the attempt
and as we sent it, settles the command. What cannot be told apart waits until the attempt's own answer, or a look, settles it.
A request that was given up may have been carried out all the same: its mark is known for ever (`engine.given_up`).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from engine.domain.commands import Command
from engine.domain.events import CommandAccepted, Event, RecordLinked
from engine.domain.matching import differences, whose
from engine.domain.values import Content, CustomerContent, InvoiceContent, kind_of
from engine.given_up import GivenUp
from engine.log import Cause, Entry
from engine.ports import Remote
from engine.records import Records
from engine.surroundings import Pool

Result = Literal["recorded", "moved", "known", "stale", "waiting"]
"""What became of a sight."""

CLOCK_SKEW = timedelta(minutes=2)
"""How far the two systems' clocks may differ when 'made since our attempt' is judged."""


class Adoption:
    """`sight_of` makes the event of a remote record (see `engine.sights`)."""

    def __init__(self, records: Records, pool: Pool, sight_of: Callable[[Remote, int, str], Event]) -> None:
        self._records = records
        self._pool = pool
        self._sight_of = sight_of
        self._given_up = GivenUp(records, self.outcome)

    def our_own_write(self, connection: str, remote: Remote, cause: Cause, fetched_after: int) -> Result | None:
        """A record nobody claimed may be the outcome of a create that is open: then this sight is the outcome."""
        if remote.system != "quickbooks" or remote.content is None:
            return None
        maybe = False
        mark = _mark(remote.content)
        for stream in self._open_creates(connection, remote.kind, mark):
            settled = self._given_up.turned_up(stream, mark, remote, cause, fetched_after)
            if settled is not None:
                return None if settled == "known" else settled
            command, marks = self._open_command(stream)
            if command is None or command.first is None or not _made_since(remote, command.first_started_at):
                continue
            judged = whose(command.first.draft, marks, remote.content)
            if judged == "ours" and not differences(command.first.draft, remote.content):
                return self._adopt(stream, command, remote, cause, fetched_after)
            maybe = maybe or judged != "no"
        return "waiting" if maybe else None  # until the attempt's own answer, or a look, settles it

    def _open_creates(self, connection: str, kind: str, mark: str) -> list[str]:
        """The streams whose create is not settled, and the one whose given-up create has this mark."""
        sql = (
            "SELECT DISTINCT stream FROM open_creates o WHERE connection = %s AND target = 'quickbooks' AND kind = %s "
            "AND (command_id = %s OR EXISTS (SELECT FROM pending_work w WHERE w.command_id = o.command_id)) ORDER BY stream"
        )
        with self._pool.connection() as c:
            return [row[0] for row in c.execute(sql, (connection, kind, mark))]

    def _open_command(self, stream: str) -> tuple[Command | None, frozenset[str]]:
        record = self._records.holder(stream)
        open_ = next((c for c in record.commands.values() if c.unfinished and c.first is not None), None)
        return open_, frozenset(record.commands)

    def _adopt(self, stream: str, command: Command, remote: Remote, cause: Cause, fetched_after: int) -> Result:
        """The sight settles the open create, unless the stream has moved on; then the next sight finds it claimed."""

        def build() -> list[Entry]:
            open_, _ = self._open_command(stream)
            if open_ is None or open_.command_id != command.command_id:
                return []
            return self.outcome(stream, open_, remote, fetched_after, cause, how="seen in QuickBooks before its answer")

        return "recorded" if self._records.append(build, cause) else "waiting"

    def outcome(
        self,
        stream: str,
        command: Command,
        remote: Remote,
        fetched_after: int,
        cause: Cause,
        how: str,
        trace_id: str = "",
    ) -> list[Entry]:
        """The entries that settle `command` as accepted with `remote`: acceptance, sight, claim, and what follows."""
        number = remote.content.number if isinstance(remote.content, InvoiceContent) else ""
        total = str(remote.content.total) if isinstance(remote.content, InvoiceContent) else ""
        accepted = CommandAccepted(
            command_id=command.command_id,
            attempt=command.attempts,
            remote_id=remote.remote_id,
            revision=remote.revision,
            number=number,
            total=total,
            how=how,
            trace_id=trace_id,
        )
        sight = self._sight_of(remote, fetched_after, cause.causation_id)
        claim = self._records.claim("quickbooks", remote.kind, remote.remote_id, stream)
        if kind_of(stream) == "order":
            return [*self._records.order_entry(self._records.order(stream), [accepted, sight]), *claim]
        made = RecordLinked(
            system="quickbooks",
            kind="customer",
            remote_id=remote.remote_id,
            how=f"created by us: {how}",
            revision=remote.revision,
        )
        return self._records.customer_entries(self._records.customer(stream), [accepted, made, sight])


def _mark(content: Content) -> str:
    return content.mark if isinstance(content, InvoiceContent | CustomerContent) else ""


def _made_since(remote: Remote, started_at: datetime | None) -> bool:
    made = remote.created_at
    return made is None or started_at is None or made >= started_at - CLOCK_SKEW
