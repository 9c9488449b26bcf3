"""Loading aggregates, deciding, and the entries that follow: one way for every loop and every person's command."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID, uuid4

from msgspec.structs import replace

from engine.born_around import born_around
from engine.bundles_around import bundles_named
from engine.clock import Clock
from engine.domain.born_withholding import BornAround
from engine.domain.commands import unfinished
from engine.domain.connection import Connection, evolve_connection, no_connection
from engine.domain.customer import OTHER, Customer, no_customer
from engine.domain.customer_evolving import evolve_customer
from engine.domain.customer_policies import CustomerAround, decide_customer
from engine.domain.events import (
    Candidate,
    ClaimMoved,
    CommandAbandoned,
    CommandIssued,
    Event,
    InvoiceRecordWanted,
    Recorded,
    RecordLinked,
    RecordMergedInto,
    RecordMergedThere,
    RemoteClaimed,
    ShipmentWanted,
)
from engine.domain.invoice_born import order_of_each_invoice
from engine.domain.invoice_from_order import in_company_time, item_skus
from engine.domain.invoice_records import invoice_record_stream, record_wanted, skus_of_items
from engine.domain.order import Order, evolve_order, no_order
from engine.domain.payment_policies import PaymentAround, pay_each_rise
from engine.domain.payments import Payment, evolve_payment, no_payment, take_each_rise
from engine.domain.policies import invoice_each_confirmed_order
from engine.domain.product import Product, evolve_product, no_product
from engine.domain.product_around import HERE, ProductAround
from engine.domain.product_policies import decide_product
from engine.domain.shipments import shipment_stream, shipment_wanted, stands
from engine.domain.tellings import keep
from engine.domain.told import Told, evolve_told, no_told
from engine.domain.values import (
    CustomerContent,
    PaymentContent,
    System,
    connection_of,
    connection_stream,
    kind_of,
    link_stream,
)
from engine.domain.withholding import Circumstances
from engine.log import Cause, Entry, Log, VersionConflict
from engine.surroundings import Pool, Surroundings

S = TypeVar("S")
Holder = Order | Customer | Product | Payment | Told
"""What commands belong to."""
MOST_CONFLICTS = 50
"""Appends tried again after a version conflict before it is called a bug: each one lost to a real other event."""


class Records:
    """The aggregates of the log, as they are now."""

    def __init__(self, log: Log, around: Surroundings, pool: Pool, clock: Clock) -> None:
        self.log = log
        self.around = around
        self.clock = clock
        self._pool = pool

    def order(self, stream: str) -> Order:
        return self.log.load(stream, evolve_order, no_order(stream))

    def customer(self, stream: str) -> Customer:
        return self.log.load(stream, evolve_customer, no_customer(stream))

    def holder(self, stream: str) -> Holder:
        """The order, customer, product, payment, invoice record or shipment of a stream: what commands belong to."""
        match kind_of(stream):
            case "order":
                return self.order(stream)
            case "product":
                return self.product(stream)
            case "payment":
                return self.payment(stream)
            case "invoice" | "shipment":
                return self.told(stream)
            case _:
                return self.customer(stream)

    def entries(self, record: Holder, events: Sequence[Event]) -> list[Entry]:
        """`events` for a record, with what it decides after them."""
        match record:
            case Order():
                return self.order_entry(record, events)
            case Product():
                return self.product_entries(record, events)
            case Payment():
                return self.payment_entries(record, events)
            case Told():
                return self.told_entries(record, events)
            case Customer():
                return self.customer_entries(record, events)

    def payment(self, stream: str) -> Payment:
        return self.log.load(stream, evolve_payment, no_payment(stream))

    def told(self, stream: str) -> Told:
        return self.log.load(stream, evolve_told, no_told(stream))

    def product(self, stream: str) -> Product:
        return self.log.load(stream, evolve_product, no_product(stream))

    def products(self, streams: Sequence[str]) -> dict[str, Product]:
        """Stream → its product, of many at once."""
        return self.log.load_all(streams, evolve_product, no_product)

    def connection(self, name: str) -> Connection:
        stream = connection_stream(name)
        return self.log.load(stream, evolve_connection, no_connection(stream))

    def then(self, state: S, evolve: Callable[[S, Recorded], S], stream: str, events: Sequence[Event]) -> S:
        """The state as it will be once `events` are appended: for deciding in the same append."""
        version: int = getattr(state, "version")  # noqa: B009  every aggregate has one
        for offset, event in enumerate(events, start=1):
            imagined = Recorded(
                stream=stream,
                version=version + offset,
                event_id=UUID(int=0),
                recorded_at=self.clock.now(),
                causation_id="",
                correlation_id="",
                who="system",
                event=event,
            )
            state = evolve(state, imagined)
        return state

    def order_entry(self, order: Order, events: Sequence[Event], priority: int = 0) -> list[Entry]:
        """`events` for the order, and what its policy decides after them, behind fresh work when `priority` is not 0."""
        after = self.then(order, evolve_order, order.stream, events)
        decided = _by_itself(self._decided(after))
        takings = take_each_rise(self.then(after, evolve_order, order.stream, decided))
        everything = [*events, *_waiting_behind(decided, priority), *takings]
        return [Entry(stream=order.stream, version=order.version, events=everything)] if everything else []

    def _decided(self, order: Order) -> list[Event]:
        if order.born is not None:
            return order_of_each_invoice(order, self.born_around(order))
        return invoice_each_confirmed_order(order, self.order_around(order))

    def born_around(self, order: Order) -> BornAround:
        """The circumstances of the decision about an order that began as an invoice in QuickBooks."""
        return born_around(self, order)

    def order_around(self, order: Order) -> Circumstances:
        """The circumstances of an order's decision, today in the company's own time zone."""
        around = self._with_bundles(self.around.around(connection_of(order.stream), order), order)
        if around.facts.multi_currency and around.customer.quickbooks_id:
            there = self.customer(around.customer.shown_in or around.customer.stream).shown_by("quickbooks")
            standing = replace(around.customer, currency=there.currency if there is not None else "")
            around = replace(around, customer=standing)
        return replace(around, today=in_company_time(self.clock.now(), around.facts).date())

    def _with_bundles(self, around: Circumstances, order: Order) -> Circumstances:
        """The same with the bundles it names, where bundles are sold."""
        if order.content is None or around.choices.of("bundles") != "product":
            return around
        goods, source = self.around.goods, around.choices.of("sku-source")
        keys = item_skus(order.content, around.choices, order.override).keys() - around.items.keys()
        streams = goods.carrying(around.connection, keys) if keys else []
        if not streams:
            return around

        def parts_of(items: list[str]) -> dict[str, Product]:
            found = goods.streams_of(around.connection, items)
            products = self.products(list(found.values()))
            return {item: products[stream] for item, stream in found.items()}

        bundles = bundles_named(self.products(streams).values(), keys, source, parts_of)
        inside = [part.item for bundle in bundles.values() for part in bundle.parts]
        return replace(around, bundles=bundles, starts=around.starts | goods.starts(around.connection, inside))

    def payment_entries(self, payment: Payment, events: Sequence[Event]) -> list[Entry]:
        """`events` for the payment, and what its policy decides after them."""
        after = self.then(payment, evolve_payment, payment.stream, events)
        around = self.payment_around(after)
        everything = [*events, *(_by_itself(pay_each_rise(after, around)) if around is not None else [])]
        return [Entry(stream=payment.stream, version=payment.version, events=everything)] if everything else []

    def payment_around(self, payment: Payment) -> PaymentAround | None:
        """The circumstances of a payment's decision; None for a payment that somebody made in QuickBooks."""
        if payment.taken is None:
            return None
        connection, order = connection_of(payment.stream), self.order(payment.taken.order)
        others = tuple(self.payment(one.payment) for one in order.paid.taken if one.payment != payment.stream)
        facts, choices = self.around.goods.facts(connection)
        return PaymentAround(
            connection=connection,
            facts=facts,
            choices=choices,
            order=order,
            of_order=others,
            theirs=self._payments_of_others(connection, order),
        )

    def _payments_of_others(self, connection: str, order: Order) -> tuple[tuple[str, PaymentContent], ...]:
        """(id, content) of the payments that the order's invoice shows and nobody took here."""
        found = []
        for remote_id in order.invoice.content.payments if order.invoice else ():
            stream = self.around.stream_of(connection, "quickbooks", "payment", remote_id)
            seen = self.payment(stream) if stream else None
            if seen is not None and seen.taken is None and seen.content is not None:
                found.append((remote_id, seen.content))
        return tuple(found)

    def told_entries(self, record: Told, events: Sequence[Event]) -> list[Entry]:
        """`events` for the record of an invoice or a shipment, and what its policy decides after them."""
        after = self.then(record, evolve_told, record.stream, events)
        _, choices = self.around.goods.facts(connection_of(record.stream))
        everything = [*events, *_by_itself(keep(after, choices))]
        return [Entry(stream=record.stream, version=record.version, events=everything)] if everything else []

    def invoice_seen(self, order: Order) -> list[Entry]:
        """What WizCommerce's record of the order's invoice, and its shipment, are to say now, where that is something else than
        before. A shipment begins with the first one that is not withdrawn. An invoice that a person attached to an order is one
        of that order's."""
        if order.attached_to:
            home = self.order(order.attached_to)
            order = replace(
                order, sight=home.sight, gone=home.gone, merged_into=home.merged_into, override=home.override
            )
        if not order.invoice_id or order.content is None:
            return []
        around = self.order_around(order)
        skus = skus_of_items(order.content, around.items, around.choices, order.override)
        wanted = record_wanted(order, skus, around.facts)
        entries = self._wanted(self.told(invoice_record_stream(order)), wanted)
        shown = order.invoice.content.lines if order.invoice is not None and stands(order) else ()
        products = self.around.goods.products_of(around.connection, [line.item for line in shown]) if shown else {}
        shipped, shipment = shipment_wanted(order, skus, products, around.facts), self.told(shipment_stream(order))
        if shipped is not None and shipped.draft.remarks and shipment.wanted is None:
            return entries
        return [*entries, *self._wanted(shipment, shipped)]

    def _wanted(self, record: Told, wanted: InvoiceRecordWanted | ShipmentWanted | None) -> list[Entry]:
        if wanted is None or (record.wanted is not None and record.wanted.draft == wanted.draft):
            return []
        return self.told_entries(record, [wanted])

    def product_around(self, product: Product) -> ProductAround:
        """The circumstances of a product's decision."""
        return self.around.goods.of(connection_of(product.stream), [product])[product.stream]

    def product_entries(self, product: Product, events: Sequence[Event]) -> list[Entry]:
        """`events` for the product, what its policy decides after them, and the claims a new link brings."""
        after = self.then(product, evolve_product, product.stream, events)
        return self.entries_of_product(product, events, after, self.product_around(after))

    def entries_of_product(
        self, product: Product, events: Sequence[Event], after: Product, around: ProductAround
    ) -> list[Entry]:
        """The same of a product whose state after `events` is known, with its circumstances."""
        everything = [*events, *_by_itself(decide_product(after, around))]
        if not everything:
            return []
        claims: list[Entry] = []
        for link in everything:
            if isinstance(link, RecordLinked):
                claims += self.claim(link.system, link.kind, link.remote_id, product.stream)
        return [Entry(stream=product.stream, version=product.version, events=everything), *claims]

    def customer_entries(self, customer: Customer, events: Sequence[Event], priority: int = 0) -> list[Entry]:
        """`events` for the customer, what its policy decides after them, and the claims a new link brings. What is issued
        waits behind fresh work when its `priority` is not 0."""
        if customer.merged_into and not events:
            return []
        after = self.then(customer, evolve_customer, customer.stream, events)
        decided = _by_itself(decide_customer(after, self.customer_around(after)))
        links = [event for event in [*events, *decided] if isinstance(event, RecordLinked)]
        claims: list[Entry] = []
        brought: list[Event] = []
        for link in links:
            claims += self.claim(link.system, link.kind, link.remote_id, customer.stream)
            brought += self._brought(customer.stream, link)
        if brought:  # what the other stream knew comes with the link, and may decide more
            known = [*events, *(d for d in decided if isinstance(d, RecordLinked)), *brought]
            linked = self.then(customer, evolve_customer, customer.stream, known)
            more = _by_itself(decide_customer(linked, self.customer_around(linked)))
            decided = [*(d for d in decided if isinstance(d, RecordLinked)), *brought, *more]
        everything = [*events, *_waiting_behind(decided, priority)]
        if not everything:
            return []
        return [Entry(stream=customer.stream, version=customer.version, events=everything), *claims]

    def customer_around(self, customer: Customer) -> CustomerAround:
        """The circumstances of a customer's decision; who it may be on the other side, while it is known on one side only."""
        connection = connection_of(customer.stream)
        around = self.around.customer_around(connection)
        if not around.accepted or len(customer.links) != 1 or customer.merged_into:
            return around
        [home] = customer.links
        content = customer.sights[home].content if home in customer.sights else None
        if content is None or not content.active:
            return around
        return replace(
            around,
            candidates=self.may_be(
                connection, "quickbooks" if home == "quickbooks" else "wizcommerce", customer.links[home], content
            ),
        )

    def may_be(self, connection: str, home: System, remote_id: str, content: CustomerContent) -> tuple[Candidate, ...]:
        """Who a customer known in `home` only may be on the other side. One that is as sure of several here is sure of none
        of them; one of whom a person said that it is none of ours is left out."""
        system = OTHER[home]
        found = self.around.candidates(connection, content, system, remote_id if home == "quickbooks" else "")
        return tuple(c for one in found if (c := self._seen_from_there(connection, system, one, remote_id)) is not None)

    def _seen_from_there(self, connection: str, system: System, one: Candidate, remote_id: str) -> Candidate | None:
        """A candidate as it looks from the other side: weak when it has several that are as sure, or is being made here."""
        stream = self.around.stream_of(connection, system, "customer", one.remote_id)
        there = self.customer(stream)
        content = there.shown_by(system)
        if content is None or content.project or remote_id in there.rejected or system in there.gone:
            return None
        if one.strength == "weak":
            return one
        open_ = unfinished(there.commands)
        if open_ is not None and open_.status not in ("held", "ready"):
            return Candidate(
                remote_id=one.remote_id, strength="weak", because=f"{one.because}, and it is being made here now"
            )
        own_id = one.remote_id if system == "quickbooks" else ""
        back = self.around.candidates(connection, content, OTHER[system], own_id)
        rivals = [c for c in back if c.strength == one.strength]
        if len(rivals) <= 1:
            return one
        return Candidate(
            remote_id=one.remote_id, strength="weak", because=f"{one.because}, as {len(rivals)} customers have"
        )

    def merged_there(self, customer: Customer, merged: RecordMergedThere) -> list[Entry]:
        """QuickBooks merged this customer's record into another one of its own. Where that one has no customer of WizCommerce,
        ours is linked to it from now on; where it has, only our orders go there, and a person is told."""
        connection = connection_of(customer.stream)
        owner = self.around.stream_of(connection, merged.system, merged.kind, merged.into)
        taken = owner not in ("", customer.stream) and "wizcommerce" in self.customer(owner).links
        if taken or "wizcommerce" not in customer.links:
            return self.customer_entries(customer, [merged])
        how = f"QuickBooks merged its customer {merged.remote_id} into {merged.into}"
        linked = RecordLinked(system=merged.system, kind=merged.kind, remote_id=merged.into, how=how)
        return self.customer_entries(customer, [merged, linked])

    def merged_product(self, product: Product, merged: RecordMergedThere) -> list[Entry]:
        """QuickBooks merged this item into another one. Where that one has no product of WizCommerce, ours goes on as its
        product; where it has, ours is taken down, and orders of its SKU go to that item."""
        winner_stream = self.around.stream_of(connection_of(product.stream), merged.system, merged.kind, merged.into)
        sight = product.sights.get(HERE)
        winner = self.product(winner_stream) if winner_stream else None
        if winner is None or sight is None or HERE in winner.links or HERE in product.gone or winner is product:
            return self.product_entries(product, [merged])
        how = f"QuickBooks merged its item {merged.remote_id} into {merged.into}"
        linked = RecordLinked(system=HERE, kind="product", remote_id=sight.remote_id, how=how)
        brought = replace(sight, cause=f"brought from {product.stream}")
        unsent = [c for c in product.commands.values() if c.status in ("held", "ready") and not c.may_have_run]
        ended = [CommandAbandoned(command_id=c.command_id, why=f"before anything was sent: {how}") for c in unsent]
        entries = self.product_entries(winner, [linked, brought])
        return [
            replace(e, version=product.version, events=[merged, *ended, *e.events]) if e.stream == product.stream else e
            for e in entries
        ]

    def is_under_way(self, stream: str) -> bool:
        """Whether what became of a request of this record is open: nothing is merged with it meanwhile."""
        commands = self.holder(stream).commands.values() if stream else ()
        return any(c.status in ("running", "unknown", "disputed") for c in commands)

    def _brought(self, stream: str, link: RecordLinked) -> list[Event]:
        """The last sight of a record that another stream of ours has had so far: its new stream begins from it."""
        owner = self.around.stream_of(connection_of(stream), link.system, link.kind, link.remote_id)
        if not owner or owner == stream:
            return []
        known = self.customer(owner)
        sight = known.sights.get(link.system)
        gone = link.system in known.gone
        return [] if sight is None or gone else [replace(sight, cause=f"brought from {owner}")]

    def claim(self, system: System, kind: str, remote_id: str, stream: str) -> list[Entry]:
        """What makes a remote record `stream`'s: the first claim, or its move with the merge of the stream that had it."""
        connection = connection_of(stream)
        link = link_stream(connection, system, kind, remote_id)
        story = self.log.read(link)
        if not story:
            return [Entry(stream=link, version=0, events=[RemoteClaimed(record=stream)])]
        owner = self.around.stream_of(connection, system, kind, remote_id)
        if owner == stream:
            return []
        ended: list[Event] = []
        if kind_of(owner) == "customer":
            left = self.customer(owner)
            open_ = [c for c in left.commands.values() if c.unfinished]
            ended = [CommandAbandoned(command_id=c.command_id, why="it is one with another record") for c in open_]
            if system == "quickbooks":
                ended += self._replaced(left, self.customer(stream))
            version = left.version  # what was decided upon: anything that came since is met as a conflict
        else:
            version = len(self.log.read(owner))
        return [
            Entry(stream=link, version=len(story), events=[ClaimMoved(record=stream)]),
            Entry(stream=owner, version=version, events=[*ended, RecordMergedInto(record=stream)]),
        ]

    def _replaced(self, left: Customer, stays: Customer) -> list[Event]:
        """A WizCommerce customer of `left` that one of `stays` takes the place of: its orders follow."""
        old, new = left.links.get("wizcommerce"), stays.links.get("wizcommerce")
        if not old or not new or old == new:
            return []
        return [RecordMergedThere(system="wizcommerce", kind="customer", remote_id=old, into=new)]

    def append(self, build: Callable[[], list[Entry]], cause: Cause) -> list[Recorded]:
        """Builds and appends until no other event came between."""
        for _ in range(MOST_CONFLICTS):
            entries = build()
            if not entries:
                return []
            try:
                return self.log.append(entries, cause)
            except VersionConflict:
                continue
        raise RuntimeError(f"{MOST_CONFLICTS} version conflicts in a row: {[e.stream for e in entries]}")

    @contextmanager
    def matching(self, connection: str, kind: str) -> Iterator[None]:
        """One at a time per connection and kind: two sights of one new record meet here and become one record.

        The lock lives in a transaction of its own, so a process that stands still loses it after five seconds.
        """
        with self._pool.connection() as c, c.transaction():
            c.execute("SET LOCAL idle_in_transaction_session_timeout = '5s'")
            c.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", (f"{connection}:{kind}",))
            yield


def _by_itself(decided: Sequence[Event]) -> list[Event]:
    """What was decided, marked as that: it may stand in the append of what a person asked for."""
    return [replace(event, by_itself=True) if isinstance(event, CommandAbandoned) else event for event in decided]


def _waiting_behind(decided: Sequence[Event], priority: int) -> list[Event]:
    """What was decided, with its commands waiting behind those of a lower number."""
    if not priority:
        return list(decided)
    return [replace(event, priority=priority) if isinstance(event, CommandIssued) else event for event in decided]


def by_person(who: str, request: str) -> Cause:
    """The cause of what a person asked for; `request` names it, as `retry` or `push`."""
    correlation = uuid4().hex
    return Cause(causation_id=f"{request}:{correlation[:8]}", correlation_id=correlation, who=who)


def by_signal(cause: str, who: str = "system") -> Cause:
    """The cause of what a signal or poll led to."""
    return Cause(causation_id=cause, correlation_id=uuid4().hex, who=who)
