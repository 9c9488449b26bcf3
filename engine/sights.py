"""A remote record, as read, becomes a fact: once, in the right stream, with what follows from it.

Stale sights (a lower revision; or an equal one read from before the last sight) and repeated ones cause nothing. Our own
write seen before its answer is the answer. A record nobody has claimed meets its twin under the lock of its connection and
kind, so two sights of one new customer become one record.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from engine.adoption import Adoption, Result
from engine.domain.customer import Customer, no_customer
from engine.domain.customer_evolving import evolve_customer
from engine.domain.customer_policies import go_on_as_it_stands
from engine.domain.events import (
    CompanyObserved,
    CustomerObserved,
    Event,
    InvoiceObserved,
    OrderObserved,
    OtherObserved,
    PaymentObserved,
    ProductObserved,
    RecordGone,
    RecordLinked,
    RecordNotUnderstood,
    RevisionMoved,
    Sight,
)
from engine.domain.matching import surest
from engine.domain.order import Order, evolve_order, no_order
from engine.domain.payments import evolve_payment, no_payment
from engine.domain.product import Product, evolve_product, order_key
from engine.domain.values import (
    CompanyFacts,
    CustomerContent,
    InvoiceContent,
    OrderContent,
    PaymentContent,
    Personal,
    ProductContent,
    connection_of,
    connection_stream,
    kind_of,
    record_stream,
)
from engine.goods_around import Taken
from engine.last_sights import (
    Last,
    last_of_customer,
    last_of_order,
    last_of_other,
    last_of_payment,
    last_of_product,
    left_behind,
)
from engine.log import Cause, Entry
from engine.ports import Remote, Sealer
from engine.records import Records
from engine.revisions import revision_order
from engine.stock_sights import stock_news
from engine.surroundings import Pool

OBSERVED: dict[type, type[Sight]] = {
    CustomerContent: CustomerObserved,
    ProductContent: ProductObserved,
    OrderContent: OrderObserved,
    InvoiceContent: InvoiceObserved,
    PaymentContent: PaymentObserved,
}

_hashing = msgspec.json.Encoder(enc_hook=lambda value: value.text, order="sorted")


class Sights:
    """Records what was read."""

    def __init__(self, records: Records, sealer: Sealer, pool: Pool) -> None:
        self._records = records
        self._sealer = sealer
        self._pool = pool
        self._adoption = Adoption(records, pool, self.sight)
        self.outcome = self._adoption.outcome

    def record(self, connection: str, remote: Remote, fetched_after: int, cause: Cause) -> Result:
        """Records one remote record read after log position `fetched_after`. Repeating it changes nothing."""
        if "\\u0000" in remote.raw or "\0" in remote.raw:  # no text column can hold it: kept whole, and raised
            remote = msgspec.structs.replace(remote, content=None, problem="it holds a NUL character")
        around = self._records.around
        kind = "product" if remote.kind == "stock" else remote.kind
        stream = around.stream_of(connection, remote.system, kind, remote.remote_id)
        if stream:
            return self._in_stream(stream, remote, fetched_after, cause)
        if kind == "product" and remote.system == "wizcommerce":
            return "known"  # none of QuickBooks' items: it is WizCommerce's own, until an item of its SKU is put there
        if remote.content is None and not remote.problem:
            return "known"  # made and deleted between two looks: there is nothing to tell
        with self._records.matching(connection, remote.kind):
            stream = around.stream_of(connection, remote.system, remote.kind, remote.remote_id)
            if not stream:
                owner = self._adoption.our_own_write(connection, remote, cause, fetched_after)
                if owner is not None:
                    return owner
                stream, linked = self._first_stream(connection, remote)
                return self._in_stream(stream, remote, fetched_after, cause, first=True, linked=linked)
        return self._in_stream(stream, remote, fetched_after, cause)

    # ---- whose is it ---------------------------------------------------------------------------------------------------

    def _first_stream(self, connection: str, remote: Remote) -> tuple[str, list[Event]]:
        """Where the first sight of a record goes: to its twin's stream if there is one, else to a stream of its own."""
        own = record_stream(connection, remote.system, remote.kind, remote.remote_id)
        if not isinstance(remote.content, CustomerContent) or remote.system == "wizcommerce":
            return own, []  # a customer of WizCommerce keeps its stream: its policy links it to the twin
        gate = self._records.around.gate(connection)
        if gate is None or not gate.decides or not remote.content.active:
            return own, []
        found = self._records.may_be(connection, "quickbooks", remote.remote_id, remote.content)
        best = surest(found, ask=gate.choices.of("strong-matches") == "ask")
        if best is None:
            return own, []
        twin = self._records.around.stream_of(connection, "wizcommerce", "customer", best.remote_id)
        linked = RecordLinked(
            system=remote.system,
            kind="customer",
            remote_id=remote.remote_id,
            how=best.because,
            revision=remote.revision,
        )
        return twin, [linked]

    # ---- into the stream -------------------------------------------------------------------------------------------------

    def _in_stream(
        self,
        stream: str,
        remote: Remote,
        fetched_after: int,
        cause: Cause,
        first: bool = False,
        linked: list[Event] | None = None,
    ) -> Result:
        result: list[Result] = ["known"]
        connection = connection_of(stream)

        def build() -> list[Entry]:
            # A merge may have moved the record since: its claim says where its story goes on.
            home = self._records.around.stream_of(connection, remote.system, remote.kind, remote.remote_id) or stream
            customer = self._records.customer(home) if remote.kind == "customer" else None
            if customer is not None and left_behind(customer, remote):
                result[0] = "known"
                return []
            if kind_of(home) == "product":
                product = self._records.product(home)
                events, result[0] = self.of_product(product, remote, fetched_after, cause.causation_id)
                entries = self._records.product_entries(product, events) if events else []
                claims = self._records.claim(remote.system, remote.kind, remote.remote_id, stream) if first else []
                return [*entries, *claims]
            last, entries_of = self._opened(home, remote)
            event, result[0] = self._fact(remote, last, fetched_after, cause.causation_id)
            if isinstance(event, RecordNotUnderstood) and self._said_already(stream, event):
                event, result[0] = None, "known"
            if event is None and customer is not None and result[0] == "known":
                goes_on = go_on_as_it_stands(customer, remote.system)
                return entries_of(goes_on) if goes_on else []
            if event is None:
                return []
            entries = entries_of([*(linked or []), event])
            if first and not linked and home == stream:
                entries = [*entries, *self._records.claim(remote.system, remote.kind, remote.remote_id, stream)]
            return entries

        self._records.append(build, cause)
        return result[0]

    def of_product(
        self,
        product: Product,
        remote: Remote,
        fetched_after: int,
        cause: str,
        taken: Sequence[Taken] | None = None,
        sku_source: str = "",
    ) -> tuple[list[Event], Result]:
        """What a sight of a product, or of its stock record, is worth: its events, none when it says nothing new. `taken` and
        `sku_source` are looked up unless whoever asks knows them, as of a whole page."""
        events: list[Event] = []
        result: Result = "known"
        if left_behind(product, remote):
            return events, result
        if remote.kind == "product":
            event, result = self._fact(remote, last_of_product(product, remote), fetched_after, cause)
            if isinstance(event, RecordNotUnderstood) and self._said_already(product.stream, event):
                event, result = None, "known"
            events = [] if event is None else [event]
        if remote.stock is None or result == "stale":
            return events, result
        connection = connection_of(product.stream)
        goods = self._records.around.goods
        shown = self._records.then(product, evolve_product, product.stream, events)
        source = sku_source or goods.facts(connection)[1].of("sku-source")
        if taken is None:
            key = order_key(shown, source)
            taken = goods.taken(connection, [key]).get(key, ())
        stock = stock_news(
            shown,
            remote.system,
            remote.remote_id,
            remote.stock,
            fetched_after,
            cause,
            sku_source=source,
            taken=taken,
        )
        return ([*events, stock], "recorded") if stock else (events, result)

    def _said_already(self, stream: str, new: RecordNotUnderstood) -> bool:
        """Whether this very body was the last thing that side showed: polls bring it again and again."""
        for recorded in reversed(self._records.log.read(stream)):
            there = recorded.event
            if not isinstance(there, Sight | RevisionMoved | RecordGone | RecordNotUnderstood):
                continue
            if (there.system, there.kind, there.remote_id) == (new.system, new.kind, new.remote_id):
                same = isinstance(there, RecordNotUnderstood) and there.problem == new.problem
                return same and (there.raw.erased or there.raw == new.raw)  # type: ignore[union-attr]
        return False

    def _opened(self, stream: str, remote: Remote) -> tuple[Last, Callable[[list[Event]], list[Entry]]]:
        """The last sight on that side, and how events become entries of that stream."""
        log = self._records.log
        match kind_of(stream):
            case "order":
                order = log.load(stream, evolve_order, no_order(stream))
                return last_of_order(order, remote), lambda events: self._records.order_entry(order, events)
            case "customer":
                customer = log.load(stream, evolve_customer, no_customer(stream))
                return last_of_customer(customer, remote), lambda events: self._records.customer_entries(
                    customer, events
                )
            case "payment":
                payment = log.load(stream, evolve_payment, no_payment(stream))
                return last_of_payment(payment), lambda events: self._records.payment_entries(payment, events)
            case _:
                last, version = last_of_other(log.story(stream))
                return last, lambda events: [Entry(stream=stream, version=version, events=events)]

    def _fact(self, remote: Remote, last: Last, fetched_after: int, cause: str) -> tuple[Event | None, Result]:
        """The event a sight is worth, given the last one; None when it says nothing new."""
        if remote.content is None and not remote.problem:
            if last.gone or fetched_after < last.after:
                return None, "known" if last.gone else "stale"
            gone = RecordGone(
                system=remote.system,
                kind=remote.kind,
                remote_id=remote.remote_id,
                fetched_after=fetched_after,
                cause=cause,
            )
            return gone, "recorded"
        sight = self.sight(remote, fetched_after, cause)
        found = sight.content_hash if isinstance(sight, Sight) else self.hashed(remote.raw)
        if not last.gone and (remote.revision, found) == (last.revision, last.content_hash):
            return None, "known"
        order = revision_order(remote.system, remote.revision, last.revision)
        if order < 0 or ((order == 0 or last.gone) and fetched_after < last.after):
            return None, "stale"
        if found == last.content_hash and not last.gone:
            moved = RevisionMoved(
                system=remote.system,
                kind=remote.kind,
                remote_id=remote.remote_id,
                revision=remote.revision,
                fetched_after=fetched_after,
                cause=cause,
            )
            return moved, "moved"
        return sight, "recorded"

    def sight(self, remote: Remote, fetched_after: int, cause: str) -> Event:
        if remote.problem or remote.content is None:
            return RecordNotUnderstood(
                system=remote.system,
                kind=remote.kind,
                remote_id=remote.remote_id,
                problem=remote.problem,
                raw=Personal(remote.raw),
            )
        observed: Any = OBSERVED.get(type(remote.content), OtherObserved)
        sight: Event = observed(
            system=remote.system,
            kind=remote.kind,
            remote_id=remote.remote_id,
            revision=remote.revision,
            content_hash=self.content_hash(remote),
            fetched_after=fetched_after,
            cause=cause,
            raw=Personal(remote.raw),
            content=remote.content,
        )
        return sight

    def content_hash(self, remote: Remote) -> str:
        """A keyed hash of what a record shows in our terms."""
        return self.hashed(_hashing.encode(remote.content).decode())

    def news(self, record: Customer | Order, remote: Remote, fetched_after: int, cause: str) -> list[Event]:
        """The events a sight of a record we hold is worth; none when it says nothing new."""
        if isinstance(record, Order):
            event, _ = self._fact(remote, last_of_order(record, remote), fetched_after, cause)
            return [] if event is None else [event]
        if left_behind(record, remote):
            return []
        event, _ = self._fact(remote, last_of_customer(record, remote), fetched_after, cause)
        return [] if event is None else [event]

    def company(self, connection: str, facts: CompanyFacts, cause: Cause) -> Result:
        """Records what a company is set up to do, if that is new."""
        told = self.hashed(_hashing.encode(facts).decode())

        def build() -> list[Entry]:
            now = self._records.connection(connection)
            if now.facts_hash == told:
                return []
            seen = CompanyObserved(facts=facts, content_hash=told, cause=cause.causation_id)
            return [Entry(stream=connection_stream(connection), version=now.version, events=[seen])]

        return "recorded" if self._records.append(build, cause) else "known"

    def hashed(self, text: str) -> str:
        """A keyed hash of a content: it stays meaningless when the content is erased."""
        return self._sealer.fingerprint(text)
