"""What a customer has several of, addresses and contacts: list, create, read, replace, delete.

Source: WizCommerce reference, sections 1.3 to 1.5. A part is deleted softly like everything else (A-43).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from adapters.standin.wire import json_response
from adapters.wizcommerce.standin.attributes import refuse_missing_values, values_shown, values_taken
from adapters.wizcommerce.standin.checks import Check, checked, choice
from adapters.wizcommerce.standin.deletion import delete, deleted, found, in_sight
from adapters.wizcommerce.standin.desk import Ask, Desk, single
from adapters.wizcommerce.standin.listing import Listing, page_of, references, understood
from adapters.wizcommerce.standin.records import Record, Records, blank_address, blank_contact
from adapters.wizcommerce.standin.references import refuse_taken_references
from adapters.wizcommerce.standin.shapes import ADDRESS_WRITE, CONTACT_WRITE
from adapters.wizcommerce.standin.tokens import USER_ID

Event = tuple[str, str]
"""The name of an event and the id it carries."""


@dataclass(frozen=True)
class Part:
    """One kind of part. `noun` is its word in paths and events, `key` where the customer's record holds it.

    `body` is what POST and PUT take, `valued` whether its attribute values are records with an id of their own.
    """

    noun: str
    key: str
    blank: Callable[[str, str, datetime], Record]
    body: Check
    listing: Listing
    valued: bool = False

    def list_all(self, desk: Desk, ask: Ask) -> Response:
        """GET /v1/customers/{customer_id}/…: what the status filter, or its default, lets through."""
        asked = understood(ask.query, self.listing)
        wanted = asked.filters.get("status")
        parts = in_sight(desk, _customer(desk, ask)[self.key])
        rows = [one for one in parts if wanted in (None, one["status"])]
        return json_response(page_of(rows, asked, lambda one: desk.shown(self.shown(desk, one)), desk.switches))

    def create(self, desk: Desk, ask: Ask) -> Response:
        """POST: 201 with the part."""
        customer = _customer(desk, ask)
        body = self._sent(desk, ask)
        self.refuse_taken(desk, [body], "")
        refuse_missing_values(desk, self.noun, body.get("attributes", []), "attributes")
        event = self.place(desk.records, customer, body, desk.now())
        return self._answer(desk, customer, event, 201)

    def read(self, desk: Desk, ask: Ask) -> Response:
        """GET of one."""
        return single(desk.shown(self.shown(desk, self._found(desk, _customer(desk, ask), ask))))

    def replace(self, desk: Desk, ask: Ask) -> Response:
        """PUT: the whole part, so that what is not sent is erased; 201 like every documented update."""
        customer = _customer(desk, ask)
        part = self._found(desk, customer, ask)
        body = self._sent(desk, ask)
        self.refuse_taken(desk, [{**body, "id": part["id"]}], "")
        kept = {name: part[name] for name in ("status", "created_at")}
        part.update({**self.blank(part["id"], customer["id"], desk.now()), **kept})
        event = self.place(desk.records, customer, {**body, "id": part["id"]}, desk.now())
        return self._answer(desk, customer, event, 201)

    def delete(self, desk: Desk, ask: Ask) -> Response:
        """DELETE: no body."""
        customer = _customer(desk, ask)
        part = self._found(desk, customer, ask)
        delete(desk, part)
        self._changed(desk, customer, (self.event("deleted"), part["id"]))
        return deleted()

    def event(self, verb: str) -> str:
        """The name of the event for what happened to a part."""
        return f"customer.{self.noun}.{verb}"

    def shown(self, desk: Desk, part: Record) -> Record:
        """A part as answers show it."""
        return {**part, "attributes": values_shown(desk, self.noun, part["attributes"])}

    def place(self, records: Records, customer: Record, fields: Record, now: datetime) -> Event:
        """Put wire fields over the customer's part that their `id` names, or make a new one of them."""
        part = next((one for one in customer[self.key] if one["id"] == fields.get("id")), None)
        verb = "created" if part is None else "updated"
        if part is None:
            part = self.blank(fields.get("id") or records.new_id(self.noun), customer["id"], now)
            customer[self.key].append(part)
        part.update({"updated_at": now, **fields, "id": part["id"]})
        if self.valued and "attributes" in fields:
            part["attributes"] = [_value_record(records, one, now) for one in fields["attributes"]]
        if part["is_default"]:
            make_default([one for one in customer[self.key] if one.get("type") == part.get("type")], part["id"])
        return self.event(verb), part["id"]

    def refuse_taken(self, desk: Desk, sent: Sequence[Record], where: str) -> None:
        """Raise the refusal of sent parts whose reference another part of the tenant has (A-04).

        `where` is empty for a part sent by itself, else the name of the list it was sent in.
        """
        wanted = [
            (f"{where}[{place}].reference_id" if where else "reference_id", one["reference_id"])
            for place, one in enumerate(sent)
            if "reference_id" in one
        ]
        own = {one["id"] for one in sent if "id" in one and "reference_id" in one}
        parts = (one for customer in desk.records.customers.values() for one in customer[self.key])
        if wanted:
            refuse_taken_references(desk, (one for one in parts if one["id"] not in own), wanted)

    def _sent(self, desk: Desk, ask: Ask) -> Record:
        body = checked(ask.json(), self.body)
        if "attributes" in body:
            body["attributes"] = values_taken(desk, self.noun, body["attributes"], "attributes")
        return body

    def _found(self, desk: Desk, customer: Record, ask: Ask) -> Record:
        return found(desk, self.of(customer), ask.path["id"], self.noun)

    def of(self, customer: Record) -> Mapping[str, Record]:
        """The customer's parts of this kind, by id."""
        return {one["id"]: one for one in customer[self.key]}

    def _answer(self, desk: Desk, customer: Record, event: Event, status: int) -> Response:
        self._changed(desk, customer, event)
        return single(desk.shown(self.shown(desk, self.of(customer)[event[1]])), status)

    def _changed(self, desk: Desk, customer: Record, event: Event) -> None:
        move_with_part(desk, customer)
        desk.announce_write(*event)


def make_default(parts: Sequence[Record], chosen_id: str) -> None:
    """Make one of them the default, and no other."""
    for one in parts:
        one["is_default"] = one["id"] == chosen_id


def move_with_part(desk: Desk, customer: Record) -> None:
    """The customer's `updated_at` moves when one of its parts changes, if the switch says so (A-14)."""
    if desk.switches.a14_parts_move_customer:
        customer["updated_at"] = desk.now()


def _customer(desk: Desk, ask: Ask) -> Record:
    return found(desk, desk.records.customers, ask.path["customer_id"], "customer")


def _value_record(records: Records, value: Record, now: datetime) -> Record:
    return {
        "id": records.new_id("attribute value"),
        "name": value.get("name"),
        "value": value.get("value"),
        "created_by": USER_ID,
        "updated_by": USER_ID,
        "created_at": now,
        "updated_at": now,
    }


ADDRESSES = Part(
    noun="address",
    key="addresses",
    blank=blank_address,
    body=ADDRESS_WRITE,
    listing=Listing(
        sort_by={"created_at": "created_at", "updated_at": "updated_at"},
        filters={"reference_ids": references, "status": choice("active", "inactive")},
    ),
    valued=True,
)
"""No default status is documented for the list of addresses, so it shows all of them."""

CONTACTS = Part(
    noun="contact",
    key="contacts",
    blank=lambda record_id, _, now: blank_contact(record_id, now),
    body=CONTACT_WRITE,
    listing=Listing(
        sort_by={"created_at": "created_at", "updated_at": "updated_at"},
        filters={"status": choice("active", "inactive")},
        defaults={"status": "active"},
        has_time_filters=True,
    ),
)
PARTS = (ADDRESSES, CONTACTS)
