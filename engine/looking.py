"""Looking for what an unknown attempt may have made: ours is adopted, what is absent is sent again.

First the other side's own request limit passes; then we look, by document number, else by customer and creation time. The same
id goes again when nothing is there; a new generation begins only when that id is burned and a second look found nothing.
After an unknown, a refusal that may mean "I have it already" is compared with what we sent first.
"""

from datetime import datetime, timedelta

from engine.domain.commands import Command
from engine.domain.customer import Customer
from engine.domain.customer_policies import NAMED
from engine.domain.drafts import (
    Change,
    CustomerDraft,
    Draft,
    InvoiceDraft,
    InvoiceRecordDraft,
    ProductDraft,
    ProductUpdate,
    ShipmentDraft,
    StockDraft,
)
from engine.domain.events import AnswerDisagreed, AttemptStarted, Event, LookedAndAbsent, LookPostponed
from engine.domain.matching import differences, whose
from engine.domain.values import InvoiceContent, connection_of, kind_of
from engine.log import Entry
from engine.observe import lost
from engine.ports import Disconnected, GatewayError, Refused, Remote
from engine.records import Holder
from engine.updates import Updates
from engine.worker import Worker, disagreed, new_generation, refused

SEEN_ALREADY = frozenset({"600", "5010", "6140", "6240"})
"""Refusals that may mean that an earlier attempt arrived. Source: DESIGN, law 5."""
LOOK_AGAIN = timedelta(seconds=60)
MOST_EMPTY_LOOKS = 3
"""Empty looks, each after its wait, until an id is given up though nobody said it is burned: QuickBooks may keep a fault of
its own for it. Law 5 asks for two."""


class Looking:
    """Looks, and records what that means."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._updates = Updates(worker)
        self.outdated = self._updates.outdated

    def look(self, record: Holder, command: Command) -> None:
        """Looks for what an unknown attempt may have made, and records what that means."""
        sent = _sent(record, command)
        if sent is None:
            return
        draft, since = sent
        connection = connection_of(record.stream)
        fetched_after = self._worker.records.log.position()
        try:
            found = self._worker.gateway(command.target).look(connection, draft, since)
        except GatewayError as error:
            if isinstance(error, Disconnected):
                lost(self._worker.records, connection, command.target, error)
            postponed = LookPostponed(
                command_id=command.command_id,
                why=f"{command.reason.split(' (could not look')[0]} (could not look: {error.sentence})",
                look_at=self._worker.clock.now() + LOOK_AGAIN,
            )
            self._worker.append_at(record, [postponed], command)
            return
        self._judge(record, command, draft, found, fetched_after)

    def _judge(self, record: Holder, command: Command, draft: Draft, found: list[Remote], fetched_after: int) -> None:
        if isinstance(draft, Change):
            self._updates.judge(record, command, draft, found, fetched_after)
            return
        if isinstance(draft, ProductUpdate | StockDraft | InvoiceRecordDraft | ShipmentDraft):
            self._shows(record, command, draft, found, fetched_after)
            return
        ours, maybe = self._sorted(record, draft, found)
        if len(ours) == 1 and ours[0].content is not None and command.first is not None:
            self._adopt(record, command, ours[0], fetched_after)
        elif ours or (maybe and not command.asked_again):  # a person who asks again has seen what looks like ours
            ids = ", ".join(r.remote_id for r in ours or maybe)
            why = "carry our mark" if ours else "look like ours and carry no mark of ours"
            event = AnswerDisagreed(
                command_id=command.command_id,
                attempt=command.attempts,
                target=command.target,
                remote_id=(ours or maybe)[0].remote_id,
                differences=(f"in {NAMED[command.target]} {ids} {why}: a person decides",),
            )
            self._worker.append_at(record, [event], command)
        else:
            self._absent(record, command)

    def _shows(
        self,
        record: Holder,
        command: Command,
        draft: ProductUpdate | StockDraft | InvoiceRecordDraft | ShipmentDraft,
        found: list[Remote],
        fetched_after: int,
    ) -> None:
        """A product, its stock, the record of an invoice or a shipment that shows what was sent: it arrived.
        Else it is sent again, which can do no harm."""
        arrived = next((one for one in found if one.shown and not differences(draft, one.shown)), None)
        if arrived is not None:
            self._adopt(record, command, arrived, fetched_after)
        else:
            self._absent(record, command)

    def _sorted(self, record: Holder, draft: Draft, found: list[Remote]) -> tuple[list[Remote], list[Remote]]:
        """What is provably ours, and what only looks like it, among records no other stream has claimed."""
        marks = frozenset(record.commands)
        ours: list[Remote] = []
        maybe: list[Remote] = []
        for remote in found:
            owner = self._worker.records.around.stream_of(
                connection_of(record.stream), remote.system, remote.kind, remote.remote_id
            )
            if remote.content is None:
                continue
            judged = whose(draft, marks, remote.content)
            free = owner in ("", record.stream) or remote.kind == "term" or self._only_seen(owner)
            if judged == "ours" and free:
                ours.append(remote)
            elif judged == "maybe" and not owner:
                maybe.append(remote)
        return ours, maybe

    def _only_seen(self, owner: str) -> bool:
        """Whether a stream is that of an invoice or a payment seen in QuickBooks, of which nothing of WizCommerce is known."""
        if kind_of(owner) == "payment":
            return self._worker.records.payment(owner).taken is None
        return kind_of(owner) == "order" and self._worker.records.order(owner).sight is None

    def _adopt(self, record: Holder, command: Command, remote: Remote, fetched_after: int) -> None:
        def build() -> list[Entry]:
            now = self._worker.reload(record.stream)
            open_ = now.commands[command.command_id]
            if not open_.unfinished or open_.first is None or remote.shown is None:
                return []
            found = differences(open_.first.draft, remote.shown)
            if found:
                return disagreed(record.stream, now, open_, remote, found, "")
            how = f"found in {NAMED[command.target]}: an earlier attempt had arrived"
            return self._worker.sights.outcome(
                record.stream, open_, remote, fetched_after, self._worker.cause(command.command_id), how
            )

        self._worker.records.append(build, self._worker.cause(command.command_id))

    def _absent(self, record: Holder, command: Command) -> None:
        """Nothing is there: the same id again; a new generation only when the id is burned and we looked twice."""
        looked_before = command.empty_looks >= 1 or command.asked_again
        burned = (command.burned and looked_before) or command.empty_looks + 1 >= MOST_EMPTY_LOOKS
        looked = LookedAndAbsent(
            command_id=command.command_id,
            looked_for=f"we looked in {NAMED[command.target]}, and it had not arrived",
            then="new-generation" if burned else "same-id",
        )
        events: list[Event] = [looked]
        if burned:
            why = "nothing came of this request id"
            events += new_generation(record, command, why, because="looked for again and not there")
        self._worker.append_at(record, events, command)

    def had_it_already(self, stream: str, command: str, started: AttemptStarted, refusal: Refused) -> bool:
        """Whether a refusal is settled by what QuickBooks already has: ours is adopted, a namesake is recorded and matched."""
        record = self._worker.reload(stream)
        open_ = record.commands[command]
        if open_.status != "running" or open_.attempts != started.attempt:
            return False
        connection = connection_of(stream)
        fetched_after = self._worker.records.log.position()
        try:
            found = self._found_by(connection, started, refusal, open_)
        except GatewayError:
            return False  # the refusal itself is recorded; a person's retry looks again
        ours, _ = self._sorted(record, started.draft, found)
        if len(ours) == 1:
            self._adopt(record, open_, ours[0], fetched_after)
            return self._worker.reload(stream).commands[command].status != "running"
        holders = [remote.remote_id for remote in found if _has_number_of(started.draft, remote)]
        if holders and refusal.code == "6140":
            refusal.sentence = f"{refusal.sentence} It is invoice {holders[0]} there, which is not ours."
        if isinstance(record, Customer) and isinstance(started.draft, CustomerDraft):
            return self._refused_and_matched(stream, started, refusal, found, fetched_after)
        return False

    def _found_by(self, connection: str, started: AttemptStarted, refusal: Refused, open_: Command) -> list[Remote]:
        if refusal.code == "6140":
            holder = self._worker.accounting.holder_of_number(connection, refusal)
            if holder is not None:
                return [holder]
        if refusal.code == "6240" and isinstance(started.draft, CustomerDraft) and open_.target == "quickbooks":
            return self._holders(connection, started.draft, refusal)
        gateway = self._worker.gateway(open_.target)
        return gateway.look(connection, started.draft, open_.first_started_at or started.send_by)

    def _holders(self, connection: str, draft: CustomerDraft, refusal: Refused) -> list[Remote]:
        """The customers that have the name we wanted; of others, and of who is inactive, the refusal says who it is."""
        name = draft.content.display_name.text or ""
        holders = self._worker.accounting.holders_of_name(connection, name)
        for one in holders:
            if one.entity != "customer":
                refusal.sentence = f"{refusal.sentence} It is the name of {one.entity} {one.remote_id} there."
                refusal.next_step = (
                    f"Rename the {one.entity} in QuickBooks, or the customer in WizCommerce; it goes by itself then."
                )
            elif not one.active:
                refusal.sentence = f"{refusal.sentence} It is customer {one.remote_id} there, which is inactive."
                refusal.next_step = "Make it active in QuickBooks if it is the same: it is matched by itself then."
        return [one.remote for one in holders if one.remote is not None]

    def _refused_and_matched(
        self, stream: str, started: AttemptStarted, refusal: Refused, found: list[Remote], fetched_after: int
    ) -> bool:
        """A customer of that name exists. The refusal comes first: from then on no create of ours is open that the namesake
        could be the outcome of. Then the namesake is recorded, and the customer matched against what we now know."""
        cause = self._worker.cause(started.command_id)

        def refuse() -> list[Entry]:
            customer = self._worker.records.customer(stream)
            open_ = customer.commands.get(started.command_id)
            if open_ is None or open_.status != "running":
                return []
            event = refused(open_, started.attempt, refusal)
            return [Entry(stream=stream, version=customer.version, events=[event])]

        def match() -> list[Entry]:
            return self._worker.records.customer_entries(self._worker.records.customer(stream), [])

        if not self._worker.records.append(refuse, cause):
            return False
        for remote in found:
            self._worker.sights.record(connection_of(stream), remote, fetched_after, cause)
        with self._worker.records.matching(connection_of(stream), "customer"):
            self._worker.records.append(match, cause)
        return True


def _sent(record: Holder, command: Command) -> tuple[Draft, datetime] | None:
    """What to look for and since when: a request that was given up before may have been carried out all the same."""
    if not command.verb.startswith("Create") and not (command.first and isinstance(command.first.draft, ProductDraft)):
        first = command.first
        return None if first is None or command.first_started_at is None else (first.draft, command.first_started_at)
    alike = [c for c in record.commands.values() if (c.verb, c.target) == (command.verb, command.target)]
    tried = [c for c in alike if c.may_have_run or c.command_id == command.command_id]
    drafts = [c.first.draft for c in tried if c.first is not None]
    began = [c.first_started_at for c in tried if c.first_started_at is not None]
    return (drafts[-1], min(began)) if drafts and began else None


def _has_number_of(draft: Draft, remote: Remote) -> bool:
    """Whether an invoice stands under the number we wanted: a look shows others of the customer too."""
    there = remote.content
    if not isinstance(draft, InvoiceDraft) or not isinstance(there, InvoiceContent):
        return False
    return there.number.casefold() == draft.number.casefold()
