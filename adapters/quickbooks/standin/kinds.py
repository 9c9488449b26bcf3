"""What all kinds of entity have in common: how a create, an update, a void or a delete passes its checks in order.

Source of the order: QuickBooks reference, section 6, "Error precedence".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.company import Company, Record
from adapters.quickbooks.standin.shapes import Shape, overlay, read_fields
from adapters.quickbooks.standin.sums import every_line
from adapters.quickbooks.standin.switches import Switches

Wire = dict[str, Any]


@dataclass(frozen=True)
class Write:
    """The circumstances of one write: the company, the switches, and what `include=` asked for."""

    company: Company
    switches: Switches
    include: frozenset[str] = frozenset()

    def must_be_subscribed(self) -> None:
        """Raises Fault 6190 once the subscription has lapsed; reads go on."""
        if not self.company.standing.subscribed:
            raise refusals.subscription_ended()

    @property
    def in_the_us(self) -> bool:
        return bool(self.company.all("CompanyInfo")[0].wire.get("Country") == "US")


class Kind:
    """One entity as the REST core sees it. Subclasses say what is required and how a body becomes a record."""

    entity: str = ""
    shape: Shape
    can_create = can_update = can_delete = can_void = False
    # Whether it can be sent by e-mail, and had as PDF.
    can_send = has_paper = False
    # Whether its void is asked for as an update that includes one. Source: QuickBooks reference, section 2.1.
    void_by_update = False
    # Properties that an update cannot empty.
    kept: frozenset[str] = frozenset()

    @property
    def path(self) -> str:
        return self.entity.lower()

    def required(self, body: Wire, *, sparse: bool) -> None:
        """Raises Fault 2020 or 2250 for what a body must have."""

    def compose(self, write: Write, fields: Wire, old: Record | None, sent: frozenset[str]) -> Wire:
        """The whole new body from the merged writable properties. Raises Fault for references and business rules."""
        raise NotImplementedError

    def settle(self, write: Write, record: Record, before: Wire | None) -> None:
        """What a change brings about elsewhere; `before` is None for a new record."""

    def create(self, write: Write, body: Wire) -> Record:
        self.required(body, sparse=False)
        fields = overlay({}, read_fields(body, self.shape), self.shape, sparse=False)
        record = write.company.add(self.entity, self.compose(write, fields, None, frozenset(fields)))
        remember_lines(record)
        self.settle(write, record, None)
        return record

    def update(self, write: Write, body: Wire) -> Record:
        sparse = body.get("sparse") is True
        must_name_itself(body)
        self.required(body, sparse=sparse)
        fields = read_fields(body, self.shape)
        record = self.live(write.company, body)
        merged = overlay(record.wire, fields, self.shape, sparse=sparse, kept=self.kept)
        before = record.wire
        wire = self.compose(write, merged, record, frozenset(fields))
        # For a name list "Delete" means made inactive. Source: QuickBooks reference, section 8.1.
        verb = "deleted" if before.get("Active") is True and wire.get("Active") is False else "updated"
        if write.company.amend(record, wire, verb):
            remember_lines(record)
            self.settle(write, record, before)
        return record

    def live(self, company: Company, body: Wire) -> Record:
        """The record that a body means, at the revision it names. Raises Fault 2020, 2030, 610, 5010."""
        must_name_itself(body)
        record = self.read(company, str(body["Id"]))
        if str(body["SyncToken"]) != record.revision:
            raise refusals.stale("another user")
        return record

    def read(self, company: Company, id: str) -> Record:
        """Raises Fault 2030 for an id that is no number, 610 for one that is not there."""
        if not (id.isascii() and id.isdigit()):
            raise refusals.invalid_id(id)
        record = company.find(self.entity, id)
        if record is None:
            raise refusals.not_found(company.was_deleted(self.entity, id))
        return record

    def view(self, company: Company, record: Record, include: frozenset[str]) -> Wire:
        """The body of an answer; `include` names what is only shown when asked for."""
        return record.wire

    def void(self, write: Write, body: Wire) -> Record:
        raise NotImplementedError

    def delete(self, write: Write, body: Wire) -> Record:
        raise NotImplementedError


def must_name_itself(body: Wire) -> None:
    """Raises Fault 2020 for a change that does not say of what, or at which revision."""
    absent = [name for name in ("Id", "SyncToken") if body.get(name) is None]
    if absent:
        raise refusals.missing(*absent)


def remember_lines(record: Record) -> None:
    """Line ids are never given twice within one document."""
    ids = [int(line["Id"]) for line in every_line(record.wire.get("Line", ())) if "Id" in line]
    record.last_line = max([record.last_line, *ids])
