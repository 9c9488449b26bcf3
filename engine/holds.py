"""Holds and releases: what a held command waits for, and what arriving does about it.

Decided from `react`'s own memory, in log order, so that it makes no difference whether the hold or the link was committed first.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from engine.domain.commands import latest
from engine.domain.customer import OTHER, Customer
from engine.domain.customer_policies import MOVING
from engine.domain.events import (
    CommandAbandoned,
    CommandHeld,
    CommandRefused,
    CommandReleased,
    CustomerObserved,
    MatchProposed,
    MatchRejected,
    Missing,
    NeededBy,
    Recorded,
)
from engine.domain.product import Product, order_key, shown_sku, usable
from engine.domain.product_around import HERE
from engine.domain.values import System, connection_of, kind_of
from engine.log import Entry, Statement
from engine.memory import Memory, arrive, forget, leave, look_again, wait
from engine.records import Holder, Records

STANDS_STILL = timedelta(minutes=5)
"""After this a record that kept changing under its updates is read again, at the cost of one metered read."""


class Outcome:
    """What one event leads to: entries for other streams, and statements on react's own memory."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.memory: list[Statement] = []


class Holds:
    """Files waits and releases commands, as entries and statements of one `Outcome`."""

    def __init__(self, records: Records, memory: Memory) -> None:
        self._records = records
        self._memory = memory

    def held(self, recorded: Recorded, event: CommandHeld, out: Outcome) -> None:
        """Remembers what the command waits for; if all of it has arrived already, the command is released."""
        out.memory.append(forget(event.command_id))
        for missing in event.missing:
            out.memory.append(wait(missing, recorded.stream, event.command_id))
            if missing.key.startswith(f"{MOVING}:"):
                self._look_again(recorded, event, out)
        arrived = self._memory.have_arrived([m.key for m in event.missing])
        if len(arrived) == len({m.key for m in event.missing}):
            self._release(recorded.stream, event.command_id, "; ".join(arrived.values()), out)
            return
        for missing in event.missing:
            if missing.key.startswith("customer-linked:") and missing.key not in arrived:
                self._need_customer(missing, event, recorded, out)

    def _look_again(self, recorded: Recorded, event: CommandHeld, out: Outcome) -> None:
        """The record that kept changing is read again after a while: nothing else need tell of it once it stands still."""
        customer = self._records.customer(recorded.stream)
        system = customer.commands[event.command_id].target
        now = recorded.recorded_at
        connection, due_at = connection_of(recorded.stream), now + STANDS_STILL
        cause = f"hold of {event.command_id}"
        out.memory.append(look_again(connection, system, customer.links[system], cause, now, due_at))

    def _need_customer(self, missing: Missing, held: CommandHeld, recorded: Recorded, out: Outcome) -> None:
        """The customer is matched or created because an order needs it; of one that cannot come by itself, the order says why."""
        customer = self._records.customer(missing.key.removeprefix("customer-linked:"))
        if "quickbooks" in customer.links:
            return
        why = _why_it_stands(customer)
        if why:
            self._say_why(recorded.stream, held.command_id, missing.key, why, out)
        if customer.needed:
            return
        order = self._records.order(recorded.stream)
        number = order.content.number if order.content else ""
        out.entries += self._records.customer_entries(customer, [NeededBy(stream=recorded.stream, number=number)])

    def arrived(self, key: str, member: str, because: str, out: Outcome) -> None:
        """`member` makes `key` arrive; what waited for it alone is released."""
        out.memory.append(arrive(key, member, because))
        self._release_waiting(key, because, out)

    def _release_waiting(
        self, key: str, because: str, out: Outcome, with_it: frozenset[str] = frozenset(), without: str = ""
    ) -> None:
        """Releases every command that waited for `key` and for nothing else that is still missing.

        `with_it` arrives by the same event; `without` is a member that the memory still has, and the event takes away.
        """
        for command_id, stream, others in self._memory.waiting_for(key):
            rest = [other for other in others if other not in with_it]
            arrived = self._memory.have_arrived(rest, without)
            if len(arrived) == len(rest):
                self._release(stream, command_id, because, out)
            else:
                self._still_held(stream, command_id, {*arrived, *with_it, key}, out)

    def _still_held(self, stream: str, command_id: str, there: set[str], out: Outcome) -> None:
        """Some of what it waited for is there: the reason it shows names only what is left."""
        record = self._record(stream)
        command = record.commands.get(command_id)
        if command is None or command.status != "held" or any(entry.stream == stream for entry in out.entries):
            return
        missing = tuple(m for m in command.missing if m.key not in there)
        if missing and missing != command.missing:
            held = CommandHeld(command_id=command_id, missing=missing)
            out.entries.append(Entry(stream=stream, version=record.version, events=[held]))

    def _release(self, stream: str, command_id: str, because: str, out: Outcome) -> None:
        if any(entry.stream == stream for entry in out.entries):
            return
        record = self._record(stream)
        command = record.commands.get(command_id)
        if command is not None and command.status == "held":
            released = CommandReleased(command_id=command_id, because=because)
            out.entries.append(Entry(stream=stream, version=record.version, events=[released]))

    def item(self, stream: str, connection: str, out: Outcome) -> None:
        """A SKU has arrived while exactly one item that can be sold goes by it; a changed product leaves the SKU it had."""
        product = self._records.product(stream)
        member = f"product:{stream}"
        sku = order_key(product, self._records.around.goods.facts(connection)[1].of("sku-source"))
        self._formerly(product, connection, out)
        key = f"sku:{connection}:{sku}"
        others = self._memory.others(key, member) if sku else 0
        if not sku or not self._can_be_sold(product):
            self.item_left(member, frozenset({key} if others == 1 else ()), out)
            return
        because = f"QuickBooks has an active item with SKU {shown_sku(product)}"
        came = frozenset() if others else frozenset({key})
        left = self.item_left(member, came, out, besides=key)
        out.memory.append(arrive(key, member, because))
        for one in came:
            self._release_waiting(one, because, out, came | left, without=member)

    def _formerly(self, product: Product, connection: str, out: Outcome) -> None:
        """What waits for the SKU that the product had before a renaming goes, while that means this product and can be sold."""
        former = product.former_sku
        if former and len(self._records.around.goods.items(connection, [former]).get(former, ())) == 1:
            self._release_waiting(f"sku:{connection}:{former}", f"it was that of {shown_sku(product)} before", out)

    def _can_be_sold(self, product: Product) -> bool:
        """Whether an invoice line may name the item that the product's SKU means: of one that QuickBooks merged into another,
        that other one."""
        item = product.item
        if product.merged_into or item is None or "quickbooks" in product.gone:
            return False
        if "quickbooks" in product.merged_there:
            connection = connection_of(product.stream)
            sku = order_key(product, "sku")
            return HERE in product.links and bool(self._records.around.goods.items(connection, [sku]))
        return usable(item)

    def told_apart(self, connection: str, skus: Mapping[str, str]) -> frozenset[str]:
        """Of products (stream → SKU, as SKUs are compared) those that nothing but this SKU stands for, and nothing waits for."""
        keys = {stream: f"sku:{connection}:{sku}" for stream, sku in skus.items() if sku}
        renamed = self._records.around.goods.renamed_or_merged(connection, list(keys))
        arrived = self._memory.arrived_by([f"product:{stream}" for stream in keys])
        awaited = self._memory.awaited(list(keys.values()))
        return frozenset(
            stream
            for stream, key in keys.items()
            if arrived.get(f"product:{stream}") == [key] and key not in awaited and stream not in renamed
        )

    def awaited(self, keys: Iterable[str]) -> frozenset[str]:
        """Those of `keys` that something waits for."""
        return self._memory.awaited(list(keys))

    def item_left(self, member: str, came: frozenset[str], out: Outcome, besides: str = "") -> frozenset[str]:
        """`member` makes its keys arrive no more: one that a single other item carries has arrived by that."""
        left = frozenset(
            old for old in self._memory.keys_of(member) if old != besides and self._memory.others(old, member) == 1
        ) | (came if not besides else frozenset())
        out.memory.append(leave(member))
        for one in sorted(left):
            self._release_waiting(one, "only one active item carries the SKU now", out, left | came, without=member)
        return left

    def active(self, recorded: Recorded, event: CustomerObserved, out: Outcome) -> None:
        """QuickBooks shows a customer active, or not: orders for it go, or wait."""
        member = f"active:{recorded.stream}"
        if event.content.active:
            key = f"customer-active:{recorded.stream}"
            self.arrived(key, member, "its customer is active in QuickBooks", out)
        else:
            out.memory.append(leave(member))

    def free_candidates(self, stream: str, out: Outcome) -> None:
        """A person said of a customer that it is none of its candidates: those that waited for the answer decide again, and of
        whom that was the last question left have their answer by it."""
        customer = self._records.customer(stream)
        system: System = "quickbooks" if "wizcommerce" in customer.links else "wizcommerce"
        for remote_id in sorted(customer.rejected):
            asked = self._records.around.stream_of(connection_of(stream), system, "customer", remote_id)
            if not asked:
                continue
            other = self._records.customer(asked)
            answered = [MatchRejected(system=OTHER[system])] if self._is_answered(other, system) else []
            entries = self._records.customer_entries(other, answered)
            taken = {entry.stream for entry in out.entries}
            if not taken & {entry.stream for entry in entries}:
                out.entries += entries

    def _is_answered(self, asked: Customer, system: System) -> bool:
        """Whether a person said of each candidate of a customer of `system` that it is not that one."""
        connection = connection_of(asked.stream)
        if asked.decision != "waiting" or asked.never or asked.merged_into:
            return False
        for one in asked.proposed:
            owner = self._records.around.stream_of(connection, OTHER[system], "customer", one.remote_id)
            if not owner or asked.links.get(system) not in self._records.customer(owner).rejected:
                return False
        return True

    def match_waiting(self, connection: str, out: Outcome) -> None:
        """QuickBooks shows a customer that is new or changed: the customers that orders wait for are matched again."""
        for stream in self._memory.waiting_customers(connection):
            entries = self._records.customer_entries(self._records.customer(stream), [])
            taken = {entry.stream for entry in out.entries}
            if not taken & {entry.stream for entry in entries}:  # two that want one record: the first gets it
                out.entries += entries

    def tell_waiting(self, recorded: Recorded, out: Outcome) -> None:
        """What a held order waits for cannot come by itself: the reason it shows changes with it."""
        sentence = _why_not_linked(recorded)
        key = f"customer-linked:{recorded.stream}"
        for command_id, stream, _ in self._memory.waiting_for(key):
            self._say_why(stream, command_id, key, sentence, out)

    def _say_why(self, stream: str, command_id: str, key: str, sentence: str, out: Outcome) -> None:
        """A held command shows `sentence` as the reason of what it waits for under `key`."""
        record = self._record(stream)
        command = record.commands.get(command_id)
        if command is None or command.status != "held":
            return
        missing = tuple(Missing(key=m.key, sentence=sentence) if m.key == key else m for m in command.missing)
        if missing != command.missing:
            held = CommandHeld(command_id=command_id, missing=missing)
            out.entries.append(Entry(stream=stream, version=record.version, events=[held]))

    def _record(self, stream: str) -> Holder:
        return self._records.order(stream) if kind_of(stream) == "order" else self._records.customer(stream)


def _why_not_linked(recorded: Recorded) -> str:
    match recorded.event:
        case MatchProposed(candidates=candidates):
            return MATCHES.format(len(candidates))
        case CommandHeld(missing=missing):
            return WAITS.format("; ".join(m.sentence for m in missing))
        case CommandRefused(sentence=sentence):
            return SAID_NO.format(sentence)
        case CommandAbandoned(why=why):
            return NEVER_SENT.format(why)
        case _:
            return "the customer is not in QuickBooks yet"


def _why_it_stands(customer: Customer) -> str:
    """Why a customer that is not linked will not be by itself; '' when it may be."""
    if customer.decision == "waiting":
        return MATCHES.format(len(customer.proposed))
    last = latest(customer.commands, "CreateCustomer", "quickbooks")
    if last is not None and last.status == "held":
        return WAITS.format(last.reason)
    if last is not None and last.status == "refused":
        return SAID_NO.format(last.reason)
    return NEVER_SENT.format(last.reason) if last is not None and customer.never else ""


WAITS = "its customer waits: {}"
MATCHES = "its customer may be in QuickBooks already (possible matches: {}): a person decides"
SAID_NO = "QuickBooks said no to creating its customer: {}"
NEVER_SENT = "its customer is never sent: {}"
