"""What other streams say at this moment, for a decision: read from the tables written in the append's own transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from psycopg import Connection
from psycopg_pool import ConnectionPool

from engine.clock import instant
from engine.domain.choices import Choices
from engine.domain.customer import matching_keys
from engine.domain.customer_policies import CustomerAround
from engine.domain.events import Candidate
from engine.domain.fields import Lists
from engine.domain.invoice_from_order import item_skus
from engine.domain.order import Order
from engine.domain.values import CompanyFacts, CustomerContent, System
from engine.domain.withholding import Circumstances, Standing
from engine.goods_around import NO_FACTS, GoodsAround

Pool = ConnectionPool[Connection[tuple[Any, ...]]]

LastRecorded = tuple[str, datetime, datetime | None]
"""Revision, when we saw it, and when a write of ours changed it."""
WHOLE_SECONDS = timedelta(seconds=2)
"""WizCommerce shows whole seconds: two edits in one second share a revision."""
FIRST_PULLS = frozenset(
    {"first-product", "first-customer", "first-term", "first-customertype", "first-buyer", "first-match"}
)
"""What must have been read of both sides, and matched, before anything is decided. A buyer is a customer of WizCommerce."""
STRONG_WITH = ("email", "phone", "postal")
"""A name match is strong when one of these agrees too."""


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """One row of `gates`."""

    connection: str
    quickbooks: str
    wizcommerce: str
    paused: str
    push_from: datetime | None
    pulled: frozenset[str]
    company: str
    facts: CompanyFacts
    accepted: bool
    choices: Choices

    @property
    def decides(self) -> bool:
        """Whether anything may follow for a customer: both sides were read whole and matched, and a person accepted."""
        return self.accepted and self.pulled >= FIRST_PULLS


class Surroundings:
    """Reads claims, match keys and gates. Never from a table that may lag behind the log."""

    def __init__(self, pool: Pool, fingerprint: Callable[[str], str]) -> None:
        self._pool = pool
        self._fingerprint = fingerprint
        self.goods = GoodsAround(pool, fingerprint, self.gate)

    def gates(self) -> list[Gate]:
        """Every connection's gate."""
        sql = (
            "SELECT connection, quickbooks, wizcommerce, paused, push_from, pulled, company, facts, accepted, choices "
            "FROM gates ORDER BY connection"
        )
        with self._pool.connection() as c:
            rows = c.execute(sql).fetchall()
        return [
            Gate(
                connection=r[0],
                quickbooks=r[1],
                wizcommerce=r[2],
                paused=r[3],
                push_from=r[4],
                pulled=frozenset(r[5]),
                company=r[6],
                facts=msgspec.convert(r[7], CompanyFacts) if r[7] else NO_FACTS,
                accepted=r[8],
                choices=Choices(said=r[9]),
            )
            for r in rows
        ]

    def gate(self, connection: str) -> Gate | None:
        """One connection's gate; None when there is no such connection."""
        return next((g for g in self.gates() if g.connection == connection), None)

    def stream_of(self, connection: str, system: System, kind: str, remote_id: str) -> str:
        """The stream that claims a remote record; '' when none does."""
        sql = "SELECT stream FROM claims WHERE connection = %s AND system = %s AND kind = %s AND remote_id = %s"
        with self._pool.connection() as c:
            row = c.execute(sql, (connection, system, kind, remote_id)).fetchone()
        return row[0] if row else ""

    def recorded(
        self, connection: str, system: System, kind: str, remote_ids: Sequence[str]
    ) -> dict[str, LastRecorded]:
        """What we recorded last of these records, by their id: revision, when we saw it, when our own write changed it."""
        sql = (
            "SELECT remote_id, revision, seen_at, changed_at FROM claims "
            "WHERE connection = %s AND system = %s AND kind = %s AND remote_id = ANY(%s)"
        )
        with self._pool.connection() as c:
            return {r[0]: (r[1], r[2], r[3]) for r in c.execute(sql, (connection, system, kind, list(remote_ids)))}

    def claim_of(self, stream: str, system: System, kind: str) -> str:
        """The remote id that `stream` goes by in `system`, at the end of all merges there; '' when it claims none."""
        sql = (
            "WITH RECURSIVE mine AS (SELECT connection, remote_id, moved_to FROM claims "
            "WHERE stream = %(stream)s AND system = %(system)s AND kind = %(kind)s "
            "UNION SELECT c.connection, c.remote_id, c.moved_to FROM claims c JOIN mine ON c.connection = mine.connection "
            "AND c.remote_id = mine.moved_to WHERE c.system = %(system)s AND c.kind = %(kind)s) "
            "SELECT coalesce(nullif(moved_to, ''), remote_id) FROM mine m WHERE NOT EXISTS "
            "(SELECT 1 FROM mine n WHERE n.remote_id = m.moved_to AND n.remote_id <> m.remote_id) ORDER BY 1"
        )
        with self._pool.connection() as c:
            row = c.execute(sql, {"stream": stream, "system": system, "kind": kind}).fetchone()
        return row[0] if row else ""

    def end_of(self, connection: str, system: System, kind: str, remote_id: str) -> str:
        """The stream of a remote record, or of the one that took its place there in the end; '' when nobody claims it."""
        place = "connection = %(connection)s AND system = %(system)s AND kind = %(kind)s"
        sql = (
            f"WITH RECURSIVE way AS (SELECT remote_id, moved_to, stream FROM claims WHERE {place} AND remote_id = %(id)s "
            "UNION SELECT c.remote_id, c.moved_to, c.stream FROM claims c JOIN way ON c.remote_id = way.moved_to "
            f"WHERE {place}) SELECT stream FROM way WHERE moved_to = '' OR NOT EXISTS "
            "(SELECT FROM way next WHERE next.remote_id = way.moved_to AND next.remote_id <> way.remote_id)"
        )
        asked = {"connection": connection, "system": system, "kind": kind, "id": remote_id}
        with self._pool.connection() as c:
            row = c.execute(sql, asked).fetchone()
        return (
            str(row[0]) if row else self.stream_of(connection, system, kind, remote_id)
        )  # each took the other's place

    def around(self, connection: str, order: Order) -> Circumstances:
        """The circumstances of an order's decision."""
        gate = self.gate(connection)
        content = order.content
        choices = gate.choices if gate else Choices()
        skus = list(item_skus(content, choices, order.override)) if content else []
        items = self.goods.items(connection, skus)
        return Circumstances(
            connection=connection,
            push_from=gate.push_from if gate else None,
            pulled=gate is not None and gate.pulled >= FIRST_PULLS,
            accepted=gate is not None and gate.accepted,
            facts=gate.facts if gate else NO_FACTS,
            customer=self._standing(connection, content.customer_remote_id) if content else Standing(),
            items=items,
            starts=self.goods.starts(connection, [item for ids in items.values() for item in ids]),
            choices=choices,
            lists=self.lists(connection, choices),
        )

    def _standing(self, connection: str, remote_id: str) -> Standing:
        stream = self.end_of(connection, "wizcommerce", "customer", remote_id)
        if not stream:
            return Standing()
        quickbooks_id = self.claim_of(stream, "quickbooks", "customer")
        inactive = self._inactive(connection, quickbooks_id)
        shown_in = self.stream_of(connection, "quickbooks", "customer", quickbooks_id) if inactive else ""
        return Standing(stream=stream, quickbooks_id=quickbooks_id, inactive=inactive, shown_in=shown_in)

    def holder_of_number(self, connection: str, number: str, besides: str) -> str:
        """Who has an invoice's number already: `invoice 145 of QuickBooks`, or `order WC-7` whose invoice will have it, other
        than that of the stream `besides`; '' when it is free as far as we have seen."""
        invoices = (
            "SELECT remote_id FROM match_keys WHERE connection = %s AND system = 'quickbooks' AND kind = 'invoice' "
            "AND key = 'number' AND value = %s ORDER BY remote_id LIMIT 1"
        )
        orders = (
            "SELECT number FROM demand WHERE connection = %s AND number = %s AND invoiced = 0 AND stream <> %s LIMIT 1"
        )
        with self._pool.connection() as c:
            invoice = c.execute(invoices, (connection, self._fingerprint(number))).fetchone()
            order = c.execute(orders, (connection, number, besides)).fetchone()
        if invoice:
            return f"invoice {invoice[0]} of QuickBooks"
        return f"order {order[0]}" if order else ""

    def who_else_has(self, connection: str, number: str, mark: str, besides: str) -> tuple[str, str]:
        """(stream that has an invoice with this mark, one that is known by this number): of orders and invoices other than those
        of the stream `besides`; '' where there is none. Voided invoices count no more."""
        sql = (
            "SELECT m.key, c.stream FROM match_keys m JOIN claims c USING (connection, system, kind, remote_id) "
            "WHERE m.connection = %s AND m.kind IN ('invoice', 'order') AND m.active AND c.stream <> %s "
            "AND ((m.key = 'mark' AND m.value = %s) OR (m.key = 'number' AND m.value = %s)) ORDER BY m.key, c.stream"
        )
        orders = (  # those that are invoiced have an invoice of that number
            "SELECT stream FROM demand WHERE connection = %s AND number = %s AND invoiced = 0 AND stream <> %s ORDER BY 1 LIMIT 1"
        )
        told = [self._fingerprint(text) if text else "" for text in (mark, number)]
        with self._pool.connection() as c:
            found: dict[str, str] = dict(c.execute(sql, (connection, besides, *told)).fetchall())
            order = c.execute(orders, (connection, number, besides)).fetchone() if number else None
        return found.get("mark", ""), found.get("number", "") or (order[0] if order else "")

    def in_dispute(self, connection: str) -> list[str]:
        """The streams of orders of whose invoice a person has to say whether it is what QuickBooks has."""
        sql = (
            "SELECT stream FROM pending_work WHERE connection = %s AND verb = 'CreateInvoice' AND status = 'disputed' "
            "ORDER BY stream"
        )
        with self._pool.connection() as c:
            return [row[0] for row in c.execute(sql, (connection,))]

    def undecided_invoices(self, connection: str) -> list[str]:
        """The streams of the invoices of QuickBooks that WizCommerce has no order of."""
        sql = (
            "SELECT i.stream FROM claims i WHERE i.connection = %s AND i.system = 'quickbooks' AND i.kind = 'invoice' "
            "AND NOT EXISTS (SELECT FROM claims o WHERE o.stream = i.stream AND o.kind = 'order') ORDER BY i.stream"
        )
        with self._pool.connection() as c:
            return [row[0] for row in c.execute(sql, (connection,))]

    def customer_streams(self, connection: str, after: str, most: int = 200) -> list[str]:
        """The streams of a connection's customers after `after`, in the order of their names."""
        sql = (
            "SELECT DISTINCT stream FROM claims WHERE connection = %s AND kind = 'customer' AND stream > %s "
            "ORDER BY stream LIMIT %s"
        )
        with self._pool.connection() as c:
            return [r[0] for r in c.execute(sql, (connection, after, most))]

    def _inactive(self, connection: str, quickbooks_id: str) -> bool:
        """Whether QuickBooks shows the customer inactive, or no more at all."""
        sql = "SELECT active FROM claims WHERE connection = %s AND system = 'quickbooks' AND kind = 'customer' AND remote_id = %s"
        with self._pool.connection() as c:
            row = c.execute(sql, (connection, quickbooks_id)).fetchone()
        return row is not None and row[0] is False

    def customer_around(self, connection: str, candidates: tuple[Candidate, ...] = ()) -> CustomerAround:
        """The circumstances of a customer's decision; `candidates` are who it may be on the other side."""
        gate = self.gate(connection)
        choices = gate.choices if gate else Choices()
        return CustomerAround(
            connection=connection,
            accepted=gate is not None and gate.decides,
            facts=gate.facts if gate else NO_FACTS,
            choices=choices,
            lists=self.lists(connection, choices),
            candidates=candidates,
        )

    def lists(self, connection: str, choices: Choices) -> Lists:
        sql = "SELECT kind, remote_id, name FROM short_lists WHERE connection = %s AND active"
        names: dict[str, dict[str, str]] = {"term": {}, "customertype": {}}
        with self._pool.connection() as c:
            for kind, remote_id, name in c.execute(sql, (connection,)):
                names[kind][remote_id] = name
        return Lists(
            terms=names["term"],
            types=names["customertype"],
            type_attribute=choices.of("customer-type-attribute"),
            term_names=choices.term_names,
        )

    def candidates(
        self, connection: str, content: CustomerContent, system: System, own_id: str = ""
    ) -> tuple[Candidate, ...]:
        """Customers of `system` that may be this one, with how sure we are; `own_id` is this record's id where it is.

        Certain: one of the two names the other, and something else agrees. Strong: the name agrees, and e-mail, phone or
        postal code. Weak: a reference, the name or the e-mail alone, and whoever belongs to another customer already.
        """
        keys = matching_keys(content)
        names = {self._fingerprint(keys[k]) for k in ("name", "company") if k in keys}
        others = {self._fingerprint(text): _plain(key) for key, text in keys.items() if _plain(key) in STRONG_WITH}
        if own_id:
            others[self._fingerprint(f"quickbooks:{own_id}")] = "reference"
        named = keys.get("reference", "").removeprefix("quickbooks:")
        agreeing: dict[str, set[str]] = {}
        taken: set[str] = set()
        inactive: set[str] = set()
        for remote_id, key, value, belongs, active in self._alike(connection, system, [*names, *others], named):
            agree = agreeing.setdefault(remote_id, set())
            if key in ("name", "company") and value in names:
                agree.add("name")
            elif others.get(value) == _plain(key):
                agree.add(_plain(key))
            if remote_id == named:
                agree.add("reference")
            if belongs:
                taken.add(remote_id)
            if not active:
                inactive.add(remote_id)
        judged = (
            _candidate(remote_id, agree, TAKEN if remote_id in taken else INACTIVE if remote_id in inactive else "")
            for remote_id, agree in agreeing.items()
        )
        return tuple(candidate for candidate in judged if candidate is not None)

    def _alike(
        self, connection: str, system: System, values: list[str], named: str
    ) -> list[tuple[str, str, str, bool, bool]]:
        """(remote id, key, value, whether it is linked already, whether it is active) of the customers that share a key."""
        sql = (
            "SELECT m.remote_id, m.key, m.value, EXISTS (SELECT 1 FROM claims other "
            "WHERE other.stream = mine.stream AND other.kind = 'customer' AND other.system <> m.system), m.active "
            "FROM match_keys m "
            "JOIN claims mine USING (connection, system, kind, remote_id) "
            "WHERE m.connection = %s AND m.kind = 'customer' AND m.system = %s "
            "AND (m.value = ANY(%s) OR m.remote_id = %s) ORDER BY m.remote_id"
        )
        with self._pool.connection() as c:
            return [(r[0], r[1], r[2], r[3], r[4]) for r in c.execute(sql, (connection, system, values, named))]


def known_at(
    system: System, row: LastRecorded | None, revision: str, changed_at: datetime | None
) -> Literal["", "its second", "surely"]:
    """Whether we recorded this revision: surely, or within the second it was made in, where another may hide.

    Where they name no revision, a change no later than our own write is that write coming back. Another change within that very
    second comes with the next poll.
    """
    if row is not None and changed_at is not None and row[2] is not None:
        return "surely" if changed_at.replace(microsecond=0) <= row[2] else ""
    if row is None or not revision or row[0] != revision:
        return ""
    return "surely" if system == "quickbooks" or row[1] - instant(revision) > WHOLE_SECONDS else "its second"


def _plain(key: str) -> str:
    """`email2` is an e-mail too."""
    return key.rstrip("0123456789")


def _candidate(remote_id: str, agree: set[str], but: str) -> Candidate | None:
    """How sure a match is; `but` says why even a sure one is for a person to decide, '' when it is not."""
    also = [key for key in STRONG_WITH if key in agree]
    name = ["name"] if "name" in agree else []
    if but:
        alike = " and ".join([*name, *also])
        return Candidate(remote_id=remote_id, strength="weak", because=f"same {alike}, and {but}") if name else None
    if "reference" in agree and (name or also):
        return Candidate(remote_id=remote_id, strength="certain", because="one of the two names the other")
    if "reference" in agree:
        return Candidate(
            remote_id=remote_id, strength="weak", because="one of the two names the other, and nothing else agrees"
        )
    if name and also:
        return Candidate(remote_id=remote_id, strength="strong", because=f"same name and {' and '.join(also)}")
    if name:
        return Candidate(remote_id=remote_id, strength="weak", because="same name, nothing else to tell them apart by")
    if "email" in agree:
        return Candidate(remote_id=remote_id, strength="weak", because="same e-mail under another name")
    return None


INACTIVE = "it is inactive there"
"""Whoever was made inactive may come back: a second one beside it is not made without asking."""
TAKEN = "it belongs to another customer already"
"""Two customers of one side that claim one of the other: a person decides, and neither is made twice."""
