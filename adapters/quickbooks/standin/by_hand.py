"""What every hand needs: a record made as a person makes it, and one found by its id."""

from __future__ import annotations

from adapters.quickbooks.standin.catalogue import KINDS
from adapters.quickbooks.standin.company import Company, Record
from adapters.quickbooks.standin.envelope import Wire
from adapters.quickbooks.standin.kinds import Kind, Write
from adapters.quickbooks.standin.office import Office
from adapters.quickbooks.standin.shapes import check_properties
from adapters.standin.control import ControlRefused


def add_by_hand(office: Office, company: Company, entity: str, body: Wire) -> Record:
    """Create an entity as a person would. Raises Fault."""
    kind = KINDS[entity]
    check_properties(body, kind.shape)
    return kind.create(Write(company, office.switches), body)


def found(company: Company, kind: Kind, body: Wire) -> Record:
    """The record that `Id` names. Raises ControlRefused."""
    id = body.get("Id")
    record = company.find(kind.entity, str(id)) if id is not None else None
    if record is None:
        raise ControlRefused(f"There is no {kind.entity} with Id {id!r}.")
    return record
