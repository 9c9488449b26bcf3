"""Our own write, seen before its answer: then the sight is the outcome.

A record nobody has claimed is first compared with all open and unknown creates of its kind. Ours by mark, made since the attempt
and as we sent it, settles the command. What cannot be told apart waits until the attempt's own answer, or a look, settles it.
A request that was given up may have been carried out all the same: its mark is known for ever (`engine.given_up`).
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

from msgspec.structs import replace

from engine.domain.commands import Command, unfinished
from engine.domain.customer_policies import NAMED
from engine.domain.drafts import OrderDraft
from engine.domain.events import AnswerDisagreed, CommandAccepted, Event, RecordLinked, Sight
from engine.domain.invoice_from_order import order_total
from engine.domain.matching import differences, whose
from engine.domain.notices import defaults_applied
from engine.domain.order_from_invoice import invoice_named_by
from engine.domain.product_around import HERE
from engine.domain.tellings import TELLINGS
from engine.domain.values import (
    Content,
    CustomerContent,
    InvoiceContent,
    InvoiceRecordContent,
    OrderContent,
    PaymentContent,
    ShipmentContent,
    System,
    cents,
    connection_of,
    kind_of,
    record_stream,
)
from engine.given_up import GivenUp, spare_record
from engine.last_sights import left_behind
from engine.log import Cause, Entry
from engine.ports import Remote
from engine.records import Records
from engine.revisions import revision_order
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
        if remote.content is None:
            return None
        maybe = False
        mark = _mark(remote.content)
        for stream in self._open_creates(connection, remote.system, remote.kind, mark):
            settled = self._given_up.turned_up(stream, mark, remote, cause, fetched_after)
            if settled is not None:
                return None if settled == "known" else settled
            command, marks = self._open_command(stream, remote.system)
            if command is None or command.first is None or not _made_since(remote, command):
                continue
            judged = whose(command.first.draft, marks, remote.content)
            if judged == "ours" and not differences(command.first.draft, remote.content):
                return self._adopt(stream, command, remote, cause, fetched_after)
            maybe = maybe or judged != "no"
        if maybe:
            return "waiting"  # until the attempt's own answer, or a look, settles it
        return self._of_an_invoice(connection, remote, cause, fetched_after)

    def _of_an_invoice(self, connection: str, remote: Remote, cause: Cause, fetched_after: int) -> Result | None:
        """An order of WizCommerce that has the reference of an invoice's order is that one, whoever made it, and never begins a
        stream of its own beside the invoice's. None where we know of no such invoice that somebody made in QuickBooks."""
        content = remote.content
        invoice = invoice_named_by(content.reference, connection) if isinstance(content, OrderContent) else ""
        stream = self._records.around.stream_of(connection, "quickbooks", "invoice", invoice) if invoice else ""
        if not stream or self._records.order(stream).born is None:
            return None

        def build() -> list[Entry]:
            order = self._records.order(stream)
            if order.sight is not None and order.sight.remote_id != remote.remote_id:
                alarm = spare_record(remote.remote_id, order.sight.remote_id, "wizcommerce")
                said = order.attention.get(alarm.topic)
                dismissed = any(topic == alarm.topic for topic, _, _ in order.dismissed)
                return [] if said or dismissed else [Entry(stream=stream, version=order.version, events=[alarm])]
            sight = self._sight_of(remote, fetched_after, cause.causation_id)
            claim = self._records.claim(remote.system, remote.kind, remote.remote_id, stream)
            return [*self._records.order_entry(order, [sight]), *claim]

        return "recorded" if self._records.append(build, cause) else "known"

    def _open_creates(self, connection: str, system: System, kind: str, mark: str) -> list[str]:
        """The streams whose create is not settled, and the one whose given-up create has this mark."""
        sql = (
            "SELECT DISTINCT stream FROM open_creates o WHERE connection = %s AND target = %s AND kind = %s "
            "AND (command_id = %s OR EXISTS (SELECT FROM pending_work w WHERE w.command_id = o.command_id)) ORDER BY stream"
        )
        with self._pool.connection() as c:
            return [row[0] for row in c.execute(sql, (connection, system, kind, mark))]

    def _open_command(self, stream: str, system: System) -> tuple[Command | None, frozenset[str]]:
        record = self._records.holder(stream)
        open_ = unfinished(record.commands, system)
        return (None if open_ is None or open_.first is None else open_), frozenset(record.commands)

    def _adopt(self, stream: str, command: Command, remote: Remote, cause: Cause, fetched_after: int) -> Result:
        """The sight settles the open create, unless the stream has moved on; then the next sight finds it claimed."""

        def build() -> list[Entry]:
            open_, _ = self._open_command(stream, remote.system)
            if open_ is None or open_.command_id != command.command_id:
                return []
            how = f"seen in {NAMED[remote.system]} before its answer"
            return self.outcome(stream, open_, remote, fetched_after, cause, how=how)

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
        number, total = _known_by(remote.content)
        accepted = CommandAccepted(
            command_id=command.command_id,
            attempt=command.attempts,
            target=command.target,
            remote_id=remote.remote_id,
            revision=remote.revision,
            number=number,
            total=total,
            how=how,
            trace_id=trace_id,
        )
        if kind_of(stream) == "product":
            return self._product_outcome(stream, command, remote, accepted, fetched_after, cause)
        if kind_of(stream) in TELLINGS:
            claim = self._records.claim(command.target, remote.kind, remote.remote_id, stream)
            return [*self._records.told_entries(self._records.told(stream), [accepted]), *claim]
        sight = self._sight_of(remote, fetched_after, cause.causation_id)
        if isinstance(sight, Sight):  # so that the signal of our own write, which names no revision, is recognised
            sight = replace(sight, changed_at=remote.changed_at)
        if kind_of(stream) == "payment":
            claim = self._records.claim("quickbooks", remote.kind, remote.remote_id, stream)
            return [*self._records.payment_entries(self._records.payment(stream), [accepted, sight]), *claim]
        if kind_of(stream) == "order":
            claim = self._records.claim(remote.system, remote.kind, remote.remote_id, stream)
            order = self._records.order(stream)
            known_there = order.sight if remote.kind == "order" else order.invoice
            shown: list[Event] = [sight]
            if known_there is not None and newer(known_there.revision, remote):
                # An edit after our own write, seen before its answer, is one. Of an order what is paid by then has risen
                # already: the older sight would be a fall, and the newer one the same rise once more.
                later = replace(known_there, cause="seen before the answer to our own call")
                shown = [] if remote.kind == "order" else [sight, later]
            return [*self._records.order_entry(order, [accepted, *shown]), *claim]
        customer = self._records.customer(stream)
        if command.verb == "CreateTerm":
            return [*self._records.customer_entries(customer, [accepted]), *self._seen_first(stream, remote, sight)]
        if command.verb == "UpdateCustomer":
            if left_behind(customer, remote):  # merged into another one there meanwhile: this one is shown no more
                return self._records.customer_entries(customer, [accepted])
            known = customer.sights.get(command.target)
            shows: list[Event] = [sight]
            if known is not None and newer(known.revision, remote):
                shows.append(replace(known, cause="seen before the answer to our own call"))  # an edit after it is one
            return self._records.customer_entries(customer, [accepted, *shows])
        made = RecordLinked(
            system=command.target,
            kind="customer",
            remote_id=remote.remote_id,
            how=f"created by us: {how}",
            revision=remote.revision,
        )
        applied = [defaults_applied()] if command.target == "wizcommerce" else []
        return self._records.customer_entries(customer, [accepted, made, sight, *applied])

    def _product_outcome(
        self, stream: str, command: Command, remote: Remote, accepted: CommandAccepted, fetched_after: int, cause: Cause
    ) -> list[Entry]:
        """A product of WizCommerce is linked when it is made, or found there under its SKU; unless it is another item's."""
        product = self._records.product(stream)
        if remote.kind != "product":
            return self._records.product_entries(product, [accepted])
        owner = self._records.around.stream_of(connection_of(stream), remote.system, "product", remote.remote_id)
        if owner not in ("", stream):
            other = AnswerDisagreed(
                command_id=command.command_id,
                attempt=command.attempts,
                target=command.target,
                remote_id=remote.remote_id,
                differences=("WizCommerce's product of that SKU belongs to another item",),
            )
            return [Entry(stream=stream, version=product.version, events=[other])]
        sight = self._sight_of(remote, fetched_after, cause.causation_id)
        if HERE in product.links:
            return self._records.product_entries(product, [accepted, sight])
        made = RecordLinked(
            system=HERE,
            kind="product",
            remote_id=remote.remote_id,
            how=f"put by us: {accepted.how}",
            revision=remote.revision,
        )
        return self._records.product_entries(product, [accepted, made, sight])

    def _seen_first(self, stream: str, remote: Remote, sight: Event) -> list[Entry]:
        """The first sight of a record that a customer needed beside its own; none when it has been seen already."""
        connection = connection_of(stream)
        if self._records.around.stream_of(connection, remote.system, remote.kind, remote.remote_id):
            return []
        home = record_stream(connection, remote.system, remote.kind, remote.remote_id)
        claim = self._records.claim(remote.system, remote.kind, remote.remote_id, home)
        return [Entry(stream=home, version=0, events=[sight]), *claim]


def newer(known: str, remote: Remote) -> bool:
    """Whether we know a newer revision of a record than the one it was read at."""
    return revision_order(remote.system, known, remote.revision) > 0


def _known_by(content: Content | None) -> tuple[str, str]:
    """(number, total) of a document; '' where there is none."""
    match content:
        case InvoiceContent(number=number, total=total) | PaymentContent(reference=number, total=total):
            return number, str(total)
        case InvoiceRecordContent(number=number, total=total):
            return number, str(cents(total))
        case OrderContent(number=number):
            return number, str(order_total(content))
        case ShipmentContent(tracking=number):
            return number, ""
        case _:
            return "", ""


def _mark(content: Content) -> str:
    return content.mark if isinstance(content, InvoiceContent | PaymentContent | CustomerContent) else ""


def _made_since(remote: Remote, command: Command) -> bool:
    """Whether it may be what the command made. An order of ours says that it was made when its invoice was."""
    if command.first is not None and isinstance(command.first.draft, OrderDraft):
        return True
    made, started_at = remote.created_at, command.first_started_at
    return made is None or started_at is None or made >= started_at - CLOCK_SKEW
