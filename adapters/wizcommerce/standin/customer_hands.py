"""A seller's hands on customers: their addresses and contacts, their standing, and the sales reps behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.standin.control import ControlRefused
from adapters.wizcommerce.standin.adopt import adopted
from adapters.wizcommerce.standin.customers import customer_detail
from adapters.wizcommerce.standin.deletion import delete, restore
from adapters.wizcommerce.standin.desk import Desk
from adapters.wizcommerce.standin.parts import ADDRESSES, CONTACTS, PARTS, Part, move_with_part
from adapters.wizcommerce.standin.records import Record, Records, blank_sales_rep

_NEVER = datetime.min.replace(tzinfo=UTC)
SALES_REP_FIELDS = frozenset(blank_sales_rep("", _NEVER))

NEEDED: Mapping[str, tuple[str, ...]] = {
    "deactivate-customer": ("customer",),
    "reactivate-customer": ("customer",),
    "delete-customer": ("customer",),
    **{f"add-{part.noun}": ("customer",) for part in PARTS},
    **{f"edit-{part.noun}": ("customer", part.noun) for part in PARTS},
    **{f"delete-{part.noun}": ("customer", part.noun) for part in PARTS},
    "add-rep": ("email",),
    "assign-rep": ("customer", "rep"),
    "replace-rep": ("rep", "email"),
    "deactivate-rep": ("rep", "to"),
    "reactivate-rep": ("rep",),
}
"""What each movement needs, as text. Customers are named by name or id, the rest by reference, e-mail or id."""

TAKES_MORE = frozenset(
    {"replace-rep", "add-rep", *(f"{verb}-{part.noun}" for verb in ("add", "edit") for part in PARTS)}
)
"""The movements that take further wire fields."""


class CustomerHands:
    """The movements. Each answers the customer or the rep in wire form and raises ControlRefused with a sentence."""

    def __init__(self, desk: Desk, one_customer: Callable[[Records, str], Record]) -> None:
        self.desk = desk
        self._one_customer = one_customer

    def movements(self) -> dict[str, Callable[..., Any]]:
        """Every movement by its verb at the control address."""
        return {
            "deactivate-customer": self.deactivate_customer,
            "reactivate-customer": self.reactivate_customer,
            "delete-customer": self.delete_customer,
            "add-address": lambda customer, **wire: self.add_part(ADDRESSES, customer, wire),
            "edit-address": lambda customer, address, **wire: self.edit_part(ADDRESSES, customer, address, wire),
            "delete-address": lambda customer, address: self.delete_part(ADDRESSES, customer, address),
            "add-contact": lambda customer, **wire: self.add_part(CONTACTS, customer, wire),
            "edit-contact": lambda customer, contact, **wire: self.edit_part(CONTACTS, customer, contact, wire),
            "delete-contact": lambda customer, contact: self.delete_part(CONTACTS, customer, contact),
            "add-rep": self.add_rep,
            "assign-rep": self.assign_rep,
            "replace-rep": self.replace_rep,
            "deactivate-rep": self.deactivate_rep,
            "reactivate-rep": self.reactivate_rep,
        }

    def deactivate_customer(self, customer: str) -> Record:
        """Make a customer inactive: the default list no longer shows it."""
        found = self._customer(customer)
        found.update({"status": "inactive", "updated_at": self.desk.now()})
        return self._announced("customer.updated", found)

    def reactivate_customer(self, customer: str) -> Record:
        """Make a customer active again, deleted or not: the same record with the same id."""
        found = self._customer(customer)
        restore(self.desk, found)
        return self._announced("customer.updated", found)

    def delete_customer(self, customer: str) -> Record:
        """Delete a customer, as the API does (A-43)."""
        found = self._customer(customer)
        delete(self.desk, found)
        return self._announced("customer.deleted", found)

    def add_part(self, part: Part, customer: str, wire: Mapping[str, Any]) -> Record:
        """Add an address or a contact of which nothing is required."""
        return self._place(part, self._customer(customer), self._fields(part, wire))

    def edit_part(self, part: Part, customer: str, named: str, wire: Mapping[str, Any]) -> Record:
        """Change single fields of an address or a contact; whatever is not named stays."""
        found = self._customer(customer)
        fields = self._fields(part, wire)
        return self._place(part, found, {**fields, "id": self._part(part, found, named)["id"]})

    def delete_part(self, part: Part, customer: str, named: str) -> Record:
        """Delete an address or a contact, as the API does."""
        found = self._customer(customer)
        gone = self._part(part, found, named)
        delete(self.desk, gone)
        move_with_part(self.desk, found)
        self.desk.hooks.announce(part.event("deleted"), gone["id"])
        return self._shown(found)

    def add_rep(self, email: str, **wire: Any) -> Record:
        """Add a sales rep; nobody is assigned to it."""
        fields = adopted({"email": email, **wire}, SALES_REP_FIELDS - {"id"}, "a sales rep")
        if any(one["email"] == email for one in self.desk.records.sales_reps.values()):
            raise ControlRefused(f"There is a sales rep {email!r} already: the e-mail is the login.")
        rep = {**blank_sales_rep(self.desk.records.new_id("sales rep"), self.desk.now()), **fields}
        self.desk.records.sales_reps[rep["id"]] = rep
        return self.desk.shown(rep)

    def assign_rep(self, customer: str, rep: str) -> Record:
        """Make one rep the only one of a customer."""
        found = self._customer(customer)
        return self._reassigned(found, [self._rep(rep)["id"]])

    def replace_rep(self, rep: str, email: str, **wire: Any) -> Record:
        """What a change of a rep's e-mail comes to: a new rep, the old one inactive, all customers moved to the new.

        Names that are not given are the old one's. Source: reference, section 3.5.
        """
        old = self._rep(rep)
        new = self.add_rep(email, **{"first_name": old["first_name"], "last_name": old["last_name"], **wire})
        self.deactivate_rep(rep, new["id"])
        return new

    def deactivate_rep(self, rep: str, to: str) -> Record:
        """Make a rep inactive and move its customers to another one. Source: reference, section 3.5."""
        old, new = self._rep(rep), self._rep(to)
        if old is new:
            raise ControlRefused("The customers of a rep can only be moved to another one.")
        old.update({"status": "inactive", "updated_at": self.desk.now()})
        for customer in self.desk.records.customers.values():
            reps = customer["assigned_sales_rep_ids"]
            if old["id"] in reps:
                moved = [new["id"] if one == old["id"] else one for one in reps]
                self._reassigned(customer, list(dict.fromkeys(moved)))
        return self.desk.shown(old)

    def reactivate_rep(self, rep: str) -> Record:
        """Make a rep active again; its customers stay where they were moved to."""
        found = self._rep(rep)
        restore(self.desk, found)
        return self.desk.shown(found)

    def _place(self, part: Part, customer: Record, fields: Record) -> Record:
        event = part.place(self.desk.records, customer, fields, self.desk.now())
        move_with_part(self.desk, customer)
        self.desk.hooks.announce(*event)
        return self._shown(customer)

    def _reassigned(self, customer: Record, reps: list[str]) -> Record:
        customer.update({"assigned_sales_rep_ids": reps, "updated_at": self.desk.now()})
        return self._announced("customer.updated", customer)

    def _announced(self, event: str, customer: Record) -> Record:
        self.desk.hooks.announce(event, customer["id"])
        return self._shown(customer)

    def _shown(self, customer: Record) -> Record:
        return self.desk.shown(customer_detail(customer, self.desk))

    def _customer(self, name: str) -> Record:
        return self._one_customer(self.desk.records, name)

    def _fields(self, part: Part, wire: Mapping[str, Any]) -> Record:
        known = frozenset(part.blank("", "", _NEVER)) - {"id", "customer_id"}
        return adopted(wire, known, f"a customer's {part.noun}")

    def _part(self, part: Part, customer: Record, named: str) -> Record:
        found = [one for one in part.of(customer).values() if named in (one["id"], one["reference_id"])]
        if len(found) != 1:
            number = "no" if not found else "more than one"
            raise ControlRefused(f"{customer['name']} has {number} {part.noun} {named!r}.")
        return found[0]

    def _rep(self, named: str) -> Record:
        reps = self.desk.records.sales_reps
        found = reps.get(named) or next((one for one in reps.values() if one["email"] == named), None)
        if found is None:
            raise ControlRefused(f"There is no sales rep {named!r}.")
        return found
