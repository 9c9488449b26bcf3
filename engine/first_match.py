"""Who is who, once both sides were read whole: the only moment at which one can tell that a match is the only one.

Certain and strong matches that are the only ones on both sides are linked; what is weak, or has rivals, is proposed to a
person. A stretch of customers at a time, in the order of their ids, so that it can be stopped and memory stays flat.
"""

from engine.domain.customer import Customer
from engine.domain.events import Event, MatchProposed, RecordLinked
from engine.domain.matching import surest
from engine.domain.values import System
from engine.log import Entry
from engine.records import Records, by_signal
from engine.surroundings import Pool

AT_ONCE = 50
"""Customers of one stretch."""
DONE = "done"
"""The cursor when nothing is left."""


class FirstMatch:
    """Links and proposes. Repeating it changes nothing."""

    def __init__(self, records: Records, pool: Pool) -> None:
        self._records = records
        self._pool = pool

    def stretch(self, connection: str, cursor: str) -> tuple[str, int, int]:
        """The next customers after `cursor`, WizCommerce's first: (next cursor, looked at, linked).

        First all links are made, then questions are asked: whom a strong match has taken is no candidate of a name alone.
        """
        phase, _, after = ("link:" if cursor in ("", DONE) else cursor).partition(":")
        system: System = "quickbooks" if phase == "ask-there" else "wizcommerce"
        ids = self._unlinked(connection, system, after)
        linked = 0
        for remote_id in ids:
            linked += self._one(connection, system, remote_id, phase == "link")
        if len(ids) == AT_ONCE:
            return f"{phase}:{ids[-1]}", len(ids), linked
        following = {"link": "ask-here:", "ask-here": "ask-there:", "ask-there": DONE}
        return following[phase], len(ids), linked

    def _unlinked(self, connection: str, system: System, after: str) -> list[str]:
        sql = (
            "SELECT remote_id FROM claims c WHERE connection = %s AND system = %s AND kind = 'customer' AND remote_id > %s "
            "AND active AND NOT EXISTS (SELECT 1 FROM claims o WHERE o.stream = c.stream AND o.kind = 'customer' "
            "AND o.system <> c.system) ORDER BY remote_id LIMIT %s"
        )
        with self._pool.connection() as c:
            return [r[0] for r in c.execute(sql, (connection, system, after, AT_ONCE))]

    def _one(self, connection: str, system: System, remote_id: str, linking: bool) -> int:
        """1 when the customer was linked."""
        made = [0]

        def build() -> list[Entry]:
            stream = self._records.around.stream_of(connection, system, "customer", remote_id)
            customer = self._records.customer(stream)
            event = self._match(connection, customer, system, linking)
            made[0] = int(isinstance(event, RecordLinked))
            return self._records.customer_entries(customer, [event]) if event is not None else []

        with self._records.matching(connection, "customer"):
            self._records.append(build, by_signal("schedule: first-match", "schedule"))
        return made[0]

    def _match(self, connection: str, customer: Customer, system: System, linking: bool) -> Event | None:
        content = customer.shown_by(system)
        if content is None or content.project or len(customer.links) > 1 or customer.merged_into:
            return None
        found = self._records.may_be(connection, system, customer.links[system], content)
        gate = self._records.around.gate(connection)
        ask = gate is not None and gate.choices.of("strong-matches") == "ask"
        best = surest(found, ask=ask)
        there: System = "quickbooks" if system == "wizcommerce" else "wizcommerce"
        if linking:
            if best is None:
                return None
            return RecordLinked(system=there, kind="customer", remote_id=best.remote_id, how=best.because)
        if not found or (customer.decision == "waiting" and customer.proposed == found):
            return None
        return MatchProposed(system=there, candidates=found)
