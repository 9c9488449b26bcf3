"""A request that was given up after looks that found nothing, and what it made turns up all the same.

While nothing else has become of the record, that is its outcome, and the request begun in its place is withdrawn if it was never
sent. Once something else has (the record has another counterpart, or a person decided that it is never sent), it is an alarm.
"""

from collections.abc import Callable
from typing import Literal

from engine.domain.commands import Command, unfinished
from engine.domain.customer_policies import NAMED
from engine.domain.events import AnswerDisagreed, AttentionNeeded, CommandAbandoned, Event, LateOutcome
from engine.domain.matching import differences
from engine.domain.order import Order
from engine.domain.payments import Payment
from engine.domain.told import Told
from engine.domain.values import System
from engine.log import Cause, Entry
from engine.ports import Remote
from engine.records import Holder, Records

Outcome = Callable[[str, Command, Remote, int, Cause, str], list[Entry]]
"""The entries that settle a command with a remote record: stream, command, record, read after, cause, how."""


class GivenUp:
    """Recognises what given-up requests made, by their mark."""

    def __init__(self, records: Records, outcome: Outcome) -> None:
        self._records = records
        self._outcome = outcome

    def turned_up(
        self, stream: str, mark: str, remote: Remote, cause: Cause, fetched_after: int
    ) -> Literal["recorded", "waiting", "known"] | None:
        """What became of a record nobody has claimed: None when no given-up request of the stream has this mark; "waiting"
        while a later request may be under way; "known" when an alarm is raised and the record gets a stream of its own."""
        result: list[Literal["recorded", "waiting", "known"] | None] = [None]

        def build() -> list[Entry]:
            record = self._records.holder(stream)
            given_up = record.commands.get(mark)
            if given_up is None or given_up.status != "abandoned" or not given_up.may_have_run:
                result[0] = None
                return []
            later = unfinished(record.commands, remote.system)
            other = known_as(record, remote.system)
            if other or record.never or (later is not None and later.status == "disputed"):
                result[0] = "known"
                return [Entry(stream=stream, version=record.version, events=_late(record, given_up, remote))]
            if later is not None and (later.may_have_run or later.status not in ("held", "ready")):
                result[0] = "waiting"
                return []
            result[0] = "recorded"
            return self._settled(record, given_up, later, remote, cause, fetched_after)

        self._records.append(build, cause)
        return result[0]

    def _settled(
        self,
        record: Holder,
        given_up: Command,
        later: Command | None,
        remote: Remote,
        cause: Cause,
        fetched_after: int,
    ) -> list[Entry]:
        """It is the outcome, if it agrees with what was sent; if not, a person decides."""
        if given_up.first is None or remote.content is None:
            return []
        found = differences(given_up.first.draft, remote.content)
        if not found:
            how = "seen in QuickBooks: a request that had been given up arrived after all"
            settling = self._outcome(record.stream, given_up, remote, fetched_after, cause, how)
            return [_withdrawing(entry, record, later) for entry in settling]
        if later is None:
            return [Entry(stream=record.stream, version=record.version, events=_late(record, given_up, remote))]
        disputed = AnswerDisagreed(
            command_id=later.command_id,
            attempt=later.attempts,
            target=later.target,
            remote_id=remote.remote_id,
            differences=found,
        )
        return [Entry(stream=record.stream, version=record.version, events=[disputed])]


def _withdrawing(entry: Entry, record: Holder, later: Command | None) -> Entry:
    """The record's entry, begun with the end of the request that was to follow."""
    if later is None or entry.stream != record.stream:
        return entry
    why = "the request before it, which had been given up, arrived after all"
    ended = CommandAbandoned(command_id=later.command_id, why=why)
    return Entry(stream=entry.stream, version=entry.version, events=[ended, *entry.events])


def _late(record: Holder, given_up: Command, remote: Remote) -> list[Event]:
    late = LateOutcome(
        command_id=given_up.command_id,
        attempt=given_up.attempts,
        said=f"accepted as {remote.remote_id}, as seen in {NAMED[remote.system]}",
        remote_id=remote.remote_id,
    )
    return [late, spare_record(remote.remote_id, known_as(record, remote.system), remote.system)]


def known_as(record: Holder, target: System = "quickbooks") -> str:
    """The record's id in `target`; '' while it has none."""
    if isinstance(record, Payment):
        return record.payment_id if target == "quickbooks" else ""
    if isinstance(record, Told):
        return record.remote_id if target == "wizcommerce" else ""
    if isinstance(record, Order):
        there = record.sight.remote_id if record.sight is not None else ""
        return record.invoice_id if target == "quickbooks" else there
    return record.links.get(target, "")


def spare_record(late: str, known: str, target: System = "quickbooks") -> AttentionNeeded:
    """The alarm about a record that `target` made beside `known`, or by a request that had been given up ('')."""
    there = NAMED[target]
    if known:
        return AttentionNeeded(
            topic="second-record",
            sentence=f"{there} has two records for this one: {known} and {late}",
            next_step=f"Look at both in {there} and void or delete {late} if it is the spare one.",
        )
    return AttentionNeeded(
        topic="second-record",
        sentence=f"{there} has {late} for this one all the same, by a request that had been given up",
        next_step=f"Look at {late} in {there}, and void or delete it if it is not wanted.",
    )
