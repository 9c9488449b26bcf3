"""What people decide about customers: who is who, who wins, what a connection's choices are, and that the first sync may begin.

Every method answers with a sentence for the person, and raises NotPossible with one when it cannot be done.
"""

from engine.domain.choices import CHOICES, problem_with
from engine.domain.commands import latest, unfinished
from engine.domain.customer import OTHER, Customer
from engine.domain.customer_policies import NAMED, issue_create
from engine.domain.events import (
    AttentionCleared,
    ConflictUndone,
    Event,
    FirstSyncAccepted,
    MatchChosen,
    MatchRejected,
    RecordLinked,
    RecordMergedThere,
    SettingChosen,
    ZeroPolicyChosen,
)
from engine.domain.fields import CALLED
from engine.domain.matching import surest
from engine.domain.values import System, connection_of, connection_stream
from engine.log import Entry
from engine.people import NotPossible
from engine.records import Records, by_person
from engine.surroundings import FIRST_PULLS


class Decisions:
    """The decisions of people about customers."""

    def __init__(self, records: Records) -> None:
        self._records = records

    # ---- the connection ------------------------------------------------------------------------------------------------------

    def choose_setting(self, connection: str, name: str, value: str, who: str) -> str:
        """A person chooses how this connection treats something; '' is the default again."""
        problem = problem_with(name, value)
        if problem:
            raise NotPossible(problem)

        def build() -> list[Entry]:
            now = self._records.connection(connection)
            if not now.opened:
                raise NotPossible(f"There is no connection {connection!r}. `wizqbo connections` lists them.")
            chosen = SettingChosen(name=name, value=value)
            return [Entry(stream=connection_stream(connection), version=now.version, events=[chosen])]

        self._records.append(build, by_person(who, "set"))
        return f"{name} is {value or CHOICES[name].default or 'nothing'}."

    def accept_first_sync(self, connection: str, plan: dict[str, int], who: str) -> str:
        """A person saw what the first sync will do, and lets it."""

        def build() -> list[Entry]:
            gate = self._records.around.gate(connection)
            if gate is None:
                raise NotPossible(f"There is no connection {connection!r}. `wizqbo connections` lists them.")
            if gate.accepted:
                return []
            if not gate.pulled >= FIRST_PULLS:
                left = ", ".join(sorted(FIRST_PULLS - gate.pulled))
                raise NotPossible(f"Both sides are still being read ({left}). Ask again when that is done.")
            now = self._records.connection(connection)
            accepted = FirstSyncAccepted(plan=plan)
            return [Entry(stream=connection_stream(connection), version=now.version, events=[accepted])]

        self._records.append(build, by_person(who, "first-sync"))
        return "The first sync is accepted: both companies are written to from now on."

    # ---- products ------------------------------------------------------------------------------------------------------------

    def choose_zero_policy(self, stream: str, policy: str, who: str) -> str:
        """A person says what becomes of one product while nothing of it is available; '' is the connection's choice again."""
        words = CHOICES["zero-stock"].words
        if policy and policy not in words:
            raise NotPossible(f"zero-stock takes {' or '.join(words)}, not {policy!r}.")

        def build() -> list[Entry]:
            return self._records.product_entries(self._records.product(stream), [ZeroPolicyChosen(policy=policy)])  # type: ignore[arg-type]

        self._records.append(build, by_person(who, "set"))
        return f"While nothing of it is available: {policy or 'as the connection says'}."

    # ---- who is who ----------------------------------------------------------------------------------------------------------

    def accept_match(self, stream: str, who: str) -> str:
        """A person agrees with the surest of the proposed matches."""
        customer = self._waiting(stream)
        best = surest(customer.proposed) or (customer.proposed[0] if len(customer.proposed) == 1 else None)
        if best is None:
            ids = ", ".join(c.remote_id for c in customer.proposed)
            raise NotPossible(f"There are several ({ids}): say which with `wizqbo match choose`.")
        return self.choose(stream, best.remote_id, who)

    def choose(self, stream: str, remote_id: str, who: str) -> str:
        """A person says which customer of the other side it is: of QuickBooks by its id there, or, of a QuickBooks customer,
        of WizCommerce by its id."""
        connection = connection_of(stream)
        asked = self._records.customer(stream)
        if "wizcommerce" not in asked.links and "quickbooks" in asked.links:
            theirs = self._records.around.stream_of(connection, "wizcommerce", "customer", remote_id)
            if not theirs:
                raise NotPossible(
                    f"WizCommerce customer {remote_id} was never seen. Use the id of one of the candidates."
                )
            return self.choose(theirs, asked.links["quickbooks"], who)
        there = asked.shown_by("quickbooks")
        if "quickbooks" in asked.gone or (len(asked.links) == len(OTHER) and there is not None and not there.active):
            return self._merged_into(stream, remote_id, who)

        def build() -> list[Entry]:
            customer = self._unlinked_customer(stream)
            owner = self._records.around.stream_of(connection, "quickbooks", "customer", remote_id)
            if not owner:
                raise NotPossible(
                    f"QuickBooks customer {remote_id} was never seen. Use the id of one of the candidates."
                )
            there = self._records.customer(owner)
            if self._records.is_under_way(owner):
                raise NotPossible(
                    "That customer is being made in WizCommerce at this moment; choose when that is known."
                )
            if owner != stream and _shown_here(there):
                raise NotPossible(
                    f"QuickBooks customer {remote_id} belongs to another customer of WizCommerce already. "
                    "Use the id of one of the candidates."
                )
            events: list[Event] = [
                MatchChosen(system="quickbooks", remote_id=remote_id),
                RecordLinked(system="quickbooks", kind="customer", remote_id=remote_id, how=f"chosen by {who}"),
            ]
            return self._records.customer_entries(customer, events)

        with self._records.matching(connection, "customer"):
            self._records.append(build, by_person(who, "match"))
        return f"It is QuickBooks customer {remote_id}; what waited for it goes."

    def _merged_into(self, stream: str, remote_id: str, who: str) -> str:
        """A person says into which customer QuickBooks merged one that is gone there."""

        def build() -> list[Entry]:
            customer = self._records.customer(stream)
            stayed = self._records.around.stream_of(connection_of(stream), "quickbooks", "customer", remote_id)
            if not stayed:
                raise NotPossible(f"QuickBooks customer {remote_id} was never seen.")
            if self._records.is_under_way(stayed):
                raise NotPossible(
                    "Whether a request about that customer arrived is being checked; choose when that is known."
                )
            old = customer.links["quickbooks"]
            merged = RecordMergedThere(system="quickbooks", kind="customer", remote_id=old, into=remote_id)
            return self._records.merged_there(customer, merged)

        with self._records.matching(connection_of(stream), "customer"):
            self._records.append(build, by_person(who, "match"))
        return f"QuickBooks merged it into customer {remote_id}; what waited for it goes there."

    def reject(self, stream: str, who: str) -> str:
        """A person says it is none of the candidates: it is made on the other side."""
        connection = connection_of(stream)

        def build() -> list[Entry]:
            customer = self._waiting(stream)
            target: System = "quickbooks" if "wizcommerce" in customer.links else "wizcommerce"
            events: list[Event] = [MatchRejected(system=target)]
            before = latest(customer.commands, "CreateCustomer", target)
            if before is not None and not before.unfinished:  # refused for this content: only a person begins anew
                around = self._records.around.customer_around(connection)
                events += issue_create(customer, target, around, because="a person said that it is none of those there")
            return self._records.customer_entries(customer, events)

        with self._records.matching(connection, "customer"):
            self._records.append(build, by_person(who, "match"))
        target = OTHER["wizcommerce" if "wizcommerce" in self._records.customer(stream).links else "quickbooks"]
        return f"It is none of them; it is created in {NAMED[target]}."

    def _unlinked_customer(self, stream: str) -> Customer:
        customer = self._records.customer(stream)
        if "quickbooks" in customer.links:
            raise NotPossible(f"It is QuickBooks customer {customer.links['quickbooks']} already.")
        open_ = unfinished(customer.commands)
        if open_ is not None and open_.status in ("running", "unknown", "disputed"):
            raise NotPossible("Whether it was created is being checked; choose when that is known.")
        if customer.here is None:
            raise NotPossible("WizCommerce does not show that customer.")
        return customer

    def _waiting(self, stream: str) -> Customer:
        customer = self._records.customer(stream)
        if customer.decision != "waiting":
            raise NotPossible("No match waits for a decision there.")
        return customer

    # ---- who wins ------------------------------------------------------------------------------------------------------------

    def undo(self, stream: str, number: int, who: str) -> str:
        """A person puts the losing value of a settled conflict back, on both sides; `number` is the conflict's version."""

        def build() -> list[Entry]:
            customer = self._records.customer(stream)
            found = next((c for c in customer.conflicts if c.version == number), None)
            if found is None:
                known = ", ".join(str(c.version) for c in customer.conflicts) or "none"
                raise NotPossible(f"It has no conflict {number}. There are: {known}.")
            if found.undone:
                raise NotPossible("That conflict was undone already.")
            loser = OTHER[found.event.winner]
            undone = ConflictUndone(field=found.event.field, value_of=loser, settled=number)
            return self._records.customer_entries(customer, [undone])

        self._records.append(build, by_person(who, "conflicts undo"))
        customer = self._records.customer(stream)
        event = next(c.event for c in customer.conflicts if c.version == number)
        return f"The {CALLED[event.field]} of {NAMED[OTHER[event.winner]]} is put back on both sides."

    def dismiss(self, stream: str, topic: str, who: str) -> str:
        """A person has looked at what a customer is listed for, and lets it stand; '' means all of it."""

        def build() -> list[Entry]:
            customer = self._records.holder(stream)
            topics = [one for one in customer.attention if topic in ("", one)]
            if not topics:
                raise NotPossible(f"It is not listed for {topic or 'anything'}.")
            seen: list[Event] = [
                AttentionCleared(topic=one, because=f"seen by {who}", let_stand=True) for one in topics
            ]
            return [Entry(stream=stream, version=customer.version, events=seen)]

        self._records.append(build, by_person(who, "dismiss"))
        return "It is not listed for that any more."


def _shown_here(customer: Customer) -> bool:
    """Whether WizCommerce has the customer, and active: one that was deleted may show as inactive there. Source: WizCommerce
    reference, A-43."""
    return "wizcommerce" not in customer.gone and customer.here is not None and customer.here.active
