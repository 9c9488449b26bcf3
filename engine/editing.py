"""What a person may change of an order's invoice before anything of it was carried out: its number, date, term, and which item
of QuickBooks a SKU goes to. Never a price, a quantity, a discount or tax: those are corrected in WizCommerce.
"""

from collections.abc import Mapping
from datetime import date

import msgspec
from msgspec.structs import replace

from engine.domain.commands import latest, unfinished
from engine.domain.events import CommandRetried, Event, InvoiceOverridden
from engine.domain.fields import Lists
from engine.domain.invoice_from_order import LONGEST_NUMBER, sku_key
from engine.domain.order import Order, evolve_order
from engine.domain.overrides import Override
from engine.domain.policies import issue_invoice
from engine.domain.values import CompanyFacts, OrderContent, connection_of, folded
from engine.domain.withholding import Circumstances
from engine.log import Entry
from engine.people import NotPossible, People
from engine.records import Records, by_person


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """What a person typed. None leaves a thing as it is, '' is as the order says again.

    `dated` is an ISO date, `term` a term's name or id in QuickBooks; `items` is SKU of the order → SKU of the item."""

    number: str | None = None
    dated: str | None = None
    term: str | None = None
    items: Mapping[str, str] = {}


class Editing:
    """Edits an order's invoice to be, and tries it again."""

    def __init__(self, records: Records, people: People) -> None:
        self._records = records
        self._people = people

    def edit(self, stream: str, edit: Edit, who: str) -> str:
        """Records what a person chose, and what the order decides with it; answers where the order then stands. What was chosen
        before and is not named now stays. Raises NotPossible."""

        def build() -> list[Entry]:
            order = self._records.order(stream)
            content = _editable(order)
            around = self._records.order_around(order)
            chosen = self._chosen(order, content, edit, around)
            return self._records.order_entry(order, self._events(order, chosen))

        self._records.append(build, by_person(who, "edit-and-retry"))
        return self._people.where(stream)

    def _events(self, order: Order, chosen: Override) -> list[Event]:
        """The decision, and another request where the last one was refused: it was settled for what was sent then."""
        overridden = InvoiceOverridden(override=chosen)
        last = latest(order.commands, "CreateInvoice")
        if last is None or last.status != "refused":
            return [] if chosen == order.override else [overridden]
        after = self._records.then(order, evolve_order, order.stream, [overridden])
        around = self._records.order_around(after)
        issued = issue_invoice(after, around, because="a person changed what was refused")
        return [overridden, CommandRetried(command_id=last.command_id), *issued]

    def _chosen(self, order: Order, content: OrderContent, edit: Edit, around: Circumstances) -> Override:
        """What holds once the edit is made. Raises NotPossible for what cannot be."""
        chosen = order.override
        if edit.number is not None:
            chosen = replace(chosen, number=self._number(order, edit.number.strip(), around.facts))
        if edit.dated is not None:
            chosen = replace(chosen, dated=_date(edit.dated.strip(), around.facts))
        if edit.term is not None:
            chosen = replace(chosen, term=_term(edit.term.strip(), around.lists))
        items = dict(chosen.items)
        for sku, item in edit.items.items():
            key = _sku_of(content, sku)
            items[key] = self._item(around.connection, item.strip())
        return replace(chosen, items={sku: item for sku, item in items.items() if item})

    def _number(self, order: Order, number: str, facts: CompanyFacts) -> str:
        if not number:
            return ""
        if not facts.custom_numbers:
            raise NotPossible(
                "QuickBooks numbers the invoices of this company itself: no number can be chosen unless custom transaction "
                "numbers are switched on there."
            )
        if len(number) > LONGEST_NUMBER:
            raise NotPossible(f"{number!r} has {len(number)} characters; QuickBooks takes {LONGEST_NUMBER} at most.")
        if not number.isprintable():
            raise NotPossible("A number has no line breaks, tabs or other control characters.")
        holder = self._records.around.holder_of_number(connection_of(order.stream), number, order.stream)
        if holder:
            raise NotPossible(f"{number} is the number of {holder} already. Choose another one.")
        return number

    def _item(self, connection: str, sku: str) -> str:
        """The SKU of exactly one item that can be sold; '' is as the order says."""
        if not sku:
            return ""
        found = self._records.around.goods.items(connection, [sku_key(sku)]).get(sku_key(sku), ())
        if not found:
            raise NotPossible(
                f"QuickBooks has no active item with SKU {sku}. Map to an item by its SKU; `wizqbo refresh products` reads "
                "what was added just now."
            )
        if len(found) > 1:
            raise NotPossible(f"QuickBooks has {len(found)} active items with SKU {sku}: make it one first.")
        return sku


def _editable(order: Order) -> OrderContent:
    """The order, if nothing of its invoice may have been carried out. Raises NotPossible."""
    if order.invoice_id:
        called = order.invoice_number or order.invoice_id
        raise NotPossible(f"It is invoice {called} already: change that in QuickBooks.")
    if order.content is None:
        raise NotPossible("WizCommerce does not show that order: there is no invoice to be made of it.")
    name = f"order {order.content.number}"
    if order.never:
        raise NotPossible(f"A person decided that it is never sent: `wizqbo push {name}` takes that back.")
    open_ = unfinished(order.commands)
    if open_ is not None and open_.status == "disputed":
        raise NotPossible(f"What QuickBooks has differs from what was sent ({open_.reason}). {open_.next_step}")
    for command in order.commands.values():
        if command.status == "running" or (command.may_have_run and command.status != "refused"):
            if command.status == "abandoned":
                raise NotPossible(
                    f"A request that was given up may have arrived: look whether QuickBooks has it. If not, `wizqbo push {name}`."
                )
            raise NotPossible("Whether an attempt arrived is being checked: edit it when that is known.")
    return order.content


def _date(text: str, facts: CompanyFacts) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotPossible(f"Write a date as 2026-11-01, not {text!r}.") from None
    if facts.books_closed_until is not None and day <= facts.books_closed_until:
        raise NotPossible(f"The books are closed until {facts.books_closed_until}: choose a later date.")
    return day


def _term(text: str, lists: Lists) -> str:
    """QuickBooks' id of a term that is typed by its name there, or by that id."""
    if not text or text in lists.terms:
        return text
    found = next((one for one, name in lists.terms.items() if folded(name) == folded(text)), "")
    if not found:
        known = ", ".join(sorted(lists.terms.values())) or "none"
        raise NotPossible(f"QuickBooks has no payment term {text!r}. There are: {known}.")
    return found


def _sku_of(content: OrderContent, sku: str) -> str:
    """The SKU of one of the order's lines, as SKUs are compared."""
    key = sku_key(sku)
    if not key or key not in {sku_key(line.sku) for line in content.lines}:
        known = ", ".join(dict.fromkeys(line.sku for line in content.lines if line.sku.strip())) or "none"
        raise NotPossible(f"The order has no line with SKU {sku.strip() or '(none given)'}. Its SKUs: {known}.")
    return key
