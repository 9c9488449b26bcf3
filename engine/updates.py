"""Updates that did not simply go well: the record had changed meanwhile, or whether one arrived is not known.

The record itself tells. It shows what we sent: it arrived. It is at the revision we wrote against: it did not. Anything else: it
changed under us, and what it shows now is decided upon anew, with nothing written over.
"""

from engine.domain.commands import Command
from engine.domain.customer import Customer
from engine.domain.drafts import Change, CustomerUpdate, Draft, InvoiceUpdate, InvoiceVoid, OrderUpdate
from engine.domain.events import AttemptStarted, CommandAbandoned, Event, LookedAndAbsent, UpdateOutdated
from engine.domain.invoice_from_order import moves_money
from engine.domain.matching import differences
from engine.domain.order import Order
from engine.domain.values import connection_of
from engine.log import Entry
from engine.observe import tombstone
from engine.ports import GatewayError, NotThere, Remote
from engine.records import Holder
from engine.worker import Worker


class Updates:
    """Reads the record again, and records what that means."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def judge(self, record: Holder, command: Command, draft: Change, found: list[Remote], fetched_after: int) -> None:
        """What a look after an unknown outcome means."""
        remote = next(iter(found), None)
        if isinstance(draft, InvoiceUpdate | InvoiceVoid) and remote is not None and not remote.problem:
            # Its revision lets one of two requests through at most, so what the order says by now is decided upon, at once.
            why = "it had not arrived" if remote.revision == draft.revision else "it changed meanwhile"
            self._settle(record.stream, command.command_id, "unknown", remote, fetched_after, why, "")
            return
        untouched = remote is not None and remote.content is not None and remote.revision == draft.revision
        if untouched and remote is not None and remote.content is not None and differences(draft, remote.content):
            looked = LookedAndAbsent(
                command_id=command.command_id, looked_for="we looked, and it had not arrived", then="same-id"
            )
            self._worker.append_at(record, [looked], command)
            return
        if remote is None or remote.problem:
            why = "the record could not be read"
            gave_up = CommandAbandoned(command_id=command.command_id, why=why)
            self._worker.append_at(record, [gave_up], command)
            return
        self._settle(record.stream, command.command_id, "unknown", remote, fetched_after, "it changed meanwhile", "")

    def outdated(
        self, stream: str, command_id: str, started: AttemptStarted, error: GatewayError, gone_only: bool = False
    ) -> bool:
        """An update that met a newer revision, or a record that is said not to be there: it is read again, once. False when it
        could not be read, or with `gone_only` when it is there all the same."""
        draft = started.draft
        if not isinstance(draft, Change):
            return False
        kind = (
            "customer"
            if isinstance(draft, CustomerUpdate)
            else "order"
            if isinstance(draft, OrderUpdate)
            else "invoice"
        )
        fetched_after = self._worker.records.log.position()
        try:
            remote = self._worker.gateway(draft.target).fetch(connection_of(stream), kind, draft.remote_id)
        except NotThere:
            remote = tombstone(draft.target, kind, draft.remote_id)
        except GatewayError:
            return False  # the attempt failed; the next one meets the newer revision again
        if remote.problem or (gone_only and remote.content is not None):
            return False
        self._settle(stream, command_id, "running", remote, fetched_after, error.sentence, error.trace_id)
        return True

    def _settle(
        self, stream: str, command_id: str, status: str, remote: Remote, fetched_after: int, why: str, trace_id: str
    ) -> None:
        """Ours when it shows what we sent and may have come from us, else outdated; either way what it shows now is recorded,
        and decided upon, in the same append."""
        cause = self._worker.cause(command_id)

        def build() -> list[Entry]:
            record = self._worker.reload(stream)
            command = record.commands[command_id]
            if command.status != status or command.first is None:
                return []
            ours = remote.content is not None and _shows(command.first.draft, remote)
            if ours and command.may_have_run:
                how = "found there: an earlier attempt had arrived"
                return self._worker.sights.outcome(stream, command, remote, fetched_after, cause, how)
            old = UpdateOutdated(command_id=command_id, attempt=command.attempts, why=why, trace_id=trace_id)
            assert isinstance(record, Customer | Order)  # no other record has changes written against a revision
            seen = self._worker.sights.news(record, remote, fetched_after, cause.causation_id)
            events: list[Event] = [old, *seen]
            return self._worker.records.entries(record, events)

        self._worker.records.append(build, cause)


def _shows(draft: Draft, remote: Remote) -> bool:
    """Whether a record shows that a change was made: what was sent is there, and was not before. Of an invoice only money tells;
    another change is made once more where that is not known, which changes nothing."""
    if isinstance(draft, InvoiceUpdate | InvoiceVoid) and remote.revision == draft.revision:
        return False
    if isinstance(draft, InvoiceUpdate) and not moves_money(draft):
        return False
    return not differences(draft, remote.content)
