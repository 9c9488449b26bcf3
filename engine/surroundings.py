"""What other streams say at this moment, for a decision: read from the tables written in the append's own transaction."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from psycopg import Connection
from psycopg_pool import ConnectionPool

from engine.clock import instant
from engine.domain.customer import matching_keys
from engine.domain.events import Candidate
from engine.domain.order import Order, sku_key
from engine.domain.values import CompanyFacts, CustomerContent, System
from engine.domain.withholding import Circumstances, Standing

Pool = ConnectionPool[Connection[tuple[Any, ...]]]

NO_FACTS = CompanyFacts(name="")
WHOLE_SECONDS = timedelta(seconds=2)
"""WizCommerce shows whole seconds: two edits in one second share a revision."""
FIRST_PULLS = frozenset({"first-product", "first-customer", "first-term"})
"""What must have been read of QuickBooks before anything is matched against it."""
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


class Surroundings:
    """Reads claims, match keys and gates. Never from a table that may lag behind the log."""

    def __init__(self, pool: Pool, fingerprint: Callable[[str], str]) -> None:
        self._pool = pool
        self._fingerprint = fingerprint

    def gates(self) -> list[Gate]:
        """Every connection's gate."""
        sql = (
            "SELECT connection, quickbooks, wizcommerce, paused, push_from, pulled, company, facts "
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

    def knows(
        self, connection: str, system: System, kind: str, remote_id: str, revision: str
    ) -> Literal["", "its second", "surely"]:
        """Whether we recorded this revision: surely, or within the second it was made in, where another may hide."""
        sql = (
            "SELECT revision, seen_at FROM claims "
            "WHERE connection = %s AND system = %s AND kind = %s AND remote_id = %s"
        )
        with self._pool.connection() as c:
            row = c.execute(sql, (connection, system, kind, remote_id)).fetchone()
        if row is None or not revision or row[0] != revision:
            return ""
        return "surely" if system == "quickbooks" or row[1] - instant(revision) > WHOLE_SECONDS else "its second"

    def claim_of(self, stream: str, system: System, kind: str) -> str:
        """The remote id that `stream` claims in `system`; '' when it claims none."""
        sql = "SELECT remote_id FROM claims WHERE stream = %s AND system = %s AND kind = %s"
        with self._pool.connection() as c:
            row = c.execute(sql, (stream, system, kind)).fetchone()
        return row[0] if row else ""

    def around(self, connection: str, order: Order) -> Circumstances:
        """The circumstances of an order's decision."""
        gate = self.gate(connection)
        content = order.content
        skus = [sku_key(line.sku) for line in content.lines] if content else []
        return Circumstances(
            connection=connection,
            push_from=gate.push_from if gate else None,
            pulled=gate is not None and gate.pulled >= FIRST_PULLS,
            facts=gate.facts if gate else NO_FACTS,
            customer=self._standing(connection, content.customer_remote_id) if content else Standing(),
            items=self.items(connection, skus),
        )

    def _standing(self, connection: str, remote_id: str) -> Standing:
        stream = self.stream_of(connection, "wizcommerce", "customer", remote_id)
        if not stream:
            return Standing()
        return Standing(stream=stream, quickbooks_id=self.claim_of(stream, "quickbooks", "customer"))

    def items(self, connection: str, skus: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """SKU key → ids of the active QuickBooks items that carry it."""
        hashes = {self._fingerprint(sku): sku for sku in set(skus) if sku}
        if not hashes:
            return {}
        sql = (
            "SELECT value, remote_id FROM match_keys WHERE connection = %s AND kind = 'product' AND key = 'sku' "
            "AND system = 'quickbooks' AND active AND value = ANY(%s) ORDER BY remote_id"
        )
        found: dict[str, tuple[str, ...]] = {}
        with self._pool.connection() as c:
            for value, remote_id in c.execute(sql, (connection, list(hashes))):
                found[hashes[value]] = (*found.get(hashes[value], ()), remote_id)
        return found

    def candidates(
        self, connection: str, content: CustomerContent, system: System, own_id: str = ""
    ) -> tuple[Candidate, ...]:
        """Customers of `system`, not linked yet, that may be this one, with how sure we are.

        Certain: one of the two names the other (`own_id` is this record's id in the other system). Strong: the name
        agrees, and e-mail, phone or postal code. Weak: the name alone, or the e-mail alone.
        """
        keys = matching_keys(content)
        names = {self._fingerprint(keys[k]) for k in ("name", "company") if k in keys}
        others = {key: self._fingerprint(keys[key]) for key in STRONG_WITH if key in keys}
        if own_id:
            others["reference"] = self._fingerprint(f"quickbooks:{own_id}")
        named = keys.get("reference", "").removeprefix("quickbooks:")
        agreeing: dict[str, set[str]] = {}
        for remote_id, key, value in self._unlinked(connection, system, [*names, *others.values()], named):
            if key in ("name", "company") and value in names:
                agreeing.setdefault(remote_id, set()).add("name")
            elif others.get(key) == value:
                agreeing.setdefault(remote_id, set()).add(key)
            elif remote_id == named:
                agreeing.setdefault(remote_id, set()).add("reference")
        judged = (_candidate(remote_id, agree) for remote_id, agree in agreeing.items())
        return tuple(candidate for candidate in judged if candidate is not None)

    def _unlinked(self, connection: str, system: System, values: list[str], named: str) -> list[tuple[str, str, str]]:
        sql = (
            "SELECT m.remote_id, m.key, m.value FROM match_keys m "
            "JOIN claims mine USING (connection, system, kind, remote_id) "
            "WHERE m.connection = %s AND m.kind = 'customer' AND m.system = %s AND m.active "
            "AND (m.value = ANY(%s) OR m.remote_id = %s) AND NOT EXISTS (SELECT 1 FROM claims other "
            "WHERE other.stream = mine.stream AND other.kind = 'customer' AND other.system <> m.system) "
            "ORDER BY m.remote_id"
        )
        with self._pool.connection() as c:
            return [(r[0], r[1], r[2]) for r in c.execute(sql, (connection, system, values, named))]


def _candidate(remote_id: str, agree: set[str]) -> Candidate | None:
    if "reference" in agree:
        return Candidate(remote_id=remote_id, strength="certain", because="one of the two names the other")
    also = [key for key in STRONG_WITH if key in agree]
    if "name" in agree and also:
        return Candidate(remote_id=remote_id, strength="strong", because=f"same name and {' and '.join(also)}")
    if "name" in agree:
        return Candidate(remote_id=remote_id, strength="weak", because="same name, nothing else to tell them apart by")
    if "email" in agree:
        return Candidate(remote_id=remote_id, strength="weak", because="same e-mail under another name")
    return None
